"""People and facts for any rulebook, made up from what it reads: pays where it asks for pay, payments and withdrawals
where it asks for those, and something said of each attribute it names. The same seed makes the same ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.program import Program
from lifepot.periods import month_index, month_start, parse_day
from lifepot.rulebook.terms import Attribute, Rulebook

Int = NDArray[np.int64]
Chance = np.random.Generator

FREQUENCIES = {Frequency.MONTH: 0.7, Frequency.WEEK: 0.12, Frequency.TWO_WEEK: 0.08, Frequency.FOUR_WEEK: 0.1}
DAYS = {Frequency.MONTH: 0, Frequency.WEEK: 7, Frequency.TWO_WEEK: 14, Frequency.FOUR_WEEK: 28}

PAYMENTS, SAID, TAKEN_OUT = 0.2, 0.02, 0.03
"""Shares of all facts: payments beside pays, statuses, withdrawals."""
TWO_JOBS, FREQUENCY_UNSAID, ENDED, OUT = 0.15, 0.05, 0.003, 0.05
"""Shares of all people: with two jobs, whose frequency nobody says, whose account ends, who leave or pause once."""
PERIOD_UNSAID, STATED, BY_OTHERS, NO_PURPOSE, BY_PAYER = 0.1, 0.3, 0.05, 0.3, 0.3
"""Shares of pays, of payments, of withdrawals and, where there is pay, of statuses."""


@dataclass(slots=True)
class Reads:
    """What a rulebook asks of its facts."""

    pays: bool
    payments: bool
    withdrawals: bool
    attributes: list[str]
    ways_out: set[str]

    @classmethod
    def of(cls, rulebook: Rulebook) -> "Reads":
        """Found in the words of its terms, whatever terms there are."""
        terms = rulebook.model_dump(include={"amounts", "rules", "conditions", "membership", "purposes"})
        words = set(_words([terms, *(one.model_dump(include={"otherwise"}) for one in rulebook.attributes.values())]))
        heads, tails = ({word.partition(".")[place] for word in words} for place in (0, 2))
        membership = rulebook.membership
        return cls(
            "pay" in heads | tails,
            "paid" in heads | tails or membership.first_payment_opens,
            "withdrawn" in heads | tails or "newest_first" in words,
            [name for name in rulebook.attributes if name in words | tails],
            {one.attribute for one in [*membership.leaving, *membership.pauses]},
        )


def make(program: Program, rows: int, people: int, seed: int) -> tuple[People, Facts]:
    """So many people and facts, in the order in which the store gives them: by member, day, kind and chain."""
    chance = np.random.default_rng(seed)
    reads = Reads.of(program.rulebook)
    begins = first_day(program.rulebook)
    member = np.arange(rows) * people // rows
    nth = np.arange(rows) - np.searchsorted(member, member)
    facts = Facts(*(np.full(rows, NONE) for _ in fields(Facts)))
    facts.member = member
    facts.payer[:], facts.frequency[:], facts.attribute[:], facts.value[:] = 0, Frequency.NONE, -1, -1
    facts.kind[:] = Kind.PAY if reads.pays else Kind.PAID if reads.payments else Kind.STATUS
    for kind, share in (
        (Kind.PAID, PAYMENTS * reads.payments),
        (Kind.WITHDRAWN, TAKEN_OUT * reads.withdrawals),
        (Kind.STATUS, SAID * bool(reads.attributes)),
    ):
        facts.kind[(chance.random(rows) < share) & (nth > 0)] = kind
    ends = np.append(np.flatnonzero(np.diff(member)), rows - 1)
    ends = ends[chance.random(people) < ENDED]
    facts.kind[ends] = chance.choice([Kind.CLOSED, Kind.DIED], len(ends))
    _pays(chance, facts, nth, begins)
    _payments(chance, facts, len(program.rulebook.purposes))
    _statuses(chance, facts, reads, program, people)
    facts = facts.take(np.lexsort((facts.kind, facts.on, facts.member)))
    facts.fact, facts.root = np.arange(rows), np.arange(rows)
    facts = Facts(*(getattr(facts, column.name) for column in fields(Facts)))
    return _people(chance, reads, program, people, begins), facts


def first_day(rulebook: Rulebook) -> int:
    """The day from which most of the rulebook's values are in force for the longest time."""
    days = sorted({parse_day(day) for value in rulebook.values.values() for day in value.dated})
    if not days:
        return parse_day("2026-04-06")
    known = [sum(_in_force(value.dated, day) for value in rulebook.values.values()) for day in days]
    best = [place for place, count in enumerate(known) if count == max(known)]
    until = {
        place: next(
            (days[later] for later in range(place, len(days)) if known[later] < known[place]), days[-1] + 36_500
        )
        for place in best
    }
    return days[max(best, key=lambda place: (until[place] - days[place], -days[place]))]


def _in_force(dated: dict[str, Any], day: int) -> bool:
    before = [cells for text, cells in dated.items() if parse_day(text) <= day]
    return bool(before) and before[-1] != "none"


def _words(part: Any) -> Iterator[str]:
    """All texts of a dumped term."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _words(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _words(inner)


def _pays(chance: Chance, facts: Facts, nth: Int, begins: int) -> None:
    """Days for all facts, one pay period after another, and what the pays among them say."""
    people = int(facts.member[-1]) + 1
    frequency = chance.choice(list(FREQUENCIES), people, p=list(FREQUENCIES.values()))[facts.member]
    jobs = (1 + (chance.random(people) < TWO_JOBS))[facts.member]
    period = nth // jobs
    length = np.array([DAYS.get(Frequency(one), 0) for one in range(max(DAYS) + 1)])[frequency]
    month = int(month_index(np.array([begins - 1]))[0]) + 1 + period
    start = np.where(length > 0, begins + period * length, month_start(month))
    end = np.where(length > 0, start + length, month_start(month + 1)) - 1
    pay = facts.kind == Kind.PAY
    facts.on = np.where(pay, end, start + chance.integers(0, 28, len(facts)))
    facts.payer = np.where(pay, _payer(facts.member, nth % jobs), 0)
    share = np.where(length > 0, length, 30)
    facts.earnings = np.where(pay, chance.integers(1_000, 18_000, people)[facts.member] * share, NONE)
    facts.hours = np.where(pay, share * 500, NONE)
    known = (chance.random(people) >= FREQUENCY_UNSAID)[facts.member]
    facts.frequency = np.where(pay & known, frequency, Frequency.NONE)
    said = pay & (chance.random(len(facts)) >= PERIOD_UNSAID)
    facts.period_start, facts.period_end = np.where(said, start, NONE), np.where(said, end, NONE)
    stated = pay & (chance.random(len(facts)) < STATED)
    facts.worker, facts.employer = (np.where(stated, facts.earnings * rate // 100, NONE) for rate in (4, 3))


def _payer(member: Int, job: Int | int) -> Int:
    return 1 + (member * 7 + job) % 1_000


def _payments(chance: Chance, facts: Facts, purposes: int) -> None:
    paid, withdrawn = facts.kind == Kind.PAID, facts.kind == Kind.WITHDRAWN
    facts.payer[paid & (chance.random(len(facts)) < BY_OTHERS)] = 1
    facts.amount = np.where(paid, chance.integers(100, 60_000, len(facts)), NONE)
    facts.amount = np.where(withdrawn, chance.integers(100, 100_000, len(facts)), facts.amount)
    word = np.where(chance.random(len(facts)) < NO_PURPOSE, -1, chance.integers(0, max(purposes, 1), len(facts)))
    facts.value = np.where(withdrawn, word if purposes else -1, facts.value)


def _statuses(chance: Chance, facts: Facts, reads: Reads, program: Program, people: int) -> None:
    """What is said as time goes by. Of leaving and pausing only few say anything, and most of them once."""
    told = np.flatnonzero(facts.kind == Kind.STATUS)
    stay = [name for name in reads.attributes if name not in reads.ways_out]
    out = (chance.random(people) < OUT)[facts.member[told]]
    for rows, names in ((told[~out], stay), (told[out], [name for name in reads.attributes if name in reads.ways_out])):
        numbers = np.array([program.attribute(name) for name in names], dtype=np.int64)
        if not len(numbers):
            # Nothing to say: a payment of nothing much stands in its place.
            facts.kind[rows], facts.amount[rows] = Kind.PAID, 1
            continue
        facts.attribute[rows] = chance.choice(numbers, len(rows))
        for name in names:
            mine = rows[facts.attribute[rows] == program.attribute(name)]
            facts.value[mine] = _values(chance, program.rulebook.attributes[name], facts.on[mine])
    if reads.pays:
        by_payer = told[chance.random(len(told)) < BY_PAYER]
        facts.payer[by_payer] = _payer(facts.member[by_payer], 0)


def _values(chance: Chance, attribute: Attribute, days: Int) -> Int:
    """Something that may be said of an attribute on each of these days."""
    count = len(days)
    match attribute.kind:
        case "yes_no":
            return chance.integers(0, 2, count)
        case "choice":
            return chance.integers(0, len(attribute.choices or [""]), count)
        case "day":
            return days - chance.integers(0, 60, count)
        case "percent":
            return chance.integers(1, 9, count) * 10_000
        case "number":
            return chance.integers(0, 40, count)
        case _:
            return chance.integers(100, 6_000_000, count)


def _people(chance: Chance, reads: Reads, program: Program, people: int, begins: int) -> People:
    """Half of them with an account from the first days on, most of them between 18 and 39."""
    years = np.where(chance.random(people) < 0.9, chance.integers(18, 40, people), chance.integers(14, 75, people))
    born = begins - years * 365 - chance.integers(0, 365, people)
    joined = np.where(chance.random(people) < 0.5, begins + chance.integers(0, 28, people), NONE)
    attributes = np.full((people, len(program.attributes)), NONE)
    for name in reads.attributes:
        attribute = program.rulebook.attributes[name]
        if name in reads.ways_out or attribute.kind == "day":
            continue
        # What is "no" unless it is said is said by few; what nobody knows before it is said, by most.
        said = np.flatnonzero(chance.random(people) < (0.05 if attribute.default is not None else 0.7))
        value = _values(chance, attribute, np.full(len(said), begins))
        attributes[said, program.attribute(name)] = 1 if attribute.kind == "yes_no" else value
    return People(born, joined, attributes)
