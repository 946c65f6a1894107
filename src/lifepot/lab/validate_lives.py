"""Published figures of months and years beside the model's: flows, job moves, hours, deaths, pay, taxes, incomes."""

import numpy as np
from numpy.typing import NDArray

from lifepot.lab.inequality import gini
from lifepot.lab.observed import (
    MONTHS,
    Flags,
    Observed,
    Real,
    Row,
    allowed,
    employed,
    employee,
    is_platform,
    number_in,
    quantile,
    self_employed,
    share,
    within_sampling,
)
from lifepot.lives.columns import PLATFORMS_BELOW, Leaving
from lifepot.population.columns import Job, Sex, Status
from lifepot.published.reading import Table, table

MINOR = 100.0
QUARTER = 3
HOURS = (
    ("under_6h_pct", 0, 5),
    ("6_to_15h_pct", 6, 15),
    ("16_to_30h_pct", 16, 30),
    ("31_to_45h_pct", 31, 45),
    ("over_45h_pct", 46, 255),
)
NO_BUDGETS = "not modelled in this run: budgets were not lived"


def _flows(seen: Observed, states: list[NDArray[np.bool_]]) -> tuple[Real, Real]:
    """Chances a quarter from state to state, of those of 16 to 64 there at both ends; and the states' shares."""
    flows = np.zeros((len(states), len(states)))
    for month in range(0, MONTHS - QUARTER, QUARTER):
        ages = seen.age_at(month)
        band = (ages >= 16) & (ages <= 64)
        heavy = seen.all_weight * band
        for one, first in enumerate(states):
            for other, then in enumerate(states):
                flows[one, other] += float((heavy * (first[month] & then[month + QUARTER])).sum())
    total = flows.sum(axis=1, keepdims=True)
    return flows / np.where(total > 0, total, np.nan), flows.sum(axis=0) / flows.sum()


def flows(seen: Observed, tolerance: str) -> list[Row]:
    """Employment, unemployment, inactivity: what a quarter brings. Independent draws would give each state its share."""
    states = list(employed(*(seen.month(name, 0, MONTHS) for name in ("status", "job", "looking"))))
    model, shares = _flows(seen, states)
    whole = table("labour_flow_matrices_uk")
    rows = []
    for one, first in enumerate("EUI"):
        for other, then in enumerate("EUI"):
            published = whole.where(period="2015-2019", **{"from": first, "to": then}).number("prob_per_quarter")
            last = whole.where(period="2009", **{"from": first, "to": then}).number("prob_per_quarter")
            rows.append(
                Row(
                    f"{first} to {then}",
                    published,
                    float(model[one, other]),
                    allowed(tolerance, published),
                    "a quarter",
                    last=last,
                    independent=float(shares[other]),
                )
            )
    return rows


def flows_of_four(seen: Observed, tolerance: str) -> list[Row]:
    """The same with the self-employed apart."""
    job = seen.month("job", 0, MONTHS)
    works, seeks, rests = employed(seen.month("status", 0, MONTHS), job, seen.month("looking", 0, MONTHS))
    names = ("employee", "self_employed", "unemployed", "inactive")
    model, shares = _flows(seen, [works & employee(job), works & self_employed(job), seeks, rests])
    rows = []
    for one, first in enumerate(names):
        for other, then in enumerate(names):
            published = (
                table("labour_flow_matrices_4state_uk").where(**{"from": first, "to": then}).number("prob_per_quarter")
            )
            row = f"{first} to {then}".replace("_", "-")
            rows.append(
                Row(
                    row,
                    published,
                    float(model[one, other]),
                    allowed(tolerance, published),
                    "a quarter",
                    independent=float(shares[other]),
                )
            )
    return rows


def redundancies(seen: Observed, tolerance: str) -> list[Row]:
    """Per thousand employees a quarter. The published value before is of the quarter before 2015."""
    leaving, job = seen.month("leaving", 0, MONTHS), seen.month("job", 0, MONTHS)
    lost = float((((leaving == Leaving.REDUNDANT) | (leaving == Leaving.AUTOMATED)) * seen.all_weight).sum())
    months = float((employee(job) * seen.all_weight).sum())
    whole = table("redundancies_uk")
    last = (
        whole.where(period="Oct-Dec 2014").number("rate_per_1000") if "Oct-Dec 2014" in whole.words("period") else None
    )
    published = float(table("targets").where(id="redund_1519").number())
    return [
        Row(
            "",
            published,
            lost / months * QUARTER * 1000,
            allowed(tolerance, published),
            "per 1,000 a quarter",
            last=last,
        )
    ]


def other_industry(seen: Observed, tolerance: str) -> list[Row]:
    """Of moves from job to job, those to another industry; independent draws would move to any by its size."""
    leaving, industry = seen.month("leaving", 0, MONTHS), seen.month("industry", 0, MONTHS)
    job = seen.month("job", 0, MONTHS)
    moved = (leaving[1:] == Leaving.ANOTHER_JOB) & (job[:-1] != Job.NONE) & (job[1:] != Job.NONE)
    heavy = moved * seen.all_weight
    away = float((heavy * (industry[1:] != industry[:-1])).sum() / heavy.sum()) if moved.any() else float("nan")
    works = job[0] != Job.NONE
    sizes = np.bincount(industry[0][works], seen.all_weight[works], 21)
    independent = float(1 - ((sizes / sizes.sum()) ** 2).sum())
    published = float(table("targets").where(id="diff_sec").number())
    return [Row("", published, away, allowed(tolerance, published), "share", independent=independent)]


def hours(seen: Observed, tolerance: str) -> list[Row]:
    """Usual hours a week of those in work, by band."""
    whole = table("usual_hours_bands_uk")
    job, usual = seen.month("job", 0), seen.month("hours", 0)
    rows = []
    for group, who in (("employees", employee(job)), ("self_employed", self_employed(job))):
        for name, low, high in HOURS:
            published = number_in(whole, name, period="Oct-Dec 2023", group=group)
            last = number_in(whole, name, period="Oct-Dec 2019", group=group)
            row = f"{group.replace('_', '-')}, {name.removesuffix('_pct').replace('_', ' ')}"
            rows.append(
                Row(
                    row,
                    published,
                    share((usual >= low) & (usual <= high), who, seen.all_weight),
                    allowed(tolerance, published),
                    "per cent",
                    last=last,
                )
            )
    return rows


def zero_hours(seen: Observed, tolerance: str) -> list[Row]:
    """Million people on zero hours, in November 2025."""
    published = number_in(table("labour_stocks_contracts_uk"), metric="zero_hours_level")
    model = float(((seen.month("job", 19) == Job.ZERO_HOURS) * seen.all_weight).sum()) / 1e6
    return [Row("", published, model, allowed(tolerance, published), "million")]


def gig(seen: Observed, tolerance: str) -> list[Row]:
    """Adults who got any pay through a platform in twelve months."""
    through = np.zeros(len(seen.all_weight), dtype=np.bool_)
    for month in range(12):
        main = (seen.month("job", month) == Job.PLATFORM) | (
            is_platform(seen.month("employer", month)) & (seen.month("pay", month) > 0)
        )
        through |= main | is_platform(seen.month("payer_2", month)) | is_platform(seen.month("payer_3", month))
    adult = (seen.age_at(0) >= 18) & (seen.month("status", 0) != Status.ABSENT)
    published = number_in(table("labour_stocks_contracts_uk"), metric="gig_any_last_12m")
    return [Row("", published, share(through, adult, seen.all_weight), allowed(tolerance, published), "per cent")]


def deaths(seen: Observed, _tolerance: str) -> list[Row]:
    """Deaths a year per 1,000, of the model and of the published chances for the same people: men, women, by age."""
    whole = table("life_table_qx_uk")
    died = seen.month("died", 0, MONTHS)
    there = seen.month("status", 0, MONTHS) != Status.ABSENT
    sex = np.concatenate([one.sex for one in seen._villages])  # noqa: SLF001 - a column of all who ever come
    rows = []
    for one, word in ((Sex.MALE, "male"), (Sex.FEMALE, "female")):
        mine = whole.where(sex=word)
        chances = np.zeros(121)
        ages = np.array([int(age.rstrip("+")) for age in mine.words("age")])
        chances[ages] = mine.numbers("qx_2025")
        chances[ages.max() :] = chances[ages.max()]
        for low, high in ((16, 44), (45, 64), (65, 79), (80, 120)):
            expected = actual = months = count = 0.0
            for month in range(MONTHS):
                age = np.clip(seen.age_at(month), 0, 120).astype(np.int64)
                who = there[month] & (sex == one) & (age >= low) & (age <= high)
                heavy = seen.all_weight[who]
                expected += float((heavy * (1 - (1 - chances[age[who]]) ** (1 / 12))).sum())
                actual += float((heavy * died[month][who]).sum())
                months += float(heavy.sum())
                count += float(died[month][who].sum())
            scale = 12_000 / months if months else float("nan")
            rows.append(
                Row(
                    f"{word} {low}-{high}",
                    expected * scale,
                    actual * scale,
                    within_sampling(expected, actual, count) * scale,
                    "deaths per 1,000 a year",
                )
            )
    return rows


def _expectation(chances: Real) -> float:
    """Expectation of life at birth: those who die live half of their last year."""
    alive = np.cumprod(np.concatenate([[1.0], 1 - chances[:-1]]))
    return float((alive * (1 - chances / 2)).sum())


def life_table(_seen: Observed, _tolerance: str, held: Table) -> list[Row]:
    """Life expectancy by the chances that lives are drawn from (2018) and by the national life table of 2017 to 2019."""
    rows = []
    for word in ("male", "female"):
        published = _expectation(held.numbers(f"qx_{word}"))
        mine = table("life_table_qx_uk").where(sex=word)
        last = _expectation(mine.numbers("qx_2015"))
        rows.append(Row(f"{word}, at birth", published, _expectation(mine.numbers("qx_2018")), 0.2, "years", last=last))
    return rows


def pay_of_a_month(seen: Observed, _tolerance: str, held: Table) -> list[Row]:
    """Employees' pay of a month over all PAYE jobs. The model's first month is April 2024, so that month's row is held against
    it, beside the row of the year before that the target names.
    """
    job = seen.month("job", 0)
    pay = np.where(employee(job), seen.month("pay", 0), 0).astype(np.float64)
    for place in ("2", "3"):
        pay += np.where(seen.month(f"payer_{place}", 0) >= PLATFORMS_BELOW, seen.month(f"pay_{place}", 0), 0)
    who = pay > 0
    rows = []
    for at in (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99):
        published = held.where(date="April 2024").number(f"p{at}")
        last = held.where(date="April 2023").number(f"p{at}")
        near = 0.05 if 10 <= at <= 90 else 0.12
        model = quantile(pay[who] / MINOR, seen.all_weight[who], at / 100)
        rows.append(Row(f"p{at}, April 2024", published, model, near * published, "pounds a month", last=last))
    return rows


def income_gini(seen: Observed, tolerance: str, held: Table) -> list[Row]:
    """Of equivalised disposable income, over people."""
    published = held.where(year="2021/22").number("gini_pct")
    last = held.where(year="2020/21").number("gini_pct")
    income, there = seen.year("disposable"), seen.year("months")
    if income is None or there is None:
        return [Row("", published, None, unit="per cent", why=NO_BUDGETS, last=last)]
    weight = seen.all_weight * (there > 0)
    model = gini(income.astype(np.float64), weight) * 100
    return [Row("2024-25 in the model", published, model, allowed(tolerance, published), "per cent", last=last)]


def receipts(metric: str, column: str, year: int = 2024):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """A total of a tax year in bn pounds."""

    def rows(seen: Observed, tolerance: str, held: Table) -> list[Row]:
        published = held.where(metric=metric, year=str(year)).number("value_bn")
        amounts = seen.year(column)
        if amounts is None:
            return [Row("", published, None, unit="bn pounds", why=NO_BUDGETS)]
        model = float((amounts * seen.all_weight).sum()) / MINOR / 1e9
        return [Row(f"{year}-{(year + 1) % 100}", published, model, allowed(tolerance, published), "bn pounds")]

    return rows


def pensions(seen: Observed, tolerance: str, held: Table) -> list[Row]:
    """What workers and employers save in workplace pensions."""
    published = held.where(metric="total_bn").number()
    own, employer = seen.year("pension_own"), seen.year("pension_employer")
    if own is None or employer is None:
        return [Row("total", published, None, unit="bn pounds", why=NO_BUDGETS)]
    paid = [float((part * seen.all_weight).sum()) / MINOR / 1e9 for part in (own, employer)]
    rows = [Row("total", published, sum(paid), allowed(tolerance, published), "bn pounds")]
    percent = held.where(metric="employer_pct").number()
    return [
        *rows,
        Row(
            "employers' share",
            percent,
            paid[1] / sum(paid) * 100,
            None,
            "per cent",
            "no tolerance was set for the split",
        ),
    ]


def scar(seen: Observed, _tolerance: str) -> list[Row]:
    """How much lower pay is in the first month of work after a lost job: a range, so not judged."""
    leaving, mark, job = (seen.month(name, 0, MONTHS) for name in ("leaving", "scar", "job"))
    lost = np.zeros(leaving.shape[1], dtype=np.bool_)
    found: list[Flags] = []
    marks: list[Real] = []
    for month in range(MONTHS):
        back = lost & (job[month] != Job.NONE)
        found.append(back)
        marks.append(mark[month].astype(np.float64))
        lost = (lost & ~back) | (leaving[month] == Leaving.REDUNDANT)
    heavy = np.stack(found) * seen.all_weight
    model = -float((np.stack(marks) * heavy).sum() / heavy.sum()) if heavy.any() else None
    return [Row("on coming back", -10.0, model, None, "per cent", "a range, not a point")]
