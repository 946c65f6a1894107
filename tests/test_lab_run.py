"""A real run, small: people drawn, lived and lived through with a rulebook, from order to figures."""

import pickle
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lifepot.errors import Misuse
from lifepot.lab import run as running
from lifepot.lab.outcomes import TABLES
from lifepot.lab.panel import panel_of
from lifepot.lab.run import Order, costed, country, observed, tornado_ranges, tried
from lifepot.lab.scenarios import pull
from lifepot.lab.shards import Shard, over_threads
from lifepot.lab.validate import counted, validate
from lifepot.lab.varying import changed
from lifepot.rulebook.reader import shipped

BOOK = shipped("lifetime-savings-account")
NOTHING = {
    name: Fraction(0) for name in ("worker_share", "employer_share", "match_rate", "monthly_base", "profit_rate")
}


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """Two villages over six tax years."""
    return Order(people=600, seed=4, years=6, opens_year=2026, keep=str(tmp_path))


def test_a_rulebook_is_costed(order: Order) -> None:
    """Government pays from the scheme's first year and not before; what is in pots came from somebody; villages are kept."""
    found = costed(order, BOOK)
    assert found.villages == 1
    assert found.cell("cost_by_year", "2026-27", "government")[0] > 0
    assert found.rows("cost_by_year")[0] == "2026-27"
    assert found.cell("each_pound", "everybody", "own")[0] == pytest.approx(1)
    assert found.cell("each_pound", "everybody", "government")[0] > 0
    again = costed(order, BOOK)
    for table in TABLES:
        assert np.array_equal(found.estimates[table].value, again.estimates[table].value, equal_nan=True)


def test_a_scheme_of_nothing_costs_nothing_and_changes_nobody(order: Order) -> None:
    """With every share, match and base at nought and nobody paying in by choice all differences are nought, to the penny; and those
    who do pay in by choice (3 % do without a match) cost the others nothing.
    """
    nobody = replace(order, settings={"take_up": 0.0})
    found = costed(nobody, changed(BOOK, NOTHING))
    for table in TABLES.values():
        for across, (column, _) in enumerate(table.columns):
            if "change" in column or table.id.startswith(("cost_by", "gains", "treasury")):
                assert not np.nan_to_num(found.estimates[table.id].value[:, across]).any(), (table.id, column)
    some = costed(order, changed(BOOK, NOTHING)).estimates["cost_by_year"].value
    assert not some[:, :3].any()
    assert some[:, 3].any()


def test_threads_give_the_same_as_one(order: Order) -> None:
    """A run on one thread and one on three, kept apart, are the same to the bit; and so is a search's own way."""
    more = Order(people=1_400, seed=4, years=6, opens_year=2026, keep=order.keep)
    one = costed(more, BOOK, keep=Path(order.keep) / "one", spread=over_threads(1))
    three = costed(more, BOOK, keep=Path(order.keep) / "three", spread=over_threads(3))
    own_way = tried(more)(BOOK)
    for table in TABLES:
        for other in (three, own_way):
            assert np.array_equal(one.estimates[table].value, other.estimates[table].value, equal_nan=True), table


def test_a_shards_work_can_be_sent_elsewhere(order: Order) -> None:
    """What a cluster is sent is an order, rulebooks and a shard; it comes back as the same sums."""
    work = pickle.loads(pickle.dumps(partial(running._work, order, BOOK, None)))  # noqa: S301 - our own
    here = running._work(order, BOOK, None, Shard(0, range(1)))
    there = work(Shard(0, range(1)))
    assert here.keys() == there.keys()
    assert all(np.array_equal(here[name], there[name]) for name in here)


def test_another_currency_is_refused(order: Order) -> None:
    """The lab's people are paid in pounds, and it says so."""
    with pytest.raises(Misuse, match="SGD"):
        costed(order, shipped("sg-cpf"))


def test_scenarios_and_assumptions_change_what_is_drawn(order: Order) -> None:
    """A pulled lever is another order, with other lives; without one they are the same."""
    fast = Order(people=600, seed=4, years=6, opens_year=2026, pulled=pull({"automation": "high"}), keep=order.keep)
    calm, rough = country(order), None
    lives = calm.lives(calm.village(0))
    rough = country(fast)
    assert (rough.lives(rough.village(0)).leaving == 3).sum() > (lives.leaving == 3).sum()
    assert set(tornado_ranges()) >= {"opts_out", "take_up", "pass_through_first", "fund_return_real"}
    with pytest.raises(Misuse, match="no assumption"):
        Order(settings={"nothing": 1.0})


def test_the_panel_is_what_the_years_add_up_to(order: Order) -> None:
    """Twelve months of government's money in the panel are the year's, person by person."""
    home = country(order)
    village = home.village(0)
    lives = home.lives(village)
    lived = home.lived(village, lives, BOOK, panel=True)
    panel = panel_of(village, lives, lived, order.months)
    assert len(panel["person"]) == int((lives.status[: order.months] != 0).sum())
    assert panel["government"].sum() == lived.years.government.sum()
    assert panel["pay"].min() >= 0


def test_the_world_without_a_scheme_is_held_against_what_is_published(order: Order) -> None:
    """Taxes and incomes are compared once budgets are lived."""
    rows = validate(observed(order))
    by = {(row.target, row.row): row for row in rows}
    assert by["v_it", "2024-25"].model is not None
    assert 100 < by["v_it", "2024-25"].model < 700
    assert by["v_gini", "2024-25 in the model"].model is not None
    assert sum(counted(rows).values()) == len(rows)
