"""A life as lanes over years: what somebody did, how they lived, what they owed; and marks where something happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from lifepot.drawing.chart import LEFT, RIGHT, WIDTH, Tick

TOP, LANE, GAP, BOTTOM = 6, 20, 10, 30
LABEL_ROOM = 17
LETTER = 6.6
"""How wide a letter is, about."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: what it is called, what is in it each year (a look and a word; look below 0: nothing), and marks (position of the
    year, what happened).
    """

    words: str
    years: Sequence[tuple[int, str]]
    marks: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a lane with coordinates; `told` is its word with the years; `word` is written in it, if it is long enough."""

    style: int
    told: str
    word: str
    middle: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane with coordinates."""

    words: str
    text_y: str
    y: str
    height: str
    middle: str
    stretches: list[Stretch]
    marks: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that stands in a picture of lanes."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    across: list[Tick]
    lanes: list[DrawnLane]


def lay(first: int, lanes: Sequence[Lane], across: Sequence[int]) -> Timeline:
    """Lanes from the top down, over years from `first`; ticks stand at the years in `across`."""
    count = max(len(lane.years) for lane in lanes)
    width = WIDTH - LEFT - RIGHT

    def x(position: float) -> float:
        return LEFT + position / count * width

    drawn = []
    for place, lane in enumerate(lanes):
        y = TOP + LABEL_ROOM + place * (LANE + GAP + LABEL_ROOM)
        stretches, at = [], 0
        for (style, word), same in groupby(lane.years):
            length = len(list(same))
            if style >= 0:
                told = f"{word}, {first + at} to {first + at + length}"
                wide = x(at + length) - x(at)
                fits = word if len(word) * LETTER < wide else ""
                stretches.append(Stretch(style, told, fits, f"{x(at) + wide / 2:.1f}", f"{x(at):.1f}", f"{wide:.1f}"))
            at += length
        marks = [(f"{x(position + 0.5):.1f}", f"{told}, {first + position}") for position, told in lane.marks]
        drawn.append(
            DrawnLane(lane.words, f"{y - 5:.1f}", f"{y:.1f}", str(LANE), f"{y + LANE / 2:.1f}", stretches, marks)
        )
    height = TOP + len(lanes) * (LANE + GAP + LABEL_ROOM) + BOTTOM
    ticks = [Tick(f"{x(year - first):.1f}", str(year)) for year in across]
    return Timeline(WIDTH, height, LEFT, WIDTH - RIGHT, height - BOTTOM, ticks, drawn)
