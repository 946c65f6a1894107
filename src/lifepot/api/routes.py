"""All routers of the API."""

from fastapi import APIRouter

from lifepot.api import gigs


def routers() -> list[APIRouter]:
    """In the order in which the description tells them."""
    return [gigs.router]
