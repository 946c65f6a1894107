"""Receiving a file: bytes → rows and rejects → facts → settled → kept, all in one transaction.

The order of locks is one for everybody: persons and payers (only who adds some), payers, members, the chain. Nothing is
read of a member before it is locked, and nothing is kept unless all is: a killed server leaves all of a file or nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError
from lifepot.intake.codes import CODES, Weight
from lifepot.intake.reader import Reading, read
from lifepot.kernel.columns import Kind
from lifepot.kernel.operators import starts
from lifepot.periods import format_day
from lifepot.scheme.accept import Progress, Work, births, read_blocks
from lifepot.scheme.changes import changes, notes, removed_rows
from lifepot.scheme.identify import Identifier
from lifepot.scheme.keeping import Keeper
from lifepot.scheme.opening import Clock
from lifepot.scheme.reply import Reply
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import read_standing
from lifepot.scheme.told import (
    PAY_DAYS,
    PAYMENTS,
    PERIODS,
    Compared,
    Earlier,
    compare,
    facts_told,
    family,
    lock_payers,
    merge,
    of_payers,
    pay_days_of,
    remember,
    spans_of,
    told_before,
)
from lifepot.storage.rows import Rows as TableRows
from lifepot.storage.rows import blank_facts

Int = NDArray[np.int64]
HASHED_AT_ONCE = 1 << 20

Look = Callable[[Work, TableRows], None]
"""Told of a file that was written: its work, and its facts as the file tells them. What it writes is kept with the file or not at
all, and what it raises keeps all of it out.
"""


def receive(
    connection: psycopg.Connection[Any],
    path: Path,
    clock: Clock,
    *,
    mode: str | None = None,
    layout: str | None = None,
    preview: bool = False,
    progress: Progress | None = None,
    look: Look | None = None,
) -> Reply:
    """Receive one file; `mode` is "replaces", "adds" or None (unsaid). Commits, or with `preview` rolls everything back. `look`
    is called once all of it is written, before either, with what was read of the file.

    The reply says what happened; only trouble with the world or the call is raised (`LifepotError`).
    """
    try:
        reply = _receive(connection, path, clock, mode, layout, progress, look)
    except psycopg.errors.DiskFull as error:
        connection.rollback()
        raise LifepotError(
            f"The database's disk is full ({error.diag.message_primary}); nothing of {path.name} was kept.",
            remedy="Make room, then send the file again.",
        ) from error
    except psycopg.OperationalError as error:
        raise LifepotError(
            f"The database went away in the middle of {path.name}; nothing of it was kept.",
            remedy="Send the file again: it finishes the job.",
        ) from error
    except BaseException:
        connection.rollback()
        raise
    if preview:
        connection.rollback()
        return replace(
            reply, state="preview" if reply.state.startswith("received") else reply.state, place=None, head=None
        )
    try:
        connection.commit()
    except psycopg.OperationalError as error:
        raise LifepotError(
            f"The database went away just as {path.name} was being kept; whether it was kept is not known.",
            remedy="Send the file again: it is received then, or answered as nothing new.",
        ) from error
    return reply


def _receive(
    connection: psycopg.Connection[Any],
    path: Path,
    clock: Clock,
    mode: str | None,
    layout: str | None,
    progress: Progress | None,
    look: Look | None,
) -> Reply:
    standing = read_standing(connection)
    # Time does not run back: what fell due stays due.
    clock = replace(clock, as_of=max(clock.as_of, standing.as_of))
    digest = _digest(path)
    reply = Reply(path.name, currency=standing.currency, as_of=clock.as_of)
    store = standing.store(connection)
    # One process at a time receives one content, whatever its name.
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest.hex()])
    row = connection.execute("select file, layout from personal.received_file where sha256 = %s", [digest]).fetchone()
    again = row is not None
    only_rows = None
    if row is not None:
        reply.layout = row[1]
        waits = connection.execute("select answer is null from personal.question where file = %s", [row[0]]).fetchone()
        if waits is None or not waits[0]:
            only_rows = _open_rejects(connection, row[0])
            if only_rows is None:
                reply.state = "nothing_new"
                return reply
        else:
            again = False
    reading = read(path, today=clock.as_of, layout=layout)
    reply.layout = reading.layout
    if reading.refused:
        reply.state = "refused"
        for fault in reading.faults:
            reply.tell(fault)
        return reply
    number = row[0] if row is not None else _new_file(connection, path, digest, reading, clock)
    work = Work(
        connection, standing, store, clock, reading, reply, path, digest.hex(), number, only_rows,
        None if again else Keeper(connection, number), Identifier(connection),
    )  # fmt: skip
    read_blocks(work, progress)
    for fault in reading.faults:
        (reply.notes.append if CODES[fault.code].weight is Weight.NOTE else reply.tell)(fault)
    facts = np.concatenate(work.facts) if work.facts else blank_facts(0)
    lock_payers(connection, np.unique(facts["payer"][of_payers(facts)]))
    pays = facts["kind"] == Kind.PAY
    asked = _same_family(work, told_before(connection, spans_of(facts[pays])))
    # A payer's payments of one day are no period that a second file would have to explain; a replacement speaks for them too.
    paid = _same_family(work, told_before(connection, spans_of(facts[~pays]), PAYMENTS)) if mode or asked else []
    earlier = asked + paid
    compared = _compared(work, facts, earlier, mode or ("replaces" if earlier and not again else None))
    if earlier and mode is None and not again and (compared.replaced or len(compared.removed)):
        return _ask(work, earlier[0])
    # A file that says again all that was told, and more, answers the question itself: it was put right, or sent whole.
    _written(work, compared, facts, again=again, mode=mode, progress=progress)
    if look is not None:
        look(work, facts)
    return reply


def _same_family(work: Work, earlier: list[Earlier]) -> list[Earlier]:
    """Other files that told it to the same."""
    mine = family(work.reading.layout)
    return [one for one in earlier if one.file != work.number and family(one.layout) == mine]


def _digest(path: Path) -> bytes:
    running = sha256()
    try:
        with path.open("rb", buffering=0) as stream:
            while piece := stream.read(HASHED_AT_ONCE):
                running.update(piece)
    except OSError as error:
        raise LifepotError(f"{path} cannot be read ({error.strerror}).", remedy="Give the path of a file.") from None
    return running.digest()


def _open_rejects(connection: psycopg.Connection[Any], file: int) -> NDArray[np.bool_] | None:
    """Which rows of a file are still refused, by number; None if there are none."""
    rows = [
        row
        for (row,) in connection.execute(
            "select distinct file_row from personal.reject where file = %s and state = 'open' and file_row >= 0", [file]
        )
    ]
    if not rows:
        return None
    which = np.zeros(max(rows) + 1, dtype=np.bool_)
    which[rows] = True
    return which


def _new_file(connection: psycopg.Connection[Any], path: Path, digest: bytes, reading: Reading, clock: Clock) -> int:
    row = connection.execute(
        "insert into personal.received_file (file, sha256, name, layout, received_at, size, head) "
        "values (nextval('personal.file_number'), %s, %s, %s, %s, %s, %s) returning file",
        [digest, path.name, reading.layout, clock.known_at, path.stat().st_size, reading.head],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _ask(work: Work, earlier: Any) -> Reply:
    """A second file for a payer and period, and its sender has not said what it is: it waits."""
    connection, reply = work.connection, work.reply
    name = connection.execute("select name from personal.received_file where file = %s", [earlier.file]).fetchone()
    payer = connection.execute("select ref from payer where id = %s", [earlier.payer]).fetchone()
    assert name is not None
    assert payer is not None
    said, known_at = work.reading.layout, work.clock.known_at
    # Of what was done on the way here, only the question stays.
    connection.rollback()
    connection.execute(
        "insert into personal.received_file (file, sha256, name, layout, received_at, size, head) "
        "values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        [
            work.number,
            bytes.fromhex(work.sha256),
            work.path.name,
            said,
            known_at,
            work.path.stat().st_size,
            work.reading.head,
        ],
    )
    connection.execute(
        "insert into personal.question (file, payer, period_start, period_end, earlier_file, asked_at) values (%s, %s, %s, %s, %s, %s) "
        "on conflict (file) do nothing",
        [
            work.number,
            earlier.payer,
            format_day(earlier.period_start),
            format_day(earlier.period_end),
            earlier.file,
            known_at,
        ],
    )
    reply.state, reply.accepted, reply.rejected, reply.faults = "waiting", 0, 0, []
    reply.question = (
        f"{name[0]} already told the pay of {payer[0]} from {format_day(earlier.period_start)} to {format_day(earlier.period_end)}. "
        "Send this file again with --replaces (it takes the place of what was told) or --adds (it is about other pay)."
    )
    return reply


def _compared(work: Work, facts: TableRows, earlier: list[Earlier], mode: str | None) -> Compared:
    """The file's facts held against what was told before."""
    connection, store, mine = work.connection, work.store, family(work.reading.layout)
    theirs = of_payers(facts)
    if mode == "replaces" and earlier:
        result = compare(facts[theirs], facts_told(connection, store, earlier, spans_of(facts), PERIODS))
    else:
        days = pay_days_of(facts)
        others = [one for one in told_before(connection, days, PAY_DAYS) if family(one.layout) != mine]
        told = facts_told(connection, store, others, days, PAY_DAYS) if others else blank_facts(0)
        result = merge(facts[theirs], told, new_tells_tax_office=mine != "scheme")
    result.facts = np.concatenate([result.facts, facts[~theirs]])
    return result


def _written(
    work: Work, compared: Compared, told: TableRows, *, again: bool, mode: str | None, progress: Progress | None
) -> None:
    connection, store, reply = work.connection, work.store, work.reply
    newcomers = work.identifier.newcomers
    facts = np.concatenate([births(work), compared.facts])
    facts = facts[np.argsort(facts["member"], kind="stable")]
    touched = facts["member"][starts(facts["member"])].astype(np.int64)
    store.lock_members(touched if len(touched) else np.array([0]))
    # Whoever adopts a version locks everybody: from here on it stands still.
    work.standing = read_standing(connection)
    work.clock = replace(work.clock, as_of=max(work.clock.as_of, work.standing.as_of))
    reply.as_of = work.clock.as_of
    batch = store.begin_batch()
    work.identifier.write_payers(batch)
    settled = settle(store, work.standing, batch, touched, facts, work.clock.as_of, _stage(progress, "settling"))
    settled.write(store)
    if work.keeper is not None:
        work.keeper.feed(store)
    remember(connection, told, work.reading.layout, work.number, batch)
    _keep_rejects(work, again=again)
    if mode is not None:
        connection.execute("update personal.question set answer = %s where file = %s", [mode, work.number])
    reply.unchanged, reply.replaced, reply.added = compared.unchanged, compared.replaced, compared.added
    reply.removed = removed_rows(connection, compared.removed)
    reply.new_members, reply.provisional_members = newcomers.count, newcomers.provisional
    reply.new_payers = work.identifier.new_payers
    changes(work, settled)
    notes(work, settled)
    reply.state = "received_again" if again else "received"
    finished = store.finish_batch(
        kind="receive", who=work.clock.who, known_at=work.clock.known_at, as_of_day=work.clock.as_of,
        key=f"receive:{work.number}:{batch if again else 0}", file=work.number,
        summary={"file": work.number, "sha256": work.sha256, "accepted": reply.accepted, "rejected": reply.rejected, "mode": mode or ""},
    )  # fmt: skip
    reply.place, reply.head = finished.place, finished.head.hex()
    if progress is not None:
        progress("settling", 1, 1)


def _stage(progress: Progress | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(name, done, of)


def _keep_rejects(work: Work, *, again: bool) -> None:
    connection = work.connection
    if again and work.accepted_again:
        connection.execute(
            "update personal.reject set state = 'accepted' where file = %s and file_row = any(%s)",
            [work.number, work.accepted_again],
        )
    if again or not work.rejects:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy personal.reject (file, file_row, line, file_column, code, path, found, expected, row_start, row_end) from stdin"
        ) as copy,
    ):
        for fault, number, start, end in work.rejects:
            found = fault.found.replace("\x00", "\\0")
            copy.write_row(
                (
                    work.number,
                    number,
                    fault.line,
                    fault.column,
                    fault.code,
                    fault.path,
                    found,
                    fault.expected,
                    start,
                    end,
                )
            )
