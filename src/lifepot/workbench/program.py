"""The workbench as a program that is started and watched: see `house`. Imports nothing of what it starts."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from lifepot.workbench.lines import told_of_surroundings

MODULE = "lifepot.workbench.house"


class Program:
    """The process that has the workbench, in the manner of `multiprocessing`'s processes."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Of the surroundings it is told where things are, and no secret that may stand beside."""
        # It ends when its input does: with whoever started it, however that ends.
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=told_of_surroundings(),
        )

    @property
    def pid(self) -> int | None:
        """Its number in the system."""
        return None if self._process is None else self._process.pid

    @property
    def exitcode(self) -> int | None:
        """What it ended with; None while it runs."""
        return None if self._process is None else self._process.poll()

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End it at once; what it started ends too, having nobody to speak to."""
        if self._process is not None:
            self._process.kill()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it ended, so many seconds at most."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
                assert self._process.stdin is not None
                self._process.stdin.close()
