"""A run: each amount's and rule's chain of steps over one sheet, worked out once, after what it is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from math import lcm
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import chain
from lifepot.kernel.carrying import Carrying
from lifepot.kernel.chain import Column, View, view_by_window
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import MILLION, Conditions
from lifepot.kernel.figures import Figure
from lifepot.kernel.membership import Notices, purposes_met
from lifepot.kernel.operators import (
    FEW,
    differences,
    fits,
    held_since,
    marked,
    placed,
    product,
    running_total,
    times,
)  # fmt: skip
from lifepot.kernel.program import DIFFERENCE_STEP, Program
from lifepot.kernel.results import Later, Parts, Result, now, rows_of_few
from lifepot.kernel.shape import adds_up, last_total, needs_all, windows_counted_in
from lifepot.kernel.sheet import Sheet
from lifepot.kernel.sources import combined, told
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
    Tier,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
    WhereStep,
)  # fmt: skip
from lifepot.rulebook.walking import listed

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

Rows = TypeVar("Rows", Int, Bool)

NO_LIMIT = 2**62
"""A cap that nothing reaches."""


@dataclass(slots=True)
class Run:
    """A rulebook over one sheet, whose accounts are open and whose leavers are out."""

    program: Program
    sheet: Sheet
    conditions: Conditions
    carrying: Carrying
    notices: Notices
    results: dict[str, Result] = field(default_factory=dict)
    refused: list[tuple[str, Int, Int]] = field(default_factory=list)
    """What caps refused: by which amount, of which rows, how much."""

    gapped: Bool | None = None
    """Rows of the column in hand for which the rulebook had no figure, and those that only ask who may join: to the end
    of the chain, they bring nothing."""

    outside: Bool | None = None
    """Rows of the column in hand that are in no window of its last total: they bring nothing, and stand at nothing."""

    asking: Bool | None = None
    """Rows of the column in hand whose gaps are faults: those that bring something (None: all that are not nothing)."""

    whole: "Run | None" = None
    """The run of which this one is some rows."""

    _purposes: Bool | None = None
    _sources: dict[str, Parts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conditions.level_of = lambda name: self.result(name).level

    @property
    def purposes(self) -> Bool:
        """Withdrawals for a purpose whose conditions they meet."""
        if self._purposes is None:
            self._purposes = purposes_met(self.sheet, self.conditions)
        return self._purposes

    def with_figures_of(self, day: int) -> "Run":
        """The same run with figures looked up on another day; it carries nothing on."""
        key = ("figures of", day)
        if key not in self.sheet.cache:
            idle = Carrying(self.program, self.sheet)
            self.sheet.cache[key] = Run(
                self.program, self.sheet, Conditions(self.sheet, looked_up_on=day), idle, self.notices
            )
        found = self.sheet.cache[key]
        assert isinstance(found, Run)
        return found

    def result(self, name: str) -> Result:
        """The outcome of an amount's or rule's chain, run once."""
        if name not in self.results and self.whole is not None:
            its, rows = self.whole.result(name), self.sheet.chosen
            parts = its.brings.at(rows)
            self.results[name] = Result(Column(parts), Parts(parts, len(rows)), None, Later(lambda: its.level[rows]))
        elif name not in self.results:
            rulebook = self.program.rulebook
            outer = self.gapped, self.outside, self.asking
            self.gapped, self.outside, self.asking = None, None, None
            self.results[name] = self._run_chain(name, rulebook.rules.get(name) or rulebook.amounts[name])
            self.gapped, self.outside, self.asking = outer
        return self.results[name]

    def source(self, name: str) -> Int:
        """What each row brings of a source."""
        return self.brings(name).all

    def brings(self, name: str) -> Parts:
        """What a source brings."""
        if name in self.program.rulebook.amounts or name in self.program.rulebook.rules:
            return self.result(name).brings
        if name not in self._sources:
            self._sources[name] = (
                told(self.sheet, name, lambda: self.purposes)
                if self.whole is None
                else Parts(self.whole.brings(name).at(self.sheet.chosen), len(self.sheet))
            )
        return self._sources[name]

    def _says(self, source: str) -> Bool:
        """Rows that say something of a source, be it that it is nothing."""
        head, _, tail = source.partition(".")
        if source not in self.program.rulebook.amounts and source not in self.program.rulebook.rules:
            if head == "attribute":
                return marked(self.sheet.told(self.program.attribute(tail)), len(self.sheet))
            if head == "pay":
                return self.sheet.is_kind(Kind.PAY) & (getattr(self.sheet.facts, tail) != NONE)
        return self.source(source) != 0

    def _run_chain(self, name: str, amount: Amount) -> Result:
        sheet = self.sheet
        sources = listed(amount.of)
        told, less = ([self.brings(one) for one in names] for names in (sources, listed(amount.minus)))
        # The window of the first amount it is made of that has one.
        inherited = next((its.its_window for one in sources if (its := self.results.get(one)) and its.its_window), None)
        stated = self._stated(amount)
        # A figure that is said counts as said although it be nothing.
        latest = any(isinstance(step, LatestStep) for step in amount.steps)
        few = rows_of_few([*told, *less]) if stated is None and not latest and self._may_narrow(amount) else None
        if few is not None:
            return self._run_few(name, amount, few, (told, less), inherited)
        parts = combined(amount, [one.all for one in told], [one.all for one in less])
        counts = sheet.active if amount.members_only else None
        if amount.when is not None:
            says = (parts != 0) if stated is None else (parts != 0) | stated
            holds = self.conditions.holds(amount.when, says if counts is None else says & counts, only=not latest)
            counts = holds if counts is None else holds & counts
        if counts is not None and not counts.all():
            parts = np.where(counts, parts, 0)
        if stated is None and not adds_up(amount) and not parts.any():
            return Result(Column(parts), Parts(parts, len(sheet)), inherited, Later(lambda: parts))
        chosen = self._that_matter(amount, parts) if stated is None and amount.steps else None
        if chosen is not None:
            return self._run_narrow(
                name, amount, chosen, parts[chosen], None if counts is None else counts[chosen], inherited
            )  # fmt: skip
        # Where a row states the amount, nothing comes of what is missing.
        self.asking = None if stated is None else ~stated
        result = self._run_steps(name, amount, parts, counts, inherited)
        if stated is not None:
            # Where a pay row that counts states the amount, that is what counts.
            assert isinstance(amount, Rule)
            assert result.spread is None
            said = stated if counts is None else stated & counts
            figures = np.where(said, getattr(sheet.facts, str(amount.stated).removeprefix("pay.")), result.parts)
            result.brings, result.its_level = Parts(figures, len(sheet)), now(figures)
        return result

    def _run_few(
        self, name: str, amount: Amount, rows: Int, of: tuple[list[Parts], list[Parts]], inherited: Later[View] | None
    ) -> Result:
        """The same where few rows bring something: nothing is asked of the others."""
        sheet, count = self.sheet, len(self.sheet)
        parts = combined(amount, *([one.at(rows) for one in each] for each in of))
        counts = sheet.active[rows] if amount.members_only else None
        if amount.when is not None:
            narrow = self.conditions.narrowed(rows)
            says = parts != 0
            holds = narrow.holds(amount.when, says if counts is None else says & counts)
            self.conditions.gaps += [(code, value, rows[at]) for code, value, at in narrow.gaps]
            counts = holds if counts is None else holds & counts
        kept = parts != 0 if counts is None else (parts != 0) & counts
        brings = Parts(parts[kept], count, rows[kept])
        if not amount.steps or (not adds_up(amount) and not len(brings.figures)):
            return Result(Column(brings.figures), brings, inherited, Later(lambda: brings.all))
        assert brings.rows is not None
        chosen = brings.rows
        if adds_up(amount):
            chosen = sheet.rows_of(marked(sheet.facts.member[chosen], len(sheet.people)))
            if len(chosen) * FEW >= count:
                return self._run_steps(name, amount, brings.all, None, inherited)
        return self._run_narrow(name, amount, chosen, brings.at(chosen), None, inherited)

    def _run_steps(
        self, name: str, amount: Amount, parts: Int, counts: Bool | None, inherited: Later[View] | None
    ) -> Result:
        column = Column(parts)
        level: Int | None = None
        window: View | None = None
        rise: View | None = None
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
                    over = last_total(amount, index)[1]
                    level = chain.average(self.sheet, column, over, parse_number(span.months))
                case _:
                    column, window = self._step(name, index, column, window, step)
            rise = column.view if isinstance(step, RiseStep) else rise
            column = self._held(column)
        result = self._finish(name, column, inherited if window is None else now(window), level)
        result.its_rise = None if rise is None else now(rise)
        return result

    def _may_narrow(self, amount: Amount) -> bool:
        """Whether a chain may be run on some rows alone: steps make nothing of nothing, so that nothing comes of others."""
        alone = self.whole is None and self.sheet.carry is None and self.carrying.out is None
        return alone and not needs_all(amount)

    def _that_matter(self, amount: Amount, parts: Int) -> Int | None:
        """Rows on which alone a chain is run, if they are few: those that bring something, and with a total all of their
        members'.
        """
        if not self._may_narrow(amount) or np.count_nonzero(parts) * FEW >= len(parts):
            return None
        something = np.flatnonzero(parts != 0)
        if adds_up(amount):
            who = marked(self.sheet.facts.member[something], len(self.sheet.people))
            something = self.sheet.rows_of(who)
        return something if len(something) * FEW < len(parts) else None

    def _run_narrow(
        self, name: str, amount: Amount, chosen: Int, parts: Int, counts: Bool | None, inherited: Later[View] | None
    ) -> Result:
        """The same of some rows alone."""
        conditions, notices = self.conditions.narrowed(chosen), self.notices.among(chosen)
        carrying = Carrying(self.program, conditions.sheet)
        narrow = Run(self.program, conditions.sheet, conditions, carrying, notices, whole=self)
        found = narrow._run_steps(name, amount, parts, counts, None)
        self.conditions.gaps += [(code, value, chosen[rows]) for code, value, rows in conditions.gaps]
        self.refused += [(by, chosen[rows], much) for by, rows, much in narrow.refused]
        window, rise = windows_counted_in(amount)
        count = len(self.sheet)
        return Result(
            Column(found.parts), Parts(found.parts, count, chosen),
            inherited if window is None else Later(partial(view_by_window, self.sheet, window[0], per_job=window[1])),
            Later(lambda: placed(found.level, chosen, count)),
            its_rise=None if rise is None else Later(partial(view_by_window, self.sheet, rise)),
        )  # fmt: skip

    def _stated(self, amount: Amount) -> Bool | None:
        """Pay rows that state what a rule brings; None for an amount that no row states."""
        if not isinstance(amount, Rule) or amount.stated is None:
            return None
        facts = self.sheet.facts
        said = self.sheet.is_kind(Kind.PAY) & (getattr(facts, amount.stated.removeprefix("pay.")) != NONE)
        return said & (facts.earnings == NONE) if amount.stated_when == "no_earnings" else said

    def _finish(self, name: str, column: Column, window: Later[View] | None, level: Int | None) -> Result:
        count = len(self.sheet)
        if not column.running:
            return Result(column, Parts(column.num, count), window, now(column.num if level is None else level))
        parts = self._differences(name, column)
        view = column.view
        assert view is not None
        if level is None:
            level = column.num
        level = level if self.outside is None else np.where(self.outside, 0, level)
        if view.plain:
            return Result(column, Parts(parts, count), window, now(level))
        standing = level

        def stands() -> Int:
            found = np.zeros(count, dtype=np.int64)
            if view.all_own:
                found[view.look] = standing
            else:
                found[view.look[view.own]] = standing[view.own]
            return found

        return Result(column, Parts(self._by_cause(view, parts), count), window, Later(stands), spread=parts)

    def _by_cause(self, view: View, parts: Int) -> Int:
        """Parts by a view's rows, brought to the sheet's rows that caused them."""
        by_row = np.zeros(len(self.sheet), dtype=np.int64)
        if view.all_own:
            by_row[view.cause] = parts
        else:
            by_row[view.cause[view.own]] = parts[view.own]
            np.add.at(by_row, view.cause[~view.own], parts[~view.own])
        return by_row

    def _back_to_parts(self, name: str, column: Column) -> Column:
        assert column.view is not None
        parts = self._differences(name, column)
        self.asking = self.outside = None
        if column.view.plain:
            return Column(parts)
        if self.gapped is not None:
            self.gapped = marked(column.view.cause[self.gapped], len(self.sheet))
        return Column(self._by_cause(column.view, parts))

    def _total(
        self, name: str, index: int, amount: Amount, column: Column, step: TotalStep | LatestStep, counts: Bool | None
    ) -> Column:
        sheet = self.sheet
        if isinstance(step, LatestStep):
            sources = [*listed(amount.of), *listed(amount.minus)]
            said: Bool = np.logical_or.reduce([self._says(one) for one in sources])
            for silent in (counts, None if self.gapped is None else ~self.gapped):
                said = said if silent is None else said & silent
            self.asking = said
            return self._inside(chain.latest(sheet, column, said, step.latest))
        terms = step.total if isinstance(step.total, Total) else Total(over=step.total)
        view = view_by_window(sheet, terms.over, per_job=terms.per == "job")
        emptied = self._emptied(amount)
        if len(emptied):
            view = chain.begun_anew(view, emptied)
        if terms.per == "job":
            column = column.with_(column.num[view.look])
            self.gapped = None if self.gapped is None else self.gapped[view.look]
        if view.outside is not None:
            column = column.with_(np.where(view.outside, 0, column.num))
        self.asking = column.num != 0
        if terms.taken_out is not None:
            taken = self.source("withdrawn.no_purpose")
            self.asking |= taken != 0
            view, parts = chain.view_newest_first(sheet, view, column.num, taken, emptied)
            column = column.with_(parts)
            if not view.plain:
                self.asking = self.asking[view.look] | ~view.own
                self.gapped = None if self.gapped is None else self.gapped[view.look] & view.own
        cap: Int | None = None
        if terms.not_above is not None:
            most = self._operand(terms.not_above, replace(column, view=view), NO_LIMIT, lambda: column.num > 0)
            cap = np.full(len(column.num), most) if isinstance(most, int) else most
        before = self.carrying.total_before(name, index, view)
        result = chain.total(column, view, not_below_zero=terms.not_below is not None, cap=cap, before=before)
        if cap is not None and terms.beyond == "refused":
            gained = differences(result.num, view.groups)
            self._refuse(name, result, np.where(column.num > 0, column.num - gained, 0))
        self.carrying.keep_total(name, index, terms.over, result)
        return self._inside(result)

    def _inside(self, column: Column) -> Column:
        """A new total, whose rows in no window at all are remembered."""
        assert column.view is not None
        self.outside = column.view.outside
        return column

    def _inert(self) -> Bool | None:
        """Rows of the column in hand that bring nothing whatever the step, and ask for nothing."""
        if self.gapped is None or self.outside is None:
            return self.outside if self.gapped is None else self.gapped
        return self.gapped | self.outside

    def _emptied(self, amount: Amount) -> Int:
        """Rows at which a rule's totals begin anew: what its party gets back as somebody leaves no longer counts."""
        if not isinstance(amount, Rule):
            return np.zeros(0, dtype=np.int64)
        return self.notices.rows_of(amount.party)

    def _step(
        self, name: str, index: int, column: Column, window: View | None, step: object
    ) -> tuple[Column, View | None]:
        match step:
            case UpToStep(up_to=cap):
                figure = cap.value if isinstance(cap, UpTo) else cap
                limit = self._operand(figure, column, unknown=NONE)
                # A cap below nothing is a cap of nothing.
                capped = chain.at_most(column, max(limit, 0) if isinstance(limit, int) else np.maximum(limit, 0))
                if (unknown := chain.unknown_in(limit)) is not None:
                    capped = column.with_(np.where(unknown, column.num, capped.num))
                capped = self._held(capped)
                if isinstance(cap, UpTo) and cap.beyond == "refused":
                    over = chain.parts_of(column.with_(column.num - capped.num))
                    self._refuse(name, column, over)
                return capped, window
            case LessStep(less=figure):
                less = self._operand(figure, column, unknown=NONE)
                unknown = chain.unknown_in(less)
                # Less than nothing takes nothing off.
                less = max(less, 0) if isinstance(less, int) else np.maximum(less, 0)
                left = np.maximum(np.maximum(column.num, 0) - chain.scaled(less, column.den), 0)
                return column.with_(left if unknown is None else np.where(unknown, column.num, left)), window
            case AtLeastStep(at_least=figure):
                positive = column.num > 0
                floor = chain.scaled(self._operand(figure, column, 0, lambda: positive), column.den)
                return column.with_(np.where(positive, np.maximum(column.num, floor), column.num)), window
            case GiveStep(give=figure):
                positive = column.num > 0
                return column.with_(
                    np.where(positive, self._operand(figure, column, 0, lambda: positive), 0), 1
                ), window
            case RateStep(rate=rate):
                return self._rate(name, index, column, rate), window
            case TiersStep(tiers=slices):
                return self._tiers(column, slices), window
            case TaperStep(taper=terms):
                level = self._operand(terms.on, column)
                begin, end = self._operand(terms.from_, column), self._operand(terms.to, column)
                # Where tables put the end below the beginning, it ends where it begins.
                if isinstance(begin, int) and isinstance(end, int):
                    end = max(end, begin + 1)
                else:
                    end = np.maximum(end, begin + 1)
                return chain.taper(column, level, begin, end), window
            case WhereStep(where=condition):
                asking = self._by_row(self._asks(self._active(column.num != 0)), column)
                holds = self._at(self.conditions.holds(condition, asking), column)
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
                return chain.rise_over(self.sheet, column, over), window
        raise AssertionError(step)

    def _tiers(self, column: Column, slices: list[Tier]) -> Column:
        """Each slice at its own rate. A slice that the figure does not reach asks for nothing."""
        arrays: list[tuple[Int | int | None, Int | int, int]] = []
        floor: Int | int = 0
        for one in slices:
            upto = column.num
            end: Int | int | None = None
            if one.up_to is not None:
                above = partial(_above, column.num, floor, nothing=False)
                end = self._operand(one.up_to, column, 0, above)
                upto = np.minimum(upto, chain.scaled(end, column.den))
            slope = self.program.figure(one.rate, "rate")
            arrays.append((end, self._look_up(slope, column, partial(_above, upto, floor)), slope.den))
            floor = np.maximum(upto, floor)
        return chain.tiers(column, arrays)

    def _rate(self, name: str, index: int, column: Column, rate: str | RateBy) -> Column:
        def brings() -> Bool:
            return (column.num if column.view is None else differences(column.num, column.view.groups)) != 0

        if isinstance(rate, str):
            figure = self.program.figure(rate, "rate")
            num, den = self._look_up(figure, column, brings), figure.den
        else:
            figure = self.program.figure(rate.otherwise, "rate")
            said = self._at(self.sheet.attribute(rate.attribute), column)
            unsaid = said == NONE
            num, den = self._look_up(figure, column, lambda: brings() & unsaid), figure.den
            if not unsaid.all():
                # percentages that files say are in millionths of the whole
                den = fits(lcm(figure.den, MILLION))
                chosen = times(np.where(unsaid, 0, said), den // MILLION)
                num = np.where(unsaid, product(num, den // figure.den), chosen)
        if not column.running:
            return chain.multiply(column, num, den)
        # On a running total each part is multiplied by the rate of its own day and added up.
        view = column.view
        assert view is not None
        before = [self.carrying.figure_before(name, index, view, nth) for nth in (0, 1)]
        column = self._held(column, before[0])
        result = chain.multiply_parts(column, num, den, *before)
        self.carrying.keep_figure(name, index, view, column.num, 0)
        self.carrying.keep_figure(name, index, view, result.num, 1)
        return result

    def _operand(
        self, text: str, column: Column, unknown: int = 0, relevant: Callable[[], Bool] | None = None
    ) -> Int | int:
        """A figure, a value, another amount or an attribute, at each row of the column (one for all, if that is so);
        `unknown` where the attribute is not known. `relevant`: the rows for which it matters; if not given, those at which
        the column is not nothing.
        """
        if text.startswith("attribute."):
            name = text.removeprefix("attribute.")
            held = self._at(self.sheet.attribute(name), column)
            return np.where(held == NONE, unknown, held * self.program.amount_held(name))
        if text in self.program.rulebook.amounts or text in self.program.rulebook.rules:
            return self._at(self.result(text).level, column)
        return self._look_up(self.program.amount_figure(text), column, relevant)

    def _look_up(self, figure: Figure, column: Column, relevant: Callable[[], Bool] | None = None) -> Int | int:
        """A figure at each row of the column; rows for which it matters and is missing are gapped."""
        everywhere = self.conditions.everywhere(figure)
        if everywhere is not None:
            return everywhere
        matters = self._active(column.num != 0 if relevant is None else relevant())
        asked = self._by_row(matters, column)
        asks = asked if self.asking is None else self._by_row(self._asks(matters), column)
        num, missing = self.conditions.figure(figure, asks, wanted=asked)
        if missing is not None and (missing := self._at(missing, column) & matters).any():
            self.gapped = missing if self.gapped is None else self.gapped | missing
        return num if isinstance(num, int) else self._at(num, column)

    def _active(self, relevant: Bool) -> Bool:
        """These rows, but for those that ask for nothing."""
        inert = self._inert()
        return relevant if inert is None else relevant & ~inert

    def _asks(self, relevant: Bool) -> Bool:
        """Rows whose gaps are faults, of those for which a figure matters."""
        return relevant if self.asking is None else relevant & self.asking

    def _by_row(self, truth: Bool, column: Column) -> Bool:
        """A truth by the column's rows, brought to the sheet's: whether it holds of any that is looked up there."""
        if column.view is None or column.view.plain:
            return truth
        return marked(column.view.look[truth], len(self.sheet))

    def _at(self, rows: Rows, column: Column) -> Rows:
        """Figures or truths by sheet row, brought to the column's rows."""
        return rows if column.view is None or column.view.plain else rows[column.view.look]

    def _refuse(self, name: str, column: Column, over: Int) -> None:
        """What is beyond a cap goes back; where no cap is known, nothing does."""
        rows = np.flatnonzero(self._active(over > 0))
        if len(rows):
            cause = rows if column.view is None else column.view.cause[rows]
            self.refused.append((name, cause, over[rows]))

    def _earlier(self, name: str, index: int, amount: Amount, column: Column, terms: Earlier) -> Int:
        total_at, over = last_total(amount, index)
        back = parse_number(terms.by)
        carried = self.carrying.earlier(name, total_at, back)
        return chain.earlier(
            self.sheet, column, over, terms.window, back, since_joining=terms.since == "joining", carried=carried
        )

    def _differences(self, name: str, column: Column) -> Int:
        """What each row of a running column brings, counted on from what was carried."""
        view = column.view
        assert view is not None
        before = self.carrying.figure_before(name, DIFFERENCE_STEP, view)
        column = self._held(column, before)
        self.carrying.keep_figure(name, DIFFERENCE_STEP, view, column.num)
        return differences(column.num, view.groups, before)

    def _held(self, column: Column, before: Int | None = None) -> Column:
        """Facts for which there was no figure bring nothing: a running figure stays where it was; `before`: what it was
        before these rows (carried).
        """
        inert = self._inert()
        if inert is None:
            return column
        if not column.running:
            return column.with_(np.where(inert, 0, column.num))
        assert column.view is not None
        groups = column.view.groups
        den = column.den if isinstance(column.den, int) else held_since(column.den, ~inert, groups, 1)
        held = held_since(column.num, ~inert, groups)
        if before is not None:
            held = np.where(running_total((~inert).astype(np.int64), groups) > 0, held, before)
        return column.with_(held, den)


def _above(figures: Int, floor: Int | int, *, nothing: bool = True) -> Bool:
    """Where figures are above a floor, and, without `nothing`, are something."""
    return (figures > floor) if nothing else (figures > floor) & (figures != 0)
