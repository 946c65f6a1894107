"""One member's life as the rules read it, and how the pot stands: for what asks the kernel and needs no story."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, Facts, Kind, People
from lifepot.periods import Int
from lifepot.scheme.lives import Lives, read_lives, read_rows
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import blank_facts


@dataclass(frozen=True, slots=True)
class Life:
    """A member's life: `facts` as the latest version of the rulebook hears them, `balances` of the last closing (minor units, seven
    for each part of the pot).
    """

    member: int
    standing: Standing
    lives: Lives
    people: People
    facts: Facts
    balances: Int

    @property
    def born(self) -> int:
        """The birth day; NONE where it is not known."""
        return int(self.people.born[0])

    @property
    def is_over(self) -> bool:
        """Whether the account was closed, or the member has died."""
        return bool(np.isin(self.facts.kind, [Kind.CLOSED, Kind.DIED]).any())


def read_life(connection: psycopg.Connection[Any], member: int) -> Life:
    """A member's life, by number. Of nobody it is empty."""
    standing = read_standing(connection)
    store = standing.store(connection)
    members = np.array([member])
    closings = store.closings_all(members)
    lives = read_lives(members, *read_rows(store, members, blank_facts(0), closings))
    facts = lives.facts(standing, standing.latest)
    people = lives.people
    if not people.attributes.shape[1]:
        people.attributes = np.full((1, len(standing.program.attributes)), NONE)
    last = closings[closings["batch"] == closings["batch"].max(initial=0)]
    balances = last[-1]["balances"] if len(last) else np.zeros(7 * len(standing.part_names), np.int64)
    return Life(member, standing, lives, people, facts.take(facts.on <= standing.as_of), balances.astype(np.int64))


def payers_of(connection: psycopg.Connection[Any], member: int) -> list[tuple[int, str, int]]:
    """The payers who told of a member's pay, or paid for them: number, what files call it, and the day of the last; the last
    first.
    """
    facts = read_life(connection, member).facts
    facts = facts.take(np.isin(facts.kind, [Kind.PAY, Kind.PAID]) & (facts.payer > 0))
    last: dict[int, int] = {}
    for payer, on in zip(facts.payer.tolist(), facts.on.tolist(), strict=True):
        last[payer] = max(on, last.get(payer, on))
    rows = connection.execute("select id, ref from payer where id = any(%s)", [list(last)]).fetchall()
    return sorted(((number, ref, last[number]) for number, ref in rows), key=lambda one: (-one[2], one[1]))
