"""The small texts inside a rulebook, each on both sides of what may be said; and two lists laid side by side."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.alignment import EQUAL, Pair, aligned

READ: dict[Callable[[str], object], dict[str, object]] = {
    scalars.parse_rate: {
        "3%": Fraction(3, 100), "0.5 %": Fraction(1, 200), "0": 0, "0.999999": Fraction(999_999, 10**6), "1000%": 10,
        "1/3": Fraction(1, 3), "10/1": 10, "0/1": 0, "3/2": Fraction(3, 2), "50p per £1": Fraction(1, 2),
        "100c per €1": 1, "25c per S$1": Fraction(1, 4), "1c per NZ$1": Fraction(1, 100), "1c per $1": Fraction(1, 100),
    },
    scalars.parse_money: {
        "0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "0.01": 1, "007": 700, "10000000000000.00": 10**15,
        "00000000000000000001": 100,
    },
    scalars.parse_age: {"0": 0, "16": 192, "66y": 792, "66y 5m": 797, "66y 11m": 803, "66y 0m": 792, "999": 11_988},
    scalars.parse_number: {"0": 0, "007": 7, "999999999999": 999_999_999_999},
    scalars.parse_months: {"0": 0, "1200": 1200},
    scalars.parse_back: {"0": 0, "60": 60},
    scalars.parse_months_averaged: {"1": 1, "120": 120},
    scalars.parse_month_day: {"01-01": (1, 1), "12-28": (12, 28), "04-06": (4, 6)},
    scalars.parse_yes_no: {"yes": 1, "No": 0, "TRUE": 1, "false": 0, "y": 1, "N": 0, "1": 1, "0": 0},
    scalars.parse_percent: {"5": 50_000, "4.5": 45_000, "5%": 50_000, "0.0001": 1, "100": 1_000_000, "999.9999%": 9_999_999},
    scalars.parse_rounding: {
        "half_up penny": ("half_up", 1), "down pound": ("down", 100), "up cent": ("up", 1),
        "half_even euro": ("half_even", 100), "down dollar": ("down", 100),
    },
}  # fmt: skip

REFUSED: dict[Callable[[str], object], list[tuple[str, type[ValueError], str]]] = {
    scalars.parse_rate: [
        ("1", scalars.Absurd, "'1' (100 %) is not 1% or 100%"),
        ("5", scalars.Absurd, "'5' (500 %) is not 5% or 500%"),
        ("10", scalars.Absurd, "'10' (1000 %) is not 10% or 1000%"),
        ("25", scalars.Absurd, "'25' (2500 %) is not 25% or 0.25"),
        ("12.5", scalars.Absurd, "'12.5' (1250 %) is not 12.5% or 0.125"),
        ("1001%", scalars.Absurd, "'1001%' is not a rate of at most 1,000 %"),
        ("21/2", scalars.Absurd, "'21/2' is not a rate of at most 1,000 %"),
        ("1/0", ValueError, "'1/0', which divides by nothing, is not a rate such as 1/3"),
        ("3 per cent", ValueError, "'3 per cent' is not a rate such as 3%, 0.03, 1/3 or 50p per £1"),
        ("0.1234567", ValueError, "'0.1234567' is not a rate"),
        ("-1%", ValueError, "'-1%' is not a rate"),
    ],
    scalars.parse_money: [
        ("10000000000000.01", scalars.Absurd, "is not an amount of at most 10,000,000,000,000"),
        ("1" + "0" * 400, scalars.Absurd, "is not an amount of at most 10,000,000,000,000"),
        ("12.505", ValueError, "'12.505' is not an amount such as 12.50, zero or more"),
        ("-1", ValueError, "'-1' is not an amount"),
        ("1,000", ValueError, "'1,000' is not an amount"),
    ],
    scalars.parse_age: [("66y 12m", ValueError, "is not an age such as 16 or 66y 5m"), ("1000", ValueError, "is not an age")],
    scalars.parse_number: [("", ValueError, "is not a whole number"), ("1" * 13, ValueError, "is not"), ("1.0", ValueError, "is not")],
    scalars.parse_months: [("1201", scalars.Absurd, "'1201' is not at most 1,200"), ("-1", ValueError, "is not a whole number")],
    scalars.parse_back: [("61", scalars.Absurd, "'61' is not at most 60")],
    scalars.parse_months_averaged: [("121", scalars.Absurd, "'121' is not at most 120")],
    scalars.parse_month_day: [
        (one, ValueError, "is not a month and day such as 04-06 (day 28 at the latest)")
        for one in ("00-01", "13-01", "01-00", "01-29", "1-1", "04/06")
    ],
    scalars.parse_yes_no: [("maybe", ValueError, "'maybe' is not yes or no"), ("2", ValueError, "is not yes or no")],
    scalars.parse_percent: [
        (one, ValueError, "is not a percentage such as 5 or 4.5") for one in ("1000", "0.00001", "5 %", "", "-5")
    ],
    scalars.parse_rounding: [
        (one, ValueError, "is not a rounding such as half_up penny or down pound")
        for one in ("half_up", "penny", "half_up shilling", "nearest penny", "down  pound")
    ],
}  # fmt: skip


@pytest.mark.parametrize("parse", list(READ), ids=lambda one: one.__name__)
def test_what_is_read(parse: Callable[[str], object]) -> None:
    """Each way of writing a figure is read, up to the largest and down to the smallest."""
    assert {text: parse(text) for text in READ[parse]} == READ[parse]


@pytest.mark.parametrize("parse", list(REFUSED), ids=lambda one: one.__name__)
def test_what_is_not_read(parse: Callable[[str], object]) -> None:
    """What is a little more, or written otherwise, is refused with what would be right; as absurd where it reads."""
    for text, kind, said in REFUSED[parse]:
        with pytest.raises(ValueError, match="is not") as raised:
            parse(text)
        assert type(raised.value) is kind, text
        assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "currency", "right"),
    [
        ("25p per £1", "GBP", None),
        ("25c per €1", "GBP", "25p per £1"),
        ("25p per £1", "EUR", "25c per €1"),
        ("25c per £1", "GBP", "25p per £1"),
        ("25c per $1", "SGD", None),
        ("25c per S$1", "SGD", None),
        ("25c per NZ$1", "SGD", "25c per S$1"),
        ("25c per S$1", "NZD", "25c per NZ$1"),
        ("25c per S$1", "USD", "25c per $1"),
        ("25%", "EUR", None),
        ("half_up penny", "GBP", None),
        ("half_up penny", "EUR", "half_up cent"),
        ("down pound", "GBP", None),
        ("down pound", "USD", "down dollar"),
        ("up cent", "GBP", "up penny"),
        ("half_even euro", "GBP", "half_even pound"),
        ("half_up shilling", "GBP", None),
        ("nearest cent", "GBP", None),
    ],
)
def test_what_is_said_in_another_currency(text: str, currency: str, right: str | None) -> None:
    """A rate or rounding in another currency's words is put right; in its own, or in no words of money, it is left."""
    assert scalars.put_right(text, currency) == right


def test_days_are_read_by_unit_and_kind() -> None:
    """A value's or an attribute's figure is read by its unit or kind, and a choice by none."""
    assert scalars.PARSER_BY_UNIT["day"]("2026-04-06") == parse_day("2026-04-06")
    assert scalars.PARSER_BY_KIND["percent"]("5") == 50_000
    assert {*scalars.PARSER_BY_UNIT} == {"money", "rate", "age", "number", "day"}
    assert {*scalars.PARSER_BY_KIND} == {"yes_no", "money", "percent", "number", "day"}


# Lists side by side


def likeness(one: str, other: str) -> int:
    """Equal, or alike by a letter in common."""
    return EQUAL if one == other else len({*one} & {*other})


def worth(pairs: list[Pair], before: list[str], after: list[str]) -> int:
    """How much likeness a pairing has."""
    return sum(likeness(before[i], after[j]) for i, j in pairs if i is not None and j is not None)


def best_worth(before: list[str], after: list[str]) -> int:
    """The most that any pairing in order has."""
    return max(
        sum(likeness(before[i], after[j]) for i, j in zip(ours, theirs, strict=True))
        for count in range(min(len(before), len(after)) + 1)
        for ours in combinations(range(len(before)), count)
        for theirs in combinations(range(len(after)), count)
    )


words = st.lists(st.sampled_from(["a", "b", "ab", "bc", "d"]), max_size=5)


@settings(deadline=None)
@given(words, words)
def test_lists_side_by_side(before: list[str], after: list[str]) -> None:
    """Both lists are told whole and in order, with as much alike as any pairing has; exchanged, the pairs are exchanged."""
    pairs = aligned(before, after, likeness, str)
    assert [i for i, _ in pairs if i is not None] == list(range(len(before)))
    assert [j for _, j in pairs if j is not None] == list(range(len(after)))
    assert all(likeness(before[i], after[j]) for i, j in pairs if i is not None and j is not None)
    assert worth(pairs, before, after) == best_worth(before, after)
    assert sorted(map(str, aligned(after, before, likeness, str))) == sorted(str((j, i)) for i, j in pairs)


def test_long_lists_are_not_matched() -> None:
    """Of lists whose comparisons are too many, only what is the same at both ends is put together."""
    for size, alike in ((200, True), (201, False)):
        before = ["same", *(f"{n} x" for n in range(size)), "end"]
        after = ["same", *(f"{n} x y" for n in range(200)), "end"]
        pairs = aligned(before, after, likeness, str)
        assert pairs[0] == (0, 0)
        assert pairs[-1] == (len(before) - 1, len(after) - 1)
        assert any(i is not None and j is not None for i, j in pairs[1:-1]) is alike
        if not alike:
            assert pairs[1:-1] == [(1 + n, None) for n in range(201)] + [(None, 1 + n) for n in range(200)]
