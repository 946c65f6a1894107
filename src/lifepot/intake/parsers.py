"""What a cell of text means. Each parser says it twice: `many` for a whole column at array speed, and `one` exactly.

`many` may doubt a cell, and never takes one that `one` would refuse or read otherwise; what it doubts goes to `one`,
which returns the value or raises a `CellError` that says what would be right. An empty cell is "not said".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifepot.intake.cells import Bool, Int, Octets, Span, Words, gather, gather_text, gather_words
from lifepot.kernel.columns import NONE
from lifepot.money import LARGEST_MINOR, parse_minor

EPOCH = date(1970, 1, 1)
SECONDS_A_DAY = 86_400
FIRST_YEAR, LAST_YEAR = 1900, 2199


class CellError(ValueError):
    """A cell that cannot be read: the fault's code, and what would be right."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected


class Parser(Protocol):
    """How a column's cells become values of one dtype."""

    @property
    def blank(self) -> int | bytes:
        """The value of a cell that says nothing."""
        ...

    def many(self, buffer: Octets, span: Span) -> tuple[NDArray[Any], Bool]:
        """The values (n,), and which cells, of those that are not empty, must be read by `one`."""
        ...

    def one(self, text: str) -> int | bytes:
        """The value of one cell, exactly. Raises `CellError`."""
        ...


# ---- Digits, eight at a time: the bytes of a uint64 are worked on side by side, and no byte is looked at alone.

_ZEROS = np.uint64(0x3030303030303030)
_HIGH_NIBBLES = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIXES = np.uint64(0x0606060606060606)


def _all_digits(words: Words) -> Bool:
    """Whether each of the eight bytes is "0" to "9": its high nibble is 3, and still is after 6 is added."""
    digits: Bool = ((words & _HIGH_NIBBLES) == _ZEROS) & (((words + _SIXES) & _HIGH_NIBBLES) == _ZEROS)
    return digits


def _number(words: Words) -> Int:
    """The number that eight digits spell: neighbours are joined to pairs, pairs to fours, fours to the eight."""
    words = (words & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(10 * 2**8 + 1) >> np.uint64(8)
    words = (words & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(100 * 2**16 + 1) >> np.uint64(16)
    words = (words & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(10_000 * 2**32 + 1) >> np.uint64(32)
    return words.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in major units, "1234.50", as minor units; also hours, "37.5", as hundredths. int64."""

    blank: int = NONE

    def many(self, buffer: Octets, span: Span) -> tuple[Int, Bool]:
        """Reads "123.45" and "123" of up to eight digits before the point."""
        pointed = (buffer[span.stop - 3] == ord(".")) & (span.length > 3)
        whole_stop = np.where(pointed, span.stop - 3, span.stop)
        whole_length = whole_stop - span.start
        # Bytes before the cell are shifted out at the low end, and zeros put in their place.
        shift = (np.clip(8 - whole_length, 0, 7) * 8).astype(np.uint64)
        words = gather_words(buffer, whole_stop - 8) >> shift << shift
        words |= _ZEROS & ((np.uint64(1) << shift) - np.uint64(1))
        tens, ones = buffer[span.stop - 2] - np.uint8(48), buffer[span.stop - 1] - np.uint8(48)
        sound = _all_digits(words) & (whole_length >= 1) & (whole_length <= 8)
        sound &= ~pointed | ((tens <= 9) & (ones <= 9))
        minor = _number(words) * 100 + np.where(pointed, tens * np.int64(10) + ones, 0)
        return np.where(sound, minor, NONE), ~sound & (span.length > 0)

    def one(self, text: str) -> int:
        """Minor units; refuses what `parse_minor` refuses, and a negative amount."""
        try:
            minor = parse_minor(text)
        except ValueError:
            if "," in text:
                raise CellError("amount_comma", "an amount without commas, such as 1234.50") from None
            if re.fullmatch(r"-?[0-9]+\.[0-9]{3,}", text):
                raise CellError("amount_decimals", "an amount with at most two decimals, such as 12.50") from None
            if re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", text):
                raise CellError("amount_too_large", f"an amount of at most {LARGEST_MINOR // 100}.00") from None
            raise CellError("amount_not_number", "an amount such as 12.50") from None
        if minor < 0:
            raise CellError(
                "amount_negative", "an amount of zero or more; a corrected file puts right what an earlier one told"
            )
        return minor


def _month_tables() -> tuple[Int, Int]:
    """By (year - FIRST_YEAR) * 100 + month: days in the month (0: no such month), and its first day less one."""
    size = (LAST_YEAR - FIRST_YEAR + 1) * 100
    length, before = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    months = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]")
    firsts = months.astype("datetime64[D]").astype(np.int64)
    numbers = np.arange(len(months) - 1)
    slots = numbers // 12 * 100 + numbers % 12 + 1
    length[slots], before[slots] = np.diff(firsts), firsts[:-1] - 1
    return length, before


_MONTH_LENGTH, _BEFORE_MONTH = _month_tables()
_DASHES = np.uint64(ord("-") << 32 | ord("-") << 56)
_DASH_PLACES = np.uint64(0xFF << 32 | 0xFF << 56)


@dataclass(frozen=True, slots=True)
class Day:
    """A date, "2026-04-06", as days since 1970-01-01. int64."""

    blank: int = NONE

    def many(self, buffer: Octets, span: Span) -> tuple[Int, Bool]:
        """Reads every possible date; doubts the others."""
        pairs = gather(buffer, span.start, 16).view(np.uint64)  # one gather for two words: YYYY-MM- and DD
        words = pairs[:, 0]
        digits = words & np.uint64(0xFFFFFFFF)
        digits |= (words >> np.uint64(40) & np.uint64(0xFFFF)) << np.uint64(32)
        digits |= pairs[:, 1] << np.uint64(48)
        number = _number(digits)
        month = number // 100
        slot = month - FIRST_YEAR * 100
        sound = (span.length == 10) & ((words & _DASH_PLACES) == _DASHES) & _all_digits(digits)
        sound &= (slot >= 0) & (slot < len(_MONTH_LENGTH))
        slot[~sound] = 0
        day = number - month * 100
        sound &= (day >= 1) & (day <= _MONTH_LENGTH[slot])
        return np.where(sound, _BEFORE_MONTH[slot] + day, NONE), ~sound & (span.length > 0)

    def one(self, text: str) -> int:
        """The day; refuses other forms and impossible days."""
        try:
            # Checked before, because fromisoformat also takes 20260406 and 2026-W15-1.
            when = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
        except ValueError:
            when = None
        if when is None or not FIRST_YEAR <= when.year <= LAST_YEAR:
            raise CellError("date_impossible", "a day of the calendar, such as 2026-04-06")
        return (when - EPOCH).days


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, "2026-05-03T09:15:00Z" or with "+01:00", as seconds since 1970; without an offset, UTC. int64."""

    blank: int = NONE

    def many(self, buffer: Octets, span: Span) -> tuple[Int, Bool]:
        """Reads moments to the second, with Z or nothing after it."""
        day, doubtful = Day().many(buffer, Span(span.start, span.start + 10))
        clock = gather_words(buffer, span.start + 11)  # HH:MM:SS
        digits = np.uint64(0x3030) | (clock & np.uint64(0xFFFF)) << np.uint64(16)
        digits |= (clock >> np.uint64(24) & np.uint64(0xFFFF)) << np.uint64(32)
        digits |= clock >> np.uint64(48) << np.uint64(48)
        number = _number(digits)  # 00HHMMSS
        hour, minute, second = number // 10_000, number // 100 % 100, number % 100
        colons = np.uint64(0x00_00_FF_00_00_FF_00_00)
        sound = ~doubtful & (buffer[span.start + 10] == ord("T")) & _all_digits(digits)
        sound &= (clock & colons) == np.uint64(0x00_00_3A_00_00_3A_00_00)
        sound &= (hour < 24) & (minute < 60) & (second < 60)
        sound &= (span.length == 19) | ((span.length == 20) & (buffer[span.start + 19] == ord("Z")))
        moment = np.where(sound, day, 0) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second
        return np.where(sound, moment, NONE), ~sound & (span.length > 0)

    def one(self, text: str) -> int:
        """The moment, to the second below."""
        try:
            when = datetime.fromisoformat(text) if len(text) > len("2026-05-03") else None
        except ValueError:
            when = None
        if when is None or not FIRST_YEAR <= when.year <= LAST_YEAR:
            raise CellError("moment_impossible", "a moment such as 2026-05-03T09:15:00Z")
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() // 1)


NEVER_FIRST = "DFIQUV"
NEVER_SECOND = "DFIQUVO"
NEVER_PREFIX = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
"""HMRC, National Insurance Manual NIM39110: letters not used, and prefixes not allocated. TN numbers are temporary."""


def _prefix_table() -> Bool:
    """Which pairs of letters begin a number: bool (65536,), by first byte times 256 + second."""
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    table = np.zeros(65_536, dtype=np.bool_)
    for first in letters:
        for second in letters:
            if first not in NEVER_FIRST and second not in NEVER_SECOND and first + second not in NEVER_PREFIX:
                table[ord(first) * 256 + ord(second)] = True
    return table


_PREFIXES = _prefix_table()
_SUFFIXES = np.isin(np.arange(256), [0, *b"ABCD"])


@dataclass(frozen=True, slots=True)
class Nino:
    """A National Insurance number, "RN000008A", the last letter optional; S9, in capitals without spaces."""

    blank: bytes = b""

    def many(self, buffer: Octets, span: Span) -> tuple[NDArray[np.bytes_], Bool]:
        """Reads what is already written as it should be."""
        values = gather_text(buffer, span, 9)
        octets = values.view(np.uint8).reshape(-1, 9)
        digits = gather_words(buffer, span.start + 2) << np.uint64(16) | np.uint64(0x3030)
        sound = _PREFIXES[octets[:, 0] * np.int64(256) + octets[:, 1]] & _SUFFIXES[octets[:, 8]]
        sound &= _all_digits(digits) & ((span.length == 9) | (span.length == 8))
        values[~sound] = b""
        return values, ~sound & (span.length > 0)

    def one(self, text: str) -> bytes:
        """The number, in capitals without spaces."""
        number = re.sub(r"\s", "", text).upper()
        shape = re.fullmatch(r"[A-Z]{2}[0-9]{6}[A-D]?", number)
        if number[:2] == "TN" and shape:
            raise CellError(
                "nino_impossible", "an issued number; leave a temporary one out and give payroll id and birth"
            )
        if not shape or not _PREFIXES[ord(number[0]) * 256 + ord(number[1])]:
            raise CellError("nino_impossible", "two letters in use, six digits and A to D, such as RN000008A")
        return number.encode()


@dataclass(frozen=True, slots=True)
class Name:
    """A short name given to something (a payroll id, a job), as S{width} of UTF-8."""

    width: int = 35
    blank: bytes = b""

    def many(self, buffer: Octets, span: Span) -> tuple[NDArray[np.bytes_], Bool]:
        """Reads what fits and has neither a quotation mark nor a space at its ends."""
        values = gather_text(buffer, span, self.width)
        edges = (buffer[span.start] <= 32) | (buffer[span.stop - 1] <= 32)
        quoted = (values.view(np.uint8).reshape(-1, self.width) == ord('"')).any(axis=1)
        doubtful = ((span.length > self.width) | edges | quoted) & (span.length > 0)
        return values, doubtful

    def one(self, text: str) -> bytes:
        """The name's bytes."""
        octets = text.encode()
        if len(octets) > self.width:
            raise CellError("text_too_long", f"at most {self.width} bytes")
        return octets


@dataclass(frozen=True)
class Word:
    """One of a few words, as the number each stands for; `code` is the fault for any other. int64."""

    numbers: Mapping[str, int]
    code: str
    blank: int = NONE

    def many(self, buffer: Octets, span: Span) -> tuple[Int, Bool]:
        """Reads words of up to eight bytes, written exactly so."""
        beyond = np.clip(8 - span.length, 0, 7) * 8  # bits of the eight bytes that are not the cell's
        keys = gather_words(buffer, span.start) & (np.uint64(2**64 - 1) >> beyond.astype(np.uint64))
        values = np.full(len(keys), NONE, dtype=np.int64)
        sound = np.zeros(len(keys), dtype=np.bool_)
        for word, number in self.numbers.items():
            if len(word) <= 8:
                same = keys == np.uint64(int.from_bytes(word.encode(), "little"))
                values[same] = number
                sound |= same
        sound &= (span.length >= 1) & (span.length <= 8)
        values[~sound] = NONE
        return values, ~sound & (span.length > 0)

    def one(self, text: str) -> int:
        """The word's number, whatever its capitals."""
        for word, number in self.numbers.items():
            if word.casefold() == text.casefold():
                return number
        raise CellError(self.code, "one of " + ", ".join(self.numbers))
