"""What a usual full month of somebody's work pays: published percentiles, reached by rank.

Within each age group, sex and full or part time, people stand in order of what pay goes with: occupation, industry,
qualification, age, the kind of contract, and a part of their own. Their place in that order picks the published percentile
(ASHE, weekly pay of April 2023), so that the percentiles come out as published whatever the causes weigh; occupation and industry are
weighed so that their medians come out too, and how far apart people stand in each so that their means do.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Int
from lifepot.population.fitting import Float, score_of
from lifepot.population.joint import PAY_GROUPS, age_group
from lifepot.population.margins import PAY_BANDS, PAY_ROWS, assumed, kept_a_year
from lifepot.published.reading import Table, parameters, table

MONTHS = 12

WEEKS = 365.25 / 7 / 12
"""Weeks in a month."""

SHARES = np.concatenate(
    [
        [0.002, 0.01, 0.03, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9],
        1 - 0.1 * 0.7 ** np.arange(1, 26),
    ]
)
"""Where the curves of pay are held, close together at the top; between them straight in the logarithm."""

_PUBLISHED = ("p10", "p20", "p25", "p30", "p40", "median", "p60", "p70", "p75", "p80", "p90")
_MEDIAN = _PUBLISHED.index("median")
_AT = np.array([0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9])

_PLACES = np.concatenate([np.linspace(0.0, 0.9875, 396), 1 - 0.01 * 0.7 ** np.arange(20)])
_TOP = 0.99
"""Above this place a sample says little of who stands where: the order goes on as a normal one would."""


_EXPONENT = 4.0
"""Of the Pareto tail where no mean says it."""


def wages_since_2023() -> float:
    """By how much wages of April 2024 are over those of April 2023, when pay was surveyed (OBR's average earnings of 2024)."""
    return 1 + float(parameters("policy")["macro"]["average_earnings"]["2024"]) / 100


def curve_of(row: Table, annual: Table | None = None) -> Float:
    """Pay a month at `SHARES` from a row of percentiles of weekly pay: as published between the tenth and the ninetieth; below,
    falling seven tenths as fast as between the tenth and the twentieth (chosen so that full and part time together come out);
    above, a Pareto tail that gives the row its published mean (where none is published, of `_EXPONENT`).

    `annual`: the same of a year's pay. Bonuses are in it and not in a week's: by how much its upper percentiles and its mean
    stand higher over its median, they are raised, so that pay is a twelfth of what a year brings.
    """
    known = np.array([row.number(name) if row.words(name)[0] else np.nan for name in _PUBLISHED])
    mean = row.number("mean") if row.words("mean")[0] else np.nan
    if annual is not None:
        yearly = np.array([annual.number(name) if annual.words(name)[0] else np.nan for name in _PUBLISHED])
        middle = known[_MEDIAN] / yearly[_MEDIAN]
        higher = np.where(_AT[_MEDIAN] < _AT, np.fmax(yearly * middle / known, 1.0), 1.0)
        known = known * np.where(np.isnan(higher), 1.0, higher)
        if annual.words("mean")[0]:
            mean = np.fmax(mean, annual.number("mean") * middle)
    there = ~np.isnan(known)
    inside = np.exp(np.interp(np.log(_AT), np.log(_AT[there]), np.log(known[there])))
    last = _AT[there][-1]
    inside *= np.maximum((1 - last) / (1 - _AT), 1.0) ** (1 / _EXPONENT)
    low, high = inside[0], inside[-1]
    steep = 0.7 * np.log(inside[1] / low) / np.log(2.0)
    values = np.exp(np.interp(SHARES, _AT, np.log(inside)))
    below, above = _AT[0] > SHARES, _AT[-1] < SHARES
    values[below] = np.maximum(low * (SHARES[below] / _AT[0]) ** np.clip(steep, 0.1, 1.2), low / 8)
    fine = np.linspace(0.0005, 0.8995, 900)
    under = float(np.exp(np.interp(fine, SHARES, np.log(values))).mean())
    # The mean of the top tenth over its threshold is a / (a - 1) where the exponent is a.
    ratio = (mean - _AT[-1] * under) / ((1 - _AT[-1]) * high)
    exponent = _EXPONENT
    if not np.isnan(ratio):
        exponent = float(np.clip(ratio / (ratio - 1), 1.5, 9.0)) if ratio > 1 else 9.0
    values[above] = high * ((1 - _AT[-1]) / (1 - SHARES[above])) ** (1 / exponent)
    return values * WEEKS


@dataclass(frozen=True, slots=True)
class Pay:
    """Curves of monthly pay by pay group, sex and hours, and by pay group alone; the places of people in order there (7, 2, 2,
    points); effects of occupation and industry on where somebody stands, and how far apart people stand in each.
    """

    curves: Float
    everybody: Float
    places: Float
    occupation: Float
    industry: Float
    spread_of_occupation: Float
    spread_of_industry: Float


@cache
def _by_age() -> tuple[list[float], Float]:
    """Middles of the age groups and the logarithms of their medians."""
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS, group="All")
    middles = [(first + last) / 2 for first, last in list(PAY_BANDS.values())[:-1]] + [63.0]
    return middles, np.log([rows.where(age=name).number("median") for name in PAY_BANDS])


def _gradient(age: Int) -> Float:
    """How pay goes with age: log of the medians by group, joined."""
    return np.interp(age + 0.5, *_by_age())


def _own_part(batch: Batch) -> Float:
    """What of pay goes with nothing else: of like partners a part alike."""
    score = batch.alike(batch.score(Score.PAY), assumed()["alike"]["pay_of_partners"])
    return float(assumed()["pay"]["spread_within"]) * score


def _common_part(batch: Batch) -> Float:
    """What of pay goes with what is known of somebody, but for occupation and industry."""
    take = assumed()["pay"]
    work = batch.work
    latent = np.array(take["effect_by_qualification"])[batch.final] + _gradient(batch.age)
    latent += take["zero_hours_effect"] * ((work == margins.ZERO_HOURS) | (work == margins.STUDENT_ZERO_HOURS))
    latent += take["student_effect"] * (work <= margins.STUDENT_ZERO_HOURS)
    latent += take["out_of_work_effect"] * (work >= margins.UNEMPLOYED)
    return latent


def standing(pay: Pay, batch: Batch) -> Float:
    """What pay goes with, as one number: the order of people within their group."""
    spread = pay.spread_of_occupation[batch.occupation] * pay.spread_of_industry[batch.industry]
    effects = pay.occupation[batch.occupation] + pay.industry[batch.industry]
    return _common_part(batch) + effects + spread * _own_part(batch)


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
    """Monthly pay at everybody's place in their group; the self-employed stand among employees of like hours."""
    month = np.empty(len(batch))
    cell = _cells(batch, batch.part_time)
    for at in np.unique(cell):
        those = cell == at
        month[those] = _on_curve(pay, (at // 4, at // 2 % 2, at % 2), latent[those])
    return month


def _cells(batch: Batch, hours: Int) -> Int:
    return (age_group(batch.age) * 2 + batch.sex) * 2 + hours


def _curves() -> Float:
    every = table("ashe_pay_percentiles_by_age").where(year="2023")
    rows, year = every.where(**PAY_ROWS), every.where(measure="annual_gross")
    out = np.empty((len(PAY_GROUPS), 2, 2, len(SHARES)))
    for group, age in enumerate(PAY_BANDS):
        for sex, name in enumerate(("Male", "Female")):
            # Bonuses are of the full-time, and of those for whom a year's pay is published.
            held = year.where(group=f"{name} Full-Time", age=age)
            annual = held if held.words("p80")[0] else None
            out[group, sex, 0] = curve_of(rows.where(group=f"{name} Full-Time", age=age), annual)
            out[group, sex, 1] = curve_of(rows.where(group=f"{name} Part-Time", age=age))
    return out


def _published(by: str, column: str, names: list[str], figure: str) -> Float:
    rows = table(by).where(group="all")
    values = dict(zip(rows.words(column), rows.numbers(figure), strict=True))
    return np.array([values[name] for name in names])


def median(values: Float, weights: Float) -> float:
    """The weighted median; not a number of none."""
    if not len(values):
        return float("nan")
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2)])


def fitted(batch: Batch, rounds: int = 20) -> Pay:
    """Find places, effects and spreads on a batch of many people.

    Medians and means of occupations and industries are published for jobs held for a year, by the year: medians are held
    against such jobs, less by how much pay of April is over the mean of the year before; means as multiples of medians.
    """
    curves = _curves()
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS, group="All")
    everybody = np.stack([curve_of(rows.where(age=age)) for age in PAY_BANDS])
    many = len(OCCUPATIONS), len(INDUSTRIES)
    pay = Pay(
        curves,
        everybody,
        np.empty((*curves.shape[:3], len(_PLACES))),
        np.zeros(many[0]),
        np.zeros(many[1]),
        np.ones(many[0]),
        np.ones(many[1]),
    )
    jobs = np.flatnonzero(employed(batch))
    cell = _cells(batch, batch.part_time)[jobs]
    weights = kept_a_year().reshape(-1)[cell]
    order = [np.flatnonzero(cell == at) for at in range(4 * len(PAY_GROUPS))]
    common, own = _common_part(batch)[jobs], _own_part(batch)[jobs]
    occupation, industry = batch.occupation[jobs], batch.industry[jobs]
    levels = []
    for by, column, names, of, effects, spreads in (
        ("ashe_occupation_2023", "soc2020_major", [str(n + 1) for n in range(many[0])], occupation, pay.occupation,
         pay.spread_of_occupation),
        ("ashe_industry_2023", "sic2007_section", list(INDUSTRIES), industry, pay.industry, pay.spread_of_industry),
    ):  # fmt: skip
        medians = _published(by, column, names, "median")
        over = np.log(_published(by, column, names, "mean") / medians)
        groups = [np.flatnonzero(of == one) for one in range(len(names))]
        levels.append((effects, spreads, groups, medians, over))

    def placed() -> Float:
        """Places of people in order as the effects now stand, and the monthly pay that goes with them."""
        spread = pay.spread_of_occupation[occupation] * pay.spread_of_industry[industry]
        latent = common + pay.occupation[occupation] + pay.industry[industry] + spread * own
        month = np.empty(len(jobs))
        for at, those in enumerate(order):
            where = (at // 4, at // 2 % 2, at % 2)
            pay.places[where] = _places_of(latent[those])
            month[those] = _on_curve(pay, where, latent[those])
        return month

    all_jobs = table("ashe_occupation_2023").where(group="all", label="All employees").number("median")
    for _ in range(rounds):
        month = placed()
        over_all = median(month, weights) / all_jobs
        for effects, spreads, groups, medians, over in levels:
            for one, those in enumerate(groups):
                if len(those) <= _ENOUGH or np.isnan(medians[one]):
                    continue
                middle = median(month[those], weights[those])
                effects[one] = np.clip(effects[one] + 0.6 * np.log(medians[one] * over_all / middle), -2.0, 2.0)
                if not np.isnan(over[one]):
                    wide = over[one] - np.log(np.average(month[those], weights=weights[those]) / middle)
                    spreads[one] = np.clip(spreads[one] * np.exp(0.8 * wide), 0.4, 2.5)
        pay.occupation[:] -= pay.occupation.mean()
        pay.industry[:] -= pay.industry.mean()
    placed()
    return pay


_ENOUGH = 120
"""Jobs of a sample from which a median is taken."""


def _places_of(latent: Float) -> Float:
    """Where people stand at `_PLACES`, from a sample."""
    low, high = np.quantile(latent, [0.95, _TOP])
    score_low, score_high = score_of(np.array([0.95, _TOP]))
    beyond = high + (score_of(_PLACES) - score_high) * (high - low) / (score_high - score_low)
    return np.where(_PLACES > _TOP, beyond, np.quantile(latent, _PLACES))


def paid(pay: Pay, batch: Batch) -> None:
    """Monthly pay at wages of month 0, pounds, and where it stands among the pay of like age."""
    take = assumed()["pay"]
    month = _monthly(pay, batch, standing(pay, batch))
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
