"""The figures of tax and benefit law by tax year, as one table that compiled loops read.

What is law and what is assumed, where a year's figure is not published yet:

- law: income tax and National Insurance thresholds are frozen to 2030-31, then rise with prices, the allowance up to the next
  £10 and the basic rate limit up to the next £100; National Insurance keeps to them. The taper at £100,000, the charge on Child
  Benefit and Universal Credit's limits of capital do not rise. Plan 2's threshold is frozen to 2029-30.
- law: Universal Credit's standard allowance rises with prices and by what the Universal Credit Act 2025 adds to 2029-30; the
  guarantee of Pension Credit with pay. Other benefits, by long custom, with prices.
- assumed: the additional rate begins where the allowance has run out; rates stay; the State Pension keeps its triple lock; the
  minimum wage rises with pay; the benefit cap and local housing allowances stay in cash; the thresholds of automatic enrolment
  stay until those of tax rise and then rise with prices, its trigger stays; loan thresholds of plans 1, 4 and 5 rise with RPI
  and so does plan 2's when its freeze is over.
- left out: Scotland's bands; the employment allowance; marriage allowance; child care, carers and health in Universal Credit;
  savings credit.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path as File
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.published.reading import parameters
from lifepot.taxes.path import FIRST_YEAR, Int, Path, published_path

PLANS = 6
"""Room for loan plans by their number; 0: none."""

NEVER_MINOR = 10**12
"""A threshold that nobody reaches."""

LAW = np.dtype(
    [
        (name, np.int64, shape)
        for name, shape in {
            # Income tax, a year.
            "allowance": (), "taper_from": (), "basic_limit": (), "additional_from": (),
            "basic_bps": (), "higher_bps": (), "additional_bps": (),
            # National Insurance: class 1 a month, class 4 a year.
            "ni_from": (), "ni_upper": (), "ni_bps": (), "ni_upper_bps": (),
            "employer_from": (), "employer_bps": (), "employer_age": (),
            "profits_from": (), "profits_upper": (), "profits_bps": (), "profits_upper_bps": (),
            # Automatic enrolment, a month.
            "enrol_above": (), "enrol_from": (), "enrol_upper": (), "enrol_worker_bps": (), "enrol_employer_bps": (),
            # Student loans, a year, by plan.
            "loan_from": (PLANS,), "loan_bps": (), "loan_upper": (), "retail_bps": (), "loan_most_over_bps": (),
            # Minimum wage an hour: from 21, from 18.
            "wage": (), "wage_young": (),
            # Universal Credit, a month: standard allowance of a single person and a couple, under 25 and from 25.
            "standard": (4,), "first_child": (), "each_child": (), "most_children": (),
            "work_housed": (), "work_plain": (), "credit_taper_bps": (),
            "capital_free": (), "capital_most": (), "capital_step": (), "capital_income": (),
            # The benefit cap, a month: single, family, single in London, family in London.
            "cap": (4,), "cap_free_from": (),
            # Child Benefit a week; its charge on a year's income.
            "child_eldest": (), "child_other": (), "charge_from": (), "charge_step": (),
            # Pensioners, a week: guarantee of a single person and a couple; capital as above.
            "guarantee": (2,), "old_capital_free": (), "old_capital_step": (), "old_capital_income": (),
            "rent_taper_bps": (), "rent_capital_most": (),
            "state_pension": (), "pension_years": (), "pension_years_least": (),
        }.items()
    ]
)  # fmt: skip
"""Columns of the tables. Money in pence, rates in basis points, ages in years."""


class Rounding(NamedTuple):
    """To a multiple of so many pence: down, to the nearest, or up."""

    step: int
    halves: int
    """0 down, 1 nearest (halves up), 2 up."""

    def of(self, parts: int, unit: int) -> int:
        """Pence from parts of a penny, `unit` to the penny."""
        step = self.step * unit
        return (parts + (0, step // 2, step - 1)[self.halves]) // step * self.step


NEAREST_PENNY, NEAREST_5P, NEAREST_POUND = Rounding(1, 1), Rounding(5, 1), Rounding(100, 1)
UP_TO_TEN, DOWN_TO_FIVE = Rounding(1_000, 2), Rounding(500, 0)


def tables(years: int, path: Path | None = None) -> NDArray[Any]:
    """The law of so many tax years from 2024-25 on: an array (years,) of `LAW`, to be read as `tables[year].allowance`.

    `path` is how prices and pay rise; without one, the published one.
    """
    rises = published_path(years) if path is None else path
    assert len(rises) >= years, f"{years} years were asked for and prices are known for {len(rises)}"
    law = np.zeros(years, dtype=LAW)
    policy, benefits, more = parameters("policy"), parameters("benefits"), _more()
    _fill_tax(law, policy, more, rises)
    _fill_work(law, policy, more, rises)
    _fill_loans(law, policy, more, rises)
    _fill_credit(law, benefits, more, rises)
    _fill_families(law, benefits, rises)
    _fill_pensioners(law, policy, benefits, more, rises)
    return law


def write_off_months(plan: int) -> int:
    """After how many months from the April of first repayments a loan of this plan ends; nothing for plan 0."""
    years = _more()["student_loans"]["write_off_years"]
    return 12 * int(years.get(f"plan{plan}", 0))


def pension_age_months(born: Int) -> Int:
    """State Pension age in months, by days of birth (since 1970-01-01)."""
    age = _more()["pension_age"]
    months = np.full(len(born), 12 * int(age["years"]))
    birth_months = (born.astype("datetime64[D]") - np.timedelta64(5, "D")).astype("datetime64[M]").astype(np.int64)
    for day in age["rises_born"]:
        begins = np.datetime64(dt.date.fromisoformat(day), "M").astype(np.int64)
        months += np.clip(birth_months - begins + 1, 0, 12)
    return months


@cache
def _more() -> dict[str, Any]:
    return tomllib.loads((File(__file__).parent / "law.toml").read_text("utf-8"))


def _fill_tax(law: NDArray[Any], policy: Mapping[str, Any], more: Mapping[str, Any], rises: Path) -> None:
    tax, steps = policy["income_tax"], more["income_tax"]
    rising = _from_year(rises.prices_bps, steps["frozen_to"])
    _rise(law["allowance"], tax["personal_allowance"], rising, Rounding(steps["allowance_step"] * 100, 2))
    _rise(law["basic_limit"], tax["higher_threshold_taxable"], rising, Rounding(steps["basic_limit_step"] * 100, 2))
    _hold(law["taper_from"], tax["pa_taper_start"])
    _hold(law["additional_from"], tax["additional_threshold"])
    later = np.arange(len(law)) + FIRST_YEAR > steps["frozen_to"]
    law["additional_from"][later] = (law["taper_from"] + 2 * law["allowance"])[later]
    _hold(law["basic_bps"], tax["basic_rate"], 10_000)
    _hold(law["higher_bps"], tax["higher_rate"], 10_000)
    _hold(law["additional_bps"], tax["additional_rate"], 10_000)


def _fill_work(law: NDArray[Any], policy: Mapping[str, Any], more: Mapping[str, Any], rises: Path) -> None:
    ni, own = policy["national_insurance"], more["national_insurance"]
    # Both thresholds stand where those of income tax do: 241.73 and 966.73 a week are 12,570 and 50,270 a year.
    upper = law["allowance"] + law["basic_limit"]
    law["ni_from"], law["ni_upper"] = _month(law["allowance"]), _month(upper)
    law["profits_from"], law["profits_upper"] = law["allowance"], upper
    assert abs(law["allowance"][0] - _minor(ni["primary_threshold_week"]["2022-07"]) * 52) < 100
    assert abs(upper[0] - _minor(ni["upper_earnings_limit_week"]) * 52) < 1_000
    _hold(law["ni_bps"], ni["employee_main_rate"], 10_000)
    _hold(law["ni_upper_bps"], ni["employee_additional_rate"], 10_000)
    _hold(law["profits_bps"], ni["class4_main_rate"], 10_000)
    law["profits_upper_bps"] = law["ni_upper_bps"]
    _hold(law["employer_bps"], ni["employer_rate"], 10_000)
    yearly = np.zeros(len(law), dtype=np.int64)
    _rise(yearly, own["secondary_threshold_year"], _from_year(rises.prices_bps, own["frozen_to"]), UP_TO_TEN)
    law["employer_from"] = _month(yearly)
    law["employer_age"] = own["young_worker_below_age"]
    enrol = policy["auto_enrolment"]
    rising = _from_year(rises.prices_bps, own["frozen_to"])
    for column, key in (("enrol_from", "lower_qualifying"), ("enrol_upper", "upper_qualifying")):
        _rise(yearly, enrol[key], rising, UP_TO_TEN)
        law[column] = _month(yearly)
    law["enrol_above"] = _month(np.full(1, _minor(enrol["earnings_trigger"])))
    _hold(law["enrol_employer_bps"], enrol["minimum_employer"], 10_000)
    _hold(law["enrol_worker_bps"], enrol["minimum_total"], 10_000)
    law["enrol_worker_bps"] -= law["enrol_employer_bps"]
    wage = policy["minimum_wage"]
    _rise(law["wage"], wage["nlw"], rises.pay_bps, NEAREST_PENNY)
    _rise(law["wage_young"], wage["rate_18_20"], rises.pay_bps, NEAREST_PENNY)


def _fill_loans(law: NDArray[Any], policy: Mapping[str, Any], more: Mapping[str, Any], rises: Path) -> None:
    loans, own = policy["student_loans"], more["student_loans"]
    law["loan_from"] = NEVER_MINOR
    frozen = _from_year(rises.retail_bps, own["plan2_frozen_to"])
    for plan in (1, 2, 4, 5):
        published = loans[f"threshold_plan{plan}"]
        years = law["loan_from"][:, plan]
        _rise(years, published, frozen if plan == 2 else rises.retail_bps, DOWN_TO_FIVE)
        # Before a plan's first threshold nobody repays.
        years[: max(0, min(map(int, published)) - FIRST_YEAR)] = NEVER_MINOR
    _rise(law["loan_upper"], loans["plan2_interest_upper_income"], frozen, DOWN_TO_FIVE)
    _hold(law["loan_bps"], loans["repayment_rate"], 10_000)
    law["retail_bps"] = rises.retail_now_bps[: len(law)]
    _hold(law["loan_most_over_bps"], own["plan2_interest_over_rpi"], 10_000)


def _fill_credit(law: NDArray[Any], benefits: Mapping[str, Any], more: Mapping[str, Any], rises: Path) -> None:
    standard = benefits["uc_standard_allowance_month"]
    # By how much more than prices the allowance rises in a year: the law gives the sum of it since 2025-26.
    sums = {int(year): 1 + float(share) for year, share in standard["extra_rise_over_cpi_vs_2025"].items()}
    prices = rises.prices_bps.copy()
    for year in sums.keys() & set(range(FIRST_YEAR, FIRST_YEAR + len(law))):
        row = year - FIRST_YEAR
        prices[row] = round((10_000 + prices[row]) * sums[year] / sums.get(year - 1, 1.0)) - 10_000
    names = ("single_under_25", "single_25_plus", "couple_both_under_25", "couple_one_25_plus")
    for column, name in enumerate(names):
        _rise(law["standard"][:, column], standard[name], prices, NEAREST_PENNY)
    child = benefits["uc_child_element_month"]
    _rise(law["first_child"], child["first_child_born_before_2017_04_06"], rises.prices_bps, NEAREST_PENNY)
    _rise(law["each_child"], child["each_other_child"], rises.prices_bps, NEAREST_PENNY)
    _hold(law["most_children"], child["max_children"], 1)
    work = benefits["uc_work_allowance_month"]
    _rise(law["work_housed"], work["with_housing_element"], rises.prices_bps, NEAREST_POUND)
    _rise(law["work_plain"], work["without_housing_element"], rises.prices_bps, NEAREST_POUND)
    _hold(law["credit_taper_bps"], benefits["uc_taper"]["rate_on_net_earnings_above_allowance"], 10_000)
    capital = benefits["uc_capital"]
    _hold(law["capital_free"], capital["lower_limit"])
    _hold(law["capital_most"], capital["upper_limit"])
    _hold(law["capital_step"], capital["tariff_step"])
    _hold(law["capital_income"], capital["tariff_income_per_step_month"])
    cap = benefits["benefit_cap_year"]
    for column, name in enumerate(("single_elsewhere", "family_elsewhere", "single_london", "family_london")):
        yearly = np.zeros(len(law), dtype=np.int64)
        _hold(yearly, cap[name])
        law["cap"][:, column] = (yearly + 6) // 12
    hours = more["benefit_cap"]["hours_week"]
    law["cap_free_from"] = law["wage"] * hours * 52 // 1200 * 100


def _fill_families(law: NDArray[Any], benefits: Mapping[str, Any], rises: Path) -> None:
    child = benefits["child_benefit_week"]
    _rise(law["child_eldest"], child["eldest"], rises.prices_bps, NEAREST_5P)
    _rise(law["child_other"], child["each_other"], rises.prices_bps, NEAREST_5P)
    _hold(law["charge_from"], child["charge_start_income"])
    _hold(law["charge_step"], child["charge_end_income"])
    law["charge_step"] = (law["charge_step"] - law["charge_from"]) // 100


def _fill_pensioners(
    law: NDArray[Any], policy: Mapping[str, Any], benefits: Mapping[str, Any], more: Mapping[str, Any], rises: Path
) -> None:
    credit = benefits["pension_credit_week"]
    _rise(law["guarantee"][:, 0], credit["guarantee_single"], rises.pay_bps, NEAREST_5P)
    _rise(law["guarantee"][:, 1], credit["guarantee_couple"], rises.pay_bps, NEAREST_5P)
    _hold(law["old_capital_free"], credit["capital_disregarded"])
    _hold(law["old_capital_step"], credit["tariff_step"])
    _hold(law["old_capital_income"], credit["tariff_income_per_step_week"])
    rent = more["housing_benefit"]
    _hold(law["rent_taper_bps"], rent["taper"], 10_000)
    _hold(law["rent_capital_most"], rent["capital_upper_limit"])
    own = more["state_pension"]
    least = int(Decimal(str(own["lowest_rise"])) * 10_000)
    locked = np.maximum(np.maximum(rises.prices_bps, rises.pay_bps), least)
    _rise(law["state_pension"], policy["state_pension"]["new_full_week"], locked, NEAREST_5P)
    law["pension_years"], law["pension_years_least"] = own["years_for_full"], own["years_for_any"]


def _minor(figure: Any, times: int = 100) -> int:
    """A published figure in whole units: pence of pounds, basis points of a fraction. One that is not whole is a mistake."""
    whole = Decimal(str(figure)) * times
    assert whole == int(whole), f"{figure} x {times} is not whole"
    return int(whole)


def _by_year(published: Any, times: int) -> dict[int, int]:
    """Figures by tax year; of several in one tax year the last. A month before April belongs to the year before."""
    if not isinstance(published, Mapping):
        return {0: _minor(published, times)}
    found = {}
    for key, figure in sorted(published.items()):
        year, _, month = key.partition("-")
        found[int(year) - (month != "" and int(month) < 4)] = _minor(figure, times)
    return found


def _hold(column: NDArray[Any], published: Any, times: int = 100) -> None:
    """Fills a column with what is published, each figure until the next."""
    _rise(column, published, np.zeros(len(column), dtype=np.int64), NEAREST_PENNY, times)


def _rise(column: NDArray[Any], published: Any, rises_bps: Int, rounded: Rounding, times: int = 100) -> None:
    """Fills a column: what is published, each figure until the next, and from the last on raised year by year.

    Each year's figure is rounded before the next year's is made of it, as law does.
    """
    known = _by_year(published, times)
    figure = known[max((year for year in known if year <= FIRST_YEAR), default=min(known))]
    for row in range(len(column)):
        year = FIRST_YEAR + row
        if year in known:
            figure = known[year]
        elif year > max(known) and rises_bps[row]:
            figure = rounded.of(figure * (10_000 + int(rises_bps[row])), 10_000)
        column[row] = figure


def _from_year(rises_bps: Int, frozen_to: int) -> Int:
    """The rises, but none up to and in the year to which a figure is frozen."""
    years = np.arange(len(rises_bps)) + FIRST_YEAR
    return np.where(years > frozen_to, rises_bps, 0)


def _month(yearly: NDArray[Any]) -> NDArray[Any]:
    """A month's threshold of National Insurance: a twelfth of the year's, to the nearest pound, halves up."""
    return (yearly + 600) // 1200 * 100
