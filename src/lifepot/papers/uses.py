"""What a member may use the pot for: now, later by itself, and what to do to open the rest. By the rules, without the story."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.kernel.columns import PARTIES
from lifepot.ledger.postings import BALANCES
from lifepot.papers.life import Life, read_life
from lifepot.periods import format_day
from lifepot.quote.openings import Failing
from lifepot.quote.uses import Use, uses_of
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.terms import All, AnyOf, AnyOtherWithdrawal, Not, Purpose, Rulebook, Test


@dataclass(frozen=True, slots=True)
class Need:
    """A test that stands in the way: what it asks in words, what was found and what is needed; `one_of`: of those with the same
    number one is enough. `attribute` is what somebody may say or show, "" where it is none; `opens_on` the day it passes by itself.
    """

    words: str
    found: str
    needed: str
    one_of: int | None
    attribute: str
    opens_on: int | None


@dataclass(frozen=True, slots=True)
class Asks:
    """What a purpose asks to be told with it: an attribute of the rulebook, its kind and its choices."""

    name: str
    description: str
    kind: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purposes:
    """A purpose of the rulebook (`name` None: money for none of them). Money in minor units: how much may leave `now`, what of it
    `arrives`, what goes back to whom. `state`: "now", "later" (by itself, on `opens_on`) or "not_yet". `asks`: what is told with
    it; `to`: the kinds of payees it may go to.
    """

    name: str | None
    description: str
    pays: str
    to_member: bool
    evidence: tuple[str, ...]
    stages: tuple[str, ...]
    state: str
    now: int
    arrives: int
    sent_back: dict[str, int]
    opens_on: int | None
    because: str
    needs: tuple[Need, ...]
    asks: tuple[Asks, ...]
    to: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "purpose": self.name, "description": self.description, "pays": self.pays, "evidence": list(self.evidence),
            "state": self.state, "amount_minor": self.now, "arrives_minor": self.arrives, "sent_back_minor": self.sent_back,
            "opens_on": None if self.opens_on is None else format_day(self.opens_on), "opens_because": self.because or None,
            "needs": [
                {
                    "test": one.words, "found": one.found or None, "needed": one.needed, "one_of": one.one_of,
                    "opens_on": None if one.opens_on is None else format_day(one.opens_on),
                }
                for one in self.needs
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsesOfPot:
    """What a member may use the pot for, on a day. `here` is what is in the pot, `owed` what has not come yet."""

    on: int
    currency: str
    here: int
    owed: int
    purposes: tuple[Purposes, ...]

    def of(self, state: str) -> list[Purposes]:
        """Those in a state, what opens soonest first."""
        found = [one for one in self.purposes if one.state == state]
        return sorted(found, key=lambda one: one.opens_on or 0)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "on": format_day(self.on), "currency": self.currency, "in_pot_minor": self.here, "owed_minor": self.owed,
            "uses": [one.as_dict() for one in self.purposes],
        }  # fmt: skip


def member_uses(connection: psycopg.Connection[Any], member: int, today: int) -> UsesOfPot:
    """What a member, by number, may use the pot for `today`, or on the day that the books have come to if that is later. Nothing
    where the account has ended, or none is open.
    """
    life = read_life(connection, member)
    standing = life.standing
    on = max(standing.as_of, today)
    balances = life.balances.reshape(-1, BALANCES)
    here, own = balances[:, : len(PARTIES)].sum(axis=1).tolist(), balances[:, 0].tolist()
    owed = int(balances[:, len(PARTIES) : 2 * len(PARTIES)].sum())
    found = [] if life.is_over else uses_of(standing.program, life.people, life.facts, on, here, own)
    return UsesOfPot(
        on, standing.currency, sum(here), owed, tuple(_purpose(life, one, on) for one in found if _is_told(one))
    )


def _is_told(use: Use) -> bool:
    return use.name is not None or use.amount > 0


def _purpose(life: Life, use: Use, on: int) -> Purposes:
    book = life.standing.program.rulebook
    terms: Purpose | AnyOtherWithdrawal | None = (
        book.any_other_withdrawal if use.name is None else book.purposes[use.name]
    )
    state = "now" if use.is_open or use.name is None else "not_yet" if use.opens_on is None else "later"
    wording = Wording(book, format_day(on))
    return Purposes(
        use.name,
        terms.description.rstrip(".") if terms is not None else "Anything else",
        terms.pays if isinstance(terms, Purpose) else "you",
        not isinstance(terms, Purpose) or "member" in (terms.to or ["member"]),
        tuple(terms.evidence) if isinstance(terms, Purpose) else (),
        tuple(terms.stages) if isinstance(terms, Purpose) else (),
        state, use.amount, use.arrives, use.sent_back, use.opens_on, use.because or "",
        tuple({one.words: one for one in (_need(wording, failing) for failing in use.failing)}.values()),
        _asks(book, terms.when) if isinstance(terms, Purpose) else (),
        tuple(terms.to or ["member"]) if isinstance(terms, Purpose) else ("member",),
    )  # fmt: skip


def _need(wording: Wording, failing: Failing) -> Need:
    line = wording.clause(failing.test).line
    what = failing.test.what if isinstance(failing.test, Test) else ""
    return Need(
        f"not: {line}" if failing.negated else line, failing.found or "", failing.needed, failing.one_of,
        what.removeprefix("attribute.") if what.startswith("attribute.") else "", failing.opens_on,
    )  # fmt: skip


def _asks(book: Rulebook, condition: object) -> tuple[Asks, ...]:
    """The attributes that a condition reads, each once."""
    names = dict.fromkeys(
        one.what.removeprefix("attribute.") for one in _tests(book, condition) if one.what.startswith("attribute.")
    )
    found = ((name, book.attributes[name]) for name in names)
    return tuple(Asks(name, one.description, one.kind, tuple(one.choices or ())) for name, one in found)


def _tests(book: Rulebook, condition: object) -> Iterator[Test]:
    match condition:
        case str():
            yield from _tests(book, book.conditions[condition])
        case All(all=inner) | AnyOf(any=inner):
            for part in inner:
                yield from _tests(book, part)
        case Not(not_=part):
            yield from _tests(book, part)
        case Test():
            yield condition
