"""How the terms of the language may be spelled: what may stand in a place, and which mapping a single word stands for.

Read from the pydantic models themselves, so that a new term needs nothing here.
"""

from dataclasses import dataclass
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a rulebook and what may stand in it.

    text       a figure or a name, which is read; a choice of fixed words is none, nor is a text nobody looks into
    terms      these terms
    item       a list, of this
    cell       a mapping of names or days, to this
    shorthand  the term that a single word stands for here, and which of its fields the word is: `total: month` is
               `total: {over: month}`
    """

    text: bool
    terms: tuple[type[Term], ...]
    item: "Slot | None"
    cell: "Slot | None"
    shorthand: tuple[type[Term], str] | None


@lru_cache(maxsize=256)
def slots(term: type[Term]) -> dict[str, Slot]:
    """The places inside a term, by field."""
    return {
        name: _slot(hint) for name, hint in get_type_hints(term, include_extras=True).items() if name != "model_config"
    }


def _slot(hint: Any) -> Slot:
    each = _alternatives(hint)
    text = any(get_origin(one) is Annotated for one in each)
    terms = tuple(one for one in each if isinstance(one, type) and issubclass(one, Term))
    items = [_slot(get_args(one)[0]) for one in each if get_origin(one) is list]
    cells = [_slot(get_args(one)[1]) for one in each if get_origin(one) is dict]
    shorthand = None
    if text and len(terms) == 1:
        required = [name for name, field in terms[0].model_fields.items() if field.is_required()]
        shorthand = (terms[0], required[0]) if len(required) == 1 else None
    return Slot(text, terms, items[0] if items else None, cells[0] if cells else None, shorthand)


def _alternatives(hint: Any) -> list[Any]:
    """What an annotation allows, one by one. A text keeps what is said of it, by which it is told from any text."""
    if get_origin(hint) is Annotated:
        inner = get_args(hint)[0]
        return [hint] if inner is str else _alternatives(inner)
    if get_origin(hint) in {Union, UnionType}:
        return [one for each in get_args(hint) for one in _alternatives(each)]
    return [hint]


@lru_cache(maxsize=1)
def shorthands() -> dict[type[Term], str]:
    """Every term of the language that a single word may stand for, with the field that the word is."""
    found: dict[type[Term], str] = {}
    waiting: list[type[Term]] = [Rulebook]
    seen = set(waiting)
    while waiting:
        places = list(slots(waiting.pop()).values())
        while places:
            place = places.pop()
            if place.shorthand is not None:
                found[place.shorthand[0]] = place.shorthand[1]
            places += [part for part in (place.item, place.cell) if part is not None]
            waiting += [term for term in place.terms if term not in seen]
            seen |= set(place.terms)
    return found
