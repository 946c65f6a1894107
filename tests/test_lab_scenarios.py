"""Lever files: the shipped ones, what each fault says and where, and what pulling does."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.made_up_years import village

from lifepot.budgets.settings import Settings
from lifepot.errors import LifepotError, Misuse
from lifepot.lab.scenarios import known, parse_scenario, pull, read_scenario, shipped_scenarios
from lifepot.lab.worlds import TAIL_FROM_MINOR, World
from lifepot.lives.columns import Lives
from lifepot.lives.levers import OFF
from lifepot.population.columns import Job
from lifepot.rulebook.reader import shipped

GOOD = """name: fast
title: Fast machines
description: Faster.
source: An assumption.
certainty: assumption
levers:
  lives.automation_pace:
    words: the pace
    unit: share a year
    low: 0.01
    central: 0.02
    high: 0.03
"""


def test_the_essays_scenarios_are_there_and_whole() -> None:
    """Each says what it changes, its range and its source; none is on by itself."""
    assert shipped_scenarios() == [
        "automation", "gig-work", "patient-capital", "profit-sharing", "small-firms", "superstar-returns", "technical-education",
    ]  # fmt: skip
    for name in shipped_scenarios():
        one = read_scenario(name)
        assert one.name == name
        assert one.description
        assert one.source
        assert one.as_dict()["on"] is False
        assert one.levers
        for lever in one.levers.values():
            assert lever.low <= lever.central <= lever.high
    assert read_scenario("patient-capital").levers["budgets.patient_premium"].low == 0


def test_without_a_scenario_nothing_is_pulled() -> None:
    """Off by default: the lives, the world and the assumptions are those of the published figures."""
    none = pull({})
    assert none.lives == OFF
    assert none.world == World()
    assert (none.budgets, none.values, none.told) == ({}, {}, ())
    settings = Settings()
    assert none.of_settings(settings) is settings


def test_levers_go_where_they_belong() -> None:
    """Lives, world, assumptions and values of the rulebook, each by its name's first word."""
    pulled = pull({"small-firms": "central", "automation": "high"}, {"lab.capital_tail": 0.1})
    assert pulled.lives.automation_pace == 0.02
    assert pulled.world.capital_tail == 0.1
    assert pulled.of_settings(Settings())["pass_through_first"] == 0.31
    book = pulled.of_rulebook(shipped("lifetime-savings-account"))
    assert book.values["profit_rate"].dated == {"2016-04-06": "3%"}
    assert pulled.values == {"profit_rate": Fraction(3, 100)}
    with pytest.raises(Misuse, match="has no value profit_rate"):
        pulled.of_rulebook(shipped("uk-lifetime-isa"))


@pytest.mark.parametrize(
    ("old", "new", "line", "code", "word"),
    [
        ("lives.automation_pace", "lives.automation_speed", 7, "unknown", "the lever lives.automation_speed"),
        ("high: 0.03", "high: 1.5", 12, "range", "1.5"),
        ("central: 0.02", "central: 0.05", 11, "order", "0.01, 0.05, 0.03"),
        ("central: 0.02", "central: soon", 11, "number", "'soon'"),
        ("    unit: share a year\n", "", 8, "missing", "nothing"),
        ("title:", "headline:", 2, "unknown", "the word headline"),
        ("source: An assumption.", "source:", 5, "shape", "no text"),
        ("name: fast", "name: fast\nname: slow", 2, "twice", "name a second time"),
        ("    high: 0.03", "    high: [1]", 12, "number", "no number"),
        ("name: fast", "name: [", 2, "yaml", ""),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(old: str, new: str, line: int, code: str, word: str) -> None:
    """Line, code and what was found; a file with a fault is no scenario."""
    scenario, faults = parse_scenario(GOOD.replace(old, new), "fast.yaml")
    assert scenario is None
    found = [one for one in faults if one.code == code]
    assert found, faults
    assert any(word in one.found for one in found)
    if code != "yaml":
        assert line in {one.line for one in found}


def test_a_probability_over_one_is_called_that() -> None:
    """Where the lever is a share, a figure above one is said to be a probability over one."""
    text = GOOD.replace("lives.automation_pace", "lives.gig_share").replace("high: 0.03", "high: 1.2")
    _, faults = parse_scenario(text, "gig.yaml")
    assert [(one.found, one.line) for one in faults] == [("a probability over one", 12)]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """By its path, and pulled by it."""
    file = tmp_path / "fast.yaml"
    file.write_text(GOOD)
    assert read_scenario(file).levers["lives.automation_pace"].high == 0.03
    assert pull({str(file): "low"}).lives.automation_pace == 0.01
    with pytest.raises(LifepotError, match="No scenario nowhere"):
        read_scenario("nowhere")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(LifepotError, match="UTF-8"):
        read_scenario(file)
    file.write_text(GOOD.replace("0.03", "x"))
    with pytest.raises(LifepotError, match="lab scenarios FILE"):
        read_scenario(file)


def test_levers_that_cannot_be_pulled_are_refused(tmp_path: Path) -> None:
    """Unknown, out of its limits, or pulled two ways at once."""
    with pytest.raises(Misuse, match="no lever"):
        pull({}, {"lives.nothing": 1})
    with pytest.raises(Misuse, match="automation_pace is 3"):
        pull({}, {"lives.automation_pace": 3})
    with pytest.raises(Misuse, match="patient_premium"):
        pull({}, {"budgets.patient_premium": 2})
    other = tmp_path / "other.yaml"
    other.write_text(GOOD)
    with pytest.raises(Misuse, match="two scenarios"):
        pull({"automation": "central", str(other): "central"})
    assert all(name.split(".")[0] in {"lives", "lab", "budgets"} for name in known())


def test_a_thicker_tail_moves_only_the_top() -> None:
    """By hand: four times the threshold to the power 1.5 is eight times it; below nothing moves."""
    one = village(1, 3)
    one.other[:] = [TAIL_FROM_MINOR // 2, TAIL_FROM_MINOR, 4 * TAIL_FROM_MINOR]
    found = World(capital_tail=0.5).of_village(one)
    assert found.other.tolist() == [TAIL_FROM_MINOR // 2, TAIL_FROM_MINOR, 8 * TAIL_FROM_MINOR]
    assert one.other[2] == 4 * TAIL_FROM_MINOR
    assert World().of_village(one) is one


def test_profits_are_shared_by_employers_and_not_by_months() -> None:
    """An employer that shares does so for all its people in all months; public ones, platforms and the self-employed never."""
    months, people = 3, 400
    blank = {name: np.zeros((months, people), dtype=kind) for name, kind in _kinds().items()}
    blank["employer"][:] = 100 + np.arange(people) % 50
    blank["job"][:], blank["pay"][:] = Job.EMPLOYEE, 100_000
    blank["industry"][:, 300:] = 14
    blank["job"][:, :20] = Job.SELF_EMPLOYED
    lives = Lives(**blank)
    found = World(profit_share=0.03, profit_share_reach=0.4).of_lives(lives, 9)
    more = found.pay > 100_000
    assert (found.pay[more] == 103_000).all()
    assert not more[:, :20].any()
    assert not more[:, 300:].any()
    for employer in range(100, 150):
        mine = more[:, (blank["employer"][0] == employer) & (np.arange(people) >= 20) & (np.arange(people) < 300)]
        assert mine.all() or not mine.any()
    assert 0.15 < more[0, 20:300].mean() < 0.65
    again = World(profit_share=0.03, profit_share_reach=0.4).of_lives(lives, 9)
    assert (again.pay == found.pay).all()
    assert World().of_lives(lives, 9) is lives


def _kinds() -> dict[str, type]:
    small = {
        "status",
        "job",
        "occupation",
        "industry",
        "qualification",
        "leaving",
        "payers",
        "hours",
        "scar",
        "children",
        "with_parents",
        "born_now",
        "died",
    }
    return {
        name: np.uint8 if name in small else np.int16 if name == "youngest" else np.int32
        for name in Lives.__annotations__
    }
