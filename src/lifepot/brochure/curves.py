"""Curves: what each party adds, over a yearly amount, as the kernel answers; and where they bend.

A curve is asked at many points and then said in few: the corners between which every party's line is straight, as far as
a reader can see. Corners are found among the points by the greatest distance from a chord (Ramer, Douglas and Peucker),
in whole numbers, and looked for closer where none of the rulebook's own figures lies.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifepot.brochure.asked import own_words, terms_in
from lifepot.kernel.columns import PARTIES
from lifepot.rulebook import scalars
from lifepot.rulebook.ground import Term
from lifepot.rulebook.scalars import MINOR_PER_MAJOR
from lifepot.rulebook.terms import Rulebook, Test, Value

Int = NDArray[np.int64]
Answer = Callable[[Int], Int]
"""From yearly amounts to what each party adds: minor units, a row an amount, a column a party."""

STEEPEST = 3
"""A party that adds more than this for each pound more does not add a share of it: something begins or ends there."""

VISIBLE = 250
"""A bend of less than one part in this many of the drawing's height is none: it is less than a line's width."""

FARTHEST = 1_000_000 * MINOR_PER_MAJOR
"""No curve is asked beyond this yearly amount."""

STRAIGHT = 500
"""What is off a straight line by less than one part in this many is still on it."""

EVEN_POINTS = 96
CLOSER = 16


@dataclass(slots=True)
class Curve:
    """What each party adds: `added[i]` at yearly amount `at[i]` (minor units), a column each of `PARTIES`.
    `corners` are positions between which the lines are straight, the first and the last point among them.
    """

    at: Int
    added: Int
    corners: list[int]

    def stretches(self) -> list["Stretch"]:
        """The stretches from corner to corner."""
        return [
            Stretch(int(self.at[i]), int(self.at[j]), tuple(self.added[i].tolist()), tuple(self.added[j].tolist()))
            for i, j in pairwise(self.corners)
        ]

    def row_at(self, amount_minor: int) -> tuple[int, ...]:
        """What each party adds at a point that was asked."""
        place = bisect_left(self.at.tolist(), amount_minor)
        assert self.at[place] == amount_minor, amount_minor
        return tuple(self.added[place].tolist())


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight stretch of a curve: from and to (yearly, minor units), and what each party has added by then."""

    begin: int
    end: int
    before: tuple[int, ...]
    after: tuple[int, ...]

    def slope(self, party: int) -> Fraction:
        """What a party adds for each unit more."""
        return Fraction(self.after[party] - self.before[party], self.end - self.begin)

    @property
    def is_step(self) -> bool:
        """Whether something begins or ends here at once, rather than growing."""
        return any(abs(self.slope(party)) > STEEPEST for party in range(len(PARTIES)))


def figures_of(book: Rulebook, terms: list[Term]) -> list[int]:
    """Amounts at which a curve may bend: the figures of money in a rulebook whose figures are held still, as they are and
    for twelve months, minor units. They say where to look; what is there, the kernel answers.
    """
    texts: list[str] = []
    for value in book.values.values():
        for figure in value.dated.values() if value.unit == "money" else ():
            by_month = isinstance(figure, dict) and value.by == "frequency"
            texts += (
                [figure]
                if isinstance(figure, str)
                else [cell for key, cell in figure.items() if not by_month or key in {"month", "year"}]
            )
    for term in (inner for one in terms for inner in terms_in(one)):
        is_of_money = not isinstance(term, Test) or term.what.startswith(("pay.", "amount.", "attribute."))
        if is_of_money and not isinstance(term, Value):
            texts += own_words(term)
    found = set()
    for text in texts:
        try:
            minor = scalars.parse_money(text)
        except ValueError:
            continue
        found |= {minor, 12 * minor}
    return sorted(one for one in found if MINOR_PER_MAJOR < one <= FARTHEST)


def even_step(width: int) -> int:
    """A round step, in minor units, that cuts a width into about as many parts as a curve is asked at."""
    return round_up(max(width // EVEN_POINTS, MINOR_PER_MAJOR))


def round_up(minor: int) -> int:
    """The next amount that begins with 1, 2, 2.5, 4, 5 or 8 and goes on with zeros."""
    power = 10 ** (len(str(minor)) - 1)
    return next(
        step * power // 10 for step in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100) if step * power >= 10 * minor
    )


def spread_out(hints: list[int]) -> Int:
    """Yearly amounts that show where people differ: 1, 2 and 5 of each power of ten, the hints, and between them."""
    even = {digit * 10**power * MINOR_PER_MAJOR for power in range(1, 6) for digit in (1, 2, 5)}
    between = {(one + other) // 2 for one, other in pairwise(hints)}
    return np.array(sorted({0, *hints, *between, *even, FARTHEST}), dtype=np.int64)


def last_bend(at: Int, added: Int) -> int | None:
    """The first of the amounts asked after which every party's line runs straight on; None: they do from the start."""
    width = int(at[-1] - at[-2])
    rise = added[-1] - added[-2]
    # Where each point would be if the last stretch had always been; everything times the width.
    off = np.abs((added[-1] - added) * width - (at[-1] - at)[:, None] * rise)
    allowed = np.maximum(added.max(axis=0) // STRAIGHT, MINOR_PER_MAJOR) * width
    places = np.flatnonzero((off > allowed).any(axis=1))
    return int(at[places[-1] + 1]) if len(places) else None


def traced(answer: Answer, upto: int, hints: list[int], marks: list[int], rounding: int) -> Curve:
    """The curve from nothing to an amount, asked at even points, at the marks, at the hints and just beyond them, and closer
    wherever it bends between them. What is off by no more than `rounding` (minor units) is rounding.
    """
    near = [one for hint in hints if hint < upto for one in (hint - MINOR_PER_MAJOR, hint, hint + MINOR_PER_MAJOR)]
    points = _Points(answer, upto, set(hints), rounding)
    points.ask({*range(0, upto + 1, even_step(upto)), *marks, *near, MINOR_PER_MAJOR, upto})
    while points.ask(points.closer()):
        pass
    points.ask({points.roundest(corner) for corner in points.corners()})
    corners = points.corners()
    for place in range(1, len(corners) - 1):
        points.make_round(corners, place)
    return Curve(points.at, points.added, points.needed(corners))


class _Points:
    """The points of a curve that were asked so far."""

    def __init__(self, answer: Answer, upto: int, hints: set[int], rounding: int) -> None:
        self.answer, self.upto, self.hints, self.rounding = answer, upto, hints, rounding
        self.at = np.zeros(0, dtype=np.int64)
        self.added = np.zeros((0, len(PARTIES)), dtype=np.int64)

    def ask(self, amounts: set[int]) -> bool:
        """Ask at more amounts; whether there were any that had not been asked."""
        new = np.array(sorted(amounts - set(self.at.tolist())), dtype=np.int64)
        if not len(new):
            return False
        at, added = np.concatenate((self.at, new)), np.concatenate((self.added, self.answer(new)))
        order = np.argsort(at)
        self.at, self.added = at[order], added[order]
        return True

    @property
    def allowed(self) -> int:
        """How far a point may lie off a straight stretch, minor units."""
        return max(int(self.added.max() - min(0, self.added.min())) // VISIBLE, self.rounding)

    def off(self, begin: int, end: int, allowed: int | None = None) -> tuple[int, bool]:
        """The point farthest off the stretch between two, and whether it is too far."""
        if end - begin < 2:
            return begin, False
        inner = slice(begin + 1, end)
        width = int(self.at[end] - self.at[begin])
        left, right = (self.at[inner] - self.at[begin])[:, None], (self.at[end] - self.at[inner])[:, None]
        # Everything times the width, so that nothing is divided.
        off = np.abs(self.added[inner] * width - self.added[begin] * right - self.added[end] * left).max(axis=1)
        farthest = int(off.argmax())
        return begin + 1 + farthest, int(off[farthest]) > (self.allowed if allowed is None else allowed) * width

    def corners(self) -> list[int]:
        """Positions of the corners, the first and the last point among them."""
        corners = {0, len(self.at) - 1}
        waiting = [(0, len(self.at) - 1)]
        while waiting:
            begin, end = waiting.pop()
            corner, is_off = self.off(begin, end)
            if is_off:
                corners.add(corner)
                waiting += [(begin, corner), (corner, end)]
        return self.needed(sorted(corners))

    def needed(self, corners: list[int]) -> list[int]:
        """The corners without those that lie on a straight stretch of their neighbours'."""
        kept = list(corners)
        place = 1
        while place < len(kept) - 1:
            if self.off(kept[place - 1], kept[place + 1])[1]:
                place += 1
            else:
                del kept[place]
        return kept

    def closer(self) -> set[int]:
        """Points on both sides of corners that are none of the hints, down to whole major units."""
        found: set[int] = set()
        for corner in self.corners()[1:-1]:
            if int(self.at[corner]) in self.hints:
                continue
            for one, other in ((corner - 1, corner), (corner, corner + 1)):
                begin, end = int(self.at[one]), int(self.at[other])
                step = -(-(end - begin) // (CLOSER * MINOR_PER_MAJOR)) * MINOR_PER_MAJOR
                if end - begin > MINOR_PER_MAJOR:
                    found |= set(range(begin - begin % -MINOR_PER_MAJOR, end, step))
        return found

    def roundest(self, corner: int) -> int:
        """The roundest amount beside a corner, a hint if there is one; so near that nobody sees the difference."""
        here, far = int(self.at[corner]), self.upto // VISIBLE
        near = [hint for hint in self.hints if abs(hint - here) <= far]
        if near:
            return min(near, key=lambda hint: abs(hint - here))
        unit = 10 ** len(str(self.upto))
        while unit > MINOR_PER_MAJOR:
            nearest = (here + unit // 2) // unit * unit
            if 0 < nearest < self.upto and abs(nearest - here) <= far:
                return nearest
            unit //= 10
        return here

    def make_round(self, corners: list[int], place: int) -> None:
        """Puts a corner at the roundest amount beside it, if the stretches on both sides stay straight but for rounding."""
        round_ = bisect_left(self.at.tolist(), self.roundest(corners[place]))
        before, after = corners[place - 1], corners[place + 1]
        sides = ((before, round_), (round_, after))
        if before < round_ < after and not any(self.off(*side, self.rounding)[1] for side in sides):
            corners[place] = round_
