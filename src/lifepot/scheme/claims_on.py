"""A claim made on a payer, for that payer: its lines as its file has them, and the file itself."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from lifepot.scheme.claim_show import Line, Made, show_claim


def claim_on(connection: psycopg.Connection[Any], payer: int, number: int) -> tuple[Made, list[Line]] | None:
    """A claim made on this payer, and how the first thousand of its lines stand; None for one that was not made on it."""
    if not _is_on(connection, payer, number):
        return None
    made, lines, _ = show_claim(connection, number)
    return made, lines


def file_of_claim(connection: psycopg.Connection[Any], payer: int, number: int) -> bytes | None:
    """The file of a claim made on this payer, as it was when it was made; None for one that was not made on it."""
    if not _is_on(connection, payer, number):
        return None
    with TemporaryDirectory(prefix="lifepot-claim-") as folder:
        path = Path(folder) / "claim.csv"
        show_claim(connection, number, path)
        return path.read_bytes()


def _is_on(connection: psycopg.Connection[Any], payer: int, number: int) -> bool:
    row = connection.execute("select funder = %s from claim where number = %s", [payer, number]).fetchone()
    return row == (True,)
