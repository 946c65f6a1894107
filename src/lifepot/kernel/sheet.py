"""The sheet: a run's facts in order, with what every rule asks of a row worked out once.

Besides the facts themselves it holds *marks*: rows the kernel adds so that something can be asked on a day without a
fact: the day an account was opened, the first day of each month in which an attribute went on being true, and the days
that the rulebook names.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.kernel.figures import MONTHS, WEEKS, shares_of_year
from lifepot.kernel.operators import Column, spread, starts
from lifepot.kernel.program import FIRST_PAYMENT_ON, OPENED_ON, Program
from lifepot.periods import (
    FAR_FUTURE,
    FAR_PAST,
    add_months,
    month_index,
    month_start,
    month_window,
    year_window,
)
from lifepot.rulebook.scalars import parse_month_day, parse_number

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

FACT, OPENING, PRESENCE, DAY = 0, 1, 2, 3
"""What a row is: a fact, the mark of an opening day, of a month in which an attribute went on, or of a named day (whose
number is the row's `value`)."""


@dataclass
class Sheet:
    """Facts and marks in order, a row each, and what is known of each row."""

    program: Program
    people: People
    facts: Facts
    mark: Int
    carry: Int | None
    opened_on: Int = field(init=False)
    first_payment_on: Int = field(init=False)
    active: Bool = field(init=False)
    closed_on: Int = field(init=False)
    died_on: Int = field(init=False)
    openings: Facts | None = None
    """Marks of opening days at which a figure was asked for in vain; they stand after all rows."""
    cache: dict[object, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.opened_on = self.people.joined.copy()
        self.first_payment_on = self.first_day_of(self.is_kind(Kind.PAID) & (self.facts.payer == 0))
        if self.carry is not None:
            carried = self.carry[FIRST_PAYMENT_ON]
            self.first_payment_on = np.where(carried == NONE, self.first_payment_on, carried)
            self.opened_on = np.where(self.carry[OPENED_ON] == NONE, self.opened_on, self.carry[OPENED_ON])
        self.closed_on = self.first_day_of(self.is_kind(Kind.CLOSED))
        self.died_on = self.first_day_of(self.is_kind(Kind.DIED))
        self.active = np.ones(len(self.facts), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.facts)

    @cached_property
    def rows(self) -> Int:
        """The number of each row."""
        return np.arange(len(self.facts))

    @cached_property
    def first_of_member(self) -> Bool:
        """Whether it is its member's first row."""
        return starts(self.facts.member)

    @cached_property
    def heads(self) -> Int:
        """Each member's first row."""
        return np.flatnonzero(self.first_of_member)

    @cached_property
    def member_start(self) -> Int:
        """The first row of each row's member."""
        return spread(self.heads, self.heads, len(self))

    def by_member(self, figures: Column) -> Column:
        """A figure of each member at each of their rows."""
        return spread(figures[self.facts.member[self.heads]], self.heads, len(self))

    def first_day_of(self, rows: Bool) -> Int:
        """The day of each member's first row of these; the far future where there is none."""
        days = np.full(len(self.people), FAR_FUTURE)
        # They stand by day, and the last assignment to a place wins.
        found = np.flatnonzero(rows)[::-1]
        days[self.facts.member[found]] = self.facts.on[found]
        return days

    def is_kind(self, kind: Kind) -> Bool:
        """Rows that are facts of this kind."""
        if kind not in self.cache:
            # Marks are statuses.
            rows = self.facts.kind == kind
            self.cache[kind] = rows & (self.mark == FACT) if kind == Kind.STATUS else rows
        return self.cache[kind]  # type: ignore[return-value]

    def told(self, attribute: int) -> Bool:
        """Rows that are facts which say something of an attribute."""
        key = ("told", attribute)
        if key not in self.cache:
            self.cache[key] = self.is_kind(Kind.STATUS) & (self.facts.attribute == attribute)
        return self.cache[key]  # type: ignore[return-value]

    @cached_property
    def born(self) -> Int:
        """Birth day of each row's member."""
        return self.by_member(self.people.born)

    def period(self) -> tuple[Int, Int]:
        """First and last day of each row's pay period; where none was said, counted back from the pay day by the
        frequency, and the day itself where that was not said either.
        """
        if "period" not in self.cache:
            facts = self.facts
            end = np.where(facts.period_end == NONE, facts.on, facts.period_end)
            unsaid = facts.period_start == NONE
            start = np.where(unsaid, end, facts.period_start)
            counted = np.flatnonzero(unsaid & (facts.frequency >= 0))
            frequency, last = facts.frequency[counted], end[counted]
            for word, weeks in WEEKS.items():
                rows = frequency == word
                start[counted[rows]] = last[rows] - 7 * weeks + 1
            for word, months in MONTHS.items():
                rows = frequency == word
                start[counted[rows]] = add_months(last[rows], -months) + 1
            self.cache["period"] = (start, end)
        return self.cache["period"]  # type: ignore[return-value]

    @cached_property
    def tested_on(self) -> Int:
        """The day on which a row's ages are tested: the last of a pay's period, the day itself of all else."""
        last = self.facts.period_end
        return np.where(self.is_kind(Kind.PAY) & (last != NONE), last, self.facts.on)

    def frequency(self) -> tuple[Int, Int]:
        """Frequency of each row, worked out from its period where it was not said, and the period's days (NONE)."""
        if "frequency" not in self.cache:
            facts = self.facts
            said = (facts.period_start != NONE) & (facts.period_end != NONE)
            days = np.where(said, facts.period_end - facts.period_start + 1, NONE)
            frequency = facts.frequency
            unsaid = np.flatnonzero(said & (frequency < 0))
            if len(unsaid):
                frequency = frequency.copy()
                start, after, length = facts.period_start[unsaid], facts.period_end[unsaid] + 1, days[unsaid]
                for word, weeks in WEEKS.items():
                    frequency[unsaid[length == 7 * weeks]] = word
                for word, months in MONTHS.items():
                    frequency[unsaid[add_months(start, months) == after]] = word
            self.cache["frequency"] = (frequency, days)
        return self.cache["frequency"]  # type: ignore[return-value]

    def share_of_year(self) -> tuple[Int, Int]:
        """Which part of a year each row's pay period is."""
        if "share" not in self.cache:
            self.cache["share"] = shares_of_year(*self.frequency())
        return self.cache["share"]  # type: ignore[return-value]

    @cached_property
    def days(self) -> tuple[int, int]:
        """The first and the last day of any row."""
        on = self.facts.on
        return (int(on.min()), int(on.max())) if len(on) else (0, 0)

    def window(self, name: str) -> tuple[Int, Int]:
        """First and last day of the window each row falls in. Rows in no term at all get a window that is empty
        (its last day before its first).
        """
        if name == "pay_period":
            return self.period()
        key = ("window", name)
        if key not in self.cache:
            self.cache[key] = window_of(self, name, self.facts.on)
        return self.cache[key]  # type: ignore[return-value]

    def attribute(self, name: str) -> Int:
        """What holds of an attribute at each row; NONE where it is not known."""
        key = ("attribute", name)
        if key not in self.cache:
            self.cache[key] = self._attribute(name)
        return self.cache[key]  # type: ignore[return-value]

    def _attribute(self, name: str) -> Int:
        number = self.program.attribute(name)
        facts = self.facts
        begin = np.full(len(self.people), self.program.defaults[number])
        if self.people.attributes.shape[1]:
            said = self.people.attributes[:, number]
            begin = np.where(said == NONE, begin, said)
        told = self.told(number)
        if told.any():
            general = told & (facts.payer == 0)
            values = self._said(begin, np.flatnonzero(general))
            by_payer = np.flatnonzero(told & (facts.payer != 0))
            if len(by_payer):
                compiled.run(
                    loops.say_for_payer, by_payer, facts.member, facts.payer, general, facts.value, values
                )  # fmt: skip
        else:
            values = self.by_member(begin)
        otherwise = self.program.rulebook.attributes[name].otherwise
        if otherwise is not None:
            amount, percent = self.attribute(otherwise.amount), self.attribute(otherwise.over_percent)
            known = (values == NONE) & (amount != NONE) & (percent != NONE) & (percent > 0)
            # percent is in millionths of the whole: amount / (percent / 10**6), half up to the penny
            share = np.where(known, percent, 1)
            quotient = (2 * np.where(known, amount, 0) * 10**6 + share) // (2 * share)
            values = np.where(known, quotient, values)
        return values

    def _said(self, begin: Int, told: Int) -> Int:
        """What holds at each row: what held of each member from the beginning, and from each of the rows on that told."""
        facts, heads = self.facts, self.heads
        if not len(told):
            return self.by_member(begin)
        # What is said on a day holds on all of it, for the statuses of that day in whatever order they stand.
        statuses = np.flatnonzero(facts.kind == Kind.STATUS)
        day = np.flatnonzero(starts(facts.member[statuses], facts.on[statuses]))
        since = spread(statuses[day], day, len(statuses))[np.searchsorted(statuses, told)]
        last = np.append(since[1:] != since[:-1], True)
        since, told = since[last], told[last]
        changes = np.union1d(heads, since)
        values = np.empty(len(changes), dtype=np.int64)
        values[np.searchsorted(changes, heads)] = begin[facts.member[heads]]
        values[np.searchsorted(changes, since)] = facts.value[told]
        return spread(values, changes, len(self))


def window_of(sheet: Sheet, name: str, days: Int, member: Int | None = None) -> tuple[Int, Int]:
    """First and last day of the named window around each day, each of a member (not given: a day for each row)."""
    if name == "account":
        return np.full(len(days), FAR_PAST), np.full(len(days), FAR_FUTURE)
    if name == "month":
        return month_window(days, 1)
    window = sheet.program.rulebook.windows[name]
    if window.every == "year":
        return year_window(days, *parse_month_day(window.starts or "01-01"))
    if window.every == "month":
        return month_window(days, parse_number(window.starts or "1"))
    assert window.months is not None
    length = parse_number(window.months)
    opened = month_index(np.where(sheet.opened_on == NONE, FAR_FUTURE, sheet.opened_on))
    beginning = sheet.by_member(opened) if member is None else opened[member]
    term = (month_index(days) - beginning) // length
    start = month_start(beginning + term * length)
    end = month_start(beginning + (term + 1) * length) - 1
    outside = term < 0
    if window.times is not None:
        outside |= term >= parse_number(window.times)
    return np.where(outside, FAR_FUTURE, start), np.where(outside, FAR_FUTURE - 1, end)
