"""Chance: the published vectors, and shares that are even."""

import numpy as np
import pytest
from numba import njit

from lifepot.chance import share, two_normals, words

FULL = 2**64 - 1

VECTORS = [
    # Known answers of Philox 4x32-10, as its authors publish them with Random123: key, counter and four words.
    (0, 0, 0, 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (FULL, FULL, 2**32 - 1, 2**32 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        0x299F31D0A4093822, 0x85A308D3243F6A88, 0x13198A2E, 0x03707344,
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]  # fmt: skip


@njit
def asked(seed: np.uint64, who: np.uint64, when: np.uint64, purpose: np.uint64) -> tuple[int, int, int, int]:
    """The words, compiled."""
    return words(seed, who, when, purpose)


@njit
def many(people: int) -> tuple[np.ndarray, np.ndarray]:
    """A share and a normal number of each of many people."""
    shares, normals = np.empty(people), np.empty(people)
    for who in range(people):
        a, b, c, _ = words(7, who, 3, 1)
        shares[who] = share(a)
        normals[who] = two_normals(b, c)[0]
    return shares, normals


@pytest.mark.parametrize(("seed", "who", "when", "purpose", "expected"), VECTORS)
def test_words_are_the_published_ones(
    seed: int, who: int, when: int, purpose: int, expected: tuple[int, int, int, int]
) -> None:
    """The words of the published vectors come out."""
    assert asked(np.uint64(seed), np.uint64(who), np.uint64(when), np.uint64(purpose)) == expected


def test_shares_and_normals_have_their_moments() -> None:
    """Over a million people shares have the mean of a half, and normal numbers mean nought and variance one."""
    shares, normals = many(1_000_000)
    # Five standard errors of each mean.
    assert abs(shares.mean() - 0.5) < 5 * 0.2887 / 1_000
    assert abs(normals.mean()) < 5 / 1_000
    assert abs(normals.var() - 1) < 5 * 1.4143 / 1_000
