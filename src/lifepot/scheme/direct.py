"""Facts whose postings follow from them alone: posted without reading anybody's life, the closing carried on.

What came because it was owed, what was sent and came back, what the bank's statement shows: a claim's reply may speak of a
million members, and none of what it says changes what the rules give. A settle that reads a member whole makes the same
postings again (`ledger.happened`).
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.happened import paid_beyond, posted_alone
from lifepot.ledger.journal import balances_after
from lifepot.ledger.postings import Postings
from lifepot.scheme.settle import VERSION, Settled, happenings
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event, Rows, each_once, number_rows, runs, transfer_rows
from lifepot.storage.store import Store

Int = NDArray[np.int64]

SCHEME = 0
"""The member that facts of no member are told of: the scheme itself."""


def post_directly(
    store: Store,
    standing: Standing,
    batch: int,
    facts: Rows,
    beside: Postings | None = None,
    latest: Rows | None = None,
) -> Settled:
    """What to copy in for these facts (by member), all of kinds that no rule reads. `beside`: postings that their caller makes
    of some of them, whose `fact` and `root` are positions among the facts. `latest`: the members' last closings, if the caller
    has read them, and needs them no more. Members are locked by the caller.
    """
    del standing  # what no rule reads needs no rulebook
    assert not np.isin(facts["kind"], [*Kind, *range(Event.REMOVED, Event.CAME)]).any(), "a rule may read these"
    assert (facts["member"][1:] >= facts["member"][:-1]).all(), "facts come by member"
    number_rows(facts, batch)
    unrooted = facts["root"] == NONE
    facts["root"][unrooted] = facts["id"][unrooted]
    members = each_once(facts["member"].astype(np.int64))
    closings = store.closings_latest(members) if latest is None else latest
    balances = np.ascontiguousarray(closings["balances"])
    happened = happenings(facts, facts["member"].astype(np.int64))
    postings = posted_alone(happened, members, balances)
    _carried(closings, paid_beyond(happened, members, postings))
    if beside is not None:
        beside.root, beside.fact = facts["root"][beside.fact], facts["id"][beside.fact]
        postings = Postings.join([postings, beside])
        postings = postings.take(np.argsort(postings.member, kind="stable"))
    closings["first_transfer"], closings["transfers"] = runs(postings.member, members)
    closings["first_fact"], closings["facts"] = runs(facts["member"], members)
    if len(postings):
        closings["balances"] = balances_after(members, balances, postings)
    return Settled(facts, transfer_rows(postings, batch), closings)


def _carried(closings: Rows, apart: NDArray[np.bool_]) -> None:
    """Carries on what the closings say; who never had one was never settled, and those `apart` are read whole from now on."""
    fresh = closings["batch"] == 0
    closings["last_settled"][fresh] = NONE
    if not (fresh.any() or apart.any()):
        return
    width = closings["carry"].shape[1]
    registers = np.ascontiguousarray(closings["carry"]).view("<i8").reshape(len(closings), width // 8)
    registers[fresh] = NONE
    registers[fresh | apart, VERSION] = 0
    closings["carry"] = registers.view("u1").reshape(len(closings), width)
