"""YAML in, `Rulebook` out; every fault with its place.

The file is composed into nodes, so that each key and figure keeps its line and column; figures stay text until the
term that uses them says what they are. Shape is pydantic's to judge, sense is `checks`'; both give paths, and the
places come back from here.
"""

from functools import lru_cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lifepot.errors import Fault, LifepotError
from lifepot.rulebook.checks import check
from lifepot.rulebook.terms import Rulebook

LARGEST_RULEBOOK_BYTES = 1_000_000
"""A thousand times a long rulebook. It keeps a file that is not one from being composed into memory."""

DEEPEST = 40
"""Nesting no rulebook needs; deeper files are bombs, and would exhaust the parser's stack."""

Path_ = tuple[str | int, ...]
Place = tuple[int, int]


class RulebookFaults(LifepotError):
    """A rulebook file that cannot be used, with every fault found in it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(
            f"{faults[0].file} has {len(faults)} fault{'s' if len(faults) > 1 else ''}, first: {faults[0]}.",
            remedy="`lifepot rulebook check FILE` lists them all.",
        )


def shipped_names() -> list[str]:
    """Names of the rulebooks in the package."""
    return sorted(item.name.removesuffix(".yaml") for item in files("lifepot.rulebooks").iterdir() if item.name.endswith(".yaml"))


def read_rulebook(source: str | Path) -> Rulebook:
    """The rulebook in a file, or a shipped one by its name. Raises `RulebookFaults`, or `LifepotError` for no file."""
    text, name = rulebook_text(source)
    rulebook, faults = parse_rulebook(text, name)
    if rulebook is None or faults:
        raise RulebookFaults(faults)
    return rulebook


@lru_cache(maxsize=32)
def shipped(name: str) -> Rulebook:
    """A shipped rulebook, read once."""
    return read_rulebook(name)


def rulebook_text(source: str | Path) -> tuple[str, str]:
    """Text of a rulebook and the name to call it by in faults."""
    if str(source) in shipped_names():
        return files("lifepot.rulebooks").joinpath(f"{source}.yaml").read_text("utf-8"), f"{source}.yaml"
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_RULEBOOK_BYTES:
            raise LifepotError(f"{path} is over a megabyte, which no rulebook is.", remedy="Give a rulebook's YAML file.")
        return path.read_text("utf-8-sig"), str(source)
    except UnicodeDecodeError as error:
        raise LifepotError(f"{path} is not UTF-8 text (byte {error.start}).", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise LifepotError(
            f"No rulebook {source!s} ({error.strerror}).",
            remedy=f"Give a YAML file, or one of: {', '.join(shipped_names())}.",
        ) from None


def parse_rulebook(text: str, file: str) -> tuple[Rulebook | None, list[Fault]]:
    """The rulebook in a text and all its faults, in the order of their places. None where its shape is broken."""
    places: dict[Path_, Place] = {}
    faults: list[Fault] = []

    def fault(path: Path_, code: str, found: str, expected: str, place: Place | None = None) -> None:
        line, column = place or _nearest(places, path)
        faults.append(Fault(file, line, column, code, ".".join(str(step) for step in path), found, expected))

    try:
        node = YAML(typ="safe", pure=True).compose(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        fault((), "yaml", str(error.problem or error.context), "YAML 1.2", place)
        return None, faults
    except (RecursionError, ValueError) as error:
        fault((), "yaml", f"text that cannot be read ({type(error).__name__})", "YAML 1.2", (1, 1))
        return None, faults
    if not isinstance(node, MappingNode):
        fault((), "shape", "no mapping of terms", "name, title, membership, rules and so on", (1, 1))
        return None, faults
    plain = _plain(node, (), places, fault, ())
    rulebook = None
    try:
        rulebook = Rulebook.model_validate(plain)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = _path_of(item["loc"], places)
            found, expected = _in_words(item)
            fault(path, "shape", found, expected)
    if rulebook is not None:
        for path, code, found, expected in check(rulebook):
            fault(path, code, found, expected)
    faults.sort(key=lambda one: (one.line, one.column))
    return rulebook, faults


def _plain(node: Node, path: Path_, places: dict[Path_, Place], fault, above: tuple[Node, ...]) -> object:  # type: ignore[no-untyped-def]
    """Plain dictionaries, lists and texts; true and false are the only scalars that are not text."""
    places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if any(node is one for one in above) or len(above) > DEEPEST:
        fault(path, "cycle", "an alias to something it is part of", "a tree")
        return None
    above = (*above, node)
    if isinstance(node, MappingNode):
        result: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                fault(path, "shape", "a key that is not a word", "a word")
                continue
            inner = (*path, key.value)
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if key.value in result:
                fault(inner, "twice", f"{key.value} a second time", "each term once", place)
                continue
            places[inner] = place
            result[key.value] = _plain(value, inner, places, fault, above)
        return result
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), places, fault, above) for index, item in enumerate(node.value)]
    if node.style is None and node.value in {"true", "false"}:
        return node.value == "true"
    return str(node.value)


def _path_of(loc: Path_, places: dict[Path_, Place]) -> Path_:
    """pydantic's location without the tags of unions, which are not in the file."""
    path: Path_ = ()
    for position, step in enumerate(loc):
        inner = (*path, step)
        last = position == len(loc) - 1
        if inner in places or (last and isinstance(step, str) and step not in {"name", "test", "str"}):
            path = inner
        elif isinstance(step, str) and step.endswith("_") and (*path, step[:-1]) in places:
            path = (*path, step[:-1])
    return path


def _nearest(places: dict[Path_, Place], path: Path_) -> Place:
    """Place of a path, or of the nearest term around it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (1, 1))


def _in_words(item: dict) -> tuple[str, str]:  # type: ignore[type-arg]
    """What was found and what would be right, from one of pydantic's errors."""
    kind, given = item["type"], item.get("input")
    if kind == "missing":
        return "nothing", f"`{item['loc'][-1]}`, which is required"
    if kind == "extra_forbidden":
        return f"`{item['loc'][-1]}`, which is no term here", "a term of the language (see `lifepot rulebook schema`)"
    shown = repr(given) if not isinstance(given, dict | list) else "a mapping" if isinstance(given, dict) else "a list"
    if kind.startswith("union_tag"):
        return f"{shown} with no known step", "one of " + str(item.get("ctx", {}).get("expected_tags", "the steps of the language"))
    if kind == "literal_error":
        return shown, str(item["ctx"]["expected"])
    if kind == "string_pattern_mismatch":
        return shown, f"a word of the form {item['ctx']['pattern']}"
    return shown, str(item["msg"][0].lower() + item["msg"][1:])
