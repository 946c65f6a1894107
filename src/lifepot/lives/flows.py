"""Monthly chances of moving between places, by age, and of those who stay and those who churn.

They are curves by age, straight between knots on logarithms. Where knots stand and what they mean is written here; their
heights are fitted (`fitting`) and shipped as `flows.csv`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import places as p
from lifepot.published.reading import read_table, table

Float = NDArray[np.float64]

FILE = Path(__file__).parent / "flows.csv"

CHURNERS = 0.25
CHURN = (2.4, 1.5, 2.2)
"""How many times the others' chance somebody who churns has of losing work, of leaving the labour force, and of moving
job; the share of people and the factors are assumptions, in the place of durations that the chain cannot show."""
WEARING = (1.30, 0.95, 0.45)
"""How chances of finding work wear off: under three months, under a year, and longer (assumption)."""
ZERO_MOVES = 3.0
"""How many times as often somebody on zero hours moves to another job."""
BEGIN_ZERO_STUDYING = 0.24
"""Of jobs beside study, those on zero hours: 18.5 % of these contracts over 28 % of the young at work who study."""
MOVES_BY_AGE = ((16, 2.2), (22, 2.0), (30, 1.2), (45, 0.8), (60, 0.5), (70, 0.3))
"""Job-to-job moves by age, relative (assumption: no table by age is published here)."""

KNOTS: Mapping[str, tuple[tuple[int, ...], float]] = {
    "lose": ((17, 21, 27, 38, 52, 63, 72), 0.004),
    "give_up": ((17, 21, 27, 38, 52, 63), 0.006),
    "find": ((17, 21, 27, 38, 52, 63), 0.11),
    "stop_looking": ((17, 22, 30, 45, 60), 0.06),
    "return": ((17, 21, 27, 38, 52, 63), 0.015),
    "look": ((17, 21, 27, 38, 52, 63), 0.015),
    "retire": ((55, 59, 62, 65, 67, 70, 76), 0.01),
    "alone": ((18, 30, 45, 60, 72), 0.0024),
    "back": ((18, 30, 45, 60, 72), 0.012),
    "alone_lose": ((40,), 0.0025),
    "alone_give_up": ((40,), 0.006),
    "alone_of_found": ((20, 40, 60), 0.10),
    "alone_of_returned": ((20, 40, 60), 0.15),
    "zero_of_begun": ((17, 22, 30, 42, 57, 68), 0.06),
    "unretire": ((67, 72), 0.0008),
    "move": ((40,), 0.008),
    "study_look": ((16, 18, 22), 0.02),
    "study_find": ((16, 18, 22), 0.20),
    "study_rest": ((17,), 0.15),
    "study_stop": ((16, 18, 22), 0.04),
    "at_pension": ((66,), 0.25),
    "after_job": ((20,), 0.62),
    "after_look": ((20,), 0.22),
}
"""Ages at which each curve is free, and the chance a month where it begins."""


class Chances(NamedTuple):
    """What the curves come to: chances a month (who churns, age, place, exit), and the three that are no curves."""

    monthly: Float
    after_study: Float
    at_pension: float


def first_guess() -> Float:
    """Logarithms of all knots."""
    return np.log(np.concatenate([np.full(len(ages), value) for ages, value in KNOTS.values()]))


def curves(knots: Float) -> dict[str, Float]:
    """Each curve by age."""
    ages = np.arange(p.FIRST_AGE, p.FIRST_AGE + p.AGES)
    found, at = {}, 0
    for name, (where, _) in KNOTS.items():
        found[name] = np.exp(np.interp(ages, where, knots[at : at + len(where)]))
        at += len(where)
    return found


def chances(knots: Float) -> Chances:
    """The chances that knots mean."""
    c = curves(knots)
    found = np.zeros((2, p.AGES, p.PLACES, p.EXITS))
    ages = np.arange(p.FIRST_AGE, p.FIRST_AGE + p.AGES)
    zero = np.minimum(c["zero_of_begun"], 0.9)
    moving = c["move"] * np.interp(ages, *np.array(MOVES_BY_AGE).T)
    mean = 1.0 - CHURNERS + CHURNERS * np.array(CHURN)
    retire = np.where(ages >= 55, c["retire"], 0.0)
    for churns in range(2):
        lose, give_up, move = (np.array(CHURN) if churns else np.ones(3)) / mean
        for place, mobile in ((p.REGULAR, 1.0), (p.ZERO, ZERO_MOVES)):
            found[churns, :, place, p.REGULAR] = moving * move * mobile * (1.0 - zero)
            found[churns, :, place, p.ZERO] = moving * move * mobile * zero
            found[churns, :, place, p.OWN] = c["alone"]
            found[churns, :, place, p.TO_UNEMPLOYED] = c["lose"] * lose * (1.0 if place == p.REGULAR else 2.0)
            found[churns, :, place, p.TO_INACTIVE] = c["give_up"] * give_up * (1.0 if place == p.REGULAR else 1.5)
            found[churns, :, place, p.TO_RETIRED] = retire
        found[churns, :, p.OWN, p.REGULAR] = c["back"] * (1.0 - zero)
        found[churns, :, p.OWN, p.ZERO] = c["back"] * zero
        found[churns, :, p.OWN, p.TO_UNEMPLOYED] = c["alone_lose"] * lose
        found[churns, :, p.OWN, p.TO_INACTIVE] = c["alone_give_up"] * give_up
        found[churns, :, p.OWN, p.TO_RETIRED] = retire * 0.6
        for place, wear in zip((p.FRESH, p.WAITING, p.LONG), WEARING, strict=True):
            _begin(found[churns, :, place], c["find"] * wear, zero, c["alone_of_found"])
            found[churns, :, place, p.TO_INACTIVE] = c["stop_looking"]
        _begin(found[churns, :, p.INACTIVE], c["return"], zero, c["alone_of_returned"])
        found[churns, :, p.INACTIVE, p.TO_UNEMPLOYED] = c["look"]
        _begin(found[churns, :, p.RETIRED], c["unretire"], zero, np.full(p.AGES, 0.5))
        _begin(found[churns, :, p.STUDY_LOOK], c["study_find"], np.full(p.AGES, BEGIN_ZERO_STUDYING), np.zeros(p.AGES))
        _begin(
            found[churns, :, p.STUDY],
            0.3 * c["study_look"],
            np.full(p.AGES, BEGIN_ZERO_STUDYING),
            np.zeros(p.AGES),
        )
        found[churns, :, p.STUDY, p.TO_UNEMPLOYED] = c["study_look"]
        found[churns, :, p.STUDY_LOOK, p.TO_INACTIVE] = c["study_rest"]
        found[churns, :, p.STUDY_JOB, p.TO_INACTIVE] = c["study_stop"] * 0.8
        found[churns, :, p.STUDY_JOB, p.TO_UNEMPLOYED] = c["study_stop"] * 0.2
    total = found.sum(axis=3, keepdims=True)
    found /= np.maximum(total, 1.0)
    after = np.array([c["after_job"][0], c["after_look"][0]])
    return Chances(found, after / max(after.sum() / 0.98, 1.0), float(min(c["at_pension"][0], 0.9)))


def _begin(row: Float, chance: Float, zero: Float, alone: Float) -> None:
    alone = np.minimum(alone, 0.8)
    row[:, p.REGULAR] = chance * (1.0 - alone) * (1.0 - zero)
    row[:, p.ZERO] = chance * (1.0 - alone) * zero
    row[:, p.OWN] = chance * alone


@cache
def shipped() -> Chances:
    """The chances that were fitted."""
    heights = read_table(FILE)
    expected = [(name, str(age)) for name, (where, _) in KNOTS.items() for age in where]
    assert list(zip(heights.words("curve"), heights.words("age"), strict=True)) == expected, (
        "flows.csv is not of these knots"
    )
    return chances(np.log(heights.numbers("chance_a_month")))


def other_section() -> float:
    """Of moves from job to job, the share into another section of industry (2015 to 2019)."""
    moves = table("job_moves_uk")
    return float(moves.numbers("different_section_k").sum() / moves.numbers("total_k").sum())
