"""Budgets: every penny of every household-month is told; the scheme's money is the kernel's, the ledger's and the projection's."""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.schemes import ANN, Row, opened

from lifepot.budgets import home_loops, month_loops, places, purse_loops, work_loops
from lifepot.budgets.columns import Years
from lifepot.budgets.drawn_loops import columns_of, lay_month
from lifepot.budgets.laying import NEVER_TOO_DEAR, Laid
from lifepot.budgets.live import Lived, Setting, live
from lifepot.budgets.settings import Settings, ranges
from lifepot.errors import Misuse
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, PARTIES, Facts, Frequency, Kind, People
from lifepot.kernel.program import Program, compile_program
from lifepot.lives.columns import PLATFORMS_BELOW, Leaving, Lives
from lifepot.lives.draw import draw
from lifepot.lives.levers import Levers
from lifepot.lives.rates import rates_for
from lifepot.periods import add_months_to, format_day
from lifepot.population.columns import Job, Plan, Qualification, Status, Tenure, Village
from lifepot.population.months import first_days, last_days
from lifepot.population.people import Population
from lifepot.projection.assumptions import Milestone
from lifepot.projection.course import courses
from lifepot.projection.habits import habits_of
from lifepot.rulebook.reader import shipped
from lifepot.storage.server import EmbeddedServer

Int = NDArray[np.int64]

SEED = 3
MONTHS = 96
OPENS = 24
LSA, LISA, SAVING = "lifetime-savings-account", "uk-lifetime-isa", "uk-help-to-save"

FLOWS_IN = (
    places.PAY, places.PROFIT, places.PLATFORM_PAY, places.CREDIT, places.CHILD_BENEFIT, places.STATE_PENSION,
    places.PENSION_DRAWN, places.YIELD, places.INTEREST, places.BORROWED_CARD, places.BORROWED_HOME, places.BORROWED_STUDY,
    places.FROM_POT, places.GIVEN, places.SOLD,
)  # fmt: skip
FLOWS_OUT = (
    places.TAX, places.NI, places.LOAN_PAID, places.SPENT, places.RENT, places.MORTGAGE_INTEREST, places.MORTGAGE_PAID,
    places.CARD_INTEREST, places.CARD_PAID, places.HOME_BOUGHT, places.COURSE_PAID, places.FEES, places.OWN, places.PENSION_OWN,
    places.SAVED, places.LEVIED,
)  # fmt: skip
USES = (places.TO_LOAN, places.TO_COURSE, places.TO_HOME, places.TO_PENSION, places.TO_OTHER)


@cache
def drawn() -> tuple[Village, Lives]:
    """One village of the population and its lives."""
    village = Population(SEED, 500, MONTHS).village(0)
    return village, draw(village, SEED, MONTHS, Levers(), rates_for(MONTHS, Levers()))


@cache
def program(name: str) -> Program:
    """A shipped rulebook, compiled."""
    return compile_program(shipped(name))


@cache
def lived(name: str = "", *, panel: bool = True) -> Lived:
    """The village lived through, under a shipped rulebook or none."""
    village, lives = drawn()
    laid = Laid(program(name), MONTHS, Settings(), OPENS) if name else None
    return live(village, lives, Setting(MONTHS), laid, seed=SEED, panel=panel)


def same(one: Years, other: Years, but: tuple[str, ...] = ()) -> list[str]:
    """The columns in which two differ."""
    return [
        field.name
        for field in fields(Years)
        if field.name not in but and not np.array_equal(getattr(one, field.name), getattr(other, field.name))
    ]


def households(month: int) -> tuple[Int, Int]:
    """The first person of each household of a month, and the second (-1: none)."""
    _, lives = drawn()
    here = np.flatnonzero(lives.status[month])
    partner = lives.partner[month, here].astype(np.int64)
    first = (partner < 0) | (partner > here)
    return here[first], partner[first]


def of_households(table: Int, month: int) -> Int:
    """A month's rows of (people, columns) added up by household."""
    first, second = households(month)
    return table[first] + np.where(second[:, None] >= 0, table[second], 0)


@pytest.mark.parametrize("name", ["", LSA, LISA, SAVING])
def test_every_household_month_balances_to_the_penny(name: str) -> None:
    """Pay, benefits, borrowing and what comes from the pot are taxes, spending, rent, repayments, saving and contributions."""
    found = lived(name)
    assert found.flows is not None
    several = 0
    for month in range(MONTHS):
        flows = of_households(found.flows[month], month)
        money_in = flows[:, FLOWS_IN].sum(axis=1)
        money_out = flows[:, FLOWS_OUT].sum(axis=1)
        assert np.array_equal(money_in, money_out)
        several += int((money_in > 0).sum())
    assert several > 300 * MONTHS / 2


@pytest.mark.parametrize("name", ["", LSA, LISA])
def test_what_households_have_changes_by_what_they_put_by_and_owe(name: str) -> None:
    """Savings, cards and mortgages move by the flows told of them, in households that nobody joined, left or died in."""
    found = lived(name)
    _, lives = drawn()
    assert found.flows is not None
    assert found.stocks is not None
    compared = 0
    for month in range(1, MONTHS):
        stays = (
            (lives.partner[month] == lives.partner[month - 1])
            & (lives.status[month - 1] > 0)
            & (lives.status[month] > 0)
        )
        before, now = of_households(found.stocks[month - 1], month), of_households(found.stocks[month], month)
        flows = of_households(found.flows[month], month)
        first, _ = households(month)
        kept = stays[first]
        for stock, up, down in (
            (places.SAVINGS, (places.SAVED,), ()),
            (places.CARD, (places.BORROWED_CARD,), (places.CARD_PAID, places.FORGIVEN)),
            (places.MORTGAGE, (places.BORROWED_HOME,), (places.MORTGAGE_PAID,)),
        ):
            moved = flows[:, list(up)].sum(axis=1) - flows[:, list(down)].sum(axis=1)
            assert np.array_equal((now - before)[kept, stock], moved[kept])
        compared += int(kept.sum())
    assert compared > 10_000


@pytest.mark.parametrize("name", [LSA, SAVING])
def test_a_pot_is_what_came_and_grew_less_what_went(name: str) -> None:
    """Each person's pot moves by what the parties put in, growth, and what leaves it."""
    found = lived(name)
    assert found.flows is not None
    assert found.stocks is not None
    _, lives = drawn()
    flows = found.flows
    comes = flows[:, :, [places.OWN, places.EMPLOYER, places.GOVERNMENT, places.GROWTH]].sum(axis=2)
    goes = flows[:, :, USES].sum(axis=2)
    pot = found.stocks[:, :, places.POT]
    before = np.concatenate([np.zeros((1, pot.shape[1]), dtype=np.int64), pot[:-1]])
    there = lives.status > 0
    assert np.array_equal((pot - before)[there], (comes - goes)[there])
    assert pot.max() > 100_000


def test_before_a_scheme_opens_nothing_differs() -> None:
    """The years before the opening are those without a scheme, to the penny."""
    without, with_it = lived().years, lived(LSA).years
    for field in fields(Years):
        assert np.array_equal(getattr(without, field.name)[: OPENS // 12], getattr(with_it, field.name)[: OPENS // 12])
    assert same(without, with_it)


def test_a_scheme_that_gives_and_takes_nothing_changes_nobody() -> None:
    """With every rate nought the scheme costs nothing, and every column but the having of an account is as without one."""
    village, lives = drawn()
    nought = {
        "worker_share": "0%",
        "employer_share": "0%",
        "match_rate": "0p per £1",
        "monthly_base": "0",
        "profit_rate": "0%",
    }
    laid = Laid(program(LSA), MONTHS, Settings({"take_up": 0.0}), OPENS, changed=nought)
    found = live(village, lives, Setting(MONTHS), laid, seed=SEED).years
    assert not found.government.any()
    assert same(lived().years, found, but=("joined",)) == []


def test_a_match_of_nought_costs_government_nothing() -> None:
    """Without match, base and share of profit government pays nothing, whatever workers and employers do."""
    village, lives = drawn()
    laid = Laid(
        program(LSA),
        MONTHS,
        Settings(),
        OPENS,
        changed={"match_rate": "0p per £1", "monthly_base": "0", "profit_rate": "0%"},
    )
    found = live(village, lives, Setting(MONTHS), laid, seed=SEED).years
    assert not found.government.any()
    assert found.own.sum() > 0
    assert found.employer.sum() > 0


def test_employers_pass_their_cost_on_as_they_are_taken_to() -> None:
    """With nothing passed on pay is as without a scheme; with three quarters, pay falls by about as much of what employers pay."""
    village, lives = drawn()
    idle = {"raids_pot": 0.0, "clears_loan": 0.0, "course_wish": 0.0, "home_wish": 0.0}
    none = Settings({**idle, "pass_through_first": 0.0, "pass_through_later": 0.0})
    most = Settings({**idle, "pass_through_first": 0.76, "pass_through_later": 0.76})
    pays = {}
    for name, settings in (("none", none), ("most", most)):
        laid = Laid(program(LSA), MONTHS, settings, OPENS)
        pays[name] = live(village, lives, Setting(MONTHS, settings), laid, seed=SEED).years
    without = live(village, lives, Setting(MONTHS, none), seed=SEED).years
    assert np.array_equal(pays["none"].pay, without.pay)
    assert np.array_equal(without.pay - pays["most"].pay, pays["most"].passed_on)
    share = pays["most"].passed_on[3:].sum() / pays["most"].employer[3:].sum()
    # Each month's share is of the month before's contributions, so that it is near the rate but not equal to it.
    assert 0.70 < share < 0.82


def test_credit_falls_where_the_pot_counts_as_capital() -> None:
    """Means-tested benefits are lost where pots count as capital, and not where they do not."""
    village, lives = drawn()
    idle = {"pass_through_first": 0.0, "pass_through_later": 0.0, "take_up": 0.0}
    credit = {}
    for counts in (0.0, 1.0):
        settings = Settings({**idle, "counts_as_capital": counts})
        laid = Laid(program(LSA), MONTHS, settings, OPENS)
        credit[counts] = (
            live(village, lives, Setting(MONTHS, settings), laid, seed=SEED).years.credit[OPENS // 12 :].sum()
        )
    assert credit[1.0] < credit[0.0]


def test_a_levy_takes_its_share_of_income_tax() -> None:
    """A levy of a tenth is a tenth of the income tax of its year, but for the penny of each month, and nothing in other years."""
    village, lives = drawn()
    levy = np.zeros(MONTHS // 12)
    levy[4] = 0.10
    found = live(village, lives, Setting(MONTHS, levy=levy), seed=SEED).years
    assert not found.levied[[0, 1, 2, 3, 5, 6, 7]].any()
    # Refunds of income tax are not levied on, so the levy is a little more than a tenth of the year's net tax.
    assert 0.10 <= found.levied[4].sum() / found.tax[4].sum() < 0.115


# One arithmetic: the lab, the kernel's rows, the ledger and the projection


def quiet() -> Settings:
    """Settings under which nobody pays or takes anything by choice, so that pay alone moves pots."""
    return Settings({
        "take_up": 0.0, "raids_pot": 0.0, "clears_loan": 0.0, "course_wish": 0.0, "home_wish": 0.0, "pass_through_first": 0.0,
        "pass_through_later": 0.0, "opts_out": 0.0,
    })  # fmt: skip


def told_of(i: int, lives: Lives) -> list[dict[str, int]]:
    """What a scheme is told of somebody, worked out from their drawn life: pay, care, study, trade and profit."""
    attribute = program(LSA).attributes.index
    firsts, lasts = first_days(MONTHS), last_days(MONTHS)
    rows: list[dict[str, int]] = []
    said = {"caring": 0, "learning": 0, "trading": 0}
    profit = 0
    for month in range(OPENS, MONTHS):
        status, job = lives.status[month, i], lives.job[month, i]
        if status == Status.ABSENT:
            continue
        if month % 12 == 0:
            profit = 0
        now = {
            "caring": int(status == Status.INACTIVE and lives.children[month, i] > 0),
            "learning": int(status == Status.STUDYING),
            "trading": int(job == Job.SELF_EMPLOYED),
        }
        slots = [(lives.employer, lives.pay), (lives.payer_2, lives.pay_2), (lives.payer_3, lives.pay_3)]
        paid = [
            (int(payer[month, i]), int(pay[month, i]))
            for payer, pay in slots[: 1 + lives.payers[month, i]]
            if pay[month, i] > 0
        ]
        profit += sum(pay for payer, pay in paid if payer == 0)
        declared = profit if month % 12 == 11 else 0
        told: list[dict[str, int]] = []
        if declared:
            told.append({"kind": int(Kind.STATUS), "attribute": attribute("profit"), "value": declared})
        told += [
            {"kind": int(Kind.STATUS), "attribute": attribute(name), "value": value}
            for name, value in now.items()
            if value != said[name]
        ]
        said = now
        told += [
            {
                "kind": int(Kind.PAY), "payer": payer, "earnings": pay, "hours": int(lives.hours[month, i]) * 433,
                "frequency": int(Frequency.MONTH), "period_start": int(firsts[month]), "period_end": int(lasts[month]),
            }
            for payer, pay in paid
            if payer > 0
        ]  # fmt: skip
        rows += [one | {"on": int(lasts[month]), "member": 0} for one in told]
    return [row | {"fact": number} for number, row in enumerate(rows)]


def test_the_lab_gives_what_the_kernel_gives() -> None:
    """Each person's money of each party in each tax year is that of `assess` on the same facts, to the penny."""
    village, lives = drawn()
    found = live(village, lives, Setting(MONTHS, quiet()), Laid(program(LSA), MONTHS, quiet(), OPENS), seed=SEED).years
    rules = list(program(LSA).rulebook.rules.values())
    party = np.array([PARTIES.index(rule.party) for rule in rules])
    lasts = last_days(MONTHS)
    compared = 0
    young = np.flatnonzero((village.enters == 0) & (village.born > lasts[0] - 55 * 365))
    for i in young[:120]:
        rows = told_of(int(i), lives)
        if not rows:
            continue
        people = People(village.born[[i]], np.array([NONE]), np.full((1, len(program(LSA).attributes)), NONE))
        owed = assess(program(LSA), people, Facts.of(rows), as_of=int(lasts[-1])).entitlements
        # March ends in the tax year that it is in; the days of other ends of windows are within their own.
        year = np.searchsorted(lasts[11::12], owed.effective_on)
        for number, column in enumerate((found.own, found.employer, found.government)):
            expected = np.zeros(MONTHS // 12, dtype=np.int64)
            mine = party[owed.rule] == number
            np.add.at(expected, year[mine], owed.amount[mine])
            died = lives.died[:, i].argmax() // 12 if lives.died[:, i].any() else MONTHS // 12
            assert np.array_equal(column[:died, i], expected[:died]), f"person {i}, {PARTIES[number]}"
        compared += int(owed.amount.astype(bool).sum())
    assert compared > 5_000


def steady(pays: Int) -> tuple[Village, Lives]:
    """A village of one, thirty years old, who is paid so every month by one employer."""
    village, lives = drawn()
    one = replace(
        village, **{f.name: getattr(village, f.name)[:1].copy() for f in fields(Village) if f.name != "number"}
    )
    one.born[:] = last_days(1)[0] - 30 * 365
    one.partner[:], one.enters[:], one.children[:], one.plan[:], one.loan[:] = -1, 0, 0, Plan.NONE, 0
    columns = {f.name: np.zeros((MONTHS, 1), dtype=getattr(lives, f.name).dtype) for f in fields(Lives)}
    columns["status"][:], columns["job"][:] = Status.WORKING, Job.EMPLOYEE
    columns["employer"][:], columns["pay"][:, 0] = 500, pays
    columns["partner"][:], columns["youngest"][:] = -1, -1
    return one, Lives(**columns)


def test_ledger_projection_and_lab_agree_to_the_penny(server: EmbeddedServer, tmp_path: Path) -> None:
    """Somebody paid £1,834.56 a month: a scheme posts, a projection foresees and the lab lives the same money of each party."""
    village, lives = steady(np.full(MONTHS, 183_456))
    found = live(
        village, lives, Setting(MONTHS, quiet()), Laid(program(LSA), MONTHS, quiet(), OPENS), seed=SEED, panel=True
    )
    assert found.flows is not None
    by_party = found.flows[:, 0, [places.OWN, places.EMPLOYER, places.GOVERNMENT]]
    firsts, lasts = first_days(MONTHS), last_days(MONTHS)
    born = int(village.born[0])
    rows: list[Row] = [
        {
            "nino": ANN, "on": format_day(int(lasts[month])), "born": format_day(born), "payer": "ACME", "kind": "pay",
            "frequency": "month", "period_start": format_day(int(firsts[month])), "period_end": format_day(int(lasts[month])),
            "earnings": "1834.56",
        }
        for month in range(OPENS, OPENS + 12)
    ]  # fmt: skip
    with opened(server, tmp_path) as scheme:
        scheme.told(rows, int(lasts[OPENS + 11]))
        posted = scheme.pot(ANN)
    by_ledger = [sum(amount for name, amount in posted.items() if name.startswith(party)) for party in PARTIES]
    assert by_ledger == by_party[: OPENS + 12].sum(axis=0).tolist()
    facts = Facts.of([
        {
            "fact": number, "member": 0, "on": int(lasts[month]), "kind": int(Kind.PAY), "payer": 1, "earnings": 183_456,
            "frequency": int(Frequency.MONTH), "period_start": int(firsts[month]), "period_end": int(lasts[month]),
        }
        for number, month in enumerate(range(OPENS, OPENS + 12))
    ])  # fmt: skip
    today, then = int(lasts[OPENS + 11]), int(lasts[OPENS + 47])
    people = People(np.array([born]), np.array([NONE]), np.full((1, len(program(LSA).attributes)), NONE))
    habits = habits_of(facts, today)
    assert habits is not None
    (course,) = courses(program(LSA), people, facts, habits, [sum(by_ledger)], today, [Milestone("then", then)], [])
    assert list(course.added) == by_party[OPENS + 12 : OPENS + 48].sum(axis=0).tolist()
    assert min(course.added) > 0


# What a rulebook says to people


@pytest.mark.parametrize(
    ("name", "match", "cap", "home_cap", "automatic"),
    [
        (LSA, 0.50, 120_000, NEVER_TOO_DEAR, True),
        (LISA, 0.25, 400_000, 45_000_000, False),
        (SAVING, 0.50, 60_000, NEVER_TOO_DEAR, False),
        ("uk-saving-gateway", 0.50, 30_000, NEVER_TOO_DEAR, False),
    ],
)
def test_a_rulebook_is_asked_what_it_gives(name: str, match: float, cap: int, home_cap: int, automatic: bool) -> None:
    """Match, cap and dearest home of shipped schemes are found by asking them: as their rules say, within a step of the search."""
    laid = Laid(program(name), 120, opens=OPENS)
    assert abs(laid.match - match) < 0.005
    assert laid.cap is not None
    assert abs(laid.cap - cap) <= 1_200
    assert laid.home_cap == home_cap
    assert bool(laid.numbers[places.AUTOMATIC]) is automatic


def test_more_join_for_a_higher_match_up_to_a_half() -> None:
    """Joining is that of the field trials at their matches, and rises no more beyond a half."""
    joins = [
        Laid(program(LSA), 120, opens=OPENS, changed={"match_rate": f"{pence}p per £1"}).joins
        for pence in (0, 20, 50, 100)
    ]
    assert joins == pytest.approx([0.03, 0.08, 0.14, 0.14], abs=0.002)


def test_a_rulebook_in_another_currency_is_refused() -> None:
    """The lab's people are paid in pounds; a scheme in New Zealand dollars is refused, and the words say so."""
    with pytest.raises(Misuse, match="NZD"):
        Laid(program("nz-kiwisaver"), 120)


def test_settings_out_of_range_are_refused() -> None:
    """An assumption that there is not, and a probability above one, are misuse that names them."""
    with pytest.raises(Misuse, match="luck"):
        Settings({"luck": 1.0})
    with pytest.raises(Misuse, match="opts_out"):
        Settings({"opts_out": 1.2})


def test_every_assumption_lies_in_its_range() -> None:
    """The central value lies between the low and the high one, and both within what can be."""
    for one in ranges().values():
        assert one.low <= one.central <= one.high, one.name
        assert one.limits[0] <= one.low, one.name
        assert one.high <= one.limits[1], one.name
        assert one.certainty in {"published", "recalled", "choice"}, one.name


# Luck


def test_a_village_is_the_same_whoever_lives_before_it() -> None:
    """Living another village first, or the same one twice, changes nothing."""
    village, lives = drawn()
    laid = Laid(program(LSA), MONTHS, Settings(), OPENS)
    steady_village, steady_lives = steady(np.full(MONTHS, 100_000))
    live(steady_village, steady_lives, Setting(MONTHS), laid, seed=SEED)
    again = live(village, lives, Setting(MONTHS), laid, seed=SEED).years
    assert same(lived(LSA).years, again) == []


# Plain numbers for machine code


def test_plain_numbers_are_those_of_the_enumerations() -> None:
    """Statuses, jobs, tenures, leavings, plans and levels stand as plain numbers in loops, and are the same ones."""
    assert tuple(Status) == (
        month_loops.ABSENT, month_loops.STUDYING, month_loops.WORKING, month_loops.UNEMPLOYED, month_loops.INACTIVE, month_loops.RETIRED,
    )  # fmt: skip
    assert tuple(Tenure) == (
        home_loops.OUTRIGHT, home_loops.MORTGAGED, home_loops.PRIVATE, home_loops.SOCIAL, home_loops.PARENTS,
    )  # fmt: skip
    assert (month_loops.SELF_EMPLOYED, month_loops.LEVEL_4, month_loops.PLAN_5) == (
        Job.SELF_EMPLOYED, Qualification.LEVEL_4, Plan.PLAN_5,
    )  # fmt: skip
    assert (Leaving.REDUNDANT, Leaving.AUTOMATED) == month_loops.LOST
    assert work_loops.PLATFORMS == PLATFORMS_BELOW


def test_a_month_of_lives_is_laid_out_as_it_was_drawn(tmp_path: Path) -> None:
    """Each laid column is the drawn one of its name, whether lives are in memory or mapped from a file that may not be written."""
    _, lives = drawn()
    np.save(tmp_path / "pay.npy", lives.pay)
    mapped = replace(lives, pay=np.load(tmp_path / "pay.npy", mmap_mode="r"))
    for one in (lives, mapped):
        held, columns = columns_of(one)
        table = np.full((lives.status.shape[1], len(places.DRAWN)), -9, dtype=np.int32)
        for month in (0, 7, lives.months - 1):
            lay_month(columns, month, table)
            for place, name in enumerate(places.DRAWN):
                assert getattr(places, f"DRAWN_{name.upper()}") == place
                assert np.array_equal(table[:, place], getattr(lives, name)[month])
        assert len(held) == len(places.DRAWN)


def test_an_amount_is_shared_without_a_penny_lost() -> None:
    """Half for each, and what one has not the other gives."""
    stock = np.array([[101], [0]], dtype=np.int64)
    purse_loops.add(stock, 0, 1, 0, 7)
    assert stock.sum() == 108
    assert stock[1, 0] == 3
    purse_loops.add(stock, 0, 1, 0, -100)
    assert stock.sum() == 8
    assert stock.min() >= 0


def test_a_home_is_halved_when_two_meet_and_settled_when_they_part() -> None:
    """Nothing of home, mortgage and savings together is lost when a couple forms and when it ends."""

    def wealth(stock: Int) -> int:
        return int((stock[:, places.SAVINGS] + stock[:, places.HOME] - stock[:, places.MORTGAGE]).sum())

    stock = np.zeros((2, places.STOCKS), dtype=np.int64)
    stock[0, [places.HOME, places.MORTGAGE, places.SAVINGS]] = 30_000_001, 10_000_000, 5_000
    stock[0, places.TENURE], stock[1, places.TENURE] = Tenure.MORTGAGE, Tenure.PRIVATE_RENT
    before = wealth(stock)
    home_loops.move_in(stock, 0, 1)
    assert stock[:, places.HOME].tolist() == [15_000_001, 15_000_000]
    home_loops.part(stock, 1, 0, 6_000_000, 0.004)
    assert wealth(stock) == before
    assert stock[1, places.TENURE] == Tenure.MORTGAGE
    assert stock[0, places.TENURE] == Tenure.PRIVATE_RENT


def test_a_mortgage_is_paid_off_by_its_last_month() -> None:
    """An annuity at its rate owes nothing after as many months, and a penny more or less would not do."""
    owed, rate, months = 20_000_000, 0.00375, 300
    payment = home_loops.annuity(owed, rate, months)
    left = owed
    for _ in range(months):
        left = max(left + round(left * rate) - payment, 0)
    assert left == 0
    exact = owed * rate / (1 - (1 + rate) ** -months)
    assert 0 <= payment - exact <= 1


def test_ages_and_days_are_those_of_the_calendar() -> None:
    """A fact of month 0 is dated 30 April 2024."""
    assert format_day(int(last_days(1)[0])) == "2024-04-30"
    assert add_months_to(int(first_days(1)[0]), 1) == int(first_days(2)[1])
