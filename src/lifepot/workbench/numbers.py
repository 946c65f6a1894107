"""Every number of a rulebook's text that can be dragged, where it stands, and the same text with another number there.

The text stays as somebody wrote it: of comments, layout and quotes nothing changes, and a number goes on being written as it was
(`50p per £1` becomes `55p per £1`, not `55%`). Lengths such as `6y 14d`, days and words are no numbers to drag; nor are the shares of
a purpose's stages, which make one together, so that none can be moved alone.

Numbers are said as people drag them: pounds, per cent, months of age, a count.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lifepot.errors import Misuse
from lifepot.money import LARGEST_MINOR
from lifepot.periods import parse_day
from lifepot.rulebook.composing import Unreadable, compose
from lifepot.rulebook.scalars import LARGEST_RATE, parse_age, parse_money, parse_number, parse_rate

Unit = Literal["money", "rate", "age", "count"]
Path = tuple[str | int, ...]

UNIT_WORDS: Mapping[Unit, str] = {"money": "pounds", "rate": "per cent", "age": "months of age", "count": "a count"}
"""What a number of each unit is said in."""

MOST: Mapping[Unit, Fraction] = {
    "money": Fraction(LARGEST_MINOR, 100),
    "rate": Fraction(100 * LARGEST_RATE),
    "age": Fraction(999 * 12 + 11),
    "count": Fraction(10**12 - 1),
}
"""The largest number of each unit that a rulebook can say."""

FINEST: Mapping[Unit, int] = {"money": 100, "rate": 10**4, "age": 1, "count": 1}
"""Parts of one that can be written: pence, and ten thousandths of a per cent."""

COUNTS = {
    "months", "times", "after_months", "not_before_months", "at_least_months", "at_most_months", "within_days", "extensions",
    "extension_days", "returned_within_days", "claim_within_days", "paid_within_days",
}  # fmt: skip
MONEY = {"up_to", "value", "less", "give", "not_above", "at_most", "approve_above", "amount", "from", "to"}
COMPARED = {"above", "at_least", "below", "at_most", "is"}

UNIT_OF_KIND: Mapping[str, Unit] = {
    "money": "money",
    "rate": "rate",
    "age": "age",
    "number": "count",
}
"""Of a value by its unit, and of an attribute by its kind. An attribute in per cent is written bare (4.5), and is left alone."""

AGE_REACH = 20 * 12
"""A slider reaches twenty years to either side of an age."""

STEPS = tuple(
    Fraction(one)
    for one in ("1000", "500", "100", "50", "10", "5", "1", "1/2", "1/4", "1/10", "1/20", "1/100", "1/1000", "1/10000")
)
STEPS_ACROSS = 40
"""A slider has so many steps at least."""

_PLAIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{0,20})?(/[0-9]{1,20})?|-?\.[0-9]{1,20}")

_RATE = re.compile(r"([0-9.]+)( ?)(%|(?:p|c) per (?:£|€|\$|S\$|NZ\$)1|)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a rulebook's text.

    which        its path in the text, with points: values.match_rate.dated.2016-04-06
    name         what `lab search --vary` calls it, where it can be varied there (match.rate); else the path
    words        what it is, for people
    unit         money (said in pounds), rate (per cent), age (months), count
    value        the number
    low, high, step   what a slider reaches; `low` and whole steps reach the value, but for a rate that has no end (1/3)
    line, column where it stands, from 1
    written      how it is written there
    is_in_force  False: a dated figure that another one has replaced by the day that was asked about, or does not yet hold
    """

    which: str
    name: str
    words: str
    unit: Unit
    value: Fraction
    low: Fraction
    high: Fraction
    step: Fraction
    line: int
    column: int
    written: str
    is_in_force: bool
    begins: int
    """Position of the number's first character in the text, quotes left out."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it; numbers as decimals in a text."""
        figures = {name: decimal(getattr(self, name)) for name in ("value", "low", "high", "step")}
        told = {name: getattr(self, name) for name in ("which", "name", "words", "unit", "line", "column", "written")}
        return {**told, **figures, "said_in": UNIT_WORDS[self.unit], "is_in_force": self.is_in_force}


def numbers(text: str, *, on_day: int | None = None) -> list[Number]:
    """Every number that can be dragged, in the order of their places. `on_day` (days since 1970-01-01): which dated figures are in
    force is asked about this day; the last ones, if not said. A text that is no YAML has none.
    """
    try:
        node = compose(text).node
    except Unreadable:
        return []
    if not isinstance(node, MappingNode):
        return []
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    plain = _below(node)
    found: dict[int, Number] = {}
    for path, scalar, beside in _scalars(node, (), {}, set()):
        begins = _begins(text, scalar)
        unit = _unit(path, beside, plain)
        if begins is None or unit is None or begins in found:
            continue
        value = _value(unit, scalar.value)
        if value is None:
            continue
        line = bisect_right(lines, begins)
        name, words, in_force = _called(path, plain, on_day)
        found[begins] = Number(
            ".".join(map(str, path)), name, words, unit, value, *_reach(unit, value), line, begins - lines[line - 1] + 1, scalar.value,
            in_force, begins,
        )  # fmt: skip
    return [found[begins] for begins in sorted(found)]


def with_number(text: str, which: str, value: Fraction | int | str) -> str:
    """The text with another number in one place. `which` is a number's path, or its name (then the one in force); `value` is said in
    the number's unit. Raises `Misuse` for a number that is not there, or that no rulebook can say.
    """
    return with_numbers(text, {which: value})


def with_numbers(text: str, wanted: Mapping[str, Fraction | int | str]) -> str:
    """The text with other numbers in several places at once, as `with_number` changes one. Raises `Misuse` as it does."""
    there = numbers(text)
    changes = [(_named(there, which), value) for which, value in wanted.items()]
    # From the end, so that what stands before stays where it is.
    for one, value in sorted(changes, key=lambda change: change[0].begins, reverse=True):
        said = written(one.unit, _wanted(one, value), one.written)
        text = text[: one.begins] + said + text[one.begins + len(one.written) :]
    return text


def _named(there: Sequence[Number], which: str) -> Number:
    one = next((one for one in there if one.which == which), None) or next(
        (one for one in there if one.name == which and one.is_in_force), None
    )
    if one is None:
        raise Misuse(f"The rulebook has no number {which[:200]}.", remedy="Name one of those that are listed.")
    return one


def _wanted(one: Number, value: Fraction | int | str) -> Fraction:
    """A number that may stand in a place, to the finest part that can be written there."""
    try:
        # An exponent could ask for more digits than there is room for.
        wanted = Fraction("no number" if isinstance(value, str) and not _PLAIN.fullmatch(value.strip()) else value)
    except (ValueError, ZeroDivisionError):
        raise Misuse(f"{str(value)[:200]!r} is no number.", remedy="Write a number such as 12.5.") from None
    if not 0 <= wanted <= MOST[one.unit]:
        raise Misuse(
            f"{one.words} cannot be {_said(wanted)}.",
            remedy=f"Choose from 0 to {_said(MOST[one.unit])} ({UNIT_WORDS[one.unit]}).",
        )
    exact = wanted * FINEST[one.unit]
    return wanted if exact.denominator == 1 else Fraction(round(exact), FINEST[one.unit])


def written(unit: Unit, value: Fraction, before: str) -> str:
    """A number as a rulebook writes it, in the way in which it was written before."""
    if unit == "age":
        years, months = divmod(int(value), 12)
        return f"{years}y {months}m" if months else f"{years}y" if before.endswith("y") else str(years)
    if unit == "money":
        return f"{float(value):.2f}" if "." in before or value.denominator != 1 else str(value.numerator)
    if unit == "count":
        return str(int(value))
    match = _RATE.fullmatch(before)
    if match is None or (
        match[3] == "" and value >= 100
    ):  # a share such as 1/3; and a bare 1 or more may mean two things
        return f"{decimal(value)}%"
    if match[3] == "":
        return decimal(value / 100)
    return f"{decimal(value)}{match[2]}{match[3]}"


def decimal(value: Fraction) -> str:
    """A number as people write it: 2500, 0.125; six decimals at most."""
    if value.denominator == 1:
        return str(value.numerator)
    whole, rest = divmod(round(value * 10**6), 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _said(value: Fraction) -> str:
    return decimal(value) if abs(value) < 10**15 else "so much"


def _scalars(
    node: Node, path: Path, beside: Mapping[str, Any], seen: set[int]
) -> Iterator[tuple[Path, ScalarNode, Mapping[str, Any]]]:
    """Every scalar that is no key, with its path and what stands beside it in its mapping. What an alias means is seen once, where
    its anchor stands: aliases of aliases are not unfolded.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        yield path, node, beside
    elif isinstance(node, SequenceNode):
        for index, below in enumerate(node.value):
            yield from _scalars(below, (*path, index), {}, seen)
    elif isinstance(node, MappingNode):
        here = {
            key.value: value.value
            for key, value in node.value
            if isinstance(key, ScalarNode) and isinstance(value, ScalarNode)
        }
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield from _scalars(value, (*path, key.value), here, seen)


def _below(node: MappingNode) -> dict[str, dict[str, dict[str, str]]]:
    """What values and attributes say of themselves: section, name, word; and the days of `dated`, each under its own."""
    told: dict[str, dict[str, dict[str, str]]] = {"values": {}, "attributes": {}}
    for section, its in node.value:
        if not isinstance(section, ScalarNode) or section.value not in told or not isinstance(its, MappingNode):
            continue
        for name, term in its.value:
            if not isinstance(name, ScalarNode) or not isinstance(term, MappingNode):
                continue
            said = told[section.value][name.value] = {}
            for word, value in term.value:
                if isinstance(word, ScalarNode) and isinstance(value, ScalarNode):
                    said[word.value] = value.value
                elif isinstance(word, ScalarNode) and word.value == "dated" and isinstance(value, MappingNode):
                    said["dated"] = " ".join(day.value for day, _ in value.value if isinstance(day, ScalarNode))
    return told


def _begins(text: str, node: ScalarNode) -> int | None:
    """Where a scalar's own characters begin; None where they are not what it says (escapes, folded lines)."""
    begins = int(node.start_mark.index) + (node.style in {'"', "'"})
    return begins if node.value and text[begins : begins + len(node.value)] == node.value else None


def _unit(path: Path, beside: Mapping[str, Any], plain: dict[str, dict[str, dict[str, str]]]) -> Unit | None:
    """The unit of what may stand at a path; None where no number to drag may."""
    section, word = path[0], path[-1]
    if section == "values":
        is_dated = len(path) in {4, 5} and path[2] == "dated"
        return UNIT_OF_KIND.get(plain["values"].get(str(path[1]), {}).get("unit", "")) if is_dated else None
    if section == "attributes":
        kind = plain["attributes"].get(str(path[1]), {}).get("kind", "")
        return UNIT_OF_KIND.get(kind) if path[2:] == ("default",) else None
    if section == "days":
        return "age" if word == "age" else None
    if "what" in beside and word in COMPARED:
        return None if section == "claims" else _compared(str(beside["what"]), plain)
    if word in COUNTS:
        return "count"
    if section == "claims":
        return None
    if path == ("tolerance",):
        return "money"
    if word == "rate" or (word == "otherwise" and "rate" in path[-2:-1]):
        return "rate"
    if word == "by" and "earlier" in path[-2:-1]:
        return "count"
    if word in MONEY or (word == "of" and "pro_rata" in path[-2:-1]) or (word == "at_least" and _is_amount(path)):
        return "money"
    return None


def _is_amount(path: Path) -> bool:
    """Whether an `at_least` is a step, or what the member pays of a price."""
    return path[-2:-1] == ("member_pays",) or path[-3:-2] == ("steps",)


def _compared(what: str, plain: dict[str, dict[str, dict[str, str]]]) -> Unit | None:
    """The unit of what a test compares."""
    if what.startswith("attribute."):
        kind = plain["attributes"].get(what.removeprefix("attribute."), {}).get("kind", "")
        return UNIT_OF_KIND.get(kind)
    if what.startswith("age"):
        return "age"
    if what.startswith("months_since"):
        return "count"
    return "money" if what.startswith(("pay.", "amount.")) else None


PARSERS: Mapping[Unit, Callable[[str], int | Fraction]] = {
    "money": lambda text: Fraction(parse_money(text), 100),
    "rate": lambda text: parse_rate(text) * 100,
    "age": parse_age,
    "count": parse_number,
}
"""What reads a number, by its unit."""


def _value(unit: Unit, text: str) -> Fraction | None:
    """The number in a text, in the unit that it is said in; None where it is none."""
    try:
        return Fraction(PARSERS[unit](text))
    except ValueError:
        return None


def _called(path: Path, plain: dict[str, dict[str, dict[str, str]]], on_day: int | None) -> tuple[str, str, bool]:
    """A number's name, what it is in words, and whether it is in force."""
    dotted = ".".join(map(str, path))
    if path[0] != "values":
        words = ", ".join(str(one).replace("_", " ") if isinstance(one, str) else f"no. {one + 1}" for one in path[1:])
        return dotted, words or dotted, True
    name, day = str(path[1]), str(path[3])
    said = plain["values"].get(name, {})
    days = said.get("dated", "").split()
    words = name.replace("_", " ")
    if len(days) > 1:
        words += f", from {day}"
    if len(path) > 4:
        words += f", {path[4]}"
        return dotted, words, day == _in_force(days, on_day)
    return name.replace("_", ".", 1), words, day == _in_force(days, on_day)


def _in_force(days: list[str], on_day: int | None) -> str:
    """The day of the figure in force: the last one that has come, or the first where none has."""
    known = sorted(day for day in days if _is_day(day))
    come = [day for day in known if on_day is None or parse_day(day) <= on_day]
    return (come or known[:1] or [""])[-1]


def _is_day(text: str) -> bool:
    try:
        parse_day(text)
    except ValueError:
        return False
    return True


def _reach(unit: Unit, value: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """What a slider reaches: low, high and step."""
    if unit == "age":
        step = Fraction(12 if value % 12 == 0 else 1)
        low = max(value - AGE_REACH, value % step)
        return low, value + AGE_REACH, step
    if unit == "count":
        return Fraction(0), max(2 * value, Fraction(12)), Fraction(1)
    if unit == "rate":
        high = next((Fraction(one) for one in (10, 20, 50, 100) if 2 * value <= one or one == 100 >= value), 2 * value)
        high = Fraction(100) if value == 0 else min(high, MOST["rate"])
    else:
        high = _round_up(2 * value) if value else Fraction(1_000)
    steps = [one for one in STEPS if one <= high / STEPS_ACROSS and one >= Fraction(1, FINEST[unit])]
    step = next((one for one in steps if value % one == 0), Fraction(1, 100))
    # The slider's end is a whole number of steps away, too.
    return Fraction(0), high // step * step, step


def _round_up(value: Fraction) -> Fraction:
    """The next number of one digit and noughts, at least so much."""
    power = Fraction(1, 100)
    while power * 10 <= value:
        power *= 10
    return -(-value // power) * power
