"""Help, and everybody's rights, for everybody."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lifepot.access.asking import Anybody
from lifepot.portals.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/help")
def help_and_rights(asking: Anybody) -> HTMLResponse:
    """Where to find what, and what anybody may ask of the scheme."""
    return page(asking, "help.html")
