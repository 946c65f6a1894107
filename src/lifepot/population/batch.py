"""A batch of people while they are drawn: a village's, or many villages' at once for fitting. Columns grow step by step."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.population import margins
from lifepot.population.chances import VILLAGE, Score, Use, chances, village_chances
from lifepot.population.columns import INDUSTRIES, OCCUPATIONS, Int, Job, Qualification, Sex, Status
from lifepot.population.fitting import Float, score_of, share_of
from lifepot.population.joint import JOB_KINDS, Skeleton, age_group, joint
from lifepot.population.margins import AGES, assumed

Flag = NDArray[np.bool_]

_EMPTY_INT = np.zeros(0, dtype=np.int64)
_EMPTY = np.zeros(0)


@dataclass(slots=True)
class Batch:
    """People by columns. `partner` and `head` are rows of the batch; `head` is whose chances a household's are."""

    person: Int
    shares: Float
    scores: Float
    age: Int
    sex: Int
    partner: Int
    head: Int = field(default_factory=lambda: _EMPTY_INT)
    months_old: Int = field(default_factory=lambda: _EMPTY_INT)
    final: Int = field(default_factory=lambda: _EMPTY_INT)
    qualification: Int = field(default_factory=lambda: _EMPTY_INT)
    work: Int = field(default_factory=lambda: _EMPTY_INT)
    occupation: Int = field(default_factory=lambda: _EMPTY_INT)
    industry: Int = field(default_factory=lambda: _EMPTY_INT)
    part_time: Int = field(default_factory=lambda: _EMPTY_INT)
    children: Int = field(default_factory=lambda: _EMPTY_INT)
    youngest: Int = field(default_factory=lambda: _EMPTY_INT)
    pay: Float = field(default_factory=lambda: _EMPTY)
    standing: Float = field(default_factory=lambda: _EMPTY)
    """Normal score of pay among those of like age: what savings, homes and wealth go with."""

    def __len__(self) -> int:
        return len(self.person)

    @property
    def coupled(self) -> Flag:
        """Who lives with a partner."""
        return self.partner >= 0

    @property
    def leads(self) -> Flag:
        """Who is the head of a household: the single, and of a couple the elder."""
        return self.head == np.arange(len(self))

    def of(self, use: Use) -> Float:
        """Everybody's share for a use."""
        return self.shares[:, use]

    def score(self, use: Score) -> Float:
        """Everybody's normal score for a use."""
        return self.scores[:, use]

    def alike(self, scores: Float, how: float) -> Float:
        """Scores as alike between partners as wanted: a part of each is the pair's own, taken from the first of the two."""
        first = np.where(self.coupled, np.minimum(np.arange(len(self)), self.partner), np.arange(len(self)))
        second = first != np.arange(len(self))
        mixed = how * scores[first] + np.sqrt(1 - how * how) * scores
        return np.where(second, mixed, scores)


def rows(seed: int, number: int, size: int, shape: Skeleton | None = None, only: int | None = None) -> Batch:
    """Who lives in a village at the start: ages, sexes and couples, him before her, then single men, then single women.

    How many live in couples is the same share of every village but for the last person; ages are drawn one from each equal
    slice of the running shares, so that a village's ages are nearly those of all. `shape` is the country's unless given;
    `only` makes all of one age.
    """
    shape = joint().skeleton if shape is None else shape
    in_couple, men_of_single = shape.in_couple, shape.men
    if only is not None:
        in_couple, men_of_single = _of_one_age(only)
    own = village_chances(seed, number)
    pairs = min(int(size * in_couple / 2 + own[0]), size // 2)
    single = size - 2 * pairs
    men = min(int(single * men_of_single + own[1]), single)
    person = number * VILLAGE + np.arange(size, dtype=np.int64)
    shares, scores = chances(seed, person)
    age = np.empty(size, dtype=np.int64)
    sex = np.empty(size, dtype=np.int64)
    partner = np.full(size, -1, dtype=np.int64)
    him = np.arange(0, 2 * pairs, 2)
    if pairs:
        slices = (np.arange(pairs) + shares[him, Use.AGE]) / pairs
        both = np.searchsorted(shape.couples, slices)
        age[him], age[him + 1] = both // len(AGES), both % len(AGES)
        sex[him], sex[him + 1] = Sex.MALE, Sex.FEMALE
        partner[him], partner[him + 1] = him + 1, him
    for kind, first, last in ((Sex.MALE, 2 * pairs, 2 * pairs + men), (Sex.FEMALE, 2 * pairs + men, size)):
        if last > first:
            slices = (np.arange(last - first) + shares[first:last, Use.AGE]) / (last - first)
            age[first:last] = np.searchsorted(shape.singles[kind], slices)
            sex[first:last] = kind
    if only is not None:
        age[:] = only - margins.YOUNGEST
    for section in (him, him + 1, np.arange(2 * pairs, 2 * pairs + men), np.arange(2 * pairs + men, size)):
        _spread_out(shares, section, own)
    return Batch(person, shares, scores, age + margins.YOUNGEST, sex, partner)


_EVENLY = {Use.FINAL: 1, Use.WORK: 2, Use.PARENTS: 3, Use.OWN: 4, Use.JOB: 5}
_STEP = 1.1347241384015194
"""The positive root of x^6 = x + 1: its powers step through five dimensions at once without clumps."""


def _spread_out(shares: Float, section: Int, own: Float) -> None:
    """Shares for schooling, work and home spread evenly over people who stand in order of age, from a chance of the village's.

    Neighbours in age then do different things as often as they should, and a village is more like the country than by
    chance alone. (Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018: an additive recurrence.)
    """
    place = np.arange(len(section))
    for use, power in _EVENLY.items():
        start = own[8 + power] + shares[section[0], use] if len(section) else 0.0
        shares[section, use] = np.clip((start + place / _STEP**power) % 1.0, 1e-12, 1 - 1e-12)


def _of_one_age(age: int) -> tuple[float, float]:
    """The share in couples at an age, and of the single the share of men."""
    at = age - margins.YOUNGEST
    people = margins.people()[at]
    couples = float(margins.couples()[at].mean())
    return couples, float(people[Sex.MALE] / people.sum())


def together(parts: list[Batch]) -> Batch:
    """Several villages as one batch."""
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    partner = [np.where(part.coupled, part.partner + start, -1) for part, start in zip(parts, starts, strict=True)]
    return Batch(
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.shares for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.age for part in parts]),
        np.concatenate([part.sex for part in parts]),
        np.concatenate(partner),
    )


def settle(batch: Batch) -> None:
    """Who heads a household, how old they are to the month, and what they do and have learnt."""
    own = np.arange(len(batch))
    other = np.where(batch.coupled, batch.partner, own)
    elder = (batch.age > batch.age[other]) | ((batch.age == batch.age[other]) & (own < other))
    batch.head = np.where(elder | ~batch.coupled, own, other)
    # Of 90 and over, each further year four in five are there.
    over = np.floor(np.log(batch.of(Use.OLD)) / np.log(0.8)).astype(np.int64)
    batch.age = np.where(batch.age >= margins.OLDEST, margins.OLDEST + np.minimum(over, 15), batch.age)
    batch.months_old = batch.age * 12 + (batch.of(Use.BIRTHDAY) * 12).astype(np.int64)
    tables = joint()
    age = np.minimum(batch.age, margins.OLDEST) - margins.YOUNGEST
    row = (age * 2 + batch.sex) * 2 + batch.coupled
    learnt = share_of(batch.alike(score_of(batch.of(Use.FINAL)), assumed()["alike"]["qualification_of_partners"]))
    batch.final = tables.finals.drawn(row, learnt)
    batch.work = tables.works.drawn(row * len(Qualification) + batch.final, batch.of(Use.WORK))
    batch.qualification = present(batch.final, batch.age, studying=batch.work <= margins.STUDENT_ZERO_HOURS)
    jobs(batch)


def present(final: Int, age: Int, *, studying: Flag) -> Int:
    """The qualification had now: of those who study the one before; level 3 not before 18 nor level 4 before 21."""
    had = np.where(studying & (final > Qualification.NONE), final - 1, final)
    return np.minimum(
        had, np.where(age < 18, Qualification.LEVEL_2, np.where(age < 21, Qualification.LEVEL_3, Qualification.LEVEL_4))
    )


_KIND = np.array([0, 0, 1, 0, 1, 2, 3, 0, 0, 0])
"""The kind of job, less one, that each work has or would have."""

STATUS_OF_WORK = np.array(
    [Status.STUDYING] * 3 + [Status.WORKING] * 4 + [Status.UNEMPLOYED, Status.INACTIVE, Status.RETIRED], dtype=np.uint8
)
JOB_OF_WORK = np.array(
    [Job.NONE, Job.EMPLOYEE, Job.ZERO_HOURS, Job.EMPLOYEE, Job.ZERO_HOURS, Job.PLATFORM, Job.SELF_EMPLOYED, 0, 0, 0],
    dtype=np.uint8,
)


def jobs(batch: Batch) -> None:
    """Occupation, industry and full or part time of the job somebody has, had or would have."""
    row = (age_group(batch.age) * 2 + batch.sex) * len(Qualification) + batch.final
    cell = joint().jobs.drawn(row * JOB_KINDS + _KIND[batch.work], batch.of(Use.JOB))
    batch.part_time, rest = np.divmod(cell, len(OCCUPATIONS) * len(INDUSTRIES))
    batch.occupation, batch.industry = np.divmod(rest, len(INDUSTRIES))
