"""Arithmetic on columns, exact: running totals by group, differences, maxima and rounding of int64.

NumPy wraps silently at 2^63; every operation here that could reach it looks first and raises `Overflow`.
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import LifepotError
from lifepot.kernel import compiled, loops

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

LIMIT = 2**63 - 1


class Overflow(LifepotError):
    """Amounts too large for exact arithmetic in 64 bits."""

    def __init__(self) -> None:
        super().__init__(
            "These amounts are too large to be added up exactly (over 92,000 million million pounds or euros).",
            remedy="Look for a figure with too many digits in the facts or the rulebook.",
        )


def largest(column: Int) -> int:
    """The largest absolute figure in a column, as a Python integer; 0 of an empty one."""
    if not len(column):
        return 0
    return max(abs(int(column.max())), abs(int(column.min())))


def times(column: Int, factor: Int | int) -> Int:
    """The product, or `Overflow`."""
    bound = abs(factor) if isinstance(factor, int) else largest(factor)
    if largest(column) * bound > LIMIT:
        raise Overflow
    return column * factor


def order_of(*keys: Int) -> Int | None:
    """The order in which a table stands by its first key, then its second, and so on; None if it already does."""
    if not len(keys[0]):
        return None
    tied: Bool | None = None
    for key in keys:
        falls = key[1:] < key[:-1]
        if (falls if tied is None else falls & tied).any():
            return np.lexsort(keys[::-1])
        same = key[1:] == key[:-1]
        tied = same if tied is None else tied & same
    return None


def starts(*keys: Int) -> Bool:
    """Where a new group begins in a table sorted by these keys."""
    first = np.zeros(len(keys[0]), dtype=np.bool_)
    first[:1] = True
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def start_of(first: Bool) -> Int:
    """Position of the first row of each row's group."""
    return np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))


def sums_fit(parts: Int) -> None:
    """Raises `Overflow` if some of these parts could add up to more than 64 bits hold."""
    if largest(parts) * len(parts) > LIMIT and float(np.abs(parts.astype(np.float64)).sum()) > LIMIT / 4:
        raise Overflow


def running_total(parts: Int, start: Int) -> Int:
    """Running total of the parts within each group; `start` is each row's first row."""
    sums_fit(parts)
    total = np.cumsum(parts)
    return total - (total - parts)[start]


def running_total_not_below_zero(parts: Int, start: Int, first: Bool) -> Int:
    """Running total that never falls below nothing: what would fall below is forgotten."""
    total = running_total(parts, start)
    return total - np.minimum(running_min(total, first), 0)


def running_total_between(parts: Int, first: Bool, *, from_zero: bool, cap: Int) -> Int:
    """Running total within each group that rises no higher than each row's cap (one that stands above it stays) and,
    with `from_zero`, never falls below nothing.
    """
    sums_fit(parts)
    total = np.empty(len(parts), dtype=np.int64)
    compiled.run(loops.total_between, parts, first, 0 if from_zero else -LIMIT, cap, total)
    return total


def _offset_by_group(column: Int, first: Bool) -> tuple[Int, int]:
    """Each row's group times a step wider than the column is, so that groups can't touch."""
    step = 2 * largest(column) + 1
    groups = np.cumsum(first)
    if step * (len(column) + 1) > LIMIT:
        raise Overflow
    return groups * step, step


def running_max(column: Int, first: Bool) -> Int:
    """Highest figure so far within each group."""
    if not len(column):
        return column
    offset, _ = _offset_by_group(column, first)
    return np.maximum.accumulate(column + offset) - offset


def running_min(column: Int, first: Bool) -> Int:
    """Lowest figure so far within each group."""
    return -running_max(-column, first)


def differences(column: Int, first: Bool, before: Int | None = None) -> Int:
    """What each row adds to its group; `before`: the figure before each group's first row (0 if not given)."""
    result = column.copy()
    result[1:] -= np.where(first[1:], 0, column[:-1])
    if before is not None:
        result -= np.where(first, before, 0)
    return result


def round_exact(num: Int, den: Int | int, how: str, unit: int) -> Int:
    """num/den rounded to a multiple of `unit`; half away from nothing for half_up, `down` towards nothing."""
    if isinstance(den, int) and den == 1 and unit == 1:
        return num
    size = np.abs(num)
    whole = times(np.atleast_1d(np.asarray(den, dtype=np.int64)), unit)
    if how == "down":
        rounded = size // whole
    elif how == "up":
        rounded = -(-size // whole)
    else:
        rounded, rest = np.divmod(size, whole)
        twice = times(rest, 2)
        up = twice > whole if how == "half_even" else twice >= whole
        if how == "half_even":
            up |= (twice == whole) & (rounded % 2 == 1)
        rounded = rounded + up
    return np.sign(num) * times(rounded, unit)
