"""The rulebooks of the workbench's pages: where a text comes from, and those that somebody kept."""

import csv
import io
import json
import re
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from lifepot.access.asking import Asking, NotThere, TooOften
from lifepot.access.limits import Allowance
from lifepot.errors import LifepotError
from lifepot.rulebook.reader import rulebook_text, shipped_names
from lifepot.workbench.texts import DIGEST_LETTERS, digest_of

SCHEME, BOOK, DESIGN = "scheme", "book:", "design:"
"""What a text is called by: the scheme's own in force, a shipped one by its name, a kept one by its digest."""

DRAWN_CURRENCY = "GBP"

KEPT_A_MINUTE, KEPT_A_MINUTE_BY_ALL = 10, 120
MOST_KEPT = 20_000
"""At most 4 GB."""

SHOWN_LATELY = 50


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rulebook to begin with. `is_drawn`: False for one in a currency that the lab's people are not paid in."""

    name: str
    title: str
    currency: str
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Design:
    """A text that somebody kept."""

    design: str
    title: str
    text: str
    made_at: datetime


@cache
def shipped() -> list[Shipped]:
    """The shipped rulebooks, those first that can be drawn."""
    found = []
    for name in shipped_names():
        text, _ = rulebook_text(name)
        said = dict(re.findall(r"^(title|currency): (.+)$", text, flags=re.MULTILINE))
        found.append(Shipped(name, said["title"], said["currency"], said["currency"] == DRAWN_CURRENCY))
    return sorted(found, key=lambda one: (not one.is_drawn, one.title))


def name_of(given: str) -> str:
    """What a text is called by, from what somebody typed or followed: a link to a kept design will do. "" for what cannot be."""
    given = given.strip()
    if given == SCHEME or (given.startswith(BOOK) and given.removeprefix(BOOK) in shipped_names()):
        return given
    if given in shipped_names():
        return f"{BOOK}{given}"
    digest = given.removeprefix(DESIGN).rstrip("/").rpartition("/")[2]
    return f"{DESIGN}{digest}" if re.fullmatch(rf"[0-9a-f]{{{DIGEST_LETTERS}}}", digest) else ""


def text_of(asking: Asking, given: str) -> tuple[str, str]:
    """The text that is called so, and its title. Raises `NotThere`."""
    name = name_of(given)
    if name.startswith(BOOK):
        one = next(one for one in shipped() if one.name == name.removeprefix(BOOK))
        return rulebook_text(one.name)[0], one.title
    if name.startswith(DESIGN):
        kept = find(asking, name.removeprefix(DESIGN))
        return kept.text, kept.title
    if name != SCHEME:
        raise NotThere("rulebook")
    with asking.seeing() as connection:
        row = connection.execute(
            "select text from rulebook_version where effective_from <= %s::date order by effective_from desc, id desc limit 1",
            [asking.doors.now()],
        ).fetchone()
    assert row is not None, "a scheme has a rulebook for every day"
    return row[0], asking.request.app.state.scheme.title


def choices(asking: Asking, began: str, against: str) -> list[tuple[str, str]]:
    """What a text may be compared with: its name and words."""
    found = [("", "no scheme"), (SCHEME, f"this scheme's own rules: {asking.request.app.state.scheme.title}")]
    found += [(f"{BOOK}{one.name}", one.title) for one in shipped() if one.is_drawn]
    for name in (began, against):
        if name.startswith(DESIGN) and name not in dict(found):
            found.append((name, f"a kept design: {text_of(asking, name)[1]}"))
    return found


def find(asking: Asking, design: str) -> Design:
    """A kept text by its digest. Raises `NotThere`."""
    with asking.seeing() as connection:
        row = connection.execute(
            "select design, title, text, made_at from door.design where design = %s", [design]
        ).fetchone()
    if row is None:
        raise NotThere("design")
    return Design(*row)


def lately(asking: Asking) -> list[dict[str, Any]]:
    """The designs that were kept last."""
    with asking.seeing() as connection:
        rows = connection.execute(
            "select design, title, made_at from door.design order by made_at desc, design limit %s", [SHOWN_LATELY]
        ).fetchall()
    return [{"design": design, "title": title, "made_at": made_at} for design, title, made_at in rows]


def keep(asking: Asking, title: str, text: str) -> str:
    """Keep a text, once however often; its digest. Raises `TooOften`, and `LifepotError` where no more can be kept."""
    client = asking.request.client.host if asking.request.client else "nowhere"
    allowance: Allowance = asking.request.app.state.allowance
    for name, most in ((f"designs {client}", KEPT_A_MINUTE), ("designs", KEPT_A_MINUTE_BY_ALL)):
        if wait := allowance.take(name, most * asking.request.app.state.settings.processes, time.monotonic()):
            raise TooOften(wait)
    design = digest_of(text)
    with asking.acting() as connection:
        row = connection.execute("select count(*) from door.design").fetchone()
        assert row is not None
        if row[0] >= MOST_KEPT:
            raise LifepotError("No more designs can be kept here.", remedy="Take the rulebook as a file instead.")
        connection.execute(
            "insert into door.design (design, title, text, made_at) values (%s, %s, %s, %s) on conflict do nothing",
            [design, title, text, asking.doors.now()],
        )
    return design


def as_json(drawn: dict[str, Any]) -> bytes:
    """An answer's figures and series for a machine."""
    sides = [{name: side[name] for name in ("name", "figures", "series")} for side in drawn["sides"]]
    told = {name: drawn[name] for name in ("title", "against_title", "years", "lives", "currency")}
    return json.dumps(told | {"sides": sides}, indent=1, ensure_ascii=False).encode()


def as_csv(drawn: dict[str, Any]) -> bytes:
    """The same as rows: side, what, row, unit, value, low, high."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["side", "figure", "row", "unit", "value", "low", "high"])
    for side in drawn["sides"]:
        name = side["name"] or "all"
        for one in side["figures"]:
            rows.writerow([name, one["words"], "", one["unit"], one["value"], one["low"], one["high"]])
        for one in side["series"]:
            for at, line in enumerate(one["lines"]):
                for row, *numbers in zip(one["rows"], *(one[side_][at] for side_ in ("values", "low", "high")), strict=True):  # fmt: skip
                    rows.writerow([name, f"{one['title']}: {line}", row, one["unit"], *numbers])
    return written.getvalue().encode()
