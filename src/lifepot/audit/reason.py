"""Why a fact brings what it brings under a rule: in plain English, from the very steps that ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lifepot.audit.amounts import Amounts, Trace
from lifepot.audit.life import PRESENT, listed
from lifepot.audit.replay import Reading, replay
from lifepot.audit.told import Person, Ref, Told
from lifepot.audit.words import condition_in_words, money, step_in_words
from lifepot.rulebook.terms import Rulebook


def explain(
    rulebook: Rulebook,
    person: Person,
    facts: Sequence[Told],
    ref: Ref,
    rule: str,
    *,
    as_of: date | None = None,
    accrue_until: date | None = None,
) -> list[str]:
    """One fact under one rule, line by line: what it begins with, each step, and what it brings or why nothing.

    `rule` is a rule of the rulebook (KeyError for anything else). The days mean what they mean to `replay`.
    """
    heard = [fact for fact in facts if as_of is None or fact.on <= as_of]
    story = _Story.of(rulebook, person, heard, rule, as_of or accrue_until)
    positions = [at for at, fact in enumerate(story.reading.life.facts) if fact.ref == ref]
    lines = [f"{rule}: {rulebook.rules[rule].description} ({rulebook.rules[rule].source})"]
    if not positions:
        return [*lines, f"nothing, because no fact is called {ref}"]
    stories = [story.told(rule, position) for position in positions]
    # A status may stand behind several days: where one of them brings something, the others need no excuse.
    worth = [one for one in stories if any(line.startswith("brings") for line in one)]
    lines += [line for one in worth or stories[:1] for line in one]
    owed = replay(rulebook, person, facts, as_of=as_of, accrue_until=accrue_until).owed
    for one in owed:
        given_back = one.rule == rule and one.refs[-1:] == (ref,) and one.cause != ref
        amount = money(abs(one.amount_minor), rulebook.currency)
        if given_back:
            lines.append(f"gives {amount} back that {one.cause} had brought, for the member left in time")
        elif one.rule == rule and ref in one.refs and rulebook.rules[rule].due is not None:
            lines.append(f"falls due on {one.effective_on.isoformat()}, {amount} in all with {len(one.refs)} facts")
    return lines


@dataclass(frozen=True, slots=True)
class _Story:
    """A reading of which every step was kept."""

    reading: Reading
    amounts: Amounts
    steps: dict[tuple[str, int], list[Trace]]

    @classmethod
    def of(cls, rulebook: Rulebook, person: Person, facts: Sequence[Told], rule: str, until: date | None) -> "_Story":
        last = until or max((fact.on for fact in facts), default=date.min)
        reading = Reading(rulebook, person, facts, until=last, speaks=(date.min, date.max))
        trace: list[Trace] = []
        amounts = Amounts(reading.life, reading.membership, trace)
        amounts.column(rule)
        steps: dict[tuple[str, int], list[Trace]] = {}
        for one in trace:
            steps.setdefault((one.amount, one.cause), []).append(one)
        return cls(reading, amounts, steps)

    def told(self, rule: str, position: int) -> list[str]:
        """The steps at one fact, the amounts it is made of first, and the outcome."""
        fact = self.reading.life.facts[position]
        currency = self.reading.rulebook.currency
        lines = list(dict.fromkeys(self._steps(rule, position)))
        stated = self._stated(rule, position)
        if stated:
            lines.append(stated)
        for line in self.amounts.column(rule).lines:
            if line.cause == position and line.figure:
                window = self.amounts.window_of(rule, line)
                span = " to ".join(day.isoformat() if day else "whenever" for day in window)
                takes = self.reading.rulebook.rules[rule].direction == "takes_back"
                amount = money(line.figure * (-1 if takes else 1), currency)
                lines.append(f"brings {amount} on {fact.on.isoformat()}, in the window {span}")
        if not any(line.startswith("brings") for line in lines):
            lines.append(f"nothing, because {self._why_nothing(rule, position)}")
        return lines

    def _steps(self, name: str, position: int) -> Iterator[str]:
        for source in self._made_of(name):
            yield from self._steps(source, position)
        for trace in self.steps.get((name, position), []):
            if trace.after or trace.before or trace.was:
                yield f"{name}: {self._begins(name, trace) or step_in_words(trace, self.reading.rulebook.currency)}"

    def _begins(self, name: str, trace: Trace) -> str:
        """The line a column begins with; "" for the steps after it."""
        term = self.amounts.term(name)
        if trace.step is not None:
            return ""
        minus = f" less {' and '.join(listed(term.minus))}" if term.minus else ""
        amount = money(trace.after, self.reading.rulebook.currency)
        return f"{amount} from {' and '.join(listed(term.of))}{minus}"

    def _stated(self, rule: str, position: int) -> str:
        stated = self.reading.rulebook.rules[rule].stated
        part = self.amounts.source(stated).get(position) if stated else None
        if part is None or self.amounts.why_nothing(rule, position):
            return ""
        return f"{rule}: the pay row states {money(part, self.reading.rulebook.currency)}, and that is what counts"

    def _made_of(self, name: str) -> list[str]:
        term = self.amounts.term(name)
        return [source for source in [*listed(term.of), *listed(term.minus)] if self.amounts.is_amount(source)]

    def _why_nothing(self, name: str, position: int) -> str:
        fact = self.reading.life.facts[position]
        for gap in self.reading.life.figures.gaps:
            if gap.ref == fact.ref and gap.code == "value_gap":
                return f"{gap.value} has no figure in force on {gap.day.isoformat()}"
        return self._counts_not(name, position) or self._undone_by(name, position) or self._says_nothing(name, fact)

    def _counts_not(self, name: str, position: int) -> str:
        """Why a fact that does say something counts as nothing, here or in what this is made of."""
        term = self.amounts.term(name)
        said = any(self.amounts.source(source).get(position) for source in listed(term.of))
        why = self.amounts.why_nothing(name, position) if said else ""
        if why and "condition" in why:
            why = f"{name} counts only where {condition_in_words(self.reading.rulebook, term.when)}"
        inner = (self._counts_not(source, position) for source in self._made_of(name))
        return why or next((one for one in inner if one), "")

    def _undone_by(self, name: str, position: int) -> str:
        """The step after which nothing was left of what the fact had added."""
        for trace in self.steps.get((name, position), []):
            if trace.before != trace.was and trace.after == trace.became and trace.step is not None:
                return f"nothing of it is left after this step: {step_in_words(trace, self.reading.rulebook.currency)}"
        inner = (self._undone_by(source, position) for source in self._made_of(name))
        return next((one for one in inner if one), "")

    def _says_nothing(self, name: str, fact: Told) -> str:
        term = self.amounts.term(name)
        kind = "month" if fact.kind == PRESENT else fact.kind
        return f"this {kind} says nothing of {' or '.join(listed(term.of))}"
