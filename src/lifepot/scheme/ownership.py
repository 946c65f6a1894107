"""Whose a file is: what a payer hands in may tell of that payer alone, by whichever of its references, in whichever layout."""

from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Fault
from lifepot.intake.reader import Reading, read
from lifepot.kernel.columns import Kind
from lifepot.scheme.reply import Reply
from lifepot.scheme.standing import read_standing

MOST_TOLD = 20

THEIRS_TO_TELL = (Kind.PAY, Kind.PAID, Kind.STATUS)
"""What a payroll or a platform knows. That money left, an account ended or somebody died, the scheme itself is told."""


def not_theirs(
    connection: psycopg.Connection[Any],
    payer: int,
    path: Path,
    today: int,
    layout: str | None = None,
    name: str | None = None,
) -> list[Fault]:
    """What of a file is not this payer's to tell: none, and it may be received as theirs. A file that cannot be read has no such
    fault; receiving it says what is wrong. The connection sees at least the payer and its aliases. `name`: of the file, in faults.
    """
    # As receiving it reads it: time does not run back.
    reading = read(path, today=max(today, read_standing(connection).as_of), layout=layout)
    if name is not None:
        reading.file = name
    refs = {
        ref
        for (ref,) in connection.execute(
            "select ref from payer where id = %(payer)s union select ref from payer_alias where payer = %(payer)s",
            {"payer": payer},
        ).fetchall()
    }
    found: list[Fault] = []
    for block in reading.blocks():
        # Names grow as blocks are read; -1 is the worker, who pays by no payroll.
        mine = np.array([*(one in refs for one in reading.payers), False])
        rows = block.rows
        strange = ~mine[rows.payer]
        for at in np.flatnonzero(strange)[:MOST_TOLD]:
            who = reading.payers[rows.payer[at]] if rows.payer[at] >= 0 else "the worker"
            found.append(
                _fault(reading, int(rows.line[at]), "payer_not_yours", "payer", who, " or ".join(sorted(refs)))
            )
        for at in np.flatnonzero(~np.isin(rows.kind, THEIRS_TO_TELL))[:MOST_TOLD]:
            told = Kind(int(rows.kind[at])).name.lower()
            expected = ", ".join(one.name.lower() for one in THEIRS_TO_TELL)
            found.append(_fault(reading, int(rows.line[at]), "not_yours_to_tell", "kind", told, expected))
        if len(found) >= MOST_TOLD:
            break
    # A row that is refused may be put right later; whose it is, is said already.
    told_lines = {fault.found for fault in found}
    for who in reading.payers:
        if who not in refs and who not in told_lines and len(found) < MOST_TOLD:
            found.append(_fault(reading, 0, "payer_not_yours", "payer", who, " or ".join(sorted(refs))))
    return sorted(found, key=lambda one: one.line)[:MOST_TOLD]


def refused_for(file: str, faults: list[Fault]) -> Reply:
    """The reply to a file that is not its sender's: nothing of it was taken."""
    reply = Reply(file, state="refused")
    for fault in faults:
        reply.tell(fault)
    return reply


def _fault(reading: Reading, line: int, code: str, path: str, found: str, expected: str) -> Fault:
    return Fault(reading.file, line, 0, code, path, found, expected)
