"""The figure in force: a dated value looked up on a fact's day, for its frequency or the member's birth day."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from lifepot.audit.calendar import frequency_of, share_of_year
from lifepot.audit.told import Missing, Told
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, PARSER_BY_KIND, PARSER_BY_UNIT
from lifepot.rulebook.terms import Rulebook, Value

Exact = int | Fraction
"""Money in minor units, a rate, an age in months, a number, or a day since 1970-01-01: never a float."""

MILLION = 1_000_000


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
    """A rulebook's values, as one member meets them.

    `gaps` are the faults of facts that asked in vain; `used` collects what was looked up, while it is a list.
    """

    def __init__(self, rulebook: Rulebook, born: date | None, values_on: date | None) -> None:
        self._values = rulebook.values
        self._born = born
        self._values_on = values_on
        self.used: list[InForce] | None = None
        self.gaps: dict[Missing, None] = {}
        self._newest_first: dict[str, list[tuple[date, str | dict[str, str]]]] = {}

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

    def _in_force(self, name: str, value: Value, fact: Told) -> tuple[Exact, date]:
        day = self._values_on or fact.on
        since, entry = self._entry(name, value, day)
        if since is None or entry == "none":
            raise Gap("value_gap", name, day)
        if isinstance(entry, str):
            figure = parse(value.unit, entry)
            share = share_of_year(fact) if value.proportionate else None
            return (figure if share is None else figure * share), since
        if value.by == "born":
            key = max((first for first in entry if self._born and _day(first) <= self._born), default=None)
            if key is None:
                raise Gap("value_gap", name, day)
            return parse(value.unit, entry[key]), since
        return self._by_frequency(name, value, entry, fact, day), since

    def _entry(self, name: str, value: Value, day: date) -> tuple[date | None, str | dict[str, str]]:
        """The day from which a value's figure holds on this day, and that figure as written."""
        if name not in self._newest_first:
            self._newest_first[name] = [(_day(first), entry) for first, entry in reversed(value.dated.items())]
        return next(((first, entry) for first, entry in self._newest_first[name] if first <= day), (None, "none"))

    def _by_frequency(self, name: str, value: Value, table: dict[str, str], fact: Told, day: date) -> Exact:
        frequency, share = frequency_of(fact), share_of_year(fact)
        if frequency in table:
            return parse(value.unit, table[frequency])
        if value.otherwise != "proportionate" or "year" not in table:
            raise Gap("value_gap" if frequency else "frequency_missing", name, day)
        if share is None:
            # Nothing says how often this pay comes: the year's figure stands, and the fault says so.
            self.gaps[Missing("frequency_missing", fact.ref, name, day)] = None
            return parse(value.unit, table["year"])
        pounds = parse(value.unit, table["year"]) * share / MINOR_PER_MAJOR
        return (pounds + Fraction(1, 2)).__floor__() * MINOR_PER_MAJOR
