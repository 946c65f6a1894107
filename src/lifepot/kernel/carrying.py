"""Carrying: where each running total stands after a member's last row, so that the next batch goes on from there.

A register holds one figure of each member (`Registers` says which). Coming in, a total's carried figure counts for the
rows of the window it was carried from; going out, the figure at each member's last row is kept.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import chain
from lifepot.kernel.chain import Column, View
from lifepot.kernel.columns import NONE
from lifepot.kernel.operators import starts
from lifepot.kernel.program import FIRST_PAYMENT_ON, OPENED_ON, Program
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE

Int = NDArray[np.int64]


@dataclass(slots=True)
class Carrying:
    """The registers that came with a sheet, and those that will go on from it (None: nothing is carried)."""

    program: Program
    sheet: Sheet
    out: Int | None = field(init=False, default=None)

    def begin(self) -> None:
        """Starts keeping, once accounts are open."""
        if not self.program.carries:
            return
        sheet = self.sheet
        blank = (self.program.registers.size, len(sheet.people))
        self.out = np.full(blank, NONE) if sheet.carry is None else sheet.carry.copy()
        self.out[OPENED_ON] = sheet.opened_on
        self.out[FIRST_PAYMENT_ON] = np.where(sheet.first_payment_on == FAR_FUTURE, NONE, sheet.first_payment_on)

    def total_before(self, name: str, step: int, view: View) -> Int | None:
        """What each row's window had come to before these rows."""
        register = self.program.registers.at.get((name, step))
        if register is None or not view.plain:
            return None
        return self._in_window(register, register + 1, view)

    def keep_total(self, name: str, step: int, window: str, column: Column) -> None:
        """Keeps where each member's total stands, and for how many windows back it is asked."""
        register = self.program.registers.at.get((name, step))
        view = column.view
        if self.out is None or register is None or view is None or not view.plain or not len(self.sheet):
            return
        member = self.sheet.facts.member
        back = self.program.registers.back.get((name, step), 0)
        if not back:
            rows = self.sheet.ends
            self.out[register, member[rows]] = view.window_start[rows]
            self.out[register + 1, member[rows]] = column.num[rows]
            return
        # Windows of one member come in order, and each pushes the ones before it back.
        ends = np.append(view.heads[1:], len(member)) - 1
        rank = _rank_within(member[ends])
        for turn in range(int(rank.max()) + 1):
            now = ends[rank == turn]
            self._push(register, back, member[now], view.window_start[now], column.num[now], window)

    def _push(self, register: int, back: int, who: Int, begin: Int, figure: Int, window: str) -> None:
        """The next window of these members: what they held moves back by as many windows as have passed."""
        out = self.out
        assert out is not None
        held = out[register, who]
        known = held != NONE
        passed = np.zeros(len(who), dtype=np.int64)
        at = begin
        for _ in range(back + 1):
            further = known & (at > held)
            at = np.where(further, chain.previous_window(self.sheet, window, at, who), at)
            passed += further
        totals = [np.where(known, out[register + 1 + age, who], 0) for age in range(back + 1)]
        for age in range(1, back + 1):
            moved = np.zeros(len(who), dtype=np.int64)
            for source in range(age + 1):
                moved = np.where(known & (passed == age - source), totals[source], moved)
            out[register + 1 + age, who] = moved
        out[register, who] = begin
        out[register + 1, who] = figure

    def earlier(self, name: str, step: int, back: int) -> tuple[Int, Int] | None:
        """The window each member's total had reached, and what it and the ones before had come to."""
        register = self.program.registers.at.get((name, step))
        if self.sheet.carry is None or register is None:
            return None
        return self.sheet.carry[register], self.sheet.carry[register + 1 : register + 2 + back]

    def figure_before(self, name: str, step: int, view: View, nth: int = 0) -> Int | None:
        """A figure that a step or a chain's end carries within its window: what it was before these rows."""
        register = self.program.registers.at.get((name, step))
        window = self.program.registers.window_of(name)
        if register is None or window is None or not view.plain:
            return None
        return self._in_window(window, register + nth, view)

    def keep_figure(self, name: str, step: int, view: View, num: Int, nth: int = 0) -> None:
        """Keeps such a figure."""
        register = self.program.registers.at.get((name, step))
        if self.out is not None and register is not None and view.plain and len(self.sheet):
            rows = self.sheet.ends
            self.out[register + nth, self.sheet.facts.member[rows]] = num[rows]

    def _in_window(self, window: int, register: int, view: View) -> Int | None:
        """A register at each row, where the row's window is the one it was carried from; nothing elsewhere."""
        carry, member = self.sheet.carry, self.sheet.facts.member
        if carry is None:
            return None
        figure = np.where(carry[window][member] == view.window_start, carry[register][member], 0)
        return np.where(figure == NONE, 0, figure)


def _rank_within(member: Int) -> Int:
    """0, 1, 2 … within each run of the same member."""
    first = starts(member)
    return np.arange(len(member)) - np.maximum.accumulate(np.where(first, np.arange(len(member)), 0))
