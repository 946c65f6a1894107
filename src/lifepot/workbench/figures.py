"""What a redraw tells: a dozen figures and three pictures' worth of series, each with its 95 % interval.

They are worked out by the lab's own tables, so that a figure here is the figure of `lab cost` over the same lives and years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from lifepot.lab.ground import Ground
from lifepot.lab.intervals import Estimate, Real, estimate
from lifepot.lab.outcomes import PEOPLE, POUNDS, SHARE, TABLES
from lifepot.lab.sums import COUNTS, MONEY, Sums
from lifepot.lab.words import interval_told, told

MINOR = 100.0
LOW_TENTHS = 3

FIGURES: Mapping[str, tuple[str, str]] = {
    "government": ("government pays in, a year", POUNDS),
    "government_net": ("government's cost with taxes and benefits counted, a year", POUNDS),
    "employers": ("employers and platforms pay in, a year", POUNDS),
    "own": ("people pay in themselves, a year", POUNDS),
    "accounts": ("people with an account at the end", PEOPLE),
    "pot": ("an average pot at the end", POUNDS),
    "gain_lowest": ("net gain a year in the lowest three tenths of income", POUNDS),
    "gain_middle": ("net gain a year in the middle four tenths", POUNDS),
    "gain_highest": ("net gain a year in the highest three tenths", POUNDS),
    "under_1000_without": ("lowest three tenths with under £1,000, without the scheme", SHARE),
    "under_1000_with": ("lowest three tenths with under £1,000, with it", SHARE),
    "homes": ("first homes bought more, over the ten years", PEOPLE),
}
"""Each figure's words and unit. Money is at prices of the scheme's first year; a year's figures are averages of the ten."""

LINES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "cost": ("What each party pays in, by tax year", POUNDS, ("government", "employers and platforms", "own money")),
    "gains": ("Net gain a person a year, by tenth of household income", POUNDS, ("net gain",)),
    "under_1000": (
        "Adults with under £1,000 to fall back on, by tenth of household income",
        SHARE,
        ("without", "with"),
    ),
}
"""Each series' title, unit and lines."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with the ends of its interval; not a number where there is nothing to count."""

    name: str
    words: str
    unit: str
    value: float
    low: float
    high: float

    @property
    def told(self) -> str:
        """The figure as people read it."""
        return told(self.value, self.unit)

    @property
    def interval(self) -> str:
        """Its interval as people read it; nothing where there is none."""
        return interval_told(self.low, self.high, self.unit)

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it; null where there is nothing to count."""
        numbers = {name: _plain(getattr(self, name)) for name in ("value", "low", "high")}
        return {"name": self.name, "words": self.words, "unit": self.unit, **numbers, "told": self.told, "interval": self.interval}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """Rows of figures to draw: `values`, `low` and `high` are each a list for each line, a number a row."""

    name: str
    title: str
    unit: str
    rows: list[str]
    lines: tuple[str, ...]
    values: list[list[float]]
    low: list[list[float]]
    high: list[list[float]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        sides = {name: [[_plain(one) for one in line] for line in getattr(self, name)] for name in ("values", "low", "high")}  # fmt: skip
        return {"name": self.name, "title": self.title, "unit": self.unit, "rows": self.rows, "lines": list(self.lines), **sides}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """All figures and series of one answer."""

    figures: list[Figure]
    series: list[Series]

    def figure(self, name: str) -> Figure:
        """A figure by its name. An unknown name is our own mistake."""
        (one,) = [one for one in self.figures if one.name == name]
        return one

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {"figures": [one.as_dict() for one in self.figures], "series": [one.as_dict() for one in self.series]}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Told":
        """The same from what `as_dict` gave."""
        figures = [
            Figure(one["name"], one["words"], one["unit"], *(_number(one[side]) for side in ("value", "low", "high")))
            for one in given["figures"]
        ]
        series = [
            Series(
                one["name"], one["title"], one["unit"], list(one["rows"]), tuple(one["lines"]),
                *([[_number(each) for each in line] for line in one[side]] for side in ("values", "low", "high")),
            )
            for one in given["series"]
        ]  # fmt: skip
        return cls(figures, series)


def told_of(groups: Sequence[Sums], ground: Ground) -> Told:
    """Every figure and series from the sums of groups of villages."""

    def all_of(sums: Sums) -> dict[str, Real]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _worked_out(sums, ground)

    return _told(estimate(groups, all_of), ground)


def differences(one: Sequence[Sums], other: Sequence[Sums], ground: Ground) -> Told:
    """Every figure and series of one rulebook less that of another, over the same groups of the same villages: intervals are those of
    the paired difference.
    """
    assert len(one) == len(other), "the same villages in the same groups"
    paired = [
        {f"{side}:{name}": array for side, sums in (("one", its), ("other", others)) for name, array in sums.items()}
        | {"villages": its["villages"]}
        for its, others in zip(one, other, strict=True)
    ]

    def less(sums: Sums) -> dict[str, Real]:
        with np.errstate(divide="ignore", invalid="ignore"):
            sides = [
                _worked_out(
                    {
                        name.removeprefix(f"{side}:"): array
                        for name, array in sums.items()
                        if name.startswith(f"{side}:")
                    },
                    ground,
                )
                for side in ("one", "other")
            ]
        return {name: sides[0][name] - sides[1][name] for name in sides[0]}

    return _told(estimate(paired, less), ground)


def _worked_out(sums: Sums, ground: Ground) -> dict[str, Real]:
    """The figures, (figures,), and the series, (lines, rows)."""

    def table(name: str) -> Real:
        return TABLES[name].of(sums, ground)

    def column(name: str, word: str) -> Real:
        return table(name)[:, [column for column, _ in TABLES[name].columns].index(word)]

    brief, cost = table("brief")[0], table("cost_by_year_real")
    opens = ground.opens
    net = column("treasury", "net") / ground.prices[opens:]
    pots = sums["by_year.after"][MONEY.index("pot"), -1] / ground.prices[-1] / MINOR
    accounts = sums["counts.after"][COUNTS.index("joined"), -1]
    without, with_it = (column("buffers_by_decile", f"under £1,000, {side}") for side in ("without", "with"))
    figures = {
        "government": brief[0], "government_net": net.mean(), "employers": brief[1], "own": cost[:, 3].mean(),
        "accounts": accounts, "pot": pots / accounts if accounts > 0 else np.nan,
        "gain_lowest": brief[2], "gain_middle": brief[3], "gain_highest": brief[4],
        "under_1000_without": without[:LOW_TENTHS].mean(), "under_1000_with": with_it[:LOW_TENTHS].mean(),
        "homes": column("purposes", "change")[2],
    }  # fmt: skip
    return {
        "figures": np.array([figures[name] for name in FIGURES]),
        "cost": np.stack([cost[:, 0], cost[:, 1] + cost[:, 2], cost[:, 3]]),
        "gains": column("gains_by_decile", "net gain")[None],
        "under_1000": np.stack([without, with_it]),
    }


def _told(found: Mapping[str, Estimate], ground: Ground) -> Told:
    one = found["figures"]
    figures = [
        Figure(name, words, unit, *(float(side[at]) for side in (one.value, one.low, one.high)))
        for at, (name, (words, unit)) in enumerate(FIGURES.items())
    ]
    tenths = TABLES["gains_by_decile"].rows(ground)
    series = [
        Series(
            name, title, unit, ground.labels if name == "cost" else tenths, lines,
            *(side.tolist() for side in (found[name].value, found[name].low, found[name].high)),
        )
        for name, (title, unit, lines) in LINES.items()
    ]  # fmt: skip
    return Told(figures, series)


def _plain(number: float) -> float | None:
    return None if isnan(number) else number


def _number(plain: float | None) -> float:
    return float("nan") if plain is None else float(plain)
