"""What a run is measured by: its tax years, prices and pay by year, the deposit of a first home, the country's income.

All by tax year from the first (`population.months.FIRST_YEAR`). Nothing here is drawn; it is published, or said to be assumed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.population.months import FIRST_YEAR
from lifepot.published.reading import parameters, table

Real = NDArray[np.float64]

MINOR, BILLION_MINOR = 100, 100 * 10**9

BLOCK_YEARS = 5
"""Who gains is added up over so many tax years at a time, from the year of opening."""

MARKS_AFTER = (0, 5, 10, 20, 30)
"""Wealth is looked at at the end of the year before opening, and so many years after it, and at the end of the run."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Tax years of a run, and what its figures are measured by; arrays hold one number a tax year.

    years     how many
    opens     position of the scheme's first year
    prices    price level (CPI), 1 in the scheme's first year
    earnings  level of average earnings, 1 in the run's first year
    deposit   of a first home, pence of the day
    gdp       of the country, pence of the day
    """

    years: int
    opens: int
    prices: Real = field(repr=False)
    earnings: Real = field(repr=False)
    deposit: Real = field(repr=False)
    gdp: Real = field(repr=False)

    @property
    def labels(self) -> list[str]:
        """Names of the scheme's tax years: 2027-28."""
        return [tax_year(FIRST_YEAR + year) for year in range(self.opens, self.years)]

    @property
    def blocks(self) -> int:
        """How many blocks of years the scheme's years make."""
        return -(-(self.years - self.opens) // BLOCK_YEARS)

    @property
    def marks(self) -> list[int]:
        """Positions of the years at whose end wealth is looked at."""
        wanted = {self.opens - 1 + after for after in MARKS_AFTER} | {self.years - 1}
        return sorted(year for year in wanted if 0 <= year < self.years)


def tax_year(first: int) -> str:
    """A tax year's name by its first year."""
    return f"{first}-{(first + 1) % 100:02d}"


def ground_of(years: int, opens_year: int, *, home_growth: float | None = None) -> Ground:
    """The ground of a run of so many tax years, with a scheme from the tax year that begins in `opens_year`. `home_growth`: how
    deposits grow a year, if not as in `assumed.toml`.
    """
    assert FIRST_YEAR <= opens_year < FIRST_YEAR + years, "the scheme opens within the run"
    macro, assumed = parameters("policy")["macro"], assumptions()
    prices = _level(macro["cpi"], years, float(macro["cpi"]["long_run"]))
    earnings = _level(macro["average_earnings"], years, float(macro["average_earnings"]["long_run_2036"]))
    opens = opens_year - FIRST_YEAR
    growth = assumed["homes"]["growth_of_deposits"] if home_growth is None else home_growth
    first_deposit = table("home_ownership").where(metric="ftb_deposit_median").number() * MINOR
    gdp = assumed["income_of_the_country"]["gdp_2024_bn"] * BILLION_MINOR
    return Ground(
        years, opens, prices / prices[opens], earnings, np.float64(first_deposit) * (1 + growth) ** np.arange(years), gdp * earnings
    )  # fmt: skip


@cache
def assumptions() -> Mapping[str, Any]:
    """What the answers take that nothing published gives, with why, by section."""
    return tomllib.loads((Path(__file__).parent / "assumed.toml").read_text("utf-8"))


def _level(growth_percent: Mapping[str, float], years: int, later: float) -> Real:
    """A level from yearly growth: 1 in the first year; after the last published year it grows as in the long run."""
    level = np.ones(years)
    for year in range(1, years):
        level[year] = level[year - 1] * (1 + growth_percent.get(str(FIRST_YEAR + year), later) / 100)
    return level
