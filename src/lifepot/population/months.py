"""The lab's months. Month 0 is April 2024, so that twelve months from a multiple of twelve are a tax year.

A fact of a month is dated on its last day: the pay date, and a day that is surely in the tax year that the month is in.
"""

import numpy as np

from lifepot.periods import Int, month_index, month_start

FIRST_YEAR = 2024
"""The tax year that month 0 begins, by its first year."""

MONTHS_A_YEAR = 12

_FIRST_DAY = 19814
"""1 April 2024, days since 1970-01-01."""

_FIRST_INDEX = int(month_index(np.array([_FIRST_DAY]))[0])


def first_days(months: int) -> Int:
    """The first day of each of so many months."""
    return month_start(np.arange(_FIRST_INDEX, _FIRST_INDEX + months))


def last_days(months: int) -> Int:
    """The last day of each of so many months: when that month's facts are dated."""
    return month_start(np.arange(_FIRST_INDEX + 1, _FIRST_INDEX + months + 1)) - 1


def month_of(year: int, month: int) -> int:
    """The number of a calendar month; negative before April 2024."""
    return (year - FIRST_YEAR) * MONTHS_A_YEAR + month - 4


def age_months(born: Int, day: int) -> Int:
    """Whole months of age on a day."""
    days = np.append(born, day)
    index = month_index(days)
    of_month = days - month_start(index)
    return index[-1] - index[:-1] - (of_month[-1] < of_month[:-1])
