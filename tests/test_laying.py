"""Laying the door: again for a release that says otherwise who sees what, and with users of the database that may do little."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.served import Served, fill

import lifepot
from lifepot.access.doors import Doors
from lifepot.access.identity import Identity, Role
from lifepot.access.laying import ROLES, check_pages_user, lay_door, roles_sql
from lifepot.errors import LifepotError
from lifepot.storage.database import apply_schema
from lifepot.storage.server import EmbeddedServer

POLICIES = "select schemaname, tablename, policyname, roles::text, cmd, qual from pg_policies order by 1, 2, 3"
GRANTS = """select 'table', oid::regclass::text, relacl::text from pg_class where relnamespace in
    ('public'::regnamespace, 'personal'::regnamespace, 'door'::regnamespace) and relkind = 'r'
union all select 'column', attrelid::regclass || '.' || attname, attacl::text from pg_attribute where attacl is not null
    and attrelid in (select oid from pg_class where relnamespace = 'door'::regnamespace)
union all select 'function', oid::regprocedure::text, proacl::text from pg_proc where pronamespace = 'door'::regnamespace
union all select 'schema', nspname, nspacl::text from pg_namespace where nspname in ('public', 'personal', 'door')
order by 1, 2"""


def sight_of(connection: psycopg.Connection[Any]) -> list[Any]:
    """All that decides who sees what."""
    rows = [*connection.execute(POLICIES).fetchall(), *connection.execute(GRANTS).fetchall()]
    return [
        tuple(sorted(one[1:-1].split(",")) if isinstance(one, str) and one.startswith("{") else one for one in row)
        for row in rows
    ]


def test_who_sees_what_is_laid_anew_when_it_is_said_otherwise(served: Served) -> None:
    """A door with other policies, grants and functions than this release's has this release's after it is laid, and no other."""
    with psycopg.connect(served.url) as connection:
        before = sight_of(connection)
        connection.execute("create policy stray on personal.person for select to lifepot_clerk using (true)")
        connection.execute("grant select on personal.person to lifepot_clerk")
        connection.execute("grant select (hash) on door.key to lifepot_public")
        connection.execute("create function door.stray() returns integer language sql return 1")
        connection.execute("drop policy own on fact")
        connection.execute("update door.laid set digest = sha256('an earlier release') where what = 'sight'")
        connection.commit()
        assert sight_of(connection) != before
        lay_door(connection)
        assert sight_of(connection) == before


def test_a_table_that_is_new_is_closed_and_staff_see_it(served: Served) -> None:
    """A table that a release adds to the books is under row security once the door was laid again."""
    with psycopg.connect(served.url) as connection:
        connection.execute("create table of_the_next_release (member integer)")
        lay_door(connection)
        assert connection.execute(
            "select relrowsecurity from pg_class where relname = 'of_the_next_release'"
        ).fetchone() == (True,)
        assert connection.execute(
            "select has_table_privilege('lifepot_auditor', 'of_the_next_release', 'select')"
        ).fetchone() == (True,)


def test_what_is_laid_is_left_alone(served: Served) -> None:
    """Laid twice by the same release, the door is touched once."""
    with psycopg.connect(served.url) as connection:
        before = connection.execute("select what, digest, laid_at from door.laid order by what").fetchall()
        assert [row[0] for row in before] == ["door", "sight"]
        lay_door(connection)
        assert connection.execute("select what, digest, laid_at from door.laid order by what").fetchall() == before


def test_a_door_of_another_release_is_refused(served: Served) -> None:
    """A door with steps that this release does not know, or of no release, is not served."""
    with psycopg.connect(served.url) as connection:
        connection.execute("insert into door.laid (what, digest, laid_at) values ('door-9', sha256(''), now())")
        with pytest.raises(LifepotError, match="newer Lifepot"):
            lay_door(connection)
        connection.execute("delete from door.laid where what = 'door-9'")
        connection.execute("update door.laid set digest = sha256('otherwise') where what = 'door'")
        with pytest.raises(LifepotError, match="never released"):
            lay_door(connection)
        connection.execute("drop table door.laid")
        with pytest.raises(LifepotError, match="never released"):
            lay_door(connection)


def test_tables_that_others_hold_are_not_waited_for_long(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that reads the tables keeps who sees what from being laid anew: it is said, and nothing is changed."""
    monkeypatch.setattr("lifepot.access.laying.WAITS", "200ms")
    with psycopg.connect(served.url) as other, psycopg.connect(served.url) as connection:
        connection.execute("update door.laid set digest = sha256('an earlier release') where what = 'sight'")
        connection.commit()
        before = sight_of(connection)
        connection.commit()
        other.execute("select from fact limit 1")
        with pytest.raises(LifepotError, match="another server is at the tables"):
            lay_door(connection)
        assert sight_of(connection) == before


@contextmanager
def weak_users(server: EmbeddedServer) -> Iterator[tuple[str, str, str, str]]:
    """An owner and a user for pages who are no superusers, a database of the owner's, and its URL for each."""
    owner, pages = f"owner_{uuid4().hex[:8]}", f"Pages {uuid4().hex[:8]}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(owner)))
        connection.execute(sql.SQL("create role {} login noinherit").format(sql.Identifier(pages)))
        connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(owner), sql.Identifier(owner)))
        try:
            yield (
                owner,
                pages,
                make_conninfo(server.url(owner), user=owner),
                make_conninfo(server.url(owner), user=pages),
            )
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(owner)))
            for role in (owner, pages):
                connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def test_an_owner_who_is_no_superuser_is_enough(served: Served, server: EmbeddedServer) -> None:
    """A scheme is opened, filled and its door laid by a user who owns the database and may do nothing else, once an administrator
    did what `lifepot serve --print-roles` prints; and pages see with a weaker one still, which by itself sees nothing.
    """
    del served  # the roles are the whole server's: they are there
    with weak_users(server) as (owner, pages, url, pages_url):
        printed = roles_sql(owner, pages).splitlines()
        assert printed[:-2] == [f"create role {role} nologin noinherit;" for role in ROLES]
        with psycopg.connect(url) as connection:
            apply_schema(connection)
            connection.commit()
            with pytest.raises(LifepotError, match="may not act as the role") as found:
                fill(connection)
            assert f"to {chr(34)}{owner}{chr(34)};" in found.value.remedy
            connection.rollback()
            _granted(server, printed[-2])
            with pytest.raises(LifepotError, match="sees by itself"):
                check_pages_user(connection)
            lay_door(connection)
        with psycopg.connect(pages_url) as weak:
            with pytest.raises(LifepotError, match="may not act as"):
                check_pages_user(weak)
            weak.rollback()
            _granted(server, printed[-1])
            check_pages_user(weak)
            for table in ("scheme", "fact", "personal.person", "door.session"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    weak.execute(f"select from {table}".encode())
                weak.rollback()
        doors = Doors.open(url, sight=pages_url)
        try:
            with doors.acting() as connection:
                assert connection.execute("select current_user").fetchone() == (owner,)
                members = connection.execute("select distinct member from fact order by member limit 2").fetchall()
            with doors.seeing(Identity(Role.MEMBER, member=members[0][0])) as connection:
                assert connection.execute("select session_user, current_user").fetchone() == (pages, "lifepot_member")
                assert connection.execute("select distinct member from fact").fetchall() == members[:1]
                connection.execute("reset role")
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute("select from fact")
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(sql.SQL("set role {}").format(sql.Identifier(owner)))
            operator = Identity(Role.OPERATOR, who="the operator")
            with doors.seeing(operator, [members[0][0]], "a call") as connection:
                assert connection.execute("select member from personal.person").fetchall() == members[:1]
        finally:
            doors.close()


def _granted(server: EmbeddedServer, grant: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as administrator:
        administrator.execute(grant.encode())


def test_no_statement_needs_a_newer_postgresql_than_the_oldest_one() -> None:
    """What came with PostgreSQL 17 and 18 is not in our statements: 16 is promised, and the tests run on a newer one."""
    newer = re.compile(r"uuidv[47]\(|json_table\(|merge_action\(|random\(\w+, ")
    files = [one for one in Path(lifepot.__file__).parent.rglob("*") if one.suffix == ".sql"]
    assert [str(one) for one in files if newer.search(one.read_text("utf-8").lower())] == []
