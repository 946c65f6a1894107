"""How a person's life stands before it is drawn: what the village says, and what it leaves open. Compiled."""

from typing import Any

import numpy as np

from lifepot.chance import share, two_normals, words
from lifepot.compiling import uncounted
from lifepot.lives import places as p
from lifepot.lives.jobs import (
    an_employer,
    begin_beside,
    level_of,
    rank_of_hours,
    set_apps,
    set_hours,
    set_swings,
)

_PLATFORM = 3
_LEFT = np.array(
    [
        [0.80, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [0.80, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [0.35, 0.70, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [0.12, 0.25, 0.75, 0.90, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [0.03, 0.05, 0.125, 0.17, 0.21, 0.48, 0.70, 0.82, 0.90, 0.96, 1.00],
    ]
)
"""Who has left full-time education by the August in which they are 16 to 26, by the qualification that they end with: so that
86 % of 16 and 17 and 35 % of 18 to 24 are in it (young_people_education_status_uk, 2023). Those who leave before its usual age
learn on the job; they are given the qualification at once (a simplification)."""
_AUGUST = 4


@uncounted()
def study_ends(aim: Any, born: Any, enters: Any, word: Any) -> Any:
    """The July in which studies end, of those who have not ended them before they come in.

    Everybody who comes of age is at school at first: those who would have left it in the August before do so at once.
    """
    august = born + 12 * p.FIRST_AGE
    august += (_AUGUST - august) % 12
    years = 0
    while august - 1 <= enters:
        august += 12
        years += 1
    if enters > 0 and years == 1 and share(word) < _LEFT[aim, 0]:
        return enters + 1
    before = _LEFT[aim, min(years, _LEFT.shape[1]) - 1] if years > 0 else 0.0
    at = before + share(word) * (1.0 - before)
    while years < _LEFT.shape[1] and at >= _LEFT[aim, years]:
        august += 12
        years += 1
    return august - 1


@uncounted()
def place_of(status: Any, job: Any, spell: Any) -> Any:
    """The place that a status and a job mean."""
    if status == 1:
        return p.STUDY_JOB if job > 0 else p.STUDY
    if status == 2:
        return p.OWN if job >= _PLATFORM else (p.ZERO if job == 2 else p.REGULAR)
    if status == 3:
        return p.FRESH if spell < 3 else (p.WAITING if spell < 12 else p.LONG)
    return p.INACTIVE if status == 4 else p.RETIRED


@uncounted()
def begin(
    seed: Any,
    person: Any,
    status: Any,
    pay: Any,
    many_kids: Any,
    youngest: Any,
    whole: Any,
    real: Any,
    kids: Any,
    rates: Any,
) -> None:
    """Fills what the village leaves open, for each person as they will come in."""
    for i in range(whole.shape[0]):
        t0, t1, t2, t3 = words(seed, person[i], 0, p.TRAITS)
        v0, v1, v2, v3 = words(seed, person[i], 1, p.TRAITS)
        month = whole[i, p.ENTERS]
        at = min(month, len(rates.hiring.wages) - 1)
        age = whole[i, p.AGE]
        real[i, p.REGULARITY] = (np.float64(t1 >> np.uint64(16)) + 0.5) / 65536.0
        spell = 0
        if 3 <= status[i] <= 4:
            spell = min(int(-8.0 * np.log((np.float64(v0) + 0.5) / 2.0**32)), 60)
            whole[i, p.LOST] = 1 if age >= 9 and status[i] == 3 else 0
        whole[i, p.SPELL] = spell
        place = place_of(status[i], whole[i, p.JOB], spell)
        if place == p.STUDY and np.int64(v3) < rates.looking[age]:
            place = p.STUDY_LOOK
        whole[i, p.PLACE] = place
        whole[i, p.CHURNS] = 1 if np.int64(t0) < rates.churners[age, whole[i, p.PLACE]] else 0
        aim = whole[i, p.AIM]
        if status[i] == 1 and aim <= 2 and np.int64(t3) < rates.reach:
            whole[i, p.AIM] = 3
            whole[i, p.REACHED] = 1
        whole[i, p.STUDY_ENDS] = study_ends(whole[i, p.AIM], whole[i, p.BORN], month, t2)
        if place >= p.STUDY:
            # The pay of a job beside study says little of a first full one.
            normal, _ = two_normals(v1, v2)
            aim = whole[i, p.AIM]
            real[i, p.LOG] = rates.starting[whole[i, p.SEX], age] + rates.aims[aim] + rates.aims[5] * normal
        elif pay[i] > 0:
            real[i, p.LOG] = np.log(pay[i]) - rates.hiring.top[2 + whole[i, p.JOB]]
        else:  # somebody's survey says nothing of those without work
            real[i, p.LOG] = rates.starting[whole[i, p.SEX], age]
        level_of(i, whole, real, rates.hiring.top)
        set_swings(i, whole, real, rates.hiring.swings)
        if whole[i, p.JOB] > 0:
            set_hours(i, at, rank_of_hours(i, v1, v2, whole, real), whole, real, rates.hiring)
            if whole[i, p.JOB] <= 2:
                whole[i, p.EMPLOYER] = an_employer(v3)
            elif whole[i, p.JOB] == _PLATFORM:
                set_apps(i, v3, v0, v1, whole)
            half = np.int64(t1) & 0xFFFF
            if whole[i, p.PLACE] <= p.OWN and whole[i, p.JOB] != _PLATFORM and half < rates.beside[age, 1]:
                begin_beside(seed, person, i, np.int64(month), 1 if half >= rates.beside[age, 0] else 0, whole, real)
        # Children: the youngest is known, the others are taken to be some years apart.
        many = min(many_kids[i], p.MOST_KIDS)
        born = month - youngest[i]
        for row in range(many - 1, -1, -1):
            kids[i, row] = born
            born -= 20 + (np.int64(v2) >> (4 * row)) % 28
            born = max(born, month - 191)
        whole[i, p.KIDS] = many
        whole[i, p.NEXT] = month
