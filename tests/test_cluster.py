"""A run on a real cluster of two workers: the same figures, also when one of them is killed."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.made_up_years import OPENS_YEAR, YEARS, run_village

from lifepot.errors import LifepotError
from lifepot.lab.cluster import over_cluster
from lifepot.lab.ground import ground_of
from lifepot.lab.run import Order, costed
from lifepot.lab.shards import Kept, Shard, over_threads, run_shards, summed
from lifepot.lab.sums import Sums, village_sums
from lifepot.rulebook.reader import shipped

distributed = pytest.importorskip("distributed")

VILLAGES = 12


def work(shard: Shard) -> Sums:
    """A shard of made-up villages, slow enough for its worker to be killed in the middle."""
    time.sleep(0.3)
    ground = ground_of(YEARS, OPENS_YEAR)
    return summed(shard, lambda number: village_sums(run_village(number), ground))


@pytest.fixture
def cluster() -> Iterator["distributed.LocalCluster"]:
    """Two workers, each a process of its own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as running:
        yield running


def test_a_cluster_gives_the_same_figures_and_survives_a_killed_worker(
    cluster: "distributed.LocalCluster", tmp_path: Path
) -> None:
    """Two workers, one killed in the middle: every sum is bit for bit what two threads give."""
    alone = run_shards(VILLAGES, work, Kept(tmp_path, "threads"), over_threads(4))
    killed = []

    def told(done: int, _: int) -> None:
        if done == 2 and not killed:
            victim = next(iter(cluster.workers.values())).pid
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    together = run_shards(VILLAGES, work, Kept(tmp_path, "cluster"), over_cluster(cluster.scheduler_address), told)
    assert killed
    assert len(together) == VILLAGES
    for one, other in zip(alone, together, strict=True):
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_an_address_where_nobody_is_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that does not answer is an error with a remedy, not a trace."""
    monkeypatch.setattr("lifepot.lab.cluster.SECONDS_TO_ANSWER", 1)
    with pytest.raises(LifepotError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        run_shards(2, work, Kept(tmp_path, "nobody"), over_cluster("tcp://127.0.0.1:1"))


def test_a_real_scheme_costs_the_same_on_a_cluster(cluster: "distributed.LocalCluster", tmp_path: Path) -> None:
    """People, lives, budgets and the rulebook sent to two workers: every figure is the one that threads give."""
    order = Order(people=1_000, seed=4, years=6, keep=str(tmp_path / "kept"))
    book = shipped("lifetime-savings-account")
    alone = costed(order, book, keep=tmp_path / "threads", spread=over_threads(2))
    together = costed(order, book, keep=tmp_path / "cluster", spread=over_cluster(cluster.scheduler_address))
    for table, one in alone.estimates.items():
        other = together.estimates[table]
        assert np.array_equal(one.value, other.value, equal_nan=True)
        assert np.array_equal(one.high, other.high, equal_nan=True)
    assert alone.cell("brief", "all", "government, a year")[0] > 0
