"""A payer's files: handed in, looked at before anything is posted, confirmed, and replied to."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response

from lifepot.access.asking import AsClerk, Asking, Form, NotThere
from lifepot.errors import Misuse
from lifepot.inbox import handed, uploads
from lifepot.inbox.handed import MODES, Handed
from lifepot.papers.paper import Table
from lifepot.portals import payer_tables as tables
from lifepot.portals.pages import page, see_other
from lifepot.portals.payer_place import Place
from lifepot.scheme.payers_day import files_of

MOST_AT_ONCE = 12


def files_router(place: Place) -> APIRouter:
    """The pages of files at a place."""
    router = APIRouter(prefix=f"{place.root}/files", include_in_schema=False)

    @router.get("")
    def show(asking: AsClerk) -> HTMLResponse:
        """Drop a file; and those that were, with their state."""
        return _all(place.at(asking), place, "")

    @router.post("")
    def hand_in(asking: AsClerk, form: Form, file: Annotated[list[UploadFile] | None, File()] = None) -> Response:
        """Keep files, and have each looked at."""
        asking = place.at(asking)
        contents = [(one.filename or "", one.file.read()) for one in (file or [])[:MOST_AT_ONCE] if one.filename]
        if not contents or not all(content for _, content in contents):
            return _all(asking, place, "Choose the file that payroll wrote." if not contents else "The file is empty.")
        now, payer = asking.doors.now(), asking.payer

        def do(connection: Any) -> tuple[int, Any]:
            kept = []
            for name, content in contents:
                upload = uploads.keep(connection, payer, asking.identity.who, name, content, now)
                one = handed.find(connection, upload)
                assert one is not None
                handed.ask(connection, one, "beforehand", "", payer, asking.identity.who, now)
                kept.append(upload)
            return 303, kept

        try:
            answer = asking.once(form.get("once", ""), handed.digest(contents), do)
        except Misuse as error:
            return _all(asking, place, f"{error.message} {error.remedy}")
        return see_other(f"{place.root}/files/{answer.body[0]}" if len(contents) == 1 else f"{place.root}/files")

    @router.get("/{upload}")
    def show_one(asking: AsClerk, upload: UUID) -> HTMLResponse:
        """A file: what it would do, what it waits for, or what it did."""
        asking = place.at(asking)
        with asking.seeing() as connection:
            one = _found(connection, upload)
            told = handed.received_as(connection, one.sha256) if one.state == "received" else None
        answer = one.answer
        return page(
            asking, "payer_file.html", place=place, one=one, answer=answer, told=told, size=size_of(one.size),
            shown=_shown(answer) if one.state in {"look", "received", "refused"} else {},
        )  # fmt: skip

    @router.post("/{upload}/look")
    def look(asking: AsClerk, upload: UUID, form: Form) -> Response:
        """Look at it once more, as what takes another's place or as what comes beside it."""
        return _ask(place, place.at(asking), upload, form, "beforehand")

    @router.post("/{upload}/confirm")
    def confirm(asking: AsClerk, upload: UUID, form: Form) -> Response:
        """Receive what was looked at."""
        return _ask(place, place.at(asking), upload, form, "receive")

    @router.get("/{upload}/reply.json")
    def reply(asking: AsClerk, upload: UUID) -> Response:
        """The reply, or what it would be."""
        one = _answered(place.at(asking), upload)
        return JSONResponse(one.answer, headers=_as_file(one.name, "json"))

    @router.get("/{upload}/reply.csv")
    def reply_csv(asking: AsClerk, upload: UUID) -> Response:
        """The faults, for a spreadsheet."""
        one = _answered(place.at(asking), upload)
        text = handed.faults_csv(one.answer.get("faults", []))
        return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=_as_file(one.name, "csv"))

    return router


def size_of(octets: int) -> str:
    """A file's size for a person."""
    if octets < 10_000:
        return f"{octets:,} bytes"
    return f"{octets // 1000:,} kB" if octets < 10_000_000 else f"{octets // 1_000_000:,} MB"


def _all(asking: Asking, place: Place, fault: str) -> HTMLResponse:
    with asking.seeing() as connection:
        mine, received = handed.listed(connection), files_of(connection)
    return page(
        asking, "payer_files.html", status=400 if fault else 200, place=place, handed=mine, received=received, size_of=size_of,
        faults=[("file", fault)] if fault else [],
    )  # fmt: skip


def _found(connection: Any, upload: UUID) -> Handed:
    one = handed.find(connection, str(upload))
    if one is None or one.last is None:
        raise NotThere("file")
    return one


def _answered(asking: Asking, upload: UUID) -> Handed:
    with asking.seeing() as connection:
        one = _found(connection, upload)
    if not one.answer or one.state == "failed":
        raise NotThere("reply")
    return one


def _ask(place: Place, asking: Asking, upload: UUID, form: dict[str, str], kind: str) -> Response:
    with asking.seeing() as connection:
        _found(connection, upload)
    mode = form.get("mode", "")
    where = f"{place.root}/files/{upload}"
    if mode not in ("", *MODES) or (kind == "beforehand" and not mode):
        return see_other(f"{where}?unsaid=1")

    def do(connection: Any) -> tuple[int, Any]:
        # Two pages on which the button is pressed at once: the second sees what the first asked for.
        connection.execute("select from door.upload where upload = %s for update", [str(upload)])
        one = _found(connection, upload)
        is_open = one.state == "look" and one.mode == mode if kind == "receive" else one.state in {"question", "look"}
        if is_open and not one.is_received:
            handed.ask(connection, one, kind, mode, asking.payer, asking.identity.who, asking.doors.now())
        return 303, where

    asking.pressed(form, do)
    return see_other(where)


def _as_file(name: str, ending: str) -> dict[str, str]:
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-._") else "-" for letter in name)
    return {"content-disposition": f'attachment; filename="reply-to-{plain}.{ending}"'}


def _shown(answer: dict[str, Any]) -> dict[str, Table | None]:
    """The tables of an answer, None where there is nothing to put in."""
    currency = answer["currency"]
    names = {one["line"]: one["name"] for one in answer.get("refused", {}).get("first", [])}
    found: dict[str, Table | None] = {
        "faults": tables.faults("", answer["faults"], names) if answer["faults"] else None,
        "notes": tables.faults("", answer["notes"], {}) if answer["notes"] else None,
        "effects": tables.effects("", answer["by_rule"], currency) if answer["by_rule"] else None,
    }
    joining = answer.get("joining", {"count": 0, "first": []})
    found["joining"] = tables.joining("", joining["first"]) if joining["count"] else None
    for against in answer.get("payers", [])[:1]:
        found["totals"] = tables.totals("", against, currency) if against["before_since"] else None
        for name in ("new", "no_more"):
            found[name] = tables.people("", against[name]["first"], currency) if against[name]["count"] else None
        found["changed"] = (
            tables.changed("", against["changed"]["first"], currency) if against["changed"]["count"] else None
        )
    return {name: found.get(name) for name in NAMES}


NAMES = ("faults", "notes", "effects", "joining", "totals", "new", "no_more", "changed")
