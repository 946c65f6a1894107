"""What happens to people and families before a month's work: birthdays, partings, births, deaths. Compiled."""

from typing import Any

import numpy as np

from lifepot.chance import two_normals, words
from lifepot.compiling import uncounted
from lifepot.lives import places as p
from lifepot.lives.jobs import level_of, set_swings

CHILDHOOD = 192
"""Months for which a child is a child: until sixteen."""


@uncounted()
def month_within(word: Any) -> Any:
    """In which of twelve months it happens: by the low half of the word whose high half said that it does.

    So a lever that makes it likelier moves nobody's month to whom it happened anyway.
    """
    return (np.int64(word) & 0xFFFF) * 12 >> 16


@uncounted()
def turn(seed: Any, person: Any, i: Any, month: Any, whole: Any, real: Any, yearly: Any, pay: Any) -> None:
    """A birthday in a month: draws what the year of age brings. `pay`: 1: also a year's change of pay."""
    age = whole[i, p.AGE]
    sex = whole[i, p.SEX]
    w0, w1, w2, w3 = words(seed, person[i], month, p.YEAR)
    year = min(max((month + 3) // 12 + 2, 0), yearly.mortality.shape[2] - 1)
    chance = yearly.mortality[sex, age, year]
    if np.int64(w0) < chance:
        whole[i, p.DEATH] = month + month_within(w0)
    if sex == 1:
        chance = yearly.chances[sex, age, 1 if whole[i, p.PARTNER] >= 0 else 0]
        whole[i, p.BIRTH] = month + month_within(w1) if np.int64(w1) < chance else p.NEVER
        if whole[i, p.PARTNER] >= 0:
            chance = yearly.chances[sex, age, 2]
            whole[i, p.PARTING] = month + month_within(w2) if np.int64(w2) < chance else p.NEVER
    if whole[i, p.PARENTS] == 1:
        chance = yearly.chances[sex, age, 4 if whole[i, p.PLACE] >= p.STUDY else 3]
        whole[i, p.HOME] = month + month_within(w2) if np.int64(w2) < chance else p.NEVER
    if whole[i, p.PLACE] < p.RETIRED:
        chance = yearly.chances[sex, age, 5 + whole[i, p.QUALIFICATION]]
        whole[i, p.COURSE] = month + month_within(w3) if np.int64(w3) < chance else p.NEVER
    if pay == 1:
        v0, v1, _, _ = words(seed, person[i], month, p.PAY_YEAR)
        lasting, passing = two_normals(v0, v1)
        real[i, p.LOG] += yearly.drift[sex, age] + yearly.shocks[0] * lasting
        real[i, p.PASSING] = yearly.shocks[1] * passing
        level_of(i, whole, real, yearly.top)
        set_swings(i, whole, real, yearly.swings)
    # Years of age for work: after 60 they are counted out so that State Pension age falls on 66.
    shifted = age
    if age > 60 - p.FIRST_AGE:
        late = whole[i, p.PENSION] - whole[i, p.BORN] - 66 * 12
        months = (age + p.FIRST_AGE - 60) * 12
        shifted = age - (late * min(months, 72) // 72 + 6) // 12
    whole[i, p.SHIFTED] = shifted
    whole[i, p.TURN] = month + 12


@uncounted()
def part(i: Any, whole: Any) -> None:
    """Ends a couple."""
    other = whole[i, p.PARTNER]
    whole[i, p.PARTNER] = -1
    whole[i, p.PARTING] = p.NEVER
    if other >= 0:
        whole[other, p.PARTNER] = -1
        whole[other, p.PARTING] = p.NEVER


@uncounted()
def add_child(i: Any, month: Any, whole: Any, kids: Any) -> None:
    """One more child, born in a month that is no earlier than the others'."""
    if whole[i, p.KIDS] < p.MOST_KIDS:
        kids[i, whole[i, p.KIDS]] = month
        whole[i, p.KIDS] += 1


@uncounted()
def drop_oldest(i: Any, whole: Any, kids: Any) -> None:
    """The oldest child comes of age."""
    for row in range(whole[i, p.KIDS] - 1):
        kids[i, row] = kids[i, row + 1]
    whole[i, p.KIDS] -= 1


@uncounted()
def leave_behind(i: Any, month: Any, whole: Any, kids: Any) -> None:
    """After a death: the partner is alone, with the children of both."""
    other = whole[i, p.PARTNER]
    whole[i, p.PRESENT] = 0
    if other >= 0:
        _merge_children(other, i, whole, kids)
        whole[other, p.NEXT] = min(whole[other, p.NEXT], month + 1)
    part(i, whole)
    whole[i, p.KIDS] = 0


@uncounted()
def _merge_children(to: Any, of: Any, whole: Any, kids: Any) -> None:
    """Puts somebody's children among another's, oldest first."""
    for row in range(whole[of, p.KIDS]):
        if whole[to, p.KIDS] == p.MOST_KIDS:
            return
        child = kids[of, row]
        at = whole[to, p.KIDS]
        while at > 0 and kids[to, at - 1] > child:
            kids[to, at] = kids[to, at - 1]
            at -= 1
        kids[to, at] = child
        whole[to, p.KIDS] += 1


@uncounted()
def look_ahead(i: Any, month: Any, whole: Any, kids: Any) -> None:
    """Sets the month in which the next thing happens to somebody."""
    soonest = whole[i, p.TURN]
    for row in (p.PARTING, p.BIRTH, p.HOME, p.COURSE):
        if month < whole[i, row] < soonest:
            soonest = whole[i, row]
    if whole[i, p.DEATH] >= month:
        soonest = min(soonest, whole[i, p.DEATH] + 1)
    if whole[i, p.KIDS] > 0:
        soonest = min(soonest, max(kids[i, 0] + CHILDHOOD, month + 1))
    whole[i, p.NEXT] = soonest


@uncounted()
def happen(seed: Any, person: Any, i: Any, month: Any, whole: Any, real: Any, kids: Any, yearly: Any) -> bool:
    """What happens to one person before a month's work, if it is that month. Says whether a child is born."""
    if whole[i, p.ENTERS] == month:
        whole[i, p.PRESENT] = 1
        turn(
            seed, person, i, whole[i, p.TURN], whole, real, yearly, False
        )  # of the last birthday, what is left of the year
        if whole[i, p.DEATH] < month:
            whole[i, p.DEATH] = p.NEVER
    if whole[i, p.PRESENT] == 0:
        return False
    if whole[i, p.DEATH] == month - 1:
        leave_behind(i, month, whole, kids)
        return False
    born = False
    if whole[i, p.TURN] == month:
        whole[i, p.AGE] = min(whole[i, p.AGE] + 1, p.AGES - 1)
        turn(seed, person, i, month, whole, real, yearly, np.int64(1))
    if whole[i, p.PARTING] == month:
        part(i, whole)
    if whole[i, p.BIRTH] == month:
        many = whole[i, p.KIDS]
        if many == 0 or month - kids[i, many - 1] >= 12:
            add_child(i, month, whole, kids)
            born = True
    if whole[i, p.KIDS] > 0 and month - kids[i, 0] >= CHILDHOOD:
        drop_oldest(i, whole, kids)
    if whole[i, p.HOME] == month:
        whole[i, p.PARENTS] = 0
    if whole[i, p.COURSE] == month and whole[i, p.PLACE] < p.STUDY:
        whole[i, p.QUALIFICATION] += 1
        real[i, p.LOG] += yearly.gains[whole[i, p.QUALIFICATION]]
        level_of(i, whole, real, yearly.top)
    look_ahead(i, month, whole, kids)
    return born


@uncounted()
def pair(seed: Any, person: Any, month: Any, whole: Any, meeting: Any, gap: Any) -> None:
    """Once a year: women who find a partner take the man of the village whose age is nearest to what they have in mind."""
    for i in range(len(whole)):
        if whole[i, p.PRESENT] == 0 or whole[i, p.SEX] == 0 or whole[i, p.PARTNER] >= 0:
            continue
        w0, w1, w2, _ = words(seed, person[i], month, p.MEETING)
        if np.int64(w0) >= meeting[whole[i, p.AGE]]:
            continue
        normal, _ = two_normals(w1, w2)
        wanted = whole[i, p.BORN] - np.int64(12 * (gap[0] + gap[1] * normal))
        best, nearest = -1, 12 * 15
        for j in range(len(whole)):
            if whole[j, p.PARTNER] < 0 and whole[j, p.PRESENT] == 1 and whole[j, p.SEX] == 0:
                far = abs(whole[j, p.BORN] - wanted)
                if far < nearest:
                    best, nearest = j, far
        if best >= 0:
            whole[i, p.PARTNER] = best
            whole[best, p.PARTNER] = i
            for one in (i, best):
                whole[one, p.PARENTS] = 0
                whole[one, p.HOME] = p.NEVER
