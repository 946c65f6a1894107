"""Facts whose postings follow from them alone: posted without reading anybody's life, the closing carried on.

What came because it was owed, what was sent and came back, what the bank's statement shows: a claim's reply may speak of a
million members, and none of what it says changes what the rules give. A settle that reads a member whole makes the same
postings again (`ledger.happened`).
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.happened import posted_alone
from lifepot.ledger.postings import Postings
from lifepot.scheme.settle import VERSION, Settled, Share, happenings, registers_in, written
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event, Rows, blank_facts, number_rows
from lifepot.storage.store import Store

Int = NDArray[np.int64]

SCHEME = 0
"""The member that facts of no member are told of: the scheme itself."""


def post_directly(store: Store, standing: Standing, batch: int, facts: Rows, beside: Postings | None = None) -> Settled:
    """What to copy in for these facts (by member), all of kinds that no rule reads. `beside`: postings that their caller makes
    of some of them, whose `fact` and `root` are positions among the facts. Members are locked by the caller.
    """
    assert not np.isin(facts["kind"], [*Kind, *range(Event.REMOVED, Event.CAME)]).any(), "a rule may read these"
    assert (facts["member"][1:] >= facts["member"][:-1]).all(), "facts come by member"
    number_rows(facts, batch)
    unrooted = facts["root"] == NONE
    facts["root"][unrooted] = facts["id"][unrooted]
    members = np.unique(facts["member"]).astype(np.int64)
    latest = store.closings_latest(members)
    fresh = latest["batch"] == 0
    registers = registers_in(latest)
    registers[:, fresh] = NONE
    registers[VERSION, fresh] = 0
    balances = np.where(fresh[:, None], 0, latest["balances"])
    postings = posted_alone(happenings(facts, facts["member"].astype(np.int64)), members, balances)
    if beside is not None:
        beside.root, beside.fact = facts["root"][beside.fact], facts["id"][beside.fact]
        postings = Postings.join([postings, beside])
        postings = postings.take(np.argsort(postings.member, kind="stable"))
    last = np.where(fresh, NONE, latest["last_settled"])
    share = Share(members, postings, balances, registers, last, blank_facts(0), [])
    return written(store, standing, batch, members, facts, [share])
