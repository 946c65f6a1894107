"""Yearly chances of dying, meeting, parting, having a child and leaving the parents' home, from the published figures.

Levels are published ones; shapes by age that no official table has are those of SimPaths' probits (see each function).
"""

from functools import cache
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from lifepot.lives.places import AGES, FIRST_AGE
from lifepot.published.reading import table

Float = NDArray[np.float64]

YEARS = 60
"""Calendar years of mortality, from `FIRST_MORTALITY` on; the last stays."""
FIRST_MORTALITY = 2022

_BANDS = ("16-29", "30-34", "35-39", "40-44", "45-49", "50-54", "55-59", "60-64", "65-69", "70+")
_MIDDLES = (32.0, 37.0, 42.0, 47.0, 52.0, 57.0, 62.0, 67.0, 78.0)
"""Middle ages of the bands after the first."""

PARTING_CONSTANT = -0.65
"""In place of all that the probit of parting says but age and years together: gives 2 % a year at 40. No official level is published: fewer
than 1 % of marriages end in divorce in a year, and about half of cohabitations ended within some ten (partnership_uk)."""

BIRTHS_TO_COUPLES = ((18.0, 0.45), (22.0, 0.70), (27.0, 0.85), (32.0, 0.92), (50.0, 0.92))
"""Share of births to mothers who live with a partner, by age: 84 % of all births (fertility_uk, 2014); the shape by age
follows births within marriage, which rise from 5 % under 20 to 68 % at 35."""

STAYING = -0.6
"""Added to the probit of leaving the parents' home, whose level is not aligned (household_transitions_simpaths_uk warns): so
that about a quarter of those of 25 to 34 live with parents, as recalled of ONS, Families and households 2023."""


def _normal(value: Float) -> Float:
    return np.array([0.5 * (1.0 + erf(x / sqrt(2.0))) for x in value])


def _ages() -> Float:
    return np.arange(FIRST_AGE, FIRST_AGE + AGES, dtype=np.float64)


@cache
def mortality() -> Float:
    """The chance of dying before the next birthday, (sex, age from 16, calendar year from `FIRST_MORTALITY`)."""
    published = table("life_table_qx_uk")
    known = sorted(int(name[3:]) for name in published.columns if name.startswith("qx_"))
    years = np.arange(FIRST_MORTALITY, FIRST_MORTALITY + YEARS)
    found = np.empty((2, AGES, YEARS))
    for sex, name in enumerate(("male", "female")):
        rows = published.where(sex=name)
        by_year = np.array([rows.numbers(f"qx_{year}")[FIRST_AGE : FIRST_AGE + AGES] for year in known])
        for age in range(AGES):
            found[sex, age] = np.interp(years, known, by_year[:, age])
    return found


@cache
def living_as_couple(sex: int) -> Float:
    """The share of people of each age from 16 who live with a partner (ONS 2015), smooth between the published bands.

    Under 30 it rises along a logistic curve whose mean is the published share and which meets the band above.
    """
    rows = table("partnership_uk").where(metric="living_in_couple", group=("male", "female")[sex])
    by_band = dict(zip(rows.words("age"), rows.numbers() / 100, strict=True))
    ages = _ages()
    above = np.interp(ages, _MIDDLES, [by_band[band] for band in _BANDS[1:]])
    young = ages < 30.0
    top = by_band["30-34"] * 1.04
    low, high = 18.0, 34.0
    for _ in range(60):  # the middle of the curve, by halving
        middle = (low + high) / 2
        curve = top / (1.0 + np.exp(-(ages - middle) / 2.3))
        low, high = (middle, high) if curve[young].mean() > by_band["16-29"] else (low, middle)
    rising = ages < 34.0
    return np.where(rising, np.minimum(curve, top), above)


@cache
def parting() -> Float:
    """The chance that a couple parts within a year, by the woman's age: SimPaths' shape, see `PARTING_CONSTANT`.

    Years together go with age here: four in five of those since 28 (an assumption).
    """
    rows = table("household_transitions_simpaths_uk").where(process="exit_partnership_woman_18plus")
    by_name = dict(zip(rows.words("variable"), rows.numbers("coefficient"), strict=True))
    ages = np.minimum(_ages(), 70.0)
    together = 0.8 * np.maximum(_ages() - 28.0, 0.0)
    score = by_name["Dag"] * ages + by_name["Dag_sq"] * ages**2 + by_name["Dcpyy_L1"] * together
    return _normal(PARTING_CONSTANT + score)


@cache
def after_april() -> Float:
    """The share of women of each age who should have a partner once those who find one this April have.

    Half of an age's people have had its April already, over a year: so what is published of an age lies between two Aprils.
    """
    share = living_as_couple(1)
    return (share + np.append(share[1:], share[-1])) / 2


@cache
def meeting() -> Float:
    """The chance that a woman without a partner finds one in April, by age: what keeps couples at their published share.

    From share c last April, with chance s of parting and w of being widowed: c' = c (1 - s - w) + (1 - c) m.
    """
    wanted = after_april()
    ages = np.arange(AGES)
    before = np.append(0.0, wanted[:-1])
    died = mortality()[0][np.minimum(ages + 1, AGES - 1), 2]
    kept = before * (1.0 - np.append(0.0, parting()[:-1])) * (1.0 - died)
    chance = np.clip((wanted - kept) / np.maximum(1.0 - before, 0.05), 0.0, 0.6)
    chance[ages + FIRST_AGE > 75] = 0.0
    return chance


@cache
def births() -> Float:
    """The chance of a birth within a year, (age from 16, 0: alone, 1: with a partner): 1.41 children a woman (2024)."""
    rows = table("fertility_uk").where(metric="births_per_1000_women_scaled_to_tfr_1.41")
    by_age = {int(age): rate / 1000 for age, rate in zip(rows.words("age"), rows.numbers(), strict=True)}
    share = living_as_couple(1)
    found = np.zeros((AGES, 2))
    for row in range(AGES):
        age = FIRST_AGE + row
        rate = by_age.get(age, 0.0)
        if age == FIRST_AGE:
            rate += by_age[15]  # nobody is drawn before 16
        rate /= 1.0 - by_age.get(age - 1, 0.0)  # of those who had none in the year before: see `events`
        of_couples = np.interp(age, *np.array(BIRTHS_TO_COUPLES).T)
        with_partner = min(rate * of_couples / max(share[row], 0.02), 0.35)
        found[row] = (rate - with_partner * share[row]) / (1.0 - share[row]), with_partner
    return np.maximum(found, 0.0)


@cache
def leaving_home() -> Float:
    """The chance that somebody who lives with parents leaves within a year, (sex, age, 1: studies): SimPaths' shape."""
    rows = table("household_transitions_simpaths_uk").where(process="leave_parental_home")
    by_name = dict(zip(rows.words("variable"), rows.numbers("coefficient"), strict=True))
    ages = np.minimum(_ages(), 45.0)
    score = STAYING + by_name["Constant"] + by_name["Dag"] * ages + by_name["Dag_sq"] * ages**2
    found = np.empty((2, AGES, 2))
    for sex in range(2):
        man = by_name["Dgn"] * (1 - sex)
        found[sex, :, 0] = _normal(score + man + by_name["Deh_c4_Medium_L1"])
        found[sex, :, 1] = _normal(score + man + by_name["Les_c3_Student_L1"])
    return found


@cache
def gap_between_partners() -> tuple[float, float]:
    """By how many years a man is older than the woman he lives with: mean and standard deviation."""
    rows = table("partnership_uk")
    mean = rows.where(metric="partner_age_difference_mean").number()
    spread = rows.where(metric="partner_age_difference_sd").number()
    return mean, spread
