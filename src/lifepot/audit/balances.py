"""Balances added up again from the transfers, batch by batch, and each row held against what it names."""

from array import array
from collections.abc import Container, Iterable
from datetime import date
from typing import Protocol

from lifepot.audit.accounts import FIRST_OF_PAYERS, MEMBER_KINDS, POTS, column_of, is_known, kind_and_owner, pot_name
from lifepot.audit.book import Book
from lifepot.audit.findings import Findings
from lifepot.audit.runs import OwnRows, Runs
from lifepot.audit.tables import Closing, Fact, Records, Transfer, batch_of, position_of
from lifepot.money import format_minor

MONEY = 0
"""The asset that is money."""

LARGEST_FACT_KIND = 34
NOBODY = 0
"""The member of facts about the scheme itself."""


class Standing:
    """Every member so far: the running sum of their transfers, and the day as of which they were last settled."""

    def __init__(self, parts: int) -> None:
        self.width = len(MEMBER_KINDS) * parts
        self._position: dict[int, int] = {}
        self._balances = array("q")
        self._as_of = array("i")
        self.wrong: dict[int, tuple[int, ...]] = {}
        """By how much the last closing of a member differs from the running sum, where it does."""

    def __len__(self) -> int:
        return len(self._position)

    @property
    def members(self) -> list[int]:
        """All members that a closing names, rising."""
        return sorted(self._position)

    def add(self, member: int, changes: list[int], as_of: date) -> tuple[int, ...]:
        """The member's balances after these changes, settled as of a day."""
        at = self._position.setdefault(member, len(self._position))
        if at == len(self._as_of):
            self._balances.extend([0] * self.width)
            self._as_of.append(0)
        self._as_of[at] = as_of.toordinal()
        start = at * self.width
        for column, change in enumerate(changes):
            if change:
                self._balances[start + column] += change
        return tuple(self._balances[start : start + self.width])

    def settle_all(self, as_of: date) -> None:
        """All members so far were settled as of a day."""
        self._as_of = array("i", [as_of.toordinal()]) * len(self._as_of)

    def settled_as_of(self, member: int) -> date:
        """The day as of which a member was last settled."""
        return date.fromordinal(self._as_of[self._position[member]])


class BatchRow(Protocol):
    """What is asked of a batch."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def facts(self) -> int:
        """How many it wrote."""

    @property
    def transfers(self) -> int:
        """How many it wrote."""

    @property
    def as_of(self) -> date:
        """The day it was settled as of."""


class BatchBooks:
    """One batch's facts, transfers and closings held against each other, and its balances against those before.

    Closings and rows rise by member together: a closing is judged as soon as its last transfer was heard.
    """

    def __init__(
        self, batch: BatchRow, name: str, closings: Records, book: Book, standing: Standing, findings: Findings
    ) -> None:  # fmt: skip
        self._batch, self._name, self._closings = batch, name, closings
        self._book, self._standing, self._findings = book, standing, findings
        fact_runs = (
            OwnRows(at, one.member, one.first_fact, one.first_fact + one.facts)
            for at, one in enumerate(closings)
            if one.facts
        )
        transfer_runs = (
            OwnRows(at, one.member, one.first_transfer, one.first_transfer + one.transfers)
            for at, one in enumerate(closings) if one.transfers
        )  # fmt: skip
        self.facts = Runs("fact", name, batch.facts, fact_runs, findings)
        self.transfers = Runs("transfer", name, batch.transfers, transfer_runs, findings)
        self._judged = 0
        self._changes = [0] * standing.width

    def hear_facts(self, facts: Iterable[Fact]) -> None:
        """More facts of the batch."""
        for fact in facts:
            if self.facts.take(fact.id).member != fact.member != NOBODY:
                self.facts.report("run", fact.id, f"member {fact.member}'s", "in the run of its member's closing")
            if not 0 <= fact.kind <= LARGEST_FACT_KIND:
                self.facts.report("reference", fact.id, f"kind {fact.kind}", "a kind that there is")

    def hear_transfers(
        self, transfers: Iterable[Transfer], facts_by_batch: dict[int, int], payers: Container[int]
    ) -> None:
        """More transfers of the batch; `facts_by_batch` are the facts of each batch up to this one."""
        rules, report = {0, *self._book.rules}, self.transfers.report
        for one in transfers:
            run = self.transfers.take(one.id)
            if run.closing > self._judged:
                self._judge(run.closing)
            for account, change in ((one.debit, -one.amount), (one.credit, one.amount)):
                kind, owner = kind_and_owner(account)
                if not is_known(kind, owner, self._book.parts, payers):
                    report("reference", one.id, f"account {account}", "an account of the chart")
                elif kind < FIRST_OF_PAYERS and owner != run.member:
                    report("run", one.id, f"an account of member {owner}", "in the run of its member's closing")
                elif kind < FIRST_OF_PAYERS:
                    self._changes[column_of(kind)] += change
            if one.rule not in rules:
                report("reference", one.id, f"rule {one.rule}", "a rule that was registered")
            if one.asset != MONEY or one.amount <= 0 or one.debit == one.credit:
                report("reference", one.id, f"{one.amount} of asset {one.asset}", "money, from one account to another")
            if not 0 <= position_of(one.fact) < facts_by_batch.get(batch_of(one.fact), 0):
                report("reference", one.id, f"fact {one.fact}", "a fact told by then")

    def close(self) -> None:
        """All rows were heard: what is missing, and the last closings."""
        self.facts.end()
        self.transfers.end()
        self._judge(len(self._closings))

    def _judge(self, past: int) -> None:
        """Hold the closings up to a position against the running sums; what was added up is the first one's."""
        for at in range(self._judged, past):
            closing = self._closings[at]
            balances = self._standing.add(closing.member, self._changes, self._batch.as_of)
            self._changes = [0] * self._standing.width
            if closing.balances != balances or closing.member in self._standing.wrong:
                self._differs(closing, balances)
            if min(balances) < 0:
                self._negative(closing.member, balances)
        self._judged = past

    def _differs(self, closing: Closing, balances: tuple[int, ...]) -> None:
        """Report a closing that differs, unless it differs by what the one before did: then that is where to look."""
        by = tuple(told - right for told, right in zip(closing.balances, balances, strict=True))
        before = self._standing.wrong.pop(closing.member, None)
        if any(by):
            self._standing.wrong[closing.member] = by
        if any(by) and by != before:
            for column, (told, right) in enumerate(zip(closing.balances, balances, strict=True)):
                if told != right:
                    where = f"{self._name}, table closing, member {closing.member}, account {pot_name(column)}"
                    self._findings.add("balance", where, self._money(told), f"{self._money(right)} by its transfers")

    def _negative(self, member: int, balances: tuple[int, ...]) -> None:
        for column, balance in enumerate(balances):
            if balance < 0 and column % len(MEMBER_KINDS) < POTS:
                where = f"{self._name}, member {member}, account {pot_name(column)}"
                self._findings.add("pot", where, self._money(balance), "nothing or more")

    def _money(self, minor: int) -> str:
        return format_minor(minor, self._book.currency)
