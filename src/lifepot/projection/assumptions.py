"""What a projection assumes beside the rulebook: growth, and the days it looks at. Read from `assumptions.yaml`."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from lifepot.kernel.columns import NONE
from lifepot.periods import add_months_to, day_of
from lifepot.rulebook.scalars import parse_age, parse_rate

STATE_PENSION = "State Pension age"

CERTAINTY = {
    "read": "read in its source",
    "quoted": "read on a page that quotes its source",
    "recalled": "recalled, not read in its source",
}
"""What each mark of certainty means."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How much a pot grows in a year, above rising prices: `rate` as a share, exact; `text` as it is written."""

    name: str
    rate: Fraction
    text: str
    words: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day to look ahead to: what it is called, when it comes, and where that is from ("" for a birthday)."""

    name: str
    on: int
    source: str = ""
    certainty: str = ""


@cache
def _read() -> dict[str, Any]:
    text = files("lifepot.projection").joinpath("assumptions.yaml").read_text("utf-8")
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return read


@cache
def growths() -> tuple[Growth, ...]:
    """Low, middle and high growth."""
    return tuple(
        Growth(name, parse_rate(one["rate"]), one["rate"], one["words"], one["source"], one["certainty"])
        for name, one in _read()["growth"].items()
    )


def milestones(born: int, on: int, currency: str) -> list[Milestone]:
    """The days to look ahead to from a day, for somebody born on a day: birthdays, and State Pension age (for a scheme in
    pounds). Those that are past, or all if the birth day is not known (NONE), are left out.
    """
    if born == NONE:
        return []
    found = [Milestone(f"age {age}", add_months_to(born, parse_age(age))) for age in _read()["ages"]]
    if currency == "GBP" and (pension := state_pension(born)) is not None:
        found.append(pension)
    return sorted((one for one in found if one.on > on), key=lambda one: one.on)


def state_pension(born: int) -> Milestone | None:
    """The day on which somebody reaches State Pension age; None for those born before the table begins."""
    table = _read()["state_pension_age"]
    rows = [row for first, row in table["born_from"].items() if day_of(first) <= born]
    if not rows:
        return None
    last = rows[-1]
    on = day_of(last["on"]) if "on" in last else add_months_to(born, parse_age(last["age"]))
    return Milestone(STATE_PENSION, on, table["source"], last["certainty"])
