"""From a file's blocks to facts: who each row is about, what it says in the scheme's numbers, and what is refused after all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import Fault
from lifepot.intake.reader import Reading
from lifepot.intake.rows import Block, Rows
from lifepot.kernel.columns import NONE, Kind
from lifepot.scheme.identify import Identifier
from lifepot.scheme.keeping import Keeper
from lifepot.scheme.opening import Clock
from lifepot.scheme.reply import Reply
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event, blank_facts
from lifepot.storage.rows import Rows as TableRows
from lifepot.storage.store import LARGE, Store

Int = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
"""Told a stage's name, how much of how much is done."""

MOST_KEPT_REJECTS = 10_000
"""Rejected rows that are remembered one by one, so that sending the file again can accept those that pass by then."""


@dataclass
class Work:
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


def read_blocks(work: Work, progress: Progress | None) -> None:
    """Reads and keeps the file's blocks; their rows become facts or rejects of `work`."""
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


def _reject(work: Work, fault: Fault, number: int, start: int, end: int) -> None:
    work.reply.tell(fault)
    if len(work.rejects) < MOST_KEPT_REJECTS:
        work.rejects.append((fault, number, start, end))


def _accept(work: Work, rows: Rows, numbers: Int) -> None:
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
        & (facts["hours"] == NONE)
        & (facts["worker"] == NONE)
        & (facts["employer"] == NONE)
    )
    work.facts.append(facts[kept & ~silent])
    work.facts.append(_opted_out(work, facts, rows, kept))
    work.reply.accepted += int(kept.sum())
    work.reply.rejected += len(refused) if work.only_rows is None else 0
    if work.only_rows is not None:
        work.accepted_again += numbers[kept].tolist()


def _said(work: Work, rows: Rows, refuse: Callable[[int, str, str, str, str], None]) -> tuple[Int, Int]:
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
        purpose = program.purpose_named(word)
        if purpose is not None:
            value[row] = purpose
        elif word:
            line = int(rows.line[row])
            expected = f"one of {', '.join(purposes)}; else it counts as none"
            work.reply.notes.append(Fault(work.reading.file, line, 0, "purpose_none", "value", word, expected))
    return attribute, value


def _opted_out(work: Work, facts: TableRows, rows: Rows, kept: NDArray[np.bool_]) -> TableRows:
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


def births(work: Work) -> TableRows:
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
