"""Loops over rows: plain Python for a few rows, machine code by numba for many.

A loop is written once, as plain Python over columns, and answers by filling columns that its caller made. A process that
sees few rows runs loops as they stand: nothing is imported and nothing compiled, so a statement or a small file never
waits for a compiler. One that has seen many runs them compiled: the first time on a machine a loop takes some tenths of a
second to compile, from then on its machine code is read from a cache on disk. Where there is no numba (it has no build
for some systems), loops stay plain, slower and exactly the same.

What a loop adds up must be known not to leave 64 bits before it is called: machine code wraps, Python does not.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

MANY = 300_000
"""So many rows take as long without machine code as it takes to load it."""

_seen = 0
"""Rows that this process was told of."""


def expect(rows: int) -> None:
    """So many rows are about to be gone through."""
    global _seen  # noqa: PLW0603 (what a process has seen is the process' own)
    _seen += rows


def pays() -> bool:
    """Whether loops are machine code by now; where NumPy has another way of doing the same, it is the faster one."""
    return _seen >= MANY and _njit() is not None


def run(loop: Callable[..., None], *arguments: Any) -> None:
    """Runs a loop. `arguments` are columns (or tables) of int64 or bool, and integers."""
    if pays():
        # One type for each argument, so that a loop is compiled once: whole, writable columns, as those to fill are.
        _compiled(loop)(*(_whole(one) if isinstance(one, np.ndarray) else one for one in arguments))
    else:
        run_plainly(loop, *arguments)


def run_plainly(loop: Callable[..., None], *arguments: Any) -> None:
    """Runs a loop as it stands, in Python's own integers. Raises ValueError if one does not fit into its column."""
    # Cells of a memoryview are read in half the time that an array's take.
    loop(*(one.data if isinstance(one, np.ndarray) else one for one in arguments))


def _whole(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return column if column.flags.carray else np.array(column, order="C")


@cache
def _njit() -> Callable[..., Any] | None:
    try:
        from numba import njit  # noqa: PLC0415 (half a second that few rows do not pay)
    except ImportError:
        return None
    return njit


@cache
def _compiled(loop: Callable[..., None]) -> Callable[..., None]:
    njit = _njit()
    assert njit is not None
    try:
        return njit(cache=True)(loop)
    except RuntimeError:
        # No directory can be written to that would keep the machine code.
        return njit(loop)
