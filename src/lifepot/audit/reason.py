"""Why an amount is what it is, and why there is none: told from the very steps that ran, never written beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lifepot.audit.calendar import Span
from lifepot.audit.figures import Exact, InForce
from lifepot.audit.told import Ref
from lifepot.audit.words import exact, figures_once, sentence, shown
from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reason: a step of the amount or rule `of`, or what stands around the steps.

    `kind` is the step's name in the language, or "member", "condition", "purpose", "begins", "stated", "due", "brings",
    "nothing", "back". `before` and `after` are figures of the fact (minor units), `was` and `became` the same of the fact
    before it in its window; `cut` is how much of what the fact brought a cap, taper, floor or rounding took.
    """

    kind: str
    of: str
    text: str
    before: Exact | None = None
    after: Exact | None = None
    was: Exact | None = None
    became: Exact | None = None
    cut: Exact | None = None
    figures: tuple[InForce, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """What one fact brings under one rule, and why.

    outcome       "gives", "takes_back", "gives_back" (to who left in time) or "nothing"
    amount_minor  what it brings, minor units; below nothing where something goes back
    code          of nothing: a word for machines, such as "cap_used_up"; else ""
    because       the step that mattered, with its clause and the day it is in force from; or "nothing, because …"
    effective_on  the day it is effective on; None for nothing, but where it falls due later
    together      the facts that fall due together with it, itself included
    notice        of money given back: the status that gave notice
    day_in_words  of a day that nobody told (`ref` is None): what it is called; else ""
    """

    rule: str
    rulebook: Rulebook
    ref: Ref | None
    on: date
    outcome: str
    amount_minor: int
    code: str
    because: str
    lines: tuple[Line, ...]
    effective_on: date | None = None
    window: Span | None = None
    together: tuple[Ref, ...] = ()
    notice: Ref | None = None
    day_in_words: str = ""
    figures: tuple[InForce, ...] = field(default=())

    @property
    def party(self) -> str:
        """Who owes it."""
        return self.rulebook.rules[self.rule].party

    def texts(self) -> list[str]:
        """The reason in sentences: the rule, each step, what it comes to, and the clauses with their sources."""
        term = self.rulebook.rules[self.rule]
        own = [
            sentence(line.text) if line.of in {"", self.rule} else f"{line.of}: {sentence(line.text)}"
            for line in self.lines
        ]
        source = sentence(f"Source of the rule: {term.source}")
        return [sentence(f"Rule {self.rule}: {term.description}"), *own, *self._clauses(), source]

    def _clauses(self) -> Iterator[str]:
        for figure in figures_once(self._figures()):
            value = self.rulebook.values.get(figure.name)
            if value is not None:
                yield sentence(f"Clause {figure.name}: {sentence(value.description)} Source: {value.source}")

    def _figures(self) -> Sequence[InForce]:
        return [*self.figures, *(figure for line in self.lines for figure in line.figures)]

    def as_dict(self) -> dict[str, Any]:
        """The reason as JSON carries it; figures of money are minor units, exact, as text."""
        term = self.rulebook.rules[self.rule]
        return {
            "rule": self.rule, "party": term.party, "account": term.account, "description": term.description, "source": term.source,
            "outcome": self.outcome, "amount_minor": self.amount_minor, "code": self.code or None, "because": self.because,
            "effective_on": _day(self.effective_on), "window_start": _day(self.window[0]) if self.window else None,
            "window_end": _day(self.window[1]) if self.window else None,
            "given_back": None if self.notice is None else {"fact": self.ref, "notice": self.notice},
            "due_with": list(self.together),
            "steps": [self._line_as_dict(line) for line in self.lines],
            "clauses": [self._figure_as_dict(figure) for figure in figures_once(self._figures())],
        }  # fmt: skip

    def _line_as_dict(self, line: Line) -> dict[str, Any]:
        said: dict[str, Any] = {"step": line.kind, "of": line.of, "text": line.text}
        figures = {"before": line.before, "after": line.after, "was": line.was, "became": line.became, "cut": line.cut}
        said |= {f"{name}_minor": None if figure is None else exact(figure) for name, figure in figures.items()}
        return said | {"figures": [self._figure_as_dict(figure) for figure in line.figures]}

    def _figure_as_dict(self, figure: InForce) -> dict[str, Any]:
        terms = self.rulebook
        value = terms.values.get(figure.name) or terms.amounts.get(figure.name) or terms.rules.get(figure.name)
        return {
            "name": figure.name or None, "unit": figure.unit, "figure": exact(figure.figure),
            "shown": shown(figure.figure, figure.unit, terms.currency), "in_force_from": _day(figure.since),
            "certainty": figure.certainty, "description": value.description if value else None,
            "source": getattr(value, "source", None),
        }  # fmt: skip


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None
