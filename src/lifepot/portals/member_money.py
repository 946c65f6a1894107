"""What a member asked for: where each stands, what is missing, more evidence, and cancelling or stopping it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access import drafts
from lifepot.access.asking import Asking, AsMember, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.portals.files import Given, attachment
from lifepot.portals.pages import page, see_other
from lifepot.scheme.standing import read_standing
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.asked_for import AskedFor, described, incomes_of, key_of, withdrawal_of, withdrawals_of
from lifepot.withdrawals.evidence import content_of, must_be_evidence, pieces_of, plain_file_name
from lifepot.withdrawals.income import Income, read_incomes

router = APIRouter(include_in_schema=False)

LARGEST_NUMBER = 2**62
LARGEST_INCOME = 2**31 - 1

STATES = {
    "asked": "Waits to be looked at", "approved": "Agreed, and held for you", "sent": "On its way", "back": "Came back",
    "arrived": "Arrived", "declined": "Declined", "cancelled": "Cancelled",
}  # fmt: skip
"""Where a withdrawal stands, in words."""

STEPS = {
    "asked": "You asked for it", "proved": "You gave evidence", "approved": "It was agreed to", "withdrawn": "It was taken out of the pot",
    "released": "It may be sent", "sent": "It was sent", "came_back": "It came back", "arrived": "It arrived",
    "extended": "More time was given", "declined": "It was declined", "cancelled": "It was cancelled", "removed": "It was put back",
}  # fmt: skip

INCOMES = {
    "asked": "Waits to be looked at", "running": "Runs", "stopped": "Stopped", "ended": "Ended: the pot is empty",
    "declined": "Declined",
}  # fmt: skip


@router.get("/me/money")
def money(asking: AsMember) -> HTMLResponse:
    """Everything that was asked for, and the way to ask."""
    with asking.seeing() as connection:
        asked = withdrawals_of(connection, list(asking.identity.members))
        incomes = incomes_of(connection, list(asking.identity.members))
    return page(asking, "member_money.html", asked=asked, incomes=incomes, states=STATES, income_states=INCOMES)


@router.get("/me/money/{number}")
def follow(asking: AsMember, number: int) -> HTMLResponse:
    """Where one stands."""
    return _follow(asking, number, [])


@router.get("/me/money/{number}/sent")
def was_sent(asking: AsMember, number: int) -> HTMLResponse:
    """That it was asked for, and what happens next."""
    return page(asking, "member_money_sent.html", one=_mine(asking, number))


def _follow(asking: Asking, number: int, faults: list[tuple[str, str]]) -> HTMLResponse:
    one = _mine(asking, number)
    with asking.seeing() as connection:
        pieces = pieces_of(connection, number)
        draft = key_of(connection, number).removeprefix("door ")
        left = drafts.read(connection, UUID(draft)) if len(draft) == 36 else None  # as long as a UUID is
    return page(
        asking, "member_money_one.html", one=one, pieces=pieces, states=STATES, words=STEPS, faults=faults,
        left=left if left is not None and left.files and one.missing else None, status=400 if faults else 200,
    )  # fmt: skip


def _mine(asking: Asking, number: int) -> AskedFor:
    """A withdrawal of theirs; whatever else is there is not there."""
    if not 0 < number < LARGEST_NUMBER:
        raise NotThere("withdrawal")
    with asking.seeing() as connection:
        found = withdrawal_of(connection, number)
    if found is None:
        raise NotThere("withdrawal")
    return found


@router.post("/me/money/{number}/evidence")
def prove(asking: AsMember, form: Form, given: Given, number: int) -> Response:
    """A piece of evidence more."""
    one = _mine(asking, number)
    name, content = given
    piece = int(form["piece"]) if form.get("piece", "").isdecimal() and len(form["piece"]) < 4 else -1

    def do(connection: Connection) -> tuple[int, Any]:
        steps.prove(connection, one.chain.number, piece, plain_file_name(name, content), content, asking.clock)
        return 201, {}

    try:
        must_be_evidence(content)
        asking.pressed(form, do)
    except LifepotError as error:
        return _follow(asking, number, [(f"file-{piece}", str(error))])
    return see_other(f"/me/money/{number}")


@router.get("/me/money/{number}/evidence/{fact}")
def evidence(asking: AsMember, number: int, fact: int) -> Response:
    """A piece that was given, to keep: never shown as a page."""
    _mine(asking, number)
    if not 0 < fact < LARGEST_NUMBER:
        raise NotThere("file")
    with asking.seeing() as connection:
        found = content_of(connection, number, fact)
    if found is None:
        raise NotThere("file")
    return attachment(*found)


@router.get("/me/money/{number}/cancel")
def ask_cancel(asking: AsMember, number: int) -> HTMLResponse:
    """What cancelling does, before it is done."""
    one = _mine(asking, number)
    if not one.may_cancel:
        raise NotThere
    return page(asking, "member_money_cancel.html", one=one, states=STATES)


@router.post("/me/money/{number}/cancel")
def cancel(asking: AsMember, form: Form, number: int) -> Response:
    """Nobody wants it any more: what is held goes back to the pot."""
    one = _mine(asking, number)

    def do(connection: Connection) -> tuple[int, Any]:
        steps.cancel(connection, one.chain.number, asking.clock)
        return 200, {}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _follow(asking, number, [("", str(error))])
    return see_other(f"/me/money/{number}")


def _my_income(asking: Asking, number: int) -> Income:
    if not 0 < number <= LARGEST_INCOME:
        raise NotThere("income")
    with asking.seeing() as connection:
        mine = connection.execute("select 1 from personal.income where income = %s", [number]).fetchone()
        found = read_incomes(connection, number) if mine else []
    if not found:
        raise NotThere("income")
    return found[0]


@router.get("/me/money/income/{number}")
def show_income(asking: AsMember, number: int) -> HTMLResponse:
    """A regular income: what comes each month, what came, and stopping it."""
    return _show_income(asking, number, [])


def _show_income(asking: Asking, number: int, faults: list[tuple[str, str]]) -> HTMLResponse:
    one = _my_income(asking, number)
    with asking.seeing() as connection:
        what = described(read_standing(connection), one.purpose)
    return page(
        asking, "member_income.html", one=one, told=one.as_dict(), what=what, states=INCOMES, faults=faults,
        status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/money/income/{number}/stop")
def stop_income(asking: AsMember, form: Form, number: int) -> Response:
    """No more of it from today on."""
    one = _my_income(asking, number)

    def do(connection: Connection) -> tuple[int, Any]:
        income.stop(connection, one.number, asking.clock)
        return 200, {}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _show_income(asking, number, [("", str(error))])
    return see_other(f"/me/money/income/{number}")
