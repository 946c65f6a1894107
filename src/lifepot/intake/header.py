"""A CSV's header line: which layout it is, and where each column stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from lifepot.errors import Fault
from lifepot.intake.delimited import read_line
from lifepot.intake.layouts import LAYOUTS, Form, Layout


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was understood.

    names   every column of the file, in its order; by the layout's name where it knows the column
    wanted  place in the file, from 1, of each column that is read or asked of
    """

    layout: Layout
    names: tuple[str, ...]
    wanted: Mapping[str, int]


def match_header(file: str, line: bytes, layout: str | None) -> tuple[Header | None, list[Fault]]:
    """The header's layout and faults; None where nothing can be read by it.

    A header that lacks a column is taken for the layout with most of whose columns it agrees, if that is at least
    half of those it must have: then the columns that lack can be named.
    """
    written = [name.strip() for name in read_line(line.rstrip(b"\r"))]
    folded = [name.casefold() for name in written]
    candidates = [each for each in LAYOUTS.values() if each.form is Form.CSV and layout in (None, each.name)]
    best = max(candidates, key=lambda each: _agreement(each, folded), default=None)
    if best is None or (_agreement(best, folded) < 0.5 and layout is None) or not _agreement(best, folded):
        return None, [_unknown(file, written, candidates, layout)]

    known = {column.name.casefold(): column for column in best.columns}
    faults = []
    for number, (name, shown) in enumerate(zip(folded, written, strict=True), start=1):
        if name in folded[: number - 1] and name:
            faults.append(Fault(file, 1, number, "column_twice", shown, "a second time", "each column once"))
        elif name not in known:
            faults.append(Fault(file, 1, number, "column_unknown", shown, f"column {shown!r}", f"none in {best.name}"))
    faults += [
        Fault(file, 1, 0, "column_missing", column.name, "no such column", "it in the header")
        for column in best.columns
        if column.must and column.name.casefold() not in folded
    ]
    names = tuple(known[name].name if name in known else shown for name, shown in zip(folded, written, strict=True))
    read = {column.name for column in best.columns if column.field and not column.field.startswith("person.")}
    wanted = {name: number for number, name in enumerate(names, start=1) if name in read}
    return Header(best, names, wanted), faults


def _agreement(layout: Layout, folded: list[str]) -> float:
    """The part of the columns a layout must have that are there."""
    must = [column.name.casefold() for column in layout.columns if column.must]
    return sum(name in folded for name in must) / len(must)


def _unknown(file: str, written: list[str], candidates: list[Layout], layout: str | None) -> Fault:
    """What the first line is, and what each layout's would have been."""
    if layout and not candidates:
        return Fault(file, 1, 0, "layout_unknown", "", "text that is not XML", LAYOUTS[layout].title)
    firsts = [f"{each.name} ({','.join([c.name for c in each.columns if c.must][:4])},…)" for each in candidates]
    shown = ",".join(written)[:80]
    expected = "a header line, commas between its columns, of " + " or ".join(firsts)
    if not layout:
        expected += ", or XML of " + " or ".join(each.name for each in LAYOUTS.values() if each.form is Form.XML)
    return Fault(file, 1, 0, "layout_unknown", "", repr(shown) if shown else "no header line", expected)
