"""A chain of steps over a column of money.

A column begins as *parts*, one a row. `total` makes it *running*: each row then holds the figure its window has come
to. What a row brings is the difference at the end. Figures are exact: numerators over a denominator.

A column may stand in another order than the sheet's, or have rows of its own: money taken out newest first undoes
money of earlier windows, each a row in that window. `View` says which sheet row looks up figures, which caused it, and
in which window it stands.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.columns import NONE
from lifepot.kernel.operators import (
    FEW,
    Groups,
    differences,
    fits,
    heads_of,
    held_since,
    order_of,
    round_exact,
    running_max,
    running_total,
    running_total_between,
    running_total_not_below_zero,
    spread,
    starts,
    times,
)  # fmt: skip
from lifepot.kernel.sheet import Sheet, cut, window_of
from lifepot.periods import FAR_FUTURE, add_months

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass
class View:
    """The rows of a column: `look` is the sheet row that figures are looked up at, `cause` the row that brought it,
    `heads` the rows where a new window (of a member, or of a member's job) begins. `begins` and `ends` are the first and last days
    of each window, or `ends` those of each row, where they differ within one.
    """

    look: Int
    cause: Int
    heads: Int
    begins: Int
    ends: Int
    plain: bool
    """Whether the rows are the sheet's own, in its order."""

    @cached_property
    def own(self) -> Bool:
        """Rows that are the sheet's own, and not made by what another took from their window."""
        return self.look == self.cause

    @cached_property
    def all_own(self) -> bool:
        """Whether all of them are."""
        return bool(self.own.all())

    @cached_property
    def groups(self) -> Groups:
        """The rows by their windows."""
        return Groups(self.heads, len(self.look))

    @property
    def first(self) -> Bool:
        """Whether a new window begins at a row."""
        return self.groups.first

    @cached_property
    def window_start(self) -> Int:
        """The first day of each row's window."""
        return spread(self.begins, self.heads, len(self.look))

    @cached_property
    def window_end(self) -> Int:
        """The last day of each row's window."""
        return self.ends if len(self.ends) == len(self.look) else spread(self.ends, self.heads, len(self.look))

    def of_rows(self, rows: Int) -> tuple[Int, Int]:
        """The first and the last day of some rows' windows."""
        if len(rows) * FEW >= len(self.look):
            return self.window_start[rows], self.window_end[rows]
        at = np.searchsorted(self.heads, rows, side="right") - 1
        return self.begins[at], self.ends[rows] if len(self.ends) == len(self.look) else self.ends[at]

    @cached_property
    def outside(self) -> Bool | None:
        """Rows in no term at all; None where there are none."""
        none = self.ends < (self.window_start if len(self.ends) == len(self.look) else self.begins)
        if not none.any():
            return None
        return none if len(none) == len(self.look) else spread(none, self.heads, len(self.look))

    @cached_property
    def start(self) -> Int:
        """The first row of each row's window."""
        return spread(self.heads, self.heads, len(self.look))


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
    facts, rows = sheet.facts, sheet.rows
    periods = sheet.period() if name == "pay_period" else None
    number = cut(sheet, name)
    if per_job:
        number = np.zeros(len(sheet), dtype=np.int64) if number is None else number
        # Pay periods of one job may begin together and end apart.
        ends = number if periods is None else periods[1]
        rows = _by_payer(sheet, number, ends)
        heads = np.flatnonzero(starts(facts.member[rows], facts.payer[rows], number[rows], ends[rows]))
    else:
        heads = sheet.heads if number is None else heads_of(facts.member, number)
    at = rows[heads]
    if periods is None:
        begins, ends = window_of(sheet, name, facts.on[at], facts.member[at])
    else:
        begins, ends = periods[0][at], periods[1][at if per_job else rows]
    view = View(rows, rows, heads, begins, ends, plain=not per_job)
    if heads is sheet.heads:
        view.groups = sheet.groups
    sheet.cache[key] = view
    return view


def _by_payer(sheet: Sheet, begins: Int, ends: Int) -> Int:
    """The sheet's rows by member, payer and window."""
    member, payer, rows = sheet.facts.member, sheet.facts.payer, sheet.rows
    if compiled.pays():
        first, payers = (
            np.empty(len(sheet.people) + 1, dtype=np.int64),
            np.empty(len(rows) + len(sheet.people), np.int64),
        )
        all_ = np.ones(len(rows), dtype=np.bool_)
        rows, jobs, count = (np.empty(size, dtype=np.int64) for size in (len(rows), len(rows), 1))
        compiled.run(loops.find_jobs, member, all_, payer, NONE, first, payers)
        compiled.run(loops.spread_over_jobs, member, payer, ~all_, first, payers, rows, jobs, count)
        compiled.run(loops.sort_periods, jobs, begins, ends, rows)
    order = order_of(member[rows], payer[rows], begins[rows], ends[rows])
    return rows if order is None else rows[order]


def begun_anew(view: View, rows: Int) -> View:
    """The same view with a new group at each of these sheet rows."""
    # How many of them stand at or before each row: of one member's rows, each with more than the last begins anew.
    passed = np.searchsorted(rows, view.look, side="right")
    first = view.first.copy()
    first[1:] |= passed[1:] != passed[:-1]
    heads = np.flatnonzero(first)
    ends = view.ends if len(view.ends) == len(view.look) else view.window_end[heads]
    return View(view.look, view.cause, heads, view.window_start[heads], ends, view.plain)


def view_newest_first(sheet: Sheet, plain: View, parts: Int, taken: Int, begun_at: Int) -> tuple[View, Int]:
    """Rows and parts with withdrawals taken from the newest window that still holds something, then from the ones
    before. What comes off an older window is a row of its own, after the window's last.
    """
    if not taken.any():
        return plain, parts
    parts, member = parts.copy(), sheet.facts.member
    anew = np.zeros(len(parts), dtype=np.bool_)
    anew[begun_at] = True
    longest = int(np.diff(sheet.heads, append=len(parts)).max())
    scratch, held = np.empty(longest, dtype=np.int64), np.empty(longest, dtype=np.int64)
    undone, count = np.empty((len(plain.heads) + np.count_nonzero(taken), 3), dtype=np.int64), np.zeros(1, np.int64)
    compiled.run(
        loops.take_newest_first, member, plain.window_start, parts, taken, anew, scratch, held, undone, count
    )  # fmt: skip
    if not count[0]:
        return plain, parts
    undone = undone[: count[0]]
    undone = undone[np.lexsort((undone[:, 1], undone[:, 0]))]
    # Where the new rows stand among the old ones.
    at = undone[:, 0] + 1 + np.arange(len(undone))
    old = np.ones(len(parts) + len(undone), dtype=np.bool_)
    old[at] = False
    look, cause, amounts = (np.empty(len(old), dtype=np.int64) for _ in range(3))
    look[old], cause[old], amounts[old] = plain.look, plain.cause, parts
    look[at], cause[at], amounts[at] = undone.T
    heads = np.flatnonzero(old)[plain.heads]
    return View(look, cause, heads, plain.begins, plain.ends, plain=False), amounts


def total(column: Column, view: View, *, not_below_zero: bool, cap: Int | None, before: Int | None) -> Column:
    """The running total of parts; `cap`: what it may not rise above at each row; `before`: what each row's window had
    come to before these rows (carried).
    """
    if cap is not None:
        num = running_total_between(column.num, view.first, from_zero=not_below_zero, cap=cap)
    elif not_below_zero:
        num = running_total_not_below_zero(column.num, view.groups)
    else:
        num = running_total(column.num, view.groups)
    if before is not None:
        num = num + before
    return Column(num, 1, view, running=True)


def parts_of(column: Column, before: Int | None = None) -> Int:
    """What each row brings, in minor units."""
    if not column.running:
        return column.num
    assert column.view is not None
    return differences(column.num, column.view.groups, before)


def multiply(column: Column, rate: Int | int, den: int) -> Column:
    """Times a rate."""
    return column.with_(times(column.num, rate), _den(column.den, den))


def multiply_parts(column: Column, rate: Int | int, den: int, before: Int | None, product_before: Int | None) -> Column:
    """A running total with each part times the rate of its own day; `before` and `product_before`: what it and the
    result had come to in each row's window before these rows (carried).
    """
    if before is None and (isinstance(rate, int) or (len(rate) and rate.min() == rate.max())):
        return multiply(column, rate, den)
    assert column.view is not None
    assert isinstance(column.den, int)
    groups = column.view.groups
    product = running_total(times(differences(column.num, groups, before), rate), groups)
    return column.with_(product if product_before is None else product + product_before, column.den * den)


def at_most(column: Column, cap: Int | int) -> Column:
    """min(x, cap)."""
    return column.with_(np.minimum(column.num, scaled(cap, column.den)))


def taper(column: Column, level: Int | int, begin: Int | int, end: Int | int) -> Column:
    """X times (end - level) / (end - begin), whole below `begin`, nothing above `end`."""
    span = end - begin
    num = np.clip(np.asarray(end - level), 0, span)
    return column.with_(times(column.num, num), _den(column.den, span))


def tiers(column: Column, slices: list[tuple[Int | int | None, Int | int, int]]) -> Column:
    """Each slice (its end or None, its rate's numerators and denominator) at its own rate."""
    common = fits(lcm(*(den for _, _, den in slices)))
    result = np.zeros_like(column.num)
    floor = np.zeros_like(column.num)
    for end, rate, den in slices:
        upto = column.num if end is None else np.minimum(column.num, scaled(end, column.den))
        piece = np.maximum(upto - floor, 0)
        result = result + times(times(piece, rate), common // den)
        floor = np.maximum(upto, floor)
    return column.with_(result, _den(column.den, common))


def pro_rata(column: Column, amount: Int | int, whole: Int | int) -> Column:
    """X times amount / whole; nothing where the whole is nothing or less."""
    if isinstance(whole, int):
        there = whole > 0
        return column.with_(times(column.num, amount if there else 0), _den(column.den, whole if there else 1))
    num = times(np.where(whole > 0, column.num, 0), amount)
    return column.with_(num, _den(column.den, np.maximum(whole, 1)))


def average(sheet: Sheet, column: Column, over: str, months: int) -> Int:
    """At each row, the average of the running total over the days from `months` before its day up to the day before it,
    to the penny, half up; nothing stood before the first row of a window.
    """
    assert column.view is not None
    assert column.view.plain
    day, groups = sheet.facts.on, sheet.groups
    if not len(day):
        return column.num
    # Money times days since the member's first row: what stood at a row, until the next one or its window's end.
    past = view_by_window(sheet, over).window_end + 1
    area = np.zeros(len(day), dtype=np.int64)
    area[1:] = times(column.num[:-1], np.minimum(day[1:], past[:-1]) - day[:-1])
    area[groups.heads] = 0
    area = running_total(area, groups)
    begin = add_months(day, -months)
    place, there = _last_rows_by(sheet, begin)
    before = np.where(there, area[place] + times(column.num[place], np.minimum(begin, past[place]) - day[place]), 0)
    return round_exact(area - before, np.maximum(day - begin, 1), "half_up", 1)


def _last_rows_by(sheet: Sheet, day: Int) -> tuple[Int, Bool]:
    """The last row of each row's member on a day or before it, and whether there is one. Days rise with the rows."""
    if not compiled.pays():
        return _last_row_by(sheet, sheet.facts.member, day)
    place = np.empty(len(sheet), dtype=np.int64)
    compiled.run(loops.find_last_rows, sheet.facts.member, sheet.facts.on, day, place)
    return np.maximum(place, 0), place >= 0


def _last_row_by(sheet: Sheet, member: Int, day: Int) -> tuple[Int, Bool]:
    """The last row of each of these members on a day or before it, and whether there is one."""
    facts, span = sheet.facts, np.int64(2**32)
    place = np.searchsorted(facts.member * span + (facts.on + 2**31), member * span + (day + 2**31), side="right") - 1
    found = np.maximum(place, 0)
    return found, (place >= 0) & (facts.member[found] == member)


def rounded(column: Column, how: str, unit: int) -> Column:
    """Rounded to a multiple of `unit` minor units."""
    return column.with_(round_exact(column.num, column.den, how, unit), 1)


def highest(sheet: Sheet, column: Column, name: str) -> Column:
    """The highest so far within a window, which begins with nothing."""
    assert column.view is not None
    assert column.view.plain
    view = view_by_window(sheet, name)
    # Rows in no term at all (an empty window) bring nothing.
    inside = column.num if view.outside is None else np.where(view.outside, 0, column.num)
    return Column(running_max(np.maximum(inside, 0), view.groups), column.den, view, running=True)


def rise_over(sheet: Sheet, column: Column, name: str) -> Column:
    """The figure less what it was at the member's last row before the window began."""
    assert column.view is not None
    assert column.view.plain
    view = view_by_window(sheet, name)
    base = np.where(sheet.first_of_member[view.heads], 0, column.num[view.heads - 1])
    num = column.num - spread(base, view.heads, len(sheet))
    # Rows in no term at all (an empty window) bring nothing.
    if view.outside is not None:
        num[view.outside] = 0
    return Column(num, column.den, view, running=True)


def latest(sheet: Sheet, column: Column, said: Bool, name: str) -> Column:
    """The last figure said within the window."""
    view = view_by_window(sheet, name)
    num = held_since(column.num, said, view.groups)
    if view.outside is not None:
        num[view.outside] = 0
    return Column(num, 1, view, running=True)


def earlier(
    sheet: Sheet,
    column: Column,
    over: str,
    name: str,
    back: int,
    *,
    since_joining: bool,
    carried: tuple[Int, Int] | None,
) -> Int:
    """At each sheet row, what the running total over `over` had come to at the end of the window `back` before; `carried`:
    the window each member had reached before these rows and what it and the ones before had come to, (m,) and
    (back + 1, m).
    """
    assert column.view is not None
    assert column.view.plain
    if not len(sheet):
        return column.num
    # It is the same all through a window, so that it is asked once for each.
    view = view_by_window(sheet, name)
    member, begin, end = sheet.facts.member[view.heads], view.begins, view.ends
    inside = begin <= end
    for _ in range(back):
        begin, end = window_of(sheet, name, begin - 1, member)
        inside &= begin <= end
    # The last row by then counts, if it stands in the same window of the total.
    place, there = _last_row_by(sheet, member, end)
    asked = window_of(sheet, over, end, member)[0]
    there &= inside & (end < FAR_FUTURE) & (view_by_window(sheet, over).window_start[place] == asked)
    result = np.where(there, column.num[place], 0)
    if carried is not None:
        window, totals = carried
        held = window[member]
        for age in range(len(totals)):
            # A window that goes on in these rows already holds what was carried into it.
            result = np.where((held == begin) & ~there, totals[age][member], result)
            held = previous_window(sheet, name, np.where(held == NONE, 0, held), member)
            held = np.where(window[member] == NONE, NONE, held)
    if since_joining:
        opened = sheet.opened_on[member]
        first_window = window_of(sheet, name, np.where(opened == NONE, 0, opened), member)[0]
        result = np.where((opened == NONE) | (begin < first_window), 0, result)
    return spread(result, view.heads, len(sheet))


def previous_window(sheet: Sheet, name: str, begin: Int, member: Int) -> Int:
    """First day of the window before the one that begins on each day, each of a member."""
    return window_of(sheet, name, begin - 1, member)[0]


def _den(den: Int | int, factor: Int | int) -> Int | int:
    if isinstance(den, int) and isinstance(factor, int):
        return fits(den * factor)
    return times(den, factor) if not isinstance(den, int) else times(factor, den)  # type: ignore[arg-type]


def scaled(amount: Int | int, den: Int | int) -> Int | int:
    """Minor units over a column's denominator."""
    if not isinstance(amount, int):
        return times(amount, den)
    return fits(amount * den) if isinstance(den, int) else times(den, amount)


def unknown_in(figure: Int | int) -> Bool | None:
    """Where a figure is not known; None where it is everywhere."""
    if isinstance(figure, int):
        return None
    unknown = figure == NONE
    return unknown if unknown.any() else None
