"""Laying the door's tables and the database's roles beside a scheme's tables, once; and telling whether they are there."""

from importlib import resources
from typing import Any

import psycopg

from lifepot.access.identity import SIGHT
from lifepot.errors import LifepotError


def lay_door(connection: psycopg.Connection[Any]) -> None:
    """Lay the door's tables, all or none, where they are not yet; needs a scheme. Commits. LifepotError where the database's user
    may not make roles and nobody has made them.
    """
    with connection.transaction():
        # Two servers that start at once: the second waits here, and then sees the first one's tables.
        connection.execute("select pg_advisory_xact_lock(hashtext('lifepot.lay_door'))")
        if connection.execute("select to_regclass('public.scheme') is null").fetchone() == (True,):
            raise LifepotError(
                "There is no scheme here yet.", remedy="Open one first: `lifepot open lifetime-savings-account`."
            )
        _make_roles(connection)
        if connection.execute("select to_regclass('door.login') is not null").fetchone() == (True,):
            return
        for name in ("door.sql", "sight.sql"):
            text = resources.files("lifepot.access").joinpath(name).read_text(encoding="utf-8")
            connection.execute(text.encode())


def _make_roles(connection: psycopg.Connection[Any]) -> None:
    """The roles are the whole server's, and shared by all schemes on it: they can do nothing but what a database grants them."""
    for role in sorted(set(SIGHT.values())):
        if connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is None:
            try:
                with connection.transaction():
                    connection.execute(f"create role {role} nologin noinherit".encode())
                    connection.execute(f"grant {role} to current_user".encode())
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                pass  # another scheme's server was faster
            except psycopg.errors.InsufficientPrivilege:
                raise LifepotError(
                    f"The database's user may not make the role {role}.",
                    remedy="Have an administrator make it: "
                    + " ".join(
                        f"create role {one} nologin noinherit; grant {one} to current_user;"
                        for one in sorted(set(SIGHT.values()))
                    ),
                ) from None
        if connection.execute("select pg_has_role(%s, 'set')", [role]).fetchone() != (True,):
            raise LifepotError(
                f"The database's user may not act as the role {role}.",
                remedy=f"Have an administrator grant it: `grant {role} to` that user.",
            )
