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
    line, column, rest = 1, 1, b""
    while True:
        piece = stream.read(_PIECE)
        octets = rest + piece
        if line == 1 and column == 1 and octets.startswith(_UTF_16):
            return Fault(file, 1, 1, "encoding", "", "UTF-16", _SAVE)
        bad, rest = _first_bad(octets, at_end=not piece)
        nul = octets.find(b"\0", 0, bad if bad >= 0 else len(octets))
        if nul >= 0 or bad >= 0:
            place = nul if nul >= 0 else bad
            before = octets[:place]
            lines = before.count(b"\n")
            at = place - before.rfind(b"\n") if lines else column + place
            if nul >= 0:
                return Fault(file, line + lines, at, "nul_byte", "", "a NUL byte", _SAVE)
            found = f"byte 0x{octets[bad]:02X} ({octets[bad : bad + 1].decode('cp1252', 'replace')!r} in Windows-1252)"
            return Fault(file, line + lines, at, "encoding", "", found, _SAVE)
        if not piece:
            return None
        done = octets[: len(octets) - len(rest)]
        lines = done.count(b"\n")
        column = len(done) - done.rfind(b"\n") if lines else column + len(done)
        line += lines


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
