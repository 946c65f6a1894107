"""Corrections about persons: a birth day, two members who are one person, one member who is two, and erasure.

The first three are facts like any other, followed by the same settle. Erasure keeps the dates that rules read under the
member's number and takes everything that names the person out of the database; the chain still proves.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.chart import Account, number
from lifepot.periods import add_months_to, date_of, day_of, format_day
from lifepot.scheme.keeping import SALT_BYTES, compress, decompress, row_bounds
from lifepot.scheme.lives import READ_ALSO, merged_into
from lifepot.scheme.opening import Clock
from lifepot.scheme.resettle import Resettled, changes_by_rule
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import Standing, locked, read_standing
from lifepot.storage.persons import Persons
from lifepot.storage.rows import Event, Rows, blank_facts
from lifepot.storage.store import Store


def correct_birth_day(connection: psycopg.Connection[Any], member: int, born: int, clock: Clock) -> Resettled:
    """Say that a member was born on another day; what follows from it is posted. Commits."""
    today = day_of(clock.known_at.date())
    if not add_months_to(today, -OLDEST_MONTHS) <= born <= today:
        raise Misuse(
            f"Nobody alive was born on {format_day(born)}.",
            remedy="Give a birth day that has been, at most 120 years ago.",
        )
    fact = blank_facts(1)
    fact["kind"], fact["member"], fact["value"], fact["effective_on"] = Event.BORN, member, born, born
    connection.execute("update personal.person set born = %s where member = %s", [date_of(born), member])
    return _posted(connection, np.array([member]), fact, clock, "born")


def open_on(connection: psycopg.Connection[Any], members: list[int], days: list[int], clock: Clock) -> Resettled:
    """Say on which day each member's account was opened, where the rulebook lets people ask for one. Commits."""
    known = dict(
        connection.execute("select member, born from personal.person where member = any(%s)", [members]).fetchall()
    )
    last = max(day_of(clock.known_at.date()), read_standing(connection).as_of) + MOST_DAYS_AHEAD
    for member, day in zip(members, days, strict=True):
        born = known.get(member)
        if day > last or (born is not None and day < day_of(born)):
            raise Misuse(
                f"The account of member {member} cannot have been opened on {format_day(day)}.",
                remedy="Give a day in the member's life, at most a month ahead.",
            )
    order = np.argsort(members)
    facts = blank_facts(len(members))
    facts["kind"], facts["member"] = Event.JOINED, np.array(members)[order]
    facts["value"] = facts["effective_on"] = np.array(days)[order]
    return _posted(connection, np.unique(members), facts, clock, "joined")


def merge(connection: psycopg.Connection[Any], member: int, into: int, clock: Clock) -> Resettled:
    """Say that a member is the same person as another, under whose number everything is read from now on. Commits."""
    if member == into:
        raise Misuse("A member cannot be merged with itself.", remedy="Give two different members.")
    store = read_standing(connection).store(connection)
    for one in (member, into):
        reader = merged_into(store, one)
        if reader != one:
            raise Misuse(
                f"Member {one} is already merged into {reader}.", remedy=f"Name {reader}, under whom everything stands."
            )
        moved = np.isin(store.facts_of(np.array([one]))["kind"], MOVED)
        if moved.any():
            raise Misuse(
                f"Money of member {one} went to or came from another scheme or member, and stays on that account.",
                remedy="Nothing can be merged here: have the two accounts' payers sent to one of them from now on.",
            )
    facts = blank_facts(2)
    facts["kind"], facts["effective_on"] = Event.MERGED, clock.as_of
    facts["member"], facts["value"] = [member, into], [into, member]
    facts["amount"] = [NONE, READ_ALSO]
    for table in ("identity", "employment"):
        connection.execute(f"update personal.{table} set member = %s where member = %s", [into, member])
    # Who was linked with one of them has not said yes to the other.
    connection.execute(
        "update personal.household_link set ended_on = %s where ended_on is null and %s in (asker, asked)",
        [date_of(clock.as_of), member],
    )
    connection.execute(
        "update personal.standing_gift set last_on = %s where %s in (giver, taker)", [date_of(clock.as_of), member]
    )
    return _posted(connection, np.unique([member, into]), facts, clock, "merge")


def split(
    connection: psycopg.Connection[Any], member: int, payers: list[str], nino: str | None, clock: Clock
) -> tuple[int, Resettled]:
    """Say that the pay from these payers is another person's, who becomes a member of their own (returned). Commits."""
    rows = connection.execute("select ref, id from payer where ref = any(%s)", [payers]).fetchall()
    unknown = set(payers) - {ref for ref, _ in rows}
    if unknown:
        raise Misuse(f"There is no payer {', '.join(sorted(unknown))}.", remedy="Give payers as their files name them.")
    standing = read_standing(connection)
    store = standing.store(connection)
    other = int(Persons(connection).new_members(1)[0])
    connection.execute("insert into personal.person (member, provisional) values (%s, %s)", [other, nino is None])
    numbers = [number for _, number in rows]
    connection.execute(
        "update personal.employment set member = %s where member = %s and payer = any(%s)", [other, member, numbers]
    )
    if nino is not None:
        connection.execute(
            "update personal.identity set member = %s where member = %s and nino = %s",
            [other, member, nino.upper()[:8]],
        )
    past = store.facts_of(np.array([member]))
    roots = np.unique(past["root"][np.isin(past["payer"], numbers) & np.isin(past["kind"], [Kind.PAY, Kind.PAID])])
    if not len(roots):
        raise Misuse(
            f"Member {member} has no pay from {', '.join(payers)}.",
            remedy="`lifepot statement` lists where pay came from.",
        )
    facts = blank_facts(2 * len(roots))
    facts["kind"], facts["effective_on"] = Event.MOVED, clock.as_of
    facts["member"] = np.repeat([member, other], len(roots))
    facts["value"] = np.repeat([other, member], len(roots))
    facts["root"] = np.tile(roots, 2)
    facts["amount"] = np.repeat([NONE, READ_ALSO], len(roots))
    born = past["value"][past["kind"] == Event.BORN]
    if len(born):
        birth = blank_facts(1)
        birth["kind"], birth["member"], birth["value"], birth["effective_on"], birth["root"] = (
            Event.BORN,
            other,
            born[-1],
            born[-1],
            NONE,
        )
        facts = np.concatenate([facts, birth])
    return other, _posted(connection, np.unique([member, other]), facts, clock, "split")


def _posted(connection: psycopg.Connection[Any], members: Any, facts: Rows, clock: Clock, kind: str) -> Resettled:
    """Settles these members with these facts in a batch of their own, and commits."""
    standing, store = locked(connection, members)
    # A correction does not move time on: it is looked at from where the scheme stands, or from its own day if nobody was
    # settled yet.
    as_of = max(standing.as_of, clock.as_of) if standing.as_of == 0 else standing.as_of
    batch = store.begin_batch()
    unrooted = facts["root"] == 0
    facts["root"][unrooted] = NONE
    facts = facts[np.argsort(facts["member"], kind="stable")]
    settled = settle(store, standing, batch, members.astype(np.int64), facts, as_of)
    settled.write(store)
    finished = store.finish_batch(
        kind=kind, who=clock.who, known_at=clock.known_at, as_of_day=as_of, key=f"{kind}:{batch}"
    )
    connection.commit()
    changes = changes_by_rule(standing, settled.transfers)
    return Resettled(len(settled.transfers), len(members), changes, finished.place, finished.head.hex(), as_of)


MOVED = (Event.MOVED_OUT, Event.MOVED_IN, Event.PARTED, Event.RECEIVED, Event.PASSED_ON)
"""What cannot be read under another member's number: it moved money of this account."""

OLDEST_MONTHS = 120 * 12
MOST_DAYS_AHEAD = 31
"""As intake judges birth days and dates ahead in files."""

ANY_NINO = re.compile(rb"(?<![A-Z0-9])[A-Z]{2}[0-9]{6}[A-D]?(?![A-Z0-9])")
WORDS = re.compile(rb"[^,;\"<>\s]+")
"""The fields of a row, whichever layout it has."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took out: rows of received files and of rejects."""

    member: int
    rows_blanked: int
    place: int
    head: str


def erase(connection: psycopg.Connection[Any], member: int, clock: Clock) -> Erased:
    """Take out everything that names a person, and leave a keyed mark so that a file sent again re-creates nobody. Commits."""
    standing = read_standing(connection)
    store = standing.store(connection)
    ninos = [nino for (nino,) in connection.execute("select nino from personal.identity where member = %s", [member])]
    jobs = connection.execute("select payroll_id, born from personal.employment where member = %s", [member]).fetchall()
    if not ninos and not jobs:
        raise LifepotError(f"Nothing names member {member} any more.", remedy="Nothing is left to do.")
    store.lock_members(np.array([member]))
    if _is_leaving(store, member):
        raise LifepotError(
            f"Money of member {member} is approved to leave, and who it goes to would be forgotten.",
            remedy="Send it, or cancel it; `lifepot withdraw list` names it.",
        )
    batch = store.begin_batch()
    files = _files_that_may_name(connection, store, member)
    blanked = sum(_blank_file(connection, file, ninos, jobs) for file in files)
    persons = Persons(connection)
    for nino in ninos:
        persons.mark_erased(nino.encode(), batch)
    connection.execute(
        "delete from personal.income_evidence using personal.income where income_evidence.income = income.income and member = %s",
        [member],
    )
    connection.execute(
        "delete from personal.evidence using personal.withdrawal "
        "where evidence.withdrawal = withdrawal.withdrawal and member = %s",
        [member],
    )
    # What the bank says of a payment names whom it went to.
    facts = store.facts_of(np.array([member]))
    shown = facts["value"][np.isin(facts["kind"], [Event.ARRIVED, Event.CAME_BACK])].tolist()
    connection.execute(
        "update personal.bank_text set said = '', counterparty = '', account = '' where entry = any(%s)", [shown]
    )
    for table in ("identity", "employment", "person", "heir", "heir_paid", "income", "withdrawal"):
        connection.execute(f"delete from personal.{table} where member = %s", [member])
    connection.execute("delete from personal.standing_gift where %(member)s in (giver, taker)", {"member": member})
    connection.execute(
        "delete from personal.loan_consent using personal.household_link as linked "
        "where loan_consent.link = linked.link and %(member)s in (asker, asked)",
        {"member": member},
    )
    connection.execute("delete from personal.household_link where %(member)s in (asker, asked)", {"member": member})
    finished = store.finish_batch(
        kind="erase", who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of), key=f"erase:{batch}",
        summary={"member": member, "rows_blanked": blanked},
    )  # fmt: skip
    connection.commit()
    return Erased(member, blanked, finished.place, finished.head.hex())


def _is_leaving(store: Store, member: int) -> bool:
    """Whether money of a member's is held to be sent."""
    _, transfers = store.transfers_of(np.array([member]))
    leaving = number(Account.LEAVING, member)
    amount = transfers["amount"]
    return int(amount[transfers["credit"] == leaving].sum()) != int(amount[transfers["debit"] == leaving].sum())


def _files_that_may_name(connection: psycopg.Connection[Any], store: Store, member: int) -> list[int]:
    """Files with facts of the member, and those with refused rows, in which anybody may stand."""
    told = set(np.unique(store.facts_of(np.array([member]))["file"]).tolist()) - {0}
    return sorted(
        told
        | {file for (file,) in connection.execute("select distinct file from personal.reject where state <> 'blanked'")}
    )


def _blank_file(connection: psycopg.Connection[Any], file: int, ninos: list[str], jobs: list[tuple[str, Any]]) -> int:
    """Blanks the rows of a file that name the person; returns how many."""
    blanked = 0
    rows = connection.execute(
        "select block, first_row, content, salts, row_offsets from personal.received_block where file = %s order by block",
        [file],
    ).fetchall()
    for block, first_row, content, salts, row_offsets in rows:
        raw, salt = bytearray(decompress(bytes(content))), bytearray(salts)
        found = [
            at
            for at, (start, end) in enumerate(row_bounds(bytes(row_offsets)))
            if _names(bytes(raw[start:end]), ninos, jobs)
        ]
        for at in found:
            start, end = (int(one) for one in row_bounds(bytes(row_offsets))[at])
            where = slice(at * SALT_BYTES, (at + 1) * SALT_BYTES)
            leaf = sha256(bytes(salt[where]) + bytes(raw[start:end])).digest()
            connection.execute(
                "insert into personal.blanked_row (file, file_row, leaf) values (%s, %s, %s) on conflict do nothing",
                [file, first_row + at, leaf],
            )
            raw[start:end] = b" " * (end - start)
            salt[where] = bytes(SALT_BYTES)
        if found:
            connection.execute(
                "update personal.received_block set content = %s, salts = %s where file = %s and block = %s",
                [compress(bytes(raw)), bytes(salt), file, block],
            )
            connection.execute(
                "update personal.reject set found = '', path = '', state = 'blanked' where file = %s and file_row = any(%s)",
                [file, [first_row + at for at in found]],
            )
            blanked += len(found)
    return blanked


def _names(row: bytes, ninos: list[str], jobs: list[tuple[str, Any]]) -> bool:
    """Whether a row's bytes name the person: by NINO, spaces and case aside, or by payroll id and birth date together."""
    bare = row.replace(b" ", b"").upper()
    if any(nino.encode() in bare for nino in ninos):
        return True
    if ANY_NINO.search(bare):
        return False
    words = set(WORDS.findall(row))
    return any(payroll_id.encode() in words and str(born).encode() in words for payroll_id, born in jobs if payroll_id)


def payroll_ids(connection: psycopg.Connection[Any], payer: int, members: list[int]) -> dict[int, str]:
    """What a payer's own files call its people, by their numbers: the payroll ids, as many as they used."""
    rows = connection.execute(
        "select member, string_agg(payroll_id, ', ' order by payroll_id) from personal.employment "
        "where payer = %s and member = any(%s) and payroll_id <> '' group by member",
        [payer, members],
    ).fetchall()
    return dict(rows)


def add_alias(connection: psycopg.Connection[Any], payer: str, alias: str, clock: Clock) -> None:
    """Let files call a payer by another reference too (a PAYE reference beside an employer's own). Commits."""
    row = connection.execute("select id from payer where ref = %s", [payer]).fetchone()
    if row is None:
        raise Misuse(f"There is no payer {payer!r}.", remedy="Give a payer as its files name it.")
    known = connection.execute(
        "select ref from payer where ref = %s union select ref from payer_alias where ref = %s", [alias, alias]
    ).fetchone()
    if known is not None:
        raise Misuse(
            f"{alias!r} already names a payer.", remedy="Two payers with facts are not made one; give a new reference."
        )
    standing: Standing = read_standing(connection)
    store = standing.store(connection)
    store.lock_members(np.array([0]))
    batch = store.begin_batch()
    connection.execute("insert into payer_alias (ref, payer, batch) values (%s, %s, %s)", [alias, row[0], batch])
    store.finish_batch(
        kind="alias",
        who=clock.who,
        known_at=clock.known_at,
        as_of_day=max(clock.as_of, standing.as_of),
        key=f"alias:{batch}",
        summary={"alias": alias},
    )
    connection.commit()
