"""Figures and answers as people read them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.made_up_years import OPENS_YEAR, YEARS, run_village

from lifepot.lab.ground import ground_of
from lifepot.lab.intervals import Estimate, grouped
from lifepot.lab.outcomes import Answers, answers
from lifepot.lab.sums import village_sums
from lifepot.lab.words import MINUS, NONE, in_two_sentences, interval_told, tick, told

GROUND = ground_of(YEARS, OPENS_YEAR)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "pounds", "£0"), (12.345, "pounds", "£12"), (9.5, "pounds", "£9.50"), (1234.5, "pounds", "£1,234"), (2.5e6, "pounds", "£2.50m"),
        (-13.44e9, "pounds", f"{MINUS}£13.4bn"), (999_999_999.0, "pounds", "£1.00bn"), (0.1234, "share", "12.3 %"),
        (-0.0000001, "share", "0.000 %"), (0.00042, "share", "0.042 %"), (5.6e6, "people", "5.60m"), (812.0, "people", "812"),
        (0.3512, "number", "0.351"), (2.5, "pounds for £1", "£2.50"), (float("nan"), "share", NONE),
    ],
)  # fmt: skip
def test_a_figure_is_told(value: float, unit: str, text: str) -> None:
    """To three figures where it is large, with its unit and a true minus; what is shown as nought has no sign."""
    assert told(value, unit) == text


def test_intervals_and_ticks_are_short() -> None:
    """No interval where the ends are told the same or are none; ticks without idle noughts."""
    assert interval_told(1.0, 2.0, "pounds") == "£1.00 to £2.00"
    assert interval_told(1.001, 1.002, "pounds") == ""
    assert interval_told(float("nan"), 2.0, "pounds") == ""
    assert [tick(one, "pounds") for one in (0, 2e9, 2.5e6)] == ["£0", "£2bn", "£2.5m"]
    assert tick(0.25, "share") == "25 %"


def test_the_answer_says_who_gains_and_who_loses() -> None:
    """A loss is a loss, with its interval the right way round; another scheme is named."""
    found = answers(grouped([village_sums(run_village(number), GROUND) for number in range(4)]), GROUND)
    brief = found.estimates["brief"]
    value, low, high = (side.copy() for side in (brief.value, brief.low, brief.high))
    value[0, 2], low[0, 2], high[0, 2] = -266.0, -319.0, -214.0
    estimates: dict[str, Any] = {**found.estimates, "brief": Estimate(value, low, high)}
    lost: Answers = replace(found, estimates=estimates)
    first, second = in_two_sentences(lost, "Another scheme")
    assert first.startswith(
        "Compared with “Another scheme”, over its first 10 tax years the scheme would cost government £"
    )
    assert "would lose £266 (£214 to £319) a year on average" in second
    assert "highest three gain £" in second
    assert first.endswith("at prices of 2027-28.")
    assert np.isfinite(value[0, :7]).all()
