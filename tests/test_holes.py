"""Holes that somebody found who tried to break the door, each kept shut by a test."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.errors import InsufficientPrivilege
from starlette.testclient import TestClient
from tests.served import Served
from tests.staffing import asked_for, clock, income_asked, saver, with_bank
from tests.test_intake_reader import papdis

from lifepot.access import seats
from lifepot.access.identity import Role
from lifepot.access.tokens import form_token
from lifepot.errors import LifepotError
from lifepot.inbox import proposals, worker
from lifepot.inbox.sandboxes import name_of
from lifepot.inbox.uploads import plain_name
from lifepot.scheme.opening import same_person
from lifepot.withdrawals import steps

OCTETS = {"content-type": "application/octet-stream"}


def renamed(served: Served, subject: str, name: str) -> None:
    """The identity provider calls somebody otherwise from now on."""
    with served.doors.acting() as connection:
        seats.login_of(connection, seats.OURSELVES, subject, name, served.doors.now())


def key(name: str) -> dict[str, str]:
    """A request's headers."""
    return {"idempotency-key": name}


def test_another_name_is_no_second_pair_of_eyes(served: Served) -> None:
    """Whoever asks for a withdrawal, an income or a change, and is then called otherwise, still does not agree to it."""
    before, member = served.identity("operator").who, saver(served)
    withdrawal = asked_for(served, member, 600_00, who=before)
    income = income_asked(served, member, 25_00, who=before)
    with served.doors.acting() as connection:
        proposal = proposals.propose(connection, "erase", {}, "They asked.", before, served.doors.now(), member)
    renamed(served, "operator", "Somebody Else")
    assert served.identity("operator").who != before
    operator = served.machine("operator")
    for nth, path in enumerate(
        (f"withdrawals/{withdrawal}/approve", f"incomes/{income}/approve", f"proposals/{proposal}/agree")
    ):
        answer = operator.post(f"/api/v1/{path}", headers=key(f"k{nth}"))
        assert answer.status_code == 409, (path, answer.text)
        assert "asked for it" in answer.json()["detail"], answer.text


def test_who_is_one_person() -> None:
    """A login's number says who somebody is; without one, what is written does."""
    assert same_person("Ann #3", "Anne Smith #3")
    assert same_person("the office", "The Office ")
    assert not same_person("Ann #3", "Ann #13")
    assert not same_person("Ann #3", "Ann")
    assert not same_person("key Ann", "key Bob")


def test_what_kept_nothing_is_answered_as_before_too(served: Served) -> None:
    """A payment run that found nothing to send is not made after all when the same request comes again."""
    with_bank(served)
    operator: TestClient = served.machine("operator")
    first = operator.post("/api/v1/payment-runs", json={}, headers=key("run"))
    assert (first.status_code, first.json()["run"]) == (201, None)
    number = asked_for(served, saver(served), 50_00)
    approved = served.machine("approver").post(f"/api/v1/withdrawals/{number}/approve", headers=key("yes"))
    assert approved.status_code == 200, approved.text
    again = operator.post("/api/v1/payment-runs", json={}, headers=key("run"))
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert operator.post("/api/v1/payment-runs", json={}, headers=key("next")).json()["run"] is not None


def looks_of(served: Served, what: str) -> int:
    """At how many members somebody looked with these words."""
    with served.doors.acting() as connection:
        row = connection.execute("select count(distinct member) from door.look where what = %s", [what]).fetchone()
    assert row is not None
    return int(row[0])


def test_files_that_name_people_are_looked_at_by_machines_too(served: Served) -> None:
    """Who takes a claim's or a payment run's file by the API has looked at each member in it; a claim's lines name nobody to staff."""
    operator = served.machine("operator")
    with_bank(served)
    number = asked_for(served, saver(served), 50_00)
    served.machine("approver").post(f"/api/v1/withdrawals/{number}/approve", headers=key("a"))
    run = operator.post("/api/v1/payment-runs", json={}, headers=key("b")).json()["run"]
    assert operator.get(f"/api/v1/payment-runs/{run}/file").status_code == 200
    assert looks_of(served, f"API: the file of payment run {run}") == 1
    claim = operator.post("/api/v1/claims", json={"funder": "government"}, headers=key("c")).json()["claim"]
    shown = operator.get(f"/api/v1/claims/{claim}").json()["shown"]
    assert {line["person"] for line in shown} == {""}
    assert operator.get(f"/api/v1/claims/{claim}/file").status_code == 200
    assert looks_of(served, f"API: the file of claim {claim}") > 20


def test_proposals_about_a_member_are_looks(served: Served) -> None:
    """A proposal says a birth day: whoever reads it, alone or in the list, is written down."""
    operator, member = served.machine("operator"), served.identity("member").member
    said = {"day": "1990-01-01", "reason": "A certificate was shown."}
    made = operator.post(f"/api/v1/members/{member}/birth-day", json=said, headers=key("a")).json()
    auditor = served.machine("auditor")
    assert auditor.get("/api/v1/proposals").json()["items"][0]["asked"] == {"born": "1990-01-01"}
    assert looks_of(served, "API: proposals") == 1
    assert auditor.get(made["at"]).status_code == 200
    assert looks_of(served, f"API: proposal {made['proposal']}") == 1


def test_staff_read_nobody_in_a_payers_job(served: Served) -> None:
    """What a payer's file says of its people is in the payer's answer, and not in what staff are told of the job."""
    clerk, operator = served.machine("clerk"), served.machine("operator")
    ref = clerk.get("/api/v1/payers").json()["items"][0]["payer"]
    content = papdis({"EmployerId": ref, "NationalInsuranceNumber": "ZZ-TOP"}).encode()
    asked = clerk.post("/api/v1/files?name=a.csv&mode=adds&as_job=true", content=content, headers=key("j") | OCTETS)
    while worker.once(served.doors):
        pass
    at = asked.json()["at"]
    told, seen = clerk.get(at).json()["answer"], operator.get(at).json()["answer"]
    assert "ZZ-TOP" in told["faults"][0]["found"]
    assert "ZZ-TOP" not in str(seen)
    assert seen["faults"] == [one | {"found": ""} for one in told["faults"]]
    assert seen["rejected"] == told["rejected"] == 1


def test_another_site_signs_nobody_in(served: Served) -> None:
    """A ticket of somebody else's, sent by a form on another site, opens no session: the browser says where the form stood."""
    now = served.doors.now()
    with served.doors.acting() as connection:
        row = connection.execute("select login from door.login where subject = 'auditor'").fetchone()
        assert row is not None
        ticket = seats.ticket(connection, row[0], now)
    fields = {"ticket": ticket, "csrf": form_token(b"")}
    victim = served.client()
    for origin in ("https://elsewhere.example", "null", "http://testserver.elsewhere.example", "http://[", ""):
        answer = victim.post("/sign-in/ticket", data=fields, headers={"origin": origin})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), origin
    ours = victim.post("/sign-in/ticket", data=fields, headers={"origin": "http://testserver"})
    assert (ours.status_code, "set-cookie" in ours.headers) == (303, True)


def test_a_token_of_strange_letters_is_refused_in_words(served: Served) -> None:
    """What no form of ours carries is refused, and breaks nothing."""
    browser = served.browser("member")
    for token in ("é", "\U0001f511", "\x00", "a" * 10_000):
        assert browser.client.post("/sign-out", data={"csrf": token}).status_code == 403


def test_what_is_costly_and_open_is_given_sparingly(served: Served) -> None:
    """Whoever has no key and has rulebooks read and drawn without end is told to wait; a text larger than any is not read."""
    nobody = served.machine("")
    large = {"text": "a" * 200_001}
    assert nobody.post("/api/v1/rulebooks/check", json=large).status_code == 422
    statuses = [nobody.post("/api/v1/rulebooks/check", json={"text": "name: x"}).status_code for _ in range(40)]
    assert statuses[0] == 200
    waits = nobody.get("/api/v1/rulebooks/sg-cpf/page")
    assert (statuses[-1], waits.status_code, int(waits.headers["retry-after"]) > 0) == (429, 429, True)
    assert nobody.get("/api/v1/rulebooks").status_code == 200


def test_machines_give_photos_and_papers_only(served: Served) -> None:
    """What is no photo and no PDF is no evidence by the API either, whatever it is called."""
    member = saver(served)
    number = asked_for(served, member, 20_00, purpose="second_pension")
    operator = served.machine("operator")
    page = f"/api/v1/withdrawals/{number}/evidence/1?name=photo.jpg"
    refused = operator.post(page, content=b"<script>alert(1)</script>", headers=key("a") | OCTETS)
    assert (refused.status_code, "no photo and no PDF" in refused.json()["detail"]) == (409, True)
    assert operator.post(page, content=b"\xff\xd8\xff photo", headers=key("b") | OCTETS).status_code == 201
    wished = {"amount_minor": 2500, "day": 25, "name": "S SAVER", "sort_code": "20-00-00", "account_number": "55779911"}
    wished |= {"evidence": [{"name": "x.pdf", "base64": "PHNjcmlwdD4="}]}
    asked = operator.post(f"/api/v1/members/{member}/incomes", json=wished, headers=key("c"))
    assert (asked.status_code, "no photo and no PDF" in asked.json()["detail"]) == (409, True)


def test_a_long_name_of_large_letters_is_kept(served: Served) -> None:
    """A file's name of letters that take four bytes is shortened to what a disk takes."""
    clerk = served.machine("clerk")
    name = "\U0001f511" * 150 + ".csv"
    answer = clerk.post("/api/v1/files/preview", params={"name": name}, content=b"nothing", headers=OCTETS)
    assert (answer.status_code, answer.json()["file"][-5:]) == (200, "\U0001f511.csv"), answer.text
    assert [plain_name(one) for one in ("..", "a/../..", ". .", "é" * 200)] == ["file", "file", "file", "é" * 120]


def test_a_clerk_opens_no_person_by_looking(served: Served) -> None:
    """The function that writes looks down is for staff: no other role may call it, nor write a look in somebody's name."""
    for name in ("clerk", "member", "analyst", ""):
        with served.doors.seeing(served.identity(name)) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute("select door.look_at('{1}', 'An operator', 'operator', 'nothing', now())")


def test_schemes_of_like_names_share_no_sandbox() -> None:
    """Two databases whose long names begin alike have sandboxes of different names, each within 63 bytes."""
    long = "the_lifetime_savings_account_of_the_north_"
    names = {name_of(database, 3) for database in (long + "east", long + "west", long[:40], "é" * 31, "pot")}
    assert len(names) == 5
    assert all(len(name.encode()) <= 63 for name in names)
    assert name_of("pot", 3) == "pot_sandbox_3"


def test_of_many_at_once_one_is_let_in(served: Served) -> None:
    """Of eight who take one code, press for one ticket, or approve one withdrawal at once, one does it."""
    now, member = served.doors.now(), saver(served)
    number = asked_for(served, member, 600_00)
    with served.doors.acting() as connection:
        logins = [seats.login_of(connection, "the tests", f"{nth}", f"Nr {nth}", now) for nth in range(8)]
        code = seats.invite(connection, Role.OPERATOR, "the tests", now)
        ticket = seats.ticket(connection, logins[0], now)

    def accepted(login: int) -> bool:
        try:
            with served.doors.acting() as connection:
                seats.accept(connection, login, code, now)
        except LifepotError:
            return False
        return True

    def used(_: int) -> bool:
        with served.doors.acting() as connection:
            return seats.use_ticket(connection, ticket, now) is not None

    approver = served.machine("approver")

    def approved(nth: int) -> bool:
        answer = approver.post(f"/api/v1/withdrawals/{number}/approve", headers=key(f"each {nth}"))
        assert answer.status_code in {200, 409}, answer.text
        return answer.status_code == 200

    with ThreadPoolExecutor(8) as pool:
        for do, all_ in ((accepted, logins), (used, range(8)), (approved, range(8))):
            assert sum(pool.map(do, all_)) == 1, do
    with served.doors.acting() as connection:
        held = connection.execute(
            "select count(*) from door.seat where given_by = 'the tests' and login = any(%s)", [logins]
        )
        assert held.fetchone() == (1,)


def test_nobody_fills_the_disk_with_evidence(served: Served) -> None:
    """Of a withdrawal twenty pieces are kept, and of a member fifty withdrawals wait, however often a machine asks."""
    member = saver(served)
    numbers = [asked_for(served, member, 1_00, purpose="second_pension") for _ in range(steps.MOST_ASKED)]
    with pytest.raises(LifepotError, match="wait for an answer"):
        asked_for(served, member, 1_00)
    with served.doors.acting() as connection:
        for nth in range(steps.MOST_PIECES):
            steps.prove(connection, numbers[0], 0, f"{nth}.pdf", b"%PDF-1.7", clock("the member"))
        with pytest.raises(LifepotError, match="already"):
            steps.prove(connection, numbers[0], 0, "more.pdf", b"%PDF-1.7", clock("the member"))
        connection.rollback()
        steps.cancel(connection, numbers[0], clock("the member"))
    assert asked_for(served, member, 1_00) > numbers[-1]


def test_a_machine_is_told_no_name_before_both_said_yes(served: Served) -> None:
    """Who is asked to link accounts learns who asks from them, and not from the API; staff who look at one see not the other."""
    one, other = (served.identity(name).member for name in ("member", "other member"))
    asking, asked, operator = served.machine("member"), served.machine("other member"), served.machine("operator")
    asking.post(f"/api/v1/members/{one}/household/links", json={"other": str(other)}, headers=key("a"))

    def seen(machine: TestClient) -> tuple[str, str | None]:
        link = machine.get(f"/api/v1/members/{other}/household").json()["links"][0]
        return link["state"], link["with"]

    assert (seen(asked), seen(operator)) == (("asks_you", None), ("asks_you", None))
    yes = asked.post(f"/api/v1/members/{other}/household/links/accept", json={"other": str(one)}, headers=key("b"))
    assert yes.status_code == 200, yes.text
    state, name = seen(asked)
    assert (state, bool(name), seen(operator)) == ("holds", True, ("holds", None))


def test_whoever_sends_money_says_not_where_to(served: Served) -> None:
    """An operator's key, which makes payment runs, sets nobody's account: an approver's does."""
    account = {"name": "ACME LTD", "sort_code": "20-00-00", "account_number": "55779911"}
    payer = served.identity("clerk").payer
    asked = [
        (f"/api/v1/payers/{payer}/account", account), ("/api/v1/account", account),
        ("/api/v1/members/1/household/heirs/account", account),
    ]  # fmt: skip
    for nth, (path, body) in enumerate(asked):
        answer = served.machine("operator").post(path, json=body, headers=key(f"sets {nth}"))
        assert answer.status_code == 403, path
    named = served.machine("operator").post(
        "/api/v1/payees?name=r.csv", content=b"kind\n", headers=key("names") | OCTETS
    )
    assert named.status_code == 403
    assert served.machine("approver").post(asked[0][0], json=account, headers=key("sets")).status_code == 200
    assert served.machine("approver").post(
        "/api/v1/payment-runs", json={"form": "pain001", "pays_on": "2026-08-21", "refunds": True}, headers=key("runs")
    ).status_code in {403, 422}  # fmt: skip
