"""When jobs pay: the pay periods whose pay day falls in a month."""

from dataclasses import dataclass
from datetime import date, timedelta

from lifepot.kernel.columns import Frequency
from lifepot.periods import add_months_to, date_of, day_of

OPENS_ON = 6
"""The day of the sample's first month on which the scheme opens: the first day of a tax year, if the month is April.
Nothing paid before it is in any file."""

A_FRIDAY = date(2026, 1, 2)

WEEKS = {Frequency.WEEK: 1, Frequency.TWO_WEEK: 2, Frequency.FOUR_WEEK: 4}
"""Weeks in a period of each frequency that is counted in weeks."""

PAYROLL_CODES = {Frequency.WEEK: "W1", Frequency.TWO_WEEK: "W2", Frequency.FOUR_WEEK: "W4", Frequency.MONTH: "M1"}


@dataclass(frozen=True, slots=True)
class Period:
    """A pay period: its first and last day, and the day it is paid."""

    start: date
    end: date
    paid_on: date


def next_month(month: date, months: int = 1) -> date:
    """The first day of the month so many months on."""
    return date_of(add_months_to(day_of(month), months))


def last_day(month: date) -> date:
    """The last day of the month that begins on this day."""
    return next_month(month) - timedelta(days=1)


def periods_paid_in(month: date, frequency: Frequency, employer: int) -> list[Period]:
    """The periods an employer pays in a month; employers of one frequency do not all pay on one day."""
    if frequency == Frequency.MONTH:
        end = last_day(month)
        paid_on = (end, month.replace(day=25), month.replace(day=28))[employer % 3]
        return [Period(month, end, _weekday_before(paid_on))]
    weeks = WEEKS[frequency]
    # Weeks run from Monday to Sunday and are paid on the Friday after.
    paid_on = month + timedelta(days=(A_FRIDAY - month).days % 7)
    paid = []
    while paid_on <= last_day(month):
        if ((paid_on - A_FRIDAY).days // 7 + employer) % weeks == 0:
            end = paid_on - timedelta(days=5)
            paid.append(Period(end - timedelta(days=7 * weeks - 1), end, paid_on))
        paid_on += timedelta(days=7)
    return paid


def tax_year_start(on: date) -> date:
    """6 April of the tax year a day falls in."""
    return date(on.year if (on.month, on.day) >= (4, 6) else on.year - 1, 4, 6)


def tax_period(on: date, frequency: Frequency) -> int:
    """The tax month, 1 to 12, or for pay by weeks the tax week, 1 to 53, of a pay day."""
    start = tax_year_start(on)
    if frequency == Frequency.MONTH:
        return (on.year - start.year) * 12 + on.month - start.month + (on.day >= start.day)
    return (on - start).days // 7 + 1


def _weekday_before(on: date) -> date:
    return on - timedelta(days=max(0, on.weekday() - 4))
