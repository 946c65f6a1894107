"""What a member who died had goes to the heirs, by shares that sum to the whole to the penny, and without any charge.

Whatever the rulebook charges for taking money out, it charges it on withdrawals, and this is none. What is still owed (a bonus
that death brought forward, a payer's last contribution) goes the same way when it has come.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import PARTIES, Kind
from lifepot.ledger.happened import Happening
from lifepot.scheme.opening import Clock
from lifepot.scheme.posting import Telling, share_facts
from lifepot.scheme.statement import read_member
from lifepot.storage.rows import BATCH_BITS

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passed:
    """What goes to each heir now, and what is still owed to the account (minor units)."""

    member: int
    heirs: dict[str, int]
    stays_owed: int
    currency: str
    place: int
    head: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "member": self.member, "amount_minor": sum(self.heirs.values()),
            "heirs": [{"name": name, "amount_minor": minor} for name, minor in self.heirs.items()],
            "stays_owed_minor": self.stays_owed, "place": self.place, "head": self.head,
        }  # fmt: skip


def pass_on(connection: psycopg.Connection[Any], member: int, heirs: dict[str, Fraction], clock: Clock) -> Passed:
    """Let all that can be used leave for the heirs, whose parts are said the first time only. Commits."""
    telling = Telling.of(connection, [member], clock)
    weights = _weights(connection, member, heirs)
    _judged(connection, member)
    stand = telling.stand()[0]
    shares = stand[:, : len(PARTIES)].reshape(-1)
    if not shares.any():
        raise LifepotError(
            f"There is nothing in the account of member {member}.",
            remedy="What is still owed goes to the heirs when it has come.",
        )
    amounts = portions(int(shares.sum()), weights)
    parts = _by_heir(shares, amounts)
    gone = [
        share_facts(Happening.PASSED_ON, member, part, telling.as_of, root=nth)
        for nth, part in enumerate(parts.values(), 1)
    ]
    finished = telling.post(np.concatenate(gone), "passed_on", summary={"member": member})
    firsts = (telling.batch << BATCH_BITS) + np.cumsum([0, *(len(facts) for facts in gone)])
    cursor = connection.cursor()
    if heirs:
        cursor.executemany(
            "insert into personal.heir (member, name, weight) values (%s, %s, %s)",
            [(member, name, weight) for name, weight in weights.items()],
        )
    cursor.executemany(
        "insert into personal.heir_paid (member, name, amount_minor, root) values (%s, %s, %s, %s)",
        [(member, name, amounts[name], int(first)) for name, first in zip(parts, firsts, strict=False)],
    )
    connection.commit()
    owed = int(stand[:, len(PARTIES) : 2 * len(PARTIES)].sum())
    return Passed(member, amounts, owed, telling.standing.currency, finished.place, finished.head.hex())


def _by_heir(shares: Int, amounts: dict[str, int]) -> dict[str, Int]:
    """What of each share goes to each heir who gets something: the shares in their order, from heir to heir."""
    found, left = {}, shares.copy()
    for name, minor in amounts.items():
        before = np.cumsum(left) - left
        part = np.clip(minor - before, 0, left)
        left -= part
        if minor:
            found[name] = part
    return found


def portions(minor: int, weights: dict[str, int]) -> dict[str, int]:
    """A sum divided by weights, whole pence: each the penny below its part, and what is left over a penny each to those who
    lost most by that, the first named first.
    """
    whole = sum(weights.values())
    found = {name: minor * weight // whole for name, weight in weights.items()}
    lost = sorted(weights, key=lambda name: -(minor * weights[name] % whole))
    for name in lost[: minor - sum(found.values())]:
        found[name] += 1
    return found


def _weights(connection: psycopg.Connection[Any], member: int, heirs: dict[str, Fraction]) -> dict[str, int]:
    """Heirs and what each has of the whole, in whole numbers."""
    known = dict(
        connection.execute(
            "select name, weight from personal.heir where member = %s order by name", [member]
        ).fetchall()
    )
    if known and heirs:
        raise LifepotError(
            f"The heirs of member {member} are known: {', '.join(known)}.",
            remedy="Leave --heir out to pay them the rest.",
        )
    if known:
        return {name: int(weight) for name, weight in known.items()}
    if not heirs:
        raise Misuse(f"Nobody knows the heirs of member {member}.", remedy="Name each: --heir 'Jo Bell=1/2'.")
    if sum(heirs.values()) != 1 or min(heirs.values()) <= 0:
        raise Misuse(
            f"The heirs' parts come to {sum(heirs.values())}, not to the whole.",
            remedy="Give parts above nothing that come to 1, such as 1/2, 1/4 and 1/4.",
        )
    below = lcm(*(part.denominator for part in heirs.values()))
    return {name: int(part * below) for name, part in heirs.items()}


def _judged(connection: psycopg.Connection[Any], member: int) -> None:
    """Only what is known to be a dead member's goes to heirs."""
    facts = read_member(connection, member).facts
    gone = set(facts["replaces"].tolist())
    if not any(int(row["id"]) not in gone for row in facts[facts["kind"] == Kind.DIED]):
        raise LifepotError(
            f"Nobody told that member {member} died.",
            remedy="Receive a file with a row of kind `died` first: it ends the account and brings forward what is due.",
        )
