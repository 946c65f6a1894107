"""What if a member paid in so much more a month: where the pot would come to, beside where it comes to as things go on."""

from dataclasses import dataclass, replace
from typing import Any

import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES
from lifepot.ledger.postings import BALANCES
from lifepot.papers.life import Life, read_life
from lifepot.periods import add_months_to, format_day
from lifepot.projection.assumptions import Growth, Milestone, growths, milestones
from lifepot.projection.course import Course, courses
from lifepot.projection.habits import Habit, Habits, habits_of

MOST_MORE = 100_000_00
"""Nobody pays in more a month, and the books could not hold it."""

SOON = "in a year"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day to come: the pot as things go on, and with the member's more a month."""

    milestone: Milestone
    as_now: Course
    then: Course

    @property
    def own(self) -> int:
        """What more the member would have put in by then, minor units."""
        return self.then.added[0] - self.as_now.added[0]

    @property
    def employers(self) -> int:
        """What employers and platforms would have added because of it."""
        return self.then.added[1] - self.as_now.added[1]

    @property
    def government(self) -> int:
        """What government would have added because of it."""
        return self.then.added[2] - self.as_now.added[2]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "at": self.milestone.name, "on": format_day(self.milestone.on),
            "as_now_minor": self.as_now.grown | {"none": self.as_now.without_growth},
            "then_minor": self.then.grown | {"none": self.then.without_growth},
            "more_minor": dict(zip(PARTIES, (self.own, self.employers, self.government), strict=True)),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer: `more` a month in minor units, from the month after day `on`. `habits` is what goes on (None: nothing)."""

    currency: str
    on: int
    more: int
    born: int
    habits: Habits | None
    is_over: bool
    ahead: tuple[Ahead, ...]
    growths: tuple[Growth, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "on": format_day(self.on), "currency": self.currency, "more_a_month_minor": self.more,
            "ahead": [one.as_dict() for one in self.ahead],
            "growth": [{"name": one.name, "rate": one.text, "source": one.source} for one in self.growths],
        }  # fmt: skip


def what_if(connection: psycopg.Connection[Any], member: int, more: int) -> WhatIf:
    """What would come of `more` (minor units) a month of the member's own, up to a year on and each milestone. Misuse for less than
    nothing, or more than anybody pays.
    """
    if not 0 <= more <= MOST_MORE:
        raise Misuse("That much cannot be paid in each month.", remedy="Give an amount such as 20.")
    life = read_life(connection, member)
    standing = life.standing
    on = standing.as_of
    if life.is_over or not len(life.facts):
        return WhatIf(standing.currency, on, more, life.born, None, life.is_over, (), growths())
    habits = habits_of(life.facts, on)
    days = [Milestone(SOON, add_months_to(on, 12)), *milestones(life.born, on, standing.currency)]
    days.sort(key=lambda one: one.on)
    found = [_courses(life, each, days) for each in ((habits, _with(habits, more, on)) if more else (habits, habits))]
    ahead = tuple(Ahead(now.milestone, now, then) for now, then in zip(*found, strict=True))
    return WhatIf(standing.currency, on, more, life.born, habits, life.is_over, ahead, growths())


def _courses(life: Life, habits: Habits | None, days: list[Milestone]) -> list[Course]:
    balances = life.balances.reshape(-1, BALANCES)
    pot = [max(one, 0) for one in balances.sum(axis=1).tolist()]
    standing = life.standing
    return courses(standing.program, life.people, life.facts, habits, pot, standing.as_of, days, growths())


def _with(habits: Habits | None, more: int, on: int) -> Habits:
    """What goes on, and the member's own payment so much larger."""
    if habits is None:
        habits = Habits(on, on, 1, [])
    own = next((one for one in habits.each if one.payer == 0 and not one.pay), None)
    if own is None:
        own = Habit(0, pay=False, earnings=NONE, hours=NONE, worker=NONE, employer=NONE, paid=0)
    others = [one for one in habits.each if one is not own and one.payer != 0]
    paid = more if own.paid in {NONE, 0} else own.paid + more
    rest = [one for one in habits.each if one.payer == 0 and one.pay]
    return replace(habits, each=[*others, *rest, replace(own, paid=paid)])
