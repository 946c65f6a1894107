"""A member's first page: the pot."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lifepot.access.asking import AsMember
from lifepot.papers.member import member_figures
from lifepot.papers.statement import statement_paper
from lifepot.portals.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/me")
def pot(asking: AsMember) -> HTMLResponse:
    """The pot, as the statement has it."""
    with asking.seeing() as connection:
        figures = member_figures(connection, asking.member)
    return page(asking, "member_pot.html", paper=statement_paper(figures))
