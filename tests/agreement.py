"""The kernel held against the audit's replay: two programs that share no code, told the same lives."""

from collections import Counter
from typing import NamedTuple

from tests.generate import Life, to_audit, to_kernel

from lifepot.audit.replay import replay
from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import NONE
from lifepot.kernel.program import Program
from lifepot.periods import FAR_FUTURE, FAR_PAST, date_of, day_of


class Owed(NamedTuple):
    """What an entitlement is told apart by; where several are alike, they are added up."""

    member: int
    rule: str
    effective_on: int
    window_start: int
    window_end: int


def owed(program: Program, assessed: Assessed) -> dict[Owed, int]:
    """Pence by member, rule, day and window, without those that come to nothing."""
    found: Counter[Owed] = Counter()
    given = assessed.entitlements
    for i in range(len(given)):
        start, end = int(given.window_start[i]), int(given.window_end[i])
        key = Owed(int(given.member[i]), program.rules[int(given.rule[i])], int(given.effective_on[i]), start, end)
        found[key] += int(given.amount[i])
    return {key: amount for key, amount in found.items() if amount}


def refusals(assessed: Assessed) -> dict[tuple[int, str], int]:
    """Pence refused, by fact and the amount whose cap refused them."""
    found: Counter[tuple[int, str]] = Counter()
    its = assessed.refusals
    for row, by, amount in zip(its.row.tolist(), its.by, its.amount.tolist(), strict=True):
        found[int(assessed.rows.fact[row]), by] += amount
    return found


def last_day(told: list[Life]) -> int:
    """The last day anything is told of."""
    return max(fact.on for life in told for fact in life.facts)


class Said(NamedTuple):
    """All that either program says of some lives."""

    owed: dict[Owed, int]
    refused: dict[tuple[int, str], int]
    """Pence by fact, and the amount whose cap refused them."""
    gaps: set[tuple[str, int, str]]
    """Code, fact (-1 for a day that nobody told) and value."""
    opened_on: list[int]


def by_kernel(program: Program, told: list[Life], as_of: int | None = None) -> Said:
    """What the kernel says of lives."""
    assessed = assess(program, *to_kernel(program, told), as_of=as_of, accrue_until=last_day(told))
    gaps = {(code, int(one), name) for code, name, rows in assessed.gaps for one in assessed.rows.fact[rows]}
    return Said(owed(program, assessed), refusals(assessed), gaps, assessed.opened_on.tolist())


def by_audit(program: Program, told: list[Life], as_of: int | None = None) -> Said:
    """What the audit says of lives."""
    until = None if as_of is None else date_of(as_of)
    brought: Counter[Owed] = Counter()
    refused: Counter[tuple[int, str]] = Counter()
    gaps: set[tuple[str, int, str]] = set()
    opened_on = []
    for member, life in enumerate(told):
        last = date_of(last_day(told))
        found = replay(program.rulebook, *to_audit(life, member), as_of=until, accrue_until=last)
        for one in found.owed:
            start = FAR_PAST if one.window_start is None else day_of(one.window_start)
            end = FAR_FUTURE if one.window_end is None else day_of(one.window_end)
            brought[Owed(member, one.rule, day_of(one.effective_on), start, end)] += one.amount_minor
        for refusal in found.refused:
            refused[int(refusal.ref), refusal.of] += refusal.amount_minor
        gaps |= {(gap.code, -1 if gap.ref is None else int(gap.ref), gap.value) for gap in found.gaps}
        opened_on.append(NONE if found.opened_on is None else day_of(found.opened_on))
    return Said({key: amount for key, amount in brought.items() if amount}, refused, gaps, opened_on)


def agree(program: Program, told: list[Life], as_of: int | None = None) -> Said:
    """Hold the kernel against the audit; what both say."""
    kernel, audit = by_kernel(program, told, as_of), by_audit(program, told, as_of)
    assert kernel.owed == audit.owed
    assert kernel.refused == audit.refused
    assert kernel.gaps == audit.gaps
    assert kernel.opened_on == audit.opened_on
    return audit
