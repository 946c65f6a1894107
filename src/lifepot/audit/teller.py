"""What an explanation draws on: one reading of a life of which every step was kept, and what to call its facts."""

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from lifepot.audit.amounts import Amounts, Trace
from lifepot.audit.calendar import Span
from lifepot.audit.conditions import Standing
from lifepot.audit.figures import COUNTED, Exact, Gap, InForce
from lifepot.audit.life import Life, listed
from lifepot.audit.lines import Group
from lifepot.audit.membership import Membership
from lifepot.audit.quantities import counts_source, counts_things
from lifepot.audit.replay import Reading
from lifepot.audit.told import Ref
from lifepot.audit.verdicts import Named, Verdict, verdict
from lifepot.audit.words import clause, decimals, money, window_in_words
from lifepot.rulebook.terms import (
    Amount,
    Condition,
    HighestStep,
    LatestStep,
    RiseStep,
    Rule,
    Rulebook,
    Step,
    Total,
    TotalStep,
)


class Ran(NamedTuple):
    """One step at one fact as it ran: the figure before and after it.

    `was` and `became` are the same of the fact before it in its window (0: there was none), so what the fact brought to
    the step is `before` less `was`, and what is left of that `after` less `became`. `nth` counts the amount's steps; 0 is
    what it begins with.
    """

    amount: str
    step: Step | None
    nth: int
    cause: int
    at: int
    running: bool
    before: Exact
    after: Exact
    was: Exact
    became: Exact
    used: tuple[InForce, ...]
    group: Group
    gap: Gap | None

    @property
    def came(self) -> Exact:
        """What the fact brought to this step."""
        return self.before - self.was

    @property
    def went(self) -> Exact:
        """What this step left of it."""
        return self.after - self.became


class Teller:
    """One reading and its steps, fact by fact."""

    def __init__(self, reading: Reading, named: Named) -> None:
        self.reading = reading
        self.named = named
        self._traces: dict[tuple[str, int], list[Trace]] | None = None
        self._chains: dict[tuple[str, int], list[list[Ran]]] = {}
        self._at_step: dict[tuple[str, int, Group], list[Trace]] | None = None
        self._said: dict[str, dict[int, Exact]] = {}
        self._stated: dict[str, dict[int, Exact]] = {}
        self._positions: dict[Ref, list[int]] = {}
        for position, fact in enumerate(reading.life.facts):
            self._positions.setdefault(fact.ref, []).append(position)

    @property
    def rulebook(self) -> Rulebook:
        """The version that is read."""
        return self.reading.rulebook

    @property
    def life(self) -> Life:
        """The member's life."""
        return self.reading.life

    @property
    def membership(self) -> Membership:
        """The member's standing."""
        return self.reading.membership

    @property
    def amounts(self) -> Amounts:
        """The member's amounts, every step kept."""
        return self.reading.amounts

    def money(self, figure: Exact) -> str:
        """An amount in the rulebook's currency."""
        return money(figure, self.rulebook.currency)

    def figure(self, ran: Ran, figure: Exact) -> str:
        """A figure at a step: an amount of money, or of what is counted."""
        if counts_things(self.rulebook, ran.amount, max(0, ran.nth - 1)):
            return decimals(Fraction(figure) / COUNTED)
        return self.money(figure)

    def clause(self, figure: InForce) -> str:
        """A figure with its clause and the day it is in force from."""
        return clause(figure, self.rulebook)

    def said_of(self, source: str, figure: Exact) -> str:
        """What is said of a source: money, or what is counted."""
        return decimals(Fraction(figure) / COUNTED) if counts_source(self.rulebook, source) else self.money(figure)

    def called(self, position: int) -> str:
        """What the fact in that position is called."""
        return self.named(self.life.facts[position].ref)

    def chains(self, name: str, cause: int) -> list[list[Ran]]:
        """The steps of an amount at one fact: a chain for its own window, and one for each earlier one it reached into."""
        key = (name, cause)
        if key not in self._chains:
            by_at: dict[int, list[Trace]] = {}
            for trace in self._kept().get(key, ()):
                by_at.setdefault(trace.at, []).append(trace)
            ordered = sorted(by_at, key=lambda at: (at != cause, at))
            self._chains[key] = [list(self._ran(name, by_at[at])) for at in ordered]
        return self._chains[key]

    def _ran(self, name: str, traces: list[Trace]) -> Iterator[Ran]:
        steps: list[Step | None] = [None, *self.amounts.term(name).steps]
        # A fact that brings nothing of its own, such as money taken out, is met first where a total begins.
        first = next(nth for nth, step in enumerate(steps) if step is traces[0].step)
        before, was = (traces[0].after, traces[0].became) if first else (0, 0)
        for nth, one in enumerate(traces, first):
            yield Ran(
                name, one.step, nth, one.cause, one.at, one.running, before, one.after, was, one.became, one.used,
                one.group, one.gap,
            )  # fmt: skip
            before, was = one.after, one.became

    def _kept(self) -> dict[tuple[str, int], list[Trace]]:
        if self._traces is None:
            self._traces = {}
            for trace in self.amounts.trace or ():
                self._traces.setdefault((trace.amount, trace.cause), []).append(trace)
        return self._traces

    def positions(self, ref: Ref) -> list[int]:
        """Where a fact stands, and the months that it stands behind."""
        return self._positions.get(ref, [])

    def reached_with(self, ran: Ran) -> int | None:
        """The fact with which the figure after this step came to stand where it stood before this fact; None if none did."""
        if self._at_step is None:
            self._at_step = {}
            for trace in self.amounts.trace or ():
                self._at_step.setdefault((trace.amount, id(trace.step), trace.group), []).append(trace)
        traces = self._at_step.get((ran.amount, id(ran.step), ran.group), [])
        # Backwards from this fact, for as long as the figure stood there.
        before = traces[: bisect_left(traces, ran.cause, key=lambda trace: trace.cause)]
        reached = None
        for trace in reversed(before):
            if trace.after != ran.became:
                break
            reached = trace.cause
        return reached

    def window_name(self, ran: Ran) -> str:
        """The window within which a running step's differences are made; "" for parts."""
        if not ran.running:
            return ""
        for step in reversed(self.amounts.term(ran.amount).steps[: ran.nth]):
            match step:
                case TotalStep(total=Total(over=name)) | TotalStep(total=str() as name):
                    return name
                case HighestStep(highest=name) | RiseStep(rise_over=name) | LatestStep(latest=name):
                    return name
        return ""

    def window(self, ran: Ran) -> str:
        """The same in words, with its days."""
        name = self.window_name(ran)
        return window_in_words(name, self.span(name, ran.at)) if name else ""

    def span(self, name: str, at: int) -> Span | None:
        """The window of that name at a fact."""
        return self.life.span_of_fact(name, self.life.facts[at])

    def standing(self, position: int) -> Standing:
        """Where amounts stand at the fact in that position."""
        return partial(self.amounts.stands, position)

    def verdict(self, condition: Condition | None, position: int) -> Verdict:
        """Why a condition holds at the fact in that position, or does not."""
        return verdict(self.life, condition, self.life.facts[position], self.named, self.standing(position))

    def operand(self, text: str, position: int) -> InForce | None:
        """A figure as it is in force at the fact in that position; None where it is not known, or no figure is in force."""
        outer, self.life.figures.used = self.life.figures.used, []
        try:
            self.amounts.operand(text, position)
        except Gap:
            return None
        finally:
            used, self.life.figures.used = self.life.figures.used, outer
        return used[-1] if used else None

    def said(self, source: str) -> dict[int, Exact]:
        """What each fact says of a source, by its position."""
        if source not in self._said:
            self._said[source] = self.amounts.source(source)
        return self._said[source]

    def stated(self, name: str) -> dict[int, Exact]:
        """What pay rows state of a rule in place of its steps, by their position; nothing of what is no such rule."""
        if name not in self._stated:
            term = self.amounts.term(name)
            self._stated[name] = self.amounts.stated(term) if isinstance(term, Rule) and term.stated is not None else {}
        return self._stated[name]

    def made_of(self, name: str) -> list[str]:
        """The amounts and rules that an amount is made of."""
        term = self.amounts.term(name)
        return [source for source in [*listed(term.of), *listed(term.minus)] if self.amounts.is_amount(source)]

    def leaves(self, name: str) -> list[str]:
        """What an amount begins with in the end: sources that facts say, each once."""
        term = self.amounts.term(name)
        stated = [stated] if (stated := getattr(term, "stated", None)) else []
        found = [*stated]
        for source in listed(term.of):
            found += self.leaves(source) if self.amounts.is_amount(source) else [source]
        return list(dict.fromkeys(found))


def is_undone_by_withdrawals(term: Amount) -> bool:
    """Whether money taken out for no purpose takes from one of its totals."""
    totals = (step.total for step in term.steps if isinstance(step, TotalStep))
    return any(isinstance(total, Total) and total.taken_out is not None for total in totals)
