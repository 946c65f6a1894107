"""What a payer's clerk wants to know first: what is asked of it and by when, what has not come, what waits for an answer."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.periods import day_of, format_day
from lifepot.scheme.arriving import Overdue, overdue
from lifepot.scheme.claim_show import Made, list_claims
from lifepot.scheme.claim_terms import terms_for
from lifepot.scheme.standing import read_standing

MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class FileTold:
    """A received file of the payer's: `waits` for an answer (a second file for a period), `open_rows` were refused and still are."""

    file: int
    name: str
    layout: str
    received_at: str
    size: int
    open_rows: int
    waits: bool

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "file": self.file, "name": self.name, "layout": self.layout, "received_at": self.received_at, "size": self.size,
            "open_rows": self.open_rows, "waits": self.waits,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PayersDay:
    """A payer's day. `period_end`: of the last claim period that is over; what is owed for it can be asked in time until
    `claim_until` (None: at any time). Days since 1970-01-01.
    """

    ref: str
    names: list[str]
    currency: str
    as_of: int
    terms: str
    period_end: int
    claim_until: int | None
    overdue: list[Overdue]
    claims: list[Made]
    files: list[FileTold]

    @property
    def waiting(self) -> list[FileTold]:
        """Files that wait for an answer."""
        return [one for one in self.files if one.waits]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "payer": self.ref, "names": self.names, "currency": self.currency, "as_of": format_day(self.as_of), "terms": self.terms,
            "period_end": format_day(self.period_end), "claim_until": None if self.claim_until is None else format_day(self.claim_until),
            "overdue": [one.as_dict() for one in self.overdue], "claims": [one.as_dict() for one in self.claims],
            "files": [one.as_dict() for one in self.files],
        }  # fmt: skip


def payers_day(connection: psycopg.Connection[Any], payer: int, as_of: int) -> PayersDay:
    """The day of a payer, for a connection that sees with that payer's eyes: what it does not see is not in it."""
    standing = read_standing(connection)
    today = max(as_of, standing.as_of)
    terms = terms_for(standing.program.rulebook, payer)
    period_end = terms.last_end_before(today + 1)
    ref, names = _names(connection, payer)
    return PayersDay(
        ref, names, standing.currency, today, terms.in_words(), period_end, terms.due_on(period_end), overdue(connection, today),
        list_claims(connection), files_of(connection),
    )  # fmt: skip


def files_of(connection: psycopg.Connection[Any], file: int | None = None) -> list[FileTold]:
    """The received files that the connection sees, the latest first; or the one of a number."""
    rows = connection.execute(
        "select file, name, layout, received_at, size, (select count(distinct file_row) from personal.reject where reject.file = "
        "received_file.file and state = 'open'), exists (select from personal.question where question.file = received_file.file "
        "and answer is null) from personal.received_file where %(file)s::integer is null or file = %(file)s order by file desc limit %(most)s",
        {"file": file, "most": MOST_FILES},
    ).fetchall()
    return [FileTold(one[0], one[1], one[2], one[3].isoformat(), *one[4:]) for one in rows]


def _names(connection: psycopg.Connection[Any], payer: int) -> tuple[str, list[str]]:
    row = connection.execute("select ref from payer where id = %s", [payer]).fetchone()
    assert row is not None, "a seat is of a payer that there is"
    aliases = connection.execute("select ref from payer_alias where payer = %s order by ref", [payer]).fetchall()
    return row[0], [row[0], *(alias for (alias,) in aliases)]


@dataclass(frozen=True, slots=True)
class Waits:
    """A file that waits: for which pay, and which file told it before."""

    file: int
    period_start: int
    period_end: int
    earlier: str


def question_of(connection: psycopg.Connection[Any], file: int) -> Waits | None:
    """What a file waits for to be told; None where it does not wait."""
    row = connection.execute(
        "select question.file, period_start, period_end, coalesce(name, '') from personal.question "
        "left join personal.received_file on received_file.file = earlier_file where question.file = %s and answer is null",
        [file],
    ).fetchone()
    return None if row is None else Waits(row[0], day_of(row[1]), day_of(row[2]), row[3])


def faults_of(connection: psycopg.Connection[Any], file: int, most: int = 500) -> list[dict[str, Any]]:
    """The faults of a received file whose rows are still refused, as its reply told them, in its order."""
    names = ("reject", "row", "line", "column", "code", "path", "found", "expected")
    rows = connection.execute(
        "select id, file_row, line, file_column, code, path, found, expected from personal.reject "
        "where file = %s and state = 'open' order by file_row, id limit %s",
        [file, most],
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
