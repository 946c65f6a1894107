"""Assess: what the rules give, from a member's facts.

The order inside a run:

1. facts stand by member, day, kind and chain; marks are added (opening days, months in which something went on);
2. accounts open (`membership`), leavers and pauses fall out, withdrawals are held against their purposes;
3. each amount and rule runs its chain once, after what it is made of; a row that does not count brings nothing;
4. what the last total of each chain rose by is an entitlement; those due at a window's end are gathered there;
5. who left in time gets back what the refunds say.

With `carry` the facts are only those since a member's last settled one, and each running total goes on from where it was.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.carrying import Carrying
from lifepot.kernel.columns import Entitlements, Facts, People
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.entitled import entitled, join, refunds, take
from lifepot.kernel.jobs import by_job, earliest_of_members
from lifepot.kernel.membership import left_and_paused, open_accounts
from lifepot.kernel.program import Program
from lifepot.kernel.run import Run
from lifepot.kernel.sheet import Sheet, build_sheet

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
    if program.rulebook.membership.per == "job":
        alone, spread, member_of_job = by_job(people, facts)
        sheet = build_sheet(program, alone, spread, as_of=as_of, accrue_until=accrue_until, carry=None)
        outcome = _outcome(program, sheet, as_of, keep_run=keep_run)
        # The run, if it is kept, goes on knowing its rows by job.
        outcome.rows = replace(outcome.rows, member=member_of_job[outcome.rows.member])
        outcome.entitlements.member = member_of_job[outcome.entitlements.member]
        outcome.opened_on = earliest_of_members(outcome.opened_on, member_of_job, len(people))
        return outcome
    sheet = build_sheet(program, people, facts, as_of=as_of, accrue_until=accrue_until, carry=carry)
    return _outcome(program, sheet, as_of, keep_run=keep_run)


def _outcome(program: Program, sheet: Sheet, as_of: int | None, *, keep_run: bool) -> Assessed:
    conditions = Conditions(sheet)
    open_accounts(sheet, conditions)
    notices = left_and_paused(sheet)
    carrying = Carrying(program, sheet)
    carrying.begin()
    run = Run(program, sheet, conditions, carrying, notices)
    found = [entitled(run, number, name) for number, name in enumerate(program.rules)]
    entitlements = join([*found, refunds(run)])
    if as_of is not None:
        entitlements = take(entitlements, entitlements.effective_on <= as_of)
    for name in program.reached:
        # Whatever rules ask for may refuse, and may find no figure, also where nothing came of it.
        run.result(name)
    none = np.zeros(0, dtype=np.int64)
    rows = np.concatenate([none, *(row for _, row, _ in run.refused)])
    amounts = np.concatenate([none, *(amount for _, _, amount in run.refused)])
    by = [name for name, row, _ in run.refused for _ in row]
    refusals = Refusals(rows, amounts, by)
    kept = run if keep_run else None
    return Assessed(sheet.facts, entitlements, refusals, conditions.gaps, sheet.opened_on, carrying.out, kept)
