"""What facts tell of a source: its parts, a row each."""

from collections.abc import Callable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.operators import marked, starts
from lifepot.kernel.program import ONE
from lifepot.kernel.results import Parts
from lifepot.kernel.sheet import DAY, PRESENCE, Sheet
from lifepot.periods import month_index, month_start
from lifepot.rulebook.terms import Amount

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


COMBINE = {"sum": np.add, "highest": np.maximum, "lowest": np.minimum}


def combined(amount: Amount, told: list[Int], less: list[Int]) -> Int:
    """The parts of an amount's sources put together, less what is taken off."""
    parts = reduce(COMBINE[amount.combined], told)
    return parts - reduce(np.add, less) if less else parts


def told(sheet: Sheet, name: str, purposes: Callable[[], Bool]) -> Parts:
    """The parts of a source that facts tell, in minor units (what is counted in hundredths): `pay.*`, `paid.*`,
    `withdrawn*`, `count.*`, `day.*`, `present.*` and `attribute.*`. `purposes`: the withdrawals that meet their purpose.
    """
    facts, rulebook, count = sheet.facts, sheet.program.rulebook, len(sheet)
    head, _, tail = name.partition(".")
    kind = Kind[tail.upper()] if head == "count" else _KIND.get(head)
    if kind is not None:
        rows = sheet.few_of_kind(kind)
        figures = _of_kind(sheet, head, tail, rows if rows is not None else slice(None), purposes)
        return Parts(figures if rows is not None else np.where(sheet.is_kind(kind), figures, 0), count, rows)
    if head == "day":
        number = list(rulebook.days).index(tail)
        rows = np.flatnonzero(sheet.mark == DAY)
        rows = rows[facts.value[rows] == number]
        return Parts(np.full(len(rows), ONE), count, rows)
    number = sheet.program.attribute(tail)
    if head == "present":
        went_on = marked(_begins(sheet, number), count)
        went_on |= (sheet.mark == PRESENCE) & (facts.attribute == number)
        rows = np.flatnonzero(went_on)
        return Parts(np.full(len(rows), ONE), count, rows)
    assert head == "attribute", name
    said = sheet.told(number)
    return Parts(facts.value[said] * sheet.program.amount_held(tail), count, said)


def _of_kind(sheet: Sheet, head: str, tail: str, rows: Int | slice, purposes: Callable[[], Bool]) -> Int:
    """What facts of one kind tell, of these rows, which are all of it."""
    facts, payer = sheet.facts, sheet.facts.payer[rows]
    if head == "pay":
        column = getattr(facts, tail)[rows]
        return np.where(column != NONE, column, 0)
    if head == "count":
        return np.where(payer == 0 if tail == "paid" else True, np.full(len(payer), ONE), 0)
    amount = facts.amount[rows]
    if head == "paid":
        return np.where(payer == 0 if tail == "worker" else payer != 0, amount, 0)
    if not tail:
        return amount
    if tail in {"purpose", "no_purpose"}:
        return np.where(purposes()[rows] == (tail == "purpose"), amount, 0)
    return np.where(facts.value[rows] == list(sheet.program.rulebook.purposes).index(tail), amount, 0)


_KIND = {"pay": Kind.PAY, "paid": Kind.PAID, "withdrawn": Kind.WITHDRAWN}


def _begins(sheet: Sheet, attribute: int) -> Int:
    """Rows on which yes is said and not once more while it holds. Said again on the first of a month, it stands for the
    mark that the month would have had.
    """
    facts = sheet.facts
    rows = sheet.told(attribute)
    rows = rows[facts.payer[rows] == 0]
    member, on, value = facts.member[rows], facts.on[rows], facts.value[rows]
    held = np.append(NONE, value[:-1])
    heads = np.flatnonzero(starts(member))
    held[heads] = sheet.at_first(sheet.program.attributes[attribute])[member[heads]]
    begins = (value == 1) & ((held != 1) | (on == month_start(month_index(on))))
    return rows[begins]
