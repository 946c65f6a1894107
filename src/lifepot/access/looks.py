"""Why somebody of the staff looks at a person: said once, written beside every page that is then looked at, for half an hour."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from lifepot.access.identity import Identity

HOLDS = timedelta(minutes=30)
"""How long a reason holds: as long as a call by telephone, and as a session that rests."""

BECAUSE = ", because: "
LONGEST = 300


def looked(page: str, reason: str) -> str:
    """What is written down of a look: at which page, and why."""
    return f"{page}{BECAUSE}{reason}"


def reason_of(connection: psycopg.Connection[Any], identity: Identity, member: int, now: datetime) -> str:
    """The reason that somebody gave for looking at a member, if it still holds; "" if they gave none, or too long ago."""
    row = connection.execute(
        "select what from door.look where member = %s and who = %s and looked_at > %s and position(%s in what) > 0 "
        "order by look desc limit 1",
        [member, identity.who, now - HOLDS, BECAUSE],
    ).fetchone()
    return "" if row is None else str(row[0]).partition(BECAUSE)[2]


def written_for_batch(
    connection: psycopg.Connection[Any], batch: int, identity: Identity, what: str, now: datetime
) -> int:
    """Write down that somebody looked at everybody of whom a batch has facts: a file that names them was taken away. How many;
    the caller commits.
    """
    return connection.execute(
        "insert into door.look (looked_at, member, who, role, what) select %s, member, %s, %s, %s from ("
        "select distinct member from fact where id >= %s::bigint << 32 and id < (%s + 1)::bigint << 32 and member > 0) as named",
        [now, identity.who, identity.role, what, batch, batch],
    ).rowcount


def latest(
    connection: psycopg.Connection[Any], before: int | None = None, member: int | None = None, most: int = 100
) -> list[dict[str, Any]]:
    """Looks, the latest first: of everybody, or of one member; those before a look's number."""
    rows = connection.execute(
        "select look, looked_at, member, who, role, what from door.look where (%(before)s::bigint is null or look < %(before)s) "
        "and (%(member)s::integer is null or member = %(member)s) order by look desc limit %(most)s",
        {"before": before, "member": member, "most": most},
    ).fetchall()
    return [
        {"look": look, "looked_at": at.isoformat(timespec="seconds"), "member": member, "who": who, "role": role, "what": what}
        for look, at, member, who, role, what in rows
    ]  # fmt: skip
