"""Pay dates as payers keep them: from which pay on something counts that a payroll has to be told."""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import Frequency, Kind
from lifepot.periods import add_months_to
from lifepot.storage.rows import BATCH_BITS, Rows

Int = NDArray[np.int64]

DAYS = {Frequency.WEEK: 7, Frequency.TWO_WEEK: 14, Frequency.THREE_WEEK: 21, Frequency.FOUR_WEEK: 28}
MONTHS = {Frequency.MONTH: 1, Frequency.THREE_MONTH: 3, Frequency.SIX_MONTH: 6, Frequency.YEAR: 12}


def counts_from(rows: Rows, payer: int, batch: int, known_on: int) -> int:
    """The first pay date of a payer after the day on which something became known, in a batch.

    `rows` are a member's facts. The pay dates go on from the last one known by then, at the frequency it said: without one,
    as far apart as the last two, or else by the month. With no pay known by then, it is the day after.
    """
    pays = rows[(rows["kind"] == Kind.PAY) & (rows["payer"] == payer) & (rows["id"] >> BATCH_BITS <= batch)]
    pays = pays[np.argsort(pays["effective_on"], kind="stable")]
    pays = pays[pays["effective_on"] <= known_on]
    if not len(pays):
        return known_on + 1
    last, frequency = int(pays["effective_on"][-1]), Frequency(int(pays["frequency"][-1]))
    apart = np.unique(pays["effective_on"])
    days = DAYS.get(frequency, 0)
    if frequency is Frequency.NONE and len(apart) > 1 and apart[-1] - apart[-2] < 28:
        days = int(apart[-1] - apart[-2])
    if days:
        return last + ((known_on - last) // days + 1) * days
    months, step = 0, MONTHS.get(frequency, 1)
    while (day := add_months_to(last, months)) <= known_on:
        months += step
    return day
