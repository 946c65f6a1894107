"""Numbers of a rulebook's text: found with place and unit, and changed without touching anything else."""

from fractions import Fraction

import pytest

from lifepot.errors import Misuse
from lifepot.rulebook.reader import judge, rulebook_text, shipped_names
from lifepot.workbench.numbers import Number, numbers, with_number

OURS = rulebook_text("lifetime-savings-account")[0]


def named(text: str, name: str) -> Number:
    """The one number of a name that is in force."""
    (one,) = [one for one in numbers(text) if one.name == name and one.is_in_force]
    return one


def test_a_number_is_told_with_its_unit_and_place() -> None:
    """The match rate is 50 per cent, written in pence a pound; a slider reaches its value in whole steps."""
    rate = named(OURS, "match.rate")
    assert (rate.unit, rate.value, rate.written) == ("rate", 50, "50p per £1")
    line = OURS.splitlines()[rate.line - 1]
    assert line[rate.column - 1 :].startswith("50p per £1")
    assert named(OURS, "match.cap").value == 1200
    assert named(OURS, "opening.age").value == 16 * 12
    assert named(OURS, "purposes.first_home.when.at_least").unit == "count"


@pytest.mark.parametrize("name", shipped_names())
def test_every_number_can_be_changed_and_nothing_else_changes(name: str) -> None:
    """Each number of each shipped rulebook set to an end of its slider or to one step beside: the text differs in that token alone,
    the number reads back as what was set, and the rulebook parses or has faults.
    """
    text = rulebook_text(name)[0]
    there = numbers(text)
    assert there, "a rulebook without a number"
    for index, one in enumerate(there):
        beside = one.low + (one.value - one.low) // one.step * one.step + one.step
        value = (one.low, one.high, beside if beside <= one.high else one.low + one.step)[index % 3]
        changed = with_number(text, one.which, value)
        after = text[one.begins + len(one.written) :]
        assert changed.startswith(text[: one.begins])
        assert changed.endswith(after)
        again = next(its for its in numbers(changed) if its.which == one.which)
        assert (again.value, again.unit, again.begins) == (value, one.unit, one.begins), one
    for one in there[::7]:
        judged = judge(with_number(text, one.which, one.high), "changed.yaml")
        assert judged.rulebook is not None or judged.faults


@pytest.mark.parametrize("name", shipped_names())
def test_a_slider_stands_on_its_value(name: str) -> None:
    """From the low end whole steps lead to the value, and on to the high end; but for a rate without an end."""
    for one in numbers(rulebook_text(name)[0]):
        assert 0 <= one.low <= one.value <= one.high, one
        assert one.low < one.high
        assert (one.value - one.low) % one.step == 0 or "/" in one.written, one
        assert (one.high - one.low) % one.step == 0, one


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("50p per £1", Fraction(55), "55p per £1"), ("3%", Fraction(7, 2), "3.5%"), ("0.25", Fraction(30), "0.3"),
        ("1/3", Fraction(40), "40%"), ("0.25", Fraction(120), "120%"), ("3 %", Fraction(4), "4 %"),
    ],
)  # fmt: skip
def test_a_rate_is_written_as_it_was(before: str, value: Fraction, after: str) -> None:
    """In pence a pound, in per cent, as a share of one; a share that cannot be said so becomes per cent."""
    text = OURS.replace("{2016-04-06: 50p per £1}", f"{{2016-04-06: {before}}}")
    changed = with_number(text, "match.rate", value)
    assert f"{{2016-04-06: {after}}}" in changed


def test_quotes_comments_and_layout_stay() -> None:
    """A quoted number stays quoted, with the comment behind it."""
    text = OURS.replace('dated: {2016-04-06: "1200"}', "dated:\n      2016-04-06:   '1200.00'   # a hundred a month")
    changed = with_number(text, "match.cap", "1300.5")
    assert "2016-04-06:   '1300.50'   # a hundred a month" in changed


def test_of_dated_figures_the_one_in_force_is_told() -> None:
    """Of two dated figures the later one is in force from its day on, the earlier one before."""
    text = OURS.replace('dated: {2016-04-06: "1200"}', 'dated: {2016-04-06: "1200", 2030-04-06: "1500"}')
    days = {one.written for one in numbers(text) if one.name == "match.cap" and one.is_in_force}
    assert days == {"1500"}
    early = {one.written for one in numbers(text, on_day=20_000) if one.name == "match.cap" and one.is_in_force}
    assert early == {"1200"}


@pytest.mark.parametrize("value", ["-1", "x", "1/0", "1" * 40])
def test_what_no_rulebook_can_say_is_refused(value: str) -> None:
    """Less than nothing, no number, too large a number, or no such place: each with a sentence."""
    with pytest.raises(Misuse):
        with_number(OURS, "match.cap", value)
    with pytest.raises(Misuse, match="no number"):
        with_number(OURS, "match.cape", 1)


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1\n- 2\n", "values: {a: {unit: money, dated: &a {b: *a}}}\n", "\ufeffa: 1"]
)
def test_a_text_that_is_no_rulebook_has_no_numbers(text: str) -> None:
    """Broken YAML, lists, circles: no numbers, and no crash."""
    assert numbers(text) == []
