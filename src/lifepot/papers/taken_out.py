"""All that the scheme has of one member, for machines to read: who they are, every fact that was told, every entry with its reason."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, Kind
from lifepot.papers.member import member_figures
from lifepot.periods import format_day
from lifepot.scheme.history import History
from lifepot.scheme.sources import value_in_words
from lifepot.scheme.statement import read_member
from lifepot.storage.rows import Event

AMOUNTS = ("amount", "earnings", "worker", "employer")
"""Of a fact, minor units."""


PERSON = ("forename", "surname", "born", "email", "address", "postcode", "bank_details")


def all_of(connection: psycopg.Connection[Any], member: int, members: list[int]) -> Iterator[tuple[str, Any]]:
    """A name and a value as JSON carries it, one after the other. `members`: all numbers that are theirs."""
    yield "person", _person(connection, members)
    yield "statement", member_figures(connection, member).as_dict()
    yield "facts", _facts(connection, member)


def _person(connection: psycopg.Connection[Any], members: list[int]) -> list[dict[str, Any]]:
    found = []
    for member in members:
        row = connection.execute(
            "select forename, surname, born, email, address, postcode, bank_details from personal.person where member = %s",
            [member],
        ).fetchone()
        ninos = connection.execute("select nino from personal.identity where member = %s", [member]).fetchall()
        works = connection.execute(
            "select payer.ref, payroll_id from personal.employment join payer on payer.id = employment.payer "
            "where member = %s order by 1, 2",
            [member],
        ).fetchall()
        told = dict(zip(PERSON, row or ("", "", None, "", "", "", ""), strict=True))
        found.append(
            {
                "member": member, **told, "born": None if told["born"] is None else told["born"].isoformat(),
                "national_insurance_numbers": [nino for (nino,) in ninos],
                "works_for": [{"payer": ref, "payroll_id": payroll_id} for ref, payroll_id in works],
            }
        )  # fmt: skip
    return found


def _facts(connection: psycopg.Connection[Any], member: int) -> list[dict[str, Any]]:
    """Every fact that is read as the member's, those that were replaced or removed among them, in the order they became known."""
    history = History(connection, read_member(connection, member))
    rows = history.rows[np.argsort(history.rows["id"], kind="stable")]
    standing, found = history.standing, []
    for row in rows:
        number, attribute = int(row["id"]), int(row["attribute"])
        kind = int(row["kind"])
        said: dict[str, Any] = history.sources[number].as_dict()
        said |= {f"{name}_minor": int(row[name]) for name in AMOUNTS if row[name] not in (NONE, 0)}
        if row["hours"] != NONE and row["hours"]:
            said["hours_hundredths"] = int(row["hours"])
        if kind == Kind.STATUS and attribute >= 0:
            name = standing.attributes[attribute]
            said |= {"attribute": name, "value": value_in_words(standing, name, int(row["value"]))}
        if kind in {Event.BORN, Event.JOINED}:
            said["day"] = format_day(int(row["value"]))
        if row["replaces"]:
            said["replaces"] = int(row["replaces"])
        said["stands"] = history.current.get(number) == number
        found.append(said)
    return found
