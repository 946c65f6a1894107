"""What a row must say as a whole, once its cells are read.

Form only: whether a payer or a member is known, or may join, is judged later by those who know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lifepot.intake.cells import Bool, Cells, Int
from lifepot.intake.layouts import Layout
from lifepot.kernel.columns import NONE, Kind

DAYS_AHEAD = 31
"""A file may come this long before its pay date: payroll is often run in the month before."""

OLDEST_DAYS = 120 * 365 + 30
"""120 years. Nobody in the United Kingdom has been recorded older than 115."""

LONGEST_PAYER = 100

_SAYS_SOMETHING = ("earnings", "hours", "worker", "employer", "reason", "left_on", "opted_out_on", "event")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell, or with the row it stands for."""

    column: str
    code: str
    expected: str


Check = tuple[Bool, Wrong]
"""The rows where something is wrong, bool (n,), and what."""


def row_checks(layout: Layout, cells: Cells, columns: Mapping[str, Any], today: int) -> Iterator[Check]:
    """Every check of a layout's rows, over the columns of `Rows`. A cell already refused is NONE and not told twice."""
    yield from _needs(layout, cells, columns["kind"])
    if layout.kind is None:
        yield _empty(cells, "kind"), Wrong("kind", "value_missing", "a kind of row in every row")

    nino, payroll, born = (_first(layout, name) for name in ("nino", "payroll_id", "born"))
    unnamed = _empty(cells, nino) & (_empty(cells, payroll) | _empty(cells, born))
    yield unnamed, Wrong(nino, "person_unnamed", f"a National Insurance number, or {payroll} and {born}")

    yield columns["born"] > today, Wrong(born, "born_future", "a day that has been")
    too_old = (columns["born"] != NONE) & (columns["born"] < today - OLDEST_DAYS)
    yield too_old, Wrong(born, "born_too_old", "a person of at most 120 years")

    on = _first(layout, "on")
    yield columns["on"] > today + DAYS_AHEAD, Wrong(on, "date_future", f"a day at most {DAYS_AHEAD} days ahead")

    start, end = columns["period_start"], columns["period_end"]
    backwards = (start != NONE) & (end != NONE) & (end < start)
    if backwards.any():
        expected = f"a day not before {_first(layout, 'period_start')}"
        yield backwards, Wrong(_first(layout, "period_end"), "period_order", expected)
    if layout.of_field("ended_at"):
        hours: Int = columns["hours"]
        yield (hours < 0) & (hours != NONE), Wrong("ended_at", "job_order", "a moment not before started_at")

    payer = layout.of_field("payer")[0].name
    too_long = cells.spans[payer].length > LONGEST_PAYER
    yield too_long, Wrong(payer, "text_too_long", f"at most {LONGEST_PAYER} bytes")
    yield from _says_nothing(layout, cells, columns["kind"])


def _needs(layout: Layout, cells: Cells, kinds: Int) -> Iterator[Check]:
    """What a row of each kind must fill, and must leave empty."""
    for kind, needed in layout.needs.items():
        here = kinds == kind
        if not here.any():
            continue
        word = kind.name.lower()
        for name in needed:
            yield here & _empty(cells, name), Wrong(name, "value_missing", f"a value in every {word} row")
        for name in layout.excludes.get(kind, ()):
            yield here & ~_empty(cells, name), Wrong(name, "value_unexpected", f"nothing in a {word} row")


def _says_nothing(layout: Layout, cells: Cells, kinds: Int) -> Iterator[Check]:
    """A pay row of zero is news (and so is its reason); one with nothing in it is a slip."""
    silent = kinds == Kind.PAY
    for name in _SAYS_SOMETHING:
        for column in layout.of_field(name):
            if silent.any():
                silent = silent & _empty(cells, column.name)
    yield (
        silent,
        Wrong(_first(layout, "earnings"), "says_nothing", "an amount (0.00 is one), hours, a reason or an event"),
    )


def _first(layout: Layout, name: str) -> str:
    return layout.of_field(name)[0].name


def _empty(cells: Cells, column: str) -> Bool:
    """Which cells are empty; all of them, where the file has no such column."""
    if column not in cells.spans:
        return np.ones(cells.count, dtype=np.bool_)
    empty: Bool = cells.spans[column].length == 0
    return empty
