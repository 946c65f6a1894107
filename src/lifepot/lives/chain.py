"""People of all ages as one chain: what monthly chances come to in stocks by age and in flows a quarter.

For fitting chances, and for tests: nothing here is drawn. Somebody who churns and somebody who stays are two chains; the
unemployed stand by months of their spell, as they do in `month`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import places as p
from lifepot.published.reading import table

Float = NDArray[np.float64]

SPELLS = 13
"""Months of unemployment that are told apart, the last for a year and more."""
_U = 3
_I, _R, _STUDY, _LOOK, _JOB = _U + SPELLS, _U + SPELLS + 1, _U + SPELLS + 2, _U + SPELLS + 3, _U + SPELLS + 4
STATES = _JOB + 1

OLDEST = 90
COUNTED = OLDEST - p.FIRST_AGE + 1
"""Ages 16 to 90."""

STUDYING = {
    16: 0.92,
    17: 0.80,
    18: 0.62,
    19: 0.52,
    20: 0.48,
    21: 0.40,
    22: 0.22,
    23: 0.14,
    24: 0.10,
    25: 0.05,
    26: 0.02,
}
"""Share in full-time education at each age: 86 % of 16 and 17, 35 % of 18 to 24 (young_people_education_status_uk, 2023);
within these groups an assumption, the same as the population's."""

CLASSES = 4
"""What the Labour Force Survey counts: employee, self-employed, unemployed, inactive."""


def classes() -> Float:
    """Which class each state is of, (states, classes)."""
    found = np.zeros((STATES, CLASSES))
    found[:2, 0] = found[_JOB, 0] = 1.0
    found[2, 1] = 1.0
    found[_U : _U + SPELLS, 2] = found[_LOOK, 2] = 1.0
    found[[_I, _R, _STUDY], 3] = 1.0
    return found


def places_of_states() -> NDArray[np.int64]:
    """The place of each state."""
    spells = [p.FRESH] * 3 + [p.WAITING] * 9 + [p.LONG]
    return np.array([p.REGULAR, p.ZERO, p.OWN, *spells, p.INACTIVE, p.RETIRED, p.STUDY, p.STUDY_LOOK, p.STUDY_JOB])


class Stock(NamedTuple):
    """What comes of chances.

    shares     (who churns, age from 16, state): of all people of the age
    quarter    (class, class): of people of 16 to 64, where they are three months on
    moves      straight moves from job to job a quarter, of people at work, 16 to 64
    of_young   the same as `quarter`, of people of 16 to 24
    """

    shares: Float
    quarter: Float
    moves: float
    of_young: Float


def steps(monthly: Float, after_study: Float) -> Float:
    """The chain's matrices a month, (who churns, age, from, to)."""
    found = np.zeros((2, COUNTED, STATES, STATES))
    ages = np.arange(COUNTED)
    of = places_of_states()
    chances = monthly[:, :COUNTED]
    pensioned = ages + p.FIRST_AGE >= 66
    for state in range(_R + 1):
        row = chances[:, :, of[state]]
        for kind in range(3):
            if kind != state:
                found[:, :, state, kind] += row[:, :, kind]
        found[:, :, state, _U] += row[:, :, p.TO_UNEMPLOYED]
        found[:, ~pensioned, state, _I] += row[:, ~pensioned, p.TO_INACTIVE]
        found[:, pensioned, state, _R] += row[:, pensioned, p.TO_INACTIVE]
        found[:, :, state, _R] += row[:, :, p.TO_RETIRED]
    look, job, study = chances[:, :, p.STUDY_LOOK], chances[:, :, p.STUDY_JOB], chances[:, :, p.STUDY]
    found[:, :, _STUDY, _LOOK] = study[:, :, p.TO_UNEMPLOYED]
    found[:, :, _STUDY, _JOB] = study[:, :, :3].sum(axis=2)
    found[:, :, _LOOK, _JOB] = look[:, :, :3].sum(axis=2)
    found[:, :, _LOOK, _STUDY] = look[:, :, p.TO_INACTIVE]
    found[:, :, _JOB, _STUDY] = job[:, :, p.TO_INACTIVE]
    found[:, :, _JOB, _LOOK] = job[:, :, p.TO_UNEMPLOYED]
    # Studies end evenly over the year.
    leaving = 1.0 - (
        np.array([_studying(a + 1) / max(_studying(a), 1e-9) for a in range(p.FIRST_AGE, OLDEST + 1)])
    ) ** (1 / 12)
    for state in (_STUDY, _LOOK, _JOB):
        found[:, :, state] *= (1.0 - leaving)[:, None]
        found[:, :, state, 0] += leaving * after_study[0] * 0.92
        found[:, :, state, 1] += leaving * after_study[0] * 0.08
        found[:, :, state, _U] += leaving * after_study[1]
        found[:, :, state, _I] += leaving * (1.0 - after_study[0] - after_study[1])
    # Who stays: the unemployed wait a month longer.
    stay = 1.0 - found.sum(axis=3)
    for state in range(STATES):
        on = state + 1 if _U <= state < _U + SPELLS - 1 else state
        found[:, :, state, on] += stay[:, :, state]
    return found


def _studying(age: int) -> float:
    return STUDYING.get(age, 0.0 if age > 26 else 1.0)


def stock(monthly: Float, after_study: Float, at_pension: float, churners: float, begin: Float) -> Stock:
    """Lives of many people from 16 on, a year of age after the other. `begin`: shares of states at 16."""
    matrices = steps(monthly, after_study)
    shares = np.zeros((2, COUNTED, STATES))
    now = np.stack([begin * (1.0 - churners), begin * churners])
    own = np.array([0, 1, 2])
    for age in range(COUNTED):
        if age == 66 - p.FIRST_AGE:
            retire = now[:, own] * at_pension
            now[:, own] -= retire
            now[:, _R] += retire.sum(axis=1) + now[:, _U : _I + 1].sum(axis=1)
            now[:, _U : _I + 1] = 0.0
        for _ in range(12):
            shares[:, age] += now / 12
            now = np.einsum("ts,tsu->tu", now, matrices[:, age])
    # From job to job: with an employer before and after, or to working for oneself and back.
    straight = monthly[:, :COUNTED, :3, :3].sum(axis=3)
    moves = 3.0 * (shares[:, :, :3] * straight).sum(axis=(0, 2))
    people = weights()
    of = classes()
    cubed = matrices @ matrices @ matrices @ of
    flows = np.einsum("tas,sc,tasd->acd", shares, of, cubed)
    working = shares.sum(axis=0)[:, [0, 1, 2, _JOB]].sum(axis=1)

    def closed(low: int, high: int) -> Float:
        part = slice(low - p.FIRST_AGE, high - p.FIRST_AGE + 1)
        summed = np.einsum("a,acd->cd", people[part], flows[part])
        return np.asarray(summed / summed.sum(axis=1, keepdims=True))

    active = slice(0, 64 - p.FIRST_AGE + 1)
    moved = float((people * moves)[active].sum() / (people * working)[active].sum())
    return Stock(shares, closed(16, 64), moved, closed(16, 24))


def weights() -> Float:
    """People of each age from 16 to 90, 2023."""
    rows = table("population_age_sex_uk")
    count = rows.numbers("pop_2023").reshape(-1, 2).sum(axis=1)
    return np.asarray(count[p.FIRST_AGE : OLDEST + 1])


def at_sixteen() -> Float:
    """States at 16: as the young of 16 and 17 were at the end of 2023, in and out of full-time education."""
    row = table("young_people_education_status_uk").where(period="Oct-Dec 2023", age="16-17")
    found = np.zeros(STATES)
    of = places_of_states()
    studying, working = STUDYING[16], row.number("fte_employed") / row.number("fte_total")
    looking = row.number("fte_unemployed") / row.number("fte_total")
    found[of == p.STUDY_JOB] = studying * working
    found[of == p.STUDY_LOOK] = studying * looking
    found[of == p.STUDY] = studying * (1.0 - working - looking)
    rest = 1.0 - studying
    found[0] = rest * row.number("not_fte_employed") / row.number("not_fte_total")
    found[3] = rest * row.number("not_fte_unemployed") / row.number("not_fte_total")
    found[of == p.INACTIVE] = rest * row.number("not_fte_inactive") / row.number("not_fte_total")
    return found


def churners_by_place(shares: Float, churners: float) -> Float:
    """Who churns, of those found in a place, (age from 16 to 110, place), from a stock's shares."""
    of = places_of_states()
    found = np.full((p.AGES, p.PLACES), churners)
    for place in range(p.PLACES):
        by_kind = shares[:, :, of == place].sum(axis=2)
        total = by_kind.sum(axis=0)
        known = total > 1e-7
        found[:COUNTED, place][known] = by_kind[1, known] / total[known]
        found[COUNTED:, place] = found[COUNTED - 1, place]
    return found
