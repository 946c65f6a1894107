"""Comma-separated text, block by block: where rows and fields stand, in RFC 4180's form with any line end.

The whole block is searched for commas and line ends at once, and quotation marks decide which of them count: a
separator counts if an even number of marks stands before it. That holds only while each mark opens or closes a field,
so marks are checked first, and a line with a stray one is refused alone.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import RawIOBase

import numpy as np

from lifepot.intake.cells import PAD, Bool, Cells, Int, Octets, Span
from lifepot.intake.rows import Rejected

LONGEST_ROW = 2**20
"""Bytes. No row of our layouts comes near; without an end to it, a file of one line would be read into memory whole."""

LONGEST_FIELD = 2**16
"""Bytes between two quotation marks. One that is never closed would otherwise swallow every row after it."""

_COMMA, _QUOTE, _LF, _CR = b',"\n\r'

_SEARCHED_AT_ONCE = 2**18
"""Bytes. The masks of a larger piece leave the processor's cache, and the search takes twice as long."""


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
    ended: str
    """"" while the file goes on or ends well; else the code of what ended it, told of line `next_line`."""
    next_line: int


def tables(stream: RawIOBase, header: Sequence[str], wanted: Mapping[str, int], block_bytes: int) -> Iterator[Table]:
    """The rows after the header, from a stream that stands there.

    wanted       the columns to give spans of, by name: their place in the file, from 1
    block_bytes  how much is read at a time; memory stays below about six times as much
    """
    buffer = np.full(PAD + LONGEST_ROW + block_bytes + PAD, _LF, dtype=np.uint8)
    carried, line = 0, 2
    while True:
        got = _fill(stream, memoryview(buffer)[PAD + carried : PAD + carried + block_bytes])
        stop, at_end = PAD + carried + got, got < block_bytes
        open_ended = at_end and stop > PAD and buffer[stop - 1] != _LF
        buffer[stop] = _LF  # ends a last row that has no end; also the neighbour that a last mark is checked against
        table, used = _split(buffer, stop + open_ended, at_end, header, wanted, line, open_ended)
        carried, line = stop - used, table.next_line
        if carried > LONGEST_ROW and not at_end:
            yield Table(table.cells, table.place, table.broken, table.raw, "row_endless", line)
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


def _split(
    buffer: Octets,
    stop: int,
    at_end: bool,
    header: Sequence[str],
    wanted: Mapping[str, int],
    line: int,
    open_ended: bool,
) -> tuple[Table, int]:
    """The whole rows of `buffer[PAD:stop]`, and the offset after the last of them."""
    newlines: Int | None = None
    quotes, strays = _marks(buffer, stop, at_end)
    separators = _positions(buffer, stop, _COMMA, _LF)
    if len(quotes):
        newlines = _positions(buffer, stop, _LF)
        separators = separators[np.searchsorted(quotes, separators) & 1 == 0]
    ends = np.flatnonzero(buffer[separators] == _LF)
    row_stop = separators[ends]
    row_start = np.concatenate(([PAD], row_stop[:-1] + 1)) if len(ends) else row_stop
    text_stop = row_stop - ((buffer[row_stop - 1] == _CR) & (row_stop > row_start))
    fields = np.diff(ends, prepend=-1)
    columns = len(header)
    used = int(row_stop[-1]) + 1 if len(ends) else PAD

    before = np.arange(len(ends)) if newlines is None else np.searchsorted(newlines, row_start)
    lines_in_all = len(ends) if newlines is None else int(np.searchsorted(newlines, used))
    place = Rejected(line + before, row_start - PAD, text_stop - PAD)

    stray = np.zeros(len(ends), dtype=np.bool_)
    stray[np.searchsorted(row_stop, strays)] = True
    empty = (text_stop == row_start) | ((fields == columns) & (text_stop - row_start == columns - 1))
    whole = (fields == columns) & ~stray & ~empty
    broken = ~whole & ~(empty & ~stray)

    ended = ""
    next_line = line + lines_in_all
    if open_ended and len(ends):
        used -= 1
        ended = "last_line_open"
        next_line = int(place.line[-1])
        if broken[-1]:
            ended, broken[-1], used = "file_cut_off", False, int(row_start[-1])
    raw = buffer[PAD:used].tobytes()

    spans = _spans(buffer, separators, ends, row_start, text_stop, whole, wanted, columns, bool(len(quotes)))
    cells = Cells(int(whole.sum()), buffer, spans, wanted, bool(len(quotes)))
    codes = ["quote_stray" if s else "fields_too_few" if n < columns else "fields_too_many"
             for s, n in zip(stray[broken].tolist(), fields[broken].tolist(), strict=True)]  # fmt: skip
    wrong = Broken(_take(place, broken), codes, fields[broken].tolist())
    return Table(cells, _take(place, whole), wrong, raw, ended, next_line), used


def _take(place: Rejected, rows: Bool) -> Rejected:
    return Rejected(place.line[rows], place.raw_start[rows], place.raw_end[rows])


def _spans(
    buffer: Octets,
    separators: Int,
    ends: Int,
    row_start: Int,
    text_stop: Int,
    whole: Bool,
    wanted: Mapping[str, int],
    columns: int,
    quoted: bool,
) -> dict[str, Span]:
    """Each wanted column's cells in the whole rows: between the separators before and after it."""
    last, first, stop_of_row = ends[whole], row_start[whole], text_stop[whole]
    spans = {}
    for name, number in wanted.items():
        start = first if number == 1 else separators[last - (columns - number + 1)] + 1
        stop = stop_of_row if number == columns else separators[last - (columns - number)]
        if quoted:
            marked = (buffer[start] == _QUOTE) & (stop - start >= 2)
            start, stop = start + marked, stop - marked
        spans[name] = Span(start, stop.copy() if number == columns else stop)
    return spans


def _positions(buffer: Octets, stop: int, *wanted: int) -> Int:
    """Where any of these bytes stands in `buffer[PAD:stop]`, int64, rising."""
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(PAD, stop, _SEARCHED_AT_ONCE):
        piece = buffer[start : min(start + _SEARCHED_AT_ONCE, stop)]
        mask = piece == wanted[0]
        for octet in wanted[1:]:
            mask |= piece == octet
        found.append(np.flatnonzero(mask) + start)
    return np.concatenate(found)


def _marks(buffer: Octets, stop: int, at_end: bool) -> tuple[Int, Int]:
    """The quotation marks that open and close fields, in turn; and the stray ones, one of each line that has any."""
    quotes = _positions(buffer, stop, _QUOTE)
    none = np.zeros(0, dtype=np.int64)
    if not len(quotes):
        return quotes, none
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.isin(np.arange(256), [_COMMA, _LF, _QUOTE])
    after = np.isin(np.arange(256), [_COMMA, _LF, _CR, _QUOTE])
    spread = closing - opening[: len(closing)]
    unclosed = len(opening) > len(closing) and (at_end or stop - int(opening[-1]) > LONGEST_FIELD)
    sound = before[buffer[opening - 1]].all() and after[buffer[closing + 1]].all()
    if sound and not unclosed and int(spread.max(initial=0)) <= LONGEST_FIELD:
        return quotes, none
    return _marks_one_by_one(buffer, stop, at_end, quotes.tolist(), before, after)


def _marks_one_by_one(
    buffer: Octets, stop: int, at_end: bool, quotes: list[int], before: Bool, after: Bool
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
