"""Interest and writing off by plan, and what is assumed of the years to come: read from `terms.yaml`, with its sources."""

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.periods import add_months_to, day_of, format_day
from lifepot.rulebook.scalars import parse_money, parse_rate

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of the years to come, each a share a year, exact.

    growth    of earnings, every April
    rpi       from the September after the last that is known; thresholds rise with it too
    discount  what money is worth less a year later, rising prices included
    interest  the loan's rate, in place of its plan's rule; None: by the rule
    """

    growth: Fraction
    rpi: Fraction
    discount: Fraction
    interest: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of repayment. `takes` and `threshold` are names of the rulebook `uk-student-loan`; `rises`: whether the
    threshold goes on rising with RPI where the rulebook has no figure yet.
    """

    name: str
    words: str
    takes: str
    threshold: str
    rises: bool
    interest: dict[str, str] = field(hash=False)
    written_off: dict[str, Any] = field(hash=False)

    def written_off_on(self, first_due_on: int, born: int = NONE, first_paid_on: int = NONE) -> int:
        """The day on which what is left is written off. `first_paid_on` (NONE: lately): the first loan's day; older loans of
        plans 1 and 4 end by age, and then `born` must be known.
        """
        terms = self.written_off
        by_years = add_months_to(first_due_on, MONTHS * int(terms["years"]))
        before = terms.get("older_paid_before")
        if before is None or first_paid_on == NONE or first_paid_on >= day_of(before):
            return by_years
        if born == NONE:
            raise Misuse(
                f"A loan of {self.words} that was first paid before {before} is written off at age {terms['older_age']}.",
                remedy="Give the borrower's birth day.",
            )
        by_age = add_months_to(born, MONTHS * int(terms["older_age"]))
        return by_age if terms["older_years"] == "none" else min(by_age, by_years)


@cache
def _read() -> dict[str, Any]:
    text = files("lifepot.loans").joinpath("terms.yaml").read_text("utf-8")
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return read


@cache
def plans() -> dict[str, Plan]:
    """The plans, by name."""
    return {
        name: Plan(
            name, one["words"], one["takes"], one["threshold"], one["threshold_rises"]["by"] == "rpi", one["interest"],
            one["written_off"],
        )
        for name, one in _read()["plans"].items()
    }  # fmt: skip


def plan_named(text: str) -> Plan:
    """The plan that somebody means by "2", "plan 2" or "postgraduate". Misuse for none."""
    word = text.strip().lower().removeprefix("plan").strip(" _")
    name = "postgraduate" if word in {"postgraduate", "pg", "pgl", "3"} else f"plan_{word}"
    if name not in plans():
        raise Misuse(f"There is no student loan plan {text!r}.", remedy="Give 1, 2, 4, 5 or postgraduate.")
    return plans()[name]


def assumed(
    growth: Fraction | None = None, rpi: Fraction | None = None, discount: Fraction | None = None,
    interest: Fraction | None = None,
) -> Assumed:  # fmt: skip
    """What is assumed: the file's figures, where nothing else is said."""
    read = _read()
    prices = parse_rate(read["rpi"]["then"]) if rpi is None else rpi
    real = parse_rate(read["discount"]["rate"])
    return Assumed(
        parse_rate(read["earnings_growth"]["rate"]) if growth is None else growth, prices,
        (1 + real) * (1 + prices) - 1 if discount is None else discount, interest,
    )  # fmt: skip


def rate_on(plan: Plan, on: int, income: int, lower: int, guess: Assumed, *, studying: bool) -> Fraction:
    """A loan's interest on a day, a share a year. `income`: the year's, minor units; `lower`: the threshold, from which plan
    2's margin rises with income; `studying`: before the first repayment was due, when it is whole.
    """
    if guess.interest is not None:
        return guess.interest
    read, rule = _read(), plan.interest
    rpi = _dated(read["rpi"], on, guess.rpi, "RPI")
    match rule["rule"]:
        case "rpi":
            rate = rpi
        case "rpi_or_bank_rate":
            bank_rate = _dated(read["bank_rate"], on, parse_rate(read["bank_rate"]["then"]), "Bank Rate")
            rate = min(rpi, bank_rate + parse_rate(rule["over_bank_rate"]))
        case "rpi_and_margin":
            rate = rpi + parse_rate(rule["margin"])
        case _:
            upper = _whole_margin_from(on, guess.rpi)
            share = (
                Fraction(min(max(income - lower, 0), upper - lower), upper - lower) if upper > lower else Fraction(1)
            )
            rate = rpi + parse_rate(rule["margin"]) * (1 if studying else share)
    caps = [
        parse_rate(one["rate"])
        for one in read["caps"]
        if plan.name in one["plans"] and day_of(one["from"]) <= on <= day_of(one["until"])
    ]
    return min([rate, *caps])


def _dated(series: dict[str, Any], on: int, then: Fraction, words: str) -> Fraction:
    if on >= day_of(series["then_from"]):
        return then
    days = [day_of(one) for one in series["dated"]]
    place = bisect_right(days, on) - 1
    if place < 0:
        raise LifepotError(
            f"{words} is not known here before {format_day(days[0])}.",
            remedy="Look from a later day, or say the interest.",
        )
    return parse_rate(list(series["dated"].values())[place])


def _whole_margin_from(on: int, rpi: Fraction) -> int:
    terms = _read()["whole_margin_from"]
    days = [day_of(one) for one in terms["dated"]]
    income = parse_money(list(terms["dated"].values())[max(bisect_right(days, on) - 1, 0)])
    april = day_of(terms["frozen_until"])
    while april <= on:
        income = risen(income, rpi)
        april = add_months_to(april, MONTHS)
    return income


def risen(minor: int, rate: Fraction) -> int:
    """A threshold a year later, rounded down to the whole pound."""
    return int(minor * (1 + rate)) // 100 * 100


def said(plan: Plan, guess: Assumed) -> list[str]:
    """What is assumed, a sentence each, with its source and how sure we are of it."""
    read = _read()
    rises = read["plans"][plan.name]["threshold_rises"]
    default = assumed()
    grows, prices, discount = read["earnings_growth"], read["rpi"], read["discount"]

    def by(mine: Fraction, theirs: Fraction, source: str, certainty: str) -> str:
        return f"{source}; {certainty}" if mine == theirs else "as you said"

    interest = read["interest_source"]
    lines = [
        f"Earnings rise by {percent(guess.growth)} every April ({by(guess.growth, default.growth, grows['source'], grows['certainty'])}).",
        f"RPI is {percent(guess.rpi)} from {prices['then_from']} on ({by(guess.rpi, default.rpi, prices['then_source'], prices['then_certainty'])}).",
        f"Where the rulebook has no threshold yet, {'it rises with RPI' if plan.rises else 'the last one stays'} ({rises['source']}; {rises['certainty']}).",
        f"Interest is added every month, a twelfth of the year's rate ({interest['source']}; {interest['certainty']}; the monthly step is a choice)."
        if guess.interest is None
        else f"Interest is {percent(guess.interest)} a year all along, a twelfth of it every month (as you said).",
        f"The day it is written off: {read['written_off_source']['source']} ({read['written_off_source']['certainty']}).",
        f"Today's money at {percent(guess.discount)} a year ({by(guess.discount, default.discount, discount['source'] + ', over RPI', discount['certainty'])}).",
    ]
    lines += [
        f"At most {one['rate']} from {one['from']} to {one['until']} ({one['source']}; {one['certainty']})."
        for one in read["caps"]
        if plan.name in one["plans"] and guess.interest is None
    ]
    return lines


def percent(rate: Fraction) -> str:
    """A rate as a person reads it, to the hundredth of a per cent."""
    hundredths = round(rate * 10_000)
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02d} %"
