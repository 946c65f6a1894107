"""The synthetic population: villages that can be asked for by number, each drawn by its number and the seed alone."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lifepot.errors import Misuse
from lifepot.population import children, coming, homes, loans, margins, pay, wealth
from lifepot.population.batch import JOB_OF_WORK, STATUS_OF_WORK, Batch, Flag, present, rows, settle, together
from lifepot.population.chances import Use
from lifepot.population.columns import Int, Plan, Small, Tenure, Village
from lifepot.population.fitting import Float
from lifepot.population.months import first_days
from lifepot.published.reading import table

VILLAGE_PEOPLE = 500
"""People of a village at the start."""

_SAMPLE_SEED = 2**40 + 1
_SAMPLE_VILLAGES = 160
"""The levels are found on these villages, which no run draws."""

_FIRST_DAY = int(first_days(1)[0])
_PENNY = 100


@dataclass(frozen=True, slots=True)
class Fitted:
    """All levels found on the sample."""

    pay: pay.Pay
    children: children.Children
    homes: homes.Homes
    wealth: wealth.Wealth
    loans: loans.Loans
    in_pension: float


@cache
def fitted() -> Fitted:
    """Find all levels, once a process: about three seconds."""
    batch = together([rows(_SAMPLE_SEED, number, VILLAGE_PEOPLE) for number in range(_SAMPLE_VILLAGES)])
    settle(batch)
    of_pay = pay.fitted(batch)
    pay.paid(of_pay, batch)
    of_children = children.fitted(batch)
    children.raised(of_children, batch)
    of_homes = homes.fitted(batch)
    of_wealth = wealth.fitted(batch, *homes.homes_of(of_homes, batch))
    saving = table("pensions").where(metric="participation", group="eligible employees GB").number() / 100
    return Fitted(of_pay, of_children, of_homes, of_wealth, loans.fitted(batch), saving)


def _days_born(batch: Batch, months: Int) -> Int:
    """Birth days: so old on the first day of the month of coming, to the month as drawn and to the day by the rest."""
    odd = batch.of(Use.BIRTHDAY) * 12 % 1
    age = batch.months_old + odd
    return (_FIRST_DAY + (months - age) * 365.2425 / 12).astype(np.int64) - 1


def _minor(pounds: Float) -> Int:
    return np.rint(pounds * _PENNY).astype(np.int64)


def _small(values: Int) -> Small:
    return values.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Population:
    """People of the United Kingdom at the end of 2023, and those who come in `months` months.

    `people` are at the start, in villages of about 500; everybody stands for the same number of the country's residents of
    16 and over. A village is drawn by its number and the seed, whatever else is drawn.
    """

    seed: int
    people: int
    months: int = 1

    def __post_init__(self) -> None:
        if self.people < 2 or self.months < 1 or not 0 <= self.seed < 2**63:
            raise Misuse(
                f"A population of {self.people} people, {self.months} months and seed {self.seed} cannot be drawn.",
                remedy="Ask for two people or more, a month or more, and a seed from 0 to 2^63 - 1.",
            )

    @property
    def villages(self) -> int:
        """How many villages there are, numbered from nought."""
        return max(round(self.people / VILLAGE_PEOPLE), 1)

    @property
    def weight(self) -> float:
        """How many of the country's people each stands for."""
        return float(margins.people().sum()) / self.people

    def size(self, number: int) -> int:
        """How many live in a village at the start: as near alike as whole people can be."""
        return self.people * (number + 1) // self.villages - self.people * number // self.villages

    def village(self, number: int) -> Village:
        """A village by its number, from nought to `villages` less one."""
        assert 0 <= number < self.villages, f"village {number} of {self.villages}"
        start = rows(self.seed, number, self.size(number))
        settle(start)
        later, when, moves = coming.rows(self.seed, number, len(start), self.months)
        settle(later)
        _come(later, moves)
        parts = [_columns(start, np.zeros(len(start), dtype=np.int64), number, self.weight)]
        if len(later):
            parts.append(_arriving(_columns(later, when, number, self.weight), moves))
        return parts[0] if len(parts) == 1 else _joined(parts)


def _come(batch: Batch, moves: Flag) -> None:
    """Those who turn sixteen are at school, on the way to what the young of today end with."""
    studying = np.where(batch.of(Use.COMING_WORK) < _school_jobs(), margins.STUDENT_EMPLOYEE, margins.STUDENT)
    batch.work = np.where(moves, batch.work, studying)
    at_school = present(batch.final, batch.age, studying=np.ones(len(batch), dtype=np.bool_))
    batch.qualification = np.where(moves, batch.qualification, at_school)


def _arriving(village: Village, moves: Flag) -> Village:
    """What those who come bring: the young live with their parents and own little, those who move here rent and owe nothing."""
    village.tenure[:] = np.where(moves, Tenure.PRIVATE_RENT, Tenure.PARENTS)
    for owned in (village.home, village.mortgage, village.card, village.loan, village.pension):
        owned[:] = 0
    village.plan[:] = Plan.NONE
    village.savings[~moves] //= 10
    village.other[:] = np.where(moves, village.other // 2, 0)
    village.children[~moves], village.youngest[~moves] = 0, -1
    return village


@cache
def _school_jobs() -> float:
    """The share of sixteen-year-olds at school who have a job beside it."""
    works = margins.works()[0].sum(axis=0)
    at_school = works[[margins.STUDENT, margins.STUDENT_EMPLOYEE, margins.STUDENT_ZERO_HOURS]]
    return float(at_school[1:].sum() / at_school.sum())


def _columns(batch: Batch, months: Int, number: int, weight: float) -> Village:
    """A batch of one village as its columns."""
    levels = fitted()
    pay.paid(levels.pay, batch)
    children.raised(levels.children, batch)
    tenure, value, owed = homes.homes_of(levels.homes, batch)
    savings, card, pensions, other = wealth.wealth_of(levels.wealth, batch, tenure, value, owed)
    plan, loan = loans.loans_of(levels.loans, batch, months)
    half = np.where(batch.coupled, 0.5, 1.0)
    return Village(
        number=number,
        person=batch.person,
        weight=np.full(len(batch), weight),
        enters=months,
        born=_days_born(batch, months),
        sex=_small(batch.sex),
        qualification=_small(batch.qualification),
        occupation=_small(batch.occupation),
        final=_small(batch.final),
        industry=_small(batch.industry),
        status=STATUS_OF_WORK[batch.work],
        job=JOB_OF_WORK[batch.work],
        pay=_minor(batch.pay),
        partner=batch.partner,
        children=_small(batch.children),
        youngest=batch.youngest,
        tenure=_small(tenure),
        home=_minor(value * half),
        mortgage=_minor(owed * half),
        savings=_minor(savings),
        card=_minor(card),
        pension=_minor(pensions),
        other=_minor(other),
        plan=_small(plan),
        loan=_minor(loan),
        in_pension=(batch.of(Use.IN_PENSION) < levels.in_pension).astype(np.uint8),
    )


def _joined(parts: list[Village]) -> Village:
    """Columns one after the other; only the first part has partners."""
    return Village(
        parts[0].number,
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Village.__dataclass_fields__
            if name != "number"
        ),
    )
