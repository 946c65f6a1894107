"""All routers of the API."""

from fastapi import APIRouter

from lifepot.api import (
    books,
    claims,
    files,
    gigs,
    household,
    incomes,
    jobs,
    members,
    money,
    payers,
    proposals,
    rulebooks,
    transfers,
    trying,
    withdrawals,
)


def routers() -> list[APIRouter]:
    """In the order in which the description tells them."""
    return [
        gigs.router, files.router, jobs.router, payers.router, claims.router, members.router, withdrawals.router, incomes.router,
        household.router, transfers.router, proposals.router, books.router, money.router, rulebooks.router, trying.router,
    ]  # fmt: skip
