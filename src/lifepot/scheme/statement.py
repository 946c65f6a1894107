"""One member's statement: what stands in the pot, who put it there, and every entry with its reason.

A lookup: entries are read through the member's closings and worked out nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES
from lifepot.ledger.chart import OWNER_BITS, Account, kind_of, name_of
from lifepot.periods import format_day
from lifepot.scheme.bust import bust_payers, owed_by
from lifepot.scheme.settle import opened_on, registers_in
from lifepot.scheme.sources import Source, read_sources
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import BATCH_BITS, FACT, TRANSFER, Rows
from lifepot.storage.store import Store

WAYS_OUT = (Account.LEAVING, Account.PAID_OUT)
CHARGED = "charged"
"""`account` of an entry that is no part of any balance: a charge that came out of what was taken out."""

OWED = (Account.WORKER_OWED, Account.EMPLOYER_OWED, Account.GOVERNMENT_OWED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer that touched the member's accounts. `minor` is what it added (negative: took away).

    `standing`: "in the pot" (can be used for the purposes), "owed" (not here yet), "sent, as the payer's file says" for
    money the bank has not shown yet, "taken out", "put back" (of what was taken out), "owed again" (of what
    had come because it was owed), or "overdrawn".
    """

    entry: int
    effective_on: int
    place: int
    party: str
    account: str
    standing: str
    rule: str
    minor: int
    fact: int
    because: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "entry": self.entry, "effective_on": format_day(self.effective_on), "known_place": self.place, "party": self.party,
            "account": self.account, "standing": self.standing, "rule": self.rule, "amount_minor": self.minor,
            "fact": self.fact, "because": self.because,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nothing:
    """A rule that gave nothing for one of the member's last facts, and why."""

    rule: str
    party: str
    fact: int
    because: str
    code: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "rule": self.rule, "party": self.party, "fact": self.fact, "because": self.because, "code": self.code,
            "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MemberRows:
    """What the books have of one member, as read: the rows of all batches that touched it, up to a place of the chain."""

    member: int
    place: int
    standing: Standing
    store: Store
    closings: Rows
    transfers: Rows
    facts: Rows


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's statement."""

    member: int
    name: str
    scheme: str
    currency: str
    opened_on: int | None
    place: int
    usable: dict[str, int]
    owed: dict[str, int]
    overdrawn: int
    entries: list[Entry]
    reasons: dict[int, str] = field(default_factory=dict)
    """By entry, the step that mattered, with its clause and the day it is in force from; filled in by `why.explained`."""
    claims: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of what is owed, what payers owe that went bust: the day, and minor units, by payer."""
    nothing: list[Nothing] = field(default_factory=list)
    """Rules that gave nothing for the last facts; filled in by `why.explained`."""

    def nothing_by_reason(self) -> dict[tuple[str, str], list[Nothing]]:
        """Rules that gave nothing, those with the same reason together: by the reason and the fact."""
        found: dict[tuple[str, str], list[Nothing]] = {}
        for one in self.nothing:
            found.setdefault((one.reason, one.because), []).append(one)
        return found

    def as_dict(self) -> dict[str, Any]:
        """The statement as JSON carries it."""
        return {
            "member": self.member, "name": self.name, "scheme": self.scheme, "currency": self.currency,
            "opened_on": None if self.opened_on is None else format_day(self.opened_on), "known_place": self.place,
            "in_pot_minor": self.usable, "owed_minor": self.owed, "overdrawn_minor": self.overdrawn,
            "claims": [
                {"payer": payer, "bust_since": format_day(since), "amount_minor": minor}
                for payer, (since, minor) in self.claims.items()
            ],
            "entries": [one.as_dict() | {"reason": self.reasons.get(one.entry)} for one in self.entries],
            "nothing_came_from": [one.as_dict() for one in self.nothing],
        }  # fmt: skip


def find_member(connection: psycopg.Connection[Any], text: str) -> int:
    """A member's number from that number or a NINO. Misuse if there is nobody."""
    asked = text.replace(" ", "").upper()
    if asked.isdigit():
        row = connection.execute("select member from personal.person where member = %s", [int(asked)]).fetchone()
        row = (
            row
            or connection.execute(
                "select 1 from batch where %s between first_member and last_member limit 1", [int(asked)]
            ).fetchone()
        )
        if row is not None:
            return int(asked)
    else:
        row = connection.execute("select member from personal.identity where nino = %s", [asked[:8]]).fetchone()
        if row is not None:
            return int(row[0])
    raise Misuse(f"There is no member {text!r}.", remedy="Give a member's number or National Insurance number.")


def read_member(connection: psycopg.Connection[Any], member: int, place: int | None = None) -> MemberRows:
    """Everything the books have of a member, by number; with a place, what they had then."""
    standing = read_standing(connection, place)
    store = standing.store(connection)
    closings = store.closings_all(np.array([member]))
    if place is not None:
        later = connection.execute(
            "select number from batch where number = any(%s) and place > %s", [closings["batch"].tolist(), place]
        ).fetchall()
        closings = closings[~np.isin(closings["batch"], [number for (number,) in later])]
    _, transfers = store.rows_of(TRANSFER, closings)
    _, facts = store.rows_of(FACT, closings)
    return MemberRows(member, store.head()[0] if place is None else place, standing, store, closings, transfers, facts)


def read_statement(connection: psycopg.Connection[Any], member: int) -> Statement:
    """The statement of a member, by number."""
    return statement_of(connection, read_member(connection, member))


def statement_of(
    connection: psycopg.Connection[Any], account: MemberRows, sources: dict[int, Source] | None = None
) -> Statement:
    """The statement of an account that was read, and of its facts' sources, if they were."""
    standing, closings, member = account.standing, account.closings, account.member
    person = connection.execute("select forename, surname from personal.person where member = %s", [member]).fetchone()
    usable, owed, overdrawn, opened = dict.fromkeys(PARTIES, 0), dict.fromkeys(PARTIES, 0), 0, None
    if len(closings):
        balances = closings[-1]["balances"].reshape(-1, 7).sum(axis=0)
        usable = dict(zip(PARTIES, balances[:3].tolist(), strict=True))
        owed = dict(zip(PARTIES, balances[3:6].tolist(), strict=True))
        overdrawn = -int(balances[6])
        day = int(opened_on(registers_in(closings[-1:]))[0])
        opened = None if day == NONE else day
    name = " ".join(person) if person else ""
    return Statement(
        member,
        name.strip(),
        standing.title,
        standing.currency,
        opened,
        account.place,
        usable,
        owed,
        overdrawn,
        _entries(connection, account, sources or read_sources(connection, standing, account.facts)),
        claims=_claims(connection, account),
    )


def _claims(connection: psycopg.Connection[Any], account: MemberRows) -> dict[str, tuple[int, int]]:
    """What payers that went bust owe the member."""
    owed = {
        ref: (since, sum(owed_by(account.transfers, payer))) for payer, (ref, since) in bust_payers(connection).items()
    }
    return {ref: claim for ref, claim in owed.items() if claim[1]}


def _entries(connection: psycopg.Connection[Any], account: MemberRows, sources: dict[int, Source]) -> list[Entry]:
    places = dict(
        connection.execute(
            "select number, place from batch where number = any(%s)",
            [np.unique(account.transfers["id"] >> BATCH_BITS).tolist()],
        ).fetchall()
    )
    columns = (account.transfers[name].tolist() for name in ENTRY_COLUMNS)
    return entries_of(account.standing, account.member, zip(*columns, strict=True), places, sources)


ENTRY_COLUMNS = ("id", "debit", "credit", "amount", "fact", "effective_on", "rule")
"""Of a transfer, what an entry is made of."""


def entries_of(
    standing: Standing, member: int, transfers: Iterable[tuple[int, ...]], places: Mapping[int, int], sources: Mapping[int, Source]
) -> list[Entry]:  # fmt: skip
    """A member's entries, by day, among these transfers (`ENTRY_COLUMNS` of each), from the places of their batches in the
    chain, by number, and from their facts' sources.
    """
    found = []
    names: dict[int, str] = {}
    for number, debit, credit, amount, fact, on, rule in transfers:
        for here, across, sign in ((credit, debit, 1), (debit, credit, -1)):
            kind = here >> OWNER_BITS
            if kind in WAYS_OUT and rule:
                # A charge that is part of a withdrawal: it came out of what was taken, not out of the pot beside it.
                party = PARTIES[standing.parties[rule]]
                source = sources.get(fact)
                found.append(
                    Entry(
                        number, on, places[number >> BATCH_BITS], party, CHARGED, "out of what was taken out",
                        standing.rule_names[rule], sign * amount, fact, source.words if source else "",
                    )
                )  # fmt: skip
            if kind >= Account.IN_TRANSIT or here & ((1 << OWNER_BITS) - 1) != member:
                continue
            kind_word = Account(kind_of(here))
            party = "worker" if kind_word == Account.OVERDRAWN else PARTIES[(kind_word - 1) % 3]
            if here not in names:
                names[here] = name_of(here).partition(":")[0]
            source = sources.get(fact)
            found.append(
                Entry(
                    number, on, places[number >> BATCH_BITS], party, names[here], _stands(kind_word, across >> OWNER_BITS, sign),
                    standing.rule_names.get(rule, ""), sign * amount, fact, source.words if source else "",
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.effective_on, one.place, one.entry))


def _stands(kind: Account, other: int, sign: int) -> str:
    if kind in OWED:
        return "owed"
    if kind == Account.OVERDRAWN:
        return "overdrawn"
    if other in {Account.PAID_OUT, Account.LEAVING} and sign > 0:
        return "put back"
    if other < Account.IN_TRANSIT and sign < 0:
        return "owed again"
    if other == Account.IN_TRANSIT:
        return "sent, as the payer's file says"
    return "in the pot" if sign > 0 else "taken out"
