"""Money out: quoted, asked for, proved, approved, sent; and how it stands."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from lifepot.access.asking import Asking, AsOperator, AsStaff, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.api.doing import (
    AccountNumber,
    After,
    AsMemberOrOperator,
    AsMemberOrStaff,
    Every,
    FileBody,
    FileName,
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
    Withdrawal,
    done,
    looking,
    member_seen,
    whose,
)
from lifepot.errors import Misuse
from lifepot.household.consents import consent_of
from lifepot.inbox.uploads import plain_name
from lifepot.periods import format_day
from lifepot.scheme.opening import Clock
from lifepot.withdrawals import steps
from lifepot.withdrawals.accounts import checked_account
from lifepot.withdrawals.chain import ENDED, numbers_of, read_withdrawals
from lifepot.withdrawals.evidence import must_be_evidence
from lifepot.withdrawals.payees import own_account, payee_named
from lifepot.withdrawals.quoting import Wish, quote

router = APIRouter(prefix="/api/v1", tags=["withdrawals"])


class Wished(Sent):
    """What somebody would like to take out."""

    amount_minor: Minor
    purpose: Annotated[
        Text | None, Field(description="A purpose of the rulebook; none: anything else.", examples=["first_home"])
    ] = None
    arrives: Annotated[bool, Field(description="The amount is what is to arrive, after any charge.")] = False
    price: Annotated[bool, Field(description="The amount is a price: as much of it is paid as may be.")] = False
    say: Annotated[
        dict[Text, MaybeText],
        Field(max_length=20, description="What the purpose asks of.", examples=[{"price": "240000.00"}]),
    ] = {}  # noqa: RUF012  # pydantic copies it
    for_child: Annotated[
        Text | None, Field(description="Whose student loan it is: a linked child's number or NINO.")
    ] = None


class Asked(Wished):
    """What is asked for, and where it goes: a payee of the register, or the member's own account."""

    to: Annotated[
        Text, Field(description="`kind:ref` of the register, or `member`.", examples=["conveyancer:SMITH"])
    ] = "member"
    course: Annotated[MaybeText, Field(description="The course of a provider.")] = ""
    reference: Annotated[MaybeText, Field(description="What the payee knows it by.", examples=["ARCHER/7"])] = ""
    name: Annotated[MaybeText, Field(description="With `member`: the name on the account.")] = ""
    sort_code: SortCode | None = None
    account_number: AccountNumber | None = None


@router.post("/members/{member}/withdrawals/quote")
def quoted(asking: AsMemberOrOperator, member: Member, asked: Wished) -> dict[str, Any]:
    """What it would come to, as `lifepot withdraw quote`: whose money goes, the charge, what arrives, what is lost. Nothing is kept."""
    member_seen(asking, member, "withdrawal quoted")
    with asking.acting() as connection:
        found = quote(connection, _wish(connection, member, asked), asking.clock)
        connection.rollback()
    return found.as_dict()


@router.post("/members/{member}/withdrawals", status_code=201)
def ask(asking: AsMemberOrOperator, member: Member, asked: Asked, key: Once = None) -> Response:
    """Ask for money, as `lifepot withdraw ask`. What it comes to is said too; where it cannot be, nothing is asked and why is said."""
    member_seen(asking, member, "withdrawal asked for")

    def do(connection: Connection) -> dict[str, Any]:
        if asked.to == "member":
            to = own_account(
                asked.name or "THE MEMBER", asked.sort_code or "", asked.account_number or "", asked.reference
            )
        else:
            to = payee_named(connection, asked.to, asked.course, asked.reference)
        taken, found = steps.ask(connection, _wish(connection, member, asked), to, asking.clock)
        checked = checked_account(connection, to.sort_code, to.account_number)
        return taken.as_dict() | {"quote": found.as_dict(), "checked": checked.answer}

    return done(asking, key, asked, do, 201)


def _wish(connection: Connection, member: int, asked: Wished) -> Wish:
    if asked.arrives and asked.price:
        raise Misuse("arrives and price contradict each other.", remedy="Give one of them.")
    word = None if asked.purpose is None else asked.purpose.strip().lower().replace(" ", "_").replace("-", "_")
    wish = Wish(member, word, asked.amount_minor, asked.arrives, dict(asked.say), asked.price)
    if asked.for_child is None:
        return wish
    if word != "student_loan":
        raise Misuse("Only a student loan is paid for somebody else.", remedy="Leave for_child out.")
    agreed = consent_of(connection, member, asked.for_child)
    return replace(wish, beside={"loan_of": {"member": agreed.borrower, "agreed_on": format_day(agreed.given_on)}})


@router.get("/withdrawals")
def list_withdrawals(
    asking: AsMemberOrStaff, member: OneMember = None, every: Every = False, after: After = None, limit: Limit = 100
) -> dict[str, Any]:
    """Withdrawals that wait for something, as `lifepot withdraw list`; a member's are their own. Staff who name no member see numbers,
    states and amounts.
    """
    pager = Pager.of(asking, after, limit)
    mine = whose(asking, member, "withdrawals")
    with asking.acting() as connection:
        asked = sorted(one for one in numbers_of(connection, mine) if one > pager.after)
        chains = [one for one in read_withdrawals(connection, asked) if every or one.state not in ENDED][: limit + 1]
        rows = [(one.number, steps.stands(connection, one.number, None).as_dict()) for one in chains]
        connection.rollback()
    if mine is None:
        kept = ("withdrawal", "member", "purpose", "state", "amount_minor", "leaving_minor")
        rows = [(number, {name: row[name] for name in kept}) for number, row in rows]
    return pager.page(rows)


@router.get("/withdrawals/{withdrawal}")
def show(asking: AsMemberOrStaff, withdrawal: Withdrawal) -> dict[str, Any]:
    """One withdrawal with its steps, as `lifepot withdraw show`."""
    _seen(asking, withdrawal, "withdrawal")
    with asking.acting() as connection:
        return steps.stands(connection, withdrawal, None).as_dict()


@router.post("/withdrawals/{withdrawal}/evidence/{piece}", status_code=201)
def prove(
    asking: AsMemberOrOperator,
    withdrawal: Withdrawal,
    piece: Annotated[int, Path(ge=1, le=20)],
    content: FileBody,
    name: FileName,
    key: Once = None,
) -> Response:
    """Add a piece of evidence, as `lifepot withdraw prove`: a photo or a paper of at most 10 MiB. Pieces count from 1."""
    _seen(asking, withdrawal, "evidence added")
    must_be_evidence(content)
    return done(
        asking, key, content,
        lambda connection: steps.prove(connection, withdrawal, piece - 1, plain_name(name), content, asking.clock).as_dict(), 201,
    )  # fmt: skip


@router.get("/withdrawals/{withdrawal}/evidence")
def list_evidence(
    asking: AsMemberOrStaff, withdrawal: Withdrawal, after: After = None, limit: Limit = 100
) -> dict[str, Any]:
    """The evidence that was added, in its order."""
    pager = Pager.of(asking, after, limit)
    member = _seen(asking, withdrawal, "list of evidence")
    with looking(asking, member, "list of evidence") as connection:
        rows = connection.execute(
            "select fact, name, encode(sha256, 'hex'), octet_length(content) from personal.evidence where withdrawal = %s order by fact",
            [withdrawal],
        ).fetchall()
    return pager.page([(row[0], dict(zip(("evidence", "name", "sha256", "bytes"), row, strict=True))) for row in rows])


@router.post("/withdrawals/{withdrawal}/approve")
def approve(asking: AsStaff, withdrawal: Withdrawal, key: Once = None) -> Response:
    """Approve it, as `lifepot withdraw approve`: the money is held for it. Above the rulebook's limit not by who asked."""
    return _stepped(asking, withdrawal, key, "approved", steps.approve)


@router.post("/withdrawals/{withdrawal}/decline")
def decline(asking: AsStaff, withdrawal: Withdrawal, key: Once = None) -> Response:
    """Refuse it, as `lifepot withdraw decline`."""
    return _stepped(asking, withdrawal, key, "declined", steps.decline)


@router.post("/withdrawals/{withdrawal}/cancel")
def cancel(asking: AsMemberOrOperator, withdrawal: Withdrawal, key: Once = None) -> Response:
    """Nobody wants it any more, as `lifepot withdraw cancel`: what is held goes back."""
    return _stepped(asking, withdrawal, key, "cancelled", steps.cancel)


@router.post("/withdrawals/{withdrawal}/extend")
def extend(asking: AsStaff, withdrawal: Withdrawal, key: Once = None) -> Response:
    """Give it more time to complete, as `lifepot withdraw extend`: as often as the rulebook says."""
    return _stepped(asking, withdrawal, key, "extended", steps.extend)


@router.post("/withdrawals/{withdrawal}/arrived")
def arrived(asking: AsOperator, withdrawal: Withdrawal, key: Once = None) -> Response:
    """Say that what was sent has arrived, as `lifepot withdraw settle`, where no bank's statement will show it."""
    return _stepped(asking, withdrawal, key, "arrived", steps.arrived)


class Stage(Sent):
    """A stage."""

    stage: Annotated[Text, Field(description="The next stage, as the rulebook calls it.", examples=["deposit"])]


@router.post("/withdrawals/{withdrawal}/release")
def release(asking: AsStaff, withdrawal: Withdrawal, asked: Stage, key: Once = None) -> Response:
    """Let a stage be sent, as `lifepot withdraw release`."""
    _seen(asking, withdrawal, "released")
    return done(
        asking,
        key,
        asked,
        lambda connection: steps.release(connection, withdrawal, asked.stage, asking.clock).as_dict(),
    )


class CameBack(Sent):
    """What came back."""

    amount_minor: Annotated[int, Field(ge=0, le=10**12, description="Whole minor units; 0: nothing did.", examples=[0])]


@router.post("/withdrawals/{withdrawal}/return")
def put_back(asking: AsOperator, withdrawal: Withdrawal, asked: CameBack, key: Once = None) -> Response:
    """Say that it fell through and how much came back, as `lifepot withdraw return`: that is put back in the pots."""
    _seen(asking, withdrawal, "returned")
    return done(asking, key, asked, lambda connection: steps.put_back(connection, withdrawal, asked.amount_minor, asking.clock).as_dict())  # fmt: skip


def _seen(asking: Asking, withdrawal: int, what: str) -> int:
    """The member of a withdrawal that whoever asks may see; staff's look is written down."""
    if asking.identity.role is Role.MEMBER:
        with asking.seeing() as connection:
            row = connection.execute(
                "select member from personal.withdrawal where withdrawal = %s", [withdrawal]
            ).fetchone()
    else:
        with asking.acting() as connection:
            row = connection.execute(
                "select member from personal.withdrawal where withdrawal = %s", [withdrawal]
            ).fetchone()
    if row is None:
        raise NotThere("withdrawal")
    member_seen(asking, row[0], what)
    return int(row[0])


def _stepped(
    asking: Asking, withdrawal: int, key: str | None, what: str, step: Callable[[Connection, int, Clock], steps.Taken]
) -> Response:
    _seen(asking, withdrawal, what)
    return done(asking, key, None, lambda connection: step(connection, withdrawal, asking.clock).as_dict())
