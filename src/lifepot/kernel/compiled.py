"""Loops over rows: plain Python for a few rows, machine code by numba for many.

A loop is written once, as plain Python over columns, and answers by filling columns that its caller made. Few rows are
run as they stand: nothing is imported and nothing compiled, so a statement or a small file never waits for a compiler. Many
rows are run compiled: the first time on a machine a loop takes a second or so to compile, from then on its machine
code is read from a cache on disk. Where there is no numba (it has no build for some systems), loops stay plain, slower
and exactly the same.

What a loop adds up must be known not to leave 64 bits before it is called: machine code wraps, Python does not.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

MANY = 100_000
"""From so many rows on a loop is compiled: plain, it would take about as long as loading the compiler does."""


def run(loop: Callable[..., None], rows: int, *arguments: Any) -> None:
    """Runs a loop over so many rows. `arguments` are columns (or tables) of int64 or bool, and integers."""
    machine_code = _compiled(loop) if rows >= MANY else None
    if machine_code is None:
        # Cells of a memoryview are Python's own integers, read in half the time that an array's take.
        loop(*(one.data if isinstance(one, np.ndarray) else one for one in arguments))
    else:
        # One type for each argument, so that a loop is compiled once: whole, writable columns, as those to fill are.
        machine_code(*(_whole(one) if isinstance(one, np.ndarray) else one for one in arguments))


def _whole(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return column if column.flags.c_contiguous and column.flags.writeable else np.array(column, order="C")


@cache
def _compiled(loop: Callable[..., None]) -> Callable[..., None] | None:
    try:
        from numba import njit  # noqa: PLC0415 (half a second that few rows do not pay)
    except ImportError:
        return None
    try:
        return njit(cache=True)(loop)
    except RuntimeError:
        # No directory can be written to that would keep the machine code.
        return njit(loop)
