"""A member's facts as the books keep them, turned into what the kernel reads: replaced and removed facts gone, refused
parts of payments remembered, birth and opening days told apart, each fact with the member it now belongs to.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.scheme.standing import Standing, Version
from lifepot.storage.rows import FACT, Event, Rows
from lifepot.storage.store import Store

Int = NDArray[np.int64]

READ_ALSO = 1
"""`amount` of a MERGED or MOVED fact on the side that takes over: it says whose facts to read beside one's own."""


@dataclass(slots=True)
class Lives:
    """Members and what is known of them. `rows` are the current facts of the kernel's kinds, `owner` the position of
    each one's member, `refused` what of each was refused (minor units).
    """

    members: Int
    people: People
    rows: Rows
    owner: Int
    refused: Int

    def facts(self, standing: Standing, version: Version) -> Facts:
        """The facts as one version of the rulebook hears them; statuses it knows nothing of are left out."""
        return kernel_facts(self.rows, self.owner, standing, version, self.refused)


def kernel_facts(rows: Rows, owner: Int, standing: Standing, version: Version, refused: Int | None = None) -> Facts:
    """Rows of the fact table as the kernel's columns."""
    positions = version.attribute_positions(len(standing.attributes))
    said = rows["attribute"].astype(np.int64)
    attribute = np.where(said >= 0, positions[said] if len(positions) else -1, -1)
    amount = rows["amount"] if refused is None else np.where(rows["amount"] == NONE, NONE, rows["amount"] - refused)
    facts = Facts(
        fact=rows["id"], root=rows["root"], member=owner, on=rows["effective_on"], kind=rows["kind"].astype(np.int64),
        payer=rows["payer"].astype(np.int64), amount=amount, earnings=rows["earnings"], hours=rows["hours"],
        frequency=rows["frequency"].astype(np.int64), period_start=rows["period_start"], period_end=rows["period_end"],
        worker=rows["worker"], employer=rows["employer"], attribute=attribute, value=rows["value"],
    )  # fmt: skip
    unheard = (facts.kind == Kind.STATUS) & (attribute < 0)
    return facts.take(~unheard) if unheard.any() else facts


def relations(rows: Rows) -> dict[tuple[int, int], int]:
    """Who reads whose facts: (other member, root or 0 for all) → the member that now has them. The last word counts."""
    found: dict[tuple[int, int], int] = {}
    for row in rows[np.isin(rows["kind"], [Event.MERGED, Event.MOVED])]:
        root = int(row["root"]) if row["kind"] == Event.MOVED else 0
        if row["amount"] == READ_ALSO:
            found[(int(row["value"]), root)] = int(row["member"])
        else:
            found[(int(row["member"]), root)] = int(row["value"])
    return found


def merged_into(store: Store, member: int) -> int:
    """The member under whom a member's facts are read: itself, if it was never merged."""
    return read_as(store.facts_of(np.array([member])), member)


def read_as(facts: Rows, member: int) -> int:
    """The same, from the facts that were told of the member."""
    return _reader(relations(facts), member, 0)


def read_rows(store: Store, members: Int, new: Rows, closings: Rows | None = None) -> tuple[Int, Rows]:
    """All facts that are read as these members' (rising), new ones included, each with its member's number, and those of
    members they were merged with or moved from.
    """
    told, past = store.rows_of(FACT, closings if closings is not None else store.closings_all(members))
    rows = np.concatenate([past, new])
    return rows_as_theirs(store, members, np.concatenate([told, new["member"].astype(np.int64)]), rows)


def rows_as_theirs(store: Store, members: Int, member: Int, rows: Rows) -> tuple[Int, Rows]:
    """Of rows that were read, each with the member who told it, those that are now these members' (rising), and with them
    the rows of whoever they were merged with or moved from.
    """
    if not np.isin(rows["kind"], [Event.MERGED, Event.MOVED]).any():
        return member, rows
    seen = set(members.tolist())
    wanted = {other for other, _ in relations(rows)} - seen
    while wanted:
        now = relations(rows)
        whole = sorted(other for other in wanted if (other, 0) in now)
        # Of whom only some facts are theirs, nobody but the scheme itself sees the others.
        some = sorted(other for other in wanted if (other, 0) not in now)
        for others, read in ((whole, store.facts_of), (some, store.facts_seen_of)):
            if others:
                rows = np.concatenate([rows, read(np.array(others, dtype=np.int64))])
        member = np.concatenate([member, rows["member"][len(member) :].astype(np.int64)])
        seen |= wanted
        wanted = {other for other, _ in relations(rows)} - seen
    now = relations(rows[np.argsort(rows["id"], kind="stable")])
    ours = rows["kind"] < Event.BORN
    for at in np.flatnonzero(ours & np.isin(member, [other for other, _ in now])).tolist():
        member[at] = _reader(now, int(rows["member"][at]), int(rows["root"][at]))
    kept = np.isin(member, members)
    return member[kept], rows[kept]


def _reader(now: dict[tuple[int, int], int], member: int, root: int) -> int:
    """Whose a fact is: what was said of the fact itself comes first, then whom its member was merged into, and so on."""
    seen = set()
    while (member, root) in now and (member, root) not in seen:
        seen.add((member, root))
        member = now[(member, root)]
    while now.get((member, 0), member) != member and (member, 0) not in seen:
        seen.add((member, 0))
        member = now[(member, 0)]
    return member


def read_lives(members: Int, member: Int, rows: Rows) -> Lives:
    """Members' lives from all rows that are theirs."""
    order = np.argsort(rows["id"], kind="stable")
    rows, member = rows[order], member[order]
    owner = np.searchsorted(members, member)
    gone = np.isin(rows["id"], rows["replaces"][rows["replaces"] != 0])
    current = rows[~gone & (rows["kind"] < Event.REMOVED)]
    mine = owner[~gone & (rows["kind"] < Event.REMOVED)]
    born, joined = np.full(len(members), NONE), np.full(len(members), NONE)
    for event, days in ((Event.BORN, born), (Event.JOINED, joined)):
        said = rows["kind"] == event
        # Rows stand in the order they became known, and the last assignment to a place wins.
        days[owner[said]] = rows["value"][said]
    refused = np.zeros(len(current), dtype=np.int64)
    refusals = rows[rows["kind"] == Event.REFUSED]
    if len(refusals):
        by_root = np.argsort(current["root"], kind="stable")
        at = np.searchsorted(current["root"][by_root], refusals["root"])
        found = at < len(current)
        found[found] &= current["root"][by_root][at[found]] == refusals["root"][found]
        np.add.at(refused, by_root[at[found]], refusals["amount"][found])
        refused = np.minimum(refused, np.where(current["amount"] == NONE, 0, current["amount"]))
    people = People(born, joined, np.zeros((len(members), 0), dtype=np.int64))
    return Lives(members, people, current, mine, refused)
