"""What is drawn of a village's lives: columns over months (first) and people (second)."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Leaving(IntEnum):
    """Why a job ended this month."""

    NONE = 0
    ANOTHER_JOB = 1
    REDUNDANT = 2
    AUTOMATED = 3
    RESIGNED = 4
    """To no other job: care, health, study."""
    RETIRED = 5
    ENDED = 6
    """Of work by the day or by the hour: no more of it."""


@dataclass(slots=True)
class Lives:
    """A village's drawn months, arrays (months, people). Money in pence of the month, gross. Where `status` is ABSENT, all is 0.

    status, job, occupation, industry   uint8   as in `population.columns`; occupation and industry of the last job where there is none
    qualification  uint8   highest so far
    leaving        uint8   `Leaving`
    employer       int32   number of the main payer; 0: none. A platform's is below 100. Self-employed: 0
    pay            int32   from the main payer: wages, a platform's payouts, or for the self-employed the month's profit
    payers         uint8   how many pay this month beside the main one (0 to 2)
    pay_2, pay_3   int32   from the second and third payer (a second job or platforms)
    payer_2, payer_3  int32  their numbers; below 100: platforms
    hours          uint8   usual hours a week of all work
    scar           uint8   by how many hundredths pay is lower than it would be but for a lost job (already in the pay)
    partner        int32   row of the partner, -1
    children       uint8   under 16 in the household
    youngest       int16   months of age of the youngest, -1
    with_parents   uint8   1: lives with parents
    born_now       uint8   1: a child was born this month
    died           uint8   1: died in this month (the last one that is not ABSENT)
    looking        uint8   1: studies and looks for a job (unemployed, as the Labour Force Survey counts)
    """

    status: NDArray[np.uint8]
    job: NDArray[np.uint8]
    occupation: NDArray[np.uint8]
    industry: NDArray[np.uint8]
    qualification: NDArray[np.uint8]
    leaving: NDArray[np.uint8]
    employer: NDArray[np.int32]
    pay: NDArray[np.int32]
    payers: NDArray[np.uint8]
    pay_2: NDArray[np.int32]
    pay_3: NDArray[np.int32]
    payer_2: NDArray[np.int32]
    payer_3: NDArray[np.int32]
    hours: NDArray[np.uint8]
    scar: NDArray[np.uint8]
    partner: NDArray[np.int32]
    children: NDArray[np.uint8]
    youngest: NDArray[np.int16]
    with_parents: NDArray[np.uint8]
    born_now: NDArray[np.uint8]
    died: NDArray[np.uint8]
    looking: NDArray[np.uint8]

    @property
    def months(self) -> int:
        """How many months are drawn."""
        return self.status.shape[0]


PLATFORMS_BELOW = 100
"""Payers with numbers below this are platforms, from it on employers."""
