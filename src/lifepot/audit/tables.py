"""The large tables read straight from the database: the bytes as binary COPY writes them, and the rows in those bytes.

Written for the audit alone, from the schema: what wrote these tables must not be what reads them back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from struct import Struct
from typing import Any, Generic, NamedTuple, TypeVar

import psycopg
from psycopg import sql

Row = TypeVar("Row", bound=tuple[Any, ...])

NOT_SAID = -(2**63)
NO_DAY = -(2**31)
"""How "not said" and the day -infinity look in a fact. Other days are counted from the first of 2000."""

HEADER_BYTES, TRAILER = 19, b"\xff\xff"
"""What binary COPY writes before the first row and after the last."""

ROWS_AT_ONCE = 4_096
NEAR = 32
"""Runs so close are read as one."""


class Fact(NamedTuple):
    """A row of table `fact`."""

    id: int
    root: int
    replaces: int
    amount: int
    earnings: int
    hours: int
    worker: int
    employer: int
    value: int
    member: int
    effective_on: int
    payer: int
    period_start: int
    period_end: int
    file: int
    line: int
    kind: int
    frequency: int
    attribute: int


class Transfer(NamedTuple):
    """A row of table `transfer`."""

    id: int
    debit: int
    credit: int
    amount: int
    fact: int
    effective_on: int
    asset: int
    rule: int


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A table of rows of one width. `widths` are its columns', in order: q for eight bytes, i for four, h for two."""

    name: str
    widths: str
    make: Callable[[Iterable[int]], Row]
    columns: tuple[str, ...]

    @property
    def layout(self) -> Struct:
        """A row as binary COPY writes it: how many columns, then the length of each and its bytes."""
        return Struct(">2x" + "".join(f"4x{width}" for width in self.widths))

    @property
    def select(self) -> sql.Composed:
        """The beginning of a query for its rows."""
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("select {} from {}").format(names, sql.Identifier(self.name))


FACTS = Table("fact", "qqqqqqqqqiiiiiiihhh", Fact._make, Fact._fields)
TRANSFERS = Table("transfer", "qqqqqihh", Transfer._make, Transfer._fields)


def number(batch: int, position: int = 0) -> int:
    """The number of a fact or transfer."""
    return (batch << 32) + position


def batch_of(number_: int) -> int:
    """The batch that a fact or transfer is of."""
    return number_ >> 32


def position_of(number_: int) -> int:
    """Where it stands in its batch."""
    return number_ & (2**32 - 1)


def rows_of_batch(
    connection: psycopg.Connection[Any], table: Table[Row], batch: int
) -> Iterator[tuple[bytes, Iterator[Row]]]:
    """The rows of a batch by number, some thousand at a time: the bytes as written, and the rows in them."""
    query = sql.SQL("{} where id >= {} and id < {} order by id")
    rows = _copied(connection, query.format(table.select, number(batch), number(batch + 1)))
    layout = table.layout
    while some := list(islice(rows, ROWS_AT_ONCE)):
        # Somebody who allowed NULLs can have made a row of another width: its bytes count, and it is no row.
        whole = b"".join(row for row in some if len(row) == layout.size)
        yield b"".join(some), map(table.make, layout.iter_unpack(whole))


class Run(NamedTuple):
    """The numbers of a member's rows in one batch: the first, and the one after the last."""

    first: int
    past: int
    member: int


def rows_of_runs(connection: psycopg.Connection[Any], table: Table[Row], runs: list[Run]) -> Iterator[tuple[int, Row]]:
    """The rows with the numbers of these runs, by number, each with its run's member. What is not there is left out."""
    runs = sorted(run for run in runs if run.past > run.first)
    spans: list[list[int]] = []
    for run in runs:
        if spans and run.first <= spans[-1][1] + NEAR:
            spans[-1][1] = max(spans[-1][1], run.past)
        else:
            spans.append([run.first, run.past])
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    query = sql.SQL(
        "{} join unnest({}::bigint[], {}::bigint[]) as run (low, high) on id >= low and id < high order by id"
    ).format(table.select, sql.Literal(lows), sql.Literal(highs))
    layout, nth = table.layout, 0
    for written in _copied(connection, query) if spans else ():
        row = table.make(layout.unpack(written))
        while nth < len(runs) and runs[nth].past <= row[0]:
            nth += 1
        if nth < len(runs) and runs[nth].first <= row[0]:
            yield runs[nth].member, row


class Closing(NamedTuple):
    """How a member stood after a batch: where the member's rows of the batch stand, and seven balances for each part."""

    batch: int
    member: int
    first_transfer: int
    transfers: int
    first_fact: int
    facts: int
    balances: tuple[int, ...]


class ClosingRow(NamedTuple):
    """A row of table `closing`, which holds the records of `members` closings; with its bytes as COPY writes them."""

    member: int
    members: int
    small: bool
    records: bytes
    written: bytes


def closing_rows(connection: psycopg.Connection[Any], batch: int) -> Iterator[ClosingRow]:
    """A batch's rows of closings, by member."""
    query = sql.SQL("select batch, member, members, small, records from closing where batch = {} order by member")
    layout = Struct(">2x4x4x4xi4xh4x?4x")
    for written in _copied(connection, query.format(batch)):
        member, members, small = layout.unpack_from(written)
        yield ClosingRow(member, members, small, written[layout.size :], written)


class Records:
    """The records of closings, but for what the kernel carries in them."""

    def __init__(self, parts: int) -> None:
        self._layout = Struct(f"<6i8x{7 * parts}q")
        self._heads: list[bytes] = []

    def add(self, members: int, records: bytes) -> None:
        """The records of one more row. What was cut off is read as nothing."""
        size = len(records) // max(members, 1)
        for start in range(0, members * size, size or 1):
            self._heads.append(records[start : start + min(size, self._layout.size)].ljust(self._layout.size, b"\0"))

    def __len__(self) -> int:
        return len(self._heads)

    def __getitem__(self, at: int) -> Closing:
        figures = self._layout.unpack(self._heads[at])
        return Closing._make((*figures[:6], figures[6:]))

    def __iter__(self) -> Iterator[Closing]:
        return (self[at] for at in range(len(self)))


def closings_between(connection: psycopg.Connection[Any], parts: int, first: int, last: int) -> list[Closing]:
    """All closings of members from `first` to `last`."""
    rows = connection.execute(
        "select members, records from closing where small and member between %(first)s and %(last)s "
        "union all select members, records from batch join closing on closing.batch = batch.number and not closing.small "
        "where closing.member <= %(last)s and closing.member >= coalesce((select max(before.member) from closing as before "
        "where before.batch = batch.number and before.member <= %(first)s), %(first)s)",
        {"first": first, "last": last},
        binary=True,
    )
    records = Records(parts)
    for members, content in rows:
        records.add(members, content)
    return [closing for closing in records if first <= closing.member <= last]


def _copied(connection: psycopg.Connection[Any], query: sql.Composed) -> Iterator[bytes]:
    """The rows of a query as binary COPY writes them, one by one."""
    skipped = HEADER_BYTES
    statement = sql.SQL("copy ({}) to stdout (format binary)").format(query)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for message in copy:
            row = bytes(message)[skipped:]
            skipped = 0
            if row and row != TRAILER:
                yield row
