"""Tables of a payer's pages: values as the rooms below give them, put into columns."""

from collections.abc import Sequence
from typing import Any

from lifepot.money import format_minor
from lifepot.papers.paper import Cell, Table
from lifepot.periods import parse_day
from lifepot.rulebook.figures_in_words import plain_day

PARTIES = {"worker": "Your people's own", "employer": "Yours", "government": "Government's", "": "Payments"}
MOST_FAULTS = 100


def person(one: dict[str, Any]) -> Cell:
    """Somebody, as the payer's own files call them."""
    known = [*one.get("payroll_ids", []), one.get("nino") or ""]
    known = [word for word in known if word]
    return Cell(one["name"], ", ".join(known)) if one["name"] else Cell(", ".join(known) or "Somebody")


def people(caption: str, some: Sequence[dict[str, Any]], currency: str) -> Table:
    """People with their pay: those who came, or went."""
    rows = [(person(one), *_money(one, currency)) for one in some]
    return Table(
        caption, ("Person", "Pay", "Their own", "Yours"), tuple(rows), numeric=(1, 2, 3)
    )  # fmt: skip


def joining(caption: str, some: Sequence[dict[str, Any]]) -> Table:
    """People for whom an account is made."""
    return Table(caption, ("Person", "Born"), tuple((person(one), Cell(_day(one["born"]))) for one in some))


def changed(caption: str, some: Sequence[dict[str, Any]], currency: str) -> Table:
    """People whose amounts are others than before."""
    rows: list[tuple[Cell, ...]] = []
    for one in some:
        cells = [person(one)]
        for now, before in zip(_money(one, currency), _money(one["before"], currency), strict=True):
            cells.append(now if now == before else Cell(now.text, f"was {before.text}"))
        rows.append((*cells,))
    return Table(caption, ("Person", "Pay", "Their own", "Yours"), tuple(rows), numeric=(1, 2, 3))


def totals(caption: str, against: dict[str, Any], currency: str) -> Table:
    """A payer's file beside its last."""
    now, before = against["totals"], against["totals_before"]
    rows: list[tuple[Cell, ...]] = [(Cell("People"), Cell(f"{before['people']:,}"), Cell(f"{now['people']:,}"))]
    for name, words in (("earnings", "Pay"), ("worker", "Sent for them"), ("employer", "Sent by you")):
        minors = (before[f"{name}_minor"], now[f"{name}_minor"])
        rows.append((Cell(words), *(Cell(format_minor(minor, currency)) for minor in minors)))
    return Table(caption, ("What", "The file before", "This file"), tuple(rows), numeric=(1, 2))


def effects(caption: str, by_rule: Sequence[dict[str, Any]], currency: str) -> Table:
    """What moves on the payer's own accounts, by party and rule."""
    rows = [
        (
            Cell(PARTIES[one["party"]], one["rule"]),
            *(Cell(format_minor(one[f"{name}_minor"], currency)) for name in ("sent", "owed", "held")),
        )
        for one in by_rule
    ]
    heads = ("Whose", "Reaches pots", "Owed by you", "Held for you")
    return Table(caption, heads, tuple(rows), numeric=(1, 2, 3))


def faults(caption: str, found: Sequence[dict[str, Any]], names: dict[int, str]) -> Table:
    """Faults, each with its place, its code, what was found and what is expected."""
    rows = [
        (
            Cell(_where(one), names.get(one["line"], "")),
            Cell(one["path"] or "The whole row" if one["line"] else "The whole file"),
            Cell(one["found"]),
            Cell(one["expected"], one["code"]),
        )
        for one in found[:MOST_FAULTS]
    ]
    return Table(caption, ("Where", "Column", "Found", "Expected"), tuple(rows), widest=3)


def _day(text: str | None) -> str:
    return "Not said" if text is None else plain_day(parse_day(text))


def _where(one: dict[str, Any]) -> str:
    if not one["line"]:
        return "File"
    return f"Line {one['line']}, letter {one['column']}" if one["column"] and not one["path"] else f"Line {one['line']}"


def _money(one: dict[str, Any], currency: str) -> tuple[Cell, ...]:
    return tuple(Cell(format_minor(one[f"{name}_minor"], currency)) for name in ("earnings", "worker", "employer"))
