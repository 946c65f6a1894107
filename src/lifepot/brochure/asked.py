"""What rules ask: the names that a rule leads to, whatever terms lie between.

Terms are walked by their shape and not by a list of the language's words, so that a new term is followed from the day it
is there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Rulebook, Test

PROSE = {"description", "source", "title", "evidence", "pays"}
"""Fields written for people, in which a name means nothing."""


@dataclass(slots=True)
class Asked:
    """Everything that some terms lead to, by the names of the rulebook; `terms` are the terms themselves."""

    words: set[str] = field(default_factory=set)
    """Every word that stands there: names of values, amounts and conditions, sources, attributes."""
    terms: list[Term] = field(default_factory=list)

    def attributes(self, book: Rulebook) -> list[str]:
        """The attributes that are asked for, in the rulebook's order."""
        return [name for name in book.attributes if self.words & {name, f"attribute.{name}", f"present.{name}"}]

    def tests(self) -> Iterator[Test]:
        """Every test."""
        for term in self.terms:
            yield from (one for one in terms_in(term) if isinstance(one, Test))


def asked(book: Rulebook, roots: Iterable[Term | str | None]) -> Asked:
    """What these terms (or the term of a name) lead to, themselves included."""
    sections: list[Mapping[str, object]] = [book.amounts, book.rules, book.conditions, book.values]
    found = Asked()
    waiting: list[object] = [one for one in roots if one is not None]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Term):
            found.terms.append(one)
            waiting += words_in(one)
        elif isinstance(one, str) and one not in found.words:
            found.words.add(one)
            name = one.removeprefix("amount.")
            waiting += [section[name] for section in sections if name in section]
    return found


def terms_in(term: Term) -> Iterator[Term]:
    """A term and all terms within it."""
    yield term
    for name in type(term).model_fields:
        yield from (inner for one in _flat(getattr(term, name)) if isinstance(one, Term) for inner in terms_in(one))


def words_in(term: Term) -> Iterator[str]:
    """Every word within a term that is not prose."""
    for inner in terms_in(term):
        yield from own_words(inner)


def own_words(term: Term) -> Iterator[str]:
    """The words of a term itself, and not of the terms within it."""
    for name in type(term).model_fields:
        if name not in PROSE:
            yield from (one for one in _flat(getattr(term, name)) if isinstance(one, str))


def _flat(content: object) -> Iterator[object]:
    """What stands in a field, lists and mappings opened."""
    if isinstance(content, dict):
        for one in content.values():
            yield from _flat(one)
    elif isinstance(content, list):
        for one in content:
            yield from _flat(one)
    else:
        yield content
