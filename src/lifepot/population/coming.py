"""Who comes after the start: those who turn sixteen, and people who move here, month by month.

How many is published for the country; a village gets its share with a chance of its own for the odd person, so that all
villages together get the country's. A longer run only adds to the end: who comes first comes the same.
"""

from functools import cache

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import VILLAGE, Use, chances, village_chances
from lifepot.population.columns import Int
from lifepot.population.fitting import Float
from lifepot.population.margins import assumed
from lifepot.published.reading import table

COMING_OF_AGE = 16
MONTHS = 12
_OBR_TO = (2030 - 2024) * MONTHS + 9
"""The month of January 2031: the OBR's net migration is for 2026 to 2030, after it ONS's."""


@cache
def of_age(months: int) -> Float:
    """How many of each sex turn sixteen by month in the country (months, 2).

    They are those of 15, 14, … in 2023; once these are through, those of 16 in the projections of 2040 and 2050, held after.
    """
    month = np.arange(months)
    years = month // MONTHS
    young = margins.residents(2023, np.arange(COMING_OF_AGE))[::-1]
    later = np.stack([margins.residents(year, np.array([COMING_OF_AGE]))[0] for year in (2040, 2050)])
    projected = np.stack([np.interp(2024 + years, [2040, 2050], later[:, sex]) for sex in range(2)], axis=1)
    now = np.where((years < COMING_OF_AGE)[:, None], young[np.minimum(years, COMING_OF_AGE - 1)], projected)
    return now / MONTHS


@cache
def moving_in(months: int) -> Float:
    """How many more people move here than away, by month."""
    rows = table("migration_uk").where(metric="net_migration_assumption")
    first = rows.where(period="2026-2030").number()
    after = rows.where(period="from mid-2027").number()
    return np.where(np.arange(months) < _OBR_TO, first, after) / MONTHS


def _whole(expected: Float, odd: float) -> Int:
    """Whole people a month whose running sum is never one off the expected."""
    return np.diff(np.floor(np.concatenate([[0.0], np.cumsum(expected)]) + odd)).astype(np.int64)


def rows(seed: int, number: int, size: int, months: int) -> tuple[Batch, Int, Flag]:
    """Those who come to a village in months 1 to `months` less one, in that order: as a batch, when, and who moves here.

    Persons are numbered on from `size`, the village's people at the start. Ages are those of the month they come in.
    """
    own = village_chances(seed, number)
    share = size / float(margins.people().sum())
    coming = of_age(max(months - 1, 0))
    boys, girls = (_whole(coming[:, sex] * share, own[2 + sex]) for sex in range(2))
    movers = _whole(moving_in(max(months - 1, 0)) * share, own[4])
    each = np.stack([boys, girls, movers], axis=1)
    month, kind = np.divmod(np.repeat(np.arange(each.size), each.reshape(-1)), 3)
    person = number * VILLAGE + size + np.arange(len(month), dtype=np.int64)
    shares, scores = chances(seed, person)
    moves = kind == 2
    sex = np.where(moves, (shares[:, Use.COMING_SEX] < 0.5).astype(np.int64), kind)
    age = np.where(moves, _ages(shares[:, Use.COMING_AGE]), COMING_OF_AGE)
    return Batch(person, shares, scores, age, sex, np.full(len(month), -1, dtype=np.int64)), month + 1, moves


def _ages(share: Float) -> Int:
    """Ages of those who move here: 70 in 100 are 18 to 34 (RECALLED), the most about 22; a few younger, the rest older."""
    take = assumed()["migrants"]
    young = take["share_16_17"]
    at = [
        0.0,
        young,
        young + take["share_18_34"] * 0.45,
        young + take["share_18_34"] * 0.75,
        young + take["share_18_34"],
        1.0,
    ]
    return np.interp(share, at, [16.0, 18.0, 23.5, 28.0, 35.0, take["oldest"] + 0.999]).astype(np.int64)
