"""Lever files: worlds to try, each off unless it is asked for. Read with every fault at its place.

A lever's name says what it moves: `lives.` how lives are drawn, `lab.` what is drawn of people and employers, `budgets.` an
assumption of households' money, `values.` a value of the rulebook.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from lifepot.budgets.settings import Settings, ranges
from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.lab import worlds
from lifepot.lab.varying import changed
from lifepot.lab.worlds import World
from lifepot.lives.levers import Levers, lever_ranges
from lifepot.rulebook.composing import Unreadable, compose
from lifepot.rulebook.reader import first_bytes
from lifepot.rulebook.terms import Rulebook

End = Literal["low", "central", "high"]

KEYS = ("name", "title", "description", "source", "certainty", "levers")
LEVER_KEYS = ("words", "unit", "low", "central", "high")
LONGEST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Lever:
    """A lever of a scenario: its name, what it is, and what it may be."""

    name: str
    words: str
    unit: str
    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A lever file. Off means that no lever of it is pulled."""

    name: str
    title: str
    description: str
    source: str
    certainty: str
    levers: dict[str, Lever]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        levers = [
            {"lever": one.name, "words": one.words, "unit": one.unit, "low": one.low, "central": one.central, "high": one.high}
            for one in self.levers.values()
        ]  # fmt: skip
        told = {key: getattr(self, key) for key in KEYS if key != "levers"}
        return {**told, "on": False, "levers": levers}


class ScenarioFaults(LifepotError):
    """A lever file that cannot be used, with every fault found in it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        many = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        super().__init__(
            f"{faults[0].file} has {many}, first: {faults[0]}.",
            remedy="`lifepot lab scenarios FILE` lists them all; `lifepot lab scenarios` the levers there are.",
        )


@dataclass(frozen=True, slots=True)
class Pulled:
    """Levers that are pulled, sorted by what they move."""

    lives: Levers
    world: World
    budgets: dict[str, float]
    values: dict[str, Fraction]
    told: tuple[str, ...]

    def of_settings(self, settings: Settings) -> Settings:
        """The assumptions with these levers pulled."""
        return settings.with_(**self.budgets) if self.budgets else settings

    def of_rulebook(self, book: Rulebook) -> Rulebook:
        """The rulebook with these levers pulled. Raises `Misuse` for a value that it has not."""
        missing = [name for name in self.values if name not in book.values]
        if missing:
            raise Misuse(
                f"{book.name} has no value {missing[0]}, which the scenario moves.",
                remedy="Leave the scenario out, or give a rulebook that has it.",
            )
        return changed(book, self.values) if self.values else book

    @property
    def order(self) -> dict[str, Any]:
        """What is pulled, for a run's digest."""
        return {"levers": list(self.told)}


def known() -> dict[str, tuple[float, float] | None]:
    """Every lever there is and its limits; a value of a rulebook has those of the rulebook (None)."""
    found: dict[str, tuple[float, float] | None] = {f"lives.{name}": span for name, span in lever_ranges().items()}
    found |= {f"lab.{name}": span for name, span in worlds.RANGES.items()}
    found |= {f"budgets.{name}": one.limits for name, one in ranges().items()}
    return found


def shipped_scenarios() -> list[str]:
    """Names of the lever files in the package."""
    place = files("lifepot.lab") / "scenarios"
    return sorted(one.name.removesuffix(".yaml") for one in place.iterdir() if one.name.endswith(".yaml"))


def read_scenario(source: str | Path) -> Scenario:
    """A lever file, or a shipped one by its name. Raises `ScenarioFaults`, or `LifepotError` for no file."""
    if str(source) in shipped_scenarios():
        text = (files("lifepot.lab") / "scenarios" / f"{source}.yaml").read_text("utf-8")
        name = f"{source}.yaml"
    else:
        name = str(source)
        raw = first_bytes(source, "scenario", LONGEST_BYTES + 1, shipped_scenarios())
        if len(raw) > LONGEST_BYTES:
            raise ScenarioFaults([Fault(name, 1, 1, "size", "", f"more than {LONGEST_BYTES:,} bytes", "a lever file")])
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ScenarioFaults(
                [Fault(name, 1, 1, "encoding", "", "bytes that are not UTF-8", "text saved as UTF-8")]
            ) from None
    scenario, faults = parse_scenario(text, name)
    if scenario is None:
        raise ScenarioFaults(faults)
    return scenario


def parse_scenario(text: str, file: str) -> tuple[Scenario | None, list[Fault]]:
    """A scenario and every fault of its text, in the order of their places; None where there is one."""
    reading = _Reading(file)
    try:
        node = compose(text).node
    except Unreadable as error:
        return None, [Fault(file, *error.place, "yaml", "", error.found, "YAML 1.2, one document")]
    if not isinstance(node, MappingNode):
        return None, [Fault(file, 1, 1, "shape", "", "no mapping", f"the words {', '.join(KEYS)}")]
    scenario = reading.scenario(node)
    faults = sorted(reading.faults, key=lambda one: (one.line, one.column))
    return (None if faults else scenario), faults


class _Reading:
    """One lever file being read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, node: Node, code: str, path: str, found: str, expected: str) -> None:
        mark = node.start_mark
        self.faults.append(Fault(self.file, mark.line + 1, mark.column + 1, code, path, found, expected))

    def keys(self, node: MappingNode, path: str, wanted: tuple[str, ...]) -> dict[str, Node]:
        """The nodes under the keys of a mapping; faults for keys that are missing, twice, or none."""
        found: dict[str, Node] = {}
        for key, value in self.pairs(node, path):
            if key.value not in wanted:
                self.fault(key, "unknown", f"{path}{key.value}", f"the word {key.value}", f"one of {', '.join(wanted)}")
            else:
                found[key.value] = value
        for name in wanted:
            if name not in found:
                self.fault(node, "missing", f"{path}{name}", "nothing", f"{name}: …")
        return found

    def pairs(self, node: MappingNode, path: str) -> Iterator[tuple[ScalarNode, Node]]:
        """A mapping's keys and values, each key once."""
        seen = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.fault(key, "shape", path.rstrip("."), "a key that is not a word", "a word")
            elif key.value in seen:
                self.fault(key, "twice", f"{path}{key.value}", f"{key.value} a second time", "each once")
            else:
                seen.add(key.value)
                yield key, value

    def text(self, nodes: Mapping[str, Node], name: str, path: str) -> str:
        node = nodes.get(name)
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or not node.value.strip():
            self.fault(node, "shape", f"{path}{name}", "no text", "a sentence")
            return ""
        return str(node.value).strip()

    def scenario(self, node: MappingNode) -> Scenario:
        nodes = self.keys(node, "", KEYS)
        levers: dict[str, Lever] = {}
        at = nodes.get("levers")
        if at is not None and (not isinstance(at, MappingNode) or not at.value):
            self.fault(at, "shape", "levers", "no lever", "levers by name, each with words, unit, low, central, high")
        elif isinstance(at, MappingNode):
            for key, value in self.pairs(at, "levers."):
                lever = self.lever(key, value)
                if lever is not None:
                    levers[lever.name] = lever
        words = {name: self.text(nodes, name, "") for name in KEYS if name != "levers"}
        return Scenario(**words, levers=levers)

    def lever(self, key: ScalarNode, node: Node) -> Lever | None:
        name, path = str(key.value), f"levers.{key.value}."
        span = known().get(name)
        if span is None and not name.startswith("values."):
            self.fault(
                key,
                "unknown",
                path.rstrip("."),
                f"the lever {name}",
                f"one of {', '.join(known())}, or values.NAME of a rulebook",
            )
            return None
        if not isinstance(node, MappingNode):
            self.fault(node, "shape", path.rstrip("."), "no mapping", f"the words {', '.join(LEVER_KEYS)}")
            return None
        nodes = self.keys(node, path, LEVER_KEYS)
        ends = [self.number(nodes, end, path, span) for end in ("low", "central", "high")]
        low, central, high = ends
        if low is None or central is None or high is None:
            return None
        if not low <= central <= high:
            self.fault(
                nodes["central"],
                "order",
                f"{path}central",
                f"{low:g}, {central:g}, {high:g}",
                "low, central and high in rising order",
            )
        return Lever(name, self.text(nodes, "words", path), self.text(nodes, "unit", path), low, central, high)

    def number(self, nodes: Mapping[str, Node], name: str, path: str, span: tuple[float, float] | None) -> float | None:
        node = nodes.get(name)
        if node is None:
            return None
        try:
            value = float(node.value)
        except (TypeError, ValueError):
            self.fault(
                node,
                "number",
                f"{path}{name}",
                f"{node.value!r}" if isinstance(node, ScalarNode) else "no number",
                "a number such as 0.02",
            )
            return None
        if span is not None and not span[0] <= value <= span[1]:
            what = "a probability over one" if span == (0.0, 1.0) and value > 1 else f"{value:g}"
            self.fault(node, "range", f"{path}{name}", what, f"a number from {span[0]:g} to {span[1]:g}")
            return None
        if value != value:  # noqa: PLR0124 - a number that is none
            self.fault(node, "number", f"{path}{name}", "a number that is none", "a number such as 0.02")
            return None
        return value


def pull(scenarios: Mapping[str, End], single: Mapping[str, float] | None = None) -> Pulled:
    """The levers of some scenarios (each by its name or file) at an end of their ranges, and single levers by name. Raises
    `Misuse` for a lever that is unknown, out of its limits, or pulled twice.
    """
    wanted: dict[str, float] = {}
    told: list[str] = []
    for source, end in scenarios.items():
        one = read_scenario(source)
        for lever in one.levers.values():
            value = getattr(lever, end)
            if wanted.setdefault(lever.name, value) != value:
                raise Misuse(f"{lever.name} is pulled by two scenarios.", remedy="Leave one of them out.")
            told.append(f"{one.title.lower()}: {lever.words} {value:g}")
    for name, value in (single or {}).items():
        if name not in known() and not name.startswith("values."):
            raise Misuse(
                f"There is no lever {name}.",
                remedy=f"There are: {', '.join(known())}, and values.NAME of the rulebook.",
            )
        wanted[name] = value
        told.append(f"{name} {value:g}")
    by: dict[str, dict[str, float]] = {"lives": {}, "lab": {}, "budgets": {}, "values": {}}
    for name, value in wanted.items():
        room, _, lever_name = name.partition(".")
        by[room][lever_name] = value
    Settings(by["budgets"])
    values = {name: Fraction(str(value)) for name, value in by["values"].items()}
    return Pulled(Levers(**by["lives"]), World(**by["lab"]), by["budgets"], values, tuple(told))
