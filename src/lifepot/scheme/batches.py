"""The chain, link by link: every batch with its place, what it was, who made it when, and the head that proves all before it."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.errors import Misuse

A_PAGE = 50

BATCH = """
    select number, place, kind, who, known_at, as_of, facts, transfers, closings, file, received.name,
        summary, encode(digest, 'hex'), encode(batch.head, 'hex')
    from batch left join personal.received_file as received using (file)
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One batch. `number` is the one that entries and facts begin with, `place` the one in the chain."""

    number: int
    place: int
    kind: str
    who: str
    known_at: str
    as_of: str
    facts: int
    transfers: int
    closings: int
    file: int | None
    file_name: str
    summary: dict[str, Any]
    digest: str
    head: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "batch": self.number, "place": self.place, "kind": self.kind, "who": self.who, "known_at": self.known_at,
            "as_of": self.as_of, "facts": self.facts, "transfers": self.transfers, "closings": self.closings,
            "file": self.file_name or None, "summary": self.summary, "digest": self.digest, "head": self.head,
        }  # fmt: skip


def batches_before(connection: psycopg.Connection[Any], before: int | None = None, most: int = A_PAGE) -> list[Link]:
    """The batches before a place of the chain (None: the last ones), the latest first."""
    rows = connection.execute(
        (BATCH + "where %(before)s::integer is null or place < %(before)s order by place desc limit %(most)s").encode(),
        {"before": before, "most": most},
    ).fetchall()
    return [_link(row) for row in rows]


def batch_at(connection: psycopg.Connection[Any], place: int) -> Link:
    """The batch at a place. Misuse if there is none."""
    row = connection.execute((BATCH + "where place = %s").encode(), [place]).fetchone()
    if row is None:
        raise Misuse(f"The chain has no place {place}.", remedy="The chain names the places there are.")
    return _link(row)


def place_of_head(connection: psycopg.Connection[Any], head: str) -> int | None:
    """The place at which a head stands in the chain; None: nowhere. Misuse for what is no head. Every batch is looked at: there
    is one a file, not one a row.
    """
    plain = "".join(head.split()).lower()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise Misuse(
            f"{head[:80]!r} is not a chain head.", remedy="Give the 64 hexadecimal digits that a reply printed."
        )
    row = connection.execute("select place from batch where head = %s", [bytes.fromhex(plain)]).fetchone()
    return None if row is None else int(row[0])


def _link(row: Any) -> Link:
    number, place, kind, who, known_at, as_of, facts, transfers, closings, file, name, summary, digest, head = row
    return Link(
        number, place, kind, who, known_at.isoformat(timespec="seconds"), as_of.isoformat(), facts, transfers, closings, file,
        name or "", dict(summary), digest, head,
    )  # fmt: skip
