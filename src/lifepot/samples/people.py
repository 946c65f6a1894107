"""The people of a sample: who they are, how they live by work, and what they chose."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from lifepot.errors import Misuse
from lifepot.samples.draws import Stream, draw, nino
from lifepot.samples.names import FORENAMES, INWARD_LETTERS, STREETS, SURNAMES, TOWNS
from lifepot.samples.paydays import OPENS_ON, next_month

FEWEST_MEMBERS = 10
"""Enough for one of each `Life`."""

DEFAULT_PERCENT = 3
"""What a worker pays of each pay, and what an employer matches at most: the lifetime savings account's own shares."""


class Life(StrEnum):
    """How a person earns, if they do."""

    SALARIED = "one salaried job, paid by the month"
    PART_TIME = "one part-time job, paid by the week, two weeks or four"
    SEVERAL_JOBS = "two or three small jobs"
    ZERO_HOURS = "one zero-hours job"
    JOB_AND_PLATFORM = "a part-time job, and platform work beside it"
    PLATFORM = "platform work alone, through one app or two"
    SELF_EMPLOYED = "a trade of their own"
    CARER = "cares for somebody, and saves a little"
    LEARNER = "is on a course, and saves a little"


@dataclass(frozen=True, slots=True)
class Ways:
    """How common a life is (share of members) and between which ages, both counted in."""

    share: float
    youngest: int
    oldest: int


# Shares are ours, chosen so that each is met in a hundred members and none crowds out the rest. Salaried takes what is
# left. 67: the oldest who may still be a year short of State Pension age.
WAYS = {
    Life.SALARIED: Ways(0.0, 18, 66),
    Life.PART_TIME: Ways(0.20, 16, 67),
    Life.SEVERAL_JOBS: Ways(0.14, 16, 67),
    Life.ZERO_HOURS: Ways(0.09, 16, 64),
    Life.JOB_AND_PLATFORM: Ways(0.06, 18, 55),
    Life.PLATFORM: Ways(0.05, 18, 60),
    Life.SELF_EMPLOYED: Ways(0.06, 20, 67),
    Life.CARER: Ways(0.03, 20, 67),
    Life.LEARNER: Ways(0.03, 16, 25),
}

ALONE = {Life.SALARIED, Life.PART_TIME, Life.ZERO_HOURS}
"""Lives told of by one payer only. Without a National Insurance number, no two payers could mean the same person."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person.

    nino          "": they have none
    percent       the share of pay they chose, from `percent_from`; both None: the default
    opted_out_on  the day they left the whole account; None: they did not
    saves         whether they pay in more, now and then
    """

    number: int
    life: Life
    title: str
    forename: str
    second_forename: str
    surname: str
    gender: str
    born: date
    nino: str
    address: tuple[str, str, str, str]
    postcode: str
    email: str
    percent: int | None
    percent_from: date | None
    opted_out_on: date | None
    saves: bool

    def percent_on(self, on: date) -> int:
        """What they pay of a pay of this day, in per cent: 0 once they opted out."""
        if self.opted_out_on and on >= self.opted_out_on:
            return 0
        if self.percent is not None and self.percent_from and on >= self.percent_from:
            return self.percent
        return DEFAULT_PERCENT

    def age_on(self, on: date) -> int:
        """Whole years."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


def draw_people(members: int, seed: int, first_month: date) -> list[Person]:
    """The people of a sample, in no order."""
    if members < FEWEST_MEMBERS:
        raise Misuse(
            f"A sample of {members} members cannot show every way people work.",
            remedy=f"Ask for {FEWEST_MEMBERS} members or more.",
        )
    chance = draw(seed, Stream.PEOPLE, 0)
    lives = [life for life, ways in WAYS.items() for _ in range(max(1, round(ways.share * members)))]
    lives = lives[1:]  # the one that salaried was given: it takes the rest
    lives += [Life.SALARIED] * (members - len(lives))
    order = chance.permutation(members)
    return [draw_person(number, lives[order[number]], seed, first_month) for number in range(members)]


def draw_person(number: int, life: Life, seed: int, first_month: date) -> Person:
    """One person of a sample; the same whatever else is in it."""
    chance = draw(seed, Stream.PEOPLE, 1, number)
    ways = WAYS[life]
    age = int(chance.integers(ways.youngest, ways.oldest + 1))
    opens = first_month.replace(day=OPENS_ON)
    born = opens.replace(year=opens.year - age) - timedelta(days=int(chance.integers(1, 365)))
    gender = "FM"[int(chance.integers(2))]
    forenames = FORENAMES[gender, "older" if born.year < 1985 else "younger"]
    forename, second = (forenames[i] for i in chance.choice(len(forenames), 2, replace=False))
    surname = _pick(chance, SURNAMES)
    town, county, district = TOWNS[int(chance.integers(len(TOWNS)))]
    street = f"{chance.integers(1, 200)} {_pick(chance, STREETS)}"
    # The comma is a trap for readers that split lines at commas.
    flat = f"Flat {chance.integers(1, 30)}, {_pick(chance, SURNAMES)} House" if chance.random() < 0.15 else ""
    inward = f"{chance.integers(10)}" + "".join(_pick(chance, INWARD_LETTERS) for _ in range(2))
    domain = _pick(chance, ("example.com", "example.net", "example.org"))
    # A few of those who could do without: newly arrived, or sixteen and not yet sent one.
    nameless = life in ALONE and chance.random() < 0.03
    chooses = chance.random() < 0.06
    leaves = chance.random() < 0.05 and not nameless and not chooses and life not in {Life.CARER, Life.LEARNER}
    months, days = int(chance.integers(1, 9)), int(chance.integers(16, 40))
    return Person(
        number=number,
        life=life,
        title=_title(chance, gender, age),
        forename=forename,
        second_forename=second if chance.random() < 0.4 else "",
        surname=surname,
        gender=gender,
        born=born,
        nino="" if nameless else nino(number, seed),
        address=(flat or street, street if flat else "", town, county),
        postcode=f"{district} {inward}",
        email=f"{plain(forename)}.{plain(surname)}.{number}@{domain}",
        percent=int(chance.choice([1, 2, 5, 8])) if chooses and not nameless else None,
        percent_from=next_month(first_month, months) if chooses and not nameless else None,
        opted_out_on=(opens if days % 3 else next_month(opens, months)) + timedelta(days=days) if leaves else None,
        saves=chance.random() < 0.2 and not nameless and not leaves,
    )


def _title(chance: np.random.Generator, gender: str, age: int) -> str:
    if chance.random() < 0.04:
        return _pick(chance, ("Dr", "Mx", "Rev"))
    if gender == "M":
        return "Mr"
    return _pick(chance, ("Mrs", "Mrs", "Ms") if age > 35 else ("Ms", "Miss", "Miss"))


def _pick(chance: np.random.Generator, choices: tuple[str, ...] | str) -> str:
    return choices[int(chance.integers(len(choices)))]


def plain(name: str) -> str:
    """A name as it stands in an e-mail address: a to z only."""
    spelt = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l"))
    return "".join(letter for letter in spelt if "a" <= letter <= "z")
