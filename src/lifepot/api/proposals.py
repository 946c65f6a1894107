"""What one person asks for and another agrees to: facts and persons put right, erasure, a new version of the rulebook."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from lifepot.access.asking import AsChecker, Asking, AsOperator, AsStaff, NotThere
from lifepot.access.doors import Connection
from lifepot.api.doing import After, Day, Limit, Once, Pager, Sent, Text, done
from lifepot.errors import Misuse
from lifepot.inbox import proposals

router = APIRouter(prefix="/api/v1", tags=["proposals"])

Number = Annotated[int, Path(ge=1, le=2**62, description="A proposal's number.", examples=[1])]
Fact = Annotated[int, Path(ge=1, le=2**62, description="A fact, as `why` names it.", examples=[30064771072])]
Right = Annotated[int | None, Field(ge=0, le=10**12, description="What is right, minor units; none: as it was told.")]


def _told(one: proposals.Proposal) -> dict[str, Any]:
    return {
        "proposal": one.number, "kind": one.kind, "state": one.state, "asked": one.asked, "member": one.member, "reason": one.reason,
        "asked_by": one.asked_by, "asked_at": one.asked_at.isoformat(), "decided_by": one.decided_by,
        "decided_at": None if one.decided_at is None else one.decided_at.isoformat(), "answer": one.answer,
    }  # fmt: skip


@router.get("/proposals")
def list_proposals(asking: AsChecker, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """What was asked for and what became of it, in order."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        numbers = connection.execute(
            "select proposal from door.proposal where proposal > %s order by proposal limit %s",
            [pager.after, limit + 1],
        ).fetchall()
        found = [one for (number,) in numbers if (one := proposals.find(connection, number)) is not None]
    _looked(asking, found[:limit], "proposals")
    return pager.page([(one.number, _told(one)) for one in found])


@router.get("/proposals/{proposal}")
def show(asking: AsChecker, proposal: Number) -> dict[str, Any]:
    """One proposal: what is asked for, why, by whom; and who agreed."""
    with asking.seeing() as connection:
        found = proposals.find(connection, proposal)
    if found is None:
        raise NotThere("proposal")
    _looked(asking, [found], f"proposal {proposal}")
    return _told(found)


def _looked(asking: Asking, shown: list[proposals.Proposal], what: str) -> None:
    """What proposals say of members (a birth day, what a pay was) is shown: that is a look at each."""
    if members := sorted({one.member for one in shown if one.member}):
        with asking.seeing(members, f"API: {what}"):
            pass


@router.post("/proposals/{proposal}/agree")
def agree(asking: AsStaff, proposal: Number, key: Once = None) -> Response:
    """Agree, and have it done: both are one transaction. 409 for whoever asked, and where it is decided already."""
    _must_be(asking, proposal)
    return done(asking, key, None, lambda connection: proposals.agree(connection, proposal, asking.clock))


@router.post("/proposals/{proposal}/decline")
def decline(asking: AsStaff, proposal: Number, key: Once = None) -> Response:
    """Do not agree: nothing is done. 409 for whoever asked, and where it is decided already."""
    _must_be(asking, proposal)

    def do(connection: Connection) -> dict[str, Any]:
        proposals.decline(connection, proposal, asking.clock)
        return {"proposal": proposal, "state": "declined"}

    return done(asking, key, None, do)


class Correction(Sent):
    """What is right of a pay or a payment, and why."""

    reason: Annotated[Text, Field(description="Why.", examples=["A slip in payroll: 1,200 and not 12,000."])]
    amount_minor: Right = None
    earnings_minor: Right = None
    worker_minor: Right = None
    employer_minor: Right = None
    effective_on: Day | None = None
    never_happened: Annotated[bool, Field(description="The fact goes, and nothing takes its place.")] = False


@router.post("/facts/{fact}/correction", status_code=202)
def correct(asking: AsOperator, fact: Fact, asked: Correction, key: Once = None) -> Response:
    """Have one fact put right, once another person agrees. What was told stays told; the difference is posted."""
    with asking.seeing() as connection:
        row = connection.execute("select member from fact where id = %s", [fact]).fetchone()
    if row is None:
        raise NotThere("fact")
    amounts = {name: getattr(asked, f"{name}_minor") for name in ("amount", "earnings", "worker", "employer")}
    said: dict[str, Any] = {name: minor for name, minor in amounts.items() if minor is not None}
    if asked.effective_on is not None:
        said["effective_on"] = asked.effective_on.isoformat()
    if asked.never_happened:
        said["never_happened"] = True
    if not said:
        raise Misuse("Nothing is to be corrected.", remedy="Say what is right, or that it never happened.")

    def do(connection: Connection) -> dict[str, Any]:
        who, now = asking.identity.who, asking.doors.now()
        number = proposals.propose(connection, "correct", said | {"fact": fact}, asked.reason, who, now, row[0])
        return {"proposal": number, "at": f"/api/v1/proposals/{number}"}

    return done(asking, key, asked, do, 202)


def _must_be(asking: Asking, number: int) -> None:
    with asking.seeing() as connection:
        if proposals.find(connection, number) is None:
            raise NotThere("proposal")
