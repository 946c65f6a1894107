"""How the loops of this room are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

from lifepot.compiling import compiled

_Loop = TypeVar("_Loop", bound=Callable[..., Any])


def loop(function: _Loop) -> _Loop:
    """Compiles a function that makes no array, string or set.

    `_nrt=False` says so: the compiler then counts no references to what is passed from loop to loop, which cost as much as
    all else together. A literal in a call is compiled for itself, so calls to long functions wrap it: `np.int64(0)`.
    """
    return compiled(_nrt=False)(function)
