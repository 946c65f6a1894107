"""Walking an XML document by local names, whatever the version of its namespace."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Node:
    """An element by local names: its text without the spaces around it, its currency (the attribute `Ccy`) if it has
    one, and what stands in it, by name.

    A message asks an entry some thirty questions; answered by the tree of lxml they take twice as long.
    """

    element: Element
    text: str
    currency: str
    kids: Mapping[str, Sequence["Node"]]

    @property
    def line(self) -> int:
        """The line it begins on, from 1. In a long file lxml must search for it, so it is asked for only when told."""
        return line(self.element)


def node(element: Element, *, without: str = "") -> Node:
    """An element and all that stands in it; `without` is a name to leave out of its children."""
    kids: dict[str, list[Node]] = {}
    for child in element:
        name = local_name(str(child.tag))
        if name != without:
            kids.setdefault(name, []).append(node(child))
    return Node(element, (element.text or "").strip(), element.get("Ccy", ""), kids)


@cache
def local_name(tag: str) -> str:
    """A tag without its namespace; there are few, and each comes many times."""
    return tag.rpartition("}")[2]


def line(element: Element) -> int:
    """The line an element begins on, from 1."""
    return int(cast(int, element.sourceline) or 0)


def children(node: Node | None, *path: str) -> Iterator[Node]:
    """Every node at the end of a path of local names, in the document's order."""
    if node is not None and not path:
        yield node
    elif node is not None:
        for kid in node.kids.get(path[0], ()):
            yield from children(kid, *path[1:])


def first(node: Node | None, *path: str) -> Node | None:
    """The first node at the end of a path, if there is one."""
    return next(children(node, *path), None)


def text(node: Node | None, *path: str) -> str:
    """The text of the first node at the end of a path that has some; else ""."""
    return next((found.text for found in children(node, *path) if found.text), "")
