import re
import string
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.banking.bacs18 import BacsFile, compose_bacs18, working_day_before, write_bacs18
from lifepot.banking.bacs18_reader import read_bacs18
from lifepot.banking.bacs_layout import LABELS, MULTI, SINGLE, read_day, write_day
from lifepot.banking.letters import BACS, bacs_name
from lifepot.banking.payments import OwnAccount, Payment
from lifepot.errors import Misuse

US = OwnAccount("Lifepot Mutual", "200000", "12345678", service_user_number="654321")
MONDAY, TUESDAY, WEDNESDAY = date(2026, 4, 13), date(2026, 4, 14), date(2026, 4, 15)
ZOE = Payment("RF93W000000123", 12_500, "GBP", "Zoë O'Brien", WEDNESDAY, "089999", "66374958")
BO = Payment("RF66W000000124", 99, "GBP", "Bo & Sons, Ltd. of Llanfair", WEDNESDAY, "107999", "88837491")
CY = replace(ZOE, reference="RF39W000000125", amount_minor=1, payee_name="Cy", pays_on=date(2026, 4, 16))
EASTER = {date(2026, 4, 3), date(2026, 4, 6)}


def written(*payments: Payment, account: OwnAccount = US) -> bytes:
    """The bytes of a file without faults, made on Monday."""
    writing = write_bacs18(payments, account, serial="K00001", created_on=MONDAY, holidays=EASTER)
    assert writing.faults == ()
    return writing.octets


def taken(octets: bytes) -> BacsFile:
    """A file without faults."""
    reading = read_bacs18(octets, "pay.bacs")
    assert reading.faults == ()
    assert reading.file is not None
    return reading.file


def faults(octets: bytes) -> list[tuple[int, int, str]]:
    """Line, column and code of every fault, of a file of which nothing is taken."""
    reading = read_bacs18(octets, "pay.bacs")
    assert reading.file is None
    return [(fault.line, fault.column, fault.code) for fault in reading.faults]


def test_a_single_day_by_hand() -> None:
    """Every byte of a file of two payments, worked out from the published positions.

    13, 14 and 15 April 2026 are the days 103, 104 and 105 of the year; 125.00 and 0.99 are 125.99.
    """
    assert written(ZOE, BO).decode().split("\r\n") == [
        "VOL1K00001" + " " * 31 + "654321" + " " * 32 + "1",
        "HDR1A654321S   654321K0000100010001" + " " * 6 + " 26103 26105 000000" + " " * 20,
        "HDR2F0200000100" + " " * 35 + "00" + " " * 28,
        "UHL1 26104999999    000000001 DAILY  001" + " " * 40,
        "0899996637495809920000012345678    00000012500LIFEPOT MUTUAL    RF93W000000123    ZOE OBRIEN        ",
        "1079998883749109920000012345678    00000000099LIFEPOT MUTUAL    RF66W000000124    BO & SONS LTD. OF ",
        "2000001234567801720000012345678    00000012599LIFEPOT MUTUAL    CONTRA            LIFEPOT MUTUAL    ",
        "EOF1A654321S   654321K0000100010001" + " " * 6 + " 26103 26105 000000" + " " * 20,
        "EOF2F0200000100" + " " * 35 + "00" + " " * 28,
        "UTL1" + "0000000012599" * 2 + "0000001" + "0000002" + " " * 36,
        "",
    ]


def test_two_days_by_hand() -> None:
    """With two pay days, records have six characters more, a processing day each, and every day its contra."""
    lines = written(CY, ZOE).decode().split("\r\n")
    assert lines[2][:15] == "HDR2F0200000106"
    assert lines[3][:40] == "UHL1 26104999999    000000004 MULTI  001"
    assert lines[4:8] == [
        "0899996637495809920000012345678    00000012500LIFEPOT MUTUAL    RF93W000000123    ZOE OBRIEN         26104",
        "2000001234567801720000012345678    00000012500LIFEPOT MUTUAL    CONTRA            LIFEPOT MUTUAL     26104",
        "0899996637495809920000012345678    00000000001LIFEPOT MUTUAL    RF39W000000125    CY                 26105",
        "2000001234567801720000012345678    00000000001LIFEPOT MUTUAL    CONTRA            LIFEPOT MUTUAL     26105",
    ]
    assert lines[10] == "UTL1" + "0000000012501" * 2 + "0000002" + "0000002" + " " * 36


def test_the_table_has_no_gap() -> None:
    """Every position of every line belongs to one field, and lines have the lengths that are published."""
    for slots, length in [*((slots, 80) for slots in LABELS.values()), (SINGLE, 100), (MULTI, 106)]:
        at = 1
        for slot in slots:
            assert slot.start == at
            at += slot.length
        assert at == length + 1


RECORD = re.compile(
    r"(?P<sort>\d{6})(?P<number>\d{8})0(?P<code>99|17)(?P<own_sort>\d{6})(?P<own_number>\d{8})    (?P<pence>\d{11})"
    r"(?P<payer>[A-Z0-9.&/ -]{18})(?P<reference>[A-Z0-9.&/ -]{18})(?P<payee>[A-Z0-9.&/ -]{18})(?: (?P<day>\d{5}))?"
)
"""A record, by a pattern and not by the table."""


def second_reading(octets: bytes) -> tuple[str, list[dict[str, str]], tuple[int, ...]]:
    """A reader of another making: the processing day of UHL1, each record's fields, and the figures of UTL1."""
    rows = octets.decode().splitlines()
    assert [row[:4] for row in rows[:4] + rows[-3:]] == ["VOL1", "HDR1", "HDR2", "UHL1", "EOF1", "EOF2", "UTL1"]
    assert {len(row) for row in rows[:4] + rows[-3:]} == {80}
    assert rows[1][4:] == rows[-3][4:]
    assert rows[2][4:] == rows[-2][4:]
    assert rows[0][41:47] == rows[1][5:11] == rows[1][15:21]
    assert rows[0][4:10] == rows[1][21:27]
    records = []
    for row in rows[4:-3]:
        match = RECORD.fullmatch(row)
        assert match is not None, row
        assert (match["day"] is not None) == (rows[3][28:37] == "4 MULTI  ") == (rows[2][10:15] == "00106")
        records.append(match.groupdict())
    ends = re.fullmatch(r"UTL1(\d{13})(\d{13})(\d{7})(\d{7}) {36}", rows[-1])
    assert ends is not None
    return rows[3][5:10], records, tuple(map(int, ends.groups()))


@st.composite
def payments(draw: st.DrawFn) -> list[Payment]:
    """Some payments of the coming fortnight, each with a reference of its own."""
    days = [day for n in range(1, 15) if (day := TUESDAY + timedelta(days=n)).weekday() < 5]
    return [
        Payment(
            reference=f"R{number}" + draw(st.text(BACS, max_size=16)).rstrip(),
            amount_minor=draw(st.integers(1, 10**10)),
            currency="GBP",
            payee_name=draw(st.text(string.printable + "éßøÆ\u2019", max_size=40).filter(bacs_name)),
            pays_on=draw(st.sampled_from(days)),
            sort_code=draw(st.from_regex(r"[0-9]{6}", fullmatch=True)),
            account_number=draw(st.from_regex(r"[0-9]{8}", fullmatch=True)),
        )
        for number in range(draw(st.integers(1, 8)))
    ]


@settings(deadline=None, max_examples=40)
@given(payments())
def test_any_file_is_read_by_a_second_reader(made: list[Payment]) -> None:
    """A reader of another making finds every payment on its day, a contra of each day's sum, and the totals."""
    day_of_file, records, (debit, credit, debits, credits_) = second_reading(written(*made))
    paid = [record for record in records if record["code"] == "99"]
    contras = [record for record in records if record["code"] == "17"]
    days = {f"{working_day_before(payment.pays_on, EASTER):%y%j}" for payment in made}
    assert day_of_file == min(days)
    found = [
        (one["day"] or day_of_file, one["reference"].rstrip(), int(one["pence"]), one["sort"], one["number"])
        for one in paid
    ]
    expected = [
        (
            f"{working_day_before(payment.pays_on, EASTER):%y%j}",
            payment.reference,
            payment.amount_minor,
            payment.sort_code,
            payment.account_number,
        )
        for payment in made
    ]
    assert sorted(found) == sorted(expected)
    total = sum(payment.amount_minor for payment in made)
    assert (debit, credit, debits, credits_) == (total, total, len(days), len(made))
    by_day = {
        day: sum(int(one["pence"]) for one in group)
        for day, group in groupby(paid, key=lambda one: one["day"] or day_of_file)
    }
    assert {one["day"] or day_of_file: int(one["pence"]) for one in contras} == by_day
    assert all(one["sort"] == one["own_sort"] == "200000" and one["reference"].strip() == "CONTRA" for one in contras)


@settings(deadline=None, max_examples=40)
@given(payments())
def test_any_file_comes_back_byte_by_byte(made: list[Payment]) -> None:
    """What was written is read without fault, and written again from what was read it is the same file."""
    octets = written(*made)
    file = taken(octets)
    assert compose_bacs18(file) == octets
    assert sorted(record.reference for record in file.payments) == sorted(payment.reference for payment in made)
    assert taken(octets.replace(b"\r\n", b"\n")) == file


@pytest.mark.parametrize(
    ("said", "is_written"),
    [
        ("Zoë O'Brien", "ZOE OBRIEN"),
        ("Seán Ó\u2019Súilleabháin", "SEAN OSUILLEABHAIN"),
        ("Łukasz Świątek", "LUKASZ SWIATEK"),
        ("Søren Straße", "SOREN STRASSE"),
        ("Smith-Jones & Co. a/c 7", "SMITH-JONES & CO. A/C 7"),
        ("A, B (C) + D", "A B C D"),
        ("  ", ""),
        ("Зоя", None),
        ("王", None),
    ],
)
def test_names_in_bacs_letters(said: str, is_written: str | None) -> None:
    """Accents go, apostrophes go, other marks become spaces, and another script is refused."""
    assert bacs_name(said) == is_written


def test_a_pay_day_is_processed_on_the_working_day_before() -> None:
    """Over a weekend and Easter, money for Tuesday 7 April 2026 is processed on Thursday 2 April."""
    assert working_day_before(WEDNESDAY) == TUESDAY
    assert working_day_before(MONDAY) == date(2026, 4, 10)
    assert working_day_before(date(2026, 4, 7), EASTER) == date(2026, 4, 2)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_days_come_back(day: date) -> None:
    """A day as two digits of its year and its number in it is the same as the library's, and comes back."""
    assert write_day(day) == f" {day:%y%j}"
    assert read_day(write_day(day)) == day


@pytest.mark.parametrize("said", ["26103", " 26000", " 26366", " 2610x", "026103", "      ", " 26103 "])
def test_what_is_no_day_is_none(said: str) -> None:
    """2026 has no day 366, and none a day 0."""
    assert read_day(said) is None


@pytest.mark.parametrize(
    ("payment", "path", "code"),
    [
        (replace(ZOE, reference="R" * 19), "payments[2].reference", "text_too_long"),
        (replace(ZOE, reference="rf93"), "payments[2].reference", "letter_unknown"),
        (replace(ZOE, reference="RF'93"), "payments[2].reference", "letter_unknown"),
        (replace(ZOE, reference=BO.reference), "payments[2].reference", "reference_twice"),
        (replace(ZOE, reference="CONTRA"), "payments[2].reference", "value_unexpected"),
        (replace(ZOE, amount_minor=-1), "payments[2].amount_minor", "amount_negative"),
        (replace(ZOE, currency="EUR"), "payments[2].currency", "currency_unknown"),
        (replace(ZOE, payee_name="Зоя"), "payments[2].payee_name", "letter_unknown"),
        (replace(ZOE, payee_name="'"), "payments[2].payee_name", "value_missing"),
        (replace(ZOE, sort_code="", account_number="", iban="GB82WEST12345698765432"), "payments[2].account_number", "account_missing"),
        (replace(ZOE, account_number="1234567"), "payments[2].account_number", "account_impossible"),
        (replace(ZOE, pays_on=date(2026, 4, 18)), "payments[2].pays_on", "day_not_working"),
        (replace(ZOE, pays_on=MONDAY), "payments[2].pays_on", "day_too_early"),
        (replace(ZOE, pays_on=date(2026, 5, 18)), "payments[2].pays_on", "day_too_late"),
    ],
)  # fmt: skip
def test_a_payment_that_cannot_be_made_stops_the_file(payment: Payment, path: str, code: str) -> None:
    """Whatever is wrong with one payment is named, and no bytes are written."""
    writing = write_bacs18([BO, payment], US, serial="K00001", created_on=MONDAY, holidays=EASTER)
    assert [(fault.path, fault.code) for fault in writing.faults] == [(path, code)]
    assert writing.octets == b""


def test_an_amount_or_a_day_that_does_not_fit_is_refused() -> None:
    """Eleven digits of pence are the most, of one payment and of one day's contra."""
    largest = replace(ZOE, amount_minor=10**11 - 1)
    assert b"99999999999" in written(largest)
    too_large = write_bacs18([replace(ZOE, amount_minor=10**11)], US, serial="K00001", created_on=MONDAY)
    assert {fault.code for fault in too_large.faults} == {"amount_too_large"}
    together = write_bacs18([largest, replace(BO, amount_minor=1)], US, serial="K00001", created_on=MONDAY)
    assert [(fault.path, fault.code) for fault in together.faults] == [("payments", "amount_too_large")]


def test_our_own_account_is_checked_too() -> None:
    """Without a service user number or a UK account there is no file."""
    for account, path in (
        (replace(US, service_user_number=""), "service_user_number"),
        (replace(US, sort_code="", account_number=""), "account_number"),
        (replace(US, name="!"), "name"),
    ):
        writing = write_bacs18([ZOE], account, serial="K00001", created_on=MONDAY)
        assert [fault.path for fault in writing.faults] == [path]


@pytest.mark.parametrize(
    ("serial", "file_number"), [("000000", 1), ("k00001", 1), ("K1", 1), ("K00001", 0), ("K00001", 1000)]
)
def test_a_serial_that_is_none_is_misuse(serial: str, file_number: int) -> None:
    """The caller numbers files as the format allows."""
    with pytest.raises(Misuse, match=r"is no (serial|file number)"):
        write_bacs18([ZOE], US, serial=serial, created_on=MONDAY, file_number=file_number)


@pytest.mark.parametrize(
    ("was", "instead", "found"),
    [
        (b"VOL1", b"VOL2", [(1, 0, "layout_unknown")]),
        (b"HDR2F", b"HDR3F", [(3, 0, "label_differs")]),
        (b"00000012500", b"00000012501", [(7, 36, "contra_differs"), (10, 18, "totals_differ")]),
        (b"00000012599LIFE", b"00000012598LIFE", [(7, 36, "contra_differs"), (10, 5, "totals_differ")]),
        (b"00000010000002", b"00000010000003", [(10, 38, "totals_differ")]),
        (b"00000010000002", b"00000020000002", [(10, 31, "totals_differ")]),
        (b"EOF1A654321S", b"EOF1A654322S", [(8, 6, "label_differs")]),
        (b"EOF2F0200000100", b"EOF2F0200000106", [(9, 11, "label_differs")]),
        (b"HDR1A654321S   654321K", b"HDR1A654321S   654322K", [(2, 16, "label_differs"), (8, 16, "label_differs")]),
        (b"1 DAILY  ", b"2 DAILY  ", [(4, 29, "word_unknown")]),
        (b"1 DAILY  ", b"4 MULTI  ", [(3, 11, "record_length")] + [(line, 0, "record_length") for line in (5, 6, 7)]),
        (b"UHL1 26104", b"UHL1 26366", [(4, 5, "date_impossible")]),
        (b"089999", b"08999X", [(5, 1, "number_not_whole")]),
        (b"ZOE OBRIEN", b"ZOE O'BRIE", [(5, 88, "letter_unknown")]),
        (b"ZOE OBRIEN", b"ZOE OBRIE", [(5, 0, "record_length")]),
        (b"66374958099", b"66374958098", [(5, 16, "word_unknown")]),
        (b"66374958099", b"66374958017", [(5, 16, "word_unknown")]),
        (b"66374958099", b"66374958199", [(5, 15, "word_unknown")]),
        (b"ZOE", b"ZO\xcb", [(5, 85, "encoding")]),
        (b"UTL1", b"UTL2", [(10, 0, "file_cut_off")]),
    ],
)
def test_a_changed_file_is_refused_with_its_place(
    was: bytes, instead: bytes, found: list[tuple[int, int, str]]
) -> None:
    """Each change is found in its line and column, and nothing of the file is taken."""
    octets = written(ZOE, BO)
    assert was in octets
    assert faults(octets.replace(was, instead, 1)) == found


def test_a_file_cut_off_is_refused() -> None:
    """However much is lost at the end of a file, what is left is not taken."""
    octets = written(ZOE, BO)
    for length in range(len(octets) - 2):
        assert read_bacs18(octets[:length], "f").file is None


@given(st.binary(max_size=300))
def test_no_bytes_are_too_much(octets: bytes) -> None:
    """Whatever the bytes, there is a fault and nothing is raised."""
    assert read_bacs18(octets, "f").faults


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_never_too_much(place: int, octets: bytes) -> None:
    """A true file with some bytes overwritten is read or refused, and one that is read still balances."""
    whole = written(ZOE, BO, CY)
    at = place % len(whole)
    file = read_bacs18(whole[:at] + octets + whole[at + len(octets) :], "f").file
    if file is not None:
        paid = sum(record.amount_minor for record in file.payments)
        assert 2 * paid == sum(record.amount_minor for record in file.records)
