"""Files that have not arrived: of payers whose files came regularly, and whose next is overdue.

A rhythm is read off the periods (or pay days) that a payer's files spoke of, by how long they are: three in a row, equally
many days apart, or a month. Who has no rhythm, or is bust, or was silent for longer than a year, is not waited for.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.periods import add_months_to, date_of, day_of, format_day
from lifepot.scheme.told import PERIODS

LOOKED_BACK_DAYS = 2 * 366
"""Days back from which on a payer's rhythm is read."""

GRACE_DAYS = 7
"""A file is waited for so long after its period, or as long as the payer's last ones took if that is longer."""

MONTH_DAYS = range(26, 37)
"""Days from one pay to the next that can be a month: pay days move with weekends and with "the last Friday"."""

GIVEN_UP_DAYS = 366


@dataclass(frozen=True, slots=True)
class Overdue:
    """A file that has not arrived: for the period that ended on `period_end`, waited for since `since`; `last_end` is the end of
    the last period that was told. Days since 1970-01-01.
    """

    payer: str
    period_end: int
    since: int
    last_end: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "payer": self.payer, "period_end": format_day(self.period_end), "since": format_day(self.since),
            "last_end": format_day(self.last_end),
        }  # fmt: skip


def overdue(connection: psycopg.Connection[Any], as_of: int) -> list[Overdue]:
    """Files that should have come by a day and have not, the longest overdue first: one for each payer and rhythm."""
    rows = connection.execute(
        "select payer.ref, spoken.length, spoken.last_end, batch.as_of from payer cross join lateral ("
        # Of the days or weeks that one file told, the last is where its period ends.
        "select batch, period_end - period_start + 1 as length, max(period_end) as last_end from told "
        "where told.payer = payer.id and told.kind = %s and period_start > %s group by 1, 2"
        ") as spoken join batch on batch.number = spoken.batch "
        "where not exists (select from payer_bust where payer_bust.payer = payer.id) order by batch.number desc",
        [PERIODS, date_of(as_of - LOOKED_BACK_DAYS)],
    ).fetchall()
    told: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
    for payer, length, end, looked_on in rows:
        # A period that was told again, or put right, came when it was told first: that row stands last.
        told[(payer, 30 if length in MONTH_DAYS and length != 28 else length)][day_of(end)] = day_of(
            looked_on
        ) - day_of(end)
    # February is a month of 28 days, and four weeks are no month: the shorter joins those it follows.
    for payer, length in [key for key in told if key[1] == 28]:
        if (payer, 30) in told:
            told[(payer, 30)] |= told.pop((payer, length))
    found = []
    for (payer, _), took in told.items():
        ends = sorted(took)
        expected = next_end(ends)
        if expected is None:
            continue
        since = expected + max(GRACE_DAYS, *(took[end] for end in ends[-3:])) + 1
        if since <= as_of <= since + GIVEN_UP_DAYS:
            found.append(Overdue(payer, expected, since, ends[-1]))
    return sorted(found, key=lambda one: (one.since, one.payer))


def next_end(ends: list[int]) -> int | None:
    """The end of the next period, after those with these ends (days, rising); None where they have no rhythm."""
    if len(ends) < 3:
        return None
    first, second = ends[-2] - ends[-3], ends[-1] - ends[-2]
    if first == second and first not in {29, 30, 31}:
        return ends[-1] + second
    if first in MONTH_DAYS and second in MONTH_DAYS:
        after = add_months_to(ends[-1], 1)
        # The last day of a month is followed by the last day of the next.
        is_last = date_of(ends[-1] + 1).day == 1
        return add_months_to(ends[-1] + 1, 1) - 1 if is_last else after
    return None
