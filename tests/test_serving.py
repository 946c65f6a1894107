"""The server as it really runs: its processes, its patience, its limits, and what is left when it is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn
from tests.served import ADDRESS, Served, sample_of_gig

from lifepot.access import keys
from lifepot.access.identity import Role
from lifepot.inbox import jobs
from lifepot.service import patient, shields
from lifepot.service.app import make_app
from lifepot.service.settings import Settings

SOURCE = Path(__file__).parent.parent / "src"
PATIENCE_SECONDS = 60
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@contextmanager
def running(url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`lifepot serve` over a database, on a port of its own, with the address it says; killed at the end if it still runs."""
    command = [sys.executable, "-m", "lifepot", "serve", "--database", url, "--port", "0", "--processes", "1"]
    command += ["--workbench", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stdout.read()
        until(lambda: answers(found.group()))
        yield process, found.group()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def answers(address: str) -> bool:
    """Whether somebody answers there."""
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def until(true: "object", seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be so in time"
        time.sleep(0.1)


def test_a_killed_page_process_is_replaced_and_the_server_ends_when_told(served_url: str) -> None:
    """Somebody's request dies with its process, the next is answered by another; SIGTERM ends all, with exit code 0."""
    with running(served_url) as (process, address):
        children = [int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        pages = next(one for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes())
        os.kill(pages, signal.SIGKILL)
        until(lambda: answers(address))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert not answers(address)


def benches(pid: int) -> list[int]:
    """The processes that a server started for its workbench."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in children if b"lifepot.workbench.house" in Path(f"/proc/{one}/cmdline").read_bytes()]


def test_a_server_has_one_workbench_that_knows_no_database(
    served_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told neither the database's address nor what stands beside; killed it is replaced; at the end it and its socket are gone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LIFEPOT_DATABASE_URL", served_url)
    with running(served_url, "--processes", "2", "--workbench", "500") as (process, address):
        until(lambda: len(benches(process.pid)) == 1)
        (first,) = benches(process.pid)
        words = Path(f"/proc/{first}/cmdline").read_bytes().split(b"\0")
        socket_ = Path(words[words.index(b"--socket") + 1].decode())
        told = Path(f"/proc/{first}/environ").read_bytes() + b" ".join(words)
        assert served_url.rpartition("/")[2].encode() not in told
        assert b"DATABASE" not in told
        until(socket_.exists)
        assert socket_.parent.stat().st_mode & 0o077 == 0, "nobody else may enter"
        os.kill(first, signal.SIGKILL)
        until(lambda: benches(process.pid) not in ([], [first]))
        assert "textarea" in httpx.get(f"{address}/workbench/edit?from=scheme", timeout=30).text
        (second,) = benches(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert not socket_.parent.exists()
        assert not Path(f"/proc/{second}").exists()


def test_a_port_that_is_taken_is_said(served_url: str) -> None:
    """Two servers cannot have one port: the second says so, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "lifepot", "serve", "--database", served_url, "--port", port]
        done = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(SOURCE)}, check=False
        )
    assert done.returncode == 1
    assert "Give another --port" in done.stderr


def test_what_was_answered_outlives_a_killed_server(served: Served) -> None:
    """A gig that was answered is there after kill -9 of every process, and is received once when a server comes back."""
    clerk = served.identity("clerk")
    with served.doors.acting() as connection:
        key = keys.make(connection, "tests", Role.CLERK, "the tests", served.doors.now(), payer=clerk.payer)
    machine = {"authorization": f"Bearer {key}"}
    with running(served.url, "--as-of", "2026-08-20") as (process, address):
        told = httpx.post(f"{address}/api/v1/gigs", json=sample_of_gig(), headers=machine, timeout=30)
        os.killpg(process.pid, signal.SIGKILL)
        assert told.status_code == 201, told.text
    with running(served.url, "--as-of", "2026-08-20") as (_, address):
        where = f"{address}{told.headers['location']}"
        until(lambda: httpx.get(where, headers=machine, timeout=30).json()["state"] == "received")
    with psycopg.connect(served.url) as connection:
        assert connection.execute("select count(*) from door.gig").fetchone() == (1,)
        files = connection.execute("select count(*) from personal.received_file where name like 'gigs-%'").fetchone()
        assert files == (1,)


def test_a_job_is_done_once_though_its_worker_is_killed(served: Served) -> None:
    """A worker killed in the middle of a job leaves nothing of it; the next does it, and another has nothing to do."""
    with served.doors.acting() as connection:
        number = jobs.ask(connection, "settle", {}, "the tests", served.doors.now())
    script = (
        "import os, signal, sys\n"
        "from lifepot.access.doors import Doors\n"
        "from lifepot.inbox import jobs\n"
        "def dies(connection, job, clock, tell):\n"
        "    connection.execute(\"insert into door.message (member, kind, said, sent_at) values (1, 'half', '{}', now())\")\n"
        "    tell('half', 1, 2)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "jobs.do_next(Doors.open(sys.argv[1]), {'settle': dies})\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, served.url], env=os.environ | {"PYTHONPATH": str(SOURCE)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with served.doors.acting() as connection:
        job = jobs.find(connection, number)
        assert job is not None
        assert (job.stage, job.ended) == ("half", False)
        assert connection.execute("select count(*) from door.message").fetchone() == (0,)
    assert jobs.do_next(served.doors, {"settle": lambda *_: {"done": "once"}})
    assert not jobs.do_next(served.doors, {})
    with served.doors.acting() as connection:
        job = jobs.find(connection, number)
    assert job is not None
    assert (job.ended, job.failed, job.answer) == (True, False, {"done": "once"})


@contextmanager
def listening(served: Served) -> Iterator[tuple[str, int]]:
    """The app in a thread, with the protocol that `lifepot serve` uses."""
    server = uvicorn.Server(
        uvicorn.Config(make_app(served.settings, served.doors), http=patient.PatientProtocol, port=0, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def test_who_connects_and_says_nothing_is_hung_up_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that sends no head, half a head, or a byte now and then is closed in time; one that asks is answered."""
    monkeypatch.setattr(patient, "HEAD_SECONDS", 1)
    with listening(served) as where:
        for said in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n"):
            with socket.create_connection(where, timeout=10) as slow:
                slow.sendall(said)
                assert slow.recv(100) == b""
        with socket.create_connection(where, timeout=10) as slow:
            begun = time.monotonic()
            while time.monotonic() - begun < 8:
                try:
                    slow.sendall(b"X")
                except OSError:
                    break
                time.sleep(0.2)
            assert time.monotonic() - begun < 5
        assert answers(f"http://{where[0]}:{where[1]}/")


def test_a_body_that_trickles_or_never_ends_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender who falls silent in the middle of a body is refused, and so is one who sends more than is taken."""
    monkeypatch.setattr(shields, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(shields, "LARGEST_BYTES", 100_000)
    with listening(served) as where:
        with socket.create_connection(where, timeout=10) as slow:
            slow.sendall(b"POST /seats/accept HTTP/1.1\r\nHost: x\r\n" + FORM + b"Content-Length: 1000\r\n\r\ncsrf=")
            assert b" 408 " in slow.recv(1000)
        with socket.create_connection(where, timeout=10) as endless:
            endless.sendall(
                b"POST /seats/accept HTTP/1.1\r\nHost: x\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n"
            )
            try:
                for _ in range(20):
                    endless.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            except OSError:
                pass  # hung up on before all was sent
            assert b" 413 " in endless.recv(1000)


def test_announced_sizes_are_refused_before_they_are_sent(served: Served) -> None:
    """Somebody who announces a gigabyte is answered at once."""
    answer = served.client().post("/seats/accept", content=b"", headers={"content-length": str(2**30)})
    assert answer.status_code == 413


def test_a_form_of_very_many_parts_is_refused(served: Served) -> None:
    """A form of thousands of fields or files is refused, and costs little."""
    boundary = "b"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    content = (part * 20_000 + f"--{boundary}--\r\n").encode()
    begun = time.monotonic()
    answer = served.client().post(
        "/seats/accept", content=content, headers={"content-type": f"multipart/form-data; boundary={boundary}"}
    )
    assert answer.status_code == 400
    assert time.monotonic() - begun < 5


def test_settings_that_cannot_be_are_refused() -> None:
    """Where a server is found is a scheme and a host, and nothing more."""
    for text in (
        "pot.example.org",
        "ftp://pot.example.org",
        "https://",
        "https://pot.example.org/path",
        "https://x?y=1",
    ):
        with pytest.raises(Exception, match="is not where a server is found"):
            Settings("", text)
    assert Settings("postgresql://u:secret@h/d", ADDRESS).host == "testserver"
    assert "secret" not in repr(Settings("postgresql://u:secret@h/d", ADDRESS))
