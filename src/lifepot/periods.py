"""Days, months and years as the schemes count them. Days are integers since 1970-01-01, single or in arrays.

"n months after" a day is the same day number n months on, else the last day of that month: 31 January and one
month is 28 (or 29) February. A period of n months *beginning with* a day counts that day, so it ends the day
before n months after.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, wraps

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

EPOCH = date(1970, 1, 1)
FAR_PAST = -(10**6)
FAR_FUTURE = 10**6
"""Two days that no fact reaches (768 BC and AD 4707): the ends of a window that has none."""


def day_of(when: date) -> int:
    """Days since 1970-01-01."""
    return (when - EPOCH).days


def date_of(day: int) -> date:
    """The calendar date of a day."""
    return EPOCH + timedelta(days=int(day))


def parse_day(text: str) -> int:
    """A day from "2026-04-06". Raises ValueError for anything else, impossible dates included."""
    if len(text) != len("2026-04-06") or text[7] != "-":  # Python also reads weeks: 2026-W15-1
        raise ValueError(f"{text!r} is not a date such as 2026-04-06")
    try:
        when = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-04-06") from None
    if not 1800 <= when.year < 2200:
        # A slip of the keyboard; refusing it here also keeps windows and months near the years that schemes know.
        raise ValueError(f"{text!r} is not a date between 1800 and 2199")
    return day_of(when)


def format_day(day: int) -> str:
    """ISO text of a day; the ends of a window that has none are "beginning" and "end"."""
    if day <= FAR_PAST:
        return "beginning"
    if day >= FAR_FUTURE:
        return "end"
    return date_of(day).isoformat()


_TABLE_FROM, _TABLE_TO = (date(1790, 1, 1) - EPOCH).days, (date(2210, 1, 1) - EPOCH).days
"""Days that tables hold: all that a file may name, and the windows around them."""
_FEW = 2_000
"""Days that are worked out sooner than a table is made."""


def _tabulated(work_out: Callable[[Int], Int]) -> Callable[[Int], Int]:
    """`work_out` of each day, looked up in a table of all days where there are many: a tenth of the time."""
    table = cache(lambda: work_out(np.arange(_TABLE_FROM, _TABLE_TO)))

    @wraps(work_out)
    def looked_up(days: Int) -> Int:
        if len(days) < _FEW:
            return work_out(days)
        place = days - _TABLE_FROM
        # Read without a sign, days before the table are beyond it, too.
        if place.view(np.uint64).max() < _TABLE_TO - _TABLE_FROM:
            return table()[place]
        inside = (days >= _TABLE_FROM) & (days < _TABLE_TO)
        found = table()[np.where(inside, days, _TABLE_FROM) - _TABLE_FROM]
        found[~inside] = work_out(days[~inside])
        return found

    return looked_up


@_tabulated
def month_index(days: Int) -> Int:
    """Calendar months since January 1970, of each day."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


@_tabulated
def month_start(months: Int) -> Int:
    """First day of each month, given as months since January 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def add_months(days: Int, months: Int | int) -> Int:
    """The day n months after each day (see the module's head for the end of a month)."""
    of = month_index(days)
    number = days - month_start(of)
    target = of + months
    start = month_start(target)
    return np.minimum(start + number, month_start(target + 1) - 1)


def add_months_to(day: int, months: int) -> int:
    """`add_months` of a single day."""
    return int(add_months(np.array([day], dtype=np.int64), months)[0])


def month_window_start(days: Int, first_day: int) -> Int:
    """First day of the monthly window each day falls in."""
    return _windows(1, 1, first_day)[0](days)


def year_window_start(days: Int, first_month: int, first_day: int) -> Int:
    """First day of the yearly window each day falls in."""
    return _windows(12, first_month, first_day)[0](days)


def month_window(days: Int, first_day: int) -> tuple[Int, Int]:
    """First and last day of the monthly window each day falls in, where windows begin on day `first_day` (1..28)."""
    begin, end = _windows(1, 1, first_day)
    return begin(days), end(days)


def year_window(days: Int, first_month: int, first_day: int) -> tuple[Int, Int]:
    """First and last day of the yearly window each day falls in; a tax year begins on (4, 6)."""
    begin, end = _windows(12, first_month, first_day)
    return begin(days), end(days)


@cache
def _windows(months: int, first_month: int, first_day: int) -> tuple[Callable[[Int], Int], Callable[[Int], Int]]:
    """The first and the last day of the window of so many months around each day."""

    def first_month_of(days: Int) -> Int:
        of = month_index(days - (first_day - 1)) - (first_month - 1)
        return of - of % months + (first_month - 1)

    def begin(days: Int) -> Int:
        return month_start(first_month_of(days)) + (first_day - 1)

    def end(days: Int) -> Int:
        return month_start(first_month_of(days) + months) + (first_day - 2)

    return _tabulated(begin), _tabulated(end)
