"""Whether a file is text at all: UTF-8 without NUL bytes.

The whole file is asked before any row of it is taken, because a file refused in its middle would have to be sent
again as a correction of itself.
"""

import codecs
from typing import BinaryIO

from lifepot.errors import Fault

_PIECE = 4 * 2**20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE = 'UTF-8 text; in a spreadsheet, save as "CSV UTF-8"'


def looks_like_xml(head: bytes) -> bool:
    """Whether a file begins as XML does, in UTF-8 or UTF-16."""
    if head.startswith(_UTF_16):
        return head[2:].replace(b"\0", b"").lstrip().startswith(b"<")
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def first_fault_of_text(stream: BinaryIO, file: str) -> Fault | None:
    """The first byte that is not UTF-8, or is NUL, by line and column in bytes; None if there is none.

    The stream stands at its beginning, and is read in pieces until the fault or its end.
    """
    offset, rest = 0, b""
    while True:
        piece = stream.read(_PIECE)
        octets = rest + piece
        if offset == 0 and octets.startswith(_UTF_16):
            return Fault(file, 1, 1, "encoding", "", "UTF-16", _SAVE)
        bad, rest = _first_bad(octets, at_end=not piece)
        nul = octets.find(b"\0", 0, bad if bad >= 0 else len(octets))
        if nul >= 0:
            return Fault(file, *_place(stream, offset + nul), "nul_byte", "", "a NUL byte", _SAVE)
        if bad >= 0:
            letter = octets[bad : bad + 1].decode("cp1252", "replace")
            found = f"byte 0x{octets[bad]:02X} ({letter!r} in Windows-1252)"
            return Fault(file, *_place(stream, offset + bad), "encoding", "", found, _SAVE)
        if not piece:
            return None
        offset += len(octets) - len(rest)


def _place(stream: BinaryIO, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte; found by reading again, since few files have a fault to place."""
    stream.seek(0)
    line, line_start, at = 1, 0, 0
    while at < offset:
        piece = stream.read(min(_PIECE, offset - at))
        line += piece.count(b"\n")
        newline = piece.rfind(b"\n")
        line_start = at + newline + 1 if newline >= 0 else line_start
        at += len(piece)
    return line, offset - line_start + 1


def _first_bad(octets: bytes, *, at_end: bool) -> tuple[int, bytes]:
    """Offset of the first byte that is not UTF-8 (-1: none), and the letter that the piece's end cuts in two."""
    if octets.isascii():
        return -1, b""
    try:
        octets.decode()
    except UnicodeDecodeError as fault:
        if fault.end == len(octets) and fault.reason == "unexpected end of data" and not at_end:
            return -1, octets[fault.start :]
        return fault.start, b""
    return -1, b""
