"""Settle: work out what the touched members' accounts should show, take off what was posted, and post the rest.

Two ways lead to the same postings. *Whole*: all of a member's facts are read, assessed and held against all that was
posted. It is right whatever happened, and it is how the past is corrected. *Carried*: a member whose new facts all
come after everything settled before goes on from the totals that the last closing carries, and nothing is read back. A
property test holds the two equal. Who is not plain (a status, a withdrawal, a refusal, a fact still in the future) is
always read whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.kernel.program import OPENED_ON
from lifepot.ledger.happened import Happening, Happenings, paid_beyond
from lifepot.ledger.journal import Owed, Postings, balances_after, targets, to_post
from lifepot.scheme.lives import Lives, kernel_facts, read_lives, read_rows
from lifepot.scheme.moved import history_until, is_ours, left_on
from lifepot.scheme.standing import CARRIED_FIRST, Standing, Version
from lifepot.storage.rows import FACT, TRANSFER, Event, Rows, blank_facts, number_rows, runs
from lifepot.storage.store import Store

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

VERSION, BORN, JOINED = range(CARRIED_FIRST)

CARRIED_AT_ONCE = 100_000
WHOLE_AT_ONCE = 5_000
"""Members settled at a time: some tens of megabytes of columns, whatever the size of the file."""

Progress = Callable[[int, int], None]
"""Told how many members of how many are done."""


@dataclass(slots=True)
class Gap:
    """A fact that some rule could not answer: the rulebook has no figure for its day, or it says no frequency."""

    code: str
    value: str
    fact: int
    on: int


@dataclass(slots=True)
class Settled:
    """What a batch writes: facts (refusals among them, numbered), transfers and closings, all by member."""

    facts: Rows
    transfers: Rows
    closings: Rows
    gaps: list[Gap] = field(default_factory=list)

    def write(self, store: Store) -> None:
        """Appends all of it to the store's batch."""
        store.copy_in(FACT, self.facts)
        store.copy_in(TRANSFER, self.transfers)
        store.copy_closings(self.closings)


@dataclass(slots=True)
class Share:
    """The outcome for some of the members: postings to make, and what their closings carry."""

    members: Int
    postings: Postings
    balances: Int
    carried: Int
    last_settled: Int
    refusals: Rows
    gaps: list[Gap]


def settle(
    store: Store, standing: Standing, batch: int, touched: Int, new: Rows, as_of: int, progress: Progress | None = None
) -> Settled:
    """Settle these members (numbers, rising) with these new facts (by member), as of a day that is not before the
    scheme's last. Members are locked by the caller. Nothing is written: `Settled` is what to copy in.
    """
    number_rows(new, batch)
    unrooted = new["root"] == NONE
    new["root"][unrooted] = new["id"][unrooted]
    latest = store.closings_latest(touched)
    plain = _goes_on(standing, latest, touched, new, as_of)
    shares: list[Share] = []
    done = 0
    for members, way in ((touched[plain], _carried), (touched[~plain], _whole)):
        size = CARRIED_AT_ONCE if way is _carried else WHOLE_AT_ONCE
        for start in range(0, len(members), size):
            some = members[start : start + size]
            theirs = new[
                np.searchsorted(new["member"], some[0]) : np.searchsorted(new["member"], some[-1], side="right")
            ]
            if len(some) < len(touched):
                theirs = theirs[np.isin(theirs["member"], some)]
            shares.append(way(store, standing, some, theirs, latest[np.searchsorted(touched, some)], as_of))
            done += len(some)
            if progress is not None:
                progress(done, len(touched))
    return written(store, standing, batch, touched, new, shares)


def _goes_on(standing: Standing, latest: Rows, touched: Int, new: Rows, as_of: int) -> Bool:
    """Who can go on from the carried totals."""
    version = standing.latest
    size = CARRIED_FIRST + version.program.registers.size
    if not version.program.carries or size > standing.carried:
        return np.zeros(len(touched), dtype=np.bool_)
    carried = registers_in(latest)
    fresh = latest["batch"] == 0
    plain = fresh | (carried[VERSION] == version.number)
    owner = np.searchsorted(touched, new["member"])
    money = (new["kind"] == Kind.PAY) | (new["kind"] == Kind.PAID)
    born = new["kind"] == Event.BORN
    plain[owner[~born & ~(money & (new["replaces"] == 0))]] = False
    # A birth day told again is a correction, unless the member is new.
    again = np.zeros(len(touched), dtype=np.bool_)
    again[owner[born]] = True
    plain &= fresh | ~again
    order = new["effective_on"] * 8 + new["kind"]
    earliest = np.full(len(touched), np.iinfo(np.int64).max)
    np.minimum.at(earliest, owner[money], order[money])
    plain &= fresh | (latest["last_settled"] == NONE) | (earliest >= latest["last_settled"])
    plain &= earliest // 8 >= version.effective_from
    latest_day = np.full(len(touched), np.iinfo(np.int64).min)
    np.maximum.at(latest_day, owner[money], new["effective_on"][money])
    plain &= latest_day <= as_of
    # Whoever brings nothing new was asked for, and is read whole.
    plain &= np.bincount(owner, minlength=len(touched)) > 0
    return plain


def registers_in(closings: Rows) -> Int:
    """Registers (carried, n) of closings."""
    width = closings.dtype["carry"].shape[0] // 8
    return np.ascontiguousarray(
        np.ascontiguousarray(closings["carry"]).reshape(-1).view("<i8").reshape(len(closings), width).T
    )


def version_in(closings: Rows) -> Int:
    """The version of the rulebook that each closing carries on from; 0 of whom is read whole."""
    carried = np.ascontiguousarray(closings["carry"][:, 8 * VERSION : 8 * VERSION + 8])
    return carried.view("<i8").reshape(-1)


def _carried(store: Store, standing: Standing, members: Int, new: Rows, latest: Rows, as_of: int) -> Share:
    """Settle members from their carried totals."""
    del store
    version = standing.latest
    registers = registers_in(latest)
    registers[:, latest["batch"] == 0] = NONE
    owner = np.searchsorted(members, new["member"])
    born = new["kind"] == Event.BORN
    registers[BORN, owner[born]] = new["value"][born]
    people = People(registers[BORN], registers[JOINED], np.zeros((len(members), 0), dtype=np.int64))
    money = ~born
    facts = kernel_facts(new[money], owner[money], standing, version).sort()
    size = version.program.registers.size
    outcome = assess(version.program, people, facts, as_of=as_of, carry=registers[CARRIED_FIRST : CARRIED_FIRST + size])
    owed = _owed(standing, version, outcome, outcome.entitlements.row, outcome.rows)
    refused = np.zeros(len(outcome.rows), dtype=np.int64)
    np.add.at(refused, outcome.refusals.row, outcome.refusals.amount)
    before = np.where((latest["batch"] == 0)[:, None], 0, latest["balances"])
    postings = targets(
        owed, outcome.rows, members, tolerance=version.program.tolerance, refused=refused, opening=before
    )
    assert outcome.carry is not None
    registers[CARRIED_FIRST : CARRIED_FIRST + size] = outcome.carry
    # Whose account is not open may yet have it opened by a fact of the same day. A refusal is remembered as a fact. Both are
    # read whole from then on.
    registers[VERSION] = np.where(opened_on(registers) == NONE, 0, version.number)
    registers[VERSION, outcome.rows.member[outcome.refusals.row]] = 0
    last = np.where(latest["batch"] == 0, NONE, latest["last_settled"])
    np.maximum.at(last, facts.member, facts.on * 8 + facts.kind)
    return Share(
        members, postings, latest["balances"], registers, last, _refusals(outcome, members),
        _gaps(outcome),
    )  # fmt: skip


def _whole(store: Store, standing: Standing, members: Int, new: Rows, latest: Rows, as_of: int) -> Share:
    """Settle members from all their facts and all that was posted."""
    closings = store.closings_all(members)
    member, rows = read_rows(store, members, new, closings)
    lives = read_lives(members, member, rows)
    owed_by_version, gaps, outcome = assessed(standing, lives, as_of)
    facts = lives.facts(standing, standing.latest)
    seen = np.flatnonzero(facts.on <= as_of)
    facts = facts.take(seen[np.lexsort((facts.root[seen], facts.kind[seen], facts.on[seen], facts.member[seen]))])
    place = np.argsort(facts.fact, kind="stable")
    refused_before = _by_fact(lives.rows["id"], lives.refused, facts.fact)
    refused = refused_before.copy()
    until = history_until(rows, facts.root)
    new_refusals = _refusals(outcome, members)
    new_refusals = new_refusals[history_until(rows, new_refusals["root"]) == NONE]
    at = _positions(facts.fact, place, outcome.rows.fact[outcome.refusals.row])
    np.add.at(refused, at, np.where(until[at] == NONE, outcome.refusals.amount, 0))
    raw = _raw_amounts(facts, refused_before)
    # What was sent with what another scheme was told went to that scheme.
    raw.kind = np.where(until == NONE, raw.kind, Kind.STATUS)
    owed = Owed(
        *(
            np.concatenate([getattr(one, name) for one in owed_by_version])
            for name in ("rule", "party", "part", "payer", "effective_on", "amount", "row", "within")
        )
    )
    owed.row = _positions(facts.fact, place, owed.row)
    left = left_on(rows, member, members)[facts.member[owed.row]]
    owed = owed.take(is_ours(owed.effective_on, until[owed.row], left))
    happened = happenings(rows, member)
    target = targets(
        owed, raw, members, tolerance=standing.program.tolerance, refused=refused, leaves=_leaves(standing, raw),
        asked=np.isin(raw.root, rows["root"][rows["kind"] == Event.ASKED]), happened=happened,
    )  # fmt: skip
    told, posted_rows = store.rows_of(TRANSFER, closings)
    posted = _posted(told, posted_rows, rows)
    postings = to_post(target, posted)
    registers = np.full((standing.carried, len(members)), NONE)
    registers[VERSION] = 0
    registers[BORN], registers[JOINED] = lives.people.born, lives.people.joined
    size = standing.program.registers.size
    if outcome.carry is not None and CARRIED_FIRST + size <= standing.carried:
        registers[CARRIED_FIRST : CARRIED_FIRST + size] = outcome.carry
        plain = _is_plain(lives, rows, member, outcome, as_of) & ~paid_beyond(happened, members, target)
        registers[VERSION, plain] = standing.latest.number
    last = np.full(len(members), NONE)
    np.maximum.at(last, facts.member, facts.on * 8 + facts.kind)
    balances = np.where((latest["batch"] == 0)[:, None], 0, latest["balances"])
    return Share(members, postings, balances, registers, last, new_refusals, gaps)


def assessed(standing: Standing, lives: Lives, as_of: int) -> tuple[list[Owed], list[Gap], Assessed]:
    """What each version of the rulebook gives for the facts of the days it speaks for (`row` is the causing fact's number)."""
    found: list[Owed] = []
    gaps: list[Gap] = []
    outcome: Assessed | None = None
    ends = [version.effective_from for version in standing.versions[1:]] + [np.iinfo(np.int64).max]
    for version, end in zip(standing.versions, ends, strict=True):
        outcome = assess(version.program, lives.people, lives.facts(standing, version), as_of=as_of)
        owed = _owed(standing, version, outcome, _behind(outcome), outcome.rows)
        on = outcome.rows.on[outcome.entitlements.row]
        # Who has no fact left has nothing posted, whatever day comes.
        mine = (on >= version.effective_from) & (on < end) & (owed.row >= 0)
        found.append(owed if mine.all() else owed.take(mine))
        gaps += [gap for gap in _gaps(outcome) if version.effective_from <= gap.on < end]
    assert outcome is not None
    return found, gaps, outcome


def _behind(outcome: Assessed) -> Int:
    """The fact behind each entitlement. Behind a named day there is none: it stands on the member's first fact (-1 where
    there is none either).
    """
    fact = outcome.rows.fact[outcome.entitlements.row]
    if (fact >= 0).all():
        return fact
    told = np.flatnonzero(outcome.rows.fact >= 0)
    members, first = np.unique(outcome.rows.member[told], return_index=True)
    at = np.searchsorted(members, outcome.entitlements.member)
    known = np.append(members, NONE)[at] == outcome.entitlements.member
    stands_on = np.where(known, np.append(outcome.rows.fact[told[first]], -1)[at], -1)
    return np.where(fact >= 0, fact, stands_on)


def _owed(standing: Standing, version: Version, outcome: Assessed, row: Int, rows: Facts) -> Owed:
    """Entitlements as the ledger needs them; `row` is what to call the fact behind each."""
    entitlements = outcome.entitlements
    rule = version.rule_numbers[entitlements.rule]
    party = standing.parties[rule]
    payer = np.where(
        party == 1,
        rows.payer[entitlements.row],
        np.where(rows.kind[entitlements.row] == Kind.PAY, rows.payer[entitlements.row], 0),
    )
    return Owed(
        rule,
        party,
        standing.parts[rule],
        np.where(party == 2, 0, payer),
        entitlements.effective_on,
        entitlements.amount,
        row,
        (standing.within[rule] & (entitlements.amount < 0)).astype(np.int64),
    )


def happenings(rows: Rows, member: Int) -> Happenings:
    """Of facts, each with its member (a number), those with a posting of their own."""
    at = np.flatnonzero(np.isin(rows["kind"], list(Happening)))
    at = at[np.lexsort((rows["id"][at], member[at]))]
    found = rows[at]
    columns = ("kind", "payer", "attribute", "amount", "effective_on", "root", "id")
    kind, payer, share, amount, effective_on, root, fact = (found[name].astype(np.int64) for name in columns)
    return Happenings(kind, member[at], payer, share, amount, effective_on, root, fact)


def _by_fact(ids: Int, amounts: Int, wanted: Int) -> Int:
    """`amounts` of `ids`, for the `wanted` ids."""
    order = np.argsort(ids)
    return amounts[order][np.searchsorted(ids[order], wanted)] if len(wanted) else np.zeros(0, np.int64)


def _positions(fact: Int, place: Int, wanted: Int) -> Int:
    """Where the wanted facts stand; `place` sorts `fact`."""
    at = np.searchsorted(fact[place], wanted)
    assert not len(wanted) or (fact[place[at]] == wanted).all()
    return place[at]


def _raw_amounts(facts: Facts, refused: Int) -> Facts:
    """The facts with what payments really were: what was refused of them before was taken off for the kernel."""
    whole = facts.take(np.arange(len(facts)))
    whole.amount = np.where(facts.amount == NONE, NONE, facts.amount + refused)
    return whole


def _leaves(standing: Standing, facts: Facts) -> Int:
    """What each withdrawal may be paid from: everybody's money for a purpose of the rulebook, else whose it says."""
    every = (1 << 3 * len(standing.part_names)) - 1
    own = sum(1 << 3 * part for part in range(len(standing.part_names)))
    other = standing.program.rulebook.any_other_withdrawal
    # What a file says was taken out has happened, be it allowed or not.
    otherwise = every if other is not None and other.draws_on == "everyone" else own
    return np.where((facts.kind == Kind.WITHDRAWN) & (facts.value >= 0), every, otherwise)


def _posted(member: Int, transfers: Rows, rows: Rows) -> Postings:
    """Transfers as the postings they were; the root of a fact that is no longer read as this member's is its own."""
    order = np.argsort(rows["id"], kind="stable")
    ids = rows["id"][order]
    at = np.minimum(np.searchsorted(ids, transfers["fact"]), max(len(ids) - 1, 0))
    if len(ids):
        root = np.where(ids[at] == transfers["fact"], rows["root"][order][at], transfers["fact"])
    else:
        root = transfers["fact"]
    return Postings(
        member, transfers["rule"].astype(np.int64), transfers["debit"], transfers["credit"], transfers["amount"],
        transfers["effective_on"], root, transfers["fact"],
    )  # fmt: skip


def _refusals(outcome: Assessed, members: Int) -> Rows:
    """Facts that remember what a cap refused."""
    refusals = blank_facts(len(outcome.refusals.row))
    rows = outcome.refusals.row
    refusals["kind"] = Event.REFUSED
    refusals["member"] = members[outcome.rows.member[rows]]
    refusals["root"] = outcome.rows.root[rows]
    refusals["amount"] = outcome.refusals.amount
    refusals["effective_on"] = outcome.rows.on[rows]
    return refusals


def _is_plain(lives: Lives, rows: Rows, member: Int, outcome: Assessed, as_of: int) -> Bool:
    """Who has nothing but pay and payments, all of it settled, in an account that is open."""
    plain = outcome.opened_on != NONE
    current = lives.rows
    odd = ~np.isin(current["kind"], [Kind.PAY, Kind.PAID]) | (current["effective_on"] > as_of)
    plain[lives.owner[odd]] = False
    beside = [Event.MOVED_OUT, Event.MOVED_IN, Event.PARTED, Event.RECEIVED, Event.PASSED_ON]
    marked = np.isin(rows["kind"], [Event.REFUSED, Event.MERGED, Event.MOVED, Event.JOINED, *beside])
    plain[np.searchsorted(lives.members, member[marked])] = False
    plain[outcome.rows.member[outcome.refusals.row]] = False
    return plain


def _gaps(outcome: Assessed) -> list[Gap]:
    return [
        Gap(code, value, int(outcome.rows.fact[row]), int(outcome.rows.on[row]))
        for code, value, rows in outcome.gaps
        for row in rows[:1_000]
        if outcome.rows.fact[row] >= 0
    ]


def written(store: Store, standing: Standing, batch: int, touched: Int, new: Rows, shares: list[Share]) -> Settled:
    """Everything in the order it is written: facts with the refusals among them, transfers and closings by member."""
    refusals = np.concatenate([share.refusals for share in shares]) if shares else blank_facts(0)
    facts, moved = _with_refusals(new, refusals, batch)
    postings = Postings.join([share.postings for share in shares]) if shares else Postings.none()
    members = np.concatenate([share.members for share in shares]) if shares else touched
    balances = (
        np.concatenate([share.balances for share in shares])
        if shares
        else np.zeros((0, 7 * len(standing.part_names)), np.int64)
    )
    carried = (
        np.concatenate([share.carried for share in shares], axis=1)
        if shares
        else np.zeros((standing.carried, 0), np.int64)
    )
    last = np.concatenate([share.last_settled for share in shares]) if shares else touched
    if len(shares) > 1:
        order = np.argsort(members, kind="stable")
        members, balances, carried, last = members[order], balances[order], carried[:, order], last[order]
        postings = postings.take(np.argsort(postings.member, kind="stable"))
    transfers = np.zeros(len(postings), TRANSFER.dtype)
    for name in ("debit", "credit", "amount", "effective_on", "rule"):
        transfers[name] = getattr(postings, name)
    transfers["fact"] = moved(postings.fact)
    number_rows(transfers, batch)
    closings = np.zeros(len(members), store.closing_dtype)
    closings["batch"], closings["member"] = batch, members
    closings["first_transfer"], closings["transfers"] = runs(postings.member, members)
    closings["first_fact"], closings["facts"] = runs(facts["member"], members)
    closings["last_settled"] = last
    closings["balances"] = balances_after(members, np.ascontiguousarray(balances), postings)
    width = closings.dtype["carry"].shape[0]
    closings["carry"] = (
        np.ascontiguousarray(carried.T.astype("<i8")).reshape(-1).view("u1").reshape(len(members), width)
    )
    gaps = [gap for share in shares for gap in share.gaps]
    for gap in gaps:
        gap.fact = int(moved(np.array([gap.fact]))[0])
    return Settled(facts, transfers, closings, gaps)


def _with_refusals(new: Rows, refusals: Rows, batch: int) -> tuple[Rows, Callable[[Int], Int]]:
    """New facts with refusals among them, numbered anew, and how to tell a fact's number from the one it had."""
    if not len(refusals):
        return new, lambda fact: fact
    facts = np.concatenate([new, refusals])
    order = np.argsort(facts["member"], kind="stable")
    facts = facts[order]
    old = facts["id"].copy()
    number_rows(facts, batch)
    mine = old != 0
    by_old = np.argsort(old[mine])
    olds, news = old[mine][by_old], facts["id"][mine][by_old]

    def moved(fact: Int) -> Int:
        at = np.minimum(np.searchsorted(olds, fact), max(len(olds) - 1, 0))
        return np.where(olds[at] == fact, news[at], fact) if len(olds) else fact

    facts["root"] = np.where(facts["root"] == 0, facts["id"], moved(facts["root"]))
    facts["replaces"] = np.where(facts["replaces"] == 0, 0, moved(facts["replaces"]))
    return facts, moved


def opened_on(registers: Int) -> Int:
    """The day each member's account opened, from carried registers."""
    return registers[CARRIED_FIRST + OPENED_ON]
