"""Open figures, attacked: every pair of figures, every step, every solved system of tables, on every day, tells of nobody or of ten."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.schemes import Scheme, opened, paid, pay, withdrawn

from lifepot.papers.groups import FEWEST, Group, grouped
from lifepot.papers.openly import Crowd, Month, OpenFigures, Row, open_figures, rounded, shown
from lifepot.storage.server import EmbeddedServer

Int = NDArray[np.int64]
GROUP_OF = 12
"""Smaller groups than are used, so that there are many and they often fail."""


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """People who come in waves, most paying by one rule, some beside it, some taking out; months in which few do anything."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people, months = draw(st.integers(5, 110)), draw(st.integers(1, 5))
    busy = draw(st.sampled_from([0.02, 0.3, 0.9, 1.0]))
    odd = draw(st.sampled_from([0.0, 0.01, 0.1, 0.5]))
    entered = np.sort(chance.integers(0, months, people))
    traits = np.column_stack([chance.integers(0, size, people) for size in (2, 3, 2)])
    steps = np.zeros((people, months, 3), np.int64)
    alike = draw(st.booleans())
    wage = np.full((people, 1), 60_00) if alike else chance.integers(20_00, 90_00, (people, 1))
    pays = (chance.random((people, months)) < busy) & (np.arange(months) >= entered[:, None])
    pays |= np.arange(months) == entered[:, None]
    steps[:, :, 0] = wage * pays
    steps[:, :, 1], steps[:, :, 2] = steps[:, :, 0], steps[:, :, 0] // 2
    beside = (chance.random((people, months)) < odd) & pays
    steps[:, :, 0] += beside * chance.integers(-50_00, 5_000_00, (people, months))
    out = (chance.random((people, months)) < odd) * steps.sum(axis=2) // 2
    running = steps.cumsum(axis=1)
    return Crowd(entered, traits, running, running.sum(axis=2) - out.cumsum(axis=1))


def tells_of_few(vector: Int) -> bool:
    """The rule, said once more by itself: some people's amounts, fewer than ten of them or one more than half of all."""
    size = sorted(abs(amount) for amount in vector.tolist() if amount)
    return bool(size) and (len(size) < FEWEST or Fraction(size[-1], sum(size)) > Fraction(1, 2))


def of_each(crowd: Crowd, groups: list[Group], row: Row) -> Int:
    """Each person's part of a figure."""
    found = np.zeros(len(crowd.entered), np.int64)
    for at, state in row.parts:
        found[groups[at].people] += crowd.paid[groups[at].people, state].sum(axis=1)
    assert found.sum() == row.paid, "the figure is the sum of its people"
    return found


def figures(month: Month) -> list[Row]:
    """Every figure of a month, in all its tables."""
    return [month.total, *(row for rows in month.tables.values() for row in rows)]


def solved(rows: list[list[int]]) -> list[list[Fraction]]:
    """The reduced row echelon form of a system: all that its figures, added and taken away as one likes, tell by themselves."""
    matrix = [[Fraction(cell) for cell in row] for row in rows]
    done = 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((at for at in range(done, len(matrix)) if matrix[at][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [cell / matrix[done][column] for cell in matrix[done]]
        for at in range(len(matrix)):
            if at != done and (times := matrix[at][column]):
                matrix[at] = [one - times * other for one, other in zip(matrix[at], matrix[done], strict=True)]
        done += 1
    return matrix[:done]


@settings(max_examples=60, deadline=None)
@given(crowds())
def test_no_two_figures_differ_by_few(crowd: Crowd) -> None:
    """Any figure, and any figure less any other of any table and month: ten people or nobody, none more than half of it."""
    groups = grouped(crowd.entered, crowd.traits, crowd.paid.shape[1], GROUP_OF)
    months = shown(crowd, GROUP_OF)
    each = {row.parts: of_each(crowd, groups, row) for month in months for row in figures(month)}
    people = {parts: set().union(*(groups[at].people.tolist() for at, _ in parts)) for parts in each}
    for row in (row for month in months for row in figures(month)):
        assert row.members == len(people[row.parts])
    for vector in each.values():
        assert not tells_of_few(vector)
    for one, other in combinations(each, 2):
        assert not tells_of_few(each[one] - each[other])
        assert len(people[one] ^ people[other]) == 0 or len(people[one] ^ people[other]) >= GROUP_OF


@settings(max_examples=60, deadline=None)
@given(crowds())
def test_no_two_steps_differ_by_few(crowd: Crowd) -> None:
    """What a line grew by from one month to the next, less what it or another grew by in any: ten people or nobody."""
    groups = grouped(crowd.entered, crowd.traits, crowd.paid.shape[1], GROUP_OF)
    lines: dict[tuple[str, int], list[Int]] = {}
    for month in shown(crowd, GROUP_OF):
        for name, rows in {**month.tables, "total": [month.total]}.items():
            for row in rows:
                lines.setdefault((name, row.label), []).append(of_each(crowd, groups, row))
    steps = [after - before for line in lines.values() for before, after in pairwise(line)]
    for one, other in combinations(steps, 2):
        assert not tells_of_few(one - other)


@settings(max_examples=60, deadline=None)
@given(crowds())
def test_solving_all_tables_of_a_day_tells_of_no_few(crowd: Crowd) -> None:
    """All tables of a month as one linear system, person by person: what can be solved for is about ten people and more."""
    groups = grouped(crowd.entered, crowd.traits, crowd.paid.shape[1], GROUP_OF)
    for month in shown(crowd, GROUP_OF):
        each = [of_each(crowd, groups, row) for row in figures(month)]
        # A column for each person who differs from those before it: the attacker knows who is in which line, and no more.
        members = [[int(any(who in groups[at].people for at, _ in row.parts)) for who in range(len(crowd.entered))]
                   for row in figures(month)]  # fmt: skip
        for weights in solved(members):
            concerned = [who for who, weight in enumerate(weights) if weight]
            assert not concerned or len(concerned) >= FEWEST
            amounts = [weight * int(sum(crowd.paid[who, state].sum() for at, state in month.total.parts if who in groups[at].people))
                       for who, weight in enumerate(weights)]  # fmt: skip
            size = sorted(abs(one) for one in amounts if one)
            assert not size or (len(size) >= FEWEST and size[-1] * 2 <= sum(size))
        assert each


@settings(max_examples=60, deadline=None)
@given(crowds())
def test_parties_and_pots_of_all_tell_of_no_few(crowd: Crowd) -> None:
    """What each party paid, what stands in pots, and what was taken out between them: on each day, and between any two."""
    groups = grouped(crowd.entered, crowd.traits, crowd.paid.shape[1], GROUP_OF)
    months = shown(crowd, GROUP_OF)
    states: dict[str, dict[int, Int]] = {"parties": {}, "pots": {}}
    for month in months:
        paid_by, pots = np.zeros_like(crowd.paid[:, 0]), np.zeros_like(crowd.pots[:, 0])
        for at, state in month.total.parts:
            who = groups[at].people
            paid_by[who], pots[who] = crowd.paid[who, state], crowd.pots[who, state]
        if month.parties is not None and month.parties[0] == month.month:
            assert month.parties[1] == tuple(paid_by.sum(axis=0).tolist())
            states["parties"][month.month] = paid_by
        if month.pots is not None and month.pots[0] == month.month:
            assert month.pots[1] == pots.sum()
            states["pots"][month.month] = np.column_stack([pots, paid_by.sum(axis=1) - pots])
    for kind, found in states.items():
        nothing = np.zeros_like(crowd.paid[:, 0]) if kind == "parties" else np.zeros((len(crowd.entered), 2), np.int64)
        for one, other in combinations([nothing, *found.values()], 2):
            for column in (other - one).T:
                assert not tells_of_few(column)


def test_one_who_pays_beside_the_rule_is_not_the_difference_of_two_parties() -> None:
    """Forty pay £60 with £60 and £30 on top; one pays £80 more, which is no more than half of anything: by party nothing is shown."""
    paid_by = np.tile(np.array([60_00, 60_00, 30_00], np.int64), (40, 1, 1))
    alike = Crowd(np.zeros(40, np.int64), np.zeros((40, 3), np.int64), paid_by, paid_by.sum(axis=2))
    assert [month.parties for month in shown(alike)] == [(0, (2400_00, 2400_00, 1200_00))]
    paid_by[7, 0, 0] += 80_00
    beside = Crowd(np.zeros(40, np.int64), np.zeros((40, 3), np.int64), paid_by, paid_by.sum(axis=2))
    (month,) = shown(beside)
    assert month.parties is None
    assert month.total.paid == 6080_00


def test_rounding_is_to_the_nearest_hundred() -> None:
    """£49.99 is nothing, £50 is a hundred, and below nothing it is the same."""
    assert [rounded(minor) for minor in (49_99, 50_00, 149_99, -50_00, -49_99)] == [0, 100_00, 100_00, -100_00, 0]


def nino(person: int) -> str:
    """A NINO for each of many."""
    return f"AB{person:06d}A"


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Thirty people of ACME, born in two decades, and thirty who pay in themselves."""
    with opened(server, tmp_path) as one:
        for month in ("2026-01", "2026-02", "2026-03"):
            workers = [
                pay(
                    nino(who),
                    f"{month}-26",
                    "1500.00",
                    f"{40 + who}.00",
                    f"{40 + who}.00",
                    born=f"19{7 + who % 2}5-01-01",
                )
                for who in range(30)
            ]
            one.told(
                [*workers, *(paid(nino(100 + who), f"{month}-27", f"{20 + who}.00") for who in range(30))],
                f"{month}-28",
            )
        yield one


def figures_on(scheme: Scheme, on: str) -> OpenFigures:
    """The open figures once the books have come to a day: a newcomer of that day is in none of them."""
    scheme.told([paid(nino(900), on, "1.00")], on)
    found = open_figures(scheme.connection)
    scheme.connection.rollback()
    return found


def test_a_real_schemes_figures(scheme: Scheme) -> None:
    """Sixty people in two groups: each month's total is what stands in pots, the groups' lines add up, and no line is of fewer."""
    found = figures_on(scheme, "2026-04-02")
    said = found.as_dict()
    assert [one["month"] for one in said["months"]] == ["2026-01", "2026-02", "2026-03"]
    assert [one["members"] for one in said["months"]] == [60, 60, 60]
    kinds = {row["for"]: row["members"] for row in said["months"][-1]["by_payer_kind"]}
    assert kinds == {"Paid in by an employer": 30, "Paid in by themselves": 30}
    born = {row["for"]: row["members"] for row in said["months"][-1]["by_birth"]}
    assert born == {"Born in the 1990s": 30, "Not told apart": 30}
    booked = scheme.one(
        "select coalesce(sum(case when credit >> 40 in (1, 2, 3) then amount else 0 end - case when debit >> 40 in (1, 2, 3) then amount "
        "else 0 end), 0)::bigint from transfer join batch on number = (id >> 32)::integer where as_of < '2026-04-01'"
    )
    assert found.months[-1].total.paid == booked
    assert found.months[-1].pots == (2, booked)


def test_a_newcomer_and_a_correction_move_nothing_that_was_shown(scheme: Scheme) -> None:
    """One joins, one takes £5 out, one's January is put right: months shown before stay as they are, and the newcomer is in none."""
    before = figures_on(scheme, "2026-04-02")
    scheme.told([paid(nino(500), "2026-04-03", "700.00")], "2026-04-04")
    scheme.told([withdrawn(nino(101), "2026-04-05", "5.00")], "2026-04-06")
    right = pay(nino(3), "2026-01-26", "1500.00", "90.00", "90.00", born="1985-01-01")
    scheme.tell([right], "2026-04-07", "replaces")
    assert figures_on(scheme, "2026-04-30").as_dict() == before.as_dict(), "April is not over"
    after = figures_on(scheme, "2026-05-02")
    assert after.as_dict()["months"][:3] == before.as_dict()["months"]
    april = after.months[3]
    assert april.total.members == 60
    assert (april.pots or (9, 0))[0] < 3, "one who took out would be the difference of what was paid in and what stands"


def test_too_few_people_have_no_figures(server: EmbeddedServer, tmp_path: Path) -> None:
    """Of a scheme of twenty-four people nothing is shown; with the twenty-fifth, all of them at once."""
    with opened(server, tmp_path) as one:
        assert open_figures(one.connection).months == []
        one.told([paid(nino(who), "2026-01-10", "20.00") for who in range(24)], "2026-01-12")
        one.told([paid(nino(24), "2026-02-10", "20.00")], "2026-02-12")
        (january,) = open_figures(one.connection).months
        assert (january.total.members, january.parties, january.pots) == (0, None, None)
        one.told([paid(nino(who), "2026-02-11", "20.00") for who in range(24)], "2026-02-13")
        found = figures_on(one, "2026-03-02")
        assert [month.total.members for month in found.months] == [0, 25]
        assert found.first == 2026 * 12
