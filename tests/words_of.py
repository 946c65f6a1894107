"""Which words of the language a rulebook says, and which of its steps are at work in a life."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from tests.generate import to_audit
from tests.generate_rulebooks import MadeUp

from lifepot.audit.replay import readings_of
from lifepot.rulebook import claim_terms
from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Amount, Rulebook

NOT_REPLAYED = re.compile(
    r"\w+\.(title|name|description|source|certainty|evidence|pays|currency|aliases)( .*)?|Rulebook\.(tolerance|accounts|claims|any_other_withdrawal)|"
    r"(Account|AnyOtherWithdrawal|Draw|MemberPays|Completes)\..*|Amount\.minus .*|Rule\.(account|net|without_bound)|Purpose\.(draws_on|subsidy|member_pays|completes|to|at_most|approve_above|stages)"
)
"""Words that only people read, and those of which the replay has nothing to say: pots, what is asked of them, claims. What is
taken off is what an amount may be of.
"""

A_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
A_NAME = re.compile(r"\[a-z\]\[a-z0-9_\]\*(\(\\\.\[a-z\]\[a-z0-9_\]\*\)\?)?")


@cache
def every_word() -> set[str]:
    """Every term of the language, and where it is one of a few words ("pay.hours", "day.NAME"), each of them."""
    schema = Rulebook.model_json_schema()
    shapes = {name: its for name, its in schema["$defs"].items() if not hasattr(claim_terms, name)}
    found = set()
    for shape, its in {**shapes, "Rulebook": schema}.items():
        for term, what in its.get("properties", {}).items():
            word = f"{_whose(shape, term)}.{term}"
            found |= {word} | {f"{word} {choice}" for choice in _choices(what)}
    return {word for word in found if not NOT_REPLAYED.fullmatch(word)}


def _whose(shape: str, term: str) -> str:
    """A rule says what an amount can as an amount does."""
    return "Amount" if shape == "Rule" and term in Amount.model_fields else shape


def _choices(what: Any) -> Iterator[str]:
    """The words one of which a term is, if it is one of a few."""
    if isinstance(what, list):
        for one in what:
            yield from _choices(one)
    elif isinstance(what, dict):
        yield from what.get("enum", ())
        yield from [what["const"]] if "const" in what else ()
        pattern = A_NAME.sub("NAME", what.get("pattern", "").replace(A_DAY, "DAY"))
        if "|" in pattern:
            yield from _alternatives(pattern.strip("^$"), 0)[0]
        for below in ("anyOf", "oneOf", "items"):
            yield from _choices(what.get(below, []))


def _alternatives(pattern: str, at: int) -> tuple[set[str], int]:
    """All texts of a pattern that has words, groups, `|` and `?` and nothing else; and where its group ends."""
    found, texts = set[str](), {""}
    while at < len(pattern) and pattern[at] != ")":
        here, at = pattern[at], at + 1
        if here == "|":
            found, texts = found | texts, {""}
        elif here == "(":
            inner, at = _alternatives(pattern, at)
            if pattern[at : at + 1] == "?":
                inner, at = inner | {""}, at + 1
            texts = {text + more for text in texts for more in inner}
        elif here != "\\":
            texts = {text + here for text in texts}
    return found | texts, at + 1


def words_of(rulebook: Rulebook) -> set[str]:
    """Those that a rulebook says."""
    return set(_said(rulebook))


def _said(term: object) -> Iterator[str]:
    if isinstance(term, dict | list):
        for below in term.values() if isinstance(term, dict) else term:
            yield from _said(below)
    if isinstance(term, Term):
        for name, its in type(term).model_fields.items():
            value = getattr(term, name)
            word = f"{_whose(type(term).__name__, name)}.{its.alias or name}"
            if name in term.model_fields_set and value not in (None, {}, []):
                yield word
            for text in value if isinstance(value, list) else [value]:
                yield from _choice(word, text)
            yield from _said(value)


def _choice(word: str, text: object) -> Iterator[str]:
    """The word itself, or what stands for the names that a rulebook may give."""
    head, _, tail = str(text).partition(".")
    fitting = [f"{word} {text}", *([f"{word} {head}.NAME"] if tail else []), f"{word} NAME"]
    fitting += [f"{word} DAY"] if re.fullmatch(A_DAY, str(text)) else []
    yield from (one for one in fitting if one in every_word())


def at_work(made: MadeUp) -> set[type]:
    """Steps that change some figure in some of the lives."""
    found = set()
    for life in made.lives:
        for reading in readings_of([(date.min, made.rulebook)], *to_audit(life), traced=True):
            reading.amounts.work_out()
            stood: dict[tuple[str, int, int], object] = {}
            for trace in reading.amounts.trace or ():
                place = trace.amount, trace.cause, trace.at
                if trace.step is not None and trace.after != stood.get(place, 0):
                    found.add(type(trace.step))
                stood[place] = trace.after
    return found
