"""Pages for everybody: the way in, the scheme's rules, and the files that pages need."""

from functools import lru_cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Anybody, NotThere
from lifepot.access.policy import standing_alone
from lifepot.brochure.page import scheme_page
from lifepot.portals.pages import page, static_url
from lifepot.rulebook.reader import parse_rulebook

router = APIRouter(include_in_schema=False)

KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}

LINKS = (("/", "First page"), ("/workbench/edit?from=scheme", "Try these rules on the workbench"))
"""Where the rules lead to."""


@router.get("/")
def home(asking: Anybody) -> HTMLResponse:
    """The first page."""
    return page(asking, "home.html")


@router.get("/static/{digest}/{name}")
def static(asking: Anybody, digest: str, name: str) -> Response:
    """A file that pages need. Its address holds its digest, so it never changes."""
    del asking
    ending = name.rpartition(".")[2]
    if "/" in name or ending not in KINDS or not files("lifepot.portals").joinpath("static", name).is_file():
        raise NotThere
    if static_url(name) != f"/static/{digest}/{name}":
        raise NotThere
    content = files("lifepot.portals").joinpath("static", name).read_bytes()
    return Response(content, media_type=KINDS[ending], headers={"cache-control": "public, max-age=31536000, immutable"})


@router.get("/rules")
def rules(asking: Anybody) -> HTMLResponse:
    """The rules in force, as `lifepot rulebook show` draws them."""
    with asking.seeing() as connection:
        row = connection.execute(
            "select name, text from rulebook_version where effective_from <= %s::date order by effective_from desc, id desc limit 1",
            [asking.doors.now()],
        ).fetchone()
    assert row is not None, "a scheme has a rulebook for every day"
    text, policy = _rules(row[0], row[1], asking.clock.as_of)
    return HTMLResponse(text, headers={"content-security-policy": policy})


@lru_cache(maxsize=8)
def _rules(name: str, text: str, on: int) -> tuple[str, str]:
    book, _ = parse_rulebook(text, f"{name}.yaml")
    assert book is not None, "a scheme keeps no rulebook that cannot be read"
    text = scheme_page(book, on, LINKS)
    return text, standing_alone(text)
