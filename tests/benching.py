"""A workbench as a server has it, over a thousand lives, for a module's tests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lifepot.workbench.asked import Away, Bench
from lifepot.workbench.program import Program
from lifepot.workbench.texts import digest_of

LIVES = 1_000
STARTS_WITHIN_S = 560.0
"""Machine code may have to be compiled, on a machine that is busy with something else."""


@contextmanager
def workbench(keep: Path, lives: int = LIVES) -> Iterator[tuple[str, Program]]:
    """Its address, and the process that has it; ready to draw."""
    address = str(keep / "bench")
    program = Program(["--socket", address, "--keep", str(keep / "lives"), "--lives", str(lives), "--threads", "2"])
    program.start()
    try:
        until_ready(address)
        yield address, program
    finally:
        program.terminate()
        program.join(20)
        assert program.exitcode == 0


def until_ready(address: str) -> None:
    """Wait until the workbench at an address draws."""
    ends = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends:
        try:
            # Nobody asked for it: what is told is how far the lives are.
            if Bench(address).answer(digest_of(""))["progress"] is None:
                return
        except Away:
            assert time.monotonic() < ends
        time.sleep(0.2)
    raise AssertionError("the workbench was not ready in time")
