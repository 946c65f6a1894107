"""What a member says, shares, takes away and has put right at the pages, without script."""

import io
import json
import re
import zipfile

import psycopg
import pytest
from tests.served import Browser, Served, hidden_of, words_of

from lifepot.access import keys, messages
from lifepot.papers.member import member_figures
from lifepot.scheme.people import merge, split


@pytest.fixture
def member(served: Served) -> Browser:
    """A member at a browser."""
    return served.browser("member")


def number(browser: Browser) -> int:
    """The member's number of whoever sits there."""
    assert browser.identity.member is not None
    return browser.identity.member


def linked(served: Served, member: Browser) -> tuple[Browser, str]:
    """The other member, who was asked and said yes, and the path of the link."""
    other = served.browser("other member")
    member.send("/me/household", "/me/household/ask", {"other": str(number(other))})
    (path,) = re.findall(r'action="(/me/household/\d+)/accept"', other.get("/me/household"))
    other.send("/me/household", f"{path}/accept", {"other": str(number(member))})
    return other, path


def test_a_payer_is_told_what_to_change_once_and_sees_it(served: Served, member: Browser) -> None:
    """What a member asks of a payer is kept once however often it is sent, and only that payer's clerk sees it."""
    page = member.get("/me/contribution")
    payer = re.findall(r'name="payer" value="(\d+)"', page)[0]
    fields = hidden_of(page, "/me/contribution") | {
        "payer": payer, "wish": "share", "share": "5", "from": "2026-09-01", "words": "Thank you, <b>Jo</b>",
    }  # fmt: skip
    for _ in range(2):
        assert member.client.post("/me/contribution", data=fields).headers["location"] == "/me/contribution/told"
    assert "5% of each pay, from 1 September 2026" in words_of(member.get("/me/contribution/told"))
    assert "&lt;b&gt;Jo&lt;/b&gt;" in member.get("/me/contribution")
    for name in ("clerk", "other clerk"):
        clerk = served.identity(name)
        with served.doors.seeing(clerk) as connection:
            seen = messages.messages(connection)
        assert [one.said["share_bps"] for one in seen] == ([500] if str(clerk.payer) == payer else [])
    assert "What you told" not in served.browser("other member").get("/me/contribution")


def test_what_is_asked_of_a_payer_must_be_whole(member: Browser) -> None:
    """Nobody to tell, nothing to change, no amount, a day that was: each is said beside its field and nothing is kept."""
    said = words_of(member.send("/me/contribution", "/me/contribution", {"from": "2026-01-01"}, status=400).text)
    for words in ("Choose whom to tell.", "Choose what should change.", "Give a day from today on"):
        assert words in said
    said = member.send("/me/contribution", "/me/contribution", {"wish": "amount", "amount": "much"}, status=400).text
    assert 'href="#amount"' in said
    assert "What you told" not in member.get("/me/contribution")


def test_leaving_is_said_by_the_member_and_settled_at_once(served: Served, member: Browser) -> None:
    """What leaving would do is shown first; it is done once, is in the books, and can be taken back."""
    path = "/me/contribution/say/opted_out"
    assert "What happens at once" in member.get(path)
    fields = hidden_of(member.get(path), path)
    assert [member.client.post(path, data=fields).status_code for _ in range(2)] == [303, 303]
    assert "Said on 20 August 2026" in words_of(member.get("/me/contribution"))
    with served.doors.acting() as connection:
        assert connection.execute("select count(*) from batch where kind = 'said'").fetchone() == (1,)
        notes = member_figures(connection, number(member)).notes
    assert any("you left with it" in one.casefold() for one in notes)
    member.send(path, path)
    assert "You have not said so" in words_of(member.get("/me/contribution"))
    member.get("/me/contribution/say/caring", status=404)
    assert member.client.post("/me/contribution/say/caring", data=fields | {"once": "another"}).status_code == 404


def test_two_are_linked_only_when_both_said_yes_and_see_nothing_else(served: Served, member: Browser) -> None:
    """Asking shows no name; yes is said by naming who asks; then both see the goal and both sums, and either ends it."""
    other = served.browser("other member")
    member.send("/me/household", "/me/household/ask", {"other": str(number(other))})
    assert "They have not answered yet" in words_of(member.get("/me/household"))
    with served.doors.acting() as connection:
        names = dict(connection.execute("select member, surname from personal.person").fetchall())
    page = other.get("/me/household")
    assert "Somebody asks" in page
    assert names[number(member)] not in page
    assert names[number(other)] not in member.get("/me/household")
    (path,) = re.findall(r'action="(/me/household/\d+)/accept"', page)
    assert "That is not who asks" in other.send("/me/household", f"{path}/accept", {"other": "999"}, status=400).text
    other.send("/me/household", f"{path}/accept", {"other": str(number(member))})
    member.send("/me/household", f"{path}/goal", {"name": "Our home", "target": "30000", "purpose": "first_home"})
    for one, its in ((member, other), (other, member)):
        said = words_of(one.get("/me/household"))
        assert "Our home" in said
        assert "£30,000.00" in said
        assert names[number(its)] in said
    other.send("/me/household", f"{path}/leave")
    assert "Our home" not in member.get("/me/household")


def test_asking_tells_nothing_of_whom_was_asked(member: Browser) -> None:
    """Whether there is such an account or not, the answer is the same; what is no number at all is told, and guessing is slowed."""
    answers = [member.send("/me/household", "/me/household/ask", {"other": one}) for one in ("999999", "QQ123456C")]
    assert {one.headers["location"] for one in answers} == {"/me/household/asked"}
    assert "Give a member" in member.send("/me/household", "/me/household/ask", {"other": "<x>"}, status=400).text
    fields = hidden_of(member.get("/me/household"), "/me/household/ask")
    tried = [
        member.client.post(
            "/me/household/ask", data=fields | {"once": f"try {nth}", "other": str(nth + 100)}
        ).status_code
        for nth in range(8)
    ]
    assert tried[-1] == 429


def test_gifts_and_the_yes_for_a_loan_are_given_and_taken_back(served: Served, member: Browser) -> None:
    """A gift and a consent are said once, seen by both, and ended by whoever gave them."""
    other, path = linked(served, member)
    fields = hidden_of(member.get("/me/household"), f"{path}/gift") | {"amount": "25", "day": "1"}
    assert [member.client.post(f"{path}/gift", data=fields).status_code for _ in range(2)] == [303, 303]
    assert words_of(other.get("/me/household")).count("They give you £25.00 on day 1 of each month") == 1
    assert (
        "Give an amount" in member.send("/me/household", f"{path}/gift", {"amount": "x", "day": "40"}, status=400).text
    )
    member.send("/me/household", f"{path}/gift/stop")
    assert "last on 20 August 2026" in words_of(other.get("/me/household"))
    member.send("/me/household", f"{path}/consent")
    assert "they may pay your student loan" in words_of(member.get("/me/household"))
    member.send("/me/household", f"{path}/consent")
    assert "Let them pay your student loan" in words_of(member.get("/me/household"))


def test_a_strangers_link_is_not_there(served: Served, member: Browser) -> None:
    """Who is none of the two sees no link and can do nothing to it."""
    _, path = linked(served, member)
    with served.doors.acting() as connection:
        connection.execute(
            "update door.seat set member = 59 where member = %s", [number(served.browser("other member"))]
        )
    stranger = served.browser("other member")
    assert number(stranger) == 59
    fields = hidden_of(stranger.get("/me/household"), "/me/household/ask")
    for what in ("leave", "goal", "gift", "gift/stop", "consent", "accept"):
        assert stranger.client.post(f"{path}/{what}", data=fields).status_code in {404, 429}, what
    assert "Linked since" in member.get("/me/household")


def test_statements_by_year_are_pages_and_pdfs(member: Browser) -> None:
    """The years that have anything are listed, each as a page and as a PDF; another year is not there."""
    page = member.get("/me/papers")
    for path in dict.fromkeys(re.findall(r'href="(/me/papers/statement[^"]*)"', page)):
        answer = member.client.get(path)
        assert answer.status_code == 200, path
        if ".pdf" in path:
            assert answer.content.startswith(b"%PDF-"), path
            assert answer.headers["content-disposition"].startswith("attachment"), path
        else:
            assert "Statement of" in answer.text, path
    member.get("/me/papers/statement?year=1950", status=404)


def test_all_ones_data_can_be_taken_out_and_nobody_elses(served: Served, member: Browser) -> None:
    """The file holds the statement as the scheme has it, each fact with its line, messages and looks; and no other member's."""
    form = {"about": "name", "words": "My name is spelt wrong."}
    member.send("/me/papers/corrections", "/me/papers/corrections", form)
    assert "My name is spelt wrong." in member.get("/me/papers/corrections")
    with served.doors.seeing(served.identity("operator"), [number(member)], "a call by telephone"):
        pass
    answer = member.client.get("/me/papers/everything.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    told = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
    with served.doors.acting() as connection:
        expected = member_figures(connection, number(member)).as_dict()
        facts = connection.execute("select id from fact where member = %s order by id", [number(member)]).fetchall()
        others = connection.execute(
            "select nino from personal.identity where member <> %s", [number(member)]
        ).fetchall()
    assert told["statement.json"] == json.loads(json.dumps(expected))
    assert [(one["fact"],) for one in told["facts.json"]] == facts
    assert all(one["file"] for one in told["facts.json"] if one["kind"] == "pay")
    assert [one["said"]["words"] for one in told["messages.json"]] == ["My name is spelt wrong."]
    assert [one["what"] for one in told["looks.json"]] == ["a call by telephone"]
    text = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert [nino for (nino,) in others if nino in text] == []


def test_a_correction_is_asked_for_about_an_entry_and_its_answer_is_read(served: Served, member: Browser) -> None:
    """An entry of theirs can be named, another's cannot; what somebody at the scheme answers is read by whoever asked alone."""
    entry = re.findall(r"/me/why/(\d+)", member.get("/me/payments"))[0]
    page = "/me/papers/corrections"
    other = served.browser("other member")
    form = {"about": "pay", "entry": entry, "words": "I was paid more."}
    assert "no such entry" in other.send(page, page, form, status=400).text
    assert "Say what is wrong" in member.send(page, page, {"about": "pay"}, status=400).text
    fields = hidden_of(member.get(f"{page}?entry={entry}"), page) | form
    assert [member.client.post(page, data=fields).status_code for _ in range(2)] == [303, 303]
    with served.doors.acting() as connection:
        ((one,),) = connection.execute("select message from door.message").fetchall()
        assert messages.answer(connection, one, "Your employer sent it anew.", "An operator #4", served.doors.now())
        assert not messages.answer(connection, one, "Twice.", "An operator #4", served.doors.now())
    assert "Your employer sent it anew." in member.get(page)
    assert "Your employer sent it anew." not in other.get(page)


def test_looks_are_read_by_whose_data_was_looked_at(served: Served, member: Browser) -> None:
    """Who looked, in which role and why stands on the log of that member, and on no other's."""
    with served.doors.seeing(served.identity("auditor"), [number(member)], "a check of April"):
        pass
    assert "a check of April" in member.get("/me/papers/looks")
    assert "a check of April" not in served.browser("other member").get("/me/papers/looks")


def test_what_was_told_of_a_merged_number_is_theirs(served: Served, member: Browser) -> None:
    """After two members are found to be one, whoever sits in the seat of the one that stays sees the facts of both; keys too."""
    mine = number(member)
    with served.doors.acting() as connection:
        (other,) = connection.execute(
            "select member from fact where kind = 1 and member <> %s group by member order by count(*), member limit 1",
            [mine],
        ).fetchone() or (0,)
        merge(connection, other, mine, served.doors.clock(served.identity("operator")))
        expected = member_figures(connection, mine).as_dict()
    again = served.browser("member")
    assert again.identity.members == (mine, other)
    with served.doors.seeing(again.identity) as connection:
        assert connection.execute("select distinct member from fact order by 1").fetchall() == [
            (one,) for one in sorted([mine, other])
        ]
        assert member_figures(connection, mine).as_dict() == expected
    for path in ("/me", "/me/payments", "/me/uses", "/me/what-if", "/me/papers/statement", "/me/why"):
        again.get(path)
    with served.doors.acting() as connection:
        key = keys.make(connection, "a key", again.identity.role, "x", served.doors.now(), member=mine, payer=None)
        found = keys.find(connection, key, served.doors.now())
    assert found is not None
    assert found.members == (mine, other)


def test_what_was_found_to_be_anothers_is_seen_by_the_other(served: Served, member: Browser) -> None:
    """After one member is split in two, the new one sees the pay that is theirs under row security, as the scheme does."""
    mine = number(member)
    with served.doors.acting() as connection:
        (ref,) = connection.execute(
            "select ref from payer join fact on fact.payer = payer.id where fact.member = %s and fact.kind = 1 limit 1",
            [mine],
        ).fetchone() or ("",)
        other, _ = split(connection, mine, [ref], None, served.doors.clock(served.identity("operator")))
        connection.execute(
            "update door.seat set member = %s where member = %s", [other, number(served.browser("other member"))]
        )
        expected = member_figures(connection, other).as_dict()
    with served.doors.seeing(served.identity("other member")) as connection:
        assert member_figures(connection, other).as_dict() == expected


def test_a_members_income_and_draft_are_nobody_elses(served: Served) -> None:
    """Steps of an income and what is filled in but not sent are seen by whose they are, and by no other member."""
    mine, other = served.identity("member"), served.identity("other member")
    with served.doors.acting() as connection:
        connection.execute(
            "insert into personal.income (income, member, payee_name, sort_code, account_number, reference, said) "
            "values (77, %s, 'A', '200000', '55779911', '', '{}')",
            [mine.member],
        )
        connection.execute("insert into door.draft (member, said, made_at) values (%s, '{}', now())", [mine.member])
        connection.execute("insert into door.draft_file select draft, 0, 'a', 'b' from door.draft")
        connection.execute("alter table batch disable trigger never_changes")
        connection.execute(
            "update batch set summary = %s where number = (select max(number) from batch where not summary ? 'member')",
            ['{"income": 77, "step": "changed", "amount": 1}'],
        )
        connection.execute("alter table batch enable trigger never_changes")
    for identity, count in ((mine, 1), (other, 0)):
        with served.doors.seeing(identity) as connection:
            for asked in ("batch where summary ? 'income'", "door.draft", "door.draft_file", "personal.income"):
                assert connection.execute(f"select count(*) from {asked}".encode()).fetchone() == (count,), asked
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        served.doors.seeing(served.identity("clerk")) as connection,
    ):
        connection.execute("select from door.draft")


def test_help_is_for_everybody(served: Served) -> None:
    """Who is not signed in reads the rights that everybody has."""
    assert "Your rights" in served.browser("").get("/help")
