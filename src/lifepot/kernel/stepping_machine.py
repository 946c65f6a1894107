"""The stepper's machine, second half: the instructions of all amounts and rules that a row can reach."""

from typing import Any

from lifepot.kernel.columns import NONE
from lifepot.kernel.stepping_codes import (
    ACTIVE,
    ADD,
    AT_LEAST,
    ATTRIBUTE,
    AVERAGE,
    BEGIN,
    BY_DAY,
    CONSTANT,
    EARLIER,
    END,
    EVENT_PAY,
    EVENT_WITHDRAWN,
    F_BRINGS_AT,
    F_FLOOR,
    F_LEFT,
    F_LEVEL_AT,
    F_OLDER,
    F_PURPOSE,
    F_SLICES,
    F_STANDING,
    F_TAKING,
    F_Z,
    GIVE,
    H_EVENTS,
    H_FRAME,
    H_OWN_ATTRIBUTES,
    H_QUOTIENTS,
    HIGHER,
    HIGHEST,
    KEEP,
    KEEP_TRUTH,
    KEPT,
    LATEST,
    LESS,
    LEVEL,
    LOAD_Y,
    LOAD_Z,
    MINUS,
    OF_EARNINGS,
    OF_EMPLOYER,
    OF_HOURS,
    OF_TERM,
    OF_VALUE,
    OF_WORKER,
    OUTSIDE,
    PART,
    PRO_RATA,
    PURPOSE,
    RATE,
    RATE_BY,
    RATE_PARTS,
    REG_GAPS,
    REG_OPENED_AT,
    RISE,
    ROUND,
    SAID,
    SUM,
    TAKEN,
    TAPER,
    TIER,
    TIERS,
    TIERS_END,
    TOTAL,
    UP_TO,
    WHEN,
    WHERE,
    WIDTH,
)
from lifepot.kernel.stepping_figured import averaged, owe, rounded, served, sourced
from lifepot.kernel.stepping_memory import in_place, read, write
from lifepot.kernel.stepping_tested import holds, operand, window_at

GAP, OUT, UNDONE, TOLD, COUNTS, STANDS = 1, 2, 4, 8, 16, 32
"""What is known of the row in hand, as bits: there was no figure for it; it is in no window; it is run once more for what was taken out
of an earlier window; what it is made of was said; it is a member's; where the amount stands is not what it comes to.
"""

LOW = 2**32 - 1
"""The lower half of a place that holds two numbers."""


@in_place
def run(  # noqa: PLR0915 (one rung an instruction)
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, event: Any, active: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, value: Any, begins: Any, slot: Any,
) -> Any:  # fmt: skip
    """All amounts and rules that a row of this event can reach, each after those it needs; `out` is added to. Returns the
    purpose of a withdrawal.

    Each instruction is named in `stepping_codes` and laid by `stepping_terms`. A column of one row is `num / den`;
    `flags`: what is known of it; `own`: the registers of the window in hand.
    """
    pc = read(tables, read(tables, H_EVENTS) + event)
    pay = event == EVENT_PAY
    num = den = y = 0
    own = at
    flags = 0
    # What is seldom asked for stands in `out`: of each number that is carried from one instruction to the next in a core's own
    # places, every instruction has to know where it is.
    frame = read(tables, H_FRAME)
    write(out, frame + F_PURPOSE, -1)
    write(out, frame + F_LEFT, 0)
    attributes, quotients = at + read(tables, H_OWN_ATTRIBUTES), read(tables, H_QUOTIENTS)
    while True:
        op = read(tables, pc)
        x, missing = 0, False
        if op >= LOAD_Y:
            kind, which = read(tables, pc + 1), read(tables, pc + 2)
            x = which
            if kind == BY_DAY:
                x = read(tables, x + stand)
            elif kind == LEVEL:
                x = read(out, x)
            elif kind > ATTRIBUTE:
                # Kept in the window at its last row.
                x = read(regs, own + x)
            elif kind == ATTRIBUTE:
                x = NONE
                if read(regs, attributes + which) != NONE or read(tables, quotients + 3 * which) >= 0:
                    x = operand(tables, regs, at, out, own, stand, pay, kind, which)
            elif kind != CONSTANT:
                x = operand(tables, regs, at, out, own, stand, pay, kind, x)
        if op in (BEGIN, ADD):
            source, which = read(tables, pc + 1), read(tables, pc + 2)
            if source == OF_EARNINGS:
                more = earnings if earnings != NONE else 0
            elif source == OF_TERM:
                more = read(out, which)
            else:
                purpose = read(out, frame + F_PURPOSE)
                more = sourced(source, which, out, amount, hours, worker, employer, value, begins, purpose)
            if op == BEGIN:
                # source, which, brings, level, only members, where to go on with nothing, whether more follows
                brings_at = read(tables, pc + 3)
                write(out, frame + F_BRINGS_AT, brings_at)
                write(out, frame + F_LEVEL_AT, read(tables, pc + 4))
                num, den = more, 1
                counts = active or read(tables, pc + 5) == 0
                flags = COUNTS if counts else 0
                if not counts and read(tables, pc + 7) == 0:
                    num = 0
                if num == 0 and read(tables, pc + 6) != 0:
                    write(out, brings_at, 0)
                    pc = read(tables, pc + 6)
                    continue
            else:
                # source, which, how it is combined
                how = read(tables, pc + 3)
                if how == SUM:
                    num += more
                elif how == MINUS:
                    num -= more
                elif how == HIGHER:
                    num = max(num, more)
                else:
                    num = min(num, more)
        elif op == ACTIVE:
            # where to go on with nothing
            if flags & COUNTS == 0:
                num = 0
            if num == 0 and read(tables, pc + 1) != 0:
                write(out, read(out, frame + F_BRINGS_AT), 0)
                pc = read(tables, pc + 1)
                continue
        elif op in (WHEN, WHERE, KEEP_TRUTH):
            # first test; of `WHEN`: whether it is asked of nothing too (1), or of what a pay states (2, 3: without
            # earnings), where to go on with nothing, which the pay states; of the others: the register it is kept in
            mode = read(tables, pc + 2)
            asks = num != 0
            if op == WHEN:
                asks = asks or mode == 1
                if mode >= 2 and pay:
                    stated = worker if read(tables, pc + 4) == OF_WORKER else employer
                    asks = asks or (stated != NONE and (mode == 2 or earnings == NONE))
                asks = asks and flags & COUNTS != 0
            elif op == KEEP_TRUTH:
                asks = True
            elif mode:
                asks = False
                if read(regs, own + read(tables, pc + 1)) == 0:
                    num = 0
            if asks:
                truth = holds(
                    tables, regs, at, out, own, stand, pay, False, earnings, hours, worker, employer, read(tables, pc + 1)
                )  # fmt: skip
                if op == KEEP_TRUTH:
                    write(regs, own + mode, truth)
                elif not truth:
                    num = 0
                    if op == WHEN:
                        flags &= ~COUNTS
            if op == WHEN and num == 0 and read(tables, pc + 3) != 0:
                write(out, read(out, frame + F_BRINGS_AT), 0)
                pc = read(tables, pc + 3)
                continue
        elif op in (TOTAL, LATEST, HIGHEST, RISE):
            # window by day (1) and where, or its number; registers, how many (and of each job above that)
            if read(tables, pc + 1) == 1:
                window = read(tables, read(tables, pc + 2) + stand)
            else:
                window = window_at(tables, regs, at, stand, pay, read(tables, pc + 2))
            if window == OUTSIDE and op in (TOTAL, LATEST):
                num = 0
                flags |= OUT
                pc = read(tables, pc + 8) >> 32
                continue
            size = read(tables, pc + 4)
            own = at + read(tables, pc + 3) + slot * (size >> 32)
            if read(regs, own) != window:
                write(regs, own, window)
                for place in range(own + 1, own + (size & LOW)):
                    write(regs, place, 0)
                if op == RISE:
                    write(regs, own + 1, read(regs, own - 1))
            stood = read(regs, own + 1)
            if op == TOTAL:
                # not below nothing; whether there is a cap (2: one that may be a gap)
                if read(tables, pc + 6) and num > 0:
                    if y == NONE and read(tables, pc + 6) == 2:
                        # With no figure, it rises no higher than nothing.
                        write(regs, at + REG_GAPS, read(regs, at + REG_GAPS) + 1)
                        flags |= GAP
                        y = 0
                    stood = stood + num if y == NONE else max(stood, min(stood + num, y))
                else:
                    stood += num
                if read(tables, pc + 5):
                    stood = max(stood, 0)
                num = stood
                write(regs, own + 1, num)
            elif op == LATEST:
                if flags & (TOLD | COUNTS | GAP) == TOLD | COUNTS:
                    write(regs, own + 1, num)
                else:
                    num = stood
            elif op == RISE:
                write(regs, own - 1, num)
                num = 0 if window == OUTSIDE else num - stood
            else:
                num = 0 if window == OUTSIDE else max(num, stood, 0)
                write(regs, own + 1, num)
            if op in (TOTAL, LATEST):
                den = 1
                if flags & GAP:
                    num = 0
                    pc = read(tables, pc + 8) & LOW
                    continue
        elif op == UP_TO:
            # operand, where a gap goes on, whether not to know it is one
            if x != NONE:
                num = min(num, max(x, 0) * den)
            else:
                missing = read(tables, pc + 4) != 0 and num != 0
        elif op == RATE:
            # rate, its denominator, rounding
            num *= read(tables, pc + 1)
            den *= read(tables, pc + 2)
            if read(tables, pc + 3):
                num = rounded(num, den, read(tables, pc + 3) & 15, read(tables, pc + 3) >> 8)
                den = 1
        elif op == ROUND:
            num = rounded(num, den, read(tables, pc + 1), read(tables, pc + 2))
            den = 1
        elif op == LOAD_Y:
            y = x
        elif op == LOAD_Z:
            write(out, frame + F_Z, x)
        elif op == TAPER:
            # operand, where a gap goes on, of which not to know them is none, as bits; whether from and to follow, or y and z
            # are they
            if num != 0:
                z = read(out, frame + F_Z)
                if read(tables, pc + 5):
                    y, z = read(tables, pc + 6), read(tables, pc + 7)
                known = read(tables, pc + 4)
                x = 0 if x == NONE and known & 1 else x
                y = 0 if y == NONE and known & 2 else y
                z = 0 if z == NONE and known & 4 else z
                if x == NONE or y == NONE or z == NONE:  # noqa: PLR1714
                    missing = True
                elif x > y:
                    z = max(z, y + 1)
                    num *= max(z - x, 0)
                    den *= z - y
        elif op == RATE_BY:
            # operand, where a gap goes on, times of it and of the attribute, denominator, whether y is the attribute,
            # rounding
            if read(tables, pc + 7) and y != NONE:
                num *= y * read(tables, pc + 5)
            elif num != 0:
                if x == NONE:
                    missing = True
                else:
                    num *= x * read(tables, pc + 4)
            den *= read(tables, pc + 6)
            if read(tables, pc + 8):
                num = rounded(num, den, read(tables, pc + 8) & 15, read(tables, pc + 8) >> 8)
                den = 1
        elif op == RATE_PARTS:
            # the same, and the registers of what it and the outcome were
            before = own + read(tables, pc + 7)
            more = num - read(regs, before)
            if more != 0:
                if y == NONE and x == NONE:
                    missing = True
                else:
                    write(
                        regs,
                        before + 1,
                        read(regs, before + 1)
                        + (more * (x * read(tables, pc + 4) if y == NONE else y * read(tables, pc + 5))),
                    )
                    write(regs, before, num)
            num = read(regs, before + 1)
            den *= read(tables, pc + 6)
        elif op == GIVE:
            if num > 0:
                num = x
                if x == NONE:
                    num = 0
                    missing = read(tables, pc + 4) != 0
            else:
                num = 0
            den = 1
        elif op == LESS:
            if x != NONE:
                num = max(max(num, 0) - max(x, 0) * den, 0)
            else:
                missing = read(tables, pc + 4) != 0 and num != 0
        elif op == AT_LEAST:
            if num > 0:
                if x != NONE:
                    num = max(num, x * den)
                else:
                    missing = read(tables, pc + 4) != 0
        elif op == TIERS:
            write(out, frame + F_FLOOR, 0)
            write(out, frame + F_SLICES, 0)
        elif op == TIER:
            # rate (y: end), where a gap goes on, whether it has an end (2: one that may be a gap), times of the rate
            floor = read(out, frame + F_FLOOR)
            if num > floor and num != 0:
                upto = num
                if read(tables, pc + 4):
                    if y == NONE:
                        missing = read(tables, pc + 4) == 2
                        y = 0
                    upto = min(num, y * den)
                if upto > floor and not missing:
                    if x == NONE:
                        missing = True
                    else:
                        more = (upto - floor) * x * read(tables, pc + 5)
                        write(out, frame + F_SLICES, read(out, frame + F_SLICES) + more)
                        write(out, frame + F_FLOOR, upto)
        elif op == TIERS_END:
            num = read(out, frame + F_SLICES)
            den *= read(tables, pc + 1)
        elif op == PRO_RATA:
            # amount (y: of what), where a gap goes on, whether either may be one
            if num != 0:
                if (y == NONE and read(tables, pc + 5)) or (x == NONE and read(tables, pc + 4)):
                    missing = True
                elif y == NONE or y <= 0 or x == NONE:
                    num = 0
                else:
                    num *= x
                    den *= y
        elif op == PART:
            if flags & OUT:
                num = 0
                flags &= ~OUT
            else:
                before = own + read(tables, pc + 1)
                stood = num - read(regs, before)
                write(regs, before, num)
                num = stood
            own = at
        elif op == EARLIER:
            # where windows' numbers are, registers, how many back, since joining
            window = read(tables, read(tables, pc + 1) + stand)
            ring, back = at + read(tables, pc + 2), read(tables, pc + 3)
            passed = window - read(regs, ring)
            if passed != 0:
                for place in range(back, -1, -1):
                    write(regs, ring + 1 + place, read(regs, ring + 1 + place - passed) if place >= passed else 0)
                write(regs, ring, window)
            write(regs, ring + 1, num)
            standing = read(regs, ring + 1 + back)
            if read(tables, pc + 4):
                opened = read(regs, at + REG_OPENED_AT)
                if opened < 0 or window - back < read(tables, read(tables, pc + 1) + opened):
                    standing = 0
            write(out, frame + F_STANDING, standing)
            flags |= STANDS
        elif op == SAID:
            # source, which
            source = read(tables, pc + 1)
            told = source == OF_VALUE
            if source == OF_EARNINGS:
                told = earnings != NONE
            elif source == OF_HOURS:
                told = hours != NONE
            elif source == OF_WORKER:
                told = worker != NONE
            elif source == OF_EMPLOYER:
                told = employer != NONE
            elif not told:
                purpose = read(out, frame + F_PURPOSE)
                told = sourced(
                    source, read(tables, pc + 2), out, amount, hours, worker, employer, value, begins, purpose
                ) != 0  # fmt: skip
            if told:
                flags |= TOLD
        elif op == TAKEN:
            # where windows' numbers are, windows, registers of the first, how many each, after what is kept
            window = read(tables, read(tables, pc + 1) + stand)
            own = at + read(tables, pc + 3) + window * read(tables, pc + 4)
            total = read(regs, own) + num
            if event == EVENT_WITHDRAWN and read(out, frame + F_PURPOSE) < 0:
                less = min(amount, max(total, 0))
                total -= less
                write(out, frame + F_LEFT, amount - less)
                write(out, frame + F_TAKING, pc)
                write(out, frame + F_OLDER, window - 1)
            num = total
            write(regs, own, num)
            den = 1
        elif op == KEEP:
            write(regs, own + read(tables, pc + 3), x)
        elif op == KEPT:
            # Where the row itself has no figure, it brings nothing.
            if flags & GAP:
                pc = read(tables, pc + 1)
                continue
        elif op == AVERAGE:
            area = averaged(
                tables, regs, at + read(tables, pc + 1), stand, num, read(tables, pc + 2), read(tables, pc + 3)
            )
            write(out, frame + F_STANDING, area)
            flags |= STANDS
        elif op == PURPOSE:
            write(out, frame + F_PURPOSE, served(tables, regs, at, out, stand, value))
        elif op == END:
            # rule or -1, register of what it was (-1: parts alone), what a pay states instead, only without earnings
            brings_at = read(out, frame + F_BRINGS_AT)
            if read(tables, pc + 3):
                stated = worker if read(tables, pc + 3) == OF_WORKER else employer
                if stated != NONE and flags & COUNTS != 0 and (read(tables, pc + 4) == 0 or earnings == NONE):
                    num = stated
                    flags &= ~GAP
            brings = num
            if flags & OUT:
                brings = num = 0
            elif read(tables, pc + 2) < 0:
                if flags & GAP:
                    brings = num = 0
            else:
                before = own + read(tables, pc + 2)
                if flags & GAP:
                    brings, num = 0, read(regs, before)
                else:
                    brings = num - read(regs, before)
                    write(regs, before, num)
            if flags & UNDONE:
                write(out, brings_at, read(out, brings_at) + brings)
            else:
                write(out, brings_at, brings)
                level_at = read(out, frame + F_LEVEL_AT)
                if level_at:
                    write(out, level_at, read(out, frame + F_STANDING) if flags & STANDS else num)
            if read(tables, pc + 1) >= 0 and brings != 0:
                owe(tables, regs, at, out, stand, pay, read(tables, pc + 1), brings)
            left = read(out, frame + F_LEFT)
            if left > 0:
                # What was taken out and was not there in this window comes out of the one before that holds something.
                taking, older = read(out, frame + F_TAKING), read(out, frame + F_OLDER)
                size = read(tables, taking + 4)
                own = at + read(tables, taking + 3) + older * size
                while older >= 0 and read(regs, own) <= 0:
                    older -= 1
                    own -= size
                if older >= 0:
                    less = min(left, read(regs, own))
                    write(regs, own, read(regs, own) - less)
                    num, den = read(regs, own), 1
                    flags = flags & ~GAP | UNDONE
                    write(out, frame + F_LEFT, left - less)
                    write(out, frame + F_OLDER, older - 1)
                    pc = read(tables, taking + 5)
                    continue
                write(out, frame + F_LEFT, 0)
        else:
            # STOP
            return read(out, frame + F_PURPOSE)
        if missing:
            write(regs, at + REG_GAPS, read(regs, at + REG_GAPS) + (1))
            flags |= GAP
            num = 0
            pc = read(tables, pc + 3)
            continue
        pc += WIDTH
