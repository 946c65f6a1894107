"""What a usual full month of somebody's work pays: published percentiles, reached by rank.

Within each age group, sex and full or part time, people stand in order of what pay goes with: occupation, industry,
qualification, age, the kind of contract, and a part of their own. Their place in that order picks the published percentile
(ASHE, weekly pay of April 2023), so that the percentiles come out as published whatever the causes weigh; occupation and industry are
weighed so that their medians come out too.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Int
from lifepot.population.fitting import Float, score_of
from lifepot.population.joint import FULL_TIME, PAY_GROUPS, age_group
from lifepot.population.margins import PAY_BANDS, PAY_ROWS, assumed
from lifepot.published.reading import Table, parameters, table

MONTHS = 12

WEEKS = 365.25 / 7 / 12
"""Weeks in a month."""

SHARES = np.array(
    [0.002, 0.01, 0.03, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.997, 0.9995]
)
"""Where the curves of pay are held; between them straight in the logarithm."""

_PUBLISHED = ("p10", "p20", "p25", "p30", "p40", "median", "p60", "p70", "p75", "p80", "p90")
_AT = np.array([0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9])

_PLACES = np.linspace(0.0, 1.0, 401)


def wages_since_2023() -> float:
    """By how much wages of April 2024 are over those of April 2023, when pay was surveyed (OBR's average earnings of 2024)."""
    return 1 + float(parameters("policy")["macro"]["average_earnings"]["2024"]) / 100


def curve_of(row: Table) -> Float:
    """Pay a month at `SHARES` from a row of percentiles: as published between the tenth and the ninetieth; below, falling
    seven tenths as fast as between the tenth and the twentieth (chosen so that full and part time together come out); above, a Pareto tail that gives the row its published mean (exponent 4 where none is published).
    """
    known = np.array([row.number(name) if row.words(name)[0] else np.nan for name in _PUBLISHED])
    there = ~np.isnan(known)
    inside = np.exp(np.interp(np.log(_AT), np.log(_AT[there]), np.log(known[there])))
    low, high = inside[0], inside[-1]
    steep = 0.7 * np.log(inside[1] / low) / np.log(2.0)
    values = np.exp(np.interp(SHARES, _AT, np.log(inside)))
    below, above = _AT[0] > SHARES, _AT[-1] < SHARES
    values[below] = np.maximum(low * (SHARES[below] / _AT[0]) ** np.clip(steep, 0.1, 1.2), low / 8)

    def with_tail(exponent: float) -> Float:
        tail = values.copy()
        tail[above] = high * ((1 - _AT[-1]) / (1 - SHARES[above])) ** (1 / exponent)
        return tail

    if not row.words("mean")[0]:
        return with_tail(4.0) * WEEKS
    mean = row.number("mean")
    exponents = np.linspace(1.4, 9.0, 153)
    means = np.array([mean_of(with_tail(one)) for one in exponents])
    return with_tail(float(exponents[np.abs(means - mean).argmin()])) * WEEKS


def mean_of(values: Float) -> float:
    """The mean of a curve at `SHARES`."""
    fine = np.linspace(0.0005, 0.9995, 1000)
    return float(np.exp(np.interp(fine, SHARES, np.log(values))).mean())


@dataclass(frozen=True, slots=True)
class Pay:
    """Curves of monthly pay by pay group, sex and hours, and by pay group alone; the places of people in order there (7, 2, 2,
    points); effects of occupation and industry on where somebody stands.
    """

    curves: Float
    everybody: Float
    places: Float
    occupation: Float
    industry: Float


@cache
def _by_age() -> tuple[list[float], Float]:
    """Middles of the age groups and the logarithms of their medians."""
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS, group="All")
    middles = [(first + last) / 2 for first, last in list(PAY_BANDS.values())[:-1]] + [63.0]
    return middles, np.log([rows.where(age=name).number("median") for name in PAY_BANDS])


def _gradient(age: Int) -> Float:
    """How pay goes with age: log of the medians by group, joined."""
    return np.interp(age + 0.5, *_by_age())


def standing(batch: Batch, occupation: Float, industry: Float) -> Float:
    """What pay goes with, as one number: the order of people within their group."""
    take = assumed()["pay"]
    work = batch.work
    latent = take["spread_within"] * batch.alike(batch.score(Score.PAY), assumed()["alike"]["pay_of_partners"])
    latent = latent + np.array(take["effect_by_qualification"])[batch.final]
    latent += occupation[batch.occupation] + industry[batch.industry] + _gradient(batch.age)
    latent += take["zero_hours_effect"] * ((work == margins.ZERO_HOURS) | (work == margins.STUDENT_ZERO_HOURS))
    latent += take["student_effect"] * (work <= margins.STUDENT_ZERO_HOURS)
    latent += take["out_of_work_effect"] * (work >= margins.UNEMPLOYED)
    return latent


def employed(batch: Batch) -> Flag:
    """Who is an employee: on a permanent or zero-hours contract, students too. ASHE's jobs are theirs."""
    return np.isin(
        batch.work, [margins.STUDENT_EMPLOYEE, margins.STUDENT_ZERO_HOURS, margins.EMPLOYEE, margins.ZERO_HOURS]
    )


def _on_curve(pay: Pay, cell: tuple[int, int, int], latent: Float) -> Float:
    """Monthly pay at people's place in their group, sex and hours."""
    rank = np.interp(latent, pay.places[cell], _PLACES)
    return np.exp(np.interp(rank, SHARES, np.log(pay.curves[cell])))


def _monthly(pay: Pay, batch: Batch, latent: Float) -> Float:
    """Monthly pay at everybody's place in their group; the self-employed stand among the full-time."""
    month = np.empty(len(batch))
    cell = _cells(batch, np.where(batch.work == margins.SELF_EMPLOYED, FULL_TIME, batch.part_time))
    for at in np.unique(cell):
        those = cell == at
        month[those] = _on_curve(pay, (at // 4, at // 2 % 2, at % 2), latent[those])
    return month


def _cells(batch: Batch, hours: Int) -> Int:
    return (age_group(batch.age) * 2 + batch.sex) * 2 + hours


def _curves() -> Float:
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS)
    out = np.empty((len(PAY_GROUPS), 2, 2, len(SHARES)))
    for group, age in enumerate(PAY_BANDS):
        for sex, name in enumerate(("Male", "Female")):
            for hours, kind in enumerate(("Full-Time", "Part-Time")):
                out[group, sex, hours] = curve_of(rows.where(group=f"{name} {kind}", age=age))
    return out


def _medians(by: str, column: str, names: list[str]) -> Float:
    rows = table(by).where(group="all")
    values = dict(zip(rows.words(column), rows.numbers("median"), strict=True))
    return np.array([values[name] for name in names])


def kept_a_year() -> Float:
    """The share of jobs held for a year or more, by pay group, sex and hours: jobs with annual pay over jobs with weekly."""
    every = table("ashe_pay_percentiles_by_age").where(year="2023")
    out = np.full((len(PAY_GROUPS), 2, 2), 0.25)
    for group, age in enumerate(PAY_BANDS):
        for sex, name in enumerate(("Male", "Female")):
            for hours, kind in enumerate(("Full-Time", "Part-Time")):
                rows = every.where(group=f"{name} {kind}", age=age)
                jobs = [rows.where(measure=one).numbers("jobs_thousand")[0] for one in ("annual_gross", "weekly_gross")]
                if not np.isnan(jobs).any():
                    out[group, sex, hours] = min(jobs[0] / jobs[1], 1.0)
    return out


def median(values: Float, weights: Float) -> float:
    """The weighted median; not a number of none."""
    if not len(values):
        return float("nan")
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2)])


def fitted(batch: Batch, rounds: int = 16) -> Pay:
    """Fit places and effects on a batch of many people.

    Medians of occupations and industries are published for jobs held for a year, by the year: they are held against such
    jobs, less by how much pay of April is over the mean of the year before.
    """
    occupations = _medians("ashe_occupation_2023", "soc2020_major", [str(n + 1) for n in range(len(OCCUPATIONS))])
    industries = _medians("ashe_industry_2023", "sic2007_section", list(INDUSTRIES))
    curves = _curves()
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS, group="All")
    everybody = np.stack([curve_of(rows.where(age=age)) for age in PAY_BANDS])
    pay = Pay(
        curves,
        everybody,
        np.empty((*curves.shape[:3], len(_PLACES))),
        np.zeros(len(OCCUPATIONS)),
        np.zeros(len(INDUSTRIES)),
    )
    jobs = np.flatnonzero(employed(batch))
    cell = _cells(batch, batch.part_time)[jobs]
    weights = kept_a_year().reshape(-1)[cell]
    order = [np.flatnonzero(cell == at) for at in range(4 * len(PAY_GROUPS))]

    own = standing(batch, pay.occupation, pay.industry)[jobs]
    columns = ((pay.occupation, batch.occupation[jobs], occupations), (pay.industry, batch.industry[jobs], industries))

    def placed() -> Float:
        """Places of people in order as the effects now stand, and the monthly pay that goes with them."""
        latent = own + sum(effects[column] for effects, column, _ in columns)
        month = np.empty(len(jobs))
        for at, those in enumerate(order):
            cell = at // 4, at // 2 % 2, at % 2
            pay.places[cell] = np.quantile(latent[those], _PLACES)
            month[those] = _on_curve(pay, cell, latent[those])
        return month

    all_jobs = table("ashe_occupation_2023").where(group="all", label="All employees").number("median")
    for _ in range(rounds):
        month = placed()
        over = median(month, weights) / all_jobs
        for effects, column, medians in columns:
            for one, published in enumerate(medians):
                those = column == one
                if those.sum() > 120 and not np.isnan(published):
                    step = np.log(published * over / median(month[those], weights[those]))
                    effects[one] = np.clip(effects[one] + 0.6 * step, -2.0, 2.0)
        pay.occupation[:] -= pay.occupation.mean()
        pay.industry[:] -= pay.industry.mean()
    placed()
    return pay


def paid(pay: Pay, batch: Batch) -> None:
    """Monthly pay at wages of month 0, pounds, and where it stands among the pay of like age."""
    take = assumed()["pay"]
    month = _monthly(pay, batch, standing(batch, pay.occupation, pay.industry))
    own = take["self_employed_over_employee"] * np.exp(take["self_employed_spread"] * batch.score(Score.ALONE))
    platform = take["platform_month"] * np.exp(take["platform_spread"] * batch.score(Score.ALONE))
    month = np.where(batch.work == margins.SELF_EMPLOYED, month * own, month)
    month = np.where(batch.work == margins.PLATFORM, platform, month)
    batch.pay = month * wages_since_2023()
    stand(pay, batch)


def stand(pay: Pay, batch: Batch) -> None:
    """Where everybody's pay stands among the pay of like age, as a normal score."""
    month = np.maximum(batch.pay, 1.0) / wages_since_2023()
    group = age_group(batch.age)
    batch.standing = np.empty(len(batch))
    for one in range(len(PAY_GROUPS)):
        those = group == one
        share = np.interp(np.log(month[those]), np.log(pay.everybody[one]), SHARES)
        batch.standing[those] = score_of(share)
