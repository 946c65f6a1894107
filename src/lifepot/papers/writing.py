"""A paper written down: as a page in HTML that stands alone, and as a PDF (PDF/UA-1). Both say the same values; the same
values are always the same bytes.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape

from lifepot.papers.paper import Block, Paper, Picture, cleaned
from lifepot.periods import date_of

FONT = "Libertinus Serif"
"""Comes inside the typst package: no font of the machine is used."""

COLOURS = {"worker": "#1769aa", "employer": "#00703c", "government": "#8a2b83"}
"""On paper; a page has its own, for light and dark."""

PLAIN_LETTERS = 0x250
"""Letters below this the font has."""

NOT_SHOWN = "\N{WHITE SQUARE}"


def page_of(paper: Paper) -> str:
    """The paper as a page: no script, nothing fetched, for light and dark, a telephone and print."""
    return _page("paper.html").render(paper=cleaned(paper), drawn=lambda picture: _svg(picture, for_page=True)) + "\n"


def block_of(block: Block, label: str) -> str:
    """One block as it stands on a page, for a page that is not a paper; `label` names a table that has no caption."""
    module: Any = _page("blocks.html").module
    return str(module.block(cleaned(block), label, lambda picture: _svg(picture, for_page=True)))


def pdf_of(paper: Paper) -> bytes:
    """The paper as a PDF that is tagged, has a title and a language, and describes its picture (PDF/UA-1). A letter that the
    font does not have shows as an empty square, and the paper says so.
    """
    paper = cleaned(paper)
    said = {
        "title": paper.title, "about": paper.about, "under": paper.under, "language": paper.language, "foot": paper.foot,
        "font": FONT, "colours": COLOURS, "blocks": [_said(one) for one in paper.blocks],
        "sections": [
            {"heading": one.heading, "on_new_page": one.on_new_page, "blocks": [_said(block) for block in one.blocks]}
            for one in paper.sections
        ],
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False)
    odd = {ord(letter): NOT_SHOWN for letter in set(text) if ord(letter) >= PLAIN_LETTERS and not _has(letter)}
    if odd:
        said["under"] = [
            *paper.under,
            f"A letter that cannot be printed here is shown as {NOT_SHOWN}; the page has it.",
        ]
        text = json.dumps(said, ensure_ascii=False).translate(odd)
    date = date_of(paper.on)
    written = _compiler().compile(
        _template(),
        format="pdf",
        sys_inputs={"paper": text},
        pdf_standards=["ua-1"],
        timestamp=datetime(date.year, date.month, date.day, tzinfo=UTC),
    )
    assert isinstance(written, bytes)
    return written


def _said(block: Block) -> dict[str, Any]:
    if isinstance(block, Picture):
        said = {"kind": block.kind, "caption": block.caption, "alt": block.alt, "key": block.key}
        return said | {"svg": _svg(block, for_page=False)}
    return asdict(block)


def _svg(picture: Picture, *, for_page: bool) -> str:
    return _page("bands.svg").render(c=picture.bands, alt=picture.alt, colours=None if for_page else COLOURS, font=FONT)


@cache
def _page(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(str(files("lifepot.pages"))), autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(name)


@cache
def _template() -> bytes:
    return files("lifepot.pages").joinpath("paper.typ").read_bytes()


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)


@cache
def _has(letter: str) -> bool:
    """Whether a letter can be printed."""
    asked = b'#set document(title: "?")\n#set text(lang: "en", font: "%s")\n#sys.inputs.letter' % FONT.encode()
    try:
        _compiler().compile(asked, format="pdf", sys_inputs={"letter": letter}, pdf_standards=["ua-1"], timestamp=0)
    except typst.TypstError:
        return False
    return True
