"""What people are called by a payer's own files, for that payer's eyes.

The scheme knows people by what all payers told. A payroll that names somebody's National Insurance number must not hear from us
what others told of them: it gets back what it said itself, and of people whom its file no longer names what it was the first to say.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lifepot.intake.rows import Rows
from lifepot.kernel.columns import NONE, Kind
from lifepot.periods import format_day
from lifepot.scheme.accept import Work
from lifepot.scheme.lives import read_rows
from lifepot.storage.rows import Rows as TableRows
from lifepot.storage.rows import blank_facts

NOBODY: dict[str, Any] = {"name": "", "nino": None, "payroll_ids": [], "born": None}


def called_by(work: Work, payer: int, facts: TableRows, members: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Name, NINO, payroll ids and birth day of members, as this file and earlier ones of the payer say them. `facts`: this file's."""
    found = _in_this_file(work, facts, members)
    rest = [member for member in members if member not in found]
    if rest:
        found |= _in_earlier_files(work, payer, rest)
    return {member: found.get(member, NOBODY) for member in members}


def _in_this_file(work: Work, facts: TableRows, members: Sequence[int]) -> dict[int, dict[str, Any]]:
    mine = facts[np.isin(facts["member"], np.array(members, dtype=np.int64))]
    _, first = np.unique(mine["member"], return_index=True)
    member_by_line = dict(zip(mine["line"][first].tolist(), mine["member"][first].tolist(), strict=True))
    lines = np.array(sorted(member_by_line), dtype=np.int64)
    found: dict[int, dict[str, Any]] = {}
    for block in work.reading.blocks() if len(lines) else ():
        for row in np.flatnonzero(np.isin(block.rows.line, lines)).tolist():
            found.setdefault(member_by_line[int(block.rows.line[row])], _said(block.rows, row))
        if len(found) == len(lines):
            break
    return found


def _said(rows: Rows, row: int) -> dict[str, Any]:
    person = rows.person(row)
    payroll_id, born = bytes(rows.payroll_id[row]).decode(), int(rows.born[row])
    return {
        "name": " ".join(part for part in (person.get("forename", ""), person.get("surname", "")) if part),
        "nino": bytes(rows.nino[row]).decode()[:8] or None, "payroll_ids": [payroll_id] if payroll_id else [],
        "born": None if born == NONE else format_day(born),
    }  # fmt: skip


def _in_earlier_files(work: Work, payer: int, members: list[int]) -> dict[int, dict[str, Any]]:
    numbers = np.array(sorted(members), dtype=np.int64)
    owner, rows = read_rows(work.store, numbers, blank_facts(0))
    told = rows["kind"] <= Kind.DIED
    owner, rows = owner[told], rows[told]
    brought = []
    for member in numbers.tolist():
        mine = rows[owner == member]
        # A person's name is that of whoever first told of them.
        if len(mine) and mine["payer"][mine["id"].argmin()] == payer:
            brought.append(member)
    jobs = work.connection.execute(
        "select member, array_agg(payroll_id order by payroll_id) from personal.employment where member = any(%s) and payer = %s "
        "group by member",
        [members, payer],
    ).fetchall()
    named = work.connection.execute(
        "select member, trim(forename || ' ' || surname), born, (select nino from personal.identity where identity.member = "
        "person.member limit 1) from personal.person where member = any(%s)",
        [brought],
    ).fetchall()
    found = {member: NOBODY | {"payroll_ids": ids} for member, ids in jobs}
    for member, name, born, nino in named:
        said = {"name": name, "nino": nino, "born": None if born is None else born.isoformat()}
        found[member] = found.get(member, NOBODY) | said
    return found
