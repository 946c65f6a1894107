"""Reading a received file: which layout it is, and its rows block by block, whatever its size.

Memory is bounded by the block, not by the file. What is wrong with the file as a whole is in `Reading.faults`; what is
wrong with a row is in its block's `rejects`.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lxml import etree

from lifepot.errors import Fault, Misuse
from lifepot.intake import delimited, irmark, xml
from lifepot.intake.codes import CODES, Weight
from lifepot.intake.convert import Conversion
from lifepot.intake.header import Header, match_header
from lifepot.intake.layouts import LAYOUTS, Form, Layout
from lifepot.intake.rows import Block
from lifepot.intake.texts import first_fault_of_text, looks_like_xml

BLOCK_BYTES = 4 * 2**20
"""A block and the offsets of its fields then stay in the processor's cache: 32 MiB take half as much time again."""

HEAD_BYTES = 2**16
"""A header, or an XML document up to its first telling element, is looked for in this much of a file."""

MOST_REFUSED_IN_A_ROW = 20_000
"""Garbage below a right header would otherwise be answered fault by fault, to its last gigabyte."""


@dataclass
class Reading:
    """A file that is being read.

    layout   the layout's name; "" if it is none we know
    head     CSV: the bytes up to the first row (a mark of UTF-8, the header line); XML: b""
    payers   the payers' names, by the numbers in `Rows.payer`; grows as blocks are read
    faults   what is wrong with, or worth knowing of, the file as a whole; complete when `blocks()` is exhausted
    header   CSV: where the columns stand; XML: None
    """

    file: str
    layout: str
    head: bytes
    payers: list[str]
    faults: list[Fault]
    path: Path
    today: int
    block_bytes: int
    header: Header | None = None
    _refused_in_a_row: int = field(default=0)

    @property
    def refused(self) -> bool:
        """Whether nothing of the file may be taken. Known before the first block."""
        return any(CODES[fault.code].weight is Weight.FILE for fault in self.faults)

    def blocks(self) -> Iterator[Block]:
        """The file's rows, in its order. Each call reads the file again from its beginning; use one at a time."""
        if self.refused:
            return
        layout = LAYOUTS[self.layout]
        self._refused_in_a_row = 0
        self.payers.clear()
        person = partial(read_person, self.layout, self.header.names if self.header else ())
        conversion = Conversion(self.file, layout, self.today, person, self.payers)
        inner = self._csv_blocks(conversion, self.header) if self.header else self._xml_blocks(conversion)
        rows = 0
        for block in inner:
            rows += len(block.rows) + len(block.rejected)
            if rows == 0:
                continue
            yield block
            if self._refused_in_a_row >= MOST_REFUSED_IN_A_ROW:
                found = f"{self._refused_in_a_row} rows in a row refused"
                self.tell("refused_throughout", found, f"rows of {layout.title}", int(block.rejected.line[-1]))
                return
        if rows == 0 and not self.faults:
            self.tell("no_rows", "no row", f"rows of {layout.title}")

    def _csv_blocks(self, conversion: Conversion, header: Header) -> Iterator[Block]:
        with self.path.open("rb", buffering=0) as stream:
            stream.seek(len(self.head))
            for table in delimited.tables(stream, header.names, header.wanted, self.block_bytes):
                at, codes, counts = table.broken.at, table.broken.codes, table.broken.fields
                faults = [
                    Fault(self.file, line, 0, code, "", f"{count} fields", _SHAPE[code].format(len(header.names)))
                    for line, code, count in zip(at.line.tolist(), codes, counts, strict=True)
                ]
                rows, found, refused = conversion.rows_of(table.cells, table.place, table.raw)
                rejected = at.join(table.place.take(refused))
                found = sorted(found + faults, key=lambda fault: fault.line) if faults else found
                yield self._count(Block(rows, found, rejected, table.raw))
                if table.ended:
                    code, line = table.ended
                    self.tell(code, *_ENDED[code], line)

    def _xml_blocks(self, conversion: Conversion) -> Iterator[Block]:
        with self.path.open("rb", buffering=0) as stream:
            for part in xml.elements(stream, conversion.layout, self.block_bytes):
                rows, found, refused = conversion.rows_of(part.cells, part.place, part.raw)
                yield self._count(Block(rows, found, part.place.take(refused), part.raw))
                if part.ended:
                    code, line, column, said = part.ended
                    self.tell(code, said, "well-formed XML to its end", line, column)

    def _count(self, block: Block) -> Block:
        """Counts the rows that were refused, up to now, without one accepted between them."""
        last_accepted = int(block.rows.line.max(initial=-1))
        since = int((block.rejected.line > last_accepted).sum())
        self._refused_in_a_row = since + (self._refused_in_a_row if last_accepted < 0 else 0)
        return block

    def tell(self, code: str, found: str, expected: str, line: int = 0, column: int = 0) -> None:
        """Adds a fault of the file as a whole, once."""
        fault = Fault(self.file, line, column, code, "", found, expected)
        if fault not in self.faults:
            self.faults.append(fault)


_SHAPE = {
    "fields_too_few": "{} fields, as in the header",
    "fields_too_many": '{} fields, as in the header; a text with a comma stands between quotation marks, "A, B"',
    "quote_stray": 'quotation marks around a whole field, and doubled within it: "say ""so"""',
}
_ENDED = {
    "last_line_open": ("a last row without a line end", "a line end; if the file was cut off, send it whole"),
    "file_cut_off": ("the end of the file in the middle of a row", "the whole file, sent again"),
    "row_endless": (f"more than {delimited.LONGEST_ROW} bytes without a row's end", "one row a line"),
}


def read(path: Path, *, today: int, layout: str | None = None, block_bytes: int = BLOCK_BYTES) -> Reading:
    """Opens a received file: what it is, and whether anything in it can be taken.

    today        the day it is read, in days since 1970-01-01; dates are judged by it
    layout       a name in `LAYOUTS`; None: recognised by the header or the root element
    block_bytes  how much of the file becomes one block

    Raises Misuse for a layout name that is none, and OSError for a file that cannot be opened; whatever is wrong
    inside the file is a fault.
    """
    if layout is not None and layout not in LAYOUTS:
        raise Misuse(f"{layout!r} is no layout.", remedy=f"Use one of {', '.join(LAYOUTS)}.")
    reading = Reading(path.name, "", b"", [], [], path, today, block_bytes)
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES and not head.removeprefix(codecs.BOM_UTF8).strip():
            reading.tell("file_empty", "nothing", "a file with a header or a root element")
            return reading
        if looks_like_xml(head):
            _open_xml(reading, head, layout)
            return reading
        stream.seek(0)
        fault = first_fault_of_text(stream, reading.file)
    if fault:
        reading.faults.append(fault)
        return reading
    _open_csv(reading, head, layout)
    return reading


def read_person(layout: str, header: tuple[str, ...], raw: bytes) -> Mapping[str, str]:
    """What one row's bytes say of its person.

    Texts by "title", "forename", "surname", "gender", "address", "postcode", "country" and "email", only those that
    are there. `header` is the CSV's column names, in the file's order.
    """
    chosen = LAYOUTS[layout]
    if chosen.form is Form.XML:
        cells = xml.fields_of(raw, chosen)
    else:
        cells = dict(zip(header, delimited.read_line(raw), strict=False))
    person: dict[str, list[str]] = {}
    for column in chosen.columns:
        text = cells.get(column.name, "").strip()
        if text and column.field.startswith("person."):
            person.setdefault(column.field.removeprefix("person."), []).append(text)
    return {name: (", " if name == "address" else " ").join(texts) for name, texts in person.items()}


def _open_csv(reading: Reading, head: bytes, layout: str | None) -> None:
    """Finds the layout by the header line, and tells what is wrong with the header."""
    line, newline, _ = head.partition(b"\n")
    reading.head = line + newline
    header, faults = match_header(reading.file, line if newline or len(head) < HEAD_BYTES else b"", layout)
    reading.faults += faults
    if header is not None:
        reading.layout, reading.header = header.layout.name, header


def _open_xml(reading: Reading, head: bytes, layout: str | None) -> None:
    """Finds the layout by the root element, and checks an IRmark if there is one."""
    if xml.has_doctype(head):
        reading.tell("xml_doctype", "a document type declaration", "none: no layout of ours has one", 1)
        return
    found, root = xml.recognise(head)
    if found is None or (layout is not None and layout != found.name):
        wanted: list[Layout] = [LAYOUTS[layout]] if layout else list(LAYOUTS.values())
        expected = " or ".join(f"{each.title} ({each.roots[0]})" for each in wanted if each.roots) or wanted[0].title
        shown = f"the element {root!r}" if root else "no element"
        reading.tell("layout_unknown", shown, expected, 1)
        return
    reading.layout = found.name
    if found.sealed:
        _check_irmark(reading)


def _check_irmark(reading: Reading) -> None:
    if reading.path.stat().st_size > irmark.LARGEST:
        reading.tell("irmark_unchecked", f"more than {irmark.LARGEST} bytes", "a smaller file")
        return
    try:
        marks = irmark.carried_and_true(reading.path.read_bytes())
    except etree.XMLSyntaxError:
        return  # told with its place when the rows are read
    if marks and marks[0] != marks[1]:
        reading.tell("irmark_differs", marks[0], f"{marks[1]}, the IRmark of this body")
