"""What facts tell of a source: its parts, a row each."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.operators import marked, placed, starts
from lifepot.kernel.program import ONE
from lifepot.kernel.sheet import DAY, PRESENCE, Sheet
from lifepot.periods import month_index, month_start

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def told(sheet: Sheet, name: str, purposes: Callable[[], Bool]) -> Int:
    """The parts of a source that facts tell, in minor units (what is counted in hundredths): `pay.*`, `paid.*`,
    `withdrawn*`, `count.*`, `day.*`, `present.*` and `attribute.*`. `purposes`: the withdrawals that meet their purpose.
    """
    facts, rulebook = sheet.facts, sheet.program.rulebook
    head, _, tail = name.partition(".")
    if head == "pay":
        column = getattr(facts, tail)
        return np.where(sheet.is_kind(Kind.PAY) & (column != NONE), column, 0)
    if head == "paid":
        by = facts.payer == 0 if tail == "worker" else facts.payer != 0
        return np.where(sheet.is_kind(Kind.PAID) & by, facts.amount, 0)
    if head == "withdrawn":
        rows = sheet.is_kind(Kind.WITHDRAWN)
        if tail == "purpose":
            rows = rows & purposes()
        elif tail == "no_purpose":
            rows = rows & ~purposes()
        elif tail:
            rows = rows & (facts.value == list(rulebook.purposes).index(tail))
        return np.where(rows, facts.amount, 0)
    if head == "count":
        rows = sheet.is_kind(Kind[tail.upper()])
        return np.where(rows & (facts.payer == 0) if tail == "paid" else rows, ONE, 0)
    if head == "day":
        number = list(rulebook.days).index(tail)
        return np.where((sheet.mark == DAY) & (facts.value == number), ONE, 0)
    number = sheet.program.attribute(tail)
    if head == "present":
        went_on = (sheet.mark == PRESENCE) & (facts.attribute == number)
        return np.where(went_on | _begins(sheet, number), ONE, 0)
    assert head == "attribute", name
    said = sheet.told(number)
    return placed(facts.value[said] * sheet.program.amount_held(tail), said, len(facts))


def _begins(sheet: Sheet, attribute: int) -> Bool:
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
    return marked(rows[begins], len(facts))
