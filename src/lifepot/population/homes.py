"""How people live, what their homes are worth and what they owe on them.

Owning goes with age, pay, living as a couple, a degree and work; how strongly is assumed, how many own at each age is
published, and the levels are found on a sample so that both hold. Renting from a council or housing association goes with
low pay, children and being out of work.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score, Use
from lifepot.population.columns import Int, Qualification, Tenure
from lifepot.population.fitting import Float, curve, root
from lifepot.population.margins import assumed
from lifepot.published.reading import table

_KNOTS = (20.0, 29.5, 39.5, 54.5, 69.5, 80.0)
_BANDS = ((16, 24), (25, 34), (35, 44), (45, 64), (65, 74), (75, 120))
_NAMES = ("HRP 16 to 24", "", "HRP 35 to 44", "HRP 45 to 64", "HRP 65 to 74", "HRP 75 or older")


@dataclass(frozen=True, slots=True)
class Homes:
    """Levels of owning and of social renting at six ages; what brings prices and mortgages to their published means."""

    own: Float
    social: Float
    price: float
    mortgage: float


def with_parents(batch: Batch) -> Flag:
    """Who lives with parents: single, without children, the fewer the older; of 16 and 17 nearly all."""
    share = curve(assumed()["people"]["with_parents_of_singles_by_age"], batch.age.astype(np.float64))
    return ~batch.coupled & (batch.children == 0) & (batch.of(Use.PARENTS) < share)


def _out_of_work(batch: Batch) -> Flag:
    return (batch.work == margins.UNEMPLOYED) | (batch.work == margins.INACTIVE)


def _other(batch: Batch) -> Int:
    return np.where(batch.coupled, batch.partner, np.arange(len(batch)))


def household_standing(batch: Batch) -> Float:
    """Where a household's pay stands: the mean of both, those out of work counting low."""
    own = np.where(_out_of_work(batch), -1.2, batch.standing)
    return (own + own[_other(batch)]) / 2


def _leanings(batch: Batch) -> tuple[Float, Float]:
    """What owning, and renting socially, goes with beside age, of each household (in log odds)."""
    own, social = assumed()["homes"]["own_effects"], assumed()["homes"]["social_effects"]
    other = _other(batch)
    standing = household_standing(batch)
    degree = (batch.qualification == Qualification.LEVEL_4).astype(np.float64)
    degree = (degree + degree[other]) / 2
    idle = _out_of_work(batch).astype(np.float64)
    idle = (idle + idle[other]) / 2
    paired = batch.coupled
    to_own = own["pay"] * standing + own["couple"] * paired + own["degree"] * degree + own["out_of_work"] * idle
    to_rent = (
        social["pay"] * standing
        + social["couple"] * paired
        + social["children"] * (batch.children > 0)
        + social["degree"] * degree
        + social["out_of_work"] * idle
    )
    return to_own, to_rent


def _odds(level: Float, age: Int, leaning: Float) -> Float:
    return 1 / (1 + np.exp(-(np.interp(age, _KNOTS, level) + leaning)))


def _level(levels: Float, at: int, age: Int, leaning: Float, weights: Float, target: float) -> float:
    """One of the levels, such that the weighted share comes out as wanted while the others stand."""

    def over(level: float) -> float:
        tried = levels.copy()
        tried[at] = level
        return float((_odds(tried, age, leaning) * weights).sum()) - target

    return root(over, -8.0, 8.0, 18)


def fitted(batch: Batch) -> Homes:
    """Find the levels on a batch of many people."""
    rows = table("rents_mortgages_uk")
    apart = with_parents(batch)
    leads = batch.leads & ~apart
    age = batch.age[batch.head]
    to_own, to_rent = _leanings(batch)
    person_owns = table("home_ownership").where(metric="owns_home").number() / 100
    private_of_young = rows.where(metric="private_share_of_renters").number() / 100
    own, social = np.zeros(len(_KNOTS)), np.zeros(len(_KNOTS))
    for _ in range(5):
        for n, ((first, last), name) in enumerate(zip(_BANDS, _NAMES, strict=True)):
            if name:
                who = leads & (batch.age >= first) & (batch.age <= last)
                owner, private, renter = (
                    rows.where(metric=f"tenure_share_{kind}", group=name).number() / 100
                    for kind in ("owner", "private_rent", "social_rent")
                )
                target, of_renters = owner, renter / (private + renter)
                reach = np.ones(len(batch))
            else:
                who = (batch.age >= first) & (batch.age <= last)
                target, of_renters = person_owns, 1 - private_of_young
                reach = (~apart).astype(np.float64)

            ages, lean, rent, counts = age[who], to_own[who], to_rent[who], reach[who]
            own[n] = _level(own, n, ages, lean, counts / len(counts), target)
            rents = 1 - _odds(own, ages, lean)
            social[n] = _level(social, n, ages, rent, rents / rents.sum(), of_renters)
    homes = Homes(own, social, 1.0, 1.0)
    tenure = tenures(homes, batch)
    value, owed = _values(homes, batch, tenure)
    owners = batch.leads & (tenure <= Tenure.MORTGAGE)
    price = assumed()["homes"]["price_mean"] / value[owners].mean()
    mean = rows.where(metric="mortgage_balance_mean").number()
    mortgaged = batch.leads & (tenure == Tenure.MORTGAGE)
    return Homes(own, social, float(price), float(mean / (owed[mortgaged] * price).mean()))


def tenures(homes: Homes, batch: Batch) -> Int:
    """How everybody lives; the same for both of a couple."""
    age = batch.age[batch.head]
    to_own, to_rent = _leanings(batch)
    owns = batch.of(Use.OWN)[batch.head] < _odds(homes.own, age, to_own)
    social = batch.of(Use.SOCIAL)[batch.head] < _odds(homes.social, age, to_rent)
    paid_off = curve(assumed()["homes"]["outright_of_owners_by_age"], age.astype(np.float64))
    outright = batch.of(Use.OUTRIGHT)[batch.head] < paid_off
    out = np.where(
        owns,
        np.where(outright, Tenure.OUTRIGHT, Tenure.MORTGAGE),
        np.where(social, Tenure.SOCIAL_RENT, Tenure.PRIVATE_RENT),
    )
    return np.where(with_parents(batch), Tenure.PARENTS, out).astype(np.int64)


def _values(homes: Homes, batch: Batch, tenure: Int) -> tuple[Float, Float]:
    """What a household's home is worth and what is owed on it, pounds, nought where it owns none."""
    take = assumed()["homes"]
    head = batch.head
    age = batch.age[head].astype(np.float64)
    value = np.exp(
        take["price_spread"] * batch.score(Score.PRICE)[head] + take["price_on_pay"] * household_standing(batch)
    )
    value = np.where(tenure <= Tenure.MORTGAGE, homes.price * value, 0.0)
    share = curve(take["loan_to_value_by_age"], age) * (0.15 + 1.7 * batch.of(Use.PAID_OFF)[head]) * homes.mortgage
    owed = np.where(tenure == Tenure.MORTGAGE, value * np.minimum(share, 0.95), 0.0)
    return value, owed


def homes_of(homes: Homes, batch: Batch) -> tuple[Int, Float, Float]:
    """Tenure, and what the household's home is worth and what is owed on it, pounds."""
    tenure = tenures(homes, batch)
    return tenure, *_values(homes, batch, tenure)


def usual(homes: Homes) -> float:
    """What a home in the middle is worth, pounds."""
    return homes.price
