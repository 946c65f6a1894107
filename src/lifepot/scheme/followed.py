"""What followed from one line of a received file: its facts, and what they brought to whom. A lookup, within what one may see."""

from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.errors import Fault
from lifepot.ledger.chart import name_of
from lifepot.storage.rows import BATCH_BITS


@dataclass(frozen=True, slots=True)
class Followed:
    """One entry that a line brought: from an account to an account, under a rule ("" for none), minor units."""

    entry: int
    debit: str
    credit: str
    minor: int
    rule: str
    effective_on: str

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON carries it."""
        return {
            "entry": self.entry, "debit": self.debit, "credit": self.credit, "amount_minor": self.minor,
            "rule": self.rule or None, "effective_on": self.effective_on,
        }  # fmt: skip


def followed_from(connection: psycopg.Connection[Any], file: str, line: int) -> list[Followed]:
    """The entries of the batch in which a file's line was received that came of that line, in their order."""
    rows = connection.execute(
        "select batch.number from batch join personal.received_file using (file) where received_file.name = %s", [file]
    ).fetchall()
    found = []
    for (batch,) in rows:
        low, high = batch << BATCH_BITS, (batch + 1) << BATCH_BITS
        for entry, debit, credit, minor, rule, on in connection.execute(
            "select transfer.id, debit, credit, transfer.amount, coalesce(rule.name, ''), transfer.effective_on "
            "from transfer left join rule on rule.id = transfer.rule "
            "where transfer.id >= %(low)s and transfer.id < %(high)s and fact in ("
            "select id from fact where id >= %(low)s and id < %(high)s and line = %(line)s) order by transfer.id",
            {"low": low, "high": high, "line": line},
        ):
            found.append(Followed(entry, name_of(debit), name_of(credit), minor, rule, on.isoformat()))
    return found


def faults_of_line(connection: psycopg.Connection[Any], file: str, line: int) -> list[Fault]:
    """Why a line of a received file was refused: none if it was not."""
    return [
        Fault(file, *row)
        for row in connection.execute(
            "select line, file_column, code, path, found, expected from personal.reject "
            "join personal.received_file using (file) where name = %s and line = %s and state = 'open' order by id",
            [file, line],
        ).fetchall()
    ]


def entries_after(connection: psycopg.Connection[Any], after: int, most: int) -> list[Followed]:
    """The entries that the connection sees, by rising number, those after one: so many at most."""
    return [
        Followed(entry, name_of(debit), name_of(credit), minor, rule, on.isoformat())
        for entry, debit, credit, minor, rule, on in connection.execute(
            "select transfer.id, debit, credit, transfer.amount, coalesce(rule.name, ''), transfer.effective_on "
            "from transfer left join rule on rule.id = transfer.rule where transfer.id > %s order by transfer.id limit %s",
            [after, most],
        ).fetchall()
    ]
