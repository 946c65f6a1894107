"""One member's statement: what stands in the pot, who put it there, and every entry with its reason.

A lookup: entries are read through the member's closings and worked out nowhere.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.ledger.chart import OWNER_BITS, Account, name_of
from lifepot.periods import format_day
from lifepot.scheme.settle import opened_on, registers_in
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import FACT, TRANSFER, Event, Rows

OWED = (Account.WORKER_OWED, Account.EMPLOYER_OWED, Account.GOVERNMENT_OWED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer that touched the member's accounts. `minor` is what it added (negative: took away).

    `standing`: "in the pot" (can be used for the purposes), "owed" (not here yet), "sent, as the payer's file says" for
    money the bank has not shown yet, or "taken out".
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

    def as_dict(self) -> dict[str, Any]:
        """The statement as JSON carries it."""
        return {
            "member": self.member, "name": self.name, "scheme": self.scheme, "currency": self.currency,
            "opened_on": None if self.opened_on is None else format_day(self.opened_on), "known_place": self.place,
            "in_pot_minor": self.usable, "owed_minor": self.owed, "overdrawn_minor": self.overdrawn,
            "entries": [
                {
                    "entry": one.entry, "effective_on": format_day(one.effective_on), "known_place": one.place, "party": one.party,
                    "account": one.account, "standing": one.standing, "rule": one.rule, "amount_minor": one.minor,
                    "fact": one.fact, "because": one.because,
                }
                for one in self.entries
            ],
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


def read_statement(connection: psycopg.Connection[Any], member: int) -> Statement:
    """The statement of a member, by number."""
    standing = read_standing(connection)
    store = standing.store(connection)
    closings = store.closings_all(np.array([member]))
    _, transfers = store.rows_of(TRANSFER, closings)
    _, facts = store.rows_of(FACT, closings)
    person = connection.execute("select forename, surname from personal.person where member = %s", [member]).fetchone()
    place, _ = store.head()
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
        place,
        usable,
        owed,
        overdrawn,
        _entries(connection, standing, transfers, facts, member),
    )


def _entries(
    connection: psycopg.Connection[Any], standing: Standing, transfers: Rows, facts: Rows, member: int
) -> list[Entry]:
    places = dict(
        connection.execute(
            "select number, place from batch where number = any(%s)", [np.unique(transfers["id"] >> 32).tolist()]
        ).fetchall()
    )
    sources = fact_sources(connection, standing, facts)
    found = []
    for row in transfers:
        for side, sign in (("credit", 1), ("debit", -1)):
            account = int(row[side])
            kind = account >> OWNER_BITS
            if kind >= Account.IN_TRANSIT or account & ((1 << OWNER_BITS) - 1) != member:
                continue
            other = int(row["debit" if side == "credit" else "credit"]) >> OWNER_BITS
            kind_word = Account(kind % 16)
            party = "worker" if kind_word == Account.OVERDRAWN else PARTIES[(kind_word - 1) % 3]
            found.append(
                Entry(
                    int(row["id"]), int(row["effective_on"]), places[int(row["id"]) >> 32], party, name_of(account).partition(":")[0],
                    _stands(kind_word, other, sign), standing.rule_names.get(int(row["rule"]), ""), sign * int(row["amount"]),
                    int(row["fact"]), sources.get(int(row["fact"]), ""),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.effective_on, one.place, one.entry))


def _stands(kind: Account, other: int, sign: int) -> str:
    if kind in OWED:
        return "owed"
    if kind == Account.OVERDRAWN:
        return "overdrawn"
    if other == Account.IN_TRANSIT:
        return "sent, as the payer's file says"
    return "in the pot" if sign > 0 else "taken out"


def fact_sources(connection: psycopg.Connection[Any], standing: Standing, facts: Rows) -> dict[int, str]:
    """For each fact, in words, what it was and where it stands: "pay of 30 April from ACME, line 17 of acme.csv"."""
    files = dict(
        connection.execute(
            "select file, name from personal.received_file where file = any(%s)", [np.unique(facts["file"]).tolist()]
        ).fetchall()
    )
    payers = dict(
        connection.execute(
            "select id, ref from payer where id = any(%s)", [np.unique(facts["payer"]).tolist()]
        ).fetchall()
    )
    found = {}
    for fact in facts:
        day = format_day(int(fact["effective_on"]))
        payer = payers.get(int(fact["payer"]), "")
        kind = int(fact["kind"])
        words: dict[int, str] = {
            Kind.PAY: f"pay of {day} from {payer}",
            Kind.PAID: f"payment of {day}" + (f" by {payer}" if payer else ""),
            Kind.WITHDRAWN: f"withdrawal of {day}",
            Kind.STATUS: f"{standing.attributes[int(fact['attribute'])].replace('_', ' ') if fact['attribute'] >= 0 else 'status'} since {day}",
            Kind.CLOSED: f"account closed on {day}",
            Kind.DIED: f"death on {day}",
            Event.REMOVED: f"pay of {day} from {payer}, removed by a later file",
        }
        text = words.get(kind, Event(kind).name.lower() if kind > Kind.DIED else "")
        if fact["file"]:
            text += f", line {fact['line']} of {files.get(int(fact['file']), 'a file no longer named')}"
        found[int(fact["id"])] = text
    return found
