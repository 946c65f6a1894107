"""A scheme's month, step by step, each a job: what has not come, what is there, what is due, what is claimed, paid and compared.

Every step may be done again: what was done stays done, and what came since is added.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lifepot.access.doors import Connection
from lifepot.household.gifts import give_due
from lifepot.inbox import gigs, jobs, uploads
from lifepot.inbox.jobs import Job, Tell
from lifepot.payments.reconcile import reconcile
from lifepot.payments.runs import make_run
from lifepot.periods import date_of, parse_day
from lifepot.scheme.arriving import overdue
from lifepot.scheme.claim import make_claim
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.withdrawals.income import make_due

MOST_SHOWN = 200
"""Of a long outcome, how much a job keeps."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the month: the kind of its job, what it is called, and what it does."""

    kind: str
    name: str
    what: str


STEPS = (
    Step("overdue", "Files that have not arrived", "Names the payers whose file should have come by today."),
    Step(
        "receive_waiting",
        "Receive what is there",
        "Receives the gigs that were kept and the files that wait in the office.",
    ),
    Step("settle", "Settle", "Posts what has fallen due up to today."),
    Step("due", "Incomes and gifts", "Makes each month of a regular income that is due, and each standing gift."),
    Step("claims", "Claim", "Claims what government owes up to the last period that is over."),
    Step("pay", "Payment run", "Puts everything that was approved into one file for the bank."),
    Step("reconcile", "Hold side by side", "File, bank and ledger, to the penny."),
)
"""In their order."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A step as it stands in a month: its last job, None where nobody has begun it."""

    step: Step
    job: Job | None

    @property
    def state(self) -> str:
        """How far it is: not begun, waiting, running, done or failed."""
        return "not begun" if self.job is None else str(self.job.as_dict()["state"])


def month_of(day: int) -> str:
    """The month of a day, "2026-08"."""
    return date_of(day).strftime("%Y-%m")


def stands(connection: Connection, month: str) -> list[Stood]:
    """The steps of a month, each with its last job."""
    last = dict(
        connection.execute(
            "select kind, max(job) from door.job where asked->>'month' = %s group by kind", [month]
        ).fetchall()
    )
    return [Stood(step, jobs.find(connection, last[step.kind]) if step.kind in last else None) for step in STEPS]


def ask(connection: Connection, month: str, kinds: list[str], clock: Clock) -> list[int]:
    """Ask for steps of a month, in their order. The caller commits."""
    return [
        jobs.ask(connection, step.kind, {"month": month}, clock.who, clock.known_at)
        for step in STEPS
        if step.kind in kinds
    ]


def waiting_uploads(connection: Connection) -> list[dict[str, Any]]:
    """Files that the office handed in and nobody received yet, oldest first."""
    rows = connection.execute(
        "select upload::text, name, kept_at, who from door.upload where payer is null "
        "and exists (select from door.job where job.upload = upload.upload and kind = 'receive') "
        "and not exists (select from personal.received_file where received_file.sha256 = upload.sha256) order by upload"
    ).fetchall()
    return [dict(zip(("upload", "name", "kept_at", "who"), row, strict=True)) for row in rows]


def name_overdue(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Whose files have not arrived."""
    del job, tell
    found = overdue(connection, clock.as_of)
    return {"count": len(found), "overdue": [one.as_dict() for one in found[:MOST_SHOWN]]}


def receive_waiting(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive the gigs that were kept, and the files of the office that wait. Each commits by itself."""
    del job
    connection.rollback()
    payers, files = gigs.waiting_payers(connection), waiting_uploads(connection)
    whole, replies, folded = len(payers) + len(files), [], 0
    for nth, payer in enumerate(payers):
        tell("receiving gigs", nth, whole)
        folded += gigs.fold(connection, payer, clock)
    for nth, one in enumerate(files, len(payers)):
        tell(f"receiving {one['name']}", nth, whole)
        with uploads.as_file(connection, one["upload"]) as path:
            replies.append(receive(connection, path, clock).as_dict())
    return {
        "gigs": folded,
        "files": [{name: one[name] for name in ("file", "state", "rows", "accepted", "rejected")} for one in replies],
    }


def make_due_payments(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Every month of an income, and every gift, that is due. Each commits by itself."""
    del job
    connection.rollback()
    tell("incomes", 0, 2)
    made = make_due(connection, clock)
    tell("gifts", 1, 2)
    given = give_due(connection, clock)
    waits = [one.as_dict() for one in made if one.because]
    return {
        "months": sum(not one.because for one in made), "months_minor": sum(one.amount for one in made),
        "waits": waits[:MOST_SHOWN], "gifts": given.gifts, "gifts_minor": given.amount,
    }  # fmt: skip


def claim(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """A claim to a funder; `asked`: funder (government, if none is named), until (a day) and again."""
    until = job.asked.get("until")
    done = make_claim(
        connection, job.asked.get("funder") or "government", None if until is None else parse_day(until), clock,
        again=bool(job.asked.get("again")), progress=lambda done, of: tell("settling", done, of),
    )  # fmt: skip
    return done.as_dict()


def pay(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """A payment run; `asked`: format, pays_on (a day, today if none is named) and refunds."""
    tell("writing the file", 0, 1)
    pays_on = job.asked.get("pays_on")
    day: date = date_of(clock.as_of if pays_on is None else parse_day(pays_on))
    run = make_run(connection, job.asked.get("format", "pain001"), day, clock, refunds=bool(job.asked.get("refunds")))
    return {"run": None} if run is None else run.as_dict()


def side_by_side(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """File, bank and ledger."""
    del job
    tell("reading the entries", 0, 1)
    return reconcile(connection, clock.as_of).as_dict()
