"""A refused row that its own payroll puts right: what it would do then, and doing it. Only what is that payer's to tell is taken."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from lifepot.scheme.beforehand import Beforehand, beforehand
from lifepot.scheme.mending import MODE, BadRow, Mended, bad_row, mend, mended_file
from lifepot.scheme.opening import Clock
from lifepot.scheme.ownership import not_theirs, refused_for
from lifepot.scheme.reply import Reply


def mended_beforehand(
    connection: psycopg.Connection[Any], reject: int, cells: Mapping[str, str], payer: int, clock: Clock
) -> Beforehand:
    """What a refused row would do with these cells, by column, in the place of its own. Nothing is kept."""
    with _small_file(connection, reject, cells) as (row, path):
        if refused := _not_theirs(connection, row, path, payer, clock):
            return Beforehand(refused)
        found = beforehand(connection, path, clock, mode=MODE, layout=row.layout, payer=payer)
        connection.rollback()
    return found


def mend_for_payer(
    connection: psycopg.Connection[Any], reject: int, cells: Mapping[str, str], payer: int, clock: Clock
) -> Mended:
    """Receive a refused row with these cells in the place of its own. Commits, or keeps nothing."""
    with _small_file(connection, reject, cells) as (row, path):
        if refused := _not_theirs(connection, row, path, payer, clock):
            return Mended("still_wrong", reject, refused)
    return mend(connection, reject, cells, clock)


@contextmanager
def _small_file(
    connection: psycopg.Connection[Any], reject: int, cells: Mapping[str, str]
) -> Iterator[tuple[BadRow, Path]]:
    row = bad_row(connection, reject)
    name, content = mended_file(row, cells)
    connection.rollback()
    with TemporaryDirectory(prefix="lifepot-row-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield row, path


def _not_theirs(connection: psycopg.Connection[Any], row: BadRow, path: Path, payer: int, clock: Clock) -> Reply | None:
    faults = not_theirs(connection, payer, path, clock.as_of, row.layout)
    connection.rollback()
    return refused_for(path.name, faults) if faults else None
