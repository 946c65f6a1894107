"""Points in a plane, some of them joined: what was tried, and what nobody could improve."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lifepot.drawing.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick
from lifepot.drawing.scales import round_marks

MOST_TICKS = 4
ROOM = 0.06


@dataclass(frozen=True, slots=True)
class Point:
    """A point: where it is, what it is, and whether it is one of those that are joined."""

    across: float
    up: float
    told: str
    is_joined: bool


@dataclass(frozen=True, slots=True)
class Points:
    """Everything that stands in a picture of points."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    across: list[Tick]
    up: list[Tick]
    points: list[tuple[str, str, bool, str]]
    path: str


def lay(points: Sequence[Point], across: Callable[[float], str], up: Callable[[float], str]) -> Points:
    """Points with the joined ones as steps from the left: more is given only from where it is paid for."""
    xs, ys = [one.across for one in points] or [0.0], [one.up for one in points] or [0.0]
    left, right = min(0.0, *xs), max(*xs, min(0.0, *xs) + 1e-9) * (1 + ROOM)
    low, high = min(0.0, *ys), max(*ys, min(0.0, *ys) + 1e-9) * (1 + ROOM)

    def x(number: float) -> str:
        return f"{LEFT + (number - left) / (right - left) * (WIDTH - LEFT - RIGHT):.1f}"

    def y(number: float) -> str:
        return f"{TOP + (high - number) / (high - low) * (HEIGHT - TOP - BOTTOM):.1f}"

    joined = sorted((one for one in points if one.is_joined), key=lambda one: one.across)
    path = " ".join(
        f"M{x(one.across)} {y(one.up)}" if place == 0 else f"H{x(one.across)} V{y(one.up)}"
        for place, one in enumerate(joined)
    )
    return Points(
        WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM,
        [Tick(x(one), across(one)) for one in round_marks(left, right, MOST_TICKS)],
        [Tick(y(one), up(one)) for one in round_marks(low, high, MOST_TICKS)],
        [(x(one.across), y(one.up), one.is_joined, one.told) for one in points], path,
    )  # fmt: skip
