"""Files that somebody handed in, with what became of each: looked at beforehand, received, waiting for a word."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from lifepot.access.doors import Connection
from lifepot.inbox import jobs
from lifepot.inbox.jobs import Job
from lifepot.intake.codes import CODES

MODES = ("replaces", "adds")

MOST_LISTED = 30

FAULT_COLUMNS = ("line", "column", "code", "path", "found", "expected")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins a formula."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A handed-in file. `jobs`: what was asked for it, in that order; `sha256` in hexadecimal."""

    upload: str
    name: str
    size: int
    sha256: str
    kept_at: datetime
    jobs: list[Job]

    @property
    def last(self) -> Job | None:
        """What was asked for it last."""
        return self.jobs[-1] if self.jobs else None

    @property
    def state(self) -> str:
        """Where it stands: working, failed, refused, question, look (it was looked at beforehand), or received."""
        job = self.last
        if job is None or not job.ended:
            return "working"
        if job.failed or job.answer is None:
            return "failed"
        said = job.answer["state"]
        if said == "waiting":
            return "question"
        if said == "preview":
            return "look"
        return "refused" if said == "refused" else "received"

    @property
    def answer(self) -> dict[str, Any]:
        """The outcome of what was asked last; empty as long as there is none."""
        return (self.last.answer or {}) if self.last is not None else {}

    @property
    def mode(self) -> str:
        """What was said of it: "replaces", "adds", or "" for nothing."""
        mode = self.last.asked.get("mode") if self.last is not None else None
        return mode if mode in MODES else ""

    @property
    def is_received(self) -> bool:
        """Whether receiving it was asked for, and did not fail or wait for a word: asked again, it would do nothing new."""
        return any(
            job.kind == "receive" and not (job.ended and (job.failed or (job.answer or {}).get("state") == "waiting"))
            for job in self.jobs
        )


def find(connection: Connection, upload: str, kinds: tuple[str, ...] = ("beforehand", "receive")) -> Handed | None:
    """A handed-in file, if the connection sees it."""
    row = connection.execute(
        "select upload::text, name, octet_length(content), encode(sha256, 'hex'), kept_at from door.upload where upload = %s",
        [upload],
    ).fetchone()
    return None if row is None else _with_jobs(connection, row, kinds)


def listed(connection: Connection, kinds: tuple[str, ...] = ("beforehand", "receive")) -> list[Handed]:
    """The files that the connection sees and of which such a job was asked, the latest first."""
    rows = connection.execute(
        "select upload::text, name, octet_length(content), encode(sha256, 'hex'), kept_at from door.upload "
        "where exists (select from door.job where job.upload = upload.upload and job.kind = any(%s)) order by upload desc limit %s",
        [list(kinds), MOST_LISTED],
    ).fetchall()
    return [_with_jobs(connection, row, kinds) for row in rows]


def _with_jobs(connection: Connection, row: tuple[Any, ...], kinds: tuple[str, ...]) -> Handed:
    upload, name, size, digest, kept_at = row
    return Handed(upload, name, size, digest, kept_at, _jobs(connection, upload, kinds))


def _jobs(connection: Connection, upload: str, kinds: tuple[str, ...]) -> list[Job]:
    numbers = connection.execute(
        "select job from door.job where upload = %s and kind = any(%s) order by job", [upload, list(kinds)]
    ).fetchall()
    return [job for (number,) in numbers if (job := jobs.find(connection, number)) is not None]


def ask(connection: Connection, handed: Handed, kind: str, mode: str, payer: int, who: str, now: datetime) -> int:
    """Ask for a file to be looked at (`beforehand`) or received (`receive`): these very bytes. The caller commits."""
    asked = {"mode": mode or None, "sha256": handed.sha256}
    return jobs.ask(connection, kind, asked, who, now, upload=handed.upload, payer=payer)


def of_content(connection: Connection, sha256: str) -> str | None:
    """The number of the latest handed-in file with this content (in hexadecimal), if the connection sees one."""
    row = connection.execute(
        "select upload::text from door.upload where sha256 = decode(%s, 'hex') order by upload desc limit 1", [sha256]
    ).fetchone()
    return None if row is None else str(row[0])


def meaning(code: str) -> str:
    """What a fault's code says, as the docs' table has it; "" for one that only the scheme gives."""
    return CODES[code].meaning if code in CODES else ""


def faults_csv(faults: list[Mapping[str, Any]]) -> str:
    """Faults as a file for a spreadsheet, a line each."""
    text = io.StringIO()
    writing = csv.writer(text, lineterminator="\r\n")
    writing.writerow(FAULT_COLUMNS)
    writing.writerows([[_plain(str(one.get(name, ""))) for name in FAULT_COLUMNS] for one in faults])
    return text.getvalue()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what stood in somebody's file goes to somebody else's program."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def digest(contents: list[tuple[str, bytes]]) -> bytes:
    """What handing in these files asks for, in full: their names and contents."""
    return b"\x1f".join(name.encode() + b"\x1e" + sha256(content).digest() for name, content in contents)


def received_as(connection: Connection, digest_hex: str) -> int | None:
    """The number of the received file with this content (in hexadecimal), if the connection sees one."""
    row = connection.execute(
        "select file from personal.received_file where sha256 = decode(%s, 'hex')", [digest_hex]
    ).fetchone()
    return None if row is None else int(row[0])
