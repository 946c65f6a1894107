"""What goes out of pots: what is taken back, and what was withdrawn."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Kind
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account, number
from lifepot.ledger.happened import TAKEN_OUT, Happenings, gone_to, owed_and_pot
from lifepot.ledger.postings import BALANCES, GOVERNMENT, PARTIES, Int, Lines, Owed
from lifepot.ledger.pots import uncovered


@dataclass(slots=True)
class Pots:
    """What came into members' accounts: what stood there before (7 balances a part; None: nothing), and the lines since.
    `member` is the position of each row's member: of the facts, and after them of what happened beside.
    """

    facts: Facts
    numbers: Int
    member: Int
    opening: Int | None
    lines: list[Lines]


def going_out(
    back: Owed, leaves: Int, asked: NDArray[np.bool_], beside: tuple[Happenings, Int], pots: Pots
) -> list[Lines]:
    """Lines for what is taken back (`back`, amounts below 0), for the withdrawals among the facts, and for what was owed and
    came or was otherwise taken out of a share (`beside`, with the row of each).

    Each comes from what is there when it happens. What is taken back and not there is overdrawn, so is what is withdrawn or taken out;
    what came and is not owed stays where it is. A charge that is part of its withdrawal comes out of what was withdrawn. `leaves`,
    `asked`: see `journal.targets`.
    """
    facts, numbers = pots.facts, pots.numbers
    to_party = np.where(
        back.party == GOVERNMENT, number(Account.OWED_BY_GOVERNMENT, 0), number(Account.HELD_FOR, back.payer)
    )
    drawn = np.flatnonzero(facts.kind == Kind.WITHDRAWN)
    leaving = number(Account.LEAVING, numbers[facts.member])
    withdrawn_to = np.where(asked, leaving, number(Account.PAID_OUT, 0))
    within = back.within != 0
    made = [Lines(
        back.row[within], back.rule[within], withdrawn_to[back.row[within]], to_party[within], -back.amount[within],
        back.effective_on[within],
    )]  # fmt: skip
    back, to_party = back.take(~within), to_party[~within]

    # A movement out: a taking back from the pot of its party and part, a withdrawal from each it may leave, in turn, what
    # came, from what is owed to the pot, or what is taken out of its share.
    happened, happened_row = beside
    gone = np.isin(happened.kind, TAKEN_OUT)
    pot_of = owed_and_pot(happened)[1]
    nothing, none = np.zeros_like(drawn), np.zeros_like(happened_row)
    out = Lines(
        np.concatenate([back.row, drawn, happened_row]),
        np.concatenate([back.rule, nothing, none]),
        np.zeros(len(back.row) + len(drawn) + len(none), np.int64),
        np.concatenate([to_party, withdrawn_to[drawn], np.where(gone, gone_to(happened), pot_of)]),
        np.concatenate([-back.amount, facts.amount[drawn], happened.amount]),
        np.concatenate([back.effective_on, facts.on[drawn], happened.effective_on]),
    )
    own = back.party + PARTIES * back.part
    sources = np.concatenate([1 << own, leaves[drawn], 1 << happened.share])
    nth = np.arange(len(out.row))
    is_back, is_drawn = nth < len(back.row), (nth >= len(back.row)) & (nth < len(back.row) + len(drawn))
    is_gone = np.append(np.zeros(len(back.row) + len(drawn), np.bool_), gone)
    # What was owed and not sent is owed no more; what is in the pot goes back to its giver.
    not_sent = np.where(back.party == GOVERNMENT, to_party, number(Account.OWED_BY, back.payer))
    from_owed = np.concatenate([not_sent, nothing, pot_of])

    touched = np.zeros(len(numbers), np.bool_)
    touched[pots.member[out.row]] = True
    pots = replace(pots, lines=[line.of(touched[pots.member[line.row]]) for line in pots.lines])
    left = out.amount.copy()
    highest = int(sources.max(initial=0)).bit_length()
    for bit in range(highest):
        party, part = bit % PARTIES, bit // PARTIES
        for kind, theirs in (
            (Account.WORKER_OWED + party, ~is_drawn & ~is_gone & (sources == 1 << bit)),
            (Account.WORKER + party, (is_back | is_drawn | is_gone) & (sources >> bit & 1).astype(np.bool_)),
        ):
            at = np.flatnonzero(theirs & (left > 0))
            if not len(at):
                continue
            short = _short(int(kind), part, out.of(at), left[at], pots)
            pot = number(kind, numbers[pots.member[out.row[at]]], part)
            to = from_owed[at] if kind >= Account.WORKER_OWED else out.credit[at]
            moved = Lines(out.row[at], out.rule[at], pot, to, left[at] - short, out.effective_on[at])
            made.append(moved)
            if kind >= Account.WORKER_OWED:
                # What came is in the pot before anything is taken from there.
                pots.lines.append(moved)
            left[at] = short
    at = np.flatnonzero((left > 0) & (is_back | is_drawn | is_gone))
    overdrawn = number(Account.OVERDRAWN, numbers[pots.member[out.row[at]]])
    made.append(Lines(out.row[at], out.rule[at], overdrawn, out.credit[at], left[at], out.effective_on[at]))
    return made


def _short(kind: int, part: int, out: Lines, left: Int, pots: Pots) -> Int:
    """What each movement out (`left` of it) does not find in the members' accounts of this kind and part."""
    opening = pots.opening
    credited = [line.of(line.credit >> OWNER_BITS == kind + PART_STEP * part) for line in pots.lines]
    row = np.concatenate([*(line.row for line in credited), out.row])
    member = pots.member[row]
    came_in = sum(len(line.row) for line in credited)
    day = np.concatenate([*(line.effective_on for line in credited), out.effective_on])
    change = np.concatenate([*(line.amount for line in credited), -left])
    if opening is not None:
        before = np.flatnonzero(opening[:, BALANCES * part + kind - 1])
        member = np.concatenate([member, before])
        row = np.concatenate([row, np.full_like(before, -1)])
        day = np.concatenate([day, np.full_like(before, NONE)])
        change = np.concatenate([change, opening[before, BALANCES * part + kind - 1]])
    if kind < Account.WORKER_OWED:
        # What was owed and came that day is there before anything leaves the pot.
        row[:came_in] = np.where(row[:came_in] >= len(pots.facts), -1, row[:came_in])
    order = np.lexsort((row, day, member))
    short = np.empty_like(change)
    short[order] = uncovered(member[order], change[order])
    return short[came_in : came_in + len(left)]
