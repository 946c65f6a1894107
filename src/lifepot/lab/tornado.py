"""What matters most: each assumption at the low and the high end of its range, the others as they are.

The swing of a figure over a parameter's range is its parameter interval; all ranges together, taken as independent, give the
root of the sum of squares, upwards and downwards apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.lab.outcomes import Answers
from lifepot.lab.shards import Told

Ranges = Mapping[str, tuple[Any, Any, Any]]
"""Each assumption's low, central and high value, by name."""

Moved = tuple[NDArray[np.float64], NDArray[np.float64]]
"""How far down and up a table's figures go."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What a figure is at both ends of an assumption's range."""

    name: str
    low: Any
    high: Any
    at_low: float
    at_high: float

    def size(self) -> float:
        """How far the figure moves over the range."""
        return abs(self.at_high - self.at_low)

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "assumption": self.name,
            "low": self.low,
            "high": self.high,
            "at_low": self.at_low,
            "at_high": self.at_high,
        }


@dataclass(frozen=True, slots=True)
class Tornado:
    """A figure with all assumptions central, its swings, the widest first, and its parameter interval."""

    figure: str
    unit: str
    central: float
    swings: list[Swing]

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the parameter interval: swings down and up, as if independent."""
        ends = [(one.at_low - self.central, one.at_high - self.central) for one in self.swings]
        down = sqrt(sum(min(0.0, *pair) ** 2 for pair in ends))
        up = sqrt(sum(max(0.0, *pair) ** 2 for pair in ends))
        return self.central - down, self.central + up

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        low, high = self.interval
        swings = [one.as_dict() for one in self.swings]
        return {
            "figure": self.figure,
            "unit": self.unit,
            "central": self.central,
            "low": low,
            "high": high,
            "swings": swings,
        }


def tornadoes(
    ranges: Ranges,
    run: Callable[[dict[str, Any]], Answers],
    figures: Sequence[tuple[str, str, Callable[[Answers], float]]],
    told: Told | None = None,
) -> tuple[list[Tornado], dict[str, Moved]]:
    """A tornado for each figure (its words, its unit, how it is read), and how far all ranges together move every figure of every
    table. `run` answers with some assumptions changed; it is asked once with none, and twice for each range: never for an end
    that is the central value.
    """
    wanted = [(name, end) for name, (low, central, high) in ranges.items() for end in (low, high) if end != central]
    central = run({})
    found: dict[tuple[str, Any], Answers] = {}
    for done, (name, end) in enumerate(wanted):
        if told:
            told(done, len(wanted))
        found[name, end] = run({name: end})
    if told:
        told(len(wanted), len(wanted))
    out = []
    for words, unit, read in figures:
        middle = read(central)
        swings = [
            Swing(name, low, high, read(found.get((name, low), central)), read(found.get((name, high), central)))
            for name, (low, _, high) in ranges.items()
        ]
        out.append(Tornado(words, unit, middle, sorted(swings, key=lambda one: -one.size())))
    return out, _moved(ranges, central, found)


def _moved(ranges: Ranges, central: Answers, found: Mapping[tuple[str, Any], Answers]) -> dict[str, Moved]:
    """How far down and up each figure goes: the root of the sum of each range's widest swing, squared."""
    moved = {}
    for table, one in central.estimates.items():
        down, up = np.zeros_like(one.value), np.zeros_like(one.value)
        for name, (low, _, high) in ranges.items():
            ends = [found[name, end].estimates[table].value - one.value for end in (low, high) if (name, end) in found]
            if ends:
                down += np.minimum(np.fmin.reduce(ends), 0.0) ** 2
                up += np.maximum(np.fmax.reduce(ends), 0.0) ** 2
        moved[table] = np.sqrt(down), np.sqrt(up)
    return moved


def over_ranges(found: Answers, moved: Mapping[str, Moved]) -> Answers:
    """Answers that tell, beside each figure's sampling interval, how far the assumptions' ranges move it."""
    assumed = {
        table: (one.value - moved[table][0], one.value + moved[table][1]) for table, one in found.estimates.items()
    }
    return replace(found, assumed=assumed)
