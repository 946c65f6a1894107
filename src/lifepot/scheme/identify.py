"""Who a file's rows are about. By NINO; without one by payer, payroll id and birth date; else somebody new.

Whoever may add a person or a payer does so under one lock, taken before any member's: two files that bring the same
new person at once then agree on who it is, and never wait for each other in a circle.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.intake.rows import Rows
from lifepot.kernel.columns import NONE, Kind
from lifepot.periods import date_of
from lifepot.storage.persons import Persons

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

IDENTITY_ROOM = 3
"""The advisory lock under which persons and payers are added; the store uses rooms 1 and 2."""

NAMES_KEPT = ("forename", "surname", "email", "address", "postcode")

Refuse = Callable[[int, str, str, str, str], None]
"""Told row, code, path, found, expected."""


@dataclass(slots=True)
class Newcomers:
    """Members a file brought: their numbers and birth days (NONE: not said), and how many came without a NINO."""

    members: list[Int] = field(default_factory=list)
    born: list[Int] = field(default_factory=list)
    provisional: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(one) for one in self.members)


class Identifier:
    """Finds and adds members and payers within a transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._persons = Persons(connection)
        self._locked = False
        self._payers: dict[str, int] = {}
        self._pending: list[tuple[int, str, str]] = []
        self.newcomers = Newcomers()

    @property
    def new_payers(self) -> list[str]:
        """What the file calls the payers it brought."""
        return [name for _, name, _ in self._pending]

    def lock(self) -> None:
        """From here to the end of the transaction, nobody else adds persons or payers."""
        if not self._locked:
            self._connection.execute("select pg_advisory_xact_lock(%s, 0)", [IDENTITY_ROOM])
            self._locked = True

    def payers(self, names: list[str], kind: str) -> Int:
        """Numbers of payers by what the file calls them; unknown ones are given one, and added by `write_payers`."""
        unknown = [name for name in names if name not in self._payers]
        if unknown:
            self._find_payers(unknown)
            unknown = [name for name in unknown if name not in self._payers]
        if unknown:
            self.lock()
            self._find_payers(unknown)
            unknown = [name for name in unknown if name not in self._payers]
            numbers = self._connection.execute(
                "select nextval(pg_get_serial_sequence('payer', 'id')) from generate_series(1, %s)", [len(unknown)]
            ).fetchall()
            for name, (number,) in zip(unknown, numbers, strict=True):
                self._payers[name] = number
                self._pending.append((number, name, kind))
        return np.array([self._payers[name] for name in names], dtype=np.int64)

    def write_payers(self, batch: int) -> None:
        """Adds the payers the file brought. A batch is numbered only once its members are locked, so this comes late."""
        if self._pending:
            self._connection.execute(
                "insert into payer (id, ref, kind, batch) overriding system value "
                "select id, ref, kind, %s from unnest(%s::int[], %s::text[], %s::text[]) as brought (id, ref, kind)",
                [batch, *map(list, zip(*self._pending, strict=True))],
            )

    def _find_payers(self, names: list[str]) -> None:
        rows = self._connection.execute(
            "select ref, id from payer where ref = any(%(refs)s) union all select ref, payer from payer_alias where ref = any(%(refs)s)",
            {"refs": names},
        ).fetchall()
        self._payers.update(rows)

    def members(self, rows: Rows, payers: Int, *, employments: bool, refuse: Refuse) -> Int:
        """The member of each row; 0 for rows that were refused. `payers` is each row's payer (0: the worker)."""
        member = np.zeros(len(rows), dtype=np.int64)
        named = rows.nino != b""
        ninos = naming_part(rows.nino)
        if named.any():
            member[named] = self._persons.by_nino(ninos[named])
            self._refuse_erased(rows, ninos, named & (member == 0), refuse)
        known_by_job = self._by_employment(rows, payers, ~named)
        member = np.where(named, member, known_by_job)
        missing = member == 0
        if missing.any():
            member = self._add(rows, payers, ninos, named, member, refuse)
        if employments:
            self._remember_jobs(rows, payers, member, (member > 0) & (rows.payroll_id != b"") & named)
        return np.maximum(member, 0)

    def _refuse_erased(self, rows: Rows, ninos: NDArray[np.bytes_], missing: Bool, refuse: Refuse) -> None:
        at = np.flatnonzero(missing)
        if len(at):
            for row in at[self._persons.erased(ninos[at])]:
                refuse(
                    int(row),
                    "person_erased",
                    "nino",
                    "a person whose data were erased",
                    "nobody who asked to be forgotten",
                )
                rows.nino[row] = b"-"

    def _by_employment(self, rows: Rows, payers: Int, asked: Bool) -> Int:
        member = np.zeros(len(rows), dtype=np.int64)
        for payer in np.unique(payers[asked]):
            at = np.flatnonzero(asked & (payers == payer))
            ids = [text.decode() for text in rows.payroll_id[at]]
            member[at] = self._persons.by_employment(int(payer), ids, rows.born[at])
        return member

    def _add(self, rows: Rows, payers: Int, ninos: NDArray[np.bytes_], named: Bool, member: Int, refuse: Refuse) -> Int:
        """Adds whoever is still missing; rows about money that only a member can have are refused instead."""
        self.lock()
        again = (member == 0) & named & (rows.nino != b"-")
        if again.any():
            member[again] = self._persons.by_nino(ninos[again])
        missing = (member == 0) & (rows.nino != b"-")
        for row in np.flatnonzero(missing & np.isin(rows.kind, [Kind.WITHDRAWN, Kind.CLOSED, Kind.DIED])):
            refuse(
                int(row),
                "member_unknown",
                "nino",
                "nobody with an account",
                "a member's NINO, or payer, payroll id and birth date",
            )
            missing[row] = False
        with_nino = np.flatnonzero(missing & named)
        if len(with_nino):
            unique, first, inverse = np.unique(ninos[with_nino], return_index=True, return_inverse=True)
            numbers = self._persons.new_members(len(unique))
            self._persons.add_identities(unique, numbers)
            self._newcomers(rows, with_nino[first], numbers, provisional=False)
            member[with_nino] = numbers[inverse]
            self._remember_jobs(
                rows, payers, member, np.isin(np.arange(len(rows)), with_nino) & (rows.payroll_id != b"")
            )
        without = np.flatnonzero(missing & ~named)
        if len(without):
            keys = [(int(payers[row]), bytes(rows.payroll_id[row]), int(rows.born[row])) for row in without]
            numbers_by_key: dict[tuple[int, bytes, int], int] = {}
            firsts = [row for position, row in enumerate(without) if keys.index(keys[position]) == position]
            numbers = self._persons.new_members(len(firsts))
            self._newcomers(rows, np.array(firsts), numbers, provisional=True)
            for row, number in zip(firsts, numbers, strict=True):
                numbers_by_key[(int(payers[row]), bytes(rows.payroll_id[row]), int(rows.born[row]))] = int(number)
            member[without] = [numbers_by_key[key] for key in keys]
            self._remember_jobs(rows, payers, member, np.isin(np.arange(len(rows)), without))
            self.newcomers.provisional += len(firsts)
        return member

    def _newcomers(self, rows: Rows, at: Int, numbers: Int, *, provisional: bool) -> None:
        people: list[tuple[Any, ...]] = []
        for row, number in zip(at.tolist(), numbers.tolist(), strict=True):
            said: Mapping[str, str] = rows.person(row)
            born = None if rows.born[row] == NONE else date_of(int(rows.born[row]))
            people.append((number, *(said.get(name, "") for name in NAMES_KEPT), born, provisional))
        with (
            self._connection.cursor() as cursor,
            cursor.copy(
                "copy personal.person (member, forename, surname, email, address, postcode, born, provisional) from stdin"
            ) as copy,
        ):
            for person in people:
                copy.write_row(person)
        self.newcomers.members.append(np.asarray(numbers))
        self.newcomers.born.append(rows.born[at])

    def _remember_jobs(self, rows: Rows, payers: Int, member: Int, which: Bool) -> None:
        for payer in np.unique(payers[which]):
            at = np.flatnonzero(which & (payers == payer))
            ids = [text.decode() for text in rows.payroll_id[at]]
            self._persons.add_employments(int(payer), ids, rows.born[at], member[at])


def naming_part(ninos: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """NINOs as they are looked up: the eight characters that name a person, without the suffix that does not."""
    return ninos.astype("S8")
