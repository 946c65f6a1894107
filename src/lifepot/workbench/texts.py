"""What a text on the workbench is known by, and how long it may be."""

from hashlib import sha256

LARGEST_TEXT_BYTES = 200_000
"""Of a text that is sent to the workbench; a long rulebook has 17,000."""

DIGEST_LETTERS = 24


def digest_of(text: str) -> str:
    """What a design is known by: the same text has the same digest, on any machine. The key of a link to it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LETTERS]
