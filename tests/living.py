"""Villages made by hand for tests of lives: as many of each age and state as the fitted chain says, and others to come."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import chain, family, flows, places, work
from lifepot.lives.columns import Lives
from lifepot.lives.draw import draw
from lifepot.lives.levers import OFF, Levers
from lifepot.lives.rates import Rates
from lifepot.periods import month_start
from lifepot.population.columns import Job, Sex, Status, Tenure, Village

FIRST_INDEX = 12 * 54 + 3
"""April 2024, months since 1970."""
AIMS = (0.05, 0.03, 0.12, 0.22, 0.58)

_STATUS = {
    places.REGULAR: Status.WORKING,
    places.ZERO: Status.WORKING,
    places.OWN: Status.WORKING,
    places.FRESH: Status.UNEMPLOYED,
    places.WAITING: Status.UNEMPLOYED,
    places.LONG: Status.UNEMPLOYED,
    places.INACTIVE: Status.INACTIVE,
    places.RETIRED: Status.RETIRED,
    places.STUDY: Status.STUDYING,
    places.STUDY_LOOK: Status.STUDYING,
    places.STUDY_JOB: Status.STUDYING,
}
_JOBS = {places.REGULAR: Job.EMPLOYEE, places.ZERO: Job.ZERO_HOURS, places.OWN: Job.SELF_EMPLOYED}


@cache
def standing_shares() -> NDArray[np.float64]:
    """Shares of states at each age from 16 to 90."""
    fitted = flows.shipped()
    stock = chain.stock(fitted.monthly, fitted.after_study, fitted.at_pension, flows.CHURNERS, chain.at_sixteen())
    shares = stock.shares.sum(axis=0)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def village(
    number: int = 0,
    people: int = 500,
    years_to_come: int = 0,
    *,
    couples: bool = True,
    ages: tuple[int, int] = (16, 90),
) -> Village:
    """People of 16 to 90 as in 2023, and for so many years each month's new sixteen-year-olds."""
    chance = np.random.default_rng(number + 12345)
    span = np.arange(ages[0], ages[1] + 1)
    weights = chain.weights()[span - 16]
    here = chance.choice(span, people, p=weights / weights.sum())
    a_month = weights[0] / weights.sum() * people / 12 if years_to_come else 0.0
    coming = np.repeat(np.arange(1, years_to_come * 12 + 1), chance.poisson(a_month, years_to_come * 12))
    many = people + len(coming)
    age = np.concatenate([here, np.full(len(coming), 16)])
    enters = np.concatenate([np.zeros(people, dtype=np.int64), coming])
    months = age * 12 + np.where(enters > 0, 0, chance.integers(0, 12, many))
    born = month_start(FIRST_INDEX + enters - months) + chance.integers(0, 28, many)
    states = chain.places_of_states()
    state = np.array([chance.choice(chain.STATES, p=standing_shares()[min(a, 90) - 16]) for a in age])
    place = states[state]
    status = np.array([_STATUS[one] for one in place], dtype=np.uint8)
    job = np.array([_JOBS.get(one, Job.NONE) for one in place], dtype=np.uint8)
    beside = place == places.STUDY_JOB
    job[beside] = np.where(chance.random(many) < flows.BEGIN_ZERO_STUDYING, Job.ZERO_HOURS, Job.EMPLOYEE)[beside]
    sex = chance.integers(0, 2, many).astype(np.uint8)
    aim = chance.choice(5, many, p=AIMS)
    studies = status == Status.STUDYING
    final = np.where(studies & (age >= 19), 4, np.where(studies & (age >= 17), np.maximum(aim, 3), aim))
    log_pay = work.log_pay_by_age()[sex, np.minimum(age - 16, 94)] + 0.45 * chance.standard_normal(many)
    log_pay += np.array(work.KIND_EFFECTS)[job]
    partner = np.full(many, -1)
    if couples:
        _marry(chance, age[:people], sex[:people], partner)
    nothing = np.zeros(many, dtype=np.int64)
    return Village(
        number=number,
        person=number * 2**20 + np.arange(many),
        weight=np.ones(many),
        enters=enters,
        born=born,
        sex=sex,
        qualification=np.where(studies, np.maximum(final - 1, 0), final).astype(np.uint8),
        final=final.astype(np.uint8),
        occupation=chance.choice(9, many, p=work.jobs_by_occupation()).astype(np.uint8),
        industry=chance.choice(21, many, p=work.jobs_by_industry()).astype(np.uint8),
        status=status,
        job=job,
        pay=np.exp(log_pay).astype(np.int64),
        partner=partner,
        children=np.zeros(many, dtype=np.uint8),
        youngest=np.full(many, -1),
        tenure=np.where((age < 24) & (partner < 0), Tenure.PARENTS, Tenure.PRIVATE_RENT).astype(np.uint8),
        home=nothing,
        mortgage=nothing,
        savings=nothing,
        card=nothing,
        pension=nothing,
        other=nothing,
        plan=np.zeros(many, dtype=np.uint8),
        loan=nothing,
        in_pension=np.ones(many, dtype=np.uint8),
    )


def _marry(
    chance: np.random.Generator, age: NDArray[np.int64], sex: NDArray[np.uint8], partner: NDArray[np.int64]
) -> None:
    for woman in np.flatnonzero(sex == Sex.FEMALE):
        if chance.random() < family.living_as_couple(1)[age[woman] - 16]:
            wanted = age[woman] + chance.normal(2.0, 4.7)
            free = np.flatnonzero((sex == Sex.MALE) & (partner[: len(age)] < 0) & (age >= 18))
            if len(free):
                man = free[np.argmin(np.abs(age[free] - wanted))]
                if abs(age[man] - wanted) < 15:
                    partner[woman], partner[man] = man, woman


def side_by_side(
    villages: int, months: int, *, levers: Levers = OFF, rates: Rates | None = None, seed: int = 1, **how: object
) -> tuple[Lives, list[Village]]:
    """Some villages' lives as one, people side by side; partners keep the rows of their village."""
    made = [village(number, **how) for number in range(villages)]  # type: ignore[arg-type]
    drawn = [draw(one, seed, months, levers, rates) for one in made]
    columns = {
        name: np.concatenate([getattr(one, name) for one in drawn], axis=1) for name in Lives.__dataclass_fields__
    }
    return Lives(**columns), made
