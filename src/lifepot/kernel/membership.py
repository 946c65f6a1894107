"""Who is in, and since when: the day each account opened, and which facts count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import Conditions, GapMet
from lifepot.kernel.sheet import FACT, OPENING, Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, add_months_to, parse_day
from lifepot.rulebook.scalars import parse_number
from lifepot.rulebook.terms import Leaving, LeavingWindow, Pause, Refund, Within

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody left in time: the row that said so, and what goes back."""

    row: int
    member: int
    on: int
    refunds: list[Refund]


def open_accounts(sheet: Sheet, conditions: Conditions) -> None:
    """Fills `sheet.opened_on` (NONE: never) by the rulebook's membership, and `sheet.active`: the rows that count."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    unsettled = sheet.opened_on[facts.member] == NONE
    carried = sheet.carry is not None and not unsettled.any()
    conditions.joining = True
    if not carried:
        may, met = np.ones(len(sheet), dtype=np.bool_), list[GapMet]()
        if terms.may_join is not None:
            may, met = conditions.judged(terms.may_join)
        if terms.may_join is not None and sheet.carry is None:
            barred = np.ones(len(sheet.people), dtype=np.bool_)
            barred[facts.member[(sheet.mark == OPENING) & may]] = False
            barred &= sheet.people.joined != NONE
            sheet.opened_on[barred] = FAR_FUTURE
        opens = np.zeros(len(sheet), dtype=np.bool_)
        met_in_pay = list[GapMet]()
        if terms.automatic is not None and unsettled.any():
            enrols, met_in_pay = conditions.judged(terms.automatic)
            opens |= sheet.is_kind(Kind.PAY) & enrols
        if terms.opt_in is not None:
            told = sheet.is_kind(Kind.STATUS) & (facts.attribute == sheet.program.attribute(terms.opt_in))
            opens |= told & (facts.value == 1)
            # Who had opted in from the outset joins with the first pay, unless they thought better of it by then.
            from_start = sheet.at_first(terms.opt_in)[facts.member] == 1
            opens |= sheet.is_kind(Kind.PAY) & from_start & (sheet.attribute(terms.opt_in) == 1)
        if terms.everybody:
            opens |= sheet.mark == FACT
        if terms.first_payment_opens:
            opens |= sheet.is_kind(Kind.PAID) & (facts.payer == 0)
        asks = opens & unsettled
        opens = asks & may
        first = np.full(len(sheet.people), FAR_FUTURE)
        np.minimum.at(first, facts.member[opens], facts.on[opens])
        # Nothing is asked once the account is open.
        row = np.arange(len(sheet))
        opened_at = np.full(len(sheet.people), len(sheet))
        np.minimum.at(opened_at, facts.member[opens], row[opens])
        until = unsettled & (row <= opened_at[facts.member])
        conditions.note(met, (asks & until) | (sheet.mark == OPENING))
        if not terms.everybody:
            conditions.note(met_in_pay, sheet.is_kind(Kind.PAY) & until)
        sheet.opened_on = np.where(sheet.opened_on == NONE, np.where(first == FAR_FUTURE, NONE, first), sheet.opened_on)
        sheet.opened_on[sheet.opened_on == FAR_FUTURE] = NONE
    conditions.forget()
    opened = sheet.opened_on[facts.member]
    sheet.active = (opened != NONE) & (facts.on >= opened)
    over = np.minimum(sheet.closed_on, sheet.died_on)[facts.member]
    # The last day itself still counts: nothing but closing and death stands after its money.
    sheet.active &= facts.on <= over


def left_and_paused(sheet: Sheet) -> list[Notice]:
    """Takes rows after leaving and during pauses out of `sheet.active`; returns the notices that bring refunds, in order."""
    terms = sheet.program.rulebook.membership
    notices: list[Notice] = []
    for leaving in terms.leaving:
        out = sheet.attribute(leaving.attribute) == 1
        if not out.any():
            continue
        told = np.flatnonzero(
            sheet.is_kind(Kind.STATUS) & (sheet.facts.attribute == sheet.program.attribute(leaving.attribute))
        )
        ignored = np.zeros(len(sheet), dtype=np.bool_)
        holding: dict[int, bool] = {}
        for position, row in enumerate(told.tolist()):
            member = int(sheet.facts.member[row])
            yes = sheet.facts.value[row] == 1
            if not yes or holding.get(member):
                # Said once more while it holds, as payroll files do every period, it is nothing new.
                holding[member] = bool(yes)
                continue
            windows = _windows_met(sheet, leaving, row)
            holding[member] = bool(windows) or leaving.stops == "always"
            if windows:
                refunds = [refund for window in windows for refund in window.refunds]
                notices.append(Notice(row, member, int(sheet.facts.on[row]), refunds))
            elif not holding[member]:
                first, past = np.searchsorted(sheet.facts.member, [member, member + 1]).tolist()
                # What is said on a day holds on all of it, and so does its being ignored.
                day = first + int(np.searchsorted(sheet.facts.on[first:past], sheet.facts.on[row]))
                ignored[day : min([past, *told[position + 1 : position + 2].tolist()])] = True
        sheet.active &= ~(out & ~ignored)
    for pause in terms.pauses:
        _rest(sheet, pause)
    return sorted(notices, key=lambda notice: notice.row)


def _windows_met(sheet: Sheet, leaving: Leaving, row: int) -> list[LeavingWindow]:
    """The windows in which this notice lies."""
    if int(sheet.opened_on[sheet.facts.member[row]]) == NONE:
        return []
    return [one for one in leaving.windows if one.within is None or _in_time(sheet, one.within, row)]


def _in_time(sheet: Sheet, within: Within, row: int) -> bool:
    """Whether a notice lies within the stretch of days."""
    on, opened = int(sheet.facts.on[row]), int(sheet.opened_on[sheet.facts.member[row]])
    told: list[int] = []
    for origin in within.from_:
        if origin.startswith("attribute."):
            day = int(sheet.attribute(origin.removeprefix("attribute."))[row])
            told += [day] if day != NONE else []
        elif origin != "joining":
            told.append(parse_day(origin))
    if not told and "joining" not in within.from_:
        return False
    # Joining stands in for days that nobody told.
    begin = max(told, default=opened)
    counted = 1 if within.beginning_with else 0
    after = parse_number(within.after_months)
    last = add_months_to(begin, parse_number(within.months)) - counted
    first = begin if after == 0 else add_months_to(begin, after) + 1 - counted
    return first <= on <= last


def _rest(sheet: Sheet, pause: Pause) -> None:
    """Takes the rows of valid pauses out of `sheet.active`."""
    facts, number = sheet.facts, sheet.program.attribute(pause.attribute)
    told = np.flatnonzero(sheet.is_kind(Kind.STATUS) & (facts.attribute == number))
    wait = parse_number(pause.not_before_months)
    earliest: dict[int, int] = {}
    over: dict[int, int] = {}
    for position, row in enumerate(told):
        member = int(facts.member[row])
        # Said once more while the pause runs, it begins nothing.
        if facts.value[row] != 1 or facts.on[row] < over.get(member, FAR_PAST):
            continue
        opened = int(sheet.opened_on[member])
        if opened == NONE:
            continue
        begin = int(facts.on[row])
        if begin < earliest.get(member, add_months_to(opened, wait)):
            continue
        least = add_months_to(begin, parse_number(pause.at_least_months))
        # An end that may not be chosen is none.
        ends = [
            int(facts.on[later])
            for later in told[position + 1 :]
            if facts.member[later] == member and facts.value[later] != 1 and facts.on[later] >= least
        ]
        end = ends[0] if ends else FAR_FUTURE
        if pause.at_most_months is not None:
            end = min(end, add_months_to(begin, parse_number(pause.at_most_months)))
        over[member] = end
        earliest[member] = add_months_to(end - 1, wait) if end < FAR_FUTURE else FAR_FUTURE
        mine = slice(*np.searchsorted(facts.member, [member, member + 1]).tolist())
        sheet.active[mine] &= ~((facts.on[mine] >= begin) & (facts.on[mine] < end))


def purposes_met(sheet: Sheet, conditions: Conditions) -> tuple[Int, Bool]:
    """The purpose each withdrawal was said to be for (its number, -1: none), and whether it is for a purpose whose
    conditions it meets.
    """
    rows = sheet.is_kind(Kind.WITHDRAWN)
    said = np.where(rows, sheet.facts.value, -1)
    met = np.zeros(len(sheet), dtype=np.bool_)
    if rows.any():
        purposes = list(enumerate(sheet.program.rulebook.purposes.values()))
        # That of its own word is asked first, then those that hold for any word.
        asking = [(purpose, said == number) for number, purpose in purposes]
        asking += [(purpose, said != number) for number, purpose in purposes if purpose.any_word]
        for purpose, by_word in asking:
            asked = rows & by_word
            if asked.any():
                met |= asked & (conditions.holds(purpose.when, asked & ~met) if purpose.when is not None else True)
    return said, met
