"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import entering, member_pot, public


def routers() -> list[APIRouter]:
    """Public pages first."""
    return [public.router, entering.router, member_pot.router]
