"""What budgets assume beside the rulebook: each a number with a range, its words and its source (`settings.yaml`)."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from lifepot.errors import Misuse


@dataclass(frozen=True, slots=True)
class Range:
    """An assumption: `central` is what a run takes, `low` and `high` are the ends that a range is run for; `words` say what it
    is, `certainty` how sure we are of it (published, recalled, choice).
    """

    name: str
    low: float
    central: float
    high: float
    unit: str
    words: str
    source: str
    certainty: str
    limits: tuple[float, float]


@cache
def ranges() -> dict[str, Range]:
    """Every assumption by its name, in the file's order."""
    text = files("lifepot.budgets").joinpath("settings.yaml").read_text("utf-8")
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return {
        name: Range(
            name=name,
            low=float(one["range"][0]),
            central=float(one["range"][1]),
            high=float(one["range"][2]),
            unit=one["unit"],
            words=one["words"],
            source=one["source"],
            certainty=one["certainty"],
            limits=(float(one["limits"][0]), float(one["limits"][1])),
        )
        for name, one in read.items()
    }


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's assumptions: the central ones but for those in `changed`. Raises Misuse for a name that is none and for a value
    that cannot be.
    """

    changed: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.changed.items():
            one = ranges().get(name)
            if one is None:
                raise Misuse(f"{name!r} is no assumption of the lab.", remedy=f"It knows: {', '.join(ranges())}.")
            least, most = one.limits
            if not least <= value <= most:
                raise Misuse(f"{name} is {value:g} ({one.unit}).", remedy=f"Give a number from {least:g} to {most:g}.")

    def __getitem__(self, name: str) -> float:
        return self.changed.get(name, ranges()[name].central)

    def with_(self, **changed: float) -> "Settings":
        """The same but for these."""
        return Settings({**self.changed, **changed})
