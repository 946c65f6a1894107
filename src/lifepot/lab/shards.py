"""Villages run in shards, in any order, and finished shards kept on disk.

A shard is some villages that follow each other. Its sums depend on the run's order and its number alone, so it does not
matter who works it out, when, or beside what else: all sums are put together in the shards' order at the end, to the same
bit. What is finished stands in a file of its own, written under another name first and then renamed, so that a run that was
stopped anywhere goes on from there.

Threads, not processes: what takes the time is compiled and holds no lock, and threads share the kept lives.
"""

import os
import signal
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from json import dumps
from pathlib import Path
from types import FrameType
from typing import Any, Self

import numpy as np

from lifepot.errors import LifepotError
from lifepot.lab.intervals import MOST_GROUPS
from lifepot.lab.sums import Sums, add

MOST_VILLAGES = 64
"""Villages of a shard: at 500 people each, some seconds of work, so that little is lost when it is lost."""

ROOMS = ("chance.py", "published", "population", "taxes", "lives", "kernel", "budgets", "lab")

DEFAULT_KEEP = Path(".lifepot") / "lab"


class Stopped(LifepotError):
    """The run was stopped by the person who started it; finished shards are kept."""

    exit_code = 130


@dataclass(frozen=True, slots=True)
class Shard:
    """Some villages, by number; `number` is the shard's own."""

    number: int
    villages: range


Work = Callable[[Shard], Sums]
"""Works out a shard's sums. It is called in any order, on any thread, process or machine."""

Told = Callable[[int, int], None]
"""Is told how many shards are done, of how many."""

Spread = Callable[[list[Shard], Work], Iterator[tuple[Shard, Sums]]]
"""Works shards out somewhere and gives each as it is finished."""


def cut(villages: int) -> list[Shard]:
    """So many villages in shards: as many as there are groups for intervals, or more where those would be too long."""
    each = max(1, min(MOST_VILLAGES, villages // MOST_GROUPS))
    starts = range(0, villages, each)
    return [Shard(number, range(start, min(start + each, villages))) for number, start in enumerate(starts)]


def digest_of(order: Any) -> str:
    """What a run's finished shards are known by: all that was ordered (as JSON), and the very code."""
    seal = sha256(dumps(order, sort_keys=True, default=str).encode())
    seal.update(_code())
    return seal.hexdigest()[:16]


@cache
def _code() -> bytes:
    """A digest of the rooms that a shard's sums come from, so that no sum of older code is ever taken for one of today's."""
    house = Path(__file__).parents[1]
    seal = sha256()
    for room in ROOMS:
        place = house / room
        files = (
            [place]
            if place.is_file()
            else sorted(one for one in place.rglob("*") if one.suffix in {".py", ".csv", ".toml"})
        )
        for one in files:
            seal.update(one.relative_to(house).as_posix().encode() + one.read_bytes())
    return seal.digest()


class Kept:
    """A run's folder of finished shards."""

    def __init__(self, keep: Path, digest: str) -> None:
        self.folder = keep / digest
        self._trying(lambda: self.folder.mkdir(parents=True, exist_ok=True))

    def read(self, shard: Shard) -> Sums | None:
        """A finished shard's sums; None where it is not there, or not whole."""
        try:
            with self._file(shard).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, shard: Shard, sums: Sums) -> None:
        """Keeps a finished shard. Raises `LifepotError` where the disk will not take it; what was kept stays."""
        unfinished = self.folder / f"{shard.number}.{os.getpid()}.{threading.get_ident()}.unfinished"

        def write() -> None:
            try:
                with unfinished.open("wb") as file:
                    np.savez_compressed(file, allow_pickle=False, **sums)
                unfinished.replace(self._file(shard))
            finally:
                unfinished.unlink(missing_ok=True)

        self._trying(write)

    def _file(self, shard: Shard) -> Path:
        return self.folder / f"{shard.number:06d}.npz"

    def _trying(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            done = len(list(self.folder.glob("*.npz"))) if self.folder.is_dir() else 0
            raise LifepotError(
                f"Finished work cannot be kept in {self.folder} ({error.strerror}); {done} finished shards stand there.",
                remedy="Make room, or give another directory with --keep; the same command then goes on from what is kept.",
            ) from None


def run_shards(villages: int, work: Work, kept: Kept, spread: Spread, told: Told | None = None) -> list[Sums]:
    """All shards' sums, in the shards' order: those that are kept are read, the others worked out and kept. Raises `Stopped`
    on Ctrl-C, and `LifepotError` where the disk is full; finished shards stay either way.
    """
    shards = cut(villages)
    found: dict[int, Sums] = {}
    for shard in shards:
        sums = kept.read(shard)
        if sums is not None:
            found[shard.number] = sums
    told = told or _silent
    told(len(found), len(shards))
    left = [shard for shard in shards if shard.number not in found]
    try:
        for shard, sums in spread(left, work):
            kept.write(shard, sums)
            found[shard.number] = sums
            told(len(found), len(shards))
    except KeyboardInterrupt:
        raise Stopped(
            f"Stopped with {len(found)} of {len(shards)} shards finished; they are kept in {kept.folder}.",
            remedy="The same command goes on from there.",
        ) from None
    return [found[shard.number] for shard in shards]


def _silent(_done: int, _of: int) -> None:
    return


def over_threads(workers: int) -> Spread:
    """Works shards out on so many threads. On Ctrl-C those under way are finished and given, and no other is begun; a second
    Ctrl-C ends at once.
    """

    def spread(shards: list[Shard], work: Work) -> Iterator[tuple[Shard, Sums]]:
        with _Listening() as listening, ThreadPoolExecutor(max(1, workers)) as pool:
            waiting = iter(shards)
            running: dict[Future[Sums], Shard] = {}
            try:
                while True:
                    for shard in _some(waiting, max(1, workers) - len(running)) if not listening.asked else ():
                        running[pool.submit(work, shard)] = shard
                    if not running:
                        break
                    done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield running.pop(future), future.result()
            finally:
                for future in running:
                    future.cancel()
            if listening.asked:
                raise KeyboardInterrupt

    return spread


def _some(waiting: Iterator[Shard], count: int) -> Iterable[Shard]:
    return (shard for _, shard in zip(range(count), waiting, strict=False)) if count > 0 else ()


class _Listening:
    """Listens for Ctrl-C: the first is remembered, the second is as ever. Only the main thread can."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def summed(shard: Shard, village: Callable[[int], Sums]) -> Sums:
    """The sums of a shard's villages, one after the other."""
    total: Sums | None = None
    for number in shard.villages:
        sums = village(number)
        if total is None:
            total = sums
        else:
            add(total, sums)
    assert total is not None, "a shard has a village at least"
    return total
