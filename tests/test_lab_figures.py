"""Figures from sums: known distributions, paired differences, intervals, and a scheme that changes nobody."""

from math import erf, exp, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from tests.made_up_years import OPENS_YEAR, YEARS, run_village

from lifepot.lab import inequality
from lifepot.lab.classes import INCOME, WEALTH, class_of, gini, into_parts, quantile, share_of_lowest
from lifepot.lab.ground import ground_of
from lifepot.lab.intervals import estimate, grouped, student_975, whole
from lifepot.lab.outcomes import TABLES, answers
from lifepot.lab.sums import COUNTS, MONEY, Sums, add, net_worth, nothing, village_sums

GROUND = ground_of(YEARS, OPENS_YEAR)


def sums_of(*numbers: int, match: float = 0.5) -> list[Sums]:
    """Each made-up village's sums."""
    return [village_sums(run_village(number, match=match), GROUND) for number in numbers]


def counted(amounts: np.ndarray, ladder: object = WEALTH) -> tuple[np.ndarray, np.ndarray]:
    """People and amounts by class."""
    at = class_of(amounts, ladder)
    return np.bincount(at, minlength=ladder.classes), np.bincount(at, amounts, ladder.classes)


@pytest.mark.parametrize(("sigma", "known"), [(0.3, 0.16800), (0.5, 0.27633), (0.7, 0.37938), (1.0, 0.52050)])
def test_gini_of_a_lognormal_is_its_formula(sigma: float, known: float) -> None:
    """Counts in fine classes give 2 x Phi(sigma / sqrt 2) - 1 within a thousandth."""
    assert known == pytest.approx(erf(sigma / 2), abs=1e-5)
    ranks = (np.arange(200_000) + 0.5) / 200_000
    amounts = np.array([exp(14 + sigma * NormalDist().inv_cdf(rank)) for rank in ranks])
    assert gini(*counted(amounts), WEALTH) == pytest.approx(known, abs=1e-3)
    assert gini(*counted(amounts), WEALTH) == pytest.approx(inequality.gini(amounts), abs=1e-3)


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0])
def test_shares_of_a_pareto_are_their_formula(exponent: float) -> None:
    """The top ten per cent own 0.1^(1 - 1/a); the median is 2^(1/a) times the least."""
    ranks = (np.arange(400_000) + 0.5) / 400_000
    amounts = 5e6 * (1 - ranks) ** (-1 / exponent)
    people, money = counted(amounts)
    top = money.sum() * (1 - share_of_lowest(people, money, 0.9)) / amounts.sum()
    exact = amounts[360_000:].sum() / amounts.sum()
    assert top == pytest.approx(exact, abs=2e-3)
    assert quantile(people, WEALTH, 0.5) == pytest.approx(5e6 * 2 ** (1 / exponent), rel=0.02)


def test_a_gini_with_debts_counts_them() -> None:
    """Two who owe and own the same sum, by hand: (-10, 30) has a Gini of 1."""
    people, money = np.zeros(WEALTH.classes), np.zeros(WEALTH.classes)
    people[[0, -1]], money[[0, -1]] = 1.0, (-10.0, 30.0)
    assert gini(people, money, WEALTH) == pytest.approx(1.0)


def test_classes_meet_at_their_edges() -> None:
    """An amount on an edge is in the class above, a penny less in the one below, and nought and debts in the lowest."""
    edges = np.ceil(INCOME.edges)
    assert class_of(edges, INCOME).tolist() == list(range(1, INCOME.classes))
    assert class_of(edges - 1, INCOME).tolist() == list(range(INCOME.classes - 1))
    assert class_of(np.array([0.0, -5.0, 1e30]), INCOME).tolist() == [0, 0, INCOME.classes - 1]


def test_parts_hold_all_people_and_all_money() -> None:
    """Tenths have a tenth of the people each, in order, and nothing is lost where a class lies across a border."""
    table = np.array([[3.0, 3.0], [10.0, 100.0], [0.0, 0.0], [7.0, 700.0]])
    parts = into_parts(table, 10)
    assert parts[:, 0] == pytest.approx(np.full(10, 2.0))
    assert parts.sum(axis=0) == pytest.approx(table.sum(axis=0))
    assert parts[1].tolist() == pytest.approx([2.0, 1.0 + 10.0])
    assert into_parts(np.zeros((4, 2)), 5).tolist() == [[0.0, 0.0]] * 5


@pytest.mark.parametrize(("freedom", "known"), [(1, 12.706), (4, 2.776), (9, 2.262), (24, 2.064), (49, 2.010)])
def test_students_t_is_the_published_one(freedom: int, known: float) -> None:
    """Against the table of any textbook."""
    assert student_975(freedom) == pytest.approx(known, abs=2e-3)


def test_sums_are_what_adding_up_people_gives() -> None:
    """Two villages' sums against plain loops over their people."""
    total = whole(sums_of(3, 4))
    owed, under, poor = 0.0, 0.0, 0.0
    for number in (3, 4):
        drawn = run_village(number)
        for person, weight in enumerate(drawn.village.weight):
            owed += weight * int(drawn.reform.government[5, person])
            age = int(drawn.reform.age[5, person])
            liquid = int(drawn.reform.savings[5, person]) + int(drawn.reform.reachable[5, person])
            under += weight * (age >= 18 and liquid < 100_000)
            poor += (
                weight
                * int(net_worth(drawn.reform)[YEARS - 1, person])
                / GROUND.prices[-1]
                * (drawn.reform.age[-1, person] >= 18)
            )
    assert total["by_year.after"][MONEY.index("government"), 5] == pytest.approx(owed)
    assert total["counts.after"][COUNTS.index("under_1000"), 5] == pytest.approx(under)
    assert total["wealth.after"][-1, :, 1].sum() == pytest.approx(poor)
    assert total["villages"].tolist() == [2.0]


def test_every_table_has_the_figures_of_its_names() -> None:
    """Each table gives one figure for each of its rows and columns, and names no row twice."""
    found = answers(grouped(sums_of(1, 2, 3)), GROUND)
    for table in TABLES.values():
        one = found.estimates[table.id]
        rows = found.rows(table.id)
        assert one.value.shape == one.low.shape == one.high.shape == (len(rows), len(table.columns)), table.id
        assert len(set(rows)) == len(rows)
        assert len({name for name, _ in table.columns}) == len(table.columns)
    long = found.long()
    assert len(long["value"]) == sum(one.value.size for one in found.estimates.values())


def test_a_scheme_that_gives_nothing_costs_nothing_and_changes_nobody() -> None:
    """With no match all costs, gains and changes are nought, and so are their intervals."""
    found = answers(grouped(sums_of(1, 2, 3, 4, match=0.0)), GROUND)
    for table in TABLES.values():
        for across, (column, _) in enumerate(table.columns):
            is_change = "change" in column or "more" in column or table.id.startswith(("cost_by", "gains", "treasury"))
            if is_change:
                for side in (
                    found.estimates[table.id].value,
                    found.estimates[table.id].low,
                    found.estimates[table.id].high,
                ):
                    assert np.nan_to_num(side[:, across]).tolist() == [0.0] * len(side), (table.id, column)


def test_gains_are_net_and_add_up() -> None:
    """The net gain is the sum of its parts, and own money is no part of it."""
    found = answers(grouped(sums_of(*range(6))), GROUND)
    value = found.estimates["gains_by_job"].value
    assert value[:, 7] == pytest.approx(value[:, :7].sum(axis=1))
    employed = list(found.rows("gains_by_job")).index("employee")
    assert value[employed, 1] > 0
    assert value[employed, 2] == pytest.approx(-0.6 * value[employed, 1], rel=1e-3)
    assert value[employed, 7] == pytest.approx(value[employed, 0] + 0.4 * value[employed, 1], rel=1e-3)


def test_each_pound_of_own_money_becomes_what_the_parties_add() -> None:
    """Government adds 50p for each £1 of own money, as made up."""
    found = answers(grouped(sums_of(*range(6))), GROUND)
    assert found.cell("each_pound", "everybody", "own")[0] == pytest.approx(1)
    assert found.cell("each_pound", "everybody", "government")[0] == pytest.approx(0.5, abs=1e-4)


def test_cost_by_year_is_the_sum_of_the_villages() -> None:
    """Cost in pounds is the weighted pence of all villages; employers and platforms are told apart."""
    shards = sums_of(1, 2, 3)
    found = answers(grouped(shards), GROUND)
    total = whole(shards)
    year = found.rows("cost_by_year")[4]
    at = GROUND.opens + 4
    employer, platform = (total["by_year.after"][MONEY.index(name), at] for name in ("employer", "platform"))
    assert found.cell("cost_by_year", year, "platforms")[0] == pytest.approx(platform / 100)
    assert found.cell("cost_by_year", year, "employers")[0] == pytest.approx((employer - platform) / 100)
    assert found.cell("cost_by_year_real", year, "platforms")[0] == pytest.approx(platform / 100 / GROUND.prices[at])


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    """For groups of one village of equal size, the interval of a total is Student's about the mean."""
    figures = [3.0, 5.0, 4.0, 8.0, 10.0]
    groups = [{"villages": np.ones(1), "money": np.array([one])} for one in figures]
    found = estimate(groups, lambda sums: {"total": sums["money"] * 1.0})["total"]
    error = np.std(figures, ddof=1) / sqrt(5) * 5
    assert found.value.tolist() == [30.0]
    assert (found.high - found.low)[0] / 2 == pytest.approx(student_975(4) * error)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of two hundred samples of twenty villages, the interval of a ratio holds the true one about 95 times in a hundred."""
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        x = chance.gamma(20, 1, 20)
        y = 2 * x + chance.normal(0, 3, 20)
        groups = [{"villages": np.ones(1), "x": np.array([a]), "y": np.array([b])} for a, b in zip(x, y, strict=True)]
        one = estimate(groups, lambda sums: {"ratio": sums["y"] / sums["x"]})["ratio"]
        held += bool(one.low[0] <= 2 <= one.high[0])
    assert 180 <= held <= 199


def test_paired_luck_cancels() -> None:
    """The interval of a difference is narrower than that of either side, for both have the same people."""
    found = answers(grouped(sums_of(*range(12))), GROUND)
    _, low, high = found.cell("wealth_by_percentile", "50", "wealth, with")
    assert high > low
    before = found.cell("buffers", 5, "under £1,000, without")
    change = found.cell("buffers", 5, "under £1,000, change")
    assert 0 < change[2] - change[1] < before[2] - before[1] + 0.2


def test_one_village_has_no_interval() -> None:
    """With one village a figure stands without an interval, and says so by ends that are no numbers."""
    found = answers(grouped(sums_of(5)), GROUND)
    value, low, high = found.cell("cost_by_year", 0, "government")
    assert value > 0
    assert np.isnan(low)
    assert np.isnan(high)
    told = {one["table"]: one for one in found.as_dict()}
    assert told["cost_by_year"]["rows"][0]["low"] == [None] * 4


def test_more_shards_than_groups_are_put_together() -> None:
    """Sixty shards make fifty groups, and no village is lost."""
    one = nothing(GROUND)
    one["villages"][:] = 1
    groups = grouped([{name: array.copy() for name, array in one.items()} for _ in range(60)])
    assert len(groups) == 50
    assert sum(group["villages"][0] for group in groups) == 60


def test_sums_of_two_kinds_of_run_are_never_added() -> None:
    """Adding sums that hold other arrays is our own mistake."""
    with pytest.raises(AssertionError, match="two kinds"):
        add({"a": np.zeros(1)}, {"b": np.zeros(1)})
