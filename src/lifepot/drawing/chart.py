"""A line chart as shapes with coordinates, for a template to write down. Amounts are exact up to here; from here on a
coordinate is a float, for the eye.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

WIDTH, HEIGHT = 440, 270
LEFT, RIGHT, TOP, BOTTOM = 84, 34, 12, 32
MOST_TICKS = 5
TICKS_APART = 16
ROOM_ABOVE = Fraction(1, 20)

Point = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Line:
    """A line to draw. `paths` are the pieces of it, in amounts; `corners` get a marker; `style` is its look, from 0."""

    style: int
    words: str
    paths: list[list[Point]]
    corners: list[Point]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line's look, what it is called, its path in SVG's words, and where its markers stand."""

    style: int
    words: str
    path: str
    markers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where (in the chart's units), and what is written there."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that stands in a chart."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    zero: str
    across: list[Tick]
    up: list[Tick]
    lines: list[Drawn]
    steps: list[str]
    """Where something begins or ends at once."""


def draw(
    lines: list[Line],
    steps: list[Fraction],
    upto: int,
    across: Callable[[int], str],
    up: Callable[[Fraction], str],
    *,
    at_levels: bool = False,
) -> Chart:
    """A chart of lines from 0 to `upto`; `across` and `up` write the ticks' amounts. `at_levels`: the ticks upwards stand at
    the lines' own heights, if those are few.
    """
    heights = [height for line in lines for path in line.paths for _, height in path]
    highest, lowest = max([*heights, Fraction(0)]), min([*heights, Fraction(0)])
    if highest == lowest:
        highest = lowest + 1
    room = (highest - lowest) * ROOM_ABOVE
    highest, lowest = highest + room, lowest - (room if lowest < 0 else 0)

    levels = sorted({Fraction(0), *heights})
    apart = [(above - below) / (highest - lowest) * (HEIGHT - TOP - BOTTOM) for below, above in pairwise(levels)]
    is_few = at_levels and len(levels) > 1 and min(apart) >= TICKS_APART

    def x(amount: Fraction | int) -> str:
        return coordinate(LEFT + Fraction(amount, upto) * (WIDTH - LEFT - RIGHT))

    def y(amount: Fraction | int) -> str:
        return coordinate(TOP + (highest - amount) / (highest - lowest) * (HEIGHT - TOP - BOTTOM))

    drawn = [
        Drawn(
            line.style,
            line.words,
            " ".join(
                " ".join(f"{'L' if i else 'M'}{x(a)} {y(b)}" for i, (a, b) in enumerate(path)) for path in line.paths
            ),
            [(x(a), y(b)) for a, b in line.corners],
        )
        for line in lines
    ]
    return Chart(
        WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM, y(0),
        [Tick(x(one), across(int(one))) for one in ticks(Fraction(0), Fraction(upto))],
        [Tick(y(one), up(one)) for one in (levels if is_few else ticks(lowest, highest))], drawn, [x(one) for one in steps],
    )  # fmt: skip


def ticks(lowest: Fraction, highest: Fraction) -> list[Fraction]:
    """Round amounts from the lowest to the highest, nothing among them."""
    wanted = (highest - lowest) / MOST_TICKS
    power = Fraction(1)
    while power > wanted:
        power /= 10
    while power * 10 <= wanted:
        power *= 10
    step = next(
        one * power
        for one in (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5), Fraction(10))
        if one * power >= wanted
    )
    first = -(-lowest // step)
    return [step * number for number in range(int(first), int(highest // step) + 1)]


def coordinate(place: Fraction) -> str:
    """A place in the chart's units, as it is written down."""
    return f"{float(place):.1f}"
