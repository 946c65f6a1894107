"""Machine code by numba, kept on disk as long as no source changes.

numba keeps a function's machine code until the function's own file changes; what it calls from other files may change unseen, and
the old code would go on giving the old figures. So the cache stands in a folder named after all sources together. Where no folder
can be written to, functions are compiled anew in each process.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

_SOURCE = Path(__file__).parent


def _digest() -> str:
    """Of every source's name, size and time: reading them all would cost more than it is worth."""
    told = hashlib.sha256()
    for file in sorted(_SOURCE.rglob("*.py")):
        seen = file.stat()
        told.update(f"{file.relative_to(_SOURCE)} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return told.hexdigest()[:16]


def _folder() -> Path | None:
    """Where machine code is kept: beside the sources, or in the user's cache; None: nowhere."""
    homes = [_SOURCE / "__pycache__"]
    if "HOME" in os.environ:
        homes.append(Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lifepot")
    for home in homes:
        folder = home / f"machine-code-{_digest()}"
        try:
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


@intrinsic  # type: ignore[misc]
def borrowed(_typing: Any, value: Any) -> Any:
    """Arrays, or a tuple of them, without the count of who holds them: for the head of a loop that calls many functions.

    Each call would count up and down for every array it is given, one locked operation each, several times what the arithmetic
    takes. The caller holds what it lends for as long as the loop runs.
    """

    def strip(context: Any, builder: Any, kind: Any, given: Any) -> Any:
        if isinstance(kind, types.BaseTuple):
            parts = cgutils.unpack_tuple(builder, given, len(kind))
            return context.make_tuple(
                builder, kind, [strip(context, builder, one, part) for one, part in zip(kind, parts, strict=True)]
            )
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, given)
            array.meminfo = cgutils.get_null_value(array.meminfo.type)
            array.parent = cgutils.get_null_value(array.parent.type)
            return array._getvalue()  # noqa: SLF001 (numba's own name for it)
        return given

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return strip(context, builder, signature.args[0], arguments[0])

    return value(value), codegen
