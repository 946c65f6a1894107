"""What a rulebook can say: the terms of the language, as the shape of a YAML file.

A rulebook is read top down: windows cut time, values are dated figures, attributes are what a member may declare,
conditions test them; membership says who is in; purposes say what money may leave for; amounts and rules turn
facts into entitlements; claims (in `claim_terms`) say how entitlements are asked for.

A **rule** is a column of money that goes through *steps*. It begins as parts, one a fact. `total` turns the parts
into a running total within a window; steps after it act on the total; what a fact brings is the difference that it
makes to the end of the chain. So the total is rounded, never the part, unless the rule says otherwise by stepping
back with `part`. Rules without `total` treat each fact alone.

Everything here is shape; `checks` says whether a well-shaped rulebook makes sense.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from lifepot.rulebook.claim_terms import Claim
from lifepot.rulebook.ground import Certainty, Figure, Name, Term, Text

RulebookName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Party = Literal["worker", "employer", "government"]


class Window(Term):
    """A way to cut time. `month` (calendar months) and `account` (the whole life of the account) are built in."""

    description: Text
    every: Literal["month", "year"] | None = Field(None, description="windows that repeat in the calendar")
    starts: Figure | None = Field(None, description="the first day: a day number for months, month-day for years")
    months: Figure | None = Field(None, description="length of one term, counted from the month of joining")
    times: Figure | None = Field(None, description="how many terms there are; after the last, nothing is in window")


class Value(Term):
    """A dated figure: what it means, its unit, where it comes from, and what it is from each day on."""

    description: Text
    unit: Literal["money", "rate", "age", "number", "day"]
    source: Text
    certainty: Certainty = Field("verified", description="recalled and open figures are said to be so wherever used")
    by: Annotated[str, StringConstraints(pattern=r"^(frequency|born|age|attribute\.[a-z][a-z0-9_]*)$")] | None = Field(
        None,
        description="a table: a figure per pay frequency, per birth day or age from which it holds, or per word of an attribute",
    )
    band_begins: Literal["birthday", "month_after"] = Field(
        "birthday", description="in a table by age: a new age counts from the birthday, or from the month after it"
    )
    otherwise: Literal["proportionate"] | None = Field(
        None, description="a frequency not in the table takes its share of the year's figure, to the nearest pound"
    )
    share_of: Name | None = Field(
        None,
        description="a pay period's share of a yearly value (weeks of 52, months of 12, days of 365), instead of `dated`",
    )
    rounded: Figure | None = Field(None, description="how that share is rounded; without it, it is compared exactly")
    dated: dict[str, Figure | dict[str, Figure]] = Field(
        default={}, description="first day it is in force: the figure, or `none`"
    )


class Day(Term):
    """A day on which something is due to happen although nothing is told: a birthday, a fixed day, a day every year."""

    description: Text
    on: Figure | None = Field(None, description="a fixed day")
    age: Figure | None = Field(None, description="the birthday on which this age is reached")
    every: Literal["month", "year"] | None = Field(None, description="a day that comes again")
    starts: Figure | None = Field(None, description="which: a day number for months, month-day for years")


class Attribute(Term):
    """Something a member may declare or a file may tell, with a day from which it holds."""

    description: Text
    kind: Literal["yes_no", "money", "percent", "number", "day", "choice"]
    choices: list[str] | None = None
    default: Figure | None = Field(None, description="what holds when nothing was said; without it, not known")
    otherwise: "Quotient | None" = Field(None, description="how to work it out from two others when it was not said")
    aliases: list[str] = Field(default=[], description="other names that files give it")


class Quotient(Term):
    """An amount divided by a percentage: a quarter share at 50,000 is a full value of 200,000."""

    amount: Name
    over_percent: Name


class All(Term):
    """Every one must hold."""

    all: list["Condition"] = Field(min_length=1)


class AnyOf(Term):
    """At least one must hold."""

    any: list["Condition"] = Field(min_length=1)


class Not(Term):
    """It must not hold."""

    not_: "Condition" = Field(alias="not")


class Test(Term):
    """One comparison. `above` and `below` leave the boundary out, `at_least` and `at_most` include it."""

    what: Annotated[
        str,
        StringConstraints(
            pattern=r"^(age|age_at_joining|age_at_first_payment|date|pay\.(earnings|hours|worker|employer)|months_since_joining|months_since_first_payment|attribute\.[a-z][a-z0-9_]*|amount\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?)$"
        ),
    ] = Field(description="what is tested, on the day of the fact (age of a pay: on the last day of its period)")
    above: Figure | None = None
    at_least: Figure | None = None
    below: Figure | None = None
    at_most: Figure | None = None
    is_: Figure | None = Field(None, alias="is")
    together: Literal["all_jobs"] | None = Field(
        None,
        description="earnings of all jobs in the same pay period, exempt or not; without it each job is tested alone",
    )
    unknown: Literal["passes", "fails"] = Field("fails", description="what happens when it was never said")


def _condition_kind(raw: Any) -> str:
    if isinstance(raw, str):
        return "name"
    if isinstance(raw, dict):
        for key in ("all", "any", "not"):
            if key in raw:
                return key
        return "test"
    return (
        "all"
        if isinstance(raw, All)
        else "any"
        if isinstance(raw, AnyOf)
        else "not"
        if isinstance(raw, Not)
        else "test"
    )


Condition = Annotated[
    Annotated[Name, Tag("name")]
    | Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Test, Tag("test")],
    Discriminator(_condition_kind),
]
"""A named condition, a test, or `all`, `any`, `not` of conditions."""


class Total(Term):
    """Running total within a window."""

    over: Name
    per: Literal["member", "job"] = Field("member", description="over all jobs together, or for each payer alone")
    taken_out: Literal["newest_first"] | None = Field(
        None, description="money taken out for no purpose undoes the newest money first, back through earlier windows"
    )
    not_below: Literal["0"] | None = Field(None, description="the total never falls below nothing")
    not_above: Figure | None = Field(None, description="the total rises no higher: what would bring it above is lost")
    beyond: Literal["disregarded", "refused"] = Field(
        "disregarded", description="in `not_above`: whether what is beyond is disregarded, or refused and sent back"
    )


class UpTo(Term):
    """A cap. What is beyond is disregarded (it stays, but counts for nothing) or refused (it is sent back)."""

    value: Figure
    beyond: Literal["disregarded", "refused"] = "disregarded"


class RateBy(Term):
    """A rate that a member or a file may set; where nothing is said, the value."""

    attribute: Name
    otherwise: Figure


class Tier(Term):
    """One slice of a tiered rate. The last tier has no end."""

    up_to: Figure | None = None
    rate: Figure


class Taper(Term):
    """Falls in a straight line from the whole at `from` to nothing at `to`."""

    on: Name = Field(description="the amount, or `attribute.` and a name, that decides")
    from_: Figure = Field(alias="from")
    to: Figure


class Earlier(Term):
    """What the running total had come to in an earlier window."""

    window: Name
    by: Figure = Field(description="how many windows earlier")
    since: Literal["joining"] | None = Field(None, description="windows before the one of joining count as nothing")


class ProRata(Term):
    """A share of an amount: the figure divided by what would be the whole of it, times the amount."""

    amount: Figure = Field(description="what the whole would bring")
    of: Figure = Field(description="what would be the whole")


class Average(Term):
    """The average of the running total, day by day, over the months before the day of the fact."""

    months: Figure


class TotalStep(Term):
    total: Name | Total = Field(description="running total within a window")


class PartStep(Term):
    part: Literal["each"] = Field(description="back to the part that each fact added")


class UpToStep(Term):
    up_to: Figure | UpTo = Field(description="a cap: a figure, a value or another amount of the same fact")


class LessStep(Term):
    less: Figure = Field(description="taken off, not below nothing")


class AtLeastStep(Term):
    at_least: Figure = Field(description="a floor")


class RateStep(Term):
    rate: Figure | RateBy = Field(
        description="multiplied by a rate; on a running total, each part by the rate of its day"
    )


class TiersStep(Term):
    tiers: list[Tier] = Field(min_length=1, description="each slice at its own rate")


class TaperStep(Term):
    taper: Taper = Field(description="falls in a straight line over another amount")


class RoundStep(Term):
    round: Figure = Field(description="half_up, half_even, down or up; to a penny (cent) or a pound (euro, dollar)")


class HighestStep(Term):
    highest: Name = Field(description="the highest the running total has been, within a window or over the account")


class RiseStep(Term):
    rise_over: Name = Field(description="how far the running figure rose since the window began")


class LatestStep(Term):
    latest: Name = Field(description="the last figure said within the window, instead of a total")


class GiveStep(Term):
    give: Figure = Field(description="this much, wherever there is anything at all")


class WhereStep(Term):
    where: "Condition" = Field(description="nothing, at facts where the condition does not hold")


class ProRataStep(Term):
    pro_rata: ProRata = Field(description="a share of an amount")


class AverageStep(Term):
    average: Average = Field(description="the average of the running total over the months before")


class EarlierStep(Term):
    earlier: Earlier = Field(description="what the running total had come to in an earlier window")


_STEPS: dict[str, type[Term]] = {
    "total": TotalStep, "part": PartStep, "up_to": UpToStep, "less": LessStep, "at_least": AtLeastStep,
    "rate": RateStep, "tiers": TiersStep, "taper": TaperStep, "round": RoundStep, "highest": HighestStep,
    "rise_over": RiseStep, "latest": LatestStep, "give": GiveStep, "earlier": EarlierStep,
    "where": WhereStep, "pro_rata": ProRataStep, "average": AverageStep,
}  # fmt: skip


def _step_kind(raw: Any) -> str | None:
    if isinstance(raw, dict):
        return next((str(key) for key in raw if key in _STEPS), None)
    return next((name for name, kind in _STEPS.items() if type(raw) is kind), None)


Step = Annotated[
    Annotated[TotalStep, Tag("total")]
    | Annotated[PartStep, Tag("part")]
    | Annotated[UpToStep, Tag("up_to")]
    | Annotated[LessStep, Tag("less")]
    | Annotated[AtLeastStep, Tag("at_least")]
    | Annotated[RateStep, Tag("rate")]
    | Annotated[TiersStep, Tag("tiers")]
    | Annotated[TaperStep, Tag("taper")]
    | Annotated[RoundStep, Tag("round")]
    | Annotated[HighestStep, Tag("highest")]
    | Annotated[RiseStep, Tag("rise_over")]
    | Annotated[LatestStep, Tag("latest")]
    | Annotated[GiveStep, Tag("give")]
    | Annotated[EarlierStep, Tag("earlier")]
    | Annotated[WhereStep, Tag("where")]
    | Annotated[ProRataStep, Tag("pro_rata")]
    | Annotated[AverageStep, Tag("average")],
    Discriminator(_step_kind),
]

Source = Annotated[
    str,
    StringConstraints(
        pattern=r"^(pay\.(earnings|worker|employer|hours)|paid\.(worker|employer)|withdrawn(\.(purpose|no_purpose|[a-z][a-z0-9_]*))?|count\.(pay|paid|withdrawn)|day\.[a-z][a-z0-9_]*|present\.[a-z][a-z0-9_]*|attribute\.[a-z][a-z0-9_]*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?)$"
    ),
]
"""Where an amount begins: `pay.earnings`, `pay.worker` and `pay.employer` (as the pay row states them), `pay.hours`,
`paid.worker`, `paid.employer`; `withdrawn`, `withdrawn.purpose` (it meets a purpose's conditions),
`withdrawn.no_purpose`, `withdrawn.WORD` (that word was given); `count.pay`, `count.paid`, `count.withdrawn` (1.00 for
each pay, each payment by the worker, each withdrawal); `present.NAME` (a yes/no attribute holds: 1.00 on its first day
and in each month after); `day.NAME` (1.00 on a named day); `attribute.NAME` (each time it is said); or another amount
or rule."""


class Amount(Term):
    """A column of money in its own right, used by rules: said once, under a name."""

    description: Text
    of: Source | Annotated[list[Source], Field(min_length=1)] = Field(
        description="where it begins; several are added up"
    )
    combined: Literal["sum", "highest", "lowest"] = Field("sum", description="what is made of several sources")
    minus: Source | list[Source] = Field(default=[], description="taken off before the first step")
    when: Condition | None = Field(None, description="facts that do not meet it count as nothing")
    members_only: bool = Field(True, description="facts before joining, after leaving or while paused count as nothing")
    steps: list[Step] = []


class Due(Term):
    """Owed only when a window ends. Death brings that day forward."""

    at_end_of: Name
    earlier: "EarlierDue | None" = Field(None, description="what held in the scheme's first years")
    if_closed: Literal["nothing", "paid"] = Field("paid", description="what closing the account before that day does")


class EarlierDue(Term):
    """Facts up to and including a day fall due at the end of another window."""

    until: Figure
    at_end_of: Name


class Rule(Amount):
    """An amount that somebody owes to the account."""

    party: Party
    account: Name = Field("pot", description="the part of the pot it belongs to")
    direction: Literal["gives", "takes_back"] = "gives"
    stated: Literal["pay.worker", "pay.employer"] | None = Field(
        None, description="where the pay row states the amount, that is what counts"
    )
    stated_when: Literal["always", "no_earnings"] = Field(
        "always", description="whether that holds always, or only where the row says no earnings to work it out from"
    )
    due: Due | None = None
    net: Figure | None = Field(
        None,
        description="of a charge that is a part of what is withdrawn: so that a sum arrives, that sum / (1 - rate) is, rounded like this",
    )
    without_bound: Text | None = Field(
        None, description="why it may owe more and more, the more somebody else chooses; without it, that is refused"
    )
    source: Text


class Within(Term):
    """A stretch of days in which something may be done, counted from an event."""

    from_: list[
        Annotated[str, StringConstraints(pattern=r"^(joining|attribute\.[a-z][a-z0-9_]*|[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
    ] = Field(
        alias="from", min_length=1, description="the latest of these days that is known; joining only where no other is"
    )
    after_months: Figure = Field("0", description="not before this many months have passed")
    months: Figure = Field(description="not later than this many months")
    beginning_with: bool = Field(False, description="the first day is counted, so a month from 10 May ends on 9 June")


class Refund(Term):
    """What goes back when somebody leaves in time."""

    party: Party
    since: Figure | None = Field(None, description="only what was added from this day on")
    above_rate_on: Figure | None = Field(
        None, description="only what is more than the values in force on this day would have given"
    )


class Leaving(Term):
    """A way out: an attribute becomes yes. In time, the refunds are made; in time or not, contributions stop."""

    description: Text
    attribute: Name
    windows: list["LeavingWindow"] = []
    stops: Literal["always", "in_time"] = Field(
        "always", description="whether leaving out of time also stops contributions"
    )
    source: Text


class LeavingWindow(Term):
    """When leaving brings refunds, and which."""

    within: Within | None = Field(None, description="at any time, if not said")
    refunds: list[Refund] = []


class Pause(Term):
    """Contributions of all parties rest while an attribute is yes."""

    description: Text
    attribute: Name
    not_before_months: Figure = Field("0", description="months after joining, and after an earlier pause ended")
    at_least_months: Figure = Field("0", description="an end earlier than this is no end")
    at_most_months: Figure | None = None
    source: Text


class Membership(Term):
    """Who is in. An account that was opened on a known day is open from that day; otherwise the rules here open it."""

    description: Text
    per: Literal["member", "job"] = Field(
        "member", description="one membership for all jobs, or one for each payer alone"
    )
    may_join: Condition | None = Field(None, description="tested on the day of joining; who fails is no member")
    automatic: Condition | None = Field(None, description="the first pay that meets it opens the account")
    opt_in: Name | None = Field(None, description="an attribute that opens the account when it becomes yes")
    first_payment_opens: bool = Field(False, description="the first payment by the worker opens the account")
    everybody: bool = Field(False, description="the first thing told of a person opens the account")
    leaving: list[Leaving] = []
    pauses: list[Pause] = []
    source: Text


class Account(Term):
    """A part of the pot."""

    description: Text
    expires_on: Figure | None = Field(None, description="the last day on which what is in it can be used")
    moves_on: Figure | None = Field(None, description="the day on which what is left in it moves to another part")
    moves_to: Name | None = Field(None, description="that part")


class Draw(Term):
    """A part of the pot that a purpose may draw on, if a condition holds."""

    account: Name
    when: Condition | None = None


class MemberPays(Term):
    """What the member pays of the price in any case."""

    at_least: Figure = Field(description="so much, or the whole of a lower price")
    unless: Condition | None = Field(None, description="nothing, where this condition holds")


class Completes(Term):
    """Money that is released for something must be spent on it in time, or come back."""

    within_days: Figure = Field(description="days from the withdrawal's, which is not counted")
    extensions: Figure = Field("0", description="how often that can be extended")
    extension_days: Figure = Field("0", description="days that each extension adds")
    returned_within_days: Figure = Field("0", description="how soon money comes back after a failure; 0: not said")
    kept: Name | None = Field(
        None, description="the purpose that money counts as taken out for which does not come back; none, if not said"
    )


class Purpose(Term):
    """Something money may leave for. A withdrawal that does not meet its purpose's conditions is for no purpose."""

    description: Text
    pays: Text = Field(description="to whom money goes; never the member, unless said")
    when: Condition | None = None
    any_word: bool = Field(False, description="holds whatever purpose was given")
    draws_on: list[Name | Draw] = Field(
        default=[], description="the parts of the pot it draws on, in this order; all, in their order, if not said"
    )
    subsidy: Name | None = Field(
        None, description="an attribute: the percentage of the price that somebody else pays first"
    )
    member_pays: MemberPays | None = Field(None, description="what the member pays of the price in any case")
    completes: Completes | None = Field(None, description="by when it is done, or the money is back")
    evidence: list[Text] = []
    to: list[Name] = Field(
        default=[], description="kinds of payees it may go to; `member` is the member's own account, as if not said"
    )
    at_most: Figure | None = Field(None, description="the most of one withdrawal")
    approve_above: Figure | None = Field(
        None, description="above this, whoever approves is not who asked; always, if not said"
    )
    stages: dict[Name, Figure] = Field(default={}, description="the shares that are paid one after the other, in all 1")
    source: Text


class AnyOtherWithdrawal(Term):
    """Money taken out for none of the purposes."""

    description: Text
    draws_on: Literal["worker", "everyone", "nobody"] = Field(
        description="whose money may go: the worker's own, everybody's, or nobody's, so that there is no such withdrawal"
    )
    approve_above: Figure | None = Field(
        None, description="above this, whoever approves is not who asked; always, if not said"
    )
    source: Text


class Rulebook(Term):
    """One scheme's rules."""

    name: RulebookName
    title: Text
    description: Text
    currency: Literal["GBP", "EUR", "SGD", "NZD", "USD"]
    tolerance: Figure = Field(
        "0.00", description="a stated amount this far from what is owed goes to the rounding account"
    )
    accounts: dict[Name, Account] = Field(
        default_factory=lambda: {"pot": Account(description="The pot.")}, min_length=1
    )
    windows: dict[Name, Window] = {}
    days: dict[Name, Day] = {}
    values: dict[Name, Value] = {}
    attributes: dict[Name, Attribute] = {}
    conditions: dict[Name, Condition] = {}
    membership: Membership
    purposes: dict[Name, Purpose] = {}
    any_other_withdrawal: AnyOtherWithdrawal | None = None
    amounts: dict[Name, Amount] = {}
    rules: dict[Name, Rule] = Field(min_length=1)
    claims: dict[Name, Claim] = {}
