"""The pays and payments of a member that stand now: what somebody who puts one right chooses from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, Kind
from lifepot.scheme.correcting import AMOUNTS
from lifepot.scheme.sources import read_sources
from lifepot.scheme.standing import read_standing


@dataclass(frozen=True, slots=True)
class StandingFact:
    """A fact that nothing has taken the place of: its number, kind ("pay" or "paid"), day, words, and the amounts that can be put
    right, by column (minor units; None: not said).
    """

    fact: int
    kind: str
    effective_on: int
    words: str
    amounts: dict[str, int | None]


def standing_facts(connection: psycopg.Connection[Any], member: int) -> list[StandingFact]:
    """A member's pays and payments that stand, the latest first."""
    standing = read_standing(connection)
    known = standing.store(connection).facts_of(np.array([member]))
    gone = known["replaces"][known["replaces"] != 0]
    facts = known[np.isin(known["kind"], list(AMOUNTS)) & ~np.isin(known["id"], gone)]
    facts = facts[np.lexsort((facts["id"], facts["effective_on"]))][::-1]
    sources = read_sources(connection, standing, facts)
    return [
        StandingFact(
            int(one["id"]), Kind(int(one["kind"])).name.lower(), int(one["effective_on"]), sources[int(one["id"])].words,
            {name: None if one[name] == NONE else int(one[name]) for name in AMOUNTS[Kind(int(one["kind"]))]},
        )
        for one in facts
    ]  # fmt: skip
