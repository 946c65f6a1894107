"""Chance, repeatable: a stream of random numbers for each seed and purpose, and numbers that never repeat."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


class Stream(IntEnum):
    """What a stream is for. Each has its own, so that a longer sample begins with the bytes of a shorter one."""

    PEOPLE = 1
    EMPLOYERS = 2
    PAY = 3
    PLATFORM = 4
    OWN = 5
    AMENDMENT = 6
    FAULTS = 7
    BULK_PEOPLE = 8
    BULK_PAY = 9
    BULK_PLATFORM = 10


def draw(seed: int, stream: Stream, *which: int) -> np.random.Generator:
    """The stream's generator; `which` tells its months, employers or files apart (none below zero)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, *which])))


# HMRC, National Insurance Manual NIM39110: letters not used, and prefixes not allocated.
_FIRST_LETTERS = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in "DFIQUV"]
_SECOND_LETTERS = [letter for letter in _FIRST_LETTERS if letter != "O"]
_UNUSED = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
NINO_PREFIXES = [
    first + second for first in _FIRST_LETTERS for second in _SECOND_LETTERS if first + second not in _UNUSED
]
NINO_SUFFIXES = list("ABCD")

_NUMBERS = len(NINO_PREFIXES) * 10**6
_STRIDE = 154_858_739
"""Shares no factor with `_NUMBERS`: stepping by it around the circle meets every number once, and neighbours
look unrelated."""


def nino_parts(people: Int, seed: int) -> tuple[Int, Int, Int]:
    """Position in `NINO_PREFIXES`, the six digits, and position in `NINO_SUFFIXES`, for each person's number.

    No two people of one seed share the first eight characters, which are what names a person.
    """
    offset = int(draw(seed, Stream.PEOPLE).integers(_NUMBERS))
    number = (people * _STRIDE + offset) % _NUMBERS
    return number // 10**6, number % 10**6, people % len(NINO_SUFFIXES)


def nino(person: int, seed: int) -> str:
    """One person's National Insurance number."""
    prefix, digits, suffix = (int(part[0]) for part in nino_parts(np.array([person], dtype=np.int64), seed))
    return f"{NINO_PREFIXES[prefix]}{digits:06d}{NINO_SUFFIXES[suffix]}"
