"""What a paper says, as values. Every text is plain: whoever writes it down on a page or in a PDF sees to it that nothing in
it is read as anything but text.
"""

import re
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

from lifepot.drawing.bands import Bands

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
"""Characters that show as nothing, turn the order of those around them, or are none."""


@dataclass(frozen=True, slots=True)
class Says:
    """A paragraph. `tone`: "lead" for what matters most, "plain", or "quiet" for what explains it."""

    text: str
    tone: str = "plain"
    kind: str = "says"


@dataclass(frozen=True, slots=True)
class Big:
    """One figure, large, with what it is."""

    label: str
    figure: str
    kind: str = "big"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell; `quiet` explains it on a line of its own."""

    text: str
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the head of each column, and rows of as many cells, of which the first is the row's head. `numeric` are the
    columns of figures, by position; `sums` the rows that add up those above; `widest` the column that takes the room.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    sums: tuple[int, ...] = ()
    widest: int = 0
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of bands, what it shows in words (`alt`), and its key: each look's name and words."""

    caption: str
    alt: str
    bands: Bands
    key: tuple[tuple[str, str], ...]
    kind: str = "picture"


Block = Says | Big | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading of their own. `on_new_page`: where there are pages, it begins one."""

    heading: str
    blocks: tuple[Block, ...]
    on_new_page: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper. `about` stands above its title, `under` below it; `on` is the day (since 1970-01-01) it is dated."""

    title: str
    about: str
    under: tuple[str, ...]
    on: int
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    language: str = "en"
    foot: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What the paper says, as JSON carries it; coordinates of pictures are left out."""

        def said(block: Block) -> dict[str, Any]:
            return {key: value for key, value in asdict(block).items() if key != "bands"}

        return {
            "title": self.title, "about": self.about, "under": list(self.under), "foot": self.foot,
            "blocks": [said(one) for one in self.blocks],
            "sections": [
                {"heading": one.heading, "blocks": [said(block) for block in one.blocks]} for one in self.sections
            ],
        }  # fmt: skip


Value = TypeVar("Value")


def cleaned(value: Value) -> Value:
    """The same value with no text in it that holds a character which shows as nothing or turns others round."""
    if isinstance(value, str):
        return UNSEEN.sub("", value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(cleaned(one) for one in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: cleaned(getattr(value, one.name)) for one in fields(value)})
    return value


@dataclass(slots=True)
class Blocks:
    """Blocks in the making."""

    blocks: list[Block] = field(default_factory=list)

    def say(self, text: str, tone: str = "plain") -> None:
        """One paragraph more."""
        self.blocks.append(Says(text, tone))

    def add(self, block: Block) -> None:
        """One block more."""
        self.blocks.append(block)

    def all(self) -> tuple[Block, ...]:
        """All of them."""
        return tuple(self.blocks)
