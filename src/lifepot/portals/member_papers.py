"""A member's papers: statements by year, all their data to take away, who looked at it, and what is wrong with it."""

import json
import zipfile
from collections.abc import Iterator
from typing import IO, Annotated, Any, cast

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from lifepot.access import messages
from lifepot.access.asking import Asking, AsMember, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError, Misuse
from lifepot.household.goals import seen_by
from lifepot.household.links import links_of
from lifepot.papers.member import member_figures
from lifepot.papers.paper import Paper
from lifepot.papers.statement import statement_paper
from lifepot.papers.taken_out import all_of
from lifepot.papers.writing import page_of, pdf_of
from lifepot.papers.years import years_of
from lifepot.portals.files import attachment, disposition
from lifepot.portals.pages import page, see_other
from lifepot.scheme.standing import read_standing
from lifepot.withdrawals.asked_for import incomes_of, withdrawals_of
from lifepot.withdrawals.evidence import content_of, pieces_of

router = APIRouter(include_in_schema=False)

ABOUT = ("pay", "birth", "name", "other")
MOST_LOOKS = 200
LARGEST_ENTRY = 2**62

README = """What the scheme has of you. Amounts ending in _minor are in the currency's smallest unit (pence), days are as in 2026-05-31.

person.json       who you are to the scheme, and whom you work for
statement.json    the pot, every entry with its reason, and what it is on course for
facts.json        everything that was told of you, by whom, and in which line of which file
withdrawals.json  the money you asked for, step by step; evidence/ has what you showed
incomes.json      regular incomes
household.json    what you share with others
messages.json     what you wrote to us, and what was answered
looks.json        who looked at your data, when and why
statement.html    the statement as a page
"""


@router.get("/me/papers")
def papers(asking: AsMember) -> HTMLResponse:
    """The years there are statements of, and everything else on paper."""
    with asking.seeing() as connection:
        years = years_of(connection)
        waiting = len(messages.messages(connection, "correction", waiting=True))
        looks = _looks(connection)
    return page(asking, "member_papers.html", years=years, waiting=waiting, looks=len(looks))


@router.get("/me/papers/statement")
def statement(asking: AsMember, year: Annotated[int | None, Query()] = None) -> HTMLResponse:
    """The statement of a year, or of everything."""
    return page(asking, "member_statement.html", paper=_paper(asking, year), year=year)


@router.get("/me/papers/statement.pdf")
def statement_pdf(asking: AsMember, year: Annotated[int | None, Query()] = None) -> Response:
    """The same as a PDF that a screen reader reads."""
    return attachment(
        f"statement{'' if year is None else f'-{year}'}.pdf", pdf_of(_paper(asking, year)), "application/pdf"
    )


def _paper(asking: Asking, year: int | None) -> Paper:
    try:
        with asking.seeing() as connection:
            return statement_paper(member_figures(connection, asking.member, year))
    except Misuse:
        raise NotThere("statement") from None


@router.get("/me/papers/everything.zip")
def everything(asking: AsMember) -> StreamingResponse:
    """All their data, written as it is sent."""
    name = f"lifepot-{asking.member}.zip"
    return StreamingResponse(
        _zipped(asking), media_type="application/zip", headers={"content-disposition": disposition(name)}
    )


class _Sent:
    """What was written since it was last taken; an archive that finds no place to go back to writes straight on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """A part of it."""
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def _zipped(asking: Asking) -> Iterator[bytes]:
    sent = _Sent()
    with asking.seeing() as connection, zipfile.ZipFile(cast("IO[bytes]", sent), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(asking, connection):
            archive.writestr(name, content)
            yield sent.taken()
    yield sent.taken()


def _files(asking: Asking, connection: Connection) -> Iterator[tuple[str, str | bytes]]:
    """The files of a take-out: all of it read under what the member may see."""
    members = list(asking.identity.members)
    yield "README.txt", README
    for name, value in all_of(connection, asking.member, members):
        yield f"{name}.json", _json(value)
    standing = read_standing(connection)
    asked = withdrawals_of(connection, members)
    yield "withdrawals.json", _json([one.as_dict(standing) for one in asked])
    for one in asked:
        for piece in pieces_of(connection, one.chain.number):
            found = content_of(connection, one.chain.number, piece.fact)
            assert found is not None, "a piece that was listed is there"
            yield f"evidence/{one.chain.number}-{piece.fact}-{found[0]}", found[1]
    yield "incomes.json", _json([one.as_dict() for one in incomes_of(connection, members)])
    mine = {one.number for one in links_of(connection, asking.member)}
    with asking.acting() as acting:
        seen = [one for one in seen_by(acting, asking.member, asking.clock) if one.link.number in mine] if mine else []
        acting.rollback()
    yield "household.json", _json([_shared(one.as_dict()) for one in seen])
    yield "messages.json", _json([one.as_dict() for one in messages.messages(connection)])
    yield "looks.json", _json(_looks(connection, most=None))
    yield "statement.html", page_of(statement_paper(member_figures(connection, asking.member)))


def _shared(seen: dict[str, Any]) -> dict[str, Any]:
    """What was shared: a name only of whom both said yes to."""
    return seen if seen["state"] == "holds" else seen | {"with": None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _looks(connection: Connection, most: int | None = MOST_LOOKS) -> list[dict[str, Any]]:
    """The looks at their data, the last first."""
    rows = connection.execute(
        "select looked_at, who, role, what from door.look order by look desc limit %s", [most]
    ).fetchall()
    return [dict(zip(("looked_at", "who", "role", "what"), row, strict=True)) for row in rows]


@router.get("/me/papers/looks")
def looks(asking: AsMember) -> HTMLResponse:
    """Who looked at their data, when and why."""
    with asking.seeing() as connection:
        found = _looks(connection)
    return page(asking, "member_looks.html", looks=found, most=MOST_LOOKS)


@router.get("/me/papers/corrections")
def corrections(asking: AsMember, entry: Annotated[int | None, Query(ge=1, lt=LARGEST_ENTRY)] = None) -> HTMLResponse:
    """What was asked to be put right, what was answered, and the way to ask."""
    return _corrections(asking, {} if entry is None else {"entry": str(entry)}, [])


def _corrections(asking: Asking, typed: dict[str, str], faults: list[tuple[str, str]]) -> HTMLResponse:
    with asking.seeing() as connection:
        letters = messages.messages(connection, "correction")
    return page(
        asking, "member_corrections.html", letters=letters, typed=typed, faults=faults, fault=dict(reversed(faults)),
        status=400 if faults else 200,
    )  # fmt: skip


@router.post("/me/papers/corrections")
def correct(asking: AsMember, form: Form) -> Response:
    """Ask for a correction, about an entry or in words."""
    faults = []
    said: dict[str, Any] = {"about": form.get("about", ""), "words": form.get("words", "").strip()}
    if said["about"] not in ABOUT:
        faults.append(("about", "Choose what is wrong."))
    if not 0 < len(said["words"]) <= messages.LONGEST_WORDS:
        faults.append(("words", f"Say what is wrong and what is right, in at most {messages.LONGEST_WORDS:,} letters."))
    if entry := form.get("entry", "").strip():
        if _is_theirs(asking, entry):
            said["entry"] = int(entry)
        else:
            faults.append(("entry", "There is no such entry among your payments."))
    if faults:
        return _corrections(asking, form, faults)

    def do(connection: Connection) -> tuple[int, Any]:
        return 201, {"message": messages.send(connection, asking.member, "correction", said, asking.doors.now())}

    try:
        asking.pressed(form, do)
    except LifepotError as error:
        return _corrections(asking, form, [("", str(error))])
    return see_other("/me/papers/corrections/sent")


@router.get("/me/papers/corrections/sent")
def was_asked(asking: AsMember) -> HTMLResponse:
    """That it was asked for, and what happens next."""
    return page(asking, "member_corrections_sent.html")


def _is_theirs(asking: Asking, entry: str) -> bool:
    if not entry.isdecimal() or not 0 < int(entry[:20]) < LARGEST_ENTRY:
        return False
    with asking.seeing() as connection:
        return connection.execute("select from transfer where id = %s", [int(entry)]).fetchone() is not None
