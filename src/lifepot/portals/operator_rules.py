"""The rulebooks in force, and a new one: its faults, what it says otherwise, what it would do, and only then the question to adopt it."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsOperator, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import Fault, Misuse
from lifepot.inbox import jobs, proposals, uploads
from lifepot.periods import format_day, parse_day
from lifepot.portals.files import Given, attachment
from lifepot.portals.listing import Cell, day, listing, money
from lifepot.portals.outcomes import lines_of
from lifepot.portals.pages import page, see_other
from lifepot.rulebook.differences import Change, differences
from lifepot.rulebook.reader import RulebookFaults, judge, parse_rulebook
from lifepot.rulebook.terms import Rulebook

router = APIRouter(include_in_schema=False)

MOST_FAULTS = 100
MOST_CHANGES = 300

Fields = list[tuple[str, str]]


@router.get("/operator/rules")
def rules(asking: AsOperator) -> HTMLResponse:
    """The versions in force, and the way to a new one."""
    return _rules(asking, [], {})


def _rules(
    asking: Asking,
    faults: Fields,
    typed: dict[str, str],
    found: Sequence[Fault] = (),
    name: str = "",
    status: int = 200,
) -> HTMLResponse:
    with asking.seeing() as connection:
        rows = connection.execute(
            "select id, name, effective_from, who, place from rulebook_version join batch on batch.number = rulebook_version.batch "
            "order by effective_from desc, id desc"
        ).fetchall()
    shown = [
        (
            Cell(f"Version {number}", f"/operator/rules/{number}/file", book),
            "the beginning" if on.year <= 1900 else day(on.isoformat()), who, str(place),
        )
        for number, book, on, who, place in rows
    ]  # fmt: skip
    wrong = [
        (Cell(f"Line {one.line}, column {one.column}"), Cell(one.path, quiet=one.code), one.found, one.expected)
        for one in found[:MOST_FAULTS]
    ]
    return page(
        asking, "operator_rules.html", faults=faults, typed=typed, status=status,
        versions=listing("Versions", ("Version", "In force from", "Adopted by", "Place in the chain"), shown),
        wrong=listing(f"What is wrong in {name or 'the text'}", ("Where", "Clause", "Found", "Expected"), wrong) if wrong else None,
    )  # fmt: skip


@router.get("/operator/rules/{version}/file")
def version(asking: AsOperator, number: Annotated[int, Path(alias="version")]) -> Response:
    """A version's text, as it was adopted."""
    with asking.seeing() as connection:
        row = connection.execute("select name, text from rulebook_version where id = %s", [number]).fetchone()
    if row is None:
        raise NotThere("version")
    return attachment(f"{row[0]}.yaml", row[1].encode(), "application/yaml")


@router.post("/operator/rules")
def look_at_rulebook(asking: AsOperator, form: Form, file: Given) -> Response:
    """Read a new rulebook: tell its faults, or see what adopting it would do."""
    name, content = file if file[0] else ("pasted.yaml", form.get("text", "").replace("\r\n", "\n").encode())
    from_day = form.get("from", "").strip()
    faults: Fields = []
    if not content.strip():
        faults.append(("text", "Choose a rulebook's file, or paste its text."))
    try:
        parse_day(from_day)
    except ValueError:
        faults.append(("from", "Enter the day it is in force from, such as 2026-10-01."))
    found: Sequence[Fault] = []
    if content.strip():
        try:
            _, found, _ = judge(content.decode("utf-8"), uploads.plain_name(name))
        except UnicodeDecodeError:
            faults.append(("text", "The file is no text in UTF-8. Choose a rulebook's YAML file."))
        except RulebookFaults as unread:
            found = unread.faults
    if found:
        faults.append(("text", f"The rulebook has {len(found):,} fault{'' if len(found) == 1 else 's'}: see below."))
    if faults:
        return _rules(asking, faults, form, found, name, 400)
    number = 0

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal number
        upload = uploads.keep(connection, None, asking.identity.who, name, content, asking.doors.now())
        number = jobs.ask(
            connection, "adopt", {"from": from_day}, asking.identity.who, asking.doors.now(), upload=upload
        )
        return 201, {"job": number}

    answer = asking.pressed(form | {"file": sha256(content).hexdigest()}, do)
    return see_other(f"/operator/rules/new/{answer.body.get('job', number)}")


@router.get("/operator/rules/new/{job}")
def effects(asking: AsOperator, number: Annotated[int, Path(alias="job")]) -> HTMLResponse:
    """What a new rulebook says otherwise, and what adopting it would do."""
    return _effects(asking, number, [], "")


def _effects(asking: Asking, number: int, faults: Fields, reason: str, status: int = 200) -> HTMLResponse:
    job, text, name = _looked_at(asking, number)
    changes = changes_in_words(_in_force(asking), _read(text, name)) if text else []
    said = job.answer or {}
    amounts = [
        (one["rule"], money(asking, one["sent_minor"]), money(asking, one["owed_minor"]))
        for one in said.get("by_rule", [])
    ]
    ready = job.ended and not job.failed and bool(text)
    return page(
        asking, "operator_rules_new.html", job=job, lines=lines_of(job, asking.request.app.state.scheme.currency) if job.failed else [],
        name=name, from_day=day(job.asked["from"]), changes=changes, faults=faults, reason=reason, ready=ready, number=number,
        members=said.get("members", 0), transfers=said.get("transfers", 0), status=status,
        amounts=listing("By rule", ("Rule", "In pots", "Owed"), amounts, (1, 2), "No amount changes."),
    )  # fmt: skip


@router.post("/operator/rules/new/{job}")
def propose(asking: AsOperator, form: Form, number: Annotated[int, Path(alias="job")]) -> Response:
    """Ask another person to agree to it."""
    job, text, name = _looked_at(asking, number)
    if not job.ended or job.failed or not text:
        raise Misuse("It is not known yet what this rulebook would do.", remedy="Look at its effects first.")
    if not form.get("reason", "").strip():
        return _effects(asking, number, [("reason", "Say why it should be adopted.")], "", 400)
    proposal = 0

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal proposal
        asked = {"text": text, "name": name, "from": job.asked["from"], "effects": job.answer}
        proposal = proposals.propose(
            connection, "adopt", asked, form["reason"], asking.identity.who, asking.doors.now()
        )
        return 201, {"proposal": proposal}

    answer = asking.pressed(form, do)
    return see_other(f"/operator/proposals/{answer.body.get('proposal', proposal)}")


def _looked_at(asking: Asking, number: int) -> tuple[jobs.Job, str, str]:
    """The job that looked at a rulebook, the text ("" if it is no longer kept) and its name."""
    with asking.seeing() as connection:
        job = jobs.find(connection, number)
        if job is None or job.kind != "adopt" or job.upload is None:
            raise NotThere
        row = connection.execute("select name, content from door.upload where upload = %s", [job.upload]).fetchone()
    return (job, "", "") if row is None else (job, bytes(row[1]).decode("utf-8"), row[0])


def _in_force(asking: Asking) -> Rulebook:
    with asking.seeing() as connection:
        row = connection.execute(
            "select text, name from rulebook_version order by effective_from desc, id desc limit 1"
        ).fetchone()
    assert row is not None, "a scheme has a rulebook"
    return _read(row[0], f"{row[1]}.yaml")


def _read(text: str, name: str) -> Rulebook:
    book, _ = parse_rulebook(text, name)
    assert book is not None, "it was read before"
    return book


def changes_in_words(before: Rulebook, after: Rulebook) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """What the later rulebook says otherwise: by section, by clause, in sentences. Wording alone is left out."""
    found: list[Change] = [one for one in differences(before, after) if not one.wording][:MOST_CHANGES]
    return [
        (
            section.replace("_", " "),
            [
                (clause, [_told(one) for one in theirs])
                for clause, theirs in groupby(of_section, lambda one: one.clause)
            ],
        )
        for section, of_section in groupby(found, lambda one: one.section)
    ]


def _told(one: Change) -> str:
    since = (
        "" if one.first_on is None or format_day(one.first_on) in one.words else f" (from {format_day(one.first_on)})"
    )
    return f"{one.words}{since}"
