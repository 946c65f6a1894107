"""Keeping a received file: its bytes in compressed blocks, and a salted hash of each row for the chain.

The hash of a row proves it as long as its salt and bytes are kept; when a person is erased both go and the hash stays,
from which nobody can guess back to the row.
"""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import psycopg
import zstandard
from numpy.typing import NDArray

from lifepot.intake.rows import Block
from lifepot.storage.store import Store

SALT_BYTES = 16
LEVEL = 1
"""zstd's quickest ordinary level: a payroll file shrinks to a seventh at some 600 MB a CPU second."""

Int = NDArray[np.int64]


@dataclass(slots=True)
class Keeper:
    """Keeps one file's blocks as they are read, and feeds its rows' hashes to the batch's digest."""

    connection: psycopg.Connection[Any]
    file: int
    rows: int = 0
    blocks: int = 0
    leaves: list[bytes] = field(default_factory=list)

    def keep(self, block: Block) -> Int:
        """Keeps a block; the number in the file of each of its rows, accepted ones first and then the rejected."""
        starts = np.concatenate([block.rows.raw_start, block.rejected.raw_start])
        ends = np.concatenate([block.rows.raw_end, block.rejected.raw_end])
        order = np.argsort(starts, kind="stable")
        raw = block.raw
        salts = os.urandom(SALT_BYTES * len(order))
        self.leaves.append(
            b"".join(
                sha256(salts[at : at + SALT_BYTES] + raw[start:end]).digest()
                for at, start, end in zip(
                    range(0, len(salts), SALT_BYTES), starts[order].tolist(), ends[order].tolist(), strict=True
                )
            )
        )
        offsets = np.column_stack([starts[order], ends[order]]).astype(">i4")
        self.connection.execute(
            "insert into personal.received_block (file, block, first_row, content, salts, row_offsets) values (%s, %s, %s, %s, %s, %s)",
            [self.file, self.blocks, self.rows, compress(raw), salts, offsets.tobytes()],
            binary=True,
        )
        numbers = np.empty(len(order), dtype=np.int64)
        numbers[order] = self.rows + np.arange(len(order))
        self.blocks += 1
        self.rows += len(order)
        return numbers

    def feed(self, store: Store) -> None:
        """Puts the rows' hashes into the batch's digest."""
        for leaves in self.leaves:
            store.feed_leaves(leaves)


def compress(content: bytes) -> bytes:
    """A block as it is kept."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(content)


def decompress(content: bytes) -> bytes:
    """A block as it came."""
    return zstandard.ZstdDecompressor().decompress(content)


def row_bounds(row_offsets: bytes) -> NDArray[np.int64]:
    """First byte and the one after the last of each row of a block, (n, 2)."""
    return np.frombuffer(row_offsets, dtype=">i4").astype(np.int64).reshape(-1, 2)


def compact(offsets: Int) -> bytes:
    """Bounds as they are kept."""
    return offsets.astype(">i4").tobytes()
