"""Claims: what government and payers owe, asked of them period by period; and what they reply."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from lifepot.access import looks
from lifepot.access.asking import AsOperator
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.api.doing import (
    After,
    AsClerkOrStaff,
    Day,
    FileBody,
    FileName,
    Limit,
    Once,
    Pager,
    Sent,
    Text,
    as_file,
    day,
    done,
    must_be_seen,
)
from lifepot.scheme.claim import make_claim
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.claim_show import list_claims, show_claim

router = APIRouter(prefix="/api/v1/claims", tags=["claims"])

Claim = Annotated[int, Path(ge=1, le=2**31 - 1, description="A claim's number.", examples=[1])]
SEEN = "select from claim where number = %s"


class Claiming(Sent):
    """Of whom, up to when."""

    funder: Annotated[
        Text, Field(description="`government`, or a payer as its files name it.", examples=["government"])
    ]
    until: Annotated[
        Day | None, Field(description="The last day of a claim period. Default: the last that is over.")
    ] = None
    again: Annotated[bool, Field(description="Claim what was refused once more.")] = False


@router.post("")
def make(asking: AsOperator, asked: Claiming, key: Once = None) -> Response:
    """Claim what a funder owes up to the end of a period, as `lifepot claim make`. What has fallen due is posted before."""
    return done(
        asking, key, asked,
        lambda connection: make_claim(connection, asked.funder, day(asked.until), asking.clock, again=asked.again).as_dict(),
    )  # fmt: skip


@router.get("")
def list_made(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The claims that were made and how they stand, as `lifepot claim list`; for a payer, those on it."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        mine = {number for (number,) in connection.execute("select number from claim").fetchall()}
    with asking.acting() as connection:
        made = list_claims(connection)
    return pager.page([(one.number, one.as_dict()) for one in made if one.number in mine])


@router.get("/{claim}")
def show(asking: AsClerkOrStaff, claim: Claim) -> dict[str, Any]:
    """A claim, its first thousand lines and how each stands, as `lifepot claim show`. A payer is told of each line whom it is about,
    as that payer knows them; to staff nobody is named here: the file names them.
    """
    must_be_seen(asking, SEEN, claim, "claim")
    with asking.acting() as connection:
        made, lines, as_made = show_claim(connection, claim)
    unnamed = {} if asking.identity.role is Role.CLERK else {"person": ""}
    return made.as_dict() | {"file_as_made": as_made, "shown": [line.as_dict() | unnamed for line in lines]}


@router.get("/{claim}/file", responses={200: {"content": {"text/csv": {}}, "description": "The claim's file"}})
def file(asking: AsClerkOrStaff, claim: Claim) -> Response:
    """The claim's file, which goes to the funder, as `lifepot claim show --out`. It names people: that one of the staff took it is
    written down for each of them.
    """
    must_be_seen(asking, SEEN, claim, "claim")
    with as_file("claim.csv", b"") as path, asking.acting() as connection:
        if asking.identity.role is not Role.CLERK:
            row = connection.execute("select batch from claim where number = %s", [claim]).fetchone()
            assert row is not None, "it was seen"
            what = f"API: the file of claim {claim}"
            looks.written_for_batch(connection, row[0], asking.identity, what, asking.doors.now())
            connection.commit()
        show_claim(connection, claim, path)
        return Response(path.read_bytes(), media_type="text/csv")


@router.post("/replies")
def reply(asking: AsOperator, content: FileBody, name: FileName, key: Once = None) -> Response:
    """Take in the reply to a claim, as `lifepot claim reply`. Faults stand in the answer; the same reply again changes nothing."""

    def do(connection: Connection) -> dict[str, Any]:
        with as_file(name, content) as path:
            return receive_reply(connection, path, asking.clock).as_dict()

    return done(asking, key, content, do)
