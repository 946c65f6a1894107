"""What the stepper's machine does with one figure: rounds it, looks for it, owes it, averages it."""

from typing import Any

import numpy as np

from lifepot.kernel.columns import NONE
from lifepot.kernel.stepping_codes import (
    DOWN,
    H_FIRST_MONTH,
    H_MONTH_BEGINS,
    H_MONTHS_KNOWN,
    H_OWN_DUE,
    H_OWN_DUE_ON,
    H_OWN_GIVEN,
    H_OWN_POT,
    H_PURPOSE_COUNT,
    H_PURPOSES,
    H_RULE,
    H_STAND_DAY,
    H_STAND_MONTH,
    H_WINDOWS,
    HALF_UP,
    HOLDS,
    OF_AMOUNT,
    OF_BEGINS,
    OF_EMPLOYER,
    OF_HOURS,
    OF_NO_PURPOSE,
    OF_ONE,
    OF_PURPOSE,
    OF_TERM,
    OF_VALUE,
    OF_WORD,
    OF_WORKER,
    OUTSIDE,
    REG_BACK,
    REG_DIED_ON,
    REG_DUE,
    REG_OPENED_AT,
    UP,
)
from lifepot.kernel.stepping_memory import compiled, read, write
from lifepot.kernel.stepping_tested import MILLION, holds, window_at
from lifepot.periods import FAR_FUTURE as FAR

ONE = 100
HALVES, PERCENT = 2, 100
"""Denominators that most figures have, beside `MILLION`."""


@compiled
def rounded(num: Any, den: Any, how: Any, unit: Any) -> Any:
    """num/den to a multiple of `unit`, away from nothing or towards it alike on both sides of it."""
    if den == 1 and unit == 1:
        return num
    size = num if num >= 0 else -num
    whole = den * unit
    if how == HALF_UP:
        # Without a sign, a quotient takes half the time.
        twice = np.uint64(2 * size + whole)
        if whole == PERCENT:  # A division by what the compiler knows takes a fifth.
            found = np.int64(twice // np.uint64(2 * PERCENT))
        elif whole == MILLION:
            found = np.int64(twice // np.uint64(2 * MILLION))
        elif whole == HALVES:
            found = np.int64(twice // np.uint64(2 * HALVES))
        else:
            found = np.int64(twice // np.uint64(2 * whole))
    elif how == DOWN:
        found = np.int64(np.uint64(size) // np.uint64(whole))
    elif how == UP:
        found = -(-size // whole)
    else:
        found = size // whole
        twice = 2 * (size - found * whole)
        if twice > whole or (twice == whole and found % 2 == 1):
            found += 1
    return found * unit if num >= 0 else -found * unit


@compiled
def give(tables: Any, regs: Any, at: Any, out: Any, rule: Any, amount: Any) -> Any:
    """A rule's amount of today: into `out`, into what it gave so far, into its part of the pot. What it gives on a day on which
    its party gets all back goes back, too.
    """
    place = read(tables, H_RULE) + rule * 8
    if read(regs, at + REG_BACK) >> read(tables, place + 5) & 1 and read(tables, place) > 0:
        return
    write(out, rule, read(out, rule) + (amount))
    write(regs, at + read(tables, H_OWN_GIVEN) + rule, read(regs, at + read(tables, H_OWN_GIVEN) + rule) + (amount))
    if read(tables, place + 4) == 0 or amount > 0:
        own = at + read(tables, H_OWN_POT) + 3 * read(tables, place + 3) + read(tables, place + 5)
        write(regs, own, max(read(regs, own) + amount, 0))


@compiled
def owe(tables: Any, regs: Any, at: Any, out: Any, stand: Any, pay: Any, rule: Any, brings: Any) -> Any:
    """What a row brings of a rule: given at once, or kept until it falls due."""
    place = read(tables, H_RULE) + rule * 8
    amount = read(tables, place) * brings
    window = read(tables, place + 1)
    if window < 0:
        give(tables, regs, at, out, rule, amount)
        return
    number = window_at(tables, regs, at, stand, pay, window)
    if number == OUTSIDE:
        return
    today = read(tables, read(tables, H_STAND_DAY) + stand)
    due = last_day(tables, regs, at, stand, window, number)
    if read(regs, at + REG_DIED_ON) <= today:
        due = today
    kept = at + read(tables, H_OWN_DUE) + rule
    write(regs, kept, read(regs, kept) + (amount))
    write(regs, kept + read(tables, H_OWN_DUE_ON) - read(tables, H_OWN_DUE), due)
    if due < read(regs, at + REG_DUE):
        write(regs, at + REG_DUE, due)


@compiled
def last_day(tables: Any, regs: Any, at: Any, stand: Any, window: Any, number: Any) -> Any:
    """The last day of the window that a row stands in."""
    place = read(tables, H_WINDOWS) + window * 4
    kind = read(tables, place)
    if kind == 0:
        return FAR
    if kind == 1:
        return read(tables, read(tables, place + 2) + stand)
    if kind == 2:
        month = read(tables, read(tables, H_STAND_MONTH) + read(regs, at + REG_OPENED_AT)) + (number + 1) * read(
            tables, place + 1
        )
        return (
            read(
                tables,
                read(tables, H_MONTH_BEGINS) + min(month - read(tables, H_FIRST_MONTH), read(tables, H_MONTHS_KNOWN)),
            )
            - 1
        )
    return read(tables, read(tables, H_STAND_DAY) + stand)


@compiled
def sourced(
    source: Any, which: Any, out: Any, amount: Any, hours: Any, worker: Any, employer: Any, value: Any, begins: Any,
    purpose: Any,
) -> Any:  # fmt: skip
    """What a row brings of a source, of those that are not asked for most often."""
    if source == OF_TERM:
        return read(out, which)
    if source == OF_AMOUNT:
        return amount
    if source == OF_ONE:
        return ONE
    if source == OF_VALUE:
        return value * which
    if source == OF_HOURS:
        return hours if hours != NONE else 0
    if source == OF_WORKER:
        return worker if worker != NONE else 0
    if source == OF_EMPLOYER:
        return employer if employer != NONE else 0
    if source == OF_BEGINS:
        return ONE if begins else 0
    if source == OF_PURPOSE:
        return amount if purpose >= 0 else 0
    if source == OF_NO_PURPOSE:
        return amount if purpose < 0 else 0
    if source == OF_WORD:
        return amount if value == which else 0
    return 0


@compiled
def served(tables: Any, regs: Any, at: Any, out: Any, stand: Any, word: Any) -> Any:
    """The purpose a withdrawal is for: its word's, if that one's condition holds, else the first that holds for any word
    and whose condition does; -1 for none.
    """
    place, count = read(tables, H_PURPOSES), read(tables, H_PURPOSE_COUNT)
    for nth in range(-1, count):
        purpose = word if nth < 0 else nth
        if 0 <= purpose < count and (nth < 0 or (nth != word and read(tables, place + 2 * nth + 1) != 0)):
            first = read(tables, place + 2 * purpose)
            if first == HOLDS or holds(tables, regs, at, out, at, stand, False, False, NONE, NONE, NONE, NONE, first):
                return purpose
    return -1


@compiled
def averaged(tables: Any, regs: Any, ring: Any, stand: Any, num: Any, size: Any, table: Any) -> Any:
    """Where an average stands, and what it will be asked of later: money times days up to each of the last stands."""
    days = read(tables, H_STAND_DAY)
    last = read(regs, ring) - 1
    if last < 0:
        write(regs, ring + 1, stand + 1)
    else:
        area, figure = read(regs, ring + 2), read(regs, ring + 3)
        for place in range(last + 1, stand + 1):
            area += figure * (read(tables, days + place) - read(tables, days + place - 1))
            write(regs, ring + 4 + 2 * (place % size), area)
            write(regs, ring + 5 + 2 * (place % size), figure)
        write(regs, ring + 2, area)
    area = read(regs, ring + 2)
    write(regs, ring, stand + 1)
    write(regs, ring + 3, num)
    write(regs, ring + 4 + 2 * (stand % size), area)
    write(regs, ring + 5 + 2 * (stand % size), num)
    before, begin = read(tables, table + 2 * stand), read(tables, table + 2 * stand + 1)
    if before >= 0 and before >= read(regs, ring + 1) - 1:
        kept = ring + 4 + 2 * (before % size)
        area -= read(regs, kept) + read(regs, kept + 1) * (begin - read(tables, days + before))
    return rounded(area, max(read(tables, days + stand) - begin, 1), HALF_UP, 1)
