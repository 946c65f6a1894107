"""How sure a figure is: the delete-a-group jackknife over villages, at 95 %.

Villages are drawn alike and apart from each other, so leaving a group of them out and seeing what a figure becomes tells how
much it would vary (Wolter, Introduction to Variance Estimation, ch. 4). A figure is a function of sums, so nothing is run
again; a difference is a function of paired sums, so that shared luck is not counted as doubt.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.lab.sums import Sums, add

Real = NDArray[np.float64]

MOST_GROUPS = 50
_NORMAL_975 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """Figures of one shape, with the ends of their intervals; not a number where there is nothing to count, or, for the
    ends, where there is but one village.
    """

    value: Real
    low: Real
    high: Real


def student_975(freedom: int) -> float:
    """The 97.5 % point of Student's t, to two decimals from four degrees of freedom on (Abramowitz and Stegun 26.7.5)."""
    known = {1: 12.706, 2: 4.303, 3: 3.182}
    if freedom in known:
        return known[freedom]
    z, n = _NORMAL_975, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n ** (power + 1) for power, term in enumerate(terms))


def grouped(shards: Sequence[Sums]) -> list[Sums]:
    """Shards' sums, in their order, as at most fifty groups' sums: shard n is in group n modulo the groups."""
    groups = [{name: array.copy() for name, array in shard.items()} for shard in shards[:MOST_GROUPS]]
    for number, shard in enumerate(shards[MOST_GROUPS:]):
        add(groups[number % MOST_GROUPS], shard)
    return groups


def whole(groups: Sequence[Sums]) -> Sums:
    """All groups' sums."""
    total = {name: np.zeros_like(array) for name, array in groups[0].items()}
    for group in groups:
        add(total, group)
    return total


def estimate(groups: Sequence[Sums], figures: Callable[[Sums], dict[str, Real]]) -> dict[str, Estimate]:
    """Every figure with its interval. What is left when a group is left out is scaled up to all villages."""
    total = whole(groups)
    central = figures(total)
    villages = float(total["villages"][0])
    count = len(groups)
    without = []
    for group in groups if count > 1 else ():
        scale = villages / (villages - float(group["villages"][0]))
        left = {name: (array - group[name]) * scale for name, array in total.items()}
        without.append(figures(left))
    found = {}
    for name, value in central.items():
        if not without:
            nothing = np.full_like(value, np.nan)
            found[name] = Estimate(value, nothing, nothing.copy())
            continue
        each = np.stack([one[name] for one in without])
        middle = each.sum(axis=0) / count
        spread = np.sqrt((count - 1) / count * ((each - middle) ** 2).sum(axis=0)) * student_975(count - 1)
        found[name] = Estimate(value, value - spread, value + spread)
    return found
