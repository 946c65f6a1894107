"""A chain of steps over a column of money.

A column begins as *parts*, one a row. `total` makes it *running*: each row then holds the figure its window has come
to. What a row brings is the difference at the end. Figures are exact: numerators over a denominator.

A column may stand in another order than the sheet's, or have rows of its own: money taken out newest first undoes
money of earlier windows, each a row in that window. `View` says which sheet row looks up figures, which caused it, and
in which window it stands.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE
from lifepot.kernel.operators import (
    differences,
    round_exact,
    running_max,
    running_total,
    running_total_between,
    running_total_not_below_zero,
    start_of,
    starts,
    times,
)  # fmt: skip
from lifepot.kernel.sheet import Sheet, window_of
from lifepot.periods import add_months

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class View:
    """The rows of a column: `look` is the sheet row that figures are looked up at, `cause` the row that brought it,
    `first` where a new window (of a member, or of a member's job) begins, `start` each row's first.
    """

    look: Int
    cause: Int
    window_start: Int
    window_end: Int
    first: Bool
    start: Int
    plain: bool
    """Whether the rows are the sheet's own, in its order."""


@dataclass(slots=True)
class Column:
    """Figures `num / den`, parts or running, in a view (None: parts of the sheet's own rows, in no window yet)."""

    num: Int
    den: Int | int = 1
    view: View | None = None
    running: bool = False

    def with_(self, num: Int, den: Int | int | None = None) -> "Column":
        """The same column with other figures."""
        return replace(self, num=num, den=self.den if den is None else den)


def view_by_window(sheet: Sheet, name: str, *, per_job: bool = False) -> View:
    """The sheet's rows by member (and job) and window."""
    key = ("view", name, per_job)
    if key in sheet.cache:
        return sheet.cache[key]  # type: ignore[return-value]
    start, end = sheet.window(name)
    rows = np.arange(len(sheet))
    member = sheet.facts.member
    if per_job:
        rows = np.lexsort((rows, start, sheet.facts.payer, member))
        first = starts(member[rows], sheet.facts.payer[rows], start[rows])
    else:
        first = starts(member, start)
    view = View(rows, rows, start[rows], end[rows], first, start_of(first), not per_job)
    sheet.cache[key] = view
    return view


def begun_anew(view: View, rows: Int) -> View:
    """The same view with a new group at each of these sheet rows."""
    first = view.first | np.isin(view.look, rows)
    return replace(view, first=first, start=start_of(first))


def view_newest_first(sheet: Sheet, plain: View, parts: Int, taken: Int, begun_at: Int) -> tuple[View, Int]:
    """Rows and parts with withdrawals taken from the newest window that still holds something, then from the ones
    before. Members who took nothing out keep their rows; for the others each window is followed one by one.
    """
    if not taken.any():
        return plain, parts
    anew = set(begun_at.tolist())
    parts = parts.copy()
    member = sheet.facts.member
    extra: list[tuple[int, int, int]] = []
    for who in np.unique(member[taken > 0]):
        rows = range(*np.searchsorted(member, [who, who + 1]))
        held: list[list[int]] = []
        for row in rows:
            window = int(plain.window_start[row])
            if row in anew:
                held.clear()
            if parts[row]:
                if not held or held[-1][0] != window:
                    held.append([window, 0, row])
                held[-1][1] += int(parts[row])
            left = int(taken[row])
            while left and held:
                begun, there, _ = held[-1]
                out = min(left, there)
                if begun == window:
                    parts[row] -= out
                elif out:
                    last = (
                        int(np.searchsorted(plain.window_start[rows.start : rows.stop], begun, side="right"))
                        + rows.start
                        - 1
                    )
                    extra.append((last, row, -out))
                held[-1][1] -= out
                left -= out
                if held[-1][1]:
                    break
                if begun == window:
                    # Kept, empty: what is paid in later this window stands on the same total.
                    emptied = held.pop()
                    older = _take_older(held, left, plain, rows, row, extra)
                    held.append(emptied)
                    left = older
                    break
                held.pop()
            for window_held in held:
                window_held[2] = row
    if not extra:
        return plain, parts
    look = np.concatenate([plain.look, np.array([one[0] for one in extra])])
    cause = np.concatenate([plain.cause, np.array([one[1] for one in extra])])
    amounts = np.concatenate([parts, np.array([one[2] for one in extra])])
    order = np.lexsort((cause, plain.window_start[look], member[look]))
    look, cause, amounts = look[order], cause[order], amounts[order]
    begin = plain.window_start[look]
    first = starts(member[look], begin) | (np.isin(look, begun_at) & (look == cause))
    return View(look, cause, begin, plain.window_end[look], first, start_of(first), plain=False), amounts


def _take_older(
    held: list[list[int]], left: int, plain: View, rows: range, row: int, extra: list[tuple[int, int, int]]
) -> int:
    """Takes what is left from the windows before, newest first; returns what even they did not hold."""
    while left and held:
        begun, there, _ = held[-1]
        out = min(left, there)
        if out:
            last = (
                int(np.searchsorted(plain.window_start[rows.start : rows.stop], begun, side="right")) + rows.start - 1
            )
            extra.append((last, row, -out))
        held[-1][1] -= out
        left -= out
        if not held[-1][1]:
            held.pop()
    return left


def total(column: Column, view: View, *, not_below_zero: bool, cap: Int | None, before: Int | None) -> Column:
    """The running total of parts; `cap`: what it may not rise above at each row; `before`: what each row's window had
    come to before these rows (carried).
    """
    if cap is not None:
        num = running_total_between(column.num, view.first, from_zero=not_below_zero, cap=cap)
    elif not_below_zero:
        num = running_total_not_below_zero(column.num, view.start, view.first)
    else:
        num = running_total(column.num, view.start)
    if before is not None:
        num = num + before
    return Column(num, 1, view, running=True)


def parts_of(column: Column, before: Int | None = None) -> Int:
    """What each row brings, in minor units."""
    if not column.running:
        return column.num
    assert column.view is not None
    return differences(column.num, column.view.first, before)


def multiply(column: Column, rate: Int, den: int) -> Column:
    """Times a rate."""
    return column.with_(times(column.num, rate), _den(column.den, den))


def multiply_parts(column: Column, rate: Int, den: int, before: Int | None, product_before: Int | None) -> Column:
    """A running total with each part times the rate of its own day; `before` and `product_before`: what it and the
    result had come to in each row's window before these rows (carried).
    """
    if len(rate) and int(rate.min()) == int(rate.max()) and before is None:
        return multiply(column, rate, den)
    assert column.view is not None
    assert isinstance(column.den, int)
    product = running_total(times(differences(column.num, column.view.first, before), rate), column.view.start)
    return column.with_(product if product_before is None else product + product_before, column.den * den)


def at_most(column: Column, cap: Int) -> Column:
    """min(x, cap)."""
    return column.with_(np.minimum(column.num, scaled(cap, column.den)))


def taper(column: Column, level: Int, begin: Int, end: Int) -> Column:
    """X times (end - level) / (end - begin), whole below `begin`, nothing above `end`."""
    span = end - begin
    num = np.clip(end - level, 0, span)
    return column.with_(times(column.num, num), _den(column.den, span))


def tiers(column: Column, slices: list[tuple[Int | None, Int, int]]) -> Column:
    """Each slice (its end or None, its rate's numerators and denominator) at its own rate."""
    common = 1
    for _, _, den in slices:
        common = int(np.lcm(common, den))
    result = np.zeros_like(column.num)
    floor = np.zeros_like(column.num)
    for end, rate, den in slices:
        upto = column.num if end is None else np.minimum(column.num, scaled(end, column.den))
        piece = np.maximum(upto - floor, 0)
        result = result + times(times(piece, rate), common // den)
        floor = np.maximum(upto, floor)
    return column.with_(result, _den(column.den, common))


def pro_rata(column: Column, amount: Int, whole: Int) -> Column:
    """X times amount / whole; nothing where the whole is nothing."""
    there = whole > 0
    num = times(np.where(there, column.num, 0), amount)
    return column.with_(num, _den(column.den, np.where(there, whole, 1)))


def average(sheet: Sheet, column: Column, months: int) -> Int:
    """At each row, the average of the running total over the days from `months` before its day up to the day before it,
    to the penny, half up; nothing stood before a member's first row.
    """
    assert column.view is not None
    assert column.view.plain
    day, member, first = sheet.facts.on, sheet.facts.member, sheet.first_of_member
    if not len(day):
        return column.num
    # Money times days since the member's first row: what stood before a row, from the row before it on.
    gone = np.where(first, 0, np.concatenate(([0], day[1:] - day[:-1])))
    stood = np.where(first, 0, np.concatenate(([0], column.num[:-1])))
    area = running_total(times(stood, gone), sheet.member_start)
    begin = add_months(day, -months)
    # The last row on the day the stretch begins, or before.
    span = np.int64(2**32)
    place = np.searchsorted(member * span + (day + 2**31), member * span + (begin + 2**31), side="right") - 1
    there = place >= sheet.member_start
    place = np.maximum(place, 0)
    before = np.where(there, area[place] + times(column.num[place], begin - day[place]), 0)
    return round_exact(area - before, np.maximum(day - begin, 1), "half_up", 1)


def rounded(column: Column, how: str, unit: int) -> Column:
    """Rounded to a multiple of `unit` minor units."""
    return column.with_(round_exact(column.num, column.den, how, unit), 1)


def highest(sheet: Sheet, column: Column, name: str) -> Column:
    """The highest so far, within a window."""
    assert column.view is not None
    assert column.view.plain
    view = view_by_window(sheet, name)
    return Column(running_max(column.num, view.first), column.den, view, running=True)


def rise_over(sheet: Sheet, column: Column, name: str) -> Column:
    """The figure less what it was at the member's last row before the window began."""
    assert column.view is not None
    assert column.view.plain
    view = view_by_window(sheet, name)
    previous = np.concatenate(([0], column.num[:-1]))
    base = np.where(sheet.first_of_member, 0, previous)[view.start]
    # Rows in no term at all (an empty window) bring nothing.
    num = np.where(view.window_end < view.window_start, 0, column.num - base)
    return Column(num, column.den, view, running=True)


def latest(sheet: Sheet, column: Column, said: Bool, name: str) -> Column:
    """The last figure said within the window."""
    view = view_by_window(sheet, name)
    last = np.maximum.accumulate(np.where(said, np.arange(len(said)), -1))
    num = np.where(last >= view.start, column.num[np.maximum(last, 0)], 0)
    return Column(num, 1, view, running=True)


def earlier(
    sheet: Sheet, column: Column, name: str, back: int, *, since_joining: bool, carried: tuple[Int, Int] | None
) -> Int:
    """At each sheet row, what the running total had come to at the end of the window `back` before; `carried`: the
    window each member had reached before these rows and what it and the ones before had come to, (m,) and (back + 1, m).
    """
    assert column.view is not None
    assert column.view.plain
    view, member = column.view, sheet.facts.member
    begin = view.window_start
    for _ in range(back):
        begin = previous_window(sheet, name, begin)
    result = np.zeros(len(sheet), dtype=np.int64)
    if len(sheet):
        last_of_window = np.concatenate((view.first[1:], [True]))
        ends = np.flatnonzero(last_of_window)
        span = np.int64(2**32)
        keys = member[ends] * span + (view.window_start[ends] + 2**31)
        wanted = member * span + (begin + 2**31)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        result = np.where(keys[place] == wanted, column.num[ends[place]], 0)
        if carried is not None:
            window, totals = carried
            held = window[member]
            for age in range(len(totals)):
                # A window that goes on in these rows already holds what was carried into it.
                match = (held == begin) & (keys[place] != wanted)
                result = np.where(match, totals[age][member], result)
                held = previous_window(sheet, name, np.where(held == NONE, 0, held))
                held = np.where(window[member] == NONE, NONE, held)
    if since_joining:
        opened = sheet.opened_on[member]
        first_window = window_of(sheet, name, np.where(opened == NONE, 0, opened))[0]
        result = np.where((opened == NONE) | (begin < first_window), 0, result)
    return result


def previous_window(sheet: Sheet, name: str, begin: Int) -> Int:
    """First day of the window before the one that begins on each day."""
    return window_of(sheet, name, begin - 1)[0]


def _den(den: Int | int, factor: Int | int) -> Int | int:
    if isinstance(den, int) and isinstance(factor, int):
        return den * factor
    return times(np.asarray(den, dtype=np.int64) * np.ones(1, dtype=np.int64), factor)


def scaled(amount: Int, den: Int | int) -> Int:
    """Minor units over a column's denominator."""
    return amount if isinstance(den, int) and den == 1 else times(amount, den)
