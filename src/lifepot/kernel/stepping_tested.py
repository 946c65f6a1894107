"""The stepper's machine, first half: windows, figures and conditions of one row of one person."""

from typing import Any

from lifepot.kernel.columns import NONE
from lifepot.kernel.stepping_codes import (
    ABOVE,
    AT_LEAST_IT,
    AT_MOST,
    ATTRIBUTE,
    BELOW,
    BY_AGE,
    BY_AGE_MONTHS,
    BY_BORN,
    BY_DAY,
    BY_WORD,
    CONSTANT,
    H_AGES,
    H_FIGURES,
    H_OWN_ATTRIBUTES,
    H_QUOTIENTS,
    H_SPECS,
    H_STAND_DAY,
    H_STAND_DOM,
    H_STAND_LENGTH,
    H_STAND_MONTH,
    H_WINDOWS,
    HOLDS,
    LEVEL,
    OUTSIDE,
    REG_BORN_DOM,
    REG_BORN_MONTH,
    REG_FIRST_PAID,
    REG_GAPS,
    REG_OPENED_AT,
    TEST_AGE,
    TEST_AGE_JOINING,
    TEST_AGE_PAID,
    TEST_ATTRIBUTE,
    TEST_DATE,
    TEST_EARNINGS,
    TEST_HOURS,
    TEST_JOINED,
    TEST_LEVEL,
    TEST_PAID,
    TEST_WORKER,
)
from lifepot.kernel.stepping_memory import compiled, read, write

MILLION = 10**6


@compiled
def months_at(tables: Any, stand: Any, month: Any, dom: Any) -> Any:
    """Whole months from a day (its month, and its place in the month from nought) to a stand."""
    length = read(tables, read(tables, H_STAND_LENGTH) + stand)
    late = read(tables, read(tables, H_STAND_DOM) + stand) < min(dom, length - 1)
    return read(tables, read(tables, H_STAND_MONTH) + stand) - month - late


@compiled
def months_between(tables: Any, stand: Any, since: Any) -> Any:
    """Whole months from one stand to another."""
    return months_at(
        tables,
        stand,
        read(tables, read(tables, H_STAND_MONTH) + since),
        read(tables, read(tables, H_STAND_DOM) + since),
    )


@compiled
def held(tables: Any, regs: Any, at: Any, attribute: Any) -> Any:
    """What holds of an attribute; NONE where it is not known."""
    own = at + read(tables, H_OWN_ATTRIBUTES)
    value = read(regs, own + attribute)
    if value == NONE:
        place = read(tables, H_QUOTIENTS) + attribute * 3
        if read(tables, place) >= 0:
            amount, share = read(regs, own + read(tables, place)), read(regs, own + read(tables, place + 1))
            if amount != NONE and share != NONE and share > 0:  # noqa: PLR1714
                value = (2 * amount * MILLION + share) // (2 * share)
    return value


@compiled
def tabled(tables: Any, regs: Any, at: Any, stand: Any, pay: Any, spec: Any) -> Any:
    """A figure from a table; NONE for a gap."""
    place = read(tables, H_SPECS) + spec * 6
    by, which = read(tables, place + 1), read(tables, place + 3)
    column = 0 if pay else 1
    if by == BY_BORN:
        column = read(regs, at + which)
    elif by == BY_WORD:
        column = held(tables, regs, at, which)
        if column == NONE:
            column = -1
    elif by in (BY_AGE, BY_AGE_MONTHS):
        column = -1
        if read(regs, at + REG_BORN_MONTH) != NONE:
            age = months_at(tables, stand, read(regs, at + REG_BORN_MONTH), read(regs, at + REG_BORN_DOM))
            if by == BY_AGE_MONTHS:
                # Reached in the month after the birthday's.
                age = read(tables, read(tables, H_STAND_MONTH) + stand) - read(regs, at + REG_BORN_MONTH) - 1
            keys, count = read(tables, H_AGES) + which, read(tables, place + 4)
            while column + 1 < count and read(tables, keys + column + 1) <= age:
                column += 1
    if column < 0:
        return NONE
    return read(tables, read(tables, H_FIGURES) + read(tables, place) + stand * read(tables, place + 2) + column)


@compiled
def operand(tables: Any, regs: Any, at: Any, out: Any, own: Any, stand: Any, pay: Any, kind: Any, which: Any) -> Any:
    """A figure in a step; NONE for a gap, and for an attribute that is not known."""
    if kind == CONSTANT:
        return which
    if kind == BY_DAY:
        return read(tables, which + stand)
    if kind == LEVEL:
        return read(out, which)
    if kind == ATTRIBUTE:
        value = held(tables, regs, at, which)
        return value if value == NONE else value * read(tables, read(tables, H_QUOTIENTS) + which * 3 + 2)
    if kind > ATTRIBUTE:
        # Kept in the window at its last row.
        return read(regs, own + which)
    return tabled(tables, regs, at, stand, pay, which)


@compiled
def window_at(tables: Any, regs: Any, at: Any, stand: Any, pay: Any, window: Any) -> Any:
    """The number of the window that a row stands in; OUTSIDE for none."""
    place = read(tables, H_WINDOWS) + window * 4
    kind = read(tables, place)
    if kind == 0:
        return 0
    if kind == 1:
        return read(tables, read(tables, place + 1) + stand)
    if kind == 2:
        opened = read(regs, at + REG_OPENED_AT)
        if opened < 0 or stand < opened:
            return OUTSIDE
        months = read(tables, H_STAND_MONTH)
        term = (read(tables, months + stand) - read(tables, months + opened)) // read(tables, place + 1)
        return OUTSIDE if 0 < read(tables, place + 2) <= term else term
    return 2 * stand + pay


@compiled
def compares(side: Any, how: Any, right: Any) -> Any:
    """One comparison."""
    if how == ABOVE:
        return side > right
    if how == AT_LEAST_IT:
        return side >= right
    if how == BELOW:
        return side < right
    if how == AT_MOST:
        return side <= right
    return side == right


@compiled
def compares_months(months: Any, how: Any, figure: Any, unit: Any) -> Any:
    """One comparison of whole months, or (12 to a unit) of whole years from an age on."""
    if how == ABOVE:
        return months >= figure + unit
    if how == AT_LEAST_IT:
        return months >= figure
    if how == BELOW:
        return months < figure
    if how == AT_MOST:
        return months < figure + unit
    return figure <= months < figure + unit


@compiled
def holds(
    tables: Any, regs: Any, at: Any, out: Any, own: Any, stand: Any, pay: Any, joining: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, first: Any,
) -> Any:  # fmt: skip
    """Whether a condition holds, from its first test on. `joining`: it is asked who may join."""
    place = first
    while place >= 0:
        what, which, how = read(tables, place), read(tables, place + 1), read(tables, place + 2)
        left = NONE
        unit = 0
        if what == TEST_AGE:
            if read(regs, at + REG_BORN_MONTH) != NONE:
                left, unit = (
                    months_at(tables, stand, read(regs, at + REG_BORN_MONTH), read(regs, at + REG_BORN_DOM)),
                    12,
                )
        elif what == TEST_ATTRIBUTE:
            left = held(tables, regs, at, which)
        elif what == TEST_LEVEL:
            left = read(out, which)
        elif what == TEST_DATE:
            left = read(tables, read(tables, H_STAND_DAY) + stand)
        elif what in (TEST_AGE_JOINING, TEST_AGE_PAID):
            since = read(regs, at + (REG_OPENED_AT if what == TEST_AGE_JOINING else REG_FIRST_PAID))
            if since < 0 and joining and what == TEST_AGE_JOINING:
                since = stand
            if since >= 0 and read(regs, at + REG_BORN_MONTH) != NONE:
                left, unit = (
                    months_at(tables, since, read(regs, at + REG_BORN_MONTH), read(regs, at + REG_BORN_DOM)),
                    12,
                )
        elif what in (TEST_JOINED, TEST_PAID):
            since = read(regs, at + (REG_OPENED_AT if what == TEST_JOINED else REG_FIRST_PAID))
            if since < 0 and joining and what == TEST_JOINED:
                since = stand
            if since >= 0:
                left, unit = months_between(tables, stand, since), 1
        elif pay:
            if what == TEST_EARNINGS:
                left = earnings
            elif what == TEST_HOURS:
                left = hours
            else:
                left = worker if what == TEST_WORKER else employer
        if left == NONE:
            truth = read(tables, place + 5) != 0
        else:
            right = operand(tables, regs, at, out, own, stand, pay, read(tables, place + 3), read(tables, place + 4))
            if right == NONE:
                write(regs, at + REG_GAPS, read(regs, at + REG_GAPS) + (1))
                truth = False
            elif unit:
                truth = compares_months(left, how, right, unit)
            else:
                times = read(tables, place + 8)
                truth = compares(left * (times // MILLION if pay else times % MILLION), how, right)
        place = read(tables, place + 6) if truth else read(tables, place + 7)
    return place == HOLDS
