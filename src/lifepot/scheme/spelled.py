"""Columns spelled as the text of a CSV file, without a Python object a row.

A column is an array of bytes, a row each, all equally wide, with NUL where a text is shorter; rows are the columns put side
by side with the NULs taken out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.periods import format_day

Int = NDArray[np.int64]
Octets = NDArray[np.uint8]

ROWS_AT_ONCE = 1 << 16


def whole(values: Int, places: int = 1) -> Octets:
    """Whole numbers, 0 or more, with so many digits at least."""
    width = max(len(str(int(values.max(initial=0)))), places)
    octets = np.empty((len(values), width), np.uint8)
    rest = values
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        octets[:, place] = digit + ord("0")
        if place < width - places:
            octets[(rest == 0) & (digit == 0), place] = 0
    return octets


def amounts(minor: Int) -> Octets:
    """Money in major units with two decimals: "-3.00"."""
    octets = np.zeros((len(minor), 1), np.uint8)
    octets[minor < 0] = ord("-")
    pounds, pence = np.divmod(np.abs(minor), 100)
    point = np.full((len(minor), 1), ord("."), np.uint8)
    return np.concatenate([octets, whole(pounds), point, whole(pence, 2)], axis=1)


def days(numbers: Int) -> Octets:
    """Days: "2026-04-06"."""
    if not len(numbers):
        return cells(np.zeros(0, "S1"))
    first, last = int(numbers.min()), int(numbers.max())
    there = np.zeros(last - first + 1, np.bool_)
    there[numbers - first] = True
    texts = [format_day(first + day) for day in np.flatnonzero(there).tolist()]
    return among(texts, (np.cumsum(there) - 1)[numbers - first])


def among(choices: Sequence[str], which: Int) -> Octets:
    """One of a few texts, by its position."""
    octets = cells(np.array([text.encode() for text in choices]))
    return octets[which] if len(choices) > 1 else np.broadcast_to(octets, (len(which), octets.shape[1]))


def cells(texts: NDArray[Any]) -> Octets:
    """Texts (dtype S) that need no quotation marks."""
    width = max(texts.dtype.itemsize, 1)
    return np.ascontiguousarray(texts.astype(f"S{width}")).view(np.uint8).reshape(len(texts), width)


def lines(columns: Sequence[Sequence[Octets]]) -> Iterator[bytes]:
    """Rows of CSV, some ten thousand at a time. A column may be several arrays, spelled one after the other."""
    count = len(columns[0][0])
    for start in range(0, count, ROWS_AT_ONCE):
        parts: list[Octets] = []
        size = min(ROWS_AT_ONCE, count - start)
        for nth, column in enumerate(columns):
            parts += [part[start : start + size] for part in column]
            end = b"\n" if nth + 1 == len(columns) else b","
            parts.append(np.full((size, 1), end[0], np.uint8))
        octets = np.concatenate(parts, axis=1).reshape(-1)
        yield octets[octets != 0].tobytes()
