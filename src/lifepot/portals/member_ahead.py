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
from lifepot.rulebook.figures_in_words import plain_day, plain_money

router = APIRouter(include_in_schema=False)


@router.get("/me/uses")
def uses(asking: AsMember) -> HTMLResponse:
    """What the pot may be used for now, what opens when, and what to do to open the rest."""
    with asking.seeing() as connection:
        found = member_uses(connection, asking.member, asking.clock.as_of)
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


def _bars(found: WhatIf) -> list[tuple[str, Bars]]:
    """For each day ahead a bar as things go on and one with more, at middle growth, with low and high as its ends; each day by its
    own measure, for a year and forty do not go on one.
    """
    low, middle, high = (one.name for one in found.growths)
    made = []
    for one in found.ahead:
        told = [(0, "As things go on", one.as_now)]
        if found.more:
            told.append((1, f"With {plain_money(found.more, found.currency)} more a month", one.then))
        bars = [
            Bar(
                words, 0.0, course.grown[middle] / 100, (course.grown[low] / 100, course.grown[high] / 100), style,
                plain_money(course.grown[middle] // 100 * 100, found.currency),
            )
            for style, words, course in told
        ]  # fmt: skip
        name = f"{one.milestone.name[:1].upper()}{one.milestone.name[1:]}, {plain_day(one.milestone.on)}"
        made.append((name, lay(bars, lambda amount: plain_money(int(amount * 100), found.currency))))
    return made
