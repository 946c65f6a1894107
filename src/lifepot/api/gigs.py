"""Gigs, one at a time: for platforms that tell of each as it happens."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from lifepot.access.asking import AsClerk, NotThere
from lifepot.api.doing import After, Limit, Pager
from lifepot.api.doing import MaybeText as Cell
from lifepot.api.problems import FaultsFound
from lifepot.inbox import gigs
from lifepot.scheme.followed import faults_of_line, followed_from

router = APIRouter(prefix="/api/v1/gigs", tags=["gigs"])

AMOUNT = r"^\d{1,10}(\.\d{1,2})?$"


class Gig(BaseModel):
    """One job done and paid. Columns and codes are those of the `platform` layout (docs/file-layouts.md); amounts are texts in major
    units, as in the file.
    """

    model_config = ConfigDict(extra="forbid")

    worker_id: Cell = Field(description="The platform's own number of the worker.", examples=["w-1017"])
    nino: Cell = Field("", description="National Insurance number, if it is known.", examples=["AB200017A"])
    forename: Cell = Field("", examples=["Amal"])
    surname: Cell = Field("", examples=["Okafor"])
    born: Cell = Field("", description="Birth day.", examples=["1994-02-11"])
    job_id: Cell = Field(
        description="The platform's own number of the job: told twice, it is one gig.", examples=["j-90210"]
    )
    job_kind: Cell = Field(description="ride, delivery, task, care, rent or sale.", examples=["delivery"])
    started_at: Cell = Field("", examples=["2026-11-26T18:05:00Z"])
    ended_at: Cell = Field("", examples=["2026-11-26T18:31:00Z"])
    paid_on: Cell = Field(examples=["2026-11-26"])
    gross: Cell = Field(examples=["12.50"])
    fees: Cell = Field("", examples=["2.50"])
    costs: Cell = Field("", examples=["1.00"])
    worker: Cell = Field("", description="The worker's own contribution that is sent.", examples=["0.45"])
    platform_contribution: Cell = Field(
        "", description="The platform's; empty: what is owed is the answer.", examples=["0.27"]
    )


class Entry(BaseModel):
    """An entry that followed: from account to account, whole minor units."""

    entry: int
    debit: str = Field(examples=["owed_by:3"])
    credit: str = Field(examples=["employer_owed:17"])
    amount_minor: int = Field(examples=[27])
    rule: str | None = Field(examples=["employer.contribution"])
    effective_on: str = Field(examples=["2026-11-26"])


class GigTold(BaseModel):
    """A gig and what became of it. `state`: kept (durable, and received in a moment), received, or refused (see `faults`).
    `followed`: the entries on the payer's own accounts; what others add for the worker is theirs to know.
    """

    gig: int = Field(examples=[4711])
    job_id: str = Field(examples=["j-90210"])
    state: str = Field(examples=["received"])
    kept_at: str
    file: str | None
    line: int | None
    followed: list[Entry]
    faults: list[dict[str, Any]]


@router.post("", status_code=201, response_model=GigTold)
def tell(asking: AsClerk, gig: Gig, response: Response) -> dict[str, Any]:
    """Tell of a gig. It is durable when this is answered; ask for it again to learn what followed. The same job told again is
    answered with 200, and told otherwise with 409.
    """
    cells = {"platform": asking.identity.payer_ref} | gig.model_dump()
    if faults := gigs.faults_of(cells, asking.clock.as_of):
        raise FaultsFound(faults)
    with asking.acting() as connection:
        kept = gigs.keep(connection, asking.payer, asking.identity.who, cells, asking.doors.now(), gig.job_id)
    response.status_code = 201 if kept.new else 200
    response.headers["location"] = f"/api/v1/gigs/{kept.gig}"
    return gigs.as_dict(kept, None, [])


@router.get("")
def list_gigs(asking: AsClerk, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The gigs that were told of, in the order in which they were kept: which are received, and where they stand."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        rows = connection.execute(
            "select gig, key, kept_at, told_in, line from door.gig where gig > %s order by gig limit %s",
            [pager.after, limit + 1],
        ).fetchall()
    names = ("gig", "job_id", "kept_at", "file", "line")
    return pager.page([(row[0], dict(zip(names, row, strict=True))) for row in rows])


@router.get("/{gig}", response_model=GigTold)
def show(
    asking: AsClerk, gig: Annotated[int, Path(ge=1, le=2**53)],
    now: Annotated[bool, Query(description="Receive it first, if it still waits.")] = False,
) -> dict[str, Any]:  # fmt: skip
    """A gig, and what followed from it."""
    with asking.seeing() as connection:
        kept = _kept(connection, gig)
    if kept.told_in is None and now:
        with asking.acting() as connection:
            gigs.fold(connection, asking.payer, asking.clock)
    with asking.seeing() as connection:
        kept = _kept(connection, gig)
        if kept.told_in is None or kept.line is None:
            return gigs.as_dict(kept, None, [])
        faults = [dict(one.as_dict()) for one in faults_of_line(connection, kept.told_in, kept.line)]
        followed = [one.as_dict() for one in followed_from(connection, kept.told_in, kept.line)]
        return gigs.as_dict(kept, followed, faults)


def _kept(connection: Any, gig: int) -> gigs.Kept:
    row = connection.execute("select gig, key, kept_at, told_in, line from door.gig where gig = %s", [gig]).fetchone()
    if row is None:
        raise NotThere("gig")
    number, key, kept_at, told_in, line = row
    return gigs.Kept(number, key, kept_at, told_in, line, new=False)
