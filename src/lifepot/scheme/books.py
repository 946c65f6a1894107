"""The books: what stands on every account, as of any day and as known at any place of the chain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from lifepot.errors import Misuse
from lifepot.ledger.chart import Account, kind_of, owner_of, part_of
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.scheme.bust import bust_payers
from lifepot.scheme.standing import Standing, read_standing
from lifepot.scheme.tracing import common_name


@dataclass(frozen=True, slots=True)
class Line:
    """One account, or one kind of members' accounts. `minor` is debits less credits; `name` the chart's, "owed_by:3" or "worker"."""

    account: str
    party: str
    owner: str
    members: bool
    minor: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """A trial balance. Its lines sum to zero."""

    title: str
    currency: str
    effective_on: int | None
    place: int
    head: str
    known_at: str
    lines: list[Line]

    def total(self, *accounts: str) -> int:
        """Sum of these accounts, as credits less debits (what members have is positive)."""
        return -sum(line.minor for line in self.lines if line.account in accounts)

    def as_dict(self) -> dict[str, Any]:
        """The books as JSON carries them."""
        return {
            "scheme": self.title, "currency": self.currency, "place": self.place, "head": self.head, "known_at": self.known_at,
            "effective_on": None if self.effective_on is None else format_day(self.effective_on),
            "accounts": [
                {"account": line.account, "owner": line.owner, "debit_minor": max(line.minor, 0), "credit_minor": max(-line.minor, 0)}
                for line in self.lines
            ],
            "difference_minor": sum(line.minor for line in self.lines),
            "who_paid_in": [
                {"party": party, "in_pots_minor": self.total(party), "owed_minor": self.total(f"{party}_owed")}
                for party in ("worker", "employer", "government")
            ],
        }  # fmt: skip


def read_books(
    connection: psycopg.Connection[Any], *, effective_on: int | None = None, known: str | None = None
) -> Books:
    """The trial balance of everything effective up to a day, as known at a place of the chain (a number) or at a moment
    (ISO, the last batch known by then). None: all there is. Misuse where there is no such place.
    """
    standing = read_standing(connection)
    place, known_at = _place(connection, known)
    store = standing.store(connection)
    balances = store.balances(effective_on, place if known is not None else None)
    head = connection.execute("select encode(head, 'hex') from batch where place = %s", [place]).fetchone()
    payers = dict(connection.execute("select id, ref from payer").fetchall())
    bust = bust_payers(connection)
    lines = [_line(standing, account, minor, payers, bust) for _, account, minor in balances if minor]
    return Books(standing.title, standing.currency, effective_on, place, head[0] if head else "", known_at, lines)


def _place(connection: psycopg.Connection[Any], known: str | None) -> tuple[int, str]:
    if known is None:
        row = connection.execute("select place, known_at from batch order by place desc limit 1").fetchone()
    elif known.isdigit():
        row = connection.execute("select place, known_at from batch where place = %s", [int(known)]).fetchone()
    else:
        try:
            moment = datetime.fromisoformat(known)
        except ValueError:
            raise Misuse(
                f"--known {known!r} is neither a place nor a moment.",
                remedy="Give a place such as 12, or 2026-04-30T17:00.",
            ) from None
        moment = moment if moment.tzinfo else moment.astimezone()
        row = connection.execute(
            "select place, known_at from batch where known_at <= %s order by place desc limit 1", [moment]
        ).fetchone()
    if row is None:
        raise Misuse(f"Nothing was known at {known}.", remedy="`lifepot books` names the chain's latest place.")
    return int(row[0]), row[1].isoformat(timespec="seconds")


def _line(
    standing: Standing, account: int, minor: int, payers: dict[int, str], bust: dict[int, tuple[str, int]]
) -> Line:
    kind = Account(kind_of(account))
    of_member = kind < Account.IN_TRANSIT or kind == Account.LEAVING
    part = f".{standing.part_names[part_of(account)]}" if len(standing.part_names) > 1 and of_member else ""
    owner = (
        "all members"
        if of_member
        else payers.get(owner_of(account), "workers themselves")
        if kind < Account.BANK
        else ""
    )
    if kind == Account.OWED_BY and owner_of(account) in bust:
        # No payroll will send it: what comes of it comes from what is left of the payer.
        since = format_day(bust[owner_of(account)][1])
        return Line("claim_on", "", f"{owner} (bust since {since})", False, minor, common_name(account))
    return Line(kind.name.lower() + part, "", owner, of_member, minor, common_name(account))


def sorted_for_people(books: Books, most_payers: int) -> tuple[list[Line], int]:
    """Lines to show: all but the smaller payers' of each account, which are summed; and how many those are."""
    shown: list[Line] = []
    hidden = 0
    for kind in dict.fromkeys(line.account for line in books.lines):
        mine = sorted((line for line in books.lines if line.account == kind), key=lambda line: -abs(line.minor))
        shown += mine[:most_payers]
        rest = mine[most_payers:]
        if rest:
            hidden += len(rest)
            shown.append(Line(kind, "", f"{len(rest)} more", False, sum(line.minor for line in rest)))
    return shown, hidden


def in_words(line: Line, currency: str) -> tuple[str, str, str, str]:
    """Account, owner, debit, credit as a person reads them."""
    debit = format_minor(line.minor, currency) if line.minor > 0 else ""
    credit = format_minor(-line.minor, currency) if line.minor < 0 else ""
    return line.account.replace("_", " "), line.owner, debit, credit
