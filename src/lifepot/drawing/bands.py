"""Bands that lie one on the other, over days: who put what into a pot. Amounts are exact up to here, as in `chart`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lifepot.drawing.chart import BOTTOM, HEIGHT, LEFT, RIGHT, ROOM_ABOVE, TOP, WIDTH, Tick, coordinate, ticks

TICKS_ACROSS = 3
"""The first day, the last and one between: more would meet on a telephone."""


@dataclass(frozen=True, slots=True)
class Band:
    """A band to draw: its look, what it is called, and how thick it is (an amount, 0 or more) at each of the days."""

    style: str
    words: str
    amounts: Sequence[int]


@dataclass(frozen=True, slots=True)
class DrawnBand:
    """A band's look, what it is called, and its outline in SVG's words."""

    style: str
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Bands:
    """Everything that stands in a picture of bands."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    across: list[Tick]
    up: list[Tick]
    bands: list[DrawnBand]


def lay(
    days: Sequence[int], bands: Sequence[Band], across: Callable[[int], str], up: Callable[[Fraction], str]
) -> Bands:
    """Bands from the lowest up, over two days or more that rise; `across` and `up` write the ticks."""
    assert len(days) > 1, "a band has a beginning and an end"
    tops = [[0] * len(days)]
    for band in bands:
        tops.append([below + amount for below, amount in zip(tops[-1], band.amounts, strict=True)])
    highest = Fraction(max(*tops[-1], 1)) * (1 + ROOM_ABOVE)
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(day: int) -> str:
        return coordinate(LEFT + Fraction(day - days[0], days[-1] - days[0]) * width)

    def y(amount: Fraction | int) -> str:
        return coordinate(TOP + (highest - amount) / highest * height)

    drawn = []
    for band, below, above in zip(bands, tops, tops[1:], strict=False):
        forth = [f"{x(day)} {y(amount)}" for day, amount in zip(days, above, strict=True)]
        back = [f"{x(day)} {y(amount)}" for day, amount in zip(days, below, strict=True)][::-1]
        drawn.append(DrawnBand(band.style, band.words, f"M{' L'.join(forth)} L{' L'.join(back)} Z"))
    span = days[-1] - days[0]
    shown = [days[0] + span * place // (TICKS_ACROSS - 1) for place in range(TICKS_ACROSS)]
    return Bands(
        WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM,
        [Tick(x(day), across(day)) for day in shown],
        [Tick(y(one), up(one)) for one in ticks(Fraction(0), highest)], drawn,
    )  # fmt: skip
