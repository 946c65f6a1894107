import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifepot.banking.references import (
    LARGEST_NUMBER,
    LENGTH,
    Kind,
    Reference,
    find_references,
    is_creditor_reference,
    make_reference,
)
from lifepot.errors import Misuse

KINDS = st.sampled_from(Kind)
NUMBERS = st.integers(1, LARGEST_NUMBER)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -./"


def test_check_digits_by_hand() -> None:
    """W000000123 becomes 32 000000123 2715 00; that is 5 more than a multiple of 97, and 98 less 5 is 93."""
    assert 320000001232715_00 % 97 == 5
    assert make_reference(Kind.WITHDRAWAL, 123) == "RF93W000000123"


def test_published_creditor_references_are_sound() -> None:
    """The examples that circulate with ISO 11649 pass, and with a wrong digit do not."""
    assert is_creditor_reference("RF18 5390 0754 7034")
    assert is_creditor_reference("RF18000000000539007547034")
    assert not is_creditor_reference("RF18 5390 0754 7035")
    assert not is_creditor_reference("RF")


@given(KINDS, NUMBERS)
def test_a_reference_comes_back(kind: Kind, number: int) -> None:
    """What is made is found, is a creditor reference, and fits a Bacs reference."""
    made = make_reference(kind, number)
    assert find_references(made) == (Reference(kind, number),)
    assert str(find_references(made)[0]) == made
    assert is_creditor_reference(made)
    assert len(made) == LENGTH <= 18
    assert made.isascii()
    assert made.isupper()


@given(
    KINDS, NUMBERS, st.lists(st.sampled_from(["", " ", "-", "  ", "."]), min_size=13, max_size=13), st.text(max_size=20)
)
def test_a_reference_is_found_in_free_text(kind: Kind, number: int, gaps: list[str], after: str) -> None:
    """Lower case, gaps anywhere and words around it do not hide a reference."""
    assume(not after[:1].isdigit())
    made = make_reference(kind, number)
    spread = "".join(letter + gap for letter, gap in zip(made, [*gaps, ""], strict=True))
    assert find_references(f"FASTER PAYMENT {spread.lower()}/{after}")[0] == Reference(kind, number)


@given(KINDS, NUMBERS, st.integers(0, LENGTH - 1), st.sampled_from(LETTERS))
def test_one_wrong_character_is_noticed(kind: Kind, number: int, place: int, letter: str) -> None:
    """With any character in another's place, nothing is found."""
    made = make_reference(kind, number)
    assume(made[place] != letter.upper())
    assert find_references(made[:place] + letter + made[place + 1 :]) == ()


@given(KINDS, NUMBERS, st.integers(0, LENGTH - 2))
def test_a_swap_of_neighbours_is_noticed(kind: Kind, number: int, place: int) -> None:
    """With two neighbours in each other's place, nothing is found."""
    made = make_reference(kind, number)
    assume(made[place] != made[place + 1])
    assert find_references(made[:place] + made[place + 1] + made[place] + made[place + 2 :]) == ()


@given(KINDS, NUMBERS, st.integers(0, LENGTH - 1))
def test_a_lost_character_is_noticed(kind: Kind, number: int, place: int) -> None:
    """With a character gone, nothing is found."""
    made = make_reference(kind, number)
    assert find_references(made[:place] + made[place + 1 :]) == ()


def test_a_digit_too_many_is_noticed() -> None:
    """A digit that follows at once makes it another number, and nobody's."""
    assert find_references("RF93W0000001234") == ()


def test_several_references_are_found_once_each() -> None:
    """A text that names two, one of them twice, names two."""
    first, second = make_reference(Kind.CLAIM, 7), make_reference(Kind.REFUND, 8)
    assert find_references(f"{first} {second} {first}") == (Reference(Kind.CLAIM, 7), Reference(Kind.REFUND, 8))


def test_the_largest_number_has_nine_digits() -> None:
    """999,999,999 is the last number with a reference of 14 characters."""
    assert make_reference(Kind.CLAIM, 999_999_999).endswith("C999999999")


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000])
def test_a_number_without_a_reference_is_misuse(number: int) -> None:
    """Numbers are from 1 to 999,999,999."""
    with pytest.raises(Misuse, match="has no reference"):
        make_reference(Kind.CLAIM, number)


@given(st.text())
def test_no_text_is_too_much(text: str) -> None:
    """Whatever the text, looking for references ends."""
    assert isinstance(find_references(text), tuple)
