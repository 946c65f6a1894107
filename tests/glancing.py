"""A member's pot at a glance, held against the statement in full."""

from typing import Any

import psycopg

from lifepot.papers.member import member_figures
from lifepot.scheme.glance import LAST, Glance, glance, known, regardless


def check_glance(connection: psycopg.Connection[Any], member: int, last: int = LAST) -> Glance:
    """A glance says, to the penny and the word, what the statement says."""
    seen, full = glance(connection, member, last), member_figures(connection, member)
    statement = full.statement
    assert (seen.name, seen.scheme, seen.currency) == (statement.name, statement.scheme, statement.currency)
    assert (seen.opened_on, seen.as_of, seen.known) == (
        statement.opened_on,
        full.period.last,
        known(connection, member),
    )
    assert (seen.usable, seen.owed, seen.overdrawn) == (statement.usable, statement.owed, statement.overdrawn)
    assert seen.points == full.points
    assert seen.entries == full.entries[-last:]
    assert seen.put_in == full.put_in.together
    assert seen.others == sum(one.together for one in full.others.values())
    assert regardless(connection, member) == full.regardless
    assert regardless(connection, member, seen.opened_on) == full.regardless
    assert seen.became(full.regardless) == full.became
    return seen
