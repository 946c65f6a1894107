"""A refused row put right in the page: its cells in a form, what it would do, and received as a small file."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import AsClerk, Asking, Form, NotThere
from lifepot.errors import LifepotError
from lifepot.inbox import handed
from lifepot.portals import payer_tables as tables
from lifepot.portals.pages import page, see_other
from lifepot.portals.payer_place import Place
from lifepot.portals.payer_replies import Long, Number, must_see
from lifepot.scheme.mending import BadRow, bad_row
from lifepot.scheme.payers_row import mend_for_payer, mended_beforehand

MOST_CELLS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CellField:
    """A field for a cell of the row: `at` is its place in the file, `fault` what is wrong with it ("" for nothing)."""

    at: int
    column: str
    text: str
    fault: str


def rows_router(place: Place) -> APIRouter:
    """The pages of refused rows at a place."""
    router = APIRouter(prefix=f"{place.root}/replies", include_in_schema=False)

    @router.get("/{file}/rows/{reject}")
    def show_row(asking: AsClerk, file: Number, reject: Long) -> HTMLResponse:
        """A refused row, cell by cell, to be put right."""
        asking = place.at(asking)
        row = _row(asking, file, reject)
        return _form(asking, place, row, row.cells, row.faults)

    @router.post("/{file}/rows/{reject}/look")
    def look(asking: AsClerk, file: Number, reject: Long, form: Form) -> HTMLResponse:
        """What the row would do with these cells."""
        asking = place.at(asking)
        row = _row(asking, file, reject)
        cells = _cells(row, form)
        with asking.acting() as connection:
            found = mended_beforehand(connection, reject, cells, asking.payer, asking.clock)
        answer = found.for_payer()
        if answer["state"] != "preview" or answer["rejected"] or not answer["accepted"]:
            return _form(asking, place, row, cells, answer["faults"], status=422)
        changed = [(name, row.cells[name], text) for name, text in cells.items() if text != row.cells[name]]
        return page(
            asking, "payer_row_look.html", place=place, row=row, answer=answer, changed=changed, cells=list(cells.values()),
            effects=tables.effects("", answer["by_rule"], answer["currency"]) if answer["by_rule"] else None,
        )  # fmt: skip

    @router.post("/{file}/rows/{reject}/mend")
    def mend(asking: AsClerk, file: Number, reject: Long, form: Form) -> Response:
        """Receive the row with these cells. Pressed twice, the second press finds that nothing waits there any more."""
        asking = place.at(asking)
        where = f"{place.root}/replies/{file}?mended=1"
        try:
            row = _row(asking, file, reject)
        except NotThere:
            with asking.seeing() as connection:
                must_see(connection, file)
            return see_other(where)
        cells = _cells(row, form)
        with asking.acting() as connection:
            done = mend_for_payer(connection, reject, cells, asking.payer, asking.clock)
        if done.state == "mended" or done.reply.state == "nothing_new":
            return see_other(where)
        return _form(asking, place, row, cells, [dict(one.as_dict()) for one in done.reply.faults], status=422)

    return router


def _row(asking: Asking, file: int, reject: int) -> BadRow:
    """The row, if whoever asks sees it: what they cannot see is not there."""
    with asking.seeing() as connection:
        must_see(connection, file)
        try:
            row = bad_row(connection, reject)
        except LifepotError:
            raise NotThere("row that waits to be put right") from None
    if row.file != file:
        raise NotThere("row that waits to be put right")
    return row


def _cells(row: BadRow, form: dict[str, str]) -> dict[str, str]:
    """The row's cells as the form has them; a cell that it leaves out stays as it came."""
    return {name: form.get(f"cell-{at}", text).strip() for at, (name, text) in enumerate(row.cells.items())}


def _form(
    asking: Asking, place: Place, row: BadRow, cells: dict[str, str], faults: list[dict[str, Any]], status: int = 200
) -> HTMLResponse:
    by_column: dict[str, str] = {}
    for one in faults:
        by_column.setdefault(one["path"], f"Found {one['found'] or 'nothing'}; expected {one['expected']}.")
    fields = [
        CellField(at, name, text, by_column.get(name, ""))
        for at, (name, text) in list(enumerate(cells.items()))[:MOST_CELLS_SHOWN]
    ]
    whole = [
        f"{handed.meaning(one['code'])} Found {one['found']}; expected {one['expected']}."
        for one in faults
        if one["path"] not in cells
    ]
    wrong = [one for one in fields if one.fault]
    summary = [(f"cell-{one.at}", f"{one.column}: {one.fault}") for one in wrong] + [("", words) for words in whole]
    return page(
        asking, "payer_row.html", status=status, place=place, row=row, wrong=wrong or fields,
        others=[one for one in fields if not one.fault] if wrong else [], summary=summary,
    )  # fmt: skip
