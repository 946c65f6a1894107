"""What a pot is on course for: closed forms, `entitle` on the same facts, ages by the table, and habits by hand."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.entitle import FACT_COLUMNS, entitle
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Facts, Kind, People
from lifepot.kernel.pots import Parts
from lifepot.kernel.program import compile_program
from lifepot.money import format_minor
from lifepot.periods import FAR_FUTURE, add_months_to, format_day, parse_day
from lifepot.projection.assumptions import CERTAINTY, Growth, Milestone, growths, milestones, state_pension
from lifepot.projection.course import birthdays, courses, grown, walked
from lifepot.projection.habits import going_on, habits_of
from lifepot.rulebook.reader import shipped, shipped_names

BORN = parse_day("1996-05-10")
PLAIN = Parts(["pot"], [FAR_FUTURE], [FAR_FUTURE], [-1])
SURE = Growth("sure", Fraction(5, 100), "5%", "as nothing does", "None.", "recalled")


def told(*rows: dict[str, int | str]) -> Facts:
    """Facts of one member, with days as text."""
    found = []
    for number, row in enumerate(rows):
        days = {key: parse_day(value) for key, value in row.items() if isinstance(value, str)}
        found.append({"member": 0, "fact": number} | row | days)
    return Facts.of(found)  # type: ignore[arg-type]


def pay(on: str, earnings: int, payer: int = 1, worker: int = NONE) -> dict[str, int | str]:
    """A month's pay, pence."""
    said = {"kind": int(Kind.PAY), "frequency": 4, "payer": payer, "worker": worker, "employer": NONE}
    return said | {"on": on, "earnings": earnings, "hours": NONE}


def paid(on: str, amount: int) -> dict[str, int | str]:
    """A payment by the member, pence."""
    return {"kind": int(Kind.PAID), "on": on, "amount": amount, "payer": 0}


def alone(born: int = BORN, attributes: int = 6) -> People:
    """One member of whom only the birth day is known."""
    return People(np.array([born]), np.array([NONE]), np.full((1, attributes), NONE))


# Growth


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(8, 1000), Fraction(35, 1000), Fraction(51, 1000)])
def test_an_annuity_comes_to_its_closed_form(rate: Fraction) -> None:
    """£1,000 a year on forty birthdays comes to 1,000 times ((1 + r)^40 - 1) / r, but for half a penny of rounding a year."""
    flows = [(day, 0, 100_000) for day in birthdays(BORN, BORN, add_months_to(BORN, 480))]
    end = add_months_to(BORN, 480)
    exact = 100_000 * (((1 + rate) ** 40 - 1) / rate if rate else 40)
    # What is rounded in a year grows with the rest.
    off = sum(Fraction(1, 2) * (1 + rate) ** year for year in range(40))
    assert abs(walked(PLAIN, [0], flows, BORN, BORN, end, rate) - exact) <= off


def test_a_lump_grows_from_birthday_to_birthday_and_by_days() -> None:
    """£1,000.00 at 5 % is £1,050.00 after a year, £1,102.50 after two; 73 of 365 days bring £10.00; half a penny is a penny."""
    for years, comes_to in ((1, 105_000), (2, 110_250)):
        assert walked(PLAIN, [100_000], [], BORN, BORN, add_months_to(BORN, 12 * years), SURE.rate) == comes_to
    assert walked(PLAIN, [100_000], [], BORN, BORN, BORN + 73, SURE.rate) == 101_000
    assert [grown(amount, Fraction(1, 20), 0, 365, 365) for amount in (9, 10, 29, 30)] == [0, 1, 1, 2]


def test_what_comes_within_a_year_grows_from_the_next_birthday() -> None:
    """£100.00 the day after a birthday is £100.00 at the next one and £105.00 at the one after."""
    flows = [(BORN + 1, 0, 10_000)]
    ends = [add_months_to(BORN, 12), add_months_to(BORN, 24)]
    assert [walked(PLAIN, [0], flows, BORN, BORN, end, SURE.rate) for end in ends] == [10_000, 10_500]


def test_parts_of_a_pot_move_and_lapse() -> None:
    """Money in a part that moves goes on growing where it went; after a part's last day it is gone, also what comes then."""
    moves, lapses = BORN + 100, BORN + 200
    parts = Parts(
        ["old", "new", "short"], [FAR_FUTURE, FAR_FUTURE, lapses], [moves, FAR_FUTURE, FAR_FUTURE], [1, -1, -1]
    )
    flows = [(BORN + 50, 0, 1_000), (BORN + 150, 0, 200), (BORN + 199, 2, 50), (BORN + 201, 2, 70)]
    at = [walked(parts, [100, 0, 0], flows, BORN, BORN, BORN + days, Fraction(0)) for days in (60, 160, 200, 300)]
    assert at == [1_100, 1_300, 1_350, 1_300]


@given(st.integers(-30_000, 30_000), st.integers(0, 20_000), st.integers(0, 10_000))
def test_birthdays_are_whole_years(born: int, since: int, length: int) -> None:
    """Every birthday after a day and up to another is listed once, 28 February for those of the 29th."""
    first = born + since
    listed = birthdays(born, first, first + length)
    years = [add_months_to(born, 12 * year) for year in range(100)]
    assert listed == [day for day in years if first < day <= first + length]


# Against entitle


def as_files(facts: Facts, folder: Path) -> tuple[Path, Path]:
    """The same facts as the two files of `entitle`."""
    people, file = folder / "people.csv", folder / "facts.csv"
    people.write_text(f"member,born\nann,{format_day(BORN)}\n", encoding="utf-8")

    def money(minor: int) -> str:
        return "" if minor == NONE else format_minor(minor)

    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, FACT_COLUMNS, restval="")
        writer.writeheader()
        for row in range(len(facts)):
            one = {name: int(facts.column(name)[row]) for name in Facts.__dataclass_fields__}
            writer.writerow(
                {
                    "ref": row, "member": "ann", "on": format_day(one["on"]), "kind": Kind(one["kind"]).name.lower(),
                    "payer": one["payer"] or "", "amount": money(one["amount"]), "earnings": money(one["earnings"]),
                    "frequency": FREQUENCY_WORDS[one["frequency"]] if one["frequency"] >= 0 else "",
                    "period_start": "" if one["period_start"] == NONE else format_day(one["period_start"]),
                    "period_end": "" if one["period_end"] == NONE else format_day(one["period_end"]),
                    "worker": money(one["worker"]), "employer": money(one["employer"]),
                }
            )  # fmt: skip
    return people, file


PAST = [
    pay("2026-04-30", 123_456), pay("2026-05-31", 120_001, worker=4_000), pay("2026-05-31", 40_033, payer=2), paid("2026-06-02", 5_000),
    pay("2026-06-30", 123_456), pay("2026-06-30", 61_999, payer=2),
]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["lifetime-savings-account", "uk-lifetime-isa", "uk-automatic-enrolment", "uk-help-to-save"]
)
def test_without_growth_it_is_what_entitle_says_of_the_same_facts(name: str, tmp_path: Path) -> None:
    """Past and assumed facts in `entitle`'s files give, up to each age, the pot of the projection to the penny."""
    program = compile_program(shipped(name))
    facts, on = told(*PAST), parse_day("2026-06-30")
    habits = habits_of(facts, on)
    assert habits is not None
    days = [Milestone("soon", add_months_to(BORN, 12 * 31)), Milestone("age 40", add_months_to(BORN, 480))]
    going = going_on(facts, habits, on, days[-1].on)
    people, file = as_files(Facts.join([facts, going]), tmp_path)

    def given_by(day: int) -> int:
        rows, _ = entitle(program.rulebook, people, file, day)
        return sum(int(str(row["amount_minor"])) for row in rows)

    now = given_by(on)
    found = courses(
        program,
        alone(attributes=len(program.attributes)),
        facts,
        habits,
        [now],
        on,
        days,
        [Growth("none", Fraction(0), "", "", "", "")],
    )
    assert [(one.without_growth, one.grown["none"]) for one in found] == [(given_by(one.on),) * 2 for one in days]
    assert found[-1].grown["none"] > now > 0


def test_more_growth_is_more_and_the_parts_add_up() -> None:
    """Low, middle and high growth rise; what is there, what each party adds and growth are all of it."""
    program = compile_program(shipped("lifetime-savings-account"))
    facts, on = told(*PAST), parse_day("2026-06-30")
    ages = milestones(BORN, on, "GBP")
    found = courses(program, alone(), facts, habits_of(facts, on), [50_000], on, ages, growths())
    assert [one.milestone.name for one in found] == ["age 40", "State Pension age"]
    for one in found:
        low, middle, high = (one.grown[name] for name in ("low", "middle", "high"))
        assert one.without_growth == 50_000 + sum(one.added) < low < middle < high


def test_by_hand() -> None:
    """£1,000 of pay a month, 3 % of it: £30 + £30 + £15 + £3 a month; three months from 30 June to 30 September are £234."""
    program = compile_program(shipped("lifetime-savings-account"))
    facts, on = told(pay("2026-06-30", 100_000)), parse_day("2026-06-30")
    (one,) = courses(
        program, alone(), facts, habits_of(facts, on), [78_00], on, [Milestone("soon", parse_day("2026-09-30"))], [SURE]
    )
    assert (one.now, one.added, one.without_growth) == (78_00, (90_00, 90_00, 54_00), 312_00)
    # 92 of the 365 days to the next birthday: 78.00 x 5 % x 92 / 365 = 0.983
    assert one.grown["sure"] == 312_98


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(shipped_names()), st.integers(0, 3))
def test_every_shipped_rulebook_can_be_looked_ahead(name: str, months: int) -> None:
    """Whatever the rulebook, the course is what is there, what is added and what is lost, and nothing falls over."""
    program = compile_program(shipped(name))
    facts, on = told(*PAST), add_months_to(parse_day("2026-06-30"), months)
    pot = [1_000] * len(program.rulebook.accounts)
    days = [Milestone("age 40", add_months_to(BORN, 480))]
    (one,) = courses(
        program,
        alone(attributes=len(program.attributes)),
        facts,
        habits_of(facts, on),
        pot,
        on,
        days,
        [Growth("none", Fraction(0), "", "", "", "")],
    )
    assert one.grown["none"] == one.now + sum(one.added) - one.lost == one.without_growth


# Habits


def test_what_goes_on_is_the_average_of_the_months() -> None:
    """Three pays of £1,000 and one payment of £50 in three months: £1,000 and £16.67 a month; pence half up."""
    facts = told(*(pay(f"2026-0{month}-28", 100_000, worker=3_001) for month in (4, 5, 6)), paid("2026-05-02", 5_000))
    habits = habits_of(facts, parse_day("2026-06-30"))
    assert habits is not None
    assert (format_day(habits.first), format_day(habits.last), habits.months) == ("2026-04-01", "2026-06-30", 3)
    own, acme = habits.each
    assert (own.payer, own.pay, own.paid) == (0, False, 1_667)
    assert (acme.payer, acme.earnings, acme.worker, acme.paid) == (1, 100_000, 3_001, NONE)


@pytest.mark.parametrize(
    ("pays", "on", "first", "last"),
    [
        (["2024-01-31", "2026-06-30"], "2026-06-30", "2025-07-01", "2026-06-30"),
        (["2026-05-31", "2026-06-30"], "2026-07-20", "2026-05-01", "2026-06-30"),
        (["2026-05-31", "2026-06-30"], "2026-08-20", "2026-05-01", "2026-06-30"),
        (["2026-05-31", "2026-06-30"], "2026-09-20", "2026-05-01", "2026-08-31"),
        (["2026-06-10"], "2026-06-15", "2026-06-01", "2026-06-15"),
    ],
    ids=[
        "twelve months at most",
        "the month begun is left out",
        "one silent month is late",
        "two are not",
        "just begun",
    ],
)
def test_which_months_count(pays: list[str], on: str, first: str, last: str) -> None:
    """The last twelve whole months, or those since the first pay; a last month of which nothing was told yet is not one."""
    habits = habits_of(told(*(pay(day, 1_000) for day in pays)), parse_day(on))
    assert habits is not None
    assert (format_day(habits.first), format_day(habits.last)) == (first, last)


def test_nothing_paid_in_the_last_year_goes_on_as_nothing() -> None:
    """Who stopped long ago has no habit left; who never began has none at all."""
    long_ago = habits_of(told(pay("2024-01-31", 100_000)), parse_day("2026-06-30"))
    assert long_ago is not None
    assert long_ago.each == []
    assert habits_of(told(), parse_day("2026-06-30")) is None


def test_the_month_that_was_paid_already_is_not_paid_twice() -> None:
    """Told of July's pay on the 20th, July's end brings no second one; on the 20th of a month not yet paid, its end does."""
    facts = told(*(pay(f"2026-0{month}-15", 100_000) for month in (5, 6, 7)))
    for on, first in (("2026-07-20", "2026-08-31"), ("2026-08-10", "2026-08-31"), ("2026-07-31", "2026-08-31")):
        habits = habits_of(facts, parse_day(on))
        assert habits is not None
        going = going_on(facts, habits, parse_day(on), parse_day("2026-10-30"))
        assert [format_day(day) for day in going.on.tolist()] == [first, "2026-09-30"]
        assert set(going.earnings.tolist()) == {100_000}


# Ages


@pytest.mark.parametrize(
    ("born", "reached"),
    [
        ("1954-10-05", None), ("1954-10-06", "2020-10-06"), ("1960-04-05", "2026-04-05"), ("1960-04-06", "2026-05-06"),
        ("1960-05-05", "2026-06-05"), ("1961-03-05", "2028-02-05"), ("1961-03-06", "2028-03-06"), ("1977-04-05", "2044-04-05"),
        ("1977-04-06", "2044-05-06"), ("1978-04-05", "2046-03-06"), ("1978-04-06", "2046-04-06"), ("2004-02-29", "2072-02-29"),
    ],
)  # fmt: skip
def test_state_pension_age_by_the_day_of_birth(born: str, reached: str | None) -> None:
    """The day at each side of every kind of step of the table."""
    found = state_pension(parse_day(born))
    assert (None if found is None else format_day(found.on)) == reached


def test_nobody_born_later_reaches_it_sooner() -> None:
    """Over every day of birth of the table and after, the day of State Pension age never falls back."""
    days = range(parse_day("1954-10-06"), parse_day("1985-01-01"))
    reached = [one.on for day in days if (one := state_pension(day)) is not None]
    assert len(reached) == len(days)
    assert reached == sorted(reached)


def test_ages_that_are_past_are_left_out() -> None:
    """At 30 only 40 and State Pension age are ahead; in another currency no State Pension age; unborn, nothing."""
    on = add_months_to(BORN, 360)
    assert [one.name for one in milestones(BORN, on - 1, "GBP")] == ["age 30", "age 40", "State Pension age"]
    assert [one.name for one in milestones(BORN, on, "GBP")] == ["age 40", "State Pension age"]
    assert [one.name for one in milestones(BORN, on, "EUR")] == ["age 40"]
    assert milestones(NONE, on, "GBP") == []


def test_every_assumption_says_where_it_is_from() -> None:
    """Each growth has a source, words and a mark of certainty that is explained; they rise."""
    rates = growths()
    assert [one.name for one in rates] == ["low", "middle", "high"]
    assert [one.rate for one in rates] == sorted({one.rate for one in rates})
    assert all(one.source and one.words and one.certainty in CERTAINTY for one in rates)
    assert all(
        found.certainty in CERTAINTY
        for year in range(1955, 2000)
        if (found := state_pension(parse_day(f"{year}-06-15")))
    )
