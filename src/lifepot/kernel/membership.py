"""Who is in, and since when: the day each account opened, and which facts count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.sheet import FACT, OPENING, Sheet
from lifepot.periods import FAR_FUTURE, FAR_PAST, add_months_to, parse_day
from lifepot.rulebook.scalars import parse_number
from lifepot.rulebook.terms import Leaving, LeavingWindow, Pause, Refund

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody left in time: the row that said so, and what goes back."""

    row: int
    member: int
    on: int
    refunds: list[Refund]
    after: int
    """The row of the member's notice before, whose refunds are made already; -1 if there was none."""


def open_accounts(sheet: Sheet, conditions: Conditions) -> None:
    """Fills `sheet.opened_on` (NONE: never) by the rulebook's membership, and `sheet.active`: the rows that count."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    unsettled = sheet.opened_on[facts.member] == NONE
    carried = sheet.carry is not None and not unsettled.any()
    conditions.joining = True
    if not carried:
        may = conditions.holds(terms.may_join) if terms.may_join is not None else np.ones(len(sheet), dtype=np.bool_)
        if terms.may_join is not None and sheet.carry is None:
            barred = np.ones(len(sheet.people), dtype=np.bool_)
            barred[facts.member[(sheet.mark == OPENING) & may]] = False
            barred &= sheet.people.joined != NONE
            sheet.opened_on[barred] = FAR_FUTURE
        opens = np.zeros(len(sheet), dtype=np.bool_)
        if terms.automatic is not None and unsettled.any():
            opens |= sheet.is_kind(Kind.PAY) & conditions.holds(terms.automatic)
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
        opens &= may & unsettled
        first = np.full(len(sheet.people), FAR_FUTURE)
        np.minimum.at(first, facts.member[opens], facts.on[opens])
        sheet.opened_on = np.where(sheet.opened_on == NONE, np.where(first == FAR_FUTURE, NONE, first), sheet.opened_on)
        sheet.opened_on[sheet.opened_on == FAR_FUTURE] = NONE
    conditions.forget()
    opened = sheet.opened_on[facts.member]
    sheet.active = (opened != NONE) & (facts.on >= opened)
    over = np.minimum(sheet.closed_on, sheet.died_on)[facts.member]
    # What happens on the last day itself still counts if it stands before the closing in the day's order.
    sheet.active &= (facts.on < over) | ((facts.on == over) & (facts.kind < Kind.CLOSED))


def left_and_paused(sheet: Sheet) -> list[Notice]:
    """Takes rows after leaving and during pauses out of `sheet.active`; returns the notices that bring refunds."""
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
        said: dict[int, int] = {}
        before: dict[int, int] = {}
        for position, row in enumerate(told):
            member = int(sheet.facts.member[row])
            again = said.get(member) == 1
            said[member] = int(sheet.facts.value[row])
            if said[member] != 1:
                continue
            if again:
                # Said once more while it holds, as payroll files do every period: nothing new.
                continue
            window = _window_met(sheet, leaving, int(row))
            if window is not None:
                notices.append(
                    Notice(int(row), member, int(sheet.facts.on[row]), window.refunds, before.get(member, -1))
                )
                before[member] = int(row)
            elif leaving.stops == "in_time":
                others = [int(one) for one in told[position + 1 :] if sheet.facts.value[one] != 1]
                end = min([*others, int(np.searchsorted(sheet.facts.member, member, side="right"))])
                ignored[row:end] = True
        sheet.active &= ~(out & ~ignored)
    for pause in terms.pauses:
        _rest(sheet, pause)
    return notices


def _window_met(sheet: Sheet, leaving: Leaving, row: int) -> LeavingWindow | None:
    """The first of the windows in which this notice lies."""
    on, member = int(sheet.facts.on[row]), int(sheet.facts.member[row])
    opened = int(sheet.opened_on[member])
    if opened == NONE or on < opened:
        return None
    for window in leaving.windows:
        if window.within is None:
            return window
        known: list[int] = []
        origins: list[str] = []
        for origin in window.within.from_:
            if origin == "joining":
                day = opened
            elif origin.startswith("attribute."):
                day = int(sheet.attribute(origin.removeprefix("attribute."))[row])
            else:
                day = parse_day(origin)
            if day != NONE:
                known.append(day)
                origins.append(origin)
        if not known:
            continue
        # Joining stands in for days that nobody told.
        told = [day for day, origin in zip(known, origins, strict=True) if origin != "joining"]
        begin = max(told or known)
        counted = 1 if window.within.beginning_with else 0
        after = parse_number(window.within.after_months)
        last = add_months_to(begin, parse_number(window.within.months)) - counted
        first = begin if after == 0 else add_months_to(begin, after) + 1 - counted
        if first <= on <= last:
            return window
    return None


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
        mine = slice(row, int(np.searchsorted(facts.member, member, side="right")))
        sheet.active[mine] &= ~((facts.on[mine] >= begin) & (facts.on[mine] < end))


def purposes_met(sheet: Sheet, conditions: Conditions) -> tuple[Int, Bool]:
    """The purpose each withdrawal was said to be for (its number, -1: none), and whether it is for a purpose whose
    conditions it meets.
    """
    rows = sheet.is_kind(Kind.WITHDRAWN)
    said = np.where(rows, sheet.facts.value, -1)
    met = np.zeros(len(sheet), dtype=np.bool_)
    if rows.any():
        for number, purpose in enumerate(sheet.program.rulebook.purposes.values()):
            asked = rows & (purpose.any_word | (said == number))
            if asked.any():
                met |= asked & (conditions.holds(purpose.when) if purpose.when is not None else True)
    return said, met
