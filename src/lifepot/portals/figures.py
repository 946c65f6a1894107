"""The open figures of a scheme, for everybody: what it holds and pays, so told that nobody in it is known from them."""

from datetime import date
from fractions import Fraction
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse

from lifepot.access.asking import Anybody, NotThere
from lifepot.drawing.bands import Band, lay
from lifepot.money import format_minor
from lifepot.papers.paper import Cell, Picture, Table
from lifepot.periods import date_of, day_of
from lifepot.portals.pages import page

router = APIRouter(include_in_schema=False)

TABLES = (
    ("by_payer_kind", "By who paid in first"), ("by_birth", "By birth"), ("by_earnings", "By what was earned in the month of coming"),
)  # fmt: skip
PARTIES = (("worker", "Members"), ("employer", "Employers and platforms"), ("government", "Government"))


@router.get("/figures")
def figures(asking: Anybody) -> HTMLResponse:
    """The last figures that were published."""
    told = _published(asking)
    if told is None or not told["months"]:
        return page(asking, "figures.html", told=None, picture=None, tables=[], group_of=0, month="")
    last = told["months"][-1]
    return page(
        asking, "figures.html", told=told, last=last, month=_month(last["month"]), picture=_picture(told), tables=_tables(told),
        group_of=told["group_of"],
    )  # fmt: skip


@router.get("/figures.json")
def figures_as_json(asking: Anybody) -> JSONResponse:
    """The same for a machine."""
    told = _published(asking)
    if told is None:
        raise NotThere
    return JSONResponse(told)


def _published(asking: Anybody) -> dict[str, Any] | None:
    with asking.seeing() as connection:
        row = connection.execute("select figures from door.publication order by month desc limit 1").fetchone()
    return None if row is None else row[0]


def _month(month: str) -> str:
    return date.fromisoformat(f"{month}-01").strftime("%B %Y")


def _end(month: str) -> int:
    first = date.fromisoformat(f"{month}-01")
    return day_of(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)) - 1


def _picture(told: dict[str, Any]) -> Picture | None:
    """What was paid in, over months; None where there is one month only."""
    months, currency = told["months"], told["currency"]
    if len(months) < 2:  # a line has two ends
        return None

    def money(amount: Fraction) -> str:
        return format_minor(int(amount), currency).removesuffix(".00")

    band = Band("employer", "Paid in", [max(one["paid_minor"], 0) for one in months])
    drawn = lay([_end(one["month"]) for one in months], [band], lambda day: date_of(day).strftime("%b %Y"), money)
    first, last = months[0], months[-1]
    return Picture(
        "Paid in by all parties, up to each month's end",
        f"From {money(Fraction(first['paid_minor']))} in {_month(first['month'])} to {money(Fraction(last['paid_minor']))} "
        f"in {_month(last['month'])}.",
        drawn, (("employer", "Paid in"),),
    )  # fmt: skip


def _tables(told: dict[str, Any]) -> list[Table]:
    currency, last = told["currency"], told["months"][-1]

    def money(minor: int) -> Cell:
        return Cell(format_minor(minor, currency).removesuffix(".00"))

    rows = [
        (Cell(_month(one["month"])), Cell(f"{one['members']:,}"), money(one["paid_minor"])) for one in told["months"]
    ]
    found = [Table("Month by month", ("Month", "People", "Paid in so far"), tuple(rows), numeric=(1, 2))]
    if last["paid_by_party"] is not None:
        party = last["paid_by_party"]
        found.append(
            Table(
                f"Paid in by each, up to the end of {_month(party['month'])}", ("By", "Paid in"),
                tuple((Cell(words), money(party[f"{name}_minor"])) for name, words in PARTIES), numeric=(1,),
            )
        )  # fmt: skip
    for name, words in TABLES:
        if last[name]:
            lines = tuple(
                (Cell(one["for"]), Cell(f"{one['members']:,}"), money(one["paid_minor"])) for one in last[name]
            )
            found.append(Table(words, ("Who", "People", "Paid in so far"), lines, numeric=(1, 2)))
    return found
