"""Why: every amount and every nothing of every worked case is explained, precisely, and by the rule that ran."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.generate import WORLDS, lives, to_audit
from tests.test_cases import ALL_CASES, Case
from typer.testing import CliRunner

from lifepot.audit import stepwise
from lifepot.audit.life import listed
from lifepot.audit.reason import Reason
from lifepot.audit.replay import replay, replay_versions
from lifepot.audit.story import Story
from lifepot.audit.told import Person, Ref, Told
from lifepot.cli import app
from lifepot.entitle import read_told, rows_of
from lifepot.entitle_why import as_told
from lifepot.kernel.assess import assess
from lifepot.kernel.program import Program, compile_program
from lifepot.money import parse_minor
from lifepot.periods import date_of, parse_day
from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped, shipped_names
from lifepot.rulebook.terms import Rule, Rulebook

LISA, HTS, AE = "uk-lifetime-isa", "uk-help-to-save", "uk-automatic-enrolment"
IE, LSA = "ie-my-future-fund", "lifetime-savings-account"
COMMANDS = Path(__file__).parents[1] / "docs" / "commands.md"
Sums = dict[tuple[str, date], int]


def documented_codes() -> set[str]:
    """The words for nothing that docs/commands.md lists."""
    rows = COMMANDS.read_text("utf-8").partition("### Codes of nothing")[2].splitlines()
    cells = (row.split("|")[1] for row in rows if row.startswith("| `"))
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)} - {"code"}


CODES = documented_codes()


# Every fact under every rule


def leaves(book: Rulebook, name: str, fact: Told) -> set[str]:
    """Everything of a fact that a rule counts in the end, read off the rulebook alone."""
    term = book.amounts.get(name) or book.rules[name]
    found = {term.stated} if isinstance(term, Rule) and term.stated else set()
    if isinstance(term, Rule) and term.stated_when == "no_earnings" and fact.earnings is not None:
        found = set()
    for source in listed(term.of):
        found |= leaves(book, source, fact) if source in book.amounts or source in book.rules else {source}
    return {one for one in found if one}


def says(fact: Told) -> set[str]:
    """The sources of which a fact says more than nothing, read off the fact alone."""
    pay = {"earnings": fact.earnings, "hours": fact.hours, "worker": fact.worker, "employer": fact.employer}
    found = {f"pay.{name}" for name, figure in pay.items() if figure} if fact.kind == "pay" else set()
    if fact.kind == "paid" and fact.amount:
        found.add("paid.employer" if fact.payer else "paid.worker")
    return found


def check_story(story: Story, facts: Sequence[Told], book: Rulebook) -> Sums:
    """Every answer is whole and precise; what they come to, by rule and effective day."""
    found: Counter[tuple[str, date]] = Counter()
    for fact in facts:
        for rule in book.rules:
            answers = story.reasons(fact.ref, rule)
            assert answers, (fact, rule)
            for one in answers:
                check_reason(one, fact, book)
                given_elsewhere = one.outcome == "gives_back" and one.ref != fact.ref
                if one.effective_on is not None and one.outcome != "nothing" and not given_elsewhere:
                    found[one.rule, one.effective_on] += one.amount_minor
    for one in story.of_no_fact():
        if one.effective_on is not None and one.outcome != "nothing":
            found[one.rule, one.effective_on] += one.amount_minor
    assert story.account()
    return {key: sum_ for key, sum_ in found.items() if sum_}


def check_reason(one: Reason, fact: Told, book: Rulebook) -> None:
    """One answer: no line is empty, no nothing is generic, and none says of what the fact does say that it does not."""
    assert all(text.strip() and text.endswith(".") for text in one.texts()), one.texts()
    assert json.loads(json.dumps(one.as_dict(), default=str))["because"] == one.because
    if one.outcome != "nothing":
        assert one.amount_minor, one
        assert one.code == ""
        return
    assert one.because.startswith(("nothing, because ", "nothing yet, because ")), one.because
    assert one.code in CODES, f"{one.code} is not documented: {one.because}"
    assert len(one.because.split()) > 5, one.because
    if one.code in {"other_kind", "says_nothing", "says_zero"}:
        assert not leaves(book, one.rule, fact) & says(fact), one.because
    named = [figure for figure in one.lines[-1].figures if figure.since is not None]
    if one.code in {"cap_used_up", "below_limit", "taper", "given_already"} and named:
        assert "in force from" in one.because, one.because


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    """Each shipped rulebook, compiled once."""
    return {name: compile_program(shipped(name)) for name in shipped_names()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in ALL_CASES if case.runs])
def test_every_fact_of_a_worked_case_is_explained(case: Case, programs: dict[str, Program], tmp_path: Path) -> None:
    """Each fact under each rule has an explanation, and the explained amounts are what the kernel gave."""
    program = programs[case.rulebook]
    told = read_told(program, *case.write(tmp_path))
    last = int(told.facts.on.max())
    given: Counter[tuple[str, str, date]] = Counter()
    for row in rows_of(program, told, assess(program, told.people, told.facts, as_of=case.as_of, accrue_until=last)):
        key = str(row["member"]), str(row["rule"]), date.fromisoformat(str(row["effective_on"]))
        given[key] += int(str(row["amount_minor"]))
    explained: dict[tuple[str, str, date], int] = {}
    for number, name in enumerate(told.members):
        person, facts = as_told(program, told, number)
        as_of = None if case.as_of is None else date_of(case.as_of)
        story = Story([(date.min, program.rulebook)], person, facts, as_of=as_of, accrue_until=date_of(last))
        explained |= {(name, *key): sum_ for key, sum_ in check_story(story, facts, program.rulebook).items()}
    assert explained == {key: sum_ for key, sum_ in given.items() if sum_}


@pytest.mark.parametrize("name", [name for name in shipped_names() if name in WORLDS])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(choose=st.data())
def test_any_life_is_explained(name: str, choose: st.DataObject) -> None:
    """Lives that nobody thought of: every answer is precise, and together they are what the replay gives."""
    book, world = shipped(name), WORLDS[name]
    person, facts = to_audit(choose.draw(lives(book), "life"))
    days = st.integers(parse_day(world.first), parse_day(world.last)).map(date_of)
    as_of = choose.draw(st.none() | days, "as of")
    owed: Counter[tuple[str, date]] = Counter()
    for one in replay(book, person, facts, as_of=as_of).owed:
        owed[one.rule, one.effective_on] += one.amount_minor
    story = Story([(date.min, book)], person, facts, as_of=as_of)
    assert check_story(story, facts, book) == {key: sum_ for key, sum_ in owed.items() if sum_}


# Sentences, each worked from the rule


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)


def minor(pounds: str) -> int | None:
    """Pence from "12.34"; None from nothing."""
    return parse_minor(pounds) if pounds else None


def paid(on: str, pounds: str, ref: str = "", payer: str = "") -> Told:
    """A payment in."""
    return Told(ref or f"paid {on}", 0, "m", day(on), "paid", payer, amount=minor(pounds))


def out(on: str, pounds: str, word: str = "") -> Told:
    """Money taken out, asked about as "x"."""
    return Told("x", 0, "m", day(on), "withdrawn", amount=minor(pounds), value=word)


def status(on: str, attribute: str, value: str, ref: str = "", payer: str = "") -> Told:
    """Something declared."""
    return Told(ref or f"{attribute} {on}", 0, "m", day(on), "status", payer, attribute=attribute, value=value)


def pay(on: str, pounds: str, ref: str = "", worker: str = "", payer: str = "ACME", frequency: str = "month") -> Told:
    """A month's pay."""
    return Told(
        ref or f"pay {on} {payer}", 0, "m", day(on), "pay", payer,
        earnings=minor(pounds), worker=minor(worker), frequency=frequency,
    )  # fmt: skip


def born(text: str, joined: str = "", **attributes: str) -> Person:
    """A person."""
    return Person(day(text), day(joined) if joined else None, attributes)


GROWN = born("1990-01-01")
TWENTY = born("2006-01-01")
DEPOSITS = [paid(f"2020-{month:02}-10", "50") for month in range(1, 7)]


def because(
    book: Rulebook, person: Person, facts: Sequence[Told], rule: str, ref: Ref = "x", as_of: str = ""
) -> list[str]:
    """What is said of one fact under one rule, in a line each."""
    story = Story([(date.min, book)], person, facts, as_of=day(as_of) if as_of else None)
    return [one.because for one in story.reasons(ref, rule)]


NOTHING = [
    ("not old enough", LSA, born("2011-02-01"), [pay("2026-05-31", "1000", "x")], "government.match",
     ("no account is open for you: you may not join, for your age of 15 on 2026-05-31, the day of joining, is below 16 "
     "(opening_age, in force from 2016-04-06, choice)")),
    ("not above the trigger", AE, GROWN, [pay("2025-06-30", "800", "x")], "employer.contribution",
     ("no account is open for you in this job: this pay opens none, for your pay of £800.00 in this job is not above "
     "£833.00 (trigger, in force from 2022-04-06)")),
    ("at the trigger", AE, GROWN, [pay("2025-06-30", "833", "x")], "employer.contribution",
     ("no account is open for you in this job: this pay opens none, for your pay of £833.00 in this job is not above "
     "£833.00 (trigger, in force from 2022-04-06)")),
    ("two tests failed", AE, born("2004-07-01"), [pay("2025-06-30", "800", "x")], "worker.contribution",
     ("no account is open for you in this job: this pay opens none, for your age of 20 on 2025-06-30 is below 22 and "
     "your pay of £800.00 in this job is not above £833.00 (trigger, in force from 2022-04-06)")),
    ("below the lower limit", AE, born("1990-01-01", "2025-04-06"), [pay("2025-06-30", "520", "x")], "worker.contribution",
     "£520.00 is not above £520.00 (lower, in force from 2022-04-06), and only what is above it counts"),
    ("relief another way", AE, born("1990-01-01", "2025-04-06", relief="net_pay"), [pay("2025-06-30", "2000", "x")],
     "government.relief", "relief_at_source is asked for, and relief is net_pay, not relief_at_source (as told from the outset)"),
    ("no figure in force", AE, GROWN, [pay("2020-06-30", "2000", "x")], "worker.contribution",
     "no account is open for you in this job: this pay opens none, for trigger has no figure in force on 2020-06-30"),
    ("a figure missing in a step", AE, born("1990-01-01", "2019-05-01"), [pay("2020-06-30", "2000", "x")],
     "worker.contribution", "upper has no figure in force on 2020-06-30"),
    ("exempt", IE, GROWN, [pay("2026-01-31", "2000"), status("2026-02-01", "exempt", "yes"), pay("2026-02-28", "2000", "x")],
     "government.contribution",
     "exempt_employment is left out, and exempt is yes (the word of 2026-02-01 that exempt is yes)"),
    ("the cap used up", LISA, GROWN, [paid("2019-05-04", "4000"), paid("2019-06-04", "9", "x")], "government.bonus",
     ("the cap of £4,000.00 (annual_limit, in force from 2017-04-06) was used up already: the total of the tax year "
     "2019-04-06 to 2020-04-05 stood at £4,000.00 before this, and had reached it with the payment of 2019-05-04")),
    ("the match's cap used up", LSA, GROWN,
     [paid("2026-05-01", "700"), paid("2026-06-01", "600"), paid("2026-07-01", "50", "x")], "government.match",
     ("the cap of £1,200.00 (match_cap, in force from 2016-04-06, choice) was used up already: the total of the tax year "
     "2026-04-06 to 2027-04-05 stood at £1,300.00 before this, and had reached it with the payment of 2026-06-01")),
    ("tapered away", LSA, GROWN, [pay("2026-12-31", "120000", worker="0.00", frequency="year"), paid("2028-05-01", "100", "x")],
     "government.match", ("the taper leaves nothing: £120,000.00 (earnings_two_years_before) is not below £100,000.00 "
     "(taper_to, in force from 2016-04-06, choice)")),
    ("rounded away", LISA, GROWN, [paid("2019-05-04", "0.01", "x")], "government.bonus",
     "£0.0025 rounded half up to the penny is £0.00"),
    ("no whole pound", HTS, GROWN, [paid("2020-01-10", "10.50"), paid("2020-01-11", "0.30", "x")], "government.bonus",
     "£10.80 rounded down to the pound is £10.00, as was the £10.50 that stood before this"),
    ("no higher than before", HTS, GROWN, [*DEPOSITS, out("2020-07-01", "100")], "government.bonus",
     "the highest it has been in the whole life of the account, £300.00, is not exceeded: it stands at £200.00 with this"),
    ("after the last term", HTS, GROWN, [*DEPOSITS, paid("2024-02-01", "50", "x")], "government.bonus",
     "2024-02-01 lies in no term: there are 2 of 24 months each, counted from the month of joining"),
    ("closed too early", HTS, GROWN, [paid("2020-01-10", "50", "x"), Told("c", 0, "m", day("2021-03-01"), "closed")],
     "government.bonus", ("the account was closed on 2021-03-01, before the £25.00 of this fell due on 2021-12-31, the last "
     "day of the term 2020-01-01 to 2021-12-31; closing before that day loses it")),
    ("left", LSA, GROWN, [pay("2026-05-31", "1000"), status("2026-06-20", "opted_out", "yes"), pay("2026-07-31", "1000", "x")],
     "worker.contribution", "you had left (opted_out: the word of 2026-06-20 that opted out is yes)"),
    ("paused", IE, GROWN, [pay("2026-01-31", "2000"), status("2026-08-01", "suspended", "yes"), pay("2026-09-30", "2000", "x")],
     "worker.contribution", ("contributions rested from 2026-08-01 until 2028-08-01 (suspended: the word of 2026-08-01 that "
     "suspended is yes)")),
    ("before the account", AE, GROWN, [pay("2025-05-31", "800", "x"), pay("2025-06-30", "2000")], "worker.contribution",
     ("your account opened only on 2025-06-30, with the pay of 2025-06-30 from ACME; this pay opens none, for your pay of "
     "£800.00 in this job is not above £833.00 (trigger, in force from 2022-04-06)")),
    ("stated as nothing", LSA, GROWN, [pay("2026-05-31", "1000", "x", worker="0.00")], "government.match",
     "the payer's file states £0.00 for you, and what it states is what counts"),
    ("given this month already", LSA, GROWN, [pay("2026-05-10", "100"), pay("2026-05-24", "100", "x")], "government.base",
     ("£3.00 (monthly_base, in force from 2016-04-06, choice) had been given for the month 2026-05-01 to 2026-05-31 already, "
     "with the pay of 2026-05-10 from ACME")),
    ("nothing of the kind", LSA, GROWN, [paid("2026-05-01", "5", "x")], "government.profit",
     "this is a payment of your own, and the rule counts profit as declared"),
    ("no earnings said", LSA, GROWN, [paid("2026-05-01", "5"), pay("2026-05-31", "", "x")], "worker.contribution",
     "the row says no earnings"),
    ("the rate is nothing", LISA, GROWN, [paid("2017-05-04", "100"), out("2017-06-01", "10")], "government.charge",
     "the rate is 0% (charge_rate, in force from 2017-04-06)"),
    ("for a purpose", LSA, GROWN, [paid("2026-05-01", "500"), out("2026-06-01", "100", "student_loan")], "government.match",
     ("this is for student loan, paid to the lender, with the borrower's reference, or the university so that less is borrowed; the rule counts only money taken out "
     "for no purpose")),
    ("over the cap still", LSA, GROWN, [paid("2026-05-01", "2000"), out("2026-06-01", "300")], "government.match",
     ("the total of the tax year 2026-04-06 to 2027-04-05 falls from £2,000.00 to £1,700.00, and only what is below "
     "£1,200.00 (match_cap, in force from 2016-04-06, choice) counts")),
    ("nothing left to take", LSA, GROWN, [paid("2026-05-01", "5"), replace(out("2026-05-02", "5"), ref="w"), out("2026-06-01", "9")],
     "government.match", "£9.00 was taken out for no purpose, and the total that it would come out of holds nothing any more"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "person", "facts", "rule", "why"),
    [pytest.param(*one[1:], id=one[0].replace(" ", "-")) for one in NOTHING],
)
def test_nothing_says_precisely_why(scheme: str, person: Person, facts: list[Told], rule: str, why: str) -> None:
    """The commonest questions: the very test, cap, taper or rounding that left nothing, with its value and its figure."""
    assert because(shipped(scheme), person, facts, rule) == [f"nothing, because {why}"]


SOMETHING = [
    ("a deduction not stated", LSA, TWENTY, [pay("2026-05-31", "1111.10", "x")], "worker.contribution",
     "3% (worker_share, in force from 2016-04-06, choice) of £1,111.10"),
    ("capped in part", LSA, TWENTY, [paid("2026-05-01", "1180"), paid("2026-06-01", "100", "x")], "government.match",
     ("up to £1,200.00 (match_cap, in force from 2016-04-06, choice), £80.00 of it above that; "
     "50% (match_rate, in force from 2016-04-06, choice) of £20.00")),
    ("tapered by half", LSA, TWENTY,
     [pay("2026-12-31", "75135", worker="0.00", frequency="year"), paid("2028-05-01", "1000", "x")], "government.match",
     ("50% (match_rate, in force from 2016-04-06, choice) of £1,000.00; tapered to 50%, for £75,135.00 "
     "(earnings_two_years_before) lies between £50,270.00 (taper_from, in force from 2016-04-06, choice) and £100,000.00 "
     "(taper_to, in force from 2016-04-06, choice)")),
    ("no more than its ceiling", LSA, TWENTY, [pay("2026-05-31", "1000", "x", worker="50.00")], "employer.match",
     "up to £30.00 (employer_ceiling), £20.00 of it above that"),
    ("80 % of 5 % of the band", AE, born("1990-01-01", "2025-04-06"), [pay("2025-05-31", "2000", "x")], "worker.contribution",
     ("less £520.00 (lower, in force from 2022-04-06); 5% (employee_rate, in force from 2019-04-06) of £1,480.00; "
     "80% (net_share, in force from 2019-04-06) of £74.00")),
    ("gross less net", AE, born("1990-01-01", "2025-04-06"), [pay("2025-05-31", "2000", "x")], "government.relief",
     ("less £520.00 (lower, in force from 2022-04-06); 5% (employee_rate, in force from 2019-04-06) of £1,480.00; "
     "£74.00 (employee_gross), less £59.20 (employee_net)")),
    ("taken back", LSA, TWENTY, [paid("2026-05-01", "1000"), out("2026-06-01", "300")], "government.match",
     "50% (match_rate, in force from 2016-04-06, choice) of the £300.00 that goes out of it"),
    ("due together", LISA, TWENTY, [paid("2024-04-10", "666.66"), paid("2024-04-11", "666.66", "x")], "government.bonus",
     "25% (bonus_rate, in force from 2017-04-06) of £666.66; due on 2024-05-05"),
    ("charged", LISA, TWENTY, [paid("2024-05-01", "100"), out("2024-06-01", "4.04")], "government.charge",
     "25% (charge_rate, in force from 2021-04-06) of £4.04"),
]  # fmt: skip


SL, MCF, USM = "uk-student-loan", "fr-mon-compte-formation", "us-savers-match"
SKF, IPPR = "sg-skillsfuture", "ippr-lifetime-bonus"

ELSEWHERE = [
    # £27,295 a year is £2,274.58 a month (27,295 / 12 = 2,274.583…); £2,300.00 is £25.42 above, 9 % of it £2.29: £2.
    ("a loan's threshold", SL, born("1995-01-01", plan_2="yes"), [pay("2024-05-31", "2300", "x")], "worker.student_loan",
     ("less £2,274.58 (plan_2_threshold, a pay period's share of plan_2_a_year, in force from 2021-04-06); "
     "9% (student_loan_rate, in force from 2015-04-06) of £25.42; rounded down to the pound")),
    ("half the phase-out", USM, born("1990-01-01", magi="28000", filing_status="single"), [paid("2027-05-01", "100", "x")],
     "government.match",
     ("50% (match_rate, in force from 2027-01-01) of $100.00; tapered to 50%, for $28,000.00 (magi) lies between $20,500.00 "
     "(phase_out_from, in force from 2027-01-01) and $35,500.00 (phase_out_to, in force from 2027-01-01); due on 2027-12-31")),
    ("income not known", USM, born("1990-01-01"), [paid("2027-05-01", "100", "x")], "government.match",
     "nothing, because nobody said what magi is"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "person", "facts", "rule", "why"),
    [pytest.param(*one[1:], id=one[0].replace(" ", "-")) for one in SOMETHING + ELSEWHERE],
)
def test_an_amount_says_by_what(scheme: str, person: Person, facts: list[Told], rule: str, why: str) -> None:
    """One line carries the clause, the day it is in force from, and the step that mattered."""
    assert because(shipped(scheme), person, facts, rule) == [why]


def test_the_steps_are_told_one_by_one() -> None:
    """The match past its cap: totals before and after, what the cap cut, the rate, the taper, and the difference at the end."""
    facts = [paid("2026-05-01", "1180"), paid("2026-06-01", "100.33", "x")]
    (one,) = Story([(date.min, shipped(LSA))], TWENTY, facts).reasons("x", "government.match")
    assert [line.text for line in one.lines] == [
        "you are in: your account opened on 2026-05-01",
        "it begins with £100.33 (what you pay in yourself)",
        "it begins with £100.33 (worker.payment)",
        "total of the tax year 2026-04-06 to 2027-04-05: £1,180.00 before this, £1,280.33 with it",
        "only up to £1,200.00 (match_cap, in force from 2016-04-06, choice) counts: £80.33 of £1,280.33 is above it",
        "50% (match_rate, in force from 2016-04-06, choice) of the £20.00 that counts of this: £10.00 more, £600.00 in all",
        "no taper: £0.00 (earnings_two_years_before) is not above £50,270.00 (taper_from, in force from 2016-04-06, choice)",
        "rounded half up to the penny: £600.00 is whole",
        "it brings £10.00, £600.00 less the £590.00 that stood before this, effective on 2026-06-01",
    ]
    cap = next(line for line in one.lines if line.kind == "up_to")
    assert (cap.before, cap.after, cap.was, cap.became, cap.cut) == (128_033, 120_000, 118_000, 118_000, 8_033)
    assert one.texts()[-5:-1] == [
        *(text for text in one.texts() if text.startswith("Clause match_cap: Own money matched in a tax year, over all jobs. Source: ")),
        *(text for text in one.texts() if text.startswith("Clause match_rate: ")),
        *(text for text in one.texts() if text.startswith("Clause taper_from: ")),
        *(text for text in one.texts() if text.startswith("Clause taper_to: ")),
    ]  # fmt: skip


def test_rounding_shows_the_exact_figure_before() -> None:
    """A quarter of £666.66 is £166.665, and half a penny goes up."""
    (one,) = Story([(date.min, shipped(LISA))], GROWN, [paid("2024-04-10", "666.66", "x")]).reasons(
        "x", "government.bonus"
    )
    assert "£166.665 rounded half up to the penny: £166.67" in [line.text for line in one.lines]
    step = next(line for line in one.as_dict()["steps"] if line["step"] == "round")
    assert (step["before_minor"], step["after_minor"]) == ("33333/2", "16667")


def test_what_falls_due_together_names_the_others() -> None:
    """Three payments of one claim period: the day, why it is that day, the others, and the sum of all."""
    facts = [paid("2024-04-10", "666.66", "a"), paid("2024-04-11", "666.66", "x"), paid("2024-04-12", "666.66", "b")]
    (one,) = Story([(date.min, shipped(LISA))], GROWN, facts).reasons("x", "government.bonus")
    due = next(line.text for line in one.lines if line.kind == "due")
    assert due == (
        "it falls due on 2024-05-05, the last day of the claim period 2024-04-06 to 2024-05-05, £500.00 in all with the "
        "payment of 2024-04-10 and payment of 2024-04-12"
    )
    assert one.together == ("a", "x", "b")


def test_what_is_not_due_yet_says_when() -> None:
    """Looked at in the term, the bonus is nothing yet; on its last day it is there. Death brings it forward."""
    book = shipped(HTS)
    assert because(book, GROWN, [paid("2020-01-10", "50", "x")], "government.bonus", as_of="2021-12-30") == [
        "nothing yet, because the £25.00 of this fall due only on 2021-12-31, the last day of the term 2020-01-01 to 2021-12-31"
    ]
    (there,) = because(book, GROWN, [paid("2020-01-10", "50", "x")], "government.bonus", as_of="2021-12-31")
    assert there.endswith("due on 2021-12-31")
    died = [paid("2020-01-10", "50", "x"), Told("d", 0, "m", day("2021-03-04"), "died")]
    (one,) = Story([(date.min, book)], GROWN, died).reasons("x", "government.bonus")
    due = next(line.text for line in one.lines if line.kind == "due")
    assert due == "it falls due on 2021-03-04, for death brings it forward from 2021-12-31"


def test_a_refund_names_the_notice_and_its_window() -> None:
    """Opting out on the last day: what had been brought goes back, told with the pay and with the notice."""
    facts = [pay("2026-05-31", "1000", "x"), status("2026-06-29", "opted_out", "yes", "leaving")]
    story = Story([(date.min, shipped(LSA))], TWENTY, facts)
    gives, back = story.reasons("x", "government.match")
    assert (gives.amount_minor, back.amount_minor, back.outcome, back.notice) == (1500, -1500, "gives_back", "leaving")
    assert back.because == (
        "£15.00 goes back, all of what the pay of 2026-05-31 from ACME had brought: you left on 2026-06-29 (opted_out: the word "
        "of 2026-06-29 that opted out is yes), between 2026-05-31 and 2026-06-29, when leaving brings it back"
    )
    assert [one.because for one in story.reasons("leaving", "government.match")] == [back.because]
    assert (
        story.effect("leaving")
        == "you left with it: what comes after it counts as nothing, and what was given goes back"
    )


def test_a_notice_too_early_says_from_when_one_may_leave() -> None:
    """In Ireland a notice in the first six months is ignored, and says so."""
    facts = [pay("2026-01-31", "2000"), status("2026-03-01", "opted_out", "yes", "x")]
    effect = Story([(date.min, shipped(IE))], GROWN, facts).effect("x")
    assert effect.startswith(
        "it was ignored, for one may leave only from 2026-08-01 to 2026-09-30, from 2029-07-01 to "
    )


def test_what_a_cap_refuses_is_told() -> None:
    """Of £1,500.00 after £3,000.00, £500.00 is refused; told after it was taken off, it says so, too."""
    facts = [paid("2024-04-10", "3000"), paid("2024-06-10", "1500", "x")]
    (one,) = Story([(date.min, shipped(LISA))], GROWN, facts).reasons("x", "worker.payment")
    assert any(
        line.text.endswith("£500.00 of £4,500.00 is above it, and £500.00 of this is refused") for line in one.lines
    )
    taken_off = [facts[0], paid("2024-06-10", "1000", "x")]
    (one,) = Story([(date.min, shipped(LISA))], GROWN, taken_off, refused={"x": 50_000}).reasons("x", "worker.payment")
    sent_back = (
        "£500.00 more was sent and refused, beyond £4,000.00 (annual_limit, in force from 2017-04-06), and goes back"
    )
    assert sent_back in [line.text for line in one.lines]
    nothing_left = [paid("2024-04-10", "4000"), paid("2024-06-10", "0", "x")]
    (one,) = Story([(date.min, shipped(LISA))], GROWN, nothing_left, refused={"x": 50_000}).reasons(
        "x", "worker.payment"
    )
    assert (one.code, one.because) == (
        "refused",
        (
            "nothing, because all £500.00 of it was refused, beyond £4,000.00 (annual_limit, in force from 2017-04-06), and "
            "goes back to who sent it"
        ),
    )


def test_each_job_is_told_alone() -> None:
    """Two jobs, one of them below the trigger: the reason is that job's, while the other has its account."""
    facts = [pay("2025-06-30", "2000", "a", payer="ACME"), pay("2025-06-30", "500", "x", payer="SHOP")]
    story = Story([(date.min, shipped(AE))], GROWN, facts)
    assert [one.amount_minor for one in story.reasons("a", "employer.contribution")] == [4440]
    (one,) = story.reasons("x", "employer.contribution")
    assert "in this job" in one.because
    assert "£500.00 in this job is not above £833.00" in one.because


def test_a_status_speaks_for_its_months() -> None:
    """Caring from June on: a month each, and a month that a pay had already earned says so."""
    facts = [pay("2026-07-01", "100"), status("2026-06-20", "caring", "yes", "x")]
    story = Story([(date.min, shipped(LSA))], born("1990-01-01", "2026-04-06"), facts, as_of=day("2026-08-31"))
    told = story.reasons("x", "government.base")
    assert [(str(one.effective_on), one.amount_minor) for one in told] == [
        ("2026-06-20", 300), ("2026-07-01", 300), ("2026-08-01", 300),
    ]  # fmt: skip
    (pay_of_july,) = story.reasons("pay 2026-07-01 ACME", "government.base")
    assert pay_of_july.because.endswith("already, with the word of 2026-06-20 that caring is yes")


def test_how_the_account_opened_or_why_not() -> None:
    """The account's own sentence: by which fact and test it opened, or what the last fact lacked."""
    book = shipped(AE)
    assert Story([(date.min, book)], GROWN, [pay("2025-06-30", "2000")]).account() == (
        "your account opened on 2025-06-30, with the pay of 2025-06-30 from ACME: your age of 35 on 2025-06-30 is at least 22 "
        "and is below 68 (state_pension_age, in force from 2019-04-06, recalled) and your pay of £2,000.00 in this job is "
        "above £833.00 (trigger, in force from 2022-04-06)"
    )
    assert Story([(date.min, book)], GROWN, [pay("2025-06-30", "800")]).account() == (
        "no account is open for you. The last that was paid was the pay of 2025-06-30 from ACME: this pay opens none, for "
        "your pay of £800.00 in this job is not above £833.00 (trigger, in force from 2022-04-06)"
    )
    assert Story([(date.min, book)], GROWN, []).account() == (
        "no account is open for you, and nothing was paid by you or for you"
    )


OWN = """
name: own
title: A scheme of our own
description: Steps that no shipped scheme has, for this test.
currency: GBP
windows: {year: {description: The calendar year., every: year, starts: 01-01}}
values:
  least: {description: The least a year is worth., unit: money, source: this test, dated: {2026-01-01: "20"}}
attributes: {choice: {description: A rate of one's own., kind: percent}}
membership: {description: First payment., first_payment_opens: true, source: this test}
rules:
  tiered:
    description: By tiers, nothing above £100.
    party: government
    of: paid.worker
    steps: [total: {over: year, per: job}, tiers: [{up_to: "100", rate: 10%}, {rate: "0"}], round: half_up penny]
    source: this test
  floored:
    description: What is paid in a year, at least £20.
    party: government
    of: paid.worker
    steps: [total: year, at_least: least]
    source: this test
  beyond:
    description: What is paid in a year beyond £50.
    party: government
    of: paid.worker
    steps: [total: year, less: "50"]
    source: this test
"""


@pytest.mark.parametrize(
    ("rule", "payments", "why"),
    [
        ("tiered", ["80"], "by tiers (10% up to £100.00)"),
        ("tiered", ["100", "100"], "nothing, because its slice of the tiers (10% up to £100.00, then 0%) gives nothing: £200.00 gives £10.00"),
        ("floored", ["8"], "raised to £20.00 (least, in force from 2026-01-01)"),
        ("floored", ["4", "5"], ("nothing, because £20.00 (least, in force from 2026-01-01) is given at least and was given already, "
                                "and £9.00 is not above it")),
        ("beyond", ["30", "10"], ("nothing, because the total of the year 2026-01-01 to 2026-12-31, £40.00, is not above £50.00, and "
                                 "only what is above it counts")),
        ("beyond", ["60"], "less £50.00"),
    ],
)  # fmt: skip
def test_steps_that_no_shipped_scheme_takes(rule: str, payments: list[str], why: str) -> None:
    """Tiers, a floor and a limit on a running total say what they did, and what they left nothing of."""
    book, faults = parse_rulebook(OWN, "own.yaml")
    assert book is not None, faults
    facts = [paid(f"2026-02-0{nth}", pounds) for nth, pounds in enumerate(payments, 1)]
    assert because(book, GROWN, facts, rule, facts[-1].ref) == [why]


def test_a_day_that_nobody_told_has_its_reason() -> None:
    """A birthday and a fixed day bring credits: each says its day, and one that brings nothing which test failed."""
    story = Story([(date.min, shipped(SKF))], born("1990-06-15"), [], as_of=day("2024-06-01"))
    told = {(one.rule, one.day_in_words): one for one in story.of_no_fact()}
    launch = told["government.opening_credit", "day 2016-01-01 (launch)"]
    assert (launch.amount_minor, launch.because) == (50_000, "S$500.00 (opening_credit, in force from 2016-01-01)")
    birthday = told["government.opening_credit", "day 2015-06-15 (twenty fifth birthday)"]
    assert birthday.because == "nothing, because at_25 is asked for, and the day 2015-06-15 is before 2016-01-01"
    career = told["government.mid_career_credit", "day 2024-05-01 (mid career launch)"]
    assert career.because == "nothing, because at_40 is asked for, and your age of 33 on 2024-05-01 is below 40"


def test_what_is_counted_is_said_without_a_currency() -> None:
    """Hours of a year and withdrawals are counted; the share of a full year's right is money."""
    hours = replace(pay("2023-12-31", "", "h", frequency=""), hours=40_000)
    story = Story([(date.min, shipped(MCF))], born("1990-06-15", "2018-12-01"), [hours], as_of=day("2024-12-31"))
    (one,) = [one for one in story.of_no_fact() if one.amount_minor]
    assert one.because.startswith(
        "400 (hours_last_year); as much of €500.00 (yearly_right, in force from 2019-01-01) as "
    )
    facts = [
        paid("2011-04-06", "1000"),
        *(replace(out(f"2012-0{month}-01", "1"), ref=f"w{month}") for month in range(5, 10)),
    ]
    story = Story([(date.min, shipped(IPPR))], born("1980-06-15", "2011-04-06"), facts, as_of=day("2013-12-31"))
    last = list(story.of_no_fact())[-1]
    assert last.because == "nothing, because few_withdrawals is asked for, and withdrawals last year, 5, is above 4"


# It is the rule that speaks


def changed(name: str, old: str, new: str) -> Rulebook:
    """A shipped rulebook with one text changed."""
    text = rulebook_text(name)[0]
    assert text.count(old) == 1, text.count(old)
    rulebook, faults = parse_rulebook(text.replace(old, new), f"{name}.yaml")
    assert rulebook is not None
    assert faults == []
    return rulebook


@pytest.mark.parametrize(
    ("scheme", "old", "new", "facts", "rule", "said", "then"),
    [
        (LSA, '{2016-04-06: "1200"}', '{2026-04-06: "900"}', [paid("2026-05-01", "1000"), paid("2026-06-01", "5", "x")],
         "government.match", "50% (match_rate, in force from 2016-04-06, choice) of £5.00",
         ("nothing, because the cap of £900.00 (match_cap, in force from 2026-04-06, choice) was used up already: the total of "
         "the tax year 2026-04-06 to 2027-04-05 stood at £1,000.00 before this, and had reached it with the payment of 2026-05-01")),
        (LSA, "{2016-04-06: 50p per £1}", "{2025-01-01: 40p per £1}", [paid("2026-05-01", "10", "x")], "government.match",
         "50% (match_rate, in force from 2016-04-06, choice) of £10.00",
         "40% (match_rate, in force from 2025-01-01, choice) of £10.00"),
        (LSA, 'dated: {2016-04-06: "16"}', 'dated: {2016-04-06: "18"}', [pay("2023-05-31", "100", "x")], "worker.contribution",
         "3% (worker_share, in force from 2016-04-06, choice) of £100.00",
         ("nothing, because no account is open for you: you may not join, for your age of 17 on 2023-05-31, the day of joining, "
         "is below 18 (opening_age, in force from 2016-04-06, choice)")),
        (LISA, '- {what: age_at_joining, at_least: "18"}', '- {what: age_at_joining, at_least: "17"}', [paid("2023-05-31", "100", "x")],
         "worker.payment", ("nothing, because no account is open for you: you may not join, for your age of 17 on 2023-05-31, the "
         "day of joining, is below 18"), "all of £100.00 (what you pay in yourself)"),
    ],
)  # fmt: skip
def test_change_the_rule_and_the_sentence_changes(
    scheme: str, old: str, new: str, facts: list[Told], rule: str, said: str, then: str
) -> None:
    """A changed figure, day or test of the rulebook is in the sentence, for the sentence is made of the rule that ran."""
    assert because(shipped(scheme), TWENTY, facts, rule) == [said]
    assert because(changed(scheme, old, new), TWENTY, facts, rule) == [then]


def test_each_version_speaks_for_its_own_days() -> None:
    """Under two versions a fact is explained by the one in force on its day, and before the first by none."""
    versions = [(day("2026-01-01"), shipped(LSA)), (day("2026-07-01"), changed(LSA, "50p per £1", "60p per £1"))]
    facts = [paid("2025-12-01", "1", "early"), paid("2026-06-30", "10", "x"), paid("2026-07-01", "10", "y")]
    story = Story(versions, GROWN, facts)
    told = {ref: story.reasons(ref, "government.match")[0] for ref in ("early", "x", "y")}
    assert told["early"].because == "nothing, because the rulebook is in force only from 2026-01-01"
    assert told["x"].because.startswith("50% (match_rate")
    assert told["y"].because.startswith("60% (match_rate")
    owed = replay_versions(versions, GROWN, facts).owed
    assert sum(one.amount_minor for one in told.values()) == sum(
        one.amount_minor for one in owed if one.rule == "government.match"
    )


def steps_shipped() -> Iterator[type]:
    """The kinds of steps that shipped rulebooks take."""
    for name in shipped_names():
        book = shipped(name)
        for term in [*book.amounts.values(), *book.rules.values()]:
            yield from (type(step) for step in term.steps)


def test_every_step_that_is_shipped_has_its_words() -> None:
    """A step of the language that a shipped rulebook takes is told in words of its own."""
    assert {step.__name__ for step in steps_shipped()} <= {step.__name__ for step in stepwise._TELLINGS}


def test_a_step_without_words_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that is new to the language still says its name, its figures and what it did."""
    monkeypatch.setattr(stepwise, "_TELLINGS", {})
    facts = [paid("2026-05-01", "1200"), paid("2026-06-01", "50", "x")]
    assert because(shipped(LSA), GROWN, facts, "government.match") == [
        (
            "nothing, because nothing is left of it by the step up to, £1,200.00 (match_cap, in force from 2016-04-06, choice): "
            "£1,250.00 becomes £1,200.00"
        )
    ]


# Without a database


def write(file: Path, rows: list[dict[str, str]]) -> Path:
    """Rows as a CSV file."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two people with pay, one of which another row replaces."""
    people = write(
        tmp_path / "p.csv", [{"member": "ann", "born": "1990-01-01"}, {"member": "bob", "born": "2010-01-01"}]
    )
    month = {"kind": "pay", "payer": "acme", "frequency": "month"}
    facts = write(
        tmp_path / "f.csv",
        [
            month | {"ref": "a", "member": "ann", "on": "2025-05-31", "earnings": "900.00"},
            month | {"ref": "b", "member": "ann", "on": "2025-05-31", "earnings": "2000.00", "replaces": "a"},
            month | {"ref": "c", "member": "bob", "on": "2025-05-31", "earnings": "2000.00"},
        ],
    )
    return ["entitle", AE, "--people", str(people), "--facts", str(facts)]


def test_entitle_says_why_with_ref_and_line(files: list[str]) -> None:
    """--why answers for each fact and rule of the two files, by ref and line; --member, --fact and --rule narrow it."""
    result = CliRunner().invoke(app, [*files, "--why", "--json"])
    assert result.exit_code == 0
    members = {one["member"]: one for one in json.loads(result.stdout)}
    assert [len(one["answers"]) for one in members.values()] == [3, 3]
    ann = members["ann"]["answers"][0]
    assert (ann["rule"], ann["amount_minor"], ann["fact"]["ref"], ann["fact"]["line"]) == (
        "worker.contribution",
        5920,
        "b",
        3,
    )
    assert ann["lines"][0] == "Because of the pay of 2025-05-31 from acme (b, f.csv:3)."
    assert ann["notes"] == ["It stands in the place of a, line 2."]
    assert {one["name"] for one in ann["clauses"]} == {"upper", "lower", "employee_rate", "net_share"}
    assert members["bob"]["answers"][0]["code"] == "not_open"
    asked = CliRunner().invoke(
        app, [*files, "--why", "--member", "ann", "--fact", "a", "--rule", "government.relief", "--json"]
    )
    (one,) = json.loads(asked.stdout)
    assert [(answer["fact"]["ref"], answer["amount_minor"]) for answer in one["answers"]] == [("b", 1480)]
    text = CliRunner().invoke(app, [*files, "--why"]).stdout
    assert "no account is open for you in this job" in " ".join(text.split())


@pytest.mark.parametrize(
    "more",
    [["--member", "ann"], ["--why", "--member", "eve"], ["--why", "--fact", "z"], ["--why", "--rule", "no.such"]],
)
def test_what_cannot_be_asked_is_misuse(files: list[str], more: list[str]) -> None:
    """An unknown member, fact or rule, and a narrowing without --why, end with 2."""
    assert CliRunner().invoke(app, [*files, *more]).exit_code == 2
