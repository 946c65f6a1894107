"""Proving the books, who looked at whom, and what was agreed by whom. Proving is the one thing to begin here, and it changes nothing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access import looks, seats
from lifepot.access.asking import AsAuditor, Asking, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.inbox import jobs, proposals
from lifepot.inbox.waiting import WORDS
from lifepot.portals.listing import Cell, listing, moment
from lifepot.portals.operator_proposals import facts_of
from lifepot.portals.outcomes import lines_of
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

MOST_PROBLEMS = 200


@router.get("/audit/verify")
def verify(asking: AsAuditor) -> HTMLResponse:
    """Prove the books, and how it went before."""
    return _verify(asking, [], "")


def _verify(asking: Asking, faults: list[tuple[str, str]], head: str, status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        numbers = connection.execute(
            "select job from door.job where kind = 'verify' order by job desc limit 20"
        ).fetchall()
        found = [one for (number,) in numbers if (one := jobs.find(connection, number)) is not None]
    rows = [(Cell(moment(one.asked_at), f"/audit/verify/{one.number}"), one.who, _verdict(one)) for one in found]
    return page(
        asking, "audit_verify.html", faults=faults, head=head, status=status,
        runs=listing("Proved before", ("Begun (UTC)", "By", "Outcome"), rows, empty="Nobody has proved the books from here yet."),
    )  # fmt: skip


def _verdict(one: jobs.Job) -> str:
    if not one.ended:
        return "running" if one.stage else "waiting"
    if one.failed or one.answer is None:
        return "did not end"
    return "all proved" if one.answer["proved"] else "not proved"


@router.post("/audit/verify")
def begin(asking: AsAuditor, form: Form) -> Response:
    """Begin to prove them: chain, balances, entitlements."""
    head = "".join(form.get("head", "").split()).lower()
    if head and (len(head) != 64 or set(head) - set("0123456789abcdef")):
        return _verify(
            asking, [("head", "Enter the 64 hexadecimal digits that a reply printed.")], form.get("head", "")[:200], 400
        )
    number = 0

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal number
        number = jobs.ask(connection, "verify", {"head": head} if head else {}, asking.identity.who, asking.doors.now())
        return 201, {"job": number}

    answer = asking.pressed(form, do)
    return see_other(f"/audit/verify/{answer.body.get('job', number)}")


@router.get("/audit/verify/{job}")
def findings(asking: AsAuditor, number: Annotated[int, Path(alias="job")]) -> HTMLResponse:
    """How far it is, and what was found."""
    with asking.seeing() as connection:
        job = jobs.find(connection, number)
    if job is None or job.kind != "verify":
        raise NotThere
    problems = (job.answer or {}).get("problems", []) if not job.failed else []
    rows = [(Cell(one["where"], quiet=one["kind"]), one["found"], one["expected"]) for one in problems[:MOST_PROBLEMS]]
    return page(
        asking, "audit_findings.html", job=job, lines=lines_of(job, asking.request.app.state.scheme.currency),
        at=moment(job.asked_at), proved=bool((job.answer or {}).get("proved")),
        problems=listing("What was found", ("Where", "Found", "Expected"), rows) if rows else None,
    )  # fmt: skip


@router.get("/audit/looks")
def who_looked(
    asking: AsAuditor,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    member: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> HTMLResponse:
    """Who looked at whose data, when and why."""
    with asking.seeing() as connection:
        found = looks.latest(connection, before, member)
    rows = [
        (
            moment(one["looked_at"]),
            f"{one['who']}, {one['role']}",
            Cell(f"member {one['member']}", f"/audit/looks?member={one['member']}"),
            one["what"],
        )
        for one in found
    ]
    whose = f"&member={member}" if member else ""
    return page(
        asking, "operator_list.html", heading="Looks", back=("/audit/looks", "All looks") if member else None,
        lead="Every look at a person's data by somebody else. The person reads the same.", links=[],
        next_page=f"/audit/looks?before={found[-1]['look']}{whose}" if len(found) == 100 else "",
        listings=[listing("The latest first", ("When (UTC)", "Who", "At whom", "What, and why"), rows, empty="Nobody has looked.")],
    )  # fmt: skip


@router.get("/audit/agreed")
def agreed(asking: AsAuditor) -> HTMLResponse:
    """What one asked for and another agreed to; and who gave whom which seat."""
    with asking.seeing() as connection:
        found = proposals.listed(connection)
    with asking.acting() as connection:
        held = seats.history(connection)  # a login's name is read by the door alone
    asked = [
        (
            Cell(f"{WORDS[one.kind]}{f' {one.member}' if one.member else ''}", f"/audit/agreed/{one.number}"), one.asked_by, one.state,
            one.decided_by or "", moment(one.decided_at) if one.decided_at else "",
        )
        for one in found
    ]  # fmt: skip
    given = [
        (
            f"{one['role']}{' of ' + one['for'] if one['for'] else ''}", one["name"], Cell(one["given_by"], quiet=moment(one["given_at"])),
            Cell(one["ended_by"] or "", quiet=moment(one["ended_at"]) if one["ended_at"] else ""),
        )
        for one in held
    ]  # fmt: skip
    return page(
        asking, "operator_list.html", heading="Agreed and given", back=None, lead="", links=[],
        listings=[
            listing("What one asked for and another decided", ("What", "Asked by", "State", "Decided by", "When (UTC)"), asked, empty="Nothing was asked for."),
            listing("Seats", ("Seat", "Who", "Given by", "Ended by"), given),
        ],
    )  # fmt: skip


@router.get("/audit/agreed/{proposal}")
def one_agreed(asking: AsAuditor, number: Annotated[int, Path(alias="proposal")]) -> HTMLResponse:
    """One proposal, and what came of it."""
    with asking.seeing() as connection:
        found = proposals.find(connection, number)
    if found is None:
        raise NotThere("proposal")
    if found.member:
        with asking.seeing([found.member], looks.looked(f"proposal {number}", "the audit of what was agreed")):
            pass
    return page(
        asking, "audit_proposal.html", words=WORDS[found.kind], facts=facts_of(asking, found), place=(found.answer or {}).get("place"),
        member=found.member,
    )  # fmt: skip
