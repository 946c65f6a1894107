from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifepot.banking.payments import BankStatement
from lifepot.banking.statement_csv import SPELLINGS, read_statement_csv

SIGNED = b"""\
Transaction Date,Type,Description,Amount,Balance,Transaction ID
2026-04-07,BGC,PENWITH PAYROLL RF93W000000123,125.00,1125.00,T1
2026-04-08,CHG,"Charges, April",-2.50,1122.50,T2
2026-04-08,BP,Bo,-100,1022.50,T3
"""

SPLIT = b"""\
Date,Narrative,Paid out,Paid in,Running balance\r
08/04/2026,Bo,100.00,,1022.50\r
08/04/2026,Charges,2.50,0.00,1122.50\r
07/04/2026,Penwith,,125.00,1125.00\r
"""


def one(octets: bytes) -> BankStatement:
    """The statement of a file without faults."""
    reading = read_statement_csv(octets, "bank.csv", account="20000012345678")
    assert reading.faults == ()
    (statement,) = reading.statements
    return statement


def faults(octets: bytes) -> list[tuple[int, int, str]]:
    """Line, column and code of every fault, of a file of which nothing is taken."""
    reading = read_statement_csv(octets, "bank.csv")
    assert reading.statements == ()
    return [(fault.line, fault.column, fault.code) for fault in reading.faults]


def test_signed_amounts_oldest_first() -> None:
    """Every cell is where it should be, and the balances before and after are worked out."""
    statement = one(SIGNED)
    assert (statement.account, statement.currency) == ("20000012345678", "GBP")
    assert (statement.opening_minor, statement.closing_minor) == (100_000, 102_250)
    assert (statement.opening_on, statement.closing_on) == (date(2026, 4, 7), date(2026, 4, 8))
    assert [(entry.line, entry.signed_minor, entry.bank_reference) for entry in statement.entries] == [
        (2, 12_500, "T1"),
        (3, -250, "T2"),
        (4, -10_000, "T3"),
    ]
    charge = statement.entries[1]
    assert (charge.remittance, charge.transaction_code, charge.balance_minor) == ("Charges, April", "CHG", 112_250)


def test_paid_in_and_out_newest_first() -> None:
    """Two columns, British dates and rows that run backwards come to the same balances."""
    statement = one(SPLIT)
    assert (statement.opening_minor, statement.closing_minor) == (100_000, 102_250)
    assert [entry.signed_minor for entry in statement.entries] == [-10_000, -250, 12_500]
    assert {entry.booked_on for entry in statement.entries} == {date(2026, 4, 7), date(2026, 4, 8)}


@pytest.mark.parametrize("order", [1, -1])
def test_one_day_is_read_in_the_order_that_adds_up(order: int) -> None:
    """Where all rows are of one day, the balances say which came first."""
    rows = [b"2026-04-07,A,10.00,10.00", b"2026-04-07,B,20.00,30.00"]
    statement = one(b"\n".join([b"date,reference,amount,balance", *rows[::order], b""]))
    assert (statement.opening_minor, statement.closing_minor) == (0, 3_000)


def test_a_balance_now_and_then_counts_the_rows_between() -> None:
    """Rows without a balance are added up until the next that has one, and after the last."""
    rows = b"date,reference,amount,balance\n2026-04-07,A,10.00,\n2026-04-08,B,5,20\n2026-04-09,C,1,\n2026-04-10,D,-2,19.00\n"
    assert (one(rows).opening_minor, one(rows).closing_minor) == (500, 1_900)
    assert one(rows + b"2026-04-11,E,1.00,\n").closing_minor == 2_000


def test_without_a_balance_column_there_is_none() -> None:
    """Balances that nobody says are None; a reference and a description side by side are both read."""
    statement = one(b"\xef\xbb\xbfDate,Reference,Description,Amount,Colour\n2026-04-07,R1,Ada,1.00,red\n")
    assert (statement.opening_minor, statement.closing_minor) == (None, None)
    assert statement.entries[0].remittance == "R1 Ada"


def test_a_wrong_running_balance_is_refused_with_the_difference() -> None:
    """A penny's slip in a balance is found at its row; what follows from it is not found again."""
    octets = SIGNED.replace(b"1122.50", b"1122.51").replace(b"1022.50", b"1022.51")
    reading = read_statement_csv(octets, "bank.csv")
    (fault,) = reading.faults
    assert (fault.line, fault.column, fault.code) == (3, 5, "balance_differs")
    assert fault.expected == "1122.50; the difference is -0.01"
    assert reading.statements == ()


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"", [(0, 0, "file_empty")]),
        (b"\n \n", [(0, 0, "file_empty")]),
        (b"colour,size\nred,1\n", [(1, 0, "layout_unknown")]),
        (b"date,amount\n2026-04-07,1\n", [(1, 0, "column_missing")]),
        (b"date,memo,paid in\n2026-04-07,a,1\n", [(1, 0, "column_missing")]),
        (b"date,memo,amount,amount\n2026-04-07,a,1,1\n", [(1, 4, "column_twice")]),
        (b"date,memo,amount,paid in\n2026-04-07,a,1,1\n", [(1, 3, "column_twice")]),
        (b"date,memo,amount\n", [(1, 0, "statement_none")]),
        (b"date,memo,amount\n07-04-2026,a,1\n", [(2, 1, "date_impossible")]),
        (b"date,memo,amount\n2026-02-30,a,1\n", [(2, 1, "date_impossible")]),
        (b"date,memo,amount\n04/07/26,a,1\n", [(2, 1, "date_impossible")]),
        (b'date,memo,amount\n2026-04-07,a,"12,50"\n', [(2, 3, "amount_comma")]),
        (b'date,memo,amount\n2026-04-07,a,"1,250.00"\n', [(2, 3, "amount_comma")]),
        (b"date,memo,amount\n2026-04-07,a,1.005\n", [(2, 3, "amount_decimals")]),
        (b"date,memo,amount\n2026-04-07,a,1.00 CR\n", [(2, 3, "amount_not_number")]),
        (b"date,memo,amount\n2026-04-07,a,99999999999999\n", [(2, 3, "amount_too_large")]),
        (b"date,memo,amount\n2026-04-07,a,\n", [(2, 0, "value_missing")]),
        (b"date,memo,amount\n2026-04-07,a\n2026-04-07,a,1,1\n", [(2, 0, "fields_too_few"), (3, 0, "fields_too_many")]),
        (b"date,memo,paid in,paid out\n2026-04-07,a,1,1\n", [(2, 4, "value_unexpected")]),
        (b"date,memo,paid in,paid out\n2026-04-07,a,,-1\n", [(2, 4, "amount_negative")]),
        (b'date,memo,amount\n2026-04-07,"a"b,1\n', [(2, 0, "quote_stray")]),
        (b"date,memo,amount\n2026-04-07,\xa3,1\n", [(2, 12, "encoding")]),
        (b"date,memo,amount\n2026-04-07,\0,1\n", [(2, 12, "nul_byte")]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(octets: bytes, found: list[tuple[int, int, str]]) -> None:
    """Each slip is found in its line and column, and nothing of the file is taken."""
    assert faults(octets) == found


def test_a_currency_of_other_decimals_is_refused() -> None:
    """An amount is read by its currency's decimals, and only two are known."""
    (fault,) = read_statement_csv(SIGNED, "bank.csv", currency="JPY").faults
    assert fault.code == "currency_unknown"


def test_no_spelling_means_two_columns() -> None:
    """The table of spellings names each once."""
    spellings = [spelling for column in SPELLINGS.values() for spelling in column]
    assert len(spellings) == len(set(spellings))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(-(10**9), 10**9)), min_size=1, max_size=20), st.booleans())
def test_any_statement_comes_back(moves: list[tuple[int, int]], backwards: bool) -> None:
    """Rows in either order with a running balance are read as they were made, and add up."""
    assume(not backwards or min(moves)[0] < max(moves)[0])  # of one day alone, both orders may add up
    rows, balance = [], 5_000
    for day, signed in sorted(moves):
        balance += signed
        sign, minor = "-" if signed < 0 else "", abs(signed)
        owed, held = "-" if balance < 0 else "", abs(balance)
        when = date.fromordinal(date(2026, 1, 1).toordinal() + day)
        rows.append(f"{when},x,{sign}{minor // 100}.{minor % 100:02d},{owed}{held // 100}.{held % 100:02d}")
    lines = ["date,memo,amount,balance", *(rows[::-1] if backwards else rows), ""]
    statement = one("\n".join(lines).encode())
    assert (statement.opening_minor, statement.closing_minor) == (5_000, balance)
    signed_in_time = [entry.signed_minor for entry in statement.entries][:: -1 if backwards else 1]
    assert signed_in_time == [signed for _, signed in sorted(moves)]


@given(st.binary(max_size=200), st.sampled_from([b"", SIGNED.splitlines()[0] + b"\n", SPLIT.splitlines()[0] + b"\n"]))
def test_no_bytes_are_too_much(octets: bytes, header: bytes) -> None:
    """Whatever the bytes, under a true header or none, there is an answer and nothing is raised."""
    reading = read_statement_csv(header + octets, "f")
    assert bool(reading.statements) != bool(reading.faults)
