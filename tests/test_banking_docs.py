"""The page on bank files says what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lifepot.banking.bacs_layout import CONTRA_CODE, CREDIT_CODE, LABELS, MULTI, slot_of
from lifepot.banking.codes import CODES
from lifepot.banking.references import Kind, Reference, find_references
from lifepot.banking.statement_csv import SPELLINGS

CHECKOUT = Path(__file__).parents[1]
PAGE = (CHECKOUT / "docs" / "banking.md").read_text("utf-8")

PLACE_OF_CODE = {"CellError": 0, "Fault": 3, "note": 2, "fault": 2}
"""Which argument of a call is the code of a fault."""


def section(name: str) -> str:
    """The part of the page under this heading."""
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


def codes_told() -> Iterator[str]:
    """Every code that a file of the room writes into a fault."""
    for file in (CHECKOUT / "src" / "lifepot" / "banking").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                yield from re.findall(r"'([a-z]+(?:_[a-z]+)+)'", ast.unparse(node.value))
            if isinstance(node, ast.Call):
                place = PLACE_OF_CODE.get(ast.unparse(node.func).rpartition(".")[2])
                if place is not None and len(node.args) > place:
                    yield from re.findall(r"^'(\w+)'$", ast.unparse(node.args[place]))


def test_every_code_is_documented_and_told() -> None:
    """The page's table is the code's, in its order; every code that is told is in it, and each of its own is told."""
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section("What is refused"), re.MULTILINE)) == CODES
    from_intake = {"encoding", "nul_byte"}  # told by intake's look at the text
    assert set(codes_told()) | from_intake == set(CODES)


def test_every_spelling_is_documented() -> None:
    """Each column of a CSV statement stands on the page with all its spellings."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", section("CSV statements"), re.MULTILINE)
    assert {column: tuple(said.split(", ")) for column, said in rows} == SPELLINGS


def test_every_position_of_a_bacs_file_is_documented() -> None:
    """Each field that is not blank stands on the page at its position."""
    rows = dict(re.findall(r"^\| (\w+(?:, \w+)?) \| (.+) \|$", section("Bacs Standard 18"), re.MULTILINE))
    for names, said in rows.items():
        if names in {"line", "contra"}:
            continue
        slots = MULTI if names == "record" else LABELS[names.split(", ")[0]]
        starts = [slot.start for slot in slots if slot.name not in {"_", "label"}]
        assert [int(start) for start in re.findall(r"(?:^|, |; of several days, )([0-9]+) ", said)] == starts, names
    assert f"code `{CREDIT_CODE}`" in rows["record"]
    assert f"code `{CONTRA_CODE}`" in rows["contra"]
    assert slot_of(LABELS["UTL1"], "credit_minor").length == 13


def test_every_kind_of_reference_is_documented() -> None:
    """Each letter has a row, and the example is a true reference."""
    rows = re.findall(r"^\| `([A-Z])` \| .+ \|$", section("References"), re.MULTILINE)
    assert rows == [kind.value for kind in Kind]
    assert find_references(section("References")) == (Reference(Kind.WITHDRAWAL, 123),)
