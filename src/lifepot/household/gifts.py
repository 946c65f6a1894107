"""Standing gifts: one member pays into another's account on a day of each month.

A gift is a payment of the taker's own, as if they had paid it themselves: it counts for what is matched and for the year's
limits of the account it goes to, and for nothing of the giver's. The fact names the giver in its `value`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import LifepotError, Misuse
from lifepot.household.links import link_with
from lifepot.kernel.columns import NONE, Kind
from lifepot.money import LARGEST_MINOR
from lifepot.periods import add_months_to, date_of, day_of, format_day
from lifepot.scheme.moved import NEVER, left_on
from lifepot.scheme.opening import Clock
from lifepot.scheme.posting import Telling
from lifepot.storage.rows import blank_facts

LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Gift:
    """A standing gift. Days are numbers; `last_on` None: until somebody ends it. `amount` is minor units."""

    number: int
    link: int
    giver: int
    taker: int
    amount: int
    day: int
    first_on: int
    last_on: int | None

    def due(self, until: int) -> list[int]:
        """The days on which it falls due up to a day: a day that a month does not have is its last."""
        last = until if self.last_on is None else min(until, self.last_on)
        begin = date_of(self.first_on)
        month = day_of(date(begin.year, begin.month, 1))
        found = []
        while month <= last:
            on = min(month + self.day - 1, add_months_to(month, 1) - 1)
            if self.first_on <= on <= last:
                found.append(on)
            month = add_months_to(month, 1)
        return found

    def as_dict(self, member: int) -> dict[str, Any]:
        """The gift as one of the two sees it."""
        return {
            "gift": self.number, "from": "you" if self.giver == member else "them", "amount_minor": self.amount,
            "day": self.day, "first_on": format_day(self.first_on),
            "last_on": None if self.last_on is None else format_day(self.last_on),
        }  # fmt: skip


def gifts_of(connection: psycopg.Connection[Any], link: int | None = None) -> list[Gift]:
    """The standing gifts of a link, or all."""
    rows = connection.execute(
        "select gift, link, giver, taker, amount_minor, day, first_on, last_on from personal.standing_gift "
        "where %(link)s::integer is null or link = %(link)s order by gift",
        {"link": link},
    ).fetchall()
    return [
        Gift(number, of, giver, taker, amount, day, day_of(first), None if last is None else day_of(last))
        for number, of, giver, taker, amount, day, first, last in rows
    ]


def promise(
    connection: psycopg.Connection[Any], member: int, other: str, amount: int, day: int, clock: Clock,
    until: int | None = None,
) -> Gift:  # fmt: skip
    """A member will give another so much on a day of each month, from the clock's day on. Commits."""
    if not 0 < amount <= LARGEST_MINOR:
        raise Misuse("A gift is more than nothing.", remedy="Give an amount such as 25.00.")
    if not 1 <= day <= LAST_DAY:
        raise Misuse(f"No month has a day {day}.", remedy="Give a day from 1 to 31; 31 is always a month's last.")
    link = link_with(connection, member, other)
    row = connection.execute(
        "insert into personal.standing_gift (link, giver, taker, amount_minor, day, first_on, last_on) "
        "values (%s, %s, %s, %s, %s, %s, %s) returning gift",
        [link.number, member, link.other, amount, day, date_of(clock.as_of), None if until is None else date_of(until)],
    ).fetchone()
    assert row is not None
    connection.commit()
    return Gift(int(row[0]), link.number, member, link.other, amount, day, clock.as_of, until)


def stop(connection: psycopg.Connection[Any], member: int, other: str, clock: Clock) -> int:
    """End a member's gifts to another; how many there were. Commits."""
    link = link_with(connection, member, other)
    stopped = connection.execute(
        "update personal.standing_gift set last_on = least(coalesce(last_on, %(day)s), %(day)s) "
        "where link = %(link)s and giver = %(member)s and (last_on is null or last_on > %(day)s) returning gift",
        {"day": date_of(clock.as_of), "link": link.number, "member": member},
    ).fetchall()
    if not stopped:
        raise LifepotError("There is no gift to end.", remedy="`household show` lists those that go on.")
    connection.commit()
    return len(stopped)


@dataclass(frozen=True, slots=True)
class Given:
    """What fell due: how many gifts, what they come to (minor units), and those whose taker can take none any more."""

    gifts: int
    amount: int
    stopped: int
    place: int | None
    head: str | None


def give_due(connection: psycopg.Connection[Any], clock: Clock) -> Given:
    """Pay in every gift that has fallen due and was not paid in: doing it twice pays once. Commits."""
    connection.execute("lock table personal.gift_made in share row exclusive mode")
    made = set(connection.execute("select gift, (due_on - '1970-01-01'::date) from personal.gift_made").fetchall())
    due = [(gift, on) for gift in gifts_of(connection) for on in gift.due(clock.as_of) if (gift.number, on) not in made]
    if not due:
        connection.rollback()
        return Given(0, 0, 0, None, None)
    telling = Telling.of(connection, [gift.taker for gift, _ in due], clock)
    ended = _ended(telling)
    paid = [(gift, on) for gift, on in due if on <= ended.get(gift.taker, NEVER)]
    late = [(gift, on) for gift, on in due if on > ended.get(gift.taker, NEVER)]
    stopped = {gift.number: gift.taker for gift, _ in late}
    for number, taker in stopped.items():
        connection.execute(
            "update personal.standing_gift set last_on = %s where gift = %s", [date_of(ended[taker]), number]
        )
    facts = blank_facts(len(paid))
    for fact, (gift, on) in zip(facts, paid, strict=True):
        fact["kind"], fact["member"], fact["amount"], fact["effective_on"] = Kind.PAID, gift.taker, gift.amount, on
        fact["value"], fact["root"] = gift.giver, NONE
    finished = telling.post(facts, "gifts", summary={"gifts": len(paid)})
    connection.cursor().executemany(
        "insert into personal.gift_made (gift, due_on, batch) values (%s, %s, %s)",
        [(gift.number, date_of(on), telling.batch) for gift, on in paid],
    )
    connection.commit()
    return Given(len(paid), sum(gift.amount for gift, _ in paid), len(stopped), finished.place, finished.head.hex())


def _ended(telling: Telling) -> dict[int, int]:
    """The last day on which each member whose account ended could be given anything: the day it ended."""
    facts = telling.store.facts_of(telling.members)
    member = facts["member"].astype(np.int64)
    found = dict(zip(telling.members.tolist(), left_on(facts, member, telling.members).tolist(), strict=True))
    for row in facts[np.isin(facts["kind"], [Kind.CLOSED, Kind.DIED])]:
        found[int(row["member"])] = min(found[int(row["member"])], int(row["effective_on"]))
    return {one: day for one, day in found.items() if day != NEVER}
