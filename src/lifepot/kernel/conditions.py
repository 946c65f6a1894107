"""Conditions over a sheet: one truth a row."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.figures import Figure, look_up
from lifepot.kernel.operators import times
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, add_months, month_index, parse_day
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import All, AnyOf, Not, Test

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


FEW = 4
"""Where not one in so many rows asks, they are asked alone."""

GapMet = tuple[str, str, Bool]
"""Code, the value's name, and the rows that asked in vain."""

Judged = tuple[Bool, list[GapMet]]
"""Where a condition holds, and the gaps met in judging it."""


class Conditions:
    """Evaluates conditions on one sheet, each named one once. Gaps met on the way are noted in `gaps`."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.gaps: list[tuple[str, str, Int]] = []
        """(code, value's name, rows)"""
        self._named: dict[str, Judged] = {}
        self._met: list[GapMet] | None = None
        """Gaps of the test that is being judged; None where a step asks."""
        self.level_of: Callable[[str], Int] = _no_amounts_yet
        """Where an amount stands at each row: told by the run, once there is one."""

    def forget(self) -> None:
        """Ask anew: what was opened on which day has become known."""
        self._named.clear()

    def holds(self, condition: object, relevant: Bool | None = None, *, only: bool = False) -> Bool:
        """Where a condition holds. Gaps are noted of the rows for which it decides something (all, if not given); of the
        `only` rows that are relevant it is said, elsewhere it holds or not as may be.
        """
        if only and relevant is not None and np.count_nonzero(relevant) * FEW < len(relevant):
            asked = np.flatnonzero(relevant)
            alone = np.zeros(len(relevant), dtype=np.bool_)
            alone[asked] = self.holds_at(asked, condition)
            return alone
        truth, met = self._judged(condition)
        for code, name, rows in met:
            noted = rows if relevant is None else rows & relevant
            if noted.any():
                self.gaps.append((code, name, np.flatnonzero(noted)))
        return truth

    def holds_at(self, rows: Int, condition: object) -> Bool:
        """Whether a condition holds at each of some rows (rising), which are all that ask."""
        if not len(rows):
            return np.zeros(0, dtype=np.bool_)
        narrow = Conditions(self.sheet.narrowed(rows))
        narrow.level_of = lambda name: self.level_of(name)[rows]
        truth = narrow.holds(condition)
        self.gaps += [(code, name, rows[asked]) for code, name, asked in narrow.gaps]
        return truth

    def _judged(self, condition: object) -> Judged:
        """Where it holds, and the gaps that were met: of several tests, only of those still needed to decide."""
        match condition:
            case str():
                if condition not in self._named:
                    self._named[condition] = self._judged(self.sheet.program.rulebook.conditions[condition])
                return self._named[condition]
            case All(all=inner) | AnyOf(any=inner):
                every = isinstance(condition, All)
                truth = np.full(len(self.sheet), every)
                found: list[GapMet] = []
                for one in inner:
                    passes, met = self._judged(one)
                    found += [(code, name, rows & (truth if every else ~truth)) for code, name, rows in met]
                    truth = truth & passes if every else truth | passes
                return truth, found
            case Not(not_=one):
                truth, found = self._judged(one)
                return ~truth, found
            case Test():
                outer, self._met = self._met, []
                truth, found = self._test(condition), self._met
                self._met = outer
                return truth, found
        raise AssertionError(condition)

    def _test(self, test: Test) -> Bool:
        what = test.what
        known: Bool | None
        if what.startswith("age"):
            known, passes = self._age(test)
        elif what.startswith("months_since"):
            known, passes = self._months_since(test)
        elif what.startswith("attribute."):
            known, passes = self._attribute(test)
        elif what.startswith("amount."):
            # The amount's own steps and conditions ask for themselves.
            outer, self._met = self._met, None
            level = self.level_of(what.removeprefix("amount."))
            self._met = outer
            known, passes = None, self._compare(test, level, "amount")
        elif what == "date":
            known, passes = None, self._compare(test, self.sheet.facts.on, "day")
        else:
            known, passes = self._pay(test)
        if known is None:
            return passes
        return passes | ~known if test.unknown == "passes" else passes & known

    def _compare(self, test: Test, left: Int, unit: str, relevant: Bool | None = None, *, wanted: bool = False) -> Bool:
        """All the comparisons of a test; `wanted`: only those of the rows that are relevant are."""
        passes = np.ones(len(left), dtype=np.bool_)
        program = self.sheet.program
        for key, text in _comparisons(test):
            figure = program.amount_figure(text) if unit == "amount" else program.figure(text, unit)
            right, gap = self.figure(figure, relevant, wanted=relevant if wanted else None)
            side: Int = left
            if figure.proportionate:
                num, den = self.sheet.share_of_year()
                # pay / share of the year against the year's figure, cross-multiplied to stay exact
                side, right = times(side if relevant is None else np.where(relevant, side, 0), den), times(num, right)
            if figure.den != 1:
                side = times(side if relevant is None else np.where(relevant, side, 0), figure.den)
            passes &= _COMPARE[key](side, right)
            if gap is not None:
                passes &= ~gap
        return passes

    def figure(
        self, figure: Figure, relevant: Bool | None, day: int | None = None, *, wanted: Bool | None = None
    ) -> tuple[Int | int, Bool | None]:
        """A figure at each row (one for all, if that is so), and where there is a gap (None: nowhere); gaps of relevant
        rows (None: of all) are noted. On a `day`, if given, instead of each row's own; only of `wanted` rows, if given.
        """
        first, last = self.sheet.days if day is None else (day, day)
        low, high = (np.searchsorted(figure.days, [first, last], side="right") - 1).tolist()
        if low == high and figure.by is None and not figure.share:
            num = NONE if low < 0 else int(figure.num[low])
            if num != NONE:
                return num, None
            everywhere = np.ones(len(self.sheet), dtype=np.bool_)
            self._note("value_gap", figure, everywhere, relevant)
            return 0, everywhere
        sheet = self.sheet
        if day is None and figure.by is None and not figure.share and last - first < len(sheet):
            # Once for each day instead of once for each row.
            of_day = np.searchsorted(figure.days, np.arange(first, last + 1), side="right") - 1
            by_day = np.where(of_day < 0, NONE, figure.num[of_day])
            unknown = by_day == NONE
            if not unknown.any():
                return by_day[sheet.day], None
            gap = unknown[sheet.day]
            self._note("value_gap", figure, gap, relevant)
            return np.where(unknown, 0, by_day)[sheet.day], gap
        rows = slice(None) if wanted is None else np.flatnonzero(wanted)
        timed = figure.by == "frequency" or figure.share
        frequency, period_days = sheet.frequency() if timed else (sheet.facts.on, sheet.facts.on)
        position: Int | int = low
        if low != high:
            position = np.searchsorted(figure.days, sheet.facts.on[rows], side="right") - 1
        found, gap, silent = look_up(figure, position, self._column(figure)[rows], frequency[rows], period_days[rows])
        if not isinstance(rows, slice):
            found, gap, silent = (_among(one, rows, len(sheet)) for one in (found, gap, silent))
        self._note("frequency_missing", figure, silent, relevant)
        self._note("value_gap", figure, gap & ~silent, relevant)
        return found, gap if gap.any() else None

    def _note(self, code: str, figure: Figure, where: Bool, relevant: Bool | None) -> None:
        """Notes where there is a gap."""
        if not where.any():
            return
        where = where if relevant is None else where & relevant
        if where.any() and self._met is not None:
            self._met.append((code, figure.name, where))
        elif where.any():
            self.gaps.append((code, figure.name, np.flatnonzero(where)))

    def _column(self, figure: Figure) -> Int:
        """Which column of a table each row takes; -1 for none."""
        sheet, by = self.sheet, figure.by
        if by is None:
            return sheet.facts.on
        if by == "frequency":
            return sheet.frequency()[0]
        if by.startswith("attribute."):
            word = sheet.attribute(by.removeprefix("attribute."))
            return np.where(word == NONE, -1, word)
        assert figure.keys is not None
        born = sheet.people.born
        known = np.where(born == NONE, 0, born)
        if by == "born":
            column = np.searchsorted(figure.keys, known, side="right") - 1
            return sheet.by_member(np.where(born == NONE, -1, column))
        if figure.month_after:
            months = month_index(sheet.tested_on) - sheet.by_member(month_index(known))
            column = np.searchsorted(figure.keys, months, side="left") - 1
        else:
            reached = [sheet.tested_on >= sheet.by_member(add_months(known, key)) for key in figure.keys.tolist()]
            column = np.add.reduce(reached, dtype=np.int64) - 1
        if (born == NONE).any():
            column = np.where(sheet.by_member(born == NONE), -1, column)
        return column

    def _age(self, test: Test) -> tuple[Bool | None, Bool]:
        sheet = self.sheet
        known = sheet.people.born != NONE
        born = np.where(known, sheet.people.born, 0)
        if test.what == "age":
            day = sheet.tested_on
        elif test.what == "age_at_joining":
            opened = sheet.by_member(sheet.opened_on)
            day = np.where(opened == NONE, sheet.facts.on, opened)
        else:
            day = sheet.by_member(sheet.first_payment_on)
            known &= sheet.first_payment_on < FAR_FUTURE
        return self._reached(test, "age", born, 12, day, known)

    def _months_since(self, test: Test) -> tuple[Bool | None, Bool]:
        sheet = self.sheet
        since = sheet.opened_on if test.what == "months_since_joining" else sheet.first_payment_on
        known = (since != NONE) & (since < FAR_FUTURE)
        return self._reached(test, "number", np.where(known, since, 0), 1, sheet.facts.on, known)

    def _reached(
        self, test: Test, unit: str, since: Int, unit_months: int, day: Int, of: Bool
    ) -> tuple[Bool | None, Bool]:
        """Whole ages or months, from each member's day `since` to each row's; `of` whom it is known."""
        sheet = self.sheet
        known: Bool | None = None if of.all() else sheet.by_member(of)
        passes = np.ones(len(sheet), dtype=np.bool_)
        for key, text in _comparisons(test):
            figure = sheet.program.figure(text, unit)
            months, gap = self.figure(figure, known)

            def from_on(more: int, months: Int | int = months, figure: Figure = figure) -> Int:
                if isinstance(months, int):
                    return sheet.by_member(add_months(since, months + more))
                if figure.by == "born" and len(figure.days) == 1 and figure.days[0] <= sheet.days[0]:
                    # One for each member, so that it is worked out once for each.
                    each = np.zeros(len(since), dtype=np.int64)
                    each[sheet.facts.member[sheet.heads]] = months[sheet.heads]
                    return sheet.by_member(add_months(since, each + more))
                return add_months(sheet.by_member(since), months + more)

            passes &= _AGE[key](lambda: day >= from_on(0), lambda: day >= from_on(unit_months))
            if gap is not None:
                passes &= ~gap
        return known, passes

    def _attribute(self, test: Test) -> tuple[Bool, Bool]:
        name = test.what.removeprefix("attribute.")
        attribute = self.sheet.program.rulebook.attributes[name]
        value = self.sheet.attribute(name)
        known = value != NONE
        if attribute.kind == "yes_no":
            assert test.is_ is not None
            return known, value == parse_yes_no(test.is_)
        if attribute.kind == "choice":
            assert attribute.choices is not None
            assert test.is_ is not None
            return known, value == attribute.choices.index(test.is_)
        if attribute.kind == "day":
            passes = np.ones(len(value), dtype=np.bool_)
            for key, text in _comparisons(test):
                if text in self.sheet.program.figures:
                    day, gap = self.figure(self.sheet.program.figures[text], known)
                    passes &= _COMPARE[key](value, day)
                    if gap is not None:
                        passes &= ~gap
                else:
                    passes &= _COMPARE[key](value, parse_day(text))
            return known, passes
        # A figure is asked for only by the facts it decides something for: those of money, and openings.
        relevant = known & ~self.sheet.is_kind(Kind.STATUS)
        return known, self._compare(test, value, attribute.kind, relevant)

    def _pay(self, test: Test) -> tuple[Bool, Bool]:
        sheet = self.sheet
        left = getattr(sheet.facts, test.what.removeprefix("pay."))
        known = sheet.is_kind(Kind.PAY) & (left != NONE)
        left = np.where(known, left, 0) if test.together is None else sheet.earned_together()
        unit = "number" if test.what == "pay.hours" else "money"
        return known, self._compare(test, left, unit, known, wanted=True)


def _no_amounts_yet(name: str) -> Int:
    raise AssertionError(f"{name} is asked for before accounts are open")


_COMPARE: dict[str, Callable[[Int, Int | int], Bool]] = {
    "above": lambda left, right: left > right,
    "at_least": lambda left, right: left >= right,
    "below": lambda left, right: left < right,
    "at_most": lambda left, right: left <= right,
    "is_": lambda left, right: left == right,
}
_AGE: dict[str, Callable[[Callable[[], Bool], Callable[[], Bool]], Bool]] = {
    "above": lambda _, passed: passed(),
    "at_least": lambda reached, _: reached(),
    "below": lambda reached, _: ~reached(),
    "at_most": lambda _, passed: ~passed(),
    "is_": lambda reached, passed: reached() & ~passed(),
}
"""Ages and months are whole: `reached` is true from the birthday on, `passed` from the next one."""


def _comparisons(test: Test) -> Iterator[tuple[str, str]]:
    """What a test compares with, and how."""
    return ((key, text) for key in _COMPARE if (text := getattr(test, key)) is not None)


def _among(figures: NDArray[Any], rows: NDArray[Any], count: int) -> NDArray[Any]:
    """Figures of some rows, with nothing at the others."""
    found = np.zeros(count, dtype=figures.dtype)
    found[rows] = figures
    return found
