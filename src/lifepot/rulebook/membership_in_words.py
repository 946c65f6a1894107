"""Joining, leaving and pausing in a person's words."""

from lifepot.periods import parse_day
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.figures_in_words import listed, plain_day, plain_month_day
from lifepot.rulebook.terms import Leaving, LeavingWindow, Pause, Window, Within

PARTY_IN_WORDS = {"worker": "the worker", "employer": "the employer", "government": "government"}


def joining_in_words(wording: Wording) -> list[str]:
    """How an account opens and who may have one, a sentence each."""
    membership = wording.book.membership
    said = []
    if membership.automatic is not None:
        said.append(f"Opens by itself at the first pay that meets this: {wording.clause(membership.automatic).line}.")
    if membership.opt_in is not None:
        said.append("Opens when the person asks for it.")
    if membership.first_payment_opens:
        said.append("Opens with the person's first payment.")
    if membership.everybody:
        said.append("Open to everybody, from the first thing that is told of them.")
    if membership.may_join is not None:
        said.append(f"Only for those who on the day of joining meet this: {wording.clause(membership.may_join).line}.")
    if membership.per == "job":
        said.append("Each job is a membership of its own.")
    return said


def leaving_in_words(wording: Wording, leaving: Leaving) -> list[str]:
    """When leaving brings money back and to whom, a sentence each."""
    said = [window_in_words(wording, window) for window in leaving.windows]
    if leaving.stops == "in_time":
        said.append("A notice at any other time is ignored.")
    elif leaving.windows and all(window.within is not None for window in leaving.windows):
        said.append("At any other time contributions stop, and what is in stays in.")
    elif not leaving.windows:
        said.append("Contributions stop, and what is in stays in.")
    return said


def window_in_words(wording: Wording, window: LeavingWindow) -> str:
    """One stretch of days in which leaving brings money back, as a sentence."""
    when = "At any time" if window.within is None else within_in_words(wording, window.within)
    whole = [PARTY_IN_WORDS[one.party] for one in window.refunds if one.since is None and one.above_rate_on is None]
    said = []
    if whole:
        one = len(whole) == 1
        said.append(f"{listed(whole)} {'gets' if one else 'get'} back what {'was' if one else 'each'} paid in")
        said[-1] = f"{listed(whole)} {'gets' if one else 'each get'} back what they paid in"
    for refund in window.refunds:
        if refund.since is None and refund.above_rate_on is None:
            continue
        part = f"{PARTY_IN_WORDS[refund.party]} gets back"
        part += " what they paid in" if refund.above_rate_on is None else ""
        if refund.above_rate_on is not None:
            part += f" what they paid beyond the figures of {plain_day(parse_day(refund.above_rate_on))}"
        if refund.since is not None:
            part += f" from {plain_day(parse_day(refund.since))} on"
        said.append(part)
    return f"{when}: {'; '.join(said) or 'nobody gets anything back'}."


def within_in_words(wording: Wording, within: Within) -> str:
    """A stretch of days: "Within 1 month of joining, the first day counted"."""
    events = [_event(wording, one) for one in within.from_]
    event = events[0] if len(events) == 1 else f"the latest of {listed(events)}"
    counted = ", the first day counted" if within.beginning_with else ""
    if within.after_months == "0":
        return f"Within {_months(within.months)} of {event}{counted}"
    return f"More than {_months(within.after_months)} and at most {_months(within.months)} after {event}{counted}"


def _event(wording: Wording, name: str) -> str:
    if name == "joining":
        return "joining"
    if name.startswith("attribute."):
        return f"the {wording.named(name.removeprefix('attribute.'))}"
    return plain_day(parse_day(name))


def pause_in_words(pause: Pause) -> list[str]:
    """When contributions may rest and for how long, a sentence each."""
    said = []
    if pause.not_before_months != "0":
        said.append(f"Not before {_months(pause.not_before_months)} after joining, or after an earlier pause ended.")
    if pause.at_least_months != "0":
        said.append(f"For {_months(pause.at_least_months)} at least.")
    if pause.at_most_months is not None:
        said.append(f"For {_months(pause.at_most_months)} at most.")
    return said


def _months(text: str) -> str:
    return f"{text} month{'' if text == '1' else 's'}"


def span_in_words(window: Window) -> str:
    """What a window is cut by: "every year from 6 April", "24 months from the month of joining"."""
    if window.every == "year":
        return f"every year from {plain_month_day(window.starts or '01-01')}"
    if window.every == "month":
        return f"every month from day {window.starts or '1'}"
    return f"terms of {window.months} months from the month of joining" + (
        f", {window.times} of them" if window.times else ""
    )
