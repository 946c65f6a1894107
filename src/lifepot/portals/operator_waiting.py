"""The operator's first page: one list of what waits for a person, oldest first, each one click from its cause."""

from collections import Counter
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lifepot.access.asking import AsStaff, NotThere
from lifepot.inbox.waiting import KINDS, everything
from lifepot.payments.waiting import Waits
from lifepot.periods import day_of
from lifepot.portals.listing import Cell, day, listing, moment, money
from lifepot.portals.pages import page
from lifepot.scheme.arriving import overdue

router = APIRouter(include_in_schema=False)

MOST = 200
"""Lines of the list: nobody works through more on one page."""

TO_DO = {
    "rejected_rows": "Open the file to see which rows were refused and why. Its sender puts them right and sends the file, or those rows, again.",
    "file_question": "Ask the sender whether the file takes the place of the earlier one or tells of other pay, then say so on the file's page.",
    "file_overdue": "Ask the payer for the file. If it will send no more, end the waiting on the machine with the payer's own command.",
    "suspense": "Find out what the entry was, and say so on its page. Nothing is guessed for you.",
    "withdrawal_evidence": "The member adds the paper. If it does not come, decline the withdrawal.",
    "withdrawal_approval": "Read the evidence, then approve or decline. Whoever asked for it does not approve it above the rulebook's limit.",
    "income_approval": "Read the evidence, then approve or decline. Whoever asked for it does not approve it.",
    "came_back": "Find out why the bank gave it back. The next payment run sends it again; if it is not wanted any more, put it back or cancel it.",
    "no_account": "Ask the other scheme, or the heir, for a bank account, and have it set on the machine.",
    "refused_claim": "Open the claim to see the refused lines with their codes. Have the cause put right, then claim them once more.",
    "difference": "Look at the line: what is told and not in the bank is chased, what is in the bank and not told is asked about.",
    "message": "Read it and answer it. A correction is asked for on the member's page, and another of us agrees to it.",
    "proposal": "Read what it would do and why, then agree or decline. Whoever asked for it cannot.",
}
"""What a person does about each kind."""

WHERE = {
    "file": "/operator/files/", "entry": "/operator/suspense/", "withdrawal": "/operator/withdrawals/", "income": "/operator/incomes/",
    "claim": "/operator/claims/", "member": "/operator/members/", "message": "/operator/messages/", "proposal": "/operator/proposals/",
}  # fmt: skip


def cause_of(one: Waits) -> str:
    """The page of what it is about."""
    kind, name = one.about
    if kind == "payer":
        return f"/operator/payers?ref={quote(str(name), safe='')}"
    return "/operator/reconcile" if kind == "line" else f"{WHERE[kind]}{name}"


@router.get("/operator")
def waiting(asking: AsStaff, kind: Annotated[str, Query()] = "") -> HTMLResponse:
    """What waits, or what waits of one kind."""
    if kind and kind not in KINDS:
        raise NotThere
    with asking.acting() as connection:
        found = everything(connection, asking.clock.as_of)
    counts = Counter(one.kind for one in found.items)
    items = [one for one in found.items if kind in {"", one.kind}]
    rows = [
        (
            Cell(one.words, cause_of(one)),
            Cell(KINDS[one.kind][0], f"/operator?kind={one.kind}"),
            Cell(f"{said['days']:,} days", quiet=day(said["since"])),
            money(asking, one.amount),
        )
        for one in items[:MOST]
        for said in [one.as_dict(found.as_of)]
    ]
    name, what = KINDS.get(kind, ("Waiting for a person", ""))
    return page(
        asking, "operator_waiting.html", name=name, what=what, kind=kind, count=len(items), most=MOST,
        to_do=TO_DO.get(kind, ""), kinds=[(one, KINDS[one][0], counts[one]) for one in KINDS if counts[one]],
        items=listing("Oldest first", ("What waits", "Kind", "For", "Amount"), rows, (3,), "Nothing waits."),
    )  # fmt: skip


@router.get("/operator/payers")
def payer(asking: AsStaff, ref: Annotated[str, Query()] = "") -> HTMLResponse:
    """One payer: what its files told last, and which file has not come."""
    if not ref.isprintable():
        raise NotThere("payer")
    with asking.seeing() as connection:
        known = connection.execute("select id, kind from payer where ref = %s", [ref]).fetchone()
        if known is None:
            raise NotThere("payer")
        told = connection.execute(
            "select period_start, period_end, told.layout, told.file, name, received_at from told "
            "left join personal.received_file as received using (file) where payer = %s order by period_end desc, told.file desc limit 12",
            [known[0]],
        ).fetchall()
        late = [one for one in overdue(connection, asking.clock.as_of) if one.payer == ref]
    missing = [(day(said["period_end"]), day(said["since"])) for said in (one.as_dict() for one in late)]
    rows = [
        (
            f"{day(start.isoformat())} to {day(end.isoformat())}"
            if day_of(start) != day_of(end)
            else day(end.isoformat()),
            Cell(name or "", f"/operator/files/{file}" if file else ""),
            layout,
            moment(at) if at else "",
        )
        for start, end, layout, file, name, at in told
    ]
    return page(
        asking, "operator_payer.html", ref=ref, kind=known[1], missing=missing, to_do=TO_DO["file_overdue"],
        told=listing("What its files told last", ("Period", "File", "Layout", "Received (UTC)"), rows, empty="No file of this payer has come."),
    )  # fmt: skip
