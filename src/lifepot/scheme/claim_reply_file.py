"""A reply to a claim as it is read: a row a line of the claim, what became of it. docs/file-layouts.md describes it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import Fault, LifepotError
from lifepot.intake.cells import Cells, Span, gather
from lifepot.intake.delimited import Table, read_line, tables
from lifepot.intake.parsers import Amount, CellError
from lifepot.intake.texts import first_fault_of_text
from lifepot.kernel.columns import NONE

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

COLUMNS = ("line", "outcome", "amount", "code")
NEEDED = ("line", "outcome")

OUTCOMES = ("paid", "partly_paid", "refused")
PAID, PARTLY, REFUSED = range(3)

LINES_OF_HEADING = 50
"""Within so many lines the row that names the columns must stand."""

BLOCK_BYTES = 1 << 23
LONGEST_CODE = 60

MOST_TOLD = 1_000


@dataclass(slots=True)
class Told:
    """What a reply says, a row each. `line` is the claim's line, `amount` minor units, always 0 or more (NONE: not said), `code`
    a position among `codes` (-1: none), `at` the line of the reply's own file.
    """

    file: str
    sha256: bytes
    claim: int = 0
    rows: int = 0
    line: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    outcome: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    amount: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    negative: Bool = field(default_factory=lambda: np.zeros(0, np.bool_))
    code: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    at: Int = field(default_factory=lambda: np.zeros(0, np.int64))
    codes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    faults_not_listed: int = 0

    def tell(self, at: int, code: str, path: str, found: str, expected: str) -> None:
        """Adds a fault, listed or at least counted."""
        if len(self.faults) < MOST_TOLD:
            self.faults.append(Fault(self.file, at, 0, code, path, found, expected))
        else:
            self.faults_not_listed += 1


def read_reply(path: Path) -> Told:
    """Read a reply. LifepotError where it is none; what is wrong with a row is a fault of it, and the row is left out."""
    try:
        with path.open("rb") as stream:
            fault = first_fault_of_text(stream, path.name)
        content = path.read_bytes()
    except OSError as error:
        raise LifepotError(f"{path} cannot be read ({error.strerror}).", remedy="Give the path of a file.") from None
    if fault is not None:
        raise LifepotError(f"{fault}.", remedy="Save the reply as UTF-8 text.")
    header, offset, lines = _header(path, content)
    told = Told(path.name, hashlib.sha256(content).digest())
    del content
    wanted = {name: header.index(name) + 1 for name in COLUMNS if name in header}
    parts: list[tuple[Any, ...]] = []
    codes: dict[bytes, int] = {}
    with path.open("rb", buffering=0) as stream:
        stream.seek(offset)
        for table in tables(stream, header, wanted, BLOCK_BYTES):
            parts.append(_block(told, table, lines, codes))
            if table.ended is not None and table.ended[0] != "last_line_open":
                told.tell(
                    table.ended[1] + lines - 1, table.ended[0], "", "a file that ends in the middle", "the whole file"
                )
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)] if parts else []
    if columns:
        told.line, told.outcome, told.amount, told.negative, told.code, told.at = columns
    told.codes = [code.decode().strip() for code in codes]
    return told


def _header(path: Path, content: bytes) -> tuple[list[str], int, int]:
    """The columns' names, where the rows begin, and how many lines come before."""
    offset = 0
    for number in range(1, LINES_OF_HEADING + 1):
        end = content.find(b"\n", offset)
        end = len(content) if end < 0 else end
        names = [name.strip().lower() for name in read_line(content[offset:end].rstrip(b"\r"))]
        offset = min(end + 1, len(content))
        if set(NEEDED) <= set(names):
            if len(set(names)) < len(names):
                raise LifepotError(f"{path} names a column twice.", remedy="Give each column once.")
            return names, offset, number
        if offset == len(content):
            break
    raise LifepotError(
        f"{path} is no reply to a claim: no line of its first {LINES_OF_HEADING} names the columns line and outcome.",
        remedy=f"Send a CSV file with the columns {','.join(COLUMNS)}; docs/file-layouts.md describes it.",
    )


def _block(told: Told, table: Table, lines: int, codes: dict[bytes, int]) -> tuple[Any, ...]:
    cells = table.cells
    at = table.place.line + (lines - 1)
    told.rows += cells.count + len(table.broken.at.line)
    for number, why in zip(table.broken.at.line.tolist(), table.broken.codes, strict=True):
        told.tell(
            number + lines - 1, why, "", "a row that cannot be told apart into fields", "as many fields as columns"
        )
    sound = np.ones(cells.count, np.bool_)

    def refuse(rows: Any, code: str, path: str, expected: str) -> None:
        for row in np.flatnonzero(rows & sound).tolist():
            found = cells.text(path, row) or "nothing"
            told.tell(int(at[row]), code, path, found, expected)
        sound[rows] = False

    line = _lines(told, cells, refuse)
    outcome = _words(cells, "outcome", refuse)
    amount, negative = _amounts(cells, refuse)
    code = np.full(cells.count, -1, np.int64)
    if "code" in cells.spans:
        long = cells.spans["code"].length > LONGEST_CODE
        refuse(long, "code_too_long", "code", f"a code of at most {LONGEST_CODE} characters")
        cells.clear("code", np.flatnonzero(long))
        code = cells.vocabulary("code", codes).astype(np.int64)
        code[cells.spans["code"].length == 0] = -1
    return tuple(column[sound] for column in (line, outcome, amount, negative, code, at))


Refuse = Callable[[Any, str, str, str], None]


def _lines(told: Told, cells: Cells, refuse: Refuse) -> Int:
    """The number behind the claim's own in each reference, such as 123 of 7-123. All of a file speak of one claim."""
    span = cells.spans["line"]
    if not told.claim:
        for row in range(min(cells.count, MOST_TOLD)):
            first, dash, _ = cells.text("line", row).partition("-")
            if dash and first.isdigit() and len(first) < 10:
                told.claim = int(first)
                break
    own = f"{told.claim}-".encode()
    begins = span.length > len(own)
    begins &= (gather(cells.buffer, span.start, len(own)) == np.frombuffer(own, np.uint8)).all(axis=1)
    rest = Span(span.start + len(own), span.stop)
    minor, doubtful = Amount().many(cells.buffer, Span(np.where(begins, rest.start, rest.stop), rest.stop))
    sound = begins & ~doubtful & (minor != NONE) & (minor % 100 == 0) & (minor > 0)
    refuse(
        ~sound, "line_unknown", "line", f"a line of the claim, such as {told.claim or 7}-1; a reply speaks of one claim"
    )
    return np.where(sound, minor // 100, 0)


def _words(cells: Cells, column: str, refuse: Refuse) -> Int:
    known: dict[bytes, int] = {}
    numbers = cells.vocabulary(column, known)
    meaning = [OUTCOMES.index(word) if word in OUTCOMES else -1 for word in cells.decode_all(known)]
    outcome = np.array(meaning or [-1], np.int64)[numbers]
    refuse(outcome < 0, "outcome_unknown", column, ", ".join(OUTCOMES))
    return outcome


def _amounts(cells: Cells, refuse: Refuse) -> tuple[Int, Bool]:
    """Amounts without their signs, and which had one."""
    nothing = np.full(cells.count, NONE, np.int64), np.zeros(cells.count, np.bool_)
    if "amount" not in cells.spans:
        return nothing
    span = cells.spans["amount"]
    negative = (cells.buffer[span.start] == ord("-")) & (span.length > 1)
    amount, doubtful = Amount().many(cells.buffer, Span(span.start + negative, span.stop))
    wrong = np.zeros(cells.count, np.bool_)
    for row in np.flatnonzero(doubtful).tolist():
        try:
            amount[row] = Amount().one(cells.text("amount", row).removeprefix("-"))
        except CellError:
            wrong[row] = bool(cells.text("amount", row))
    refuse(wrong, "amount_unreadable", "amount", "an amount such as 12.50")
    return amount, negative
