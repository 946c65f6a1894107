"""Entitlements as they come in, block by block: into columns that have room for more."""

from dataclasses import dataclass, field

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

    rows: int
    """Rows of all blocks; of those that were gone through, in `first_row`, it is told how much room is needed."""
    owner: Int = field(init=False)
    """The member (counted over all blocks) behind each of the present block's."""
    first_row: int = 0
    _count: int = 0
    _columns: dict[str, Int] = field(default_factory=lambda: {name: np.zeros(0, dtype=np.int64) for name in COLUMNS})
    _behind: list[tuple[int, Int, Int]] = field(default_factory=list)
    """Of entitlements with other rows behind them than their own: the first one's place, refs and ref_starts."""

    def room(self, rule: int, more: int) -> dict[str, Int]:
        """Columns for so many more entitlements of a rule, to be filled."""
        begin, end = self._count, self._count + more
        if end > len(self._columns["row"]):
            # As many a row as in the blocks so far, and some more.
            expected = end * self.rows // self.first_row if self.first_row else end
            size = max(end, expected + expected // 32)
            for name, column in self._columns.items():
                larger = np.empty(size, dtype=np.int64)
                larger[:begin] = column[:begin]
                self._columns[name] = larger
        self._count = end
        found = {name: column[begin:end] for name, column in self._columns.items()}
        found["rule"][:] = rule
        return found

    def add(self, given: Given) -> None:
        """These, too."""
        if given.refs is not None and given.ref_starts is not None:
            self._behind.append((self._count, given.refs + self.first_row, given.ref_starts))
        columns = self.room(given.rule, len(given))
        np.take(self.owner, given.member, out=columns["member"], mode="clip")
        np.add(given.row, self.first_row, out=columns["row"])
        for name in ("effective_on", "window_start", "window_end", "amount"):
            columns[name][:] = getattr(given, name)

    def all(self) -> Entitlements:
        """The table of them."""
        columns = {name: column[: self._count] for name, column in self._columns.items()}
        row = columns["row"]
        if not self._behind:
            return Entitlements(**columns, refs=row, ref_starts=np.arange(self._count + 1))
        lengths = np.ones(self._count, dtype=np.int64)
        for begin, refs, starts in self._behind:
            lengths[begin : begin + len(starts)] = np.diff(starts, append=len(refs))
        ref_starts = np.zeros(self._count + 1, dtype=np.int64)
        np.cumsum(lengths, out=ref_starts[1:])
        refs = np.empty(int(ref_starts[-1]), dtype=np.int64)
        at = 0
        for begin, behind, starts in [*self._behind, (self._count, row[:0], row[:0])]:
            refs[ref_starts[at] : ref_starts[begin]] = row[at:begin]
            at = begin + len(starts)
            refs[ref_starts[begin] : ref_starts[at]] = behind
        return Entitlements(**columns, refs=refs, ref_starts=ref_starts)
