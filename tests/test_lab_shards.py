"""Villages in shards: any order, the same bits; what is finished is kept, whatever happens."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.made_up_years import OPENS_YEAR, YEARS, run_village

from lifepot.errors import LifepotError
from lifepot.lab import shards
from lifepot.lab.ground import ground_of
from lifepot.lab.shards import Kept, Shard, Stopped, cut, digest_of, over_threads, run_shards, summed
from lifepot.lab.sums import Sums, village_sums

GROUND = ground_of(YEARS, OPENS_YEAR)


def work(shard: Shard) -> Sums:
    """A shard of made-up villages."""
    return summed(shard, lambda number: village_sums(run_village(number), GROUND))


@pytest.mark.parametrize("villages", [1, 7, 50, 51, 199, 200, 3_200, 136_000])
def test_every_village_is_in_one_shard(villages: int) -> None:
    """Shards hold each village once, in order, and there are as many as groups where villages are enough."""
    found = [number for shard in cut(villages) for number in shard.villages]
    assert found == list(range(villages))
    assert len(cut(villages)) >= min(villages, 50)
    assert [shard.number for shard in cut(villages)] == list(range(len(cut(villages))))


def test_threads_and_order_change_no_bit(tmp_path: Path) -> None:
    """One thread and four that finish in another order give the same sums, bit for bit."""

    def unevenly(shard: Shard) -> Sums:
        time.sleep(0.01 * (5 - shard.number % 5))
        return work(shard)

    one = run_shards(10, work, Kept(tmp_path, "one"), over_threads(1))
    four = run_shards(10, unevenly, Kept(tmp_path, "four"), over_threads(4))
    for mine, other in zip(one, four, strict=True):
        assert all(np.array_equal(mine[name], other[name]) for name in mine)


def test_what_is_kept_is_not_worked_out_again(tmp_path: Path) -> None:
    """A second run reads every shard, and a shard whose file is cut short is worked out again."""
    first = run_shards(4, work, Kept(tmp_path, "d"), over_threads(2))
    asked: list[int] = []

    def counting(shard: Shard) -> Sums:
        asked.append(shard.number)
        return work(shard)

    broken = tmp_path / "d" / "000002.npz"
    broken.write_bytes(broken.read_bytes()[:100])
    second = run_shards(4, counting, Kept(tmp_path, "d"), over_threads(2))
    assert asked == [2]
    assert all(np.array_equal(first[2][name], second[2][name]) for name in first[2])


def test_a_trouble_in_a_village_keeps_the_rest(tmp_path: Path) -> None:
    """An error of one shard comes out as it is, and what was finished before it stays."""

    def faulty(shard: Shard) -> Sums:
        if shard.number == 3:
            raise LifepotError("No bread.", remedy="Bake.")
        return work(shard)

    with pytest.raises(LifepotError, match="No bread"):
        run_shards(5, faulty, Kept(tmp_path, "d"), over_threads(1))
    assert sorted(one.name for one in (tmp_path / "d").iterdir()) == ["000000.npz", "000001.npz", "000002.npz"]


def test_ctrl_c_keeps_what_is_finished_and_goes_on_from_there(tmp_path: Path) -> None:
    """A real interrupt in the middle: those under way are finished and kept, and the next run works out only the rest."""

    def slow(shard: Shard) -> Sums:
        if shard.number == 2:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return work(shard)

    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Stopped, match=r"Stopped with \d of 8 shards") as stopped:
        run_shards(8, slow, Kept(tmp_path, "d"), over_threads(2))
    assert stopped.value.exit_code == 130
    assert signal.getsignal(signal.SIGINT) is before
    kept = {int(one.stem) for one in (tmp_path / "d").glob("*.npz")}
    assert {0, 1, 2} <= kept
    assert len(kept) < 8
    asked: set[int] = set()

    def counting(shard: Shard) -> Sums:
        asked.add(shard.number)
        return work(shard)

    assert len(run_shards(8, counting, Kept(tmp_path, "d"), over_threads(2))) == 8
    assert asked == set(range(8)) - kept


FULL = """
import resource, signal, sys
from pathlib import Path
from lifepot.errors import LifepotError
from lifepot.lab.shards import Kept, over_threads, run_shards
from tests.test_lab_shards import work

kept = Kept(Path(sys.argv[1]), "d")
run_shards(1, work, kept, over_threads(1))
size = next(kept.folder.glob("*.npz")).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
try:
    run_shards(3, work, kept, over_threads(1))
except LifepotError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_says_so(tmp_path: Path) -> None:
    """Where the system refuses to write, the error says so and how to go on; finished shards stay, half a file does not."""
    place = os.pathsep.join([str(Path(__file__).parents[1] / "src"), str(Path(__file__).parents[1])])
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": place},
    ).stdout  # fmt: skip
    assert "cannot be kept" in told
    assert "1 finished shards stand there" in told
    assert "--keep" in told
    assert [one.name for one in (tmp_path / "d").iterdir()] == ["000000.npz"]


def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    """`--keep` on a file is an error with a remedy."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LifepotError, match="--keep"):
        Kept(tmp_path / "file", "d")


def test_another_order_or_other_code_is_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest changes with what was ordered and with the code, and with nothing else."""
    assert digest_of({"seed": 1}) == digest_of({"seed": 1})
    assert digest_of({"seed": 1}) != digest_of({"seed": 2})
    before = digest_of({"seed": 1})
    monkeypatch.setattr(shards, "_code", lambda: b"other")
    assert digest_of({"seed": 1}) != before
