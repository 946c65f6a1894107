"""The workbench's pages: a rulebook is chosen, edited or dragged, drawn again, compared, kept, and taken away as a file or a report.

Nothing here is tied to who asks: texts come with each form, and what is worked out is the workbench's.
"""

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
from lifepot.workbench.asked import Away, Bench
from lifepot.workbench.texts import digest_of

router = APIRouter(include_in_schema=False, prefix="/workbench")

FIRST_WITHIN_S = 0.9
"""A page with script shows a first answer, and sharper ones as they come."""

WHOLE_LIVES, WHOLE_WITHIN_S = 10_000, 8.0
"""One without script shows an answer that is sharp enough to be read."""

REPORT_WITHIN_S = 25.0

_WAITS = BoundedSemaphore(12)
"""Threads of this process that may wait for the workbench: the others answer pages."""


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
    found = _bench(asking).answer(digest, lives=lives)
    if lives > 1 and found["is_known"] and found["drawn"] is None and found["refused"] is None:
        return Response(status_code=204)
    return page(asking, "bench_figures.html", found=found, away=None)


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
    looked = _bench(asking).look(text_of(form), numbers=numbers_of(form))
    if looked["faults"] or looked["refused"]:
        return edit(asking, form, ("", b""))
    return see_other(f"/workbench/design/{designs.keep(asking, looked['title'], looked['text'])}")


@router.post("/file")
def take_file(asking: Anybody, form: Form) -> Response:
    """The rulebook as a file, with its faults if it has any."""
    text, numbers = text_of(form), numbers_of(form)
    if numbers:
        text = _bench(asking).look(text, numbers=numbers)["text"]
    return attachment("rulebook.yaml", text.encode(), "application/yaml")


@router.post("/report")
def take_report(asking: Anybody, form: Form) -> Response:
    """The lab's page of a text, held against no scheme or against what it is compared with."""
    text, numbers = text_of(form), numbers_of(form)
    if numbers:
        text = _bench(asking).look(text, numbers=numbers)["text"]
    against = designs.name_of(form.get("against", ""))
    return _report(asking, session_of(form.get("session", "")), text, _against(asking, against))


@router.get("/design/{design}")
def show_design(asking: Anybody, design: str) -> HTMLResponse:
    """A text that was kept, with its figures."""
    one = designs.find(asking, design)
    found, away = _asked(asking, f"design {design}", one.text, None)
    address = f"{asking.request.app.state.settings.public_url.rstrip('/')}/workbench/design/{design}"
    return page(asking, "bench_design.html", design=one, found=found, away=away, address=address)


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
    try:
        looked = _bench(asking).look(text, numbers=numbers)
        text = looked["text"]
        if not looked["faults"]:
            found, away = _asked(asking, session, text, _against(asking, against))
    except Away as error:
        away = error
    shown = groups(looked["numbers"])
    return page(
        asking, "bench_edit.html", text=text, looked=looked, excerpts=excerpts(text, looked["faults"]), groups=shown, session=session,
        began=began, against=against, choices=designs.choices(asking, began, against), found=found, away=away, digest=digest_of(text),
    )  # fmt: skip


def _asked(
    asking: Asking, session: str, text: str, against: str | None
) -> tuple[dict[str, Any] | None, LifepotError | None]:
    """What is known of a text after a while; or why nothing is."""
    in_parts = "x-lifepot-part" in asking.request.headers
    lives, within_s = (1, FIRST_WITHIN_S) if in_parts else (WHOLE_LIVES, WHOLE_WITHIN_S)
    waits = _WAITS.acquire(blocking=False)
    try:
        return _bench(asking).draw(session, text, against, lives=lives, within_s=within_s if waits else 0.0), None
    except Away as error:
        return None, error
    finally:
        if waits:
            _WAITS.release()


def _report(asking: Asking, session: str, text: str, against: str | None) -> Response:
    if not _WAITS.acquire(blocking=False):
        raise Away("More people ask the workbench than can be answered.", remedy="Try again in half a minute.")
    try:
        found = _bench(asking).report(session, text, against, within_s=REPORT_WITHIN_S)
    finally:
        _WAITS.release()
    if "refused" in found:
        raise LifepotError(found["refused"]["message"], remedy=found["refused"]["remedy"])
    if "page" not in found:
        raise Away("The report is not written yet.", remedy="Try again in half a minute.")
    return HTMLResponse(found["page"], headers={"content-security-policy": standing_alone(found["page"])})


def _against(asking: Asking, given: str) -> str | None:
    """The text of what is compared with; None for no scheme."""
    return designs.text_of(asking, given)[0] if given else None


def _drawn(asking: Asking, key: str) -> dict[str, Any]:
    found = _bench(asking).answer(key)
    drawn: dict[str, Any] | None = found["drawn"]
    if drawn is None:
        raise NotThere("answer of the workbench any more")
    return drawn


def _bench(asking: Asking) -> Bench:
    return Bench(asking.request.app.state.settings.workbench)
