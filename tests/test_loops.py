"""Loops over rows: what they come to, that compiled they come to the same, and so do members in many blocks."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.generate import WORLDS, Life, lives, to_kernel
from tests.generate_rulebooks import MadeUp, made_up
from tests.test_cases import ALL_CASES, Case
from tests.test_laws import last_day, owed, program_of

from lifepot.entitle import read_told
from lifepot.kernel import blocks, compiled
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import Facts, People
from lifepot.kernel.operators import Overflow, running_total_between
from lifepot.kernel.program import Program, compile_program


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


def outcome(name: str, told: list[Life], as_of: int | None) -> tuple[object, ...]:
    """All that comes of lives under a rulebook, in an order of its own."""
    program = program_of(name)
    return outcome_of(program, *to_kernel(program, told), as_of, last_day(told))


def outcome_of(program: Program, people: People, facts: Facts, as_of: int | None, until: int) -> tuple[object, ...]:
    """All that comes of facts, in an order of its own: each amount with the facts behind it, refusals, gaps, openings."""
    given = assess(program, people, facts, as_of=as_of, accrue_until=until)
    fact, its = given.rows.fact, given.entitlements
    behind = Counter(
        (int(its.rule[i]), int(its.member[i]), int(its.effective_on[i]), int(its.window_start[i]),
         int(its.window_end[i]), int(its.amount[i]), int(fact[its.row[i]]),
         tuple(fact[its.refs[its.ref_starts[i] : its.ref_starts[i + 1]]].tolist()))
        for i in range(len(its))
    )  # fmt: skip
    refused = sorted(
        zip(fact[given.refusals.row].tolist(), given.refusals.amount.tolist(), given.refusals.by, strict=True)
    )  # fmt: skip
    gaps = {(code, value, number) for code, value, rows in given.gaps for number in fact[rows].tolist()}
    return owed(program, given), behind, refused, gaps, given.opened_on.tolist(), sorted(given.rows.member.tolist())


SEVERAL = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
several_lives = pytest.mark.parametrize("name", list(WORLDS))


@several_lives
@SEVERAL
@given(choose=st.data())
@pytest.mark.usefixtures("always_compiled")
def test_compiled_lives_come_to_the_same(name: str, choose: st.DataObject) -> None:
    """Under every rulebook machine code and NumPy bring the same, refuse the same and miss the same figures."""
    told = choose.draw(st.lists(lives(program_of(name).rulebook), min_size=1, max_size=4), "lives")
    as_of = choose.draw(st.none() | st.just(last_day(told)), "as of")
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(compiled, "MANY", 10**18)
        expected = outcome(name, told, as_of)
    assert outcome(name, told, as_of) == expected


@several_lives
@SEVERAL
@given(choose=st.data())
def test_lives_in_blocks_come_to_the_same(name: str, choose: st.DataObject) -> None:
    """Members gone through one by one bring what they bring together."""
    told = choose.draw(st.lists(lives(program_of(name).rulebook), min_size=2, max_size=4), "lives")
    expected = outcome(name, told, None)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(blocks, "ROWS", 4)
        assert outcome(name, told, None) == expected


# The loops as they stand, in Python's own integers: the same code as is compiled, under more than could be compiled


def held_both_ways(program: Program, people: People, facts: Facts, as_of: int | None, until: int) -> None:
    """Hold what comes of facts by NumPy against what comes of them by the loops."""
    by_numpy = outcome_of(program, people, facts, as_of, until)
    with pytest.MonkeyPatch.context() as loops:
        loops.setattr(compiled, "pays", lambda: True)
        loops.setattr(compiled, "run", compiled.run_plainly)
        assert outcome_of(program, people, facts, as_of, until) == by_numpy


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in ALL_CASES if case.runs])
def test_worked_cases_come_to_the_same_by_loops(case: Case, tmp_path: Path) -> None:
    """What the loops bring of a worked case, and the facts behind each amount, is what NumPy brings."""
    program = program_of(case.rulebook)
    told = read_told(program, *case.write(tmp_path))
    last = int(told.facts.on.max()) if len(told.facts) else case.as_of
    held_both_ways(program, told.people, told.facts, case.as_of, last)


@SEVERAL
@given(made=made_up())
def test_any_rulebook_comes_to_the_same_by_loops(made: MadeUp) -> None:
    """So it is with made-up rulebooks, in which any term may meet any other."""
    program = compile_program(made.rulebook)
    try:
        held_both_ways(program, *to_kernel(program, made.lives), made.as_of, last_day(made.lives))
    except Overflow:
        reject()
