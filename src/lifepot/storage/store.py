"""What a batch reads and writes, in one transaction on one connection.

The order of a batch: `claim(key)`, and stop if somebody has received it before; `lock_members`; `begin_batch`; read with
`closings_latest`, `facts_of`, `transfers_of`; write with `copy_in` and `copy_closings`; `finish_batch`. The caller commits: then
all of the batch is there, and before that nothing of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from lifepot.errors import LifepotError
from lifepot.periods import date_of
from lifepot.storage import closings as finding
from lifepot.storage.chain import GENESIS, Digest, next_head
from lifepot.storage.copying import (
    COPY_HEADER,
    COPY_TRAILER,
    closing_slices,
    column,
    cursor,
    slices,
)
from lifepot.storage.queries import query
from lifepot.storage.rows import BATCH_BITS, FACT, TRANSFER, Int, Rows, Table, closing_dtype
from lifepot.storage.runs import read_runs

LARGE = 50_000
"""Members from which a batch is large: its closings stand many to a row, and are looked for batch by batch."""

REACH_BITS = 10

STRIPES = 256
MEMBERS_ROOM = 1
CHAIN_ROOM = 2
"""Advisory locks are pairs: which room, and which door of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A committed batch."""

    number: int
    place: int
    kind: str
    who: str
    known_at: datetime
    as_of: date
    facts: int
    transfers: int
    file: int | None
    summary: Mapping[str, Any]
    digest: bytes
    head: bytes


def reach_of(members: Int) -> bytes:
    """A bit for every 1,024 numbers, from the lowest of the first byte on: whether there is a member among them."""
    found = np.zeros((int(members.max()) >> REACH_BITS) + 1, np.uint8)
    found[members >> REACH_BITS] = 1
    return np.packbits(found, bitorder="little").tobytes()


class Store:
    """A scheme's books within the connection's transaction. Reads see what is committed, and this transaction's own rows."""

    def __init__(self, connection: psycopg.Connection[Any], *, parts: int = 1, carry_bytes: int = 0) -> None:
        if connection.autocommit:
            raise ValueError("a store needs a transaction: its connection must not commit by itself")
        self._cursor = cursor(connection)
        # What is read after a lock was waited for must be what the one before has committed, not an older snapshot.
        self._cursor.execute("set transaction isolation level read committed")
        self.closing_dtype = closing_dtype(parts, carry_bytes)
        self._locked = False
        self._batch = 0
        self._digest = Digest()
        self._counts = {"fact": 0, "transfer": 0, "closing": 0}
        self._span = (0, -1)
        self._reach = b""

    def claim(self, key: str) -> Batch | None:
        """Keep others from receiving under this idempotency key until the transaction ends.

        Waits for whoever holds it. Gives the committed batch if there is one: then there is nothing more to do.
        """
        self._cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        return self.batch_with_key(key)

    def lock_members(self, members: Int) -> None:
        """Lock members until the transaction ends: once, all that the batch will touch, and before anything of them is read.

        Member 0 is the scheme itself, for what concerns no member.
        """
        assert not self._locked, "members are locked once: a second round could wait in a circle"
        stripes = np.unique(np.asarray(members) % STRIPES)
        self._cursor.execute(query("lock_members"), {"room": MEMBERS_ROOM, "stripes": column(stripes, "integer")})
        self._locked = True

    def begin_batch(self) -> int:
        """The batch's number. Drawn under the members' locks, so that of one member's batches the later has the higher."""
        assert self._locked, "the members are locked first"
        self._batch = int(self._one("select nextval('batch_number')"))
        return self._batch

    def copy_in(self, table: Table, rows: Rows) -> None:
        """Append facts or transfers, numbered (`number_rows`) and in the order of their members; the digest is fed on the way."""
        self._copy(table.name, [name for name, _ in table.columns], slices(table, rows))
        self._counts[table.name] += len(rows)

    def copy_closings(self, closings: Rows) -> None:
        """Append the closings of all members touched, rising by member: once a batch, as their number makes it small or large.

        Their `batch` is filled in.
        """
        assert not self._counts["closing"], "a batch has one set of closings"
        if not len(closings):
            return
        members = closings["member"]
        assert (members[1:] > members[:-1]).all(), "closings rise by member"
        closings["batch"] = self._batch
        rows = closing_slices(closings, small=len(closings) < LARGE)
        self._copy("closing", ["batch", "member", "members", "small", "records"], rows)
        self._counts["closing"] = len(closings)
        self._span = (int(members[0]), int(members[-1]))
        self._reach = reach_of(members) if len(members) >= LARGE else b""

    def feed_leaves(self, hashes: bytes) -> None:
        """Put the salted hashes of the received file's rows (`chain.leaf`), in their order, into the digest."""
        self._digest.feed("leaves", hashes)

    def finish_batch(
        self,
        *,
        kind: str,
        who: str,
        known_at: datetime,
        as_of_day: int,
        key: str,
        file: int | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Give the batch its place in the chain and write its row. Commit at once: the chain is locked until then.

        LifepotError when another batch has this idempotency key.
        """
        for (line,) in self._cursor.execute(query("named_in_batch"), {"batch": self._batch}).fetchall():
            self._digest.feed("names", line.encode() + b"\n")
        header: dict[str, Any] = {
            "number": self._batch,
            "kind": kind,
            "who": who,
            "known_at": known_at.astimezone(UTC).isoformat(),
            "as_of": date_of(as_of_day).isoformat(),
            "key": key,
            "facts": self._counts["fact"],
            "transfers": self._counts["transfer"],
            "closings": self._counts["closing"],
            "file": file,
            "summary": dict(summary or {}),
        }
        digest = self._digest.finish(header)
        self._cursor.execute("select pg_advisory_xact_lock(%s, 0)", [CHAIN_ROOM])
        place, head = self.head()
        row = header | {
            "place": place + 1,
            "known_at": known_at,
            "as_of": date_of(as_of_day),
            "large": self._counts["closing"] >= LARGE,
            "first_member": self._span[0],
            "last_member": self._span[1],
            "reach": self._reach,
            "summary": Jsonb(header["summary"]),
            "digest": digest,
            "head": next_head(head, digest),
        }
        try:
            self._cursor.execute(query("append_batch"), row)
        except psycopg.errors.UniqueViolation as fault:
            raise LifepotError(
                "Somebody else has just received the same.", remedy="Nothing is lost and nothing is left to do."
            ) from fault
        found = self.batch_with_key(key)
        assert found is not None
        return found

    def batch_with_key(self, key: str) -> Batch | None:
        """The batch of an idempotency key."""
        row = self._cursor.execute(query("batch_by_key"), {"key": key}).fetchone()
        return Batch(*row) if row else None

    def head(self) -> tuple[int, bytes]:
        """Place and head of the chain: (0, `GENESIS`) before the first batch."""
        row = self._cursor.execute(query("last_head")).fetchone()
        return (row[0], bytes(row[1])) if row else (0, GENESIS)

    def closings_latest(self, members: Int) -> Rows:
        """The latest closing of each of these members (rising, each once), a row each; `batch` 0 where there is none."""
        return finding.latest(self._cursor, members, self.closing_dtype)

    def closings_all(self, members: Int) -> Rows:
        """All closings of these members (rising, each once), by member and then in the order they were made."""
        return finding.every(self._cursor, members, self.closing_dtype)

    def facts_of(self, members: Int) -> Rows:
        """All facts of these members (rising, each once), by member and then in the order they came."""
        return self.rows_of(FACT, self.closings_all(members))[1]

    def facts_seen_of(self, members: Int) -> Rows:
        """Those facts of these members (rising, each once) that this connection may see: for somebody to whom only some were
        found to belong. By number.
        """
        closings = self.closings_all(members)
        closings = closings[closings["facts"] > 0]
        begins = (closings["batch"].astype(np.int64) << BATCH_BITS) + closings["first_fact"]
        order = np.argsort(begins)
        return read_runs(self._cursor, FACT, begins[order], (begins + closings["facts"])[order])

    def transfers_of(self, members: Int) -> tuple[Int, Rows]:
        """All transfers of these members (rising, each once), each with its member, in the same order."""
        return self.rows_of(TRANSFER, self.closings_all(members))

    def rows_of(self, table: Table, closings: Rows) -> tuple[Int, Rows]:
        """The facts or transfers (`table`) that `closings` (of `closings_all`) tell of, each with its member.

        They come by member, then in the order they were made.
        """
        first, count = ("first_fact", "facts") if table.name == "fact" else ("first_transfer", "transfers")
        closings = closings[closings[count] > 0]
        begins = (closings["batch"].astype(np.int64) << BATCH_BITS) + closings[first]
        counts = closings[count].astype(np.int64)
        rows = read_runs(self._cursor, table, begins, begins + counts)
        wanted = np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        at = np.searchsorted(rows["id"], wanted)
        if len(wanted) and (at.max() >= len(rows) or (rows["id"][at] != wanted).any()):
            raise LifepotError(
                f"Rows of table {table.name} that the closings speak of are missing.",
                remedy="Run `lifepot verify`, and restore the database from a copy.",
            )
        return np.repeat(closings["member"], counts).astype(np.int64), rows[at]

    def facts_in(self, batch: int, count: int) -> Rows:
        """The facts of a committed batch that has so many, by member."""
        begin = np.array([batch << BATCH_BITS])
        return read_runs(self._cursor, FACT, begin, begin + count)

    def facts_numbered(self, numbers: Int) -> Rows:
        """The facts with these numbers (rising, each once)."""
        rows = read_runs(self._cursor, FACT, numbers, numbers + 1)
        return rows[np.isin(rows["id"], numbers)]

    def balances(self, effective_day: int | None = None, place: int | None = None) -> list[tuple[int, int, int]]:
        """(asset, account, debits less credits) of everything effective up to a day, as known at a place of the chain.

        Members' accounts are summed by kind, under owner 0. None: all there is. Adds up the transfers themselves.
        """
        until = date_of(effective_day) if effective_day is not None else "infinity"
        asked = {"effective": until, "whole": place is None, "place": place or 0}
        return self._cursor.execute(query("balances"), asked).fetchall()

    def payers(self, refs: Sequence[str], kind: str) -> dict[str, int]:
        """Numbers of payers by their reference or alias; one not known yet is given a number, in this batch."""
        asked = {"refs": sorted(set(refs)), "kind": kind, "batch": self._batch}
        self._cursor.execute(query("add_payers"), asked)
        return dict(self._cursor.execute(query("payers"), asked).fetchall())

    def _copy(self, table: str, columns: Sequence[str], rows: Iterator[bytes]) -> None:
        assert self._batch, "the batch has begun"
        statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with self._cursor.copy(statement) as copy:
            copy.write(COPY_HEADER)
            for content in rows:
                self._digest.feed(table, content)
                copy.write(content)
            copy.write(COPY_TRAILER)

    def _one(self, statement: Any, parameters: Sequence[Any] = ()) -> Any:
        row = self._cursor.execute(statement, parameters).fetchone()
        assert row is not None
        return row[0]
