"""What members wrote, and our answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsOperator, AsStaff, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.errors import LifepotError
from lifepot.portals.listing import attempted, moment, words
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

LONGEST = 4_000


@router.get("/operator/messages/{message}")
def message(
    asking: AsStaff, number: Annotated[int, Path(alias="message")], done: Annotated[bool, Query()] = False
) -> HTMLResponse:
    """One message. Reading it is a look at the member's data."""
    return _message(asking, number, [], "", done=done)


def _message(
    asking: Asking, number: int, faults: list[tuple[str, str]], typed: str, *, done: bool = False, status: int = 200
) -> HTMLResponse:
    with asking.seeing() as connection:
        row = connection.execute("select member from door.message where message = %s", [number]).fetchone()
    if row is None:
        raise NotThere("message")
    with asking.seeing([row[0]], f"message {number}") as connection:
        found = connection.execute(
            "select member, kind, said, sent_at, answered_at, answered_by, answer from door.message where message = %s",
            [number],
        ).fetchone()
    assert found is not None
    member, kind, said, sent_at, answered_at, answered_by, answer = found
    told = [("From", f"member {member}"), ("About", words(kind)), ("Sent", f"{moment(sent_at)} UTC")]
    told += [(words(str(name)).capitalize(), str(text)) for name, text in said.items()]
    if answered_at:
        told += [("Answer", answer or ""), ("Answered", f"by {answered_by}, {moment(answered_at)} UTC")]
    return page(
        asking, "operator_message.html", number=number, member=member, facts=told, faults=faults, typed=typed, status=status,
        may=not answered_at and asking.identity.role is Role.OPERATOR, done="It was answered. The member reads it on their pages." if done else "",
    )  # fmt: skip


@router.post("/operator/messages/{message}")
def answer(asking: AsOperator, form: Form, number: Annotated[int, Path(alias="message")]) -> Response:
    """Answer it, once."""
    text = form.get("answer", "").strip()
    if not text or len(text) > LONGEST:
        return _message(
            asking, number, [("answer", f"Write an answer of at most {LONGEST:,} letters.")], text, status=400
        )

    def do(connection: Connection) -> tuple[int, Any]:
        row = connection.execute(
            "update door.message set answered_at = %s, answered_by = %s, answer = %s where message = %s and answered_at is null "
            "returning message",
            [asking.doors.now(), asking.identity.who, text, number],
        ).fetchone()
        if row is None:
            raise LifepotError("Somebody has answered it already.", remedy="Read their answer below.")
        return 200, {}

    if fault := attempted(asking, form, do):
        return _message(asking, number, [("answer", fault)], text, status=409)
    return see_other(f"/operator/messages/{number}?done=true")
