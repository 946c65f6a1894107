"""For which periods a funder is claimed from, when a claim is due, and how far back it reaches: what the rulebook says, or six
years of calendar months.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import PARTIES
from lifepot.periods import add_months, add_months_to, month_window, year_window
from lifepot.rulebook.claim_terms import Claim
from lifepot.rulebook.figures_in_words import plain_span
from lifepot.rulebook.scalars import parse_month_day, parse_number, parse_span
from lifepot.rulebook.terms import Rulebook

Int = NDArray[np.int64]

SIX_YEARS = "6y"
"""How far back a claim reaches where the rulebook does not say: so far HMRC lets a claim be made and put right."""


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """How one funder is claimed from. `name` is the rulebook's claim, "" where it says nothing of this funder's."""

    name: str
    every: str
    starts: str
    correct_within: str
    within_days: int | None
    refuses_late: bool

    def spans(self, days: Int) -> tuple[Int, Int]:
        """First and last day of the period each day falls in."""
        if self.every == "year":
            return year_window(days, *parse_month_day(self.starts))
        return month_window(days, int(self.starts))

    def ends_on(self, day: int) -> int:
        """The last day of the period that a day falls in."""
        return int(self.spans(np.array([day], np.int64))[1][0])

    def last_end_before(self, day: int) -> int:
        """The last day of the last period that is over before a day."""
        return int(self.spans(np.array([day], np.int64))[0][0]) - 1

    def due_on(self, until: int) -> int | None:
        """The last day on which a period is claimed for in time; None where there is none."""
        return None if self.within_days is None else until + self.within_days

    def oldest_end(self, made_on: int) -> int:
        """The earliest last day of a period that can be claimed for on a day."""
        months, days = parse_span(self.correct_within)
        return add_months_to(made_on, -months) - days

    def until_when(self, ends: Int) -> Int:
        """The last day on which each of these ends of periods could still be claimed for."""
        months, days = parse_span(self.correct_within)
        return add_months(ends + days, months)

    def in_words(self) -> str:
        """Where the periods come from, and how far back they reach."""
        if self.name:
            return (
                f"as claim {self.name} of the rulebook says; corrections reach {plain_span(self.correct_within)} back"
            )
        return f"calendar months, for the rulebook says nothing of such claims; corrections reach {plain_span(self.correct_within)} back"


def terms_for(book: Rulebook, payer: int) -> ClaimTerms:
    """The terms for a payer (0: government): the rulebook's first claim that asks for what such a funder owes."""
    for name, claim in book.claims.items():
        if {PARTIES.index(book.rules[rule].party) == 2 for rule in claim.rules} == {payer == 0}:
            return _as_said(book, name, claim)
    return ClaimTerms("", "month", "1", SIX_YEARS, None, refuses_late=False)


def _as_said(book: Rulebook, name: str, claim: Claim) -> ClaimTerms:
    window = book.windows.get(claim.period)
    # A period that is counted from when each account was opened ends on other days for each: months are the calendar's then.
    every, starts = (window.every, window.starts) if window is not None and window.every else ("month", None)
    return ClaimTerms(
        name,
        every,
        starts or ("01-01" if every == "year" else "1"),
        claim.correct_within or SIX_YEARS,
        None if claim.claim_within_days is None else parse_number(claim.claim_within_days),
        refuses_late=claim.late == "refused",
    )
