"""The queries of `queries.sql`, by name."""

import re
from functools import cache
from importlib import resources
from typing import LiteralString

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def _queries() -> dict[str, LiteralString]:
    text = resources.files("lifepot.storage").joinpath("queries.sql").read_text(encoding="utf-8")
    _head, *parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def query(name: str) -> LiteralString:
    """The SQL of a query, its comment included, so that a server's log says what it is. KeyError for an unknown name."""
    # The text is part of the program, never of anybody's input: what LiteralString is there to say.
    return _queries()[name]
