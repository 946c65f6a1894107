"""The pot at a glance: what the statement says, from few reads; and what each role may read for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from tests.glancing import check_glance
from tests.schemes import ANN, BOB, CAT, DAN, Scheme, clock, opened, paid, pay, says, withdrawn

from lifepot.kernel.columns import PARTIES
from lifepot.periods import date_of, parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_month, write_sample
from lifepot.scheme.glance import glance, known
from lifepot.scheme.people import merge, split
from lifepot.scheme.resettle import adopt
from lifepot.scheme.standing import read_standing
from lifepot.scheme.statement import find_member
from lifepot.storage import store as storing
from lifepot.storage.server import EmbeddedServer


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A scheme of its own."""
    with opened(server, tmp_path) as one:
        yield one


def everybody(scheme: Scheme) -> list[int]:
    """All members' numbers."""
    rows = scheme.connection.execute("select member from personal.person order by member").fetchall()
    return [member for (member,) in rows]


def test_a_month_by_hand(scheme: Scheme) -> None:
    """£30 and £30 sent on £1,000, £18 owed by government: the pot, its picture and its last entries say so."""
    scheme.told([pay(ANN, "2026-04-28", "1000.00", "30.00", "30.00")], "2026-05-05")
    seen = check_glance(scheme.connection, find_member(scheme.connection, ANN))
    assert seen.usable == {"worker": 30_00, "employer": 30_00, "government": 0}
    assert seen.owed == {"worker": 0, "employer": 0, "government": 18_00}
    assert (seen.put_in, seen.others, seen.became(3_00)) == (30_00, 48_00, 2_50)
    before, april, now = seen.points
    assert (before.on, april.on, now.on) == tuple(map(parse_day, ("2026-04-27", "2026-04-30", "2026-05-05")))
    assert (before.here, april.here, april.owed) == ((0, 0, 0), (30_00, 30_00, 0), (0, 0, 18_00))
    assert {one.because.split(",")[0] for one in seen.entries} == {"pay of 2026-04-28 from ACME"}


def test_nobody_has_an_empty_pot(scheme: Scheme) -> None:
    """Of a number that is no member's nothing is said, and nothing fails."""
    seen = glance(scheme.connection, 999)
    assert (seen.points, seen.entries, seen.put_in, seen.opened_on) == ([], [], 0, None)
    assert seen.usable == seen.owed == dict.fromkeys(PARTIES, 0)


def test_several_payers_corrections_and_withdrawals(scheme: Scheme) -> None:
    """Two payers, a pay corrected, one removed, money taken out beyond what is left: as the statement says, after each file."""
    may = [
        pay(ANN, "2026-04-28", "1000.00", "30.00", "30.00", period_start="2026-04-01", period_end="2026-04-30"),
        pay(BOB, "2026-04-28", "2000.00", "60.00", "60.00", period_start="2026-04-01", period_end="2026-04-30"),
    ]
    told: list[tuple[list[Any], str, str | None]] = [
        (may, "2026-05-05", None),
        ([pay(ANN, "2026-05-10", "400.00", "12.00", "0.00", payer="BETA")], "2026-05-20", None),
        ([paid(ANN, "2026-05-12", "50.00"), says(CAT, "2026-05-01", "caring", "yes")], "2026-05-20", None),
        ([withdrawn(ANN, "2026-05-15", "80.00", "student_loan")], "2026-06-02", None),
        ([{**may[0], "earnings": "700.00", "worker": "21.00"}], "2026-06-20", "replaces"),
        ([withdrawn(ANN, "2026-06-25", "40.00")], "2026-06-30", None),
    ]  # fmt: skip
    for rows, as_of, mode in told:
        reply = scheme.tell(rows, as_of, mode)
        assert reply.state == "received", reply.lines()
        for member in everybody(scheme):
            check_glance(scheme.connection, member)
            check_glance(scheme.connection, member, last=2)
            check_glance(scheme.connection, member, last=1_000)


def test_members_who_were_merged_and_split(scheme: Scheme) -> None:
    """Who was found to be another, and the one they were found to be, are each as their statements say; and while others'
    facts are read as theirs, every batch makes what is kept of them old.
    """
    scheme.told([pay(ANN, "2026-04-28", "1000.00", "30.00", "30.00")], "2026-05-05")
    scheme.told([pay(ANN, "2026-04-29", "200.00", "6.00", "6.00", payer="GAMMA")], "2026-05-05")
    scheme.told([pay(BOB, "2026-04-30", "500.00", "15.00", "15.00", payer="BETA")], "2026-05-05")
    ann, bob = (find_member(scheme.connection, nino) for nino in (ANN, BOB))
    assert glance(scheme.connection, ann).known.place == 0
    merge(scheme.connection, bob, ann, clock("2026-05-06"))
    for member in (ann, bob):
        assert check_glance(scheme.connection, member).known.place == scheme.place()
    other, _ = split(scheme.connection, ann, ["GAMMA"], None, clock("2026-05-07"))
    for member in (ann, bob, other):
        check_glance(scheme.connection, member)


def test_neighbours_in_large_batches(scheme: Scheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches whose closings stand many to a row, with narrow and wide gaps between the members and small batches beside them,
    everybody sees their own, and whoever stands in a gap nothing.
    """
    monkeypatch.setattr(storing, "LARGE", 40)
    for month in (4, 5, 6):
        first = date_of(parse_day(f"2026-0{month}-01"))
        # Whoever joins in May has a number far from the others'.
        scheme.connection.execute(
            "select setval('personal.member_number', greatest(20000, nextval('personal.member_number')))"
        )
        people = 240 if month < 5 else 300
        paths = write_month(tmp_path / "files", members=people, month=first, seed=7, gig_every=3, shares=(2, 1))
        for path in sorted(paths, key=lambda one: one.name, reverse=True):
            assert scheme.tell(path, f"2026-0{month + 1}-05").clean
    assert scheme.one("select count(*) from batch where large") == 6
    assert scheme.one("select count(*) from batch where closings > 0 and not large") == 3
    assert scheme.one("select max(members) from closing") > 20
    members = np.random.default_rng(1).permutation(everybody(scheme))[:30].tolist()
    for member in members:
        check_glance(scheme.connection, member)
    for gap in (1_000, 19_999, 30_000):
        assert glance(scheme.connection, gap).points == []


def test_a_lifelike_sample(scheme: Scheme, tmp_path: Path) -> None:
    """People with several jobs, gigs, amendments and payments of their own: as their statements say."""
    sample = write_sample(tmp_path / "files", members=40, months=4, seed=5)
    for file in sample.files:
        scheme.tell(file.path, "2026-08-05")
    for member in everybody(scheme)[::4]:
        check_glance(scheme.connection, member)


def test_what_is_kept_is_known_by_all_it_depends_on(scheme: Scheme) -> None:
    """The key of what is kept stays while nothing of the member's changes, and changes with each thing that could matter."""
    scheme.told([pay(ANN, "2026-04-28", "1000.00", "30.00", "30.00")], "2026-05-05")
    ann = find_member(scheme.connection, ANN)
    keys = [glance(scheme.connection, ann).known]
    scheme.told([pay(DAN, "2026-04-28", "900.00", "27.00", "27.00", payer="BETA")], "2026-05-05")
    assert known(scheme.connection, ann) == keys[0]
    scheme.told([pay(ANN, "2026-04-29", "100.00", "3.00", "3.00", payer="GAMMA")], "2026-05-05")
    keys.append(glance(scheme.connection, ann).known)
    scheme.told([pay(DAN, "2026-05-28", "900.00", "27.00", "27.00")], "2026-06-05")
    keys.append(glance(scheme.connection, ann).known)
    scheme.connection.execute("update personal.person set surname = 'Else' where member = %s", [ann])
    keys.append(glance(scheme.connection, ann).known)
    text, file = rulebook_text("lifetime-savings-account")
    adopt(scheme.connection, text, file, parse_day("2027-01-01"), clock("2026-06-05"))
    keys.append(glance(scheme.connection, ann).known)
    assert len(set(keys)) == len(keys)


def test_how_often_a_glance_asks(scheme: Scheme) -> None:
    """Once the rulebook is known, a glance is four questions to the server, and whether it is still the same is one."""
    scheme.told([pay(ANN, "2026-04-28", "1000.00", "30.00", "30.00")], "2026-05-05")
    ann = find_member(scheme.connection, ANN)
    glance(scheme.connection, ann)
    asked = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **more: Any) -> Any:
            asked.append(query)
            return super().execute(query, *rest, **more)

    scheme.connection.cursor_factory = Counting
    glance(scheme.connection, ann)
    assert len(asked) == 4
    known(scheme.connection, ann)
    assert len(asked) == 5


# What a role may read

MEMBERS_ROLE = "glancing_member"


@pytest.fixture
def members_role(scheme: Scheme) -> Iterator[str]:
    """A role of those who see a member's own rows, with policies and no right to read closings."""
    connection = scheme.connection
    me = "(select nullif(current_setting('lifepot.members', true), '')::integer)"
    own = "({0} >> 40 < 64 and {0} & 1099511627775 = " + me + ")"
    # Not `exists`, which the planner would answer from a list of everybody's facts.
    behind = f"(select fact.member from fact where fact.id = transfer.fact) = {me}"
    sides = (own.format("debit"), own.format("credit"), behind)
    statements = [
        f"drop role if exists {MEMBERS_ROLE}",
        f"create role {MEMBERS_ROLE}",
        f"grant usage on schema public, personal to {MEMBERS_ROLE}",
        f"grant select on scheme, rule, attribute, rulebook_version, payer, transfer, fact to {MEMBERS_ROLE}",
        f"grant select (number, place, as_of, closings, head) on batch to {MEMBERS_ROLE}",
        f"grant select on personal.person to {MEMBERS_ROLE}",
        f"grant select (file, name) on personal.received_file to {MEMBERS_ROLE}",
        *(f"alter table {table} enable row level security" for table in ("transfer", "fact", "personal.person")),
        f"create policy own on fact for select to {MEMBERS_ROLE} using (member = {me})",
        f"create policy own on personal.person for select to {MEMBERS_ROLE} using (member = {me})",
        f"create policy own on transfer for select to {MEMBERS_ROLE} using ({' or '.join(sides)})",
    ]
    for statement in statements:
        connection.execute(statement.encode())
    connection.commit()
    yield MEMBERS_ROLE
    connection.rollback()
    connection.execute(f"drop owned by {MEMBERS_ROLE}".encode())
    connection.execute(f"drop role {MEMBERS_ROLE}".encode())
    connection.commit()


def seen_as(scheme: Scheme, role: str, who: int | None, member: int) -> Any:
    """What a glance at a member says to the role, who says whom it acts for."""
    with scheme.connection.transaction(force_rollback=True):
        scheme.connection.execute(f"set local role {role}".encode())
        if who is not None:
            scheme.connection.execute("select set_config('lifepot.members', %s, true)", [str(who)])
        return glance(scheme.connection, member)


def test_a_member_sees_the_same_and_nobody_elses(
    scheme: Scheme, members_role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the member's own role a glance is what it is to the owner; at anybody else, or as nobody, it shows nothing; and
    the rows in which neighbours' closings stand cannot be read.
    """
    monkeypatch.setattr(storing, "LARGE", 3)
    ninos = (ANN, BOB, CAT, DAN)
    scheme.told([pay(one, "2026-04-28", "1000.00", "30.00", "30.00") for one in ninos], "2026-05-05")
    scheme.told([paid(BOB, "2026-05-12", "50.00")], "2026-05-20")
    scheme.told([withdrawn(BOB, "2026-05-15", "20.00", "student_loan")], "2026-05-21")
    ann, bob, cat, _dan = (find_member(scheme.connection, nino) for nino in ninos)
    assert scheme.one("select count(*) from closing where members = 4") == 1
    scheme.connection.commit()
    for member in (ann, bob, cat):
        assert seen_as(scheme, members_role, member, member) == check_glance(scheme.connection, member)
    for who in (ann, None):
        hidden = seen_as(scheme, members_role, who, bob)
        assert (hidden.name, hidden.entries, hidden.points, hidden.opened_on) == ("", [], [], None)
        assert hidden.usable == hidden.owed == dict.fromkeys(PARTIES, 0)
    for refused in ("select records from closing", "select member from closing_view"):
        scheme.connection.execute(f"set local role {members_role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            scheme.connection.execute(refused.encode())
        scheme.connection.rollback()


def test_settings_are_read_anew_when_they_change(scheme: Scheme) -> None:
    """What is kept of a scheme's settings is only what they still are."""
    before = read_standing(scheme.connection)
    scheme.connection.execute("update scheme set title = 'Another'")
    assert read_standing(scheme.connection).title == "Another"
    scheme.connection.rollback()
    again = read_standing(scheme.connection)
    assert (again.title, again.versions) == (before.title, before.versions)
