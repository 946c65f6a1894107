"""Finding members' closings: the latest of each, or all of them.

Large batches are few, and a member's closing is looked for in each, newest first; the closings of small batches are found by
a partial index. So the cost of the latest does not grow with the months: nearly everybody is in the newest large batch.
"""

from typing import Any, TypeAlias

import numpy as np
import psycopg

from lifepot.storage.copying import ROW_BYTES, closings_of, column
from lifepot.storage.queries import query
from lifepot.storage.rows import Int, Rows

Pages: TypeAlias = list[tuple[int, int, bytes]]
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]

FEW = 1_000
"""So many members are looked for one by one among the small batches; for more, what there is in their range is listed first."""

LISTED = 4
"""The list is cut at so many closings a member asked for: reading one costs a quarter of a look-up."""

PER_ROUND = 65_536
"""Members read from a large batch at a time: some 15 MB."""


def latest(cursor: Cursor, members: Int, dtype: np.dtype[np.void]) -> Rows:
    """The latest closing of each member (rising), a row each; of one who has none, a row with batch 0 and nothing in it."""
    found = np.zeros(len(members), dtype)
    found["member"] = members
    _from_large(cursor, members, found)
    closings = closings_of(_small(cursor, members), dtype)
    # Numbers are given to batches that hold their members' locks, so of one member's batches the highest came last.
    closings = closings[np.lexsort((closings["batch"], closings["member"]))]
    at = np.searchsorted(members, closings["member"])
    newer = closings["batch"] > found["batch"][at]
    found[at[newer]] = closings[newer]
    return found


def every(cursor: Cursor, members: Int, dtype: np.dtype[np.void]) -> Rows:
    """All closings of these members (rising), by member and then by batch."""
    parts = []
    for batch, first, last, count in cursor.execute(query("large_batches")).fetchall():
        asked = members[slice(*np.searchsorted(members, [first, last + 1]))]
        if len(asked):
            parts.append(_only(closings_of(_large(cursor, batch, asked, count, dtype), dtype), asked))
    small = cursor.execute(query("all_small"), {"members": column(members, "integer")}).fetchall()
    parts.append(closings_of(small, dtype))
    closings = np.concatenate(parts)
    return closings[np.lexsort((closings["batch"], closings["member"]))]


def _from_large(cursor: Cursor, members: Int, found: Rows) -> None:
    """Fill in what the large batches hold, newest first, until everybody is found."""
    missing = np.ones(len(members), np.bool_)
    for batch, first, last, count in cursor.execute(query("large_batches")).fetchall():
        within = slice(*np.searchsorted(members, [first, last + 1]))
        asked = members[within][missing[within]]
        if not len(asked):
            continue
        for start in range(0, len(asked), PER_ROUND):
            these = asked[start : start + PER_ROUND]
            closings = _only(closings_of(_large(cursor, batch, these, count, found.dtype), found.dtype), these)
            at = np.searchsorted(members, closings["member"])
            found[at] = closings
            missing[at] = False
        if not missing.any():
            return


def _large(cursor: Cursor, batch: int, members: Int, closings: int, dtype: np.dtype[np.void]) -> Pages:
    """The rows of a large batch that may hold these members: by key for a few, all of their range for many."""
    if len(members) * 2 * ROW_BYTES < closings * dtype.itemsize:
        asked = {"batches": column(np.array([batch]), "integer"), "members": column(members, "integer")}
        return cursor.execute(query("pages_of"), asked).fetchall()
    return cursor.execute(
        query("pages_between"), {"batch": batch, "first": int(members[0]), "last": int(members[-1])}
    ).fetchall()


def _small(cursor: Cursor, members: Int) -> Pages:
    """The rows of these members' last closings in small batches."""
    if len(members) > FEW:
        most = LISTED * len(members)
        span = {"first": int(members[0]), "last": int(members[-1]), "most": most + 1}
        listed, batches = cursor.execute(query("small_between"), span).fetchone() or (None, None)
        if listed is None:
            return []
        if len(listed) <= most:
            last = np.append(listed[1:] != listed[:-1], True) & np.isin(listed, members)
            asked = {"members": column(listed[last], "integer"), "batches": column(batches[last], "integer")}
            return cursor.execute(query("named_closings"), asked).fetchall()
    return cursor.execute(query("latest_small"), {"members": column(members, "integer")}).fetchall()


def _only(closings: Rows, members: Int) -> Rows:
    """Those of these members (rising): a row of closings also holds their neighbours."""
    at = np.searchsorted(members, closings["member"])
    at[at == len(members)] = 0
    mine = members[at] == closings["member"]
    return closings if mine.all() else closings[mine]
