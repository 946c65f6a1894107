"""Marks: rows that nobody told, put among the facts so that something can be asked on a day without a fact.

They are the first day of each month in which an attribute went on being true, and the days that the rulebook names. The
day an account was opened is asked on a sheet of its own, of what was said until then.
"""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.operators import starts
from lifepot.kernel.program import Program
from lifepot.kernel.sheet import DAY, FACT, OPENING, PRESENCE, Sheet, at_first
from lifepot.periods import (
    FAR_FUTURE,
    FAR_PAST,
    add_months,
    month_index,
    month_start,
    month_window,
    parse_day,
    year_window,
)
from lifepot.rulebook.scalars import parse_age, parse_month_day, parse_number
from lifepot.rulebook.terms import Day

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

SPAN = 2**21
"""More days than there are between those that facts may name."""


def build_sheet(
    program: Program, people: People, facts: Facts, *, as_of: int | None, accrue_until: int | None, carry: Int | None
) -> Sheet:
    """The sheet of these facts, as of a day (facts after it are not seen). `accrue_until` is the last day that an
    attribute goes on counting by the month when there is no `as_of`.
    """
    if as_of is not None and len(facts) and facts.on.max() > as_of:
        facts = facts.take(facts.on <= as_of)
    facts = _whole_account(program, facts).sort()
    until = as_of if as_of is not None else accrue_until
    marks = {PRESENCE: _presence_marks(program, people, facts, until), DAY: _day_marks(program, people, facts, until)}
    added = {sort: rows for sort, rows in marks.items() if rows is not None and len(rows)}
    if not added:
        return Sheet(program, people, facts, np.full(len(facts), FACT), carry)
    mark = np.repeat(list(added), [len(rows) for rows in added.values()])
    facts, mark = _among(facts, Facts.join(list(added.values())), mark)
    return Sheet(program, people, facts, mark, carry)


def opening_sheet(sheet: Sheet) -> Sheet:
    """What was said of the members of a sheet, and a mark on the day on which each account was opened, if it was given."""
    members = np.flatnonzero(sheet.people.joined != NONE)
    marks = _blank(len(members))
    marks.member, marks.on = members, sheet.people.joined[members]
    marks.fact[:] = marks.root[:] = -1
    facts, mark = _among(sheet.facts.take(sheet.is_kind(Kind.STATUS)), marks, np.full(len(marks), OPENING))
    opening = Sheet(sheet.program, sheet.people, facts, mark, None)
    opening.first_payment_on = sheet.first_payment_on
    # No payment is among these rows. One of the opening's own day stands after it, and is not known there.
    paid = opening.by_member(sheet.first_payment_on)
    opening.first_payment_by_row = np.where(paid < facts.on, paid, FAR_FUTURE)
    return opening


def _among(facts: Facts, marks: Facts, mark: Int) -> tuple[Facts, Int]:
    """Facts with marks put between them, and which mark each row is. Presence stands among the statuses of its day; openings
    and named days stand after them and before the day's money, the named days in their order.
    """
    places = _places(facts, np.full(len(facts), FACT))
    wanted = _places(marks, mark)
    # Named days of one day come in their order, and so stay in it.
    order = np.lexsort((marks.root, wanted)) if PRESENCE in mark else np.argsort(wanted, kind="stable")
    at = np.searchsorted(places, wanted[order], side="right") + np.arange(len(order))
    old = np.ones(len(facts) + len(marks), dtype=np.bool_)
    old[at] = False
    rows = np.empty(len(old), dtype=np.int64)
    rows[old] = np.arange(len(facts))
    rows[at] = len(facts) + order
    both, sort = Facts.join([facts, marks]), np.concatenate([np.full(len(facts), FACT), mark])
    if PRESENCE in mark:
        _put_presence_in_order(rows, np.concatenate([places, wanted]), sort, both)
    return facts.beside(marks, rows), sort[rows]


def _put_presence_in_order(rows: Int, places: Int, sort: Int, both: Facts) -> None:
    """Of one day's statuses and presences, the one whose chain began first comes first."""
    place = places[rows]
    begins = starts(place)
    day = np.cumsum(begins) - 1
    mixed = np.zeros(int(day[-1]) + 1 if len(day) else 0, dtype=np.bool_)
    mixed[day[sort[rows] == PRESENCE]] = True
    among = np.flatnonzero(mixed[day])
    rows[among] = rows[among][np.lexsort((both.column("root")[rows[among]], place[among]))]


def _places(facts: Facts, mark: Int) -> Int:
    """Where rows stand, but for their chains: by member, day and rank within the day."""
    statuses = facts.kind == Kind.STATUS
    rank = np.where(statuses, (mark == OPENING) | (mark == DAY), 1 + facts.kind)
    return (facts.member * SPAN + facts.on + SPAN // 2) * 8 + rank


def _whole_account(program: Program, facts: Facts) -> Facts:
    """Opting in, leaving and pausing are of the whole account, whichever payer's file told them."""
    terms = program.rulebook.membership
    names = {one.attribute for one in terms.leaving} | {one.attribute for one in terms.pauses}
    names |= {terms.opt_in} if terms.opt_in else set()
    if not names:
        return facts
    told = (facts.kind == Kind.STATUS) & (facts.payer != 0)
    rows = np.flatnonzero(told)
    rows = rows[np.isin(facts.attribute[rows], [program.attribute(name) for name in names])]
    if not len(rows):
        return facts
    payer = facts.payer.copy()
    payer[rows] = 0
    return facts.later("payer", lambda: payer)


def _blank(count: int) -> Facts:
    facts = Facts(*(np.full(count, NONE, dtype=np.int64) for _ in fields(Facts)))
    facts.kind[:] = Kind.STATUS
    facts.payer[:] = 0
    facts.frequency[:] = Frequency.NONE
    facts.attribute[:] = -1
    facts.value[:] = -1
    return facts


def _first_days(people: People, facts: Facts) -> Int:
    """The day of each member's first fact; the far future where there is none."""
    first = np.full(len(people), FAR_FUTURE)
    heads = np.flatnonzero(starts(facts.member))
    first[facts.member[heads]] = facts.on[heads]
    return first


def _last_days(people: People, facts: Facts, until: int | None) -> Int:
    """The last day of each member on which marks are made. With no day to look from it is that of the last fact of
    their own: nobody's depend on others'.
    """
    ended = np.full(len(people), FAR_PAST if until is None else until)
    if until is None and len(facts):
        lasts = np.append(np.flatnonzero(starts(facts.member))[1:], len(facts)) - 1
        ended[facts.member[lasts]] = facts.on[lasts]
    over = np.flatnonzero(facts.kind >= Kind.CLOSED)
    np.minimum.at(ended, facts.member[over], facts.on[over])
    return ended


def _day_marks(program: Program, people: People, facts: Facts, until: int | None) -> Facts | None:
    """A mark on each of the rulebook's named days."""
    days = program.rulebook.days
    if not days or not len(people):
        return None
    last = _last_days(people, facts, until)
    first = np.where(people.joined == NONE, _first_days(people, facts), people.joined)
    everybody = np.arange(len(people))
    found: list[tuple[Int, Int, int]] = []
    for number, day in enumerate(days.values()):
        if day.on is not None:
            found.append((everybody, np.full(len(people), parse_day(day.on)), number))
        elif day.age is not None:
            known = np.flatnonzero(people.born != NONE)
            found.append((known, add_months(people.born[known], parse_age(day.age)), number))
        else:
            found += [(who, on, number) for who, on in _comes_again(day, first, last)]
    if not found:
        return None
    member = np.concatenate([who for who, _, _ in found])
    on = np.concatenate([at for _, at, _ in found])
    value = np.concatenate([np.full(len(who), number) for who, _, number in found])
    there = on <= last[member]
    marks = _blank(int(there.sum()))
    marks.member, marks.on, marks.value = member[there], on[there], value[there]
    marks.fact[:] = marks.root[:] = -1
    return marks


def _comes_again(day: Day, first: Int, last: Int) -> Iterator[tuple[Int, Int]]:
    """Members and days, once for each month or year in which the day comes for some of them."""
    who = np.flatnonzero(first <= last)
    if day.every == "year":
        start = year_window(first[who], *parse_month_day(day.starts or ""))[0]
        months = 12
    else:
        start = month_window(first[who], parse_number(day.starts or ""))[0]
        months = 1
    while len(who):
        comes = start >= first[who]
        yield who[comes], start[comes]
        start = add_months(start, months)
        still = start <= last[who]
        who, start = who[still], start[still]


def _presence_marks(program: Program, people: People, facts: Facts, until: int | None) -> Facts | None:
    """A mark on the first day of each month in which an attribute that some amount counts by presence went on."""
    terms = [*program.rulebook.amounts.values(), *program.rulebook.rules.values()]
    names = {
        source.removeprefix("present.")
        for term in terms
        for sources in (term.of, term.minus)
        for source in ([sources] if isinstance(sources, str) else sources)
        if source.startswith("present.")
    }
    if not names or not len(people):
        return None
    ended = _last_days(people, facts, until)
    began = np.minimum(_first_days(people, facts), np.where(people.joined == NONE, FAR_FUTURE, people.joined))
    found: list[Facts] = []
    for name in sorted(names):
        number = program.attribute(name)
        told = np.flatnonzero((facts.kind == Kind.STATUS) & (facts.attribute == number) & (facts.payer == 0))
        member, on = facts.member[told], facts.on[told]
        # What was said holds until the member says something else.
        until_next = ended[member]
        same = np.flatnonzero(member[1:] == member[:-1])
        until_next[same] = np.minimum(until_next[same], on[same + 1] - 1)
        yes = np.flatnonzero(facts.value[told] == 1)
        who = np.flatnonzero(at_first(program, people, name) == 1)
        to_first = ended.copy()
        heads = np.flatnonzero(starts(member))
        to_first[member[heads]] = np.minimum(ended[member[heads]], on[heads] - 1)
        # Nor is who says no on the very first day; of several sayings of that day the last one counts.
        present = began <= ended
        of_day = np.flatnonzero(on == began[member])
        present[member[of_day]] &= facts.value[told[of_day]] == 1
        there = who[present[who]]
        found += [
            _presences(there, began[there], np.full(len(there), -1), number),
            _months(who, began[who], to_first[who], np.full(len(who), -1), number),
            _months(member[yes], on[yes], until_next[yes], facts.fact[told[yes]], number),
        ]
    return Facts.join(found)


def _months(member: Int, first: Int, last: Int, fact: Int, attribute: int) -> Facts:
    """A mark on the first day of each month after the one of the first day, up to the last day."""
    month = month_index(first)
    count = np.maximum(month_index(last) - month, 0)
    span = np.repeat(np.arange(len(member)), count)
    nth = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    return _presences(member[span], month_start(month[span] + 1 + nth), fact[span], attribute)


def _presences(member: Int, on: Int, fact: Int, attribute: int) -> Facts:
    marks = _blank(len(member))
    marks.member, marks.on, marks.fact, marks.root = member, on, fact, fact
    marks.attribute[:] = attribute
    marks.value[:] = 1
    return marks
