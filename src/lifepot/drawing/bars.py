"""Bars that lie, one a row, each with its interval: who gains how much, or what moves a figure and how far.

A row's words stand above its bar, so that they have the whole width on a narrow screen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

from lifepot.drawing.chart import Tick
from lifepot.drawing.scales import round_marks

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 440, 16, 16, 8, 34
ROW, BAR = 40, 14
MOST_TICKS = 4
ROOM = 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its words, where its bar begins and ends, its interval (None: none is drawn), its look, and what is written."""

    words: str
    begins: float
    ends: float
    interval: tuple[float, float] | None
    style: int
    told: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A row with coordinates."""

    words: str
    told: str
    style: int
    text_y: str
    x: str
    y: str
    width: str
    height: str
    whisker: tuple[str, str] | None
    middle: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Everything that stands in a picture of bars."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    zero: str
    across: list[Tick]
    bars: list[DrawnBar]


def lay(bars: Sequence[Bar], across: Callable[[float], str], middle: float = 0.0) -> Bars:
    """Bars from the top down; `across` writes the ticks' numbers; `middle` is where the upright line stands."""
    ends = [middle]
    for bar in bars:
        ends += [one for one in (bar.begins, bar.ends, *(bar.interval or ())) if not isnan(one)]
    lowest, highest = min(ends), max(ends)
    if lowest == highest:
        highest = lowest + 1.0
    room = (highest - lowest) * ROOM
    lowest, highest = lowest - (room if lowest < middle else 0), highest + room
    right = WIDTH - RIGHT

    def x(number: float) -> float:
        return LEFT + (number - lowest) / (highest - lowest) * (right - LEFT)

    drawn = []
    for place, bar in enumerate(bars):
        y = TOP + place * ROW + ROW - BAR - 6
        begin, end = sorted(
            (x(middle if isnan(bar.begins) else bar.begins), x(middle if isnan(bar.ends) else bar.ends))
        )
        whisker = None if bar.interval is None or any(isnan(one) for one in bar.interval) else bar.interval
        drawn.append(
            DrawnBar(
                bar.words, bar.told, bar.style, f"{y - 6:.1f}", f"{begin:.1f}", f"{y:.1f}", f"{max(end - begin, 1.0):.1f}", str(BAR),
                None if whisker is None else (f"{x(whisker[0]):.1f}", f"{x(whisker[1]):.1f}"), f"{y + BAR / 2:.1f}",
            )
        )  # fmt: skip
    height = TOP + ROW * len(bars) + BOTTOM
    marks = [Tick(f"{x(one):.1f}", across(one)) for one in round_marks(lowest, highest, MOST_TICKS)]
    return Bars(WIDTH, height, LEFT, right, TOP, height - BOTTOM, f"{x(middle):.1f}", marks, drawn)
