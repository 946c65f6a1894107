"""How a rulebook is read: no YAML, several faults at once, encodings, files. Each fault alone is in `test_rulebook_faults`."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.small import SMALL

from lifepot.errors import LifepotError
from lifepot.rulebook.checks import check
from lifepot.rulebook.reader import (
    LARGEST_RULEBOOK_BYTES,
    MOST_FAULTS,
    RulebookFaults,
    parse_rulebook,
    read_rulebook,
    rulebook_text,
    shipped,
    shipped_names,
)

LONGEST_SECONDS = 20
"""Of one core's time; it takes five at most on a slow machine."""

MATCH = "rules.government.match"

NO_YAML = {
    "empty": ("", "1:1: nothing; expected a mapping"),
    "only a comment": ("# nothing here\n", "1:1: nothing; expected a mapping"),
    "a list": ("- name\n- title\n", "1:1: a list; expected a mapping"),
    "one word": ("hello", "1:1: a single word; expected a mapping"),
    "two documents": ("name: a\n---\nname: b\n", "2:1: but found another document; expected YAML 1.2"),
    "unclosed quotation": ('name: small\ntitle: "Small\n', "3:1: found unexpected end of stream; expected YAML 1.2"),
    "tab": ("name: small\n\ttitle: x\n", "2:1: found character '\\t' that cannot start any token; expected YAML 1.2"),
    "unknown anchor": ("name: *other\n", "1:7: found undefined alias 'other'; expected YAML 1.2"),
    "bytes": ("\x00\x01", "1:1: character U+0000; expected YAML 1.2"),
    "brackets": ("name: " + "[" * 3000, "1:48: terms nested too deep; expected at most 40 levels"),
    "depth": (
        "".join(f"{' ' * depth}a:\n" for depth in range(60)),
        "42:42: terms nested too deep; expected at most 40 levels",
    ),
}


def faults_of(text: str) -> list[str]:
    """All faults of a text, as they are printed."""
    return [str(fault) for fault in parse_rulebook(text, "small.yaml")[1]]


def test_what_the_faults_are_made_from_has_none() -> None:
    """The small rulebook is right, or the tests below would prove nothing."""
    rulebook, faults = parse_rulebook(SMALL, "small.yaml")
    assert faults == []
    assert rulebook is not None
    assert list(rulebook.rules) == ["worker.payment", "government.match"]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=name) for name, row in NO_YAML.items()])
def test_no_yaml(text: str, expected: str) -> None:
    """What is no mapping in YAML has one fault and no rulebook."""
    rulebook, (fault,) = parse_rulebook(text, "small.yaml")
    assert rulebook is None
    assert str(fault).startswith(f"small.yaml:{expected}")


def test_alias_bomb() -> None:
    """Nine lines that stand for a thousand million terms are refused at once."""
    letters = "abcdefghi"
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in pairwise(letters))
    (fault,) = faults_of(text)
    assert "more terms than any rulebook has; expected at most 10,000" in fault


def test_every_fault_at_once() -> None:
    """Faults of shape and of sense, in several terms, are all reported, in the order of the file."""
    text = SMALL.replace("title: Small", "titel: Small").replace("half_up penny", "half_up shilling")
    text = text.replace(
        'unit: money, source: Ours., dated: {2020-04-06: "1200"}', 'unit: money, dated: {2020-04-06: "1"}'
    )
    text = text.replace("may_join: adult", "may_join: grown").replace("2021-04-06: 20%", "2019-04-06: 20%")
    assert [fault.split(";")[0] for fault in faults_of(text)] == [
        "small.yaml:1:1: title: nothing",
        "small.yaml:2:1: titel: `titel`, which is no term here",
        "small.yaml:8:3: values.cap.source: nothing",
        "small.yaml:9:82: values.rate.dated.2019-04-06: 2019-04-06 after a later day",
        "small.yaml:28:13: membership.may_join: grown",
        f"small.yaml:52:16: {MATCH}.steps.4.round: 'half_up shilling'",
    ]


def test_dated_cap_below_its_floor_on_one_day() -> None:
    """A cap and a floor are held against each other on every day on which either changes."""
    text = SMALL.replace('{2020-04-06: "1200"}}', '{2020-04-06: "1200", 2022-04-06: "900"}}')
    assert faults_of(text.replace("- up_to: cap", '- at_least: "900"\n      - up_to: cap')) == []
    (fault,) = faults_of(text.replace("- up_to: cap", '- at_least: "1000"\n      - up_to: cap'))
    assert "a cap of cap from 2022-04-06; expected a cap not below the floor of 1000" in fault


def test_not_utf_8(tmp_path: Path) -> None:
    """A file in another encoding is at fault where its first wrong byte stands."""
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL.replace("Small", "Smàll").encode("latin-1"))
    with pytest.raises(RulebookFaults) as raised:
        read_rulebook(file)
    assert [str(file)] == [fault.file for fault in raised.value.faults]
    assert "2:10: byte 0xe0, which is not UTF-8; expected text saved as UTF-8" in str(raised.value.faults[0])


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    """A file from Windows is read like any other."""
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_rulebook(file) == parse_rulebook(SMALL, "small.yaml")[0]


def test_too_long_to_be_one(tmp_path: Path) -> None:
    """A file or text too long to be a rulebook is not even composed; one as long as may be is read."""
    file = tmp_path / "large.yaml"
    longest = SMALL + "#" * (LARGEST_RULEBOOK_BYTES - len(SMALL))
    file.write_text(longest + "#", "utf-8")
    with pytest.raises(RulebookFaults, match="more than 250,000 bytes; expected a rulebook's YAML file"):
        read_rulebook(file)
    assert faults_of(longest + "#") == [
        "small.yaml:1:1: more than 250,000 bytes; expected a rulebook's YAML file [size]"
    ]
    assert faults_of(longest) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- " * 100_000, "size"),
        ("[" * 240_000, "size"),
        ("[" + "a," * 120_000 + "]", "size"),
        ("{" + "a: b," * 48_000 + "}", "size"),
        ("a: b\n" * 9_000, "twice"),
        ("a: " + "!" * 240_000, "yaml"),
        ("a: " + "x y " * 60_000, "shape"),
        ('a: "' + "\\n" * 120_000 + '"', "shape"),
        ("x:\n" + "".join(f"  z{n}: x\n" for n in range(9_000)), "shape"),
    ],
    ids=["lists", "brackets", "items", "terms", "twice", "tags", "words", "escapes", "names"],
)
def test_long_nonsense_ends(text: str, code: str) -> None:
    """As much nonsense as a file may hold is refused within seconds, with no more faults than anybody reads."""
    began = time.process_time()
    _, faults = parse_rulebook(text, "small.yaml")
    assert time.process_time() - began < LONGEST_SECONDS
    assert code in {fault.code for fault in faults}
    assert len(faults) <= MOST_FAULTS + 1


def test_more_faults_than_anybody_reads() -> None:
    """A thousand faults are told; of more, how many there were."""
    few, many = ("".join(f"z{n}: x\n" for n in range(count)) for count in (1_000, 1_001))
    assert len(faults_of(SMALL + few)) == MOST_FAULTS
    assert len(faults_of(SMALL + many)) == MOST_FAULTS + 1
    assert faults_of(SMALL + many)[-1] == (
        "small.yaml:1:1: more than 1,000 faults (1 are not listed); expected a rulebook with few faults, or none [size]"
    )


def test_no_file(tmp_path: Path) -> None:
    """A name that is neither a file nor shipped is answered with the names that are."""
    with pytest.raises(LifepotError, match=r"No rulebook .*nowhere.* one of: .*uk-lifetime-isa"):
        read_rulebook(tmp_path / "nowhere")
    with pytest.raises(LifepotError, match="No rulebook"):
        read_rulebook(tmp_path)


def test_reading_a_faulty_file_says_how_many(tmp_path: Path) -> None:
    """Whoever only wants the rulebook gets the first fault, their number and the command that lists them."""
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("may_join: adult", "may_join: grown\n  opt_in: never"), "utf-8")
    with pytest.raises(RulebookFaults, match=r"has 2 faults, first: .*grown.* `lifepot rulebook check FILE`"):
        read_rulebook(file)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_rulebooks_are_right(name: str) -> None:
    """No shipped rulebook has a fault, each is named as its file, and each is read once."""
    text, file = rulebook_text(name)
    rulebook, faults = parse_rulebook(text, file)
    assert faults == []
    assert rulebook is not None
    assert rulebook.name == name
    assert check(rulebook) == []
    assert shipped(name) is shipped(name)


def test_a_fault_as_json() -> None:
    """A fault carries its place and its two halves under stable keys."""
    (fault,) = parse_rulebook(SMALL.replace("may_join: adult", "may_join: grown"), "small.yaml")[1]
    assert fault.as_dict() == {
        "file": "small.yaml",
        "line": 28,
        "column": 13,
        "code": "unknown",
        "path": "membership.may_join",
        "found": "grown",
        "expected": "one of the conditions: adult, cheap",
        "clause": "membership.may_join",
    }
