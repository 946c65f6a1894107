"""Figures varied in memory, what is asked for in words, the frontier, and a search that goes on after it was stopped."""

from fractions import Fraction
from pathlib import Path

import pytest
from tests.made_up_years import OPENS_YEAR, YEARS, run_village

from lifepot.errors import Misuse
from lifepot.lab.ground import ground_of
from lifepot.lab.intervals import grouped
from lifepot.lab.outcomes import BRIEF, Answers, answers
from lifepot.lab.search import Design, frontier, search
from lifepot.lab.shards import Stopped
from lifepot.lab.sums import village_sums
from lifepot.lab.tornado import over_ranges, tornadoes
from lifepot.lab.varying import changed, figure_text, varied
from lifepot.lab.wanted import EXAMPLES, budget_of, cost_of, wanted
from lifepot.rulebook.reader import shipped
from lifepot.rulebook.scalars import parse_rate
from lifepot.rulebook.terms import Rulebook

GROUND = ground_of(YEARS, OPENS_YEAR)
BOOK = shipped("lifetime-savings-account")


def answered(match: float) -> Answers:
    """Made-up villages under a match."""
    return answers(grouped([village_sums(run_village(number, match=match), GROUND) for number in range(3)]), GROUND)


def run(book: Rulebook) -> Answers:
    """The made-up villages under a rulebook's match rate."""
    figure = book.values["match_rate"].dated["2016-04-06"]
    assert isinstance(figure, str)
    return answered(float(parse_rate(figure)) if figure != "1" else 1.0)


def test_a_figure_is_varied_by_its_name_with_points() -> None:
    """match.rate is match_rate; 0:1 is from nothing to a pound a pound; steps are whole."""
    one = varied(BOOK, "match.rate=0:1")
    assert (one.name, one.unit, one.low, one.high, one.steps) == ("match_rate", "rate", 0, 1, 100)
    cap = varied(BOOK, "match.cap=600:2400:300")
    assert (cap.step, cap.steps, cap.told(cap.figure(2))) == (300, 6, "1200")
    age = varied(BOOK, "opening.age=16:18")
    assert age.told(age.figure(1)) == "16y 1m"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("match.rate", "says no range"), ("match.rate=1", "says no range"), ("match.bate=0:1", "is no value of"),
        ("second_pension_age=50:60", "is a table"), ("match.rate=0.5:0.5", "range is empty"), ("match.cap=a:b", "not an amount"),
    ],
)  # fmt: skip
def test_what_cannot_be_varied_is_refused(text: str, word: str) -> None:
    """Each with a sentence that says why."""
    with pytest.raises(Misuse, match=word):
        varied(BOOK, text)


def test_a_changed_rulebook_is_one() -> None:
    """Only the value is another; figures are written as a rulebook writes them; what then means nothing is refused."""
    other = changed(BOOK, {"match_rate": Fraction(3, 4), "match_cap": Fraction(900)})
    assert other.values["match_rate"].dated == {"2016-04-06": "75%"}
    assert other.values["match_cap"].dated == {"2016-04-06": "900"}
    assert other.rules == BOOK.rules
    assert BOOK.values["match_rate"].dated == {"2016-04-06": "50p per £1"}
    with pytest.raises(Misuse, match="means nothing"):
        changed(BOOK, {"taper_from": Fraction(200_000)})
    assert [
        figure_text("money", Fraction(5, 2)),
        figure_text("rate", Fraction(1)),
        figure_text("number", Fraction(7)),
    ] == ["2.50", "100%", "7"]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_can_be_asked_for(text: str) -> None:
    """What the help names is found in the answers, and a fall counts as more."""
    found = answered(0.5)
    one = wanted(text)
    low, high = one.interval(found)
    assert low <= one.of(found) <= high or one.of(found) != one.of(found)


def test_fewer_under_a_thousand_pounds_is_more() -> None:
    """The made-up scheme lowers the share under £1,000 in the highest tenths: what is maximised is that fall."""
    one = wanted("share under £1,000 in deciles 8-10")
    assert one.of(answered(0.5)) > 0
    assert "fewer is better" in one.words
    with pytest.raises(Misuse, match="no figure that can be looked for"):
        wanted("happiness in decile 1-3")
    with pytest.raises(Misuse, match="no figure"):
        wanted("wealth in decile 0-3")


@pytest.mark.parametrize(
    ("text", "pounds"),
    [("2bn a year", 2e9), ("£750m", 7.5e8), ("2,000,000,000", 2e9), ("1.5 billion a year", 1.5e9), ("90k", 9e4)],
)
def test_a_budget_is_read(text: str, pounds: float) -> None:
    """In the words people use."""
    assert budget_of(text) == pounds
    with pytest.raises(Misuse, match="no amount a year"):
        budget_of("lots")


def test_the_frontier_holds_what_no_other_beats() -> None:
    """By hand: cheaper and better beats; a tie in both stays once; what is beyond the budget is not on it."""

    def design(number: int, cost: float, gives: float) -> Design:
        return Design(number, {"x": Fraction(number)}, cost, gives, 0, 0, within=cost <= 10, on_frontier=False)

    found = frontier(
        [design(0, 3, 5), design(1, 2, 6), design(2, 5, 9), design(3, 4, 9), design(4, 12, 20), design(5, 2, 6)]
    )
    assert [one.number for one in found if one.on_frontier] == [1, 3]
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    again = frontier([design(7, 1, 1), design(7, 1, 1)])
    assert len(again) == 1


def test_a_search_finds_the_frontier_and_goes_on(tmp_path: Path) -> None:
    """Stopped in the middle it says so; the same search goes on from its journal, and the frontier rises with cost."""
    ranges = [varied(BOOK, "match.rate=0:1:0.1")]
    asked: list[str] = []

    def stopping(book: Rulebook) -> Answers:
        if len(asked) == 3:
            raise KeyboardInterrupt
        asked.append(str(book.values["match_rate"].dated))
        return run(book)

    options = {"trials": 8, "seed": 5, "journal": tmp_path / "keep" / "search.journal"}
    goal = wanted("wealth in decile 8-10")
    with pytest.raises(Stopped, match="3 of 8 designs"):
        search(BOOK, ranges, goal, 1e12, stopping, **options)
    asked.clear()

    def counting(book: Rulebook) -> Answers:
        asked.append(str(book.values["match_rate"].dated))
        return run(book)

    found = search(BOOK, ranges, goal, 1e12, counting, **options)
    assert len(asked) == 5
    best = [one for one in found if one.on_frontier]
    assert best
    assert [one.gives for one in best] == sorted(one.gives for one in best)
    dear = search(BOOK, ranges, goal, 0.0, counting, **options)
    assert len(asked) == 5
    assert all(one.cost == 0 for one in dear if one.on_frontier)


def test_a_search_is_the_same_for_a_seed(tmp_path: Path) -> None:
    """Two searches of one seed try the same designs."""
    ranges = [varied(BOOK, "match.rate=0:1:0.1")]
    goal = wanted("wealth in decile 8-10")
    one, other = (
        search(BOOK, ranges, goal, 1e12, run, trials=5, seed=3, journal=tmp_path / name) for name in ("a", "b")
    )
    assert one == other


def test_a_tornado_is_widest_first_and_its_interval_holds_the_central() -> None:
    """The match moves the cost, a growth that nothing asks for does not; ends that are central are not run again."""
    asked: list[dict[str, float]] = []

    def with_(changes: dict[str, float]) -> Answers:
        asked.append(changes)
        return answered(changes.get("match", 0.5))

    ranges = {"growth": (0.03, 0.03, 0.05), "match": (0.25, 0.5, 1.0)}
    found = tornadoes(ranges, with_, [("cost", "pounds", cost_of)])[0][0]
    assert [one.name for one in found.swings] == ["match", "growth"]
    assert asked == [{}, {"growth": 0.05}, {"match": 0.25}, {"match": 1.0}]
    assert found.swings[0].at_high == pytest.approx(2 * found.central, rel=1e-3)
    assert found.swings[1].size() == 0
    low, high = found.interval
    assert low == pytest.approx(found.swings[0].at_low)
    assert high == pytest.approx(found.swings[0].at_high)


def test_assumptions_move_every_figure_by_the_root_of_their_squares() -> None:
    """Two assumptions that each double a cost move it up by √2 of what one does, down by what their low ends do."""

    def with_(changes: dict[str, float]) -> Answers:
        return answered(0.5 * changes.get("one", 1.0) * changes.get("other", 1.0))

    _, moved = tornadoes({"one": (1.0, 1.0, 2.0), "other": (0.5, 1.0, 2.0)}, with_, [("cost", "pounds", cost_of)])
    found = over_ranges(answered(0.5), moved)
    assert found.assumed is not None
    value, twice, half = (answered(match).estimates["brief"].value[0] for match in (0.5, 1.0, 0.25))
    column = [name for name, _ in BRIEF].index("government, a year")
    low, high = found.assumed["brief"][0][0, column], found.assumed["brief"][1][0, column]
    assert high == pytest.approx(value[column] + (twice[column] - value[column]) * 2**0.5)
    assert low == pytest.approx(half[column])
