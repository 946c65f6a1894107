"""Money between the scheme and its bank: suspense, payment runs, statements, and file, bank and ledger side by side."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access import looks
from lifepot.access.asking import Asking, AsOperator, AsStaff, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.inbox import jobs
from lifepot.inbox.waiting import last_side_by_side
from lifepot.payments.runs import FORMATS, list_runs, run_again
from lifepot.payments.statements import match_by_hand, suspended
from lifepot.periods import parse_day
from lifepot.portals.files import Given, attachment
from lifepot.portals.listing import Cell, attempted, day, listing, moment, money
from lifepot.portals.operator_files import hand_in
from lifepot.portals.operator_waiting import TO_DO
from lifepot.portals.pages import page, see_other
from lifepot.scheme.standing import read_standing

router = APIRouter(include_in_schema=False)

BY_HAND = (
    ("from_government", "Government's", "It answers a claim."),
    ("in_transit:0", "Workers' own", "They pay in themselves."),
    ("refused", "Refused money that went back", ""),
    ("on_the_way", "A payment of ours", "It is out, or came back."),
    ("paid_out", "Paid out before, as files say", ""),
    ("rounding", "Rounding", ""),
)
"""What an entry can be beside a payer's."""


@router.get("/operator/suspense")
def suspense(asking: AsStaff) -> Response:
    """What waits in suspense is a part of what waits."""
    del asking
    return see_other("/operator?kind=suspense")


@router.get("/operator/suspense/{entry}")
def entry(asking: AsStaff, entry: int, done: Annotated[bool, Query()] = False) -> HTMLResponse:
    """One entry of the bank's, to be said what it was."""
    return _entry(asking, entry, [], {}, done=done)


def _entry(
    asking: Asking,
    entry: int,
    faults: list[tuple[str, str]],
    typed: dict[str, str],
    *,
    done: bool = False,
    status: int = 200,
) -> HTMLResponse:
    with asking.seeing() as connection:
        row = connection.execute(
            "select amount, booked_on, said, counterparty, account, reason from bank_entry join personal.bank_text on entry = number where number = %s",
            [entry],
        ).fetchone()
        if row is None:
            raise NotThere("entry")
        payers = [ref for (ref,) in connection.execute("select ref from payer order by ref limit 500").fetchall()]
        waits = entry in suspended(read_standing(connection).store(connection))
    minor, booked_on, said, counterparty, account, reason = row
    return page(
        asking, "operator_entry.html", entry=entry, faults=faults, typed=typed, by_hand=BY_HAND, payers=payers, to_do=TO_DO["suspense"],
        done="It was said what the entry was." if done else "", may=waits and asking.identity.role is Role.OPERATOR,
        facts=[
            ("Amount", money(asking, minor), "into the bank" if minor > 0 else "out of the bank"), ("Booked", day(booked_on.isoformat())),
            ("Says", said or "nothing"), ("Other side", counterparty or "not named"), ("From account", account or "not named"),
            ("Why it stands as it does", reason),
        ],
        status=status,
    )  # fmt: skip


@router.post("/operator/suspense/{entry}")
def match(asking: AsOperator, form: Form, entry: int) -> Response:
    """Say what an entry was."""
    what, payer = form.get("what", ""), form.get("payer", "").strip()
    if what == "payer" and not payer:
        return _entry(asking, entry, [("payer", "Enter the payer it is from.")], form, status=400)
    if what not in {"payer", *(one[0] for one in BY_HAND)}:
        return _entry(asking, entry, [("what", "Say what the entry was.")], form, status=400)

    def do(connection: Connection) -> tuple[int, Any]:
        chosen = {"payer": payer} if what == "payer" else {"account": what}
        return 200, match_by_hand(
            connection, entry, asking.clock, remember=form.get("remember") == "yes" and what == "payer", **chosen
        )

    if fault := attempted(asking, form, do):
        return _entry(asking, entry, [("payer" if what == "payer" else "what", fault)], form, status=409)
    return see_other(f"/operator/suspense/{entry}?done=true")


@router.get("/operator/runs")
def runs(asking: AsOperator) -> HTMLResponse:
    """Payment runs, and the next one."""
    return _runs(asking, [], {})


def _runs(asking: Asking, faults: list[tuple[str, str]], typed: dict[str, str], status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        found = list_runs(connection)
    rows = [
        (
            Cell(f"Run {one['run']}", quiet=f"by {one['who']}, {moment(one['known_at'])}"), day(one["pays_on"]), one["format"],
            f"{one['payments']:,}", money(asking, one["amount_minor"]),
            Cell("Save the file", f"/operator/runs/{one['run']}/file"),
        )
        for one in reversed(found)
    ]  # fmt: skip
    return page(
        asking, "operator_runs.html", faults=faults, typed=typed, formats=FORMATS, status=status,
        runs=listing("Payment runs", ("Run", "Pays on", "Format", "Payments", "Amount", "File"), rows, (3, 4), "No run was made yet."),
    )  # fmt: skip


@router.post("/operator/runs")
def make(asking: AsOperator, form: Form) -> Response:
    """Ask for a payment run."""
    form_, pays_on = form.get("format", ""), form.get("pays_on", "").strip()
    faults = [] if form_ in FORMATS else [("format", "Choose a format.")]
    if pays_on:
        try:
            parse_day(pays_on)
        except ValueError:
            faults.append(("pays_on", "Enter a day, such as 2026-08-28."))
    if faults:
        return _runs(asking, faults, form, 400)
    asked = {"format": form_, "refunds": form.get("refunds") == "yes"} | ({"pays_on": pays_on} if pays_on else {})
    return see_other(f"/operator/jobs/{ask_job(asking, form, 'pay', asked)}")


@router.get("/operator/runs/{run}/file")
def run_file(asking: AsOperator, number: Annotated[int, Path(alias="run")]) -> Response:
    """The very file of a run, once more. It names payees: that somebody took it is written down for each member in it."""
    with asking.seeing() as connection:
        row = connection.execute("select batch, format from payment_run where number = %s", [number]).fetchone()
        if row is None:
            raise NotThere("payment run")
        run = run_again(connection, number)
    with asking.acting() as connection:
        looks.written_for_batch(
            connection, row[0], asking.identity, f"the file of payment run {number}", asking.doors.now()
        )
    return attachment(f"lifepot-run-{number}.{'xml' if row[1] == 'pain001' else 'txt'}", run.octets)


@router.get("/operator/bank")
def bank(asking: AsOperator) -> HTMLResponse:
    """Bank statements."""
    return _bank(asking, [])


def _bank(asking: Asking, faults: list[tuple[str, str]], status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        rows = connection.execute(
            "select bank_file.name, known_at, who, closing, closing_on, (summary->>'entries')::integer from personal.bank_file "
            "join batch on batch.number = bank_file.batch order by batch desc limit 50"
        ).fetchall()
    shown = [
        (
            Cell(name, quiet=f"by {who}, {moment(at)}"),
            f"{entries:,}",
            day(on.isoformat()) if on else "",
            money(asking, closing),
        )
        for name, at, who, closing, on, entries in rows
    ]
    return page(
        asking, "operator_bank.html", faults=faults, status=status,
        statements=listing("Statements taken in", ("Statement", "New entries", "Up to", "Closing balance"), shown, (1, 3), "No statement has come yet."),
    )  # fmt: skip


@router.post("/operator/bank")
def statement(asking: AsOperator, form: Form, file: Given) -> Response:
    """Take in a statement."""
    number, fault = hand_in(asking, form, file, "bank", {})
    return _bank(asking, [("file", fault)], 400) if fault else see_other(f"/operator/jobs/{number}")


@router.get("/operator/reconcile")
def reconcile(asking: AsStaff) -> HTMLResponse:
    """File, bank and ledger as they were last held side by side."""
    with asking.seeing() as connection:
        found = last_side_by_side(connection)
    lines = [
        (
            Cell(one["what"], quiet=one["because"]), money(asking, one["told_minor"]), money(asking, one["banked_minor"]),
            money(asking, one["difference_minor"]), f"{one['days']:,} days" if one["days"] is not None else "",
        )
        for one in (found or {"lines": []})["lines"]
    ]  # fmt: skip
    suspense = [
        (
            Cell(f"Entry {one['entry']}", f"/operator/suspense/{one['entry']}", one["because"]), day(one["booked_on"]), one["from"],
            money(asking, one["amount_minor"]),
        )
        for one in (found or {"suspense": []})["suspense"]
    ]  # fmt: skip
    bank_side = found["bank"] if found else {}
    facts = [] if found is None else [
        ("As of", day(found["as_of"])), ("In the bank, as the ledger has it", money(asking, bank_side["ledger_minor"])),
        ("In the bank, as the last statement has it", money(asking, bank_side["statement_minor"]) or "no statement says",
         day(bank_side["statement_on"]) if bank_side["statement_on"] else ""),
        ("Explained by nothing", money(asking, found["unexplained_minor"])),
    ]  # fmt: skip
    return page(
        asking, "operator_reconcile.html", facts=facts, there=found is not None, may=asking.identity.role is Role.OPERATOR,
        lines=listing("Told, in the bank, and between", ("Who", "Told", "In the bank", "Difference", "For"), lines, (1, 2, 3)),
        suspense=listing("In suspense", ("Entry", "Booked", "From", "Amount"), suspense, (3,), "Nothing is in suspense."),
    )  # fmt: skip


@router.post("/operator/reconcile")
def hold_side_by_side(asking: AsOperator, form: Form) -> Response:
    """Hold them side by side anew: one walk through all entries."""
    return see_other(f"/operator/jobs/{ask_job(asking, form, 'reconcile', {})}")


def ask_job(asking: Asking, form: dict[str, str], kind: str, asked: dict[str, Any]) -> int:
    """Ask for a job, once a form."""
    number = 0

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal number
        number = jobs.ask(connection, kind, asked, asking.identity.who, asking.doors.now())
        return 201, {"job": number}

    return int(asking.pressed(form, do).body.get("job", number))
