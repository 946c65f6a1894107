"""Money going in and out of pots that cannot hold less than nothing."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def uncovered(pot: Int, change: Int) -> Int:
    """How much of each movement out of a pot was no longer there: 0 or more.

    `pot` says whose each movement is, rising, and `change` what it adds (negative: takes out), in order of effect; every pot
    begins empty. A pot that falls short stays at nothing, and what comes in later does not make up for it.
    """
    if not len(pot):
        return change.copy()
    running = np.cumsum(change)
    starts = np.append(True, pot[1:] != pot[:-1])
    nth = np.cumsum(starts) - 1
    running -= (running[starts] - change[starts])[nth]
    # What was uncovered so far is the depth of the lowest point so far. One running minimum serves all pots: of ranks rather
    # than amounts, set below all ranks of the pot before, so that each pot begins anew and nothing leaves int64.
    values, ranks = np.unique(running, return_inverse=True)
    below = np.minimum.accumulate(ranks - nth * len(values)) + nth * len(values)
    depth = np.maximum(-values[below], 0)
    before = np.append(0, depth[:-1])
    before[starts] = 0
    short: Int = depth - before
    return short


def shares(group: Int, amount: Int, there: Int) -> Int:
    """What each amount gets when those of a group are served in their order until nothing is there.

    `group` rises; `amount` is 0 or more; `there` is what the whole group has, said beside each.
    """
    if not len(group):
        return amount.copy()
    through = np.cumsum(amount)
    starts = np.append(True, group[1:] != group[:-1])
    before = through - amount
    before -= before[starts][np.cumsum(starts) - 1]
    return np.clip(there - before, 0, amount)
