"""What a scenario may pull of lives themselves: nothing unless asked for."""

from dataclasses import dataclass, fields
from typing import Final

from lifepot.errors import Misuse

_RANGES: Final = {
    "automation_pace": (0.0, 0.2),
    "gig_share": (0.0, 1.0),
    "technical_reach": (0.0, 1.0),
    "technical_quality": (0.0, 2.0),
    "superstar_pay": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Levers:
    """How lives differ from those of the published figures. All nought: they don't.

    automation_pace    the share of all jobs whose tasks a machine takes over in a year; an occupation's own share goes with
                       how exposed it is. 0.01 is about 18 to 20 % in twenty years, 0.02 about 30 % by the later 2030s
    gig_share          of jobs begun anew with an employer, the share that comes through a platform instead
    technical_reach    of young people who would stop at level 2 or below, the share who go on to a technical level 3;
                       and by what share of itself adults' own learning grows
    technical_quality  by what share of itself the pay that a qualification brings grows
    superstar_pay      how much thicker the top of pay is: what somebody earns over the 90th percentile is raised to the
                       power of one and this, so that a tail of exponent a becomes one of a / (1 + this)

    Outside of its range a lever is refused as `Misuse`.
    """

    automation_pace: float = 0.0
    gig_share: float = 0.0
    technical_reach: float = 0.0
    technical_quality: float = 0.0
    superstar_pay: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = _RANGES[field.name]
            if not low <= value <= high:
                raise Misuse(
                    f"The lever {field.name} is {value}.",
                    remedy=f"It is a number from {low:g} to {high:g}.",
                )


def lever_ranges() -> dict[str, tuple[float, float]]:
    """Each lever's name, and the least and the most that it may be."""
    return dict(_RANGES)


OFF = Levers()
"""No lever pulled."""
