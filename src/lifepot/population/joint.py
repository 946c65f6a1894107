"""The tables that people are drawn from: everything published put together, once.

1. Couples by the ages of both: the shares who live in a couple by age and sex, and how partners' ages differ.
2. Qualification and work by age, sex and couple: by fitting a guess of how they go together to the margins.
3. Occupation, industry and full or part time of jobs by age, sex and qualification: the same way.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lifepot.population import margins
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Int, Qualification, Sex
from lifepot.population.fitting import Float, Steps, fit, steps
from lifepot.population.margins import AGES, WORKS, assumed
from lifepot.published.reading import Table, table

PAY_GROUPS = tuple(first for first, _ in margins.PAY_BANDS.values())
"""Where the age groups of the pay tables begin."""

_GROUP_OF_AGE: Int = np.clip(np.searchsorted(PAY_GROUPS, AGES, side="right") - 1, 0, None)

FULL_TIME, PART_TIME = 0, 1

JOB_KINDS = 4
"""Employee, zero-hours, platform, self-employed, as `columns.Job` less one."""

_JOBS = len(OCCUPATIONS) * len(INDUSTRIES) * 2


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Running shares of who lives with whom.

    in_couple    how many of all live in a couple
    men          of the single, how many are men
    couples      over the ages of him and her, flat (75 x 75)
    singles      ages of single men and of single women (2, 75)
    """

    in_couple: float
    men: float
    couples: Float
    singles: Float


@dataclass(frozen=True, slots=True)
class Joint:
    """Running shares to draw from.

    skeleton     ages, sexes and couples
    finals       final qualification at each age, sex and couple or not (75, 2, 2, 5)
    works        work, given that too (75, 2, 2, 5, 10)
    jobs         full or part time, occupation, industry, flat, by pay group, sex, qualification and kind of job
    """

    skeleton: Skeleton
    finals: Steps
    works: Steps
    jobs: Steps


def age_group(age: Int) -> Int:
    """The pay group of each age."""
    return _GROUP_OF_AGE[np.minimum(age, margins.OLDEST) - margins.YOUNGEST]


def _couples(count: Float) -> Float:
    """Couples by his age and hers: as many of each age as live in one, ages apart as published."""
    rows = table("partnership_uk")
    apart = rows.where(metric="partner_age_difference_mean").number()
    spread = rows.where(metric="partner_age_difference_sd").number()
    gap = (AGES[:, None] - AGES[None, :] - apart) / spread
    # Wider than a bell at the far end, as ages of partners are: one couple in twenty of twice the spread.
    seed = np.exp(-0.5 * gap**2) + 0.05 / 2 * np.exp(-0.5 * (gap / 2) ** 2)
    seed[(AGES < 18)[:, None] | (AGES < 18)[None, :]] = 0.0
    both = count / np.maximum(count.sum(axis=0), 1e-9)
    return fit(seed, [((0,), both[:, Sex.MALE]), ((1,), both[:, Sex.FEMALE])])


def _works(in_couple: Float) -> Float:
    """People by age, sex, couple or not, final qualification and work."""
    take = assumed()["work"]
    people, works, finals = margins.people(), margins.works(), margins.qualifications()
    employed = np.zeros(WORKS)
    employed[margins.EMPLOYEE : margins.UNEMPLOYED] = 1.0
    by_level = np.array(take["employed_odds_by_qualification"])
    zero_by_level = np.array(take["zero_hours_odds_by_qualification"])
    odds = np.ones((len(Qualification), WORKS))
    odds[:, employed > 0] *= by_level[:, None]
    odds[:, margins.ZERO_HOURS] *= zero_by_level
    studying = slice(margins.STUDENT, margins.STUDENT_ZERO_HOURS + 1)
    odds[:, studying] *= np.array([0.15, 0.2, 0.4, 0.9, 1.7])[:, None]
    # Hardly anybody has a degree before 21 or level 3 before 18: those on the way to one then study.
    done = np.ones((len(AGES), len(Qualification), WORKS))
    done[:, 4, studying.stop :] *= np.interp(AGES, [20, 21, 22, 23, 24], [0.08, 0.3, 0.6, 0.85, 1.0])[:, None]
    done[:, 3, studying.stop :] *= np.interp(AGES, [17, 18, 19], [0.1, 0.5, 1.0])[:, None]
    shape = (people / people.sum(axis=1, keepdims=True))[:, :, None, None, None]
    apart = np.stack([people - in_couple, in_couple], axis=2) / people[:, :, None]
    by_couple = np.ones((2, WORKS))
    by_couple[1, employed > 0] = 1.25
    by_couple[1, [margins.STUDENT, margins.STUDENT_EMPLOYEE, margins.STUDENT_ZERO_HOURS]] = 0.25
    seed = (
        shape
        * apart[:, :, :, None, None]
        * finals[:, None, None, :, None]
        * by_couple[None, None, :, None, :]
        * odds[None, None, None, :, :]
        * done[:, None, None, :, :]
        * (works / people[:, :, None])[:, :, None, None, :]
    )
    targets = [
        ((0, 1, 2), people[:, :, None] * apart),
        ((0, 3), people.sum(axis=1)[:, None] * finals),
        ((0, 1, 4), works),
    ]
    return fit(seed, targets, tolerance=1e-6)


def _shares(rows: Table, names: list[str], column: str = "jobs_thousand") -> Float:
    """A column in an order of names, nought where not published."""
    keys = rows.words("sic2007_section" if "sic2007_section" in rows.columns else "soc2020_major")
    values = dict(zip(keys, np.nan_to_num(rows.numbers(column)), strict=True))
    return np.array([values[name] for name in names])


_RTI_NAMES = (
    "Agriculture, forestry and fishing",
    "Mining and quarrying",
    "Manufacturing",
    "Energy production and supply",
    "Water supply, sewerage and waste",
    "Construction",
    "Wholesale and retail; repair of motor vehicles",
    "Transportation and storage",
    "Accommodation and food service activities",
    "Information and communication",
    "Finance and insurance",
    "Real estate",
    "Professional, scientific and technical",
    "Administrative and support services",
    "Public administration and defence; social security",
    "Education",
    "Health and social work",
    "Arts, entertainment and recreation",
    "Other service activities",
    "Households and Extraterritorial",
)


@cache
def industry_shares() -> Float:
    """Shares of employees by industry, December 2023; households and bodies abroad as ASHE's jobs split them."""
    rows = table("rti_employees_by_industry_uk").where(date="December 2023")
    values = dict(zip(rows.words("industry"), rows.numbers("employees"), strict=True))
    out = np.array([values[name] for name in _RTI_NAMES] + [0.0])
    out[-1] = 0.02 * out[-2]
    out[-2] -= out[-1]
    return out / out.sum()


def part_time_share(by: str, names: list[str]) -> Float:
    """Jobs of each occupation or industry by full and part time, thousand."""
    every = _shares(table(by).where(group="all"), names)
    full = _shares(table(by).where(group="full-time"), names)
    full = np.where(every > 0, full, 0.7)
    every = np.where(every > 0, every, 1.0)
    return np.stack([full, np.maximum(every - full, 0.01)], axis=1)


# Which occupations are found where, who does them, and at what level: a first guess, times likelier than by chance. No table
# of these together was found. The margins put the levels right.
_FOUND_IN = {
    0: {"G": 1.3, "K": 1.4, "M": 1.2, "L": 1.5, "F": 1.2, "Q": 0.5, "P": 0.4},
    1: {"P": 3.0, "Q": 2.2, "M": 1.8, "J": 2.4, "G": 0.2, "I": 0.1, "H": 0.3, "N": 0.5, "F": 0.5},
    2: {"O": 2.0, "K": 1.8, "J": 1.6, "M": 1.6, "R": 1.6, "I": 0.3, "P": 0.6, "G": 0.7},
    3: {"O": 2.0, "K": 1.6, "L": 1.7, "M": 1.4, "I": 0.3, "H": 0.8},
    4: {"F": 5.0, "C": 2.4, "I": 1.6, "G": 0.9, "A": 3.0, "P": 0.1, "Q": 0.1, "K": 0.1},
    5: {"Q": 4.0, "P": 2.5, "R": 1.5, "S": 3.0, "T": 3.0, "K": 0.05, "C": 0.05, "F": 0.05, "G": 0.2},
    6: {"G": 4.5, "K": 1.4, "J": 1.0, "Q": 0.1, "P": 0.05, "C": 0.4, "F": 0.2},
    7: {"H": 5.0, "C": 4.0, "F": 2.0, "E": 3.0, "G": 0.8, "P": 0.05, "Q": 0.1, "K": 0.02, "J": 0.1},
    8: {"I": 6.0, "N": 3.0, "H": 1.6, "G": 1.2, "C": 1.2, "A": 3.0, "K": 0.05, "J": 0.1, "M": 0.2, "Q": 0.5},
}
_WOMEN = (0.38, 0.52, 0.46, 0.74, 0.12, 0.81, 0.62, 0.13, 0.44)
_WOMEN_IN = {"F": 0.16, "C": 0.27, "H": 0.25, "P": 0.71, "Q": 0.77, "J": 0.32, "B": 0.2, "D": 0.3, "E": 0.25, "A": 0.3}
_AT_LEVEL = (
    (0.5, 0.8, 1.0, 1.0, 1.2),
    (0.03, 0.08, 0.15, 0.3, 2.6),
    (0.3, 0.6, 0.9, 1.1, 1.2),
    (0.7, 1.2, 1.4, 1.2, 0.6),
    (1.1, 1.3, 1.4, 1.6, 0.25),
    (1.0, 1.2, 1.4, 1.3, 0.5),
    (1.4, 1.5, 1.5, 1.3, 0.4),
    (2.0, 1.8, 1.4, 0.9, 0.25),
    (2.4, 1.9, 1.4, 1.0, 0.3),
)
_BY_AGE = (
    (0.15, 0.15, 0.6, 1.1, 1.3, 1.3, 1.1),
    (0.15, 0.15, 1.0, 1.2, 1.1, 0.9, 0.7),
    (0.5, 0.5, 1.2, 1.1, 1.0, 0.9, 0.7),
    (0.7, 0.7, 0.9, 0.8, 0.9, 1.2, 1.4),
    (1.0, 1.0, 1.0, 1.0, 0.9, 1.0, 1.1),
    (1.3, 1.3, 1.0, 0.9, 1.0, 1.0, 1.0),
    (3.5, 3.5, 1.3, 0.8, 0.7, 0.8, 1.0),
    (0.5, 0.5, 0.7, 0.9, 1.0, 1.3, 1.4),
    (3.5, 3.5, 1.2, 0.8, 0.8, 0.9, 1.1),
)
_ZERO_HOURS_IN = {"I": 3.4, "Q": 1.5, "R": 2.0, "N": 1.3, "G": 0.8, "H": 1.2, "O": 0.2, "K": 0.1, "J": 0.3, "C": 0.4}
_PLATFORM_AS = (0.05, 0.4, 0.5, 0.3, 0.5, 0.6, 0.2, 4.0, 1.6)
_PLATFORM_IN = {"H": 9.0, "I": 2.0, "S": 1.5, "J": 1.2, "M": 1.0, "N": 1.0, "O": 0.0, "P": 0.3, "Q": 0.3}
_ALONE_AS = (1.6, 0.9, 1.1, 0.3, 3.0, 0.8, 0.4, 1.2, 0.5)
_ALONE_IN = {
    "F": 4.5,
    "A": 6.0,
    "M": 1.7,
    "R": 2.2,
    "S": 3.2,
    "H": 1.8,
    "J": 1.2,
    "T": 1.5,
    "O": 0.02,
    "K": 0.4,
    "I": 0.7,
}


_TURNS = 4


def _times(factors: dict[str, float]) -> Float:
    return np.array([factors.get(letter, 1.0) for letter in INDUSTRIES])


def _jobs(works: Float) -> Steps:
    """Running shares of full or part time, occupation and industry by pay group, sex, final qualification and kind of job."""
    employees = works[..., [margins.STUDENT_EMPLOYEE, margins.EMPLOYEE]].sum(axis=(2, 4))
    zero = works[..., [margins.STUDENT_ZERO_HOURS, margins.ZERO_HOURS]].sum(axis=(2, 4))
    groups = np.zeros((2, len(PAY_GROUPS), 2, len(Qualification)))
    for age, group in enumerate(_GROUP_OF_AGE):
        groups[0, group] += employees[age]
        groups[1, group] += zero[age]
    occupations = part_time_share("ashe_occupation_2023", [str(n + 1) for n in range(len(OCCUPATIONS))])
    industries = part_time_share("ashe_industry_2023", list(INDUSTRIES))
    found = np.stack([_times(_FOUND_IN[one]) for one in range(len(OCCUPATIONS))])
    women, women_in = np.array(_WOMEN), np.array([_WOMEN_IN.get(letter, 0.5) for letter in INDUSTRIES])
    by_sex = np.stack(
        [np.outer(1 - women, 1 - women_in), np.outer(women, women_in)],
    )
    hours = occupations[:, None, :] / occupations.sum(axis=1)[:, None, None] * industries[None, :, :]
    seed = (
        groups[..., None, None, None]
        * np.array(_BY_AGE).T[None, :, None, None, :, None, None]
        * by_sex[None, None, :, None, :, :, None]
        * np.array(_AT_LEVEL).T[None, None, None, :, :, None, None]
        * (found[:, :, None] * hours)[None, None, None, None]
    )
    seed[1] *= _times(_ZERO_HOURS_IN)[:, None] * np.array([0.35, 1.0])
    total = groups.sum()
    full = np.array([[_full_share(sex, group) for sex in Sex] for group in range(len(PAY_GROUPS))])
    by_hours = groups.sum(axis=(0, 3))[..., None] * np.stack([full, 1 - full], axis=-1)
    shares = industry_shares()
    by_kind = np.stack([total * shares, groups[1].sum() * _zero_hours_industries()])
    by_kind[0] -= by_kind[1]
    occupations /= occupations.sum(axis=0)
    wanted, jobs = occupations.copy(), seed
    held = margins.kept_a_year()[None, :, :, None, None, None, :]
    for _ in range(_TURNS):
        jobs = fit(
            jobs,
            [
                ((0, 1, 2, 3), groups),
                ((1, 2, 6), by_hours),
                ((4, 6), by_hours.sum(axis=(0, 1)) * wanted),
                ((0, 5), by_kind),
            ],
            rounds=40,
            tolerance=1e-4,
        )
        # The survey counts jobs that are held for a year: where many are not, there are more jobs than it counts.
        counted = (jobs * held).sum(axis=(0, 1, 2, 3, 5))
        wanted *= occupations / (counted / counted.sum(axis=0))
        wanted /= wanted.sum(axis=0)
    platform = jobs[0] * np.array(_PLATFORM_AS)[:, None, None] * _times(_PLATFORM_IN)[:, None]
    alone = jobs[0] * np.array(_ALONE_AS)[:, None, None] * _times(_ALONE_IN)[:, None]
    kinds = np.moveaxis(np.stack([jobs[0], jobs[1], platform, alone], axis=3), -1, -3)
    return Steps.of(kinds.reshape(*kinds.shape[:4], _JOBS))


def _zero_hours_industries() -> Float:
    """Where zero-hours jobs are: about a quarter in accommodation and food (2016), the rest as guessed."""
    food = table("labour_stocks_contracts_uk").where(group="accommodation and food").number() / 100
    guess = industry_shares() * _times(_ZERO_HOURS_IN)
    at = INDUSTRIES.index("I")
    guess[at] = 0.0
    guess *= (1 - food) / guess.sum()
    guess[at] = food
    return guess


def _full_share(sex: int, group: int) -> float:
    """The share of employee jobs that is full-time, by sex and pay group (ASHE)."""
    rows = table("ashe_pay_percentiles_by_age").where(**margins.PAY_ROWS)
    age, name = list(margins.PAY_BANDS)[group], ("Male", "Female")[sex]
    full, part = (
        rows.where(group=f"{name} {hours}", age=age).number("jobs_thousand") for hours in ("Full-Time", "Part-Time")
    )
    return full / (full + part)


@cache
def joint() -> Joint:
    """All tables, put together once a process."""
    people = margins.people()
    in_couple = as_many_of_each(margins.couples() * people)
    works = _works(in_couple)
    return Joint(
        skeleton=skeleton(people, in_couple),
        finals=Steps.of(works.sum(axis=4)),
        works=Steps.of(works),
        jobs=_jobs(works),
    )


def as_many_of_each(in_couple: Float) -> Float:
    """People in couples by age and sex, as many men as women: of the more numerous, so many are counted as single."""
    total = in_couple.sum(axis=0)
    return in_couple * (total.min() / np.where(total > 0, total, 1.0))


def skeleton(people: Float, in_couple: Float) -> Skeleton:
    """Who lives with whom, from people by age and sex and those of them in couples (75, 2)."""
    single = np.maximum(people - in_couple, 0.0)
    return Skeleton(
        in_couple=float(in_couple.sum() / people.sum()),
        men=float(single[:, Sex.MALE].sum() / max(single.sum(), 1e-9)),
        couples=steps(_couples(in_couple).reshape(-1)),
        singles=steps(single.T),
    )
