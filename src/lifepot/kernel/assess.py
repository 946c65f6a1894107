"""Assess: what the rules give, from a member's facts.

The order inside a run:

1. facts stand by member, day, kind and chain; marks are added (opening days, months in which something went on);
2. accounts open (`membership`), leavers and pauses fall out, withdrawals are held against their purposes;
3. each amount and rule runs its chain once, after what it is made of; a row that does not count brings nothing;
4. what the last total of each chain rose by is an entitlement; those due at a window's end are gathered there;
5. who left in time gets back what the refunds say.

With `carry` the facts are only those since a member's last settled one, and each running total goes on from where it was.
"""

from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import chain
from lifepot.kernel.chain import Column, View, view_by_window
from lifepot.kernel.columns import NONE, PARTIES, Entitlements, Facts, Kind, People
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.figures import Figure
from lifepot.kernel.jobs import by_job, earliest_of_members
from lifepot.kernel.membership import Notice, left_and_paused, open_accounts, purposes_met
from lifepot.kernel.operators import differences, starts
from lifepot.kernel.program import DIFFERENCE_STEP, FIRST_PAYMENT_ON, OPENED_ON, Program
from lifepot.kernel.sheet import FACT, PRESENCE, Sheet, build_sheet
from lifepot.money import LARGEST_MINOR
from lifepot.periods import FAR_FUTURE, FAR_PAST, month_index, month_start, parse_day
from lifepot.rulebook.scalars import parse_number, parse_rounding
from lifepot.rulebook.terms import (
    Amount, AtLeastStep, EarlierStep, GiveStep, HighestStep, LatestStep, LessStep, PartStep, RateBy, RateStep, RiseStep,
    RoundStep, Rule, TaperStep, TiersStep, Total, TotalStep, UpTo, UpToStep,
)  # fmt: skip

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class Refusals:
    """Parts of payments that a cap refused: the row, how much (minor units), and the amount or rule that refused."""

    row: Int
    amount: Int
    by: list[str]


@dataclass(slots=True)
class Assessed:
    """The outcome of a run. `rows` are the sorted facts that entitlements point into (marks included; a mark's
    `fact` is that of the status behind it, or -1)."""

    rows: Facts
    entitlements: Entitlements
    refusals: Refusals
    gaps: list[tuple[str, str, Int]]
    opened_on: Int
    carry: Int | None


@dataclass(slots=True)
class _Result:
    """A chain's outcome: the column at its end, its parts by sheet row, and the window its parts are counted in."""

    column: Column
    parts: Int
    window: View | None
    level: Int
    spread: Int | None = None
    """Parts by the column's own rows, where those are not the sheet's."""


def assess(
    program: Program,
    people: People,
    facts: Facts,
    *,
    as_of: int | None = None,
    accrue_until: int | None = None,
    carry: Int | None = None,
) -> Assessed:
    """Entitlements of all members from all their facts, or, with `carry` (registers, m), from those that are new.

    `as_of` (a day): facts after it are not seen, entitlements effective after it are not there; None: every window has
    run to its end. `accrue_until`: see `build_sheet`. Raises `Overflow`.
    """
    if program.rulebook.membership.per == "job":
        alone, spread, member_of_job = by_job(people, facts)
        outcome = _Run(program, build_sheet(program, alone, spread, as_of=as_of, accrue_until=accrue_until, carry=None), as_of).outcome()
        outcome.rows.member = member_of_job[outcome.rows.member]
        outcome.entitlements.member = member_of_job[outcome.entitlements.member]
        outcome.opened_on = earliest_of_members(outcome.opened_on, member_of_job, len(people))
        outcome.carry = None
        return outcome
    sheet = build_sheet(program, people, facts, as_of=as_of, accrue_until=accrue_until, carry=carry)
    return _Run(program, sheet, as_of).outcome()


@dataclass
class _Run:
    program: Program
    sheet: Sheet
    as_of: int | None
    looked_up_on: int | None = None
    """Look figures up on this day instead of each fact's own: what would have been given by the values of then."""

    conditions: Conditions = field(init=False)
    results: dict[str, _Result] = field(default_factory=dict)
    refused: list[tuple[str, Int, Int]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    carry_out: Int | None = None
    gapped: Bool | None = None
    """Rows of the chain that is running at which the rulebook has no figure."""

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.sheet)

    def outcome(self) -> Assessed:
        sheet, program = self.sheet, self.program
        open_accounts(sheet, self.conditions)
        self.notices = left_and_paused(sheet)
        self.said_purpose, self.purpose_met = purposes_met(sheet, self.conditions)
        self._begin_carry()
        found = [self._entitled(number, name) for number, name in enumerate(program.rules)]
        found += [self._refunds(notice) for notice in self.notices]
        entitlements = _join(found)
        if self.as_of is not None:
            entitlements = _take(entitlements, entitlements.effective_on <= self.as_of)
        rows = np.concatenate([row for _, row, _ in self.refused]) if self.refused else np.zeros(0, np.int64)
        amounts = np.concatenate([amount for _, _, amount in self.refused]) if self.refused else np.zeros(0, np.int64)
        by = [name for name, row, _ in self.refused for _ in row]
        return Assessed(
            sheet.facts, entitlements, Refusals(rows, amounts, by), self.conditions.gaps, sheet.opened_on, self.carry_out
        )

    # chains

    def result(self, name: str) -> _Result:
        """The outcome of an amount's or rule's chain, run once."""
        if name not in self.results:
            rulebook = self.program.rulebook
            outer, self.gapped = self.gapped, None
            self.results[name] = self._run_chain(name, rulebook.rules.get(name) or rulebook.amounts[name])
            self.gapped = outer
        return self.results[name]

    def source(self, name: str) -> Int:
        """Parts of a source, a row each; NONE is nothing."""
        sheet, facts = self.sheet, self.sheet.facts
        head, _, tail = name.partition(".")
        if name in self.program.rulebook.amounts or name in self.program.rulebook.rules:
            return self.result(name).parts
        if head == "pay":
            column = getattr(facts, tail)
            return np.where((facts.kind == Kind.PAY) & (column != NONE), column, 0)
        if head == "paid":
            return np.where((facts.kind == Kind.PAID) & ((facts.payer == 0) == (tail == "worker")), facts.amount, 0)
        if head == "withdrawn":
            rows = facts.kind == Kind.WITHDRAWN
            if tail == "purpose":
                rows = rows & self.purpose_met
            elif tail == "no_purpose":
                rows = rows & ~self.purpose_met
            elif tail:
                rows = rows & (self.said_purpose == list(self.program.rulebook.purposes).index(tail))
            return np.where(rows, facts.amount, 0)
        number = self.program.attribute(tail)
        told = sheet.is_kind(Kind.STATUS) & (facts.attribute == number)
        if head == "present":
            went_on = (sheet.mark == PRESENCE) & (facts.attribute == number)
            return (went_on | (told & (facts.value == 1) & self._begins(number))).astype(np.int64)
        assert head == "attribute", name
        return np.where(told, facts.value, 0)

    def _begins(self, attribute: int) -> Bool:
        """Rows on which a status is not said once more while it holds. Said again on the first of a month, it stands
        for the mark that the month would have had."""
        sheet, facts = self.sheet, self.sheet.facts
        told = np.flatnonzero(sheet.is_kind(Kind.STATUS) & (facts.attribute == attribute) & (facts.payer == 0))
        again = np.zeros(len(facts), dtype=np.bool_)
        same = (facts.member[told[1:]] == facts.member[told[:-1]]) & (facts.value[told[:-1]] == 1)
        again[told[1:][same]] = True
        return ~again | (facts.on == month_start(month_index(facts.on)))

    def _run_chain(self, name: str, amount: Amount) -> _Result:
        sheet = self.sheet
        sources = [amount.of] if isinstance(amount.of, str) else amount.of
        taken = [amount.minus] if isinstance(amount.minus, str) else amount.minus
        parts = reduce(np.add, (self.source(one) for one in sources))
        counts: Bool | None = None
        if amount.when is not None:
            counts = self.conditions.holds(amount.when)
        if amount.members_only:
            counts = sheet.active if counts is None else counts & sheet.active
        inherited = self.result(sources[0]).window if sources[0] in self.results else None
        if taken:
            parts = parts - reduce(np.add, (self.source(one) for one in taken))
        if counts is not None and not counts.all():
            parts = np.where(counts, parts, 0)
        stated = isinstance(amount, Rule) and amount.stated is not None
        if not stated and not parts.any() and not any(isinstance(step, TotalStep | EarlierStep) for step in amount.steps):
            return _Result(Column(parts), parts, inherited, parts)
        column = Column(parts)
        level: Int | None = None
        window: View | None = None
        for index, step in enumerate(amount.steps):
            match step:
                case TotalStep() | LatestStep():
                    column = self._total(name, index, amount, column, step, counts)
                    window = column.view
                case PartStep():
                    column = self._back_to_parts(name, column)
                case EarlierStep(earlier=terms):
                    level = self._earlier(name, index, amount, column, terms)
                case _:
                    column, window = self._step(name, column, window, step)
        result = self._finish(name, column, window or inherited, level)
        if stated:
            assert isinstance(amount, Rule)
            self._as_stated(result, amount)
        return result

    def _as_stated(self, result: _Result, rule: Rule) -> None:
        """Where the pay row states the amount, that is what counts."""
        facts = self.sheet.facts
        assert rule.stated is not None and result.spread is None
        stated = getattr(facts, rule.stated.removeprefix("pay."))
        said = (facts.kind == Kind.PAY) & (stated != NONE) & self.sheet.active
        result.parts = np.where(said, stated, result.parts)
        result.level = result.parts

    def _finish(self, name: str, column: Column, window: View | None, level: Int | None) -> _Result:
        if not column.running:
            return _Result(column, column.num, window, column.num if level is None else level)
        parts = self._differences(name, column)
        view = column.view
        assert view is not None
        if view.plain:
            return _Result(column, parts, window, column.num if level is None else level)
        by_row = np.zeros(len(self.sheet), dtype=np.int64)
        np.add.at(by_row, view.cause, parts)
        return _Result(column, by_row, window, by_row if level is None else level, spread=parts)

    def _back_to_parts(self, name: str, column: Column) -> Column:
        assert column.view is not None
        parts = self._differences(name, column)
        if column.view.plain:
            return Column(parts)
        by_row = np.zeros(len(self.sheet), dtype=np.int64)
        np.add.at(by_row, column.view.cause, parts)
        return Column(by_row)

    # steps

    def _total(
        self, name: str, index: int, amount: Amount, column: Column, step: TotalStep | LatestStep, counts: Bool | None
    ) -> Column:
        sheet = self.sheet
        if isinstance(step, LatestStep):
            sources = [amount.of] if isinstance(amount.of, str) else amount.of
            said = np.zeros(len(sheet), dtype=np.bool_)
            for source in sources:
                if source.startswith("attribute."):
                    number = self.program.attribute(source.removeprefix("attribute."))
                    said |= sheet.is_kind(Kind.STATUS) & (sheet.facts.attribute == number)
                else:
                    said |= self.source(source) != 0
            return chain.latest(sheet, column, said if counts is None else said & counts, step.latest)
        terms = step.total if isinstance(step.total, Total) else Total(over=step.total)
        view = view_by_window(sheet, terms.over, per_job=terms.per == "job")
        outside = view.window_end < view.window_start
        if outside.any():
            column = column.with_(np.where(outside, 0, column.num))
        if terms.per == "job":
            column = column.with_(column.num[view.look])
        if terms.taken_out is not None:
            taken = np.where(sheet.facts.kind == Kind.WITHDRAWN, self.source("withdrawn.no_purpose"), 0)
            view, parts = chain.view_newest_first(sheet, terms.over, column.num, taken)
            column = column.with_(parts)
        before = self._carried_in(name, index, view)
        result = chain.total(sheet, column, view, not_below_zero=terms.not_below is not None, before=before)
        self._carry_total(name, index, terms.over, result)
        return result

    def _step(self, name: str, column: Column, window: View | None, step: object) -> tuple[Column, View | None]:
        match step:
            case UpToStep(up_to=cap):
                figure = cap.value if isinstance(cap, UpTo) else cap
                capped = chain.at_most(column, self._operand(figure, column))
                if isinstance(cap, UpTo) and cap.beyond == "refused":
                    over = chain.parts_of(column.with_(column.num - capped.num))
                    self._refuse(name, column, over)
                return capped, window
            case LessStep(less=figure):
                less = self._operand(figure, column, gap=LARGEST_MINOR)
                return column.with_(np.maximum(column.num - chain._scaled(less, column.den, 1), 0)), window
            case AtLeastStep(at_least=figure):
                floor = chain._scaled(self._operand(figure, column), column.den, 1)
                return column.with_(np.where(column.num > 0, np.maximum(column.num, floor), column.num)), window
            case GiveStep(give=figure):
                return column.with_(np.where(column.num > 0, self._operand(figure, column), 0), 1), window
            case RateStep(rate=rate):
                return self._rate(column, rate), window
            case TiersStep(tiers=slices):
                arrays = []
                for one in slices:
                    figure = self.program.figure(one.rate, "rate")
                    end = None if one.up_to is None else self._operand(one.up_to, column)
                    arrays.append((end, self._look_up(figure, column), figure.den))
                return chain.tiers(column, arrays), window
            case TaperStep(taper=terms):
                level = self._at(self.result(terms.on).level, column)
                begin, end = self._operand(terms.from_, column), self._operand(terms.to, column)
                # In a gap both ends are nothing, and nothing is what is given.
                gap = end <= begin
                return chain.taper(column, np.where(gap, 1, level), begin, np.where(gap, begin + 1, end)), window
            case RoundStep(round=text):
                return chain.rounded(column, *parse_rounding(text)), window
            case HighestStep(highest=over):
                return chain.highest(self.sheet, column, over), window
            case RiseStep(rise_over=over):
                risen = chain.rise_over(self.sheet, column, over)
                return risen, risen.view
        raise AssertionError(step)

    def _rate(self, column: Column, rate: str | RateBy) -> Column:
        if isinstance(rate, str):
            figure = self.program.figure(rate, "rate")
            return chain.multiply(column, self._look_up(figure, column), figure.den, figure.constant or self._steady(figure, column))
        figure = self.program.figure(rate.otherwise, "rate")
        said = self._at(self.sheet.attribute(rate.attribute), column)
        default = self._look_up(figure, column, self._relevant(column) & (said == NONE))
        if (said == NONE).all():
            return chain.multiply(column, default, figure.den, constant=self._steady(figure, column))
        # percentages that files say are in millionths of the whole
        den = int(np.lcm(figure.den, 10**6))
        num = np.where(said == NONE, default * (den // figure.den), np.where(said == NONE, 0, said) * (den // 10**6))
        return chain.multiply(column, num, den, constant=False)

    def _steady(self, figure: Figure, column: Column) -> bool:
        """Whether all rows meet the same figure, so that a running total may be multiplied as it is."""
        return figure.by is None and (self.looked_up_on is not None or len(figure.days) == 1)

    def _relevant(self, column: Column) -> Bool:
        """Sheet rows whose figures matter: where there is something to apply them to."""
        return column.num != 0

    def _operand(self, text: str, column: Column, gap: int = 0) -> Int:
        """A figure, a value or another amount of the same fact, at each row of the column; `gap` where there is none."""
        if text in self.program.rulebook.amounts or text in self.program.rulebook.rules:
            return self._at(self.result(text).level, column)
        return self._look_up(self.program.figure(text, "money"), column, gap=gap)

    def _look_up(self, figure: Figure, column: Column, relevant: Bool | None = None, gap: int = 0) -> Int:
        relevant = self._relevant(column) if relevant is None else relevant
        days = None if self.looked_up_on is None else np.full(len(self.sheet), self.looked_up_on)
        view = column.view
        if view is not None and not view.plain:
            matters = np.zeros(len(self.sheet), dtype=np.bool_)
            matters[view.look[relevant]] = True
            num, missing = self.conditions.figure(figure, matters, days)
            return np.where(missing, gap, num)[view.look]
        num, missing = self.conditions.figure(figure, relevant, days)
        if missing.any():
            self.gapped = missing if self.gapped is None else self.gapped | missing
        return np.where(missing, gap, num) if gap else num

    def _at(self, rows: Int, column: Column) -> Int:
        """Figures by sheet row, brought to the column's rows."""
        return rows if column.view is None or column.view.plain else rows[column.view.look]

    def _refuse(self, name: str, column: Column, over: Int) -> None:
        rows = np.flatnonzero(over > 0)
        if len(rows):
            cause = rows if column.view is None else column.view.cause[rows]
            self.refused.append((name, cause, over[rows]))

    def _earlier(self, name: str, index: int, amount: Amount, column: Column, terms) -> Int:  # type: ignore[no-untyped-def]
        carried = None
        total_at = max(i for i in range(index) if isinstance(amount.steps[i], TotalStep))
        register = self.program.registers.at.get((name, total_at))
        if self.sheet.carry is not None and register is not None:
            back = parse_number(terms.by)
            carried = (self.sheet.carry[register], self.sheet.carry[register + 1 : register + 2 + back])
        return chain.earlier(self.sheet, column, terms.window, parse_number(terms.by), terms.since == "joining", carried)

    # carrying

    def _begin_carry(self) -> None:
        if not self.program.carries or self.looked_up_on is not None:
            return
        sheet = self.sheet
        size = self.program.registers.size
        out = np.full((size, len(sheet.people)), NONE) if sheet.carry is None else sheet.carry.copy()
        out[OPENED_ON] = sheet.opened_on
        out[FIRST_PAYMENT_ON] = np.where(sheet.first_payment_on == FAR_FUTURE, NONE, sheet.first_payment_on)
        self.carry_out = out

    def _carried_in(self, name: str, index: int, view: View) -> Int | None:
        """What each row's window had come to before these rows."""
        carry = self.sheet.carry
        register = self.program.registers.at.get((name, index))
        if carry is None or register is None or not view.plain:
            return None
        member = self.sheet.facts.member
        same = carry[register][member] == view.window_start
        return np.where(same, carry[register + 1][member], 0)

    def _carry_total(self, name: str, index: int, window: str, column: Column) -> None:
        """Keeps where each member's total stands after the last row."""
        register = self.program.registers.at.get((name, index))
        if self.carry_out is None or register is None or column.view is None or not column.view.plain or not len(self.sheet):
            return
        member, view = self.sheet.facts.member, column.view
        ends = np.flatnonzero(np.concatenate((view.first[1:], [True])))
        age = self._registers_back(name, index)
        if not age:
            rows = _last_of_each(member)
            who = member[rows]
            self.carry_out[register, who] = view.window_start[rows]
            self.carry_out[register + 1, who] = column.num[rows]
            return
        # Windows of one member come in order, and each pushes the ones before it back.
        rank = _rank_within(member[ends])
        for turn in range(int(rank.max()) + 1):
            now = ends[rank == turn]
            who = member[now]
            self._push(register, age, who, view.window_start[now], column.num[now], window)

    def _registers_back(self, name: str, index: int) -> int:
        """How many earlier windows a total keeps for `earlier`."""
        rulebook = self.program.rulebook
        amount = rulebook.rules.get(name) or rulebook.amounts[name]
        return max((parse_number(one.earlier.by) for one in amount.steps if isinstance(one, EarlierStep)), default=0)

    def _push(self, register: int, back: int, who: Int, begin: Int, figure: Int, window: str) -> None:
        """The next window of these members: what they held moves back by as many windows as have passed."""
        out = self.carry_out
        assert out is not None
        held = out[register, who]
        known = held != NONE
        passed = np.zeros(len(who), dtype=np.int64)
        at = begin
        for _ in range(back + 1):
            further = known & (at > held)
            at = np.where(further, chain.previous_window(self.sheet, window, at), at)
            passed += further
        totals = [np.where(known, out[register + 1 + age, who], 0) for age in range(back + 1)]
        for age in range(1, back + 1):
            moved = np.zeros(len(who), dtype=np.int64)
            for source in range(age + 1):
                moved = np.where(known & (passed == age - source), totals[source], moved)
            out[register + 1 + age, who] = moved
        out[register, who] = begin
        out[register + 1, who] = figure

    def _differences(self, name: str, column: Column) -> Int:
        """What each row of a running column brings, counted on from what was carried."""
        assert column.view is not None
        if self.gapped is not None and column.view.plain:
            column = column.with_(self._held(column))
        register = self.program.registers.at.get((name, DIFFERENCE_STEP))
        before = None
        carry, view, member = self.sheet.carry, column.view, self.sheet.facts.member
        if register is not None and view.plain and len(self.sheet):
            window_register = self._window_register(name)
            if carry is not None and window_register is not None:
                same = carry[window_register][member] == view.window_start
                before = np.where(same, carry[register][member], 0)
                before = np.where(before == NONE, 0, before)
            if self.carry_out is not None:
                rows = _last_of_each(member)
                self.carry_out[register, member[rows]] = column.num[rows]
        return differences(column.num, view.first, before)

    def _held(self, column: Column) -> Int:
        """A running figure that stays where it was at facts for which there is no figure: they bring nothing."""
        assert column.view is not None and self.gapped is not None
        last = np.maximum.accumulate(np.where(self.gapped, -1, np.arange(len(column.num))))
        return np.where(last >= column.view.start, column.num[np.maximum(last, 0)], 0)

    def _window_register(self, name: str) -> int | None:
        found = [register for (term, step), register in self.program.registers.at.items() if term == name and step != DIFFERENCE_STEP]
        return found[-1] if found else None

    # entitlements

    def _entitled(self, number: int, name: str) -> Entitlements:
        rule = self.program.rulebook.rules[name]
        result = self.result(name)
        sign = -1 if rule.direction == "takes_back" else 1
        view = result.column.view
        if result.spread is not None and view is not None:
            rows = np.flatnonzero(result.spread)
            cause, amount = view.cause[rows], sign * result.spread[rows]
            begin, end = view.window_start[rows], view.window_end[rows]
        else:
            rows = cause = np.flatnonzero(result.parts)
            amount = sign * result.parts[rows]
            begin, end = self._windows(result.window, rows)
        facts = self.sheet.facts
        if rule.due is None:
            return _one_each(number, facts.member[cause], facts.on[cause], begin, end, amount, cause)
        return self._gathered(number, rule, cause, amount, begin, end)

    def _windows(self, window: View | None, rows: Int) -> tuple[Int, Int]:
        if window is None:
            start, end = self.sheet.period()
            return start[rows], end[rows]
        if window.plain:
            return window.window_start[rows], window.window_end[rows]
        start = np.empty(len(self.sheet), dtype=np.int64)
        end = np.empty(len(self.sheet), dtype=np.int64)
        start[window.cause], end[window.cause] = window.window_start, window.window_end
        return start[rows], end[rows]

    def _gathered(self, number: int, rule: Rule, cause: Int, amount: Int, begin: Int, end: Int) -> Entitlements:
        """Entitlements due at a window's end, one for each member, day and window."""
        assert rule.due is not None
        facts, sheet = self.sheet.facts, self.sheet
        due = sheet.window(rule.due.at_end_of)[1][cause]
        if rule.due.earlier is not None:
            before = facts.on[cause] <= parse_day(rule.due.earlier.until)
            due = np.where(before, sheet.window(rule.due.earlier.at_end_of)[1][cause], due)
        member = facts.member[cause]
        due = np.minimum(due, sheet.died_on[member])
        if rule.due.if_closed == "nothing":
            kept = ~(sheet.closed_on[member] < due)
            cause, amount, begin, end, due, member = (one[kept] for one in (cause, amount, begin, end, due, member))
        order = np.lexsort((cause, begin, due, member))
        cause, amount, begin, end, due, member = (one[order] for one in (cause, amount, begin, end, due, member))
        if not len(cause):
            return _nothing()
        first = starts(member, due, begin)
        heads = np.flatnonzero(first)
        ends = np.concatenate((heads[1:], [len(cause)]))
        sums = np.add.reduceat(amount, heads)
        gathered = Entitlements(
            np.full(len(heads), number), member[heads], due[heads], begin[heads], end[heads], sums, cause[ends - 1],
            cause, np.concatenate((heads, [len(cause)])),
        )  # fmt: skip
        return _take(gathered, sums != 0)

    def _refunds(self, notice: Notice) -> Entitlements:
        """What goes back to each party when somebody leaves in time, a row for each fact that had given."""
        found = []
        sheet = self.sheet
        rulebook = self.program.rulebook
        mine = slice(*np.searchsorted(sheet.facts.member, [notice.member, notice.member + 1]))
        for refund in notice.refunds:
            since = parse_day(refund.since) if refund.since is not None else FAR_PAST
            for number, name in enumerate(self.program.rules):
                rule = rulebook.rules[name]
                if rule.party != refund.party or rule.direction == "takes_back":
                    continue
                parts = self.result(name).parts[mine]
                if refund.above_rate_on is not None:
                    parts = parts - self._as_on(parse_day(refund.above_rate_on)).result(name).parts[mine]
                on = sheet.facts.on[mine]
                place = np.arange(len(on)) + mine.start
                rows = np.flatnonzero((parts != 0) & (on >= since) & (place < notice.row) & (place > notice.after))
                rows = rows + mine.start
                amount = -parts[rows - mine.start]
                begin, end = self._windows(self.result(name).window, rows)
                one = _one_each(number, sheet.facts.member[rows], np.full(len(rows), notice.on), begin, end, amount, rows)
                one.refs = np.column_stack([rows, np.full(len(rows), notice.row)]).reshape(-1)
                one.ref_starts = np.arange(len(rows) + 1) * 2
                found.append(one)
        return _join(found)

    def _as_on(self, day: int) -> "_Run":
        """The same run with figures looked up on another day."""
        key = ("as on", day)
        if key not in self.sheet._cache:
            other = _Run(self.program, self.sheet, self.as_of, looked_up_on=day)
            other.said_purpose, other.purpose_met = self.said_purpose, self.purpose_met
            self.sheet._cache[key] = other
        return self.sheet._cache[key]  # type: ignore[return-value]


def _last_of_each(member: Int) -> Int:
    """Position of each member's last row."""
    return np.flatnonzero(np.concatenate((member[1:] != member[:-1], [True])))


def _rank_within(member: Int) -> Int:
    """0, 1, 2 … within each run of the same member."""
    first = starts(member)
    return np.arange(len(member)) - np.maximum.accumulate(np.where(first, np.arange(len(member)), 0))


def _one_each(rule: int, member: Int, on: Int, begin: Int, end: Int, amount: Int, row: Int) -> Entitlements:
    count = len(row)
    return Entitlements(np.full(count, rule), member, on, begin, end, amount, row, row, np.arange(count + 1))


def _nothing() -> Entitlements:
    empty = np.zeros(0, dtype=np.int64)
    return Entitlements(empty, empty, empty, empty, empty, empty, empty, empty, np.zeros(1, dtype=np.int64))


def _join(parts: list[Entitlements]) -> Entitlements:
    if not parts:
        return _nothing()
    offsets = np.cumsum([0] + [len(part.refs) for part in parts])
    columns = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("rule", "member", "effective_on", "window_start", "window_end", "amount", "row", "refs")
    ]
    ref_starts = np.concatenate([part.ref_starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)] + [[offsets[-1]]])
    return Entitlements(*columns, ref_starts.astype(np.int64))


def _take(all_: Entitlements, kept: Bool) -> Entitlements:
    if kept.all():
        return all_
    rows = np.flatnonzero(kept)
    lengths = np.diff(all_.ref_starts)[rows]
    ref_starts = np.concatenate(([0], np.cumsum(lengths)))
    refs = np.concatenate([all_.refs[all_.ref_starts[row] : all_.ref_starts[row + 1]] for row in rows]) if len(rows) else np.zeros(0, np.int64)
    return Entitlements(
        all_.rule[rows], all_.member[rows], all_.effective_on[rows], all_.window_start[rows], all_.window_end[rows],
        all_.amount[rows], all_.row[rows], refs, ref_starts.astype(np.int64),
    )  # fmt: skip


__all__ = ["FACT", "PARTIES", "Assessed", "Refusals", "assess"]
