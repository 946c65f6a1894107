"""Conditions over a sheet: one truth a row."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.figures import Figure, look_up, shares_of_year
from lifepot.kernel.operators import times
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, add_months, month_index, parse_day
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import All, AnyOf, Not, Test

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


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

    def holds(self, condition: object, relevant: Bool | None = None) -> Bool:
        """Where a condition holds. Gaps are noted of the rows for which it decides something (all, if not given)."""
        truth, met = self._judged(condition)
        for code, name, rows in met:
            noted = rows if relevant is None else rows & relevant
            if noted.any():
                self.gaps.append((code, name, np.flatnonzero(noted)))
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
        if what.startswith("age"):
            known, passes = self._age(test)
        elif what.startswith("months_since"):
            known, passes = self._months_since(test)
        elif what.startswith("attribute."):
            known, passes = self._attribute(test)
        elif what.startswith("amount."):
            known = np.ones(len(self.sheet), dtype=np.bool_)
            # The amount's own steps and conditions ask for themselves.
            outer, self._met = self._met, None
            level = self.level_of(what.removeprefix("amount."))
            self._met = outer
            passes = self._compare(test, level, "amount")
        elif what == "date":
            known = np.ones(len(self.sheet), dtype=np.bool_)
            passes = self._compare(test, self.sheet.facts.on, "day")
        else:
            known, passes = self._pay(test)
        return np.where(known, passes, test.unknown == "passes")

    def _compare(self, test: Test, left: Int, unit: str, relevant: Bool | None = None) -> Bool:
        """All the comparisons of a test."""
        passes = np.ones(len(left), dtype=np.bool_)
        relevant = np.ones(len(left), dtype=np.bool_) if relevant is None else relevant
        for key in ("above", "at_least", "below", "at_most", "is_"):
            text = getattr(test, key)
            if text is None:
                continue
            program = self.sheet.program
            figure = program.amount_figure(text) if unit == "amount" else program.figure(text, unit)
            right, gap = self.figure(figure, relevant)
            side = left
            if figure.proportionate:
                num, den = shares_of_year(*self.sheet.frequency())
                # pay / share of the year against the year's figure, cross-multiplied to stay exact
                side, right = times(np.where(relevant, left, 0), den), times(right, num)
            if figure.den != 1:
                side = times(np.where(relevant, side, 0), figure.den)
            passes &= ~gap & _COMPARE[key](side, right)
        return passes

    def figure(self, figure: Figure, relevant: Bool, days: Int | None = None) -> tuple[Int, Bool]:
        """A figure at each row, and where there is a gap; gaps of relevant rows are noted."""
        sheet = self.sheet
        on = sheet.facts.on
        timed = figure.by == "frequency" or figure.share
        frequency, period_days = sheet.frequency() if timed else (on, on)
        num, gap, silent = look_up(figure, on if days is None else days, self._column(figure), frequency, period_days)
        for code, where in (("frequency_missing", silent & relevant), ("value_gap", gap & ~silent & relevant)):
            if where.any() and self._met is not None:
                self._met.append((code, figure.name, where))
            elif where.any():
                self.gaps.append((code, figure.name, np.flatnonzero(where)))
        return num, gap

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
        born = sheet.born
        known = np.where(born == NONE, 0, born)
        if by == "born":
            column = np.searchsorted(figure.keys, known, side="right") - 1
        elif figure.month_after:
            months = month_index(sheet.tested_on()) - month_index(known)
            column = np.searchsorted(figure.keys, months, side="left") - 1
        else:
            reached = [sheet.tested_on() >= add_months(known, int(key)) for key in figure.keys]
            column = np.add.reduce([one.astype(np.int64) for one in reached]) - 1
        return np.where(born == NONE, -1, column)

    def _age(self, test: Test) -> tuple[Bool, Bool]:
        sheet, member = self.sheet, self.sheet.facts.member
        if test.what == "age":
            day = sheet.tested_on()
        elif test.what == "age_at_joining":
            opened = sheet.opened_on[member]
            day = np.where(opened == NONE, sheet.facts.on, opened)
        else:
            day = sheet.first_payment_on[member]
        born = sheet.born
        known = (born != NONE) & (day < FAR_FUTURE)
        passes = np.ones(len(member), dtype=np.bool_)
        for key in ("above", "at_least", "below", "at_most", "is_"):
            text = getattr(test, key)
            if text is None:
                continue
            months, gap = self.figure(sheet.program.figure(text, "age"), known)
            reached = day >= add_months(np.where(known, born, 0), months)
            passed = day >= add_months(np.where(known, born, 0), months + 12)
            passes &= ~gap & _AGE[key](reached, passed)
        return known, passes

    def _months_since(self, test: Test) -> tuple[Bool, Bool]:
        sheet, member = self.sheet, self.sheet.facts.member
        joining = test.what == "months_since_joining"
        since = sheet.opened_on[member] if joining else sheet.first_payment_on[member]
        known = (since != NONE) & (since < FAR_FUTURE)
        passes = np.ones(len(member), dtype=np.bool_)
        for key in ("above", "at_least", "below", "at_most", "is_"):
            text = getattr(test, key)
            if text is None:
                continue
            months, gap = self.figure(sheet.program.figure(text, "number"), known)
            reached = sheet.facts.on >= add_months(np.where(known, since, 0), months)
            passed = sheet.facts.on >= add_months(np.where(known, since, 0), months + 1)
            passes &= ~gap & _AGE[key](reached, passed)
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
            for key in ("above", "at_least", "below", "at_most", "is_"):
                text = getattr(test, key)
                if text is None:
                    continue
                if text in self.sheet.program.figures:
                    day, gap = self.figure(self.sheet.program.figures[text], known)
                    passes &= ~gap & _COMPARE[key](value, day)
                else:
                    passes &= _COMPARE[key](value, np.full(len(value), parse_day(text)))
            return known, passes
        # A figure is asked for only by the facts it decides something for: those of money, and openings.
        relevant = known & ((self.sheet.facts.kind != Kind.STATUS) | (self.sheet.mark != 0))
        return known, self._compare(test, value, attribute.kind, relevant)

    def _pay(self, test: Test) -> tuple[Bool, Bool]:
        sheet = self.sheet
        left = getattr(sheet.facts, test.what.removeprefix("pay."))
        known = sheet.is_kind(Kind.PAY) & (left != NONE)
        left = np.where(known, left, 0)
        if test.together is not None:
            left = self._together(left)
        return known, self._compare(test, left, "number" if test.what == "pay.hours" else "money", known)

    def _together(self, earnings: Int) -> Int:
        """Earnings of all the member's pays whose period ends in the row's pay period."""
        facts = self.sheet.facts
        start, end = self.sheet.period()
        # Sorted by member and last day, a period is a run of rows, found by one number for both.
        span = np.int64(2**32)
        ends = facts.member * span + (end + 2**31)
        order = np.argsort(ends, kind="stable")
        total = np.concatenate(([0], np.cumsum(earnings[order])))
        first = np.searchsorted(ends[order], facts.member * span + (start + 2**31), side="left")
        return total[np.searchsorted(ends[order], ends, side="right")] - total[first]


def _no_amounts_yet(name: str) -> Int:
    raise AssertionError(f"{name} is asked for before accounts are open")


_COMPARE: dict[str, Callable[[Int, Int], Bool]] = {
    "above": lambda left, right: left > right,
    "at_least": lambda left, right: left >= right,
    "below": lambda left, right: left < right,
    "at_most": lambda left, right: left <= right,
    "is_": lambda left, right: left == right,
}
_AGE: dict[str, Callable[[Bool, Bool], Bool]] = {
    "above": lambda _, passed: passed,
    "at_least": lambda reached, _: reached,
    "below": lambda reached, _: ~reached,
    "at_most": lambda _, passed: ~passed,
    "is_": lambda reached, passed: reached & ~passed,
}
"""Ages and months are whole: `reached` is true from the birthday on, `passed` from the next one."""
