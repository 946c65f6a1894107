"""The stepper's machine, second half: the instructions of all amounts and rules that a row can reach."""

from typing import Any

from numba import njit

from lifepot.kernel.columns import NONE
from lifepot.kernel.stepping_codes import (
    ACTIVE,
    ADD,
    AT_LEAST,
    ATTRIBUTE,
    AVERAGE,
    BEGIN,
    DOWN,
    EARLIER,
    END_PARTS,
    END_RUNNING,
    EVENT_PAY,
    EVENT_WITHDRAWN,
    GIVE,
    H_EVENTS,
    H_FIRST_MONTH,
    H_MONTH_BEGINS,
    H_MONTHS_KNOWN,
    H_PURPOSE_COUNT,
    H_PURPOSES,
    H_STAND_MONTH,
    H_WINDOWS,
    HOLDS,
    KEPT,
    H_OWN_DUE,
    H_OWN_DUE_ON,
    H_OWN_GIVEN,
    H_OWN_POT,
    H_RULE,
    H_STAND_DAY,
    HALF_UP,
    HIGHER,
    HIGHEST,
    KEEP,
    KEEP_TRUTH,
    LATEST,
    LESS,
    MINUS,
    OF_AMOUNT,
    OF_BEGINS,
    OF_EARNINGS,
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
    PART,
    PRO_RATA,
    PURPOSE,
    RATE,
    RATE_BY,
    RATE_PARTS,
    REG_DIED_ON,
    REG_DUE,
    REG_GAPS,
    REG_OPENED_AT,
    RISE,
    ROUND,
    SAID,
    STATED,
    SUM,
    TAKEN,
    TAPER,
    TIER,
    TIERS,
    TIERS_END,
    TOTAL,
    UP,
    UP_TO,
    WHEN,
    WHERE,
    WIDTH,
)
from lifepot.kernel.stepping_tested import held, holds, operand, window_at
from lifepot.periods import FAR_FUTURE as FAR

ONE = 100
LOW = 2**32 - 1


@njit(cache=True)
def rounded(num: Any, den: Any, how: Any, unit: Any) -> Any:
    """num/den to a multiple of `unit`, away from nothing or towards it alike on both sides of it."""
    size = num if num >= 0 else -num
    whole = den * unit
    if how == HALF_UP:
        found = (2 * size + whole) // (2 * whole)
    elif how == DOWN:
        found = size // whole
    elif how == UP:
        found = -(-size // whole)
    else:
        found = size // whole
        twice = 2 * (size - found * whole)
        if twice > whole or (twice == whole and found % 2 == 1):
            found += 1
    return found * unit if num >= 0 else -found * unit


@njit(cache=True)
def give(tables: Any, regs: Any, at: Any, out: Any, rule: Any, amount: Any) -> Any:
    """A rule's amount of today: into `out`, into what it gave so far, into its part of the pot."""
    out[rule] += amount
    regs[at + tables[H_OWN_GIVEN] + rule] += amount
    place = tables[H_RULE] + rule * 8
    if tables[place + 4] == 0 or amount > 0:
        pot = at + tables[H_OWN_POT] + tables[place + 3]
        regs[pot] = max(regs[pot] + amount, 0)


@njit(cache=True)
def owe(tables: Any, regs: Any, at: Any, out: Any, stand: Any, pay: Any, rule: Any, brings: Any) -> Any:
    """What a row brings of a rule: given at once, or kept until it falls due."""
    place = tables[H_RULE] + rule * 8
    amount = tables[place] * brings
    window = tables[place + 1]
    if window < 0:
        give(tables, regs, at, out, rule, amount)
        return
    number = window_at(tables, regs, at, stand, pay, window)
    if number == OUTSIDE:
        return
    today = tables[tables[H_STAND_DAY] + stand]
    due = last_day(tables, regs, at, stand, window, number)
    if regs[at + REG_DIED_ON] <= today:
        due = today
    kept = at + tables[H_OWN_DUE] + rule
    regs[kept] += amount
    regs[kept + tables[H_OWN_DUE_ON] - tables[H_OWN_DUE]] = due
    if due < regs[at + REG_DUE]:
        regs[at + REG_DUE] = due


@njit(cache=True)
def last_day(tables: Any, regs: Any, at: Any, stand: Any, window: Any, number: Any) -> Any:
    """The last day of the window that a row stands in."""
    place = tables[H_WINDOWS] + window * 4
    kind = tables[place]
    if kind == 0:
        return FAR
    if kind == 1:
        return tables[tables[place + 2] + stand]
    if kind == 2:
        month = tables[tables[H_STAND_MONTH] + regs[at + REG_OPENED_AT]] + (number + 1) * tables[place + 1]
        return tables[tables[H_MONTH_BEGINS] + min(month - tables[H_FIRST_MONTH], tables[H_MONTHS_KNOWN])] - 1
    return tables[tables[H_STAND_DAY] + stand]


@njit(cache=True)
def sourced(
    source: Any, which: Any, out: Any, amount: Any, hours: Any, worker: Any, employer: Any, value: Any, begins: Any,
    purpose: Any,
) -> Any:  # fmt: skip
    """What a row brings of a source, of those that are not asked for most often."""
    if source == OF_TERM:
        return out[which]
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


@njit(cache=True)
def served(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, word: Any
) -> Any:
    """The purpose a withdrawal is for: its word's, if that one's condition holds, else the first that holds for any word
    and whose condition does; -1 for none.
    """
    place, count = tables[H_PURPOSES], tables[H_PURPOSE_COUNT]
    if 0 <= word < count:
        first = tables[place + 2 * word]
        if first == HOLDS or holds(tables, regs, at, out, at, stand, False, False, NONE, NONE, NONE, NONE, first):
            return word
    for other in range(count):
        if other != word and tables[place + 2 * other + 1]:
            first = tables[place + 2 * other]
            if first == HOLDS or holds(tables, regs, at, out, at, stand, False, False, NONE, NONE, NONE, NONE, first):
                return other
    return -1


@njit(cache=True)
def averaged(tables: Any, regs: Any, ring: Any, stand: Any, num: Any, size: Any, table: Any) -> Any:
    """Where an average stands, and what it will be asked of later: money times days up to each of the last stands."""
    days = tables[H_STAND_DAY]
    last = regs[ring] - 1
    if last < 0:
        regs[ring + 1] = stand + 1
    else:
        area, figure = regs[ring + 2], regs[ring + 3]
        for place in range(last + 1, stand + 1):
            area += figure * (tables[days + place] - tables[days + place - 1])
            regs[ring + 4 + 2 * (place % size)] = area
            regs[ring + 5 + 2 * (place % size)] = figure
        regs[ring + 2] = area
    area = regs[ring + 2]
    regs[ring], regs[ring + 3] = stand + 1, num
    regs[ring + 4 + 2 * (stand % size)], regs[ring + 5 + 2 * (stand % size)] = area, num
    before, begin = tables[table + 2 * stand], tables[table + 2 * stand + 1]
    if before >= 0 and before >= regs[ring + 1] - 1:
        kept = ring + 4 + 2 * (before % size)
        area -= regs[kept] + regs[kept + 1] * (begin - tables[days + before])
    return rounded(area, max(tables[days + stand] - begin, 1), HALF_UP, 1)


@njit(cache=True)
def run(
    tables: Any, regs: Any, at: Any, out: Any, stand: Any, event: Any, active: Any, amount: Any,
    earnings: Any, hours: Any, worker: Any, employer: Any, value: Any, begins: Any, slot: Any,
) -> Any:  # fmt: skip
    """All amounts and rules that a row of this event can reach, each after those it needs; `out` is added to. Returns the
    purpose of a withdrawal.
    """
    pc = tables[tables[H_EVENTS] + event]
    pay = event == EVENT_PAY
    num = den = left = floor = slices = 0
    own = at
    brings_at = level_at = 0
    standing = NONE
    gap = outside = undone = told = False
    counts = True
    purpose = -1
    taking = older = 0
    while True:
        op = tables[pc]
        if op == BEGIN:
            # brings, level, first source, which, only members, where to go on with nothing
            brings_at, level_at = tables[pc + 1], tables[pc + 2]
            den, standing = 1, NONE
            gap = outside = undone = told = False
            left = 0
            source = tables[pc + 3]
            if source == OF_EARNINGS:
                num = earnings if earnings != NONE else 0
            elif source == OF_TERM:
                num = out[tables[pc + 4]]
            else:
                num = sourced(source, tables[pc + 4], out, amount, hours, worker, employer, value, begins, purpose)
            counts = active or tables[pc + 5] == 0
            if not counts and tables[pc + 7] == 0:
                num = 0
            if num == 0 and tables[pc + 6] != 0:
                out[brings_at] = 0
                pc = tables[pc + 6]
                continue
        elif op == ADD:
            source, how = tables[pc + 1], tables[pc + 3]
            if source == OF_EARNINGS:
                more = earnings if earnings != NONE else 0
            else:
                more = sourced(source, tables[pc + 2], out, amount, hours, worker, employer, value, begins, purpose)
            if how == SUM:
                num += more
            elif how == MINUS:
                num -= more
            elif how == HIGHER:
                num = max(num, more)
            else:
                num = min(num, more)
        elif op == ACTIVE:
            if not counts:
                num = 0
            if num == 0 and tables[pc + 1] != 0:
                out[brings_at] = 0
                pc = tables[pc + 1]
                continue
        elif op == WHEN:
            # first test, whether it is asked of nothing too (1), where a stated amount (2: without earnings) is asked of
            asks = num != 0 or tables[pc + 2] == 1
            if tables[pc + 2] >= 2 and pay:
                stated = worker if tables[pc + 4] == OF_WORKER else employer
                asks = asks or (stated != NONE and (tables[pc + 2] == 2 or earnings == NONE))
            if asks and counts:
                counts = holds(
                    tables, regs, at, out, own, stand, pay, False, earnings, hours, worker, employer, tables[pc + 1]
                )  # fmt: skip
                if not counts:
                    num = 0
            if num == 0 and tables[pc + 3] != 0:
                out[brings_at] = 0
                pc = tables[pc + 3]
                continue
        elif op == TOTAL:
            # window kind, window or offset, own, size, not below, cap kind, cap, gap target
            if tables[pc + 1] == 1:
                window = tables[tables[pc + 2] + stand]
            else:
                window = window_at(tables, regs, at, stand, pay, tables[pc + 2])
            own = at + tables[pc + 3] + slot * (tables[pc + 4] >> 32)
            if window == OUTSIDE:
                num = 0
                outside = True
                pc = tables[pc + 8] >> 32
                continue
            if regs[own] != window:
                regs[own] = window
                for place in range(own + 1, own + (tables[pc + 4] & LOW)):
                    regs[place] = 0
            total = regs[own + 1]
            if tables[pc + 6] >= 0 and num > 0:
                cap = operand(tables, regs, at, out, own, stand, pay, tables[pc + 6], tables[pc + 7])
                if cap == NONE:
                    if tables[pc + 6] != ATTRIBUTE:
                        regs[at + REG_GAPS] += 1
                        gap = True
                    total = total + num
                else:
                    total = max(total, min(total + num, cap))
            else:
                total += num
            if tables[pc + 5]:
                total = max(total, 0)
            regs[own + 1] = num = total
            den = 1
            if gap:
                pc = tables[pc + 8] & LOW
                continue
        elif op == UP_TO:
            cap = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
            if cap != NONE:
                num = min(num, max(cap, 0) * den)
            elif tables[pc + 4] and num != 0:
                regs[at + REG_GAPS] += 1
                gap, num = True, 0
                pc = tables[pc + 3]
                continue
        elif op == RATE:
            num *= tables[pc + 1]
            den *= tables[pc + 2]
        elif op == ROUND:
            num = rounded(num, den, tables[pc + 1], tables[pc + 2])
            den = 1
        elif op == TAPER:
            if num != 0:
                level = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
                first = operand(tables, regs, at, out, own, stand, pay, tables[pc + 3], tables[pc + 4])
                last = operand(tables, regs, at, out, own, stand, pay, tables[pc + 5], tables[pc + 6])
                level = 0 if level == NONE and tables[pc + 8] & 1 else level
                first = 0 if first == NONE and tables[pc + 8] & 2 else first
                last = 0 if last == NONE and tables[pc + 8] & 4 else last
                if level == NONE or first == NONE or last == NONE:
                    regs[at + REG_GAPS] += 1
                    gap, num = True, 0
                    pc = tables[pc + 7]
                    continue
                last = max(last, first + 1)
                num *= min(max(last - level, 0), last - first)
                den *= last - first
        elif op == RATE_BY:
            # attribute, otherwise kind, otherwise, times of each, common denominator, gap target
            share = held(tables, regs, at, tables[pc + 1])
            if share == NONE:
                if num != 0:
                    share = operand(tables, regs, at, out, own, stand, pay, tables[pc + 2], tables[pc + 3])
                    if share == NONE:
                        regs[at + REG_GAPS] += 1
                        gap, num = True, 0
                        pc = tables[pc + 7]
                        continue
                    num *= share * tables[pc + 4]
            else:
                num *= share * tables[pc + 5]
            den *= tables[pc + 6]
        elif op == GIVE:
            if num > 0:
                num = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
                if num == NONE:
                    num = 0
                    if tables[pc + 4]:
                        regs[at + REG_GAPS] += 1
                        gap = True
                        pc = tables[pc + 3]
                        continue
            else:
                num = 0
            den = 1
        elif op == EARLIER:
            # window kind, window or offset, own, back, since joining
            window = tables[tables[pc + 2] + stand]
            ring = at + tables[pc + 3]
            back = tables[pc + 4]
            passed = window - regs[ring]
            if passed != 0:
                for place in range(back, -1, -1):
                    regs[ring + 1 + place] = regs[ring + 1 + place - passed] if place >= passed else 0
                regs[ring] = window
            regs[ring + 1] = num
            standing = regs[ring + 1 + back]
            if tables[pc + 5]:
                opened = regs[at + REG_OPENED_AT]
                if opened < 0 or window - back < tables[tables[pc + 2] + opened]:
                    standing = 0
        elif op == LATEST:
            # as a total; whether it says something
            if tables[pc + 1] == 1:
                window = tables[tables[pc + 2] + stand]
            else:
                window = window_at(tables, regs, at, stand, pay, tables[pc + 2])
            own = at + tables[pc + 3]
            if window == OUTSIDE:
                num = 0
                outside = True
                pc = tables[pc + 8] >> 32
                continue
            if regs[own] != window:
                regs[own] = window
                for place in range(own + 1, own + tables[pc + 4]):
                    regs[place] = 0
            if told and counts and not gap:
                regs[own + 1] = num
            num = regs[own + 1]
            den = 1
            if gap:
                pc = tables[pc + 8] & LOW
                continue
        elif op == SAID:
            # source, which
            source = tables[pc + 1]
            if source == OF_VALUE:
                told = True
            elif source == OF_EARNINGS:
                told = told or earnings != NONE
            elif source == OF_HOURS:
                told = told or hours != NONE
            elif source == OF_WORKER:
                told = told or worker != NONE
            elif source == OF_EMPLOYER:
                told = told or employer != NONE
            else:
                told = told or 0 != sourced(
                    source, tables[pc + 2], out, amount, hours, worker, employer, value, begins, purpose
                )  # fmt: skip
        elif op == TAKEN:
            # window offset, windows, own of the first, size, after what is kept, end
            window = tables[tables[pc + 1] + stand]
            own = at + tables[pc + 3] + window * tables[pc + 4]
            total = regs[own] + num
            if event == EVENT_WITHDRAWN and purpose < 0:
                less = min(amount, max(total, 0))
                total -= less
                left = amount - less
                taking, older = pc, window - 1
            regs[own] = num = total
            den = 1
        elif op == KEEP:
            regs[own + tables[pc + 1]] = operand(
                tables, regs, at, out, own, stand, pay, tables[pc + 2], tables[pc + 3]
            )  # fmt: skip
        elif op == KEEP_TRUTH:
            regs[own + tables[pc + 1]] = holds(
                tables, regs, at, out, own, stand, pay, False, earnings, hours, worker, employer, tables[pc + 2]
            )  # fmt: skip
        elif op == KEPT:
            # Where the row itself has no figure, it brings nothing.
            if gap:
                pc = tables[pc + 1]
                continue
        elif op == WHERE:
            # first test, or what was kept of it
            if num != 0:
                if tables[pc + 2]:
                    if regs[own + tables[pc + 1]] == 0:
                        num = 0
                elif not holds(
                    tables, regs, at, out, own, stand, pay, False, earnings, hours, worker, employer, tables[pc + 1]
                ):  # fmt: skip
                    num = 0
        elif op == LESS:
            less = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
            if less != NONE:
                num = max(max(num, 0) - max(less, 0) * den, 0)
            elif tables[pc + 4] and num != 0:
                regs[at + REG_GAPS] += 1
                gap, num = True, 0
                pc = tables[pc + 3]
                continue
        elif op == AT_LEAST:
            if num > 0:
                least = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
                if least != NONE:
                    num = max(num, least * den)
                elif tables[pc + 4]:
                    regs[at + REG_GAPS] += 1
                    gap, num = True, 0
                    pc = tables[pc + 3]
                    continue
                else:
                    num = max(num, 0)
        elif op == RATE_PARTS:
            # attribute or -1, otherwise kind, otherwise, times of each, denominator, registers, gap target
            before = own + tables[pc + 7]
            more = num - regs[before]
            if more != 0:
                share = NONE if tables[pc + 1] < 0 else held(tables, regs, at, tables[pc + 1])
                if share != NONE:
                    share *= tables[pc + 5]
                else:
                    share = operand(tables, regs, at, out, own, stand, pay, tables[pc + 2], tables[pc + 3])
                    if share == NONE:
                        regs[at + REG_GAPS] += 1
                        gap, num = True, 0
                        pc = tables[pc + 8]
                        continue
                    share *= tables[pc + 4]
                regs[before] = num
                regs[before + 1] += more * share
            num = regs[before + 1]
            den *= tables[pc + 6]
        elif op == TIERS:
            floor = slices = 0
        elif op == TIER:
            # end kind or -1, end, rate kind, rate, its times, gap target, whether an end that is not known is a gap
            if num > floor and num != 0:
                upto = num
                if tables[pc + 1] >= 0:
                    end = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
                    if end == NONE:
                        if tables[pc + 7]:
                            regs[at + REG_GAPS] += 1
                            gap, num = True, 0
                            pc = tables[pc + 6]
                            continue
                        end = 0
                    upto = min(num, end * den)
                if upto > floor:
                    share = operand(tables, regs, at, out, own, stand, pay, tables[pc + 3], tables[pc + 4])
                    if share == NONE:
                        regs[at + REG_GAPS] += 1
                        gap, num = True, 0
                        pc = tables[pc + 6]
                        continue
                    slices += (upto - floor) * share * tables[pc + 5]
                    floor = upto
        elif op == TIERS_END:
            num = slices
            den *= tables[pc + 1]
        elif op == PRO_RATA:
            if num != 0:
                whole = operand(tables, regs, at, out, own, stand, pay, tables[pc + 3], tables[pc + 4])
                share = operand(tables, regs, at, out, own, stand, pay, tables[pc + 1], tables[pc + 2])
                if (whole == NONE and tables[pc + 7]) or (share == NONE and tables[pc + 6]):
                    regs[at + REG_GAPS] += 1
                    gap, num = True, 0
                    pc = tables[pc + 5]
                    continue
                if whole == NONE or whole <= 0 or share == NONE:
                    num = 0
                else:
                    num *= share
                    den *= whole
        elif op in (HIGHEST, RISE):
            # as a total
            if tables[pc + 1] == 1:
                window = tables[tables[pc + 2] + stand]
            else:
                window = window_at(tables, regs, at, stand, pay, tables[pc + 2])
            own = at + tables[pc + 3]
            if regs[own] != window:
                regs[own] = window
                for place in range(own + 1, own + tables[pc + 4]):
                    regs[place] = 0
                if op == RISE:
                    regs[own + 1] = regs[own - 1]
            if op == RISE:
                regs[own - 1] = num
                num = 0 if window == OUTSIDE else num - regs[own + 1]
            else:
                num = 0 if window == OUTSIDE else max(num, regs[own + 1], 0)
                regs[own + 1] = num
        elif op == AVERAGE:
            standing = averaged(tables, regs, at + tables[pc + 1], stand, num, tables[pc + 2], tables[pc + 3])
        elif op == PURPOSE:
            purpose = served(tables, regs, at, out, stand, value)
        elif op == PART:
            if outside:
                num = 0
                outside = False
            else:
                before = own + tables[pc + 1]
                num, regs[before] = num - regs[before], num
            own = at
        elif op == STATED:
            # which, only without earnings
            stated = worker if tables[pc + 1] == OF_WORKER else employer
            if pay and stated != NONE and counts and (tables[pc + 2] == 0 or earnings == NONE):
                num, gap = stated, False
        elif op == END_PARTS:
            brings = 0 if gap else num
            out[brings_at] = brings
            if level_at:
                out[level_at] = brings if standing == NONE else standing
            if tables[pc + 1] >= 0 and brings != 0:
                owe(tables, regs, at, out, stand, pay, tables[pc + 1], brings)
        elif op == END_RUNNING:
            # rule or -1, register
            before = own + tables[pc + 2]
            if outside:
                brings = num = 0
            elif gap:
                brings, num = 0, regs[before]
            else:
                brings, regs[before] = num - regs[before], num
            if undone:
                out[brings_at] += brings
            else:
                out[brings_at] = brings
                if level_at:
                    out[level_at] = num if standing == NONE else standing
            if tables[pc + 1] >= 0 and brings != 0:
                owe(tables, regs, at, out, stand, pay, tables[pc + 1], brings)
            if left > 0:
                # What was taken out and was not there in this window comes out of the one before that holds something.
                size = tables[taking + 4]
                own = at + tables[taking + 3] + older * size
                while older >= 0 and regs[own] <= 0:
                    older -= 1
                    own -= size
                if older >= 0:
                    less = min(left, regs[own])
                    regs[own] -= less
                    left -= less
                    num, den, gap, undone = regs[own], 1, False, True
                    older -= 1
                    pc = tables[taking + 5]
                    continue
        else:
            # STOP
            return purpose
        pc += WIDTH
