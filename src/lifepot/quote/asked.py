"""What is asked: one CSV file, `ref,member,on,purpose,amount,as` and a column for each attribute said with the ask."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lifepot.entitle import undeclared
from lifepot.errors import Fault
from lifepot.kernel.columns import NONE
from lifepot.kernel.program import Program
from lifepot.money import parse_minor
from lifepot.periods import parse_day
from lifepot.sheets import Row, figure_in, read_rows

ASK_COLUMNS = ("ref", "member", "on", "purpose", "amount", "as")
WAYS = ("leaves", "arrives", "price")
"""What an amount is: this much leaves the account, this much must arrive, or a price that is to be paid."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: on a day, what would happen if a member took money out.

    `member` is a position among the people, `purpose` the number of the purpose that `word` names (-1: none), `said`
    the attributes that come with it, by number. `amount` is in minor units.
    """

    ref: str
    line: int
    member: int
    on: int
    word: str
    purpose: int
    amount: int
    way: str
    said: tuple[tuple[int, int], ...]


def read_asks(program: Program, file: Path, members: list[str]) -> tuple[list[Ask], list[Fault], list[Fault]]:
    """The asks of a file, the faults of the rows that were left out, and notes on rows that were not."""
    faults: list[Fault] = []
    notes: list[Fault] = []
    asks: list[Ask] = []
    number_by_member = {name: number for number, name in enumerate(members)}
    seen: set[str] = set()
    for row in read_rows(file, ASK_COLUMNS, faults, required=ASK_COLUMNS):
        ref, ask = row.cells["ref"], _ask(program, row, str(file), faults, notes, number_by_member)
        if ref in seen:
            place = row.places["ref"]
            faults.append(Fault(str(file), row.line, place, "ref_twice", "ref", ref, "a ref of its own"))
        elif ask is not None:
            asks.append(ask)
        seen.add(ref)
    return asks, faults, notes


def _ask(
    program: Program, row: Row, file: str, faults: list[Fault], notes: list[Fault], number_by_member: dict[str, int]
) -> Ask | None:
    """One ask, or None with its faults added."""
    before, (line, cells, places) = len(faults), row

    def fault(column: str, code: str, found: str, expected: str) -> Fault:
        return Fault(file, line, places[column], code, column, found, expected)

    def figure(column: str, parse: Callable[[str], int]) -> int:
        return figure_in(cells[column], parse, file, line, places[column], column, faults, nothing=NONE)

    if not cells["ref"]:
        faults.append(fault("ref", "ref_missing", "nothing", "a ref of its own"))
    if cells["member"] not in number_by_member:
        faults.append(fault("member", "member_unknown", cells["member"], "a member of the people's file"))
    for column, example in (("on", "a date such as 2026-04-06"), ("amount", "an amount such as 12.50")):
        if not cells[column]:
            faults.append(fault(column, f"{column}_missing", "nothing", example))
    on, amount = figure("on", parse_day), figure("amount", parse_minor)
    if amount != NONE and amount < 0:
        faults.append(fault("amount", "amount_negative", cells["amount"], "an amount of zero or more"))
    if cells["as"] not in WAYS:
        faults.append(fault("as", "as_unknown", cells["as"] or "nothing", "one of " + ", ".join(WAYS)))
    purpose = program.purpose_named(cells["purpose"])
    if purpose is None:
        purposes = ", ".join(program.rulebook.purposes) or "none, for this rulebook has no purposes"
        if cells["as"] == "price":
            expected = f"a purpose of the rulebook, which a price is paid for: {purposes}"
            faults.append(fault("purpose", "purpose_unknown", cells["purpose"] or "nothing", expected))
        elif cells["purpose"]:
            expected = "a purpose of the rulebook, else it counts as none"
            notes.append(fault("purpose", "purpose_none", cells["purpose"], expected))
    said = []
    for word, text in cells.items():
        if word in ASK_COLUMNS or not text:
            continue
        named = program.attribute_named(word)
        if named is None:
            faults.append(undeclared(program, file, line, word, column=places[word]))
            continue
        said.append((program.attribute(named), figure(word, partial(program.encode, named))))
    if len(faults) > before:
        return None
    number = -1 if purpose is None else purpose
    member = number_by_member[cells["member"]]
    return Ask(cells["ref"], line, member, on, cells["purpose"], number, amount, cells["as"], tuple(said))
