"""The ledger's columns: entitlements as it needs them, and postings made or to be made."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

WORKER, EMPLOYER, GOVERNMENT = 0, 1, 2
"""The parties, by number."""

PARTIES = 3

BALANCES = 7
"""Balances of one part of a pot: its members' kinds of accounts."""


@dataclass(slots=True)
class Owed:
    """Entitlements as the ledger needs them, a row each. Amounts may be negative: what goes back.

    rule          int64  the rule's number, 1 or more
    party         int64  who owes it: 0 worker, 1 employer or platform, 2 government
    part          int64  which part of the pot
    payer         int64  who is to send it, or to get it back; 0: the worker, and for government's
    effective_on  int64  day
    amount        int64  minor units
    row           int64  the fact behind it: its position among the facts
    within        int64  1 for a charge that is part of its withdrawal and takes nothing from the pot beside it, else 0
    """

    rule: Int
    party: Int
    part: Int
    payer: Int
    effective_on: Int
    amount: Int
    row: Int
    within: Int

    def take(self, rows: Int | NDArray[np.bool_]) -> Self:
        """These rows, in this order."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(slots=True)
class Postings:
    """Transfers to be, or that were: `amount` (above 0) from account `debit` to account `credit`.

    member, rule (0: none), debit, credit, amount (minor units), effective_on (day), root (of the fact's chain), fact: int64.
    `member` is a number, not a position.
    """

    member: Int
    rule: Int
    debit: Int
    credit: Int
    amount: Int
    effective_on: Int
    root: Int
    fact: Int

    def __len__(self) -> int:
        return len(self.member)

    def take(self, rows: Int | NDArray[np.bool_]) -> Self:
        """These rows, in this order."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """One table from several."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))

    @classmethod
    def none(cls) -> Self:
        """No postings."""
        return cls(*(np.empty(0, np.int64) for _ in fields(cls)))


@dataclass(slots=True)
class Lines:
    """Postings in the making: `row` is the fact, `amount` may be negative (then the other way round) or 0 (then nothing)."""

    row: Int
    rule: Int
    debit: Int
    credit: Int
    amount: Int
    effective_on: Int

    def of(self, rows: Int | NDArray[np.bool_]) -> Self:
        """These rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))
