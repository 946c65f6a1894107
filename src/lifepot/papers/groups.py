"""Fixed groups of people, and when the figures of a group may be shown: the ground that open figures stand on.

Nothing here reads a clock or chance, and what a month decides rests on that month and those before it: worked out again later it
comes out the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

GROUP_OF = 25
"""People of a group, at least: so that some of them may stand still and its figures may still move."""

FEWEST = 10
"""People that a figure, or a difference of two, is about at least."""

SEVERAL = -1
"""The trait of a group whose people differ in it."""


@dataclass(slots=True)
class Group:
    """Some people (positions, for ever the same), what they have in common (`SEVERAL` where nothing), and the month from which it
    is there. `releases`: the months whose figures were shown; they rise.
    """

    people: Int
    traits: tuple[int, ...]
    formed: int
    releases: list[int] = field(default_factory=list)

    def shown_in(self, month: int) -> int | None:
        """The month whose figures are shown in a month: the last that was released; None if none was."""
        found = [one for one in self.releases if one <= month]
        return found[-1] if found else None


def grouped(entered: Int, traits: Int, months: int, group_of: int = GROUP_OF) -> list[Group]:
    """Newcomers of each month, and those who still waited, in groups: of one kind in all traits (columns) where so many are, then in
    all but the last, and so on. Fewer than `group_of` wait for the next month. `entered`: the month of each person's first money.
    """
    found: list[Group] = []
    waiting = np.zeros(0, dtype=np.int64)
    for month in range(months):
        waiting = np.concatenate([waiting, np.flatnonzero(entered == month)])
        for width in range(traits.shape[1], -1, -1):
            if not len(waiting):
                break
            each, which = np.unique(traits[waiting][:, :width], axis=0, return_inverse=True)
            left = [np.zeros(0, dtype=np.int64)]
            for cell in range(len(each)):
                people = waiting[which.reshape(-1) == cell]
                if len(people) < group_of:
                    left.append(people)
                    continue
                alike = (*each[cell].tolist(), *([SEVERAL] * (traits.shape[1] - width)))
                found += [Group(part, alike, month) for part in np.array_split(people, len(people) // group_of)]
            waiting = np.sort(np.concatenate(left))
    return found


def tells_of_few(amounts: Int, fewest: int = FEWEST) -> bool:
    """Whether sums of these amounts (a person each, in rows or one row) would tell of somebody: of fewer than so many people, or one of
    whom is more than half. A sum in which nobody has anything tells nothing.
    """
    size = np.abs(np.atleast_2d(amounts))
    concerned = np.count_nonzero(size, axis=1)
    dominated = 2 * size.max(axis=1, initial=0) > size.sum(axis=1)
    return bool(((concerned > 0) & ((concerned < fewest) | dominated)).any())


def release(group: Group, amounts: Int) -> None:
    """Decides month by month whether the group's sum of `amounts` (people, months; running totals) is shown. It is if neither it nor
    its difference from any sum shown before, nor the difference of that month's step from any step before, tells of few.
    """
    for month in range(group.formed, amounts.shape[1]):
        now = amounts[:, month]
        shown = amounts[:, group.releases]
        if group.releases and (now == shown[:, -1]).all():
            continue
        steps = np.diff(shown, axis=1, prepend=0)
        step = now - (shown[:, -1] if group.releases else 0)
        if not tells_of_few(np.vstack([now, now - shown.T, step - steps.T])):
            group.releases.append(month)


def released_together(states: list[Int], now: Int, columns: Callable[[Int], Int]) -> bool:
    """Whether running totals of everybody (people, …) may be shown beside those shown before (`states`): all `columns` of them,
    of what changed since each, and of this step beside each earlier step.
    """
    shown = [np.zeros_like(now), *states]
    steps = [after - before for before, after in pairwise(shown)]
    step = now - shown[-1]
    differences = [*(now - before for before in shown), *(step - earlier for earlier in steps)]
    return not any(tells_of_few(columns(one).T) for one in differences)


def beside_the_usual(one: Int, other: Int) -> Int:
    """What `one` is beyond its usual proportion to `other`, in thousandths: most people pay by the same rule, and the difference of
    two parties' sums, weighed by it, would be about those who do not.
    """
    both = (one != 0) & (other != 0)
    if not both.any():
        return 1000 * one
    ratios, counts = np.unique(1000 * one[both] // other[both], return_counts=True)
    beyond: Int = 1000 * one - ratios[counts.argmax()] * other
    return beyond
