"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.chain import View, view_by_window
from lifepot.kernel.membership import Notices
from lifepot.kernel.operators import order_of, starts
from lifepot.kernel.owing import Given, Owing
from lifepot.kernel.run import Result, Run
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, parse_day
from lifepot.rulebook.terms import Rule

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def entitle(run: Run, owing: Owing, number: int, name: str, as_of: int | None) -> None:
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
        _each(run.sheet, owing, number, sign, result)
        return
    else:
        cause = np.flatnonzero(result.parts)
        amount = sign * result.parts[cause]
        begin, end = _windows(run.sheet, result.window, cause)
    if rule.due is None:
        owing.add(Given(number, facts.member[cause], facts.on[cause], begin, end, amount, cause))
    else:
        owing.add(_gathered(run.sheet, number, rule, cause, amount, begin, end, as_of))


def _each(sheet: Sheet, owing: Owing, number: int, sign: int, result: Result) -> None:
    """One for each row that brings something, in the windows of a view or in the pay's period."""
    facts, parts, window = sheet.facts, result.parts, result.window
    own = owing.room(number, int(np.count_nonzero(parts)))
    filled = (own["row"], own["amount"], own["member"], own["effective_on"], own["window_start"], own["window_end"])
    given = (parts, sign, owing.first_row, owing.owner, facts.member, facts.on)
    if window is None:
        compiled.run(loops.give_each, *given, *sheet.period(), *filled)
    else:
        ends = window.ends if len(window.ends) == len(window.heads) else window.window_end[window.heads]
        compiled.run(loops.give_each_in_window, *given, window.heads, window.begins, ends, *filled)


def refund(run: Run, owing: Owing, notices: list[Notices]) -> None:
    """What goes back to each party when somebody leaves in time, a row for each fact that had given."""
    for notice in notices:
        for one in _refunds(run, notice):
            owing.add(one)


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
        cause = cause[np.repeat(kept, lengths)]
        heads, lengths, member, due, sums = (one[kept] for one in (heads, lengths, member, due, sums))
    after = np.cumsum(lengths)
    return Given(number, member, due, begin[heads], end[heads], sums, cause[after - 1], cause, after - lengths)
