"""Whatever word of a rulebook is wrong, its very place is told: tried with every kind of place that the language has."""

from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from tests.test_docs import examples, rulebook_of

from lifepot.rulebook.reader import judge

EXAMPLES = examples()
PAGES = [
    rulebook_of(EXAMPLES[: count + 1])
    for count in range(len(EXAMPLES))
    if count == len(EXAMPLES) - 1 or "\nmembership:" in f"\n{EXAMPLES[count]}"
]
"""The rulebook of all examples on the language's page, and those with a membership that a later example replaces: every
term stands in one."""

PROSE = {"title", "description", "source", "without_bound", "pays", "evidence", "message", "code"}
"""Terms whose text nobody reads but a person."""

NAMED_THERE = {
    ("name",), ("attributes", "*", "aliases"), ("attributes", "*", "choices"), ("purposes", "*", "to"),
}  # fmt: skip
"""Places that give a name, or one that is not the rulebook's: any will do."""

SECTIONS = {
    "accounts",
    "windows",
    "days",
    "values",
    "attributes",
    "conditions",
    "purposes",
    "amounts",
    "rules",
    "claims",
}

Place = tuple[str, ...]


def scalars(node: Node, place: Place = ()) -> Iterator[tuple[Place, ScalarNode]]:
    """Every text and figure with the kind of place it stands in: names of clauses, days and numbers of items left out."""
    match node:
        case ScalarNode():
            yield place, node
        case SequenceNode():
            for one in node.value:
                yield from scalars(one, place)
        case MappingNode():
            for key, value in node.value:
                is_name = place[-1:] == ("dated",) or (len(place) == 1 and place[0] in SECTIONS)
                yield from scalars(value, (*place, "*" if is_name else key.value))


def kinds_of_places() -> dict[Place, tuple[str, ScalarNode]]:
    """The first scalar in each kind of place that is not there for people alone, and the page it stands on."""
    found: dict[Place, tuple[str, ScalarNode]] = {}
    for page in PAGES:
        for place, node in scalars(YAML(typ="rt").compose(page)):
            if not PROSE & set(place) and place not in NAMED_THERE:
                found.setdefault(place, (page, node))
    return found


def told_at(page: str, node: ScalarNode, word: str) -> tuple[bool, list[str]]:
    """Whether a word in a scalar's stead is told of at its very place; and all that is told."""
    start, end = node.start_mark, node.end_mark
    faults = judge(page[: start.index] + word + page[end.index :], "page.yaml").faults
    return (start.line + 1, start.column + 1) in {(one.line, one.column) for one in faults}, list(map(str, faults))


def test_the_pages_have_no_fault() -> None:
    """The rulebooks that are changed below are right, and have most kinds of places."""
    assert [judge(page, "page.yaml").faults for page in PAGES] == [[] for _ in PAGES]
    assert len(kinds_of_places()) > 120


def test_a_word_that_is_not_there_is_told_at_its_place() -> None:
    """In every place of a reference, a figure or a fixed word, one that is not there is refused where it stands."""
    told = {place: told_at(*its, "nowhere") for place, its in kinds_of_places().items()}
    assert {place: faults for place, (is_told, faults) in told.items() if not is_told} == {}


AGES = {"16", "22", "60", "pension_age"}
"""What stands where the page asks for an age."""


def test_a_value_of_another_unit_is_told_at_its_place() -> None:
    """An age is refused where it stands in every place that asks for no age, though there is such a value."""
    its = {place: its for place, its in kinds_of_places().items() if its[1].value not in AGES}
    told = {place: told_at(*one, "pension_age") for place, one in its.items()}
    assert [place for place, (is_told, _) in told.items() if not is_told] == []
