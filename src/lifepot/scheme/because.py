"""What others add whatever a member puts in: the same life by the same rules, in which the member puts in nothing."""

from dataclasses import replace

import numpy as np

from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.postings import WORKER
from lifepot.scheme.lives import Lives
from lifepot.scheme.settle import assessed
from lifepot.scheme.standing import Standing


def added_regardless(standing: Standing, lives: Lives, as_of: int, opened_on: int | None = None) -> int | None:
    """What employers and government owe one member up to a day, had the member put in nothing of their own (minor units);
    None where the rules leave no such choice, and put something in for the member all the same.

    Each pay then says that nothing was deducted, the member's own payments and withdrawals are not there, and the account
    opened when it did: on `opened_on` if the caller has read it, which saves living the life as it was.
    """
    if opened_on is None:
        opened = assessed(standing, lives, as_of)[2].opened_on
    else:
        opened = np.full(len(lives.members), opened_on)
    rows = lives.rows.copy()
    rows["worker"][rows["kind"] == Kind.PAY] = 0
    own = (rows["kind"] == Kind.PAID) & (rows["payer"] == 0)
    kept = ~own & (rows["kind"] != Kind.WITHDRAWN)
    joined = np.where(opened == NONE, lives.people.joined, opened)
    without = Lives(
        lives.members, replace(lives.people, joined=joined), rows[kept], lives.owner[kept], lives.refused[kept]
    )
    owed, _, _ = assessed(standing, without, as_of)
    if any((one.amount[one.party == WORKER] != 0).any() for one in owed):
        return None
    return sum(int(one.amount[one.party != WORKER].sum()) for one in owed)


def added_because(others: int, regardless: int | None) -> int:
    """Of what others added in all, what they added because the member put something in (minor units)."""
    return others - min(regardless or 0, others)


def every_100(put_in: int, others: int, regardless: int | None) -> int | None:
    """What 100 minor units of the member's became: theirs and what was added because of it, rounded down. None where the member
    put in nothing.
    """
    return (put_in + added_because(others, regardless)) * 100 // put_in if put_in > 0 else None
