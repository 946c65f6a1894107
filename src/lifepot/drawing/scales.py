"""Round marks along an axis of numbers, for the eye: floats from here on."""

from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_marks(lowest: float, highest: float, most: int) -> list[float]:
    """At most so many round numbers from the lowest to the highest."""
    span = highest - lowest
    if span <= 0:
        return [lowest]
    power = 10.0 ** floor(log10(span / most))
    step = next(one * power for one in STEPS if one * power * most >= span * (1 - 1e-9))
    first = ceil(lowest / step - 1e-9)
    last = floor(highest / step + 1e-9)
    return [step * number for number in range(first, last + 1)]
