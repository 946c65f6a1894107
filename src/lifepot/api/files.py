"""Payroll's files: handed in, tried out, received; and how they stand."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Response
from fastapi.responses import JSONResponse

from lifepot.access.asking import Asking, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.api.doing import After, AsClerkOrOperator, AsClerkOrStaff, FileName, Limit, Once, Pager, as_file, done
from lifepot.errors import Misuse
from lifepot.inbox import jobs, uploads
from lifepot.inbox.theirs import look_at_theirs, receive_theirs
from lifepot.scheme.beforehand import beforehand
from lifepot.scheme.receive import receive

router = APIRouter(prefix="/api/v1/files", tags=["files"])

AT_ONCE_BYTES = 1 << 20
"""What is received before the answer; larger files become a job."""

Layout = Literal["papdis-csv", "papdis-xml", "fps-xml", "contributions", "platform"]
"""As in docs/file-layouts.md."""

Content = Annotated[bytes, Body(media_type="application/octet-stream", description="The file's bytes, as they are.")]


@router.post("", status_code=201, responses={202: {"description": "A job was made of it: ask for it"}})
def send(
    asking: AsClerkOrOperator, content: Content, name: FileName, key: Once = None,
    mode: Annotated[Literal["replaces", "adds"] | None, Query(description="What it is to an earlier file of the same payer and period.")] = None,
    layout: Annotated[Layout | None, Query(description="If it should not be recognised.")] = None,
    as_job: Annotated[bool, Query(description="Have it done by a job, however small it is.")] = False,
) -> Response:  # fmt: skip
    """Hand in a file, as `lifepot receive` does. Up to 1 MiB it is received before the answer, which is the reply; a larger one becomes
    a job, which `/jobs/{job}` tells of. A payer's file tells of that payer alone, or nothing of it is taken.
    """
    if as_job or len(content) > AT_ONCE_BYTES:
        return done(asking, key, content, lambda connection: _job(asking, connection, name, content, mode, layout), 202)
    return done(
        asking, key, content, lambda connection: _received(asking, connection, name, content, mode, layout), 201
    )


@router.post("/preview")
def preview(
    asking: AsClerkOrOperator, content: Content, name: FileName,
    mode: Annotated[Literal["replaces", "adds"] | None, Query()] = None, layout: Annotated[Layout | None, Query()] = None,
) -> Response:  # fmt: skip
    """What receiving a file would do, as `lifepot receive --preview`: who joins, what is refused and why, what would be owed, and what
    differs from the file before. Nothing is kept. A payer is told what would move on its own accounts, and people by what its own files
    call them. At most 1 MiB; a larger one is tried out by handing it in as a job.
    """
    if len(content) > AT_ONCE_BYTES:
        raise Misuse(
            "That is too large to be tried out at once.", remedy="Hand it in; what is wrong in it can be put right."
        )
    with as_file(name, content) as path, asking.acting() as connection:
        if asking.identity.role is Role.CLERK:
            told = look_at_theirs(connection, path, asking.clock, asking.payer, mode=mode, layout=layout)
            return JSONResponse(told)
        return JSONResponse(beforehand(connection, path, asking.clock, mode=mode, layout=layout).as_dict())


@router.get("")
def list_files(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The files that were received: of a payer, those that told of it or that it sent."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        rows = connection.execute(
            "select file, name, layout, received_at, size from personal.received_file where file > %s order by file limit %s",
            [pager.after, limit + 1],
        ).fetchall()
    names = ("file", "name", "layout", "received_at", "bytes")
    return pager.page([(row[0], dict(zip(names, row, strict=True))) for row in rows])


File = Annotated[int, Path(ge=1, le=2**31 - 1, description="A received file's number.", examples=[12])]


@router.get("/{file}")
def show(asking: AsClerkOrStaff, file: File) -> dict[str, Any]:
    """A received file, whether its sender must still say what it is, and how many of its rows are refused."""
    with asking.seeing() as connection:
        row = connection.execute(
            "select file, name, layout, received_at, size, "
            "(select count(*) from personal.reject where reject.file = received_file.file and state = 'open'), "
            "exists (select from personal.question where question.file = received_file.file and answer is null) "
            "from personal.received_file where file = %s",
            [file],
        ).fetchone()
    if row is None:
        raise NotThere("file")
    names = ("file", "name", "layout", "received_at", "bytes", "faults", "waits_for_an_answer")
    return dict(zip(names, row, strict=True))


@router.get("/{file}/faults")
def faults(asking: AsClerkOrStaff, file: File, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """Why rows of a file are refused, with the codes of its reply. Staff see codes and lines, and not what stands there."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        if connection.execute("select from personal.received_file where file = %s", [file]).fetchone() is None:
            raise NotThere("file")
        rows = connection.execute(
            "select id, line, file_column, code, path, found, expected from personal.reject "
            "where file = %s and state = 'open' and id > %s order by id limit %s",
            [file, pager.after, limit + 1],
        ).fetchall()
    names = ("line", "column", "code", "path", "found", "expected")
    own = asking.identity.role is Role.CLERK
    return pager.page(
        [
            (row[0], {name: cell if own or name != "found" else "" for name, cell in zip(names, row[1:], strict=True)})
            for row in rows
        ]
    )


def _payer(asking: Asking) -> int | None:
    return asking.payer if asking.identity.role is Role.CLERK else None


def _received(
    asking: Asking, connection: Connection, name: str, content: bytes, mode: str | None, layout: str | None
) -> dict[str, Any]:
    payer = _payer(asking)
    with as_file(name, content) as path:
        if payer is None:
            return receive(connection, path, asking.clock, mode=mode, layout=layout).as_dict()
        reply = receive_theirs(connection, path, asking.clock, payer, mode=mode, layout=layout)
    uploads.remember_sender(connection, payer, content)
    return reply


def _job(
    asking: Asking, connection: Connection, name: str, content: bytes, mode: str | None, layout: str | None
) -> dict[str, Any]:
    now, payer = asking.doors.now(), _payer(asking)
    upload = uploads.keep(connection, payer, asking.identity.who, name, content, now)
    number = jobs.ask(
        connection, "receive", {"mode": mode, "layout": layout}, asking.identity.who, now, upload=upload, payer=payer
    )
    return {"job": number, "at": f"/api/v1/jobs/{number}"}
