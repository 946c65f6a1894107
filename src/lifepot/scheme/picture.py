"""A pot as a picture over time: what each party put in, here and owed, at the ends of months."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import PARTIES
from lifepot.periods import format_day, month_index, month_start

Int = NDArray[np.int64]

MOST_POINTS = 60
"""Days at which a pot is looked at for its picture: month ends, or, for a long life, every other or third or … of them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came to and went from accounts, minor units: what is here, what is owed and not here yet, and what was taken
    out beyond what was there (nothing or less).
    """

    here: int = 0
    owed: int = 0
    overdrawn: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.here + other.here, self.owed + other.owed, self.overdrawn + other.overdrawn)

    @property
    def together(self) -> int:
        """What is here and what is owed."""
        return self.here + self.owed

    def as_dict(self) -> dict[str, int]:
        """The same as JSON carries it."""
        return {"here_minor": self.here, "owed_minor": self.owed, "overdrawn_minor": self.overdrawn}


@dataclass(frozen=True, slots=True)
class Point:
    """A pot at the end of a day: what each party put in (by `PARTIES`), here and owed, minor units."""

    on: int
    here: tuple[int, int, int]
    owed: tuple[int, int, int]

    def as_dict(self) -> dict[str, object]:
        """The same as JSON carries it."""
        return {
            "on": format_day(self.on), "here_minor": dict(zip(PARTIES, self.here, strict=True)),
            "owed_minor": dict(zip(PARTIES, self.owed, strict=True)),
        }  # fmt: skip


def picture(on: Int, party: Int, here: Int, owed: Int, last: int) -> list[Point]:
    """The pot at month ends, and on the day `last`; from the day before the first movement on.

    Of each movement, by day (rising, up to `last`): the day, the party's number, and what it added to what is here and owed.
    """
    if not len(on):
        return []
    before = int(on[0]) - 1
    begin, end = month_index(np.array([before, last])).tolist()
    every = 1 + (end - begin) // MOST_POINTS
    ends = (month_start(np.arange(begin + 1, end + 1)) - 1)[::every]
    days = np.unique(np.concatenate([[before], ends[ends < last], [last]]))
    moved = np.zeros((len(on) + 1, 2 * len(PARTIES)), np.int64)
    rows = np.arange(1, len(on) + 1)
    moved[rows, party] = here
    moved[rows, party + len(PARTIES)] = owed
    stood = np.cumsum(moved, axis=0)[np.searchsorted(on, days, side="right")].tolist()
    return [
        Point(day, (one[0], one[1], one[2]), (one[3], one[4], one[5]))
        for day, one in zip(days.tolist(), stood, strict=True)
    ]
