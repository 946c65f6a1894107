"""Children under 16 at home: drawn for women from published families, and shared with their partners.

How many a woman has had by her age is drawn from the cohorts' tables, how old she was in the middle of them from birth
rates by age, and how far apart they are is assumed; of those, who is under 16 now lives at home. Lone fathers are left out.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch
from lifepot.population.chances import Use
from lifepot.population.columns import Int, Sex
from lifepot.population.fitting import Float, Steps, root, steps
from lifepot.population.margins import AGES, assumed
from lifepot.published.reading import table

AT_HOME_MONTHS = 16 * 12
MOST = 4
_FIRST_BIRTH, _LAST_BIRTH = 15, 49

_YEARS = np.arange(1975, 2025)

_LATEST = {20: "1990", 25: "1990", 30: "1985", 35: "1980", 40: "1975", 45: "1969"}
"""Of each age, the latest cohort of women whose children by then are published."""


@dataclass(frozen=True, slots=True)
class Children:
    """Running shares of children had, by age and in a couple or not (75, 2, 5); of ages at a birth, by year of age from 15."""

    had: Steps
    births: Float


def _had() -> Float:
    """Shares of women who have had no child, one, two, three, four or more, at each age."""
    rows = table("fertility_uk")
    points = np.zeros((len(_LATEST) + 1, MOST + 1))
    points[0, 0] = 1.0
    for n, (age, cohort) in enumerate(_LATEST.items(), start=1):
        group = f"England and Wales women born {cohort}"
        for children in range(MOST + 1):
            name = f"children_ever_born_{children}{'+' if children == MOST else ''}_pct"
            points[n, children] = rows.where(metric=name, group=group, age=str(age)).number()
    points /= points.sum(axis=1, keepdims=True)
    return np.stack([np.interp(AGES, [16, *_LATEST], points[:, children]) for children in range(MOST + 1)], axis=1)


def _birth_rates() -> Float:
    """Births a woman a year by age of the mother, 15 to 49, and year from 1975 to 2024 (ages, years).

    Rates by single age are those of 2021, brought in each year to the published groups of five years of age (2004, 2009,
    2014) and to the rates of 2024, with straight lines between; before 2004 as in 2004.
    """
    rows = table("fertility_uk")
    single = rows.where(metric="births_per_1000_women", group="UK", period="2021").numbers() / 1000
    ages = np.arange(_FIRST_BIRTH, _LAST_BIRTH + 1)
    known = []
    for year in ("2004", "2009", "2014"):
        groups = rows.where(metric="births_per_1000_women", group="England and Wales", period=year).numbers() / 1000
        known.append(single.copy())
        for n, rate in enumerate(groups[:6]):
            those = (ages >= 15 + 5 * n) & (ages < 20 + 5 * n)
            known[-1][those] *= rate / single[those].mean()
    known += [single, rows.where(metric="births_per_1000_women_scaled_to_tfr_1.41").numbers() / 1000]
    at = [2004, 2009, 2014, 2021, 2024]
    return np.stack([np.interp(_YEARS, at, [one[age] for one in known]) for age in range(len(ages))])


def _born_by_now() -> Float:
    """How many children a woman of each age has had by early 2024 by these rates: the mean of all such women."""
    rates = _birth_rates()
    out = np.zeros(len(AGES))
    for n, age in enumerate(AGES):
        past = np.arange(_FIRST_BIRTH, min(int(age), _LAST_BIRTH + 1))
        out[n] = rates[past - _FIRST_BIRTH, np.clip(2023 - age + past, _YEARS[0], _YEARS[-1]) - _YEARS[0]].sum()
    return out


def _apart(had: Float) -> Float:
    """The same for women in a couple and not: single women have the odds assumed, and together they are as published."""
    odds = assumed()["children"]["odds_of_children_of_single_women"]
    couples = margins.couples()[:, Sex.FEMALE]
    out = np.empty((len(AGES), 2, MOST + 1))
    for n in range(len(AGES)):
        some = 1 - had[n, 0]

        def over(share: float, some: float = some, couple: float = couples[n]) -> float:
            single = odds * share / (1 - share + odds * share)
            return couple * share + (1 - couple) * single - some

        paired = root(over, 0.0, 1.0)
        for kind, share in enumerate((odds * paired / (1 - paired + odds * paired), paired)):
            out[n, kind] = had[n] * share / max(some, 1e-9)
            out[n, kind, 0] = 1 - share
    return out


def fitted(batch: Batch) -> Children:
    """Shares brought to the children women of each age have had by the rates of their own years, up to 45, and all together
    to the children under 16 there are.
    """
    births = steps(_birth_rates()[:, -8])
    wanted = margins.residents(2023, np.arange(16)).sum() / margins.people().sum() * len(batch)
    had = _had()
    level = np.minimum(_born_by_now() / np.maximum(had @ np.arange(MOST + 1), 1e-9), 1.0)
    had[:, 1:] *= np.where(AGES <= 45, level, level[AGES == 45])[:, None]

    many = table("fertility_uk").where(
        metric="families_with_dependent_children_having_three_or_more_pct", period="2025"
    )
    large = many.number() / 100

    def scaled(by: float, third: float) -> Children:
        less = had.copy()
        less[:, 3:] *= third
        less[:, 1] += (had[:, 3:].sum(axis=1) - less[:, 3:].sum(axis=1)) * 0.3
        less[:, 2] += (had[:, 3:].sum(axis=1) - less[:, 3:].sum(axis=1)) * 0.7
        less[:, 1:] *= by
        less[:, 0] = np.maximum(1 - less[:, 1:].sum(axis=1), 0.0)
        return Children(Steps.of(_apart(less)), births)

    by, third = 1.0, 1.0
    mothers = batch.sex == Sex.FEMALE
    for _ in range(10):
        count = _families(scaled(by, third), batch)[0][mothers]
        by *= wanted / count.sum()
        third *= large / (count >= 3).sum() * (count > 0).sum()
    return scaled(by, third)


def _families(children: Children, batch: Batch) -> tuple[Int, Int]:
    """How many children under 16 each woman has at home, and the age in months of the youngest (-1: none)."""
    women = np.flatnonzero(batch.sex == Sex.FEMALE)
    age = np.minimum(batch.age[women], margins.OLDEST)
    row = (age - margins.YOUNGEST) * 2 + batch.coupled[women]
    had = children.had.drawn(row, batch.of(Use.CHILDREN)[women])
    before = np.concatenate([[0.0], children.births])
    ages = np.arange(_FIRST_BIRTH, _LAST_BIRTH + 2)
    by_now = np.interp(age, ages, before)
    middle = np.interp(batch.of(Use.BIRTH_1)[women] * by_now, before, ages)
    gap = (
        assumed()["children"]["years_apart_least"]
        - np.log(batch.of(Use.BIRTH_2)[women]) * assumed()["children"]["years_apart_more"]
    )
    # Brothers and sisters are born around the age drawn; where the last would be yet to come, it came in the last two years.
    now = batch.months_old[women] / 12
    last = middle + (had - 1) / 2 * gap
    middle = np.where(last > now, middle - (last - now) - 2 * batch.of(Use.BIRTH_3)[women], middle)
    count = np.zeros(len(batch), dtype=np.int64)
    youngest = np.full(len(batch), -1, dtype=np.int64)
    for n in range(MOST):
        at_birth = middle + (n - (had - 1) / 2) * gap
        months = np.maximum(batch.months_old[women] - np.floor(at_birth * 12).astype(np.int64), 0)
        home = (had > n) & (months < AT_HOME_MONTHS)
        count[women] += home
        older = youngest[women]
        youngest[women] = np.where(home & ((older < 0) | (months < older)), months, older)
    return count, youngest


def raised(children: Children, batch: Batch) -> None:
    """Children at home of everybody: hers and, of couples, his too."""
    count, youngest = _families(children, batch)
    other = np.where(batch.coupled & (batch.sex == Sex.MALE), batch.partner, np.arange(len(batch)))
    batch.children, batch.youngest = count[other], youngest[other]
