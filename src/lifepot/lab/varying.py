"""A rulebook with other figures, in memory: what `--vary NAME=LOW:HIGH` and the tornado change."""

from dataclasses import dataclass
from fractions import Fraction

from lifepot.errors import Misuse
from lifepot.rulebook.checks import check
from lifepot.rulebook.findings import NOTES
from lifepot.rulebook.scalars import parse_age, parse_money, parse_rate
from lifepot.rulebook.terms import Rulebook, Value

SMALLEST = {"money": Fraction(1), "rate": Fraction(1, 1000), "age": Fraction(1, 12), "number": Fraction(1)}
"""The smallest step that is tried: a pound, a tenth of a per cent, a month, one."""


@dataclass(frozen=True, slots=True)
class Varied:
    """A figure that may be anything from `low` to `high`, in steps: pounds, a share of one, years or a number."""

    name: str
    unit: str
    low: Fraction
    high: Fraction
    step: Fraction

    @property
    def steps(self) -> int:
        """How many steps lie between low and high."""
        return int((self.high - self.low) / self.step)

    def figure(self, steps: int) -> Fraction:
        """The figure so many steps above low."""
        return self.low + self.step * steps

    def told(self, figure: Fraction) -> str:
        """The figure as people write it."""
        return figure_text(self.unit, figure)


def varied(book: Rulebook, text: str) -> Varied:
    """What `NAME=LOW:HIGH` or `NAME=LOW:HIGH:STEP` says. A name may be written with points: match.rate is match_rate. Raises
    `Misuse` for a name that the rulebook has not, a figure that cannot be varied, or a range that is none.
    """
    name, equals, span = text.partition("=")
    name = name.strip().replace(".", "_").replace("-", "_")
    parts = span.split(":")
    if not equals or len(parts) not in {2, 3}:
        raise Misuse(
            f"--vary {text} says no range.", remedy="Write a name, its lowest and its highest figure: match.rate=0:1."
        )
    value = book.values.get(name)
    can = [one for one, its in book.values.items() if _can_vary(its)]
    if value is None or not _can_vary(value):
        why = "is no value of" if value is None else "is a table, or of no number, in"
        raise Misuse(f"{name} {why} {book.name}.", remedy=f"What can be varied: {', '.join(can)}.")
    low, high = (_figure(value.unit, part, text) for part in parts[:2])
    smallest = SMALLEST[value.unit]
    step = _figure(value.unit, parts[2], text) if len(parts) == 3 else max(smallest, (high - low) / 100)
    step = max(smallest, step // smallest * smallest)
    if high <= low:
        raise Misuse(f"--vary {text}: the range is empty.", remedy="Give the lower figure first.")
    return Varied(name, value.unit, low, low + (high - low) // step * step, step)


def changed(book: Rulebook, figures: dict[str, Fraction]) -> Rulebook:
    """The rulebook with these values, from the first day on which each was in force. Raises `Misuse` where the rulebook then
    means nothing: a taper that ends before it begins.
    """
    values = dict(book.values)
    for name, figure in figures.items():
        value = values[name]
        first = min(value.dated)
        values[name] = value.model_copy(
            update={"dated": {first: figure_text(value.unit, figure)}, "certainty": "choice"}
        )
    other = book.model_copy(update={"values": values})
    faults = [found for _, code, found, _ in check(other) if code not in NOTES]
    if faults:
        said = ", ".join(f"{name} {figure_text(values[name].unit, figure)}" for name, figure in figures.items())
        raise Misuse(f"With {said} the rulebook means nothing: {faults[0]}.", remedy="Narrow the ranges.")
    return other


def figure_text(unit: str, figure: Fraction) -> str:
    """A figure as a rulebook writes it."""
    if unit == "rate":
        return f"{float(figure * 100):.4f}".rstrip("0").rstrip(".") + "%"
    if unit == "age":
        years, months = divmod(round(figure * 12), 12)
        return f"{years}y {months}m" if months else str(years)
    if unit == "money":
        return f"{float(figure):.2f}".removesuffix(".00")
    return str(round(figure))


def _can_vary(value: Value) -> bool:
    plain = all(isinstance(figure, str) and figure != "none" for figure in value.dated.values())
    return value.unit in SMALLEST and value.by is None and bool(value.dated) and plain


def _figure(unit: str, text: str, option: str) -> Fraction:
    text = text.strip().replace("£", "").replace(",", "")
    try:
        if unit == "money":
            return Fraction(parse_money(text), 100)
        if unit == "age":
            return Fraction(parse_age(text), 12)
        if unit == "rate":
            # In a range a bare 1 is what it says, the whole: 0:1 is from nothing to a pound a pound.
            return Fraction(text) if text in {"0", "1"} else parse_rate(text)
        return Fraction(text)
    except ValueError as error:
        raise Misuse(f"--vary {option}: {error}.", remedy=f"Give figures of the unit {unit}.") from None
