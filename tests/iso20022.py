"""ISO 20022 messages by the dataclasses that pyiso20022 made of the schemas: an oracle that is not ours.

The library carries each schema as dataclasses (element names, order, types, patterns, lengths) and leaves reading and
writing to another library, xsdata. What is here reads and writes by them, and refuses whatever the schema does:
unknown elements, a wrong order, too few or too many, a text against its pattern.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import Field, dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from lxml import etree


class XmlDate(str):
    """A date as the schema has it."""

    __slots__ = ()
    FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9:]{5})?"


class XmlDateTime(str):
    """A moment as the schema has it."""

    __slots__ = ()
    FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9:]{5})?"


class XmlPeriod(str):
    """A year or a month as the schema has it."""

    __slots__ = ()
    FORM = r"[0-9]{4}(-[0-9]{2})?"


def schema(message: str) -> ModuleType:
    """The dataclasses of a message such as "camt.053.001.08".

    Three types that they name are xsdata's; it need not be there, so ours stand in while they are loaded.
    """
    family = message.split(".", maxsplit=1)[0]
    flat = message.replace(".", "_")
    names = ("xsdata", "xsdata.models", "xsdata.models.datatype")
    there = {name: sys.modules.get(name) for name in names}
    for name in names:
        sys.modules[name] = ModuleType(name)
    for kind in (XmlDate, XmlDateTime, XmlPeriod):
        setattr(sys.modules[names[-1]], kind.__name__, kind)
    try:
        return importlib.import_module(f"pyiso20022.{family}.{flat}.{flat}")
    finally:
        for name, module in there.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class AgainstSchema(Exception):
    """A document that the schema does not allow."""


@dataclass(frozen=True)
class _Slot:
    """A field: how often it may be there, and what of."""

    field: Field[Any]
    kind: Any
    least: int
    most: float

    @property
    def tag(self) -> str:
        return str(self.field.metadata["name"])


@cache
def _slots(cls: type) -> list[_Slot]:
    hints = get_type_hints(cls, vars(sys.modules[cls.__module__]))
    slots = []
    for one in fields(cls):
        kind, metadata = hints[one.name], one.metadata
        if get_origin(kind) is list:
            slots.append(_Slot(one, get_args(kind)[0], metadata.get("min_occurs", 0), metadata.get("max_occurs", 1e9)))
            continue
        if get_origin(kind) in {Union, UnionType}:
            (kind,) = (each for each in get_args(kind) if each is not NoneType)
        slots.append(_Slot(one, kind, int(bool(metadata.get("required"))), 1))
    return slots


def read(octets: bytes, module: ModuleType) -> Any:
    """The document as dataclasses. Raises `AgainstSchema`."""
    root = etree.fromstring(octets)
    if root.tag != f"{{{module.Document.Meta.namespace}}}Document":
        raise AgainstSchema(f"the root is {root.tag}")
    return _read(root, module.Document)


def _read(element: Any, cls: type) -> Any:
    slots = _slots(cls)
    values: dict[str, Any] = {}
    kinds = {slot.field.metadata.get("type") for slot in slots}
    if "Element" not in kinds and "Wildcard" not in kinds:
        for slot in slots:
            attribute = slot.field.metadata.get("type") == "Attribute"
            said = element.get(slot.tag) if attribute else element.text
            if said is None:
                raise AgainstSchema(f"{element.tag} does not say {slot.field.name}")
            values[slot.field.name] = _plain(said, slot)
        return cls(**values)
    by_tag = {slot.tag: (number, slot) for number, slot in enumerate(slots) if "name" in slot.field.metadata}
    at = 0
    for child in element:
        tag = etree.QName(child).localname
        if tag not in by_tag:
            raise AgainstSchema(f"{tag} in {element.tag}")
        number, slot = by_tag[tag]
        if number < at:
            raise AgainstSchema(f"{tag} stands too late in {element.tag}")
        at = number
        value = _read(child, slot.kind) if is_dataclass(slot.kind) else _plain(child.text or "", slot)
        values.setdefault(slot.field.name, []).append(value)
    for slot in slots:
        count = len(values.get(slot.field.name, []))
        if not slot.least <= count <= slot.most:
            raise AgainstSchema(f"{count} of {slot.field.name} in {element.tag}")
        if count and slot.most == 1:
            (values[slot.field.name],) = values[slot.field.name]
    if cls.__name__.endswith("Choice") and len(values) != 1:
        raise AgainstSchema(f"{len(values)} choices in {element.tag}")
    return cls(**values)


def _plain(said: str, slot: _Slot) -> Any:
    """A text as its type, if the schema allows it."""
    metadata, kind = slot.field.metadata, slot.kind
    pattern = metadata.get("pattern") or getattr(kind, "FORM", None)
    if pattern and not re.fullmatch(pattern, said):
        raise AgainstSchema(f"{said!r} in {metadata.get('name')}")
    if kind is str and not metadata.get("min_length", 0) <= len(said) <= metadata.get("max_length", 1e9):
        raise AgainstSchema(f"{said!r} is too short or too long for {metadata.get('name')}")
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}[said]
    if isinstance(kind, type) and issubclass(kind, Enum | str):
        return kind(said)
    number = Decimal(said)
    if -int(number.as_tuple().exponent) > metadata.get("fraction_digits", 99):
        raise AgainstSchema(f"{said} has too many decimals")
    return number if kind is Decimal else int(number)


def write(document: Any) -> bytes:
    """A document of dataclasses as bytes."""
    namespace = document.Meta.namespace
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    _write(root, document, namespace)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _write(element: Any, value: Any, namespace: str) -> None:
    for one in fields(value):
        for each in _each(getattr(value, one.name)):
            kind = one.metadata.get("type")
            if kind == "Attribute":
                element.set(one.metadata["name"], str(each))
            elif kind is None:
                element.text = str(each)
            elif is_dataclass(each):
                _write(etree.SubElement(element, f"{{{namespace}}}{one.metadata['name']}"), each, namespace)
            else:
                plain = each.value if isinstance(each, Enum) else str(each).lower() if isinstance(each, bool) else each
                etree.SubElement(element, f"{{{namespace}}}{one.metadata['name']}").text = str(plain)


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value
