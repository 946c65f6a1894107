"""Who holds which seat: logins, the seats given to them, and the invitations and tickets by which they come to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from lifepot.access.identity import Role
from lifepot.access.tokens import code, hash_of, hash_of_code, secret
from lifepot.errors import LifepotError, Misuse

OURSELVES = "lifepot"
"""Issuer of logins that no identity provider vouches for: whoever runs the machine does."""

INVITED = timedelta(days=28)
"""A letter takes days, and is not read at once."""

TICKET = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that somebody holds. `words` says for whom: "member 17", "ACME"."""

    seat: int
    role: Role
    member: int | None
    payer: int | None
    words: str


def login_of(
    connection: psycopg.Connection[Any], issuer: str, subject: str, name: str, now: datetime, email: str = ""
) -> int:
    """The login of whom an issuer vouches for, made if they come for the first time; name and email as they are told now."""
    row = connection.execute(
        "insert into door.login (issuer, subject, name, email, made_at) values (%s, %s, %s, %s, %s) "
        "on conflict (issuer, subject) do update set name = excluded.name, email = excluded.email returning login",
        [issuer, subject, name, email, now],
    ).fetchone()
    assert row is not None
    return int(row[0])


def seats_of(connection: psycopg.Connection[Any], login: int) -> list[Seat]:
    """The seats somebody holds."""
    rows = connection.execute(
        "select seat, role, member, seat.payer, payer.ref from door.seat left join payer on payer.id = seat.payer "
        "where login = %s and ended_at is null order by seat",
        [login],
    ).fetchall()
    return [
        Seat(seat, Role(role), member, payer, f"member {member}" if member else ref or role)
        for seat, role, member, payer, ref in rows
    ]


def give(
    connection: psycopg.Connection[Any], login: int, role: Role, given_by: str, now: datetime, *, member: int | None = None,
    payer: int | None = None,
) -> int:  # fmt: skip
    """Give somebody a seat, or find that they hold it. Misuse for a member's or a clerk's seat that says not for whom."""
    _must_be_for_somebody(role, member, payer)
    connection.execute(
        "insert into door.seat (login, role, member, payer, given_by, given_at) values (%s, %s, %s, %s, %s, %s) "
        "on conflict (login, role, coalesce(member, 0), coalesce(payer, 0)) where ended_at is null do nothing",
        [login, role, member, payer, given_by, now],
    )
    row = connection.execute(
        "select seat from door.seat where login = %s and role = %s and member is not distinct from %s "
        "and payer is not distinct from %s and ended_at is null",
        [login, role, member, payer],
    ).fetchone()
    assert row is not None
    return int(row[0])


def end(connection: psycopg.Connection[Any], seat: int, ended_by: str, now: datetime) -> None:
    """Take a seat away; sessions in it are ended. Misuse if nobody holds it."""
    row = connection.execute(
        "update door.seat set ended_at = %s, ended_by = %s where seat = %s and ended_at is null returning seat",
        [now, ended_by, seat],
    ).fetchone()
    if row is None:
        raise Misuse(f"Nobody holds seat {seat}.", remedy="`lifepot seat list` names those that are held.")
    connection.execute("update door.session set ended_at = %s where seat = %s and ended_at is null", [now, seat])


def invite(
    connection: psycopg.Connection[Any], role: Role, given_by: str, now: datetime, *, member: int | None = None,
    payer: int | None = None,
) -> str:  # fmt: skip
    """A code that gives whoever types it, signed in, a seat, once and within four weeks."""
    _must_be_for_somebody(role, member, payer)
    text = code()
    connection.execute(
        "insert into door.invitation (hash, role, member, payer, given_by, made_at, ends_at) values (%s, %s, %s, %s, %s, %s, %s)",
        [hash_of_code(text), role, member, payer, given_by, now, now + INVITED],
    )
    return text


def accept(connection: psycopg.Connection[Any], login: int, typed: str, now: datetime) -> int:
    """Take the seat that a code offers. LifepotError for one that offers none, which says not why; and for one's own: nobody gives
    themselves a seat.
    """
    mine = connection.execute(
        "select from door.invitation where hash = %s and given_by like %s", [hash_of_code(typed), f"% #{login}"]
    ).fetchone()
    if mine is not None:
        raise LifepotError(
            "You made this code, and nobody gives themselves a seat.", remedy="Somebody else makes one for you."
        )
    row = connection.execute(
        "update door.invitation set taken_by = %(login)s, taken_at = %(now)s where hash = %(hash)s and ends_at > %(now)s "
        "and taken_by is null returning role, member, payer, given_by",
        {"login": login, "now": now, "hash": hash_of_code(typed)},
    ).fetchone()
    if row is None:
        raise LifepotError(
            "This code opens nothing.", remedy="Type it as it stands in the letter; it works once and for four weeks."
        )
    role, member, payer, given_by = row
    return give(connection, login, Role(role), given_by, now, member=member, payer=payer)


def ticket(connection: psycopg.Connection[Any], login: int, now: datetime) -> str:
    """A way in for a login, once and within a quarter of an hour: for whoever runs the machine, and for demonstrations."""
    text = secret()
    connection.execute(
        "insert into door.ticket (hash, login, made_at, ends_at) values (%s, %s, %s, %s)",
        [hash_of(text), login, now, now + TICKET],
    )
    return text


def use_ticket(connection: psycopg.Connection[Any], text: str, now: datetime) -> int | None:
    """The login that a ticket lets in; None for one that lets nobody in (any more)."""
    row = connection.execute(
        "update door.ticket set used_at = %(now)s where hash = %(hash)s and used_at is null and ends_at > %(now)s returning login",
        {"hash": hash_of(text), "now": now},
    ).fetchone()
    return None if row is None else int(row[0])


def _must_be_for_somebody(role: Role, member: int | None, payer: int | None) -> None:
    if role is Role.PUBLIC:
        raise Misuse("The public needs no seat.", remedy="Give one of the other roles.")
    if (role is Role.MEMBER) != (member is not None) or (role is Role.CLERK) != (payer is not None):
        raise Misuse(
            f"A seat of the role {role} was asked for, and not rightly said for whom.",
            remedy="A member's seat is for a member, a clerk's for a payer, and the others for neither.",
        )


def all_held(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """Every seat that is held: by whom, for whom, given by whom."""
    rows = connection.execute(
        "select seat, seat.role, coalesce('member ' || member, payer.ref, ''), login.name, given_by from door.seat "
        "join door.login using (login) left join payer on payer.id = seat.payer where ended_at is null order by seat"
    ).fetchall()
    return [dict(zip(("seat", "role", "for", "name", "given_by"), row, strict=True)) for row in rows]


def history(connection: psycopg.Connection[Any], most: int = 500) -> list[dict[str, Any]]:
    """Every seat that was ever held, the latest given first: by whom, for whom, given by whom and when, ended by whom and when."""
    rows = connection.execute(
        "select seat, seat.role, coalesce('member ' || member, payer.ref, ''), login.name || ' #' || login, given_by, given_at, "
        "ended_by, ended_at from door.seat join door.login using (login) left join payer on payer.id = seat.payer "
        "order by seat desc limit %s",
        [most],
    ).fetchall()
    names = ("seat", "role", "for", "name", "given_by", "given_at", "ended_by", "ended_at")
    return [dict(zip(names, row, strict=True)) for row in rows]
