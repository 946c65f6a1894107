"""An account that goes to another scheme, and one that comes from it, with its history.

What an account has is sent without charge, for no rule reads that it goes. What is still owed to it stays owed here, and is sent
after it when it has come. The next scheme hears the same facts, so that ages, totals and yearly limits go on, and gives
nothing for what this one gave for.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, PARTIES, Kind
from lifepot.ledger.chart import Account, kind_of, owner_of
from lifepot.ledger.happened import Happening
from lifepot.periods import date_of, format_day, year_window_start
from lifepot.scheme.history import History
from lifepot.scheme.identify import Identifier
from lifepot.scheme.moved import NEVER, left_on
from lifepot.scheme.opening import Clock
from lifepot.scheme.passport import KINDS, Line, Passport, read_passport
from lifepot.scheme.posting import Telling, share_facts, share_name
from lifepot.scheme.settle import opened_on, registers_in
from lifepot.scheme.sources import value_in_words
from lifepot.scheme.standing import Standing
from lifepot.scheme.statement import read_member
from lifepot.storage.persons import Persons
from lifepot.storage.rows import Event, Rows, blank_facts

TOGETHER = 1
"""A root for facts of one batch that belong together: see `Telling.post`."""


@dataclass(frozen=True, slots=True)
class Left:
    """An account that left: `text` is the file for the next scheme; amounts in minor units."""

    member: int
    to: str
    moved_on: int
    moved: int
    stays_owed: int
    currency: str
    text: str
    place: int
    head: str

    def as_dict(self, file: str) -> dict[str, Any]:
        """The same as JSON carries it, with the path that the file was written to."""
        return {
            "member": self.member, "to": self.to, "moved_on": format_day(self.moved_on), "moved_minor": self.moved,
            "stays_owed_minor": self.stays_owed, "file": file, "place": self.place, "head": self.head,
        }  # fmt: skip


def move_out(connection: psycopg.Connection[Any], member: int, to: str, clock: Clock, keep: Path | None = None) -> Left:
    """Send an account to the scheme `to`. What came since it left is sent after it when this is done again. Commits, once the
    next scheme's file is written to `keep`: no account leaves without it.

    LifepotError where there is nothing to send, or the member is not known well enough to be found there.
    """
    person = _person(connection, member)
    identifier = Identifier(connection)
    payer = _scheme(connection, identifier, to)
    telling = Telling.of(connection, [member], clock, identifier)
    account = read_member(connection, member)
    stand = telling.stand()[0]
    shares = stand[:, : len(PARTIES)].reshape(-1)
    past = account.facts[account.facts["kind"] == Event.MOVED_OUT]
    if not shares.any():
        state = "left before, and nothing has come since" if len(past) else "has nothing in it"
        raise LifepotError(f"The account of member {member} {state}.", remedy="There is nothing to send.")
    if (stand[:, 6] < 0).any():
        raise LifepotError(
            f"Member {member} took out more than a correction left.",
            remedy="Have it paid back first; then the account may go.",
        )
    passport = Passport(standing_name(telling.standing), telling.standing.currency, telling.as_of, **person)
    passport.opened_on, passport.joined = _days(account.closings, account.facts)
    passport.shares = [(*share_name(telling.standing, at), int(minor)) for at, minor in enumerate(shares) if minor]
    gone = share_facts(Happening.MOVED_OUT, member, shares, telling.as_of, payer=payer, root=TOGETHER)
    finished = telling.post(gone, "moved_out", summary={"member": member})
    until = min(int(past["effective_on"].min()), telling.as_of) if len(past) else telling.as_of
    after = int(past["id"].max()) if len(past) else 0
    passport.facts = _history(connection, member, until, after)
    passport.given = _given(connection, member, telling.as_of)
    text = passport.text(to)
    if keep is not None:
        try:
            keep.write_text(text, encoding="utf-8")
        except OSError as error:
            connection.rollback()
            raise LifepotError(
                f"{keep} cannot be written ({error.strerror}); the account did not leave.",
                remedy="Give a file in a directory that can be.",
            ) from None
    connection.commit()
    owed = int(stand[:, 3:6].sum())
    return Left(
        member, to, telling.as_of, int(shares.sum()), owed, passport.currency, text, finished.place, finished.head.hex()
    )


def standing_name(standing: Standing) -> str:
    """What other schemes call this one."""
    return standing.title


def _person(connection: psycopg.Connection[Any], member: int) -> dict[str, Any]:
    """Who the member is, as the next scheme must know it."""
    row = connection.execute(
        "select nino, forename, surname, (born - '1970-01-01'::date) from personal.identity join personal.person using (member) "
        "where member = %s order by nino limit 1",
        [member],
    ).fetchone()
    if row is None:
        raise LifepotError(
            f"Of member {member} no National Insurance number is known, and no other scheme could find the account.",
            remedy="Receive a file that names the member with it first.",
        )
    return dict(zip(("nino", "forename", "surname", "born"), row, strict=True))


def _scheme(connection: psycopg.Connection[Any], identifier: Identifier, name: str) -> int:
    """The payer that stands for another scheme. Misuse where a payer of another kind has the name."""
    row = connection.execute("select kind from payer where ref = %s", [name]).fetchone()
    if row is not None and row[0] != "scheme":
        raise Misuse(f"{name!r} is known as an {row[0]}, not as a scheme.", remedy="Give the scheme's own name.")
    return int(identifier.payers([name], "scheme")[0])


def _days(closings: Rows, facts: Rows) -> tuple[int | None, int | None]:
    """The day the account opened, and the day of joining if it was told."""
    opened = int(opened_on(registers_in(closings[-1:]))[0]) if len(closings) else NONE
    joined = facts["value"][facts["kind"] == Event.JOINED]
    return None if opened == NONE else opened, int(joined[-1]) if len(joined) else None


def _history(connection: psycopg.Connection[Any], member: int, until: int, after: int) -> list[Line]:
    """The member's facts up to a day (and what was said of later days), those told after another fact alone."""
    account = read_member(connection, member)
    standing, lives = account.standing, History(connection, account).lives
    payers = dict(connection.execute("select id, ref from payer").fetchall())
    purposes = list(standing.program.rulebook.purposes)
    found: list[Line] = []
    names = lives.rows.dtype.names
    assert names is not None
    for values, refused in zip(lives.rows.tolist(), lives.refused.tolist(), strict=True):
        row = dict(zip(names, values, strict=True))
        kind = Kind(row["kind"])
        if row["id"] <= after or (row["effective_on"] > until and kind is not Kind.STATUS):
            continue
        line: Line = {
            "kind": kind.name.lower(), "on": row["effective_on"], "payer": payers.get(row["payer"], ""),
            "amount": row["amount"] if row["amount"] == NONE else row["amount"] - refused,
        }  # fmt: skip
        for name in ("earnings", "hours", "worker", "employer", "period_start", "period_end"):
            line[name] = row[name]
        line["frequency"] = FREQUENCY_WORDS[row["frequency"]] if row["frequency"] >= 0 else ""
        line["attribute"] = standing.attributes[row["attribute"]] if row["attribute"] >= 0 else ""
        line["value"] = ""
        if kind is Kind.STATUS:
            line["value"] = value_in_words(standing, line["attribute"], row["value"])
        elif kind is Kind.WITHDRAWN and row["value"] >= 0:
            line["value"] = purposes[row["value"]]
        found.append(line)
    return found


def _given(connection: psycopg.Connection[Any], member: int, on: int) -> list[tuple[str, str, int, int]]:
    """What each rule gave, in all and since the year began: the rulebook's own year, if it has one."""
    account = read_member(connection, member)
    standing = account.standing
    starts = next((one.starts for one in standing.program.rulebook.windows.values() if one.every == "year"), None)
    month, day = map(int, (starts or "01-01").split("-"))
    begin = int(year_window_start(np.array([on]), month, day)[0])
    sums: dict[int, list[int]] = {}
    columns = ("rule", "debit", "credit", "amount", "effective_on")
    for rule, debit, credit, amount, effective_on in zip(
        *(account.transfers[name].tolist() for name in columns), strict=True
    ):
        for side, sign in ((credit, amount), (debit, -amount)):
            if rule and kind_of(side) < Account.IN_TRANSIT and owner_of(side) == member:
                both = sums.setdefault(rule, [0, 0])
                both[0] += sign
                both[1] += sign if effective_on >= begin else 0
    return [
        (standing.rule_names[rule], PARTIES[standing.parties[rule]], total, year)
        for rule, (total, year) in sorted(sums.items())
        if total or year
    ]


@dataclass(slots=True)
class Arrived:
    """An account that came, or why it did not: `faults`. Amounts in minor units."""

    file: str
    faults: list[Fault]
    member: int = 0
    new_member: bool = False
    moved: int = 0
    facts: int = 0
    notes: list[Fault] = field(default_factory=list)
    currency: str = "GBP"
    place: int | None = None
    head: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "file": self.file, "state": "refused" if self.faults else "moved_in", "member": self.member or None,
            "new_member": self.new_member, "moved_minor": self.moved, "facts": self.facts, "place": self.place, "head": self.head,
            "faults": [fault.as_dict() for fault in self.faults], "notes": [note.as_dict() for note in self.notes],
        }  # fmt: skip


def move_in(connection: psycopg.Connection[Any], content: bytes, file: str, clock: Clock) -> Arrived:
    """Take in an account from another scheme's file. Commits, if nothing is wrong with it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Arrived(file, [Fault(file, 0, 0, "encoding", "", "bytes that are not UTF-8", "UTF-8")])
    passport, faults = read_passport(text, file)
    if faults:
        return Arrived(file, faults)
    try:
        return _moved_in(connection, passport, sha256(content).hexdigest(), file, clock)
    except BaseException:
        connection.rollback()
        raise


def _moved_in(connection: psycopg.Connection[Any], passport: Passport, digest: str, file: str, clock: Clock) -> Arrived:
    key = f"moved_in:{digest}"
    known = connection.execute("select place from batch where idempotency_key = %s", [key]).fetchone()
    if known is not None:
        raise LifepotError(f"{file} was taken in before, at place {known[0]}.", remedy="Nothing is left to do.")
    identifier = Identifier(connection)
    identifier.lock()
    payer = _scheme(connection, identifier, passport.scheme)
    member, is_new = _member(connection, passport)
    refs = sorted({fact["payer"] for fact in passport.facts if fact["payer"]})
    payers = dict(zip(refs, identifier.payers(refs, "employer").tolist(), strict=True)) if refs else {}
    telling = Telling.of(connection, [member], clock, identifier)
    arrived = Arrived(file, [], member, is_new, currency=telling.standing.currency)
    past = telling.store.facts_of(np.array([member]))
    faults = _judged(telling, passport, past, payer, file)
    history = _history_rows(telling.standing, passport, payers, member, arrived)
    shares, unknown = _shares(telling.standing, passport, file)
    arrived.faults = faults + unknown + arrived.faults
    if arrived.faults:
        connection.rollback()
        arrived.member, arrived.new_member = 0, False
        return arrived
    came = share_facts(Happening.MOVED_IN, member, shares, passport.moved_on, payer=payer, root=TOGETHER)
    if not len(came):
        came = blank_facts(1)
        came["kind"], came["member"], came["effective_on"], came["payer"] = (
            Happening.MOVED_IN,
            member,
            passport.moved_on,
            payer,
        )
        came["attribute"], came["amount"], came["root"] = 0, 0, NONE  # fmt: skip
    rows = np.concatenate([_person_rows(passport, member, past), history, came])
    finished = telling.post(rows, "moved_in", key=key, summary={"member": member, "sha256": digest})
    connection.commit()
    arrived.moved, arrived.facts = int(shares.sum()), len(history)
    arrived.place, arrived.head = finished.place, finished.head.hex()
    return arrived


def _member(connection: psycopg.Connection[Any], passport: Passport) -> tuple[int, bool]:
    """The member whom the file is about, and whether nobody knew them."""
    persons = Persons(connection)
    ninos = np.array([passport.nino.replace(" ", "").upper().encode()], dtype="S8")
    member = int(persons.by_nino(ninos)[0])
    if member:
        return member, False
    if persons.erased(ninos)[0]:
        raise LifepotError(
            "The file is about a person whose account was erased.", remedy="Ask the person to open one anew."
        )
    member = int(persons.new_members(1)[0])
    persons.add_identities(ninos, np.array([member]))
    connection.execute(
        "insert into personal.person (member, forename, surname, born) values (%s, %s, %s, %s)",
        [member, passport.forename, passport.surname, None if passport.born is None else date_of(passport.born)],
    )
    return member, True


def _judged(telling: Telling, passport: Passport, past: Rows, payer: int, file: str) -> list[Fault]:
    """Why the account cannot come."""
    found: list[Fault] = []

    def refuse(code: str, path: str, was: str, expected: str) -> None:
        found.append(Fault(file, 1, 0, code, path, was, expected))

    if passport.currency != telling.standing.currency:
        refuse("currency_differs", "currency", passport.currency, telling.standing.currency)
    if passport.moved_on > telling.as_of:
        latest = f"{format_day(telling.as_of)} or earlier: take it in when the day has come"
        refuse("date_future", "moved_on", format_day(passport.moved_on), latest)
    if left_on(past, past["member"].astype(np.int64), telling.members)[0] != NEVER:
        refuse(
            "member_left",
            "nino",
            "a member whose account left this scheme",
            "one who did not leave: open a new account",
        )
    told = [fact["on"] for fact in passport.facts if fact["kind"] not in {"status", "died"}] or [passport.moved_on]
    came_before = bool(((past["kind"] == Event.MOVED_IN) & (past["payer"] == payer)).any())
    own = past[np.isin(past["kind"], [Kind.PAY, Kind.PAID, Kind.WITHDRAWN])]
    if not came_before and len(own) and own["effective_on"].min() <= max(told):
        first = format_day(int(own["effective_on"].min()))
        expected = f"a history that ends before {first}, from when both schemes would have given for the same days"
        refuse("history_overlaps", "fact", f"a history until {format_day(max(told))}", expected)
    return found


def _shares(standing: Standing, passport: Passport, file: str) -> tuple[np.ndarray[Any, Any], list[Fault]]:
    """What came, by share of our pot."""
    shares = np.zeros(len(PARTIES) * len(standing.part_names), np.int64)
    faults = []
    for part, party, minor in passport.shares:
        if part and part not in standing.part_names:
            parts = ", ".join(standing.part_names)
            faults.append(Fault(file, 1, 0, "part_unknown", "share.part", part, f"one of {parts}"))
        else:
            at = standing.part_names.index(part) if part else 0
            shares[at * len(PARTIES) + PARTIES.index(party)] += minor
    return shares, faults


def _history_rows(
    standing: Standing, passport: Passport, payers: dict[str, int], member: int, arrived: Arrived
) -> Rows:
    """The file's facts in this scheme's numbers. What a foreign scheme says was paid this year is one payment on the last day."""
    facts = list(zip(passport.facts, passport.lines, strict=True))
    if not facts and passport.paid_this_year:
        blank: Line = dict.fromkeys(("earnings", "hours", "worker", "employer", "period_start", "period_end"), NONE)
        words: Line = dict.fromkeys(("payer", "frequency", "attribute", "value"), "")
        facts = [({"kind": "paid", "on": passport.moved_on, "amount": passport.paid_this_year} | blank | words, 1)]
    rows = blank_facts(len(facts))
    rows["member"], rows["root"] = member, NONE
    program = standing.program
    for row, (fact, line) in zip(rows, facts, strict=True):
        row["kind"], row["effective_on"], row["payer"] = (
            KINDS.index(fact["kind"]),
            fact["on"],
            payers.get(fact["payer"], 0),
        )
        for name in ("amount", "earnings", "hours", "worker", "employer", "period_start", "period_end"):
            row[name] = fact[name]
        row["frequency"] = FREQUENCY_WORDS.index(fact["frequency"]) if fact["frequency"] else -1
        if fact["kind"] == "withdrawn" and fact["value"]:
            purpose = program.purpose_named(fact["value"])
            row["value"] = NONE if purpose is None else purpose
        if fact["kind"] == "status":
            attribute = program.attribute_named(fact["attribute"])
            if attribute is None:
                known = f"one of {', '.join(program.attributes) or 'none'}: it is left out"
                arrived.notes.append(
                    Fault(arrived.file, line, 0, "attribute_unknown", "attribute", fact["attribute"], known)
                )
                row["kind"] = Event.REMOVED
                continue
            try:
                row["value"] = program.encode(attribute, fact["value"])
            except ValueError as error:
                was, _, expected = str(error).partition(" is not ")
                arrived.faults.append(Fault(arrived.file, line, 0, "value_unreadable", "value", was, expected))
            row["attribute"] = standing.attributes.index(attribute)
    return rows[rows["kind"] != Event.REMOVED]


def _person_rows(passport: Passport, member: int, past: Rows) -> Rows:
    """The birth day, if it was not known, and the day of joining; of a scheme that tells no facts, the day of opening."""
    joined = passport.joined if passport.facts else passport.joined or passport.opened_on
    days = [(Event.BORN, passport.born), (Event.JOINED, joined)]
    known = set(past["kind"].tolist())
    told = [(kind, day) for kind, day in days if day is not None and kind not in known]
    rows = blank_facts(len(told))
    rows["member"], rows["root"] = member, NONE
    for row, (kind, day) in zip(rows, told, strict=True):
        row["kind"], row["value"], row["effective_on"] = kind, day, day
    return rows


__all__ = ["Arrived", "Left", "move_in", "move_out"]
