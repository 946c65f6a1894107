"""Two rulebooks compared: what changed by clause and day, and whose amounts change."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.effects import Sums, effects
from lifepot.errors import Misuse
from lifepot.rulebook.alignment import EQUAL, aligned
from lifepot.rulebook.differences import Change, differences
from lifepot.rulebook.ground import Figure, Term
from lifepot.rulebook.meaning import Spans, _Reading, canonical
from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped, shipped_names
from lifepot.rulebook.spelling import slots
from lifepot.rulebook.terms import Condition, Rulebook

BOOK = """
name: first-scheme
title: A first scheme
description: A scheme.
currency: GBP
accounts:
  pot: {description: The pot.}
  bonus: {description: The bonus.}
windows:
  tax_year: {description: The tax year., every: year, starts: 04-06}
values:
  cap: {description: A cap., unit: money, source: The Act., dated: {2024-04-06: "4000"}}
  share: {description: A share., unit: rate, source: The Act., dated: {2024-04-06: 25%, 2026-04-06: 30%}}
  trigger:
    description: A trigger.
    unit: money
    by: frequency
    source: The Act.
    dated:
      2024-04-06: {week: "192", month: "833"}
      2026-04-06: {week: "200", month: "833"}
  credit:
    description: A credit.
    unit: money
    by: attribute.caring
    source: The Act.
    dated: {2024-04-06: {"no": "500", "yes": "800"}}
  own_share:
    description: By age.
    unit: rate
    by: age
    source: The Act.
    dated: {2024-04-06: {"0": 5%, "55": 4%}}
  pension_age:
    description: An age.
    unit: age
    by: born
    source: The Act.
    dated: {2024-04-06: {1900-01-01: "66", 1961-03-06: "67"}}
attributes:
  opted_out: {description: Opted out., kind: yes_no, default: "no", aliases: [optout]}
  caring: {description: Cares., kind: yes_no}
  learning: {description: Learns., kind: yes_no}
  chosen: {description: The share that was chosen., kind: percent, default: "5"}
conditions:
  of_age: {all: [{what: age, at_least: "22"}, {what: age, below: pension_age}]}
  busy: {any: [{what: attribute.caring, is: "yes"}, {what: attribute.learning, is: "yes"}]}
  chose: {what: attribute.chosen, above: "3"}
membership:
  description: Anybody who pays in.
  first_payment_opens: true
  leaving:
    - description: Opting out.
      attribute: opted_out
      windows:
        - within: {from: [joining], months: "1"}
          refunds: [{party: worker}, {party: employer}]
      source: The Act.
  source: The Act.
purposes:
  home: {description: A home., pays: the seller, draws_on: [pot, bonus], evidence: [a deed], source: The Act.}
amounts:
  saved: {description: What was saved., of: paid.worker, when: of_age, steps: [total: tax_year]}
rules:
  worker.payment: {description: Paid in., party: worker, of: paid.worker, source: The Act.}
  government.bonus:
    description: A share of it.
    party: government
    of: [paid.worker, pay.worker]
    steps: [total: tax_year, up_to: cap, rate: share, round: half_up penny]
    source: The Act.
"""

SAME = {
    "figures": [('"4000"', '"4000.00"'), ("25%", "0.25"), ("30%", "30p per £1"), ('"66"', "66y 0m")],
    "a fraction": [("25%", "1/4")],
    "a truth": [('default: "no"', 'default: "false"'), ('caring, is: "yes"', 'caring, is: "1"')],
    "a percentage": [('default: "5"', "default: 5%"), ('above: "3"', "above: 3.0%")],
    "a total in full": [("steps: [total: tax_year]", "steps: [total: {over: tax_year, per: member}]")],
    "a cap in full": [("up_to: cap", "up_to: {value: cap, beyond: disregarded}")],
    "one source": [("of: paid.worker, when", "of: [paid.worker], when")],
    "sources in another order": [("[paid.worker, pay.worker]", "[pay.worker, paid.worker]")],
    "defaults written out": [("party: worker, of", "party: worker, direction: gives, account: pot, minus: [], of")],
    "a default of the whole": [("currency: GBP", 'currency: GBP\ntolerance: "0"')],
    "a default of membership": [("first_payment_opens: true", "first_payment_opens: true\n  per: member")],
    "a figure said again": [("2026-04-06: 30%", "2025-04-06: 25%, 2026-04-06: 30%, 2027-04-06: 0.3")],
    "no figure before the first": [('dated: {2024-04-06: "4000"}', 'dated: {2020-04-06: none, 2024-04-06: "4000"}')],
    "a row of births said again": [('1961-03-06: "67"', '1950-01-01: "66", 1961-03-06: "67"')],
    "all of one": [("when: of_age", "when: {all: [of_age]}")],
    "all inside all": [('{what: age, at_least: "22"},', '{all: [{what: age, at_least: "22"}]},')],
    "not not": [("when: of_age", "when: {not: {not: of_age}}")],
    "tests in another order": [
        ('[{what: age, at_least: "22"}, {what: age, below: pension_age}]', '[{what: age, below: pension_age}, {what: age, at_least: "22"}]'),
    ],
    "a test that fails where it is not known": [('above: "3"}', 'above: "3", unknown: fails}')],
    "refunds in another order": [("[{party: worker}, {party: employer}]", "[{party: employer}, {party: worker}]")],
    "a part of the pot in full": [("[pot, bonus]", "[{account: pot}, bonus]")],
    "a row of ages said again": [('"55": 4%', '"30": 5%, "55": 4%')],
    "style": [("aliases: [optout]", "aliases: [ 'optout', ]"), ("unit: rate", '"unit": "rate"')],
}  # fmt: skip

# What is edited in BOOK, and the one change it must be: section, clause, path, kind, first and last day, words.
Row = tuple[str, str, str, str, str | None, str | None, str]
EDITS: dict[str, tuple[str, str, Row]] = {
    "a figure from a later day": (
        '{2024-04-06: "4000"}', '{2024-04-06: "4000", 2026-04-06: "5000"}',
        ("values", "cap", "dated", "changed", "2026-04-06", None, "from 2026-04-06: 5000 instead of 4000"),
    ),
    "a figure for a while": (
        "25%, 2026-04-06: 30%", "25%, 2025-01-01: 20%, 2025-07-01: 25%, 2026-04-06: 30%",
        ("values", "share", "dated", "changed", "2025-01-01", "2025-06-30", "from 2025-01-01 to 2025-06-30: 20% instead of 25%"),
    ),
    "a step brought forward": (
        "2026-04-06: 30%", "2025-04-06: 30%",
        ("values", "share", "dated", "changed", "2025-04-06", "2026-04-05", "from 2025-04-06 to 2026-04-05: 30% instead of 25%"),
    ),
    "a figure from the first day": (
        '"4000"', '"5000"',
        ("values", "cap", "dated", "changed", "2024-04-06", None, "from its first day, 2024-04-06: 5000 instead of 4000"),
    ),
    "a figure that ends": (
        '{2024-04-06: "4000"}', '{2024-04-06: "4000", 2030-04-06: none}',
        ("values", "cap", "dated", "removed", "2030-04-06", None, "from 2030-04-06: no figure instead of 4000"),
    ),
    "a figure that begins earlier": (
        '{2024-04-06: "4000"}', '{2020-04-06: "4000"}',
        ("values", "cap", "dated", "added", "2020-04-06", "2024-04-05", "from its first day, 2020-04-06, to 2024-04-05: 4000 instead of no figure"),
    ),
    "a cell of a table": (
        'week: "200"', 'week: "201"',
        ("values", "trigger", "dated.week", "changed", "2026-04-06", None, "from 2026-04-06, week: 201 instead of 200"),
    ),
    "a new cell": (
        'week: "200", month: "833"', 'week: "200", month: "833", year: "10000"',
        ("values", "trigger", "dated.year", "added", "2026-04-06", None, "from 2026-04-06, year: 10000, where nothing was said"),
    ),
    "a row of births": (
        '1961-03-06: "67"', '1960-03-06: 66y 6m, 1961-03-06: "67"',
        ("values", "pension_age", "dated.1960-03-06", "changed", "2024-04-06", None, "from its first day, 2024-04-06, born from 1960-03-06 to 1961-03-05: 66y 6m instead of 66"),
    ),
    "a row of ages": (
        '"55": 4%', '"50": 4.5%, "55": 4%',
        ("values", "own_share", "dated.50", "changed", "2024-04-06", None, "from its first day, 2024-04-06, from age 50 to below 55: 4.5% instead of 5%"),
    ),
    "a row by attribute": (
        '"yes": "800"', '"yes": "900"',
        ("values", "credit", "dated.yes", "changed", "2024-04-06", None, "from its first day, 2024-04-06, yes: 900 instead of 800"),
    ),
    "parts of the pot in another order": (
        "  pot: {description: The pot.}\n  bonus: {description: The bonus.}", "  bonus: {description: The bonus.}\n  pot: {description: The pot.}",
        ("accounts", "accounts", "", "moved", None, None, "in the order bonus, pot, instead of pot, bonus"),
    ),
    "what is drawn on first": (
        "[pot, bonus]", "[bonus, pot]",
        ("purposes", "home", "draws_on.0", "moved", None, None, "draws on: item 2 is item 1 now: bonus"),
    ),
    "where": (
        "up_to: cap, rate", "up_to: cap, where: busy, rate",
        ("rules", "government.bonus", "steps.2", "added", None, None, "step 3 is new: where busy"),
    ),
    "how sure one is": (
        "A cap., unit: money", "A cap., certainty: open, unit: money",
        ("values", "cap", "certainty", "changed", None, None, "certainty: open instead of verified"),
    ),
    "a description": (
        "description: A cap.", "description: The cap.",
        ("values", "cap", "description", "changed", None, None, "description: “The cap.” instead of “A cap.”"),
    ),
    "a source": (
        "party: worker, of: paid.worker, source: The Act.", "party: worker, of: paid.worker, source: The Order.",
        ("rules", "worker.payment", "source", "changed", None, None, "source: “The Order.” instead of “The Act.”"),
    ),
    "wording deep inside": (
        "description: Opting out.", "description: Leaving.",
        ("membership", "membership", "leaving.0.description", "changed", None, None, "leaving 1, description: Leaving. instead of “Opting out.”"),
    ),
    "the title": (
        "title: A first scheme", "title: A scheme",
        ("rulebook", "title", "", "changed", None, None, "“A scheme” instead of “A first scheme”"),
    ),
    "the name": (
        "name: first-scheme", "name: second-scheme",
        ("rulebook", "name", "", "changed", None, None, "second-scheme instead of first-scheme"),
    ),
    "the currency": ("GBP", "EUR", ("rulebook", "currency", "", "changed", None, None, "EUR instead of GBP")),
    "the tolerance": (
        "currency: GBP", 'currency: GBP\ntolerance: "0.02"',
        ("rulebook", "tolerance", "", "changed", None, None, "0.02 instead of 0.00"),
    ),
    "a step more": (
        "up_to: cap, rate", "up_to: cap, less: '10', rate",
        ("rules", "government.bonus", "steps.2", "added", None, None, "step 3 is new: less 10"),
    ),
    "a step less": (
        "up_to: cap, rate", "rate",
        ("rules", "government.bonus", "steps.1", "removed", None, None, "step 2 is gone: up to cap"),
    ),
    "steps the other way round": (
        "total: tax_year, up_to: cap", "up_to: cap, total: tax_year",
        ("rules", "government.bonus", "steps.1", "moved", None, None, "step 1 is step 2 now: total tax_year"),
    ),
    "a rate": (
        "rate: share", "rate: 10%",
        ("rules", "government.bonus", "steps.2.rate", "changed", None, None, "step 3, rate: 10% instead of share"),
    ),
    "a rate that may be chosen": (
        "rate: share", "rate: {attribute: chosen, otherwise: share}",
        ("rules", "government.bonus", "steps.2.rate", "changed", None, None, "step 3, rate: attribute chosen, otherwise share instead of share"),
    ),
    "what is beyond a cap": (
        "up_to: cap", "up_to: {value: cap, beyond: refused}",
        ("rules", "government.bonus", "steps.1.up_to.beyond", "changed", None, None, "step 2, up to, beyond: refused instead of disregarded"),
    ),
    "a total's window": (
        "steps: [total: tax_year]", "steps: [total: month]",
        ("amounts", "saved", "steps.0.total.over", "changed", None, None, "step 1, total: month instead of tax_year"),
    ),
    "a source more": (
        "[paid.worker, pay.worker]", "[paid.worker, pay.worker, paid.employer]",
        ("rules", "government.bonus", "of", "added", None, None, "of: also paid.employer"),
    ),
    "a source less": (
        "[paid.worker, pay.worker]", "paid.worker",
        ("rules", "government.bonus", "of", "removed", None, None, "of: no longer pay.worker"),
    ),
    "a source instead of another": (
        "[paid.worker, pay.worker]", "[paid.worker, pay.earnings]",
        ("rules", "government.bonus", "of", "changed", None, None, "of: pay.earnings instead of pay.worker"),
    ),
    "who owes it": (
        "party: worker, of", "party: employer, of",
        ("rules", "worker.payment", "party", "changed", None, None, "party: employer instead of worker"),
    ),
    "no condition": (
        "when: of_age, ", "",
        ("amounts", "saved", "when", "removed", None, None, "when: no longer of_age"),
    ),
    "another boundary": (
        'at_least: "22"', 'at_least: "18"',
        ("conditions", "of_age", "", "changed", None, None, "age at least 18 instead of age at least 22"),
    ),
    "a boundary out instead of in": (
        '{what: age, at_least: "22"}', '{what: age, above: "22"}',
        ("conditions", "of_age", "", "changed", None, None, "age above 22 instead of age at least 22"),
    ),
    "a test more": (
        "below: pension_age}", "below: pension_age}, busy",
        ("conditions", "of_age", "", "added", None, None, "“busy” is needed too"),
    ),
    "a way less": (
        '{what: attribute.caring, is: "yes"}, ', "",
        ("conditions", "busy", "", "removed", None, None, "“caring is yes” is no longer enough"),
    ),
    "any instead of all": (
        "of_age: {all:", "of_age: {any:",
        ("conditions", "of_age", "", "changed", None, None, "age at least 22 or age below pension_age instead of age at least 22 and age below pension_age"),
    ),
    "what is not known": (
        'above: "3"}', 'above: "3", unknown: passes}',
        ("conditions", "chose", "", "changed", None, None, "chosen above 3 (or not known) instead of chosen above 3"),
    ),
    "a month more": (
        'months: "1"', 'months: "2"',
        ("membership", "membership", "leaving.0.windows.0.within.months", "changed", None, None, "leaving 1, window 1, within, months: 2 instead of 1"),
    ),
    "a refund less": (
        ", {party: employer}]", "]",
        ("membership", "membership", "leaving.0.windows.0.refunds", "removed", None, None, "leaving 1, window 1, refunds: no longer party employer"),
    ),
    "a refund from a day on": (
        "{party: employer}]", "{party: employer, since: 2025-01-01}]",
        ("membership", "membership", "leaving.0.windows.0.refunds.party.since", "added", None, None, "leaving 1, window 1, refunds, employer, since: 2025-01-01, where nothing was said"),
    ),
    "another way in": (
        "first_payment_opens: true", "first_payment_opens: true\n  opt_in: caring",
        ("membership", "membership", "opt_in", "added", None, None, "opt in: caring, where nothing was said"),
    ),
    "an alias more": (
        "[optout]", "[optout, opt_out]",
        ("attributes", "opted_out", "aliases", "added", None, None, "aliases: also opt_out"),
    ),
    "a truth": (
        "first_payment_opens: true", "first_payment_opens: false\n  automatic: of_age",
        ("membership", "membership", "first_payment_opens", "changed", None, None, "first payment opens: no instead of yes"),
    ),
    "to whom money goes": (
        "pays: the seller", "pays: the conveyancer",
        ("purposes", "home", "pays", "changed", None, None, "pays: the conveyancer instead of the seller"),
    ),
    "a clause more": (
        "amounts:", "amounts:\n  hours: {description: H., of: pay.hours, steps: [total: month]}",
        ("amounts", "hours", "", "added", None, None, "new: of pay.hours; total month"),
    ),
    "a clause less": (
        "  worker.payment: {description: Paid in., party: worker, of: paid.worker, source: The Act.}\n", "",
        ("rules", "worker.payment", "", "removed", None, None, "gone: party worker; of paid.worker"),
    ),
    "a rule by another name": (
        "government.bonus:", "government.match:",
        ("rules", "government.match", "", "renamed", None, None, "called government.bonus before"),
    ),
}  # fmt: skip

WORDING = {"how sure one is", "a description", "a source", "wording deep inside", "the title", "the name"}
TWO_CHANGES = {"a truth"}


def read(text: str) -> Rulebook:
    """The rulebook in a text. What is compared must be read, but need not be wise: an edit may take a bound away."""
    rulebook, faults = parse_rulebook(text, "book.yaml")
    assert rulebook is not None, faults
    assert {fault.code for fault in faults} <= {"unbounded", "currency", "step"}
    return rulebook


def edited(*edits: tuple[str, str], text: str = BOOK) -> Rulebook:
    """BOOK with some texts replaced, each of which is in it."""
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    return read(text)


def row(change: Change) -> Row:
    """A change as the table has it."""
    its = change.as_dict()
    return tuple(its[key] for key in ("section", "clause", "path", "kind", "first_on", "last_on", "words"))  # type: ignore[return-value]


@pytest.mark.parametrize("edits", [pytest.param(edits, id=name) for name, edits in SAME.items()])
def test_the_same_written_otherwise_is_no_change(edits: list[tuple[str, str]]) -> None:
    """What means the same is the same, whichever way round."""
    before, after = read(BOOK), edited(*edits)
    assert differences(before, after) == []
    assert differences(after, before) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_told(name: str) -> None:
    """One edit is one change, with its clause, its days and its words; only wording is marked as such."""
    before, after, expected = EDITS[name]
    changes = differences(read(BOOK), edited((before, after)))
    assert expected in [row(change) for change in changes]
    assert len(changes) == 1 + (name in TWO_CHANGES)
    assert changes[0].wording is (name in WORDING)


def test_of_two_tests_the_one_alike_has_changed() -> None:
    """Of several tests of one thing, a new one is told instead of that which compares as it does."""
    edit = '{what: age, at_least: "22"}, {what: age, below: pension_age}', '{what: age, below: "60"}, busy'
    assert sorted(change.words for change in differences(read(BOOK), edited(edit))) == [
        "age below 60 instead of age below pension_age",
        "“age at least 22” is no longer needed",
        "“busy” is needed too",
    ]


RENAMED = [("cap:", "limit:"), ("up_to: cap", "up_to: limit"), ("of_age:", "grown:"), ("when: of_age", "when: grown")]


def test_a_renamed_clause_is_told_once() -> None:
    """A value and a condition under other names are renamed; what speaks of them has not changed."""
    assert [row(one) for one in differences(read(BOOK), edited(*RENAMED))] == [
        ("values", "limit", "", "renamed", None, None, "called cap before"),
        ("conditions", "grown", "", "renamed", None, None, "called of_age before"),
    ]


def test_a_clause_renamed_and_reworded_is_known_by_its_use() -> None:
    """Described otherwise, a clause is known by what it says and by who speaks of it, though it says something new."""
    edits = [*RENAMED[:2], ("description: A cap.", "description: The limit."), ('"4000"', '"5000"')]
    assert [row(one) for one in differences(read(BOOK), edited(*edits))] == [
        ("values", "limit", "", "renamed", None, None, "called cap before"),
        ("values", "limit", "dated", "changed", "2024-04-06", None, "from its first day, 2024-04-06: 5000 instead of 4000"),
        ("values", "limit", "description", "changed", None, None, "description: “The limit.” instead of “A cap.”"),
    ]  # fmt: skip


def test_clauses_that_are_only_alike_are_not_the_same() -> None:
    """Two yes/no attributes say the same of themselves and are two things."""
    edits = [
        ("learning: {description: Learns.", "trading: {description: Trades."),
        ("attribute.learning", "attribute.trading"),
    ]
    assert [(one.clause, one.kind) for one in differences(read(BOOK), edited(*edits))] == [
        ("trading", "added"),
        ("learning", "removed"),
        ("busy", "changed"),
    ]


def test_names_inside_names_follow_a_renaming() -> None:
    """`attribute.NAME` speaks of the attribute by its new name."""
    edits = [("  caring:", "  carer:"), ("attribute.caring", "attribute.carer")]
    assert [row(one) for one in differences(read(BOOK), edited(*edits))] == [
        ("attributes", "carer", "", "renamed", None, None, "called caring before")
    ]


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_rulebook_has_not_changed_from_itself(name: str) -> None:
    """A rulebook is the same as itself."""
    assert differences(shipped(name), read(rulebook_text(name)[0])) == []


def mirrored(change: Change) -> tuple[object, ...]:
    """What a change is called when the two rulebooks change places, whatever it is called by them."""
    kinds = {"added": "removed", "removed": "added"}
    kind = kinds.get(change.kind, change.kind)
    return (change.section, kind, change.first_on, change.last_on, change.after, change.before, change.wording)


@pytest.mark.parametrize("before", shipped_names())
def test_changing_places_changes_sides(before: str) -> None:
    """From the later rulebook to the earlier, the same changes are told the other way round."""
    for after in shipped_names():
        there, back = differences(shipped(before), shipped(after)), differences(shipped(after), shipped(before))
        told = [(one.section, one.kind, one.first_on, one.last_on, one.before, one.after, one.wording) for one in back]
        assert sorted(map(repr, told)) == sorted(repr(mirrored(one)) for one in there)


Path_ = tuple[str | int, ...]
CONDITION = TypeAdapter[Any](Condition)


def words_of_the_language() -> list[str]:
    """Every word that a term has to choose from."""

    def found(schema: object) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from (one for one in [*schema.get("enum", []), schema.get("const")] if isinstance(one, str))
            yield from (one for part in schema.values() for one in found(part))
        elif isinstance(schema, list):
            yield from (one for part in schema for one in found(part))

    return list(dict.fromkeys(found(Rulebook.model_json_schema())))


OTHER_TEXTS = ["other_name", "frequency", "7", "date", "pay.hours", "other-name", *words_of_the_language()]


ONLY_WORDS = {"each", "all_jobs", "newest_first", "0", "joining", "proportionate"}
"""Where a term has but one word to choose from."""


def scalars_of(said: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Every text and truth inside plain dictionaries and lists, and where it is."""
    if isinstance(said, dict):
        for key, part in said.items():
            yield from scalars_of(part, (*path, key))
    elif isinstance(said, list):
        for place, part in enumerate(said):
            yield from scalars_of(part, (*path, place))
    elif said is not None:
        yield path, said


def put(said: Any, path: Path_, other: object) -> Any:
    """A copy with something else at the end of a path."""
    if not path:
        return other
    copy = said.copy()
    copy[path[0]] = put(said[path[0]], path[1:], other)
    return copy


def mutants(clause: object) -> Iterator[tuple[Path_, object]]:
    """A clause with one scalar changed, for each that can be another one; `part: each` can only be what it is."""
    plain = clause.model_dump(by_alias=True) if isinstance(clause, Term) else clause
    adapter = CONDITION if isinstance(clause, str) else TypeAdapter[Any](type(clause))
    for path, scalar in scalars_of(plain):
        for other in [not scalar] if isinstance(scalar, bool) else OTHER_TEXTS:
            if other == scalar:
                continue
            try:
                yield path, adapter.validate_python(put(plain, path, other))
            except ValidationError:
                continue
            break
        else:
            assert scalar in ONLY_WORDS, (path, scalar)


@pytest.mark.parametrize("name", shipped_names())
def test_every_change_of_a_scalar_is_told(name: str) -> None:
    """Whatever single text or truth of a clause becomes another one, the clause is named, and said to differ.

    One scalar of every clause is changed at a time: the first of each, then the second of each, and so on.
    """
    book = shipped(name)
    sections = {section: its for section in Rulebook.model_fields if isinstance(its := getattr(book, section), dict)}
    clauses = {(section, clause): term for section, its in sections.items() for clause, term in its.items()}
    clauses["membership", "membership"] = book.membership
    rounds = zip_longest(*([(place, *one) for one in mutants(term)] for place, term in clauses.items()))
    count = 0
    for changed in rounds:
        update: dict[str, Any] = {section: dict(its) for section, its in sections.items()}
        for (section, clause), _, term in filter(None, changed):
            if section == clause:
                update[section] = term
            else:
                update[section][clause] = term
        changes = differences(book, book.model_copy(update=update))
        told = {(one.section, one.clause) for one in changes}
        for place, path, _ in filter(None, changed):
            assert place in told, (place, path)
            count += 1
        assert [one for one in changes if one.before == one.after] == []
    assert count > 2 * len(clauses)


@pytest.mark.parametrize("field", ["name", "title", "description", "currency", "tolerance"])
def test_every_term_of_the_whole_is_told(field: str) -> None:
    """What is said once of the whole rulebook is a clause of its own."""
    book = shipped("uk-lifetime-isa")
    other = {"currency": "EUR", "tolerance": "7.00"}.get(field, "other")
    (change,) = differences(book, book.model_copy(update={field: other}))
    assert (change.section, change.clause, change.wording) == (
        "rulebook",
        field,
        field not in {"currency", "tolerance"},
    )


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        ("4000", "4000.00", None, True),
        ("50p per £1", "1/2", None, True),
        ("66", "66y", None, True),
        ("66y 6m", "66.5", None, True),
        ("2024-04-06", "2024-04-06", None, True),
        ("down pound", "down euro", None, True),
        ("down pound", "down penny", None, False),
        ("5", "5%", "percent", True),
        ("5", "500%", "percent", False),
        ("5", "500%", None, True),
        ("Yes", "1", "yes_no", True),
        ("yes", "1", None, False),
        ("1", "01", "choice", False),
        ("match_cap", "match_caps", None, False),
    ],
)
def test_what_a_text_says(one: str, other: str, kind: str | None, same: bool) -> None:
    """Two texts say the same, or do not, for what they are held against."""
    assert (canonical(one, kind) == canonical(other, kind)) is same


class ByAge(Term):
    """A term that the language does not have: a table by age."""

    by: str
    dated: dict[str, Figure | dict[str, Figure]]


def test_a_term_nobody_thought_of_is_compared() -> None:
    """A new term needs no code: a table by age, written with an age too many, says the same."""
    whole = _Reading(shipped("uk-lifetime-isa"), {})

    def key(*rows: str) -> object:
        table: dict[str, str | dict[str, str]] = {"2024-04-06": dict(row.split(": ") for row in rows)}
        node = whole.node(ByAge(by="age", dated=table), slots(Holder)["of_age"], ("values", "x"))
        assert isinstance(dated := node.parts["dated"], Spans)  # type: ignore[union-attr]
        assert isinstance(row := dated.spans[0][1], Spans)
        assert row.along == "age"
        return node.key

    assert key("18: 5%", "21: 5%", "22: 6%") == key("18: 0.05", "22: 6%")
    assert key("18: 5%", "22: 6%") != key("18: 5%", "23: 6%")


class Holder(Term):
    """Where it may stand."""

    of_age: ByAge


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axbc", [(0, 0), (None, 1), (1, 2), (2, 3)]),
        ("abc", "ac", [(0, 0), (1, None), (2, 1)]),
        ("abc", "aBc", [(0, 0), (1, 1), (2, 2)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("ab", "ba", [(0, None), (1, 0), (None, 1)]),
    ],
)
def test_alignment(before: str, after: str, expected: list[tuple[int | None, int | None]]) -> None:
    """Equal things stay together, alike ones (here: the same letter) next to each other, and exchanged lists pair alike."""

    def likeness(one: str, other: str) -> int:
        return EQUAL if one == other else int(one.lower() == other.lower())

    assert aligned(before, after, likeness, str) == expected
    pairs = {pair for pair in aligned(after, before, likeness, str) if None not in pair}
    assert pairs == {(j, i) for i, j in expected if i is not None and j is not None}


def test_long_lists_are_not_matched() -> None:
    """Two lists longer than anybody writes are told apart whole instead of for minutes."""
    before, after = list(range(2_000)), list(range(1, 2_001))
    assert len(aligned(before, after, lambda one, other: EQUAL * (one == other), str)) == 4_000


PEOPLE = "member,born,joined\nann,1990-01-01,\nbob,1990-01-01,\ncat,1990-01-01,\n"
FACTS = """ref,member,on,kind,payer,amount,worker,employer,attribute,value
a1,ann,2025-05-01,paid,,1000.00,,,,
a2,ann,2026-05-01,paid,,3000.00,,,,
b1,bob,2025-05-01,paid,,100.00,,,,
c1,cat,2026-05-01,paid,,2000.00,,,,
"""
"""25 % of up to 4,000 a year in 2025-26 and 30 % from 6 April 2026: ann gets 250.00 and 900.00, bob 25.00, cat 600.00."""


@pytest.fixture
def files(tmp_path: Path) -> "Files":
    """A place for two rulebooks, people and facts."""
    return Files(tmp_path)


class Files:
    """Two rulebooks and the files they run on, written where they can be named."""

    def __init__(self, folder: Path) -> None:
        self.before, self.after, self.people, self.facts = (
            folder / name for name in ("before.yaml", "after.yaml", "P.csv", "F.csv")
        )
        self.write()

    def write(self, *edits: tuple[str, str], people: str = PEOPLE, facts: str = FACTS) -> None:
        """All four files: BOOK, BOOK with some texts replaced, and what is told."""
        text = BOOK
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        for path, said in ((self.before, BOOK), (self.after, text), (self.people, people), (self.facts, facts)):
            path.write_text(said, encoding="utf-8")

    def run(self, *words: object, amounts: bool = True) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `rulebook diff`."""
        told = ("--people", self.people, "--facts", self.facts) if amounts else ()
        all_words = ("rulebook", "diff", self.before, self.after, *told, *words)
        result = CliRunner().invoke(app, [str(word) for word in all_words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr


def test_whose_amounts_change(files: Files) -> None:
    """By hand: a cap of 2,000.00 takes 300.00 from ann in 2026-27; 40 % from 6 April 2026 gives cat 200.00 more, and
    ann, of 2,000.00 instead of 3,000.00, 800.00 instead of 900.00.
    """
    files.write(('"4000"', '"2000"'), ("2026-04-06: 30%", "2026-04-06: 40%"))
    found = effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    assert (found.members, found.unchanged, found.other_days) == (3, 1, 0)
    government = {one.member: one.parties["government"] for one in found.changed}
    assert list(government.items()) == [("cat", Sums(60000, 80000)), ("ann", Sums(115000, 105000))]
    assert found.changed[1].rules == {("government", "government.bonus"): Sums(115000, 105000)}
    assert found.changed[1].total == Sums(515000, 505000)
    assert found.parties == {
        "worker": Sums(610000, 610000),
        "employer": Sums(0, 0),
        "government": Sums(177500, 187500),
    }
    assert found.total == Sums(787500, 797500)
    assert (found.faults, found.notes) == ([], [])


def test_as_of_a_day(files: Files) -> None:
    """Facts after the day are not seen: nobody's amount changes before the step of 6 April 2026."""
    files.write(("2026-04-06: 30%", "2026-04-06: 40%"))
    code, out, _ = files.run("--as-of", "2026-04-30", "--json")
    amounts = json.loads(out)["amounts"]
    assert (code, amounts["as_of"], amounts["members_changed"]) == (1, "2026-04-30", 0)
    assert amounts["total"] == {"before_minor": 137500, "after_minor": 137500, "difference_minor": 0}


def test_the_same_amounts_on_other_days_are_counted_apart(files: Files) -> None:
    """A bonus that falls due at the year's end is no other amount."""
    files.write(("party: government", "party: government\n    due: {at_end_of: tax_year}"))
    found = effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    assert (found.changed, found.other_days, found.unchanged) == ([], 3, 0)


def test_a_rule_by_another_name_is_the_same_rule(files: Files) -> None:
    """A rule's amounts are held against those of the rule that it was."""
    files.write(("government.bonus:", "government.match:"), ("2026-04-06: 30%", "2026-04-06: 31%"))
    found = effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    assert found.changed[0].rules == {("government", "government.match"): Sums(115000, 118000)}


def test_a_rule_that_only_one_has_stands_alone(files: Files) -> None:
    """A new rule gives from nothing, one that is gone gives nothing any more; what another party gives stays apart."""
    bound = "without_bound: It is a test."
    files.write(
        ("party: worker, of: paid.worker, source", f"party: employer, of: paid.worker, {bound}, source"),
    )
    found = effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    ann = found.changed[0]
    assert ann.rules == {
        ("worker", "worker.payment"): Sums(400000, 0),
        ("employer", "worker.payment"): Sums(0, 400000),
    }
    assert (ann.total, ann.size_minor) == (Sums(515000, 515000), 800000)


def test_an_attribute_of_one_is_passed_over_by_the_other(files: Files) -> None:
    """An attribute that only one declares, in either file, is a note under the other and refuses no row of it."""
    files.write(
        ("  chosen:", "  studying: {description: Studies., kind: yes_no, aliases: [student]}\n  chosen:"),
        people=PEOPLE.replace("joined", "joined,student").replace("-01,\n", "-01,,yes\n"),
        facts=FACTS + "s1,ann,2025-06-01,status,,,,,studying,yes\ns2,bob,2025-06-01,status,,,,,studying,yes\n",
    )
    code, out, err = files.run()
    assert code == 1
    assert "0 get other amounts; 3 get the same." in out
    assert [line.partition(" [")[0].split(": ")[:3] for line in err.splitlines()] == [
        [f"under {files.before}", f"{files.people}:2:0", "student"],
        [f"under {files.before}", f"{files.facts}:6:14", "studying"],
    ]


def test_a_passed_over_row_still_stands_in_the_place_of_another(files: Files) -> None:
    """A status corrected into one of the other rulebook's attributes does not come to life again under this one."""
    head = FACTS.splitlines()[0] + ",replaces\n"
    status = "s1,ann,2025-01-01,status,,,,,opted_out,yes,\ns2,ann,2025-01-01,status,,,,,studying,yes,s1\n"
    paid = "a1,ann,2025-05-01,paid,,1000.00,,,,,\n"
    files.write(
        ("  chosen:", "  studying: {description: Studies., kind: yes_no}\n  chosen:"), facts=head + status + paid
    )
    found = effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    assert found.total == Sums(125000, 125000)


def test_documented_keys(files: Files) -> None:
    """The JSON has these keys, in this order."""
    files.write(("2026-04-06: 30%", "2026-04-06: 40%"), ("A cap.", "The cap."))
    code, out, _ = files.run("--json")
    answer = json.loads(out)
    assert code == 1
    assert list(answer) == ["before", "after", "in_meaning", "in_wording", "changes", "amounts"]
    assert answer["after"] == {
        "file": str(files.after),
        "name": "first-scheme",
        "title": "A first scheme",
        "currency": "GBP",
    }
    assert (answer["in_meaning"], answer["in_wording"]) == (1, 1)
    assert answer["changes"][1] == {
        "section": "values",
        "clause": "share",
        "path": "dated",
        "kind": "changed",
        "first_on": "2026-04-06",
        "last_on": None,
        "before": "30%",
        "after": "40%",
        "wording": False,
        "words": "from 2026-04-06: 40% instead of 30%",
    }
    assert list(answer["amounts"]) == [
        "as_of", "members", "members_changed", "members_on_other_days", "members_unchanged", "total", "by_party",
        "changed", "faults", "notes",
    ]  # fmt: skip
    ann = answer["amounts"]["changed"][0]
    assert list(ann) == ["member", "total", "by_party", "by_rule"]
    assert ann["by_rule"] == [
        {
            "rule": "government.bonus",
            "party": "government",
            "before_minor": 115000,
            "after_minor": 145000,
            "difference_minor": 30000,
        }
    ]
    assert json.loads(files.run("--json", amounts=False)[1])["amounts"] is None


def test_exit_codes(files: Files, tmp_path: Path) -> None:
    """0 for the same and for other words, 1 for another meaning, 2 for what cannot be compared, or not in full."""
    assert files.run()[:1] == (0,)
    assert files.run(amounts=False)[:2] == (0, "No differences.\n")
    files.write(("A cap.", "The cap."))
    assert files.run()[0] == 0
    files.write(('"4000"', '"2000"'))
    assert files.run()[0] == 1
    files.write(facts=FACTS + "a3,ann,2026-06-31,paid,,1.00,,,,\n")
    code, _, err = files.run()
    assert (code, err.count("on_unreadable")) == (2, 1)
    files.facts.unlink()
    assert files.run()[0] == 2
    assert files.run("--as-of", "2026-04-06", amounts=False)[0] == 2
    assert files.run("--people", files.people, amounts=False)[0] == 2
    files.write(("up_to: cap", "up_to: gap"))
    code, out, err = files.run("--json", amounts=False)
    assert (code, list(json.loads(out))) == (2, ["error", "remedy"])
    assert "gap; expected one of the values" in err
    files.after = tmp_path / "nowhere.yaml"
    assert files.run(amounts=False)[0] == 2


def test_two_currencies_are_not_subtracted(files: Files) -> None:
    """Rules of two currencies are compared, amounts are not."""
    files.write(("GBP", "EUR"), ("half_up penny", "half_up cent"))
    with pytest.raises(Misuse, match="GBP, the other in EUR"):
        effects(read(BOOK), read(files.after.read_text("utf-8")), files.people, files.facts, None)
    assert files.run()[0] == 2
    assert files.run(amounts=False)[0] == 1


def test_lines_fit_the_terminal(files: Files) -> None:
    """Everything is in 80 columns, the longest descriptions and a member's long name too."""
    files.write(
        ("A cap.", "A cap " * 40 + "that is long."),
        ("2026-04-06: 30%", "2026-04-06: 40%"),
        people=PEOPLE.replace("ann", "a" * 90),
        facts=FACTS.replace("ann", "a" * 90),
    )
    _, out, _ = files.run()
    # Where a file lies is not ours to break.
    assert (
        max(
            len(line.replace(str(files.after), "B.yaml").replace(str(files.before), "A.yaml"))
            for line in out.splitlines()
        )
        <= 80
    )
    for before in shipped_names():
        result = CliRunner().invoke(app, ["rulebook", "diff", before, "uk-lifetime-isa"])
        assert max(len(line) for line in result.stdout.splitlines()) <= 80
