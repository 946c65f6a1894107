"""A stopwatch for two: what a piece of work costs this process and the database server, stage by stage.

Stages are put around functions from outside, so that the product knows nothing of being timed. A stage within a stage
stops the outer one; what the watch itself takes is charged to nobody. Linux only: it reads `/proc`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Self

CLOCK_TICKS = 100
"""A second has so many in `/proc/PID/stat`, on every Linux."""


@dataclass(slots=True)
class Cost:
    """Seconds: by the wall's clock, of this process' CPU, and of the server's."""

    wall: float = 0.0
    client: float = 0.0
    server: float = 0.0

    @property
    def cpu(self) -> float:
        """CPU seconds of both."""
        return self.client + self.server

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.client + other.client, self.server + other.server)


class Server:
    """The processes of a PostgreSQL on this machine, those that have ended included."""

    def __init__(self, backend: int) -> None:
        """`backend`: the number of one of its processes that serve a connection."""
        self._first = int(_fields(backend)[1])

    def cpu(self) -> float:
        """CPU seconds of all its processes up to now."""
        fields = _fields(self._first)
        ended = (int(fields[13]) + int(fields[14])) / CLOCK_TICKS
        return ended + sum(_ran(process) for process in self._processes())

    def peak_mib(self) -> float:
        """The most memory any one of its processes has had, shared memory that it touched included."""
        return max(peak_mib(process) for process in self._processes())

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self._first}/task/{self._first}/children").read_text(encoding="ascii")
        return [self._first, *map(int, children.split())]


class Meter:
    """Costs by stage. Use as a context: when it is left, all functions are as they were."""

    def __init__(self, server: Server) -> None:
        self.costs: dict[str, Cost] = {}
        self._server = server
        self._running: list[str] = []
        self._since = Cost()
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for undo in reversed(self._undo):
            undo()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens within to this stage."""
        self._turn(name)
        try:
            yield
        finally:
            self._turn(None)

    def watch(self, owner: Any, function: str, stage: str | Callable[..., str]) -> None:
        """Charge each call of `owner`'s function to a stage, or to the one that `stage` names from the arguments."""
        plain = getattr(owner, function)

        @wraps(plain)
        def watched(*arguments: Any, **named: Any) -> Any:
            with self.stage(stage if isinstance(stage, str) else stage(*arguments, **named)):
                return plain(*arguments, **named)

        self._put(owner, function, plain, watched)

    def watch_each(self, owner: Any, function: str, stage: str) -> None:
        """The same for a generator, each step of it."""
        plain = getattr(owner, function)

        @wraps(plain)
        def watched(*arguments: Any, **named: Any) -> Iterator[Any]:
            steps = plain(*arguments, **named)
            while True:
                with self.stage(stage):
                    step = next(steps, None)
                if step is None:
                    return
                yield step

        self._put(owner, function, plain, watched)

    def _put(self, owner: Any, function: str, plain: Any, watched: Any) -> None:
        setattr(owner, function, watched)
        self._undo.append(lambda: setattr(owner, function, plain))

    def _turn(self, name: str | None) -> None:
        """Charge the time since the last turn, and go on with a stage, or (None) with the one around."""
        now = Cost(time.perf_counter(), time.process_time(), self._server.cpu())
        if self._running:
            since = self._since
            spent = Cost(now.wall - since.wall, now.client - since.client, now.server - since.server)
            self.costs[self._running[-1]] = self.costs.get(self._running[-1], Cost()) + spent
        if name is None:
            self._running.pop()
        else:
            self._running.append(name)
        self._since = Cost(time.perf_counter(), time.process_time(), now.server)


def peak_mib(process: int | str = "self") -> float:
    """The most memory a process has had; 0 of one that has just ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _fields(process: int) -> list[str]:
    """`/proc/PID/stat` from the state on: [1] is the parent, [13] and [14] the CPU of children that have ended."""
    return Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def _ran(process: int) -> float:
    """CPU seconds of a process; 0 of one that has just ended."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
