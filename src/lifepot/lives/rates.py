"""All chances and amounts that a life is drawn by, as compiled loops take them.

Chances are thresholds: a word of 32 bits (or 16, where said) below a threshold means yes.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import chain, family, flows, work
from lifepot.lives.levers import OFF, Levers
from lifepot.lives.places import (
    AFTER_JOB,
    AFTER_LOOK,
    AGES,
    ENDED_TOO,
    FIRST_AGE,
    GIG,
    ODDS,
    OF_GIVING_UP,
    OF_LOSSES,
    OF_MOVES,
    OTHER_SECTION,
    OWN,
    PENSION_ODDS,
    REGULAR,
    STUDY_JOB,
    TO_INACTIVE,
    TO_UNEMPLOYED,
    ZERO,
)
from lifepot.population.months import MONTHS_A_YEAR
from lifepot.published.reading import table

Int = NDArray[np.int64]
Float = NDArray[np.float64]

_WORD = 2.0**32
_HALF_WORD = 2.0**16


class Yearly(NamedTuple):
    """What is asked on a birthday.

    mortality      (sex, age, calendar year from 2022)
    chances        (sex, age, what): a birth alone, with a partner; parting; leaving home, while studying; and of adults the
                   chance to gain the next qualification, by the one they have
    gains          what a qualification adds to log pay, by the one gained
    drift          (sex, age): growth of log pay within a year beside average earnings
    shocks         standard deviations of permanent and transitory log pay
    top            log of the 90th percentile of a month's pay at month 0, and the lever's power; then what a kind of
                   `Job` adds to log pay
    swings         share of employees whose pay swings: at log pay 0, and by log pay; least, most
    """

    mortality: Int
    chances: Int
    gains: Float
    drift: Float
    shocks: Float
    top: Float
    swings: Float


class Hiring(NamedTuple):
    """What is asked when work changes.

    platform       of those who begin for themselves, by age
    sections, majors   industries and occupations, cumulated
    hours          (employee, zero hours, self-employed, beside study; rank of 256)
    wages, floor   average earnings by month over month 0's; the minimum wage's pence a month an hour a week (three ages; month)
    odds           by the numbers in `places`
    penalty        hundredths: on re-entry, for a year out of work; months in which the first fades
    moving         what a move adds to log pay: mean and deviation; what a technical level 3 adds
    top, swings    as in `Yearly`
    """

    platform: Int
    sections: Int
    majors: Int
    hours: Int
    wages: Float
    floor: Float
    odds: Int
    penalty: Int
    moving: Float
    top: Float
    swings: Float


class Rates(NamedTuple):
    """A table a field.

    yearly, hiring what is asked on a birthday, and when work changes
    flows          (stays or churns, age, place, exit): cumulated; see `places`
    automated      by occupation, a month, of 16 bits
    slow           by how much a lost occupation slows finding work (a factor under one)
    meeting        of a woman without a partner, by age, within a year
    gap            by how many years men are older than the women they live with: mean, deviation
    second         (age, second job then app beside the job): cumulated, of 16 bits a month; `second_ends`, the same
    beside         (age, the same two): who has one, cumulated, of 16 bits
    churners       (age, place): who churns, of those found there
    swing          by `Job`, standard deviation of a month's log pay
    starting       log of what somebody who studies would earn, (sex, age); `aims`, what their qualification adds, and a spread
    looking        of students without a job when they come in, those who look for one, by age
    reach          of those who would stop at level 2 or below
    """

    yearly: Yearly
    hiring: Hiring
    flows: Int
    automated: Int
    slow: float
    meeting: Int
    gap: Float
    second: Int
    second_ends: Int
    beside: Int
    churners: Int
    swing: Float
    starting: Float
    aims: Float
    looking: Int
    reach: int


def _words(chance: Any) -> Int:
    return np.minimum(np.rint(np.asarray(chance) * _WORD), _WORD).astype(np.int64)


def _half_words(chance: Any) -> Int:
    return np.rint(np.asarray(chance) * _HALF_WORD).astype(np.int64)


LEARNING_AT_25 = 0.02
"""Of adults of 25, the share who gain the next qualification in a year; each year of age takes 4 % of it (skills_scarring's
gradient). The level is an assumption: half of adults say they learned something within three years, few for a certificate."""

GAINS = (0.0, 0.03, 0.05, 0.12, 0.12)
"""Log pay gained with a level: level 2 between 1 % and 12 %, level 3 between 10 % and 20 % (skills_scarring); the first and
the last are assumptions of the same size."""

REDUNDANT = (0.065, 0.20, 0.018)
"""Of moves to another job, to unemployment and to inactivity, redundancies: in these proportions, and so many that together
they come to the published rate of employees a quarter (`_redundant`)."""

SECOND_JOBS, APPS = 0.0233, 0.0117
"""Workers with a second employer, and with apps beside their job: 3.5 % together (employment_type_uk)."""
SECOND_JOB_MONTHS, APP_MONTHS = 14.0, 2.5
"""How long they last, on average. Assumptions; apps come to 4.4 % of adults within a year with those who live by them."""

ENDED = 0.25
"""Of employees' moves to unemployment, contracts that had an end (assumption; 5 % of employees are temporary)."""

MAIN_ENDS = 0.025
"""About how often a month the main job ends, and what is beside it with it."""


def _looking() -> Float:
    """Of students without a job, those who look for one: of 16 and 17, and from 18."""
    rows = table("young_people_education_status_uk").where(period="Oct-Dec 2023")
    found = []
    for age in ("16-17", "18-24"):
        row = rows.where(age=age)
        found.append(row.number("fte_unemployed") / (row.number("fte_total") - row.number("fte_employed")))
    return np.repeat(found, (18 - FIRST_AGE, AGES - 18 + FIRST_AGE))


@cache
def churners() -> Float:
    """Who churns, of those found in a place, (age from 16, place)."""
    fitted = flows.shipped()
    found = chain.stock(fitted.monthly, fitted.after_study, fitted.at_pension, flows.CHURNERS, chain.at_sixteen())
    return chain.churners_by_place(found.shares, flows.CHURNERS)


@cache
def _redundant() -> Float:
    """`REDUNDANT`, brought to 3.89 redundancies a thousand employees a quarter (2015 to 2019)."""
    fitted = flows.shipped()
    found = chain.stock(fitted.monthly, fitted.after_study, fitted.at_pension, flows.CHURNERS, chain.at_sixteen())
    of, people = chain.places_of_states(), chain.weights()
    employees = {place: found.shares[:, :, of == place].sum(axis=2) for place in (REGULAR, ZERO, STUDY_JOB)}
    lost = np.zeros(3)
    for place in (REGULAR, STUDY_JOB):
        leaving = fitted.monthly[:, : chain.COUNTED, place]
        # Whose job beside study ends takes no other straight away.
        moves = leaving[:, :, : OWN + 1].sum(axis=2) * (place == REGULAR)
        exits = np.stack([moves, leaving[:, :, TO_UNEMPLOYED], leaving[:, :, TO_INACTIVE]])
        lost += (exits * employees[place] * people).sum(axis=(1, 2))
    rate = 3 * 1000 * (lost * REDUNDANT).sum() / sum(float((one * people).sum()) for one in employees.values())
    return np.array(REDUNDANT) * table("targets").where(id="redund_1519").number() / rate


@cache
def rates_for(months: int, levers: Levers = OFF) -> Rates:
    """The rates of the published figures over so many months, with levers pulled."""
    ages = np.arange(FIRST_AGE, FIRST_AGE + AGES)
    fitted = flows.shipped()
    fading = np.exp(-0.04 * (ages - 25)) * (ages >= 19) * (ages < 66)
    learning = LEARNING_AT_25 * fading * (1.0 + levers.technical_reach)
    young = np.interp(ages, (16, 34, 35, 66, 67), (2.2, 2.0, 0.75, 0.3, 0.0))
    lasting = np.array([SECOND_JOB_MONTHS, APP_MONTHS])
    wanted = np.stack([np.full(AGES, SECOND_JOBS), young * APPS], axis=1)
    starts = wanted * (1.0 / lasting + MAIN_ENDS)
    exposed = work.exposure() / (work.exposure() * work.jobs_by_occupation()).sum()
    monthly = 1.0 - (1.0 - np.minimum(levers.automation_pace * exposed, 0.99)) ** (1.0 / MONTHS_A_YEAR)
    leaving = family.leaving_home()
    chances = np.zeros((2, AGES, 10))
    chances[1, :, :2] = family.births()
    chances[:, :, 2] = family.parting()
    chances[:, :, 3:5] = leaving
    chances[:, :, 5:] = learning[:, None] * np.array([1.0, 1.0, 1.0, 0.6, 0.0])
    shocks = np.array([work.PERMANENT, work.PASSING])
    gains = np.array(GAINS) * (1.0 + levers.technical_quality)
    top = np.array([work.log_of_top_tenth(), levers.superstar_pay, *work.KIND_EFFECTS])
    swings = np.array(work.SWINGING)
    yearly = Yearly(
        mortality=_words(family.mortality()),
        chances=_words(chances),
        gains=gains,
        drift=work.pay_by_age(),
        shocks=shocks,
        top=top,
        swings=swings,
    )
    odds = np.zeros(ODDS)
    odds[GIG] = levers.gig_share
    odds[OTHER_SECTION] = flows.other_section()
    odds[PENSION_ODDS] = fitted.at_pension
    odds[AFTER_JOB], odds[AFTER_LOOK] = np.cumsum(fitted.after_study)
    odds[OF_MOVES], odds[OF_LOSSES], odds[OF_GIVING_UP] = _redundant()
    odds[ENDED_TOO] = odds[OF_LOSSES] + ENDED
    hiring = Hiring(
        platform=_words(work.platform_share()),
        sections=_words(np.cumsum(work.jobs_by_industry())),
        majors=_words(np.cumsum(work.jobs_by_occupation())),
        hours=work.hours_by_rank(),
        wages=work.wage_index(months),
        floor=work.wage_floor(months),
        odds=_words(odds),
        penalty=np.array([work.REENTRY_PENALTY, work.LONG_PENALTY, work.FADES_IN]),
        moving=np.array([work.MOVING_GAIN, work.MOVING_SPREAD, gains[3]]),
        top=top,
        swings=swings,
    )
    return Rates(
        yearly=yearly,
        hiring=hiring,
        flows=_words(np.minimum(np.cumsum(fitted.monthly, axis=-1), 1.0)),
        automated=_half_words(monthly),
        slow=0.6,
        meeting=_words(family.meeting()),
        gap=np.array(family.gap_between_partners()),
        second=_half_words(np.cumsum(starts, axis=1)),
        second_ends=_half_words(1.0 / lasting),
        beside=_half_words(np.cumsum(wanted, axis=1)),
        churners=_words(churners()),
        swing=np.array(work.SWING),
        starting=work.starting_pay(),
        aims=np.array((*work.AIM_EFFECTS, work.STARTING_SPREAD)),
        looking=_words(_looking()),
        reach=int(_words(levers.technical_reach)),
    )
