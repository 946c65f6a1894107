"""What the accounts should show, and what to post so that they do.

`targets` turns entitlements and the facts behind them into postings, as if nothing had been posted before; `to_post` takes off
what was. docs/decisions/0003-how-money-is-kept.md says which accounts, and why.
"""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Kind
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account, is_of_member, number
from lifepot.ledger.happened import TAKEN_OUT, Happening, Happenings, lines_alone, postings_of
from lifepot.ledger.outgoing import Pots, going_out
from lifepot.ledger.postings import BALANCES, EMPLOYER, GOVERNMENT, WORKER, Int, Lines, Owed, Postings
from lifepot.ledger.pots import shares

__all__ = ["Owed", "Postings", "balances_after", "targets", "to_post"]


def targets(
    owed: Owed,
    facts: Facts,
    numbers: Int,
    *,
    tolerance: int = 0,
    refused: Int | None = None,
    leaves: Int | None = None,
    opening: Int | None = None,
    asked: NDArray[np.bool_] | None = None,
    happened: Happenings | None = None,
) -> Postings:
    """The postings these entitlements and facts should have led to, by member and then by fact.

    facts      the members' live facts, in the kernel's order
    numbers    the members' numbers, rising: `facts.member` is a position here
    tolerance  minor units by which what was sent may differ from what is owed, each fact and party
    refused    of each fact: what a cap refused of it (minor units, 0 or more)
    leaves     of each fact: what a withdrawal may be paid from, bit `party + 3 * part`; by default the worker's own money
    opening    of each member: balances before these facts (7 a part), where earlier facts are left out
    asked      of each fact: whether it is a withdrawal that was asked for here, and so is leaving; others have been paid out
    happened   what happened to these members beside

    A pay row says what was sent for the worker and by the employer, a payment says it of its payer. It funds what is owed for
    that fact by that party in the order of the rules; what is missing is owed by the payer, except within the tolerance. What
    an entitlement takes back is first what was owed and not sent, then what is here, and is held for the payer.
    """
    assert (numbers[1:] > numbers[:-1]).all(), "members rise"
    count = len(facts)
    refused = np.zeros(count, np.int64) if refused is None else refused
    leaves = np.ones(count, np.int64) if leaves is None else leaves
    asked = np.zeros(count, np.bool_) if asked is None else asked
    gives = (owed.party < GOVERNMENT) & (owed.amount > 0)
    given = owed if gives.all() else owed.take(gives)
    lines = _given(given, facts, numbers, refused, tolerance)
    government = owed.take((owed.party == GOVERNMENT) & (owed.amount > 0))
    if len(government.row):
        lines.append(_from_government(government, facts, numbers))
    happened = Happenings.none() if happened is None else happened
    row = count + np.arange(len(happened))
    lines += lines_alone(happened, row)
    moved = np.isin(happened.kind, [Happening.CAME, *TAKEN_OUT])
    back = owed.take(owed.amount < 0)
    if len(back.row) or moved.any() or (facts.kind == Kind.WITHDRAWN).any():
        whose = np.concatenate([facts.member, np.searchsorted(numbers, happened.member)])
        pots = Pots(facts, numbers, whose, opening, lines)
        lines += going_out(back, leaves, asked, (happened.take(moved), row[moved]), pots)
    return postings_of(
        lines,
        np.concatenate([numbers[facts.member], happened.member]),
        np.concatenate([facts.root, happened.root]),
        np.concatenate([facts.fact, happened.fact]),
    )


def _given(owed: Owed, facts: Facts, numbers: Int, refused: Int, tolerance: int) -> list[Lines]:
    """Worker's and employers' entitlements, funded from what the facts say was sent; and what was sent beyond them."""
    stated = np.empty((len(facts), 2), np.int64)
    pay, paid = facts.kind == Kind.PAY, facts.kind == Kind.PAID
    stated[:, WORKER] = np.where(pay, facts.worker, np.where(paid & (facts.payer == 0), facts.amount - refused, NONE))
    stated[:, EMPLOYER] = np.where(
        pay, facts.employer, np.where(paid & (facts.payer != 0), facts.amount - refused, NONE)
    )
    sent = stated.reshape(-1)
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
    lines = [Lines(owed.row, owed.rule, in_transit[owed.row], pot, here, owed.effective_on)]
    if rest.any():
        within = (said & (over < 0) & (over >= -tolerance))[group]
        debit = np.where(within, number(Account.ROUNDING, 0), number(Account.OWED_BY, owed.payer))
        credit = np.where(within, pot, number(Account.WORKER_OWED + owed.party, member, owed.part))
        missing = Lines(owed.row, owed.rule, debit, credit, rest, owed.effective_on)
        lines.append(missing.of(rest > 0))
    # Negative money in a file is a correction by its sender: it goes back out of what is held.
    beyond = np.where(sent < 0, sent, np.maximum(over, 0))
    at = np.flatnonzero(beyond)
    row = at // 2
    to = np.where(
        (beyond[at] > 0) & (beyond[at] <= tolerance),
        number(Account.ROUNDING, 0),
        number(Account.HELD_FOR, facts.payer[row]),
    )
    lines.append(Lines(row, np.zeros_like(row), in_transit[row], to, beyond[at], facts.on[row]))
    row = np.flatnonzero(refused)
    to = np.full_like(row, number(Account.REFUSED, 0))
    lines.append(Lines(row, np.zeros_like(row), in_transit[row], to, refused[row], facts.on[row]))
    return lines


def _from_government(owed: Owed, facts: Facts, numbers: Int) -> Lines:
    """Government's: owed until it is claimed and comes."""
    pot = number(Account.GOVERNMENT_OWED, numbers[facts.member[owed.row]], owed.part)
    debit = np.full_like(pot, number(Account.OWED_BY_GOVERNMENT, 0))
    return Lines(owed.row, owed.rule, debit, pot, owed.amount, owed.effective_on)


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
        mine, amount = (
            (account, postings.amount) if of_member.all() else (account[of_member], postings.amount[of_member])
        )
        if not len(mine):
            continue
        owner = mine & ((1 << OWNER_BITS) - 1)
        # Neighbours mostly have one owner: it is looked up once.
        starts = np.append(True, owner[1:] != owner[:-1])
        at = np.searchsorted(members, owner[starts])[np.cumsum(starts) - 1]
        assert (members[np.minimum(at, len(members) - 1)] == owner).all(), "a posting to somebody else's account"
        kind = mine >> OWNER_BITS
        add.at(flat, at * width + kind // PART_STEP * BALANCES + kind % PART_STEP - 1, amount)
    return balances
