"""The columns of drawn lives as compiled loops fill them: the same, in the same order, as `Lives`."""

from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.lives.columns import Lives

Small = NDArray[np.uint8]
Wide = NDArray[np.int32]


class Outcome(NamedTuple):
    """As in `columns.Lives`."""

    status: Small
    job: Small
    occupation: Small
    industry: Small
    qualification: Small
    leaving: Small
    employer: Wide
    pay: Wide
    payers: Small
    pay_2: Wide
    pay_3: Wide
    payer_2: Wide
    payer_3: Wide
    hours: Small
    scar: Small
    partner: Wide
    children: Small
    youngest: NDArray[np.int16]
    with_parents: Small
    born_now: Small
    died: Small
    looking: Small

    @classmethod
    def empty(cls, months: int, people: int) -> "Outcome":
        """All nought."""
        kinds = {"employer", "pay", "pay_2", "pay_3", "payer_2", "payer_3", "partner"}
        names = [field.name for field in fields(Lives)]
        assert names == list(cls._fields), "the columns of lives, in their order"
        return cls(
            *(
                np.zeros((months, people), dtype="i4" if name in kinds else "i2" if name == "youngest" else "u1")
                for name in names
            )
        )
