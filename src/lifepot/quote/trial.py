"""Trials: withdrawals that did not happen, each in a copy of its member's life, run by the real kernel.

A trial sees the member's facts up to the day it is asked on (all of that day) and then the withdrawal, after all of
them. Any number of trials are one run: each copy is a member of its own, so that none can touch another.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.kernel.pots import Pots, pots_of, within_withdrawal
from lifepot.kernel.program import Program
from lifepot.kernel.run import Run
from lifepot.quote.asked import Ask

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Try:
    """A withdrawal of so much (minor units) for an ask, on its day or on a later one."""

    ask: Ask
    amount: int
    on: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What a rule takes because of a withdrawal: out of what was withdrawn (`within`), or from the pot beside it; and
    how much of that the pot did not hold. Minor units.
    """

    rule: int
    amount: int
    within: bool
    not_there: int


@dataclass(slots=True)
class Trial:
    """The outcome of several tries; a try is named by its place among them."""

    tries: list[Try]
    assessed: Assessed
    pots: Pots
    row: Int
    """The row of each try's withdrawal among the assessed."""
    place: Int
    """Its place among the withdrawals of the pots."""
    charges: list[list[Charge]] = field(init=False)
    _asked: dict[object, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        owed = self.assessed.entitlements
        self.charges = [[] for _ in self.tries]
        at = {row: one for one, row in enumerate(self.row.tolist())}
        until = np.array([one.on for one in self.tries], dtype=np.int64)
        taken = (owed.amount < 0) & np.isin(owed.row, self.row) & (owed.effective_on <= until[owed.member])
        within = within_withdrawal(self.assessed)
        for i in np.flatnonzero(taken).tolist():
            charge = Charge(int(owed.rule[i]), -int(owed.amount[i]), bool(within[i]), int(self.pots.not_there[i]))
            self.charges[at[int(owed.row[i])]].append(charge)

    @property
    def run(self) -> Run:
        """The kernel's run, of whose rows anything can be asked."""
        assert self.assessed.run is not None
        return self.assessed.run

    def purpose(self, one: int) -> int:
        """The number of the purpose a try is for; -1 for none."""
        return int(self.pots.withdrawals.purpose[self.place[one]])

    def paid(self, one: int) -> list[int]:
        """What each part of the pot paid of a try's withdrawal."""
        paid: list[int] = self.pots.withdrawals.paid[self.place[one]].tolist()
        return paid

    def not_covered(self, one: int) -> int:
        """What no part of the pot held: of the withdrawal, and of what is taken beside it."""
        beside = sum(charge.not_there for charge in self.charges[one])
        return int(self.pots.withdrawals.not_covered[self.place[one]]) + beside

    def leaves(self, one: int) -> int:
        """The withdrawal and what is taken beside it."""
        return self.tries[one].amount + sum(charge.amount for charge in self.charges[one] if not charge.within)

    def arrives(self, one: int) -> int:
        """The withdrawal less the charges on it."""
        return self.tries[one].amount - sum(charge.amount for charge in self.charges[one] if charge.within)

    def holds(self, one: int, condition: object) -> bool:
        """Whether a condition of the rulebook holds at a try."""
        key = ("holds", id(condition))
        if key not in self._asked:
            self._asked[key] = self.run.conditions.holds(condition)[self.row]
        return bool(self._asked[key][one])

    def source(self, one: int, name: str) -> int:
        """What a source brings at a try."""
        if ("source", name) not in self._asked:
            self._asked["source", name] = self.run.source(name)[self.row]
        return int(self._asked["source", name][one])

    def figure(self, one: int, text: str, unit: str) -> Fraction | None:
        """A literal of this unit, or a value as it is in force at a try; None, and a gap, where the rulebook has none."""
        figure = self.run.program.figure(text, unit)
        if ("figure", text, unit) not in self._asked:
            nobody = np.zeros(len(self.assessed.rows), dtype=np.bool_)
            num, gap = self.run.conditions.figure(figure, nobody)
            known = np.broadcast_to(num, nobody.shape)
            self._asked["figure", text, unit] = (known if gap is None else np.where(gap, NONE, known))[self.row]
        here = int(self._asked["figure", text, unit][one])
        if here != NONE:
            return Fraction(here, figure.den)
        self.assessed.gaps.append(("value_gap", figure.name, self.row[one : one + 1]))
        return None


class Lives:
    """Everybody's facts, from which copies are made."""

    def __init__(self, program: Program, people: People, facts: Facts) -> None:
        self.program = program
        self.people = people
        self.facts = facts.take(np.argsort(facts.member, kind="stable"))
        self.first = np.searchsorted(self.facts.member, np.arange(len(people) + 1))
        self.told = 1 + max([-1, *facts.fact.tolist()])
        """Numbers of facts from here on are of no fact that was told."""
        self.after_all = 1 + max([-1, *facts.root.tolist()])

    def run(self, tries: list[Try]) -> Trial:
        """All of these, each alone."""
        mine = [self._rows_until(one.ask.member, one.ask.on) for one in tries]
        copies = self.facts.take(np.concatenate([np.zeros(0, dtype=np.int64), *mine]))
        copies.member = np.repeat(np.arange(len(tries)), [len(rows) for rows in mine])
        added = [row for number, one in enumerate(tries) for row in self._told_with(number, one)]
        who = np.array([one.ask.member for one in tries], dtype=np.int64)
        people = People(self.people.born[who], self.people.joined[who], self.people.attributes[who])
        # With no day to look from, nobody's depend on others': each copy is looked at from its own last fact.
        assessed = assess(self.program, people, Facts.join([copies, Facts.of(added)]), keep_run=True)
        pots = pots_of(assessed, np.array([one.on for one in tries], dtype=np.int64))
        asked = assessed.rows.fact == self._withdrawal
        row = np.full(len(tries), -1)
        row[assessed.rows.member[asked]] = np.flatnonzero(asked)
        place = np.searchsorted(pots.withdrawals.row, row)
        assert (pots.withdrawals.row[place] == row).all(), "every try is one of the withdrawals"
        return Trial(tries, assessed, pots, row, place)

    @property
    def _withdrawal(self) -> int:
        return self.told + len(self.program.attributes)

    def _rows_until(self, member: int, on: int) -> Int:
        rows = np.arange(self.first[member], self.first[member + 1])
        return rows[self.facts.on[rows] <= on]

    def _told_with(self, number: int, one: Try) -> list[dict[str, int]]:
        """What is said with an ask, on the day it is asked, and the withdrawal; after everything else of their day."""
        rows = [
            {
                "fact": self.told + attribute, "root": self.after_all + attribute, "member": number,
                "on": one.ask.on, "kind": int(Kind.STATUS), "attribute": attribute, "value": value,
            }
            for attribute, value in one.ask.said
            if value != NONE
        ]  # fmt: skip
        withdrawal = {
            "fact": self._withdrawal, "root": self.after_all + len(self.program.attributes), "member": number,
            "on": one.on, "kind": int(Kind.WITHDRAWN), "amount": one.amount, "value": one.ask.purpose,
        }  # fmt: skip
        return [*rows, withdrawal]
