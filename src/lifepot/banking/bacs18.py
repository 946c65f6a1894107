"""Bacs Standard 18: the file by which a service user pays many people in the UK, written and read back.

Four labels, a record a payment, a contra that debits our own account by the sum of a day, three labels that repeat and
total. Bacs takes three working days: a payment that is there on Wednesday is processed on Tuesday and sent by
Monday. `pays_on` is the day it is there; the file says the processing day, which is the working day before. The labels
and the records stand in the table of `bacs_layout`.

What comes back unapplied is told in a report (ARUCS) whose layout is not public; it is not read here. The
money itself comes back as an entry on the statement.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from lifepot.banking.bacs_layout import (
    CONTRA,
    CONTRA_CODE,
    CREDIT_CODE,
    LABELS,
    MULTI,
    MULTI_DAY,
    MULTI_LENGTH,
    SINGLE,
    SINGLE_DAY,
    SINGLE_LENGTH,
    compose,
    write_day,
)
from lifepot.banking.letters import BACS, bacs_name
from lifepot.banking.outgoing import LARGEST_PAYMENT_MINOR, Outgoing
from lifepot.banking.payments import OwnAccount, Payment, Writing
from lifepot.errors import Misuse

LONGEST_REFERENCE = 18
LONGEST_NAME = 18
"""A longer name is cut here: the payee's bank goes by the numbers, and the payee reads what is left."""

LONGEST_WAIT_DAYS = 31
"""A processing day may be so long after the day on which the file is made."""

LINE_END = "\r\n"

BEFORE, AFTER = ("VOL1", "HDR1", "HDR2", "UHL1"), ("EOF1", "EOF2", "UTL1")

_SERIAL = re.compile(r"(?!0{6})[0-9A-Z]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BacsRecord:
    """One record: a payment, or the contra of a day, as the file holds it.

    line                 where it stands in the file, from 1
    processing_on        the day on which Bacs processes it; the payee has it on the next working day
    transaction_code     99 a credit, 17 the debit of our own account
    own_sort_code, own_account_number   the account it is paid from
    free                 four characters of free use (a mark for HMRC on wages), or ""
    originator           who pays, as the payee reads it
    reference            `CONTRA` in a contra
    """

    line: int
    processing_on: date
    sort_code: str
    account_number: str
    transaction_code: str
    own_sort_code: str
    own_account_number: str
    amount_minor: int
    originator: str
    reference: str
    payee_name: str
    free: str = ""

    @property
    def is_contra(self) -> bool:
        """Whether it is our own account's side."""
        return self.transaction_code == CONTRA_CODE


@dataclass(frozen=True, slots=True)
class BacsFile:
    """A whole file.

    serial                six capitals or digits, never twice within some months
    service_user_number   six digits
    file_number           of the day's files, from 0 to 999
    created_on, expires_on   the day it is made, and the first on which it may be forgotten
    is_multi              whether each record has a processing day of its own
    records               payments and contras in the file's order
    """

    serial: str
    service_user_number: str
    file_number: int
    created_on: date
    expires_on: date
    processing_on: date
    is_multi: bool
    records: tuple[BacsRecord, ...]

    @property
    def payments(self) -> tuple[BacsRecord, ...]:
        """The records that pay somebody."""
        return tuple(record for record in self.records if not record.is_contra)


def write_bacs18(
    payments: Sequence[Payment],
    account: OwnAccount,
    *,
    serial: str,
    created_on: date,
    file_number: int = 1,
    holidays: Collection[date] = (),
) -> Writing:
    """The file that pays these; one or several pay days, and the days in their order.

    serial       six capitals or digits, not all zeros; a new one for each file
    file_number  of the day's files, from 1 to 999
    holidays     the bank holidays of England and Wales, on which Bacs rests as on Saturdays and Sundays

    A reference is written as it is, and must be of Bacs' letters: it is what comes back. Names are written by
    `letters.bacs_name` and cut at 18. Raises `Misuse` for a serial or a number that cannot be one.
    """
    if not _SERIAL.fullmatch(serial):
        raise Misuse(f"{serial!r} is no serial.", remedy="Give six capitals or digits, not all zeros.")
    if not 1 <= file_number <= 999:
        raise Misuse(f"{file_number} is no file number.", remedy="Number a day's files from 1 to 999.")
    outgoing = Outgoing(serial, payments)
    outgoing.check(BACS, LONGEST_REFERENCE, ("GBP",))
    originator = _shortened(outgoing.name(0, "name", account.name, bacs_name(account.name)))
    if not outgoing.uk_account(0, account):
        outgoing.note(0, "account_number", "account_missing", "no account", "a sort code and an account number")
    if not re.fullmatch(r"[0-9]{6}", account.service_user_number):
        outgoing.note(0, "service_user_number", "account_missing", repr(account.service_user_number), "six digits")

    drafts = []
    for number, payment in enumerate(payments, start=1):
        if not outgoing.uk_account(number, payment):
            expected = "a sort code and an account number"
            outgoing.note(number, "account_number", "account_missing", payment.iban or "no account", expected)
        if payment.reference.strip() == CONTRA:
            outgoing.note(number, "reference", "value_unexpected", CONTRA, "a reference: this one marks the contra")
        name = _shortened(outgoing.name(number, "payee_name", payment.payee_name, bacs_name(payment.payee_name)))
        processing_on = working_day_before(payment.pays_on, holidays)
        _check_days(outgoing, number, payment.pays_on, processing_on, created_on, holidays)
        drafts.append(_credit(payment, account, processing_on, originator, name))
    days = sorted({draft.processing_on for draft in drafts})
    records: list[BacsRecord] = []
    by_day = groupby(sorted(drafts, key=lambda draft: draft.processing_on), key=lambda draft: draft.processing_on)
    for day, members in by_day:
        credits_of_day = list(members)
        total = sum(draft.amount_minor for draft in credits_of_day)
        if total > LARGEST_PAYMENT_MINOR:
            found = f"{total} on {day}"
            outgoing.note(0, "payments", "amount_too_large", found, f"at most {LARGEST_PAYMENT_MINOR} a day: two files")
        records += [*credits_of_day, _contra(account, day, total, originator)]
    if outgoing.faults:
        return Writing(b"", tuple(outgoing.faults))
    file = BacsFile(
        serial=serial,
        service_user_number=account.service_user_number,
        file_number=file_number,
        created_on=created_on,
        expires_on=max(payment.pays_on for payment in payments),
        processing_on=days[0],
        is_multi=len(days) > 1,
        records=tuple(records),
    )
    return Writing(compose_bacs18(file), ())


def working_day_before(day: date, holidays: Collection[date] = ()) -> date:
    """The last day before, on which Bacs works: not Saturday, nor Sunday, nor a bank holiday."""
    day -= timedelta(days=1)
    while not _is_working(day, holidays):
        day -= timedelta(days=1)
    return day


def _is_working(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def _check_days(
    outgoing: Outgoing, number: int, pays_on: date, processing_on: date, created_on: date, holidays: Collection[date]
) -> None:
    """A pay day must be one, and its processing day neither past nor far off."""
    if not _is_working(pays_on, holidays):
        outgoing.note(number, "pays_on", "day_not_working", f"{pays_on:%A} {pays_on}", "a day on which Bacs pays")
    if processing_on < created_on:
        found = f"processing on {processing_on}"
        outgoing.note(number, "pays_on", "day_too_early", found, f"a processing day not before {created_on}")
    if processing_on > created_on + timedelta(days=LONGEST_WAIT_DAYS):
        found = f"processing on {processing_on}"
        expected = f"a processing day at most {LONGEST_WAIT_DAYS} days after {created_on}"
        outgoing.note(number, "pays_on", "day_too_late", found, expected)


def _shortened(name: str) -> str:
    return name[:LONGEST_NAME].strip()


def _credit(payment: Payment, account: OwnAccount, day: date, originator: str, name: str) -> BacsRecord:
    return BacsRecord(
        line=0,
        processing_on=day,
        sort_code=payment.sort_code,
        account_number=payment.account_number,
        transaction_code=CREDIT_CODE,
        own_sort_code=account.sort_code,
        own_account_number=account.account_number,
        amount_minor=payment.amount_minor,
        originator=originator,
        reference=payment.reference,
        payee_name=name,
    )


def _contra(account: OwnAccount, day: date, total: int, originator: str) -> BacsRecord:
    """Our own side of a day: from our account to our account, marked as what it is."""
    return BacsRecord(
        line=0,
        processing_on=day,
        sort_code=account.sort_code,
        account_number=account.account_number,
        transaction_code=CONTRA_CODE,
        own_sort_code=account.sort_code,
        own_account_number=account.account_number,
        amount_minor=total,
        originator=originator,
        reference=CONTRA,
        payee_name=originator,
    )


def compose_bacs18(file: BacsFile) -> bytes:
    """The bytes of a file: lines end with CR and LF, also the last."""
    debits = [record.amount_minor for record in file.records if record.is_contra]
    paid = [record.amount_minor for record in file.records if not record.is_contra]
    values = {
        "serial": file.serial,
        "service_user_number": file.service_user_number,
        "service_user_again": file.service_user_number,
        "created_on": write_day(file.created_on),
        "expires_on": write_day(file.expires_on),
        "record_length": f"{MULTI_LENGTH if file.is_multi else SINGLE_LENGTH:05d}",
        "processing_on": write_day(file.processing_on),
        "work_code": MULTI_DAY if file.is_multi else SINGLE_DAY,
        "file_number": f"{file.file_number:03d}",
        "debit_minor": f"{sum(debits):013d}",
        "credit_minor": f"{sum(paid):013d}",
        "debit_count": f"{len(debits):07d}",
        "credit_count": f"{len(paid):07d}",
    }
    lines = [compose(LABELS[label], values) for label in BEFORE]
    for record in file.records:
        fields = {name: str(getattr(record, name)) for name in BacsRecord.__slots__ if name != "line"}
        fields |= {"amount_minor": f"{record.amount_minor:011d}", "processing_on": write_day(record.processing_on)}
        lines.append(compose(MULTI if file.is_multi else SINGLE, fields))
    lines += [compose(LABELS[label], values) for label in AFTER]
    return "".join(line + LINE_END for line in lines).encode("ascii")
