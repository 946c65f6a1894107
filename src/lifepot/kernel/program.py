"""A rulebook made ready for columns: names become numbers, texts become figures, terms stand in the order in which
they need each other. Compiled once, run many times.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lifepot.kernel.columns import NONE
from lifepot.kernel.figures import Figure, compile_figure, literal
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.rulebook import scalars
from lifepot.rulebook.checks import uses
from lifepot.rulebook.terms import (
    All,
    Amount,
    AnyOf,
    AverageStep,
    EarlierStep,
    HighestStep,
    LatestStep,
    Not,
    PartStep,
    RateBy,
    RateStep,
    RiseStep,
    Rulebook,
    Test,
    Total,
    TotalStep,
    WhereStep,
)  # fmt: skip
from lifepot.rulebook.walking import listed

ONE = 100
"""What is counted counts 1.00, so that a count reads in a rulebook as a count."""


@dataclass(slots=True)
class Program:
    """A compiled rulebook. `rules` and `attributes` give the numbers by position."""

    rulebook: Rulebook
    rules: list[str]
    attributes: list[str]
    figures: dict[str, Figure]
    defaults: list[int]
    registers: "Registers"
    tolerance: int = 0
    reached: list[str] = field(default_factory=list)
    """Amounts and rules that some rule is made of or asks for, each after those that it needs itself."""
    _literals: dict[tuple[str, str], Figure] = field(default_factory=dict)

    def figure(self, text: str, unit: str) -> Figure:
        """The figure of a value by name, or of a literal of this unit."""
        if text in self.figures:
            return self.figures[text]
        key = (text, unit)
        if key not in self._literals:
            parse: Callable[[str], object] = scalars.PARSER_BY_UNIT.get(unit) or scalars.PARSER_BY_KIND[unit]
            self._literals[key] = literal(parse(text), text)  # type: ignore[arg-type]
        return self._literals[key]

    def amount_figure(self, text: str) -> Figure:
        """The figure of a value or literal of money, in minor units; a value that is a number counts 1.00 each."""
        figure = self.figure(text, "money")
        if text in self.figures and self.rulebook.values[text].unit == "number":
            return replace(figure, num=np.where(figure.num == NONE, NONE, figure.num * ONE))
        return figure

    def amount_held(self, name: str) -> int:
        """By how much what an attribute says is multiplied to count as an amount: a number counts 1.00 each."""
        return ONE if self.rulebook.attributes[name].kind == "number" else 1

    def attribute(self, name: str) -> int:
        """Number of an attribute."""
        return self.attributes.index(name)

    def encode(self, name: str, text: str) -> int:
        """Number of what was said of an attribute; raises ValueError with what would be right."""
        attribute = self.rulebook.attributes[name]
        if attribute.choices is not None:
            if text not in attribute.choices:
                raise ValueError(f"{text!r} is not one of {', '.join(attribute.choices)}")
            return attribute.choices.index(text)
        value = scalars.PARSER_BY_KIND[attribute.kind](text)
        assert isinstance(value, int)
        return value

    def decode(self, name: str, value: int) -> str:
        """The text of an attribute's number, as files write it: what `encode` made of it."""
        attribute = self.rulebook.attributes[name]
        match attribute.kind:
            case "choice":
                return (attribute.choices or [])[value]
            case "yes_no":
                return "yes" if value else "no"
            case "day":
                return format_day(value)
            case "percent":
                return f"{value // 10_000}.{value % 10_000:04d}"
            case "money":
                return format_minor(value)
            case _:
                return str(value)

    def attribute_named(self, word: str) -> str | None:
        """The attribute a file means by a word: its name or one of its aliases."""
        if word in self.rulebook.attributes:
            return word
        return next((name for name, one in self.rulebook.attributes.items() if word in one.aliases), None)

    def purpose_named(self, words: str) -> int | None:
        """The number of the purpose a file means, "first home" for `first_home`."""
        name = words.strip().lower().replace(" ", "_").replace("-", "_")
        purposes = list(self.rulebook.purposes)
        return purposes.index(name) if name in purposes else None

    @property
    def carries(self) -> bool:
        """Whether a later batch can go on from carried totals instead of all the facts: so for rulebooks whose every
        amount is known on the day of its fact and whose windows are cut by the calendar.
        """
        return self.registers.supported


@dataclass(slots=True)
class Registers:
    """Where each running total keeps its place between batches, a row a register.

    0 opened_on, 1 day of the first payment by the worker; then for each step that carries, its registers in order.
    """

    supported: bool = True
    size: int = 2
    at: dict[tuple[str, int], int] = field(default_factory=dict)

    back: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many earlier windows a total keeps, for `earlier`."""

    def claim(self, term: str, step: int, count: int) -> None:
        """Registers for one step of one term."""
        self.at[(term, step)] = self.size
        self.size += count

    def window_of(self, term: str) -> int | None:
        """The register that says which window a term's figures were carried from: that of its last total."""
        found = [step for name, step in self.back if name == term]
        return self.at[(term, max(found))] if found else None


OPENED_ON, FIRST_PAYMENT_ON = 0, 1
DIFFERENCE_STEP = 10_000
"""The step number under which a chain's last figure is carried: past any chain's length."""


def compile_program(rulebook: Rulebook) -> Program:
    """The program of a rulebook that was read without faults."""
    defaults: list[int] = []
    program = Program(rulebook, list(rulebook.rules), list(rulebook.attributes), {}, defaults, Registers())
    program.figures = {name: compile_figure(rulebook, name) for name in rulebook.values}
    program.tolerance = scalars.parse_money(rulebook.tolerance)
    defaults += [
        NONE if one.default is None else program.encode(name, one.default) for name, one in rulebook.attributes.items()
    ]
    program.reached = _reached(rulebook)
    for name in program.reached:
        _claim_registers(program, name, rulebook.rules.get(name) or rulebook.amounts[name])
    # What happens on a named day happens although no fact comes.
    program.registers.supported &= rulebook.membership.per == "member" and not rulebook.days
    for rule in rulebook.rules.values():
        program.registers.supported &= rule.due is None
    # Nor does one where an attribute counts that holds for whoever says nothing.
    program.registers.supported &= not any(_counts_unsaid(rulebook, name) for name in program.reached)
    # And what a pay brings may not depend on pays of the same period that are told later.
    program.registers.supported &= not any(_asks_all_jobs(rulebook, name) for name in program.reached)
    return program


def _asks_all_jobs(rulebook: Rulebook, name: str) -> bool:
    """Whether an amount tests the earnings of all jobs together."""
    amount = rulebook.rules.get(name) or rulebook.amounts[name]
    steps = [step.where for step in amount.steps if isinstance(step, WhereStep)]
    return any(test.together for condition in [amount.when, *steps] for test in tests_in(rulebook, condition))


def tests_in(rulebook: Rulebook, condition: object) -> Iterator[Test]:
    """The tests of a condition, through the conditions it names."""
    match condition:
        case str():
            yield from tests_in(rulebook, rulebook.conditions[condition])
        case All(all=inner) | AnyOf(any=inner):
            for one in inner:
                yield from tests_in(rulebook, one)
        case Not(not_=one):
            yield from tests_in(rulebook, one)
        case Test():
            yield condition


def _counts_unsaid(rulebook: Rulebook, name: str) -> bool:
    """Whether an amount counts the months of an attribute that is yes where nothing was said."""
    amount = rulebook.rules.get(name) or rulebook.amounts[name]
    present = [
        one.removeprefix("present.") for one in listed(amount.of) + listed(amount.minus) if one.startswith("present.")
    ]
    defaults = [rulebook.attributes[one].default for one in present]
    return any(scalars.parse_yes_no(default) for default in defaults if default is not None)


def _claim_registers(program: Program, name: str, amount: Amount) -> None:
    registers = program.registers
    running = False
    for index, step in enumerate(amount.steps):
        match step:
            case TotalStep(total=total):
                window = total.over if isinstance(total, Total) else total
                if isinstance(total, Total) and (total.per == "job" or total.not_below or total.not_above):
                    registers.supported = False
                if window in program.rulebook.windows and program.rulebook.windows[window].months is not None:
                    registers.supported = False
                asked = [one.earlier for one in amount.steps if isinstance(one, EarlierStep)]
                registers.supported &= all(one.window == window for one in asked)
                back = max((int(one.by) for one in asked), default=0)
                registers.claim(name, index, 2 + back)
                registers.back[(name, index)] = back
                running = True
            case PartStep():
                running = False
                # The differences of this total and those of a later one would share one register.
                registers.supported &= not any(isinstance(one, TotalStep) for one in amount.steps[index + 1 :])
            case RateStep(rate=rate) if running and _may_change(program, rate):
                registers.claim(name, index, 2)
            case LatestStep():
                # What pays and payments said last is not carried; a member with a status is always read whole.
                sources = listed(amount.of) + listed(amount.minus)
                registers.supported &= all(source.startswith("attribute.") for source in sources)
                running = True
            case HighestStep() | RiseStep() | AverageStep():
                registers.supported = False
            case _:
                pass
    if any(isinstance(step, TotalStep) for step in amount.steps):
        registers.claim(name, DIFFERENCE_STEP, 1)


def _may_change(program: Program, rate: str | RateBy) -> bool:
    """Whether a rate may be another on another day, or for another member."""
    return isinstance(rate, RateBy) or not program.figure(rate, "rate").constant


def _reached(rulebook: Rulebook) -> list[str]:
    """Amounts and rules that some rule needs, each after what it is made of."""
    terms: dict[str, Amount] = {**rulebook.amounts, **rulebook.rules}
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in terms:
            return
        for other in uses(rulebook, terms[name]):
            visit(other)
        order.append(name)

    for name in rulebook.rules:
        visit(name)
    return order
