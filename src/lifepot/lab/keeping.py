"""Lives that were drawn, kept on disk in columns and read through memory maps; beyond a bound they are drawn again, not kept.

A village's lives are one file: a line of JSON that says where each column stands, then the columns. It is written under another
name and renamed, so half a file is never read.
"""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from lifepot.lives.columns import Lives

MOST_KEPT_BYTES = 4 * 10**9
"""Four gigabytes: about 100,000 people over 24 years. More people are drawn anew each time, as fast as a disk would be read."""

_HEAD_BYTES = 4_096
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
        unfinished = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.unfinished")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as stream:
                at, where = _HEAD_BYTES, {}
                for name in Lives.__annotations__:
                    column = np.ascontiguousarray(getattr(lives, name))
                    where[name] = [at, column.dtype.str, *column.shape]
                    stream.seek(at)
                    stream.write(column.tobytes())
                    at = -(-(at + column.nbytes) // _ALIGN) * _ALIGN
                head = json.dumps(where).encode()
                assert len(head) < _HEAD_BYTES, "the head has outgrown its place"
                stream.seek(0)
                stream.write(head + b"\n")
            unfinished.replace(file)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)


def _read(file: Path) -> Lives | None:
    """Kept lives as memory maps; None where they are not there, or not whole."""
    try:
        with file.open("rb") as stream:
            where = json.loads(stream.readline())
        return Lives(
            **{
                name: np.memmap(file, dtype=np.dtype(kind), mode="r", offset=at, shape=tuple(shape))
                for name, (at, kind, *shape) in where.items()
            }
        )
    except (OSError, ValueError, TypeError):
        return None
