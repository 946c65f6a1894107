"""Settling without a file: what has fallen due by a day, and what a new version of the rulebook changes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg

from lifepot.ledger.chart import Account
from lifepot.periods import format_day
from lifepot.scheme.changes import totals_by_account
from lifepot.scheme.opening import Clock, register_version
from lifepot.scheme.settle import Settled, settle, version_in
from lifepot.scheme.standing import Standing, locked, read_standing
from lifepot.storage.rows import Rows, blank_facts, picked
from lifepot.storage.store import STRIPES, Store

Progress = Callable[[int, int], None]

HERE = (Account.WORKER, Account.EMPLOYER, Account.GOVERNMENT, Account.OVERDRAWN)
OWED = (Account.WORKER_OWED, Account.EMPLOYER_OWED, Account.GOVERNMENT_OWED)

LOOKED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Resettled:
    """What was posted: transfers, members touched, and by rule what came to pots and what is owed (minor units)."""

    transfers: int
    members: int
    by_rule: list[dict[str, Any]]
    place: int | None
    head: str | None
    as_of: int

    def as_dict(self) -> dict[str, Any]:
        """What was posted, as JSON carries it."""
        return {
            "transfers": self.transfers, "members": self.members, "as_of": format_day(self.as_of), "by_rule": self.by_rule,
            "place": self.place, "head": self.head,
        }  # fmt: skip


def settle_all(connection: psycopg.Connection[Any], clock: Clock, progress: Progress | None = None) -> Resettled:
    """Post what has fallen due up to the clock's day, for every member. Posts nothing when there is nothing. Commits."""
    settled = settle_here(connection, clock, progress)
    if settled.transfers:
        connection.commit()
    else:
        connection.rollback()
    return settled


def settle_here(
    connection: psycopg.Connection[Any], clock: Clock, progress: Progress | None = None, seen: list[Rows] | None = None
) -> Resettled:
    """The same within the connection's transaction, which from here on has all members locked. Commits nothing. `seen` is given
    the last closings of those for whom nothing can have fallen due, by member: they are read on the way.
    """
    standing, store = locked(connection, np.arange(STRIPES))
    clock = replace(clock, as_of=max(clock.as_of, standing.as_of))
    members = _unsettled(connection, store, standing, seen)
    batch = store.begin_batch()
    settled = settle(store, standing, batch, members, blank_facts(0), clock.as_of, progress)
    if not len(settled.transfers):
        return Resettled(0, 0, [], None, None, clock.as_of)
    return _finish(
        connection, store, standing, settled, clock, "settle", f"settle:{batch}", {}, only_changed=True, keep=None
    )


def adopt(
    connection: psycopg.Connection[Any],
    text: str,
    file: str,
    from_day: int,
    clock: Clock,
    *,
    preview: bool = False,
    progress: Progress | None = None,
) -> Resettled:
    """Put a version of the rulebook in force from a day on, earlier days included, and post the differences. Commits,
    or with `preview` keeps nothing. Raises `RulebookFaults`, and `LifepotError` where it cannot follow the one in force.
    """
    before, store = locked(connection, np.arange(STRIPES))
    clock = replace(clock, as_of=max(clock.as_of, before.as_of))
    batch = store.begin_batch()
    register_version(connection, before, text, file, from_day, batch)
    standing = read_standing(connection)
    members = _everybody(connection, store)
    settled = settle(store, standing, batch, members, blank_facts(0), clock.as_of, progress)
    result = _finish(
        connection,
        store,
        standing,
        settled,
        clock,
        "adopt",
        f"adopt:{batch}",
        {"from": from_day},
        only_changed=False,
        keep=not preview,
    )
    return replace(result, place=None, head=None) if preview else result


def _finish(
    connection: psycopg.Connection[Any], store: Store, standing: Standing, settled: Settled, clock: Clock, kind: str, key: str,
    summary: dict[str, Any], *, only_changed: bool, keep: bool | None = True,
) -> Resettled:  # fmt: skip
    if only_changed:
        closings = settled.closings
        settled.closings = closings[(closings["transfers"] > 0) | (closings["facts"] > 0)]
    settled.write(store)
    finished = store.finish_batch(
        kind=kind, who=clock.who, known_at=clock.known_at, as_of_day=clock.as_of, key=key, summary=summary
    )
    if keep is not None:
        connection.commit() if keep else connection.rollback()
    changed = int((settled.closings["transfers"] > 0).sum())
    return Resettled(
        len(settled.transfers),
        changed,
        changes_by_rule(standing, settled.transfers),
        finished.place,
        finished.head.hex(),
        clock.as_of,
    )


def changes_by_rule(standing: Standing, transfers: Any) -> list[dict[str, Any]]:
    """What transfers brought to members, by rule: `sent_minor` to pots they can use, `owed_minor` to what is owed them."""
    totals = totals_by_account(transfers)
    found = []
    for number, name in standing.rule_names.items():
        sent = sum(totals.get((number, account), 0) for account in HERE)
        owed = sum(totals.get((number, account), 0) for account in OWED)
        if sent or owed:
            found.append({"rule": name, "sent_minor": sent, "owed_minor": owed})
    return found


def _everybody(connection: psycopg.Connection[Any], store: Store) -> Any:
    """Numbers of all members that any batch touched."""
    found = [closings["member"].astype(np.int64) for closings in _closings(connection, store)]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _unsettled(
    connection: psycopg.Connection[Any], store: Store, standing: Standing, seen: list[Rows] | None = None
) -> Any:
    """Members for whom something may have fallen due: those that are not plain under the latest version."""
    found = [np.zeros(0, dtype=np.int64)]
    for closings in _closings(connection, store):
        plain = version_in(closings) == standing.latest.number
        found.append(closings["member"][~plain].astype(np.int64))
        if seen is not None:
            seen += [picked(closings, plain)] if plain.any() else []
    return np.concatenate(found)


def _closings(connection: psycopg.Connection[Any], store: Store) -> Iterator[Rows]:
    """The last closing of every member that any batch touched, by member, some ten thousand at a time."""
    row = connection.execute("select coalesce(max(last_member), 0) from batch").fetchone()
    assert row is not None
    for start in range(1, int(row[0]) + 1, LOOKED_AT_ONCE):
        closings = store.closings_latest(np.arange(start, min(start + LOOKED_AT_ONCE, int(row[0]) + 1)))
        there = closings["batch"] > 0
        if there.any():
            yield closings if there.all() else picked(closings, there)
