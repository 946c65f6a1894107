"""Arithmetic on columns, exact: running totals by group, differences, maxima and rounding of int64.

NumPy wraps silently at 2^63; every operation here that could reach it looks first and raises `Overflow`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import LifepotError
from lifepot.kernel import compiled, loops

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Column = TypeVar("Column", Int, Bool)

LIMIT = 2**63 - 1

FEW = 4
"""Where not one in so many rows asks or brings something, those that do are gone through alone."""

SHORT = 2_000
"""Rows that NumPy goes through twice sooner than a loop is called."""


class Overflow(LifepotError):
    """Amounts too large for exact arithmetic in 64 bits."""

    def __init__(self) -> None:
        super().__init__(
            "These amounts are too large to be added up exactly (over 92,000 million million pounds or euros).",
            remedy="Look for a figure with too many digits in the facts or the rulebook.",
        )


def largest(column: Int | int) -> int:
    """The largest absolute figure in a column, as a Python integer; 0 of an empty one."""
    if isinstance(column, int):
        return abs(column)
    if not len(column):
        return 0
    if len(column) > SHORT and compiled.pays():
        ends = np.empty(2, dtype=np.int64)
        compiled.run(loops.find_ends, column, ends)
        return max(abs(one) for one in ends.tolist())
    return max(abs(int(column.max())), abs(int(column.min())))


def times(column: Int, factor: Int | int) -> Int:
    """The product, or `Overflow`."""
    if isinstance(factor, int) and factor == 1:
        return column
    if largest(column) * largest(factor) > LIMIT:
        raise Overflow
    return column * factor


def fits(figure: int) -> int:
    """The figure, or `Overflow` where it has no place in 64 bits."""
    if abs(figure) > LIMIT:
        raise Overflow
    return figure


def product(figure: Int | int, factor: int) -> Int | int:
    """The same of a figure that may be one for all rows."""
    return fits(figure * factor) if isinstance(figure, int) else times(figure, factor)


def order_of(*keys: Int) -> Int | None:
    """The order in which a table stands by its first key, then its second, and so on; None if it already does."""
    if not len(keys[0]):
        return None
    if compiled.pays() and len(keys) == 4:
        falls_back = np.zeros(1, dtype=np.int64)
        compiled.run(loops.rises, *keys, falls_back)
        return np.lexsort(keys[::-1]) if falls_back[0] else None
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


def heads_of(first: Int, second: Int) -> Int:
    """The rows at which a new group begins in a table sorted by these two keys."""
    if not compiled.pays():
        return np.flatnonzero(starts(first, second))
    heads, count = np.empty(len(first) + 1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    compiled.run(loops.find_heads, first, second, heads, count)
    return heads[: count[0]]


def spread(figures: Column, heads: Int, count: int) -> Column:
    """A figure for each group, whose first rows are the `heads`, at each of all the rows."""
    if len(heads) == count:
        return figures
    if compiled.pays():
        spread = np.empty(count, dtype=figures.dtype)
        compiled.run(loops.spread_groups, figures, heads, spread)
        return spread
    return np.repeat(figures, np.diff(heads, append=count))


def marked(rows: Int, count: int) -> Bool:
    """Where these rows are among all."""
    found = np.zeros(count, dtype=np.bool_)
    found[rows] = True
    return found


def placed(figures: Column, rows: Int, count: int) -> Column:
    """Figures of some rows among all, with nothing at the others."""
    found = np.zeros(count, dtype=figures.dtype)
    found[rows] = figures
    return found


@dataclass
class Groups:
    """Rows in groups that stand beside each other: the first row of each, and how many rows there are."""

    heads: Int
    count: int

    @cached_property
    def first(self) -> Bool:
        """Whether a row is the first of its group."""
        return marked(self.heads, self.count)


def sums_fit(parts: Int) -> None:
    """Raises `Overflow` if some of these parts could add up to more than 64 bits hold."""
    if largest(parts) * len(parts) > LIMIT and float(np.abs(parts.astype(np.float64)).sum()) > LIMIT / 4:
        raise Overflow


def running_total(parts: Int, groups: Groups) -> Int:
    """Running total of the parts within each group."""
    sums_fit(parts)
    if compiled.pays():
        total = np.empty(len(parts), dtype=np.int64)
        compiled.run(loops.add_up, parts, groups.first, total)
        return total
    total, heads = np.cumsum(parts), groups.heads
    total -= spread(total[heads] - parts[heads], heads, len(parts))
    return total


def running_total_not_below_zero(parts: Int, groups: Groups) -> Int:
    """Running total that never falls below nothing: what would fall below is forgotten."""
    if compiled.pays():
        sums_fit(parts)
        total = np.empty(len(parts), dtype=np.int64)
        compiled.run(loops.add_up_from_zero, parts, groups.first, total)
        return total
    total = running_total(parts, groups)
    if len(parts) and parts.min() < 0:
        total -= np.minimum(running_min(total, groups), 0)
    return total


def running_total_between(parts: Int, first: Bool, *, from_zero: bool, cap: Int) -> Int:
    """Running total within each group that rises no higher than each row's cap (one that stands above it stays) and,
    with `from_zero`, never falls below nothing.
    """
    total = np.empty(len(parts), dtype=np.int64)
    try:
        sums_fit(parts)
    except Overflow:
        # Parts that are too much together may each be cut: Python's own integers tell.
        try:
            compiled.run_plainly(loops.total_between, parts, first, 0 if from_zero else -(LIMIT**2), cap, total)
        except ValueError:
            raise Overflow from None
        if largest(total) > LIMIT:
            raise Overflow from None
    else:
        compiled.run(loops.total_between, parts, first, 0 if from_zero else -LIMIT, cap, total)
    return total


def running_max(column: Int, groups: Groups) -> Int:
    """Highest figure so far within each group."""
    if compiled.pays():
        highest = np.empty_like(column)
        compiled.run(loops.find_highest, column, groups.first, highest)
        return highest
    # Groups are set apart by a step wider than the column is, so that none reaches into the next.
    step = 2 * largest(column) + 1
    if step * (len(column) + 1) > LIMIT:
        raise Overflow
    offset = spread(np.arange(len(groups.heads)) * step, groups.heads, len(column))
    highest = column + offset
    np.maximum.accumulate(highest, out=highest)
    highest -= offset
    return highest


def running_min(column: Int, groups: Groups) -> Int:
    """Lowest figure so far within each group."""
    return -running_max(-column, groups)


def differences(column: Int, groups: Groups, before: Int | None = None) -> Int:
    """What each row adds to its group; `before`: the figure before each group's first row (0 if not given)."""
    result = np.empty_like(column)
    if compiled.pays() and before is None:
        compiled.run(loops.subtract_above, column, groups.first, result)
        return result
    heads = groups.heads
    np.subtract(column[1:], column[:-1], out=result[1:])
    result[heads] = column[heads] if before is None else column[heads] - before[heads]
    return result


def held_since(figures: Int, said: Bool, groups: Groups, before: int = 0) -> Int:
    """In each group, the figure of the last row that was said; `before` the first, this."""
    if compiled.pays():
        held = np.empty_like(figures)
        compiled.run(loops.hold, figures, said, groups.first, before, held)
        return held
    at = said.copy()
    at[groups.heads] = True
    rows = np.flatnonzero(at)
    return spread(np.where(said[rows], figures[rows], before), rows, len(figures))


def round_exact(num: Int, den: Int | int, how: str, unit: int) -> Int:
    """num/den rounded to a multiple of `unit`; half away from nothing for half_up, `down` towards nothing."""
    if isinstance(den, int) and den == 1 and unit == 1:
        return num
    if not len(num):
        return num.copy()
    negative = bool(num.min() < 0)
    size: Int = np.abs(num) if negative else num
    whole: Int | int = den * unit if isinstance(den, int) else times(den, unit)
    if largest(whole) > LIMIT:
        raise Overflow
    rounded: Int
    if how == "down":
        rounded = size // whole
    elif how == "up":
        rounded = -(-size // whole)
    elif how == "half_up" and 2 * largest(size) + largest(whole) <= LIMIT:
        rounded = (2 * size + whole) // (2 * whole)
    else:
        rounded = size // whole
        twice = times(size - rounded * whole, 2)
        up = twice > whole if how == "half_even" else twice >= whole
        if how == "half_even":
            up |= (twice == whole) & (rounded % 2 == 1)
        rounded = rounded + up
    rounded = times(rounded, unit)
    return np.where(num < 0, -rounded, rounded) if negative else rounded
