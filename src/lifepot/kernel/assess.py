"""Assess: what the rules give, from a member's facts.

The order inside a run:

1. facts stand by member, day, kind and chain; marks are added (opening days, months in which something went on);
2. accounts open (`membership`), leavers and pauses fall out, withdrawals are held against their purposes;
3. each amount and rule runs its chain once, after what it is made of; a row that does not count brings nothing;
4. what the last total of each chain rose by is an entitlement; those due at a window's end are gathered there;
5. who left in time gets back what the refunds say.

With `carry` the facts are only those since a member's last settled one, and each running total goes on from where it was.

No member's outcome depends on another's, so very many facts are run in blocks of members, small enough for a block's
columns to stay in the processor's cache.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled
from lifepot.kernel.blocks import Block, blocks
from lifepot.kernel.carrying import Carrying
from lifepot.kernel.columns import Entitlements, Facts, People
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.entitled import entitle, refund
from lifepot.kernel.jobs import by_job, earliest_of_members
from lifepot.kernel.marks import build_sheet
from lifepot.kernel.membership import left_and_paused, open_accounts
from lifepot.kernel.owing import Owing
from lifepot.kernel.program import Program
from lifepot.kernel.run import Run
from lifepot.kernel.sheet import Sheet

Int = NDArray[np.int64]


@dataclass(slots=True)
class Refusals:
    """Parts of payments that a cap refused: the row, how much (minor units), and the amount or rule that refused."""

    row: Int
    amount: Int
    by: list[str]


@dataclass(slots=True)
class Assessed:
    """The outcome of a run. `rows` are the sorted facts that entitlements point into (marks included; a mark's
    `fact` is that of the status behind it, or -1).
    """

    rows: Facts
    entitlements: Entitlements
    refusals: Refusals
    gaps: list[tuple[str, str, Int]]
    opened_on: Int
    carry: Int | None
    run: Run | None = None
    """The run itself, where it was asked to be kept: its conditions can be asked of any row."""


@dataclass(slots=True)
class _Part:
    """What else comes of a block, with rows by their place in it."""

    rows: Facts
    refused: list[tuple[str, Int, Int]]
    gaps: list[tuple[str, str, Int]]
    opened_on: Int
    carry: Int | None
    run: Run | None


def assess(
    program: Program,
    people: People,
    facts: Facts,
    *,
    as_of: int | None = None,
    accrue_until: int | None = None,
    carry: Int | None = None,
    keep_run: bool = False,
) -> Assessed:
    """Entitlements of all members from all their facts, or, with `carry` (registers, m), from those that are new.

    `as_of` (a day): facts after it are not seen, entitlements effective after it are not there; None: every window has
    run to its end. `accrue_until`: see `build_sheet`. `keep_run`: hand the run out, which holds much memory. Raises
    `Overflow`.
    """
    compiled.expect(len(facts))
    owing = Owing((len(facts) + 1) * len(program.rules))
    parts = []
    for block in [Block(0, people, facts, carry)] if keep_run else blocks(people, facts, carry):
        parts.append(_part(program, block, owing, as_of, accrue_until, keep_run=keep_run))
        owing.first_row += len(parts[-1].rows)
    assessed = _joined(parts, owing.all())
    # The run, if it is kept, goes on knowing its rows by job.
    assessed.run = parts[0].run
    return assessed


def _part(
    program: Program, block: Block, owing: Owing, as_of: int | None, accrue_until: int | None, *, keep_run: bool
) -> _Part:
    """One block's outcome: what is owed is put to the rest."""
    people, facts = block.people, block.facts
    owing.owner = np.arange(block.first_member, block.first_member + len(people))
    if program.rulebook.membership.per == "member":
        sheet = build_sheet(program, people, facts, as_of=as_of, accrue_until=accrue_until, carry=block.carry)
        part = _outcome(program, sheet, owing, as_of, keep_run=keep_run)
    else:
        alone, spread, member_of_job = by_job(people, facts.sort())
        owing.owner = owing.owner[member_of_job]
        sheet = build_sheet(program, alone, spread, as_of=as_of, accrue_until=accrue_until, carry=None)
        part = _outcome(program, sheet, owing, as_of, keep_run=keep_run)
        part.opened_on = earliest_of_members(part.opened_on, member_of_job, len(people))
    owner, rows = owing.owner, part.rows
    part.rows = rows.later("member", lambda: owner[rows.column("member")])
    return part


def _outcome(program: Program, sheet: Sheet, owing: Owing, as_of: int | None, *, keep_run: bool) -> _Part:
    conditions = Conditions(sheet)
    open_accounts(sheet, conditions)
    notices = left_and_paused(sheet)
    carrying = Carrying(program, sheet)
    carrying.begin()
    run = Run(program, sheet, conditions, carrying, notices)
    for number, name in enumerate(program.rules):
        entitle(run, owing, number, name, as_of)
    refund(run, owing)
    for name in program.reached:
        # Whatever rules ask for may refuse, and may find no figure, also where nothing came of it.
        run.result(name)
    rows = sheet.facts.untaken()
    if sheet.openings is not None:
        rows = Facts.join([rows, sheet.openings])
    return _Part(rows, run.refused, conditions.gaps, sheet.opened_on, carrying.out, run if keep_run else None)


def _joined(parts: list[_Part], entitlements: Entitlements) -> Assessed:
    """One outcome from those of all blocks."""
    offsets = np.cumsum([0, *(len(part.rows) for part in parts)]).tolist()
    by_name: dict[str, list[tuple[Int, Int]]] = {}
    by_gap: dict[tuple[str, str], list[Int]] = {}
    for part, offset in zip(parts, offsets, strict=False):
        for name, rows, amounts in part.refused:
            by_name.setdefault(name, []).append((rows + offset, amounts))
        for code, name, rows in part.gaps:
            by_gap.setdefault((code, name), []).append(rows + offset)
    none = np.zeros(0, dtype=np.int64)
    refused = [pair for pairs in by_name.values() for pair in pairs]
    refusals = Refusals(
        np.concatenate([none, *(rows for rows, _ in refused)]),
        np.concatenate([none, *(amounts for _, amounts in refused)]),
        [name for name, pairs in by_name.items() for rows, _ in pairs for _ in range(len(rows))],
    )
    return Assessed(
        Facts.join([part.rows for part in parts]),
        entitlements,
        refusals,
        [(*gap, np.concatenate(rows)) for gap, rows in by_gap.items()],
        np.concatenate([part.opened_on for part in parts]),
        np.concatenate(carried, axis=1)
        if (carried := [part.carry for part in parts if part.carry is not None])
        else None,
    )
