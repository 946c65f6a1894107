"""What a member sees of a household: the goal, and what each of the two has saved for it. Nothing else of the other's account."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.household.gifts import Gift, gifts_of
from lifepot.household.links import Link, links_of
from lifepot.kernel.columns import PARTIES
from lifepot.ledger.postings import BALANCES
from lifepot.periods import format_day
from lifepot.quote.asked import Ask
from lifepot.quote.trial import Lives, Try
from lifepot.rulebook.terms import Draw
from lifepot.scheme.lives import read_lives, read_rows
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import blank_facts
from lifepot.storage.store import Store


@dataclass(frozen=True, slots=True)
class Saved:
    """What one has saved for a purpose, and whether it may leave for it today."""

    minor: int
    usable: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A link as a member sees it: what both have saved for the goal, if there is one and the link holds."""

    link: Link
    name: str
    """The other's, once the link holds or they asked."""
    mine: Saved | None
    theirs: Saved | None
    gifts: list[Gift]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        goal = self.link.goal
        shown = None
        if goal is not None and self.mine is not None and self.theirs is not None:
            together = self.mine.minor + self.theirs.minor
            shown = {
                "name": goal.name, "purpose": goal.purpose, "target_minor": goal.target, "together_minor": together,
                "missing_minor": max(goal.target - together, 0),
                "yours": {"saved_minor": self.mine.minor, "usable_now": self.mine.usable},
                "theirs": {"saved_minor": self.theirs.minor, "usable_now": self.theirs.usable},
            }  # fmt: skip
        return {
            "with": self.name or None, "state": self.link.state, "since": format_day(self.link.since), "goal": shown,
            "gifts": [gift.as_dict(self.link.member) for gift in self.gifts],
        }  # fmt: skip


def seen_by(connection: psycopg.Connection[Any], member: int, clock: Clock) -> list[Seen]:
    """What a member sees of every link of theirs."""
    standing = read_standing(connection)
    store = standing.store(connection)
    on = max(standing.as_of, clock.as_of)
    found = []
    for link in links_of(connection, member):
        mine = theirs = None
        if link.state == "holds" and link.goal is not None:
            mine, theirs = (saved_for(store, standing, one, link.goal.purpose, on) for one in (member, link.other))
        gifts = gifts_of(connection, link.number) if link.state == "holds" else []
        name = "" if link.state == "asked" else _name(connection, link.other)
        found.append(Seen(link, name, mine, theirs, gifts))
    return found


def saved_for(store: Store, standing: Standing, member: int, purpose: str, on: int) -> Saved:
    """What of a member's pot a purpose draws on, as the books have it, and whether the rulebook lets it leave on that day."""
    members = np.array([member])
    closing = store.closings_latest(members)
    owner, rows = read_rows(store, members, blank_facts(0))
    lives = read_lives(members, owner, rows)
    facts = lives.facts(standing, standing.latest)
    if not len(facts) or not closing["batch"][0]:
        return Saved(0, usable=False)
    number = list(standing.program.rulebook.purposes).index(purpose)
    ask = Ask("", 0, 0, on, purpose, number, 0, "leaves", ())
    trial = Lives(standing.program, lives.people, facts).run([Try(ask, 0, on)])
    drawn = standing.program.rulebook.purposes[purpose].draws_on
    parts = [
        one.account if isinstance(one, Draw) else one
        for one in drawn
        if not isinstance(one, Draw) or one.when is None or trial.holds(0, one.when)
    ]
    usable = closing["balances"][0].reshape(-1, BALANCES)[:, : len(PARTIES)].sum(axis=1).tolist()
    by_part = dict(zip(standing.part_names, usable, strict=True))
    minor = sum(by_part[part] for part in parts) if drawn else sum(usable)
    return Saved(minor, usable=trial.purpose(0) == number)


def _name(connection: psycopg.Connection[Any], member: int) -> str:
    row = connection.execute("select forename, surname from personal.person where member = %s", [member]).fetchone()
    return " ".join(row).strip() if row else ""
