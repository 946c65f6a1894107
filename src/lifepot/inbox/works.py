"""What a worker can do, by the kind of job."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.inbox.jobs import Job, Tell, Work
from lifepot.inbox.uploads import as_file
from lifepot.scheme.opening import Clock
from lifepot.scheme.ownership import not_theirs, refused_for
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import settle_all


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
    return {
        "transfers": done.transfers,
        "members": done.members,
        "by_rule": done.by_rule,
        "place": done.place,
        "head": done.head,
    }


WORKS: dict[str, Work] = {"receive": receive_file, "settle": settle}
