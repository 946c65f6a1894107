"""A batch's facts or transfers, one after the other, against the runs that its closings name."""

from collections.abc import Iterator
from typing import NamedTuple

from lifepot.audit.findings import Findings
from lifepot.audit.tables import position_of


class OwnRows(NamedTuple):
    """The rows of one closing: its position among the batch's, its member, and the positions of its rows."""

    closing: int
    member: int
    first: int
    past: int


NO_ROWS = OwnRows(-1, -1, 0, 0)


class Runs:
    """One table's rows of one batch: none is missing, none too many, and which of the closings each belongs to."""

    def __init__(self, table: str, batch: str, count: int, runs: Iterator[OwnRows], findings: Findings) -> None:
        self.count, self.findings = count, findings
        self.seen = 0
        self._where = f"{batch}, table {table}"
        self._runs = runs
        self._run = NO_ROWS
        self._next = 0

    def take(self, number: int) -> OwnRows:
        """The run in which the next row stands; `NO_ROWS` for none."""
        at = position_of(number)
        if at != self._next:
            self._missing(at)
        if at >= self.count:
            self.report("row", number, "a row", f"no row: the batch wrote {self.count}")
        self.seen += 1
        self._next = at + 1
        while self._run.past <= at and (run := next(self._runs, None)) is not None:
            if run.first < self._run.past or run.past > self.count:
                found = f"rows {run.first} to {run.past - 1} are member {run.member}'s, as the closing says"
                self.findings.add("run", self._where, found, f"rows after {self._run.past - 1}, of {self.count}")
            self._run = run
        return self._run if self._run.first <= at < self._run.past else NO_ROWS

    def end(self) -> None:
        """No more rows: the last may be missing."""
        if self._next < self.count:
            self._missing(self.count)

    def report(self, kind: str, number: int, found: str, expected: str) -> None:
        """A problem with a row."""
        self.findings.add(kind, f"{self._where}, row {position_of(number)}", found, expected)

    def _missing(self, past: int) -> None:
        rows = f"row {self._next}" if past == self._next + 1 else f"rows {self._next} to {past - 1}"
        self.findings.add("row", f"{self._where}, {rows}", "nothing", "what the batch wrote")
