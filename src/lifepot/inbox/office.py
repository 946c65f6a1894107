"""The office's work: the steps of a month, statements, claims, a new rulebook, and proving the books."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.audit.verify import verify
from lifepot.inbox import month
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.uploads import as_file
from lifepot.payments.statements import receive_statement
from lifepot.periods import format_day, parse_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.resettle import adopt, settle_here


def adopt_version(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Adopt the rulebook of a proposal that was agreed to; or, with an upload, see what adopting it would do."""
    preview = job.upload is not None
    if job.upload is not None:
        with as_file(connection, job.upload) as path:
            text, name, from_day = path.read_text("utf-8"), path.name, job.asked["from"]
    else:
        row = connection.execute(
            "select asked from door.proposal where proposal = %s and agreed", [job.asked["proposal"]]
        ).fetchone()
        assert row is not None, "a rulebook is adopted by two"
        text, name, from_day = row[0]["text"], row[0]["name"], row[0]["from"]
    # What has fallen due anyway is posted before, so that what is told next is the rulebook's own effect.
    due = settle_here(connection, clock, lambda done, of: tell("settling what is due", done, of))
    done = adopt(
        connection, text, name, parse_day(from_day), clock, preview=preview,
        progress=lambda done, of: tell("settling", done, of),
    )  # fmt: skip
    return {
        "transfers": done.transfers, "members": done.members, "by_rule": done.by_rule, "place": done.place, "head": done.head,
        "as_of": format_day(done.as_of), "due_before": due.transfers,
    }  # fmt: skip


def receive_statement_file(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Take in a bank statement that was handed in."""
    assert job.upload is not None
    tell("matching entries", 0, 1)
    with as_file(connection, job.upload) as path:
        return receive_statement(connection, path, clock).as_dict()


def prove_everything(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Prove the books anew; `asked`: a head to look for. Changes nothing."""
    del clock
    connection.rollback()  # it begins a transaction of its own, which reads only
    head = job.asked.get("head")
    return verify(connection, head=None if not head else bytes.fromhex(head), progress=tell).as_dict()


OFFICE: dict[str, Work] = {
    "adopt": adopt_version, "bank": receive_statement_file, "claim": month.claim, "claims": month.claim, "due": month.make_due_payments,
    "overdue": month.name_overdue, "pay": month.pay, "receive_waiting": month.receive_waiting, "reconcile": month.side_by_side,
    "verify": prove_everything,
}  # fmt: skip
