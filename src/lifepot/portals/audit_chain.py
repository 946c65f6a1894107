"""The chain: every batch with its place and head, what it brought, and where a head that a reply printed stands."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lifepot.access.asking import AsAuditor, NotThere
from lifepot.errors import Misuse
from lifepot.portals.audit_books import entries_shown
from lifepot.portals.listing import Cell, day, listing, moment, words
from lifepot.portals.pages import page
from lifepot.scheme.batches import A_PAGE, batch_at, batches_before, place_of_head
from lifepot.scheme.tracing import entries_of_batch, facts_of_batch

router = APIRouter(include_in_schema=False)


@router.get("/audit/chain")
def chain(
    asking: AsAuditor,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    head: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """The batches, the latest first; with a head, the place at which it stands."""
    faults: list[tuple[str, str]] = []
    stands, asked = None, bool(head.strip())
    with asking.seeing() as connection:
        found = batches_before(connection, before)
        if asked:
            try:
                stands = place_of_head(connection, head)
            except Misuse:
                faults.append(("head", "Enter the 64 hexadecimal digits that a reply printed."))
    rows = [
        (
            Cell(f"Place {one.place}", f"/audit/chain/{one.place}", one.head[:16] + "…"), Cell(words(one.kind), quiet=one.file_name), one.who,
            moment(one.known_at), f"{one.facts:,}", f"{one.transfers:,}",
        )
        for one in found
    ]  # fmt: skip
    return page(
        asking, "audit_chain.html", faults=faults, head=head, asked=asked and not faults, stands=stands, status=400 if faults else 200,
        further=f"/audit/chain?before={found[-1].place}" if len(found) == A_PAGE else "",
        batches=listing("The chain, the latest first", ("Place", "What", "Who", "Known at (UTC)", "Facts", "Entries"), rows, (4, 5)),
    )  # fmt: skip


@router.get("/audit/chain/{place}")
def batch(
    asking: AsAuditor,
    place: int,
    facts_after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    entries_after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> HTMLResponse:
    """One batch: who made it, what it says, its facts and entries."""
    try:
        with asking.seeing() as connection:
            found = batch_at(connection, place)
            facts = facts_of_batch(connection, found.number, facts_after)
            entries = entries_of_batch(connection, found.number, entries_after)
    except Misuse:
        raise NotThere("batch") from None
    rows = [
        (
            Cell(words(one["kind"]), f"/audit/fact/{one['fact']}"), str(one["member"] or ""), day(one["effective_on"].isoformat()), one["payer"] or "",
            f"line {one['line']}" if one["file"] and one["line"] else "",
        )
        for one in facts
    ]  # fmt: skip
    told = [
        ("What", words(found.kind)),
        ("Who", found.who),
        ("Known at", f"{moment(found.known_at)} UTC"),
        ("As of", day(found.as_of)),
        ("File", found.file_name or "none"),
        ("Facts", f"{found.facts:,}"),
        ("Entries", f"{found.transfers:,}"),
        ("Closings", f"{found.closings:,}"),
        *((words(name).capitalize(), str(value)) for name, value in found.summary.items() if value not in (None, "")),
        ("Digest", found.digest),
        ("Head", found.head),
    ]
    here = f"/audit/chain/{place}"
    return page(
        asking, "audit_batch.html", one=found, told=told,
        more_facts=f"{here}?facts_after={facts[-1]['fact']}" if len(facts) == A_PAGE else "",
        more_entries=f"{here}?entries_after={entries[-1].entry}" if len(entries) == A_PAGE else "",
        facts=listing("Facts", ("Fact", "Member", "Effective", "Payer", "Line"), rows, empty="No fact, or no further one."),
        entries=entries_shown(asking, entries, "Entries") if entries else None,
    )  # fmt: skip
