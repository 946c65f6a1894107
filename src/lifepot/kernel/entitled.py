"""From chains to entitlements: what each rule's last total rose by, what falls due at a window's end, what goes back."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.chain import View, view_by_window
from lifepot.kernel.operators import marked, order_of, starts
from lifepot.kernel.owing import Given, Owing
from lifepot.kernel.run import Run
from lifepot.kernel.sheet import Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, parse_day
from lifepot.rulebook.terms import Refund, Rule

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


def entitle(run: Run, owing: Owing, number: int, name: str, as_of: int | None) -> None:
    """What a rule gives: one for each fact that brings something, or, if it falls due, one a window that has ended."""
    rule, result, facts = run.program.rulebook.rules[name], run.result(name), run.sheet.facts
    window = result.window
    if rule.due is not None:
        owing.add(_gathered_at_once(run, number, name, as_of) or _gathered(run, number, name, as_of))
    elif (
        compiled.pays()
        and result.spread is None
        and not result.brings.few
        and (window is None or (window.plain and window.outside is None))
    ):
        _each(run, owing, number, name)
    else:
        its = _brought(run, name)
        owing.add(
            Given(number, facts.member[its.cause], facts.on[its.cause], its.begin, its.end, its.amount, its.cause)
        )


def _brought(run: Run, name: str, who: Bool | None = None) -> Brought:
    """What a rule brings (to some members)."""
    rule = run.program.rulebook.rules[name]
    result = run.result(name)
    view = result.column.view
    if result.spread is not None and view is not None:
        rows = np.flatnonzero(result.spread != 0)
        rows = rows if who is None else rows[who[run.sheet.facts.member[view.look[rows]]]]
        begin, end = view.window_start[rows], view.window_end[rows]
        return Brought(view.cause[rows], view.look[rows], begin, end, _sign(rule) * result.spread[rows])
    brings, amount = result.brings, result.brings.figures
    if brings.rows is not None and brings.few:
        kept = amount != 0 if who is None else (amount != 0) & who[run.sheet.facts.member[brings.rows]]
        cause, amount = brings.rows[kept], amount[kept]
    else:
        cause = np.flatnonzero(brings.all != 0) if who is None else run.sheet.rows_of(who)
        amount = brings.all[cause]
        if who is not None:
            cause, amount = cause[amount != 0], amount[amount != 0]
    begin, end = _windows(run.sheet, (rule.due and result.rise) or result.window, cause)
    return Brought(cause, cause, begin, end, _sign(rule) * amount)


def _sign(rule: Rule) -> int:
    return -1 if rule.direction == "takes_back" else 1


def _each(run: Run, owing: Owing, number: int, name: str) -> None:
    """One for each row that brings something, in the windows of a view or in the pay's period."""
    sheet, result = run.sheet, run.result(name)
    facts, parts, window = sheet.facts, result.parts, result.window
    own = owing.room(number, int(np.count_nonzero(parts)))
    filled = (own["row"], own["amount"], own["member"], own["effective_on"], own["window_start"], own["window_end"])
    sign = _sign(run.program.rulebook.rules[name])
    given = (parts, sign, owing.first_row, owing.owner, facts.member, facts.on)
    if window is None:
        compiled.run(loops.give_each, *given, *sheet.period(), *filled)
    else:
        ends = window.ends if len(window.ends) == len(window.heads) else window.window_end[window.heads]
        compiled.run(loops.give_each_in_window, *given, window.first, window.begins, ends, *filled)


def _windows(sheet: Sheet, window: View | None, rows: Int) -> tuple[Int, Int]:
    """The window of each row; where a rule has none, or the row is in none, the pay's period or the day itself."""
    if window is not None and window.plain and window.outside is None:
        return window.of_rows(rows)
    own_start, own_end = sheet.period_of(rows)
    if window is None:
        return own_start, own_end
    start, end = window.window_start, window.window_end
    if not window.plain:
        start, end = np.empty(len(sheet), dtype=np.int64), np.empty(len(sheet), dtype=np.int64)
        own = window.own
        start[window.look[own]], end[window.look[own]] = window.window_start[own], window.window_end[own]
    start, end = start[rows], end[rows]
    return np.where(start <= end, start, own_start), np.where(start <= end, end, own_end)


def _due(sheet: Sheet, rule: Rule, cause: Int) -> tuple[Int, Bool | None]:
    """The day on which what each row brings is given, and whether it ever is (None: all of it is)."""
    facts = sheet.facts
    if rule.due is None:
        return facts.on[cause], None
    opens, due = _of_window(sheet, rule.due.at_end_of, cause)
    if rule.due.earlier is not None:
        before = facts.on[cause] <= parse_day(rule.due.earlier.until)
        if before.any():
            earlier = _of_window(sheet, rule.due.earlier.at_end_of, cause)
            opens, due = np.where(before, earlier[0], opens), np.where(before, earlier[1], due)
    member = facts.member[cause]
    if sheet.died_on.min(initial=FAR_FUTURE) < FAR_FUTURE:
        due = np.minimum(due, sheet.died_on[member])
    due = np.maximum(due, facts.on[cause])
    # What is in no window never falls due, nor does what is in one without an end.
    kept = (opens <= due) & (due < FAR_FUTURE)
    if rule.due.if_closed == "nothing" and sheet.closed_on.min(initial=FAR_FUTURE) < FAR_FUTURE:
        kept &= ~(sheet.closed_on[member] < due)
    return due, None if kept.all() else kept


def _of_window(sheet: Sheet, name: str, rows: Int) -> tuple[Int, Int]:
    """First and last day of the named window of some rows."""
    view = view_by_window(sheet, name)
    return view.window_start[rows], view.window_end[rows]


def _gathered_at_once(run: Run, number: int, name: str, as_of: int | None) -> Given | None:
    """The same as `_gathered` in one go over the rows; None where what falls due does not stand together in their order."""
    sheet, rule, result = run.sheet, run.program.rulebook.rules[name], run.result(name)
    window = result.rise or result.window
    assert rule.due is not None
    if not compiled.pays() or result.spread is not None or window is None or not window.plain or rule.due.earlier:
        return None
    if window.outside is not None and (np.asarray(window.outside) & (result.parts != 0)).any():
        return None
    falls = view_by_window(sheet, rule.due.at_end_of)
    count = int(np.count_nonzero(result.parts))
    on, begin, end, amount, member, row, refs, starts_at = (np.empty(count, dtype=np.int64) for _ in range(8))
    found = np.zeros(3, dtype=np.int64)
    lost = sheet.closed_on if rule.due.if_closed == "nothing" else np.full(len(sheet.people), FAR_FUTURE)
    compiled.run(
        loops.gather_due, result.parts, _sign(rule), sheet.facts.member, sheet.facts.on, window.window_start,
        window.window_end, falls.window_start, falls.window_end, sheet.died_on, lost,
        FAR_FUTURE, FAR_FUTURE if as_of is None else as_of, member, on, begin, end, amount, row, refs, starts_at, found,
    )  # fmt: skip
    if found[2]:
        return None
    own = slice(int(found[0]))
    return Given(
        number, member[own], on[own], begin[own], end[own], amount[own], row[own], refs[: int(found[1])], starts_at[own]
    )  # fmt: skip


def _gathered(run: Run, number: int, name: str, as_of: int | None) -> Given:
    """Entitlements due at a window's end, one for each member, day and window that has ended."""
    sheet, rule, its = run.sheet, run.program.rulebook.rules[name], _brought(run, name)
    columns: tuple[Int, ...] = (its.cause, its.amount, its.begin, its.end, sheet.facts.member[its.cause])
    due, kept = _due(sheet, rule, its.cause)
    if kept is not None:
        columns, due = tuple(one[kept] for one in columns), due[kept]
    order = order_of(columns[-1], due, columns[2], columns[3], columns[0])
    if order is not None:
        columns, due = tuple(one[order] for one in columns), due[order]
    cause, amount, begin, end, member = columns
    heads = np.flatnonzero(starts(member, due, begin, end))
    sums = np.add.reduceat(amount, heads) if len(heads) else amount
    member, due = member[heads], due[heads]
    kept = sums != 0
    if as_of is not None:
        kept &= due <= as_of
    # The facts behind each, of those that are kept.
    lengths = np.diff(heads, append=len(cause))
    if not kept.all():
        cause = cause[np.repeat(kept, lengths)]
        heads, lengths, member, due, sums = (one[kept] for one in (heads, lengths, member, due, sums))
    after = np.cumsum(lengths)
    return Given(number, member, due, begin[heads], end[heads], sums, cause[after - 1], cause, after - lengths)


def refund(run: Run, owing: Owing) -> None:
    """What goes back to each party when somebody leaves in time, a row for each entitlement that had given."""
    notices, member = run.notices, run.sheet.facts.member
    gifts: dict[int, Gifts] = {}
    # Of one member's notices the first comes first, so that what it gives back does not go back again.
    heads = np.flatnonzero(starts(member[notices.row]))
    nth = np.arange(len(notices.row)) - np.repeat(heads, np.diff(heads, append=len(notices.row)))
    for turn in range(int(nth.max(initial=-1)) + 1):
        for kind, refunds in enumerate(notices.refunds):
            rows = notices.row[(nth == turn) & (notices.kind == kind)]
            for one in refunds if len(rows) else []:
                for number, name in enumerate(run.program.rules):
                    rule = run.program.rulebook.rules[name]
                    if rule.party == one.party and rule.direction == "gives":
                        if number not in gifts:
                            gifts[number] = Gifts.of(run, number, marked(member[notices.row], len(run.sheet.people)))
                        owing.add(gifts[number].back(run, one, rows))


@dataclass(slots=True)
class Gifts:
    """What a rule gave, in the order of members: each gift is one of its `rows` (what facts brought), or, if it falls due,
    all of a member, day and window. `given_back` is what has gone back of each.
    """

    number: int
    rows: Brought
    due: Int
    gift: Int
    gave: Int
    given_back: Int
    on_days: dict[int, Int] = field(default_factory=dict)
    """What the figures of a day would have brought of each row, by the day."""

    @classmethod
    def of(cls, run: Run, number: int, who: Bool) -> "Gifts":
        """All that a rule gave to some members."""
        name, member = run.program.rules[number], run.sheet.facts.member
        rule, its = run.program.rulebook.rules[name], _brought(run, name, who)
        columns: tuple[Int, ...] = (its.cause, its.look, its.begin, its.end, its.amount)
        due, kept = _due(run.sheet, rule, its.cause)
        if kept is not None:
            columns, due = tuple(one[kept] for one in columns), due[kept]
        if rule.due is not None:
            order = np.lexsort((columns[0], columns[3], columns[2], due, member[columns[0]]))
            columns, due = tuple(one[order] for one in columns), due[order]
            gift = np.cumsum(starts(member[columns[0]], due, columns[2], columns[3])) - 1
        else:
            gift = np.arange(len(due))
        gave = np.zeros(int(gift[-1]) + 1 if len(gift) else 0, dtype=np.int64)
        np.add.at(gave, gift, columns[4])
        return cls(number, Brought(*columns), due, gift, gave, np.zeros_like(gave))

    def back(self, run: Run, refund: Refund, notices: Int) -> Given:
        """What goes back of it by these notices (rows, each of another member). Of what was given, no more goes back than
        is left of it.
        """
        facts, its = run.sheet.facts, self.rows
        notice = np.full(len(run.sheet.people), -1)
        notice[facts.member[notices]] = notices
        told = notice[facts.member[its.cause]]
        since = FAR_PAST if refund.since is None else parse_day(refund.since)
        rows = np.flatnonzero((told >= 0) & (since <= self.due) & (self.due <= facts.on[told]))
        heads = np.flatnonzero(starts(self.gift[rows]))
        gift, lengths = self.gift[rows[heads]], np.diff(heads, append=len(rows))
        gave = self.gave[gift]
        asked = gave
        if refund.above_rate_on is not None and len(rows):
            asked = gave - np.add.reduceat(self._on(run, parse_day(refund.above_rate_on))[rows], heads)
        left = gave - self.given_back[gift]
        back = np.where(
            left < 0, np.maximum(left, np.minimum(asked, 0)), np.minimum(left, np.maximum(asked, 0))
        )  # fmt: skip
        self.given_back[gift] += back
        kept = back != 0
        rows, lengths, back = rows[np.repeat(kept, lengths)], lengths[kept], back[kept]
        after = np.cumsum(lengths)
        last = rows[after - 1]
        behind = np.insert(its.cause[rows], after, told[last])
        return Given(
            self.number, facts.member[its.cause[last]], facts.on[told[last]], its.begin[last], its.end[last], -back,
            its.cause[last], behind, after - lengths + np.arange(len(after)),
        )  # fmt: skip

    def _on(self, run: Run, day: int) -> Int:
        """What each row would have brought by the figures of a day."""
        if day not in self.on_days:
            other = _brought(run.with_figures_of(day), run.program.rules[self.number])
            keys = other.cause * len(run.sheet) + other.look
            order = np.argsort(keys, kind="stable")
            wanted = self.rows.cause * len(run.sheet) + self.rows.look
            at = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
            found = np.zeros(len(wanted), dtype=np.int64)
            if len(keys):
                found = np.where(keys[order][at] == wanted, other.amount[order][at], 0)
            self.on_days[day] = found
        return self.on_days[day]
