"""A member's household: asking a partner, saying yes, a goal, gifts, and the end of it. Of the other nothing but what was shared."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsMember, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.household import consents, gifts, links
from lifepot.household.goals import seen_by
from lifepot.household.links import Goal, Link, links_of
from lifepot.money import parse_minor
from lifepot.portals.pages import page, see_other
from lifepot.scheme.standing import read_standing

router = APIRouter(include_in_schema=False)

LONGEST_NAME = 60
LONGEST_NUMBER = 20
LARGEST_LINK = 2**31 - 1

Faults = list[tuple[str, str]]


@router.get("/me/household")
def household(asking: AsMember) -> HTMLResponse:
    """Every link, the shared goal and what both saved for it, gifts, and the way to ask somebody."""
    return _household(asking, [])


def _household(asking: Asking, faults: Faults, typed: dict[str, str] | None = None) -> HTMLResponse:
    with asking.seeing() as connection:
        mine = {one.number for one in links_of(connection, asking.member)}
        may = consents.yes_of(connection, asking.member)
        book = read_standing(connection).program.rulebook
    with asking.acting() as connection:
        # The other's sum takes the other's facts: worked out for links that the database lets this member see.
        seen = (
            [one for one in seen_by(connection, asking.member, asking.clock) if one.link.number in mine] if mine else []
        )
    purposes = [(name, one.description.rstrip(".")) for name, one in book.purposes.items()]
    return page(
        asking, "member_household.html", seen=seen, yes=may, purposes=purposes, faults=faults, typed=typed or {},
        fault=dict(reversed(faults)), lends=any("lender" in (one.to or []) for one in book.purposes.values()),
        described=dict(purposes), status=400 if faults else 200,
    )  # fmt: skip


def _act(
    asking: Asking, form: dict[str, str], do: Callable[[Connection], object], field: str = "", done: str = ""
) -> Response:
    """Do it once; what stands in the way is said on the page."""

    def doing(connection: Connection) -> tuple[int, Any]:
        do(connection)
        return 200, {}

    try:
        asking.pressed(form, doing)
    except LifepotError as error:
        return _household(asking, [(field, error.message)], form)
    return see_other(f"/me/household{done}")


def _link(asking: Asking, number: int, *states: str) -> Link:
    """A link of theirs in one of these states; whatever else there is is not there."""
    with asking.seeing() as connection:
        found = [one for one in links_of(connection, asking.member) if one.number == number and one.state in states]
    if not found:
        raise NotThere("link")
    return found[0]


@router.post("/me/household/ask")
def ask(asking: AsMember, form: Form) -> Response:
    """Ask somebody by their number: the answer is the same whether there is such an account or not."""
    asking.guessing("household")
    other = form.get("other", "").strip()
    if not 0 < len(other) <= LONGEST_NUMBER or not other.replace(" ", "").isalnum() or not other.isascii():
        return _household(asking, [("other", "Give a member's number or a National Insurance number.")], form)
    return _act(
        asking, form, lambda connection: links.ask(connection, asking.member, other, asking.clock), "other", "/asked"
    )


@router.get("/me/household/asked")
def was_asked(asking: AsMember) -> HTMLResponse:
    """That it was asked, and what happens next."""
    return page(asking, "member_household_asked.html")


@router.post("/me/household/{link}/accept")
def accept(asking: AsMember, form: Form, link: int) -> Response:
    """Say yes, by saying who it is that asks: nobody is linked with somebody they did not expect."""
    asking.guessing("household")
    _link(asking, link, "asks_you")
    other = form.get("other", "").strip()[:LONGEST_NUMBER]
    return _act(
        asking, form, lambda connection: links.accept(connection, asking.member, other, asking.clock), f"other-{link}"
    )


@router.post("/me/household/{link}/leave")
def leave(asking: AsMember, form: Form, link: int) -> Response:
    """End it, take back what was asked, or say no."""
    other = str(_link(asking, link, "holds", "asked", "asks_you").other)
    return _act(asking, form, lambda connection: links.leave(connection, asking.member, other, asking.clock))


@router.post("/me/household/{link}/goal")
def goal(asking: AsMember, form: Form, link: int) -> Response:
    """What both save for."""
    other = str(_link(asking, link, "holds").other)
    name, minor = form.get("name", "").strip(), _minor(form.get("target", ""))
    faults: Faults = []
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        faults.append((f"name-{link}", "Give the goal a name, such as Our home."))
    if minor <= 0:
        faults.append((f"target-{link}", "Give an amount such as 30000."))
    if faults:
        return _household(asking, faults, form)
    wanted = Goal(name, form.get("purpose", ""), minor)
    return _act(
        asking, form, lambda connection: links.set_goal(connection, asking.member, other, wanted), f"name-{link}"
    )


@router.post("/me/household/{link}/gift")
def gift(asking: AsMember, form: Form, link: int) -> Response:
    """Give into the other's pot each month."""
    other = str(_link(asking, link, "holds").other)
    minor, day = _minor(form.get("amount", "")), form.get("day", "")
    faults: Faults = []
    if minor <= 0:
        faults.append((f"amount-{link}", "Give an amount such as 25."))
    if not day.isdecimal() or not 1 <= int(day[:3]) <= gifts.LAST_DAY:
        faults.append((f"day-{link}", "Give a day of the month, from 1 to 31."))
    if faults:
        return _household(asking, faults, form)
    return _act(
        asking,
        form,
        lambda connection: gifts.promise(connection, asking.member, other, minor, int(day), asking.clock),
        f"amount-{link}",
    )


@router.post("/me/household/{link}/gift/stop")
def stop_gift(asking: AsMember, form: Form, link: int) -> Response:
    """Give no more."""
    other = str(_link(asking, link, "holds").other)
    return _act(asking, form, lambda connection: gifts.stop(connection, asking.member, other, asking.clock))


@router.post("/me/household/{link}/consent")
def consent(asking: AsMember, form: Form, link: int) -> Response:
    """Let the other pay this member's student loan, or no longer."""
    other = str(_link(asking, link, "holds").other)
    step = consents.give if form.get("so") == "yes" else consents.take_back
    return _act(asking, form, lambda connection: step(connection, asking.member, other, asking.clock))


def _minor(text: str) -> int:
    try:
        return parse_minor(text.strip().lstrip("£€$").replace(",", "").strip())
    except ValueError:
        return 0
