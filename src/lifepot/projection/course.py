"""What a pot comes to on days to come: what is in it, what the kernel says each party adds, and growth.

Money grows from birthday to birthday. What is there at the beginning of such a year grows by the year's rate, what comes
within it does not yet; of a year that is cut short (by today, by a day of the law) the share of its days counts. Growth is
rounded half up to the penny, of each part of the pot each year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import PARTIES, Facts, People
from lifepot.kernel.pots import Parts
from lifepot.kernel.program import Program
from lifepot.periods import FAR_FUTURE, Int, add_months_to
from lifepot.projection.assumptions import Growth, Milestone
from lifepot.projection.habits import Habits, going_on

MONTHS_A_YEAR = 12

Flow = tuple[int, int, int]
"""Day, part of the pot, and what comes (negative: goes), minor units."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a pot comes to on a day, minor units: `now`, what each party adds until then (by `PARTIES`), what is lost because
    a part of the pot lapses and nothing grew, and by the name of each growth all of it.
    """

    milestone: Milestone
    now: int
    added: tuple[int, int, int]
    lost: int
    grown: dict[str, int]

    @property
    def without_growth(self) -> int:
        """What there is if nothing grows, above rising prices."""
        return self.now + sum(self.added) - self.lost


def courses(
    program: Program,
    people: People,
    facts: Facts,
    habits: Habits | None,
    pot: Sequence[int],
    on: int,
    days: Sequence[Milestone],
    growth: Sequence[Growth],
) -> list[Course]:
    """Where a member's pot comes to on each of some days, if they go on so. `pot`: what is in each part on day `on`. The one
    member's facts are those up to that day; what falls due after it because of them is counted.
    """
    if not days:
        return []
    until = max(one.on for one in days)
    told = facts.take(facts.on <= on)
    if habits is not None:
        told = Facts.join([told, going_on(facts, habits, on, until)])
    owed = assess(program, people, told, as_of=until).entitlements
    rules = list(program.rulebook.rules.values())
    parts = Parts.of(program.rulebook)
    part = np.array([parts.names.index(one.account) for one in rules])[owed.rule]
    party = np.array([PARTIES.index(one.party) for one in rules])[owed.rule]
    later = owed.effective_on > on
    found = []
    born = int(people.born[0])
    for one in days:
        mine = later & (owed.effective_on <= one.on)
        flows = _by_day(owed.effective_on[mine], part[mine], owed.amount[mine])
        worker, employer, government = (int(owed.amount[mine & (party == nth)].sum()) for nth in range(3))
        flat = walked(parts, pot, flows, born, on, one.on, Fraction(0))
        grown = {each.name: walked(parts, pot, flows, born, on, one.on, each.rate) for each in growth}
        added = (worker, employer, government)
        found.append(Course(one, sum(pot), added, sum(pot) + sum(added) - flat, grown))
    return found


def _by_day(day: Int, part: Int, amount: Int) -> list[Flow]:
    """What comes into each part on each day, in order."""
    order = np.lexsort((part, day))
    day, part, amount = day[order], part[order], amount[order]
    first = np.flatnonzero(np.append(True, (day[1:] != day[:-1]) | (part[1:] != part[:-1]))) if len(day) else order
    sums = np.add.reduceat(amount, first) if len(day) else amount
    return list(zip(day[first].tolist(), part[first].tolist(), sums.tolist(), strict=True))


def walked(
    parts: Parts, pot: Sequence[int], flows: Sequence[Flow], born: int, on: int, until: int, rate: Fraction
) -> int:
    """What parts of a pot come to from a day to another, with what comes and goes between, growing at a rate a year."""
    left = list(pot)
    stops = sorted({*birthdays(born, on, until), until, *_turns(parts, on, until)})
    at = 0
    for begin, end in pairwise([on, *stops]):
        grows = [grown(amount, rate, *_year(born, begin), end - begin) for amount in left]
        while at < len(flows) and flows[at][0] <= end:
            day, part, amount = flows[at]
            at += 1
            while parts.moves_on[part] <= day:
                part = parts.moves_to[part]
            if parts.last_on[part] >= day:
                left[part] = max(left[part] + amount, 0)
        left = [amount + more for amount, more in zip(left, grows, strict=True)]
        for part, day in enumerate(parts.moves_on):
            if day <= end:
                amount, left[part] = left[part], 0
                left[parts.moves_to[part]] += amount
        left = [0 if parts.last_on[part] < end else amount for part, amount in enumerate(left)]
    return sum(left)


def grown(amount: int, rate: Fraction, begin: int, end: int, days: int) -> int:
    """What an amount grows by in so many days of a year from `begin` to `end`: half up to the penny."""
    exact = amount * rate * days / (end - begin)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def birthdays(born: int, after: int, until: int) -> list[int]:
    """Every birthday after a day, up to another."""
    found, number = [], max(0, (after - born) // 366)
    while (day := add_months_to(born, MONTHS_A_YEAR * number)) <= until:
        if day > after:
            found.append(day)
        number += 1
    return found


def _year(born: int, day: int) -> tuple[int, int]:
    """The birthday on or before a day, and the next."""
    number = max(0, (day - born) // 366)
    while add_months_to(born, MONTHS_A_YEAR * (number + 1)) <= day:
        number += 1
    return add_months_to(born, MONTHS_A_YEAR * number), add_months_to(born, MONTHS_A_YEAR * (number + 1))


def _turns(parts: Parts, on: int, until: int) -> list[int]:
    """Days on which a part of the pot moves, or can no longer be used."""
    days = [*parts.moves_on, *(day + 1 for day in parts.last_on)]
    return [day for day in days if on < day < min(until, FAR_FUTURE)]
