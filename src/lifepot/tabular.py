"""Small CSV files as people write them: a head with known columns, a row a line, each fault with its place."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from lifepot.errors import Fault, LifepotError

MOST_FAULTS = 1_000
"""Faults of one file that are kept; a file with more is not the file that was meant."""


def lines_of(
    file: Path, columns: tuple[str, ...], faults: list[Fault], required: tuple[str, ...]
) -> Iterable[tuple[int, dict[str, str]]]:
    """Each row's line and its cells by column: "" for a known column that is not there, columns of other names last.

    Rows that cannot be read are added to the faults. Raises `LifepotError` for a file that cannot be read at all.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            twice = sorted({name for name in reader.fieldnames or [] if (reader.fieldnames or []).count(name) > 1})
            if twice:
                raise LifepotError(f"{file} has the column {', '.join(twice)} twice.", remedy="Give each column once.")
            missing = [name for name in required if name not in (reader.fieldnames or [])]
            if missing:
                raise LifepotError(
                    f"{file} has no column {', '.join(missing)}.", remedy=f"Its columns are {','.join(columns)}."
                )
            for row in reader:
                if len(faults) >= MOST_FAULTS:
                    return
                if None in row or None in row.values():
                    expected = f"{len(reader.fieldnames or [])} fields"
                    found = "a row of another length"
                    faults.append(Fault(str(file), reader.line_num, 0, "row_length", "", found, expected))
                    continue
                if any("\0" in (text or "") for text in row.values()):
                    faults.append(Fault(str(file), reader.line_num, 0, "nul_byte", "", "a NUL byte", "text"))
                    continue
                cells = {name: (row.get(name) or "").strip() for name in columns}
                cells.update({name: (text or "").strip() for name, text in row.items() if name not in cells})
                yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise LifepotError(f"{file} is not UTF-8 text (byte {error.start}).", remedy="Save it as UTF-8.") from None
    except csv.Error as error:
        raise LifepotError(f"{file} is not a CSV file: {error}.", remedy="Save it as comma-separated values.") from None
    except OSError as error:
        raise LifepotError(
            f"{file} cannot be read ({error.strerror}).", remedy="Give the path of a CSV file."
        ) from None


def figure_in(
    text: str, parse: Callable[[str], int], file: str, line: int, path: str, columns: tuple[str, ...],
    faults: list[Fault], *, nothing: int,
) -> int:  # fmt: skip
    """The figure in a cell; `nothing` when it is empty or faulty. `path`: the column's name, whose place among the
    `columns` is the fault's.
    """
    if not text:
        return nothing
    try:
        return parse(text)
    except ValueError as error:
        found, _, expected = str(error).partition(" is not ")
        column = columns.index(path) + 1 if path in columns else 0
        faults.append(Fault(file, line, column, f"{path}_unreadable", path, found, expected or "a figure"))
        return nothing
