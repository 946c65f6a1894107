"""The chart of accounts: an account is a number, `kind << 40 | owner`, and has a name that people read.

Kinds below 64 are members' accounts (the owner is the member's number; the second part of a pot has kinds 8 higher, and so
on), kinds below 80 are payers' (payer 0: the workers themselves), kind 80 is money of a member's that is no longer in the pot,
and the others are the scheme's own and have owner 0.
"""

from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Number = TypeVar("Number", int, Int)

OWNER_BITS = 40
PART_STEP = 8
FIRST_OF_PAYERS = 64
FIRST_OF_LEAVING = 80
FIRST_OF_SCHEME = 96


class Account(IntEnum):
    """The kinds of accounts. A credit adds to a member's account; what a debit adds to is somebody's debt to the pot."""

    WORKER = 1
    EMPLOYER = 2
    GOVERNMENT = 3
    WORKER_OWED = 4
    EMPLOYER_OWED = 5
    GOVERNMENT_OWED = 6
    OVERDRAWN = 7
    IN_TRANSIT = 64
    OWED_BY = 65
    HELD_FOR = 66
    LEAVING = 80
    BANK = 96
    OWED_BY_GOVERNMENT = 97
    ROUNDING = 98
    REFUSED = 99
    PAID_OUT = 100
    ON_THE_WAY = 101
    SUSPENSE = 102
    FROM_GOVERNMENT = 103
    BETWEEN_MEMBERS = 104


def number(kind: int | Int, owner: Number, part: int | Int = 0) -> Number:
    """The account's number. `part` is for members' kinds only."""
    account: Number = ((kind + PART_STEP * part) << OWNER_BITS) + owner  # type: ignore[assignment] # an array if one of them is
    return account


def kind_of(account: Number) -> Number:
    """The kind, that of the first part of the pot: see `part_of`."""
    kind = account >> OWNER_BITS
    return kind - PART_STEP * part_of(account)


def part_of(account: Number) -> Number:
    """The part of the pot, 0 for what is nobody's pot."""
    kind = account >> OWNER_BITS
    return (kind < FIRST_OF_PAYERS) * (kind // PART_STEP)


def owner_of(account: Number) -> Number:
    """The member or payer; 0 for the scheme's own accounts."""
    return account & ((1 << OWNER_BITS) - 1)


def is_of_member(account: Number) -> bool | NDArray[np.bool_]:
    """Whether it is a member's account."""
    return (account >> OWNER_BITS) < FIRST_OF_PAYERS


def name_of(account: int) -> str:
    """The account as people read it: "worker:17", "worker.1:17" (second part of the pot), "owed_by:3", "bank"."""
    name = Account(kind_of(account)).name.lower()
    part = f".{part_of(account)}" if part_of(account) else ""
    owner = f":{owner_of(account)}" if account >> OWNER_BITS < FIRST_OF_SCHEME else ""
    return name + part + owner


def account_of(name: str) -> int:
    """The account with this name. ValueError when there is none."""
    word, _colon, owner = name.partition(":")
    word, _dot, part = word.partition(".")
    try:
        account = number(Account[word.upper()], int(owner or 0), int(part or 0))
        spelled = name_of(account)
    except (KeyError, ValueError):
        raise ValueError(f"{name!r} is not the name of an account, such as worker:17 or bank") from None
    if spelled != name:
        raise ValueError(f"{name!r} is not the name of an account; did you mean {spelled!r}?")
    return account
