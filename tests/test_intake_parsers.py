"""Each parser's two readings of a cell, the fast and the exact, are held equal on any text."""

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifepot.intake.cells import PAD, Span
from lifepot.intake.layouts import KIND, PAYROLL_FREQUENCY
from lifepot.intake.parsers import Amount, CellError, Day, Moment, Name, Nino, Parser, Word
from lifepot.kernel.columns import NONE

PARSERS: list[Parser] = [Amount(), Day(), Moment(), Nino(), Name(), PAYROLL_FREQUENCY, KIND]

near = st.one_of(
    st.from_regex(r"-?[0-9]{0,10}\.?[0-9]{0,3}", fullmatch=True),
    st.from_regex(r"(1899|1900|2024|2026|2199|2200)-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(r"2026-0[1-3]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(Z|\+01:00)?", fullmatch=True),
    st.from_regex(r"[A-Z]{2}[0-9]{6}[A-E ]?", fullmatch=True),
    st.sampled_from(["M1", "W4", "m1", "M", "M12", "pay", "withdrawn", "WITHDRAWN", "status", "statusx"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)


def table(texts: list[str]) -> tuple[np.ndarray, Span]:
    """The texts side by side in one buffer, with digits around them that a careless gather would read."""
    octets = b"9" * PAD + "".join(texts).encode() + b"9" * PAD
    stop = np.cumsum([len(text.encode()) for text in texts]) + PAD
    return np.frombuffer(octets, dtype=np.uint8), Span(np.concatenate(([PAD], stop[:-1])), stop)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: type(parser).__name__)
@settings(max_examples=120, deadline=None)
@given(texts=st.lists(near, min_size=1, max_size=8))
@example(texts=["", "0", "12345678.90", "123456789.00", "1.5", ".50", "00000000.00", "1:34.50"])
@example(texts=["2026-02-29", "2024-02-29", "1900-01-01", "2199-12-31", "2026-13-01", "2026-00-10", "2026/01/01"])
def test_fast_and_exact_agree(parser: Parser, texts: list[str]) -> None:
    """What the fast reading does not doubt, the exact one reads the same; an empty cell is never doubted."""
    values, doubtful = parser.many(*table(texts))
    for text, value, doubted in zip(texts, values.tolist(), doubtful.tolist(), strict=True):
        if not text:
            assert not doubted
        elif not doubted:
            assert value == parser.one(text), text


def test_the_usual_is_never_doubted() -> None:
    """What real files hold is read on the fast path, or a million rows would be read one by one."""
    usual: list[tuple[Parser, str]] = [
        (Amount(), "1234.50"), (Amount(), "0.00"), (Amount(), "17"), (Day(), "1961-12-31"), (Nino(), "RN000008A"),
        (Nino(), "RN000008"), (Name(), "P-00017"), (Moment(), "2026-05-03T09:15:00Z"), (PAYROLL_FREQUENCY, "M1"),
    ]  # fmt: skip
    for parser, text in usual:
        values, doubtful = parser.many(*table([text]))
        assert not doubtful.any(), text
        assert values[0] == parser.one(text)


def test_every_day_of_three_centuries() -> None:
    """Every date from 1900 to 2199 is the day the calendar says."""
    days = range(date(1900, 1, 1).toordinal(), date(2200, 1, 1).toordinal())
    texts = [date.fromordinal(day).isoformat() for day in days]
    values, doubtful = Day().many(*table(texts))
    assert not doubtful.any()
    np.testing.assert_array_equal(values, np.array(days) - date(1970, 1, 1).toordinal())


@pytest.mark.parametrize(
    ("parser", "text", "code"),
    [
        (Amount(), "1,234.50", "amount_comma"),
        (Amount(), "12,5", "amount_comma"),
        (Amount(), "12.505", "amount_decimals"),
        (Amount(), "-0.01", "amount_negative"),
        (Amount(), "10000000000000.01", "amount_too_large"),
        (Amount(), "9" * 5000, "amount_too_large"),
        (Amount(), "£5", "amount_not_number"),
        (Amount(), "1e3", "amount_not_number"),
        (Day(), "2026-02-30", "date_impossible"),
        (Day(), "30/04/2026", "date_impossible"),
        (Day(), "20260430", "date_impossible"),
        (Day(), "0202-04-30", "date_impossible"),
        (Moment(), "2026-05-03", "moment_impossible"),
        (Moment(), "2026-05-03T25:00:00Z", "moment_impossible"),
        (Nino(), "DA123456A", "nino_impossible"),
        (Nino(), "AO123456A", "nino_impossible"),
        (Nino(), "GB123456A", "nino_impossible"),
        (Nino(), "TN010190F", "nino_impossible"),
        (Nino(), "TN010190A", "nino_impossible"),
        (Nino(), "AB123456E", "nino_impossible"),
        (Nino(), "AB12345", "nino_impossible"),
        (Name(), "x" * 36, "text_too_long"),
        (PAYROLL_FREQUENCY, "Q1", "frequency_unknown"),
        (KIND, "payment", "kind_unknown"),
    ],
)
def test_what_cannot_be_read(parser: Parser, text: str, code: str) -> None:
    """A cell that means nothing is doubted by the fast reading and refused by the exact one, with its code."""
    _, doubtful = parser.many(*table([text]))
    assert doubtful.all()
    with pytest.raises(CellError) as caught:
        parser.one(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("parser", "text", "value"),
    [
        (Amount(), "10000000000000.00", 10**15),
        (Amount(), "-0.00", 0),
        (Amount(), "7.5", 750),
        (Nino(), "ab 12 34 56 c", b"AB123456C"),
        (Moment(), "1970-01-02T01:00:00+01:00", 86_400),
        (Moment(), "1970-01-02T00:00:00.900Z", 86_400),
        (PAYROLL_FREQUENCY, "IR", -1),
        (Word({"ride": 3}, "job_kind_unknown"), "Ride", 3),
    ],
)
def test_what_is_read_exactly(parser: Parser, text: str, value: int | bytes) -> None:
    """Unusual but plain spellings are understood."""
    assert parser.one(text) == value


def test_an_empty_cell_says_nothing() -> None:
    """An empty amount is not zero."""
    values, _ = Amount().many(*table(["", "0.00"]))
    assert values.tolist() == [NONE, 0]
