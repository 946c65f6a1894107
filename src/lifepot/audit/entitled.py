"""Entitlements replayed from the facts, and held against what was posted for each member, rule and day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import psycopg

from lifepot.audit.accounts import FIRST_OF_PAYERS, WAYS_OUT, kind_and_owner
from lifepot.audit.book import TO_2000, Book
from lifepot.audit.chained import Progress, Walk
from lifepot.audit.findings import Findings
from lifepot.audit.life import place
from lifepot.audit.lived import Life, read_lives
from lifepot.audit.replay import replay_versions
from lifepot.audit.tables import (
    FACTS,
    TRANSFERS,
    Fact,
    Run,
    Transfer,
    batch_of,
    closings_between,
    number,
    position_of,
    rows_of_runs,
)
from lifepot.money import format_minor

MEMBERS_AT_ONCE = 500
"""Members whose rows are in memory together: of five years of weekly pay some 100 MB."""

WITHDRAWN = 0
"""The number of no rule: of the transfers on members' accounts, those of their withdrawals."""

Sums = dict[tuple[int, int], int]
"""Minor units that came to a member's accounts, by a rule's number and the day they are effective on, counted from 2000."""


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
        facts, transfers = _read(connection, book, piece)
        _check_references(facts, transfers, family, findings)
        posted = _posted(transfers, piece.members)
        for member, life in read_lives(book, piece.members, facts, findings).items():
            try:
                owed = _owed(book, life, walk.standing.settled_as_of(member), findings)
            except (ValueError, OverflowError) as fault:
                found = f"facts that cannot be replayed ({fault})"
                findings.add("entitlement", f"member {member}", found, "facts that the rulebook can read")
            else:
                _compare(book, member, owed, posted[member], findings)
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


Read = list[tuple[int, Transfer]]
"""Transfers, each with the member in whose run it stands."""


def _read(connection: psycopg.Connection[Any], book: Book, piece: Piece) -> tuple[list[Fact], Read]:
    """All facts of the piece's members, and all transfers, by number."""
    facts, transfers, members = [], [], set(piece.members)
    for first, last in piece.ranges:
        for one in closings_between(connection, book.parts, first, last):
            if one.member in members:
                start, begin = number(one.batch, one.first_fact), number(one.batch, one.first_transfer)
                facts.append(Run(start, start + one.facts, one.member))
                transfers.append(Run(begin, begin + one.transfers, one.member))
    found = [fact for _, fact in rows_of_runs(connection, FACTS, facts)]
    return found, list(rows_of_runs(connection, TRANSFERS, transfers))


def _check_references(facts: list[Fact], transfers: Read, family: dict[int, int], findings: Findings) -> None:
    """Every transfer's fact is of its member, or of one they were merged with; so is every fact that another replaces."""
    tellers = {fact.id: fact.member for fact in facts}

    def check(table: str, row: int, member: int, fact: int) -> None:
        teller = tellers.get(fact)
        if teller != member and (teller is None or family.get(teller, teller) != family.get(member, member)):
            where = f"batch {batch_of(row)}, table {table}, row {position_of(row)}, member {member}"
            whose = "nobody's" if teller is None else f"member {teller}'s"
            findings.add("reference", where, f"fact {fact}, which is {whose}", f"a fact of member {member}")

    for member, transfer in transfers:
        check("transfer", transfer.id, member, transfer.fact)
    for fact in facts:
        if fact.replaces:
            check("fact", fact.id, fact.member, fact.replaces)


def _posted(transfers: Read, members: list[int]) -> dict[int, Sums]:
    """What came to each member's accounts, less what went from them."""
    posted: dict[int, Sums] = {member: {} for member in members}
    for member, transfer in transfers:
        key = transfer.rule, transfer.effective_on
        if transfer.rule and member in posted:
            # A charge that is part of its withdrawal comes out of what is leaving or was paid out.
            for account, change in ((transfer.debit, -transfer.amount), (transfer.credit, transfer.amount)):
                if kind_and_owner(account)[0] in WAYS_OUT:
                    posted[member][key] = posted[member].get(key, 0) + change
        for account, change in ((transfer.debit, -transfer.amount), (transfer.credit, transfer.amount)):
            kind, owner = kind_and_owner(account)
            if kind < FIRST_OF_PAYERS and (sums := posted.get(owner)) is not None:
                sums[key] = sums.get(key, 0) + change
    return posted


def _owed(book: Book, life: Life, as_of: date, findings: Findings) -> Sums:
    """What a member's accounts should have come to: entitlements that are this scheme's, less what was withdrawn, and what
    came and went beside any rule; no entitlement, where no fact is left to stand on.
    """
    owed: Sums = {}
    for on, change in life.beside:
        key = WITHDRAWN, (on - TO_2000).days
        owed[key] = owed.get(key, 0) + change
    if not life.facts:
        return owed
    replayed = replay_versions(book.versions, life.person, life.facts, as_of=as_of)
    findings.entitlements += len(replayed.owed)
    by_ref = {fact.ref: fact for fact in life.facts}
    # What no fact stands behind stands on the first one.
    first = min((fact for fact in life.facts if fact.on <= as_of), key=place, default=None)
    for one in replayed.owed:
        if not life.is_ours(first if one.cause is None else by_ref[one.cause], one.effective_on):
            continue
        key = book.numbers.get(one.rule, -1), (one.effective_on - TO_2000).days
        owed[key] = owed.get(key, 0) + one.amount_minor
    for fact in life.facts:
        if fact.kind == "withdrawn" and fact.on <= as_of and not life.is_history(fact):
            key = WITHDRAWN, (fact.on - TO_2000).days
            owed[key] = owed.get(key, 0) - (fact.amount or 0)
    return owed


def _compare(book: Book, member: int, owed: Sums, posted: Sums, findings: Findings) -> None:
    names = book.rules | {WITHDRAWN: "(withdrawn)"}
    for key in sorted(owed.keys() | posted.keys()):
        rule, on = key
        right, found = owed.get(key, 0), posted.get(key, 0)
        if right != found:
            where = f"member {member}, rule {names.get(rule, rule)}, {_day_text(on)}"
            posted_text = f"{format_minor(found, book.currency)} posted"
            findings.add("entitlement", where, posted_text, format_minor(right, book.currency))


def _day_text(on: int) -> str:
    try:
        return (TO_2000 + timedelta(days=on)).isoformat()
    except OverflowError:
        return f"{on} days after 2000-01-01"
