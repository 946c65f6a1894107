"""Claims and their chains: what holds of every stream of claims, what a rulebook may not say, what a file may not."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lifepot.claiming.deadlines import oldest_end, timing_of
from lifepot.claiming.ladder import Register, answer_all
from lifepot.claiming.message import Answer, Message
from lifepot.claiming.reader import COLUMNS, read_claims
from lifepot.cli import app
from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.described import describe
from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped
from lifepot.rulebook.scalars import parse_span
from lifepot.rulebook.terms import Rulebook

LISA = shipped("uk-lifetime-isa")
BOUNDED = settings(max_examples=120, deadline=None)

SMALL = """\
name: small
title: Small
description: A small scheme.
currency: GBP
windows:
  year: {description: A year., every: year, starts: 07-01}
  period: {description: From the 20th., every: month, starts: "20"}
values:
  cap: {description: Cap., unit: money, source: Ours., dated: {2020-01-01: "100", 2024-01-01: "200", 2025-01-01: none}}
  table: {description: T., unit: money, by: born, source: Ours., dated: {2020-01-01: {1900-01-01: "1"}}}
membership: {description: Anybody., source: Ours.}
rules:
  government.match:
    description: The match.
    party: government
    of: pay.earnings
    due: {at_end_of: period}
    source: Ours.
claims:
  match:
    description: The match of a period.
    rules: [government.match]
    period: period
    claim_within_days: "10"
    late: refused
    correct_within: 6y 14d
    fields:
      worked: {description: Worked., kind: yes_no}
      paid: {description: Paid., kind: money, rounded: half_even pound}
      letter: {description: Letter., kind: day}
    reasons:
      Regular: {}
      Again: {supersedes: may, needs: {letter: {code: NO_LETTER}}}
    corrections:
      more: {result: new_less_original}
      back: {result: minus_recovered}
    recovered_whole_when: worked
    refusals:
      - when: [{what: amount, above: cap}]
        unless: [{what: reason, is: Again}]
        says: {code: TOO_MUCH, status: "422"}
      - when: [{what: letter, at_least: period_end}, {what: worked, is: "no", unknown: passes}]
        says: {code: LATE_LETTER}
    says:
      created: {message: Taken., status: "200"}
    source: Ours.
"""
"""A claim of every term. The tests below change a word of it."""

FAULTS = {
    "no such rule": ("rules: [government.match]", "rules: [government.mtach]", "22:13: claims.match.rules.0: government.mtach; expected one of the rules: government.match"),
    "rule of another window": ("    period: period\n", "    period: year\n", "22:13: claims.match.rules.0: government.match, which falls due at the end of period; expected a rule that falls due with year"),
    "no such window": ("    period: period\n", "    period: fortnight\n", "23:13: claims.match.period: fortnight; expected one of the windows"),
    "window without ends": ("    period: period\n", "    period: account\n", "23:13: claims.match.period: account, which ends with the account"),
    "window of each pay": ("    period: period\n", "    period: pay_period\n", "23:13: claims.match.period: pay_period; expected one of the windows: account, month, year, period"),
    "no period": ("    period: period\n", "", "20:3: claims.match.period: nothing; expected `period`, which is required"),
    "days that are none": ('claim_within_days: "10"', "claim_within_days: ten", "24:24: claims.match.claim_within_days: 'ten'; expected a whole number"),
    "no length of time": ("6y 14d", "6 years", "26:21: claims.match.correct_within: '6 years'; expected a length of time such as 6y 14d"),
    "late refused of nothing": ('    claim_within_days: "10"\n', "", "24:11: claims.match.late: late claims refused without a deadline"),
    "late by another word": ("late: refused", "late: never", "25:11: claims.match.late: 'never'; expected paid_with_period_made or refused"),
    "first day": ("late: refused", "first_day: soon", "25:16: claims.match.first_day: 'soon'; expected a date"),
    "field of another kind": ("kind: yes_no}", "kind: maybe}", "28:44: claims.match.fields.worked.kind: 'maybe'; expected money, day, yes_no or word"),
    "field that all have": ("      paid: {", "      amount: {", "29:7: claims.match.fields.amount: amount, which every claim says"),
    "rounding": ("half_even pound", "half_even stone", "29:56: claims.match.fields.paid.rounded: 'half_even stone'; expected a rounding"),
    "rounding of a day": ("kind: day}", "kind: day, rounded: down pound}", "30:58: claims.match.fields.letter.rounded: `rounded` of a day; expected `kind: money`"),
    "need of no field": ("needs: {letter:", "needs: {lettre:", "33:40: claims.match.reasons.Again.needs.lettre: lettre; expected one of the fields: worked, paid, letter"),
    "reason with no correction": ("    corrections:\n      more: {result: new_less_original}\n      back: {result: minus_recovered}\n", "", "33:27: claims.match.reasons.Again.supersedes: a reason that may supersede, with no correction"),
    "correction for no reason": ("supersedes: may, ", "", "34:5: claims.match.corrections: corrections that no reason allows"),
    "correction of another result": ("minus_recovered", "half", "36:22: claims.match.corrections.back.result: 'half'; expected new_less_original or minus_recovered"),
    "recovered by no field": ("recovered_whole_when: worked", "recovered_whole_when: paid", "37:27: claims.match.recovered_whole_when: paid; expected one of the fields of kind yes_no: worked"),
    "test of nothing": ("{what: amount, above: cap}", "{what: amount}", "39:16: claims.match.refusals.0.when.0: no comparison"),
    "no tests": ("[{what: amount, above: cap}]", "[]", "39:9: claims.match.refusals.0.when: an empty list; expected at least one"),
    "test of no field": ("{what: amount, ", "{what: amuont, ", "39:23: claims.match.refusals.0.when.0.what: amuont; expected one of the fields, or what all claims say: id"),
    "no such value": ("above: cap", "above: cup", "39:38: claims.match.refusals.0.when.0.above: cup; expected one of the values"),
    "value that is a table": ("above: cap", "above: table", "39:38: claims.match.refusals.0.when.0.above: table, a table; expected an amount, or a value that has"),
    "amount against a day": ("above: cap", "above: letter", "39:38: claims.match.refusals.0.when.0.above: letter, of kind day; expected an amount"),
    "no such reason": ("is: Again", "is: Never", "40:37: claims.match.refusals.0.unless.0.is: Never; expected one of the reasons: Regular, Again"),
    "more than a word": ("is: Again", "above: Again", "40:40: claims.match.refusals.0.unless.0.above: above of a word; expected `is`"),
    "neither yes nor no": ('is: "no", unknown', "is: seldom, unknown", "42:73: claims.match.refusals.1.when.1.is: 'seldom'; expected yes or no"),
    "refused without words": ("\n        says: {code: LATE_LETTER}", "", "42:9: claims.match.refusals.1.says: nothing; expected `says`, which is required"),
    "status": ('status: "200"', 'status: "20"', "45:42: claims.match.says.created.status: 20; expected a status from 100 to 599"),
    "status of a refusal": ('status: "422"', 'status: "so"', "41:40: claims.match.refusals.0.says.status: 'so'; expected a whole number"),
    "status of a need": ("{code: NO_LETTER}", '{code: NO_LETTER, status: "1000"}', "33:74: claims.match.reasons.Again.needs.letter.status: 1000; expected a status"),
    "no such outcome": ("      created: {", "      crated: {", "45:7: claims.match.says.crated: `crated`, which is no term here; expected `created`?"),
}  # fmt: skip


def small(old: str = "", new: str = "") -> tuple[Rulebook | None, list[str]]:
    """The small rulebook with one thing changed, and its faults."""
    assert old in SMALL
    rulebook, faults = parse_rulebook(SMALL.replace(old, new, 1) if old else SMALL, "small.yaml")
    return rulebook, [str(fault) for fault in faults]


def book_of(text: str) -> Rulebook:
    """A rulebook that has no fault."""
    rulebook, faults = parse_rulebook(text, "book.yaml")
    assert faults == []
    assert rulebook is not None
    return rulebook


@pytest.mark.parametrize(("old", "new", "expected"), [pytest.param(*row, id=name) for name, row in FAULTS.items()])
def test_nonsense_is_refused(old: str, new: str, expected: str) -> None:
    """One thing wrong in a section of claims brings one fault, at its place, with what would be right."""
    _, (fault,) = small(old, new)
    assert fault.startswith(f"small.yaml:{expected}"), fault


def test_a_return_corrects_and_recovers_nothing() -> None:
    """A claim for no rule's entitlement is a return: what is about money owed has no place in it, each is a fault."""
    _, faults = small("    rules: [government.match]\n", '    paid_within_days: "3"\n')
    wrong = [fault.split(": ")[1] for fault in faults]
    assert wrong == [
        "claims.match.paid_within_days",
        "claims.match.corrections",
        "claims.match.recovered_whole_when",
        "claims.match.refusals.0.when.0.what",
    ]


def test_the_small_rulebook_is_right() -> None:
    """What the faults are made from has none, and its claims are described in words."""
    rulebook, faults = small()
    assert faults == []
    assert rulebook is not None
    text = describe(rulebook)
    assert "match: The match of a period." in text
    assert "within 10 days" in text


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [("6y 14d", 72, 14), ("14d", 0, 14), ("1y 6m", 18, 0), ("18m", 18, 0), ("1y 2m 3d", 14, 3), ("6y", 72, 0)],
)
def test_length_of_time(text: str, months: int, days: int) -> None:
    """Years, months and days, in that order, some of them."""
    assert parse_span(text) == (months, days)


@pytest.mark.parametrize("text", ["", " ", "6", "6y14d", "6y  14d", " 14d", "14d 6y", "y", "6y ", "-6y", "6.5y"])
def test_no_length_of_time(text: str) -> None:
    """Anything else is none."""
    with pytest.raises(ValueError, match="is not a length of time such as 6y 14d"):
        parse_span(text)


@pytest.mark.parametrize(
    ("made_on", "oldest"),
    [
        ("2024-05-19", "2018-05-05"),
        ("2024-02-29", "2018-02-14"),
        ("2020-03-05", "2014-02-19"),
        ("2026-03-05", "2020-02-20"),
    ],
)
def test_years_are_taken_off_before_days(made_on: str, oldest: str) -> None:
    """Six years and fourteen days before 5 March 2020 is 19 February 2014; days first it would be the 20th."""
    assert format_day(oldest_end(LISA.claims["bonus"], parse_day(made_on)) or 0) == oldest


# ---------------------------------------------------------------------------------------------------- one message


def claim(**said: object) -> Message:
    """A bonus claim for April 2024 that is accepted in time, but for what is said otherwise."""
    words: dict[str, object] = {
        "id": "1", "account": "a", "kind": "bonus", "made_on": "2024-05-10", "period_start": "2024-04-06",
        "period_end": "2024-05-05", "reason": "Regular Bonus", "amount_minor": 25_000,
        "fields": {"new_subs": 100_000, "new_subs_ytd": 100_000},
    }  # fmt: skip
    words |= said
    for name in ("made_on", "period_start", "period_end", "opened_on"):
        if isinstance(words.get(name), str):
            words[name] = parse_day(str(words[name]))
    return Message(**words)  # type: ignore[arg-type]


def of_small(**said: object) -> Message:
    """A claim of the small rulebook that is accepted, but for what is said otherwise."""
    plain: dict[str, object] = {
        "kind": "match", "period_start": "2024-04-20", "period_end": "2024-05-19", "reason": "Regular",
        "made_on": "2024-05-20", "amount_minor": 20_000, "fields": {},
    }  # fmt: skip
    return claim(**(plain | said))


def codes(book: Rulebook, *messages: Message) -> list[str | None]:
    """The code of each answer."""
    return [one.code for one in answer_all(book, messages)]


def test_a_hard_deadline() -> None:
    """Where late claims are refused, the last day is the tenth after the period's end."""
    book = book_of(SMALL)
    assert codes(book, of_small(made_on="2024-05-29")) == [None]
    assert codes(book, of_small(made_on="2024-05-30")) == ["too_late"]
    again = of_small(
        id="2", made_on="2024-05-30", reason="Again", supersedes="1", correction="more", fields={"letter": 0}
    )
    assert codes(book, of_small(), again) == [None, None]


def test_the_first_years_deadline() -> None:
    """Where a rule fell due at a later window's end, so do claims for periods that end by then, that day included."""
    due = "    due: {at_end_of: period, earlier: {until: 2024-05-19, at_end_of: year}}\n"
    book = book_of(SMALL.replace("    due: {at_end_of: period}\n", due))
    assert codes(book, of_small(made_on="2024-07-10")) == [None]
    assert codes(book, of_small(made_on="2024-07-11")) == ["too_late"]
    after = {"period_start": "2024-05-20", "period_end": "2024-06-19"}
    assert codes(book, of_small(made_on="2024-06-29", **after)) == [None]
    assert codes(book, of_small(made_on="2024-06-30", **after)) == ["too_late"]


def test_a_correction_is_never_late() -> None:
    """It is paid with the period in which it is made, as a late claim would be, and is not called late."""
    correct = claim(
        id="2", made_on="2024-07-01", reason="Superseded Bonus", supersedes="1", correction="Additional bonus",
        original_minor=25_000, amount_minor=30_000,
    )  # fmt: skip
    first, second = answer_all(LISA, [claim(), correct])
    assert (first.late, second.late, second.message) == (False, False, "Bonus transaction superseded")
    assert format_day(second.pay_by or 0) == "2024-08-02"
    says_less = replace(correct, id="3", original_minor=None)
    third = answer_all(LISA, [claim(), correct, says_less])[-1]
    assert (third.outcome, third.superseding_id) == ("refused", "2")


def test_a_value_is_that_of_the_periods_end() -> None:
    """An amount is held against a dated value on the last day of its period; where it has none, the test fails."""
    book = book_of(SMALL)
    assert codes(book, of_small(amount_minor=20_000)) == [None]
    assert codes(book, of_small(amount_minor=20_001)) == ["TOO_MUCH"]
    earlier = {"period_start": "2023-11-20", "period_end": "2023-12-19", "made_on": "2023-12-20"}
    assert codes(book, of_small(amount_minor=10_001, **earlier)) == ["TOO_MUCH"]
    across = {"period_start": "2023-12-20", "period_end": "2024-01-19", "made_on": "2024-01-20"}
    assert codes(book, of_small(amount_minor=20_000, **across)) == [None]
    none = {"period_start": "2024-12-20", "period_end": "2025-01-19", "made_on": "2025-01-20"}
    assert codes(book, of_small(amount_minor=10**9, **none)) == [None]
    letter = {"reason": "Again", "fields": {"letter": 0}}
    assert codes(book, of_small(amount_minor=20_001, **letter)) == [None]


def test_a_test_of_what_was_not_said() -> None:
    """It fails, or passes where it says so; a field may be held against another."""
    book = book_of(SMALL)
    end = parse_day("2024-05-19")
    fields: list[tuple[dict[str, int], str | None]] = [
        ({}, None),
        ({"letter": end - 1}, None),
        ({"letter": end}, "LATE_LETTER"),
        ({"letter": end, "worked": 0}, "LATE_LETTER"),
        ({"letter": end, "worked": 1}, None),
    ]
    for said, code in fields:
        assert codes(book, of_small(fields=said)) == [code]


@pytest.mark.parametrize(
    ("how", "minor", "reported"),
    [
        ("half_even pound", 150, 200),
        ("half_even pound", 250, 200),
        ("half_even pound", 251, 300),
        ("half_up pound", 250, 300),
        ("half_up pound", 249, 200),
        ("down pound", 299, 200),
        ("up pound", 201, 300),
        ("up pound", 200, 200),
        ("half_up penny", 251, 251),
    ],
)
def test_rounded_fields_are_reported(how: str, minor: int, reported: int) -> None:
    """A field that is rounded is answered as it is reported."""
    book = book_of(SMALL.replace("half_even pound", how))
    (one,) = answer_all(book, [of_small(fields={"paid": minor})])
    assert one.reported_minor == {"paid": reported}


def test_words_of_the_rulebook_and_plain_ones() -> None:
    """What the rulebook has no words for is answered with the outcome's own name and a sentence."""
    book = book_of(SMALL)
    created, refused, needs = answer_all(
        book, [of_small(), of_small(id="2", account="b", reason="Other"), of_small(id="3", account="c", reason="Again")]
    )
    assert (created.code, created.message, created.status) == (None, "Taken.", 200)
    assert (refused.code, refused.message, refused.status) == ("reason", "There is no such reason for a claim.", None)
    assert (needs.code, needs.message) == ("NO_LETTER", "A claim for this reason says more than this one does.")


def test_one_ladder() -> None:
    """A claim with everything wrong is refused for the lowest rung; put right rung by rung, for the next."""
    other = claim(id="0", account="b", reason="Regular Bonus")
    superseded = [
        claim(id="8"),
        claim(id="9", reason="Superseded Bonus", supersedes="8", correction="Additional bonus", amount_minor=30_000),
    ]
    wrong = {
        "id": "0", "reason": "Other", "made_on": "2030-06-01", "period_end": "2024-05-04", "supersedes": "8",
        "original_minor": 1, "correction": "More", "result_minor": 7,
    }  # fmt: skip
    right: list[tuple[dict[str, object], str]] = [
        ({}, "BONUS_CLAIM_ALREADY_EXISTS"),
        ({"id": "7"}, "reason"),
        ({"reason": "Life Event"}, "LIFE_EVENT_NOT_PROVIDED"),
        ({"reason": "Regular Bonus"}, "SUPERSEDE_NOT_ALLOWED"),
        ({"reason": "Superseded Bonus"}, "INVALID_DATE"),
        ({"period_end": "2024-05-05"}, "BONUS_CLAIM_TIMESCALES_EXCEEDED"),
        ({"made_on": "2024-06-01"}, "BONUS_CLAIM_ALREADY_SUPERSEDED"),
        ({"supersedes": "9"}, "SUPERSEDED_BONUS_CLAIM_AMOUNT_MISMATCH"),
        ({"original_minor": 30_000}, "correction"),
        ({"correction": "Additional bonus"}, "SUPERSEDED_BONUS_REQUEST_OUTCOME_ERROR"),
    ]
    for put_right, code in right:
        wrong |= put_right
        assert answer_all(LISA, [other, *superseded, claim(**wrong)])[-1].code == code
    assert answer_all(LISA, [other, *superseded, claim(**wrong | {"result_minor": -5_000})])[-1].outcome == "accepted"


# ------------------------------------------------------------------------------------------------- other schemes


def test_a_monthly_claim_by_the_funder_of_the_lifetime_savings_account() -> None:
    """All that government owes for a calendar month, asked for in ten days and paid in five."""
    rules = "[government.match, government.base, government.profit]"
    book = book_of(
        rulebook_text("lifetime-savings-account")[0]
        + f"claims:\n  month: {{description: M., rules: {rules}, period: month, claim_within_days: '10', "
        "paid_within_days: '5', corrections: {corrected: {result: new_less_original}}, source: Ours.}\n"
    )
    month = {"kind": "month", "reason": "", "period_start": "2024-02-01", "period_end": "2024-02-29", "fields": {}}
    first = claim(made_on="2024-03-10", **month)
    second = claim(id="2", made_on="2024-03-11", amount_minor=20_000, supersedes="1", correction="corrected", **month)
    one, other = answer_all(book, [first, second])
    assert (format_day(one.due_on or 0), format_day(one.pay_by or 0), one.late) == ("2024-03-10", "2024-03-15", False)
    assert (other.result_minor, other.stands_minor, format_day(other.pay_by or 0)) == (-5_000, 20_000, "2024-04-15")


def test_a_bonus_report_of_help_to_save() -> None:
    """A term that begins with the month of opening needs the day of opening; there are two of them."""
    book = book_of(
        rulebook_text("uk-help-to-save")[0]
        + "claims:\n  bonus: {description: B., rules: [government.bonus], period: term, claim_within_days: '0', "
        "paid_within_days: '21', source: Ours.}\n"
    )
    plain: dict[str, object] = {"reason": "", "fields": {}, "opened_on": "2020-01-15"}
    terms = [("2020-01-01", "2021-12-31"), ("2022-01-01", "2023-12-31"), ("2024-01-01", "2025-12-31")]
    told = [claim(id=start, period_start=start, period_end=end, made_on=end, **plain) for start, end in terms] + [
        claim(id="x", period_start="2020-01-15", period_end="2022-01-14", made_on="2022-01-14", **plain)
    ]
    found = answer_all(book, told)
    assert [one.outcome for one in found] == ["accepted", "accepted", "refused", "refused"]
    assert [format_day(one.pay_by or 0) for one in found[:2]] == ["2022-01-21", "2024-01-21"]
    late = claim(id="l", period_start="2022-01-01", period_end="2023-12-31", made_on="2024-01-01", **plain)
    (one,) = answer_all(book, [late])
    assert (one.outcome, one.late, one.pay_by) == ("accepted", True, None)


def test_a_yearly_claim() -> None:
    """A provider's claim for a year from July to June, with no deadline: paid so many days after it is made."""
    book = book_of(
        SMALL.replace("    due: {at_end_of: period}\n", "")
        .replace("    period: period\n", "    period: year\n")
        .replace('    claim_within_days: "10"\n    late: refused\n', '    paid_within_days: "30"\n')
    )
    told = of_small(period_start="2023-07-01", period_end="2024-06-30", made_on="2024-07-10")
    (one,) = answer_all(book, [told])
    assert (one.outcome, one.due_on, one.late, format_day(one.pay_by or 0)) == ("accepted", None, False, "2024-08-09")


# ----------------------------------------------------------------------------------------------------- properties

PERIODS = [("2024-03-06", "2024-04-05"), ("2024-04-06", "2024-05-05"), ("2024-04-06", "2024-06-05")]
MINOR = st.sampled_from([0, 1, 12_500, 25_000, 50_000, 100_000])
MAYBE = st.none() | MINOR
IDS = st.sampled_from(["1", "2", "3", "4", "5"])
CORRECTIONS = ["Additional bonus", "Bonus recovery", "Additional withdrawal", "Withdrawal refund", "Other", ""]


@st.composite
def wild(draw: st.DrawFn) -> Message:
    """A message of few words, so that much of what it says is wrong, and much is what another says."""
    kind = draw(st.sampled_from(["bonus", "bonus", "withdrawal_charge", "annual_return"]))
    start, end = draw(st.sampled_from(PERIODS))
    reasons = [*LISA.claims[kind].reasons, "", "Other"]
    names = [name for name, one in LISA.claims[kind].fields.items() if one.kind == "money"]
    return claim(
        id=draw(IDS), account=draw(st.sampled_from("ab")), kind=kind, period_start=start, period_end=end,
        made_on=draw(st.sampled_from(["2024-04-01", "2024-05-19", "2024-07-01", "2031-01-01"])),
        reason=draw(st.sampled_from(reasons)), amount_minor=draw(MINOR if kind != "annual_return" else st.none()),
        supersedes=draw(IDS | st.just("")), original_minor=draw(MAYBE), correction=draw(st.sampled_from(CORRECTIONS)),
        result_minor=draw(st.none() | st.sampled_from([-25_000, 25_000])), recovered_minor=draw(MAYBE),
        fields=draw(st.dictionaries(st.sampled_from(names), MINOR, max_size=4)),
    )  # fmt: skip


@st.composite
def orderly(draw: st.DrawFn) -> list[Message]:
    """A stream in which each claim is new, corrects what an earlier one left, repeats one, or contradicts one."""
    told: list[Message] = []
    standing: dict[str, int] = {}
    for number in range(draw(st.integers(1, 12))):
        heads = [one for one in told if one.id in standing and one.id not in {other.supersedes for other in told}]
        does = draw(st.sampled_from(["new", "correct", "correct", "recover", "repeat", "contradict"]))
        name = f"n{number}"
        if does == "repeat" and told:
            told.append(replace(draw(st.sampled_from(told)), id=name))
            continue
        if does == "new" or not heads:
            amount = draw(st.integers(1, 100_000))
            told.append(claim(id=name, account=name, amount_minor=amount))
            standing[name] = amount
            continue
        head = draw(st.sampled_from(heads))
        stood = standing[head.id]
        correct = replace(
            head, id=name, reason="Superseded Bonus", supersedes=head.id, original_minor=stood,
            correction="Additional bonus", amount_minor=draw(st.integers(1, 100_000)), result_minor=None,
            recovered_minor=None,
        )  # fmt: skip
        if does == "recover" and stood:
            back = draw(st.integers(1, stood))
            correct = replace(correct, correction="Bonus recovery", amount_minor=stood - back, recovered_minor=back)
        if does == "contradict":
            correct = replace(correct, original_minor=stood + 1)
        elif draw(st.booleans()):
            assert correct.amount_minor is not None
            correct = replace(correct, result_minor=correct.amount_minor - stood)
        told.append(correct)
        if does != "contradict":
            assert correct.amount_minor is not None
            standing[name] = correct.amount_minor
    return told


def chains(messages: Iterable[Message], answers: Iterable[Answer]) -> list[list[Answer]]:
    """The accepted claims of each chain, in order."""
    found: dict[str, list[Answer]] = {}
    for message, one in zip(messages, answers, strict=True):
        if one.outcome == "accepted":
            found[message.id] = [*found.pop(message.supersedes, []), one]
    return list(found.values())


@BOUNDED
@given(st.lists(wild(), max_size=14) | orderly())
def test_whatever_is_said_is_answered(messages: list[Message]) -> None:
    """No order and no nonsense raises; what is refused says why; no id is taken and no claim superseded twice."""
    answers = answer_all(LISA, messages)
    assert len(answers) == len(messages)
    for one in answers:
        assert (one.outcome == "refused") == bool(one.problems)
        assert json.loads(json.dumps(one.as_dict())) == one.as_dict()
        assert one.in_words()
    accepted = [message for message, one in zip(messages, answers, strict=True) if one.outcome == "accepted"]
    assert set(Counter(one.id for one in accepted).values()) <= {1}
    assert set(Counter(one.supersedes for one in accepted if one.supersedes).values()) <= {1}


@BOUNDED
@given(st.lists(wild(), max_size=14) | orderly())
def test_a_chain_comes_to_what_it_stands_at(messages: list[Message]) -> None:
    """The results of a chain add up to what its last claim stands at, and never to less than nothing on the way."""
    for chain in chains(messages, answer_all(LISA, messages)):
        total = 0
        for one in chain:
            total += one.result_minor or 0
            assert total >= 0
            assert one.stands_minor == (None if one.result_minor is None else total)


@BOUNDED
@given(st.lists(wild(), max_size=10) | orderly())
def test_told_twice_it_is_answered_with_what_exists(messages: list[Message]) -> None:
    """The same claims a second time: what was accepted is answered as it was, with its id, and is not kept again."""
    register = Register()
    first = answer_all(LISA, messages, register)
    kept = dict(register.by_id)
    second = answer_all(LISA, messages, register)
    for message, one, again in zip(messages, first, second, strict=True):
        if one.outcome == "refused":
            continue
        existing = one.existing_id or message.id
        assert (again.outcome, again.existing_id) == ("duplicate", existing)
        told = ("result_minor", "stands_minor", "recovered_minor", "reported_minor", "due_on", "pay_by", "late")
        assert [getattr(again, name) for name in told] == [getattr(one, name) for name in told]
    assert {name: register.by_id[name] for name in kept} == kept


@BOUNDED
@given(orderly())
def test_an_orderly_stream_stays_answered(messages: list[Message]) -> None:
    """In a stream that runs forward, what is right is accepted, and what was refused is refused again."""
    register = Register()
    first = answer_all(LISA, messages, register)
    contradicts = [
        one.original_minor is not None and "MISMATCH" in str(answer.code)
        for one, answer in zip(messages, first, strict=True)
    ]
    assert [one.outcome == "refused" for one in first] == contradicts
    size = len(register.by_id)
    second = answer_all(LISA, messages, register)
    assert [one.outcome == "refused" for one in second] == contradicts
    assert len(register.by_id) == size


@BOUNDED
@given(st.lists(wild(), max_size=14), st.integers(0, 14))
def test_a_register_goes_on(messages: list[Message], cut: int) -> None:
    """Claims answered in two goes over one register are answered as in one."""
    register = Register()
    halves = answer_all(LISA, messages[:cut], register) + answer_all(LISA, messages[cut:], register)
    assert halves == answer_all(LISA, messages)


@BOUNDED
@given(st.integers(parse_day("2018-05-06"), parse_day("2030-12-31")), st.integers(0, 2000))
def test_when_a_claim_is_paid(made_on: int, days_before: int) -> None:
    """In time it is paid 28 days after the period's end; late, between 28 and 59 days after it is made, never sooner."""
    from lifepot.claiming.deadlines import span_of

    span = span_of(LISA, "claim_period", max(made_on - days_before, parse_day("2018-04-06")), None)
    assert span is not None
    start, end = span
    told = claim(period_start=start, period_end=end, made_on=made_on)
    due_on, pay_by, late = timing_of(LISA, LISA.claims["bonus"], told)
    assert due_on == end + 14
    assert late == (made_on > due_on)
    assert pay_by is not None
    assert (28 <= pay_by - made_on <= 58) if late else (pay_by == end + 28)


# ------------------------------------------------------------------------------------------------------- the file

ROW = {
    "id": "1", "account": "a", "kind": "bonus", "made_on": "2024-05-10", "period_start": "2024-04-06",
    "period_end": "2024-05-05", "reason": "Regular Bonus", "amount": "250.00", "new_subs": "1000.00",
    "new_subs_ytd": "1000.00", "other_account": "", "life_event_id": "", "market_value": "",
}  # fmt: skip

FAULTY = {
    "no id": ({"id": ""}, (1, "id_missing", "nothing", "a word")),
    "no account": ({"account": ""}, (2, "account_missing", "nothing", "a word")),
    "no kind": ({"kind": ""}, (3, "kind_unknown", "nothing", "a kind of claim the rulebook has: bonus, withdrawal_charge, annual_return")),
    "kind": ({"kind": "match"}, (3, "kind_unknown", "match", "a kind of claim the rulebook has: bonus, withdrawal_charge, annual_return")),
    "no day": ({"made_on": ""}, (4, "made_on_missing", "nothing", "a date such as 2026-04-06")),
    "day": ({"made_on": "10/05/2024"}, (4, "made_on_unreadable", "'10/05/2024'", "a date such as 2026-04-06")),
    "impossible day": ({"period_start": "2024-02-30"}, (5, "period_start_unreadable", "'2024-02-30'", "a date such as 2026-04-06")),
    "no end": ({"period_end": ""}, (6, "period_end_missing", "nothing", "a date such as 2026-04-06")),
    "no amount": ({"amount": ""}, (8, "amount_missing", "nothing", "an amount such as 12.50")),
    "three decimals": ({"amount": "250.005"}, (8, "amount_unreadable", "'250.005'", "an amount such as 12.50")),
    "below nothing": ({"amount": "-250.00"}, (8, "amount_negative", "-250.00", "an amount of zero or more")),
    "field": ({"new_subs": "1,000"}, (9, "new_subs_unreadable", "'1,000'", "an amount such as 12.50")),
    "yes or no": ({"other_account": "perhaps"}, (11, "other_account_unreadable", "'perhaps'", "yes or no")),
    "field of another kind": ({"market_value": "1.00"}, (13, "field_unknown", "1.00", "nothing: a bonus claim does not say it")),
}  # fmt: skip


def write(folder: Path, *rows: dict[str, str]) -> Path:
    """A file of claims."""
    file = folder / "claims.csv"
    lines = [",".join(ROW), *(",".join(f'"{one}"' if "," in one else one for one in row.values()) for row in rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.mark.parametrize(("changed", "expected"), [pytest.param(*row, id=name) for name, row in FAULTY.items()])
def test_a_faulty_row_is_said_with_its_place(
    changed: dict[str, str], expected: tuple[int, str, str, str], tmp_path: Path
) -> None:
    """A row that cannot be read has one fault with its line and column, and the rows beside it are read."""
    file = write(tmp_path, ROW, ROW | changed, ROW | {"id": "3"})
    messages, (fault,) = read_claims(LISA, file, None)
    column, code, found, right = expected
    name = list(ROW)[column - 1]
    assert fault == Fault(str(file), 3, column, code, name, found, right)
    assert [one.id for one in messages] == ["1", "3"]


def test_every_fault_of_a_row(tmp_path: Path) -> None:
    """A row with several things wrong tells them all."""
    file = write(tmp_path, ROW | {"id": "", "made_on": "soon", "amount": "much", "period_end": ""})
    messages, faults = read_claims(LISA, file, None)
    assert messages == []
    assert sorted((fault.line, fault.column, fault.code) for fault in faults) == [
        (2, 1, "id_missing"),
        (2, 4, "made_on_unreadable"),
        (2, 6, "period_end_missing"),
        (2, 8, "amount_unreadable"),
    ]


def test_as_of(tmp_path: Path) -> None:
    """Claims made after the day are not seen; one that says no day was made on it."""
    file = write(tmp_path, ROW | {"made_on": "2024-05-20"}, ROW | {"id": "2"}, ROW | {"id": "3", "made_on": ""})
    messages, faults = read_claims(LISA, file, parse_day("2024-05-19"))
    assert faults == []
    assert [(one.id, format_day(one.made_on)) for one in messages] == [("2", "2024-05-10"), ("3", "2024-05-19")]


def test_files_that_are_none(tmp_path: Path) -> None:
    """A missing file, a head without what is needed and a rulebook without claims are said with what to do."""
    with pytest.raises(LifepotError, match="cannot be read"):
        read_claims(LISA, tmp_path / "none.csv", None)
    file = tmp_path / "claims.csv"
    file.write_text("id,kind\n1,bonus\n", "utf-8")
    with pytest.raises(LifepotError, match="has no column account, period_start, period_end"):
        read_claims(LISA, file, None)
    with pytest.raises(Misuse, match="says nothing of claims"):
        read_claims(shipped("uk-automatic-enrolment"), file, None)


def test_a_term_needs_the_day_of_opening(tmp_path: Path) -> None:
    """Where a period is counted from the month of joining, a claim that does not say when that was is a fault."""
    claims = "claims: {bonus: {description: B., rules: [government.bonus], period: term, source: Ours.}}\n"
    book = book_of(rulebook_text("uk-help-to-save")[0] + claims)
    file = tmp_path / "claims.csv"
    file.write_text(
        "id,account,kind,made_on,period_start,period_end,amount\n1,a,bonus,2024-01-01,2022-01-01,2023-12-31,1\n"
    )
    _, (fault,) = read_claims(book, file, None)
    assert (fault.line, fault.column, fault.code) == (2, 0, "opened_on_missing")


CELLS = st.sampled_from(
    [
        "",
        "1",
        "a",
        "bonus",
        "2024-05-05",
        "-1.00",
        "1e9",
        "é",
        "yes",
        '"',
        "\x00",
        "\ud83d".encode("utf-8", "replace").decode(),
        "9" * 30,
    ]
)


@settings(BOUNDED, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=5), st.booleans())
def test_no_file_raises(tmp_path: Path, rows: list[list[str]], has_day: bool) -> None:
    """Whatever stands in the cells, each row becomes a claim that is answered or a fault with its line."""
    file = tmp_path / "claims.csv"
    file.write_text("\n".join([",".join(COLUMNS), *(",".join(row) for row in rows)]), "utf-8", newline="\n")
    try:
        messages, faults = read_claims(LISA, file, parse_day("2024-06-01") if has_day else None)
    except LifepotError:
        return
    answers = answer_all(LISA, messages)
    assert all(fault.line >= 2 for fault in faults)
    assert len(answers) == len(messages)


# ---------------------------------------------------------------------------------------------------- the command


def run(*words: object) -> tuple[int, str]:
    """Exit code and what was printed on stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_the_command(tmp_path: Path) -> None:
    """`lifepot answer` answers in words or in JSON; 0 where nothing is refused (a repetition is not), 1 otherwise."""
    again = ROW | {"id": "2"}
    file = write(tmp_path, ROW, again)
    code, out = run("answer", "uk-lifetime-isa", "--claims", file, "--json")
    first, second = json.loads(out)
    assert code == 0
    assert list(first) == [
        "id", "account", "kind", "outcome", "code", "message", "status", "errors", "existing_id", "superseding_id",
        "result_minor", "stands_minor", "recovered_minor", "reported_minor", "due_on", "pay_by", "late",
    ]  # fmt: skip
    assert (first["result_minor"], first["due_on"], first["pay_by"]) == (25_000, "2024-05-19", "2024-06-02")
    assert (second["outcome"], second["existing_id"], second["status"]) == ("duplicate", "1", 409)
    code, out = run("answer", "uk-lifetime-isa", "--claims", file)
    assert code == 0
    assert "£250.00" in out
    refused = write(tmp_path, ROW | {"amount": "0.00"})
    code, out = run("answer", "uk-lifetime-isa", "--claims", refused, "--json")
    assert (code, json.loads(out)[0]["errors"][0]["path"]) == (1, "/bonuses/bonusDueForPeriod")
    assert run("answer", "uk-lifetime-isa", "--claims", write(tmp_path, ROW | {"kind": "x"}))[0] == 1
    assert run("answer", "uk-automatic-enrolment", "--claims", file)[0] == 2
    assert run("answer", "uk-lifetime-isa", "--claims", file, "--as-of", "May")[0] == 2
    assert run("answer", "uk-lifetime-isa", "--claims", tmp_path / "none.csv")[0] == 1
