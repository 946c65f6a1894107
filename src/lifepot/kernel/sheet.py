"""The sheet: a run's facts in order, with what every rule asks of a row worked out once.

Besides the facts themselves it holds *marks*: rows the kernel adds so that something can be asked on a day without a
fact: the day an account was opened, the first day of each month in which an attribute went on being true, and the days
that the rulebook names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.figures import MONTHS, WEEKS
from lifepot.kernel.operators import start_of, starts
from lifepot.kernel.program import FIRST_PAYMENT_ON, OPENED_ON, Program
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

FACT, OPENING, PRESENCE, DAY = 0, 1, 2, 3
"""What a row is: a fact, the mark of an opening day, of a month in which an attribute went on, or of a named day (whose
number is the row's `value`)."""


@dataclass(slots=True)
class Sheet:
    """Facts and marks in order, a row each, and what is known of each row."""

    program: Program
    people: People
    facts: Facts
    mark: Int
    carry: Int | None
    first_of_member: Bool = field(init=False)
    member_start: Int = field(init=False)
    opened_on: Int = field(init=False)
    first_payment_on: Int = field(init=False)
    active: Bool = field(init=False)
    closed_on: Int = field(init=False)
    died_on: Int = field(init=False)
    cache: dict[object, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        facts = self.facts
        self.first_of_member = starts(facts.member)
        self.member_start = start_of(self.first_of_member)
        n = len(self.people)
        self.opened_on = self.people.joined.copy()
        self.first_payment_on = np.full(n, FAR_FUTURE)
        paid = (facts.kind == Kind.PAID) & (facts.payer == 0)
        np.minimum.at(self.first_payment_on, facts.member[paid], facts.on[paid])
        if self.carry is not None:
            carried = self.carry[FIRST_PAYMENT_ON]
            self.first_payment_on = np.where(carried == NONE, self.first_payment_on, carried)
            self.opened_on = np.where(self.carry[OPENED_ON] == NONE, self.opened_on, self.carry[OPENED_ON])
        self.closed_on = self._first_day_of(Kind.CLOSED)
        self.died_on = self._first_day_of(Kind.DIED)
        self.active = np.ones(len(facts), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.facts)

    def _first_day_of(self, kind: Kind) -> Int:
        days = np.full(len(self.people), FAR_FUTURE)
        rows = self.facts.kind == kind
        np.minimum.at(days, self.facts.member[rows], self.facts.on[rows])
        return days

    def is_kind(self, kind: Kind) -> Bool:
        """Rows that are facts of this kind."""
        return (self.facts.kind == kind) & (self.mark == FACT)

    @property
    def born(self) -> Int:
        """Birth day of each row's member."""
        return self.people.born[self.facts.member]

    def period(self) -> tuple[Int, Int]:
        """First and last day of each row's pay period; where none was said, counted back from the pay day by the
        frequency, and the day itself where that was not said either.
        """
        if "period" not in self.cache:
            facts = self.facts
            end = np.where(facts.period_end == NONE, facts.on, facts.period_end)
            start = np.where(facts.period_start == NONE, end, facts.period_start)
            unsaid = facts.period_start == NONE
            if unsaid.any():
                for frequency, weeks in WEEKS.items():
                    start = np.where(unsaid & (facts.frequency == frequency), end - 7 * weeks + 1, start)
                for frequency, months in MONTHS.items():
                    start = np.where(unsaid & (facts.frequency == frequency), add_months(end, -months) + 1, start)
            self.cache["period"] = (start, end)
        return self.cache["period"]  # type: ignore[return-value]

    def tested_on(self) -> Int:
        """The day on which a row's ages are tested: the last of a pay's period, the day itself of all else."""
        if "tested_on" not in self.cache:
            pay = self.facts.kind == Kind.PAY
            self.cache["tested_on"] = np.where(pay, self.period()[1], self.facts.on)
        return self.cache["tested_on"]  # type: ignore[return-value]

    def frequency(self) -> tuple[Int, Int]:
        """Frequency of each row, worked out from its period where it was not said, and the period's days (NONE)."""
        if "frequency" not in self.cache:
            facts = self.facts
            said = (facts.period_start != NONE) & (facts.period_end != NONE)
            days = np.where(said, facts.period_end - facts.period_start + 1, NONE)
            frequency = facts.frequency
            unsaid = said & (frequency < 0)
            if unsaid.any():
                frequency = frequency.copy()
                start = np.where(said, facts.period_start, 0)
                for word, weeks in WEEKS.items():
                    frequency[unsaid & (days == 7 * weeks)] = word
                for word, months in MONTHS.items():
                    frequency[unsaid & (add_months(start, months) == facts.period_end + 1)] = word
            self.cache["frequency"] = (frequency, days)
        return self.cache["frequency"]  # type: ignore[return-value]

    def window(self, name: str) -> tuple[Int, Int]:
        """First and last day of the window each row falls in. Rows in no term at all get a window that is empty
        (its last day before its first).
        """
        if name == "pay_period":
            return self.period()
        key = ("window", name)
        if key not in self.cache:
            self.cache[key] = window_of(self, name, self.facts.on)
        return self.cache[key]  # type: ignore[return-value]

    def last_status_of_day(self) -> Int:
        """For each status and mark of presence, the position of the last one of its member and day; -1 elsewhere."""
        if "last_status_of_day" not in self.cache:
            facts = self.facts
            status = (facts.kind == Kind.STATUS) & (self.mark != OPENING)
            first = starts(facts.member, facts.on, status.astype(np.int64))
            ends = np.append(np.flatnonzero(first)[1:] - 1, len(facts) - 1) if len(facts) else np.zeros(0, np.int64)
            self.cache["last_status_of_day"] = np.where(status, ends[np.cumsum(first) - 1], -1)
        return self.cache["last_status_of_day"]  # type: ignore[return-value]

    def attribute(self, name: str) -> Int:
        """What holds of an attribute at each row; NONE where it is not known."""
        key = ("attribute", name)
        if key not in self.cache:
            self.cache[key] = self._attribute(name)
        return self.cache[key]  # type: ignore[return-value]

    def _attribute(self, name: str) -> Int:
        number = self.program.attribute(name)
        facts = self.facts
        begin = np.full(len(self.people), self.program.defaults[number])
        if self.people.attributes.shape[1]:
            said = self.people.attributes[:, number]
            begin = np.where(said == NONE, begin, said)
        values = begin[facts.member]
        told = self.is_kind(Kind.STATUS) & (facts.attribute == number)
        if told.any():
            general = told & (facts.payer == 0)
            last = np.maximum.accumulate(np.where(general, np.arange(len(facts)), -1))
            # What is said on a day holds on all of it, for the statuses of that day in whatever order they stand.
            said_by_then = self.last_status_of_day()
            last = np.where(said_by_then >= 0, last[np.maximum(said_by_then, 0)], last)
            values = np.where(last >= self.member_start, facts.value[np.maximum(last, 0)], values)
            generals = np.flatnonzero(general)
            for row in np.flatnonzero(told & (facts.payer != 0)):
                # It holds for the payer's own facts until something is said of all of them.
                end = int(np.searchsorted(facts.member, facts.member[row], side="right"))
                later = slice(row, min([end, *generals[generals > row][:1].tolist()]))
                values[later] = np.where(facts.payer[later] == facts.payer[row], facts.value[row], values[later])
        otherwise = self.program.rulebook.attributes[name].otherwise
        if otherwise is not None:
            amount, percent = self.attribute(otherwise.amount), self.attribute(otherwise.over_percent)
            known = (values == NONE) & (amount != NONE) & (percent != NONE) & (percent > 0)
            # percent is in millionths of the whole: amount / (percent / 10**6), half up to the penny
            share = np.where(known, percent, 1)
            quotient = (2 * np.where(known, amount, 0) * 10**6 + share) // (2 * share)
            values = np.where(known, quotient, values)
        return values


def window_of(sheet: Sheet, name: str, days: Int) -> tuple[Int, Int]:
    """First and last day of the named window around each day (a day a row)."""
    if name == "account":
        return np.full(len(days), FAR_PAST), np.full(len(days), FAR_FUTURE)
    if name == "month":
        return month_window(days, 1)
    window = sheet.program.rulebook.windows[name]
    if window.every == "year":
        return year_window(days, *parse_month_day(window.starts or "01-01"))
    if window.every == "month":
        return month_window(days, parse_number(window.starts or "1"))
    assert window.months is not None
    length, opened = parse_number(window.months), sheet.opened_on[sheet.facts.member]
    opened = np.where(opened == NONE, FAR_FUTURE, opened)
    beginning = month_index(opened)
    term = (month_index(days) - beginning) // length
    start = month_start(beginning + term * length)
    end = month_start(beginning + (term + 1) * length) - 1
    outside = term < 0
    if window.times is not None:
        outside |= term >= parse_number(window.times)
    return np.where(outside, FAR_FUTURE, start), np.where(outside, FAR_FUTURE - 1, end)


def build_sheet(
    program: Program, people: People, facts: Facts, *, as_of: int | None, accrue_until: int | None, carry: Int | None
) -> Sheet:
    """The sheet of these facts, as of a day (facts after it are not seen). `accrue_until` is the last day that an
    attribute goes on counting by the month when there is no `as_of`.
    """
    if as_of is not None:
        facts = facts.take(facts.on <= as_of)
    facts = _whole_account(program, facts)
    until = as_of if as_of is not None else accrue_until
    marks = {
        OPENING: _opening_marks(people) if carry is None else None,
        PRESENCE: _presence_marks(program, people, facts, until),
        DAY: _day_marks(program, people, facts, until),
    }
    added = {sort: rows for sort, rows in marks.items() if rows is not None and len(rows)}
    if not added:
        facts = facts.sort()
        return Sheet(program, people, facts, np.zeros(len(facts), dtype=np.int64), carry)
    mark = np.repeat([FACT, *added], [len(facts), *map(len, added.values())])
    facts = Facts.join([facts, *added.values()])
    # An opening is asked after the day's statuses and before its money, and so are named days, in their order.
    rank = np.where((mark == OPENING) | (mark == DAY), 1, np.where(facts.kind == Kind.STATUS, 0, 1 + facts.kind))
    number = np.where(mark == DAY, facts.value, -1)
    order = np.lexsort((number, facts.root, rank, facts.on, facts.member))
    return Sheet(program, people, facts.take(order), mark[order], carry)


def _whole_account(program: Program, facts: Facts) -> Facts:
    """Opting in, leaving and pausing are of the whole account, whichever payer's file told them."""
    terms = program.rulebook.membership
    names = [one.attribute for one in terms.leaving] + [one.attribute for one in terms.pauses]
    names += [terms.opt_in] if terms.opt_in else []
    numbers = [program.attribute(name) for name in names]
    told = (facts.kind == Kind.STATUS) & (facts.payer != 0) & np.isin(facts.attribute, numbers)
    return facts.later("payer", lambda: np.where(told, 0, facts.payer)) if told.any() else facts


def _blank(count: int) -> Facts:
    facts = Facts(*(np.full(count, NONE, dtype=np.int64) for _ in fields(Facts)))
    facts.kind[:] = Kind.STATUS
    facts.payer[:] = 0
    facts.frequency[:] = Frequency.NONE
    facts.attribute[:] = -1
    facts.value[:] = -1
    return facts


def _opening_marks(people: People) -> Facts:
    members = np.flatnonzero(people.joined != NONE)
    marks = _blank(len(members))
    marks.member, marks.on = members.astype(np.int64), people.joined[members]
    marks.fact[:] = marks.root[:] = -1
    return marks


def _last_days(people: People, facts: Facts, until: int | None) -> Int:
    """The last day of each member on which marks are made. With no day to look from it is that of the last fact of
    their own: nobody's depend on others'.
    """
    ended = np.full(len(people), FAR_PAST if until is None else until)
    if until is None:
        np.maximum.at(ended, facts.member, facts.on)
    over = (facts.kind == Kind.CLOSED) | (facts.kind == Kind.DIED)
    np.minimum.at(ended, facts.member[over], facts.on[over])
    return ended


def _day_marks(program: Program, people: People, facts: Facts, until: int | None) -> Facts | None:
    """A mark on each of the rulebook's named days."""
    days = program.rulebook.days
    if not days or not len(people):
        return None
    last = _last_days(people, facts, until)
    first = np.full(len(people), FAR_FUTURE)
    np.minimum.at(first, facts.member, facts.on)
    first = np.where(people.joined == NONE, first, people.joined)
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
        for source in ([term.of] if isinstance(term.of, str) else term.of)
        if source.startswith("present.")
    }
    if not names or not (len(facts) or people.attributes.shape[1]):
        return None
    rows: list[tuple[int, int, int, int]] = []
    ended = _last_days(people, facts, until)
    for name in sorted(names):
        number = program.attribute(name)
        told = np.flatnonzero((facts.kind == Kind.STATUS) & (facts.attribute == number) & (facts.payer == 0))
        told = told[np.lexsort((facts.root[told], facts.on[told], facts.member[told]))]
        from_start = people.attributes[:, number] == 1 if people.attributes.shape[1] else np.zeros(len(people), bool)
        spans: list[tuple[int, int, int, int]] = []
        for member in np.flatnonzero(from_start).tolist():
            mine = told[facts.member[told] == member]
            first = (
                int(people.joined[member])
                if people.joined[member] != NONE
                else int(facts.on[facts.member == member].min(initial=int(ended[member]) + 1))
            )
            end = int(facts.on[mine[0]]) - 1 if len(mine) else int(ended[member])
            rows.append((member, first, -1, number))
            spans.append((member, first, min(end, int(ended[member])), -1))
        for position, row in enumerate(told):
            if facts.value[row] != 1:
                continue
            member = int(facts.member[row])
            follows = position + 1 < len(told) and facts.member[told[position + 1]] == member
            end = int(facts.on[told[position + 1]]) - 1 if follows else int(ended[member])
            spans.append((member, int(facts.on[row]), min(end, int(ended[member])), int(facts.fact[row])))
        for member, first, end, fact in spans:
            month = int(month_index(np.array([first]))[0]) + 1
            while (day := int(month_start(np.array([month]))[0])) <= end:
                rows.append((member, day, fact, number))
                month += 1
    marks = _blank(len(rows))
    if rows:
        marks.member, marks.on, marks.fact, marks.attribute = (
            np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
        )
        marks.root = marks.fact.copy()
        marks.value[:] = 1
    return marks
