"""What intake hands on: blocks of accepted rows and of rejects, each with the bytes it came from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.errors import Fault
from lifepot.intake.cells import Bool, Int, Texts

Objects = NDArray[np.object_]
Person = Callable[[bytes], Mapping[str, str]]
"""From a row's bytes to what they say of the person."""


@dataclass(slots=True)
class Rows:
    """Accepted rows, as columns of one length, a row each. Days, money, hours and NONE are as in `kernel.columns`.

    line           int64   number of the row's first line in the file, from 1 (XML: of the element)
    raw_start      int64   offset of the row's first byte in the block's `raw`
    raw_end        int64   offset after its last byte, without the line's end
    payer          int32   position in the reading's `payers`; -1: the worker
    nino           S9      in capitals without spaces, 8 or 9 characters; b"": none. The first 8 name the person:
                           the last letter may be left out and says nothing of who it is
    payroll_id     S35     the payer's own name for the person (UTF-8); b"": none
    born           int64   day; NONE
    kind           int64   `Kind`
    on             int64   pay date, payment's day, or a status's first day
    period_start   int64   day; NONE
    period_end     int64   day; NONE
    frequency      int64   `Frequency`
    earnings       int64   gross pay, minor units; NONE
    worker         int64   what the row says the worker paid, minor units; NONE
    employer       int64   what the row says the employer or platform pays, minor units; NONE
    amount         int64   minor units of a `PAID` or `WITHDRAWN`; NONE
    hours          int64   hundredths of an hour; NONE
    left_on        int64   day the job ended; NONE
    opted_out_on   int64   day; NONE
    attribute      object  text, of a `STATUS`; "" elsewhere
    value          object  text: the attribute's value, or a withdrawal's purpose; ""
    reason         object  text: why there is no money, why a job ended, or a platform's kind of job; ""
    reference      S35     the sender's own number of this row (a platform's job_id); b"": none
    """

    line: Int
    raw_start: Int
    raw_end: Int
    payer: NDArray[np.int32]
    nino: Texts
    payroll_id: Texts
    born: Int
    kind: Int
    on: Int
    period_start: Int
    period_end: Int
    frequency: Int
    earnings: Int
    worker: Int
    employer: Int
    amount: Int
    hours: Int
    left_on: Int
    opted_out_on: Int
    attribute: Objects
    value: Objects
    reason: Objects
    reference: Texts
    raw: bytes
    read_person: Person

    def __len__(self) -> int:
        return len(self.line)

    def person(self, row: int) -> dict[str, str]:
        """What a row says of its person: title, forename, surname, gender, address, postcode, country, email.

        Only keys with a text are there. It is read from the row's bytes when asked, because names and addresses are
        most of a file and are needed only for people who are new.
        """
        return dict(self.read_person(self.raw[self.raw_start[row] : self.raw_end[row]]))

    def take(self, rows: Int | Bool) -> "Rows":
        """These rows, in this order, over the same `raw`."""
        columns: dict[str, Any] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            columns[column.name] = value[rows] if isinstance(value, np.ndarray) else value
        return Rows(**columns)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Where the refused rows stand, as columns of one length: as in `Rows`."""

    line: Int
    raw_start: Int
    raw_end: Int

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: Bool) -> "Rejected":
        """These rows."""
        return Rejected(self.line[rows], self.raw_start[rows], self.raw_end[rows])

    def join(self, other: "Rejected") -> "Rejected":
        """Both tables' rows, by line."""
        line = np.concatenate((self.line, other.line))
        order = np.argsort(line, kind="stable")
        starts, ends = (self.raw_start, other.raw_start), (self.raw_end, other.raw_end)
        return Rejected(line[order], np.concatenate(starts)[order], np.concatenate(ends)[order])


@dataclass(frozen=True, slots=True)
class Block:
    """Some of a file's rows.

    `rejects` are all faults of the `rejected` rows, by line and column. `raw` is the bytes of both kinds of rows,
    and of blank lines; in CSV a file's `head` and its blocks' `raw`, joined, are the file.
    """

    rows: Rows
    rejects: list[Fault]
    rejected: Rejected
    raw: bytes
