"""Receiving a file: bytes → rows and rejects → facts → settled → kept, all in one transaction.

The order of locks is one for everybody: persons and payers (only who adds some), payers, members, the chain. Nothing is
read of a member before it is locked, and nothing is kept unless all is: a killed server leaves all of a file or nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import Fault, LifepotError
from lifepot.intake.codes import CODES, Weight
from lifepot.intake.reader import Reading, read
from lifepot.intake.rows import Block, Rows
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.operators import starts
from lifepot.ledger.chart import OWNER_BITS, Account
from lifepot.periods import format_day
from lifepot.scheme.identify import Identifier
from lifepot.scheme.keeping import Keeper
from lifepot.scheme.opening import Clock
from lifepot.scheme.reply import Reply
from lifepot.scheme.settle import Settled, opened_on, registers_in, settle
from lifepot.scheme.standing import Standing, read_standing
from lifepot.scheme.told import (
    Compared,
    compare,
    facts_told,
    family,
    lock_payers,
    merge,
    remember,
    spans_of,
    told_before,
)
from lifepot.storage.rows import FACT, TRANSFER, Event, blank_facts
from lifepot.storage.rows import Rows as TableRows
from lifepot.storage.store import LARGE, Store

Int = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
"""Told a stage's name, how much of how much is done."""

MOST_KEPT_REJECTS = 10_000
"""Rejected rows that are remembered one by one, so that sending the file again can accept those that pass by then."""

HASHED_AT_ONCE = 1 << 20

MOST_KINDS = 128
"""Above every `Account`."""


@dataclass
class _Work:
    """What is known on the way through one file."""

    connection: psycopg.Connection[Any]
    standing: Standing
    store: Store
    clock: Clock
    reading: Reading
    reply: Reply
    path: Path
    sha256: str
    number: int
    only_rows: NDArray[np.bool_] | None
    keeper: Keeper | None
    identifier: Identifier
    facts: list[TableRows] = field(default_factory=list)
    rejects: list[tuple[Fault, int, int, int]] = field(default_factory=list)
    accepted_again: list[int] = field(default_factory=list)


def receive(
    connection: psycopg.Connection[Any],
    path: Path,
    clock: Clock,
    *,
    mode: str | None = None,
    layout: str | None = None,
    preview: bool = False,
    progress: Progress | None = None,
) -> Reply:
    """Receive one file; `mode` is "replaces", "adds" or None (unsaid). Commits, or with `preview` rolls everything back.

    The reply says what happened; only trouble with the world or the call is raised (`LifepotError`).
    """
    try:
        reply = _receive(connection, path, clock, mode, layout, progress)
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
    connection.commit()
    return reply


def _receive(
    connection: psycopg.Connection[Any],
    path: Path,
    clock: Clock,
    mode: str | None,
    layout: str | None,
    progress: Progress | None,
) -> Reply:
    standing = read_standing(connection)
    # Time does not run back: what fell due stays due.
    clock = replace(clock, as_of=max(clock.as_of, standing.as_of))
    digest = _digest(path)
    reply = Reply(path.name, currency=standing.currency)
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
    number = row[0] if row is not None else _new_file(connection, path, digest, reading.layout, clock)
    work = _Work(
        connection, standing, store, clock, reading, reply, path, digest.hex(), number, only_rows,
        None if again else Keeper(connection, number), Identifier(connection),
    )  # fmt: skip
    _read_blocks(work, progress)
    for fault in reading.faults:
        (reply.notes.append if CODES[fault.code].weight is Weight.NOTE else reply.tell)(fault)
    facts = np.concatenate(work.facts) if work.facts else blank_facts(0)
    spans = spans_of(facts)
    lock_payers(connection, spans[:, 0] if len(spans) else np.zeros(0, np.int64))
    earlier = [one for one in told_before(connection, spans) if one.file != number]
    same_family = [one for one in earlier if family(one.layout) == family(reading.layout)]
    if same_family and mode is None and not again:
        return _ask(work, same_family[0])
    compared = _compared(work, facts, spans, earlier, same_family, mode)
    _written(work, compared, spans, again=again, mode=mode, progress=progress)
    return reply


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


def _new_file(connection: psycopg.Connection[Any], path: Path, digest: bytes, layout: str, clock: Clock) -> int:
    row = connection.execute(
        "insert into personal.received_file (file, sha256, name, layout, received_at, size) "
        "values (nextval('personal.file_number'), %s, %s, %s, %s, %s) returning file",
        [digest, path.name, layout, clock.known_at, path.stat().st_size],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _read_blocks(work: _Work, progress: Progress | None) -> None:
    size = max(work.path.stat().st_size, 1)
    done = 0
    base = 0
    for block in work.reading.blocks():
        numbers = work.keeper.keep(block) if work.keeper is not None else _numbers(block, base)
        base += len(numbers)
        work.reply.rows += len(numbers)
        rows, row_numbers = block.rows, numbers[: len(block.rows)]
        if work.only_rows is not None:
            tried = _among(work.only_rows, row_numbers)
            rows, row_numbers = rows.take(tried), row_numbers[tried]
        rejected_lines = dict(zip(block.rejected.line.tolist(), range(len(block.rejected.line)), strict=True))
        for fault in block.rejects:
            at = rejected_lines.get(fault.line)
            number = -1 if at is None else int(numbers[len(block.rows) + at])
            if work.only_rows is None or (number >= 0 and _among(work.only_rows, np.array([number]))[0]):
                bounds = (0, 0) if at is None else (int(block.rejected.raw_start[at]), int(block.rejected.raw_end[at]))
                _reject(work, fault, number, *bounds)
        if work.only_rows is None:
            work.reply.rejected += len(block.rejected)
        if len(rows):
            _accept(work, rows, row_numbers)
        done += len(block.raw)
        if progress is not None:
            progress("reading", min(done, size), size)


def _numbers(block: Block, base: int) -> Int:
    starts = np.concatenate([block.rows.raw_start, block.rejected.raw_start])
    numbers = np.empty(len(starts), dtype=np.int64)
    numbers[np.argsort(starts, kind="stable")] = base + np.arange(len(starts))
    return numbers


def _among(which: NDArray[np.bool_], numbers: Int) -> NDArray[np.bool_]:
    within = numbers < len(which)
    return within & which[np.minimum(numbers, len(which) - 1)]


def _reject(work: _Work, fault: Fault, number: int, start: int, end: int) -> None:
    work.reply.tell(fault)
    if len(work.rejects) < MOST_KEPT_REJECTS:
        work.rejects.append((fault, number, start, end))


def _accept(work: _Work, rows: Rows, numbers: Int) -> None:
    """Turns accepted rows into facts; what only the scheme can know of a row may still refuse it."""
    refused: dict[int, None] = {}

    def refuse(row: int, code: str, path: str, found: str, expected: str) -> None:
        refused[row] = None
        _reject(
            work,
            Fault(work.reading.file, int(rows.line[row]), 0, code, path, found, expected),
            int(numbers[row]),
            int(rows.raw_start[row]),
            int(rows.raw_end[row]),
        )

    kind = "platform" if work.reading.layout == "platform" else "employer"
    by_index = work.identifier.payers(work.reading.payers, kind)
    payers = np.where(rows.payer < 0, 0, np.append(by_index, 0)[rows.payer])
    attribute, value = _said(work, rows, refuse)
    few = work.path.stat().st_size < LARGE * 400
    member = work.identifier.members(rows, payers, employments=few, refuse=refuse)
    kept = np.ones(len(rows), dtype=np.bool_)
    kept[list(refused)] = False
    facts = blank_facts(len(rows))
    facts["member"], facts["payer"], facts["effective_on"] = member, payers, rows.on
    for name in (
        "amount",
        "earnings",
        "hours",
        "worker",
        "employer",
        "frequency",
        "period_start",
        "period_end",
        "kind",
        "line",
    ):
        facts[name] = getattr(rows, name)
    facts["attribute"], facts["value"], facts["file"] = attribute, value, work.number
    facts["root"] = NONE
    silent = (
        (facts["kind"] == Kind.PAY)
        & (facts["earnings"] == NONE)
        & (facts["worker"] == NONE)
        & (facts["employer"] == NONE)
    )
    work.facts.append(facts[kept & ~silent])
    work.facts.append(_opted_out(work, facts, rows, kept))
    work.reply.accepted += int(kept.sum())
    work.reply.rejected += len(refused) if work.only_rows is None else 0
    if work.only_rows is not None:
        work.accepted_again += numbers[kept].tolist()


def _said(work: _Work, rows: Rows, refuse: Callable[[int, str, str, str, str], None]) -> tuple[Int, Int]:
    """Attribute and value numbers of statuses, and the purposes of withdrawals."""
    program = work.standing.program
    attribute, value = np.full(len(rows), -1), np.full(len(rows), -1)
    for row in np.flatnonzero(rows.kind == Kind.STATUS):
        word, text = str(rows.attribute[row]), str(rows.value[row])
        name = program.attribute_named(word)
        if name is None:
            refuse(
                int(row), "attribute_unknown", "attribute", word, f"one of {', '.join(program.attributes) or 'none'}"
            )
            continue
        try:
            value[row] = program.encode(name, text)
        except ValueError as error:
            found, _, expected = str(error).partition(" is not ")
            refuse(int(row), "value_unreadable", "value", found, expected)
            continue
        attribute[row] = work.standing.attributes.index(name)
    purposes = list(program.rulebook.purposes)
    for row in np.flatnonzero(rows.kind == Kind.WITHDRAWN):
        word = str(rows.value[row])
        if word in purposes:
            value[row] = purposes.index(word)
        elif word:
            line = int(rows.line[row])
            expected = f"one of {', '.join(purposes)}; else it counts as none"
            work.reply.notes.append(Fault(work.reading.file, line, 0, "purpose_none", "value", word, expected))
    return attribute, value


def _opted_out(work: _Work, facts: TableRows, rows: Rows, kept: NDArray[np.bool_]) -> TableRows:
    """Statuses for rows whose layout has a column for opting out."""
    leaving = work.standing.program.rulebook.membership.leaving
    told = np.flatnonzero(kept & (rows.opted_out_on != NONE))
    if not leaving or not len(told):
        return blank_facts(0)
    statuses = blank_facts(len(told))
    for name in ("member", "payer", "file", "line"):
        statuses[name] = facts[name][told]
    statuses["kind"], statuses["root"] = Kind.STATUS, NONE
    statuses["effective_on"] = rows.opted_out_on[told]
    statuses["attribute"], statuses["value"] = work.standing.attributes.index(leaving[0].attribute), 1
    return statuses


def _ask(work: _Work, earlier: Any) -> Reply:
    """A second file for a payer and period, and its sender has not said what it is: it waits."""
    connection, reply = work.connection, work.reply
    name = connection.execute("select name from personal.received_file where file = %s", [earlier.file]).fetchone()
    payer = connection.execute("select ref from payer where id = %s", [earlier.payer]).fetchone()
    assert name is not None
    assert payer is not None
    said, known_at = work.reading.layout, work.clock.known_at
    digest = connection.execute(
        "select sha256, size from personal.received_file where file = %s", [work.number]
    ).fetchone()
    assert digest is not None
    # Of what was done on the way here, only the question stays.
    connection.rollback()
    connection.execute(
        "insert into personal.received_file (file, sha256, name, layout, received_at, size) values (%s, %s, %s, %s, %s, %s) "
        "on conflict do nothing",
        [work.number, digest[0], work.path.name, said, known_at, digest[1]],
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


def _compared(
    work: _Work, facts: TableRows, spans: Any, earlier: list[Any], same_family: list[Any], mode: str | None
) -> Compared:
    other_family = [one for one in earlier if one not in same_family]
    pay = facts["kind"] == Kind.PAY
    rest = facts[~pay]
    if mode == "replaces" and same_family:
        result = compare(facts[pay], facts_told(work.connection, work.store, earlier, spans))
    elif other_family:
        told = facts_told(work.connection, work.store, other_family, spans)
        result = merge(facts[pay], told, new_tells_tax_office=family(work.reading.layout) != "scheme")
    else:
        result = Compared(facts[pay], 0, 0, int(pay.sum()), blank_facts(0))
    result.facts = np.concatenate([result.facts, rest])
    return result


def _written(
    work: _Work, compared: Compared, spans: Any, *, again: bool, mode: str | None, progress: Progress | None
) -> None:
    connection, store, reply = work.connection, work.store, work.reply
    newcomers = work.identifier.newcomers
    facts = np.concatenate([_births(work), compared.facts])
    facts = facts[np.argsort(facts["member"], kind="stable")]
    touched = facts["member"][starts(facts["member"])].astype(np.int64)
    store.lock_members(touched if len(touched) else np.array([0]))
    # Whoever adopts a version locks everybody: from here on it stands still.
    work.standing = read_standing(connection)
    work.clock = replace(work.clock, as_of=max(work.clock.as_of, work.standing.as_of))
    batch = store.begin_batch()
    work.identifier.write_payers(batch)
    settled = settle(store, work.standing, batch, touched, facts, work.clock.as_of, _stage(progress, "settling"))
    store.copy_in(FACT, settled.facts)
    store.copy_in(TRANSFER, settled.transfers)
    store.copy_closings(settled.closings)
    if work.keeper is not None:
        work.keeper.feed(store)
    remember(connection, spans, work.reading.layout, work.number, batch)
    _keep_rejects(work, again=again)
    if mode is not None:
        connection.execute("update personal.question set answer = %s where file = %s", [mode, work.number])
    reply.unchanged, reply.replaced, reply.added = compared.unchanged, compared.replaced, compared.added
    reply.removed = _removed_rows(connection, compared.removed)
    reply.new_members, reply.provisional_members = newcomers.count, newcomers.provisional
    reply.new_payers = work.identifier.new_payers
    _changes(work, settled)
    _notes(work, settled)
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


def _births(work: _Work) -> TableRows:
    """Birth days of newcomers, as facts."""
    newcomers = work.identifier.newcomers
    members = np.concatenate(newcomers.members) if newcomers.members else np.zeros(0, np.int64)
    born = np.concatenate(newcomers.born) if newcomers.born else members
    known = born != NONE
    births = blank_facts(int(known.sum()))
    births["member"], births["value"] = members[known], born[known]
    births["kind"], births["effective_on"], births["root"] = Event.BORN, born[known], NONE
    births["file"] = work.number
    return births


def _keep_rejects(work: _Work, *, again: bool) -> None:
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


def _removed_rows(connection: psycopg.Connection[Any], removed: TableRows) -> list[dict[str, Any]]:
    if not len(removed):
        return []
    names = dict(
        connection.execute(
            "select id, ref from payer where id = any(%s)", [np.unique(removed["payer"]).tolist()]
        ).fetchall()
    )
    return [
        {
            "member": int(row["member"]),
            "payer": names.get(int(row["payer"]), ""),
            "effective_on": format_day(int(row["effective_on"])),
            "line": int(row["line"]),
        }
        for row in removed
    ]


def _changes(work: _Work, settled: Settled) -> None:
    """What the file changed, by rule, from its transfers."""
    transfers, reply = settled.transfers, work.reply
    reply.transfers = len(transfers)
    sums: dict[tuple[int, str], int] = {}
    width = int(transfers["rule"].max(initial=0)) + 1
    totals = np.zeros((MOST_KINDS, width), dtype=np.int64)
    for side, add in (("credit", np.add), ("debit", np.subtract)):
        kind = transfers[side] >> OWNER_BITS
        place = np.where(kind < Account.IN_TRANSIT, kind % 16, kind)
        add.at(totals.reshape(-1), place * width + transfers["rule"], transfers["amount"])
    for account, rule in np.argwhere(totals).tolist():
        word = _WORD.get(account, "")
        sums[(rule, word)] = sums.get((rule, word), 0) + int(totals[account, rule])
    for rule, name in work.standing.rule_names.items():
        sent, owed = sums.get((rule, "sent"), 0), sums.get((rule, "owed"), 0)
        if sent or owed:
            reply.by_rule.append({"rule": name, "sent_minor": sent, "owed_minor": owed})
    reply.held_minor = sum(total for (_, word), total in sums.items() if word == "held")
    reply.refused_minor = sum(total for (_, word), total in sums.items() if word == "refused")
    reply.rounding_minor = sum(total for (_, word), total in sums.items() if word == "rounding")


_WORD: dict[int, str] = {
    Account.WORKER: "sent", Account.EMPLOYER: "sent", Account.GOVERNMENT: "sent",
    Account.WORKER_OWED: "owed", Account.EMPLOYER_OWED: "owed", Account.GOVERNMENT_OWED: "owed",
    Account.HELD_FOR: "held", Account.REFUSED: "refused", Account.ROUNDING: "rounding",
}  # fmt: skip


def _notes(work: _Work, settled: Settled) -> None:
    """What the sender may want to know of accepted rows: no account is open, or the rulebook has no figure for the day."""
    facts = settled.facts
    if len(settled.closings):
        shut = settled.closings["member"][opened_on(registers_in(settled.closings)) == NONE]
        money = np.maximum(np.maximum(facts["earnings"], facts["worker"]), facts["employer"]) > 0
        pay = np.flatnonzero(
            (facts["kind"] == Kind.PAY) & money & np.isin(facts["member"], shut) & work.standing.program.carries
        )
        for row in pay[:100]:
            note = Fault(
                work.reading.file,
                int(facts["line"][row]),
                0,
                "account_not_open",
                "",
                "pay of a person for whom no account is open",
                "a person whom the rulebook lets in",
            )
            work.reply.notes.append(note)
    line_by_fact = dict(zip(facts["id"].tolist(), facts["line"].tolist(), strict=True)) if settled.gaps else {}
    for gap in settled.gaps[:100]:
        expected = f"a day and frequency for which the rulebook has a figure for {gap.value}"
        work.reply.notes.append(
            Fault(work.reading.file, line_by_fact.get(gap.fact, 0), 0, gap.code, "", format_day(gap.on), expected)
        )
