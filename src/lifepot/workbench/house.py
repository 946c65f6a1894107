"""The process that has the workbench: one for a server, whichever of its processes answer pages. `python -m lifepot.workbench.house`.

Those ask it over a socket in a folder that only their account can enter: a line of JSON, and a line back. It is told no database, and
it ends when whoever started it does.
"""

import argparse
import json
import signal
import socketserver
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from lifepot.errors import LifepotError
from lifepot.workbench.bench import Busy, Refused, Workbench
from lifepot.workbench.lines import line_of
from lifepot.workbench.redrawing import Redrawn
from lifepot.workbench.shown import shown
from lifepot.workbench.texts import LARGEST_TEXT_BYTES

MODULE = "lifepot.workbench.house"

LONGEST_ASKED = 16 * LARGEST_TEXT_BYTES
"""Bytes of a question: two texts, each letter of which may take six."""

LONGEST_WAIT_S = 60.0
MOST_SHOWN = 64
"""Answers that stay ready to be shown."""


class House:
    """What is answered to each question."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._shown: OrderedDict[tuple[str, int], dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._does: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "look": self._look, "draw": self._draw, "answer": self._answer, "report": self._report,
        }  # fmt: skip

    def answered(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question, `do` of which is look, draw, answer or report; `busy` or `wrong` where there is none."""
        try:
            return self._does[asked["do"]](asked)
        except Busy as error:
            return {"busy": {"message": error.message, "remedy": error.remedy}}
        except LifepotError as error:
            return {"wrong": {"message": error.message, "remedy": error.remedy}}

    def _look(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._bench.look(asked["text"], numbers=asked["numbers"], on_day=asked["on_day"]).as_dict()

    def _draw(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        key = self._bench.ask(asked["session"], asked["text"], asked["against"])
        return self._answer({**asked, "key": key})

    def _answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        key, within_s = asked["key"], min(float(asked["within_s"]), LONGEST_WAIT_S)
        progress = self._bench.progress
        found = self._bench.answer(key, lives=asked["lives"], within_s=within_s if progress is None else 0.0)
        if found is None and within_s:
            # Not so sharp in time: what there is.
            found = self._bench.answer(key)
        told = {"key": key, "is_known": True, "progress": None, "refused": None, "drawn": None}
        if found is None:
            return told | {"is_known": self._bench.knows(key), "progress": progress}
        if isinstance(found, Refused):
            return told | {"refused": found.as_dict()}
        return told | {"drawn": self._shown_of(key, found)}

    def _shown_of(self, key: str, found: Redrawn) -> dict[str, Any]:
        with self._lock:
            there = self._shown.pop((key, found.lives), None) or shown(found)
            self._shown[key, found.lives] = there
            while len(self._shown) > MOST_SHOWN:
                self._shown.popitem(last=False)
        return there

    def _report(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if self._bench.progress is not None:
            return {"progress": self._bench.progress}
        found = self._bench.report(asked["session"], asked["text"], asked["against"], within_s=asked["within_s"])
        if isinstance(found, Refused):
            return {"refused": found.as_dict()}
        return {} if found is None else {"page": found}


class _Asked(socketserver.StreamRequestHandler):
    """One question and its answer."""

    def handle(self) -> None:
        line = self.rfile.readline(LONGEST_ASKED)
        if not line.endswith(b"\n"):
            return
        assert isinstance(self.server, _Door)
        with suppress(BrokenPipeError):
            self.wfile.write(line_of(self.server.house.answered(json.loads(line))))


class _Door(socketserver.ThreadingUnixStreamServer):
    """The socket, and who answers behind it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: str, house: House) -> None:
        self.house = house
        super().__init__(address, _Asked)


def main() -> None:
    """Answers until whoever started it is no more, or says to stop."""
    asked_for = argparse.ArgumentParser(MODULE)
    asked_for.add_argument("--socket", type=Path, required=True)
    asked_for.add_argument("--keep", type=Path, required=True)
    asked_for.add_argument("--lives", type=int, required=True)
    asked_for.add_argument("--threads", type=int, required=True)
    asked = asked_for.parse_args()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    # Ctrl-C goes to all of a terminal's processes: whoever started this one tells it when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(FileNotFoundError):
        asked.socket.unlink()
    with (
        Workbench(asked.keep, lives=asked.lives, threads=asked.threads) as bench,
        _Door(str(asked.socket), House(bench)) as door,
    ):
        threading.Thread(target=door.serve_forever, daemon=True).start()
        sys.stdin.buffer.read()
        door.shutdown()


if __name__ == "__main__":
    main()
