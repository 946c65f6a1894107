"""A gig at a time: kept at once, and received with others a moment later.

Posting waits for nobody: the gig is durable when one small row is, also while a file of a million rows holds all members. What
was kept is received by whoever comes next (the worker, every second, or whoever asks about a gig), as a file in the platform's
layout, with `adds`: so a gig has a line in a file, a reply, a hash in the chain, like everything else that was ever told.
"""

import atexit
import csv
import io
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from lifepot.access.doors import Connection
from lifepot.errors import Fault, LifepotError
from lifepot.intake.layouts import PLATFORM
from lifepot.intake.reader import read
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive

COLUMNS = tuple(column.name for column in PLATFORM.columns)
MOST_AT_ONCE = 10_000
_OF_THREAD = threading.local()


@dataclass(frozen=True, slots=True)
class Kept:
    """A gig that was kept. `told_in` and `line`: the received file it is in, once it is. `new`: it was not kept before."""

    gig: int
    key: str
    kept_at: datetime
    told_in: str | None
    line: int | None
    new: bool


class GigChanged(LifepotError):
    """A job was told before, otherwise."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Job {key} was told before, and otherwise.", remedy="Correct it with a file that replaces what was told."
        )


def faults_of(cells: Mapping[str, str], today: int) -> list[Fault]:
    """What is wrong with a gig, as a reply to a file with this one row would say it."""
    path = _scratch() / "gig"
    path.write_text(_file([cells]), encoding="utf-8")
    reading = read(path, today=today, layout=PLATFORM.name)
    found = [fault for block in reading.blocks() for fault in block.rejects]
    return reading.faults + found


def _scratch() -> Path:
    """A folder of this thread's own, kept as long as the process: making and removing one costs more than reading a gig."""
    if not hasattr(_OF_THREAD, "folder"):
        _OF_THREAD.folder = Path(tempfile.mkdtemp(prefix="lifepot-gig-"))
        atexit.register(shutil.rmtree, _OF_THREAD.folder, ignore_errors=True)
    folder: Path = _OF_THREAD.folder
    return folder


def keep(connection: Connection, payer: int, who: str, cells: Mapping[str, str], now: datetime, key: str) -> Kept:
    """Keep a gig. Commits: once this returns it is durable. The same job told again is the same gig; `GigChanged` where it differs."""
    row = connection.execute(
        "insert into door.gig (payer, who, key, cells, layout, kept_at) values (%s, %s, %s, %s, %s, %s) "
        "on conflict (payer, key) do nothing returning gig, kept_at",
        [payer, who, key, Jsonb(dict(cells)), PLATFORM.name, now],
    ).fetchone()
    connection.commit()
    if row is not None:
        return Kept(row[0], key, row[1], None, None, new=True)
    before = connection.execute(
        "select gig, kept_at, told_in, line, cells from door.gig where payer = %s and key = %s", [payer, key]
    ).fetchone()
    connection.rollback()
    assert before is not None
    if before[4] != dict(cells):
        raise GigChanged(key)
    gig, kept_at, told_in, line, _ = before
    return Kept(gig, key, kept_at, told_in, line, new=False)


def waiting_payers(connection: Connection) -> list[int]:
    """Payers of whom gigs were kept and not received yet."""
    return [
        one for (one,) in connection.execute("select distinct payer from door.gig where told_in is null").fetchall()
    ]


def fold(connection: Connection, payer: int, clock: Clock) -> int:
    """Receive what was kept of a payer's gigs; how many. Commits: what it marks as received and what was received are one."""
    rows = connection.execute(
        "select gig, cells from door.gig where payer = %s and told_in is null order by gig limit %s for update skip locked",
        [payer, MOST_AT_ONCE],
    ).fetchall()
    if not rows:
        connection.rollback()
        return 0
    name = f"gigs-{rows[0][0]}-{rows[-1][0]}.csv"
    connection.execute(
        "update door.gig set told_in = %s, line = told.line from unnest(%s::bigint[], %s::integer[]) as told (gig, line) "
        "where gig.gig = told.gig",
        [name, [gig for gig, _ in rows], list(range(2, len(rows) + 2))],
    )
    with tempfile.TemporaryDirectory(prefix="lifepot-gigs-") as folder:
        path = Path(folder) / name
        path.write_text(_file([cells for _, cells in rows]), encoding="utf-8")
        reply = receive(connection, path, clock, mode="adds", layout=PLATFORM.name)
    assert reply.state.startswith("received"), f"gigs were read before they were kept: {reply.state}"
    return len(rows)


def _file(gigs: list[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writing = csv.writer(text, lineterminator="\n")
    writing.writerow(COLUMNS)
    writing.writerows([[one.get(name, "") for name in COLUMNS] for one in gigs])
    return text.getvalue()


def as_dict(kept: Kept, followed: list[dict[str, Any]] | None, refused: list[dict[str, Any]]) -> dict[str, Any]:
    """A gig as JSON has it: kept, received or refused, and what followed from it."""
    state = "kept" if followed is None else "refused" if refused else "received"
    return {
        "gig": kept.gig, "job_id": kept.key, "state": state, "kept_at": kept.kept_at.isoformat(), "file": kept.told_in,
        "line": kept.line, "followed": followed or [], "faults": refused,
    }  # fmt: skip
