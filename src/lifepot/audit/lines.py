"""Columns of money as lines: what stands at each fact, and what a window's total does to them."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from lifepot.audit.calendar import DAY, Span, months_after
from lifepot.audit.figures import Exact, Gap, rounded
from lifepot.audit.life import Life
from lifepot.audit.told import Told
from lifepot.rulebook.terms import Earlier, Total

Group = tuple[Span | None, int | str | None] | tuple[Span | None, int | str | None, int] | None
"""A window and, for totals per job, the payer: facts of one group make differences to one another."""


Top = Callable[[int], Exact | None]
"""How high a total may rise at the fact in a position; None for as high as it will. Raises `Gap`."""


@dataclass(slots=True)
class Line:
    """A figure at a fact.

    `cause` is the position of the fact that makes the difference, `at` that of the fact whose day gives the figures:
    the same, but for money taken out of an earlier window. `figure` is the part that the fact brings or, once a
    total has begun, the total as it stands. `window` is that of the last total, `group` what the differences are
    within. `brings` says whether the fact itself brings anything to a total; `gap` is a figure that it needed and that was
    missing; `beyond` is what the fact would have brought above the top of the total.
    """

    cause: int
    at: int
    figure: Exact
    window: Span | None = None
    group: Group = None
    brings: bool = True
    gap: Gap | None = None
    beyond: Exact = 0


def parts_by_fact(lines: Iterable[Line]) -> dict[int, Exact]:
    """What each fact brings, all its lines together."""
    parts: dict[int, Exact] = {}
    for line in lines:
        parts[line.cause] = parts.get(line.cause, 0) + line.figure
    return parts


def differences(lines: Sequence[Line]) -> list[Line]:
    """What each line adds to the one before it in its group."""
    before: dict[Group, Exact] = {}
    found = []
    for line in lines:
        added = line.figure - before.get(line.group, 0)
        found.append(Line(line.cause, line.at, added, line.window, line.group))
        before[line.group] = line.figure
    return found


def totalled(
    life: Life,
    total: Total,
    lines: Sequence[Line],
    taken: dict[int, int],
    emptied: Container[int] = (),
    top: Top | None = None,
) -> list[Line]:
    """The running total at every fact of a window. `taken`: money taken out for no purpose, by the fact's position.

    A fact that would rise towards a `top` that no value gives adds nothing.
    What was put in last is taken out first: from the newest window that still holds something, then from the one
    before. In an earlier window that makes a line of its own, with the figures of that window's last fact.
    """
    parts = parts_by_fact(lines)
    held: dict[Group, Exact] = {}
    last_fact: dict[Group, int] = {}
    found: list[Line] = []
    times = 0
    for position, fact in enumerate(life.facts):
        if position in emptied:
            held.clear()
            times += 1
        span = life.span_of_fact(total.over, fact)
        payer = (fact.payer or "") if total.per == "job" else None
        group: Group = (span, payer) if not times else (span, payer, times)
        beyond: Exact = 0
        gap: Gap | None = None
        if span is not None:
            before, part = held.get(group, 0), parts.get(position, 0)
            try:
                limit = top(position) if top is not None and part > 0 else None
            except Gap as missing:
                gap, part, limit = missing, 0, None
            sum_ = before + part if limit is None else min(before + part, max(before, limit))
            beyond = before + part - sum_
            held[group] = max(0, sum_) if total.not_below is not None else sum_
            last_fact[group] = position
        left: Exact = taken.get(position, 0)
        for other in sorted(held, key=_newest, reverse=True) if left else ():
            out = min(left, max(0, held[other]))
            held[other] -= out
            left -= out
            if out and other != group:
                found.append(Line(position, last_fact[other], held[other], other[0] if other else None, other))
        if span is not None:
            brings = parts.get(position, 0) != 0 or position in taken
            found.append(Line(position, position, held[group], span, group, brings, gap, beyond))
    return found


def latest(life: Life, window: str, lines: Sequence[Line]) -> list[Line]:
    """The last figure said in the window, at every fact of it."""
    parts = parts_by_fact(lines)
    said: dict[Span, Exact] = {}
    found = []
    for position, fact in enumerate(life.facts):
        span = life.span(window, fact.on)
        if span is not None:
            if position in parts:
                said[span] = parts[position]
            found.append(Line(position, position, said.get(span, 0), span, (span, None), position in parts))
    return found


def highest(life: Life, window: str, lines: Sequence[Line]) -> list[Line]:
    """The highest each figure has been within the window, beginning with nothing."""
    peak: dict[Group, Exact] = {}
    found = []
    for line in lines:
        span = life.span(window, life.facts[line.at].on)
        if span is not None:
            group = (span, None)
            peak[group] = max(peak.get(group, 0), line.figure)
            found.append(replace(line, figure=peak[group], group=group))
    return found


def rise_over(life: Life, window: str, lines: Sequence[Line]) -> list[Line]:
    """How far each figure rose since the window began: less what it was at the last fact before."""
    before: Exact = 0
    at_start: dict[Span, Exact] = {}
    found = []
    for line in lines:
        span = life.span(window, life.facts[line.at].on)
        if span is not None:
            start = at_start.setdefault(span, before)
            found.append(replace(line, figure=line.figure - start, group=(span, None)))
        before = line.figure
    return found


def earlier(life: Life, term: Earlier, over: str, lines: Sequence[Line]) -> dict[int, Exact]:
    """What the total over a window had come to at the end of an earlier window, by the fact's position."""
    ends = {line.at: _end_of_earlier(life, term, life.facts[line.at]) for line in lines}
    return {at: _at_end_of(life, end, over, lines) if end else 0 for at, end in ends.items()}


def _at_end_of(life: Life, day: date, over: str, lines: Sequence[Line]) -> Exact:
    """What the total of the window that a day falls in had come to by the day's end; nothing before its first fact."""
    span = life.span(over, day)
    return next((one.figure for one in reversed(lines) if one.window == span and life.facts[one.cause].on <= day), 0)


def _end_of_earlier(life: Life, term: Earlier, fact: Told) -> date | None:
    """Last day of the window so many before the fact's; None where there is none that counts."""
    span = life.span(term.window, fact.on)
    for _ in range(int(term.by)):
        if span is None or span[0] is None:
            return None
        span = life.span(term.window, span[0] - DAY)
    if span is None or span[1] is None:
        return None
    if term.since == "joining":
        first = life.span(term.window, life.opened_on) if life.opened_on else None
        if first is None or first[0] is None or span[1] < first[0]:
            return None
    return span[1]


def averages(life: Life, over: str, months: int, lines: Sequence[Line]) -> dict[int, Exact]:
    """The average of the running total over the months before each fact's day, to the penny, by the fact's position."""
    found: dict[int, Exact] = {}
    by_day: dict[date, Exact] = {}
    for line in lines:
        past = life.facts[line.at].on
        day = first = months_after(past, -months)
        sum_: Exact = 0
        while day < past:
            if day not in by_day:
                by_day[day] = _at_end_of(life, day, over, lines)
            sum_ += by_day[day]
            day += DAY
        found[line.at] = rounded(Fraction(sum_) / max(1, (past - first).days), "half_up", 1)
    return found


def _newest(group: Group) -> date:
    """Order of windows, by the day they begin."""
    return (group[0][0] if group and group[0] else None) or date.min
