"""Sessions: kept in the database, so that any server knows them and an ended one is ended everywhere."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from lifepot.access.identity import Identity, Role
from lifepot.access.tokens import hash_of, secret

LASTS = timedelta(hours=12)
"""A session's longest life: a working day."""

RESTS = timedelta(minutes=30)
"""How long it lasts unused, on a machine that others may use too."""

SEEN_EVERY = timedelta(minutes=1)
"""A use is noted once so often: one write a minute, not one a page."""


def begin(connection: psycopg.Connection[Any], login: int, now: datetime, provider_session: str = "") -> str:
    """Begin a session for a login, in the seat they hold if they hold one only; gives the cookie. Always a new one: what a browser
    had before signing in is worth nothing afterwards.
    """
    cookie = secret()
    connection.execute(
        "insert into door.session (hash, login, seat, provider_session, began_at, seen_at, ends_at) values (%(hash)s, %(login)s, "
        "(select min(seat) from door.seat where login = %(login)s and ended_at is null having count(*) = 1), "
        "%(provider)s, %(now)s, %(now)s, %(ends)s)",
        {"hash": hash_of(cookie), "login": login, "provider": provider_session, "now": now, "ends": now + LASTS},
    )
    return cookie


def find(connection: psycopg.Connection[Any], cookie: str, now: datetime) -> Identity | None:
    """Who a cookie's session is of, and in which seat; None where there is none, or it has ended."""
    row = connection.execute(
        "select session.login, login.name, seat.seat, seat.role, seat.member, seat.payer, session.seen_at, session.hash, "
        "array(select one from door.merged_into(seat.member) as one), array(select one from door.moved_from(seat.member) as one) "
        "from door.session join door.login using (login) left join door.seat on seat.seat = session.seat and seat.ended_at is null "
        "where hash = %s and session.ended_at is null and ends_at > %s and seen_at > %s",
        [hash_of(cookie), now, now - RESTS],
    ).fetchone()
    if row is None:
        return None
    login, name, seat, role, member, payer, seen_at, hashed, merged, read_also = row
    if now - seen_at > SEEN_EVERY:
        connection.execute("update door.session set seen_at = %s where hash = %s", [now, hashed])
    return Identity(
        Role(role or "public"), who=who_is(name, login), name=name, member=member, payer=payer, login=login, seat=seat,
        merged=tuple(merged), read_also=tuple(read_also), session=bytes(hashed),
    )  # fmt: skip


def who_is(name: str, login: int) -> str:
    """How a person is written beside what they did: two of one name are two."""
    return f"{name} #{login}"


def sit(connection: psycopg.Connection[Any], identity: Identity, seat: int, now: datetime) -> str | None:
    """Take another of one's own seats; gives a new cookie, for what one may do changes. None for a seat that is not theirs."""
    row = connection.execute(
        "select from door.seat where seat = %s and login = %s and ended_at is null", [seat, identity.login]
    ).fetchone()
    if row is None:
        return None
    cookie = secret()
    connection.execute(
        "update door.session set hash = %s, seat = %s, seen_at = %s where hash = %s",
        [hash_of(cookie), seat, now, identity.session],
    )
    return cookie


def end(connection: psycopg.Connection[Any], identity: Identity, now: datetime) -> None:
    """End a session."""
    connection.execute("update door.session set ended_at = %s where hash = %s", [now, identity.session])


def end_of_provider(
    connection: psycopg.Connection[Any], issuer: str, subject: str | None, provider_session: str | None, now: datetime
) -> None:
    """End the sessions of whom an identity provider says that they left: all of a subject's, or those of one session there."""
    connection.execute(
        "update door.session set ended_at = %(now)s from door.login where login.login = session.login and issuer = %(issuer)s "
        "and ended_at is null and (subject = %(subject)s or %(subject)s::text is null) "
        "and (provider_session = %(session)s or %(session)s::text is null)",
        {"now": now, "issuer": issuer, "subject": subject, "session": provider_session},
    )
