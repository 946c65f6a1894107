"""Keys for machines: each in one seat, for one payer, with so many requests a minute."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from lifepot.access.identity import STAFF, Identity, Role
from lifepot.access.tokens import hash_of, secret
from lifepot.errors import Misuse

PREFIX = "lp_"
"""So that a key that leaked is known for what it is, by people and by those who search for leaks."""

LASTS = timedelta(days=365)
PER_MINUTE = 600
MOST_PER_MINUTE = 60_000


def make(
    connection: psycopg.Connection[Any], name: str, role: Role, made_by: str, now: datetime, *, member: int | None = None,
    payer: int | None = None, per_minute: int = PER_MINUTE, sandbox: bool = False,
) -> str:  # fmt: skip
    """A new key, shown this once. `name` is what it is called in lists; a clerk's is for one payer."""
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Misuse(f"{per_minute} requests a minute is no limit.", remedy=f"Give 1 to {MOST_PER_MINUTE}.")
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise Misuse("A key needs a name of at most 80 letters.", remedy="Say which machine it is for.")
    text = PREFIX + secret()
    made = connection.execute(
        "insert into door.key (key, hash, role, member, payer, sandbox, made_by, made_at, ends_at, per_minute) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (key) do nothing returning key",
        [name.strip(), hash_of(text), role, member, payer, sandbox, made_by, now, now + LASTS, per_minute],
    ).fetchone()
    if made is None:
        raise Misuse(f"There is a key {name.strip()!r} already.", remedy="Give the new one another name.")
    return text


def find(connection: psycopg.Connection[Any], text: str, now: datetime) -> Identity | None:
    """Who a key is of; None for one that opens nothing (any more)."""
    if not text.startswith(PREFIX) or len(text) > 100:
        return None
    row = connection.execute(
        "select key, role, member, payer, sandbox, per_minute, made_by, ref, "
        "array(select one from door.merged_into(member) as one), array(select one from door.moved_from(member) as one) "
        "from door.key left join payer on payer.id = key.payer where hash = %s and ended_at is null and ends_at > %s",
        [hash_of(text), now],
    ).fetchone()
    if row is None:
        return None
    key, role, member, payer, sandbox, per_minute, made_by, ref, merged, read_also = row
    # Staff answer for what their keys do: otherwise a key of one's own would be a second pair of eyes.
    who = made_by if Role(role) in STAFF else f"key {key}"
    return Identity(
        Role(role), who=who, name=key, member=member, payer=payer, key=key, payer_ref=ref or "", sandbox=sandbox,
        per_minute=per_minute, merged=tuple(merged), read_also=tuple(read_also),
    )  # fmt: skip


def listed(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """The keys that the connection sees, newest first."""
    columns = ("key", "role", "sandbox", "made_by", "made_at", "ends_at", "ended_at", "per_minute")
    rows = connection.execute(
        f"select {', '.join(columns)} from door.key order by made_at desc, key".encode()
    ).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def end(connection: psycopg.Connection[Any], name: str, payer: int | None, now: datetime) -> bool:
    """End a key, of a payer's if one is given; whether there was one."""
    row = connection.execute(
        "update door.key set ended_at = %(now)s where key = %(key)s and ended_at is null "
        "and (%(payer)s::integer is null or payer = %(payer)s) returning key",
        {"now": now, "key": name, "payer": payer},
    ).fetchone()
    return row is not None
