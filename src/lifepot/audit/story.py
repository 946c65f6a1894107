"""A member's whole life told again with every step kept: ask it why any fact brings what it brings, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from lifepot.audit.answer import Answer, Part
from lifepot.audit.belonging import effect_of, how_it_opened, why_it_does_not_open
from lifepot.audit.going_back import told_back
from lifepot.audit.life import NAMED, PRESENT
from lifepot.audit.purposes import what_for
from lifepot.audit.reason import Line, Reason
from lifepot.audit.replay import Gift, Reading, gifts_of, jobs_of, readings_of
from lifepot.audit.teller import Teller
from lifepot.audit.told import Owed, Person, Ref, Told
from lifepot.audit.verdicts import Named
from lifepot.audit.words import fact_in_words
from lifepot.rulebook.terms import Rulebook


class Story:
    """One member under the versions of a rulebook, each with its first day in force, in rising order.

    `as_of` and `accrue_until` mean what they mean to `replay`. `named` says what a fact is called; `refused` what a cap had
    refused of payments before they were told here (minor units by ref). Raises ValueError as `replay` does.
    """

    def __init__(
        self,
        versions: Sequence[tuple[date, Rulebook]],
        person: Person,
        facts: Sequence[Told],
        *,
        as_of: date | None = None,
        accrue_until: date | None = None,
        named: Named | None = None,
        refused: Mapping[Ref, int] | None = None,
    ) -> None:
        self.facts = {fact.ref: fact for fact in facts}
        self.as_of = as_of
        self._versions = versions
        self._named = named or (lambda ref: fact_in_words(self.facts[ref]))
        self._refused = refused or {}
        alone = versions[-1][1].membership.per == "job"
        until = accrue_until or (max((fact.on for fact in facts), default=None) if alone else None)
        self._lives = [
            _Life(readings_of(versions, person, heard, as_of=as_of, accrue_until=until, traced=True), self)
            for heard in (jobs_of(facts) if alone else [list(facts)])
        ]

    def named(self, ref: Ref) -> str:
        """What a fact is called."""
        return self._named(ref) if ref != "" else "word from the outset"

    def rules(self) -> list[str]:
        """Every rule that any version has, in the order of the latest."""
        names = [name for _, book in reversed(self._versions) for name in book.rules]
        return list(dict.fromkeys(names))

    def owed(self) -> list[Owed]:
        """All entitlements on the day looked at, in no order: what the reasons add up to."""
        return [gift.as_owed() for life in self._lives for gift in life.given()]

    def reasons(self, ref: Ref, rule: str | None = None, *, full: bool = True) -> list[Reason]:
        """What a fact brings under a rule, or under each: at least one answer a rule, "nothing, because …" among them.

        A status may stand behind several months, each with its own answer. Money that a notice gives back stands with the
        fact that had brought it, and with the notice. Reasons that are not `full` have no lines but the one that matters.
        KeyError where there is no such fact or rule.
        """
        fact = self.facts[ref]
        found = []
        for name in self.rules() if rule is None else [rule]:
            answers = [one for life in self._lives for one in life.reasons(fact, name, full=full)]
            worth = [one for one in answers if one.outcome != "nothing"]
            found += worth or answers[:1] or [self._unheard(fact, name)]
        return found

    def purpose(self, ref: Ref) -> str:
        """What money taken out is for, or why it is for no purpose."""
        fact = self.facts[ref]
        for teller in (teller for life in self._lives for teller in life.tellers):
            if teller.positions(ref) and teller.reading.speaks_on(fact.on):
                return what_for(teller.life, fact, self.named, teller.standing(teller.positions(ref)[0])).text
        return "this lies after the day it is looked at from, or before the rulebook"

    def of_no_fact(self) -> Iterator[Reason]:
        """What comes of named days, and of an attribute that held from the outset: no fact stands behind it."""
        for life in self._lives:
            yield from life.of_no_fact()

    def account(self) -> str:
        """How the account came to be open, or why none is, as a sentence."""
        return next((one for life in self._lives if (one := life.opened())), "") or self._lives[0].shut()

    def effect(self, ref: Ref) -> str:
        """What a fact does beside money: it opens, ends or rests the account; "" for nothing."""
        fact = self.facts[ref]
        return next((one for life in self._lives if (one := life.effect(fact))), "")

    def refused(self, ref: Ref) -> int:
        """What a cap had refused of a payment before it was told here, minor units."""
        return self._refused.get(ref, 0)

    def _unheard(self, fact: Told, rule: str) -> Reason:
        """A fact that no version hears."""
        book = next((book for _, book in reversed(self._versions) if rule in book.rules), None)
        if book is None:
            raise KeyError(rule)
        speaks = [book for first, book in self._versions if first <= fact.on]
        if self.as_of is not None and fact.on > self.as_of:
            code, why = "after_the_day", f"it lies after {self.as_of.isoformat()}, the day it is looked at from"
        elif not speaks:
            code, why = "before_the_rules", f"the rulebook is in force only from {self._versions[0][0].isoformat()}"
        else:
            code, why = "rule_not_in_force", f"the rulebook in force on {fact.on.isoformat()} has no rule {rule}"
        text = f"nothing, because {why}"
        return Reason(rule, book, fact.ref, fact.on, "nothing", 0, code, text, (Line("nothing", rule, text),))


class _Life:
    """One membership: all of a member, or one job."""

    def __init__(self, readings: Sequence[Reading], story: Story) -> None:
        self.story = story
        self.tellers = [Teller(reading, story.named) for reading in readings]
        self.gifts = gifts_of(readings)
        self.parts: dict[tuple[int, int, str], list[Part]] = {}
        self.backs: dict[tuple[Ref | None, str], list[Gift]] = {}
        for gift in self.gifts:
            if gift.notice is not None:
                for ref in gift.refs:
                    self.backs.setdefault((ref, gift.rule), []).append(gift)
                continue
            for reading, position, amount in gift.parts:
                self.parts.setdefault((id(reading), position, gift.rule), []).append(Part(gift, amount))

    def given(self) -> Iterator[Gift]:
        """What is there on the day looked at."""
        as_of = self.story.as_of
        return (gift for gift in self.gifts if as_of is None or gift.effective_on <= as_of)

    def reasons(self, fact: Told, rule: str, *, full: bool) -> Iterator[Reason]:
        """The answers of this membership; none where it does not hear the fact under that rule."""
        for teller in self.tellers:
            if not teller.reading.speaks_on(fact.on) and fact.kind != "status":
                continue
            if rule not in teller.rulebook.rules:
                continue
            mine = teller.positions(fact.ref)
            months = [at for at in mine if is_of_day(teller, teller.life.facts[at], rule)]
            for position in months or mine:
                if teller.reading.speaks_on(teller.life.facts[position].on):
                    yield self._answer(teller, rule, position, full=full)
        for gift in self.backs.get((fact.ref, rule), ()):
            if self.story.as_of is None or gift.effective_on <= self.story.as_of:
                yield self._back(gift)

    def of_no_fact(self) -> Iterator[Reason]:
        """Named days, and months in which something held from the outset, with what comes of them."""
        for teller in self.tellers:
            for position in teller.positions(""):
                fact = teller.life.facts[position]
                if teller.reading.speaks_on(fact.on):
                    for rule in teller.rulebook.rules:
                        brings = (id(teller.reading), position, rule) in self.parts
                        if brings or is_of_day(teller, fact, rule):
                            yield self._answer(teller, rule, position)

    def opened(self) -> str:
        """How this membership opened; "" where it did not."""
        return how_it_opened(self.tellers[-1].membership, self.story.named)

    def shut(self) -> str:
        """Why it did not open: what the last fact of money lacked."""
        membership = self.tellers[-1].membership
        facts = [fact for fact in membership.life.facts if fact.kind in {"pay", "paid"}]
        if not facts:
            return "no account is open for you, and nothing was paid by you or for you"
        last = facts[-1]
        why = why_it_does_not_open(membership, last, self.story.named).text
        return f"no account is open for you. The last that was paid was the {self.story.named(last.ref)}: {why}"

    def effect(self, fact: Told) -> str:
        """What a fact does beside money."""
        for teller in self.tellers:
            if teller.reading.speaks_on(fact.on):
                for position in teller.positions(fact.ref):
                    if teller.life.facts[position].kind == fact.kind:
                        return effect_of(teller.membership, teller.life.facts[position], self.story.named)
        return ""

    def _answer(self, teller: Teller, rule: str, position: int, *, full: bool = True) -> Reason:
        parts = self.parts.get((id(teller.reading), position, rule), [])
        refused = self.story.refused(teller.life.facts[position].ref)
        return Answer(teller, rule, position, parts, self.story.as_of, refused).reason(full=full)

    def _back(self, gift: Gift) -> Reason:
        notice = self.story.facts[gift.notice] if gift.notice is not None else None
        assert notice is not None, "money goes back by a notice"
        teller = next(one for one in self.tellers if one.reading.speaks_on(notice.on))
        reading, position, _ = gift.parts[-1]
        return told_back(teller, gift, reading.life.facts[position])


def is_of_day(teller: Teller, fact: Told, rule: str) -> bool:
    """Whether a fact is a named day, or a month in which an attribute holds, and the rule counts it."""
    return fact.kind in {PRESENT, NAMED} and f"{fact.kind}.{fact.attribute}" in teller.leaves(rule)
