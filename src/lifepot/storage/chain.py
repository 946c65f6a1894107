"""The hash chain over batches: a batch's digest, and the chain's head after it.

A digest is the SHA-256 of the batch's header, a line of JSON, and of the SHA-256 of each of its parts: the rows of its facts, of
its transfers, of its closings, as binary COPY writes them, the names it gave numbers to, and the salted hashes of the rows of
the file it came from. A head is the SHA-256 of the head before it and the digest. So `verify` needs nothing but the rows.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = bytes(32)
"""The head before the first batch."""

PARTS = ("fact", "transfer", "closing", "names", "leaves")


class Digest:
    """The digest of one batch, fed as its rows are written. Each part is fed in its rows' order; the parts in any order."""

    def __init__(self) -> None:
        self._parts = {part: hashlib.sha256() for part in PARTS}

    def feed(self, part: str, content: bytes) -> None:
        """More of one of `PARTS`."""
        self._parts[part].update(content)

    def finish(self, header: Mapping[str, Any]) -> bytes:
        """The batch's digest, 32 bytes."""
        digest = hashlib.sha256(canonical(header))
        for part in PARTS:
            digest.update(self._parts[part].digest())
        return digest.digest()


def canonical(header: Mapping[str, Any]) -> bytes:
    """One spelling of a header: sorted keys, no blanks, ASCII.

    It may hold text, integers, booleans, None, lists and objects;
    TypeError for a float, which databases and languages spell each in their own way.
    """
    _refuse_floats(header)
    return json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def leaf(salt: bytes, row: bytes) -> bytes:
    """The salted hash of a received row: proves it where it is kept, and says nothing of it where it was blanked."""
    return hashlib.sha256(salt + row).digest()


def next_head(head: bytes, digest: bytes) -> bytes:
    """The chain's head after a batch."""
    return hashlib.sha256(head + digest).digest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} in a batch's header: write it as text or in whole units")
    if isinstance(value, Mapping):
        for each in value.values():
            _refuse_floats(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _refuse_floats(each)
