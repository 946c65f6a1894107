"""Claims: what funders owe, asked of them; how each stands; and what they reply."""

import pathlib
import tempfile
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from lifepot.access import looks
from lifepot.access.asking import Asking, AsOperator, AsStaff, Form, NotThere
from lifepot.errors import Misuse
from lifepot.periods import format_day, parse_day
from lifepot.portals.files import Given, attachment
from lifepot.portals.listing import Cell, day, listing, money, words
from lifepot.portals.operator_bank import ask_job
from lifepot.portals.operator_files import hand_in
from lifepot.portals.operator_waiting import TO_DO
from lifepot.portals.pages import page, see_other
from lifepot.scheme.claim_show import list_claims, look_at_claim, show_claim

router = APIRouter(include_in_schema=False)

MOST_LINES = 100


@router.get("/operator/claims")
def claims(asking: AsOperator) -> HTMLResponse:
    """Claims, the next one, and replies."""
    return _claims(asking, [], {})


def _claims(asking: Asking, faults: list[tuple[str, str]], typed: dict[str, str], status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        found = list_claims(connection)
        payers = [ref for (ref,) in connection.execute("select ref from payer order by ref limit 500").fetchall()]
    rows = [
        (
            Cell(f"Claim {one.number}", f"/operator/claims/{one.number}", f"to {one.funder}"), day(format_day(one.until)), f"{one.lines:,}",
            money(asking, one.asked_minor), money(asking, one.paid_minor), money(asking, one.refused_minor), money(asking, one.open_minor),
        )
        for one in reversed(found)
    ]  # fmt: skip
    return page(
        asking, "operator_claims.html", faults=faults, typed=typed, payers=payers, status=status,
        claims=listing("Claims made", ("Claim", "Up to", "Lines", "Asked", "Paid", "Refused", "Open"), rows, (2, 3, 4, 5, 6), "No claim was made yet."),
    )  # fmt: skip


@router.post("/operator/claims")
def make(asking: AsOperator, form: Form) -> Response:
    """Ask for a claim."""
    funder, until = form.get("funder", "").strip() or "government", form.get("until", "").strip()
    faults = []
    if until:
        try:
            parse_day(until)
        except ValueError:
            faults.append(("until", "Enter the last day of a claim period, such as 2026-07-05."))
    with asking.seeing() as connection:
        known = connection.execute(
            "select from payer where ref = %(ref)s union all select from payer_alias where ref = %(ref)s",
            {"ref": funder},
        ).fetchone()
    if known is None and funder.lower() != "government":
        faults.append(("funder", "There is no such payer. Enter government, or a payer as its files name it."))
    if faults:
        return _claims(asking, faults, form, 400)
    asked: dict[str, Any] = {"funder": funder, "again": form.get("again") == "yes"} | (
        {"until": until} if until else {}
    )
    return see_other(f"/operator/jobs/{ask_job(asking, form, 'claim', asked)}")


@router.post("/operator/claims/reply")
def reply(asking: AsOperator, form: Form, file: Given) -> Response:
    """Take in a funder's reply."""
    number, fault = hand_in(asking, form, file, "claim_reply", {})
    return _claims(asking, [("file", fault)], {}, 400) if fault else see_other(f"/operator/jobs/{number}")


@router.get("/operator/claims/{claim}")
def claim(asking: AsStaff, number: Annotated[int, Path(alias="claim")]) -> HTMLResponse:
    """One claim and how its lines stand. Nobody is named here: the file names them."""
    try:
        with asking.seeing() as connection:
            made, lines = look_at_claim(connection, number)
    except Misuse:
        raise NotThere("claim") from None
    said = made.as_dict()
    refused = [one for one in lines if one.refused_minor]
    shown = [*refused, *(one for one in lines if not one.refused_minor)][:MOST_LINES]
    rows = [
        (
            Cell(one.line, quiet=f"{one.reason}{f' of {one.quotes}' if one.quotes else ''}"),
            f"{day(format_day(one.period_start))} to {day(format_day(one.period_end))}", words(one.share),
            money(asking, one.amount_minor), money(asking, one.paid_minor),
            Cell(money(asking, one.refused_minor), quiet=one.code),
        )
        for one in shown
    ]  # fmt: skip
    return page(
        asking, "operator_claim.html", number=number, funder=made.funder, to_do=TO_DO["refused_claim"] if refused else "",
        facts=[
            ("To", made.funder), ("Up to", day(said["until"])), ("Made", day(said["made_on"])), ("Asked", money(asking, made.asked_minor)),
            ("Given back in it", money(asking, made.recovered_minor)), ("Paid", money(asking, made.paid_minor)),
            ("Refused", money(asking, made.refused_minor)), ("Open", money(asking, made.open_minor)), ("Place in the chain", str(made.place)),
        ],
        lines=listing(
            f"{len(shown):,} of {made.lines:,} lines, refused ones first", ("Line", "Period", "Share", "Amount", "Paid", "Refused"), rows, (3, 4, 5)
        ),
    )  # fmt: skip


@router.get("/operator/claims/{claim}/file")
def claim_file(asking: AsOperator, number: Annotated[int, Path(alias="claim")]) -> Response:
    """The claim's file, for the funder. It names people: that somebody took it is written down for each of them."""
    with asking.seeing() as connection:
        row = connection.execute("select batch from claim where number = %s", [number]).fetchone()
    if row is None:
        raise NotThere("claim")
    with tempfile.TemporaryDirectory(prefix="lifepot-claim-") as folder:
        path = pathlib.Path(folder) / f"lifepot-claim-{number}.csv"
        with asking.acting() as connection:
            looks.written_for_batch(
                connection, row[0], asking.identity, f"the file of claim {number}", asking.doors.now()
            )
            connection.commit()
            show_claim(connection, number, path)
        return attachment(path.name, path.read_bytes())
