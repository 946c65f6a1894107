"""Checks of days beside days: windows of leaving that overlap, and refunds of what was never given."""

from lifepot.periods import add_months_to, parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.terms import LeavingWindow, Refund, Within


def check_dates(findings: Findings) -> None:
    """Every way of leaving."""
    for i, leaving in enumerate(findings.book.membership.leaving):
        path: Path = ("membership", "leaving", i, "windows")
        for j, window in enumerate(leaving.windows):
            for before in leaving.windows[:j]:
                _apart(findings, (*path, j), before, window)
            for k, refund in enumerate(window.refunds):
                _refund(findings, (*path, j, "refunds", k), window.within, refund)


def _day(text: str | None) -> int | None:
    """A day; None where none is said, or none can be read, which is its own fault."""
    try:
        return None if text is None else parse_day(text)
    except ValueError:
        return None


def _apart(findings: Findings, path: Path, before: LeavingWindow, window: LeavingWindow) -> None:
    """A notice brings the refunds of every window in which it lies: no party's money may be given back by two of them."""
    both = sorted({one.party for one in before.refunds} & {one.party for one in window.refunds})
    if both and (before.within is None or window.within is None or _overlap(before.within, window.within)):
        found = f"a window over another ({_in_words(before.within)}), which gives the {both[0]}'s money back as well"
        expected = "windows that have no day in common, or one of the two refunds"
        findings.add((*path, "within", "months") if window.within else path, "overlap", found, expected)


def _in_words(within: Within | None) -> str:
    if within is None:
        return "at any time"
    since = " or ".join(one.removeprefix("attribute.") for one in within.from_)
    return f"{within.after_months} to {within.months} months from {since}"


def _overlap(one: Within, other: Within) -> bool:
    """Whether two stretches certainly have a day in common: counted from the same, or from days that are known."""
    ends = [_ends(within, _fixed(within)) for within in (one, other)]
    if ends[0] is None or ends[1] is None or (_fixed(one) is None) != (_fixed(other) is None):
        return False
    if _fixed(one) is None and set(one.from_) != set(other.from_):
        return False
    (first, last), (begin, end) = ends[0], ends[1]
    return first <= end and begin <= last


def _fixed(within: Within) -> int | None:
    """The day from which a stretch is counted, if it is given."""
    days = [_day(origin) for origin in within.from_]
    return max(day for day in days if day is not None) if days and None not in days else None


def _ends(within: Within, begin: int | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """First and last day: as (0, day) if counted from a given day, else as (months, days) after it."""
    try:
        after, months = scalars.parse_months(within.after_months), scalars.parse_months(within.months)
    except ValueError:
        return None
    counted = 1 if within.beginning_with else 0
    first = (after, 1 - counted) if after else (0, 0)
    last = (months, -counted)
    if begin is None:
        return first, last
    return (0, add_months_to(begin, first[0]) + first[1]), (0, add_months_to(begin, last[0]) + last[1])


def _refund(findings: Findings, path: Path, within: Within | None, refund: Refund) -> None:
    since, above = _day(refund.since), _day(refund.above_rate_on)
    if since is not None and above is not None and above >= since:
        found = f"the values of {refund.above_rate_on}, for what was given from {refund.since} on"
        findings.add((*path, "above_rate_on"), "order", found, f"a day before {refund.since}")
    begin = None if within is None else _fixed(within)
    ends = None if within is None or begin is None else _ends(within, begin)
    if since is not None and ends is not None and since > ends[1][1]:
        found = f"{refund.since}, when the window is over"
        findings.add((*path, "since"), "order", found, "a day on which something was given before the notice")
