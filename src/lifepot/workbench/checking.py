"""A text on the workbench: its name, its faults as somebody types, and whether it is small enough for a public page.

The reader itself bounds what a text may bring about: nesting, and terms with aliases counted, so that a few lines of aliases of
aliases are refused and not unfolded. What is bounded here comes on top, for anybody may send anything to a public page.
"""

from dataclasses import dataclass, field
from typing import Any

from lifepot.budgets.places import MOST_RULES
from lifepot.errors import LifepotError, Misuse
from lifepot.rulebook.reader import RulebookFault, judge, rulebook_text, shipped_names
from lifepot.rulebook.terms import Rulebook
from lifepot.workbench.texts import LARGEST_TEXT_BYTES

MOST_FAULTS = 100
"""Faults that are told; nobody reads more beside the text."""

MOST_TERMS_OF_RULES = 200
"""Amounts and rules together; the longest shipped rulebook has thirty."""

FILE = "rulebook.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text's faults and notes, and the rulebook where it has no faults."""

    rulebook: Rulebook | None
    faults: list[RulebookFault] = field(default_factory=list)
    notes: list[RulebookFault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "title": self.rulebook.title if self.rulebook is not None else None,
            "faults": [one.as_dict() for one in self.faults],
            "notes": [one.as_dict() for one in self.notes],
        }


class NotARulebook(LifepotError):
    """A text with faults: nothing can be redrawn until they are gone."""

    def __init__(self, faults: list[RulebookFault]) -> None:
        self.faults = faults
        many = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        super().__init__(
            f"The rulebook has {many}, first in line {faults[0].line}: {faults[0].found}.",
            remedy=f"Expected there: {faults[0].expected}.",
        )


def beginnings() -> dict[str, str]:
    """The rulebooks that somebody may begin with: name and text of each that is shipped."""
    return {name: rulebook_text(name)[0] for name in shipped_names()}


def checked(text: str) -> Checked:
    """The text's faults, in the order of their places, and its notes; a hundred of each at most."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST_TEXT_BYTES:
        most = f"at most {LARGEST_TEXT_BYTES:,} bytes"
        return Checked(None, [RulebookFault(FILE, 1, 1, "size", "", f"a text of {size:,} bytes", most)])
    judged = judge(text, FILE)
    faults = judged.faults[:MOST_FAULTS]
    return Checked(None if faults else judged.rulebook, faults, judged.notes[:MOST_FAULTS])


def rulebook_of(text: str) -> Rulebook:
    """The rulebook in a text. Raises `NotARulebook` for one with faults, `Misuse` for one that is too large to be redrawn."""
    found = checked(text)
    if found.rulebook is None:
        raise NotARulebook(found.faults)
    book = found.rulebook
    if len(book.rules) > MOST_RULES or len(book.rules) + len(book.amounts) > MOST_TERMS_OF_RULES:
        raise Misuse(
            f"{book.name} has {len(book.rules)} rules and {len(book.amounts)} amounts; the workbench takes {MOST_RULES} rules, and "
            f"{MOST_TERMS_OF_RULES} of both.",
            remedy="Cost it with `lifepot lab cost`, or make it smaller.",
        )
    return book
