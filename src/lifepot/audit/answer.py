"""The reason of one fact under one rule: the lines around its steps, what they come to, and the one that mattered."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from lifepot.audit.figures import InForce
from lifepot.audit.life import listed
from lifepot.audit.nothing import why_nothing
from lifepot.audit.purposes import what_for
from lifepot.audit.reason import Line, Reason
from lifepot.audit.replay import Gift
from lifepot.audit.stepwise import tell
from lifepot.audit.teller import Ran, Teller, is_undone_by_withdrawals
from lifepot.audit.told import Ref, behind
from lifepot.audit.words import fact_in_words, listing, source_in_words, spelled, window_in_words
from lifepot.rulebook.terms import Due, Rule, Step, UpTo, UpToStep

MOST_NAMED = 5
"""Facts that are named where several fall due together; of more, the rest is counted."""


class Part(NamedTuple):
    """What a fact brings of an entitlement, minor units."""

    gift: Gift
    amount_minor: int


class Answer:
    """One fact under one rule.

    `parts` are its shares of entitlements (several, where money taken out reaches into earlier windows). `as_of` is the day
    it is looked at from, `refused` what a cap had refused of the fact before it was told here (minor units).
    """

    def __init__(
        self, teller: Teller, rule: str, position: int, parts: Sequence[Part], as_of: date | None, refused: int = 0
    ) -> None:
        self.teller = teller
        self.rule = rule
        self.term: Rule = teller.rulebook.rules[rule]
        self.position = position
        self.fact = teller.life.facts[position]
        self.parts = parts
        self.as_of = as_of
        self.refused = refused

    def reason(self, *, full: bool = True) -> Reason:
        """The answer; with its lines only if it is to be `full`."""
        told = [*self._around(), *self._steps(self.rule), *self._refused_lines()] if full else []
        lines = list(dict.fromkeys(told))
        due = self.parts[-1].gift if self.parts else None
        if due is None:
            return self._nothing(lines)
        if self.as_of is not None and due.effective_on > self.as_of:
            return self._later(due, lines)
        amount = sum(part.amount_minor for part in self.parts)
        because = "; ".join(self._shorts(self.rule)) or f"all of {self._all_of(self.rule)}"
        if full:
            lines += [*self._due_lines(due), Line("brings", self.rule, self._brings(amount, due.effective_on))]
        return Reason(
            self.rule, self.teller.rulebook, self._ref(), self.fact.on,
            "gives" if amount > 0 else "takes_back", amount, "",
            because + (f"; due on {due.effective_on.isoformat()}" if due.due else ""), tuple(lines), due.effective_on,
            due.window, tuple(due.refs) if due.due else (), day_in_words=self._words(),
        )  # fmt: skip

    def _ref(self) -> Ref | None:
        """The fact's; None where an attribute held from the outset, and no fact stands behind it."""
        return behind(self.fact)

    def _words(self) -> str:
        """A day that nobody told, in words; "" of a fact, which is called by its name."""
        return fact_in_words(self.fact) if self._ref() is None else ""

    def _nothing(self, lines: list[Line]) -> Reason:
        code, why, figures = self._why_nothing()
        text = f"nothing, because {why}"
        return Reason(
            self.rule, self.teller.rulebook, self._ref(), self.fact.on, "nothing", 0, code, text,
            (*lines, Line("nothing", self.rule, text, figures=figures)), day_in_words=self._words(),
        )  # fmt: skip

    def _why_nothing(self) -> tuple[str, str, tuple[InForce, ...]]:
        lost = sum(line.figure for line in self.teller.amounts.column(self.rule).lines if line.cause == self.position)
        closed_on = self.teller.membership.closed_on
        if lost and self.term.due is not None and not self._ends(self.term.due):
            name = self.teller.reading.due_window(self.term.due, self.fact)
            text = f"{self.fact.on.isoformat()} lies in no {spelled(name)}, and at the end of none does it fall due"
            if self.teller.life.span(name, self.fact.on) is not None:
                text = f"{window_in_words(name, None)} has no end at which it falls due"
            return "never_due", text, ()
        if lost and closed_on and self.term.due is not None:
            amount = self.teller.money(lost)
            falls = self._end_of_due(self.term.due)
            text = f"the account was closed on {closed_on.isoformat()}, before the {amount} of this fell due {falls}"
            return "closed_before_due", f"{text}; closing before that day loses it", ()
        found = why_nothing(self.teller, self.rule, self.position)
        if found.code == "says_zero" and self.refused:
            caps = listing(self._refusing_caps()) or "the cap"
            amount = self.teller.money(self.refused)
            return "refused", f"all {amount} of it was refused, beyond {caps}, and goes back to who sent it", ()
        return found.code, found.text, found.figures

    def _later(self, due: Gift, lines: list[Line]) -> Reason:
        """What has not fallen due on the day that it is looked at from."""
        amount = self.teller.money(abs(sum(part.amount_minor for part in self.parts)))
        falls = f"on {due.effective_on.isoformat()}" if self.term.due is None else self._end_of_due(self.term.due)
        text = f"nothing yet, because the {amount} of this fall due only {falls}"
        return Reason(
            self.rule, self.teller.rulebook, self._ref(), self.fact.on, "nothing", 0, "due_later", text,
            (*lines, Line("nothing", self.rule, text)), due.effective_on, due.window, tuple(due.refs),
            day_in_words=self._words(),
        )  # fmt: skip

    def _around(self) -> Iterator[Line]:
        """Who is in, and what money taken out is for."""
        opened_on = self.teller.life.opened_on
        if self.term.members_only and opened_on is not None and self.teller.membership.counts(self.fact):
            yield Line("member", "", f"you are in: your account opened on {opened_on.isoformat()}")
        counts_withdrawals = any(source.startswith("withdrawn") for source in self.teller.leaves(self.rule))
        if self.fact.kind == "withdrawn" and (counts_withdrawals or is_undone_by_withdrawals(self.term)):
            found = what_for(self.teller.life, self.fact, self.teller.named, self.teller.standing(self.position))
            yield Line("purpose", "", found.text, figures=found.figures)

    def _steps(self, name: str) -> Iterator[Line]:
        """The steps of an amount or rule at this fact, those of what it is made of first."""
        stated = self._stated(name)
        if stated is not None:
            yield stated
            return
        for source in self.teller.made_of(name):
            yield from self._steps(source)
        chains = self.teller.chains(name, self.position)
        term = self.teller.amounts.term(name)
        if chains and term.when is not None and chains[0][0].step is None:
            found = self.teller.verdict(term.when, self.position)
            if found.holds:
                yield Line("condition", name, f"it counts, for {found.text}", figures=found.figures)
        for chain in chains:
            for ran in chain:
                if ran.came or ran.went or ran.gap:
                    yield from self._step(ran)

    def _step(self, ran: Ran) -> Iterator[Line]:
        if ran.step is None:
            yield Line("begins", ran.amount, f"it begins with {self._said(ran.amount)}", after=ran.after)
            return
        told = tell(ran, self.teller)
        if told.cut:
            for figure in ran.used:
                if figure.since is None and self.teller.amounts.is_amount(figure.name):
                    yield from self._steps(figure.name)
        was, became = (ran.was, ran.became) if ran.running else (None, None)
        yield Line(
            _name_of(ran.step), ran.amount, told.text, ran.before, ran.after, was, became, told.cut or None, ran.used
        )

    def _said(self, name: str) -> str:
        """What an amount begins with, source by source."""
        term = self.teller.amounts.term(name)
        parts = [self._source(source) for source in listed(term.of)]
        if term.combined != "sum" and len(parts) > 1:
            each = zip(parts, listed(term.of), strict=True)
            parts = [f"the {term.combined} of {listing(part or self._none_of(source) for part, source in each)}"]
        off = [self._source(source) for source in listed(term.minus)]
        said = listing(part for part in parts if part) or "nothing"
        less = listing(part for part in off if part)
        return said + (f", less {less}" if less else "")

    def _source(self, source: str) -> str:
        """What the fact says of a source, in words; "" for nothing."""
        said = self.teller.said(source).get(self.position)
        if not said:
            return ""
        head, _, tail = source.partition(".")
        if head == "present":
            return f"a month in which {spelled(tail)} holds"
        if head == "day":
            return f"the day {spelled(tail)}"
        return f"{self.teller.said_of(source, said)} ({source_in_words(self.teller.rulebook, source)})"

    def _none_of(self, source: str) -> str:
        return f"{self.teller.said_of(source, 0)} ({source_in_words(self.teller.rulebook, source)})"

    def _stated(self, name: str) -> Line | None:
        """What the pay row states of a rule, where that is what counts."""
        part = self.teller.stated(name).get(self.position)
        if part is None or not self.teller.amounts.counts(name, self.position):
            return None
        term = self.teller.amounts.term(name)
        who = "you" if isinstance(term, Rule) and term.stated == "pay.worker" else "the payer"
        text = f"the payer's file states {self.teller.money(part)} for {who}, and that is what counts"
        chains = self.teller.chains(name, self.position)
        if chains and chains[0][-1].after != part:
            text += f"; worked out from the pay it would be {self.teller.money(chains[0][-1].after)}"
        return Line("stated", name, text, after=part)

    def _shorts(self, name: str) -> list[str]:
        """What of the steps is worth a word in one line."""
        stated = self._stated(name)
        if stated is not None:
            return [f"{self.teller.money(stated.after or 0)} as the payer's file states"]
        ran = [one for chain in self.teller.chains(name, self.position) for one in chain if one.step is not None]
        own = [told.short for one in ran if one.came and (told := tell(one, self.teller)).short]
        term = self.teller.amounts.term(name)
        off = any(self.teller.said(source).get(self.position) for source in listed(term.minus))
        made_of = self._brought_by(name)
        amounts = [source for source in made_of if source in self.teller.rulebook.amounts]
        inner = [short for source in amounts for short in self._shorts(source)]
        if off:
            return [*inner, self._said(name), *own]
        if own and all(short.startswith("within ") for short in own):
            return [*inner, f"all of {self._said(name)}", *own]
        return list(dict.fromkeys(inner + own))

    def _brought_by(self, name: str) -> list[str]:
        """The amounts and rules of which something goes into this one."""
        sources = listed(self.teller.amounts.term(name).of)
        said = (source for source in sources if self.teller.said(source).get(self.position))
        return [source for source in said if self.teller.amounts.is_amount(source)]

    def _all_of(self, name: str) -> str:
        """All that a rule with no step worth a word begins with."""
        made_of = self._brought_by(name)
        if len(made_of) == 1 and made_of[0] in self.teller.rulebook.amounts:
            return self._all_of(made_of[0])
        return self._said(name)

    def _refused_lines(self) -> Iterator[Line]:
        caps = listing(self._refusing_caps())
        if self.refused and caps:
            text = f"{self.teller.money(self.refused)} more was sent and refused, beyond {caps}, and goes back"
            yield Line("refused", self.rule, text, cut=self.refused)

    def _refusing_caps(self) -> Iterator[str]:
        """Caps of this rule that refuse, as they are in force at the fact."""
        for name in self._family(self.rule):
            for step in self.teller.amounts.term(name).steps:
                if isinstance(step, UpToStep) and isinstance(step.up_to, UpTo) and step.up_to.beyond == "refused":
                    figure = self.teller.operand(step.up_to.value, self.position)
                    yield self.teller.clause(figure) if figure is not None else ""

    def _family(self, name: str) -> Iterator[str]:
        yield name
        for source in self.teller.made_of(name):
            yield from self._family(source)

    def _due_lines(self, due: Gift) -> Iterator[Line]:
        if not due.due or self.term.due is None:
            return
        text = f"it falls due {self._end_of_due(self.term.due)}"
        others = [ref for ref in due.refs if ref != self.fact.ref]
        if others:
            named = listing([self.teller.named(ref) for ref in others[:MOST_NAMED]])
            more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
            text += f", {self.teller.money(due.amount_minor)} in all with the {named}{more}"
        yield Line("due", self.rule, text, after=due.amount_minor)

    def _ends(self, due: Due) -> list[date]:
        """The days on which it can fall due: the end of the window, and death."""
        span = self.teller.life.span(self.teller.reading.due_window(due, self.fact), self.fact.on)
        return [day for day in (span[1], self.teller.membership.died_on) if day] if span else []

    def _end_of_due(self, due: Due) -> str:
        """The day on which it falls due, and why on that."""
        name = self.teller.reading.due_window(due, self.fact)
        span = self.teller.life.span(name, self.fact.on)
        end = span[1] if span else None
        died_on = self.teller.membership.died_on
        if died_on and (end is None or died_on < end):
            forward = f", for death brings it forward from {end.isoformat()}" if end else ", with death"
            return f"on {max(self.fact.on, died_on).isoformat()}{forward}"
        return f"on {end.isoformat() if end else 'no day'}, the last day of {window_in_words(name, span)}"

    def _brings(self, amount: int, effective_on: date) -> str:
        money = self.teller.money
        said = f"it brings {money(amount)}" if amount > 0 else f"it takes {money(-amount)} back"
        chains = [] if self._stated(self.rule) else self.teller.chains(self.rule, self.position)
        last = chains[0][-1] if len(chains) == 1 else None
        if last is not None and last.running and last.became:
            said += f", {money(last.after)} less the {money(last.became)} that stood before this"
        return f"{said}, effective on {effective_on.isoformat()}"


def _name_of(step: Step) -> str:
    """A step's name in the language."""
    return next(iter(type(step).model_fields))
