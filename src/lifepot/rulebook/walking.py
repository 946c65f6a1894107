"""Every term of a rulebook with its path, whatever the language has: for checks that ask the same of all of them."""

from collections.abc import Iterator

from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Amount, Rulebook

Path = tuple[str | int, ...]
"""Where something stands: terms' words, and positions in lists."""


def everything(of: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """All terms, texts and figures below a term, each with its path, outer ones first."""
    yield path, of
    if isinstance(of, Term):
        for name, field in type(of).model_fields.items():
            yield from everything(getattr(of, name), (*path, field.alias or name))
    elif isinstance(of, dict):
        for word, below in of.items():
            yield from everything(below, (*path, word))
    elif isinstance(of, list):
        for index, below in enumerate(of):
            yield from everything(below, (*path, index))


def amounts_and_rules(book: Rulebook) -> Iterator[tuple[Path, str, Amount]]:
    """Every amount and rule, with its path and name."""
    for section, own in (("amounts", book.amounts), ("rules", book.rules)):
        for name, amount in own.items():
            yield (section, name), name, amount


def listed(sources: str | list[str]) -> list[str]:
    """One source or several, as a list."""
    return [sources] if isinstance(sources, str) else sources


def source_path(path: Path, key: str, sources: str | list[str], index: int) -> Path:
    """Where one of an amount's sources stands."""
    return (*path, key) if isinstance(sources, str) else (*path, key, index)
