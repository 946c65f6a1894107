"""What payroll takes for a loan, month by month for as long as it may run: the rulebook `uk-student-loan` is asked, by the
kernel. Where the rulebook has no threshold yet, it is carried on: the last one, rising as assumed.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from lifepot.errors import LifepotError
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.figures import look_up
from lifepot.kernel.program import Program, compile_program
from lifepot.loans.terms import MONTHS, Assumed, Plan, risen
from lifepot.periods import add_months_to, date_of, format_day, parse_day
from lifepot.rulebook.reader import shipped
from lifepot.rulebook.scalars import parse_money

RULEBOOK = "uk-student-loan"


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its pay day, what the year's earnings then are, the threshold a year, and what payroll takes if as much is
    still owed. Minor units.
    """

    on: int
    earnings_minor: int
    threshold_minor: int
    takes_minor: int


def months(plan: Plan, earnings_minor: int, on: int, until: int, first_due_on: int, guess: Assumed) -> list[Month]:
    """The months after a day up to another, for somebody who earns so much a year now in twelve equal pays. LifepotError where
    the rulebook knows no threshold.
    """
    days: list[int] = []
    while (day := add_months_to(on, len(days) + 1)) < until:
        days.append(day)
    if not days:
        return []
    earnings, taxed_in, now = [], _tax_year(on), earnings_minor
    for day in days:
        if _tax_year(day) > taxed_in:
            taxed_in, now = taxed_in + 1, int(now * (1 + guess.growth))
        earnings.append(now)
    program = _carried_on(plan, guess.rpi, date_of(until).year)
    figure = program.figure(plan.threshold, "money")
    at = np.searchsorted(figure.days, np.array(days), side="right") - 1
    nothing = np.zeros(len(days), dtype=np.int64)
    threshold, gap, _ = look_up(figure, at, nothing, nothing, nothing)
    taken = _taken(program, plan, days, [one // MONTHS for one in earnings])
    asked = [day >= first_due_on for day in days]
    if bool(gap[np.array(asked)].any()):
        first = days[int(np.flatnonzero(gap)[0])]
        raise LifepotError(
            f"The rulebook {RULEBOOK} has no threshold of {plan.words} on {format_day(first)}.",
            remedy="Look from a later day.",
        )
    return [
        Month(*one)
        for one in zip(
            days, earnings, (threshold // figure.den).tolist(),
            [much if due else 0 for much, due in zip(taken, asked, strict=True)], strict=True,
        )
    ]  # fmt: skip


def _taken(program: Program, plan: Plan, days: list[int], pays: list[int]) -> list[int]:
    """What the rulebook's rule takes of each pay."""
    attributes = np.full((1, len(program.attributes)), NONE, dtype=np.int64)
    attributes[0, program.attribute(plan.name)] = program.encode(plan.name, "yes")
    person = People(np.array([NONE]), np.array([NONE]), attributes)
    facts = Facts.of(
        [
            {
                "fact": nth,
                "member": 0,
                "on": day,
                "kind": Kind.PAY,
                "earnings": pay,
                "frequency": Frequency.MONTH,
                "payer": 1,
            }
            for nth, (day, pay) in enumerate(zip(days, pays, strict=True))
        ]
    )
    owed = assess(program, person, facts).entitlements
    mine = owed.rule == program.rules.index(plan.takes)
    by_day = dict.fromkeys(days, 0)
    for day, amount in zip(owed.effective_on[mine].tolist(), owed.amount[mine].tolist(), strict=True):
        by_day[day] += amount
    return [by_day[day] for day in days]


@lru_cache(maxsize=32)
def _carried_on(plan: Plan, rpi: Fraction, last_year: int) -> Program:
    """The rulebook with this plan's threshold said for every April up to a year's."""
    book = shipped(RULEBOOK)
    value = book.values[plan.threshold]
    dated = {day: figure for day, figure in value.dated.items() if figure != "none"}
    ends = [parse_day(day) for day, figure in value.dated.items() if figure == "none"]
    last = list(dated.values())[-1]
    assert isinstance(last, str), "a threshold is one figure"
    minor = parse_money(last)
    april = ends[-1] if ends else add_months_to(parse_day(list(dated)[-1]), MONTHS)
    while date_of(april).year <= last_year:
        minor = risen(minor, rpi) if plan.rises else minor
        dated[format_day(april)] = str(minor // 100)
        april = add_months_to(april, MONTHS)
    values = {**book.values, plan.threshold: value.model_copy(update={"dated": dated})}
    return compile_program(book.model_copy(update={"values": values}))


def _tax_year(day: int) -> int:
    when = date_of(day)
    return when.year if (when.month, when.day) >= (4, 6) else when.year - 1
