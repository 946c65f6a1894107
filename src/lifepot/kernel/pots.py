"""Pots: what a member has in each part of the pot, and from which parts each withdrawal was paid.

The order of a day: what lapsed the day before goes; parts move; entitlements come; what is taken back goes; then each
withdrawal in the order of facts, after what is taken back because of it. A charge whose rule says `net` is a part of
its withdrawal and takes nothing beside it. No part ever holds less than nothing: what is not there is not covered.
"""

from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.assess import Assessed
from lifepot.kernel.columns import Kind
from lifepot.kernel.operators import starts
from lifepot.kernel.run import Run
from lifepot.periods import FAR_FUTURE, parse_day
from lifepot.rulebook.terms import Draw, Purpose, Rulebook

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

LAPSE, MOVE, GIVE, TAKE, WITHDRAW = 0, 1, 2, 3, 4
"""What happens to a pot, in the order of a day."""

Event = tuple[int, int, int, int]
"""Day, what happens, which (an entitlement for TAKE, a withdrawal for WITHDRAW, else a part), and how much."""


@dataclass(slots=True)
class Withdrawals:
    """Withdrawals, a row each: its row among the assessed, the purpose it is for (-1: none), what each part of the pot
    paid of it, (w, parts), and what none of them held (minor units).
    """

    row: Int
    purpose: Int
    paid: Int
    not_covered: Int


@dataclass(slots=True)
class Pots:
    """What each member has in each part of the pot and how it came to be, tables of (members, parts) in minor units.

    given + moved_in = left + paid_out + taken_back + expired + moved_out, in each part. `not_there` is, for each
    entitlement, how much of what it takes back no part held.
    """

    given: Int
    taken_back: Int
    paid_out: Int
    moved_in: Int
    moved_out: Int
    expired: Int
    left: Int
    not_there: Int
    withdrawals: Withdrawals


@dataclass(slots=True)
class Parts:
    """The rulebook's accounts by number: the last day of each, and when and where it moves (-1: nowhere)."""

    names: list[str]
    last_on: list[int]
    moves_on: list[int]
    moves_to: list[int]

    @classmethod
    def of(cls, book: Rulebook) -> "Parts":
        """The parts of a rulebook that was checked."""
        names, accounts = list(book.accounts), book.accounts.values()

        def day(text: str | None) -> int:
            return FAR_FUTURE if text is None else parse_day(text)

        return cls(
            names,
            [day(one.expires_on) for one in accounts],
            [day(one.moves_on) for one in accounts],
            [-1 if one.moves_to is None else names.index(one.moves_to) for one in accounts],
        )


@dataclass(slots=True)
class _Life:
    """One member's pots while their events are followed, a figure a part."""

    parts: Parts
    given: list[int] = field(init=False)
    taken_back: list[int] = field(init=False)
    paid_out: list[int] = field(init=False)
    moved_in: list[int] = field(init=False)
    moved_out: list[int] = field(init=False)
    expired: list[int] = field(init=False)
    left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        for name in TABLES:
            setattr(self, name, [0] * len(self.parts.names))

    def come(self, part: int, amount: int, day: int) -> None:
        """Money comes into a part, or to where that part's money has moved; after the last day it is lost at once."""
        while self.parts.moves_on[part] <= day:
            self.moved_out[part] += amount
            part = self.parts.moves_to[part]
            self.moved_in[part] += amount
        (self.expired if self.parts.last_on[part] < day else self.left)[part] += amount

    def give(self, part: int, amount: int, day: int) -> None:
        """A rule gives."""
        self.given[part] += amount
        self.come(part, amount, day)

    def move(self, part: int, day: int) -> None:
        """What is left in a part moves."""
        amount, self.left[part] = self.left[part], 0
        self.come(part, amount, day)

    def lapse(self, part: int) -> None:
        """What is left in a part can be used no more."""
        self.expired[part] += self.left[part]
        self.left[part] = 0

    def take(self, part: int, amount: int, day: int) -> int:
        """A rule takes back from a part, or from where its money has moved; returns what was not there."""
        while self.parts.moves_on[part] <= day:
            part = self.parts.moves_to[part]
        there = min(amount, self.left[part])
        self.taken_back[part] += there
        self.left[part] -= there
        return amount - there

    def pay(self, parts: list[int], amount: int) -> list[int]:
        """A withdrawal is paid from these parts, each as far as it goes; what each paid."""
        paid = [0] * len(self.left)
        for part in parts:
            there = min(amount, self.left[part])
            paid[part] += there
            self.left[part] -= there
            self.paid_out[part] += there
            amount -= there
        return paid


TABLES = ("given", "taken_back", "paid_out", "moved_in", "moved_out", "expired", "left")


def pots_of(assessed: Assessed, until: Int) -> Pots:
    """The pots of a run that was kept. `until` (members): the day at whose end each member's are looked at; what is
    effective after it has not come yet.
    """
    run, rows, owed = assessed.run, assessed.rows, assessed.entitlements
    assert run is not None, "pots are made of a run that was kept"
    parts, rules = Parts.of(run.program.rulebook), list(run.program.rulebook.rules.values())
    out = np.flatnonzero(run.sheet.is_kind(Kind.WITHDRAWN) & (rows.on <= until[rows.member]))
    served = purposes_served(run)[out]
    paid = np.zeros((len(out), len(parts.names)), dtype=np.int64)
    made = Withdrawals(out, served, paid, np.zeros(len(out), dtype=np.int64))
    empty = {name: np.zeros((len(until), len(parts.names)), dtype=np.int64) for name in TABLES}
    pots = Pots(**empty, not_there=np.zeros(len(owed), dtype=np.int64), withdrawals=made)
    flows, part = _flows(assessed, until), np.array([parts.names.index(one.account) for one in rules])[owed.rule]
    gives = flows & (owed.amount > 0)
    # Where nothing was ever taken out, moved or lost, what was given is what there is.
    np.add.at(pots.given, (owed.member[gives], part[gives]), owed.amount[gives])
    pots.left[:] = pots.given
    order = draw_orders(run, out, served)
    for member, events in _lives(assessed, until, flows, out, parts, part):
        life = _Life(parts)
        for day, happens, which, amount in events:
            if happens == GIVE:
                life.give(which, amount, day)
            elif happens == TAKE:
                pots.not_there[which] = life.take(int(part[which]), amount, day)
            elif happens == WITHDRAW:
                paid[which] = life.pay(order[which], amount)
            elif happens == MOVE:
                life.move(which, day)
            else:
                life.lapse(which)
        for name in TABLES:
            getattr(pots, name)[member] = getattr(life, name)
    made.not_covered[:] = rows.amount[out] - paid.sum(axis=1)
    return pots


def _flows(assessed: Assessed, until: Int) -> Bool:
    """Entitlements that go into a part or come out of one: those that have come, but for charges that are a part of
    their withdrawal.
    """
    owed = assessed.entitlements
    return (owed.effective_on <= until[owed.member]) & ~within_withdrawal(assessed)


def within_withdrawal(assessed: Assessed) -> Bool:
    """Which entitlements are charges that are a part of the withdrawal they are charged on."""
    run, owed = assessed.run, assessed.entitlements
    assert run is not None
    net = np.array([rule.net is not None for rule in run.program.rulebook.rules.values()])
    return net[owed.rule] & (owed.amount < 0)


def _lives(
    assessed: Assessed, until: Int, flows: Bool, out: Int, parts: Parts, part: Int
) -> list[tuple[int, list[Event]]]:
    """The events of each member to whom more happens than giving, in order; what is given into one part (`part`, of each
    entitlement) with nothing else in between is one event.
    """
    rows, owed = assessed.rows, assessed.entitlements
    gives, takes = flows & (owed.amount > 0), flows & (owed.amount < 0)
    hard = np.zeros(len(until), dtype=np.bool_)
    hard[owed.member[takes]] = True
    hard[rows.member[out]] = True
    given = np.zeros(len(until), dtype=np.bool_)
    given[owed.member[gives]] = True
    days = [(day, MOVE, part) for part, day in enumerate(parts.moves_on) if day < FAR_FUTURE]
    days += [(day + 1, LAPSE, part) for part, day in enumerate(parts.last_on) if day < FAR_FUTURE]
    for day, _, _ in days:
        hard |= given & (until >= day)
    if not hard.any():
        return []
    found: list[tuple[Int, ...]] = []

    def add(member: Int, day: Int, place: int, order: Int, happens: int, which: Int, amount: Int) -> None:
        same = np.zeros(len(member), dtype=np.int64)
        found.append((member, day, same + place, order, same + happens, which, amount))

    for kind, chosen in ((GIVE, gives), (TAKE, takes)):
        which = np.flatnonzero(chosen & hard[owed.member])
        cause = owed.row[which]
        # What is taken back because of a withdrawal goes just before it.
        with_it = (rows.kind[cause] == Kind.WITHDRAWN) & (owed.effective_on[which] == rows.on[cause]) & (kind == TAKE)
        for place, here in ((WITHDRAW, with_it), (kind, ~with_it)):
            one, row = which[here], cause[here]
            order = rows.root[row] if place == WITHDRAW else row
            named = part[one] if kind == GIVE else one
            add(owed.member[one], owed.effective_on[one], place, order, kind, named, np.abs(owed.amount[one]))
    add(rows.member[out], rows.on[out], WITHDRAW, rows.root[out], WITHDRAW, np.arange(len(out)), rows.amount[out])
    for first, happens, moving in days:
        who = np.flatnonzero(hard & (until >= first))
        same = np.zeros(len(who), dtype=np.int64)
        add(who, same + first, happens, same + moving, happens, same + moving, same)
    whose, when, places, orders, what, of, much = (np.concatenate(column) for column in zip(*found, strict=True))
    by = np.lexsort((what, orders, places, when, whose))
    whose, when, what, of, much = _lumped(*(column[by] for column in (whose, when, what, of, much)))
    events = zip(*(column.tolist() for column in (whose, when, what, of, much)), strict=True)
    return [(who, [one[1:] for one in mine]) for who, mine in groupby(events, key=lambda one: one[0])]


def _lumped(whose: Int, when: Int, what: Int, of: Int, much: Int) -> tuple[Int, ...]:
    """The same events with gifts into one part added up where nothing else comes between them. Parts move and lapse by
    events of their own, so that what becomes of a gift is the same all along.
    """
    gives = np.flatnonzero(what == GIVE)
    between = np.cumsum(what != GIVE)
    gives = gives[np.lexsort((gives, of[gives], between[gives], whose[gives]))]
    first = np.flatnonzero(starts(whose[gives], between[gives], of[gives]))
    much = much.copy()
    if len(gives):
        much[gives[first]] = np.add.reduceat(much[gives], first)
    kept = what != GIVE
    kept[gives[first]] = True
    return whose[kept], when[kept], what[kept], of[kept], much[kept]


def purposes_served(run: Run) -> Int:
    """The number of the purpose each row's withdrawal is for: its word's, if that one's condition holds; else the first
    of those that ask for no word whose condition does; -1 for none, and for every row that is no withdrawal.
    """
    rows = run.sheet.is_kind(Kind.WITHDRAWN)
    said = np.where(rows, run.sheet.facts.value, -1)
    served = np.full(len(said), -1)
    if not rows.any():
        return served
    purposes = list(enumerate(run.program.rulebook.purposes.values()))
    holds = {number: rows & _holds(run, purpose.when) for number, purpose in purposes}
    for number, purpose in reversed(purposes):
        if purpose.any_word:
            served[holds[number]] = number
    for number, _ in purposes:
        served[holds[number] & (said == number)] = number
    return served


def _holds(run: Run, condition: object | None) -> Bool:
    """Where a condition holds; everywhere, if there is none."""
    return np.ones(len(run.sheet), dtype=np.bool_) if condition is None else run.conditions.holds(condition)


def draw_orders(run: Run, rows: Int, served: Int) -> list[list[int]]:
    """Which parts of the pot each of these withdrawals takes from, in order."""
    book = run.program.rulebook
    everything = list(range(len(book.accounts)))
    orders = [everything] * len(rows)
    for number, purpose in enumerate(book.purposes.values()):
        mine = np.flatnonzero(served == number)
        if purpose.draws_on and len(mine):
            allowed = [(part, holds[rows[mine]].tolist()) for part, holds in _draws(run, purpose)]
            for place, withdrawal in enumerate(mine.tolist()):
                orders[withdrawal] = [part for part, holds in allowed if holds[place]]
    return orders


def _draws(run: Run, purpose: Purpose) -> list[tuple[int, Bool]]:
    """The parts a purpose draws on, and where it may."""
    names = list(run.program.rulebook.accounts)
    draws = [one if isinstance(one, Draw) else Draw(account=one) for one in purpose.draws_on]
    return [(names.index(one.account), _holds(run, one.when)) for one in draws]
