"""Lives that were drawn, kept on disk in columns and read through memory maps; beyond a bound they are drawn again, not kept.

A village's columns are one file: a line of JSON that says where each stands, then the columns. It is written under another name
and renamed, so half a file is never read.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.lives.columns import Lives

MOST_KEPT_BYTES = 4 * 10**9
"""Four gigabytes: about 100,000 people over 24 years. More people are drawn anew each time, as fast as a disk would be read."""

_HEAD_BYTES = 8_192
_ALIGN = 64


class KeptLives:
    """A folder of villages' lives, all drawn from one seed in one world."""

    def __init__(self, keep: Path, digest: str, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._folder = keep / f"lives-{digest}"
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._used: int | None = None

    def get(self, number: int, months: int, people: int, draw: Callable[[], Lives]) -> Lives:
        """A village's lives over so many months: read if they are kept (also of a longer run with the same people), else drawn."""
        file = self._folder / f"{number:06d}-{months}-{people}.lives"
        found = _read(file)
        if found is not None:
            return found
        lives = draw()
        self._write(file, lives)
        return lives

    def _write(self, file: Path, lives: Lives) -> None:
        """Keeps lives if there is room within the bound; a disk that will not take them is no trouble, they are drawn again."""
        size = sum(getattr(lives, name).nbytes + _ALIGN for name in Lives.__annotations__)
        with self._lock:
            if self._used is None:
                files = self._folder.glob("*.lives") if self._folder.is_dir() else ()
                self._used = sum(one.stat().st_size for one in files)
            if self._used + size > self._most_bytes:
                return
            self._used += size
        with suppress(OSError):
            write_columns(file, {name: getattr(lives, name) for name in Lives.__annotations__})


def _read(file: Path) -> Lives | None:
    """Kept lives as memory maps; None where they are not there, or not whole."""
    columns = read_columns(file)
    return Lives(**columns) if columns is not None and columns.keys() == set(Lives.__annotations__) else None


def write_columns(file: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Writes columns as one file. Raises `OSError` where the disk will not take it; nothing is left of it then."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.unfinished")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with unfinished.open("wb") as stream:
            at, where = _HEAD_BYTES, {}
            for name, given in columns.items():
                column = np.ascontiguousarray(given)
                where[name] = [at, column.dtype.str, *column.shape]
                stream.seek(at)
                stream.write(column.tobytes())
                at = -(-(at + column.nbytes) // _ALIGN) * _ALIGN
            head = json.dumps(where).encode()
            assert len(head) < _HEAD_BYTES, "the head has outgrown its place"
            stream.seek(0)
            stream.write(head + b"\n")
        unfinished.replace(file)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def read_columns(file: Path) -> dict[str, NDArray[Any]] | None:
    """A file's columns, mapped into memory, not to be written to; None where it is not there, or not whole."""
    try:
        with file.open("rb") as stream:
            where = json.loads(stream.readline())
        # One map for all of them: a process may have some ten thousands.
        whole = np.memmap(file, dtype=np.uint8, mode="r")
        return {
            name: np.ndarray(tuple(shape), dtype=np.dtype(kind), buffer=whole, offset=at)
            for name, (at, kind, *shape) in where.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return None
