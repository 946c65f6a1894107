"""Links between two accounts: one asks, the other says yes, either ends it. Nobody sees anything without the yes of both.

Whoever asks learns nothing by asking: the answer is the same whether there is such an account or not.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.errors import LifepotError, Misuse
from lifepot.periods import date_of, day_of
from lifepot.rulebook.terms import Rulebook
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import read_standing
from lifepot.scheme.statement import find_member


@dataclass(frozen=True, slots=True)
class Goal:
    """What two save for: a name, a purpose of the rulebook, and how much it takes (minor units)."""

    name: str
    purpose: str
    target: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link as one of the two sees it. `other` is the other's number; `state`: "holds", "asked" (by this one) or "asks_you"."""

    number: int
    member: int
    other: int
    state: str
    since: int
    goal: Goal | None


def links_of(connection: psycopg.Connection[Any], member: int) -> list[Link]:
    """A member's links that hold, and what was asked and not answered."""
    rows = connection.execute(
        "select link, asker, asked, asked_on, accepted_on, goal, goal_purpose, goal_minor from personal.household_link "
        "where ended_on is null and %s in (asker, asked) order by link",
        [member],
    ).fetchall()
    found = []
    for link, asker, asked, asked_on, accepted_on, goal, purpose, minor in rows:
        state = "holds" if accepted_on else "asked" if asker == member else "asks_you"
        other = asked if asker == member else asker
        since = day_of(accepted_on or asked_on)
        found.append(Link(link, member, other, state, since, Goal(goal, purpose, minor) if goal else None))
    return found


def link_with(connection: psycopg.Connection[Any], member: int, other: str, *states: str) -> Link:
    """A member's link with another, in one of these states (by default one that holds). LifepotError, which says nothing of the
    other, where there is none: who is no member, and who is one and did not say yes, are refused in the same words.
    """
    wanted = states or ("holds",)
    number = _number(connection, other)
    found = [link for link in links_of(connection, member) if link.other == number and link.state in wanted]
    if not found:
        asks = (
            "Ask `household accept` of whom you were asked by"
            if wanted == ("asks_you",)
            else "Ask with `household link`"
        )
        raise LifepotError(
            "There is no such link: two accounts are linked when both said yes.",
            remedy=f"{asks}; a link ends when either leaves it.",
        )
    return found[0]


def ask(connection: psycopg.Connection[Any], member: int, other: str, clock: Clock) -> None:
    """Ask somebody to link accounts. Gives nothing back, whoever the other is. Commits."""
    number = _number(connection, other)
    if number == member:
        raise Misuse("An account cannot be linked with itself.", remedy="Give two different members.")
    known = [link for link in links_of(connection, member) if link.other == number]
    if number and known and known[0].state == "asks_you":
        accept(connection, member, other, clock)
    elif number and not known:
        connection.execute(
            "insert into personal.household_link (asker, asked, asked_on) values (%s, %s, %s) on conflict do nothing",
            [member, number, date_of(clock.as_of)],
        )
    connection.commit()


def accept(connection: psycopg.Connection[Any], member: int, other: str, clock: Clock) -> Link:
    """Say yes to whoever asked. Commits."""
    link = link_with(connection, member, other, "asks_you")
    connection.execute(
        "update personal.household_link set accepted_on = %s where link = %s", [date_of(clock.as_of), link.number]
    )
    connection.commit()
    return link


def leave(connection: psycopg.Connection[Any], member: int, other: str, clock: Clock) -> Link:
    """End a link, or what was asked; gifts by it end too. The other's yes is not needed. Commits."""
    link = link_with(connection, member, other, "holds", "asked", "asks_you")
    today = date_of(clock.as_of)
    connection.execute("update personal.household_link set ended_on = %s where link = %s", [today, link.number])
    connection.execute(
        "update personal.standing_gift set last_on = least(coalesce(last_on, %s), %s) where link = %s",
        [today, today, link.number],
    )
    connection.commit()
    return link


def set_goal(connection: psycopg.Connection[Any], member: int, other: str, goal: Goal) -> Link:
    """Say what both save for; it takes the place of an earlier goal. Either may, and both see it. Commits."""
    rulebook: Rulebook = read_standing(connection).program.rulebook
    if goal.purpose not in rulebook.purposes:
        words = ", ".join(rulebook.purposes) or "none"
        raise Misuse(f"There is no purpose {goal.purpose!r}.", remedy=f"This scheme has {words}.")
    link = link_with(connection, member, other)
    connection.execute(
        "update personal.household_link set goal = %s, goal_purpose = %s, goal_minor = %s where link = %s",
        [goal.name, goal.purpose, goal.target, link.number],
    )
    connection.commit()
    return link


def _number(connection: psycopg.Connection[Any], other: str) -> int:
    """The member's number; 0 where there is nobody, which is nobody's business."""
    try:
        return find_member(connection, other)
    except Misuse:
        return 0
