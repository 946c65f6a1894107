"""Comma-separated text, block by block: where rows and fields stand, in RFC 4180's form with any line end.

The whole block is searched for commas and line ends at once, and quotation marks decide which of them count: a
separator counts if an even number of marks stands before it. That holds only while each mark opens or closes a field,
so marks are checked first, and a line with a stray one is refused alone.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import RawIOBase

import numpy as np

from lifepot.intake.cells import PAD, Bool, Cells, Int, Octets, Span
from lifepot.intake.rows import Rejected

LONGEST_ROW = 2**20
"""Bytes. No row of our layouts comes near; without an end to it, a file of one line would be read into memory whole."""

LONGEST_FIELD = 2**16
"""Bytes between two quotation marks. One that is never closed would otherwise swallow every row after it."""

_COMMA, _QUOTE, _LF, _CR = b',"\n\r'

_SEARCHED_AT_ONCE = 2**16
"""Bytes. With a larger piece, or with new masks for each, the search leaves the processor's cache and takes twice as
long; it is a third of all the time that a block takes."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Rows whose fields cannot be told apart, with the fault of each."""

    at: Rejected
    codes: list[str]
    fields: list[int]


@dataclass(frozen=True, slots=True)
class Table:
    """One block: the rows of the right shape as `cells`, the others as `broken`; both with their place in `raw`."""

    cells: Cells
    place: Rejected
    broken: Broken
    raw: bytes
    ended: tuple[str, int] | None
    """None while the file goes on or ends well; else the code of what ended it, and the line."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was read: text from `PAD` to `stop`, its first row on `line`.

    `at_end`: nothing follows. `open_ended`: the file's last row had no line end, and was given one.
    """

    buffer: Octets
    stop: int
    line: int
    at_end: bool
    open_ended: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """Separators that count, and for each row: which separator ends it, its first byte, and the end of its text."""

    separators: Int
    ends: Int
    start: Int
    stop: Int

    def take(self, rows: Bool) -> "_Rows":
        return _Rows(self.separators, self.ends[rows], self.start[rows], self.stop[rows])


def tables(stream: RawIOBase, header: Sequence[str], wanted: Mapping[str, int], block_bytes: int) -> Iterator[Table]:
    """The rows after the header, from a stream that stands there.

    wanted       the columns to give spans of, by name: their place in the file, from 1
    block_bytes  how much is read at a time; memory stays below about six times as much
    """
    buffer = np.full(PAD + LONGEST_ROW + block_bytes + PAD, _LF, dtype=np.uint8)
    carried, line = 0, 2
    while True:
        got = _fill(stream, buffer.data[PAD + carried : PAD + carried + block_bytes])
        stop, at_end = PAD + carried + got, got < block_bytes
        open_ended = at_end and stop > PAD and bool(buffer[stop - 1] != _LF)
        buffer[stop] = _LF  # ends a last row that has no end; also the neighbour that a last mark is checked against
        table, used, line = _split(_Piece(buffer, stop + open_ended, line, at_end, open_ended), header, wanted)
        carried = stop - used
        if carried > LONGEST_ROW and not at_end:
            yield replace(table, ended=("row_endless", line))
            return
        yield table
        if at_end:
            return
        buffer[PAD : PAD + carried] = buffer[used:stop].copy()


def read_line(octets: bytes) -> list[str]:
    """The fields of one row's bytes, as text."""
    return next(csv.reader([octets.decode("utf-8-sig")], strict=False), [])


def _fill(stream: RawIOBase, room: memoryview) -> int:
    """Reads until the room is full or the file ends; how many bytes."""
    filled = 0
    while filled < len(room):
        got = stream.readinto(room[filled:])
        if not got:
            break
        filled += got
    return filled


def _split(piece: _Piece, header: Sequence[str], wanted: Mapping[str, int]) -> tuple[Table, int, int]:
    """The whole rows of a piece, the offset after the last of them, and the line there."""
    buffer, stop, columns = piece.buffer, piece.stop, len(header)
    octets = buffer[PAD:stop].tobytes()
    quoted = b'"' in octets
    quotes, strays = _marks(buffer, stop, at_end=piece.at_end) if quoted else _NO_MARKS
    separators = _positions(buffer, stop, _COMMA, _LF)
    if quoted:
        separators = separators[np.searchsorted(quotes, separators) & 1 == 0]
    ends = np.flatnonzero(buffer[separators] == _LF)
    row_stop = separators[ends]
    row_start = np.concatenate(([PAD], row_stop + 1))
    used, row_start = int(row_start[-1]), row_start[:-1]
    text_stop = row_stop - ((buffer[row_stop - 1] == _CR) & (row_stop > row_start))
    fields = np.diff(ends, prepend=-1)

    before, lines = np.arange(len(ends)), len(ends)
    if quoted:  # a row may have several lines
        newlines = _positions(buffer, stop, _LF)
        before, lines = np.searchsorted(newlines, row_start), int(np.searchsorted(newlines, used))
    place = Rejected(piece.line + before, row_start - PAD, text_stop - PAD)

    stray = np.zeros(len(ends), dtype=np.bool_)
    stray[np.searchsorted(row_stop, strays)] = True
    only_commas = (fields == columns) & (text_stop - row_start == columns - 1)
    blank = ((text_stop == row_start) | only_commas) & ~stray
    whole = (fields == columns) & ~stray & ~blank
    broken = ~whole & ~blank

    ended = None
    if piece.open_ended and len(ends):
        used, ended = used - 1, ("last_line_open", int(place.line[-1]))
        if broken[-1]:
            broken[-1], used, ended = False, int(row_start[-1]), ("file_cut_off", int(place.line[-1]))

    spans = _spans(buffer, _Rows(separators, ends, row_start, text_stop).take(whole), wanted, columns, quoted=quoted)
    cells = Cells(int(whole.sum()), buffer, spans, wanted, escapes=quoted)
    wrong = _broken(place.take(broken), stray[broken], fields[broken], columns)
    return Table(cells, place.take(whole), wrong, octets[: used - PAD], ended), used, piece.line + lines


def _broken(at: Rejected, stray: Bool, fields: Int, columns: int) -> Broken:
    """Which fault each of these rows has: a stray mark before a wrong number, since it may be what caused it."""
    count = np.where(fields < columns, "fields_too_few", "fields_too_many")
    return Broken(at, np.where(stray, "quote_stray", count).tolist(), fields.tolist())


def _spans(buffer: Octets, rows: _Rows, wanted: Mapping[str, int], columns: int, *, quoted: bool) -> dict[str, Span]:
    """Each wanted column's cells: between the separators before and after it, and within its quotation marks."""
    spans = {}
    for name, number in wanted.items():
        before = rows.ends - (columns - number + 1)
        start = rows.start if number == 1 else rows.separators[before] + 1
        stop = rows.stop if number == columns else rows.separators[before + 1]
        if quoted:
            marked = (buffer[start] == _QUOTE) & (stop - start >= 2)
            start, stop = start + marked, stop - marked
        spans[name] = Span(start, stop.copy() if number == columns else stop)
    return spans


def _positions(buffer: Octets, stop: int, *wanted: int) -> Int:
    """Where any of these bytes stands in `buffer[PAD:stop]`, int64, rising."""
    found = np.empty(stop - PAD, dtype=np.int64)  # memory that is never written to is never given
    mask, more = np.empty((2, _SEARCHED_AT_ONCE), dtype=np.bool_)
    count = 0
    for start in range(PAD, stop, _SEARCHED_AT_ONCE):
        piece = buffer[start : min(start + _SEARCHED_AT_ONCE, stop)]
        here = np.equal(piece, wanted[0], out=mask[: len(piece)])
        for octet in wanted[1:]:
            here |= np.equal(piece, octet, out=more[: len(piece)])
        (places,) = here.nonzero()
        np.add(places, start, out=found[count : count + len(places)])
        count += len(places)
    return found[:count]


_NO_MARKS = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


def _marks(buffer: Octets, stop: int, *, at_end: bool) -> tuple[Int, Int]:
    """The quotation marks that open and close fields, in turn; and the stray ones, one of each line that has any."""
    quotes = _positions(buffer, stop, _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.isin(np.arange(256), [_COMMA, _LF, _QUOTE])
    after = np.isin(np.arange(256), [_COMMA, _LF, _CR, _QUOTE])
    spread = closing - opening[: len(closing)]
    unclosed = len(opening) > len(closing) and (at_end or stop - int(opening[-1]) > LONGEST_FIELD)
    sound = before[buffer[opening - 1]].all() and after[buffer[closing + 1]].all()
    if sound and not unclosed and int(spread.max(initial=0)) <= LONGEST_FIELD:
        return quotes, _NO_MARKS[1]
    return _marks_one_by_one(buffer, stop, quotes.tolist(), at_end=at_end, before=before, after=after)


def _marks_one_by_one(
    buffer: Octets, stop: int, quotes: list[int], *, at_end: bool, before: Bool, after: Bool
) -> tuple[Int, Int]:
    """As `_marks`, in a block that has a stray mark: the marks of its line are passed over, and the next line is new."""
    newlines = _positions(buffer, stop, _LF).tolist()
    sound: list[int] = []
    stray: list[int] = []
    at = 0
    while at < len(quotes):
        opening = quotes[at]
        closing = quotes[at + 1] if at + 1 < len(quotes) else None
        opens = before[buffer[opening - 1]]
        if opens and closing is not None and after[buffer[closing + 1]] and closing - opening <= LONGEST_FIELD:
            sound += [opening, closing]
            at += 2
        elif opens and closing is None and not at_end and stop - opening <= LONGEST_FIELD:
            sound.append(opening)  # the field, and so its row, goes on in the next block
            break
        else:
            line_end = bisect_right(newlines, opening)
            if line_end == len(newlines):
                break  # a stray mark in an unfinished line: judged when the line is whole
            stray.append(opening)
            at = bisect_right(quotes, newlines[line_end])
    return np.array(sound, dtype=np.int64), np.array(stray, dtype=np.int64)
