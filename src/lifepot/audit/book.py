"""A scheme's settings as an audit reads them: its rulebooks, and what its numbers for rules, attributes and words mean."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

import psycopg

from lifepot.audit.findings import Findings
from lifepot.audit.tables import NO_DAY, NOT_SAID, Fact
from lifepot.audit.told import ORDER_OF_KINDS, Told
from lifepot.errors import LifepotError
from lifepot.periods import date_of
from lifepot.rulebook.reader import parse_rulebook
from lifepot.rulebook.terms import Attribute, Rulebook

FREQUENCIES = ("week", "2week", "3week", "4week", "month", "3month", "6month", "year")
"""Words of the numbers in column `frequency`."""

PARTIES = ("worker", "employer", "government")
"""Words of the numbers in column `party`."""

TO_2000 = date(2000, 1, 1)
"""The day from which PostgreSQL counts."""


@dataclass(frozen=True)
class Book:
    """The scheme's versions of its rulebook, each with its first day, and its names by their numbers."""

    currency: str
    parts: int
    versions: list[tuple[date, Rulebook]]
    rules: dict[int, str]
    shares: dict[int, int]
    """Of each rule's number, whose money of which part of the pot it brings: the party's number, and three for each part."""
    attributes: dict[int, str]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The rules' numbers by their names."""
        return {name: number for number, name in self.rules.items()}

    @property
    def latest(self) -> Rulebook:
        """The rulebook in force last."""
        return self.versions[-1][1]

    def told(self, row: Fact, refused: int) -> Told:
        """A row of table `fact` as the replay hears it, with what of its amount was refused taken off.

        Raises LookupError or ValueError where it says something that has no meaning in this scheme.
        """
        kind, amount, on = ORDER_OF_KINDS[row.kind], _said(row.amount), day(row.effective_on)
        attribute = word = ""
        if kind == "status":
            attribute = self.attributes[row.attribute]
            word = in_words(self._attribute(attribute), row.value)
        elif kind == "withdrawn" and row.value >= 0:
            word = list(self.latest.purposes)[row.value]
        if on is None:
            raise ValueError("it says no day")
        return Told(
            ref=row.id,
            root=row.root,
            member=row.member,
            on=on,
            kind=kind,
            payer=row.payer,
            amount=None if amount is None else amount - min(refused, amount),
            earnings=_said(row.earnings),
            hours=_said(row.hours),
            worker=_said(row.worker),
            employer=_said(row.employer),
            frequency=FREQUENCIES[row.frequency] if row.frequency >= 0 else None,
            period_start=day(row.period_start),
            period_end=day(row.period_end),
            attribute=attribute,
            value=word,
        )

    def _attribute(self, name: str) -> Attribute:
        """The attribute in the last version that has it: its choices are the earlier ones and perhaps more."""
        return next(book.attributes[name] for _, book in reversed(self.versions) if name in book.attributes)


def read_book(connection: psycopg.Connection[Any], findings: Findings) -> Book:
    """The scheme in this database. LifepotError if there is none, or its rulebook cannot be read."""
    try:
        scheme = connection.execute("select name, title, currency, opened_on::text, parts from scheme").fetchone()
    except psycopg.errors.UndefinedTable:
        scheme = None
    if scheme is None:
        raise LifepotError("There is no scheme here yet.", remedy="Open one: `lifepot open lifetime-savings-account`.")
    versions: list[tuple[date, Rulebook]] = []
    texts = connection.execute(
        "select id, name, text, sha256, effective_from from rulebook_version order by effective_from, id"
    )
    for number, name, text, sha256, effective_from in texts.fetchall():
        if hashlib.sha256(text.encode()).digest() != bytes(sha256):
            findings.add(
                "scheme",
                f"table rulebook_version, id {number}",
                "another text",
                f"the one with SHA-256 {bytes(sha256).hex()}",
            )
        rulebook, faults = parse_rulebook(text, f"{name}.yaml")
        if rulebook is None or faults:
            raise LifepotError(
                f"The rulebook kept in this scheme can no longer be read ({faults[0]}).",
                remedy="Verify with the release of Lifepot that adopted it.",
            )
        # A later version from the same or an earlier day takes the place of those it covers.
        versions = [one for one in versions if one[0] < effective_from]
        versions.append((effective_from, rulebook))
    if not versions:
        raise LifepotError("This scheme has lost its rulebook.", remedy="Restore the database from a copy.")
    rules = connection.execute("select id, name, party, part from rule").fetchall()
    attributes = connection.execute("select id, name from attribute").fetchall()
    book = Book(
        scheme[2].strip(),
        scheme[4],
        versions,
        {one[0]: one[1] for one in rules},
        {one[0]: one[2] + 3 * one[3] for one in rules},
        dict(attributes),
    )
    _check_scheme(connection, scheme, findings)
    _check_names(book, rules, findings)
    return book


def _check_scheme(connection: psycopg.Connection[Any], scheme: Any, findings: Findings) -> None:
    """The scheme's own row is in no digest: it must be what its first rulebook and its first batch say."""
    first = connection.execute("select name, text from rulebook_version order by id limit 1").fetchone()
    opened = connection.execute("select as_of::text from batch order by place limit 1").fetchone()
    rulebook = parse_rulebook(first[1], f"{first[0]}.yaml")[0] if first else None
    if rulebook is not None and opened is not None:
        expected = (rulebook.name, rulebook.title, rulebook.currency, opened[0], len(rulebook.accounts))
        named = zip(("name", "title", "currency", "opened_on", "parts"), scheme, expected, strict=True)
        for column, found, right in named:
            if found != right:
                findings.add("scheme", f"table scheme, column {column}", found, right)


def _check_names(book: Book, rules: list[Any], findings: Findings) -> None:
    """Every rule of every version has a number, and its number its party and part."""
    numbered = {name: (party, part) for _, name, party, part in rules}
    for first, rulebook in book.versions:
        for name, rule in rulebook.rules.items():
            right = (PARTIES.index(rule.party), list(rulebook.accounts).index(rule.account))
            if numbered.get(name) != right:
                where = f"table rule, {name} of the rulebook from {first.isoformat()}"
                findings.add("scheme", where, f"party and part {numbered.get(name)}", right)
        for name in rulebook.attributes.keys() - set(book.attributes.values()):
            findings.add(
                "scheme", f"table attribute, {name} of the rulebook from {first.isoformat()}", "no number", "one"
            )


def in_words(attribute: Attribute, value: int) -> str:
    """An attribute's value as its rulebook writes it. Raises LookupError or ValueError where it has none such."""
    if value < 0:
        raise ValueError("it says no value")
    match attribute.kind:
        case "choice":
            return list(attribute.choices or ())[value]
        case "yes_no":
            return "yes" if value else "no"
        case "money":
            return f"{value // 100}.{value % 100:02d}"
        case "percent":
            return f"{value // 10_000}.{value % 10_000:04d}"
        case "day":
            return date_of(value).isoformat()
        case _:
            return str(value)


def _said(figure: int) -> int | None:
    return None if figure == NOT_SAID else figure


@lru_cache(maxsize=100_000)
def day(wire: int) -> date | None:
    """A day as COPY writes it; None where it was not said. ValueError for one that is on no calendar."""
    if wire == NO_DAY:
        return None
    try:
        return TO_2000 + timedelta(days=wire)
    except OverflowError:
        raise ValueError(f"day {wire} after 2000-01-01 is on no calendar") from None
