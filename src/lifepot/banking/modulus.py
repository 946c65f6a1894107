"""Whether an account number can belong to a sort code: the published modulus checks of the UK's banks.

A sort code has one or two rows of weights, one for each of the 14 digits `uvwxyz abcdefgh` of sort code and account
number. The digits times the weights are added up (for DBLAL, the digits of each product), and the sum must be
divisible by 10 or 11. Fourteen numbered exceptions change this for certain banks. A number that passes *can* exist; one
that fails cannot. Many sort codes have no row, and then nothing is known.

The rules are those of "Validating account numbers: UK modulus checking" (Vocalink, for Pay.UK), whose 34 worked examples
are the tests. **The table is not shipped**: the copies that stand in public repositories are marked as Vocalink's
copyright and not for passing on. An operator downloads `valacdos.txt` and `scsubtab.txt`, which are free to use
and change a few times a year, and reads them with `read_table`. Without a table, or without a row, the answer is
`UNCHECKED`, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lifepot.errors import Fault


class Method(StrEnum):
    """How the products are added up, and what must divide the sum."""

    MOD10 = "MOD10"
    MOD11 = "MOD11"
    DBLAL = "DBLAL"


class Answer(StrEnum):
    """What a check says."""

    VALID = "valid"
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer, and why, as part of a sentence."""

    answer: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One row: the sort codes from `first` to `last`, six digits each, and the weights of `uvwxyzabcdefgh`."""

    first: str
    last: str
    method: Method
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True, slots=True)
class ModulusTable:
    """The rows in the file's order, and the sort codes that exception 5 takes for others."""

    rows: tuple[Weights, ...] = ()
    substitutes: Mapping[str, str] = field(default_factory=dict)

    def of(self, sort_code: str) -> tuple[Weights, ...]:
        """The rows of a sort code: none, one or two."""
        return tuple(row for row in self.rows if row.first <= sort_code <= row.last)


def read_table(
    weights: bytes, substitutes: bytes = b"", *, file: str = "valacdos.txt", substitutes_file: str = "scsubtab.txt"
) -> tuple[ModulusTable, tuple[Fault, ...]]:
    """The table from the two files as they are published; rows with a fault are not in it.

    weights      lines of: first and last sort code, method, 14 weights, and an exception number if there is one
    substitutes  lines of two sort codes: the one quoted, the one to check
    """
    faults: list[Fault] = []
    rows = []
    for number, words in _lines(weights):
        row = _row(words)
        if row is None:
            expected = "two sort codes, MOD10, MOD11 or DBLAL, 14 weights and an exception number if there is one"
            faults.append(Fault(file, number, 0, "layout_unknown", "", " ".join(words)[:80], expected))
        else:
            rows.append(row)
    pairs = {}
    for number, words in _lines(substitutes):
        if len(words) != 2 or not all(_is_sort_code(word) for word in words):
            found = " ".join(words)[:80]
            faults.append(Fault(substitutes_file, number, 0, "layout_unknown", "", found, "two sort codes"))
        else:
            pairs[words[0]] = words[1]
    return ModulusTable(tuple(rows), pairs), tuple(faults)


def _lines(octets: bytes) -> list[tuple[int, list[str]]]:
    """The words of every line that has some, with its number."""
    lines = octets.decode("ascii", "replace").splitlines()
    return [(number, line.split()) for number, line in enumerate(lines, start=1) if line.strip("\x1a \t")]


def _is_sort_code(word: str) -> bool:
    return len(word) == 6 and word.isascii() and word.isdigit()


def _row(words: list[str]) -> Weights | None:
    """A row of the table; None if it is none."""
    if len(words) not in {17, 18} or not all(map(_is_sort_code, words[:2])) or words[2] not in set(Method):
        return None
    figures = words[3:]
    if not all(figure.isascii() and figure.removeprefix("-").isdigit() and len(figure) <= 4 for figure in figures):
        return None
    weights = tuple(int(figure) for figure in figures[:14])
    return Weights(words[0], words[1], Method(words[2]), weights, int(figures[14]) if len(figures) == 15 else 0)


def check_account(table: ModulusTable, sort_code: str, account_number: str) -> Checked:
    """Whether the account can exist: `sort_code` of six digits, `account_number` of eight."""
    if not _is_sort_code(sort_code):
        return Checked(Answer.INVALID, "a sort code has six digits")
    if len(account_number) != 8 or not (account_number.isascii() and account_number.isdigit()):
        return Checked(Answer.INVALID, "an account number has eight digits")
    rows = table.of(sort_code)
    if not rows:
        return Checked(Answer.UNCHECKED, "no check is known for this sort code")
    unknown = [row.exception for row in rows if row.exception not in range(15)]
    if unknown or len(rows) > 2:
        return Checked(Answer.UNCHECKED, "the table asks for a check that is not known here")
    if rows[0].exception == 6 and account_number[0] in "45678" and account_number[6] == account_number[7]:
        return Checked(Answer.UNCHECKED, "an account in a foreign currency, which has no check digit")

    first = _passes(rows[0], table, sort_code, account_number)
    if len(rows) == 1:
        return _told(first, "its check digits are right", "its check digits are wrong")
    if (rows[0].exception, rows[1].exception) in {(2, 9), (10, 11), (12, 13)}:
        either = first or _passes(rows[1], table, sort_code, account_number)
        return _told(either, "one of two checks passes", "neither of two checks passes")
    if not first:
        return _told(False, "", "the first of two checks fails")
    if rows[1].exception == 3 and account_number[2] in "69":
        return _told(True, "the first check passes, and the second is not for this account", "")
    second = _passes(rows[1], table, sort_code, account_number)
    return _told(second, "both checks pass", "the second of two checks fails")


def _told(passes: bool, right: str, wrong: str) -> Checked:  # noqa: FBT001 - the answer itself
    return Checked(Answer.VALID, right) if passes else Checked(Answer.INVALID, wrong)


LLOYDS_EURO = "309634"
"""The branch that holds all euro accounts of a bank whose customers quote their own branch (exception 9)."""

_MONEYMAKER = "090126"
"""The sort code to check in place of one that took over its accounts (exception 8)."""

_STERLING = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
_STERLING_G9 = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)


def _passes(row: Weights, table: ModulusTable, sort_code: str, account_number: str) -> bool:
    """Whether one row's check passes."""
    a, g, h = account_number[0], account_number[6], account_number[7]
    weights = row.weights
    if row.exception == 2 and a != "0":
        weights = _STERLING_G9 if g == "9" else _STERLING
    elif g == "9" and (row.exception == 7 or (row.exception == 10 and account_number[:2] in {"09", "99"})):
        weights = (0,) * 8 + weights[8:]
    elif row.exception == 5:
        sort_code = table.substitutes.get(sort_code, sort_code)
    elif row.exception == 8:
        sort_code = _MONEYMAKER
    elif row.exception == 9:
        sort_code = LLOYDS_EURO

    total = _total(row.method, weights, sort_code + account_number)
    if row.exception == 1:
        total += 27
    modulus = 11 if row.method is Method.MOD11 else 10
    remainder = total % modulus
    if row.exception == 4:
        return remainder == int(g + h)
    if row.exception == 5:
        # The check digit is what is left to the next multiple; of a remainder of 1 to 11, 10 is no digit.
        digit = g if row.method is Method.MOD11 else h
        return (modulus - remainder) % modulus == int(digit)
    if row.exception == 14 and remainder and h in "019":
        return _total(row.method, weights, sort_code + "0" + account_number[:7]) % modulus == 0
    return remainder == 0


def _total(method: Method, weights: tuple[int, ...], digits: str) -> int:
    products = [weight * int(digit) for weight, digit in zip(weights, digits, strict=True)]
    if method is Method.DBLAL:
        return sum(sum(divmod(product, 10)) for product in products)
    return sum(products)
