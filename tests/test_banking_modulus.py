from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifepot.banking.modulus import Answer, ModulusTable, check_account, read_table

FIXTURES = Path(__file__).parent / "fixtures" / "banking"
TABLE, FAULTS = read_table(
    (FIXTURES / "valacdos-of-the-examples.txt").read_bytes(), (FIXTURES / "scsubtab-of-the-examples.txt").read_bytes()
)
"""The rows of the published table (version 9.00) that its worked examples need, and no others."""

EXAMPLES = """
     1 089999 66374958 valid      modulus 10
     2 107999 88837491 valid      modulus 11
     3 202959 63748472 valid      modulus 11 and double alternate
     4 871427 46238510 valid      exceptions 10 and 11: the first passes, the second fails
     5 872427 46238510 valid      exceptions 10 and 11: the first fails, the second passes
     6 871427 09123496 valid      exception 10: ab is 09 and g is 9
     7 871427 99123496 valid      exception 10: ab is 99 and g is 9
     8 820000 73688637 valid      exception 3: c is 6, so the second check is not made
     9 827999 73988638 valid      exception 3: c is 9, so the second check is not made
    10 827101 28748352 valid      exception 3: c is neither, and both checks pass
    11 134020 63849203 valid      exception 4: the remainder is the check digit
    12 118765 64371389 valid      exception 1: 27 is added
    13 200915 41011166 unchecked  exception 6: a foreign currency account
    14 938611 07806039 valid      exception 5
    15 938600 42368003 valid      exception 5 with another sort code in its place
    16 938063 55065200 valid      exception 5: both remainders are 0
    17 772798 99345694 valid      exception 7: passes, and would fail the plain check
    18 086090 06774744 valid      exception 8
    19 309070 02355688 valid      exceptions 2 and 9: the first passes
    20 309070 12345668 valid      exceptions 2 and 9: the second passes with another sort code
    21 309070 12345677 valid      exception 2: a is not 0 and g is not 9
    22 309070 99345694 valid      exception 2: a is not 0 and g is 9
    23 938063 15764273 invalid    exception 5: the first digit is right, the second wrong
    24 938063 15764264 invalid    exception 5: the first digit is wrong, the second right
    25 938063 15763217 invalid    exception 5: a remainder of 1
    26 118765 64371388 invalid    exception 1
    27 203099 66831036 invalid    passes modulus 11 and fails double alternate
    28 203099 58716970 invalid    fails modulus 11 and passes double alternate
    29 089999 66374959 invalid    modulus 10
    30 107999 88837493 invalid    modulus 11
    31 074456 12345112 valid      exceptions 12 and 13: modulus 11 passes
    32 070116 34012583 valid      exceptions 12 and 13: modulus 11 passes
    33 074456 11104102 valid      exceptions 12 and 13: only modulus 10 passes
    34 180002 00000190 valid      exception 14: the first check fails, the second passes
"""
"""The 34 examples of the specification, as three public implementations' tests have them."""

ROWS = [line.split(maxsplit=4) for line in EXAMPLES.strip().splitlines()]


def test_the_rows_of_the_examples_are_read_without_fault() -> None:
    """Every line of the published form is a row of weights."""
    assert FAULTS == ()
    assert len(TABLE.rows) == 25
    assert TABLE.substitutes == {"938600": "938611"}


@pytest.mark.parametrize(
    ("sort_code", "account_number", "answer"), [row[1:4] for row in ROWS], ids=["-".join(row[:3]) for row in ROWS]
)
def test_a_published_example_is_answered_as_published(sort_code: str, account_number: str, answer: str) -> None:
    """Each worked example of the specification comes out as it says."""
    assert check_account(TABLE, sort_code, account_number).answer == answer


def test_exception_14_passes_at_once_where_the_first_check_does() -> None:
    """An account whose first check passes needs no second look: 9, 8, 9, 3, 5, 1 and 7 by their weights make 187."""
    assert check_account(TABLE, "180002", "98093517").answer == Answer.VALID


def test_the_sort_code_in_another_place_is_needed() -> None:
    """Without the table of substitutes, the example that needs one fails."""
    assert check_account(ModulusTable(TABLE.rows), "938600", "42368003").answer == Answer.INVALID


def test_nothing_is_known_without_a_row() -> None:
    """A sort code that the table does not have is not checked, and the answer says so."""
    for table in (TABLE, ModulusTable()):
        checked = check_account(table, "010003", "12345678")
        assert (checked.answer, checked.why) == (Answer.UNCHECKED, "no check is known for this sort code")


@pytest.mark.parametrize(
    ("sort_code", "account_number"),
    [("08999", "66374958"), ("089999", "6637495"), ("08999x", "66374958"), ("089999", "6637495٨"), ("", "")],
)
def test_what_is_no_account_is_invalid(sort_code: str, account_number: str) -> None:
    """Other lengths, letters and digits of other scripts are no account."""
    assert check_account(TABLE, sort_code, account_number).answer == Answer.INVALID


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_fails_a_plain_modulus_11_check(number: int, place: int, step: int) -> None:
    """Of accounts that differ in one digit, with weights 8 to 1, at most one passes."""
    right = f"{number:08d}"
    wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
    answers = [check_account(TABLE, "107999", each).answer for each in (right, wrong)]
    assert answers.count(Answer.VALID) <= 1


def test_a_line_that_is_no_row_is_a_fault_with_its_place() -> None:
    """A torn line is named and left out; the others stand."""
    octets = b"089000 089999 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 1\r\n089000 089999 MOD12 0\r\n"
    table, faults = read_table(octets, b"938600\n")
    assert len(table.rows) == 1
    assert [(fault.file, fault.line, fault.code) for fault in faults] == [
        ("valacdos.txt", 2, "layout_unknown"),
        ("scsubtab.txt", 1, "layout_unknown"),
    ]


def test_an_exception_that_is_not_known_is_not_guessed() -> None:
    """A later table with a fifteenth exception is read, and its accounts are not checked."""
    table, faults = read_table(b"089000 089999 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 1 15\n")
    assert faults == ()
    assert check_account(table, "089999", "66374958").answer == Answer.UNCHECKED


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_no_bytes_are_too_much(weights: bytes, substitutes: bytes) -> None:
    """Whatever the files hold, reading ends with a table and faults."""
    table, _ = read_table(weights, substitutes)
    assert isinstance(table, ModulusTable)
