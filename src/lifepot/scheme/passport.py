"""The file with which an account goes from one scheme to another: JSON lines, described in docs/file-layouts.md.

The first line says who and from where; then a line for each share of the pot, for each rule and what it gave, and for each fact.
A scheme that is not ours need not have facts: it says when the account opened and what was paid in this year.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from lifepot.errors import Fault
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, PARTIES, Kind
from lifepot.money import LARGEST_MINOR
from lifepot.periods import format_day, parse_day

VERSION = 1

DAYS = ("on", "period_start", "period_end")
AMOUNTS = ("amount", "earnings", "worker", "employer")
KINDS = tuple(kind.name.lower() for kind in Kind)

Line = dict[str, Any]


@dataclass(slots=True)
class Passport:
    """What the file says. Days are numbers, amounts minor units; in `facts` what was not said is NONE, words are words."""

    scheme: str = ""
    currency: str = ""
    moved_on: int = 0
    nino: str = ""
    forename: str = ""
    surname: str = ""
    born: int | None = None
    opened_on: int | None = None
    joined: int | None = None
    paid_this_year: int | None = None
    shares: list[tuple[str, str, int]] = field(default_factory=list)
    """Part of the pot ("": the only one), party, and what came along."""
    given: list[tuple[str, str, int, int]] = field(default_factory=list)
    """Rule, party, what it gave in all, and since the year began: for people, and for schemes that do not read facts."""
    facts: list[Line] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The file's line of each fact."""

    def text(self, to: str) -> str:
        """The file."""
        lines: list[Line] = [
            *({"share": {"part": part, "party": party, "amount_minor": minor}} for part, party, minor in self.shares),
            *(
                {"given": {"rule": rule, "party": party, "amount_minor": minor, "this_year_minor": year}}
                for rule, party, minor, year in self.given
            ),
            *({"fact": _written(fact)} for fact in self.facts),
        ]
        head: Line = {
            "account_transfer": VERSION, "scheme": self.scheme, "to": to, "currency": self.currency, "moved_on": format_day(self.moved_on),
            "nino": self.nino, "forename": self.forename, "surname": self.surname, "born": _day_text(self.born),
            "opened_on": _day_text(self.opened_on), "joined": _day_text(self.joined), "lines": len(lines),
        }  # fmt: skip
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [head, *lines])


def _day_text(day: int | None) -> str | None:
    return None if day is None else format_day(day)


def _written(fact: Line) -> Line:
    """A fact without what was not said."""
    said: Line = {name: value for name, value in fact.items() if value not in ("", NONE)}
    said |= {name: format_day(said[name]) for name in DAYS if name in said}
    return {f"{name}_minor" if name in AMOUNTS else name: value for name, value in said.items()}


class _Wrong(Exception):
    """What was found in a line, where in it, and what was expected."""

    def __init__(self, code: str, path: str, found: object, expected: str) -> None:
        super().__init__(code)
        self.code, self.path, self.found, self.expected = code, path, str(found)[:80], expected


def read_passport(text: str, file: str) -> tuple[Passport, list[Fault]]:
    """The file's content, and what is wrong with it: with any fault, nothing of it is to be used."""
    found = Passport()
    faults: list[Fault] = []
    said = -1
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        try:
            row = _row(line)
            if number == 1:
                said = _head(found, row)
            else:
                _add(found, row, number)
        except _Wrong as wrong:
            faults.append(Fault(file, number, 0, wrong.code, wrong.path, wrong.found, wrong.expected))
            if number == 1:
                return found, faults
    if not lines:
        faults.append(Fault(file, 0, 0, "file_empty", "", "nothing", "a line that begins an account's transfer"))
    elif said not in (-1, len(lines) - 1):
        expected = f"{said} lines after the first, as it says"
        faults.append(Fault(file, len(lines), 0, "file_cut_off", "lines", f"{len(lines) - 1} lines", expected))
    return found, faults


def _row(line: str) -> Line:
    try:
        row = json.loads(line, parse_float=lambda text: text)
    except (ValueError, RecursionError):
        raise _Wrong("not_json", "", line, "a line of JSON") from None
    if not isinstance(row, dict):
        raise _Wrong("not_json", "", line, "a JSON object")
    return row


def _head(found: Passport, row: Line) -> int:
    """Reads the first line; gives how many lines it says follow (-1: it does not say)."""
    if row.get("account_transfer") != VERSION:
        raise _Wrong("layout_unknown", "account_transfer", row.get("account_transfer"), f"{VERSION}")
    for name in ("scheme", "currency", "nino"):
        setattr(found, name, _word(row, name, needed=True))
    for name in ("forename", "surname"):
        setattr(found, name, _word(row, name))
    moved_on = _day(row, "moved_on")
    if moved_on is None:
        raise _Wrong("value_missing", "moved_on", "nothing", "the day the account left")
    found.moved_on = moved_on
    found.born, found.opened_on, found.joined = (_day(row, name) for name in ("born", "opened_on", "joined"))
    found.paid_this_year = _number(row, "paid_this_year_minor")
    return -1 if row.get("lines") is None else _number(row, "lines") or 0


def _add(found: Passport, row: Line, number: int) -> None:
    """Reads a later line."""
    if len(row) != 1:
        raise _Wrong("layout_unknown", "", ", ".join(row), "one of share, given, fact")
    ((word, content),) = row.items()
    if not isinstance(content, dict):
        raise _Wrong("not_json", word, content, "a JSON object")
    match word:
        case "share":
            found.shares.append((_word(content, "part"), _party(content), _amount(content, "amount_minor")))
        case "given":
            total, year = (_number(content, name) or 0 for name in ("amount_minor", "this_year_minor"))
            found.given.append((_word(content, "rule", needed=True), _party(content), total, year))
        case "fact":
            found.facts.append(_fact(content))
            found.lines.append(number)
        case _:
            raise _Wrong("layout_unknown", "", word, "one of share, given, fact")


def _fact(content: Line) -> Line:
    fact: Line = {"kind": _word(content, "kind", needed=True)}
    if fact["kind"] not in KINDS:
        raise _Wrong("kind_unknown", "kind", fact["kind"], f"one of {', '.join(KINDS)}")
    for name in DAYS:
        day = _day(content, name)
        fact[name] = NONE if day is None else day
    if fact["on"] == NONE:
        raise _Wrong("value_missing", "on", "nothing", "the day it is true")
    for name in AMOUNTS:
        amount = _number(content, f"{name}_minor")
        fact[name] = NONE if amount is None else amount
    if fact["kind"] in {"paid", "withdrawn"} and fact["amount"] == NONE:
        raise _Wrong("value_missing", "amount_minor", "nothing", "an amount")
    hours = _number(content, "hours")
    fact["hours"] = NONE if hours is None else hours
    for name in ("payer", "frequency", "attribute", "value"):
        fact[name] = _word(content, name)
    if fact["frequency"] and fact["frequency"] not in FREQUENCY_WORDS:
        raise _Wrong("frequency_unknown", "frequency", fact["frequency"], f"one of {', '.join(FREQUENCY_WORDS)}")
    return fact


def _word(row: Line, name: str, *, needed: bool = False) -> str:
    word = row.get(name)
    if word in (None, "") and not needed:
        return ""
    if not isinstance(word, str) or not word or "\x00" in word:
        raise _Wrong("value_missing", name, "nothing" if word in (None, "") else word, "text")
    return word


def _party(row: Line) -> str:
    party = _word(row, "party", needed=True)
    if party not in PARTIES:
        raise _Wrong("party_unknown", "party", party, f"one of {', '.join(PARTIES)}")
    return party


def _day(row: Line, name: str) -> int | None:
    text = row.get(name)
    if text is None:
        return None
    try:
        return parse_day(text if isinstance(text, str) else "")
    except ValueError:
        raise _Wrong("date_impossible", name, text, "a day such as 2026-04-06") from None


def _number(row: Line, name: str) -> int | None:
    number = row.get(name)
    if number is None:
        return None
    if type(number) is not int or not -LARGEST_MINOR <= number <= LARGEST_MINOR:
        raise _Wrong("amount_not_number", name, number, "a whole number of minor units")
    return number


def _amount(row: Line, name: str) -> int:
    number = _number(row, name)
    if number is None or number < 0:
        raise _Wrong("amount_negative", name, "nothing" if number is None else number, "minor units, nothing or more")
    return number
