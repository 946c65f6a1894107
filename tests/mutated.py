"""A room's tests under one mutant after another: collected once, then run in a process of its own for each.

A mutant inside a function is put in its place in a running process: the function gets the changed code. One that is at
work at import (a default, a table) or where code is compiled to a file needs a process that imports the changed file.
"""

import contextlib
import functools
import gc
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import hypothesis
import pytest
from hypothesis import Phase

EXAMPLES = 12
"""How many lives hypothesis makes up for each law: fewer than in the ordinary run, so a kill here is a kill there."""

CPU_SECONDS, TIMES = 20, 5
"""What one test may use beyond so many times what it used while its lines were noted, before a mutant counts as timed out."""

MOST_CALLS = 100
"""Calls of a function in one test whose lines are noted; of one that is called more often, all lines are."""

MEMORY_BYTES = 6 << 30
"""Memory refused fails a test."""

Known = dict[str, dict[str, Any]]
"""By test: whether it passed without a mutant, its seconds while they were noted, and by file the lines it reached, as bits of a number."""

OPTIMIZED = 1
"""The flag of a function's code, which that of a class or module has not."""


class Suite:
    """A pytest plugin: once the tests are collected, `work` is done with them instead of running them."""

    def __init__(self, work: Callable[["Suite", list[pytest.Item]], None]) -> None:
        self.work = work
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: list[str] = []
        self.not_passed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Few examples, always the same, and none made smaller."""
        for item in items:
            function = getattr(item, "function", None)
            if used := getattr(function, "_hypothesis_internal_use_settings", None):
                function._hypothesis_internal_use_settings = hypothesis.settings(  # type: ignore[union-attr]
                    used, max_examples=min(used.max_examples, EXAMPLES), derandomize=True, database=None,
                    deadline=None, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False,
                )  # fmt: skip

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot even be read."""
        if report.failed:
            self.failed.append(f"{report.nodeid} (collecting)")

    def pytest_internalerror(self, excrepr: object) -> None:
        """A mistake of this file's."""
        self.failed.append(str(excrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop."""
        if not self.failed:
            self.work(self, session.items)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One stage of one test."""
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)
        if not report.passed:
            self.not_passed.add(report.nodeid)

    def run(self, item: pytest.Item) -> None:
        """One test, with all that pytest does about it."""
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)


def collect(checkout: Path, place: Path, files: list[str], suite: Suite) -> None:
    """Collect tests of a checkout in this process, with the sources of a place, and do the suite's work with them."""
    source = str(place / "src")
    os.chdir(checkout)
    os.environ |= {"PYTHONPATH": source, "NUMBA_CACHE_DIR": str(place / "numba")}
    sys.path[:0] = [source]
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(place / "compiled")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    own = [
        "-n0",
        "-q",
        "-s",
        "--tb=no",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",  # hypothesis is loaded before the fork
        "-o",
        f"pythonpath={source}",
        "-o",
        f"cache_dir={place / 'cache'}",
        f"--basetemp={place / 'temp'}",
    ]
    pytest.main([*own, *(f"tests/test_{one}.py" for one in files)], plugins=[suite])


def forget() -> None:
    """Empty every cache of a function, so that what a test needs is worked out in it."""
    for one in gc.get_objects():
        if type(one) is functools._lru_cache_wrapper and str(one.__module__).startswith(("lifepot", "tests")):
            one.cache_clear()


def reached(suite: Suite, items: list[pytest.Item], room: str) -> Known:
    """Run tests without a mutant. What is reached while one is set up counts for every test of its file."""
    lines: dict[str, set[int]] = defaultdict(set)
    tracers: dict[str, Any] = {}
    calls: Counter[CodeType] = Counter()

    def tracer_of(file: str) -> Any:
        """What notes the lines of a file; nothing for a file of another room."""
        if f"{os.sep}lifepot{os.sep}{room}{os.sep}" not in file:
            return None
        note = lines[file].add

        def line(frame: FrameType, *_: object) -> Any:
            note(frame.f_lineno)
            return line

        return line

    def call(frame: FrameType, *_: object) -> Any:
        code = frame.f_code
        calls[code] += 1
        file = code.co_filename
        if file not in tracers:
            tracers[file] = tracer_of(file)
        if calls[code] > MOST_CALLS or tracers[file] is None:
            if calls[code] == MOST_CALLS + 1 and tracers[file] is not None:
                lines[file].update(line for _, _, line in code.co_lines() if line is not None)
            return None
        return tracers[file]

    class Stages:
        """A pytest plugin: where setting up ends and the test begins."""

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_call(self, item: pytest.Item) -> None:
            """Keep what setting up has reached."""
            for file, own in lines.items():
                prepared[item.path.name][file] |= own

    prepared: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    known: Known = {}
    items[0].config.pluginmanager.register(Stages())
    for item in items:
        forget()
        for own in lines.values():
            own.clear()
        calls.clear()
        sys.settrace(call)
        suite.run(item)
        sys.settrace(None)
        known[item.nodeid] = {"file": item.path.name, "lines": {file: set(own) for file, own in lines.items()}}
    for name, one in known.items():
        one["passed"], one["seconds"] = name not in suite.not_passed, round(suite.seconds[name], 4)
        own, before = one["lines"], prepared[one["file"]]
        one["lines"] = {
            Path(file).name: sum(1 << line for line in own.get(file, set()) | before[file])
            for file in own.keys() | before.keys()
        }
    return known


def first_failing(suite: Suite, items: list[pytest.Item], known: Known) -> str:
    """The first test that fails, the quick ones first; nothing if none does. Ends this process where one has no end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    for item in sorted(items, key=lambda one: float(known[one.nodeid]["seconds"])):
        used = time.process_time()
        allowed = int(used + CPU_SECONDS + TIMES * known[item.nodeid]["seconds"])
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, most))
        suite.run(item)
        if suite.failed:
            return suite.failed[0]
    return ""


def put(file: Path, changed: bytes) -> bool:
    """Put a changed file's code in place of what runs. False where only a new process would have it."""
    old, new = (compile(text, str(file), "exec") for text in (file.read_bytes(), changed))
    found = changed_function(old, new)
    if found is None:
        return False
    before, after = found
    functions = [one for one in gc.get_objects() if type(one) is FunctionType and one.__code__ == before]
    for one in functions:
        try:
            one.__code__ = after
        except ValueError:  # it sees other variables of the function around it
            return False
    forget()
    return bool(functions)


def changed_function(
    old: CodeType, new: CodeType, around: tuple[CodeType, CodeType] | None = None
) -> tuple[CodeType, CodeType] | None:
    """The outermost function in which two codes differ, as it was and as it is; None where they differ outside of any."""
    if around is None and old.co_flags & OPTIMIZED:
        around = old, new
    inner = list(zip(inside(old), inside(new), strict=False))
    if own_work(old) != own_work(new):
        return around
    return next((found for one, other in inner if (found := changed_function(one, other, around))), None)


def inside(code: CodeType) -> Iterator[CodeType]:
    """The codes within a code."""
    return (one for one in code.co_consts if isinstance(one, CodeType))


def own_work(code: CodeType) -> tuple[object, ...]:
    """What a code does, but for the codes within it."""
    constants = [repr(one) if not isinstance(one, CodeType) else one.co_name for one in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants


@contextlib.contextmanager
def on_disk(file: Path, changed: bytes, number: int) -> Iterator[None]:
    """A changed file for as long as it is needed. No two may look alike to a cache of compiled code: `number` is its time."""
    before = file.read_bytes()
    file.write_bytes(changed)
    os.utime(file, (number, number))
    yield
    file.write_bytes(before)
    os.utime(file, (number - 1, number - 1))
