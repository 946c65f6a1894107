"""Walking an XML document by local names, whatever the version of its namespace."""

from collections.abc import Iterator
from typing import cast

from lxml import etree

from lifepot.errors import Fault
from lifepot.intake.xml import has_doctype

Element = etree._Element  # noqa: SLF001 - the only name lxml gives the type


def parser() -> etree.XMLParser:
    """A parser that opens no door, and for which no comment can cut a figure in two."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(octets: bytes, file: str) -> Element | Fault:
    """The root element; or why there is none. No entity is resolved and nothing is fetched."""
    if not octets.strip():
        return Fault(file, 0, 0, "file_empty", "", "nothing", "an XML document")
    if has_doctype(octets):
        return Fault(file, 1, 0, "xml_doctype", "", "a document type declaration", "a document without one")
    try:
        return etree.fromstring(octets, parser())
    except etree.XMLSyntaxError as wrong:
        line, column = wrong.position
        return Fault(file, line or 0, column or 0, "xml_malformed", "", wrong.msg or "", "well-formed XML")


def name(element: Element) -> str:
    """The local name."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *path: str) -> Iterator[Element]:
    """Every element at the end of a path of local names, in the document's order."""
    if not path:
        yield element
        return
    found = element.iterchildren("{*}" + path[0])  # of any namespace, or of none
    if len(path) == 1:
        yield from found
        return
    for child in found:
        yield from children(child, *path[1:])


def first(element: Element | None, *path: str) -> Element | None:
    """The first element at the end of a path, if there is one."""
    return None if element is None else next(children(element, *path), None)


def text(element: Element | None, *path: str) -> str:
    """The text of the first element at the end of a path that has some, without the spaces around it; else ""."""
    found = () if element is None else children(element, *path)
    return next((words for one in found if (words := (one.text or "").strip())), "")


def line(element: Element) -> int:
    """The line the element begins on, from 1."""
    return int(cast(int, element.sourceline) or 0)
