"""A member asks for money, a thing a page: what for, how much, what it would come to, where to, evidence, check, sent.

What was filled in is kept as a draft, for accounts do not belong in an address. The draft's number is the withdrawal's key: whatever
is pressed how often, one withdrawal comes of one draft.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lifepot.access import drafts
from lifepot.access.asking import Asking, AsMember, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.access.drafts import Draft
from lifepot.errors import LifepotError
from lifepot.papers.uses import Purposes, UsesOfPot, member_uses
from lifepot.portals import member_filled as filled
from lifepot.portals.files import Given
from lifepot.portals.pages import page, see_other
from lifepot.rulebook.figures_in_words import plain_name
from lifepot.withdrawals import steps
from lifepot.withdrawals.asked_for import known_by, withdrawal_of
from lifepot.withdrawals.evidence import must_be_evidence, plain_file_name
from lifepot.withdrawals.payees import MEMBER, found_payees
from lifepot.withdrawals.quoting import quote

router = APIRouter(include_in_schema=False)

Faults = list[tuple[str, str]]


def key_of_draft(draft: UUID) -> str:
    """The key that a draft's withdrawal is asked for with."""
    return f"door {draft}"


@router.get("/me/money/ask")
def what_for(asking: AsMember, for_: Annotated[str | None, Query(alias="for", max_length=100)] = None) -> HTMLResponse:
    """What the money is for."""
    return _what_for(asking, for_ or "", [])


def _what_for(asking: Asking, chosen: str, faults: Faults) -> HTMLResponse:
    with asking.seeing() as connection:
        uses = member_uses(connection, asking.member, asking.clock.as_of)
    return page(
        asking, "member_ask_for.html", uses=uses, chosen=chosen, faults=faults, choices=filled.choices_of(uses),
        status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/money/ask")
def chose(asking: AsMember, form: Form) -> Response:
    """A draft begins when it is known what for."""
    chosen = form.get("for", "")
    with asking.seeing() as connection:
        uses = member_uses(connection, asking.member, asking.clock.as_of)
    if chosen not in [value for value, *_ in filled.choices_of(uses)]:
        return _what_for(asking, chosen, [("for", "Choose what the money is for.")])

    def begin(connection: Connection) -> tuple[int, Any]:
        made = drafts.begin(connection, asking.member, {"for": chosen}, asking.doors.now())
        return 201, {"draft": str(made)}

    answer = asking.pressed(form, begin)
    return see_other(f"/me/money/ask/{answer.body['draft']}/amount" if "draft" in answer.body else "/me/money/ask")


@router.get("/me/money/ask/{draft}/amount")
def how_much(asking: AsMember, draft: UUID) -> Response:
    """How much, and what its purpose asks to be told."""
    found, _, purpose = _draft(asking, draft)
    return _how_much(asking, draft, purpose, found.said, [])


def _how_much(asking: Asking, draft: UUID, purpose: Purposes, said: dict[str, Any], faults: Faults) -> HTMLResponse:
    return page(
        asking, "member_ask_amount.html", draft=draft, purpose=purpose, said=said, faults=faults,
        fault=dict(reversed(faults)), status=400 if faults else 200,
        choices={one.name: [(word, plain_name(word)) for word in one.choices] for one in purpose.asks},
    )  # fmt: skip


@router.post("/me/money/ask/{draft}/amount")
def wrote_amount(asking: AsMember, form: Form, draft: UUID) -> Response:
    """The amount is kept if it can be quoted; else what stands in the way is said beside it."""
    _, _, purpose = _draft(asking, draft)
    said, faults = filled.amount_of(form, purpose)
    if not faults:
        faults = _quotable(asking, purpose, said)
    if faults:
        return _how_much(asking, draft, purpose, said, faults)
    with asking.acting() as connection:
        drafts.fill(connection, draft, said)
    return see_other(f"/me/money/ask/{draft}/quote")


def _quotable(asking: Asking, purpose: Purposes, said: dict[str, Any]) -> Faults:
    try:
        with asking.acting() as connection:
            steps.must_be_askable(connection, filled.wish_of(asking.member, purpose, said), asking.clock)
    except LifepotError as error:
        return [("amount", str(error))]
    return []


@router.get("/me/money/ask/{draft}/quote")
def what_it_comes_to(asking: AsMember, draft: UUID) -> Response:
    """Whose money goes, what is charged, what is lost and what arrives."""
    found, uses, purpose = _draft(asking, draft, "amount_minor")
    return page(
        asking, "member_ask_quote.html", draft=draft, purpose=purpose, currency=uses.currency,
        quote=_quoted(asking, found, purpose),
    )  # fmt: skip


@router.get("/me/money/ask/{draft}/where")
def where_to(asking: AsMember, draft: UUID, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Where it goes: somebody in the register, or the member's own account."""
    found, _, purpose = _draft(asking, draft, "amount_minor")
    return _where_to(asking, draft, purpose, dict(found.said.get("to", {})), q, [])


def _where_to(
    asking: Asking, draft: UUID, purpose: Purposes, to: dict[str, str], q: str, faults: Faults
) -> HTMLResponse:
    with asking.seeing() as connection:
        payees = found_payees(connection, [one for one in purpose.to if one != MEMBER], q)
    return page(
        asking, "member_ask_where.html", draft=draft, purpose=purpose, payees=payees, q=q, to=to, faults=faults,
        fault=dict(reversed(faults)), own=MEMBER in purpose.to, status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/money/ask/{draft}/where")
def wrote_where(asking: AsMember, form: Form, draft: UUID) -> Response:
    """Where it goes is kept if money may go there."""
    _, _, purpose = _draft(asking, draft, "amount_minor")
    to, faults = filled.where_of(form)
    if not faults:
        try:
            with asking.acting() as connection:
                to["called"] = filled.destination_of(connection, to, purpose).name
        except LifepotError as error:
            faults = [("sort_code" if to["kind"] == MEMBER else "payee", error.message)]
    if faults:
        return _where_to(asking, draft, purpose, to, form.get("q", ""), faults)
    with asking.acting() as connection:
        drafts.fill(connection, draft, {"to": to})
    return see_other(f"/me/money/ask/{draft}/{'evidence/1' if purpose.evidence else 'check'}")


@router.get("/me/money/ask/{draft}/evidence/{piece}")
def what_shows_it(asking: AsMember, draft: UUID, piece: int) -> Response:
    """One piece of evidence: a photo or a PDF."""
    found, _, purpose = _draft(asking, draft, "to")
    return _what_shows_it(asking, found, purpose, piece, [])


def _what_shows_it(asking: Asking, found: Draft, purpose: Purposes, piece: int, faults: Faults) -> HTMLResponse:
    if not 1 <= piece <= len(purpose.evidence):
        raise NotThere
    return page(
        asking, "member_ask_evidence.html", draft=found.draft, purpose=purpose, piece=piece, faults=faults,
        given=found.files.get(piece - 1, ""), status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/money/ask/{draft}/evidence/{piece}")
def gave_evidence(asking: AsMember, form: Form, given: Given, draft: UUID, piece: int) -> Response:
    """A piece is kept with the draft; or left for later."""
    found, _, purpose = _draft(asking, draft, "to")
    if not 1 <= piece <= len(purpose.evidence):
        raise NotThere
    name, content = given
    if content or (not found.files.get(piece - 1) and form.get("later") != "yes"):
        try:
            must_be_evidence(content)
        except LifepotError as error:
            return _what_shows_it(asking, found, purpose, piece, [("file", str(error))])
        with asking.acting() as connection:
            drafts.attach(connection, draft, piece - 1, plain_file_name(name, content), content)
    after = f"evidence/{piece + 1}" if piece < len(purpose.evidence) else "check"
    return see_other(f"/me/money/ask/{draft}/{after}")


@router.get("/me/money/ask/{draft}/check")
def check(asking: AsMember, draft: UUID) -> Response:
    """All answers, each with the way to change it, before anything is sent."""
    found, uses, purpose = _draft(asking, draft, "to")
    return _check(asking, found, uses, purpose, [])


def _check(asking: Asking, found: Draft, uses: UsesOfPot, purpose: Purposes, faults: Faults) -> HTMLResponse:
    try:
        quoted = None if faults else _quoted(asking, found, purpose)
    except LifepotError as error:
        quoted, faults = None, [("", str(error))]
    return page(
        asking, "member_ask_check.html", draft=found, purpose=purpose, currency=uses.currency, quote=quoted, faults=faults,
        where=filled.where_in_words(found.said["to"]), status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/money/ask/{draft}/check")
def send(asking: AsMember, form: Form, draft: UUID) -> Response:
    """Ask for it, once; what was given as evidence goes with it."""
    try:
        found, uses, purpose = _draft(asking, draft, "to")
    except Sent as sent:
        return see_other(f"/me/money/{sent.number}")

    def do(connection: Connection) -> tuple[int, Any]:
        clock = asking.clock
        to = filled.destination_of(connection, found.said["to"], purpose)
        taken, _ = steps.ask(
            connection, filled.wish_of(asking.member, purpose, found.said), to, clock, key_of_draft(draft)
        )
        return 201, {"withdrawal": taken.withdrawal.number}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _check(asking, found, uses, purpose, [("", str(error))])
    return _finish(asking, draft)


@router.post("/me/money/ask/{draft}/finish")
def finish(asking: AsMember, draft: UUID) -> Response:
    """Add what was given as evidence where the server ended before it could."""
    return _finish(asking, draft)


def _finish(asking: Asking, draft: UUID) -> RedirectResponse:
    """The evidence of a draft that was sent, each piece once; then the draft has done its work."""
    with asking.seeing() as connection:
        number = known_by(connection, key_of_draft(draft))
        asked = None if number is None else withdrawal_of(connection, number)
        found = drafts.read(connection, draft)
    if asked is None:
        raise NotThere("withdrawal")
    with asking.acting() as connection:
        for piece, name in sorted(found.files.items() if found else ()):
            if piece in asked.missing:
                _, content = drafts.file_of(connection, draft, piece)
                steps.prove(connection, asked.chain.number, piece, name, content, asking.clock)
        drafts.end(connection, draft)
        connection.commit()
    return see_other(f"/me/money/{asked.chain.number}/sent")


class Sent(NotThere):
    """The draft is no more: it was sent, as the withdrawal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__("draft")
        self.number = number


def _draft(asking: Asking, draft: UUID, needs: str = "for") -> tuple[Draft, UsesOfPot, Purposes]:
    """A draft of theirs in which something was filled in already, and its purpose. Sent where it was sent."""
    with asking.seeing() as connection:
        number = known_by(connection, key_of_draft(draft))
        if number is not None:
            raise Sent(number)
        found = drafts.read(connection, draft)
        uses = member_uses(connection, asking.member, asking.clock.as_of)
    if found is None or needs not in found.said:
        raise NotThere("draft")
    wanted = found.said["for"]
    purpose = next((one for one in uses.purposes if (one.name or filled.ANYTHING) == wanted), None)
    if purpose is None:
        raise NotThere("purpose")
    return found, uses, purpose


def _quoted(asking: Asking, found: Draft, purpose: Purposes) -> Any:
    with asking.acting() as connection:
        return quote(connection, filled.wish_of(asking.member, purpose, found.said), asking.clock)
