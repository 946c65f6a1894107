"""An account goes to another scheme, or comes from one, with its history."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from lifepot.access.asking import AsOperator
from lifepot.access.doors import Connection
from lifepot.api.doing import FileBody, FileName, Member, Once, Sent, Text, done, member_seen
from lifepot.inbox.uploads import plain_name
from lifepot.scheme.moving import move_in, move_out

router = APIRouter(prefix="/api/v1", tags=["transfers"])


class Leaving(Sent):
    """Where the account goes."""

    to: Annotated[Text, Field(description="The scheme that takes the account over.", examples=["NEXT SCHEME"])]


@router.post("/members/{member}/transfer-out")
def out(asking: AsOperator, member: Member, asked: Leaving, key: Once = None) -> Response:
    """Send an account to another scheme, as `lifepot transfer out`: its money, and a file with its history, which `content` holds.
    Asked again with the same Idempotency-Key, the file is given once more.
    """
    member_seen(asking, member, "sent to another scheme")

    def do(connection: Connection) -> dict[str, Any]:
        left = move_out(connection, member, asked.to, asking.clock)
        return left.as_dict(f"member-{member}.csv") | {"content": left.text}

    return done(asking, key, asked, do)


@router.post("/transfers/in")
def in_(asking: AsOperator, content: FileBody, name: FileName, key: Once = None) -> Response:
    """Take in an account from another scheme, as `lifepot transfer in`. Its history counts, and brings nothing again."""
    return done(
        asking, key, content, lambda connection: move_in(connection, content, plain_name(name), asking.clock).as_dict()
    )
