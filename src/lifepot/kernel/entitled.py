"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.chain import View
from lifepot.kernel.columns import Entitlements
from lifepot.kernel.membership import Notice
from lifepot.kernel.operators import starts
from lifepot.kernel.run import Run
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, parse_day
from lifepot.rulebook.terms import Rule

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def entitled(run: Run, number: int, name: str) -> Entitlements:
    """What a rule gives: one for each fact that brings something, or, if it falls due, one a window."""
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
        begin, end = _windows(run.sheet, (rule.due and result.rise) or result.window, cause)
    facts = run.sheet.facts
    if rule.due is None:
        return _one_each(number, facts.member[cause], facts.on[cause], begin, end, amount, cause)
    return _gathered(run.sheet, number, rule, cause, amount, begin, end)


def refunds(run: Run, notice: Notice) -> Entitlements:
    """What goes back to each party when somebody leaves in time, a row for each fact that had given."""
    found = []
    facts = run.sheet.facts
    mine = slice(*np.searchsorted(facts.member, [notice.member, notice.member + 1]))
    place = np.arange(mine.start, mine.stop)
    for refund in notice.refunds:
        since = parse_day(refund.since) if refund.since is not None else FAR_PAST
        for number, name in enumerate(run.program.rules):
            rule = run.program.rulebook.rules[name]
            if rule.party != refund.party or rule.direction == "takes_back":
                continue
            parts = run.result(name).parts[mine]
            if refund.above_rate_on is not None:
                parts = parts - run.with_figures_of(parse_day(refund.above_rate_on)).result(name).parts[mine]
            given = (parts != 0) & (facts.on[mine] >= since) & (place < notice.row) & (place > notice.after)
            rows, amount = place[given], -parts[given]
            begin, end = _windows(run.sheet, run.result(name).window, rows)
            one = _one_each(number, facts.member[rows], np.full(len(rows), notice.on), begin, end, amount, rows)
            one.refs = np.column_stack([rows, np.full(len(rows), notice.row)]).reshape(-1)
            one.ref_starts = np.arange(len(rows) + 1) * 2
            found.append(one)
    return join(found)


def _windows(sheet: Sheet, window: View | None, rows: Int) -> tuple[Int, Int]:
    """The window of each row; where a rule has none, or the row is in none, the pay's period or the day itself."""
    own_start, own_end = (day[rows] for day in sheet.period())
    if window is None:
        return own_start, own_end
    start, end = window.window_start, window.window_end
    if not window.plain:
        start, end = np.empty(len(sheet), dtype=np.int64), np.empty(len(sheet), dtype=np.int64)
        start[window.cause], end[window.cause] = window.window_start, window.window_end
    start, end = start[rows], end[rows]
    return np.where(start <= end, start, own_start), np.where(start <= end, end, own_end)


def _gathered(sheet: Sheet, number: int, rule: Rule, cause: Int, amount: Int, begin: Int, end: Int) -> Entitlements:
    """Entitlements due at a window's end, one for each member, day and window."""
    assert rule.due is not None
    facts = sheet.facts
    opens, due = (day[cause] for day in sheet.window(rule.due.at_end_of))
    if rule.due.earlier is not None:
        before = facts.on[cause] <= parse_day(rule.due.earlier.until)
        earlier = [day[cause] for day in sheet.window(rule.due.earlier.at_end_of)]
        opens, due = np.where(before, earlier[0], opens), np.where(before, earlier[1], due)
    member = facts.member[cause]
    due = np.maximum(np.minimum(due, sheet.died_on[member]), facts.on[cause])
    # What is in no window never falls due, nor does what is in one without an end.
    kept = (opens <= due) & (due < FAR_FUTURE)
    if rule.due.if_closed == "nothing":
        kept &= ~(sheet.closed_on[member] < due)
    order = np.lexsort((cause, begin, due, member))
    order = order[kept[order]]
    cause, amount, begin, end, due, member = (one[order] for one in (cause, amount, begin, end, due, member))
    if not len(cause):
        return nothing()
    first = starts(member, due, begin)
    heads = np.flatnonzero(first)
    ends = np.concatenate((heads[1:], [len(cause)]))
    sums = np.add.reduceat(amount, heads)
    gathered = Entitlements(
        np.full(len(heads), number), member[heads], due[heads], begin[heads], end[heads], sums, cause[ends - 1],
        cause, np.concatenate((heads, [len(cause)])),
    )  # fmt: skip
    return take(gathered, sums != 0)


def _one_each(rule: int, member: Int, on: Int, begin: Int, end: Int, amount: Int, row: Int) -> Entitlements:
    count = len(row)
    return Entitlements(np.full(count, rule), member, on, begin, end, amount, row, row, np.arange(count + 1))


def nothing() -> Entitlements:
    """No entitlements."""
    empty = np.zeros(0, dtype=np.int64)
    return Entitlements(empty, empty, empty, empty, empty, empty, empty, empty, np.zeros(1, dtype=np.int64))


def join(parts: list[Entitlements]) -> Entitlements:
    """One table from several."""
    if not parts:
        return nothing()
    offsets = np.cumsum([0] + [len(part.refs) for part in parts])
    rule, member, effective_on, window_start, window_end, amount, row, refs = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("rule", "member", "effective_on", "window_start", "window_end", "amount", "row", "refs")
    )
    shifted = [part.ref_starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    ref_starts = np.concatenate([*shifted, offsets[-1:]])
    return Entitlements(rule, member, effective_on, window_start, window_end, amount, row, refs, ref_starts)


def take(all_: Entitlements, kept: Bool) -> Entitlements:
    """Those that are kept, with their refs."""
    if kept.all():
        return all_
    rows = np.flatnonzero(kept)
    lengths = np.diff(all_.ref_starts)[rows]
    ref_starts = np.concatenate(([0], np.cumsum(lengths)))
    refs = (
        np.concatenate([all_.refs[all_.ref_starts[row] : all_.ref_starts[row + 1]] for row in rows])
        if len(rows)
        else np.zeros(0, np.int64)
    )
    return Entitlements(
        all_.rule[rows], all_.member[rows], all_.effective_on[rows], all_.window_start[rows], all_.window_end[rows],
        all_.amount[rows], all_.row[rows], refs, ref_starts.astype(np.int64),
    )  # fmt: skip
