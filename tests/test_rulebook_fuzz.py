"""Random edits to the shipped rulebooks never end in a traceback, a hang, or a meaning that nobody wrote.

Some seeds in the ordinary run; the long sweep is `./lifepot python tests/fuzz_rulebooks.py --minutes 30`.
"""

from io import StringIO
from random import Random

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import Node
from tests.edits import HOSTILE, edited, tree_of, written
from tests.fuzzing import by_kernel, says_what_is_written, tried
from tests.generate import Happened, Life
from tests.small import SMALL

from lifepot.kernel.columns import Kind
from lifepot.kernel.operators import Overflow
from lifepot.kernel.program import compile_program
from lifepot.periods import parse_day
from lifepot.rulebook.composing import Unreadable, compose
from lifepot.rulebook.reader import judge, rulebook_text, shipped_names

SEEDS = range(250)


@pytest.mark.parametrize("first", SEEDS[::25])
def test_edited_rulebooks(first: int) -> None:
    """Each is refused with a place for every fault, or says what is written in it and gives the same twice over."""
    became = {seed: tried(seed) for seed in range(first, first + 25)}
    assert set(became.values()) <= {"refused", "run", "refused when run"}
    assert "run" in became.values()


@pytest.mark.parametrize("name", shipped_names())
def test_a_tree_is_written_as_it_was_read(name: str) -> None:
    """The edits' own way of writing a tree changes nothing, so that what they find is of the edit."""
    text, file = rulebook_text(name)
    assert judge(written(tree_of(text)), file).rulebook == judge(text, file).rulebook


# YAML's own traps


@pytest.mark.parametrize("spot", ["GBP", '"1200"', "25%,", "04-06}", "paid.worker", "2020-04-06: 25%"])
def test_scraps_where_figures_belong(spot: str) -> None:
    """A scrap of YAML in a figure's place is refused, or read as the text that it is."""
    for scrap in HOSTILE:
        text = SMALL.replace(spot, scrap, 1)
        found = judge(text, "small.yaml")
        if not found.faults:
            says_what_is_written(found, text)


@pytest.mark.parametrize(
    ("written_as", "read_as"),
    [
        ("1200", "1200"), ("01200", "01200"), ("1200.0", "1200.0"), ("'1200'", "1200"), ('"1200"', "1200"),
        ("1200 # a comment", "1200"), ("1200#no-comment", None), ("1_200", None), ("1e3", None), ("0x4B0", None),
        ("0o17", None), ("1,200", None), (".5", None), ("5.", None), ("-1", None), ("+1", None), ("~", None), ("null", None),
        ("", None), ("yes", None), ("true", None), ("2020-04-06", None), ("1:30", None), ("!!int 1200", None),
        ("!!str 1200", None), ("&a 1200", "1200"), ("[1200]", None), ("{1200}", None), ("NaN", None), (".inf", None),
        ("\uff11\uff12", None), ("\u0661", None), ("1 200", None), ("<<", None), ("*cap", None),
    ],
)  # fmt: skip
def test_figures_are_what_is_written(written_as: str, read_as: str | None) -> None:
    """A figure is its own digits: YAML's other ways to write a number are refused, and none is read as another number."""
    found = judge(
        SMALL.replace('dated: {2020-04-06: "1200"}', f"dated: {{2020-04-06: {written_as}\n    }}"), "small.yaml"
    )
    if read_as is None:
        assert found.faults
    else:
        assert found.faults == []
        assert found.rulebook is not None
        assert found.rulebook.values["cap"].dated == {"2020-04-06": read_as}


# Figures that read, and are too fine for exact arithmetic in 64 bits

PRIME = "1/999999937"

TOO_FINE = {
    "rates one after the other": (
        "- rate: rate", "\n      ".join(f"- rate: 1/{prime}" for prime in (999999937, 999999893, 999999883)),
    ),
    "tiers": (
        "- rate: rate",
        '- tiers: [{up_to: "1", rate: 1/999999937}, {up_to: "2", rate: 1/999999893}, {up_to: "3", rate: 1/999999883}, {rate: 1/999999797}]',
    ),
    "dates": (
        "2020-04-06: 25%,", "2020-04-06: 1/999999937, 2020-04-07: 1/999999893, 2020-04-08: 1/999999883,",
    ),
    "a rate beside one that is chosen": ("- rate: rate", f"- rate: {PRIME}\n      - rate: {{attribute: share, otherwise: {PRIME}}}"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [pytest.param(*row, id=name) for name, row in TOO_FINE.items()])
def test_figures_too_fine_to_be_exact(old: str, new: str) -> None:
    """A rulebook whose fractions leave 64 bits is refused when it is run, in words, and never gives something else."""
    book = judge(SMALL.replace(old, new, 1), "small.yaml").rulebook
    assert book is not None
    paid = tuple(Happened(n, n, parse_day("2020-05-01"), Kind.PAID, amount=1_000_00) for n in range(3))
    chosen = Happened(9, 9, parse_day("2020-05-01"), Kind.STATUS, attribute="share", value="5")
    life = Life(parse_day("1990-01-01"), None, {}, (chosen, *paid))
    with pytest.raises(Overflow, match="too large to be added up exactly"):
        by_kernel(compile_program(book), [life])


# The composer is ruamel's


def shape(node: Node | None) -> object:
    """A tree of nodes with their places, styles and texts."""
    if node is None:
        return None
    mark = (node.start_mark.line, node.start_mark.column, node.end_mark.line, node.end_mark.column)
    if isinstance(node.value, str):
        return mark, getattr(node, "style", None), node.value
    return mark, [tuple(map(shape, one)) if isinstance(one, tuple) else shape(one) for one in node.value]


def by_ruamel(text: str) -> object:
    """The same by ruamel's own composer."""
    yaml = YAML(typ="safe", pure=True)
    try:
        yaml.composer.warn_double_anchors = False
        return shape(yaml.compose(StringIO(text)))
    except (YAMLError, ValueError, OverflowError, RecursionError):
        return "no YAML"


def by_us(text: str) -> object:
    """A text by our composer."""
    try:
        return shape(compose(text).node)
    except Unreadable as error:
        return "too much" if error.too_much or error.found == "a directive (%)" else "no YAML"


@pytest.mark.parametrize("name", shipped_names())
def test_the_composer_reads_shipped_rulebooks_as_ruamel_does(name: str) -> None:
    """Same nodes, same places, same texts."""
    text = rulebook_text(name)[0]
    assert by_us(text) == by_ruamel(text)


@pytest.mark.parametrize("first", range(0, 100, 50))
def test_the_composer_reads_edited_rulebooks_as_ruamel_does(first: int) -> None:
    """What is no YAML for one is none for the other; what we stop reading as too much is left out."""
    for seed in range(first, first + 50):
        text = edited(seed)[0]
        ours = by_us(text)
        assert ours == "too much" or ours == by_ruamel(text), seed


def test_the_composer_reads_scraps_as_ruamel_does() -> None:
    """Scraps of YAML in all sorts of places."""
    chance = Random(1)  # noqa: S311  # chance that can be repeated
    frames = [
        "{}",
        "a: {}",
        "a: {}\nb: c",
        "- {}\n- x",
        "[{}, x]",
        "{{a: {}}}",
        "a:\n  {}\n  x",
        "{}: x",
        "a: {} # x",
        'a: "{}"',
    ]
    for _ in range(2_000):
        scraps = "".join(chance.choice([*HOSTILE, " ", "\n", "\n  ", ": ", ", "]) for _ in range(chance.randint(1, 4)))
        text = chance.choice(frames).format(scraps)
        ours = by_us(text)
        assert ours == "too much" or ours == by_ruamel(text), text
