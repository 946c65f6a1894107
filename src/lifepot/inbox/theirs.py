"""A payer's own file, by whichever way it came in: refused whole if it speaks for anybody else, and answered with what is that
payer's to know.
"""

from pathlib import Path
from typing import Any

from lifepot.access.doors import Connection
from lifepot.errors import Fault
from lifepot.scheme import accept
from lifepot.scheme.beforehand import beforehand
from lifepot.scheme.opening import Clock
from lifepot.scheme.ownership import not_theirs, refused_for
from lifepot.scheme.payers_eyes import for_payer, own_effects
from lifepot.scheme.receive import receive

SENT = "insert into door.sent (file, payer) values (%s, %s) on conflict do nothing"


def receive_theirs(
    connection: Connection, path: Path, clock: Clock, payer: int, *, mode: str | None = None, layout: str | None = None,
    preview: bool = False, progress: accept.Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Receive a payer's file: its reply, for that payer. Commits, in one with whose file it is."""
    if faults := not_theirs(connection, payer, path, clock.as_of, layout):
        return _refused(path, faults, clock)
    effects: dict[str, Any] | None = None

    def look(work: accept.Work, _facts: Any) -> None:
        nonlocal effects
        assert work.reply.place is not None
        effects = own_effects(work.connection, work.standing, work.reply.place, payer)
        if preview:
            effects["government"] = None  # files that differ by one person could be tried: see `Beforehand.for_payer`
        work.connection.execute(SENT, [work.number, payer])

    reply = receive(
        connection, path, clock, mode=mode, layout=layout, preview=preview, progress=progress, look=look
    )  # fmt: skip
    return for_payer(reply, effects)


def look_at_theirs(
    connection: Connection, path: Path, clock: Clock, payer: int, *, mode: str | None = None, layout: str | None = None,
    progress: accept.Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What receiving a payer's file would do, for that payer. Nothing is kept."""
    if faults := not_theirs(connection, payer, path, clock.as_of, layout):
        return _refused(path, faults, clock)
    return beforehand(connection, path, clock, mode=mode, layout=layout, payer=payer, progress=progress).for_payer()


def _refused(path: Path, faults: list[Fault], clock: Clock) -> dict[str, Any]:
    reply = refused_for(path.name, faults)
    reply.as_of = clock.as_of
    return for_payer(reply, None)
