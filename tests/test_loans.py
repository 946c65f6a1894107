"""Student loans: payroll's part from the rulebook, interest by plan, and when paying more helps and when it is money lost."""

import json
from collections.abc import Iterator
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schemes import ANN, BOB, Scheme, opened_database, paid, pay
from tests.test_cli import run
from tests.test_withdrawals import REGISTER

from lifepot.errors import LifepotError, Misuse
from lifepot.loans.course import run_course, worth_now
from lifepot.loans.overpaying import Loan, Overpaid, overpay
from lifepot.loans.payroll import months
from lifepot.loans.terms import Assumed, assumed, plan_named, plans, rate_on
from lifepot.periods import add_months_to, format_day, parse_day
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals.payees import load

ON = parse_day("2026-11-25")
FLAT = Assumed(Fraction(0), Fraction(0), Fraction(0), interest=Fraction(0))
"""Nothing rises and nothing bears interest."""

NAMES = sorted(plans())


def loan(plan: str, balance: int, since: str, earnings: int) -> Loan:
    """A loan of so many pounds, and so many pounds earned a year."""
    return Loan(plan_named(plan), balance * 100, parse_day(since), earnings * 100)


def paid_more(plan: str, balance: int, since: str, earnings: int, amount: int, guess: Assumed = FLAT) -> Overpaid:
    """The answer for an overpayment of so many pounds."""
    return overpay(loan(plan, balance, since, earnings), amount * 100, ON, guess)


def test_payroll_takes_what_the_rulebook_says() -> None:
    """£35,000 on plan 2: a month's 2,916.66 less 2,448.75 (29,385 / 12) is 467.91, of which 9 % is £42 in whole pounds."""
    run_of = months(plan_named("2"), 35_000_00, ON, parse_day("2027-04-01"), parse_day("2020-04-06"), FLAT)
    assert [format_day(one.on) for one in run_of] == ["2026-12-25", "2027-01-25", "2027-02-25", "2027-03-25"]
    assert {one.takes_minor for one in run_of} == {42_00}
    assert {one.threshold_minor for one in run_of} == {29_385_00}


@pytest.mark.parametrize(
    ("plan", "april", "threshold"),
    [
        ("2", "2030-04-25", 29_972_00),  # frozen at 29,385 to 2029-30, then 2 % a year: 29,972.70
        ("2", "2031-04-25", 30_571_00),  # 29,972 and 2 % of it: 30,571.44
        ("5", "2027-04-25", 25_500_00),
        ("1", "2027-04-25", 27_438_00),
        ("postgraduate", "2030-04-25", 21_000_00),
    ],
)
def test_thresholds_to_come_rise_as_is_said(plan: str, april: str, threshold: int) -> None:
    """Where the rulebook has no figure yet, the last one rises each April with RPI, in whole pounds; the postgraduate's stays."""
    guess = Assumed(Fraction(0), Fraction(2, 100), Fraction(0))
    found = months(plan_named(plan), 40_000_00, ON, parse_day("2032-01-01"), parse_day("2026-04-06"), guess)
    assert {one.threshold_minor for one in found if format_day(one.on) == april} == {threshold}


def test_earnings_rise_every_april() -> None:
    """£24,000 and 5 % a year are £25,200 from April 2027 and £26,460 from April 2028."""
    guess = Assumed(Fraction(5, 100), Fraction(0), Fraction(0))
    found = months(plan_named("5"), 24_000_00, ON, parse_day("2028-06-01"), parse_day("2026-04-06"), guess)
    by_day = {format_day(one.on): one.earnings_minor for one in found}
    days = ("2027-03-25", "2027-04-25", "2028-03-25", "2028-04-25")
    assert [by_day[day] for day in days] == [24_000_00, 25_200_00, 25_200_00, 26_460_00]


def test_without_interest_it_is_cleared_by_division() -> None:
    """£1,000 at £42 a month takes 24 months, the last of them £34; £420 paid now takes ten months off and saves nothing."""
    found = paid_more("2", 1_000, "2020-04-06", 35_000, 420)
    assert found.without.repaid[:25] == (42_00,) * 23 + (34_00, 0)
    assert found.cleared_on(found.without) == add_months_to(ON, 24)
    assert found.cleared_on(found.with_it) == add_months_to(ON, 14)
    assert (found.saved_minor, found.interest_saved_minor, found.answer) == (0, 0, "same")


def test_fixed_repayments_follow_the_annuity() -> None:
    """12 % a year and £100 a month clear what the annuity of 24 months is worth, within a penny a month of rounding."""
    rate, count = Fraction(12, 100), 24
    balance = round(100_00 * (1 - (1 + rate / 12) ** -count) / (rate / 12))
    course = run_course(balance, [100_00] * (count + 2), [rate] * (count + 2))
    assert course.cleared_in in {count - 1, count}
    assert abs(course.repaid_minor - 100_00 * count) <= count
    assert worth_now(course.repaid, rate) == pytest.approx(balance, abs=count)


def test_interest_that_outgrows_repayments_is_compound() -> None:
    """Nothing is taken from £10,000 at 6 %: twelve months of half a per cent make £616.78 by compound interest."""
    course = run_course(10_000_00, [0] * 12, [Fraction(6, 100)] * 12)
    assert course.left_minor == pytest.approx(10_616_78, abs=6)
    assert course.interest_minor == course.left_minor - 10_000_00


@pytest.mark.parametrize(
    ("plan", "since", "ends"), [("2", "2020-04-06", "2050-04-06"), ("5", "2027-04-06", "2067-04-06")]
)
def test_paying_into_a_loan_that_is_written_off_is_money_lost(plan: str, since: str, ends: str) -> None:
    """A loan too large ever to be cleared: payroll takes the same with and without £5,000, so all of it is lost."""
    found = paid_more(plan, 90_000, since, 32_000, 5_000, assumed())
    assert format_day(found.written_off_on) == ends
    assert found.without.repaid == found.with_it.repaid
    assert found.with_it.left_minor > 0
    assert (found.answer, found.saved_minor, found.worth_minor) == ("lost", -5_000_00, -5_000_00)
    assert found.interest_saved_minor > 0


def test_a_penny_too_much_is_a_penny_lost() -> None:
    """Without interest, of a loan that is a penny more than payroll ever takes, that penny is written off: paid, it is lost; to
    the penny of what payroll takes, nothing is.
    """
    plan, since, earns = plan_named("2"), parse_day("2020-04-06"), 35_000_00
    ends = plan.written_off_on(since)
    ever = sum(one.takes_minor for one in months(plan, earns, ON, ends, since, FLAT))
    answers = [overpay(Loan(plan, ever + more, since, earns), 1, ON, FLAT) for more in (0, 1)]
    assert [(one.answer, one.saved_minor) for one in answers] == [("same", 0), ("lost", -1)]


def test_paying_a_loan_that_is_cleared_saves_its_interest() -> None:
    """£20,000 of plan 2 on £60,000 a year is cleared either way: what is saved is the interest, to the penny."""
    found = paid_more("2", 20_000, "2020-04-06", 60_000, 5_000, assumed(discount=Fraction(0)))
    assert found.without.left_minor == found.with_it.left_minor == 0
    assert found.saved_minor == found.interest_saved_minor > 0
    assert found.answer == "helps"


def test_in_todays_money_what_is_saved_later_may_be_worth_less() -> None:
    """The same £5,000 saves the same, and at 20 % a year what comes later is worth less than it costs now."""
    found = paid_more("2", 20_000, "2020-04-06", 60_000, 5_000, assumed(discount=Fraction(20, 100)))
    assert found.saved_minor > 0
    assert found.worth_minor < 0
    assert found.answer == "worth_less"


def test_paying_all_of_it_clears_it_today() -> None:
    """With the whole balance paid now nothing is taken any more."""
    found = paid_more("1", 3_000, "2015-04-06", 40_000, 3_000, assumed())
    assert found.with_it.repaid_minor == 0
    assert found.cleared_on(found.with_it) == ON
    assert found.saved_minor == found.without.interest_minor


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(NAMES), st.integers(1, 120_000), st.integers(10_000, 90_000), st.integers(0, 100), st.integers(0, 100)
)  # fmt: skip
def test_what_is_saved_adds_up(plan: str, balance: int, earnings: int, first: int, second: int) -> None:
    """Whatever is owed and earned: balance and interest are what is repaid and left; more paid now is never more taken later;
    what is saved is the interest saved less what would have been written off; it is never more lost than was paid.
    """
    less, more = sorted((balance * first, balance * second))
    owed = loan(plan, balance, "2026-04-06", earnings)
    small, large = (overpay(owed, amount, ON, assumed()) for amount in (less, more))
    for one, amount in ((small, less), (large, more)):
        for course, start in ((one.without, balance * 100), (one.with_it, balance * 100 - amount)):
            assert start + course.interest_minor == course.repaid_minor + course.left_minor
        assert one.saved_minor == one.interest_saved_minor - (one.without.left_minor - one.with_it.left_minor)
        assert one.saved_minor >= -amount
        assert (one.answer == "lost") == (one.without.repaid_minor - one.with_it.repaid_minor < amount)
    assert small.with_it.repaid_minor >= large.with_it.repaid_minor
    assert small.with_it.interest_minor >= large.with_it.interest_minor
    assert small.with_it.left_minor >= large.with_it.left_minor
    ends = [len(small.months) if one.with_it.cleared_in is None else one.with_it.cleared_in for one in (small, large)]
    assert ends[0] >= ends[1]


@given(st.lists(st.integers(0, 10**7), max_size=60), st.integers(0, 30))
def test_todays_money_is_the_sum_by_fractions(amounts: list[int], percent: int) -> None:
    """Each month divided by its own power of what money grows by, added up and rounded once."""
    grows = 1 + Fraction(percent, 1200)
    exact = sum((amount / grows ** (nth + 1) for nth, amount in enumerate(amounts)), Fraction(0))
    assert worth_now(amounts, Fraction(percent, 100)) == floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("plan", "on", "income", "rate"),
    [
        ("5", "2025-10-01", 90_000_00, "0.032"),
        ("1", "2025-10-01", 90_000_00, "0.032"),
        ("4", "2025-10-01", 10_000_00, "0.032"),
        ("postgraduate", "2025-10-01", 10_000_00, "0.062"),
        ("2", "2025-10-01", 28_470_00, "0.032"),
        ("2", "2025-10-01", 39_857_50, "0.047"),
        ("2", "2025-10-01", 51_245_00, "0.062"),
        ("2", "2025-10-01", 99_000_00, "0.062"),
        ("2", "2025-08-31", 99_000_00, "0.073"),
    ],
)
def test_interest_is_by_plan(plan: str, on: str, income: int, rate: str) -> None:
    """3.2 % of RPI from September 2025; plan 2 bears up to 3 % more between £28,470 and £51,245, half of it midway."""
    found = rate_on(plan_named(plan), parse_day(on), income, 28_470_00, assumed(), studying=False)
    assert found == Fraction(rate)


def test_interest_of_plan_2_is_whole_while_studying_and_capped() -> None:
    """Before repayments are due the margin is whole, whatever is earned; from September 2026 for a year 6 % is the most."""
    plan, guess = plan_named("2"), assumed(rpi=Fraction(4, 100))
    assert rate_on(plan, parse_day("2025-10-01"), 0, 28_470_00, guess, studying=True) == Fraction("0.062")
    assert rate_on(plan, parse_day("2026-09-01"), 99_000_00, 29_385_00, guess, studying=False) == Fraction("0.06")
    assert rate_on(plan, parse_day("2027-09-01"), 99_000_00, 29_385_00, guess, studying=False) == Fraction("0.07")


@pytest.mark.parametrize(
    ("plan", "first_paid", "ends"),
    [
        ("1", "2006-09-01", "2029-04-06"),
        ("1", "2006-08-31", "2045-01-01"),  # 65
        ("4", "2007-08-01", "2034-04-06"),
        ("4", "2007-07-31", "2034-04-06"),  # thirty years come before 65
        ("5", "2006-01-01", "2044-04-06"),
    ],
)
def test_older_loans_end_by_age(plan: str, first_paid: str, ends: str) -> None:
    """Somebody born in 1980, first due in April 2004: the day the first loan was paid decides for plans 1 and 4."""
    found = plan_named(plan).written_off_on(parse_day("2004-04-06"), parse_day("1980-01-01"), parse_day(first_paid))
    assert format_day(found) == ends


def test_what_cannot_be_meant_is_refused() -> None:
    """More than is owed, a day that is no 6 April, a plan there is not, a loan that has ended, an age nobody said."""
    with pytest.raises(Misuse, match="more than is owed"):
        paid_more("2", 1_000, "2020-04-06", 30_000, 1_001)
    with pytest.raises(Misuse, match="6 April"):
        paid_more("2", 1_000, "2020-04-05", 30_000, 1)
    with pytest.raises(Misuse, match="no student loan plan"):
        plan_named("7")
    with pytest.raises(LifepotError, match="was written off on 2026-04-06"):
        paid_more("1", 1_000, "2001-04-06", 30_000, 1)
    with pytest.raises(Misuse, match="Nothing is owed"):
        paid_more("1", 0, "2011-04-06", 30_000, 0)
    with pytest.raises(Misuse, match="birth day"):
        plan_named("1").written_off_on(parse_day("2004-04-06"), first_paid_on=parse_day("2004-01-01"))


def test_the_command_needs_no_database() -> None:
    """`lifepot loan` answers in sentences and in JSON, tells every assumption, and refuses a rate that is none."""
    words = (
        "loan",
        "2",
        "45000.00",
        "--since",
        "2020-04-06",
        "--earnings",
        "35000",
        "--pay",
        "5000",
        "--on",
        "2026-11-25",
    )
    code, out = run(*words)
    assert code == 0
    assert "It does not help" in out
    assert "Office" in out or "OBR" in out
    code, out = run(*words, "--json")
    told = json.loads(out)
    assert (code, told["answer"], told["saved_minor"]) == (0, "lost", -5_000_00)
    assert len(told["assumed"]) == 7
    code, out = run(*words, "--growth", "fast", "--json")
    assert (code, "rate" in json.loads(out)["error"]) == (2, True)


LOAN = ("--say", "loan_plan=2", "--say", "loan_since=2020-04-06", "--say", "loan_earnings=35000.00")
LARGE = (*LOAN, "--say", "loan_balance=45000.00")


@pytest.fixture
def url(server: EmbeddedServer, tmp_path: Path) -> Iterator[str]:
    """A scheme in which Ann has £1,060, with its register of payees."""
    with opened_database(server) as database:
        with database.connect() as connection:
            scheme = Scheme(connection, tmp_path)
            pays = [pay(nino, "2025-05-29", "1000.00", "30.00", "30.00") for nino in (ANN, BOB)]
            scheme.told(pays, "2025-06-01")
            scheme.told([paid(ANN, "2025-06-02", "1000.00")], "2025-06-02")
            (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
            load(connection, tmp_path / "register.csv")
        yield database.url


def withdraw(url: str, step: str, *words: str, amount: str = "500.00") -> tuple[int, str]:
    """Ann wants money for her student loan."""
    day = ("--as-of", "2026-11-25", "--for", "student_loan")
    return run("withdraw", step, ANN, amount, *day, *words, "--database", url, "--json")


def test_a_quote_for_a_loan_says_whether_it_helps(url: str) -> None:
    """Beside whose money goes stands what it does to the loan, as `lifepot loan` says it; without what is needed, it is named."""
    code, out = withdraw(url, "quote", *LARGE)
    told = json.loads(out)
    assert (code, told["met"], told["arrives_minor"]) == (0, True, 500_00)
    assert (told["loan"]["answer"], told["loan"]["saved_minor"]) == ("lost", -500_00)
    alone = run(
        "loan",
        "2",
        "45000.00",
        "--since",
        "2020-04-06",
        "--earnings",
        "35000",
        "--pay",
        "500",
        "--on",
        "2026-11-25",
        "--json",
    )
    assert json.loads(alone[1]) == told["loan"]
    code, out = withdraw(url, "quote", *LOAN)
    assert (code, "loan_balance" in json.loads(out)["error"]) == (2, True)
    code, out = withdraw(url, "quote")
    assert (code, "loan" in json.loads(out)) == (0, False)


def test_what_was_told_of_the_loan_is_kept_with_what_was_asked(url: str) -> None:
    """To the lender, with the borrower's reference: what was said stands in the quote that is kept, and more than is owed is
    refused before anything is asked.
    """
    to = ("--to", "lender:SLC", "--reference", "SLC-12345678")
    code, out = withdraw(url, "ask", *LARGE, *to)
    told = json.loads(out)
    assert (code, told["payee"]["reference"]) == (0, "SLC-12345678")
    assert told["quote"]["loan"]["answer"] == "lost"
    code, out = withdraw(url, "ask", *LOAN, "--say", "loan_balance=499.99", *to)
    assert (code, "more than is owed" in json.loads(out)["error"]) == (2, True)
    code, out = withdraw(url, "ask", *LARGE, "--to", "lender:SLC")
    assert (code, "borrower's reference" in json.loads(out)["error"]) == (2, True)
    assert len(json.loads(run("withdraw", "list", "--database", url, "--json")[1])) == 1


CHILD = ("--for-child", BOB)
SLC = ("--to", "lender:SLC", "--reference", "SLC-87654321")


def household(url: str, step: str, *words: str) -> int:
    """A step of a household; its exit code."""
    return run("household", step, *words, "--as-of", "2026-11-20", "--database", url, "--json")[0]


def asked_for_bob(url: str) -> tuple[int, dict[str, Any]]:
    """Ann asks to pay Bob's student loan."""
    code, out = withdraw(url, "ask", *CHILD, *SLC)
    return code, json.loads(out)


def test_anothers_loan_is_paid_by_a_link_and_the_borrowers_yes(url: str) -> None:
    """Without a link, and with a link and no yes, it is refused in words; Ann's own yes is not Bob's. With his it is asked, and
    whose loan it is and since when he agreed is kept.
    """
    code, told = asked_for_bob(url)
    assert (code, "no such link" in told["error"]) == (1, True)
    assert household(url, "link", ANN, BOB) == household(url, "accept", BOB, ANN) == 0
    assert household(url, "consent", ANN, BOB) == 0
    for step in ("quote", "ask"):
        code, out = withdraw(url, step, *CHILD, *(SLC if step == "ask" else ()))
        assert (code, "has not agreed" in json.loads(out)["error"]) == (1, True)
    assert household(url, "consent", BOB, ANN) == 0
    code, told = asked_for_bob(url)
    assert (code, told["payee"]["reference"]) == (0, "SLC-87654321")
    assert told["quote"]["loan_of"]["agreed_on"] == "2026-11-20"
    code, out = run("withdraw", "quote", ANN, "1.00", *CHILD, "--database", url, "--json")
    assert (code, "Only a student loan" in json.loads(out)["error"]) == (2, True)


def test_an_erased_borrowers_yes_is_gone(url: str) -> None:
    """Nothing of link or consent is left once Bob was erased."""
    assert (
        household(url, "link", ANN, BOB)
        == household(url, "accept", BOB, ANN)
        == household(url, "consent", BOB, ANN)
        == 0
    )
    assert run("members", "erase", BOB, "--database", url, "--json")[0] == 0
    with Database(url).connect() as connection:
        assert connection.execute("select count(*) from personal.loan_consent").fetchone() == (0,)
    assert asked_for_bob(url)[0] == 1


@pytest.mark.parametrize("ends", [("consent", BOB, ANN, "--take-back"), ("leave", BOB, ANN), ("leave", ANN, BOB)])
def test_a_yes_that_was_taken_back_is_approved_no_more(url: str, tmp_path: Path, ends: tuple[str, ...]) -> None:
    """Between asking and approving Bob takes it back, or the link ends: nobody approves it any more."""
    assert (
        household(url, "link", ANN, BOB)
        == household(url, "accept", BOB, ANN)
        == household(url, "consent", BOB, ANN)
        == 0
    )
    one = asked_for_bob(url)[1]["withdrawal"]
    paper = tmp_path / "statement.pdf"
    paper.write_bytes(b"%PDF")
    there = ("--as-of", "2026-11-26", "--database", url, "--json")
    assert run("withdraw", "prove", one, 1, paper, *there)[0] == 0
    assert household(url, *ends) == 0
    code, out = run("withdraw", "approve", one, "--as", "olive", *there)
    assert (code, json.loads(out)["error"].startswith(("The borrower", "There is no such link"))) == (1, True)
    again = household(url, "link", ANN, BOB), household(url, "accept", BOB, ANN), household(url, "consent", BOB, ANN)
    assert again[2] == 0
    assert run("withdraw", "approve", one, "--as", "olive", *there)[0] == 0
