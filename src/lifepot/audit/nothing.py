"""Why a fact brings nothing under a rule: found in the steps that ran, in what they ran on, and in who is in.

A rule may have several sources, each with a reason of its own. The one told is the one nearest to bringing something:
money that a step took, before a fact that was out, before money that failed a test, before a nothing that was said, before
what the fact never said.
"""

from enum import IntEnum
from typing import NamedTuple

from lifepot.audit.belonging import why_out
from lifepot.audit.figures import Exact, InForce
from lifepot.audit.life import listed
from lifepot.audit.purposes import what_for
from lifepot.audit.stepwise import tell
from lifepot.audit.teller import Ran, Teller, is_undone_by_withdrawals
from lifepot.audit.words import UNSAID, listing, source_in_words, spelled, what_it_is
from lifepot.rulebook.terms import HighestStep, LatestStep, Not, RiseStep, Rule, Total, TotalStep


class Near(IntEnum):
    """How near a source was to bringing something."""

    STEP = 0
    OUT = 1
    CONDITION = 2
    ZERO = 3
    UNSAID = 4
    OTHER = 5


class Nothing(NamedTuple):
    """Why nothing came: a word for machines, the reason, and the figures it was held against."""

    code: str
    text: str
    near: Near = Near.STEP
    figures: tuple[InForce, ...] = ()


def why_nothing(teller: Teller, rule: str, position: int) -> Nothing:
    """Why the fact in that position brings nothing under a rule."""
    return _Search(teller, position).of(rule)


class _Search:
    """One fact's reasons, rule by rule and amount by amount."""

    def __init__(self, teller: Teller, position: int) -> None:
        self.teller = teller
        self.position = position
        self.fact = teller.life.facts[position]

    def of(self, name: str) -> Nothing:
        """The reason of an amount or rule."""
        return self._stated(name) or self._undone(name) or self._out(name) or self._of_sources(name)

    def _stated(self, name: str) -> Nothing | None:
        """What the payer's file states is nothing, and that is what counts."""
        term = self.teller.amounts.term(name)
        if self.teller.stated(name).get(self.position) != 0 or not self._counts(name):
            return None
        who = "you" if isinstance(term, Rule) and term.stated == "pay.worker" else "the payer"
        amount = self.teller.money(0)
        text = f"the payer's file states {amount} for {who}, and what it states is what counts"
        return Nothing("stated_zero", text, Near.STEP)

    def _undone(self, name: str) -> Nothing | None:
        """The step after which nothing was left of what the fact had brought."""
        for chain in self.teller.chains(name, self.position):
            for ran in chain[1:] if chain[0].step is None else chain:
                if ran.came and not ran.went:
                    told = tell(ran, self.teller)
                    return Nothing(told.code, told.nothing + self._for_want_of(ran), Near.STEP, ran.used)
            if (outside := self._outside(name, chain)) is not None:
                return outside
        taken = self.teller.amounts.taken_out().get(self.position)
        if taken and is_undone_by_withdrawals(self.teller.amounts.term(name)):
            amount = self.teller.money(taken)
            text = (
                f"{amount} was taken out for no purpose, and the total that it would come out of holds nothing any more"
            )
            return Nothing("nothing_to_take", text)
        return None

    def _for_want_of(self, ran: Ran) -> str:
        """Why an amount is nothing by which the fact is held to nothing."""
        name = next((one.name for one in ran.used if one.since is None and not one.figure), "")
        if not self.teller.amounts.is_amount(name) or self.teller.amounts.column(name).over is not None:
            return ""
        return f", for {self.of(name).text}"

    def _outside(self, name: str, chain: list[Ran]) -> Nothing | None:
        """The fact's money met a window that has no stretch on its day."""
        steps = self.teller.amounts.term(name).steps
        last = chain[-1]
        if last.nth >= len(steps) or not (last.went if last.nth else last.after):
            return None
        step = steps[last.nth]
        window = _window_of(step)
        words = f"{self.fact.on.isoformat()} lies in no {spelled(window)}"
        term = self.teller.rulebook.windows.get(window)
        if term is not None and term.times is not None:
            words += f": there are {term.times} of {term.months} months each, counted from the month of joining"
        return Nothing("outside_window", words)

    def _out(self, name: str) -> Nothing | None:
        """The fact says something, and counts as nothing here."""
        if self._counts(name):
            return None
        term = self.teller.amounts.term(name)
        if term.members_only and any(self._said(leaf) for leaf in self.teller.leaves(name)):
            out = why_out(self.teller.membership, self.fact, self.teller.named)
            if out is not None:
                return Nothing(out.code, out.text, Near.OUT, out.figures)
        if not any(self._said(source) for source in listed(term.of)):
            return None
        found = self.teller.verdict(term.when, self.position)
        if found.holds:
            return None
        text = _asked_for(term.when) + found.text
        return Nothing("value_gap" if found.gap else "condition", text, Near.CONDITION, found.figures)

    def _of_sources(self, name: str) -> Nothing:
        term = self.teller.amounts.term(name)
        if (purpose := self._purpose(name)) is not None:
            return purpose
        parts = [self._said(source) for source in listed(term.of)]
        if any(parts) and self._counts(name):
            off = listing(source_in_words(self.teller.rulebook, source) for source in listed(term.minus))
            if term.combined == "lowest" and not all(parts):
                each = zip(listed(term.of), parts, strict=True)
                least = listing(source_in_words(self.teller.rulebook, source) for source, part in each if not part)
                return Nothing("lowest_is_nothing", f"the lowest of several counts, and {least} is nothing here")
            amount = self.teller.money(sum(part or 0 for part in parts))
            return Nothing("taken_off", f"of {amount} as much is taken off again ({off})")
        is_amount = self.teller.amounts.is_amount
        found = (self.of(source) if is_amount(source) else self._of_leaf(source) for source in listed(term.of))
        best = min(found, key=lambda one: one.near)
        return self._of_another_kind(name) if best.near is Near.OTHER else best

    def _of_leaf(self, source: str) -> Nothing:
        said, fact = self._said(source), self.fact
        head, _, tail = source.partition(".")
        what = source_in_words(self.teller.rulebook, source)
        if said is not None:
            return Nothing("says_zero", f"{_ZERO.get(source, f'{what} is')} {self.teller.money(0)}", Near.ZERO)
        if head == "pay" and fact.kind == "pay":
            return Nothing("says_nothing", UNSAID[tail], Near.UNSAID)
        return Nothing("other_kind", what, Near.OTHER)

    def _of_another_kind(self, name: str) -> Nothing:
        """Nothing the rule is made of is what this fact is."""
        counted = listing((source_in_words(self.teller.rulebook, leaf) for leaf in self.teller.leaves(name)), "or")
        return Nothing("other_kind", f"{what_it_is(self.fact)}, and the rule counts {counted}", Near.OTHER)

    def _purpose(self, name: str) -> Nothing | None:
        """Money taken out for a purpose, where the rule counts what is taken out for none, or the other way round."""
        term = self.teller.amounts.term(name)
        if self.fact.kind != "withdrawn":
            return None
        counted = [source for source in listed(term.of) if source.startswith("withdrawn.")]
        if not counted and not is_undone_by_withdrawals(term):
            return None
        if not self.fact.amount:
            return Nothing("says_zero", f"{self.teller.money(0)} was taken out", Near.ZERO)
        words = listing((source_in_words(self.teller.rulebook, source) for source in counted), "or")
        if not {"withdrawn.purpose", "withdrawn.no_purpose"} & set(counted) and counted:
            said = f"for {spelled(self.fact.value)}" if self.fact.value else "with no purpose said"
            return Nothing("purpose", f"this was taken out {said}, and the rule counts only {words}", Near.CONDITION)
        why = what_for(self.teller.life, self.fact, self.teller.named, self.teller.standing(self.position))
        asked = words or "money taken out for no purpose"
        return Nothing("purpose", f"{why.text}; the rule counts only {asked}", Near.CONDITION, why.figures)

    def _counts(self, name: str) -> bool:
        return self.teller.amounts.counts(name, self.position)

    def _said(self, source: str) -> Exact | None:
        """What the fact says of a source; None where it says nothing of it."""
        return self.teller.said(source).get(self.position)


_ZERO = {
    "pay.earnings": "the row says that what was earned is",
    "pay.hours": "the row says that what the hours come to is",
    "pay.worker": "the payer's file states for you",
    "pay.employer": "the payer's file states for the payer",
    "paid.worker": "what was paid in is",
    "paid.employer": "what was paid in is",
}
"""How a source is said to be nothing."""


def _asked_for(condition: object) -> str:
    """The name of a condition, where it has one, before the reason that it does not hold."""
    match condition:
        case str():
            return f"{condition} is asked for, and "
        case Not(not_=str() as name):
            return f"{name} is left out, and "
        case _:
            return ""


def _window_of(step: object) -> str:
    match step:
        case TotalStep(total=Total(over=name)) | TotalStep(total=str() as name):
            return name
        case LatestStep(latest=name) | HighestStep(highest=name) | RiseStep(rise_over=name):
            return name
        case _:
            return "window"
