"""Conditions over a sheet: one truth a row."""

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.figures import Figure, look_up
from lifepot.kernel.operators import FEW, placed, product, times
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, add_months, month_index, parse_day
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import All, AnyOf, Not, Test

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

MILLION = 10**6
"""Percentages that files say are in millionths of the whole."""

HUNDREDTHS = 100
"""Hours are in hundredths."""

UNITS = {"hours": "number"}
"""In which unit a figure is read that is compared with something in another."""

GapMet = tuple[str, str, Bool]
"""Code, the value's name, and the rows that asked in vain."""

Judged = tuple[Bool, list[GapMet]]
"""Where a condition holds, and the gaps met in judging it."""


class Conditions:
    """Evaluates conditions on one sheet, each named one once. Gaps met on the way are noted in `gaps`."""

    def __init__(self, sheet: Sheet, looked_up_on: int | None = None) -> None:
        self.sheet = sheet
        self.looked_up_on = looked_up_on
        """Look figures up on this day instead of each row's own."""
        self.gaps: list[tuple[str, str, Int]] = []
        """(code, value's name, rows)"""
        self._named: dict[str, Judged] = {}
        self._met: list[GapMet] | None = None
        """Gaps of the test that is being judged; None where a step asks."""
        self.level_of: Callable[[str], Int] = _no_amounts_yet
        """Where an amount stands at each row: told by the run, once there is one."""
        self.joining = False
        """Whether it is asked who may join: the day of joining is then the day of each row."""

    def forget(self) -> None:
        """Ask anew: what was opened on which day has become known."""
        self._named.clear()
        self.joining = False

    def narrowed(self, rows: Int) -> "Conditions":
        """The same questions asked of some rows alone (rising)."""
        narrow = Conditions(self.sheet.narrowed(rows), self.looked_up_on)
        narrow.level_of = lambda name: self.level_of(name)[rows]
        narrow.joining = self.joining
        return narrow

    def holds(self, condition: object, relevant: Bool | None = None, *, only: bool = False) -> Bool:
        """Where a condition holds. Gaps are noted of the rows for which it decides something (all, if not given); of the
        `only` rows that are relevant it is said, elsewhere it holds or not as may be.
        """
        if only and relevant is not None and np.count_nonzero(relevant) * FEW < len(relevant):
            asked = np.flatnonzero(relevant)
            narrow = self.narrowed(asked)
            alone = np.zeros(len(relevant), dtype=np.bool_)
            alone[asked] = narrow.holds(condition)
            self.gaps += [(code, name, asked[rows]) for code, name, rows in narrow.gaps]
            return alone
        truth, met = self.judged(condition)
        self.note(met, relevant)
        return truth

    def note(self, met: list[GapMet], relevant: Bool | None) -> None:
        """Keep gaps that were met, of these rows."""
        for code, name, rows in met:
            noted = rows if relevant is None else rows & relevant
            if noted.any():
                self.gaps.append((code, name, np.flatnonzero(noted)))

    def judged(self, condition: object) -> Judged:
        """Where it holds, and the gaps that were met: of several tests, only of those still needed to decide."""
        match condition:
            case str():
                if condition not in self._named:
                    self._named[condition] = self.judged(self.sheet.program.rulebook.conditions[condition])
                return self._named[condition]
            case All(all=inner) | AnyOf(any=inner):
                every = isinstance(condition, All)
                truth = np.full(len(self.sheet), every)
                found: list[GapMet] = []
                for one in inner:
                    passes, met = self.judged(one)
                    found += [(code, name, rows & (truth if every else ~truth)) for code, name, rows in met]
                    truth = truth & passes if every else truth | passes
                return truth, found
            case Not(not_=one):
                truth, found = self.judged(one)
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

    def _compare(self, test: Test, left: Int, unit: str, known: Bool | None = None) -> Bool:
        """All the comparisons of a test. Each asks for its figure only where it is known and those before it passed."""
        passes = np.ones(len(left), dtype=np.bool_) if known is None else known.copy()
        left = left if known is None else np.where(known, left, 0)
        program = self.sheet.program
        for key, text in _comparisons(test):
            figure = program.amount_figure(text) if unit == "amount" else program.figure(text, UNITS.get(unit, unit))
            right, gap = self.figure(figure, passes, wanted=passes)
            side = left
            if unit == "hours":
                right = product(right, HUNDREDTHS)
            elif unit == "percent" and text in program.figures:
                # A named rate counts in ones, what a file says in millionths.
                right = product(right, MILLION)
            if figure.proportionate:
                num, den = self.sheet.share_of_year()
                # pay / share of the year against the year's figure, cross-multiplied to stay exact
                side, right = times(left, den), times(num, right)
            if figure.den != 1:
                side = times(side, figure.den)
            passes &= _COMPARE[key](side, right)
            if gap is not None:
                passes &= ~gap
        return passes

    def everywhere(self, figure: Figure) -> int | None:
        """The one figure (over its `den`) that is in force at all rows, if there is one."""
        if figure.by is not None or figure.share:
            return None
        first, last = self._days()
        low, high = np.searchsorted(figure.days, [first, last], side="right") - 1
        num = NONE if low != high or low < 0 else int(figure.num[low])
        return None if num == NONE else num

    def _days(self) -> tuple[int, int]:
        """The first and the last day on which figures are looked up."""
        return self.sheet.days if self.looked_up_on is None else (self.looked_up_on, self.looked_up_on)

    def figure(self, figure: Figure, relevant: Bool, *, wanted: Bool | None = None) -> tuple[Int | int, Bool | None]:
        """A figure at each row (one for all, if that is so), and where there is a gap (None: nowhere); gaps of relevant
        rows are noted. Only of the `wanted` rows, if given, it is told.
        """
        num = self.everywhere(figure)
        if num is not None:
            return num, None
        sheet = self.sheet
        first, last = self._days()
        by_day = figure.by is None and not figure.share and last - first <= len(sheet)
        if by_day:
            # Once for each day instead of once for each row.
            position = np.searchsorted(figure.days, np.arange(first, last + 1), side="right") - 1
            nums = np.where(position < 0, NONE, figure.num[position])
            unknown = nums == NONE
            at = sheet.day if self.looked_up_on is None else np.zeros(len(sheet), dtype=np.int64)
            if not unknown.any():
                return nums[at], None
            found, gap, silent = np.where(unknown, 0, nums)[at], unknown[at], np.zeros(len(sheet), dtype=np.bool_)
        else:
            found, gap, silent = self._looked_up(figure, wanted)
        for code, where in (("frequency_missing", silent & relevant), ("value_gap", gap & ~silent & relevant)):
            if where.any() and self._met is not None:
                self._met.append((code, figure.name, where))
            elif where.any():
                self.gaps.append((code, figure.name, np.flatnonzero(where)))
        return found, gap if gap.any() else None

    def _looked_up(self, figure: Figure, wanted: Bool | None) -> tuple[Int, Bool, Bool]:
        """A figure row by row, where there is a gap, and where no frequency is said; of `wanted` rows only, if given."""
        sheet = self.sheet
        rows = None
        if wanted is not None and np.count_nonzero(wanted) * FEW < len(wanted):
            rows = np.flatnonzero(wanted)
        key = ("looked up", figure.name, self.looked_up_on)
        if key in sheet.cache:
            return sheet.cache[key]  # type: ignore[return-value]
        timed = figure.by == "frequency" or figure.share
        frequency, period_days = sheet.frequency() if timed else (sheet.facts.on, sheet.facts.on)
        columns = [self._column(figure), frequency, period_days]
        column, frequency, period_days = columns if rows is None else (one[rows] for one in columns)
        first, last = self._days()
        low, high = (np.searchsorted(figure.days, [first, last], side="right") - 1).tolist()
        position: Int | int = low
        if low != high:
            days = sheet.facts.on if rows is None else sheet.facts.on[rows]
            position = _place_in(figure.days, days, "right") - 1
        found = look_up(figure, position, column, frequency, period_days)
        if rows is None:
            sheet.cache[key] = found
            return found
        num, gap, silent = found
        count = len(sheet)
        return placed(num, rows, count), placed(gap, rows, count), placed(silent, rows, count)

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
        key = ("column", by, figure.month_after, *figure.keys.tolist())
        if key not in sheet.cache:
            sheet.cache[key] = self._column_by_age(figure, figure.keys)
        return sheet.cache[key]  # type: ignore[return-value]

    def _column_by_age(self, figure: Figure, keys: Int) -> Int:
        """Which of the birth days or ages each row has reached; -1 for none, and where the birth day is not known."""
        sheet = self.sheet
        born = sheet.people.born
        known = np.where(born == NONE, 0, born)
        if figure.by == "born":
            column = np.searchsorted(keys, known, side="right") - 1
            return sheet.by_member(np.where(born == NONE, -1, column))
        if figure.month_after:
            months = month_index(sheet.tested_on) - sheet.by_member(month_index(known))
            column = _place_in(keys, months, "left") - 1
        else:
            reached = [sheet.tested_on >= sheet.by_member(add_months(known, key)) for key in keys.tolist()]
            column = np.add.reduce(reached, dtype=np.int64) - 1
        if (born == NONE).any():
            column = np.where(sheet.by_member(born == NONE), -1, column)
        return column

    def _age(self, test: Test) -> tuple[Bool | None, Bool]:
        sheet = self.sheet
        born = sheet.people.born
        known = sheet.by_member(born != NONE) if (born == NONE).any() else None
        if test.what == "age":
            day = sheet.tested_on
        elif test.what == "age_at_joining":
            day = self._opened()
            known = _both(known, (day != NONE) & (day < FAR_FUTURE))
        else:
            day = sheet.first_payment_by_row
            known = _both(known, day < FAR_FUTURE)
        return known, self._reached(test, "age", np.where(born == NONE, 0, born), 12, day, known)

    def _opened(self) -> Int:
        """The day each row's member joined; NONE where they did not."""
        opened = self.sheet.by_member(self.sheet.opened_on)
        return np.where(opened == NONE, self.sheet.facts.on, opened) if self.joining else opened

    def _months_since(self, test: Test) -> tuple[Bool | None, Bool]:
        sheet = self.sheet
        joining = test.what == "months_since_joining"
        since = sheet.opened_on if joining else sheet.first_payment_on
        unknown = (since == NONE) | (since == FAR_FUTURE)
        known = sheet.by_member(~unknown) if unknown.any() else None
        if not joining:
            known = _both(known, sheet.first_payment_by_row < FAR_FUTURE)
        passes = self._reached(test, "number", np.where(unknown, 0, since), 1, sheet.facts.on, known)
        if joining and self.joining and known is not None:
            # Who joins now has done so for no month.
            now = self._reached(test, "number", None, 1, sheet.facts.on, None)
            return None, np.where(known, passes, now)
        return known, passes

    def _reached(
        self, test: Test, unit: str, since: Int | None, unit_months: int, day: Int, known: Bool | None
    ) -> Bool:
        """Whole ages or months, from each member's day `since` (None: from each row's own) to each row's."""
        sheet = self.sheet
        passes = np.ones(len(sheet), dtype=np.bool_)
        for key, text in _comparisons(test):
            figure = sheet.program.figure(text, unit)
            months, gap = self.figure(figure, passes if known is None else passes & known)

            def from_on(more: int, months: Int | int = months, figure: Figure = figure) -> Int:
                if since is None:
                    return add_months(day, months + more)
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
        return passes

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
                    day, gap = self.figure(self.sheet.program.figures[text], known & passes)
                    passes &= _COMPARE[key](value, day)
                    if gap is not None:
                        passes &= ~gap
                else:
                    passes &= _COMPARE[key](value, parse_day(text))
            return known, passes
        return known, self._compare(test, value, attribute.kind, known)

    def _pay(self, test: Test) -> tuple[Bool, Bool]:
        sheet, name = self.sheet, test.what.removeprefix("pay.")
        if test.together is None:
            left = getattr(sheet.facts, name)
            known = sheet.is_kind(Kind.PAY) & (left != NONE)
        else:
            # Known, if any of the pays says it.
            left, says = sheet.together(name)
            known = sheet.is_kind(Kind.PAY) & says
        return known, self._compare(test, left, "hours" if name == "hours" else "money", known)


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


def _place_in(keys: Int, figures: Int, side: Literal["left", "right"]) -> Int:
    """`np.searchsorted` of many figures that lie close together: looked up in a table of all between them."""
    low, high = (int(figures.min()), int(figures.max())) if len(figures) else (0, 0)
    if high - low >= len(figures):
        return np.searchsorted(keys, figures, side=side)
    return np.searchsorted(keys, np.arange(low, high + 1), side=side)[figures - low]


def _both(known: Bool | None, more: Bool) -> Bool:
    """Where both hold (None: it does everywhere)."""
    return more if known is None else known & more
