"""What a member does at the pages, without script: each task from start to done, wrong input, twice pressed, and others' things."""

import re
from pathlib import Path

import pytest
from tests.served import Browser, Served, hidden_of, words_of

from lifepot.commands.demo import PAYEES
from lifepot.papers.member import member_figures
from lifepot.papers.uses import member_uses
from lifepot.periods import parse_day
from lifepot.scheme.people import correct_birth_day
from lifepot.scheme.standing import read_standing
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.payees import load, own_account, payee_named
from lifepot.withdrawals.quoting import Wish

JPEG = b"\xff\xd8\xff\xe0" + b"a photo of an offer" * 20
PDF = b"%PDF-1.7\n" + b"an undertaking" * 20

REGISTER = """kind,ref,name,sort_code,account_number,course,title,price
conveyancer,SMITH,Smith & Daughters,200000,55779911,,,
provider,TECH,Northern Technical College,20-00-00,12345678,WELD3,Welding level 3,1200.00
lender,SLC,Student Loans Company,200001,11223344,,,
"""


@pytest.fixture
def member(served: Served, tmp_path: Path) -> Browser:
    """A member at a browser, in a scheme with a register of payees."""
    register = tmp_path / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    with served.doors.acting() as connection:
        load(connection, register)
    return served.browser("member")


def begun(member: Browser, what: str = "student_loan") -> str:
    """The path of a draft for a purpose."""
    answer = member.send("/me/money/ask", "/me/money/ask", {"for": what})
    return answer.headers["location"].removesuffix("/amount")


def to_check(member: Browser, what: str = "student_loan", amount: str = "50") -> str:
    """A draft that is filled in up to its evidence, and then given a photo."""
    draft = begun(member, what)
    assert (
        member.send(f"{draft}/amount", f"{draft}/amount", {"amount": amount, "way": "leaves"}).headers["location"]
        == f"{draft}/quote"
    )
    to = {"payee": "lender:SLC", "course": "", "reference": "B-1", "name": "", "sort_code": "", "account": ""}
    if what == "anything":
        to = {"payee": "member", "name": "Amal Okafor", "sort_code": "20-00-00", "account": "55779911"}
    after = member.send(f"{draft}/where", f"{draft}/where", to).headers["location"]
    if after != f"{draft}/check":
        answer = member.send(after, after, files={"file": ("my photo.png", JPEG, "image/png")})
        assert answer.headers["location"] == f"{draft}/check"
    return draft


def asked_of(served: Served, member: Browser) -> list[tuple[int, int]]:
    """The withdrawals that a member asked for: number and amount."""
    with served.doors.acting() as connection:
        return connection.execute(
            "select id, amount from fact where kind = 13 and member = %s order by id", [member.identity.member]
        ).fetchall()


def test_money_is_asked_for_step_by_step_with_a_photo_and_followed(served: Served, member: Browser) -> None:
    """From what for to sent: the quote is the scheme's, the photo is kept with the withdrawal, and its page tells where it stands."""
    draft = to_check(member)
    said = words_of(member.get(f"{draft}/check"))
    assert "£50.00 leaves your pot" in said
    assert "my photo.jpeg" in said
    sent = member.send(f"{draft}/check", f"{draft}/check").headers["location"]
    ((number, amount),) = asked_of(served, member)
    assert (sent, amount) == (f"/me/money/{number}/sent", 50_00)
    assert "You asked for £50.00" in words_of(member.get(sent))
    page = member.get(f"/me/money/{number}")
    assert "Waits to be looked at" in page
    (file,) = re.findall(rf'href="(/me/money/{number}/evidence/\d+)"', page)
    answer = member.client.get(file)
    assert answer.content == JPEG
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/octet-stream"
    with served.doors.acting() as connection:
        steps.approve(connection, number, served.doors.clock(served.identity("approver")))
    assert "Agreed, and held for you" in member.get(f"/me/money/{number}")
    assert f"/me/money/{number}" in member.get("/me/money")


def test_a_button_pressed_twice_asks_once(served: Served, member: Browser) -> None:
    """The same form sent twice, and the same answers sent again from a page opened anew, come to one withdrawal."""
    draft = to_check(member)
    fields = hidden_of(member.get(f"{draft}/check"), f"{draft}/check")
    answers = [member.client.post(f"{draft}/check", data=fields) for _ in range(3)]
    again = member.client.post(f"{draft}/check", data=fields | {"once": "pressed-on-a-page-opened-before"})
    assert {one.status_code for one in [*answers, again]} == {303}
    assert len(asked_of(served, member)) == 1
    with served.doors.acting() as connection:
        assert connection.execute("select count(*) from personal.evidence").fetchone() == (1,)
        assert connection.execute("select count(*) from door.draft").fetchone() == (0,)


def test_what_cannot_be_is_said_beside_the_field(member: Browser) -> None:
    """No purpose, no amount, too much, no payee, an account that is none, and a file that is no photo: each is told, none is kept."""
    assert "Choose what the money is for." in member.send("/me/money/ask", "/me/money/ask", status=400).text
    draft = begun(member, "anything")
    for amount, words in (
        ("", "Give an amount such as"),
        ("-5", "above nothing"),
        ("1,000.555", "Give an amount such as"),
        ("900000", "is there to be taken out"),
    ):
        page = member.send(f"{draft}/amount", f"{draft}/amount", {"amount": amount}, status=400).text
        assert words in words_of(page), amount
        assert 'href="#amount"' in page
    member.get(f"{draft}/where", status=404)
    member.send(f"{draft}/amount", f"{draft}/amount", {"amount": "20", "way": "leaves"})
    bad = {"payee": "member", "name": "", "sort_code": "20-00", "account": "1234"}
    page = words_of(member.send(f"{draft}/where", f"{draft}/where", bad, status=400).text)
    assert "Give the name on the account" in page
    assert "eight figures" in page
    page = member.send(f"{draft}/where", f"{draft}/where", {"payee": "lender:SLC", "reference": "x"}, status=400).text
    assert "does not go there" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "No file was chosen"),
        (b"<html><script>alert(1)</script>", "no photo and no PDF"),
        (b"MZ\x90\x00" + b"x" * 50, "no photo and no PDF"),
        (b"\xff\xd8\xff" + b"x" * (10 * 2**20), "larger than 10 MiB"),
    ],
)
def test_only_photos_and_papers_are_taken(member: Browser, content: bytes, words: str) -> None:
    """A file is known by its first bytes, whatever it is called; what is none of those that are taken is not kept."""
    draft = begun(member)
    member.send(f"{draft}/amount", f"{draft}/amount", {"amount": "10", "way": "leaves"})
    member.send(f"{draft}/where", f"{draft}/where", {"payee": "lender:SLC", "reference": "B-1"})
    path = f"{draft}/evidence/1"
    page = member.send(path, path, files={"file": ("photo.jpg", content, "image/jpeg")}, status=400).text
    assert words in words_of(page)
    later = member.send(path, path, {"later": "yes"}).headers["location"]
    assert "You give it later" in words_of(member.get(later))


def test_evidence_can_be_given_later_and_a_wish_cancelled(served: Served, member: Browser) -> None:
    """What was left for later is asked for where the withdrawal is followed; cancelling is confirmed, and done once."""
    draft = begun(member)
    member.send(f"{draft}/amount", f"{draft}/amount", {"amount": "10", "way": "leaves"})
    member.send(f"{draft}/where", f"{draft}/where", {"payee": "lender:SLC", "reference": "B-1"})
    member.send(f"{draft}/evidence/1", f"{draft}/evidence/1", {"later": "yes"})
    member.send(f"{draft}/check", f"{draft}/check")
    ((number, _),) = asked_of(served, member)
    page = f"/me/money/{number}"
    assert "What is missing" in member.get(page)
    wrong = member.send(page, f"{page}/evidence", files={"file": ("a.pdf", b"no", "application/pdf")}, status=400)
    assert "no photo and no PDF" in wrong.text
    member.send(page, f"{page}/evidence", files={"file": ("a.exe", PDF, "application/pdf")})
    said = member.get(page)
    assert "What is missing" not in said
    assert "a.pdf" in said
    fields = hidden_of(member.get(f"{page}/cancel"), f"{page}/cancel")
    assert [member.client.post(f"{page}/cancel", data=fields).status_code for _ in range(2)] == [303, 303]
    assert "Cancelled" in member.get(page)
    member.get(f"{page}/cancel", status=404)


def test_anothers_things_are_not_there(served: Served, member: Browser) -> None:
    """Another member's draft, withdrawal, file and entry are answered as what does not exist, to look at and to act on."""
    draft = to_check(member)
    other = served.browser("other member")
    for part in ("amount", "quote", "where", "evidence/1", "check"):
        other.get(f"{draft}/{part}", status=404)
    member.send(f"{draft}/check", f"{draft}/check")
    ((number, _),) = asked_of(served, member)
    (file,) = re.findall(rf"/me/money/{number}/evidence/\d+", member.get(f"/me/money/{number}"))
    entry = re.findall(r"/me/why/\d+", member.get("/me/payments"))[0]
    for path in (f"/me/money/{number}", f"/me/money/{number}/sent", f"/me/money/{number}/cancel", file, entry):
        assert member.client.get(path).status_code == 200, path
        other.get(path, status=404)
    fields = hidden_of(other.get("/me/money/ask"), "/me/money/ask")
    for path in (f"/me/money/{number}/cancel", f"/me/money/{number}/evidence", f"{draft}/check", f"{draft}/finish"):
        assert other.client.post(path, data=fields | {"piece": "0"}).status_code in {400, 404}, path
    assert "Waits to be looked at" in member.get(f"/me/money/{number}")


def test_the_first_page_says_what_the_statement_says(served: Served, member: Browser) -> None:
    """The pot, what every pound became and what is owed are the statement's own, and every payment is on the payments' pages."""
    assert member.identity.member is not None
    with served.doors.acting() as connection:
        figures = member_figures(connection, member.identity.member)
    said = words_of(member.get("/me"))
    money = f"{sum(figures.statement.usable.values()) / 100:,.2f}"
    assert f"£{money}" in said
    assert figures.became is not None
    assert f"Every £1 of yours became £{figures.became / 100:.2f}" in said
    seen: list[str] = []
    path: str | None = "/me/payments"
    while path:
        page = member.get(path)
        seen += re.findall(r"/me/why/(\d+)", page)
        older = re.findall(r'href="(/me/payments\?upto=\d+)" rel="next"', page)
        path = older[0] if older else None
    assert [int(one) for one in seen] == [one.entry for one in reversed(figures.statement.entries)]


def test_every_amount_leads_to_its_file_and_line(member: Browser) -> None:
    """Each entry of the last page says the line of the file that told of it, or the day that did."""
    entries = dict.fromkeys(re.findall(r"/me/why/\d+", member.get("/me/payments")))
    assert entries
    for path in list(entries)[:8]:
        said = words_of(member.get(path))
        assert re.search(r"Told by Line \d+ of \S+", said), path
        assert "Source of the rule" in said


def test_what_it_is_for_says_when_it_opens_and_what_to_bring(member: Browser) -> None:
    """What is open can be asked for, what opens by itself says its day."""
    page = member.get("/me/uses")
    assert 'href="/me/money/ask?for=student_loan"' in page
    said = words_of(page)
    assert re.search(r"The deposit for a first home From \d+ \w+ 20\d\d", said)
    assert "Bring: the lender" in said


def test_what_has_opened_since_the_last_file_is_open(served: Served, member: Browser) -> None:
    """A purpose whose day has come may be asked for, also when no file has come since: the day is the clock's, not the books'."""
    assert member.identity.member is not None
    with served.doors.acting() as connection:
        today = served.doors.clock(member.identity).as_of
        later = member_uses(connection, member.identity.member, today).of("later")
        assert later[0].opens_on is not None
        eve, day = (member_uses(connection, member.identity.member, later[0].opens_on + n) for n in (-1, 0))
    assert later[0].name in {one.name for one in eve.of("later")}
    assert later[0].name in {one.name for one in day.of("now")}


def test_the_demonstration_has_somebody_to_pay_for_every_purpose(served: Served, tmp_path: Path) -> None:
    """Whatever the demonstration's money may go to is in its register: no purpose there ends at an empty list."""
    file = tmp_path / "payees.csv"
    file.write_text(PAYEES, encoding="utf-8")
    with served.doors.acting() as connection:
        taken, faults = load(connection, file)
        kinds = {one for (one,) in connection.execute("select kind from personal.payee").fetchall()}
        purposes = read_standing(connection).program.rulebook.purposes
    assert (taken, faults) == (len(PAYEES.splitlines()) - 1, [])
    assert {one for purpose in purposes.values() for one in purpose.to or []} - {"member"} <= kinds


def test_what_if_answers_in_figures(member: Browser) -> None:
    """£20 more a month is £240 in a year and half as much from government; no figure and too much are told."""
    said = words_of(member.get("/me/what-if?more=20"))
    assert "£20.00 more a month would be £240.00 of yours in a year" in said
    assert "government would add £120.00" in said
    assert "Give an amount such as" in member.get("/me/what-if?more=lots", status=400)
    assert "from 0 to" in member.get("/me/what-if?more=99999999", status=400)
    assert "As now" in member.get("/me/what-if?more=0")


def test_a_regular_income_is_seen_and_stopped_by_whose_it_is(served: Served, member: Browser) -> None:
    """A member sees what comes each month and stops it, once; another member sees none of it."""
    assert member.identity.member is not None
    clock = served.doors.clock(member.identity)
    with served.doors.acting() as connection:
        correct_birth_day(connection, member.identity.member, parse_day("1960-01-01"), clock)
        wish = Wish(member.identity.member, "second_pension", 10_00, arrives=False, said={})
        to = own_account("Amal Okafor", "20-00-00", "55779911")
        asked = income.ask(connection, wish, 1, clock.as_of, to, [("bank.pdf", PDF)], clock)
        income.approve(connection, asked.number, served.doors.clock(served.identity("approver")))
    path = f"/me/money/income/{asked.number}"
    assert path in member.get("/me/money")
    assert "£10.00 on day 1" in words_of(member.get(path))
    other = served.browser("other member")
    other.get(path, status=404)
    stranger = hidden_of(other.get("/me/money/ask"), "/me/money/ask")
    assert other.client.post(f"{path}/stop", data=stranger).status_code == 404
    fields = hidden_of(member.get(path), f"{path}/stop")
    assert [member.client.post(f"{path}/stop", data=fields).status_code for _ in range(2)] == [303, 303]
    assert "Stopped" in words_of(member.get(path))


def test_papers_that_did_not_get_through_are_added_where_it_is_followed(served: Served, member: Browser) -> None:
    """Where the server ended between the asking and the photo, the withdrawal's page offers to add the photo, and adds it once."""
    draft = to_check(member)
    number = draft.rpartition("/")[2]
    assert member.identity.member is not None
    with served.doors.acting() as connection:
        wish = Wish(member.identity.member, "student_loan", 50_00, arrives=False, said={})
        to = payee_named(connection, "lender:SLC", reference="B-1")
        steps.ask(connection, wish, to, served.doors.clock(member.identity), f"door {number}")
    ((withdrawal, _),) = asked_of(served, member)
    page = f"/me/money/{withdrawal}"
    assert "did not get through" in member.get(page)
    member.send(page, f"{draft}/finish")
    assert "What is missing" not in member.get(page)
    assert "my photo.jpeg" in member.get(page)
