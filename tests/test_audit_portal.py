"""The auditor's pages: every total leads to the line of a file and back, what is proved is told, and nothing can be changed from here."""

import csv
import io
import json
import re

import pytest
from fastapi.routing import APIRoute
from tests.served import Served, hidden_of, words_of
from tests.staffing import asked_for, looking, said, saver, work

from lifepot.access.identity import Role
from lifepot.portals.routes import routers

PAGES = ("/audit", "/audit/chain", "/audit/verify", "/audit/looks", "/audit/agreed", "/audit/export")


def first_link(text: str, pattern: str) -> str:
    """The first link of a page that fits."""
    found = re.search(rf'href="({pattern})"', text)
    assert found is not None, pattern
    return found[1].replace("&amp;", "&")


def test_every_page_opens_to_the_auditor_alone(served: Served) -> None:
    """Each page answers the auditor; an operator, an approver and a member are kept out."""
    auditor = served.browser("auditor")
    for path in PAGES:
        auditor.get(path)
        for name in ("operator", "approver", "member", "clerk"):
            served.browser(name).get(path, status=403)


def test_from_a_total_to_the_line_of_the_file_and_back(served: Served) -> None:
    """A total leads to its entries, an entry to its fact, a fact to the line that told it, which names the member's own NINO; and
    the line leads back to the batch that took the file in, and that to the very fact.
    """
    auditor = served.browser("auditor")
    account = first_link(auditor.get("/audit"), r"/audit/account/in_transit:[^\"]+")
    entry = first_link(auditor.get(account), r"/audit/entry/\d+")
    text = auditor.get(entry)
    assert account.partition("?")[0] in text
    fact = first_link(text, r"/audit/fact/\d+")
    text = auditor.get(fact)
    assert entry in text
    line = first_link(text, r"/audit/fact/\d+/line")
    shown = auditor.get(line)
    with served.doors.acting() as connection:
        number = int(fact.rpartition("/")[2])
        row = connection.execute(
            "select member, line, name from fact join personal.received_file using (file) where id = %s", [number]
        ).fetchone()
        assert row is not None
        ninos = [
            nino for (nino,) in connection.execute("select nino from personal.identity where member = %s", [row[0]])
        ]
        looks = connection.execute(
            "select what from door.look where member = %s and role = 'auditor'", [row[0]]
        ).fetchall()
    assert f"Line {row[1]} of" in words_of(shown)
    assert row[2] in words_of(shown)
    assert any(nino in words_of(shown) for nino in ninos)
    assert looks == [(f"line {row[1]} of {row[2]}, because: the audit of fact {number}",)]
    batch = first_link(shown, r"/audit/chain/\d+")
    assert fact in auditor.get(batch)


def test_every_told_line_is_found_as_it_came(served: Served) -> None:
    """Of each layout, the line that is shown for a fact holds the person's NINO or payroll number; of XML it is their element."""
    from lifepot.scheme.tracing import lines_of_file

    with served.doors.acting() as connection:
        facts = connection.execute(
            "select distinct on (layout, file) layout, file, line, fact.member, nino, payroll_id from fact "
            "join personal.received_file using (file) left join personal.identity on identity.member = fact.member "
            "join personal.employment on employment.member = fact.member and employment.payer = fact.payer "
            "where kind = 1 order by layout, file, line desc"
        ).fetchall()
        assert len({layout for layout, *_ in facts}) >= 3
        for layout, file, line, member, nino, payroll_id in facts:
            found = lines_of_file(connection, file, line, member)
            assert found, (layout, file, line)
            bare = " ".join(one.text for one in found).replace(" ", "")
            assert (nino and nino in bare) or payroll_id in bare, (layout, found)


def test_the_books_are_shown_as_of_a_day_and_as_known(served: Served) -> None:
    """The books of an earlier place hold less than now; a day or a place that means nothing is told beside its field."""
    auditor = served.browser("auditor")
    now, then = said(auditor, "/audit"), said(auditor, "/audit?known=3&effective=2026-05-31")
    assert now != then
    assert "Place in the chain 3" in then
    assert "Enter a day" in said(auditor, "/audit?effective=yesterday", status=400)
    assert "Enter a place of the chain" in said(auditor, "/audit?known=99999", status=400)


@pytest.mark.parametrize(
    "name", ["worker", "government_owed", "bank", "owed_by_government", "in_transit", "worker:1", "owed_by:1"]
)
def test_an_accounts_pages_hold_each_entry_once(served: Served, name: str) -> None:
    """Page by page an account's entries are those that the database counts, in rising order, also where a page looks at few."""
    from lifepot.scheme.tracing import entries_of_account, span_of

    first, last = span_of(name)
    with served.doors.seeing(served.identity("auditor")) as connection:
        expected = [
            number
            for (number,) in connection.execute(
                "select id from transfer where debit between %(first)s and %(last)s or credit between %(first)s and %(last)s order by id",
                {"first": first, "last": last},
            )
        ]
        found: list[int] = []
        after: int | None = 0
        while after is not None:
            page = entries_of_account(connection, name, after, most=7, looked_at=40)
            found += [one.entry for one in page.entries]
            after = page.after
    assert found == expected


def test_the_chain_is_compared_with_a_head(served: Served) -> None:
    """A head that a reply printed is found at its place, another nowhere, and what is none is told so."""
    auditor = served.browser("auditor")
    with served.doors.acting() as connection:
        row = connection.execute("select encode(head, 'hex') from batch where place = 4").fetchone()
    assert row is not None
    assert "This head stands at place 4" in said(auditor, f"/audit/chain?head={row[0]}")
    assert "stands nowhere" in said(auditor, f"/audit/chain?head={'0' * 64}")
    assert "Enter the 64 hexadecimal digits" in said(auditor, "/audit/chain?head=abc", status=400)
    assert "Place 1" in said(auditor, "/audit/chain?before=2")
    auditor.get("/audit/chain/4")
    auditor.get("/audit/chain/99999", status=404)
    for path in ("/audit/entry/5", "/audit/fact/5", "/audit/account/nonsense", "/audit/export/persons"):
        auditor.get(path, status=404)


def test_the_books_are_proved_from_here_and_nothing_changes(served: Served) -> None:
    """Verify runs as a job with a head to look for, once however often it is pressed; its findings are told, and no row changed."""
    auditor = served.browser("auditor")
    with served.doors.acting() as connection:
        row = connection.execute("select encode(head, 'hex'), place from batch order by place desc limit 1").fetchone()
    assert row is not None
    wrong = auditor.send("/audit/verify", "/audit/verify", {"head": "xyz"}, status=400)
    assert "Enter the 64 hexadecimal digits" in words_of(wrong.text)
    hidden = hidden_of(auditor.get("/audit/verify"), "/audit/verify") | {"head": row[0]}
    answers = [auditor.client.post("/audit/verify", data=hidden) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    path = answers[0].headers["location"]
    assert "Waiting to begin" in said(auditor, path)
    work(served)
    text = said(auditor, path)
    assert "All of it is proved." in text
    assert f"The head you gave stands at place {row[1]}." in text
    assert "all proved" in said(auditor, "/audit/verify")
    with served.doors.acting() as connection:
        assert connection.execute("select max(place) from batch").fetchone() == (row[1],)
    auditor.get("/audit/verify/999", status=404)


def test_a_changed_row_is_told(served: Served) -> None:
    """What somebody changed beside the programs is found and told with its place."""
    with served.doors.acting() as connection:
        connection.execute("alter table transfer disable trigger never_changes")
        connection.execute("update transfer set amount = amount + 1 where id = (select min(id) from transfer)")
        connection.execute("alter table transfer enable trigger never_changes")
    auditor = served.browser("auditor")
    path = auditor.send("/audit/verify", "/audit/verify").headers["location"]
    work(served)
    text = said(auditor, path)
    assert "Not proved" in text
    assert "What was found" in text


def test_looks_and_agreements_are_told(served: Served) -> None:
    """Who looked at whom and why, what one asked for and another decided, and who gave whom which seat."""
    auditor, operator, approver = served.browser("auditor"), served.browser("operator"), served.browser("approver")
    member = saver(served)
    looking(operator, member)
    base = f"/operator/members/{member}/change/born"
    operator.send(base, base, {"born": "1951-05-05", "reason": "The passport says so."})
    approver.send("/operator/proposals/1", "/operator/proposals/1/agree")
    text = said(auditor, f"/audit/looks?member={member}")
    assert "a call by telephone" in text
    assert operator.identity.who in text
    text = said(auditor, "/audit/agreed")
    assert operator.identity.who in text
    assert approver.identity.who in text
    assert "the tests" in text
    text = auditor.get("/audit/agreed/1")
    assert "The passport says so." in text
    auditor.get(first_link(text, r"/audit/chain/\d+"))


def test_what_is_exported_is_the_books_without_names(served: Served) -> None:
    """CSV and JSON lines hold every entry, fact and batch, the same in both, and no member's name or NINO."""
    saver(served)
    auditor = served.browser("auditor")
    with served.doors.acting() as connection:
        counts = {
            name: connection.execute(f"select count(*) from {table}".encode()).fetchone()
            for name, table in (
                ("journal", "transfer"),
                ("facts", "fact"),
                ("batches", "batch"),
                ("rulebooks", "rulebook_version"),
            )
        }
        surnames = {name for (name,) in connection.execute("select surname from personal.person where surname <> ''")}
        ninos = {nino for (nino,) in connection.execute("select nino from personal.identity")}
    for name, expected in counts.items():
        answer = auditor.client.get(f"/audit/export/{name}?form=csv")
        assert answer.headers["content-disposition"] == f'attachment; filename="lifepot-{name}.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        lines = [json.loads(line) for line in auditor.client.get(f"/audit/export/{name}?form=jsonl").text.splitlines()]
        assert expected == (len(rows),) == (len(lines),)
        assert [set(one) for one in lines] == [set(one) for one in rows]
        if name != "rulebooks":
            values = {str(value) for one in lines for value in one.values()}
            assert not values & (surnames | ninos)
            assert not any(nino in answer.text for nino in ninos)


def test_no_form_of_the_auditors_changes_anything(served: Served) -> None:
    """Of all that answers to an auditor, one thing is asked for by POST: to prove the books; and what an auditor sends elsewhere is refused."""
    posts = []
    for router in routers():
        for route in router.routes:
            assert isinstance(route, APIRoute)
            if not route.methods <= {"GET", "HEAD"}:
                roles = [getattr(one.call, "roles", None) for one in route.dependant.dependencies]
                if any(of and Role.AUDITOR in of for of in roles):
                    posts.append(route.path)
    assert posts == ["/audit/verify"]
    auditor = served.browser("auditor")
    token = hidden_of(auditor.get("/audit/verify"), "/audit/verify")
    number = asked_for(served, saver(served), 10_00)
    for path in (
        "/operator/month", "/operator/files", "/operator/seats", f"/operator/withdrawals/{number}/approve", "/operator/proposals/1/agree",
        "/operator/rules", "/operator/claims",
    ):  # fmt: skip
        assert auditor.client.post(path, data=token).status_code == 403


def test_the_databases_auditor_may_write_nothing(served: Served) -> None:
    """No table, view or column grants the auditor's role anything but to read; what it may call writes nothing but that it looked."""
    with served.doors.acting() as connection:
        grants = {
            one
            for (one,) in connection.execute(
                "select privilege_type from information_schema.table_privileges where grantee = 'lifepot_auditor' "
                "union select privilege_type from information_schema.column_privileges where grantee = 'lifepot_auditor'"
            )
        }
        calls = {
            one
            for (one,) in connection.execute(
                "select routine_name from information_schema.routine_privileges where grantee = 'lifepot_auditor'"
            )
        }
    assert grants == {"SELECT"}
    assert calls <= {"look_at"}
