"""What things cost month by month: prices, homes, rents and rates, as arrays over the lab's months.

Published to where the Office for Budget Responsibility's forecast of March 2026 goes (2030), from there on the long-run
figures of the same file for prices and earnings, and an assumption for homes (settings).
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.budgets.settings import Settings
from lifepot.population.months import FIRST_YEAR, MONTHS_A_YEAR
from lifepot.published.reading import parameters, table

Floats = NDArray[np.float64]

REGIONS = (
    "North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands", "East", "London", "South East",
    "South West", "Wales", "Scotland", "Northern Ireland",
)  # fmt: skip
"""Regions of England and countries: rents and home prices differ by them."""

REGION_SHARES = (3.9, 11.1, 8.1, 7.3, 8.9, 9.4, 13.1, 13.9, 8.5, 4.6, 8.1, 2.8)
"""How many in a hundred live in each: recalled from the mid-2022 population estimates, not read."""

AGES = ("16 to 24", "25 to 34", "35 to 44", "45 to 64", "65 to 74", "75 or over")
AGES_FROM = (0, 25, 35, 45, 65, 75)
"""The bands of the English Housing Survey's rents, and the age each begins at."""

WEEKS_A_MONTH = 52 / 12

RENT_LIMIT_FROZEN_MONTHS = 48
"""The Local Housing Allowance of April 2024 is frozen in cash; it is taken to stay so until April 2028 and to rise with rents after."""


def prices(months: int, settings: Settings, levy: Floats | None = None) -> Floats:
    """Prices and rates of so many months: float64 (months, `places.PRICES`). `levy`: of each tax year's income tax, how much more is
    taken to finance the scheme.
    """
    macro = parameters("policy")["macro"]
    consumer = _yearly(macro["cpi"], months)
    long_run = macro["cpi"]["long_run"]
    homes = _rows("house_price_growth", "UK")
    years = FIRST_YEAR + np.arange(len(consumer))
    homes_yearly = np.where(
        years > max(map(int, homes)),
        consumer + settings["house_growth_real"],
        _yearly(homes | {"long_run": 0.0}, months),
    )
    private = _yearly(_rows("rent_growth_all", "UK") | {"long_run": long_run}, months)
    social = _yearly(_rows("social_rent_growth", "England") | {"long_run": long_run}, months)
    found = np.zeros((months, at.PRICES))
    for place, yearly in (
        (at.CONSUMER, consumer), (at.HOMES, homes_yearly), (at.PRIVATE_RENTS, private), (at.SOCIAL_RENTS, social),
    ):  # fmt: skip
        found[:, place] = _index(yearly, months)
    year = np.arange(months) // MONTHS_A_YEAR
    nominal = consumer[year]
    pensions = nominal + settings["fund_return_real"]
    found[:, at.PENSION_RATE] = monthly(pensions)
    found[:, at.FUND_RATE] = monthly(pensions + settings["patient_premium"])
    found[:, at.SAVINGS_RATE] = monthly(nominal + settings["savings_return_real"])
    found[:, at.CARD_RATE] = monthly(np.full(months, settings["card_rate"]))
    found[:, at.MORTGAGE_RATE] = monthly(np.full(months, settings["mortgage_rate"]))
    rents = found[:, at.PRIVATE_RENTS]
    thawed = min(RENT_LIMIT_FROZEN_MONTHS, months - 1)
    found[:, at.RENT_LIMIT_INDEX] = np.maximum(rents / rents[thawed], 1)
    if levy is not None:
        found[:, at.LEVY] = levy[year]
    return found


def levels() -> Floats:
    """Rents by region and age of the household and first homes by region, pence at month 0: float64 (regions, `places.LEVELS`)."""
    return np.concatenate([_rents("private_rent_week"), _rents("social_rent_week"), _first_homes()[:, None]], axis=1)


def monthly(yearly: Floats) -> Floats:
    """The rate a month that makes a rate a year."""
    return np.power(1 + yearly, 1 / MONTHS_A_YEAR) - 1


def _yearly(path: dict[str, float], months: int) -> Floats:
    """A published path of percentages as shares by tax year; beyond it the long run."""
    years = range(FIRST_YEAR, FIRST_YEAR + -(-months // MONTHS_A_YEAR))
    return np.array([float(path.get(str(year), path["long_run"])) / 100 for year in years])


def _index(yearly: Floats, months: int) -> Floats:
    steps = 1 + monthly(yearly)[np.arange(months) // MONTHS_A_YEAR]
    return np.append(1.0, np.cumprod(steps))[:months]


def _rows(metric: str, group: str) -> dict[str, float]:
    rows = table("rents_mortgages_uk").where(metric=metric, group=group)
    return dict(zip(rows.words("period"), rows.numbers().tolist(), strict=True))


def _rents(metric: str) -> Floats:
    """Median rents by region and age of the household: the survey has them by each alone; ages are taken to differ alike in
    every region.
    """
    rows = table("rents_mortgages_uk").where(metric=metric, unit="GBP a week, median")
    of = dict(zip(rows.words("group"), rows.numbers().tolist(), strict=True))
    average = table("rents_mortgages_uk").where(metric="private_rent_month_average")
    now = dict(zip(average.words("group"), average.numbers().tolist(), strict=True))
    # Outside England: as private rents now stand to England's.
    elsewhere = {country: of["all households"] * now[country] / now["England"] for country in REGIONS[-3:]}
    by_region = np.array([(of | elsewhere)[region] for region in REGIONS])
    by_age = np.array([of[age] for age in AGES])
    return np.outer(by_region, by_age / of["all households"]) * 100 * WEEKS_A_MONTH


def _first_homes() -> Floats:
    """What first-time buyers pay in the mean, by region: the national mean, in proportion to home prices over earnings.
    Scotland and Northern Ireland are not in that table: as their home prices stood to those of Wales in January 2019.
    """
    rows = table("house_price_to_earnings").where(year="2024")
    ratio = dict(zip(rows.words("region"), rows.numbers("ratio").tolist(), strict=True))
    ratio["East"] = ratio["East of England"]
    ratio["Yorkshire and the Humber"] = ratio["Yorkshire and The Humber"]
    ratio["Scotland"] = ratio["Wales"] * 149 / 160
    ratio["Northern Ireland"] = ratio["Wales"] * 137 / 160
    ratios = np.array([ratio[region] for region in REGIONS])
    price = table("home_ownership").where(metric="ftb_price_mean").number()
    return price * 100 * ratios / np.average(ratios, weights=REGION_SHARES)
