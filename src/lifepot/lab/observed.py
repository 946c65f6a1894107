"""What the model says of the present, measured as the published figures are: people at the start, their first months, and,
where budgets were lived, their first tax years without any scheme.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets.columns import Years
from lifepot.lives.columns import PLATFORMS_BELOW, Lives
from lifepot.population.columns import Job, Status, Tenure, Village
from lifepot.population.months import first_days
from lifepot.published.reading import Table

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

MONTHS = 36
"""Months that are looked at: flows are averaged over them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure and the model's, both in `unit`; `allowed`: how far off is a hit (None: not judged)."""

    row: str
    published: float | None
    model: float | None
    allowed: float | None = None
    unit: str = ""
    why: str = ""
    last: float | None = None
    independent: float | None = None


class Observed:
    """A sample: villages, their lives, and, if budgets were lived, their tax years, without a scheme and under shipped ones."""

    def __init__(
        self,
        villages: Sequence[Village],
        lives: Sequence[Lives],
        years: Sequence[Years] | None = None,
        laid: Mapping[str, Sequence[Years]] | None = None,
    ) -> None:
        assert villages, "nobody to look at"
        assert lives[0].months >= MONTHS, "too few months"
        self._villages, self._lives, self._years, self._laid = villages, lives, years, laid or {}

    def laid(self, name: str) -> list[tuple[Village, Years]]:
        """Each village with its tax years under a shipped scheme; none if it was not laid."""
        return list(zip(self._villages, self._laid.get(name, ()), strict=False))

    def years_laid(self, name: str) -> int:
        """How many tax years were lived under a shipped scheme."""
        return len(self._laid[name][0].months) if self._laid.get(name) else 0

    def of(self, name: str) -> NDArray[Any]:
        """A column of the people who were there at the start."""
        return np.concatenate([getattr(one, name)[one.enters == 0] for one in self._villages])

    def month(self, name: str, first: int, last: int | None = None) -> NDArray[Any]:
        """A column of lives over months: (people,) for one month, (months, people) for more; all who ever come."""
        if last is None:
            return np.concatenate([getattr(one, name)[first] for one in self._lives])
        return np.concatenate([getattr(one, name)[first:last] for one in self._lives], axis=1)

    def year(self, name: str, position: int = 0) -> NDArray[Any] | None:
        """A column of a tax year without a scheme; None where budgets were not lived."""
        if self._years is None or name not in Years.__annotations__:
            return None
        return np.concatenate([getattr(one, name)[position] for one in self._years])

    @cached_property
    def weight(self) -> Real:
        """Of those there at the start."""
        return self.of("weight").astype(np.float64)

    @cached_property
    def all_weight(self) -> Real:
        """Of all who ever come."""
        return np.concatenate([one.weight for one in self._villages])

    @cached_property
    def born(self) -> NDArray[np.int64]:
        """Birth days of all who ever come."""
        return np.concatenate([one.born for one in self._villages])

    @cached_property
    def age(self) -> Real:
        """Ages in whole years of those there at the start, on the first day."""
        return np.floor((first_days(1)[0] - self.of("born")) / 365.2425)

    def age_at(self, month: int) -> Real:
        """Ages in whole years of all who ever come, on a month's first day."""
        return np.floor((first_days(month + 1)[month] - self.born) / 365.2425)

    @cached_property
    def heads(self) -> tuple[NDArray[np.int64], Callable[[str], Real]]:
        """Households at the start: the rows of one member each (of a couple the first), and a function that adds a column up
        over the couple. Who lives with parents is no household of their own, and what they own is not counted with others'.
        """
        base, partner = self._pairs
        rows = np.arange(base)
        head = np.flatnonzero(((partner < 0) | (rows < partner)) & (self.of("tenure") != Tenure.PARENTS))
        other = partner[head]

        def summed(name: str) -> Real:
            column = self.of(name).astype(np.float64)
            return column[head] + np.where(other >= 0, column[other], 0.0)

        return head, summed

    def at_start(self, name: str) -> NDArray[Any]:
        """A column of lives' first month, of the people who were there at the start: what their village leaves open."""
        pairs = zip(self._lives, self._villages, strict=True)
        return np.concatenate([getattr(one, name)[0][village.enters == 0] for one, village in pairs])

    @cached_property
    def elder(self) -> Real:
        """Ages in whole years of the elder of each household of `heads`."""
        _, other = self._pairs
        head, _ = self.heads
        theirs = other[head]
        return np.where(theirs >= 0, np.maximum(self.age[head], self.age[theirs]), self.age[head])

    @cached_property
    def _pairs(self) -> tuple[int, NDArray[np.int64]]:
        """How many are there at the start, and everybody's partner among them, -1: none."""
        partners, base = [], 0
        for one in self._villages:
            there = one.enters == 0
            partner = one.partner[there]
            partners.append(np.where(partner >= 0, partner + base, -1))
            base += int(there.sum())
        return base, np.concatenate(partners)

    @cached_property
    def working(self) -> Flags:
        """Who works at the start, students with a job among them."""
        return self.of("job") != Job.NONE


def employed(status: NDArray[Any], job: NDArray[Any], looking: NDArray[Any]) -> tuple[Flags, Flags, Flags]:
    """Who is employed, unemployed, inactive, as the labour force survey counts: students with a job are employed, and those
    who look for one (`Lives.looking`) unemployed.
    """
    there = status != Status.ABSENT
    works = there & (job != Job.NONE)
    seeks = ~works & ((status == Status.UNEMPLOYED) | (looking > 0))
    return works, seeks, there & ~works & ~seeks


def employee(job: NDArray[Any]) -> Flags:
    """Who is an employee, on zero hours too."""
    return (job == Job.EMPLOYEE) | (job == Job.ZERO_HOURS)


def self_employed(job: NDArray[Any]) -> Flags:
    """Who is self-employed, through platforms too."""
    return (job == Job.SELF_EMPLOYED) | (job == Job.PLATFORM)


def is_platform(payer: NDArray[Any]) -> Flags:
    """Payers that are platforms."""
    return (payer > 0) & (payer < PLATFORMS_BELOW)


def share(of: Flags, among: Flags, weight: Real) -> float:
    """Per cent of those `among` who are `of`; not a number where nobody is."""
    total = float(weight[among].sum())
    return float(weight[of & among].sum()) / total * 100 if total > 0 else float("nan")


def quantile(amounts: Real, weight: Real, at: float) -> float:
    """The amount that a share of people are below."""
    if not len(amounts):
        return float("nan")
    order = np.argsort(amounts, kind="stable")
    heavy = np.cumsum(weight[order])
    return float(amounts[order][min(int(np.searchsorted(heavy, at * heavy[-1])), len(amounts) - 1)])


def allowed(tolerance: str, published: float) -> float | None:
    """How far off is a hit: "10%" is of the published figure, "2 pp" or "0.03" is as it stands. None for words."""
    match = re.match(r"([0-9.]+)\s*(%)?", tolerance)
    if not match:
        return None
    return float(match[1]) / 100 * abs(published) if match[2] else float(match[1])


def within_sampling(published: float, model: float, people: float) -> float:
    """For figures that are to be exact: two standard errors of a count of so many drawn people, as a share of it."""
    return 2 * max(abs(published), abs(model)) / max(people, 1.0) ** 0.5


def bands(ages: Real, edges: Sequence[tuple[int, int, str]]) -> list[tuple[str, Flags]]:
    """Who is in each band of ages: from, to (inclusive) and its name."""
    return [(name, (ages >= low) & (ages <= high)) for low, high, name in edges]


LABOUR_AGES = ((16, 17, "16-17"), (18, 24, "18-24"), (25, 34, "25-34"), (35, 49, "35-49"), (50, 64, "50-64"), (65, 120, "65+"), (16, 64, "16-64"))  # fmt: skip


def number_in(table: Table, column: str = "value", **wanted: str) -> float:
    """One number of a table."""
    return table.where(**wanted).number(column)
