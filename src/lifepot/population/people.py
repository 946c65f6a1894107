"""The synthetic population: villages that can be asked for by number, each drawn by its number and the seed alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lifepot.errors import Misuse
from lifepot.periods import month_index, month_start
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
_SAMPLE_VILLAGES = 140
"""The levels are found on these villages, by a seed that nobody would think of."""

_PENNY = 100

_SOME_CHILD = 8 * 12
"""The age in months of a youngest child of whom only the parents are known."""


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
    """Birth days: so many whole months old on the first day of the month of coming, and any day of that month of birth."""
    index = month_index(first_days(1)) + months - batch.months_old - 1
    first = month_start(index)
    days = month_start(index + 1) - first
    odd = batch.of(Use.BIRTHDAY) * 12 % 1
    return first + 1 + (odd * (days - 1)).astype(np.int64)


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
    age: int | None = None
    """All of this one age at month 0, and nobody comes: a cohort."""

    def __post_init__(self) -> None:
        if self.age is not None and not margins.YOUNGEST <= self.age <= margins.OLDEST:
            raise Misuse(
                f"A cohort of {self.age} years of age cannot be drawn.",
                remedy=f"Ask for an age from {margins.YOUNGEST} to {margins.OLDEST}.",
            )
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
        who = slice(None) if self.age is None else self.age - margins.YOUNGEST
        return float(margins.people()[who].sum()) / self.people

    def size(self, number: int) -> int:
        """How many live in a village at the start: as near alike as whole people can be."""
        return self.people * (number + 1) // self.villages - self.people * number // self.villages

    def village(self, number: int) -> Village:
        """A village by its number, from nought to `villages` less one."""
        assert 0 <= number < self.villages, f"village {number} of {self.villages}"
        start = rows(self.seed, number, self.size(number), only=self.age)
        settle(start)
        months = self.months if self.age is None else 1
        return with_comers(columns(start, nobody_late(start), number, self.weight), self.seed, months)


def nobody_late(batch: Batch) -> Int:
    """All there at the start."""
    return np.zeros(len(batch), dtype=np.int64)


def with_comers(start: Village, seed: int, months: int) -> Village:
    """A village with those who come to it in so many months."""
    later, when, moves = coming.rows(seed, start.number, len(start), months)
    if not len(later):
        return start
    settle(later)
    _come(later, moves)
    return _joined([start, _arriving(columns(later, when, start.number, float(start.weight[0])), moves)])


def cohort(seed: int, people: int, age: int) -> Population:
    """People all of one age at month 0, with what people of that age have and do."""
    return Population(seed, people, age=age)


def _come(batch: Batch, moves: Flag) -> None:
    """Those who turn sixteen are at school, on the way to what the young of today end with."""
    studying = np.where(batch.of(Use.COMING_WORK) < _school_jobs(), margins.STUDENT_EMPLOYEE, margins.STUDENT)
    batch.work = np.where(moves, batch.work, studying)
    at_school = present(batch.final, batch.age, studying=np.ones(len(batch), dtype=np.bool_))
    batch.qualification = np.where(moves, batch.qualification, at_school)
    batch.months_old = np.where(moves, batch.months_old, coming.COMING_OF_AGE * coming.MONTHS)


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


Given = Mapping[str, Float]
"""What is known of each person from elsewhere, by column; not a number where it is not known. Pounds, as the columns say."""


def known(given: Given, name: str, otherwise: Float | Int) -> Float:
    """What is known of a column, and where it is not, otherwise."""
    if name not in given:
        return np.asarray(otherwise, dtype=np.float64)
    return np.where(np.isnan(given[name]), otherwise, given[name])


def columns(batch: Batch, months: Int, number: int, weight: float, given: Given | None = None) -> Village:
    """A batch of one village as its columns; what is given stands, and the rest goes with it as far as it can."""
    given = {} if given is None else given
    levels = fitted()
    pay.paid(levels.pay, batch)
    if "pay" in given:
        batch.pay = known(given, "pay", batch.pay)
        pay.stand(levels.pay, batch)
    children.raised(levels.children, batch)
    batch.children = known(given, "children", batch.children).astype(np.int64)
    batch.youngest = np.where(batch.children == 0, -1, np.where(batch.youngest < 0, _SOME_CHILD, batch.youngest))
    tenure, value, owed = homes.homes_of(levels.homes, batch)
    tenure = known(given, "tenure", tenure).astype(np.int64)
    owns = tenure <= Tenure.MORTGAGE
    value = np.where(owns, known(given, "home", np.where(value > 0, value, homes.usual(levels.homes))), 0.0)
    owed = np.where(tenure == Tenure.MORTGAGE, known(given, "mortgage", np.where(owed > 0, owed, value / 2)), 0.0)
    savings, card, pensions, other = wealth.wealth_of(levels.wealth, batch, tenure, value, owed)
    plan, loan = loans.loans_of(levels.loans, batch, months)
    half = np.where(batch.coupled, 0.5, 1.0)
    in_pension = batch.of(Use.IN_PENSION) < levels.in_pension
    return Village(
        number=number,
        person=batch.person,
        weight=np.full(len(batch), weight),
        enters=months,
        born=_days_born(batch, months),
        sex=_small(batch.sex),
        qualification=_small(batch.qualification),
        final=_small(batch.final),
        occupation=_small(batch.occupation),
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
        savings=_minor(known(given, "savings", savings)),
        card=_minor(known(given, "card", card)),
        pension=_minor(known(given, "pension", pensions)),
        other=_minor(known(given, "other", other)),
        plan=_small(known(given, "plan", plan).astype(np.int64)),
        loan=_minor(known(given, "loan", loan)),
        in_pension=known(given, "in_pension", in_pension.astype(np.int64)).astype(np.uint8),
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
