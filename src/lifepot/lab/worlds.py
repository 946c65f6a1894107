"""What a scenario changes of people and their lives once they are drawn, alike without and with a scheme."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from lifepot.chance import WORD_SHARE, words
from lifepot.compiling import compiled
from lifepot.errors import Misuse
from lifepot.lives.columns import PLATFORMS_BELOW, Lives
from lifepot.population.columns import INDUSTRIES, Job, Village

_SHARES_PROFIT: Final = 60
"""The purpose of chance that says which employers share profits."""

PUBLIC = tuple(INDUSTRIES.index(section) for section in "OPQ")
"""Public administration, education, health: taken to make no profit."""

TAIL_FROM_MINOR = 50_000_000
"""Capital beside a home and pensions from which the tail is made thicker: £500,000."""

RANGES: Final = {"profit_share": (0.0, 0.5), "profit_share_reach": (0.0, 1.0), "capital_tail": (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class World:
    """Levers that are pulled on what is drawn. All nought: none.

    profit_share        what workers get of profits, as a share of their pay, where they sit on boards
    profit_share_reach  the share of private employers where they do
    capital_tail        how much thicker the tail of other wealth is: what somebody has over £500,000 beside home and pensions
                        is raised to the power of one and this

    Outside of its range a lever is refused as `Misuse`.
    """

    profit_share: float = 0.0
    profit_share_reach: float = 0.0
    capital_tail: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = RANGES[field.name]
            value = getattr(self, field.name)
            if not low <= value <= high:
                raise Misuse(f"The lever {field.name} is {value}.", remedy=f"It is a number from {low:g} to {high:g}.")

    def of_village(self, village: Village) -> Village:
        """The village in this world."""
        if not self.capital_tail:
            return village
        times = village.other / TAIL_FROM_MINOR
        thicker = TAIL_FROM_MINOR * np.maximum(times, 1.0) ** (1 + self.capital_tail)
        return replace(village, other=np.where(times > 1, np.rint(thicker), village.other).astype(np.int64))

    def of_lives(self, lives: Lives, seed: int) -> Lives:
        """The lives in this world: pay with the share of profits in it, whole pence."""
        if not self.profit_share or not self.profit_share_reach:
            return lives
        employers = np.unique(lives.employer)
        shares = employers[_drawn(np.uint64(seed), employers.astype(np.uint64)) < self.profit_share_reach]
        works = (lives.job == Job.EMPLOYEE) & (lives.employer >= PLATFORMS_BELOW) & ~np.isin(lives.industry, PUBLIC)
        more = works & np.isin(lives.employer, shares)
        pay = np.where(more, np.rint(lives.pay * (1 + self.profit_share)), lives.pay).astype(np.int32)
        return replace(lives, pay=pay)


@compiled()
def _drawn(seed: Any, employers: Any) -> Any:
    """A share for each employer, by the seed and its number alone."""
    found = np.empty(len(employers))
    for place in range(len(employers)):
        found[place] = (np.float64(words(seed, employers[place], 0, _SHARES_PROFIT)[0]) + 0.5) * WORD_SHARE
    return found
