"""The small texts inside a rulebook: money, rates, ages, days. Each parser says what would have been right."""

import re
from fractions import Fraction

from lifepot.money import LARGEST_MINOR, parse_minor
from lifepot.periods import parse_day

_RATE = re.compile(r"([0-9]+(?:\.[0-9]{1,6})?) ?(%|p per £1|)")
_FRACTION = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_AGE = re.compile(r"([0-9]{1,3})(?:y(?: ([0-9]{1,2})m)?)?")
_SPAN = re.compile(r"(?:([0-9]{1,3})y)?(?:(?:^| )([0-9]{1,3})m)?(?:(?:^| )([0-9]{1,4})d)?")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")

ROUNDINGS = {"half_up", "down", "up", "half_even"}
MINOR_WORDS = {"penny", "cent"}
MAJOR_WORDS = {"pound", "euro", "dollar"}
MINOR_PER_MAJOR = 100
YES, NO = {"yes", "true", "y", "1"}, {"no", "false", "n", "0"}
"""How files and spreadsheets write it, in capitals or not."""


def parse_rate(text: str) -> Fraction:
    """An exact rate from "3%", "50p per £1", "0.25" or "1/3"."""
    if match := _FRACTION.fullmatch(text):
        if int(match[2]) == 0:
            raise ValueError(f"{text!r} divides by nothing")
        return Fraction(int(match[1]), int(match[2]))
    if match := _RATE.fullmatch(text):
        return Fraction(match[1]) / (1 if match[2] == "" else 100)
    raise ValueError(f"{text!r} is not a rate such as 3%, 0.03, 1/3 or 50p per £1")


def parse_money(text: str) -> int:
    """Minor units from "1200" or "1200.00"; never negative."""
    minor = parse_minor(text.replace("_", ""))
    if not 0 <= minor <= LARGEST_MINOR:
        raise ValueError(f"{text!r} is not an amount such as 1200.00, zero or more")
    return minor


def parse_age(text: str) -> int:
    """Months of age from "16" or "66y 5m"."""
    match = _AGE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not an age such as 16 or 66y 5m")
    return int(match[1]) * 12 + int(match[2] or 0)


def parse_span(text: str) -> tuple[int, int]:
    """Months and days of a length of time from "6y 14d", "18m" or "14d"; months are counted first."""
    match = _SPAN.fullmatch(text)
    if not match or not text or text.startswith(" "):
        raise ValueError(f"{text!r} is not a length of time such as 6y 14d")
    return int(match[1] or 0) * 12 + int(match[2] or 0), int(match[3] or 0)


def parse_number(text: str) -> int:
    """A whole number, zero or more."""
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def parse_month_day(text: str) -> tuple[int, int]:
    """Month and day from "04-06"."""
    match = _MONTH_DAY.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= 12 or not 1 <= int(match[2]) <= 28:
        raise ValueError(f"{text!r} is not a month and day such as 04-06 (day 28 at the latest)")
    return int(match[1]), int(match[2])


def parse_yes_no(text: str) -> int:
    """1 for yes, 0 for no."""
    word = text.lower()
    if word not in YES | NO:
        raise ValueError(f"{text!r} is not yes or no")
    return int(word in YES)


def parse_percent(text: str) -> int:
    """Millionths from a percentage as people write it in a file: "5", "4.5" or "5%"."""
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%?", text)
    if not match:
        raise ValueError(f"{text!r} is not a percentage such as 5 or 4.5")
    return int(Fraction(match[1]) * 10_000)


def parse_rounding(text: str) -> tuple[str, int]:
    """How and to what (in minor units) from "half_up penny" or "down pound"."""
    how, _, to = text.partition(" ")
    if how not in ROUNDINGS or to not in MINOR_WORDS | MAJOR_WORDS:
        raise ValueError(f"{text!r} is not a rounding such as half_up penny or down pound")
    return how, 1 if to in MINOR_WORDS else MINOR_PER_MAJOR


PARSER_BY_UNIT = {
    "money": parse_money,
    "rate": parse_rate,
    "age": parse_age,
    "number": parse_number,
    "day": parse_day,
}
"""What a value's figures are read with, by its unit."""

PARSER_BY_KIND = {
    "yes_no": parse_yes_no,
    "money": parse_money,
    "percent": parse_percent,
    "number": parse_number,
    "day": parse_day,
}
"""What an attribute's values are read with, by its kind (a choice is read by its list)."""
