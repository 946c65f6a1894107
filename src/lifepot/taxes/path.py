"""Prices and pay to come: the rises by which law uprates its figures, from the published path of the economy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.published.reading import parameters

Int = NDArray[np.int64]

FIRST_YEAR = 2024
"""Year 0 of all tables here is the tax year that begins in 2024."""

_LONG_RUN = "long_run"


@dataclass(frozen=True, slots=True)
class Path:
    """Rises in basis points, one a tax year: what uprates the figures of that year over the year's before.

    Law takes the rises of the year before as they stood in September (prices), in May to July (pay) or in March (a loan's
    RPI). Published forecasts give years, so the whole year before stands for each of them: a simplification.
    """

    prices_bps: Int
    pay_bps: Int
    retail_bps: Int
    """Of the Retail Prices Index: what raises loan thresholds."""
    retail_now_bps: Int
    """The index's rise in the tax year itself: what loans bear. Law takes March's from September on."""

    def __len__(self) -> int:
        return len(self.prices_bps)


def published_path(years: int) -> Path:
    """The path that the Office for Budget Responsibility forecasts, for so many tax years from 2024-25 on."""
    macro = parameters("policy")["macro"]
    before = np.arange(FIRST_YEAR - 1, FIRST_YEAR - 1 + years)
    return Path(
        _rises(macro["cpi"], before),
        _rises(macro["average_earnings"], before),
        _rises(macro["rpi"], before),
        _rises(macro["rpi"], before + 1),
    )


def _rises(published: Mapping[str, Any], years: Int) -> Int:
    """The rise in each year; between a last forecast and a dated long run in a straight line."""
    known = {int(key): float(figure) for key, figure in published.items() if key.isdigit()}
    ((name, in_the_end),) = ((key, float(figure)) for key, figure in published.items() if not key.isdigit())
    dated = name.removeprefix(_LONG_RUN).strip("_")
    known[int(dated) if dated else max(known) + 1] = in_the_end
    at = sorted(known)
    return np.rint(np.interp(years, at, [known[year] for year in at]) * 100).astype(np.int64)
