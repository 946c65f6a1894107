"""What a payer's payroll must know of its own people: starts, stops, changed rates, and money that is to go back to it.

Derived from what the books were told, never kept by hand. A payer hears of nobody whom its own files did not name, and of
nothing that other payers did. Each notice counts from a pay date; until then what payroll does is right.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import psycopg

from lifepot.audit.membership import Membership
from lifepot.audit.replay import jobs_of, readings_of
from lifepot.audit.told import Told
from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.chart import Account, number
from lifepot.money import format_minor
from lifepot.periods import date_of, day_of, format_day
from lifepot.rulebook.terms import Pause
from lifepot.scheme.bust import bust_payers, members_of
from lifepot.scheme.history import as_told
from lifepot.scheme.lives import Lives, read_lives, read_rows
from lifepot.scheme.paydays import counts_from
from lifepot.scheme.settle import opened_on, registers_in
from lifepot.scheme.sources import value_in_words
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import BATCH_BITS, TRANSFER, Event, Rows, blank_facts

CURRENT_KINDS = (Kind.PAY, Kind.PAID)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know. `kind`: start, stop, rate or refund. Days are texts; `amount` is in major units, "" where there is none."""

    kind: str
    nino: str
    payroll_id: str
    on: str
    known_on: str
    counts_from: str
    reason: str
    attribute: str = ""
    value: str = ""
    until: str = ""
    amount: str = ""


COLUMNS = tuple(one.name for one in fields(Notice))


@dataclass(frozen=True, slots=True)
class Notices:
    """A payer's notices. `place` is the chain's, up to which everything is told."""

    payer: str
    number: int
    since: str
    place: int
    notices: list[Notice]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "payer": self.payer, "since": self.since, "place": self.place, "notices": [asdict(one) for one in self.notices]
        }  # fmt: skip

    def csv(self) -> str:
        """The file: see docs/file-layouts.md."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(one) for one in self.notices)
        return text.getvalue()


@dataclass(slots=True)
class _Member:
    """What is known of one member, for one payer's eyes."""

    number: int
    nino: str
    payroll_id: str
    rows: Rows
    lives: Lives
    opened: int
    was_open: bool
    transfers: Rows
    newest: int
    """The last batch with something new of the member."""


def notices(connection: psycopg.Connection[Any], ref: str, since: int | None = None) -> Notices:
    """What a payer must know that became known from a day on; without one, since the last notices that went to it."""
    row = connection.execute(
        "select id, ref from payer where ref = %(ref)s or id = (select payer from payer_alias where payer_alias.ref = %(ref)s)",
        {"ref": ref},
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no payer {ref!r}.", remedy="`lifepot payers list` names them.")
    payer, name = row
    if payer in bust_payers(connection):
        raise LifepotError(
            f"{name} went bust: no payroll is left to tell.", remedy="`lifepot payers bust` lists the claims on it."
        )
    last = connection.execute(
        "select coalesce(max(place), 0) from personal.notices_made where payer = %s", [payer]
    ).fetchone()
    assert last is not None
    batches = {
        batch: (place, day_of(as_of))
        for batch, place, as_of in connection.execute("select number, place, as_of from batch").fetchall()
    }
    if since is None:
        new = {batch for batch, (place, _) in batches.items() if place > last[0]}
        words = f"place {last[0]}" if last[0] else "the beginning"
    else:
        new = {batch for batch, (_, as_of) in batches.items() if as_of >= since}
        words = format_day(since)
    teller = _Teller(read_standing(connection), payer, new, {batch: as_of for batch, (_, as_of) in batches.items()})
    found = [one for member in _members(connection, teller) for one in teller.of(member)]
    place = max((place for place, _ in batches.values()), default=0)
    return Notices(name, payer, words, place, found)


def remember(connection: psycopg.Connection[Any], told: Notices, known_at: object) -> None:
    """These notices went to the payer: the next ones begin after them. Commits."""
    remember_up_to(connection, told.number, told.place, known_at)


def remember_up_to(connection: psycopg.Connection[Any], payer: int, place: int, known_at: object) -> None:
    """Everything up to a place of the chain went to the payer. Commits."""
    connection.execute(
        "insert into personal.notices_made (payer, place, made_at) values (%s, %s, %s) on conflict do nothing",
        [payer, place, known_at],
    )
    connection.commit()


def _members(connection: psycopg.Connection[Any], teller: "_Teller") -> Iterator[_Member]:
    """The payer's people of whom something new is known, and who still have a name."""
    standing = teller.standing
    store = standing.store(connection)
    numbers = members_of(connection, store, teller.payer)
    if not len(numbers):
        return
    closings = store.closings_all(numbers)
    owner, rows = read_rows(store, numbers, blank_facts(0), closings)
    by = np.argsort(owner, kind="stable")
    owner, rows = owner[by], rows[by]
    told, transfers = store.rows_of(TRANSFER, closings)
    ninos = dict(
        connection.execute(
            "select member, nino from personal.identity where member = any(%s)", [numbers.tolist()]
        ).fetchall()
    )
    jobs = dict(
        connection.execute(
            "select member, min(payroll_id) from personal.employment where member = any(%s) and payer = %s group by member",
            [numbers.tolist(), teller.payer],
        ).fetchall()
    )
    for one in numbers.tolist():
        mine = closings[_run(closings["member"], one)]
        if not len(mine) or not (one in ninos or jobs.get(one)) or not set(mine["batch"].tolist()) & teller.new:
            continue
        days = opened_on(registers_in(mine))
        before = ~np.isin(mine["batch"], list(teller.new))
        theirs = rows[_run(owner, one)]
        lives = read_lives(np.array([one]), np.full(len(theirs), one), theirs)
        yield _Member(
            one, ninos.get(one, ""), jobs.get(one) or "", theirs, lives, int(days[-1]),
            bool((days[before] != NONE).any()), transfers[_run(told, one)], int(mine["batch"][~before].max()),
        )  # fmt: skip


def _run(members: Any, one: int) -> slice:
    """Where a member's rows stand among rows by member."""
    return slice(*np.searchsorted(members, [one, one + 1]))


@dataclass(slots=True)
class _Teller:
    """Tells one payer what is new: what stands in these batches."""

    standing: Standing
    payer: int
    new: set[int]
    known: dict[int, int]

    def of(self, member: _Member) -> Iterator[Notice]:
        """A member's notices."""
        own = member.lives.rows[
            (member.lives.rows["payer"] == self.payer)
            & np.isin(member.lives.rows["kind"], CURRENT_KINDS)
            & (member.lives.rows["file"] != 0)
        ]
        if len(own):
            yield from self._started(member, own)
            yield from self._stopped(member, own)
            yield from self._rates(member)
        yield from self._refunds(member)

    def _notice(self, member: _Member, kind: str, fact: int, on: int, reason: str, **more: str) -> Notice:
        batch = fact >> BATCH_BITS
        known = self.known[batch]
        counts = counts_from(member.rows, self.payer, batch, known)
        return Notice(
            kind, member.nino, member.payroll_id, format_day(on), format_day(known), format_day(counts), reason, **more
        )

    def _is_new(self, fact: int) -> bool:
        return fact >> BATCH_BITS in self.new

    def _started(self, member: _Member, own: Rows) -> Iterator[Notice]:
        """The account is open, and was not when this payer was last told, or the payer named the member only since."""
        first = int(own["root"].min())
        if member.opened != NONE and (self._is_new(first) or not member.was_open):
            told = first if self._is_new(first) else member.newest << BATCH_BITS
            yield self._notice(member, "start", told, max(member.opened, int(own["effective_on"].min())), "joined")

    def _stopped(self, member: _Member, own: Rows) -> Iterator[Notice]:
        """Leaving, resting and coming back, as far as the rulebook heeds it; and the end of the account."""
        stretches = list(self._away(member, own))
        rows = member.lives.rows
        said = rows[(rows["kind"] == Kind.STATUS) & (rows["attribute"] >= 0)]
        for row in said:
            name, on, fact = self.standing.attributes[int(row["attribute"])], int(row["effective_on"]), int(row["id"])
            if not self._is_new(fact):
                continue
            for attribute, rests, first, over in stretches:
                if attribute == name and first == on:
                    until = "" if over is None else format_day(over)
                    yield self._notice(member, "stop", fact, on, "rests" if rests else "opted out", until=until)
                elif attribute == name and over == on:
                    yield self._notice(member, "start", fact, on, "goes on" if rests else "opted in again")
        for row in rows[np.isin(rows["kind"], [Kind.CLOSED, Kind.DIED])]:
            if self._is_new(int(row["id"])):
                reason = "died" if row["kind"] == Kind.DIED else "account closed"
                yield self._notice(member, "stop", int(row["id"]), int(row["effective_on"]), reason)
        left = member.rows[member.rows["kind"] == Event.MOVED_OUT]
        if len(left) and self._is_new(int(left["id"].min())):
            yield self._notice(
                member, "stop", int(left["id"].min()), int(left["effective_on"].min()), "moved to another scheme"
            )

    def _away(self, member: _Member, own: Rows) -> Iterator[tuple[str, bool, int, int | None]]:
        """When what this payer tells of the member counts as nothing: by which attribute, whether that is a rest, from when, until when."""
        versions = [(date_of(one.effective_from), one.program.rulebook) for one in self.standing.versions]
        person, told = as_told(self.standing, member.lives)
        heard = self._job(told) if versions[-1][1].membership.per == "job" else told
        if not len(own) or not heard:
            return
        reading = readings_of(versions, person, heard, as_of=date_of(self.standing.as_of))[-1]
        membership: Membership = reading.membership
        for term, (first, over) in membership.stretches(self.payer):
            if first.year > 1:
                yield term.attribute, isinstance(term, Pause), day_of(first), None if over is None else day_of(over)

    def _job(self, told: list[Told]) -> list[Told]:
        """What this payer's job hears, where each job is a membership of its own."""
        return next((heard for heard in jobs_of(told) if any(one.payer == self.payer for one in heard)), [])

    def _rates(self, member: _Member) -> Iterator[Notice]:
        """Rates that the member, or somebody else than this payer, said."""
        attributes = self.standing.program.rulebook.attributes
        rows = member.lives.rows
        for row in rows[(rows["kind"] == Kind.STATUS) & (rows["payer"] == 0) & (rows["attribute"] >= 0)]:
            name = self.standing.attributes[int(row["attribute"])]
            if self._is_new(int(row["id"])) and name in attributes and attributes[name].kind == "percent":
                value = value_in_words(self.standing, name, int(row["value"]))
                yield self._notice(
                    member,
                    "rate",
                    int(row["id"]),
                    int(row["effective_on"]),
                    "chose another rate",
                    attribute=name,
                    value=value,
                )

    def _refunds(self, member: _Member) -> Iterator[Notice]:
        """What is held for this payer of the member, and why, if anything of it is new."""
        account = number(Account.HELD_FOR, self.payer)
        held: dict[tuple[int, int], list[int]] = {}
        columns = (
            member.transfers[name].tolist() for name in ("id", "debit", "credit", "amount", "rule", "effective_on")
        )
        for transfer, debit, credit, amount, rule, on in zip(*columns, strict=True):
            if account in (debit, credit):
                sums = held.setdefault((rule, on), [0, 0])
                sums[0] += amount if credit == account else -amount
                sums[1] = max(sums[1], transfer)
        for (rule, on), (minor, transfer) in sorted(held.items()):
            if minor > 0 and self._is_new(transfer):
                reason = f"{self.standing.rule_names[rule]} goes back" if rule else "sent and not owed"
                yield self._notice(member, "refund", transfer, on, reason, amount=format_minor(minor))
