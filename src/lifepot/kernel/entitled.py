"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

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


def entitled(run: Run, number: int, name: str, as_of: int | None) -> Entitlements:
    """What a rule gives: one for each fact that brings something, or, if it falls due, one a window that has ended."""
    rule = run.program.rulebook.rules[name]
    result = run.result(name)
    sign = -1 if rule.direction == "takes_back" else 1
    view = result.column.view
    if result.spread is not None and view is not None:
        rows = np.flatnonzero(result.spread)
        cause, amount = view.cause[rows], sign * result.spread[rows]
        begin, end = view.window_start[rows], view.window_end[rows]
    else:
        cause = np.flatnonzero(result.parts)
        amount = sign * result.parts[cause]
        begin, end = _windows(run.sheet, result.window, cause)
    facts = run.sheet.facts
    if rule.due is None:
        return _one_each(number, facts.member[cause], facts.on[cause], begin, end, amount, cause)
    return _gathered(run.sheet, number, rule, cause, amount, begin, end, as_of)


def refunds(run: Run, notices: list[Notices]) -> Entitlements:
    """What goes back to each party when somebody leaves in time, a row for each fact that had given."""
    found = [one for notice in notices for one in _refunds(run, notice)]
    return join(found, [(0, 0)])


def _refunds(run: Run, notices: Notices) -> Iterator[Entitlements]:
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
            one = _one_each(
                number, facts.member[rows], notices.on[notice], *_windows(run.sheet, run.result(name).window, rows),
                -parts[given], rows,
            )  # fmt: skip
            one.refs = np.column_stack([rows, notices.row[notice]]).reshape(-1)
            one.ref_starts = np.arange(len(rows) + 1) * 2
            yield one


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
) -> Entitlements:
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
    if not len(cause):
        return nothing()
    heads = np.flatnonzero(starts(member, due, begin))
    sums = np.add.reduceat(amount, heads)
    member, due = member[heads], due[heads]
    kept = sums != 0
    if rule.due.if_closed == "nothing":
        kept &= ~(sheet.closed_on[member] < due)
    if as_of is not None:
        kept &= due <= as_of
    gathered = Entitlements(
        np.full(len(heads), number), member, due, begin[heads], end[heads], sums,
        cause[np.append(heads[1:], len(cause)) - 1], cause, np.append(heads, len(cause)),
    )  # fmt: skip
    return take(gathered, kept)


def _one_each(rule: int, member: Int, on: Int, begin: Int, end: Int, amount: Int, row: Int) -> Entitlements:
    count = len(row)
    return Entitlements(np.full(count, rule), member, on, begin, end, amount, row, row, np.arange(count + 1))


def nothing() -> Entitlements:
    """No entitlements."""
    empty = np.zeros(0, dtype=np.int64)
    return Entitlements(empty, empty, empty, empty, empty, empty, empty, empty, np.zeros(1, dtype=np.int64))


def join(parts: list[Entitlements], places: list[tuple[int, int]]) -> Entitlements:
    """One table from several, whose members and rows are counted from these places on, over and over."""
    if len(parts) == 1 and places == [(0, 0)]:
        return parts[0]
    if not parts:
        return nothing()

    def of(name: str, offsets: list[int]) -> Int:
        columns = [getattr(part, name)[: len(part.refs) if name == "refs" else len(part)] for part in parts]
        joined = np.empty(sum(map(len, columns)), dtype=np.int64)
        begin = 0
        for nth, column in enumerate(columns):
            np.add(column, offsets[nth % len(offsets)], out=joined[begin : begin + len(column)])
            begin += len(column)
        return joined

    members, rows = [member for member, _ in places], [row for _, row in places]
    refs = np.cumsum([0] + [len(part.refs) for part in parts]).tolist()
    return Entitlements(
        of("rule", [0]), of("member", members), of("effective_on", [0]), of("window_start", [0]),
        of("window_end", [0]), of("amount", [0]), of("row", rows), of("refs", rows),
        np.append(of("ref_starts", refs[:-1]), refs[-1]),
    )  # fmt: skip


def take(all_: Entitlements, kept: Bool) -> Entitlements:
    """Those that are kept, with their refs."""
    if kept.all():
        return all_
    rows = np.flatnonzero(kept)
    lengths = np.diff(all_.ref_starts)[rows]
    ref_starts = np.append(0, np.cumsum(lengths))
    refs = all_.refs[np.repeat(all_.ref_starts[rows] - ref_starts[:-1], lengths) + np.arange(ref_starts[-1])]
    return Entitlements(
        all_.rule[rows], all_.member[rows], all_.effective_on[rows], all_.window_start[rows], all_.window_end[rows],
        all_.amount[rows], all_.row[rows], refs, ref_starts,
    )  # fmt: skip
