"""What the checks share: the rulebook they read, what they have found, and how a figure or a reference is judged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from lifepot.rulebook import scalars, walking
from lifepot.rulebook.levels import Exact, breach
from lifepot.rulebook.terms import Rulebook

Path = walking.Path

Code = Literal[
    "yaml", "encoding", "size", "shape", "twice", "unknown", "unit", "figure", "currency", "absurd", "value", "window",
    "day", "account", "attribute", "test", "order", "overlap", "cycle", "rule", "claim", "purpose", "step", "period", "cap_below_floor",
    "nothing_left", "no_effect", "unbounded", "unused",
]  # fmt: skip
"""Everything a rulebook can be told, by the word that programs read. What each means, and what would be right, stands in
docs/writing-a-rulebook.md, "What is refused"; a test keeps the two equal."""

NOTES: frozenset[Code] = frozenset({"unused"})
"""Codes of what the writer may want to know, though nothing is wrong with the file."""


class Key(str):
    """The last word of a path where the word itself is at fault, not what stands under it: a day in `dated`, say."""

    __slots__ = ()


class Finding(NamedTuple):
    """One thing found: where, its code, what was found, what would be right."""

    path: Path
    code: Code
    found: str
    expected: str


BUILT_IN_WINDOWS = {"month", "account", "pay_period"}

MOST_NAMED = 20
"""Names that a finding lists; of more, only the first."""


@dataclass
class Findings:
    """One rulebook under check."""

    book: Rulebook
    found: list[Finding] = field(default_factory=list)

    @cached_property
    def everything(self) -> list[tuple[Path, object]]:
        """All terms, texts and figures of the rulebook, each with its path."""
        return list(walking.everything(self.book))

    def add(self, path: Path, code: Code, found: str, expected: str) -> None:
        """One more fault, or note."""
        self.found.append(Finding(path, code, found, expected))

    def reads(self, path: Path, text: str, parse: Callable[[str], object]) -> object | None:
        """The figure in a text; None, and a fault, where it is none."""
        try:
            return parse(text)
        except scalars.Absurd as error:
            found, _, expected = str(error).partition(" is not ")
            self.add(path, "absurd", found, expected)
        except ValueError as error:
            found, _, expected = str(error).partition(" is not ")
            if any(sign in text for sign in scalars.SIGNS):
                self.add(path, "currency", found, f"{expected} (the rulebook is in {self.book.currency})")
            else:
                self.add(path, "figure", found, expected or "a figure of this unit")
        return None

    def one_of(self, path: Path, name: str, names: Iterable[str], sort: str) -> bool:
        """Whether a name is one of those given; a fault where it is not."""
        choices = list(names)
        if name in choices:
            return True
        more = ["…"] if len(choices) > MOST_NAMED else []
        listed = ", ".join(choices[:MOST_NAMED] + more) or "there are none"
        self.add(path, "unknown", name, f"one of the {sort}: {listed}")
        return False

    def window(self, path: Path, name: str, *, of_facts: bool = False) -> None:
        """A window of the rulebook, or a built-in one; `of_facts`: also one that is a fact's own, its pay period."""
        built_in = BUILT_IN_WINDOWS if of_facts else BUILT_IN_WINDOWS - {"pay_period"}
        self.one_of(path, name, [*sorted(built_in), *self.book.windows], "windows")

    def attribute(self, path: Path, name: str, *kinds: str) -> None:
        """An attribute of one of these kinds."""
        attribute = self.book.attributes.get(name)
        sort = "attributes of kind " + " or ".join(kinds)
        fitting = [one for one, its in self.book.attributes.items() if its.kind in kinds]
        if attribute is None:
            self.one_of(path, name, fitting, sort)
        elif attribute.kind not in kinds:
            listed = ", ".join(fitting[:MOST_NAMED]) or "there are none"
            self.add(path, "unit", f"{name}, of kind {attribute.kind}", f"one of the {sort}: {listed}")

    def operand(self, path: Path, text: str, unit: str, *, amounts: bool = False) -> None:
        """A literal of the unit, or the name of a value of that unit (or of an amount, where one may stand)."""
        book = self.book
        if text in book.values:
            has = book.values[text].unit
            if has != ("rate" if unit == "percent" else unit):
                self.add(path, "unit", f"{text}, a value in {has}", f"a value in {unit}")
        elif text in book.amounts or text in book.rules:
            if not amounts:
                self.add(path, "unit", f"{text}, an amount", f"a figure or a value in {unit}")
        elif text[:1].isalpha():
            names = [name for name, value in book.values.items() if value.unit == unit]
            self.one_of(
                path,
                text,
                names + (list(book.amounts) if amounts else []),
                "values and amounts" if amounts else "values",
            )
        else:
            self.reads(path, text, scalars.PARSER_BY_UNIT.get(unit) or scalars.PARSER_BY_KIND[unit])

    def step_figure(self, path: Path, text: str) -> None:
        """What may stand in a step: a figure or value of money, another amount, or `attribute.` and a name."""
        if text.startswith("attribute."):
            self.attribute(path, text.removeprefix("attribute."), "money", "number")
            return
        self.money(path, text, amounts=True)

    def money(self, path: Path, text: str, *, amounts: bool = False) -> None:
        """A figure of money in a step. It is in whole pennies: exact shares of a year are for tests."""
        value = self.book.values.get(text)
        if value is not None and value.share_of is not None and value.rounded is None:
            self.add(path, "unit", f"{text}, a share that is not rounded", "`rounded` at that value")
        # A number counts 1.00 each, as everything does that is counted.
        unit = "number" if value is not None and value.unit == "number" else "money"
        self.operand(path, text, unit, amounts=amounts)

    def breach(self, left: str, right: str, broken: Callable[[Exact, Exact], bool], unit: str = "money") -> str | None:
        """Where one figure stands to another as it must not; see `levels.breach`."""
        return breach(self.book, left, right, broken, unit)


def circles(needs: dict[str, list[str]]) -> list[list[str]]:
    """Each way in which a name needs itself, once: the names along it, the first of them again at the end."""
    found: list[list[str]] = []
    done: set[str] = set()
    for first, its in needs.items():
        trail: dict[str, Iterator[str]] = {} if first in done else {first: iter(its)}
        while trail:
            name, others = next(reversed(trail.items()))
            other = next((one for one in others if one in needs and one not in done), None)
            if other is None:
                done.add(name)
                del trail[name]
            elif other in trail:
                names = list(trail)
                found.append([*names[names.index(other) :], other])
            else:
                trail[other] = iter(needs[other])
    return found
