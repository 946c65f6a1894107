"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import entering, member_ahead, member_asks, member_money, member_pot, public


def routers() -> list[APIRouter]:
    """Public pages first."""
    return [
        public.router,
        entering.router,
        member_pot.router,
        member_ahead.router,
        member_asks.router,
        member_money.router,
    ]
