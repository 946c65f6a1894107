"""Why: the reason of every amount of a member, and of there being none, told by the audit's replay from the rule that ran."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import psycopg

from lifepot.audit.reason import Reason
from lifepot.audit.words import sentence
from lifepot.errors import Misuse
from lifepot.kernel.columns import Kind
from lifepot.ledger.happened import Happening
from lifepot.money import format_minor
from lifepot.periods import day_of
from lifepot.scheme.answers import Answers, Asked, Why
from lifepot.scheme.booked import Booked
from lifepot.scheme.history import History
from lifepot.scheme.lives import read_as
from lifepot.scheme.sources import day_source
from lifepot.scheme.statement import Entry, MemberRows, Nothing, Statement, read_member, statement_of
from lifepot.storage.rows import Event

LATEST = 5
"""Facts that are shown where nothing narrower is asked, at most."""

LATEST_DAYS = 92
"""… of so many days before the last of them."""


def why(connection: psycopg.Connection[Any], member: int, asked: Asked | None = None) -> Answers:
    """Answers to what is asked of a member; if nothing narrower is, about the last pay and payments, under every rule.

    Misuse where the member has no such entry or fact, or the rulebook no such rule.
    """
    account = read_member(connection, member)
    teller = Teller(connection, account)
    found = list(teller.answers(asked or Asked()))
    notes = {one.source.fact: list(teller.notes(one.source.fact)) for one in found}
    standing = account.standing
    return Answers(member, standing.title, standing.currency, teller.opening(), notes, found)


def explained(connection: psycopg.Connection[Any], member: int, most: int | None = None) -> Statement:
    """A member's statement with the reason of its entries (of the last `most`), and what gave nothing for the last facts."""
    teller = Teller(connection, read_member(connection, member))
    return teller.explained(None if most is None else teller.statement.entries[-most:])


class Teller:
    """One member's books and story, asked many things."""

    def __init__(self, connection: psycopg.Connection[Any], account: MemberRows) -> None:
        self.connection = connection
        self.history = History(connection, account)
        self.statement = statement_of(connection, account, self.history.sources)
        self.booked = Booked(connection, self.history, self.statement)
        self._reasons: dict[tuple[int, str, bool], list[Reason]] = {}

    def explained(self, entries: list[Entry] | None = None) -> Statement:
        """The statement with the reason of its entries (of these, or of all), and what gave nothing for the last facts."""
        entries = self.statement.entries if entries is None else entries
        reasons = {entry.entry: self.in_short(entry) for entry in entries}
        return replace(self.statement, reasons=reasons, nothing=list(self.nothing()))

    def opening(self) -> str:
        """How the account came to be open, or why none is."""
        member = self.statement.member
        reader = read_as(self.history.account.facts, member)
        if reader != member:
            return f"Member {member} was found to be member {reader}, under whom everything is read: ask `lifepot why {reader}`."
        return sentence(self.history.story.account())

    def notes(self, fact: int) -> Iterator[str]:
        """What is to be said of a fact, whatever the rule."""
        if not fact or self.history.sources[fact].kind not in _KINDS:
            return
        yield from map(sentence, self.booked.replacements(fact))
        yield from self.beside(fact)

    def beside(self, fact: int) -> Iterator[str]:
        """What a fact does beside what rules bring for it: to the account, and what was sent with it and is owed to nobody."""
        current = self.history.current.get(fact, 0)
        effect = sentence(self.history.story.effect(current)) if current else ""
        if effect and effect != self.opening():
            yield effect
        if (held := self.booked.held(fact)) > 0:
            amount = format_minor(held, self.statement.currency)
            yield f"{amount} more was sent with it than the rules owe, and is held for its sender."

    def answers(self, asked: Asked) -> Iterator[Why]:
        """One answer or more for each fact and rule that is asked about."""
        if asked.rule is not None and asked.rule not in self._rules():
            raise Misuse(
                f"The rulebook has no rule {asked.rule!r}.", remedy=f"Its rules are {', '.join(self._rules())}."
            )
        if asked.entry is not None:
            yield from self._of_entry(asked.entry)
            return
        if asked.fact is not None:
            if asked.fact not in self.history.sources:
                number = self.statement.member
                raise Misuse(
                    f"Member {number} has no fact {asked.fact}.",
                    remedy="`lifepot why` and `--json` show facts' numbers.",
                )
            yield from self._of_fact(asked.fact, asked)
            return
        for fact in self._facts(asked):
            yield from self._of_fact(fact, asked)
        yield from self._of_days(asked)

    def _rules(self) -> list[str]:
        return self.history.story.rules()

    def _facts(self, asked: Asked) -> list[int]:
        """The facts asked about, where none is named."""
        if asked.first is not None and asked.last is not None:
            facts = self.history.facts()
            days = range(asked.first, asked.last + 1)
            touched = {
                self.history.current.get(one.fact, 0) for one in self.statement.entries if one.effective_on in days
            }
            return [fact for fact in facts if self.history.sources[fact].on in days or fact in touched]
        if asked.rule is None:
            return self.history.latest(LATEST, LATEST_DAYS)
        found: list[int] = []
        for fact in reversed(self.history.facts()):
            if any(one.code != "other_kind" for one in self._told(fact, asked.rule)):
                found.append(fact)
            if len(found) == LATEST:
                break
        return found[::-1] or self.history.latest(LATEST, LATEST_DAYS)

    def _of_fact(self, fact: int, asked: Asked) -> Iterator[Why]:
        current = self.history.current[fact]
        if not current or self.history.sources[fact].kind not in _KINDS:
            yield self._gone(fact)
            return
        if self.history.sources[current].kind == Kind.WITHDRAWN.name.lower() and asked.rule is None:
            yield self._taken_out(current)
        inside = self._is_inside(asked)
        whole = inside(self.history.sources[current].on)
        for rule in self._rules() if asked.rule is None else [asked.rule]:
            for reason in self._told(current, rule, full=True):
                effective_on = day_of(reason.effective_on) if reason.effective_on else None
                if whole or (effective_on is not None and inside(effective_on)):
                    yield self._why(current, reason)

    def _of_days(self, asked: Asked) -> Iterator[Why]:
        """Days that nobody told, such as a birthday: those asked about, else the last few."""
        inside = self._is_inside(asked)
        found = [
            one
            for one in self.history.story.of_no_fact()
            if asked.rule in {None, one.rule} and inside(day_of(one.effective_on or one.on))
        ]
        for reason in found if asked.first is not None else found[-LATEST:]:
            yield self._why(self.history.first, reason)

    def _is_inside(self, asked: Asked) -> Any:
        first, last = asked.first, asked.last
        return lambda day: first is None or last is None or first <= day <= last

    def _told(self, fact: int, rule: str, *, full: bool = False) -> list[Reason]:
        """The reasons of a fact that stands, with all their lines only if they are to be `full`."""
        key = (fact, rule, full)
        if key not in self._reasons:
            self._reasons[key] = self.history.story.reasons(fact, rule, full=full)
        return self._reasons[key]

    def _why(self, current: int, reason: Reason, entry: Entry | None = None) -> Why:
        fact = int(reason.ref) if reason.ref is not None else current
        key = self.booked.key(fact, reason) if entry is None else self.booked.key_of(entry)
        books = [*self.booked.standing(key, reason), *self.booked.corrections(key), *self._together(reason)]
        source = self.history.sources[current]
        if reason.ref is None:
            source = day_source(day_of(reason.on), reason.day_in_words)
        return Why(
            source, reason.rule, reason.party, reason.outcome, reason.amount_minor, reason.because, reason.code,
            reason, self.booked.entries(key), books,
        )  # fmt: skip

    def _together(self, reason: Reason) -> Iterator[str]:
        """What the other facts bring that fall due on the same day."""
        for ref in reason.together:
            if ref != reason.ref:
                for one in self._told(int(ref), reason.rule):
                    if one.effective_on == reason.effective_on and one.together:
                        amount = format_minor(one.amount_minor, self.statement.currency)
                        yield f"Also due that day: {amount} of the {self.history.named(ref)}, {one.because}"

    def _of_entry(self, number: int) -> Iterator[Why]:
        entry = next((one for one in self.statement.entries if one.entry == number), None)
        if entry is None:
            raise Misuse(
                f"Member {self.statement.member} has no entry {number}.",
                remedy="`lifepot statement` lists the entries.",
            )
        current = self.history.current.get(entry.fact, 0)
        if not entry.rule:
            yield self._taken_out(current) if current else self._gone(entry.fact)
        elif not current or entry.rule not in self._rules():
            yield self._gone(entry.fact, entry)
        else:
            for reason in self._of_books(entry, self._told(current, entry.rule, full=True)):
                yield self._why(current, reason, entry)

    def _of_books(self, entry: Entry, told: list[Reason]) -> list[Reason]:
        """The reasons behind an entry: those effective on its day, else what the rule says of its fact now."""
        if self.history.current.get(entry.fact) == self.history.first:
            # What no fact stands behind stands on the first one in the books.
            told = [*told, *(one for one in self.history.story.of_no_fact() if one.rule == entry.rule)]
        on_its_day = [one for one in told if one.effective_on and day_of(one.effective_on) == entry.effective_on]
        back = [one for one in on_its_day if one.outcome == "gives_back" and entry.minor < 0]
        return back or on_its_day or told

    def _taken_out(self, fact: int) -> Why:
        """Money taken out: no rule stands behind it, but a purpose."""
        text = self.history.story.purpose(fact)
        entries = [one for one in self.statement.entries if not one.rule and self.history.current.get(one.fact) == fact]
        source = self.history.sources[fact]
        amount = sum(one.minor for one in entries)
        return Why(source, "", "worker", "taken_out", amount, text, "", None, entries)

    def _gone(self, fact: int, entry: Entry | None = None) -> Why:
        """A fact that a later file took away, or a rule that the rulebook no longer has."""
        source = self.history.sources[fact]
        if entry is not None and self.history.current.get(fact):
            text = f"nothing, because the rulebook has no rule {entry.rule} any more; what it had given was taken back"
            return Why(source, entry.rule, entry.party, "nothing", 0, text, "rule_not_in_force", None, [entry])
        if source.kind in MOVEMENTS:
            entries = [one for one in self.statement.entries if one.fact == fact]
            return Why(source, "", "", "moved", sum(one.minor for one in entries), source.what, "", None, entries)
        if source.kind not in _KINDS:
            text = "nothing, because it says who the member is, and brings no money"
            return Why(source, "", "", "nothing", 0, text, "person", None)
        root = self.history.root[fact]
        entries = [one for one in self.statement.entries if self.history.root.get(one.fact) == root]
        gone = self.booked.taken_away(self.history.removal(fact))
        if fact in self.history.moved:
            gone = "was found to be another member's"
        text = f"nothing, because it {gone}; what it had brought was taken back"
        code = "moved" if fact in self.history.moved else "removed"
        rule, party = (entry.rule, entry.party) if entry else ("", "")
        return Why(source, rule, party, "nothing", 0, text, code, None, entries)

    def in_short(self, entry: Entry) -> str:
        """An entry's reason in a line."""
        current = self.history.current.get(entry.fact, 0)
        if self.history.sources[entry.fact].kind == Event.CAME.name.lower():
            return "it had been owed, and came"
        if not current and not entry.rule and self.history.sources[entry.fact].kind in MOVEMENTS:
            return self.history.sources[entry.fact].what
        if not current:
            return self.booked.corrected(entry, "nothing")
        if entry.rule and entry.rule not in self._rules():
            return self.booked.corrected(entry, self._gone(entry.fact, entry).because)
        if not entry.rule:
            return self.history.story.purpose(current)
        told = self._of_books(entry, self._told(current, entry.rule))
        words = (f"the {one.day_in_words}: {one.because}" if one.day_in_words else one.because for one in told)
        text = "; ".join(dict.fromkeys(words))
        return self.booked.corrected(entry, text)

    def nothing(self) -> Iterator[Nothing]:
        """Rules that gave nothing for the last facts: of each the reason nearest to giving something, once."""
        facts = self.history.latest(LATEST, LATEST_DAYS)
        for fact in facts:
            if not self.history.current[fact]:
                gone = self._gone(fact)
                for rule, party in {one.rule: one.party for one in gone.entries}.items():
                    yield Nothing(rule, party, fact, gone.source.words, gone.code, gone.because)
        for rule in self._rules():
            told = [one for fact in facts if self.history.current[fact] for one in self._told(fact, rule)]
            told += [one for one in self.history.story.of_no_fact() if one.rule == rule][-1:]
            if any(one.outcome != "nothing" for one in told) and all(
                one.code == "other_kind" for one in told if one.code
            ):
                continue
            for one in _worth_saying(told):
                fact = int(one.ref or 0)
                words = self.history.sources[fact].words if fact else one.day_in_words
                yield Nothing(rule, one.party, fact, words, one.code, one.because)


def _worth_saying(told: Iterable[Reason]) -> list[Reason]:
    """Of one rule's reasons for nothing those of facts that it counts, a reason once; if it counts none of them, one."""
    nothing = [one for one in told if one.outcome == "nothing"]
    near = [one for one in nothing if one.code != "other_kind"] or nothing[-1:]
    return list({one.because: one for one in near}.values())


MOVEMENTS = {Event(kind).name.lower() for kind in Happening}
"""What moves money and no rule asks for: its own words are its reason."""

_KINDS = {kind.name.lower() for kind in Kind}
"""What rules know; other facts say who a member is."""
