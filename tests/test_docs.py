"""The documentation says every word of the language, and every example in it is read."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from pydantic import BaseModel

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.kernel.program import compile_program
from lifepot.periods import parse_day
from lifepot.rulebook import claim_terms, terms
from lifepot.rulebook.findings import Code
from lifepot.rulebook.ground import Term
from lifepot.rulebook.reader import parse_rulebook, shipped, shipped_names
from lifepot.rulebook.terms import Amount, Rulebook

DOCS = Path(__file__).parents[1] / "docs"
WRITING = (DOCS / "writing-a-rulebook.md").read_text("utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text("utf-8")

SECTION_BY_TERM = {
    "Rulebook": "## The file",
    "Account": "## Accounts",
    "Window": "## Windows",
    "Day": "## Days",
    "Value": "## Values",
    "Attribute": "## Attributes",
    "Quotient": "## Attributes",
    "All": "## Conditions",
    "AnyOf": "## Conditions",
    "Not": "## Conditions",
    "Test": "## Conditions",
    "Membership": "## Membership",
    "Leaving": "## Membership",
    "LeavingWindow": "## Membership",
    "Within": "## Membership",
    "Refund": "## Membership",
    "Pause": "## Membership",
    "Purpose": "## Purposes",
    "Draw": "## Purposes",
    "MemberPays": "## Purposes",
    "AnyOtherWithdrawal": "### Any other withdrawal",
    "Completes": "## Purposes",
    "Amount": "## Amounts",
    "Rule": "## Rules",
    "Due": "## Rules",
    "EarlierDue": "## Rules",
    "Total": "### `total`",
    "UpTo": "### `up_to`",
    "RateBy": "### `rate`",
    "Tier": "### `tiers`",
    "Taper": "### `taper`",
    "Earlier": "### `earlier`",
    "ProRata": "### `pro_rata`",
    "Average": "### `average`",
    "Claim": "## Claims",
    "ClaimField": "## Claims",
    "Reason": "## Claims",
    "Correction": "## Claims",
    "Refusal": "## Claims",
    "ClaimTest": "## Claims",
    "Says": "## Claims",
    "Words": "## Claims",
}
"""Where each term's own terms are listed. Steps have a heading each."""

HOUSE_WORDS = """
    scheme, member, employer, platform, payer, contribution, match, entitlement, claim, tier, cap, taper, purpose,
    qualifying withdrawal, withdrawal charge, life event, tax year, pay period, pay date, fund, unit, unit price,
    dealing date, chart of accounts, transfer, posting, suspense, reconciliation, trial balance, statement, population,
    baseline, reform, costing, take-up, adequacy
"""

TERMS = [
    one
    for module in (terms, claim_terms)
    for _, one in inspect.getmembers(module, inspect.isclass)
    if issubclass(one, Term) and one.__module__ == module.__name__
]
STEPS = [one for one in TERMS if one.__name__.endswith("Step")]


def section(heading: str) -> str:
    """The text under a heading, up to the next of its rank or above."""
    assert f"\n{heading}\n" in WRITING, f"no section {heading!r}"
    rank = heading.index(" ")
    return re.split(rf"\n#{{1,{rank}}} ", WRITING.partition(f"\n{heading}\n")[2])[0]


def words_of(term: type[Term]) -> list[str]:
    """A term's own terms, as they are written in a file."""
    return [its.alias or name for name, its in term.model_fields.items()]


def examples() -> list[str]:
    """The fenced YAML blocks, in order."""
    return re.findall(r"^```yaml\n(.*?)^```", WRITING, re.DOTALL | re.MULTILINE)


def rulebook_of(parts: list[str]) -> str:
    """One rulebook of the first example and those after it.

    A section's lines are added to those it has, `membership` and single terms are replaced, and bare steps become
    an amount of their own.
    """
    sections: dict[str, str] = {}
    for number, part in enumerate(parts):
        for block in re.split(r"^(?=\w)", part, flags=re.MULTILINE)[1:]:
            head, _, body = block.partition(":")
            if head == "steps":
                indented = "".join(f"    {line}\n" for line in block.splitlines())
                head, body = "amounts", f"\n  example_{number}:\n    description: E.\n    of: paid.worker\n{indented}"
            grows = head in sections and head in {
                "accounts",
                "windows",
                "days",
                "values",
                "attributes",
                "conditions",
                "purposes",
                "amounts",
                "rules",
            }
            sections[head] = sections[head] + body.removeprefix("\n") if grows else body
    return "".join(f"{head}:{body}" for head, body in sections.items())


@pytest.mark.parametrize("term", [one for one in TERMS if one not in STEPS], ids=lambda one: one.__name__)
def test_every_term_is_documented(term: type[Term]) -> None:
    """Each term of the language has a row in its section's table."""
    listed = re.findall(r"^\| `(\w+)` \|", section(SECTION_BY_TERM[term.__name__]), re.MULTILINE)
    assert [word for word in words_of(term) if word not in listed] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda one: one.__name__)
def test_every_step_is_documented(step: type[Term]) -> None:
    """Each step has a heading, a sentence and an example that uses it."""
    (word,) = words_of(step)
    text = section(f"### `{word}`")
    assert text.strip()[0].isalpha()
    assert re.search(rf"^  - {word}:", text, re.MULTILINE)


def test_nothing_is_documented_that_is_not_there() -> None:
    """A row for a word that the language no longer has is a row too many."""
    words = {word for term in TERMS for word in words_of(term)}
    assert set(re.findall(r"^\| `(\w+)` \|", WRITING, re.MULTILINE)) - {"withdrawn"} - words == set()


def test_every_code_is_documented() -> None:
    """Each code that a rulebook can be told has a row that says what it means and what would be right, and no other has."""
    rows = re.findall(r"^\| ([a-z_]+) \| (.+) \| (.+) \|$", section("## What is refused"), re.MULTILINE)
    assert [code for code, _, _ in rows[1:]] == list(get_args(Code))


def test_first_rulebook_gives_what_the_page_says() -> None:
    """The first example is a whole rulebook of about twenty lines: 1,000.00 brings 1,000.00 and 250.00."""
    first = examples()[0]
    assert len(first.splitlines()) <= 22
    program = compile_program(read(first))
    people = People(np.array([NONE]), np.array([NONE]), np.zeros((1, 0), dtype=np.int64))
    paid = {"member": 0, "on": parse_day("2024-05-01"), "kind": int(Kind.PAID), "amount": 100_000, "payer": 0}
    facts = Facts.of([{"fact": 0} | paid])
    assert assess(program, people, facts).entitlements.amount.tolist() == [100_000, 25_000]


def terms_in(found: object) -> Iterator[tuple[str, str]]:
    """Every term that a rulebook writes, by its class and word. What a rule has of an amount counts for both."""
    if isinstance(found, BaseModel):
        for field in found.model_fields_set:
            for kind in type(found).__mro__:
                if issubclass(kind, BaseModel) and field in kind.model_fields:
                    yield kind.__name__, kind.model_fields[field].alias or field
                    if kind is Amount:
                        yield "Rule", field
            yield from terms_in(getattr(found, field))
    for inner in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from terms_in(inner)


@cache
def written_by() -> dict[tuple[str, str], set[str]]:
    """The shipped rulebooks that write each term."""
    users: dict[tuple[str, str], set[str]] = {}
    for name in shipped_names():
        for term in terms_in(shipped(name)):
            users.setdefault(term, set()).add(name)
    return users


@pytest.mark.parametrize("term", [one for one in TERMS if one not in STEPS], ids=lambda one: one.__name__)
def test_every_term_names_schemes_that_need_it(term: type[Term]) -> None:
    """The last column names rulebooks that do write the term, `all` where all do, `none yet` where none does."""
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([^|]*) \|$", section(SECTION_BY_TERM[term.__name__]), re.MULTILINE)
    for word in words_of(term):
        said = [names for one, names in rows if one == word]
        assert said, f"{term.__name__}.{word} says no scheme"
        users = written_by().get((term.__name__, word), set())
        named = [set(shipped_names()) if one == "all" else {*one.split(", ")} for one in said]
        fits = any(names <= users for names in named) or (not users and "none yet" in said)
        # One row may speak of the same word in several places of a section.
        shared = [
            kind
            for kind, its in SECTION_BY_TERM.items()
            if its == SECTION_BY_TERM[term.__name__] and kind != term.__name__
        ]
        everybody = users.union(*(written_by().get((kind, word), set()) for kind in shared))
        assert fits or any(names <= everybody for names in named), (
            f"{term.__name__}.{word}: {said}, but {users or 'nobody'}"
        )


@pytest.mark.parametrize("step", STEPS, ids=lambda one: one.__name__)
def test_every_step_names_schemes_that_need_it(step: type[Term]) -> None:
    """Under a step's heading stand rulebooks that take it."""
    (word,) = words_of(step)
    said = re.search(r"Needed by (.+?)\.\n", section(f"### `{word}`"))
    assert said, word
    assert set(re.findall(r"`([a-z-]+)`", said[1])) <= written_by()[(step.__name__, word)]


def test_every_term_stands_in_an_example() -> None:
    """Read one after the other, the examples write every term there is."""
    found = {
        term for count in range(1, len(examples()) + 1) for term in terms_in(read(rulebook_of(examples()[:count])))
    }
    inherited = {("Rule", word) for word in words_of(Amount) if ("Amount", word) in found}
    wanted = {(term.__name__, word) for term in TERMS for word in words_of(term)}
    assert sorted(wanted - found - inherited) == []


@pytest.mark.parametrize("count", range(1, len(examples()) + 1))
def test_every_example_is_read(count: int) -> None:
    """Each example, added to those before it, makes a rulebook without a fault that the kernel takes."""
    compile_program(read(rulebook_of(examples()[:count])))


def test_every_house_word_is_in_the_glossary() -> None:
    """Each word of the field has one entry and one sentence."""
    entries = re.findall(r"^- \*\*(.+?)\*\*: (.+(?:\n  .+)*)$", GLOSSARY, re.MULTILINE)
    listed = [word.lower() for word, _ in entries]
    assert [word for word in re.split(r",\s+", HOUSE_WORDS.strip()) if word not in listed] == []
    assert len(listed) == len(set(listed))
    assert [word for word, sentence in entries if not sentence.endswith(".")] == []


def read(text: str) -> Rulebook:
    """The rulebook in a text, which has no faults."""
    rulebook, faults = parse_rulebook(text, "example.yaml")
    assert [str(fault) for fault in faults] == [], text
    assert rulebook is not None
    return rulebook
