"""An answer as a page shows it, in plain words and lists: figures, the lab's pictures of them, and what they rest on."""

from dataclasses import asdict, replace
from typing import Any

from lifepot.lab.pictures import Drawing
from lifepot.workbench.drawings import drawings
from lifepot.workbench.figures import Told
from lifepot.workbench.redrawing import Redrawn

GLANCE = ("government", "gain_lowest", "gain_highest")
"""Figures that stay in sight while a number is dragged."""


def shown(found: Redrawn) -> dict[str, Any]:
    """`sides` are one, or of a comparison three: the first rulebook, the second, and the first less the second, each with its name,
    figures and pictures. The rest as `Redrawn` has it.
    """
    names = ("",) if found.less is None else ("First", "Second", "First less second")
    told = [one for one in (found.told, found.other, found.less) if one is not None]
    return {
        **{name: getattr(found, name) for name in ("text", "lives", "title", "years", "is_sharpest", "against", "against_title")},
        "currency": "pounds",
        "sides": [_side(name, at, one) for at, (name, one) in enumerate(zip(names, told, strict=True))],
        "glance": [one.as_dict() for one in (told[-1].figure(name) for name in GLANCE)],
    }  # fmt: skip


def _side(name: str, at: int, told: Told) -> dict[str, Any]:
    return {
        "name": name,
        "figures": [_figure(one) for one in told.as_dict()["figures"]],
        "series": told.as_dict()["series"],
        "drawings": [asdict(_named(one, name, at)) for one in drawings(told)],
    }


def _figure(one: dict[str, Any]) -> dict[str, Any]:
    """A figure, and whether its interval holds nought: then it may be none."""
    low, high = one["low"], one["high"]
    return one | {"may_be_none": low is not None and high is not None and low <= 0 <= high}


def _named(one: Drawing, name: str, at: int) -> Drawing:
    """A picture on a page with others of its kind."""
    if not name:
        return one
    tables = [replace(table, caption=f"{name}: {table.caption}") for table in one.tables]
    return replace(one, id=f"{one.id}-{at + 1}", caption=f"{name}: {one.caption}", tables=tables)
