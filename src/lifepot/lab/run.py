"""A run: people drawn, lived once, and lived through again with each rulebook; villages in shards, figures at the end.

What an order says is all that a village's money depends on, so an order can be sent to another process or machine.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from lifepot.budgets.columns import Years
from lifepot.budgets.laying import Laid
from lifepot.budgets.live import Lived, Setting, live
from lifepot.budgets.settings import Settings, ranges
from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.program import compile_program
from lifepot.lab.drawn import Drawn
from lifepot.lab.ground import Ground, ground_of
from lifepot.lab.intervals import grouped, whole
from lifepot.lab.keeping import KeptLives
from lifepot.lab.observed import Observed
from lifepot.lab.outcomes import Answers, answers
from lifepot.lab.scenarios import Pulled, pull
from lifepot.lab.shards import DEFAULT_KEEP, Kept, Shard, Spread, Told, digest_of, over_threads, run_shards, summed
from lifepot.lab.sums import MONEY, Sums, village_sums
from lifepot.lab.validate_schemes import LAID
from lifepot.lab.validate_schemes import OPENS_YEAR as OPENS_YEAR_OBSERVED
from lifepot.lives.columns import Lives
from lifepot.lives.draw import draw
from lifepot.lives.rates import Rates, rates_for
from lifepot.population.columns import Village
from lifepot.population.microdata import Brought, from_microdata
from lifepot.population.months import FIRST_YEAR, MONTHS_A_YEAR
from lifepot.population.people import Population
from lifepot.rulebook.reader import shipped
from lifepot.rulebook.terms import Rulebook

PEOPLE, SEED, YEARS, OPENS_YEAR = 10_000, 1, 24, 2027
"""Unless said otherwise: so many people, this seed, so many tax years from 2024-25, and a scheme from April of this year."""

MOST_YEARS, FEWEST_YEARS = 80, 5

OBSERVED_YEARS = 7
"""Tax years that are held against published figures: to 2030-31, where the published paths end."""

BASELINES_KEPT = 24
"""Villages whose years without a scheme are kept in memory, for the next rulebook: about 13 MB each."""


@dataclass(frozen=True)
class Order:
    """What is run: how many people from which seed, over how many tax years, in what world, under which assumptions.

    `survey`: a survey's people and what its columns mean, two files, instead of the synthetic population.
    `levy`: how much more income tax is taken with the rulebook, as a share of each tax year's; empty: nothing.
    """

    people: int = PEOPLE
    seed: int = SEED
    years: int = YEARS
    opens_year: int = OPENS_YEAR
    settings: dict[str, float] = field(default_factory=dict)
    pulled: Pulled = field(default_factory=lambda: pull({}))
    levy: tuple[float, ...] = ()
    survey: tuple[str, str] | None = None
    keep: str = str(DEFAULT_KEEP)

    def __post_init__(self) -> None:
        if not FEWEST_YEARS <= self.years <= MOST_YEARS:
            raise Misuse(f"A run of {self.years} tax years.", remedy=f"Ask for {FEWEST_YEARS} to {MOST_YEARS}.")
        if not FIRST_YEAR < self.opens_year < FIRST_YEAR + self.years:
            raise Misuse(
                f"A scheme from April {self.opens_year} in a run of {FIRST_YEAR} to {FIRST_YEAR + self.years}.",
                remedy="Let it open after the first year and before the last, or run more years.",
            )
        Population(self.seed, self.people, 1)
        Settings(self.settings)

    @property
    def months(self) -> int:
        """Of the whole run."""
        return self.years * MONTHS_A_YEAR

    def as_dict(self) -> dict[str, Any]:
        """What a run's digest is made of: all but where it is kept."""
        told = {name: getattr(self, name) for name in ("people", "seed", "years", "opens_year", "settings", "levy")}
        if self.survey:
            told["survey"] = [sha256(_read(Path(one))).hexdigest() for one in self.survey]
        return {**told, **self.pulled.order}

    @property
    def ground(self) -> Ground:
        """What figures are measured by."""
        return ground_of(self.years, self.opens_year)


class Country:
    """An order's people: villages by number, their lives, and their years under a rulebook or none."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.settings = order.pulled.of_settings(Settings(order.settings))
        self.people: Population | Brought = Population(order.seed, order.people, order.months)
        if order.survey:
            file, mapping = map(Path, order.survey)
            self.people = from_microdata(file, mapping, seed=order.seed, people=order.people, months=order.months)
        drawn = {
            name: told
            for name, told in order.as_dict().items()
            if name not in {"settings", "levy", "opens_year", "years"}
        }
        self._lives = KeptLives(Path(order.keep), digest_of(["lives", drawn]))
        self._baselines: OrderedDict[tuple[int, int], Years] = OrderedDict()
        self._laid: dict[int, tuple[Rulebook, Laid]] = {}
        self._by_text: dict[str, Laid] = {}

    @cached_property
    def rates(self) -> Rates:
        """The chances of lives in this world."""
        return rates_for(self.order.months, self.order.pulled.lives)

    @cached_property
    def setting(self) -> Setting:
        """What all villages share."""
        return Setting(self.order.months, self.settings)

    @cached_property
    def levied(self) -> Setting:
        """The same with what is levied for the scheme."""
        if not self.order.levy:
            return self.setting
        return Setting(self.order.months, self.settings, np.array(self.order.levy))

    def village(self, number: int) -> Village:
        """A village's people."""
        return self.order.pulled.world.of_village(self.people.village(number))

    def lives(self, village: Village) -> Lives:
        """A village's lives, drawn once and kept."""
        order = self.order

        def drawn() -> Lives:
            return draw(village, order.seed, order.months, order.pulled.lives, self.rates)

        lives = self._lives.get(village.number, order.months, len(village), drawn)
        return order.pulled.world.of_lives(lives, order.seed)

    def laid(self, book: Rulebook) -> Laid:
        """A rulebook laid over the country's months. Raises `Misuse` for another currency or for what cannot be stepped."""
        found = self._laid.get(id(book))
        if found is None:
            # A cluster sends the same rulebook as another object with each shard.
            text = book.model_dump_json()
            if text not in self._by_text:
                opens = (self.order.opens_year - FIRST_YEAR) * MONTHS_A_YEAR
                moved = self.order.pulled.of_rulebook(book)
                self._by_text[text] = Laid(compile_program(moved), self.order.months, self.settings, opens)
            # The rulebook is held too, so that its number stays its own.
            found = self._laid[id(book)] = (book, self._by_text[text])
        return found[1]

    def lived(self, village: Village, lives: Lives, book: Rulebook | None, *, panel: bool = False) -> Lived:
        """A village lived through under a rulebook, or under none."""
        laid = None if book is None else self.laid(book)
        setting = self.setting if book is None else self.levied
        return live(village, lives, setting, laid, seed=self.order.seed, panel=panel)

    def drawn(self, number: int, book: Rulebook, against: Rulebook | None) -> Drawn:
        """A village lived twice: under what the rulebook is compared with, and under the rulebook."""
        village = self.village(number)
        lives = self.lives(village)
        key = (number, id(against))
        baseline = self._baselines.get(key)
        if baseline is None:
            baseline = self.lived(village, lives, against).years
            self._baselines[key] = baseline
            while len(self._baselines) > BASELINES_KEPT:
                self._baselines.popitem(last=False)
        return Drawn(village, baseline, self.lived(village, lives, book).years, lives)


_COUNTRIES: dict[str, Country] = {}
_ONE_AT_A_TIME = Lock()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LifepotError(f"{file} cannot be read ({error.strerror}).", remedy="Give a file that can be.") from None


def country(order: Order) -> Country:
    """The order's country, one for each process: it is what takes the time, and threads share it."""
    digest = digest_of([order.as_dict(), order.keep])
    with _ONE_AT_A_TIME:
        if digest not in _COUNTRIES:
            _COUNTRIES.clear()
            _COUNTRIES[digest] = Country(order)
        return _COUNTRIES[digest]


def costed(
    order: Order,
    book: Rulebook,
    against: Rulebook | None = None,
    *,
    keep: Path | None = None,
    spread: Spread | None = None,
    told: Told | None = None,
) -> Answers:
    """All figures of a rulebook against none or another, paired. Raises `Misuse` for a rulebook that cannot be lived through,
    `Stopped` on Ctrl-C and `LifepotError` for a full disk, with finished shards kept.
    """
    return answers(groups_of(order, book, against, keep=keep, spread=spread, told=told), order.ground)


def groups_of(
    order: Order,
    book: Rulebook,
    against: Rulebook | None = None,
    *,
    keep: Path | None = None,
    spread: Spread | None = None,
    told: Told | None = None,
) -> list[Sums]:
    """The sums that `costed` makes figures of, in groups of villages."""
    home = country(order)
    for one in (book, against):
        if one is not None:
            home.laid(one)
    texts = [None if one is None else one.model_dump_json() for one in (book, against)]
    kept = Kept(keep or Path(order.keep), digest_of([order.as_dict(), texts]))
    work = partial(_work, order, book, against)
    return grouped(run_shards(home.people.villages, work, kept, spread or over_threads(threads_here()), told))


def financed(order: Order, groups: list[Sums]) -> Order:
    """The same order with income tax raised by what government pays in, year by year, as the sums of a run without it say."""
    total = whole(groups)
    before, after = total["by_year.before"], total["by_year.after"]
    cost = after[MONEY.index("government")] - before[MONEY.index("government")]
    tax = before[MONEY.index("tax")]
    levy = np.where(tax > 0, np.maximum(cost, 0) / np.where(tax > 0, tax, 1.0), 0.0)
    return replace(order, levy=tuple(float(one) for one in levy))


def threads_here() -> int:
    """How many cores this process may use."""
    import os  # noqa: PLC0415 - where it is asked

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(order: Order, book: Rulebook, against: Rulebook | None, shard: Shard) -> Sums:
    """A shard's sums, in whatever process this is."""
    home, ground = country(order), order.ground
    return summed(shard, lambda number: village_sums(home.drawn(number, book, against), ground))


def tried(order: Order, against: Rulebook | None = None, *, told: Told | None = None) -> Callable[[Rulebook], Answers]:
    """A function that lives a rulebook through the order's people: for a search. What is compared with is lived once."""
    home, ground = country(order), order.ground

    def run(book: Rulebook) -> Answers:
        shards = []
        for number in range(home.people.villages):
            shards.append(village_sums(home.drawn(number, book, against), ground))
            if told:
                told(number + 1, home.people.villages)
        return answers(grouped(shards), ground)

    return run


def observed(order: Order, told: Told | None = None, *, budgets: bool = True) -> Observed:
    """The order's people, their first months and, where wanted, their first tax years, without a scheme and under those that there
    are: to be held against what is published.
    """
    home = country(replace(order, years=OBSERVED_YEARS, opens_year=OPENS_YEAR_OBSERVED, pulled=pull({}), settings={}))
    villages, lives, years = [], [], []
    books = {name: shipped(name) for name in LAID} if budgets else {}
    laid: dict[str, list[Years]] = {name: [] for name in books}
    for number in range(home.people.villages):
        village = home.village(number)
        drawn = home.lives(village)
        villages.append(village)
        lives.append(drawn)
        if budgets:
            years.append(home.lived(village, drawn, None).years)
        for name, book in books.items():
            laid[name].append(home.lived(village, drawn, book).years)
        if told:
            told(number + 1, home.people.villages)
    return Observed(villages, lives, years if budgets else None, laid)


def tornado_ranges() -> dict[str, tuple[float, float, float]]:
    """Every assumption's low, central and high value."""
    return {name: (one.low, one.central, one.high) for name, one in ranges().items()}


def assumption_rows(order: Order) -> list[tuple[str, str, str, str, str]]:
    """Every assumption as a page tells it: name, value taken, range, words and source."""
    settings = country(order).settings
    return [
        (name.replace("_", " "), f"{settings[name]:g}", f"{one.low:g} to {one.high:g}", f"{one.words} ({one.unit})", f"{one.source} [{one.certainty}]")
        for name, one in ranges().items()
    ]  # fmt: skip
