"""The years that a scheme counts in (its rulebook's yearly window, else the calendar year), and what was known when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.periods import FAR_PAST, date_of, day_of, year_window
from lifepot.rulebook.figures_in_words import plain_day, plain_name
from lifepot.rulebook.scalars import parse_month_day
from lifepot.rulebook.terms import Rulebook
from lifepot.scheme.standing import read_standing

CALENDAR_YEAR = ("calendar_year", "01-01")


@dataclass(frozen=True, slots=True)
class Period:
    """What a paper is about: its first and last day, what it is called ("" where it is everything), the place of the chain up
    to which it is known, and whether it ends before its year does.
    """

    first: int
    last: int
    name: str
    place: int
    so_far: bool = False

    @property
    def in_words(self) -> str:
        """As in "Tax year, 6 April 2026 to 5 April 2027"."""
        if not self.name:
            return f"Everything up to {plain_day(self.last)}"
        return f"{self.name}{' so far' if self.so_far else ''}, {plain_day(self.first)} to {plain_day(self.last)}"


def period_of(connection: psycopg.Connection[Any], year: int | None) -> Period:
    """The year of a scheme that begins in a calendar year, as known at its end; with no year everything there is. Misuse for a
    year that has not begun, or in which nothing was known.
    """
    standing = read_standing(connection)
    head = connection.execute("select coalesce(max(place), 0) from batch").fetchone()
    assert head is not None
    if year is None:
        return Period(FAR_PAST, standing.as_of, "", int(head[0]))
    first, last, name = year_of(standing.program.rulebook, year)
    if first > standing.as_of:
        raise Misuse(
            f"The year that begins on {plain_day(first)} has not begun: the books stand at {plain_day(standing.as_of)}.",
            remedy="Ask for an earlier --year, or settle up to a later day.",
        )
    # The last batch that said anything of members or of the rules before the books first stood on a later day.
    known = connection.execute(
        "select max(place) from batch where (closings > 0 or kind in ('open', 'adopt')) and as_of <= %(last)s and not exists "
        "(select from batch as later where later.closings > 0 and later.as_of > %(last)s and later.place < batch.place)",
        {"last": date_of(last)},
    ).fetchone()
    if known is None or known[0] is None:
        raise Misuse(
            f"Nothing was known by {plain_day(last)}.",
            remedy=f"The scheme was opened on {plain_day(standing.opened_on)}.",
        )
    return Period(first, min(last, standing.as_of), name, int(known[0]), so_far=standing.as_of < last)


def year_of(book: Rulebook, number: int) -> tuple[int, int, str]:
    """The first and the last day of the year that begins in a calendar year, and what such years are called. Misuse for a
    number that is no year.
    """
    if not 1900 <= number < 2200:
        raise Misuse(f"{number} is no year.", remedy="Give the calendar year in which it begins, such as 2026.")
    yearly = [
        (name, window.starts or CALENDAR_YEAR[1]) for name, window in book.windows.items() if window.every == "year"
    ]
    name, starts = (yearly or [CALENDAR_YEAR])[0]
    month, day = parse_month_day(starts)
    first, last = year_window(np.array([day_of(date(number, month, day))]), month, day)
    return int(first[0]), int(last[0]), plain_name(name).capitalize()


def years_of(connection: psycopg.Connection[Any]) -> list[tuple[int, str]]:
    """The years in which a scheme's books have anything, the last first: the calendar year each begins in, and its words."""
    standing = read_standing(connection)
    book = standing.program.rulebook
    found = []
    for number in range(date_of(standing.opened_on).year - 1, date_of(standing.as_of).year + 1):
        first, last, name = year_of(book, number)
        if last >= standing.opened_on and first <= standing.as_of:
            found.append((number, f"{name}, {plain_day(first)} to {plain_day(last)}"))
    return found[::-1]
