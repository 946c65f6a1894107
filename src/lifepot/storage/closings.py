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

Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]

FEW = 1_000
"""So many members are looked for one by one among the small batches; for more, what there is in their range is listed first."""

ONE_BY_ONE = 8
"""So many members' closings are cut out of their rows by the server, in one question: no neighbour's come along, and those may ask
who may not read the table.
"""

LISTED = 4
"""The list is cut at so many closings a member asked for: reading one costs a quarter of a look-up."""

PER_ROUND = 65_536
"""Members read from a large batch at a time: some 15 MB."""


def latest(cursor: Cursor, members: Int, dtype: np.dtype[np.void]) -> Rows:
    """The latest closing of each member (rising), a row each; of one who has none, a row with batch 0 and nothing in it."""
    found = np.zeros(len(members), dtype)
    found["member"] = members
    if len(members) <= ONE_BY_ONE:
        closings = _fetch(cursor, "own_latest", {"members": column(members, "integer")}, dtype)
    else:
        _from_large(cursor, members, found)
        closings = _small(cursor, members, dtype)
    # Numbers are given to batches that hold their members' locks, so of one member's batches the highest came last.
    at = np.searchsorted(members, closings["member"])
    newer = closings["batch"] > found["batch"][at]
    found[at[newer]] = closings[newer]
    return found


def every(cursor: Cursor, members: Int, dtype: np.dtype[np.void]) -> Rows:
    """All closings of these members (rising), by member and then by batch."""
    parts = []
    if len(members) <= ONE_BY_ONE:
        parts.append(_fetch(cursor, "own_closings", {"members": column(members, "integer")}, dtype))
        members = members[:0]
    for start in range(0, len(members), PER_ROUND):
        these = members[start : start + PER_ROUND]
        by_key = []
        for batch, first, last, count in cursor.execute(query("large_batches")).fetchall():
            asked = these[slice(*np.searchsorted(these, [first, last + 1]))]
            if len(asked) and _are_few(asked, count, dtype):
                by_key.append(batch)
            elif len(asked):
                parts.append(_large(cursor, batch, asked, count, dtype))
        if by_key:
            asked_for = {"batches": column(np.array(by_key), "integer"), "members": column(these, "integer")}
            found = _fetch(cursor, "pages_of", asked_for, dtype)
            parts.append(found[np.isin(found["member"], these)])
        parts.append(_fetch(cursor, "all_small", {"members": column(these, "integer")}, dtype))
    closings: Rows = np.concatenate(parts) if parts else np.empty(0, dtype)
    return closings[np.lexsort((closings["batch"], closings["member"]))]


def _from_large(cursor: Cursor, members: Int, found: Rows) -> None:
    """Fill in what the large batches hold, newest first, until everybody is found."""
    # As plain bytes a record is copied whole, not column by column.
    plain = np.dtype((np.void, found.dtype.itemsize))
    missing = np.arange(len(members))
    for batch, first, last, count in cursor.execute(query("large_batches")).fetchall():
        asked = members[missing]
        within = slice(*np.searchsorted(asked, [first, last + 1]))
        still = [missing[: within.start], missing[within.stop :]]
        for start in range(within.start, within.stop, PER_ROUND):
            at = missing[start : min(start + PER_ROUND, within.stop)]
            closings = _large(cursor, batch, members[at], count, found.dtype)
            if len(closings) < len(at):
                here = np.isin(members[at], closings["member"], assume_unique=True)
                still.append(at[~here])
                at = at[here]
            found.view(plain)[at] = closings.view(plain)
        missing = np.sort(np.concatenate(still))
        if not len(missing):
            return


def _large(cursor: Cursor, batch: int, members: Int, closings: int, dtype: np.dtype[np.void]) -> Rows:
    """A large batch's closings of these members, by member: by key for a few, from all of their range for many."""
    if _are_few(members, closings, dtype):
        asked = {"batches": column(np.array([batch]), "integer"), "members": column(members, "integer")}
        found = _fetch(cursor, "pages_of", asked, dtype)
        found = found[np.argsort(found["member"])]
    else:
        span = {"batch": batch, "first": int(members[0]), "last": int(members[-1])}
        found = _fetch(cursor, "pages_between", span, dtype)
    # A row of closings also holds the neighbours of those asked for.
    first, last = np.searchsorted(found["member"], [members[0], members[-1] + 1])
    found = found[first:last]
    if len(found) == len(members) and (found["member"] == members).all():
        return found
    mine: Rows = found[np.isin(found["member"], members)]
    return mine


def _are_few(members: Int, closings: int, dtype: np.dtype[np.void]) -> bool:
    """Whether a large batch's closings of these members are quicker found by key."""
    return len(members) * 2 * ROW_BYTES < closings * dtype.itemsize


def _small(cursor: Cursor, members: Int, dtype: np.dtype[np.void]) -> Rows:
    """These members' last closings in small batches."""
    if len(members) > FEW:
        most = LISTED * len(members)
        span = {"first": int(members[0]), "last": int(members[-1]), "most": most + 1}
        listed, batches = cursor.execute(query("small_between"), span).fetchone() or (None, None)
        if listed is None:
            return np.empty(0, dtype)
        if len(listed) <= most:
            last = np.append(listed[1:] != listed[:-1], True) & np.isin(listed, members)
            asked = {"members": column(listed[last], "integer"), "batches": column(batches[last], "integer")}
            return _fetch(cursor, "named_closings", asked, dtype)
    return _fetch(cursor, "latest_small", {"members": column(members, "integer")}, dtype)


def _fetch(cursor: Cursor, name: str, asked: dict[str, Any], dtype: np.dtype[np.void]) -> Rows:
    """The closings that a query finds.

    Its rows are taken as libpq has them: packed into one they cost the server five times as much, and as Python's own they
    cost us twice as much.
    """
    result = cursor.execute(query(name), asked).pgresult
    if result is None or not result.ntuples:
        return np.empty(0, dtype)
    members = b"".join([result.get_value(row, 0) or b"" for row in range(result.ntuples)])
    records = [result.get_value(row, 1) or b"" for row in range(result.ntuples)]
    lengths = np.fromiter(map(len, records), np.int64, len(records))
    return closings_of(np.frombuffer(members, ">i2").astype(np.int64), lengths, b"".join(records), dtype)
