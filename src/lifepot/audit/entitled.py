"""Entitlements replayed from the facts, and held against what was posted for each member, rule and day."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import psycopg

from lifepot.audit.accounts import FIRST_OF_PAYERS, OWNER_BITS
from lifepot.audit.book import Book, day
from lifepot.audit.chained import Progress, Walk
from lifepot.audit.findings import Findings
from lifepot.audit.lived import Life, read_lives
from lifepot.audit.replay import replay_versions
from lifepot.audit.tables import FACT, TRANSFER, Closings, Int, Rows, Table, closings_between, fact_rows, rows_of_runs
from lifepot.money import format_minor

MEMBERS_AT_ONCE = 500
"""Members whose rows are in memory together: of five years of weekly pay some 100 MB."""

WITHDRAWN = 0
"""The number of no rule: of the transfers on members' accounts, those of their withdrawals."""

Sums = dict[tuple[int, date], int]
"""Minor units that came to a member's accounts, by a rule's number and the day they are effective on."""


class Piece(NamedTuple):
    """Some members and where to look for their rows; with each member all whose facts it may have."""

    members: list[int]
    ranges: list[tuple[int, int]]


def check_entitlements(
    connection: psycopg.Connection[Any], book: Book, walk: Walk, findings: Findings, progress: Progress | None
) -> None:
    """Replay every member as of the day they were last settled, and report each sum that differs from what was posted."""
    family = families(walk.related)
    of = len(walk.standing)
    for piece in _pieces(walk.standing.members, family):
        closings = _closings(connection, book, piece)
        _, facts = _rows(connection, closings, FACT)
        member, transfers = _rows(connection, closings, TRANSFER)
        _check_references(member, transfers, facts, family, findings)
        posted = _posted(transfers, piece.members)
        for number, life in read_lives(book, piece.members, fact_rows(facts), findings).items():
            try:
                owed = _owed(book, life, walk.standing.settled_as_of(number), findings)
            except (ValueError, OverflowError) as fault:
                found = f"facts that cannot be replayed ({fault})"
                findings.add("entitlement", f"member {number}", found, "facts that the rulebook can read")
            else:
                _compare(book, number, owed, posted[number], findings)
        findings.members += len(piece.members)
        if progress is not None:
            progress("entitlements", findings.members, of)


def families(related: list[tuple[int, int]]) -> dict[int, int]:
    """Of each member who was ever merged or had facts moved, the lowest number among all they are so connected with."""
    lowest: dict[int, int] = {}

    def find(member: int) -> int:
        while lowest.setdefault(member, member) != member:
            member = lowest[member]
        return member

    for one, other in related:
        first, second = sorted((find(one), find(other)))
        lowest[second] = first
    return {member: find(member) for member in lowest}


def _pieces(members: list[int], family: dict[int, int]) -> Iterator[Piece]:
    plain = [member for member in members if member not in family]
    for start in range(0, len(plain), MEMBERS_AT_ONCE):
        some = plain[start : start + MEMBERS_AT_ONCE]
        yield Piece(some, [(some[0], some[-1])])
    together: list[int] = []
    related = sorted((member for member in members if member in family), key=lambda member: (family[member], member))
    for nth, member in enumerate(related):
        together.append(member)
        last = nth + 1 == len(related) or family[related[nth + 1]] != family[member]
        if last and (len(together) >= MEMBERS_AT_ONCE or nth + 1 == len(related)):
            yield Piece(together, [(one, one) for one in together])
            together = []


def _closings(connection: psycopg.Connection[Any], book: Book, piece: Piece) -> Closings:
    """All closings of the piece's members."""
    parts = [closings_between(connection, book.parts, first, last) for first, last in piece.ranges]
    closings = Closings(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return closings.take(np.isin(closings.member, piece.members))


def _rows(connection: psycopg.Connection[Any], closings: Closings, table: Table) -> tuple[Int, Rows]:
    """The facts or transfers in the runs of these closings, each with the run's member."""
    runs = {FACT: (closings.first_fact, closings.facts), TRANSFER: (closings.first_transfer, closings.transfers)}
    first, count = runs[table]
    some = np.flatnonzero(count > 0)
    run, rows = rows_of_runs(connection, table, (closings.batch[some] << 32) + first[some], count[some])
    return closings.member[some][run], rows


def _check_references(member: Int, transfers: Rows, facts: Rows, family: dict[int, int], findings: Findings) -> None:
    """Every transfer's fact is of the member, or of one they were merged with; every replaced fact is there."""
    ids = facts["id"].astype(np.int64)
    order = np.argsort(ids)
    tellers = np.append(facts["member"].astype(np.int64)[order], -1)
    ids = ids[order]

    def teller_of(fact: Int) -> Int:
        at = np.minimum(np.searchsorted(ids, fact), max(len(ids) - 1, 0))
        return np.where(ids[at] == fact, tellers[at], -1) if len(ids) else np.full(len(fact), -1)

    replaced = facts["replaces"].astype(np.int64)
    checks = (
        (TRANSFER.name, transfers["id"], member, transfers["fact"].astype(np.int64), "its fact"),
        (
            FACT.name,
            facts["id"][replaced != 0],
            facts["member"][replaced != 0],
            replaced[replaced != 0],
            "what it replaces",
        ),
    )
    for table, number, own, fact, what in checks:
        teller = teller_of(fact)
        for at in np.flatnonzero(teller != own).tolist():
            mine, theirs = int(own[at]), int(teller[at])
            if family.get(mine, mine) != family.get(theirs, theirs):
                where = f"batch {number[at] >> 32}, table {table}, row {number[at] & (2**32 - 1)}, member {mine}"
                found = f"{what} ({fact[at]}) is {'nobody' if theirs < 0 else f'member {theirs}'}'s"
                findings.add("reference", where, found, f"a fact of member {mine}")


def _posted(transfers: Rows, members: list[int]) -> dict[int, Sums]:
    """What came to each member's accounts, less what went from them."""
    posted: dict[int, Sums] = {member: {} for member in members}
    columns = (transfers[name].tolist() for name in ("debit", "credit", "amount", "rule", "effective_on"))
    for debit, credit, amount, rule, effective_on in zip(*columns, strict=True):
        key = rule, day(effective_on) or date.min
        for account, change in ((debit, -amount), (credit, amount)):
            sums = posted.get(account & ((1 << OWNER_BITS) - 1))
            if sums is not None and account >> OWNER_BITS < FIRST_OF_PAYERS:
                sums[key] = sums.get(key, 0) + change
    return posted


def _owed(book: Book, life: Life, as_of: date, findings: Findings) -> Sums:
    """What a member's accounts should have come to: entitlements, less what was withdrawn."""
    replayed = replay_versions(book.versions, life.person, life.facts, as_of=as_of)
    findings.entitlements += len(replayed.owed)
    owed: Sums = {}
    for one in replayed.owed:
        key = book.numbers.get(one.rule, -1), one.effective_on
        owed[key] = owed.get(key, 0) + one.amount_minor
    for fact in life.facts:
        if fact.kind == "withdrawn" and fact.on <= as_of:
            owed[WITHDRAWN, fact.on] = owed.get((WITHDRAWN, fact.on), 0) - (fact.amount or 0)
    return owed


def _compare(book: Book, member: int, owed: Sums, posted: Sums, findings: Findings) -> None:
    names = book.rules | {WITHDRAWN: "(withdrawn)"}
    for key in sorted(owed.keys() | posted.keys()):
        rule, on = key
        right, found = owed.get(key, 0), posted.get(key, 0)
        if right != found:
            where = f"member {member}, rule {names.get(rule, rule)}, {on.isoformat()}"
            posted_text = f"{format_minor(found, book.currency)} posted"
            findings.add("entitlement", where, posted_text, format_minor(right, book.currency))
