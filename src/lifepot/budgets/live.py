"""A village's budgets from the first month to the last: `live` takes people and drawn lives, and gives tax years."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import home_loops
from lifepot.budgets import places as at
from lifepot.budgets.columns import Years
from lifepot.budgets.drawn_loops import columns_of, lay_month
from lifepot.budgets.laying import Laid, off
from lifepot.budgets.month_loops import BORROWED_MONTHS, BORROWS_FROM, month_of_household
from lifepot.budgets.prices import levels, prices
from lifepot.budgets.settings import Settings
from lifepot.budgets.traits import traits as traits_of
from lifepot.budgets.year_loops import (
    BOUGHT,
    CLEARED,
    COUNTS,
    RETRAINED,
    Adding,
    add_month,
    begin_year,
    count_month,
    end_year,
)
from lifepot.chance import share, words
from lifepot.compiling import uncounted
from lifepot.lives.columns import Lives
from lifepot.population.columns import Plan, Village
from lifepot.population.months import MONTHS_A_YEAR, age_months, first_days, month_of
from lifepot.taxes.tables import pension_age_months, tables, write_off_months

Int = NDArray[np.int64]


@dataclass(slots=True)
class Setting:
    """What all villages of a run share: months, prices, levels of rents, law, settings.

    `levy`: of each tax year's income tax, how much more is taken to finance the scheme; None: nothing.
    """

    months: int
    settings: Settings = field(default_factory=Settings)
    levy: NDArray[np.float64] | None = None
    prices: NDArray[np.float64] = field(init=False)
    levels: NDArray[np.float64] = field(init=False)
    law: Any = field(init=False)
    terms: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        assert self.months % MONTHS_A_YEAR == 0, "whole tax years"
        self.prices = prices(self.months, self.settings, self.levy)
        self.levels = levels()
        self.law = tables(self.months // MONTHS_A_YEAR)
        of = self.settings
        self.terms = np.zeros(at.TERMS)
        for place, name in (
            (at.TERM_PASSIVE, "passive"), (at.TERM_PASS_FIRST, "pass_through_first"), (at.TERM_PASS_LATER, "pass_through_later"),
            (at.TERM_CLAIMS, "credit_take_up"), (at.TERM_COUNTS_POT, "counts_as_capital"), (at.TERM_PUBLIC_WORKER, "public_worker"),
            (at.TERM_PUBLIC_EMPLOYER, "public_employer"), (at.TERM_PRIVATE_MORE, "private_more"), (at.TERM_HOME_WISH, "home_wish"),
            (at.TERM_COURSE_WISH, "course_wish"), (at.TERM_COURSE_COST, "course_cost"), (at.TERM_COURSE_RETURN, "course_return"),
            (at.TERM_COURSE_FINISH, "course_finish"), (at.TERM_RAIDS, "raids_pot"), (at.TERM_CLEARS, "clears_loan"),
        ):  # fmt: skip
            self.terms[place] = of[name]
        self.terms[at.TERM_MONTHS_SINCE_2017] = -month_of(2017, 4)


@dataclass(slots=True)
class Lived:
    """A village lived through: its tax years; how many household-months left a penny untold (none, or we are wrong); and, where it
    was asked for, every month's flows and stocks: int64 (months, people, `at.FLOWS`) and (…, `at.STOCKS`).
    """

    years: Years
    untold: int
    flows: Int | None = None
    stocks: Int | None = None


def live(
    village: Village, lives: Lives, setting: Setting, laid: Laid | None = None, *, seed: int, panel: bool = False
) -> Lived:
    """Lives a village through, without a scheme or with one that is laid over it."""
    people, months = len(village), setting.months
    assert lives.months >= months, "lives are drawn for as many months"
    fixed = _fixed(village)
    held, columns = columns_of(lives)
    stock = np.zeros((people, at.STOCKS), dtype=np.int64)
    for place, column in (
        (at.SAVINGS, village.savings), (at.CARD, village.card), (at.PENSION, village.pension), (at.OTHER, village.other),
        (at.HOME, village.home), (at.MORTGAGE, village.mortgage), (at.LOAN, village.loan), (at.TENURE, village.tenure),
        (at.PLAN, village.plan),
    ):  # fmt: skip
        stock[:, place] = column
    stock[:, at.PARTNER] = -1
    # Who studies at the start has borrowed since eighteen.
    borrowed = np.clip(fixed[:, at.FIXED_AGE] - BORROWS_FROM, 0, BORROWED_MONTHS)
    stock[:, at.STUDIED] = np.where(village.loan > 0, borrowed, 0)
    stock[:, at.OWNED_EVER] = village.tenure <= home_loops.MORTGAGED
    _mortgages(village, fixed, stock, setting.prices[0, at.MORTGAGE_RATE])
    trait = traits_of(village, seed)
    rows = off() if laid is None else laid.rows(people, village.born)
    adding = Adding(months // MONTHS_A_YEAR, people)
    kept = months if panel else 0
    month_flows = np.zeros((kept, people if panel else 0, at.FLOWS), dtype=np.int64)
    month_stocks = np.zeros((kept, people if panel else 0, at.STOCKS), dtype=np.int64)
    work = Work(
        np.empty((people, len(at.DRAWN)), dtype=np.int32), np.empty((people, at.FLOWS), dtype=np.int64),
        np.empty((people, at.FLOWS + 1), dtype=np.int64), np.empty((people, at.STOCKS), dtype=np.int64),
        np.empty((people, COUNTS), dtype=np.int64),
    )  # fmt: skip
    untold = _months(
        columns, fixed, stock, trait, setting.prices, setting.levels, setting.law, setting.terms, rows.scheme, np.uint64(seed), months,
        work, adding.flows, adding.stocks, adding.money, adding.small, month_flows, month_stocks,
    )  # fmt: skip
    del held  # Until here their columns were read by their address.
    assert untold == 0, f"{untold} household-months of village {village.number} leave a penny untold"
    return Lived(adding.years(), untold, month_flows if panel else None, month_stocks if panel else None)


class Work(NamedTuple):
    """Places that the months of a village use again and again: drawn lives and flows of a month, what a year adds up, a row a person."""

    drawn: Any
    flow: Any
    added: Any
    ends: Any
    counts: Any


def _fixed(village: Village) -> Int:
    """What stays as it is of everybody: int64 (people, `places.FIXED`)."""
    fixed = np.zeros((len(village), at.FIXED), dtype=np.int64)
    write_off = np.array([write_off_months(plan) if plan else 0 for plan in range(6)])
    # A loan is written off so many years after repayment falls due, which for most is the April after they are 21. Who has no plan
    # may yet borrow on plan 5.
    plan = np.where(village.plan == 0, Plan.PLAN_5, village.plan)
    for place, column in (
        (at.FIXED_PERSON, village.person), (at.FIXED_AGE, age_months(village.born, int(first_days(1)[0]))),
        (at.FIXED_PENSION_AGE, pension_age_months(village.born)), (at.FIXED_WRITTEN_OFF, 21 * MONTHS_A_YEAR + write_off[plan]),
        (at.FIXED_FINAL, village.final), (at.FIXED_IN_PENSION, village.in_pension),
    ):  # fmt: skip
        fixed[:, place] = column
    return fixed


def _mortgages(village: Village, fixed: Int, stock: Int, rate: float) -> None:
    """Mortgages that are there at the start are paid off by 67, within ten to thirty years."""
    months = np.clip(PAID_OFF_AT - fixed[:, at.FIXED_AGE], 120, home_loops.TERM_MONTHS)
    partner = village.partner
    owed = village.mortgage + np.where(partner >= 0, village.mortgage[partner], 0)
    payment = np.ceil(owed * rate / (1 - (1 + rate) ** -months)).astype(np.int64) if rate > 0 else -(-owed // months)
    has = village.tenure == home_loops.MORTGAGED
    stock[has, at.TERM] = months[has]
    stock[has, at.PAYMENT] = payment[has]


PAID_OFF_AT = 67 * MONTHS_A_YEAR
"""Months of age."""

HEIRS = 41
"""Purpose of chance: who inherits."""

HEIRS_FROM, HEIRS_TO = 22 * MONTHS_A_YEAR, 38 * MONTHS_A_YEAR
"""How many months younger heirs are: a generation; a choice. Whose children somebody has is not drawn, so heirs are anybody of that age."""

ESTATE_TAX, ESTATE_FREE = 0.4, 50_000_000
"""Inheritance Tax beyond £500,000, the band of a home left to children; frozen until 2030 and, here, after (recalled)."""


@uncounted()
def _months(
    columns: Any, fixed: Any, stock: Any, trait: Any, prices: Any, levels: Any, law: Any, terms: Any, scheme: Any,
    seed: Any, months: Any, work: Any, flows: Any, stocks: Any, money: Any, small: Any, month_flows: Any, month_stocks: Any,
) -> Any:  # fmt: skip
    people = len(stock)
    drawn, flow, counts = work.drawn, work.flow, work.counts
    untold = 0
    for month in range(months):
        if month % 12 == 0:
            begin_year(work.added, work.ends, counts)
        lay_month(columns, month, drawn)
        for i in range(people):
            if drawn[i, at.DRAWN_STATUS] == 0:
                continue
            # Most months nothing changes: that is asked here.
            if drawn[i, at.DRAWN_PARTNER] != stock[i, at.PARTNER] or (
                stock[i, at.TENURE] == home_loops.PARENTS and drawn[i, at.DRAWN_WITH_PARENTS] == 0
            ):
                meet_and_part(i, month, drawn, stock, prices)
        for i in range(people):
            if drawn[i, at.DRAWN_STATUS] == 0:
                continue
            q = drawn[i, at.DRAWN_PARTNER]
            if 0 <= q < i:
                continue
            for place in range(at.FLOWS):
                flow[i, place] = 0
            if q >= 0:
                for place in range(at.FLOWS):
                    flow[q, place] = 0
            owned = stock[i, at.OWNED_EVER]
            owed_i = stock[i, at.LOAN]
            owed_q = stock[q, at.LOAN] if q >= 0 else 0
            untold += month_of_household(
                i, q, month, drawn, fixed, stock, trait, flow, prices, levels, law, terms, scheme, seed
            )
            for who in range(2 if q >= 0 else 1):
                n = i if who == 0 else q
                count = counts[n]
                count_month(count, n, month, drawn, fixed, flow, 1 if q >= 0 else 0)
                if owned == 0 and stock[n, at.OWNED_EVER] == 1 and flow[i, at.HOME_BOUGHT] > 0:
                    count[BOUGHT] = 1
                if stock[n, at.COURSE_OURS] > 10:
                    count[RETRAINED] = stock[n, at.COURSE_OURS] - 10
                    stock[n, at.COURSE_OURS] = 0
                if stock[n, at.LOAN] == 0 and (owed_i if who == 0 else owed_q) > 0 and flow[n, at.LOAN_PAID] > 0:
                    count[CLEARED] = 1
                add_month(flow, work.added, n)
                if month % 12 == 11 or drawn[n, at.DRAWN_DIED] == 1:
                    for place in range(at.STOCKS):
                        work.ends[n, place] = stock[n, place]
                if len(month_flows):
                    for place in range(at.FLOWS):
                        month_flows[month, n, place] = flow[n, place]
        if len(month_flows):
            for i in range(people):
                for place in range(at.STOCKS):
                    month_stocks[month, i, place] = stock[i, place]
        if month % 12 == 11:
            end_year(month // 12, work.added, work.ends, counts, flows, stocks, money, small)
        for i in range(people):
            if drawn[i, at.DRAWN_DIED]:
                bequeath(i, month, drawn, fixed, stock, seed)
    return untold


@uncounted()
def meet_and_part(i: Any, month: Any, drawn: Any, stock: Any, prices: Any) -> None:
    """Notices who lives with whom now: homes are joined or parted; who has left the parents rents."""
    now, before = drawn[i, at.DRAWN_PARTNER], stock[i, at.PARTNER]
    if stock[i, at.TENURE] == home_loops.PARENTS and drawn[i, at.DRAWN_WITH_PARENTS] == 0:
        stock[i, at.TENURE] = home_loops.PRIVATE
    if now == before:
        return
    if before >= 0 and stock[before, at.PARTNER] == i and drawn[before, at.DRAWN_STATUS] != 0:
        # Who has the children with them stays, else who earns more.
        stays = i if drawn[i, at.DRAWN_CHILDREN] >= drawn[before, at.DRAWN_CHILDREN] else before
        if drawn[i, at.DRAWN_CHILDREN] == drawn[before, at.DRAWN_CHILDREN]:
            stays = i if stock[i, at.GROSS_SMOOTH] >= stock[before, at.GROSS_SMOOTH] else before
        goes = before if stays == i else i
        home_loops.part(stock, stays, goes, 12 * stock[stays, at.GROSS_SMOOTH], prices[month, at.MORTGAGE_RATE])
        stock[before, at.PARTNER] = -1
    stock[i, at.PARTNER] = -1
    if now > i:
        # Couples that came together share a home already: half each.
        if stock[i, at.CAME] == 1 or stock[now, at.CAME] == 1:
            was = stock[now, at.PARTNER]
            if was >= 0 and was != i and stock[was, at.PARTNER] == now:
                home_loops.part(stock, was, now, 12 * stock[was, at.GROSS_SMOOTH], prices[month, at.MORTGAGE_RATE])
                stock[was, at.PARTNER] = -1
            home_loops.move_in(stock, i, now)
        stock[i, at.PARTNER] = now
        stock[now, at.PARTNER] = i


@uncounted()
def bequeath(i: Any, month: Any, drawn: Any, fixed: Any, stock: Any, seed: Any) -> None:
    """Somebody has died: what they had is the partner's; with no partner two heirs', a generation younger, of the same village."""
    q = drawn[i, at.DRAWN_PARTNER]
    if q >= 0:
        for place in (at.HOME, at.MORTGAGE, at.OTHER, at.CARD):
            stock[q, place] += stock[i, place]
        stock[q, at.SAVINGS] += stock[i, at.SAVINGS] + stock[i, at.POT]
        # Half of pension rights goes on to a partner, as most pensions in payment do.
        stock[q, at.PENSION] += stock[i, at.PENSION] // 2
        stock[q, at.PARTNER] = -1
    else:
        estate = stock[i, at.SAVINGS] + stock[i, at.POT] + stock[i, at.OTHER] - stock[i, at.CARD]
        estate += stock[i, at.HOME] - stock[i, at.MORTGAGE]
        estate -= int(ESTATE_TAX * max(estate - ESTATE_FREE, 0))
        a, b, _, _ = words(seed, fixed[i, at.FIXED_PERSON], month, HEIRS)
        if estate > 0:
            leave_to(i, share(a), estate // 2, drawn, fixed, stock)
            leave_to(i, share(b), estate - estate // 2, drawn, fixed, stock)
    for place in (
        at.HOME, at.MORTGAGE, at.OTHER, at.CARD, at.SAVINGS, at.POT, at.PENSION, at.LOAN, at.POT_GROWTH,
    ):  # fmt: skip
        stock[i, place] = 0


@uncounted()
def leave_to(i: Any, chance: Any, amount: Any, drawn: Any, fixed: Any, stock: Any) -> None:
    """Finds an heir, who has it next month; nobody of that age: it leaves the village."""
    people = len(stock)
    first = int(chance * people)
    for step in range(people):
        j = (first + step) % people
        younger = fixed[i, at.FIXED_AGE] - fixed[j, at.FIXED_AGE]
        if drawn[j, at.DRAWN_STATUS] == 0 or drawn[j, at.DRAWN_DIED]:
            continue
        if HEIRS_FROM <= younger < HEIRS_TO:
            stock[j, at.LEFT_TO] += amount
            return
