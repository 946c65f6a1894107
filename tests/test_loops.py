"""Loops over rows: what they come to, and that compiled they come to the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.kernel import compiled
from lifepot.kernel.operators import Overflow, running_total_between


@pytest.fixture
def always_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every loop compiled, however few the rows."""
    pytest.importorskip("numba")
    monkeypatch.setattr(compiled, "MANY", 0)


def between(rows: list[tuple[int, bool, int]], *, from_zero: bool) -> list[int]:
    """`running_total_between` of rows of a part, whether a group begins, and a cap."""
    parts, first, cap = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return running_total_between(parts, first != 0, from_zero=from_zero, cap=cap).tolist()


def test_a_balance_stops_at_its_cap_and_at_nothing() -> None:
    """Money in fills up to the cap of its day; a cap that comes down takes nothing away; money out stops at nothing."""
    rows = [(60, True, 100), (60, False, 100), (5, False, 50), (-30, False, 50), (90, False, 120), (-500, False, 120)]
    assert between(rows, from_zero=True) == [60, 100, 100, 70, 120, 0]
    assert between(rows, from_zero=False) == [60, 100, 100, 70, 120, -380]


def test_a_balance_begins_anew_with_its_group() -> None:
    """What one group came to is nothing to the next."""
    assert between([(60, True, 100), (60, False, 100), (10, True, 100), (10, False, 15)], from_zero=True) == [
        60,
        100,
        10,
        15,
    ]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-200, 200), st.booleans(), st.integers(0, 300)), min_size=1),
    st.booleans(),
)
@pytest.mark.usefixtures("always_compiled")
def test_compiled_comes_to_the_same(rows: list[tuple[int, bool, int]], from_zero: bool) -> None:
    """Machine code and plain Python fill the same balances."""
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(compiled, "MANY", 10**18)
        expected = between(rows, from_zero=from_zero)
    assert between(rows, from_zero=from_zero) == expected


def test_balances_that_leave_64_bits_are_refused() -> None:
    """A balance that leaves 64 bits is refused before it wraps; one that its cap holds is not, whatever is paid in."""
    huge = 2**62
    assert between([(huge, True, 100), (huge, False, 100), (huge, False, 200)], from_zero=True) == [100, 100, 200]
    with pytest.raises(Overflow):
        between([(-huge, True, 0), (-huge, False, 0), (-huge, False, 0)], from_zero=False)
