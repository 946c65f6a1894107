"""A payer's first page, its papers, and what its payroll must know."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access import messages
from lifepot.access.asking import AsClerk, Asking, Form, NotThere
from lifepot.inbox import handed
from lifepot.papers.payer import payer_figures, payer_paper
from lifepot.papers.writing import pdf_of
from lifepot.portals.pages import page, see_other
from lifepot.scheme import notices as told
from lifepot.scheme.payers_day import payers_day
from lifepot.scheme.people import payroll_ids

router = APIRouter(prefix="/payer", include_in_schema=False)

MOST_SHOWN = 200
LONGEST_ANSWER = 500


@router.get("")
def home(asking: AsClerk) -> HTMLResponse:
    """What is owed and by when, what arrives, what waits."""
    with asking.seeing() as connection:
        day = payers_day(connection, asking.payer, asking.clock.as_of)
        figures = payer_figures(connection, day.ref)
        letters = messages.messages(connection, "contribution", waiting=True)
        files = [one for one in handed.listed(connection) if one.state in {"look", "question", "working"}]
    open_rows = [one for one in day.files if one.open_rows]
    return page(
        asking, "payer_home.html", day=day, after=figures.after, months=list(figures.months.items())[-3:], letters=len(letters),
        handed=files, open_rows=open_rows, claims=[one for one in day.claims if one.open_minor],
    )  # fmt: skip


@router.get("/paper")
def paper(asking: AsClerk) -> HTMLResponse:
    """What the payer sent and owes, month by month, as its paper has it."""
    return page(asking, "payer_paper.html", paper=payer_paper(_figures(asking)))


@router.get("/paper.pdf")
def paper_pdf(asking: AsClerk) -> Response:
    """The same to keep."""
    content = pdf_of(payer_paper(_figures(asking)))
    headers = {"content-disposition": 'attachment; filename="what-you-sent-and-owe.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _figures(asking: Asking) -> Any:
    """Worked out as the scheme: what government added to five people or more is told, and a clerk sees nobody's entries of it."""
    ref = _ref(asking)
    with asking.acting() as connection:
        return payer_figures(connection, ref)


def _ref(asking: Asking) -> str:
    with asking.seeing() as connection:
        row = connection.execute("select ref from payer where id = %s", [asking.payer]).fetchone()
    assert row is not None, "a seat is of a payer that there is"
    return str(row[0])


@router.get("/notices")
def show_notices(asking: AsClerk) -> HTMLResponse:
    """What payroll must know that became known since it last said that it has all."""
    found = _notices(asking)
    return page(
        asking, "payer_notices.html", found=found, shown=found.notices[:MOST_SHOWN],
        done=bool(asking.request.query_params.get("done")),
    )  # fmt: skip


@router.get("/notices.csv")
def notices_csv(asking: AsClerk) -> Response:
    """The same for payroll's program."""
    headers = {"content-disposition": 'attachment; filename="notices.csv"'}
    return Response(_notices(asking).csv(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/notices/done")
def notices_done(asking: AsClerk, form: Form) -> Response:
    """Payroll has them: the next ones begin after the place up to which these were told."""
    found = _notices(asking)
    place = form.get("place", "")

    def do(connection: Any) -> tuple[int, Any]:
        # What became known while they were read is told next time.
        if place.isdecimal() and len(place) < 10 and int(place) <= found.place:
            told.remember_up_to(connection, asking.payer, int(place), asking.doors.now())
        return 303, None

    asking.pressed(form, do)
    return see_other("/payer/notices?done=1")


def _notices(asking: Asking) -> told.Notices:
    ref = _ref(asking)
    with asking.acting() as connection:
        return told.notices(connection, ref)


@router.get("/messages")
def show_messages(asking: AsClerk) -> HTMLResponse:
    """What its people ask payroll to do."""
    with asking.seeing() as connection:
        letters = messages.messages(connection, "contribution")
        ids = payroll_ids(connection, asking.payer, [one.member for one in letters])
    return page(
        asking, "payer_messages.html", waiting=[one for one in letters if one.answered_at is None],
        answered=[one for one in letters if one.answered_at is not None][:MOST_SHOWN], ids=ids,
    )  # fmt: skip


@router.post("/messages/{message}/done")
def answer_message(asking: AsClerk, message: int, form: Form) -> Response:
    """Say that it was done, or why not."""
    with asking.seeing() as connection:
        seen = [one for one in messages.messages(connection, "contribution") if one.message == message]
    if not seen:
        raise NotThere("message")
    done = form.get("done", "done") == "done"
    words = form.get("words", "").strip()[:LONGEST_ANSWER] or ("Done." if done else "Payroll could not do it.")

    def do(connection: Any) -> tuple[int, Any]:
        messages.answer(connection, message, words, asking.identity.who, asking.doors.now())
        return 303, None

    asking.pressed(form, do)
    return see_other("/payer/messages")
