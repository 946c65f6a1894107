import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sepaxml import SepaTransfer
from tests.iso20022 import read, schema

from lifepot.banking.letters import ISO, iso_text
from lifepot.banking.pain001 import write_pain001
from lifepot.banking.payments import OwnAccount, Payment
from lifepot.errors import Misuse

US = OwnAccount("Lifepot Mutual", "200000", "12345678", "GB33BUKB20201555555555", "BUKBGB22XXX", "123456")
AT = datetime(2026, 4, 6, 9, 30, 5, tzinfo=UTC)
UK = Payment("RF93W000000123", 12_500, "GBP", "Zoë O'Brien & Søn", date(2026, 4, 8), "089999", "66374958")
EURO = Payment(
    "E-1", 9_999, "EUR", "Bo Ek", date(2026, 4, 9), iban="DE89370400440532013000", remittance="April, and May"
)
XSD = etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
"""The schema that sepaxml ships."""

SPACE = {"n": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
IBANS = ["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606"]


def written(payments: list[Payment], account: OwnAccount = US) -> bytes:
    """The bytes of a message without faults, which the schema allows."""
    writing = write_pain001(payments, account, message_id="RUN-7", created_at=AT)
    assert writing.faults == ()
    XSD.assertValid(etree.fromstring(writing.octets))
    return writing.octets


def texts(octets: bytes, path: str) -> list[str]:
    """The texts at a path, every name in the message's namespace."""
    steps = "/".join(f"n:{step}" for step in path.split("/"))
    return [element.text or "" for element in etree.fromstring(octets).findall(f".//{steps}", SPACE)]


@st.composite
def payments(draw: st.DrawFn, currency: str | None = None) -> list[Payment]:
    """Some payments, each with a reference of its own."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        euro = draw(st.sampled_from([currency] if currency else ["GBP", "EUR"])) == "EUR"
        by_iban = euro or draw(st.booleans())
        text = st.text(ISO, min_size=1, max_size=60).filter(lambda each: iso_text(each) == each)
        made.append(
            Payment(
                reference=f"R{number}-" + draw(st.text(string.ascii_uppercase, max_size=8)),
                amount_minor=draw(st.integers(1, 10**11 - 1)),
                currency="EUR" if euro else "GBP",
                payee_name=draw(text),
                pays_on=date(2026, 4, draw(st.integers(7, 9))),
                sort_code="" if by_iban else draw(st.from_regex(r"[0-9]{6}", fullmatch=True)),
                account_number="" if by_iban else draw(st.from_regex(r"[0-9]{8}", fullmatch=True)),
                iban=draw(st.sampled_from(IBANS)) if by_iban else "",
                bic=draw(st.sampled_from(["", "DEUTDEFF"])) if by_iban else "",
                remittance=draw(text) if currency else draw(st.just("") | text),
            )
        )
    return made


def test_a_uk_payment_by_hand() -> None:
    """A payment in pounds says account number and sort code where a UK bank looks for them, and its name in plain letters."""
    octets = written([UK])
    assert texts(octets, "GrpHdr/CreDtTm") == ["2026-04-06T09:30:05+00:00"]
    assert texts(octets, "PmtInf/PmtInfId") == ["RUN-7-1"]
    assert texts(octets, "ReqdExctnDt/Dt") == ["2026-04-08"]
    assert texts(octets, "DbtrAcct/Id/Othr/Id") == ["12345678"]
    assert texts(octets, "DbtrAgt/FinInstnId/ClrSysMmbId/MmbId") == ["200000"]
    assert texts(octets, "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd") == ["GBDSC"]
    assert texts(octets, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId") == ["089999"]
    assert texts(octets, "CdtrAcct/Id/Othr/Id") == ["66374958"]
    assert texts(octets, "Cdtr/Nm") == ["Zoe O'Brien + Son"]
    assert texts(octets, "PmtId/EndToEndId") == ["RF93W000000123"]
    assert texts(octets, "InstdAmt") == ["125.00"]
    assert texts(octets, "RmtInf/Ustrd") == []


def test_a_long_name_is_cut_at_seventy() -> None:
    """Of a longer name the first 70 letters go out; the account number is what pays."""
    octets = written([replace(UK, payee_name="x" * 69 + "yz")])
    assert texts(octets, "Cdtr/Nm") == ["x" * 69 + "y"]


def test_one_part_a_pay_day_and_currency() -> None:
    """Payments of several days and currencies stand in a part each, in the order of days, with its sum."""
    other = replace(UK, reference="W2", amount_minor=1, pays_on=date(2026, 4, 9))
    octets = written([EURO, other, UK, replace(UK, reference="W3", amount_minor=2)])
    assert texts(octets, "PmtInf/ReqdExctnDt/Dt") == ["2026-04-08", "2026-04-09", "2026-04-09"]
    assert texts(octets, "PmtInf/NbOfTxs") == ["2", "1", "1"]
    assert texts(octets, "PmtInf/CtrlSum") == ["125.02", "99.99", "0.01"]
    assert texts(octets, "GrpHdr/CtrlSum") == ["225.02"]
    assert texts(octets, "GrpHdr/NbOfTxs") == ["4"]
    assert texts(octets, "PmtInf/PmtTpInf/SvcLvl/Cd") == ["SEPA"]


@settings(deadline=None, max_examples=40)
@given(payments())
def test_any_message_is_what_the_schema_reads(made: list[Payment]) -> None:
    """The schema allows every message, and a reader by its own classes finds all payments, their accounts and sums."""
    octets = written(made)
    message = read(octets, schema("pain.001.001.09")).cstmr_cdt_trf_initn
    assert int(message.grp_hdr.nb_of_txs) == len(made)
    assert message.grp_hdr.ctrl_sum * 100 == sum(payment.amount_minor for payment in made)
    found = [found_of(part, one) for part in message.pmt_inf for one in part.cdt_trf_tx_inf]
    expected = [
        (
            payment.pays_on.isoformat(),
            payment.reference,
            Decimal(payment.amount_minor) / 100,
            payment.currency,
            payment.payee_name,
            (payment.sort_code, payment.account_number) if payment.sort_code else ("", payment.iban),
            payment.remittance,
        )
        for payment in made
    ]
    assert sorted(found) == sorted(expected)
    for part in message.pmt_inf:
        assert part.ctrl_sum == sum(one.amt.instd_amt.value for one in part.cdt_trf_tx_inf)


def found_of(part: Any, one: Any) -> tuple[Any, ...]:
    """What the schema's classes say of one payment."""
    member = one.cdtr_agt.fin_instn_id.clr_sys_mmb_id if one.cdtr_agt else None
    account = one.cdtr_acct.id
    return (
        part.reqd_exctn_dt.dt,
        one.pmt_id.end_to_end_id,
        one.amt.instd_amt.value,
        one.amt.instd_amt.ccy,
        one.cdtr.nm,
        (member.mmb_id, account.othr.id) if member else ("", account.iban),
        one.rmt_inf.ustrd[0] if one.rmt_inf else "",
    )


def leaves(octets: bytes) -> Iterator[tuple[str, str]]:
    """Every leaf's path and text, but for ids and moments, which each writer makes up; parts by their day."""
    root = etree.fromstring(octets)
    made_up = {"MsgId", "PmtInfId", "CreDtTm"}
    for element in root.iter():
        path = [etree.QName(above).localname for above in (element, *element.iterancestors())]
        if len(element) == 0 and path[0] not in made_up:
            yield "/".join(reversed(path)), (element.text or "") + element.get("Ccy", "")


@settings(max_examples=30, deadline=None)
@given(payments("EUR"))
def test_euro_payments_are_as_sepaxml_writes_them(made: list[Payment]) -> None:
    """Element by element, in the same order, the same as another writer of SEPA payments."""
    made.sort(key=lambda payment: payment.pays_on)
    theirs = SepaTransfer(
        {"name": US.name, "IBAN": US.iban, "BIC": US.bic, "batch": True, "currency": "EUR"},
        schema="pain.001.001.09",
        clean=False,
    )
    for payment in made:
        other = {
            "name": payment.payee_name,
            "IBAN": payment.iban,
            "amount": payment.amount_minor,
            "execution_date": payment.pays_on,
            "description": payment.remittance,
            "endtoend_id": payment.reference,
        }
        theirs.add_payment(other | ({"BIC": payment.bic} if payment.bic else {}))
    assert list(leaves(written(made))) == list(leaves(theirs.export(validate=False)))


@given(payments())
def test_the_same_payments_are_the_same_bytes(made: list[Payment]) -> None:
    """Nothing but what is passed in is in the file."""
    assert written(made) == written(list(made))


def test_an_account_by_iban_alone_pays_in_pounds_too() -> None:
    """Without a sort code, pounds go out by IBAN; a bank without a BIC is not provided."""
    octets = written([UK], OwnAccount("Us", iban=US.iban))
    assert texts(octets, "DbtrAcct/Id/IBAN") == [US.iban]
    assert texts(octets, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]


@pytest.mark.parametrize(
    ("payment", "path", "code"),
    [
        (replace(UK, reference=""), "payments[2].reference", "value_missing"),
        (replace(UK, reference=" W1"), "payments[2].reference", "value_missing"),
        (replace(UK, reference="W" * 36), "payments[2].reference", "text_too_long"),
        (replace(UK, reference="W_1"), "payments[2].reference", "letter_unknown"),
        (replace(UK, reference="E-1"), "payments[2].reference", "reference_twice"),
        (replace(UK, amount_minor=0), "payments[2].amount_minor", "amount_negative"),
        (replace(UK, amount_minor=10**11), "payments[2].amount_minor", "amount_too_large"),
        (replace(UK, currency="USD"), "payments[2].currency", "currency_unknown"),
        (replace(UK, payee_name=" & "), "payments[2].payee_name", None),
        (replace(UK, payee_name="!"), "payments[2].payee_name", "value_missing"),
        (replace(UK, payee_name="Зоя"), "payments[2].payee_name", "letter_unknown"),
        (replace(UK, sort_code="08-99-99"), "payments[2].account_number", "account_impossible"),
        (replace(UK, sort_code="", account_number=""), "payments[2].iban", "account_missing"),
        (replace(UK, currency="EUR"), "payments[2].iban", "account_missing"),
        (replace(EURO, reference="E-2", iban="DE89370400440532013001"), "payments[2].iban", "account_impossible"),
        (replace(EURO, reference="E-2", bic="DEUT"), "payments[2].bic", "account_impossible"),
        (replace(UK, remittance="日"), "payments[2].remittance", "letter_unknown"),
        (replace(UK, remittance="x" * 141), "payments[2].remittance", "text_too_long"),
    ],
)
def test_a_payment_that_cannot_be_made_stops_the_file(payment: Payment, path: str, code: str | None) -> None:
    """Whatever is wrong with one payment is named, and no bytes are written; a name of one mark is a name."""
    writing = write_pain001([EURO, payment], US, message_id="RUN-7", created_at=AT)
    assert [(fault.path, fault.code) for fault in writing.faults] == ([(path, code)] if code else [])
    assert bool(writing.octets) is (code is None)


def test_our_own_account_is_checked_too() -> None:
    """Without an IBAN no euro go out; without any account, nothing; and nothing to pay is no file."""
    uk_only = replace(US, iban="")
    for made, account, path in (
        ([EURO], uk_only, "iban"),
        ([UK], OwnAccount("Us"), "iban"),
        ([UK], replace(US, name=""), "name"),
        ([UK], replace(US, sort_code="2000"), "account_number"),
        ([UK], replace(US, iban="GB33BUKB20201555555556"), "iban"),
        ([], US, "payments"),
    ):
        writing = write_pain001(made, account, message_id="RUN-7", created_at=AT)
        assert [fault.path for fault in writing.faults] == [path]
        assert writing.octets == b""


@pytest.mark.parametrize("message_id", ["", "x" * 31, "a b", "-a", "é"])
def test_a_message_id_that_is_none_is_misuse(message_id: str) -> None:
    """The caller names the message as the format allows."""
    with pytest.raises(Misuse, match="message id"):
        write_pain001([UK], US, message_id=message_id, created_at=AT)
