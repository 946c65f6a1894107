"""What a member may say of themselves that is settled at once: leaving and resting, where the rulebook has a way to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.ledger.postings import BALANCES
from lifepot.periods import Int, format_day
from lifepot.rulebook.terms import Leaving, Pause
from lifepot.scheme.lives import read_lives, read_rows
from lifepot.scheme.opening import Clock
from lifepot.scheme.posting import Telling
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import Rows, blank_facts

KIND = "said"
"""Of the batches."""


@dataclass(frozen=True, slots=True)
class Word:
    """An attribute that leaves or rests. `is_so`: what was said last; `since` the day it was said of, None if never."""

    attribute: str
    description: str
    about: str
    is_leaving: bool
    is_so: bool
    since: int | None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "attribute": self.attribute, "description": self.description, "about": self.about,
            "kind": "leaving" if self.is_leaving else "resting", "is_so": self.is_so,
            "since": None if self.since is None else format_day(self.since),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Follows:
    """What would follow from a word: by party, what is here and what is owed before and after, minor units."""

    here: tuple[int, int, int]
    owed: tuple[int, int, int]
    here_then: tuple[int, int, int]
    owed_then: tuple[int, int, int]

    @property
    def changes(self) -> bool:
        """Whether anything that is here or owed changes at once."""
        return (self.here, self.owed) != (self.here_then, self.owed_then)


def words_of(connection: psycopg.Connection[Any], member: int) -> list[Word]:
    """What a member may say, and what was said last. What is said about one job alone is the payer's to say."""
    standing = read_standing(connection)
    store, members = standing.store(connection), np.array([member])
    rows = read_lives(members, *read_rows(store, members, blank_facts(0))).rows
    rows = rows[(rows["kind"] == Kind.STATUS) & (rows["payer"] == 0)]
    found = []
    for term in _terms(standing):
        said = rows[rows["attribute"] == standing.attributes.index(term.attribute)]
        said = said[np.lexsort((said["id"], said["effective_on"]))]
        found.append(
            Word(
                term.attribute,
                standing.program.rulebook.attributes[term.attribute].description,
                term.description,
                isinstance(term, Leaving),
                bool(len(said) and said["value"][-1] == 1),
                int(said["effective_on"][-1]) if len(said) else None,
            )
        )
    return found


def would_follow(
    connection: psycopg.Connection[Any], member: int, attribute: str, *, is_so: bool, clock: Clock
) -> Follows:
    """What saying it today would do at once. Nothing is kept."""
    try:
        telling = Telling.of(connection, [member], clock)
        before = telling.stand()[0]
        facts = _fact(telling.standing, member, attribute, is_so=is_so, clock=clock)
        settled = settle(telling.store, telling.standing, telling.batch, telling.members, facts, telling.as_of)
        after = settled.closings["balances"].reshape(-1, BALANCES).astype(np.int64)
        return Follows(*_sums(before), *_sums(after))
    finally:
        connection.rollback()


def say(connection: psycopg.Connection[Any], member: int, attribute: str, *, is_so: bool, clock: Clock) -> int:
    """A member's own word, from today on; what follows is posted. Gives the chain's place. Commits. Misuse for what the
    rulebook does not let a member say.
    """
    telling = Telling.of(connection, [member], clock)
    facts = _fact(telling.standing, member, attribute, is_so=is_so, clock=clock)
    place = telling.post(facts, KIND, summary={"member": member, "attribute": attribute}).place
    connection.commit()
    return place


def _terms(standing: Standing) -> list[Leaving | Pause]:
    membership = standing.program.rulebook.membership
    found: dict[str, Leaving | Pause] = {}
    terms: list[Leaving | Pause] = [*membership.leaving, *membership.pauses]
    for term in terms:
        if standing.program.rulebook.attributes[term.attribute].kind == "yes_no":
            found.setdefault(term.attribute, term)
    return list(found.values())


def _fact(standing: Standing, member: int, attribute: str, *, is_so: bool, clock: Clock) -> Rows:
    if attribute not in {term.attribute for term in _terms(standing)}:
        raise Misuse("That is not a member's to say.", remedy="Tell your employer or platform, or send us a message.")
    fact = blank_facts(1)
    fact["kind"], fact["member"], fact["effective_on"], fact["root"] = Kind.STATUS, member, clock.as_of, NONE
    fact["attribute"], fact["value"] = standing.attributes.index(attribute), int(is_so)
    return fact


def _sums(balances: Int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    sums = balances.sum(axis=0).tolist()
    here, owed = sums[: len(PARTIES)], sums[len(PARTIES) : 2 * len(PARTIES)]
    return (here[0], here[1], here[2]), (owed[0], owed[1], owed[2])
