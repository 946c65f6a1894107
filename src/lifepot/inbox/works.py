"""What a worker can do, by the kind of job."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.audit.verify import verify
from lifepot.inbox import month
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.uploads import as_file
from lifepot.payments.statements import receive_statement
from lifepot.periods import format_day, parse_day
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import adopt, settle_all, settle_here


def receive_file(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive a handed-in file; `asked`: mode ("replaces", "adds" or none) and preview."""
    assert job.upload is not None
    preview = bool(job.asked.get("preview"))
    with as_file(connection, job.upload) as path:
        reply = receive(
            connection,
            path,
            clock,
            mode=job.asked.get("mode"),
            layout=job.asked.get("layout"),
            preview=preview,
            progress=tell,
        )
    if job.payer is not None and not preview:
        connection.execute(
            "insert into door.sent (file, payer) select file, %s from personal.received_file join door.upload using (sha256) "
            "where upload = %s on conflict do nothing",
            [job.payer, job.upload],
        )
        connection.commit()
    return reply.as_dict()


def settle(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Post what has fallen due."""
    del job
    done = settle_all(connection, clock, lambda done, of: tell("settling", done, of))
    return {
        "transfers": done.transfers,
        "members": done.members,
        "by_rule": done.by_rule,
        "place": done.place,
        "head": done.head,
    }


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


def receive_claim_reply(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Take in the reply to a claim that was handed in."""
    assert job.upload is not None
    tell("reading the reply", 0, 1)
    with as_file(connection, job.upload) as path:
        return receive_reply(connection, path, clock).as_dict()


def prove_everything(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Prove the books anew; `asked`: a head to look for. Changes nothing."""
    del clock
    connection.rollback()  # it begins a transaction of its own, which reads only
    head = job.asked.get("head")
    return verify(connection, head=None if not head else bytes.fromhex(head), progress=tell).as_dict()


WORKS: dict[str, Work] = {
    "receive": receive_file, "settle": settle, "adopt": adopt_version, "bank": receive_statement_file,
    "claim": month.claim, "claims": month.claim, "claim_reply": receive_claim_reply, "due": month.make_due_payments,
    "overdue": month.name_overdue, "pay": month.pay, "receive_waiting": month.receive_waiting, "reconcile": month.side_by_side,
    "verify": prove_everything,
}  # fmt: skip
