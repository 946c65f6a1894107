"""Who is in, and since when: the day each account opened, and which facts count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.conditions import Conditions, GapMet, Judged
from lifepot.kernel.marks import SPAN, opening_sheet
from lifepot.kernel.operators import starts
from lifepot.kernel.sheet import FACT, OPENING, Sheet
from lifepot.periods import FAR_FUTURE, add_months, parse_day
from lifepot.rulebook.scalars import parse_number
from lifepot.rulebook.terms import Leaving, Pause, Refund, Within

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class Notices:
    """Those who left in time, in order: for each the row that said so, and the number of what goes back in `refunds`."""

    row: Int
    kind: Int
    refunds: list[list[Refund]]

    def among(self, rows: Int) -> "Notices":
        """Those at some rows alone (rising), which are counted from 0."""
        at = np.minimum(np.searchsorted(rows, self.row), max(len(rows) - 1, 0))
        there = rows[at] == self.row if len(rows) else np.zeros(len(at), dtype=np.bool_)
        return Notices(at[there], self.kind[there], self.refunds)

    def rows_of(self, party: str) -> Int:
        """The rows at which a party gets back all that it gave."""
        whole = [
            any(one.party == party and one.since is None and one.above_rate_on is None for one in refunds)
            for refunds in self.refunds
        ]
        return self.row[np.array(whole, dtype=np.bool_)[self.kind]]


def open_accounts(sheet: Sheet, conditions: Conditions) -> None:
    """Fills `sheet.opened_on` (NONE: never) by the rulebook's membership, and `sheet.active`: the rows that count."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    unsettled = sheet.by_member(sheet.opened_on == NONE)
    carried = sheet.carry is not None and not unsettled.any()
    conditions.joining = True
    if not carried:
        if terms.may_join is not None and sheet.carry is None:
            sheet.opened_on[_barred(sheet, conditions, terms.may_join)] = FAR_FUTURE
        others = np.zeros(len(sheet), dtype=np.bool_)
        if terms.opt_in is not None:
            told = sheet.told(sheet.program.attribute(terms.opt_in))
            others[told[facts.value[told] == 1]] = True
            # Who had opted in from the outset joins with the first pay, unless they thought better of it by then.
            outset = sheet.at_first(terms.opt_in) == 1
            if outset.any():
                others |= sheet.by_member(outset) & sheet.is_kind(Kind.PAY) & (sheet.attribute(terms.opt_in) == 1)
        if terms.everybody:
            others |= sheet.mark == FACT
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
    # The last day itself still counts: nothing but closing and death stands after its money.
    sheet.active[rows] &= facts.on[rows] <= over[facts.member[rows]]


def _first_that_opens(sheet: Sheet, conditions: Conditions, rows: Int, others: Bool) -> Int:
    """The day of each member's first of these rows that opens the account: a pay that meets what is asked of it, or one of
    the `others`, if the member may join on that day; the far future where there is none. Most accounts open at the first
    row that asks, so that all first rows are asked first, and then all rows of those whose account is not open yet.
    """
    days = np.full(len(sheet.people), FAR_FUTURE)
    member = sheet.facts.member[rows]
    head = np.zeros(len(rows), dtype=np.bool_)
    head[np.flatnonzero(starts(member))] = True
    while len(rows):
        asked = rows[head]
        opens, notes = _opens(sheet, conditions, asked, others)
        who = sheet.facts.member[asked]
        found = np.flatnonzero(opens)[::-1]
        days[who[found]] = sheet.facts.on[asked[found]]
        opened_at = np.full(len(sheet.people), len(sheet))
        opened_at[who[found]] = asked[found]
        # Nothing is asked once the account is open.
        until = asked <= opened_at[who]
        for code, name, vainly in notes:
            noted = asked[vainly & until]
            if len(noted):
                conditions.gaps.append((code, name, noted))
        rows = rows[~head & (days[member] == FAR_FUTURE)]
        member = sheet.facts.member[rows]
        head = np.ones(len(rows), dtype=np.bool_)
    return days


def _opens(sheet: Sheet, conditions: Conditions, asked: Int, others: Bool) -> Judged:
    """Which of some rows open an account that is not open yet, and what was asked in vain."""
    terms = sheet.program.rulebook.membership
    narrow = conditions.narrowed(asked)
    opens = others[asked]
    met: list[GapMet] = []
    if terms.automatic is not None:
        pay = sheet.is_kind(Kind.PAY)[asked]
        enrols, gaps = narrow.judged(terms.automatic)
        opens = opens | (pay & enrols)
        met += [] if terms.everybody else [(code, name, rows & pay) for code, name, rows in gaps]
    if terms.may_join is not None:
        may, gaps = narrow.judged(terms.may_join)
        met += [(code, name, rows & opens) for code, name, rows in gaps]
        opens = opens & may
    return opens, met


def _barred(sheet: Sheet, conditions: Conditions, may_join: object) -> Bool:
    """Members whose account was opened on a day on which they may not join."""
    barred = sheet.people.joined != NONE
    if not barred.any():
        return barred
    opening = opening_sheet(sheet)
    asked = opening.mark == OPENING
    questions = Conditions(opening)
    questions.joining = True
    may = questions.holds(may_join, asked)
    barred[opening.facts.member[asked & may]] = False
    if questions.gaps:
        # They are marks that the sheet itself has not, and are put behind its rows.
        vain = np.unique(np.concatenate([rows for _, _, rows in questions.gaps]))
        sheet.openings = opening.facts.take(vain)
        conditions.gaps += [
            (code, name, len(sheet) + np.searchsorted(vain, rows)) for code, name, rows in questions.gaps
        ]
    return barred


def left_and_paused(sheet: Sheet) -> Notices:
    """Takes rows after leaving and during pauses out of `sheet.active`; returns the notices that bring refunds, in order."""
    terms = sheet.program.rulebook.membership
    facts = sheet.facts
    found: list[tuple[Int, Int]] = []
    refunds: list[list[Refund]] = []
    for leaving in terms.leaving:
        out = sheet.attribute(leaving.attribute) == 1
        if not out.any():
            continue
        said = sheet.told(sheet.program.attribute(leaving.attribute))
        met = _windows_met(sheet, leaving, said)
        member, new = facts.member[said], np.zeros(len(said), dtype=np.bool_)
        late = new.copy()
        always = leaving.stops == "always"
        compiled.run(loops.find_notices, member, facts.value[said] == 1, met.any(axis=1), always, new, late)
        # Those in the same windows get back the same.
        in_time = new & met.any(axis=1)
        for kind in np.unique(met[in_time], axis=0):
            mine = in_time & (met == kind).all(axis=1)
            found.append((said[mine], np.full(np.count_nonzero(mine), len(refunds))))
            refunds.append(
                [one for window, lies in zip(leaving.windows, kind, strict=True) if lies for one in window.refunds]
            )
        if late.any():
            # Until something else is said, what was said too late is as if it had not been. What is said on a day holds on
            # all of it, and so does its being ignored.
            past = np.append(sheet.heads, len(sheet))[np.searchsorted(sheet.heads, said, side="right")]
            until = np.minimum(np.append(said[1:], len(sheet)), past)
            out &= ~_within(sheet, _first_of_day(sheet, said[late]), until[late])
        sheet.active &= ~out
    for pause in terms.pauses:
        _rest(sheet, pause)
    if not found:
        return Notices(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), [])
    rows, kinds = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return Notices(rows[order], kinds[order], refunds)


def _first_of_day(sheet: Sheet, rows: Int) -> Int:
    """The first row of the member and day of each of these."""
    facts = sheet.facts
    keys = facts.member * SPAN + facts.on
    return np.searchsorted(keys, keys[rows])


def _within(sheet: Sheet, begins: Int, ends: Int) -> Bool:
    """Rows from any of these to before its end."""
    change = np.zeros(len(sheet) + 1, dtype=np.int64)
    np.add.at(change, begins, 1)
    np.add.at(change, ends, -1)
    return np.cumsum(change[:-1]) > 0


def _windows_met(sheet: Sheet, leaving: Leaving, rows: Int) -> Bool:
    """In which of the windows each notice lies, (notices, windows)."""
    opened = sheet.opened_on[sheet.facts.member[rows]] != NONE
    met = np.zeros((len(rows), max(len(leaving.windows), 1)), dtype=np.bool_)
    for nth, window in enumerate(leaving.windows):
        met[:, nth] = opened if window.within is None else opened & _in_time(sheet, window.within, rows)
    return met


def _in_time(sheet: Sheet, within: Within, rows: Int) -> Bool:
    """Whether notices lie within the stretch of days."""
    on, opened = sheet.facts.on[rows], sheet.opened_on[sheet.facts.member[rows]]
    begin = np.full(len(rows), NONE)
    for origin in within.from_:
        if origin.startswith("attribute."):
            begin = np.maximum(begin, sheet.attribute(origin.removeprefix("attribute."))[rows])
        elif origin != "joining":
            begin = np.maximum(begin, parse_day(origin))
    # Joining stands in for days that nobody told.
    if "joining" in within.from_:
        begin = np.where(begin == NONE, opened, begin)
    known = begin != NONE
    begin = np.where(known, begin, 0)
    counted = 1 if within.beginning_with else 0
    after = parse_number(within.after_months)
    last = add_months(begin, parse_number(within.months)) - counted
    first = begin if after == 0 else add_months(begin, after) + 1 - counted
    return known & (first <= on) & (on <= last)


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
    # A pause's rows are those from its first day to the last before its end.
    begun = ends > on
    told, member, ends = told[begun], member[begun], ends[begun]
    after = np.searchsorted(facts.member * SPAN + facts.on, member * SPAN + ends)
    sheet.active &= ~_within(sheet, _first_of_day(sheet, told), after)


def purposes_met(sheet: Sheet, conditions: Conditions) -> Bool:
    """Whether each row is a withdrawal for a purpose whose conditions it meets."""
    met = np.zeros(len(sheet), dtype=np.bool_)
    rows = np.flatnonzero(sheet.is_kind(Kind.WITHDRAWN))
    if not len(rows):
        return met
    narrow = conditions.narrowed(rows)
    said, served = sheet.facts.value[rows], met[rows]
    purposes = list(enumerate(sheet.program.rulebook.purposes.values()))
    # That of its own word is asked first, then those that hold for any word.
    asking = [(purpose, said == number) for number, purpose in purposes]
    asking += [(purpose, said != number) for number, purpose in purposes if purpose.any_word]
    for purpose, asked in asking:
        if asked.any():
            served |= asked & (narrow.holds(purpose.when, asked & ~served) if purpose.when is not None else True)
    conditions.gaps += [(code, name, rows[vainly]) for code, name, vainly in narrow.gaps]
    met[rows] = served
    return met
