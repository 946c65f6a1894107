"""What somebody has filled in and not sent yet, page after page: kept here and not in the address, for it names accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

LASTS = timedelta(days=1)
MOST_A_MEMBER = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """What was filled in so far, and the names of the files that came with it, by piece."""

    draft: UUID
    said: dict[str, Any]
    files: dict[int, str]


def begin(connection: psycopg.Connection[Any], member: int, said: dict[str, Any], now: datetime) -> UUID:
    """A new draft of a member's; drafts of yesterday, and a member's oldest of too many, are thrown away. The caller commits."""
    connection.execute("delete from door.draft where made_at < %s", [now - LASTS])
    connection.execute(
        "delete from door.draft where draft in "
        "(select draft from door.draft where member = %s order by draft desc offset %s)",
        [member, MOST_A_MEMBER - 1],
    )
    row = connection.execute(
        "insert into door.draft (member, said, made_at) values (%s, %s, %s) returning draft", [member, Jsonb(said), now]
    ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def read(connection: psycopg.Connection[Any], draft: UUID) -> Draft | None:
    """A draft that this connection sees."""
    row = connection.execute("select draft, said from door.draft where draft = %s", [draft]).fetchone()
    if row is None:
        return None
    files = connection.execute("select piece, name from door.draft_file where draft = %s", [draft]).fetchall()
    return Draft(row[0], row[1], dict(files))


def fill(connection: psycopg.Connection[Any], draft: UUID, said: dict[str, Any]) -> None:
    """Fill in more of it. The caller commits."""
    connection.execute("update door.draft set said = said || %s where draft = %s", [Jsonb(said), draft])


def attach(connection: psycopg.Connection[Any], draft: UUID, piece: int, name: str, content: bytes) -> None:
    """Keep a file with it, in place of an earlier one. The caller commits."""
    connection.execute(
        "insert into door.draft_file (draft, piece, name, content) values (%s, %s, %s, %s) "
        "on conflict (draft, piece) do update set name = excluded.name, content = excluded.content",
        [draft, piece, name, content],
    )


def file_of(connection: psycopg.Connection[Any], draft: UUID, piece: int) -> tuple[str, bytes]:
    """A file that is kept with it: its name and content."""
    row = connection.execute(
        "select name, content from door.draft_file where draft = %s and piece = %s", [draft, piece]
    ).fetchone()
    assert row is not None, piece
    return row[0], bytes(row[1])


def end(connection: psycopg.Connection[Any], draft: UUID) -> None:
    """It was sent, or is not wanted. The caller commits."""
    connection.execute("delete from door.draft where draft = %s", [draft])
