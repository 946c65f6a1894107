"""The synthetic population: villages that depend on number and seed alone, and margins as published."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from ruamel.yaml import YAML
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.errors import LifepotError, Misuse
from lifepot.population import coming, margins, pay, wealth
from lifepot.population.columns import Job, Plan, Sex, Status, Tenure, Village
from lifepot.population.compared import Compared, People, compare, frame, gini, hill
from lifepot.population.fitting import fit, score_of, share_of
from lifepot.population.microdata import ATTRIBUTES, CATEGORIES, from_microdata
from lifepot.population.microdata import _meaning as meaning_of
from lifepot.population.months import age_months, first_days
from lifepot.population.people import Population, cohort
from lifepot.published.reading import table

COLUMNS = [name for name in Village.__dataclass_fields__ if name != "number"]
FIRST_DAY = int(first_days(1)[0])


def same(one: Village, other: Village, rows: int | None = None) -> None:
    """Two villages hold the same people, or the same first ones."""
    for name in COLUMNS:
        assert_array_equal(getattr(one, name)[:rows], getattr(other, name)[:rows], err_msg=name)


def run(*words: object) -> tuple[int, str]:
    """Exit code and all that was printed."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def drawn() -> People:
    """20,000 people at the start."""
    population = Population(seed=3, people=20_000)
    return People(population.village(number) for number in range(population.villages))


@pytest.fixture(scope="module")
def figures(drawn: People) -> list[Compared]:
    """These people beside the published figures."""
    return compare(drawn)


@pytest.fixture(scope="module")
def village() -> Village:
    """A village with those who come in twenty years."""
    return Population(seed=3, people=2_000, months=240).village(1)


def test_fitting_reproduces_margins_exactly() -> None:
    """Fitted sums are the margins to a part in a billion, and a cell of nought stays nought."""
    seed = np.arange(1.0, 25.0).reshape(2, 3, 4)
    seed[1, 2, 3] = 0.0
    wanted = seed**1.5 + 1
    wanted[1, 2, 3] = 0.0
    targets = [((0, 1), wanted.sum(axis=2)), ((1, 2), wanted.sum(axis=0)), ((0, 2), wanted.sum(axis=1))]
    cells = fit(seed, targets, rounds=2000)
    for axes, target in targets:
        rest = tuple({0, 1, 2} - set(axes))
        assert_allclose(cells.sum(axis=rest), target, rtol=1e-7)
    assert cells[1, 2, 3] == 0.0


def test_fitting_keeps_what_no_margin_says() -> None:
    """With margins of one axis each, odds ratios stay those of the seed."""
    cells = fit(np.array([[2.0, 1.0], [1.0, 3.0]]), [((0,), np.array([10.0, 20.0])), ((1,), np.array([12.0, 18.0]))])
    assert_allclose(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0]), 6.0)


def test_shares_and_scores_are_each_others_reverse() -> None:
    """A normal score of a share gives the share back."""
    shares = np.linspace(0.001, 0.999, 57)
    assert_allclose(share_of(score_of(shares)), shares, atol=1e-6)
    assert_allclose(score_of(np.array([0.975])), [1.959964], atol=1e-4)


def test_a_village_is_its_number_and_seed_alone() -> None:
    """The same village comes whatever else is drawn before, however long the run and in which order."""
    alone = Population(seed=3, people=2_000).village(2)
    among = Population(seed=3, people=2_000, months=30)
    for number in (3, 0, 1):
        among.village(number)
    again = among.village(2)
    same(alone, again, len(alone))
    same(again, Population(seed=3, people=2_000, months=60).village(2), len(again))
    other = Population(seed=4, people=2_000).village(2)
    assert not np.array_equal(alone.pay, other.pay)


def test_villages_are_numbered_and_weighed_alike(drawn: People) -> None:
    """Persons are numbered by village and row, and all weights together are the country's residents of 16 and over."""
    population = Population(seed=3, people=1_234)
    villages = [population.village(number) for number in range(population.villages)]
    assert sum(len(one) for one in villages) == 1_234
    assert_allclose(sum(one.weight.sum() for one in villages), margins.people().sum())
    assert_array_equal(villages[1].person, 2**20 + np.arange(len(villages[1])))
    assert_allclose(drawn.country, margins.people().sum())


def test_partners_are_each_others(drawn: People) -> None:
    """A partner's partner is oneself; home, tenure and children are shared, savings half each."""
    rows = np.flatnonzero(drawn.partner >= 0)
    other = drawn.partner[rows]
    assert_array_equal(drawn.partner[other], rows)
    for name in ("tenure", "home", "mortgage", "savings", "children", "youngest"):
        assert_array_equal(getattr(drawn, name)[rows], getattr(drawn, name)[other], err_msg=name)
    assert (drawn.sex[rows] != drawn.sex[other]).all()
    assert 1.0 < float((drawn.age[rows] - drawn.age[other])[drawn.sex[rows] == Sex.MALE].mean()) < 3.0


def test_columns_fit_each_other(drawn: People) -> None:
    """Who works has a job and a pay, who owns outright owes nothing, who rents owns no home, who owes a loan has a plan."""
    working = drawn.status == Status.WORKING
    assert (drawn.job[working] != Job.NONE).all()
    assert (drawn.job[drawn.status >= Status.UNEMPLOYED] == Job.NONE).all()
    assert (drawn.pay > 0).all()
    assert (drawn.home[drawn.tenure > Tenure.MORTGAGE] == 0).all()
    assert (drawn.home[drawn.tenure <= Tenure.MORTGAGE] > 0).all()
    assert (drawn.mortgage[drawn.tenure != Tenure.MORTGAGE] == 0).all()
    assert ((drawn.loan > 0) == (drawn.plan != Plan.NONE)).all()
    assert ((drawn.children > 0) == (drawn.youngest >= 0)).all()
    assert (drawn.youngest < 16 * 12).all()
    assert (drawn.final >= drawn.qualification).all()
    assert drawn.age.min() >= 16


WITHIN = {
    "of all": 0.4,
    "have work": 2.5,
    "study": 3.5,
    "unemployed, of the active": 1.5,
    "self-employed, platforms too": 0.8,
    "on zero-hours contracts": 10.0,
    "of employees": 1.2,
    "in a couple (2015)": 2.5,
    "level 4 and above": 4.0,
    "children under 16": 4.0,
    "own": 3.0,
    "owner": 5.0,
    "social rent": 5.0,
    "mortgage, mean": 8.0,
    "no savings": 1.5,
    "savings": 1.5,
    "owed on cards": 8.0,
    "student loans": 8.0,
    "tail exponent of wealth": 12.0,
}
"""How far 20,000 people may be off what is published: points for shares, percent for the rest; sampling is most of it."""


def test_margins_are_as_published(figures: list[Compared]) -> None:
    """Age, work, jobs, couples, homes, savings and debts come out within what sampling allows."""
    few = {"16-17", "HRP 16 to 24"}
    wrong = [one for one in figures if abs(one.off) > WITHIN.get(one.what, np.inf) * (2.5 if one.group in few else 1)]
    assert wrong == []
    assert set(WITHIN) <= {one.what for one in figures}


def test_pay_is_as_published(figures: list[Compared]) -> None:
    """Medians of weekly pay by age and sex come within 10 percent of ASHE's (two standard errors of the fewest), of all within
    3; the ends within 15, where few people stand between short hours and long ones.
    """
    of_age = [one for one in figures if one.what.startswith("weekly pay") and one.group[:2] not in {"16", "18"}]
    assert [one for one in of_age if one.what.endswith("median") and abs(one.off) > 10] == []
    assert [one for one in of_age if abs(one.off) > 15] == []
    everybody = next(one for one in of_age if one.what == "weekly pay, median" and one.group == "All employees all")
    assert abs(everybody.off) < 3


def test_occupations_are_paid_as_published(figures: list[Compared]) -> None:
    """Medians of the nine occupations lie within 12 percent, in their published order."""
    of_one = [one for one in figures if one.table == "ashe_occupation_2023" and one.what.startswith("annual")]
    assert len(of_one) == 9
    assert [one for one in of_one if abs(one.off) > 12] == []
    assert max(of_one, key=lambda one: one.drawn).group.startswith("1 ")


def test_wealth_is_as_published(drawn: People, figures: list[Compared]) -> None:
    """Tenths 4 to 9 come within 10 percent, medians by age from 25 on within 15, the Gini over what the tenths alone give."""
    tenths = [one for one in figures if one.what == "wealth of a tenth"][3:9]
    assert [one for one in tenths if abs(one.off) > 10] == []
    medians = [one for one in figures if one.what == "wealth, median"][1:]
    assert [one for one in medians if abs(one.off) > 15] == []
    assert 0.579 < gini(drawn.wealth[drawn.heads]) < 0.66


def test_the_curve_of_wealth_has_the_published_tenths() -> None:
    """The curve itself sums to each published tenth within a percent, and its tail has the stated exponent."""
    place = (np.arange(500_000) + 0.5) / 500_000
    values = wealth.wealth_at(place)
    sums = values.reshape(10, -1).mean(axis=1) * wealth.tenth_households() / 1e9
    published = table("wealth_deciles_gb_2020_22").numbers("total_wealth_gbp_bn")
    assert_allclose(sums[:9], published[:9], rtol=0.01)
    assert_allclose(sums[9], published[9] + 800, rtol=0.03)
    assert_allclose(hill(values, 0.01), wealth.tail_exponent(), rtol=0.02)


def test_hill_and_gini_know_their_answers() -> None:
    """A Pareto sample gives its exponent and 1 / (2a - 1)."""
    sample = ((np.arange(200_000) + 0.5) / 200_000) ** (-1 / 2.0)
    assert_allclose(hill(sample, 0.05), 2.0, rtol=0.01)
    assert_allclose(gini(sample), 1 / 3, rtol=0.02)


def test_pay_curves_have_the_published_percentiles_and_mean() -> None:
    """A curve passes through its row's median and ninetieth percentile, and has its mean within two percent."""
    row = table("ashe_pay_percentiles_by_age").where(**margins.PAY_ROWS, group="Male Full-Time", age="40-49")
    curve = pay.curve_of(row) / pay.WEEKS
    assert_allclose(curve[pay.SHARES == 0.5], row.number("median"))
    assert_allclose(curve[pay.SHARES == 0.9], row.number("p90"))
    places = (np.arange(200_000) + 0.5) / 200_000
    mean = np.exp(np.interp(places, pay.SHARES, np.log(curve))).mean()
    assert_allclose(mean, row.number("mean"), rtol=0.02)


def test_what_goes_together_goes_together(drawn: People) -> None:
    """Higher pay goes with more savings, owning and a degree at like age; social renters have less saved than owners."""
    those = drawn.between(35, 54) & (drawn.status == Status.WORKING)
    high = drawn.pay > np.median(drawn.pay[those])
    saved = drawn.household("savings")
    assert np.median(saved[those & high]) > 1.5 * np.median(saved[those & ~high])
    assert (drawn.tenure <= Tenure.MORTGAGE)[those & high].mean() > (drawn.tenure <= Tenure.MORTGAGE)[
        those & ~high
    ].mean() + 0.1
    assert (drawn.qualification == 4)[those & high].mean() > (drawn.qualification == 4)[those & ~high].mean() + 0.15
    assert np.median(saved[drawn.tenure == Tenure.SOCIAL_RENT]) < np.median(saved[drawn.tenure == Tenure.OUTRIGHT]) / 2


def test_those_to_come_are_as_many_as_published() -> None:
    """Over twenty years as many turn sixteen and move in as in the country, each standing for the same number."""
    months = 241
    population = Population(seed=5, people=10_000, months=months)
    villages = [population.village(number) for number in range(population.villages)]
    young = (
        sum(float(((one.tenure == Tenure.PARENTS) & (one.enters > 0)).sum()) for one in villages) * population.weight
    )
    moved = (
        sum(float(((one.tenure != Tenure.PARENTS) & (one.enters > 0)).sum()) for one in villages) * population.weight
    )
    assert_allclose(young, coming.of_age(months - 1).sum(), rtol=0.01)
    assert_allclose(moved, coming.moving_in(months - 1).sum(), rtol=0.01)
    first_year = margins.residents(2023, np.array([15])).sum()
    assert_allclose(coming.of_age(12).sum(), first_year)


def test_those_who_turn_sixteen_are_at_school_at_home(village: Village) -> None:
    """They come in the month after their birthday, study, live with parents, owe nothing, and have no partner yet."""
    young = (village.enters > 0) & (village.tenure == Tenure.PARENTS)
    assert young.sum() > 20
    assert (village.status[young] == Status.STUDYING).all()
    assert (village.partner[village.enters > 0] == -1).all()
    assert (village.loan[young] == 0).all()
    assert (np.diff(village.enters) >= 0).all()
    days = first_days(241)
    ages = [int(age_months(village.born[n : n + 1], int(days[village.enters[n]]))[0]) for n in np.flatnonzero(young)]
    assert set(ages) == {16 * 12}


def test_a_cohort_is_of_one_age() -> None:
    """All of a cohort are as old as asked, have what people of that age have, and nobody comes."""
    population = cohort(seed=2, people=3_000, age=22)
    people = People(population.village(number) for number in range(population.villages))
    assert set(people.age.tolist()) == {22}
    assert_allclose(people.country, margins.people()[22 - 16].sum())
    assert 0.1 < float((people.status == Status.STUDYING).mean()) < 0.35
    assert abs(float((people.partner >= 0).mean()) - float(margins.couples()[22 - 16].mean())) < 0.02


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        ({"people": 1}, "1 people"),
        ({"people": 100, "months": 0}, "0 months"),
        ({"people": 100, "seed": -1}, "seed -1"),
        ({"people": 100, "age": 15}, "15 years"),
    ],
)
def test_what_cannot_be_drawn_is_misuse(asked: dict[str, int], of: str) -> None:
    """Too few people, no month, no seed and no such age are told, with what to ask for."""
    with pytest.raises(Misuse, match=of):
        Population(**{"seed": 1, **asked})


@pytest.mark.parametrize("people", [2, 3, 499, 751])
def test_few_people_are_people_too(people: int) -> None:
    """Any number from two is drawn and compared; what so few say nothing of is left out, not told as a number."""
    population = Population(seed=1, people=people, months=30)
    villages = [population.village(number) for number in range(population.villages)]
    assert sum(int((one.enters == 0).sum()) for one in villages) == people
    assert all(np.isfinite(one.drawn) for one in compare(People(villages)))


def survey(directory: Path, **columns: list[Any]) -> Path:
    """A survey file of a hundred and twenty people, with columns replaced."""
    count = 120
    made: dict[str, list[Any]] = {
        "GROSS": [50.0 + n % 3 for n in range(count)],
        "AGE": [16 + n % 70 for n in range(count)],
        "SEX": ["1" if n % 2 else "2" for n in range(count)],
        "INC": [1200 + 10 * n for n in range(count)],
        "TEN": ["own" if n % 3 else "let" for n in range(count)],
    }
    path = directory / "survey.csv"
    pl.DataFrame({**made, **columns}, strict=False).write_csv(path)
    return path


MEANING: dict[str, Any] = {
    "weight": "GROSS",
    "age": "AGE",
    "sex": {"column": "SEX", "values": {"1": "male", "2": "female"}},
    "pay": {"column": "INC", "per": "month"},
    "tenure": {"column": "TEN", "values": {"own": "outright", "let": "private_rent"}},
}


def test_a_survey_brings_its_own_people(tmp_path: Path) -> None:
    """What the file says stands, weights count, and what it does not say is drawn and named."""
    heavy = [500.0 if n % 2 else 50.0 for n in range(120)]
    brought = from_microdata(survey(tmp_path, GROSS=heavy), MEANING, seed=1, people=1_000)
    village = brought.village(0)
    assert_allclose(sum(brought.village(n).weight.sum() for n in range(brought.villages)), sum(heavy))
    assert set(village.tenure[village.partner < 0].tolist()) <= {Tenure.OUTRIGHT, Tenure.PRIVATE_RENT}
    assert village.pay.min() / 100 >= 1200
    assert village.pay.max() / 100 <= 1200 + 10 * 119
    assert float((village.sex == Sex.MALE).mean()) > 0.8
    assert (village.home[village.tenure == Tenure.OUTRIGHT] > 0).all()
    assert "savings" in brought.survey.unsaid
    assert "pay" not in brought.survey.unsaid
    same(village, from_microdata(survey(tmp_path, GROSS=heavy), MEANING, seed=1, people=1_000).village(0))


def test_a_survey_of_all_columns_is_taken_as_it_stands(tmp_path: Path) -> None:
    """Status, job, schooling and money from a Parquet file stand in the village, a week's pay as a month's."""
    count = 200
    file = tmp_path / "all.parquet"
    pl.DataFrame(
        {
            "w": [1.0] * count,
            "age": [30 + n % 20 for n in range(count)],
            "sex": ["male" if n % 2 else "female" for n in range(count)],
            "couple": ["no"] * count,
            "status": ["working"] * count,
            "job": ["zero_hours"] * count,
            "qualification": ["level_3"] * count,
            "occupation": ["9"] * count,
            "industry": ["I"] * count,
            "week": [200.0] * count,
            "savings": [75.5] * count,
            "children": [2] * count,
        }
    ).write_parquet(file)
    words = ("age", "sex", "couple", "status", "job", "qualification", "occupation", "industry", "savings", "children")
    mapping = {"weight": "w", "pay": {"column": "week", "per": "week"}, **{word: word for word in words}}
    village = from_microdata(file, mapping, seed=1, people=400).village(0)
    assert set(village.job.tolist()) == {Job.ZERO_HOURS}
    assert set(village.status.tolist()) == {Status.WORKING}
    assert set(village.qualification.tolist()) == {3}
    assert set(village.occupation.tolist()) == {8}
    assert set(village.savings.tolist()) == {7550}
    assert set(village.pay.tolist()) == {86964}
    assert set(village.children.tolist()) == {2}
    assert (village.youngest >= 0).all()
    assert (village.partner == -1).all()


def test_a_survey_of_women_of_forty_is_no_other(tmp_path: Path) -> None:
    """Ages and sexes that the file does not have are not made up, and nobody has a partner who is not there."""
    count = 120
    file = survey(tmp_path, AGE=[40] * count, SEX=["2"] * count)
    brought = from_microdata(file, MEANING, seed=1, people=700)
    people = People(brought.village(number) for number in range(brought.villages))
    assert set(people.age.tolist()) == {40}
    assert set(people.sex.tolist()) == {Sex.FEMALE}
    assert (people.partner == -1).all()


@pytest.mark.parametrize(
    ("columns", "mapping", "error", "of"),
    [
        ({}, {"weight": "NONE"}, LifepotError, "no column NONE"),
        ({"GROSS": [0.0] * 120}, {}, LifepotError, "GROSS .weight. sums to nothing"),
        ({"GROSS": [-1.0] + [1.0] * 119}, {}, LifepotError, "GROSS .weight. is below nought in row 1"),
        ({"GROSS": ["x"] + ["1"] * 119}, {}, LifepotError, "GROSS .weight. is no number in row 1: x"),
        ({"AGE": [None, *range(20, 139)]}, {}, LifepotError, "AGE .age. is empty in 1 rows"),
        ({"AGE": [200] * 120}, {}, LifepotError, "AGE .age. is 200 in row 1"),
        ({"AGE": [9] * 120}, {}, LifepotError, "sums to nothing among those of 16"),
        ({"TEN": ["boat"] * 120}, {}, LifepotError, "TEN .tenure. has boat"),
        ({"INC": [-5] * 120}, {}, LifepotError, "INC .pay. is below nought"),
        ({}, {"hair": "X"}, Misuse, "hair"),
        ({}, {"pay": {"column": "INC", "per": "day"}}, Misuse, "per day"),
        ({}, {"pay": {"per": "month"}}, Misuse, "pay names no column"),
        ({}, {"sex": {"column": "SEX", "values": {"1": "man", "2": "female"}}}, Misuse, "man"),
    ],
)
def test_a_bad_survey_says_which_column_and_what_to_do(
    tmp_path: Path, columns: dict[str, list[Any]], mapping: dict[str, Any], error: type[LifepotError], of: str
) -> None:
    """Each fault names the column and the row or word, and has a remedy."""
    with pytest.raises(error, match=of) as raised:
        from_microdata(survey(tmp_path, **columns), {**MEANING, **mapping}, seed=1, people=100)
    assert raised.value.remedy


def test_a_mapping_must_say_weight_age_and_sex(tmp_path: Path) -> None:
    """A mapping without one of the three, an empty one, and one that is no YAML, are refused."""
    with pytest.raises(Misuse, match="which column is sex"):
        from_microdata(survey(tmp_path), {"weight": "GROSS", "age": "AGE"}, seed=1, people=100)
    with pytest.raises(Misuse, match="says nothing"):
        from_microdata(survey(tmp_path), {}, seed=1, people=100)
    broken = tmp_path / "mapping.yaml"
    broken.write_text("weight: [", encoding="utf-8")
    with pytest.raises(LifepotError, match="cannot be read"):
        from_microdata(survey(tmp_path), broken, seed=1, people=100)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("none.csv", None, LifepotError),
        ("empty.csv", "", LifepotError),
        ("heads.csv", "GROSS,AGE,SEX\n", LifepotError),
        ("survey.xlsx", "x", Misuse),
        ("survey.parquet", "not Parquet", LifepotError),
    ],
)
def test_a_file_that_holds_no_people_is_refused(
    tmp_path: Path, name: str, text: str | None, error: type[LifepotError]
) -> None:
    """A file that is not there, is empty, has only a head or is of another kind is told apart from a fault of ours."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(error):
        from_microdata(path, MEANING, seed=1, people=100)


def test_the_documented_mapping_is_read() -> None:
    """The example of the page is a mapping, and its table names every attribute and every word of it."""
    text = (Path(__file__).parents[1] / "docs" / "costing-a-reform.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    meaning = meaning_of(YAML(typ="safe", pure=True).load(example[1]))
    assert meaning["sex"]["values"] == {1: "male", 2: "female"}
    words = set(re.findall(r"`([a-z_0-9]+)`", text.partition("| attribute |")[2]))
    of_words = {
        word for name in ("couple", "status", "job", "tenure", "sex", "in_pension") for word in CATEGORIES[name]
    }
    assert set(ATTRIBUTES) | of_words <= words


def test_people_are_written_and_told(tmp_path: Path) -> None:
    """`lab people` writes a row a person with words, and tells each figure with its source and certainty."""
    code, out = run("lab", "people", "--people", 1_000, "--seed", 7, "--out", tmp_path, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["people"] == 1_000
    assert all(one["table"] and one["status"] for one in told["figures"])
    read = pl.read_parquet(told["file"])
    assert read.height == 1_000
    population = Population(seed=7, people=1_000)
    wanted = frame(population.village(number) for number in range(population.villages))
    assert read.equals(wanted)
    assert set(read["sex"].unique().to_list()) == {"male", "female"}


def test_people_of_a_survey_by_command(tmp_path: Path) -> None:
    """`lab people --microdata` says what it had to impute; one option without the other is misuse."""
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(json.dumps(MEANING), encoding="utf-8")
    file = survey(tmp_path)
    code, out = run("lab", "people", "--people", 600, "--microdata", file, "--mapping", mapping, "--json")
    assert code == 0
    assert "savings" in json.loads(out)["imputed"]
    code, out = run("lab", "people", "--people", 600, "--microdata", file, "--mapping", mapping)
    assert "says nothing of" in out
    assert run("lab", "people", "--microdata", file)[0] == 2
    assert run("lab", "people", "--people", 0)[0] == 2
