"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(slots=True)
class Brought:
    """What a rule brings, a row a difference: the row that caused it, the row whose day gave its figures, its window."""

    cause: Int
    look: Int
    begin: Int
    end: Int
    amount: Int

    def take(self, rows: slice | list[int]) -> "Brought":
        """These rows."""
        return Brought(self.cause[rows], self.look[rows], self.begin[rows], self.end[rows], self.amount[rows])

    def by_place(self) -> dict[tuple[int, int], int]:
        """The amount of each row, by cause and look."""
        return dict(zip(zip(self.cause.tolist(), self.look.tolist(), strict=True), self.amount.tolist(), strict=True))


def _brought(run: Run, name: str) -> Brought:
    rule = run.program.rulebook.rules[name]
    result = run.result(name)
    sign = -1 if rule.direction == "takes_back" else 1
    view = result.column.view
    if result.spread is not None and view is not None:
        rows = np.flatnonzero(result.spread)
        begin, end = view.window_start[rows], view.window_end[rows]
        return Brought(view.cause[rows], view.look[rows], begin, end, sign * result.spread[rows])
    cause = np.flatnonzero(result.parts)
    begin, end = _windows(run.sheet, (rule.due and result.rise) or result.window, cause)
    return Brought(cause, cause, begin, end, sign * result.parts[cause])


def entitled(run: Run, number: int, name: str) -> Entitlements:
    """What a rule gives: one for each fact that brings something, or, if it falls due, one a window."""
    its, facts = _brought(run, name), run.sheet.facts
    if run.program.rulebook.rules[name].due is None:
        on = facts.on[its.cause]
        return _one_each(number, facts.member[its.cause], on, its.begin, its.end, its.amount, its.cause)
    return _gathered(run.sheet, number, run.program.rulebook.rules[name], its)


def refunds(run: Run) -> Entitlements:
    """What goes back to each party when somebody leaves in time, a row for each entitlement that had given."""
    found: list[Entitlements] = []
    by_rule: dict[tuple[str, int | None], Brought] = {}
    given_back: Counter[tuple[int, ...]] = Counter()

    def of_member(number: int, member: int, day: int | None) -> Brought:
        """What a rule brings to a member (by the figures of a day)."""
        key = (run.program.rules[number], day)
        if key not in by_rule:
            by_rule[key] = _brought(run if day is None else run.with_figures_of(day), key[0])
        its = by_rule[key]
        return its.take(slice(*np.searchsorted(run.sheet.facts.member[its.cause], [member, member + 1])))

    for notice in run.notices:
        for refund in notice.refunds:
            since = FAR_PAST if refund.since is None else parse_day(refund.since)
            for number, name in enumerate(run.program.rules):
                rule = run.program.rulebook.rules[name]
                if rule.party == refund.party and rule.direction == "gives":
                    its = of_member(number, notice.member, None)
                    kept: Counter[tuple[int, int]] = Counter()
                    if refund.above_rate_on is not None:
                        kept.update(of_member(number, notice.member, parse_day(refund.above_rate_on)).by_place())
                    found += _back(run.sheet, notice, since, number, its, kept, given_back)
    return join(found)


def _back(
    sheet: Sheet, notice: Notice, since: int, number: int, its: Brought, kept: Counter[tuple[int, int]],
    given_back: Counter[tuple[int, ...]],
) -> Iterator[Entitlements]:  # fmt: skip
    """What goes back of one rule, but for what is kept. Of what was given, no more goes back than is left of it."""
    rule = sheet.program.rulebook.rules[sheet.program.rules[number]]
    due, falls_due = _due(sheet, rule, its.cause)
    together: dict[tuple[int, ...], list[int]] = {}
    for row in np.flatnonzero(falls_due & (since <= due) & (due <= notice.on)).tolist():
        window = int(due[row]), int(its.begin[row]), int(its.end[row])
        one = (int(its.cause[row]), int(its.look[row])) if rule.due is None else window
        together.setdefault((number, notice.member, *one), []).append(row)
    for key, rows in together.items():
        gave = int(its.amount[rows].sum())
        asked = gave - sum(kept[place] for place in its.take(rows).by_place())
        left = gave - given_back[key]
        back = max(left, min(0, asked)) if left < 0 else min(left, max(0, asked))
        given_back[key] += back
        if back:
            last = its.take(rows[-1:])
            on = np.array([notice.on])
            found = _one_each(
                number, np.array([notice.member]), on, last.begin, last.end, np.array([-back]), last.cause
            )
            found.refs = np.append(its.cause[rows], notice.row)
            found.ref_starts = np.array([0, len(found.refs)])
            yield found


def _windows(sheet: Sheet, window: View | None, rows: Int) -> tuple[Int, Int]:
    """The window of each row; where a rule has none, or the row is in none, the pay's period or the day itself."""
    own_start, own_end = (day[rows] for day in sheet.period())
    if window is None:
        return own_start, own_end
    start, end = window.window_start, window.window_end
    if not window.plain:
        start, end = np.empty(len(sheet), dtype=np.int64), np.empty(len(sheet), dtype=np.int64)
        own = window.look == window.cause
        start[window.look[own]], end[window.look[own]] = window.window_start[own], window.window_end[own]
    start, end = start[rows], end[rows]
    return np.where(start <= end, start, own_start), np.where(start <= end, end, own_end)


def _due(sheet: Sheet, rule: Rule, cause: Int) -> tuple[Int, Bool]:
    """The day on which what each row brings is given, and whether it ever is."""
    facts = sheet.facts
    if rule.due is None:
        return facts.on[cause], np.ones(len(cause), dtype=np.bool_)
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
    return due, kept


def _gathered(sheet: Sheet, number: int, rule: Rule, its: Brought) -> Entitlements:
    """Entitlements due at a window's end, one for each member, day and window."""
    cause, amount, begin, end = its.cause, its.amount, its.begin, its.end
    member = sheet.facts.member[cause]
    due, kept = _due(sheet, rule, cause)
    order = np.lexsort((cause, end, begin, due, member))
    order = order[kept[order]]
    cause, amount, begin, end, due, member = (one[order] for one in (cause, amount, begin, end, due, member))
    if not len(cause):
        return nothing()
    first = starts(member, due, begin, end)
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
