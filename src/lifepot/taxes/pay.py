"""What is taken of pay and profit, month by month: income tax, National Insurance, student loans, workplace pensions.

Compiled functions of whole pence; `tables` and `year` are those of `tables.tables`, and `month` counts from 1 in the tax year.
None of them checks what it is given: they are called for each person and month.

Stated simplifications. Income tax is cumulative over all that a person earns in the tax year, as one tax code over all jobs
would do it; profit is taxed as if it were paid monthly, and its class 4 contributions the same way, where law asks for both a
year later. A workplace pension is taken before tax (net pay): its tax relief is the lower tax. A refund is paid in the month in
which it is due, also to somebody without a job. Limits a year over several jobs are left out.
"""

from typing import Any

import numpy as np

from lifepot.compiling import uncounted


@uncounted(forceinline=True)
def whole(amount: Any, by: Any) -> Any:
    """`amount // by`, neither of them below nought: without a sign, dividing by a number that the compiler knows takes a third."""
    return np.int64(np.uint64(amount) // np.uint64(by))


@uncounted(forceinline=True)
def month_tax(tables: Any, year: Any, month: Any, taxable_so_far: Any, tax_so_far: Any) -> Any:
    """This month's income tax, pence; below nought: a refund.

    `taxable_so_far`: all earnings, profits and pensions since the tax year began, this month's included, less own pension
    contributions. `tax_so_far`: what was taken before this month. Allowance and bands count a twelfth a month; the allowance to
    date is rounded up and what is taxable down to whole pounds, so that the twelfth month settles the year as law does.
    """
    if taxable_so_far <= 0:
        return -tax_so_far
    law = tables[year]
    over = max(0, taxable_so_far - whole(law.taper_from * month, 12))
    allowance = max(0, whole(law.allowance * month, 12) - whole(over, 2))
    allowance = whole(allowance + 99, 100) * 100
    taxable = whole(max(0, taxable_so_far - allowance), 100) * 100
    basic = whole(law.basic_limit * month, 12)
    top = max(basic, whole(law.additional_from * month, 12))
    due = min(taxable, basic) * law.basic_bps
    due += max(0, min(taxable, top) - basic) * law.higher_bps
    due += max(0, taxable - top) * law.additional_bps
    return whole(due, 10_000) - tax_so_far


@uncounted(forceinline=True)
def month_ni(tables: Any, year: Any, pay: Any, age: Any, is_of_pension_age: Any) -> tuple[Any, Any]:
    """Class 1 contributions of one job's month: the worker's and the employer's, pence.

    Nearest penny, a half penny down (SI 2001/1004 reg. 12). From State Pension age the worker pays none; below
    `employer_age` the employer pays only above the upper threshold.
    """
    law = tables[year]
    worker = max(0, min(pay, law.ni_upper) - law.ni_from) * law.ni_bps + max(0, pay - law.ni_upper) * law.ni_upper_bps
    if is_of_pension_age:
        worker = 0
    threshold = law.ni_upper if age < law.employer_age else law.employer_from
    employer = max(0, pay - threshold) * law.employer_bps
    return whole(worker + 4_999, 10_000), whole(employer + 4_999, 10_000)


@uncounted(forceinline=True)
def month_class_4(tables: Any, year: Any, month: Any, profit_so_far: Any, paid_so_far: Any) -> Any:
    """This month's class 4 contributions, pence, on the profit of the tax year so far; below nought: a refund.

    None is due from State Pension age on: then the caller does not ask.
    """
    law = tables[year]
    low, high = whole(law.profits_from * month, 12), whole(law.profits_upper * month, 12)
    due = max(0, min(profit_so_far, high) - low) * law.profits_bps
    due += max(0, profit_so_far - high) * law.profits_upper_bps
    return whole(due, 10_000) - paid_so_far


@uncounted(forceinline=True)
def student_loan(tables: Any, year: Any, plan: Any, pay: Any) -> Any:
    """What payroll takes of one job's month for a loan: 9 % above a twelfth of the threshold, whole pounds, rounded down.

    For profit the same stands in for what Self Assessment asks a year later. The caller takes no more than is owed.
    """
    law = tables[year]
    over = max(0, pay - law.loan_from[plan] // 12)
    return over * law.loan_bps // 1_000_000 * 100


@uncounted(forceinline=True)
def loan_interest(tables: Any, year: Any, plan: Any, owed: Any, yearly_income: Any, is_studying: Any) -> Any:
    """A month's interest on a loan, pence: a twelfth of the year's rate.

    Plan 2: RPI and up to 3 points more, from its threshold to its upper income, all of them while studying. Other plans: RPI;
    law takes the lower of it and Bank Rate and a point for plans 1 and 4, and caps all by what the market asks: both left out.
    """
    law = tables[year]
    rate = law.retail_bps
    if plan == 2:
        low, high = law.loan_from[plan], law.loan_upper
        share = high - low if is_studying else max(0, min(yearly_income, high) - low)
        rate += law.loan_most_over_bps * share // (high - low)
    return (owed * rate + 60_000) // 120_000


@uncounted(forceinline=True)
def workplace_pension(tables: Any, year: Any, pay: Any, is_enrolled: Any) -> tuple[Any, Any]:
    """Automatic enrolment's least contributions for one job's month: the worker's (before tax relief) and the employer's.

    Of qualifying earnings, the nearest penny, halves up, and only where the job pays more than the trigger. Whether somebody
    is of age (22 to State Pension age) and has not opted out is the caller's to say: `is_enrolled`.
    """
    law = tables[year]
    qualifying = max(0, min(pay, law.enrol_upper) - law.enrol_from)
    if not is_enrolled or pay <= law.enrol_above:
        qualifying = 0
    return whole(qualifying * law.enrol_worker_bps + 5_000, 10_000), whole(
        qualifying * law.enrol_employer_bps + 5_000, 10_000
    )
