"""Student loans: who has one, on which plan, and what is owed.

The plan goes by where and when somebody began: plan 4 in Scotland, plan 1 up to 2011, plan 2 from 2012, plan 5 from 2023.
Those who study towards a degree owe so much a year; those who left owe the published mean on entering repayment, less what
earlier and better paid years have paid back; the whole comes to the published book.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.population import margins
from lifepot.population.batch import Batch
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
    """What brings balances of those who left long ago to the published book."""

    older: float


def plans(batch: Batch, months: Int | None = None) -> Int:
    """Everybody's plan, `Plan.NONE` without a loan. `months`: how much later than April 2024 they come."""
    take = assumed()["loans"]
    begun = batch.months_old / 12 - (0 if months is None else months / 12)
    degree = batch.final == Qualification.LEVEL_4
    studying = batch.work <= margins.STUDENT_ZERO_HOURS
    begun_one = degree & (begun >= BEGINS) & (studying | (batch.qualification == Qualification.LEVEL_4))
    plan_1 = begun > _PLAN_1_TO
    share = np.where(plan_1, take["share_of_graduates_plan_1"], take["share_of_graduates"])
    owing = np.where(plan_1, curve(take["plan_1_owing_by_age"], begun), 1.0)
    has = begun_one & (batch.of(Use.LOAN) < share * owing)
    plan = np.where(plan_1, Plan.PLAN_1, np.where(begun > _PLAN_2_TO, Plan.PLAN_2, Plan.PLAN_5))
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
    first = np.where(plan == Plan.PLAN_1, take["plan_1_mean"], np.where(plan == Plan.PLAN_4, 0.33 * left, left))
    return np.where(plan == Plan.NONE, 0.0, own * np.where(studying, so_far, first))


def _long_ago(batch: Batch) -> Float:
    """How much of the fitted scale a balance takes: none in the first two years after leaving, all from the fifth."""
    return np.interp(batch.months_old / 12 - LEAVES, [2.0, 5.0], [0.0, 1.0])


def fitted(batch: Batch) -> Loans:
    """Find the scale on a batch of many people."""
    plan = plans(batch)
    owed = _balances(batch, plan)
    book = float(parameters("policy")["student_loans"]["loan_book_bn"]) * 1e9 / margins.people().sum() * len(batch)
    late = _long_ago(batch) * owed
    return Loans(float(np.clip((book - (owed - late).sum()) / late.sum(), 0.5, 2.0)))


def loans_of(loans: Loans, batch: Batch, months: Int | None = None) -> tuple[Int, Float]:
    """Everybody's plan and what they owe, pounds."""
    plan = plans(batch, months)
    late = _long_ago(batch)
    return plan, _balances(batch, plan) * (1 - late + late * loans.older)
