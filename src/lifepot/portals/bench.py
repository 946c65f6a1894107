"""The workbench's pages: a rulebook is chosen, edited or dragged, drawn again, compared, kept, and taken away as a file or a report.

Nothing here is tied to who asks: texts come with each form, and what is worked out is the workbench's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Anybody, Asking, Form, NotThere
from lifepot.access.identity import Role
from lifepot.access.policy import standing_alone
from lifepot.errors import LifepotError
from lifepot.portals import designs
from lifepot.portals.bench_words import excerpts, groups, numbers_of, session_of, text_of
from lifepot.portals.files import Given, attachment
from lifepot.portals.pages import page, see_other
from lifepot.workbench.asked import Away, Bench, NoBench

router = APIRouter(include_in_schema=False, prefix="/workbench")

FIRST_WITHIN_S = 0.9
"""A page shows a first answer, and with script sharper ones as they come."""

WHOLE_LIVES, WHOLE_WITHIN_S = 10_000, 8.0
"""One without script shows an answer that is sharp enough to be read."""

REPORT_WITHIN_S = 25.0

_TURNS = BoundedSemaphore(12)
"""Threads of this process that may ask the workbench at once: however slow it is, the others answer pages."""


@router.get("")
def choose(asking: Anybody) -> HTMLResponse:
    """Where one begins: a rulebook that is shipped, the scheme's own, a file, or a kept design."""
    lately = designs.lately(asking) if asking.identity.role in {Role.ANALYST, Role.OPERATOR} else None
    return page(asking, "bench_choose.html", shipped=designs.shipped(), lately=lately)


@router.get("/edit")
def begin(
    asking: Anybody, given: Annotated[str, Query(alias="from")] = designs.SCHEME, against: str = ""
) -> HTMLResponse:
    """A text to change, with its numbers and figures."""
    text, _ = designs.text_of(asking, given)
    return _edited(asking, text, {}, session_of(""), designs.name_of(given), designs.name_of(against))


@router.post("/edit")
def edit(asking: Anybody, form: Form, file: Given) -> HTMLResponse:
    """The same of a text that was changed, or handed in."""
    text = text_of(form, file)
    began, against = (designs.name_of(form.get(name, "")) for name in ("began", "against"))
    return _edited(asking, text, numbers_of(form), session_of(form.get("session", "")), began, against)


@router.get("/figures/{digest}")
def figures(asking: Anybody, digest: str, lives: int = 1) -> Response:
    """The figures of what was asked for, once there are any of so many lives (204: not yet)."""
    with _bench(asking) as bench:
        found = bench.answer(digest, lives=lives)
    if lives > 1 and found["is_known"] and found["drawn"] is None and found["refused"] is None:
        return Response(status_code=204)
    return page(asking, "bench_figures.html", found=found, away=None, is_passing=False)


@router.get("/figures/{digest}/figures.json")
def figures_as_json(asking: Anybody, digest: str) -> Response:
    """The figures for a machine."""
    return attachment("figures.json", designs.as_json(_drawn(asking, digest)), "application/json")


@router.get("/figures/{digest}/figures.csv")
def figures_as_csv(asking: Anybody, digest: str) -> Response:
    """The figures for a spreadsheet."""
    return attachment("figures.csv", designs.as_csv(_drawn(asking, digest)), "text/csv; charset=utf-8")


@router.post("/keep")
def keep(asking: Anybody, form: Form) -> Response:
    """Keep a text, so that whoever has its link sees it."""
    with _bench(asking) as bench:
        looked = bench.look(text_of(form), numbers=numbers_of(form))
    if looked["faults"] or looked["refused"]:
        return edit(asking, form, ("", b""))
    return see_other(f"/workbench/design/{designs.keep(asking, looked['title'], looked['text'])}")


@router.post("/file")
def take_file(asking: Anybody, form: Form) -> Response:
    """The rulebook as a file, with its faults if it has any."""
    return attachment("rulebook.yaml", _whole(asking, form).encode(), "application/yaml")


@router.post("/report")
def take_report(asking: Anybody, form: Form) -> Response:
    """The lab's page of a text, held against no scheme or against what it is compared with."""
    against = _against(asking, designs.name_of(form.get("against", "")))
    return _report(asking, session_of(form.get("session", "")), _whole(asking, form), against)


@router.get("/design/{design}")
def show_design(asking: Anybody, design: str) -> HTMLResponse:
    """A text that was kept, with its figures."""
    one = designs.find(asking, design)
    found, away = None, None
    try:
        with _bench(asking) as bench:
            found = _asked(asking, bench, f"design {design}", one.text, None)
    except Away as error:
        away = error
    address = f"{asking.request.app.state.settings.public_url.rstrip('/')}/workbench/design/{design}"
    return page(
        asking, "bench_design.html", design=one, found=found, away=away, is_passing=_is_passing(away), address=address
    )


@router.get("/design/{design}/rulebook.yaml")
def take_design(asking: Anybody, design: str) -> Response:
    """A kept text as a file."""
    return attachment("rulebook.yaml", designs.find(asking, design).text.encode(), "application/yaml")


@router.get("/design/{design}/report")
def take_design_report(asking: Anybody, design: str) -> Response:
    """The lab's page of a kept text."""
    return _report(asking, f"design {design}", designs.find(asking, design).text, None)


def _edited(asking: Asking, text: str, numbers: dict[str, str], session: str, began: str, against: str) -> HTMLResponse:
    found: dict[str, Any] | None = None
    looked: dict[str, Any] = {"title": None, "faults": [], "notes": [], "numbers": [], "refused": []}
    away: LifepotError | None = None
    beneath = _against(asking, against)
    try:
        with _bench(asking) as bench:
            looked = bench.look(text, numbers=numbers)
            text = looked["text"]
            if not looked["faults"]:
                found = _asked(asking, bench, session, text, beneath)
    except LifepotError as error:
        away = error
    shown = groups(looked["numbers"])
    return page(
        asking, "bench_edit.html", text=text, looked=looked, excerpts=excerpts(text, looked["faults"]), groups=shown, session=session,
        began=began, against=against, choices=designs.choices(asking, began, against), found=found, away=away, is_passing=_is_passing(away),
    )  # fmt: skip


def _asked(asking: Asking, bench: Bench, session: str, text: str, against: str | None) -> dict[str, Any]:
    """What is known of a text after a while. A form that is sent without script waits until it is sharp enough to be read."""
    is_whole = asking.request.method == "POST" and "x-lifepot-part" not in asking.request.headers
    lives, within_s = (WHOLE_LIVES, WHOLE_WITHIN_S) if is_whole else (1, FIRST_WITHIN_S)
    return bench.draw(session, text, against, lives=lives, within_s=within_s)


def _is_passing(away: LifepotError | None) -> bool:
    """Whether what keeps the workbench away will pass: then the page asks again."""
    return isinstance(away, Away) and not isinstance(away, NoBench)


def _whole(asking: Asking, form: dict[str, str]) -> str:
    """A form's text with the numbers in it that were changed."""
    text, numbers = text_of(form), numbers_of(form)
    if numbers:
        with _bench(asking) as bench:
            text = bench.look(text, numbers=numbers)["text"]
    return text


def _report(asking: Asking, session: str, text: str, against: str | None) -> Response:
    with _bench(asking) as bench:
        found = bench.report(session, text, against, within_s=REPORT_WITHIN_S)
    if "refused" in found:
        raise LifepotError(found["refused"]["message"], remedy=found["refused"]["remedy"])
    if "page" not in found:
        raise Away("The report is not written yet.", remedy="Try again in half a minute.")
    return HTMLResponse(found["page"], headers={"content-security-policy": standing_alone(found["page"])})


def _against(asking: Asking, given: str) -> str | None:
    """The text of what is compared with; None for no scheme."""
    return designs.text_of(asking, given)[0] if given else None


def _drawn(asking: Asking, key: str) -> dict[str, Any]:
    with _bench(asking) as bench:
        drawn: dict[str, Any] | None = bench.answer(key)["drawn"]
    if drawn is None:
        raise NotThere("answer of the workbench any more")
    return drawn


@contextmanager
def _bench(asking: Asking) -> Iterator[Bench]:
    """The workbench, for whoever's turn it is. Raises `Away` where too many ask."""
    if not _TURNS.acquire(blocking=False):
        raise Away("More people ask the workbench than can be answered.", remedy="Try again in half a minute.")
    try:
        yield Bench(asking.request.app.state.settings.workbench)
    finally:
        _TURNS.release()
