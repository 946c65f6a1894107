"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import bench, entering, figures, machines, public
from lifepot.portals.member_routes import member_routers
from lifepot.portals.payer_routes import payer_routers
from lifepot.portals.staff_routes import staff_routers


def routers() -> list[APIRouter]:
    """Public pages first."""
    return [
        public.router,
        figures.router,
        bench.router,
        machines.router,
        entering.router,
        *member_routers(),
        *payer_routers(),
        *staff_routers(),
    ]
