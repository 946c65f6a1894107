"""Cells: where each field of a table of text stands in one buffer, before anybody asks what it means.

A block of a million rows holds tens of millions of fields. Nothing here makes a Python object of one unless asked:
a column is two arrays of offsets, and the bytes at them are gathered into arrays of fixed width.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Octets = NDArray[np.uint8]
Words = NDArray[np.uint64]
Texts = NDArray[np.bytes_]

PAD = 64
"""Spare bytes before and after the text in a buffer. A gather of up to 64 bytes at any field then stays inside it,
also one that ends where the first field of a file ends."""


@dataclass(frozen=True, slots=True)
class Span:
    """One column's cells: row i is `buffer[start[i]:stop[i]]`, quotation marks left out. Both int64 (n,)."""

    start: Int
    stop: Int

    @property
    def length(self) -> Int:
        """Bytes in each cell."""
        return self.stop - self.start

    def take(self, rows: Bool | Int) -> "Span":
        """The cells of these rows, in this order."""
        return Span(self.start[rows], self.stop[rows])


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of text: `count` rows, and for each column name its `Span` and its place in the file.

    `buffer` has `PAD` bytes before and after the text. `place` counts columns from 1; 0 where there are none (XML).
    `escapes` says that a cell may hold a doubled quotation mark, which stands for one.
    """

    count: int
    buffer: Octets
    spans: Mapping[str, Span]
    place: Mapping[str, int] = field(default_factory=dict)
    escapes: bool = False

    def text(self, column: str, row: int) -> str:
        """One cell as a person reads it, without the spaces around it."""
        span = self.spans[column]
        return self._decode(self.buffer[span.start[row] : span.stop[row]].tobytes())

    def _decode(self, octets: bytes) -> str:
        text = octets.decode().strip()
        return text.replace('""', '"') if self.escapes else text

    def vocabulary(self, column: str, known: dict[bytes, int]) -> NDArray[np.int32]:
        """A column of text as numbers, int32 (n,): `known` is from bytes to number, and grows by what is new.

        Neighbours are often equal (a payer, a code), and only the first of a run is looked up.
        """
        span = self.spans[column]
        widest = int(span.length.max(initial=0))
        if widest > PAD:
            pairs = zip(span.start.tolist(), span.stop.tolist(), strict=True)
            texts = [self.buffer[start:stop].tobytes() for start, stop in pairs]
            return self._number(column, texts, None, known)
        keys: NDArray[Any] = gather_text(self.buffer, span, max(8, widest))
        if widest <= 8:
            keys = keys.view(np.uint64)  # compared and sorted ten times faster than as text
        fresh = np.ones(len(keys), dtype=np.bool_)
        fresh[1:] = keys[1:] != keys[:-1]
        heads, place = keys[fresh], np.cumsum(fresh) - 1
        if widest <= 8:
            heads, sorted_place = np.unique(heads, return_inverse=True)
            place, heads = sorted_place[place], heads.view("S8")
        return self._number(column, heads.tolist(), place, known)

    def _number(self, column: str, texts: list[bytes], place: Int | None, known: dict[bytes, int]) -> NDArray[np.int32]:
        """The number of each row's text; row i has `texts[place[i]]`."""
        numbers = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
        if place is not None:
            numbers = numbers[place]
        spaces = [number for head, number in known.items() if head.isspace()]
        if spaces:
            self.clear(column, np.flatnonzero(np.isin(numbers, spaces)))
        return numbers

    def clear(self, column: str, rows: Int) -> None:
        """Makes these cells empty: what holds only spaces says nothing."""
        span = self.spans[column]
        span.stop[rows] = span.start[rows]

    def decode_all(self, known: Mapping[bytes, int]) -> list[str]:
        """The texts of a vocabulary, by number."""
        return [self._decode(octets) for octets in known]


def gather(buffer: Octets, start: Int, width: int) -> NDArray[Any]:
    """`width` bytes from each start, uint8 (n, width), one copy a row.

    An array laid over the buffer with a stride of one byte is all its windows; numpy then moves each as one item,
    ten times faster than indexing byte by byte.
    """
    windows = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, strides=(1,))
    return windows[start].view(np.uint8).reshape(len(start), width)


def gather_words(buffer: Octets, start: Int) -> Words:
    """Eight bytes from each start as one uint64 (n,), the first byte lowest."""
    windows: Words = np.ndarray((len(buffer) - 7,), "<u8", buffer, strides=(1,))
    return windows[start]


def gather_text(buffer: Octets, span: Span, width: int) -> Texts:
    """The first `width` bytes of each cell, S{width} (n,), padded with NUL."""
    octets = gather(buffer, span.start, width)
    length = span.length
    if int(length.min(initial=width)) < width:
        octets *= np.arange(width) < length[:, None]
    return octets.view(f"S{width}").reshape(len(octets))
