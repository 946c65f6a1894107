"""The stepper's questions as addresses of machine code.

A loop that calls the stepper as it stands would hold the whole of the stepper's machine code at each place that calls it, and be
compiled for minutes. Through an address a call takes some ten nanoseconds more, and each side is compiled once.
"""

from functools import cache
from typing import Any, NamedTuple

from numba import types
from numba.core.types.function_type import CompileResultWAP

from lifepot.kernel.stepping import available, may_withdraw, month_end, step

_COLUMN = types.Array(types.int64, 1, "C")
_NUMBER = types.int64


class Asked(NamedTuple):
    """What can be asked of the stepper; arguments as in `kernel.stepping`."""

    step: Any
    month_end: Any
    may_withdraw: Any
    available: Any


@cache
def asked() -> Asked:
    """The addresses; the first call on a machine compiles for some ten seconds."""
    columns = (_COLUMN, _COLUMN, _COLUMN)
    return Asked(
        _address(step, (*columns, *(_NUMBER,) * 10)),
        _address(month_end, (*columns, _NUMBER)),
        _address(may_withdraw, (*columns, *(_NUMBER,) * 2)),
        _address(available, (*columns, *(_NUMBER,) * 2)),
    )


def _address(function: Any, arguments: tuple[Any, ...]) -> Any:
    function.compile(arguments)
    return CompileResultWAP(function.overloads[arguments])
