"""Whether paying more of a student loan now helps: its course with and without, to the day it is cleared or written off."""

from dataclasses import dataclass
from typing import Any

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.loans.course import Course, run_course, worth_now
from lifepot.loans.payroll import Month, months
from lifepot.loans.terms import Assumed, Plan, percent, rate_on, said
from lifepot.money import format_minor
from lifepot.periods import date_of, format_day

CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class Loan:
    """A student loan as it stands: balance and yearly earnings in minor units; `first_due_on`: the April it was first due;
    `born` and `first_paid_on` (the first loan's day) are NONE where not said.
    """

    plan: Plan
    balance_minor: int
    first_due_on: int
    earnings_minor: int
    born: int = NONE
    first_paid_on: int = NONE


@dataclass(frozen=True, slots=True)
class Overpaid:
    """A loan with and without an amount paid now. Minor units."""

    loan: Loan
    on: int
    amount_minor: int
    written_off_on: int
    months: list[Month]
    without: Course
    with_it: Course
    assumed: Assumed

    @property
    def saved_minor(self) -> int:
        """By how much less is paid in all; below nothing: by how much more."""
        return self.without.repaid_minor - self.with_it.repaid_minor - self.amount_minor

    @property
    def interest_saved_minor(self) -> int:
        """Interest that is not charged any more, whether or not it would ever have been paid."""
        return self.without.interest_minor - self.with_it.interest_minor

    @property
    def worth_minor(self) -> int:
        """What it saves in today's money."""
        spared = [a - b for a, b in zip(self.without.repaid, self.with_it.repaid, strict=True)]
        return worth_now(spared, self.assumed.discount) - self.amount_minor

    @property
    def answer(self) -> str:
        """`helps`; `worth_less` (less is paid in all, but later, so that in today's money it is a loss); `lost` (more is paid in
        all); `same` (neither more nor less, and today's money is not lost either).
        """
        if self.saved_minor < 0:
            return "lost"
        if self.worth_minor < 0:
            return "worth_less"
        return "helps" if self.saved_minor > 0 else "same"

    def cleared_on(self, course: Course) -> int | None:
        """The day on which a course is cleared; None if it never is."""
        if course.cleared_in is None:
            return None
        return self.on if course is self.with_it and self.amount_minor == self.loan.balance_minor else (
            self.months[course.cleared_in].on
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON carries it."""

        def course(one: Course) -> dict[str, Any]:
            cleared = self.cleared_on(one)
            return {
                "repaid_minor": one.repaid_minor, "interest_minor": one.interest_minor,
                "cleared_on": None if cleared is None else format_day(cleared), "written_off_minor": one.left_minor,
            }  # fmt: skip

        return {
            "plan": self.loan.plan.name, "on": format_day(self.on), "balance_minor": self.loan.balance_minor,
            "amount_minor": self.amount_minor, "written_off_on": format_day(self.written_off_on),
            "without": course(self.without), "with": course(self.with_it), "answer": self.answer,
            "saved_minor": self.saved_minor, "interest_saved_minor": self.interest_saved_minor,
            "saved_in_todays_money_minor": self.worth_minor, "assumed": said(self.loan.plan, self.assumed),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """The answer as sentences."""
        owed, earned = _money(self.loan.balance_minor), _money(self.loan.earnings_minor)
        ends = format_day(self.written_off_on)
        lines = [
            f"{self.loan.plan.words.capitalize()}, {owed} owed on {format_day(self.on)}, {earned} a year; written off on {ends}.",
            f"  as payroll takes it: {self._told(self.without)}",
        ]
        if self.amount_minor:
            lines += [f"  with {_money(self.amount_minor)} paid now: {self._told(self.with_it)}", *self._judged()]
        return [*lines, *(f"  {line}" for line in said(self.loan.plan, self.assumed))]

    def _told(self, course: Course) -> str:
        cleared = self.cleared_on(course)
        ends = (
            f"cleared on {format_day(cleared)}"
            if cleared is not None
            else f"{_money(course.left_minor)} is written off"
        )
        return f"{_money(course.repaid_minor)} repaid, {ends} ({_money(course.interest_minor)} interest)."

    def _judged(self) -> list[str]:
        amount, saved, worth = _money(self.amount_minor), self.saved_minor, self.worth_minor
        rate = percent(self.assumed.discount)
        less = f"{_money(self.interest_saved_minor)} less interest is charged"
        if self.answer == "lost":
            later = _money(saved + self.amount_minor)
            why = (
                "the loan would be written off anyway, with interest that nobody would ever have asked for"
                if self.without.left_minor
                else "the last repayment and rounding take more than it spares"
            )
            return [
                f"It does not help. {less}, but {amount} now spares only {later} later: {_money(-saved)} is lost, for {why}."
            ]
        told = f"It saves {_money(saved)} in all: {less}"
        if self.answer == "worth_less":
            return [
                f"{told}. In today's money, at {rate} a year, it does not help: it is worth {_money(-worth)} less than it costs."
            ]
        return [f"{told}. In today's money, at {rate} a year, that is {_money(worth)}."]


def overpay(loan: Loan, amount_minor: int, on: int, guess: Assumed) -> Overpaid:
    """A loan's course from a day, with and without an amount paid then (0: none). Misuse for what cannot be meant."""
    if loan.balance_minor <= 0:
        raise Misuse("Nothing is owed of this loan.", remedy="Give its balance, such as 45000.00.")
    if not 0 <= amount_minor <= loan.balance_minor:
        raise Misuse(
            f"{_money(amount_minor)} is more than is owed ({_money(loan.balance_minor)}).",
            remedy="Pay what is owed, or less.",
        )
    first = date_of(loan.first_due_on)
    if (first.month, first.day) != (4, 6):
        raise Misuse(
            f"Repayments are first due on a 6 April, and not on {first}.", remedy="Give the first 6 April after the course ended."
        )  # fmt: skip
    ends = loan.plan.written_off_on(loan.first_due_on, loan.born, loan.first_paid_on)
    if ends <= on:
        raise LifepotError(
            f"A loan of {loan.plan.words} first due on {first} was written off on {format_day(ends)}.",
            remedy="Nothing is owed; pay nothing.",
        )
    run = months(loan.plan, loan.earnings_minor, on, ends, loan.first_due_on, guess)
    rates = [
        rate_on(loan.plan, one.on, one.earnings_minor, one.threshold_minor, guess, studying=one.on < loan.first_due_on)
        for one in run
    ]
    takes = [one.takes_minor for one in run]
    without = run_course(loan.balance_minor, takes, rates)
    with_it = run_course(loan.balance_minor - amount_minor, takes, rates)
    return Overpaid(loan, on, amount_minor, ends, run, without, with_it, guess)


def _money(minor: int) -> str:
    return format_minor(minor, CURRENCY)
