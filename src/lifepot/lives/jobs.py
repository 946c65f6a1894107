"""Beginning a job, beginning one beside it, and ending a job: compiled, one person at a time."""

from typing import Any

import numpy as np

from lifepot.chance import share, two_normals, words
from lifepot.compiling import uncounted
from lifepot.lives import places as p

LARGE, MEDIUM, SMALL = 8_000, 36_900, 1_400_000
"""Employers with 250 and more, 50 to 249, and fewer employees (business statistics of 2019 and 2023)."""
FIRST_EMPLOYER = 100
LARGE_BELOW = FIRST_EMPLOYER + LARGE
MEDIUM_BELOW = LARGE_BELOW + MEDIUM
"""Employers' numbers: large ones from 100 on, then medium, then small ones."""
_IN_LARGE, _IN_MEDIUM = 0.40, 0.52
"""Of jobs, those with large employers, and with large or medium ones (2015)."""

APPS = 12
"""Platforms, numbered from 1; the lower the number, the more work it gives."""

FOOD_AND_BEDS = 8
"""Section I, accommodation and food."""

_EMPLOYEE, _ZERO_HOURS, _PLATFORM, _SELF_EMPLOYED = 1, 2, 3, 4
_LOG_MIDDLE_PAY = np.array([12.42, 12.0, 12.55])
_PAY_SPREAD = np.array([0.74, 0.95, 0.78])
"""Log of the middle month's pay in pence, what a kind of job adds to it left out, and its spread: of employees, of those on zero
hours, and of those who work for themselves, as the population has them. So that ranks of hours come out even in each."""
_PAY_AND_HOURS = 0.8
"""How much hours go with pay (an assumption: less, and more would be held to fewer hours by the minimum wage)."""

_TIERS = np.array([0, 0, 0, 1, 1, 1, 1, 1, 2])
"""Skill of occupations: SOC major groups 1 to 3, 4 to 8, 9. Who changes occupation mostly stays within."""


@uncounted()
def an_employer(word: Any) -> Any:
    """An employer's number, by how many work for employers of its size."""
    at = share(word)
    if at < _IN_LARGE:
        part = at / _IN_LARGE
        return np.int64(FIRST_EMPLOYER + part * part * LARGE)
    if at < _IN_MEDIUM:
        return np.int64(LARGE_BELOW + (at - _IN_LARGE) / (_IN_MEDIUM - _IN_LARGE) * MEDIUM)
    return np.int64(MEDIUM_BELOW + (at - _IN_MEDIUM) / (1.0 - _IN_MEDIUM) * SMALL)


@uncounted()
def an_app(word: Any) -> Any:
    """A platform's number."""
    at = share(word)
    return np.int64(1 + at * at * APPS)


@uncounted()
def pick(cumulated: Any, word: Any) -> Any:
    """The first row whose cumulated share is over the word's."""
    row = 0
    while row < len(cumulated) - 1 and np.int64(word) >= cumulated[row]:
        row += 1
    return row


@uncounted()
def level_of(i: Any, whole: Any, real: Any, top: Any) -> None:
    """Sets the level of pay from its logarithm and the kind of job, with a thicker top where the lever says so."""
    log = real[i, p.LOG] + real[i, p.PASSING]
    if whole[i, p.PLACE] < p.STUDY:
        log += top[2 + whole[i, p.JOB]]
    if top[1] > 0.0 and log > top[0]:
        log += top[1] * (log - top[0])
    real[i, p.LEVEL] = np.exp(log)


@uncounted()
def set_hours(i: Any, month: Any, rank: Any, whole: Any, real: Any, hiring: Any) -> None:
    """Usual hours of the main job: by kind and rank, and no more than the minimum wage would make of the pay."""
    job = whole[i, p.JOB]
    if whole[i, p.PLACE] == p.STUDY_JOB:
        whole[i, p.HOURS] = hiring.hours[3, rank]
        return
    hours = hiring.hours[min(job, _PLATFORM) - 1, rank]
    if job <= _ZERO_HOURS:
        most = np.int64(real[i, p.LEVEL] * hiring.wages[month] / hiring.floor[wage_class(i, whole), month])
        hours = max(min(hours, most), 2)
    whole[i, p.HOURS] = hours


@uncounted()
def wage_class(i: Any, whole: Any) -> Any:
    """Which minimum wage holds: 0 under 18, 1 from 18, 2 from 21."""
    age = whole[i, p.AGE]
    return 2 if age >= 5 else (1 if age >= 2 else 0)


@uncounted()
def rank_of_hours(i: Any, word: Any, other: Any, whole: Any, real: Any) -> Any:
    """A rank of hours of 256, that goes with pay, among jobs of the kind."""
    normal, _ = two_normals(word, other)
    kind = min(whole[i, p.JOB], _PLATFORM) - 1
    pay = min(max((real[i, p.LOG] - _LOG_MIDDLE_PAY[kind]) / _PAY_SPREAD[kind], -2.5), 2.5)
    score = _PAY_AND_HOURS * pay + np.sqrt(1.0 - _PAY_AND_HOURS**2) * normal
    # The normal distribution by its logistic likeness, near enough for ranks.
    return min(np.int64(256.0 / (1.0 + np.exp(-1.702 * score))), 255)


@uncounted()
def set_swings(i: Any, whole: Any, real: Any, swings: Any) -> None:
    """Whether an employee's pay swings from month to month, by what it is."""
    chance = swings[0] + swings[1] * real[i, p.LOG]
    chance = min(max(chance, swings[2]), swings[3])
    whole[i, p.SWINGS] = 1 if real[i, p.REGULARITY] < chance else 0


@uncounted()
def end_side(i: Any, whole: Any) -> None:
    """No payer beside the main one."""
    whole[i, p.SECOND] = 0
    whole[i, p.THIRD] = 0


@uncounted()
def go_elsewhere(i: Any, move: Any, job: Any, words_of: Any, whole: Any, hiring: Any) -> None:
    """Another section of industry, and now and then another occupation, mostly of the same skill. Words of a new job."""
    word, other, third, fourth = words_of
    if move == 0 or np.int64(other) < hiring.odds[p.OTHER_SECTION]:
        new = pick(hiring.sections, third)
        turns = 0
        while move == 1 and new == whole[i, p.INDUSTRY] and turns < 8:
            third = third * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
            new = pick(hiring.sections, third)
            turns += 1
        whole[i, p.INDUSTRY] = new
    if job == _ZERO_HOURS and (np.int64(word) & 0xFFFF) < 0x4000:
        whole[i, p.INDUSTRY] = FOOD_AND_BEDS
    # Half of those whose occupation a machine took over look further, of others about one in four.
    changes = 0x8000 if whole[i, p.LOST] == 2 else (0x3800 if move == 1 else 0x4000)
    if (np.int64(word) >> 16) < changes:
        new = pick(hiring.majors, fourth)
        if _TIERS[new] == _TIERS[whole[i, p.OCCUPATION]] or (np.int64(fourth) & 0xFF) < 40:
            whole[i, p.OCCUPATION] = new


@uncounted()
def change_pay(i: Any, move: Any, gain: Any, whole: Any, real: Any, hiring: Any) -> None:
    """What a new job does to pay: a move adds to it; after a lost job it is lower, for good after a long spell."""
    if move == 1:
        real[i, p.LOG] += hiring.moving[0] + hiring.moving[1] * gain
    elif whole[i, p.LOST] > 0:
        deep = hiring.penalty[1] * min(max(whole[i, p.SPELL] - 3, 0), 9) // 9
        if deep > 0:
            real[i, p.LOG] += np.log(1.0 - deep / 100.0)
            whole[i, p.DEEP] = min(whole[i, p.DEEP] + deep, 60)
        whole[i, p.FADING] = hiring.penalty[2]


@uncounted()
def hire(seed: Any, person: Any, i: Any, month: Any, exit_: Any, move: Any, whole: Any, real: Any, hiring: Any) -> None:
    """Begins a main job of a kind. `move`: 1: straight from another one."""
    w0, w1, w2, w3 = words(seed, person[i], month, p.HIRING)
    v0, v1, v2, v3 = words(seed, person[i], month, p.HIRING_2)
    h0, h1, _, _ = words(seed, person[i], month, p.HIRING_3)
    if exit_ == p.OWN:
        job = _PLATFORM if np.int64(v0) < hiring.platform[whole[i, p.AGE]] else _SELF_EMPLOYED
    elif np.int64(v0) < hiring.odds[p.GIG]:
        job = _PLATFORM
    else:
        job = _ZERO_HOURS if exit_ == p.ZERO else _EMPLOYEE
    go_elsewhere(i, move, job, (w1, v1, v2, v3), whole, hiring)
    gain, _ = two_normals(w2, w3)
    change_pay(i, move, gain, whole, real, hiring)
    whole[i, p.JOB] = job
    whole[i, p.LOST] = 0
    whole[i, p.SPELL] = 0
    if whole[i, p.PLACE] >= p.STUDY:
        whole[i, p.PLACE] = p.STUDY_JOB
    elif job >= _PLATFORM:
        whole[i, p.PLACE] = p.OWN
    else:
        whole[i, p.PLACE] = p.ZERO if job == _ZERO_HOURS else p.REGULAR
    level_of(i, whole, real, hiring.top)
    set_hours(i, month, rank_of_hours(i, h0, h1, whole, real), whole, real, hiring)
    set_swings(i, whole, real, hiring.swings)
    end_side(i, whole)
    whole[i, p.EMPLOYER] = an_employer(w0) if job <= _ZERO_HOURS else 0
    if job == _PLATFORM:
        set_apps(i, w0, h0, h1, whole)


@uncounted()
def set_apps(i: Any, word: Any, other: Any, third: Any, whole: Any) -> None:
    """The platforms of somebody who lives by them: half use one, three in ten two, two in ten three (an assumption)."""
    whole[i, p.EMPLOYER] = an_app(word)
    many = np.int64(word) & 0xFF
    if many >= 128:
        whole[i, p.SECOND] = another(an_app(other), whole[i, p.EMPLOYER], -1)
    if many >= 205:
        whole[i, p.THIRD] = another(an_app(third), whole[i, p.EMPLOYER], whole[i, p.SECOND])


@uncounted()
def another(number: Any, one: Any, two: Any) -> Any:
    """A platform's number that is neither of two."""
    while number == one or number == two:  # noqa: PLR1714, SIM109 - compiled, and of two kinds of integer
        number = number % APPS + 1
    return number


@uncounted()
def begin_beside(seed: Any, person: Any, i: Any, month: Any, app: Any, whole: Any, real: Any) -> None:
    """Begins a second job, or work through an app, beside the job that somebody has."""
    w0, w1, w2, _ = words(seed, person[i], month, p.SIDE)
    one, _two = two_normals(w1, w2)
    if app:
        number = another(an_app(w0), whole[i, p.SECOND], whole[i, p.THIRD])
        monthly = np.exp(9.9 + 0.9 * one)  # £200 a month in the middle
    else:
        number = an_employer(w0)
        monthly = np.exp(10.6 + 0.6 * one)  # £400
    if whole[i, p.SECOND] == 0:
        whole[i, p.SECOND] = number
        real[i, p.PAY_2] = monthly
    elif whole[i, p.THIRD] == 0:
        whole[i, p.THIRD] = number
        real[i, p.PAY_3] = monthly


@uncounted()
def stop_beside(i: Any, whole: Any, real: Any) -> None:
    """Ends what was begun first beside the job."""
    whole[i, p.SECOND] = whole[i, p.THIRD]
    real[i, p.PAY_2] = real[i, p.PAY_3]
    whole[i, p.THIRD] = 0


@uncounted()
def end_job(i: Any, whole: Any) -> None:
    """No job any more."""
    whole[i, p.JOB] = 0
    whole[i, p.EMPLOYER] = 0
    whole[i, p.HOURS] = 0
    whole[i, p.SPELL] = 0
    end_side(i, whole)
