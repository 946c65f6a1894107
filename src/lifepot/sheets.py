"""A CSV file that a person wrote, row by row: what is wrong with a row is said with its line, and the rest goes on."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from lifepot.errors import Fault, LifepotError

MOST_FAULTS = 1_000
"""Faults of one file that are kept; a file with more is not the file that was meant."""


class Row(NamedTuple):
    """One row: its line in the file, its cells by column without the blanks around them, and where each column stands
    (counted from 1).
    """

    line: int
    cells: dict[str, str]
    places: dict[str, int]


def read_rows(file: Path, columns: tuple[str, ...], faults: list[Fault], required: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a file with a head. A column of `columns` that it leaves out is empty; one that is not of them is kept.

    Rows that cannot be read are added to `faults`. Raises `LifepotError` for a file that is none, or has no such head.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            head = list(reader.fieldnames or [])
            twice = sorted({name for name in head if head.count(name) > 1})
            if twice:
                raise LifepotError(f"{file} has the column {', '.join(twice)} twice.", remedy="Give each column once.")
            missing = [name for name in required if name not in head]
            if missing:
                raise LifepotError(
                    f"{file} has no column {', '.join(missing)}.", remedy=f"Its columns are {','.join(columns)}."
                )
            places = {name: number for number, name in enumerate(head, start=1)}
            for row in reader:
                if len(faults) >= MOST_FAULTS:
                    return
                line = reader.line_num
                if None in row or None in row.values():
                    found, expected = "a row of another length", f"{len(head)} fields"
                    faults.append(Fault(str(file), line, 0, "row_length", "", found, expected))
                elif any("\0" in text for text in row.values()):
                    faults.append(Fault(str(file), line, 0, "nul_byte", "", "a NUL byte", "text"))
                else:
                    cells = {name: row.get(name, "").strip() for name in columns}
                    cells.update({name: text.strip() for name, text in row.items() if name not in cells})
                    yield Row(line, cells, places)
    except UnicodeDecodeError as error:
        raise LifepotError(f"{file} is not UTF-8 text (byte {error.start}).", remedy="Save it as UTF-8.") from None
    except csv.Error as error:
        raise LifepotError(f"{file} is not a CSV file: {error}.", remedy="Save it as comma-separated values.") from None
    except OSError as error:
        raise LifepotError(
            f"{file} cannot be read ({error.strerror}).", remedy="Give the path of a CSV file."
        ) from None


def figure_in(
    text: str, parse: Callable[[str], int], file: str, line: int, column: int, path: str, faults: list[Fault], *,
    nothing: int,
) -> int:  # fmt: skip
    """The figure in a cell; `nothing` where it is empty, or faulty, which is added to the faults. `path`: what it is of."""
    if not text:
        return nothing
    try:
        return parse(text)
    except ValueError as error:
        found, _, expected = str(error).partition(" is not ")
        faults.append(Fault(file, line, column, f"{path}_unreadable", path, found, expected or "a figure"))
        return nothing
