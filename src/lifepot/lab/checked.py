"""One published figure beside the model's: whether it is hit, and what two naive guesses would have said."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Checked:
    """A published figure and the model's.

    target     the target's id in the list of targets; `row` says which of its rows
    held_back  whether nothing that draws or fits may see it
    published, model   in `unit`; None: not modelled, and `why` says why
    allowed    how far off is a hit, in `unit`
    last, independent  what the last published value before would say, and what independent yearly draws would; None: no such
    """

    target: str
    description: str
    row: str
    unit: str
    period: str
    source: str
    held_back: bool
    published: float | None
    model: float | None
    allowed: float | None
    tolerance: str
    why: str = ""
    last: float | None = None
    independent: float | None = None

    @property
    def hit(self) -> bool | None:
        """Whether the model is within the tolerance; None where it says nothing."""
        if self.published is None or self.model is None or self.allowed is None:
            return None
        return bool(abs(self.model - self.published) <= self.allowed + 1e-9)

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self) | {"hit": self.hit}


def misses_first(rows: list[Checked]) -> list[Checked]:
    """Misses, the farthest off for its tolerance first; then hits; then what is not modelled."""

    def place(one: Checked) -> tuple[int, float]:
        if one.hit is None or one.published is None or one.model is None or not one.allowed:
            return (2 if one.hit is None else int(bool(one.hit)), 0.0)
        return int(one.hit), -abs(one.model - one.published) / one.allowed

    return sorted(rows, key=place)
