"""What may be fitted: tables and parameters with their sources, each figure with how certain it is.

The files stand in `figures/`. What is held back stands elsewhere and this module cannot reach it: see `held_back`.

How certain a figure is, its status: V1 copied from an official file, or from a parameter file that cites the law; V2 from
the publisher's own page; V3 quoted by somebody else; RECALLED from memory and still to be checked; DERIVED worked out
from others here or in the source.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIGURES = Path(__file__).parent / "figures"

_MARKED = re.compile(r"^(\w+) = .*# (RECALLED|V[123]|DERIVED|ASSUMPTION)")


@dataclass(frozen=True, slots=True)
class Table:
    """A published table. `head` says where it is from (`title`, `source`, `read`, `status`, `licence`, and often `beware`);
    `columns` are as published, each a tuple of as many words as there are rows; an empty word is a figure not published.
    """

    name: str
    head: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def where(self, **wanted: str) -> "Table":
        """The rows whose columns hold these words. A word that no row holds is our own mistake."""
        kept = [n for n in range(len(self)) if all(self.columns[name][n] == word for name, word in wanted.items())]
        assert kept, f"{self.name}: no row has {wanted}"
        columns = {name: tuple(words[n] for n in kept) for name, words in self.columns.items()}
        return Table(self.name, self.head, columns)

    def words(self, column: str) -> tuple[str, ...]:
        """A column as it stands."""
        return self.columns[column]

    def numbers(self, column: str = "value") -> NDArray[np.float64]:
        """A column as numbers; not a number where nothing is published."""
        return np.array([float(word) if word else np.nan for word in self.columns[column]])

    def number(self, column: str = "value") -> float:
        """The one number of a table of one row."""
        assert len(self) == 1, f"{self.name}: {len(self)} rows where one was meant"
        return float(self.columns[column][0])

    @property
    def status(self) -> tuple[str, ...]:
        """How certain each row is."""
        return self.columns.get("status") or (self.head["status"],) * len(self)


def read_table(path: Path) -> Table:
    """A file of figures: lines `# key: text` first, then comma-separated values under one line of names."""
    lines = path.read_text("utf-8").splitlines()
    head: dict[str, str] = {}
    while lines and lines[0].startswith("#"):
        key, _, text = lines.pop(0).removeprefix("#").partition(":")
        head[key.strip()] = text.strip()
    names, *rows = list(csv.reader(lines))
    columns = {name: tuple(row[n] for row in rows) for n, name in enumerate(names)}
    return Table(path.stem, head, columns)


@cache
def table(name: str) -> Table:
    """A table that may be fitted, by its file's name without ending."""
    assert name in tables(), f"no table {name} that may be fitted"
    return read_table(FIGURES / f"{name}.csv")


@cache
def parameters(name: str) -> Mapping[str, Any]:
    """Parameters by year: `policy` (taxes, pensions, loans, the economy) or `benefits`. Tables of figures, as in the file."""
    return tomllib.loads((FIGURES / f"{name}.toml").read_text("utf-8"))


@cache
def certainty(name: str) -> Mapping[tuple[str, str], str]:
    """How certain each parameter is, by its table and its name: its own mark, or else its table's status."""
    marked: dict[tuple[str, str], str] = {}
    at = ""
    for line in (FIGURES / f"{name}.toml").read_text("utf-8").splitlines():
        if line.startswith("["):
            at = line.strip("[]")
        elif mark := _MARKED.match(line):
            marked[at, mark[1]] = mark[2]
    return {
        (section, key): marked.get((section, key), str(keys["status"]))
        for section, keys in parameters(name).items()
        for key in keys
        if key not in {"status", "source", "read"}
    }


def tables() -> list[str]:
    """The names of all tables that may be fitted."""
    return sorted(path.stem for path in FIGURES.glob("*.csv"))


def targets() -> Table:
    """What the lab may be fitted to: each target's value, its tolerance, and the table that holds its rows."""
    return table("targets")
