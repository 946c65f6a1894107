"""What a form of the workbench says, and how a text's numbers and faults are put on a page."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from lifepot.errors import Misuse
from lifepot.workbench.texts import LARGEST_TEXT_BYTES

HEADS = {
    "values": "Rates, sums and ages", "membership": "Who has an account", "purposes": "What the money is for", "rules": "Who pays in, and when",
    "amounts": "How amounts are worked out", "conditions": "Conditions", "claims": "Claims", "attributes": "What is known of people", "days": "Days",
}  # fmt: skip
OTHERS = "Other numbers"

MOST_NUMBERS = 150
"""Numbers that have a slider; the others are changed in the text."""

MANY = 3
"""Numbers of one figure, by birth say, that stand in sight."""

AROUND = 2
"""Lines shown before and after one with a fault."""

LONGEST_LINE = 200
NUMBER = "number:"


def text_of(form: dict[str, str], file: tuple[str, bytes] = ("", b"")) -> str:
    """The text that a form brings, or a file with it. Raises `Misuse` for one that is too large or no text."""
    if file[1]:
        if len(file[1]) > LARGEST_TEXT_BYTES:
            raise _too_large(len(file[1]))
        try:
            text = file[1].decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Misuse("The file is no text in UTF-8.", remedy="Hand in a rulebook: a YAML file.") from None
    else:
        text = form.get("text", "")
    # Browsers send a form's lines with two letters at each end.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST_TEXT_BYTES:
        raise _too_large(size)
    if not text.strip():
        raise Misuse("There is no text.", remedy="Type a rulebook, hand in a file, or begin with one that is there.")
    if "\0" in text:
        raise Misuse("The text holds a character that no text has.", remedy="Hand in a rulebook: a YAML file.")
    return text


def _too_large(size: int) -> Misuse:
    return Misuse(
        f"The text has {size:,} bytes.",
        remedy=f"A rulebook has at most {LARGEST_TEXT_BYTES:,} bytes here; make it shorter.",
    )


def numbers_of(form: dict[str, str]) -> dict[str, str]:
    """Numbers that were changed: a field's name says which number it is, and what it was when the page was written."""
    found = {}
    for name, value in form.items():
        which, _, was = name.removeprefix(NUMBER).rpartition(":")
        if name.startswith(NUMBER) and which and value.strip() not in {"", was}:
            found[which] = value.strip()
    if len(found) > MOST_NUMBERS:
        raise Misuse(f"{len(found)} numbers at once.", remedy=f"Change at most {MOST_NUMBERS}, or the text itself.")
    return found


def session_of(given: str) -> str:
    """Which page of the workbench asks: what it asks later takes the place of what it asked before. No cookie: two pages are two."""
    return given if re.fullmatch(r"[\w-]{8,40}", given, re.ASCII) else secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers of one section: those in sight, and those that are folded under a few words."""

    head: str
    numbers: list[dict[str, Any]]
    folded: list[tuple[str, list[dict[str, Any]]]]


def groups(numbers: list[dict[str, Any]]) -> list[Group]:
    """A text's numbers by the sections in which they stand."""
    found: dict[str, list[dict[str, Any]]] = {}
    for at, one in enumerate(numbers[:MOST_NUMBERS]):
        head = HEADS.get(one["which"].split(".")[0], OTHERS)
        found.setdefault(head, []).append(one | {"at": at, "unit_words": _unit(one)})
    # What people came for first: a tolerance stands at the top of every text.
    if others := found.pop(OTHERS, None):
        found[OTHERS] = others
    return [_group(head, its) for head, its in found.items()]


def _group(head: str, numbers: list[dict[str, Any]]) -> Group:
    alike: dict[str, list[dict[str, Any]]] = {}
    for one in numbers:
        parts = one["which"].split(".")
        alike.setdefault(parts[1] if parts[0] == "values" and len(parts) > 4 else "", []).append(one)
    folded = {name: its for name, its in alike.items() if name and len(its) > MANY}
    inside = {one["which"] for its in folded.values() for one in its}
    others = [one for one in numbers if one["which"] not in inside]
    told = [(f"{its[0]['words'].partition(',')[0].capitalize()}: {len(its)} numbers", its) for its in folded.values()]
    if earlier := [one for one in others if not one["is_in_force"]]:
        told.append((f"Figures of other days: {len(earlier)}", earlier))
    return Group(head, [one for one in others if one["is_in_force"]], told)


def _unit(one: dict[str, Any]) -> str:
    """A number's unit; of an age also its years."""
    if one["unit"] != "age":
        return "" if one["unit"] == "count" else str(one["said_in"])
    years, months = divmod(int(one["value"]), 12)
    return f"months of age ({years} years{f' {months} months' if months else ''})"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text beside a fault: its number from 1, what stands in it, and whether a fault does."""

    number: int
    text: str
    is_wrong: bool


def excerpts(text: str, faults: list[dict[str, Any]]) -> list[list[Line]]:
    """The lines with faults and those around them, in pieces that hang together."""
    lines = text.split("\n")
    wrong = {one["line"] for one in faults}
    near = sorted({at for line in wrong for at in range(line - AROUND, line + AROUND + 1) if 1 <= at <= len(lines)})
    found: list[list[Line]] = []
    for at in near:
        line = Line(at, lines[at - 1][:LONGEST_LINE], at in wrong)
        if found and found[-1][-1].number == at - 1:
            found[-1].append(line)
        else:
            found.append([line])
    return found
