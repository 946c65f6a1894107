"""What happened and is no rule's: money that left for the bank, came back, or came in because it was owed.

Each such fact has one posting, which follows from it alone, but for money that came because it was owed, which goes to the pot as
far as it is owed (the difference of a clipped running total), and for what is taken out of a pot, as far as it is there. docs/decisions/0004-how-money-goes-out.md has the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lifepot.ledger.chart import Account, number
from lifepot.ledger.postings import BALANCES, PARTIES, Int, Lines, Postings
from lifepot.ledger.pots import shares

SHARES = PARTIES * 8
"""More than the shares of any member: three parties in at most eight parts."""


class Happening(IntEnum):
    """Kinds of facts with a posting of their own; numbered as the books number them."""

    CAME = 12
    """`amount` that was owed came from `payer` (0: government), for the share `attribute`: three for each part, plus the party."""
    SENT = 16
    """`amount` of a withdrawal went into a file for the bank, of number `value`."""
    CAME_BACK = 17
    """`amount` of what was sent is back in the bank."""
    MOVED_OUT = 30
    """`amount` of the share `attribute` left for another scheme, `payer`."""
    MOVED_IN = 31
    """`amount` for the share `attribute` came along from another scheme, `payer`."""
    PARTED = 32
    """`amount` of the share `attribute` went to another member, by an order."""
    RECEIVED = 33
    """`amount` came to the share `attribute` from another member, by an order."""
    PASSED_ON = 34
    """`amount` of the share `attribute` goes to the heirs."""


TAKEN_OUT = (Happening.MOVED_OUT, Happening.PARTED, Happening.PASSED_ON)
"""Those that take out of a share of the pot what is there; what is not is overdrawn."""


@dataclass(slots=True)
class Happenings:
    """Facts of those kinds, a row each, by member and in the order they happened: all int64.

    kind, member (a number), payer, share (as above), amount (minor units), effective_on, root, fact
    """

    kind: Int
    member: Int
    payer: Int
    share: Int
    amount: Int
    effective_on: Int
    root: Int
    fact: Int

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: Int | NDArray[np.bool_]) -> Self:
        """These rows, in this order."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def none(cls) -> Self:
        """None of them."""
        return cls(*(np.zeros(0, np.int64) for _ in fields(cls)))


def lines_alone(happened: Happenings, row: Int) -> list[Lines]:
    """What follows from each of them alone; `row` is what lines call each. Of what came because it was owed, that the payer
    owes it no more; how much of it goes to the pot depends on what is owed.
    """
    nothing = np.zeros_like(row)
    on_the_way, leaving = number(Account.ON_THE_WAY, nothing), number(Account.LEAVING, happened.member)
    government = happened.payer == 0
    # What a worker owes stands on the account of the payer who is to send it, as what an employer owes does.
    said = np.where(government, number(Account.FROM_GOVERNMENT, 0), number(Account.IN_TRANSIT, happened.payer))
    owing = np.where(government, number(Account.OWED_BY_GOVERNMENT, 0), number(Account.OWED_BY, happened.payer))
    pot, between = owed_and_pot(happened)[1], np.full_like(row, number(Account.BETWEEN_MEMBERS, 0))
    accounts = {
        Happening.CAME: (said, owing),
        Happening.SENT: (leaving, on_the_way),
        Happening.CAME_BACK: (on_the_way, leaving),
        Happening.MOVED_IN: (said, pot),
        Happening.RECEIVED: (between, pot),
    }
    return [
        Lines(row, nothing, debit, credit, happened.amount, happened.effective_on).of(happened.kind == kind)
        for kind, (debit, credit) in accounts.items()
    ]


def owed_and_pot(came: Happenings) -> tuple[Int, Int]:
    """The accounts between which money that was owed and came moves: what is owed to the member, and the pot."""
    party, part = came.share % PARTIES, came.share // PARTIES
    return number(Account.WORKER_OWED + party, came.member, part), number(Account.WORKER + party, came.member, part)


def gone_to(gone: Happenings) -> Int:
    """The account to which what is taken out of a pot goes."""
    between = number(Account.BETWEEN_MEMBERS, np.zeros_like(gone.member))
    return np.where(gone.kind == Happening.PARTED, between, number(Account.LEAVING, gone.member))


def posted_alone(happened: Happenings, members: Int, balances: Int) -> Postings:
    """Their postings where nothing else happens to these members (numbers, rising, with their balances, 7 a part)."""
    assert not np.isin(happened.kind, TAKEN_OUT).any(), "what is taken out depends on what is there on the day"
    rows = np.arange(len(happened))
    lines = lines_alone(happened, rows)
    at = np.flatnonzero(happened.kind == Happening.CAME)
    if len(at):
        came = happened.take(at)
        column = came.share // PARTIES * BALANCES + Account.WORKER_OWED - 1 + came.share % PARTIES
        owed = np.maximum(balances[np.searchsorted(members, came.member), column], 0)
        by = np.lexsort((at, came.share, came.member))
        usable = np.empty_like(at)
        usable[by] = shares(came.member[by] * SHARES + came.share[by], came.amount[by], owed[by])
        lines.append(Lines(at, np.zeros_like(at), *owed_and_pot(came), usable, came.effective_on))
    return postings_of(lines, happened.member, happened.root, happened.fact)


def postings_of(lines: Sequence[Lines], member: Int, root: Int, fact: Int) -> Postings:
    """Lines as postings: amounts above 0, by member and then by row; lines of one row in the order they were made. `member`,
    `root` and `fact` are of each row.
    """
    row = np.concatenate([line.row for line in lines])
    amount = np.concatenate([line.amount for line in lines])
    order = np.flatnonzero(amount)
    if (row[order][1:] < row[order][:-1]).any():
        order = order[np.argsort(row[order], kind="stable")]
    if (member[row[order]][1:] < member[row[order]][:-1]).any():
        order = order[np.argsort(member[row[order]], kind="stable")]
    row, amount = row[order], amount[order]
    debit = np.concatenate([line.debit for line in lines])[order]
    credit = np.concatenate([line.credit for line in lines])[order]
    back = amount < 0
    if back.any():
        debit, credit = np.where(back, credit, debit), np.where(back, debit, credit)
    return Postings(
        member[row],
        np.concatenate([line.rule for line in lines])[order],
        debit,
        credit,
        np.abs(amount),
        np.concatenate([line.effective_on for line in lines])[order],
        root[row],
        fact[row],
    )
