"""A claim's lines as columns, and what was claimed before: of one member, share and period each."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lifepot.ledger.chart import FIRST_OF_LEAVING, FIRST_OF_PAYERS, FIRST_OF_SCHEME, OWNER_BITS, Account, number
from lifepot.scheme.claim_terms import ClaimTerms
from lifepot.scheme.lives import read_as, relations
from lifepot.scheme.standing import Standing
from lifepot.storage.owing import Owing
from lifepot.storage.rows import FACT, TRANSFER, Event, Rows
from lifepot.storage.store import Store

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

SHARE_BITS, DAY_BITS = 5, 20
EARLIEST = 1 << 18
"""Days before 1970 that a key has room for, and more: the books begin in 1800."""

READ_AT_ONCE = 20_000
"""Members whose whole history is read at a time."""


@dataclass(slots=True)
class Asked:
    """Amounts (minor units, signed) by member, share (party + 3 * part) and the first day of the period, by all three rising.

    `root` is the fact that the first claim for them is; 0 where there is none.
    """

    member: Int
    share: Int
    start: Int
    amount: Int
    root: Int

    def __len__(self) -> int:
        return len(self.member)

    def take(self, rows: Int | Bool) -> Self:
        """These rows, in this order."""
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    @property
    def key(self) -> Int:
        """One number for all three."""
        return keys(self.member, self.share, self.start)


def nothing() -> Asked:
    """No lines."""
    return Asked(*(np.zeros(0, np.int64) for _ in fields(Asked)))


def keys(member: Int, share: Int, start: Int) -> Int:
    """One number for a member, a share and the first day of a period, which rises by these in turn."""
    key: Int = (((member << SHARE_BITS) + share) << DAY_BITS) + (start + EARLIEST)
    return key


def summed(key: Int, amount: Int, root: Int | None = None) -> Asked:
    """Amounts added up by key; the lowest root of each, but 0."""
    if not len(key):
        return nothing()
    order = np.argsort(key, kind="stable")
    key, amount = key[order], amount[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    first = key[starts]
    never = np.iinfo(np.int64).max
    found = np.zeros(len(starts), np.int64)
    if root is not None:
        lowest = np.minimum.reduceat(np.where(root[order] == 0, never, root[order]), starts)
        found = np.where(lowest == never, 0, lowest)
    rest = first >> DAY_BITS
    start = (first & ((1 << DAY_BITS) - 1)) - EARLIEST
    return Asked(rest >> SHARE_BITS, rest & ((1 << SHARE_BITS) - 1), start, np.add.reduceat(amount, starts), found)


@dataclass(frozen=True, slots=True)
class Funder:
    """Who owes (a payer's number; 0: government), on which account, and from which account what it owes comes."""

    number: int
    name: str
    terms: ClaimTerms

    @property
    def account(self) -> int:
        """What it owes."""
        return number(Account.OWED_BY, self.number) if self.number else number(Account.OWED_BY_GOVERNMENT, 0)

    @property
    def came(self) -> int:
        """Where what it sent stands until the bank shows it."""
        return number(Account.IN_TRANSIT, self.number) if self.number else number(Account.FROM_GOVERNMENT, 0)


def owed_by_key(store: Store, standing: Standing, funder: Funder, owing: Owing) -> Asked:
    """What transfers on the funder's account say it owes. One that names no member's account is its fact's member's."""
    kind = owing.other >> OWNER_BITS
    member = owing.other & ((1 << OWNER_BITS) - 1)  # of leaving, too, the owner is a member
    nobodys = np.flatnonzero((kind >= FIRST_OF_SCHEME) | ((kind >= FIRST_OF_PAYERS) & (kind < FIRST_OF_LEAVING)))
    if len(nobodys):
        member[nobodys] = _members_of(store, owing.fact)
    return _by_key(standing, funder, member, owing.rule, owing.effective_on, owing.amount)


def _by_key(standing: Standing, funder: Funder, member: Int, rule: Int, on: Int, amount: Int) -> Asked:
    share = standing.parties[rule] + 3 * standing.parts[rule]
    return summed(keys(member, share, funder.terms.spans(on)[0]), amount)


def _members_of(store: Store, facts: Int) -> Int:
    """Whose each fact is by now."""
    each, which = np.unique(facts, return_inverse=True)
    told = store.facts_numbered(each)["member"].astype(np.int64)
    members = np.unique(told)
    rows = store.facts_of(members)
    if np.isin(rows["kind"], [Event.MERGED, Event.MOVED]).any():
        others = {member for member, _ in relations(rows)}
        told = np.array([read_as(rows, one) if one in others else one for one in told.tolist()], np.int64)
    return told[which]


def history(store: Store, standing: Standing, funder: Funder, members: Int, until: int) -> Asked:
    """What the funder owes for these members (rising), effective up to a day, less what was claimed and not refused: each key
    for which it ever owed or was asked anything. All of these members' rows are read.
    """
    found = [nothing()]
    for at in range(0, len(members), READ_AT_ONCE):
        closings = store.closings_all(members[at : at + READ_AT_ONCE])
        member, rows = store.rows_of(TRANSFER, closings)
        debited = rows["debit"] == funder.account
        mine = (debited | (rows["credit"] == funder.account)) & (rows["effective_on"] <= until)
        mine &= (rows["debit"] != funder.came) & (rows["credit"] != funder.came)
        amount = np.where(debited, rows["amount"], -rows["amount"])
        owed = _by_key(
            standing,
            funder,
            member[mine],
            rows["rule"][mine].astype(np.int64),
            rows["effective_on"][mine],
            amount[mine],
        )
        claimed = claimed_in(store.rows_of(FACT, closings)[1], funder)
        found.append(less(owed, claimed))
    return summed(
        np.concatenate([one.key for one in found]),
        np.concatenate([one.amount for one in found]),
        np.concatenate([one.root for one in found]),
    )


def claimed_in(facts: Rows, funder: Funder) -> Asked:
    """What facts say was claimed from a funder and not refused, with the first claim for each."""
    mine = facts[np.isin(facts["kind"], [Event.CLAIMED, Event.ANSWERED]) & (facts["payer"] == funder.number)]
    amount = np.where(mine["kind"] == Event.CLAIMED, mine["amount"], -mine["amount"])
    key = keys(mine["member"].astype(np.int64), mine["attribute"].astype(np.int64), mine["period_start"])
    return summed(key, amount, mine["root"].astype(np.int64))


def less(owed: Asked, claimed: Asked) -> Asked:
    """What is owed less what was claimed: of all keys of both, with the roots of what was claimed."""
    return summed(
        np.concatenate([owed.key, claimed.key]),
        np.concatenate([owed.amount, -claimed.amount]),
        np.concatenate([np.zeros(len(owed), np.int64), claimed.root]),
    )
