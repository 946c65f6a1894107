"""A bank's statement comes in: each entry once, whatever statements show it, matched or put in suspense with its reason.

A file is taken whole or not at all: a statement with a fault, or of another account, is refused, and nothing of the file is kept.
The same file twice, or the same entry in two statements that overlap, brings nothing new.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.banking.camt053 import read_camt053
from lifepot.banking.payments import BankEntry, BankStatement, OwnAccount, Reading
from lifepot.banking.statement_csv import read_statement_csv
from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.ledger.chart import Account, account_of, name_of, number
from lifepot.ledger.postings import Postings
from lifepot.payments.matching import Match, Matcher
from lifepot.payments.runs import own_account
from lifepot.periods import day_of, format_day
from lifepot.scheme.direct import SCHEME, post_directly
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import Standing, locked, read_standing
from lifepot.storage.rows import Event, Rows, blank_facts
from lifepot.storage.store import Store

LARGEST_FILE_BYTES = 256 * 2**20


@dataclass(slots=True)
class Taken:
    """What came of a file. `entries` are those that are new."""

    file: str
    state: str
    faults: list[Fault] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0
    pending: int = 0
    place: int | None = None

    @property
    def in_suspense(self) -> list[dict[str, Any]]:
        """New entries of which nobody knows what they are."""
        return [one for one in self.entries if one["account"] == "suspense"]

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON carries it."""
        return {
            "file": self.file, "state": self.state, "faults": [fault.as_dict() for fault in self.faults],
            "new": len(self.entries), "known_before": self.known, "pending": self.pending,
            "matched": len(self.entries) - len(self.in_suspense), "in_suspense": len(self.in_suspense),
            "entries": self.entries, "place": self.place,
        }  # fmt: skip


def receive_statement(connection: psycopg.Connection[Any], path: Path, clock: Clock) -> Taken:
    """Take in a statement, camt.053 or CSV. Commits, or keeps nothing. Misuse for a file that cannot be read at all."""
    try:
        octets = path.read_bytes()
    except OSError as fault:
        raise Misuse(f"{path} cannot be read ({fault.strerror}).", remedy="Give the statement's file.") from None
    if len(octets) > LARGEST_FILE_BYTES:
        raise Misuse(f"{path} is larger than any statement.", remedy="Ask the bank for a day, not for years.")
    account = own_account(connection)
    sha256 = hashlib.sha256(octets).digest()
    standing = read_standing(connection)
    if connection.execute("select 1 from personal.bank_file where sha256 = %s", [sha256]).fetchone() is not None:
        connection.rollback()
        return Taken(path.name, "nothing new: this very file was received before")
    reading = _read(octets, path.name, account, standing.currency)
    faults = [
        *reading.faults,
        *(fault for one in reading.statements for fault in _not_ours(one, account, standing, path.name)),
    ]
    if faults:
        connection.rollback()
        return Taken(path.name, "refused", faults)
    connection.rollback()
    return _taken(connection, path.name, sha256, reading, clock)


def _taken(connection: psycopg.Connection[Any], name: str, sha256: bytes, reading: Reading, clock: Clock) -> Taken:
    """Writes what is new of a statement. Members whose payments it shows are locked with the scheme itself."""
    keyed = _keyed(reading.statements)
    touched: set[int] = set()
    while True:
        # Which members it is about is known once it was matched, and sure once they are locked.
        standing, store = locked(connection, np.array(sorted({SCHEME, *touched})))
        matcher = Matcher(connection, standing.currency)
        known = {
            key
            for (key,) in connection.execute(
                "select key from bank_entry where key = any(%s)", [[key for key, _ in keyed]]
            )
        }
        new = [(key, entry) for key, entry in keyed if key not in known]
        matches = [matcher.match(entry) for _, entry in new]
        about = {one.member for match in matches for one in (*match.arrived, *match.came_back)}
        if about <= touched:
            break
        touched |= about
        connection.rollback()
    taken = Taken(name, "received", known=len(known), pending=sum(one.pending_count for one in reading.statements))
    batch = store.begin_batch()
    first = _numbers(connection, len(new))
    facts, postings = _booked(new, matches, first)
    if len(facts):
        post_directly(store, standing, batch, facts, postings).write(store)
    _kept(connection, new, matches, first, batch)
    last = max(reading.statements, key=lambda one: one.closing_on or date.min, default=None)
    connection.execute(
        "insert into personal.bank_file (sha256, name, batch, closing, closing_on) values (%s, %s, %s, %s, %s)",
        [sha256, name, batch, last.closing_minor if last else None, last.closing_on if last else None],
    )
    finished = store.finish_batch(
        kind="bank", who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of),
        key=f"bank:{sha256.hex()}", summary={"entries": len(new), "sha256": sha256.hex()},
    )  # fmt: skip
    connection.commit()
    taken.entries = [
        _told(first + at, entry, match, matcher.payers)
        for at, ((_, entry), match) in enumerate(zip(new, matches, strict=True))
    ]
    taken.place = finished.place
    return taken


def _read(octets: bytes, name: str, account: OwnAccount, currency: str) -> Reading:
    if octets.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_camt053(octets, name)
    return read_statement_csv(octets, name, account=account.sort_code + account.account_number, currency=currency)


def _not_ours(one: BankStatement, account: OwnAccount, standing: Standing, file: str) -> list[Fault]:
    """Faults of a statement that is another account's, or in another currency."""
    ours = {account.sort_code + account.account_number, account.account_number, account.iban} - {""}
    found = []
    if one.account and one.account.replace(" ", "") not in ours:
        found.append(Fault(file, one.line, 0, "account_other", "account", one.account, " or ".join(sorted(ours))))
    if one.currency and one.currency != standing.currency:
        found.append(Fault(file, one.line, 0, "currency_other", "currency", one.currency, standing.currency))
    return found


def _keyed(statements: tuple[BankStatement, ...]) -> list[tuple[str, BankEntry]]:
    """Entries with what tells each from every other: the bank's own reference; else its day, amount and text, and which of
    several that are alike it is on that day.
    """
    found: dict[str, BankEntry] = {}
    for statement in statements:
        alike: Counter[str] = Counter()
        for entry in statement.entries:
            said = f"{entry.booked_on.isoformat()}|{entry.signed_minor}|{entry.part}|"
            if entry.bank_reference:
                text = f"{entry.bank_reference}|{entry.end_to_end_id}"
            else:
                text = f"{entry.end_to_end_id}|{entry.remittance}|{entry.counterparty_name}|{entry.balance_minor}"
            key = hashlib.sha256((said + text).encode()).hexdigest()[:32]
            alike[key] += 1
            found.setdefault(f"{key}-{alike[key]}", entry)
    return list(found.items())


def _numbers(connection: psycopg.Connection[Any], count: int) -> int:
    """The first of so many numbers for entries, one after the other."""
    row = connection.execute(
        "select min(nextval) from (select nextval('bank_entry_number') from generate_series(1, %s)) as drawn",
        [max(count, 1)],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _booked(new: list[tuple[str, BankEntry]], matches: list[Match], first: int) -> tuple[Rows, Postings]:
    """A fact for each entry, of no member, and for each payment that it shows one of that payment's; and the entries'
    postings, whose facts are positions.
    """
    shown = [
        (one, kind, first + at, entry)
        for at, ((_, entry), match) in enumerate(zip(new, matches, strict=True))
        for kind, those in ((Event.ARRIVED, match.arrived), (Event.CAME_BACK, match.came_back))
        for one in those
    ]
    shown.sort(key=lambda row: (row[0].member, row[0].payment))
    count = len(new)
    facts = blank_facts(count + len(shown))
    facts["root"] = NONE
    facts["kind"][:count], facts["value"][:count] = Event.BANKED, first + np.arange(count)
    facts["amount"][:count] = [entry.signed_minor for _, entry in new]
    facts["effective_on"][:count] = [day_of(entry.booked_on) for _, entry in new]
    facts["payer"][:count] = [match.payer for match in matches]
    for at, (one, kind, entry_number, entry) in enumerate(shown, count):
        facts["kind"][at], facts["member"][at], facts["root"][at] = kind, one.member, one.withdrawal
        facts["amount"][at], facts["value"][at], facts["line"][at] = one.amount, entry_number, one.payment
        facts["effective_on"][at] = day_of(entry.booked_on)
    amount = facts["amount"][:count]
    across = np.array([match.account for match in matches], dtype=np.int64)
    bank = np.full(count, number(Account.BANK, 0))
    moved = np.flatnonzero(amount)
    inward = amount[moved] > 0
    nothing = np.zeros_like(moved)
    postings = Postings(
        nothing, nothing, np.where(inward, bank[moved], across[moved]), np.where(inward, across[moved], bank[moved]),
        np.abs(amount[moved]), facts["effective_on"][:count][moved], moved.copy(), moved.copy(),
    )  # fmt: skip
    return facts, postings


def _kept(
    connection: psycopg.Connection[Any], new: list[tuple[str, BankEntry]], matches: list[Match], first: int, batch: int
) -> None:
    """Entries, and beside them what they say."""
    cursor = connection.cursor()
    with cursor.copy("copy bank_entry (number, key, booked_on, amount, batch) from stdin") as copy:
        for at, (key, entry) in enumerate(new):
            copy.write_row((first + at, key, entry.booked_on, entry.signed_minor, batch))
    with cursor.copy("copy personal.bank_text (entry, said, counterparty, account, reason) from stdin") as copy:
        for at, ((_, entry), match) in enumerate(zip(new, matches, strict=True)):
            copy.write_row(
                (first + at, _said(entry), entry.counterparty_name, entry.counterparty_account, match.reason)
            )


def _said(entry: BankEntry) -> str:
    return " ".join(part for part in (entry.end_to_end_id, entry.creditor_reference, entry.remittance) if part)


def _told(entry_number: int, entry: BankEntry, match: Match, payers: dict[int, str]) -> dict[str, Any]:
    return {
        "entry": entry_number, "booked_on": entry.booked_on.isoformat(), "amount_minor": entry.signed_minor,
        "said": _said(entry), "from": entry.counterparty_name, "account": _account_name(match.account, payers),
        "because": match.reason,
    }  # fmt: skip


def _account_name(account: int, payers: dict[int, str]) -> str:
    word, _, owner = name_of(account).partition(":")
    return f"{word}:{payers.get(int(owner), owner)}" if owner else word


def match_by_hand(
    connection: psycopg.Connection[Any], entry: int, clock: Clock, *, payer: str | None = None, account: str | None = None,
    remember: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Say what an entry in suspense is: a payer's, or government's, or refused money that went back. Commits.

    remember  what comes from this account is the payer's from now on
    """
    standing, store = locked(connection, np.array([SCHEME]))
    row = connection.execute(
        "select amount, booked_on, account from bank_entry join personal.bank_text on entry = number where number = %s",
        [entry],
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no entry {entry}.", remedy="`lifepot reconcile` lists what waits in suspense.")
    amount, booked_on, from_account = row
    payers = dict(connection.execute("select ref, id from payer").fetchall())
    if payer is not None and payer not in payers:
        raise Misuse(f"There is no payer {payer!r}.", remedy="`lifepot payers list` names them.")
    to = number(Account.IN_TRANSIT, payers[payer]) if payer is not None else _allowed(account)
    waits = suspended(store).get(entry, 0)
    if waits == 0:
        connection.rollback()
        raise LifepotError(
            f"Entry {entry} is matched already.", remedy="An entry is matched once; reverse it at the bank."
        )
    fact = blank_facts(1)
    fact["kind"], fact["member"], fact["value"], fact["amount"] = Event.MATCHED, SCHEME, entry, amount
    fact["effective_on"], fact["root"] = day_of(booked_on), NONE
    fact["payer"] = payers[payer] if payer is not None else 0
    suspense = number(Account.SUSPENSE, 0)
    debit, credit = (suspense, to) if amount > 0 else (to, suspense)
    one = np.array([0])
    posting = Postings(
        one, one, np.array([debit]), np.array([credit]), np.array([abs(amount)]),
        np.array([day_of(booked_on)]), one.copy(), one.copy(),
    )  # fmt: skip
    batch = store.begin_batch()
    post_directly(store, standing, batch, fact, posting).write(store)
    finished = store.finish_batch(
        kind="bank match", who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of),
        key=f"bank match:{entry}", summary={"entry": entry},
    )  # fmt: skip
    connection.execute(
        "update personal.bank_text set reason = %s where entry = %s", [f"matched by hand by {clock.who}", entry]
    )
    if remember and payer is not None and from_account:
        connection.execute(
            "insert into personal.payer_account (account, payer) values (%s, %s) on conflict (account) do update "
            "set payer = excluded.payer",
            [from_account.replace(" ", ""), payers[payer]],
        )
    connection.commit()
    return {
        "entry": entry, "amount_minor": amount, "account": (payer and f"in_transit:{payer}") or name_of(to),
        "place": finished.place, "on": format_day(day_of(booked_on)),
    }  # fmt: skip


BY_HAND = ("from_government", "refused", "paid_out", "on_the_way", "rounding", "in_transit:0")
"""What an entry may be said to be beside a payer's: `in_transit:0` is money that workers pay themselves."""


def _allowed(account: str | None) -> int:
    if account not in BY_HAND:
        raise Misuse(
            f"{account!r} is nothing that an entry can be.", remedy=f"Give --payer, or one of {', '.join(BY_HAND)}."
        )
    return account_of(account)


def suspended(store: Store) -> dict[int, int]:
    """What waits in suspense: by entry, its amount in minor units (below 0: out)."""
    scheme = np.array([SCHEME])
    facts = store.facts_of(scheme)
    entry_by_fact = dict(zip(facts["id"].tolist(), facts["value"].tolist(), strict=True))
    transfers = store.transfers_of(scheme)[1]
    found: Counter[int] = Counter()
    for column, sign in (("credit", 1), ("debit", -1)):
        mine = transfers[transfers[column] == number(Account.SUSPENSE, 0)]
        for fact, amount in zip(mine["fact"].tolist(), mine["amount"].tolist(), strict=True):
            found[entry_by_fact[fact]] += sign * amount
    return {entry: amount for entry, amount in found.items() if amount}
