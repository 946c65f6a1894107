"""The operator's and the approver's pages, each task from its start to done: wrong input, twice, and without a second pair of eyes."""

import re

from tests.schemes import contributions, paid
from tests.served import Browser, Served, hidden_of, words_of
from tests.staffing import asked_for, clock, income_asked, looking, said, saver, with_bank, work

from lifepot.rulebook.reader import rulebook_text
from lifepot.withdrawals import steps
from lifepot.withdrawals.chain import read_withdrawal

PAGES = (
    "/operator",
    "/operator/money",
    "/operator/withdrawals",
    "/operator/incomes",
    "/operator/members",
    "/operator/reconcile",
)
OPERATORS = (
    "/operator/files",
    "/operator/month",
    "/operator/rules",
    "/operator/seats",
    "/operator/runs",
    "/operator/bank",
    "/operator/claims",
)


def count(served: Served, query: str) -> int:
    """A count of rows."""
    with served.doors.acting() as connection:
        row = connection.execute(f"select count(*) from {query}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def again(browser: Browser, page: str, path: str, fields: dict[str, str]) -> tuple[int, int]:
    """Press the same button of the same page twice; both answers' statuses."""
    hidden = hidden_of(browser.get(page), path) | fields
    first = browser.client.post(path, data=hidden)
    return first.status_code, browser.client.post(path, data=hidden).status_code


def test_every_page_opens(served: Served) -> None:
    """Each page answers its operator; an approver is kept out of what is not theirs, and everybody else of all."""
    operator, approver, member = served.browser("operator"), served.browser("approver"), served.browser("member")
    for path in (*PAGES, *OPERATORS):
        operator.get(path)
        approver.get(path, status=200 if path in PAGES else 403)
        member.get(path, status=403)


def test_what_waits_leads_to_its_cause(served: Served) -> None:
    """Everything that waits stands in one list, oldest first, and each line leads to a page of its cause."""
    member = saver(served)
    asked_for(served, member, 20_00)
    income_asked(served, member, 10_00)
    operator = served.browser("operator")
    text = operator.get("/operator")
    causes = re.findall(r'<th role="rowheader" scope="row"><a href="([^"]+)"', text)
    assert len(causes) > 3
    for path in causes:
        operator.get(path.replace("&amp;", "&"))
    ages = [int(days) for days in re.findall(r"<bdi>(\d+) days</bdi>", text)]
    assert ages == sorted(ages, reverse=True)
    kinds = set(re.findall(r'href="(/operator\?kind=[a-z_]+)"', text))
    assert {
        "/operator?kind=rejected_rows",
        "/operator?kind=withdrawal_approval",
        "/operator?kind=income_approval",
    } <= kinds
    for path in kinds:
        assert "</table>" in operator.get(path)
    operator.get("/operator?kind=nonsense", status=404)


def test_a_refused_row_is_told_with_its_place_and_reason(served: Served) -> None:
    """A file's page names line, field, what was found and what was expected of each refused row."""
    with served.doors.acting() as connection:
        row = connection.execute(
            "select file, line, code from personal.reject where state = 'open' order by id limit 1"
        ).fetchone()
    assert row is not None
    text = said(served.browser("operator"), f"/operator/files/{row[0]}")
    assert f"Line {row[1]}" in text
    assert row[2] in text
    served.browser("operator").get("/operator/files/999999", status=404)


def test_a_file_is_previewed_and_then_received_once(served: Served) -> None:
    """What a file would do is told before it is kept; receiving it twice receives it once."""
    operator = served.browser("operator")
    fault = operator.send("/operator/files", "/operator/files", {"mode": ""}, status=400)
    assert "Choose a file" in words_of(fault.text)
    content = contributions([paid("AB300009A", "2026-08-01", "23.45", forename="Eve", surname="Early")]).encode()
    answer = operator.send("/operator/files", "/operator/files", {"mode": ""}, files={"file": ("own.csv", content)})
    job = answer.headers["location"]
    assert "Waiting to begin" in said(operator, job)
    before = count(served, "fact")
    work(served)
    assert "Nothing was kept" in said(operator, job)
    assert count(served, "fact") == before
    assert "own.csv" in said(operator, "/operator/files")
    assert again(operator, job, "/operator/files/receive", {}) == (303, 303)
    work(served)
    assert count(served, "fact where amount = 2345 and kind = 2") == 1
    assert count(served, "door.job where kind = 'receive'") == 2
    assert "not received yet" not in said(operator, "/operator/files")


def test_a_withdrawal_is_approved_by_somebody_else(served: Served) -> None:
    """Above the limit whoever asked cannot approve; an approver can, once; what they saw of the member is written down."""
    operator, approver = served.browser("operator"), served.browser("approver")
    member = saver(served)
    number = asked_for(served, member, 600_00, who=operator.identity.who)
    path = f"/operator/withdrawals/{number}"
    refused = operator.send(path, f"{path}/approve", status=409)
    assert "whoever asked does not approve" in words_of(refused.text)
    text = said(approver, path)
    assert "Sol Saver, 200000 11223344" in text
    assert "share £600.00" in text
    assert "Cancel" not in text
    approver.client.post(f"{path}/cancel", data=hidden_of(approver.get(path), f"{path}/approve"))
    assert again(approver, path, f"{path}/approve", {}) == (303, 303)
    with served.doors.acting() as connection:
        chain = read_withdrawal(connection, number)
        looks = connection.execute("select who, what from door.look where member = %s", [member]).fetchall()
    assert chain.state == "approved"
    assert (approver.identity.who, f"withdrawal {number}") in looks
    assert "It was approved" in said(approver, f"{path}?done=approve")
    late = operator.client.post(f"{path}/decline", data=hidden_of(operator.get(path), f"{path}/cancel"))
    assert late.status_code == 409


def test_evidence_is_saved_and_never_shown(served: Served) -> None:
    """A piece of evidence comes as a file to save under a policy that runs nothing, and taking it is a look."""
    member = saver(served)
    number = asked_for(served, member, 20_00, purpose="second_pension")
    with served.doors.acting() as connection:
        steps.prove(connection, number, 0, 'bad"name<.html', b"<script>alert(1)</script>", clock("the member"))
    operator = served.browser("operator")
    link = re.search(rf"/operator/withdrawals/{number}/evidence/\d+", operator.get(f"/operator/withdrawals/{number}"))
    assert link is not None
    answer = operator.client.get(link[0])
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert count(served, f"door.look where what = 'evidence of withdrawal {number}'") == 1
    operator.get(f"/operator/withdrawals/{number}/evidence/1", status=404)
    operator.get("/operator/withdrawals/5", status=404)


def test_money_goes_out_and_what_came_back_is_put_back(served: Served) -> None:
    """Approved, put into a run whose file can be saved again, arrived; and of another what came back is put back."""
    operator = served.browser("operator")
    with_bank(served)
    member = saver(served)
    first, second = asked_for(served, member, 100_00), asked_for(served, member, 50_00)
    for number in (first, second):
        operator.send(f"/operator/withdrawals/{number}", f"/operator/withdrawals/{number}/approve")
    wrong = operator.send("/operator/runs", "/operator/runs", {"format": "pain001", "pays_on": "soon"}, status=400)
    assert "Enter a day" in words_of(wrong.text)
    job = operator.send("/operator/runs", "/operator/runs", {"format": "pain001"}).headers["location"]
    work(served)
    assert "Payment run 1: 2 payments, £150.00" in said(operator, job)
    files = [operator.client.get("/operator/runs/1/file") for _ in range(2)]
    assert files[0].content == files[1].content
    assert b"150.00" in files[0].content
    assert count(served, f"door.look where member = {member} and what = 'the file of payment run 1'") == 2
    path = f"/operator/withdrawals/{first}"
    operator.send(path, f"{path}/arrived")
    assert "arrived" in said(operator, path)
    path = f"/operator/withdrawals/{second}"
    nonsense = operator.send(path, f"{path}/return", {"amount": "all of it"}, status=400)
    assert "Enter what came back" in words_of(nonsense.text)
    more = operator.send(path, f"{path}/return", {"amount": "70.00"}, status=409)
    assert "can be back" in words_of(more.text)
    operator.send(path, f"{path}/return", {"amount": "50.00"})
    assert "State cancelled" in said(operator, path) or "removed" in said(operator, path)
    operator.get("/operator/runs/7/file", status=404)


def test_an_income_is_approved_by_another(served: Served) -> None:
    """Whoever asked for an income does not approve it; another does, and an operator stops it."""
    operator, approver = served.browser("operator"), served.browser("approver")
    number = income_asked(served, saver(served), 25_00, who=operator.identity.who)
    path = f"/operator/incomes/{number}"
    assert "does not approve it" in words_of(operator.send(path, f"{path}/approve", status=409).text)
    approver.send(path, f"{path}/approve")
    assert "running" in said(approver, path)
    assert approver.client.get(f"{path}/evidence/0").content.startswith(b"%PDF")
    operator.send(path, f"{path}/stop")
    assert "stopped" in said(operator, path)
    operator.get("/operator/incomes/1", status=404)


def test_an_entry_in_suspense_is_matched_by_hand(served: Served) -> None:
    """A statement is handed in, an entry of nobody's waits, and somebody says whose it is: once."""
    operator = served.browser("operator")
    with_bank(served)
    content = b"date,description,paid in,paid out\n2026-08-03,SOMETHING ODD,60.00,\n"
    job = operator.send("/operator/bank", "/operator/bank", files={"file": ("august.csv", content)}).headers["location"]
    work(served)
    assert "1 wait in suspense" in said(operator, job)
    assert "Entry 1" in said(operator, "/operator?kind=suspense")
    path = "/operator/suspense/1"
    assert "Say what the entry was" in words_of(operator.send(path, path, {"what": "magic"}, status=400).text)
    assert "Enter the payer" in words_of(operator.send(path, path, {"what": "payer"}, status=400).text)
    assert "There is no payer" in words_of(
        operator.send(path, path, {"what": "payer", "payer": "NOBODY"}, status=409).text
    )
    with served.doors.acting() as connection:
        row = connection.execute("select ref from payer order by id limit 1").fetchone()
    assert row is not None
    assert again(operator, path, path, {"what": "payer", "payer": row[0]}) == (303, 303)
    assert count(served, "fact where kind = 23") == 1
    assert "Nothing of this kind waits" in said(operator, "/operator?kind=suspense")
    job = operator.send("/operator/reconcile", "/operator/reconcile").headers["location"]
    work(served)
    assert "Every difference has a name" in said(operator, job)
    assert "told and not in the bank" in said(operator, "/operator/reconcile")
    assert "Differences" in said(operator, "/operator")


def test_a_claim_is_made_replied_to_and_told(served: Served) -> None:
    """Government is claimed from once; its refusal of a line waits for a person and leads back to the claim."""
    operator = served.browser("operator")
    bad = operator.send("/operator/claims", "/operator/claims", {"funder": "NOBODY", "until": "never"}, status=400)
    assert "There is no such payer" in words_of(bad.text)
    job = operator.send("/operator/claims", "/operator/claims", {"funder": "government"}).headers["location"]
    work(served)
    assert "Claim 1 to government" in said(operator, job)
    job = operator.send("/operator/claims", "/operator/claims", {"funder": "government"}).headers["location"]
    work(served)
    assert "had been made before" in said(operator, job)
    file = operator.client.get("/operator/claims/1/file")
    assert file.headers["content-disposition"].startswith("attachment")
    assert count(served, "door.look where what = 'the file of claim 1'") > 0
    line = re.search(r"^1-\d+", file.text, flags=re.MULTILINE)
    assert line is not None
    reply = f"line,outcome,amount,code\n{line[0]},refused,,NOT_KNOWN\n".encode()
    job = operator.send("/operator/claims", "/operator/claims/reply", files={"file": ("reply.csv", reply)}).headers[
        "location"
    ]
    work(served)
    assert "1 refused" in said(operator, job)
    assert "NOT_KNOWN" in said(operator, "/operator/claims/1")
    assert "/operator/claims/1" in operator.get("/operator?kind=refused_claim")
    operator.get("/operator/claims/2", status=404)


def test_the_month_is_run_step_by_step_and_again(served: Served) -> None:
    """All steps of a month are done in their order, each with its outcome; done again they harm nothing."""
    operator = served.browser("operator")
    with_bank(served)
    member = saver(served)
    number = asked_for(served, member, 40_00)
    operator.send(f"/operator/withdrawals/{number}", f"/operator/withdrawals/{number}/approve")
    assert "0 of 7 steps done" in said(operator, "/operator/month")
    operator.send("/operator/month", "/operator/month", {"step": "all", "month": "2026-08"})
    assert "Waiting to begin" in said(operator, "/operator/month?month=2026-08")
    work(served)
    text = said(operator, "/operator/month?month=2026-08")
    assert "7 of 7 steps done" in text
    assert "Payment run 1: 1 payments, £40.00" in text
    assert "Claim 1 to government" in text
    transfers = count(served, "transfer")
    operator.send("/operator/month?month=2026-08", "/operator/month", {"step": "all", "month": "2026-08"})
    work(served)
    text = said(operator, "/operator/month?month=2026-08")
    assert "Nothing waits to be sent" in text
    assert count(served, "transfer") == transfers
    assert "Enter a month" in said(operator, "/operator/month?month=none", status=400)


def test_a_step_that_fails_says_why(served: Served) -> None:
    """A payment run without the scheme's account fails with its reason, and the others are done all the same."""
    operator = served.browser("operator")
    asked_for(served, saver(served), 10_00)
    operator.send("/operator/month", "/operator/month", {"step": "pay", "month": "2026-08"})
    work(served)
    text = said(operator, "/operator/month?month=2026-08")
    assert "Failed" in text
    assert "Nobody has said which account the scheme pays from." in text


def rulebook(rate: str) -> str:
    """The scheme's rulebook, with another approval limit and match rate."""
    text, _ = rulebook_text("lifetime-savings-account")
    changed = text.replace('dated: {2016-04-06: "500"}', 'dated: {2016-04-06: "400"}')
    assert changed != text
    return changed + rate


def test_a_rulebook_is_adopted_by_two_after_its_effects_were_seen(served: Served) -> None:
    """Faults are told by line and column; what it says otherwise and would do is shown; another person agrees; then it is done."""
    operator, approver = served.browser("operator"), served.browser("approver")
    faulty = operator.send(
        "/operator/rules", "/operator/rules", {"text": "name: x\nrules: 7\n", "from": "2026-09-01"}, status=400
    )
    assert re.search(r"Line \d+, column \d+", words_of(faulty.text))
    late = operator.send("/operator/rules", "/operator/rules", {"text": rulebook(""), "from": "soon"}, status=400)
    assert "Enter the day it is in force from" in words_of(late.text)
    path = operator.send("/operator/rules", "/operator/rules", {"text": rulebook(""), "from": "2026-09-01"}).headers[
        "location"
    ]
    work(served)
    text = said(operator, path)
    assert "approval_limit" in text
    assert "0 entries for 0 members" in text
    assert "No amount changes" in text
    assert "Say why" in words_of(operator.send(path, path, {"reason": ""}, status=400).text)
    proposal = operator.send(path, path, {"reason": "The board decided so."}).headers["location"]
    assert "another person decides" in said(operator, proposal)
    operator.client.post(f"{proposal}/agree", data=hidden_of(operator.get("/operator/files"), "/operator/files"))
    assert count(served, "rulebook_version") == 1
    assert "approval_limit" in said(approver, proposal)
    assert again(approver, proposal, f"{proposal}/agree", {}) == (303, 303)
    work(served)
    assert count(served, "rulebook_version") == 2
    assert "Version 2" in said(operator, "/operator/rules")
    assert operator.client.get("/operator/rules/2/file").text == rulebook("")


def test_a_look_has_a_reason_and_the_member_reads_it(served: Served) -> None:
    """Nothing of a member is shown before a reason is typed; then it is, and each page of theirs is written down with it."""
    operator = served.browser("operator")
    member = served.identity("member").member
    assert member is not None
    with served.doors.acting() as connection:
        row = connection.execute("select surname from personal.person where member = %s", [member]).fetchone()
        nino = connection.execute("select nino from personal.identity where member = %s", [member]).fetchone()
    assert row is not None
    assert nino is not None
    found = operator.send("/operator/members", "/operator/members", {"who": f"{nino[0]}A"})
    assert found.headers["location"] == f"/operator/members/{member}"
    path = f"/operator/members/{member}"
    assert row[0] not in said(operator, path)
    assert operator.client.get(f"{path}/statement").status_code == 303
    assert "Say why you look" in words_of(operator.send(path, f"{path}/look", {"reason": " "}, status=400).text)
    operator.send(path, f"{path}/look", {"reason": "a call\0 by telephone"})
    assert row[0] in said(operator, path)
    assert "In your pot" in said(operator, f"{path}/statement") or "pot" in said(operator, f"{path}/statement")
    assert "Every step" in said(operator, f"{path}/why")
    with served.doors.seeing(served.identity("member")) as connection:
        whats = {what for (what,) in connection.execute("select what from door.look").fetchall()}
    assert {f"{page}, because: a call by telephone" for page in ("their page", "their statement", "why")} <= whats
    assert "There is no such member" in words_of(
        operator.send("/operator/members", "/operator/members", {"who": "QQ1"}, status=400).text
    )
    operator.get("/operator/members/999999", status=404)


def test_a_fact_is_put_right_by_two(served: Served) -> None:
    """The effects are shown, a reason is asked for, whoever asked cannot agree, and the other's yes does it once."""
    operator, approver = served.browser("operator"), served.browser("approver")
    member = saver(served)
    looking(operator, member)
    link = re.search(rf"/operator/members/{member}/facts/\d+", operator.get(f"/operator/members/{member}/facts"))
    assert link is not None
    path = link[0]
    shown = {"amount": "2000.00", "effective_on": "2026-06-01"}
    assert "Nothing differs" in words_of(operator.send(path, path, shown, status=400).text)
    assert "as an amount" in words_of(operator.send(path, path, shown | {"amount": "much"}, status=400).text)
    right = shown | {"amount": "1500.00"}
    seen = operator.send(path, path, right, status=200)
    assert "What it would do" in words_of(seen.text)
    hidden = hidden_of(seen.text, path)
    missing = operator.client.post(path, data=hidden | right | {"sure": "yes"})
    assert missing.status_code == 400
    sent = operator.client.post(
        path, data=hidden_of(missing.text, path) | right | {"sure": "yes", "reason": "The bank shows £1,500."}
    )
    assert sent.headers["location"] == f"/operator/members/{member}?done=asked"
    assert count(served, "batch where kind = 'correct'") == 0
    assert "asks to put a fact right" in said(operator, "/operator?kind=proposal")
    with served.doors.acting() as connection:
        row = connection.execute("select max(proposal) from door.proposal").fetchone()
    assert row is not None
    proposal = f"/operator/proposals/{row[0]}"
    assert f'action="{proposal}/agree"' not in operator.get(proposal)
    token = hidden_of(operator.get("/operator/files"), "/operator/files")
    assert operator.client.post(f"{proposal}/agree", data=token).status_code == 409
    assert again(approver, proposal, f"{proposal}/agree", {}) == (303, 303)
    assert count(served, "batch where kind = 'correct'") == 1
    late = approver.client.post(
        f"{proposal}/decline", data=hidden_of(approver.get("/operator/members"), "/operator/members")
    )
    assert late.status_code == 409
    with served.doors.acting() as connection:
        told = connection.execute("select summary, who from batch where kind = 'correct'").fetchone()
    assert told is not None
    assert (told[0]["asked_by"], told[1]) == (operator.identity.who, approver.identity.who)


def test_persons_are_put_right_by_two(served: Served) -> None:
    """A birth day, a merge and an erasure wait for another person's yes; a declined one does nothing."""
    operator, approver = served.browser("operator"), served.browser("approver")
    member = saver(served)
    looking(operator, member)
    base = f"/operator/members/{member}/change"
    assert "Enter the birth day" in words_of(
        operator.send(f"{base}/born", f"{base}/born", {"born": "x", "reason": "y"}, status=400).text
    )
    assert "There is no such member" in words_of(
        operator.send(f"{base}/merge", f"{base}/merge", {"into": "99999", "reason": "y"}, status=400).text
    )
    assert "Say why" in words_of(operator.send(f"{base}/erase", f"{base}/erase", {"reason": ""}, status=400).text)
    operator.send(f"{base}/born", f"{base}/born", {"born": "1951-05-05", "reason": "The passport says so."})
    operator.send(f"{base}/erase", f"{base}/erase", {"reason": "They asked for it."})
    operator.send(
        f"{base}/merge", f"{base}/merge", {"into": str(served.identity("member").member), "reason": "One person."}
    )
    approver.send("/operator/proposals/3", "/operator/proposals/3/decline")
    assert "Declined" in said(approver, "/operator/proposals/3")
    approver.send("/operator/proposals/1", "/operator/proposals/1/agree")
    assert count(served, f"personal.person where member = {member} and born = '1951-05-05'") == 1
    approver.send("/operator/proposals/2", "/operator/proposals/2/agree")
    assert count(served, f"personal.person where member = {member}") == 0
    assert count(served, "batch where kind = 'merge'") == 0
    assert "erased, or never told" in said(operator, f"/operator/members/{member}")


def test_nobody_gives_a_seat_to_themselves(served: Served) -> None:
    """A code for a seat is shown once and opens it for anybody but who made it; a seat is taken away by somebody else only."""
    operator, analyst = served.browser("operator"), served.browser("analyst")
    assert "Choose what they may do" in words_of(
        operator.send("/operator/seats", "/operator/seats", {}, status=400).text
    )
    assert "Enter a payer" in words_of(
        operator.send("/operator/seats", "/operator/seats", {"role": "clerk"}, status=400).text
    )
    made = operator.send("/operator/seats", "/operator/seats", {"role": "approver"}, status=200)
    code = re.search(r'<code class="big-code">([^<]+)</code>', made.text)
    assert code is not None
    mine = operator.send("/seats", "/seats/accept", {"code": code[1]}, status=400)
    assert "nobody gives themselves a seat" in words_of(mine.text)
    assert (
        count(served, "door.seat join door.login using (login) where role = 'approver' and subject = 'operator'") == 0
    )
    analyst.send("/seats", "/seats/accept", {"code": code[1]})
    assert count(served, "door.seat join door.login using (login) where role = 'approver' and subject = 'analyst'") == 1
    with served.doors.acting() as connection:
        row = connection.execute("select seat from door.seat where role = 'auditor'").fetchone()
    assert row is not None
    operator.send("/operator/seats", "/operator/seats/end", {"seat": str(row[0])})
    assert count(served, "door.seat where role = 'auditor' and ended_at is null") == 0
    assert operator.send("/operator/seats", "/operator/seats/end", {"seat": str(operator.identity.seat)}, status=409)
    answer_kept = count(served, f"door.once where answer::text like '%{code[1]}%'")
    assert answer_kept == 0


def test_a_member_is_invited_with_a_code(served: Served) -> None:
    """The code that an operator makes for a letter opens the member's own seat, and not to who made it."""
    operator, analyst = served.browser("operator"), served.browser("analyst")
    member = saver(served)
    looking(operator, member)
    path = f"/operator/members/{member}"
    made = operator.send(path, f"{path}/invite", status=200)
    code = re.search(r'<code class="big-code">([^<]+)</code>', made.text)
    assert code is not None
    assert operator.send("/seats", "/seats/accept", {"code": code[1]}, status=400)
    analyst.send("/seats", "/seats/accept", {"code": code[1]})
    assert count(served, f"door.seat where member = {member} and ended_at is null") == 1


def test_a_message_is_answered_once(served: Served) -> None:
    """What a member wrote waits, is read as a look, and is answered once."""
    operator, member = served.browser("operator"), served.identity("member")
    with served.doors.acting() as connection:
        connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (%s, 'correction', '{\"words\": \"My pay of July is wrong.\"}', now())",
            [member.member],
        )
    assert "/operator/messages/1" in operator.get("/operator?kind=message")
    path = "/operator/messages/1"
    assert "My pay of July is wrong." in said(operator, path)
    assert "Write an answer" in words_of(operator.send(path, path, {"answer": " "}, status=400).text)
    hidden = hidden_of(operator.get(path), path)
    assert again(operator, path, path, {"answer": "We asked your payer."}) == (303, 303)
    assert operator.client.post(path, data=hidden | {"answer": "And again."}).status_code == 409
    assert count(served, "door.message where answer = 'We asked your payer.'") == 1
    assert count(served, "door.look where what = 'message 1'") > 0


def test_an_overdue_file_leads_to_its_payer(served: Served) -> None:
    """A payer whose file has not come has a page that says for which period."""
    operator = served.browser("operator")
    with served.doors.acting() as connection:
        refs = [ref for (ref,) in connection.execute("select ref from payer").fetchall()]
    for ref in refs[:3]:
        assert "What its files told last" in operator.client.get("/operator/payers", params={"ref": ref}).text
    operator.get("/operator/payers?ref=NOBODY", status=404)
    operator.get("/operator/payers?ref=%00", status=404)
