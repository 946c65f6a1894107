"""What stands on a funder's account, read from the transfers themselves; and by what name a funder knows each member."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.ledger.chart import FIRST_OF_LEAVING, FIRST_OF_PAYERS, FIRST_OF_SCHEME, OWNER_BITS
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
    """Transfers that say what a funder owes, a row each: all int64.

    other (the other account), amount (minor units; negative: owed no more), effective_on (day), rule
    """

    other: Int
    amount: Int
    effective_on: Int
    rule: Int
    fact: Int
    """Of those only whose other account is no member's, in their order."""

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
        "nobodys": FIRST_OF_PAYERS << OWNER_BITS, "after": BEGINNING if after is None else date_of(after),
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
        for column, array in zip(columns, row[:5], strict=True):
            if array is not None:
                column.append(array.astype(np.int64))
    other, amount, day, rule, fact = (np.concatenate(each) if each else np.zeros(0, np.int64) for each in columns)
    day = memory_days(day)
    due = day <= until
    nobodys = (other >> OWNER_BITS >= FIRST_OF_SCHEME) | (other >> OWNER_BITS < FIRST_OF_LEAVING) & (
        other >> OWNER_BITS >= FIRST_OF_PAYERS
    )
    return Owing(other[due], amount[due], day[due], rule[due], fact[due[nobodys]], floor)


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
            each, at, names = np.unique(known[0], return_index=True, return_counts=True)
            mine = np.isin(each, some) & ((names == 1) | (payer == 0))
            named[start + np.searchsorted(some, each[mine])] = np.frombuffer(known[1].encode(), "S8")[at[mine]]
        told = reading.execute(query("payroll_ids_between"), span).fetchone() if payer else None
        if told is not None and told[0] is not None:
            ids = np.array([one.encode() for one in told[1].split("\x1f")])
            if ids.dtype.itemsize > named.dtype.itemsize:
                named = named.astype(ids.dtype)
            mine = np.isin(told[0], some)
            named[start + np.searchsorted(some, told[0][mine])] = ids[mine]
    return named


def read_lines(connection: psycopg.Connection[Any], batch: int, count: int) -> dict[str, Int]:
    """The lines of the claim in a batch that has so many facts, a column each: int64, in their order."""
    names = ("member", "attribute", "amount", "root", "period_start", "period_end")
    parts: dict[str, list[Int]] = {name: [] for name in names}
    begin = batch << BATCH_BITS
    for low in range(begin, begin + count, NAMED_AT_ONCE):
        asked = {"low": low, "high": min(low + NAMED_AT_ONCE, begin + count)}
        row = cursor(connection).execute(query("claim_lines"), asked).fetchone()
        assert row is not None, "a claim has lines"
        for name, array in zip(names, row, strict=True):
            parts[name].append(memory_days(array) if name.startswith("period") else array.astype(np.int64))
    return {name: np.concatenate(each) for name, each in parts.items()}
