"""What may be taken out: pots by account, and answers that come true."""

import json
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.wallets import WALLETS, Desk, Rows, wallets
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.entitle import entitle
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import Facts, Kind, People
from lifepot.kernel.program import compile_program
from lifepot.money import format_minor
from lifepot.periods import parse_day
from lifepot.quote.amounts import grossed_up
from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped

PARTS = ["topup", "older", "mid_career", "base"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The wallets, with nobody yet."""
    return Desk(tmp_path, wallets())


def from_accounts(answer: dict[str, Any]) -> dict[str, int]:
    """What each account pays of an answer, in order, without those that pay nothing."""
    return {one["account"]: one["amount_minor"] for one in answer["accounts"] if one["amount_minor"]}


# Pots by account


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-12-30", [0, 0, 0, 500_00]),
        ("2020-12-31", [500_00, 500_00, 0, 500_00]),
        ("2024-04-30", [500_00, 500_00, 0, 500_00]),
        ("2024-05-01", [500_00, 0, 4500_00, 500_00]),
        ("2025-12-31", [500_00, 0, 4500_00, 500_00]),
        ("2026-01-01", [0, 0, 4500_00, 500_00]),
    ],
)
def test_wallets_on_each_side_of_their_days(desk: Desk, day: str, expected: list[int]) -> None:
    """A wallet moves on the morning of its day and expires at the end of its, not a day sooner or later."""
    desk.member("ann", born="1979-01-15")
    assert desk.left(parse_day(day)) == dict(zip(PARTS, expected, strict=True))


@pytest.mark.parametrize(
    ("on", "listed", "expected"),
    [
        ("2024-04-30", "yes", {"topup": 500_00, "base": 500_00}),
        ("2024-05-01", "yes", {"topup": 500_00, "mid_career": 4500_00, "base": 500_00}),
        ("2025-12-31", "no", {"topup": 500_00, "base": 500_00}),
        ("2026-01-01", "no", {"base": 500_00}),
    ],
)
def test_what_is_there_on_the_day(desk: Desk, on: str, listed: str, expected: dict[str, int]) -> None:
    """On the day itself what moves has moved and what is given has come; what expires can still be used."""
    desk.member("ann", born="1979-01-15", listed=listed)
    ref = desk.fact("ann", on, "withdrawn", amount="9000.00", value="course")
    (row,) = desk.pots()
    (made,) = row["withdrawals"]
    assert (made["ref"], from_accounts(made)) == (ref, expected)
    assert made["not_covered_minor"] == 9000_00 - sum(expected.values())


def test_money_that_comes_on_the_days_themselves(desk: Desk) -> None:
    """What comes into a part on the day it moves has moved; what comes on the last day can be used on it."""
    desk.member("ann", born="2010-01-01", into="older")
    desk.fact("ann", "2024-05-01", "paid", amount="80.00")
    assert desk.left() == {"topup": 0, "older": 0, "mid_career": 100_00, "base": 0}
    desk.member("bea", born="2010-01-01", into="topup")
    desk.fact("bea", "2025-12-31", "paid", amount="80.00")
    (_, row) = desk.pots()
    assert row["accounts"][0]["left_minor"] == 80_00


def test_a_withdrawal_for_no_word_is_for_the_first_purpose_that_asks_for_none(desk: Desk) -> None:
    """Its word's purpose comes first; then, in the rulebook's order, those that hold for any word."""
    anything = """\
  {name}:
    description: Anything.
    pays: the member
    any_word: true
    when: {{what: age, at_least: "{age}"}}
    draws_on: [{account}]
    source: Ours.
"""
    added = anything.format(name="later", age=45, account="mid_career") + anything.format(
        name="sooner", age=44, account="base"
    )
    desk = Desk(desk.folder, wallets(WALLETS.replace("amounts:\n", f"{added}amounts:\n")))
    desk.member("ann", born="1979-01-15")
    asked = {"amount": "10.00", "as": "leaves"}
    answers = desk.ask(
        {**asked, "on": "2023-06-01"},
        {**asked, "on": "2024-06-01"},
        {**asked, "on": "2024-06-01", "purpose": "course"},
    )
    assert [one["purpose"] for one in answers] == ["sooner", "later", "course"]
    assert [from_accounts(one) for one in answers] == [{"base": 10_00}, {"mid_career": 10_00}, {"topup": 10_00}]


def test_money_that_comes_after_the_move_and_after_the_end(desk: Desk) -> None:
    """What comes into a part that has moved is where it moved to; what comes into one that has expired is lost."""
    desk.member("ann", born="2010-01-01")
    for part in ("older", "topup"):
        desk.fact("ann", "2026-02-01", "status", attribute="into", value=part)
        desk.fact("ann", "2026-02-01" if part == "older" else "2026-02-02", "paid", amount="80.00")
        desk.facts[-2]["on"] = desk.facts[-1]["on"]
    (row,) = desk.pots()
    older, topup, mid_career = ({**row["accounts"][PARTS.index(name)]} for name in ("older", "topup", "mid_career"))
    assert (older["given_minor"], older["moved_out_minor"], older["left_minor"]) == (80_00, 80_00, 0)
    assert (topup["given_minor"], topup["expired_minor"], topup["left_minor"]) == (80_00, 80_00, 0)
    assert (mid_career["moved_in_minor"], mid_career["left_minor"]) == (80_00, 80_00 + 40_00)


@pytest.mark.parametrize("on", ["2024-05-01", "2024-06-01"])
def test_what_is_taken_back_follows_what_moved(desk: Desk, on: str) -> None:
    """Money of a part that has moved is taken back from where it is now, and what is not there is not covered."""
    text = WALLETS.replace(
        "of: paid.worker, when: {what: attribute.into, is: older}",
        "of: paid.worker, when: {what: attribute.into, is: older}, steps: [total: {over: account, taken_out: newest_first}]",
    )
    desk = Desk(desk.folder, wallets(text))
    desk.member("ann", born="2010-01-01", into="older")
    desk.fact("ann", "2024-04-01", "paid", amount="100.00")
    desk.fact("ann", on, "withdrawn", amount="60.00")
    (row,) = desk.pots()
    mid_career = row["accounts"][PARTS.index("mid_career")]
    # 100.00 and a match of 25.00, less 60.00 and 15.00 that are taken back, less as much as is left of 60.00.
    assert (mid_career["taken_back_minor"], mid_career["paid_out_minor"], row["left_minor"]) == (75_00, 50_00, 0)
    assert row["withdrawals"][0]["not_covered_minor"] == 10_00


def test_as_of_the_last_fact(desk: Desk) -> None:
    """Without a day, pots are looked at from the last fact's, and without a fact somebody must say a day."""
    desk.member("ann", born="1979-01-15")
    desk.fact("ann", "2021-06-01", "status", attribute="listed", value="yes")
    assert desk.pots()[0]["as_of"] == "2021-06-01"
    desk.facts.clear()
    result = _run(desk)
    assert result.exit_code == 2
    assert "Give --as-of" in result.stderr


# Paying


COURSE = {"on": "2024-06-01", "purpose": "course", "as": "price"}


@pytest.mark.parametrize(
    ("listed", "price", "expected", "member_pays"),
    [
        ("yes", "600.00", {"topup": 500_00, "mid_career": 100_00}, 0),
        ("no", "600.00", {"topup": 500_00, "base": 100_00}, 0),
        ("yes", "5500.00", {"topup": 500_00, "mid_career": 4500_00, "base": 500_00}, 0),
        ("yes", "5500.01", {"topup": 500_00, "mid_career": 4500_00, "base": 500_00}, 1),
        ("no", "5500.00", {"topup": 500_00, "base": 500_00}, 4500_00),
    ],
)
def test_spending_order(desk: Desk, listed: str, price: str, expected: dict[str, int], member_pays: int) -> None:
    """A course is paid from the top-up, then (if it is on the list) from mid-career, then from the base."""
    desk.member("ann", born="1979-01-15")
    (answer,) = desk.ask({**COURSE, "amount": price, "listed": listed})
    assert from_accounts(answer) == expected
    assert list(from_accounts(answer)) == list(expected)
    assert (answer["member_pays_minor"], answer["not_covered_minor"]) == (member_pays, 0)


def test_subsidy_comes_first(desk: Desk) -> None:
    """Of a fee of 19,000 with a subsidy of 90 % the wallets pay 1,900; half a penny of subsidy is rounded up."""
    desk.member("ann", born="1979-01-15", listed="yes", subsidy="90")
    whole, half, _ = desk.ask(
        {**COURSE, "amount": "19000.00"},
        {**COURSE, "amount": "0.05"},
        {**COURSE, "amount": "0.00"},
    )
    assert (whole["subsidy_minor"], whole["net_price_minor"], whole["member_pays_minor"]) == (17100_00, 1900_00, 0)
    assert from_accounts(whole) == {"topup": 500_00, "mid_career": 1400_00}
    # 90 % of 0.05 is 0.045.
    assert (half["subsidy_minor"], half["net_price_minor"]) == (5, 0)


@pytest.mark.parametrize(
    ("rights", "on", "jobseeker", "from_account", "co_payment", "shortfall"),
    [
        ("1200.00", "2024-06-01", "no", 900_00, 100_00, 0),
        ("950.00", "2024-06-01", "no", 900_00, 100_00, 0),
        ("900.00", "2024-06-01", "no", 900_00, 100_00, 0),
        ("899.99", "2024-06-01", "no", 899_99, 100_00, 1),
        ("500.00", "2024-06-01", "no", 500_00, 100_00, 400_00),
        ("1200.00", "2024-06-01", "yes", 1000_00, 0, 0),
        ("1200.00", "2024-05-01", "no", 1000_00, 0, 0),
        ("1200.00", "2024-05-02", "no", 900_00, 100_00, 0),
        ("1200.00", "2025-01-01", "no", 897_77, 102_23, 0),
    ],
)
def test_member_pays_a_part(
    desk: Desk, rights: str, on: str, jobseeker: str, from_account: int, co_payment: int, shortfall: int
) -> None:
    """A course of 1,000.00 leaves the member a co-payment, which is a part of any shortfall and not added to it."""
    desk.member("julie", born="2010-01-01")
    desk.fact("julie", "2023-01-01", "paid", amount=rights)
    asked = {"on": on, "purpose": "training", "as": "price", "jobseeker": jobseeker}
    answer, small = desk.ask({**asked, "amount": "1000.00"}, {**asked, "amount": "60.00"})
    assert from_accounts(answer) == {"base": from_account}
    assert (answer["member_pays_minor"], answer["co_payment_minor"]) == (1000_00 - from_account, co_payment)
    assert answer["shortfall_minor"] == shortfall
    # A price below the co-payment is the member's whole.
    assert small["member_pays_minor"] == small["co_payment_minor"] == min(60_00, co_payment)
    assert small["shortfall_minor"] == 0


def test_a_price_without_its_purpose(desk: Desk) -> None:
    """Where the purpose is not met the accounts pay nothing of a price, and it says why and when they would."""
    desk.member("ann", born="2000-06-02", subsidy="50")
    answer, then = desk.ask({**COURSE, "amount": "100.00"}, {**COURSE, "on": "2025-06-02", "amount": "100.00"})
    assert (answer["met"], answer["leaves_minor"], answer["member_pays_minor"]) == (False, 0, 50_00)
    assert [one["test"] for one in answer["failed"]] == ["age at least 25"]
    assert [(one["found"], one["needed"]) for one in answer["failed"]] == [("23y 11m", "at least 25")]
    assert (answer["opens_on"], answer["opens_for"], answer["opens_because"]) == ("2025-06-02", "course", "age 25")
    assert (then["met"], from_accounts(then)) == (True, {"base": 50_00})


# What stands in the way


TRIP = {"on": "2024-06-01", "purpose": "trip", "amount": "1.00"}


def test_each_test_that_fails_is_named(desk: Desk) -> None:
    """Tests that fail are named one by one, those of which one is enough together, with what was found and needed."""
    desk.member("ann", born="1990-01-01")
    desk.fact("ann", "2024-02-01", "withdrawn", amount="1.00")
    desk.fact("ann", "2024-03-01", "withdrawn", amount="1.00")
    (answer,) = desk.ask({**TRIP, "cost": "85.00", "listed": "yes"})
    shown = [(one["test"], one["found"], one["needed"], one["one_of"], one["opens_on"]) for one in answer["failed"]]
    assert shown == [
        ("amount.trips at most 2", "3.00", "at most 2.00", None, "2025-01-01"),
        ("cost at most dearest", "85.00", "at most 80.00 (dearest)", 1, "2024-07-01"),
        ("jobseeker is yes", None, "yes", 1, None),
        ("not (listed is yes)", "yes", "not (yes)", None, None),
    ]
    assert answer["opens_on"] is None


def test_opens_when_the_last_test_does(desk: Desk) -> None:
    """A purpose opens on the first day on which all of its tests pass: a new figure, then a new window."""
    desk.member("ann", born="1990-01-01", cost="85.00")
    (answer,) = desk.ask(TRIP)
    assert (answer["opens_on"], answer["opens_because"]) == ("2024-07-01", "cost at most dearest")
    desk.fact("ann", "2024-02-01", "withdrawn", amount="1.00")
    desk.fact("ann", "2024-03-01", "withdrawn", amount="1.00")
    (answer,) = desk.ask(TRIP)
    assert (answer["opens_on"], answer["opens_because"]) == ("2025-01-01", "amount.trips at most 2")


def test_facts_after_the_day_are_not_known(desk: Desk) -> None:
    """An ask sees all facts of its day and none after, also when it looks for the day that opens a purpose."""
    desk.member("ann", born="1990-01-01", cost="100.00")
    desk.fact("ann", "2024-06-01", "status", attribute="jobseeker", value="yes")
    desk.fact("ann", "2024-06-02", "paid", amount="50.00")
    day_before, day, after = desk.ask({**TRIP, "on": "2024-05-31"}, TRIP, {**TRIP, "on": "2024-06-02"})
    assert (day_before["met"], day["met"], after["met"]) == (False, True, True)
    assert day_before["opens_on"] is None
    assert (day["not_covered_minor"], after["not_covered_minor"]) == (0, 0)
    assert from_accounts(day) == {"topup": 1_00}


# Charges, and what arrives


def test_what_a_rule_takes_beside_a_withdrawal(desk: Desk) -> None:
    """A charge with `net` is a part of what is withdrawn; a match that is lost goes beside it, and leaves too."""
    desk.member("ann", born="2010-01-01")
    desk.fact("ann", "2024-02-01", "paid", amount="1000.00")
    arrives, leaves, short = desk.ask(
        {"on": "2024-06-01", "amount": "80.00", "as": "arrives"},
        {"on": "2024-06-01", "amount": "125.00", "as": "leaves"},
        {"on": "2024-06-01", "amount": "0.01", "as": "leaves"},
    )
    for answer in (arrives, leaves):
        assert (answer["withdrawn_minor"], answer["leaves_minor"], answer["arrives_minor"]) == (100_00, 125_00, 80_00)
        assert answer["charges"] == [
            {"rule": "government.match", "party": "government", "amount_minor": 25_00, "rate": None, "out_of": "mid_career"},
            {"rule": "government.charge", "party": "government", "amount_minor": 20_00, "rate": "20%", "out_of": "withdrawal"},
        ]  # fmt: skip
    assert (short["withdrawn_minor"], short["leaves_minor"]) == (1, 1)


@pytest.mark.parametrize("rate", [Fraction(1, 4), Fraction(1, 5)])
def test_every_need_up_to_4000_arrives_to_the_penny(rate: Fraction) -> None:
    """For every need from 0.01 to 4,000.00 what is reckoned back, charged by the kernel, leaves exactly the need."""
    needs = np.arange(1, 4000_00 + 1)
    out = np.array([grossed_up(need, rate, "half_up penny") for need in needs.tolist()], dtype=np.int64)
    on = parse_day("2024-06-01" if rate == Fraction(1, 4) else "2020-06-01")
    program = compile_program(shipped("uk-lifetime-isa"))
    facts = Facts.of([{"fact": 0, "member": 0, "on": on, "kind": int(Kind.WITHDRAWN)}]).take(
        np.zeros(len(out), np.int64)
    )
    facts.fact = facts.root = np.arange(len(out))
    facts.amount = out
    nothing = np.full((1, len(program.attributes)), np.iinfo(np.int64).min)
    people = People(np.array([parse_day("1990-06-15")]), np.array([parse_day("2018-04-06")]), nothing)
    assessed = assess(program, people, facts)
    owed = assessed.entitlements
    charges = np.zeros(len(out), dtype=np.int64)
    charges[assessed.rows.fact[owed.row]] = -owed.amount
    assert (out - charges).tolist() == needs.tolist()


def test_needs_through_the_command_are_the_same(tmp_path: Path) -> None:
    """What the formula gives is what is answered, with the charge in force on the day and none where there is none."""
    desk = Desk(tmp_path, shipped("uk-lifetime-isa"))
    desk.member("ann", born="1990-06-15", joined="2018-04-06")
    desk.fact("ann", "2018-04-06", "paid", amount="4000.00")
    days = {"2019-06-01": Fraction(1, 4), "2020-03-05": Fraction(1, 4), "2020-03-06": Fraction(1, 5)}
    asks = [
        {"on": day, "amount": format_minor(need), "as": "arrives"} for day in days for need in range(1, 2000_00, 1999)
    ]
    for ask, answer in zip(asks, desk.ask(*asks), strict=True):
        assert answer["leaves_minor"] == grossed_up(answer["amount_minor"], days[ask["on"]], "half_up penny")
        assert answer["arrives_minor"] == answer["amount_minor"]
    (free,) = desk.ask({"on": "2024-06-01", "purpose": "terminal_illness", "amount": "12.34", "as": "arrives"})
    assert (free["leaves_minor"], free["charges"]) == (12_34, [])


def test_a_refund_is_a_correction() -> None:
    """Charged 333.33 on 1,333.33 before the rate fell; 1,250.00 under the new one: settling posts 83.33 the other way."""
    text, name = rulebook_text("uk-lifetime-isa")
    change = "2020-03-06: 20%, 2021-04-06: 25%"
    assert text.count(f"2018-04-06: 25%, {change}") == 1
    before, _ = parse_rulebook(text.replace(f"2018-04-06: 25%, {change}", "2018-04-06: 25%"), name)
    assert before is not None

    def charged(rulebook: Any, amount: int, root: int, fact: int) -> int:
        program = compile_program(rulebook)
        nothing = np.full((1, len(program.attributes)), np.iinfo(np.int64).min)
        people = People(np.array([parse_day("1990-06-15")]), np.array([parse_day("2018-04-06")]), nothing)
        row = {"fact": fact, "root": root, "member": 0, "on": parse_day("2020-04-01"), "amount": amount}
        return int(assess(program, people, Facts.of([row | {"kind": int(Kind.WITHDRAWN)}])).entitlements.amount.sum())

    posted = charged(before, 1333_33, 0, 0)
    target = charged(shipped("uk-lifetime-isa"), 1250_00, 0, 1)
    assert (posted, target, target - posted) == (-333_33, -250_00, 83_33)


def test_a_charge_of_everything_leaves_nothing_to_arrive(desk: Desk) -> None:
    """Where a chosen rate takes the whole, no sum can arrive, and the ask is a fault."""
    text = WALLETS.replace(
        "steps: [rate: 20%, round: half_up cent]\n    net",
        "steps: [rate: {attribute: subsidy, otherwise: 20%}, round: half_up cent]\n    net",
    )
    desk = Desk(desk.folder, wallets(text))
    desk.member("ann", born="2010-01-01")
    asked = {"on": "2024-06-01", "amount": "80.00", "as": "arrives"}
    (answer,) = desk.ask({**asked, "subsidy": "100"}, {**asked, "subsidy": "60"}, faults={"nothing_arrives"})
    assert (answer["ref"], answer["leaves_minor"], answer["charges"][0]["rate"]) == ("q1", 200_00, "60%")


def test_no_figure_on_the_day_is_a_fault(desk: Desk) -> None:
    """Where the rulebook has no figure for what is asked, the ask gets a fault with its line, and nothing is guessed."""
    desk.member("ann", born="1979-01-15")
    asked = {"on": "2018-06-01", "purpose": "training", "amount": "10.00", "as": "price"}
    answer, _ = desk.ask(asked, {**asked, "on": "2019-06-01"}, faults={"value_gap"})
    assert (answer["co_payment_minor"], answer["member_pays_minor"]) == (0, 0)


# Asks that are none


GOOD = {"ref": "q", "member": "ann", "on": "2024-06-01", "purpose": "course", "amount": "10.00", "as": "price"}


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"ref": ""}, 1, "ref_missing"),
        ({"ref": "first"}, 1, "ref_twice"),
        ({"member": "bob"}, 2, "member_unknown"),
        ({"on": ""}, 3, "on_missing"),
        ({"on": "2024-06-31"}, 3, "on_unreadable"),
        ({"purpose": "yacht"}, 4, "purpose_unknown"),
        ({"purpose": ""}, 4, "purpose_unknown"),
        ({"purpose": "yacht", "as": "leaves"}, 4, "purpose_none"),
        ({"amount": ""}, 5, "amount_missing"),
        ({"amount": "1,000"}, 5, "amount_unreadable"),
        ({"amount": "-1.00"}, 5, "amount_negative"),
        ({"as": ""}, 6, "as_unknown"),
        ({"as": "goes"}, 6, "as_unknown"),
        ({"listed": "maybe"}, 7, "listed_unreadable"),
        ({"height": "190"}, 7, "attribute_unknown"),
    ],
)
def test_a_bad_ask(desk: Desk, changed: dict[str, str], column: int, code: str) -> None:
    """One thing wrong with an ask is one fault with its line and column; the ask before it is answered."""
    desk.member("ann", born="1979-01-15")
    answers = desk.ask({**GOOD, "ref": "first"}, {**GOOD, **changed}, faults={code})
    kept = 2 if code == "purpose_none" else 1
    assert [one["ref"] for one in answers] == ["first", "q"][:kept]
    result = _run(desk, "--asks", str(desk.folder / "asks.csv"))
    assert f"asks.csv:3:{column}: " in result.stderr
    assert result.exit_code == (0 if code == "purpose_none" else 1)


def test_a_file_of_asks_that_is_none(desk: Desk) -> None:
    """A file without one of the columns is refused as a whole."""
    desk.member("ann", born="1979-01-15")
    (desk.folder / "asks.csv").write_text("ref,member,on,purpose,amount\n", "utf-8")
    result = _run(desk, "--asks", str(desk.folder / "asks.csv"))
    assert result.exit_code == 1
    assert "asks.csv has no column as. Its columns are ref,member,on,purpose,amount,as." in result.stderr


def _run(desk: Desk, *more: str) -> Any:
    """The command, on the desk's files."""
    people, facts = desk.files()
    file = desk.folder / "wallets.yaml"
    file.write_text(WALLETS, "utf-8")
    return CliRunner().invoke(app, ["quote", str(file), "--people", str(people), "--facts", str(facts), *more])


def test_the_command(desk: Desk) -> None:
    """Both tables fit 80 columns, and JSON carries the documented keys."""
    page = (Path(__file__).parents[1] / "docs" / "commands.md").read_text("utf-8")
    text = page.partition("**`quote`**")[2].partition("\n**`")[0]
    desk.member("a member with a long name", born="2000-01-15")
    desk.fact("a member with a long name", "2024-03-01", "paid", amount="10.00")
    asks = [{**COURSE, "amount": "1000000.00"}, {**TRIP, "listed": "yes", "cost": "100.00"}]
    asks += [{**COURSE, "on": "2026-01-15", "amount": "99.00", "subsidy": "10"}]
    desk.ask(*asks)
    for more in ([], ["--asks", str(desk.folder / "asks.csv")]):
        result = _run(desk, *more)
        assert result.exit_code == 0, result.output
        assert max(map(len, result.stdout.splitlines())) <= 80
        (row, *_) = json.loads(_run(desk, *more, "--json").stdout)
        keys = set(_keys(row))
        assert {key for key in keys if f"`{key}`" not in text} == set()
    assert "Each is answered alone" in result.stdout


def _keys(answer: Any) -> list[str]:
    """Every key of an answer, at any depth."""
    if isinstance(answer, dict):
        return [*answer, *(key for one in answer.values() for key in _keys(one))]
    return [key for one in answer for key in _keys(one)] if isinstance(answer, list) else []


# Laws


DAY = date(2020, 1, 1)
MEMBERS = ("ann", "bea")
WHEN = st.one_of(
    st.integers(0, 2400).map(lambda number: (DAY + timedelta(days=number)).isoformat()),
    st.sampled_from(["2024-04-30", "2024-05-01", "2024-05-02", "2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02"]),
)
MONEY = st.integers(0, 900_00).map(format_minor)
HAPPENS = st.one_of(
    st.tuples(st.just("paid"), WHEN, MONEY),
    st.tuples(st.just("withdrawn"), WHEN, MONEY, st.sampled_from(["", "course", "training", "trip"])),
    st.tuples(st.just("into"), WHEN, st.sampled_from(PARTS)),
    st.tuples(st.just("listed"), WHEN, st.sampled_from(["yes", "no"])),
    st.tuples(st.just("jobseeker"), WHEN, st.sampled_from(["yes", "no"])),
)
LIFE = st.lists(st.tuples(st.sampled_from(MEMBERS), HAPPENS), max_size=25)
ASKED = st.fixed_dictionaries(
    {
        "member": st.sampled_from(MEMBERS),
        "on": WHEN,
        "purpose": st.sampled_from(["course", "training", "trip"]),
        "amount": MONEY,
        "as": st.sampled_from(["leaves", "arrives", "price"]),
    },
    optional={"listed": st.sampled_from(["yes", "no"]), "subsidy": st.sampled_from(["0", "33.3333", "90"])},
)
ANYTHING = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def live(desk: Desk, life: list[tuple[str, tuple[str, ...]]]) -> None:
    """Two members, and what happens to them."""
    desk.people.clear()
    desk.facts.clear()
    desk.member("ann", born="1979-01-15")
    desk.member("bea", born="1997-03-31")
    for member, (kind, on, *more) in life:
        if kind in {"paid", "withdrawn"}:
            desk.fact(member, on, kind, amount=more[0], value=more[1] if more[1:] else "")
        else:
            desk.fact(member, on, "status", attribute=kind, value=more[0])


@ANYTHING
@given(life=LIFE, as_of=WHEN)
def test_nothing_is_made_or_lost(desk: Desk, life: list[Any], as_of: str) -> None:
    """In each part: given and moved in is left, paid out, taken back, expired and moved out; and none is below nothing."""
    live(desk, life)
    rows = desk.pots(parse_day(as_of))
    for row in rows:
        moved = 0
        for one in row["accounts"]:
            figures = {key.removesuffix("_minor"): value for key, value in one.items() if key.endswith("_minor")}
            assert min(figures.values()) >= 0
            came = figures["given"] + figures["moved_in"]
            went = figures["paid_out"] + figures["taken_back"] + figures["expired"] + figures["moved_out"]
            assert came == figures["left"] + went, one
            moved += figures["moved_in"] - figures["moved_out"]
        assert moved == 0
        assert row["left_minor"] == sum(one["left_minor"] for one in row["accounts"])
        for one in row["withdrawals"]:
            assert one["amount_minor"] == one["not_covered_minor"] + sum(from_accounts(one).values())
        paid = sum(sum(from_accounts(one).values()) for one in row["withdrawals"])
        assert paid == sum(one["paid_out_minor"] for one in row["accounts"])


@ANYTHING
@given(life=LIFE, as_of=WHEN)
def test_pots_are_those_of_living_day_by_day(desk: Desk, life: list[Any], as_of: str) -> None:
    """A plain walk through the days, entitlement by entitlement, comes to the same pots."""
    live(desk, life)
    rows = desk.pots(parse_day(as_of))
    owed, _ = entitle(desk.rulebook, *desk.files(), parse_day(as_of))
    for row in rows:
        assert {one["account"]: one["left_minor"] for one in row["accounts"]} == walked(desk, row, owed, as_of)


def walked(desk: Desk, row: dict[str, Any], owed: Rows, as_of: str) -> dict[str, int]:
    """What is left in each part, by a walk over the days."""
    pots, born = dict.fromkeys(PARTS, 0), date.fromisoformat
    facts = {fact["ref"]: fact for fact in desk.facts if fact["member"] == row["member"]}
    mine = [one for one in owed if one["member"] == row["member"] and one["rule"] != "government.charge"]
    days = sorted({one["effective_on"] for one in mine} | {fact["on"] for fact in facts.values()})
    days = sorted({*days, "2024-05-01", "2026-01-01", as_of})
    for day in (one for one in days if born(one) <= born(as_of)):
        moved, over = day >= "2024-05-01", day >= "2026-01-01"
        pots["topup"] = 0 if over else pots["topup"]
        if moved:
            pots["mid_career"] += pots["older"]
            pots["older"] = 0
        out = {ref: fact for ref, fact in facts.items() if fact["kind"] == "withdrawn" and fact["on"] == day}
        today = [one for one in mine if one["effective_on"] == day]
        for one in today:
            if one["amount_minor"] > 0 and not (over and one["account"] == "topup"):
                pots["mid_career" if moved and one["account"] == "older" else one["account"]] += one["amount_minor"]
        for ref, fact in out.items():
            for one in today:
                if one["amount_minor"] < 0 and one["refs"] == [ref]:
                    account = "mid_career" if moved and one["account"] == "older" else one["account"]
                    pots[account] = max(0, pots[account] + one["amount_minor"])
            (paid,) = [one for one in row["withdrawals"] if one["ref"] == ref]
            listed = _said(facts, "listed", day) == "yes"
            order = {
                "course": ["topup", *(["mid_career"] if listed else []), "base"],
                "training": ["base"],
            }.get(paid["purpose"], PARTS)
            left = round(100 * float(fact["amount"]))
            for part in order:
                there = min(left, pots[part])
                pots[part] -= there
                left -= there
    return pots


def _said(facts: dict[str, dict[str, str]], attribute: str, day: str) -> str:
    """What was last said of an attribute by the end of a day."""
    said = [one for one in facts.values() if one.get("attribute") == attribute and one["on"] <= day]
    return max(said, key=lambda one: (one["on"], int(one["ref"][1:])))["value"] if said else "no"


@ANYTHING
@given(life=LIFE, asked=ASKED)
def test_an_answer_comes_true(desk: Desk, life: list[Any], asked: dict[str, str]) -> None:
    """Told as a fact, what was asked brings exactly the charges, the purpose and the payments that were answered."""
    live(desk, life)
    desk.facts = [fact for fact in desk.facts if fact["on"] <= asked["on"]]
    (answer,) = desk.ask(asked)
    for attribute in ("listed", "subsidy"):
        if attribute in asked:
            desk.fact(asked["member"], asked["on"], "status", attribute=attribute, value=asked[attribute])
    amount = format_minor(answer["withdrawn_minor"])
    ref = desk.fact(asked["member"], asked["on"], "withdrawn", amount=amount, value=asked["purpose"])
    (row,) = [one for one in desk.pots(parse_day(asked["on"])) if one["member"] == asked["member"]]
    (made,) = [one for one in row["withdrawals"] if one["ref"] == ref]
    assert made["purpose"] == answer["purpose"]
    assert from_accounts(made) == from_accounts(answer)
    owed, _ = entitle(desk.rulebook, *desk.files(), parse_day(asked["on"]))
    # Of one rule several windows may be taken back from, each on its own.
    taken: Counter[str] = Counter()
    for one in owed:
        if one["refs"] == [ref]:
            taken[str(one["rule"])] -= int(str(one["amount_minor"]))
    answered: Counter[str] = Counter()
    for charge in answer["charges"]:
        answered[charge["rule"]] += charge["amount_minor"]
    assert taken == answered
    within = sum(one["amount_minor"] for one in answer["charges"] if one["out_of"] == "withdrawal")
    assert answer["arrives_minor"] == answer["withdrawn_minor"] - within
    assert answer["leaves_minor"] - sum(taken.values()) == answer["arrives_minor"]
    assert (answer["leaves_minor"] - answer["not_covered_minor"]) >= 0
    if asked["as"] == "arrives":
        assert answer["arrives_minor"] == answer["amount_minor"]
    elif asked["as"] == "leaves":
        assert answer["amount_minor"] - 1 <= answer["leaves_minor"] <= answer["amount_minor"]
    else:
        assert answer["not_covered_minor"] == 0
        assert answer["net_price_minor"] == answer["withdrawn_minor"] + answer["member_pays_minor"]
        assert answer["member_pays_minor"] == answer["co_payment_minor"] + answer["shortfall_minor"]


@settings(ANYTHING, max_examples=15)
@given(life=LIFE, asks=st.lists(ASKED, min_size=2, max_size=5))
def test_each_ask_is_alone(desk: Desk, life: list[Any], asks: list[dict[str, str]]) -> None:
    """Asked together, in any order, or each in a file of its own, the answers are the same; and pots stay as they are."""
    live(desk, life)
    last = parse_day("2026-12-31")
    before = desk.pots(last)
    named = [{**ask, "ref": f"r{number}"} for number, ask in enumerate(asks)]
    together = {one["ref"]: one for one in desk.ask(*named)}
    backwards = {one["ref"]: one for one in desk.ask(*reversed(named))}
    alone = {one["ref"]: one for ask in named for one in desk.ask(ask)}
    assert together == backwards == alone
    assert desk.pots(last) == before


def test_by_job_a_withdrawal_is_of_the_first(desk: Desk) -> None:
    """Where each job is kept alone, what is asked is answered over all of a member's money."""
    text = WALLETS.replace("days:\n", "unused:\n").split("unused:\n")[0] + WALLETS[WALLETS.index("values:\n") :]
    head, _, rules = text.partition("rules:\n")
    kept = rules[rules.index("  worker.topup") :] + PENSION
    text = head.replace("first_payment_opens: true", "per: job, automatic: {what: pay.earnings, above: '0'}")
    desk = Desk(desk.folder, wallets(text + "rules:\n" + kept))
    desk.member("ann", born="1990-01-01")
    for payer in ("acme", "best"):
        desk.fact("ann", "2024-03-01", "pay", payer=payer, earnings="1000.00")
    assert desk.left() == {"topup": 0, "older": 0, "mid_career": 0, "base": 100_00}
    (answer,) = desk.ask({"on": "2024-06-01", "purpose": "course", "amount": "99.00", "as": "price"})
    assert from_accounts(answer) == {"base": 99_00}
    assert answer["met"]


PENSION = """\
  employer.share:
    description: A twentieth of pay.
    party: employer
    account: base
    of: pay.earnings
    steps: [rate: 5%, round: half_up cent]
    source: Ours.
"""
