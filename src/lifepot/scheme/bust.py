"""A payer that can pay no more: what it owes stays owed to each member, as a claim against what is left of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import LifepotError, Misuse
from lifepot.ledger.chart import Account, kind_of, number
from lifepot.periods import date_of, day_of, format_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import read_standing
from lifepot.storage.rows import Event, Rows
from lifepot.storage.store import Store

Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bust:
    """A payer that went bust on a day, and what it owes each member: worker's and employer's share (minor units)."""

    payer: str
    since: int
    claims: dict[int, tuple[int, int]]
    currency: str
    place: int | None
    head: str | None

    @property
    def total(self) -> int:
        """All of it."""
        return sum(worker + employer for worker, employer in self.claims.values())

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "payer": self.payer, "bust_since": format_day(self.since), "claims_minor": self.total,
            "claims": [
                {"member": member, "worker_minor": worker, "employer_minor": employer}
                for member, (worker, employer) in self.claims.items()
            ],
            "place": self.place, "head": self.head,
        }  # fmt: skip


def went_bust(connection: psycopg.Connection[Any], ref: str, on: int | None, clock: Clock) -> Bust:
    """Say that a payer went bust on a day, and what is claimed; `on` None: only what is claimed of one that did. Commits."""
    row = connection.execute(
        "select payer.id, payer_bust.since from payer left join payer_bust on payer_bust.payer = payer.id where payer.ref = %(ref)s "
        "or payer.id = (select payer from payer_alias where payer_alias.ref = %(ref)s)",
        {"ref": ref},
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no payer {ref!r}.", remedy="`lifepot payers list` names them.")
    payer, since = row
    if on is None and since is None:
        raise LifepotError(f"{ref} did not go bust.", remedy="Say on which day it did: --on 2026-06-01.")
    if on is not None and since is not None:
        raise LifepotError(f"{ref} went bust on {since}, as was told before.", remedy="Nothing is left to do.")
    standing = read_standing(connection)
    store = standing.store(connection)
    place = head = None
    if on is not None:
        if on > max(clock.as_of, standing.as_of):
            raise Misuse(f"{format_day(on)} has not been yet.", remedy="Give the day on which it went bust.")
        store.lock_members(np.array([0]))
        batch = store.begin_batch()
        connection.execute(
            "insert into payer_bust (payer, since, batch) values (%s, %s, %s)", [payer, date_of(on), batch]
        )
        finished = store.finish_batch(
            kind="bust", who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of),
            key=f"bust:{payer}", summary={"payer": ref},
        )  # fmt: skip
        place, head = finished.place, finished.head.hex()
        connection.commit()
        store = standing.store(connection)
    claims = _claims(store, members_of(connection, store, payer), payer)
    connection.rollback()
    return Bust(ref, day_of(since) if on is None else on, claims, standing.currency, place, head)


def bust_payers(connection: psycopg.Connection[Any]) -> dict[int, tuple[str, int]]:
    """Payers that went bust: their reference and the day, by number."""
    rows = connection.execute("select payer, ref, since from payer_bust join payer on payer.id = payer").fetchall()
    return {payer: (ref, day_of(since)) for payer, ref, since in rows}


def owed_by(transfers: Rows, payer: int) -> tuple[int, int]:
    """What a payer owes by a member's transfers: the worker's and the employer's share."""
    account = number(Account.OWED_BY, payer)
    found = [0, 0]
    columns = (transfers[name].tolist() for name in ("debit", "credit", "amount"))
    for debit, credit, amount in zip(*columns, strict=True):
        if account in (debit, credit):
            other = credit if debit == account else debit
            is_employers = kind_of(other) in (Account.EMPLOYER, Account.EMPLOYER_OWED)
            found[is_employers] += amount if debit == account else -amount
    return found[0], found[1]


def members_of(connection: psycopg.Connection[Any], store: Store, payer: int) -> Int:
    """The members of whom a payer's files told, and those they were found to be since; rising."""
    rows = connection.execute(
        "select distinct each.member from (select distinct batch from told where payer = %(payer)s) as told "
        "cross join lateral (select member from fact where id >= told.batch::bigint << 32 and id < (told.batch + 1)::bigint << 32 "
        "and payer = %(payer)s and file <> 0 offset 0) as each",
        {"payer": payer},
    ).fetchall()
    members = np.unique(np.array([member for (member,) in rows], dtype=np.int64))
    facts = store.facts_of(members)
    related = facts["value"][np.isin(facts["kind"], [Event.MERGED, Event.MOVED])]
    return np.unique(np.concatenate([members, related.astype(np.int64)]))


def _claims(store: Store, members: Int, payer: int) -> dict[int, tuple[int, int]]:
    member, transfers = store.transfers_of(members)
    found = {}
    for one in members.tolist():
        claim = owed_by(transfers[member == one], payer)
        if any(claim):
            found[one] = claim
    return found
