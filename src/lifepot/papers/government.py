"""Government's paper: what it paid and what it owes, by rule, and for whom, by age and by earnings. No line is of fewer than
five people: smaller ones are joined with their neighbours, so that no line, and no difference of lines, is about fewer.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.ledger.chart import OWNER_BITS, Account, kind_of, number, owner_of
from lifepot.money import format_minor
from lifepot.papers.paper import Big, Blocks, Cell, Paper, Section, Table
from lifepot.papers.years import Period, period_of
from lifepot.periods import FAR_PAST, add_months_to, date_of, format_day
from lifepot.rulebook.figures_in_words import listed, plain_day, plain_money, plain_name
from lifepot.scheme.lives import read_lives, read_rows
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import blank_facts

FEWEST = 5
"""People that a line is of, at least."""

AT_ONCE = 5_000
"""Members whose facts are read at a time."""

AGES = ((0, "Under 22"), (22, "22 to 29"), (30, "30 to 39"), (40, "40 to 49"), (50, "50 to 59"), (60, "60 and over"))
EARNINGS = (0, 10_000_00, 20_000_00, 30_000_00, 50_000_00)
"""Where bands of earnings in twelve months begin, minor units; below the first pound: none."""

NOT_KNOWN = "Age not known"
GOVERNMENT = PARTIES.index("government")


@dataclass(frozen=True, slots=True)
class Line:
    """What government paid (it is in pots) and owes for some people, minor units."""

    words: str
    people: int
    paid: int
    owed: int

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {"for": self.words, "people": self.people, "paid_minor": self.paid, "owed_minor": self.owed}


@dataclass(slots=True)
class Band:
    """People and their money, before small bands are joined: by member, what was paid and what is owed."""

    words: str
    money: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class GovernmentFigures:
    """The figures of government's paper. Lists of lines are empty where there are too few people for a line. `due_back`: what it
    paid, up to the period's last day, beyond what it owed once all was put right (minor units).
    """

    scheme: str
    currency: str
    period: Period
    total: Line
    due_back: int
    by_rule: list[Line]
    by_age: list[Line]
    by_earnings: list[Line]

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON carries them."""
        period = self.period
        lists = {"by_rule": self.by_rule, "by_age": self.by_age, "by_earnings": self.by_earnings}
        return {
            "scheme": self.scheme, "currency": self.currency, "known_place": period.place,
            "first": None if period.first <= FAR_PAST else format_day(period.first), "last": format_day(period.last),
            "total": self.total.as_dict(), "due_back_minor": self.due_back, **{name: [one.as_dict() for one in lines] for name, lines in lists.items()},
        }  # fmt: skip


def government_figures(connection: psycopg.Connection[Any], year: int | None = None) -> GovernmentFigures:
    """The figures of government, of a year or of everything."""
    period = period_of(connection, year)
    standing = read_standing(connection, period.place)
    by_rule = _by_rule(connection, standing, period)
    money: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for theirs in by_rule.values():
        for member, (paid, owed) in theirs.items():
            money[member] = (money[member][0] + paid, money[member][1] + owed)
    money = {member: minors for member, minors in money.items() if minors != (0, 0)}
    born, earned = _known_of(connection, standing, sorted(money), period)
    ages = _bands(
        [words for _, words in AGES] + [NOT_KNOWN], money, {member: _age(born[member], period.last) for member in money}
    )
    earnings = _bands(
        _earnings_words(standing.currency), money, {member: _earnings(earned[member]) for member in money}
    )
    rules = sorted((Band(plain_name(rule), theirs) for rule, theirs in by_rule.items()), key=lambda one: len(one.money))
    return GovernmentFigures(
        standing.title,
        standing.currency,
        period,
        _line("All", money),
        _due_back(connection, period),
        joined(rules)[::-1],
        joined(ages),
        joined(earnings),
    )


def joined(bands: Sequence[Band], fewest: int = FEWEST) -> list[Line]:
    """Bands in their order as lines, those of too few people joined with the next (the last with the one before). Nothing, if
    all together are too few.
    """
    found: list[tuple[list[str], dict[int, tuple[int, int]]]] = []
    words: list[str] = []
    money: dict[int, tuple[int, int]] = {}
    for band in (one for one in bands if one.money):
        words, money = [*words, band.words], _together(money, band.money)
        if len(money) >= fewest:
            found.append((words, money))
            words, money = [], {}
    if words and found:
        before = found.pop()
        found.append(([*before[0], *words], _together(before[1], money)))
    return [_line(listed(names), theirs) for names, theirs in found]


def _together(one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    found = dict(one)
    for member, (paid, owed) in other.items():
        before = found.get(member, (0, 0))
        found[member] = (before[0] + paid, before[1] + owed)
    return found


def _line(words: str, money: dict[int, tuple[int, int]]) -> Line:
    return Line(words, len(money), sum(paid for paid, _ in money.values()), sum(owed for _, owed in money.values()))


def _by_rule(
    connection: psycopg.Connection[Any], standing: Standing, period: Period
) -> dict[str, dict[int, tuple[int, int]]]:
    """What came to and went from members' accounts of government's in the period, by rule and member; but for what members
    took out.
    """
    rows = connection.execute(
        "select rule, side.account, sum(side.amount)::bigint "
        "from transfer cross join lateral (values (credit, debit, amount), (debit, credit, -amount)) "
        "as side (account, across, amount) where (side.across >> %(bits)s) <> all(%(out)s) and (side.account >> %(bits)s) < 64 and (side.account >> %(bits)s) %% 8 in (3, 6) "
        "and effective_on between %(first)s and %(last)s "
        "and (transfer.id >> 32)::integer in (select number from batch where place <= %(place)s) group by 1, 2",
        {
            "bits": OWNER_BITS, "out": [Account.PAID_OUT.value, Account.LEAVING.value], "first": date_of(max(period.first, -10**5)), "last": date_of(period.last), "place": period.place,
        },
    ).fetchall()  # fmt: skip
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for rule, account, amount in rows:
        name = standing.rule_names.get(rule, "other")
        member = int(owner_of(account))
        paid, owed = found[name].get(member, (0, 0))
        if kind_of(account) == Account.GOVERNMENT:
            paid += int(amount)
        else:
            owed += int(amount)
        found[name][member] = (paid, owed)
    nothing = (0, 0)
    return {name: {who: one for who, one in theirs.items() if one != nothing} for name, theirs in found.items()}


def _due_back(connection: psycopg.Connection[Any], period: Period) -> int:
    """What members are owed by government, less what its own account says it owes: what it paid too much."""
    row = connection.execute(
        "select coalesce(sum(amount) filter (where (credit >> %(bits)s) < 64 and (credit >> %(bits)s) %% 8 = 6), 0)::bigint "
        "- coalesce(sum(amount) filter (where (debit >> %(bits)s) < 64 and (debit >> %(bits)s) %% 8 = 6), 0)::bigint "
        "- coalesce(sum(amount) filter (where debit = %(owing)s), 0)::bigint + coalesce(sum(amount) filter (where credit = %(owing)s), 0)::bigint "
        "from transfer where effective_on <= %(last)s "
        "and (transfer.id >> 32)::integer in (select number from batch where place <= %(place)s)",
        {
            "bits": OWNER_BITS, "owing": int(number(Account.OWED_BY_GOVERNMENT, 0)), "last": date_of(period.last),
            "place": period.place,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def _known_of(
    connection: psycopg.Connection[Any], standing: Standing, members: list[int], period: Period
) -> tuple[dict[int, int], dict[int, int]]:
    """Members' birth days, and what they earned in the twelve months up to the period's last day (minor units)."""
    store = standing.store(connection)
    since = add_months_to(period.last, -12)
    born: dict[int, int] = {}
    earned: dict[int, int] = {}
    for start in range(0, len(members), AT_ONCE):
        some = np.array(members[start : start + AT_ONCE], dtype=np.int64)
        closings = store.closings_all(some)
        later = connection.execute(
            "select number from batch where number = any(%s) and place > %s",
            [np.unique(closings["batch"]).tolist(), period.place],
        ).fetchall()
        closings = closings[~np.isin(closings["batch"], [batch for (batch,) in later])]
        lives = read_lives(some, *read_rows(store, some, blank_facts(0), closings))
        rows = lives.rows
        pay = (rows["kind"] == Kind.PAY) & (rows["effective_on"] > since) & (rows["effective_on"] <= period.last)
        pay &= rows["earnings"] != NONE
        sums = np.zeros(len(some), dtype=np.int64)
        np.add.at(sums, lives.owner[pay], rows["earnings"][pay])
        born |= dict(zip(some.tolist(), lives.people.born.tolist(), strict=True))
        earned |= dict(zip(some.tolist(), sums.tolist(), strict=True))
    return born, earned


def _bands(words: list[str], money: dict[int, tuple[int, int]], place: dict[int, int]) -> list[Band]:
    bands = [Band(one, {}) for one in words]
    for member, minors in money.items():
        bands[place[member]].money[member] = minors
    return bands


def _age(born: int, on: int) -> int:
    """Which band of ages somebody is in on a day."""
    if born == NONE:
        return len(AGES)
    return max(place for place, (years, _) in enumerate(AGES) if not place or add_months_to(born, 12 * years) <= on)


def _earnings(minor: int) -> int:
    """Which band of earnings: nothing, then one for each beginning."""
    return 0 if minor <= 0 else max(place + 1 for place, begin in enumerate(EARNINGS) if minor >= begin)


def _earnings_words(currency: str) -> list[str]:
    said = [plain_money(one, currency) for one in EARNINGS]
    between = [f"{begin} to under {end}" for begin, end in pairwise(said[1:])]
    return ["Nothing", f"Under {said[1]}", *between, f"{said[-1]} and more"]


def government_paper(figures: GovernmentFigures) -> Paper:
    """Government's paper as values."""
    period, total = figures.period, figures.total

    def money(minor: int) -> str:
        return format_minor(minor, figures.currency)

    def table(head: str, lines: list[Line]) -> Table:
        rows = [
            (Cell(one.words), Cell(f"{one.people:,}"), Cell(money(one.paid)), Cell(money(one.owed))) for one in lines
        ]
        return Table("", (head, "People", "Paid", "Owed"), tuple(rows), numeric=(1, 2, 3))

    first = Blocks()
    first.add(Big(f"Owed on {plain_day(period.last)}" if not period.name else "Owed of this time", money(total.owed)))
    people = (
        f"{total.people:,} {'person' if total.people == 1 else 'people'}"
        if total.people >= FEWEST
        else "fewer than five people"
    )
    first.say(f"Government paid {money(total.paid)} and owes {money(total.owed)}, for {people}.", "lead")
    if figures.due_back > 0:
        first.say(f"{money(figures.due_back)} of what it paid is due back to it, after corrections.")
    sections = []
    for heading, head, lines, note in (
        ("By rule", "Rule", figures.by_rule, "One person may be in several lines."),
        ("By age", f"Age on {plain_day(period.last)}", figures.by_age, ""),
        (
            "By earnings",
            f"Earned in the twelve months to {plain_day(period.last)}",
            figures.by_earnings,
            "As payers' files say, all jobs together.",
        ),
    ):
        made = Blocks()
        if lines:
            made.add(table(head, lines))
        else:
            made.say("There are too few people for a table.")
        if note and lines:
            made.say(note, "quiet")
        sections.append(Section(heading, made.all()))
    about = Blocks()
    about.say(f"No line is of fewer than {FEWEST} people: smaller ones are joined with their neighbours.", "quiet")
    about.say("Paid is what is in members' pots. Owed is what the rules give and what has not come yet.", "quiet")
    about.say(
        f"It says what was known at place {period.place} of the books' chain, when they stood at {plain_day(period.last)}.",
        "quiet",
    )
    sections.append(Section("What this rests on", about.all()))
    return Paper(
        "What government paid and owes", figures.scheme, (f"{period.in_words}.",), period.last, first.all(), tuple(sections),
        foot=f"{figures.scheme}: government, {plain_day(period.last)}",
    )  # fmt: skip
