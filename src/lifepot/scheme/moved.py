"""Accounts that came from another scheme or left for one: what of their entitlements is this scheme's.

Facts that came along in a batch with *moved in* are history: the rules read them, so that ages, totals and yearly limits go on,
but what they brought until that day the other scheme gave. What would be effective after *moved out* is the next scheme's.
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE
from lifepot.storage.rows import BATCH_BITS, Event, Rows

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NEVER = int(np.iinfo(np.int64).max)


def history_until(rows: Rows, root: Int) -> Int:
    """For each root of a fact, the day until which what the fact brought was another scheme's; NONE where it is no history.

    `rows` are the members' facts, *moved in* among them.
    """
    moved = rows[rows["kind"] == Event.MOVED_IN]
    until = np.full(len(root), NONE)
    for batch in np.unique(moved["id"] >> BATCH_BITS).tolist():
        day = moved["effective_on"][moved["id"] >> BATCH_BITS == batch].max()
        until[root >> BATCH_BITS == batch] = day
    return until


def left_on(rows: Rows, member: Int, members: Int) -> Int:
    """The day on which each of `members` (rising) left for another scheme; NEVER where none did. `member` is each row's."""
    days = np.full(len(members), NEVER)
    gone = rows["kind"] == Event.MOVED_OUT
    np.minimum.at(days, np.searchsorted(members, member[gone]), rows["effective_on"][gone])
    return days


def is_ours(effective_on: Int, until: Int, left: Int) -> Bool:
    """Whether what is effective on a day is this scheme's, given its fact's `history_until` and its member's `left_on`."""
    return ((until == NONE) | (effective_on > until)) & (effective_on <= left)
