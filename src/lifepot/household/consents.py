"""The yes of a borrower that somebody whose account is linked with theirs may pay their student loan."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.errors import LifepotError
from lifepot.household.links import link_with
from lifepot.periods import date_of, day_of
from lifepot.scheme.opening import Clock


@dataclass(frozen=True, slots=True)
class Consent:
    """That `borrower` agreed, on a day."""

    borrower: int
    given_on: int


def give(connection: psycopg.Connection[Any], borrower: int, other: str, clock: Clock) -> None:
    """Say yes, to somebody whose account is linked; said twice it holds from the first day. Commits."""
    link = link_with(connection, borrower, other)
    connection.execute(
        "insert into personal.loan_consent (link, borrower, given_on) values (%s, %s, %s) on conflict do nothing",
        [link.number, borrower, date_of(clock.as_of)],
    )
    connection.commit()


def take_back(connection: psycopg.Connection[Any], borrower: int, other: str, clock: Clock) -> None:
    """Say no from now on: what was asked and not approved is not approved any more. Commits."""
    link = link_with(connection, borrower, other)
    connection.execute(
        "update personal.loan_consent set ended_on = %s where link = %s and borrower = %s and ended_on is null",
        [date_of(clock.as_of), link.number, borrower],
    )
    connection.commit()


def yes_of(connection: psycopg.Connection[Any], borrower: int) -> dict[int, int]:
    """The links by which a borrower lets the other pay their student loan, and since which day."""
    rows = connection.execute(
        "select link, given_on from personal.loan_consent where borrower = %s and ended_on is null", [borrower]
    ).fetchall()
    return {link: day_of(given_on) for link, given_on in rows}


def consent_of(connection: psycopg.Connection[Any], payer: int, other: str) -> Consent:
    """The consent by which a member may pay another's student loan. LifepotError where no link holds or there is no yes."""
    link = link_with(connection, payer, other)
    row = connection.execute(
        "select given_on from personal.loan_consent where link = %s and borrower = %s and ended_on is null",
        [link.number, link.other],
    ).fetchone()
    if row is None:
        raise LifepotError(
            "The borrower has not agreed that this account pays their student loan.",
            remedy="They say so with `household consent`, and may take it back.",
        )
    return Consent(link.other, day_of(row[0]))
