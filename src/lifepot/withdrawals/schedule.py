"""A regular income's months: which fall due when, and by which terms. Nothing here knows a database.

Months are counted since January 1970, days since 1 January 1970, money in minor units.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lifepot.periods import EPOCH, add_months_to, date_of, day_of


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid from a month on: `amount` each month, on a day of it (1 to 31, or the month's last)."""

    amount: int
    day: int
    from_month: int


@dataclass(frozen=True, slots=True)
class Due:
    """A month that is due, by which day, and how much."""

    month: int
    on: int
    amount: int


def month_of(day: int) -> int:
    """The month a day lies in."""
    when = date_of(day)
    return (when.year - EPOCH.year) * 12 + when.month - 1


def month_text(month: int) -> str:
    """A month as "2026-07"."""
    return f"{EPOCH.year + month // 12}-{month % 12 + 1:02d}"


def due_on(month: int, day: int) -> int:
    """A day of a month, or its last if the month has none such."""
    year, number = EPOCH.year + month // 12, month % 12 + 1
    first = day_of(date_of(0).replace(year=year, month=number))
    return min(first + day - 1, add_months_to(first, 1) - 1)


def first_month(day: int, from_on: int) -> int:
    """The first month whose due day is not before a day."""
    month = month_of(from_on)
    return month if due_on(month, day) >= from_on else month + 1


def months_due(terms: Sequence[Terms], made: Collection[int], until: int, stopped_on: int | None = None) -> list[Due]:
    """What is due up to a day and not made yet, oldest first: every month from the first terms' on, each by the last terms
    that hold for it. `terms` in the order they were agreed on; what is due before the day it was stopped is still due.
    """
    found: list[Due] = []
    if not terms:
        return found
    for month in range(min(one.from_month for one in terms), month_of(until) + 1):
        holding = [one for one in terms if one.from_month <= month]
        if month in made or not holding:
            continue
        last = holding[-1]
        on = due_on(month, last.day)
        if on <= until and (stopped_on is None or on < stopped_on):
            found.append(Due(month, on, last.amount))
    return found
