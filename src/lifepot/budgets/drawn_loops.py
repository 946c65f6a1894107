"""A month of drawn lives, side by side: a row a person, so that what a household's month asks stands in one or two lines of memory.

Lives are kept as columns of bytes and small numbers over all months. Each month's are laid out as it begins, in a place that all
months use: laid out all at once they would be fifteen megabytes a village.
"""

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.compiling import uncounted
from lifepot.lives.columns import Lives

ADDRESS, BYTES = 0, 1

AT_ONCE = 128
"""People whose rows stay in the core's nearest memory while one column after the other is put into them."""


def columns_of(lives: Lives) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
    """The drawn columns that budgets read, in the order of `places.DRAWN`: held, and where each begins and the bytes of its numbers.

    Kept lives are read where they lie, whatever holds them: compiled code would be another one for memory that may not be written.
    """
    held = [np.ascontiguousarray(getattr(lives, name)) for name in at.DRAWN]
    kinds = {1: "u", 2: "i", 4: "i"}
    assert all(kinds.get(one.itemsize) == one.dtype.kind for one in held), "the kinds of numbers that `Lives` says"
    return held, np.array([[one.ctypes.data, one.itemsize] for one in held], dtype=np.int64)


def _number_at(bits: int, *, signed: bool) -> Any:
    """Reads the number of so many bits at an address."""

    def typed(_typing: Any, _address: Any) -> Any:
        def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kind = context.get_value_type(types.Integer.from_bitwidth(bits, signed))
            number = builder.load(builder.inttoptr(arguments[0], kind.as_pointer()))
            whole = context.get_value_type(types.int64)
            return builder.sext(number, whole) if signed else builder.zext(number, whole)

        return types.int64(types.int64), code

    return intrinsic(typed)


_byte_at = _number_at(8, signed=False)
_short_at = _number_at(16, signed=True)
_number_at_32 = _number_at(32, signed=True)


@uncounted()
def lay_month(columns: Any, month: Any, drawn: Any) -> None:
    """Lays a month out: `drawn`, int32 (people, `places.DRAWN`)."""
    people = len(drawn)
    for first in range(0, people, AT_ONCE):
        rows = drawn[first : min(first + AT_ONCE, people)]
        for place in range(len(columns)):
            size = columns[place, BYTES]
            begin = columns[place, ADDRESS] + (month * people + first) * size
            if size == 1:
                for i in range(len(rows)):
                    rows[i, place] = _byte_at(begin + i)
            elif size == 2:
                for i in range(len(rows)):
                    rows[i, place] = _short_at(begin + 2 * i)
            else:
                for i in range(len(rows)):
                    rows[i, place] = _number_at_32(begin + 4 * i)
