"""How the terms of the language may be spelled: what a field can hold, and which mapping a single word stands for.

Read from the pydantic models themselves, so that a new term needs nothing here.
"""

from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from lifepot.rulebook.terms import Rulebook, Term


@lru_cache(maxsize=256)
def hints(term: type[Term]) -> dict[str, Any]:
    """What each field of a term may hold, as it is annotated."""
    return get_type_hints(term, include_extras=True)


def alternatives(annotation: Any) -> list[Any]:
    """What a field may hold, one by one: `Name | Total` is a name or a total. A text keeps what is said of it."""
    if get_origin(annotation) is Annotated:
        inner = get_args(annotation)[0]
        return [annotation] if inner is str else alternatives(inner)
    if get_origin(annotation) in {Union, UnionType}:
        return [one for each in get_args(annotation) for one in alternatives(each)]
    return [annotation]


def terms_of(annotation: Any) -> list[type[Term]]:
    """The terms among the alternatives."""
    return [one for one in alternatives(annotation) if isinstance(one, type) and issubclass(one, Term)]


def takes_text(annotation: Any) -> bool:
    """Whether a text may stand there that is read: a figure or a name. A choice of fixed words, and a text that the
    language does not look into, are none.
    """
    return any(get_origin(one) is Annotated for one in alternatives(annotation))


def item_of(annotation: Any) -> Any | None:
    """What a list among the alternatives is a list of; None where a list may not stand."""
    lists = [get_args(one)[0] for one in alternatives(annotation) if get_origin(one) is list]
    return lists[0] if lists else None


def cell_of(annotation: Any) -> Any | None:
    """What the cells of a mapping among the alternatives hold; None where no mapping of names may stand."""
    mappings = [get_args(one)[1] for one in alternatives(annotation) if get_origin(one) is dict]
    return mappings[0] if mappings else None


def shorthand(annotation: Any) -> tuple[type[Term], str] | None:
    """The term that a single word stands for and which of its fields the word is: `total: month` is
    `total: {over: month}`. None where a word is only itself.
    """
    terms = terms_of(annotation)
    if len(terms) != 1 or not takes_text(annotation):
        return None
    required = [name for name, field in terms[0].model_fields.items() if field.is_required()]
    return (terms[0], required[0]) if len(required) == 1 else None


@lru_cache(maxsize=1)
def shorthands() -> dict[type[Term], str]:
    """Every term of the language that a single word may stand for, with the field that the word is."""
    found: dict[type[Term], str] = {}
    seen: set[type[Term]] = set()

    def visit(annotation: Any) -> None:
        if (short := shorthand(annotation)) is not None:
            found[short[0]] = short[1]
        for part in (item_of(annotation), cell_of(annotation)):
            if part is not None:
                visit(part)
        for term in terms_of(annotation):
            if term not in seen:
                seen.add(term)
                for hint in hints(term).values():
                    visit(hint)

    visit(Rulebook)
    return found
