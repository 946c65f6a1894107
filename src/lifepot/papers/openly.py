"""Open figures of a scheme: what anybody may know of it, made so that nobody in it is known from them.

Counts below a threshold are not struck out one by one, for what is struck out can be worked out from what stands. Instead:

* Everybody belongs to one group of at least 25 people, for ever. Every figure of every table is a sum over whole groups, so no adding
  and taking away of figures, of one table or several, gives anything but sums over whole groups. Who comes waits until there is a
  group of newcomers, and is in no figure before: two days' figures never differ by one newcomer.
* Figures are those of a month's end, as it was known then, of months that are over. What is put right later comes in the month in
  which it is put right. So a month's figures are always the same, and looking twice shows nothing new.
* A group's money moves only when no difference can be about few: the sum since nothing, since each month that was shown before,
  and this step beside each earlier step, each concern nobody or ten people and more, none of whom is more than half of it. Until
  then the group's last figures stand.
* What each party paid, and what stands in pots, is shown of all groups together, by the same test; and by the test that no party's
  sum differs from its usual proportion to another's by the doing of few, nor what was paid in from what stands in pots: who
  pays in or takes out beside everybody else would be that difference. Lines of fewer people hardly ever pass it: they tell what was
  paid in by all parties together. Where the test fails the last shown stands, with its month.
* Ages, kinds of payers and earnings are those with which people came, for a person who moves from one line to another would be the
  difference of both. A group whose people differ in one is "not told apart" there.
* Amounts are rounded to whole hundreds (of pounds).

What is not claimed: whoever knows all but one of a group's people knows the last, as with every sum; figures of three and more
months, weighed against each other, are kept from telling of few only by the rounding; and people are counted by account, so that one
who was found later to have had two is two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import PARTIES
from lifepot.ledger.chart import OWNER_BITS, Account
from lifepot.papers.groups import (
    GROUP_OF,
    SEVERAL,
    Group,
    Int,
    beside_the_usual,
    grouped,
    release,
    released_together,
)
from lifepot.periods import date_of
from lifepot.rulebook.figures_in_words import plain_money
from lifepot.scheme.standing import read_standing

ROUNDED_MINOR = 100_00

KINDS = ("Paid in by an employer", "Paid in by a platform", "Paid in by themselves")
DECADES = range(1930, 2030, 10)
EARNINGS = (0, 1_000_00, 2_000_00, 3_000_00)
"""Where bands of what was earned in the month of coming begin, minor units; below the first pound: nothing."""

NOT_TOLD_APART = "Not told apart"
TRAITS = ("by_payer_kind", "by_birth", "by_earnings")


@dataclass(slots=True)
class Crowd:
    """Everybody with money in the scheme, a row each, and what became of it month by month (running totals, minor units).

    entered (n) month of the first money; traits (n, 3) as `TRAITS`; paid (n, months, 3) by party; pots (n, months)
    """

    entered: Int
    traits: Int
    paid: Int
    pots: Int


@dataclass(frozen=True, slots=True)
class Row:
    """Some groups together. `paid`: paid in by all parties up to then, exact minor units, to be rounded before it is shown.
    `parts`: each group, and the month of its figures.
    """

    label: int
    members: int
    paid: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Month:
    """What is shown of a month. `parties` and `pots` come with the month that they are of; None before any could be shown."""

    month: int
    total: Row
    tables: dict[str, list[Row]]
    parties: tuple[int, tuple[int, int, int]] | None
    pots: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """Open figures, month by month. `first`: the year and month of month 0, as year times 12 + month - 1."""

    scheme: str
    currency: str
    first: int
    months: list[Month]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it: rounded."""
        return {
            "scheme": self.scheme, "currency": self.currency, "rounded_to_minor": ROUNDED_MINOR, "group_of": GROUP_OF,
            "months": [self._month(one) for one in self.months],
        }  # fmt: skip

    def _name(self, month: int) -> str:
        year, at = divmod(self.first + month, 12)
        return f"{year}-{at + 1:02d}"

    def _month(self, one: Month) -> dict[str, Any]:
        parties = one.parties and {
            "month": self._name(one.parties[0]),
            **{f"{name}_minor": rounded(minor) for name, minor in zip(PARTIES, one.parties[1], strict=True)},
        }
        pots = one.pots and {"month": self._name(one.pots[0]), "minor": rounded(one.pots[1])}
        return {
            "month": self._name(one.month), "members": one.total.members, "paid_minor": rounded(one.total.paid),
            "paid_by_party": parties, "in_pots": pots,
            **{name: [self._row(name, row) for row in rows] for name, rows in one.tables.items()},
        }  # fmt: skip

    def _row(self, table: str, row: Row) -> dict[str, Any]:
        label = NOT_TOLD_APART if row.label == SEVERAL else labels(table, self.currency)[row.label]
        return {"for": label, "members": row.members, "paid_minor": rounded(row.paid)}


def rounded(minor: int, to: int = ROUNDED_MINOR) -> int:
    """The nearest multiple; halves away from 0."""
    return (abs(minor) + to // 2) // to * to * (1 if minor >= 0 else -1)


def labels(table: str, currency: str) -> Sequence[str]:
    """The lines that a table can have."""
    if table == "by_payer_kind":
        return KINDS
    if table == "by_birth":
        return [*(f"Born in the {decade}s" for decade in DECADES), "Birth not known"]
    said = [plain_money(one, currency) for one in EARNINGS[1:]]
    between = [f"{begin} to under {end} a month" for begin, end in pairwise(said)]
    return ["Earned nothing", f"Under {said[0]} a month", *between, f"{said[-1]} a month and more"]


def open_figures(connection: psycopg.Connection[Any]) -> OpenFigures:
    """Everything that may be shown, up to the last month that is over. Goes through all facts and transfers: once a month is enough,
    for until the next month is over it answers the same.
    """
    standing = read_standing(connection)
    begin = connection.execute("select min(as_of) from batch where transfers > 0").fetchone()
    assert begin is not None
    until = date_of(standing.as_of)
    past = until.year * 12 + until.month - 1
    first = past if begin[0] is None else begin[0].year * 12 + begin[0].month - 1
    crowd = read_crowd(connection, first, max(past - first, 0))
    return OpenFigures(standing.title, standing.currency, first, shown(crowd))


def shown(crowd: Crowd, group_of: int = GROUP_OF) -> list[Month]:
    """What may be shown of each month."""
    months = crowd.paid.shape[1]
    groups = grouped(crowd.entered, crowd.traits, months, group_of)
    for group in groups:
        release(group, crowd.paid[group.people].sum(axis=2))
    parties: list[tuple[int, Int]] = []
    pots: list[tuple[int, Int]] = []
    found: list[Month] = []
    for month in range(months):
        states = [(at, one.shown_in(month)) for at, one in enumerate(groups)]
        parts = [(at, state) for at, state in states if state is not None]
        paid, stands = _everybody(crowd, groups, parts)
        moved = parts and (not found or found[-1].total.parts != tuple(parts))
        if moved and released_together([one for _, one in parties], paid, _by_parties):
            parties.append((month, paid))
        both = np.column_stack([paid.sum(axis=1), stands])
        if moved and released_together([one for _, one in pots], both, _pots_beside_paid):
            pots.append((month, both))
        tables = {
            name: [
                _row(crowd, groups, label, [part for part in parts if groups[part[0]].traits[trait] == label])
                for label in sorted(
                    {groups[at].traits[trait] for at, _ in parts}, key=lambda one: (one == SEVERAL, one)
                )
            ]
            for trait, name in enumerate(TRAITS)
        }
        last_parties = None
        if parties:
            of, sums = parties[-1][0], parties[-1][1].sum(axis=0).tolist()
            last_parties = (of, (sums[0], sums[1], sums[2]))
        last_pots = (pots[-1][0], int(pots[-1][1][:, 1].sum())) if pots else None
        found.append(Month(month, _row(crowd, groups, SEVERAL, parts), tables, last_parties, last_pots))
    return found


def _everybody(crowd: Crowd, groups: list[Group], parts: list[tuple[int, int]]) -> tuple[Int, Int]:
    """What everybody's figures come to as they are shown: paid (n, 3) and pots (n); 0 of whom no group shows."""
    paid, pots = np.zeros((len(crowd.entered), 3), np.int64), np.zeros(len(crowd.entered), np.int64)
    for at, state in parts:
        people = groups[at].people
        paid[people], pots[people] = crowd.paid[people, state], crowd.pots[people, state]
    return paid, pots


def _by_parties(paid: Int) -> Int:
    """What each party paid for each, and what that is beside its usual proportion to another's."""
    beside = [beside_the_usual(paid[:, one], paid[:, other]) for one, other in ((0, 1), (0, 2), (1, 2))]
    return np.column_stack([paid, *beside])


def _pots_beside_paid(both: Int) -> Int:
    """What stands in each pot, and what was paid in and does not stand there."""
    return np.column_stack([both[:, 1], both[:, 0] - both[:, 1]])


def _row(crowd: Crowd, groups: list[Group], label: int, parts: list[tuple[int, int]]) -> Row:
    paid = sum(int(crowd.paid[groups[at].people, state].sum()) for at, state in parts)
    return Row(label, sum(len(groups[at].people) for at, _ in parts), paid, tuple(parts))


_MONEY = """
    select member, (extract(year from as_of) * 12 + extract(month from as_of))::integer - 1 - %(first)s as month,
        coalesce(sum(amount) filter (where party = 1 and across <> all(%(out)s)), 0)::bigint,
        coalesce(sum(amount) filter (where party = 2 and across <> all(%(out)s)), 0)::bigint,
        coalesce(sum(amount) filter (where party = 3 and across <> all(%(out)s)), 0)::bigint, sum(amount)::bigint
    from (
        select (account & ((1::bigint << %(bits)s) - 1))::integer as member, (account >> %(bits)s) %% 8 as party,
            other >> %(bits)s as across, side.amount, (id >> 32)::integer as number
        from transfer cross join lateral (values (credit, debit, amount), (debit, credit, -amount)) as side (account, other, amount)
        where account >> %(bits)s < 64 and (account >> %(bits)s) %% 8 between 1 and 3
    ) as moved join batch using (number)
    where as_of < %(past)s
    group by 1, 2 order by 2
"""

_CAME = """
    select member, (extract(year from as_of) * 12 + extract(month from as_of))::integer - 1 - %(first)s as month,
        bool_or(payer.kind = 'employer'), bool_or(payer.kind = 'platform'),
        coalesce(sum(earnings) filter (where fact.kind = 1 and earnings > 0), 0)::bigint,
        (array_agg(value order by fact.id) filter (where fact.kind = 8))[1]
    from fact join batch on batch.number = (fact.id >> 32)::integer left join payer on payer.id = fact.payer
    where replaces = 0 and fact.kind in (1, 2, 8) and as_of < %(past)s
    group by 1, 2 order by 2
"""
"""What was first told of people: later corrections do not move anybody to another group."""


def read_crowd(connection: psycopg.Connection[Any], first: int, months: int) -> Crowd:
    """Everybody with money, and what came and went in so many months from the month `first` (year times 12 + month - 1) on: by the day
    on which the books stood when it was booked.
    """
    year, month = divmod(first + months, 12)
    asked = {
        "bits": OWNER_BITS, "first": first, "out": [Account.PAID_OUT.value, Account.LEAVING.value],
        "past": f"{year}-{month + 1:02d}-01",
    }  # fmt: skip
    with connection.cursor() as cursor:
        moved = cursor.execute(_MONEY, asked).fetchall()
        came = cursor.execute(_CAME, asked).fetchall()
    members = sorted({row[0] for row in moved})
    at = {member: place for place, member in enumerate(members)}
    crowd = Crowd(
        np.full(len(members), -1), np.zeros((len(members), len(TRAITS)), np.int64),
        np.zeros((len(members), months, 3), np.int64), np.zeros((len(members), months), np.int64),
    )  # fmt: skip
    for member, when, worker, employer, government, pot in moved:
        who = at[member]
        if crowd.entered[who] < 0:
            crowd.entered[who] = when
        crowd.paid[who, when], crowd.pots[who, when] = (worker, employer, government), pot
    np.cumsum(crowd.paid, axis=1, out=crowd.paid)
    np.cumsum(crowd.pots, axis=1, out=crowd.pots)
    crowd.traits[:] = (len(KINDS) - 1, len(DECADES), 0)
    for member, when, employed, on_platform, earned, born in came:
        who = at.get(member, -1)
        if who < 0 or when > crowd.entered[who]:
            continue
        if born is not None:
            crowd.traits[who, 1] = _decade(date_of(born).year)
        if when == crowd.entered[who]:
            crowd.traits[who, 0] = 0 if employed else 1 if on_platform else 2
            crowd.traits[who, 2] = 0 if earned <= 0 else 1 + sum(earned >= begin for begin in EARNINGS[1:])
    return crowd


def _decade(year: int) -> int:
    return min(max((year - DECADES.start) // 10, 0), len(DECADES) - 1)
