"""Drawing a village's lives, and the least that it could cost."""

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import places as p
from lifepot.lives.begin import begin
from lifepot.lives.columns import Lives
from lifepot.lives.levers import OFF, Levers
from lifepot.lives.month import least, live
from lifepot.lives.outcome import Outcome
from lifepot.lives.rates import Rates, rates_for
from lifepot.periods import Int, month_index
from lifepot.population.columns import Sex, Tenure, Village
from lifepot.population.months import first_days
from lifepot.taxes.tables import pension_age_months


def draw(village: Village, seed: int, months: int, levers: Levers = OFF, rates: Rates | None = None) -> Lives:
    """The lives of a village's people over so many months from April 2024.

    A life depends on the seed, the person's number and month, and the people of the village; on nothing else. `rates` in
    place of the published ones are for those who want to know what a chance does.
    """
    assert months > 0, "at least one month"
    rates = rates or rates_for(months, levers)
    whole, real, kids = standing(village, seed, rates)
    outcome = Outcome.empty(months, len(village))
    drawn = np.empty((4, len(village)), dtype=np.uint32)
    live(np.uint64(seed), village.person, months, whole, real, kids, rates, drawn, outcome)
    return Lives(*outcome)


def limit(village: Village, seed: int, months: int) -> float:
    """Asks chance for the words of a drawing, and takes its logarithms and exponentials, and does nothing else.

    Three people in four are taken to work. For a benchmark: what `draw` costs beside it is what lives cost. The sum of it
    all comes back, which means nothing.
    """
    return float(least(np.uint64(seed), village.person, months))


def standing(
    village: Village, seed: int, rates: Rates
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
    """Everybody's rows as they come in: see `places`."""
    many = len(village)
    whole = np.zeros((many, p.WHOLE), dtype=np.int32)
    real = np.zeros((many, p.REAL))
    kids = np.zeros((many, p.MOST_KIDS), dtype=np.int32)
    first = int(month_index(first_days(1))[0])
    whole[:, p.ENTERS] = village.enters
    whole[:, p.BORN] = month_index(village.born) - first
    years = (village.enters - whole[:, p.BORN]) // 12
    whole[:, p.AGE] = np.clip(years - p.FIRST_AGE, 0, p.AGES - 1)
    whole[:, p.TURN] = whole[:, p.BORN] + 12 * years
    whole[:, p.SEX] = village.sex
    whole[:, p.PENSION] = pension_month(village.born, whole[:, p.BORN].astype(np.int64))
    for row, column in (
        (p.JOB, village.job),
        (p.OCCUPATION, village.occupation),
        (p.INDUSTRY, village.industry),
        (p.QUALIFICATION, village.qualification),
        (p.AIM, village.final),
        (p.PARTNER, village.partner),
    ):
        whole[:, row] = column
    whole[:, p.PARENTS] = village.tenure == Tenure.PARENTS
    for row in (p.DEATH, p.BIRTH, p.PARTING, p.HOME, p.COURSE):
        whole[:, row] = p.NEVER
    begin(
        np.uint64(seed),
        village.person,
        village.status,
        village.pay,
        own_children(village),
        village.youngest,
        whole,
        real,
        kids,
        rates,
    )
    return whole, real, kids


def own_children(village: Village) -> Int:
    """How many children each brings: those of a couple are the woman's, else the first one's."""
    many = village.children.astype(np.int64)
    rows = np.arange(len(village))
    has = village.partner >= 0
    other = np.where(has, village.partner, rows)
    same = village.sex == village.sex[other]
    keeps = ~has | np.where(same, rows < other, village.sex == Sex.FEMALE)
    return np.where(keeps & (village.youngest >= 0), many, 0)


def pension_month(born: Int, month: Int) -> Int:
    """The month of State Pension age, by the day and the month of birth."""
    return month + pension_age_months(born)
