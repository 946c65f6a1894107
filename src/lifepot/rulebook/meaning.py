"""What a rulebook means, whichever way it is written: the trees in which two rulebooks are compared.

Every node has a `key` that is the same where the meaning is the same: "4000" and "4000.00", "0.5" and "50p per £1",
`total: month` and `total: {over: month}`, one source and a list of one, a default written out, a figure said again on a
later day, a test alone and `all` of one test. Wording has no part in a key. The trees follow the pydantic models, so a
new term of the language is compared without a word here.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.ground import Term
from lifepot.rulebook.spelling import Slot, slots
from lifepot.rulebook.terms import All, AnyOf, Attribute, Not, Rulebook, Test
from lifepot.rulebook.words import WORDING

WHOLE = "rulebook"
"""The section of what is said once of the whole rulebook: its currency, its tolerance and so on."""

WORDING_OF_THE_WHOLE = WORDING | {"name", "title"}

UNORDERED = frozenset({"all", "any", "of", "minus", "from_", "choices", "aliases", "evidence", "refunds"})
"""Lists that mean the same in any order."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, a figure, yes or no, a single test; nothing, where nothing is said."""

    key: Hashable
    said: object


@dataclass(frozen=True, slots=True)
class Branch:
    """A term with its parts by name; `silent` is the part that may be written without its name."""

    key: Hashable
    said: Term
    parts: dict[str, "Node"]
    wording: dict[str, str | None]
    silent: str | None
    defaults: frozenset[str]
    """Parts that only say what holds anyway."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    key: Hashable
    said: object
    items: tuple["Node", ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Cells:
    """A mapping by names that are no days: a table by frequency."""

    key: Hashable
    said: object
    cells: dict[str, "Node"]


@dataclass(frozen=True, slots=True)
class Spans:
    """What holds from each day, or each age in months, until the next; nothing before the first."""

    key: Hashable
    said: object
    spans: tuple[tuple[int, "Node"], ...]
    along: Literal["day", "age"]

    def at(self, point: int) -> "Node":
        """What holds there."""
        place = bisect_right(self.spans, point, key=lambda one: one[0])
        return self.spans[place - 1][1] if place else NO_FIGURE


@dataclass(frozen=True, slots=True)
class Tests:
    """A condition: tests of which all, or any, must hold."""

    key: Hashable
    said: object
    joined: Literal["one", "all", "any"]
    items: tuple[Leaf, ...]


Node = Leaf | Branch | Items | Cells | Spans | Tests

NOTHING = Leaf(None, None)
NO_FIGURE = Leaf(None, "no figure")

Place = tuple[str, ...]
"""Section, clause and the terms down to where something is said; places in lists are left out."""


@dataclass(slots=True)
class Meaning:
    """A rulebook's clauses as trees, by section and name, and where each name is used."""

    sections: dict[str, dict[str, Node]]
    used: dict[str, set[Place]]


def meaning_of(book: Rulebook, called: Mapping[tuple[str, str], str] | None = None) -> Meaning:
    """The meaning of a rulebook; of an earlier one, with the names that its clauses have later (`called`, by section
    and earlier name) where its terms speak of them.
    """
    return _Reading(book, called or {}).read()


def traits(node: Node, path: Place = ()) -> Iterator[tuple[Place, Hashable]]:
    """Everything a node says beyond what holds anyway, piece by piece, by which its likeness to another is judged."""
    match node:
        case Leaf():
            if node.key is not None:
                yield path, node.key
        case Branch():
            for name, part in node.parts.items():
                if name not in node.defaults:
                    yield from traits(part, (*path, name))
        case Items() | Tests():
            for item in node.items:
                yield from traits(item, path)
        case Cells():
            for name, cell in node.cells.items():
                yield from traits(cell, (*path, name))
        case Spans():
            for start, span in node.spans:
                yield from traits(span, (*path, str(start)))


def canonical(text: str, kind: str | None = None) -> Hashable:
    """What a text says, equal where two texts say the same. `kind`: that of the attribute it is held against; without
    it, the text alone tells: figures are exact numbers, ages are years, and words are themselves.
    """
    if kind in {"choice", "day"}:
        return text
    if kind == "yes_no":
        return text.lower() in scalars.YES if text.lower() in scalars.YES | scalars.NO else text
    if kind == "percent" and (percent := _read(scalars.parse_percent, text)) is not None:
        return Fraction(percent, 10**6)
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return Fraction(text)
    if (rate := _read(scalars.parse_rate, text)) is not None:
        return rate
    if (months := _read(scalars.parse_age, text)) is not None:
        return Fraction(months, 12)
    return _read(scalars.parse_rounding, text) or text


def _read(parse: Callable[[str], Any], text: str) -> Any | None:
    try:
        return parse(text)
    except ValueError:
        return None


@dataclass
class _Reading:
    """One rulebook on its way into trees."""

    book: Rulebook
    called: Mapping[tuple[str, str], str]
    used: dict[str, set[Place]] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    """The later name of each clause that has one, for terms that speak of it."""
    names: set[str] = field(default_factory=set)

    def read(self) -> Meaning:
        said = {name: getattr(self.book, name) for name in Rulebook.model_fields}
        mappings = {section: its for section, its in said.items() if isinstance(its, dict)}
        self.names = {name for its in mappings.values() for name in its}
        for (section, name), later in self.called.items():
            if sum(name in its for its in mappings.values()) == 1:
                self.later[name] = later
            assert name in mappings[section]
        sections: dict[str, dict[str, Node]] = {WHOLE: {}}
        for section, its in said.items():
            slot = slots(Rulebook)[section]
            if isinstance(its, dict):
                assert slot.cell is not None
                sections[section] = {name: self.node(one, slot.cell, (section, name)) for name, one in its.items()}
            elif its is None:
                sections[section] = {}
            elif isinstance(its, Term):
                sections[section] = {section: self.node(its, slot, (section, section))}
            elif section in WORDING_OF_THE_WHOLE:
                sections[WHOLE][section] = Leaf(its, its)
            else:
                sections[WHOLE][section] = self.node(its, slot, (WHOLE, section))
        return Meaning(sections, self.used)

    def node(self, said: object, slot: Slot, place: Place, kind: str | None = None, by: str | None = None) -> Node:
        """The tree of anything that is said in a slot."""
        if said is None:
            return NOTHING
        if Test in slot.terms:
            return self.condition(said, slot, place)
        if slot.item is not None and isinstance(said, list | str):
            return self.items(said if isinstance(said, list) else [said], slot.item, place, kind)
        if slot.cell is not None and isinstance(said, dict):
            return self.mapping(said, slot.cell, place, kind, by)
        short = slot.shorthand
        if short is not None and isinstance(said, str):
            said = short[0].model_validate({short[1]: said})
        if isinstance(said, Term):
            return self.branch(said, place, short[1] if short is not None and type(said) is short[0] else None)
        return self.leaf(said, slot, place, kind)

    def leaf(self, said: object, slot: Slot, place: Place, kind: str | None) -> Leaf:
        """A single word, figure or truth; a name of a clause is known by its later name."""
        if not isinstance(said, str) or not slot.text:
            return Leaf(said, said)
        head, dot, tail = said.partition(".")
        for name in {said, tail}:
            self.used.setdefault(name, set()).add(place)
        if said in self.later:
            return Leaf(self.later[said], said)
        if dot and said not in self.names and tail in self.later:
            return Leaf(f"{head}.{self.later[tail]}", said)
        return Leaf(canonical(said, kind), said)

    def branch(self, said: Term, place: Place, silent: str | None) -> Branch:
        """A term: its parts, and its wording beside them."""
        parts: dict[str, Node] = {}
        wording: dict[str, str | None] = {}
        defaults = set()
        for name, its in type(said).model_fields.items():
            value = getattr(said, name)
            if not its.is_required() and value == its.get_default(call_default_factory=True):
                defaults.add(name)
            if name in WORDING:
                wording[name] = value
            else:
                slot, by = slots(type(said))[name], getattr(said, "by", None)
                parts[name] = self.node(value, slot, (*place, name), self.kind_of(said, name), by)
        key = (type(said).__name__, tuple((name, part.key) for name, part in parts.items()))
        return Branch(key, said, parts, wording, silent, frozenset(defaults))

    def kind_of(self, term: Term, name: str) -> str | None:
        """The kind of attribute that a figure of a term is held against, if it is held against one."""
        match term:
            case Attribute() if name == "default":
                return term.kind
            case Test() if name != "what" and term.what.startswith("attribute."):
                attribute = self.book.attributes.get(term.what.removeprefix("attribute."))
                return attribute.kind if attribute is not None else None
            case _:
                return None

    def items(self, said: list[object], slot: Slot, place: Place, kind: str | None) -> Items:
        """A list of what may stand in a slot; its order counts unless it is known not to."""
        nodes = tuple(self.node(one, slot, place, kind) for one in said)
        ordered = place[-1] not in UNORDERED
        keys = [node.key for node in nodes]
        return Items(("list", *(keys if ordered else sorted(keys, key=repr))), said, nodes, ordered)

    def mapping(self, said: dict[str, object], slot: Slot, place: Place, kind: str | None, by: str | None) -> Node:
        """A mapping: by days or ages, from each of which something holds, or by names."""
        cells = {name: self.node(cell, slot, place, kind, by) for name, cell in said.items()}
        days = [_read(parse_day, name) for name in said]
        ages = [_read(scalars.parse_age, name) for name in said] if by == "age" else [None]
        points = days if None not in days else ages
        if None in points:
            return Cells(("cells", frozenset((name, cell.key) for name, cell in cells.items())), said, cells)
        if points is days:
            cells = {name: NO_FIGURE if said[name] == "none" else cell for name, cell in cells.items()}
        spans = tuple(sorted(zip(points, cells.values(), strict=True), key=lambda one: one[0]))
        key, holds = [], None
        for start, span in spans:
            if span.key != holds:
                key.append((start, span.key))
                holds = span.key
        return Spans(("spans", tuple(key)), said, spans, "day" if points is days else "age")

    def condition(self, said: object, slot: Slot, place: Place) -> Tests:
        """A condition, nested ones of the same sort laid flat."""
        match said:
            case All(all=inner) | AnyOf(any=inner):
                joined: Literal["all", "any"] = "all" if isinstance(said, All) else "any"
                several = {each.key: each for each in (self.condition(one, slot, place) for one in inner)}
                if len(several) == 1:
                    return next(iter(several.values()))
                found: dict[Hashable, Leaf] = {}
                for each in several.values():
                    same = each.items if each.joined in {"one", joined} else (Leaf(each.key, each.said),)
                    found |= {item.key: item for item in same}
                return Tests((joined, frozenset(found)), said, joined, tuple(found.values()))
            case Not(not_=Not(not_=inner)):
                return self.condition(inner, slot, place)
            case Not(not_=inner):
                leaf = Leaf(("not", self.condition(inner, slot, place).key), said)
            case Term():
                leaf = Leaf(self.branch(said, place, None).key, said)
            case _:
                leaf = self.leaf(said, slot, place, None)
        return Tests(leaf.key, said, "one", (leaf,))
