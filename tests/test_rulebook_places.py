"""Whatever word of a rulebook is wrong, its very place is told: tried with every kind of place that the language has."""

from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from tests.test_docs import examples, rulebook_of

from lifepot.rulebook.reader import judge

PAGE = rulebook_of(examples())
"""The rulebook of all examples on the language's page, in which every term stands."""

PROSE = {"title", "description", "source", "without_bound", "pays", "evidence", "message", "code"}
"""Terms whose text nobody reads but a person."""

NAMED_THERE = {("name",), ("attributes", "*", "aliases"), ("attributes", "*", "choices")}
"""Places that give a name: any will do."""

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


def kinds_of_places() -> dict[Place, ScalarNode]:
    """The first scalar in each kind of place that is not there for people alone."""
    found: dict[Place, ScalarNode] = {}
    for place, node in scalars(YAML(typ="rt").compose(PAGE)):
        if not PROSE & set(place) and place not in NAMED_THERE:
            found.setdefault(place, node)
    return found


def told_at(node: ScalarNode, word: str) -> tuple[bool, list[str]]:
    """Whether a word in a scalar's stead is told of at its very place; and all that is told."""
    start, end = node.start_mark, node.end_mark
    faults = judge(PAGE[: start.index] + word + PAGE[end.index :], "page.yaml").faults
    return (start.line + 1, start.column + 1) in {(one.line, one.column) for one in faults}, list(map(str, faults))


def test_the_page_has_no_fault() -> None:
    """The rulebook that is changed below is right, and has most kinds of places."""
    assert judge(PAGE, "page.yaml").faults == []
    assert len(kinds_of_places()) > 120


def test_a_word_that_is_not_there_is_told_at_its_place() -> None:
    """In every place of a reference, a figure or a fixed word, one that is not there is refused where it stands."""
    told = {place: told_at(node, "nowhere") for place, node in kinds_of_places().items()}
    assert {place: faults for place, (is_told, faults) in told.items() if not is_told} == {}


AGES = {"22", "60", "pension_age"}
"""What stands where the page asks for an age."""


def test_a_value_of_another_unit_is_told_at_its_place() -> None:
    """An age is refused where it stands in every place that asks for no age, though there is such a value."""
    told = {place: told_at(node, "pension_age") for place, node in kinds_of_places().items() if node.value not in AGES}
    assert [place for place, (is_told, _) in told.items() if not is_told] == []
