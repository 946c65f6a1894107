"""Amounts, days and accounts as banks write them. What cannot be read is a `CellError`: a code, and what is expected."""

import re
from datetime import date

from lifepot.intake.parsers import CellError
from lifepot.money import EXPONENT_BY_CURRENCY, LARGEST_MINOR, parse_minor
from lifepot.periods import date_of, parse_day

_ISO_AMOUNT = re.compile(r"\+?([0-9]*)(?:\.([0-9]*))?")
_SIGNED = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]{1,2})?)")
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_ISO_DAY = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:T[0-9:.,]{{1,20}})?{_ZONE}", re.ASCII)
_BRITISH_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)


def iso_minor(text: str, currency: str) -> int:
    """Minor units of an ISO 20022 amount, "100", "12.5" or "12.50000", which has no sign. Raises `CellError`."""
    if EXPONENT_BY_CURRENCY.get(currency) != 2:
        raise CellError("currency_unknown", "one of " + ", ".join(EXPONENT_BY_CURRENCY))
    match = _ISO_AMOUNT.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise _no_amount(text)
    decimals = (match[2] or "").rstrip("0")
    if len(decimals) > 2:
        raise CellError("amount_decimals", f"at most two decimals of {currency}")
    return _minor(f"{match[1].lstrip('0') or '0'}.{decimals or '0'}")


def signed_minor(text: str) -> int:
    """Minor units of an amount in a row, "12.50", "-12.5" or "+12". Raises `CellError`."""
    match = _SIGNED.fullmatch(text)
    if match is None:
        raise _no_amount(text)
    return -_minor(match[2]) if match[1] == "-" else _minor(match[2])


def _minor(text: str) -> int:
    try:
        return parse_minor(text)
    except ValueError:
        raise CellError("amount_too_large", f"an amount of at most {LARGEST_MINOR // 100}.00") from None


def _no_amount(text: str) -> CellError:
    if "," in text:
        return CellError("amount_comma", "an amount without commas, such as 1234.50")
    if re.fullmatch(r"[+-]?[0-9]+\.[0-9]{3,}", text, re.ASCII):
        return CellError("amount_decimals", "an amount with at most two decimals, such as 12.50")
    return CellError("amount_not_number", "an amount such as 12.50")


def iso_day(text: str) -> date:
    """The day of an ISO date or moment as the bank states it, whatever its zone. Raises `CellError`."""
    match = _ISO_DAY.fullmatch(text)
    if match is None:
        raise CellError("date_impossible", "a day such as 2026-04-06")
    return _day(match[1])


def any_day(text: str) -> date:
    """The day of "2026-04-06" or of "06/04/2026", day before month. Raises `CellError`."""
    match = _BRITISH_DAY.fullmatch(text)
    return _day(f"{match[3]}-{match[2]}-{match[1]}" if match else text)


def _day(text: str) -> date:
    try:
        return date_of(parse_day(text))
    except ValueError:
        raise CellError("date_impossible", "a day such as 2026-04-06 or 06/04/2026") from None


def is_sort_code(text: str) -> bool:
    """Six digits."""
    return re.fullmatch(r"[0-9]{6}", text) is not None


def is_account_number(text: str) -> bool:
    """Eight digits."""
    return re.fullmatch(r"[0-9]{8}", text) is not None


def is_iban(text: str) -> bool:
    """An IBAN in capitals without spaces whose check digits (ISO 13616) are right; its country's length is not known."""
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", text) is None:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def is_bic(text: str) -> bool:
    """A bank's code (ISO 9362): bank, country and place, and a branch or none."""
    return re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", text) is not None
