"""Secrets that are handed out once and kept as hashes: cookies, keys, codes. Each has at least 128 random bits, so that nobody
guesses one and its hash needs neither salt nor slowness.
"""

import secrets
from hashlib import sha256
from hmac import compare_digest, new

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of codes that people type: none that is taken for another."""


def secret() -> str:
    """256 random bits, as text for a cookie or a key."""
    return secrets.token_urlsafe(32)


def code() -> str:
    """A code to type, in groups of five: 30 letters to the power of 30, some 147 bits."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(30))
    return "-".join(letters[at : at + 5] for at in range(0, 30, 5))


def hash_of(text: str) -> bytes:
    """What is kept of a secret."""
    return sha256(text.encode()).digest()


def hash_of_code(text: str) -> bytes:
    """What is kept of a code, however somebody types it."""
    return hash_of("".join(letter for letter in text.upper() if letter in LETTERS))


def form_token(session: bytes) -> str:
    """What a form of a session carries, and no other site can know."""
    return new(session, b"form", sha256).hexdigest()


def is_form_token(session: bytes, text: str) -> bool:
    """Whether a form was made for this session."""
    return compare_digest(form_token(session).encode(), text.encode())
