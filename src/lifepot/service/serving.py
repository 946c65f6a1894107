"""Starting and stopping: the processes that answer pages, the worker, the workbench, and what happens when one of them dies.

One process watches the others. Those that answer share one listening socket; one that dies is started again; asked to stop, each
finishes what it is doing. The workbench is a program of its own, which is told no database.
"""

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Protocol

import uvicorn

from lifepot.access.doors import Doors
from lifepot.errors import LifepotError
from lifepot.inbox.worker import Stop, work
from lifepot.periods import parse_day
from lifepot.service.app import make_app, provider_of_environment
from lifepot.service.health import beating
from lifepot.service.logged import Logged, begin_logging, logging_its_end
from lifepot.service.patient import PatientProtocol
from lifepot.service.settings import Settings
from lifepot.workbench.program import Program

LOG = logging.getLogger("lifepot.serving")

PATIENCE_SECONDS = 25
"""How long a process may take to finish what it is doing."""

RESTS_SECONDS = (0.1, 0.5, 2.0, 10.0)
"""Before a process that died is started again, the longer the oftener it dies."""

STEADY_SECONDS = 60

MOST_THREADS = 4
"""Of the workbench: it may not have the whole of a large machine."""


def answer_pages(settings: Settings, listening: socket.socket) -> None:
    """What a process that answers pages does until it is told to stop."""
    with logging_its_end("a page process"):
        app = Logged(make_app(settings, provider=provider_of_environment()))
        config = uvicorn.Config(
            app, http=PatientProtocol, log_config=None, access_log=False, timeout_keep_alive=15,
            timeout_graceful_shutdown=PATIENCE_SECONDS - 5, limit_concurrency=1000, server_header=False, date_header=True,
            proxy_headers=settings.is_secure, forwarded_allow_ips=settings.proxy, h11_max_incomplete_event_size=32 * 1024,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])


def do_jobs(settings: Settings) -> None:
    """What the worker does until it is told to stop. Pages come first: it is nicer than they are."""
    os.nice(5)
    as_of = parse_day(settings.as_of) if settings.as_of else None
    with logging_its_end("the worker"):
        doors = Doors.open(settings.database, most=6, as_of=as_of, sight=settings.sight)
        try:
            with beating(doors):
                work(doors, Stop())
        finally:
            doors.close()


def listen(host: str, port: int, *, otherwise_any: bool = False) -> socket.socket:
    """A socket that hears on a port, or where that is taken on any. LifepotError where none can be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if otherwise_any and port:
            return listen(host, 0)
        raise LifepotError(
            f"Port {port} of {host} cannot be listened on ({error.strerror}).",
            remedy="Give another --port, or stop what has it.",
        ) from error
    return listening


class Process(Protocol):
    """What is watched: `multiprocessing`'s, or a `Program`."""

    @property
    def exitcode(self) -> int | None:
        """What it ended with."""

    def start(self) -> None:
        """Start it."""

    def is_alive(self) -> bool:
        """Whether it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def join(self, timeout: float | None = None) -> None:
        """Wait until it ended, so many seconds."""


class Watched:
    """A process that is started again when it dies."""

    def __init__(self, name: str, start: Callable[[], Process]) -> None:
        self.name = name
        self._start = start
        self._deaths = 0
        self._rests_until = 0.0
        self._begin()

    def _begin(self) -> None:
        self.process = self._start()
        self.process.start()
        self._began = time.monotonic()

    def look(self) -> None:
        """Start it again if it died, after a rest."""
        now = time.monotonic()
        if self.process.is_alive() or now < self._rests_until:
            return
        if self._rests_until == 0.0:
            self._deaths = 0 if now - self._began > STEADY_SECONDS else self._deaths + 1
            self._rests_until = now + RESTS_SECONDS[min(self._deaths, len(RESTS_SECONDS) - 1)]
            LOG.warning("%s ended with %s; it is started again.", self.name, self.process.exitcode)
            return
        self._rests_until = 0.0
        self._begin()


def kept_lives() -> Path:
    """Where the workbench's lives are kept: the account's own cache, whichever scheme is served. What stands there can be made again."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "lifepot" / "workbench"


def serve(settings: Settings, listening: socket.socket, ready: Callable[[], None], *, lives: int = 0) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` is called once the processes are started. `lives` on the workbench; 0: there is none."""
    begin_logging()
    context = multiprocessing.get_context("spawn")
    # A socket's address must be short, and nobody else may enter its folder.
    folder = Path(tempfile.mkdtemp(prefix="lifepot-")) if lives else None
    if folder is not None:
        settings = replace(settings, workbench=str(folder / "bench"))

    def answering(number: int) -> Watched:
        return Watched(
            f"page process {number}",
            lambda: context.Process(target=answer_pages, args=(settings, listening), name=f"lifepot pages {number}"),
        )

    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        del number, frame
        stopping = True

    before = {sign: signal.signal(sign, stop) for sign in (signal.SIGTERM, signal.SIGINT)}
    watched = [answering(number + 1) for number in range(settings.processes)]
    watched.append(
        Watched("the worker", lambda: context.Process(target=do_jobs, args=(settings,), name="lifepot worker"))
    )
    if lives:
        arguments = ["--socket", settings.workbench, "--keep", str(kept_lives()), "--lives", str(lives)]
        arguments += ["--threads", str(min(os.cpu_count() or 1, MOST_THREADS))]
        watched.append(Watched("the workbench", lambda: Program(arguments)))
    try:
        ready()
        while not stopping:
            for one in watched:
                one.look()
            time.sleep(0.2)
    finally:
        for one in watched:
            one.process.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for one in watched:
            one.process.join(max(0.0, until - time.monotonic()))
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        for sign, earlier in before.items():
            signal.signal(sign, earlier)
