"""Credit transfers as ISO 20022 pain.001.001.09, for the bank to make.

One `PmtInf` for each pay day and currency. Accounts in the UK are written as an account number with the sort code as the
bank's member id (`GBDSC`); euro, and whoever has no sort code, by IBAN. The bytes depend on nothing but what is passed
in.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from lxml import etree

from lifepot.banking.letters import ISO, iso_text
from lifepot.banking.outgoing import Outgoing
from lifepot.banking.payments import OwnAccount, Payment, Writing
from lifepot.errors import Misuse
from lifepot.money import format_minor

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CURRENCIES = ("GBP", "EUR")
LONGEST_REFERENCE = 35
LONGEST_NAME = 70
"""Of SEPA; the schema has 140. A longer name is cut here."""
LONGEST_REMITTANCE = 140

_MESSAGE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,29}", re.ASCII)
_NOT_PROVIDED = "NOTPROVIDED"

Element = etree._Element  # noqa: SLF001 - the only name lxml gives the type


def write_pain001(
    payments: Sequence[Payment], account: OwnAccount, *, message_id: str, created_at: datetime
) -> Writing:
    """The message that asks the bank to make these payments from our account.

    message_id   our name for the message, new for each: at most 30 letters, digits, dots and dashes. The parts are
                 named after it with -1, -2 and so on, and a statement gives them back as `batch_id`.
    created_at   written to the second

    A payment's day is written as the day of execution: by Faster Payments, money is there on that day; by SEPA it
    may be a day later. Raises `Misuse` for a message id that cannot be one.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Misuse(f"{message_id!r} is no message id.", remedy="Give at most 30 letters, digits, dots and dashes.")
    outgoing = Outgoing(message_id, payments)
    outgoing.check(ISO, LONGEST_REFERENCE, CURRENCIES)
    payer = outgoing.name(0, "name", account.name, iso_text(account.name))[:LONGEST_NAME].strip()
    has_uk, has_iban = outgoing.uk_account(0, account), outgoing.iban(0, account)
    needs_iban = any(payment.currency == "EUR" for payment in payments)
    if not has_iban and (needs_iban or not has_uk):
        expected = "an IBAN" if needs_iban else "a sort code and an account number, or an IBAN"
        outgoing.note(0, "iban", "account_missing", "no account", expected)

    # The stubs forget that a namespace may have no prefix.
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    message = _add(document, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.isoformat(timespec="seconds"))
    _totals(header, payments)
    _add(header, "InitgPty", "Nm", payer)

    numbered = sorted(enumerate(payments, start=1), key=lambda each: _part(each[1]))
    for part, (_, group) in enumerate(groupby(numbered, key=lambda each: _part(each[1])), start=1):
        members = list(group)
        one = members[0][1]
        element = _add(message, "PmtInf")
        _add(element, "PmtInfId", f"{message_id}-{part}")
        _add(element, "PmtMtd", "TRF")
        _add(element, "BtchBookg", "true")
        _totals(element, [payment for _, payment in members])
        if one.currency == "EUR":
            _add(element, "PmtTpInf", "SvcLvl", "Cd", "SEPA")
        _add(element, "ReqdExctnDt", "Dt", one.pays_on.isoformat())
        _add(element, "Dbtr", "Nm", payer)
        by_iban = one.currency == "EUR" or not has_uk
        _account(_add(element, "DbtrAcct"), account, by_iban=by_iban)
        _agent(_add(element, "DbtrAgt"), account, by_iban=by_iban)
        _add(element, "ChrgBr", "SLEV")
        for number, payment in members:
            _transfer(element, number, payment, outgoing)
    if outgoing.faults:
        return Writing(b"", tuple(outgoing.faults))
    octets = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Writing(bytes(octets), ())


def _part(payment: Payment) -> tuple[date, str]:
    return payment.pays_on, payment.currency


def _transfer(part: Element, number: int, payment: Payment, outgoing: Outgoing) -> None:
    """One payment."""
    element = _add(part, "CdtTrfTxInf")
    _add(element, "PmtId", "EndToEndId", payment.reference)
    amount = _add(element, "Amt", "InstdAmt", format_minor(payment.amount_minor))
    amount.set("Ccy", payment.currency)
    has_uk, has_iban = outgoing.uk_account(number, payment), outgoing.iban(number, payment)
    by_iban = payment.currency == "EUR" or not has_uk
    if by_iban and not has_iban:
        expected = "an IBAN" if payment.currency == "EUR" else "a sort code and an account number, or an IBAN"
        outgoing.note(number, "iban", "account_missing", "no account", expected)
    if payment.bic or not by_iban:
        _agent(_add(element, "CdtrAgt"), payment, by_iban=by_iban)
    name = outgoing.name(number, "payee_name", payment.payee_name, iso_text(payment.payee_name))
    _add(element, "Cdtr", "Nm", name[:LONGEST_NAME].strip())
    _account(_add(element, "CdtrAcct"), payment, by_iban=by_iban)
    if payment.remittance:
        said = iso_text(payment.remittance)
        if said is None:
            outgoing.note(number, "remittance", "letter_unknown", payment.remittance, "a text in Latin letters")
        elif len(said) > LONGEST_REMITTANCE:
            outgoing.note(number, "remittance", "text_too_long", said, f"at most {LONGEST_REMITTANCE} characters")
        elif said:
            _add(element, "RmtInf", "Ustrd", said)


def _totals(element: Element, payments: Sequence[Payment]) -> None:
    """How many, and their sum as figures without a currency, as the format has it."""
    _add(element, "NbOfTxs", str(len(payments)))
    _add(element, "CtrlSum", format_minor(sum(payment.amount_minor for payment in payments)))


def _account(element: Element, account: OwnAccount | Payment, *, by_iban: bool) -> None:
    if by_iban:
        _add(element, "Id", "IBAN", account.iban)
    else:
        _add(element, "Id", "Othr", "Id", account.account_number)


def _agent(element: Element, account: OwnAccount | Payment, *, by_iban: bool) -> None:
    """The bank: by its BIC, by the sort code, or as not provided (it is in the IBAN)."""
    bank = _add(element, "FinInstnId")
    if by_iban and account.bic:
        _add(bank, "BICFI", account.bic)
    elif by_iban:
        _add(bank, "Othr", "Id", _NOT_PROVIDED)
    else:
        member = _add(bank, "ClrSysMmbId")
        _add(member, "ClrSysId", "Cd", "GBDSC")
        _add(member, "MmbId", account.sort_code)


def _add(parent: Element, *path: str) -> Element:
    """A new element. Of one step, an empty one; of several, the last is the text of the last element."""
    steps, text = (path[:-1], path[-1]) if len(path) > 1 else (path, None)
    element = parent
    for step in steps:
        element = etree.SubElement(element, f"{{{NAMESPACE}}}{step}")
    element.text = text
    return element
