"""One row after another: who is in, what was said, what falls due; and in between the days that nobody told."""

from typing import Any

from numba import njit

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.stepping_codes import (
    EVENT_OVER,
    EVENT_PAID,
    EVENT_PAID_BY,
    EVENT_PAY,
    EVENT_WITHDRAWN,
    EVENTS,
    H_ATTRIBUTES,
    H_AUTOMATIC,
    H_EVERYBODY,
    H_FIRST_OPENS,
    H_KEPT,
    H_KEPT_MOST,
    H_LEAVING,
    H_LEAVINGS,
    H_LIVE,
    H_MARKED,
    H_MARKS,
    H_MAY_JOIN,
    H_MONTH_FIRST,
    H_MONTH_LAST,
    H_OPT_IN,
    H_OUT_BEFORE,
    H_OWN_ATTRIBUTES,
    H_OWN_DUE,
    H_OWN_DUE_ON,
    H_OWN_GIVEN,
    H_OWN_HOLDS,
    H_OWN_POT,
    H_OWN_SLOTS,
    H_PARTS,
    H_PRESENT,
    H_PURPOSE_DRAWS,
    H_QUEUE,
    H_RESETS,
    H_RULE,
    H_RULES,
    H_SLOT_LISTS,
    H_SLOTS,
    H_SNAPSHOT,
    H_STAND_DAY,
    H_STAND_WHAT,
    H_WAITING,
    H_WAITING_MOST,
    HOLDS,
    MONTH_ENDS,
    NAMED_DAY,
    PRESENCE,
    NEVER,
    REG_CLOSED_ON,
    REG_DIED_ON,
    REG_DUE,
    REG_FIRST_PAID,
    REG_KEPT,
    REG_KEPT_AT,
    REG_LOST,
    REG_MONTH,
    REG_OPENED_AT,
    REG_OUT,
    REG_OUTSET,
    REG_SEEN,
    REG_WAITING,
)
from lifepot.kernel.stepping_machine import give, run
from lifepot.kernel.stepping_tested import held, holds
from lifepot.periods import FAR_FUTURE as FAR

STATUS, PAY, PAID, WITHDRAWN, CLOSED, DIED = (int(kind) for kind in Kind)
ROW = 10
"""Numbers of a row in a list: stand, kind, payer, amount, earnings, hours, worker, employer, attribute, value."""
SAID = 3
"""Numbers of a status that waits: attribute, value, whether it begins a presence."""


@njit(cache=True)
def release(tables: Any, regs: Any, at: Any, out: Any, until: Any) -> Any:
    """Gives what falls due up to a day."""
    left = FAR
    kept, on = at + tables[H_OWN_DUE], at + tables[H_OWN_DUE_ON]
    for rule in range(tables[H_RULES]):
        due = regs[on + rule]
        if due <= until:
            amount = regs[kept + rule]
            regs[kept + rule], regs[on + rule] = 0, FAR
            lost = tables[tables[H_RULE] + rule * 8 + 2] != 0 and regs[at + REG_CLOSED_ON] < due
            if amount != 0 and not lost:
                give(tables, regs, at, out, rule, amount)
        else:
            left = min(left, due)
    regs[at + REG_DUE] = left


@njit(cache=True)
def push(
    tables: Any, regs: Any, place: Any, count: Any, stand: Any, kind: Any, payer: Any, amount: Any, earnings: Any,
    hours: Any, worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One more row of a list of rows; how many there are then."""
    one = place + ROW * count
    regs[one], regs[one + 1], regs[one + 2], regs[one + 3], regs[one + 4] = stand, kind, payer, amount, earnings
    regs[one + 5], regs[one + 6], regs[one + 7], regs[one + 8], regs[one + 9] = hours, worker, employer, attribute, value
    return count + 1


@njit(cache=True)
def push_marks(tables: Any, regs: Any, at: Any, month: Any) -> Any:
    """Lists the days that nobody told, up to a month's facts: months of attributes that go on, named days. How many."""
    place, count = at + tables[H_QUEUE], 0
    if tables[H_MARKED]:
        first = tables[tables[H_MONTH_FIRST] + max(regs[at + REG_MONTH] + 1, month - tables[H_MARKED])]
        for stand in range(first, tables[tables[H_MONTH_LAST] + month]):
            day, named = tables[tables[H_STAND_DAY] + stand], tables[tables[H_MARKS] + stand]
            if day > regs[at + REG_CLOSED_ON] or day > regs[at + REG_DIED_ON]:
                break
            if tables[tables[H_STAND_WHAT] + stand]:
                present = tables[H_PRESENT]
                for nth in range(tables[present]):
                    attribute = tables[present + 1 + nth]
                    if regs[at + tables[H_OWN_ATTRIBUTES] + attribute] == 1:
                        count = push(
                            tables, regs, place, count, stand, PRESENCE, 0, 0, NONE, NONE, NONE, NONE, attribute, 1
                        )  # fmt: skip
            for nth in range(tables[named]):
                number, fixed = tables[named + 1 + 2 * nth], tables[named + 2 + 2 * nth]
                if fixed or regs[at + REG_SEEN]:
                    count = push(
                        tables, regs, place, count, stand, NAMED_DAY, 0, 0, NONE, NONE, NONE, NONE, number, 1
                    )  # fmt: skip
    regs[at + REG_MONTH] = month
    return count


@njit(cache=True)
def days_in(month: Any) -> Any:
    """Days in a month, counted from January 1970."""
    year, one = 1970 + month // 12, month % 12
    if one == 1:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 + ((one + one // 7) % 2 == 0)


@njit(cache=True)
def first_of(month: Any) -> Any:
    """The first day of a month, counted from January 1970."""
    year, one = 1970 + month // 12, month % 12
    # Counted from March, so that the leap day is a year's last.
    since = year - (one < 2)
    era = since // 400
    of_era = since - era * 400
    of_year = (153 * ((one + 10) % 12) + 2) // 5
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@njit(cache=True)
def months_on(day: Any, months: Any) -> Any:
    """The day so many months after a day, or else the last of its month."""
    month = (day * 12) // 365
    while first_of(month) > day:
        month -= 1
    while first_of(month + 1) <= day:
        month += 1
    return first_of(month + months) + min(day - first_of(month), days_in(month + months) - 1)


@njit(cache=True)
def in_time(tables: Any, regs: Any, at: Any, stand: Any, place: Any) -> Any:
    """Whether a notice lies within a window of leaving."""
    if regs[at + REG_OPENED_AT] < 0:
        return False
    if tables[place] == 0:
        return True
    begin = NONE
    origins = tables[place + 2]
    joining = False
    for nth in range(tables[place + 1]):
        kind, which = tables[origins + 2 * nth], tables[origins + 2 * nth + 1]
        if kind == 0:
            joining = True
        else:
            begin = max(begin, which if kind == 1 else held(tables, regs, at, which))
    if begin == NONE and joining:
        begin = tables[tables[H_STAND_DAY] + regs[at + REG_OPENED_AT]]
    if begin == NONE:
        return False
    after, counted, on = tables[place + 3], tables[place + 5], tables[tables[H_STAND_DAY] + stand]
    first = begin if after == 0 else months_on(begin, after) + 1 - counted
    return first <= on <= months_on(begin, tables[place + 4]) - counted


@njit(cache=True)
def leave(tables: Any, regs: Any, at: Any, out: Any, stand: Any, attribute: Any, value: Any) -> Any:
    """What is said of leaving, and what goes back because of it."""
    stays_out = False
    for nth in range(tables[H_LEAVINGS]):
        place, own = tables[H_LEAVING] + 4 * nth, at + tables[H_OWN_HOLDS] + 2 * nth
        if tables[place] == attribute:
            back = 0
            if value == 1 and regs[own] == 0:
                met = False
                for window in range(tables[place + 2]):
                    one = tables[place + 3] + 7 * window
                    if in_time(tables, regs, at, stand, one):
                        met = True
                        back |= tables[one + 6]
                regs[own] = met or tables[place + 1] != 0
            elif value != 1:
                regs[own] = 0
            regs[own + 1] = value == 1 and regs[own] != 0
            if back:
                refund(tables, regs, at, out, stand, back)
        stays_out = stays_out or regs[own + 1] != 0
    regs[at + REG_OUT] = stays_out


@njit(cache=True)
def refund(tables: Any, regs: Any, at: Any, out: Any, stand: Any, parties: Any) -> Any:
    """Gives back what the rules of some parties gave; their totals begin anew."""
    day = tables[tables[H_STAND_DAY] + stand]
    if regs[at + REG_DUE] <= day:
        release(tables, regs, at, out, day)
    for rule in range(tables[H_RULES]):
        place = tables[H_RULE] + rule * 8
        if parties >> tables[place + 5] & 1:
            if tables[place] > 0:
                gave = regs[at + tables[H_OWN_GIVEN] + rule]
                give(tables, regs, at, out, rule, -gave)
            reset = tables[tables[H_RESETS] + rule]
            for nth in range(tables[reset]):
                kind, first, count = tables[reset + 1 + 3 * nth], tables[reset + 2 + 3 * nth], tables[reset + 3 + 3 * nth]
                if kind == 0:
                    regs[at + first] = NEVER
                else:
                    for one in range(at + first, at + first + count):
                        regs[one] = 0


@njit(cache=True)
def opens(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, kind: Any, payer: Any, earnings: Any, hours: Any, worker: Any,
    employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """Whether a row opens an account that is not open yet."""
    pay = kind == PAY
    found = tables[H_EVERYBODY] != 0
    asked_in = tables[H_OPT_IN]
    if asked_in >= 0:
        found = found or (kind == STATUS and attribute == asked_in and value == 1)
        found = found or (pay and regs[at + REG_OUTSET] != 0 and held(tables, regs, at, asked_in) == 1)
    found = found or (kind == PAID and payer == 0 and tables[H_FIRST_OPENS] != 0)
    for nth in range(2):
        first = tables[H_MAY_JOIN if nth else H_AUTOMATIC]
        if first != 0 and (found if nth else (pay and not found)):
            found = holds(tables, regs, at, out, at, stand, pay, True, earnings, hours, worker, employer, first)
    return found


@njit(cache=True)
def slot_of(tables: Any, regs: Any, at: Any, stand: Any, payer: Any) -> Any:
    """The place of a payer's own totals: the one it has, or that of the payer whose last row is longest ago."""
    count, own = tables[H_SLOTS], at + tables[H_OWN_SLOTS]
    oldest = 0
    for slot in range(count):
        if regs[own + 2 * slot + 1] != 0 and regs[own + 2 * slot] == payer:
            regs[own + 2 * slot + 1] = stand + 1
            return slot
        if regs[own + 2 * slot + 1] < regs[own + 2 * oldest + 1]:
            oldest = slot
    if regs[own + 2 * oldest + 1] == stand + 1:
        regs[at + REG_LOST] += 1
    regs[own + 2 * oldest], regs[own + 2 * oldest + 1] = payer, stand + 1
    place = tables[H_SLOT_LISTS]
    for nth in range(tables[place]):
        first, size = tables[place + 1 + 2 * nth], tables[place + 2 + 2 * nth]
        for one in range(at + first + oldest * size, at + first + (oldest + 1) * size):
            regs[one] = 0
    return oldest


@njit(cache=True)
def one_row(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One row, once it is known who is in. Of a status, `amount` says whether it begins a presence."""
    day, attributes = tables[tables[H_STAND_DAY] + stand], tables[H_ATTRIBUTES]
    slot = slot_of(tables, regs, at, stand, payer) if tables[H_SLOTS] else 0
    event = EVENT_OVER
    if kind == PAY:
        event = EVENT_PAY
    elif kind == STATUS:
        event = EVENTS + attribute
    elif kind == PAID:
        event = EVENT_PAID_BY
        if payer == 0:
            event = EVENT_PAID
            if regs[at + REG_FIRST_PAID] < 0:
                regs[at + REG_FIRST_PAID] = stand
    elif kind == WITHDRAWN:
        event = EVENT_WITHDRAWN
    elif kind == PRESENCE:
        event = EVENTS + attributes + attribute
    elif kind == NAMED_DAY:
        event = EVENTS + 2 * attributes + attribute
    else:
        over = at + (REG_CLOSED_ON if kind == CLOSED else REG_DIED_ON)
        regs[over] = min(regs[over], day)
    opened = regs[at + REG_OPENED_AT]
    active = opened >= 0 and stand >= opened and regs[at + REG_OUT] == 0
    active = active and day <= regs[at + REG_CLOSED_ON] and day <= regs[at + REG_DIED_ON]
    purpose = run(
        tables, regs, at, out, stand, event, active, amount, earnings, hours, worker, employer, value, amount, slot
    )  # fmt: skip
    if kind == WITHDRAWN:
        draw(tables, regs, at, out, stand, purpose, amount)
    elif kind == DIED:
        for rule in range(tables[H_RULES]):
            on = at + tables[H_OWN_DUE_ON] + rule
            regs[on] = min(regs[on], regs[at + REG_DIED_ON]) if regs[at + tables[H_OWN_DUE] + rule] != 0 else FAR
        release(tables, regs, at, out, day)


@njit(cache=True)
def draw(tables: Any, regs: Any, at: Any, out: Any, stand: Any, purpose: Any, amount: Any) -> Any:
    """Takes money out of the parts of the pot that a purpose draws on, in their order; returns how much was there."""
    pots, there = at + tables[H_OWN_POT], 0
    place = tables[H_PURPOSE_DRAWS] + 2 * purpose
    count = tables[place] if purpose >= 0 else 0
    for nth in range(count if count else tables[H_PARTS]):
        part = nth
        if count:
            one = tables[place + 1] + 2 * nth
            part, first = tables[one], tables[one + 1]
            if first != HOLDS and not holds(
                tables, regs, at, out, at, stand, False, False, NONE, NONE, NONE, NONE, first
            ):  # fmt: skip
                continue
        more = min(amount - there, regs[pots + part])
        regs[pots + part] -= more
        there += more
    return there


@njit(cache=True)
def keep(tables: Any, regs: Any, at: Any, stand: Any) -> Any:
    """Before an account is open: a stand's first row keeps all as it is, for if a later row of the stand opens the account
    the ones before it count after all.
    """
    if regs[at + REG_KEPT_AT] != stand + 1:
        regs[at + REG_KEPT_AT], regs[at + REG_KEPT] = stand + 1, 0
        live, copy = tables[H_LIVE], at + tables[H_SNAPSHOT]
        for one in range(live):
            regs[copy + one] = regs[at + one]
        for rule in range(tables[H_RULES]):
            regs[at + tables[H_OUT_BEFORE] + rule] = 0


@njit(cache=True)
def listen(tables: Any, regs: Any, at: Any, attribute: Any, value: Any) -> Any:
    """Something is said: it holds at once, on all of the day; what comes of it waits until all of the day is known."""
    count = regs[at + REG_WAITING]
    if count >= tables[H_WAITING_MOST]:
        regs[at + REG_LOST] += 1
        return
    own = at + tables[H_OWN_ATTRIBUTES] + attribute
    place = at + tables[H_WAITING] + SAID * count
    regs[place], regs[place + 1], regs[place + 2] = attribute, value, value == 1 and regs[own] != 1
    regs[own] = value
    regs[at + REG_WAITING] = count + 1


@njit(cache=True)
def hear(
    tables: Any, regs: Any, at: Any, out: Any, month: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One fact of a person (or of one of their jobs), or a month's end.

    First the days before it that nobody told, then what was said on its day, then the fact itself: each a list of rows, run
    one after the other. While no account is open, the rows of a day are kept: one that opens it makes those before it
    count, too, so that all are run anew from where the day began, and what they gave is set against it.
    """
    last = tables[tables[H_MONTH_LAST] + month]
    today = tables[tables[H_STAND_DAY] + last]
    queue, kept, before = at + tables[H_QUEUE], at + tables[H_KEPT], at + tables[H_OUT_BEFORE]
    rules = tables[H_RULES]
    for phase in range(3):
        count, listed, said, closed = 0, True, False, False
        stand = last
        row, of, much, pay, time, worker_says, employer_says = kind, payer, amount, earnings, hours, worker, employer
        what, how = attribute, value
        if phase == 0:
            if regs[at + REG_MONTH] < month:
                count = push_marks(tables, regs, at, month)
                if count == 0 and regs[at + REG_DUE] < today:
                    release(tables, regs, at, out, today - 1)
        elif phase == 1:
            if kind == STATUS:
                regs[at + REG_SEEN] = 1
                listen(tables, regs, at, attribute, value)
                return
            waiting = at + tables[H_WAITING]
            for nth in range(regs[at + REG_WAITING]):
                place = waiting + SAID * nth
                count = push(
                    tables, regs, queue, count, last, STATUS, 0, regs[place + 2], NONE, NONE, NONE, NONE, regs[place],
                    regs[place + 1],
                )  # fmt: skip
            regs[at + REG_WAITING] = 0
            said = count > 0
            closed = said and regs[at + REG_OPENED_AT] < 0
        elif kind != MONTH_ENDS:
            regs[at + REG_SEEN] = 1
            count, listed = 1, False
            closed = regs[at + REG_OPENED_AT] < 0
        if count == 0:
            continue
        if closed:
            keep(tables, regs, at, last)
            if not listed:
                push(
                    tables, regs, queue, 0, last, kind, payer, amount, earnings, hours, worker, employer, attribute, value
                )  # fmt: skip
                if kind == PAID and payer == 0 and regs[at + REG_FIRST_PAID] < 0:
                    regs[at + REG_FIRST_PAID] = last
            found = False
            for nth in range(count):
                place = queue + ROW * nth
                if regs[at + REG_KEPT] < tables[H_KEPT_MOST]:
                    copy = kept + ROW * regs[at + REG_KEPT]
                    for one in range(ROW):
                        regs[copy + one] = regs[place + one]
                    regs[at + REG_KEPT] += 1
                else:
                    regs[at + REG_LOST] += 1
                found = found or opens(
                    tables, regs, at, out, last, regs[place + 1], regs[place + 2], regs[place + 4], regs[place + 5],
                    regs[place + 6], regs[place + 7], regs[place + 8], regs[place + 9],
                )  # fmt: skip
            if found:
                if not listed:
                    # All rows of the day anew.
                    count, lost = regs[at + REG_KEPT], regs[at + REG_LOST]
                    live, copy = tables[H_LIVE], at + tables[H_SNAPSHOT]
                    for one in range(live):
                        regs[at + one] = regs[copy + one]
                    for one in range(ROW * count):
                        regs[queue + one] = regs[kept + one]
                    regs[at + REG_LOST], regs[at + REG_WAITING] = lost, 0
                    for rule in range(rules):
                        out[rule] -= regs[before + rule]
                    listed = said = True
                    closed = False
                regs[at + REG_OPENED_AT] = last
            if closed:
                for rule in range(rules):
                    regs[before + rule] -= out[rule]
        if said:
            for nth in range(count):
                place = queue + ROW * nth
                if regs[place + 1] == STATUS:
                    leave(tables, regs, at, out, last, regs[place + 8], regs[place + 9])
        for nth in range(count):
            if listed:
                place = queue + ROW * nth
                stand, row, of, much, pay = (
                    regs[place], regs[place + 1], regs[place + 2], regs[place + 3], regs[place + 4]
                )  # fmt: skip
                time, worker_says, employer_says = regs[place + 5], regs[place + 6], regs[place + 7]
                what, how = regs[place + 8], regs[place + 9]
            if regs[at + REG_DUE] < tables[tables[H_STAND_DAY] + stand]:
                release(tables, regs, at, out, tables[tables[H_STAND_DAY] + stand] - 1)
            one_row(tables, regs, at, out, stand, row, of, much, pay, time, worker_says, employer_says, what, how)
        if closed:
            for rule in range(rules):
                regs[before + rule] += out[rule]
    if kind == MONTH_ENDS and regs[at + REG_DUE] <= today:
        release(tables, regs, at, out, today)
