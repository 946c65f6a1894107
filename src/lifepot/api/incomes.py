"""A regular income out of a pot, until the pot is empty."""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from lifepot.access.asking import Asking, AsStaff, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.api.doing import (
    AccountNumber,
    After,
    AsMemberOrOperator,
    AsMemberOrStaff,
    Day,
    Every,
    Limit,
    MaybeText,
    Member,
    Minor,
    Once,
    OneMember,
    Pager,
    Sent,
    SortCode,
    Text,
    day,
    done,
    member_seen,
    whose,
)
from lifepot.errors import Misuse
from lifepot.inbox.uploads import plain_name
from lifepot.scheme.opening import Clock
from lifepot.withdrawals import income as regular
from lifepot.withdrawals.accounts import checked_account
from lifepot.withdrawals.evidence import must_be_evidence
from lifepot.withdrawals.payees import own_account
from lifepot.withdrawals.quoting import Wish

router = APIRouter(prefix="/api/v1", tags=["incomes"])

Number = Annotated[int, Path(ge=1, le=2**62, description="An income's number.", examples=[21474836480])]
DayOfMonth = Annotated[int, Field(ge=1, le=31, description="Of the month; 31 is always the last.", examples=[25])]


class Evidence(Sent):
    """A photo or a paper, in base 64."""

    name: Text
    base64: Annotated[str, Field(max_length=14_000_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$", examples=["aGVsbG8="])]

    @property
    def piece(self) -> tuple[str, bytes]:
        """Its name and bytes. LifepotError for what is no photo and no PDF."""
        try:
            content = base64.b64decode(self.base64, validate=True)
        except binascii.Error:
            raise Misuse(f"{self.name} is no base 64.", remedy="Send the file's bytes in base 64.") from None
        must_be_evidence(content)
        return plain_name(self.name), content


class Asked(Sent):
    """What is asked for, each month."""

    amount_minor: Minor
    day: DayOfMonth
    name: Annotated[Text, Field(description="On the member's account.", examples=["A BELL"])]
    sort_code: SortCode
    account_number: AccountNumber
    purpose: Annotated[Text, Field(description="A purpose that pays the member.")] = "second_pension"
    from_day: Annotated[
        Day | None, Field(description="The first month is the first whose day is not before this. Default: today.")
    ] = None
    reference: Annotated[MaybeText, Field(description="On the member's bank statement.")] = ""
    say: Annotated[dict[Text, MaybeText], Field(max_length=20)] = {}  # noqa: RUF012  # pydantic copies it
    evidence: Annotated[list[Evidence], Field(max_length=5, description="The purpose's, in its order.")] = []  # noqa: RUF012


@router.post("/members/{member}/incomes", status_code=201)
def ask(asking: AsMemberOrOperator, member: Member, asked: Asked, key: Once = None) -> Response:
    """Ask for a regular income, as `lifepot withdraw income`. Another person approves it; payment runs then make each month."""
    member_seen(asking, member, "income asked for")
    pieces = [one.piece for one in asked.evidence]

    def do(connection: Connection) -> dict[str, Any]:
        begins = day(asked.from_day)
        to = own_account(asked.name, asked.sort_code, asked.account_number, asked.reference)
        wish = Wish(member, asked.purpose, asked.amount_minor, arrives=False, said=dict(asked.say))
        begins = asking.clock.as_of if begins is None else begins
        taken = regular.ask(connection, wish, asked.day, begins, to, pieces, asking.clock)
        return taken.as_dict() | {"checked": checked_account(connection, to.sort_code, to.account_number).answer}

    return done(asking, key, asked, do, 201)


@router.get("/incomes")
def list_incomes(
    asking: AsMemberOrStaff, member: OneMember = None, every: Every = False, after: After = None, limit: Limit = 100
) -> dict[str, Any]:
    """Incomes that run or wait for approval, as `lifepot income list`; a member's are their own. Staff who name no member see numbers,
    states and amounts.
    """
    pager = Pager.of(asking, after, limit)
    mine = whose(asking, member, "incomes")
    with asking.acting() as connection:
        found = [
            one
            for one in regular.read_incomes(connection)
            if (every or one.state in ("asked", "running")) and mine in (None, one.member)
        ]
    rows = [(one.number, one.as_dict()) for one in sorted(found, key=lambda one: one.number)]
    if mine is None:
        kept = ("income", "member", "state", "amount_minor", "day")
        rows = [(number, {name: row[name] for name in kept}) for number, row in rows]
    return pager.page(rows)


@router.get("/incomes/{income}")
def show(asking: AsMemberOrStaff, income: Number) -> dict[str, Any]:
    """One income with its steps and months, as `lifepot income show`."""
    _seen(asking, income, "income")
    with asking.acting() as connection:
        return regular.read_income(connection, income).as_dict()


class Change(Sent):
    """What is to be otherwise."""

    amount_minor: Minor | None = None
    day: DayOfMonth | None = None


@router.post("/incomes/{income}/change")
def change(asking: AsMemberOrOperator, income: Number, asked: Change, key: Once = None) -> Response:
    """Ask for another amount or day, as `lifepot income change`. Another person approves it."""
    _seen(asking, income, "income changed")
    if asked.amount_minor is None and asked.day is None:
        raise Misuse("Nothing is to be changed.", remedy="Give an amount or a day.")
    return done(asking, key, asked, lambda connection: regular.change(connection, income, asked.amount_minor, asked.day, asking.clock).as_dict())  # fmt: skip


@router.post("/incomes/{income}/approve")
def approve(asking: AsStaff, income: Number, key: Once = None) -> Response:
    """Agree to what was asked or changed, as `lifepot income approve`. Never by whoever asked."""
    return _stepped(asking, income, key, "income approved", regular.approve)


@router.post("/incomes/{income}/decline")
def decline(asking: AsStaff, income: Number, key: Once = None) -> Response:
    """Refuse what was asked or changed, as `lifepot income decline`; what was agreed on before goes on."""
    return _stepped(asking, income, key, "income declined", regular.decline)


@router.post("/incomes/{income}/stop")
def stop(asking: AsMemberOrOperator, income: Number, key: Once = None) -> Response:
    """No more of it from today on, as `lifepot income stop`."""
    return _stepped(asking, income, key, "income stopped", regular.stop)


def _seen(asking: Asking, number: int, what: str) -> None:
    door = asking.seeing() if asking.identity.role is Role.MEMBER else asking.acting()
    with door as connection:
        row = connection.execute("select member from personal.income where income = %s", [number]).fetchone()
    if row is None:
        raise NotThere("income")
    member_seen(asking, row[0], what)


def _stepped(
    asking: Asking, number: int, key: str | None, what: str, step: Callable[[Connection, int, Clock], regular.Income]
) -> Response:
    _seen(asking, number, what)
    return done(asking, key, None, lambda connection: step(connection, number, asking.clock).as_dict())
