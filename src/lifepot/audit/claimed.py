"""What was claimed from government and payers, and what they answered, held against what they owed when it was claimed.

Kinds of facts: *claimed* asks for (or gives back) an amount for a share of a member's pot and a period; *came* and *answered* say
what was paid and what was refused of one line of one claim.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lifepot.audit.book import Book
from lifepot.audit.findings import Findings
from lifepot.audit.tables import NOT_SAID, Fact, Transfer, batch_of, position_of
from lifepot.money import format_minor

CAME, CLAIMED, ANSWERED = 12, 24, 25

OWED_BY_GOVERNMENT, FROM_GOVERNMENT = 97 << 40, 103 << 40
OWED_BY, IN_TRANSIT = 65 << 40, 64 << 40

Read = list[tuple[int, Transfer]]
Line = tuple[int, int]
"""A claim's number, and which of its lines."""


@dataclass(slots=True)
class Sums:
    """What the lines of one claim come to, or what a reply's batch says of one."""

    lines: int = 0
    asked: int = 0
    recovered: int = 0
    recoveries: int = 0


@dataclass(slots=True)
class Claims:
    """All claims and answers seen so far: sums by claim, and by batch (and claim) of what was paid and refused."""

    made: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    answered: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def hear(self, book: Book, facts: list[Fact], transfers: Read, findings: Findings) -> None:
        """The facts and transfers of some members, all there are of them, by number."""
        mine = [fact for fact in facts if fact.kind in (CAME, CLAIMED, ANSWERED)]
        if not mine:
            return
        owed = _owed(book, {fact.member for fact in mine}, transfers)
        net: dict[tuple[int, ...], int] = defaultdict(int)
        lines: dict[Line, Fact] = {}
        stands: dict[Line, int] = defaultdict(int)
        for fact in mine:
            where = f"batch {batch_of(fact.id)}, table fact, row {position_of(fact.id)}, member {fact.member}"
            key = (fact.member, fact.payer, fact.attribute, fact.period_start, fact.period_end)
            line = (fact.value, fact.line)
            if fact.kind == CLAIMED:
                net[key] += fact.amount
                lines[line] = fact
                self._made(fact)
                right = sum(
                    amount
                    for on, batch, amount in owed.get(key[:3], ())
                    if fact.period_start <= on <= fact.period_end and batch < batch_of(fact.id)
                )
                if net[key] > right:
                    _wrong(
                        findings, book, where, net[key], right, "claimed in all", "owed for the period as known then"
                    )
                continue
            if fact.value == NOT_SAID:
                continue  # what came without a claim: the balances and the entitlements still hold it to its account
            asked = lines.get(line)
            if asked is None or (asked.member, asked.payer, asked.attribute, asked.root) != (*key[:3], fact.root):
                findings.add(
                    "claim", where, f"an answer to line {fact.line} of claim {fact.value}", "a line of the same"
                )
                continue
            if fact.kind == ANSWERED:
                net[key] -= fact.amount
            self.answered[batch_of(fact.id), fact.value][fact.kind == ANSWERED] += fact.amount
            stands[line] += fact.amount
            if not min(asked.amount, 0) <= stands[line] <= max(asked.amount, 0):
                _wrong(findings, book, where, stands[line], asked.amount, "paid and refused in all", "claimed")

    def _made(self, fact: Fact) -> None:
        sums = self.made[fact.value]
        sums.lines += 1
        sums.asked += max(fact.amount, 0)
        sums.recovered -= min(fact.amount, 0)
        sums.recoveries += fact.amount < 0

    def check(self, connection: psycopg.Connection[Any], findings: Findings) -> None:
        """Hold the rows of tables `claim` and `claim_answer` against all that was heard."""
        kept = connection.execute(
            "select number, lines, asked_minor, recovered_minor, recoveries from claim"
        ).fetchall()
        found: dict[Any, tuple[int, ...]] = {
            number: (sums.lines, sums.asked, sums.recovered, sums.recoveries) for number, sums in self.made.items()
        }
        _compare("table claim, number", {row[0]: tuple(row[1:]) for row in kept}, found, findings)
        rows = connection.execute("select batch, claim, paid_minor, refused_minor from claim_answer").fetchall()
        answered = {(batch, claim): tuple(sums) for (batch, claim), sums in self.answered.items()}
        _compare(
            "table claim_answer, batch and claim",
            {(row[0], row[1]): tuple(row[2:]) for row in rows},
            answered,
            findings,
        )


def _compare(
    where: str, kept: dict[Any, tuple[int, ...]], found: dict[Any, tuple[int, ...]], findings: Findings
) -> None:
    for key in sorted(kept.keys() | found.keys()):
        if kept.get(key) != found.get(key):
            findings.add("claim", f"{where} {key}", kept.get(key), f"{found.get(key)}, as its facts say")


def _owed(book: Book, members: set[int], transfers: Read) -> dict[tuple[int, ...], list[tuple[int, int, int]]]:
    """By member, funder (0: government) and share, what each transfer adds to what is owed: day, batch and amount."""
    found: dict[tuple[int, ...], list[tuple[int, int, int]]] = defaultdict(list)
    for member, one in transfers:
        if member not in members:
            continue
        for account, other, amount in ((one.debit, one.credit, one.amount), (one.credit, one.debit, -one.amount)):
            if account == OWED_BY_GOVERNMENT:
                funder, came = 0, FROM_GOVERNMENT
            elif account & ~((1 << 40) - 1) == OWED_BY:
                funder = account - OWED_BY
                came = IN_TRANSIT + funder
            else:
                continue
            if other != came:
                key = (member, funder, book.shares.get(one.rule, NOT_SAID))
                found[key].append((one.effective_on, batch_of(one.id), amount))
    return found


def _wrong(findings: Findings, book: Book, where: str, minor: int, right: int, done: str, expected: str) -> None:
    findings.add(
        "claim", where, f"{format_minor(minor, book.currency)} {done}",
        f"at most {format_minor(right, book.currency)} {expected}",
    )  # fmt: skip
