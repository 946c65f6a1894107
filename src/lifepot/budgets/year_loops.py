"""A tax year added up: what its months bring, and what stands at its end, in the columns of `columns.Years`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.budgets.columns import Years
from lifepot.compiling import uncounted
from lifepot.lives.columns import Leaving
from lifepot.population.columns import Job, Status

Int = NDArray[np.int64]

# What is counted of a person in a year.
(
    THERE, JOB_1, JOB_2, JOB_3, JOB_4, ON_ZERO_HOURS, ON_PLATFORM, OUT_OF_WORK, AUTOMATED, AGE, BOUGHT, RETRAINED, CLEARED, COUPLE,
) = range(14)  # fmt: skip
COUNTS = 14

UNEMPLOYED, ZERO_HOURS, BY_AUTOMATION = int(Status.UNEMPLOYED), int(Job.ZERO_HOURS), int(Leaving.AUTOMATED)

FLOWS_OF = {
    "pay": (at.PAY, at.PROFIT, at.PLATFORM_PAY), "benefits": (at.CREDIT, at.CHILD_BENEFIT, at.STATE_PENSION),
    "platform_pay": (at.PLATFORM_PAY,), "tax": (at.TAX,), "ni": (at.NI,), "employer_ni": (at.EMPLOYER_NI,),
    "credit": (at.CREDIT,), "disposable": (at.EQUIVALISED,), "own_way": (at.OWN_WAY,), "spent": (at.SPENT,),
    "rent": (at.RENT,), "loan_paid": (at.LOAN_PAID,), "interest": (at.CARD_INTEREST,), "own": (at.OWN,),
    "employer": (at.EMPLOYER,), "government": (at.GOVERNMENT,), "platform": (at.PLATFORM,), "passed_on": (at.PASSED_ON,),
    "levied": (at.LEVIED,), "to_loan": (at.TO_LOAN,), "to_course": (at.TO_COURSE,), "to_home": (at.TO_HOME,),
    "to_pension": (at.TO_PENSION,), "to_other": (at.TO_OTHER,), "growth": (at.GROWTH,), "charged": (at.CHARGED,),
    "pension_own": (at.PENSION_OWN,), "pension_employer": (at.PENSION_EMPLOYER,), "without": (at.WITHOUT,),
}  # fmt: skip
"""Of the columns of money, those that are flows: which of a month's they are the sum of."""

STOCKS_OF = {
    "pot": at.POT, "reachable": at.REACHABLE, "savings": at.SAVINGS, "card": at.CARD, "pension": at.PENSION, "home": at.HOME,
    "mortgage": at.MORTGAGE, "other": at.OTHER, "loan": at.LOAN,
}  # fmt: skip
"""And those that stand at the year's end."""

SMALL = (
    "months", "age", "job", "zero_hours", "platform_months", "out_of_work", "automated", "bought", "retrained", "cleared", "couple",
    "tenure", "joined",
)  # fmt: skip
"""Columns of bytes, in the order in which `end_year` fills them."""

_COUNTED = np.array([ON_ZERO_HOURS, ON_PLATFORM, OUT_OF_WORK, AUTOMATED, BOUGHT, RETRAINED, CLEARED, COUPLE])


class Adding:
    """A village's years in the making: `money` and `small` are (columns, years, people), views of which `years` gives."""

    def __init__(self, years: int, people: int) -> None:
        self.money: Int = np.empty((len(FLOWS_OF) + len(STOCKS_OF), years, people), dtype=np.int64)
        self.small = np.empty((len(SMALL), years, people), dtype=np.uint8)
        self.flows, self.stocks = np.array(_SOURCES, dtype=np.int64), np.array(list(STOCKS_OF.values()), dtype=np.int64)

    def years(self) -> Years:
        """The columns by their names."""
        columns: dict[str, Any] = dict(zip((*FLOWS_OF, *STOCKS_OF), self.money, strict=True))
        return Years(**columns | dict(zip(SMALL, self.small, strict=True)))


NOTHING = at.FLOWS
"""Stands where a sum has fewer parts: a place of the year's flows that stays nought."""

_SOURCES = [(*parts, *(NOTHING,) * (3 - len(parts))) for parts in FLOWS_OF.values()]


@uncounted(forceinline=True)
def add_month(flow: Any, added: Any, n: Any) -> None:
    """Adds a person's flows of a month to those of the year."""
    for place in range(at.FLOWS):
        added[n, place] += flow[n, place]


@uncounted(forceinline=True)
def count_month(count: Any, n: Any, month: Any, drawn: Any, fixed: Any, flow: Any, couple: Any) -> None:
    """Counts a person's month."""
    count[THERE] += 1
    count[AGE] = (fixed[n, at.FIXED_AGE] + month) // 12
    count[COUPLE] = couple
    job = drawn[n, at.DRAWN_JOB]
    if job > 0:
        count[job] += 1
    if job == ZERO_HOURS:
        count[ON_ZERO_HOURS] += 1
    if flow[n, at.PLATFORM_PAY] > 0:
        count[ON_PLATFORM] += 1
    if drawn[n, at.DRAWN_STATUS] == UNEMPLOYED:
        count[OUT_OF_WORK] += 1
    if drawn[n, at.DRAWN_LEAVING] == BY_AUTOMATION:
        count[AUTOMATED] = 1


@uncounted()
def begin_year(added: Any, ends: Any, counts: Any) -> None:
    """Nothing was added yet."""
    for i in range(len(added)):
        for place in range(at.FLOWS + 1):
            added[i, place] = 0
        for place in range(at.STOCKS):
            ends[i, place] = 0
        for place in range(COUNTS):
            counts[i, place] = 0


@uncounted()
def end_year(
    year: Any, added: Any, ends: Any, counts: Any, flows: Any, stocks: Any, money: Any, small: Any
) -> None:  # fmt: skip
    """Puts a year's sums, stands and counts into its place of all columns."""
    people = len(added)
    for column in range(len(flows)):
        first, second, third = flows[column, 0], flows[column, 1], flows[column, 2]
        for i in range(people):
            money[column, year, i] = added[i, first] + added[i, second] + added[i, third]
    for column in range(len(stocks)):
        place = stocks[column]
        for i in range(people):
            money[len(flows) + column, year, i] = ends[i, place]
    for i in range(people):
        count = counts[i]
        most, job = 0, 0
        for kind in range(4):
            if count[JOB_1 + kind] > most:
                most, job = count[JOB_1 + kind], kind + 1
        small[0, year, i] = count[THERE]
        small[1, year, i] = min(max(count[AGE], 0), 255)
        small[2, year, i] = job
        for nth in range(8):
            small[3 + nth, year, i] = count[_COUNTED[nth]]
        small[11, year, i] = ends[i, at.TENURE]
        small[12, year, i] = ends[i, at.ACCOUNT] > 0
