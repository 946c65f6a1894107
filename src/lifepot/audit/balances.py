"""Balances added up again from the transfers, batch by batch, and each row held against the runs that closings name."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.audit.accounts import FIRST_OF_PAYERS, MEMBER_KINDS, POTS, column_of, is_known, kind_and_owner, pot_name
from lifepot.audit.book import Book
from lifepot.audit.findings import Findings
from lifepot.audit.runs import Runs
from lifepot.audit.tables import Closings, Int, Rows
from lifepot.money import format_minor

MONEY = 0
"""The asset that is money."""

LARGEST_FACT_KIND = 11
NOBODY = 0
"""The member of facts about the scheme itself."""


class Standing:
    """Every member so far: the running sum of their transfers, and the day as of which they were last settled."""

    def __init__(self, parts: int) -> None:
        self.width = len(MEMBER_KINDS) * parts
        self._position: dict[int, int] = {}
        self._balances = np.zeros((1, self.width), np.int64)
        self._as_of = np.zeros(1, np.int64)
        self.wrong: dict[int, tuple[int, ...]] = {}
        """By how much the last closing of a member differs from the running sum, where it does."""

    def __len__(self) -> int:
        return len(self._position)

    @property
    def members(self) -> list[int]:
        """All members that a closing names, rising."""
        return sorted(self._position)

    def add(self, members: Int, changes: Int) -> Int:
        """Balances of these members (each once) after these changes."""
        position = self._position
        at = np.array([position.setdefault(member, len(position)) for member in members.tolist()], np.int64)
        if len(position) > len(self._balances):
            room = max(len(position), 2 * len(self._balances))
            self._balances = np.concatenate(
                [self._balances, np.zeros((room - len(self._balances), self.width), np.int64)]
            )
            self._as_of = np.concatenate([self._as_of, np.zeros(room - len(self._as_of), np.int64)])
        self._balances[at] += changes
        return self._balances[at]

    def settled(self, members: Int | None, as_of: date) -> None:
        """These members (None: all) were settled as of a day."""
        at: Any = slice(None)
        if members is not None:
            at = np.array([self._position[member] for member in members.tolist()], np.int64)
        self._as_of[at] = as_of.toordinal()

    def settled_as_of(self, member: int) -> date:
        """The day as of which a member was last settled."""
        return date.fromordinal(int(self._as_of[self._position[member]]))


class BatchBooks:
    """One batch's facts, transfers and closings held against each other, and its balances against those before."""

    def __init__(self, batch: Any, closings: Closings, book: Book, standing: Standing, findings: Findings) -> None:
        self.name = f"batch {batch.number} (place {batch.place})"
        self.batch, self.closings, self.book, self.standing, self.findings = batch, closings, book, standing, findings
        self.facts = self._runs("fact", batch.facts, closings.first_fact, closings.facts)
        self.transfers = self._runs("transfer", batch.transfers, closings.first_transfer, closings.transfers)
        self.changes = np.zeros(closings.balances.shape, np.int64)

    def _runs(self, table: str, count: int, first: Int, many: Int) -> Runs:
        some = np.flatnonzero(many)
        return Runs(table, self.name, count, first[some], first[some] + many[some], some, self.findings)

    def hear_facts(self, rows: Rows) -> None:
        """More facts of the batch."""
        at, run = self.facts.take(rows["id"], self.batch.number)
        member = rows["member"].astype(np.int64)
        theirs = self._members(run)
        strange = (member != theirs) & (member != NOBODY)
        self.facts.report("run", at[strange], "in no run of its member's closing", "in one")
        unknown = (rows["kind"] < 0) | (rows["kind"] > LARGEST_FACT_KIND)
        self.facts.report("reference", at[unknown], "of no known kind", "a known kind")

    def hear_transfers(self, rows: Rows, facts_by_batch: dict[int, int], payers: Int) -> None:
        """More transfers of the batch; `facts_by_batch` are the facts of each batch up to this one."""
        at, run = self.transfers.take(rows["id"], self.batch.number)
        theirs, report = self._members(run), self.transfers.report
        for side, sign in (("debit", -1), ("credit", 1)):
            kind, owner = kind_and_owner(rows[side].astype(np.int64))
            known = is_known(kind, owner, self.book.parts, payers)
            report("reference", at[~known], f"its {side} is no account", "an account of the chart")
            of_member = known & (kind < FIRST_OF_PAYERS)
            strange = of_member & (owner != theirs)
            report("run", at[strange], f"its {side} is a member's, and it is in no run of theirs", "in one")
            mine = np.flatnonzero(of_member & ~strange)
            np.add.at(self.changes, (run[mine], column_of(kind[mine])), sign * rows["amount"][mine].astype(np.int64))
        unnumbered = ~np.isin(rows["rule"], [0, *self.book.rules])
        report("reference", at[unnumbered], "its rule has no number here", "a rule that was registered")
        odd = (rows["asset"] != MONEY) | (rows["amount"] <= 0) | (rows["debit"] == rows["credit"])
        report("reference", at[odd], "no amount of money from one account to another", "one")
        untold = _without_fact(rows["fact"].astype(np.int64), facts_by_batch)
        report("reference", at[untold], "its fact does not exist", "a fact told by then")

    def close(self) -> None:
        """All rows were heard: what is missing, and whether balances agree."""
        self.facts.end()
        self.transfers.end()
        members = self.closings.member
        if not len(members):
            return
        balances = self.standing.add(members, self.changes)
        self.standing.settled(members, self.batch.as_of)
        told = self.closings.balances
        wrong = (told != balances).any(axis=1)
        for at in np.flatnonzero(wrong | np.isin(members, list(self.standing.wrong))).tolist():
            self._differs(int(members[at]), told[at], balances[at])
        pots = np.arange(balances.shape[1]) % len(MEMBER_KINDS) < POTS
        for at, column in zip(*(each.tolist() for each in np.nonzero((balances < 0) & pots)), strict=True):
            where = f"member {members[at]}, {self.name}, account {pot_name(column)}"
            self.findings.add("pot", where, self._money(balances[at, column]), "0.00 or more")

    def _differs(self, member: int, told: NDArray[np.int64], balances: NDArray[np.int64]) -> None:
        """Report a closing that differs, unless it differs by what the one before did: then that is where to look."""
        by = tuple((told - balances).tolist())
        if any(by) and by != self.standing.wrong.get(member):
            for column in np.flatnonzero(told != balances).tolist():
                where = f"{self.name}, table closing, member {member}, account {pot_name(column)}"
                self.findings.add(
                    "balance",
                    where,
                    self._money(told[column]),
                    f"{self._money(balances[column])}, as the transfers add up",
                )
        if any(by):
            self.standing.wrong[member] = by
        else:
            self.standing.wrong.pop(member, None)

    def _members(self, run: Int) -> Int:
        """The member of each run; -1 for none."""
        return np.where(run >= 0, np.append(self.closings.member, -1)[run], -1)

    def _money(self, minor: Any) -> str:
        return format_minor(int(minor), self.book.currency)


def _without_fact(fact: Int, facts_by_batch: dict[int, int]) -> NDArray[np.bool_]:
    """Which of these numbers of facts are no fact's."""
    batch, position = fact >> 32, fact & (2**32 - 1)
    numbers, which = np.unique(batch, return_inverse=True)
    counts = np.array([facts_by_batch.get(each, 0) for each in numbers.tolist()], np.int64)
    return position >= counts[which] if len(numbers) else np.zeros(0, np.bool_)
