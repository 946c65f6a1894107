"""The chain walked from its beginning: each batch's digest from its rows as they are now, each head from the one before."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import psycopg

from lifepot.audit.balances import BatchBooks, Standing
from lifepot.audit.book import Book
from lifepot.audit.findings import Findings
from lifepot.audit.kept import leaves_of
from lifepot.audit.strangers import name_orphans, name_strangers
from lifepot.audit.tables import FACTS, TRANSFERS, Fact, Records, closing_rows, rows_of_batch

Progress = Callable[[str, int, int], None]
"""Told a stage's name, how many of how many are done."""

BEGINNING = bytes(32)
"""The head before the first batch."""

PARTS = ("fact", "transfer", "closing", "names", "leaves")
"""What a digest is made of beside the header, in this order."""

RELATING = (10, 11)
"""Kinds of facts that say a member is another, or that facts are another's."""

EVERYBODY = ("settle", "adopt")
"""Kinds of batches that settle every member, and write closings only of those for whom it changed something."""

BATCHES = (
    "select number, place, kind, who, known_at, as_of, idempotency_key, facts, transfers, closings, large, "
    "first_member, last_member, reach, file, summary, digest, head from batch order by place"
)

NAMES = r"""
    select coalesce(place, 2147483647), line from (
        select batch, 1, id::bigint, concat_ws(E'\t', 'rulebook', id, name, encode(sha256(convert_to(text, 'UTF8')), 'hex'), effective_from)
        from rulebook_version
        union all select batch, 2, id, concat_ws(E'\t', 'rule', id, name, party, part) from rule
        union all select batch, 3, id, concat_ws(E'\t', 'attribute', id, name) from attribute
        union all select batch, 4, id, concat_ws(E'\t', 'payer', id, ref, kind) from payer
        union all select batch, 5, payer, concat_ws(E'\t', 'alias', payer, ref) from payer_alias
        union all select batch, 6, payer, concat_ws(E'\t', 'told', payer, kind, period_start, period_end, layout, file)
        from told
        union all select batch, 7, number, concat_ws(E'\t', 'payments', number, format, pays_on, payments, amount, encode(sha256, 'hex'))
        from payment_run
        union all select batch, 8, number, concat_ws(E'\t', 'entry', number, key, booked_on, amount) from bank_entry
        union all select batch, 9, payer, concat_ws(E'\t', 'bust', payer, since) from payer_bust
        union all select batch, 10, number, concat_ws(E'\t', 'claim', number, funder, until, made_on, lines, asked_minor,
            recovered_minor, recoveries, floor, encode(sha256, 'hex'))
        from claim
        union all select batch, 11, id, concat_ws(E'\t', 'refusal_code', id, code) from refusal_code
        union all select batch, 12, claim, concat_ws(E'\t', 'claim_answer', claim, paid_minor, refused_minor, encode(sha256, 'hex'))
        from claim_answer
    ) as named (number, class, id, line) left join batch using (number)
    order by 1, class, id, line collate "C"
"""
"""What batches gave numbers to, a line each, in the order in which digests have them."""


class Batch(NamedTuple):
    """A row of table `batch`."""

    number: int
    place: int
    kind: str
    who: str
    known_at: datetime
    as_of: date
    key: str
    facts: int
    transfers: int
    closings: int
    large: bool
    first_member: int
    last_member: int
    reach: bytes
    file: int | None
    summary: Any
    digest: bytes
    head: bytes

    @property
    def name(self) -> str:
        """What problems call it."""
        return f"batch {self.number} (place {self.place})"

    def header(self) -> bytes:
        """What the digest begins with: what the row says of the batch, as a line of JSON."""
        said = {
            "number": self.number,
            "kind": self.kind,
            "who": self.who,
            "known_at": self.known_at.astimezone(UTC).isoformat(),
            "as_of": self.as_of.isoformat(),
            "key": self.key,
            "facts": self.facts,
            "transfers": self.transfers,
            "closings": self.closings,
            "file": self.file,
            "summary": self.summary,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


class Walk:
    """A walk along the chain. Afterwards `standing` holds every member, and `related` the facts that say who is whom."""

    def __init__(self, connection: psycopg.Connection[Any], book: Book, findings: Findings) -> None:
        self.connection, self.book, self.findings = connection, book, findings
        self.standing = Standing(book.parts)
        self.related: list[tuple[int, int]] = []
        self._facts_by_batch: dict[int, int] = {}
        self._files: set[int] = set()
        self._payers = {0, *(one for (one,) in connection.execute("select id from payer"))}

    def run(self, progress: Progress | None) -> None:
        """Walk it all."""
        with self.connection.cursor(name="names") as named, self.connection.cursor(name="batches") as batches:
            self._follow(map(_batch, batches.execute(BATCHES)), _Names(named.execute(NAMES)), progress)
        name_orphans(self.connection, self.findings)

    def _follow(self, batches: Iterator[Batch], names: "_Names", progress: Progress | None) -> None:
        """Each batch from the one before."""
        connection, findings = self.connection, self.findings
        row = connection.execute("select count(*) from batch").fetchone()
        count = row[0] if row else 0
        stored = proved = BEGINNING
        for batch in batches:
            where = batch.name
            if batch.place != findings.place + 1:
                findings.add(
                    "chain", where, f"place {batch.place} after place {findings.place}", f"place {findings.place + 1}"
                )
            digest = self._digest(batch, names.of(batch.place))
            if digest != batch.digest:
                expected = f"digest {batch.digest.hex()}: its header, rows, names or received rows were changed"
                findings.add("chain", where, f"digest {digest.hex()}", expected)
                name_strangers(connection, batch.number, batch.file, findings)
            # Of two broken links one may be the same break seen from behind: what either head leads to, follows.
            heads = [hashlib.sha256(before + batch.digest).digest() for before in (stored, proved)]
            if batch.head not in heads:
                findings.add(
                    "chain", where, f"head {batch.head.hex()}", f"{heads[0].hex()}, from the head before and its digest"
                )
            stored, proved = batch.head, heads[-1]
            findings.batches, findings.place, findings.head = findings.batches + 1, batch.place, batch.head
            if findings.given_head == batch.head:
                findings.given_place = batch.place
            if progress is not None:
                progress("chain", findings.batches, count)

    def _digest(self, batch: Batch, names: Iterator[str]) -> bytes:
        """The batch's digest from its rows as they are; on the way they are held against each other."""
        parts = {part: hashlib.sha256() for part in PARTS}
        closings = self._closings(batch, parts["closing"])
        self._facts_by_batch[batch.number] = batch.facts
        books = BatchBooks(batch, batch.name, closings, self.book, self.standing, self.findings)
        for written, facts in rows_of_batch(self.connection, FACTS, batch.number):
            parts["fact"].update(written)
            books.hear_facts(self._relating(facts))
        for written, transfers in rows_of_batch(self.connection, TRANSFERS, batch.number):
            parts["transfer"].update(written)
            books.hear_transfers(transfers, self._facts_by_batch, self._payers)
        books.close()
        if batch.kind in EVERYBODY:
            self.standing.settle_all(batch.as_of)
        self.findings.facts += books.facts.seen
        self.findings.transfers += books.transfers.seen
        self.findings.closings += len(closings)
        for line in names:
            parts["names"].update(line.encode() + b"\n")
        if batch.file is not None and batch.file not in self._files:
            self._files.add(batch.file)
            for leaves in leaves_of(self.connection, batch.file, self.findings):
                parts["leaves"].update(leaves)
        digest = hashlib.sha256(batch.header())
        for part in PARTS:
            digest.update(parts[part].digest())
        return digest.digest()

    def _closings(self, batch: Batch, digest: "hashlib._Hash") -> Records:
        """A batch's closings; what their rows say beside the records must be so."""
        where, add = f"{batch.name}, table closing", self.findings.add
        closings = Records(self.book.parts)
        for row in closing_rows(self.connection, batch.number):
            digest.update(row.written)
            closings.add(row.members, row.records)
            if row.small == batch.large:
                add("row", f"{where}, member {row.member}", f"small is {row.small}", f"{not batch.large}")
            if row.records[4:8] != row.member.to_bytes(4, "little", signed=True):
                add("row", f"{where}, member {row.member}", "records of another member", "its own")
        if len(closings) != batch.closings:
            add("row", where, f"{len(closings)} closings", f"{batch.closings}, as the batch wrote")
        first, last = (closings[0].member, closings[len(closings) - 1].member) if len(closings) else (0, -1)
        if (first, last) != (batch.first_member, batch.last_member):
            add("row", where, f"members {first} to {last}", f"{batch.first_member} to {batch.last_member}")
        before = -1
        missed = False
        for one in closings:
            if one.batch != batch.number or one.member <= before:
                add("row", f"{where}, member {one.member}", f"of batch {one.batch}, after member {before}", "in order")
            before = one.member
            missed |= not _reaches(batch.reach, one.member)
        if missed:
            add(
                "row", f"{batch.name}, table batch, column reach", "members beyond it", "all whom its closings speak of"
            )
        return closings

    def _relating(self, facts: Iterator[Fact]) -> Iterator[Fact]:
        """The facts, remembering of whom they say that they are somebody else: those are read together later."""
        for fact in facts:
            if fact.kind in RELATING:
                self.related.append((fact.member, fact.value))
            yield fact


def _reaches(reach: bytes, member: int) -> bool:
    """Whether the batch's own row lets its closing of a member be found: it has a bit for every 1,024 numbers, or none at all."""
    at = member >> 10
    return not reach or (at >> 3 < len(reach) and bool(reach[at >> 3] >> (at & 7) & 1))


def _batch(row: tuple[Any, ...]) -> Batch:
    return Batch._make((*row[:-2], bytes(row[-2]), bytes(row[-1])))


class _Names:
    """What batches gave numbers to, a line each, told beside the batches in the order of the chain."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def of(self, place: int) -> Iterator[str]:
        """The lines of the batch in that place; places are asked for in rising order."""
        while self._next is not None and self._next[0] <= place:
            if self._next[0] == place:
                yield self._next[1]
            self._next = next(self._rows, None)
