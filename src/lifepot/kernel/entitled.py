"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.chain import View, view_by_window
from lifepot.kernel.columns import Entitlements
from lifepot.kernel.membership import Notices
from lifepot.kernel.operators import order_of, starts
from lifepot.kernel.run import Run
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, parse_day
from lifepot.rulebook.terms import Rule

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class Given:
    """Entitlements of one rule, of one block: columns as in `Entitlements`. Without `refs` each has its own row behind it."""

    rule: int
    member: Int
    effective_on: Int
    window_start: Int
    window_end: Int
    amount: Int
    row: Int
    refs: Int | None = None
    ref_starts: Int | None = None

    def __len__(self) -> int:
        return len(self.row)


def entitled(run: Run, number: int, name: str, as_of: int | None) -> Given:
    """What a rule gives: one for each fact that brings something, or, if it falls due, one a window that has ended."""
    rule = run.program.rulebook.rules[name]
    result = run.result(name)
    sign = -1 if rule.direction == "takes_back" else 1
    facts, view = run.sheet.facts, result.column.view
    if result.spread is not None and view is not None:
        rows = np.flatnonzero(result.spread)
        cause, amount = view.cause[rows], sign * result.spread[rows]
        begin, end = view.window_start[rows], view.window_end[rows]
    elif rule.due is None and compiled.pays() and (result.window is None or result.window.plain):
        return _given_each(run.sheet, number, result.parts, sign, result.window)
    else:
        cause = np.flatnonzero(result.parts)
        amount = sign * result.parts[cause]
        begin, end = _windows(run.sheet, result.window, cause)
    if rule.due is None:
        return Given(number, facts.member[cause], facts.on[cause], begin, end, amount, cause)
    return _gathered(run.sheet, number, rule, cause, amount, begin, end, as_of)


def _given_each(sheet: Sheet, number: int, parts: Int, sign: int, window: View | None) -> Given:
    """One for each row that brings something, in the windows of a view or in the pay's period."""
    if window is None:
        heads, (begins, ends) = sheet.rows, sheet.period()
    else:
        heads, begins = window.heads, window.begins
        ends = window.ends if len(window.ends) == len(heads) else window.window_end[heads]
    count = np.count_nonzero(parts)
    row, amount, member, on, begin, end = (np.empty(count, dtype=np.int64) for _ in range(6))
    compiled.run(
        loops.give_each, parts, sign, sheet.facts.member, sheet.facts.on, heads, begins, ends,
        row, amount, member, on, begin, end,
    )  # fmt: skip
    return Given(number, member, on, begin, end, amount, row)


def refunds(run: Run, notices: list[Notices]) -> list[Given]:
    """What goes back to each party when somebody leaves in time, a row for each fact that had given."""
    return [one for notice in notices for one in _refunds(run, notice)]


def _refunds(run: Run, notices: Notices) -> Iterator[Given]:
    facts = run.sheet.facts
    # The rows of each before the notice, back to the one before.
    begin = np.maximum(run.sheet.member_start[notices.row], notices.after + 1)
    count = notices.row - begin
    nth = np.repeat(np.arange(len(count)), count)
    before = np.arange(len(nth)) - np.repeat(np.cumsum(count) - count, count) + begin[nth]
    for refund in notices.refunds:
        since = parse_day(refund.since) if refund.since is not None else FAR_PAST
        for number, name in enumerate(run.program.rules):
            rule = run.program.rulebook.rules[name]
            if rule.party != refund.party or rule.direction == "takes_back":
                continue
            parts = run.result(name).parts[before]
            if refund.above_rate_on is not None:
                parts = parts - run.with_figures_of(parse_day(refund.above_rate_on)).result(name).parts[before]
            given = (parts != 0) & (facts.on[before] >= since)
            rows, notice = before[given], nth[given]
            windows = _windows(run.sheet, run.result(name).window, rows)
            behind = np.column_stack([rows, notices.row[notice]]).reshape(-1)
            yield Given(
                number, facts.member[rows], notices.on[notice], *windows, -parts[given], rows, behind,
                np.arange(len(rows)) * 2,
            )  # fmt: skip


def _windows(sheet: Sheet, window: View | None, rows: Int) -> tuple[Int, Int]:
    """The window of each row; where a rule has none, the pay's period or the day itself."""
    if window is None:
        start, end = sheet.period()
        return start[rows], end[rows]
    if window.plain:
        return window.window_start[rows], window.window_end[rows]
    start = np.empty(len(sheet), dtype=np.int64)
    end = np.empty(len(sheet), dtype=np.int64)
    start[window.cause], end[window.cause] = window.window_start, window.window_end
    return start[rows], end[rows]


def _gathered(
    sheet: Sheet, number: int, rule: Rule, cause: Int, amount: Int, begin: Int, end: Int, as_of: int | None
) -> Given:
    """Entitlements due at a window's end, one for each member, day and window that has ended."""
    assert rule.due is not None
    facts = sheet.facts
    due = view_by_window(sheet, rule.due.at_end_of).window_end[cause]
    if rule.due.earlier is not None:
        before = facts.on[cause] <= parse_day(rule.due.earlier.until)
        if before.any():
            due = np.where(before, view_by_window(sheet, rule.due.earlier.at_end_of).window_end[cause], due)
    member = facts.member[cause]
    if sheet.died_on.min(initial=FAR_FUTURE) < FAR_FUTURE:
        due = np.minimum(due, sheet.died_on[member])
    order = order_of(member, due, begin, cause)
    if order is not None:
        cause, amount, begin, end, due, member = (one[order] for one in (cause, amount, begin, end, due, member))
    heads = np.flatnonzero(starts(member, due, begin))
    sums = np.add.reduceat(amount, heads)
    member, due = member[heads], due[heads]
    kept = sums != 0
    if rule.due.if_closed == "nothing":
        kept &= ~(sheet.closed_on[member] < due)
    if as_of is not None:
        kept &= due <= as_of
    # The facts behind each, of those that are kept.
    lengths = np.diff(heads, append=len(cause))
    if not kept.all():
        cause, heads = cause[np.repeat(kept, lengths)], heads[kept]
        lengths, begin, end, member, due, sums = (
            lengths[kept],
            begin[heads],
            end[heads],
            member[kept],
            due[kept],
            sums[kept],
        )
    else:
        begin, end = begin[heads], end[heads]
    after = np.cumsum(lengths)
    return Given(number, member, due, begin, end, sums, cause[after - 1], cause, after - lengths)


def join(parts: list[Given], places: list[tuple[int, int]]) -> Entitlements:
    """One table from those of all blocks, whose members and rows are counted from these places on."""
    count = sum(map(len, parts))
    columns = [np.empty(count, dtype=np.int64) for _ in range(7)]
    refs = np.empty(sum(len(part if part.refs is None else part.refs) for part in parts), dtype=np.int64)
    ref_starts = np.empty(count + 1, dtype=np.int64)
    at = behind = 0
    for part, (first_member, first_row) in zip(parts, places, strict=True):
        here = slice(at, at + len(part))
        at += len(part)
        columns[0][here] = part.rule
        np.add(part.member, first_member, out=columns[1][here])
        columns[2][here], columns[3][here] = part.effective_on, part.window_start
        columns[4][here], columns[5][here] = part.window_end, part.amount
        np.add(part.row, first_row, out=columns[6][here])
        if part.refs is None or part.ref_starts is None:
            refs[behind : behind + len(part)] = columns[6][here]
            ref_starts[here] = np.arange(behind, behind + len(part))
            behind += len(part)
        else:
            np.add(part.refs, first_row, out=refs[behind : behind + len(part.refs)])
            np.add(part.ref_starts, behind, out=ref_starts[here])
            behind += len(part.refs)
    ref_starts[at] = behind
    rule, member, on, begin, end, amount, row = columns
    return Entitlements(rule, member, on, begin, end, amount, row, refs, ref_starts)
