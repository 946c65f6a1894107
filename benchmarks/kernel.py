"""The kernel alone: many facts of many people through each shipped rulebook, with the least it could take beside it.

    ./lifepot python benchmarks/kernel.py

All that `assess` does is timed, on columns in the order in which the store gives them, and again on the same facts in
the order of their days. In the same process the same columns go through a bare running total, a cap and differences: the limit.
Every rulebook has a process of its own, so that its memory is its own.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from facts import make
from meter import peak_mib
from numpy.typing import NDArray

from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import NONE, Facts
from lifepot.kernel.program import compile_program
from lifepot.rulebook.reader import shipped, shipped_names

Int = NDArray[np.int64]

TIMES = 3
"""Each figure is the median of so many."""
AT_MOST = 3.0
"""Times the limit, a rule."""
CAP_MINOR = 1_000_000


@dataclass(slots=True)
class Timed:
    """Seconds by the wall's clock and of CPU."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Measured:
    """What a rulebook cost."""

    rulebook: str
    rows: int
    people: int
    rules: int
    chains: int
    """Rules, and the amounts that they are made of."""
    entitlements: int
    first: Timed
    """The first time in the process, compiling or loading what was compiled included."""
    in_order: Timed
    by_day: Timed
    """The same facts sorted by their day alone, as they came."""
    limit: Timed
    """Cumulative sum, minimum and differences by member, in NumPy."""
    limit_compiled: Timed | None
    """The same in one compiled loop."""
    facts_mib: float
    peak_mib: float
    digest: str
    """Of all that came out: two versions of the kernel that give the same have the same."""

    @property
    def ratio(self) -> float:
        """Times the limit, a rule."""
        return self.in_order.cpu / self.rules / self.limit.cpu

    @property
    def ratio_compiled(self) -> float:
        """Times the compiled limit, a rule."""
        return self.in_order.cpu / self.rules / self.limit_compiled.cpu if self.limit_compiled else float("nan")

    @property
    def rate(self) -> float:
        """Rows a second, a rule."""
        return self.rows * self.rules / self.in_order.wall

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {
            "ratio": self.ratio, "ratio_compiled": self.ratio_compiled, "rows_a_second_a_rule": self.rate,
            "at_most": AT_MOST, "hit": self.ratio <= AT_MOST,
        }  # fmt: skip


def clip_differences(member: Int, parts: Int) -> Int:
    """The limit: what each part adds to its member's capped running total."""
    first = np.empty(len(parts), dtype=np.bool_)
    first[:1] = True
    np.not_equal(member[1:], member[:-1], out=first[1:])
    heads = np.flatnonzero(first)
    total = np.cumsum(parts)
    total -= np.repeat((total - parts)[heads], np.diff(np.append(heads, len(parts))))
    np.minimum(total, CAP_MINOR, out=total)
    result = np.diff(total, prepend=0)
    result[heads] = total[heads]
    return result


def compiled_limit() -> Callable[[Int, Int], Int] | None:
    """The same, compiled; None where there is no numba."""
    try:
        from numba import njit  # noqa: PLC0415 (only to compare with)
    except ImportError:
        return None

    def loop(member: Int, parts: Int) -> Int:
        result = np.empty_like(parts)
        total = before = 0
        for row in range(len(parts)):
            if row == 0 or member[row] != member[row - 1]:
                total = before = 0
            total += parts[row]
            capped = min(total, CAP_MINOR)
            result[row] = capped - before
            before = capped
        return result

    return njit(loop)  # type: ignore[no-any-return]


def timed(work: Callable[[], object]) -> tuple[Timed, Any]:
    """What it takes, and what it gives."""
    wall, cpu = time.perf_counter(), time.process_time()
    given = work()
    return Timed(time.perf_counter() - wall, time.process_time() - cpu), given


def median(times: list[Timed]) -> Timed:
    """Of each clock."""
    return Timed(statistics.median(one.wall for one in times), statistics.median(one.cpu for one in times))


def digest(given: Assessed) -> str:
    """Of everything `assess` gave, in an order of our own and with facts by their numbers."""
    owed, fact = given.entitlements, given.rows.fact
    columns = [
        owed.rule,
        owed.member,
        owed.effective_on,
        owed.window_start,
        owed.window_end,
        owed.amount,
        fact[owed.row],
    ]
    columns.append(np.add.reduceat(fact[owed.refs], owed.ref_starts[:-1]) if len(owed) else owed.refs)
    order = np.lexsort(columns)
    refused = [given.rows.fact[given.refusals.row], given.refusals.amount]
    by_refused = np.lexsort(refused)
    found = hashlib.sha256()
    for column in [*(column[order] for column in columns), *(one[by_refused] for one in refused), given.opened_on]:
        found.update(np.ascontiguousarray(column, dtype=np.int64))
    found.update("\n".join(given.refusals.by[at] for at in by_refused.tolist()).encode())
    for code, name in sorted({gap[:2] for gap in given.gaps}):
        rows = np.concatenate([gap[2] for gap in given.gaps if gap[:2] == (code, name)])
        found.update(f"{code} {name}".encode())
        found.update(np.unique(fact[rows]))
    return found.hexdigest()[:16]


def measure(name: str, rows: int, people: int, seed: int) -> Measured:
    """One rulebook, in this process."""
    program = compile_program(shipped(name))
    crowd, facts = make(program, rows, people, seed)
    as_of = int(facts.on.max())
    shuffled = facts.take(np.argsort(facts.on, kind="stable"))
    money = np.where(facts.earnings == NONE, np.where(facts.amount == NONE, 0, facts.amount), facts.earnings)
    compiled = compiled_limit()
    if compiled is not None:
        compiled(facts.member[:1], money[:1])
    held = sum(getattr(facts, column.name).nbytes for column in fields(Facts)) / 2**20
    forget_peak()
    before = peak_mib()
    first, given = timed(lambda: assess(program, crowd, facts, as_of=as_of))
    peak = peak_mib() - before + held
    entitlements, found = len(given.entitlements), digest(given)
    del given
    times: dict[str, list[Timed]] = {"limit": [], "compiled": [], "in order": [], "by day": []}
    for _ in range(TIMES):
        times["limit"] += [timed(lambda: clip_differences(facts.member, money))[0] for _ in range(TIMES)]
        if compiled is not None:
            times["compiled"] += [timed(lambda: compiled(facts.member, money))[0] for _ in range(TIMES)]
        times["in order"].append(timed(lambda: assess(program, crowd, facts, as_of=as_of))[0])
    for _ in range(TIMES):
        times["by day"].append(timed(lambda: assess(program, crowd, shuffled, as_of=as_of))[0])
    return Measured(
        name, rows, people, len(program.rules), len(program.rulebook.rules) + len(program.rulebook.amounts), entitlements, first,
        median(times["in order"]), median(times["by day"]), median(times["limit"]),
        median(times["compiled"]) if compiled is not None else None, held, peak, found,
    )  # fmt: skip


def forget_peak() -> None:
    """From here on the peak of memory is counted anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def apart(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One rulebook, in a process of its own."""
    numbers = ["--rows", str(options.rows), "--people", str(options.people), "--seed", str(options.seed)]
    command = [sys.executable, __file__, "--rulebook", name, "--here", "--json", *numbers]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found[0]


def show(found: list[dict[str, Any]]) -> None:
    """For people."""
    for one in found[:1]:
        print(f"{one['rows']:,} rows of {one['people']:,} people; medians of {TIMES}\n")
    print(
        f"{'':26} {'rules':>5} {'CPU s':>6} {'wall s':>6} {'first':>6} {'by day':>6} {'limit ms':>8} {'compiled':>8}"
        f" {'M rows/s/rule':>13} {'MiB':>6} {'x limit':>7} {'x compiled':>10}"
    )
    for one in found:
        compiled = one["limit_compiled"] or {"cpu": float("nan")}
        print(
            f"{one['rulebook']:26} {one['rules']:5} {one['in_order']['cpu']:6.2f} {one['in_order']['wall']:6.2f}"
            f" {one['first']['wall']:6.2f} {one['by_day']['cpu']:6.2f} {one['limit']['cpu'] * 1000:8.0f}"
            f" {compiled['cpu'] * 1000:8.0f} {one['rows_a_second_a_rule'] / 1e6:13.1f} {one['peak_mib']:6.0f}"
            f" {one['ratio']:7.1f} {one['ratio_compiled']:10.1f}  {'hit' if one['hit'] else 'missed'}"
        )


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rulebook", action="append", metavar="NAME", help="only this one (may be repeated)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--here", action="store_true", help="in this process, where a profiler sees it")
    options = parser.parse_args()
    found = []
    for name in options.rulebook or shipped_names():
        if options.here:
            found.append(measure(name, options.rows, options.people, options.seed).as_dict())
        else:
            found.append(apart(name, options))
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)


if __name__ == "__main__":
    main()
