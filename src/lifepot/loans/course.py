"""A loan month by month, to the day it is cleared or written off: interest, then what payroll takes. Whole pence."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Course:
    """How a loan goes, minor units: what is repaid in each month (to the end, also after it is cleared), interest in all, the
    month in which it is cleared (None: it never is), and what is left to be written off.
    """

    repaid: tuple[int, ...]
    interest_minor: int
    cleared_in: int | None
    left_minor: int

    @property
    def repaid_minor(self) -> int:
        """All repayments."""
        return sum(self.repaid)


def run_course(balance_minor: int, takes: Sequence[int], rates: Sequence[Fraction]) -> Course:
    """The course of a balance: each month a twelfth of the year's rate is added, to the nearest penny (half a penny counts
    as one), and then up to `takes` of it is repaid. Both have an entry a month.
    """
    repaid: list[int] = []
    interest, cleared_in = 0, 0 if balance_minor == 0 else None
    for month, (most, rate) in enumerate(zip(takes, rates, strict=True)):
        added = int(balance_minor * rate / MONTHS + Fraction(1, 2))
        paid = min(most, balance_minor + added)
        balance_minor += added - paid
        interest += added
        repaid.append(paid)
        if balance_minor == 0 and cleared_in is None:
            cleared_in = month
    return Course(tuple(repaid), interest, cleared_in, balance_minor)


def worth_now(amounts: Sequence[int], rate: Fraction) -> int:
    """What amounts of the months to come (the first in a month) are worth now, minor units to the nearest: each month counts a
    twelfth of the year's rate. Exact until it is rounded.
    """
    grows = 1 + rate / MONTHS
    total, unit = 0, 1
    for amount in reversed(amounts):
        total = (total + amount * unit) * grows.denominator
        unit *= grows.numerator
    return (2 * total + unit) // (2 * unit)
