"""Received files: the salted hash of each row, from the bytes that were kept, or as it was kept of a row that was blanked."""

import hashlib
from collections.abc import Iterator
from struct import iter_unpack
from typing import Any, NamedTuple

import psycopg
import zstandard

from lifepot.audit.findings import Findings

SALT_BYTES = 16
BETWEEN_ROWS = b" \t\r\n,"
LARGEST_BLOCK = 1 << 28
"""Bytes of a plain block, at most: a changed one may say that it unpacks to anything."""


def leaves_of(connection: psycopg.Connection[Any], file: int, findings: Findings) -> Iterator[bytes]:
    """The hashes of a file's rows, in their order, a block's at a time. What cannot be unpacked is reported, and has none."""
    query = "select file_row, leaf from personal.blanked_row where file = %s"
    blanked = {row: bytes(leaf) for row, leaf in connection.execute(query, [file])}
    query = "select block from personal.received_block where file = %s order by block"
    next_row = 0
    for nth, (number,) in enumerate(connection.execute(query, [file]).fetchall()):
        where = f"table received_block, file {file}, block {number}"
        block = _read_block(connection, file, number)
        if number != nth or block.first_row != next_row:
            findings.add("file", where, f"begins with row {block.first_row}", f"block {nth}, from row {next_row}")
        next_row = block.first_row + len(block.bounds)
        findings.received_rows += len(block.bounds)
        if block.raw is None:
            findings.add("file", where, "bytes that cannot be unpacked", "a compressed piece of the file")
            continue
        if not _is_all_rows(block.raw, block.bounds):
            findings.add("file", where, "bytes that are no row's", "rows, with nothing between them")
        hashes = []
        for at, (start, end) in enumerate(block.bounds):
            row, leaf = block.raw[start:end], blanked.get(block.first_row + at)
            if leaf is None:
                leaf = hashlib.sha256(block.salts[at * SALT_BYTES : (at + 1) * SALT_BYTES] + row).digest()
            elif row.strip():
                findings.add(
                    "file",
                    f"{where}, row {block.first_row + at}",
                    "a row that says something",
                    "nothing: it was blanked",
                )
            hashes.append(leaf)
        yield b"".join(hashes)


class _Block(NamedTuple):
    """A block as it was received: `bounds` are where each row begins and ends; None is what cannot be unpacked."""

    first_row: int
    raw: bytes | None
    salts: bytes
    bounds: list[tuple[int, int]]


def _read_block(connection: psycopg.Connection[Any], file: int, block: int) -> _Block:
    query = "select first_row, content, salts, row_offsets from personal.received_block where file = %s and block = %s"
    row = connection.execute(query, [file, block], binary=True).fetchone()
    assert row is not None, "the block was just there"
    offsets = bytes(row[3])
    bounds = [(start, end) for start, end in iter_unpack(">ii", offsets[: len(offsets) // 8 * 8])]
    return _Block(row[0], _unpacked(bytes(row[1])), bytes(row[2]), bounds)


def _unpacked(content: bytes) -> bytes | None:
    try:
        if zstandard.frame_content_size(content) > LARGEST_BLOCK:
            return None
        return zstandard.ZstdDecompressor().decompress(content, max_output_size=LARGEST_BLOCK)
    except zstandard.ZstdError:
        return None


def _is_all_rows(raw: bytes, bounds: list[tuple[int, int]]) -> bool:
    """Whether nothing but ends of lines and blank lines stands outside the rows."""
    ends = [0, *(end for _, end in bounds)]
    starts = [*(start for start, _ in bounds), len(raw)]
    return not b"".join(raw[end:start] for end, start in zip(ends, starts, strict=True)).strip(BETWEEN_ROWS)
