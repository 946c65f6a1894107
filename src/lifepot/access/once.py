"""Doing a thing once, however often it is asked for: a form's button pressed twice, a platform's request sent again.

The row that says so is written in the transaction of the thing itself, and commits with it. A server that is killed before that
has done nothing; one that is killed after it leaves a row without an answer, and whoever asks again is told that it was done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg.types.json import Jsonb

from lifepot.access.doors import Connection, Doors
from lifepot.access.identity import Identity
from lifepot.errors import LifepotError

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: `status` as HTTP has it, `body` as JSON has it. `again`: it was answered before."""

    status: int
    body: Any
    again: bool = False


class KeyReused(LifepotError):
    """The key came with another request than before."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key came with another request before.", remedy="Give each request a key of its own."
        )


def once(
    doors: Doors, identity: Identity, key: str, asked: bytes, do: Callable[[Connection], tuple[int, Any]]
) -> Answer:
    """Do it, or say what was answered when it was done. `asked`: what was asked for, in full, so that a key that comes with something
    else is refused. `do` is given a connection that acts, commits what it does, and gives status and body; where it raises,
    nothing is kept and the key may be used again.
    """
    with doors.acting() as connection:
        # Two at once with one key: the second waits until the first is done and has said so, or failed, or died.
        lock = f"{identity.who}\x1f{key}"
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 4))", [lock])
        try:
            return _once(connection, doors, identity, key, sha256(asked).digest(), do)
        finally:
            if not connection.closed:
                connection.rollback()
                connection.execute("select pg_advisory_unlock(hashtextextended(%s, 4))", [lock])


def _once(
    connection: Connection, doors: Doors, identity: Identity, key: str, digest: bytes, do: Callable[[Connection], tuple[int, Any]]
) -> Answer:  # fmt: skip
    began = connection.execute(
        "insert into door.once (who, key, digest, asked_at) values (%s, %s, %s, %s) on conflict do nothing returning key",
        [identity.who, key, digest, doors.now()],
    ).fetchone()
    if began is None:
        row = connection.execute(
            "select digest, status, answer from door.once where who = %s and key = %s", [identity.who, key]
        ).fetchone()
        assert row is not None
        if bytes(row[0]) != digest:
            raise KeyReused
        if row[1] is None:
            return Answer(200, {"done": True, "note": "It was done; its answer was lost on the way."}, again=True)
        return Answer(row[1], row[2], again=True)
    status, body = do(connection)
    connection.commit()
    # What rolls back on its way (because it kept nothing, or had to begin anew) took the row with it: it is written again.
    connection.execute(
        "insert into door.once (who, key, digest, asked_at, status, answer) values (%s, %s, %s, %s, %s, %s) "
        "on conflict (who, key) do update set status = excluded.status, answer = excluded.answer",
        [identity.who, key, digest, doors.now(), status, Jsonb(body)],
    )
    connection.commit()
    return Answer(status, body)
