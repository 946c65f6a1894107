"""Where a scheme's database is, how to open it, and how to lay its tables.

A place is a home directory, in which Lifepot runs PostgreSQL itself, or the URL of a PostgreSQL that somebody else runs.
"""

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lifepot.errors import LifepotError, Misuse
from lifepot.storage.server import SUPERUSER, EmbeddedServer

DEFAULT_HOME = ".lifepot"

# The database in a home; one at a URL has whatever name the URL gives.
DATABASE_NAME = "lifepot"

OLDEST_VERSION = 16

# By what the server or libpq says: for a failed connection there is no code. In another language the last one serves.
_REMEDIES = {
    "password authentication failed": "Check the user and the password in the database URL.",
    "no password supplied": "Put a password into the database URL, or set PGPASSWORD, or use ~/.pgpass.",
    "no pg_hba.conf entry": "Have the server's administrator let this user in from this machine.",
    "does not exist": "Check the database's and the user's name in the database URL, or have them made.",
    "too many clients": "Try again in a moment, or have the server's max_connections raised.",
    "starting up": "Try again in a moment.",
}
# Of SQLSTATE: a connection's end, and what whoever runs the server does to it.
_GONE = {"08", "57"}

_LAST_REMEDY = "Check the host and the port in the database URL, and that the server runs."


@dataclass(frozen=True, slots=True)
class Home:
    """A directory in which Lifepot keeps the database and runs its server."""

    directory: Path

    def __str__(self) -> str:
        return str(self.directory)


@dataclass(frozen=True, slots=True)
class Remote:
    """A PostgreSQL that somebody else runs. The URL may hold a password, so it is never shown."""

    url: str

    def __str__(self) -> str:
        parts = conninfo_to_dict(self.url)
        return f"{parts.get('dbname') or 'the database'} at {parts.get('host') or 'this machine'}"

    def __repr__(self) -> str:
        return f"Remote({self})"


Place: TypeAlias = Home | Remote


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: as long as its `open_database` block lasts, connections can be made to it."""

    url: str

    def connect(self) -> psycopg.Connection:
        """A new connection, not autocommitting, for the caller to close: best as `with database.connect() as connection`.

        Leaving that block commits, or rolls back after an exception. LifepotError when there is no connection to be had.
        """
        return _connect(self.url)


def resolve_place(home: str | None, database_url: str | None, environ: Mapping[str, str] = os.environ) -> Place:
    """The place that the command's options, else the environment, else the current directory name.

    An option outweighs the environment. Misuse when a home and a URL are given side by side, or the URL cannot be read.
    """
    if home and database_url:
        raise Misuse("Both --home and --database were given.", remedy="Give the one where the scheme is.")
    if not home and not database_url:
        home, database_url = environ.get("LIFEPOT_HOME"), environ.get("LIFEPOT_DATABASE_URL")
        if home and database_url:
            raise Misuse(
                "Both LIFEPOT_HOME and LIFEPOT_DATABASE_URL are set.",
                remedy="Unset one of them, or say which is meant with --home or --database.",
            )
    if not database_url:
        return Home(Path(home or DEFAULT_HOME).expanduser().absolute())
    try:
        conninfo_to_dict(database_url)
    except psycopg.ProgrammingError as fault:
        # libpq's words may quote the password: they are not passed on.
        raise Misuse(
            "The database URL cannot be read.", remedy="Write it as postgresql://USER@HOST:PORT/NAME."
        ) from fault.with_traceback(None)
    return Remote(database_url)


def user_of(place: Place) -> str:
    """The database's user at a place, as the URL, else the environment, else the system names it. Connects to nothing."""
    if isinstance(place, Home):
        return SUPERUSER
    return str(conninfo_to_dict(place.url).get("user") or os.environ.get("PGUSER") or getpass.getuser())


@contextmanager
def open_database(place: Place) -> Iterator[Database]:
    """The database of `place`, tried with one connection; in a home its server is started, and the database made, if need be.

    LifepotError when it cannot be reached, refuses us, or is older than PostgreSQL 16.
    """
    if isinstance(place, Remote):
        _connect(place.url).close()
        yield Database(place.url)
        return
    with EmbeddedServer.start(place.directory) as server:
        _make_database(server)
        yield Database(server.url(DATABASE_NAME))


@contextmanager
def misfortunes_told() -> Iterator[None]:
    """What befalls a database in the middle of something, raised as a LifepotError with what to do; our own mistakes as they are."""
    try:
        yield
    except psycopg.errors.ReadOnlySqlTransaction:
        raise LifepotError(
            "This database may only be read: it follows another one.", remedy="Give the --database that it follows."
        ) from None
    except psycopg.errors.DiskFull:
        raise LifepotError(
            "The database's disk is full, and nothing of this was kept.", remedy="Make room there, then do it again."
        ) from None
    except psycopg.OperationalError as fault:
        if fault.sqlstate is not None and fault.sqlstate[:2] not in _GONE:
            raise
        raise LifepotError(
            "The database went away in the middle; what was not finished was not kept.",
            remedy="Do it again when it is back: what was done is found, and not done twice.",
        ) from None


@contextmanager
def connect(place: Place) -> Iterator[psycopg.Connection]:
    """One connection to the database of `place`: committed at the end of the block, rolled back after an exception."""
    with open_database(place) as database, database.connect() as connection:
        yield connection


def apply_schema(connection: psycopg.Connection) -> None:
    """Lay Lifepot's tables, all or none. LifepotError when the database holds a scheme already."""
    schema = resources.files("lifepot.storage").joinpath("schema.sql").read_text(encoding="utf-8")
    with connection.transaction():
        # Two people opening a scheme at once: the second waits here, and then sees the first one's tables.
        connection.execute("select pg_advisory_xact_lock(hashtext('lifepot.apply_schema'))")
        if connection.execute("select to_regclass('public.scheme') is not null").fetchone() == (True,):
            raise LifepotError(
                "This database holds a scheme already.",
                remedy="One database holds one scheme: give the new one another --home or --database.",
            )
        connection.execute(schema.encode())


def _make_database(server: EmbeddedServer) -> None:
    with _connect(server.url("postgres")) as connection:
        connection.autocommit = True
        if connection.execute("select from pg_database where datname = %s", [DATABASE_NAME]).fetchone() is None:
            # Somebody else may be faster; PostgreSQL reports that in two ways.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(f"create database {DATABASE_NAME}")


def _connect(url: str) -> psycopg.Connection:
    try:
        timeout = {} if "connect_timeout" in conninfo_to_dict(url) else {"connect_timeout": "10"}
        connection = psycopg.connect(make_conninfo(url, **timeout), application_name="lifepot")
    except psycopg.OperationalError as fault:
        raise _refusal(Remote(url), str(fault)) from fault
    version = connection.info.server_version // 10_000
    if version < OLDEST_VERSION:
        connection.close()
        raise LifepotError(
            f"{Remote(url)} is run by PostgreSQL {version}; Lifepot needs {OLDEST_VERSION} or newer.",
            remedy="Have that server upgraded, or leave out --database: Lifepot brings a PostgreSQL of its own.",
        )
    return connection


def _refusal(remote: Remote, complaint: str) -> LifepotError:
    """What libpq says in one sentence, and what to do about it."""
    reason = complaint.strip().splitlines()[0].removeprefix("connection failed: ")
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in complaint), _LAST_REMEDY)
    return LifepotError(f"Lifepot cannot connect to {remote}: {reason.rstrip('.')}.", remedy=remedy)
