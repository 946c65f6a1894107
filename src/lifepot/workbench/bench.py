"""The workbench as a server holds it: one for all who come, whatever thread they come on.

    with Workbench(Path("cache")) as bench:
        key = bench.ask("session-17", text)                # or ask(session, text, against)
        first = bench.answer(key, lives=1, within_s=1.0)   # a Redrawn, a Refused, or None: not yet
        sharper = bench.answer(key, lives=first.lives + 1, within_s=25.0)

Texts are redrawn by one process beside this one, one at a time: first answers before sharper ones, and what is asked later by the same
session takes the place of what it asked before. Answers are kept by the digest of their texts, so that a link that many follow is
drawn once. A text that ends the process, or keeps it too long, gets a `Refused`, and the next one a new process.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from lifepot.errors import LifepotError
from lifepot.rulebook.reader import RulebookFault
from lifepot.workbench import reading, worker
from lifepot.workbench.kept import SHARP, SMALL
from lifepot.workbench.lines import Beside, Gone, TooLate
from lifepot.workbench.redrawing import Redrawn, stages
from lifepot.workbench.texts import LARGEST_TEXT_BYTES, digest_of

MOST_WAITING = 32
"""Texts that wait for their first answer: some twenty seconds' work."""

MOST_ANSWERS = 200
MOST_SESSIONS = 5_000

STARTS_WITHIN_S = 580.0
"""Between two signs of life of a process that starts: machine code may have to be compiled."""

ANSWERS_WITHIN_S = 30.0
"""A hundred times what a stage of a redraw takes on two quiet cores."""

READS_WITHIN_S, READER_STARTS_WITHIN_S = 3.0, 60.0
SHARPENED_FOR_S = 60.0
"""An answer is sharpened as long as somebody has looked for it so lately."""

MOST_STRIKES = 2
"""A text that ended the process so often is not tried again: once may have been somebody else's doing."""

MOST_STARTS = 3
REPORTS_WITHIN_S = 60.0


class Busy(LifepotError):
    """More people ask than can be answered."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no answer: a text with faults, one that cannot be laid over the lab's people, one that takes too long."""

    message: str
    remedy: str
    faults: list[RulebookFault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {"message": self.message, "remedy": self.remedy, "faults": [one.as_dict() for one in self.faults]}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Refused":
        """The same from what `as_dict` gave."""
        return cls(given["message"], given["remedy"], [RulebookFault(**one) for one in given["faults"]])


@dataclass(frozen=True, slots=True)
class Looked:
    """What is said of a text as it is typed: its title where it has no faults, faults and notes with their places, and its numbers, as
    `numbers.Number` tells them. `text`: with the numbers that were put into it; `refused`: those that cannot stand there, each with
    `which`, `value`, `message` and `remedy`.
    """

    title: str | None
    faults: list[RulebookFault]
    notes: list[RulebookFault]
    numbers: list[dict[str, Any]]
    text: str
    refused: list[dict[str, str]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        told = {"title": self.title, "numbers": self.numbers, "text": self.text, "refused": self.refused}
        return told | {name: [one.as_dict() for one in getattr(self, name)] for name in ("faults", "notes")}


@dataclass(slots=True)
class _Wish:
    """What somebody wants redrawn, or reported, and how far it is."""

    key: str
    text: str
    against: str | None
    is_report: bool = False
    sessions: set[str] = field(default_factory=set)
    lives: int = 0
    answer: Redrawn | Refused | None = None
    page: str | None = None
    is_done: bool = False
    strikes: int = 0
    looked_at: float = 0.0


class Workbench:
    """See the module. `keep` is a folder of its own for the kept lives, some 700 MB for 50,000."""

    def __init__(
        self, keep: Path, *, lives: int = SHARP, threads: int = 2, answers_within_s: float = ANSWERS_WITHIN_S
    ) -> None:
        self._arguments = ["--keep", str(keep), "--lives", str(lives), "--threads", str(threads)]
        self._stages = stages(lives)
        self._small = min(SMALL, lives)
        self._within_s = answers_within_s
        self._changed = threading.Condition()
        self._wishes: OrderedDict[str, _Wish] = OrderedDict()
        self._wants: OrderedDict[str, str] = OrderedDict()
        self._progress: tuple[int, int] | None = (0, 0)
        self._failed: Refused | None = None
        self._worker: Beside | None = None
        self._reader: Beside | None = None
        self._reads = threading.Lock()
        self._ends = False
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        self._thread = threading.Thread(target=self._run, name="workbench", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        # It is there before the first person types.
        self._reader = Beside(reading.MODULE)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends both processes; nothing is answered any more."""
        with self._changed:
            self._ends = True
            self._say_changed()
        if self._thread.is_alive():
            self._thread.join()
        with self._reads:
            if self._reader is not None:
                self._reader.end()
                self._reader = None
        for descriptor in (self._woken, self._wake):
            with suppress(OSError):
                os.close(descriptor)

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many villages are made, of how many (0 of 0: not known yet), while the kept lives are made; None once all is ready."""
        return self._progress

    @property
    def worker_pid(self) -> int | None:
        """The number of the process that redraws, for whoever watches the machine."""
        worker_ = self._worker
        return None if worker_ is None else worker_.pid

    def ask(self, session: str, text: str, against: str | None = None) -> str:
        """Asks for a text, held against no scheme or against another text; gives the key of the answer. What the session asked before
        is not drawn on, unless others want it too. Raises `Busy` where too many wait.
        """
        return self._wished(_Wish(self._key(text, against), text, against), session)

    @staticmethod
    def _key(text: str, against: str | None) -> str:
        return digest_of(text) if against is None else f"{digest_of(text)}-{digest_of(against)}"

    def answer(self, key: str, *, lives: int = 1, within_s: float = 0.0) -> Redrawn | Refused | None:
        """The sharpest answer known, if it is of at least so many lives or the sharpest there will be; waited for so long at most.
        None: not yet, or nobody asked for it (any more).
        """
        wish = self._waited(key, lives, within_s)
        return None if wish is None else wish.answer

    def _waited(self, key: str, lives: int, within_s: float) -> _Wish | None:
        """The wish, once it has what was waited for; None where it has not in time."""
        ends = time.monotonic() + within_s
        with self._changed:
            while True:
                wish = self._wishes.get(key)
                if wish is None:
                    return None
                wish.looked_at = time.monotonic()
                if wish.is_done or (wish.answer is not None and wish.lives >= lives):
                    return wish
                left = ends - time.monotonic()
                if left <= 0 or self._ends:
                    return None
                self._changed.wait(left)

    def report(
        self, session: str, text: str, against: str | None = None, *, within_s: float = REPORTS_WITHIN_S
    ) -> str | Refused | None:
        """The lab's page of a text over the small population, held against no scheme or another text, HTML; a refusal, or None where
        it is not there in time. Raises `Busy`.
        """
        key = f"report-{self._key(text, against)}"
        self._wished(_Wish(key, text, against, is_report=True), f"report-{session}")
        wish = self._waited(key, 1, within_s)
        return None if wish is None else wish.page or self._refusal(wish)

    @staticmethod
    def _refusal(wish: _Wish) -> Refused | None:
        return wish.answer if isinstance(wish.answer, Refused) else None

    def knows(self, key: str) -> bool:
        """Whether an answer is known or being worked out; if not, ask again."""
        with self._changed:
            return key in self._wishes

    def look(self, text: str, *, numbers: Mapping[str, str] | None = None, on_day: int | None = None) -> Looked:
        """The text's faults and numbers, within some 0.1 s; `numbers` are put into it first. `on_day`: see `numbers`. Raises `LifepotError` for a text that cannot be
        read in time.
        """
        with self._reads:
            for _ in range(2):
                try:
                    self._reader = self._reader or Beside(reading.MODULE)
                    within_s = READS_WITHIN_S if self._reader.has_spoken else READER_STARTS_WITHIN_S
                    asked = {"text": text[: LARGEST_TEXT_BYTES + 1], "on_day": on_day, "numbers": dict(numbers or {})}
                    self._reader.say(asked, within_s)
                    found = self._reader.heard(within_s)
                    assert found is not None, "nothing else wakes it"
                except (Gone, TooLate) as error:
                    assert self._reader is not None
                    self._reader.end()
                    self._reader = None
                    if isinstance(error, TooLate):
                        break
                    continue
                faults, notes = ([RulebookFault(**one) for one in found[name]] for name in ("faults", "notes"))
                return Looked(found["title"], faults, notes, found["numbers"], found["text"], found["refused"])
        raise LifepotError("The text cannot be read.", remedy="Make it shorter or simpler.")

    def _wished(self, wish: _Wish, session: str) -> str:
        with self._changed:
            before = self._wants.pop(session, None)
            if before != wish.key:
                self._leave(before, session)
            there = self._wishes.get(wish.key)
            if there is None:
                waiting = sum(not one.is_done and one.answer is None for one in self._wishes.values())
                if waiting >= MOST_WAITING:
                    raise Busy(f"{waiting} rulebooks wait to be redrawn already.", remedy="Try again in half a minute.")
                there = wish
                for one in (wish.text, wish.against or ""):
                    if len(one.encode("utf-8", "surrogatepass")) > LARGEST_TEXT_BYTES:
                        self._settle(
                            there,
                            Refused(
                                "The text is too long.", f"A rulebook has at most {LARGEST_TEXT_BYTES:,} bytes here."
                            ),
                        )
            there.sessions.add(session)
            there.looked_at = time.monotonic()
            self._wishes[wish.key] = there
            if not self._is_urgent(there):
                self._wishes.move_to_end(wish.key)
            self._wants[session] = wish.key
            self._bound()
            self._say_changed()
        return wish.key

    def _leave(self, key: str | None, session: str) -> None:
        """A session wants something else now. What nobody waits for is forgotten."""
        wish = self._wishes.get(key) if key is not None else None
        if wish is not None:
            wish.sessions.discard(session)
            if not wish.sessions and wish.answer is None and wish.page is None:
                del self._wishes[wish.key]

    def _bound(self) -> None:
        while len(self._wants) > MOST_SESSIONS:
            session, key = self._wants.popitem(last=False)
            self._leave(key, session)
        answered = [key for key, one in self._wishes.items() if one.is_done or one.answer is not None]
        for key in answered[: max(len(answered) - MOST_ANSWERS, 0)]:
            del self._wishes[key]

    def _say_changed(self) -> None:
        self._changed.notify_all()
        with suppress(BlockingIOError, OSError):
            os.write(self._wake, b"!")

    def _settle(self, wish: _Wish, answer: Refused) -> None:
        """No more is drawn of a wish. An answer that is there already stays."""
        wish.is_done = True
        wish.answer = wish.answer or answer

    # The thread that speaks with the worker.

    def _run(self) -> None:
        try:
            while not self._ends:
                if self._worker is None and not self._start():
                    self._refuse_all()
                    continue
                wish = self._next()
                if wish is not None:
                    self._draw(wish)
        finally:
            if self._worker is not None:
                self._worker.end()

    def _start(self) -> bool:
        """Starts the worker and hears how far it is; False where it cannot be had, and why is told."""
        is_told = False
        for _ in range(MOST_STARTS):
            try:
                self._worker = Beside(worker.MODULE, self._arguments)
                while not self._ends:
                    said = self._worker.heard(STARTS_WITHIN_S, self._woken)
                    if said is None:
                        self._calm()
                    elif "making" in said:
                        self._progress = (int(said["making"][0]), int(said["making"][1]))
                    elif "failed" in said:
                        self._failed, is_told = Refused.from_dict(said["failed"]), True
                        break
                    elif "ready" in said:
                        self._progress, self._failed = None, None
                        return True
            except (Gone, TooLate, OSError):
                self._failed = Refused("The workbench cannot be started.", "Look into the server's log.")
            if self._worker is not None:
                self._worker.end()
                self._worker = None
            if self._ends or is_told:
                break
        return False

    def _refuse_all(self) -> None:
        """Tells all who wait why there will be no answer, and waits for the next who asks."""
        with self._changed:
            for wish in self._wishes.values():
                if wish.answer is None and self._failed is not None:
                    wish.answer, wish.is_done = self._failed, True
            self._changed.notify_all()
            while not self._ends and all(one.is_done for one in self._wishes.values()):
                self._changed.wait(1.0)
            # What failed then is tried anew for whoever asks again.
            for key in [key for key, one in self._wishes.items() if one.answer is self._failed]:
                del self._wishes[key]

    def _next(self) -> _Wish | None:
        """What is drawn next: what waits longest for a first answer, else the latest that somebody still looks at."""
        with self._changed:
            first = next((one for one in self._wishes.values() if self._is_urgent(one)), None)
            sharper = next((one for one in reversed(self._wishes.values()) if self._is_looked_at(one)), None)
            if first is None and sharper is None:
                self._changed.wait(1.0)
            return first or sharper

    def _is_urgent(self, wish: _Wish) -> bool:
        return not wish.is_done and bool(wish.sessions) and wish.lives < self._small

    def _is_looked_at(self, wish: _Wish) -> bool:
        return not wish.is_done and bool(wish.sessions) and time.monotonic() - wish.looked_at < SHARPENED_FOR_S

    def _must_stop(self, wish: _Wish) -> bool:
        """Whether what is drawn now has been overtaken."""
        with self._changed:
            others = any(self._is_urgent(one) for one in self._wishes.values() if one is not wish)
            return self._ends or not wish.sessions or (wish.lives >= self._small and others)

    def _draw(self, wish: _Wish) -> None:
        """Brings a wish to its next stage."""
        assert self._worker is not None
        lives = self._small if wish.is_report else next(one for one in self._stages if one > wish.lives)
        do = "report" if wish.is_report else "redraw"
        ends, is_stopped = time.monotonic() + self._within_s, False
        try:
            asked = {"do": do, "text": wish.text, "against": wish.against, "lives": lives}
            self._worker.say(asked, self._within_s)
            while (said := self._worker.heard(max(ends - time.monotonic(), 0), self._woken)) is None:
                self._calm()
                if not is_stopped and self._must_stop(wish):
                    self._worker.say({"do": "stop"}, self._within_s)
                    is_stopped = True
        except (Gone, TooLate) as error:
            self._worker.end()
            self._worker = None
            self._struck(wish, is_late=isinstance(error, TooLate))
            return
        self._heard(wish, said)

    def _heard(self, wish: _Wish, said: Mapping[str, Any]) -> None:
        with self._changed:
            if "refused" in said:
                self._settle(wish, Refused.from_dict(said["refused"]))
            elif "page" in said:
                wish.page, wish.is_done = said["page"], True
            elif "answer" in said:
                wish.answer = Redrawn.from_dict(said["answer"])
                wish.lives, wish.is_done = wish.answer.lives, wish.answer.is_sharpest
            self._changed.notify_all()

    def _struck(self, wish: _Wish, *, is_late: bool) -> None:
        """A text that ended the worker, or kept it too long."""
        with self._changed:
            wish.strikes += 1
            if is_late:
                limit = f"{self._within_s:g} s"
                self._settle(
                    wish, Refused(f"The rulebook takes more than {limit} to redraw.", "Make it smaller or simpler.")
                )
            elif wish.strikes >= MOST_STRIKES:
                self._settle(
                    wish,
                    Refused(
                        "The workbench came to an end over this rulebook, twice.",
                        "Tell us of it: that is our mistake. `lifepot lab cost` may say more.",
                    ),
                )
            self._changed.notify_all()

    def _calm(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._woken, 4_096):
                pass
