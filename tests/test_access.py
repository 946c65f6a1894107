"""Who comes in and what they see: the database decides, and nobody it was not told of sees anything."""

import psycopg
import pytest
from tests.served import Served, sample_of_gig, words_of

from lifepot.access.identity import SIGHT, Identity, Role
from lifepot.inbox import gigs, worker
from lifepot.papers.member import member_figures
from lifepot.scheme.glance import glance

PERSONAL = ("person", "identity", "employment", "withdrawal", "income", "evidence", "household_link", "heir")


def test_every_table_is_closed_and_an_unset_identity_sees_no_rows(served: Served) -> None:
    """Each table has row security; under every role with nothing set, tables of persons, facts and entries show no row."""
    with psycopg.connect(served.url) as connection:
        open_ = connection.execute(
            "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname in ('public', 'personal', 'door') and relkind = 'r' and not relrowsecurity"
        ).fetchall()
        assert open_ == []
        tables = connection.execute(
            "select schemaname || '.' || tablename from pg_tables where schemaname in ('personal', 'door')"
        ).fetchall()
        for role in sorted(set(SIGHT.values())):
            names_nobody = {"personal.payee", "personal.course", "personal.received_file", "door.design"}
            staff = {"lifepot_operator", "lifepot_auditor"}
            for (table,) in [*tables, ("fact",), ("transfer",)]:
                if table in names_nobody or (role in staff and not any(table.endswith(one) for one in PERSONAL)):
                    continue
                connection.execute("select set_config('role', %s, true)", [role])
                try:
                    count = connection.execute(f"select count(*) from {table}".encode()).fetchone()
                except psycopg.errors.InsufficientPrivilege:
                    count = (0,)
                connection.rollback()
                assert count == (0,), (role, table)


def test_a_member_sees_their_own_and_the_same_as_the_scheme_does(served: Served) -> None:
    """Under row security a member's figures are those that the scheme itself reads, and another's are none."""
    mine, other = served.identity("member"), served.identity("other member")
    assert mine.member is not None
    assert other.member is not None
    with served.doors.acting() as connection:
        expected = member_figures(connection, mine.member).as_dict()
        first_sight = glance(connection, mine.member)
        hidden = glance(connection, other.member)
    with served.doors.seeing(mine) as connection:
        assert member_figures(connection, mine.member).as_dict() == expected
        assert glance(connection, mine.member) == first_sight
        assert hidden.points
        assert glance(connection, other.member).points == glance(connection, other.member).entries == []
        assert connection.execute("select distinct member from fact").fetchall() == [(mine.member,)]
        assert connection.execute("select member from personal.person").fetchall() == [(mine.member,)]
        seen = connection.execute("select count(*) from transfer").fetchone()
    with served.doors.seeing(other) as connection:
        theirs = connection.execute("select count(*) from transfer").fetchone()
    assert seen != theirs


def test_seeing_changes_nothing(served: Served) -> None:
    """Who sees cannot write, not even what their role could: the transaction reads only."""
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        served.doors.seeing(served.identity("operator")) as connection,
    ):
        connection.execute("insert into door.look (looked_at, member, who, role, what) values (now(), 1, '', '', '')")


def test_staff_see_a_person_only_when_the_look_is_written_down(served: Served) -> None:
    """An operator sees no name before a look, the looked-at one's after it, and that person reads who looked, when and why."""
    operator, member = served.identity("operator"), served.identity("member")
    assert member.member is not None
    with served.doors.seeing(operator) as connection:
        assert connection.execute("select count(*) from personal.person").fetchone() == (0,)
    with served.doors.seeing(operator, [member.member], "a call by telephone") as connection:
        assert connection.execute("select member from personal.person").fetchall() == [(member.member,)]
    with served.doors.seeing(member) as connection:
        looks = connection.execute("select who, role, what from door.look").fetchall()
    assert looks == [(operator.who, "operator", "a call by telephone")]
    with served.doors.seeing(served.identity("other member")) as connection:
        assert connection.execute("select count(*) from door.look").fetchone() == (0,)


def test_a_clerk_sees_what_the_payer_told_and_nothing_else(served: Served) -> None:
    """A clerk's facts and entries are the payer's; names, pots and what government adds are not to be seen."""
    clerk = served.identity("clerk")
    with served.doors.seeing(clerk) as connection:
        assert connection.execute("select distinct payer from fact").fetchall() == [(clerk.payer,)]
        assert connection.execute(
            "select count(*) from transfer where not ((debit >> 40) between 64 and 66 or (credit >> 40) between 64 and 66)"
        ).fetchone() == (0,)
    for table in ("personal.person", "personal.identity", "closing", "personal.withdrawal", "door.look", "door.login"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), served.doors.seeing(clerk) as connection:
            connection.execute(f"select from {table}".encode())


def test_nobody_but_the_door_reads_logins_and_sessions(served: Served) -> None:
    """No role reads a login, a session, a ticket, an invitation or a key's hash."""
    for role in Role:
        identity = Identity(role, member=1, payer=1)
        for asked in (
            "login.login from door.login",
            "hash from door.session",
            "hash from door.ticket",
            "hash from door.key",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), served.doors.seeing(identity) as connection:
                connection.execute(f"select {asked}".encode())


def test_a_gig_is_durable_when_it_is_answered_and_what_follows_is_told(served: Served) -> None:
    """A gig is answered with 201, found again by its number, and after the worker came its entries are the platform's own."""
    machine = served.machine("clerk")
    answer = machine.post("/api/v1/gigs", json=sample_of_gig())
    assert answer.status_code == 201, answer.text
    where = answer.headers["location"]
    assert machine.get(where).json()["state"] == "kept"
    assert worker.fold_all(served.doors)
    told = machine.get(where).json()
    assert (told["state"], told["faults"], told["line"]) == ("received", [], 2)
    assert told["followed"]
    again = machine.post("/api/v1/gigs", json=sample_of_gig())
    assert (again.status_code, again.json()["gig"]) == (200, answer.json()["gig"])
    otherwise = machine.post("/api/v1/gigs", json=sample_of_gig() | {"gross": "121.00"})
    assert (otherwise.status_code, otherwise.headers["content-type"]) == (409, "application/problem+json")
    assert served.machine("other clerk").get(where).status_code == 404
    with served.doors.acting() as connection:
        assert gigs.waiting_payers(connection) == []


def test_a_faulty_gig_is_refused_with_the_codes_of_a_reply(served: Served) -> None:
    """What a file's reply would say of the row is what the API says of the gig."""
    answer = served.machine("clerk").post("/api/v1/gigs", json=sample_of_gig() | {"gross": "12,5"})
    assert answer.status_code == 422
    assert [(one["path"], one["code"]) for one in answer.json()["faults"]] == [("gross", "amount_comma")]


def test_pages_of_each_role_are_for_that_role(served: Served) -> None:
    """A member reads their pot; a clerk and an auditor do not; nobody is asked to sign in."""
    assert "In your pot" in words_of(served.browser("member").get("/me"))
    for name in ("clerk", "auditor"):
        served.browser(name).get("/me", status=403)
    answer = served.client().get("/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/me")


def test_a_bureaus_file_is_read_by_no_clerk_of_it(served: Served) -> None:
    """Where a file tells of two payers each sees that there is such a file, and neither what stands in its rows."""
    mine, other = served.identity("clerk"), served.identity("other clerk")
    count = "select count(*) from personal.received_block where file = %s"
    with served.doors.acting() as connection:
        row = connection.execute(
            "select file from told where payer = %s group by file order by file limit 1", [mine.payer]
        ).fetchone()
        assert row is not None
        file = row[0]
    with served.doors.seeing(mine) as connection:
        assert connection.execute(count.encode(), [file]).fetchone() != (0,)
    with served.doors.acting() as connection:
        connection.execute(
            "insert into told select %s, kind, period_start, period_end, layout, file, batch from told where file = %s and payer = %s",
            [other.payer, file, mine.payer],
        )
        connection.commit()
    for clerk in (mine, other):
        with served.doors.seeing(clerk) as connection:
            assert connection.execute(count.encode(), [file]).fetchone() == (0,)
            assert (
                connection.execute("select from personal.received_file where file = %s", [file]).fetchone() is not None
            )
