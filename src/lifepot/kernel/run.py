"""A run: each amount's and rule's chain of steps over one sheet, worked out once, after what it is made of."""

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import chain
from lifepot.kernel.carrying import Carrying
from lifepot.kernel.chain import Column, View, view_by_window
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.figures import Figure
from lifepot.kernel.membership import Notices, purposes_met
from lifepot.kernel.operators import differences, held_since
from lifepot.kernel.program import DIFFERENCE_STEP, ONE, Program
from lifepot.kernel.sheet import DAY, PRESENCE, Sheet
from lifepot.money import LARGEST_MINOR
from lifepot.periods import month_index, month_start
from lifepot.rulebook.scalars import parse_number, parse_rounding
from lifepot.rulebook.terms import (
    Amount,
    AtLeastStep,
    AverageStep,
    Earlier,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    PartStep,
    ProRataStep,
    RateBy,
    RateStep,
    RiseStep,
    RoundStep,
    Rule,
    TaperStep,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
    WhereStep,
)  # fmt: skip

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

Rows = TypeVar("Rows", Int, Bool)

MILLION = 10**6
NO_LIMIT = 2**62
"""A cap that nothing reaches."""

COMBINE = {"sum": np.add, "highest": np.maximum, "lowest": np.minimum}


@dataclass(slots=True)
class Result:
    """A chain's outcome: the column at its end, its parts by sheet row, and the window its parts are counted in."""

    column: Column
    parts: Int
    window: View | None
    level: Int
    spread: Int | None = None
    """Parts by the column's own rows, where those are not the sheet's."""


@dataclass(slots=True)
class Run:
    """A rulebook over one sheet, whose accounts are open and whose leavers are out."""

    program: Program
    sheet: Sheet
    conditions: Conditions
    carrying: Carrying
    notices: list[Notices]
    looked_up_on: int | None = None
    """Look figures up on this day instead of each fact's own: what would have been given by the values of then."""

    results: dict[str, Result] = field(default_factory=dict)
    refused: list[tuple[str, Int, Int]] = field(default_factory=list)
    """What caps refused: by which amount, of which rows, how much."""

    gapped: Bool | None = None
    """Rows of the chain that is running at which the rulebook has no figure."""

    _purposes: tuple[Int, Bool] | None = None
    _sources: dict[str, Int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conditions.level_of = lambda name: self.result(name).level

    @property
    def purposes(self) -> tuple[Int, Bool]:
        """The purpose each withdrawal was said to be for, and whether it is for one whose conditions it meets."""
        if self._purposes is None:
            self._purposes = purposes_met(self.sheet, self.conditions)
        return self._purposes

    def with_figures_of(self, day: int) -> "Run":
        """The same run with figures looked up on another day; it carries nothing on."""
        key = ("figures of", day)
        if key not in self.sheet.cache:
            idle = Carrying(self.program, self.sheet)
            self.sheet.cache[key] = Run(
                self.program, self.sheet, Conditions(self.sheet), idle, self.notices, looked_up_on=day
            )
        found = self.sheet.cache[key]
        assert isinstance(found, Run)
        return found

    def result(self, name: str) -> Result:
        """The outcome of an amount's or rule's chain, run once."""
        if name not in self.results:
            rulebook = self.program.rulebook
            outer, self.gapped = self.gapped, None
            self.results[name] = self._run_chain(name, rulebook.rules.get(name) or rulebook.amounts[name])
            self.gapped = outer
        return self.results[name]

    def source(self, name: str) -> Int:
        """Parts of a source, a row each; NONE is nothing."""
        if name in self.program.rulebook.amounts or name in self.program.rulebook.rules:
            return self.result(name).parts
        if name not in self._sources:
            self._sources[name] = self._told(name)
        return self._sources[name]

    def _told(self, name: str) -> Int:
        """Parts of a source that facts tell."""
        sheet, facts = self.sheet, self.sheet.facts
        head, _, tail = name.partition(".")
        if head == "pay":
            column = getattr(facts, tail)
            return np.where(sheet.is_kind(Kind.PAY) & (column != NONE), column, 0)
        if head == "paid":
            by = facts.payer == 0 if tail == "worker" else facts.payer != 0
            return np.where(sheet.is_kind(Kind.PAID) & by, facts.amount, 0)
        if head == "withdrawn":
            rows = sheet.is_kind(Kind.WITHDRAWN)
            if tail == "purpose":
                rows = rows & self.purposes[1]
            elif tail == "no_purpose":
                rows = rows & ~self.purposes[1]
            elif tail:
                rows = rows & (self.purposes[0] == list(self.program.rulebook.purposes).index(tail))
            return np.where(rows, facts.amount, 0)
        if head == "count":
            rows = sheet.is_kind(Kind[tail.upper()])
            return np.where(rows & (facts.payer == 0) if tail == "paid" else rows, ONE, 0)
        if head == "day":
            number = list(self.program.rulebook.days).index(tail)
            return np.where((sheet.mark == DAY) & (facts.value == number), ONE, 0)
        number = self.program.attribute(tail)
        if head == "present":
            went_on = (sheet.mark == PRESENCE) & (facts.attribute == number)
            return np.where(went_on | self._begins(number), ONE, 0)
        assert head == "attribute", name
        told = sheet.told(number)
        figures = np.zeros(len(facts), dtype=np.int64)
        figures[told] = facts.value[told] * self.program.amount_held(tail)
        return figures

    def _begins(self, attribute: int) -> Bool:
        """Rows on which yes is said and not once more while it holds. Said again on the first of a month, it stands
        for the mark that the month would have had.
        """
        sheet, facts = self.sheet, self.sheet.facts
        told = sheet.told(attribute)
        told = told[facts.payer[told] == 0]
        member, yes, on = facts.member[told], facts.value[told] == 1, facts.on[told]
        begins = yes.copy()
        begins[1:] &= ~(yes[:-1] & (member[1:] == member[:-1])) | (on == month_start(month_index(on)))[1:]
        rows = np.zeros(len(facts), dtype=np.bool_)
        rows[told[begins]] = True
        return rows

    def _run_chain(self, name: str, amount: Amount) -> Result:
        sheet = self.sheet
        sources = [amount.of] if isinstance(amount.of, str) else amount.of
        taken = [amount.minus] if isinstance(amount.minus, str) else amount.minus
        parts = reduce(COMBINE[amount.combined], (self.source(one) for one in sources))
        if taken:
            parts = parts - reduce(np.add, (self.source(one) for one in taken))
        counts: Bool | None = None
        if amount.when is not None:
            # A figure that is said counts as said although it be nothing.
            only = not any(isinstance(step, LatestStep) for step in amount.steps)
            counts = self.conditions.holds(amount.when, parts != 0, only=only)
        if amount.members_only:
            counts = sheet.active if counts is None else counts & sheet.active
        inherited = self.result(sources[0]).window if sources[0] in self.results else None
        if counts is not None and not counts.all():
            parts = np.where(counts, parts, 0)
        stated = isinstance(amount, Rule) and amount.stated is not None
        if not stated and not parts.any() and not any(isinstance(step, TotalStep) for step in amount.steps):
            return Result(Column(parts), parts, inherited, parts)
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
                case AverageStep(average=span):
                    level = chain.average(self.sheet, column, parse_number(span.months))
                case _:
                    column, window = self._step(name, index, column, window, step)
        result = self._finish(name, column, window or inherited, level)
        if stated:
            assert isinstance(amount, Rule)
            self._as_stated(result, amount)
        return result

    def _as_stated(self, result: Result, rule: Rule) -> None:
        """Where the pay row states the amount, that is what counts."""
        facts = self.sheet.facts
        assert rule.stated is not None
        assert result.spread is None
        stated = getattr(facts, rule.stated.removeprefix("pay."))
        said = (facts.kind == Kind.PAY) & (stated != NONE) & self.sheet.active
        if rule.stated_when == "no_earnings":
            said &= facts.earnings == NONE
        result.parts = np.where(said, stated, result.parts)
        result.level = result.parts

    def _finish(self, name: str, column: Column, window: View | None, level: Int | None) -> Result:
        if not column.running:
            return Result(column, column.num, window, column.num if level is None else level)
        parts = self._differences(name, column)
        view = column.view
        assert view is not None
        if view.plain:
            return Result(column, parts, window, column.num if level is None else level)
        by_row = self._by_cause(view, parts)
        return Result(column, by_row, window, by_row if level is None else level, spread=parts)

    def _back_to_parts(self, name: str, column: Column) -> Column:
        assert column.view is not None
        parts = self._differences(name, column)
        return Column(parts if column.view.plain else self._by_cause(column.view, parts))

    def _by_cause(self, view: View, parts: Int) -> Int:
        """Parts by a view's rows, brought to the sheet's rows that caused them."""
        by_row = np.zeros(len(self.sheet), dtype=np.int64)
        own = view.look == view.cause
        by_row[view.cause[own]] = parts[own]
        np.add.at(by_row, view.cause[~own], parts[~own])
        return by_row

    def _total(
        self, name: str, index: int, amount: Amount, column: Column, step: TotalStep | LatestStep, counts: Bool | None
    ) -> Column:
        sheet = self.sheet
        if isinstance(step, LatestStep):
            sources = [amount.of] if isinstance(amount.of, str) else amount.of
            said = np.zeros(len(sheet), dtype=np.bool_)
            for source in sources:
                if source.startswith("attribute."):
                    said[sheet.told(self.program.attribute(source.removeprefix("attribute.")))] = True
                else:
                    said |= self.source(source) != 0
            return chain.latest(sheet, column, said if counts is None else said & counts, step.latest)
        terms = step.total if isinstance(step.total, Total) else Total(over=step.total)
        view = view_by_window(sheet, terms.over, per_job=terms.per == "job")
        emptied = self._emptied(amount)
        if len(emptied):
            view = chain.begun_anew(view, emptied)
        if view.outside is not None:
            column = column.with_(np.where(view.outside, 0, column.num))
        if terms.per == "job":
            column = column.with_(column.num[view.look])
        if terms.taken_out is not None:
            taken = self.source("withdrawn.no_purpose")
            view, parts = chain.view_newest_first(sheet, view, column.num, taken, emptied)
            column = column.with_(parts)
        cap: Int | None = None
        if terms.not_above is not None:
            most = self._operand(terms.not_above, replace(column, view=view), unknown=NO_LIMIT)
            cap = np.full(len(column.num), most) if isinstance(most, int) else most
        before = self.carrying.total_before(name, index, view)
        result = chain.total(column, view, not_below_zero=terms.not_below is not None, cap=cap, before=before)
        if cap is not None and terms.beyond == "refused":
            gained = differences(result.num, view.heads)
            self._refuse(name, result, np.where(column.num > 0, column.num - gained, 0))
        self.carrying.keep_total(name, index, terms.over, result)
        return result

    def _emptied(self, amount: Amount) -> Int:
        """Rows at which a rule's totals begin anew: what its party gets back as somebody leaves no longer counts."""
        if not isinstance(amount, Rule):
            return np.zeros(0, dtype=np.int64)
        rows = [
            notice.row
            for notice in self.notices
            for refund in notice.refunds
            if refund.party == amount.party and refund.since is None and refund.above_rate_on is None
        ]
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, dtype=np.int64)

    def _step(
        self, name: str, index: int, column: Column, window: View | None, step: object
    ) -> tuple[Column, View | None]:
        match step:
            case UpToStep(up_to=cap):
                figure = cap.value if isinstance(cap, UpTo) else cap
                limit = self._operand(figure, column, unknown=NONE)
                if isinstance(limit, int) or not (unknown := limit == NONE).any():
                    capped = chain.at_most(column, limit)
                else:
                    capped = chain.at_most(column, np.where(unknown, 0, limit))
                    capped = column.with_(np.where(unknown, column.num, capped.num))
                if isinstance(cap, UpTo) and cap.beyond == "refused":
                    over = chain.parts_of(column.with_(column.num - capped.num))
                    self._refuse(name, column, over)
                return capped, window
            case LessStep(less=figure):
                less = self._operand(figure, column, gap=LARGEST_MINOR)
                return column.with_(np.maximum(column.num - chain.scaled(less, column.den), 0)), window
            case AtLeastStep(at_least=figure):
                floor = chain.scaled(self._operand(figure, column), column.den)
                return column.with_(np.where(column.num > 0, np.maximum(column.num, floor), column.num)), window
            case GiveStep(give=figure):
                return column.with_(np.where(column.num > 0, self._operand(figure, column), 0), 1), window
            case RateStep(rate=rate):
                return self._rate(name, index, column, rate), window
            case TiersStep(tiers=slices):
                arrays: list[tuple[Int | int | None, Int | int, int]] = []
                for one in slices:
                    slope = self.program.figure(one.rate, "rate")
                    end = None if one.up_to is None else self._operand(one.up_to, column)
                    arrays.append((end, self._look_up(slope, column), slope.den))
                return chain.tiers(column, arrays), window
            case TaperStep(taper=terms):
                level = self._operand(terms.on, column)
                begin, end = self._operand(terms.from_, column), self._operand(terms.to, column)
                # In a gap both ends are nothing, and nothing is what is given.
                gap = np.asarray(end <= begin)
                if gap.any():
                    level, end = np.where(gap, 1, level), np.where(gap, begin + 1, end)
                return chain.taper(column, level, begin, end), window
            case WhereStep(where=condition):
                holds = self._at(
                    self.conditions.holds(condition, self._by_row(column.num != 0, column), only=True), column
                )
                return column.with_(np.where(holds, column.num, 0)), window
            case ProRataStep(pro_rata=share):
                return chain.pro_rata(
                    column, self._operand(share.amount, column), self._operand(share.of, column)
                ), window
            case RoundStep(round=text):
                return chain.rounded(column, *parse_rounding(text)), window
            case HighestStep(highest=over):
                return chain.highest(self.sheet, column, over), window
            case RiseStep(rise_over=over):
                risen = chain.rise_over(self.sheet, column, over)
                return risen, risen.view
        raise AssertionError(step)

    def _rate(self, name: str, index: int, column: Column, rate: str | RateBy) -> Column:
        if isinstance(rate, str):
            figure = self.program.figure(rate, "rate")
            num, den = self._look_up(figure, column), figure.den
        else:
            figure = self.program.figure(rate.otherwise, "rate")
            said = self._at(self.sheet.attribute(rate.attribute), column)
            unsaid = said == NONE
            num, den = self._look_up(figure, column, self._relevant(column) & unsaid), figure.den
            if not unsaid.all():
                # percentages that files say are in millionths of the whole
                den = int(np.lcm(figure.den, MILLION))
                num = np.where(unsaid, num * (den // figure.den), np.where(unsaid, 0, said) * (den // MILLION))
        if not column.running:
            return chain.multiply(column, num, den)
        # On a running total each part is multiplied by the rate of its own day and added up.
        assert column.view is not None
        before = [self.carrying.figure_before(name, index, column.view, nth) for nth in (0, 1)]
        result = chain.multiply_parts(column, num, den, *before)
        self.carrying.keep_figure(name, index, column.view, column.num, 0)
        self.carrying.keep_figure(name, index, column.view, result.num, 1)
        return result

    def _relevant(self, column: Column) -> Bool:
        """Sheet rows whose figures matter: where there is something to apply them to."""
        return column.num != 0

    def _operand(self, text: str, column: Column, gap: int = 0, unknown: int = 0) -> Int | int:
        """A figure, a value, another amount or an attribute, at each row of the column (one for all, if that is so);
        `gap` where the rulebook has no figure, `unknown` where the attribute is not known.
        """
        if text.startswith("attribute."):
            name = text.removeprefix("attribute.")
            held = self._at(self.sheet.attribute(name), column)
            return np.where(held == NONE, unknown, held * self.program.amount_held(name))
        if text in self.program.rulebook.amounts or text in self.program.rulebook.rules:
            return self._at(self.result(text).level, column)
        return self._look_up(self.program.amount_figure(text), column, gap=gap)

    def _look_up(self, figure: Figure, column: Column, relevant: Bool | None = None, gap: int = 0) -> Int | int:
        relevant = self._relevant(column) if relevant is None else relevant
        view = column.view
        if view is not None and not view.plain:
            num, missing = self.conditions.figure(figure, self._by_row(relevant, column), self.looked_up_on)
            num = num if missing is None else np.where(missing, gap, num)
            return num if isinstance(num, int) else num[view.look]
        # Where there is nothing to apply it to, a figure of a part need not be known.
        wanted = None if column.running else relevant
        num, missing = self.conditions.figure(figure, relevant, self.looked_up_on, wanted=wanted)
        if missing is None:
            return num
        self.gapped = missing if self.gapped is None else self.gapped | missing
        return np.where(missing, gap, num)

    def _by_row(self, truth: Bool, column: Column) -> Bool:
        """A truth by the column's rows, brought to the sheet's: whether it holds of any that is looked up there."""
        if column.view is None or column.view.plain:
            return truth
        matters = np.zeros(len(self.sheet), dtype=np.bool_)
        matters[column.view.look[truth]] = True
        return matters

    def _at(self, rows: Rows, column: Column) -> Rows:
        """Figures or truths by sheet row, brought to the column's rows."""
        return rows if column.view is None or column.view.plain else rows[column.view.look]

    def _refuse(self, name: str, column: Column, over: Int) -> None:
        rows = np.flatnonzero(over > 0)
        if len(rows):
            cause = rows if column.view is None else column.view.cause[rows]
            self.refused.append((name, cause, over[rows]))

    def _earlier(self, name: str, index: int, amount: Amount, column: Column, terms: Earlier) -> Int:
        total_at = max(i for i in range(index) if isinstance(amount.steps[i], TotalStep))
        back = parse_number(terms.by)
        carried = self.carrying.earlier(name, total_at, back)
        return chain.earlier(
            self.sheet, column, terms.window, back, since_joining=terms.since == "joining", carried=carried
        )

    def _differences(self, name: str, column: Column) -> Int:
        """What each row of a running column brings, counted on from what was carried."""
        view = column.view
        assert view is not None
        if self.gapped is not None and view.plain:
            column = column.with_(self._held(column))
        before = self.carrying.figure_before(name, DIFFERENCE_STEP, view)
        self.carrying.keep_figure(name, DIFFERENCE_STEP, view, column.num)
        return differences(column.num, view.heads, before)

    def _held(self, column: Column) -> Int:
        """A running figure that stays where it was at facts for which there is no figure: they bring nothing."""
        assert column.view is not None
        assert self.gapped is not None
        return held_since(column.num, ~self.gapped, column.view.heads)
