"""Small rulebooks of one rule, and lives told fact by fact, for cases worked by hand.

All joined on 1 January 2024, unless the case says otherwise, and were born on the same day of 1990.
"""

from dataclasses import replace
from typing import Any

from tests.generate import Happened, Life

from lifepot.kernel.columns import Kind
from lifepot.periods import parse_day
from lifepot.rulebook.terms import Rulebook

Plain = dict[str, Any]

SAID = {"description": "As it says.", "source": "This test."}
YEAR = {"year": {"description": "The calendar year.", "every": "year", "starts": "01-01"}}
QUARTER = {"quarter": {"description": "The first three months.", "months": "3", "times": "1"}}


def scheme(
    of: Any, *steps: Plain, rule: Plain | None = None, membership: Plain | None = None, **sections: Plain
) -> Rulebook:
    """A rulebook of one rule, called "it", made of this through these steps."""
    own: Plain = {"party": "worker", "of": of, "steps": list(steps)} | SAID | (rule or {})
    told = {
        section: {name: _said(section, name, term) for name, term in terms.items()}
        for section, terms in sections.items()
    }
    head = {"name": "small", "title": "Small", "description": "Small.", "currency": "GBP"}
    return Rulebook.model_validate(head | {"membership": SAID | (membership or {}), "rules": {"it": own}} | told)


def _said(section: str, name: str, term: Plain) -> Plain:
    """A term with what only people read."""
    if section == "conditions":
        return term
    return {"description": name} | ({"source": name} if section in {"values", "purposes"} else {}) | term


def life(*facts: Happened, joined: str | None = "2024-01-01", born: str = "1990-01-01", **attributes: str) -> Life:
    """A life in which this happened."""
    numbered = tuple(replace(fact, number=number, root=number) for number, fact in enumerate(facts))
    return Life(parse_day(born), parse_day(joined) if joined else None, attributes, numbered)


def _told(on: str, kind: Kind, **more: Any) -> Happened:
    return Happened(0, 0, parse_day(on), kind, **more)


def paid(on: str, amount: int, payer: int = 0) -> Happened:
    """Pence paid in."""
    return _told(on, Kind.PAID, amount=amount, payer=payer)


def pay(on: str, earnings: int | None = None, payer: int = 1, **more: Any) -> Happened:
    """A pay; a month's, if nothing else is said."""
    period = {name: parse_day(more.pop(name)) for name in ("period_start", "period_end") if name in more}
    return _told(on, Kind.PAY, earnings=earnings, payer=payer, **({"frequency": 4} | more | period))


def taken(on: str, amount: int, word: str = "") -> Happened:
    """Pence taken out."""
    return _told(on, Kind.WITHDRAWN, amount=amount, value=word)


def says(on: str, attribute: str, value: str) -> Happened:
    """Something declared from a day on."""
    return _told(on, Kind.STATUS, attribute=attribute, value=value)


def closed(on: str) -> Happened:
    """The account is closed."""
    return _told(on, Kind.CLOSED)


def died(on: str) -> Happened:
    """The member dies."""
    return _told(on, Kind.DIED)


def flag(default: str = "no") -> Plain:
    """A yes-or-no attribute."""
    return {"kind": "yes_no", "default": default}


def dated(unit: str, **figures: str) -> Plain:
    """A value in force from days written as from_2024_06_01."""
    days = {name.removeprefix("from_").replace("_", "-"): figure for name, figure in figures.items()}
    return {"unit": unit, "dated": days}


def table(by: str, more: Plain | None = None, /, **figures: str) -> Plain:
    """A table of money in force from 2020 on; a key that is an age is written as at_30."""
    row = {name.removeprefix("at_"): figure for name, figure in figures.items()}
    return {"unit": "money", "by": by, "dated": {"2020-01-01": row}} | (more or {})


def leaving(*windows: Plain, stops: str = "always") -> Plain:
    """A membership that one leaves."""
    return {"leaving": [SAID | {"attribute": "left", "windows": list(windows), "stops": stops}]}
