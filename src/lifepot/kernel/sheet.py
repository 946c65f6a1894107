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
from lifepot.kernel.operators import FEW, Column, Groups, heads_of, running_total, spread, starts, sums_fit
from lifepot.kernel.program import FIRST_PAYMENT_ON, OPENED_ON, Program
from lifepot.periods import (
    FAR_FUTURE,
    FAR_PAST,
    add_months,
    month_index,
    month_start,
    month_window,
    month_window_start,
    year_window,
    year_window_start,
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
    whole: "Sheet | None" = None
    """The sheet that this one is some rows of, and `chosen`: which."""
    chosen: Int = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cache: dict[object, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.whole is None:
            self._look_through()
        else:
            self.opened_on, self.first_payment_on = self.whole.opened_on, self.whole.first_payment_on

    def narrowed(self, rows: Int) -> "Sheet":
        """Some rows alone (rising), with what is known of them from all: for questions that only they ask."""
        return Sheet(self.program, self.people, self.facts.take(rows), self.mark[rows], None, whole=self, chosen=rows)

    def _look_through(self) -> None:
        """What is known once all rows were seen."""
        facts = self.facts
        self.opened_on = self.people.joined.copy()
        self.first_payment_on, self.closed_on, self.died_on = (np.full(len(self.people), FAR_FUTURE) for _ in range(3))
        if compiled.pays():
            compiled.run(
                loops.find_first_days, facts.member, facts.on, facts.kind, facts.payer,
                int(Kind.PAID), int(Kind.CLOSED), int(Kind.DIED), self.first_payment_on, self.closed_on, self.died_on,
            )  # fmt: skip
        else:
            self.first_payment_on = self.first_day_of(self.is_kind(Kind.PAID) & (facts.payer == 0))
            self.closed_on = self.first_day_of(self.is_kind(Kind.CLOSED))
            self.died_on = self.first_day_of(self.is_kind(Kind.DIED))
        if self.carry is not None:
            carried = self.carry[FIRST_PAYMENT_ON]
            self.first_payment_on = np.where(carried == NONE, self.first_payment_on, carried)
            self.opened_on = np.where(self.carry[OPENED_ON] == NONE, self.opened_on, self.carry[OPENED_ON])
        self.active = np.ones(len(facts), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.facts)

    @cached_property
    def rows(self) -> Int:
        """The number of each row."""
        return np.arange(len(self.facts))

    @cached_property
    def heads(self) -> Int:
        """Each member's first row."""
        return heads_of(self.facts.member, self.facts.member)

    @cached_property
    def ends(self) -> Int:
        """Each member's last row."""
        return np.append(self.heads[1:], len(self)) - 1 if len(self) else self.heads

    @cached_property
    def groups(self) -> Groups:
        """The rows by their members."""
        return Groups(self.heads, len(self))

    @property
    def first_of_member(self) -> Bool:
        """Whether it is its member's first row."""
        return self.groups.first

    @cached_property
    def member_start(self) -> Int:
        """The first row of each row's member."""
        return spread(self.heads, self.heads, len(self))

    def by_member(self, figures: Column) -> Column:
        """A figure of each member at each of their rows."""
        if self.whole is not None:
            return figures[self.facts.member]
        return spread(figures[self.facts.member[self.heads]], self.heads, len(self))

    def first_day_of(self, rows: Bool) -> Int:
        """The day of each member's first row of these; the far future where there is none."""
        days = np.full(len(self.people), FAR_FUTURE)
        found = np.flatnonzero(rows)
        if len(found):
            member = self.facts.member
            # Of those that have rows, the first of these from their first row on, if it is theirs.
            at = np.minimum(np.searchsorted(found, self.heads), len(found) - 1)
            first = found[at]
            theirs = (first >= self.heads) & (member[first] == member[self.heads])
            days[member[first[theirs]]] = self.facts.on[first[theirs]]
        return days

    def rows_of(self, members: Bool) -> Int:
        """All rows of some members."""
        at = np.flatnonzero(members[self.facts.member[self.heads]])
        begin = self.heads[at]
        count = np.append(self.heads, len(self))[at + 1] - begin
        return np.repeat(begin - np.cumsum(count) + count, count) + np.arange(int(count.sum()))

    def is_kind(self, kind: Kind) -> Bool:
        """Rows that are facts of this kind."""
        if kind not in self.cache:
            # Marks are statuses.
            rows = self.facts.kind == kind
            self.cache[kind] = rows & (self.mark == FACT) if kind == Kind.STATUS else rows
        return self.cache[kind]  # type: ignore[return-value]

    def few_of_kind(self, kind: Kind) -> Int | None:
        """The rows of a kind, if they are few."""
        key = ("few", kind)
        if key not in self.cache:
            rows = self.is_kind(kind)
            few = np.count_nonzero(rows) * FEW < len(rows)
            self.cache[key] = np.flatnonzero(rows) if few else None
        return self.cache[key]  # type: ignore[return-value]

    def period_of(self, rows: Int) -> tuple[Int, Int]:
        """The pay period of some rows (rising)."""
        if "period" not in self.cache and self.whole is None and len(rows) * FEW < len(self):
            return self.narrowed(rows).period()
        start, end = self.period()
        return start[rows], end[rows]

    @cached_property
    def first_payment_by_row(self) -> Int:
        """The day of the worker's first payment, as each row knows it; FAR_FUTURE at rows that stand before it."""
        if self.whole is not None:
            return self.whole.first_payment_by_row[self.chosen]
        paid = self.is_kind(Kind.PAID) & (self.facts.payer == 0)
        begun = running_total(paid.astype(np.int64), self.groups) > 0
        if self.carry is not None:
            begun |= self.by_member(self.carry[FIRST_PAYMENT_ON] != NONE)
        return np.where(begun, self.by_member(self.first_payment_on), FAR_FUTURE)

    def told(self, attribute: int) -> Int:
        """Rows that are facts which say something of an attribute."""
        key = ("told", attribute)
        if key not in self.cache:
            rows = self._statuses[0]
            self.cache[key] = rows[(self.facts.attribute[rows] == attribute) & (self.mark[rows] == FACT)]
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
            end = _said_or(facts.period_end, facts.on)
            start = _said_or(facts.period_start, end)
            unsaid = facts.period_start == NONE
            counted = np.flatnonzero(unsaid & (facts.frequency >= 0))
            start = start.copy() if len(counted) else start
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
        on, last = self.facts.on, self.facts.period_end
        if not self.is_kind(Kind.PAY).any():
            return on
        return np.where(self.is_kind(Kind.PAY) & (last != NONE), last, on)

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

    def together(self, column: str) -> tuple[Int, Bool]:
        """What all pays of the row's member say in this column whose period ends in the row's pay period, added up, and
        whether any of them says it.
        """
        key = ("together", column)
        if key not in self.cache:
            if self.whole is not None:
                found = tuple(one[self.chosen] for one in self.whole.together(column))
            else:
                told = getattr(self.facts, column)
                known = self.is_kind(Kind.PAY) & (told != NONE)
                # Nearly always all pays say it, each of its own period.
                start, end = self.period()
                alone = (self.is_kind(Kind.PAY) & ~known) | (start > end)
                says = self._added_up(known.astype(np.int64)) > 0 if alone.any() else known
                found = (self._added_up(np.where(known, told, 0)), says)
            self.cache[key] = found
        return self.cache[key]  # type: ignore[return-value]

    def _added_up(self, figures: Int) -> Int:
        """The figures of all rows of a row's member that end in its pay period."""
        facts = self.facts
        start, end = self.period()
        if compiled.pays():
            together = np.empty(len(facts), dtype=np.int64)
            longest = int(np.diff(self.heads, append=len(facts)).max(initial=0))
            scratch, before = np.empty(longest, dtype=np.int64), np.empty(longest + 1, dtype=np.int64)
            sums_fit(figures)
            compiled.run(loops.sum_together, facts.member, start, end, figures, scratch, before, together)
            return together
        # Sorted by member and last day, a period is a run of rows, found by one number for both.
        span = np.int64(2**32)
        ends = facts.member * span + (end + 2**31)
        order = np.argsort(ends, kind="stable")
        total = np.concatenate(([0], np.cumsum(figures[order])))
        first = np.searchsorted(ends[order], facts.member * span + (start + 2**31), side="left")
        return total[np.searchsorted(ends[order], ends, side="right")] - total[first]

    @cached_property
    def day(self) -> Int:
        """The day of each row, counted from the first of any."""
        return self.facts.on - self.days[0]

    @cached_property
    def days(self) -> tuple[int, int]:
        """The first and the last day of any row."""
        on = self.facts.on
        return (int(on.min()), int(on.max())) if len(on) else (0, 0)

    def window(self, name: str) -> tuple[Int, Int]:
        """First and last day of the window each row falls in."""
        key = ("window", name)
        if key not in self.cache:
            facts = self.facts
            self.cache[key] = self.period() if name == "pay_period" else window_of(self, name, facts.on, facts.member)
        return self.cache[key]  # type: ignore[return-value]

    def attribute(self, name: str) -> Int:
        """What holds of an attribute at each row; NONE where it is not known."""
        key = ("attribute", name)
        if key not in self.cache:
            self.cache[key] = self._attribute(name) if self.whole is None else self.whole.attribute(name)[self.chosen]
        return self.cache[key]  # type: ignore[return-value]

    def at_first(self, name: str) -> Int:
        """What held of an attribute of each member before anything was said: their own figure, else the default."""
        return at_first(self.program, self.people, name)

    def _attribute(self, name: str) -> Int:
        number = self.program.attribute(name)
        facts, begin = self.facts, self.at_first(name)
        told = self.told(number)
        by_payer = facts.payer[told] != 0
        values = self._said(begin, told[~by_payer])
        if by_payer.any():
            of_all = np.zeros(len(facts), dtype=np.bool_)
            of_all[told[~by_payer]] = True
            compiled.run(loops.say_for_payer, told[by_payer], facts.member, facts.payer, of_all, facts.value, values)
        otherwise = self.program.rulebook.attributes[name].otherwise
        if otherwise is not None:
            amount, percent = self.attribute(otherwise.amount), self.attribute(otherwise.over_percent)
            known = (values == NONE) & (amount != NONE) & (percent != NONE) & (percent > 0)
            # percent is in millionths of the whole: amount / (percent / 10**6), half up to the penny
            share = np.where(known, percent, 1)
            quotient = (2 * np.where(known, amount, 0) * 10**6 + share) // (2 * share)
            values = np.where(known, quotient, values)
        return values

    @cached_property
    def _statuses(self) -> tuple[Int, Int]:
        """All statuses and marks, and the first of its day of each."""
        facts = self.facts
        rows = np.flatnonzero(facts.kind == Kind.STATUS)
        day = np.flatnonzero(starts(facts.member[rows], facts.on[rows]))
        return rows, spread(rows[day], day, len(rows))

    def _said(self, begin: Int, told: Int) -> Int:
        """What holds at each row: what held of each member from the beginning, and from each of the rows on that told."""
        facts, heads = self.facts, self.heads
        if not len(told):
            return self.by_member(begin)
        # What is said on a day holds on all of it, for the statuses of that day in whatever order they stand.
        statuses, begins = self._statuses
        since = begins[np.searchsorted(statuses, told)]
        last = np.append(since[1:] != since[:-1], True)
        since, told = since[last], told[last]
        changes = self.first_of_member.copy()
        changes[since] = True
        rows = np.flatnonzero(changes)
        values = np.empty(len(self), dtype=np.int64)
        values[heads], values[since] = begin[facts.member[heads]], facts.value[told]
        return spread(values[rows], rows, len(self))


def at_first(program: Program, people: People, name: str) -> Int:
    """What held of an attribute of each member before anything was said; NONE where that is not known."""
    number = program.attribute(name)
    default = np.full(len(people), program.defaults[number])
    if not people.attributes.shape[1]:
        return default
    own = people.attributes[:, number]
    return np.where(own == NONE, default, own)


def _said_or(column: Int, otherwise: Int) -> Int:
    """What was said, or else the other."""
    return np.where(column == NONE, otherwise, column) if column.max(initial=NONE) != NONE else otherwise


def cut(sheet: Sheet, name: str) -> Int | None:
    """A number for each row that is another where another of the named windows of its member begins; None where one
    window holds all.
    """
    days = sheet.facts.on
    if name == "account":
        return None
    if name == "pay_period":
        return sheet.period()[0]
    if name == "month":
        return month_window_start(days, 1)
    window = sheet.program.rulebook.windows[name]
    if window.every == "year":
        return year_window_start(days, *parse_month_day(window.starts or "01-01"))
    if window.every == "month":
        return month_window_start(days, parse_number(window.starts or "1"))
    assert window.months is not None
    return (month_index(days) - sheet.by_member(_first_months(sheet))) // parse_number(window.months)


def window_of(sheet: Sheet, name: str, days: Int, member: Int) -> tuple[Int, Int]:
    """First and last day of the named window around each day of a member. Days in no term at all get a window that is
    empty (its last day before its first).
    """
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
    beginning = _first_months(sheet)[member]
    term = (month_index(days) - beginning) // length
    start = month_start(beginning + term * length)
    end = month_start(beginning + (term + 1) * length) - 1
    outside = term < 0
    if window.times is not None:
        outside |= term >= parse_number(window.times)
    return np.where(outside, FAR_FUTURE, start), np.where(outside, FAR_FUTURE - 1, end)


def _first_months(sheet: Sheet) -> Int:
    """The month in which each account was opened."""
    return month_index(np.where(sheet.opened_on == NONE, FAR_FUTURE, sheet.opened_on))
