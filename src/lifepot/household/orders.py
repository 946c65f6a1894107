"""An account divided by a court's order: money goes, share by share, from one member's pot to the other's.

No rule reads it: what was matched stays matched, and nothing is matched anew. An order that is corrected is undone, and what it
should have been is carried out as an order of its own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError, Misuse
from lifepot.ledger.happened import Happening
from lifepot.money import format_minor
from lifepot.scheme.moved import NEVER, left_on
from lifepot.scheme.opening import Clock
from lifepot.scheme.posting import Telling, share_facts, share_name
from lifepot.scheme.standing import Standing

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Divided:
    """What went, from whom to whom, by part and party in words (minor units)."""

    order: str
    giver: int
    taker: int
    shares: dict[str, int]
    undone: bool
    currency: str
    place: int
    head: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "order": self.order, "from": self.giver, "to": self.taker, "undone": self.undone,
            "shares": [{"share": share, "amount_minor": minor} for share, minor in self.shares.items()],
            "amount_minor": sum(self.shares.values()), "place": self.place, "head": self.head,
        }  # fmt: skip


def divide(
    connection: psycopg.Connection[Any], giver: int, taker: int, order: str, fraction: Fraction, clock: Clock
) -> Divided:
    """Move a fraction of each share of one member's pot (rounded down to the penny) to another's, by an order. Commits."""
    if giver == taker:
        raise Misuse("An account cannot be divided with itself.", remedy="Give two different members.")
    if not 0 < fraction <= 1:
        raise Misuse(f"{fraction} of an account cannot go.", remedy="Give a part such as 1/2, at most 1.")
    known = connection.execute("select order_ref from personal.division where order_ref = %s", [order]).fetchone()
    if known is not None:
        raise LifepotError(
            f"The order {order} was carried out before.",
            remedy="Undo it with --undo; a corrected order has a reference of its own.",
        )
    telling = _telling(connection, giver, taker, clock)
    at = int(np.searchsorted(telling.members, giver))
    shares = telling.shares()[at] * fraction.numerator // fraction.denominator
    if not shares.any():
        connection.rollback()
        raise LifepotError(f"There is nothing in the account of member {giver}.", remedy="Nothing can be divided.")
    finished = _move(telling, giver, taker, shares, "divided", order)
    connection.execute(
        "insert into personal.division (order_ref, giver, taker, shares, batch) values (%s, %s, %s, %s, %s)",
        [order, giver, taker, shares.tolist(), telling.batch],
    )
    connection.commit()
    return _divided(telling.standing, order, giver, taker, shares, finished, undone=False)


def undo(connection: psycopg.Connection[Any], giver: int, taker: int, order: str, clock: Clock) -> Divided:
    """Bring back what went by an order, share by share. LifepotError where it is no longer all there. Commits."""
    row = connection.execute(
        "select shares, undone_batch from personal.division where order_ref = %s and giver = %s and taker = %s",
        [order, giver, taker],
    ).fetchone()
    if row is None:
        raise LifepotError(
            f"No order {order} between these two was carried out.",
            remedy="Give the order's reference and both members.",
        )
    if row[1] is not None:
        raise LifepotError(f"The order {order} was undone before.", remedy="Nothing is left to do.")
    telling = _telling(connection, giver, taker, clock)
    shares = np.array(row[0], dtype=np.int64)
    there = telling.shares()[int(np.searchsorted(telling.members, taker))]
    short = int(np.maximum(shares - there, 0).sum())
    if short:
        connection.rollback()
        amount = format_minor(short, telling.standing.currency)
        raise LifepotError(
            f"{amount} of what went by the order {order} is no longer there.",
            remedy="Have it paid in again, or have the court say what else is to go back.",
        )
    finished = _move(telling, taker, giver, shares, "undivided", order)
    connection.execute("update personal.division set undone_batch = %s where order_ref = %s", [telling.batch, order])
    connection.commit()
    return _divided(telling.standing, order, taker, giver, shares, finished, undone=True)


def _telling(connection: psycopg.Connection[Any], giver: int, taker: int, clock: Clock) -> Telling:
    telling = Telling.of(connection, [giver, taker], clock)
    facts = telling.store.facts_of(telling.members)
    left = left_on(facts, facts["member"].astype(np.int64), telling.members)
    for member, day in zip(telling.members.tolist(), left.tolist(), strict=True):
        if day != NEVER:
            connection.rollback()
            raise LifepotError(
                f"The account of member {member} left for another scheme.", remedy="Send the order to that scheme."
            )
    return telling


def _move(telling: Telling, giver: int, taker: int, shares: Int, kind: str, order: str) -> Any:
    parted = share_facts(Happening.PARTED, giver, shares, telling.as_of)
    received = share_facts(Happening.RECEIVED, taker, shares, telling.as_of)
    parted["value"], received["value"] = taker, giver
    return telling.post(np.concatenate([parted, received]), kind, summary={"order": order})


def _divided(
    standing: Standing, order: str, giver: int, taker: int, shares: Int, finished: Any, *, undone: bool
) -> Divided:
    named = {in_words(standing, at): int(minor) for at, minor in enumerate(shares.tolist()) if minor}
    return Divided(
        order, giver, taker, named, undone, standing.currency, finished.place, finished.head.hex()
    )  # fmt: skip


def in_words(standing: Standing, share: int) -> str:
    """A share's name: its party, and before that its part of the pot, where there are several."""
    part, party = share_name(standing, share)
    return f"{part} {party}" if len(standing.part_names) > 1 else party
