"""Made-up villages with tax years that hang together, for tests of what the lab makes of them; no model of anything."""

import numpy as np

from lifepot.budgets.columns import Years
from lifepot.lab.drawn import Drawn
from lifepot.population.columns import Job, Plan, Tenure, Village

PEOPLE, YEARS, OPENS_YEAR = 40, 24, 2027


def village(number: int, people: int = PEOPLE) -> Village:
    """A village of people aged 16 to 80 in April 2024, without partners."""
    chance = np.random.default_rng([7, number])
    whole = np.zeros(people, dtype=np.int64)
    small = whole.astype(np.uint8)
    age = chance.integers(16, 80, people)
    return Village(
        number=number, person=number * 2**20 + np.arange(people), weight=chance.uniform(900, 1100, people),
        enters=whole, born=(2024 - age - 1970) * 365 + age // 4 + chance.integers(0, 90, people), sex=small + chance.integers(0, 2, people).astype(np.uint8),
        qualification=small + 2, final=small + 2, occupation=chance.integers(0, 9, people).astype(np.uint8), industry=small + 8,
        status=small + 2, job=chance.integers(0, 5, people).astype(np.uint8),
        pay=np.exp(chance.normal(12.2, 0.6, people)).astype(np.int64), partner=whole - 1, children=small,
        youngest=whole - 1, tenure=small + Tenure.PRIVATE_RENT, home=whole, mortgage=whole,
        savings=chance.integers(0, 500_000, people), card=whole, pension=whole + 1_000_000, other=whole,
        plan=np.where(age < 30, Plan.PLAN_2, Plan.NONE).astype(np.uint8), loan=np.where(age < 30, 3_000_000, 0), in_pension=small,
    )  # fmt: skip


def run_village(number: int, *, match: float = 0.5, people: int = PEOPLE, years: int = YEARS) -> Drawn:
    """The village lived without a scheme and with one that matches own money: `match` 0 changes nothing at all."""
    living = village(number, people)
    chance = np.random.default_rng([11, number])
    before, after = Years.empty(years, people), Years.empty(years, people)
    luck = chance.normal(0, 0.1, (years, people))
    year_of_birth = living.born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    for one in (before, after):
        one.months[:] = 12
        one.age[:] = (2025 + np.arange(years))[:, None] - year_of_birth - 1
        one.job[:] = np.where(one.age < 66, living.job, Job.NONE)
        one.platform_months[:] = np.where(one.job == Job.PLATFORM, 12, 0)
        one.zero_hours[:] = np.where(one.job == Job.ZERO_HOURS, 12, 0)
        one.pay[:] = np.where(one.job > 0, living.pay * 12 * np.exp(luck), 0).astype(np.int64)
        one.tax[:] = np.maximum(one.pay - 1_257_000, 0) // 5
        one.disposable[:] = one.pay - one.tax + 1_000_000
        one.savings[:] = living.savings
        one.pension[:] = living.pension
        one.tenure[:] = Tenure.PRIVATE_RENT
        one.loan[:] = living.loan
    opens = OPENS_YEAR - 2024
    if match > 0:
        own = np.where(before.age >= 16, before.pay * 3 // 100, 0)
        own[:opens] = 0
        after.own[:] = own
        after.employer[:] = np.where(after.job == Job.SELF_EMPLOYED, 0, own)
        after.platform[:] = np.where(after.job == Job.PLATFORM, own, 0)
        after.government[:] = (own * match).astype(np.int64)
        after.passed_on[:] = after.employer * 6 // 10
        after.pay[:] -= after.passed_on
        after.savings[:] = np.maximum(after.savings - np.cumsum(own, axis=0) // 10, 0)
        paid = own + after.employer + after.government
        pot = np.zeros(people, dtype=np.int64)
        for year in range(opens, years):
            after.growth[year] = pot * 4 // 100
            pot = pot + after.growth[year] + paid[year]
            home = (pot > 2_000_000) & (after.tenure[year - 1] == Tenure.PRIVATE_RENT) & (after.age[year] < 50)
            after.to_home[year] = np.where(home, pot, 0)
            after.bought[year] = home
            after.tenure[year:, home] = Tenure.MORTGAGE
            after.home[year:, home] = 20_000_000
            after.mortgage[year:, home] = 20_000_000 - pot[home]
            pot = np.where(home, 0, pot)
            after.pot[year] = pot
        after.reachable[:] = after.pot // 3
        after.joined[opens:] = own[opens:] > 0
    return Drawn(living, before, after)
