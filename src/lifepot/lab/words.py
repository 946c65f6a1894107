"""Figures as people read them: pounds, shares, people; and the two sentences of the answer."""

from math import floor, isnan, log10

from lifepot.lab.ground import tax_year
from lifepot.lab.outcomes import BRIEF, FIRST_YEARS, PENCE_A_POUND, PEOPLE, POUNDS, SHARE, Answers
from lifepot.lab.sums import year_of

MINUS, NONE = "\N{MINUS SIGN}", "\N{EN DASH}"
BIG = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))


def told(value: float, unit: str) -> str:
    """A figure with its unit; a dash where there is nothing to count."""
    if isnan(value):
        return NONE
    size = abs(value)
    text = _told(size, unit)
    # What is shown as nought has no sign.
    return f"{MINUS}{text}" if value < 0 and any(one in text for one in "123456789") else text


def _told(size: float, unit: str) -> str:
    if unit == SHARE:
        return f"{size * 100:.{3 if 0 < size < 0.001 else 1}f} %"
    if unit == PENCE_A_POUND:
        return f"£{size:,.2f}"
    sign = "£" if unit == POUNDS else ""
    if unit in {POUNDS, PEOPLE}:
        for scale, word in BIG:
            if size >= scale * 0.9995:
                return f"{sign}{_three(size / scale)}{word}"
        return f"{sign}{size:,.0f}" if size >= 10 or size == 0 or unit == PEOPLE else f"{sign}{size:,.2f}"
    return f"{size:.3f}"


def _three(size: float) -> str:
    """To three figures."""
    decimals = max(0, 2 - floor(log10(size * 1.0005)))
    return f"{size:,.{decimals}f}"


def interval_told(low: float, high: float, unit: str) -> str:
    """The ends of an interval; nothing where there is none, or where both ends are the same."""
    if isnan(low) or isnan(high):
        return ""
    ends = told(low, unit), told(high, unit)
    return "" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def tick(value: float, unit: str) -> str:
    """A figure along an axis: short."""
    text = told(value, unit)
    if unit == SHARE:
        return f"{MINUS if value < 0 else ''}{abs(value) * 100:g} %"
    if "." in text:
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
        return digits.rstrip("0").rstrip(".") + text[len(digits) :]
    return text


def in_two_sentences(found: Answers, against: str = "") -> tuple[str, str]:
    """The answer: what it would cost, and who gains; `against`: the title of another scheme that it is compared with."""
    ground = found.ground
    years = min(FIRST_YEARS, ground.years - ground.opens)

    def of(column: str) -> str:
        value, low, high = found.cell("brief", "all", column)
        unit = dict(BRIEF)[column]
        ends = interval_told(low, high, unit)
        return told(value, unit) + (f" ({ends})" if ends else "")

    first = (
        f"{f'Compared with “{against}”, over' if against else 'Over'} its first {years} tax years the scheme would cost government {of('government, a year')} a year, and employers and "
        f"platforms {of('employers and platforms, a year')}, at prices of {tax_year(year_of(ground.opens))}."
    )

    def gained(column: str) -> str:
        value, low, high = found.cell("brief", "all", column)
        sign = -1.0 if value < 0 else 1.0
        ends = interval_told(min(sign * low, sign * high), max(sign * low, sign * high), POUNDS)
        word = "lose" if value < 0 else "gain"
        return f"{word} {told(sign * value, POUNDS)}" + (f" ({ends})" if ends else "")

    second = (
        f"With all that it costs them counted, people in the lowest three tenths of household income would "
        f"{gained('lowest three tenths')} a year on average, those in the middle four {gained('middle four tenths')} and those in "
        f"the highest three {gained('highest three tenths')}, and adults with under £1,000 to fall back on would go from "
        f"{of('under £1,000, without')} to {of('under £1,000, with')} by the end of {tax_year(year_of(ground.opens + years - 1))}."
    )
    return first, second
