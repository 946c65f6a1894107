"""The lives that every redraw is laid over: drawn once, lived once without a scheme, and kept on disk.

Ten tax years of a scheme are looked at, from April 2027: those whose average `lab cost` tells as what a scheme costs a year. What
takes longer (a pension at 68, who owns a home by 40) is the lab's to say, over more years. A village's people are the same whatever
else is drawn, so the first twenty villages are the very 10,000 people of `lab cost --people 10000 --years 13`.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lifepot.budgets.columns import Years
from lifepot.budgets.laying import Laid
from lifepot.budgets.live import live
from lifepot.errors import LifepotError, Misuse
from lifepot.lab.drawn import Drawn
from lifepot.lab.ground import Ground
from lifepot.lab.keeping import read_columns, write_columns
from lifepot.lab.run import OPENS_YEAR, SEED, Country, Order
from lifepot.lab.shards import digest_of
from lifepot.lives.columns import Lives
from lifepot.lives.draw import draw
from lifepot.population.columns import Village
from lifepot.population.months import FIRST_YEAR, MONTHS_A_YEAR
from lifepot.population.people import VILLAGE_PEOPLE, Population

SCHEME_YEARS = 10
YEARS = OPENS_YEAR - FIRST_YEAR + SCHEME_YEARS
"""Tax years that are lived: from the first of the population to the end of the scheme's first ten."""

SMALL, SHARP = 10_000, 50_000
"""Lives of a redraw, and of one that is sharpened; of the latter some 350 MB stand on disk for each 25,000."""

WEIGHED_FOR = SMALL
"""People of the order whose weights the sums are made with: with so many, figures are the lab's to the bit."""

_FOLDER = "workbench-"
FOLDERS_KEPT = 2
"""Kept lives of so many states of the sources stay, the newest."""

Told = Callable[[int, int], None]
"""Is told how many villages are there, of how many."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A village as it is kept: its people, their lives, their tax years without a scheme."""

    village: Village
    lives: Lives
    baseline: Years


class Kept:
    """The kept lives of a folder: `lives` people in villages of 500."""

    def __init__(self, keep: Path, lives: int = SHARP) -> None:
        if lives < VILLAGE_PEOPLE:
            raise Misuse(f"A workbench of {lives} lives.", remedy=f"Give it {VILLAGE_PEOPLE:,} or more.")
        self.order = Order(people=WEIGHED_FOR, seed=SEED, years=YEARS, keep=str(keep))
        self.villages = lives // VILLAGE_PEOPLE
        self._country = Country(self.order)
        self._people = Population(SEED, self.villages * VILLAGE_PEOPLE, self.order.months)
        self.folder = keep / f"{_FOLDER}{digest_of(['workbench', self.order.as_dict()])}"
        self._weight = Population(SEED, WEIGHED_FOR, 1).weight
        self._there: dict[int, Neighbours] = {}

    @cached_property
    def ground(self) -> Ground:
        """What figures are measured by."""
        return self.order.ground

    def make(self, threads: int, told: Told | None = None) -> None:
        """Draws and lives all villages that are not kept yet, and opens them. Raises `LifepotError` for a disk that will not take
        them; those that stand there stay, and the next call goes on from them.
        """
        for number in range(self.villages):
            found = _read(self._file(number))
            if found is not None:
                self._there[number] = found
        missing = [number for number in range(self.villages) if number not in self._there]
        told = told or _silent
        told(len(self._there), self.villages)
        if missing:
            # What all villages share is worked out before threads ask for it together.
            _ = (self._country.rates, self._country.setting, self._people.village(missing[0]))
        try:
            with ThreadPoolExecutor(max(1, threads)) as pool:
                for number, found in zip(missing, pool.map(self._made, missing), strict=True):
                    self._there[number] = found
                    told(len(self._there), self.villages)
        except OSError as error:
            raise LifepotError(
                f"The workbench's lives cannot be kept in {self.folder} ({error.strerror}).",
                remedy="Make room (some 15 MB for each 1,000 lives), or give another folder; what stands there is used.",
            ) from None
        self._forget()

    def laid_over(self, number: int, laid: Laid) -> Drawn:
        """A village without a scheme, and lived through with one."""
        one, setting = self._there[number], self._country.setting
        after = live(one.village, one.lives, setting, laid, seed=self.order.seed).years
        return Drawn(one.village, one.baseline, after, one.lives)

    @property
    def born(self) -> Any:
        """The birth day of one person: enough to ask how much a rulebook keeps for each."""
        return self._there[0].village.born[:1]

    @property
    def opens(self) -> int:
        """The month in which schemes open, from the run's first."""
        return (self.order.opens_year - FIRST_YEAR) * MONTHS_A_YEAR

    @property
    def settings(self) -> Any:
        """What is assumed of households."""
        return self._country.settings

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.village"

    def _made(self, number: int) -> Neighbours:
        home, order = self._country, self.order
        village = self._people.village(number)
        village.weight[:] = self._weight
        lives = draw(village, order.seed, order.months, order.pulled.lives, home.rates)
        baseline = live(village, lives, home.setting, seed=order.seed).years
        write_columns(self._file(number), dict(_columns(Neighbours(village, lives, baseline))))
        found = _read(self._file(number))
        assert found is not None, "what was just written is read"
        return found

    def _forget(self) -> None:
        """Removes lives of older sources, all but the newest."""
        others = [one for one in self.folder.parent.glob(f"{_FOLDER}*") if one != self.folder and one.is_dir()]
        with suppress(OSError):
            others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        for one in others[FOLDERS_KEPT - 1 :]:
            shutil.rmtree(one, ignore_errors=True)


_NUMBER = "number"


def _columns(one: Neighbours) -> Iterator[tuple[str, Any]]:
    """Every column under its name, and the village's number as one of a single row."""
    for part in fields(one):
        record = getattr(one, part.name)
        for name in type(record).__annotations__:
            column = getattr(record, name)
            yield f"{part.name}.{name}", np.array([column]) if name == _NUMBER else column


def _read(file: Path) -> Neighbours | None:
    """A kept village; None where it is not there, or not whole."""
    columns = read_columns(file)
    if columns is None:
        return None
    # A village is small, and copied: machine code takes memory that may be written.
    people: dict[str, Any] = {
        name: int(columns[f"village.{name}"][0]) if name == _NUMBER else columns[f"village.{name}"].copy()
        for name in Village.__annotations__
    }
    lives = {name: columns[f"lives.{name}"] for name in Lives.__annotations__}
    years = {name: columns[f"baseline.{name}"] for name in Years.__annotations__}
    return Neighbours(Village(**people), Lives(**lives), Years(**years))


def _silent(_there: int, _of: int) -> None:
    return
