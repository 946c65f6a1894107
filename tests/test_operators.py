"""The kernel's arithmetic on columns: by figures worked by hand, and as plain Python does it row by row.

Each operation is tried both ways it has: by NumPy, and by the loop that is compiled where there are many rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import accumulate, groupby
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.kernel import compiled, operators
from lifepot.kernel.operators import LIMIT, Groups, Overflow, differences, round_exact, running_total_between
from lifepot.kernel.program import compile_program
from lifepot.rulebook.reader import shipped

Rows = list[tuple[int, int]]
"""A group's number and a figure, a row each."""


@contextmanager
def way(*, by_loops: bool) -> Iterator[None]:
    """Operations by loops as they stand, or by NumPy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "pays", lambda: by_loops)
        patch.setattr(compiled, "run", compiled.run_plainly)
        yield


def column(figures: list[int]) -> Any:
    """Figures as a column."""
    return np.array(figures, dtype=np.int64)


def heads_of(rows: Rows) -> Any:
    """The first row of each group."""
    return column([at for at, (group, _) in enumerate(rows) if at == 0 or rows[at - 1][0] != group])


def groups_of(rows: Rows) -> Groups:
    """The groups of rows."""
    return Groups(heads_of(rows), len(rows))


def by_group(rows: Rows, work: Callable[[list[int]], list[int]]) -> list[int]:
    """What work makes of each group's figures."""
    return [one for _, group in groupby(rows, lambda row: row[0]) for one in work([figure for _, figure in group])]


def not_below_zero(parts: list[int]) -> list[int]:
    """A running total that forgets what would fall below nothing."""
    return list(accumulate(parts, lambda held, part: max(held + part, 0), initial=0))[1:]


def subtracted(figures: list[int]) -> list[int]:
    """What each adds to the one before it."""
    return [one - before for before, one in zip([0, *figures], figures, strict=False)]


GROUPED = {
    "running_total": lambda parts: list(accumulate(parts)),
    "running_total_not_below_zero": not_below_zero,
    "running_max": lambda parts: list(accumulate(parts, max)),
    "running_min": lambda parts: list(accumulate(parts, min)),
    "differences": subtracted,
}

some_rows = st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), max_size=12).map(
    lambda told: list(zip(accumulate(anew for anew, _ in told), (figure for _, figure in told), strict=True))
)
"""Groups side by side, each row of which begins a new group or does not."""

some = settings(max_examples=40, deadline=None)
"""Tables are small, so that some of them are all there is to see."""

both_ways = pytest.mark.parametrize("by_loops", [False, True], ids=["numpy", "loops"])


@both_ways
@pytest.mark.parametrize("name", list(GROUPED))
@some
@given(rows=some_rows)
def test_what_is_done_within_groups(name: str, by_loops: bool, rows: Rows) -> None:
    """Each running figure begins anew with its group and is what plain Python makes of the group's rows."""
    with way(by_loops=by_loops):
        found = getattr(operators, name)(column([figure for _, figure in rows]), groups_of(rows))
    assert found.tolist() == by_group(rows, GROUPED[name])


@both_ways
@some
@given(rows=some_rows, said=st.lists(st.booleans(), min_size=12, max_size=12), before=st.integers(-3, 3))
def test_what_was_said_last_is_held(by_loops: bool, rows: Rows, said: list[bool], before: int) -> None:
    """What a row says holds to the end of its group or until something else is said; before it, what held before."""
    expected: list[int] = []
    for at, (group, figure) in enumerate(rows):
        is_first = at == 0 or rows[at - 1][0] != group
        expected.append(figure if said[at] else before if is_first else expected[-1])
    with way(by_loops=by_loops):
        figures, told = column([figure for _, figure in rows]), np.array(said[: len(rows)], dtype=np.bool_)
        assert operators.held_since(figures, told, groups_of(rows), before).tolist() == expected


@both_ways
@some
@given(rows=some_rows)
def test_groups_and_their_rows(by_loops: bool, rows: Rows) -> None:
    """The first rows of groups are found by either of two keys, and a group's figure is spread over its rows."""
    groups, figures = column([group for group, _ in rows]), column([figure for _, figure in rows])
    with way(by_loops=by_loops):
        assert operators.heads_of(groups, groups * 0).tolist() == heads_of(rows).tolist()
        assert operators.heads_of(groups * 0, groups).tolist() == heads_of(rows).tolist()
        both = list(zip(groups.tolist(), figures.tolist(), strict=True))
        heads = [at for at, one in enumerate(both) if at == 0 or both[at - 1] != one]
        assert operators.heads_of(groups, figures).tolist() == heads
        firsts = figures[heads_of(rows)] if rows else figures
        expected = by_group(rows, lambda own: [own[0]] * len(own))
        assert operators.spread(firsts, heads_of(rows), len(rows)).tolist() == expected


@both_ways
@some
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), max_size=8), st.booleans())
def test_the_order_of_a_table(by_loops: bool, keys: list[tuple[int, ...]], ordered: bool) -> None:
    """A table is put in the order of its four keys, rows that are alike staying as they stood; one in order is left."""
    keys = sorted(keys) if ordered else keys
    with way(by_loops=by_loops):
        order = operators.order_of(*(column([one[at] for one in keys]) for at in range(4)))
    if keys == sorted(keys):
        assert order is None
    else:
        assert order is not None
        assert order.tolist() == sorted(range(len(keys)), key=lambda at: keys[at])


def test_the_order_by_fewer_keys() -> None:
    """A later key counts only where the earlier ones are the same."""
    first, second = column([1, 1, 2, 2]), column([1, 2, 1, 1])
    for by_loops in (False, True):
        with way(by_loops=by_loops):
            assert operators.order_of(first, second) is None
            order = operators.order_of(first, second[::-1])
            assert order is not None
            assert order.tolist() == [0, 1, 3, 2]


def test_rows_among_all() -> None:
    """Rows are marked among all, and figures put at them with nothing elsewhere."""
    assert operators.marked(column([0, 2]), 4).tolist() == [True, False, True, False]
    assert operators.placed(column([7, -8]), column([2, 0]), 4).tolist() == [-8, 0, 7, 0]
    assert operators.placed(column([]), column([]), 2).tolist() == [0, 0]


# Rounding


ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "down": floor,
    "up": ceil,
    "half_up": lambda figure: floor(figure + Fraction(1, 2)),
    "half_even": round,
}

numerators = st.integers(-(10**6), 10**6) | st.integers(2**61, 2**62 - 1) | st.integers(-(2**62) + 1, -(2**61))
denominators = st.integers(1, 12) | st.integers(1, 10**4)


@pytest.mark.parametrize("how", list(ROUNDINGS))
@some
@given(
    told=st.lists(st.tuples(numerators, denominators), max_size=5),
    alike=st.none() | denominators,
    unit=st.sampled_from([1, 2, 10, 100]),
)
def test_rounding_is_exact(how: str, told: list[tuple[int, int]], alike: int | None, unit: int) -> None:
    """A fraction is rounded away from nothing, or towards it, or to the nearest, as an exact one is: however large."""
    num, den = column([one for one, _ in told]), alike or column([one for _, one in told])
    expected = []
    for figure, own in told:
        size = Fraction(abs(figure), (alike or own) * unit)
        expected.append((1 if figure >= 0 else -1) * ROUNDINGS[how](size) * unit)
    assert round_exact(num, den, how, unit).tolist() == expected


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
    hundredths = column([49, 50, 150, 151, 250, 350, -50, -150, -250])
    assert round_exact(hundredths, 100, how, 1).tolist() == expected


def test_rounding_to_a_multiple() -> None:
    """A half of ten pence goes to the even ten under half_even, and up under half_up."""
    pence = column([5, 15, 25, 35])
    assert round_exact(pence, 1, "half_even", 10).tolist() == [0, 20, 20, 40]
    assert round_exact(pence, 1, "half_up", 10).tolist() == [10, 20, 30, 40]


def test_whole_pence_stay_as_they_are() -> None:
    """Whole pence rounded to the penny are the same pence."""
    assert round_exact(column([-3, 0, 7]), 1, "half_up", 1).tolist() == [-3, 0, 7]


# 64 bits


def test_the_largest_figures() -> None:
    """What 64 bits just hold is worked out, and one more is refused: of a figure, a product, a sum, a rounding."""
    assert LIMIT == 2**63 - 1
    assert [operators.fits(LIMIT), operators.fits(-LIMIT)] == [LIMIT, -LIMIT]
    half = 2**62 - 1
    assert operators.times(column([half, 3]), 2).tolist() == [2 * half, 6]
    assert operators.times(column([-half]), column([2])).tolist() == [-2 * half]
    assert operators.product(half, 2) == 2 * half
    assert list(operators.product(column([half]), 2)) == [2 * half]  # type: ignore[arg-type]
    assert operators.times(column([LIMIT]), 1).tolist() == [LIMIT]
    for refused in (
        lambda: operators.fits(LIMIT + 1),
        lambda: operators.fits(-LIMIT - 1),
        lambda: operators.times(column([half + 1]), 2),
        lambda: operators.times(column([-half - 1, 3]), 2),
        lambda: operators.times(column([3, half + 1]), column([2, 1])),
        lambda: operators.product(half + 1, 2),
        lambda: round_exact(column([1]), half, "down", 4),
        lambda: operators.sums_fit(column([half + 1, half + 1])),
        lambda: operators.sums_fit(column([half + 1, -half - 1])),
        lambda: operators.running_total(column([half + 1, half + 1]), Groups(column([0]), 2)),
    ):
        with pytest.raises(Overflow, match="too large to be added up exactly"):
            refused()
    operators.sums_fit(column([half, half]))  # their sum is 2**63 - 2
    operators.sums_fit(column([2**60] * 1 + [1] * 100))
    assert [operators.largest(one) for one in (column([]), column([3, -7]), column([-7, 9]))] == [0, 7, 9]
    assert [operators.largest(-5), operators.largest(5)] == [5, 5]


@both_ways
def test_the_largest_of_many(by_loops: bool) -> None:
    """Of many rows, which a loop goes through, the largest is found above nothing and below it, wherever it stands."""
    for many in (operators.SHORT, operators.SHORT + 1):
        for place in (0, 1, many - 1):
            for figure in (7, -9):
                rows = column([3] * many)
                rows[place] = figure
                with way(by_loops=by_loops):
                    assert operators.largest(rows) == abs(figure)
                    assert operators.largest(-rows) == abs(figure)


@both_ways
def test_the_highest_of_large_figures(by_loops: bool) -> None:
    """The highest so far is found of figures that two groups leave room for; NumPy, which sets groups apart, refuses more."""
    large = 2**60
    rows = column([-large, large, -large]), Groups(column([0, 2]), 3)
    with way(by_loops=by_loops):
        if by_loops:
            assert operators.running_max(*rows).tolist() == [-large, large, -large]
        else:
            with pytest.raises(Overflow):
                operators.running_max(*rows)
        assert operators.running_max(rows[0] // 2, rows[1]).tolist() == [-large // 2, large // 2, -large // 2]


def test_differences_within_groups() -> None:
    """Each row less the row before it; a group's first row less what stood before the group, and nothing if not said."""
    totals, groups = column([10, 15, 7, 7]), Groups(column([0, 2]), 4)
    for by_loops in (False, True):
        with way(by_loops=by_loops):
            assert differences(totals, groups).tolist() == [10, 5, 7, 0]
            assert differences(totals, groups, column([4, 4, 2, 2])).tolist() == [6, 5, 5, 0]


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
