"""Bank statements as CSV: a header line, and a row a movement.

Banks agree on no header, so each column is known by several spellings (`SPELLINGS`); columns that none of them names are
passed over. Rows may run forwards or backwards in time. Where there is a running balance, every step of it is checked.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

from lifepot.banking.figures import any_day, signed_minor
from lifepot.banking.payments import BankEntry, BankStatement, Reading
from lifepot.errors import Fault
from lifepot.intake.parsers import CellError
from lifepot.intake.texts import first_fault_of_text
from lifepot.money import EXPONENT_BY_CURRENCY, format_minor

SPELLINGS: dict[str, tuple[str, ...]] = {
    "date": ("date", "transaction date", "booking date", "posting date", "date posted", "value date"),
    "text": (
        "description",
        "reference",
        "narrative",
        "transaction description",
        "details",
        "payment reference",
        "memo",
    ),
    "amount": ("amount", "amount (gbp)", "value", "transaction amount"),
    "paid_in": ("paid in", "money in", "credit", "credit amount", "credits", "paid in (gbp)"),
    "paid_out": ("paid out", "money out", "debit", "debit amount", "debits", "paid out (gbp)"),
    "balance": ("balance", "running balance", "balance (gbp)", "account balance"),
    "id": ("transaction id", "id", "bank reference", "transaction reference", "fitid"),
    "name": ("name", "counterparty", "counter party", "payee", "counterparty name"),
    "kind": ("type", "transaction type", "transaction code"),
}
"""How each column may be called, in any case. The first two spellings of `text` may stand side by side: both are read."""

_LONGEST_CELL = 80


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: the line it begins on, and its cells by column."""

    line: int
    cells: dict[str, str]


class _Faults:
    """The faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.all: list[Fault] = []

    def note(self, line: int, column: int, code: str, path: str, found: str, expected: str) -> None:
        self.all.append(Fault(self.file, line, column, code, path, found[:_LONGEST_CELL], expected))


def read_statement_csv(octets: bytes, file: str, *, account: str = "", currency: str = "GBP") -> Reading:
    """The one statement of a file and every fault; a file with a fault has no statement.

    account   whose statement it is, since no column says so: IBAN, or digits with the sort code first
    currency  of every amount

    Opening and closing balance are those of a balance column, and None without one. Which row came first is told by the
    days; of one day alone, by which order adds up; and where both do, the first row is taken to be the first. The
    statement has no id.
    """
    faults = _Faults(file)
    if EXPONENT_BY_CURRENCY.get(currency) != 2:
        faults.note(0, 0, "currency_unknown", "", currency, "one of " + ", ".join(EXPONENT_BY_CURRENCY))
        return Reading((), tuple(faults.all))
    if not octets.strip():
        faults.note(0, 0, "file_empty", "", "nothing", "a header line and rows")
        return Reading((), tuple(faults.all))
    wrong = first_fault_of_text(BytesIO(octets), file)
    if wrong is not None:
        return Reading((), (wrong,))
    lines = _lines(octets.decode("utf-8-sig"), faults)
    header = next(lines, None)
    places = _places(header[1] if header else [], faults)
    if not places or header is None:
        return Reading((), tuple(faults.all))
    entries = [
        entry
        for line, cells in lines
        if (row := _row(line, cells, header[1], places, faults)) and (entry := _entry(row, places, currency, faults))
    ]
    if not entries and not faults.all:
        faults.note(1, 0, "statement_none", "", "no row", "at least one row")
    opening, closing = _balances(entries, places, faults) if not faults.all else (None, None)
    if faults.all:
        return Reading((), tuple(faults.all))
    days = [entry.booked_on for entry in entries]
    statement = BankStatement(
        line=1,
        statement_id="",
        account=account,
        currency=currency,
        entries=tuple(entries),
        opening_minor=opening,
        opening_on=min(days),
        closing_minor=closing,
        closing_on=max(days),
    )
    return Reading((statement,), ())


def _lines(text: str, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """The fields of every row that has any, with the line it begins on; a stray quotation mark ends them."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as wrong:
            faults.note(line, 0, "quote_stray", "", str(wrong), "quotation marks around whole fields, and in pairs")
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _places(header: Sequence[str], faults: _Faults) -> dict[str, list[int]]:
    """Where each column stands, from 0; nothing if a statement cannot be read by this header."""
    folded = [" ".join(name.split()).casefold() for name in header]
    places: dict[str, list[int]] = {}
    for column, spellings in SPELLINGS.items():
        at = [place for spelling in spellings for place, name in enumerate(folded) if name == spelling]
        if at:
            places[column] = sorted(at) if column == "text" else at[:1]
        seconds = [place for place in at if folded.count(folded[place]) > 1]
        if seconds:
            faults.note(1, seconds[-1] + 1, "column_twice", header[seconds[-1]], "a second time", "each column once")
    split = ("paid_in", "paid_out")
    if not {"date", "amount", "paid_in", "paid_out"} & set(places):
        found = ",".join(header)
        expected = "a header line with " + ", ".join(
            f"{column} ({SPELLINGS[column][0]})" for column in ("date", "text")
        )
        faults.note(1, 0, "layout_unknown", "", found, expected + " and amounts")
        return {}
    missing = [column for column in ("date", "text") if column not in places]
    if "amount" not in places:
        missing += [column for column in split if column not in places]
    for column in missing:
        faults.note(1, 0, "column_missing", column, "no such column", "one of " + ", ".join(SPELLINGS[column]))
    if "amount" in places and any(column in places for column in split):
        both = "an amount, and paid in or paid out beside it"
        faults.note(1, places["amount"][0] + 1, "column_twice", "amount", both, "either one or the other")
    return {} if faults.all else places


def _row(line: int, cells: list[str], header: list[str], places: dict[str, list[int]], faults: _Faults) -> _Row | None:
    """A row's cells by column."""
    if len(cells) != len(header):
        code = "fields_too_few" if len(cells) < len(header) else "fields_too_many"
        faults.note(line, 0, code, "", f"{len(cells)} fields", f"{len(header)}, as the header")
        return None
    by_column = {column: " ".join(filter(None, (cells[place] for place in at))) for column, at in places.items()}
    return _Row(line, by_column)


def _entry(row: _Row, places: dict[str, list[int]], currency: str, faults: _Faults) -> BankEntry | None:
    """A row as an entry; None with faults."""
    before = len(faults.all)

    def figure(column: str) -> int | None:
        said = row.cells.get(column, "")
        try:
            return signed_minor(said) if said else None
        except CellError as wrong:
            faults.note(row.line, places[column][0] + 1, wrong.code, column, said, wrong.expected)
            return 0

    booked_on = None
    said = row.cells["date"]
    try:
        booked_on = any_day(said)
    except CellError as wrong:
        faults.note(row.line, places["date"][0] + 1, wrong.code, "date", said, wrong.expected)
    signed = (
        figure("amount") if "amount" in places else _moved(row, places, figure("paid_in"), figure("paid_out"), faults)
    )
    balance = figure("balance")
    if signed is None and len(faults.all) == before:
        faults.note(row.line, 0, "value_missing", "amount", "no amount", "an amount in every row")
    if len(faults.all) > before or booked_on is None or signed is None:
        return None
    return BankEntry(
        line=row.line,
        amount_minor=abs(signed),
        currency=currency,
        is_credit=signed >= 0,
        booked_on=booked_on,
        bank_reference=row.cells.get("id", ""),
        remittance=row.cells["text"],
        counterparty_name=row.cells.get("name", ""),
        transaction_code=row.cells.get("kind", ""),
        balance_minor=balance,
    )


def _moved(
    row: _Row, places: dict[str, list[int]], paid_in: int | None, paid_out: int | None, faults: _Faults
) -> int | None:
    """What a row adds, of two columns of which one is filled; a 0.00 in the other is as good as nothing."""
    for column, figure in (("paid_in", paid_in), ("paid_out", paid_out)):
        if figure is not None and figure < 0:
            found = row.cells[column]
            faults.note(row.line, places[column][0] + 1, "amount_negative", column, found, "an amount of zero or more")
    if paid_in and paid_out:
        found = f"{row.cells['paid_in']} in and {row.cells['paid_out']} out"
        faults.note(row.line, places["paid_out"][0] + 1, "value_unexpected", "paid_out", found, "one of the two")
    if paid_in is None and paid_out is None:
        return None
    return (paid_in or 0) - (paid_out or 0)


def _balances(
    entries: Sequence[BankEntry], places: dict[str, list[int]], faults: _Faults
) -> tuple[int | None, int | None]:
    """Opening and closing balance, if a balance column says them; with faults where a step of it is wrong."""
    forwards = _walk(entries)
    backwards = _walk(reversed(entries))
    first, last = entries[0].booked_on, entries[-1].booked_on
    # Of one day alone the order cannot be told by the dates: whichever adds up is right.
    order = [forwards, backwards] if first < last else [backwards, forwards]
    if first == last:
        order = sorted([forwards, backwards], key=lambda walked: len(walked.wrong))
    best = order[0]
    for entry, comes_to in best.wrong:
        assert entry.balance_minor is not None
        found = f"{format_minor(entry.balance_minor)} after {format_minor(entry.signed_minor)}"
        expected = f"{format_minor(comes_to)}; the difference is {format_minor(comes_to - entry.balance_minor)}"
        faults.note(entry.line, places["balance"][0] + 1, "balance_differs", "balance", found, expected)
    return best.opening, best.closing


@dataclass(frozen=True, slots=True)
class _Walked:
    """Running balances followed in one direction: what comes before and after, and where a step is wrong."""

    opening: int | None
    closing: int | None
    wrong: tuple[tuple[BankEntry, int], ...]


def _walk(entries: Iterable[BankEntry]) -> _Walked:
    """Rows in the order of time. Between two balances that are said, all rows count."""
    opening: int | None = None
    closing: int | None = None
    moved = 0
    wrong = []
    for entry in entries:
        moved += entry.signed_minor
        if closing is not None:
            closing += entry.signed_minor
        if entry.balance_minor is None:
            continue
        if closing is None:
            opening = entry.balance_minor - moved
        elif closing != entry.balance_minor:
            wrong.append((entry, closing))
        closing = entry.balance_minor
    return _Walked(opening, closing, tuple(wrong))
