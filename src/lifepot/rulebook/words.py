"""A rulebook's clauses as they are written, line by line, for whoever compares two (for a person who reads one rulebook
there are other words, in `described`).

Words of the language lose their underscores; names that the rulebook gives keep theirs, so that they can be looked up.
What is not said is not spoken of: a term whose figure is the default is left out.
"""

import re
from collections.abc import Mapping

from lifepot.rulebook.ground import Term
from lifepot.rulebook.spelling import shorthands
from lifepot.rulebook.terms import All, Amount, AnyOf, Not, Purpose, Test, Value

WORDING = frozenset({"description", "source", "certainty"})
"""Terms that say something about a clause and change nothing that it gives."""

SEVERAL = re.compile(r"[,;:] | and | or ")
"""What shows that some words have parts."""


def clause_in_words(clause: object) -> list[str]:
    """What a clause says, a line each: a rule's steps, a value's figures, a condition. Its wording is left out, unless
    it says nothing else.
    """
    return _clause(clause) or [str(getattr(clause, "description", ""))]


def _clause(clause: object) -> list[str]:
    match clause:
        case Amount():
            own = _said(clause, but=frozenset({"of", "minus", "when", "steps"}))
            return ([", ".join(own)] if own else []) + chain_in_words(clause)
        case Value():
            return [*_said(clause, but=frozenset({"dated"})), *dated_in_words(clause.dated)]
        case Purpose():
            evidence = [f"evidence: {one}" for one in clause.evidence]
            return [*_said(clause, but=frozenset({"evidence"})), *evidence]
        case Test() | All() | AnyOf() | Not() | str():
            return [condition_in_words(clause)]
        case Term():
            return _said(clause)
        case _:
            return [in_words(clause)]


def chain_in_words(amount: Amount) -> list[str]:
    """Where an amount begins and each of its steps, a line each."""
    sources = amount.of if isinstance(amount.of, str) else " + ".join(amount.of)
    less = amount.minus if isinstance(amount.minus, str) else " + ".join(amount.minus)
    lines = [f"of {sources}" + (f" less {less}" if less else "")]
    if amount.when is not None:
        lines.append(f"when {condition_in_words(amount.when)}")
    return lines + [in_words(step) for step in amount.steps]


def dated_in_words(dated: Mapping[str, object]) -> list[str]:
    """What a value is from each day on, a line each."""
    return [f"from {day}: {'no figure' if figure == 'none' else in_words(figure)}" for day, figure in dated.items()]


def condition_in_words(condition: object) -> str:
    """A condition as one line: "age at least 18 and uc is yes (or not known)"."""
    match condition:
        case All(all=inner) | AnyOf(any=inner) if len(inner) == 1:
            return condition_in_words(inner[0])
        case All(all=inner):
            return " and ".join(_enclosed(one, AnyOf) for one in inner)
        case AnyOf(any=inner):
            return " or ".join(_enclosed(one, All) for one in inner)
        case Not(not_=inner):
            return "not " + _enclosed(inner, All, AnyOf, Test)
        case Test():
            return _test_in_words(condition)
        case _:
            return str(condition)


def in_words(said: object) -> str:
    """Anything a rulebook says, as part of a sentence."""
    match said:
        case None:
            return "nothing"
        case bool():
            return "yes" if said else "no"
        case All() | AnyOf() | Not() | Test():
            return condition_in_words(said)
        case Term():
            return ", ".join(_said(said))
        case dict():
            return ", ".join(f"{key} {_bracketed(one)}" for key, one in said.items()) or "nothing"
        case list() | tuple():
            return ("; " if any(isinstance(one, Term) for one in said) else ", ").join(map(in_words, said)) or "nothing"
        case _:
            return str(said)


def label(name: str) -> str:
    """What a term is called in a sentence: `at_end_of` is "at end of"."""
    return name.removesuffix("_").replace("_", " ")


def _said(term: Term, but: frozenset[str] = frozenset()) -> list[str]:
    """What a term says beyond its defaults and its wording, term by term."""
    lines = []
    fields = type(term).model_fields
    for name, field in fields.items():
        its = getattr(term, name)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if name in WORDING | but or (its == default and not field.is_required()):
            continue
        if name == shorthands().get(type(term)):
            lines.append(_bracketed(its))
        elif len(fields) == 1:
            words = in_words(its)
            lines.append(label(name) + (": " if SEVERAL.search(words) else " ") + words)
        else:
            lines.append(f"{label(name)} {_bracketed(its)}")
    return lines


def _bracketed(said: object) -> str:
    """A part of a sentence inside another: in brackets, if it has parts itself."""
    words = in_words(said)
    has_parts = isinstance(said, Term | dict | list) and not isinstance(said, Test | All | AnyOf | Not)
    return f"({words})" if has_parts and SEVERAL.search(words) else words


def _enclosed(condition: object, *kinds: type[Term]) -> str:
    """A condition inside another: in brackets, where it would be read another way without."""
    words = condition_in_words(condition)
    two_sided = isinstance(condition, Test) and AnyOf not in kinds and " and " in words
    return f"({words})" if isinstance(condition, kinds) or two_sided else words


def _test_in_words(test: Test) -> str:
    said = test.model_dump(by_alias=True, exclude_defaults=True)
    head, dot, name = str(said.pop("what")).partition(".")
    what = label(head) if not dot else name if head == "attribute" else f"{head}.{name}"
    together = " in all jobs together" if said.pop("together", None) else ""
    unknown = " (or not known)" if said.pop("unknown", None) else ""
    return f"{what}{together} " + " and ".join(f"{label(key)} {figure}" for key, figure in said.items()) + unknown
