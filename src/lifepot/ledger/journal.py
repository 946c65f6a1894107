"""What the accounts should show, and what to post so that they do.

`targets` turns entitlements and the facts behind them into postings, as if nothing had been posted before; `to_post` takes off
what was. docs/decisions/0003-how-money-is-kept.md says which accounts, and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Kind
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account, is_of_member, number
from lifepot.ledger.pots import shares, uncovered

Int = NDArray[np.int64]

WORKER, EMPLOYER, GOVERNMENT = 0, 1, 2
BALANCES = 7


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
    """

    rule: Int
    party: Int
    part: Int
    payer: Int
    effective_on: Int
    amount: Int
    row: Int

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
class _Lines:
    """Postings in the making: `row` is the fact, `amount` may be negative (then the other way round) or 0 (then nothing)."""

    row: Int
    rule: Int
    debit: Int
    credit: Int
    amount: Int
    effective_on: Int

    def of(self, rows: NDArray[np.bool_]) -> "_Lines":
        return _Lines(*(getattr(self, column.name)[rows] for column in fields(self)))


def targets(
    owed: Owed,
    facts: Facts,
    numbers: Int,
    *,
    tolerance: int = 0,
    refused: Int | None = None,
    leaves: Int | None = None,
    opening: Int | None = None,
) -> Postings:
    """The postings these entitlements and facts should have led to, by member and then by fact.

    facts      the members' live facts, in the kernel's order
    numbers    the members' numbers, rising: `facts.member` is a position here
    tolerance  minor units by which what was sent may differ from what is owed, each fact and party
    refused    of each fact: what a cap refused of it (minor units, 0 or more)
    leaves     of each fact: what a withdrawal may be paid from, bit `party + 3 * part`; by default the worker's own money
    opening    of each member: balances before these facts (7 a part), where earlier facts are left out

    A pay row says what was sent for the worker and by the employer, a payment says it of its payer. It funds what is owed for
    that fact by that party in the order of the rules; what is missing is owed by the payer, except within the tolerance. What
    an entitlement takes back is first what was owed and not sent, then what is here, and is held for the payer.
    """
    assert (numbers[1:] > numbers[:-1]).all(), "members rise"  # noqa: S101
    count = len(facts)
    refused = np.zeros(count, np.int64) if refused is None else refused
    leaves = np.ones(count, np.int64) if leaves is None else leaves
    gives = (owed.party < GOVERNMENT) & (owed.amount > 0)
    given = owed if gives.all() else owed.take(gives)
    lines = _given(given, facts, numbers, refused, tolerance)
    government = owed.take(owed.party == GOVERNMENT)
    if len(government.row):
        lines.append(_from_government(government, facts, numbers))
    back = owed.take((owed.party < GOVERNMENT) & (owed.amount < 0))
    if len(back.row) or (facts.kind == Kind.WITHDRAWN).any():
        lines += _going_out(back, facts, numbers, leaves, opening, lines)
    return _postings(lines, facts, numbers)


def _given(owed: Owed, facts: Facts, numbers: Int, refused: Int, tolerance: int) -> list[_Lines]:
    """Worker's and employers' entitlements, funded from what the facts say was sent; and what was sent beyond them."""
    sent = np.zeros((len(facts), 2), np.int64)
    pay, paid = facts.kind == Kind.PAY, facts.kind == Kind.PAID
    sent[:, WORKER] = np.where(pay, facts.worker, np.where(paid & (facts.payer == 0), facts.amount - refused, NONE))
    sent[:, EMPLOYER] = np.where(pay, facts.employer, np.where(paid & (facts.payer != 0), facts.amount - refused, NONE))
    sent = sent.reshape(-1)
    said = sent != NONE
    sent[~said] = 0

    # Sent money belongs to a fact and a party, and serves that group's entitlements rule by rule.
    key = ((owed.row * 2 + owed.party) << 15) + owed.rule
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        owed, key = owed.take(order), key[order]
    group = key >> 15
    here = shares(group, owed.amount, sent[group])
    over = sent.copy()
    np.subtract.at(over, group, owed.amount)
    rest = owed.amount - here

    member = numbers[facts.member[owed.row]]
    in_transit = number(Account.IN_TRANSIT, facts.payer)
    pot = number(Account.WORKER + owed.party, member, owed.part)
    lines = [_Lines(owed.row, owed.rule, in_transit[owed.row], pot, here, owed.effective_on)]
    if rest.any():
        within = (said & (over < 0) & (over >= -tolerance))[group]
        debit = np.where(within, number(Account.ROUNDING, 0), number(Account.OWED_BY, owed.payer))
        credit = np.where(within, pot, number(Account.WORKER_OWED + owed.party, member, owed.part))
        missing = _Lines(owed.row, owed.rule, debit, credit, rest, owed.effective_on)
        lines.append(missing.of(rest > 0))
    # Negative money in a file is a correction by its sender: it goes back out of what is held.
    beyond = np.where(sent < 0, sent, np.maximum(over, 0))
    at = np.flatnonzero(beyond)
    row = at // 2
    to = np.where((beyond[at] > 0) & (beyond[at] <= tolerance), number(Account.ROUNDING, 0), number(Account.HELD_FOR, facts.payer[row]))
    lines.append(_Lines(row, np.zeros_like(row), in_transit[row], to, beyond[at], facts.on[row]))
    row = np.flatnonzero(refused)
    to = np.full_like(row, number(Account.REFUSED, 0))
    lines.append(_Lines(row, np.zeros_like(row), in_transit[row], to, refused[row], facts.on[row]))
    return lines


def _from_government(owed: Owed, facts: Facts, numbers: Int) -> _Lines:
    """Government's: owed until it is claimed and comes, and the other way round for what goes back."""
    pot = number(Account.GOVERNMENT_OWED, numbers[facts.member[owed.row]], owed.part)
    debit = np.full_like(pot, number(Account.OWED_BY_GOVERNMENT, 0))
    return _Lines(owed.row, owed.rule, debit, pot, owed.amount, owed.effective_on)


def _going_out(
    back: Owed, facts: Facts, numbers: Int, leaves: Int, opening: Int | None, lines: list[_Lines]
) -> list[_Lines]:
    """What is taken back, and what was withdrawn, each from what is there when it happens; the rest is overdrawn."""
    drawn = np.flatnonzero(facts.kind == Kind.WITHDRAWN)
    # A movement out: a taking back from the pot of its party and part, or a withdrawal from each it may leave, in turn.
    out = _Lines(
        np.concatenate([back.row, drawn]),
        np.concatenate([back.rule, np.zeros_like(drawn)]),
        np.zeros(len(back.row) + len(drawn), np.int64),
        np.concatenate([number(Account.HELD_FOR, back.payer), np.full_like(drawn, number(Account.PAID_OUT, 0))]),
        np.concatenate([-back.amount, facts.amount[drawn]]),
        np.concatenate([back.effective_on, facts.on[drawn]]),
    )
    own = back.party + 3 * back.part
    sources = np.concatenate([1 << own, leaves[drawn]])
    is_back = np.arange(len(out.row)) < len(back.row)
    owed_by = np.concatenate([number(Account.OWED_BY, back.payer), np.zeros_like(drawn)])

    touched = np.zeros(len(numbers), np.bool_)
    touched[facts.member[out.row]] = True
    into = [line.of(touched[facts.member[line.row]]) for line in lines]
    left = out.amount.copy()
    made = []
    highest = int(sources.max(initial=0)).bit_length()
    for bit in range(highest):
        party, part = bit % 3, bit // 3
        for kind, theirs in (
            (Account.WORKER_OWED + party, is_back & (sources == 1 << bit)),
            (Account.WORKER + party, (sources >> bit & 1).astype(np.bool_)),
        ):
            at = np.flatnonzero(theirs & (left > 0))
            if not len(at):
                continue
            short = _short(kind, part, at, left, out, facts, numbers, opening, into)
            pot = number(kind, numbers[facts.member[out.row[at]]], part)
            to = owed_by[at] if kind >= Account.WORKER_OWED else out.credit[at]
            made.append(_Lines(out.row[at], out.rule[at], pot, to, left[at] - short, out.effective_on[at]))
            left[at] = short
    at = np.flatnonzero(left)
    overdrawn = number(Account.OVERDRAWN, numbers[facts.member[out.row[at]]])
    made.append(_Lines(out.row[at], out.rule[at], overdrawn, out.credit[at], left[at], out.effective_on[at]))
    return made


def _short(
    kind: int,
    part: int,
    at: Int,
    left: Int,
    out: _Lines,
    facts: Facts,
    numbers: Int,
    opening: Int | None,
    into: list[_Lines],
) -> Int:
    """What each movement out (positions `at`) does not find in the members' accounts of this kind and part."""
    credited = [line.of(line.credit >> OWNER_BITS == kind + PART_STEP * part) for line in into]
    row = np.concatenate([*(line.row for line in credited), out.row[at]])
    member = facts.member[row]
    day = np.concatenate([*(line.effective_on for line in credited), out.effective_on[at]])
    change = np.concatenate([*(line.amount for line in credited), -left[at]])
    if opening is not None:
        before = np.flatnonzero(opening[:, BALANCES * part + kind - 1])
        member = np.concatenate([member, before])
        row = np.concatenate([row, np.full_like(before, -1)])
        day = np.concatenate([day, np.full_like(before, NONE)])
        change = np.concatenate([change, opening[before, BALANCES * part + kind - 1]])
    order = np.lexsort((row, day, member))
    short = np.empty_like(change)
    short[order] = uncovered(member[order], change[order])
    first = sum(len(line.row) for line in credited)
    return short[first : first + len(at)]


def _postings(lines: list[_Lines], facts: Facts, numbers: Int) -> Postings:
    """Lines as postings: amounts above 0, by fact; lines of one fact in the order they were made."""
    row = np.concatenate([line.row for line in lines])
    amount = np.concatenate([line.amount for line in lines])
    order = np.flatnonzero(amount)
    if (row[order][1:] < row[order][:-1]).any():
        order = order[np.argsort(row[order], kind="stable")]
    row, amount = row[order], amount[order]
    debit = np.concatenate([line.debit for line in lines])[order]
    credit = np.concatenate([line.credit for line in lines])[order]
    back = amount < 0
    if back.any():
        debit, credit = np.where(back, credit, debit), np.where(back, debit, credit)
    return Postings(
        numbers[facts.member[row]],
        np.concatenate([line.rule for line in lines])[order],
        debit,
        credit,
        np.abs(amount),
        np.concatenate([line.effective_on for line in lines])[order],
        facts.root[row],
        facts.fact[row],
    )


def to_post(target: Postings, posted: Postings) -> Postings:
    """Target less posted, by member, rule, accounts, effective day and root; what is too much is taken back by the opposite.

    The result is by member; within one, first what belongs to facts with nothing posted, in the target's order, then the
    differences, by root, rule, day and accounts. A difference names the newest fact of its root that it knows.
    """
    if not len(posted):
        return target
    known = np.isin(target.root, posted.root)
    both = Postings.join([target.take(known), posted])
    sign = np.where(np.arange(len(both)) < known.sum(), 1, -1)
    # One direction for each pair of accounts, so that a transfer and its opposite meet.
    forth = both.debit < both.credit
    low, high = np.where(forth, both.debit, both.credit), np.where(forth, both.credit, both.debit)
    signed = sign * np.where(forth, both.amount, -both.amount)
    keys = (high, low, both.effective_on, both.rule, both.root, both.member)
    order = np.lexsort(keys)
    new = np.zeros(len(order), np.bool_)
    new[0] = True
    for each in keys:
        new[1:] |= each[order][1:] != each[order][:-1]
    starts = np.flatnonzero(new)
    amount = np.add.reduceat(signed[order], starts)
    fact = np.maximum.reduceat(both.fact[order], starts)
    differs = np.flatnonzero(amount)
    at = order[starts[differs]]
    amount = amount[differs]
    differences = Postings(
        both.member[at],
        both.rule[at],
        np.where(amount > 0, low[at], high[at]),
        np.where(amount > 0, high[at], low[at]),
        np.abs(amount),
        both.effective_on[at],
        both.root[at],
        fact[differs],
    )
    result = Postings.join([target.take(~known), differences])
    return result.take(np.argsort(result.member, kind="stable"))


def balances_after(members: Int, previous: Int, postings: Postings) -> Int:
    """Balances (one row a member, 7 a part) after these postings: `previous` with credits added and debits taken off.

    `members` are the numbers of the rows, rising; every member whose account is touched must be among them.
    """
    balances = previous.copy()
    flat = balances.reshape(-1)
    width = balances.shape[1]
    for account, add in ((postings.debit, np.subtract), (postings.credit, np.add)):
        of_member = np.asarray(is_of_member(account))
        mine, amount = (account, postings.amount) if of_member.all() else (account[of_member], postings.amount[of_member])
        if not len(mine):
            continue
        owner = mine & ((1 << OWNER_BITS) - 1)
        # Neighbours mostly have one owner: it is looked up once.
        starts = np.append(True, owner[1:] != owner[:-1])
        at = np.searchsorted(members, owner[starts])[np.cumsum(starts) - 1]
        assert (members[np.minimum(at, len(members) - 1)] == owner).all(), "a posting to somebody else's account"  # noqa: S101
        kind = mine >> OWNER_BITS
        add.at(flat, at * width + kind // PART_STEP * BALANCES + kind % PART_STEP - 1, amount)
    return balances
