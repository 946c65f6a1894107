"""What stands on a funder's account, read from the transfers themselves; and by what name a funder knows each member."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.periods import date_of
from lifepot.storage.copying import cursor, memory_days
from lifepot.storage.queries import query
from lifepot.storage.rows import BATCH_BITS, Int

READ_AT_ONCE = 1 << 18
"""Transfers looked through at a time: what of them is the funder's comes in one answer."""

NAMED_AT_ONCE = 1 << 16

BEGINNING = "-infinity"


@dataclass(frozen=True, slots=True)
class Owing:
    """Transfers that say what a funder owes, a row each, by number: all int64.

    other (the other account), amount (minor units; negative: owed no more), fact, effective_on (day), rule
    """

    other: Int
    amount: Int
    fact: Int
    effective_on: Int
    rule: Int
    floor: int
    """No batch from the first that was looked through up to this one holds anything effective after the last day asked for."""


def read_owing(
    connection: psycopg.Connection[Any], account: int, came: int, *, first: int, past: int, since: int, after: int | None,
    until: int,
) -> Owing:  # fmt: skip
    """What a funder owes by batches from number `first` to before `past`, effective up to the day `until`; of those before the
    batch `since`, only what is effective after the day `after`. `came`: the account from which what was owed comes.
    """
    asked: dict[str, Any] = {
        "account": account, "came": came, "since": since << BATCH_BITS, "until": date_of(until),
        "after": BEGINNING if after is None else date_of(after),
    }  # fmt: skip
    batches = connection.execute(
        "select number, transfers from batch where number >= %s and number < %s and transfers > 0 order by number",
        [first, past],
    ).fetchall()
    reading = cursor(connection)
    columns: list[list[Int]] = [[] for _ in range(5)]
    floor = past
    for low, high in _pieces(batches):
        row = reading.execute(query("owing_between"), asked | {"low": low, "high": high}).fetchone()
        assert row is not None
        if row[-1] is not None:
            floor = min(floor, row[-1] >> BATCH_BITS)
        if row[0] is not None:
            for column, array in zip(columns, row[1:6], strict=True):
                column.append(array.astype(np.int64))
    other, amount, fact, day, rule = (np.concatenate(each) if each else np.zeros(0, np.int64) for each in columns)
    return Owing(other, amount, fact, memory_days(day), rule, floor)


def _pieces(batches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of transfers' numbers that hold all of these batches: large ones in pieces, small ones together."""
    pieces: list[tuple[int, int]] = []
    room = 0
    for number, transfers in batches:
        begin, end = number << BATCH_BITS, (number << BATCH_BITS) + transfers
        if transfers <= room:
            pieces[-1] = (pieces[-1][0], end)
            room -= transfers
            continue
        pieces += [(low, min(low + READ_AT_ONCE, end)) for low in range(begin, end, READ_AT_ONCE)]
        room = READ_AT_ONCE - (pieces[-1][1] - pieces[-1][0])
    return pieces


def cells_naming(connection: psycopg.Connection[Any], payer: int, members: Int) -> Any:
    """What a funder calls each of these members (rising), as cells of CSV, dtype S; empty where it has no name for them.

    Government (0) knows them by NINO, a payer by the payroll id of its own files; where those said none, by the NINO they
    said, which is the only one that the member has.
    """
    reading = cursor(connection)
    named = np.zeros(len(members), "S8")
    for start in range(0, len(members), NAMED_AT_ONCE):
        some = members[start : start + NAMED_AT_ONCE]
        span = {"first": int(some[0]), "last": int(some[-1]), "payer": payer}
        known = reading.execute(query("ninos_between"), span).fetchone()
        if known is not None and known[0] is not None:
            ninos = np.frombuffer(known[1].encode(), "S8")
            mine = np.isin(known[0], some) & ((known[2] == 1) | (payer == 0))
            named[start + np.searchsorted(some, known[0][mine])] = ninos[mine]
        told = reading.execute(query("payroll_ids_between"), span).fetchone() if payer else None
        if told is not None and told[0] is not None:
            ids = np.array([one.encode() for one in told[1].split("\x1f")])
            if ids.dtype.itemsize > named.dtype.itemsize:
                named = named.astype(ids.dtype)
            mine = np.isin(told[0], some)
            named[start + np.searchsorted(some, told[0][mine])] = ids[mine]
    return named
