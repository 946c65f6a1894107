"""One embedded server for a whole run, one fresh database for each test that asks for it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from lifepot.storage.database import Database, apply_schema
from lifepot.storage.server import EmbeddedServer, erase

if TYPE_CHECKING:
    from tests.served import Served

TEMPLATE = "template_of_the_tests"
SERVED_TEMPLATE = "served_template_of_the_tests"

# How the controlling process tells its workers where the run's home is.
HOME_VARIABLE = "LIFEPOT_TESTS_HOME"

# What a developer has set for a scheme of their own must never meet a test.
for variable in ("LIFEPOT_HOME", "LIFEPOT_DATABASE_URL"):
    os.environ.pop(variable, None)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the run's home before there are workers, who inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[HOME_VARIABLE] = tempfile.mkdtemp(prefix="lifepot-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the run's home, after the last worker has left."""
    if not hasattr(config, "workerinput"):
        home = Path(os.environ.pop(HOME_VARIABLE))
        erase(home)
        home.rmdir()


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The run's server, shared by its workers."""
    with EmbeddedServer.start(Path(os.environ[HOME_VARIABLE])) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """The name of a database with Lifepot's tables and nothing in them, laid once for the run."""
    return _made_once(server, TEMPLATE, "template1", apply_schema)


@pytest.fixture
def database(server: EmbeddedServer, template: str) -> Iterator[Database]:
    """A database of the test's own, with Lifepot's tables and nothing in them."""
    with _copy_of(server, template) as url:
        yield Database(url)


@pytest.fixture(scope="session")
def served_template(server: EmbeddedServer, template: str) -> str:
    """The name of a database with a served scheme in it (`served.fill`), made once for the run."""
    from tests.served import fill

    return _made_once(server, SERVED_TEMPLATE, template, fill)


@pytest.fixture
def served_url(server: EmbeddedServer, served_template: str) -> Iterator[str]:
    """The URL of a served scheme's database, the test's own."""
    with _copy_of(server, served_template) as url:
        yield url


@pytest.fixture
def served(served_url: str) -> "Iterator[Served]":
    """A served scheme, the test's own."""
    from tests.served import serving

    with serving(served_url) as one:
        yield one


def _made_once(server: EmbeddedServer, name: str, begins_as: str, fill: Callable[[psycopg.Connection], None]) -> str:
    """A database to copy from, made by the first worker that asks; the others wait for it. Gives its name."""
    with _administer(server) as connection:
        # Held until this connection closes: the workers come here together.
        connection.execute("select pg_advisory_lock(hashtext(%s))", [name])
        if connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            unfinished = f"{name}_unfinished"
            connection.execute(f"drop database if exists {unfinished}")
            connection.execute(f"create database {unfinished} template {begins_as}")
            with Database(server.url(unfinished)).connect() as filling:
                fill(filling)
            connection.execute(f"alter database {unfinished} rename to {name}")
    return name


@contextmanager
def _copy_of(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The URL of a copy of a database, which is gone after the block."""
    name = f"test_{uuid4().hex}"
    with _administer(server) as connection:
        connection.execute(f"create database {name} template {template}")
        yield server.url(name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _administer(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(server.url("postgres"), autocommit=True)
