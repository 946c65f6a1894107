"""The pot at a glance: what a member sees first, looked up and not worked out, at the cost of a few reads.

Everything here is what `statement` and `papers` say, and said by the same words. The picture is drawn from the transfers by
the day they are effective on, not from the closings by the day the books stood at: a contribution of April that a file told
in May belongs to April, and what is corrected is as if it had always been so. They lie in one run for each closing.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, PARTIES
from lifepot.ledger.chart import FIRST_OF_PAYERS, OWNER_BITS, PART_STEP, Account, owner_of
from lifepot.periods import date_of, day_of, format_day
from lifepot.scheme.because import added_regardless, every_100
from lifepot.scheme.lives import read_lives, read_rows
from lifepot.scheme.picture import Point, picture
from lifepot.scheme.settle import opened_on, registers_in
from lifepot.scheme.sources import Source, source_of
from lifepot.scheme.standing import Standing, read_standing
from lifepot.scheme.statement import ENTRY_COLUMNS, Entry, entries_of
from lifepot.storage.copying import closings_of, column, cursor, memory_days
from lifepot.storage.queries import query
from lifepot.storage.rows import BALANCES, BATCH_BITS, TRANSFER, Rows, blank_facts, closing_dtype

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

LAST = 5
"""Entries shown at a glance."""


class Known(NamedTuple):
    """All that a glance at a member and `regardless` depend on: whoever keeps them by this may go on giving them for as long as
    `known` says the same, even where a process looks at more than one scheme.

    The heads are of the member's last batch and of the batch with the last version of the rulebook; `place` is the chain's
    last where others' facts are read as the member's, else 0.
    """

    member: int
    last_head: bytes
    rules_head: bytes
    as_of: int
    place: int
    name: str


@dataclass(frozen=True, slots=True)
class Glance:
    """A member's pot: what is here and owed of each party's now, `overdrawn` what was taken out beyond it (minor units); what
    the member put in so far and what others added, here and owed; the picture over time; the last entries, the latest last.
    """

    member: int
    name: str
    scheme: str
    currency: str
    opened_on: int | None
    as_of: int
    usable: dict[str, int]
    owed: dict[str, int]
    overdrawn: int
    put_in: int
    others: int
    points: list[Point]
    entries: list[Entry]
    known: Known

    def became(self, regardless: int | None) -> int | None:
        """What 100 minor units of the member's became, rounded down: theirs and what was added because of it. `regardless` is
        what others would have added all the same. None where the member put in nothing.
        """
        return every_100(self.put_in, self.others, regardless)

    def as_dict(self) -> dict[str, Any]:
        """The glance as JSON carries it."""
        return {
            "member": self.member, "name": self.name, "scheme": self.scheme, "currency": self.currency,
            "opened_on": None if self.opened_on is None else format_day(self.opened_on),
            "as_of": format_day(self.as_of),
            "in_pot_minor": self.usable, "owed_minor": self.owed, "overdrawn_minor": self.overdrawn,
            "put_in_minor": self.put_in, "others_added_minor": self.others,
            "shares": [one.as_dict() for one in self.points],
            "entries": [one.as_dict() for one in self.entries],
        }  # fmt: skip


def known(connection: psycopg.Connection[Any], member: int) -> Known:
    """What a glance at a member depends on now: one question, at a small part of its cost."""
    row = connection.cursor(binary=True).execute(query("glance_known"), {"member": member}).fetchone()
    assert row is not None, "it selects from nothing"
    last_head, rules_head, as_of, place, name = row
    return Known(member, last_head or b"", rules_head or b"", day_of(as_of), place or 0, name or "")


def glance(connection: psycopg.Connection[Any], member: int, last: int = LAST) -> Glance:
    """A member's pot at a glance, by number, with the `last` entries: four questions. Of nobody it says nothing.

    The caller's role decides what is seen; all that is read beside the scheme's settings is the member's own.
    """
    # Asked first: what is committed between is then seen, and kept by what was known before it, which nobody will ask for.
    depends = known(connection, member)
    standing = replace(read_standing(connection), as_of=depends.as_of)
    reading = cursor(connection)
    row = reading.execute(query("glance_closings"), {"member": member}).fetchone()
    assert row is not None, "an aggregate gives a row"
    places, lengths, records = row
    closings = np.empty(0, closing_dtype(len(standing.part_names), 8 * standing.carried))
    place_of: dict[int, int] = {}
    balances, opened = np.zeros((1, BALANCES), np.int64), NONE
    if records:
        closings = closings_of(np.ones(len(lengths), np.int64), lengths, records, closings.dtype)
        place_of = dict(zip(closings["batch"].tolist(), places.tolist(), strict=True))
        latest = closings[[closings["batch"].argmax()]]
        balances, opened = latest["balances"].reshape(-1, BALANCES), int(opened_on(registers_in(latest))[0])
    transfers, sources = _read(reading, standing, member, closings, last)
    on, party, here, owed, own = _shares(transfers, member)
    together = here + owed
    stands = balances.sum(axis=0).tolist()
    late = zip(*(transfers[name][-last:].tolist() for name in ENTRY_COLUMNS), strict=True)
    return Glance(
        member, depends.name, standing.title, standing.currency, None if opened == NONE else opened, standing.as_of,
        dict(zip(PARTIES, stands[:3], strict=True)), dict(zip(PARTIES, stands[3:6], strict=True)), -stands[6],
        int(together[own & (party == 0)].sum()), int(together[own & (party > 0)].sum()),
        picture(on, party, here, owed, standing.as_of),
        entries_of(standing, member, late, place_of, sources)[-last:],
        depends,
    )  # fmt: skip


def regardless(connection: psycopg.Connection[Any], member: int, opened_on: int | None = None) -> int | None:
    """What others would have added to a member's pot up to now, had the member put in nothing (minor units); None where the
    rules leave no such choice. The kernel lives a life for it, and twice without `Glance.opened_on`: keep the answer by
    `Glance.known`.
    """
    standing = read_standing(connection)
    store = standing.store(connection)
    members = np.array([member])
    lives = read_lives(members, *read_rows(store, members, blank_facts(0)))
    return added_regardless(standing, lives, standing.as_of, opened_on)


def _read(
    reading: psycopg.Cursor[tuple[Any, ...]], standing: Standing, member: int, closings: Rows, last: int
) -> tuple[Rows, dict[int, Source]]:
    """The member's transfers up to the scheme's day, by day and number, and the sources of the last of them."""
    touched = closings[closings["transfers"] > 0]
    lows = (touched["batch"].astype(np.int64) << BATCH_BITS) + touched["first_transfer"]
    row: tuple[Any, ...] | None = None
    if len(lows):
        asked = {
            "lows": column(lows, "bigint"), "highs": column(lows + touched["transfers"], "bigint"), "member": member,
            "until": date_of(standing.as_of), "most": last,
        }  # fmt: skip
        row = reading.execute(query("glance_transfers"), asked).fetchone()
    if row is None or row[0] is None:
        return np.empty(0, TRANSFER.dtype), {}
    moved, (fact, kind, day, line, attribute, value, payer, file) = row[: len(ENTRY_COLUMNS)], row[len(ENTRY_COLUMNS) :]
    transfers = np.zeros(len(moved[0]), TRANSFER.dtype)
    for name, found in zip(ENTRY_COLUMNS, moved, strict=True):
        transfers[name] = memory_days(found) if name == "effective_on" else found
    if fact is None:
        return transfers[np.lexsort((transfers["id"], transfers["effective_on"]))], {}
    said = (column.tolist() for column in (fact, kind, memory_days(day), line, attribute, value))
    sources = {
        one[0]: source_of(standing, one, who, where)
        for one, who, where in zip(zip(*said, strict=True), payer, file, strict=True)
    }
    return transfers[np.lexsort((transfers["id"], transfers["effective_on"]))], sources


def _shares(transfers: Rows, member: int) -> tuple[Int, Int, Int, Int, Bool]:
    """What each side of these transfers (by day) did to the member's pot: the day, whose share, what it added to what is here
    and to what is owed; and whether it was put in or added, not taken out. Charges on what was taken out did nothing to it.
    """
    account = np.concatenate([transfers["credit"], transfers["debit"]])
    across = np.concatenate([transfers["debit"], transfers["credit"]]) >> OWNER_BITS
    amount = np.concatenate([transfers["amount"], -transfers["amount"]])
    on, rule = np.tile(transfers["effective_on"], 2), np.tile(transfers["rule"], 2)
    kind = account >> OWNER_BITS
    mine = (kind < FIRST_OF_PAYERS) & (owner_of(account) == member)
    kind = np.where(mine, kind % PART_STEP, 0)
    back = ((across == Account.PAID_OUT) | (across == Account.LEAVING)) & (amount > 0)
    away = (amount < 0) & (across >= FIRST_OF_PAYERS) & (across != Account.IN_TRANSIT)
    is_here, is_owed = (
        (kind > 0) & (kind <= Account.GOVERNMENT),
        (kind > Account.GOVERNMENT) & (kind < Account.OVERDRAWN),
    )
    taken = (rule == 0) & (is_here & (back | away))
    order = np.argsort(on, kind="stable")
    party = np.where(kind > 0, (kind - 1) % len(PARTIES), 0)
    return on[order], party[order], (amount * is_here)[order], (amount * is_owed)[order], ~taken[order]
