"""Entitlements as they come in, block by block: into columns that have room for more."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import Entitlements

Int = NDArray[np.int64]

COLUMNS = ("rule", "member", "effective_on", "window_start", "window_end", "amount", "row")


@dataclass(slots=True)
class Given:
    """Entitlements of one rule from one block, with members and rows by their place in it: columns as in `Entitlements`.
    Without `refs` each has its own row behind it.
    """

    rule: int
    member: Int
    effective_on: Int
    window_start: Int
    window_end: Int
    amount: Int
    row: Int
    refs: Int | None = None
    ref_starts: Int | None = None

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True)
class Owing:
    """All entitlements so far, from the first of so many rows on. What is written is written once, in its place: memory that
    nobody had before costs more than what is written to it.
    """

    most: int
    """As many as there nearly always are at most: one for each row and rule."""
    owner: Int = field(init=False)
    """The member (counted over all blocks) behind each of the present block's."""
    first_row: int = 0
    _count: int = 0
    _table: Int = field(default_factory=lambda: np.zeros((len(COLUMNS), 0), dtype=np.int64))
    """A row a column, in one piece. A system gives memory when it is first written to, so that room which is not needed
    costs nothing; and of a large piece it gives large pages.
    """
    _behind: list[tuple[int, Int, Int]] = field(default_factory=list)
    """Of entitlements with other rows behind them than their own: the first one's place, refs and ref_starts."""

    def room(self, rule: int, more: int) -> dict[str, Int]:
        """Columns for so many more entitlements of a rule, to be filled, and one cell more, which may be written to."""
        begin, end = self._count, self._count + more
        held = self._table.shape[1]
        if end >= held:
            self._grow(max(end, 2 * held) + 1)
        self._count = end
        self._table[0, begin:end] = rule
        return {name: column[begin : end + 1] for name, column in zip(COLUMNS, self._table, strict=True)}

    def _grow(self, least: int) -> None:
        larger = None
        if self.most > least:
            try:
                larger = np.empty((len(COLUMNS), self.most), dtype=np.int64)
            except MemoryError:
                # A system that promises no more than it has: as much as is needed.
                self.most = 0
        if larger is None:
            larger = np.empty((len(COLUMNS), least), dtype=np.int64)
        larger[:, : self._count] = self._table[:, : self._count]
        self._table = larger

    def add(self, given: Given) -> None:
        """These, too."""
        if given.refs is not None and given.ref_starts is not None:
            self._behind.append((self._count, given.refs + self.first_row, given.ref_starts))
        columns = {name: column[:-1] for name, column in self.room(given.rule, len(given)).items()}
        np.take(self.owner, given.member, out=columns["member"], mode="clip")
        np.add(given.row, self.first_row, out=columns["row"])
        for name in ("effective_on", "window_start", "window_end", "amount"):
            columns[name][:] = getattr(given, name)

    def all(self) -> Entitlements:
        """The table of them."""
        columns = dict(zip(COLUMNS, self._table[:, : self._count], strict=True))
        return Entitlements(**columns, work_out_refs=partial(_refs, columns["row"], self._behind))


def _refs(row: Int, behind: list[tuple[int, Int, Int]]) -> tuple[Int, Int]:
    """The rows behind all entitlements, and where those of each begin."""
    if not behind:
        return row, np.arange(len(row) + 1)
    lengths = np.ones(len(row), dtype=np.int64)
    for begin, refs, starts in behind:
        lengths[begin : begin + len(starts)] = np.diff(starts, append=len(refs))
    ref_starts = np.zeros(len(row) + 1, dtype=np.int64)
    np.cumsum(lengths, out=ref_starts[1:])
    found = np.empty(int(ref_starts[-1]), dtype=np.int64)
    at = 0
    for begin, refs, starts in [*behind, (len(row), row[:0], row[:0])]:
        found[ref_starts[at] : ref_starts[begin]] = row[at:begin]
        at = begin + len(starts)
        found[ref_starts[begin] : ref_starts[at]] = refs
    return found, ref_starts
