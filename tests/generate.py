"""Lives that hypothesis makes up: a person and what happened to them, told to the kernel and to the audit alike."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lifepot.audit.told import Person, Told
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Facts, Kind, People
from lifepot.kernel.program import Program
from lifepot.periods import date_of, parse_day
from lifepot.rulebook.terms import Attribute, Rulebook

DAYS_BY_FREQUENCY = (7, 14, 21, 28, 30, 91, 182, 365)


@dataclass(frozen=True, repr=False)
class Happened:
    """One fact in words. Money is pence, days are numbers; None is not said.

    `root` is the number of the first fact of its chain; `number` differs from it where the fact replaced that one.
    """

    number: int
    root: int
    on: int
    kind: Kind
    payer: int = 0
    amount: int | None = None
    earnings: int | None = None
    hours: int | None = None
    worker: int | None = None
    employer: int | None = None
    frequency: int = -1
    period_start: int | None = None
    period_end: int | None = None
    attribute: str = ""
    value: str = ""

    def __repr__(self) -> str:
        blank = Happened(0, 0, 0, Kind.STATUS)
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        words = [f"{name}={value}" for name, value in said.items() if name != "on" and value != getattr(blank, name)]
        return f"<{date_of(self.on)} {' '.join(words)}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(frozen=True)
class Life:
    """A person and what happened, in the order of the facts' numbers."""

    born: int | None
    joined: int | None
    attributes: dict[str, str] = field(default_factory=dict)
    facts: tuple[Happened, ...] = ()


@dataclass(frozen=True)
class World:
    """When a rulebook's lives play, on which days and at which amounts something turns, and how old the people are."""

    first: str
    last: str
    days: tuple[str, ...]
    pounds: tuple[str, ...]
    ages: tuple[int, int]
    attributes: tuple[str, ...]
    pays: bool = True
    joins: bool = False
    """Whether most people's accounts were opened on the first day."""
    kinds: tuple[Kind, ...] = ()
    """What happens besides, as often as it stands here."""


WORLDS = {
    "lifetime-savings-account": World(
        "2026-03-20", "2029-06-30", ("2026-04-05", "2026-04-06", "2027-04-05", "2027-04-06", "2028-04-06", "2028-02-29"),
        ("1200", "1199.99", "600", "50270", "100000", "12570", "40000"), (14, 61),
        ("worker_rate", "opted_out", "caring", "learning", "trading", "profit"),
    ),
    "uk-lifetime-isa": World(
        "2017-04-06", "2021-12-31", ("2018-04-05", "2018-04-06", "2020-03-06", "2021-04-05", "2020-02-29"),
        ("4000", "3999.99", "2000", "450000", "666.66"), (16, 62),
        ("price", "share_price", "share_pct", "mortgage", "conveyancer", "first_time_buyer"), pays=False,
    ),
    "uk-help-to-save": World(
        "2018-12-20", "2023-12-31", ("2019-04-06", "2020-12-31", "2021-01-01", "2021-04-06", "2022-12-31"),
        ("50", "25", "49.99", "0.99", "600"), (18, 60), ("uc", "assessment_period_take_home", "uk_connected"), pays=False,
    ),
    "uk-automatic-enrolment": World(
        "2022-03-25", "2023-12-31", ("2022-04-05", "2022-04-06", "2022-04-30", "2023-04-06"),
        ("833", "833.01", "520", "4189", "192", "192.01", "10000"), (15, 69),
        ("employee_pct", "employer_pct", "basis", "relief", "opted_in", "opted_out", "active_membership", "info_letter"),
    ),
    "uk-student-loan": World(
        "2024-03-20", "2027-04-30", ("2025-04-05", "2025-04-06", "2026-04-05", "2026-04-06", "2027-04-05", "2027-04-06"),
        ("2172.08", "2183.20", "501.25", "27295", "1750", "2500", "31200"), (18, 60),
        ("plan_1", "plan_2", "plan_4", "plan_5", "postgraduate", "court_order", "attachable_net", "protected_earnings",
         "self_assessment", "other_income"),
    ),
    "uk-saving-gateway": World(
        "2009-07-02", "2012-12-31", ("2010-07-01", "2010-07-31", "2010-08-01", "2012-02-29", "2012-06-30"),
        ("25", "24.99", "25.01", "0.99", "100"), (18, 60), ("notice_of_eligibility", "consultation_match"), pays=False,
    ),
    "ippr-lifetime-bonus": World(
        "2011-04-06", "2016-04-30", ("2012-04-05", "2012-04-06", "2012-02-29", "2014-04-06", "2015-04-05"),
        ("1000", "2000", "3000", "10000", "9999.99", "0.15"), (18, 60), (), pays=False,
    ),
    "fr-mon-compte-formation": World(
        "2019-01-01", "2026-04-30", ("2019-12-31", "2020-01-01", "2020-04-01", "2021-03-31", "2024-05-02"),
        ("500", "5000", "8000", "4999.99", "100"), (16, 60),
        ("supported", "counted_by", "days_worked", "reference_pay", "balance_brought", "old_hours_converted", "state_top_up"),
    ),
    "sg-cpf": World(
        "2024-01-01", "2026-12-31", ("2024-12-31", "2025-01-01", "2025-07-31", "2025-12-31", "2026-01-01"),
        ("50", "50.01", "500", "750", "749.99", "7400", "8000", "60000"), (30, 72), ("additional_wages",),
    ),
    "sg-skillsfuture": World(
        "2016-01-01", "2026-12-31", ("2016-01-01", "2020-12-31", "2024-05-01", "2025-01-01", "2025-12-31"),
        ("500", "4000", "600", "6000", "300"), (20, 62),
        ("citizen", "mid_career_course", "subsidy_pct", "in_full_time_training", "average_income"),
    ),
    "nz-kiwisaver": World(
        "2024-06-20", "2028-07-31", ("2025-06-30", "2025-07-01", "2026-03-31", "2026-04-01", "2028-04-01"),
        ("1042.86", "1042.85", "180000", "5000", "0.02"), (15, 66),
        ("worker_rate", "employer_rate", "taxable_income", "opted_in", "opted_out", "savings_suspension"),
    ),
    "us-savers-match": World(
        "2026-12-20", "2028-02-28", ("2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01"),
        ("2000", "1999.99", "20500", "28000", "35500", "71000"), (16, 60),
        ("filing", "magi", "full_time_student", "dependant"),
    ),
    "ie-my-future-fund": World(
        "2025-12-20", "2029-12-31", ("2026-01-01", "2026-12-31", "2028-12-31", "2029-01-01", "2029-07-15", "2029-08-20"),
        ("1666.67", "1666.66", "20000", "80000", "384.61", "39999.99"), (21, 61),
        ("exempt", "notice", "opted_out", "suspended", "appeal_allowed"),
    ),
}  # fmt: skip
"""Each shipped rulebook's."""


def pence(pounds: str) -> int:
    """Pence from "12.34"."""
    whole, _, decimals = pounds.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0") or 0)


def text_of(
    attribute: Attribute, days: st.SearchStrategy[int], money: st.SearchStrategy[int]
) -> st.SearchStrategy[str]:
    """Values of an attribute, as a file writes them."""
    match attribute.kind:
        case "yes_no":
            return st.sampled_from(["yes", "no"])
        case "choice":
            return st.sampled_from(attribute.choices or [])
        case "money":
            return money.map(lambda minor: f"{minor // 100}.{minor % 100:02d}")
        case "percent":
            return st.sampled_from(["0", "1", "2.5", "3", "4.75", "5", "8", "25", "100"])
        case "day":
            return days.map(lambda day: date_of(day).isoformat())
        case _:
            return st.integers(0, 40).map(str)


@st.composite
def lives(
    draw: st.DrawFn, rulebook: Rulebook, *, most: int = 14, plain: bool = False, world: World | None = None
) -> Life:
    """A life under a rulebook, in its own world unless another is given.

    `plain`: nothing but pay and payments, none replaced, and an account that opens itself.
    """
    world = world or WORLDS[rulebook.name]
    first, last = parse_day(world.first), parse_day(world.last)
    # Most of what interacts does so within weeks: opting out after joining, money in and out, two jobs of one month.
    around = draw(st.integers(first, last))
    turning = [parse_day(day) for day in world.days]
    days = st.sampled_from(turning) | st.integers(first, last) | st.integers(around, around + 40)
    money = st.sampled_from([pence(pounds) for pounds in world.pounds]) | st.integers(1, 300_000)
    younger, older = (first - int(365.25 * years) for years in world.ages)
    born = draw(st.integers(older, younger) | st.just(first - 9862))
    names = list(world.attributes)
    values = {name: text_of(rulebook.attributes[name], days, money) for name in names}
    own: dict[str, str] = {}
    joined = None
    if not plain:
        joined = draw(
            st.just(first) | st.just(first) | st.none() | days if world.joins else st.none() | st.none() | days
        )
        chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        own = {name: draw(values[name]) for name in chosen}
        born = draw(st.just(born) | st.just(born) | st.just(born) | st.none())
    kinds = [Kind.PAY] * 6 + [Kind.PAID] * 3 if world.pays else [Kind.PAID] * 6
    if not plain:
        kinds += (
            [Kind.WITHDRAWN] * 2
            + [Kind.STATUS] * (3 if names else 0)
            + [Kind.CLOSED, Kind.DIED][: draw(st.integers(0, 2))]
        )
    kinds += world.kinds
    facts = []
    for number in range(draw(st.sampled_from(range(1, most + 1)))):
        kind = draw(st.sampled_from(kinds))
        chain = number if plain else number + draw(st.sampled_from([0, 0, 0, 1_000]))
        facts.append(_happened(draw, rulebook, Happened(chain, number, draw(days), kind), money, values))
    return Life(born, joined, own, tuple(facts))


def _happened(
    draw: st.DrawFn, rulebook: Rulebook, fact: Happened, money: st.SearchStrategy[int], values: dict[str, st.SearchStrategy[str]]
) -> Happened:  # fmt: skip
    match fact.kind:
        case Kind.PAY:
            return _pay(draw, fact, money)
        case Kind.PAID:
            return replace(fact, payer=draw(st.sampled_from([0, 0, 0, 2])), amount=draw(money))
        case Kind.WITHDRAWN:
            return replace(fact, amount=draw(money), value=draw(st.sampled_from(["", *rulebook.purposes])))
        case Kind.STATUS:
            name = draw(st.sampled_from(list(values)))
            payer = draw(st.sampled_from([0, 0, 0, 1]))
            return replace(fact, payer=payer, attribute=name, value=draw(values[name]))
        case _:
            return fact


def _pay(draw: st.DrawFn, fact: Happened, money: st.SearchStrategy[int]) -> Happened:
    frequency = draw(st.sampled_from([0, 3, 4, 4, 4, -1, *range(8)]))
    start = end = None
    if draw(st.booleans()):
        end = fact.on + draw(st.integers(-5, 5))
        start = end + 1 - DAYS_BY_FREQUENCY[draw(st.sampled_from([frequency if frequency >= 0 else 4, 0, 4]))]
    stated = st.none() | st.none() | st.integers(0, 20_000)
    return replace(
        fact,
        payer=draw(st.sampled_from([1, 1, 2, 3])),
        earnings=draw(money | money | money | st.none() | st.just(0)),
        hours=draw(st.none() | st.integers(0, 20_000)),
        worker=draw(stated),
        employer=draw(stated),
        frequency=frequency,
        period_start=start,
        period_end=end,
    )


def to_kernel(program: Program, told: list[Life]) -> tuple[People, Facts]:
    """Lives as the kernel's columns. A fact's number is made its member's own: 100,000 a member."""
    said = np.full((len(told), len(program.attributes)), NONE, dtype=np.int64)
    rows: list[dict[str, int]] = []
    for member, life in enumerate(told):
        for name, text in life.attributes.items():
            said[member, program.attribute(name)] = program.encode(name, text)
        rows += [_row(program, member, fact) for fact in life.facts]
    born = np.array([NONE if life.born is None else life.born for life in told], dtype=np.int64)
    joined = np.array([NONE if life.joined is None else life.joined for life in told], dtype=np.int64)
    return People(born, joined, said), Facts.of(rows)


def _row(program: Program, member: int, fact: Happened) -> dict[str, int]:
    numbers: dict[str, Any] = {
        name: getattr(fact, name)
        for name in ("amount", "earnings", "hours", "worker", "employer", "period_start", "period_end")
        if getattr(fact, name) is not None
    }
    value = -1
    if fact.kind is Kind.STATUS:
        value = program.encode(fact.attribute, fact.value)
    elif fact.kind is Kind.WITHDRAWN and fact.value:
        value = list(program.rulebook.purposes).index(fact.value)
    attribute = program.attribute(fact.attribute) if fact.attribute else -1
    own = member * 100_000
    return numbers | {
        "fact": own + fact.number, "root": own + fact.root, "member": member, "on": fact.on, "kind": int(fact.kind),
        "payer": fact.payer, "frequency": fact.frequency, "attribute": attribute, "value": value,
    }  # fmt: skip


def to_audit(life: Life, member: int = 0) -> tuple[Person, list[Told]]:
    """A life as the audit is told it."""
    person = Person(_date(life.born), _date(life.joined), dict(life.attributes))
    own = member * 100_000
    told = [
        Told(
            ref=own + fact.number, root=own + fact.root, member=member, on=date_of(fact.on), kind=fact.kind.name.lower(),
            payer=fact.payer, amount=fact.amount, earnings=fact.earnings, hours=fact.hours, worker=fact.worker,
            employer=fact.employer, frequency=FREQUENCY_WORDS[fact.frequency] if fact.frequency >= 0 else None,
            period_start=_date(fact.period_start), period_end=_date(fact.period_end), attribute=fact.attribute, value=fact.value,
        )
        for fact in life.facts
    ]  # fmt: skip
    return person, told


def _date(day: int | None) -> date | None:
    return None if day is None else date_of(day)
