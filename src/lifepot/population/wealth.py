"""What people have and owe: savings, cards, pensions, other wealth, with the published tenths and a Pareto tail.

Savings come by rank from the published bands; a household's rank goes with pay, age and how it lives. Pensions are years of
pay by age, other wealth goes with pay and age. Together with the home they put households in order, and the order picks
total wealth from the published tenths; what the home and savings leave of it is split between pensions and other wealth as
drawn. Pensions by age are weighed so that medians by age come out as published too.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score, Use
from lifepot.population.columns import Int, Tenure
from lifepot.population.fitting import Float, curve
from lifepot.population.homes import household_standing
from lifepot.population.margins import assumed
from lifepot.population.pay import MONTHS
from lifepot.published.reading import table

_PLACES = np.concatenate([np.linspace(0.0, 0.99, 199), 1 - np.geomspace(0.01, 1e-5, 40)[1:]])

BILLION = 1e9

P10, MEDIAN, P90 = 16_500.0, 293_700.0, 1_200_500.0
"""Thresholds of household wealth, pounds: main points of the ONS bulletin (head of wealth_deciles_gb_2020_22)."""

AGE_NAMES = {"16-24": 20, "25-34": 29.5, "35-44": 39.5, "45-54": 49.5, "55-64": 59.5, "65-74": 69.5, "75+": 81}
BANDS = ((16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 120))

SAVING_BANDS = (
    ("under_1500", 0.0, 1500.0),
    ("1500_3000", 1500.0, 3000.0),
    ("3000_8000", 3000.0, 8000.0),
    ("8000_10000", 8000.0, 10000.0),
    ("10000_16000", 10000.0, 16000.0),
    ("16000_20000", 16000.0, 20000.0),
    ("20000_25000", 20000.0, 25000.0),
    ("25000_30000", 25000.0, 30000.0),
)


_SMALLEST = 20.0
"""Pounds: who has any savings has at least so much."""


@dataclass(frozen=True, slots=True)
class Wealth:
    """Places of households in the order of savings and of total wealth, and the wealth that goes with each; weights of pensions by age and
    of other wealth; scales of card balances
    of those who pay them off and of those who do not.
    """

    savings: Float
    total: Float
    goals: Float
    pensions: Float
    other: float
    paid_off: float
    carried: float


@cache
def tenth_households() -> float:
    """Households in a tenth: the two middle tenths' sums over the published median between them."""
    sums = table("wealth_deciles_gb_2020_22").numbers("total_wealth_gbp_bn") * BILLION
    return float((sums[4] + sums[5]) / 2 / MEDIAN)


@cache
def tail_exponent() -> float:
    """The exponent of the top tenth's Pareto tail: from its mean over its threshold, with what the survey misses put back."""
    sums = table("wealth_deciles_gb_2020_22").numbers("total_wealth_gbp_bn") * BILLION
    missing = assumed()["wealth"]["missing_at_the_top_bn"] * BILLION
    ratio = (sums[9] + missing) / tenth_households() / P90
    return float(ratio / (ratio - 1))


def wealth_at(place: Float) -> Float:
    """Total wealth of the household at a place from nought to one, pounds: straight within each tenth through the published
    thresholds, bent so that each tenth has its published mean, and a Pareto tail in the top one.
    """
    sums = table("wealth_deciles_gb_2020_22").numbers("total_wealth_gbp_bn") * BILLION
    means = sums / tenth_households()
    edges = np.sqrt(means[:-1] * means[1:])
    edges[[0, 4, 8]] = P10, MEDIAN, P90
    edges = np.concatenate([[-9_000.0], edges])
    tenth = np.clip((place * 10).astype(np.int64), 0, 9)
    inside = place * 10 - tenth
    low = edges[tenth]
    high = np.append(edges[1:], 0.0)[tenth]
    share = np.clip((means[tenth] - low) / np.where(high > low, high - low, 1.0), 0.08, 0.92)
    bend = (1 - share) / share
    middle = low + (high - low) * inside**bend
    top = P90 * (10 * np.maximum(1 - place, 1e-7)) ** (-1 / tail_exponent())
    return np.where(tenth == 9, top, middle)


@cache
def _saving_edges() -> tuple[Float, Float]:
    """Where the published bands of savings begin and end among households, and the logarithms of pounds there."""
    rows = table("savings_debt_distribution").where(unit_of_count="households")
    shares = dict(zip(rows.words("metric"), rows.numbers() / 100, strict=True))
    at, value = [0.0, shares["no_savings"]], [_SMALLEST, _SMALLEST]
    for name, _, high in SAVING_BANDS:
        at.append(at[-1] + shares[name])
        value.append(high)
    return np.array(at) / (at[-1] + shares["30000_plus"]), np.log(value)


def savings_at(place: Float) -> Float:
    """Savings of the household at a place from nought to one, pounds: the published bands, even in the logarithm within
    each, and a Pareto tail over 30,000.
    """
    edges, value = _saving_edges()
    out = np.where(place <= edges[1], 0.0, np.exp(np.interp(place, edges, value)))
    exponent = assumed()["wealth"]["savings_over_30000_exponent"]
    top = SAVING_BANDS[-1][2] * ((1 - edges[-1]) / np.maximum(1 - place, 1e-6)) ** (1 / exponent)
    return np.where(place > edges[-1], top, out)


def _saving(batch: Batch, tenure: Int) -> Float:
    """What savings go with, and a part of the household's own."""
    take = assumed()["wealth"]["savings_effects"]
    by_tenure = np.array([take["outright"], take["mortgage"], take["private_rent"], take["social_rent"], -0.5])
    age = (batch.age[batch.head] - 48) / 18
    return (
        take["pay"] * household_standing(batch)
        + take["age"] * age
        + by_tenure[tenure]
        + batch.score(Score.SAVINGS)[batch.head]
    )


def _pensions(batch: Batch) -> Float:
    """Pensions as drawn: years of pay by age, more or less; less for those who work for themselves or do not."""
    take = assumed()["wealth"]
    years = curve(take["pension_years_of_pay_by_age"], batch.age.astype(np.float64))
    own = np.exp(take["pension_spread"] * batch.score(Score.PENSION))
    alone = np.isin(batch.work, [margins.SELF_EMPLOYED, margins.PLATFORM, margins.ZERO_HOURS])
    idle = np.isin(batch.work, [margins.INACTIVE, margins.UNEMPLOYED])
    return years * MONTHS * batch.pay * own * np.where(alone, 0.4, np.where(idle, 0.35, 1.0))


def _other(batch: Batch) -> Float:
    """Other wealth as drawn: belongings, shares, a business, other property."""
    take = assumed()["wealth"]
    age = batch.age.astype(np.float64)
    scale = np.interp(age, [18, 30, 45, 60, 75], [2_000.0, 11_000.0, 22_000.0, 30_000.0, 30_000.0])
    return scale * np.exp(take["other_spread"] * batch.score(Score.OTHER) + 0.45 * batch.standing)


def _of_household(batch: Batch, own: Float) -> Float:
    """A household's sum of what each has."""
    return own + np.where(batch.coupled, own[batch.partner], 0.0)


def _parts(wealth: Wealth, batch: Batch, tenure: Int, value: Float, owed: Float) -> tuple[Float, Float, Float]:
    """Savings of the household and, of each person, pensions and other wealth as they come to be, pounds."""
    place = np.interp(_saving(batch, tenure), wealth.savings, _PLACES)
    savings = savings_at(place)
    pensions = _pensions(batch) * np.interp(batch.age, list(AGE_NAMES.values()), wealth.pensions)
    other = wealth.other * _other(batch)
    drawn = value - owed + savings + _of_household(batch, pensions + other)
    wanted = np.interp(np.interp(drawn, wealth.total, _PLACES), _PLACES, wealth.goals)
    left = np.maximum(wanted - (value - owed) - savings, 0.0)
    share = left / np.maximum(_of_household(batch, pensions + other), 1.0)
    return savings, pensions * share, other * share


def _household_total(batch: Batch, savings: Float, pensions: Float, other: Float, home: Float) -> Float:
    return home + savings + _of_household(batch, pensions + other)


_TURNS = 22


def _placed(wealth: Wealth, batch: Batch, leads: Flag, home_and_savings: Float) -> Wealth:
    """Places of households in order of all that is drawn for them, with the weights as they are."""
    pensions = _pensions(batch) * np.interp(batch.age, list(AGE_NAMES.values()), wealth.pensions)
    total = home_and_savings + _of_household(batch, pensions + wealth.other * _other(batch))
    return replace(wealth, total=np.quantile(total[leads], _PLACES))


def fitted(batch: Batch, tenure: Int, value: Float, owed: Float) -> Wealth:
    """Find places, weights and scales on a batch of many people."""
    apart = tenure == Tenure.PARENTS
    leads = batch.leads & ~apart
    latent = _saving(batch, tenure)
    savings_places = np.quantile(latent[leads], _PLACES)
    medians = table("wealth_median_by_age_gb_2020_22")
    published = [medians.where(age_hrp=name).number("median_total_wealth") for name in AGE_NAMES]
    wealth = Wealth(savings_places, np.zeros(len(_PLACES)), wealth_at(_PLACES), np.ones(len(AGE_NAMES)), 1.0, 1.0, 1.0)
    savings = savings_at(np.interp(latent, wealth.savings, _PLACES))
    share = assumed()["wealth"]["other_of_pensions_and_other"]
    wanted = wealth_at(_PLACES)
    for turn in range(_TURNS):
        wealth = _placed(wealth, batch, leads, value - owed + savings)
        parts = _parts(wealth, batch, tenure, value, owed)
        came = _household_total(batch, *parts, value - owed)
        # Where homes and savings alone are over the goal, others of like wealth are brought so much lower.
        short = np.where(_PLACES < 0.95, wanted - np.quantile(came[leads], _PLACES), 0.0)
        wealth = replace(wealth, goals=np.sort(wealth.goals + 0.6 * short))
        if turn >= _TURNS - 6:
            continue
        weights = wealth.pensions.copy()
        for n, ((first, last), median) in enumerate(zip(BANDS, published, strict=True)):
            those = leads & (batch.age >= first) & (batch.age <= last)
            weights[n] = np.clip(weights[n] * (median / np.median(came[those])) ** 0.8, 0.02, 200.0)
        # Of what is neither home nor savings, other wealth has the share that it has in the country.
        ratio = float(parts[2][leads].sum() / parts[1][leads].sum())
        wealth = replace(wealth, pensions=weights, other=wealth.other * (share / (1 - share) / ratio) ** 0.8)
    carries = carried(batch, savings)
    balance = _balances(batch)
    rows = table("savings_debt_distribution")
    debt = rows.where(metric="card_debt_outstanding").number() * BILLION / margins.people().sum() * len(batch)
    bearing = rows.where(metric="share_card_balances_bearing_interest").number() / 100
    return replace(
        wealth,
        carried=float(debt * bearing / balance[carries].sum()),
        paid_off=float(debt * (1 - bearing) / balance[~carries].sum()),
    )


def carried(batch: Batch, savings: Float) -> Flag:
    """Whose card balances bear interest: those who could not pay them off from savings (the household's, below 1,500)."""
    return _of_household(batch, np.where(batch.coupled, savings / 2, savings)) < SAVING_BANDS[0][2]


def _balances(batch: Batch) -> Float:
    """Card balances as drawn, before their scale: the more the higher the pay, most in the middle of life."""
    take = assumed()["cards"]
    age = batch.age.astype(np.float64)
    some = batch.of(Use.CARD) < take["share_with_a_balance"] * np.interp(age, [18, 25, 60, 80], [0.3, 1.0, 1.0, 0.5])
    return some * (age >= 18) * np.exp(take["spread"] * batch.score(Score.CARD) + 0.3 * batch.standing)


def wealth_of(
    wealth: Wealth, batch: Batch, tenure: Int, value: Float, owed: Float
) -> tuple[Float, Float, Float, Float]:
    """Everybody's savings, card balance, pensions and other wealth, pounds; of couples, savings half each."""
    savings, pensions, other = _parts(wealth, batch, tenure, value, owed)
    card = _balances(batch) * np.where(carried(batch, savings), wealth.carried, wealth.paid_off)
    return np.where(batch.coupled, savings / 2, savings), card, pensions, other
