"""Claims from a CSV file: a row a claim, in the order in which they were made.

Columns are what every claim says (`claim_terms.SAID`) and the fields that the rulebook's claims add; one that is left
out, or empty, is not said. Amounts are in major units with two decimals.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lifepot.claiming.deadlines import counts_from_joining
from lifepot.claiming.message import Message, Said
from lifepot.errors import Fault, Misuse
from lifepot.money import parse_minor
from lifepot.periods import parse_day
from lifepot.rulebook.claim_terms import SAID, FieldKind, kinds_of
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import Rulebook
from lifepot.sheets import Row, read_rows

COLUMNS = tuple(SAID)
REQUIRED = ("id", "account", "kind", "period_start", "period_end")

PARSER_BY_KIND: dict[FieldKind, Callable[[str], Said]] = {
    "money": parse_minor,
    "day": parse_day,
    "yes_no": parse_yes_no,
    "word": str,
}
MAY_BE_NEGATIVE = {"result"}


def read_claims(book: Rulebook, file: Path, as_of: int | None) -> tuple[list[Message], list[Fault]]:
    """The claims of a file that can be answered, and the faults of the others.

    A claim that does not say when it was made was made on `as_of`; one made after it is not seen. Raises
    `LifepotError` for a file that cannot be read at all, and `Misuse` for a rulebook without claims.
    """
    if not book.claims:
        raise Misuse(f"{book.title} says nothing of claims.", remedy="Give a rulebook with a section `claims`.")
    faults: list[Fault] = []
    messages = []
    for row in read_rows(file, COLUMNS, faults, REQUIRED):
        message = _Reading(book, row, str(file), as_of, faults).message()
        if message is not None and (as_of is None or message.made_on <= as_of):
            messages.append(message)
    return messages, faults


@dataclass(slots=True)
class _Reading:
    """One row being read."""

    book: Rulebook
    row: Row
    file: str
    as_of: int | None
    faults: list[Fault]
    said: dict[str, Said] = field(default_factory=dict)

    def fault(self, column: str, code: str, found: str, expected: str) -> None:
        """One more fault, at its column."""
        place = self.row.places.get(column, 0)
        self.faults.append(Fault(self.file, self.row.line, place, code, column, found, expected))

    def message(self) -> Message | None:
        """The claim in the row; None, with its faults added, where it cannot be answered."""
        before = len(self.faults)
        claim = self.book.claims.get(self.row.cells["kind"])
        if claim is None:
            found, declared = self.row.cells["kind"] or "nothing", ", ".join(self.book.claims)
            self.fault("kind", "kind_unknown", found, f"a kind of claim the rulebook has: {declared}")
            return None
        kinds = kinds_of(claim)
        for column, text in self.row.cells.items():
            if text and column not in kinds:
                self.fault(column, "field_unknown", text, f"nothing: a {self.row.cells['kind']} claim does not say it")
            elif text:
                self._cell(column, text, kinds[column])
        if not self.row.cells["made_on"] and self.as_of is not None:
            self.said["made_on"] = self.as_of
        needed = [*REQUIRED, "made_on", *(["amount"] if claim.rules else [])]
        if counts_from_joining(self.book, claim.period):
            needed.append("opened_on")
        for column in needed:
            if column not in self.said and not self.row.cells.get(column):
                self.fault(column, f"{column}_missing", "nothing", EXPECTED[SAID[column]])
        if len(self.faults) > before:
            return None
        return _message(self.said, [name for name in claim.fields if name in self.said])

    def _cell(self, column: str, text: str, kind: FieldKind) -> None:
        try:
            told = PARSER_BY_KIND[kind](text)
        except ValueError as error:
            found, _, expected = str(error).partition(" is not ")
            self.fault(column, f"{column}_unreadable", found, expected or "a figure")
            return
        if kind == "money" and isinstance(told, int) and told < 0 and column not in MAY_BE_NEGATIVE:
            self.fault(column, "amount_negative", text, "an amount of zero or more")
        else:
            self.said[column] = told


EXPECTED: dict[FieldKind, str] = {
    "money": "an amount such as 12.50",
    "day": "a date such as 2026-04-06",
    "yes_no": "yes or no",
    "word": "a word",
}
"""What would be right where nothing is said."""


def _message(said: dict[str, Said], fields: list[str]) -> Message:
    def day(name: str) -> int:
        told = said[name]
        assert isinstance(told, int)
        return told

    def minor(name: str) -> int | None:
        told = said.get(name)
        assert not isinstance(told, str)
        return told

    def word(name: str) -> str:
        return str(said.get(name, ""))

    return Message(
        id=word("id"),
        account=word("account"),
        kind=word("kind"),
        made_on=day("made_on"),
        period_start=day("period_start"),
        period_end=day("period_end"),
        reason=word("reason"),
        amount_minor=minor("amount"),
        supersedes=word("supersedes"),
        original_minor=minor("original_amount"),
        correction=word("correction"),
        result_minor=minor("result"),
        recovered_minor=minor("recovered"),
        opened_on=minor("opened_on"),
        fields={name: said[name] for name in fields},
    )
