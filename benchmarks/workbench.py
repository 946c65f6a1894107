"""What a redraw on the workbench takes, asked as a page asks it: a new text, its first answer, and the one of 10,000 lives.

    ./lifepot python benchmarks/workbench.py                       # seven redraws of 10,000 lives; under a second is asked
    ./lifepot python benchmarks/workbench.py --lives 50000         # and how long all lives take

`redraw` is for other benchmarks to call. Beside the wall's clock stands what the process that redraws took of the CPU, for the wall's
depends on who else is at work.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from meter import CLOCK_TICKS

from lifepot.rulebook.reader import rulebook_text
from lifepot.workbench.bench import Workbench
from lifepot.workbench.kept import SMALL
from lifepot.workbench.numbers import with_number
from lifepot.workbench.redrawing import Redrawn

TIMES = 7
MOST_SECONDS = 1.0
"""By the wall, that a redraw of 10,000 lives may take."""

BOOK = "lifetime-savings-account"
WAITED_S = 120.0
STARTS_S = 600.0


@dataclass(slots=True)
class Redrawing:
    """Seconds of each redraw: to its first answer, to that of so many lives (wall and the worker's CPU), and to the faults of a text."""

    lives: int
    first: list[float]
    whole: list[float]
    cpu: list[float]
    look: list[float]

    @property
    def median(self) -> float:
        """Seconds by the wall to an answer of so many lives."""
        return statistics.median(self.whole)


def redraw(
    lives: int = SMALL, times: int = TIMES, *, keep: Path | None = None, bench: Workbench | None = None
) -> Redrawing:
    """So many redraws, each of a text that was not drawn before, over so many lives. `bench`: one that is there already; else one is
    started over a folder of its own, or `keep`.
    """
    if bench is None:
        with tempfile.TemporaryDirectory() as folder, Workbench(keep or Path(folder), lives=lives) as own:
            return redraw(lives, times, bench=own)
    text, _ = rulebook_text(BOOK)
    waited(bench, bench.ask("benchmark", text), 1, STARTS_S)
    found = Redrawing(lives, [], [], [], [])
    # Another figure each time this is called: what was drawn before is not drawn again.
    begin = int(time.time()) % 100_000
    for number in range(times):
        other = with_number(text, "match.cap", f"{1_000 + begin / 100 + number * 7:.2f}")
        began, cpu = time.perf_counter(), cpu_of(bench)
        key = bench.ask("benchmark", other)
        waited(bench, key, 1, WAITED_S)
        found.first.append(time.perf_counter() - began)
        waited(bench, key, lives, WAITED_S)
        found.whole.append(time.perf_counter() - began)
        found.cpu.append(cpu_of(bench) - cpu)
        began = time.perf_counter()
        bench.look(other)
        found.look.append(time.perf_counter() - began)
    return found


def waited(bench: Workbench, key: str, lives: int, within_s: float) -> Redrawn:
    """An answer of so many lives."""
    answer = bench.answer(key, lives=lives, within_s=within_s)
    assert isinstance(answer, Redrawn), answer
    return answer


def cpu_of(bench: Workbench) -> float:
    """CPU seconds of the process that redraws."""
    stat = Path(f"/proc/{bench.worker_pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / CLOCK_TICKS


def main() -> None:
    """Prints the figures as a table of Markdown."""
    asked_for = argparse.ArgumentParser(description=__doc__)
    asked_for.add_argument("--lives", type=int, default=SMALL)
    asked_for.add_argument("--times", type=int, default=TIMES)
    asked_for.add_argument("--keep", type=Path)
    asked = asked_for.parse_args()
    found = redraw(asked.lives, asked.times, keep=asked.keep)
    print("| | median s | least | most |\n|---|---|---|---|")
    for words, seconds in (
        ("first answer, 2,000 lives", found.first), (f"answer of {found.lives:,} lives", found.whole),
        ("its CPU time", found.cpu), ("faults and numbers of a text", found.look),
    ):  # fmt: skip
        print(f"| {words} | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} |")
    if found.lives == SMALL:
        print("\n" + ("Hit" if found.median < MOST_SECONDS else "Missed") + f": under {MOST_SECONDS:g} s is asked.")


if __name__ == "__main__":
    main()
