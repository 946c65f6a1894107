"""Members: what stands in a pot and why; and corrections of who is who."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import Field

from lifepot.access.asking import AsOperator
from lifepot.access.doors import Connection
from lifepot.access.policy import standing_alone
from lifepot.api.doing import (
    After,
    AsMemberOrStaff,
    Day,
    Limit,
    Member,
    Once,
    Pager,
    Sent,
    Text,
    Year,
    day,
    done,
    looking,
    member_seen,
)
from lifepot.errors import Misuse
from lifepot.inbox import proposals
from lifepot.papers.member import member_figures
from lifepot.papers.paper import Paper
from lifepot.papers.statement import statement_paper
from lifepot.papers.writing import page_of, pdf_of
from lifepot.periods import add_months_to, parse_day
from lifepot.scheme import people
from lifepot.scheme.answers import Asked
from lifepot.scheme.glance import glance
from lifepot.scheme.statement import find_member, read_statement
from lifepot.scheme.why import why

router = APIRouter(prefix="/api/v1/members", tags=["members"])

Form = Annotated[
    Literal["json", "html", "pdf"], Query(alias="format", description="JSON, a page that stands alone, or a PDF.")
]
PAPER: dict[int | str, dict[str, Any]] = {200: {"description": "In the form that was asked for.", "content": {"application/json": {}, "text/html": {}, "application/pdf": {}}}}  # fmt: skip


def paper_as(figures: Any, paper: Paper, form: str) -> Response:
    """A paper and its figures in one of the three forms."""
    if form == "html":
        page = page_of(paper)
        return HTMLResponse(page, headers={"content-security-policy": standing_alone(page)})
    if form == "pdf":
        return Response(pdf_of(paper), media_type="application/pdf")
    return JSONResponse(figures.as_dict() | {"paper": paper.as_dict()})


class Named(Sent):
    """Who is meant."""

    nino: Annotated[
        str, Field(pattern=r"^[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]?$", examples=["AB123456C"])
    ]


@router.post("/find")
def find(asking: AsOperator, asked: Named) -> dict[str, Any]:
    """The number of the member with a National Insurance number. The look is written down, and the member can read it."""
    with asking.acting() as connection:
        member = find_member(connection, asked.nino)
    member_seen(asking, member, "found by NINO")
    return {"member": member}


@router.get("/{member}/pot")
def pot(asking: AsMemberOrStaff, member: Member) -> dict[str, Any]:
    """What stands in a pot and what is owed to it, at a glance."""
    with looking(asking, member, "pot") as connection:
        return glance(connection, member).as_dict()


@router.get("/{member}/statement", responses=PAPER)
def statement(
    asking: AsMemberOrStaff, member: Member, form: Form = "json",
    year: Annotated[Year | None, Query(description="The rulebook's year that begins in this one, as known at its end.")] = None,
) -> Response:  # fmt: skip
    """A member's statement, as `lifepot statement`: the pot, what others added, what it can be used for, its course, every entry."""
    with looking(asking, member, "statement") as connection:
        figures = member_figures(connection, member, year)
    return paper_as(figures, statement_paper(figures), form)


@router.get("/{member}/entries")
def entries(asking: AsMemberOrStaff, member: Member, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The entries of one pot, in the order in which they were posted."""
    pager = Pager.of(asking, after, limit)
    with looking(asking, member, "entries") as connection:
        found = read_statement(connection, member).entries
    return pager.page(sorted(((one.entry, one.as_dict()) for one in found), key=lambda one: one[0]))


@router.get("/{member}/why")
def reasons(
    asking: AsMemberOrStaff, member: Member, entry: Annotated[int | None, Query(ge=1, le=2**62, description="One entry.")] = None,
    fact: Annotated[int | None, Query(ge=1, le=2**62, description="One fact, under every rule (or under `rule`).")] = None,
    rule: Annotated[Text | None, Query(description="One rule, for the last facts that it counts.")] = None,
    on: Annotated[Day | None, Query(description="What happened on this day, or is effective on it.")] = None,
    month: Annotated[str | None, Query(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-05"])] = None,
) -> dict[str, Any]:  # fmt: skip
    """Why each rule gave what it gave, or nothing, as `lifepot why`: each step, the clause, the fact and its line."""
    if sum(one is not None for one in (entry, fact, on, month)) > 1 or (entry is not None and rule is not None):
        raise Misuse("entry, fact, on and month ask different things.", remedy="Give one; all but entry go with rule.")
    first = last = day(on)
    if month is not None:
        first = parse_day(f"{month}-01")
        last = add_months_to(first, 1) - 1
    with looking(asking, member, "why") as connection:
        return why(connection, member, Asked(entry, fact, rule, first, last)).as_dict()


class Reasoned(Sent):
    """Why it is asked for: another person reads it before agreeing."""

    reason: Annotated[Text, Field(description="Why.", examples=["The member showed a birth certificate."])]


class Opened(Sent):
    """The day."""

    day: Day


class Born(Reasoned):
    """The right day."""

    day: Day


class Into(Reasoned):
    """Who stays."""

    into: Annotated[
        int, Field(ge=1, le=2**31 - 1, description="The member who is the same person and stays.", examples=[18])
    ]


class Split(Reasoned):
    """What is the other person's."""

    payers: Annotated[
        list[Text],
        Field(min_length=1, max_length=50, description="Payers, as files name them, whose pay is the other person's."),
    ]
    nino: Annotated[Text | None, Field(description="The NINO that is the other person's.")] = None


@router.post("/{member}/opened-on")
def opened(asking: AsOperator, member: Member, asked: Opened, key: Once = None) -> Response:
    """Say on which day an account was opened on request, as `lifepot members open`."""
    member_seen(asking, member, "opening day said")
    on = day(asked.day)
    assert on is not None
    return done(
        asking, key, asked, lambda connection: people.open_on(connection, [member], [on], asking.clock).as_dict()
    )


@router.post("/{member}/birth-day", status_code=202)
def born(asking: AsOperator, member: Member, asked: Born, key: Once = None) -> Response:
    """Have a birth day corrected, as `lifepot members born`. Another person agrees (`/proposals/{proposal}/agree`); then what follows
    is posted.
    """
    return _proposed(asking, member, "born", {"born": asked.day.isoformat()}, asked, key)


@router.post("/{member}/merge", status_code=202)
def merge(asking: AsOperator, member: Member, asked: Into, key: Once = None) -> Response:
    """Have it said that two members are one person, as `lifepot members merge`, once another person agrees."""
    member_seen(asking, asked.into, "merged")
    return _proposed(asking, member, "merge", {"into": asked.into}, asked, key)


@router.post("/{member}/split", status_code=202)
def split(asking: AsOperator, member: Member, asked: Split, key: Once = None) -> Response:
    """Have it said that one member is two people, as `lifepot members split`, once another person agrees."""
    return _proposed(asking, member, "split", {"payers": list(asked.payers), "nino": asked.nino}, asked, key)


@router.post("/{member}/erase", status_code=202)
def erase(asking: AsOperator, member: Member, asked: Reasoned, key: Once = None) -> Response:
    """Have everything taken out that names a person, as `lifepot members erase`, once another person agrees. The books keep their
    entries, and still prove.
    """
    return _proposed(asking, member, "erase", {}, asked, key)


def _proposed(
    asking: AsOperator, member: int, kind: str, said: dict[str, Any], asked: Reasoned, key: str | None
) -> Response:
    member_seen(asking, member, f"{kind} proposed")

    def do(connection: Connection) -> dict[str, Any]:
        who, now = asking.identity.who, asking.doors.now()
        number = proposals.propose(connection, kind, said, asked.reason, who, now, member)
        return {"proposal": number, "at": f"/api/v1/proposals/{number}"}

    return done(asking, key, asked, do, 202)
