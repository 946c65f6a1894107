"""Taxes and benefits: worked examples from law, to the penny, and what must hold for every amount."""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numba import njit

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Facts, Frequency, Kind, People
from lifepot.kernel.program import compile_program
from lifepot.periods import parse_day
from lifepot.rulebook.reader import shipped
from lifepot.taxes.benefits import (
    UNLIMITED_RENT,
    child_benefit,
    child_benefit_charge,
    income_floor,
    pension_credit,
    pensioner_rent,
    state_pension,
    universal_credit,
)
from lifepot.taxes.path import Path, published_path
from lifepot.taxes.pay import loan_interest, month_class_4, month_ni, month_tax, student_loan, workplace_pension
from lifepot.taxes.tables import pension_age_months, tables, write_off_months

TABLES = tables(50)
IN_2024, IN_2025, IN_2026 = 0, 1, 2


def pence(pounds: float) -> int:
    """Pence of pounds."""
    return round(pounds * 100)


@pytest.mark.parametrize(
    ("pounds", "tax"),
    [
        (12_570, 0),
        (12_575, 1),
        (30_000, 3_486),  # 17,430 at 20 %
        (50_270, 7_540),  # 37,700 at 20 %
        (60_000, 11_432),  # 7,540 + 9,730 at 40 %
        (100_000, 27_432),  # 7,540 + 49,730 at 40 %
        (110_000, 33_432),  # allowance 12,570 - 5,000; 7,540 + 64,730 at 40 %
        (125_140, 42_516),  # no allowance; 7,540 + 87,440 at 40 %
        (150_000, 53_703),  # 7,540 + 34,976 + 24,860 at 45 %
    ],
)
def test_a_years_income_tax(pounds: int, tax: int) -> None:
    """The twelfth month settles the year as the Income Tax Act has it."""
    assert month_tax(TABLES, IN_2025, 12, pence(pounds), 0) == pence(tax)


@pytest.mark.parametrize("monthly", [2_500, 4_000, 9_000, 20_000])
def test_even_pay_is_taxed_evenly(monthly: int) -> None:
    """Of the same pay each month the same tax is taken, but for a pound's rounding, and a year of it is the year's tax."""
    taken = [0]
    for month in range(1, 13):
        taken.append(month_tax(TABLES, IN_2025, month, pence(monthly) * month, sum(taken)))
    assert sum(taken) == month_tax(TABLES, IN_2025, 12, pence(monthly) * 12, 0)
    assert max(taken[1:]) - min(taken[1:]) <= pence(0.90)


def test_tax_is_given_back_when_work_ends() -> None:
    """Three months at 3,000: 9,000 less 3,143 (a quarter of 12,570, up to a pound) at 20 %, 1,171.40; a month without work gives back
    a twelfth of the allowance's tax: 9,000 less 4,190 at 20 % is 962.00, so 209.40.
    """
    assert month_tax(TABLES, IN_2025, 3, pence(9_000), 0) == pence(1_171.40)
    assert month_tax(TABLES, IN_2025, 4, pence(9_000), pence(1_171.40)) == -pence(209.40)


@pytest.mark.parametrize(
    ("year", "pay", "age", "old", "worker", "employer"),
    [
        (IN_2025, 1_048, 30, False, 0, 94.65),  # (1,048 - 417) at 15 %
        (IN_2025, 2_500, 30, False, 116.16, 312.45),  # 1,452 at 8 %; 2,083 at 15 %
        (IN_2024, 2_500, 30, False, 116.16, 240.40),  # 1,742 at 13.8 %: 240.396
        (IN_2025, 5_000, 30, False, 267.50, 687.45),  # 3,141 at 8 % and 811 at 2 %
        (IN_2025, 5_000, 20, False, 267.50, 121.65),  # the employer of somebody under 21: 811 at 15 %
        (IN_2025, 5_000, 70, True, 0, 687.45),
        (IN_2025, 1_048.05, 30, False, 0, 94.66),  # 0.4 of a penny; 94.6575
        (IN_2025, 4_189.25, 30, False, 251.28, 565.84),  # 251.285: the half penny is not counted; 565.8375
        (IN_2025, 417.10, 30, False, 0, 0.01),  # one and a half pence: the half is not counted
        (IN_2025, 417.11, 30, False, 0, 0.02),
    ],
)
def test_class_1_contributions(year: int, pay: float, age: int, old: bool, worker: float, employer: float) -> None:
    """A job's month, by the exact percentage method."""
    assert month_ni(TABLES, year, pence(pay), age, old) == (pence(worker), pence(employer))


def test_monthly_thresholds_are_those_of_the_regulations() -> None:
    """1,048 and 4,189 a month; the employer's 758 in 2024-25 and 417 from April 2025; enrolment's 520, 833, 4,189."""
    law = TABLES[IN_2025]
    assert (law["ni_from"], law["ni_upper"]) == (pence(1_048), pence(4_189))
    assert TABLES["employer_from"][:3].tolist() == [pence(758), pence(417), pence(417)]
    assert (law["enrol_from"], law["enrol_above"], law["enrol_upper"]) == (pence(520), pence(833), pence(4_189))


def test_class_4_contributions() -> None:
    """60,000 of profit: 37,700 at 6 % and 9,730 at 2 % are 2,456.60; after half of it in half a year, half of them."""
    assert month_class_4(TABLES, IN_2025, 12, pence(60_000), 0) == pence(2_456.60)
    assert month_class_4(TABLES, IN_2025, 6, pence(30_000), 0) == pence(1_228.30)
    assert month_class_4(TABLES, IN_2025, 12, pence(30_000), pence(1_228.30)) == pence(17_430 * 0.06 - 1_228.30)


@pytest.mark.parametrize(
    ("year", "plan", "pay", "taken"),
    [
        (IN_2025, 2, 3_000, 56),  # 28,470 / 12 is 2,372.50; 627.50 at 9 % is 56.475
        (IN_2025, 2, 2_372.50, 0),
        (IN_2025, 1, 3_000, 74),  # 26,065 / 12 is 2,172.08; 827.92 at 9 % is 74.51
        (IN_2025, 4, 3_000, 24),  # 32,745 / 12 is 2,728.75; 271.25 at 9 % is 24.41
        (IN_2025, 5, 9_000, 0),  # nothing before April 2026
        (IN_2026, 5, 3_000, 82),  # 25,000 / 12 is 2,083.33; 916.67 at 9 % is 82.50
        (IN_2025, 0, 9_000, 0),
    ],
)
def test_loan_repayments(year: int, plan: int, pay: float, taken: int) -> None:
    """9 % above a twelfth of the plan's threshold, whole pounds, rounded down."""
    assert student_loan(TABLES, year, plan, pence(pay)) == pence(taken)


def test_interest_on_loans() -> None:
    """On 12,000 in 2025-26 with RPI 4.1 %: 41.00 a month at the threshold, 71.00 at the upper income or as a student,
    and half way between them (39,857.50) 56.00; plan 5 bears RPI alone.
    """
    asked = [(28_470, False), (51_245, False), (20_000, True), (39_857.50, False)]
    borne = [loan_interest(TABLES, IN_2025, 2, pence(12_000), pence(income), studies) for income, studies in asked]
    assert borne == [pence(41), pence(71), pence(71), pence(56)]
    assert loan_interest(TABLES, IN_2025, 5, pence(12_000), pence(90_000), False) == pence(41)
    assert [write_off_months(plan) for plan in (0, 1, 2, 4, 5)] == [0, 300, 360, 360, 480]


@pytest.mark.parametrize(
    ("pay", "worker", "employer"),
    [
        (833, 0, 0),
        (833.01, 15.65, 9.39),  # 313.01 at 5 % and 3 %
        (2_500, 99.00, 59.40),  # 1,980
        (9_000, 183.45, 110.07),  # 4,189 - 520
    ],
)
def test_workplace_pension(pay: float, worker: float, employer: float) -> None:
    """5 and 3 % of what lies between 520 and 4,189 a month, in a job that pays more than 833."""
    assert workplace_pension(TABLES, IN_2025, pence(pay), True) == (pence(worker), pence(employer))
    assert workplace_pension(TABLES, IN_2025, pence(pay), False) == (0, 0)


def credit(year: int, **given: Any) -> int:
    """Universal Credit of a single person of 30 who rents within the limit, but for what is given. Money in pounds."""
    money = {
        "rent": 600.0,
        "rent_limit": 10_000.0,
        "earnings": 0.0,
        "unearned": 0.0,
        "capital": 0.0,
        "child_benefit": 0.0,
    }
    who = {"is_couple": False, "is_25": True, "children": 0, "children_before_2017": 0, "is_london": False}
    money |= {name: value for name, value in given.items() if name in money}
    who |= {name: value for name, value in given.items() if name in who}
    assert given.keys() <= money.keys() | who.keys()
    asked = (*list(who.values())[:4], *map(pence, money.values()), who["is_london"])
    return int(universal_credit(TABLES, year, *asked))


def test_universal_credit_of_2025() -> None:
    """Single, 30, rent 600, net earnings 1,000, savings 7,000: 400.14 + 600.00 - 550.00 - 4 x 4.35 = 432.74. With 16,000:
    40 steps, 174.00: 276.14. A penny more: nothing. A pound less of net earnings, put into a pension: 55p more.
    """
    assert credit(IN_2025, earnings=1_000, capital=7_000) == pence(432.74)
    assert credit(IN_2025, earnings=1_000, capital=16_000) == pence(276.14)
    assert credit(IN_2025, earnings=1_000, capital=16_000.01) == 0
    assert credit(IN_2025, earnings=999, capital=7_000) == pence(433.29)


def test_universal_credit_of_2026() -> None:
    """Couple, two children born after April 2017, social rent 520, net earnings 1,500, savings 5,000:
    666.97 + 2 x 303.94 + 520.00 - 0.55 x (1,500 - 427) = 1,204.70.
    """
    given = {"is_couple": True, "children": 2, "rent": 520, "earnings": 1_500, "capital": 5_000}
    assert credit(IN_2026, **given, child_benefit=195) == pence(1_204.70)


def test_the_two_child_limit_and_its_end() -> None:
    """Earning 2,000, a couple who own their home, three children: in 2025-26 two count, but three born before April 2017
    do, the eldest with more; in 2026-27 all three do. 628.10 + 2 x 292.81 - 0.55 x (2,000 - 684) = 489.92.
    """
    given = {"is_couple": True, "children": 3, "rent": 0, "earnings": 2_000}
    assert credit(IN_2025, **given) == pence(489.92)
    assert credit(IN_2025, **given, children_before_2017=3) == pence(489.92 + 292.81 + 46.19)
    assert credit(IN_2026, **given) == pence(666.97 + 3 * 303.94 - 0.55 * (2_000 - 710))


def test_rent_above_the_limit_and_the_benefit_cap() -> None:
    """A tenant's rent counts up to the local allowance. Without earnings a single person outside London has 1,229.42 at most, a
    family 1,835.00 with Child Benefit in it; from 846 of net earnings on there is no cap.
    """
    assert credit(IN_2025, rent=900, rent_limit=700) == pence(400.14 + 700)
    assert credit(IN_2025, rent=900) == pence(1_229.42)
    assert credit(IN_2025, rent=900, is_london=True) == pence(400.14 + 900)
    family = {"is_couple": True, "children": 2, "rent": 900}
    assert credit(IN_2025, **family, child_benefit=187.63) == pence(1_835 - 187.63)
    assert credit(IN_2025, **family, child_benefit=187.63, earnings=845.99) == pence(1_835 - 187.63)
    assert credit(IN_2025, **family, earnings=846) == pence(628.10 + 2 * 292.81 + 900 - 0.55 * (846 - 411))


def test_the_young_and_income_that_is_not_earned() -> None:
    """Under 25 the allowance is 316.98, of a couple 497.55; a pension counts pound for pound."""
    assert credit(IN_2025, is_25=False) == pence(316.98 + 600)
    assert credit(IN_2025, is_25=False, is_couple=True) == pence(497.55 + 600)
    assert credit(IN_2025, unearned=200) == pence(400.14 + 400)


def test_the_income_floor_of_the_self_employed() -> None:
    """35 hours at 12.21 are 1,851.85 a month: tax on 803 (1,851.85 less 1,048) 160.60, contributions 64.31: 1,626.94."""
    assert income_floor(TABLES, IN_2025, 30) == pence(1_851.85 - 160.60 - 64.31)
    assert income_floor(TABLES, IN_2025, 19) < income_floor(TABLES, IN_2025, 21)


def test_child_benefit_and_its_charge() -> None:
    """Two children in 2025-26: 26.05 + 17.25 a week, 187.63 a month, 2,251.56 a year. With 65,000 a year 25 hundredths are
    charged, 562 in whole pounds; with 60,199 none; with 80,000 all.
    """
    monthly = child_benefit(TABLES, IN_2025, 2)
    assert [child_benefit(TABLES, IN_2025, n) for n in (0, 1)] == [0, pence(112.88)]
    assert monthly == pence(187.63)
    charged = [
        child_benefit_charge(TABLES, IN_2025, 12, monthly * 12, pence(y), 0) for y in (60_199, 65_000, 80_000, 99_000)
    ]
    assert charged == [0, pence(562), pence(2_251), pence(2_251)]
    half = child_benefit_charge(TABLES, IN_2025, 6, monthly * 6, pence(32_500), 0)
    assert half == pence(281)
    assert child_benefit_charge(TABLES, IN_2025, 12, monthly * 12, pence(65_000), half) == pence(281)


def test_pensions() -> None:
    """The full State Pension of 2025-26 is 230.25 a week, 997.75 a month; of 20 years 131.57 and 570.14; of nine nothing.
    Guarantee credit brings a single person of 500.00 a month to 984.10 (227.10 a week), less 1 a week for each 500 above 10,000.
    """
    assert [state_pension(TABLES, IN_2025, years) for years in (9, 20, 35, 44)] == [
        0, pence(570.14), pence(997.75), pence(997.75)
    ]  # fmt: skip
    assert pension_credit(TABLES, IN_2025, False, pence(500), pence(10_000)) == pence(484.10)
    assert pension_credit(TABLES, IN_2025, False, pence(500), pence(10_000.01)) == pence(484.10 - 4.33)
    assert pension_credit(TABLES, IN_2025, True, pence(1_400), 0) == pence(346.60 * 52 / 12 - 1_400)
    assert pension_credit(TABLES, IN_2025, False, pence(997.75), 0) == 0


def test_a_pensioners_rent() -> None:
    """Rent of 500: all of it with guarantee credit, whatever the capital; with 100 above the guarantee, 65 less; with capital
    above 16,000 and no guarantee credit nothing.
    """

    def helped(income: float, capital: float) -> int:
        return pensioner_rent(TABLES, IN_2025, False, pence(500), UNLIMITED_RENT, pence(income), pence(capital))

    assert helped(700, 0) == pence(500)
    assert helped(700, 20_000) == pence(500)
    assert helped(1_084.10, 0) == pence(435)
    # 12 steps of capital are 52.00 a month: 152 above the guarantee, 98.80 less.
    assert helped(1_084.10, 16_000) == pence(401.20)
    assert helped(1_084.10, 16_000.01) == 0


def test_state_pension_age() -> None:
    """66 to those born before 6 April 1960, a month more by month of birth, 67 from 6 March 1961, 68 from 6 April 1978."""
    days = [
        "1960-04-05",
        "1960-04-06",
        "1960-05-05",
        "1960-05-06",
        "1961-02-06",
        "1961-03-06",
        "1977-04-05",
        "1978-04-06",
    ]
    born = np.array(days, dtype="datetime64[D]").astype(np.int64)
    assert pension_age_months(born).tolist() == [792, 793, 793, 794, 803, 804, 804, 816]


def test_published_years_are_read_and_later_ones_uprated() -> None:
    """2026-27 is published; from 2027-28 on with prices (2.3 % in 2026, 2 % later): Child Benefit's 27.05 is 27.65 (27.672), and what
    is frozen stays: the allowance to 2030-31, when 2 % more is 12,830 (12,821.40, up to ten), and capital limits for ever.
    """
    assert TABLES["child_eldest"][:4].tolist() == [2_560, 2_605, 2_705, 2_765]
    assert TABLES["allowance"][:8].tolist() == [1_257_000] * 7 + [1_283_000]
    assert TABLES["basic_limit"][7] == pence(38_500)
    assert set(TABLES["capital_most"]) == {pence(16_000)}
    assert set(TABLES["taper_from"]) == {pence(100_000)}
    assert TABLES["loan_from"][:7, 2].tolist() == [*map(pence, [27_295, 28_470, *[29_385] * 4, 30_235])]
    # 424.90 x 1.023 x 1.031 / 1.023, by a rise of 3.1 % in all.
    assert TABLES["standard"][3, 1] == pence(438.07)


def test_another_path_changes_later_years_alone() -> None:
    """With prices that do not rise, published years are as they are and later ones stay."""
    still = np.zeros(10, dtype=np.int64)
    law = tables(10, Path(still, still, still, still))
    assert law["child_eldest"].tolist() == [2_560, 2_605] + [2_705] * 8
    assert (law["allowance"] == TABLES["allowance"][0]).all()
    # The triple lock's floor.
    assert law["state_pension"][3] == 24_735


def test_the_path_is_the_published_one() -> None:
    """The rises of 2023 uprate 2024-25; between the last forecast of pay, 2.4 % in 2030, and 3.83 % from 2036 on, a straight line."""
    path = published_path(20)
    assert path.prices_bps[:5].tolist() == [730, 250, 340, 230, 200]
    assert path.pay_bps[[7, 8, 13, 19]].tolist() == [240, 264, 383, 383]
    assert path.retail_now_bps[:2].tolist() == [359, 410]


AMOUNTS = np.arange(0, pence(20_000), 1_237)

TAKEN: list[tuple[str, Callable[[int], int]]] = [
    ("tax", lambda pay: month_tax(TABLES, IN_2025, 5, pay * 5, 0)),
    ("worker", lambda pay: month_ni(TABLES, IN_2025, pay, 30, False)[0]),
    ("employer", lambda pay: month_ni(TABLES, IN_2025, pay, 30, False)[1]),
    ("class 4", lambda pay: month_class_4(TABLES, IN_2025, 5, pay * 5, 0)),
    ("loan", lambda pay: student_loan(TABLES, IN_2025, 2, pay)),
    ("charge", lambda pay: child_benefit_charge(TABLES, IN_2025, 5, pence(900), pay * 5, 0)),
]


@pytest.mark.parametrize(("name", "taken"), TAKEN, ids=[name for name, _ in TAKEN])
def test_more_pay_never_means_less_taken(name: str, taken: Callable[[int], int]) -> None:
    """What is taken rises with pay and is never below nought."""
    found = [taken(int(pay)) for pay in AMOUNTS]
    assert found[0] == 0
    assert all(b >= a for a, b in pairwise(found)), name
    assert found[-1] > 0


def test_more_earned_is_never_less_to_live_on() -> None:
    """Of a renter's further pound of net earnings Universal Credit takes 55p at most, and of capital's further pounds the tariff only."""
    found = np.array([credit(IN_2026, earnings=pay / 100, rent=700) for pay in AMOUNTS])
    assert (np.diff(found) <= 0).all()
    assert (np.diff(found + AMOUNTS) >= 0.45 * np.diff(AMOUNTS) - 1).all()
    by_capital = np.array([credit(IN_2026, capital=pounds) for pounds in range(5_000, 16_001, 125)])
    assert (np.diff(by_capital) <= 0).all()
    assert np.diff(by_capital).min() == -435


@njit
def many_months(law: Any, months: int) -> int:
    """All of a person-month's calls, so many times."""
    total = 0
    pay, tax = 100_000, 0
    for n in range(months):
        year, month = n % 40, n % 12 + 1
        pay = (pay * 7 + n * 31) % 700_000
        tax = month_tax(law, year, month, pay * month, tax) + tax
        worker, employer = month_ni(law, year, pay, 20 + n % 40, False)
        own, other = workplace_pension(law, year, pay, True)
        loan = student_loan(law, year, 2, pay)
        net = pay - worker - own - loan
        kids = n % 3
        benefit = child_benefit(law, year, kids)
        got = universal_credit(law, year, n % 2, 1, kids, 0, 60_000, 70_000, net, 0, pay, benefit, False)
        total += tax + worker + employer + own + other + loan + benefit + got
    return total


def test_a_person_month_is_quick() -> None:
    """All that one person's month asks of this room takes less than 200 ns; 44 were measured."""
    many_months(TABLES, 10)
    began = time.thread_time()
    many_months(TABLES, 1_000_000)
    assert time.thread_time() - began < 0.2


def by_rulebook(name: str, pays: np.ndarray, on: str, **yes: bool) -> dict[str, np.ndarray]:
    """What each rule of a shipped rulebook brings for one month's pay each of as many people of 30, pence."""
    program = compile_program(shipped(name))
    names = list(program.rulebook.attributes)
    attributes = np.full((len(pays), len(names)), NONE)
    for attribute, is_so in yes.items():
        attributes[:, names.index(attribute)] = int(is_so)
    day = parse_day(on)
    people = People(np.full(len(pays), day - 11_000), np.full(len(pays), NONE), attributes)
    rows = [
        {
            "fact": n, "member": n, "on": day, "kind": int(Kind.PAY), "payer": 1, "earnings": int(pay),
            "frequency": int(Frequency.MONTH),
        }
        for n, pay in enumerate(pays)
    ]  # fmt: skip
    found = assess(program, people, Facts.of(rows)).entitlements
    return {
        rule: np.bincount(found.member[mine], found.amount[mine], len(pays)).astype(np.int64)
        for number, rule in enumerate(program.rules)
        if (mine := found.rule == number).any()
    }


def test_workplace_pensions_are_those_of_the_shipped_rulebook() -> None:
    """Automatic enrolment's rulebook and this room give the same pence for every pay: the worker's with its tax relief, and the
    employer's.
    """
    pays = np.concatenate([AMOUNTS, [pence(833), pence(833) + 1, pence(4_189), pence(4_189) + 1]])
    brought = by_rulebook("uk-automatic-enrolment", pays, "2025-06-30")
    mine = np.array([workplace_pension(TABLES, IN_2025, int(pay), True) for pay in pays])
    assert (mine[:, 0] == brought["worker.contribution"] + brought["government.relief"]).all()
    assert (mine[:, 1] == brought["employer.contribution"]).all()


@pytest.mark.parametrize("plan", [1, 2, 4, 5])
def test_loan_repayments_are_those_of_the_shipped_rulebook(plan: int) -> None:
    """The student loan's rulebook and this room take the same pence of every pay, in 2026-27."""
    brought = by_rulebook("uk-student-loan", AMOUNTS, "2026-06-30", **{f"plan_{plan}": True})
    mine = np.array([student_loan(TABLES, IN_2026, plan, int(pay)) for pay in AMOUNTS])
    assert (mine == brought["worker.student_loan"]).all()
    assert mine.max() > 0
