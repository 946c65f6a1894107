"""Claims on the ledger: what funders owe is asked, answered, paid, refused, put right and recovered."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.schemes import ANN, BOB, CAT, Row, Scheme, clock, contributions, opened, paid, pay, withdrawn
from tests.test_cli import run

from lifepot.audit.verify import verify
from lifepot.errors import LifepotError, Misuse
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.scheme.claim import Claimed, make_claim
from lifepot.scheme.claim_reply import Answered, receive_reply
from lifepot.scheme.claim_show import list_claims, show_claim
from lifepot.scheme.people import merge, open_on
from lifepot.scheme.resettle import adopt
from lifepot.scheme.why import explained
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer

MAY_ANN = pay(ANN, "2026-05-29", "1000.00", "30.00", "10.00")
MAY_BOB = pay(BOB, "2026-05-29", "1000.00", "30.00", "30.00")


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A lifetime savings account scheme with May's pay: government owes Ann £18 and Bob £18, ACME owes £20 for Ann."""
    with opened(server, tmp_path) as one:
        one.told([MAY_ANN, MAY_BOB], "2026-06-01")
        yield one


def claim(
    scheme: Scheme, funder: str, until: str, made_on: str, *, again: bool = False
) -> tuple[Claimed, list[dict[str, str]]]:
    """A claim and the rows of its file."""
    out = scheme.folder / "claim.csv"
    out.unlink(missing_ok=True)
    claimed = make_claim(scheme.connection, funder, parse_day(until), clock(made_on), again=again, out=out)
    if claimed.state != "made":
        assert not out.exists()
        return claimed, []
    heading, _, table = out.read_text("utf-8").partition("\n\n")
    assert f"claim,{claimed.number}\nto,{funder}\n" in heading
    return claimed, list(csv.DictReader(io.StringIO(table)))


def reply(scheme: Scheme, rows: list[str], on: str) -> Answered:
    """A reply with these rows."""
    return receive_reply(scheme.connection, scheme.file("\n".join(["line,outcome,amount,code", *rows, ""])), clock(on))


def put_right(scheme: Scheme, rows: list[Row], on: str) -> None:
    """ACME sends May again."""
    scheme.told(rows, on, "replaces")


def proved(scheme: Scheme) -> None:
    """The laws hold, verify proves it all, and a settle that reads every member finds nothing to do."""
    scheme.check()
    scheme.connection.commit()
    findings = verify(scheme.connection)
    assert findings.proved, findings.lines()


def test_a_claim_asks_what_government_owes(scheme: Scheme) -> None:
    """A line a member, by NINO, with the period and the amount; claiming again answers with the claim that was made."""
    claimed, rows = claim(scheme, "government", "2026-05-31", "2026-06-02")
    assert (claimed.state, claimed.number, claimed.lines, claimed.total_minor) == ("made", 1, 2, 36_00)
    assert rows == [
        {
            "line": f"1-{nth}", "person": nino[:8], "period_start": "2026-05-01", "period_end": "2026-05-31",
            "share": "government", "amount": "18.00", "quotes": "", "reason": "new",
        }
        for nth, nino in ((1, ANN), (2, BOB))
    ]  # fmt: skip
    again, none = claim(scheme, "government", "2026-05-31", "2026-06-03")
    assert (again.state, again.number, none) == ("existing", 1, [])
    proved(scheme)


def test_a_reply_brings_what_was_paid_and_twice_brings_nothing(scheme: Scheme) -> None:
    """What is paid is in the pot, what is partly paid is as far as it goes, and the same reply again changes nothing."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    answered = reply(scheme, ["1-1,paid,,", "1-2,partly_paid,10.00,"], "2026-06-19")
    assert (answered.state, answered.paid, answered.partly_paid, answered.cash_minor) == ("received", 1, 1, 28_00)
    assert scheme.pot(ANN)["government"] == 18_00
    assert (scheme.pot(BOB)["government"], scheme.pot(BOB)["government_owed"]) == (10_00, 8_00)
    assert (scheme.pots()["from_government"], scheme.pots()["owed_by_government"]) == (-28_00, -8_00)
    place = scheme.place()
    same = reply(scheme, ["1-2,partly_paid,10.00,", "1-1,paid,18.00,"], "2026-06-20")
    assert (same.state, same.unchanged, scheme.place()) == ("nothing_new", 2, place)
    rest = reply(scheme, ["1-2,paid,,"], "2026-06-21")
    assert rest.cash_minor == 8_00
    assert scheme.pots()["from_government"] == -36_00
    assert "owed_by_government" not in scheme.pots()
    proved(scheme)


def test_a_correction_is_a_chain_and_what_was_overpaid_comes_first(scheme: Scheme) -> None:
    """Pay halved after it was paid for: the next claim recovers £7.50 first, quoting the original; the cash is what is left."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,paid,,"], "2026-06-19")
    put_right(scheme, [MAY_ANN, pay(BOB, "2026-05-29", "500.00", "15.00", "15.00")], "2026-06-20")
    scheme.told([pay(ANN, "2026-06-30", "1000.00", "30.00", "30.00")], "2026-07-01")
    claimed, rows = claim(scheme, "government", "2026-06-30", "2026-07-02")
    assert [(row["line"], row["person"], row["amount"], row["quotes"], row["reason"]) for row in rows] == [
        ("2-2", BOB[:8], "-7.50", "1-2", "recovery"),
        ("2-1", ANN[:8], "18.00", "", "new"),
    ]
    assert (claimed.asked_minor, claimed.recovered_minor, claimed.total_minor) == (18_00, 7_50, 10_50)
    page = (Path(__file__).parents[1] / "docs" / "file-layouts.md").read_text("utf-8")
    assert f"```text\n{(scheme.folder / 'claim.csv').read_text('utf-8')}```" in page, "the page's example is this claim"
    answered = reply(scheme, ["2-1,paid,,", "2-2,paid,-7.50,"], "2026-07-19")
    assert answered.cash_minor == 10_50
    assert scheme.pots()["from_government"] == -36_00 - 10_50
    assert "owed_by_government" not in scheme.pots()
    assert (scheme.pot(ANN)["government"], scheme.pot(BOB)["government"]) == (36_00, 10_50)
    proved(scheme)
    # Put right once more, the other way: what was recovered is owed again, and not in the pot before it comes.
    put_right(scheme, [MAY_BOB, MAY_ANN], "2026-07-20")  # the same words in the same order would be the same file
    assert (scheme.pot(BOB)["government"], scheme.pot(BOB)["government_owed"]) == (10_50, 7_50)
    proved(scheme)
    claimed, rows = claim(scheme, "government", "2026-07-31", "2026-08-02")
    assert [(row["amount"], row["quotes"], row["reason"]) for row in rows] == [("7.50", "1-2", "correction")]
    reply(scheme, ["3-1,paid,,"], "2026-08-19")
    assert scheme.pot(BOB)["government"] == 18_00
    proved(scheme)


def test_what_was_refused_is_claimed_again_only_on_request(scheme: Scheme) -> None:
    """A refusal has a code; the next claim leaves it, `again` or a change takes it up with the original's line."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    answered = reply(scheme, ["1-1,refused,,NOT_KNOWN", "1-2,paid,,"], "2026-06-19")
    assert (answered.refused, answered.refused_minor, answered.codes) == (1, 18_00, {"NOT_KNOWN": 1})
    assert scheme.pot(ANN)["government_owed"] == 18_00
    assert claim(scheme, "government", "2026-06-30", "2026-07-02")[0].state == "nothing"
    claimed, rows = claim(scheme, "government", "2026-06-30", "2026-07-02", again=True)
    assert [(row["line"], row["amount"], row["quotes"]) for row in rows] == [("2-1", "18.00", "1-1")]
    made, lines, as_made = show_claim(scheme.connection, 1)
    assert (made.paid_minor, made.refused_minor, made.open_minor, as_made) == (18_00, 18_00, 0, True)
    assert [(line.paid_minor, line.refused_minor, line.code) for line in lines] == [
        (0, 18_00, "NOT_KNOWN"),
        (18_00, 0, ""),
    ]
    reply(scheme, ["2-1,refused,,STILL_NOT"], "2026-07-19")
    put_right(scheme, [pay(ANN, "2026-05-29", "1100.00", "33.00", "10.00"), MAY_BOB], "2026-07-20")
    claimed, rows = claim(scheme, "government", "2026-07-31", "2026-08-02")
    assert [(row["amount"], row["quotes"]) for row in rows] == [("19.50", "1-1")]
    assert claimed.total_minor == 19_50
    assert [one.number for one in list_claims(scheme.connection)] == [1, 2, 3]
    proved(scheme)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1-1,paid,18.01,", "amount_over"), ("1-1,partly_paid,18.01,", "amount_over"), ("1-1,paid,17.99,", "amount_short"),
        ("1-1,partly_paid,,", "amount_missing"), ("1-1,refused,,", "code_missing"), ("1-1,paid,-18.00,", "amount_sign"),
        ("1-3,paid,,", "line_unknown"), ("2-1,paid,,", "line_unknown"), ("1-1,lost,,", "outcome_unknown"),
        ("1-1,paid,much,", "amount_unreadable"), ("1-1,refused,,,,", "fields_too_many"), ("1-2,paid,18.00,", "line_twice"),
        (f"1-1,refused,,{'X' * 61}", "code_too_long"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_refused_alone(scheme: Scheme, row: str, code: str) -> None:
    """A row with a fault is told with its line and code, and the rest of the reply stands."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    answered = reply(scheme, ["1-2,paid,18.00,", row], "2026-06-19")
    assert [(fault.line, fault.code) for fault in answered.faults] == [(3, code)]
    assert (answered.state, answered.cash_minor) == ("received", 18_00)
    assert scheme.pot(ANN)["government_owed"] == 18_00
    proved(scheme)


def test_what_was_paid_cannot_be_unsaid(scheme: Scheme) -> None:
    """A later reply that refuses what an earlier one paid is a fault."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,"], "2026-06-19")
    answered = reply(scheme, ["1-1,partly_paid,5.00,"], "2026-06-20")
    assert ([fault.code for fault in answered.faults], answered.state) == (["answered_before"], "refused")
    assert [fault.code for fault in reply(scheme, ["1-1,refused,1.00,X"], "2026-06-21").faults] == ["amount_over"]
    proved(scheme)


def test_a_reply_to_no_claim_is_refused(scheme: Scheme) -> None:
    """A claim that was never made, and a file that names no line, are said to be so."""
    with pytest.raises(LifepotError, match="claim 7, which was never made"):
        reply(scheme, ["7-1,paid,,"], "2026-06-19")
    with pytest.raises(LifepotError, match="no line of a claim"):
        reply(scheme, ["x,paid,,"], "2026-06-19")
    with pytest.raises(LifepotError, match="no reply to a claim"):
        receive_reply(scheme.connection, scheme.file("a,b\n1,2\n"), clock("2026-06-19"))


def test_a_claim_is_for_a_period_that_is_over(scheme: Scheme) -> None:
    """Days that end no period, periods that are not over, and payers nobody knows are misuse that says what would be right."""
    for until, made_on, word in (
        ("2026-05-30", "2026-06-02", "2026-05-31"),
        ("2026-06-30", "2026-06-30", "2026-05-31"),
    ):
        with pytest.raises(Misuse) as caught:
            claim(scheme, "government", until, made_on)
        assert word in caught.value.remedy
    with pytest.raises(Misuse, match="no payer NOBODY"):
        claim(scheme, "NOBODY", "2026-05-31", "2026-06-02")
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    with pytest.raises(LifepotError, match="up to 2026-05-31 was claimed from government already, in claim 1"):
        claim(scheme, "government", "2026-04-30", "2026-06-02")


def test_a_payer_is_asked_for_what_it_did_not_send(scheme: Scheme) -> None:
    """ACME sent £10 of the £30 it owes for Ann: its claim names her by payroll id, and what it sends later is in her pot."""
    scheme.told([pay(CAT, "2026-06-12", "1000.00", "", "", payer="BOLT", payroll_id="B,7")], "2026-06-13")
    _, rows = claim(scheme, "ACME", "2026-05-31", "2026-06-14")
    assert [(row["person"], row["share"], row["amount"]) for row in rows] == [(ANN[:8], "employer", "20.00")]
    reply(scheme, ["1-1,paid,,"], "2026-06-19")
    assert (scheme.pot(ANN)["employer"], "employer_owed" in scheme.pot(ANN)) == (30_00, False)
    assert scheme.pots()["in_transit ACME"] == -30_00 - 10_00 - 60_00 - 20_00
    _, rows = claim(scheme, "BOLT", "2026-06-30", "2026-07-02")
    assert {row["person"] for row in rows} == {"B,7"}
    proved(scheme)


def test_a_shared_cap_moves_between_payers_and_neither_sees_the_other(server: EmbeddedServer, tmp_path: Path) -> None:
    """Ireland's yearly cap is used up in payment order: less pay from A in May leaves room for more of B's in June, whose next
    claim asks for it and says nothing of A.
    """
    with opened(server, tmp_path, "ie-my-future-fund") as scheme:
        of_a = pay(ANN, "2026-05-29", "70000.00", payer="AARDVARK", payroll_id="A1")
        of_b = pay(ANN, "2026-06-29", "20000.00", payer="BADGER", payroll_id="B1")
        for row, on in ((of_a, "2026-06-01"), (of_b, "2026-07-01")):
            scheme.told([row], on)
        for funder in ("AARDVARK", "BADGER"):
            claim(scheme, funder, "2026-06-30", "2026-07-02")
        was = [line.amount_minor for line in show_claim(scheme.connection, 2)[1]]
        assert was == [150_00, 150_00], "1.5 % of the 10,000 that A's pay leaves of 80,000, by worker and by employer"
        reply(scheme, ["2-1,paid,,", "2-2,paid,,"], "2026-07-10")
        scheme.told([pay(ANN, "2026-05-29", "65000.00", payer="AARDVARK", payroll_id="A1")], "2026-07-11", "replaces")
        claimed, rows = claim(scheme, "BADGER", "2026-07-31", "2026-08-02")
        assert [(row["person"], row["share"], row["amount"], row["quotes"], row["reason"]) for row in rows] == [
            ("B1", "worker", "75.00", "2-1", "correction"),
            ("B1", "employer", "75.00", "2-2", "correction"),
        ]
        text = (scheme.folder / "claim.csv").read_text("utf-8")
        assert not any(word in text for word in ("AARDVARK", "A1", ANN[:8], "65000", "70000", "cap"))
        # Before A is claimed from again, the other way round: B is asked for too much, and gets it back.
        reply(scheme, ["3-1,paid,,", "3-2,paid,,"], "2026-08-10")
        scheme.told([pay(ANN, "2026-05-29", "75000.00", payer="AARDVARK", payroll_id="A1")], "2026-08-11", "replaces")
        claimed, rows = claim(scheme, "BADGER", "2026-08-31", "2026-09-02")
        assert [(row["amount"], row["quotes"], row["reason"]) for row in rows] == [
            ("-150.00", "2-1", "recovery"),
            ("-150.00", "2-2", "recovery"),
        ]
        assert claimed.total_minor == -300_00
        reply(scheme, ["4-1,paid,,", "4-2,paid,,"], "2026-09-10")
        assert scheme.pot(ANN)["employer"] == 75_00
        assert "owed_by BADGER" not in scheme.pots()
        assert scheme.pots()["in_transit BADGER"] == -150_00
        proved(scheme)


def test_a_payers_mistake_is_never_the_members_debt(scheme: Scheme) -> None:
    """ACME told too much of Bob's pay, government paid, and Bob took the match out for a purpose: once it is put right the next
    claim recovers it from what government is asked for, nobody asks Bob, and his next pay is his, whole.
    """
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,paid,,"], "2026-06-19")
    scheme.told([withdrawn(BOB, "2026-06-20", "78.00", "student_loan")], "2026-06-20")
    put_right(scheme, [MAY_ANN, pay(BOB, "2026-05-29", "500.00", "15.00", "15.00")], "2026-06-21")
    scheme.told([pay(BOB, "2026-06-30", "1000.00", "30.00", "30.00")], "2026-07-01")
    assert scheme.pot(BOB)["overdrawn"] < 0
    assert (scheme.pot(BOB)["worker"], scheme.pot(BOB)["employer"]) == (30_00, 30_00)
    for funder in ("government", "ACME"):
        _, rows = claim(scheme, funder, "2026-06-30", "2026-07-02")
        assert [row["amount"] for row in rows] == (["-7.50", "18.00"] if funder == "government" else ["20.00"])
    reply(scheme, ["2-1,paid,,", "2-2,paid,,"], "2026-07-19")
    assert scheme.pot(BOB)["government"] == 18_00
    assert "owed_by_government" not in scheme.pots()
    proved(scheme)


def test_late_claims_reach_six_years_back(server: EmbeddedServer, tmp_path: Path) -> None:
    """A bonus told years late is claimed while the rulebook's `correct_within` reaches it (6y 14d); what is older is refused with
    the rule and the day until which it would have passed.
    """
    with opened(server, tmp_path, "uk-lifetime-isa") as scheme:
        rows = [
            paid(ANN, "2019-05-01", "1000.00"),
            paid(ANN, "2019-05-20", "1000.00"),
            paid(ANN, "2025-05-20", "400.00"),
        ]
        scheme.told(rows, "2025-06-01")
        member = scheme.one("select member from personal.identity")
        open_on(scheme.connection, [member], [parse_day("2019-04-06")], clock("2025-06-01"))
        claimed, rows = claim(scheme, "government", "2025-06-05", "2025-06-10")
        assert [(row["period_start"], row["period_end"], row["amount"]) for row in rows] == [
            ("2019-05-06", "2019-06-05", "250.00"),
            ("2025-05-06", "2025-06-05", "100.00"),
        ]
        assert claimed.due_on == parse_day("2025-06-19")
        (fault,) = claimed.faults
        assert (fault.code, "£250.00 for member 1, 2019-04-06 to 2019-05-05" in fault.found) == ("too_old", True)
        assert all(word in fault.expected for word in ("claim bonus", "6y 14d", "2019-05-27", "until 2025-05-19"))
        proved(scheme)


def test_a_new_rulebook_is_claimed_as_corrections(scheme: Scheme) -> None:
    """A rulebook adopted for the past changes what was claimed: the next claim asks for the difference, line by line."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,refused,,NO"], "2026-06-10")
    text, file = rulebook_text("lifetime-savings-account")
    assert text.count('{2016-04-06: "3"}') == 1, "the monthly base"
    changed = text.replace('{2016-04-06: "3"}', '{2016-04-06: "5"}')
    adopt(scheme.connection, changed, file, parse_day("2026-05-01"), clock("2026-06-20"))
    _, rows = claim(scheme, "government", "2026-06-30", "2026-07-02")
    assert [(row["amount"], row["quotes"]) for row in rows] == [("2.00", "1-1"), ("20.00", "1-2")]
    proved(scheme)


def test_who_was_merged_is_claimed_under_the_right_name(scheme: Scheme) -> None:
    """Two members who are one: what was claimed for the one is recovered and claimed for the other, and the sum is nothing."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,paid,,"], "2026-06-10")
    ann, bob = (scheme.one("select member from personal.identity where nino = %s", [one[:8]]) for one in (ANN, BOB))
    merge(scheme.connection, ann, bob, clock("2026-06-11"))
    claimed, rows = claim(scheme, "government", "2026-06-30", "2026-07-02")
    assert (rows[0]["amount"], rows[0]["quotes"]) == ("-18.00", "1-1")
    reply(scheme, [f"{row['line']},paid,," for row in rows], "2026-07-10")
    assert scheme.pots()["from_government"] == -36_00 - claimed.total_minor
    assert "owed_by_government" not in scheme.pots()
    proved(scheme)


def test_what_is_effective_later_waits_for_its_claim(scheme: Scheme) -> None:
    """Pay of July told in June is claimed with July, from the batch that the earlier claims left behind them."""
    scheme.told([pay(CAT, "2026-07-03", "1000.00", "30.00", "30.00")], "2026-06-20")
    for until, made_on, amounts in (
        ("2026-05-31", "2026-06-21", ["18.00", "18.00"]), ("2026-06-30", "2026-07-01", []), ("2026-07-31", "2026-08-02", ["18.00"]),
    ):  # fmt: skip
        claimed, rows = claim(scheme, "government", until, made_on)
        assert [row["amount"] for row in rows] == amounts
        assert claimed.state == ("made" if amounts else "nothing")
    proved(scheme)


TAMPERINGS = {
    "a claimed amount": "update fact set amount = amount + 1 where kind = 24 and line = 1",
    "what came": "update fact set amount = amount + 1 where kind = 12 and line = 1",
    "what was refused": "update fact set amount = amount + 1 where kind = 25",
    "an answer's line": "update fact set line = 2 where kind = 12 and line = 1",
    "a claim's total": "update claim set asked_minor = asked_minor + 1",
    "a reply's total": "update claim_answer set paid_minor = paid_minor - 1",
    "a claim gone": "delete from claim",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_with_claims_is_found(scheme: Scheme, what: str) -> None:
    """A claim or an answer that was changed behind the books' back is named as one, besides breaking the chain."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,refused,,NO"], "2026-06-19")
    scheme.connection.execute("set session_replication_role = replica")
    assert scheme.connection.execute(TAMPERINGS[what].encode()).rowcount > 0
    scheme.connection.execute("set session_replication_role = origin")
    scheme.connection.commit()
    findings = verify(scheme.connection)
    assert findings.problem_counts["claim"] > 0, findings.lines()
    assert findings.problem_counts["chain"] > 0, findings.lines()


def test_claims_refuse_to_change(scheme: Scheme) -> None:
    """The database itself refuses to change what was claimed, with the remedy."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    with pytest.raises(psycopg.errors.RestrictViolation) as caught:
        scheme.connection.execute("delete from claim")
    assert "next claim" in (caught.value.diag.message_hint or "")


def test_the_commands(database: Database, tmp_path: Path) -> None:
    """`claim make`, `list`, `show` and `reply` say what they did, as text and as JSON, with honest exit codes."""
    where = ("--database", database.url)
    run("open", "lifetime-savings-account", "--as-of", "2026-04-06", *where)
    (tmp_path / "may.csv").write_text(contributions([MAY_ANN, MAY_BOB]), "utf-8")
    run("receive", tmp_path / "may.csv", "--as-of", "2026-06-01", *where)
    file = tmp_path / "claim.csv"
    asked = ("claim", "make", "government", "--until", "2026-05-31", "--as-of", "2026-06-02", *where)
    code, out = run(*asked, "--out", file)
    assert (code, "2 lines: £36.00 asked, £0.00 recovered, £36.00 to come" in out) == (0, True)
    assert "calendar months, for the rulebook says nothing of such claims" in out
    made = file.read_bytes()
    code, out = run(*asked, "--json")
    assert (code, json.loads(out)["state"], json.loads(out)["claim"]) == (0, "existing", 1)
    assert run("claim", "make", "government", "--until", "2026-05-30", "--as-of", "2026-06-02", *where)[0] == 2
    replied = tmp_path / "reply.csv"
    replied.write_text("line,outcome,amount,code\n1-1,paid,,\n1-2,refused,,NO\n1-9,paid,,\n", "utf-8")
    code, out = run("claim", "reply", replied, "--as-of", "2026-06-19", *where)
    assert (code, "£18.00 to come in the bank" in out, "refused as NO: 1" in out) == (1, True, True)
    replied.write_text("line,outcome,amount,code\n1-1,paid,,\n1-2,refused,,NO\n", "utf-8")
    code, out = run("claim", "reply", replied, "--as-of", "2026-06-19", "--json", *where)
    assert (code, json.loads(out)["state"], json.loads(out)["unchanged"]) == (0, "nothing_new", 2)
    code, out = run("claim", "list", "--json", *where)
    (listed,) = json.loads(out)
    assert (listed["paid_minor"], listed["refused_minor"], listed["open_minor"]) == (18_00, 18_00, 0)
    assert "£18.00 paid, £18.00 refused, £0.00 open" in run("claim", "list", *where)[1]
    code, out = run("claim", "show", "1", "--out", file, *where)
    assert (code, "refused £18.00 (NO)" in out, file.read_bytes() == made) == (0, True, True)
    assert json.loads(run("claim", "show", "1", "--json", *where)[1])["shown"][1]["code"] == "NO"
    assert run("claim", "show", "7", *where)[0] == 2
    assert run("claim", "reply", tmp_path / "none.csv", *where)[0] == 1


def test_a_statement_says_where_the_match_came_from(scheme: Scheme) -> None:
    """What came because it was claimed stands in the member's statement with the claim that asked for it."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    reply(scheme, ["1-1,paid,,", "1-2,refused,,NO"], "2026-06-19")
    for nino, words in ((ANN, ["coming of 2026-06-19 of what government owed, as claim 1 asked"]), (BOB, [])):
        member = scheme.one("select member from personal.identity where nino = %s", [nino[:8]])
        statement = explained(scheme.connection, member).as_dict()
        told = [entry["because"] for entry in statement["entries"] if "claim" in entry["because"]]
        assert sorted(set(told)) == words
        assert statement["in_pot_minor"]["government"] == (18_00 if words else 0)
        assert statement["owed_minor"]["government"] == (0 if words else 18_00)


def test_claim_periods_do_not_change_under_claims(scheme: Scheme) -> None:
    """A rulebook that would cut time otherwise than claims did is told so, before anything is asked for twice."""
    claim(scheme, "government", "2026-05-31", "2026-06-02")
    text, file = rulebook_text("lifetime-savings-account")
    claims = """
claims:
  match:
    description: The match.
    rules: [government.match]
    period: claim_period
    source: Ours.
"""
    window = "windows:\n  claim_period: {description: From the 6th., every: month, starts: '6'}\n"
    adopt(
        scheme.connection,
        text.replace("windows:\n", window, 1) + claims,
        file,
        parse_day("2026-06-06"),
        clock("2026-06-10"),
    )
    with pytest.raises(LifepotError, match="claim periods of government have changed: claim 1 ended on 2026-05-31"):
        claim(scheme, "government", "2026-07-05", "2026-07-10")
    assert claim(scheme, "ACME", "2026-06-30", "2026-07-10")[0].terms.startswith("calendar months")
