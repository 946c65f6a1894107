"""What may set people apart: their age, how long they are in, what was said of them, what they earn.

A trait is a list of levels to try. Which of them make a difference is not read from the rules but found by trying.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from lifepot.brochure.asked import Asked
from lifepot.brochure.tries import Person, Varied
from lifepot.money import format_minor
from lifepot.rulebook.conditions_in_words import as_clause
from lifepot.rulebook.figures_in_words import listed, plain_money, plain_name
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, parse_money, parse_yes_no
from lifepot.rulebook.terms import Attribute, Rulebook

ORDINARY_AGE = 30
AGES = range(10, 86)
YEARS_IN = 10
"""How long the account has been open for those who are tried as long-standing members."""

LEVELS = (0, 10_000, 20_000, 30_000, 40_000, 50_000, 75_000, 100_000, 150_000)
"""Yearly pay, and any other amount said of a person, in major units."""

SHORTEST_NAME = 3
"""Names of no more letters are somebody's abbreviations."""

Level = tuple[int, int] | str | int | None
"""An age with years in; a word said (None: nothing is said); an amount in minor units."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that may set people apart, the levels to try, the ordinary one first."""

    name: str
    levels: tuple[Level, ...]

    def changed(self, person: Person, level: Level) -> Person:
        """The same person, but for this."""
        raise NotImplementedError

    def words(self, levels: Iterable[Level]) -> str:
        """How to call people of these levels."""
        raise NotImplementedError

    def few(self) -> tuple[Level, ...]:
        """Some of the levels, where all of them would be many."""
        return self.levels


@dataclass(frozen=True, slots=True)
class Age(Trait):
    """Whole years of age, each with how long the person is in."""

    lasting: bool
    """Whether those too old to join may be in since they were younger."""

    @property
    def ordinary_years_in(self) -> int:
        """How long an ordinary member is in."""
        assert isinstance(self.levels[0], tuple)
        return self.levels[0][1]

    def changed(self, person: Person, level: Level) -> Person:
        """The same person at another age, or in for longer."""
        assert isinstance(level, tuple)
        return replace(person, age=level[0], years_in=level[1])

    def words(self, levels: Iterable[Level]) -> str:
        """As in "aged 18 to 39"."""
        pairs = [one for one in levels if isinstance(one, tuple)]
        texts = []
        for is_longer in sorted({years == YEARS_IN for _, years in pairs}):
            runs = _runs(sorted(age for age, years in pairs if (years == YEARS_IN) is is_longer))
            said = "aged " + listed((_ages(*run) for run in runs), "or")
            texts.append(said + (f" and in for {YEARS_IN} years" if is_longer else ""))
        return ", or ".join(texts)

    def few(self) -> tuple[Level, ...]:
        """An age in each ten years."""
        return self.levels[::10]

    def otherwise_in(self, gets: Iterable[Level], nothing: Iterable[Level]) -> list[Level]:
        """For ages at which an ordinary member gets nothing: younger ones as they join, older ones in for longer."""
        ages = [one[0] for one in gets if isinstance(one, tuple)] or [AGES[0], AGES[-1]]
        missing = [one for one in nothing if isinstance(one, tuple)]
        younger: list[Level] = [(age, 0) for age, years_in in missing if age < min(ages) and years_in]
        older: list[Level] = [(age, YEARS_IN) for age, _ in missing if age > max(ages) and self.lasting]
        return younger + older


@dataclass(frozen=True, slots=True)
class YearsIn(Trait):
    """How long the person is in, where a rule looks back at earlier years."""

    def changed(self, person: Person, level: Level) -> Person:
        """The same person, in for longer or less long."""
        assert isinstance(level, int)
        return replace(person, years_in=level)

    def words(self, levels: Iterable[Level]) -> str:
        """As in "in for 2 years or more"."""
        years = max(one for one in self.levels if isinstance(one, int))
        return " or ".join(
            f"in for {_years(years)} or more" if one else f"in for less than {_years(years)}" for one in levels
        )


@dataclass(frozen=True, slots=True)
class Said(Trait):
    """What was said of a person: yes or no, or one word of a choice."""

    called: str
    denied: str
    """What to call those of whom no was said."""

    def changed(self, person: Person, level: Level) -> Person:
        """The same person, of whom something else was said."""
        kept = tuple(one for one in person.said if one[0] != self.name)
        return replace(person, said=kept if level is None else (*kept, (self.name, str(level))))

    def words(self, levels: Iterable[Level]) -> str:
        """As in "opted in", "not opted in", "relief is net pay"."""
        levels = list(levels)
        texts = [one for one in levels if isinstance(one, str)]
        if not texts or set(texts) == {"yes", "no"}:
            return f"nothing said of “{self.called}”"
        if texts in (["yes"], ["no"]):
            return self.called if texts == ["yes"] else self.denied
        return f"{self.called} is {listed((plain_name(one) for one in texts), 'or')}{' or not said' * (None in levels)}"


@dataclass(frozen=True, slots=True)
class SaidAmount(Trait):
    """An amount said of a person."""

    called: str
    currency: str

    def changed(self, person: Person, level: Level) -> Person:
        """The same person, of whom another amount was said."""
        kept = tuple(one for one in person.said if one[0] != self.name)
        return replace(person, said=kept if level is None else (*kept, (self.name, format_minor(int(str(level))))))

    def words(self, levels: Iterable[Level]) -> str:
        """As in "income of £20,000"."""
        levels = list(levels)
        amounts = [plain_money(one, self.currency) for one in levels if isinstance(one, int)]
        said = [f"of {_amounts(amounts)}"] if amounts else []
        return f"{self.called} {' or '.join([*said, *(['not said'] if None in levels else [])])}"


@dataclass(frozen=True, slots=True)
class Pay(Trait):
    """Yearly pay."""

    currency: str

    def changed(self, person: Person, level: Level) -> Person:
        """The same person, earning something else."""
        assert isinstance(level, int)
        return replace(person, pay_minor=level)

    def words(self, levels: Iterable[Level]) -> str:
        """As in "earning £20,000 a year"."""
        amounts = [one for one in levels if isinstance(one, int)]
        earning = [plain_money(one, self.currency) for one in amounts if one]
        texts = (["without pay"] if 0 in amounts else []) + ([f"earning {_amounts(earning)} a year"] if earning else [])
        return " or ".join(texts)


def traits_of(book: Rulebook, asked: Asked, varied: Varied, years_before: int) -> list[Trait]:
    """What may set people apart for rules that ask these things, in the order in which a reader thinks of it."""
    membership = book.membership
    leaving = {one.attribute for one in membership.leaving} | {one.attribute for one in membership.pauses}
    tested = [test.what for test in asked.tests()]
    by_age = any(book.values[name].by in {"born", "age"} for name in book.values if name in asked.words)
    found: list[Trait] = []
    if by_age or any(what.startswith("age") for what in tested):
        lasting = membership.automatic is not None or any(what.startswith("age_at") for what in tested)
        found.append(Age("age", tuple((age, years_before) for age in AGES), lasting))
    if years_before:
        found.append(YearsIn("years_in", (years_before, 0)))
    if varied == "paid" and any(one.startswith("pay.") for one in asked.words):
        found.append(Pay("pay", tuple(level * MINOR_PER_MAJOR for level in LEVELS), book.currency))
    for name in asked.attributes(book):
        if name not in leaving:
            found += _said(book, name, book.attributes[name])
    return found


def _said(book: Rulebook, name: str, attribute: Attribute) -> list[Trait]:
    is_short = len(name) <= SHORTEST_NAME
    called = f"those of whom this is so: {as_clause(attribute.description)}" if is_short else plain_name(name)
    denied = called.replace("this is so", "this is not so") if is_short else f"not {called}"
    ordinary: list[Level] = [attribute.default]
    match attribute.kind:
        case "yes_no":
            if attribute.default is not None:
                ordinary = ["yes" if parse_yes_no(attribute.default) else "no"]
            return [Said(name, tuple(dict.fromkeys([*ordinary, "no", "yes"])), called, denied)]
        case "choice":
            return [Said(name, tuple(dict.fromkeys([*ordinary, *(attribute.choices or [])])), called, denied)]
        case "money":
            if attribute.default is not None:
                ordinary = [parse_money(attribute.default)]
            levels = [*ordinary, *(level * MINOR_PER_MAJOR for level in LEVELS)]
            return [SaidAmount(name, tuple(dict.fromkeys(levels)), called, book.currency)]
        case _:
            return []


def _years(count: int) -> str:
    return f"{count} year{'' if count == 1 else 's'}"


def _amounts(texts: list[str]) -> str:
    """Amounts that were tried, not too many of them."""
    return listed(texts, "or") if len(texts) < 4 else f"{texts[0]} to {texts[-1]}"


def _ages(first: int, last: int) -> str:
    if first == AGES[0]:
        return f"under {last + 1}"
    if last == AGES[-1]:
        return f"{first} or more"
    return str(first) if first == last else f"{first} to {last}"


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Stretches of whole numbers that follow one another."""
    grouped = groupby(enumerate(numbers), key=lambda one: one[1] - one[0])
    runs = [[number for _, number in run] for _, run in grouped]
    return [(run[0], run[-1]) for run in runs]
