"""A scheme as it stands: its versions of the rulebook, its numbers for rules and attributes, and a store to work in."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError
from lifepot.kernel.program import Program, compile_program
from lifepot.periods import day_of
from lifepot.rulebook.reader import parse_rulebook
from lifepot.storage.queries import query
from lifepot.storage.store import Store

Int = NDArray[np.int64]

AS_IT_STANDS = 2**31 - 1
"""A place of the chain that none is behind."""

CARRIED_FIRST = 3
"""What stands before the kernel's registers in a closing: the version they belong to (0: the member is read whole),
the birth day, and the day the account was opened on request."""


@dataclass(frozen=True, slots=True)
class Version:
    """A rulebook in force from a day on. `rule_numbers` and `attribute_numbers` are the scheme's, by the program's order."""

    number: int
    effective_from: int
    program: Program
    rule_numbers: Int
    attribute_numbers: Int

    def attribute_positions(self, size: int) -> Int:
        """The program's position of each of the scheme's attribute numbers; -1 for those it does not know."""
        positions = np.full(size, -1, dtype=np.int64)
        positions[self.attribute_numbers] = np.arange(len(self.attribute_numbers))
        return positions


@dataclass(slots=True)
class Standing:
    """The scheme's own settings, read at the beginning of a piece of work."""

    name: str
    title: str
    currency: str
    opened_on: int
    as_of: int
    """The latest day any member was settled as of: time does not run back, for what has fallen due stays due."""
    versions: list[Version]
    parties: Int
    """Party of each of the scheme's rule numbers."""
    parts: Int
    """Part of the pot of each of the scheme's rule numbers."""
    within: NDArray[np.bool_]
    """Whether each rule number's charge is part of the withdrawal it is charged on."""
    rule_names: dict[int, str]
    attributes: list[str]
    part_names: list[str]
    carried: int
    """Registers that a closing has room for, `CARRIED_FIRST` included."""

    @property
    def latest(self) -> Version:
        """The version in force last."""
        return self.versions[-1]

    @property
    def program(self) -> Program:
        """The latest version's program."""
        return self.latest.program

    def store(self, connection: psycopg.Connection[Any]) -> Store:
        """A store on this connection, for this scheme's closings."""
        return Store(connection, parts=len(self.part_names), carry_bytes=8 * self.carried)


def read_standing(connection: psycopg.Connection[Any], place: int | None = None) -> Standing:
    """The scheme in this database, as known at a place of the chain (not before its opening), or as it stands. LifepotError if
    there is none.
    """
    try:
        row = (
            connection.cursor(binary=True)
            .execute(query("standing"), {"place": AS_IT_STANDS if place is None else place})
            .fetchone()
        )
    except psycopg.errors.UndefinedTable:
        row = None
        connection.rollback()
    if row is None:
        raise LifepotError("There is no scheme here yet.", remedy="Open one: `lifepot open lifetime-savings-account`.")
    as_of, *settings = row
    kept = _standing(connection, *(tuple(one) if isinstance(one, list) else one for one in settings))
    return replace(kept, as_of=day_of(as_of))


_KEPT: dict[tuple[Any, ...], Standing] = {}
"""What was last read, by all it was made of: settings change with the rulebook, and every page asks for them."""

MOST_KEPT = 16


def _standing(connection: psycopg.Connection[Any], *settings: Any) -> Standing:
    """The standing made of these settings, but for its day. Nothing in it may be changed."""
    if settings not in _KEPT:
        while len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[settings] = _made_of(connection, *settings)
    return _KEPT[settings]


def _made_of(
    connection: psycopg.Connection[Any], name: str, title: str, currency: str, opened_on: date,
    rules: tuple[str, ...] | None, rule_parties: tuple[int, ...] | None, rule_parts: tuple[int, ...] | None,
    attributes: tuple[str, ...] | None, numbers: tuple[int, ...], digests: tuple[bytes, ...], days: tuple[date, ...],
) -> Standing:  # fmt: skip
    """Of rules and attributes by number, and of versions by day and number, a tuple for each column."""
    del digests  # what the texts are known by
    texts = {
        number: (text, book)
        for number, text, book in connection.execute(
            "select id, text, name from rulebook_version where id = any(%s)", [list(numbers)]
        )
    }
    number_by_rule = {rule: number for number, rule in enumerate(rules or (), 1)}
    number_by_attribute = {attribute: number for number, attribute in enumerate(attributes or ())}
    versions: list[Version] = []
    for number, effective_from in zip(numbers, map(day_of, days), strict=True):
        # A later version from the same or an earlier day takes the place of those it covers.
        versions = [one for one in versions if one.effective_from < effective_from]
        program = _program(*texts[number])
        versions.append(
            Version(
                number,
                effective_from,
                program,
                np.array([number_by_rule[rule] for rule in program.rules], dtype=np.int64),
                np.array([number_by_attribute[one] for one in program.attributes], dtype=np.int64),
            )
        )
    parties = np.array([0, *(rule_parties or ())], dtype=np.int64)
    parts = np.array([0, *(rule_parts or ())], dtype=np.int64)
    within = np.zeros(len(parties), dtype=np.bool_)
    for version in versions:
        within[version.rule_numbers] = [rule.net is not None for rule in version.program.rulebook.rules.values()]
    # The first version's registers set the width of all closings.
    first = _program(*texts[min(numbers)])
    return Standing(
        name, title, currency.strip(), day_of(opened_on), 0, versions, parties, parts, within,
        dict(enumerate(rules or (), 1)), list(attributes or ()),
        list(versions[-1].program.rulebook.accounts), CARRIED_FIRST + first.registers.size,
    )  # fmt: skip


def locked(connection: psycopg.Connection[Any], members: Int) -> tuple[Standing, Store]:
    """Locks members (numbers) and gives the scheme as it stands then: whoever adopts a version locks everybody."""
    store = read_standing(connection).store(connection)
    store.lock_members(members)
    return read_standing(connection), store


@lru_cache(maxsize=16)
def _program(text: str, name: str) -> Program:
    """The program of a rulebook's text. Reading one takes 50 ms, and a file a day uses the same one all year."""
    rulebook, faults = parse_rulebook(text, f"{name}.yaml")
    if rulebook is None or faults:
        raise LifepotError(
            f"The rulebook kept in this scheme can no longer be read ({faults[0]}).",
            remedy="Use the release of Lifepot that adopted it, or adopt a version this release reads.",
        )
    return compile_program(rulebook)
