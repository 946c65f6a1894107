"""Terms of the language, each worked by hand on both sides of every boundary: what is brought, and on which day."""

from dataclasses import dataclass

from tests.generate import Life
from tests.telling import Plain, closed, dated, flag, life, paid, pay, says, scheme, table, taken

from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True)
class Worked:
    """What a rule brings in a life, day by day in pence, and what of payments is refused."""

    claim: str
    rulebook: Rulebook
    life: Life
    brings: tuple[tuple[str, int], ...] = ()
    refused: int = 0
    gaps: frozenset[tuple[str, str]] = frozenset()


MONTHLY: Plain = {"monthly": {"every": "month", "starts": "15"}}
MIDSUMMER: Plain = {"midsummer": {"on": "2024-06-15"}}
BIRTHDAY: Plain = {"birthday": {"age": "34y 2m"}}
SPRING: Plain = {"spring": {"every": "year", "starts": "04-06"}}
ALL_PAID: Plain = {"all": {"of": "paid.worker", "steps": [{"total": "account"}]}}
WAGE: Plain = {"wage": {"kind": "money"}}
TALLY: Plain = {"tally": {"kind": "number"}}
COLOUR: Plain = {"colour": {"kind": "choice", "choices": ["red", "green"]}}
A_GAP = frozenset({("value_gap", "figure")})


def by_age(begins: str = "birthday") -> Plain:
    """£1 from 30, £2 from 34."""
    return {"figure": table("age", {"band_begins": begins}, at_30="1", at_34="2")}


def share(rounded: str) -> Plain:
    """A pay period's share of £1,000 a year."""
    return {
        "yearly": dated("money", from_2020_01_01="1000"),
        "figure": {"unit": "money", "share_of": "yearly", "rounded": rounded},
    }


def usual(months: str) -> Plain:
    """The average of what was paid in."""
    return {"usual": {"of": "paid.worker", "steps": [{"total": "account"}, {"average": {"months": months}}]}}


TOP: Plain = {"top": dated("money", from_2020_01_01="100", from_2024_06_01="50")}

WORKED = [
    # Named days
    Worked("a fixed day has not come the day before", scheme("day.midsummer", days=MIDSUMMER), life(taken("2024-06-14", 1))),
    Worked(
        "a fixed day counts 1.00 on its day", scheme("day.midsummer", days=MIDSUMMER),
        life(taken("2024-06-15", 1)), (("2024-06-15", 1_00),),
    ),
    Worked(
        "34 and two months has not come the day before", scheme("day.birthday", days=BIRTHDAY), life(taken("2024-02-29", 1)),
    ),
    Worked(
        "34 and two months comes two months after the birthday", scheme("day.birthday", days=BIRTHDAY),
        life(taken("2024-03-01", 1)), (("2024-03-01", 1_00),),
    ),
    Worked(
        "a day that comes every year comes on the day of joining", scheme("day.spring", days=SPRING),
        life(taken("2025-04-06", 1), joined="2024-04-06"), (("2024-04-06", 1_00), ("2025-04-06", 1_00)),
    ),
    Worked(
        "… and not before it", scheme("day.spring", rule={"members_only": False}, days=SPRING),
        life(taken("2025-04-06", 1), joined="2024-04-07"), (("2025-04-06", 1_00),),
    ),
    Worked(
        "where joining was not given, it comes from the first fact on",
        scheme("day.spring", rule={"members_only": False}, days=SPRING, membership={"first_payment_opens": True}),
        life(taken("2024-04-07", 1), taken("2025-04-06", 1), joined=None), (("2025-04-06", 1_00),),
    ),
    Worked(
        "a day that comes every month comes on the last day and not after it",
        scheme("day.monthly", rule={"members_only": False}, days=MONTHLY),
        life(closed("2024-02-15"), taken("2024-04-01", 1)), (("2024-01-15", 1_00), ("2024-02-15", 1_00)),
    ),
    Worked(
        "a named day stands before its own day's money",
        scheme("day.midsummer", rule={"when": {"what": "amount.all", "at_least": "10"}}, days=MIDSUMMER, amounts=ALL_PAID),
        life(paid("2024-06-15", 10_00)),
    ),
    Worked(
        "… after the money of the day before",
        scheme("day.midsummer", rule={"when": {"what": "amount.all", "at_least": "10"}}, days=MIDSUMMER, amounts=ALL_PAID),
        life(paid("2024-06-14", 10_00), paid("2024-06-15", 1_00)), (("2024-06-15", 1_00),),
    ),
    Worked(
        "… and after what is said on it",
        scheme("day.midsummer", rule={"when": {"what": "attribute.flag", "is": "yes"}}, days=MIDSUMMER, attributes={"flag": flag()}),
        life(says("2024-06-15", "flag", "yes")), (("2024-06-15", 1_00),),
    ),
    # Counts, and several sources
    Worked(
        "each pay, each payment by the worker and each withdrawal counts 1.00",
        scheme(["count.pay", "count.paid", "count.withdrawn"]),
        life(pay("2024-01-31"), paid("2024-02-01", 5), paid("2024-02-02", 5, payer=1), taken("2024-02-03", 1)),
        (("2024-01-31", 1_00), ("2024-02-01", 1_00), ("2024-02-03", 1_00)),
    ),
    Worked(
        "an attribute that is yes counts 1.00 on its first day and at the head of each month",
        scheme("present.flag", attributes={"flag": flag()}),
        life(says("2024-01-20", "flag", "yes"), says("2024-03-01", "flag", "no")), (("2024-01-20", 1_00), ("2024-02-01", 1_00)),
    ),
    Worked(
        "of the highest of two, the one that is said counts", scheme(["pay.worker", "pay.employer"], rule={"combined": "highest"}),
        life(pay("2024-01-31", worker=3_00, employer=5_00), pay("2024-02-29", worker=3_00)), (("2024-01-31", 5_00), ("2024-02-29", 3_00)),
    ),
    Worked(
        "of the lowest of two, the one that is not said is nothing", scheme(["pay.worker", "pay.employer"], rule={"combined": "lowest"}),
        life(pay("2024-01-31", worker=3_00, employer=5_00), pay("2024-02-29", worker=3_00)), (("2024-01-31", 3_00),),
    ),
    # Tests of amounts
    Worked(
        "a total is tested where it stands at the fact, with it",
        scheme("paid.worker", rule={"when": {"what": "amount.all", "below": "100"}}, amounts=ALL_PAID),
        life(paid("2024-02-01", 60_00), paid("2024-02-02", 39_99), paid("2024-02-03", 1)), (("2024-02-01", 60_00), ("2024-02-02", 39_99)),
    ),
    Worked(
        "an amount without a total is tested for what the fact itself brings",
        scheme("paid.worker", rule={"when": {"what": "amount.part", "above": "5"}}, amounts={"part": {"of": "paid.worker"}}),
        life(paid("2024-02-01", 5_00), paid("2024-02-02", 5_01)), (("2024-02-02", 5_01),),
    ),
    Worked(
        "a purpose may ask what was saved",
        scheme("withdrawn.no_purpose", amounts=ALL_PAID,
               purposes={"home": {"pays": "the seller", "when": {"what": "amount.all", "at_least": "100"}}}),
        life(paid("2024-02-01", 99_99), taken("2024-02-02", 1_00, "home"), paid("2024-02-03", 1), taken("2024-02-04", 2_00, "home")),
        (("2024-02-02", 1_00),),
    ),
    # Attributes and amounts as figures
    Worked(
        "a cap that is an attribute does nothing until it is known", scheme("paid.worker", {"up_to": "attribute.wage"}, attributes=WAGE),
        life(paid("2024-02-01", 50_00), says("2024-02-02", "wage", "20.00"), paid("2024-02-02", 50_00)),
        (("2024-02-01", 50_00), ("2024-02-02", 20_00)),
    ),
    Worked(
        "so does what is taken off", scheme("paid.worker", {"less": "attribute.wage"}, attributes=WAGE),
        life(paid("2024-02-01", 50_00), says("2024-02-02", "wage", "20.00"), paid("2024-02-02", 50_00)),
        (("2024-02-01", 50_00), ("2024-02-02", 30_00)),
    ),
    Worked(
        "so does a top", scheme("paid.worker", {"total": {"over": "account", "not_above": "attribute.wage"}}, attributes=WAGE),
        life(paid("2024-02-01", 10_00), says("2024-02-02", "wage", "20.00"), paid("2024-02-02", 50_00)),
        (("2024-02-01", 10_00), ("2024-02-02", 10_00)),
    ),
    Worked(
        "what is given by an attribute is nothing until it is known", scheme("paid.worker", {"give": "attribute.wage"}, attributes=WAGE),
        life(paid("2024-02-01", 50_00), says("2024-02-02", "wage", "20.00"), paid("2024-02-02", 50_00)), (("2024-02-02", 20_00),),
    ),
    Worked(
        "a share of an attribute is nothing until it is known",
        scheme("paid.worker", {"pro_rata": {"amount": "attribute.wage", "of": "100"}}, {"round": "half_up penny"}, attributes=WAGE),
        life(paid("2024-02-01", 50_00), says("2024-02-02", "wage", "20.00"), paid("2024-02-02", 50_00)), (("2024-02-02", 10_00),),
    ),
    Worked(
        "a number counts 1.00 each", scheme("paid.worker", {"up_to": "attribute.tally"}, attributes=TALLY),
        life(paid("2024-02-01", 50_00), tally="3"), (("2024-02-01", 3_00),),
    ),
    Worked(
        "what is given may be an amount, where it stands", scheme("pay.earnings", {"give": "all"}, amounts=ALL_PAID),
        life(paid("2024-02-01", 7_00), pay("2024-02-29", 1), pay("2024-03-31", 0)), (("2024-02-29", 7_00),),
    ),
    Worked(
        "a taper may be decided by an attribute: whole up to £100, half at £150, nothing from £200; whole while it is not known",
        scheme("paid.worker", {"taper": {"on": "attribute.wage", "from": "100", "to": "200"}}, {"round": "half_up penny"}, attributes=WAGE),
        life(
            paid("2024-02-01", 10_00),
            *(one for nth, wage in enumerate(("100.00", "150.00", "200.00"))
              for one in (says(f"2024-03-0{nth + 1}", "wage", wage), paid(f"2024-03-0{nth + 1}", 10_00))),
        ), (("2024-02-01", 10_00), ("2024-03-01", 10_00), ("2024-03-02", 5_00)),
    ),
    # Steps
    Worked(
        "a total whose condition ceases to hold is taken back, and given again when it holds again",
        scheme("paid.worker", {"total": "account"}, {"where": {"what": "attribute.flag", "is": "yes"}}, attributes={"flag": flag()}),
        life(
            paid("2024-01-10", 10_00), says("2024-02-01", "flag", "yes"), paid("2024-02-02", 5_00), says("2024-03-01", "flag", "no"),
            says("2024-04-01", "flag", "yes"),
        ), (("2024-02-01", 10_00), ("2024-02-02", 5_00), ("2024-03-01", -15_00), ("2024-04-01", 15_00)),
    ),
    Worked(
        "a part whose condition does not hold at its fact is nothing",
        scheme("paid.worker", {"where": {"what": "attribute.flag", "is": "yes"}}, attributes={"flag": flag()}),
        life(paid("2024-01-10", 10_00), says("2024-02-01", "flag", "yes"), paid("2024-02-02", 5_00)), (("2024-02-02", 5_00),),
    ),
    Worked(
        "three sevenths of £10 are £4.2857, half up £4.29", scheme("paid.worker", {"pro_rata": {"amount": "3", "of": "7"}}, {"round": "half_up penny"}),
        life(paid("2024-02-01", 10_00)), (("2024-02-01", 4_29),),
    ),
    Worked(
        "of nothing there is no share", scheme("paid.worker", {"pro_rata": {"amount": "3", "of": "0"}}, {"round": "half_up penny"}),
        life(paid("2024-02-01", 10_00)),
    ),
    Worked(
        "£30 paid on the 11th stood for 21 of January's 31 days: £20.32 on average", scheme("pay.earnings", {"up_to": "usual"}, amounts=usual("1")),
        life(paid("2024-01-11", 30_00), pay("2024-02-01", 100_00)), (("2024-02-01", 20_32),),
    ),
    Worked(
        "… on the next day, for one of 31: £0.97; on the day itself it had not stood at all",
        scheme("pay.earnings", {"up_to": "usual"}, amounts=usual("1")),
        life(paid("2024-01-11", 30_00), pay("2024-01-11", 100_00), pay("2024-01-12", 100_00)), (("2024-01-12", 97),),
    ),
    Worked(
        "what an average is taken of brings what it did", scheme("usual", amounts=usual("1")),
        life(paid("2024-01-11", 30_00), paid("2024-01-12", 5_00)), (("2024-01-11", 30_00), ("2024-01-12", 5_00)),
    ),
    Worked(
        "a total rises to its top and no higher; when the top falls it stays, and rises again from below it",
        scheme("paid.worker", {"total": {"over": "account", "not_above": "top"}}, rule={"minus": "withdrawn"}, values=TOP),
        life(
            paid("2024-02-01", 60_00), paid("2024-02-02", 50_00), paid("2024-06-01", 10_00), taken("2024-06-02", 70_00),
            paid("2024-06-03", 30_00),
        ), (("2024-02-01", 60_00), ("2024-02-02", 40_00), ("2024-06-02", -70_00), ("2024-06-03", 20_00)),
    ),
    Worked(
        "what is beyond a top may be refused: £10 of £50, then all of £10",
        scheme("paid.worker", {"total": {"over": "account", "not_above": "top", "beyond": "refused"}}, values=TOP),
        life(paid("2024-02-01", 60_00), paid("2024-02-02", 50_00), paid("2024-06-01", 10_00)),
        (("2024-02-01", 60_00), ("2024-02-02", 40_00)), refused=20_00,
    ),
    Worked(
        "between nothing and its top a total forgets what lies beyond either",
        scheme("paid.worker", {"total": {"over": "account", "not_above": "top", "not_below": "0"}}, rule={"minus": "withdrawn"}, values=TOP),
        life(paid("2024-02-01", 150_00), taken("2024-02-02", 130_00), paid("2024-02-03", 1_00)),
        (("2024-02-01", 100_00), ("2024-02-02", -100_00), ("2024-02-03", 1_00)),
    ),
    # Values
    Worked(
        "an age is reached on the birthday", scheme("paid.worker", {"give": "figure"}, values=by_age()),
        life(paid("2024-06-14", 5_00), paid("2024-06-15", 5_00), born="1990-06-15"), (("2024-06-14", 1_00), ("2024-06-15", 2_00)),
    ),
    Worked(
        "… or on the first of the month after it", scheme("paid.worker", {"give": "figure"}, values=by_age("month_after")),
        life(paid("2024-06-30", 5_00), paid("2024-07-01", 5_00), born="1990-06-15"), (("2024-06-30", 1_00), ("2024-07-01", 2_00)),
    ),
    Worked(
        "who was born on the first of a month waits for the next, too",
        scheme("paid.worker", {"give": "figure"}, values=by_age("month_after")),
        life(paid("2024-06-30", 5_00), paid("2024-07-01", 5_00), born="1990-06-01"), (("2024-06-30", 1_00), ("2024-07-01", 2_00)),
    ),
    Worked(
        "the age at a pay is that on the last day of its period", scheme("pay.earnings", {"give": "figure"}, values=by_age()),
        life(
            pay("2024-06-10", 5_00, period_start="2024-06-01", period_end="2024-06-14"),
            pay("2024-06-11", 5_00, period_start="2024-06-02", period_end="2024-06-15"), born="1990-06-15",
        ), (("2024-06-10", 1_00), ("2024-06-11", 2_00)),
    ),
    Worked(
        "below the first age there is no figure", scheme("paid.worker", {"give": "figure"}, values=by_age()),
        life(paid("2024-06-14", 5_00), born="1994-06-15"), gaps=A_GAP,
    ),
    Worked(
        "a table by words gives the figure of the word that holds; none for a word that is not there or not known",
        scheme("paid.worker", {"give": "figure"}, attributes=COLOUR, values={"figure": table("attribute.colour", red="3")}),
        life(paid("2024-02-01", 5_00), says("2024-03-01", "colour", "red"), paid("2024-03-01", 5_00),
             says("2024-04-01", "colour", "green"), paid("2024-04-01", 5_00)),
        (("2024-03-01", 3_00),), gaps=A_GAP,
    ),
    Worked(
        "a table by yes and no", scheme("paid.worker", {"give": "figure"}, attributes={"flag": flag()}, values={"figure": table("attribute.flag", yes="3", no="4")}),
        life(paid("2024-02-01", 5_00), says("2024-03-01", "flag", "yes"), paid("2024-03-01", 5_00)), (("2024-02-01", 4_00), ("2024-03-01", 3_00)),
    ),
    Worked(
        "of £1,000 a year a month has £83, a week £19, ten days £27, and who says nothing the whole",
        scheme("pay.earnings", {"give": "figure"}, values=share("half_up pound")),
        life(
            pay("2024-01-31", 5_00), pay("2024-02-07", 5_00, frequency=0),
            pay("2024-03-10", 5_00, frequency=-1, period_start="2024-03-01", period_end="2024-03-10"), pay("2024-04-30", 5_00, frequency=-1),
        ), (("2024-01-31", 83_00), ("2024-02-07", 19_00), ("2024-03-10", 27_00), ("2024-04-30", 1_000_00)),
        gaps=frozenset({("frequency_missing", "figure")}),
    ),
    Worked(
        "a week's exact share of £1,000 is £19.23 and a fraction",
        scheme("pay.earnings", rule={"when": {"what": "pay.earnings", "at_least": "figure"}},
               values={"yearly": dated("money", from_2020_01_01="1000"), "figure": {"unit": "money", "share_of": "yearly"}}),
        life(pay("2024-01-07", 19_23, frequency=0), pay("2024-01-14", 19_24, frequency=0)), (("2024-01-14", 19_24),),
    ),
]  # fmt: skip
