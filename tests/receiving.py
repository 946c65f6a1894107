"""A process that receives files, for tests of many at once: it says when it is ready, waits for a word, and answers.

    python receiving.py URL DAY STOP [MODE:]FILE …

It prints `ready`, reads a line, receives the files in turn and prints each reply's state, or what was refused. With STOP
above 0 it stops there, at that many reports of progress: it prints `there` and reads another line before it goes on.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from lifepot.errors import LifepotError
from lifepot.periods import parse_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.storage.database import Database


def say(word: str) -> None:
    """A line for whoever started us."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(url: str, day: str, stop: str, *files: str) -> None:
    """Receive the files."""
    left = int(stop)

    def report(_stage: str, _done: int, _of: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            say("there")
            sys.stdin.readline()

    connection = Database(url).connect()
    say("ready")
    sys.stdin.readline()
    for file in files:
        mode, _, path = file.rpartition(":")
        clock = Clock.at("the tests", datetime.now(UTC), parse_day(day))
        try:
            reply = receive(connection, Path(path), clock, mode=mode or None, progress=report)
        except LifepotError as error:
            say(f"LifepotError {error.message}")
            return
        say(reply.state)


if __name__ == "__main__":
    main(*sys.argv[1:])
