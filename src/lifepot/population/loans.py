"""Student loans: who has one, on which plan, and what is owed.

The plan goes by where and when somebody began: plan 4 in Scotland, plan 1 up to 2011, plan 2 from 2012, plan 5 from 2023.
Those who study towards a degree owe so much a year; those who left owe the published mean on entering repayment, less what
earlier and better paid years have paid back; the whole comes to the published book.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch, Flag
from lifepot.population.chances import Score, Use
from lifepot.population.columns import Int, Plan, Qualification
from lifepot.population.fitting import Float, curve
from lifepot.population.margins import assumed
from lifepot.published.reading import parameters

BEGINS = 18.5
"""The age, in years, at which most begin a degree."""

_PLAN_1_TO = 2024.25 - 2012.7 + BEGINS
_PLAN_2_TO = 2024.25 - 2023.7 + BEGINS
LEAVES = 21.75


@dataclass(frozen=True, slots=True)
class Loans:
    """What brings balances on leaving to their published mean, and those of who left long ago to the published book."""

    leaving: float
    older: float


def plans(batch: Batch, months: Int | None = None) -> Int:
    """Everybody's plan, `Plan.NONE` without a loan. `months`: how much later than April 2024 they come."""
    take = assumed()["loans"]
    begun = batch.months_old / 12 - (0 if months is None else months / 12)
    degree = batch.final == Qualification.LEVEL_4
    studying = batch.work <= margins.STUDENT_ZERO_HOURS
    graduate = degree & (begun >= BEGINS) & (studying | (batch.qualification == Qualification.LEVEL_4))
    luck = batch.of(Use.LOAN)
    long_ago = begun > _PLAN_1_TO
    late = curve(take["plan_2_of_older_graduates_by_age"], begun)
    owing = late + (1 - late) * take["share_of_graduates_plan_1"] * curve(take["plan_1_owing_by_age"], begun)
    has = graduate & (luck < np.where(long_ago, owing, take["share_of_graduates"]))
    plan = np.where(begun > _PLAN_2_TO, Plan.PLAN_2, Plan.PLAN_5)
    plan = np.where(long_ago & (luck >= late), Plan.PLAN_1, plan)
    # Some of those with level 3 began a degree and never ended it, or took a loan for their course.
    unfinished = (batch.final == Qualification.LEVEL_3) & ~studying & (begun >= BEGINS + 0.5)
    has |= unfinished & (luck < curve(take["share_of_level_3_by_age"], begun))
    plan = np.where(unfinished & (begun > _PLAN_2_TO), Plan.PLAN_2, plan)
    plan = np.where(batch.of(Use.SCOTLAND) < assumed()["people"]["scotland_share"], Plan.PLAN_4, plan)
    return np.where(has, plan, Plan.NONE).astype(np.int64)


def _balances(batch: Batch, plan: Int) -> Float:
    take = assumed()["loans"]
    entering = float(parameters("policy")["student_loans"]["mean_balance_entering_repayment_england"]["2023-24"])
    age = batch.months_old / 12
    own = np.exp(take["spread"] * batch.score(Score.LOAN) - take["spread"] ** 2 / 2)
    studying = batch.work <= margins.STUDENT_ZERO_HOURS
    so_far = take["a_year_of_study"] * np.clip(age - BEGINS + 0.5, 0.5, 3.5)
    # Since leaving: interest has about kept up with what is paid back at middling pay, and less where pay is high.
    since = np.maximum(age - LEAVES, 0.0)
    left = entering * np.exp(-0.018 * since - 0.035 * since * np.maximum(batch.standing, -0.3))
    left *= np.where((batch.final < Qualification.LEVEL_4) | (age > _PLAN_1_TO), take["late_or_unfinished"], 1.0)
    first = np.where(plan == Plan.PLAN_1, take["plan_1_mean"], np.where(plan == Plan.PLAN_4, 0.33 * left, left))
    return np.where(plan == Plan.NONE, 0.0, own * np.where(studying, so_far, first))


def _long_ago(batch: Batch) -> Float:
    """How much of the fitted scale a balance takes: none in the first two years after leaving, all from the fifth."""
    return np.interp(batch.months_old / 12 - LEAVES, [2.0, 5.0], [0.0, 1.0])


def just_left(batch: Batch, plan: Int) -> Flag:
    """Who has just left: 21 to 23 years old, on plan 2, no longer studying."""
    studying = batch.work <= margins.STUDENT_ZERO_HOURS
    return (plan == Plan.PLAN_2) & ~studying & (batch.age >= 21) & (batch.age <= 23)


def fitted(batch: Batch) -> Loans:
    """Find the scales on a batch of many people."""
    words = parameters("policy")["student_loans"]
    plan = plans(batch)
    owed = _balances(batch, plan)
    leaving = float(words["mean_balance_entering_repayment_england"]["2023-24"]) / owed[just_left(batch, plan)].mean()
    owed = _scaled(batch, plan, owed, Loans(leaving, 1.0))
    book = float(words["loan_book_bn"]) * 1e9 / margins.people().sum() * len(batch)
    late = _long_ago(batch) * owed
    return Loans(float(leaving), float(np.clip((book - (owed - late).sum()) / late.sum(), 0.5, 2.0)))


def _scaled(batch: Batch, plan: Int, owed: Float, loans: Loans) -> Float:
    late = _long_ago(batch)
    left = (batch.work > margins.STUDENT_ZERO_HOURS) & (plan != Plan.NONE)
    return owed * np.where(left, loans.leaving, 1.0) * (1 - late + late * loans.older)


def loans_of(loans: Loans, batch: Batch, months: Int | None = None) -> tuple[Int, Float]:
    """Everybody's plan and what they owe, pounds."""
    plan = plans(batch, months)
    return plan, _scaled(batch, plan, _balances(batch, plan), loans)
