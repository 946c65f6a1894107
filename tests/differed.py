"""The smallest rulebooks and lives on which the kernel and the audit have differed, each with what is right, worked by hand."""

from dataclasses import dataclass

from tests.generate import Life
from tests.telling import (
    QUARTER,
    SAID,
    YEAR,
    Plain,
    closed,
    dated,
    died,
    flag,
    leaving,
    life,
    paid,
    pay,
    says,
    scheme,
    taken,
)

from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True)
class Differed:
    """A rule and a life, why the two differed, and the pence that the rule brings in all."""

    because: str
    rulebook: Rulebook
    life: Life
    brings: int
    refused: int = 0
    gaps: frozenset[tuple[str, str]] = frozenset()
    """Code and value."""


LATER = {"later": dated("money", from_2024_06_01="50")}
RATE_LATER = {"later": dated("rate", from_2024_06_01="20%")}
OWN_BACK = {"refunds": [{"party": "worker"}]}
BALANCE: Plain = {"balance": {"of": "paid.worker", "minus": "withdrawn", "steps": [{"total": "account"}]}}

DIFFERED = [
    Differed(
        "a pay that states the amount counts only where the condition holds",
        scheme("pay.earnings", {"rate": "10%"}, {"round": "down penny"},
               rule={"stated": "pay.worker", "when": {"what": "pay.earnings", "at_least": "100"}}),
        life(pay("2024-02-01", worker=500), pay("2024-03-01", 200_00, worker=700)), 700,
    ),
    Differed(
        "what holds by default is present from the first day on, and saying so is nothing new",
        scheme("present.flag", attributes={"flag": flag("yes")}),
        life(says("2024-01-20", "flag", "yes"), pay("2024-02-10")), 2_00,
    ),
    Differed(
        "a presence that is taken off counts as well",
        scheme("paid.worker", rule={"minus": "present.flag"}, attributes={"flag": flag()}),
        life(says("2024-01-10", "flag", "yes"), paid("2024-02-05", 5_00)), 3_00,
    ),
    Differed(
        "nothing is present after closing",
        scheme("present.flag", rule={"members_only": False}, attributes={"flag": flag()}),
        life(closed("2024-02-10"), paid("2024-05-01", 1_00), flag="yes"), 2_00,
    ),
    Differed(
        "what is in no window never falls due",
        scheme("paid.worker", rule={"due": {"at_end_of": "quarter"}}, windows=QUARTER),
        life(paid("2024-02-01", 10_00), paid("2024-05-01", 20_00)), 10_00,
    ),
    Differed(
        "what is in a window without an end falls due at death alone",
        scheme("paid.worker", rule={"due": {"at_end_of": "account"}}),
        life(paid("2024-02-01", 10_00)), 0,
    ),
    Differed(
        "nothing falls due before its fact",
        scheme("paid.worker", rule={"due": {"at_end_of": "year"}, "members_only": False}, windows=YEAR),
        life(died("2024-03-01"), paid("2024-04-01", 10_00)), 10_00,
    ),
    Differed(
        "pays of periods that begin together and end apart fall due apart",
        scheme("pay.worker", rule={"due": {"at_end_of": "year"}}, windows=YEAR),
        life(
            pay("2024-01-23", worker=1_00, period_start="2024-01-01", period_end="2024-01-14"),
            pay("2024-01-26", worker=2_00, period_start="2024-01-01", period_end="2024-01-21"),
        ), 3_00,
    ),
    Differed(
        "on the day of joining no month has passed since joining",
        scheme("paid.worker", membership={"first_payment_opens": True, "may_join": {"what": "months_since_joining", "at_most": "0"}}),
        life(paid("2024-02-01", 10_00), joined=None), 10_00,
    ),
    Differed(
        "who thought better of opting in is not joined by a pay",
        scheme("pay.earnings", membership={"opt_in": "asked"}, attributes={"asked": flag()}),
        life(says("2024-01-10", "asked", "no"), pay("2024-01-20", 10_00), joined=None, asked="yes"), 0,
    ),
    Differed(
        "the day of opening brings nothing of its own",
        scheme("paid.worker", {"total": "month"}, {"up_to": "cap"}, rule={"members_only": False},
               values={"cap": dated("money", from_2020_01_01="100", from_2024_02_15="50")}),
        life(paid("2024-02-01", 80_00), joined="2024-02-20"), 80_00,
    ),
    Differed(
        "earnings of all jobs are known if any job says them",
        scheme("count.pay", membership={"automatic": {"what": "pay.earnings", "together": "all_jobs", "below": "250"}}),
        life(
            pay("2024-01-25", period_start="2024-01-01", period_end="2024-01-31"),
            pay("2024-01-31", 100_00, payer=2, period_start="2024-01-01", period_end="2024-01-31"), joined=None,
        ), 2_00,
    ),
    Differed(
        "at a gap a floor gives nothing",
        scheme("paid.worker", {"at_least": "later"}, values=LATER),
        life(paid("2024-03-01", 1_00), paid("2024-07-01", 1_00)), 50_00, gaps=frozenset({("value_gap", "later")}),
    ),
    Differed(
        "at a gap what was said last stays",
        scheme("attribute.wage", {"rate": "share"}, {"round": "down penny"}, {"latest": "year"}, windows=YEAR,
               attributes={"wage": {"kind": "money"}},
               values={"share": dated("rate", from_2020_01_01="10%", from_2024_08_01="none")}),
        life(says("2024-07-01", "wage", "100.00"), says("2024-09-01", "wage", "300.00"), paid("2024-10-01", 1_00)), 10_00,
        gaps=frozenset({("value_gap", "share")}),
    ),
    Differed(
        "a cap that is not known refuses nothing",
        scheme("paid.worker", {"up_to": {"value": "later", "beyond": "refused"}}, values=LATER),
        life(paid("2024-03-01", 80_00), paid("2024-07-01", 80_00)), 50_00, refused=30_00,
        gaps=frozenset({("value_gap", "later")}),
    ),
    Differed(
        "a tier that is not reached asks for no figure",
        scheme("paid.worker", {"tiers": [{"up_to": "100", "rate": "10%"}, {"rate": "later"}]}, {"round": "down penny"},
               values=RATE_LATER),
        life(paid("2024-03-01", 100_00)), 10_00,
    ),
    Differed(
        "of a table that is none altogether the figure is missing, not the frequency",
        scheme("paid.worker", {"up_to": "cap"},
               values={"cap": {"unit": "money", "by": "frequency", "dated": {"2020-01-01": {"month": "5"}, "2024-01-01": "none"}}}),
        life(paid("2024-03-01", 100_00)), 0, gaps=frozenset({("value_gap", "cap")}),
    ),
    Differed(
        "where nothing says how often a pay comes the year's figure stands as it is",
        scheme("paid.worker", {"up_to": "cap"},
               values={"cap": {"unit": "money", "by": "frequency", "otherwise": "proportionate", "dated": {"2020-01-01": {"year": "33.33"}}}}),
        life(paid("2024-03-01", 100_00)), 33_33, gaps=frozenset({("frequency_missing", "cap")}),
    ),
    Differed(
        "a percentage is held against a named rate",
        scheme("paid.worker", rule={"when": {"what": "attribute.share", "at_least": "tenth"}},
               attributes={"share": {"kind": "percent"}}, values={"tenth": dated("rate", from_2020_01_01="10%")}),
        life(says("2024-01-05", "share", "5"), paid("2024-01-10", 1_00), says("2024-02-05", "share", "10"), paid("2024-02-10", 2_00)),
        2_00,
    ),
    Differed(
        "hours are held against a number of hours",
        scheme("pay.earnings", rule={"when": {"what": "pay.hours", "at_most": "6"}}),
        life(pay("2024-01-31", 10_00, hours=5_50), pay("2024-02-29", 20_00, hours=6_01)), 10_00,
    ),
    Differed(
        "in a job's total what is in no term counts as nothing",
        scheme(["pay.earnings", "paid.worker"], {"total": {"over": "quarter", "per": "job"}}, windows=QUARTER),
        life(pay("2024-02-01", 20_00, payer=2), paid("2024-05-01", 10_00)), 20_00,
    ),
    Differed(
        "as a cap, a job's total is where it stands",
        scheme("pay.worker", {"up_to": "job"}, windows=YEAR,
               amounts={"job": {"of": "pay.earnings", "steps": [{"total": {"over": "year", "per": "job"}}]}}),
        life(pay("2024-01-31", 10_00, worker=100_00), pay("2024-02-29", 20_00, worker=100_00)), 40_00,
    ),
    Differed(
        "what has not fallen due is not given back",
        scheme("paid.worker", rule={"due": {"at_end_of": "year"}}, windows=YEAR, membership=leaving(OWN_BACK), attributes={"left": flag()}),
        life(paid("2024-02-01", 10_00), says("2024-05-01", "left", "yes")), 10_00,
    ),
    Differed(
        "a notice in time counts, though one came out of time before",
        scheme("paid.worker", membership=leaving({"within": {"from": ["joining"], "after_months": "1", "months": "6"}} | OWN_BACK, stops="in_time"),
               attributes={"left": flag()}),
        life(says("2024-01-10", "left", "yes"), paid("2024-01-20", 10_00), says("2024-03-10", "left", "yes"), paid("2024-04-01", 5_00)), 0,
    ),
    Differed(
        "what would have been given by another day's values is tested by them, too",
        scheme("paid.worker", rule={"when": {"what": "attribute.wage", "at_least": "floor"}},
               membership=leaving({"refunds": [{"party": "worker", "above_rate_on": "2024-05-31"}]}),
               attributes={"left": flag(), "wage": {"kind": "money"}},
               values={"floor": dated("money", from_2024_01_01="100", from_2024_06_01="50")}),
        life(paid("2024-07-01", 10_00), says("2024-07-05", "left", "yes"), wage="70.00"), 0,
    ),
    Differed(
        "a pause holds for the whole of its first day",
        scheme("present.flag", membership={"pauses": [SAID | {"attribute": "rested"}]}, attributes={"rested": flag(), "flag": flag()}),
        life(says("2024-01-01", "rested", "yes"), flag="yes"), 0,
    ),
    Differed(
        "a cap below nothing is one of nothing",
        scheme("pay.earnings", {"up_to": "balance"}, amounts=dict(BALANCE)),
        life(taken("2024-01-10", 10_00), pay("2024-01-20", 5_00)), 0,
    ),
    Differed(
        "less than nothing takes nothing off",
        scheme("pay.earnings", {"less": "balance"}, amounts=dict(BALANCE)),
        life(taken("2024-01-10", 10_00), pay("2024-01-20", 5_00), paid("2024-01-25", 1_00)), 5_00,
    ),
    Differed(
        "the highest of a window begins with nothing",
        scheme("paid.worker", {"total": "account"}, {"highest": "month"}, rule={"minus": "withdrawn"}, membership={"everybody": True}),
        life(taken("2024-01-10", 10_00), paid("2024-01-20", 5_00), joined=None), 0,
    ),
    Differed(
        "after the last term nothing rises or falls",
        scheme("paid.worker", {"total": "quarter"}, {"rise_over": "month"}, windows=QUARTER),
        life(paid("2024-02-01", 10_00), paid("2024-06-05", 20_00)), 10_00,
    ),
    Differed(
        "an average begins anew with its window: 22 days of £31 in 31 days are £22",
        scheme("pay.earnings", {"up_to": "usual"}, windows=YEAR,
               amounts={"usual": {"of": "paid.worker", "steps": [{"total": "year"}, {"average": {"months": "1"}}]}}),
        life(paid("2023-12-10", 31_00), pay("2024-01-10", 100_00), joined="2023-12-01"), 22_00,
    ),
    Differed(
        "a balance is remembered at the end of a year in which nothing happened",
        scheme("pay.earnings", {"up_to": "then"}, windows=YEAR,
               amounts={"then": {"of": "paid.worker", "steps": [{"total": "account"}, {"earlier": {"window": "year", "by": "1"}}]}}),
        life(paid("2023-06-01", 10_00), pay("2025-02-01", 100_00), joined="2023-01-01"), 10_00,
    ),
    Differed(
        "a window that holds less than nothing is passed over when money is taken out",
        scheme("paid.worker", {"total": {"over": "year", "taken_out": "newest_first"}}, rule={"minus": "pay.worker"}, windows=YEAR),
        life(paid("2024-02-01", 10_00), pay("2025-01-31", worker=5_00), taken("2025-03-01", 4_00)), 1_00,
    ),
    Differed(
        "a purpose may ask how much was withdrawn for its word",
        scheme("withdrawn.purpose", rule={"direction": "takes_back"},
               purposes={"home": {"pays": "the seller", "when": {"what": "amount.out", "at_most": "10"}}},
               amounts={"out": {"of": "withdrawn.home", "steps": [{"total": "account"}]}}),
        life(taken("2024-02-01", 6_00, "home"), taken("2024-03-01", 6_00, "home")), -6_00,
    ),
    Differed(
        "what is taken off is said, too",
        scheme("attribute.wage", {"latest": "year"}, rule={"minus": "attribute.costs"}, windows=YEAR,
               attributes={"wage": {"kind": "money"}, "costs": {"kind": "money"}}),
        life(says("2024-02-01", "wage", "100.00"), says("2024-03-01", "costs", "30.00")), -30_00,
    ),
    Differed(
        "a fact in no window of what a rule is made of stands in its own",
        scheme(["started", "pay.earnings"], rule={"members_only": False}, windows=QUARTER,
               amounts={"started": {"of": "paid.worker", "steps": [{"total": "quarter"}]}}),
        life(pay("2024-06-30", 10_00)), 10_00,
    ),
    Differed(
        "of several amounts a rule stands in the window of the first that has one",
        scheme(["paid.employer", "all"], amounts={"all": {"of": "paid.worker", "steps": [{"total": "account"}]}}),
        life(paid("2024-06-30", 10_00, payer=1)), 10_00,
    ),
    Differed(
        "on the day on which an account was opened a payment of the days before is known",
        scheme("paid.worker", membership={"may_join": {"what": "months_since_first_payment", "at_least": "1"}}),
        life(paid("2024-02-01", 10_00), paid("2024-04-01", 5_00), joined="2024-03-15"), 5_00,
    ),
    Differed(
        "and one of the day itself is not",
        scheme("paid.worker", membership={"may_join": {"what": "months_since_first_payment", "at_least": "0"}}),
        life(paid("2024-03-15", 10_00), paid("2024-04-01", 5_00), joined="2024-03-15"), 0,
    ),
]  # fmt: skip
