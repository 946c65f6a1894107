"""Every worked case once more, this time through files and ledger: what a member's accounts show is what it expects.

The cases of one rulebook that are looked at from one day share a scheme: their people are sent in one file.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from tests.test_cases import ALL_CASES, Case

from lifepot.ledger.chart import OWNER_BITS, Account
from lifepot.money import format_minor, parse_minor
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text, shipped
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.people import open_on
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import settle_all
from lifepot.storage.database import Database

COLUMNS = [
    "payer",
    "kind",
    "on",
    "nino",
    "payroll_id",
    "forename",
    "surname",
    "born",
    "email",
    "period_start",
    "period_end",
    "frequency",
    "earnings",
    "hours",
    "worker",
    "employer",
    "amount",
    "attribute",
    "value",
    "reason",
]
LONG_AFTER = "2190-01-01"
"""A day after every window of every case: one without an "as of" is looked at when all of them have run to their end."""

BY_THE_MONTH = {"caring", "learning", "trading"}
"""Attributes that go on bringing something; where a case says no day, they end with its last fact."""

BEFORE_ALL = "1990-01-01"
OUT = {"withdrawn", "closed", "died"}
"""What only somebody with an account can do, and so is sent second."""

IN_ITS_ORDER = {"IPPR-113"}
"""A payment that a withdrawal before it made room for. Here withdrawals are sent second, and what was refused stays refused."""

RUNNING = [case for case in ALL_CASES if case.facts and case.id not in IN_ITS_ORDER]


def looked_at_on(case: Case) -> int:
    """The day a case's books are settled as of."""
    if case.as_of is not None:
        return case.as_of
    accrues = any(fact.get("attribute") in BY_THE_MONTH for fact in case.facts) or any(
        name in BY_THE_MONTH for person in case.tables["People"] for name in person
    )
    return max(parse_day(fact["on"]) for fact in case.facts) if accrues else parse_day(LONG_AFTER)


@dataclass
class Group:
    """Cases that share a scheme: their people have numbers, from which their NINOs are made."""

    rulebook: str
    as_of: int
    cases: list[Case] = field(default_factory=list)

    def people(self) -> Iterator[tuple[str, Case, dict[str, str]]]:
        """Each person's NINO, case and row."""
        number = 0
        for case in self.cases:
            for person in case.tables["People"]:
                number += 1
                yield f"AB{number:06d}A", case, person

    def nino(self, case: Case, member: str) -> str:
        """The NINO of a member of a case."""
        return next(nino for nino, one, person in self.people() if one is case and person["member"] == member)

    def rows(self) -> Iterator[dict[str, str]]:
        """All facts as rows of a contributions file. What always held of a person is said on the first of their days."""
        declared = shipped(self.rulebook).attributes
        for nino, case, person in self.people():
            replaced = {fact["replaces"] for fact in case.facts if fact.get("replaces")}
            facts = [fact for fact in case.facts if fact["member"] == person["member"] and fact["ref"] not in replaced]
            first = min([fact["on"] for fact in facts] + [person.get("joined") or "9999-12-31"])
            own = {name: text for name, text in person.items() if name in declared and text}
            if not own and all(fact["kind"] in OUT for fact in facts):
                # Nobody whom no file has named can take money out: a word about them that changes nothing.
                own = dict(
                    [next((name, one.default or "no") for name, one in declared.items() if one.kind == "yes_no")]
                )
            said = [{"kind": "status", "on": first, "attribute": name, "value": text} for name, text in own.items()]
            for fact in said + facts:
                yield self._row(nino, case, person, fact)

    def _row(self, nino: str, case: Case, person: dict[str, str], fact: dict[str, str]) -> dict[str, str]:
        row = {name: fact.get(name, "") for name in COLUMNS}
        row.update(nino=nino, forename=person["member"], surname=case.id, born=person.get("born", ""))
        if row["payer"] or row["kind"] == "pay":
            row["payer"] = f"{case.id} {row['payer']}"
            row["payroll_id"] = f"{case.id}-{person['member']}"
        return row


def groups() -> list[Group]:
    """The cases by rulebook and day."""
    found: dict[tuple[str, int], Group] = {}
    for case in RUNNING:
        key = (case.rulebook, looked_at_on(case))
        found.setdefault(key, Group(*key)).cases.append(case)
    return list(found.values())


GROUPS = groups()
Shown = dict[str, Counter[str]]


def write(rows: list[dict[str, str]], file: Path) -> Path:
    """A contributions file."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return file


def book(group: Group, database: Database, folder: Path) -> Shown:
    """Opens a scheme, sends the group's facts, settles; what each NINO's accounts show, by rule."""
    rows = [row for row in group.rows() if parse_day(row["on"]) <= group.as_of]
    last = max(parse_day(row["on"]) for row in rows)
    clock = Clock("case", datetime(2026, 1, 1, tzinfo=UTC), last)
    before = Clock("case", clock.known_at, parse_day(BEFORE_ALL))
    with database.connect() as connection:
        text, name = rulebook_text(group.rulebook)
        open_scheme(connection, text, name, before)
        # A file is judged by the day it is read, so that no date lies far in its future.
        first = receive(connection, write([row for row in rows if row["kind"] not in OUT], folder / "first.csv"), clock)
        assert not first.faults, first.lines()
        members = dict(connection.execute("select nino, member from personal.identity").fetchall())
        joined = [
            (members[nino[:8]], parse_day(person["joined"]))
            for nino, _, person in group.people()
            if person.get("joined")
        ]
        if joined:
            open_on(connection, [member for member, _ in joined], [day for _, day in joined], before)
        second = [row for row in rows if row["kind"] in OUT]
        if second:
            reply = receive(connection, write(second, folder / "second.csv"), clock)
            assert not reply.faults, reply.lines()
        settle_all(connection, Clock("case", clock.known_at, group.as_of))
        return shown(connection, {member: nino for nino, member in members.items()})


def shown(connection: psycopg.Connection, ninos: dict[int, str]) -> Shown:
    """Credits less debits of all accounts of each member, by rule; of what was paid out, the charge that was part of it."""
    sums: Shown = defaultdict(Counter)
    rows = connection.execute(
        "select debit, credit, transfer.amount, rule.name, member from transfer join rule on rule.id = transfer.rule "
        "join fact on fact.id = transfer.fact"
    )
    for debit, credit, amount, rule, member in rows.fetchall():
        for account, sign in ((credit, 1), (debit, -1)):
            if account >> OWNER_BITS < Account.IN_TRANSIT or account >> OWNER_BITS == Account.PAID_OUT:
                sums[ninos[member]][rule] += sign * amount
    return sums


@pytest.mark.parametrize("group", [pytest.param(one, id=f"{one.rulebook}-{n}") for n, one in enumerate(GROUPS)])
def test_through_files_and_ledger(group: Group, database: Database, tmp_path: Path) -> None:
    """The cases' facts, sent as files and settled, stand in the accounts as each case expects, rule by rule."""
    found = book(group, database, tmp_path)
    wrong = []
    for case in group.cases:
        expected: Counter[tuple[str, str]] = Counter()
        for key, text in case.expected().items():
            keys = dict(zip(case.keys(), key, strict=False))
            expected[(keys.get("member") or case.tables["People"][0]["member"], key[-1])] += parse_minor(text)
        names = {name for _, name in expected}
        got: Counter[tuple[str, str]] = Counter()
        for person in case.tables["People"]:
            for rule, amount in found[group.nino(case, person["member"])[:8]].items():
                got[(person["member"], rule if rule in names else shipped(case.rulebook).rules[rule].party)] += amount
        wanted = {key: format_minor(amount) for key, amount in expected.items() if amount}
        if wanted != {key: format_minor(amount) for key, amount in got.items() if amount}:
            wrong.append(
                (
                    case.id,
                    wanted,
                    {key: format_minor(amount) for key, amount in got.items() if amount},
                    case.texts.get("Working", ""),
                )
            )
    assert wrong == []
