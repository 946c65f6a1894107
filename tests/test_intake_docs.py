"""The page for those who write files says what the code does."""

import re
from pathlib import Path

import pytest

from lifepot.intake.codes import CODES
from lifepot.intake.layouts import JOB_KINDS, LAYOUTS, Layout
from lifepot.intake.reader import read
from lifepot.kernel.columns import FREQUENCY_WORDS, Kind
from lifepot.periods import parse_day

PAGE = (Path(__file__).parents[1] / "docs" / "file-layouts.md").read_text()


def section(name: str) -> str:
    """The part of the page under this heading."""
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def test_the_table_of_codes() -> None:
    """Each code stands in the page's table with its reach and meaning, in the order of the code."""
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", section("Codes"), re.MULTILINE)
    assert told == [(name, str(code.weight), code.meaning) for name, code in CODES.items()]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_columns_of_each_layout(layout: Layout) -> None:
    """Each column stands in its layout's table, in its order, marked if the header must have it."""
    rows = re.findall(
        r"^\| `([^`]+)`(?:, else `([^`]+)`)?( \*)? \| (.+) \|$", section(f"`{layout.name}`"), re.MULTILINE
    )
    told = [row for row in rows if row[0] not in {kind.name.lower() for kind in Kind}]
    expected = [(column.name, column.otherwise, column.must) for column in layout.columns]
    assert [(name, otherwise, bool(star)) for name, otherwise, star, _ in told] == expected
    kept = [name for name, _, _, becomes in told if becomes.startswith("kept, not read")]
    assert kept == [column.name for column in layout.columns if not column.field]


def test_the_words_of_our_own_layouts() -> None:
    """Every kind, frequency and kind of job is named."""
    for word in [kind.name.lower() for kind in Kind] + list(FREQUENCY_WORDS):
        assert f"`{word}`" in section("`contributions`")
    for word in JOB_KINDS:
        assert f"`{word}`" in section("`platform`")


@pytest.mark.parametrize("name", ["papdis-csv", "papdis-xml", "contributions", "platform"])
def test_the_examples(tmp_path: Path, name: str) -> None:
    """Each example is read as its layout, without a fault or a note."""
    [example] = re.findall(r"```(?:csv|xml)\n(.*?)```", section(f"`{name}`"), re.DOTALL)
    path = tmp_path / "example"
    path.write_text(example)
    reading = read(path, today=parse_day("2026-06-01"))
    [block] = reading.blocks()
    assert (reading.layout, reading.faults, [str(fault) for fault in block.rejects]) == (name, [], [])
    assert len(block.rows) > 0
