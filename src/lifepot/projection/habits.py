"""What somebody does now, month by month, and the facts of their going on with it.

The last twelve whole months are looked at (but not a last one of which nothing was told yet), or those since the first pay or
payment, if they are fewer. What each payer paid
in them, and what the member paid in, is divided by their number; that much is paid on the last day of each month to come.
"""

from dataclasses import dataclass

import numpy as np

from lifepot.kernel.columns import NONE, Facts, Frequency, Kind
from lifepot.periods import Int, month_index, month_start

MOST_MONTHS = 12

SAID = ("earnings", "hours", "worker", "employer")
"""What a pay says that goes on."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What one payer (0: the member) pays each month. `pay` and `paid`: whether there is pay, and payments into the pot.
    Money in minor units, hours in hundredths; NONE where a pay does not say it.
    """

    payer: int
    pay: bool
    earnings: int
    hours: int
    worker: int
    employer: int
    paid: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody does: in `months` whole months from day `first` to day `last`."""

    first: int
    last: int
    months: int
    each: list[Habit]


def habits_of(facts: Facts, on: int) -> Habits | None:
    """What a member did in the last months before a day (that month's last day among them); None if nothing ever was paid."""
    money = (np.isin(facts.kind, [Kind.PAY, Kind.PAID])) & (facts.on <= on)
    if not money.any():
        return None
    month = month_index(facts.on)
    this = int(month_index(np.array([on]))[0])
    last = this if _ends(this) == on else this - 1
    earliest, latest = int(month[money].min()), int(month[money & (month <= last)].max(initial=int(month[money].min())))
    # A month of which nothing was told is nothing yet: files come late. Two months are.
    if latest >= last - 1:
        last = latest
    # Who has only just begun is judged by the month they began in.
    last = max(last, earliest)
    first = max(last - MOST_MONTHS + 1, earliest)
    months = last - first + 1
    rows = money & (month >= first) & (month <= last)
    each = [_habit(facts, rows & (facts.payer == payer), payer, months) for payer in np.unique(facts.payer[rows])]
    return Habits(_begins(first), min(_ends(last), on), months, each)


def _habit(facts: Facts, rows: np.ndarray[tuple[int], np.dtype[np.bool_]], payer: int, months: int) -> Habit:
    pays, paid = rows & (facts.kind == Kind.PAY), rows & (facts.kind == Kind.PAID)

    def average(column: Int, of: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
        told = column[of]
        # What only some of the pays say, the rulebook works out for all of them.
        if not len(told) or (told == NONE).any():
            return NONE
        return (2 * int(told.sum()) + months) // (2 * months)

    earnings, hours, worker, employer = (average(getattr(facts, name), pays) for name in SAID)
    return Habit(int(payer), bool(pays.any()), earnings, hours, worker, employer, average(facts.amount, paid))


def going_on(facts: Facts, habits: Habits, on: int, until: int) -> Facts:
    """The facts of somebody (member 0) who goes on so, after a day and up to another. Whose pay or payment of the month
    begun is known already goes on with the next.
    """
    number = 1 + max([-1, *facts.fact.tolist(), *facts.root.tolist()])
    this, last = month_index(np.array([on, until])).tolist()
    in_this = set(facts.payer[(month_index(facts.on) == this) & np.isin(facts.kind, [Kind.PAY, Kind.PAID])].tolist())
    rows: list[dict[str, int]] = []
    starts = month_start(np.arange(this, last + 2)).tolist()
    for month, begin, after in zip(range(this, last + 1), starts, starts[1:], strict=False):
        end = after - 1
        if not on < end <= until:
            continue
        for habit in habits.each:
            if month == this and habit.payer in in_this:
                continue
            told = {"member": 0, "on": end, "payer": habit.payer}
            if habit.pay:
                said = {name: getattr(habit, name) for name in SAID}
                period = {"frequency": int(Frequency.MONTH), "period_start": begin, "period_end": end}
                rows.append(told | said | period | {"kind": int(Kind.PAY)})
            if habit.paid not in {NONE, 0}:
                rows.append(told | {"kind": int(Kind.PAID), "amount": habit.paid})
    return Facts.of([row | {"fact": number + nth, "root": number + nth} for nth, row in enumerate(rows)])


def _begins(month: int) -> int:
    return int(month_start(np.array([month]))[0])


def _ends(month: int) -> int:
    return _begins(month + 1) - 1
