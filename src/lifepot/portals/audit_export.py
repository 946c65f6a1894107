"""Everything to take away: the journal, the facts, the chain and the rulebooks, row by row as they are read. No names are in them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse

from lifepot.access.asking import AsAuditor, Asking, NotThere
from lifepot.portals.pages import page

router = APIRouter(include_in_schema=False)

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Table:
    """What may be taken away: its words, and the query whose rows it is. Every query goes by a primary key."""

    words: str
    query: str


TABLES = {
    "journal": Table("Every entry: accounts, amount in minor units, rule, fact, place in the chain.", "select * from journal order by id"),
    "facts": Table("Every fact: what was told, of whom by number, by which payer, in which line.", "select * from fact_view order by id"),
    "batches": Table(
        "The chain: every batch with its place, digest and head.",
        "select place, number, kind, who, known_at, as_of, idempotency_key, facts, transfers, closings, file, summary, "
        "encode(digest, 'hex') as digest, encode(head, 'hex') as head from batch order by place",
    ),
    "rulebooks": Table(
        "Every version of the rulebook, with its text.",
        "select id, name, effective_from, batch, encode(sha256, 'hex') as sha256, text from rulebook_version order by id",
    ),
    "files": Table(
        "Every received file: its name, size and SHA-256, not what is in it.",
        "select file, name, layout, received_at, size, encode(sha256, 'hex') as sha256 from personal.received_file order by file",
    ),
}  # fmt: skip


@router.get("/audit/export")
def export(asking: AsAuditor) -> HTMLResponse:
    """What may be taken away."""
    return page(asking, "audit_export.html", tables=[(name, one.words) for name, one in TABLES.items()])


@router.get("/audit/export/{name}")
def table(asking: AsAuditor, name: str, form: Annotated[str, Query()] = "csv") -> StreamingResponse:
    """One table, as CSV or as JSON lines."""
    if name not in TABLES or form not in {"csv", "jsonl"}:
        raise NotThere("table")
    rows = _csv(asking, TABLES[name].query) if form == "csv" else _lines(asking, TABLES[name].query)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    return StreamingResponse(
        rows, media_type=kind, headers={"content-disposition": f'attachment; filename="lifepot-{name}.{form}"'}
    )


def _csv(asking: Asking, query: str) -> Iterator[bytes]:
    """The database writes it; nothing of it is kept here."""
    copied = f"copy ({query}) to stdout with (format csv, header)".encode()
    with asking.seeing() as connection, connection.cursor().copy(copied) as copying:
        for piece in copying:
            yield bytes(piece)


def _lines(asking: Asking, query: str) -> Iterator[bytes]:
    with asking.seeing() as connection, connection.cursor("export") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        waiting: list[str] = []
        for (row,) in cursor.execute(f"select to_jsonb(one) from ({query}) as one".encode()):
            waiting.append(_line(row))
            if len(waiting) == ROWS_AT_ONCE:
                yield "".join(waiting).encode()
                waiting = []
        yield "".join(waiting).encode()


def _line(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
