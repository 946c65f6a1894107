"""A file that a payer's own payroll hands in speaks of that payer's pay, and of nothing else: else nothing of it is taken."""

from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Fault
from lifepot.intake.reader import Reading, read
from lifepot.intake.rows import Block
from lifepot.kernel.columns import Kind
from lifepot.scheme.reply import Reply
from lifepot.scheme.standing import read_standing

MOST_TOLD = 20

NOT_PAYROLLS = (Kind.WITHDRAWN, Kind.CLOSED, Kind.DIED)
"""What only a member, or the scheme itself, can say of an account."""


def names_of(connection: psycopg.Connection[Any], payer: int) -> list[str]:
    """All that files may call a payer: its reference, then its other ones."""
    rows = connection.execute(
        "select ref from payer where id = %(payer)s union all select ref from payer_alias where payer = %(payer)s",
        {"payer": payer},
    ).fetchall()
    return [ref for (ref,) in rows]


def others_in(
    connection: psycopg.Connection[Any], path: Path, payer: int, as_of: int, layout: str | None = None
) -> list[Fault]:
    """What in a file is not this payer's to tell, in every layout: rows of other payers (refused ones too), of none, or of a kind
    that is not payroll's. None for a file that is right in this, or that nothing can be taken of anyway.
    """
    reading = read(path, today=max(as_of, read_standing(connection).as_of), layout=layout)
    names = names_of(connection, payer)
    found: list[Fault] = []
    seen = 0
    for block in reading.blocks():
        found += _others(reading, block, names, seen)
        seen = len(reading.payers)
        if len(found) >= MOST_TOLD:
            break
    return found[:MOST_TOLD]


def _others(reading: Reading, block: Block, names: list[str], seen: int) -> list[Fault]:
    """The faults of a block; payers from `seen` on were not met before."""
    rows, found = block.rows, []
    for number, name in enumerate(reading.payers[seen:], seen):
        if name not in names:
            line = int(rows.line[rows.payer == number].min(initial=np.iinfo(np.int64).max))
            at = line if line < np.iinfo(np.int64).max else 0
            found.append(Fault(reading.file, at, 0, "payer_other", "payer", name[:80], " or ".join(names)))
    for row in np.flatnonzero(rows.payer < 0)[:1].tolist():
        line = int(rows.line[row])
        found.append(Fault(reading.file, line, 0, "payer_other", "payer", "no payer", " or ".join(names)))
    for row in np.flatnonzero(np.isin(rows.kind, NOT_PAYROLLS))[:1].tolist():
        word = Kind(int(rows.kind[row])).name.lower()
        found.append(Fault(reading.file, int(rows.line[row]), 0, "kind_other", "kind", word, "pay, paid or status"))
    return found


def refused_whole(path: Path, faults: list[Fault], as_of: int, currency: str) -> Reply:
    """The reply to a file of which nothing is taken for these faults."""
    reply = Reply(path.name, state="refused", as_of=as_of, currency=currency)
    for fault in faults:
        reply.tell(fault)
    return reply
