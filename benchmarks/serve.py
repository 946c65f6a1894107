"""Serving pages and gigs to fifty at once, beside a bare page and a bare insert by the same server; and the workbench.

    ./lifepot python benchmarks/million.py --home DIR --members 1000000 --months 24     # once
    ./lifepot python benchmarks/serve.py --home DIR

Everything runs on this machine: PostgreSQL, the server's processes (as many as processors) and the fifty, who are one process of
plain sockets. *At once*: each of the fifty asks again as soon as answered. *As people*: each reads for about ten seconds between two
pages, which is five requests a second. Each asks as another member, in a random order, so that nobody's page was looked at before.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from lifepot.access import keys, seats, sessions
from lifepot.access.identity import Role
from lifepot.access.laying import lay_door
from lifepot.samples import write_month
from lifepot.storage.database import Home, open_database

AT_ONCE = 50
READS_SECONDS = 10.0
SOURCE = Path(__file__).parent.parent / "src"


@dataclass(slots=True)
class Request:
    """What is sent: the bytes of a whole request."""

    sent: bytes


@dataclass(slots=True)
class Measured:
    """What came of it: seconds of each answer, over so many seconds of the wall, and the servers' CPU seconds."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    failed: int = 0

    def line(self, name: str) -> str:
        """For the table."""
        times = sorted(self.seconds)
        if not times:
            return f"{name:44} nothing was answered ({self.failed} failed)"
        p50, p99 = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
        return (
            f"{name:44}{len(times) / self.wall:>9.0f}{p50:>9.1f}{p99:>9.1f}{times[-1] * 1000:>9.1f}"
            f"{self.cpu / len(times) * 1000:>10.2f}{self.failed:>8}"
        )

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall


HEAD = f"{'':44}{'a second':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'CPU ms':>10}{'failed':>8}"


def get(path: str, cookie: str = "") -> Request:
    """A page asked for."""
    sign = f"Cookie: lifepot={cookie}\r\n" if cookie else ""
    return Request(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{sign}\r\n".encode())


def post(path: str, said: Any, key: str = "") -> Request:
    """Something sent as JSON."""
    body = json.dumps(said).encode()
    sign = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\n{sign}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return Request(head.encode() + body)


async def _one(
    port: int, requests: Iterator[Request], until: float, pause: float, found: Measured, draw: random.Random
) -> None:
    """One of the fifty: a connection, and one request after the other."""
    reader = writer = None
    if pause:
        await asyncio.sleep(draw.uniform(0, pause))
    for request in requests:
        if time.perf_counter() >= until:
            break
        begun = time.perf_counter()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert reader is not None
            writer.write(request.sent)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length.group(1)) if length else 0)
            ok = head.split(b" ", 2)[1] in {b"200", b"201"}
        except (OSError, asyncio.IncompleteReadError):
            reader = writer = None
            ok = False
        if ok:
            found.seconds.append(time.perf_counter() - begun)
        else:
            found.failed += 1
        if pause:
            # Somebody who reads for long finds the connection closed; a browser opens another one and does not call that a failure.
            if writer is not None:
                writer.close()
                reader = writer = None
            await asyncio.sleep(draw.expovariate(1 / pause))
    if writer is not None:
        writer.close()


def asked(port: int, requests: list[Request], seconds: float, pids: list[int], pause: float = 0.0) -> Measured:
    """Fifty ask for so many seconds."""
    found, draw = Measured(), random.Random(7)  # noqa: S311  # draws no secrets
    each = iter(requests)
    before, begun = cpu_of(pids), time.perf_counter()

    async def all_of_them() -> None:
        await asyncio.gather(*(_one(port, each, begun + seconds, pause, found, draw) for _ in range(AT_ONCE)))

    asyncio.run(all_of_them())
    found.wall, found.cpu = time.perf_counter() - begun, cpu_of(pids) - before
    return found


def cpu_of(pids: list[int]) -> float:
    """CPU seconds of these processes and all below them."""
    return sum(_tree(pid) for pid in pids)


def _tree(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    ticks = sum(int(one) for one in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return ticks + sum(_tree(int(one)) for one in children)


@contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A server of its own processes; its number and its port."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | environment | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{Path(__file__).parent}"},
    )  # fmt: skip
    try:
        port = int(environment["PORT"]) if "PORT" in environment else 0
        while not port:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, "the server did not start"
            port = int((re.search(r"http://[^:]+:(\d+)", line) or [0, 0])[1])
        for _ in range(600):
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    break
            except OSError:
                time.sleep(0.1)
        time.sleep(6)
        yield process.pid, port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def prepared(connection: psycopg.Connection[Any], people: int) -> tuple[list[str], str, list[int]]:
    """Sessions of so many members drawn by chance, and a key for the first platform; and those members."""
    lay_door(connection)
    now = datetime.now(UTC)
    (last,) = connection.execute("select max(member) from personal.person").fetchone() or (0,)
    members = random.Random(3).sample(range(1, last + 1), people)  # noqa: S311  # draws no secrets
    cookies = []
    for member in members:
        login = seats.login_of(connection, seats.OURSELVES, f"bench {member}", f"Member {member}", now)
        seats.give(connection, login, Role.MEMBER, "the benchmark", now, member=member)
        cookies.append(sessions.begin(connection, login, now))
    (payer,) = connection.execute("select min(id) from payer where kind = 'platform'").fetchone() or (None,)
    if payer is None:
        (payer,) = connection.execute("select payer from told where layout = 'platform' limit 1").fetchone() or (1,)
    key = keys.make(
        connection, f"bench {now.isoformat()}", Role.CLERK, "the benchmark", now, payer=payer, per_minute=60_000
    )
    # Else the worker would publish the month's open figures in the middle: all facts read once.
    connection.execute(
        "insert into door.publication (month, figures, made_at) select to_char(date_trunc('month', max(as_of)) - interval '1 day', "
        "'YYYY-MM'), '{}', now() from batch where closings > 0 on conflict do nothing"
    )
    connection.execute("create schema if not exists bare")
    connection.execute(
        "create table if not exists bare.gig (gig bigint generated always as identity primary key, key text unique, cells text)"
    )
    connection.execute("truncate bare.gig")
    connection.commit()
    return cookies, key, members


def gigs(count: int, key: str) -> list[Request]:
    """So many gigs, each another job of one of a thousand workers."""
    mark = time.time_ns()
    today = datetime.now(UTC).date().isoformat()
    return [
        post(
            "/api/v1/gigs",
            {
                "worker_id": f"bench-{number % 1000}", "nino": f"ZY{number % 1000:06d}A", "born": "1990-01-01",
                "job_id": f"{mark}-{number}", "job_kind": "delivery", "paid_on": today, "gross": "12.50", "worker": "0.45",
            },
            key,
        )
        for number in range(count)
    ]  # fmt: skip


def main() -> None:
    """Everything, in one run."""
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--home", type=Path, required=True)
    reading.add_argument("--seconds", type=float, default=15)
    reading.add_argument("--people", type=int, default=20_000, help="members who may ask")
    reading.add_argument(
        "--file", type=int, default=0, help="rows of a file that comes in while gigs are posted; 0: none"
    )
    told = reading.parse_args()
    with open_database(Home(told.home.absolute())) as opened:
        with opened.connect() as connection:
            cookies, key, members = prepared(connection, told.people)
            (pid,) = connection.execute("select pg_backend_pid()").fetchone() or (0,)
            postmaster = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        processes = str(os.cpu_count() or 1)
        ours = [
            sys.executable,
            "-m",
            "lifepot",
            "serve",
            "--home",
            str(told.home),
            "--port",
            "0",
            "--processes",
            processes,
            "--workbench",
            "0",  # it would draw its lives while pages are counted
        ]
        bare = [
            sys.executable, "-m", "uvicorn", "bare_app:make", "--factory", "--port", "18777", "--workers", processes,
            "--log-level", "warning", "--no-access-log",
        ]  # fmt: skip
        print(
            f"{told.people:,} members who may ask, {AT_ONCE} at once, {told.seconds:.0f} s each; {processes} processors\n"
        )
        print(HEAD)
        with serving(bare, {"BARE_DATABASE": opened.url, "PORT": "18777"}) as (process, port):
            pids = [process, postmaster]
            asked(port, [get(f"/page/{one}") for one in members[:2000]], 3, pids)
            bare_page = asked(port, [get(f"/page/{one}") for one in members] * 4, told.seconds, pids)
            print(bare_page.line("a bare page, one row"), flush=True)
            mark = time.time_ns()
            inserts = [post("/insert", {"key": f"{mark}-{number}", "text": "x" * 300}) for number in range(60_000)]
            print(asked(port, inserts, told.seconds, pids).line("a bare insert, committed"), flush=True)
        with serving(ours, {}) as (process, port):
            pids = [process, postmaster]
            half = len(cookies) // 2
            asked(port, [get("/me", one) for one in cookies[: half // 4]], 3, pids)
            page = asked(port, [get("/me", one) for one in cookies[half // 4 :]], told.seconds, pids)
            print(page.line("a member's page, each another's"), flush=True)
            again = asked(
                port, [get("/me", one) for one in cookies[half // 4 :][: max(len(page.seconds), 1)]], told.seconds, pids
            )
            print(again.line("the same members' pages again"), flush=True)
            people = asked(
                port, [get("/me", one) for one in reversed(cookies)], max(told.seconds, 30), pids, READS_SECONDS
            )
            print(people.line("as people, ten seconds a page"), flush=True)
            print(asked(port, gigs(60_000, key), told.seconds, pids).line("a gig posted"), flush=True)
            paced = asked(port, gigs(20_000, key), max(told.seconds, 30), pids, 1.0)
            print(paced.line("gigs, one a second from each of fifty"), flush=True)
            if told.file:
                during(told, port, pids, key)
        print(
            f"\nmember pages a second beside the bare page's: {page.a_second / bare_page.a_second:.2f} (a third is asked)"
        )
    redraws()


def during(told: Any, port: int, pids: list[int], key: str) -> None:
    """Gigs while a large file comes in."""
    with tempfile.TemporaryDirectory() as folder:
        month = datetime.now(UTC).date().replace(day=1)
        paths = write_month(Path(folder), members=told.file, month=month, seed=99, gig_every=15)
        path = max(paths, key=lambda one: one.stat().st_size)
        command = [
            sys.executable,
            "-m",
            "lifepot",
            "receive",
            str(path),
            "--home",
            str(told.home),
            "--preview",
            "--json",
        ]
        receiving = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(SOURCE)})
        time.sleep(3)
        paced = asked(port, gigs(20_000, key), max(told.seconds, 20), pids, 1.0)
        while_it_came = receiving.poll() is None
        print(paced.line(f"the same, {told.file:,} members' file coming in"), flush=True)
        print(f"{'':44} the file was {'still coming in' if while_it_came else 'done before the gigs were'}")
        receiving.wait()


def redraws() -> None:
    """The workbench's redraws."""
    from workbench import redraw  # noqa: PLC0415  # it compiles for a while

    drawn = redraw(lives=10_000)
    cpu = statistics.median(drawn.cpu)
    print(
        f"workbench: a redraw of 10,000 lives takes {drawn.median:.2f} s, {cpu:.2f} CPU s (median of {len(drawn.whole)}; 1 s is asked)"
    )


if __name__ == "__main__":
    main()
