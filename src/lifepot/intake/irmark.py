"""The IRmark: HMRC's seal on the body of a submission, so that a file changed on its way is seen.

It is the base64 of the SHA-1 of the canonical XML (C14N 1.0) of `Body`, without any IRmark element.
Source: HMRC, "IRmark for Gift Aid and RTI: technical notes". It is no signature: anybody can compute it.
"""

import base64
import hashlib

from lxml import etree

LARGEST = 32 * 2**20
"""Bytes of a file whose IRmark is checked: canonical XML needs the whole document, about eight times its size."""


def parser() -> etree.XMLParser:
    """A parser that opens no door: no entity, no network, no document type, no document of unbounded depth."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def irmark(body: bytes) -> str:
    """The IRmark of a document that is a `Body` or holds one. Raises `lxml.etree.XMLSyntaxError`."""
    return _mark(_body(etree.fromstring(body, parser())))


def carried_and_true(document: bytes) -> tuple[str, str] | None:
    """The IRmark that a document carries and the one it should; None if it carries none. Raises as `irmark` does."""
    root = etree.fromstring(document, parser())
    carried = next((element.text or "" for element in root.iter("{*}IRmark")), None)
    return None if carried is None else (carried.strip(), _mark(_body(root)))


def _body(root: etree._Element) -> etree._Element:
    return root if etree.QName(root).localname == "Body" else next(root.iter("{*}Body"), root)


def _mark(body: etree._Element) -> str:
    """Takes the IRmark elements out of `body`, and seals what is left."""
    for element in list(body.iter("{*}IRmark")):
        parent = element.getparent()
        if parent is None:
            continue
        # lxml keeps the text after an element on the element: it belongs to the body and must stay.
        before = element.getprevious()
        if element.tail and before is not None:
            before.tail = (before.tail or "") + element.tail
        elif element.tail:
            parent.text = (parent.text or "") + element.tail
        parent.remove(element)
    # A document of its own: C14N of the element, with the namespaces in force where it stood.
    canonical = etree.tostring(body, method="c14n", with_tail=False)
    return base64.b64encode(hashlib.sha1(canonical, usedforsecurity=False).digest()).decode()
