"""What comes of a village's budgets: columns over tax years (first) and people (second)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.uint8]


@dataclass(slots=True)
class Years:
    """A village's tax years, arrays (years, people). Money in pence of the day; flows of the whole year, stocks at its end.

    months          uint8   months in which the person was there (0: none of the rest means anything)
    age             uint8   at the year's end (or at death)
    job             uint8   `Job` in most of the months, of those with one; 0: in none
    zero_hours, platform_months, out_of_work  uint8   months of each
    automated       uint8   1: lost a job to automation this year
    pay             int64   gross of all work
    platform_pay    int64   of it, through platforms
    tax, ni         int64   income tax, and the worker's National Insurance
    employer_ni     int64
    benefits        int64   Universal Credit, Child Benefit, Pension Credit and State Pension (of a couple half each)
    credit          int64   of it, Universal Credit and Pension Credit
    disposable      int64   the household's disposable income, equivalised (modified OECD: 1, 0.5, 0.3 a child)
    own_way         int64   the same income per person, not equivalised (the household's, of a couple half each)
    spent           int64   spending but rent and interest (of a couple half each)
    rent            int64
    loan_paid       int64   student loan repayments
    interest        int64   paid on cards
    own, employer, government  int64   what each party put into the pot
    platform        int64   of the employers' part, by platforms
    passed_on       int64   pay that was lower because employers pass their cost on
    levied          int64   taxes that finance the scheme, where that is asked for
    to_loan, to_course, to_home, to_pension, to_other  int64   paid out of the pot, by purpose
    growth          int64   what the pot grew by
    charged         int64   what withdrawals cost: charges, and money of others that went back
    pension_own, pension_employer  int64   into workplace pensions, by the worker (before tax) and the employer
    without         int64   spending that had to be left out, for want of money and credit (of a couple half each)
    pot             int64   at the year's end
    reachable       int64   of it, what could be taken out at once for no purpose, before any charge
    savings, card   int64
    pension         int64   workplace and older pensions
    home, mortgage  int64
    other           int64
    loan            int64
    tenure          uint8   `Tenure`
    bought          uint8   1: bought a first home this year
    retrained       uint8   1: finished a course paid from the pot this year; 2: another course
    cleared         uint8   1: the student loan came to nothing by paying (not by write-off) this year
    joined          uint8   1: has an account
    couple          uint8   1: lives with a partner
    """

    months: Small
    age: Small
    job: Small
    zero_hours: Small
    platform_months: Small
    out_of_work: Small
    automated: Small
    pay: Int
    platform_pay: Int
    tax: Int
    ni: Int
    employer_ni: Int
    benefits: Int
    credit: Int
    disposable: Int
    own_way: Int
    spent: Int
    rent: Int
    loan_paid: Int
    interest: Int
    own: Int
    employer: Int
    government: Int
    platform: Int
    passed_on: Int
    levied: Int
    to_loan: Int
    to_course: Int
    to_home: Int
    to_pension: Int
    to_other: Int
    growth: Int
    charged: Int
    pension_own: Int
    pension_employer: Int
    without: Int
    pot: Int
    reachable: Int
    savings: Int
    card: Int
    pension: Int
    home: Int
    mortgage: Int
    other: Int
    loan: Int
    tenure: Small
    bought: Small
    retrained: Small
    cleared: Small
    joined: Small
    couple: Small

    @classmethod
    def empty(cls, years: int, people: int) -> "Years":
        """All nought."""
        return cls(
            **{
                name: np.zeros((years, people), dtype=np.uint8 if "uint8" in str(kind) or kind is Small else np.int64)
                for name, kind in cls.__annotations__.items()
            }
        )
