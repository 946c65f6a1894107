"""What a member writes to the scheme, and what was answered: a correction asked for, a contribution to begin, change or stop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from lifepot.errors import Misuse

KINDS = ("correction", "contribution")
LONGEST_WORDS = 4000
MOST_WAITING = 20
"""Of one member: who asks more has not been answered, and one more would not help."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message. `said` is what its kind needs: of a correction `about` and `words`, of a contribution `payer` (a number), what it
    is called, `wish` (change or stop), `amount_minor` or `share_bps` of each pay, `in_words`, `from_on`, the member's `name` and `words`.
    """

    message: int
    member: int
    kind: str
    said: dict[str, Any]
    sent_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON carries it."""
        return {
            "message": self.message, "member": self.member, "kind": self.kind, "said": self.said,
            "sent_at": self.sent_at.isoformat(),
            "answered_at": None if self.answered_at is None else self.answered_at.isoformat(),
            "answered_by": self.answered_by, "answer": self.answer,
        }  # fmt: skip


def send(connection: psycopg.Connection[Any], member: int, kind: str, said: dict[str, Any], now: datetime) -> int:
    """Keep a message; gives its number. The caller commits. Misuse where too many of theirs wait already."""
    assert kind in KINDS, kind
    row = connection.execute(
        "select count(*) from door.message where member = %s and answered_at is null", [member]
    ).fetchone()
    assert row is not None
    if row[0] >= MOST_WAITING:
        raise Misuse("Too many of your messages wait for an answer.", remedy="Wait for an answer to one of them.")
    row = connection.execute(
        "insert into door.message (member, kind, said, sent_at) values (%s, %s, %s, %s) returning message",
        [member, kind, Jsonb(said), now],
    ).fetchone()
    assert row is not None
    return int(row[0])


def messages(connection: psycopg.Connection[Any], *kinds: str, waiting: bool = False) -> list[Letter]:
    """Messages that this connection sees, of these kinds or of all, the last first."""
    rows = connection.execute(
        "select message, member, kind, said, sent_at, answered_at, answered_by, answer from door.message "
        "where kind = any(%s) and (answered_at is null or not %s) order by message desc",
        [list(kinds or KINDS), waiting],
    ).fetchall()
    return [Letter(*row) for row in rows]


def answer(connection: psycopg.Connection[Any], message: int, words: str, who: str, now: datetime) -> bool:
    """Answer a message; whether it waited for one. The caller commits."""
    row = connection.execute(
        "update door.message set answer = %s, answered_by = %s, answered_at = %s "
        "where message = %s and answered_at is null returning message",
        [words, who, now, message],
    ).fetchone()
    return row is not None
