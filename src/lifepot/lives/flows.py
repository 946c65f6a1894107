"""Monthly chances of moving between places, by age, and of those who stay and those who churn."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import places as p
from lifepot.published.reading import table

Float = NDArray[np.float64]

CHURNERS = 0.25
"""The share of people who change and lose jobs more than others, all life long."""

AFTER_STUDY = (0.62, 0.22)
PENSION_DAY = 0.25


def other_section() -> float:
    """Of moves from job to job, the share into another section of industry (2015 to 2019)."""
    moves = table("job_moves_uk")
    return float(moves.numbers("different_section_k").sum() / moves.numbers("total_k").sum())


@cache
def monthly() -> Float:
    """Chances of each exit a month, (stays or churns, age from 16, place, exit)."""
    found = np.zeros((2, p.AGES, p.PLACES, p.EXITS))
    found[:, :, p.REGULAR] = (0.008, 0.0003, 0.0024, 0.004, 0.006, 0.0)
    found[:, :, p.ZERO] = (0.03, 0.003, 0.0024, 0.008, 0.008, 0.0)
    found[:, :, p.OWN] = (0.012, 0.0003, 0, 0.003, 0.007, 0.0)
    found[:, :, p.FRESH] = (0.12, 0.02, 0.01, 0, 0.06, 0)
    found[:, :, p.WAITING] = (0.09, 0.01, 0.01, 0, 0.06, 0)
    found[:, :, p.LONG] = (0.04, 0.005, 0.005, 0, 0.06, 0)
    found[:, :, p.INACTIVE] = (0.015, 0.002, 0.003, 0.015, 0, 0)
    found[:, 60 - 16 :, : p.OWN + 1, p.TO_RETIRED] = 0.01
    found[:, 67 - 16 :, p.INACTIVE] = 0
    found[:, 67 - 16 :, p.RETIRED, 2] = 0.0005
    found[:, :, p.STUDY] = (0.02, 0.006, 0.001, 0, 0, 0)
    found[:, :, p.STUDY_JOB] = (0.01, 0.003, 0, 0, 0.06, 0)
    return found


@cache
def churners() -> Float:
    """Who churns, of those found in a place, (age from 16, place)."""
    return np.full((p.AGES, p.PLACES), CHURNERS)
