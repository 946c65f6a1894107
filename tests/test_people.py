"""Corrections about persons are facts like any other, and erasure leaves books that still stand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.people import add_alias, correct_birth_day, erase, merge, split
from lifepot.scheme.receive import receive
from lifepot.scheme.statement import find_member, read_statement
from lifepot.storage.database import Database

HEAD = "payer,kind,on,nino,payroll_id,forename,surname,born,email,period_start,period_end,frequency,earnings,hours,worker,employer,amount,attribute,value,reason\n"


def clock(day: str) -> Clock:
    """A clock that stands still."""
    return Clock("test", datetime(2026, 6, 1, tzinfo=UTC), parse_day(day))


@pytest.fixture
def connection(database: Database) -> Any:
    """A scheme, opened."""
    with database.connect() as opened:
        text, name = rulebook_text("lifetime-savings-account")
        open_scheme(opened, text, name, clock("2026-04-06"))
        yield opened


def pay(
    payer: str, nino: str, payroll_id: str, on: str = "2026-05-29", born: str = "1990-01-01", worker: str = "30.00"
) -> str:
    """A pay row of £1,000."""
    return f"{payer},pay,{on},{nino},{payroll_id},Ana,Smith,{born},,,,month,1000.00,,{worker},30.00,,,,\n"


def send(connection: psycopg.Connection[Any], directory: Path, name: str, *rows: str) -> Any:
    """Receives a file with these rows."""
    (directory / name).write_text(HEAD + "".join(rows))
    return receive(connection, directory / name, clock("2026-05-31"))


def pot(connection: psycopg.Connection[Any], member: int) -> int:
    """Everything in and owed to a pot."""
    statement = read_statement(connection, member)
    return sum(statement.usable.values()) + sum(statement.owed.values())


def test_two_members_become_one(connection: Any, tmp_path: Path) -> None:
    """Merging posts what one person's cap and month give, and the other number shows nothing any more."""
    send(connection, tmp_path, "a.csv", pay("ACME", "AB123456A", "1"), pay("BETA", "", "9"))
    assert (pot(connection, 1), pot(connection, 2)) == (7800, 7800)
    merge(connection, 2, 1, clock("2026-05-31"))
    # one base of £3 for the month instead of two
    assert (pot(connection, 1), pot(connection, 2)) == (15300, 0)
    send(connection, tmp_path, "b.csv", pay("BETA", "", "9", on="2026-05-30"))
    assert (pot(connection, 1), pot(connection, 2)) == (22800, 0)


def test_one_member_becomes_two(connection: Any, tmp_path: Path) -> None:
    """Splitting moves a payer's pay to a member of its own, and leaves the rest."""
    send(connection, tmp_path, "a.csv", pay("ACME", "AB123456A", "1"), pay("BETA", "AB123456A", "9"))
    assert pot(connection, 1) == 15300
    other, _ = split(connection, 1, ["BETA"], None, clock("2026-05-31"))
    assert (pot(connection, 1), pot(connection, other)) == (7800, 7800)


def test_what_was_split_off_stays_so_when_the_rest_is_merged(connection: Any, tmp_path: Path) -> None:
    """A fact is read as one member's alone, whatever order splits and mergers came in."""
    send(
        connection,
        tmp_path,
        "a.csv",
        pay("ACME", "AB123456A", "1"),
        pay("BETA", "AB123456A", "9"),
        pay("GAMMA", "CE123456A", "3"),
    )
    other, _ = split(connection, 1, ["BETA"], None, clock("2026-05-31"))
    merge(connection, 1, 2, clock("2026-05-31"))
    assert (pot(connection, 1), pot(connection, 2), pot(connection, other)) == (0, 15300, 7800)
    merge(connection, other, 2, clock("2026-05-31"))
    assert (pot(connection, 1), pot(connection, 2), pot(connection, other)) == (0, 22800, 0)


def test_a_birth_day_corrected_opens_the_account(connection: Any, tmp_path: Path) -> None:
    """Somebody too young by a slip of the pen gets what is due once the birth day is right."""
    send(connection, tmp_path, "a.csv", pay("ACME", "AB123456A", "1", born="2019-01-01"))
    assert pot(connection, 1) == 0
    correct_birth_day(connection, 1, parse_day("1991-01-01"), clock("2026-05-31"))
    assert pot(connection, 1) == 7800


def test_an_alias_makes_two_references_one_payer(connection: Any, tmp_path: Path) -> None:
    """A second reference for a payer leads to the same payer's periods, so a second file for one waits."""
    send(connection, tmp_path, "a.csv", pay("ACME", "AB123456A", "1"))
    add_alias(connection, "ACME", "123/A1", clock("2026-05-31"))
    assert send(connection, tmp_path, "b.csv", pay("123/A1", "AB123456A", "1", worker="31.00")).state == "waiting"


def test_erasure_takes_the_person_and_leaves_the_books(connection: Any, tmp_path: Path) -> None:
    """After erasure nothing names the person, the entries stand, and a file sent again re-creates nobody."""
    send(connection, tmp_path, "a.csv", pay("ACME", "AB123456A", "1"), pay("ACME", "CE123456A", "2"))
    before = pot(connection, 1)
    erased = erase(connection, find_member(connection, "AB123456A"), clock("2026-05-31"))
    assert erased.rows_blanked == 1
    assert pot(connection, 1) == before
    names = connection.execute("select count(*) from personal.person where member = 1").fetchone()
    assert names == (0,)
    dump = connection.execute("select string_agg(content, '') from personal.received_block").fetchone()[0]
    from lifepot.scheme.keeping import decompress

    assert b"AB123456A" not in decompress(bytes(dump))
    assert b"CE123456A" in decompress(bytes(dump))
    reply = send(connection, tmp_path, "b.csv", pay("ACME", "AB123456A", "1", on="2026-05-30"))
    assert [fault.code for fault in reply.faults] == ["person_erased"]
    assert np.array_equal([pot(connection, 1)], [before])
