"""Names as payment systems can carry them: fewer letters than people have.

Stated once, for every format: accents are taken off their letters (`é` is `e`); letters of the Latin script that are
more than an accented one are written with those in `SPELLED` (`ß` is `ss`); typographic marks become their plain kin.
Then each format has its own set. A letter of another script is never guessed at: the text is refused.
"""

import re
import unicodedata

SPELLED = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
    "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T",  # noqa: RUF001
    "ẞ": "SS", "ĸ": "k",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "“": '"', "”": '"',  # noqa: RUF001 - these are meant
    "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-",  # noqa: RUF001 - these too
}  # fmt: skip
"""Letters and marks that taking the accent off does not make plain."""

BACS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.&/- "
"""What a Bacs file can carry."""

ISO = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ "
"""What every bank takes in an ISO 20022 payment: the Latin set of SEPA and SWIFT."""


def bacs_name(text: str) -> str | None:
    """A name in capitals for a Bacs file, not shortened; None if it has letters of another script.

    An apostrophe is left out (`O'Brien` is `OBRIEN`); any other mark that Bacs does not carry becomes a space.
    """
    return _within(BACS, _plain(text).replace("'", "").upper())


def iso_text(text: str) -> str | None:
    """A text for an ISO 20022 payment, not shortened; None if it has letters of another script.

    `&` becomes `+`; any other mark outside the set becomes a space.
    """
    return _within(ISO, _plain(text).replace("&", "+"))


def outside(letters: str, text: str) -> str:
    """The first character of a text that a set does not have; "" if it has all."""
    return next((letter for letter in text if letter not in letters), "")


def _plain(text: str) -> str:
    spelled = "".join(SPELLED.get(letter, letter) for letter in unicodedata.normalize("NFC", text))
    return "".join(each for each in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(each))


def _within(letters: str, text: str) -> str | None:
    kept = [letter if letter in letters or letter.isalnum() else " " for letter in text]
    joined = re.sub(" +", " ", "".join(kept)).strip()
    return None if outside(letters, joined) else joined
