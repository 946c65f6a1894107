"""The embedded PostgreSQL: it comes up from whatever it was left in, serves many, and goes with the last."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from lifepot.errors import LifepotError
from lifepot.storage import server as server_module
from lifepot.storage.database import Home, connect
from lifepot.storage.server import EmbeddedServer, erase

USE_FOR_A_MOMENT = """
import sys
from pathlib import Path
from lifepot.storage.database import Home, connect
with connect(Home(Path(sys.argv[1]))) as connection:
    connection.execute("select pg_advisory_xact_lock(1)")
    connection.execute("create table if not exists visit (at timestamptz)")
    connection.execute("insert into visit values (now())")
"""

USE_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from lifepot.storage.server import EmbeddedServer
server = EmbeddedServer.start(Path(sys.argv[1]))
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose data directory is made once; every test leaves its server stopped."""
    home = tmp_path_factory.mktemp("home")
    EmbeddedServer.start(home).close()
    yield home
    erase(home)


def postmaster(home: Path) -> int | None:
    """The number of the home's server process, if it lives."""
    return server_module._postmaster((home / "server").resolve())


def ask(server: EmbeddedServer, query: str) -> object:
    """The first value that the query returns."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_stops_with_its_last_user(home: Path) -> None:
    """The server runs while anybody uses it, and not a moment longer."""
    first = EmbeddedServer.start(home)
    second = EmbeddedServer.start(home)
    first.close()
    assert ask(second, "select 1") == 1
    second.close()
    second.close()
    assert postmaster(home) is None


def test_keeps_what_was_committed(home: Path) -> None:
    """What one start committed, the next one finds."""
    with EmbeddedServer.start(home) as server, psycopg.connect(server.url("postgres")) as connection:
        connection.execute("create table kept (pence bigint)")
        connection.execute("insert into kept values (125)")
    with EmbeddedServer.start(home) as server:
        assert ask(server, "select pence from kept") == 125


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("listen_addresses", ""),
        ("jit", "off"),
        ("autovacuum", "on"),
        ("wal_level", "minimal"),
        ("timezone", "UTC"),
        ("server_encoding", "UTF8"),
    ],
)
def test_settings(server: EmbeddedServer, setting: str, value: str) -> None:
    """The server runs with the settings that were meant."""
    assert ask(server, f"show {setting}") == value


def test_sorts_by_code_point(server: EmbeddedServer) -> None:
    """A sorted list is the same on every machine, whatever its locale."""
    assert ask(server, "select string_agg(x, ' ' order by x) from unnest('{é,b,Z,a}'::text[]) x") == "Z a b é"


def test_recovers_after_kill(home: Path) -> None:
    """A server that was killed with a query running comes up again, with all that was committed."""
    with EmbeddedServer.start(home) as server:
        connection = psycopg.connect(server.url("postgres"), autocommit=True)
        connection.execute("create table survivor as select 7 as n")
        pid = postmaster(home)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while postmaster(home) == pid:
            time.sleep(0.01)
        with EmbeddedServer.start(home) as again:
            assert ask(again, "select n from survivor") == 7
            assert postmaster(home) != pid
        connection.close()


def test_waits_for_a_dead_server_s_sessions(home: Path) -> None:
    """A session that outlives its killed server, not having noticed, is waited for."""
    with EmbeddedServer.start(home) as server, ThreadPoolExecutor() as pool:
        pool.submit(ask, server, "select count(*) from generate_series(1, 3000000)")
        pid = postmaster(home)
        assert pid is not None
        time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        while postmaster(home) == pid:
            time.sleep(0.01)
        with EmbeddedServer.start(home) as again:
            assert ask(again, "select 1") == 1


def test_stop_is_a_crash_that_is_survived(home: Path) -> None:
    """`stop("immediate")` ends every session, and stopping what is stopped is nothing."""
    with EmbeddedServer.start(home) as server:
        server.stop("immediate")
        server.stop("fast")
        assert postmaster(home) is None
        with EmbeddedServer.start(home) as again:
            assert ask(again, "select 1") == 1


@pytest.mark.parametrize("pid", ["1", str(os.getpid()), "99999999", ""], ids=["init", "us", "nobody", "cut-short"])
def test_stale_pid_file(home: Path, pid: str) -> None:
    """A `postmaster.pid` left by a crash is seen through, even when another process has its number by now."""
    left = home / "server" / "data" / "postmaster.pid"
    left.write_text(f"{pid}\n{left.parent}\n0\n5432\n\n\n\nready\n" if pid else "", encoding="utf-8")
    with EmbeddedServer.start(home) as server:
        assert ask(server, "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a zombie cannot be told by its working directory")
def test_a_zombie_is_dead(home: Path) -> None:
    """A killed process whose parent has not asked after it is not taken for the server."""
    with subprocess.Popen(["sleep", "60"], cwd=home / "server" / "data") as zombie:
        zombie.kill()
        while Path(f"/proc/{zombie.pid}/stat").read_text(encoding="ascii").split(") ")[1][0] != "Z":
            time.sleep(0.01)
        (home / "server" / "data" / "postmaster.pid").write_text(f"{zombie.pid}\n", encoding="ascii")
        assert postmaster(home) is None
        with EmbeddedServer.start(home) as server:
            assert ask(server, "select 1") == 1


def test_a_killed_user_leaves_no_server_for_good(home: Path) -> None:
    """The server of a user who was killed is joined by the next user, and stopped when that one leaves."""
    with subprocess.Popen([sys.executable, "-c", USE_UNTIL_KILLED, home], stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"up\n"
        user.kill()
    abandoned = postmaster(home)
    assert abandoned is not None
    with EmbeddedServer.start(home):
        assert postmaster(home) == abandoned
    assert postmaster(home) is None


def test_a_start_that_was_cut_short(tmp_path: Path) -> None:
    """A data directory half made is made anew, not mistaken for a whole one."""
    try:
        EmbeddedServer.start(tmp_path).close()
        place = (tmp_path / "server").resolve()
        (place / "data").rename(place / "data.unfinished")
        (place / "data.unfinished" / "PG_VERSION").unlink()
        with EmbeddedServer.start(tmp_path) as server:
            assert ask(server, "select 1") == 1
        assert not (place / "data.unfinished").exists()
    finally:
        erase(tmp_path)


def test_two_processes_at_once(tmp_path: Path) -> None:
    """Processes that open a new home in the same moment share one server, and none loses what it wrote."""
    try:
        with ThreadPoolExecutor() as pool:
            for done in pool.map(
                lambda _: subprocess.run([sys.executable, "-c", USE_FOR_A_MOMENT, tmp_path], check=False), range(3)
            ):
                assert done.returncode == 0
        with connect(Home(tmp_path)) as connection:
            assert connection.execute("select count(*) from visit").fetchone() == (3,)
        assert postmaster(tmp_path) is None
    finally:
        erase(tmp_path)


def test_a_home_with_a_long_path(tmp_path: Path) -> None:
    """A path too long for a socket's address is no obstacle."""
    home = tmp_path / ("long" * 30)
    try:
        with EmbeddedServer.start(home) as server, EmbeddedServer.start(home) as joined:
            assert ask(joined, "select 1") == 1
            assert server.url("x") == joined.url("x")
    finally:
        erase(home)


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    """A home that cannot be a directory is refused, with the way out."""
    (tmp_path / "home").touch()
    with pytest.raises(LifepotError, match=r"File exists.*--home DIR"):
        EmbeddedServer.start(tmp_path / "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """A home in somebody else's directory is refused, with the way out."""
    tmp_path.chmod(0o500)
    with pytest.raises(LifepotError, match=r"Permission denied.*--home DIR"):
        EmbeddedServer.start(tmp_path / "home")


def test_a_home_whose_data_is_gone(tmp_path: Path) -> None:
    """A link to a vanished data directory is reported, never quietly replaced by an empty database."""
    (tmp_path / "server").symlink_to(tmp_path / "gone")
    with pytest.raises(LifepotError, match="which is gone"):
        EmbeddedServer.start(tmp_path)


def test_a_full_disk_is_named() -> None:
    """PostgreSQL's words for a full disk become a sentence that says what to do."""
    log = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    failure = server_module._failure("PostgreSQL does not start", log, Path("/home/ann/.lifepot/server/log"))
    assert "the disk with /home/ann/.lifepot/server is full" in str(failure)


def test_a_failed_start_quotes_the_server(tmp_path: Path) -> None:
    """When the server does not come up, its own last complaint is in the error."""
    try:
        EmbeddedServer.start(tmp_path).close()
        with (tmp_path / "server" / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("nonsense = 1\n")
        with pytest.raises(LifepotError, match=r"does not start: configuration file .* contains errors"):
            EmbeddedServer.start(tmp_path)
    finally:
        erase(tmp_path)


def test_another_major_version_is_refused(tmp_path: Path) -> None:
    """Data made by another PostgreSQL is left alone, with a sentence about what to do."""
    data = tmp_path / "server" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n", encoding="ascii")
    with pytest.raises(LifepotError, match="made by PostgreSQL 17"):
        EmbeddedServer.start(tmp_path)
