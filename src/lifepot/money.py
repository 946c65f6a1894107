"""Money: integers of a currency's minor unit, exact. Text comes in and goes out here and nowhere else."""

import re

EXPONENT_BY_CURRENCY = {"GBP": 2, "EUR": 2, "SGD": 2, "NZD": 2, "USD": 2}
SYMBOL_BY_CURRENCY = {"GBP": "£", "EUR": "€", "SGD": "S$", "NZD": "NZ$", "USD": "$"}

LARGEST_MINOR = 10**15
"""Ten million million pounds. A larger figure in a file is a slip of the keyboard; refusing it here also keeps
every running total in the kernel far from the end of int64."""

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


def parse_minor(text: str) -> int:
    """Minor units from text in major units: "12", "12.5", "12.50", "-3.00".

    Raises ValueError for a comma, a third decimal, a sign before the figure other than "-", spaces within, or an
    amount above `LARGEST_MINOR`.
    """
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount such as 12.50")
    whole, _, decimals = text.lstrip("-").partition(".")
    minor = int(whole) * 100 + int(decimals.ljust(2, "0") or 0)
    if minor > LARGEST_MINOR:
        raise ValueError(f"{text!r} is larger than any amount we take")
    return -minor if text.startswith("-") else minor


def format_minor(minor: int, currency: str = "") -> str:
    """Text in major units with two decimals; with a currency, as a person reads it: "-£1,234.50"."""
    sign = "-" if minor < 0 else ""
    whole, decimals = divmod(abs(minor), 100)
    if currency:
        return f"{sign}{SYMBOL_BY_CURRENCY[currency]}{whole:,}.{decimals:02d}"
    return f"{sign}{whole}.{decimals:02d}"
