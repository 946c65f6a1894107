"""A payer's paper: what it sent, what it owes and what is held for it, month by month; and what government added for its people."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from lifepot.errors import Misuse
from lifepot.kernel.columns import PARTIES
from lifepot.ledger.chart import OWNER_BITS, Account, kind_of, number, owner_of
from lifepot.money import format_minor
from lifepot.papers.paper import Big, Blocks, Cell, Paper, Section, Table
from lifepot.papers.years import Period, period_of
from lifepot.periods import FAR_PAST, date_of, format_day
from lifepot.rulebook.figures_in_words import MONTH_NAMES, plain_day
from lifepot.scheme.standing import Standing, read_standing

FEWEST = 5
"""What government added is told of no fewer people than these together."""

GOVERNMENT = PARTIES.index("government")


@dataclass(slots=True)
class Month:
    """What was effective in a month, minor units: sent of the people's own money (`for_worker`) and of the payer's
    (`by_payer`), sent to make good what was owed (`made_good`), what became owed (negative: was made good), and what came to be held (negative: was used or given back).
    """

    for_worker: int = 0
    by_payer: int = 0
    made_good: int = 0
    owed: int = 0
    held: int = 0
    in_transit: int = 0

    def __add__(self, other: "Month") -> "Month":
        return Month(
            self.for_worker + other.for_worker, self.by_payer + other.by_payer, self.made_good + other.made_good, self.owed + other.owed, self.held + other.held,
            self.in_transit + other.in_transit,
        )  # fmt: skip

    def as_dict(self) -> dict[str, int]:
        """The same as JSON carries it."""
        return {
            "passed_on_minor": self.for_worker, "paid_minor": self.by_payer, "made_good_minor": self.made_good, "owed_minor": self.owed, "held_minor": self.held,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PayerFigures:
    """The figures of a payer's paper. `before` is what stood before the period; `gained` what government added for the pay of
    a month, by month, and for how many people; months of fewer than five people are left out.
    """

    ref: str
    scheme: str
    currency: str
    period: Period
    before: Month
    months: dict[date, Month]
    people: int
    gained: dict[date, tuple[int, int]] = field(default_factory=dict)

    @property
    def within(self) -> Month:
        """All of the period's months."""
        return sum(self.months.values(), Month())

    @property
    def after(self) -> Month:
        """What stands at the period's end."""
        return self.before + self.within

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON carries them."""
        period = self.period
        return {
            "payer": self.ref, "scheme": self.scheme, "currency": self.currency,
            "first": None if period.first <= FAR_PAST else format_day(period.first), "last": format_day(period.last),
            "known_place": period.place, "people": self.people, "before": self.before.as_dict(),
            "months": [{"month": f"{month:%Y-%m}"} | one.as_dict() for month, one in self.months.items()],
            "within": self.within.as_dict(), "after": self.after.as_dict(), "in_transit_minor": self.after.in_transit,
            "government_added": [
                {"month": f"{month:%Y-%m}", "people": people, "amount_minor": minor}
                for month, (people, minor) in self.gained.items()
            ],
        }  # fmt: skip


def payer_figures(connection: psycopg.Connection[Any], ref: str, year: int | None = None) -> PayerFigures:
    """The figures of a payer, of a year or of everything. Misuse where files name no such payer."""
    found = connection.execute(
        "select id from payer where ref = %(ref)s union select payer from payer_alias where ref = %(ref)s", {"ref": ref}
    ).fetchone()
    if found is None:
        raise Misuse(f"There is no payer {ref!r}.", remedy="`lifepot payers list` lists them.")
    payer = int(found[0])
    name = connection.execute("select ref from payer where id = %s", [payer]).fetchone()
    assert name is not None
    period = period_of(connection, year)
    standing = read_standing(connection, period.place)
    by_month = _by_month(connection, payer, period)
    first = date_of(max(period.first, -(10**5)))
    before = sum((one for (month, is_before), one in by_month.items() if is_before), Month())
    months = {month: one for (month, is_before), one in sorted(by_month.items()) if not is_before}
    people = connection.execute(
        "select count(distinct member) from fact where payer = %s and kind = 1 and effective_on between %s and %s "
        "and (id >> 32)::integer in (select number from batch where place <= %s)",
        [payer, first, date_of(period.last), period.place],
    ).fetchone()
    assert people is not None
    return PayerFigures(
        name[0], standing.title, standing.currency, period, before, months, int(people[0]),
        _gained(connection, standing, payer, period),
    )  # fmt: skip


def _by_month(connection: psycopg.Connection[Any], payer: int, period: Period) -> dict[tuple[date, bool], Month]:
    """What moved on the payer's accounts, by the month it is effective in, and whether that lies before the period."""
    transit, owed, held = (int(number(kind, payer)) for kind in (Account.IN_TRANSIT, Account.OWED_BY, Account.HELD_FOR))
    # Members' accounts are told apart by kind alone.
    rows = connection.execute(
        "select date_trunc('month', effective_on)::date, effective_on < %(first)s, side.sign, side.mine, side.other, sum(amount)::bigint "
        "from transfer cross join lateral (values (1, debit, credit >> %(bits)s), (-1, credit, debit >> %(bits)s)) as side (sign, mine, other) "
        "where side.mine = any(%(accounts)s) and effective_on <= %(last)s "
        "and (transfer.id >> 32)::integer in (select number from batch where place <= %(place)s) group by 1, 2, 3, 4, 5",
        {
            "accounts": [transit, owed, held], "bits": OWNER_BITS, "place": period.place, "last": date_of(period.last),
            "first": date_of(max(period.first, -10**5)),
        },
    ).fetchall()  # fmt: skip
    found: dict[tuple[date, bool], Month] = defaultdict(Month)
    for month, is_before, sign, mine, other, amount in rows:
        minor = sign * int(amount)
        kind = Account(kind_of(other << OWNER_BITS))
        one = found[month, is_before]
        if mine == owed:
            one.owed += minor
        elif mine == held:
            one.held -= minor
        else:
            one.in_transit += minor
            if kind == Account.WORKER:
                one.for_worker += minor
            elif kind == Account.EMPLOYER:
                one.by_payer += minor
            elif kind == Account.OWED_BY:
                one.made_good += minor
    return dict(found)


def _gained(
    connection: psycopg.Connection[Any], standing: Standing, payer: int, period: Period
) -> dict[date, tuple[int, int]]:
    """What government added, here or owed, because of facts that this payer told: by month, for how many people and how much."""
    rules = [rule for rule in standing.rule_names if standing.parties[rule] == GOVERNMENT]
    rows = connection.execute(
        "select date_trunc('month', transfer.effective_on)::date, debit, credit, sum(transfer.amount)::bigint "
        "from transfer join fact on fact.id = transfer.fact "
        "where fact.payer = %(payer)s and rule = any(%(rules)s) and transfer.effective_on between %(first)s and %(last)s "
        "and (transfer.id >> 32)::integer in (select number from batch where place <= %(place)s) group by 1, 2, 3",
        {
            "payer": payer, "rules": rules, "place": period.place, "last": date_of(period.last),
            "first": date_of(max(period.first, -10**5)),
        },
    ).fetchall()  # fmt: skip
    by_person: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for month, debit, credit, amount in rows:
        for account, minor in ((credit, int(amount)), (debit, -int(amount))):
            if kind_of(account) in {Account.GOVERNMENT, Account.GOVERNMENT_OWED}:
                by_person[month][int(owner_of(account))] += minor
    told = {month: [minor for minor in people.values() if minor] for month, people in sorted(by_person.items())}
    return {month: (len(minors), sum(minors)) for month, minors in told.items() if len(minors) >= FEWEST}


def payer_paper(figures: PayerFigures) -> Paper:
    """The paper of a payer as values."""
    period, after = figures.period, figures.after

    def money(minor: int) -> str:
        return format_minor(minor, figures.currency)

    first = Blocks()
    first.add(Big(f"You owe on {plain_day(period.last)}", money(after.owed)))
    within = figures.within
    first.say(
        f"Your files say that you sent {money(within.for_worker + within.by_payer)}: {money(within.for_worker)} of your "
        f"people's own money and {money(within.by_payer)} of yours.",
        "lead",
    )
    if within.made_good:
        first.say(f"You also sent {money(within.made_good)} of what you had owed.")
    if after.held:
        first.say(f"{money(after.held)} more than the rules ask for was sent. It is held for you.")
    if after.in_transit:
        first.say(f"The bank has not shown {money(after.in_transit)} of what you sent yet.")
    if not figures.months:
        first.say("Nothing happened in this time.")
    sections = []
    if figures.months or figures.before != Month():
        sections.append(_months(figures))
    sections.append(_people(figures))
    about = Blocks()
    about.say(
        "A month is the one that pay and payments are of, whenever your file came; corrections stand in the month they correct.",
        "quiet",
    )
    about.say(
        f"It says what was known at place {period.place} of the books' chain, when they stood at {plain_day(period.last)}.",
        "quiet",
    )
    sections.append(Section("What this rests on", about.all()))
    return Paper(
        f"What {figures.ref} sent and owes", figures.scheme, (f"{period.in_words}.",), period.last, first.all(), tuple(sections),
        foot=f"{figures.scheme}: {figures.ref}, {plain_day(period.last)}",
    )  # fmt: skip


def month_name(month: date) -> str:
    """As in "April 2026"."""
    return f"{MONTH_NAMES[month.month - 1]} {month.year}"


def _months(figures: PayerFigures) -> Section:
    rows: list[tuple[str, Month]] = []
    if figures.before.owed or figures.before.held:
        # What had been sent before is no part of what was sent now.
        rows.append(
            (f"Before {plain_day(figures.period.first)}", Month(owed=figures.before.owed, held=figures.before.held))
        )
    rows += [(month_name(month), one) for month, one in figures.months.items()]
    rows.append(("Together", sum((one for _, one in rows), Month())))
    cells = tuple(
        (
            Cell(what),
            *(
                Cell(format_minor(minor, figures.currency))
                for minor in (one.for_worker, one.by_payer, one.owed, one.held)
            ),
        )
        for what, one in rows
    )
    heads = ("Month", "Sent for your people", "Sent by you", "Owed by you", "Held for you")
    made = Blocks()
    made.add(Table("", heads, cells, numeric=(1, 2, 3, 4), sums=(len(rows) - 1,)))
    made.say("Less than nothing owed: made good. Less than nothing held: used, or given back.", "quiet")
    return Section("Month by month", made.all())


def _people(figures: PayerFigures) -> Section:
    """What government added for the payer's people, of no fewer than five together."""
    made = Blocks()
    made.say(f"You told of pay for {figures.people} {'person' if figures.people == 1 else 'people'}.")
    if figures.gained:
        total = sum(minor for _, minor in figures.gained.values())
        made.say(
            f"Because of it, government added {format_minor(total, figures.currency)} to their pots, here or owed.",
            "lead",
        )
        rows = [
            (Cell(month_name(month)), Cell(str(people)), Cell(format_minor(minor, figures.currency)))
            for month, (people, minor) in figures.gained.items()
        ]
        rows.append((Cell("Together"), Cell(""), Cell(format_minor(total, figures.currency))))
        made.add(
            Table("", ("Month", "People", "Added by government"), tuple(rows), numeric=(1, 2), sums=(len(rows) - 1,))
        )
    made.say(
        f"Months in which government added something for fewer than {FEWEST} people are left out here, so that nobody's own figure "
        "can be read off.",
        "quiet",
    )
    return Section("What your people gained", made.all())
