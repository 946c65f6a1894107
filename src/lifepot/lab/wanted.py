"""What a search is after, in words: `share under £1,000 in decile 1-3`, `owning by 35`; and what it may cost: `2bn a year`."""

import re
from dataclasses import dataclass

import numpy as np

from lifepot.errors import Misuse
from lifepot.lab.outcomes import TABLES, Answers

EXAMPLES = (
    "share under £1,000 in decile 1-3", "share under £100 in decile 1-3", "wealth in decile 1-3", "net gain in decile 1-3",
    "wealth Gini", "lower half share", "owning by 35", "able to put down a deposit by 30", "first homes bought",
    "courses finished", "student loans cleared", "second pension a month",
)  # fmt: skip
"""What may be asked for; deciles and ages may be others."""

_BUDGET = re.compile(r"£?\s*([0-9][0-9,]*(?:\.[0-9]+)?)\s*(bn|billion|m|million|k)?(?:\s+a\s+year)?", re.IGNORECASE)
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_DECILES = re.compile(r"(.+) in deciles? ([0-9]+)(?:\s*-\s*([0-9]+))?")
_BY_AGE = re.compile(r"(owning|able to put down a deposit) by ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure that more is wanted of. `words` says what is measured: for what is better small, by how much it falls."""

    words: str
    unit: str
    table: str
    column: str
    rows: tuple[int, ...]
    sign: float

    def of(self, found: Answers) -> float:
        """The figure: the average of its rows, turned so that more is better."""
        column = found_column(self.table, self.column)
        return self.sign * float(np.mean(found.estimates[self.table].value[list(self.rows), column]))

    def interval(self, found: Answers) -> tuple[float, float]:
        """The widest ends of its rows' intervals, averaged: wider than the average's own."""
        column = found_column(self.table, self.column)
        one = found.estimates[self.table]
        ends = [self.sign * float(np.mean(side[list(self.rows), column])) for side in (one.low, one.high)]
        return min(ends), max(ends)


def found_column(table: str, column: str) -> int:
    """A column's position in a table of answers."""
    return [name for name, _ in TABLES[table].columns].index(column)


def wanted(text: str) -> Wanted:
    """What a text asks for. Raises `Misuse` for what no answer holds."""
    asked = " ".join(text.lower().replace("£ ", "£").split())
    if match := _DECILES.fullmatch(asked):
        first, last = int(match[2]), int(match[3] or match[2])
        of = {
            "share under £1,000": ("buffers_by_decile", "under £1,000, change", -1.0, "share"),
            "share under £1000": ("buffers_by_decile", "under £1,000, change", -1.0, "share"),
            "share under £100": ("buffers_by_decile", "under £100, change", -1.0, "share"),
            "wealth": ("buffers_by_decile", "wealth more", 1.0, "pounds"),
            "net gain": ("gains_by_decile", "net gain", 1.0, "pounds"),
        }.get(match[1])
        if of and 1 <= first <= last <= 10:
            table, column, sign, unit = of
            return Wanted(_said(asked, sign), unit, table, column, tuple(range(first - 1, last)), sign)
    if (match := _BY_AGE.fullmatch(asked)) and match[2] in {"30", "35", "40"}:
        row = (int(match[2]) - 30) // 5
        return Wanted(_said(asked, 1), "share", "homes_by_age", f"{match[1]}, change", (row,), 1.0)
    plain = {
        "wealth gini": ("wealth_inequality", "wealth Gini, change", -1, -1.0, "number"),
        "lower half share": ("wealth_inequality", "lower half, change", -1, 1.0, "share"),
        "student loans cleared": ("purposes", "change", 0, 1.0, "people"),
        "courses finished": ("purposes", "change", 1, 1.0, "people"),
        "first homes bought": ("purposes", "change", 2, 1.0, "people"),
        "second pension a month": ("second_pension", "a month", -1, 1.0, "pounds"),
    }.get(asked)
    if plain:
        table, column, row, sign, unit = plain
        return Wanted(_said(asked, sign), unit, table, column, (row,), sign)
    raise Misuse(f"“{text}” is no figure that can be looked for.", remedy=f"Ask for one of: {'; '.join(EXAMPLES)}.")


def _said(asked: str, sign: float) -> str:
    return asked if sign > 0 else f"fall of the {asked} (fewer is better)"


def cost_of(found: Answers) -> float:
    """What government pays in a year: pounds at prices of the first year, average of the scheme's first ten years."""
    return found.cell("brief", "all", "government, a year")[0]


def budget_of(text: str) -> float:
    """Pounds a year from "2bn a year", "£750m" or "2,000,000,000". Raises `Misuse` for anything else."""
    match = _BUDGET.fullmatch(text.strip())
    if not match:
        raise Misuse(f"--budget {text} is no amount a year.", remedy="Write it as 2bn a year, or 750m.")
    return float(match[1].replace(",", "")) * _SCALE[(match[2] or "").lower()]
