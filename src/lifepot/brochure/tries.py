"""Trying a scheme on people who do not exist: what each party adds in a year, by the kernel that runs real schemes.

A try is a person and a yearly amount, told in twelve equal parts, a month each, to the penny. The figures are those of
one day, held still: as if they had always been in force and stayed so. So a year that would cross a change, or a taper that
looks two years back, is drawn by one set of figures.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, PARTIES, Facts, Frequency, Kind, People
from lifepot.kernel.program import Program, compile_program
from lifepot.periods import add_months, add_months_to, month_window, parse_day, year_window
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, parse_month_day
from lifepot.rulebook.terms import EarlierStep, Rulebook

Int = NDArray[np.int64]
Varied = Literal["paid", "pay"]
"""What the yearly amount is: the person's own payments, or pay."""

ALWAYS = "1900-01-01"
MONTHS = 12
JOB = 1


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to try a scheme on. Everything not said here is as the rulebook takes it when nothing is said."""

    age: int
    """Whole years, all through the year."""
    years_in: int = 0
    """How many years the person has been in at the year's beginning, with the same pay; 0: they join in the year."""
    pay_minor: int = 0
    """Yearly pay beside what is varied."""
    said: tuple[tuple[str, str], ...] = ()
    """Attributes, and what was said of each from the beginning."""


@dataclass(slots=True)
class Scheme:
    """A rulebook with the figures of a day held still, and the year to try it in."""

    book: Rulebook
    on: int
    first: int = field(init=False)
    """The year's first day."""
    last: int = field(init=False)
    years_before: int = field(init=False)
    """How many years back some rule looks."""
    program: Program = field(init=False)
    _month_days: dict[int, tuple[int, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.book = held_still(self.book, self.on)
        self.program = compile_program(self.book)
        self.first = _year_begins(self.book, self.on)
        self.last = add_months_to(self.first, MONTHS) - 1
        terms = [*self.book.amounts.values(), *self.book.rules.values()]
        steps = [step.earlier for term in terms for step in term.steps if isinstance(step, EarlierStep)]
        self.years_before = max((int(one.by) for one in steps), default=0)

    def added(self, persons: list[Person], yearly_minor: Int, varied: Varied) -> Int:
        """What each party adds in the year, minor units: an axis each for persons, yearly amounts and `PARTIES`."""
        count = len(yearly_minor)
        assessed = assess(
            self.program,
            self._people(persons, count, varied),
            self._facts(persons, yearly_minor, varied),
            accrue_until=self.last,
        )
        owed = assessed.entitlements
        # What falls due later because of this year's facts is this year's; what older facts bring is not.
        because = assessed.rows.on[owed.row]
        mine = (because >= self.first) & (because <= self.last)
        party = np.array([PARTIES.index(rule.party) for rule in self.book.rules.values()])
        sums = np.zeros((len(persons) * count, len(PARTIES)), dtype=np.int64)
        np.add.at(sums, (owed.member[mine], party[owed.rule[mine]]), owed.amount[mine])
        return sums.reshape(len(persons), count, len(PARTIES))

    def _people(self, persons: list[Person], count: int, varied: Varied) -> People:
        membership = self.book.membership
        opens_itself = varied == "pay" and membership.automatic is not None
        born = np.array([add_months_to(self.first, -MONTHS * one.age) for one in persons], dtype=np.int64)
        joined = np.array(
            [
                NONE
                if opens_itself and one.years_in <= self.years_before
                else add_months_to(self.first, -MONTHS * one.years_in)
                for one in persons
            ],
            dtype=np.int64,
        )
        attributes = np.full((len(persons), len(self.program.attributes)), NONE, dtype=np.int64)
        for row, person in enumerate(persons):
            for name, text in person.said:
                attributes[row, self.program.attribute(name)] = self.program.encode(name, text)
        return People(np.repeat(born, count), np.repeat(joined, count), np.repeat(attributes, count, axis=0))

    def _facts(self, persons: list[Person], yearly_minor: Int, varied: Varied) -> Facts:
        count = len(yearly_minor)
        member = np.arange(len(persons) * count)
        varying = np.tile(yearly_minor, len(persons))
        pay = (
            varying
            if varied == "pay"
            else np.repeat(np.array([one.pay_minor for one in persons], dtype=np.int64), count)
        )
        years_in = np.repeat(np.array([one.years_in for one in persons], dtype=np.int64), count)
        parts = []
        if varied == "paid":
            # One payment of the month of joining, so that the first payment is as old as the account.
            old = years_in > 0
            joined = add_months(np.full(int(old.sum()), self.first), -MONTHS * years_in[old])
            parts.append(_paid(member[old], np.full(len(joined), MINOR_PER_MAJOR), joined))
            parts += [_paid(member, _share(varying, month), self._months(month)[0]) for month in range(MONTHS)]
        if pay.any():
            for month in range(-MONTHS * self.years_before, MONTHS):
                earned = (pay > 0) & (month >= -MONTHS * years_in)
                parts.append(_paid_job(member[earned], _share(pay, month)[earned], *self._months(month)))
        facts = Facts.join(parts) if parts else _told(member[:0], 0, Kind.PAY)
        facts = facts.take(np.where(facts.kind == Kind.PAY, facts.earnings, facts.amount) > 0)
        facts.fact = facts.root = np.arange(len(facts))
        return facts

    def _months(self, number: int) -> tuple[int, int]:
        """First and last day of a month of the year, counted from its beginning."""
        if number not in self._month_days:
            begin, after = add_months(np.array([self.first, self.first]), np.array([number, number + 1])).tolist()
            self._month_days[number] = (begin, after - 1)
        return self._month_days[number]


def held_still(book: Rulebook, on: int) -> Rulebook:
    """The rulebook with each value as it is on a day, from the beginning of time."""
    values = {}
    for name, value in book.values.items():
        begun = [day for day in value.dated if parse_day(day) <= on]
        dated = {ALWAYS: value.dated[max(begun, key=parse_day)]} if begun else {ALWAYS: "none"}
        values[name] = value.model_copy(update={"dated": dated}) if value.dated else value
    return book.model_copy(update={"values": values})


def nearest_day(book: Rulebook, on: int) -> int:
    """The day itself, if the rulebook has figures then; else the nearest on which it does: the first on which it has all of
    them, or the last on which it had any.
    """
    histories = [
        [(parse_day(day), figure) for day, figure in value.dated.items()]
        for value in book.values.values()
        if value.dated
    ]
    if not histories:
        return on
    first = max(history[0][0] for history in histories)
    if on < first:
        return first
    ended = [_ended(history, on) for history in histories]
    last = [day for day in ended if day is not None]
    return max(last) - 1 if len(last) == len(histories) else on


def _ended(history: list[tuple[int, str | dict[str, str]]], on: int) -> int | None:
    """Since when a value has had no figure on a day; None: it has one."""
    begun = [(day, figure) for day, figure in history if day <= on]
    since: int | None = None
    for day, figure in reversed(begun):
        if figure != "none":
            return since
        since = day
    return since


def _year_begins(book: Rulebook, on: int) -> int:
    """The first day of the rulebook's year around a day; where it has no year, of the month."""
    day = np.array([on], dtype=np.int64)
    yearly = [one for one in book.windows.values() if one.every == "year"]
    begin, _ = year_window(day, *parse_month_day(yearly[0].starts or "01-01")) if yearly else month_window(day, 1)
    return int(begin[0])


def _share(yearly: Int, number: int) -> Int:
    """One of twelve parts that are equal to the penny and add up to the whole."""
    number %= MONTHS
    return (2 * yearly * (number + 1) + MONTHS) // (2 * MONTHS) - (2 * yearly * number + MONTHS) // (2 * MONTHS)


def _told(member: Int, on: Int | int, kind: Kind) -> Facts:
    nothing, not_said = np.zeros(len(member), dtype=np.int64), np.full(len(member), NONE)
    none = nothing - 1
    return Facts(
        fact=nothing, root=nothing, member=member, on=nothing + on, kind=nothing + int(kind), payer=nothing,
        amount=not_said, earnings=not_said, hours=not_said, frequency=nothing + int(Frequency.NONE), period_start=not_said,
        period_end=not_said, worker=not_said, employer=not_said, attribute=none, value=none,
    )  # fmt: skip


def _paid(member: Int, amount: Int, on: Int | int) -> Facts:
    """Payments of the persons' own."""
    facts = _told(member, on, Kind.PAID)
    facts.amount = amount
    return facts


def _paid_job(member: Int, earnings: Int, begin: int, end: int) -> Facts:
    """A month's pay, paid on the month's last day."""
    facts = _told(member, end, Kind.PAY)
    facts.payer, facts.frequency = facts.payer + JOB, facts.frequency * 0 + int(Frequency.MONTH)
    facts.period_start, facts.period_end = facts.payer * 0 + begin, facts.payer * 0 + end
    facts.earnings = earnings
    return facts
