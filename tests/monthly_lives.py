"""Lives as the lab lives them: facts on the last day of each month, told to the rows driver and stepped through."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.program import Program
from lifepot.kernel.stepping import Stepper, month_end, step
from lifepot.periods import month_index, month_start

Int = NDArray[np.int64]


class Fact(NamedTuple):
    """One fact of a month, in minor units and hundredths; NONE is not said."""

    kind: int
    payer: int = 0
    amount: int = 0
    earnings: int = NONE
    hours: int = NONE
    worker: int = NONE
    employer: int = NONE
    attribute: int = -1
    value: int = -1


@dataclass
class MonthlyLife:
    """A birth day (NONE: not known) and the facts of each month, in the kernel's order."""

    born: int
    months: list[list[Fact]]


def draw_lives(
    program: Program, luck: Generator, days: Int, count: int, *, busy: float = 0.5, pays: bool = True, payers: int = 3
) -> list[MonthlyLife]:
    """Lives in which much happens: gaps in work, several jobs, payments, withdrawals for all and no purposes, statuses."""
    return [_life(program, luck, days, busy, pays=pays, payers=payers) for _ in range(count)]


def _life(program: Program, luck: Generator, days: Int, busy: float, *, pays: bool, payers: int) -> MonthlyLife:
    born = int(days[0] - luck.integers(14, 66) * 365.25 - luck.integers(0, 366))
    if luck.random() < 0.1:
        born = NONE
    elif luck.random() < 0.2:
        born = int(np.datetime64("2000-02-29").astype(int))
    purposes, names = len(program.rulebook.purposes), program.attributes
    months: list[list[Fact]] = []
    over = working = False
    quiet = luck.random() * 0.9
    for _ in days:
        facts: list[Fact] = []
        if luck.random() < 0.2:
            working = not working
        if names and luck.random() < busy * quiet:
            said = [names[luck.integers(0, len(names))] for _ in range(luck.integers(1, 4))]
            facts += [Fact(0, attribute=program.attribute(one), value=_value(program, one, luck, days)) for one in said]
        if pays and working:
            facts += [_pay(luck, payers) for _ in range(luck.integers(1, 4))]
        facts += [
            Fact(2, int(luck.integers(1, payers + 1) if luck.random() < 0.2 else 0), _money(luck))
            for _ in range(luck.integers(0, 3) if luck.random() < busy else 0)
        ]
        facts += [
            Fact(3, 0, _money(luck), value=int(luck.integers(-1, purposes)))
            for _ in range(luck.integers(1, 3) if luck.random() < busy * 0.5 else 0)
        ]
        if not over and luck.random() < 0.01:
            facts.append(Fact(int(luck.choice([4, 5]))))
            over = True
        facts.sort(key=lambda fact: fact.kind)
        months.append(facts if luck.random() > quiet * 0.5 else [])
    return MonthlyLife(born, months)


def _money(luck: Generator) -> int:
    if luck.random() < 0.3:
        return int(luck.choice([1, 99, 5_000, 2_500, 10_000, 120_000, 400_000, 0]))
    return int(luck.integers(1, 300_000))


def _pay(luck: Generator, payers: int) -> Fact:
    stated = [NONE if luck.random() < 0.8 else int(luck.integers(0, 20_000)) for _ in range(2)]
    earnings = (
        NONE if luck.random() < 0.05 else int(luck.choice([_money(luck), 83_300, 83_301, 52_000, 0, 418_900, 900_000]))
    )
    hours = NONE if luck.random() < 0.3 else int(luck.integers(0, 20_000))
    return Fact(1, int(luck.integers(1, payers + 1)), 0, earnings, hours, *stated)


def _value(program: Program, name: str, luck: Generator, days: Int) -> int:
    attribute = program.rulebook.attributes[name]
    match attribute.kind:
        case "yes_no":
            return int(luck.integers(0, 2))
        case "choice":
            return int(luck.integers(0, len(attribute.choices or [])))
        case "percent":
            return int(luck.choice([0, 10_000, 25_000, 47_500, 50_000, 80_000, 250_000, 1_000_000]))
        case "money":
            return int(luck.choice([0, 60_000, 100_000, 1_257_000, 5_027_000, 5_500_000, 45_000_000, _money(luck)]))
        case "day":
            return int(luck.choice(days))
        case _:
            return int(luck.integers(0, 40))


Sums = dict[tuple[int, int, int], int]
"""Minor units by person, rule and month, without those that come to nothing."""


def columns_of(lives: list[MonthlyLife], days: Int) -> tuple[Int, Facts]:
    """Birth days, and the facts as the rows driver takes them: a month's pay is of the calendar month."""
    rows: list[dict[str, int]] = []
    begins = month_start(month_index(days))
    for member, life in enumerate(lives):
        for month, facts in enumerate(life.months):
            for fact in facts:
                row = fact._asdict() | {"fact": len(rows), "member": member, "on": int(days[month])}
                if fact.kind == Kind.PAY:
                    row |= {
                        "frequency": int(Frequency.MONTH),
                        "period_start": int(begins[month]),
                        "period_end": int(days[month]),
                    }
                if fact.kind not in {Kind.PAID, Kind.WITHDRAWN}:
                    row["amount"] = NONE
                rows.append(row)
    return np.array([life.born for life in lives], dtype=np.int64), Facts.of(rows)


def by_rows(program: Program, lives: list[MonthlyLife], days: Int) -> Sums:
    """What the rows driver gives, as of the last month's day."""
    born, facts = columns_of(lives, days)
    nothing = np.full((len(lives), len(program.attributes)), NONE)
    people = People(born, np.full(len(lives), NONE), nothing)
    owed = assess(program, people, facts, as_of=int(days[-1])).entitlements
    month = np.searchsorted(days, owed.effective_on)
    found: Counter[tuple[int, int, int]] = Counter()
    for one in zip(owed.member.tolist(), owed.rule.tolist(), month.tolist(), owed.amount.tolist(), strict=True):
        found[one[:3]] += one[3]
    return {key: amount for key, amount in found.items() if amount}


def by_steps(stepper: Stepper, lives: list[MonthlyLife]) -> tuple[Sums, Int]:
    """What stepping gives, and the registers at the end."""
    registers, out = stepper.start(np.array([life.born for life in lives], dtype=np.int64)), stepper.out()
    found: Counter[tuple[int, int, int]] = Counter()
    for member, life in enumerate(lives):
        own = registers[member]
        for month, facts in enumerate(life.months):
            for fact in facts:
                step(stepper.tables, own, out, month, *fact)
                for rule in range(stepper.rules):
                    found[member, rule, month] += int(out[rule])
            month_end(stepper.tables, own, out, month)
            for rule in range(stepper.rules):
                found[member, rule, month] += int(out[rule])
    return {key: amount for key, amount in found.items() if amount}, registers
