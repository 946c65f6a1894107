"""Redraws over kept lives: the lab's own figures, paired differences, and refusals in place of crashes."""

from pathlib import Path

import numpy as np
import pytest
from tests.edits import edited

from lifepot.errors import LifepotError
from lifepot.lab.intervals import Estimate
from lifepot.lab.outcomes import Answers
from lifepot.lab.run import Order, costed
from lifepot.rulebook.reader import parse_rulebook, rulebook_text
from lifepot.workbench.checking import NotARulebook, checked
from lifepot.workbench.drawings import drawings
from lifepot.workbench.figures import FIGURES, Told
from lifepot.workbench.kept import YEARS, Kept
from lifepot.workbench.numbers import numbers, with_number
from lifepot.workbench.redrawing import Redrawn, Redraws, stages
from lifepot.workbench.texts import LARGEST_TEXT_BYTES, digest_of

TEXT = rulebook_text("lifetime-savings-account")[0]
LIVES = 10_000


def always() -> bool:
    """Nothing stops a redraw."""
    return True


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for kept lives."""
    return tmp_path_factory.mktemp("workbench")


@pytest.fixture(scope="module")
def redraws(keep: Path) -> Redraws:
    """Ten thousand kept lives."""
    kept = Kept(keep, LIVES)
    seen: list[tuple[int, int]] = []
    kept.make(2, lambda there, of: seen.append((there, of)))
    assert seen[0] == (0, 20)
    assert seen[-1] == (20, 20)
    return Redraws(kept, 2)


def redrawn(redraws: Redraws, text: str, lives: int = LIVES, against: str | None = None) -> Redrawn:
    """A redraw that is not stopped."""
    found = redraws.redraw(text, against, lives, always)
    assert found is not None
    return found


def lab(keep: Path, people: int) -> Answers:
    """The same by `lab cost`."""
    book, _ = parse_rulebook(TEXT, "ours.yaml")
    assert book is not None
    return costed(Order(people=people, years=YEARS, keep=str(keep / "lab")), book)


def test_figures_are_those_of_lab_cost(redraws: Redraws, keep: Path) -> None:
    """Over the same 10,000 people and 13 years every figure and interval is the lab's, to the bit."""
    found, answers = redrawn(redraws, TEXT).told, lab(keep, LIVES)
    for name, column in (
        ("government", "government, a year"), ("employers", "employers and platforms, a year"), ("gain_lowest", "lowest three tenths"),
        ("gain_middle", "middle four tenths"), ("gain_highest", "highest three tenths"),
    ):  # fmt: skip
        one = found.figure(name)
        assert (one.value, one.low, one.high) == answers.cell("brief", "all", column), name
    homes = found.figure("homes")
    assert (homes.value, homes.low, homes.high) == answers.cell("purposes", "first homes bought", "change")
    gains = next(one for one in found.series if one.name == "gains")
    for row, value, low, high in zip(gains.rows, gains.values[0], gains.low[0], gains.high[0], strict=True):
        assert (value, low, high) == answers.cell("gains_by_decile", row, "net gain")
    cost = next(one for one in found.series if one.name == "cost")
    by_year: Estimate = answers.estimates["cost_by_year_real"]
    assert cost.values[0] == by_year.value[:, 0].tolist()
    assert cost.rows == answers.rows("cost_by_year_real")
    assert len(cost.rows) == 10


def test_fewer_lives_are_weighed_for_the_country(redraws: Redraws, keep: Path) -> None:
    """Over 2,000 of the lives a figure is the lab's of 2,000 people, but for the last digits; its interval is wider than over 10,000."""
    few, answers = redrawn(redraws, TEXT, 2_000), lab(keep, 2_000)
    one = few.told.figure("government")
    assert (one.value, one.low, one.high) == pytest.approx(answers.cell("brief", "all", "government, a year"), rel=1e-9)
    many = redrawn(redraws, TEXT).told.figure("government")
    assert one.high - one.low > many.high - many.low
    assert (few.lives, few.is_sharpest) == (2_000, False)


def test_two_texts_are_compared_in_pairs(redraws: Redraws) -> None:
    """A difference is the first's figure less the second's; shared luck is no doubt, so its interval is narrower than either's; and a
    rulebook held against itself differs in nothing, for certain.
    """
    found = redrawn(redraws, with_number(TEXT, "match.rate", 60), against=TEXT)
    assert found.other is not None
    assert found.less is not None
    assert found.against == digest_of(TEXT)
    for name in FIGURES:
        one, other, less = (side.figure(name) for side in (found.told, found.other, found.less))
        assert less.value == pytest.approx(one.value - other.value, abs=1e-6)
        assert less.low - 1e-9 <= less.value <= less.high + 1e-9
    one, less = found.told.figure("government"), found.less.figure("government")
    assert less.low > 0, "a higher match costs more"
    assert less.high - less.low < one.high - one.low
    same = redrawn(redraws, TEXT, against=TEXT).less
    assert same is not None
    assert {(each.value, each.low, each.high) for each in same.figures} == {(0.0, 0.0, 0.0)}


def test_an_answer_goes_through_json(redraws: Redraws) -> None:
    """What is told line by line comes back as what it was."""
    found = redrawn(redraws, TEXT, 500)
    assert np.isnan(found.told.figure("government").low), "one village has no interval"
    again = Redrawn.from_dict(found.as_dict())
    assert again.as_dict() == found.as_dict()
    assert isinstance(again.told, Told)


def test_a_stopped_redraw_goes_on_from_where_it_stood(redraws: Redraws) -> None:
    """Stopped after some villages there is no answer; asked again, only the others are drawn, and the answer is the same."""
    text = with_number(TEXT, "match.rate", 37)
    left = iter([True, True, True])
    assert redraws.redraw(text, None, LIVES, lambda: next(left, False)) is None
    done = len(redraws._designs[digest_of(text)].sums)
    assert 0 < done < 20
    found = redrawn(redraws, text)
    del redraws._designs[digest_of(text)]
    assert redrawn(redraws, text).as_dict() == found.as_dict()


def test_kept_lives_are_made_once(redraws: Redraws, keep: Path) -> None:
    """Opened again, nothing is drawn; a file that is not whole is drawn anew, and is the same."""
    files = sorted(redraws.kept.folder.iterdir())
    assert len(files) == 20
    before = [file.stat().st_mtime_ns for file in files]
    whole = files[3].read_bytes()
    files[3].write_bytes(whole[: len(whole) // 2])
    other = Kept(keep, LIVES)
    other.make(2)
    after = [file.stat().st_mtime_ns for file in files]
    assert [number for number in range(20) if before[number] != after[number]] == [3]
    assert files[3].read_bytes() == whole


def test_an_answer_is_drawn(redraws: Redraws) -> None:
    """Three pictures, each with a table of a row a year or a tenth and an interval in every cell; a difference is drawn the same way."""
    found = redrawn(redraws, with_number(TEXT, "match.rate", 60), against=TEXT)
    assert found.less is not None
    for told in (found.told, found.less):
        cost, gains, low = drawings(told)
        assert cost.curves is not None
        assert len(cost.curves.lines) == 3
        assert all(line.band for line in cost.curves.lines)
        assert gains.bars is not None
        assert len(gains.bars.bars) == 10
        assert low.bars is not None
        assert len(low.bars.bars) == 20
        assert all(len(one.tables[0].rows) == 10 for one in (cost, gains, low))
    assert all(cell.under for row in drawings(found.told)[1].tables[0].rows for cell in row[1:])


def test_the_labs_page_is_made(redraws: Redraws) -> None:
    """The page of a text tells its title, the lives and the cost; nothing is fetched."""
    page = redraws.report(TEXT, None, LIVES, always)
    assert page is not None
    assert "Lifetime savings account" in page
    assert "10,000" in page
    assert "<script" not in page


def test_a_text_with_faults_or_in_other_money_is_refused(redraws: Redraws) -> None:
    """Faults come as values with their places; another currency, too many rules and a pot that looks back too far are told."""
    with pytest.raises(NotARulebook) as faulty:
        redraws.redraw(TEXT.replace("match_cap", "match_cop", 1), None, 500, always)
    assert faulty.value.faults[0].line > 1
    with pytest.raises(LifepotError, match="SGD"):
        redraws.redraw(rulebook_text("sg-cpf")[0], None, 500, always)
    rule = "  worker.p{}:\n    description: More.\n    party: worker\n    of: paid.worker\n    source: Ours.\n"
    many = TEXT + "".join(rule.format(number) for number in range(40))
    with pytest.raises(LifepotError, match="47 rules"):
        redraws.redraw(many, None, 500, always)


def test_texts_of_strangers_are_bounded() -> None:
    """Too long a text, one too deep and one of aliases of aliases are faults, found at once; and no number is unfolded from aliases."""
    assert checked("#" * (LARGEST_TEXT_BYTES + 1)).faults[0].code == "size"
    bomb = "values:\n  a0: &a0 {unit: money, dated: {2020-01-01: 1}}\n"
    bomb += "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60))
    assert checked(bomb).faults[0].code == "size"
    assert len(numbers(bomb)) == 1
    assert checked("[" * 5_000).faults[0].code == "size"


@pytest.mark.parametrize("seed", range(12))
def test_edited_rulebooks_are_redrawn_or_refused(redraws: Redraws, seed: int) -> None:
    """Whatever slips into a rulebook, there is an answer or a `LifepotError`, never a crash."""
    text, _ = edited(seed)
    refused = ""
    try:
        found = redraws.redraw(text, None, 500, always)
    except LifepotError as error:
        found, refused = None, error.remedy
    assert (found is None) == bool(refused)


def test_the_last_stage_is_all_lives() -> None:
    """Answers come at 2,000, 10,000 and so on, and at all lives that are kept."""
    assert stages(50_000) == [2_000, 10_000, 20_000, 35_000, 50_000]
    assert stages(1_000) == [1_000]
    assert stages(10_000) == [2_000, 10_000]
