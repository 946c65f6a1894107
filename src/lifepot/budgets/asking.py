"""The stepper's questions as addresses of machine code.

A loop that calls the stepper as it stands would hold the whole of the stepper's machine code at each place that calls it, and be
compiled for minutes. Through an address a call takes some ten nanoseconds more, and each side is compiled once.
"""

from functools import cache
from typing import Any, NamedTuple

from numba import types
from numba.core.types.function_type import CompileResultWAP

from lifepot.kernel.stepping import available_at, may_withdraw_at, pay_at, step_at

_NUMBER = types.int64


class Asked(NamedTuple):
    """What can be asked of the stepper; arguments as in `kernel.stepping`, columns by their addresses."""

    step: Any
    pay: Any
    may_withdraw: Any
    available: Any


@cache
def asked() -> Asked:
    """The addresses; the first call on a machine compiles for some ten seconds."""
    return Asked(_address(step_at, 13), _address(pay_at, 7), _address(may_withdraw_at, 5), _address(available_at, 5))


def _address(function: Any, numbers: int) -> Any:
    arguments = (_NUMBER,) * numbers
    function.compile(arguments)
    return CompileResultWAP(function.overloads[arguments])
