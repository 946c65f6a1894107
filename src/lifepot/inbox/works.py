"""What a worker can do, by the kind of job."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from lifepot.access.doors import Connection
from lifepot.audit.verify import verify
from lifepot.errors import LifepotError
from lifepot.inbox import month, sandboxes
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.theirs import look_at_theirs, receive_theirs
from lifepot.inbox.uploads import as_file, remember_sender
from lifepot.payments.statements import receive_statement
from lifepot.periods import parse_day
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.claim_reply_file import read_reply
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import adopt, settle_all, settle_here


def receive_file(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive a handed-in file; `asked`: mode ("replaces", "adds" or none), layout, preview. A payer's is received as its own."""
    assert job.upload is not None
    mode, layout, preview = job.asked.get("mode"), job.asked.get("layout"), bool(job.asked.get("preview"))
    with as_file(connection, job.upload) as path:
        if job.payer is None:
            reply = receive(connection, path, clock, mode=mode, layout=layout, preview=preview, progress=tell)
            return reply.as_dict()
        content = _same(path, job)
        answer = receive_theirs(
            connection, path, clock, job.payer, mode=mode, layout=layout, preview=preview, progress=tell
        )
    if not preview:
        # One that waits for a word was not looked at to its end.
        remember_sender(connection, job.payer, content)
    return answer


def look_beforehand(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """What a payer's handed-in file would do; `asked`: mode, layout. Keeps nothing."""
    assert job.upload is not None
    assert job.payer is not None
    with as_file(connection, job.upload) as path:
        _same(path, job)
        return look_at_theirs(
            connection,
            path,
            clock,
            job.payer,
            mode=job.asked.get("mode"),
            layout=job.asked.get("layout"),
            progress=tell,
        )


def _same(path: Path, job: Job) -> bytes:
    """The file's content. LifepotError where it is not the one that somebody looked at and said yes to."""
    content = path.read_bytes()
    if job.asked.get("sha256", digest := sha256(content).hexdigest()) != digest:
        raise LifepotError("The file is not the one that was looked at.", remedy="Hand it in again.")
    return content


def receive_claim_reply(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive the reply to a claim; one that a payer hands in must be to a claim that was made on it."""
    tell("reading the reply", 0, 1)
    assert job.upload is not None
    with as_file(connection, job.upload) as path:
        claim = read_reply(path).claim
        row = connection.execute("select funder from claim where number = %s", [claim]).fetchone()
        if job.payer is not None and (row is None or row[0] != job.payer):
            raise LifepotError(
                f"{path.name} replies to claim {claim}, which was not made on you.",
                remedy="Give the lines as the claim's file has them, such as 7-1.",
            )
        return receive_reply(connection, path, clock).as_dict()


def make_sandbox(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Make a payer's sandbox, anew if there is one."""
    del tell
    assert job.payer is not None
    return sandboxes.make(connection, job.payer, clock)


def settle(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Post what has fallen due."""
    del job
    done = settle_all(connection, clock, lambda done, of: tell("settling", done, of))
    return done.as_dict()


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
    return done.as_dict() | {"due_before": due.transfers}


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


WORKS: dict[str, Work] = {
    "receive": receive_file, "settle": settle, "adopt": adopt_version, "bank": receive_statement_file,
    "claim": month.claim, "claims": month.claim, "claim_reply": receive_claim_reply, "due": month.make_due_payments,
    "overdue": month.name_overdue, "pay": month.pay, "receive_waiting": month.receive_waiting, "reconcile": month.side_by_side,
    "verify": prove_everything, "beforehand": look_beforehand, "sandbox": make_sandbox,
}  # fmt: skip
