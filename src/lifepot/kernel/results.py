"""What a chain comes to, and what of it is worked out only if somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.chain import Column, View
from lifepot.kernel.operators import FEW, marked, placed

Int = NDArray[np.int64]


Asked = TypeVar("Asked")


class Later(Generic[Asked]):
    """Something that is worked out when it is first asked for."""

    def __init__(self, work_out: Callable[[], Asked]) -> None:
        self._work_out = work_out

    @cached_property
    def it(self) -> Asked:
        """What it comes to."""
        return self._work_out()


@dataclass
class Parts:
    """What each of so many sheet rows brings: a figure a row, or, where few bring something, those of some `rows` alone
    (rising); the others bring nothing.
    """

    figures: Int
    count: int
    rows: Int | None = None

    @property
    def few(self) -> bool:
        """Whether it is worth going through the rows that bring something alone."""
        return self.rows is not None and len(self.rows) * FEW < self.count

    @cached_property
    def all(self) -> Int:
        """A figure for every row."""
        return self.figures if self.rows is None else placed(self.figures, self.rows, self.count)

    def at(self, rows: Int) -> Int:
        """The figures of some rows."""
        return self.figures if self.rows is rows else self.all[rows]


def rows_of_few(parts: list[Parts]) -> Int | None:
    """The rows at which any of these brings something (rising), if they are few."""
    found = [one.rows for one in parts if one.rows is not None and one.few]
    if len(found) < len(parts):
        return None
    rows = found[0]
    if any(one is not rows for one in found):
        rows = np.flatnonzero(reduce(np.logical_or, (marked(one, parts[0].count) for one in found)))
    return rows if len(rows) * FEW < parts[0].count else None


@dataclass(slots=True)
class Result:
    """A chain's outcome: the column at its end, what it brings by sheet row, and the window that is counted in."""

    column: Column
    brings: Parts
    its_window: Later[View] | None
    its_level: Later[Int]
    spread: Int | None = None
    """Parts by the column's own rows, where those are not the sheet's."""
    its_rise: Later[View] | None = None
    """The window of its `rise_over`, in which what falls due at a window's end is gathered."""

    @property
    def parts(self) -> Int:
        """What each sheet row brings."""
        return self.brings.all

    @property
    def window(self) -> View | None:
        """The window its parts are counted in."""
        return None if self.its_window is None else self.its_window.it

    @property
    def rise(self) -> View | None:
        """The window in which what falls due is gathered."""
        return None if self.its_rise is None else self.its_rise.it

    @property
    def level(self) -> Int:
        """Where the amount stands at each row."""
        return self.its_level.it


def now(known: Asked) -> Later[Asked]:
    """What is known already."""
    return Later(lambda: known)
