"""Reading runs of facts or transfers, which are found by their numbers alone."""

from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from lifepot.storage.copying import column, memory_days
from lifepot.storage.rows import Int, Rows, Table

READ_AT_ONCE = 65_536
"""Rows of facts or transfers fetched at a time: ten megabytes, and no more the longer the history."""

GAP = 32
"""Runs so close are read as one and sorted out here: a look-up costs the server as much as reading so many rows."""


def read_runs(cursor: psycopg.Cursor[tuple[Any, ...]], table: Table, begins: Int, ends: Int) -> Rows:
    """The rows with numbers from each of `begins` to just before each of `ends`, and some between, rising by number."""
    if not len(begins):
        return np.empty(0, table.dtype)
    order = np.argsort(begins)
    begins, ends = begins[order], ends[order]
    breaks = np.flatnonzero(begins[1:] > ends[:-1] + GAP) + 1
    begins, ends = begins[np.append(0, breaks)], ends[np.append(breaks, len(ends)) - 1]
    # Long runs in pieces, so that a month read as one run does not come as one answer.
    pieces = -(-(ends - begins) // READ_AT_ONCE)
    nth = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    lows = np.repeat(begins, pieces) + nth * READ_AT_ONCE
    highs = np.minimum(lows + READ_AT_ONCE, np.repeat(ends, pieces))
    parts, filled = [], np.cumsum(highs - lows) // READ_AT_ONCE
    statement = sql.SQL(
        "select {} from unnest({}, {}) as run (low, high) cross join lateral"
        " (select * from {} as numbered where numbered.id >= run.low and numbered.id < run.high offset 0) as rows"
    ).format(
        sql.SQL(", ").join(sql.SQL("array_agg(rows.{})").format(sql.Identifier(name)) for name, _ in table.columns),
        sql.Placeholder("lows"),
        sql.Placeholder("highs"),
        sql.Identifier(table.name),
    )
    for each in np.split(np.arange(len(lows)), np.flatnonzero(filled[1:] != filled[:-1]) + 1):
        asked = {"lows": column(lows[each], "bigint"), "highs": column(highs[each], "bigint")}
        arrays = cursor.execute(statement, asked).fetchone()
        if arrays is None or arrays[0] is None:
            continue
        part = np.empty(len(arrays[0]), table.dtype)
        for (name, kind), array in zip(table.columns, arrays, strict=True):
            part[name] = memory_days(array) if kind == "date" else array
        parts.append(part)
    rows: Rows = np.concatenate(parts) if parts else np.empty(0, table.dtype)
    rising = (rows["id"][1:] > rows["id"][:-1]).all()
    return rows if rising else rows[np.argsort(rows["id"])]
