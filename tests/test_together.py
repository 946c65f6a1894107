"""Many processes at once, and processes that are killed: nothing is lost, nothing is told twice, nobody waits for ever."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
from tests.schemes import Row, Scheme, contributions, opened, opened_database, paid, pay

from lifepot.errors import LifepotError
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer, erase

TESTS = Path(__file__).parent
PATIENCE_SECONDS = 60
AS_OF = "2026-06-30"

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent / "src"), str(TESTS.parent)])}

SHARED = [f"AB20000{n}A" for n in range(6)]
"""Members whom every process pays in for; two of its pays pass the £1,200 of theirs that is matched."""


class Receiving:
    """A process that receives files (see `receiving.py`), with files for its output: nobody waits for a reader."""

    def __init__(self, url: str, *files: Path | str, stop: int = 0) -> None:
        command = [sys.executable, str(TESTS / "receiving.py"), url, AS_OF, str(stop), *map(str, files)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT
        )
        self.hear("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def hear(self, word: str) -> None:
        """Wait for a word."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line == word, line + self.process.stdout.read()

    def go(self) -> None:
        """Let it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def answers(self) -> list[str]:
        """What it answered, once it has ended."""
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return output.splitlines()

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()


def files_of(scheme: Callable[[list[Row]], Path], nth: int) -> list[str]:
    """What the nth process receives: a month's pay for everybody shared and some of its own, a correction, a payment."""
    payer, own = f"EMPLOYER {nth}", [f"AB30{nth}00{n}A" for n in range(2)]
    first = [pay(nino, f"2026-05-{10 + nth}", "9000.00", "270.00", "270.00", payer=payer) for nino in [*SHARED, *own]]
    corrected = [
        pay(nino, f"2026-05-{10 + nth}", "8000.00", "240.00", "240.00", payer=payer) for nino in [*SHARED[:-1], *own]
    ]
    payment = [paid(nino, "2026-06-05", f"{nth + 1}00.00") for nino in SHARED]
    return [str(scheme(first)), f"replaces:{scheme(corrected)}", str(scheme(payment))]


def test_eight_processes_lose_nothing(server: EmbeddedServer, tmp_path: Path) -> None:
    """Eight processes receive files that share members and a cap; the pots are those of one file after the other."""
    with opened(server, tmp_path) as scheme:
        every = [files_of(scheme.file, nth) for nth in range(8)]
        for file in (file for files in every for file in files):
            mode, _, path = file.rpartition(":")
            assert scheme.tell(Path(path), AS_OF, mode or None).state == "received"
        expected = scheme.pots()
        assert expected[f"government_owed {SHARED[0][:8]}"] == 600_00 + 3_00
    with opened_database(server) as database, ExitStack() as stack:
        processes = [stack.enter_context(Receiving(database.url, *files)) for files in every]
        for process in processes:
            process.go()
        assert [process.answers() for process in processes] == [["received"] * 3] * 8
        with database.connect() as connection:
            scheme = Scheme(connection, tmp_path)
            assert scheme.pots() == expected
            scheme.check()
            assert scheme.settle(AS_OF).transfers == 0
            places = connection.execute("select place from batch order by place").fetchall()
            assert [place for (place,) in places] == list(range(1, 1 + 1 + 24))


TEN = [pay(f"AB40000{n}A", "2026-05-29", "1000.00", "30.00", "30.00") for n in range(10)]
"""A file of ten people."""

WORKERS = 10 * 30_00
"""What their pots hold then."""

STOPS = {"while it is read": 1, "while it is settled": 2, "just before it is kept": 3}
"""Reports of progress of one small file: read, settled, everything written and not yet committed."""


def workers(scheme: Scheme) -> int:
    """What all workers' pots hold."""
    return sum(amount for name, amount in scheme.pots().items() if name.startswith("worker "))


@pytest.mark.parametrize("stop", STOPS.values(), ids=list(STOPS))
def test_the_same_file_by_two_at_once_is_received_once(server: EmbeddedServer, tmp_path: Path, stop: int) -> None:
    """While one process is in the middle of a file another receives the same content: it waits, and has nothing new."""
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    for path in (one, other):
        path.write_text(contributions(TEN), encoding="utf-8")
    with opened_database(server) as database:
        with Receiving(database.url, one, stop=stop) as first, Receiving(database.url, other) as second:
            first.go()
            first.hear("there")
            second.go()
            wait_until(lambda: waiting(database) == 1)
            first.go()
            assert (first.answers(), second.answers()) == (["received"], ["nothing_new"])
        with database.connect() as connection:
            scheme = Scheme(connection, tmp_path)
            assert workers(scheme) == WORKERS
            scheme.check()


@pytest.mark.parametrize("stop", STOPS.values(), ids=list(STOPS))
def test_a_killed_client_leaves_nothing_and_blocks_nobody(server: EmbeddedServer, tmp_path: Path, stop: int) -> None:
    """`kill -9` of a process in the middle of a file leaves nothing of it, and the next to send it finishes the job."""
    with opened(server, tmp_path) as scheme:
        file = scheme.file(TEN)
        with Receiving(server.url(scheme.connection.info.dbname), file, stop=stop) as first:
            first.go()
            first.hear("there")
            first.kill()
        assert scheme.pots() == {}
        scheme.connection.rollback()
        assert scheme.told(file, AS_OF).accepted == 10
        assert workers(scheme) == WORKERS
        scheme.check()


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of the test's own, whose server may be killed."""
    directory = Path(tempfile.mkdtemp(prefix="lifepot-together-"))
    yield directory
    erase(directory)
    directory.rmdir()


def test_a_killed_server_leaves_nothing_of_a_file_or_all(home: Path, tmp_path: Path) -> None:
    """`kill -9` of the postmaster in a file: its client is told, nothing of it is there, and sent again it is received."""
    with EmbeddedServer.start(home) as server, Database(server.url("postgres")).connect() as connection:
        Scheme.open(connection, tmp_path)
        file = Scheme(connection, tmp_path).file(TEN)
    for stop in (*STOPS.values(), 0):
        with EmbeddedServer.start(home) as server:
            url = server.url("postgres")
            with Receiving(url, file, stop=stop) as first:
                first.go()
                if stop:
                    first.hear("there")
                    kill_postmaster(home)
                    first.go()
                    answers = first.answers()
                    assert answers[0].startswith("LifepotError The database"), "\n".join(answers)
                else:
                    assert first.answers() == ["received"]
                    kill_postmaster(home)
            with EmbeddedServer.start(home) as again, Database(again.url("postgres")).connect() as connection:
                assert workers(Scheme(connection, tmp_path)) == (0 if stop else WORKERS)
    with EmbeddedServer.start(home) as server, Database(server.url("postgres")).connect() as connection:
        scheme = Scheme(connection, tmp_path)
        assert scheme.tell(file, AS_OF).state == "nothing_new"
        scheme.check()


def test_what_a_full_disk_refuses_is_told_and_nothing_is_kept(server: EmbeddedServer, tmp_path: Path) -> None:
    """When the database says that its disk is full, nothing of the file is kept; with room, sending it again finishes."""
    with opened(server, tmp_path) as scheme:
        file = scheme.file(TEN)
        scheme.connection.execute(
            "create function full_disk() returns trigger language plpgsql as "
            "$$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$"
        )
        scheme.connection.execute("create trigger full_disk before insert on transfer execute function full_disk()")
        scheme.connection.commit()
        with pytest.raises(LifepotError, match="disk is full"):
            scheme.tell(file, AS_OF)
        assert scheme.pots() == {}
        assert scheme.one("select count(*) from personal.received_file") == 0
        scheme.connection.execute("drop trigger full_disk on transfer")
        scheme.connection.commit()
        assert scheme.told(file, AS_OF).accepted == 10
        assert workers(scheme) == WORKERS


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On a disk that fills up in the middle of a file nothing of it is kept; with room, sending it again finishes."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk of one's own takes root and a mount namespace")
    folder = Path(tempfile.mkdtemp(prefix="lifepot-disk-"))
    folder.chmod(0o755)
    try:
        found = subprocess.run(
            ["unshare", "-m", sys.executable, str(TESTS / "filling.py"), str(folder)],
            env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
    finally:
        folder.rmdir()
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.splitlines() == [
        "refused with a remedy: True", "as before: True", "again: received", f"pots: {3_001 * 30_00}",
    ]  # fmt: skip


def waiting(database: Database) -> int:
    """How many sessions wait for a lock."""
    with database.connect() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        ).fetchone()
    return int(row[0]) if row else 0


def wait_until(so: Callable[[], bool]) -> None:
    """Ask until it is so."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not so():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def kill_postmaster(home: Path) -> None:
    """`kill -9` of the server's first process; its sessions notice soon."""
    lines = (home / "server" / "data" / "postmaster.pid").read_text().splitlines()
    pid = int(lines[0])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
