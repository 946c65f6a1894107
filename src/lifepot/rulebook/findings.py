"""What the checks share: the rulebook they read, what they have found, and how a figure or a reference is judged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.terms import Rulebook

Path = tuple[str | int, ...]
Finding = tuple[Path, str, str, str]
"""Path, code, what was found, what would be right."""

BUILT_IN_WINDOWS = {"month", "account", "pay_period"}


@dataclass
class Findings:
    """One rulebook under check."""

    book: Rulebook
    found: list[Finding] = field(default_factory=list)

    def add(self, path: Path, code: str, found: str, expected: str) -> None:
        """One more fault."""
        self.found.append((path, code, found, expected))

    def reads(self, path: Path, text: str, parse: Callable[[str], object]) -> object | None:
        """The figure in a text; None, and a fault, where it is none."""
        try:
            return parse(text)
        except ValueError as error:
            found, _, expected = str(error).partition(" is not ")
            self.add(path, "figure", found, expected or "a figure of this unit")
            return None

    def one_of(self, path: Path, name: str, names: Iterable[str], sort: str) -> bool:
        """Whether a name is one of those given; a fault where it is not."""
        choices = list(names)
        if name in choices:
            return True
        self.add(path, "unknown", name, f"one of the {sort}: " + (", ".join(choices) or "there are none"))
        return False

    def window(self, path: Path, name: str, *, of_facts: bool = False) -> None:
        """A window of the rulebook, or a built-in one; `of_facts`: also one that is a fact's own, its pay period."""
        built_in = BUILT_IN_WINDOWS if of_facts else BUILT_IN_WINDOWS - {"pay_period"}
        self.one_of(path, name, [*sorted(built_in), *self.book.windows], "windows")

    def attribute(self, path: Path, name: str, *kinds: str) -> None:
        """An attribute of one of these kinds."""
        attribute = self.book.attributes.get(name)
        sort = "attributes of kind " + " or ".join(kinds)
        if attribute is None:
            self.one_of(path, name, [one for one, its in self.book.attributes.items() if its.kind in kinds], sort)
        elif attribute.kind not in kinds:
            fitting = [one for one, its in self.book.attributes.items() if its.kind in kinds]
            self.add(
                path,
                "unit",
                f"{name}, of kind {attribute.kind}",
                f"one of the {sort}: " + (", ".join(fitting) or "there are none"),
            )

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
        value = self.book.values.get(text)
        if value is not None and value.share_of is not None and value.rounded is None:
            self.add(path, "unit", f"{text}, a share that is not rounded", "`rounded` at that value")
        # A number counts 1.00 each, as everything does that is counted.
        self.operand(path, text, "number" if value is not None and value.unit == "number" else "money", amounts=True)

    def below(self, left: str, right: str) -> bool:
        """Whether one amount of money is, on some day, below another. What is not a single amount is not compared."""
        lefts, rights = self._by_day(left), self._by_day(right)
        for day in sorted({*lefts, *rights}):
            one, other = _on(lefts, day), _on(rights, day)
            if one is not None and other is not None and one < other:
                return True
        return False

    def _by_day(self, figure: str) -> dict[int, int | None]:
        """What a figure of money is from each day on; empty where it is not a single amount."""
        try:
            if figure not in self.book.values:
                return {0: scalars.parse_money(figure)}
            value = self.book.values[figure]
            if value.unit != "money":
                return {}
            return {
                parse_day(day): None if cell == "none" else scalars.parse_money(cell)
                for day, cell in value.dated.items()
                if isinstance(cell, str)
            }
        except ValueError:
            return {}  # what cannot be read is its own fault


def _on(by_day: dict[int, int | None], day: int) -> int | None:
    known = [one for one in by_day if one <= day] or ([0] if 0 in by_day else [])
    return by_day[max(known)] if known else None


def circles(needs: dict[str, list[str]]) -> list[list[str]]:
    """Each way in which a name needs itself, once: the names along it, the first of them again at the end."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append([*trail[trail.index(name) :], name])
        elif name not in done:
            for other in needs[name]:
                if other in needs:
                    visit(other, [*trail, name])
            done.add(name)

    for name in needs:
        visit(name, [])
    return found
