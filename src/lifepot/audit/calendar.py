"""Days, months and pay periods, counted on calendar dates one at a time."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

from lifepot.audit.told import Told
from lifepot.rulebook.scalars import parse_month_day
from lifepot.rulebook.terms import Window

DAY = timedelta(days=1)
WEEKS_BY_FREQUENCY = {"week": 1, "2week": 2, "3week": 3, "4week": 4}
MONTHS_BY_FREQUENCY = {"month": 1, "3month": 3, "6month": 6, "year": 12}

Span = tuple[date | None, date | None]
"""First and last day of a window; None where it has no such end."""


def months_after(day: date, months: int) -> date:
    """The same day number so many months on (or back), else the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(since: date, on: date) -> int:
    """How many months have wholly passed; negative before `since`."""
    months = (on.year - since.year) * 12 + on.month - since.month
    return months if months_after(since, months) <= on else months - 1


def span_of(window: Window, on: date, opened_on: date | None) -> Span | None:
    """The window a day falls in. None before the first and after the last term, or with no account to count from."""
    if window.every == "year":
        month, number = parse_month_day(window.starts or "")
        start = date(on.year - ((on.month, on.day) < (month, number)), month, number)
        return start, months_after(start, 12) - DAY
    if window.every == "month":
        number = int(window.starts or "1")
        start = date(on.year, on.month, number)
        if on.day < number:
            start = months_after(start, -1)
        return start, months_after(start, 1) - DAY
    if opened_on is None:
        return None
    first, length = opened_on.replace(day=1), int(window.months or "0")
    term = whole_months(first, on) // length
    if term < 0 or (window.times is not None and term >= int(window.times)):
        return None
    start = months_after(first, term * length)
    return start, months_after(start, length) - DAY


def period_of(fact: Told) -> tuple[date, date]:
    """First and last day of a pay period: as said, else backwards by the frequency, else the day of the pay alone."""
    last = fact.period_end or fact.on
    if fact.period_start:
        return fact.period_start, last
    if fact.frequency in WEEKS_BY_FREQUENCY:
        return last - timedelta(weeks=WEEKS_BY_FREQUENCY[fact.frequency]) + DAY, last
    if fact.frequency in MONTHS_BY_FREQUENCY:
        return months_after(last, -MONTHS_BY_FREQUENCY[fact.frequency]) + DAY, last
    return last, last


def aged_on(fact: Told) -> date:
    """The day on which ages are tested: of a pay the last of its period, of anything else its own."""
    return fact.period_end if fact.kind == "pay" and fact.period_end else fact.on


def frequency_of(fact: Told) -> str | None:
    """How often the job pays: as said, else from the days of the period. A whole February is a month, not 4 weeks."""
    if fact.frequency or not (fact.period_start and fact.period_end):
        return fact.frequency or None
    for word, months in MONTHS_BY_FREQUENCY.items():
        if fact.period_end + DAY == months_after(fact.period_start, months):
            return word
    days = (fact.period_end - fact.period_start).days + 1
    return next((word for word, weeks in WEEKS_BY_FREQUENCY.items() if days == weeks * 7), None)


def share_of_year(fact: Told) -> Fraction | None:
    """A period's share of a year: weeks of 52 (whole weeks too), months of 12, else days of 365. None with no frequency and no period."""
    frequency = frequency_of(fact)
    if frequency in WEEKS_BY_FREQUENCY:
        return Fraction(WEEKS_BY_FREQUENCY[frequency], 52)
    if frequency in MONTHS_BY_FREQUENCY:
        return Fraction(MONTHS_BY_FREQUENCY[frequency], 12)
    if fact.period_start and fact.period_end:
        days = (fact.period_end - fact.period_start).days + 1
        return Fraction(days // 7, 52) if days % 7 == 0 else Fraction(days, 365)
    return None
