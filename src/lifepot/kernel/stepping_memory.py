"""Columns of int64 as the stepper's machine reads and writes them: by their address.

A column that is handed from one compiled function to the next is counted at each call, and each of its places is asked
whether it counts from the end. Both together take longer than what the machine does with a number. So the machine is
handed addresses; whoever calls it holds the columns.
"""

from typing import Any

from numba import types
from numba.extending import intrinsic

import lifepot.compiling

compiled = lifepot.compiling.compiled()
"""How the machine's functions are compiled."""

in_place = lifepot.compiling.compiled(forceinline=True)
"""How those are that are called from one place alone, with more numbers than there are places for in a core: they become a part
of their caller.
"""


def _address(_typing: Any, column: Any) -> Any:
    """Where a column of int64 begins."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.ptrtoint(array.data, context.get_value_type(types.int64))

    return types.int64(column), code


def _read(_typing: Any, _column: Any, _place: Any) -> Any:
    """The number at a place of the column at an address."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        column = builder.inttoptr(arguments[0], context.get_value_type(types.int64).as_pointer())
        return builder.load(builder.gep(column, [arguments[1]]))

    return types.int64(types.int64, types.int64), code


def _write(_typing: Any, _column: Any, _place: Any, _number: Any) -> Any:
    """Puts a number at a place of the column at an address."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        column = builder.inttoptr(arguments[0], context.get_value_type(types.int64).as_pointer())
        builder.store(arguments[2], builder.gep(column, [arguments[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), code


address: Any = intrinsic(_address)
read: Any = intrinsic(_read)
write: Any = intrinsic(_write)
"""As other compiled functions call them, without the first argument."""
