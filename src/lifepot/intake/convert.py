"""From cells to rows: every column read, every row checked, and each fault of a refused row named.

The fast path reads a whole column at once and doubts what it cannot read; only doubted cells are read one by one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import Fault
from lifepot.intake.cells import Bool, Cells, Int
from lifepot.intake.checks import Wrong, row_checks
from lifepot.intake.layouts import JOB_KINDS, Layout
from lifepot.intake.parsers import CellError, Parser, Word
from lifepot.intake.rows import Objects, Person, Rejected, Rows
from lifepot.kernel.columns import NONE, Frequency

LONGEST_FOUND = 80
"""A fault shows this much of a cell: enough to see what is wrong, and no letter in the address column fills a page."""

Place = Rejected
"""Where rows stand: line, raw_start, raw_end."""

Found = list[tuple[int, int, Fault]]
"""Faults with their row and their column's place, by which they are sorted."""

_NO_TEXT = np.array([""], dtype=object)


@dataclass
class Conversion:
    """Reads one file's blocks. It remembers between blocks only the payers' numbers, in `payers`."""

    file: str
    layout: Layout
    today: int
    read_person: Person
    payers: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def rows_of(self, cells: Cells, place: Place, raw: bytes) -> tuple[Rows, list[Fault], Bool]:
        """The accepted rows, the faults of the others by row and column, and which rows are refused (bool (n,))."""
        found: Found = []
        values = {
            column.name: self._read(column.name, column.parser, cells, place, found)
            for column in self.layout.columns
            if column.parser and column.name in cells.spans
        }
        columns = self._columns(cells, values, place)
        for rows_wrong, wrong in row_checks(self.layout, cells, columns, self.today):
            found += [self._fault(cells, place, row, wrong) for row in np.flatnonzero(rows_wrong).tolist()]
        found.sort(key=lambda entry: entry[:2])
        refused = np.zeros(cells.count, dtype=np.bool_)
        refused[[row for row, _, _ in found]] = True
        rows = Rows(**columns, raw=raw, read_person=self.read_person)
        return rows if not found else rows.take(~refused), [fault for _, _, fault in found], refused

    def _read(self, column: str, parser: Parser, cells: Cells, place: Place, found: Found) -> NDArray[Any]:
        """One column's values; a cell that cannot be read is blank, and its fault goes to `found`."""
        span = cells.spans[column]
        values, doubtful = parser.many(cells.buffer, span)
        if parser.blank not in (NONE, b""):
            values[span.length == 0] = parser.blank
        for row in np.flatnonzero(doubtful).tolist():
            text = cells.text(column, row)
            values[row] = parser.blank
            if not text:
                cells.clear(column, np.array([row]))
                continue
            try:
                values[row] = parser.one(text)
            except CellError as wrong:
                found.append(self._fault(cells, place, row, Wrong(column, wrong.code, wrong.expected)))
        return values

    def _fault(self, cells: Cells, place: Place, row: int, wrong: Wrong) -> tuple[int, int, Fault]:
        """A fault of one row, with what sorts it: its row and its column's place."""
        text = cells.text(wrong.column, row) if wrong.column in cells.spans else ""
        shown = repr(text[:LONGEST_FOUND]) if text else "nothing"
        number, line = cells.place.get(wrong.column, 0), int(place.line[row])
        return row, number, Fault(self.file, line, number, wrong.code, wrong.column, shown, wrong.expected)

    def _columns(self, cells: Cells, values: Mapping[str, NDArray[Any]], place: Place) -> dict[str, Any]:
        """Every column of `Rows` but its two last, from the values of the layout's columns."""
        n = cells.count

        def read(name: str, blank: Callable[[], NDArray[Any]]) -> NDArray[Any]:
            """The field's values, added up where the layout has several columns of it."""
            total: NDArray[Any] | None = None
            for column in self.layout.of_field(name):
                if column.name in values:
                    total = values[column.name] if total is None else _add(total, values[column.name], column.sign)
            return blank() if total is None else total

        def none() -> Int:
            return np.full(n, NONE, dtype=np.int64)

        days_and_money = ("born", "on", "period_start", "period_end", "earnings", "worker", "employer", "amount")
        columns: dict[str, Any] = {"line": place.line, "raw_start": place.raw_start, "raw_end": place.raw_end}
        columns |= {name: read(name, none) for name in (*days_and_money, "hours", "left_on", "opted_out_on")}
        columns["frequency"] = read("frequency", lambda: np.full(n, Frequency.NONE, dtype=np.int64))
        columns["kind"] = read("kind", lambda: np.full(n, NONE if self.layout.kind is None else self.layout.kind))
        columns["nino"] = read("nino", lambda: np.zeros(n, dtype="S9"))
        for name in ("payroll_id", "reference"):
            columns[name] = read(name, lambda: np.zeros(n, dtype="S35"))
        for name in ("attribute", "value", "reason"):
            columns[name] = self._texts(name, cells, values)
        columns["payer"] = self._payers(cells)
        if "started_at" in values and "ended_at" in values:
            columns["hours"] = _hours(values["started_at"], values["ended_at"])
        return columns

    def _texts(self, name: str, cells: Cells, values: Mapping[str, NDArray[Any]]) -> Objects:
        for column in self.layout.of_field(name):
            if column.name not in cells.spans:
                continue
            if isinstance(column.parser, Word):
                words = np.array([*JOB_KINDS, ""], dtype=object)
                return words[np.where(values[column.name] == NONE, -1, values[column.name])]
            known: dict[bytes, int] = {}
            numbers = cells.vocabulary(column.name, known)
            return np.array([*cells.decode_all(known), ""], dtype=object)[numbers]
        return np.broadcast_to(_NO_TEXT, cells.count)

    def _payers(self, cells: Cells) -> NDArray[np.int32]:
        """Each row's payer by number, -1 where none is said; one named by two columns is written "635/A635"."""
        parts = []
        for column in self.layout.of_field("payer"):
            known: dict[bytes, int] = {}
            numbers = cells.vocabulary(column.name, known)
            parts.append((numbers, cells.decode_all(known)))
        (first, names), *rest = parts
        for numbers, more in rest:
            joined: dict[int, int] = {}
            pairs = first.astype(np.int64) * len(more) + numbers
            first = np.array([joined.setdefault(pair, len(joined)) for pair in pairs.tolist()], dtype=np.int32)
            names = [f"{names[pair // len(more)]}/{more[pair % len(more)]}" for pair in joined]
        return np.array([self._number(name) for name in names], dtype=np.int32)[first]

    def _number(self, name: str) -> int:
        if not name:
            return -1
        if name not in self._numbers:
            self._numbers[name] = len(self.payers)
            self.payers.append(name)
        return self._numbers[name]


def _add(total: Int, more: Int, sign: int) -> Int:
    """A sum in which "not said" counts as nothing, unless neither says; what is taken off stops at zero."""
    said = np.where(more == NONE, 0, sign * more)
    both = np.where(total == NONE, 0, total) + said
    if sign < 0:
        return np.where(total == NONE, NONE, np.maximum(both, 0))
    return np.where((total == NONE) & (more == NONE), NONE, both)


def _hours(started: Int, ended: Int) -> Int:
    """Hundredths of an hour between two moments in seconds, half a hundredth rounded up."""
    said = (started != NONE) & (ended != NONE)
    seconds = np.where(said, ended, 0) - np.where(said, started, 0)
    return np.where(said, (seconds + 18) // 36, NONE)
