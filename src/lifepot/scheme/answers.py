"""What may be asked of a member's amounts, and the answers, as people and programs read them."""

from dataclasses import dataclass, field
from typing import Any

from lifepot.audit.reason import Reason
from lifepot.audit.words import sentence
from lifepot.periods import format_day
from lifepot.scheme.sources import Source
from lifepot.scheme.statement import Entry


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: about an entry, a fact, a rule, or what is of or effective on the days from `first` to `last`."""

    entry: int | None = None
    fact: int | None = None
    rule: str | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """One fact under one rule: why it brought what it brought, and how the books came to show it.

    `reason` is None where no rule stands behind it: money taken out, or a fact or rule that is no longer there. `because` and
    `code` are then what is to be said. `books` are sentences about what was sent, what is owed, and what was corrected.
    """

    source: Source
    rule: str
    party: str
    outcome: str
    amount_minor: int
    because: str
    code: str
    reason: Reason | None
    entries: list[Entry] = field(default_factory=list)
    books: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The reason as sentences, from the fact to the sources of the clauses."""
        told = self.reason.texts() if self.reason is not None else [sentence(self.because)]
        return [f"Because of the {self.source.words}.", *told, *map(sentence, self.books)]

    def as_dict(self) -> dict[str, Any]:
        """The reason as JSON carries it."""
        reason = self.reason.as_dict() if self.reason is not None else {}
        return {
            **reason, "fact": self.source.as_dict(), "rule": self.rule, "party": self.party, "outcome": self.outcome,
            "amount_minor": self.amount_minor, "code": self.code or None, "because": self.because,
            "entries": [
                {
                    "entry": one.entry, "effective_on": format_day(one.effective_on), "known_place": one.place,
                    "amount_minor": one.minor, "standing": one.standing,
                }
                for one in self.entries
            ],
            "books": self.books, "lines": self.lines(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked of a member. `account` says how the account came to be open, or why it is not."""

    member: int
    scheme: str
    currency: str
    account: str
    notes: dict[int, list[str]]
    """Of facts: what took their place, what they do beside money, what was sent with them and is owed to nobody."""
    answers: list[Why]

    def as_dict(self) -> dict[str, Any]:
        """The answers as JSON carries them."""
        return {
            "member": self.member, "scheme": self.scheme, "currency": self.currency, "membership": self.account,
            "answers": [one.as_dict() | {"notes": self.notes.get(one.source.fact, [])} for one in self.answers],
        }  # fmt: skip
