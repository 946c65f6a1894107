"""What happens to people and families before a month's work: birthdays, partings, births, deaths. Compiled."""

from typing import Any

import numpy as np
from numba import njit

from lifepot.chance import two_normals, words
from lifepot.lives import places as p
from lifepot.lives.jobs import level_of, set_swings

CHILDHOOD = 192
"""Months for which a child is a child: until sixteen."""


@njit(cache=True, nogil=True)
def month_within(word: Any, threshold: Any) -> Any:
    """In which of twelve months it happens, once a word is below its threshold: as even as the word."""
    return np.int64(word) * 12 // threshold


@njit(cache=True, nogil=True)
def turn(seed: Any, i: Any, month: Any, whole: Any, real: Any, rates: Any, pay: Any) -> None:
    """A birthday in a month: draws what the year of age brings. `pay`: also a year's change of pay."""
    age = whole[p.AGE, i]
    sex = whole[p.SEX, i]
    w0, w1, w2, w3 = words(seed, whole[p.PERSON, i], month, p.YEAR)
    year = min(max((month + 3) // 12 + 2, 0), rates.mortality.shape[2] - 1)
    chance = rates.mortality[sex, age, year]
    if np.int64(w0) < chance:
        whole[p.DEATH, i] = month + month_within(w0, chance)
    if sex == 1:
        chance = rates.births[age, 1 if whole[p.PARTNER, i] >= 0 else 0]
        whole[p.BIRTH, i] = month + month_within(w1, chance) if np.int64(w1) < chance else p.NEVER
        if whole[p.PARTNER, i] >= 0:
            chance = rates.parting[age]
            whole[p.PARTING, i] = month + month_within(w2, chance) if np.int64(w2) < chance else p.NEVER
    if whole[p.PARENTS, i] == 1:
        chance = rates.leaving[sex, age, 1 if whole[p.PLACE, i] >= p.STUDY else 0]
        whole[p.HOME, i] = month + month_within(w2, chance) if np.int64(w2) < chance else p.NEVER
    if whole[p.PLACE, i] < p.RETIRED:
        chance = rates.learning[age, whole[p.QUALIFICATION, i]]
        whole[p.COURSE, i] = month + month_within(w3, chance) if np.int64(w3) < chance else p.NEVER
    if pay:
        v0, v1, _, _ = words(seed, whole[p.PERSON, i], month, p.PAY_YEAR)
        lasting, passing = two_normals(v0, v1)
        real[p.LOG, i] += rates.drift[sex, age] + rates.shocks[0] * lasting
        real[p.PASSING, i] = rates.shocks[1] * passing
        level_of(i, real, rates)
        set_swings(i, whole, real, rates)
    # Years of age for work: after 60 they are counted out so that State Pension age falls on 66.
    shifted = age
    if age > 60 - p.FIRST_AGE:
        late = whole[p.PENSION, i] - whole[p.BORN, i] - 66 * 12
        months = (age + p.FIRST_AGE - 60) * 12
        shifted = age - (late * min(months, 72) // 72 + 6) // 12
    whole[p.SHIFTED, i] = shifted
    whole[p.TURN, i] = month + 12


@njit(cache=True, nogil=True)
def part(i: Any, whole: Any) -> None:
    """Ends a couple."""
    other = whole[p.PARTNER, i]
    whole[p.PARTNER, i] = -1
    whole[p.PARTING, i] = p.NEVER
    if other >= 0:
        whole[p.PARTNER, other] = -1
        whole[p.PARTING, other] = p.NEVER


@njit(cache=True, nogil=True)
def add_child(i: Any, month: Any, whole: Any, kids: Any) -> None:
    """One more child, born in a month that is no earlier than the others'."""
    if whole[p.KIDS, i] < p.MOST_KIDS:
        kids[whole[p.KIDS, i], i] = month
        whole[p.KIDS, i] += 1


@njit(cache=True, nogil=True)
def drop_oldest(i: Any, whole: Any, kids: Any) -> None:
    """The oldest child comes of age."""
    for row in range(whole[p.KIDS, i] - 1):
        kids[row, i] = kids[row + 1, i]
    whole[p.KIDS, i] -= 1


@njit(cache=True, nogil=True)
def leave_behind(i: Any, whole: Any, kids: Any) -> None:
    """After a death: the partner is alone, with the children of both."""
    other = whole[p.PARTNER, i]
    whole[p.PRESENT, i] = 0
    if other >= 0:
        _merge_children(other, i, whole, kids)
    part(i, whole)
    whole[p.KIDS, i] = 0


@njit(cache=True, nogil=True)
def _merge_children(to: Any, of: Any, whole: Any, kids: Any) -> None:
    """Puts somebody's children among another's, oldest first."""
    for row in range(whole[p.KIDS, of]):
        if whole[p.KIDS, to] == p.MOST_KIDS:
            return
        child = kids[row, of]
        at = whole[p.KIDS, to]
        while at > 0 and kids[at - 1, to] > child:
            kids[at, to] = kids[at - 1, to]
            at -= 1
        kids[at, to] = child
        whole[p.KIDS, to] += 1


@njit(cache=True, nogil=True)
def come_in(seed: Any, i: Any, month: Any, whole: Any, real: Any, rates: Any) -> None:
    """Somebody is there from this month on: what is left of their year of age is drawn."""
    whole[p.PRESENT, i] = 1
    turn(seed, i, whole[p.TURN, i], whole, real, rates, False)  # the last birthday's
    if whole[p.DEATH, i] < month:
        whole[p.DEATH, i] = p.NEVER


@njit(cache=True, nogil=True)
def happen(seed: Any, i: Any, month: Any, whole: Any, real: Any, kids: Any, rates: Any) -> bool:
    """What happens to one person before a month's work. Says whether a child is born."""
    born = False
    if whole[p.TURN, i] == month:
        whole[p.AGE, i] = min(whole[p.AGE, i] + 1, p.AGES - 1)
        turn(seed, i, month, whole, real, rates, True)
    if whole[p.PARTING, i] == month:
        part(i, whole)
    if whole[p.BIRTH, i] == month:
        many = whole[p.KIDS, i]
        if many == 0 or month - kids[many - 1, i] >= 12:
            add_child(i, month, whole, kids)
            born = True
    if whole[p.KIDS, i] > 0 and month - kids[0, i] >= CHILDHOOD:
        drop_oldest(i, whole, kids)
    if whole[p.HOME, i] == month:
        whole[p.PARENTS, i] = 0
    if whole[p.COURSE, i] == month and whole[p.PLACE, i] < p.STUDY:
        whole[p.QUALIFICATION, i] += 1
        real[p.LOG, i] += rates.gains[whole[p.QUALIFICATION, i]]
        level_of(i, real, rates)
    return born


@njit(cache=True, nogil=True)
def pair(seed: Any, month: Any, whole: Any, rates: Any) -> None:
    """Once a year: women who find a partner take the man of the village whose age is nearest to what they have in mind."""
    many = whole.shape[1]
    for i in range(many):
        if whole[p.PRESENT, i] == 0 or whole[p.SEX, i] == 0 or whole[p.PARTNER, i] >= 0:
            continue
        w0, w1, w2, w3 = words(seed, whole[p.PERSON, i], month, p.MEETING)
        if np.int64(w0) >= rates.meeting[whole[p.AGE, i]]:
            continue
        normal, _ = two_normals(w1, w2)
        wanted = whole[p.BORN, i] - np.int64(12 * (rates.gap[0] + rates.gap[1] * normal))
        start = np.int64(w3) % many
        best, nearest = -1, 12 * 15
        for step in range(many):
            j = (start + step) % many
            if whole[p.PRESENT, j] == 1 and whole[p.SEX, j] == 0 and whole[p.PARTNER, j] < 0:
                far = abs(whole[p.BORN, j] - wanted)
                if far < nearest:
                    best, nearest = j, far
        if best >= 0:
            whole[p.PARTNER, i] = best
            whole[p.PARTNER, best] = i
            for one in (i, best):
                whole[p.PARENTS, one] = 0
                whole[p.HOME, one] = p.NEVER
