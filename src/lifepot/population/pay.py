"""What a usual full month of somebody's work pays: published percentiles, reached by rank.

Within each age group, sex and full or part time, people stand in order of what pay goes with: occupation, industry,
qualification, age, the kind of contract, and a part of their own. Their place in that order picks the published percentile
(ASHE, April 2023), so that the percentiles come out as published whatever the causes weigh; occupation and industry are
weighed so that their medians come out too.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Int
from lifepot.population.fitting import Float, score_of
from lifepot.population.joint import FULL_TIME, PAY_GROUPS, age_group
from lifepot.population.margins import PAY_BANDS, assumed
from lifepot.published.reading import Table, parameters, table

MONTHS = 12

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
    """Annual pay at `SHARES` from a row of percentiles: as published between the tenth and the ninetieth; below, in a
    straight line of logarithms; above, a Pareto tail that gives the row its published mean (exponent 4 where none is published).
    """
    known = np.array([row.number(name) if row.words(name)[0] else np.nan for name in _PUBLISHED])
    there = ~np.isnan(known)
    inside = np.exp(np.interp(np.log(_AT), np.log(_AT[there]), np.log(known[there])))
    low, high = inside[0], inside[-1]
    steep = np.log(inside[4] / low) / np.log(4.0)
    values = np.exp(np.interp(SHARES, _AT, np.log(inside)))
    below, above = _AT[0] > SHARES, _AT[-1] < SHARES
    values[below] = np.maximum(low * (SHARES[below] / _AT[0]) ** np.clip(steep, 0.4, 1.2), low / 8)

    def with_tail(exponent: float) -> Float:
        tail = values.copy()
        tail[above] = high * ((1 - _AT[-1]) / (1 - SHARES[above])) ** (1 / exponent)
        return tail

    if not row.words("mean")[0]:
        return with_tail(4.0)
    mean = row.number("mean")
    exponents = np.linspace(1.4, 9.0, 153)
    means = np.array([mean_of(with_tail(one)) for one in exponents])
    return with_tail(float(exponents[np.abs(means - mean).argmin()]))


def mean_of(values: Float) -> float:
    """The mean of a curve at `SHARES`."""
    fine = np.linspace(0.0005, 0.9995, 1000)
    return float(np.exp(np.interp(fine, SHARES, np.log(values))).mean())


@dataclass(frozen=True, slots=True)
class Pay:
    """Curves of annual pay by pay group, sex and hours, and by pay group alone; the places of people in order there (6, 2, 2,
    points); effects of occupation and industry on where somebody stands.
    """

    curves: Float
    everybody: Float
    places: Float
    occupation: Float
    industry: Float


def _gradient(age: Int) -> Float:
    """How pay of full-time men and women together goes with age: log of the medians by group, joined."""
    rows = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross", group="All")
    middles = [(first + last) / 2 for first, last in list(PAY_BANDS.values())[:-1]] + [63.0]
    medians = [rows.where(age=name).number("median") for name in PAY_BANDS]
    return np.interp(age + 0.5, [16.5, *middles], [np.log(5179.0), *np.log(medians)])


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


def _annual(pay: Pay, batch: Batch, latent: Float) -> Float:
    """Annual pay at everybody's place in their group; the self-employed stand among the full-time."""
    annual = np.empty(len(batch))
    hours = np.where(batch.work == margins.SELF_EMPLOYED, FULL_TIME, batch.part_time)
    cell = _cells(batch, hours)
    for at in np.unique(cell):
        group, sex, hour = at // 4, at // 2 % 2, at % 2
        those = cell == at
        rank = np.interp(latent[those], pay.places[group, sex, hour], _PLACES)
        annual[those] = np.exp(np.interp(rank, SHARES, np.log(pay.curves[group, sex, hour])))
    return annual


def _cells(batch: Batch, hours: Int) -> Int:
    return (age_group(batch.age) * 2 + batch.sex) * 2 + hours


def _curves() -> Float:
    rows = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross")
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


def fitted(batch: Batch, rounds: int = 14) -> Pay:
    """Fit places and effects on a batch of many people."""
    occupations = _medians("ashe_occupation_2023", "soc2020_major", [str(n + 1) for n in range(len(OCCUPATIONS))])
    industries = _medians("ashe_industry_2023", "sic2007_section", list(INDUSTRIES))
    curves = _curves()
    rows = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross", group="All")
    everybody = np.stack([curve_of(rows.where(age=age)) for age in PAY_BANDS])
    pay = Pay(
        curves,
        everybody,
        np.empty((*curves.shape[:3], len(_PLACES))),
        np.zeros(len(OCCUPATIONS)),
        np.zeros(len(INDUSTRIES)),
    )
    jobs = employed(batch) & (batch.age >= 18)
    cell = _cells(batch, batch.part_time)
    for _ in range(rounds):
        latent = standing(batch, pay.occupation, pay.industry)
        for at in range(4 * len(PAY_GROUPS)):
            pay.places[at // 4, at // 2 % 2, at % 2] = np.quantile(latent[jobs & (cell == at)], _PLACES)
        annual = _annual(pay, batch, latent)
        for effects, those, medians in (
            (pay.occupation, batch.occupation, occupations),
            (pay.industry, batch.industry, industries),
        ):
            for one, median in enumerate(medians):
                now = annual[jobs & (those == one)]
                if len(now) > 30 and not np.isnan(median):
                    effects[one] = np.clip(effects[one] + 0.8 * np.log(median / np.median(now)), -2.0, 2.0)
    return pay


def paid(pay: Pay, batch: Batch) -> None:
    """Monthly pay at wages of month 0, pounds, and where it stands among the pay of like age."""
    take = assumed()["pay"]
    annual = _annual(pay, batch, standing(batch, pay.occupation, pay.industry))
    own = take["self_employed_over_employee"] * np.exp(take["self_employed_spread"] * batch.score(Score.ALONE))
    platform = MONTHS * take["platform_month"] * np.exp(take["platform_spread"] * batch.score(Score.ALONE))
    annual = np.where(batch.work == margins.SELF_EMPLOYED, annual * own, annual)
    annual = np.where(batch.work == margins.PLATFORM, platform, annual)
    batch.pay = annual / MONTHS * wages_since_2023()
    stand(pay, batch)


def stand(pay: Pay, batch: Batch) -> None:
    """Where everybody's pay stands among the pay of like age, as a normal score."""
    annual = np.maximum(batch.pay, 1.0) * MONTHS / wages_since_2023()
    group = age_group(batch.age)
    batch.standing = np.empty(len(batch))
    for one in range(len(PAY_GROUPS)):
        those = group == one
        share = np.interp(np.log(annual[those]), np.log(pay.everybody[one]), SHARES)
        batch.standing[those] = score_of(share)
