"""What a member's pot is for, and what it would come to with a little more a month."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lifepot.access.asking import AsMember
from lifepot.drawing.bars import Bar, Bars, lay
from lifepot.money import parse_minor
from lifepot.papers.uses import member_uses
from lifepot.papers.what_if import MOST_MORE, WhatIf, what_if
from lifepot.portals.pages import page
from lifepot.rulebook.figures_in_words import plain_money

router = APIRouter(include_in_schema=False)


@router.get("/me/uses")
def uses(asking: AsMember) -> HTMLResponse:
    """What the pot may be used for now, what opens when, and what to do to open the rest."""
    with asking.seeing() as connection:
        found = member_uses(connection, asking.member)
    return page(asking, "member_uses.html", uses=found)


@router.get("/me/what-if")
def ahead(asking: AsMember, more: Annotated[str, Query(max_length=20)] = "20") -> HTMLResponse:
    """What so much more a month would come to."""
    faults, minor = [], 0
    try:
        minor = parse_minor(more.strip().lstrip("£€$").replace(",", "") or "0")
    except ValueError:
        faults = [("more", "Give an amount such as 20 or 12.50.")]
    if not 0 <= minor <= MOST_MORE:
        faults, minor = [("more", f"Give an amount from 0 to {MOST_MORE // 100}.")], 0
    with asking.seeing() as connection:
        found = what_if(connection, asking.member, minor)
    return page(
        asking, "member_what_if.html", found=found, typed=more, faults=faults, bars=_bars(found), status=400 if faults else 200
    )  # fmt: skip


def _bars(found: WhatIf) -> Bars | None:
    """For each day ahead a bar as things go on and one with more, at middle growth, with low and high as its ends."""
    if not found.ahead:
        return None
    low, middle, high = (one.name for one in found.growths)
    bars = []
    for one in found.ahead:
        for style, words, course in (
            (0, "as now", one.as_now),
            (1, f"with {plain_money(found.more, found.currency)} more", one.then),
        ):
            grown = course.grown
            bars.append(
                Bar(
                    f"{one.milestone.name[:1].upper()}{one.milestone.name[1:]}, {words}", 0.0, grown[middle] / 100,
                    (grown[low] / 100, grown[high] / 100), style, plain_money(grown[middle] // 100 * 100, found.currency),
                )
            )  # fmt: skip
    return lay(bars, lambda amount: plain_money(int(amount * 100), found.currency))
