"""What the state gives, month by month: Universal Credit, Child Benefit and its charge, pensions, help with a pensioner's rent.

Compiled functions of whole pence; `tables` and `year` are those of `tables.tables`. Weekly rates count 52 / 12 times a month.

Stated simplifications: everybody who may claim does (the caller may leave a household out); a month's money is worked out from
the same month's; child care, carers, health, people who are not dependants, deductions for debts and surplus earnings are left
out; a spare bedroom costs nothing.
"""

from typing import Any

from lifepot.compiling import uncounted
from lifepot.taxes.pay import month_ni, month_tax

UNLIMITED_RENT = 10**9
"""The limit on rent of a tenant of a council or a housing association: none."""


@uncounted(forceinline=True)
def universal_credit(
    tables: Any,
    year: Any,
    is_couple: Any,
    is_25: Any,
    children: Any,
    children_before_2017: Any,
    rent: Any,
    rent_limit: Any,
    earnings: Any,
    unearned: Any,
    capital: Any,
    child_benefit: Any,
    is_london: Any,
) -> Any:
    """A month's Universal Credit of one person or a couple below State Pension age, pence.

    is_25                 one of them is 25 or older
    children_before_2017  how many were born before 6 April 2017: they count whatever the limit, the eldest with more
    rent, rent_limit      rent paid (0: none, or an owner), and at most this counts: the Local Housing Allowance
    earnings              of both, less tax, National Insurance and own pension contributions; of the self-employed at least
                          `income_floor`, where the caller applies it
    unearned              pensions and other income that counts in full
    capital               of both; above the upper limit there is nothing, at the upper limit there still is something
    child_benefit         counts towards the benefit cap alone
    """
    law = tables[year]
    if capital > law.capital_most:
        return 0
    housing = min(rent, rent_limit)
    counted = max(children_before_2017, min(children, law.most_children))
    most = law.standard[2 * is_couple + is_25] + counted * law.each_child + housing
    if children_before_2017 > 0:
        most += law.first_child - law.each_child
    kept = 0
    if children > 0:
        kept = law.work_housed if housing > 0 else law.work_plain
    over = max(0, earnings - kept)
    tariff = max(0, capital - law.capital_free + law.capital_step - 1) // law.capital_step * law.capital_income
    # Half a penny counts as one (reg. 6).
    credit = max(0, (most * 10_000 - over * law.credit_taper_bps + 5_000) // 10_000 - unearned - tariff)
    if earnings < law.cap_free_from:
        family = is_couple or children > 0
        credit = max(0, min(credit, law.cap[2 * is_london + family] - child_benefit))
    return credit


@uncounted(forceinline=True)
def income_floor(tables: Any, year: Any, age: Any) -> Any:
    """What Universal Credit takes somebody self-employed for a year or more to earn at least: 35 hours at the minimum wage.

    Less the tax and class 1 contributions that an employee would pay on it. A month, pence.
    """
    law = tables[year]
    hourly = law.wage if age >= 21 else law.wage_young
    gross = hourly * 35 * 52 // 12
    return gross - month_tax(tables, year, 1, gross, 0) - month_ni(tables, year, gross, age, False)[0]


@uncounted(forceinline=True)
def child_benefit(tables: Any, year: Any, children: Any) -> Any:
    """A month's Child Benefit, pence, before the charge on high incomes."""
    law = tables[year]
    weekly = law.child_eldest + (children - 1) * law.child_other if children > 0 else 0
    return (weekly * 52 + 6) // 12


@uncounted(forceinline=True)
def child_benefit_charge(
    tables: Any, year: Any, month: Any, benefit_so_far: Any, income_so_far: Any, charged_so_far: Any
) -> Any:
    """This month's charge on Child Benefit, pence; below nought: a refund.

    `income_so_far` of the partner with the higher income, less own pension contributions, in the tax year so far: a hundredth of
    the benefit for each whole step above the start, whole pounds, as if the year went on like this; exact in the twelfth month.
    """
    law = tables[year]
    over = max(0, income_so_far * 12 - law.charge_from * month)
    hundredths = min(100, over // (law.charge_step * month))
    return benefit_so_far * hundredths // 10_000 * 100 - charged_so_far


@uncounted(forceinline=True)
def state_pension(tables: Any, year: Any, qualifying_years: Any) -> Any:
    """A month's new State Pension, pence, for so many qualifying years: a thirty-fifth each, nothing below ten.

    Also of those who reached the age before April 2016: their basic pension and its additions are taken to come to the same.
    """
    law = tables[year]
    if qualifying_years < law.pension_years_least:
        return 0
    weekly = (law.state_pension * min(qualifying_years, law.pension_years) * 2 + law.pension_years) // (
        2 * law.pension_years
    )
    return (weekly * 52 + 6) // 12


@uncounted(forceinline=True)
def pension_credit(tables: Any, year: Any, is_couple: Any, income: Any, capital: Any) -> Any:
    """A month's guarantee credit of one person or a couple who both are of State Pension age, pence.

    `income`: all pensions and net earnings of the month (half of own pension contributions may be taken off: the caller's). Capital
    counts as income by its own steps, without an upper limit.
    """
    law = tables[year]
    guarantee = (law.guarantee[1 if is_couple else 0] * 52 + 6) // 12
    return max(0, guarantee - income - _capital_income(law, capital))


@uncounted(forceinline=True)
def pensioner_rent(
    tables: Any, year: Any, is_couple: Any, rent: Any, rent_limit: Any, income: Any, capital: Any
) -> Any:
    """A month's Housing Benefit of one person or a couple of State Pension age, pence.

    All of the rent that counts with guarantee credit, and otherwise less 65 % of income above the guarantee; nothing where capital
    is above the upper limit and there is no guarantee credit. `income` as for `pension_credit`, before that credit. A
    simplification: what counts as income here and there is taken to be the same.
    """
    law = tables[year]
    guarantee = (law.guarantee[1 if is_couple else 0] * 52 + 6) // 12
    over = income + _capital_income(law, capital) - guarantee
    if over >= 0 and capital > law.rent_capital_most:
        return 0
    return max(0, min(rent, rent_limit) - (max(0, over) * law.rent_taper_bps + 5_000) // 10_000)


@uncounted(forceinline=True)
def _capital_income(law: Any, capital: Any) -> Any:
    steps = max(0, capital - law.old_capital_free + law.old_capital_step - 1) // law.old_capital_step
    return (steps * law.old_capital_income * 52 + 6) // 12
