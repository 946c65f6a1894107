"""What waits for a person: all of it in one list, oldest first, each gone as soon as somebody has seen to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.commanding import asked
from tests.schemes import ANN, BOB, CAT, Scheme, opened, paid, pay, withdrawn
from tests.test_claiming import claim, reply
from tests.test_income import OLD
from tests.test_income import asked as income_asked
from tests.test_payments import ACCOUNT, paid_as, run, statement, taken_out
from tests.test_withdrawals import REGISTER, by, number, own

from lifepot.payments.runs import set_own_account
from lifepot.payments.statements import match_by_hand
from lifepot.payments.waiting import Waits, waiting
from lifepot.periods import format_day, parse_day
from lifepot.scheme.arriving import next_end
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.payees import Destination, load, payee_named
from lifepot.withdrawals.quoting import Wish


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann, who is old enough for a pension, and Bob are paid by ACME and have £1,000 of their own; there is a bank account."""
    with opened(server, tmp_path) as one:
        one.told(
            [
                pay(ANN, "2025-05-29", "1000.00", "30.00", "30.00", born=OLD),
                pay(BOB, "2025-05-29", "1000.00", "30.00", "30.00"),
            ],
            "2025-06-01",
        )
        one.told(
            [paid(ANN, "2025-06-02", "1000.00", born=OLD), paid(BOB, "2025-06-02", "1000.00")],
            "2025-06-02",
        )
        register = tmp_path / "register.csv"
        register.write_text(REGISTER, encoding="utf-8")
        load(one.connection, register)
        set_own_account(one.connection, ACCOUNT)
        yield one


def waits(scheme: Scheme, on: str = "2026-07-01", kind: str | None = None, *, differences: bool = False) -> list[Waits]:
    """What waits on a day, of a kind if one is said."""
    found = waiting(scheme.connection, parse_day(on), with_differences=differences)
    scheme.connection.rollback()
    return [one for one in found.items if kind in (None, one.kind)]


def test_nothing_waits_where_all_is_well(scheme: Scheme) -> None:
    """A scheme in which everything was accepted has an empty list."""
    assert waits(scheme) == []


def test_refused_rows_wait_by_file_and_code_until_they_are_taken(scheme: Scheme) -> None:
    """Two bad NINOs are one line that counts two. A stranger's withdrawal waits until she has joined and its file comes again."""
    scheme.tell(
        [pay("QQ1", "2025-06-27", "10"), pay("QQ2", "2025-06-27", "10"), pay(ANN, "2025-06-27", "ten")], "2025-06-30"
    )
    found = waits(scheme, kind="rejected_rows")
    assert sorted(one.count for one in found) == [1, 2]
    assert len({one.about for one in found}) == 1
    early = scheme.file([withdrawn(CAT, "2025-07-10", "1.00")])
    scheme.tell(early, "2025-07-10")
    assert [one.count for one in waits(scheme, kind="rejected_rows") if "member_unknown" in one.words] == [1]
    scheme.told([paid(CAT, "2025-07-01", "5.00")], "2025-07-11")
    assert scheme.tell(early, "2025-07-11").state == "received_again"
    assert sorted(one.count for one in waits(scheme, kind="rejected_rows")) == [1, 2]


def test_a_file_waits_for_its_senders_word(scheme: Scheme) -> None:
    """A second file for ACME's May asks whether it replaces or adds; answered, it waits no more."""
    may = {"period_start": "2026-05-01", "period_end": "2026-05-31"}
    scheme.told([pay(ANN, "2026-05-29", "900.00", "27.00", "27.00", **may)], "2026-06-01")
    second = scheme.file([pay(ANN, "2026-05-29", "950.00", "28.50", "28.50", **may)])
    assert scheme.tell(second, "2026-06-02").state == "waiting"
    (one,) = waits(scheme, kind="file_question")
    assert "ACME from 2026-05-01 to 2026-05-31" in one.words
    scheme.told(second, "2026-06-02", "replaces")
    assert waits(scheme, kind="file_question") == []


def test_money_in_suspense_waits_until_it_is_matched(scheme: Scheme) -> None:
    """£12.34 from a stranger waits with its reason and day; said by hand to be ACME's it is gone."""
    statement(scheme, ("2026-06-20", "HELLO FROM NOBODY", "12.34", ""))
    (one,) = waits(scheme, kind="suspense")
    assert (one.amount, format_day(one.since), one.about[0]) == (12_34, "2026-06-20", "entry")
    match_by_hand(scheme.connection, int(one.about[1]), by("pat", "2026-07-01"), payer="ACME")
    assert waits(scheme, kind="suspense") == []


def test_a_withdrawal_waits_for_evidence_and_then_for_approval(scheme: Scheme) -> None:
    """Asked for a home it waits for its papers by name, then for somebody to approve it, then no more."""
    purpose = "first_home"
    wish = Wish(number(scheme, ANN), purpose, 100_00, arrives=False, said={})
    to: Destination = payee_named(scheme.connection, "conveyancer:SMITH")
    taken, _ = steps.ask(scheme.connection, wish, to, by("ann", "2026-06-10"))
    chain = taken.withdrawal.number
    (one,) = waits(scheme)
    wanted = one.count
    assert (one.kind, one.amount, one.about) == ("withdrawal_evidence", 100_00, ("withdrawal", chain))
    assert wanted >= 1
    for piece in range(wanted):
        steps.prove(scheme.connection, chain, piece, "paper.pdf", b"%PDF", by("ann", "2026-06-12"))
    (one,) = waits(scheme)
    assert (one.kind, format_day(one.since)) == ("withdrawal_approval", "2026-06-12")
    steps.approve(scheme.connection, chain, by("olive", "2026-06-15"))
    assert waits(scheme) == []


def test_a_payment_that_came_back_waits_until_it_is_sent_again(scheme: Scheme) -> None:
    """£100 comes back from the bank: it waits under its withdrawal, until the next run sends it."""
    one = taken_out(scheme, ANN, 100_00)
    run(scheme)
    statement(scheme, ("2026-07-03", f"FPO {paid_as(scheme, 1)}", "", "100.00"))
    statement(scheme, ("2026-07-06", f"RETURN {paid_as(scheme, 1)}", "100.00", ""))
    (back,) = waits(scheme, "2026-07-31")
    assert (back.kind, back.amount, back.about, format_day(back.since)) == (
        "came_back",
        100_00,
        ("withdrawal", one),
        "2026-07-06",
    )
    run(scheme, on="2026-07-31")
    assert waits(scheme, "2026-07-31") == []


def test_money_that_nobody_said_where_to_send_waits(scheme: Scheme) -> None:
    """Two heirs and no account: both wait with their parts; Jo's account known, Mo's waits; what comes back from Jo's bank too."""
    scheme.told([{"kind": "died", "nino": ANN, "on": "2026-06-20"}], "2026-06-21")
    words = ("household", "heirs", ANN, "--heir", "Jo Bell=1/3", "--heir", "Mo Bell=2/3", "--as-of", "2026-07-01")
    parts = [one["amount_minor"] for one in asked(scheme, *words)["heirs"]]
    found = waits(scheme, "2026-07-02")
    assert sorted(one.amount or 0 for one in found) == sorted(parts)
    assert {(one.kind, one.about) for one in found} == {("no_account", ("member", number(scheme, ANN)))}
    asked(scheme, "household", "heir", ANN, "Jo Bell", "--sort-code", "20-00-00", "--account", "55779912")
    assert [one.amount for one in waits(scheme, "2026-07-02")] == [parts[1]]
    run(scheme)
    amount = f"{parts[0] / 100:.2f}"
    statement(scheme, ("2026-07-03", f"JO BELL {paid_as(scheme, 1)}", "", amount))
    statement(scheme, ("2026-07-05", f"RETURNED {paid_as(scheme, 1)}", amount, ""))
    (back,) = waits(scheme, "2026-07-06", kind="came_back")
    assert (back.amount, back.about) == (parts[0], ("member", number(scheme, ANN)))


def test_an_income_waits_for_its_approval_and_its_changes(scheme: Scheme) -> None:
    """Asked, approved, changed, declined: it waits after the first and the third."""
    one = income_asked(scheme, 50_00)
    assert [(w.kind, w.amount, w.about[1]) for w in waits(scheme)] == [("income_approval", 50_00, one.number)]
    income.approve(scheme.connection, one.number, by("olive", "2026-06-15"))
    assert waits(scheme) == []
    income.change(scheme.connection, one.number, 60_00, None, by("ann", "2026-06-16"))
    assert [(w.amount, "change" in w.words) for w in waits(scheme)] == [(60_00, True)]
    income.decline(scheme.connection, one.number, by("olive", "2026-06-16"))
    assert waits(scheme) == []
    asked_and_stopped = income_asked(scheme, 40_00)
    income.stop(scheme.connection, asked_and_stopped.number, by("ann", "2026-06-17"))
    assert waits(scheme) == []


def test_refused_claim_lines_wait_until_they_are_claimed_again(scheme: Scheme) -> None:
    """Government refuses one of four lines: it waits with its amount and code; claimed again, and paid, it is gone."""
    claimed, rows = claim(scheme, "government", "2025-06-30", "2025-07-02")
    assert claimed.lines == 4
    others = [f"{row['line']},paid,," for row in rows if row is not rows[1]]
    reply(scheme, [*others, f"{rows[1]['line']},refused,,NOT_ELIGIBLE"], "2025-07-10")
    (one,) = waits(scheme)
    assert (one.kind, one.count, one.about, format_day(one.since)) == ("refused_claim", 1, ("claim", 1), "2025-07-10")
    assert one.amount == round(float(rows[1]["amount"]) * 100)
    assert "NOT_ELIGIBLE" in one.words
    second, _ = claim(scheme, "government", "2025-06-30", "2025-07-12", again=True)
    assert second.lines == 1
    assert waits(scheme) == []


def test_a_file_that_has_not_come_waits_from_a_week_after_its_period(scheme: Scheme) -> None:
    """ACME tells March, April and May by the month's end; June's is waited for from 8 July, and not once it came."""
    for start, end in (("03-01", "03-31"), ("04-01", "04-30"), ("05-01", "05-31")):
        period = {"period_start": f"2026-{start}", "period_end": f"2026-{end}"}
        scheme.told([pay(ANN, f"2026-{end}", "900.00", "27.00", "27.00", **period)], f"2026-{end}")
    assert waits(scheme, "2026-07-07") == []
    (one,) = waits(scheme, "2026-07-08")
    assert (one.kind, format_day(one.since), one.about) == ("file_overdue", "2026-07-08", ("payer", "ACME"))
    assert "2026-06-30" in one.words
    june = {"period_start": "2026-06-01", "period_end": "2026-06-30"}
    scheme.told([pay(ANN, "2026-06-30", "900.00", "27.00", "27.00", **june)], "2026-07-20")
    assert waits(scheme, "2026-07-20") == []
    assert [format_day(w.since) for w in waits(scheme, "2026-08-31")] == ["2026-08-21"], "as late as June's came"
    assert waits(scheme, "2028-01-01") == [], "whoever is silent for more than a year is not waited for"


def test_a_monthly_file_of_many_days_is_waited_for_by_the_month(scheme: Scheme) -> None:
    """A platform tells each job's day once a month: the next file is waited for after the next month, not the next day."""
    for month, last in ((3, 31), (4, 30), (5, 31)):
        jobs = [pay(ANN, f"2026-0{month}-{day:02d}", "50.00", payer="RIDES") for day in (*range(1, 28, 3), last)]
        scheme.told(jobs, f"2026-0{month}-{last}")
    assert waits(scheme, "2026-07-07") == []
    assert [(one.about[1], format_day(one.since)) for one in waits(scheme, "2026-07-08")] == [("RIDES", "2026-07-08")]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (("2026-01-31", "2026-02-28", "2026-03-31"), "2026-04-30"),
        (("2026-02-28", "2026-03-31", "2026-04-30"), "2026-05-31"),
        (("2026-01-05", "2026-02-05", "2026-03-05"), "2026-04-05"),
        (("2026-03-27", "2026-04-24", "2026-05-22"), "2026-06-19"),
        (("2026-03-06", "2026-03-13", "2026-03-20"), "2026-03-27"),
        (("2026-03-27", "2026-04-24", "2026-05-29"), "2026-06-29"),
        (("2026-03-27", "2026-04-24"), None),
        (("2026-01-01", "2026-01-02", "2026-05-22"), None),
    ],
)
def test_the_rhythm_of_periods(ends: tuple[str, ...], expected: str | None) -> None:
    """Months end on their last day, weeks and four weeks are counted, and what has no rhythm is not waited for."""
    found = next_end([parse_day(end) for end in ends])
    assert (None if found is None else format_day(found)) == expected


def test_differences_are_told_when_asked_for(scheme: Scheme) -> None:
    """What ACME's files said it sent and the bank does not show is a difference with the day of the oldest."""
    assert waits(scheme) == []
    found = {one.about[1]: (one.amount, format_day(one.since)) for one in waits(scheme, differences=True)}
    assert found["ACME"] == (120_00, "2025-05-29")


def test_the_oldest_stands_first(scheme: Scheme) -> None:
    """The list rises by the day from which each thing waits, and says how many there are of each kind."""
    income_asked(scheme, 50_00)
    statement(scheme, ("2026-06-20", "HELLO", "1.00", ""), ("2026-02-20", "BYE", "", "2.00"))
    wish = Wish(number(scheme, ANN), None, 10_00, arrives=False, said={})
    steps.ask(scheme.connection, wish, own(), by("ann", "2026-06-18"))
    said = waiting(scheme.connection, parse_day("2026-07-01")).as_dict()
    days = [one["since"] for one in said["items"]]
    assert days == sorted(days)
    assert said["by_kind"] == {"income_approval": 1, "suspense": 2, "withdrawal_approval": 1}
    assert said["items"][0]["days"] == parse_day("2026-07-01") - parse_day("2026-02-20")
