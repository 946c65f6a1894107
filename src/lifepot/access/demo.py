"""Ready sign-ins for the demonstration: four people who do not exist, each in a seat of the demonstration's scheme."""

from datetime import datetime
from typing import Any

import psycopg

from lifepot.access import seats
from lifepot.access.identity import Role

NAMES = {
    "member": "Somebody with a pot", "clerk": "A clerk at payroll", "operator": "An operator", "approver": "An approver",
    "auditor": "An auditor",
}  # fmt: skip


def make_ready(connection: psycopg.Connection[Any], now: datetime) -> None:
    """Give each a login and their seat. The member is who has most payers, the payer who told most months. Commits."""
    member = connection.execute(
        "select member from fact where kind = 1 group by member order by count(distinct payer) desc, count(*) desc, member limit 1"
    ).fetchone()
    payer = connection.execute("select payer from told group by payer order by count(*) desc, payer limit 1").fetchone()
    assert member is not None, "the demonstration has members"
    assert payer is not None, "the demonstration has payers"
    for word, name in NAMES.items():
        role = Role(word)
        login = seats.login_of(connection, seats.OURSELVES, f"demo {word}", name, now)
        seats.give(
            connection, login, role, "the demonstration", now,
            member=member[0] if role is Role.MEMBER else None, payer=payer[0] if role is Role.CLERK else None,
        )  # fmt: skip
    connection.commit()
