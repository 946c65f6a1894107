"""When a claim is due, late, too old, and paid. Days count from 1970-01-01."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lifepot.claiming.message import Message
from lifepot.periods import add_months_to, month_index, month_start, month_window, parse_day, year_window
from lifepot.rulebook.claim_terms import Claim
from lifepot.rulebook.scalars import parse_month_day, parse_number, parse_span
from lifepot.rulebook.terms import Rulebook


class Timing(NamedTuple):
    """The deadline of a claim's period, the last day on which it is paid, and whether it was made after the deadline."""

    due_on: int | None
    pay_by: int | None
    late: bool


def timing_of(book: Rulebook, claim: Claim, message: Message) -> Timing:
    """When a claim was due and when it is paid. With no deadline, days of payment count from the day it is made."""
    due_on = _due_on(book, claim, message.period_end, message.opened_on)
    late = due_on is not None and message.made_on > due_on
    counts_from = message.made_on if due_on is None else due_on
    if late:
        made_in = span_of(book, claim.period, message.made_on, message.opened_on)
        later = None if made_in is None else _due_on(book, claim, made_in[1], message.opened_on)
        if later is None:
            return Timing(due_on, None, late)
        counts_from = later
    pays = claim.paid_within_days
    return Timing(due_on, None if pays is None else counts_from + parse_number(pays), late)


def _due_on(book: Rulebook, claim: Claim, period_end: int, opened_on: int | None) -> int | None:
    """The deadline for a period. Where a rule fell due later in the scheme's first years, so did its claims."""
    if claim.claim_within_days is None:
        return None
    closes_on = period_end
    for name in claim.rules:
        due = book.rules[name].due
        if due is not None and due.earlier is not None and period_end <= parse_day(due.earlier.until):
            span = span_of(book, due.earlier.at_end_of, period_end, opened_on)
            closes_on = closes_on if span is None else max(closes_on, span[1])
    return closes_on + parse_number(claim.claim_within_days)


def oldest_end(claim: Claim, made_on: int) -> int | None:
    """The earliest last day of a period that can be claimed for on a day; None where there is no limit."""
    if claim.correct_within is None:
        return None
    months, days = parse_span(claim.correct_within)
    return add_months_to(made_on, -months) - days


def span_of(book: Rulebook, name: str, day: int, opened_on: int | None) -> tuple[int, int] | None:
    """First and last day of the window that a day falls in. None where it falls in none, or that is not known."""
    window = book.windows.get(name)
    assert window is not None or name == "month", f"{name} has no ends"
    if window is None or window.every == "month":
        return _calendar_span(None, (window and window.starts) or "1", day)
    if window.every == "year":
        return _calendar_span("year", window.starts or "", day)
    return _term_of(int(window.months or "0"), window.times, day, opened_on)


@lru_cache(maxsize=16_384)
def _calendar_span(every: str | None, starts: str, day: int) -> tuple[int, int]:
    """A month's or a year's window; many claims share few days."""
    days = np.array([day], dtype=np.int64)
    first, last = year_window(days, *parse_month_day(starts)) if every else month_window(days, int(starts))
    return int(first[0]), int(last[0])


def counts_from_joining(book: Rulebook, name: str) -> bool:
    """Whether a window is counted from the month in which the account was opened."""
    return name in book.windows and book.windows[name].every is None


def _term_of(months: int, times: str | None, day: int, opened_on: int | None) -> tuple[int, int] | None:
    if opened_on is None:
        return None
    opened, now = (int(month_index(np.array([one], dtype=np.int64))[0]) for one in (opened_on, day))
    term = (now - opened) // months
    if term < 0 or (times is not None and term >= int(times)):
        return None
    ends = month_start(np.array([opened + term * months, opened + (term + 1) * months], dtype=np.int64))
    return int(ends[0]), int(ends[1]) - 1
