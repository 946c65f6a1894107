"""Lines over years or ranks, each with the band of its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, log10

from lifepot.drawing.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick
from lifepot.drawing.scales import round_marks

MOST_UP, MOST_ACROSS = 5, 5
ROOM = 0.05


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: its look, what it is called, its heights at the places across, and the ends of their intervals, if told."""

    style: int
    words: str
    heights: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A line and its band in SVG's words; an empty band is none."""

    style: int
    words: str
    path: str
    band: str


@dataclass(frozen=True, slots=True)
class Curves:
    """Everything that stands in a picture of lines."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    zero: str
    across: list[Tick]
    up: list[Tick]
    lines: list[DrawnCurve]


def lay(
    places: Sequence[float],
    curves: Sequence[Curve],
    across: Callable[[float], str],
    up: Callable[[float], str],
    *,
    marks: Sequence[float] | None = None,
    from_power: int | None = None,
    height: int = HEIGHT,
) -> Curves:
    """Lines over places that rise. `marks`: where the ticks across stand, else round ones. `from_power`: heights stand by their
    logarithm, from this power of ten up, and what is lower stands at the bottom.
    """
    width = WIDTH - LEFT - RIGHT

    def raised(number: float) -> float:
        if from_power is None:
            return number
        return max(log10(number), from_power) if number > 0 else float(from_power)

    heights = [
        raised(one)
        for curve in curves
        for side in (curve.heights, curve.low or (), curve.high or ())
        for one in side
        if not isnan(one)
    ]
    lowest = min([0.0 if from_power is None else float(from_power), *heights])
    highest = max([lowest, *heights])
    if highest == lowest:
        highest = lowest + 1.0
    highest += (highest - lowest) * ROOM
    first, last = places[0], places[-1]

    def x(place: float) -> str:
        return f"{LEFT + (place - first) / (last - first or 1.0) * width:.1f}"

    def y(number: float) -> str:
        return f"{TOP + (highest - number) / (highest - lowest) * (height - TOP - BOTTOM):.1f}"

    def path(heights: Sequence[float]) -> list[str]:
        return [f"{x(place)} {y(raised(one))}" for place, one in zip(places, heights, strict=True) if not isnan(one)]

    drawn = []
    for curve in curves:
        points = path(curve.heights)
        band = ""
        if curve.low is not None and curve.high is not None:
            outline = [*path(curve.high), *path(curve.low)[::-1]]
            band = f"M{' L'.join(outline)} Z" if outline else ""
        drawn.append(DrawnCurve(curve.style, curve.words, f"M{' L'.join(points)}" if points else "", band))
    if from_power is None:
        steps = round_marks(lowest, highest, MOST_UP)
        upwards = [Tick(y(one), up(one)) for one in steps]
    else:
        upwards = [Tick(y(power), up(10.0**power)) for power in range(from_power, int(highest) + 1)]
    along = round_marks(first, last, MOST_ACROSS) if marks is None else marks
    return Curves(
        WIDTH, height, LEFT, WIDTH - RIGHT, TOP, height - BOTTOM, y(max(0.0, lowest)),
        [Tick(x(one), across(one)) for one in along], upwards, drawn,
    )  # fmt: skip
