"""A copy of a scheme to try things in: its rules, one payer, and nobody."""

from typing import Any

import numpy as np
import psycopg

from lifepot.periods import day_of
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.resettle import adopt
from lifepot.scheme.standing import read_standing


def open_copy(connection: psycopg.Connection[Any], copy: psycopg.Connection[Any], payer: int, clock: Clock) -> None:
    """Open in the empty database of `copy` a scheme with the rulebooks of that of `connection`, and in it this one payer, under its
    own number and names. No person comes along. Commits there.
    """
    opened = connection.execute("select opened_on from scheme").fetchone()
    assert opened is not None
    versions = connection.execute("select name, text, effective_from from rulebook_version order by id").fetchall()
    (name, text, _), *later = versions
    day = day_of(opened[0])
    open_scheme(copy, text, f"{name}.yaml", Clock(clock.who, clock.known_at, day))
    for name, text, from_day in later:
        adopt(copy, text, f"{name}.yaml", day_of(from_day), Clock(clock.who, clock.known_at, day))
    ref, kind = connection.execute("select ref, kind from payer where id = %s", [payer]).fetchall()[0]
    aliases = connection.execute("select ref from payer_alias where payer = %s", [payer]).fetchall()
    standing = read_standing(copy)
    store = standing.store(copy)
    store.lock_members(np.array([0]))
    batch = store.begin_batch()
    copy.execute(
        "insert into payer (id, ref, kind, batch) overriding system value values (%s, %s, %s, %s)",
        [payer, ref, kind, batch],
    )
    # Whoever a tried file names beside it, if ever, is numbered after it.
    copy.execute("select setval(pg_get_serial_sequence('payer', 'id'), %s)", [payer])
    for (alias,) in aliases:
        copy.execute("insert into payer_alias (ref, payer, batch) values (%s, %s, %s)", [alias, payer, batch])
    store.finish_batch(
        kind="alias", who=clock.who, known_at=clock.known_at, as_of_day=standing.as_of, key=f"alias:{batch}",
        summary={"payer": ref},
    )  # fmt: skip
    copy.commit()
