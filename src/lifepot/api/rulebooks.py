"""Rulebooks: those that are shipped, the one in force, and what one says otherwise than another."""

from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from lifepot.access.asking import Anybody, NotThere
from lifepot.access.policy import standing_alone
from lifepot.api.doing import AsAnyone, Day, Pages, Sent, Text, as_file, day
from lifepot.brochure.page import scheme_page
from lifepot.effects import Comparison
from lifepot.errors import Misuse
from lifepot.rulebook.reader import RulebookFaults, judge, parse_rulebook, shipped, shipped_names
from lifepot.rulebook.terms import Rulebook

router = APIRouter(prefix="/api/v1/rulebooks", tags=["rulebooks"])

Name = Annotated[str, Path(max_length=80, pattern="^[a-z0-9-]+$", description="A shipped rulebook's name.", examples=["lifetime-savings-account"])]  # fmt: skip


LARGEST_TEXT = 200_000
"""Of what somebody sends without a key, as at the workbench."""


class Source(Sent):
    """A rulebook: a shipped one's name, or a text."""

    name: Annotated[
        Text | None, Field(description="A shipped rulebook's name.", examples=["lifetime-savings-account"])
    ] = None
    text: Annotated[Pages | None, Field(description="The rulebook's YAML.")] = None

    def read(self) -> Rulebook:
        """The rulebook. RulebookFaults for a text that has some; Misuse for a name that none has."""
        if (self.text is None) == (self.name is None):
            raise Misuse("A rulebook is a text or a name.", remedy="Give one of the two.")
        if self.text is None:
            if self.name not in shipped_names():
                raise Misuse("There is no shipped rulebook of that name.", remedy="`/rulebooks` lists them.")
            return shipped(self.name)
        book, faults = parse_rulebook(self.text, "rulebook.yaml")
        if book is None:
            raise RulebookFaults(faults)
        return book


@router.get("")
def list_shipped(asking: Anybody) -> list[dict[str, Any]]:
    """The rulebooks that are shipped, as `lifepot rulebook list`."""
    del asking
    books = [shipped(name) for name in shipped_names()]
    return [
        {"name": book.name, "title": book.title, "currency": book.currency, "rules": list(book.rules)} for book in books
    ]


@router.get("/schema")
def schema(asking: Anybody) -> dict[str, Any]:
    """A JSON Schema of the language, as `lifepot rulebook schema`: an editor completes and checks a rulebook with it."""
    del asking
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Rulebook.model_json_schema(by_alias=True),
    }


@router.get("/in-force")
def in_force(asking: Anybody) -> list[dict[str, Any]]:
    """The versions of this scheme's rulebook, by the day each is in force from, with their texts."""
    with asking.seeing() as connection:
        rows = connection.execute(
            "select name, effective_from, text from rulebook_version order by effective_from, id"
        ).fetchall()
    return [{"name": name, "from": on.isoformat(), "text": text} for name, on, text in rows]


class Checked(Sent):
    """A text to check."""

    text: Annotated[Pages, Field(max_length=LARGEST_TEXT)]


@router.post("/check")
def check(asking: Anybody, asked: Checked) -> dict[str, Any]:
    """Every fault of a rulebook's text, as `lifepot rulebook check`: line and column, the clause, what is wrong, what would be right."""
    asking.sparing("rulebooks")
    try:
        book, faults, notes = judge(asked.text, "rulebook.yaml")
    except RulebookFaults as unread:
        book, faults, notes = None, unread.faults, []
    return {
        "file": "rulebook.yaml", "name": book.name if book else None, "faults": [one.as_dict() for one in faults],
        "notes": [one.as_dict() for one in notes],
    }  # fmt: skip


class Two(Sent):
    """Two rulebooks; with people and facts, also whose amounts change."""

    before: Source
    after: Source
    people: Annotated[Pages | None, Field(description="CSV, as for `/try/entitle`; with facts.")] = None
    facts: Annotated[Pages | None, Field(description="CSV, as for `/try/entitle`; with people.")] = None
    as_of: Annotated[Day | None, Field(description="Look at the amounts as of this day. Default: over all days.")] = (
        None
    )


@router.post("/diff")
def diff(asking: AsAnyone, asked: Two) -> dict[str, Any]:
    """What one rulebook says otherwise than another, as `lifepot rulebook diff`: by clause and day, and whose amounts change."""
    del asking
    books = asked.before.read(), asked.after.read()
    names = asked.before.name or "before.yaml", asked.after.name or "after.yaml"
    with (
        as_file("people.csv", (asked.people or "").encode()) as people,
        as_file("facts.csv", (asked.facts or "").encode()) as facts,
    ):
        given = None if asked.people is None else people, None if asked.facts is None else facts
        found = Comparison.between(names, books, *given, day(asked.as_of)).as_dict()
    return _without_folders(found)


def _without_folders(found: Any) -> Any:
    """The same, in which faults name files as they were sent."""
    if isinstance(found, dict):
        return {name: FilePath(text).name if name == "file" and isinstance(text, str) else _without_folders(text) for name, text in found.items()}  # fmt: skip
    return [_without_folders(one) for one in found] if isinstance(found, list) else found


@router.get("/{name}")
def show(asking: Anybody, name: Name) -> dict[str, Any]:
    """A shipped rulebook, as `lifepot rulebook show --json`: its rules, dated values with their sources, purposes."""
    del asking
    if name not in shipped_names():
        raise NotThere("rulebook")
    return shipped(name).model_dump(by_alias=True, exclude_none=True, mode="json")


@router.get("/{name}/page", response_class=HTMLResponse)
def page(asking: Anybody, name: Name, as_of: Annotated[Day | None, Query(description="The day whose figures are shown.")] = None) -> Response:  # fmt: skip
    """A shipped rulebook in words, as `lifepot rulebook show --html`: a page that stands alone, with curves of what each party adds."""
    if name not in shipped_names():
        raise NotThere("rulebook")
    asking.sparing("rulebooks")
    on = day(as_of)
    text = scheme_page(shipped(name), asking.clock.as_of if on is None else on)
    return HTMLResponse(text, headers={"content-security-policy": standing_alone(text)})
