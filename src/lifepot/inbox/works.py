"""What a worker can do, by the kind of job."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.audit.verify import verify
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.uploads import as_file
from lifepot.periods import format_day, parse_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.ownership import not_theirs, refused_for
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import Resettled, adopt, settle_all


def receive_file(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Receive a handed-in file; `asked`: mode ("replaces", "adds" or none) and preview."""
    assert job.upload is not None
    preview = bool(job.asked.get("preview"))
    with as_file(connection, job.upload) as path:
        if job.payer is not None:
            faults = not_theirs(connection, job.payer, path, clock.as_of, job.asked.get("layout"))
            if faults:
                return refused_for(path.name, faults).as_dict()
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
    return resettled(done)


def adopt_version(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Put a version of the rulebook in force, or with `preview` say what that would post; `asked`: text, file, from_day, preview."""
    said = job.asked
    done = adopt(
        connection, said["text"], said["file"], parse_day(said["from_day"]), clock, preview=bool(said["preview"]),
        progress=lambda done, of: tell("settling", done, of),
    )  # fmt: skip
    return resettled(done)


def prove(connection: Connection, job: Job, clock: Clock, tell: Tell) -> dict[str, Any]:
    """Prove the books anew; `asked`: a chain head that must still stand, or none."""
    del clock
    connection.rollback()  # it keeps nothing, and reads in a transaction of its own
    head = job.asked.get("head")
    found = verify(connection, head=None if head is None else bytes.fromhex(head), progress=tell)
    connection.rollback()
    return found.as_dict()


def resettled(done: Resettled) -> dict[str, Any]:
    """What a settling posted, as the commands' JSON has it."""
    return {
        "transfers": done.transfers, "members": done.members, "as_of": format_day(done.as_of), "by_rule": done.by_rule,
        "place": done.place, "head": done.head,
    }  # fmt: skip


WORKS: dict[str, Work] = {"receive": receive_file, "settle": settle, "adopt": adopt_version, "verify": prove}
