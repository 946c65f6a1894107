"""What a figure is, on every day and in every column of its table, so that two of them can be held against each other.

A cap may be a literal and its floor a dated table by pay frequency; "a cap below its floor" is then a question about
each day on which either changes, and about each frequency.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.terms import Rulebook, Value

Exact = int | Fraction
Row = dict[str, Exact]
"""A figure on one day: by the column of its table, or under "" where it is no table."""

ALWAYS = -(10**6)
"""The day from which a literal holds."""

IN_ORDER: dict[str, Callable[[str], int]] = {"born": parse_day, "age": scalars.parse_age}
"""Tables whose columns hold from a birth day or an age on, until the next one."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A figure's rows by their first days, in rising order; a row without columns is a gap."""

    by: str | None
    share: bool
    rows: dict[int, Row]

    def on(self, day: int) -> Row:
        """The figure in force on a day."""
        known = [first for first in self.rows if first <= day]
        return self.rows[max(known)] if known else {}


def levels(book: Rulebook, text: str, unit: str) -> Levels | None:
    """The levels of a literal or a value of that unit; None for anything else, and for what cannot be read."""
    try:
        if text not in book.values:
            figure: Exact = scalars.PARSER_BY_UNIT[unit](text)
            return Levels(None, share=False, rows={ALWAYS: {"": figure}})
        value, share = book.values[text], False
        if value.share_of is not None:
            value, share = book.values[value.share_of], True
        if value.unit != unit:
            return None
        return Levels(value.by, share, {parse_day(day): _row(value, entry) for day, entry in value.dated.items()})
    except (ValueError, KeyError):
        return None  # what cannot be read, or leads nowhere, is its own fault


def _row(value: Value, entry: str | dict[str, str]) -> Row:
    parse: Callable[[str], Exact] = scalars.PARSER_BY_UNIT[value.unit]
    if isinstance(entry, str):
        return {} if entry == "none" else {"": parse(entry)}
    for column in entry if value.by in IN_ORDER else ():
        IN_ORDER[str(value.by)](column)
    return {column: parse(cell) for column, cell in entry.items() if cell != "none"}


def breach(
    book: Rulebook, left: str, right: str, broken: Callable[[Exact, Exact], bool], unit: str = "money"
) -> str | None:
    """Where one figure stands to another as it must not: "" if they are two literals, or " from 2026-04-06 for month".

    None if it does so nowhere, or if they cannot be compared: another amount, a pay period's share and a whole year.
    """
    lefts, rights = levels(book, left, unit), levels(book, right, unit)
    if lefts is None or rights is None or lefts.share != rights.share:
        return None
    for day in sorted({*lefts.rows, *rights.rows}):
        for column, one, other in _beside(lefts, lefts.on(day), rights, rights.on(day)):
            if broken(one, other):
                return (f" from {_text(book, (left, right), day)}" if day != ALWAYS else "") + (
                    column and f" for {column}"
                )
    return None


def _beside(lefts: Levels, left: Row, rights: Levels, right: Row) -> Iterator[tuple[str, Exact, Exact]]:
    """What stands beside each other in two rows: column, one figure, the other."""
    if "" in left and "" in right:
        yield "", left[""], right[""]
    elif "" in left:
        yield from ((column, left[""], other) for column, other in right.items())
    elif "" in right:
        yield from ((column, one, right[""]) for column, one in left.items())
    elif lefts.by == rights.by and lefts.by in IN_ORDER:
        place = IN_ORDER[lefts.by]
        for column in sorted({*left, *right}, key=place):
            one, other = (_held(row, place(column), place) for row in (left, right))
            if one is not None and other is not None:
                yield column, one, other
    elif lefts.by == rights.by:
        yield from ((column, left[column], right[column]) for column in left if column in right)


def _held(row: Row, at: int, place: Callable[[str], int]) -> Exact | None:
    """The figure of a table by age or birth day at one of them."""
    reached = [column for column in row if place(column) <= at]
    return row[max(reached, key=place)] if reached else None


def _text(book: Rulebook, figures: tuple[str, ...], day: int) -> str:
    """A day as one of the figures writes it."""
    days = [text for name in figures if name in book.values for text in _dated(book, book.values[name]).dated]
    return next(text for text in days if parse_day(text) == day)


def _dated(book: Rulebook, value: Value) -> Value:
    return value if value.share_of is None else book.values[value.share_of]
