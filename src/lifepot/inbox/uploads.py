"""Files that were handed in: kept until somebody said what is to become of them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath

from lifepot.access.doors import Connection
from lifepot.errors import Misuse

KEPT = timedelta(days=7)
"""How long a file that nobody confirmed is kept."""

LONGEST_NAME = 120
MOST_NAME_BYTES = 240

MOST_BYTES = 2 << 30
"""Kept for one payer at a time: a month of the largest files, and no way to fill the disk."""


def keep(connection: Connection, payer: int | None, who: str, name: str, content: bytes, now: datetime) -> str:
    """Keep a file; gives its number. The caller commits. Misuse for an empty one."""
    if not content:
        raise Misuse("The file is empty.", remedy="Choose the file that payroll wrote.")
    if payer is not None:
        kept = connection.execute(
            "select coalesce(sum(octet_length(content)), 0) from door.upload where payer = %s", [payer]
        ).fetchone()
        assert kept is not None
        if kept[0] + len(content) > MOST_BYTES:
            raise Misuse("Too many of your files are kept here already.", remedy="Confirm them, or wait some days.")
    row = connection.execute(
        "insert into door.upload (payer, who, name, sha256, content, kept_at) values (%s, %s, %s, %s, %s, %s) returning upload::text",
        [payer, who, plain_name(name), sha256(content).digest(), content, now],
    ).fetchone()
    assert row is not None
    return str(row[0])


def plain_name(name: str) -> str:
    """The last part of a file's name, without what is no letter of a name: it is shown, and written into replies."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    kept = plain.strip(". ")[-LONGEST_NAME:]
    # A file system counts bytes, of which a letter has up to four.
    return kept.encode()[-MOST_NAME_BYTES:].decode(errors="ignore").strip(". ") or "file"


@contextmanager
def as_file(connection: Connection, upload: str) -> Iterator[Path]:
    """The file on disk, under its own name, as long as the block lasts. Misuse for one that is no longer kept."""
    row = connection.execute("select name, content from door.upload where upload = %s", [upload]).fetchone()
    if row is None:
        raise Misuse("This file is no longer kept.", remedy="Hand it in again.")
    with tempfile.TemporaryDirectory(prefix="lifepot-upload-") as folder:
        path = Path(folder) / row[0]
        path.write_bytes(row[1])
        yield path


def forget(connection: Connection, now: datetime) -> int:
    """Forget files that nobody confirmed in time; how many. The caller commits."""
    return connection.execute("delete from door.upload where kept_at < %s", [now - KEPT]).rowcount


def remember_sender(connection: Connection, payer: int | None, content: bytes) -> None:
    """Remember whose a received file is, so that its faults are that payer's to see, though nothing of it was accepted. Commits."""
    if payer is None:
        return
    connection.execute(
        "insert into door.sent (file, payer) select file, %s from personal.received_file where sha256 = %s on conflict do nothing",
        [payer, sha256(content).digest()],
    )
    connection.commit()
