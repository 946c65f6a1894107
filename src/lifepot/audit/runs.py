"""A batch's facts or transfers against the runs that its closings name."""

from dataclasses import dataclass, field

import numpy as np

from lifepot.audit.findings import Findings
from lifepot.audit.tables import Int, number


@dataclass(slots=True)
class Runs:
    """One table's rows of one batch against the runs of its closings: rows of a run are of its member, and none is missing."""

    table: str
    batch: str
    count: int
    first: Int
    past: Int
    run: Int
    findings: Findings
    seen: int = 0
    _next: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if (self.first[1:] < self.past[:-1]).any() or (self.past > self.count).any():
            self.findings.add(
                "run", self.where(), "runs that overlap, or end past the last row", f"runs within {self.count} rows"
            )

    def where(self, position: int | None = None) -> str:
        """Where this is, for a problem."""
        row = "" if position is None else f", row {position}"
        return f"{self.batch}, table {self.table}{row}"

    def take(self, ids: Int, batch: int) -> tuple[Int, Int]:
        """Positions of more rows of the batch, and the closing in whose run each stands (-1: in none)."""
        at = ids.astype(np.int64) - number(batch)
        self.seen += len(at)
        before = np.append(self._next - 1, at[:-1])
        for gap in np.flatnonzero(at != before + 1).tolist():
            self._missing(int(before[gap]) + 1, int(at[gap]))
        for beyond in at[at >= self.count].tolist():
            self.findings.add("row", self.where(beyond), "a row", f"no row: the batch wrote {self.count}")
        if len(at):
            self._next = int(at[-1]) + 1
        if not len(self.first):
            return at, np.full(len(at), -1, np.int64)
        nearest = np.searchsorted(self.first, at, side="right") - 1
        return at, np.where((nearest >= 0) & (at < self.past[nearest]), self.run[nearest], -1)

    def end(self) -> None:
        """No more rows: the last may be missing."""
        if self._next < self.count:
            self._missing(self._next, self.count)

    def _missing(self, first: int, past: int) -> None:
        rows = self.where(first) if past == first + 1 else f"{self.where(first)} to {past - 1}"
        self.findings.add("row", rows, "no row", "a row")

    def report(self, kind: str, positions: Int, found: str, expected: str) -> None:
        """A problem for each of these rows."""
        for position in positions.tolist():
            self.findings.add(kind, self.where(position), found, expected)
