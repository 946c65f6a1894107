"""What a member puts in: telling a payer to change or stop it, and leaving or resting, which a member says and the scheme does."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access import messages
from lifepot.access.asking import Asking, AsMember, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.money import format_minor, parse_minor
from lifepot.papers.life import payers_of
from lifepot.papers.statement import ALIVE
from lifepot.periods import day_of, format_day
from lifepot.portals.pages import page, see_other
from lifepot.rulebook.figures_in_words import plain_name
from lifepot.scheme.own_word import say, words_of, would_follow
from lifepot.scheme.statement import read_statement

router = APIRouter(include_in_schema=False)

WISHES = ("amount", "share", "stop")
MOST_DAYS_AHEAD = 366
MOST_MORE = 100_000_00
LARGEST_PERCENT = 100_00

Faults = list[tuple[str, str]]


@router.get("/me/contribution")
def contribution(asking: AsMember) -> HTMLResponse:
    """Whom to tell, what was told, and the ways to leave or rest."""
    return _contribution(asking, {}, [])


def _contribution(asking: Asking, typed: dict[str, str], faults: Faults) -> HTMLResponse:
    with asking.seeing() as connection:
        payers = payers_of(connection, asking.member)
        words = words_of(connection, asking.member)
        letters = messages.messages(connection, "contribution")
    return page(
        asking, "member_contribution.html", payers=payers, words=words, letters=letters, typed=typed, faults=faults,
        fault=dict(reversed(faults)), status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/contribution")
def tell(asking: AsMember, form: Form) -> Response:
    """Tell a payer: kept as a message that its clerk and the scheme see."""
    with asking.seeing() as connection:
        payers = {str(number): (number, ref) for number, ref, _ in payers_of(connection, asking.member)}
        name = read_statement(connection, asking.member).name
    said, faults = _wish_of(asking, form, payers)
    if faults:
        return _contribution(asking, form, faults)

    def do(connection: Connection) -> tuple[int, Any]:
        number = messages.send(connection, asking.member, "contribution", said | {"name": name}, asking.doors.now())
        return 201, {"message": number}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _contribution(asking, form, [("", str(error))])
    return see_other("/me/contribution/told")


@router.get("/me/contribution/told")
def was_told(asking: AsMember) -> HTMLResponse:
    """That it was told, and what happens next and when."""
    with asking.seeing() as connection:
        letters = messages.messages(connection, "contribution")
    if not letters:
        raise NotThere
    return page(asking, "member_contribution_told.html", letter=letters[0])


def _wish_of(asking: Asking, form: dict[str, str], payers: dict[str, tuple[int, str]]) -> tuple[dict[str, Any], Faults]:
    faults: Faults = []
    field = form.get("wish", "")
    said: dict[str, Any] = {
        "wish": "stop" if field == "stop" else "change", "words": form.get("words", "").strip(),
        "in_words": "Nothing more of my pay",
    }  # fmt: skip
    if (payer := payers.get(form.get("payer", ""))) is None:
        faults.append(("payer", "Choose whom to tell."))
    else:
        said |= {"payer": payer[0], "payer_ref": payer[1]}
    if field not in WISHES:
        faults.append(("wish", "Choose what should change."))
    elif field != "stop":
        try:
            minor = parse_minor(form.get(field, "").strip().strip("£€$%").replace(",", "").strip())
        except ValueError:
            minor = 0
        if not 0 < minor <= (MOST_MORE if field == "amount" else LARGEST_PERCENT):
            faults.append((field, "Give an amount such as 25." if field == "amount" else "Give a share such as 5."))
        said["amount_minor" if field == "amount" else "share_bps"] = minor
        much = (
            format_minor(minor, asking.request.app.state.scheme.currency)
            if field == "amount"
            else f"{format_minor(minor).removesuffix('.00')}%"
        )
        said["in_words"] = f"{much} of each pay"
    if (day := _day(form.get("from", ""))) is None or not 0 <= day - asking.clock.as_of <= MOST_DAYS_AHEAD:
        faults.append(("from", "Give a day from today on, within a year."))
    else:
        said["from_on"] = format_day(day)
    if len(said["words"]) > messages.LONGEST_WORDS:
        faults.append(("words", f"Write at most {messages.LONGEST_WORDS:,} letters."))
    return said, faults


def _day(text: str) -> int | None:
    try:
        return day_of(date.fromisoformat(text.strip()))
    except ValueError:
        return None


@router.get("/me/contribution/say/{attribute}")
def before_saying(asking: AsMember, attribute: str) -> HTMLResponse:
    """What would follow at once from leaving or resting, or from taking it back."""
    return _before_saying(asking, attribute, [])


def _before_saying(asking: Asking, attribute: str, faults: Faults) -> HTMLResponse:
    with asking.seeing() as connection:
        word = next((one for one in words_of(connection, asking.member) if one.attribute == attribute), None)
    if word is None:
        raise NotThere
    with asking.acting() as connection:
        follows = would_follow(connection, asking.member, attribute, is_so=not word.is_so, clock=asking.clock)
    return page(
        asking, "member_say.html", word=word, follows=follows, faults=faults, today=asking.clock.as_of,
        parties=list(ALIVE.values()), name=plain_name(word.attribute), status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/contribution/say/{attribute}")
def said_it(asking: AsMember, form: Form, attribute: str) -> Response:
    """The member's own word; what follows is posted at once."""
    with asking.seeing() as connection:
        known = {one.attribute for one in words_of(connection, asking.member)}
    if attribute not in known or form.get("so") not in {"yes", "no"}:
        raise NotThere

    def do(connection: Connection) -> tuple[int, Any]:
        place = say(connection, asking.member, attribute, is_so=form["so"] == "yes", clock=asking.clock)
        return 200, {"place": place}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _before_saying(asking, attribute, [("", str(error))])
    return see_other("/me/contribution")
