"""What the lab's lives, pots and rulebooks cost, beside the least that they could cost and beside other tools in the same run.

    ./lifepot python benchmarks/lab.py                                  # 100,000 people, every section
    ./lifepot python benchmarks/lab.py --section pot --hark PYTHON      # also HARK, by a Python that has econ-ark
    ./lifepot python benchmarks/lab.py --section pot --sweep            # 10,000 to 1,000,000 people

The limit is the same random words, logarithms, roots, sines and exponentials alone. Each figure is the median of several; every
section has a process of its own, so that its memory is its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from meter import peak_mib
from numba import njit

from lifepot.chance import share, words
from lifepot.lab.lanes import LOW, U, lane_exp, lane_log, lane_share, lane_turn, lane_words
from lifepot.lab.simple_pot import BLOCK, MONTHS, PURPOSE, SimplePot, simple_pot

TIMES = 5
SEED = 1
LEAST_RATE = 70e6
"""Person-months a second that the simple pot should reach on two cores."""
MOST_TIMES_LIMIT = 3.0
"""Times the limit that lives may take, in CPU time."""
MOST_MIB = 4_096
MOST_SECONDS_A_PERSON = 5 / 100_000
"""By the wall, that a new rulebook over kept lives may take."""
SWEEP = (10_000, 100_000, 1_000_000)


@dataclass(slots=True)
class Timed:
    """Seconds of CPU and by the wall, medians, for so many person-months."""

    what: str
    person_months: int
    wall: float
    cpu: float
    mean_pounds: float | None = None
    """Of the pots, where there are any: the tools agree on it but for chance, and for how they treat the dead."""

    @property
    def rate(self) -> float:
        """Person-months a second, by the wall."""
        return self.person_months / self.wall

    @property
    def cpu_ns(self) -> float:
        """CPU nanoseconds a person-month."""
        return self.cpu / self.person_months * 1e9


def timed(what: str, person_months: int, work: Callable[[], float | None], times: int = TIMES) -> Timed:
    """The median of so many, after one that compiles."""
    mean = work()
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timed(what, person_months, statistics.median(walls), statistics.median(cpus), mean)


@njit(nogil=True, error_model="numpy")
def chance_in_lanes(seed: Any, first: Any, end: Any, months: Any) -> float:
    """The simple pot's words, logarithms, roots, sines and exponentials, by the same lanes, and nothing else."""
    k0, k1 = seed & LOW, seed >> U(32)
    w0, w1 = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    w2, w3 = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    number, total = np.empty(BLOCK), np.zeros(BLOCK)
    for start in range(first, end, BLOCK):
        size = min(BLOCK, end - start)
        for month in range(months):
            for lane in range(size):
                w0[lane], w1[lane], w2[lane], w3[lane] = lane_words(k0, k1, U(start) + U(lane), U(month), U(PURPOSE))
            for lane in range(size):
                radius = np.sqrt(-2.0 * lane_log(lane_share(w0[lane])))
                cosine, sine = lane_turn(w1[lane])
                number[lane] = radius * (cosine + 0.1 * sine) + lane_share(w2[lane] ^ w3[lane])
            for lane in range(size):
                total[lane] += lane_exp(number[lane])
    return total.sum()


@njit(nogil=True)
def chance_one_by_one(seed: Any, first: Any, end: Any, months: Any) -> float:
    """The same by the library's functions, a person at a time."""
    total = 0.0
    for who in range(first, end):
        for month in range(months):
            a, b, c, d = words(seed, who, month, PURPOSE)
            radius, turn = np.sqrt(-2.0 * np.log(share(a))), 2.0 * np.pi * share(b)
            total += np.exp(radius * (np.cos(turn) + 0.1 * np.sin(turn)) + share(c ^ d))
    return total


def numpy_pot(people: int, months: int) -> float:
    """The simple pot as one writes it in NumPy: 10,000 people at a time, whole pence, NumPy's own chance. The mean in pounds."""
    rules = SimplePot()
    chance = np.random.default_rng(SEED)
    sigma = rules.sigma_permanent / np.sqrt(12)
    dies_below = rules.death_words(months) / 2**32
    growth = (1 + rules.growth_a_year) ** (1 / 12) - 1
    total, alive_total = 0, 0
    for start in range(0, people, 10_000):
        size = min(10_000, people - start)
        log_pay = np.full(size, np.log(rules.pay_minor) - rules.sigma_transitory**2 / 2)
        works, alive = np.ones(size, dtype=bool), np.ones(size, dtype=bool)
        pot, matched = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for month in range(months):
            if month % 12 == 0:
                matched[:] = 0
            log_pay += sigma * chance.standard_normal(size) - sigma**2 / 2
            passing = rules.sigma_transitory * chance.standard_normal(size)
            word = chance.random(size, dtype=np.float32)
            works = np.where(works, word >= rules.lost, word < rules.found)
            alive &= chance.random(size, dtype=np.float32) >= dies_below[month]
            pay = np.where(works & alive, np.rint(np.exp(log_pay + passing)), 0.0).astype(np.int64)
            own = (pay * rules.worker_pct + 50) // 100
            match = np.minimum((own * rules.match_pct + 50) // 100, 50_000 - matched)
            matched += match
            added = np.rint(pot * growth).astype(np.int64) + own + (pay * rules.employer_pct + 50) // 100 + match
            pot += np.where(alive, added, 0)
        total += int(pot[alive].sum())
        alive_total += int(alive.sum())
    return total / max(alive_total, 1) / 100


def hark_pot(python: str, people: int) -> Timed:
    """HARK doing it in a process of its own, the median of three."""
    program = Path(__file__).with_name("hark_pot.py")
    found = []
    for _ in range(3):
        given = subprocess.run(
            [python, str(program), str(people), str(MONTHS)], capture_output=True, text=True, check=True
        )
        found.append(json.loads(given.stdout.splitlines()[-1]))
    walls, cpus = ([one[key] for one in found] for key in ("wall", "cpu"))
    return Timed(
        "HARK", people * MONTHS, statistics.median(walls), statistics.median(cpus), found[0]["mean_minor"] / 100
    )


def in_threads(work: Callable[..., float], people: int, months: int, threads: int) -> None:
    """A limit's loop, its people divided among threads."""
    ends = [people * n // threads for n in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda first, end: work(U(SEED), first, end, months), ends[:-1], ends[1:]))


def measure_pot(people: int, threads: int, hark: str | None) -> list[Timed]:
    """The simple pot: ours, the limits, NumPy and HARK."""
    total = people * MONTHS

    def ours() -> float:
        return simple_pot(people, SEED, threads=threads).mean_minor() / 100

    found = [
        timed(f"ours, {threads} threads", total, ours),
        timed("ours, one thread", total, lambda: simple_pot(people, SEED).mean_minor() / 100),
        timed(
            f"limit in lanes, {threads} threads", total, lambda: in_threads(chance_in_lanes, people, MONTHS, threads)
        ),
        timed("limit one by one, one thread", total, lambda: in_threads(chance_one_by_one, people, MONTHS, 1), 3),
        timed("NumPy, one thread", total, lambda: numpy_pot(people, MONTHS), 3),
    ]
    return [*found, hark_pot(hark, people)] if hark else found


def measure_sweep(threads: int) -> list[Timed]:
    """The simple pot alone, by how many people."""
    return [
        timed(f"{people:,} people", people * MONTHS, lambda people=people: simple_pot(people, SEED, threads=threads).mean_minor() / 100)  # type: ignore[misc]
        for people in SWEEP
    ]  # fmt: skip


def measure_lives(people: int, threads: int) -> list[Timed]:
    """Lives of whole villages, and their limit, village by village as they are used."""
    # Not before it is asked for: the population's levels take seconds to find.
    from lifepot.lives.draw import draw, limit  # noqa: PLC0415
    from lifepot.population.people import Population  # noqa: PLC0415

    population = Population(seed=SEED, people=people, months=MONTHS)
    villages = [population.village(number) for number in range(population.villages)]
    total = sum(len(village) for village in villages) * MONTHS

    def all_of(work: Callable[..., object]) -> None:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda village: work(village, SEED, MONTHS), villages):
                pass

    return [
        timed(f"lives, {threads} threads", total, lambda: all_of(draw), 3),
        timed(f"limit, {threads} threads", total, lambda: all_of(limit), 3),
        timed(
            f"pot's limit in lanes, {threads} threads", total,
            lambda: in_threads(chance_in_lanes, total // MONTHS, MONTHS, threads), 3,
        ),
    ]  # fmt: skip


def measure_lay(people: int, years: int, threads: int) -> list[Timed]:
    """A new rulebook laid over lives that are kept, everything compiled: its stepper made, every village lived through with it."""
    # Not before it is asked for, as above.
    from lifepot.budgets.laying import Laid  # noqa: PLC0415
    from lifepot.budgets.live import live  # noqa: PLC0415
    from lifepot.kernel.program import compile_program  # noqa: PLC0415
    from lifepot.lab.run import Country, Order  # noqa: PLC0415
    from lifepot.rulebook.reader import shipped  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as keep:
        order = Order(people=people, seed=SEED, years=years, keep=keep)
        home, book = Country(order), shipped("lifetime-savings-account")
        villages = [home.village(number) for number in range(home.people.villages)]
        for village in villages:
            home.lives(village)
        # Drawn and kept; now read as a later run reads them.
        drawn = [(village, home.lives(village)) for village in villages]
        opens = (order.opens_year - 2024) * 12
        total = sum(len(village) for village, _ in drawn) * order.months

        def all_of(work: Callable[..., object]) -> None:
            with ThreadPoolExecutor(threads) as pool:
                for _ in pool.map(work, drawn):
                    pass

        def lay() -> None:
            laid = Laid(compile_program(book), order.months, home.settings, opens)
            all_of(lambda one: live(*one, home.setting, laid, seed=SEED).untold)

        def read(one: tuple[Any, Any]) -> int:
            columns = (getattr(one[1], name) for name in type(one[1]).__annotations__)
            return sum(int(column[: order.months].sum()) for column in columns)

        return [
            timed(f"a new rulebook, {threads} threads", total, lay, 3),
            timed(
                f"none, {threads} threads",
                total,
                lambda: all_of(lambda one: live(*one, home.setting, seed=SEED).untold),
                3,
            ),
            timed(f"limit: kept lives read, {threads} threads", total, lambda: all_of(read), 3),
        ]


def measure_stream(people: int, years: int, threads: int, sample: int) -> list[Timed]:
    """A country of so many people, some of its villages: drawn, lived without and with a rulebook, and let go, as a run does it that
    keeps nothing. Villages are alike, so that the memory is that of all of them and the time a part of it.
    """
    from lifepot.budgets.laying import Laid  # noqa: PLC0415
    from lifepot.budgets.live import live  # noqa: PLC0415
    from lifepot.kernel.program import compile_program  # noqa: PLC0415
    from lifepot.lab.run import Country, Order  # noqa: PLC0415
    from lifepot.lives.draw import draw  # noqa: PLC0415
    from lifepot.rulebook.reader import shipped  # noqa: PLC0415

    order = Order(people=people, seed=SEED, years=years)
    home = Country(order)
    laid = Laid(
        compile_program(shipped("lifetime-savings-account")),
        order.months,
        home.settings,
        (order.opens_year - 2024) * 12,
    )
    numbers = range(0, home.people.villages, max(1, home.people.villages // sample))
    total = sum(len(home.village(number)) for number in numbers) * order.months

    def one(number: int) -> None:
        village = home.village(number)
        lives = draw(village, SEED, order.months, order.pulled.lives, home.rates)
        live(village, lives, home.setting, seed=SEED)
        live(village, lives, home.setting, laid, seed=SEED)

    def all_of() -> None:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(one, numbers):
                pass

    return [timed(f"{len(numbers)} of {home.people.villages} villages, {threads} threads", total, all_of, 3)]


def verdict(section: str, people: int, found: list[Timed], peak: float) -> list[str]:
    """What was asked for, what came out, hit or missed."""
    lines = []
    if section == "pot":
        ours, limit = found[0], found[2]
        hit = "hit" if ours.rate >= LEAST_RATE else f"missed by {1 - ours.rate / LEAST_RATE:.0%}"
        lines.append(f"asked: {LEAST_RATE / 1e6:.0f} M person-months a second; {ours.rate / 1e6:.1f}: {hit}")
        lines.append(f"by CPU time, were two cores free: {2e3 / ours.cpu_ns:.1f} M")
        lines.append(f"{ours.cpu / limit.cpu:.2f} times the CPU time of the limit in lanes")
    if section == "lives":
        times = found[0].cpu / found[1].cpu
        hit = "hit" if times <= MOST_TIMES_LIMIT else f"missed by {times - MOST_TIMES_LIMIT:.1f}"
        lines.append(f"asked: {MOST_TIMES_LIMIT:.0f} times the limit's CPU time at most; {times:.2f}: {hit}")
        lines.append(
            f"{found[0].cpu / found[2].cpu:.1f} times what chance and a logarithm and exponential each cost in lanes"
        )
    if section == "lay":
        asked, took = MOST_SECONDS_A_PERSON * people, found[0].wall
        hit = "hit" if took <= asked else f"missed, {took / asked:.1f} times it"
        lines.append(f"asked: {asked:.2f} s by the wall for {people:,} people; {took:.2f}: {hit}")
        lines.append(
            f"by CPU time, were two cores free: {found[0].cpu / 2:.2f} s; {found[0].cpu / found[2].cpu:.0f} times the limit"
        )
    if section == "sweep":
        spread = max(one.cpu_ns for one in found) / min(one.cpu_ns for one in found)
        lines.append(f"dearest to cheapest, a person: {spread:.2f}")
    memory = "hit" if peak <= MOST_MIB else f"missed by {peak - MOST_MIB:,.0f}"
    lines.append(f"memory: {peak:,.0f} MiB at most; {MOST_MIB:,} asked: {memory}")
    return lines


def main() -> None:
    """Each section in a process of its own, or one of them here."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--section", choices=["pot", "lives", "lay", "stream"], help="only this one")
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--years", type=int, default=24, help="tax years that a rulebook is laid over")
    asked.add_argument("--villages", type=int, default=40, help="of how many the stream is measured")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--hark", metavar="PYTHON", help="a Python that has econ-ark, to stand beside")
    asked.add_argument("--sweep", action="store_true", help="the pot alone, from 10,000 to 1,000,000 people")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    if given.section is None and not given.sweep:
        for section in ("pot", "lives", "lay", "stream"):
            subprocess.run([sys.executable, *sys.argv, "--section", section], check=True)
        return
    section = "sweep" if given.sweep else given.section
    found = (
        measure_sweep(given.threads) if section == "sweep"
        else measure_pot(given.people, given.threads, given.hark) if section == "pot"
        else measure_lives(given.people, given.threads) if section == "lives"
        else measure_stream(given.people, given.years, given.threads, given.villages) if section == "stream"
        else measure_lay(given.people, given.years, given.threads)
    )  # fmt: skip
    peak = peak_mib()
    if given.json:
        rows = [asdict(one) | {"rate": one.rate, "cpu_ns": one.cpu_ns} for one in found]
        print(json.dumps({"section": section, "people": given.people, "peak_mib": peak, "measured": rows}))
        return
    print(f"{section}: medians; by person-months")
    print(f"{'':34} {'M a second':>10} {'wall s':>8} {'CPU s':>8} {'CPU ns each':>12} {'mean pot':>10}")
    for one in found:
        mean = "" if one.mean_pounds is None else f"{one.mean_pounds:,.0f}"
        print(f"{one.what:34} {one.rate / 1e6:10.1f} {one.wall:8.3f} {one.cpu:8.3f} {one.cpu_ns:12.1f} {mean:>10}")
    print("\n".join(verdict(section, given.people, found, peak)))


if __name__ == "__main__":
    main()
