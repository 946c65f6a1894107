"""Published figures: each with its source and how certain it is, and what is held back out of reach of what is fitted."""

import ast
import re
from pathlib import Path

import pytest

from lifepot.published import held_back, reading

SOURCE = Path(__file__).parent.parent / "src" / "lifepot"
BLIND = ("population", "lives", "taxes", "budgets")
"""Rooms that draw or fit: they may not see what the lab is held against."""

CERTAIN = {"V1", "V2", "V3", "RECALLED", "DERIVED"}
ALL = [*map(reading.table, reading.tables()), *map(held_back.table, held_back.tables())]


@pytest.mark.parametrize("room", BLIND)
def test_what_draws_or_fits_never_sees_what_is_held_back(room: str) -> None:
    """No file of a room that draws or fits imports what is held back, by whatever spelling, nor names its folder."""
    for file in sorted((SOURCE / room).rglob("*.py")):
        text = file.read_text("utf-8")
        names = {
            name
            for node in ast.walk(ast.parse(text))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import | ast.ImportFrom)
                else [node.attr]
                if isinstance(node, ast.Attribute)
                else []
            )
        }
        assert not any("held_back" in name for name in names), file
        assert "published/held" not in text, file


@pytest.mark.parametrize("name", ["../held/targets", "income_inequality_uk"])
def test_reading_itself_cannot_reach_what_is_held_back(name: str) -> None:
    """The reader of what may be fitted gives nothing that is held back, by its name or by a path to it."""
    assert not [
        node
        for node in ast.walk(ast.parse((SOURCE / "published" / "reading.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and "held_back" in (node.module or "")
    ]
    with pytest.raises(AssertionError):
        reading.table(name)


def test_no_row_is_both_fitted_and_held_back() -> None:
    """Where a table has rows on both sides, no row is on both."""
    for name in set(reading.tables()) & set(held_back.tables()):
        fitted, held = reading.table(name), held_back.table(name)
        if name == "job_moves_uk":  # the same quarters: a few of the columns may be fitted
            assert set(fitted.columns) == {"quarter", "total_k", "same_section_k", "different_section_k"}
            continue
        sides = [set(zip(*one.columns.values(), strict=True)) for one in (fitted, held)]
        assert not sides[0] & sides[1], name


@pytest.mark.parametrize(
    ("name", "column", "held"),
    [
        ("labour_status_by_age_uk", "period", "2019|2025"),
        ("employment_type_uk", "period", "2019|2025"),
        ("usual_hours_bands_uk", "period", "2025"),
        ("young_people_education_status_uk", "period", "2025"),
        ("rti_employees_by_industry_uk", "date", "2019|2025"),
        ("labour_flows_quarterly_uk", "quarter", "200[2-9]|201[01]|202[3-5]"),
        ("redundancies_uk", "period", "202[3-5]"),
        ("job_moves_uk", "quarter", "200|201[0-4]|202"),
        ("targets", "id", "^v_"),
    ],
)
def test_periods_held_back_are_not_read(name: str, column: str, held: str) -> None:
    """The years that a source's heading holds back are in no table that may be fitted."""
    assert not [word for word in reading.table(name).words(column) if re.search(held, word)]


@pytest.mark.parametrize(
    "name", ["rti_monthly_pay_percentiles_uk", "income_inequality_uk", "life_table_nlt_2017_19_uk", "fiscal_totals_uk"]
)
def test_tables_held_back_whole_are_not_read(name: str) -> None:
    """A table that is only for comparing cannot be read as one that may be fitted."""
    assert name not in reading.tables()
    assert len(held_back.table(name)) > 0


def test_every_target_held_back_has_its_tolerance_and_its_rows() -> None:
    """Each of the targets to be held against names a tolerance and a table of its own rows."""
    targets = held_back.targets()
    assert len(targets) >= 9
    assert all(targets.words("tolerance"))
    assert set(targets.words("file")) <= set(held_back.tables())


def test_every_target_to_fit_names_a_table() -> None:
    """Each target that may be fitted is in the table it names, or in the parameters of that name."""
    named = set(reading.targets().words("file"))
    assert named <= {*reading.tables(), "policy"}


@pytest.mark.parametrize("table", ALL, ids=lambda one: one.name)
def test_every_table_says_where_it_is_from_and_how_certain_it_is(table: reading.Table) -> None:
    """Title, source, where it was read and licence stand in the head; each row's status is one of five words."""
    assert all(table.head.get(key) for key in ("title", "source", "read", "status", "licence"))
    assert set(table.status) <= CERTAIN
    assert {len(words) for words in table.columns.values()} == {len(table)}


def test_certainty_of_a_parameter_is_its_own_mark_or_its_tables() -> None:
    """A recalled figure in a table of certain ones is told apart."""
    policy = reading.certainty("policy")
    assert policy["state_pension", "new_full_week"] == "V1"
    assert policy["state_pension", "pension_age"] == "RECALLED"
    assert policy["student_loans", "loan_book_bn"] == "V3"


def test_parameters_are_read_by_year() -> None:
    """Rates stand by tax year."""
    assert reading.parameters("policy")["national_insurance"]["employer_rate"]["2025-04"] == 0.15
    assert reading.parameters("benefits")["uc_taper"]["rate_on_net_earnings_above_allowance"] == 0.55


def test_a_table_gives_rows_words_and_numbers() -> None:
    """Rows are picked by what their columns hold; a figure not published is not a number."""
    pay = reading.table("ashe_pay_percentiles_by_age")
    all_ages = pay.where(year="2023", measure="annual_gross", group="All")
    assert all_ages.where(age="22-29").number("median") == 27063
    assert all_ages.numbers("p10")[1] != all_ages.numbers("p10")[1]
    assert all_ages.words("age")[0] == "All employees"
    with pytest.raises(AssertionError):
        pay.where(year="1999")
