"""What goes out of pots: what is taken back, and what was withdrawn."""

from dataclasses import dataclass, replace

import numpy as np

from lifepot.kernel.columns import NONE, Facts, Kind
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account, number
from lifepot.ledger.postings import BALANCES, Int, Lines, Owed
from lifepot.ledger.pots import uncovered


@dataclass(slots=True)
class Pots:
    """What came into members' accounts: what stood there before (7 balances a part; None: nothing), and the lines since."""

    facts: Facts
    numbers: Int
    opening: Int | None
    lines: list[Lines]


def going_out(back: Owed, leaves: Int, pots: Pots) -> list[Lines]:
    """Lines for what is taken back (`back`, amounts below 0) and for the withdrawals among the facts.

    Each comes from what is there when it happens, and the rest is overdrawn. `leaves`: see `journal.targets`.
    """
    facts, numbers = pots.facts, pots.numbers
    drawn = np.flatnonzero(facts.kind == Kind.WITHDRAWN)
    # A movement out: a taking back from the pot of its party and part, or a withdrawal from each it may leave, in turn.
    out = Lines(
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
    pots = replace(pots, lines=[line.of(touched[facts.member[line.row]]) for line in pots.lines])
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
            short = _short(int(kind), part, out.of(at), left[at], pots)
            pot = number(kind, numbers[facts.member[out.row[at]]], part)
            to = owed_by[at] if kind >= Account.WORKER_OWED else out.credit[at]
            made.append(Lines(out.row[at], out.rule[at], pot, to, left[at] - short, out.effective_on[at]))
            left[at] = short
    at = np.flatnonzero(left)
    overdrawn = number(Account.OVERDRAWN, numbers[facts.member[out.row[at]]])
    made.append(Lines(out.row[at], out.rule[at], overdrawn, out.credit[at], left[at], out.effective_on[at]))
    return made


def _short(kind: int, part: int, out: Lines, left: Int, pots: Pots) -> Int:
    """What each movement out (`left` of it) does not find in the members' accounts of this kind and part."""
    opening = pots.opening
    credited = [line.of(line.credit >> OWNER_BITS == kind + PART_STEP * part) for line in pots.lines]
    row = np.concatenate([*(line.row for line in credited), out.row])
    member = pots.facts.member[row]
    day = np.concatenate([*(line.effective_on for line in credited), out.effective_on])
    change = np.concatenate([*(line.amount for line in credited), -left])
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
    return short[first : first + len(left)]
