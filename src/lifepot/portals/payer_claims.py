"""Claims made on a payer: what is asked, how each line stands, and a reply by file."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Path, UploadFile
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import AsClerk, Asking, Form, NotThere
from lifepot.errors import Misuse
from lifepot.inbox import handed, jobs, uploads
from lifepot.portals import payer_tables as tables
from lifepot.portals.pages import page, see_other
from lifepot.scheme.claims_on import claim_on, file_of_claim
from lifepot.scheme.payers_day import payers_day

router = APIRouter(prefix="/payer/claims", include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
KIND = ("claim_reply",)
MOST_LINES = 200


@router.get("")
def show(asking: AsClerk) -> HTMLResponse:
    """The claims, and replies that were handed in."""
    with asking.seeing() as connection:
        day = payers_day(connection, asking.payer, asking.clock.as_of)
        replies = handed.listed(connection, KIND)
    return page(asking, "payer_claims.html", day=day, replies=replies)


@router.get("/{number}")
def show_one(asking: AsClerk, number: Number) -> HTMLResponse:
    """A claim, line by line."""
    return _claim(asking, number, "")


@router.get("/{number}/claim.csv")
def file(asking: AsClerk, number: Number) -> Response:
    """The claim's own file."""
    _must_see(asking, number)
    with asking.acting() as connection:
        content = file_of_claim(connection, asking.payer, number)
    if content is None:
        raise NotThere("claim")
    headers = {"content-disposition": f'attachment; filename="claim-{number}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{number}/replies")
def reply(asking: AsClerk, number: Number, form: Form, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Keep a reply, and have it received."""
    _must_see(asking, number)
    content = b"" if file is None else file.file.read()
    if file is None or not content:
        return _claim(asking, number, "Choose the file that replies to this claim.")
    name, now, who, payer = file.filename or "", asking.doors.now(), asking.identity.who, asking.payer

    def do(connection: Any) -> tuple[int, Any]:
        upload = uploads.keep(connection, payer, who, name, content, now)
        jobs.ask(connection, "claim_reply", {}, who, now, upload=upload, payer=payer)
        return 303, upload

    try:
        answer = asking.once(form.get("once", ""), handed.digest([(name, content)]), do)
    except Misuse as error:
        return _claim(asking, number, f"{error.message} {error.remedy}")
    return see_other(f"/payer/claims/replies/{answer.body}")


@router.get("/replies/{upload}")
def show_reply(asking: AsClerk, upload: UUID) -> HTMLResponse:
    """What became of a reply."""
    with asking.seeing() as connection:
        one = handed.find(connection, str(upload), KIND)
    if one is None or one.last is None:
        raise NotThere("reply")
    found = one.answer.get("faults", [])
    return page(
        asking, "payer_claim_reply.html", one=one, answer=one.answer, table=tables.faults("", found, {}) if found else None
    )  # fmt: skip


def _must_see(asking: Asking, number: int) -> None:
    """What the database does not show them is not there."""
    with asking.seeing() as connection:
        if connection.execute("select from claim where number = %s", [number]).fetchone() is None:
            raise NotThere("claim")


def _claim(asking: Asking, number: int, fault: str) -> HTMLResponse:
    _must_see(asking, number)
    with asking.acting() as connection:
        found = claim_on(connection, asking.payer, number)
    if found is None:
        raise NotThere("claim")
    made, lines = found
    return page(
        asking, "payer_claim.html", status=400 if fault else 200, made=made, lines=lines[:MOST_LINES], of=made.lines,
        faults=[("file", fault)] if fault else [],
    )  # fmt: skip
