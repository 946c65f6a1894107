"""Why: the reason of an entry in plain words, told by the audit's replay from the rule that ran."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.audit.reason import explain
from lifepot.audit.told import Person, Told
from lifepot.errors import Misuse
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Kind
from lifepot.periods import date_of
from lifepot.rulebook.terms import Rulebook
from lifepot.scheme.lives import Lives, read_lives, read_rows
from lifepot.scheme.standing import Standing, Version, read_standing
from lifepot.scheme.statement import Entry, fact_sources, read_statement
from lifepot.storage.rows import blank_facts


@dataclass(frozen=True, slots=True)
class Reason:
    """An entry and the lines that explain it."""

    entry: Entry
    lines: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The reason as JSON carries it."""
        return {
            "entry": self.entry.entry,
            "rule": self.entry.rule,
            "amount_minor": self.entry.minor,
            "standing": self.entry.standing,
            "because": self.entry.because,
            "lines": self.lines,
        }


def why(connection: psycopg.Connection[Any], member: int, entry: int | None = None, most: int = 5) -> list[Reason]:
    """Reasons for one entry of a member, or for the last few. Misuse where the member has no such entry."""
    statement = read_statement(connection, member)
    entries = [one for one in statement.entries if entry is None or one.entry == entry]
    if entry is not None and not entries:
        raise Misuse(f"Member {member} has no entry {entry}.", remedy="`lifepot statement` lists the entries.")
    if entry is None:
        entries = entries[-most:]
    standing = read_standing(connection)
    store = standing.store(connection)
    members = np.array([member])
    owner, rows = read_rows(store, members, blank_facts(0))
    lives = read_lives(members, owner, rows)
    root_by_fact = dict(zip(rows["id"].tolist(), rows["root"].tolist(), strict=True))
    current_by_root = dict(zip(lives.rows["root"].tolist(), lives.rows["id"].tolist(), strict=True))
    sources = fact_sources(connection, standing, lives.rows)
    return [Reason(one, _lines(standing, lives, one, root_by_fact, current_by_root, sources)) for one in entries]


def _lines(
    standing: Standing,
    lives: Lives,
    entry: Entry,
    root_by_fact: dict[int, int],
    current_by_root: dict[int, int],
    sources: dict[int, str],
) -> list[str]:
    current = current_by_root.get(root_by_fact.get(entry.fact, 0))
    if not entry.rule:
        return [f"No rule: {entry.because}."]
    if current is None:
        return [f"{entry.rule}: {entry.because} is no longer there, so what followed from it was taken back."]
    on = int(lives.rows["effective_on"][lives.rows["id"] == current][0])
    version = [one for one in standing.versions if one.effective_from <= on][-1]
    rulebook = version.program.rulebook
    if entry.rule not in rulebook.rules:
        return [
            f"{entry.rule}: the rulebook in force on that day has no such rule, so what it had given was taken back."
        ]
    person, told = as_told(standing, version, lives)
    lines = explain(rulebook, person, told, current, entry.rule, as_of=date_of(standing.as_of))
    return [f"Because of {sources[current]}.", *lines]


def as_told(standing: Standing, version: Version, lives: Lives) -> tuple[Person, list[Told]]:
    """The one member's life as the audit is told it."""
    born, joined = int(lives.people.born[0]), int(lives.people.joined[0])
    person = Person(None if born == NONE else date_of(born), None if joined == NONE else date_of(joined))
    rulebook = version.program.rulebook
    purposes = list(rulebook.purposes)
    told = []
    for row, refused in zip(lives.rows, lives.refused, strict=True):
        kind = Kind(int(row["kind"]))
        attribute = standing.attributes[int(row["attribute"])] if row["attribute"] >= 0 else ""
        if kind is Kind.STATUS and attribute not in rulebook.attributes:
            continue
        value = ""
        if kind is Kind.STATUS:
            value = decode(rulebook, attribute, int(row["value"]))
        elif kind is Kind.WITHDRAWN and row["value"] >= 0:
            value = purposes[int(row["value"])]
        told.append(
            Told(
                ref=int(row["id"]), root=int(row["root"]), member=int(row["member"]), on=date_of(int(row["effective_on"])),
                kind=kind.name.lower(), payer=int(row["payer"]), amount=_said(row["amount"], int(refused)), earnings=_said(row["earnings"]),
                hours=_said(row["hours"]), worker=_said(row["worker"]), employer=_said(row["employer"]),
                frequency=FREQUENCY_WORDS[int(row["frequency"])] if row["frequency"] >= 0 else None,
                period_start=None if row["period_start"] == NONE else date_of(int(row["period_start"])),
                period_end=None if row["period_end"] == NONE else date_of(int(row["period_end"])),
                attribute=attribute, value=value,
            )
        )  # fmt: skip
    return person, told


def _said(minor: Any, less: int = 0) -> int | None:
    return None if minor == NONE else int(minor) - less


def decode(rulebook: Rulebook, name: str, value: int) -> str:
    """The text of an attribute's number, as files write it."""
    attribute = rulebook.attributes[name]
    if attribute.choices is not None:
        return attribute.choices[value]
    if attribute.kind == "yes_no":
        return "yes" if value else "no"
    if attribute.kind == "day":
        return date_of(value).isoformat()
    if attribute.kind == "percent":
        return f"{value // 10_000}.{value % 10_000:04d}"
    if attribute.kind == "money":
        return f"{value // 100}.{value % 100:02d}"
    return str(value)
