"""A member's pot: how it stands, every payment, and why each is what it is."""

from collections import OrderedDict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lifepot.access.asking import Asking, AsMember, NotThere
from lifepot.errors import Misuse
from lifepot.papers.statement import ALIVE, shares_picture
from lifepot.portals.pages import page
from lifepot.rulebook.figures_in_words import one_major, plain_name
from lifepot.scheme.answers import Asked
from lifepot.scheme.glance import Glance, Known, glance, known, regardless
from lifepot.scheme.statement import Entry, read_statement
from lifepot.scheme.why import why

router = APIRouter(include_in_schema=False)

A_PAGE = 25
LARGEST_ENTRY = 2**62

MOST_KEPT = 4_000
_KEPT: OrderedDict[Known, tuple[Glance, int | None]] = OrderedDict()
"""Glances, and what others would have added all the same, by all they depend on: whoever looks again is answered by one question."""


def _looked_at(asking: Asking) -> tuple[Glance, int | None]:
    with asking.seeing() as connection:
        now = known(connection, asking.member)
        found = _KEPT.get(now)
        if found is None:
            seen = glance(connection, asking.member)
            found = _KEPT[now] = (seen, regardless(connection, asking.member, seen.opened_on))
            while len(_KEPT) > MOST_KEPT:
                _KEPT.pop(next(iter(_KEPT)), None)
    return found


@router.get("/me")
def pot(asking: AsMember) -> HTMLResponse:
    """The pot at a glance."""
    seen, regardless_of_own = _looked_at(asking)
    return page(
        asking, "member_pot.html", pot=seen, in_pot=sum(seen.usable.values()), owed=sum(seen.owed.values()), became=seen.became(regardless_of_own),
        rows=rows_of(seen.entries), picture=shares_picture(seen.points, seen.currency), parties=ALIVE,
        every=one_major(seen.currency), owes=_owes(seen),
    )  # fmt: skip


def _owes(seen: Glance) -> list[tuple[str, int]]:
    return [(ALIVE[party], minor) for party, minor in seen.owed.items() if minor > 0]


@router.get("/me/payments")
def payments(asking: AsMember, upto: Annotated[int | None, Query(ge=1, le=10**6)] = None) -> HTMLResponse:
    """Every entry, the last first, so many a page; `upto`: how many of the first ones."""
    with asking.seeing() as connection:
        statement = read_statement(connection, asking.member)
    count = len(statement.entries)
    last = count if upto is None else min(upto, count)
    first = max(0, last - A_PAGE)
    return page(
        asking, "member_payments.html", rows=rows_of(statement.entries[first:last]), count=count, first=first, last=last,
        newer=min(last + A_PAGE, count) if last < count else None, older=first or None, currency=statement.currency,
    )  # fmt: skip


def rows_of(entries: list[Entry]) -> list[dict[str, object]]:
    """Entries as a page shows them, the last first."""
    return [
        {
            "entry": one.entry, "on": one.effective_on, "party": ALIVE[one.party], "minor": one.minor,
            "what": plain_name(one.rule) if one.rule else one.standing, "standing": one.standing,
            "because": one.because.partition(", line ")[0],  # the whole of it stands beside its reason
        }
        for one in reversed(entries)
    ]  # fmt: skip


@router.get("/me/why")
def why_lately(asking: AsMember) -> HTMLResponse:
    """Why the last pay and payments brought what they brought, rule by rule, and why others brought nothing."""
    return _why(asking, Asked())


@router.get("/me/why/{entry}")
def why_entry(asking: AsMember, entry: int) -> HTMLResponse:
    """Why an entry is what it is: the rule, each step, the clauses, and the line of the file that told of it."""
    if not 0 < entry < LARGEST_ENTRY:
        raise NotThere("entry")
    return _why(asking, Asked(entry=entry))


def _why(asking: Asking, asked: Asked) -> HTMLResponse:
    with asking.seeing() as connection:
        try:
            answers = why(connection, asking.member, asked)
        except Misuse:
            raise NotThere("entry") from None
    found = [
        {
            "why": one, "party": ALIVE.get(one.party, ""), "rule": plain_name(one.rule) if one.rule else "",
            "notes": answers.notes.get(one.source.fact, []), "lines": one.lines()[1:],
        }
        for one in answers.answers
    ]  # fmt: skip
    return page(
        asking, "member_why.html", answers=answers, found=found, entry=asked.entry,
        sums=[one for one in found if one["why"].outcome != "nothing"],  # type: ignore[attr-defined]
        nothing=[one for one in found if one["why"].outcome == "nothing" and one["why"].code != "other_kind"],  # type: ignore[attr-defined]
    )  # fmt: skip
