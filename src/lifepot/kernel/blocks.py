"""Blocks of members: very many facts are gone through some at a time, so that a block's columns stay in the cache.

An operation on a column takes a third of a nanosecond a row as long as its columns are in the cache, and several times
that when each of them has to be fetched from memory, or be given memory that was never touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import Facts, People

Int = NDArray[np.int64]

ROWS = 1 << 18
"""Rows of a block, about. Two megabytes a column; fewer cost more for the beginning of each operation, more do not fit."""


LARGEST_KEPT = (1 << 25) - (1 << 20)
"""Bytes: the most that the C library of Linux learns from."""


@dataclass(slots=True)
class Block:
    """Some members that stand beside each other, counted from 0, with all their facts and what was carried of them."""

    first_member: int
    people: People
    facts: Facts
    carry: Int | None


def blocks(people: People, facts: Facts, carry: Int | None) -> Iterator[Block]:
    """All members with their facts, block by block."""
    count = min((len(facts) + ROWS // 2) // ROWS, len(people))
    if count <= 1:
        yield Block(0, people, facts, carry)
        return
    member = facts.member
    if (member[1:] < member[:-1]).any():
        facts = facts.take(np.argsort(member, kind="stable"))
        member = facts.member
    _keep_memory()
    # Each block begins with the member at its first row, so that nobody is cut in two.
    heads = [0, *np.unique(member[np.arange(1, count) * len(facts) // count]).tolist(), len(people)]
    places = [0, *np.searchsorted(member, heads[1:-1]).tolist(), len(facts)]
    for nth, (first, end) in enumerate(pairwise(heads)):
        if first < end:
            yield _block(people, facts, carry, slice(first, end), slice(places[nth], places[nth + 1]))


def _block(people: People, facts: Facts, carry: Int | None, who: slice, rows: slice) -> Block:
    theirs = facts.take(rows).later("member", lambda: facts.member[rows] - who.start)
    some = People(people.born[who], people.joined[who], people.attributes[who])
    return Block(who.start, some, theirs, None if carry is None else carry[:, who])


@cache
def _keep_memory() -> None:
    """Has the C library keep the memory of a block's columns for the next block's: it gives memory back to the system, page
    by page, where nothing larger was ever given back, and to get a page anew takes longer than all that is done with it.
    """
    del_ = np.empty(LARGEST_KEPT // 8, dtype=np.int64)
    del del_
