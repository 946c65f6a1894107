"""A received file's rows as they came: their bytes out of the blocks that are kept."""

from collections.abc import Collection
from typing import Any

import psycopg

from lifepot.scheme.keeping import decompress, row_bounds


def kept_rows(connection: psycopg.Connection[Any], file: int, numbers: Collection[int]) -> dict[int, bytes]:
    """The bytes of some rows of a file, by their number in it, without the line's end. An erased row is not there."""
    if not numbers:
        return {}
    blocks = connection.execute(
        "select first_row, content, row_offsets from personal.received_block where file = %(file)s and block = any(array("
        "select (select max(block) from personal.received_block where file = %(file)s and first_row <= asked) "
        "from unnest(%(rows)s::int[]) as asked)) order by block",
        {"file": file, "rows": list(numbers)},
    ).fetchall()
    blanked = {
        row
        for (row,) in connection.execute(
            "select file_row from personal.blanked_row where file = %s and file_row = any(%s)", [file, list(numbers)]
        )
    }
    found = {}
    for first, packed, offsets in blocks:
        content, bounds = decompress(packed), row_bounds(offsets)
        for number in numbers:
            if first <= number < first + len(bounds) and number not in blanked:
                start, end = bounds[number - first].tolist()
                found[number] = content[start:end]
    return found
