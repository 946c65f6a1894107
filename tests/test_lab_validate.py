"""The model beside published figures: what is measured, what is a hit, and that no target is passed over in silence."""

import numpy as np
import pytest

from lifepot.lab import validate as validating
from lifepot.lab.checked import Checked, misses_first
from lifepot.lab.observed import MONTHS, Observed, allowed, employed, quantile, share
from lifepot.lives.draw import draw
from lifepot.population.columns import Job, Status
from lifepot.population.people import Population
from lifepot.published import held_back, reading


@pytest.mark.parametrize(
    ("tolerance", "published", "near"),
    [
        ("10%", 50.0, 5.0),
        ("2 pp", 50.0, 2.0),
        ("0.03", 0.473, 0.03),
        ("1.5 pp by age", 8.0, 1.5),
        ("8% each of deciles 3-9", 100.0, 8.0),
        ("range", 1.0, None),
    ],
)
def test_a_tolerance_is_read(tolerance: str, published: float, near: float | None) -> None:
    """Per cent are of the published figure, points and shares as they stand, and words are no tolerance."""
    assert allowed(tolerance, published) == (None if near is None else pytest.approx(near))


def test_shares_and_quantiles_are_weighted() -> None:
    """By hand."""
    weight = np.array([1.0, 3.0, 6.0])
    of, among = np.array([True, False, True]), np.array([True, True, False])
    assert share(of, among, weight) == pytest.approx(25)
    assert np.isnan(share(of, np.zeros(3, dtype=bool), weight))
    assert quantile(np.array([30.0, 10.0, 20.0]), weight, 0.5) == 20.0
    assert quantile(np.array([30.0, 10.0, 20.0]), weight, 0.95) == 30.0


def test_students_with_a_job_are_employed() -> None:
    """As the labour force survey counts; and those who look for one are unemployed."""
    none = [Job.NONE] * 5
    status = np.array([Status.STUDYING] * 3 + [Status.UNEMPLOYED, Status.RETIRED, Status.ABSENT])
    works, seeks, rests = employed(status, np.array([Job.ZERO_HOURS, *none]), np.array([0, 0, 1, 0, 0, 0]))
    assert works.tolist() == [True, False, False, False, False, False]
    assert seeks.tolist() == [False, False, True, True, False, False]
    assert rests.tolist() == [False, True, False, False, True, False]


def test_misses_come_first_and_the_farthest_first_of_all() -> None:
    """Then hits, then what is not judged."""

    def one(name: str, model: float | None, near: float | None = 1.0) -> Checked:
        return Checked(name, "", "", "", "", "", True, 10.0, model, near, "")

    rows = [
        one("hit", 10.5),
        one("silent", None),
        one("far", 14.0),
        one("near", 11.5),
        one("edge", 11.0),
        one("unjudged", 9.0, None),
    ]
    assert [row.target for row in misses_first(rows)] == ["far", "near", "edge", "hit", "silent", "unjudged"]
    assert one("edge", 11.0).hit is True


def test_every_target_is_compared_or_said_not_to_be() -> None:
    """No target is in neither list, and none in both."""
    for targets, compared in ((reading.targets(), validating.FITTED), (held_back.targets(), validating.HELD)):
        for target in targets.words("id"):
            assert (target in compared) != (target in validating.NOT_MODELLED), target
    known = {*reading.targets().words("id"), *held_back.targets().words("id")}
    assert set(validating.NOT_MODELLED) | set(validating.FITTED) | set(validating.HELD) == known


def test_a_population_is_compared_row_by_row() -> None:
    """Every target has a row, figures are what the tables say, and more people are nearer to what was fitted."""
    population = Population(3, 1_000, MONTHS)
    villages = [population.village(number) for number in range(population.villages)]
    seen = Observed(villages, [draw(village, 3, MONTHS) for village in villages])
    rows = validating.validate(seen)
    assert {row.target for row in rows} == {*reading.targets().words("id"), *held_back.targets().words("id")}
    by = {(row.target, row.row): row for row in rows}
    men = by["pop", "male 25-34"]
    assert men.published == pytest.approx(4.69, abs=0.3)
    assert men.model == pytest.approx(men.published, rel=0.25)
    assert by["v_emp25", "25-34, employment_rate".replace("_", " ")].last == 83.73
    flow = by["flows_1519", "U to U"]
    assert (flow.published, flow.last) == (0.51977, 0.61048)
    assert flow.model is not None
    assert flow.independent is not None
    assert flow.model > 3 * flow.independent
    assert by["v_gini", ""].hit is None
    assert "not modelled" in by["v_gini", ""].why
    counts = validating.counted(rows)
    assert sum(counts.values()) == len(rows)
    everybody = sum(row.model for (target, _), row in by.items() if target == "pop" and row.model is not None)
    assert everybody == pytest.approx(seen.weight.sum() / 1e6)
