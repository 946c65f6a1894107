"""Mending a bad row where it lies: its cells as they came, and in their place right ones, received as a small file of one row.

Only delimited files can be mended so: a row of theirs stands by itself under the file's first line. An employee of an XML file
stands within the document that speaks for it, and is put right by whoever wrote it.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from lifepot.errors import LifepotError, Misuse
from lifepot.intake.delimited import read_line
from lifepot.intake.header import match_header
from lifepot.intake.layouts import LAYOUTS, Form
from lifepot.scheme.accept import Work
from lifepot.scheme.kept_rows import kept_rows
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.scheme.reply import Reply
from lifepot.storage.rows import Rows

MODE = "adds"
"""A mended row is about pay that its file did not tell: it takes nothing's place."""

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A refused row. `cells` by column, in the file's order, "" where it has too few; `beyond`: those it has too many. `faults`: code,
    column, what was found and what is expected. `line` is its line in the file, `row` its number from 0.
    """

    reject: int
    file: int
    name: str
    layout: str
    row: int
    line: int
    cells: dict[str, str]
    beyond: list[str]
    faults: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "reject": self.reject, "file": self.file, "name": self.name, "layout": self.layout, "row": self.row, "line": self.line,
            "cells": self.cells, "beyond": self.beyond, "faults": self.faults,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of it: `state` is mended, preview (it would be), or still_wrong (nothing is kept; `reply` has the faults)."""

    state: str
    reject: int
    reply: Reply

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {"state": self.state, "reject": self.reject, "reply": self.reply.as_dict()}


class _StillWrongError(Exception):
    """The row was refused once more."""


def bad_rows(connection: psycopg.Connection[Any], file: int) -> list[BadRow]:
    """The refused rows of a delimited file that wait to be mended, in its order (the first thousand). LifepotError for XML."""
    return _read(connection, "file = %s", file)


def bad_row(connection: psycopg.Connection[Any], reject: int) -> BadRow:
    """The row of a reject. Misuse where there is none that waits; LifepotError where it cannot be mended so."""
    found = _read(connection, "(file, file_row) = (select file, file_row from personal.reject where id = %s)", reject)
    if not found:
        raise Misuse(
            f"No row waits under {reject}.",
            remedy="It was mended, accepted or erased, or its place in the file is not known.",
        )
    return found[0]


def _read(connection: psycopg.Connection[Any], which: str, asked: int) -> list[BadRow]:
    rejects = connection.execute(
        "select min(id), file, name, layout, head, file_row, min(line), "
        "json_agg(json_build_object('code', code, 'path', path, 'found', found, 'expected', expected) order by id) "
        f"from personal.reject join personal.received_file using (file) where {which} and state = 'open' and file_row >= 0 "
        "group by 2, 3, 4, 5, 6 order by file_row limit %s".encode(),
        [asked, MOST_ROWS],
    ).fetchall()
    if not rejects:
        return []
    _, file, name, layout, head, *_ = rejects[0]
    columns = _columns(name, layout, bytes(head))
    raw = kept_rows(connection, file, [row[5] for row in rejects])
    found = []
    for reject, _, _, _, _, number, line, faults in rejects:
        if number not in raw:
            continue
        texts = read_line(raw[number])
        cells = dict(zip(columns, [*texts, *[""] * len(columns)], strict=False))
        found.append(BadRow(reject, file, name, layout, number, line, cells, texts[len(columns) :], faults))
    return found


def _columns(name: str, layout: str, head: bytes) -> tuple[str, ...]:
    if LAYOUTS[layout].form is not Form.CSV:
        raise LifepotError(
            f"{name} is XML ({LAYOUTS[layout].title}), of which no single row can be mended here.",
            remedy="Put the employee right in payroll, and send the file again or what is missing with --adds.",
        )
    header, _ = match_header(name, head.rstrip(b"\r\n"), layout)
    assert header is not None, "a file of which rows were kept has a header"
    return header.names


def mended_file(row: BadRow, cells: Mapping[str, str]) -> tuple[str, bytes]:
    """Name and content of the small file: the columns of the row's file, and the row with these cells in the place of its own.

    Misuse for a column that the file has not.
    """
    if unknown := set(cells) - set(row.cells):
        raise Misuse(
            f"{row.name} has no column {', '.join(sorted(unknown))}.", remedy=f"Its columns are {', '.join(row.cells)}."
        )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(row.cells), list((row.cells | dict(cells)).values())])
    return f"{Path(row.name).stem} line {row.line} mended.csv", text.getvalue().encode()


def mend(
    connection: psycopg.Connection[Any], reject: int, cells: Mapping[str, str], clock: Clock, *, preview: bool = False
) -> Mended:
    """Receive a refused row with these cells, by column, in the place of its own, and answer its reject in the same transaction.

    Commits, or keeps nothing: with `preview`, and where the row is refused once more.
    """
    row = bad_row(connection, reject)
    name, content = mended_file(row, cells)
    connection.rollback()
    refused: list[Reply] = []

    def look(work: Work, _facts: Rows) -> None:
        if work.reply.accepted != 1 or work.reply.rejected:
            refused.append(work.reply)
            raise _StillWrongError
        work.connection.execute(
            "update personal.reject set state = 'mended' where file = %s and file_row = %s and state = 'open'",
            [row.file, row.row],
        )

    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            reply = receive(connection, path, clock, mode=MODE, layout=row.layout, preview=preview, look=look)
        except _StillWrongError:
            refused[0].state = "refused"
            return Mended("still_wrong", reject, refused[0])
    if reply.state not in {"received", "preview"}:
        return Mended("still_wrong", reject, reply)
    return Mended("preview" if preview else "mended", reject, reply)
