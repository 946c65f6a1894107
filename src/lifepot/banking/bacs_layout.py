"""Where every field of a Bacs Standard 18 file stands: one table, by which the file is written and read.

The standard itself (Bacs, "Electronic Funds Transfer, File Structures", PN5011) is given to service users alone.
The table is put together from public descriptions that agree but for what `docs/banking.md` names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LABEL_LENGTH = 80
SINGLE_LENGTH, MULTI_LENGTH = 100, 106

SINGLE_DAY, MULTI_DAY = "1 DAILY  ", "4 MULTI  "
"""The work code: one processing day for the whole file, or one for each record."""

CREDIT_CODE, CONTRA_CODE = "99", "17"
"""A payment to somebody, and the debit of our own account that makes the file balance."""

CONTRA = "CONTRA"


@dataclass(frozen=True, slots=True)
class Slot:
    """A field: its first position from 1, its length, and what is written if nobody says otherwise."""

    name: str
    start: int
    length: int
    fixed: str | None = None


def _row(*fields: tuple[str, int] | tuple[str, int, str]) -> tuple[Slot, ...]:
    """Slots one after another: name and length, and a fixed text where there is one. `_` is left blank."""
    slots, at = [], 1
    for name, length, *fixed in fields:
        text = fixed[0] if fixed else " " * length if name == "_" else None
        assert text is None or len(text) == length, name
        slots.append(Slot(name, at, length, text))
        at += length
    return tuple(slots)


_FILE = (
    ("file_mark", 1, "A"),
    ("service_user_number", 6),
    ("set_mark", 1, "S"),
    ("_", 3),
    ("service_user_again", 6),
    ("serial", 6),
    ("section", 4, "0001"),
    ("sequence", 4, "0001"),
    ("_", 6),
    ("created_on", 6),
    ("expires_on", 6),
    ("_", 1),
    ("block_count", 6, "000000"),
    ("_", 20),
)
_RECORDS = (
    ("format", 1, "F"),
    ("block_length", 5, "02000"),
    ("record_length", 5),
    ("_", 35),
    ("offset", 2, "00"),
    ("_", 28),
)

LABELS: Mapping[str, tuple[Slot, ...]] = {
    "VOL1": _row(
        ("label", 4, "VOL1"), ("serial", 6), ("_", 31), ("service_user_number", 6), ("_", 32), ("level", 1, "1")
    ),
    "HDR1": _row(("label", 4, "HDR1"), *_FILE),
    "HDR2": _row(("label", 4, "HDR2"), *_RECORDS),
    "UHL1": _row(
        ("label", 4, "UHL1"),
        ("processing_on", 6),
        ("receiver", 6, "999999"),
        ("_", 4),
        ("currency", 2, "00"),
        ("country", 6, "000000"),
        ("work_code", 9),
        ("file_number", 3),
        ("_", 40),
    ),
    "EOF1": _row(("label", 4, "EOF1"), *_FILE),
    "EOF2": _row(("label", 4, "EOF2"), *_RECORDS),
    "UTL1": _row(
        ("label", 4, "UTL1"),
        ("debit_minor", 13),
        ("credit_minor", 13),
        ("debit_count", 7),
        ("credit_count", 7),
        ("_", 36),
    ),
}
"""The labels, each of 80 characters: before the records the first four, after them the others."""

SINGLE = _row(
    ("sort_code", 6),
    ("account_number", 8),
    ("account_type", 1, "0"),
    ("transaction_code", 2),
    ("own_sort_code", 6),
    ("own_account_number", 8),
    ("free", 4),
    ("amount_minor", 11),
    ("originator", 18),
    ("reference", 18),
    ("payee_name", 18),
)
"""A record of a file with one processing day; the contra has the same."""

MULTI = (*SINGLE, Slot("processing_on", 101, 6))


def compose(slots: Sequence[Slot], values: Mapping[str, str]) -> str:
    """One line. A value shorter than its field is filled up with spaces; a longer one is our own mistake."""
    written = []
    for slot in slots:
        text = slot.fixed if slot.fixed is not None else values[slot.name]
        assert len(text) <= slot.length, f"{slot.name}: {text!r}"
        written.append(text.ljust(slot.length))
    return "".join(written)


def take_apart(slots: Sequence[Slot], line: str) -> dict[str, str]:
    """The fields of a line of the right length, by name, as they are written; blank ones left out."""
    return {slot.name: line[slot.start - 1 : slot.start - 1 + slot.length] for slot in slots if slot.name != "_"}


def slot_of(slots: Sequence[Slot], name: str) -> Slot:
    """A field by its name."""
    return next(slot for slot in slots if slot.name == name)


def write_day(day: date) -> str:
    """A day as ` YYDDD`: two digits of the year, and the day's number in it. Years are from 2000 to 2099."""
    assert 2000 <= day.year <= 2099, day
    return f" {day.year % 100:02d}{day.timetuple().tm_yday:03d}"


def read_day(text: str) -> date | None:
    """The day of ` YYDDD`; None if there is none such."""
    digits = text[1:]
    if len(text) != 6 or text[0] != " " or not (digits.isascii() and digits.isdigit()) or digits[2:] == "000":
        return None
    day = date(2000 + int(digits[:2]), 1, 1) + timedelta(days=int(digits[2:]) - 1)
    return day if day.year % 100 == int(digits[:2]) else None
