"""What the lab is held against: figures that nothing which draws or fits may see.

Only what compares model and published may import this; tests/test_published.py names who may not. The files in `held/` are
other rows than those in `figures/`, never the same.
"""

from functools import cache
from pathlib import Path

from lifepot.published.reading import Table, read_table

HELD = Path(__file__).parent / "held"


@cache
def table(name: str) -> Table:
    """A table that is held back, by its file's name without ending."""
    return read_table(HELD / f"{name}.csv")


def tables() -> list[str]:
    """The names of all tables that are held back."""
    return sorted(path.stem for path in HELD.glob("*.csv"))


def targets() -> Table:
    """What the lab is held against: each target's value, its tolerance, and the table that holds its rows."""
    return table("targets")
