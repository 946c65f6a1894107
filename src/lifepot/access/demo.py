"""Ready sign-ins for the demonstration: people who do not exist, each in a seat of the demonstration's scheme, on its last day."""

from datetime import datetime
from typing import Any

import psycopg

from lifepot.access import seats
from lifepot.access.identity import Role

PEOPLE = {
    "member": (Role.MEMBER, "Somebody with a pot"),
    "partner": (Role.MEMBER, "Somebody else with a pot"),
    "clerk": (Role.CLERK, "A clerk at payroll"),
    "agency": (Role.CLERK, "A clerk at an agency"),
    "operator": (Role.OPERATOR, "An operator"),
    "approver": (Role.APPROVER, "An approver"),
    "auditor": (Role.AUDITOR, "An auditor"),
}
"""The word with which somebody signs in: what they sit as, and what they are called."""

MEMBERS = "select member from fact where kind = 1 group by member order by count(distinct payer) desc, count(*) desc, member limit 2"
"""Those with most payers."""

A_FEW_PEOPLE = 24

OF_AN_EMPLOYER = """
    with own as (select file, min(payer) as payer from told group by file having count(distinct payer) = 1)
    select own.payer from own join payer on payer.id = own.payer and payer.kind = 'employer' group by own.payer
    order by least(count(*), 2) desc, abs((select count(distinct member) from fact where fact.payer = own.payer) - %s), own.payer
    limit 1
"""
"""An employer that sends files of its own, month by month if there is one, for some two dozen people."""

OF_AN_AGENCY = """
    select told.payer from personal.reject join told using (file) where state = 'open'
    group by told.payer order by count(*) desc, told.payer limit 1
"""
"""The payer with most rows to put right."""


def make_ready(connection: psycopg.Connection[Any], now: datetime) -> None:
    """Give each a login and their seat; nobody, where the scheme has nobody for them. Commits."""
    member, partner = [*connection.execute(MEMBERS).fetchall(), None, None][:2]
    clerk = connection.execute(OF_AN_EMPLOYER, [A_FEW_PEOPLE]).fetchone()
    agency = connection.execute(OF_AN_AGENCY).fetchone() or clerk
    whose = {"member": member, "partner": partner, "clerk": clerk, "agency": agency}
    for word, (role, name) in PEOPLE.items():
        seat = whose.get(word, (None,))
        if seat is None:
            continue
        login = seats.login_of(connection, seats.OURSELVES, f"demo {word}", name, now)
        seats.give(
            connection, login, role, "the demonstration", now,
            member=seat[0] if role is Role.MEMBER else None, payer=seat[0] if role is Role.CLERK else None,
        )  # fmt: skip
    connection.commit()


def last_day(connection: psycopg.Connection[Any]) -> str:
    """The day (ISO) that the demonstration's books have come to: on it the pages stand still, whenever they are looked at, so that
    no file is awaited that nobody will ever send, and nothing of the books is of a day to come.
    """
    row = connection.execute("select max(as_of) from batch").fetchone()
    assert row is not None
    assert row[0] is not None, "the demonstration has received files"
    return str(row[0].isoformat())
