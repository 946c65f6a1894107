"""Figures and conditions as the stepper's machine reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE
from lifepot.kernel.conditions import HUNDREDTHS, UNITS
from lifepot.kernel.figures import Figure, literal
from lifepot.kernel.program import ONE, Program
from lifepot.kernel.stepping_codes import (
    ABOVE,
    AT_LEAST_IT,
    AT_MOST,
    ATTRIBUTE,
    BELOW,
    BY_AGE,
    BY_AGE_MONTHS,
    BY_BORN,
    BY_DAY,
    BY_PAY,
    BY_TABLE,
    BY_WORD,
    CONSTANT,
    FAILS,
    HEAD,
    HOLDS,
    IS,
    LEVEL,
    TEST_AGE,
    TEST_AGE_JOINING,
    TEST_AGE_PAID,
    TEST_ATTRIBUTE,
    TEST_DATE,
    TEST_EARNINGS,
    TEST_EMPLOYER,
    TEST_HOURS,
    TEST_JOINED,
    TEST_LEVEL,
    TEST_PAID,
    TEST_WORKER,
)
from lifepot.kernel.stepping_days import Stands, by_day, refused
from lifepot.periods import parse_day
from lifepot.rulebook.check_conditions import asked_by
from lifepot.rulebook.check_steps import uses
from lifepot.rulebook.scalars import PARSER_BY_UNIT, parse_yes_no
from lifepot.rulebook.terms import All, AnyOf, Not, Test

Int = NDArray[np.int64]

MILLION = 10**6
LEVELS_FROM = 2
"""In `out`: rules first, then for each amount and rule what it brings, and where it stands."""

COMPARISONS = {"above": ABOVE, "at_least": AT_LEAST_IT, "below": BELOW, "at_most": AT_MOST, "is_": IS}
TESTS = {
    "age": TEST_AGE, "age_at_joining": TEST_AGE_JOINING, "age_at_first_payment": TEST_AGE_PAID,
    "months_since_joining": TEST_JOINED, "months_since_first_payment": TEST_PAID, "date": TEST_DATE,
    "pay.earnings": TEST_EARNINGS, "pay.hours": TEST_HOURS, "pay.worker": TEST_WORKER, "pay.employer": TEST_EMPLOYER,
}  # fmt: skip


@dataclass(slots=True)
class Cells:
    """One column of int64 in the making."""

    parts: list[Int] = field(default_factory=lambda: [np.zeros(HEAD, dtype=np.int64)])
    count: int = HEAD

    def put(self, numbers: Int | list[int]) -> int:
        """These numbers, too; where they begin."""
        part = np.asarray(numbers, dtype=np.int64).ravel()
        begin = self.count
        self.parts.append(part)
        self.count += len(part)
        return begin

    def all(self) -> Int:
        """The column."""
        return np.concatenate(self.parts)


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure in a step: what kind and which, over what; whether not to know it is a gap, and whether it can be one."""

    kind: int
    which: int
    den: int = 1
    asks: bool = False
    gappy: bool = False

    @property
    def constant(self) -> bool:
        """Whether it is the same at all times for all people."""
        return self.kind == CONSTANT


@dataclass
class Figures:
    """Where figures of a program stand among the cells. `born`: the birth days of tables by birth day, each with the
    register that says a person's column.
    """

    program: Program
    stands: Stands
    cells: Cells
    changed: dict[str, str]
    specs: list[list[int]] = field(default_factory=list)
    figure_cells: list[Int] = field(default_factory=list)
    age_cells: list[int] = field(default_factory=list)
    born: list[tuple[Int, int]] = field(default_factory=list)
    attributes_from: int = 0
    born_from: int = 0
    known: dict[tuple[str, str, int], Operand] = field(default_factory=dict)
    placed: int = 0

    @cached_property
    def terms(self) -> dict[str, int]:
        """Amounts and rules, by number."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def names(self) -> list[str]:
        """Amounts and rules that some rule or some purpose needs, each after those it needs itself."""
        book = self.program.rulebook
        terms = {**book.amounts, **book.rules}
        found = list(self.program.reached)

        def visit(name: str) -> None:
            if name in terms and name not in found:
                for other in uses(book, terms[name]):
                    visit(other)
                found.append(name)

        for purpose in book.purposes.values():
            for draw in purpose.draws_on:
                for name in asked_by(book, None if isinstance(draw, str) else draw.when):
                    visit(name)
            for name in asked_by(book, purpose.when):
                visit(name)
        return found

    def brings(self, name: str) -> int:
        """Where in `out` an amount says what it brings."""
        return len(self.program.rules) + LEVELS_FROM * self.terms[name]

    def level(self, name: str) -> int:
        """Where in `out` it says where it stands."""
        return self.brings(name) + 1

    def operand(self, text: str, clause: str) -> Operand:
        """An amount in a step."""
        if text.startswith("attribute."):
            return Operand(ATTRIBUTE, self.program.attribute(text.removeprefix("attribute.")))
        if text in self.terms:
            return Operand(LEVEL, self.level(text))
        found = self.figure(text, "amount", clause)
        assert found.den == 1, "amounts are whole minor units"
        return found

    def rate(self, text: str, clause: str) -> Operand:
        """A rate."""
        return self.figure(text, "rate", clause)

    def look(self, text: str, unit: str) -> Figure:
        """A value by name, as it was changed if it was, or a literal."""
        if text in self.changed:
            own = self.program.rulebook.values[text].unit
            new = literal(PARSER_BY_UNIT[own](self.changed[text]), text)
            if unit == "amount" and own == "number":
                new = replace(new, num=new.num * ONE)
            return new
        return self.program.amount_figure(text) if unit == "amount" else self.program.figure(text, unit)

    def figure(self, text: str, unit: str, clause: str, times: int = 1) -> Operand:
        """A figure, its numerators times something."""
        key = (text, unit, times)
        if key not in self.known:
            self.known[key] = self._placed(text, self.look(text, unit), clause, times)
        return self.known[key]

    def _placed(self, text: str, figure: Figure, clause: str, times: int) -> Operand:
        if figure.share and figure.by is not None:
            raise refused(clause, text, "it is a pay period's share of a table")
        table = by_day(figure, self.stands)
        gappy = bool((table == NONE).any())
        table = np.where(table == NONE, NONE, np.where(table == NONE, 0, table) * times)
        if not gappy and figure.by is None and (table == table[0, 0]).all():
            return Operand(CONSTANT, int(table[0, 0]), figure.den)
        if table.shape[1] == 1 and figure.by is None:
            return Operand(BY_DAY, self.cells.put(table), figure.den, asks=True, gappy=gappy)
        by, which, count = self._column(figure)
        self.specs.append([self.placed, by, table.shape[1], which, count, 0])
        self.figure_cells.append(table.ravel())
        self.placed += table.size
        gappy |= by != BY_PAY
        return Operand(BY_TABLE, len(self.specs) - 1, figure.den, asks=True, gappy=gappy)

    def _column(self, figure: Figure) -> tuple[int, int, int]:
        """By what a table is, where that stands, and how many keys it has."""
        if figure.by == "born":
            assert figure.keys is not None
            self.born.append((figure.keys, self.born_from + len(self.born)))
            return BY_BORN, self.born[-1][1], 0
        if figure.by == "age":
            assert figure.keys is not None
            place = len(self.age_cells)
            self.age_cells += figure.keys.tolist()
            return BY_AGE_MONTHS if figure.month_after else BY_AGE, place, len(figure.keys)
        if figure.by is not None and figure.by.startswith("attribute."):
            return BY_WORD, self.program.attribute(figure.by.removeprefix("attribute.")), 0
        return BY_PAY, 0, 0


@dataclass
class Tests:
    """Conditions, laid out as tests that lead to each other."""

    figures: Figures
    rows: list[list[int]] = field(default_factory=list)
    """With places by row; `lay` makes them places among the cells."""

    def lay(self, condition: object, clause: str) -> int:
        """Where among the cells a condition begins."""
        self.rows = []
        first = self._put(condition, HOLDS, FAILS, clause)
        begin = self.figures.cells.count

        def place(row: int) -> int:
            return row if row < 0 else begin + 9 * row

        self.figures.cells.put(
            [one for row in self.rows for one in (*row[:6], place(row[6]), place(row[7]), row[8])]
        )  # fmt: skip
        return place(first)

    def _put(self, condition: object, then: int, otherwise: int, clause: str) -> int:
        """Lays a condition before where it leads; the row at which it begins."""
        match condition:
            case str():
                return self._put(self.figures.program.rulebook.conditions[condition], then, otherwise, clause)
            case All(all=inner):
                for one in reversed(inner):
                    then = self._put(one, then, otherwise, clause)
                return then
            case AnyOf(any=inner):
                for one in reversed(inner):
                    otherwise = self._put(one, then, otherwise, clause)
                return otherwise
            case Not(not_=one):
                return self._put(one, otherwise, then, clause)
            case Test():
                for row in reversed(list(self._rows(condition, clause))):
                    self.rows.append([*row[:6], then, otherwise, row[6]])
                    then = len(self.rows) - 1
                return then
        raise AssertionError(condition)

    def _rows(self, test: Test, clause: str) -> Iterator[list[int]]:
        """What, which, how, operand, and whether it passes where it is not known; one for each comparison."""
        figures, program, what = self.figures, self.figures.program, test.what
        if test.together is not None:
            raise refused(clause, "together", "what other jobs pay in the month is not known when one of them pays")
        unknown = int(test.unknown == "passes")
        which, unit = 0, "money"
        if what.startswith("attribute."):
            name = what.removeprefix("attribute.")
            kind, which, code, unit = (
                program.rulebook.attributes[name].kind,
                program.attribute(name),
                TEST_ATTRIBUTE,
                "",
            )
            unit = kind
        elif what.startswith("amount."):
            code, which, unit = TEST_LEVEL, figures.level(what.removeprefix("amount.")), "amount"
        else:
            code = TESTS[what]
            unit = {TEST_DATE: "day", TEST_HOURS: "hours", TEST_JOINED: "number", TEST_PAID: "number"}.get(code, unit)
            unit = "age" if what.startswith("age") else unit
        for key, how in COMPARISONS.items():
            text = getattr(test, key)
            if text is not None:
                found, times = self._right(text, unit, what, clause)
                yield [code, which, how, found.kind, found.which, unknown, times]

    def _right(self, text: str, unit: str, what: str, clause: str) -> tuple[Operand, int]:
        """What is compared with, and how often the left side is taken: of a month's pay (in millions), and of all else."""
        figures, program = self.figures, self.figures.program
        if unit in {"yes_no", "choice"}:
            choices = program.rulebook.attributes[what.removeprefix("attribute.")].choices
            return Operand(
                CONSTANT, parse_yes_no(text) if unit == "yes_no" else (choices or []).index(text)
            ), MILLION + 1
        if unit == "day" and text not in program.figures:
            return Operand(CONSTANT, parse_day(text)), MILLION + 1
        times = 1
        if unit == "hours":
            times = HUNDREDTHS
        elif unit == "percent" and text in program.figures:
            times = MILLION
        figure = self.figures.look(text, UNITS.get(unit, unit))
        found = figures.figure(text, UNITS.get(unit, unit), clause, times)
        left = figure.den
        if left * 12 >= MILLION:
            raise Misuse(f"{clause}: {text} has too many digits to be compared exactly.", remedy="Write it shorter.")
        return found, left * (12 if figure.proportionate else 1) * MILLION + left
