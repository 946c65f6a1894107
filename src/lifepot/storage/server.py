"""A PostgreSQL server that belongs to one home directory and lives as long as somebody uses it.

Who uses the server holds a shared lock on the file `users`; who leaves tries for the exclusive one, and whoever gets it was
the last and stops the server. So nothing runs that nobody asked for, a home at rest is plain files that may be copied, and
it costs each lone command a warm start of a fraction of a second; many commands in a row are served by one that stays. The
kernel drops the lock of a user who was killed; the server it leaves behind is joined, and stopped, by the next.

    home/server/    a directory, or a link to one where the server's account can reach it (see `_make_place`)
        data/       PostgreSQL's own
        socket/     entered by this account only
        log         of the last start; `log.previous` of the one before
        lock        held while the server is started or stopped
        users       held, shared, while it is used
        running     held by the server's own processes
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from lifepot.errors import LifepotError
from lifepot.storage.postgresql import (
    MAJOR_VERSION,
    SETTINGS,
    Account,
    account_for,
    identity,
    programs_for,
    public_directory,
)

SUPERUSER = "lifepot"

# Recovery after a power cut replays up to `max_wal_size` of log: seconds, or a minute on a slow disk.
PATIENCE_SECONDS = 60

# A socket's address has room for 107 bytes on Linux and 103 elsewhere, and PostgreSQL adds `/.s.PGSQL.5432`.
LONGEST_SOCKET_DIRECTORY = 88

# PostgreSQL writes its write-ahead log in files of this size, and starts with at least one.
LOG_SEGMENT_BYTES = 16 * 1024 * 1024

_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

_HAS_PROC = Path("/proc/self/cwd").exists()

# The shell ends at once, so that the server is nobody's child: it must outlive whoever started it.
_DETACHED = 'log=$1; shift; "$@" </dev/null >"$log" 2>&1 & echo $!'

_OTHERWISE = "choose another place with --home DIR, or a running PostgreSQL with --database URL"


class EmbeddedServer:
    """A use of the running server of one home; made by `start`, ended by `close` or by leaving its `with` block."""

    def __init__(self, place: Path, account: Account | None, users: int) -> None:
        self._place = place
        self._account = account
        self._users: int | None = users
        self._socket_directory = _socket_directory(place)

    @classmethod
    def start(cls, home: Path) -> Self:
        """Start the server of `home`, or join it where it runs; the home and its data are made when missing.

        Any number of processes may do this at once. LifepotError when the home cannot be used or the server does not come
        up; it says why and what to do.
        """
        try:
            place = _place_of(home)
            account = account_for(place)
            with _starting_or_stopping(place, account):
                users = _open_lock(place / "users", account)
                try:
                    fcntl.flock(users, fcntl.LOCK_SH)
                    _bring_up(place, account)
                    return cls(place, account, users)
                except BaseException:
                    os.close(users)
                    raise
        except OSError as fault:
            raise LifepotError(
                f"The database in {home} cannot be used: {fault.strerror or fault}"
                + (f" ({fault.filename})." if fault.filename and str(fault.filename) != str(home) else "."),
                remedy=f"Make {home} writable, or {_OTHERWISE}.",
            ) from fault

    def url(self, dbname: str) -> str:
        """Where to connect to the database `dbname`, as a PostgreSQL URL."""
        host = quote(str(self._socket_directory), safe="")
        return f"postgresql://{SUPERUSER}@/{quote(dbname, safe='')}?host={host}&port={SETTINGS['port']}"

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop the server, whoever else uses it; nothing when it is stopped already.

        `smart` waits for every session to end, `fast` ends them, `immediate` is a crash: the next start recovers. All that
        was committed survives each. LifepotError when the server has not stopped after a minute.
        """
        with _starting_or_stopping(self._place, self._account):
            _take_down(self._place, mode)

    def close(self) -> None:
        """Leave the server, and stop it when nobody else uses it. May be called twice."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with _starting_or_stopping(self._place, self._account), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _take_down(self._place, "fast")
        finally:
            os.close(users)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def erase(home: Path) -> None:
    """Stop the server of `home` and delete its database for good: for the tests, and for homes made for an hour."""
    link = home / "server"
    if link.exists():
        place = link.resolve()
        with _starting_or_stopping(place, account_for(place)):
            _take_down(place, "immediate")
            shutil.rmtree(place)
        if link.is_symlink():
            link.unlink()


# Places


def _place_of(home: Path) -> Path:
    """The directory of the server of `home`, made when missing."""
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()
    link = home / "server"
    if not os.path.lexists(link):
        with suppress(FileExistsError):  # somebody else was faster
            _make_place(home, link)
    try:
        return link.resolve(strict=True)
    except FileNotFoundError:
        raise LifepotError(
            f"The database of {home} was in {link.readlink()}, which is gone.",
            remedy=f"Bring that directory back, or delete the link {link} to begin with an empty database.",
        ) from None


def _make_place(home: Path, link: Path) -> None:
    """Make the server's directory in the home or, where its account cannot reach that, outside and linked from there.

    Root's own home is closed to the account that PostgreSQL must run as, and must stay so.
    """
    account = account_for(home)
    if account is None or _can_enter(home, account):
        link.mkdir(mode=0o700)
        if account is not None:
            os.chown(link, account.uid, account.gid, follow_symlinks=False)
        return
    place = Path(tempfile.mkdtemp(prefix="home-", dir=public_directory()))
    try:
        (place / "belongs-to").write_text(f"{home}\n", encoding="utf-8")
        os.chown(place, account.uid, account.gid)
        link.symlink_to(place)
    except OSError:
        shutil.rmtree(place)
        raise


def _can_enter(directory: Path, account: Account) -> bool:
    for each in (directory, *directory.parents):
        status = each.stat()
        who = 0o100 if status.st_uid == account.uid else 0o010 if status.st_gid == account.gid else 0o001
        if not status.st_mode & who:
            return False
    return True


def _socket_directory(place: Path) -> Path:
    """Beside the data, or where the running server put it because that path is too long for a socket."""
    beside = place / "socket"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_DIRECTORY:
        return beside
    lines = _pid_file(place)
    return Path(lines[4]) if len(lines) > 4 and lines[4] else beside


def _make_socket_directory(place: Path, account: Account | None) -> Path:
    directory = place / "socket"
    if len(os.fsencode(directory)) > LONGEST_SOCKET_DIRECTORY:
        directory = Path(tempfile.mkdtemp(prefix="lifepot-", dir="/tmp"))
    else:
        # A killed server leaves its own lock in there, and an unburied one makes it look held.
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
    if account is not None:
        os.chown(directory, account.uid, account.gid, follow_symlinks=False)
    return directory


def _remove_socket_directory(place: Path, directory: Path) -> None:
    """PostgreSQL has emptied it by now. Its name comes from a file that may lie, and we may be root: only if it is empty."""
    if directory.parent != place:
        with suppress(OSError):
            directory.rmdir()


# Locks


@contextmanager
def _starting_or_stopping(place: Path, account: Account | None) -> Iterator[None]:
    lock = _open_lock(place / "lock", account)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _sole_server(place: Path, account: Account | None, give_up_at: float) -> Iterator[int]:
    """The lock that the server's processes will inherit and hold to their end, once the last server's have let it go.

    A killed server's sessions may finish their query before they notice; and a server in another container that shares the
    directory can be seen in no other way.
    """
    running = _open_lock(place / "running", account)
    try:
        while True:
            try:
                fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    raise LifepotError(
                        f"The data in {place} is still in use by another PostgreSQL, here or in another container.",
                        remedy="End its processes; to share a scheme between machines, use --database URL.",
                    ) from None
                time.sleep(0.01)
        yield running
    finally:
        os.close(running)


def _open_lock(path: Path, account: Account | None) -> int:
    """Open a lock's file, made when missing as the account's own, so that it may come without root the next time."""
    try:
        # Never through a link: the directory may be another user's, and we may be root.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode=0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    if account is not None:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


# Up and down; the caller holds the lock


def _bring_up(place: Path, account: Account | None) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    pid = _postmaster(place)
    if pid is not None and _comes_up(place, pid, give_up_at):
        return
    programs = programs_for(account)
    _make_cluster(place, account, programs)
    with _sole_server(place, account, give_up_at) as running:
        sockets = _make_socket_directory(place, account)
        if not _comes_up(place, _launch(place, account, programs, sockets, running), give_up_at):
            _remove_socket_directory(place, sockets)
            raise _failure("PostgreSQL does not start", _read(place / "log"), place / "log")


def _make_cluster(place: Path, account: Account | None, programs: Path) -> None:
    """Make the data directory when missing: whole, or not at all."""
    data = place / "data"
    if data.exists():
        version = _read(data / "PG_VERSION").strip()
        if version != str(MAJOR_VERSION):
            raise LifepotError(
                f"The database in {place} was made by PostgreSQL {version}; this Lifepot runs {MAJOR_VERSION}.",
                remedy="Use the Lifepot that made it, or move the data with pg_dump and --database URL.",
            )
        return
    unfinished = place / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command: list[str | Path] = [
        programs / "initdb",
        f"--pgdata={unfinished}",
        f"--username={SUPERUSER}",
        "--auth=trust",  # the socket's directory is the guard
        "--encoding=UTF8",
        # Sorts alike on every machine, and still after an upgrade of its C library.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    ]
    made = subprocess.run(
        command,
        cwd=place,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        **identity(account),
    )
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _failure("PostgreSQL cannot make its data directory", made.stderr, place)
    unfinished.rename(data)


def _launch(place: Path, account: Account | None, programs: Path, sockets: Path, running: int) -> int:
    """Start the server's first process and return its number; it is not ready yet."""
    data = place / "data"
    # PostgreSQL itself would take a dead, unburied process or a stranger with the same number for a running server.
    (data / "postmaster.pid").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        (place / "log").replace(place / "log.previous")
    settings = SETTINGS | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    shell = subprocess.run(
        ["/bin/sh", "-c", _DETACHED, "sh", place / "log", programs / "postgres", "-D", data, *options],
        cwd=data,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
        start_new_session=True,  # an interrupt at the terminal is meant for the command, not for the server
        umask=0o077,
        pass_fds=[running],
        **identity(account),
    )
    return int(shell.stdout)


def _comes_up(place: Path, pid: int, give_up_at: float) -> bool:
    """Wait until the server takes connections: True. False when it has ended instead."""
    while _lives(place, pid):
        lines = _pid_file(place)
        if len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready":
            return True
        if time.monotonic() > give_up_at:
            raise LifepotError(
                f"PostgreSQL is still starting after {PATIENCE_SECONDS} s; it may be recovering from a crash.",
                remedy=f"Run the same command again in a minute. Its log is {place / 'log'}.",
            )
        time.sleep(0.01)
    return False


def _take_down(place: Path, mode: Literal["smart", "fast", "immediate"]) -> None:
    pid = _postmaster(place)
    if pid is None:
        return
    sockets = _socket_directory(place)
    with suppress(ProcessLookupError):
        os.kill(pid, _STOP_SIGNALS[mode])
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while _lives(place, pid):
        if time.monotonic() > give_up_at:
            raise LifepotError(
                f"PostgreSQL (process {pid}) has not stopped after {PATIENCE_SECONDS} s.",
                remedy=f"Look for the reason in {place / 'log'}; it may wait for a session to end.",
            )
        time.sleep(0.01)
    _remove_socket_directory(place, sockets)


def _postmaster(place: Path) -> int | None:
    """The number of the server's first process, if it lives."""
    lines = _pid_file(place)
    if not lines or not lines[0].isdigit():
        return None
    pid = int(lines[0])
    return pid if _lives(place, pid) else None


def _lives(place: Path, pid: int) -> bool:
    """Whether the process lives and is this server's.

    A server's working directory is its data directory. A process that was killed but not yet buried has none, and one that
    was given a dead server's number has another; `kill(pid, 0)`, which `pg_ctl` asks, takes both for the server.
    """
    if _HAS_PROC:
        try:
            return Path(f"/proc/{pid}/cwd").samefile(place / "data")
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _pid_file(place: Path) -> list[str]:
    """The lines of `postmaster.pid`: process, data directory, start, port, socket directory, address, memory, status."""
    return _read(place / "data" / "postmaster.pid").splitlines()


def _environment() -> dict[str, str]:
    """What the programs get to see: no PG* variables of the caller's, and messages in the language we search them in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _failure(what: str, log: str, where: Path) -> LifepotError:
    """An error that ends with PostgreSQL's own last complaint."""
    # On a disk quite full there is not even room for the complaint.
    full = not log and shutil.disk_usage(where.parent).free < LOG_SEGMENT_BYTES
    if full or "No space left on device" in log or "Disk quota exceeded" in log:
        return LifepotError(f"{what}: the disk with {where.parent} is full.", remedy="Free some space, then try again.")
    complaints = [line for line in log.splitlines() if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    complaint = (complaints or log.splitlines() or ["it said nothing"])[-1].strip()
    complaint = re.sub(r"^.*?\b(FATAL|PANIC|error): +", "", complaint)  # in front of it: the time and the process
    return LifepotError(f"{what}: {complaint.rstrip('.')}.", remedy=f"See {where}, or {_OTHERWISE}.")
