"""What work brings home: pay and profit less tax, National Insurance, loan repayments and pension contributions.

Wages of up to three payers a month; payers below `PLATFORMS` are platforms, whose payouts are profit in law. What employers pay into
the scheme lowers pay by the share that is passed on, as the month before's contributions stood to that month's pay.
"""

from typing import Any

from lifepot.budgets import places as at
from lifepot.compiling import uncounted
from lifepot.population.months import MONTHS_A_YEAR
from lifepot.taxes.pay import month_class_4, month_ni, month_tax, student_loan, whole, workplace_pension

PLATFORMS = 100
"""`lives.columns.PLATFORMS_BELOW`."""

PUBLIC = (14, 15, 16)
"""Public administration, education, health and social work: sections O, P and Q, by number. Private schools and care homes are among
them, which overstates public pensions; kept simple and said."""

DRAWN_UNTIL, LEAST_DRAWN_MONTHS = 88 * 12, 60
"""A pension, private or from the pot, is drawn evenly to the age that people now of State Pension age reach about (months); from later on over five
years."""

OTHER_YIELD = 0.02 / 12
"""What other wealth (shares, lets, a business) yields a month: 2 % a year, a choice."""

PENSION_FROM_MONTHS = 22 * 12
"""Automatic enrolment begins at 22 (Pensions Act 2008 s.3)."""

PRIVATE_WORKER_BPS, PRIVATE_EMPLOYER_BPS = 500, 600

SELF_SAVES, SELF_PAYS, SELF_FROM_MONTH = 0.20, 0.06, 83_333
"""One in five of the self-employed who earn more than £10,000 pays into a pension (IFS); so much of profit, a choice."""

EARLY_PENSION, EARLY_PENSION_2028, RISES_AT = 55 * 12, 57 * 12, 48
"""Months of age from which somebody who no longer works may draw a private pension: 55, and 57 from April 2028 (Finance Act 2022)."""


@uncounted(forceinline=True)
def earned(flow: Any, i: Any) -> Any:
    """What somebody's work brought this month, gross: wages, profit and platforms' payouts."""
    return flow[i, at.PAY] + flow[i, at.PROFIT] + flow[i, at.PLATFORM_PAY]


@uncounted(forceinline=True)
def own_pay(stock: Any, i: Any, pay: Any, scar: Any) -> Any:
    """Pay as it is with what retraining added: a share more, and without the scar where the course mended it."""
    if stock[i, at.SCAR_MENDED] and scar > 0:
        pay = pay * 100 // (100 - min(scar, 90))
    return pay + whole(pay * stock[i, at.UPLIFT], 10_000)


@uncounted(forceinline=True)
def passed(stock: Any, i: Any, pay: Any, share: Any) -> Any:
    """How much less a payer pays because of what payers put into the pot."""
    if share <= 0 or stock[i, at.EMPLOYER_LAST] <= 0 or stock[i, at.PAY_LAST] <= 0:
        return 0
    return round(pay * share * min(stock[i, at.EMPLOYER_LAST] / stock[i, at.PAY_LAST], 0.5))


@uncounted(forceinline=True)
def taken_of_job(
    stock: Any,
    trait: Any,
    flow: Any,
    i: Any,
    pay: Any,
    law: Any,
    year: Any,
    age: Any,
    pensioner: Any,
    plan: Any,
    saves: Any,
    public: Any,
    terms: Any,
) -> Any:
    """Notes one job's National Insurance, loan repayment and pension; returns the worker's pension contribution."""
    worker, employer = month_ni(law, year, pay, age // 12, pensioner)
    flow[i, at.NI] += worker
    flow[i, at.EMPLOYER_NI] += employer
    if plan > 0 and stock[i, at.LOAN] > 0:
        pays = min(student_loan(law, year, plan, pay), stock[i, at.LOAN])
        flow[i, at.LOAN_PAID] += pays
        stock[i, at.LOAN] -= pays
    own = 0
    if saves and (public or age >= PENSION_FROM_MONTHS):
        own, theirs = workplace_pension(law, year, pay, True)
        if public:
            # Public schemes take in everybody from the first day and pound.
            own = int(pay * terms[at.TERM_PUBLIC_WORKER])
            theirs = int(pay * terms[at.TERM_PUBLIC_EMPLOYER])
        if own > 0:
            if not public and trait[i, at.PENSION_LEVEL] < terms[at.TERM_PRIVATE_MORE]:
                own = max(own, pay * PRIVATE_WORKER_BPS // 10_000)
                theirs = max(theirs, pay * PRIVATE_EMPLOYER_BPS // 10_000)
            flow[i, at.PENSION_OWN] += own
            flow[i, at.PENSION_EMPLOYER] += theirs
            stock[i, at.PENSION] += own + theirs
    return own


@uncounted(forceinline=True)
def after_tax(
    stock: Any,
    flow: Any,
    i: Any,
    month: Any,
    law: Any,
    year: Any,
    age: Any,
    pensioner: Any,
    idle: Any,
    plan: Any,
    prices: Any,
) -> None:
    """Notes income from wealth and private pensions, and this month's income tax and class 4 contributions on all of it."""
    in_year = month % MONTHS_A_YEAR + 1
    if in_year == 1:
        stock[i, at.PAY_SO_FAR] = 0
        stock[i, at.TAX_SO_FAR] = 0
        stock[i, at.PROFIT_SO_FAR] = 0
        stock[i, at.PROFIT_NI_SO_FAR] = 0
    if stock[i, at.OTHER] > 0:
        flow[i, at.YIELD] += int(stock[i, at.OTHER] * OTHER_YIELD)
    early = idle and age >= (EARLY_PENSION if month < RISES_AT else EARLY_PENSION_2028)
    if (pensioner or early) and stock[i, at.PENSION] > 0:
        drawn = stock[i, at.PENSION] // max(DRAWN_UNTIL - age, LEAST_DRAWN_MONTHS)
        flow[i, at.PENSION_DRAWN] += drawn
        stock[i, at.PENSION] -= drawn
    profit = flow[i, at.PROFIT] + flow[i, at.PLATFORM_PAY]
    taxable = (
        flow[i, at.PAY]
        + profit
        + flow[i, at.STATE_PENSION]
        + flow[i, at.PENSION_DRAWN]
        + flow[i, at.YIELD]
        - flow[i, at.PENSION_OWN]
    )
    stock[i, at.PAY_SO_FAR] += taxable
    # Somebody who came within the year has a whole year's allowance by then.
    tax = month_tax(law, year, in_year, stock[i, at.PAY_SO_FAR], stock[i, at.TAX_SO_FAR])
    stock[i, at.TAX_SO_FAR] += tax
    flow[i, at.TAX] += tax
    if tax > 0 and prices[month, at.LEVY] > 0:
        flow[i, at.LEVIED] += round(tax * prices[month, at.LEVY])
    if profit > 0 or stock[i, at.PROFIT_SO_FAR] > 0:
        stock[i, at.PROFIT_SO_FAR] += profit
        if not pensioner:
            due = month_class_4(law, year, in_year, stock[i, at.PROFIT_SO_FAR], stock[i, at.PROFIT_NI_SO_FAR])
            stock[i, at.PROFIT_NI_SO_FAR] += due
            flow[i, at.NI] += due
        if plan > 0 and stock[i, at.LOAN] > 0 and profit > 0:
            pays = min(student_loan(law, year, plan, profit), stock[i, at.LOAN])
            flow[i, at.LOAN_PAID] += pays
            stock[i, at.LOAN] -= pays
