"""Where the scheme is: how a place is chosen, opened and refused."""

from pathlib import Path

import psycopg
import pytest

from lifepot.errors import LifepotError, Misuse
from lifepot.storage.database import (
    Database,
    Home,
    Remote,
    apply_schema,
    misfortunes_told,
    open_database,
    resolve_place,
)
from lifepot.storage.server import EmbeddedServer

URL = "postgresql://ann:secret@db.example/scheme"
BOTH = {"LIFEPOT_HOME": "/srv/there", "LIFEPOT_DATABASE_URL": URL}


@pytest.mark.parametrize(
    ("home", "database_url", "environ", "expected"),
    [
        ("/srv/here", None, {}, Home(Path("/srv/here"))),
        (None, URL, {}, Remote(URL)),
        (None, None, {"LIFEPOT_HOME": "/srv/there"}, Home(Path("/srv/there"))),
        (None, None, {"LIFEPOT_DATABASE_URL": URL}, Remote(URL)),
        ("/srv/here", None, BOTH, Home(Path("/srv/here"))),
        (None, URL, BOTH, Remote(URL)),
    ],
)
def test_place(home: str | None, database_url: str | None, environ: dict[str, str], expected: object) -> None:
    """An option outweighs the environment."""
    assert resolve_place(home, database_url, environ) == expected


def test_the_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise, the scheme is in `.lifepot` of the current directory."""
    monkeypatch.chdir(tmp_path)
    assert resolve_place(None, None, {}) == Home(tmp_path / ".lifepot")


@pytest.mark.parametrize(
    ("home", "database_url", "environ"),
    [("here", URL, {}), (None, None, BOTH), (None, "postgresql://ann:secret@[", {})],
)
def test_no_place(home: str | None, database_url: str | None, environ: dict[str, str]) -> None:
    """Two places at once, or one that cannot be read, are refused, and no password is repeated."""
    with pytest.raises(Misuse) as refused:
        resolve_place(home, database_url, environ)
    assert "secret" not in str(refused.value)


def test_a_place_does_not_show_its_password() -> None:
    """Neither in a message nor in a traceback."""
    assert str(Remote(URL)) == "scheme at db.example"
    assert "secret" not in repr(Remote(URL))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://127.0.0.1:1/x", "refused.*Check the host and the port"),
        ("{server}&connect_timeout=2&user=nobody_known", 'role "nobody_known" does not exist.*have them made'),
    ],
)
def test_a_refused_connection(server: EmbeddedServer, url: str, sentence: str) -> None:
    """Whoever is not let in is told why, and what to do."""
    place = Remote(url.format(server=server.url("postgres").replace("lifepot@", "")))
    with pytest.raises(LifepotError, match=sentence), open_database(place):
        pass


def test_an_old_server_is_refused(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PostgreSQL older than the oldest that is supported is named."""
    monkeypatch.setattr("lifepot.storage.database.OLDEST_VERSION", 99)
    with pytest.raises(LifepotError, match="Lifepot needs 99 or newer"):
        Database(server.url("postgres")).connect()


def test_the_schema_is_laid_once(database: Database) -> None:
    """A database that holds a scheme's tables is never laid anew."""
    with database.connect() as connection, pytest.raises(LifepotError, match="holds a scheme already"):
        apply_schema(connection)


def write_and_fail(connection: psycopg.Connection) -> None:
    """Insert a row, then divide by zero."""
    connection.execute("insert into own values (1)")
    connection.execute("select 1 / 0")


def test_a_database_of_ones_own(database: Database) -> None:
    """What a test writes is committed at the end of the block, and rolled back after an exception."""
    with database.connect() as connection:
        connection.execute("create table own (n int)")
    with pytest.raises(psycopg.errors.DivisionByZero), database.connect() as connection:
        write_and_fail(connection)
    with database.connect() as connection:
        assert connection.execute("select count(*) from own").fetchone() == (0,)


def test_misfortunes_of_a_database_are_told(database: Database) -> None:
    """A database that may only be read, and one that goes away in the middle, are said with what to do; a mistake stays one."""
    with database.connect() as connection:
        connection.execute("set transaction read only")
        with pytest.raises(LifepotError, match="may only be read"), misfortunes_told():
            connection.execute("create table written (one integer)")
        connection.rollback()
        with pytest.raises(psycopg.errors.UndefinedTable), misfortunes_told():
            connection.execute("select from nowhere")
        connection.rollback()
        with psycopg.connect(database.url) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        with pytest.raises(LifepotError, match="went away"), misfortunes_told():
            connection.execute("select 1")
