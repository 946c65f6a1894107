import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bank_statements import OURS, Entry, Item, Made, by_hand, statements, through_dataclasses
from tests.iso20022 import read, schema

from lifepot.banking.camt053 import read_camt053
from lifepot.banking.payments import BankStatement

DAY = date(2026, 4, 7)
PAID_IN = Entry(
    (Item(12_500, "E2E-1", ("INVOICE 7", "APRIL"), "RF18539007547034", "Ada & Co", "GB82WEST12345698765432"),),
    DAY,
    date(2026, 4, 8),
    bank_reference="BK1",
)
BATCH = Entry(
    (Item(-10_000, "W1", name="Bo"), Item(-2_345, "W2", name="Cy", iban="DE89370400440532013000")),
    DAY,
    DAY,
    bank_reference="BK2",
    code=("PMNT", "ICDT", "ESCT"),
    batch_id="RUN-9",
)
MADE = Made("S1", 100_000, (PAID_IN, BATCH))


def one(octets: bytes) -> BankStatement:
    """The only statement of a message without faults."""
    reading = read_camt053(octets, "bank.xml")
    assert reading.faults == ()
    (statement,) = reading.statements
    return statement


def codes(octets: bytes) -> list[tuple[str, str]]:
    """Path and code of every fault, of a message of which nothing is taken."""
    reading = read_camt053(octets, "bank.xml")
    assert reading.statements == ()
    return [(fault.path, fault.code) for fault in reading.faults]


@pytest.mark.parametrize("version", [2, 8])
def test_a_statement_by_hand_is_read(version: int) -> None:
    """Every figure of a small statement is where it should be, in the old layout and in the new."""
    octets = by_hand([MADE], version)
    statement = one(octets)
    assert (statement.statement_id, statement.account, statement.currency) == ("S1", OURS, "GBP")
    assert (statement.sequence, statement.electronic_sequence) == (7, 107)
    assert (statement.opening_minor, statement.closing_minor) == (100_000, 100_155)
    assert statement.opening_on == statement.closing_on == date(2026, 4, 30)
    paid, first, second = statement.entries
    assert (paid.amount_minor, paid.is_credit, paid.booked_on, paid.value_on) == (12_500, True, DAY, date(2026, 4, 8))
    assert (paid.end_to_end_id, paid.bank_reference) == ("E2E-1", "BK1")
    assert (paid.remittance, paid.creditor_reference) == ("INVOICE 7 APRIL", "RF18539007547034")
    assert (paid.counterparty_name, paid.counterparty_account) == ("Ada & Co", "GB82WEST12345698765432")
    assert paid.transaction_code == "PMNT-RCDT-ESCT"
    assert [(each.signed_minor, each.end_to_end_id, each.part, each.parts) for each in (first, second)] == [
        (-10_000, "W1", 1, 2),
        (-2_345, "W2", 2, 2),
    ]
    assert {each.batch_id for each in (first, second)} == {"RUN-9"}
    lines = octets.decode().splitlines()
    assert "<EndToEndId>W2</EndToEndId>" in lines[second.line - 1]


@settings(deadline=None, max_examples=40)
@given(statements())
def test_any_statement_comes_back_from_both_writers(made: list[Made]) -> None:
    """What is read of a file by hand, and of one through the schema's own classes, is what was made."""
    readings = [read_camt053(octets, "f") for octets in (by_hand(made, 2), by_hand(made, 8), through_dataclasses(made))]
    for reading in readings:
        assert reading.faults == ()
        for statement, was in zip(reading.statements, made, strict=True):
            booked = [entry for entry in was.entries if entry.status == "BOOK"]
            assert (statement.opening_minor, statement.closing_minor) == (was.opening, was.closing)
            assert statement.pending_count == len(was.entries) - len(booked)
            expected = [(entry, item) for entry in booked for item in entry.items]
            for found, (entry, item) in zip(statement.entries, expected, strict=True):
                assert (found.amount_minor, found.is_credit) == (abs(item.signed), item.signed >= 0)
                assert (found.is_reversal, found.booked_on, found.value_on) == (
                    entry.reversal,
                    entry.booked_on,
                    entry.value_on,
                )
                assert (found.end_to_end_id, found.remittance) == (item.end_to_end, " ".join(item.remittance))
                assert (found.counterparty_name, found.counterparty_account) == (item.name, item.iban)
                assert (found.is_return, found.return_reason) == (bool(item.reason), item.reason)
                assert (found.creditor_reference, found.batch_id) == (item.reference, entry.batch_id)


@settings(deadline=None, max_examples=30)
@given(statements())
def test_what_is_written_by_hand_is_what_the_schema_allows(made: list[Made]) -> None:
    """Our own sample files are statements of their versions, as others read the schemas."""
    for version in (2, 8):
        document = read(by_hand(made, version), schema(f"camt.053.001.{version:02d}"))
        assert [one.id for one in document.bk_to_cstmr_stmt.stmt] == [one.name for one in made]


@settings(deadline=None, max_examples=40)
@given(statements())
def test_the_schema_reads_the_same_figures(made: list[Made]) -> None:
    """A second reader, by the published schema, takes the file made through its classes and finds our figures in it."""
    octets = through_dataclasses(made)
    document = read(octets, schema("camt.053.001.08"))
    ours = read_camt053(octets, "f").statements
    for mine, theirs in zip(ours, document.bk_to_cstmr_stmt.stmt, strict=True):
        signs = {"CRDT": 1, "DBIT": -1}
        balances = [balance.amt.value * signs[balance.cdt_dbt_ind.value] for balance in theirs.bal]
        assert [Decimal(minor) / 100 for minor in (mine.opening_minor, mine.closing_minor)] == balances
        moved = [
            (item.amt.value * signs[item.cdt_dbt_ind.value], entry.rvsl_ind, item.refs.end_to_end_id)
            for entry in theirs.ntry
            if entry.sts.cd == "BOOK"
            for item in entry.ntry_dtls[0].tx_dtls
        ]
        found = [(Decimal(one.signed_minor) / 100, one.is_reversal, one.end_to_end_id) for one in mine.entries]
        assert moved == found


def test_a_statement_that_does_not_add_up_is_refused_with_the_difference() -> None:
    """A penny too much in the closing balance is a fault that names it; the file's other statement stands."""
    wrong = Made("S2", 0, (PAID_IN,), off_by=1)
    reading = read_camt053(by_hand([MADE, wrong]), "bank.xml")
    assert [statement.statement_id for statement in reading.statements] == ["S1"]
    (fault,) = reading.faults
    assert (fault.code, fault.path) == ("balance_differs", "Stmt[2]/Bal")
    assert "125.01" in fault.expected
    assert "the difference is 0.01" in fault.expected


def test_a_batch_that_does_not_add_up_is_refused() -> None:
    """An item that is a penny short of its batch is a fault with both sums, whatever the balances say."""
    octets = by_hand([MADE]).replace(b">23.45<", b">23.44<")
    reading = read_camt053(octets, "bank.xml")
    (fault,) = reading.faults
    assert (fault.code, fault.path) == ("batch_differs", "Stmt[1]/Ntry[2]/NtryDtls")
    assert fault.found == "2 items that come to 123.44"
    assert fault.expected == "123.45; the difference is 0.01"


def test_the_items_of_a_batch_may_go_both_ways() -> None:
    """A batch of 95.00 may be 100.00 in and 5.00 out; one whose items all go the other way does not come to it."""
    mixed = Entry((Item(10_000, "A", name="Ada"), Item(-500, "B", name="Bank")), DAY, DAY)
    octets = by_hand([Made("S1", 0, (mixed,))])
    assert [entry.signed_minor for entry in one(octets).entries] == [10_000, -500]
    other_way = by_hand([Made("S1", 0, (BATCH,))]).replace(
        b"DBIT</CdtDbtInd>\n<RltdPties>", b"CRDT</CdtDbtInd>\n<RltdPties>"
    )
    (fault,) = read_camt053(other_way, "bank.xml").faults
    assert fault.found == "2 items that come to -123.45"
    assert fault.expected == "123.45; the difference is 246.90"


def test_a_batch_without_items_is_one_entry() -> None:
    """Where the bank does not itemise a batch, the entry has the batch's id and its whole amount."""
    octets = re.sub(rb"<TxDtls>.*?</TxDtls>", b"", by_hand([Made("S1", 0, (BATCH,))]), flags=re.DOTALL)
    (entry,) = one(octets).entries
    assert (entry.signed_minor, entry.batch_id, entry.parts) == (-12_345, "RUN-9", 1)


def test_the_only_item_need_not_say_its_amount_nor_say_it_in_our_currency() -> None:
    """An item without an amount, or with what was sent in euro, is worth what the entry says."""
    octets = by_hand([Made("S1", 0, (PAID_IN,))], 8)
    inner = b'<Amt Ccy="GBP">125.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    head, _, tail = octets.rpartition(inner)
    for instead in (b"", b'<Amt Ccy="EUR">140.00</Amt>'):
        assert one(head + instead + tail).entries[0].signed_minor == 12_500


def test_a_reversal_takes_back_and_knows_the_other_side() -> None:
    """A reversed credit is a debit, marked; the other side is still who had paid."""
    undone = Entry((Item(-12_500, "E2E-1", name="Ada & Co"),), DAY, DAY, reversal=True)
    (entry,) = one(by_hand([Made("S1", 0, (undone,))])).entries
    assert (entry.is_reversal, entry.is_credit, entry.signed_minor) == (True, False, -12_500)
    assert entry.counterparty_name == "Ada & Co"


def test_a_return_is_known_by_its_reason_or_its_code() -> None:
    """What came back says why; without a word of why, the transaction code says that it came back."""
    back = Entry((Item(10_000, "W1", name="Bo", reason="AC04"),), DAY, DAY)
    (entry,) = one(by_hand([Made("S1", 0, (back,))])).entries
    assert (entry.is_return, entry.return_reason, entry.counterparty_name) == (True, "AC04", "Bo")
    coded = Entry((Item(10_000, "W1", name="Bo"),), DAY, DAY, code=("PMNT", "ICDT", "RRTN"))
    (entry,) = one(by_hand([Made("S1", 0, (coded,))])).entries
    assert (entry.is_return, entry.return_reason) == (True, "")


def test_a_uk_account_has_its_sort_code_before_it() -> None:
    """A payer with a sort code and an account number is known by 14 digits."""
    uk = b"<Id><Othr><Id>12345678</Id></Othr></Id>"
    octets = by_hand([Made("S1", 0, (PAID_IN,))]).replace(b"<Id><IBAN>GB82WEST12345698765432</IBAN></Id>", uk)
    agent = b"<DbtrAgt><FinInstnId><ClrSysMmbId><MmbId>200000</MmbId></ClrSysMmbId></FinInstnId></DbtrAgt>"
    octets = octets.replace(b"</RltdPties>", b"</RltdPties><RltdAgts>" + agent + b"</RltdAgts>")
    assert one(octets).entries[0].counterparty_account == "20000012345678"


def test_we_are_never_the_other_side() -> None:
    """Where the bank tells only our own account, or us and the other in the other order, the other is found."""
    mine = f"<Dbtr><Pty><Nm>Us</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{OURS}</IBAN></Id></DbtrAcct>".encode()
    octets = by_hand([Made("S1", 0, (PAID_IN,))])
    them = re.search(rb"<RltdPties>(.*?)</RltdPties>", octets, re.DOTALL)
    assert them is not None
    assert one(octets.replace(them[1], mine)).entries[0].counterparty_name == ""
    both = mine + them[1].replace(b"Dbtr", b"Cdtr")
    assert one(octets.replace(them[1], both)).entries[0].counterparty_name == "Ada & Co"


def test_an_overdrawn_balance_is_below_zero_and_the_closing_before_will_do() -> None:
    """A debit balance counts down; PRCD stands in for an OPBD that is not there."""
    octets = by_hand([Made("S1", -5_000, (PAID_IN,))]).replace(b"OPBD", b"PRCD")
    assert (one(octets).opening_minor, one(octets).closing_minor) == (-5_000, 7_500)


def test_without_balances_there_is_nothing_to_check() -> None:
    """A statement that says no booked balance is read, and says None for it."""
    octets = by_hand([MADE]).replace(b"OPBD", b"ITAV").replace(b"CLBD", b"CLAV")
    assert (one(octets).opening_minor, one(octets).closing_minor) == (None, None)
    assert len(one(octets).entries) == 3


def test_a_comment_cannot_cut_a_figure() -> None:
    """A comment in the middle of an amount does not make it a smaller one."""
    octets = by_hand([MADE]).replace(b">125.00<", b">12<!-- five -->5.00<")
    assert one(octets).entries[0].amount_minor == 12_500


@pytest.mark.parametrize(
    ("was", "instead", "path", "code"),
    [
        (b">125.00<", b">125,00<", "Ntry[1]/Amt", "amount_comma"),
        (b">125.00<", b">125.001<", "Ntry[1]/Amt", "amount_decimals"),
        (b">125.00<", b">-125.00<", "Ntry[1]/Amt", "amount_not_number"),
        (b">125.00<", b">1e2<", "Ntry[1]/Amt", "amount_not_number"),
        (b">125.00<", b">99999999999999.00<", "Ntry[1]/Amt", "amount_too_large"),
        (b'<Ntry><Amt Ccy="GBP">125.00</Amt>', b"<Ntry>", "Ntry[1]/Amt", "value_missing"),
        (b'<Ntry><Amt Ccy="GBP">125.00', b'<Ntry><Amt Ccy="EUR">125.00', "Ntry[1]/Amt", "currency_differs"),
        (b"</Amt><CdtDbtInd>CRDT", b"</Amt><CdtDbtInd>CREDIT", "Bal[1]/CdtDbtInd", "word_unknown"),
        (b"<RvslInd>false", b"<RvslInd>no", "Ntry[1]/RvslInd", "word_unknown"),
        (b"<Sts><Cd>BOOK</Cd></Sts>", b"", "Ntry[1]/Sts", "value_missing"),
        (b"<BookgDt><Dt>2026-04-07</Dt></BookgDt>", b"", "Ntry[1]/BookgDt", "value_missing"),
        (b"<BookgDt><Dt>2026-04-07", b"<BookgDt><Dt>2026-02-30", "Ntry[1]/BookgDt", "date_impossible"),
        (b"<ValDt><DtTm>2026-04-08T", b"<ValDt><DtTm>08/04/2026 ", "Ntry[1]/ValDt", "date_impossible"),
        (b"<LglSeqNb>7", b"<LglSeqNb>seven", "LglSeqNb", "number_not_whole"),
        (b"GBP", b"JPY", "Bal[1]/Amt", "currency_unknown"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(was: bytes, instead: bytes, path: str, code: str) -> None:
    """Each slip makes the statement unreadable, and the first fault says where it is and what."""
    octets = by_hand([MADE])
    assert was in octets
    count = -1 if was == b"GBP" else 1
    assert (f"Stmt[1]/{path}", code) in codes(octets.replace(was, instead, count))


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "file_empty"),
        (b"  \n", "file_empty"),
        (b"<Document>", "xml_malformed"),
        (b"<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>", "xml_doctype"),
        (b"<Document><CstmrCdtTrfInitn/></Document>", "layout_unknown"),
        (b"<Document><BkToCstmrStmt/></Document>", "statement_none"),
    ],
)
def test_a_file_that_is_no_statement_is_refused(octets: bytes, code: str) -> None:
    """Other files are told apart, and nothing of them is taken."""
    assert [found for _, found in codes(octets)] == [code]


@given(st.binary(max_size=300))
def test_no_bytes_are_too_much(octets: bytes) -> None:
    """Whatever the bytes, there is a fault and nothing is raised."""
    assert read_camt053(octets, "f").faults


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_a_damaged_statement_is_never_too_much(place: int, octets: bytes) -> None:
    """A true statement with some bytes overwritten is read or refused, and a figure read still adds up."""
    whole = by_hand([MADE])
    at = place % len(whole)
    reading = read_camt053(whole[:at] + octets + whole[at + len(octets) :], "f")
    for statement in reading.statements:
        if statement.opening_minor is not None and statement.closing_minor is not None:
            moved = sum(entry.signed_minor for entry in statement.entries)
            assert statement.opening_minor + moved == statement.closing_minor
