"""What the stepper knows of each day on which a row can stand, worked out once: months, windows, named days, figures."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, Frequency
from lifepot.kernel.figures import Figure
from lifepot.kernel.operators import round_exact
from lifepot.kernel.program import Program
from lifepot.periods import (
    FAR_FUTURE,
    add_months,
    month_index,
    month_start,
    month_window,
    parse_day,
    year_window,
)
from lifepot.rulebook.scalars import parse_month_day, parse_number
from lifepot.rulebook.terms import Day

Int = NDArray[np.int64]

ONCE_FIXED, FROM_FIRST_FACT = 0, 1


def refused(clause: str, term: str, why: str) -> Misuse:
    """A rulebook says something that is not stepped."""
    return Misuse(
        f"{clause}: {term} is not stepped month by month: {why}.",
        remedy="Leave the term out of the rulebook for the lab, or work the scheme out with `lifepot entitle`.",
    )


@dataclass(slots=True)
class Stands:
    """The days on which rows can stand, a row a day: the months' days, and between them the first days of months (if an
    attribute counts by the month) and the rulebook's named days. `day`, and the `month` (from 0) that each is in; `named`:
    the numbers of the named days on it.
    """

    program: Program
    months: Int
    day: Int = field(init=False)
    month: Int = field(init=False)
    first: Int = field(init=False)
    last: Int = field(init=False)
    named: list[list[int]] = field(init=False)
    present: bool = False

    def __post_init__(self) -> None:
        index = month_index(self.months)
        if not len(index) or (np.diff(index) != 1).any() or (self.months == month_start(index)).any():
            raise Misuse(
                "The days to step through are not one in each of some months that follow each other, none of them the first.",
                remedy="Give the last day of each month.",
            )
        found = {int(day): set[int]() for day in self.months}
        if self.present:
            found |= {int(day): set() for day in month_start(index)}
        for number, (name, day) in enumerate(self.program.rulebook.days.items()):
            for one in self._days_of(name, day):
                if one in self.months:
                    raise refused(f"days.{name}", "this day", "it is a month's own day, on which facts stand")
                found.setdefault(one, set()).add(number)
        self.day = np.array(sorted(found), dtype=np.int64)
        self.named = [sorted(found[int(one)]) for one in self.day]
        self.month = np.searchsorted(self.months, self.day)
        inside = np.arange(len(self.months))
        self.first = np.searchsorted(self.month, inside, side="left")
        self.last = np.searchsorted(self.day, self.months)

    def _days_of(self, name: str, day: Day) -> list[int]:
        begin, end = int(month_start(month_index(self.months[:1]))[0]), int(self.months[-1])
        if day.age is not None:
            raise refused(f"days.{name}", "a birthday", "birthdays are not among the days that are stepped through")
        if day.on is not None:
            on = parse_day(day.on)
            if on < begin:
                raise refused(f"days.{name}", "a fixed day", "it lies before the first month")
            return [on] if on <= end else []
        all_days = np.arange(begin, end + 1)
        if day.every == "year":
            starts = year_window(all_days, *parse_month_day(day.starts or ""))[0]
        else:
            starts = month_window(all_days, parse_number(day.starts or ""))[0]
        return [int(one) for one in np.unique(starts) if one >= begin]

    def __len__(self) -> int:
        return len(self.day)

    def window(self, name: str) -> tuple[int, Int, Int]:
        """A window of the calendar, at each stand: its number (from the first stand's on), and its last day. First, how many
        there are.
        """
        if name == "month":
            begin, end = month_window(self.day, 1)
            size = 1
        else:
            window = self.program.rulebook.windows[name]
            if window.every == "year":
                begin, end = year_window(self.day, *parse_month_day(window.starts or "01-01"))
                size = 12
            else:
                begin, end = month_window(self.day, parse_number(window.starts or "1"))
                size = 1
        number = month_index(begin) // size
        number = number - number[0]
        return int(number[-1]) + 1, number, end

    def months_before(self, months: int) -> Int:
        """For each stand, the last stand on or before the day so many months before it (-1: none), and that day, (s, 2)."""
        begin = add_months(self.day, -months)
        return np.stack([np.searchsorted(self.day, begin, side="right") - 1, begin], axis=1)


def by_day(figure: Figure, stands: Stands) -> Int:
    """A figure at each stand, (s, columns); NONE for a gap. A table by frequency and a rounded share of the year have two
    columns: that of a month's pay, and that of all else.
    """
    position = np.searchsorted(figure.days, stands.day, side="right") - 1
    num = np.asarray(figure.num)
    num = num.reshape(len(figure.days), -1)
    found = np.where(position[:, None] < 0, NONE, num[position])
    if figure.by == "frequency":
        month, year = found[:, Frequency.MONTH], found[:, Frequency.YEAR]
        if not figure.otherwise:
            return np.stack([month, np.full(len(stands), NONE)], axis=1)
        share = round_exact(np.where(year == NONE, 0, year), 12, "half_up", 100)
        month = np.where(month == NONE, np.where(year == NONE, NONE, share), month)
        return np.stack([month, year], axis=1)
    if figure.share and figure.rounding is not None:
        how, unit = figure.rounding
        whole = np.where(found[:, 0] == NONE, 0, found[:, 0])
        share = round_exact(whole, 12 * figure.den, how, unit) * figure.den
        return np.stack([np.where(found[:, 0] == NONE, NONE, share), found[:, 0]], axis=1)
    return found


def month_begins(stands: Stands) -> tuple[int, Int]:
    """The first day of each month from the first stand's on, with a day that never comes at the end; and that first month."""
    index = month_index(stands.day[[0, -1]])
    begins = month_start(np.arange(index[0], index[1] + 2))
    return int(index[0]), np.append(begins, FAR_FUTURE - 1)
