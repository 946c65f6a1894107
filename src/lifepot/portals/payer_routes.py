"""All routers of a payer's pages; those of files, replies and rows twice, for the scheme and for the sandbox."""

from fastapi import APIRouter

from lifepot.portals import payer_claims, payer_home, payer_keys, payer_sandbox
from lifepot.portals.payer_files import files_router
from lifepot.portals.payer_place import SANDBOX, SCHEME
from lifepot.portals.payer_replies import replies_router
from lifepot.portals.payer_rows import rows_router


def payer_routers() -> list[APIRouter]:
    """In the order of the navigation."""
    payer = [payer_home.router, payer_claims.router, payer_keys.router, payer_sandbox.router]
    return payer + [
        router(place) for place in (SCHEME, SANDBOX) for router in (files_router, replies_router, rows_router)
    ]
