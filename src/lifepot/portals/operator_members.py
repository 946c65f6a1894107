"""A member, looked at by staff: found by a number, opened with a reason, and put right only by two."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access import looks, seats
from lifepot.access.asking import Asking, AsOperator, AsStaff, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.errors import LifepotError
from lifepot.inbox import proposals
from lifepot.papers.member import member_figures
from lifepot.papers.statement import statement_paper
from lifepot.periods import format_day
from lifepot.portals.listing import Cell, day, listing, moment, money
from lifepot.portals.pages import page, see_other
from lifepot.scheme.answers import Asked
from lifepot.scheme.standing_facts import standing_facts
from lifepot.scheme.statement import find_member
from lifepot.scheme.why import why
from lifepot.withdrawals.showing import list_open

router = APIRouter(include_in_schema=False)


class Unsaid(Exception):
    """Nobody has said why they look."""


def reason_for(asking: Asking, member: int) -> str:
    """The reason that still holds; Unsaid where there is none."""
    with asking.seeing() as connection:
        reason = looks.reason_of(connection, asking.identity, member, asking.doors.now())
    if not reason:
        raise Unsaid
    return reason


def must_be_there(asking: Asking, member: int) -> None:
    """NotThere where no batch ever touched such a member."""
    with asking.acting() as connection:
        try:
            find_member(connection, str(member))
        except LifepotError:
            raise NotThere("member") from None


@router.get("/operator/members")
def find(asking: AsStaff) -> HTMLResponse:
    """Find a member."""
    return page(asking, "operator_members.html", faults=[], typed="")


@router.post("/operator/members")
def found(asking: AsStaff, form: Form) -> Response:
    """By number or National Insurance number; the page that opens asks why."""
    typed = form.get("who", "").strip()
    asking.guessing("members")
    try:
        if not typed:
            raise NotThere
        with asking.acting() as connection:
            member = find_member(connection, typed)
    except (LifepotError, ValueError):
        fault = (
            "There is no such member. Enter a member's number or National Insurance number."
            if typed
            else "Enter a number."
        )
        return page(asking, "operator_members.html", faults=[("who", fault)], typed=typed, status=400)
    return see_other(f"/operator/members/{member}")


@router.get("/operator/members/{member}")
def show(asking: AsStaff, member: int, done: Annotated[str, Query()] = "") -> Response:
    """A member's page; before it, the question why."""
    must_be_there(asking, member)
    try:
        return _member(asking, member, reason_for(asking, member), done=done)
    except Unsaid:
        return page(
            asking, "operator_why_look.html", member=member, faults=[], typed="", to=f"/operator/members/{member}"
        )


@router.post("/operator/members/{member}/look")
def look(asking: AsStaff, form: Form, member: int) -> Response:
    """Say why, and see."""
    must_be_there(asking, member)
    reason = " ".join(form.get("reason", "").split())
    if not 3 <= len(reason) <= looks.LONGEST:
        fault = f"Say why you look, in 3 to {looks.LONGEST} letters."
        return page(
            asking, "operator_why_look.html", member=member, faults=[("reason", fault)], typed=reason,
            to=f"/operator/members/{member}", status=400,
        )  # fmt: skip
    with asking.seeing([member], looks.looked("their page", reason)):
        pass
    return see_other(f"/operator/members/{member}")


def _member(asking: Asking, member: int, reason: str, *, done: str = "", code: str = "") -> HTMLResponse:
    with asking.seeing([member], looks.looked("their page", reason)) as connection:
        row = connection.execute(
            "select forename, surname, born, email, provisional from personal.person where member = %s", [member]
        ).fetchone()
        jobs = connection.execute(
            "select payer.ref, payroll_id from personal.employment join payer on payer.id = payer where member = %s order by ref",
            [member],
        ).fetchall()
        going = list_open(connection, member)
        asked = proposals.listed(connection, member, 20)
        looked = looks.latest(connection, member=member, most=10)
    facts = [("Member", str(member))]
    if row is not None:
        facts += [
            ("Name", f"{row[0]} {row[1]}".strip() or "not told"), ("Born", day(row[2].isoformat()) if row[2] else "not told"),
            ("Told by", ", ".join(f"{ref} ({payroll})" if payroll else ref for ref, payroll in jobs) or "nobody now"),
            *([("Came without", "a National Insurance number")] if row[4] else []),
        ]  # fmt: skip
    else:
        facts.append(("Name", "erased, or never told"))
    out = [
        (
            Cell(f"{money(asking, one['amount_minor'])}", f"/operator/withdrawals/{one['withdrawal']}"),
            one["state"],
            day(one["asked_on"]),
        )
        for one in going
    ]
    wanted = [
        (Cell(WHAT[one.kind][0], f"/operator/proposals/{one.number}"), one.state, one.asked_by, moment(one.asked_at))
        for one in asked
    ]
    return page(
        asking, "operator_member.html", member=member, facts=facts, reason=reason, code=code, what=WHAT,
        may=asking.identity.role is Role.OPERATOR, done=DONE.get(done, ""),
        withdrawals=listing("Withdrawals that go on", ("Amount", "State", "Asked"), out, empty="None goes on."),
        proposals=listing("Asked for by two", ("What", "State", "Asked by", "When (UTC)"), wanted, empty="Nothing was asked for."),
        looks=listing("Looks at this member's data", ("When (UTC)", "Who", "What"), [(moment(one["looked_at"]), f"{one['who']}, {one['role']}", one["what"]) for one in looked]),
    )  # fmt: skip


DONE = {"asked": "It was asked for. Another person must agree to it."}

WHAT = {
    "correct": ("Put a fact right", "A pay or a payment that is wrong."),
    "born": ("Put the birth day right", "What follows from it is posted."),
    "merge": ("Merge with another member", "Two numbers are one person."),
    "split": ("Split", "The pay of some payers is another person's."),
    "erase": ("Erase", "Everything that names them is taken out; the books stay."),
    "adopt": ("Adopt a rulebook", ""),
}  # fmt: skip
"""What may be asked for."""


@router.post("/operator/members/{member}/invite")
def invite(asking: AsOperator, form: Form, member: int) -> Response:
    """Make a code with which the member takes their seat: for a letter. It is shown once; only a hash of it is kept."""
    must_be_there(asking, member)
    try:
        reason = reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    code = ""

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal code
        code = seats.invite(connection, Role.MEMBER, asking.identity.who, asking.doors.now(), member=member)
        return 201, {}

    asking.pressed(form, do)
    return _member(asking, member, reason, code=code or "shown before")


@router.get("/operator/members/{member}/statement")
def statement(asking: AsStaff, member: int) -> Response:
    """The member's statement, as they have it."""
    must_be_there(asking, member)
    try:
        reason = reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    with asking.seeing([member], looks.looked("their statement", reason)) as connection:
        paper = statement_paper(member_figures(connection, member))
    return page(asking, "operator_statement.html", member=member, paper=paper)


@router.get("/operator/members/{member}/why")
def reasons(
    asking: AsStaff,
    member: int,
    fact: Annotated[int | None, Query()] = None,
    entry: Annotated[int | None, Query()] = None,
) -> Response:
    """Why each rule gave what it gave, or nothing: for the last facts, for one, or for one entry."""
    must_be_there(asking, member)
    try:
        reason = reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    try:
        with asking.seeing([member], looks.looked("why", reason)) as connection:
            answers = why(connection, member, Asked(entry=entry, fact=fact if entry is None else None))
    except LifepotError:
        raise NotThere("fact") from None
    told = [
        (
            one.source.words,
            one.rule,
            money(asking, one.amount_minor),
            one.lines() if fact or entry else [one.because],
            one.source.fact,
        )
        for one in answers.answers
    ]
    return page(
        asking, "operator_why.html", member=member, account=answers.account, told=told, narrow=bool(fact or entry)
    )


@router.get("/operator/members/{member}/facts")
def facts(asking: AsOperator, member: int) -> Response:
    """The pays and payments that stand, to put one right."""
    must_be_there(asking, member)
    try:
        reason = reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    with asking.seeing([member], looks.looked("their facts", reason)) as connection:
        found = standing_facts(connection, member)
    rows = [
        (
            Cell(one.words, f"/operator/members/{member}/facts/{one.fact}"), day(format_day(one.effective_on)),
            "; ".join(f"{COLUMNS[name]} {money(asking, minor)}" for name, minor in one.amounts.items() if minor is not None),
            Cell("Why", f"/operator/members/{member}/why?fact={one.fact}"),
        )
        for one in found[:500]
    ]  # fmt: skip
    return page(
        asking, "operator_list.html", heading=f"Facts of member {member}", back=(f"/operator/members/{member}", f"Member {member}"),
        lead="Choose the one that is wrong.", links=[],
        listings=[listing("Pays and payments that stand", ("Fact", "Day", "Amounts", "Why"), rows, (), "Nobody told of a pay or a payment.")],
    )  # fmt: skip


COLUMNS = {"amount": "amount", "earnings": "earnings", "worker": "from the worker", "employer": "from the employer"}
