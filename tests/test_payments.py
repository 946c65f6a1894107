"""Payments out and the bank's statements in: each pound once in file, bank and ledger, whatever comes twice, late or wrong."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree
from tests.schemes import ANN, BOB, Scheme, clock, opened, paid, pay
from tests.test_withdrawals import REGISTER, by, number

from lifepot.audit.verify import verify
from lifepot.banking.bacs18_reader import read_bacs18
from lifepot.banking.payments import OwnAccount
from lifepot.banking.references import Kind, make_reference
from lifepot.errors import LifepotError
from lifepot.payments.reconcile import Reconciled, reconcile
from lifepot.payments.runs import Run, make_run, run_again, set_own_account, set_payer_account
from lifepot.payments.statements import Taken, match_by_hand, receive_statement
from lifepot.periods import parse_day
from lifepot.scheme.claim import make_claim
from lifepot.scheme.people import erase
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import steps
from lifepot.withdrawals.chain import read_withdrawal
from lifepot.withdrawals.payees import load, own_account, payee_named
from lifepot.withdrawals.quoting import Wish

ACCOUNT = OwnAccount("Lifepot Mutual", "200000", "55779911", service_user_number="123456")


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann and Bob are paid by ACME, both have paid in £1,000 of their own, and the scheme has a bank account."""
    with opened(server, tmp_path) as one:
        pays = [pay(nino, "2025-05-29", "1000.00", "30.00", "30.00") for nino in (ANN, BOB)]
        one.told(pays, "2025-06-01")
        one.told([paid(nino, "2025-06-02", "1000.00") for nino in (ANN, BOB)], "2025-06-02")
        register = tmp_path / "register.csv"
        register.write_text(REGISTER, encoding="utf-8")
        load(one.connection, register)
        set_own_account(one.connection, ACCOUNT)
        yield one
        one.check()
        one.connection.rollback()
        found = verify(one.connection)
        assert not found.problems, found.lines()


def taken_out(scheme: Scheme, nino: str, amount: int, on: str = "2026-07-01") -> int:
    """A withdrawal of one's own money, approved."""
    wish = Wish(number(scheme, nino), None, amount, arrives=False, said={})
    to = own_account("Ann Archer", "200000", "11223344")
    asked, _ = steps.ask(scheme.connection, wish, to, by("the member", on))
    steps.approve(scheme.connection, asked.withdrawal.number, by("olive", on))
    return asked.withdrawal.number


def run(scheme: Scheme, form: str = "pain001", on: str = "2026-07-02") -> Run | None:
    """A payment run; Bacs takes three days."""
    days = 4 if form == "bacs18" else 0
    return make_run(scheme.connection, form, date.fromisoformat(on) + timedelta(days), by("pat", on))


def statement(scheme: Scheme, *rows: tuple[str, str, str, str], on: str = "2026-07-31") -> Taken:
    """A bank's statement in CSV: day, text, paid in, paid out."""
    path = scheme.folder / f"bank{len(list(scheme.folder.iterdir()))}.csv"
    lines = ["date,description,paid in,paid out", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return receive_statement(scheme.connection, path, by("pat", on))


def stands(scheme: Scheme, on: str = "2026-07-31") -> Reconciled:
    """File, bank and ledger side by side."""
    found = reconcile(scheme.connection, parse_day(on))
    scheme.connection.rollback()
    assert found.unexplained == 0
    return found


def line(found: Reconciled, what: str) -> tuple[int, int, int]:
    """A line's told, banked and ledger."""
    return next((one.told, one.banked, one.ledger) for one in found.lines if one.what == what)


def paid_as(scheme: Scheme, payment: int) -> str:
    """The reference of a payment."""
    del scheme
    return make_reference(Kind.WITHDRAWAL, payment)


def test_each_approved_withdrawal_is_sent_once(scheme: Scheme) -> None:
    """Two withdrawals go in one file, whose control sum is theirs; a second run has nothing to send."""
    taken_out(scheme, ANN, 100_00)
    taken_out(scheme, BOB, 250_50)
    first = run(scheme)
    assert first is not None
    assert (first.payments, first.amount) == (2, 350_50)
    assert [one.text for one in etree.fromstring(first.octets).iterfind(".//{*}CtrlSum")] == ["350.50", "350.50"]
    assert run(scheme) is None
    assert run_again(scheme.connection, first.number).octets == first.octets
    assert scheme.pots()["on_the_way"] == 350_50


def test_a_bacs_file_holds_the_same_payments(scheme: Scheme) -> None:
    """Read back, the file has the payment and a contra that balances it."""
    taken_out(scheme, ANN, 100_00)
    made = run(scheme, "bacs18")
    assert made is not None
    read = read_bacs18(made.octets, "out.txt")
    assert not read.faults
    assert read.file is not None
    assert [(one.amount_minor, one.account_number) for one in read.file.payments] == [(100_00, "11223344")]


def test_a_payment_that_the_bank_shows_has_arrived(scheme: Scheme) -> None:
    """The statement's line clears what was on its way; shown again in another statement it brings nothing."""
    one = taken_out(scheme, ANN, 100_00)
    run(scheme)
    row = ("2026-07-03", f"FPO {paid_as(scheme, 1)}", "", "100.00")
    taken = statement(scheme, row)
    assert [entry["account"] for entry in taken.entries] == ["on_the_way"]
    assert read_withdrawal(scheme.connection, one).state == "arrived"
    assert "on_the_way" not in scheme.pots()
    again = statement(scheme, row, ("2026-07-04", "ACME JULY", "60.00", ""))
    assert (len(again.entries), again.known) == (1, 1)


def test_the_whole_run_as_one_debit(scheme: Scheme) -> None:
    """Bacs shows a run as one sum: every payment of it has arrived."""
    numbers = [taken_out(scheme, ANN, 100_00), taken_out(scheme, BOB, 200_00)]
    run(scheme, "bacs18")
    statement(scheme, ("2026-07-03", "BACS 123456", "", "300.00"))
    assert [read_withdrawal(scheme.connection, one).state for one in numbers] == ["arrived", "arrived"]


def test_a_penny_out_waits_for_a_person(scheme: Scheme) -> None:
    """A debit that names our payment and is a penny more is not taken for it; the reason says both amounts."""
    taken_out(scheme, ANN, 100_00)
    run(scheme)
    taken = statement(scheme, ("2026-07-03", paid_as(scheme, 1), "", "100.01"))
    assert taken.in_suspense[0]["because"] == "a payment of £100.00, and it is another amount"
    assert line(stands(scheme), "payments out") == (100_00, 0, 100_00)


def test_a_payment_that_came_back_is_sent_again_or_put_back(scheme: Scheme) -> None:
    """Back in the bank it waits in what is leaving; sent again it is another payment; put back it is in the pot."""
    one = taken_out(scheme, ANN, 100_00)
    run(scheme)
    statement(
        scheme,
        ("2026-07-03", paid_as(scheme, 1), "", "100.00"),
        ("2026-07-05", f"RETURNED {paid_as(scheme, 1)}", "100.00", ""),
    )
    assert read_withdrawal(scheme.connection, one).state == "back"
    assert scheme.pots()[f"leaving {ANN[:8]}"] == 100_00
    again = run(scheme, on="2026-07-06")
    assert again is not None
    assert again.payments == 1
    statement(
        scheme,
        ("2026-07-07", paid_as(scheme, 2), "", "100.00"),
        ("2026-07-09", f"RETURNED {paid_as(scheme, 2)}", "100.00", ""),
    )
    steps.put_back(scheme.connection, one, 100_00, by("olive", "2026-07-10"), arrived=True)
    assert scheme.pot(ANN)["worker"] == 1030_00
    assert f"leaving {ANN[:8]}" not in scheme.pots()
    assert run(scheme, on="2026-07-11") is None


def test_a_payers_money_meets_its_files(scheme: Scheme) -> None:
    """£120 of ACME's files and £100 in the bank leave £20 on its way since May; with the rest it agrees."""
    statement(scheme, ("2025-06-03", "FROM ACME LTD", "100.00", ""))
    found = stands(scheme)
    assert line(found, "ACME") == (120_00, 100_00, 20_00)
    assert next(one.because for one in found.lines if one.what == "ACME") == "told and not in the bank"
    statement(scheme, ("2025-06-20", "ACME balance", "20.00", ""))
    assert line(stands(scheme), "ACME") == (120_00, 120_00, 0)


def test_money_that_names_nobody_waits_and_is_matched_by_hand(scheme: Scheme) -> None:
    """It waits with its reason and age; said to be ACME's and remembered, the account's next money is ACME's by itself."""
    taken = statement(scheme, ("2025-06-03", "INVOICE 7", "120.00", ""))
    entry = taken.in_suspense[0]["entry"]
    assert stands(scheme).suspense[0]["days"] == (date(2026, 7, 31) - date(2025, 6, 3)).days
    match_by_hand(scheme.connection, entry, by("olive", "2026-07-31"), payer="ACME")
    assert stands(scheme).suspense == []
    assert line(stands(scheme), "ACME") == (120_00, 120_00, 0)
    with pytest.raises(LifepotError, match="matched already"):
        match_by_hand(scheme.connection, entry, by("olive", "2026-07-31"), payer="ACME")


def test_the_same_file_twice_brings_nothing(scheme: Scheme) -> None:
    """By its bytes it is known, and by its entries."""
    row = ("2025-06-03", "FROM ACME", "120.00", "")
    assert len(statement(scheme, row).entries) == 1
    before = scheme.pots()
    assert statement(scheme, row).state.startswith("nothing new")
    assert scheme.pots() == before


def test_a_broken_statement_is_refused_whole(scheme: Scheme) -> None:
    """One row that cannot be read, and nothing of the file is kept; the fault has its place."""
    before = scheme.pots()
    taken = statement(scheme, ("2025-06-03", "FROM ACME", "120.00", ""), ("not a day", "FROM ACME", "1.00", ""))
    assert taken.state == "refused"
    assert taken.faults[0].line == 3
    assert scheme.pots() == before


def test_a_deposit_that_falls_through_comes_home(scheme: Scheme) -> None:
    """£500 to the conveyancer, £500 back: the match is what it would be had it never left."""
    before = scheme.pots()
    wish = Wish(number(scheme, ANN), "first_home", 500_00, arrives=False, said={})
    to = payee_named(scheme.connection, "conveyancer:SMITH", reference="ARCHER/7")
    asked, _ = steps.ask(scheme.connection, wish, to, by("ann", "2026-07-01"))
    home = asked.withdrawal.number
    for piece in (0, 1):
        steps.prove(scheme.connection, home, piece, "paper.pdf", b"%PDF", by("ann", "2026-07-02"))
    steps.approve(scheme.connection, home, by("olive", "2026-07-03"))
    run(scheme, on="2026-07-03")
    statement(scheme, ("2026-07-04", paid_as(scheme, 1), "", "500.00"))
    statement(scheme, ("2026-08-04", f"SMITH & DAUGHTERS {paid_as(scheme, 1)}", "500.00", ""), on="2026-08-31")
    steps.put_back(scheme.connection, home, 500_00, by("olive", "2026-08-05"), arrived=True)
    assert scheme.pots() == before


def test_stages_are_sent_one_after_the_other(scheme: Scheme) -> None:
    """Of £101 a quarter, a quarter and what is left go to the college: £25.25, £25.25, £50.50; out of turn is refused."""
    wish = Wish(number(scheme, ANN), "retraining", 101_00, arrives=False, said={})
    to = payee_named(scheme.connection, "provider:TECH", course="WELD3")
    asked, _ = steps.ask(scheme.connection, wish, to, by("ann", "2026-07-01"))
    course = asked.withdrawal.number
    steps.prove(scheme.connection, course, 0, "offer.pdf", b"%PDF", by("ann", "2026-07-01"))
    steps.approve(scheme.connection, course, by("olive", "2026-07-01"))
    assert run(scheme) is None
    with pytest.raises(LifepotError, match="start comes after deposit"):
        steps.release(scheme.connection, course, "start", by("olive", "2026-07-01"))
    sums = []
    for stage in ("deposit", "start", "completion"):
        steps.release(scheme.connection, course, stage, by("olive", "2026-07-01"))
        made = run(scheme)
        assert made is not None
        sums.append(made.amount)
    assert sums == [25_25, 25_25, 50_50]
    assert f"leaving {ANN[:8]}" not in scheme.pots()


def test_a_run_that_dies_before_its_end_sent_nothing(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the facts and the commit, nothing is on its way, and the next run sends it once."""
    taken_out(scheme, ANN, 100_00)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("lifepot.storage.store.Store.finish_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            run(scheme)
    scheme.connection.rollback()
    assert "on_the_way" not in scheme.pots()
    made = run(scheme)
    assert made is not None
    assert made.payments == 1


def test_a_statement_of_another_account_is_refused(scheme: Scheme) -> None:
    """A camt.053 of somebody else's account is not taken in."""
    camt = (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr>'
        "<MsgId>M</MsgId><CreDtTm>2026-07-31T00:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>99999999"
        "</Id></Othr></Id><Ccy>GBP</Ccy></Acct></Stmt></BkToCstmrStmt></Document>"
    )
    path = scheme.folder / "other.xml"
    path.write_text(camt, encoding="utf-8")
    taken = receive_statement(scheme.connection, path, clock("2026-07-31"))
    assert [fault.code for fault in taken.faults] == ["account_other"]


def test_what_is_held_for_a_payer_goes_back_to_it(scheme: Scheme) -> None:
    """ACME sent £5 too much: with its account known it is refunded once, the bank shows it, and returned it is held again."""
    scheme.told([pay(ANN, "2025-06-27", "100.00", "3.00", "8.00")], "2025-07-01")
    assert scheme.pots()["held_for ACME"] == 5_00
    set_payer_account(scheme.connection, "ACME", "ACME Ltd", "20-00-00", "87654321")
    made = make_run(scheme.connection, "pain001", date(2026, 7, 2), by("pat", "2026-07-02"), refunds=True)
    assert made is not None
    assert (made.payments, made.amount) == (1, 5_00)
    assert "held_for ACME" not in scheme.pots()
    assert make_run(scheme.connection, "pain001", date(2026, 7, 3), by("pat", "2026-07-03"), refunds=True) is None
    reference = make_reference(Kind.REFUND, 1)
    statement(scheme, ("2026-07-03", reference, "", "5.00"))
    assert "on_the_way" not in scheme.pots()
    statement(scheme, ("2026-07-05", f"RETURN {reference}", "5.00", ""))
    assert scheme.pots()["held_for ACME"] == 5_00
    stands(scheme)


def test_an_erased_members_payments_name_nobody(scheme: Scheme) -> None:
    """While money waits to be sent erasure is refused; after it arrived, nothing says any more whom it went to."""
    one = taken_out(scheme, ANN, 100_00)
    with pytest.raises(LifepotError, match="approved to leave"):
        erase(scheme.connection, number(scheme, ANN), by("olive", "2026-07-02"))
    scheme.connection.rollback()
    run(scheme)
    statement(scheme, ("2026-07-03", f"FPO ANN ARCHER {paid_as(scheme, 1)}", "", "100.00"))
    erase(scheme.connection, read_withdrawal(scheme.connection, one).member, by("olive", "2026-07-04"))
    assert read_withdrawal(scheme.connection, one).details == {}
    assert scheme.one("select count(*) from personal.bank_text where said like '%ANN%'") == 0


def test_money_said_to_be_back_and_shown_by_the_bank_is_back_once(scheme: Scheme) -> None:
    """What a person put back and the bank then shows does not stand a second time: it waits, and nothing is sent again."""
    one = taken_out(scheme, ANN, 100_00)
    run(scheme)
    statement(scheme, ("2026-07-03", paid_as(scheme, 1), "", "100.00"))
    steps.put_back(scheme.connection, one, 100_00, by("olive", "2026-07-04"))
    assert scheme.pot(ANN)["worker"] == 1030_00
    taken = statement(scheme, ("2026-07-05", f"RETURNED {paid_as(scheme, 1)}", "100.00", ""))
    assert "said to be back" in taken.in_suspense[0]["because"]
    assert run(scheme, on="2026-07-06") is None
    match_by_hand(scheme.connection, taken.in_suspense[0]["entry"], by("olive", "2026-07-07"), account="on_the_way")
    assert "on_the_way" not in scheme.pots()
    assert f"leaving {ANN[:8]}" not in scheme.pots()
    assert scheme.pot(ANN)["worker"] == 1030_00


def test_an_answer_to_a_claim_is_its_funders_money(scheme: Scheme) -> None:
    """Claim 1 is ACME's: money with its reference is ACME's; one of a claim that was never made waits for a person."""
    scheme.told([pay(ANN, "2025-06-27", "1000.00", "30.00", "10.00")], "2025-07-01")
    make_claim(scheme.connection, "ACME", parse_day("2025-06-30"), by("pat", "2025-07-05"))
    rows = [("2025-07-20", make_reference(Kind.CLAIM, nth), "20.00", "") for nth in (1, 999)]
    taken = statement(scheme, *rows)
    assert [entry["account"] for entry in taken.entries] == ["in_transit:ACME", "suspense"]


def test_a_sum_that_two_runs_have_waits(scheme: Scheme) -> None:
    """Two runs of £100 each are out: one debit of £100 that names neither is not guessed to be one of them."""
    for nino in (ANN, BOB):
        taken_out(scheme, nino, 100_00)
        run(scheme, "bacs18")
    taken = statement(scheme, ("2026-07-09", "BACS 123456", "", "100.00"))
    assert taken.in_suspense[0]["because"] == "several payment runs are of this amount"
