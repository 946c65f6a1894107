"""Laying the door's tables beside a scheme's, and who sees what: once, and again where a release says it otherwise.

Tables are laid in steps (`door.sql`, then `door-2.sql`, …), each once: a step that was released never changes, and the next one says
what is new. Who sees what (`sight.sql`) is laid as a whole: closed altogether by `shut.sql` and opened anew, in one transaction,
whenever its text has changed or there are other tables.
"""

import hashlib
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql

from lifepot.access.identity import SIGHT
from lifepot.errors import LifepotError

ROLES = tuple(sorted(set(SIGHT.values())))

TABLES = """select string_agg(format('%I.%I', schemaname, tablename), ',' order by schemaname, tablename)
from pg_tables where schemaname in ('public', 'personal', 'door')"""

STRONG = """select rolsuper or rolbypassrls or exists (
    select from pg_class where relnamespace in (
        select oid from pg_namespace where nspname in ('public', 'personal', 'door')
    ) and relkind = 'r' and has_table_privilege(pg_class.oid, 'select')
) from pg_roles where rolname = current_user"""

KEEP = """insert into door.laid (what, digest, laid_at) values (%s, %s, now())
on conflict (what) do update set digest = excluded.digest, laid_at = excluded.laid_at"""

WAITS = "30s"
"""For whoever else reads the tables, while who sees what is laid anew."""


def lay_door(connection: psycopg.Connection[Any]) -> None:
    """Lay what of the door is not yet laid here, all or nothing; needs a scheme. Commits. LifepotError where the database's user may
    not make roles and nobody has made them, where a newer Lifepot laid the door, and where others hold on to the tables.
    """
    try:
        with connection.transaction():
            _lay(connection)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        raise LifepotError(
            "Who sees what must be laid anew for this release, and another server is at the tables.",
            remedy="Stop the other servers over this database, then start this one.",
        ) from None


def roles_sql(owner: str, pages: str = "") -> str:
    """What an administrator of the database's server has it do, once, where the scheme's own user may not make roles.

    `owner`: the user who owns the scheme's database; `pages`: the weaker one with whom pages see, where there is one.
    """
    users = [one for one in (owner, pages) if one]
    lines = [f"create role {role} nologin noinherit;" for role in ROLES]
    lines += [f"grant {', '.join(ROLES)} to {sql.Identifier(user).as_string(None)};" for user in users]
    return "\n".join(lines)


def check_pages_user(connection: psycopg.Connection[Any]) -> None:
    """LifepotError unless this user, with whom pages are to see, may take each role, and by itself sees nothing."""
    user = connection.info.user
    for role in ROLES:
        if connection.execute("select pg_has_role(%s, 'set')", [role]).fetchone() != (True,):
            raise LifepotError(
                f"The user {user}, with whom pages are to see, may not act as the role {role}.",
                remedy="Have an administrator do what `lifepot serve --print-roles` prints.",
            )
    strong = connection.execute(STRONG).fetchone()
    if strong != (False,):
        raise LifepotError(
            f"The user {user}, with whom pages are to see, sees by itself already.",
            remedy="Let it own nothing and inherit nothing: create role … login noinherit.",
        )


def _lay(connection: psycopg.Connection[Any]) -> None:
    # Two servers that start at once: the second waits here, and then sees the first one's tables.
    connection.execute("select pg_advisory_xact_lock(hashtext('lifepot.lay_door'))")
    if connection.execute("select to_regclass('public.scheme') is null").fetchone() == (True,):
        raise LifepotError(
            "There is no scheme here yet.", remedy="Open one first: `lifepot open lifetime-savings-account`."
        )
    _make_roles(connection)
    laid = _laid(connection)
    steps = _steps()
    if strange := sorted(set(laid) - set(steps) - {"sight"}):
        raise LifepotError(
            f"A newer Lifepot laid the door here ({', '.join(strange)}).", remedy="Run that one, or one that is newer."
        )
    for name, text in steps.items():
        digest = hashlib.sha256(text.encode()).digest()
        if name not in laid:
            connection.execute(text.encode())
            connection.execute(KEEP, [name, digest])
        elif laid[name] != digest:
            raise _never_released()
    row = connection.execute(TABLES).fetchone()
    assert row is not None
    shut, sight = _text("shut.sql"), _text("sight.sql")
    digest = hashlib.sha256(f"{shut}\0{sight}\0{row[0]}".encode()).digest()
    if laid.get("sight") != digest:
        connection.execute(f"set local lock_timeout = '{WAITS}'".encode())
        connection.execute(shut.encode())
        connection.execute(sight.encode())
        connection.execute(KEEP, ["sight", digest])


def _laid(connection: psycopg.Connection[Any]) -> dict[str, bytes]:
    """What was laid here, with its digest."""
    row = connection.execute("select to_regclass('door.login') is null, to_regclass('door.laid') is null").fetchone()
    assert row is not None
    if row == (True, True):
        return {}
    if row[1]:
        raise _never_released()
    return dict(connection.execute("select what, digest from door.laid").fetchall())


def _never_released() -> LifepotError:
    return LifepotError(
        "The door here was laid by a Lifepot that was never released: its tables are not ours.",
        remedy="Take it away (`drop schema door cascade`: seats, sessions, keys and looks are gone), and start again.",
    )


def _steps() -> dict[str, str]:
    """The steps of the door's tables in their order, each with its text."""
    steps, number = {"door": _text("door.sql")}, 2
    while resources.files("lifepot.access").joinpath(f"door-{number}.sql").is_file():
        steps[f"door-{number}"] = _text(f"door-{number}.sql")
        number += 1
    return steps


def _text(name: str) -> str:
    return resources.files("lifepot.access").joinpath(name).read_text(encoding="utf-8")


def _make_roles(connection: psycopg.Connection[Any]) -> None:
    """The roles are the whole server's, and shared by all schemes on it: they can do nothing but what a database grants them."""
    for role in ROLES:
        if connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is None:
            try:
                with connection.transaction():
                    connection.execute(f"create role {role} nologin noinherit".encode())
                    connection.execute(f"grant {role} to current_user".encode())
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                pass  # another scheme's server was faster
            except psycopg.errors.InsufficientPrivilege:
                raise _have_them_made(connection, f"may not make the role {role}") from None
        if connection.execute("select pg_has_role(%s, 'set')", [role]).fetchone() != (True,):
            raise _have_them_made(connection, f"may not act as the role {role}")


def _have_them_made(connection: psycopg.Connection[Any], what: str) -> LifepotError:
    user = connection.info.user
    wanted = roles_sql(user).replace("\n", " ")
    return LifepotError(
        f"The database's user {user} {what}.",
        remedy=f"Have an administrator do this once on the server, less what is there already: {wanted}",
    )
