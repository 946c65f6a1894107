"""How a process that answers pages asks the one that has the workbench. Imports nothing of what is asked.

    bench = Bench(address)                            # of the socket that `house` listens on
    looked = bench.look(text, numbers={"match.rate": "60"})
    found = bench.draw("session-17", looked["text"], within_s=1.0)
    later = bench.answer(found["key"], lives=found["drawn"]["lives"] + 1)

`draw` and `answer` give `key`; `drawn` (see `shown.shown`) or `refused` (`message`, `remedy`, `faults`), or both are None: not yet. Then
`is_known` says whether it is being worked out, and `progress` how many villages of how many are made before anything can be.
Functions block their thread. They raise `Away` where nobody answers, or more wait than can be answered.
"""

import json
import socket
from collections.abc import Mapping
from typing import Any

from lifepot.errors import LifepotError

ANSWERS_WITHIN_S = 20.0
"""Beyond what a question says that it will wait."""

_AT_ONCE = 2**16


class Away(LifepotError):
    """The workbench cannot answer just now."""


class NoBench(Away):
    """There is no workbench."""

    def __init__(self) -> None:
        super().__init__(
            "This server has no workbench.",
            remedy="Whoever runs it can give it one: `lifepot serve` without `--workbench 0`.",
        )


class Bench:
    """The workbench at an address, "" for none."""

    def __init__(self, address: str) -> None:
        self._address = address

    def look(self, text: str, *, numbers: Mapping[str, str] | None = None, on_day: int | None = None) -> dict[str, Any]:
        """A text's `title`, `faults`, `notes` and `numbers`, after other numbers were put into it (`text`, and `refused`)."""
        return self._asked({"do": "look", "text": text, "numbers": dict(numbers or {}), "on_day": on_day})

    def draw(
        self, session: str, text: str, against: str | None = None, *, lives: int = 1, within_s: float = 0.0
    ) -> dict[str, Any]:
        """Ask for a text, and wait so long for an answer of so many lives; what there is then."""
        asked = {"do": "draw", "session": session, "text": text, "against": against}
        return self._asked(asked | {"lives": lives, "within_s": within_s}, within_s)

    def answer(self, key: str, *, lives: int = 1, within_s: float = 0.0) -> dict[str, Any]:
        """The same of a key that was asked for."""
        return self._asked({"do": "answer", "key": key, "lives": lives, "within_s": within_s}, within_s)

    def report(self, session: str, text: str, against: str | None = None, *, within_s: float = 0.0) -> dict[str, Any]:
        """The lab's page of a text: `page`, `refused`, `progress`, or nothing yet."""
        asked = {"do": "report", "session": session, "text": text, "against": against, "within_s": within_s}
        return self._asked(asked, within_s)

    def _asked(self, asked: Mapping[str, Any], within_s: float = 0.0) -> dict[str, Any]:
        if not self._address:
            raise Away(
                "This server has no workbench.",
                remedy="Whoever runs it can give it one: lifepot serve --workbench 50000.",
            )
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as to:
                to.settimeout(within_s + ANSWERS_WITHIN_S)
                to.connect(self._address)
                to.sendall(json.dumps(asked).encode() + b"\n")
                heard = bytearray()
                while part := to.recv(_AT_ONCE):
                    heard += part
            found: dict[str, Any] = json.loads(heard)
        except (OSError, ValueError):
            raise Away("The workbench is being started.", remedy="Try again in some seconds.") from None
        for word, kind in (("busy", Away), ("wrong", LifepotError)):
            if word in found:
                raise kind(found[word]["message"], remedy=found[word]["remedy"])
        return found
