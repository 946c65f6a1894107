"""Who is in, and since when: the day each account opened, and which facts count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import Conditions
from lifepot.kernel.marks import SPAN, opening_sheet
from lifepot.kernel.operators import held_since, starts
from lifepot.kernel.sheet import OPENING, Sheet
from lifepot.periods import FAR_FUTURE, add_months, parse_day
from lifepot.rulebook.scalars import parse_number
from lifepot.rulebook.terms import Leaving, Pause, Refund

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class Notices:
    """Those who left in time in one way: for each the row that said so, the member, the day, and the row of the member's
    notice before, whose refunds are made already (-1: none). `refunds` go back to all of them.
    """

    row: Int
    member: Int
    on: Int
    after: Int
    refunds: list[Refund]


def open_accounts(sheet: Sheet, conditions: Conditions) -> None:
    """Fills `sheet.opened_on` (NONE: never) by the rulebook's membership, and `sheet.active`: the rows that count."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    unsettled = sheet.by_member(sheet.opened_on == NONE)
    carried = sheet.carry is not None and not unsettled.any()
    if not carried:
        if terms.may_join is not None and sheet.carry is None:
            sheet.opened_on[_barred(sheet, conditions, terms.may_join)] = FAR_FUTURE
        others = np.zeros(len(sheet), dtype=np.bool_)
        if terms.opt_in is not None:
            number = sheet.program.attribute(terms.opt_in)
            told = sheet.told(number)
            others[told[facts.value[told] == 1]] = True
            if sheet.people.attributes.shape[1]:
                # Who had opted in from the outset, and has not taken it back, joins with the first pay.
                outset = sheet.by_member(sheet.people.attributes[:, number] == 1)
                others |= outset & (sheet.attribute(terms.opt_in) == 1) & sheet.is_kind(Kind.PAY)
        if terms.first_payment_opens:
            others |= sheet.is_kind(Kind.PAID) & (facts.payer == 0)
        asks = others if terms.automatic is None else others | sheet.is_kind(Kind.PAY)
        first = _first_that_opens(sheet, conditions, np.flatnonzero(asks & unsettled), others)
        sheet.opened_on = np.where(sheet.opened_on == NONE, np.where(first == FAR_FUTURE, NONE, first), sheet.opened_on)
        sheet.opened_on[sheet.opened_on == FAR_FUTURE] = NONE
        conditions.forget()
    sheet.active = facts.on >= sheet.by_member(np.where(sheet.opened_on == NONE, FAR_FUTURE, sheet.opened_on))
    over = np.minimum(sheet.closed_on, sheet.died_on)
    rows = sheet.rows_of(over < FAR_FUTURE)
    last, on = over[facts.member[rows]], facts.on[rows]
    # What happens on the last day itself still counts if it stands before the closing in the day's order.
    sheet.active[rows] &= (on < last) | ((on == last) & (facts.kind[rows] < Kind.CLOSED))


def _first_that_opens(sheet: Sheet, conditions: Conditions, rows: Int, others: Bool) -> Int:
    """The day of each member's first of these rows that opens the account: a pay that meets what is asked of it, or one of
    the `others`, if the member may join on that day; the far future where there is none. Most accounts open at the first
    row that asks, so that the rows after it need not be asked.
    """
    terms = sheet.program.rulebook.membership
    days = np.full(len(sheet.people), FAR_FUTURE)
    member = sheet.facts.member[rows]
    head = np.zeros(len(rows), dtype=np.bool_)
    head[np.flatnonzero(starts(member))] = True
    while len(rows):
        asked = rows[head]
        opens = others[asked]
        if terms.automatic is not None:
            pays = np.flatnonzero(sheet.is_kind(Kind.PAY)[asked] & ~opens)
            opens[pays] = conditions.holds_at(asked[pays], terms.automatic)
        if terms.may_join is not None:
            opens[opens] = conditions.holds_at(asked[opens], terms.may_join)
        found = asked[opens][::-1]
        days[sheet.facts.member[found]] = sheet.facts.on[found]
        # The others of those that are not open yet are asked all together.
        rows = rows[~head & (days[member] == FAR_FUTURE)]
        member = sheet.facts.member[rows]
        head = np.ones(len(rows), dtype=np.bool_)
    return days


def _barred(sheet: Sheet, conditions: Conditions, may_join: object) -> Bool:
    """Members whose account was opened on a day on which they may not join."""
    barred = sheet.people.joined != NONE
    if not barred.any():
        return barred
    opening = opening_sheet(sheet)
    asked = opening.mark == OPENING
    questions = Conditions(opening)
    may = questions.holds(may_join, asked)
    barred[opening.facts.member[asked & may]] = False
    if questions.gaps:
        # They are marks that the sheet itself has not, and are put behind its rows.
        sheet.openings = opening.facts.take(asked)
        place = len(sheet) + np.cumsum(asked) - 1
        conditions.gaps += [(code, name, place[rows]) for code, name, rows in questions.gaps]
    return barred


def left_and_paused(sheet: Sheet) -> list[Notices]:
    """Takes rows after leaving and during pauses out of `sheet.active`; returns the notices that bring refunds."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    found: list[Notices] = []
    for leaving in terms.leaving:
        out = sheet.attribute(leaving.attribute) == 1
        if not out.any():
            continue
        said = sheet.told(sheet.program.attribute(leaving.attribute))
        member, yes = facts.member[said], facts.value[said] == 1
        same = member[1:] == member[:-1]
        # Said once more while it holds, as payroll files do every period: nothing new.
        new = yes.copy()
        new[1:] &= ~(same & yes[:-1])
        told, member = said[new], member[new]
        met = _windows_met(sheet, leaving, told)
        in_time = met >= 0
        heads = np.flatnonzero(starts(member[in_time]))
        after = np.append(-1, told[in_time][:-1])
        after[heads] = -1
        for nth, window in enumerate(leaving.windows):
            mine = met[in_time] == nth
            rows = told[in_time][mine]
            if len(rows):
                found.append(Notices(rows, facts.member[rows], facts.on[rows], after[mine], window.refunds))
        if leaving.stops == "in_time":
            # Until no is said, what was said too late is as if it had not been.
            late = np.zeros(len(sheet), dtype=np.bool_)
            late[told[~in_time]] = True
            changes = np.zeros(len(sheet), dtype=np.bool_)
            changes[told] = True
            changes[said[~yes]] = True
            out &= held_since(late.astype(np.int64), changes, sheet.heads) == 0
        sheet.active &= ~out
    for pause in terms.pauses:
        _rest(sheet, pause)
    return found


def _windows_met(sheet: Sheet, leaving: Leaving, rows: Int) -> Int:
    """For each notice, the number of the first of the windows in which it lies; -1 if it lies in none."""
    on, opened = sheet.facts.on[rows], sheet.opened_on[sheet.facts.member[rows]]
    met = np.full(len(rows), -1)
    joined = (opened != NONE) & (on >= opened)
    for nth, window in enumerate(leaving.windows):
        lies = joined & (met < 0)
        if window.within is not None:
            begin, told = np.full(len(rows), NONE), np.zeros(len(rows), dtype=np.bool_)
            for origin in window.within.from_:
                if origin == "joining":
                    continue
                if origin.startswith("attribute."):
                    day = sheet.attribute(origin.removeprefix("attribute."))[rows]
                else:
                    day = np.full(len(rows), parse_day(origin))
                told |= day != NONE
                begin = np.maximum(begin, day)
            # Joining stands in for days that nobody told.
            if "joining" in window.within.from_:
                begin = np.where(told, begin, opened)
            lies &= begin != NONE
            begin = np.where(lies, begin, 0)
            counted = 1 if window.within.beginning_with else 0
            after = parse_number(window.within.after_months)
            last = add_months(begin, parse_number(window.within.months)) - counted
            first = begin if after == 0 else add_months(begin, after) + 1 - counted
            lies &= (first <= on) & (on <= last)
        met[lies] = nth
    return met


def _rest(sheet: Sheet, pause: Pause) -> None:
    """Takes the rows of valid pauses out of `sheet.active`."""
    facts = sheet.facts
    told = sheet.told(sheet.program.attribute(pause.attribute))
    if not len(told):
        return
    wait = parse_number(pause.not_before_months)
    member, on = facts.member[told], facts.on[told]
    opened = sheet.opened_on[member]
    earliest = np.where(opened == NONE, FAR_FUTURE, add_months(np.where(opened == NONE, 0, opened), wait))
    least, again = add_months(on, parse_number(pause.at_least_months)), add_months(on - 1, wait)
    most = after_most = np.full(len(told), FAR_FUTURE)
    if pause.at_most_months is not None:
        most = add_months(on, parse_number(pause.at_most_months))
        after_most = add_months(most - 1, wait)
    ends = np.empty(len(told), dtype=np.int64)
    compiled.run(
        loops.find_pauses, member, on, facts.value[told] == 1, earliest, least, most, again, after_most, ends
    )  # fmt: skip
    # A pause's rows are those from the one that began it to the last before its end.
    begun = ends > on
    told, member, ends = told[begun], member[begun], ends[begun]
    change = np.zeros(len(sheet) + 1, dtype=np.int64)
    np.add.at(change, told, 1)
    np.add.at(change, np.searchsorted(facts.member * SPAN + facts.on, member * SPAN + ends), -1)
    sheet.active &= np.cumsum(change[:-1]) == 0


def purposes_met(sheet: Sheet, conditions: Conditions) -> tuple[Int, Bool]:
    """The purpose each withdrawal was said to be for (its number, -1: none), and whether it is for a purpose whose
    conditions it meets.
    """
    rows = sheet.is_kind(Kind.WITHDRAWN)
    said = np.where(rows, sheet.facts.value, -1)
    met = np.zeros(len(sheet), dtype=np.bool_)
    if rows.any():
        for number, purpose in enumerate(sheet.program.rulebook.purposes.values()):
            asked = np.flatnonzero(rows & (purpose.any_word | (said == number)))
            met[asked] |= True if purpose.when is None else conditions.holds_at(asked, purpose.when)
    return said, met
