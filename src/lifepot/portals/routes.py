"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import entering, figures, member_pot, public


def routers() -> list[APIRouter]:
    """Public pages first."""
    return [public.router, figures.router, entering.router, member_pot.router]
