"""Reading and checking each shipped rulebook, in a warm process; beside it, its YAML by ruamel's own composer alone.

    ./lifepot python benchmarks/reading.py

The median of so many readings, milliseconds of CPU and by the wall's clock. The limit: 50 ms a rulebook.
"""

import statistics
import time
from collections.abc import Callable

from ruamel.yaml import YAML

from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped_names

TIMES = 21
LIMIT_MS = 50


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of CPU and by the wall's clock, the medians."""
    cpu, wall = [], []
    for _ in range(TIMES):
        begun = time.process_time(), time.perf_counter()
        action()
        cpu.append((time.process_time() - begun[0]) * 1000)
        wall.append((time.perf_counter() - begun[1]) * 1000)
    return statistics.median(cpu), statistics.median(wall)


def main() -> None:
    """A line a rulebook, the longest last."""
    print(f"{'rulebook':28}{'bytes':>8}{'CPU ms':>9}{'wall ms':>9}{'ruamel, CPU ms':>16}   limit {LIMIT_MS} ms")
    for name in sorted(shipped_names(), key=lambda one: len(rulebook_text(one)[0])):
        text, file = rulebook_text(name)
        parse_rulebook(text, file)
        cpu, wall = timed(lambda text=text, file=file: parse_rulebook(text, file))  # type: ignore[misc]
        bare, _ = timed(lambda text=text: YAML(typ="safe", pure=True).compose(text))  # type: ignore[misc]
        print(f"{name:28}{len(text):>8}{cpu:>9.1f}{wall:>9.1f}{bare:>16.1f}")


if __name__ == "__main__":
    main()
