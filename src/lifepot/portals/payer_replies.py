"""Every received file of a payer with how it stands now: rows still refused, and a question that it waits for."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, JSONResponse, Response

from lifepot.access.asking import AsClerk, NotThere
from lifepot.errors import LifepotError
from lifepot.inbox import handed
from lifepot.portals import payer_tables as tables
from lifepot.portals.pages import page
from lifepot.portals.payer_files import size_of
from lifepot.portals.payer_place import Place
from lifepot.scheme.mending import bad_rows
from lifepot.scheme.payers_day import FileTold, faults_of, files_of, question_of

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Long = Annotated[int, Path(ge=1, le=2**62)]


def replies_router(place: Place) -> APIRouter:
    """The pages of received files at a place."""
    router = APIRouter(prefix=f"{place.root}/replies", include_in_schema=False)

    @router.get("/{file}")
    def show(asking: AsClerk, file: Number) -> HTMLResponse:
        """A received file: rows that are still refused, and what it waits for."""
        asking = place.at(asking)
        with asking.seeing() as connection:
            told = must_see(connection, file)
            faults, waits = faults_of(connection, file), question_of(connection, file)
            row = connection.execute(
                "select encode(sha256, 'hex') from personal.received_file where file = %s", [file]
            ).fetchone()
            assert row is not None
            upload = handed.of_content(connection, row[0])
            try:
                rows = bad_rows(connection, file)
            except LifepotError:
                rows = []  # of XML no single row can be put right here
        return page(
            asking, "payer_reply.html", place=place, told=told, size=size_of(told.size), faults=faults, rows=rows, waits=waits,
            upload=upload, table=tables.faults("", faults, {}) if faults else None,
        )  # fmt: skip

    @router.get("/{file}/reply.json")
    def reply(asking: AsClerk, file: Number) -> Response:
        """How a received file stands, for a machine."""
        asking = place.at(asking)
        with asking.seeing() as connection:
            told = must_see(connection, file)
            answer = told.as_dict() | {"faults": faults_of(connection, file)}
        return JSONResponse(answer, headers={"content-disposition": f'attachment; filename="file-{file}.json"'})

    @router.get("/{file}/reply.csv")
    def reply_csv(asking: AsClerk, file: Number) -> Response:
        """The faults that stand, for a spreadsheet."""
        asking = place.at(asking)
        with asking.seeing() as connection:
            must_see(connection, file)
            text = handed.faults_csv(list(faults_of(connection, file, most=10_000)))
        headers = {"content-disposition": f'attachment; filename="file-{file}.csv"'}
        return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def must_see(connection: Any, file: int) -> FileTold:
    """A received file, if the connection sees it: what is not seen is not there."""
    found = files_of(connection, file)
    if not found:
        raise NotThere("file")
    return found[0]
