"""What the published tables say of people 16 and over, by single year of age: the margins that the population is fitted to.

Arrays run over 75 ages, from 16 to 90 (90: 90 and over); sexes and qualifications are numbered as in `columns`.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.population.columns import Sex
from lifepot.population.fitting import Float, curve, fit, logit_shift, root
from lifepot.published.reading import Table, table

YOUNGEST = 16
OLDEST = 90
AGES = np.arange(YOUNGEST, OLDEST + 1)

WORKS = 10
(
    STUDENT,
    STUDENT_EMPLOYEE,
    STUDENT_ZERO_HOURS,
    EMPLOYEE,
    ZERO_HOURS,
    PLATFORM,
    SELF_EMPLOYED,
    UNEMPLOYED,
    INACTIVE,
    RETIRED,
) = range(WORKS)
"""What somebody does, as the tables of work are fitted: status and kind of job in one."""

THOUSAND = 1000.0
BASE = "Oct-Dec 2023"


@cache
def assumed() -> Mapping[str, Any]:
    """What no published table gives: see the file."""
    return tomllib.loads((Path(__file__).parent / "assumed.toml").read_text("utf-8"))


def of_age(first: int, last: int) -> NDArray[np.bool_]:
    """Which of the single years lie between two ages, both in."""
    return (first <= AGES) & (last >= AGES)


def residents(year: int, ages: NDArray[np.int64]) -> Float:
    """Residents of these ages (0 to 90) by sex, people, as estimated or projected for mid-year."""
    rows = table("population_age_sex_uk")
    return np.stack(
        [rows.where(sex=sex).numbers(f"pop_{year}")[ages] for sex in ("male", "female")],
        axis=1,
    )


@cache
def people() -> Float:
    """People by age and sex, mid-2023: the ground that all other margins are brought to."""
    return residents(2023, AGES)


def _spread(shape: Float, bands: Mapping[tuple[int, int], float]) -> Float:
    """A shape by age brought to the published sum of each band."""
    out = np.zeros(len(AGES))
    for (first, last), total in bands.items():
        inside = of_age(first, last)
        out[inside] = shape[inside] * total / shape[inside].sum()
    return out


def _early(top: float, centre: float) -> Float:
    return top / (1 + np.exp((centre - AGES) / 2.3))


def _late(top: float, fall: float) -> Float:
    return np.clip(top - fall * (AGES - 67.5), 0.02, 1.0)


def _brought(
    shape: Callable[[float], Float], ages: tuple[int, int], sex: int, mean: float, bounds: tuple[float, float]
) -> Float:
    """A shape by age that falls with one number, brought to a published mean over some ages of a sex."""
    inside = of_age(*ages)
    weights = people()[inside, sex]
    return shape(root(lambda by: mean - float(np.average(shape(by)[inside], weights=weights)), *bounds))


@cache
def couples() -> Float:
    """The share of people of each age and sex who live in a couple (ONS 2015; logistic between 16 and 29)."""
    bands = {
        "30-34": 32.5,
        "35-39": 37.5,
        "40-44": 42.5,
        "45-49": 47.5,
        "50-54": 52.5,
        "55-59": 57.5,
        "60-64": 62.5,
        "65-69": 67.5,
    }
    out = np.zeros((len(AGES), 2))
    for sex, name in ((Sex.MALE, "male"), (Sex.FEMALE, "female")):
        rows = table("partnership_uk").where(metric="living_in_couple", group=name)
        level = {age: value / 100 for age, value in zip(rows.words("age"), rows.numbers(), strict=True)}
        middle = np.interp(AGES, list(bands.values()), [level[band] for band in bands])
        early = _brought(partial(_early, level["30-34"]), (16, 29), sex, level["16-29"], (18.0, 35.0))
        late = _brought(partial(_late, level["65-69"]), (70, 90), sex, level["70+"], (0.0, 0.1))
        out[:, sex] = np.where(of_age(16, 29), early, np.where(of_age(70, 90), late, middle))
    out[AGES < 18] = 0.0
    return out


def _by_cohort(category: tuple[str, ...], years_since: int) -> Float:
    """Shares of the census of 2011 by age now: people carry what they had, from 25 on."""
    rows = table("qualifications_uk").where(metric="highest_qualification", period="2011")
    middles = {"25 to 34": 29.5, "35 to 49": 42.0, "50 to 64": 57.0, "65 and over": 74.0}
    values = [sum(rows.where(category=one, group=group).number() / 100 for one in category) for group in middles]
    return np.interp(AGES, [middle + years_since for middle in middles.values()], values)


@cache
def qualifications() -> Float:
    """Shares of the highest qualification at each age, from none to level 4 and above.

    Level 4 and none by age have the shape of Understanding Society 2021 (degree, low), brought in log odds to the census
    headline of 2021 carried on at its pace since 2011; those of 25 to 29 are the Social Mobility Commission's. The levels
    between keep each other's proportions from the census of 2011, cohort by cohort; apprenticeships and other
    qualifications are half level 2 and half level 3. Under 25 many are still on their way: `joint` says to what.
    """
    rows = table("qualifications_uk")
    survey = rows.where(metric="education_level", period="2021")
    middles = {"30-39": 35, "40-49": 45, "50-59": 55, "60-69": 65, "70-79": 75, "80-100": 86}
    recent = rows.where(metric="highest_qualification_25_29", group="parents class: Total")
    of_recent = dict(zip(recent.words("category"), recent.numbers() / 100, strict=True))
    weights = people().sum(axis=1)
    older = of_age(30, 90)

    def by_age(level: str, headline: str, at_25_29: float) -> Float:
        points = [survey.where(category=level, group=group).number() / 100 for group in middles]
        shape = np.interp(AGES, [27, *middles.values()], [at_25_29, *points])
        census = rows.where(metric="highest_qualification", category=headline, group="16+").number() / 100
        old = rows.where(metric="highest_qualification", period="2011", category=headline)
        in_2011 = _mean_of_2011(dict(zip(old.words("group"), old.numbers() / 100, strict=True)))
        now = census + 0.2 * (census - in_2011)
        young = (shape * weights)[of_age(24, 29)].sum()
        if headline == "no_qualifications":
            young += 0.07 * weights[of_age(16, 23)].sum()
        else:
            young += 0.13 * weights[of_age(16, 23)].sum()
        mean = (now * weights.sum() - young) / weights[older].sum()
        shape[older] = logit_shift(shape[older], weights[older], mean)
        return shape

    top = by_age("high", "level_4_plus", of_recent["first"] + of_recent["higher"] + of_recent["further"])
    none = by_age("low", "no_qualifications", of_recent["lower"] / 2)
    mixed = _by_cohort(("apprenticeship", "other"), 12) / 2
    one = _by_cohort(("level_1",), 12)
    two = _by_cohort(("level_2",), 12) + mixed
    three = _by_cohort(("level_3",), 12) + mixed
    young = of_age(16, 29)
    one[young], two[young], three[young] = (
        of_recent["lower"] / 2,
        of_recent["gcse_level"],
        of_recent["a_level"],
    )
    between = np.stack([one, two, three], axis=1)
    between *= ((1 - top - none) / between.sum(axis=1))[:, None]
    return np.column_stack([none, between, top])


def _mean_of_2011(shares: Mapping[str, float]) -> float:
    """A share of all of 16 and over in 2011, from its groups: weighted by the population nearest in time (2016)."""
    groups = {
        "16 to 24": (16, 24),
        "25 to 34": (25, 34),
        "35 to 49": (35, 49),
        "50 to 64": (50, 64),
        "65 and over": (65, 90),
    }
    weights = residents(2016, AGES).sum(axis=1)
    parts = {name: weights[of_age(*ends)].sum() for name, ends in groups.items()}
    return sum(shares[name] * parts[name] for name in groups) / sum(parts.values())


def reached(final: Float) -> Float:
    """What part of each final qualification (last axis) has been reached at each age, as shares of the present one.

    Level 2 comes at 16, level 3 at 18, level 4 from 21 to 23 (ASSUMPTION: the usual ages).
    """
    now = np.array(final)
    at_3 = np.interp(AGES, [17, 18, 19, 20], [0.0, 0.55, 0.9, 1.0])
    at_4 = np.interp(AGES, [20, 21, 22, 23, 25], [0.0, 0.35, 0.75, 0.9, 1.0])
    fourth = now[:, 4] * (1 - at_4)
    now[:, 4] -= fourth
    now[:, 3] += fourth
    third = now[:, 3] * (1 - at_3)
    now[:, 3] -= third
    now[:, 2] += third
    return now


@cache
def works() -> Float:
    """People by age, sex and what they do (ages, 2, works), people: each age and sex sums to the residents there."""
    take = assumed()["work"]
    count = people().sum(axis=1)
    status = table("labour_status_by_age_uk").where(period=BASE)
    young = table("young_people_education_status_uk").where(period=BASE)
    bands = {
        "16-17": (16, 17),
        "18-24": (18, 24),
        "25-34": (25, 34),
        "35-49": (35, 49),
        "50-64": (50, 64),
        "65+": (65, 90),
    }

    def level(column: str, *, not_studying: bool = False) -> dict[tuple[int, int], float]:
        """Thousands of a band, as shares of the survey's band times the residents: the survey leaves out communal homes."""
        out = {}
        for name, (first, last) in bands.items():
            row = status.where(age=name)
            value = row.number(f"{column}_k")
            if not_studying and last <= 24:
                value = young.where(age=name).number(f"not_fte_{column}")
            total = sum(row.number(f"{one}_k") for one in ("employed", "unemployed", "inactive"))
            out[first, last] = value / total * count[of_age(first, last)].sum()
        return out

    def studying(column: str) -> dict[tuple[int, int], float]:
        rows = {name: young.where(age=name) for name in ("16-17", "18-24")}
        return {
            bands[name]: row.number(column) / row.number("total") * count[of_age(*bands[name])].sum()
            for name, row in rows.items()
        }

    ages = AGES.astype(np.float64)
    school = np.where(AGES < 18, 1.0, np.where(AGES > 24, 0.0, curve(take["student_share_by_age"], ages)))
    students = _spread(count * school, studying("fte_total"))
    students_working = _spread(count * school, studying("fte_employed"))
    left = count - students
    employed_shape = np.where(AGES < 50, left, count * curve(take["employed_shape_by_age"], ages))
    employed = _spread(employed_shape, level("employed", not_studying=True))
    unemployed_shape = np.where(AGES < 25, left * curve(take["unemployed_shape_by_age"], ages), employed)
    unemployed = _spread(unemployed_shape, level("unemployed", not_studying=True))

    idle = np.maximum(count - students - employed - unemployed, 0.0)
    retired = idle * curve(take["retired_share_of_inactive_by_age"], ages)
    by_age = _kinds(students, students_working, employed)
    by_age[:, UNEMPLOYED] = unemployed
    by_age[:, INACTIVE] = idle - retired
    by_age[:, RETIRED] = retired
    seed = _by_sex(by_age)
    wanted = employee_women()
    jobs = [STUDENT_EMPLOYEE, STUDENT_ZERO_HOURS, EMPLOYEE, ZERO_HOURS]
    for _ in range(8):
        out = fit(seed, [((0, 2), by_age), ((0, 1), people())])
        men, women = (out[:, sex, :][:, jobs].sum(axis=1) for sex in Sex)
        # As many women among employees as among ASHE's jobs: what is left over is moved to those without work.
        seed[:, 1, jobs[:1] + jobs[2:3]] *= (wanted / (1 - wanted) * men / np.maximum(women, 1.0))[:, None]
    return out


def _kinds(students: Float, students_working: Float, employed: Float) -> Float:
    """People by age who study or work, by kind of job: zero-hours, platforms, self-employed, and employees for the rest."""
    take = assumed()["work"]
    count = people().sum()
    zero_hours = _zero_hours(employed + students_working, take)
    students_zero = zero_hours.sum() * _zero_hours_students()
    zero_students = students_working * students_zero / students_working.sum()
    zero_others = np.maximum(zero_hours - zero_students, 0.0)
    zero_others *= (zero_hours.sum() - students_zero) / zero_others.sum()
    platform_all = assumed()["platform"]["main_in_a_month_share_of_adults"] * count
    platform = _platform(employed, platform_all)
    # The survey counts those who live off platforms among the self-employed.
    alone = table("employment_type_uk").where(period=BASE).number("self_employed_k") * count / _survey_thousands()
    alone_by_age = employed * curve(take["self_employed_odds_by_age"], AGES.astype(np.float64))
    alone_by_age *= (alone - platform_all) / alone_by_age.sum()
    by_age = np.zeros((len(AGES), WORKS))
    by_age[:, STUDENT] = students - students_working
    by_age[:, STUDENT_EMPLOYEE] = students_working - zero_students
    by_age[:, STUDENT_ZERO_HOURS] = zero_students
    by_age[:, EMPLOYEE] = employed - alone_by_age - platform - zero_others
    by_age[:, ZERO_HOURS] = zero_others
    by_age[:, PLATFORM] = platform
    by_age[:, SELF_EMPLOYED] = alone_by_age
    return by_age


def _survey_thousands() -> float:
    """People of 16 and over whom the labour force survey stands for, thousands."""
    row = table("labour_status_by_age_uk").where(period=BASE, age="16+")
    return sum(row.number(f"{one}_k") for one in ("employed", "unemployed", "inactive"))


def _zero_hours_students() -> float:
    return table("labour_stocks_contracts_uk").where(metric="zero_hours_in_full_time_education").number() / 100


def _zero_hours(employed: Float, take: Mapping[str, Any]) -> Float:
    """People on zero-hours contracts by age: the level of 2025, shares by age of 2016, 65 and over of 2015."""
    rows = table("labour_stocks_contracts_uk")
    total = rows.where(metric="zero_hours_level").number() * THOUSAND * THOUSAND
    shares = rows.where(metric="zero_hours_share")
    young, middle = (shares.where(group=group).number() / 100 for group in ("16-24", "35-49"))
    old = 0.06 * total
    ends = [(16, 24), (35, 49)]
    counts = {at: employed[of_age(*at)].sum() * rate for at, rate in zip(ends, (young, middle), strict=True)}
    level = total / (shares.where(group="employed").number() / 100 * employed.sum())
    bands = {at: value * level for at, value in counts.items()}
    rest = total - old - sum(bands.values())
    weight = take["zero_hours_share_25_34_over_50_64"] * employed[of_age(25, 34)].sum()
    other = employed[of_age(50, 64)].sum()
    bands[25, 34] = rest * weight / (weight + other)
    bands[50, 64] = rest * other / (weight + other)
    bands[65, 90] = old
    return _spread(employed, bands)


def _platform(employed: Float, total: float) -> Float:
    """People all of whose work is through platforms: 56 pct are 18 to 34 (BEIS 2018)."""
    young = table("labour_stocks_contracts_uk").where(metric="gig_share_18_34").number() / 100
    return _spread(employed, {(18, 34): young * total, (35, 69): (1 - young) * total})


def _by_sex(by_age: Float) -> Float:
    """A first guess of each work's split by sex: employees as the jobs of ASHE, the rest as assumed or even."""
    take = assumed()["work"]
    women = np.full((len(AGES), WORKS), 0.5)
    employees = employee_women()
    rates = table("labour_stocks_contracts_uk").where(metric="zero_hours_share")
    odds = rates.where(group="women").number() / rates.where(group="men").number()
    for work in (STUDENT_EMPLOYEE, EMPLOYEE):
        women[:, work] = employees
    for work in (STUDENT_ZERO_HOURS, ZERO_HOURS):
        women[:, work] = odds / (1 + odds)
    women[:, SELF_EMPLOYED] = 1 - take["men_among_self_employed"]
    women[:, PLATFORM] = 1 - take["men_among_platform_workers"]
    women[:, UNEMPLOYED] = take["women_among_unemployed"]
    women[:, INACTIVE] = curve(take["women_among_inactive_by_age"], AGES.astype(np.float64))
    return np.stack([by_age * (1 - women), by_age * women], axis=1)


PAY_BANDS = {
    "16-17": (16, 17),
    "18-21": (18, 21),
    "22-29": (22, 29),
    "30-39": (30, 39),
    "40-49": (40, 49),
    "50-59": (50, 59),
    "60+": (60, 90),
}
"""The age groups of ASHE."""

PAY_ROWS = {"year": "2023", "measure": "weekly_gross"}
"""Pay of a week of April 2023, of all jobs; annual pay leaves out those who have been in the job less than a year."""


def employee_women() -> Float:
    """Women's share of employee jobs at each age (ASHE April 2023)."""
    rows = table("ashe_pay_percentiles_by_age").where(**PAY_ROWS)
    out = np.full(len(AGES), 0.5)
    for name, ends in PAY_BANDS.items():
        women, men = (rows.where(group=group, age=name).number("jobs_thousand") for group in ("Female", "Male"))
        out[of_age(*ends)] = women / (women + men)
    return out


@cache
def kept_a_year() -> Float:
    """The share of jobs held for a year or more, by pay group, sex and full or part time: jobs with annual pay over jobs with
    weekly (ASHE 2023); a quarter where too few are for a figure.
    """
    every = table("ashe_pay_percentiles_by_age").where(year="2023")
    out = np.full((len(PAY_BANDS), 2, 2), 0.25)
    for group, age in enumerate(PAY_BANDS):
        for sex, name in enumerate(("Male", "Female")):
            for hours, kind in enumerate(("Full-Time", "Part-Time")):
                out[group, sex, hours] = _kept(every.where(group=f"{name} {kind}", age=age), out[group, sex, hours])
    return out


@cache
def kept_a_year_by_age() -> Float:
    """The same by pay group and sex alone."""
    every = table("ashe_pay_percentiles_by_age").where(year="2023")
    return np.array(
        [[_kept(every.where(group=name, age=age), 0.25) for name in ("Male", "Female")] for age in PAY_BANDS]
    )


def _kept(rows: Table, otherwise: float) -> float:
    annual, weekly = (rows.where(measure=one).numbers("jobs_thousand")[0] for one in ("annual_gross", "weekly_gross"))
    return otherwise if np.isnan(annual) or np.isnan(weekly) else min(float(annual / weekly), 1.0)
