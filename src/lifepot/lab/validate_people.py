"""Published figures of people at the start beside the model's: ages, work, pay by occupation, homes, wealth, savings."""

import numpy as np

from lifepot.lab.observed import (
    LABOUR_AGES,
    Observed,
    Real,
    Row,
    allowed,
    bands,
    employed,
    employee,
    number_in,
    quantile,
    self_employed,
    share,
    within_sampling,
)
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Job, Plan, Sex, Status, Tenure
from lifepot.population.joint import age_group
from lifepot.population.margins import kept_a_year_by_age
from lifepot.population.pay import wages_since_2023
from lifepot.population.wealth import tenth_households
from lifepot.published.reading import Table, parameters, table

MINOR = 100.0
NO_MEAN = "no tolerance was set for means"
POP_BANDS = ((16, 24, "16-24"), (25, 34, "25-34"), (35, 44, "35-44"), (45, 54, "45-54"), (55, 64, "55-64"), (65, 74, "65-74"), (75, 120, "75 and over"))  # fmt: skip


def people(seen: Observed, _tolerance: str) -> list[Row]:
    """People by age band and sex."""
    whole = table("population_age_sex_uk")
    rows = []
    ages = np.array([int(age.rstrip("+")) for age in whole.words("age")])
    for sex, word in ((Sex.MALE, "male"), (Sex.FEMALE, "female")):
        mine = np.array(whole.words("sex")) == word
        for (low, high, name), (_, band) in zip(POP_BANDS, bands(seen.age, POP_BANDS), strict=True):
            published = float(whole.numbers("pop_2023")[mine & (ages >= low) & (ages <= high)].sum())
            who = band & (seen.of("sex") == sex)
            model = float(seen.weight[who].sum())
            rows.append(
                Row(
                    f"{word} {name}",
                    published / 1e6,
                    model / 1e6,
                    within_sampling(published, model, who.sum()) / 1e6,
                    "million",
                )
            )
    return rows


def _labour_rows(
    seen: Observed, published: Table, tolerance: str, *, month: int | None, before: Table | None
) -> list[Row]:
    if month is None:
        status, job, looking = seen.of("status"), seen.of("job"), seen.at_start("looking")
        ages, weight = seen.age, seen.weight
    else:
        status, job, looking = (seen.month(name, month) for name in ("status", "job", "looking"))
        ages, weight = seen.age_at(month), seen.all_weight
    works, seeks, rests = employed(status, job, looking)
    rows = []
    for name, band in bands(ages, LABOUR_AGES):
        there = band & (works | seeks | rests)
        for word, of, among in (
            ("employment_rate", works, there), ("unemployment_rate", seeks, there & (works | seeks)), ("inactivity_rate", rests, there),
        ):  # fmt: skip
            figure = number_in(published, word, age=name)
            last = None if before is None else number_in(before, word, age=name)
            rows.append(
                Row(
                    f"{name}, {word.replace('_', ' ')}",
                    figure,
                    share(of, among, weight),
                    allowed(tolerance, figure),
                    "per cent",
                    last=last,
                )
            )
    return rows


def labour_by_age(seen: Observed, tolerance: str) -> list[Row]:
    """Employment, unemployment and inactivity by age at the end of 2023. Which students look for a job the village leaves open,
    and is as lives begin.
    """
    whole = table("labour_status_by_age_uk")
    return _labour_rows(
        seen, whole.where(period="Oct-Dec 2023"), tolerance, month=None, before=whole.where(period="Oct-Dec 2011")
    )


def labour_by_age_later(seen: Observed, tolerance: str, held: Table) -> list[Row]:
    """The same two years later, beside the values of 2023."""
    before = table("labour_status_by_age_uk").where(period="Oct-Dec 2023")
    return _labour_rows(seen, held.where(period="Oct-Dec 2025"), tolerance, month=19, before=before)


def self_employed_share(seen: Observed, tolerance: str) -> list[Row]:
    """Of those in work."""
    whole = table("employment_type_uk")
    published = number_in(whole, "self_employed_pct", period="Oct-Dec 2023")
    periods = whole.words("period")
    last = whole.numbers("self_employed_pct")[periods.index("Oct-Dec 2023") - 1]
    model = share(self_employed(seen.of("job")), seen.working, seen.weight)
    return [Row("", published, model, allowed(tolerance, published), "per cent", last=float(last))]


def zero_hours_ages(seen: Observed, tolerance: str) -> list[Row]:
    """Shares on zero hours among those in work, by age: of 2016, published for their shape, so the model's are brought to the
    level of that year.
    """
    rows = []
    level = number_in(table("labour_stocks_contracts_uk"), metric="zero_hours_share", group="employed")
    zero = seen.of("job") == Job.ZERO_HOURS
    scale = level / share(zero, seen.working, seen.weight)
    for low, high, name in ((16, 24, "16-24"), (35, 49, "35-49")):
        published = number_in(table("labour_stocks_contracts_uk"), metric="zero_hours_share", group=name)
        band = (seen.age >= low) & (seen.age <= high) & seen.working
        rows.append(
            Row(
                f"{name}, at the level of 2016",
                published,
                share(zero, band, seen.weight) * scale,
                allowed(tolerance, published),
                "per cent",
            )
        )
    return rows


def _held(seen: Observed) -> Real:
    """People's weights times the share of jobs like theirs (age, sex) that are held for a year: ASHE's annual pay is theirs."""
    return seen.weight * kept_a_year_by_age()[age_group(seen.age.astype(np.int64)), seen.of("sex")]


def _pay_of_2023(seen: Observed) -> Real:
    """A year's pay, pounds, taken back from wages of month 0 to those of the year to April 2023, which ASHE's annual pay is of:
    half a year's growth of earnings below those of that April.
    """
    growth = 1 + float(parameters("policy")["macro"]["average_earnings"]["2023"]) / 100
    return np.asarray(seen.of("pay") * 12 / MINOR / wages_since_2023() / growth**0.5)


def by_occupation(seen: Observed, tolerance: str) -> list[Row]:
    """Employees' jobs that are held for a year, by occupation: how many, and what the middle one pays a year."""
    whole = table("ashe_occupation_2023")
    all_jobs = number_in(whole, "jobs_thousand", group="all", soc2020_major="")
    rows = []
    who, held, pay = employee(seen.of("job")), _held(seen), _pay_of_2023(seen)
    for number, name in enumerate(OCCUPATIONS):
        one = whole.where(group="all", soc2020_major=str(number + 1))
        mine = who & (seen.of("occupation") == number)
        published = one.number("jobs_thousand") / all_jobs * 100
        # The tolerance is for figures, and a share of 10 per cent may be 3 per cent of itself off.
        of_jobs = share(mine, who, held)
        rows.append(Row(f"{name}: share of jobs", published, of_jobs, allowed(tolerance, published), "per cent"))
        median, model = one.number("median"), quantile(pay[mine], held[mine], 0.5)
        rows.append(Row(f"{name}: median pay a year", median, model, allowed(tolerance, median), "pounds"))
        mean = float(np.average(pay[mine], weights=held[mine])) if mine.any() else None
        rows.append(Row(f"{name}: mean pay a year", one.number("mean"), mean, None, "pounds", NO_MEAN))
    return rows


def by_industry(seen: Observed, tolerance: str) -> list[Row]:
    """Median pay a year of jobs that are held for a year, by industry."""
    whole = table("ashe_industry_2023")
    rows = []
    held, pay = _held(seen), _pay_of_2023(seen)
    for number, letter in enumerate(INDUSTRIES):
        if letter not in whole.words("sic2007_section"):
            continue
        median = float(whole.where(group="all", sic2007_section=letter).numbers("median")[0])
        who = employee(seen.of("job")) & (seen.of("industry") == number)
        if np.isnan(median) or who.sum() < 30:
            continue
        model = quantile(pay[who], held[who], 0.5)
        rows.append(Row(f"section {letter}: median pay a year", median, model, allowed(tolerance, median), "pounds"))
    return rows


def employees_by_industry(seen: Observed, tolerance: str) -> list[Row]:
    """Shares of payrolled employees by section, which the table names in the sections' order."""
    whole = table("rti_employees_by_industry_uk").where(date="December 2023")
    who = employee(seen.of("job"))
    rows = []
    for number, (name, published) in enumerate(zip(whole.words("industry"), whole.numbers("share_pct"), strict=True)):
        if name == "UK" or number >= 19:
            continue
        rows.append(
            Row(
                name,
                float(published),
                share(seen.of("industry") == number, who, seen.weight),
                allowed(tolerance, float(published)),
                "per cent",
            )
        )
    return rows


def pay_by_age(seen: Observed, _tolerance: str) -> list[Row]:
    """A year's pay of employees' jobs that are held for a year: percentiles and the mean of all, and medians by age."""
    whole = table("ashe_pay_percentiles_by_age").where(year="2023", measure="annual_gross", group="All")
    who, held, pay = employee(seen.of("job")), _held(seen), _pay_of_2023(seen)
    rows = []
    first = whole.where(age="All employees")
    for name, at in (
        ("p10", 0.1),
        ("p20", 0.2),
        ("p30", 0.3),
        ("p40", 0.4),
        ("median", 0.5),
        ("p60", 0.6),
        ("p70", 0.7),
        ("p80", 0.8),
        ("p90", 0.9),
    ):
        published = float(first.numbers(name)[0])
        near = 0.06 if name in {"p10", "p90"} else 0.03
        rows.append(Row(f"all, {name}", published, quantile(pay[who], held[who], at), near * published, "pounds"))
    mean = float(np.average(pay[who], weights=held[who]))
    rows.append(Row("all, mean", first.numbers("mean")[0], mean, None, "pounds", NO_MEAN))
    for low, high, name in (
        (18, 21, "18-21"),
        (22, 29, "22-29"),
        (30, 39, "30-39"),
        (40, 49, "40-49"),
        (50, 59, "50-59"),
        (60, 120, "60+"),
    ):
        published = float(whole.where(age=name).numbers("median")[0])
        band = who & (seen.age >= low) & (seen.age <= high)
        rows.append(Row(f"{name}, median", published, quantile(pay[band], held[band], 0.5), 0.03 * published, "pounds"))
    return rows


def _wealth(seen: Observed) -> Real:
    """Households' wealth in pounds: homes less mortgages, savings, pensions, other, less cards. Student loans are left out, as
    the survey's published totals count them apart.
    """
    _, summed = seen.heads
    owned = summed("home") + summed("savings") + summed("pension") + summed("other")
    return (owned - summed("mortgage") - summed("card")) / MINOR


def wealth_by_tenth(seen: Observed, tolerance: str) -> list[Row]:
    """Total wealth of households by tenth: the model's means, for as many households as the survey has in a tenth (the survey is
    of Great Britain, the model of the United Kingdom).
    """
    head, _ = seen.heads
    worth, weight = _wealth(seen), seen.weight[head]
    order = np.argsort(worth, kind="stable")
    rank = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    whole = table("wealth_deciles_gb_2020_22")
    rows = []
    for tenth in range(10):
        inside = (rank * 10 >= tenth) & (rank * 10 < tenth + 1)
        model = float(np.average(worth[order][inside], weights=weight[order][inside])) * tenth_households() / 1e9
        published = number_in(whole, "total_wealth_gbp_bn", decile=str(tenth + 1))
        near = allowed(tolerance, published) if 2 <= tenth <= 8 else None
        rows.append(
            Row(
                f"tenth {tenth + 1}",
                published,
                model,
                near,
                "bn pounds",
                "" if near else "no tolerance was set for this tenth",
            )
        )
    return rows


def wealth_by_age(seen: Observed, tolerance: str) -> list[Row]:
    """Median household wealth by age of the elder of a couple."""
    head, _ = seen.heads
    worth, weight, ages = _wealth(seen), seen.weight[head], seen.elder
    rows = []
    for low, high, name in (
        (16, 24, "16-24"),
        (25, 34, "25-34"),
        (35, 44, "35-44"),
        (45, 54, "45-54"),
        (55, 64, "55-64"),
        (65, 74, "65-74"),
        (75, 120, "75+"),
    ):
        published = number_in(table("wealth_median_by_age_gb_2020_22"), "median_total_wealth", age_hrp=name)
        band = (ages >= low) & (ages <= high)
        rows.append(
            Row(name, published, quantile(worth[band], weight[band], 0.5), allowed(tolerance, published), "pounds")
        )
    return rows


def savings_bands(seen: Observed, tolerance: str) -> list[Row]:
    """Households by what they have in savings; the rest of a hundred did not say."""
    head, summed = seen.heads
    savings, weight = summed("savings") / MINOR, seen.weight[head]
    edges = (("no_savings", -1, 1), ("under_1500", 1, 1500), ("1500_3000", 1500, 3000), ("3000_8000", 3000, 8000), ("8000_10000", 8000, 10000), ("10000_16000", 10000, 16000), ("16000_20000", 16000, 20000), ("20000_25000", 20000, 25000), ("25000_30000", 25000, 30000), ("30000_plus", 30000, np.inf))  # fmt: skip
    rows = []
    everybody = np.ones(len(savings), dtype=np.bool_)
    for name, low, high in edges:
        published = number_in(table("savings_debt_distribution"), metric=name)
        model = share((savings >= low) & (savings < high), everybody, weight)
        rows.append(
            Row(name.replace("_", " "), published, model, allowed(tolerance, published), "per cent of households")
        )
    return rows


def card_debt(seen: Observed, tolerance: str) -> list[Row]:
    """Mean card debt of a household: the model's debts over as many households as the published figure counts. Who shares a home
    without being a couple, or lives in a hall or care home, stands on their own in the model.
    """
    debts = table("savings_debt_distribution")
    published = number_in(debts, metric="card_debt_per_household")
    households = number_in(debts, metric="card_debt_outstanding") * 1e9 / published
    model = float((seen.of("card") * seen.weight).sum()) / MINOR / households
    return [Row("", published, model, allowed(tolerance, published), "pounds")]


def owning_young(seen: Observed, tolerance: str) -> list[Row]:
    """Persons of 25 to 34 who own."""
    published = number_in(table("home_ownership"), metric="owns_home")
    tenure = seen.of("tenure")
    owns = (tenure == Tenure.OUTRIGHT) | (tenure == Tenure.MORTGAGE)
    band = (seen.age >= 25) & (seen.age <= 34)
    return [Row("", published, share(owns, band, seen.weight), allowed(tolerance, published), "per cent")]


def owning(low: int, high: int, group: str, period: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Households with a head of these ages who own."""

    def rows(seen: Observed, tolerance: str) -> list[Row]:
        published = number_in(table("home_ownership"), metric="owner_occupation", group=group, period=period)
        head, _ = seen.heads
        tenure, ages = seen.of("tenure")[head], seen.elder
        owns = (tenure == Tenure.OUTRIGHT) | (tenure == Tenure.MORTGAGE)
        return [
            Row(
                "",
                published,
                share(owns, (ages >= low) & (ages <= high), seen.weight[head]),
                allowed(tolerance, published),
                "per cent",
            )
        ]

    return rows


def in_pension(seen: Observed, tolerance: str) -> list[Row]:
    """Eligible employees who save in a workplace pension: 22 to State Pension age, paid above the trigger."""
    rules = parameters("policy")["auto_enrolment"]
    published = number_in(table("pensions"), metric="participation", group="eligible employees GB")
    eligible = (
        employee(seen.of("job"))
        & (seen.age >= rules["age_min"])
        & (seen.age < 66)
        & (seen.of("pay") * 12 / MINOR >= rules["earnings_trigger"])
    )
    return [
        Row(
            "",
            published,
            share(seen.of("in_pension") == 1, eligible, seen.weight),
            allowed(tolerance, published),
            "per cent",
        )
    ]


def in_pension_of_all(seen: Observed, tolerance: str) -> list[Row]:
    """Of all employees, those who are eligible and save."""
    rules = parameters("policy")["auto_enrolment"]
    published = number_in(table("pensions"), metric="participation", group="all employees GB")
    who = employee(seen.of("job"))
    saves = (
        who
        & (seen.of("in_pension") == 1)
        & (seen.age >= rules["age_min"])
        & (seen.age < 66)
        & (seen.of("pay") * 12 / MINOR >= rules["earnings_trigger"])
    )
    return [Row("", published, share(saves, who, seen.weight), allowed(tolerance, published), "per cent")]


def loans_at_entry(seen: Observed, tolerance: str) -> list[Row]:
    """What those of 21 to 23 owe who have done with studying, on plan 2 (England's and Wales's)."""
    published = float(parameters("policy")["student_loans"]["mean_balance_entering_repayment_england"]["2023-24"])
    done = (
        (seen.of("plan") == Plan.PLAN_2) & (seen.of("status") != Status.STUDYING) & (seen.age >= 21) & (seen.age <= 23)
    )
    model = float(np.average(seen.of("loan")[done], weights=seen.weight[done])) / MINOR if done.any() else float("nan")
    return [Row("", published, model, allowed(tolerance, published), "pounds")]


def any_savings(seen: Observed, tolerance: str, held: Table) -> list[Row]:
    """Households with any savings, by tenure."""
    head, summed = seen.heads
    tenure, savings = seen.of("tenure")[head], summed("savings")
    rows = []
    for name, one in (
        ("outright", Tenure.OUTRIGHT),
        ("mortgage", Tenure.MORTGAGE),
        ("private_rent", Tenure.PRIVATE_RENT),
        ("social_rent", Tenure.SOCIAL_RENT),
    ):
        published = number_in(held, "any_savings_pct", tenure=name)
        rows.append(
            Row(
                name.replace("_", " "),
                published,
                share(savings >= MINOR, tenure == one, seen.weight[head]),
                allowed(tolerance, published),
                "per cent",
            )
        )
    return rows
