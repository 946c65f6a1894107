"""A process beside this one that is spoken to in lines of JSON, and what the process itself speaks with.

Lines and not pickles: what reads texts of strangers may at the worst say something wrong, and cannot make its reader do anything.
"""

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

LONGEST_LINE = 16 * 2**20
_AT_ONCE = 2**16

TOLD = {
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
}
TOLD_FROM = ("PYTHON", "NUMBA_", "OMP_", "OPENBLAS_", "MKL_", "COVERAGE_")
"""Names of the surroundings, and how names begin, that these processes are told."""

NICENESS = 5
"""Of these processes: whoever asks for a page comes first."""


class Gone(Exception):
    """The process is no more, or speaks nonsense."""


class TooLate(Exception):
    """The process did not answer in its time."""


class Lines:
    """Lines of JSON that arrive at a file descriptor, one after the other."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = b""

    def waiting(self) -> bool:
        """Whether something has arrived, if only the end."""
        return b"\n" in self._left or bool(select.select([self._descriptor], [], [], 0)[0])

    def take(self) -> dict[str, Any] | None:
        """A whole line that is there already; None where there is none yet. Reads once what has arrived. Raises `Gone` at the end."""
        if b"\n" not in self._left:
            arrived = os.read(self._descriptor, _AT_ONCE) if self.waiting() else None
            if arrived == b"" or len(self._left) > LONGEST_LINE:
                raise Gone
            self._left += arrived or b""
        line, end, rest = self._left.partition(b"\n")
        if not end:
            return None
        self._left = rest
        try:
            found = json.loads(line)
        except ValueError:
            raise Gone from None
        if not isinstance(found, dict):
            raise Gone
        return found

    def next(self) -> dict[str, Any] | None:
        """The next line, waited for; None at the end."""
        try:
            while True:
                select.select([self._descriptor], [], []) if b"\n" not in self._left else None
                if (found := self.take()) is not None:
                    return found
        except Gone:
            return None


def line_of(said: Any) -> bytes:
    """What is said, as a line."""
    return json.dumps(said).encode() + b"\n"


def own_voice() -> Callable[[Any], None]:
    """What a process begins with that is spoken to: whatever else it prints goes to the log. Gives what it answers with."""
    out = os.dup(1)
    os.dup2(2, 1)

    def say(said: Any) -> None:
        line = memoryview(line_of(said))
        while line:
            line = line[os.write(out, line) :]

    return say


def bounded(most_bytes: int) -> None:
    """Keeps this process from taking the machine with it."""
    with suppress(OSError):
        os.nice(NICENESS)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def told_of_surroundings() -> dict[str, str]:
    """What such a process is told of the server's surroundings: where things are, and no secret that may stand beside."""
    return {name: value for name, value in os.environ.items() if name in TOLD or name.startswith(TOLD_FROM)}


class Beside:
    """A process beside this one: a module of ours, run by the same Python. For one thread at a time."""

    def __init__(self, module: str, arguments: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=told_of_surroundings(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        self._lines = Lines(self._from)
        self.has_spoken = False

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def say(self, said: Any, within_s: float) -> None:
        """Says a line. Raises `Gone` or `TooLate`."""
        line, ends = memoryview(line_of(said)), time.monotonic() + within_s
        while line:
            _, ready, _ = select.select([], [self._to], [], max(ends - time.monotonic(), 0))
            if not ready:
                raise TooLate
            try:
                line = line[os.write(self._to, line) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Gone from None

    def heard(self, within_s: float, wake: int | None = None) -> dict[str, Any] | None:
        """The next line; None where something can be read at `wake` first. Raises `Gone` or `TooLate`."""
        ends = time.monotonic() + within_s
        while True:
            found = self._lines.take()
            if found is not None:
                self.has_spoken = True
                return found
            listened = [self._from] if wake is None else [self._from, wake]
            ready, _, _ = select.select(listened, [], [], max(ends - time.monotonic(), 0))
            if not ready:
                raise TooLate
            if self._from not in ready:
                return None

    def end(self) -> None:
        """Ends it at once."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
