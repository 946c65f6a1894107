"""The page "For machines": how to get a key, a first call, and every endpoint of the API as its description tells it."""

from collections import defaultdict
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lifepot.access.asking import Anybody
from lifepot.portals.pages import page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as the page tells it; `roles` in words."""

    method: str
    path: str
    summary: str
    roles: str


@router.get("/api")
def machines(asking: Anybody) -> HTMLResponse:
    """How machines come in, and what they may ask for."""
    said = asking.request.app.openapi()
    by_tag: dict[str, list[Endpoint]] = defaultdict(list)
    for path, operations in said["paths"].items():
        for method, one in operations.items():
            roles = ", ".join(one["x-roles"]) or "anybody, without a key"
            by_tag[one["tags"][0]].append(Endpoint(method.upper(), path, one["summary"], roles))
    return page(asking, "machines.html", by_tag=dict(by_tag), address=asking.request.app.state.settings.public_url)
