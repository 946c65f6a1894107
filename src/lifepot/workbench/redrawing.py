"""A text's cost and gains over the kept lives: a first answer of few lives, then sharper ones, village by village.

`Redraws` keeps the sums of the last few texts, so that what was drawn before is not drawn again: a text that is sharpened goes on from
where it stood, and to compare two, one of which was just redrawn, costs as much as the other alone.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from lifepot.budgets.laying import Laid
from lifepot.errors import Misuse
from lifepot.kernel.program import compile_program
from lifepot.lab.intervals import grouped
from lifepot.lab.outcomes import answers
from lifepot.lab.page import Costing, costing_page
from lifepot.lab.run import assumption_rows
from lifepot.lab.shards import cut, summed
from lifepot.lab.sums import Sums, village_sums
from lifepot.population.people import VILLAGE_PEOPLE
from lifepot.rulebook.terms import Rulebook
from lifepot.workbench.checking import rulebook_of
from lifepot.workbench.figures import Told, differences, told_of
from lifepot.workbench.kept import SMALL, WEIGHED_FOR, Kept
from lifepot.workbench.texts import digest_of

STAGES = (2_000, SMALL, 20_000, 35_000, 50_000)
"""Lives after which there is an answer."""

TEXTS_KEPT = 8
"""Texts whose sums are kept, some 12 MB each when they are sharp."""

MOST_REGISTERS = 20_000
"""Numbers that a rulebook keeps for each person; the shipped ones take 500 to 4,000."""

KeepOn = Callable[[], bool]
"""Is asked between villages whether to go on."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """An answer. `text` and `against` are digests; `against` is empty where a rulebook is held against no scheme alone, else `other`
    are the figures of that rulebook and `less` the first's less the other's, paired.
    """

    text: str
    lives: int
    title: str
    years: str
    told: Told
    is_sharpest: bool
    against: str = ""
    against_title: str = ""
    other: Told | None = None
    less: Told | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            **{name: getattr(self, name) for name in ("text", "lives", "title", "years", "is_sharpest", "against", "against_title")},
            "told": self.told.as_dict(),
            "other": None if self.other is None else self.other.as_dict(),
            "less": None if self.less is None else self.less.as_dict(),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Redrawn":
        """The same from what `as_dict` gave."""
        whole = {name: None if given[name] is None else Told.from_dict(given[name]) for name in ("told", "other", "less")}  # fmt: skip
        return cls(**{**given, **whole})


@dataclass(slots=True)
class _Design:
    """A text being redrawn: its rulebook, laid over the kept lives, and the sums of the villages that are done. `beneath`: the
    rulebook that it is held against instead of no scheme.
    """

    book: Rulebook
    laid: Laid
    beneath: "_Design | None" = None
    sums: dict[int, Sums] = field(default_factory=dict)


class Redraws:
    """Redraws texts over kept lives, by so many threads. One caller at a time."""

    def __init__(self, kept: Kept, threads: int) -> None:
        self.kept = kept
        self.threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self.threads)
        self._designs: OrderedDict[str, _Design] = OrderedDict()

    @property
    def stages(self) -> list[int]:
        """Lives after which there is an answer; the last is the sharpest."""
        return stages(self.kept.villages * VILLAGE_PEOPLE)

    def redraw(self, text: str, against: str | None, lives: int, keep_on: KeepOn) -> Redrawn | None:
        """The answer over so many lives; None where `keep_on` said to stop, with what is done kept for the next time. Raises
        `NotARulebook` for a text with faults, and `Misuse` for one that cannot be laid over the lab's people.
        """
        designs = [self._design(one) for one in (text, against) if one is not None]
        villages = min(lives // VILLAGE_PEOPLE, self.kept.villages)
        if not all(self._further(one, villages, keep_on) for one in designs):
            return None
        groups = [self._groups(one, villages) for one in designs]
        ground = self.kept.ground
        told, *others = [told_of(one, ground) for one in groups]
        return Redrawn(
            digest_of(text), villages * VILLAGE_PEOPLE, designs[0].book.title, f"{ground.labels[0]} to {ground.labels[-1]}", told,
            villages * VILLAGE_PEOPLE >= self.stages[-1],
            digest_of(against) if against is not None else "", designs[-1].book.title if others else "",
            others[0] if others else None, differences(groups[0], groups[1], ground) if others else None,
        )  # fmt: skip

    def report(self, text: str, against: str | None, lives: int, keep_on: KeepOn) -> str | None:
        """The lab's page of a text over so many lives; None where `keep_on` said to stop. Raises as `redraw`."""
        design = self._design(text, against)
        villages = min(lives // VILLAGE_PEOPLE, self.kept.villages)
        if not self._further(design, villages, keep_on):
            return None
        found = answers(self._groups(design, villages), self.kept.ground)
        order = self.kept.order
        beneath = design.beneath.book if design.beneath is not None else None
        costing = Costing(
            design.book, beneath, found, villages * VILLAGE_PEOPLE, order.seed, assumptions=assumption_rows(order)
        )
        return costing_page(costing)

    def _design(self, text: str, against: str | None = None) -> _Design:
        beneath = None if against is None else self._design(against)
        digest = digest_of(text) if against is None else f"{digest_of(text)}-{digest_of(against)}"
        found = self._designs.pop(digest, None)
        if found is None:
            book = rulebook_of(text)
            laid = Laid(compile_program(book), self.kept.order.months, self.kept.settings, self.kept.opens)
            registers = laid.stepper.start(self.kept.born)[0]
            if len(registers) > MOST_REGISTERS:
                raise Misuse(
                    f"{book.name} keeps {len(registers):,} numbers for each person; the workbench has room for {MOST_REGISTERS:,}.",
                    remedy="Look back over fewer windows, or cost it with `lifepot lab cost`.",
                )
            found = _Design(book, laid, beneath)
        self._designs[digest] = found
        while len(self._designs) > TEXTS_KEPT:
            self._designs.popitem(last=False)
        return found

    def _further(self, design: _Design, villages: int, keep_on: KeepOn) -> bool:
        """Brings a text to so many villages; False where it was stopped before."""
        waiting = iter([number for number in range(villages) if number not in design.sums])
        running: dict[Future[Sums], int] = {}
        goes_on = True
        try:
            while True:
                goes_on = goes_on and keep_on()
                while goes_on and len(running) < self.threads and (number := next(waiting, None)) is not None:
                    running[self._pool.submit(self._village, design, number)] = number
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    design.sums[running.pop(future)] = future.result()
        finally:
            wait(running)
        return all(number in design.sums for number in range(villages))

    def _village(self, design: _Design, number: int) -> Sums:
        drawn = self.kept.laid_over(number, design.laid)
        if design.beneath is not None:
            drawn = replace(drawn, baseline=self.kept.laid_over(number, design.beneath.laid).reform)
        return village_sums(drawn, self.kept.ground)

    def _groups(self, design: _Design, villages: int) -> list[Sums]:
        """The sums in the lab's groups, each person weighed for so many."""
        factor = WEIGHED_FOR / (villages * VILLAGE_PEOPLE)

        def weighed(number: int) -> Sums:
            return {
                name: array * (1.0 if name == "villages" else factor) for name, array in design.sums[number].items()
            }

        return grouped([summed(shard, weighed) for shard in cut(villages)])


def stages(lives: int) -> list[int]:
    """Lives after which there is an answer, of so many kept."""
    return [one for one in STAGES if one < lives] + [lives]


def nearest(stages_: Sequence[int], lives: int) -> int:
    """The first stage of at least so many lives, else the last."""
    return next((one for one in stages_ if one >= lives), stages_[-1])
