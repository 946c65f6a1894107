"""The drawn population beside the published figures that it was fitted to."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

import numpy as np
import polars as pl

from lifepot.population import margins, pay, wealth
from lifepot.population.columns import (
    INDUSTRIES,
    OCCUPATIONS,
    Int,
    Job,
    Plan,
    Qualification,
    Sex,
    Status,
    Tenure,
    Village,
)
from lifepot.population.fitting import Float
from lifepot.population.joint import age_group
from lifepot.population.months import age_months, first_days
from lifepot.published.reading import certainty, parameters, table

Flag = Any
_PENCE = 100
_FIRST_DAY = int(first_days(1)[0])


class Villages(Protocol):
    """What has villages: the synthetic population, or one from a survey."""

    @property
    def villages(self) -> int:
        """How many."""

    def village(self, number: int) -> Village:
        """One of them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: what of whom, as published and as drawn, in what unit, how certain, and which table it is from."""

    what: str
    group: str
    published: float
    drawn: float
    unit: str
    status: str
    table: str

    @property
    def off(self) -> float:
        """How far off: percentage points for shares, percent for anything else."""
        if self.unit == "pct":
            return self.drawn - self.published
        return 100 * (self.drawn / self.published - 1)

    def as_dict(self) -> dict[str, Any]:
        """The figure as JSON carries it."""
        return asdict(self) | {"off": self.off}


class People:
    """Columns of all who are there at the start, put together village by village."""

    def __init__(self, villages: Iterable[Village]) -> None:
        kept: dict[str, list[Any]] = {field.name: [] for field in fields(Village) if field.name != "number"}
        count = 0
        for village in villages:
            start = int((village.enters == 0).sum())
            for name, parts in kept.items():
                part = getattr(village, name)[:start]
                parts.append(np.where(part >= 0, part + count, -1) if name == "partner" else part)
            count += start
        self.columns = {name: np.concatenate(parts) for name, parts in kept.items()}
        self.age: Int = age_months(self.columns["born"], _FIRST_DAY) // 12
        other = self.columns["partner"]
        rows = np.arange(count)
        paired = other >= 0
        elder = np.where(paired, (self.age > self.age[other]) | ((self.age == self.age[other]) & (rows < other)), True)
        self.heads = elder & (self.columns["tenure"] != Tenure.PARENTS)
        self.country = float(self.columns["weight"].sum())

    def __getattr__(self, name: str) -> Any:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.age)

    def between(self, first: int, last: int) -> Flag:
        """Who is of these ages, both in."""
        return (self.age >= first) & (self.age <= last)

    def household(self, name: str) -> Float:
        """A column in pounds, both partners' together."""
        own = self.columns[name] / _PENCE
        partner = self.columns["partner"]
        return np.where(partner >= 0, own + own[partner], own)

    @property
    def wealth(self) -> Float:
        """Total net wealth of each one's household, pounds."""
        parts = {"home": 1, "mortgage": -1, "savings": 1, "pension": 1, "other": 1}
        return sum((sign * self.household(name) for name, sign in parts.items()), np.zeros(len(self)))


def _pct(of: Flag, among: Flag) -> float:
    return 100 * float(of[among].mean()) if among.any() else float("nan")


def _mean(values: Float) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _median(values: Float) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def gini(values: Float) -> float:
    """The Gini coefficient of values, each counting alike."""
    ordered = np.sort(values)
    place = np.arange(1, len(ordered) + 1) - 0.5
    return float(2 * (place * ordered).sum() / (len(ordered) * ordered.sum()) - 1)


def hill(values: Float, top: float) -> float:
    """The exponent of the Pareto tail of the top share of values (Hill, Annals of Statistics 3, 1975)."""
    ordered = np.sort(values)[::-1]
    count = max(int(len(ordered) * top), 2)
    if count >= len(ordered) or ordered[count] <= 0:
        return float("nan")
    return float(1 / np.log(ordered[:count] / ordered[count]).mean())


def compare(people: People) -> list[Compared]:
    """All figures that these people are enough for, by subject."""
    return [row for part in _PARTS for row in part(people) if np.isfinite(row.drawn)]


def _ages(people: People) -> list[Compared]:
    count = margins.people()
    out = []
    for first, last in ((16, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 90)):
        published = 100 * float(count[margins.of_age(first, last)].sum() / count.sum())
        drawn = _pct(people.between(first, last if last < 90 else 120), np.ones(len(people), dtype=np.bool_))
        out.append(Compared("of all", f"{first}-{last}", published, drawn, "pct", "V1", "population_age_sex_uk"))
    return out


def _work(people: People) -> list[Compared]:
    """Status by age. Under 25 unemployment is of those not in full-time education: the lab's unemployed do not study."""
    name = "labour_status_by_age_uk"
    out = []
    has_job = people.job != Job.NONE
    for age, (first, last) in {
        "16-17": (16, 17),
        "18-24": (18, 24),
        "25-34": (25, 34),
        "35-49": (35, 49),
        "50-64": (50, 64),
        "65+": (65, 120),
    }.items():
        those = people.between(first, last)
        row = table(name).where(period=margins.BASE, age=age)
        out.append(Compared("have work", age, row.number("employment_rate"), _pct(has_job, those), "pct", "V1", name))
        if last > 24:
            active = those & (has_job | (people.status == Status.UNEMPLOYED))
            rate = _pct(people.status == Status.UNEMPLOYED, active)
            out.append(
                Compared("unemployed, of the active", age, row.number("unemployment_rate"), rate, "pct", "V1", name)
            )
            continue
        name_young = "young_people_education_status_uk"
        young = table(name_young).where(period=margins.BASE, age=age)
        studies = 100 * young.number("fte_total") / young.number("total")
        out.append(
            Compared("study", age, studies, _pct(people.status == Status.STUDYING, those), "pct", "V1", name_young)
        )
        left = those & (people.status != Status.STUDYING)
        idle = 100 * young.number("not_fte_unemployed") / young.number("not_fte_total")
        rate = _pct(people.status == Status.UNEMPLOYED, left)
        out.append(Compared("unemployed, of those who left school", age, idle, rate, "pct", "V1", name_young))
    return out


def _jobs(people: People) -> list[Compared]:
    employed = people.job != Job.NONE
    employees = (people.job == Job.EMPLOYEE) | (people.job == Job.ZERO_HOURS)
    alone = (people.job == Job.SELF_EMPLOYED) | (people.job == Job.PLATFORM)
    level = table("labour_stocks_contracts_uk").where(metric="zero_hours_level").number()
    zero = float(people.weight[people.job == Job.ZERO_HOURS].sum()) / 1e6
    share = table("employment_type_uk").where(period=margins.BASE).number("self_employed_pct")
    out = [
        Compared(
            "self-employed, platforms too", "employed", share, _pct(alone, employed), "pct", "V1", "employment_type_uk"
        ),
        Compared("on zero-hours contracts", "all", level, zero, "million", "V3", "labour_stocks_contracts_uk"),
    ]
    rows = table("ashe_occupation_2023").where(group="all")
    jobs = rows.numbers("jobs_thousand")[1:]
    for n, name in enumerate(OCCUPATIONS):
        published = 100 * float(jobs[n] / jobs.sum())
        drawn = _pct(people.occupation == n, employees)
        out.append(Compared("of employees", name, published, drawn, "pct", "V1", "ashe_occupation_2023"))
    rti = table("rti_employees_by_industry_uk").where(date="December 2023")
    for n, (name, published) in enumerate(zip(rti.words("industry")[:19], rti.numbers("share_pct")[:19], strict=True)):
        drawn = _pct(people.industry == n, employees)
        out.append(
            Compared(
                "of employees",
                f"{INDUSTRIES[n]} {name}",
                float(published),
                drawn,
                "pct",
                "V1",
                "rti_employees_by_industry_uk",
            )
        )
    return out


def _pay(people: People) -> list[Compared]:
    """Weekly pay of employees, students too, at wages of April 2023; by occupation and industry, annual pay of jobs held for
    a year, scaled so that all together are as published: the year before pays a little less than its last week.
    """
    name = "ashe_pay_percentiles_by_age"
    rows = table(name).where(**margins.PAY_ROWS)
    employees = (people.job == Job.EMPLOYEE) | (people.job == Job.ZERO_HOURS)
    week = people.pay / _PENCE / pay.WEEKS / pay.wages_since_2023()
    out = []
    for age, (first, last) in {**margins.PAY_BANDS, "All employees": (16, 120)}.items():
        for group, sex in (("All", None), ("Male", Sex.MALE), ("Female", Sex.FEMALE)):
            those = employees & people.between(first, 120 if last == 90 else last)
            if sex is not None:
                those &= people.sex == sex
            row = rows.where(age=age, group=group)
            wanted = {"p10": 0.1, "p20": 0.2, "median": 0.5, "p80": 0.8, "p90": 0.9} if sex is None else {"median": 0.5}
            for percentile, at in wanted.items():
                if row.words(percentile)[0] and those.any():
                    drawn = float(np.quantile(week[those], at))
                    what = f"weekly pay, {percentile}"
                    out.append(
                        Compared(what, f"{age} {group.lower()}", row.number(percentile), drawn, "GBP", "V1", name)
                    )
    held = margins.kept_a_year_by_age()[age_group(people.age), people.sex]
    every = pay.median(week[employees], held[employees])
    for file, column, names, which in (
        ("ashe_occupation_2023", "soc2020_major", [str(n + 1) for n in range(9)], people.occupation),
        ("ashe_industry_2023", "sic2007_section", list(INDUSTRIES), people.industry),
    ):
        annual = table(file).where(group="all")
        scale = annual.where(label="All employees").number("median") / every
        for n, one in enumerate(names):
            row = annual.where(**{column: one})
            those = employees & (which == n)
            if row.words("median")[0] and those.sum() > 30:
                drawn = pay.median(week[those], held[those]) * scale
                label = f"{one} {row.words('label')[0]}"
                out.append(Compared("annual pay, median", label, row.number("median"), drawn, "GBP", "V1", file))
    return out


def _learning(people: People) -> list[Compared]:
    rows = table("qualifications_uk")
    recent = rows.where(metric="highest_qualification_25_29", group="parents class: Total")
    top = sum(recent.where(category=one).number() for one in ("first", "higher", "further"))
    drawn = _pct(people.qualification == Qualification.LEVEL_4, people.between(25, 29))
    out = [Compared("level 4 and above", "25-29", top, drawn, "pct", "V1", "qualifications_uk")]
    for category, level in (("level_4_plus", Qualification.LEVEL_4), ("no_qualifications", Qualification.NONE)):
        row = rows.where(metric="highest_qualification", category=category, group="16+")
        drawn = _pct(people.qualification == level, people.age >= 16)
        name = f"{category.replace('_', ' ')} (2021)"
        out.append(Compared(name, "16+", row.number(), drawn, "pct", row.status[0], "qualifications_uk"))
    return out


def _families(people: People) -> list[Compared]:
    out = []
    rows = table("partnership_uk").where(metric="living_in_couple")
    for group, sex in (("male", Sex.MALE), ("female", Sex.FEMALE)):
        for age in ("16-29", "30-34", "40-44", "50-54", "60-64", "70+"):
            first, _, last = age.partition("-")
            those = people.between(int(first.strip("+")), int(last or 120)) & (people.sex == sex)
            published = rows.where(group=group, age=age).number()
            drawn = _pct(people.partner >= 0, those)
            out.append(
                Compared("in a couple (2015)", f"{age} {group}", published, drawn, "pct", "V1", "partnership_uk")
            )
    mothers = (people.sex == Sex.FEMALE) & (people.children > 0)
    kids = margins.residents(2023, np.arange(16)).sum() / 1e6
    drawn = float((people.weight * people.children)[mothers].sum()) / 1e6
    out.append(Compared("children under 16", "all", kids, drawn, "million", "V1", "population_age_sex_uk"))
    for words, n in (("one", 1), ("two", 2), ("three_or_more", 3)):
        metric = f"families_with_dependent_children_having_{words}_pct"
        row = table("fertility_uk").where(metric=metric, period="2025")
        share = _pct(people.children == n if n < 3 else people.children >= 3, mothers)
        out.append(
            Compared(
                "families with children",
                words.replace("_", " "),
                row.number(),
                share,
                "pct",
                row.status[0],
                "fertility_uk",
            )
        )
    return out


def _homes(people: People) -> list[Compared]:
    out = []
    rows = table("rents_mortgages_uk")
    kinds: dict[str, Callable[[People], Flag]] = {
        "owner": lambda one: one.tenure <= Tenure.MORTGAGE,
        "private_rent": lambda one: one.tenure == Tenure.PRIVATE_RENT,
        "social_rent": lambda one: one.tenure == Tenure.SOCIAL_RENT,
    }
    for group, (first, last) in {
        "HRP 16 to 24": (16, 24),
        "HRP 35 to 44": (35, 44),
        "HRP 45 to 64": (45, 64),
        "HRP 65 to 74": (65, 74),
        "HRP 75 or older": (75, 120),
        "HRP total": (16, 120),
    }.items():
        those = people.heads & people.between(first, last)
        for kind, having in kinds.items():
            row = rows.where(metric=f"tenure_share_{kind}", group=group)
            drawn = _pct(having(people), those)
            out.append(
                Compared(kind.replace("_", " "), group, row.number(), drawn, "pct", row.status[0], "rents_mortgages_uk")
            )
    owns = table("home_ownership").where(metric="owns_home")
    drawn = _pct(people.tenure <= Tenure.MORTGAGE, people.between(25, 34))
    out.append(Compared("own", "persons 25-34", owns.number(), drawn, "pct", owns.status[0], "home_ownership"))
    mean = rows.where(metric="mortgage_balance_mean")
    owed = _mean(people.household("mortgage")[people.heads & (people.tenure == Tenure.MORTGAGE)])
    out.append(
        Compared(
            "mortgage, mean", "households with one", mean.number(), owed, "GBP", mean.status[0], "rents_mortgages_uk"
        )
    )
    return out


def _wealth(people: People) -> list[Compared]:
    out = []
    total = people.wealth[people.heads]
    name = "wealth_deciles_gb_2020_22"
    ordered = np.sort(total)
    edges = np.linspace(0, len(ordered), 11).astype(np.int64)
    for n, published in enumerate(table(name).numbers("total_wealth_gbp_bn")):
        drawn = _mean(ordered[edges[n] : edges[n + 1]]) * wealth.tenth_households() / 1e9
        out.append(Compared("wealth of a tenth", f"{n + 1}", float(published), drawn, "GBP bn", "V3", name))
    tenths = [np.array([one.published for one in out]), np.array([one.drawn for one in out])]
    published, drawn = (gini(np.repeat(sums, 100)) for sums in tenths)
    out.append(
        Compared("Gini of wealth, from tenths", "households", 100 * published, 100 * drawn, "pct", "DERIVED", name)
    )
    medians = "wealth_median_by_age_gb_2020_22"
    for age, (first, last) in zip(wealth.AGE_NAMES, wealth.BANDS, strict=True):
        those = people.wealth[people.heads & people.between(first, last)]
        published = table(medians).where(age_hrp=age).number("median_total_wealth")
        out.append(Compared("wealth, median", age, published, _median(those), "GBP", "V3", medians))
    tail = hill(total, 0.05)
    out.append(
        Compared("tail exponent of wealth", "top 5 pct", wealth.tail_exponent(), tail, "exponent", "DERIVED", name)
    )
    savings = people.household("savings")[people.heads]
    rows = table("savings_debt_distribution").where(unit_of_count="households")
    none = rows.where(metric="no_savings")
    out.append(
        Compared("no savings", "households", none.number(), _pct(savings <= 0, savings >= 0), "pct", "V3", rows.name)
    )
    for metric, low, high in (*wealth.SAVING_BANDS, ("30000_plus", 30_000.0, np.inf)):
        share = _pct((savings > low) & (savings <= high), savings >= 0)
        out.append(Compared("savings", metric, rows.where(metric=metric).number(), share, "pct", "V3", rows.name))
    debts = table("savings_debt_distribution")
    cards = float((people.weight * people.card).sum()) / _PENCE / 1e9
    published = debts.where(metric="card_debt_outstanding").number()
    out.append(Compared("owed on cards", "all", published, cards, "GBP bn", "V3", debts.name))
    return out


def _loans(people: People) -> list[Compared]:
    words = parameters("policy")["student_loans"]
    book = float((people.weight * people.loan).sum()) / _PENCE / 1e9
    entering = (people.plan == Plan.PLAN_2) & (people.status != Status.STUDYING) & people.between(21, 23)
    mean = _mean(people.loan[entering]) / _PENCE
    published = words["mean_balance_entering_repayment_england"]["2023-24"]
    how = certainty("policy")
    at = "student_loans"
    return [
        Compared("student loans", "all", words["loan_book_bn"], book, "GBP bn", how[at, "loan_book_bn"], "policy"),
        Compared(
            "student loan on leaving",
            "21-23",
            published,
            mean,
            "GBP",
            how[at, "mean_balance_entering_repayment_england"],
            "policy",
        ),
    ]


_PARTS: tuple[Callable[[People], list[Compared]], ...] = (
    _ages,
    _learning,
    _work,
    _jobs,
    _pay,
    _families,
    _homes,
    _wealth,
    _loans,
)

_WORDS: dict[str, type] = {
    "sex": Sex,
    "qualification": Qualification,
    "final": Qualification,
    "status": Status,
    "job": Job,
    "tenure": Tenure,
}


def frame(villages: Iterable[Village]) -> pl.DataFrame:
    """People as a table, a row a person in order of village and row; words where columns have words, money in pence."""
    kept: dict[str, list[Any]] = {field.name: [] for field in fields(Village) if field.name != "number"}
    of_village: list[Int] = []
    for village in villages:
        of_village.append(np.full(len(village), village.number, dtype=np.int64))
        for name, parts in kept.items():
            parts.append(getattr(village, name))
    columns: dict[str, Any] = {"village": np.concatenate(of_village)}
    for name, parts in kept.items():
        values = np.concatenate(parts)
        if name in _WORDS:
            words = [one.name.lower() for one in _WORDS[name]]  # type: ignore[attr-defined]
            columns[name] = pl.Series(words, dtype=pl.Enum(words)).gather(values)
        elif name == "industry":
            columns[name] = pl.Series(list(INDUSTRIES), dtype=pl.Enum(list(INDUSTRIES))).gather(values)
        elif name == "born":
            columns[name] = pl.Series(values, dtype=pl.Int32).cast(pl.Date)
        elif name == "occupation":
            columns[name] = values + 1
        else:
            columns[name] = values
    return pl.DataFrame(columns)
