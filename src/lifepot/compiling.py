"""Machine code by numba, kept on disk as long as no source changes.

numba keeps a function's machine code until the function's own file changes; what it calls from other files may change unseen, and
the old code would go on giving the old figures. So the cache stands in a folder named after all sources that compiled functions
call and take numbers from. Where no folder can be written to, functions are compiled anew in each process.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit

Function = TypeVar("Function", bound=Callable[..., Any])

_SOURCE = Path(__file__).parent


CALLED = ("chance.py", "compiling.py", "kernel", "population", "taxes", "lives", "budgets")
"""Rooms whose functions and numbers are compiled into functions of other files."""


def _digest() -> str:
    """Of each such source's name, size and time: reading them all would cost more than it is worth."""
    told = hashlib.sha256()
    called = [
        one
        for name in CALLED
        for one in ((_SOURCE / name).rglob("*.py") if (_SOURCE / name).is_dir() else [_SOURCE / name])
    ]
    for file in sorted(called):
        seen = file.stat()
        told.update(f"{file.relative_to(_SOURCE)} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return told.hexdigest()[:16]


KEPT = 8
"""Machine code of so many states of the sources is kept: a branch or two, back and forth."""


def _forget(home: Path) -> None:
    """Removes the oldest machine code beside."""
    folders = sorted(home.glob("machine-code-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[: max(len(folders) - KEPT + 1, 0)]:
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path | None:
    """Where machine code is kept: beside the sources, or in the user's cache; None: nowhere."""
    homes = [_SOURCE / "__pycache__"]
    if "HOME" in os.environ:
        homes.append(Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lifepot")
    for home in homes:
        folder = home / f"machine-code-{_digest()}"
        try:
            if not folder.exists():
                _forget(home)
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


_SETTINGS: Any = config  # numba's own names of them are made when it is imported
_FOLDER = None if _SETTINGS.CACHE_DIR else _folder()
if _FOLDER is not None:
    _SETTINGS.CACHE_DIR = str(_FOLDER)


def is_compiled(function: str) -> bool:
    """Whether machine code of a function (`file.function`) stands on disk already."""
    return _FOLDER is None or any(_FOLDER.rglob(f"{function}-*.nbi"))


def compiled(**options: Any) -> Callable[[Function], Function]:
    """A function as machine code; `options` are numba's (`inline`, `error_model`, …). It holds no lock while it runs."""

    def compile_it(function: Function) -> Function:
        made: Any
        try:
            made = njit(nogil=True, cache=True, error_model="numpy", **options)(function)
        except RuntimeError:  # nowhere to keep it
            made = njit(nogil=True, error_model="numpy", **options)(function)
        return made

    return compile_it


def uncounted(**options: Any) -> Callable[[Function], Function]:
    """The same for a function that makes no column of its own: the compiler then does not count who holds the columns that are handed
    from one to the next, which takes several times as long as the arithmetic of a month. A literal in a call is compiled for itself, so
    calls to long functions wrap it: `np.int64(0)`.
    """
    return compiled(_nrt=False, **options)
