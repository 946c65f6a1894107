"""Families: accounts linked by the yes of both, what two save for, gifts, division by order, heirs."""

from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from lifepot.access.asking import AsApprover, AsMember, AsOperator
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.api.doing import (
    AccountNumber,
    AsMemberOrOperator,
    Day,
    Member,
    Minor,
    Once,
    Sent,
    SortCode,
    Text,
    day,
    done,
    member_seen,
)
from lifepot.errors import Misuse
from lifepot.household import consents, gifts, heirs, links, orders
from lifepot.household.goals import seen_by
from lifepot.payments.moves import set_heir_account

router = APIRouter(prefix="/api/v1", tags=["household"])

Part = Annotated[str, Field(pattern=r"^[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9}|(\.[0-9]{1,6})? ?%)?$", description="1/2, 30% or 0.25.", examples=["1/2"])]  # fmt: skip


class Other(Sent):
    """The other of the two."""

    other: Annotated[Text, Field(description="Their number or National Insurance number.", examples=["AB123456C"])]


@router.get("/members/{member}/household")
def show(asking: AsMemberOrOperator, member: Member) -> dict[str, Any]:
    """What a member sees of their households, as `lifepot household show`: the goal, what each saved for it, the gifts. No entry of
    the other's, and no name before both said yes; to staff, who look at this member, none at all.
    """
    member_seen(asking, member, "household")
    with asking.acting() as connection:
        found = seen_by(connection, member, asking.clock)
        connection.rollback()
    is_theirs = asking.identity.role is Role.MEMBER
    told = [one.as_dict() | ({} if is_theirs and one.link.state == "holds" else {"with": None}) for one in found]
    return {"member": member, "links": told}


@router.post("/members/{member}/household/links")
def link(asking: AsMemberOrOperator, member: Member, asked: Other, key: Once = None) -> Response:
    """Ask somebody to link accounts, as `lifepot household link`. The answer is the same whether or not there is such a person."""
    member_seen(asking, member, "household link asked for")

    def do(connection: Connection) -> dict[str, Any]:
        links.ask(connection, member, asked.other, asking.clock)
        return {"state": "asked"}

    return done(asking, key, asked, do)


@router.post("/members/{member}/household/links/accept")
def accept(asking: AsMember, member: Member, asked: Other, key: Once = None) -> Response:
    """Say yes to whoever asked, as `lifepot household accept`: from now on both see what both saved for the goal."""
    member_seen(asking, member, "")

    def do(connection: Connection) -> dict[str, Any]:
        links.accept(connection, member, asked.other, asking.clock)
        return {"state": "holds"}

    return done(asking, key, asked, do)


@router.post("/members/{member}/household/links/leave")
def leave(asking: AsMemberOrOperator, member: Member, asked: Other, key: Once = None) -> Response:
    """End a link, or say no to one that was asked for, as `lifepot household leave`. The other's yes is not needed."""
    member_seen(asking, member, "household link ended")

    def do(connection: Connection) -> dict[str, Any]:
        links.leave(connection, member, asked.other, asking.clock)
        return {"state": "ended"}

    return done(asking, key, asked, do)


class Goal(Other):
    """What two save for."""

    name: Annotated[Text, Field(description="What the two call it.", examples=["Our home"])]
    target_minor: Minor
    purpose: Annotated[Text, Field(description="The rulebook's purpose that it is for.")] = "first_home"


@router.post("/members/{member}/household/goal")
def goal(asking: AsMember, member: Member, asked: Goal, key: Once = None) -> Response:
    """Say what two linked accounts save for, as `lifepot household goal`. It takes the place of an earlier goal."""
    member_seen(asking, member, "")

    def do(connection: Connection) -> dict[str, Any]:
        links.set_goal(
            connection, member, asked.other, links.Goal(asked.name.strip(), asked.purpose, asked.target_minor)
        )
        return {"state": "goal"}

    return done(asking, key, asked, do)


class Consent(Other):
    """A yes, or a no longer."""

    take_back: Annotated[bool, Field(description="No longer.")] = False


@router.post("/members/{member}/household/consent")
def consent(asking: AsMember, member: Member, asked: Consent, key: Once = None) -> Response:
    """Agree that the other pays this member's student loan out of theirs, or take that back, as `lifepot household consent`."""
    member_seen(asking, member, "")

    def do(connection: Connection) -> dict[str, Any]:
        step = consents.take_back if asked.take_back else consents.give
        step(connection, member, asked.other, asking.clock)
        return {"state": "taken_back" if asked.take_back else "agreed"}

    return done(asking, key, asked, do)


class Gift(Other):
    """A standing gift, or its end."""

    amount_minor: Annotated[Minor | None, Field(description="Each month; none with stop.")] = None
    day: Annotated[int, Field(ge=1, le=31, description="Of the month; 31 is always the last.")] = 1
    until: Annotated[Day | None, Field(description="Not after this day.")] = None
    stop: Annotated[bool, Field(description="End the gifts to the other.")] = False


@router.post("/members/{member}/household/gift")
def gift(asking: AsMember, member: Member, asked: Gift, key: Once = None) -> Response:
    """Give into a linked account each month, or end it, as `lifepot household gift`. It counts as the other's own payment."""
    member_seen(asking, member, "")
    if asked.stop == (asked.amount_minor is not None):
        raise Misuse("A gift has an amount, or is ended.", remedy="Give amount_minor, or stop.")

    def do(connection: Connection) -> dict[str, Any]:
        if asked.amount_minor is None:
            return {"state": "ended", "gifts": gifts.stop(connection, member, asked.other, asking.clock)}
        made = gifts.promise(
            connection, member, asked.other, asked.amount_minor, asked.day, asking.clock, day(asked.until)
        )
        return made.as_dict(member)

    return done(asking, key, asked, do)


@router.post("/household/gifts")
def give_due(asking: AsOperator, key: Once = None) -> Response:
    """Pay in every gift that has fallen due, as `lifepot household gifts`. Doing it twice pays once."""

    def do(connection: Connection) -> dict[str, Any]:
        given = gifts.give_due(connection, asking.clock)
        return {
            "gifts": given.gifts, "amount_minor": given.amount, "stopped": given.stopped, "place": given.place, "head": given.head,
        }  # fmt: skip

    return done(asking, key, None, do)


class Order(Sent):
    """A court's order."""

    other: Annotated[
        int, Field(ge=1, le=2**31 - 1, description="The member to whose account a part goes.", examples=[18])
    ]
    order: Annotated[Text, Field(description="The order; each is carried out once.", examples=["FD26P00417"])]
    part: Annotated[Part | None, Field(description="What of the account goes: 1/2, 30% or 0.25. None with undo.")] = (
        None
    )
    undo: Annotated[bool, Field(description="Bring back what went by this order, for it was corrected.")] = False


@router.post("/members/{member}/household/division")
def divide(asking: AsOperator, member: Member, asked: Order, key: Once = None) -> Response:
    """Divide an account on separation, by a court's order, as `lifepot household split`."""
    for one in (member, asked.other):
        member_seen(asking, one, "divided by order")
    if asked.undo == (asked.part is not None):
        raise Misuse("An order says which part goes, or is undone.", remedy="Give part, or undo.")

    def do(connection: Connection) -> dict[str, Any]:
        if asked.part is None:
            return orders.undo(connection, member, asked.other, asked.order, asking.clock).as_dict()
        part = _part(asked.part)
        return orders.divide(connection, member, asked.other, asked.order, part, asking.clock).as_dict()

    return done(asking, key, asked, do)


class Heirs(Sent):
    """The heirs and their parts, the first time; later none."""

    heirs: Annotated[dict[Text, Part], Field(max_length=50, examples=[{"Jo Bell": "1/2", "Al Bell": "1/2"}])] = {}  # noqa: RUF012


@router.post("/members/{member}/household/heirs")
def pass_on(asking: AsOperator, member: Member, asked: Heirs, key: Once = None) -> Response:
    """Pass on what a member who died had, as `lifepot household heirs`: by parts that come to the whole. Again for what came since."""
    member_seen(asking, member, "passed on to heirs")
    named = {name.strip(): _part(part) for name, part in asked.heirs.items()}
    return done(asking, key, asked, lambda connection: heirs.pass_on(connection, member, named, asking.clock).as_dict())


class HeirAccount(Sent):
    """Where an heir's money goes."""

    name: Annotated[Text, Field(description="The heir, as they were named.", examples=["Jo Bell"])]
    sort_code: SortCode
    account_number: AccountNumber


@router.post("/members/{member}/household/heirs/account")
def heir_account(asking: AsApprover, member: Member, asked: HeirAccount, key: Once = None) -> Response:
    """Say which account an heir's money goes to, as `lifepot household heir`. Whoever sends money says not where to."""
    member_seen(asking, member, "an heir's account")

    def do(connection: Connection) -> dict[str, Any]:
        set_heir_account(connection, member, asked.name, asked.sort_code.replace("-", ""), asked.account_number)
        return {"heir": asked.name}

    return done(asking, key, asked, do)


def _part(text: str) -> Fraction:
    try:
        return Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ZeroDivisionError:
        raise Misuse(f"{text!r} is no part of a whole.", remedy="Give one such as 1/2, 30% or 0.25.") from None
