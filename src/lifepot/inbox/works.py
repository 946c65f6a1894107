"""What a worker can do, by the kind of job."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.inbox import sandboxes
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.uploads import as_file
from lifepot.scheme import accept
from lifepot.scheme.beforehand import beforehand
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.claim_reply_file import read_reply
from lifepot.scheme.of_one_payer import others_in, refused_whole
from lifepot.scheme.opening import Clock
from lifepot.scheme.payers_eyes import for_payer, own_effects
from lifepot.scheme.receive import receive
from lifepot.scheme.reply import Reply
from lifepot.scheme.resettle import settle_all


def receive_file(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive a handed-in file; `asked`: mode ("replaces", "adds" or none) and preview. One that a payer handed in is refused whole
    where it speaks for anybody else, and is answered with what is that payer's to know.
    """
    assert job.upload is not None
    mode, layout, preview = job.asked.get("mode"), job.asked.get("layout"), bool(job.asked.get("preview"))
    effects: dict[str, Any] | None = None

    def look(work: accept.Work, _facts: Any) -> None:
        nonlocal effects
        if job.payer is None:
            return
        assert work.reply.place is not None
        effects = own_effects(work.connection, work.standing, work.reply.place, job.payer)
        work.connection.execute(SENT, [work.number, job.payer])

    with as_file(connection, job.upload) as path:
        if job.payer is None:
            reply = receive(
                connection, path, clock, mode=mode, layout=layout, preview=preview, progress=tell
            )  # fmt: skip
            return reply.as_dict()
        refused = _refused(connection, path, job, clock)
        if refused is not None:
            return for_payer(refused, None)
        reply = receive(
            connection, path, clock, mode=mode, layout=layout, preview=preview, progress=tell, look=look
        )  # fmt: skip
    if reply.state == "waiting" and not preview:
        connection.execute(
            "insert into door.sent (file, payer) select file, %s from personal.received_file join door.upload using (sha256) "
            "where upload = %s on conflict do nothing",
            [job.payer, job.upload],
        )
        connection.commit()
    return for_payer(reply, effects)


SENT = "insert into door.sent (file, payer) values (%s, %s) on conflict do nothing"


def look_beforehand(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """What a payer's handed-in file would do; `asked`: mode. Keeps nothing."""
    assert job.upload is not None
    assert job.payer is not None
    with as_file(connection, job.upload) as path:
        refused = _refused(connection, path, job, clock)
        if refused is not None:
            return for_payer(refused, None)
        found = beforehand(
            connection, path, clock, mode=job.asked.get("mode"), layout=job.asked.get("layout"), payer=job.payer,
            progress=tell,
        )  # fmt: skip
        # A question that looking ahead asked is no question yet.
        connection.rollback()
    return found.for_payer()


def _refused(connection: Connection, path: Path, job: Job, clock: Clock) -> Reply | None:
    """The reply to a file that speaks for others than the payer who hands it in. LifepotError where it is not the file that somebody
    looked at and said yes to.
    """
    assert job.payer is not None
    if job.asked.get("sha256", digest := sha256(path.read_bytes()).hexdigest()) != digest:
        raise LifepotError("The file is not the one that was looked at.", remedy="Hand it in again.")
    faults = others_in(connection, path, job.payer, clock.as_of, job.asked.get("layout"))
    row = connection.execute("select currency from scheme").fetchone()
    assert row is not None
    connection.rollback()
    return refused_whole(path, faults, clock.as_of, row[0].strip()) if faults else None


def receive_claim_reply(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive a payer's reply to a claim that was made on it."""
    del tell
    assert job.upload is not None
    with as_file(connection, job.upload) as path:
        claim = read_reply(path).claim
        row = connection.execute("select funder from claim where number = %s", [claim]).fetchone()
        connection.rollback()
        if row is None or row[0] != job.payer:
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
    return {
        "transfers": done.transfers,
        "members": done.members,
        "by_rule": done.by_rule,
        "place": done.place,
        "head": done.head,
    }


WORKS: dict[str, Work] = {
    "receive": receive_file, "beforehand": look_beforehand, "claim_reply": receive_claim_reply, "sandbox": make_sandbox,
    "settle": settle,
}  # fmt: skip
