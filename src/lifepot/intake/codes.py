"""Every fault that intake can find, with its weight and its meaning. `docs/file-layouts.md` prints this table."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How far a fault reaches."""

    NOTE = "note"
    """Nothing is refused."""

    ROW = "row"
    """This row is refused; the others go on."""

    STOP = "stop"
    """Reading ends here; the rows before it stand."""

    FILE = "file"
    """Nothing of the file is taken."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: how far it reaches, and what it says."""

    weight: Weight
    meaning: str


CODES: dict[str, Code] = {
    "file_empty": Code(Weight.FILE, "There is nothing in the file."),
    "encoding": Code(Weight.FILE, "A byte that is not UTF-8; the first one is named by line and column."),
    "nul_byte": Code(Weight.FILE, "A NUL byte: the file is not text, or was damaged on its way."),
    "layout_unknown": Code(Weight.FILE, "The first line, or the root element, is that of no layout we read."),
    "column_missing": Code(Weight.FILE, "The header lacks a column that the layout must have."),
    "column_twice": Code(Weight.FILE, "Two columns of the header have one name."),
    "xml_doctype": Code(Weight.FILE, "A document type declaration; none is needed, and they carry entity attacks."),
    "payer_not_yours": Code(Weight.FILE, "A payer hands in a file that names another, or none."),
    "not_yours_to_tell": Code(
        Weight.FILE, "A payer tells what is not a payer's to know: a withdrawal, an end, a death."
    ),
    "file_cut_off": Code(Weight.STOP, "The file ends in the middle of a row or an element."),
    "row_endless": Code(Weight.STOP, "A row longer than a mebibyte, or 16 mebibytes of XML without an employee."),
    "refused_throughout": Code(
        Weight.STOP, "20,000 rows in a row were refused: this is another layout, or a slip in all."
    ),
    "xml_malformed": Code(Weight.STOP, "The XML is not well formed."),
    "no_rows": Code(Weight.NOTE, "The header is right and no row follows it."),
    "column_unknown": Code(Weight.NOTE, "A column that the layout does not know; it is kept, and not read."),
    "last_line_open": Code(
        Weight.NOTE, "The last row is whole but has no line end; if the file was cut off, send it again."
    ),
    "irmark_differs": Code(Weight.NOTE, "The IRmark is not that of the body: it was changed after it was signed."),
    "irmark_unchecked": Code(Weight.NOTE, "The file is too large to check its IRmark in memory."),
    "fields_too_few": Code(Weight.ROW, "Fewer fields than the header has."),
    "fields_too_many": Code(Weight.ROW, "More fields than the header has; often a comma in an unquoted text."),
    "quote_stray": Code(Weight.ROW, "A quotation mark that neither opens nor closes a field."),
    "value_missing": Code(Weight.ROW, "A row of this kind must fill this column."),
    "value_unexpected": Code(Weight.ROW, "A row of this kind must leave this column empty."),
    "text_too_long": Code(Weight.ROW, "A name of a thing longer than its column holds."),
    "version_unknown": Code(Weight.ROW, "A PAPDIS version we do not read."),
    "kind_unknown": Code(Weight.ROW, "A word that is no kind of row."),
    "frequency_unknown": Code(Weight.ROW, "A word that is no pay frequency of the layout."),
    "job_kind_unknown": Code(Weight.ROW, "A word that is no kind of job."),
    "nino_impossible": Code(Weight.ROW, "A National Insurance number that cannot have been issued."),
    "person_unnamed": Code(Weight.ROW, "Neither a National Insurance number nor a payroll id with a birth date."),
    "born_future": Code(Weight.ROW, "Born after the day the file is read."),
    "born_too_old": Code(Weight.ROW, "More than 120 years old."),
    "date_impossible": Code(Weight.ROW, "Not a day of the calendar from 1900 to 2199, written YYYY-MM-DD."),
    "date_future": Code(Weight.ROW, "More than 31 days after the day the file is read."),
    "moment_impossible": Code(Weight.ROW, "Not a moment such as 2026-05-03T09:15:00Z."),
    "period_order": Code(Weight.ROW, "The period ends before it starts."),
    "job_order": Code(Weight.ROW, "The job ends before it starts."),
    "amount_comma": Code(Weight.ROW, "A comma in an amount."),
    "amount_decimals": Code(Weight.ROW, "More than two decimals."),
    "amount_negative": Code(Weight.ROW, "An amount below zero."),
    "amount_too_large": Code(Weight.ROW, "An amount above 10,000,000,000,000.00."),
    "amount_not_number": Code(Weight.ROW, "Text where an amount belongs."),
    "says_nothing": Code(Weight.ROW, "A pay row with no amount, no hours, no reason and no event."),
}
"""In the order of the docs' table: the file, its rows' shape, then what the cells say."""
