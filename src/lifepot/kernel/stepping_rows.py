"""One row after another: who is in, what was said, what falls due; and in between the days that nobody told."""

from typing import Any

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
    H_OTHERS,
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
    NEVER,
    PRESENCE,
    REG_BACK,
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
from lifepot.kernel.stepping_figured import give
from lifepot.kernel.stepping_machine import run
from lifepot.kernel.stepping_memory import compiled, in_place, read, write
from lifepot.kernel.stepping_tested import held, holds
from lifepot.periods import FAR_FUTURE as FAR

STATUS, PAY, PAID, WITHDRAWN, CLOSED, DIED = (int(kind) for kind in Kind)
ROW = 10
"""Numbers of a row in a list: stand, kind, payer, amount, earnings, hours, worker, employer, attribute, value."""
SAID = 3
"""Numbers of a status that waits: attribute, value, whether it begins a presence."""


@compiled
def release(tables: Any, regs: Any, at: Any, out: Any, until: Any) -> Any:
    """Gives what falls due up to a day."""
    left = FAR
    kept, on = at + read(tables, H_OWN_DUE), at + read(tables, H_OWN_DUE_ON)
    for rule in range(read(tables, H_RULES)):
        due = read(regs, on + rule)
        if due <= until:
            amount = read(regs, kept + rule)
            write(regs, kept + rule, 0)
            write(regs, on + rule, FAR)
            lost = read(tables, read(tables, H_RULE) + rule * 8 + 2) != 0 and read(regs, at + REG_CLOSED_ON) < due
            if amount != 0 and not lost:
                give(tables, regs, at, out, rule, amount)
        else:
            left = min(left, due)
    write(regs, at + REG_DUE, left)


@compiled
def push(
    regs: Any, place: Any, count: Any, stand: Any, kind: Any, payer: Any, amount: Any, earnings: Any,
    hours: Any, worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One more row of a list of rows; how many there are then."""
    one = place + ROW * count
    write(regs, one, stand)
    write(regs, one + 1, kind)
    write(regs, one + 2, payer)
    write(regs, one + 3, amount)
    write(regs, one + 4, earnings)
    write(regs, one + 5, hours)
    write(regs, one + 6, worker)
    write(regs, one + 7, employer)
    write(regs, one + 8, attribute)
    write(regs, one + 9, value)
    return count + 1


@compiled
def push_marks(tables: Any, regs: Any, at: Any, month: Any) -> Any:
    """Lists the days that nobody told, up to a month's facts: months of attributes that go on, named days. How many."""
    place, count = at + read(tables, H_QUEUE), 0
    if read(tables, H_MARKED):
        if read(regs, at + REG_OPENED_AT) >= 0 and month - read(regs, at + REG_MONTH) > read(tables, H_MARKED) + 1:
            # Nobody said that months were over.
            write(regs, at + REG_LOST, read(regs, at + REG_LOST) + 1)
        first = read(
            tables, read(tables, H_MONTH_FIRST) + max(read(regs, at + REG_MONTH) + 1, month - read(tables, H_MARKED))
        )
        for stand in range(first, read(tables, read(tables, H_MONTH_LAST) + month)):
            day, named = read(tables, read(tables, H_STAND_DAY) + stand), read(tables, read(tables, H_MARKS) + stand)
            if day > read(regs, at + REG_CLOSED_ON) or day > read(regs, at + REG_DIED_ON):
                break
            if read(tables, read(tables, H_STAND_WHAT) + stand):
                present = read(tables, H_PRESENT)
                for nth in range(read(tables, present)):
                    attribute = read(tables, present + 1 + nth)
                    if read(regs, at + read(tables, H_OWN_ATTRIBUTES) + attribute) == 1:
                        count = push(regs, place, count, stand, PRESENCE, 0, 0, NONE, NONE, NONE, NONE, attribute, 1
                        )  # fmt: skip
            for nth in range(read(tables, named)):
                number, fixed = read(tables, named + 1 + 2 * nth), read(tables, named + 2 + 2 * nth)
                if fixed or read(regs, at + REG_SEEN):
                    count = push(regs, place, count, stand, NAMED_DAY, 0, 0, NONE, NONE, NONE, NONE, number, 1
                    )  # fmt: skip
    write(regs, at + REG_MONTH, month)
    return count


@compiled
def days_in(month: Any) -> Any:
    """Days in a month, counted from January 1970."""
    year, one = 1970 + month // 12, month % 12
    if one == 1:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 + ((one + one // 7) % 2 == 0)


@compiled
def first_of(month: Any) -> Any:
    """The first day of a month, counted from January 1970."""
    year, one = 1970 + month // 12, month % 12
    # Counted from March, so that the leap day is a year's last.
    since = year - (one < 2)
    era = since // 400
    of_era = since - era * 400
    of_year = (153 * ((one + 10) % 12) + 2) // 5
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@compiled
def months_on(day: Any, months: Any) -> Any:
    """The day so many months after a day, or else the last of its month."""
    month = (day * 12) // 365
    while first_of(month) > day:
        month -= 1
    while first_of(month + 1) <= day:
        month += 1
    return first_of(month + months) + min(day - first_of(month), days_in(month + months) - 1)


@compiled
def in_time(tables: Any, regs: Any, at: Any, stand: Any, place: Any) -> Any:
    """Whether a notice lies within a window of leaving."""
    if read(regs, at + REG_OPENED_AT) < 0:
        return False
    if read(tables, place) == 0:
        return True
    begin = NONE
    origins = read(tables, place + 2)
    joining = False
    for nth in range(read(tables, place + 1)):
        kind, which = read(tables, origins + 2 * nth), read(tables, origins + 2 * nth + 1)
        if kind == 0:
            joining = True
        else:
            begin = max(begin, which if kind == 1 else held(tables, regs, at, which))
    if begin == NONE and joining:
        begin = read(tables, read(tables, H_STAND_DAY) + read(regs, at + REG_OPENED_AT))
    if begin == NONE:
        return False
    after, counted, on = (
        read(tables, place + 3),
        read(tables, place + 5),
        read(tables, read(tables, H_STAND_DAY) + stand),
    )
    first = begin if after == 0 else months_on(begin, after) + 1 - counted
    return first <= on <= months_on(begin, read(tables, place + 4)) - counted


@compiled
def leave(tables: Any, regs: Any, at: Any, out: Any, stand: Any, attribute: Any, value: Any) -> Any:
    """What is said of leaving, and what goes back because of it."""
    stays_out = False
    for nth in range(read(tables, H_LEAVINGS)):
        place, own = read(tables, H_LEAVING) + 4 * nth, at + read(tables, H_OWN_HOLDS) + 2 * nth
        if read(tables, place) == attribute:
            back = 0
            if value == 1 and read(regs, own) == 0:
                met = False
                for window in range(read(tables, place + 2)):
                    one = read(tables, place + 3) + 7 * window
                    if in_time(tables, regs, at, stand, one):
                        met = True
                        back |= read(tables, one + 6)
                write(regs, own, met or read(tables, place + 1) != 0)
            elif value != 1:
                write(regs, own, 0)
            write(regs, own + 1, value == 1 and read(regs, own) != 0)
            if back:
                refund(tables, regs, at, out, stand, back)
        stays_out = stays_out or read(regs, own + 1) != 0
    write(regs, at + REG_OUT, stays_out)


@compiled
def refund(tables: Any, regs: Any, at: Any, out: Any, stand: Any, parties: Any) -> Any:
    """Gives back what the rules of some parties gave; their totals begin anew."""
    day = read(tables, read(tables, H_STAND_DAY) + stand)
    if read(regs, at + REG_DUE) <= day:
        release(tables, regs, at, out, day)
    for rule in range(read(tables, H_RULES)):
        place = read(tables, H_RULE) + rule * 8
        if parties >> read(tables, place + 5) & 1:
            if read(tables, place) > 0:
                gave = read(regs, at + read(tables, H_OWN_GIVEN) + rule)
                give(tables, regs, at, out, rule, -gave)
            reset = read(tables, read(tables, H_RESETS) + rule)
            for nth in range(read(tables, reset)):
                kind, first, count = (
                    read(tables, reset + 1 + 3 * nth),
                    read(tables, reset + 2 + 3 * nth),
                    read(tables, reset + 3 + 3 * nth),
                )
                if kind == 0:
                    write(regs, at + first, NEVER)
                else:
                    for one in range(at + first, at + first + count):
                        write(regs, one, 0)
    write(regs, at + REG_BACK, read(regs, at + REG_BACK) | parties)


@compiled
def opens(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, kind: Any, payer: Any, earnings: Any, hours: Any, worker: Any,
    employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """Whether a row opens an account that is not open yet."""
    pay = kind == PAY
    found = read(tables, H_EVERYBODY) != 0
    asked_in = read(tables, H_OPT_IN)
    if asked_in >= 0:
        found = found or (kind == STATUS and attribute == asked_in and value == 1)
        found = found or (pay and read(regs, at + REG_OUTSET) != 0 and held(tables, regs, at, asked_in) == 1)
    found = found or (kind == PAID and payer == 0 and read(tables, H_FIRST_OPENS) != 0)
    for nth in range(2):
        first = read(tables, H_MAY_JOIN if nth else H_AUTOMATIC)
        if first != 0 and (found if nth else (pay and not found)):
            found = holds(tables, regs, at, out, at, stand, pay, True, earnings, hours, worker, employer, first)
    return found


@compiled
def slot_of(tables: Any, regs: Any, at: Any, stand: Any, payer: Any) -> Any:
    """The place of a payer's own totals: the one it has, or that of the payer whose last row is longest ago."""
    count, own = read(tables, H_SLOTS), at + read(tables, H_OWN_SLOTS)
    oldest = 0
    for slot in range(count):
        if read(regs, own + 2 * slot + 1) != 0 and read(regs, own + 2 * slot) == payer:
            write(regs, own + 2 * slot + 1, stand + 1)
            return slot
        if read(regs, own + 2 * slot + 1) < read(regs, own + 2 * oldest + 1):
            oldest = slot
    if read(regs, own + 2 * oldest + 1) == stand + 1:
        write(regs, at + REG_LOST, read(regs, at + REG_LOST) + (1))
    write(regs, own + 2 * oldest, payer)
    write(regs, own + 2 * oldest + 1, stand + 1)
    place = read(tables, H_SLOT_LISTS)
    for nth in range(read(tables, place)):
        first, size = read(tables, place + 1 + 2 * nth), read(tables, place + 2 + 2 * nth)
        for one in range(at + first + oldest * size, at + first + (oldest + 1) * size):
            write(regs, one, 0)
    return oldest


@in_place
def one_row(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One row, once it is known who is in. Of a status, `amount` says whether it begins a presence."""
    day, attributes = read(tables, read(tables, H_STAND_DAY) + stand), read(tables, H_ATTRIBUTES)
    slot = slot_of(tables, regs, at, stand, payer) if read(tables, H_SLOTS) else 0
    event = EVENT_OVER
    if kind == PAY:
        event = EVENT_PAY
    elif kind == STATUS:
        event = EVENTS + attribute
    elif kind == PAID:
        event = EVENT_PAID_BY
        if payer == 0:
            event = EVENT_PAID
            if read(regs, at + REG_FIRST_PAID) < 0:
                write(regs, at + REG_FIRST_PAID, stand)
    elif kind == WITHDRAWN:
        event = EVENT_WITHDRAWN
    elif kind == PRESENCE:
        event = EVENTS + attributes + attribute
    elif kind == NAMED_DAY:
        event = EVENTS + 2 * attributes + attribute
    else:
        over = at + (REG_CLOSED_ON if kind == CLOSED else REG_DIED_ON)
        write(regs, over, min(read(regs, over), day))
    opened = read(regs, at + REG_OPENED_AT)
    active = opened >= 0 and stand >= opened and read(regs, at + REG_OUT) == 0
    active = active and day <= read(regs, at + REG_CLOSED_ON) and day <= read(regs, at + REG_DIED_ON)
    purpose = run(
        tables, regs, at, out, stand, event, active, amount, earnings, hours, worker, employer, value, amount, slot
    )  # fmt: skip
    if kind == WITHDRAWN:
        draw(tables, regs, at, out, stand, purpose, amount, True)
    elif kind == DIED:
        for rule in range(read(tables, H_RULES)):
            on = at + read(tables, H_OWN_DUE_ON) + rule
            write(
                regs,
                on,
                min(read(regs, on), read(regs, at + REG_DIED_ON))
                if read(regs, at + read(tables, H_OWN_DUE) + rule) != 0
                else FAR,
            )
        release(tables, regs, at, out, day)


@compiled
def draw(tables: Any, regs: Any, at: Any, out: Any, stand: Any, purpose: Any, amount: Any, takes: Any) -> Any:
    """How much of a sum a withdrawal for a purpose could be paid, from the parts of the pot that it draws on, in their order,
    and of each from what the worker, the employer and government gave; for none (-1) from what the rulebook says. It is
    taken out of them if it `takes`.
    """
    pots, there = at + read(tables, H_OWN_POT), 0
    parties = 3
    place, count = 0, 0
    if purpose >= 0:
        place = read(tables, H_PURPOSE_DRAWS) + 2 * purpose
        count = read(tables, place)
    elif read(tables, H_OTHERS) == 0:
        parties = 1
    for nth in range(count or read(tables, H_PARTS)):
        part = nth
        if count:
            one = read(tables, place + 1) + 2 * nth
            part, first = read(tables, one), read(tables, one + 1)
            if first != HOLDS and not holds(
                tables, regs, at, out, at, stand, False, False, NONE, NONE, NONE, NONE, first
            ):  # fmt: skip
                continue
        for own in range(pots + 3 * part, pots + 3 * part + parties):
            more = min(amount - there, read(regs, own))
            there += more
            if takes:
                write(regs, own, read(regs, own) - more)
    return there


@compiled
def keep(tables: Any, regs: Any, at: Any, stand: Any) -> Any:
    """Before an account is open: a stand's first row keeps all as it is, for if a later row of the stand opens the account
    the ones before it count after all.
    """
    if read(regs, at + REG_KEPT_AT) != stand + 1:
        write(regs, at + REG_KEPT_AT, stand + 1)
        write(regs, at + REG_KEPT, 0)
        live, copy = read(tables, H_LIVE), at + read(tables, H_SNAPSHOT)
        for one in range(live):
            write(regs, copy + one, read(regs, at + one))
        for rule in range(read(tables, H_RULES)):
            write(regs, at + read(tables, H_OUT_BEFORE) + rule, 0)


@compiled
def listen(tables: Any, regs: Any, at: Any, attribute: Any, value: Any) -> Any:
    """Something is said: it holds at once, on all of the day; what comes of it waits until all of the day is known."""
    count = read(regs, at + REG_WAITING)
    if count >= read(tables, H_WAITING_MOST):
        write(regs, at + REG_LOST, read(regs, at + REG_LOST) + (1))
        return
    own = at + read(tables, H_OWN_ATTRIBUTES) + attribute
    place = at + read(tables, H_WAITING) + SAID * count
    write(regs, place, attribute)
    write(regs, place + 1, value)
    write(regs, place + 2, value == 1 and read(regs, own) != 1)
    write(regs, own, value)
    write(regs, at + REG_WAITING, count + 1)


@in_place
def hear(  # noqa: PLR0915 (each step is asked for in one place, so that it is compiled once)
    tables: Any, regs: Any, at: Any, out: Any, month: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One fact of a person (or of one of their jobs), or a month's end.

    First the days before it that nobody told, then what was said on its day, then the fact itself: each a list of rows, run
    one after the other. While no account is open, the rows of a day are kept: one that opens it makes those before it
    count, too, so that all are run anew from where the day began, and what they gave is set against it.
    """
    last = read(tables, read(tables, H_MONTH_LAST) + month)
    today = read(tables, read(tables, H_STAND_DAY) + last)
    queue, kept, before = at + read(tables, H_QUEUE), at + read(tables, H_KEPT), at + read(tables, H_OUT_BEFORE)
    rules = read(tables, H_RULES)
    for phase in range(3):
        count, listed, said, closed = 0, True, False, False
        stand = last
        row, of, much, pay, time, worker_says, employer_says = kind, payer, amount, earnings, hours, worker, employer
        what, how = attribute, value
        if phase == 0:
            if read(regs, at + REG_MONTH) < month:
                write(regs, at + REG_BACK, 0)
                count = push_marks(tables, regs, at, month)
                if count == 0 and read(regs, at + REG_DUE) < today:
                    release(tables, regs, at, out, today - 1)
        elif phase == 1:
            if kind == STATUS:
                write(regs, at + REG_SEEN, 1)
                listen(tables, regs, at, attribute, value)
                return
            waiting = at + read(tables, H_WAITING)
            for nth in range(read(regs, at + REG_WAITING)):
                place = waiting + SAID * nth
                count = push(regs, queue, count, last, STATUS, 0, read(regs, place + 2), NONE, NONE, NONE, NONE, read(regs, place),
                    read(regs, place + 1),
                )  # fmt: skip
            write(regs, at + REG_WAITING, 0)
            said = count > 0
            closed = said and read(regs, at + REG_OPENED_AT) < 0
        elif kind != MONTH_ENDS:
            write(regs, at + REG_SEEN, 1)
            count, listed = 1, False
            closed = read(regs, at + REG_OPENED_AT) < 0
        if count == 0:
            continue
        if closed:
            keep(tables, regs, at, last)
            if not listed:
                push(regs, queue, 0, last, kind, payer, amount, earnings, hours, worker, employer, attribute, value
                )  # fmt: skip
                if kind == PAID and payer == 0 and read(regs, at + REG_FIRST_PAID) < 0:
                    write(regs, at + REG_FIRST_PAID, last)
            found = False
            for nth in range(count):
                place = queue + ROW * nth
                if read(regs, at + REG_KEPT) < read(tables, H_KEPT_MOST):
                    copy = kept + ROW * read(regs, at + REG_KEPT)
                    for one in range(ROW):
                        write(regs, copy + one, read(regs, place + one))
                    write(regs, at + REG_KEPT, read(regs, at + REG_KEPT) + (1))
                else:
                    write(regs, at + REG_LOST, read(regs, at + REG_LOST) + (1))
                found = found or opens(
                    tables, regs, at, out, last, read(regs, place + 1), read(regs, place + 2), read(regs, place + 4), read(regs, place + 5),
                    read(regs, place + 6), read(regs, place + 7), read(regs, place + 8), read(regs, place + 9),
                )  # fmt: skip
            if found:
                if not listed:
                    # All rows of the day anew.
                    count, lost = read(regs, at + REG_KEPT), read(regs, at + REG_LOST)
                    live, copy = read(tables, H_LIVE), at + read(tables, H_SNAPSHOT)
                    for one in range(live):
                        write(regs, at + one, read(regs, copy + one))
                    for one in range(ROW * count):
                        write(regs, queue + one, read(regs, kept + one))
                    write(regs, at + REG_LOST, lost)
                    write(regs, at + REG_WAITING, 0)
                    for rule in range(rules):
                        write(out, rule, read(out, rule) - (read(regs, before + rule)))
                    listed = said = True
                    closed = False
                write(regs, at + REG_OPENED_AT, last)
            if closed:
                for rule in range(rules):
                    write(regs, before + rule, read(regs, before + rule) - (read(out, rule)))
        if said:
            for nth in range(count):
                place = queue + ROW * nth
                if read(regs, place + 1) == STATUS:
                    leave(tables, regs, at, out, last, read(regs, place + 8), read(regs, place + 9))
        for nth in range(count):
            if listed:
                place = queue + ROW * nth
                stand, row, of, much, pay = (
                    read(regs, place), read(regs, place + 1), read(regs, place + 2), read(regs, place + 3), read(regs, place + 4)
                )  # fmt: skip
                time, worker_says, employer_says = read(regs, place + 5), read(regs, place + 6), read(regs, place + 7)
                what, how = read(regs, place + 8), read(regs, place + 9)
            if read(regs, at + REG_DUE) < read(tables, read(tables, H_STAND_DAY) + stand):
                release(tables, regs, at, out, read(tables, read(tables, H_STAND_DAY) + stand) - 1)
            one_row(tables, regs, at, out, stand, row, of, much, pay, time, worker_says, employer_says, what, how)
        if closed:
            for rule in range(rules):
                write(regs, before + rule, read(regs, before + rule) + (read(out, rule)))
    if kind == MONTH_ENDS and read(regs, at + REG_DUE) <= today:
        release(tables, regs, at, out, today)
