"""Six people whose lives the page draws, chosen by a rule from the villages drawn, never by hand.

Of everybody who fits a kind, the one is taken whose usual pay is the middle one's: of two middle ones the lower number. They are
20 to 45 when the scheme opens and there for fifteen years of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets.columns import Years
from lifepot.lab.drawn import Drawn, RunVillage
from lifepot.lab.ground import Ground
from lifepot.lives.columns import PLATFORMS_BELOW, Lives
from lifepot.population.columns import Job, Qualification, Tenure
from lifepot.population.months import MONTHS_A_YEAR

Flags = NDArray[np.bool_]

YOUNGEST, OLDEST, YEARS_THERE = 20, 45, 15
FIRST_YEARS = 10

ADMINISTRATIVE, CARING, SALES, OPERATIVES = 3, 5, 6, 7
"""Positions in `population.columns.OCCUPATIONS`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of person: what they are called, the rule in words, and who fits it (a truth for each person of a village)."""

    words: str
    rule: str
    fits: Callable[[Drawn, slice], Flags]


@dataclass(frozen=True, slots=True)
class Typical:
    """A person who was chosen, and what the pictures need: arrays by tax year, from the run's first; pounds of the day.

    `there` says in which years they were there. `payers`: most payers in any month of the year; 0 where that was not drawn.
    """

    words: str
    rule: str
    person: int
    fitted: int
    weight: float
    born: int
    there: NDArray[np.uint8]
    age: NDArray[np.uint8]
    job: NDArray[np.uint8]
    out_of_work: NDArray[np.uint8]
    payers: NDArray[np.int64]
    automated: NDArray[np.uint8]
    retrained: NDArray[np.uint8]
    pay: NDArray[np.float64]
    pot: NDArray[np.float64]
    savings: tuple[NDArray[np.float64], NDArray[np.float64]]
    loan: tuple[NDArray[np.float64], NDArray[np.float64]]
    tenure: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    came: dict[str, float]
    """Pounds that came into the pot, by whom, and what they were taken out for."""


def _months(flags: NDArray[np.uint8], years: slice) -> NDArray[np.int64]:
    return flags[years].astype(np.int64).sum(axis=0)


def _mostly(drawn: Drawn, years: slice, job: Job) -> Flags:
    """Had this kind of job in at least seven of the scheme's first ten years."""
    return (drawn.baseline.job[years] == job).sum(axis=0) >= 7


def _occupied(drawn: Drawn, years: slice, *occupations: int) -> Flags:
    """Was of one of these occupations in half of the months, or, where lives were not drawn, at the start."""
    if drawn.lives is None:
        return np.isin(drawn.village.occupation, occupations)
    months = slice(years.start * MONTHS_A_YEAR, years.stop * MONTHS_A_YEAR)
    return np.isin(drawn.lives.occupation[months], occupations).mean(axis=0) >= 0.5


def _many_payers(drawn: Drawn, years: slice) -> Flags:
    low = drawn.baseline.pay[years].sum(axis=0) < _low_pay(drawn.baseline, years)
    both = (_months(drawn.baseline.zero_hours, years) >= 12) & (_months(drawn.baseline.platform_months, years) >= 6)
    return both & low


def _low_pay(years_of: Years, years: slice) -> float:
    """The middle of what those with pay earned over the years, in the village."""
    sums = years_of.pay[years].sum(axis=0)
    return float(np.median(sums[sums > 0])) if (sums > 0).any() else 0.0


def _two_apps(drawn: Drawn, years: slice) -> Flags:
    long = _months(drawn.baseline.platform_months, years) >= 24
    if drawn.lives is None:
        return long & np.isin(drawn.village.occupation, (OPERATIVES,))
    months = slice(years.start * MONTHS_A_YEAR, years.stop * MONTHS_A_YEAR)
    return long & (_platforms(drawn.lives, months) >= 2).any(axis=0)


def _platforms(lives: Lives, months: slice) -> NDArray[np.int64]:
    """How many platforms pay in each month."""
    payers = (lives.employer[months], lives.payer_2[months], lives.payer_3[months])
    return sum(((one > 0) & (one < PLATFORMS_BELOW)).astype(np.int64) for one in payers) + np.zeros_like(
        payers[0], dtype=np.int64
    )


def _clerk(drawn: Drawn, years: slice) -> Flags:
    return (_months(drawn.baseline.automated, years) > 0) & _occupied(drawn, years, ADMINISTRATIVE, SALES)


def _graduate(drawn: Drawn, years: slice) -> Flags:
    owes = drawn.baseline.loan[years.start] > 0
    return owes & (drawn.village.final == Qualification.LEVEL_4) & (drawn.baseline.age[years.start] <= 30)


KINDS = (
    Kind(
        "Low paid, with many payers",
        "at least a year of months on zero hours and half a year through platforms in the scheme's first ten years, and paid below the middle of their village",
        _many_payers,
    ),
    Kind("A driver on two apps", "two years of months through platforms in the first ten, at least two of them in one month", _two_apps),
    Kind(
        "A clerk whose job is automated",
        "office or sales and customer service work for half of the first ten years, and a job lost to automation in them",
        _clerk,
    ),
    Kind(
        "A care worker", "an employee in caring, leisure and other services in at least seven of the first ten years",
        lambda drawn, years: _mostly(drawn, years, Job.EMPLOYEE) & _occupied(drawn, years, CARING),
    ),
    Kind(
        "A sole trader", "self-employed in at least seven of the first ten years",
        lambda drawn, years: _mostly(drawn, years, Job.SELF_EMPLOYED),
    ),
    Kind("A graduate with a loan", "level 4 or above, owes a student loan and is 30 at most when the scheme opens", _graduate),
)  # fmt: skip


def choose(run: RunVillage, villages: Iterable[int], ground: Ground) -> list[Typical | Kind]:
    """One person of each kind; where nobody fits a kind, the kind itself. Chosen villages are run a second time."""
    years = slice(ground.opens, min(ground.opens + FIRST_YEARS, ground.years))
    fitting: list[list[tuple[int, int, int]]] = [[] for _ in KINDS]
    for number in villages:
        drawn = run(number)
        age = drawn.baseline.age[ground.opens]
        there = (drawn.baseline.months[ground.opens :] > 0).sum(axis=0) >= min(YEARS_THERE, ground.years - ground.opens)
        there &= (age >= YOUNGEST) & (age <= OLDEST) & (drawn.baseline.months[ground.opens] > 0)
        pay = drawn.baseline.pay[years].sum(axis=0)
        for place, kind in enumerate(KINDS):
            for row in np.flatnonzero(kind.fits(drawn, years) & there).tolist():
                fitting[place].append((int(pay[row]), number, row))
    chosen: list[Typical | Kind] = []
    for kind, found in zip(KINDS, fitting, strict=True):
        if not found:
            chosen.append(kind)
            continue
        _, number, row = sorted(found)[(len(found) - 1) // 2]
        chosen.append(_portrayed(kind, run(number), row, len(found), ground))
    return chosen


def _portrayed(kind: Kind, drawn: Drawn, row: int, fitted: int, ground: Ground) -> Typical:
    before, after = drawn.baseline, drawn.reform

    def pounds(years: Years, name: str) -> NDArray[np.float64]:
        return getattr(years, name)[:, row] / 100

    def both(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return pounds(before, name), pounds(after, name)

    payers = np.zeros(ground.years, dtype=np.int64)
    if drawn.lives is not None:
        monthly = drawn.lives.payers[:, row].astype(np.int64) + (drawn.lives.pay[:, row] > 0)
        whole = monthly[: ground.years * MONTHS_A_YEAR].reshape(-1, MONTHS_A_YEAR)
        payers[: len(whole)] = whole.max(axis=1)
    names = ("own", "employer", "government", "growth", "to_loan", "to_course", "to_home", "to_pension", "to_other")
    return Typical(
        kind.words, kind.rule, int(drawn.village.person[row]), fitted, float(drawn.village.weight[row]), int(drawn.village.born[row]),
        after.months[:, row], after.age[:, row], before.job[:, row], before.out_of_work[:, row], payers,
        before.automated[:, row], after.retrained[:, row], pounds(before, "pay"), pounds(after, "pot"), both("savings"), both("loan"),
        (before.tenure[:, row], after.tenure[:, row]), {name: float(pounds(after, name).sum()) for name in names},
    )  # fmt: skip


TENURE_WORDS = {
    Tenure.OUTRIGHT: "owns outright", Tenure.MORTGAGE: "owns with a mortgage", Tenure.PRIVATE_RENT: "rents privately",
    Tenure.SOCIAL_RENT: "rents socially", Tenure.PARENTS: "with parents",
}  # fmt: skip
