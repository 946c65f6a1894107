"""YAML in, `Rulebook` out; every fault with its place.

The file is composed into nodes, so that each key and figure keeps its line and column; figures stay text until the
term that uses them says what they are. Shape is pydantic's to judge, sense is `checks`'; both give paths, and the
places come back from here. Where the shape of one term is broken it is left out, so that the sense of all others is
still judged and one reading tells every fault.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lifepot.errors import Fault, LifepotError
from lifepot.rulebook.checks import check
from lifepot.rulebook.composing import DEEPEST, MOST_TERMS, UNTAGGED, Place, Unreadable, compose
from lifepot.rulebook.findings import NOTES, Code, Key
from lifepot.rulebook.shape import in_words
from lifepot.rulebook.terms import Rulebook

LARGEST_RULEBOOK_BYTES = 250_000
"""Twenty times a long rulebook. It keeps a file that is not one from being read for minutes."""

TOO_LONG = (f"more than {LARGEST_RULEBOOK_BYTES:,} bytes", "a rulebook's YAML file")
"""What is found of a text that is too long, and what would be right."""

MOST_FAULTS = 1_000
"""Faults of one file that are told; a file with more is not the file that was meant."""

MOST_SHOWN = 1_000
"""Characters of a text that a fault shows."""

STANDING_IN: dict[str, object] = {
    "name": "unnamed",
    "title": "Untitled",
    "description": "None.",
    "currency": "GBP",
    "tolerance": "0.00",
    "membership": {"description": "None.", "source": "None."},
}
"""What stands for a broken term while the others are judged."""

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class RulebookFault(Fault):
    """A fault that also names its clause as people do: `rules.government.bonus`, of which `path` is a part."""

    clause: str = ""


class Judged(NamedTuple):
    """A text that was read: the rulebook (None where its shape is broken), every fault, and notes that refuse nothing."""

    rulebook: Rulebook | None
    faults: list[RulebookFault]
    notes: list[RulebookFault]


class RulebookFaults(LifepotError):
    """A rulebook file that cannot be used, with every fault found in it."""

    def __init__(self, faults: list[RulebookFault]) -> None:
        self.faults = faults
        super().__init__(
            f"{faults[0].file} has {len(faults)} fault{'s' if len(faults) > 1 else ''}, first: {faults[0]}.",
            remedy="`lifepot rulebook check FILE` lists them all.",
        )


def shipped_names() -> list[str]:
    """Names of the rulebooks in the package."""
    return sorted(
        item.name.removesuffix(".yaml") for item in files("lifepot.rulebooks").iterdir() if item.name.endswith(".yaml")
    )


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


def first_bytes(source: str | Path, what: str, most: int, instead: list[str]) -> bytes:
    """The first so many bytes of a file somebody named. Raises `LifepotError` if there is none, naming those that are shipped."""
    try:
        with Path(source).open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise LifepotError(
            f"No {what} {source} ({error.strerror}).", remedy=f"Give a YAML file, or one of: {', '.join(instead)}."
        ) from None


def rulebook_text(source: str | Path) -> tuple[str, str]:
    """Text of a rulebook and the name to call it by in faults."""
    if str(source) in shipped_names():
        return files("lifepot.rulebooks").joinpath(f"{source}.yaml").read_text("utf-8"), f"{source}.yaml"
    name = str(source)
    raw = first_bytes(source, "rulebook", LARGEST_RULEBOOK_BYTES + 1, shipped_names())
    if len(raw) > LARGEST_RULEBOOK_BYTES:
        raise RulebookFaults([RulebookFault(name, 1, 1, "size", "", *TOO_LONG)])
    try:
        return raw.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        found = f"byte {raw[error.start]:#04x}, which is not UTF-8"
        raise RulebookFaults(
            [RulebookFault(name, line, column, "encoding", "", found, "text saved as UTF-8")]
        ) from None


def parse_rulebook(text: str, file: str) -> tuple[Rulebook | None, list[RulebookFault]]:
    """The rulebook in a text and all its faults, in the order of their places. None where its shape is broken."""
    judged = judge(text, file)
    return judged.rulebook, judged.faults


def judge(text: str, file: str) -> Judged:
    """The rulebook in a text, all its faults and notes, each in the order of their places."""
    reading = _Reading(file)
    node = reading.composed(text) if reading.is_short(text) else None
    if node is None:
        return Judged(None, reading.told(notes=False), [])
    rulebook = reading.shaped(reading.plain(node, (), ()))
    return Judged(rulebook, reading.told(notes=False), reading.told(notes=True))


@dataclass
class _Reading:
    """One rulebook being read: where everything stands, and what was found."""

    file: str
    places: dict[Path_, Place] = field(default_factory=dict)
    """Where each term begins: at its word, or, in a list, at itself."""
    scalars: dict[Path_, Place] = field(default_factory=dict)
    """Where the text or figure under a term begins, if it is one."""
    faults: list[RulebookFault] = field(default_factory=list)
    faulty: set[Path_] = field(default_factory=set)
    """Paths whose YAML is already at fault, of which nothing more is said."""
    shapeless: set[Path_] = field(default_factory=set)
    """Paths whose shape is already at fault."""
    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: dict[tuple[int, int], Place] = field(default_factory=dict)
    terms: int = 0
    """How many there are so far, aliases counted."""
    untold: int = 0
    """Faults beyond the most that are told."""

    def fault(self, path: Path_, code: Code, found: str, expected: str, place: Place | None = None) -> None:
        """One more fault, at its place or that of the nearest term around it."""
        if len(self.faults) >= MOST_FAULTS:
            self.untold += 1
            return
        line, column = place or self._place_of(path)
        clause = ".".join(part for part in path[:2] if isinstance(part, str))
        where, clause, found, expected = map(_on_a_line, (".".join(map(str, path)), clause, found, expected))
        self.faults.append(RulebookFault(self.file, line, column, code, where, found, expected, clause))

    def told(self, *, notes: bool) -> list[RulebookFault]:
        """The faults, or the notes, in the order of their places."""
        some = [one for one in self.faults if (one.code in NOTES) == notes]
        some.sort(key=lambda one: (one.line, one.column))
        if self.untold and not notes:
            found = f"more than {MOST_FAULTS:,} faults ({self.untold:,} are not listed)"
            some.append(RulebookFault(self.file, 1, 1, "size", "", found, "a rulebook with few faults, or none"))
        return some

    def is_short(self, text: str) -> bool:
        """Whether a text is no longer than a rulebook may be."""
        if len(text) > LARGEST_RULEBOOK_BYTES:
            self.fault((), "size", *TOO_LONG, (1, 1))
        return len(text) <= LARGEST_RULEBOOK_BYTES

    def composed(self, text: str) -> MappingNode | None:
        """The file's nodes; None, and a fault, where it is no mapping in YAML."""
        try:
            node, self.aliases = compose(text)
        except Unreadable as error:
            if error.too_much:
                self.fault((), "size", error.found, error.too_much, error.place)
            else:
                self.fault((), "yaml", error.found, "YAML 1.2, one document", error.place)
            return None
        if isinstance(node, MappingNode):
            return node
        found = "nothing" if node is None else "a list" if isinstance(node, SequenceNode) else "a single word"
        self.fault((), "shape", found, "a mapping: name, title, membership, rules and so on", (1, 1))
        return None

    def plain(self, node: Node, path: Path_, above: tuple[Node, ...], at: Place | None = None) -> object:
        """Plain dictionaries, lists and texts; true and false are the only scalars that are not text. `at`: where the
        alias stands that means this node.
        """
        place = at or _place(node)
        self.places.setdefault(path, place)
        self.terms += 1
        if not self._bounded(node, path, above):
            return None
        self._plainly_said(node, path)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, (*above, node))
        if isinstance(node, SequenceNode):
            return [
                self.plain(item, (*path, index), (*above, node), self.aliases.get((id(node), index)))
                for index, item in enumerate(node.value)
            ]
        assert isinstance(node, ScalarNode)
        if node.value:
            self.scalars[path] = place
        return node.value == "true" if node.style is None and node.value in {"true", "false"} else str(node.value)

    def _plainly_said(self, node: Node, path: Path_) -> None:
        """Nothing of YAML that would be read past: no tags, no anchor that means two things, no half characters."""
        if node.ctag is not UNTAGGED:
            expected = "the figure or word alone: all are read as text"
            tag = str(node.ctag).replace("tag:yaml.org,2002:", "!!")
            self.fault(path, "yaml", f"the tag {tag}", expected, _place(node))
        if node.anchor is not None and self.anchors.setdefault(node.anchor, node) is not node:
            self.fault(path, "twice", f"the anchor &{node.anchor} a second time", "each anchor once", _place(node))
        if isinstance(node, ScalarNode) and not _is_written(node.value):
            self.fault(path, "yaml", "a character that nobody can read", "letters, figures and signs", _place(node))
            self.faulty.add(path)

    def _bounded(self, node: Node, path: Path_, above: tuple[Node, ...]) -> bool:
        """Whether a node is no part of itself, and neither too deep nor one too many."""
        refused: tuple[Code, str, str] | None = None
        if any(node is one for one in above):
            refused = ("cycle", "an alias to something it is part of", "a tree")
        elif len(above) > DEEPEST:
            refused = ("size", "terms nested too deep", f"at most {DEEPEST} levels")
        elif self.terms > MOST_TERMS:
            refused = ("size", "more terms than any rulebook has", f"at most {MOST_TERMS:,}, aliases counted")
        if refused is not None and not (refused[0] == "size" and self.faulty):
            self.fault(path, *refused)
            self.faulty.add(path)
        return refused is None

    def _mapping(self, node: MappingNode, path: Path_, above: tuple[Node, ...]) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.fault(path, "shape", "a key that is not a word", "a word", _place(key))
                continue
            here = (*path, key.value)
            if key.value in result:
                self.fault(here, "twice", f"{key.value} a second time", "each term once", _place(key))
            elif self.terms <= MOST_TERMS:
                self._plainly_said(key, here)
                self.places[here] = _place(key)
                result[key.value] = self.plain(value, here, above, self.aliases.get((id(node), id(key))))
        return result

    def shaped(self, plain: object) -> Rulebook | None:
        """The rulebook, if its shape is whole; the sense of what is whole is judged either way."""
        if not isinstance(plain, dict) or any(one.code == "size" for one in self.faults):
            return None
        whole, left_out = True, set[str]()
        try:
            rulebook = Rulebook.model_validate(plain)
        except ValidationError as error:
            whole = False
            for path in [self._shape_fault(item) for item in error.errors(include_url=False)]:
                left_out |= _leave_out(plain, path)
            try:
                rulebook = Rulebook.model_validate(plain)
            except ValidationError:
                return None
        for path, code, found, expected in check(rulebook, whole=whole):
            if code != "unknown" or found not in left_out:
                self.fault(path, code, found, expected)
        return rulebook if whole else None

    def _shape_fault(self, item: ErrorDetails) -> Path_:
        """Reports one of pydantic's errors; returns where it is."""
        kind, loc = item["type"], item["loc"]
        wrong_word = kind == "extra_forbidden" or loc[-1:] == ("[key]",)
        path = self._path_of(loc, whole=kind in {"missing", "extra_forbidden"})
        if path in self.shapeless:
            return path
        self.shapeless.add(path)
        if len(self.faults) >= MOST_FAULTS:
            self.untold += 1
            return path
        if not any(path[: len(one)] == one for one in self.faulty):
            found, expected = in_words(item)
            self.fault((*path[:-1], Key(path[-1])) if wrong_word and path else path, "shape", found, expected)
        return path

    def _path_of(self, loc: Path_, *, whole: bool) -> Path_:
        """Where pydantic found it, without the tags of unions. `whole`: its last step is a term, in the file or not."""
        path: Path_ = ()
        for position, step in enumerate(loc):
            word = step.removesuffix("_") if isinstance(step, str) and (*path, step) not in self.places else step
            if (*path, word) in self.places or (whole and position == len(loc) - 1):
                path = (*path, word)
        beside = (*path[:-2], *path[-1:])
        # Of two steps in one item, the second stands beside the first, by whose word pydantic calls them both.
        return beside if path not in self.places and beside in self.places else path

    def _place_of(self, path: Path_) -> Place:
        """The very word at fault: a term's text or figure, else its own word, else the nearest term around it."""
        if path in self.scalars and not isinstance(path[-1], Key):
            return self.scalars[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]


def _place(node: Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _is_written(text: str) -> bool:
    """Whether a text has neither control characters (but for line ends and tabs), nor halves of characters."""
    return text.isprintable() or not any(category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in text)


def _on_a_line(text: str) -> str:
    """A text that fits a line of a report: cut where it is long, control characters spelled out."""
    shown = text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"


def _leave_out(plain: dict[str, object], path: Path_) -> set[str]:
    """Takes a broken term out of the rulebook, so that the rest can be judged; returns its name."""
    head = str(path[0]) if path else ""
    section = plain.get(head)
    if len(path) > 1 and isinstance(section, dict) and head != "membership":
        section.pop(path[1], None)
        return {str(path[1])}
    if head in STANDING_IN:
        plain[head] = STANDING_IN[head]
    elif head not in Rulebook.model_fields:
        plain.pop(head, None)
    return set()
