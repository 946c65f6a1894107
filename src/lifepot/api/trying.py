"""Rules tried on sent people, with no database: what they give, what may be taken out, what is answered; and lifelike files."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from lifepot.api.doing import AsAnyone, Day, Minor, Pages, Sent, Text, as_file, day
from lifepot.api.rulebooks import Source
from lifepot.claiming.ladder import answer_all
from lifepot.claiming.reader import read_claims
from lifepot.entitle import entitle
from lifepot.entitle_why import Asked, explain
from lifepot.errors import Fault
from lifepot.loans.overpaying import Loan, overpay
from lifepot.loans.terms import assumed, plan_named
from lifepot.quote import answers
from lifepot.samples import write_sample

router = APIRouter(prefix="/api/v1", tags=["trying"])

AS_OF = "Look at it as of this day."


class Lives(Sent):
    """A rulebook, people and what happened to them."""

    rulebook: Source
    people: Annotated[
        Pages,
        Field(
            description="CSV: member,born,joined and a column per attribute.",
            examples=["member,born,joined\\nann,1990-02-03,2026-04-06\\n"],
        ),
    ]
    facts: Annotated[
        Pages,
        Field(
            description="CSV, a row a fact: pay, paid, withdrawn, status, closed, died.",
            examples=["ref,member,kind,on,amount\\np1,ann,paid,2026-05-01,50.00\\n"],
        ),
    ]
    as_of: Annotated[Day | None, Field(description=AS_OF)] = None


def _told(rows: Any, faults: list[Fault]) -> dict[str, Any]:
    return {"rows": rows, "faults": [one.as_dict() | {"file": Path(one.file).name} for one in faults]}


@router.post("/try/entitle")
def entitled(asking: AsAnyone, asked: Lives) -> dict[str, Any]:
    """What the rules give to these people on these facts, as `lifepot entitle`."""
    del asking
    book = asked.rulebook.read()
    with as_file("people.csv", asked.people.encode()) as people, as_file("facts.csv", asked.facts.encode()) as facts:
        return _told(*entitle(book, people, facts, day(asked.as_of)))


class Why(Lives):
    """The same, and whom and what it is asked of."""

    member: Annotated[Text | None, Field(description="This member alone.")] = None
    fact: Annotated[Text | None, Field(description="This fact alone.")] = None
    rule: Annotated[Text | None, Field(description="This rule alone.")] = None


@router.post("/try/why")
def reasons(asking: AsAnyone, asked: Why) -> dict[str, Any]:
    """Why the rules give what they give, as `lifepot entitle --why`: fact by fact, rule by rule, also where nothing comes of it."""
    del asking
    book = asked.rulebook.read()
    with as_file("people.csv", asked.people.encode()) as people, as_file("facts.csv", asked.facts.encode()) as facts:
        told, faults = explain(book, people, facts, day(asked.as_of), Asked(asked.member, asked.fact, asked.rule))
    return _told([one.as_dict("facts.csv") for one in told], faults)


class Asks(Lives):
    """The same, and what is asked for."""

    asks: Annotated[Pages | None, Field(description="CSV: ref,member,on,purpose,amount,as and a column per attribute. Without it: each member's pots.")] = None  # fmt: skip


@router.post("/try/quote")
def quoted(asking: AsAnyone, asked: Asks) -> dict[str, Any]:
    """What these people may take out, from which part of the pot and at what charge, as `lifepot quote`."""
    del asking
    book, on = asked.rulebook.read(), day(asked.as_of)
    with (
        as_file("people.csv", asked.people.encode()) as people,
        as_file("facts.csv", asked.facts.encode()) as facts,
        as_file("asks.csv", (asked.asks or "").encode()) as asks,
    ):
        if asked.asks is None:
            return _told(*answers.pots(book, people, facts, on))
        return _told(*answers.quote(book, people, facts, asks, on))


class Claims(Sent):
    """A rulebook, and claims made of it."""

    rulebook: Source
    claims: Annotated[Pages, Field(description="CSV, a row a claim; see `lifepot answer --help`.")]
    as_of: Annotated[Day | None, Field(description="Claims made after this day are not seen.")] = None


@router.post("/try/answer")
def answered(asking: AsAnyone, asked: Claims) -> dict[str, Any]:
    """Claims as the authority answers them, as `lifepot answer`."""
    del asking
    book = asked.rulebook.read()
    with as_file("claims.csv", asked.claims.encode()) as claims:
        messages, faults = read_claims(book, claims, day(asked.as_of))
        return _told([one.as_dict() for one in answer_all(book, messages)], faults)


Rate = Annotated[int, Field(ge=-2000, le=10_000, description="Basis points: 300 is 3 %.", examples=[300])]


class StudentLoan(Sent):
    """A student loan, and what would be paid now."""

    plan: Annotated[Literal["1", "2", "4", "5", "postgraduate"], Field(examples=["2"])]
    balance_minor: Minor
    since: Annotated[Day, Field(description="The 6 April on which repayments were first due.", examples=["2020-04-06"])]
    earnings_minor: Annotated[
        int, Field(ge=0, le=10**12, description="Gross earnings of a year, minor units.", examples=[3_500_000])
    ]
    pay_minor: Annotated[
        int, Field(ge=0, le=10**12, description="What would be paid now, beside what payroll takes.")
    ] = 0
    on: Annotated[Day | None, Field(description="The day it is looked at. Default: today.")] = None
    growth_bps: Rate | None = None
    rpi_bps: Rate | None = None
    discount_bps: Rate | None = None
    interest_bps: Rate | None = None
    born: Day | None = None
    first_paid: Annotated[Day | None, Field(description="The day the first loan was paid out, if long ago.")] = None


@router.post("/try/loan")
def loan(asking: AsAnyone, asked: StudentLoan) -> dict[str, Any]:
    """What a student loan costs until it is cleared or written off, and whether paying more now helps, as `lifepot loan`."""
    rates = (asked.growth_bps, asked.rpi_bps, asked.discount_bps, asked.interest_bps)
    since, on = day(asked.since), day(asked.on)
    assert since is not None
    dates: dict[str, date | None] = {"born": asked.born, "first_paid_on": asked.first_paid}
    known = {name: found for name, one in dates.items() if (found := day(one)) is not None}
    about = Loan(plan_named(asked.plan), asked.balance_minor, since, asked.earnings_minor, **known)
    guess = assumed(*(None if one is None else Fraction(one, 10_000) for one in rates))
    return overpay(about, asked.pay_minor, asking.clock.as_of if on is None else on, guess).as_dict()


class Wanted(Sent):
    """How large a sample."""

    members: Annotated[int, Field(ge=20, le=200, description="How many people.")] = 50
    months: Annotated[int, Field(ge=1, le=6, description="How many months of files.")] = 1
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="The same seed gives the same bytes.")] = 1


@router.post("/samples")
def sample(asking: AsAnyone, asked: Wanted) -> dict[str, Any]:
    """Lifelike files in all layouts, as `lifepot sample`, an amendment and a file full of faults among them. Nobody in them exists."""
    del asking
    with as_file("here", b"") as here:
        folder = here.parent / "sample"
        written = write_sample(folder, members=asked.members, months=asked.months, seed=asked.seed)
        files = [
            {
                "file": one.path.relative_to(folder).as_posix(), "layout": one.layout, "what": one.what, "flags": " ".join(one.flags),
                "received_on": one.received_on.isoformat(), "text": Path(one.path).read_text(encoding="utf-8"),
            }
            for one in written.files
        ]  # fmt: skip
    return {"files": files}
