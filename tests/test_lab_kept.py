"""Lives kept in memory maps, the panel's rows, and the examples."""

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.made_up_years import village

from lifepot.budgets import places as at
from lifepot.budgets.live import Lived
from lifepot.errors import LifepotError, Misuse
from lifepot.lab.keeping import KeptLives
from lifepot.lab.panel import panel_of, write_panel
from lifepot.lab.shards import Stopped
from lifepot.lives.columns import Lives
from lifepot.population.columns import Job, Status

EXAMPLES = Path(__file__).parents[1] / "examples"
MONTHS, PEOPLE = 24, 5


def lives(seed: int = 1) -> Lives:
    """Made-up columns of lives, each of the kind it has."""
    chance = np.random.default_rng(seed)
    small = {"status", "job", "occupation", "industry", "qualification", "leaving", "payers", "hours", "scar", "children", "with_parents", "born_now", "died"}  # fmt: skip
    made: dict[str, Any] = {}
    for name in Lives.__annotations__:
        kind = np.uint8 if name in small else np.int16 if name == "youngest" else np.int32
        made[name] = chance.integers(0, 4, (MONTHS, PEOPLE)).astype(kind)
    made["partner"][:] = -1
    return Lives(**made)


def test_kept_lives_are_what_was_drawn(tmp_path: Path) -> None:
    """Read back column by column, of the same kinds, and drawn once only; a file cut short is drawn again."""
    drawn: list[int] = []

    def draw() -> Lives:
        drawn.append(1)
        return lives()

    kept = KeptLives(tmp_path, "d")
    first = kept.get(3, MONTHS, PEOPLE, draw)
    second = kept.get(3, MONTHS, PEOPLE, draw)
    assert len(drawn) == 1
    assert isinstance(second.pay.base, np.memmap)
    for name in Lives.__annotations__:
        one, other = getattr(first, name), getattr(second, name)
        assert one.dtype == other.dtype
        assert (one == other).all()
    file = next((tmp_path / "lives-d").iterdir())
    file.write_bytes(file.read_bytes()[:5_000])
    assert (kept.get(3, MONTHS, PEOPLE, draw).pay == first.pay).all()
    assert len(drawn) == 2


def test_beyond_the_bound_lives_are_drawn_and_not_kept(tmp_path: Path) -> None:
    """Nothing is written once the bound is reached, and a disk that takes nothing is no trouble."""
    kept = KeptLives(tmp_path, "d", most_bytes=10)
    assert kept.get(0, MONTHS, PEOPLE, lives).months == MONTHS
    assert not (tmp_path / "lives-d").exists()
    (tmp_path / "file").write_text("")
    assert KeptLives(tmp_path / "file", "d").get(0, MONTHS, PEOPLE, lives).months == MONTHS


def test_a_panel_has_a_row_for_each_month_that_somebody_is_there() -> None:
    """By hand: absent months have none, money is that of the month, wealth is owned less owed."""
    drawn = lives()
    drawn.status[:] = Status.WORKING
    drawn.status[:6, 2] = Status.ABSENT
    drawn.job[:], drawn.pay[:], drawn.pay_2[:], drawn.pay_3[:] = Job.EMPLOYEE, 200_000, 10_000, 0
    drawn.partner[:, 0], drawn.partner[:, 1] = 1, 0
    flows = np.zeros((MONTHS, PEOPLE, at.FLOWS), dtype=np.int64)
    stocks = np.zeros((MONTHS, PEOPLE, at.STOCKS), dtype=np.int64)
    flows[:, :, at.GOVERNMENT] = np.arange(MONTHS)[:, None]
    stocks[:, :, at.SAVINGS], stocks[:, :, at.LOAN] = 500, 2_000
    people = village(4, PEOPLE)
    from lifepot.budgets.columns import Years

    lived = Lived(Years.empty(2, PEOPLE), 0, flows, stocks)
    table = pl.DataFrame(panel_of(people, drawn, lived, MONTHS))
    assert len(table) == MONTHS * PEOPLE - 6
    third = table.filter(pl.col("person") == int(people.person[2]))
    assert third["month"].to_list()[0].isoformat() == "2024-10-01"
    assert third["government"].to_list() == list(range(6, MONTHS))
    assert set(table["pay"]) == {210_000}
    assert set(table["wealth"]) == {-1_500}
    first = table.row(0, named=True)
    assert (first["status"], first["job"], first["partner"]) == ("working", "employee", int(people.person[1]))
    assert first["household"] == int(people.person[0])
    docs = (Path(__file__).parents[1] / "docs" / "costing-a-reform.md").read_text("utf-8")
    assert all(f"`{column}`" in docs for column in table.columns)


def test_a_panel_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    """Finished villages stay, the rest is written by the next run, and another order's folder is refused."""
    asked: list[int] = []

    def panel(number: int) -> dict[str, Any]:
        asked.append(number)
        if number == 2 and len(asked) == 3:
            raise KeyboardInterrupt
        return {"person": np.array([number])}

    with pytest.raises(Stopped, match="2 of 4 villages"):
        write_panel(4, panel, tmp_path, {"seed": 1})
    files = write_panel(4, panel, tmp_path, {"seed": 1})
    assert asked == [0, 1, 2, 2, 3]
    assert [pl.read_parquet(file)["person"][0] for file in files] == [0, 1, 2, 3]
    assert json.loads((tmp_path / "order.json").read_text()) == {"seed": 1}
    with pytest.raises(Misuse, match="another run"):
        write_panel(4, panel, tmp_path, {"seed": 2})
    (tmp_path / "file").write_text("")
    with pytest.raises(LifepotError, match="cannot be written"):
        write_panel(1, panel, tmp_path / "file", {"seed": 1})


@pytest.mark.parametrize("name", ["cost_a_reform.py", "lab_notebook.py"])
def test_an_example_is_python(name: str, tmp_path: Path) -> None:
    """It compiles, and the short one is ten lines of what somebody would write."""
    py_compile.compile(str(EXAMPLES / name), cfile=str(tmp_path / "out.pyc"), doraise=True)
    if name == "cost_a_reform.py":
        lines = [line for line in (EXAMPLES / name).read_text("utf-8").splitlines()[1:] if line.strip()]
        assert len(lines) <= 12


def test_the_short_example_runs(tmp_path: Path) -> None:
    """It tells the answer, and leaves a page with figures beside it."""
    code = (
        (EXAMPLES / "cost_a_reform.py")
        .read_text("utf-8")
        .replace("people=2_000", "people=500")
        .replace("years=15", "years=6")
    )
    (tmp_path / "short.py").write_text(code, "utf-8")
    ran = subprocess.run(
        [sys.executable, "short.py"], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent / "src")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "the scheme would cost government" in ran.stdout
    assert {one.name for one in tmp_path.iterdir()} >= {"costing.html", "costing.csv", "costing.parquet"}
