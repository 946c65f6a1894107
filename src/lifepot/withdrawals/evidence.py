"""What is taken as a piece of evidence: a photo or a paper, known by its first bytes and not by its name."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.errors import LifepotError
from lifepot.withdrawals.steps import LARGEST_EVIDENCE_BYTES

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

LONGEST_NAME = 100
UNPLAIN = re.compile(r"[^\w .()+-]")


class NotEvidence(LifepotError):
    """A file that is no photo and no paper, or too large, or empty."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that was kept: the number of its fact, its file's name, how large it is and its digest."""

    fact: int
    name: str
    bytes: int
    sha256: str


def kind_of(content: bytes) -> str | None:
    """What a file is by its first bytes: "jpeg", "png", "webp", "heic" or "pdf"; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "heic"
    return "pdf" if content.startswith(b"%PDF-") else None


def must_be_evidence(content: bytes) -> str:
    """The kind of a file. NotEvidence where it is none that is taken."""
    if not content:
        raise NotEvidence("No file was chosen, or it is empty.", remedy="Choose a photo or a PDF.")
    if len(content) > LARGEST_EVIDENCE_BYTES:
        raise NotEvidence("The file is larger than 10 MiB.", remedy="Choose a smaller photo or PDF.")
    kind = kind_of(content)
    if kind is None:
        raise NotEvidence(
            "The file is no photo and no PDF.", remedy="Choose a JPEG, PNG, WebP or HEIC photo, or a PDF."
        )
    return kind


def plain_file_name(name: str, content: bytes) -> str:
    """A file's name as it is kept: letters and figures, no folders, the ending that its first bytes say."""
    stem = UNPLAIN.sub("_", name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]).strip(" .")
    return f"{stem[:LONGEST_NAME] or 'evidence'}.{kind_of(content)}"


def pieces_of(connection: psycopg.Connection[Any], withdrawal: int) -> list[Piece]:
    """The pieces of evidence of a withdrawal that this connection sees, oldest first."""
    rows = connection.execute(
        "select fact, name, octet_length(content), sha256 from personal.evidence where withdrawal = %s order by fact",
        [withdrawal],
    ).fetchall()
    return [Piece(fact, name, size, bytes(digest).hex()) for fact, name, size, digest in rows]


def content_of(connection: psycopg.Connection[Any], withdrawal: int, fact: int) -> tuple[str, bytes] | None:
    """A piece's name and content, if this connection sees it. What was kept is what was given, to the byte."""
    row = connection.execute(
        "select name, content, sha256 from personal.evidence where withdrawal = %s and fact = %s", [withdrawal, fact]
    ).fetchone()
    if row is None:
        return None
    content = bytes(row[1])
    assert hashlib.sha256(content).digest() == bytes(row[2]), "evidence is what was given"
    return row[0], content
