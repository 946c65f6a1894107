"""Files handed in at the office, files that were received, and what their senders must put right."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsOperator, AsStaff, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import Misuse
from lifepot.inbox import jobs, month, uploads
from lifepot.portals.files import Given
from lifepot.portals.listing import Cell, day, listing, moment
from lifepot.portals.operator_waiting import TO_DO
from lifepot.portals.outcomes import NAMES, faults_of, lines_of
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

MODES = {"": None, "replaces": "replaces", "adds": "adds"}
MOST_REJECTS = 200


def hand_in(
    asking: Asking, form: dict[str, str], file: tuple[str, bytes], kind: str, asked: dict[str, object]
) -> tuple[int, str]:
    """Keep a file and ask for a job with it, once; the job's number, and why not ("" when it was done)."""
    if not file[0]:
        return 0, "Choose a file."
    name, content = file
    number = 0

    def do(connection: Connection) -> tuple[int, object]:
        nonlocal number
        upload = uploads.keep(connection, None, asking.identity.who, name, content, asking.doors.now())
        number = jobs.ask(connection, kind, asked, asking.identity.who, asking.doors.now(), upload=upload)
        return 201, {"job": number}

    try:
        answer = asking.pressed(form | {"file": f"{name} {sha256(content).hexdigest()}"}, do)
    except Misuse as error:
        return 0, f"{error.message} {error.remedy}"
    return int(answer.body.get("job", number)), ""


@router.get("/operator/files")
def files(asking: AsOperator) -> HTMLResponse:
    """Hand in a file; what waits to be received; what came last."""
    return _files(asking, [])


@router.post("/operator/files")
def hand_in_file(asking: AsOperator, form: Form, file: Given) -> Response:
    """Keep a payroll or platform file, and see what it would do."""
    mode = form.get("mode", "")
    if mode not in MODES:
        return _files(asking, [("mode", "Say whether it replaces or adds.")], 400)
    number, fault = hand_in(asking, form, file, "receive", {"preview": True, "mode": MODES[mode]})
    return _files(asking, [("file", fault)], 400) if fault else see_other(f"/operator/jobs/{number}")


def _files(asking: Asking, faults: list[tuple[str, str]], status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        waits = month.waiting_uploads(connection)
        rows = connection.execute(
            "select file, name, layout, received_at, (select count(*) from personal.reject where reject.file = received.file and state = 'open') "
            "from personal.received_file as received order by file desc limit 50"
        ).fetchall()
    return page(
        asking, "operator_files.html", faults=faults, waits=[(one["upload"], one["name"], one["who"], moment(one["kept_at"])) for one in waits],
        received=listing(
            "Received last", ("File", "Layout", "Received (UTC)", "Refused rows"),
            [(Cell(name, f"/operator/files/{file}"), layout, moment(at), f"{bad:,}") for file, name, layout, at, bad in rows], (3,),
        ),
        status=status,
    )  # fmt: skip


@router.post("/operator/files/receive")
def receive_upload(asking: AsOperator, form: Form) -> Response:
    """Receive a file that was handed in, as it was looked at, or with another mode."""
    upload, mode = form.get("upload", ""), form.get("mode", "")
    number = 0

    def do(connection: Connection) -> tuple[int, object]:
        nonlocal number
        if not any(one["upload"] == upload for one in month.waiting_uploads(connection)) and not _questioned(
            connection, upload
        ):
            raise NotThere("file")
        asked = {"preview": False, "mode": MODES.get(mode)}
        number = jobs.ask(connection, "receive", asked, asking.identity.who, asking.doors.now(), upload=upload)
        return 201, {"job": number}

    answer = asking.pressed(form, do)
    return see_other(f"/operator/jobs/{answer.body.get('job', number)}")


def _questioned(connection: Connection, upload: str) -> bool:
    """Whether it is the file of an open question."""
    return (
        connection.execute(
            "select from door.upload join personal.received_file using (sha256) join personal.question using (file) "
            "where upload::text = %s and answer is null",
            [upload],
        ).fetchone()
        is not None
    )


@router.get("/operator/files/{file}")
def one_file(asking: AsStaff, file: int) -> HTMLResponse:
    """A received file: its refused rows with their reasons, and what it asks."""
    with asking.seeing() as connection:
        row = connection.execute(
            "select name, layout, received_at, size, sha256 from personal.received_file where file = %s", [file]
        ).fetchone()
        if row is None:
            raise NotThere("file")
        rejects = connection.execute(
            "select line, file_column, code, path, found, expected from personal.reject where file = %s and state = 'open' "
            "order by line, file_column limit %s",
            [file, MOST_REJECTS],
        ).fetchall()
        count = connection.execute(
            "select count(*) from personal.reject where file = %s and state = 'open'", [file]
        ).fetchone()
        question = connection.execute(
            "select payer.ref, period_start, period_end, earlier.name, earlier_file from personal.question "
            "join payer on payer.id = question.payer join personal.received_file as earlier on earlier.file = earlier_file "
            "where question.file = %s and answer is null",
            [file],
        ).fetchone()
        upload = connection.execute(
            "select upload::text from door.upload where sha256 = %s order by upload desc limit 1", [row[4]]
        ).fetchone()
        place = connection.execute("select place from batch where file = %s order by place limit 1", [file]).fetchone()
    assert count is not None
    rows = [
        (f"Line {line}, column {column}" if column else f"Line {line}", Cell(path, quiet=code), found, expected)
        for line, column, code, path, found, expected in rejects
    ]
    return page(
        asking, "operator_file.html", file=file, name=row[0], layout=row[1], received_at=moment(row[2]), size=f"{row[3]:,} bytes",
        count=count[0], place=place[0] if place else None, upload=upload[0] if upload else "",
        question=None if question is None else (question[0], day(question[1].isoformat()), day(question[2].isoformat()), question[3], question[4]),
        to_do="Its sender puts them right and sends the file, or those rows, again." if count[0] else TO_DO["file_question"] if question else "",
        rejects=listing(
            "Refused rows", ("Where", "Field", "Found", "Expected"), rows, empty="No row of this file waits to be put right."
        ),
    )  # fmt: skip


@router.get("/operator/jobs/{job}")
def job(asking: AsOperator, number: Annotated[int, Path(alias="job")]) -> HTMLResponse:
    """How far a job is, and what came of it."""
    with asking.seeing() as connection:
        found = jobs.find(connection, number)
        upload = None if found is None or found.upload is None else connection.execute(
            "select name from door.upload where upload = %s", [found.upload]
        ).fetchone()  # fmt: skip
    if found is None:
        raise NotThere("job")
    answer = found.answer or {}
    preview = found.kind == "receive" and bool(found.asked.get("preview"))
    return page(
        asking, "operator_job.html", job=found, name=NAMES.get(found.kind, found.kind), file_name=upload[0] if upload else "",
        lines=lines_of(found, asking.request.app.state.scheme.currency), preview=preview,
        receivable=preview and found.ended and not found.failed and answer.get("state") in {"preview", "waiting"},
        asks=answer.get("state") == "waiting", faults=faults_of(answer) if found.kind == "receive" else [],
        next_page=_next_page(found, answer),
    )  # fmt: skip


def _next_page(found: jobs.Job, answer: dict[str, object]) -> tuple[str, str] | None:
    """Where one goes from a job that has ended."""
    if "month" in found.asked:
        return f"/operator/month?month={found.asked['month']}", "Back to the month"
    if not found.ended or found.failed:
        return None
    if found.kind in {"claim", "claims", "claim_reply"} and answer.get("claim"):
        return f"/operator/claims/{answer['claim']}", "See the claim"
    places = {
        "pay": ("/operator/runs", "See the payment runs"), "bank": ("/operator?kind=suspense", "See what waits in suspense"),
        "reconcile": ("/operator/reconcile", "See every line"), "adopt": ("/operator/rules", "See the rules in force"),
    }  # fmt: skip
    return places.get(found.kind)
