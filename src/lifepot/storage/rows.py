"""The rows of the large tables as numpy structured arrays, and the kinds of facts that only an operator's books know.

In memory days are days since 1970-01-01 in int64 with `NONE` for "not said", as the kernel has them, and bytes are in
the machine's order. On the wire all is big-endian, and days are int32 since 2000-01-01 (`copying` turns one into the other).
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE
from lifepot.ledger.postings import Postings

Int = NDArray[np.int64]
Rows = NDArray[np.void]
"""A structured array of one of the dtypes here."""

BATCH_BITS = 32
"""A fact's or transfer's number is `batch << 32 | position`."""

BALANCES = 7
"""Balances of one part of a pot: what each party gave, what each owes, and what was overdrawn."""


class Event(IntEnum):
    """Kinds of facts beside the kernel's `Kind`, which go on from them: what the books are told, not the rulebook."""

    REMOVED = 6
    """`replaces` is gone, and nothing is in its place."""
    REFUSED = 7
    """A cap refused `amount` of the payment with the same `root`, and goes on refusing it."""
    BORN = 8
    """`value` is the member's birth day."""
    JOINED = 9
    """`value` is the day the account was opened."""
    MERGED = 10
    """The member is now read as the member `value`; as itself, to undo that."""
    MOVED = 11
    """The facts with this `root` belong to the member `value`."""
    CAME = 12
    """`amount` that was owed came from `payer` (0: government), as claim `value` asked, for the share `attribute` of the pot:
    three for each part, plus the party."""
    ASKED = 13
    """A withdrawal of `amount` was asked for, for the purpose of number `value` (NONE: none). Those below have its number as
    their `root`, and so has the kernel's *withdrawn*."""
    PROVED = 14
    """A piece of evidence for it came; `value` is its number among the purpose's."""
    APPROVED = 15
    """It may go."""
    SENT = 16
    """`amount` of it went into the payment file of number `value`; `line` is the payment's own number."""
    CAME_BACK = 17
    """`amount` of what was sent is back in the bank."""
    ARRIVED = 18
    """The bank's statement shows `amount` of it; `line` is the payment's number, `value` the entry's."""
    EXTENDED = 19
    """It need not be completed before the day `value`."""
    DECLINED = 20
    """It may not go."""
    CANCELLED = 21
    """Nobody wants it any more, or it was put back whole."""
    BANKED = 22
    """The bank's statement shows `amount` in (negative: out); `value` is the entry's number. Of no member."""
    MATCHED = 23
    """A person said what an entry, of number `value`, was. Of no member."""
    CLAIMED = 24
    """`amount` (negative: given back) was claimed from `payer` (0: government) in the claim of number `value`, for the
    share `attribute`, for the days of its period. One that corrects an earlier one has its `root`."""
    ANSWERED = 25
    """`amount` of what was claimed was refused; `root` is the claim's."""
    RELEASED = 26
    """`amount` of an approved withdrawal can be sent; `value` is the number of its stage (NONE: there are none)."""
    REFUNDED = 29
    """`amount` that was held for `payer` went into the payment file of number `value`, as payment `line`. Of no member."""
    MOVED_OUT = 30
    """`amount` of the share `attribute` left for the scheme `payer`, and the account with it: what would be effective later is
    no longer this scheme's."""
    MOVED_IN = 31
    """`amount` came along, for the share `attribute`, from the scheme `payer`. What else this batch tells is history: it is read
    for totals, and what it brought until this day was that scheme's."""
    PARTED = 32
    """`amount` of the share `attribute` went to the member `value`, by an order."""
    RECEIVED = 33
    """`amount` came to the share `attribute` from the member `value`, by an order."""
    PASSED_ON = 34
    """`amount` of the share `attribute` goes to the heirs of a member who died."""


@dataclass(frozen=True)
class Table:
    """A table of fixed-width rows: its columns in the order of the wire, each bigint, integer, smallint or date."""

    name: str
    columns: tuple[tuple[str, str], ...]
    dtype: np.dtype[np.void] = field(init=False)
    wire: np.dtype[np.void] = field(init=False)
    days: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        memory = {"bigint": "<i8", "integer": "<i4", "smallint": "<i2", "date": "<i8"}
        wire = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "date": ">i4"}
        put = object.__setattr__
        put(self, "dtype", np.dtype([(name, memory[kind]) for name, kind in self.columns]))
        put(self, "wire", wire_dtype([(name, wire[kind]) for name, kind in self.columns]))
        put(self, "days", tuple(name for name, kind in self.columns if kind == "date"))


def wire_dtype(columns: list[tuple[str, str]]) -> np.dtype[np.void]:
    """A row as binary COPY writes it: the number of columns, then the length of each and its bytes."""
    parts = [("columns", ">i2")]
    for name, kind in columns:
        parts += [(f"{name} length", ">i4"), (name, kind)]
    return np.dtype(parts)


FACT = Table(
    "fact",
    (
        ("id", "bigint"),
        ("root", "bigint"),
        ("replaces", "bigint"),
        ("amount", "bigint"),
        ("earnings", "bigint"),
        ("hours", "bigint"),
        ("worker", "bigint"),
        ("employer", "bigint"),
        ("value", "bigint"),
        ("member", "integer"),
        ("effective_on", "date"),
        ("payer", "integer"),
        ("period_start", "date"),
        ("period_end", "date"),
        ("file", "integer"),
        ("line", "integer"),
        ("kind", "smallint"),
        ("frequency", "smallint"),
        ("attribute", "smallint"),
    ),
)
"""What happened. NONE is "not said"; `replaces` and `file` are 0 for none, `frequency` and `attribute` -1."""

TRANSFER = Table(
    "transfer",
    (
        ("id", "bigint"),
        ("debit", "bigint"),
        ("credit", "bigint"),
        ("amount", "bigint"),
        ("fact", "bigint"),
        ("effective_on", "date"),
        ("asset", "smallint"),
        ("rule", "smallint"),
    ),
)
"""What followed: `amount` (above 0, minor units of `asset`; 0 is money) from account `debit` to account `credit`."""


def closing_dtype(parts: int = 1, carry_bytes: int = 0) -> np.dtype[np.void]:
    """A closing, in memory and in its table: how a member stood after a batch. Packed and little-endian.

    `batch` (0: the member has none), `member`, `first_transfer`/`transfers` and `first_fact`/`facts` (positions in the batch),
    `last_settled` (day * 8 + kind; NONE: never), `balances` (minor units, 7 for each part of the pot) and the kernel's `carry`.
    """
    positions = ("batch", "member", "first_transfer", "transfers", "first_fact", "facts")
    return np.dtype(
        [
            *((name, "<i4") for name in positions),
            ("last_settled", "<i8"),
            ("balances", "<i8", (BALANCES * parts,)),
            ("carry", "u1", (carry_bytes,)),
        ]
    )


def blank_facts(count: int) -> Rows:
    """Facts that say nothing yet: NONE, 0 and -1 as `FACT` has them, for the caller to fill in."""
    facts = np.zeros(count, FACT.dtype)
    for name in ("amount", "earnings", "hours", "worker", "employer", "value", *FACT.days):
        facts[name] = NONE
    facts["frequency"] = facts["attribute"] = -1
    return facts


def number_rows(rows: Rows, batch: int) -> None:
    """Give rows of one batch, already in their order, their numbers."""
    rows["id"] = (batch << BATCH_BITS) + np.arange(len(rows))


def runs(members: Int, touched: Int) -> tuple[Int, Int]:
    """Where the rows of each touched member begin, and how many there are: `members` is the rows' member, rising."""
    first = np.searchsorted(members, touched)
    return first, np.searchsorted(members, touched, side="right") - first


def transfer_rows(postings: Postings, batch: int) -> Rows:
    """Postings, in their order, as the transfers of a batch."""
    transfers = np.zeros(len(postings), TRANSFER.dtype)
    for name in ("debit", "credit", "amount", "fact", "effective_on", "rule"):
        transfers[name] = getattr(postings, name)
    number_rows(transfers, batch)
    return transfers
