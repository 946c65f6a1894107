"""Mutation testing by hand: change one thing in a room's source, and see whether a test fails. See `docs/testing.md`.

    ./lifepot python tests/mutate.py kernel --sample 150 --seed 1 --into .cache/mutation
    ./lifepot python tests/mutate.py kernel --into .cache/mutation       # every mutant: many hours
    ./lifepot python tests/mutate.py kernel --only chain.py:120: --into F # those of one line, or of one file

The lines that each test reaches without any mutant are noted first. A mutant is tried by the tests that reach its
statement, the quickest first, until one fails; a statement that no test reaches, or that is at work at import, by all.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, not as a module of a package
from tests.mutants import Mutant, mutants_of
from tests.mutated import Known, Suite, collect, first_failing, on_disk, put, reached

CHECKOUT = Path(__file__).parents[1]
SUITES = {
    "kernel": ["operators", "kernel_steps", "cases", "entitle", "replay", "loops", "laws", "quote"],
    "rulebook": [
        "rulebook_faults",
        "docs",
        "rulebook_reader",
        "rulebook_accounts",
        "claims",
        "scheme_page",
        "rulebook_diff",
        "rulebook_scalars",
        "rulebook_steps",
        "rulebook_in_words",
        "rulebook_places",
    ],
}
"""The tests that have to kill a room's mutants. Those on a database are left out: they take too long."""

NOT_NOTED = {*SUITES["kernel"], "rulebook_diff", "scheme_page", "rulebook_places"}
"""Files whose lines are not noted, and which are tried last, in the order above: slow ones, and those of the kernel, which
reach nearly all of it.
"""

ABOUT = {
    "quote": ("pots",),
    "rulebook_diff": ("alignment", "differences", "meaning", "renames", "spelling", "words"),
    "scheme_page": (
        "chains_in",
        "claims_in",
        "conditions_in",
        "described",
        "figures_in",
        "membership_in",
        "purposes_in",
    ),
    "rulebook_places": ("check", "findings", "reader", "shape", "walking"),
}
"""Files of tests that are tried only on mutants of what they are about: of files of the room that begin so."""

COMPILED_TO_A_FILE = {"kernel/loops.py"}
"""Files whose machine code is kept by their date, and so must be changed on disk."""

WALL_SECONDS = 1_800
"""How long one mutant may take in all."""

Outcome = tuple[str, str]
"""What became of a mutant, and the test that noticed it."""


def fork(work: Callable[[], object], wall_seconds: float | None = None) -> tuple[Any, bool]:
    """What a piece of work gives in a process of its own, and whether it came to its end."""
    forking = multiprocessing.get_context("fork")
    there, here = forking.Pipe(duplex=False)

    def child() -> None:
        here.send(work())
        os._exit(0)

    process = forking.Process(target=child)
    process.start()
    here.close()
    try:
        answer, ended = (there.recv(), True) if there.poll(wall_seconds) else (None, False)
    except EOFError:
        answer, ended = None, False
    process.join(5 if ended else 0.5)
    if process.exitcode is None:
        process.kill()
        process.join()
    return answer, ended


def outcome_of(answer: Any, ended: bool) -> Outcome:
    """What became of a mutant that was tried in a process of its own."""
    if not ended:
        return "timed out", ""
    return ("killed", str(answer)) if answer else ("survived", "")


def noted(place: Path, files: list[str], room: str) -> Known:
    """What each test reaches."""

    def work() -> Known | list[str]:
        known: Known = {}

        def note(suite: Suite, items: list[pytest.Item]) -> None:
            if NOT_NOTED & set(files):
                known.update({one.nodeid: {"passed": True, "seconds": 4.0, "lines": None} for one in items})
            else:
                known.update(reached(suite, items, room))

        suite = Suite(note)
        collect(CHECKOUT, place, files, suite)
        return known or suite.failed

    known: Known = fork(work)[0]
    assert isinstance(known, dict), known
    return known


def fitting(mutant: Mutant, known: Known) -> set[str]:
    """The tests that pass without a mutant, without those that are about other files."""
    file = mutant.file.rpartition("/")[2]
    return {name for name, one in known.items() if one["passed"] and file.startswith(ABOUT.get(file_of(name), file))}


def reaching(mutant: Mutant, known: Known) -> set[str]:
    """The tests that reach a mutant's statement, and those of which it is not noted; all, if no other reaches it."""
    wanted, file = sum(1 << line for line in mutant.statement), mutant.file.rpartition("/")[2]
    lines = {name: known[name]["lines"] for name in fitting(mutant, known)}
    found = {name for name, own in lines.items() if own is not None and own.get(file, 0) & wanted}
    return found | {name for name, own in lines.items() if own is None} if found else set(lines)


def file_of(test: str) -> str:
    """The file a test stands in, as it is called here."""
    return test.partition("::")[0].rpartition("/test_")[2].removesuffix(".py")


def try_in_place(
    place: Path, files: list[str], chosen: list[Mutant], known: Known, tell: Callable[[Mutant, Outcome, float], None]
) -> list[Mutant]:
    """Try mutants in a process that has collected the tests. The ones that cannot be tried so are given back."""
    forking = multiprocessing.get_context("fork")
    there, here = forking.Pipe(duplex=False)

    def work(suite: Suite, items: list[pytest.Item], here: Connection) -> None:
        for number, mutant in enumerate(chosen):
            began = time.monotonic()
            names = reaching(mutant, known)
            own = [one for one in items if one.nodeid in names]
            file = place / "src" / "lifepot" / mutant.file

            def tried(mutant: Mutant = mutant, own: list[pytest.Item] = own, file: Path = file) -> str | None:
                is_put = mutant.file not in COMPILED_TO_A_FILE and put(file, mutant.applied(file.read_bytes()))
                return first_failing(suite, own, known) if is_put else None

            answer, ended = fork(tried, WALL_SECONDS)
            is_left = ended and answer is None
            here.send((number, None if is_left else outcome_of(answer, ended), time.monotonic() - began))

    def child() -> None:
        suite = Suite(lambda suite, items: work(suite, items, here))
        collect(CHECKOUT, place, files, suite)
        assert not suite.failed, suite.failed

    process = forking.Process(target=child)
    process.start()
    here.close()
    left = []
    try:
        while True:
            number, outcome, seconds = there.recv()
            if outcome is None:
                left.append(chosen[number])
            else:
                tell(chosen[number], outcome, seconds)
    except EOFError:
        process.join()
    assert process.exitcode == 0, "the tests could not be collected"
    return left


def try_from_disk(place: Path, files: list[str], mutant: Mutant, known: Known, number: int) -> Outcome:
    """Try a mutant in a process that imports the changed file."""
    file = place / "src" / "lifepot" / mutant.file
    names = (reaching if mutant.file in COMPILED_TO_A_FILE else fitting)(mutant, known)

    def work() -> str:
        found: list[str] = []

        def run(suite: Suite, items: list[pytest.Item]) -> None:
            own = [one for one in items if one.nodeid in names]
            found.append(first_failing(suite, own, known) if own else "other tests than before")

        suite = Suite(run)
        collect(CHECKOUT, place, files, suite)
        return found[0] if found else "; ".join(suite.failed) or "nothing could be collected"

    with on_disk(file, mutant.applied(file.read_bytes()), number):
        return outcome_of(*fork(work, WALL_SECONDS))


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
    asked.add_argument("--list", action="store_true", help="list the mutants, and try none")
    asked.add_argument(
        "--tests", default="", help="only these files of the room's tests, `cases,entitle`: a lower bound"
    )
    told = asked.parse_args()
    room, into = told.room, told.into
    files = [one for one in SUITES[room] if one in told.tests.split(",") or not told.tests]
    every = [one for file in sorted((CHECKOUT / "src" / "lifepot" / room).glob("*.py")) for one in mutants_of(file)]
    chosen = list(every)
    random.Random(f"{room} {told.seed}").shuffle(chosen)  # noqa: S311 - a sample, no secret
    wanted_names = tuple(f"{room}/{one}" for one in told.only)
    chosen = [one for one in chosen[: told.sample] if str(one).startswith(wanted_names)]
    if told.list:
        say("\n".join([*map(str, chosen), f"{len(chosen)} of {len(every)}"]))
        return
    into.mkdir(parents=True, exist_ok=True)
    results, reach = into / f"{room}.jsonl", into / f"{room}-reached.json"
    results.touch()
    with tempfile.TemporaryDirectory(prefix="lifepot-mutants-") as folder:
        place = Path(folder)
        shutil.copytree(CHECKOUT / "src", place / "src", ignore=shutil.ignore_patterns("__pycache__"))
        notes: dict[str, Known] = json.loads(reach.read_text("utf-8")) if reach.exists() else {}
        for file in files:
            if file not in notes:
                notes[file] = noted(place, [file], room)
                reach.write_text(json.dumps(notes), "utf-8")
        known: Known = {name: one for file in files for name, one in notes[file].items()}
        for name in [name for name, one in known.items() if not one["passed"]]:
            say(f"left out, fails or skips without a mutant: {name}")

        def tell(mutant: Mutant, outcome: Outcome, seconds: float) -> None:
            line = {"mutant": str(mutant), "outcome": outcome[0], "by": outcome[1], "seconds": round(seconds, 1)}
            with results.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            say(f"{line['seconds']:>6} {outcome[0]} {mutant} {outcome[1]}")

        tried = {json.loads(line)["mutant"] for line in results.read_text("utf-8").splitlines()}
        left = [one for one in chosen if str(one) not in tried]
        for number, mutant in enumerate(try_in_place(place, files, left, known, tell)):
            began = time.monotonic()
            outcome = try_from_disk(place, files, mutant, known, 1_000_000_000 + 2 * number)
            tell(mutant, outcome, time.monotonic() - began)
    wanted = {str(one) for one in chosen}
    found = {one["mutant"]: one for one in map(json.loads, results.read_text("utf-8").splitlines())}
    counts = Counter(one["outcome"] for name, one in found.items() if name in wanted)
    killed, of = counts["killed"] + counts["timed out"], sum(counts.values())
    low, high = wilson(killed, of)
    say(f"{room}: {dict(counts)}; {killed}/{of} = {killed / of:.1%}, 95 % {low:.1%} to {high:.1%}, of {len(every)}")


if __name__ == "__main__":
    main()
