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
from lifepot.inbox.works import resettled
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


class DaySaid(Sent):
    """A day."""

    day: Day


class Into(Sent):
    """Who stays."""

    into: Annotated[
        int, Field(ge=1, le=2**31 - 1, description="The member who is the same person and stays.", examples=[18])
    ]


class Split(Sent):
    """What is the other person's."""

    payers: Annotated[list[Text], Field(min_length=1, max_length=50, description="Payers, as files name them, whose pay is the other person's.")]  # fmt: skip
    nino: Annotated[Text | None, Field(description="The NINO that is the other person's.")] = None


@router.post("/{member}/birth-day")
def born(asking: AsOperator, member: Member, asked: DaySaid, key: Once = None) -> Response:
    """Correct a birth day, as `lifepot members born`; what follows from it is posted."""
    member_seen(asking, member, "birth day corrected")
    return done(asking, key, asked, lambda connection: resettled(people.correct_birth_day(connection, member, day(asked.day) or 0, asking.clock)))  # fmt: skip


@router.post("/{member}/opened-on")
def opened(asking: AsOperator, member: Member, asked: DaySaid, key: Once = None) -> Response:
    """Say on which day an account was opened on request, as `lifepot members open`."""
    member_seen(asking, member, "opening day said")
    return done(asking, key, asked, lambda connection: resettled(people.open_on(connection, [member], [day(asked.day) or 0], asking.clock)))  # fmt: skip


@router.post("/{member}/merge")
def merge(asking: AsOperator, member: Member, asked: Into, key: Once = None) -> Response:
    """Say that two members are one person, as `lifepot members merge`."""
    for one in (member, asked.into):
        member_seen(asking, one, "merged")
    return done(
        asking, key, asked, lambda connection: resettled(people.merge(connection, member, asked.into, asking.clock))
    )


@router.post("/{member}/split")
def split(asking: AsOperator, member: Member, asked: Split, key: Once = None) -> Response:
    """Say that one member is two people, as `lifepot members split`: the pay from some payers is the other's."""
    member_seen(asking, member, "split")

    def do(connection: Connection) -> dict[str, Any]:
        other, result = people.split(connection, member, list(asked.payers), asked.nino, asking.clock)
        return {"split_off": other} | resettled(result)

    return done(asking, key, asked, do)


@router.post("/{member}/erase")
def erase(asking: AsOperator, member: Member, key: Once = None) -> Response:
    """Take out everything that names a person, as `lifepot members erase`. The books keep their entries, and still prove."""
    member_seen(asking, member, "erased")

    def do(connection: Connection) -> dict[str, Any]:
        gone = people.erase(connection, member, asking.clock)
        return {"member": gone.member, "rows_blanked": gone.rows_blanked, "place": gone.place, "head": gone.head}

    return done(asking, key, None, do)
