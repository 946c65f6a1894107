"""How the loops of this room are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Loop = TypeVar("_Loop", bound=Callable[..., Any])

_njit: Any = njit


def loop(function: _Loop) -> _Loop:
    """Compiles a function that makes no array, string or set: it frees the lock that threads share, and its code is kept.

    `_nrt=False` says that nothing is made: the compiler then counts no references to what is passed from loop to loop,
    which cost as much as all else together.
    """
    return cast("_Loop", _njit(cache=True, nogil=True, _nrt=False)(function))
