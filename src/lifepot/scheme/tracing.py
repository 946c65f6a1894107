"""From any total of the books to its entries, from an entry to its fact, from a fact to the line of the file; and back.

Lists come in pages, by the entries' own numbers. A member's account is read by the member's closings; of every other a page looks at
so many entries at most: on one that moves seldom it may show few, or none, and say from where to go on. No page walks through all of
the books.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Misuse
from lifepot.intake.delimited import read_line
from lifepot.ledger.chart import (
    FIRST_OF_LEAVING,
    FIRST_OF_PAYERS,
    FIRST_OF_SCHEME,
    OWNER_BITS,
    account_of,
    name_of,
    owner_of,
)
from lifepot.periods import date_of
from lifepot.scheme.keeping import decompress, row_bounds
from lifepot.scheme.lives import merged_into
from lifepot.scheme.sources import read_sources
from lifepot.scheme.standing import read_standing
from lifepot.storage.rows import BATCH_BITS

A_PAGE = 50
LOOKED_AT = 100_000
"""Entries that a page looks at, at most: a tenth of a second."""

LAST_OWNER = 2**31 - 1
"""Members and payers have numbers of four bytes."""

ENTRIES = """
    select found.id, batch.place, batch.known_at, found.effective_on, debit, credit, amount, rule.name, fact
    from (
        select * from (select * from transfer where id > %(after)s order by id limit %(looked_at)s) as looked
        where (debit between %(first)s and %(last)s or credit between %(first)s and %(last)s)
            and (%(on)s::date is null or effective_on <= %(on)s)
            and (%(place)s::integer is null or (id >> 32)::integer in (select number from batch where place <= %(place)s))
        order by id limit %(most)s
    ) as found
        join batch on batch.number = (found.id >> 32)::integer
        left join rule on rule.id = found.rule
    order by found.id
"""

ONE = """
    select transfer.id, batch.place, batch.known_at, effective_on, debit, credit, amount, rule.name, fact
    from transfer join batch on batch.number = (transfer.id >> 32)::integer left join rule on rule.id = transfer.rule
"""


@dataclass(frozen=True, slots=True)
class Traced:
    """One entry: from the account `credit` was given, `debit` took; minor units. Accounts by the chart's names, "owed_by:3"."""

    entry: int
    place: int
    known_at: str
    effective_on: str
    debit: str
    credit: str
    amount: int
    rule: str
    fact: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "entry": self.entry, "place": self.place, "known_at": self.known_at, "effective_on": self.effective_on,
            "debit": self.debit, "credit": self.credit, "amount_minor": self.amount, "rule": self.rule or None,
            "fact": self.fact or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of an account, whose it is ("" of the scheme's own), and after which one the next page begins (None: there are no
    more).
    """

    account: str
    owner: str
    entries: list[Traced]
    after: int | None


@dataclass(frozen=True, slots=True)
class TracedFact:
    """A fact: what it says by the names of `fact_view` (what it does not say is left out), the same in `words`, its entries, and
    the facts that it takes the place of and that take its place.
    """

    fact: int
    member: int
    place: int
    words: str
    said: dict[str, Any]
    file: int | None
    file_name: str
    line: int
    entries: list[Traced]
    replaces: int | None
    replaced_by: list[int]


def entries_of_account(
    connection: psycopg.Connection[Any], account: str, after: int = 0, *, effective_on: int | None = None,
    place: int | None = None, most: int = A_PAGE, looked_at: int = LOOKED_AT,
) -> Page:  # fmt: skip
    """A page of an account's entries, in the order they were posted. `account` as the chart names it: "bank", "owed_by:3",
    "worker:17", or "worker" for that of all members. Misuse for a name that is none.
    """
    first, last = span_of(account)
    day = None if effective_on is None else date_of(effective_on)
    if (
        first == last
        and first >> OWNER_BITS < FIRST_OF_SCHEME
        and not FIRST_OF_PAYERS <= first >> OWNER_BITS < FIRST_OF_LEAVING
    ):
        return _of_member(connection, account, first, after, effective_on, place, most)
    rows = connection.execute(
        ENTRIES,
        {"after": after, "first": first, "last": last, "on": day, "place": place, "most": most, "looked_at": looked_at},
    ).fetchall()
    further = None
    if len(rows) == most:
        further = rows[-1][0]
    else:
        beyond = connection.execute(
            "select id from transfer where id > %s order by id offset %s limit 1", [after, looked_at - 1]
        ).fetchone()
        further = None if beyond is None else beyond[0]
    return Page(account, _owner(connection, first, last), [_traced(row) for row in rows], further)


def _of_member(
    connection: psycopg.Connection[Any], account: str, number: int, after: int, effective_on: int | None, place: int | None, most: int
) -> Page:  # fmt: skip
    """A page of one member's account, whose entries are found by the member's closings."""
    store = read_standing(connection).store(connection)
    member = owner_of(number)
    _, transfers = store.transfers_of(np.unique([member, merged_into(store, member)]))
    mine = (transfers["debit"] == number) | (transfers["credit"] == number)
    if effective_on is not None:
        mine &= transfers["effective_on"] <= effective_on
    ids = np.unique(transfers["id"][mine])
    rows = connection.execute(
        (
            ONE
            + "where transfer.id = any(%s) and transfer.id > %s and (%s::integer is null or place <= %s) order by transfer.id limit %s"
        ).encode(),
        [ids.tolist(), after, place, place, most],
    ).fetchall()
    return Page(account, f"member {member}", [_traced(row) for row in rows], rows[-1][0] if len(rows) == most else None)


def _owner(connection: psycopg.Connection[Any], first: int, last: int) -> str:
    kind, owner = first >> OWNER_BITS, first & (1 << OWNER_BITS) - 1
    if kind >= FIRST_OF_SCHEME:
        return ""
    of_payer = FIRST_OF_PAYERS <= kind < FIRST_OF_LEAVING
    if first != last:
        return "all payers" if of_payer else "all members"
    row = connection.execute("select ref from payer where id = %s", [owner]).fetchone()
    return "workers themselves" if row is None else str(row[0])


def span_of(account: str) -> tuple[int, int]:
    """The first and the last number of the accounts that a name means. Misuse for a name that is none."""
    word, colon, _ = account.partition(":")
    try:
        if colon:
            number = account_of(account)
            if owner_of(number) > LAST_OWNER:
                raise ValueError(account)  # noqa: TRY301  # told like every other name that is none
            return number, number
        number = account_of(f"{word}:0") if _has_owner(word) else account_of(word)
    except ValueError:
        raise Misuse(f"There is no account {account!r}.", remedy="The books name the accounts there are.") from None
    return number, number | (1 << OWNER_BITS) - 1


def _has_owner(word: str) -> bool:
    try:
        return account_of(f"{word}:0") >> OWNER_BITS < FIRST_OF_SCHEME
    except ValueError:
        return False


def common_name(account: int) -> str:
    """The name under which an account stands in the books: those of members stand together there."""
    name = name_of(account)
    kind = account >> OWNER_BITS
    return name.partition(":")[0] if kind < FIRST_OF_PAYERS or kind == FIRST_OF_LEAVING else name


def entry_of(connection: psycopg.Connection[Any], number: int) -> Traced:
    """One entry. Misuse if there is none."""
    row = connection.execute((ONE + "where transfer.id = %s").encode(), [number]).fetchone()
    if row is None:
        raise Misuse(f"There is no entry {number}.", remedy="The books lead to the entries there are.")
    return _traced(row)


def fact_of(connection: psycopg.Connection[Any], number: int) -> TracedFact:
    """One fact with its entries, which are found by its member's closings. Misuse if there is none."""
    found = connection.execute("select * from fact_view where id = %s", [number])
    row = found.fetchone()
    if row is None:
        raise Misuse(f"There is no fact {number}.", remedy="The books lead to the facts there are.")
    assert found.description is not None
    told = dict(zip([one.name for one in found.description], row, strict=True))
    standing = read_standing(connection)
    store = standing.store(connection)
    members = np.unique([told["member"], merged_into(store, told["member"])])
    facts = store.facts_of(members)
    chain = facts[facts["replaces"] == number]["id"].tolist()
    own = facts[facts["id"] == number]
    words = read_sources(connection, standing, own)[number].words if len(own) else str(told["kind"])
    _, transfers = store.transfers_of(members)
    entries = np.unique(transfers["id"][transfers["fact"] == number]).tolist()
    rows = connection.execute((ONE + "where transfer.id = any(%s) order by transfer.id").encode(), [entries]).fetchall()
    file = told["file"]
    named = connection.execute("select name from personal.received_file where file = %s", [file]).fetchone()
    left_out = {"id", "place", "known_at", "member", "file", "line", "replaces"}
    said = {name: value for name, value in told.items() if value is not None and name not in left_out}
    return TracedFact(
        number, told["member"], told["place"], words, said, file, named[0] if named else "", told["line"] if file else 0,
        [_traced(one) for one in rows], told["replaces"], chain,
    )  # fmt: skip


def facts_of_batch(
    connection: psycopg.Connection[Any], batch: int, after: int = 0, most: int = A_PAGE
) -> list[dict[str, Any]]:
    """A page of a batch's facts: number, kind, member, day, payer, file and line."""
    rows = connection.execute(
        "select id, kind, member, effective_on, payer, file, line from fact_view where id > %s and id < %s order by id limit %s",
        [max(after, (batch << BATCH_BITS) - 1), (batch + 1) << BATCH_BITS, most],
    ).fetchall()
    names = ("fact", "kind", "member", "effective_on", "payer", "file", "line")
    return [dict(zip(names, row, strict=True)) for row in rows]


def entries_of_batch(
    connection: psycopg.Connection[Any], batch: int, after: int = 0, most: int = A_PAGE
) -> list[Traced]:
    """A page of a batch's entries."""
    rows = connection.execute(
        (ONE + "where transfer.id > %s and transfer.id < %s order by transfer.id limit %s").encode(),
        [max(after, (batch << BATCH_BITS) - 1), (batch + 1) << BATCH_BITS, most],
    ).fetchall()
    return [_traced(row) for row in rows]


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A row of a file as it came, and of delimited text its cells with the names of their columns."""

    text: str
    cells: list[tuple[str, str]]


def lines_of_file(connection: psycopg.Connection[Any], file: int, line: int, member: int) -> list[TracedLine]:
    """What stands in a line of a received file, as it came: of XML, whose rows are kept without their lines, every row with the
    member's National Insurance number. Nothing of a row that was erased. The blocks before it are unpacked: a second for a
    file of a hundred megabytes.
    """
    kept = connection.execute("select layout, head from personal.received_file where file = %s", [file]).fetchone()
    layout, head = ("", b"") if kept is None else (kept[0], bytes(kept[1]))
    blanked = {
        row
        for (row,) in connection.execute("select file_row from personal.blanked_row where file = %s", [file]).fetchall()
    }
    ninos = [
        nino.encode()
        for (nino,) in connection.execute("select nino from personal.identity where member = %s", [member]).fetchall()
    ]
    by_name = "xml" in layout
    found: list[bytes] = []
    at = 2  # the head is the first line
    blocks = connection.cursor().execute(
        "select first_row, content, row_offsets from personal.received_block where file = %s order by block", [file]
    )
    for first, packed, offsets in blocks:
        content, bounds = decompress(packed), row_bounds(offsets)
        lines = content.count(b"\n")
        if by_name or at <= line <= at + lines:
            for nth, (start, end) in enumerate(bounds.tolist()):
                row = content[start:end]
                fits = (
                    any(nino in row.replace(b" ", b"").upper() for nino in ninos)
                    if by_name
                    else at + content.count(b"\n", 0, start) == line
                )
                if fits and first + nth not in blanked:
                    found.append(row)
        at += lines
        if not by_name and at > line:
            break
    names = [] if by_name else read_line(head.rstrip(b"\r\n"))
    return [_line(names, row) for row in found]


def _line(names: list[str], row: bytes) -> TracedLine:
    cells = read_line(row) if names else []
    return TracedLine(
        row.decode("utf-8", "replace"), list(zip(names, cells, strict=True)) if len(names) == len(cells) else []
    )


def _traced(row: Any) -> Traced:
    number, place, known_at, on, debit, credit, amount, rule, fact = row
    return Traced(
        number,
        place,
        known_at.isoformat(timespec="seconds"),
        on.isoformat(),
        name_of(debit),
        name_of(credit),
        amount,
        rule or "",
        fact,
    )
