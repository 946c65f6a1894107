"""How unequally something is spread over people, from samples with weights."""

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


def gini(amounts: Real, weights: Real | None = None) -> float:
    """The Gini coefficient: nought where all have the same, above one only where some owe. Not a number without people or where
    the whole is nought.
    """
    people, owned = _standing(amounts, weights)
    if owned[-1] == 0 or people[-1] == 0:
        return float("nan")
    return float(1 - (np.diff(people) * (owned[1:] + owned[:-1])).sum() / (people[-1] * owned[-1]))


def share_of_highest(amounts: Real, share: float, weights: Real | None = None) -> float:
    """What share of the whole the richest `share` of people have; who lies across the border counts in part."""
    people, owned = _standing(amounts, weights)
    if owned[-1] == 0 or people[-1] == 0:
        return float("nan")
    return float(1 - np.interp((1 - share) * people[-1], people, owned) / owned[-1])


def tail_exponent(amounts: Real, above: float, weights: Real | None = None) -> float:
    """Hill's estimate of a Pareto tail's exponent from those above an amount; not a number where nobody is."""
    many = np.ones(len(amounts)) if weights is None else weights
    high = amounts > above
    steps = (many[high] * np.log(amounts[high] / above)).sum()
    return float(many[high].sum() / steps) if steps > 0 else float("nan")


def _standing(amounts: Real, weights: Real | None) -> tuple[Real, Real]:
    """People and what they have, added up from the poorest, each beginning with nought."""
    many = np.ones(len(amounts)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(amounts, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(many[order])])
    owned = np.concatenate([[0.0], np.cumsum((many * amounts)[order])])
    return people, owned
