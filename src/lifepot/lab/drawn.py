"""What a run gives for one village: its people, and their tax years without and with a scheme."""

from collections.abc import Callable
from dataclasses import dataclass

from lifepot.budgets.columns import Years
from lifepot.lives.columns import Lives
from lifepot.population.columns import Village


@dataclass(frozen=True, slots=True)
class Drawn:
    """A village lived twice with the same luck: `baseline` (no scheme, or another rulebook) and `reform`."""

    village: Village
    baseline: Years
    reform: Years
    lives: Lives | None = None


RunVillage = Callable[[int], Drawn]
"""Lives one village by its number."""
