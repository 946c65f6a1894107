"""The chance that people are drawn with: forty shares a person, each kept for one use, and scores made of them."""

from enum import IntEnum
from typing import Any

import numpy as np

from lifepot.chance import share, two_normals, words
from lifepot.compiling import compiled
from lifepot.population.columns import Int
from lifepot.population.fitting import Float

PURPOSES = 6
"""Purposes 0 to 5 give four shares each; 6 and 7 four normal scores each."""


class Use(IntEnum):
    """What each share of a person is for."""

    AGE = 0
    BIRTHDAY = 1
    FINAL = 2
    WORK = 3
    JOB = 4
    IN_PENSION = 5
    CHILDREN = 6
    PARENTS = 7
    BIRTH_1 = 8
    BIRTH_2 = 9
    BIRTH_3 = 10
    OWN = 12
    SOCIAL = 13
    OUTRIGHT = 14
    PAID_OFF = 15
    CARD = 16
    LOAN = 17
    SCOTLAND = 18
    COMING_AGE = 19
    COMING_SEX = 20
    COMING_WORK = 21
    OLD = 22
    RECORD = 23


class Score(IntEnum):
    """What each normal score of a person is for."""

    PAY = 0
    ALONE = 1
    PRICE = 2
    SAVINGS = 3
    PENSION = 4
    OTHER = 5
    CARD = 6
    LOAN = 7


VILLAGE = 2**20
"""Persons of a village are numbered from its number times this."""


@compiled()
def _filled(seed: Any, person: Any, shares: Any, scores: Any) -> None:
    for n in range(len(person)):
        for purpose in range(6):
            w0, w1, w2, w3 = words(seed, person[n], 0, purpose)
            at = 4 * purpose
            shares[n, at] = share(w0)
            shares[n, at + 1] = share(w1)
            shares[n, at + 2] = share(w2)
            shares[n, at + 3] = share(w3)
        for purpose in range(6, 8):
            w0, w1, w2, w3 = words(seed, person[n], 0, purpose)
            at = 4 * (purpose - 6)
            scores[n, at], scores[n, at + 1] = two_normals(w0, w1)
            scores[n, at + 2], scores[n, at + 3] = two_normals(w2, w3)


def chances(seed: int, person: Int) -> tuple[Float, Float]:
    """Shares (persons, uses) and normal scores (persons, scores) of these persons: theirs whatever else is drawn."""
    shares = np.empty((len(person), 4 * PURPOSES))
    scores = np.empty((len(person), len(Score)))
    _filled(np.uint64(seed), person, shares, scores)
    return shares, scores


def village_chances(seed: int, number: int) -> Float:
    """A village's own shares, which belong to no person of it."""
    own = np.array([(number + 1) * VILLAGE - 1], dtype=np.int64)
    return chances(seed, own)[0][0]
