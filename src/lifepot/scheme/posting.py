"""What commands tell of members, settled and kept in a batch of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE
from lifepot.ledger.postings import BALANCES, PARTIES
from lifepot.scheme.identify import Identifier
from lifepot.scheme.opening import Clock
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import Standing, locked
from lifepot.storage.rows import BATCH_BITS, Rows, blank_facts
from lifepot.storage.store import Batch, Store

Int = NDArray[np.int64]


@dataclass(slots=True)
class Telling:
    """A batch that has begun: its members (numbers, rising) are locked, and looked at as of a day."""

    connection: psycopg.Connection[Any]
    standing: Standing
    store: Store
    members: Int
    batch: int
    clock: Clock
    as_of: int
    identifier: Identifier | None = None

    @classmethod
    def of(
        cls, connection: psycopg.Connection[Any], members: list[int], clock: Clock, identifier: Identifier | None = None
    ) -> "Telling":
        """Locks the members and begins. `identifier` is who named payers that may be new: they are added with the batch."""
        numbers = np.unique(np.array(members, dtype=np.int64))
        standing, store = locked(connection, numbers)
        batch = store.begin_batch()
        if identifier is not None:
            identifier.write_payers(batch)
        return cls(connection, standing, store, numbers, batch, clock, max(standing.as_of, clock.as_of), identifier)

    def stand(self) -> Int:
        """What each member has once everything due by then is posted: (members, parts, 7 balances), minor units."""
        settled = settle(self.store, self.standing, self.batch, self.members, blank_facts(0), self.as_of)
        return settled.closings["balances"].reshape(len(self.members), -1, BALANCES).astype(np.int64)

    def shares(self) -> Int:
        """What of it can be used, by share: (members, 3 a part)."""
        return self.stand()[:, :, :PARTIES].reshape(len(self.members), -1)

    def post(self, facts: Rows, kind: str, *, key: str = "", summary: Mapping[str, Any] | None = None) -> Batch:
        """Settles the members with these facts and finishes the batch. Does not commit. Facts with the root NONE are their own;
        others with a root below 2³² share one: they belong to the first of the batch's facts with that root.
        """
        facts = facts[np.argsort(facts["member"], kind="stable")]
        ids = (self.batch << BATCH_BITS) + np.arange(len(facts))
        for group in np.unique(facts["root"][(facts["root"] != NONE) & (facts["root"] < 1 << BATCH_BITS)]).tolist():
            facts["root"][facts["root"] == group] = ids[facts["root"] == group][0]
        settled = settle(self.store, self.standing, self.batch, self.members, facts, self.as_of)
        settled.write(self.store)
        return self.store.finish_batch(
            kind=kind, who=self.clock.who, known_at=self.clock.known_at, as_of_day=self.as_of,
            key=key or f"{kind}:{self.batch}", summary=summary,
        )  # fmt: skip


def share_facts(kind: int, member: int, amounts: Int, on: int, *, payer: int = 0, root: int = NONE) -> Rows:
    """One fact for each share with something in it: `amounts` by share (3 a part)."""
    at = np.flatnonzero(amounts)
    facts = blank_facts(len(at))
    facts["kind"], facts["member"], facts["effective_on"], facts["payer"] = kind, member, on, payer
    facts["attribute"], facts["amount"], facts["root"] = at, amounts[at], root
    return facts


def share_name(standing: Standing, share: int) -> tuple[str, str]:
    """A share's part of the pot and its party, in words."""
    return standing.part_names[share // PARTIES], ("worker", "employer", "government")[share % PARTIES]
