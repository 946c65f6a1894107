"""The small texts inside a rulebook: money, rates, ages, days. Each parser says what would have been right."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from lifepot.money import LARGEST_MINOR
from lifepot.periods import parse_day

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(%|(?:p|c) per (?:£|€|\$|S\$|NZ\$)1|)")
_FRACTION = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_AGE = re.compile(r"([0-9]{1,3})(?:y(?: (1[01]|[0-9])m)?)?")
_AMOUNT = re.compile(r"0*([0-9]+)(?:\.([0-9]{1,2}))?")
_SPAN = re.compile(r"(?:([0-9]{1,3})y)?(?:(?:^| )([0-9]{1,3})m)?(?:(?:^| )([0-9]{1,4})d)?")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")

ROUNDINGS = {"half_up", "down", "up", "half_even"}
MINOR_WORDS = {"penny", "cent"}
MAJOR_WORDS = {"pound", "euro", "dollar"}
MINOR_PER_MAJOR = 100
MOST_DIGITS = len(str(LARGEST_MINOR)) - 2
"""Digits before the point of the largest amount."""

LARGEST_RATE = 10
"""1,000 %, ten pounds on each: more than any scheme gives."""

MOST_MONTHS = 1_200
"""A hundred years. Longer windows and waits are slips of the keyboard, and would leave the calendar."""

MOST_BACK = 60
"""Windows to look back: five years of months. Each is kept for each member."""

MOST_MONTHS_AVERAGED = 120
"""Ten years. An average looks at each of their days."""


class Speech(NamedTuple):
    """How people speak of a currency: its words, and how they write a rate in it: "25c per €1"."""

    minor: str
    major: str
    sign: str
    symbols: tuple[str, ...]


SPEECH_BY_CURRENCY = {
    "GBP": Speech("penny", "pound", "p", ("£",)),
    "EUR": Speech("cent", "euro", "c", ("€",)),
    "SGD": Speech("cent", "dollar", "c", ("$", "S$")),
    "NZD": Speech("cent", "dollar", "c", ("$", "NZ$")),
    "USD": Speech("cent", "dollar", "c", ("$",)),
}
SIGNS = "£€$"
"""Signs that say which currency a figure is in."""


class Absurd(ValueError):
    """A figure that reads, and that nobody means."""


YES, NO = {"yes", "true", "y", "1"}, {"no", "false", "n", "0"}
"""How files and spreadsheets write it, in capitals or not."""


def parse_rate(text: str) -> Fraction:
    """An exact rate from "3%", "50p per £1", "25c per €1", "0.25" or "1/3". Raises `Absurd` for a bare 1 or more, which
    may be meant as a percentage or as it stands, and for more than 1,000 %.
    """
    rate, bare = _rate(text)
    if bare and rate >= 1:
        other = f"{_decimal(rate * 100)}%" if rate <= LARGEST_RATE else _decimal(rate / 100)
        raise Absurd(f"{text!r} ({_decimal(rate * 100)} %) is not {_decimal(rate)}% or {other}")
    if rate > LARGEST_RATE:
        raise Absurd(f"{text!r} is not a rate of at most {LARGEST_RATE * 100:,} %")
    return rate


def _rate(text: str) -> tuple[Fraction, bool]:
    """The rate, and whether it is a number without a sign."""
    if match := _FRACTION.fullmatch(text):
        if int(match[2]) == 0:
            raise ValueError(f"{text!r}, which divides by nothing, is not a rate such as 1/3")
        return Fraction(int(match[1]), int(match[2])), False
    if match := _RATE.fullmatch(text):
        return Fraction(match[1]) / (1 if match[2] == "" else 100), match[2] == ""
    raise ValueError(f"{text!r} is not a rate such as 3%, 0.03, 1/3 or 50p per £1")


def _decimal(figure: Fraction) -> str:
    """A number of few decimals as people write it: "2500" or "0.125"."""
    return str(figure.numerator) if figure.denominator == 1 else f"{float(figure):.9g}"


def put_right(text: str, currency: str) -> str | None:
    """The same rate or rounding in the words of a currency, where it is said in those of another; else None."""
    own = SPEECH_BY_CURRENCY[currency]
    if (match := _RATE.fullmatch(text)) and " per " in match[2]:
        sign, _, one = match[2].partition(" per ")
        return None if sign == own.sign and one[:-1] in own.symbols else f"{match[1]}{own.sign} per {own.symbols[-1]}1"
    how, _, to = text.partition(" ")
    if how not in ROUNDINGS or to in {own.minor, own.major}:
        return None
    word = own.minor if to in MINOR_WORDS else own.major if to in MAJOR_WORDS else None
    return word and f"{how} {word}"


def parse_money(text: str) -> int:
    """Minor units from "1200" or "1200.00"; never negative. Raises `Absurd` for more than anybody has."""
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not an amount such as 12.50, zero or more")
    whole, decimals = match[1], match[2] or ""
    if len(whole) > MOST_DIGITS or (minor := int(whole + decimals.ljust(2, "0"))) > LARGEST_MINOR:
        raise Absurd(f"{text!r} is not an amount of at most {LARGEST_MINOR // MINOR_PER_MAJOR:,}")
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


def parse_months(text: str, most: int = MOST_MONTHS) -> int:
    """A whole number of months, a hundred years at most."""
    months = parse_number(text)
    if months > most:
        raise Absurd(f"{text!r} is not at most {most:,}")
    return months


def parse_back(text: str) -> int:
    """A whole number of windows to look back."""
    return parse_months(text, MOST_BACK)


def parse_months_averaged(text: str) -> int:
    """A whole number of months of which an average is taken."""
    return parse_months(text, MOST_MONTHS_AVERAGED)


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


PARSER_BY_UNIT: dict[str, Callable[[str], int | Fraction]] = {
    "money": parse_money,
    "rate": parse_rate,
    "age": parse_age,
    "number": parse_number,
    "day": parse_day,
}
"""What a value's figures are read with, by its unit."""

PARSER_BY_KIND: dict[str, Callable[[str], int]] = {
    "yes_no": parse_yes_no,
    "money": parse_money,
    "percent": parse_percent,
    "number": parse_number,
    "day": parse_day,
}
"""What an attribute's values are read with, by its kind (a choice is read by its list)."""
