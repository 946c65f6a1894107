"""What a chain comes to, and what of it is worked out only if somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.chain import Column, View

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


@dataclass(slots=True)
class Result:
    """A chain's outcome: the column at its end, its parts by sheet row, and the window its parts are counted in."""

    column: Column
    parts: Int
    its_window: Later[View] | None
    its_level: Later[Int]
    spread: Int | None = None
    """Parts by the column's own rows, where those are not the sheet's."""
    its_rise: Later[View] | None = None
    """The window of its `rise_over`, in which what falls due at a window's end is gathered."""

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
