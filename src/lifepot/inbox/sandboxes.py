"""Sandboxes: for each payer that wants one, a database of its own with the scheme's rules and nobody in it.

What is tried there is done for good, there: received, settled, owed and replied to by the same code. After a day, or when its
payer says so, the database is dropped, with whatever was tried in it. The scheme's own database only remembers that it is there.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import NullConnectionPool

from lifepot.access.doors import Connection, Doors
from lifepot.access.laying import lay_door
from lifepot.errors import LifepotError
from lifepot.scheme.opening import Clock
from lifepot.scheme.trying import open_copy

LASTS = timedelta(hours=24)
"""A sandbox's life."""

AWAKE = timedelta(minutes=10)
"""So long after it was used a worker still looks whether something is to be done in it."""

MOST_AT_ONCE = 500
"""Each takes some ten megabytes."""

LONGEST_NAME_BYTES = 40
"""Of a scheme's database, to which the payer is added."""

SEEN_EVERY = timedelta(seconds=20)


class NoSandbox(LifepotError):
    """The payer has no sandbox now."""

    def __init__(self) -> None:
        super().__init__("There is no sandbox now.", remedy="Make one on the page Sandbox; it takes some seconds.")


@dataclass(slots=True)
class Sandboxes:
    """The doors of sandboxes, beside those of the scheme. A connection is made when one is asked for, and kept no longer: a sandbox
    may be gone the next moment.
    """

    doors: Doors
    _known: dict[int, Doors] = field(default_factory=dict)

    def of(self, payer: int) -> Doors:
        """The doors of a payer's sandbox. NoSandbox where there is none."""
        now = self.doors.now()
        with self.doors.acting() as connection:
            row = connection.execute("select used_at from door.sandbox where payer = %s", [payer]).fetchone()
            if row is None or not _is_there(connection, payer):
                raise NoSandbox
            if row[0] < now - SEEN_EVERY:
                connection.execute("update door.sandbox set used_at = %s where payer = %s", [now, payer])
        if payer not in self._known:
            conninfo = self.doors.pool.conninfo
            assert isinstance(conninfo, str)
            self._known[payer] = Doors(
                NullConnectionPool(
                    url_of(conninfo, payer), max_size=4, timeout=10, open=True,
                    kwargs={"application_name": "lifepot sandbox"},
                ),
                self.doors.now, self.doors.as_of,
            )  # fmt: skip
        return self._known[payer]

    def awake(self) -> list[int]:
        """Payers whose sandboxes were used just now."""
        with self.doors.acting() as connection:
            rows = connection.execute(
                "select payer from door.sandbox where used_at > %s", [self.doors.now() - AWAKE]
            ).fetchall()
        return [payer for (payer,) in rows]

    def once(self, do: Callable[[Doors], bool]) -> bool:
        """Do something in each sandbox that was used just now; whether there was anything to do. One that is gone is passed over."""
        did = False
        for payer in self.awake():
            with suppress(NoSandbox, psycopg.OperationalError):
                did = do(self.of(payer)) or did
        return did

    def close(self) -> None:
        """Close them all."""
        for one in self._known.values():
            one.close()


def name_of(database: str, payer: int) -> str:
    """What a payer's sandbox is called beside a scheme's database: another for each scheme on the server, however alike their names
    begin. A database's name has 63 bytes.
    """
    if len(database.encode()) > LONGEST_NAME_BYTES:
        database = f"{database.encode()[:24].decode(errors='ignore')}_{sha256(database.encode()).hexdigest()[:15]}"
    return f"{database}_sandbox_{payer}"


def url_of(conninfo: str, payer: int) -> str:
    """Where a payer's sandbox is, beside the scheme's database."""
    told = conninfo_to_dict(conninfo)
    return make_conninfo(conninfo, dbname=name_of(str(told.get("dbname") or ""), payer))


def make(connection: Connection, payer: int, clock: Clock) -> dict[str, Any]:
    """Make a payer's sandbox; one that is there is dropped with all that is in it. LifepotError where the database's user may make
    no databases. The caller commits.
    """
    conninfo = _conninfo(connection)
    url = url_of(conninfo, payer)
    may = connection.execute("select rolcreatedb or rolsuper from pg_roles where rolname = current_user").fetchone()
    if may != (True,):
        raise LifepotError(
            "This server cannot make sandboxes: the database's user may not make databases.",
            remedy="Whoever runs the server can let it: `alter role … createdb`.",
        )
    connection.execute("select pg_advisory_xact_lock(hashtextextended('lifepot.sandbox', %s))", [payer])
    connection.execute("delete from door.sandbox where payer = %s", [payer])
    others = connection.execute("select count(*) from door.sandbox").fetchone()
    if others is not None and others[0] >= MOST_AT_ONCE:
        raise LifepotError(
            "There are too many sandboxes just now.", remedy="Try again tomorrow: each is dropped after a day."
        )
    _drop(conninfo, payer)
    with psycopg.connect(conninfo, autocommit=True) as making:
        making.execute(sql.SQL("create database {}").format(_identifier(conninfo, payer)))
    with psycopg.connect(url) as copy:
        open_copy(connection, copy, payer, clock)
        lay_door(copy)
    connection.execute(
        "insert into door.sandbox (payer, made_at, used_at) values (%(payer)s, %(now)s, %(now)s)",
        {"payer": payer, "now": clock.known_at},
    )
    return {"payer": payer, "ends_at": (clock.known_at + LASTS).isoformat()}


def drop_old(doors: Doors, clock: Clock) -> int:
    """Drop the sandboxes whose day is over; one that a machine's key leads to is made anew. How many."""
    with doors.acting() as connection:
        rows = connection.execute(
            "select payer, exists (select from door.key where key.payer = sandbox.payer and sandbox and ended_at is null "
            "and ends_at > %(now)s) from door.sandbox where made_at <= %(old)s",
            {"now": clock.known_at, "old": clock.known_at - LASTS},
        ).fetchall()
        connection.commit()
        for payer, is_wanted in rows:
            if is_wanted:
                make(connection, payer, clock)
            else:
                connection.execute("delete from door.sandbox where payer = %s", [payer])
                _drop(_conninfo(connection), payer)
            connection.commit()
    return len(rows)


def standing_of(connection: Connection, payer: int) -> tuple[datetime, datetime] | None:
    """When a payer's sandbox was made, and when its day is over; None where there is none, as the connection sees it."""
    row = connection.execute("select made_at from door.sandbox where payer = %s", [payer]).fetchone()
    return None if row is None or not _is_there(connection, payer) else (row[0], row[0] + LASTS)


def _is_there(connection: Connection, payer: int) -> bool:
    """Whether the database is there: a scheme that was brought back from a backup remembers sandboxes that were not."""
    name = name_of(connection.info.dbname, payer)
    return connection.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


def _drop(conninfo: str, payer: int) -> None:
    with psycopg.connect(conninfo, autocommit=True) as dropping:
        dropping.execute(sql.SQL("drop database if exists {} with (force)").format(_identifier(conninfo, payer)))


def _identifier(conninfo: str, payer: int) -> sql.Identifier:
    return sql.Identifier(name_of(str(conninfo_to_dict(conninfo).get("dbname") or ""), payer))


def _conninfo(connection: Connection) -> str:
    """How the connection was made, with its password."""
    info = connection.info
    return make_conninfo(info.dsn, password=info.password or None)
