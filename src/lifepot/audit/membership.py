"""Who is in, and when: the day the account opens, ways out with their notices, pauses, the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lifepot.audit.calendar import DAY, months_after
from lifepot.audit.conditions import holds
from lifepot.audit.life import NAMED, PRESENT, Life, is_own_payment
from lifepot.audit.told import Ref, Told
from lifepot.periods import date_of
from lifepot.rulebook.terms import Condition, Leaving, Pause, Refund, Within

Stretch = tuple[date, date | None]
"""First day, and the day on which it is over (None: not yet)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A member left in time: what goes back, and on which day. `payer`: for that payer's facts alone ("": for all)."""

    ref: Ref
    on: date
    root: int
    payer: int | str
    refunds: tuple[Refund, ...]


class Membership:
    """Standing of one member. Making it opens the account in `life`, where the rules open it."""

    def __init__(self, life: Life) -> None:
        self.life = life
        life.open(_opening(life))
        ends = [fact for fact in life.facts if fact.kind in {"closed", "died"}]
        self.ended_on = ends[0].on if ends else None
        self.closed_on = next((fact.on for fact in ends if fact.kind == "closed"), None)
        self.died_on = next((fact.on for fact in ends if fact.kind == "died"), None)
        self._away: dict[int | str, list[tuple[Leaving | Pause, Stretch]]] = {}

    def counts(self, fact: Told) -> bool:
        """Whether the member is in on the fact's day, for that payer."""
        opened_on = self.life.opened_on
        if opened_on is None or fact.on < opened_on or (self.ended_on and fact.on > self.ended_on):
            return False
        return self.away(fact) is None

    def away(self, fact: Told) -> tuple[Leaving | Pause, Stretch] | None:
        """The leaving or pause for which a fact counts as nothing, and when it lasted; None where there is none."""
        for term, (first, over) in self.stretches(fact.payer):
            if first <= fact.on and (over is None or fact.on < over):
                return term, (first, over)
        return None

    def notices(self) -> list[Notice]:
        """Every notice given in time that brings refunds, in order."""
        found = []
        for leaving in self.life.rulebook.membership.leaving:
            payers = {fact.payer or "" for fact in self.life.facts if fact.attribute == leaving.attribute}
            for payer in payers:
                for status, refunds, _ in self._notices(leaving, payer):
                    if refunds and (status.payer or "") == payer:
                        found.append(Notice(status.ref, status.on, status.root, payer, refunds))
        return sorted(found, key=lambda notice: (notice.on, notice.root))

    def stretches(self, payer: int | str) -> list[tuple[Leaving | Pause, Stretch]]:
        """When one payer's facts count as nothing, and by which term."""
        if payer not in self._away:
            membership = self.life.rulebook.membership
            self._away[payer] = [
                *((one, stretch) for one in membership.leaving for stretch in self._left(one, payer)),
                *((one, stretch) for one in membership.pauses for stretch in self._rested(one, payer)),
            ]
        return self._away[payer]

    def _left(self, leaving: Leaving, payer: int | str) -> Iterator[Stretch]:
        if self.life.was_yes(leaving.attribute):
            first = next(self.life.statuses(leaving.attribute, payer), None)
            yield date.min, first.on if first else None
        for status, _, over in self._notices(leaving, payer):
            yield status.on, over

    def _notices(self, leaving: Leaving, payer: int | str) -> Iterator[tuple[Told, tuple[Refund, ...], date | None]]:
        """Each notice that stops contributions, its refunds, and the day on which it is taken back.

        One that stops nothing leaves the member in, so saying it again is a notice again.
        """
        given: tuple[Told, tuple[Refund, ...]] | None = None
        for status in self.life.statuses(leaving.attribute, payer):
            yes = self.life.read(leaving.attribute, status.value) == 1
            if yes and given is None:
                windows = [one for one in leaving.windows if self.in_time(one.within, status)]
                if windows or leaving.stops == "always":
                    given = status, tuple(refund for one in windows for refund in one.refunds)
            elif given is not None and not yes:
                yield *given, status.on
                given = None
        if given is not None:
            yield *given, None

    def in_time(self, within: Within | None, status: Told) -> bool:
        """Whether a status lies within the days in which something may be done; with no such days, whether anybody is in."""
        if self.life.opened_on is None or within is None:
            return self.life.opened_on is not None
        days = self.days_of(within, status)
        return days is not None and days[0] <= status.on <= days[1]

    def days_of(self, within: Within, status: Told) -> tuple[date, date] | None:
        """First and last day on which something may be done, as known on a status's day; None where nothing begins them."""
        days = {origin: day for origin in within.from_ if (day := self._origin(origin, status))}
        # Joining stands in for days that nobody told.
        known = [day for origin, day in days.items() if origin != "joining"] or list(days.values())
        if not known:
            return None
        first = months_after(max(known), int(within.after_months))
        last = months_after(max(known), int(within.months))
        if within.beginning_with:
            last -= DAY
        elif int(within.after_months):
            first += DAY
        return first, last

    def _origin(self, origin: str, status: Told) -> date | None:
        if origin == "joining":
            return self.life.opened_on
        if not origin.startswith("attribute."):
            return date.fromisoformat(origin)
        day = self.life.attribute(origin.removeprefix("attribute."), status.on, status.payer)
        return date_of(day) if isinstance(day, int) else None

    def _rested(self, pause: Pause, payer: int | str) -> Iterator[Stretch]:
        """Pauses that count: none too soon after joining or after the last one, none longer than it may be."""
        if self.life.opened_on is None:
            return
        least = int(pause.not_before_months)
        earliest = months_after(self.life.opened_on, least)
        begun: date | None = None
        for status in [*self.life.statuses(pause.attribute, payer), None]:
            if begun is not None:
                over = months_after(begun, int(pause.at_most_months)) if pause.at_most_months else None
                yes = status is not None and self.life.read(pause.attribute, status.value) == 1
                if status is not None and not yes and status.on < months_after(begun, int(pause.at_least_months)):
                    continue  # an end that may not be chosen is none
                if status is not None and not yes and (over is None or status.on < over):
                    over = status.on
                if status is None or not yes or (over is not None and status.on >= over):
                    yield begun, over
                    begun = None
                    if over is not None:
                        earliest = months_after(over - DAY, least)
            if status is not None and begun is None and status.on >= earliest:
                begun = status.on if self.life.read(pause.attribute, status.value) == 1 else None


def _opening(life: Life) -> date | None:
    """The day the account opens: as given, else of the first fact that opens it and meets `may_join`."""
    if life.joined is not None:
        return life.joined if may_join(life, Told("", 0, "", life.joined, "opened")) else None
    for fact in life.facts:
        if opens(life, fact) and may_join(life, fact):
            return fact.on
    return None


def opens(life: Life, fact: Told) -> bool:
    """Whether the fact is one that opens accounts. Who had opted in from the outset joins with the first pay."""
    terms = life.rulebook.membership
    if terms.everybody and fact.kind not in {PRESENT, NAMED}:
        return True
    if fact.kind == "pay":
        if terms.automatic is not None and _holds_as_joining(life, terms.automatic, fact):
            return True
        name = terms.opt_in
        return name is not None and life.was_yes(name) and life.is_yes(name, fact.on, fact.payer)
    if fact.kind == "status":
        return fact.attribute == terms.opt_in and life.read(fact.attribute, fact.value) == 1
    return terms.first_payment_opens and is_own_payment(fact)


def may_join(life: Life, fact: Told) -> bool:
    """Whether the person may join with that fact (or on that bare day, where it was given)."""
    return _holds_as_joining(life, life.rulebook.membership.may_join, fact)


def _holds_as_joining(life: Life, condition: Condition | None, fact: Told) -> bool:
    """Whether a condition holds; for the length of the question, the account stands as opened on the fact's day."""
    life.opened_on = fact.on
    found = holds(life, condition, fact)
    life.opened_on = None
    return found
