"""The app: routers put together, and what an error looks like to a person and to a machine."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lifepot.access.asking import Asking, NotAllowed, NotSignedIn, NotThere, TooOften, doors_of, identity_of
from lifepot.access.doors import Busy, Doors
from lifepot.access.identity import NOBODY
from lifepot.access.limits import Allowance
from lifepot.access.once import KeyReused
from lifepot.api import problems
from lifepot.api.described import described
from lifepot.api.routes import routers as api_routers
from lifepot.errors import LifepotError, Misuse
from lifepot.inbox.sandboxes import Sandboxes
from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings as OpenIdSettings
from lifepot.periods import parse_day
from lifepot.portals.pages import page, see_other
from lifepot.portals.routes import routers as page_routers
from lifepot.service import health
from lifepot.service.logged import asked_for, number_of
from lifepot.service.settings import Settings
from lifepot.service.shields import App, Shields
from lifepot.workbench.asked import Away, NoBench

LOG = logging.getLogger("lifepot.door")

LARGE_PATHS = (
    "/payer/files", "/payer/sandbox/files", "/operator/files", "/operator/bank", "/operator/claims/reply", "/api/v1/files",
)  # fmt: skip
"""Where files of many rows are handed in."""


@dataclass(frozen=True, slots=True)
class SchemeName:
    """What every page says of the scheme."""

    name: str
    title: str
    currency: str


def make_app(settings: Settings, doors: Doors | None = None, provider: Provider | None = None) -> App:
    """The app over a scheme's database, on which the door was laid; with `doors` of the caller's, they are not closed here.
    `provider`: who says who somebody is.
    """
    as_of = parse_day(settings.as_of) if settings.as_of else None
    mine = doors or Doors.open(settings.database, as_of=as_of, sight=settings.sight)

    @asynccontextmanager
    async def lifetime(_: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.sandboxes.close()
        if doors is None:
            mine.close()

    app = FastAPI(title="Lifepot", lifespan=lifetime, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.settings, app.state.doors = settings, mine
    app.state.provider = provider
    app.state.sandboxes = Sandboxes(mine)
    app.state.allowance = Allowance(settings.processes)
    with mine.seeing(NOBODY) as connection:
        row = connection.execute("select name, title, currency from scheme").fetchone()
    assert row is not None, "the door is laid beside a scheme"
    app.state.scheme = SchemeName(row[0], row[1], row[2].strip())
    for router in (*api_routers(), *page_routers(), health.router):
        app.include_router(router)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # FastAPI's own way to say it
    for kind in (LifepotError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _told)
    app.add_exception_handler(Exception, _broke)
    return Shields(app, is_secure=settings.is_secure, large_paths=LARGE_PATHS)


def provider_of_environment() -> Provider | None:
    """The identity provider that the environment names (`LIFEPOT_OPENID_…`); None if it names none."""
    told = OpenIdSettings.from_environment(os.environ)
    return None if told is None else Provider(told)


def status_of(error: Exception) -> int:
    """What an error is in HTTP."""
    match error:
        case NotSignedIn():
            return 401
        case NotAllowed():
            return 403
        case NotThere() | NoBench():
            return 404
        case TooOften():
            return 429
        case Busy() | Away():
            return 503
        case KeyReused() | RequestValidationError() | problems.FaultsFound():
            return 422
        case Misuse():
            return 400
        case LifepotError():
            return 409
        case HTTPException():
            return error.status_code
    raise AssertionError(error)


def _told(request: Request, error: Exception) -> Response:
    """An error as a page for a person, or as problem+json for a machine."""
    status = status_of(error)
    asked = asked_for(request.scope)
    if isinstance(error, LifepotError) and (
        "/sign-in" in asked or (isinstance(error, TooOften) and "/api/" not in asked)
    ):
        LOG.warning("request=%s %s refused: %s", number_of(request), asked, error.message)
    if request.url.path.startswith("/api/v1"):
        return problems.problem(error, status)
    if isinstance(error, NotSignedIn):
        to = request.url.path if request.method == "GET" else "/"
        return see_other("/sign-in" if to == "/" else f"/sign-in?to={to}")
    if isinstance(error, NotAllowed) and request.method == "GET":
        identity = _identity(request)
        if identity.login is not None and identity.seat is None:
            return see_other("/seats")
    message, remedy = problems.words(error, status)
    answer = page(
        Asking(request, doors_of(request), _identity(request)), "wrong.html", status=status,
        heading=HEADINGS.get(status, "That did not work"), message=message, remedy=remedy, back="",
    )  # fmt: skip
    if isinstance(error, TooOften):
        answer.headers["retry-after"] = str(error.seconds)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def _broke(request: Request, error: Exception) -> Response:
    """What nobody thought of: it says nothing of what it was, but by which number the log has it."""
    if isinstance(error, psycopg.OperationalError):
        return _told(request, Busy())  # a connection that broke: the database was stopped, or its place was taken
    if request.url.path.startswith("/api/v1"):
        return problems.problem(Broken(number_of(request)), 500)
    broken = Broken(number_of(request))
    return page(
        Asking(request, doors_of(request), NOBODY), "wrong.html", status=500, heading="Something broke",
        message=broken.message, remedy=broken.remedy, back="",
    )  # fmt: skip


class Broken(LifepotError):
    """A mistake of ours."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "Something of ours broke, and what was not finished was not done.",
            remedy=f"Try again. If it stays so, tell the scheme this number: {number}.",
        )


HEADINGS = {
    403: "Not for you", 404: "Page not found", 405: "Page not found", 429: "Too often", 503: "Not just now",
    400: "That cannot mean anything", 422: "That cannot mean anything",
}  # fmt: skip


def _identity(request: Request) -> Any:
    try:
        return identity_of(request)
    except (LifepotError, psycopg.OperationalError):
        return NOBODY
