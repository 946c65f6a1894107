"""One member's life as it was told: facts in their order, and what held on each day."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from lifepot.audit.calendar import DAY, Span, months_after, period_of, span_of
from lifepot.audit.figures import MILLION, Exact, Figures, parse
from lifepot.audit.told import ORDER_OF_KINDS, Person, Told
from lifepot.rulebook.scalars import parse_age
from lifepot.rulebook.terms import Day, Rulebook, Window

PRESENT = "present"
"""Kind of a day on which an attribute counts because it holds: not told, but following from what was."""

NEVER_SAID = -1
"""Root of a day on which an attribute counts that held from the outset: no fact stands behind it."""

NAMED = "day"
"""Kind of a day that the rulebook names. Nobody tells it; its root is its place among the rulebook's days."""

Place = tuple[date, int, int]
"""Where a fact stands among a member's: its day, kind, and the number of its chain."""

MONTH = Window(description="Calendar months.", every="month", starts="1", months=None, times=None)


class Life:
    """A member under one rulebook. `opened_on` is None until (and unless) the account opens.

    `values_on` looks every value up on that one day instead of the day of each fact.
    """

    def __init__(
        self, rulebook: Rulebook, person: Person, facts: Sequence[Told], *, until: date, values_on: date | None = None
    ) -> None:
        names = {alias: name for name, term in rulebook.attributes.items() for alias in term.aliases}
        self.rulebook = rulebook
        self.born = person.born
        self.joined = person.joined
        self.figures = Figures(rulebook, person.born, values_on, self.attribute_at)
        self.opened_on: date | None = None
        self.until = until
        self.own = {names.get(name, name): text for name, text in person.attributes.items() if text != ""}
        named = (replace(fact, attribute=names[fact.attribute]) if fact.attribute in names else fact for fact in facts)
        membership = rulebook.membership
        # Opting in, leaving and pausing are of the whole account, whichever payer's file told them.
        whole = (
            {membership.opt_in}
            | {one.attribute for one in membership.leaving}
            | {one.attribute for one in membership.pauses}
        )
        self.facts = sorted(
            (replace(fact, payer="") if fact.kind == "status" and fact.attribute in whole else fact for fact in named),
            key=place,
        )
        self._said: dict[str, list[Told]] = {}
        for fact in self.facts:
            if fact.kind == "status":
                self._said.setdefault(fact.attribute, []).append(fact)
        self.first_payment = next((fact.on for fact in self.facts if is_own_payment(fact)), None)
        self._spans: dict[tuple[str, date], Span | None] = {}

    def statuses(self, attribute: str, payer: int | str) -> Iterator[Told]:
        """What was said of an attribute, in order, that holds for this payer's facts ("" for nobody in particular)."""
        return (fact for fact in self._said.get(attribute, ()) if not fact.payer or fact.payer == payer)

    def attribute(self, name: str, on: date, payer: int | str = "") -> Exact | str | None:
        """What an attribute is on a day, for one payer's facts: said, else the member's own, worked out, or default."""
        term = self.rulebook.attributes[name]
        said = [fact.value for fact in self.statuses(name, payer) if fact.on <= on]
        text = said[-1] if said else self.own.get(name)
        if text is None and term.otherwise is not None:
            amount = self.attribute(term.otherwise.amount, on, payer)
            percent = self.attribute(term.otherwise.over_percent, on, payer)
            if isinstance(amount, int) and isinstance(percent, int) and percent:
                return (Fraction(amount * MILLION, percent) + Fraction(1, 2)).__floor__()
        if text is None:
            text = term.default
        return None if text is None else self.read(name, text)

    def attribute_at(self, name: str, fact: Told) -> Exact | str | None:
        """What an attribute is at a fact."""
        return self.attribute(name, fact.on, fact.payer)

    def read(self, name: str, text: str) -> Exact | str:
        """An attribute's value from its text. Raises ValueError where it is not of the attribute's kind."""
        kind = self.rulebook.attributes[name].kind
        return text if kind == "choice" else parse(kind, text)

    def was_yes(self, name: str) -> bool:
        """Whether a yes-or-no attribute was yes from the outset, before anything was said."""
        text = self.own.get(name, self.rulebook.attributes[name].default)
        return text is not None and self.read(name, text) == 1

    def is_yes(self, name: str, on: date, payer: int | str = "") -> bool:
        """Whether a yes-or-no attribute is known to be yes."""
        return self.attribute(name, on, payer) == 1

    def span(self, window: str, on: date) -> Span | None:
        """The window of that name that a day falls in; None where it falls in none."""
        if window == "account":
            return None, None
        key = (window, on)
        if key not in self._spans:
            term = MONTH if window == "month" else self.rulebook.windows[window]
            self._spans[key] = span_of(term, on, self.opened_on)
        return self._spans[key]

    def span_of_fact(self, window: str, fact: Told) -> Span | None:
        """The window of that name that a fact falls in; `pay_period` is a pay's own, and the day itself of anything else."""
        if window == "pay_period":
            return period_of(fact) if fact.kind == "pay" else (fact.on, fact.on)
        return self.span(window, fact.on)

    def open(self, on: date | None) -> None:
        """The account opens; days on which attributes count and named days take their places among the facts."""
        self.opened_on = on
        self._spans.clear()
        counted = {
            source.removeprefix("present.") for source in _sources(self.rulebook) if source.startswith("present.")
        }
        days = [day for name in sorted(counted) for day in self._days_present(name)]
        self.facts = sorted([*self.facts, *days, *self._named_days()], key=place)

    def _last_day(self) -> date:
        """The last day on which anything comes by itself: the one looked at, or that of closing or death."""
        return min([self.until, *(fact.on for fact in self.facts if fact.kind in {"closed", "died"})])

    def _named_days(self) -> Iterator[Told]:
        """The rulebook's days as they come in this life."""
        last = self._last_day()
        first = self.joined or min((fact.on for fact in self.facts), default=None)
        for number, (name, term) in enumerate(self.rulebook.days.items()):
            for on in self._days_of(term, first, last):
                if on <= last:
                    yield Told("", number, "", on, NAMED, attribute=name)

    def _days_of(self, term: Day, first: date | None, last: date) -> Iterator[date]:
        """A fixed day; a birthday, if the birth day is known; or, from `first` on, a day that comes again."""
        if term.on is not None:
            yield date.fromisoformat(term.on)
        elif term.age is not None:
            if self.born is not None:
                yield months_after(self.born, parse_age(term.age))
        elif first is not None:
            again = Window(description=term.description, every=term.every, starts=term.starts)
            while (span := span_of(again, first, None)) and span[0] and span[1] and span[0] <= last:
                if span[0] >= first:
                    yield span[0]
                first = span[1] + DAY

    def _days_present(self, name: str) -> Iterator[Told]:
        """The day an attribute becomes yes, and the first of each later month while it stays so.

        Behind each stands the status that held on it. What held from the outset never became so on a day: it counts
        from the first day that is known of this member.
        """
        since: Told | None = None
        last = self._last_day()
        first = min([fact.on for fact in self.facts] + ([self.joined] if self.joined else []), default=None)
        if first and self.was_yes(name):
            since = Told("", NEVER_SAID, "", first, PRESENT, attribute=name)
            if first <= last and self.is_yes(name, first):
                yield since
        for fact in [*self.statuses(name, ""), None]:
            if since is not None:
                yield from _months(since, last if fact is None else min(last, fact.on - DAY))
            yes = fact is not None and self.read(name, fact.value) == 1
            before, since = since, (replace(fact, kind=PRESENT) if fact is not None and yes else None)
            if since is not None and (before is None or since.on.day == 1):
                yield since


def is_own_payment(fact: Told) -> bool:
    """Whether the worker paid this in."""
    return fact.kind == "paid" and not fact.payer


def _months(since: Told, last: date) -> Iterator[Told]:
    """The first of each month after `since`, up to `last`."""
    day = months_after(since.on.replace(day=1), 1)
    while day <= last:
        yield replace(since, on=day)
        day = months_after(day, 1)


def place(fact: Told) -> Place:
    """Where a fact stands: by day, kind, and the first fact of its chain."""
    if fact.kind == NAMED:
        return fact.on, 2 * ORDER_OF_KINDS.index("status") + 1, fact.root
    kind = "status" if fact.kind == PRESENT else fact.kind
    return fact.on, 2 * ORDER_OF_KINDS.index(kind), fact.root


def _sources(rulebook: Rulebook) -> set[str]:
    """Everything that amounts and rules are made of."""
    terms = [*rulebook.amounts.values(), *rulebook.rules.values()]
    return {source for term in terms for sources in (term.of, term.minus) for source in listed(sources)}


def listed(sources: str | list[str]) -> list[str]:
    """One source or several, as a list."""
    return [sources] if isinstance(sources, str) else sources
