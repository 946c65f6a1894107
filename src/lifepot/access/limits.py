"""How often one may ask: so many requests a minute for each key, and few guesses at codes for each address.

Counted in this process: of a server with several, each lets its share through. What is forgotten at a restart is a minute's count.
"""

from collections import OrderedDict
from threading import Lock

MOST_NAMES = 50_000
"""Remembered at once; the longest unseen is forgotten first, so that made-up addresses fill no memory."""


class Allowance:
    """So many at once and so many a minute, for each name: a bucket that fills evenly."""

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str, per_minute: int, now_seconds: float) -> float:
        """Take one: 0 if it may be, else the seconds until it may. `now_seconds` is of any clock that does not run back."""
        most = max(per_minute / self._processes, 1.0)
        with self._lock:
            left, at = self._left.pop(name, (most, now_seconds))
            left = min(most, left + (now_seconds - at) * most / 60)
            allowed = left >= 1
            self._left[name] = (left - 1 if allowed else left, now_seconds)
            if len(self._left) > MOST_NAMES:
                self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / most
