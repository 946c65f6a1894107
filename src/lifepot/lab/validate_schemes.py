"""Schemes that there are, beside the figures published of them: each rulebook is laid over the country from April 2025.

People who could have joined before then join in the first months, so the first year is looked at only where the published figure is
of a year; a path is compared year by year.
"""

import numpy as np

from lifepot.lab.observed import Observed, Row
from lifepot.population.months import FIRST_YEAR, MONTHS_A_YEAR
from lifepot.published.reading import Table, parameters, table

LISA, SAVING = "uk-lifetime-isa", "uk-help-to-save"
LAID = (LISA, SAVING)
"""What is laid to be compared."""

OPENS_YEAR = 2025

NOT_LAID = "not modelled in this run: no scheme was laid"

BILLION = 1e11
"""Pence."""

SHARE = 0.08
"""The tolerance of the two targets of sums and accounts; of the mean deposit it is 3 %, of the bonus 15 %."""

SAVING_YEARS = 5
"""Help to Save was four and a half years old at the end of March 2023."""


def lisa_subscriptions(seen: Observed, _tolerance: str) -> list[Row]:
    """What is paid into Lifetime ISAs in 2025-26, taken back to 2022-23 by average earnings."""
    published = table("lisa_help_to_save").where(scheme="LISA", metric="subscriptions", period="2022-23").number()
    if not seen.years_laid(LISA):
        return [Row("2022-23", published, None, unit="GBP bn", why=NOT_LAID)]
    paid = _total(seen, LISA, "own", OPENS_YEAR - FIRST_YEAR) / _earnings_since(2022, OPENS_YEAR)
    return [Row("2022-23", published, paid, published * SHARE, "GBP bn")]


def saving_accounts(seen: Observed, _tolerance: str) -> list[Row]:
    """Help to Save accounts ever opened, five years on."""
    published = table("lisa_help_to_save").where(scheme="HelpToSave", metric="accounts_opened_cumulative").number()
    if not seen.years_laid(SAVING):
        return [Row("after five years", published, None, unit="accounts", why=NOT_LAID)]
    opened = 0.0
    for village, years in seen.laid(SAVING):
        last = OPENS_YEAR - FIRST_YEAR + SAVING_YEARS
        opened += float((village.weight * years.joined[:last].max(axis=0)).sum())
    return [Row("after five years", published, opened, published * SHARE, "accounts")]


def saving_deposits(seen: Observed, _tolerance: str) -> list[Row]:
    """The mean deposit a month of those who deposit in a year."""
    published = (
        table("lisa_help_to_save").where(scheme="HelpToSave", metric="mean_monthly_deposit_among_depositors").number()
    )
    if not seen.years_laid(SAVING):
        return [Row("first year", published, None, unit="GBP", why=NOT_LAID)]
    paid = people = 0.0
    for village, years in seen.laid(SAVING):
        own = years.own[OPENS_YEAR - FIRST_YEAR]
        paid += float((village.weight * own).sum())
        people += float(village.weight[own > 0].sum())
    mean = paid / people / MONTHS_A_YEAR / 100 if people else float("nan")
    return [Row("first year", published, mean, published * 0.03, "GBP")]


def lisa_bonus(seen: Observed, _tolerance: str, held: Table) -> list[Row]:
    """The bonus that government pays, less charges, year by year."""
    rows = held.where(metric="lisa_bonus")
    found = []
    before: float | None = None
    for year, published in zip(map(int, rows.words("year")), rows.numbers("value_bn").tolist(), strict=True):
        if year > OPENS_YEAR and year - FIRST_YEAR < seen.years_laid(LISA):
            # The first year lacks the bonuses of the year before, and is not judged.
            paid = _total(seen, LISA, "government", year - FIRST_YEAR) + _total(
                seen, LISA, "charged", year - FIRST_YEAR
            )
            found.append(Row(f"{year}-{year % 100 + 1}", published, paid, published * 0.15, "GBP bn", last=before))
        before = published
    return found or [Row("", None, None, unit="GBP bn", why=NOT_LAID)]


def _total(seen: Observed, name: str, column: str, year: int) -> float:
    """A column's sum over the country in a tax year, billions of pounds."""
    return (
        sum(float((village.weight * getattr(years, column)[year]).sum()) for village, years in seen.laid(name))
        / BILLION
    )


def _earnings_since(first: int, last: int) -> float:
    """By how much average earnings rose from one year to another."""
    rises = parameters("policy")["macro"]["average_earnings"]
    return float(np.prod([1 + rises[str(year)] / 100 for year in range(first + 1, last + 1)]))
