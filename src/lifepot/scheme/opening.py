"""Opening a scheme from a rulebook, and adopting a later version of it."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import LifepotError
from lifepot.kernel.columns import PARTIES
from lifepot.periods import date_of, day_of
from lifepot.rulebook.reader import RulebookFaults, parse_rulebook
from lifepot.rulebook.terms import Rulebook
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.database import apply_schema
from lifepot.storage.store import Batch, Store


@dataclass(frozen=True, slots=True)
class Clock:
    """Who does something, when the clock says it is, and the day it is looked at as of."""

    who: str
    known_at: datetime
    as_of: int

    @classmethod
    def at(cls, who: str, known_at: datetime, as_of: int | None = None) -> "Clock":
        """As of the clock's own day, if no other was asked for."""
        return cls(who, known_at, day_of(known_at.date()) if as_of is None else as_of)

    def is_by(self, who: str) -> bool:
        """Whether whoever does it is somebody who was written down before."""
        return same_person(self.who, who)


def same_person(one: str, other: str) -> bool:
    """Whether two texts written beside what was done name one person. Of somebody who signed in the number behind the name counts
    alone: people may change what an identity provider calls them, and are no second pair of eyes by it.
    """
    return one.strip().casefold() == other.strip().casefold() or (
        _login(one) is not None and _login(one) == _login(other)
    )


def _login(who: str) -> str | None:
    found = re.search(r" #([0-9]+)\s*$", who)
    return None if found is None else found[1]


def open_scheme(connection: psycopg.Connection[Any], text: str, file: str, clock: Clock) -> Batch:
    """Make the tables and open the scheme in one transaction. Raises `RulebookFaults`, and `LifepotError` where a scheme is."""
    rulebook = _checked(text, file)
    laid = connection.execute("select to_regclass('scheme') is not null").fetchone()
    if laid is None or not laid[0] or connection.execute("select from scheme").fetchone() is not None:
        # Refuses where there is a scheme already; empty tables, as a tool or a test may have laid them, are used.
        apply_schema(connection)
    connection.execute(
        "insert into scheme (name, title, currency, opened_on, parts) values (%s, %s, %s, %s, %s)",
        [rulebook.name, rulebook.title, rulebook.currency, date_of(clock.as_of), len(rulebook.accounts)],
    )
    store = Store(connection)
    store.lock_members(np.array([0]))
    batch = store.begin_batch()
    _register(connection, rulebook, text, day_of(date_of(clock.as_of)), batch, from_the_beginning=True)
    finished = store.finish_batch(
        kind="open",
        who=clock.who,
        known_at=clock.known_at,
        as_of_day=clock.as_of,
        key="open",
        summary={"rulebook": rulebook.name},
    )
    connection.commit()
    return finished


def register_version(
    connection: psycopg.Connection[Any], standing: Standing, text: str, file: str, from_day: int, batch: int
) -> Rulebook:
    """Write a new version of the scheme's rulebook, in force from a day. LifepotError where it cannot follow the old one."""
    rulebook = _checked(text, file)
    _follows(standing, rulebook, file)
    _register(connection, rulebook, text, from_day, batch, from_the_beginning=False)
    return rulebook


def _checked(text: str, file: str) -> Rulebook:
    rulebook, faults = parse_rulebook(text, file)
    if rulebook is None or faults:
        raise RulebookFaults(faults)
    return rulebook


def _follows(standing: Standing, new: Rulebook, file: str) -> None:
    """A later version may not change what facts already mean: currency, parts, and the order of choices and purposes."""
    old = standing.program.rulebook

    def refuse(what: str) -> None:
        raise LifepotError(
            f"{file} cannot follow the rulebook in force: {what}.",
            remedy="Leave in the new version what the old one has, in its order, and put what is new after it.",
        )

    if new.currency != old.currency:
        refuse(f"its currency is {new.currency}, the scheme's is {old.currency}")
    if list(new.accounts) != list(old.accounts):
        refuse("it divides the pot otherwise")
    if list(new.purposes)[: len(old.purposes)] != list(old.purposes):
        refuse("its purposes are not the old ones, in their order, and new ones after them")
    for name, attribute in old.attributes.items():
        other = new.attributes.get(name)
        if other is not None and (
            other.kind != attribute.kind
            or (other.choices or [])[: len(attribute.choices or [])] != (attribute.choices or [])
        ):
            refuse(f"attribute {name} is of another kind, or its choices stand in another order")
    for name, rule in old.rules.items():
        same = new.rules.get(name)
        if same is not None and (same.party, same.account) != (rule.party, rule.account):
            refuse(f"rule {name} is another party's, or another part's")


def _register(
    connection: psycopg.Connection[Any],
    rulebook: Rulebook,
    text: str,
    from_day: int,
    batch: int,
    *,
    from_the_beginning: bool,
) -> None:
    """Rows for the version and for rules and attributes not numbered yet. A scheme's first version speaks for all days."""
    connection.execute(
        "insert into rulebook_version (id, name, text, sha256, effective_from, batch) "
        "select coalesce(max(id), 0) + 1, %s, %s, %s, %s, %s from rulebook_version",
        [
            rulebook.name,
            text,
            hashlib.sha256(text.encode()).digest(),
            "1900-01-01" if from_the_beginning else date_of(from_day),
            batch,
        ],
    )
    for name, rule in rulebook.rules.items():
        connection.execute(
            "insert into rule (id, name, party, part, batch) select coalesce(max(id), 0) + 1, %s, %s, %s, %s from rule "
            "having not exists (select from rule where name = %s)",
            [name, PARTIES.index(rule.party), list(rulebook.accounts).index(rule.account), batch, name],
        )
    for name in rulebook.attributes:
        connection.execute(
            "insert into attribute (id, name, batch) select coalesce(max(id), -1) + 1, %s, %s from attribute "
            "having not exists (select from attribute where name = %s)",
            [name, batch, name],
        )


__all__ = ["Clock", "open_scheme", "read_standing", "register_version"]
