"""A payer's sandbox: a place where files and gigs are tried, and nothing has an effect on the scheme."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import AsClerk
from lifepot.inbox import jobs
from lifepot.inbox.jobs import Job
from lifepot.inbox.sandboxes import standing_of
from lifepot.papers.payer import payer_figures
from lifepot.portals.pages import page, see_other
from lifepot.portals.payer_place import SANDBOX
from lifepot.scheme.payers_day import payers_day

router = APIRouter(prefix="/payer/sandbox", include_in_schema=False)


@router.get("")
def show(asking: AsClerk) -> HTMLResponse:
    """The sandbox as it stands, or how to have one."""
    with asking.seeing() as connection:
        job = _last(connection)
        made = standing_of(connection, asking.payer)
    shown: dict[str, Any] = {"job": job, "made": made, "after": None, "files": [], "currency": ""}
    if made is not None and (job is None or job.ended):
        inside = SANDBOX.at(asking)
        with inside.seeing() as connection:
            day = payers_day(connection, asking.payer, inside.clock.as_of)
            shown |= {"after": payer_figures(connection, day.ref).after, "files": day.files, "currency": day.currency}
    return page(asking, "payer_sandbox.html", **shown)


@router.post("/make")
def make(asking: AsClerk) -> Response:
    """Make it, or make it anew."""
    with asking.acting() as connection:
        # Two presses at once: the second sees that the first asked.
        connection.execute("select pg_advisory_xact_lock(hashtextextended('lifepot.sandbox.ask', %s))", [asking.payer])
        if (
            connection.execute(
                "select from door.job where kind = 'sandbox' and payer = %s and ended_at is null", [asking.payer]
            ).fetchone()
            is None
        ):
            jobs.ask(connection, "sandbox", {}, asking.identity.who, asking.doors.now(), payer=asking.payer)
        connection.commit()
    return see_other("/payer/sandbox")


def _last(connection: Any) -> Job | None:
    row = connection.execute("select max(job) from door.job where kind = 'sandbox'").fetchone()
    return None if row is None or row[0] is None else jobs.find(connection, row[0])
