"""Wages, hours, pay's swings, exposure and kinds of work, from the published figures."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lifepot.lives.places import AGES, FIRST_AGE
from lifepot.population.columns import OCCUPATIONS
from lifepot.population.months import FIRST_YEAR, MONTHS_A_YEAR
from lifepot.published.reading import parameters, table

Float = NDArray[np.float64]

WEEKS_A_MONTH = 52.0 / 12.0

PERMANENT = 0.08
PASSING = 0.15
"""Standard deviations a year of the permanent and of the transitory shock to log pay: variances of 0.0064 and 0.0225. Panels
put the permanent one between 0.005 and 0.02 (RECALLED: Meghir and Pistaferri's method; Blundell and Etheridge for Britain).
Within that, what ASHE 2023 shows: the spread of log pay (10th to 90th percentile) grows by a variance of 0.0057 a year from
22 to 29 to 50 to 59, moves between jobs and changes of hours with it."""

MOVING_GAIN, MOVING_SPREAD = 0.03, 0.05
"""What a move from job to job adds to log pay, mean and standard deviation. An assumption: no row of the fact files says."""

REENTRY_PENALTY = 10
LONG_PENALTY = 10
FADES_IN = 24
"""Hundredths of pay, and months: Gregory and Jukes (skills_scarring), British men."""

SWING = (0.0, 0.14, 0.32, 0.45, 0.35)
"""How far pay swings from one month to the next, by `Job`: standard deviation of its logarithm. An employee's (of those
whose pay swings) makes a mean notable rise of about 22 %; the others' are assumptions in the same order as insecurity."""

UNDER_18 = {2024: 6.40, 2025: 7.55, 2026: 8.00}
"""The minimum wage of 16- and 17-year-olds, GBP an hour. RECALLED: the published file starts at 18."""

_HIGH_EXPOSURE = (1.0, 0.3, 2.0, 8.0, 4.0, 4.0, 22.0, 15.0, 33.0)
"""Relative shares of jobs at high risk by SOC major group. ONS names waiters, shelf fillers and elementary sales as the
most exposed and doctors and teachers as the least; the split over groups is ours. Brought to 7.4 % of all jobs."""

_PLATFORM_AGES = ((16, 0.18), (34, 0.18), (35, 0.02), (69, 0.02), (71, 0.0))

KIND_EFFECTS = (0.0, 0.0, -0.35, -0.50, -0.39)
"""What a kind of `Job` adds to log pay: fewer hours on zero hours; 0.68 of an employee's for those who work for themselves.
Assumptions, the population's own."""

AIM_EFFECTS = (-0.47, -0.34, -0.20, -0.12, 0.26)
STARTING_SPREAD = 0.40
"""What the qualification that somebody studies for adds to the log pay of their first full job, and how far that is spread:
differences as the population takes them, about nought on average. Assumptions."""


def yearly(by_year: dict[str, float], year: int) -> float:
    """A figure by year, the nearest earlier one for years between."""
    known = [int(key) for key in by_year if key.isdigit() and int(key) <= year]
    return by_year[str(max(known))]


@cache
def growth_of_earnings() -> Float:
    """Growth of average earnings by calendar year from `FIRST_YEAR` (OBR), a hundred of them; between 2030 and 2036 in
    even steps towards the long run.
    """
    macro = parameters("policy")["macro"]["average_earnings"]
    known = {int(key): rate for key, rate in macro.items() if key.isdigit()}
    known |= {int(key.rsplit("_", 1)[1]): rate for key, rate in macro.items() if key.startswith("long_run")}
    years = np.arange(FIRST_YEAR, FIRST_YEAR + 100)
    return np.asarray(np.interp(years, sorted(known), [known[year] for year in sorted(known)])) / 100


@cache
def wage_index(months: int) -> Float:
    """Average earnings of each month over those of April 2024."""
    rates = growth_of_earnings()
    calendar = (np.arange(months) + 3) // MONTHS_A_YEAR  # the growth into a month is of the year that it is in
    steps = (1.0 + rates[np.minimum(calendar, len(rates) - 1)]) ** (1.0 / MONTHS_A_YEAR)
    steps[0] = 1.0
    return np.asarray(np.cumprod(steps))


@cache
def wage_floor(months: int) -> Float:
    """What an hour a week brings a month at the minimum wage, pence: (under 18, 18 to 20, 21 and over; month).

    After the last published April it grows with average earnings, as the Low Pay Commission is asked to see to.
    """
    law = parameters("policy")["minimum_wage"]
    young = {str(year): rate for year, rate in UNDER_18.items()}
    index = wage_index(max(months, 36))
    found = np.empty((3, months))
    for row, rates in enumerate((young, law["rate_18_20"], law["nlw"])):
        last = max(int(year) for year in rates)
        for month in range(months):
            year = FIRST_YEAR + month // MONTHS_A_YEAR
            rate = yearly(rates, year)
            if year > last:
                april = month - month % MONTHS_A_YEAR
                rate *= index[april] / index[(last - FIRST_YEAR) * MONTHS_A_YEAR]
            found[row, month] = rate * 100 * WEEKS_A_MONTH
    return found


_BANDS = ("18-21", "22-29", "30-39", "40-49", "50-59", "60+")
_MIDDLES = (20.0, 26.0, 35.0, 45.0, 55.0, 63.0)


@cache
def log_pay_by_age() -> Float:
    """Log of a median month's pay, pence at wages of April 2024, (sex, age from 16, one more): ASHE 2023 by age, all employee
    jobs from 22, full-time ones before (the young work short hours beside study), straight between the bands' middles.
    """
    pay = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross")
    growth = parameters("policy")["macro"]["average_earnings"]["2023"] / 100
    ages = np.arange(FIRST_AGE, FIRST_AGE + AGES + 1, dtype=np.float64)
    found = np.empty((2, AGES + 1))
    for sex, name in enumerate(("Male", "Female")):
        medians = {age: pay.where(group=name, age=age).number("median") for age in _BANDS[1:]}
        medians["18-21"] = medians["22-29"] * _full_time(name, "18-21") / _full_time(name, "22-29")
        monthly = np.array([medians[band] for band in _BANDS]) * 100 / MONTHS_A_YEAR * (1.0 + growth)
        log = np.interp(ages, _MIDDLES, np.log(monthly))
        slope = log[21 - FIRST_AGE] - log[20 - FIRST_AGE]
        early = ages < 20
        log[early] = log[20 - FIRST_AGE] - slope * (20.0 - ages[early])
        log[66 - FIRST_AGE :] = log[66 - FIRST_AGE]
        found[sex] = log
    return found


@cache
def pay_by_age() -> Float:
    """Growth of log pay in a year of age beside average earnings, (sex, age)."""
    return np.diff(log_pay_by_age(), axis=1)


def starting_pay() -> Float:
    """Log of what somebody who studies would earn in a full job, pence at wages of April 2024, (sex, age)."""
    return log_pay_by_age()[:, :-1]


def _full_time(sex: str, age: str) -> float:
    rows = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross")
    return rows.where(group=f"{sex} Full-Time", age=age).number("median")


@cache
def hours_by_rank() -> NDArray[np.int64]:
    """Usual hours a week by rank, 256 steps: (employee, zero hours, self-employed, beside study).

    Bands of the LFS (October to December 2023) for employees and the self-employed, even within a band; those of zero
    hours and students are assumptions: means of about 22 and 14 hours. They are employees too: what the published bands leave
    beside them is the others'.
    """
    bands = table("usual_hours_bands_uk").where(period="Oct-Dec 2023")
    edges = np.array([2.0, 5.5, 15.5, 30.5, 45.5, 60.0])
    names = ("under_6h_pct", "6_to_15h_pct", "16_to_30h_pct", "31_to_45h_pct", "over_45h_pct")
    rank = (np.arange(256) + 0.5) / 256
    found = np.empty((4, 256))
    found[1] = np.interp(rank, (0.0, 0.2, 0.6, 0.9, 1.0), (4, 12, 22, 36, 45))
    found[3] = np.interp(rank, (0.0, 0.5, 0.85, 1.0), (4, 12, 20, 36))
    young = table("young_people_education_status_uk").where(period="Oct-Dec 2023", age="16-24").number("fte_employed")
    contracts = table("labour_stocks_contracts_uk")
    zero = contracts.where(metric="zero_hours_level").number() * 1000
    zero *= 1 - contracts.where(metric="zero_hours_in_full_time_education").number() / 100
    for row, group in ((0, "employees"), (2, "self_employed")):
        shares = np.array([bands.where(group=group).number(name) for name in names])
        if group == "employees":
            every = bands.where(group=group).number("level_k")
            for kind, many in ((1, zero), (3, young)):
                shares -= np.histogram(np.rint(found[kind]), edges)[0] / 256 * 100 * many / every
            shares = np.maximum(shares, 0.0)
        found[row] = np.interp(rank, np.append(0.0, np.cumsum(shares) / shares.sum()), edges)
    return np.rint(found).astype(np.int64)


@cache
def jobs_by_occupation() -> Float:
    """Employee jobs by SOC major group, shares (ASHE 2023)."""
    jobs = table("ashe_occupation_2023").where(group="all").numbers("jobs_thousand")[1:]
    return np.asarray(jobs / jobs.sum())


@cache
def jobs_by_industry() -> Float:
    """Employee jobs by SIC section, shares (ASHE 2023)."""
    rows = table("ashe_industry_2023").where(group="all")
    found = np.zeros(21)
    for section, jobs in zip(rows.words("sic2007_section"), rows.numbers("jobs_thousand"), strict=True):
        if section and not np.isnan(jobs):
            found["ABCDEFGHIJKLMNOPQRSTU".index(section)] = jobs
    return np.asarray(found / found.sum())


@cache
def exposure() -> Float:
    """The share of jobs highly exposed to automation by occupation: 7.4 % of all (ONS 2019), split as said above."""
    all_jobs = table("automation_risk").where(metric="high_risk_share", year="2017", group="England").number() / 100
    relative = np.array(_HIGH_EXPOSURE)
    assert len(relative) == len(OCCUPATIONS), "an exposure for each occupation"
    return np.asarray(relative * all_jobs / (relative * jobs_by_occupation()).sum())


def platform_share() -> Float:
    """Of those who begin to work for themselves, the share who do so through platforms, by age from 16.

    So that half a percent of adults live by platforms alone, 56 % of them under 35 (BEIS and NatCen 2018; the level in one
    month is an assumption, for 4.4 % did any such work in a year).
    """
    ages = np.arange(FIRST_AGE, FIRST_AGE + AGES)
    return np.asarray(np.interp(ages, *np.array(_PLATFORM_AGES).T))


SWINGING = (1.893, -0.096, 0.68, 0.82)
"""Share of employees, but for zero hours, whose pay swings = first + second x log of a usual month's pay in pence, within the
last two: about 80 % at £10,000 a year and 68 % at £35,000. With those on zero hours, who are many among the low paid, that
makes the published 80 %, 66 % and 75 % of all (Resolution Foundation), within five points."""


def log_of_top_tenth() -> float:
    """Logarithm of the 90th percentile of a month's pay, pence, brought to wages of April 2024 (ASHE 2023, all jobs)."""
    top = table("ashe_occupation_2023").where(group="all", soc2020_major="").number("p90")
    growth = 1.0 + parameters("policy")["macro"]["average_earnings"]["2023"] / 100
    return float(np.log(top * 100 / MONTHS_A_YEAR * growth))
