"""The routers of a member's pages."""

from fastapi import APIRouter

from lifepot.portals import (
    helping,
    member_ahead,
    member_asks,
    member_contribution,
    member_household,
    member_money,
    member_papers,
    member_pot,
)


def member_routers() -> list[APIRouter]:
    """All of them; what is asked for step by step before what is followed by its number."""
    return [
        member_pot.router, member_ahead.router, member_asks.router, member_money.router, member_contribution.router,
        member_household.router, member_papers.router, helping.router,
    ]  # fmt: skip
