"""Loops that no array operation does: what a row comes to depends on what the row before it came to.

Run by `compiled.run`, which says how they are written. Their callers have seen to it that no sum leaves 64 bits.
"""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def total_between(parts: Int, first: Bool, low: int, cap: Int, total: Int) -> None:
    """Fills `total` with a running balance that money in cannot lift above `cap`, and nothing takes below `low`."""
    balance = 0
    for row in range(len(parts)):
        if first[row]:
            balance = 0
        part = parts[row]
        if part > 0:
            balance = max(balance, min(balance + part, cap[row]))
        else:
            balance += part
        balance = max(balance, low)
        total[row] = balance
