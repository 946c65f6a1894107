"""How a page is made: a template, what it shows, and who is asking. No page works anything out."""

import re
from datetime import UTC
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from lifepot.access.asking import Asking
from lifepot.access.identity import Role
from lifepot.money import format_minor
from lifepot.papers.paper import Block
from lifepot.papers.writing import block_of
from lifepot.periods import day_of, format_day, parse_day
from lifepot.rulebook.figures_in_words import plain_day, plain_name

NAVIGATION: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.MEMBER: (
        ("/me", "Your pot"),
        ("/me/payments", "Payments"),
        ("/me/uses", "What it is for"),
        ("/me/what-if", "What if"),
        ("/me/money", "Money out"),
        ("/me/household", "Household"),
        ("/me/papers", "Papers and looks"),
    ),
    Role.CLERK: (
        ("/payer", "What you owe"),
        ("/payer/files", "Files"),
        ("/payer/claims", "Claims"),
        ("/payer/notices", "For payroll"),
        ("/payer/keys", "Keys"),
        ("/payer/sandbox", "Sandbox"),
    ),
    Role.OPERATOR: (
        ("/operator", "Waiting"),
        ("/operator/month", "Month run"),
        ("/operator/members", "Members"),
        ("/operator/money", "Money"),
        ("/operator/rules", "Rules"),
        ("/operator/seats", "Seats"),
    ),
    Role.APPROVER: (("/operator", "Waiting"), ("/operator/members", "Members"), ("/operator/money", "Money")),
    Role.AUDITOR: (
        ("/audit", "Books"),
        ("/audit/chain", "Chain"),
        ("/audit/verify", "Verify"),
        ("/audit/looks", "Looks"),
        ("/audit/agreed", "Agreed"),
        ("/audit/export", "Export"),
    ),
    Role.ANALYST: (),
    Role.PUBLIC: (),
}
"""What stands at the top of each role's pages."""

PUBLIC_NAVIGATION = (("/rules", "The rules"), ("/figures", "Open figures"), ("/workbench", "Workbench"))


def page(asking: Asking, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page from `templates/`. `shown` are the template's names; texts in it that came from people are cleaned of letters that
    show as nothing or turn others round.
    """
    return HTMLResponse(written(asking, template, **shown), status_code=status)


def written(asking: Asking, template: str, **shown: Any) -> str:
    """The same as text."""
    state = asking.request.app.state
    return _environment().get_template(template).render(
        asking=asking, identity=asking.identity, settings=state.settings, scheme=state.scheme,
        navigation=NAVIGATION[asking.identity.role] or PUBLIC_NAVIGATION, here=asking.request.url.path, **shown,
    )  # fmt: skip


def see_other(path: str) -> RedirectResponse:
    """After a form was sent: go there and read. Only to paths of our own."""
    assert re.match(r"/(?![/\\])", path), path
    return RedirectResponse(path, status_code=303)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(files("lifepot.portals").joinpath("templates")), str(files("lifepot.pages"))]), undefined=StrictUndefined,
        autoescape=select_autoescape(default=True, default_for_string=True), trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["money"] = format_minor
    environment.filters["day"] = plain_day
    environment.filters["plain_date"] = lambda text: plain_day(parse_day(text))
    environment.filters["when"] = lambda at: (
        f"{plain_day(day_of(at.astimezone(UTC).date()))}, {at.astimezone(UTC):%H:%M} UTC"
    )
    environment.filters["plain_dates"] = plain_dates
    environment.filters["iso"] = format_day
    environment.filters["plain_name"] = plain_name
    environment.filters["block"] = _block
    environment.globals["static"] = static_url
    return environment


def plain_dates(text: str) -> str:
    """A sentence with the days in it as people write them. What only looks like a day, in a file's name among others, stays."""

    def plain(found: re.Match[str]) -> str:
        try:
            return plain_day(parse_day(found.group()))
        except ValueError:
            return found.group()

    return re.sub(r"(?<![\w./-])\d{4}-\d{2}-\d{2}(?![\w-]|\.\w)", plain, text)


def _block(block: Block, label: str = "") -> Markup:
    """A block of a paper (a table, a picture, a paragraph, a figure) as a page shows it."""
    return Markup(block_of(block, label))  # noqa: S704  # the template that writes it escapes what people wrote


@cache
def static_url(name: str) -> str:
    """Where a file of `static/` is found: its digest is in the address, so that a browser may keep it for good."""
    digest = sha256(files("lifepot.portals").joinpath("static", name).read_bytes()).hexdigest()[:16]
    return f"/static/{digest}/{name}"
