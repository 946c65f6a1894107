"""The auditor's books: from any total to its entries, to the fact, to the line of the file; and back."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from lifepot.access import looks
from lifepot.access.asking import AsAuditor, Asking, NotThere
from lifepot.errors import Misuse
from lifepot.periods import format_day, parse_day
from lifepot.portals.listing import Cell, Listing, day, listing, moment, money, words
from lifepot.portals.pages import page
from lifepot.scheme.books import Books, read_books
from lifepot.scheme.tracing import Traced, entries_of_account, entry_of, fact_of, lines_of_file

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=100)]


@router.get("/audit")
def books(asking: AsAuditor, effective: Text = "", known: Text = "") -> HTMLResponse:
    """The books of everything effective up to a day, as known at a place of the chain or a moment. One walk through all entries."""
    faults: list[tuple[str, str]] = []
    on, found = None, None
    try:
        on = parse_day(effective.strip()) if effective.strip() else None
    except ValueError:
        faults.append(("effective", "Enter a day, such as 2026-07-31."))
    if not faults:
        try:
            with asking.seeing() as connection:
                found = read_books(connection, effective_on=on, known=known.strip() or None)
        except Misuse:
            faults.append(("known", "Enter a place of the chain, such as 12, or a moment, such as 2026-07-31T17:00."))
    return page(
        asking, "audit_books.html", faults=faults, effective=effective, known=known, books=found,
        facts=[] if found is None else [("Place in the chain", str(found.place), found.head), ("Known at", f"{moment(found.known_at)} UTC")],
        lines=None if found is None else _lines(asking, found, on, known.strip()), status=400 if faults else 200,
    )  # fmt: skip


def _lines(asking: Asking, found: Books, on: int | None, known: str) -> Listing:
    asked = urlencode(
        {
            name: text
            for name, text in (
                ("effective", "" if on is None else format_day(on)),
                ("known", str(found.place) if known else ""),
            )
            if text
        }
    )
    rows = [
        (
            Cell(words(line.account), f"/audit/account/{line.name}{'?' if asked else ''}{asked}", line.owner),
            money(asking, line.minor) if line.minor > 0 else "", money(asking, -line.minor) if line.minor < 0 else "",
        )
        for line in found.lines
    ]  # fmt: skip
    total = sum(line.minor for line in found.lines if line.minor > 0)
    rows.append(
        (
            Cell("Together"),
            money(asking, total),
            money(asking, -sum(line.minor for line in found.lines if line.minor < 0)),
        )
    )
    return listing("Every account", ("Account", "Debit", "Credit"), rows, (1, 2), "Nothing was posted.")


@router.get("/audit/account/{name}")
def account(
    asking: AsAuditor,
    name: str,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    effective: Text = "",
    known: Text = "",
) -> HTMLResponse:
    """A page of an account's entries."""
    try:
        on = parse_day(effective) if effective else None
        place = int(known) if known else None
        with asking.seeing() as connection:
            found = entries_of_account(connection, name, after, effective_on=on, place=place)
    except (Misuse, ValueError):
        raise NotThere("account") from None
    asked = {key: text for key, text in (("effective", effective), ("known", known)) if text}
    return page(
        asking, "audit_account.html", name=name, owner=found.owner, effective=day(effective) if effective else "", known=known, after=after,
        further=None if found.after is None else f"/audit/account/{name}?{urlencode(asked | {'after': found.after})}",
        back=f"/audit?{urlencode(asked)}" if asked else "/audit",
        entries=entries_shown(asking, found.entries, "Entries" if found.entries else "No entry among those looked at"),
    )  # fmt: skip


def entries_shown(asking: Asking, entries: list[Traced], caption: str) -> Listing:
    """Entries as a table, each leading to its page."""
    rows = [
        (
            Cell(day(one.effective_on), f"/audit/entry/{one.entry}", f"known at place {one.place}"),
            Cell(one.debit, f"/audit/account/{one.debit}"), Cell(one.credit, f"/audit/account/{one.credit}"), one.rule,
            money(asking, one.amount),
        )
        for one in entries
    ]  # fmt: skip
    return listing(
        caption,
        ("Effective", "Debit", "Credit", "Rule", "Amount"),
        rows,
        (4,),
        "Go on to look further, if there is more.",
    )


@router.get("/audit/entry/{entry}")
def entry(asking: AsAuditor, number: Annotated[int, Path(alias="entry")]) -> HTMLResponse:
    """One entry: its accounts, its rule, and the fact behind it."""
    try:
        with asking.seeing() as connection:
            found = entry_of(connection, number)
    except Misuse:
        raise NotThere("entry") from None
    return page(
        asking,
        "audit_entry.html",
        one=found,
        amount=money(asking, found.amount),
        on=day(found.effective_on),
        at=moment(found.known_at),
    )


@router.get("/audit/fact/{fact}")
def fact(asking: AsAuditor, number: Annotated[int, Path(alias="fact")]) -> HTMLResponse:
    """One fact: what it says, its entries, what it replaces and what replaces it, and its line."""
    try:
        with asking.seeing() as connection:
            found = fact_of(connection, number)
    except Misuse:
        raise NotThere("fact") from None
    facts = [("Member", str(found.member) if found.member else "none: it is the scheme's own")]
    facts += [
        (words(name).capitalize(), _said(asking, name, value))
        for name, value in found.said.items()
        if (name, value) != ("value", -1)
    ]
    return page(
        asking, "audit_fact.html", one=found, facts=facts, number=number,
        entries=entries_shown(asking, found.entries, "Entries that followed from it"),
    )  # fmt: skip


AMOUNTS = {"amount", "earnings", "worker", "employer"}


def _said(asking: Asking, name: str, value: object) -> str:
    if name in AMOUNTS and isinstance(value, int):
        return money(asking, value)
    text = str(value)
    try:
        return day(text) if name.startswith(("effective", "period")) else text
    except ValueError:
        return text


@router.get("/audit/fact/{fact}/line")
def line(asking: AsAuditor, number: Annotated[int, Path(alias="fact")]) -> HTMLResponse:
    """The line of the file that told a fact, as it came. It names a person: that it was looked at is written down."""
    try:
        with asking.seeing() as connection:
            found = fact_of(connection, number)
    except Misuse:
        raise NotThere("fact") from None
    if not found.file:
        raise NotThere("line")
    what = looks.looked(f"line {found.line} of {found.file_name}", f"the audit of fact {number}")
    with asking.seeing([found.member] if found.member else [], what) as connection:
        rows = lines_of_file(connection, found.file, found.line, found.member)
        columns = connection.execute(
            "select layout from personal.received_file where file = %s", [found.file]
        ).fetchone()
    return page(asking, "audit_line.html", one=found, number=number, rows=rows, layout=columns[0] if columns else "")
