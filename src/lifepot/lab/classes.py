"""Fine classes: how amounts are counted so that quantiles, shares and the Gini coefficient are functions of sums.

A class holds amounts from its lower edge up, the next edge a fixed ratio higher; the first holds all below the first edge,
the last all above its own. Within a class people are taken to be spread evenly, which at these ratios moves a share by less
than a thousandth (tests hold it against the formulas of known distributions).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


class Ladder(NamedTuple):
    """Classes of amounts in pence: the first edge, the ratio of one edge to the last, and how many classes there are."""

    first: float
    ratio: float
    classes: int

    @property
    def edges(self) -> Real:
        """Lower edges of the classes after the first."""
        return np.float64(self.first) * self.ratio ** np.arange(self.classes - 1)


INCOME = Ladder(200_000.0, 1.055, 96)
"""A household's equivalised income a year, at pay of the run's first year: from £2,000 to £300,000."""

PAY = Ladder(50_000.0, 1.07, 96)
"""Gross pay a year, at pay of the run's first year: from £500 to £290,000."""

WEALTH = Ladder(10_000.0, 1.12, 136)
"""What a person owns less what they owe, at prices of the scheme's first year: from £100 to £400 million."""


def class_of(amounts: Any, ladder: Ladder) -> NDArray[np.int64]:
    """The class of each amount, in the amounts' shape."""
    above = np.maximum(amounts / ladder.first, 1e-300)
    steps = np.floor(np.log(above) / np.log(ladder.ratio) + 1e-9).astype(np.int64) + 1
    return np.clip(steps, 0, ladder.classes - 1)


def into_parts(table: Real, parts: int) -> Real:
    """Sums by class (classes, …), of which column 0 counts people, as sums by equal parts of the people (parts, …). A class
    that lies across a border is divided in proportion.
    """
    people = table[:, 0]
    total = people.sum()
    if total <= 0:
        return np.zeros((parts, *table.shape[1:]))
    upper = np.cumsum(people) / total * parts
    lower = np.concatenate([[0.0], upper[:-1]])
    borders = np.arange(parts)[:, None]
    overlap = np.clip(np.minimum(upper, borders + 1) - np.maximum(lower, borders), 0, None)
    width = np.where(upper > lower, upper - lower, 1.0)
    # Summed in order, never by a matrix product: the same pence on every machine.
    return np.stack([((overlap[part] / width)[:, None] * table).sum(axis=0) for part in range(parts)])


def gini(counts: Real, sums: Real, ladder: Ladder) -> float:
    """The Gini coefficient from people and amounts by class, lowest class first. Above 1 is possible where some owe."""
    people, total = counts.sum(), sums.sum()
    if people <= 0 or total == 0:
        return float("nan")
    shares = counts / people
    lorenz = np.cumsum(sums) / total
    before = np.concatenate([[0.0], lorenz[:-1]])
    between = 1 - (shares * (lorenz + before)).sum()
    # Two people of one class differ by a third of its width, where people are spread evenly; the ends have no width.
    width = np.zeros(ladder.classes)
    width[1:-1] = np.diff(ladder.edges)
    within = (shares**2 * width).sum() / 6 / (total / people)
    return float(between + within)


def share_of_lowest(counts: Real, sums: Real, share: float) -> float:
    """What share of the whole the lowest `share` of people own."""
    people, total = counts.sum(), sums.sum()
    if people <= 0 or total == 0:
        return float("nan")
    standing = np.concatenate([[0.0], np.cumsum(counts) / people])
    lorenz = np.concatenate([[0.0], np.cumsum(sums) / total])
    return float(np.interp(share, standing, lorenz))


def quantile(counts: Real, ladder: Ladder, share: float) -> float:
    """The amount that `share` of people are below, in pence, evenly by logarithm within a class; 0 in the lowest class."""
    people = counts.sum()
    if people <= 0:
        return float("nan")
    upto = np.cumsum(counts) / people
    at = int(np.searchsorted(upto, share))
    if at == 0:
        return 0.0
    inside = (share - upto[at - 1]) / max(upto[min(at, len(upto) - 1)] - upto[at - 1], 1e-300)
    return float(ladder.first * ladder.ratio ** (at - 1 + min(inside, 1.0)))
