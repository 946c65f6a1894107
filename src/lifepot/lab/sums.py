"""A village's sums: everything that figures are made of, added up over its people.

Sums of two villages are added array by array. Weights are those of the village; money is pence, and in `who` at prices of
the scheme's first year. Arrays by name:

villages             how many
by_year.before/after (flows and stocks of `MONEY`, years)     weighted pence
counts.before/after  (`COUNTS`, years)                        people
who                  (rows of `ROWS` in each block of years, `PARTS`)
wealth.before/after  (marks, classes, people and pence)
income.before/after  (marks, classes, people and pence)       equivalised disposable income
ages                 (ages of `AGES`, years, `AT_AGE`)        people
old                  (blocks, `AT_68`), old_pots (blocks, classes)
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets.columns import Years
from lifepot.compiling import compiled
from lifepot.lab.classes import INCOME, PAY, WEALTH, Ladder, class_of
from lifepot.lab.drawn import Drawn
from lifepot.lab.ground import BLOCK_YEARS, Ground
from lifepot.population.columns import Job, Sex, Tenure
from lifepot.population.months import FIRST_YEAR

Real = NDArray[np.float64]
Sums = dict[str, Real]

MONEY = tuple(name for name, kind in Years.__annotations__.items() if "int64" in str(kind))
"""Columns of money that are added up year by year."""

COUNTS = (
    "people", "adults", "under_100", "under_1000", "joined", "bought", "bought_from_pot", "courses", "cleared",
    "automated", "owning", "working",
)  # fmt: skip
"""What is counted year by year."""

ADULT_AGE = 18
LOW_MINOR, LOWER_MINOR = 100_000, 10_000
"""£1,000 and £100."""

AGES = (30, 35, 40)
OLD_AGE = 68


class AtAge(IntEnum):
    """What is counted of those who reach an age."""

    PEOPLE = 0
    ABLE_BEFORE = 1
    ABLE_AFTER = 2
    OWNING_BEFORE = 3
    OWNING_AFTER = 4


class At68(IntEnum):
    """What is added up of those who turn 68: people, those with a pot, pence at prices of the first year."""

    PEOPLE = 0
    WITH_POT = 1
    POT = 2
    PAID_OUT = 3


class Part(IntEnum):
    """What is added up for each kind of people; money at prices of the scheme's first year, reform less baseline."""

    PEOPLE = 0
    """Person-years."""
    GOVERNMENT = 1
    EMPLOYER = 2
    PASSED_ON = 3
    BENEFITS = 4
    TAXES = 5
    """Income tax, National Insurance and what is levied for the scheme."""
    INTEREST = 6
    RETRAINED_PAY = 7
    """Pay of all work, with what was passed on added again."""
    NET = 8
    OWN = 9
    GROWTH = 10
    WEALTH_BEFORE = 11
    WEALTH_AFTER = 12
    ADULTS = 13
    UNDER_100_BEFORE = 14
    UNDER_100_AFTER = 15
    UNDER_1000_BEFORE = 16
    UNDER_1000_AFTER = 17
    GAIN = 18
    """People whose net gain is above £1 in the year."""
    LOSE = 19
    NEW_POUNDS_OWN = 20
    """The four columns from here are those of the reform alone, not differences: what came into pots."""
    NEW_POUNDS_EMPLOYER = 21
    NEW_POUNDS_GOVERNMENT = 22
    NEW_POUNDS_GROWTH = 23


AGE_BANDS = (
    (0, "under 16"),
    (16, "16-24"),
    (25, "25-34"),
    (35, "35-44"),
    (45, "45-54"),
    (55, "55-64"),
    (65, "65 and over"),
)
COHORT_FROM, COHORTS = 1920, 13
SEX_WORDS = {Sex.MALE: "men", Sex.FEMALE: "women"}
JOB_WORDS = {
    Job.NONE: "no job", Job.EMPLOYEE: "employee", Job.ZERO_HOURS: "zero hours", Job.PLATFORM: "platform",
    Job.SELF_EMPLOYED: "self-employed",
}  # fmt: skip

ROWS: dict[str, int] = {
    "income": INCOME.classes, "pay": PAY.classes, "age": len(AGE_BANDS), "job": len(Job), "sex": len(Sex), "cohort": COHORTS,
}  # fmt: skip
"""Kinds of people: how many rows each takes in `who`."""

OFFSETS = dict(zip(ROWS, np.cumsum([0, *ROWS.values()])[:-1].tolist(), strict=True))
ROW_COUNT = sum(ROWS.values())

_GAIN_MINOR = 100.0


def nothing(ground: Ground) -> Sums:
    """Sums of no village."""
    marks, span = len(ground.marks), (ground.years,)
    sides = {
        f"{name}.{side}": np.zeros(shape)
        for side in ("before", "after")
        for name, shape in (
            ("by_year", (len(MONEY), *span)), ("counts", (len(COUNTS), *span)),
            ("wealth", (marks, WEALTH.classes, 2)), ("income", (marks, INCOME.classes, 2)),
        )
    }  # fmt: skip
    return sides | {
        "villages": np.zeros(1),
        "who": np.zeros((ground.blocks, ROW_COUNT, len(Part))),
        "ages": np.zeros((len(AGES), *span, len(AtAge))),
        "old": np.zeros((ground.blocks, len(At68))),
        "old_pots": np.zeros((ground.blocks, WEALTH.classes)),
    }


def add(total: Sums, more: Sums) -> None:
    """Adds sums onto others, in place."""
    assert total.keys() == more.keys(), "sums of two kinds of run"
    for name, array in more.items():
        total[name] += array


def village_sums(drawn: Drawn, ground: Ground) -> Sums:
    """The sums of one village."""
    before, after, weight = drawn.baseline, drawn.reform, drawn.village.weight
    assert before.months.shape == after.months.shape == (ground.years, len(drawn.village)), "years of another run"
    sums = nothing(ground)
    sums["villages"][:] = 1
    there = (after.months > 0) * weight
    for side, years in (("before", before), ("after", after)):
        _by_year(sums, side, years, there)
        _stocks(sums, side, years, there, ground)
    _who(sums, drawn, there, ground)
    _at_ages(sums, before, after, there, ground)
    return sums


def net_worth(years: Years) -> NDArray[np.int64]:
    """What each person owns less what they owe at each year's end, the pot and pensions counted, student loans too."""
    owned = years.pot + years.savings + years.pension + years.home + years.other
    return owned - years.card - years.mortgage - years.loan


def _by_year(sums: Sums, side: str, years: Years, there: Real) -> None:
    for at, name in enumerate(MONEY):
        sums[f"by_year.{side}"][at] += (getattr(years, name) * there).sum(axis=1)
    adult = years.age >= ADULT_AGE
    liquid = years.savings + years.reachable
    counted: dict[str, Any] = {
        "people": there > 0,
        "adults": adult,
        "under_100": adult & (liquid < LOWER_MINOR),
        "under_1000": adult & (liquid < LOW_MINOR),
        "joined": years.joined,
        "bought": years.bought,
        "bought_from_pot": (years.bought > 0) & (years.to_home > 0),
        "courses": years.retrained > 0,
        "cleared": years.cleared,
        "automated": years.automated,
        "owning": adult & _owns(years),
        "working": years.pay > 0,
    }
    for at, name in enumerate(COUNTS):
        sums[f"counts.{side}"][at] += (counted[name] * there).sum(axis=1)


def _owns(years: Years) -> NDArray[np.bool_]:
    return (years.tenure == Tenure.OUTRIGHT) | (years.tenure == Tenure.MORTGAGE)


def _stocks(sums: Sums, side: str, years: Years, there: Real, ground: Ground) -> None:
    """Counts and amounts by class at the marks, of adults' wealth and of everybody's income."""
    marks = ground.marks
    adult = (there * (years.age >= ADULT_AGE))[marks]
    worth = net_worth(years)[marks] / ground.prices[marks, None]
    sums[f"wealth.{side}"] += _counted(worth, adult, WEALTH)
    income = years.disposable[marks] / ground.earnings[marks, None]
    sums[f"income.{side}"] += _counted(income, there[marks], INCOME)


def _counted(amounts: Real, weights: Real, ladder: Ladder) -> Real:
    """People and amounts by row and class: (rows, classes, 2)."""
    rows = len(amounts)
    at = (class_of(amounts, ladder) + np.arange(rows)[:, None] * ladder.classes).ravel()
    people = np.bincount(at, weights.ravel(), rows * ladder.classes)
    amount = np.bincount(at, (weights * amounts).ravel(), rows * ladder.classes)
    both: Real = np.stack([people, amount], axis=-1).astype(np.float64)
    return both.reshape(rows, ladder.classes, 2)


def _who(sums: Sums, drawn: Drawn, there: Real, ground: Ground) -> None:
    """Adds what changes for each kind of people, over the scheme's years. People are sorted by what they are without it."""
    before, opens = drawn.baseline, ground.opens
    parts = _parts(drawn, ground)
    pay = before.pay[opens:] / ground.earnings[opens:, None]
    born = drawn.village.born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    shape = pay.shape
    rows = np.stack(
        [
            class_of(before.disposable[opens:] / ground.earnings[opens:, None], INCOME),
            np.where(pay > 0, class_of(pay, PAY), -ROW_COUNT),
            np.searchsorted([first for first, _ in AGE_BANDS], before.age[opens:], side="right") - 1,
            before.job[opens:].astype(np.int64),
            np.broadcast_to(drawn.village.sex, shape).astype(np.int64),
            np.broadcast_to(np.clip((born - COHORT_FROM) // 10, 0, COHORTS - 1), shape),
        ]
    )
    rows += np.array(list(OFFSETS.values()))[:, None, None]
    block = np.arange(ground.years - opens) // BLOCK_YEARS
    _add_up(np.ascontiguousarray(rows), block, parts, np.ascontiguousarray(there[opens:]), sums["who"])


def _parts(drawn: Drawn, ground: Ground) -> Real:
    """Each person-year's parts: (years of the scheme, people, `Part`)."""
    opens = ground.opens
    prices = ground.prices[opens:, None]

    def less(*names: str) -> Real:
        changed: Real = np.zeros((1, 1))
        for name in names:
            changed = changed + getattr(drawn.reform, name)[opens:] - getattr(drawn.baseline, name)[opens:]
        return changed / prices

    def real(name: str) -> Real:
        return getattr(drawn.reform, name)[opens:] / prices

    years, people = drawn.baseline.pay[opens:].shape
    parts = np.zeros((years, people, len(Part)))
    parts[:, :, Part.PEOPLE] = 1.0
    for part, names in (
        (Part.GOVERNMENT, ("government",)), (Part.EMPLOYER, ("employer",)), (Part.PASSED_ON, ("passed_on",)),
        (Part.BENEFITS, ("benefits",)), (Part.TAXES, ("tax", "ni", "levied")), (Part.INTEREST, ("interest",)),
        (Part.RETRAINED_PAY, ("pay", "passed_on")), (Part.OWN, ("own",)), (Part.GROWTH, ("growth",)),
    ):  # fmt: skip
        parts[:, :, part] = less(*names)
    # What costs the person counts against them.
    for part in (Part.PASSED_ON, Part.TAXES, Part.INTEREST):
        parts[:, :, part] *= -1
    net = parts[:, :, Part.GOVERNMENT : Part.RETRAINED_PAY + 1].sum(axis=2)
    parts[:, :, Part.NET] = net
    parts[:, :, Part.GAIN] = net > _GAIN_MINOR
    parts[:, :, Part.LOSE] = net < -_GAIN_MINOR
    for part, years_of in ((Part.WEALTH_BEFORE, drawn.baseline), (Part.WEALTH_AFTER, drawn.reform)):
        parts[:, :, part] = net_worth(years_of)[opens:] / prices
    adult = drawn.baseline.age[opens:] >= ADULT_AGE
    parts[:, :, Part.ADULTS] = adult
    for under_100, under_1000, side in (
        (Part.UNDER_100_BEFORE, Part.UNDER_1000_BEFORE, drawn.baseline),
        (Part.UNDER_100_AFTER, Part.UNDER_1000_AFTER, drawn.reform),
    ):
        liquid = side.savings[opens:] + side.reachable[opens:]
        parts[:, :, under_100] = adult & (liquid < LOWER_MINOR)
        parts[:, :, under_1000] = adult & (liquid < LOW_MINOR)
    for part, name in (
        (Part.NEW_POUNDS_OWN, "own"), (Part.NEW_POUNDS_EMPLOYER, "employer"),
        (Part.NEW_POUNDS_GOVERNMENT, "government"), (Part.NEW_POUNDS_GROWTH, "growth"),
    ):  # fmt: skip
        parts[:, :, part] = real(name)
    return parts


@compiled()
def _add_up(rows: Any, block: Any, parts: Any, weight: Any, out: Any) -> None:
    """Adds weight x parts to each person-year's row of each kind; rows below nothing are of no row of that kind."""
    kinds, years, people = rows.shape
    for year in range(years):
        at = block[year]
        for person in range(people):
            heavy = weight[year, person]
            if heavy == 0.0:
                continue
            for kind in range(kinds):
                row = rows[kind, year, person]
                if row < 0:
                    continue
                for part in range(parts.shape[2]):
                    out[at, row, part] += heavy * parts[year, person, part]


def _at_ages(sums: Sums, before: Years, after: Years, there: Real, ground: Ground) -> None:
    """Counts of those who reach an age; each person's year's end at an age comes once."""
    deposit = ground.deposit[:, None]
    for at, age in enumerate(AGES):
        reach = (before.age == age) * there
        for able, owning, years in (
            (AtAge.ABLE_BEFORE, AtAge.OWNING_BEFORE, before), (AtAge.ABLE_AFTER, AtAge.OWNING_AFTER, after),
        ):  # fmt: skip
            owns = _owns(years)
            # Of a couple half each is kept on each row, so that both have twice one's own.
            enough = (years.savings + years.pot) * np.where(years.couple > 0, 2, 1) >= deposit
            sums["ages"][at, :, able] += ((owns | enough) * reach).sum(axis=1)
            sums["ages"][at, :, owning] += (owns * reach).sum(axis=1)
        sums["ages"][at, :, AtAge.PEOPLE] += reach.sum(axis=1)
    opens = ground.opens
    block = np.arange(ground.years - opens) // BLOCK_YEARS
    reach = ((after.age == OLD_AGE) * there)[opens:]
    prices = ground.prices[:, None]
    paid_out = np.cumsum(after.to_pension / prices, axis=0)[opens:]
    pot = (after.pot / prices)[opens:]
    for part, amount in (
        (At68.PEOPLE, np.ones_like(pot)), (At68.WITH_POT, after.joined[opens:]), (At68.POT, pot), (At68.PAID_OUT, paid_out),
    ):  # fmt: skip
        np.add.at(sums["old"][:, part], block, (amount * reach).sum(axis=1))
    classes = class_of(pot + paid_out, WEALTH) + block[:, None] * WEALTH.classes
    counted = np.bincount(classes.ravel(), reach.ravel(), ground.blocks * WEALTH.classes)
    sums["old_pots"] += counted.reshape(ground.blocks, WEALTH.classes)


def cohort_words() -> list[str]:
    """Names of the cohorts, by decade of birth."""
    first = COHORT_FROM + 10
    middle = [f"born {year}-{(year + 9) % 100:02d}" for year in range(first, COHORT_FROM + 10 * (COHORTS - 1), 10)]
    return [f"born before {first}", *middle, f"born from {COHORT_FROM + 10 * (COHORTS - 1)}"]


def year_of(position: int) -> int:
    """The first calendar year of a tax year by its position."""
    return FIRST_YEAR + position
