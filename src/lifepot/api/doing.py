"""How an endpoint does things: what is sent is clean, what is seen is decided by the database first, what is done is done once."""

import base64
import binascii
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import Body, Header, Path, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lifepot.access.asking import Asking, NotThere, asks_as
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.errors import Misuse
from lifepot.inbox.uploads import plain_name
from lifepot.periods import day_of

MOST_ON_A_PAGE = 500
LARGEST = 2**62

AsMemberOrStaff = Annotated[Asking, asks_as("member", "operator", "approver", "auditor")]
AsMemberOrOperator = Annotated[Asking, asks_as("member", "operator", "approver")]
AsClerkOrStaff = Annotated[Asking, asks_as("clerk", "operator", "approver", "auditor")]
AsClerkOrOperator = Annotated[Asking, asks_as("clerk", "operator")]
AsAnyone = Annotated[Asking, asks_as("member", "clerk", "operator", "approver", "auditor", "analyst")]


def _clean(text: object) -> object:
    if isinstance(text, str) and any(letter < " " or letter == "\x7f" for letter in text):
        raise ValueError("letters that cannot be seen")
    return text


Text = Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line, of letters that can be seen."""
MaybeText = Annotated[str, BeforeValidator(_clean), Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Pages = Annotated[str, Field(min_length=1, max_length=1_000_000, pattern=r"^[^\x00]*$")]
"""A text of many lines: a rulebook, a CSV."""
Minor = Annotated[int, Field(ge=1, le=10**12, description="Whole minor units (pence).", examples=[50000])]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31), examples=["2026-08-20"])]
SortCode = Annotated[str, Field(pattern=r"^[0-9]{2}-?[0-9]{2}-?[0-9]{2}$", examples=["20-00-00"])]
AccountNumber = Annotated[str, Field(pattern=r"^[0-9]{8}$", examples=["55779911"])]
Year = Annotated[int, Field(ge=2000, le=2150, examples=[2026])]

Member = Annotated[int, Path(ge=1, le=2**31 - 1, description="A member's number.", examples=[17])]
Payer = Annotated[int, Path(ge=1, le=2**31 - 1, description="A payer's number, as `/payers` lists it.", examples=[3])]
Withdrawal = Annotated[int, Path(ge=1, le=2**62, description="A withdrawal's number.", examples=[21474836480])]

Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=200, pattern=r"^[\x20-\x7e]+$",
        description="Which request this is, in letters of your own. Sent again with the same key it is answered as before and done once; "
        "with another request it is refused.", examples=["pay-run-2026-08/17"],
    ),
]  # fmt: skip
"""Required: without one the answer is 400. It is read as if it were not, so that this is a sentence and not a list of faults."""

FileBody = Annotated[
    bytes, Body(media_type="application/octet-stream", description="The file's bytes, as they are.", max_length=12 * 2**20)
]  # fmt: skip
FileName = Annotated[
    Text, Query(alias="name", description="The file's name, as replies call it.", examples=["july.csv"])
]
After = Annotated[str | None, Query(max_length=60, description="As `next` of the page before had it.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="How many at most.")]


OneMember = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="One member's only; staff say whose.")]
Every = Annotated[bool, Query(alias="all", description="Also those that have ended.")]


class Sent(BaseModel):
    """What is sent as JSON: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


def day(of: date | None) -> int | None:
    """A day as the rooms below count it."""
    return None if of is None else day_of(of)


def done(
    asking: Asking, key: str | None, asked: BaseModel | bytes | None, do: Callable[[Connection], Any], status: int = 200
) -> Response:
    """Do it once, and answer with what `do` gives; `asked`: the request's body."""
    if key is None:
        raise Misuse("The request says not which it is.", remedy="Send an Idempotency-Key of your own.")
    url = asking.request.url
    body = asked.model_dump_json().encode() if isinstance(asked, BaseModel) else asked or b""
    named = f"{asking.request.method} {url.path}?{url.query}\x1f".encode() + body
    answer = asking.once(key, named, lambda connection: (status, jsonable_encoder(do(connection))))
    headers = {"idempotency-replayed": "true"} if answer.again else {}
    return JSONResponse(answer.body, answer.status, headers)


def member_seen(asking: Asking, member: int, what: str) -> None:
    """Raise NotThere unless whoever asks may see this member; staff's look is written down first."""
    with looking(asking, member, what):
        pass


def whose(asking: Asking, member: int | None, what: str) -> int | None:
    """Whose things are listed: a member's own, or those of whom staff name, whose look is written down; None for everybody's."""
    mine = asking.member if asking.identity.role is Role.MEMBER else member
    if mine is not None:
        member_seen(asking, mine, what)
    return mine


@contextmanager
def looking(asking: Asking, member: int, what: str) -> Iterator[Connection]:
    """A connection that sees one member, as whoever asks may: themselves, or staff whose look is written down."""
    staff = asking.identity.role is not Role.MEMBER
    if staff:
        with asking.acting() as connection:
            if connection.execute("select from personal.person where member = %s", [member]).fetchone() is None:
                raise NotThere("member")
    with asking.seeing([member] if staff else [], f"API: {what}" if staff else "") as connection:
        if connection.execute("select from personal.person where member = %s", [member]).fetchone() is None:
            raise NotThere("member")
        yield connection


def payer_seen(asking: Asking, payer: int) -> str:
    """The reference of a payer whom whoever asks may see; NotThere for another's."""
    with asking.seeing() as connection:
        row = connection.execute("select ref from payer where id = %s", [payer]).fetchone()
    if row is None:
        raise NotThere("payer")
    return str(row[0])


def must_be_seen(asking: Asking, query: str, number: int, what: str) -> None:
    """Raise NotThere unless a query of one number shows whoever asks something."""
    with asking.seeing() as connection:
        if connection.execute(query.encode(), [number]).fetchone() is None:
            raise NotThere(what)


@contextmanager
def as_file(name: str, content: bytes) -> Iterator[FilePath]:
    """What was sent, as a file under its name."""
    with tempfile.TemporaryDirectory(prefix="lifepot-sent-") as folder:
        path = FilePath(folder) / plain_name(name)
        path.write_bytes(content)
        yield path


@dataclass(frozen=True, slots=True)
class Pager:
    """One page of a list that is keyed by a number that only rises."""

    asking: Asking
    after: int
    limit: int

    @classmethod
    def of(cls, asking: Asking, after: str | None, limit: int) -> "Pager":
        """From `after` and `limit` of a request. Misuse for an `after` that we never gave."""
        if after is None:
            return cls(asking, 0, limit)
        mark = re.fullmatch("after ([0-9]{1,19})", _unwrapped(after))
        if mark is None:
            raise Misuse("There is no such page.", remedy="Follow `next` from the first page on.")
        return cls(asking, min(int(mark[1]), LARGEST), limit)

    def page(self, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, Any]:
        """The page of rows by rising numbers: those after where it begins are given, one more than its limit, or all."""
        mine = [one for one in rows if one[0] > self.after][: self.limit + 1]
        following = None
        if len(mine) > self.limit:
            mark = base64.urlsafe_b64encode(f"after {mine[self.limit - 1][0]}".encode()).decode().rstrip("=")
            kept = [(name, text) for name, text in self.asking.request.query_params.multi_items() if name != "after"]
            query = self.asking.request.url.replace(query="").include_query_params(**dict(kept), after=mark).query
            following = f"{self.asking.request.url.path}?{query}"
        return {"items": [jsonable_encoder(dict(one)) for _, one in mine[: self.limit]], "next": following}


def _unwrapped(mark: str) -> str:
    try:
        return base64.urlsafe_b64decode(mark.encode() + b"=" * (-len(mark) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
