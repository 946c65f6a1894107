"""The two ways to the database: seeing, as somebody and with what they may see; and acting, as the scheme.

A page reads by `seeing`. An act first sees what it is about (so that the database decides whether it is theirs), and then does it
by `acting`, through the rooms that the commands use too.
"""

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from lifepot.access.identity import STAFF, Identity
from lifepot.errors import LifepotError
from lifepot.periods import day_of
from lifepot.scheme.opening import Clock

Connection: TypeAlias = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Doors:
    """The pool of connections, and the clock. `now` is asked, never the machine; `as_of` (a day) holds the day still.
    `sight`: connections of a weaker user of the database, with which is seen; without, one sees with those that act.
    """

    pool: ConnectionPool[Connection]
    now: Callable[[], datetime]
    as_of: int | None = None
    sight: ConnectionPool[Connection] | None = None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        most: int = 20,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        as_of: int | None = None,
        sight: str = "",
    ) -> "Doors":
        """A pool of at most so many connections to the database of `url`, and one to that of `sight` if it is given; `close` them."""
        return cls(_pool(url, most, "lifepot door"), now, as_of, _pool(sight, most, "lifepot sight") if sight else None)

    def close(self) -> None:
        """Close all connections."""
        self.pool.close()
        if self.sight is not None:
            self.sight.close()

    def clock(self, identity: Identity) -> Clock:
        """Who, now, and today."""
        now = self.now()
        return Clock.at(identity.who, now, day_of(now.date()) if self.as_of is None else self.as_of)

    @contextmanager
    def seeing(self, identity: Identity, looking_at: Sequence[int] = (), what: str = "") -> Iterator[Connection]:
        """A connection that sees what this identity may see, and changes nothing. `looking_at`: members whose data staff look at,
        and `what` of it; written down before anything is seen.
        """
        with _connection(self.sight or self.pool) as connection:
            settings = identity.settings()
            assert not looking_at or identity.role in STAFF, "who looks at others' data is staff"
            if not looking_at:
                settings["transaction_read_only"] = "on"
            places = ", ".join(["set_config(%s, %s, true)"] * len(settings))
            connection.execute(f"select {places}".encode(), [text for pair in settings.items() for text in pair])
            if looking_at:
                connection.execute(
                    "select door.look_at(%s, %s, %s, %s, %s), set_config('transaction_read_only', 'on', true)",
                    [list(looking_at), identity.who, identity.role, what, self.now()],
                )
            yield connection

    @contextmanager
    def acting(self) -> Iterator[Connection]:
        """A connection that acts as the scheme. What is called commits by itself; what is left is rolled back after an exception
        and else committed.
        """
        with _connection(self.pool) as connection:
            yield connection


def _pool(url: str, most: int, name: str) -> ConnectionPool[Connection]:
    return ConnectionPool(
        url, min_size=1, max_size=most, timeout=10, open=True, check=_still_there, kwargs={"application_name": name}
    )


def _still_there(connection: Connection) -> None:
    """Raise where the database has hung up on a connection that rested, so that another is taken. One that it says nothing on is
    believed: that costs no word to the database.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


@contextmanager
def _connection(pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    try:
        with pool.connection() as connection:
            yield connection
    except PoolTimeout as error:
        raise Busy from error


class Busy(LifepotError):
    """All connections are taken, or the database is away."""

    def __init__(self) -> None:
        super().__init__("The database does not answer just now.", remedy="Try again in a moment; nothing was done.")
