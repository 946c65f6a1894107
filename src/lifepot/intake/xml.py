"""XML, employee by employee: each becomes one or more rows of cells, and is forgotten before the next is read.

Elements are known by their local name, whatever their namespace or capitals, so that one layout reads every year's
schema. Each row's `raw` is one line: its own element as canonical XML, with nobody else in it.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import RawIOBase
from typing import cast

import numpy as np
from lxml import etree

from lifepot.intake.cells import PAD, Cells, Span
from lifepot.intake.irmark import parser as closed_parser
from lifepot.intake.layouts import LAYOUTS, Column, Form, Layout
from lifepot.intake.parsers import Amount, CellError
from lifepot.intake.rows import Rejected
from lifepot.money import format_minor

Element = etree._Element  # noqa: SLF001 - the only name lxml gives the type
READ_AT_ONCE = 2**16
LONGEST_GAP = 16 * 2**20
"""Bytes without the end of an employee, after which a file is not what it seemed. The tree between is in memory."""

_PROLOG = re.compile(rb"\A(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)

Values = dict[str, list[str]]
"""Texts by element name, and by its parent's name and its own; in lower case."""


@dataclass(frozen=True, slots=True)
class Elements:
    """Some rows as cells, with their place in `raw`; `ended` is the fault (code, line, column, found) that ended them."""

    cells: Cells
    place: Rejected
    raw: bytes
    ended: tuple[str, int, int, str] | None


def has_doctype(head: bytes) -> bool:
    """Whether a document type declaration stands before the root element."""
    plain = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")  # UTF-16 becomes ASCII where it matters
    prolog = _PROLOG.match(plain)
    return prolog is not None and plain.startswith(b"<!DOCTYPE", prolog.end())


def recognise(head: bytes) -> tuple[Layout | None, str]:
    """The layout one of whose roots is among the first elements, and the first element's name."""
    pull = etree.XMLPullParser(("start",), resolve_entities=False, no_network=True, load_dtd=False)
    with suppress(etree.XMLSyntaxError):  # told with its place when the file is read
        pull.feed(head)
    names = [etree.QName(cast(Element, element)).localname for _, element in pull.read_events()]
    roots = {root.casefold(): layout for layout in LAYOUTS.values() if layout.form is Form.XML for root in layout.roots}
    found = next((roots[name.casefold()] for name in names if name.casefold() in roots), None)
    return found, names[0] if names else ""


def elements(stream: RawIOBase, layout: Layout, block_bytes: int) -> Iterator[Elements]:
    """The rows of a document, some at a time, from a stream that stands at its beginning."""
    tags = tuple(f"{{*}}{name}" for name in (layout.element, layout.element[0].lower() + layout.element[1:]))
    pull = etree.XMLPullParser(
        ("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    rows = _Gathered(layout)
    ended: tuple[str, int, int, str] | None = None
    gap = 0
    while ended is None:
        octets = stream.read(READ_AT_ONCE) or b""
        gap += len(octets)
        try:
            if octets:
                pull.feed(octets)
            else:
                pull.close()
        except etree.XMLSyntaxError as fault:
            cut = not octets
            line, column = fault.position
            ended = ("file_cut_off" if cut else "xml_malformed", line, column, fault.msg or "")
        for _, element in pull.read_events():
            gap = 0
            rows.add(cast(Element, element))
            if rows.size >= block_bytes:
                yield rows.give(None)
        if gap > LONGEST_GAP:
            ended = ("row_endless", 0, 0, f"{LONGEST_GAP} bytes without the end of an employee")
        if not octets:
            break
    yield rows.give(ended)


def fields_of(line: bytes, layout: Layout) -> dict[str, str]:
    """The cells of one row's `raw` line, by column name."""
    element = etree.fromstring(line, closed_parser())
    return _cells(layout, _values(element))


class _Gathered:
    """Rows not yet handed on."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._above: tuple[Element | None, Values] = (None, {})
        self._empty()

    def _empty(self) -> None:
        self.size = 0
        self.rows: list[dict[str, str]] = []
        self.lines: list[int] = []
        self.raw: list[bytes] = []

    def add(self, element: Element) -> None:
        """The rows of one employee; the element is emptied and taken out of the tree."""
        parent = element.getparent()
        if parent is None or parent is not self._above[0]:
            self._above = (parent, _surroundings(element))
        for line, alone in _parts(element, self.layout.part):
            raw = etree.tostring(alone, method="c14n", with_tail=False).replace(b"\n", b"&#10;")
            self.rows.append(_cells(self.layout, self._above[1] | _values(alone)))
            self.lines.append(line)
            self.raw.append(raw)
            self.size += len(raw) + 1
        element.clear()
        if parent is not None:
            parent.remove(element)

    def give(self, ended: tuple[str, int, int, str] | None) -> Elements:
        """What was gathered, as cells; and begins again."""
        spans, pieces, at = {}, [b"\n" * PAD], PAD
        for column in self.layout.columns:
            texts = [row.get(column.name, "").encode() for row in self.rows]
            stop = np.cumsum([len(text) for text in texts], dtype=np.int64) + at
            start = np.concatenate((np.array([at], dtype=np.int64), stop[:-1]))[: len(stop)]
            spans[column.name] = Span(start, stop)
            pieces += texts
            at = int(stop[-1]) if len(stop) else at
        buffer = np.frombuffer(b"".join([*pieces, b"\n" * PAD]), dtype=np.uint8)
        ends = np.cumsum([len(raw) + 1 for raw in self.raw], dtype=np.int64) - 1
        starts = ends - np.array([len(raw) for raw in self.raw], dtype=np.int64)
        place = Rejected(np.array(self.lines, dtype=np.int64), starts, ends)
        given = Elements(Cells(len(self.rows), buffer, spans), place, b"".join(raw + b"\n" for raw in self.raw), ended)
        self._empty()
        return given


def _parts(element: Element, part: str) -> list[tuple[int, Element]]:
    """Line and element of each row: the employee, or the employee with one of its jobs and without the others."""
    jobs = [child for child in element if part and _name(child) == part.casefold()]
    if len(jobs) < 2:
        return [(_line(jobs[0] if jobs else element), element)]
    lines = [_line(job) for job in jobs]
    for job in jobs:
        element.remove(job)
    parts = []
    for line, job in zip(lines, jobs, strict=True):
        alone = etree.fromstring(etree.tostring(element, with_tail=False), closed_parser())
        alone.append(job)
        parts.append((line, alone))
    return parts


def _surroundings(element: Element) -> Values:
    """What stands beside the employee and around it: the employer, the period."""
    found: Values = {}
    path = {_name(above) for above in (element, *element.iterancestors())}
    for above in element.iterancestors():
        for child in above:
            if _name(child) not in path:  # else another employee, or another period's, or the way to this one
                found = _values(child, _name(above)) | found
    return found


def _values(element: Element, parent: str = "") -> Values:
    """The texts of an element's leaves."""
    found: Values = {}
    for leaf in element.iter(etree.Element):
        text = (leaf.text or "").strip()
        if text and len(leaf) == 0:
            above = leaf.getparent()
            outer = _name(above) if above is not None and leaf is not element else parent
            name = _name(leaf)
            found.setdefault(name, []).append(text)
            found.setdefault(f"{outer}/{name}", []).append(text)
    return found


def _cells(layout: Layout, values: Values) -> dict[str, str]:
    """One row's cells, by column name."""
    cells = {}
    for column in layout.columns:
        texts = values.get(_local(column.name)) or values.get(_local(column.otherwise))
        if texts:
            cells[column.name] = texts[0] if len(texts) == 1 else _join(column, texts)
    return cells


def _join(column: Column, texts: list[str]) -> str:
    """One cell from an element that is there several times.

    Amounts are added up, texts joined, and of others the first stands. An amount that cannot be read is the cell, so
    that it is named as the fault.
    """
    if isinstance(column.parser, Amount):
        total = 0
        for text in texts:
            try:
                total += column.parser.one(text)
            except CellError:
                return text
        return format_minor(total)
    if column.field == "person.address":
        return ", ".join(texts)
    return " ".join(texts) if column.parser is None else texts[0]


def _name(element: Element) -> str:
    """The local name, in lower case; "" of a comment."""
    return "" if callable(element.tag) else _local(str(element.tag))


@cache
def _local(tag: str) -> str:
    """A tag without its namespace: there are few, and each comes a million times."""
    return tag.rpartition("}")[2].casefold()


def _line(element: Element) -> int:
    return int(cast(int, element.sourceline) or 0)
