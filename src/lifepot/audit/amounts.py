"""Amounts and rules of one member: from the facts' parts, through the steps, to what each fact brings."""

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from lifepot.audit import lines as columns
from lifepot.audit.calendar import Span, period_of
from lifepot.audit.conditions import holds, purpose_of
from lifepot.audit.figures import COUNTED, Exact, Gap, InForce
from lifepot.audit.life import NAMED, PRESENT, Life, is_own_payment, listed
from lifepot.audit.lines import Group, Line
from lifepot.audit.membership import Membership
from lifepot.audit.steps import action, rate_of
from lifepot.audit.told import Refused, Told, behind
from lifepot.rulebook.checks import uses
from lifepot.rulebook.terms import (
    Amount,
    AverageStep,
    Condition,
    EarlierStep,
    HighestStep,
    LatestStep,
    PartStep,
    RateStep,
    RiseStep,
    Rule,
    Step,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
)


@dataclass(slots=True)
class Column:
    """An amount of one member: what each line brings, and the figure that stands at each fact.

    `over` names the window of its last total (or, without one, of what it is made of), `rise` that of `rise_over`.
    """

    lines: list[Line]
    standing: dict[int, Exact]
    over: str | None
    rise: str | None = None


class Trace(NamedTuple):
    """One step at one line, kept for an explanation.

    `before` and `after` are figures; `was` and `became` those of the line before it in its group, where a total runs.
    Of a step on all lines together `before` is not kept: it is what the step before left. `gap` is the figure missed.
    """

    amount: str
    step: Step | None
    cause: int
    at: int
    running: bool
    before: Exact
    after: Exact
    was: Exact
    became: Exact
    used: tuple[InForce, ...]
    group: Group
    gap: Gap | None = None


@dataclass
class Amounts:
    """Every amount and rule of one member, each worked out once. `trace`, where it is a list, collects every step."""

    life: Life
    membership: Membership
    trace: list[Trace] | None = None
    refused: list[Refused] = field(default_factory=list)
    _columns: dict[str, Column] = field(default_factory=dict)
    _purposes: dict[int, str] = field(default_factory=dict)

    def is_amount(self, name: str) -> bool:
        """Whether an amount or rule has that name."""
        book = self.life.rulebook
        return name in book.amounts or name in book.rules

    def term(self, name: str) -> Amount:
        """The amount or rule of that name."""
        book = self.life.rulebook
        return book.amounts.get(name) or book.rules[name]

    def column(self, name: str) -> Column:
        """An amount or rule by its name."""
        if name not in self._columns:
            figures = self.life.figures
            outer, figures.muted = figures.muted, False
            self._columns[name] = self._worked_out(name, self.term(name))
            figures.muted = outer
        return self._columns[name]

    def work_out(self) -> None:
        """All that the rules are made of or ask for: it may refuse, and may find no figure, also where nothing comes of it."""
        asked = list(self.life.rulebook.rules)
        for name in asked:
            self.column(name)
            others = uses(self.life.rulebook, self.term(name))
            asked += [other for other in others if self.is_amount(other) and other not in asked]

    def window_of(self, name: str, line: Line) -> Span:
        """The window an entitlement belongs to: its total's, else its fact's own period or day."""
        fact, over = self.life.facts[line.at], self.column(name).over
        span = line.window or (self.life.span_of_fact(over, fact) if over else None)
        return span or (period_of(fact) if fact.kind == "pay" else (fact.on, fact.on))

    def counts(self, name: str, position: int) -> bool:
        """Whether a fact counts in an amount: its member is in, where that is asked, and it meets the condition."""
        term, fact = self.term(name), self.life.facts[position]
        return (not term.members_only or self.membership.counts(fact)) and self.asked(term.when, position)

    def asked(self, condition: Condition | None, position: int) -> bool:
        """Whether a condition holds at the fact in that position."""
        return holds(self.life, condition, self.life.facts[position], partial(self.stands, position))

    def stands(self, position: int, name: str) -> Exact:
        """Where an amount or rule stands at the fact in that position: nothing, where the fact is in no window of it."""
        return self.column(name).standing.get(position, 0)

    def purpose(self, position: int) -> str:
        """The purpose a withdrawal is for; "" for none."""
        if position not in self._purposes:
            fact = self.life.facts[position]
            self._purposes[position] = purpose_of(self.life, fact, partial(self.stands, position))
        return self._purposes[position]

    def _worked_out(self, name: str, term: Amount) -> Column:
        over = next((one.over for one in map(self._column_if_any, listed(term.of)) if one and one.over), None)
        walk = _Walk(self, name, term, over)
        for step in term.steps:
            walk.take(step)
        standing = walk.stands
        if standing is None:
            standing = {line.cause: line.figure for line in walk.lines if line.cause == line.at}
        found = walk.lines if not walk.running else columns.differences(walk.lines)
        if isinstance(term, Rule) and term.stated is not None:
            found = self._as_stated(name, term, found)
            standing = standing if walk.running else columns.parts_by_fact(found)
        return Column(found, standing, walk.over, walk.rise)

    def _column_if_any(self, source: str) -> Column | None:
        return self.column(source) if self.is_amount(source) else None

    def parts(self, name: str, term: Amount) -> list[Line]:
        """What each fact brings to an amount before its first step: a line for each fact that says anything."""
        found: dict[int, Exact] = {}
        said = [self.source(source) for source in listed(term.of)]
        for position in {position for parts in said for position in parts}:
            found[position] = _combined(term, [one.get(position, 0) for one in said])
        for source in listed(term.minus):
            for position, part in self.source(source).items():
                found[position] = found.get(position, 0) - part
        return [Line(at, at, found[at]) for at in sorted(found) if self._counts(name, at, muted=not found[at])]

    def _counts(self, name: str, position: int, *, muted: bool) -> bool:
        """`counts`; what says nothing finds no fault with missing figures."""
        figures = self.life.figures
        outer, figures.muted = figures.muted, muted
        found = self.counts(name, position)
        figures.muted = outer
        return found

    def taken_out(self) -> dict[int, int]:
        """Money taken out for no purpose, by the fact's position. It undoes also after the member left or paused."""
        return {at: int(amount) for at, amount in self.source("withdrawn.no_purpose").items() if amount}

    def operand(self, text: str, at: int) -> Exact | None:
        """A figure of money at the fact in that position: another amount as it stands there, a value, or a literal.

        Or what an attribute is there; None where that is not known.
        """
        head, _, tail = text.partition(".")
        figure: Exact | None
        if self.is_amount(text):
            figure = self.stands(at, text)
        elif head == "attribute" and tail:
            held = self.life.attribute_at(tail, self.life.facts[at])
            figure = None if isinstance(held, str) else self.counted(tail, held)
        else:
            return self.life.figures.amount(text, self.life.facts[at])
        if self.life.figures.used is not None and figure is not None:
            self.life.figures.used.append(InForce(text, "money", figure, None, "verified"))
        return figure

    def counted(self, attribute: str, figure: Exact | None) -> Exact | None:
        """What an attribute says, as an amount: a number counts 1.00 each."""
        is_number = self.life.rulebook.attributes[attribute].kind == "number"
        return figure * COUNTED if figure is not None and is_number else figure

    def source(self, source: str) -> dict[int, Exact]:
        """What each fact says of a source. A fact that is not there said nothing, which is not the same as zero."""
        if self.is_amount(source):
            parts = columns.parts_by_fact(self.column(source).lines)
            return {position: part for position, part in parts.items() if part}
        said = ((position, self._said(source, position, fact)) for position, fact in enumerate(self.life.facts))
        return {position: part for position, part in said if part is not None}

    def _said(self, source: str, position: int, fact: Told) -> Exact | None:
        head, _, tail = source.partition(".")
        if head == "attribute" and fact.kind == "status" and fact.attribute == tail:
            figure = self.life.read(tail, fact.value)
            return None if isinstance(figure, str) else self.counted(tail, figure)
        if head in {PRESENT, NAMED}:
            return COUNTED if fact.kind == head and fact.attribute == tail else None
        if head == "count":
            return COUNTED if fact.kind == tail and (tail != "paid" or is_own_payment(fact)) else None
        if head != fact.kind:
            return None
        if head == "pay":
            by_word = {"earnings": fact.earnings, "hours": fact.hours, "worker": fact.worker, "employer": fact.employer}
            return by_word[tail]
        if head == "paid":
            return fact.amount if is_own_payment(fact) == (tail == "worker") else None
        if tail in {"purpose", "no_purpose"}:
            return fact.amount if bool(self.purpose(position)) == (tail == "purpose") else None
        return fact.amount if tail in {"", fact.value} else None

    def stated(self, rule: Rule) -> dict[int, Exact]:
        """What pay rows state of a rule, where that is what counts."""
        said = self.source(str(rule.stated))
        if rule.stated_when == "no_earnings":
            said = {at: part for at, part in said.items() if self.life.facts[at].earnings is None}
        return said

    def _as_stated(self, name: str, rule: Rule, lines: list[Line]) -> list[Line]:
        """What pay rows state, in place of what the steps made of them."""
        stated = self.stated(rule)
        kept = [line for line in lines if line.cause not in stated]
        kept += [Line(at, at, part) for at, part in stated.items() if self.counts(name, at)]
        return sorted(kept, key=lambda line: line.cause)


def _combined(term: Amount, parts: list[Exact]) -> Exact:
    """What is made of several sources at one fact; one that says nothing there is nothing."""
    match term.combined:
        case "highest":
            return max(parts)
        case "lowest":
            return min(parts)
        case "sum":
            return sum(parts)


class _Walk:
    """One amount on its way through its steps."""

    def __init__(self, amounts: Amounts, name: str, term: Amount, over: str | None) -> None:
        self.amounts = amounts
        self.name = name
        self.over = over
        self.rise: str | None = None
        self.running = False
        self.stands: dict[int, Exact] | None = None
        """Where the amount stands at each fact, where that is not what its steps have come to."""
        self.gapped: set[tuple[int, int]] = set()
        """Lines (by cause and place) for which a figure was missing: to the end of the steps, they bring nothing."""
        self.lines = amounts.parts(name, term)
        self.stated = amounts.stated(term) if isinstance(term, Rule) and term.stated else {}
        self._keep(None)

    def take(self, step: Step) -> None:
        """One step further."""
        life, lines = self.amounts.life, self.lines
        match step:
            case TotalStep(total=term):
                self._total(term if isinstance(term, Total) else Total.model_validate({"over": term}))
            case LatestStep(latest=window):
                said = [line for line in lines if (line.cause, line.at) not in self.gapped]
                self.lines = columns.latest(life, window, said)
                self.over, self.running = window, True
            case HighestStep(highest=window):
                self.lines = columns.highest(life, window, lines)
            case RiseStep(rise_over=window):
                self.lines = columns.rise_over(life, window, lines)
                self.rise = window
            case EarlierStep(earlier=term):
                self.stands = columns.earlier(life, term, self.over or "account", lines)
            case AverageStep(average=term):
                self.stands = columns.averages(life, self.over or "account", int(term.months), lines)
            case PartStep():
                self.lines = columns.differences(lines)
                self.running = False
            case _:
                self._apply(step)
                return
        self._hold()
        self._keep(step)

    def _hold(self) -> None:
        """Where a figure was missing the fact brings nothing: the figure stays where it was."""
        was: dict[Group, Exact] = {}
        for line in self.lines:
            if (line.cause, line.at) in self.gapped:
                line.figure = was.get(line.group, 0) if self.running else 0
            was[line.group] = line.figure

    def _total(self, total: Total) -> None:
        """The running total; what lies beyond its top is lost, or refused."""
        taken = self.amounts.taken_out() if total.taken_out else {}
        top = partial(self.amounts.operand, total.not_above) if total.not_above is not None else None
        self.lines = columns.totalled(self.amounts.life, total, self.lines, taken, self._emptied(), top)
        self.over, self.running = total.over, True
        for line in self.lines:
            if line.gap is not None:
                self._note(line, line.gap)
            if total.beyond == "refused":
                self._refuse(line, line.beyond)

    def _note(self, line: Line, gap: Gap) -> None:
        """A figure is missing for this line; the fault says so, if the fact brings something that no row states."""
        self.gapped.add((line.cause, line.at))
        self.amounts.life.figures.note(gap, self.amounts.life.facts[line.at])

    def _refuse(self, line: Line, beyond: Exact) -> None:
        """How much of a fact goes back. Of a day that nobody told nothing was sent, so nothing goes back."""
        ref = behind(self.amounts.life.facts[line.cause])
        if beyond > 0 and ref is not None:
            self.amounts.refused.append(Refused(ref, int(beyond), self.name))

    def _emptied(self) -> set[int]:
        """Positions at which a rule's totals begin anew: what its party gets back as the member leaves no longer counts."""
        term = self.amounts.term(self.name)
        if not isinstance(term, Rule):
            return set()
        refs = {
            notice.ref
            for notice in self.amounts.membership.notices()
            for refund in notice.refunds
            if refund.party == term.party and refund.since is None and refund.above_rate_on is None
        }
        facts = enumerate(self.amounts.life.facts)
        return {position for position, fact in facts if fact.kind == "status" and fact.ref in refs}

    def _apply(self, step: Step) -> None:
        """A step on the figure of each line; a rate on a running total, on what each line added to it."""
        life, trace = self.amounts.life, self.amounts.trace
        outer = life.figures.used
        act = action(life, step, self.amounts.operand, self.amounts.asked)
        refuses = isinstance(step, UpToStep) and isinstance(step.up_to, UpTo) and step.up_to.beyond == "refused"
        was: dict[Group, Exact] = {}
        became: dict[Group, Exact] = {}
        for line in self.lines:
            before = line.figure
            old, new = (was.get(line.group, 0), became.get(line.group, 0)) if self.running else (0, 0)
            missing: Gap | None = None
            if trace is not None:
                life.figures.used = []
            life.figures.muted = not line.brings or line.cause in self.stated
            try:
                if (line.cause, line.at) in self.gapped:
                    after = new
                elif self.running and isinstance(step, RateStep):
                    after = new + ((before - old) * rate_of(life, step, life.facts[line.at]) if before != old else 0)
                else:
                    after = act(before, line.at)
            except Gap as gap:
                after, missing = new, gap
                self._note(line, gap)
            line.figure = after
            if refuses and (line.cause, line.at) not in self.gapped:
                self._refuse(line, (before - old) - (after - new))
            if trace is not None:
                used = tuple(life.figures.used or ())
                told = (self.name, step, line.cause, line.at, self.running, before, after, old, new, used)
                trace.append(Trace(*told, line.group, missing))
            was[line.group], became[line.group] = before, after
        life.figures.used, life.figures.muted = outer, False

    def _keep(self, step: Step | None) -> None:
        """Keep how the lines stand after a step on all of them together, for an explanation."""
        trace = self.amounts.trace
        if trace is None:
            return
        was: dict[Group, Exact] = {}
        for line in self.lines:
            old = was.get(line.group, 0) if self.running else 0
            after = line.figure
            told = (self.name, step, line.cause, line.at, self.running, after, after, old, old)
            trace.append(Trace(*told, (), line.group, line.gap if isinstance(step, TotalStep) else None))
            if self.stands is not None:
                figure = self.stands.get(line.at, 0)
                trace[-1] = trace[-1]._replace(running=False, was=after, before=after, after=figure, became=figure)
            was[line.group] = after
