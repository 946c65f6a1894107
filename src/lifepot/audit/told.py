"""What the audit is told, and what it answers. Money is minor units, days are calendar dates, hours are hundredths."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

Ref = str | int

ORDER_OF_KINDS = ("status", "pay", "paid", "withdrawn", "closed", "died")
"""Facts of one day stand in this order: standing before money, money in before money out."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of one member, no longer replaced by another; `ref` is "" of a day that nobody told (see `behind`).

    `root` is the number of the first fact of its replacement chain. `payer` is 0 or "" where the worker pays.
    `value` is a status's value as written, or the purpose a withdrawal was given. None means "not said".
    """

    ref: Ref
    root: int
    member: int | str
    on: date
    kind: str
    payer: int | str = ""
    amount: int | None = None
    earnings: int | None = None
    hours: int | None = None
    worker: int | None = None
    employer: int | None = None
    frequency: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    attribute: str = ""
    value: str = ""


def behind(fact: Told) -> Ref | None:
    """The fact that stands behind a day: itself, or, of a day that only follows from what was told, none."""
    return None if fact.ref == "" else fact.ref


@dataclass(frozen=True, slots=True)
class Person:
    """A member: birth day, the day the account was opened (None: the rulebook opens it), what always held."""

    born: date | None = None
    joined: date | None = None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owed:
    """One entitlement. An end of the window is None where it has none.

    `cause` is the fact that brings it (the last one, where several fall due together). Of money given back it is
    the fact that had brought the money; the notice is the last of `refs`. It is None, and `refs` empty, where no fact
    stands behind it: a named day, or a month in which something held that was never said on a day.
    """

    rule: str
    party: str
    account: str
    effective_on: date
    window_start: date | None
    window_end: date | None
    amount_minor: int
    refs: tuple[Ref, ...]
    cause: Ref | None


class Missing(NamedTuple):
    """A figure that a fact needed and no value gave: `value_gap` or `frequency_missing`."""

    code: str
    ref: Ref | None
    value: str
    day: date


class Refused(NamedTuple):
    """How much of a fact lies beyond a cap that refuses, and the amount or rule whose cap it is."""

    ref: Ref
    amount_minor: int
    of: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What one member's facts bring: entitlements by effective day, rule and fact; faults; refusals; the opening."""

    owed: list[Owed]
    gaps: list[Missing]
    refused: list[Refused]
    opened_on: date | None
