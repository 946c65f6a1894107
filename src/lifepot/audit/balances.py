"""Balances added up again from the transfers, batch by batch, and each row held against the runs that closings name."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.audit.book import Book
from lifepot.audit.findings import Findings
from lifepot.audit.tables import Closings, Int, Rows, number
from lifepot.money import format_minor

OWNER_BITS = 40
MEMBER_KINDS = ("worker", "employer", "government", "worker_owed", "employer_owed", "government_owed", "overdrawn")
PAYER_KINDS = {64: "in_transit", 65: "owed_by", 66: "held_for"}
SCHEME_KINDS = {96: "bank", 97: "owed_by_government", 98: "rounding", 99: "refused", 100: "paid_out"}
PART_STEP, FIRST_OF_PAYERS = 16, 64
"""The chart of accounts: an account is `kind << 40 | owner`, and of a second part of the pot the kinds are 16 higher."""

POTS = 3
"""The first kinds of members' accounts: what a member can use, which never falls below nothing."""

MONEY = 0
"""The asset that is money."""

LARGEST_FACT_KIND = 11


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
            self._balances = np.concatenate([self._balances, np.zeros((room - len(self._balances), self.width), np.int64)])
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


@dataclass(slots=True)
class Lines:
    """One table's rows of one batch against the runs of its closings: rows of a run are of its member, and none is missing."""

    table: str
    batch: str
    count: int
    first: Int
    past: Int
    run: Int
    findings: Findings
    seen: int = 0
    _next: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if (self.first[1:] < self.past[:-1]).any() or (self.past > self.count).any():
            self.findings.add("run", self.where(), "runs that overlap, or end past the last row", f"runs within {self.count} rows")

    def where(self, position: int | None = None) -> str:
        """Where this is, for a problem."""
        row = "" if position is None else f", row {position}"
        return f"{self.batch}, table {self.table}{row}"

    def take(self, ids: Int, batch: int) -> tuple[Int, Int]:
        """Positions of more rows of the batch, and the closing in whose run each stands (-1: in none)."""
        at = ids.astype(np.int64) - number(batch)
        self.seen += len(at)
        before = np.append(self._next - 1, at[:-1])
        for gap in np.flatnonzero(at != before + 1).tolist():
            self._missing(int(before[gap]) + 1, int(at[gap]))
        for beyond in at[at >= self.count].tolist():
            self.findings.add("row", self.where(beyond), "a row", f"no row: the batch wrote {self.count}")
        if len(at):
            self._next = int(at[-1]) + 1
        if not len(self.first):
            return at, np.full(len(at), -1, np.int64)
        nearest = np.searchsorted(self.first, at, side="right") - 1
        return at, np.where((nearest >= 0) & (at < self.past[nearest]), self.run[nearest], -1)

    def end(self) -> None:
        """No more rows: the last may be missing."""
        if self._next < self.count:
            self._missing(self._next, self.count)

    def _missing(self, first: int, past: int) -> None:
        rows = self.where(first) if past == first + 1 else f"{self.where(first)} to {past - 1}"
        self.findings.add("row", rows, "no row", "a row")


class BatchBooks:
    """One batch's facts, transfers and closings held against each other, and its balances against those before."""

    def __init__(self, batch: Any, closings: Closings, book: Book, standing: Standing, findings: Findings) -> None:
        self.name = f"batch {batch.number} (place {batch.place})"
        self.batch, self.closings, self.book, self.standing, self.findings = batch, closings, book, standing, findings
        self.facts = self._lines("fact", batch.facts, closings.first_fact, closings.facts)
        self.transfers = self._lines("transfer", batch.transfers, closings.first_transfer, closings.transfers)
        self.changes = np.zeros(closings.balances.shape, np.int64)

    def _lines(self, table: str, count: int, first: Int, many: Int) -> Lines:
        some = np.flatnonzero(many)
        return Lines(table, self.name, count, first[some], first[some] + many[some], some, self.findings)

    def hear_facts(self, rows: Rows) -> None:
        """More facts of the batch."""
        at, run = self.facts.take(rows["id"], self.batch.number)
        member = rows["member"].astype(np.int64)
        theirs = self._members(run)
        self._report("run", self.facts, at, (member != theirs) & (member != 0), "in no run of its member's closing", "in one")
        kind = rows["kind"]
        self._report("reference", self.facts, at, (kind < 0) | (kind > LARGEST_FACT_KIND), "of no known kind", "a known kind")

    def hear_transfers(self, rows: Rows, facts_by_batch: dict[int, int], payers: Int) -> None:
        """More transfers of the batch; `facts_by_batch` are the facts of each batch up to this one."""
        lines = self.transfers
        at, run = lines.take(rows["id"], self.batch.number)
        theirs = self._members(run)
        for side, sign in (("debit", -1), ("credit", 1)):
            account = rows[side].astype(np.int64)
            kind, owner = account >> OWNER_BITS, account & ((1 << OWNER_BITS) - 1)
            of_member = kind < FIRST_OF_PAYERS
            column = kind // PART_STEP * len(MEMBER_KINDS) + kind % PART_STEP - 1
            known = np.where(of_member, self._is_pot(kind), self._is_other(kind, owner, payers))
            self._report("reference", lines, at, ~known, f"its {side} is no account", "an account of the chart")
            strange = of_member & known & (owner != theirs)
            self._report("run", lines, at, strange, f"its {side} is a member's, and it is in no run of theirs", "in the run of its member")
            mine = np.flatnonzero(of_member & known & ~strange)
            np.add.at(self.changes, (run[mine], column[mine]), sign * rows["amount"][mine].astype(np.int64))
        rule = np.isin(rows["rule"], [0, *self.book.rules])
        self._report("reference", lines, at, ~rule, "its rule has no number here", "a rule that was registered")
        odd = (rows["asset"] != MONEY) | (rows["amount"] <= 0) | (rows["debit"] == rows["credit"])
        self._report("reference", lines, at, odd, "no amount of money from one account to another", "one")
        self._report("reference", lines, at, _without_fact(rows["fact"], facts_by_batch), "its fact does not exist", "a fact told by then")

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
            where = f"member {members[at]}, {self.name}, account {_pot(column)}"
            self.findings.add("pot", where, self._money(balances[at, column]), "0.00 or more")

    def _differs(self, member: int, told: NDArray[np.int64], balances: NDArray[np.int64]) -> None:
        """Report a closing that differs, unless it differs by what the one before did: then that is where to look."""
        by = tuple((told - balances).tolist())
        if any(by) and by != self.standing.wrong.get(member):
            for column in np.flatnonzero(told != balances).tolist():
                where = f"{self.name}, table closing, member {member}, account {_pot(column)}"
                self.findings.add("balance", where, self._money(told[column]), f"{self._money(balances[column])}, as the transfers add up")
        if any(by):
            self.standing.wrong[member] = by
        else:
            self.standing.wrong.pop(member, None)

    def _members(self, run: Int) -> Int:
        """The member of each run; -1 for none."""
        return np.where(run >= 0, np.append(self.closings.member, -1)[run], -1)

    def _is_pot(self, kind: Int) -> NDArray[np.bool_]:
        within: NDArray[np.bool_] = kind // PART_STEP < self.book.parts
        return within & (kind > 0) & (kind % PART_STEP >= 1) & (kind % PART_STEP <= len(MEMBER_KINDS))

    def _is_other(self, kind: Int, owner: Int, payers: Int) -> NDArray[np.bool_]:
        of_payer = np.isin(kind, list(PAYER_KINDS)) & ((owner == 0) | np.isin(owner, payers))
        return of_payer | (np.isin(kind, list(SCHEME_KINDS)) & (owner == 0))

    def _money(self, minor: Any) -> str:
        return format_minor(int(minor), self.book.currency)

    def _report(self, kind: str, lines: Lines, at: Int, wrong: NDArray[np.bool_], found: str, expected: str) -> None:
        for position in at[wrong].tolist():
            self.findings.add(kind, lines.where(position), found, expected)


def _without_fact(fact: Int, facts_by_batch: dict[int, int]) -> NDArray[np.bool_]:
    """Which of these numbers of facts are no fact's."""
    batch, position = fact.astype(np.int64) >> 32, fact.astype(np.int64) & (2**32 - 1)
    numbers, which = np.unique(batch, return_inverse=True)
    counts = np.array([facts_by_batch.get(each, 0) for each in numbers.tolist()], np.int64)
    return position >= counts[which] if len(numbers) else np.zeros(0, np.bool_)


def _pot(column: int) -> str:
    """The name of an account of a member, by its column among the balances."""
    part, kind = divmod(column, len(MEMBER_KINDS))
    return MEMBER_KINDS[kind] + (f".{part}" if part else "")
