"""The kernel's arithmetic on columns, by figures worked by hand."""

import numpy as np
import pytest

from lifepot.kernel.operators import Groups, Overflow, differences, round_exact, running_total_between
from lifepot.kernel.program import compile_program
from lifepot.rulebook.reader import shipped


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("half_even", [0, 0, 2, 2, 2, 4, 0, -2, -2]),
        ("half_up", [0, 1, 2, 2, 3, 4, -1, -2, -3]),
        ("down", [0, 0, 1, 1, 2, 3, 0, -1, -2]),
        ("up", [1, 1, 2, 2, 3, 4, -1, -2, -3]),
    ],
)
def test_each_way_of_rounding(how: str, expected: list[int]) -> None:
    """Halves go to the even neighbour or away from nothing; `down` goes towards nothing, `up` away from it."""
    hundredths = np.array([49, 50, 150, 151, 250, 350, -50, -150, -250], dtype=np.int64)
    assert round_exact(hundredths, 100, how, 1).tolist() == expected


def test_rounding_to_a_multiple() -> None:
    """A half of ten pence goes to the even ten under half_even, and up under half_up."""
    pence = np.array([5, 15, 25, 35], dtype=np.int64)
    assert round_exact(pence, 1, "half_even", 10).tolist() == [0, 20, 20, 40]
    assert round_exact(pence, 1, "half_up", 10).tolist() == [10, 20, 30, 40]


def test_differences_within_groups() -> None:
    """Each row less the row before it; a group's first row less what stood before the group, and nothing if not said."""
    totals, heads = np.array([10, 15, 7, 7]), np.array([0, 2])
    assert differences(totals, Groups(heads, len(totals))).tolist() == [10, 5, 7, 0]
    assert differences(totals, Groups(heads, len(totals)), np.array([4, 4, 2, 2])).tolist() == [6, 5, 5, 0]


def test_a_bounded_total_refuses_what_it_cannot_count() -> None:
    """Two parts that together leave int64 are refused; small ones are added up under the cap of each row."""
    first, cap = np.array([True, False]), np.array([100, 6])
    assert running_total_between(np.array([4, 5]), first, from_zero=True, cap=cap).tolist() == [4, 6]
    with pytest.raises(Overflow):
        running_total_between(np.array([-(2**62), -(2**62)]), first, from_zero=False, cap=cap)


@pytest.mark.parametrize(("name", "carries"), [("lifetime-savings-account", True), ("uk-automatic-enrolment", False)])
def test_what_can_be_carried(name: str, carries: bool) -> None:
    """Where members are kept whole a later batch goes on from totals; where each job is kept alone it does not."""
    assert compile_program(shipped(name)).carries is carries


def test_whole_pence_stay_as_they_are() -> None:
    """Whole pence rounded to the penny are the same pence."""
    assert round_exact(np.array([-3, 0, 7]), 1, "half_up", 1).tolist() == [-3, 0, 7]
