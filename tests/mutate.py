"""Mutation testing by hand: change one thing in a room's source, and see whether a test fails. See `docs/testing.md`.

    ./lifepot python tests/mutate.py kernel --sample 150 --seed 1 --into .cache/mutation
    ./lifepot python tests/mutate.py kernel --into .cache/mutation      # every mutant: many hours
    ./lifepot python tests/mutate.py kernel --only chain.py:120 --into F # those of one line, or of one file

Every mutant is a process of its own, forked from one that has the libraries loaded but nothing of Lifepot, over a copy of
`src/` that only it sees. What a test reached without any mutant is measured first, and only orders and narrows what is
run: the tests that reach a changed function come first, then the others of their files.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, not as a module of a package
from tests.mutants import Mutant, mutants_of

CHECKOUT = Path(__file__).parents[1]
SUITES = {
    "kernel": ["operators", "cases", "entitle", "replay", "quote", "laws"],
    "rulebook": [
        "docs",
        "rulebook_reader",
        "rulebook_accounts",
        "cases",
        "claims",
        "quote",
        "rulebook_diff",
        "scheme_page",
    ],
}
"""The tests that have to kill a room's mutants. Those on a database are left out: they take too long."""

EXAMPLES = 12
"""How many lives hypothesis makes up for each law: fewer than in the ordinary run, so a kill here is a kill there."""

CPU_SECONDS, WALL_SECONDS, MEMORY_BYTES = 120, 900, 6 << 30
"""What one mutant may use before it counts as timed out; memory refused fails a test."""

Reached = dict[str, dict[str, Any]]
"""By test: whether it passed, its seconds, and the functions it reached, as `room/file.py:line`."""


class Suite:
    """A pytest plugin: choose and order the tests, note what they reach and which failed first."""

    def __init__(self, source: Path, known: Reached | None, wanted: str | None) -> None:
        self.source, self.known, self.wanted = f"{source}{os.sep}lifepot{os.sep}", known, wanted
        self.seen: Reached = defaultdict(lambda: {"passed": True, "seconds": 0.0, "reaches": []})
        self.failed = ""
        self.calls: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The tests that passed without a mutant, those that reach it first, the quick before the slow."""
        for item in items:
            function = getattr(item, "function", None)
            if used := getattr(function, "_hypothesis_internal_use_settings", None):
                few = min(used.max_examples, EXAMPLES)
                function._hypothesis_internal_use_settings = hypothesis.settings(  # type: ignore[union-attr]
                    used, max_examples=few, derandomize=True, database=None, deadline=None
                )
        if self.known is not None:
            known, wanted = self.known, self.wanted
            items[:] = [one for one in items if known.get(one.nodeid, {}).get("passed")]
            items.sort(key=lambda one: (wanted not in known[one.nodeid]["reaches"], known[one.nodeid]["seconds"]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Note which functions of the source are called during a test, where there is no mutant yet."""
        if self.known is not None:
            return (yield)
        self.calls = set()
        sys.settrace(self.called)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seen[item.nodeid]["reaches"] = sorted(self.calls)

    def called(self, frame: FrameType, *_: object) -> None:
        """One call."""
        file = frame.f_code.co_filename
        if file.startswith(self.source):
            self.calls.add(f"{file[len(self.source) :]}:{frame.f_code.co_firstlineno}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One stage of one test."""
        self.seen[report.nodeid]["seconds"] += report.duration
        if report.failed or report.skipped:
            self.seen[report.nodeid]["passed"] = False
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot even be read."""
        if report.failed:
            self.failed = self.failed or f"{report.nodeid} (collecting)"


def run_tests(place: Path, files: list[str], suite: Suite, *more: str) -> int:
    """Run tests in this process, with the sources of a place."""
    source = str(place / "src")
    os.chdir(CHECKOUT)
    os.environ |= {"PYTHONPATH": source, "NUMBA_CACHE_DIR": str(place / "numba")}
    sys.path[:0] = [source]
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(place / "compiled")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    own = [
        "-n0",
        "-q",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",  # hypothesis is loaded before the fork
        "-o",
        f"pythonpath={source}",
        "-o",
        f"cache_dir={place / 'cache'}",
        f"--basetemp={place / 'temp'}",
    ]
    return int(pytest.main([*more, *own, *(f"tests/test_{one}.py" for one in files)], plugins=[suite]))


def fork(work: Callable[[], object], wall_seconds: float | None = None) -> tuple[Any, int | None]:
    """What a piece of work gives in a process of its own, and that process's exit code (None: stopped by the clock)."""
    forking = multiprocessing.get_context("fork")
    there, here = forking.Pipe(duplex=False)

    def child() -> None:
        here.send(work())
        sys.stdout.flush()
        os._exit(0)

    process = forking.Process(target=child)
    process.start()
    here.close()
    try:
        answer = there.recv() if there.poll(wall_seconds) else None
    except EOFError:
        answer = None
    process.join(5 if answer is not None else 0.5)
    if process.exitcode is None:
        process.kill()
        process.join()
    return answer, process.exitcode


def reached_by(place: Path, file: str) -> Reached:
    """Run a file of tests without a mutant."""

    def work() -> Reached:
        suite = Suite(place / "src", None, None)
        run_tests(place, [file], suite)
        return dict(suite.seen)

    answer: Reached | None = fork(work)[0]
    assert answer, f"tests/test_{file}.py could not be run"
    return answer


def try_mutant(place: Path, mutant: Mutant, known: dict[str, Reached], number: int) -> dict[str, Any]:
    """Whether any test notices a mutant."""
    reaching = [
        file for file, tests in known.items() if any(mutant.function in one["reaches"] for one in tests.values())
    ]
    files = reaching or list(known)  # what runs at import, or compiled, is seen by no tracing
    changed = place / "src" / "lifepot" / mutant.file
    before = changed.read_bytes()
    changed.write_bytes(mutant.applied(before))
    os.utime(changed, (number, number))  # no two mutants may look alike to a cache of compiled code
    suite = Suite(place / "src", {name: one for file in files for name, one in known[file].items()}, mutant.function)

    def work() -> tuple[int, str]:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        return run_tests(place, files, suite, "-x"), suite.failed

    began = time.monotonic()
    answer, left = fork(work, WALL_SECONDS)
    changed.write_bytes(before)
    os.utime(changed, (number - 1, number - 1))
    code, by = answer or (None, "")
    assert code != 5, f"no test was run for {mutant}"
    outcome = "survived" if code == 0 else "killed" if code is not None else "timed out"
    return {
        "mutant": str(mutant), "outcome": outcome, "by": by or f"exit {code if answer else left}",
        "reached": bool(reaching), "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def wilson(killed: int, tried: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson (1927)."""
    z = 1.959964
    middle, share = 1 + z * z / tried, killed / tried
    half = z * (share * (1 - share) / tried + z * z / (4 * tried * tried)) ** 0.5
    return (share + z * z / (2 * tried) - half) / middle, (share + z * z / (2 * tried) + half) / middle


def say(text: str) -> None:
    """A line of the command's answer."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def work_through(room: str, chosen: list[Mutant], known: dict[str, Reached], into: Path, at_once: int) -> None:
    """Try mutants, some at once, each result a line of the results' file."""
    forking = multiprocessing.get_context("fork")
    following = forking.Value("i", 0)
    results = into / f"{room}.jsonl"

    def worker() -> None:
        with tempfile.TemporaryDirectory(prefix="lifepot-mutants-") as folder:
            place = Path(folder)
            shutil.copytree(CHECKOUT / "src", place / "src", ignore=shutil.ignore_patterns("__pycache__"))
            while True:
                with following.get_lock():
                    number = following.value
                    following.value += 1
                if number >= len(chosen):
                    return
                line = json.dumps(
                    try_mutant(place, chosen[number], known, 1_000_000_000 + 2 * number), ensure_ascii=False
                )
                with results.open("a", encoding="utf-8") as stream:
                    stream.write(line + "\n")
                say(line)

    workers = [forking.Process(target=worker) for _ in range(at_once)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()


def main() -> None:
    """Read the command line, try the mutants, print the score."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("room", choices=SUITES)
    asked.add_argument("--sample", type=int, help="so many mutants, chosen by chance; without it, all")
    asked.add_argument("--seed", default="1", help="of the choice (1); a greater sample begins with the smaller one")
    asked.add_argument(
        "--only", nargs="*", default=[""], help="only mutants whose name begins so: `chain.py`, `chain.py:120:`"
    )
    asked.add_argument(
        "--into", type=Path, required=True, help="folder of results; mutants found there are not tried again"
    )
    asked.add_argument("--at-once", type=int, default=2, help="how many at once (2)")
    asked.add_argument("--list", action="store_true", help="list the mutants, and try none")
    asked.add_argument(
        "--tests", default="", help="only these files of the room's tests, `cases,entitle`: a lower bound"
    )
    told = asked.parse_args()
    files = [one for one in SUITES[told.room] if one in told.tests.split(",") or not told.tests]
    every = [
        one for file in sorted((CHECKOUT / "src" / "lifepot" / told.room).glob("*.py")) for one in mutants_of(file)
    ]
    chosen = list(every)
    random.Random(f"{told.room} {told.seed}").shuffle(chosen)  # noqa: S311 - a sample, no secret
    wanted_names = tuple(f"{told.room}/{one}" for one in told.only)
    chosen = [one for one in chosen[: told.sample] if str(one).startswith(wanted_names)]
    if told.list:
        say("\n".join([*map(str, chosen), f"{len(chosen)} of {len(every)}"]))
        return
    told.into.mkdir(parents=True, exist_ok=True)
    noted = told.into / f"{told.room}-reached.json"
    if not noted.exists():
        with tempfile.TemporaryDirectory(prefix="lifepot-mutants-") as folder:
            shutil.copytree(CHECKOUT / "src", Path(folder) / "src")
            noted.write_text(json.dumps({one: reached_by(Path(folder), one) for one in files}), "utf-8")
    known: dict[str, Reached] = json.loads(noted.read_text("utf-8"))
    assert list(known) == files, f"{noted} is of other tests: name another folder"
    failing = [name for tests in known.values() for name, one in tests.items() if not one["passed"]]
    for name in failing:
        say(f"left out, fails or skips without a mutant: {name}")
    results = told.into / f"{told.room}.jsonl"
    tried = (
        {json.loads(line)["mutant"] for line in results.read_text("utf-8").splitlines()} if results.exists() else set()
    )
    work_through(told.room, [one for one in chosen if str(one) not in tried], known, told.into, told.at_once)
    wanted = {str(one) for one in chosen}
    found = {one["mutant"]: one for one in map(json.loads, results.read_text("utf-8").splitlines())}
    counts = Counter(one["outcome"] for name, one in found.items() if name in wanted)
    killed, of = counts["killed"] + counts["timed out"], sum(counts.values())
    low, high = wilson(killed, of)
    say(
        f"{told.room}: {dict(counts)}; {killed}/{of} = {killed / of:.1%}, 95 % {low:.1%} to {high:.1%}, of {len(every)}"
    )


if __name__ == "__main__":
    main()
