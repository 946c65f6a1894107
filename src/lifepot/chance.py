"""Chance that can be asked again: numbers that depend on a seed, who, when and what for, and on nothing else.

Philox 4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). There
is no state to carry: the same question gives the same four words on one core, in eight shards or on a cluster, and a
person has the same luck in a baseline and in a reform.
"""

from typing import Any

import numpy as np

from lifepot.compiling import compiled

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)

WORD_SHARE = 2.0**-32
"""A word times this is a share of one; half a word is added, so that it is never nought nor one."""


@compiled(inline="always")
def words(seed: Any, who: Any, when: Any, purpose: Any) -> tuple[Any, Any, Any, Any]:
    """Four words of 32 bits (as uint64) for a seed (64 bits), a person (64 bits), a month (32 bits) and a purpose."""
    k0 = np.uint64(seed) & _LOW
    k1 = np.uint64(seed) >> _HALF
    c0 = np.uint64(who) & _LOW
    c1 = np.uint64(who) >> _HALF
    c2 = np.uint64(when) & _LOW
    c3 = np.uint64(purpose) & _LOW
    for _ in range(10):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        c0 = (p1 >> _HALF) ^ c1 ^ k0
        c1 = p1 & _LOW
        c2 = (p0 >> _HALF) ^ c3 ^ k1
        c3 = p0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@compiled(inline="always")
def share(word: Any) -> Any:
    """A word as a share strictly between nought and one."""
    return (np.float64(word) + 0.5) * WORD_SHARE


@compiled(inline="always")
def two_normals(word: Any, other: Any) -> tuple[Any, Any]:
    """Two independent standard normal numbers from two words (Box and Muller, 1958)."""
    radius = np.sqrt(-2.0 * np.log(share(word)))
    turn = 2.0 * np.pi * share(other)
    return radius * np.cos(turn), radius * np.sin(turn)
