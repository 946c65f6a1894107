"""Who pays the people of a sample: employers and their jobs, and platforms."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from lifepot.intake.layouts import CONTRIBUTIONS, FPS_XML, JOB_KINDS, PAPDIS_CSV, PAPDIS_XML
from lifepot.kernel.columns import Frequency
from lifepot.samples.draws import Stream, draw
from lifepot.samples.names import EMPLOYERS, SURNAMES, TRADES
from lifepot.samples.paydays import next_month
from lifepot.samples.people import Life, Person

BUREAU = "Abacus Payroll Bureau"
"""Files PAPDIS for many small employers together, each row with its own EmployerId."""

CAFE = "Café Penguin"
"""Writes our own contributions file by hand."""

ROUNDINGS = ("half_up", "half_even", "truncate")
"""How payrolls round 3 % of a pay. Only the first is the rulebook's; the others differ by a penny, within tolerance."""


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer.

    reference  its PAYE reference, by which every file names it
    layout     the files it sends, by intake's name
    rounding   one of `ROUNDINGS`
    also_fps   its FPS comes too, and tells the same pays again
    bureau     a bureau files for it
    """

    number: int
    reference: str
    name: str
    layout: str
    frequency: Frequency
    rounding: str = "half_up"
    also_fps: bool = False
    bureau: bool = False

    @property
    def slug(self) -> str:
        """The name as it stands in a file's name."""
        plain = unicodedata.normalize("NFKD", self.name.casefold()).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


@dataclass(frozen=True, slots=True)
class Job:
    """A job from `started` to `left` (None: still held).

    annual_pence               of a salaried job; 0: it is paid by the hour
    hourly_pence, week_hours   of a job paid by the hour, with its usual hours a week
    zero_hours                 the usual hours are only the most there may be
    """

    person: Person
    employer: Employer
    payroll_id: str
    started: date
    left: date | None
    annual_pence: int = 0
    hourly_pence: int = 0
    week_hours: float = 0.0
    zero_hours: bool = False

    @property
    def yearly_pence(self) -> int:
        """What a usual year pays."""
        return self.annual_pence or round(self.hourly_pence * self.week_hours * 52)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: `code` is what its files call it, `kinds` the jobs it brings."""

    number: int
    code: str
    name: str
    kinds: tuple[str, str]


PLATFORMS = tuple(
    Platform(number, name.casefold(), name, (JOB_KINDS[2 * number], JOB_KINDS[2 * number + 1]))
    for number, name in enumerate(("Wheelie", "Handful", "Nookly"))
)
"""One that drives and delivers, one that sends people out, one that lets and sells."""


@dataclass(frozen=True, slots=True)
class Gig:
    """A person's work through one platform: mean jobs a month, all of one kind."""

    person: Person
    platform: Platform
    worker_id: str
    job_kind: str
    jobs_a_month: float


def draw_employers(members: int, seed: int) -> list[Employer]:
    """The employers.

    Some large ones with files of their own, in three layouts; a café that writes ours by hand; the small ones of a
    bureau.
    """
    chance = draw(seed, Stream.EMPLOYERS, 0)
    large = min(max(4, members // 80), 150)
    drawn: list[Employer] = []

    def add(name: str, layout: str, frequency: Frequency, *, also_fps: bool = False, bureau: bool = False) -> None:
        number = len(drawn)
        # The second and the fourth round otherwise, so that each way is met in the smallest sample.
        rounding = {1: "half_even", 3: "truncate"}.get(number % 9, "half_up")
        office, letters = chance.integers(100, 999), "".join(chance.choice(list("ABCDEGHJKLMNPRSTWXYZ"), 2))
        reference = f"{office}/{letters}{number:05d}"
        drawn.append(Employer(number, reference, name, layout, frequency, rounding, also_fps, bureau))

    names = [name if i < len(EMPLOYERS) else f"{name} {i // len(EMPLOYERS) + 1}"
             for i in range(2 * large) for name in [EMPLOYERS[i % len(EMPLOYERS)]]]  # fmt: skip
    cycle = (Frequency.MONTH, Frequency.WEEK, Frequency.FOUR_WEEK, Frequency.MONTH, Frequency.WEEK, Frequency.TWO_WEEK)
    for i in range(large):
        add(names[i], PAPDIS_CSV.name, cycle[i % len(cycle)], also_fps=i == 0)
    further = max(1, large // 8)
    for i in range(further):
        add(names[large + i], PAPDIS_XML.name, Frequency.MONTH)
    for i in range(further):
        add(names[large + further + i], FPS_XML.name, Frequency.MONTH)
    add(CAFE, CONTRIBUTIONS.name, Frequency.WEEK)
    owners = chance.permutation(len(SURNAMES))
    for i in range(max(5, members // 25)):
        name = f"{SURNAMES[owners[i % len(SURNAMES)]]} {TRADES[(i + i // len(SURNAMES)) % len(TRADES)]}"
        add(name, PAPDIS_CSV.name, cycle[i % len(cycle)], bureau=True)
    return drawn


def draw_jobs(people: list[Person], employers: list[Employer], seed: int, first_month: date) -> list[Job]:
    """Every job of every person, in the order of people."""
    return [job for person in people for job in _jobs_of(person, employers, seed, first_month)]


def draw_gigs(people: list[Person], seed: int) -> list[Gig]:
    """Everybody's platform work; of those who live by it alone, half use two apps."""
    gigs = []
    for person in people:
        if person.life not in {Life.PLATFORM, Life.JOB_AND_PLATFORM}:
            continue
        chance = draw(seed, Stream.PLATFORM, 0, person.number)
        apps = 2 if person.life is Life.PLATFORM and chance.random() < 0.5 else 1
        for number in chance.choice(len(PLATFORMS), apps, replace=False, p=[0.5, 0.3, 0.2]):
            platform = PLATFORMS[number]
            kind = platform.kinds[int(chance.integers(2))]
            # Drivers do several jobs a day; lets and sales are a few a month.
            usual = {0: 70.0, 1: 18.0, 2: 6.0}[platform.number] * (1.0 if person.life is Life.PLATFORM else 0.4)
            worker_id = f"{platform.code[0].upper()}{100_000 + person.number}"
            gigs.append(Gig(person, platform, worker_id, kind, usual * float(chance.uniform(0.5, 1.5))))
    return gigs


def _jobs_of(person: Person, employers: list[Employer], seed: int, first_month: date) -> list[Job]:
    if person.life in {Life.PLATFORM, Life.SELF_EMPLOYED, Life.CARER, Life.LEARNER}:
        return []
    chance = draw(seed, Stream.EMPLOYERS, 1, person.number)
    count = int(chance.integers(2, 4)) if person.life is Life.SEVERAL_JOBS else 1
    salaried = person.life is Life.SALARIED
    open_to = [e for e in employers if (e.frequency == Frequency.MONTH) == salaried]
    if person.life is Life.ZERO_HOURS and person.number % 3 == 0:
        # The café lives by them, and its own file can say why a week had no pay.
        open_to = [employer for employer in open_to if employer.name == CAFE]
    weights = np.array([_weight(employer) for employer in open_to])
    jobs = []
    for i, place in enumerate(chance.choice(len(open_to), count, replace=False, p=weights / weights.sum())):
        employer = open_to[place]
        zero_hours = person.life is Life.ZERO_HOURS or (i > 0 and chance.random() < 0.3)
        started, left = _held(chance, person, first_month, first=i == 0)
        terms = (
            {"annual_pence": _salary_pence(chance)}
            if salaried
            else {
                "hourly_pence": _wage_pence(chance, person.age_on(first_month)),
                "week_hours": float(chance.integers(24, 90) if count == 1 else chance.integers(12, 50)) / 4 * 1.5,
            }
        )
        payroll_id = f"{1000 + person.number}" if i % 2 == 0 else f"{employer.name[:2].upper()}-{person.number:05d}"
        jobs.append(Job(person, employer, payroll_id, started, left, zero_hours=zero_hours, **terms))
    return jobs


def _weight(employer: Employer) -> float:
    """How many of the working people are there: most in large places, few in each small one, a handful in the café."""
    if employer.bureau:
        return 0.25
    return 1.0 if employer.name == CAFE else 2.0


def _held(chance: np.random.Generator, person: Person, first_month: date, *, first: bool) -> tuple[date, date | None]:
    """When a job began and ended. One first job in twenty-five begins within the year, and a third of the others."""
    grown_up = person.born.replace(year=person.born.year + 16, day=min(person.born.day, 28)) + timedelta(days=7)
    started = first_month - timedelta(days=int(chance.integers(30, 3000)))
    if chance.random() < (0.04 if first else 0.33):
        started = next_month(first_month, int(chance.integers(1, 12))) + timedelta(days=int(chance.integers(0, 27)))
    started = max(started, grown_up)
    left = None
    if chance.random() < 0.07:
        left = max(started, first_month) + timedelta(days=int(chance.integers(60, 500)))
    return started, left


def _salary_pence(chance: np.random.Generator) -> int:
    """A full-time salary in whole pounds.

    Median £29,000; one in fifteen above the taper's start at £50,270, and one in a hundred above its end at £100,000.
    """
    if chance.random() < 0.01:
        return int(chance.integers(100_500, 140_000)) * 100
    return int(np.clip(chance.lognormal(np.log(29_000), 0.38), 25_000, 99_000)) * 100


def _wage_pence(chance: np.random.Generator, age: int) -> int:
    """An hour's pay: three in five get the minimum wage of their age from April 2026 (recalled), the others more."""
    least = 1271 if age >= 21 else 1085 if age >= 18 else 800
    return least if chance.random() < 0.6 else least + 10 * int(chance.integers(1, 60))
