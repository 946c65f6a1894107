"""References that a payment carries out and brings back: short, without look-alikes, and with check digits.

A reference is an ISO 11649 creditor reference of a fixed shape: `RF`, two check digits, a letter for what it is, and
nine digits, as in `RF93W000000123`. That is 14 characters of `A-Z` and `0-9`, so it fits a Bacs reference (18), a
Faster Payment, and a SEPA creditor reference, and any bank's screen that knows ISO 11649 checks it.

Why one wrong character, or two neighbours in each other's place, is always noticed: the shape fixes where letters
and where digits stand, so that a letter in a digit's place is no reference at all; what is left is a digit for a digit
or a letter for a letter, which changes a number by less than 97 times a power of ten, and a swap, which changes it by
9 or 99 times a difference below 97. 97 is a prime, and divides none of these.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lifepot.errors import Misuse


class Kind(StrEnum):
    """What a reference is of. None of the letters is taken for a digit, or for another of them."""

    WITHDRAWAL = "W"
    CLAIM = "C"
    REMITTANCE = "P"
    """Money that a payer sends with a file."""
    REFUND = "F"
    """Money sent back to a payer."""


LARGEST_NUMBER = 10**9 - 1
LENGTH = 14

_LETTERS = "".join(Kind)
_GAP = r"[\s\-./:,_]*"
_SHAPE = re.compile(
    rf"RF([0-9]{{2}})([{_LETTERS}])([0-9]{{9}})".replace("RF", f"R{_GAP}F{_GAP}")
    .replace("([0-9]{2})", f"([0-9]{_GAP}[0-9]){_GAP}")
    .replace("([0-9]{9})", rf"{_GAP}([0-9](?:{_GAP}[0-9]){{8}})(?![0-9])"),
    re.IGNORECASE | re.ASCII,
)
"""The shape with gaps allowed anywhere; a digit that follows at once would make it another number."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that was recognised: what it is of, and which one."""

    kind: Kind
    number: int

    def __str__(self) -> str:
        return make_reference(self.kind, self.number)


def make_reference(kind: Kind, number: int) -> str:
    """The reference of the `number`-th thing of a kind, from 1 to 999,999,999; 14 characters."""
    if not 1 <= number <= LARGEST_NUMBER:
        raise Misuse(
            f"{number} has no reference.",
            remedy=f"Number what is paid from 1 to {LARGEST_NUMBER}.",
        )
    body = f"{kind.value}{number:09d}"
    return f"RF{_check_digits(body)}{body}"


def find_references(text: str) -> tuple[Reference, ...]:
    """The references in free text, in their order, each once; whatever its case, spaces and punctuation.

    One with a wrong check digit is not among them: it is nobody's, and a person must look.
    """
    return tuple(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[Reference]:
    for match in _SHAPE.finditer(text):
        check, letter, digits = (re.sub(r"[^0-9A-Za-z]", "", part).upper() for part in match.groups())
        if check == _check_digits(letter + digits) and int(digits):
            yield Reference(Kind(letter), int(digits))


def is_creditor_reference(text: str) -> bool:
    """Whether a text is a sound ISO 11649 reference of anybody's: RF, two check digits, up to 21 letters and digits."""
    plain = text.replace(" ", "").upper()
    return bool(re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", plain)) and _remainder(plain[4:] + plain[:4]) == 1


def _check_digits(body: str) -> str:
    return f"{98 - _remainder(body + 'RF00'):02d}"


def _remainder(text: str) -> int:
    """ISO 7064 MOD 97-10: a letter counts as two digits, A as 10 to Z as 35."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97
