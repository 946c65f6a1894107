"""Fitting tables of people to published totals, and curves through published points."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

Margin = tuple[tuple[int, ...], Float]
"""Axes of a table in rising order, and what the table must sum to over all others."""


def fit(seed: Float, margins: Sequence[Margin], rounds: int = 200, tolerance: float = 1e-9) -> Float:
    """A table as like the seed as can be whose sums over axes are the margins.

    Iterative proportional fitting (Deming and Stephan, "On a least squares adjustment of a sampled frequency table", Annals
    of Mathematical Statistics 11, 1940): scale to each margin in turn until none changes. Margins must agree in total;
    a cell that is nought stays nought.
    """
    cells = np.array(seed, dtype=np.float64)
    others = [tuple(axis for axis in range(cells.ndim) if axis not in axes) for axes, _ in margins]
    for _ in range(rounds):
        off = 0.0
        for (_, target), rest in zip(margins, others, strict=True):
            now = cells.sum(axis=rest, keepdims=True)
            wanted = target.reshape(now.shape)
            scale = np.divide(wanted, now, out=np.zeros_like(now), where=now > 0)
            off = max(off, float(np.abs(now - wanted).max()) / max(float(wanted.max()), 1e-300))
            cells *= scale
        if off < tolerance:
            break
    return cells


def steps(cells: Float) -> Float:
    """Running shares along the last axis, for drawing: the last is one. A row that sums to nought is drawn as its first."""
    total = cells.sum(axis=-1, keepdims=True)
    shares = np.divide(cells, total, out=np.zeros_like(cells), where=total > 0)
    running = np.cumsum(shares, axis=-1)
    running[..., -1] = 1.0
    running[np.broadcast_to(total == 0, running.shape)] = 1.0
    return running


@dataclass(frozen=True, slots=True)
class Steps:
    """Running shares of many rows, laid end to end so that one search finds a row's step: each row's shares and its number."""

    laid: Float
    width: int

    @classmethod
    def of(cls, cells: Float) -> "Steps":
        """Steps along the last axis; the other axes number the rows, the last of them fastest."""
        running = steps(cells).reshape(-1, cells.shape[-1])
        return cls((running + np.arange(len(running))[:, None]).reshape(-1), cells.shape[-1])

    def drawn(self, row: NDArray[np.int64], share: Float) -> NDArray[np.int64]:
        """Which step of each row each share falls on."""
        return np.minimum(np.searchsorted(self.laid, row + share) - row * self.width, self.width - 1)


def curve(points: Mapping[str, float], at: Float) -> Float:
    """Straight lines through points given by age in words, level beyond the ends."""
    return np.interp(at, [float(age) for age in points], list(points.values()))


def root(of: Callable[[float], float], low: float, high: float, halvings: int = 60) -> float:
    """Where a rising function of one number passes nought, between two bounds."""
    for _ in range(halvings):
        middle = (low + high) / 2
        if of(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


_SCORES = np.linspace(-6.0, 6.0, 4801)
_SHARES = np.array([0.5 * math.erfc(-score / math.sqrt(2)) for score in _SCORES])


def share_of(score: Float) -> Float:
    """The standard normal share below a score."""
    return np.interp(score, _SCORES, _SHARES)


def score_of(share: Float) -> Float:
    """The standard normal score that a share lies below."""
    return np.interp(share, _SHARES, _SCORES)


def logit_shift(shares: Float, weights: Float, mean: float) -> Float:
    """Shares moved alike in log odds so that their weighted mean is as wanted. Shares of nought and one stay."""
    inside = np.clip(shares, 1e-12, 1 - 1e-12)
    odds = np.log(inside / (1 - inside))

    def moved(by: float) -> Float:
        return np.where((shares <= 0) | (shares >= 1), shares, 1 / (1 + np.exp(-(odds + by))))

    by = root(lambda step: float((moved(step) * weights).sum() / weights.sum()) - mean, -12.0, 12.0)
    return moved(by)
