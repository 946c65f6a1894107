"""All routers of pages."""

from fastapi import APIRouter

from lifepot.portals import entering, figures, member_pot, payer_claims, payer_home, payer_keys, payer_sandbox, public
from lifepot.portals.payer_files import files_router
from lifepot.portals.payer_place import SANDBOX, SCHEME
from lifepot.portals.payer_replies import replies_router
from lifepot.portals.payer_rows import rows_router


def routers() -> list[APIRouter]:
    """Public pages first."""
    payer = [payer_home.router, payer_claims.router, payer_keys.router, payer_sandbox.router]
    payer += [router(place) for place in (SCHEME, SANDBOX) for router in (files_router, replies_router, rows_router)]
    return [public.router, figures.router, entering.router, member_pot.router, *payer]
