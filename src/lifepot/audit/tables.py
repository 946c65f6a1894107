"""The large tables read straight from the database: the bytes as binary COPY writes them, and columns over those bytes.

Written for the audit alone, from the schema: what wrote these tables must not be what reads them back.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

Rows = NDArray[np.void]
Int = NDArray[np.int64]

NOT_SAID = -(2**63)
NO_DAY = -(2**31)
"""How "not said" and the day -infinity look in a fact."""

DAYS_TO_2000 = 10_957
"""From 1970-01-01 to the day from which PostgreSQL counts."""

HEADER_BYTES, TRAILER = 19, b"\xff\xff"
"""What binary COPY writes before the first row and after the last."""

ROWS_AT_ONCE = 4_096
NEAR = 32
"""Runs so close are read as one."""


class Table(NamedTuple):
    """A table of rows of one width: its columns, in order, and a row as binary COPY writes it."""

    name: str
    columns: tuple[str, ...]
    row: np.dtype[np.void]


def _table(name: str, **columns: str) -> Table:
    parts = [("columns", ">i2")]
    for column, kind in columns.items():
        parts += [(f"bytes of {column}", ">i4"), (column, kind)]
    return Table(name, tuple(columns), np.dtype(parts))


LONG, INTEGER, SHORT, DAY = ">i8", ">i4", ">i2", ">i4"

FACT = _table(
    "fact", id=LONG, root=LONG, replaces=LONG, amount=LONG, earnings=LONG, hours=LONG, worker=LONG, employer=LONG,
    value=LONG, member=INTEGER, effective_on=DAY, payer=INTEGER, period_start=DAY, period_end=DAY, file=INTEGER,
    line=INTEGER, kind=SHORT, frequency=SHORT, attribute=SHORT,
)  # fmt: skip
TRANSFER = _table(
    "transfer", id=LONG, debit=LONG, credit=LONG, amount=LONG, fact=LONG, effective_on=DAY, asset=SHORT, rule=SHORT
)


class FactRow(NamedTuple):
    """A row of table `fact`, its days as COPY writes them."""

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


def fact_rows(rows: Rows) -> Iterator[FactRow]:
    """Facts one by one."""
    return map(FactRow._make, zip(*(rows[column].tolist() for column in FactRow._fields), strict=True))


def number(batch: int, position: int = 0) -> int:
    """The number of a fact or transfer."""
    return (batch << 32) + position


def rows_of_batch(connection: psycopg.Connection[Any], table: Table, batch: int) -> Iterator[tuple[bytes, Rows]]:
    """The rows of a batch by number, some thousand at a time: the bytes as written, and columns over them."""
    chosen = sql.SQL("id >= {} and id < {}").format(number(batch), number(batch + 1))
    query = sql.SQL("select {} from {} where {} order by id").format(_names(table), sql.Identifier(table.name), chosen)
    rows = _copied(connection, query)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        # Somebody who allowed NULLs can have made a row of another width: it is in the bytes, and has no columns.
        yield b"".join(some), np.frombuffer(b"".join(row for row in some if len(row) == table.row.itemsize), table.row)


def rows_of_runs(connection: psycopg.Connection[Any], table: Table, first: Int, count: Int) -> tuple[Int, Rows]:
    """The rows with the numbers `first` to `first + count - 1`, for each run, and the position of the run each came from.

    Rows that are not there are left out.
    """
    order = np.argsort(first)
    begins, ends = first[order], (first + count)[order]
    breaks = np.flatnonzero(begins[1:] > np.maximum.accumulate(ends)[:-1] + NEAR) + 1
    lows = begins[np.append(0, breaks)] if len(begins) else begins
    highs = np.maximum.accumulate(ends)[np.append(breaks, len(ends)) - 1] if len(begins) else ends
    query = sql.SQL("select {} from unnest({}::bigint[], {}::bigint[]) as run (low, high) join {} on id >= low and id < high order by id").format(
        _names(table), sql.Literal(lows.tolist()), sql.Literal(highs.tolist()), sql.Identifier(table.name)
    )  # fmt: skip
    found = np.frombuffer(b"".join(_copied(connection, query)) if len(lows) else b"", table.row)
    at = np.searchsorted(begins, found["id"], side="right") - 1
    inside = (at >= 0) & (found["id"] < ends[np.maximum(at, 0)]) if len(begins) else np.zeros(0, np.bool_)
    return order[at[inside]], found[inside]


class Closings(NamedTuple):
    """Closings of some members, a row each: `balances` has seven columns for each part of the pot."""

    batch: Int
    member: Int
    first_transfer: Int
    transfers: Int
    first_fact: Int
    facts: Int
    balances: NDArray[np.int64]

    def take(self, rows: Int | NDArray[np.bool_]) -> "Closings":
        """These rows."""
        return Closings(*(column[rows] for column in self))


class ClosingRow(NamedTuple):
    """A row of table `closing`, with its bytes as COPY writes them."""

    batch: int
    member: int
    members: int
    small: bool
    records: bytes
    written: bytes


def closing_rows(connection: psycopg.Connection[Any], batch: int) -> Iterator[ClosingRow]:
    """A batch's rows of closings, by member."""
    query = sql.SQL("select batch, member, members, small, records from closing where batch = {} order by member")
    for written in _copied(connection, query.format(batch)):
        member, members, small = (int.from_bytes(written[at:to], "big") for at, to in ((14, 18), (22, 24), (28, 29)))
        yield ClosingRow(batch, member, members, bool(small), written[33:], written)


def read_records(parts: int, rows: Sequence[tuple[int, bytes]]) -> Closings:
    """Closings from the records of rows, each given with the number of closings in it. A cut-off one is filled with nothing."""
    head = np.dtype([("six", "<i4", (6,)), ("last", "<i8"), ("balances", "<i8", (7 * parts,))])
    heads = []
    for members, records in rows:
        size = len(records) // max(members, 1)
        heads += [
            records[at * size : (at + 1) * size][: head.itemsize].ljust(head.itemsize, b"\0") for at in range(members)
        ]
    found = np.frombuffer(b"".join(heads), head)
    batch, member, first_transfer, transfers, first_fact, facts = found["six"].astype(np.int64).T
    return Closings(batch, member, first_transfer, transfers, first_fact, facts, found["balances"].astype(np.int64))


def closings_between(connection: psycopg.Connection[Any], parts: int, first: int, last: int) -> Closings:
    """All closings of members from `first` to `last`, by member and then in the order they were made."""
    rows = connection.execute(
        "select members, records from closing where small and member between %(first)s and %(last)s "
        "union all select members, records from batch join closing on closing.batch = batch.number and not closing.small "
        "where closing.member <= %(last)s and closing.member >= coalesce((select max(before.member) from closing as before "
        "where before.batch = batch.number and before.member <= %(first)s), %(first)s)",
        {"first": first, "last": last},
        binary=True,
    ).fetchall()
    found = read_records(parts, rows)
    found = found.take((found.member >= first) & (found.member <= last))
    return found.take(np.lexsort((found.batch, found.member)))


def _names(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))


def _copied(connection: psycopg.Connection[Any], query: sql.Composed) -> Iterator[bytes]:
    """The rows of a query as binary COPY writes them, one by one."""
    skipped = HEADER_BYTES
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("copy ({}) to stdout (format binary)").format(query)) as copy,
    ):
        for message in copy:
            row = bytes(message)[skipped:]
            skipped = 0
            if row and row != TRAILER:
                yield row
