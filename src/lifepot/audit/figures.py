"""The figure in force: a dated value looked up on a fact's day, for its frequency, the member's age or what they said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from lifepot.audit.calendar import aged_on, frequency_of, share_of_year, whole_months
from lifepot.audit.told import Missing, Told, behind
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, PARSER_BY_KIND, PARSER_BY_UNIT, parse_age, parse_rounding
from lifepot.rulebook.terms import Rulebook, Value

Exact = int | Fraction
"""Money in minor units, a rate, an age in months, a number, or a day since 1970-01-01: never a float."""

MILLION = 1_000_000
COUNTED = 100
"""What is counted counts 1.00."""

Holding = Callable[[str, Told], Exact | str | None]
"""What an attribute is at a fact; None where it is not known."""


def rounded(figure: Exact, how: str, unit: int) -> int:
    """A figure rounded to a unit of minor units. Halves and ups go away from nothing, `down` towards it."""
    if figure.denominator == 1 and unit == 1:
        return figure.numerator
    # As whole numbers: figure / unit is `whole` and `rest` of `parts`.
    parts = figure.denominator * unit
    whole, rest = divmod(abs(figure.numerator), parts)
    if how == "half_up":
        more = 2 * rest >= parts
    elif how == "half_even":
        more = 2 * rest > parts or (2 * rest == parts and whole % 2 == 1)
    else:
        more = how == "up" and rest > 0
    return (whole + more) * unit * (-1 if figure < 0 else 1)


@dataclass(frozen=True, slots=True)
class InForce:
    """A figure that a step or a test used: what it is called, since when it holds, how sure we are of it."""

    name: str
    unit: str
    figure: Exact
    since: date | None
    certainty: str


class Gap(Exception):
    """A figure is needed that no value gives on this day."""

    def __init__(self, code: str, name: str, day: date) -> None:
        super().__init__(code, name, day)
        self.code = code
        self.name = name
        self.day = day


@lru_cache(maxsize=4096)
def parse(unit: str, text: str) -> Exact:
    """A figure of a unit or of an attribute's kind (a percentage is millionths). Raises ValueError for anything else."""
    parser = PARSER_BY_KIND[unit] if unit in {"percent", "yes_no"} else PARSER_BY_UNIT[unit]
    figure = parser(text)
    assert isinstance(figure, int | Fraction)
    return figure


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


class Figures:
    """A rulebook's values, as one member meets them. `holding` says what an attribute is at a fact.

    `gaps` are the faults of facts that asked in vain, but while they are `muted`; `used` collects what was looked up, while
    it is a list.
    """

    def __init__(self, rulebook: Rulebook, born: date | None, values_on: date | None, holding: Holding) -> None:
        self._values = rulebook.values
        self._born = born
        self._values_on = values_on
        self._holding = holding
        self.used: list[InForce] | None = None
        self.gaps: dict[Missing, None] = {}
        self.muted = False
        self._newest_first: dict[str, list[tuple[date, str | dict[str, str]]]] = {}

    def note(self, gap: Gap, fact: Told) -> None:
        """Keep a gap as a fault of this fact, once."""
        if not self.muted:
            self.gaps[Missing(gap.code, behind(fact), gap.name, gap.day)] = None

    def of(self, text: str, unit: str, fact: Told) -> Exact:
        """A literal, or the value of that name on the fact's day. Raises `Gap` where no figure is in force."""
        value = self._values.get(text)
        if value is None:
            figure, since = parse(unit, text), None
        else:
            figure, since = self._in_force(text, value, fact)
        if self.used is not None:
            named = InForce(text, value.unit, figure, since, value.certainty) if value is not None else None
            self.used.append(named or InForce("", unit, figure, None, "verified"))
        return figure * MILLION if value is not None and unit == "percent" else figure

    def amount(self, text: str, fact: Told) -> Exact:
        """A figure as an amount: money, or a value that is a number and counts 1.00 each. Raises `Gap`."""
        value = self._values.get(text)
        is_number = value is not None and value.unit == "number"
        return self.of(text, "money", fact) * (COUNTED if is_number else 1)

    def _in_force(self, name: str, value: Value, fact: Told) -> tuple[Exact, date]:
        if value.share_of is not None:
            return self._share(name, value, fact)
        day = self._values_on or fact.on
        since, entry = self._entry(name, value, day)
        if since is None or entry == "none":
            raise Gap("value_gap", name, day)
        if isinstance(entry, str):
            return parse(value.unit, entry), since
        if value.by == "frequency":
            return self._by_frequency(name, value, entry, fact, day), since
        key = self._key(value, entry, fact)
        if key is None or entry.get(key, "none") == "none":
            raise Gap("value_gap", name, day)
        return parse(value.unit, entry[key]), since

    def _key(self, value: Value, table: dict[str, str], fact: Told) -> str | None:
        """Which figure of a table by birth day, age or attribute is the member's at the fact; None if that is not known."""
        if value.by == "born":
            return next((first for first in reversed(table) if self._born and _day(first) <= self._born), None)
        if value.by == "age":
            on, born = aged_on(fact), self._born
            if born is None:
                return None
            months = whole_months(born, on)
            if value.band_begins == "month_after":
                # The month of the birthday is still one of the age before.
                months = (on.year - born.year) * 12 + on.month - born.month - 1
            return next((age for age in reversed(table) if parse_age(age) <= months), None)
        word = self._holding((value.by or "").removeprefix("attribute."), fact)
        return word if isinstance(word, str) or word is None else "yes" if word else "no"

    def _share(self, name: str, value: Value, fact: Told) -> tuple[Exact, date]:
        """A pay period's share of a yearly value."""
        assert value.share_of is not None
        try:
            figure, since = self._in_force(value.share_of, self._values[value.share_of], fact)
        except Gap as gap:
            raise Gap(gap.code, name, gap.day) from None
        share = share_of_year(fact)
        if value.rounded is None:
            return (figure if share is None else figure * share), since
        if share is None:
            # Nothing says how often this pay comes: the year's figure stands, and the fault says so.
            self.note(Gap("frequency_missing", name, self._values_on or fact.on), fact)
            return figure, since
        return rounded(figure * share, *parse_rounding(value.rounded)), since

    def _entry(self, name: str, value: Value, day: date) -> tuple[date | None, str | dict[str, str]]:
        """The day from which a value's figure holds on this day, and that figure as written."""
        if name not in self._newest_first:
            self._newest_first[name] = [(_day(first), entry) for first, entry in reversed(value.dated.items())]
        return next(((first, entry) for first, entry in self._newest_first[name] if first <= day), (None, "none"))

    def _by_frequency(self, name: str, value: Value, table: dict[str, str], fact: Told, day: date) -> Exact:
        if all(cell == "none" for cell in table.values()):
            raise Gap("value_gap", name, day)
        frequency, share = frequency_of(fact), share_of_year(fact)
        if frequency in table and table[frequency] != "none":
            return parse(value.unit, table[frequency])
        if value.otherwise != "proportionate" or table.get("year", "none") == "none":
            shared = value.otherwise == "proportionate" and share is not None
            raise Gap("value_gap" if frequency or shared else "frequency_missing", name, day)
        if share is None:
            # Nothing says how often this pay comes: the year's figure stands, and the fault says so.
            self.note(Gap("frequency_missing", name, day), fact)
            return parse(value.unit, table["year"])
        return rounded(parse(value.unit, table["year"]) * share, "half_up", MINOR_PER_MAJOR)
