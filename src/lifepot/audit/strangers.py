"""Rows that were not written with their batch: where a digest says only which batch, this says which rows."""

from typing import Any

import psycopg

from lifepot.audit.findings import Findings

MOST_NAMED = 20

_ROWS = """
    select 'fact', 'id ' || id || ', member ' || member, xmin::text from fact where id >= %(first)s and id < %(past)s
    union all
    select 'transfer', 'id ' || id || ', row ' || id - %(first)s, xmin::text from transfer where id >= %(first)s and id < %(past)s
    union all select 'closing', 'member ' || member, xmin::text from closing where batch = %(batch)s
    union all select 'rulebook_version', 'id ' || id, xmin::text from rulebook_version where batch = %(batch)s
    union all select 'rule', 'id ' || id, xmin::text from rule where batch = %(batch)s
    union all select 'attribute', 'id ' || id, xmin::text from attribute where batch = %(batch)s
    union all select 'payer', 'id ' || id, xmin::text from payer where batch = %(batch)s
    union all select 'payer_alias', 'payer ' || payer, xmin::text from payer_alias where batch = %(batch)s
    union all select 'told', 'payer ' || payer, xmin::text from told where batch = %(batch)s
    union all select 'payer_bust', 'payer ' || payer, xmin::text from payer_bust where batch = %(batch)s
    union all select 'payment_run', 'number ' || number, xmin::text from payment_run where batch = %(batch)s
    union all select 'bank_entry', 'number ' || number, xmin::text from bank_entry where batch = %(batch)s
    union all select 'received_block', 'file ' || file || ', block ' || block, xmin::text
    from personal.received_block where file = %(file)s
        and not exists (select from personal.blanked_row where blanked_row.file = received_block.file)
        and not exists (select from batch where batch.file = %(file)s and batch.number < %(batch)s)
"""


def name_strangers(connection: psycopg.Connection[Any], batch: int, file: int | None, findings: Findings) -> None:
    """Name a changed batch's rows that another transaction wrote.

    A batch is one transaction, and PostgreSQL keeps with each row which one wrote it; changing a row writes it anew. In a
    database restored from a dump this says nothing (each table is one transaction there), and nothing is named.
    """
    asked = {"batch": batch, "first": batch << 32, "past": batch + 1 << 32, "file": file}
    row = connection.execute("select xmin::text from batch where number = %s", [batch]).fetchone()
    assert row is not None, "the batch was just there"
    query = f"select writer, count(*) from ({_ROWS}) as written (t, r, writer) group by 1"
    counts = connection.execute(query, asked).fetchall()
    others = {writer: count for writer, count in counts if writer != row[0]}
    if len(counts) == len(others) == 1:
        findings.add(
            "row",
            f"table batch, number {batch}",
            "a row written later than its batch's others",
            "one written with them",
        )
    elif sum(others.values()) * 2 <= sum(count for _, count in counts):
        query = f"select * from ({_ROWS}) as written (t, r, writer) where writer <> %(own)s limit {MOST_NAMED}"
        for table, place, _ in connection.execute(query, asked | {"own": row[0]}).fetchall():
            findings.add(
                "row",
                f"batch {batch}, table {table}, {place}",
                "a row not written with its batch",
                "one written with it",
            )


_ORPHANS = {
    "fact": ("id", "fact.id >> 32"),
    "transfer": ("id", "transfer.id >> 32"),
    "closing": ("member", "closing.batch"),
    "rulebook_version": ("id", "rulebook_version.batch"),
    "rule": ("id", "rule.batch"),
    "attribute": ("id", "attribute.batch"),
    "payer": ("id", "payer.batch"),
    "payer_alias": ("ref", "payer_alias.batch"),
    "payer_bust": ("payer", "payer_bust.batch"),
    "told": ("payer", "told.batch"),
}


def name_orphans(connection: psycopg.Connection[Any], findings: Findings) -> None:
    """Name rows whose batch, and received files whose receipt, does not exist."""
    for table, (key, batch) in _ORPHANS.items():
        query = (
            f"select {batch}, count(*), min({key}), max({key}) from {table} "
            f"where not exists (select from batch where number = {batch}) group by 1 order by 1 limit {MOST_NAMED}"
        )
        for number, count, first, last in connection.execute(query.encode()).fetchall():
            findings.add(
                "reference",
                f"table {table}, {key} {first} to {last}",
                f"{count} rows of batch {number}",
                "a batch that exists",
            )
    query = "select distinct file from personal.received_block as block where not exists (select from batch where file = block.file)"
    for (file,) in connection.execute(query).fetchall():
        findings.add(
            "reference", f"table received_block, file {file}", "a file that no batch received", "one that was received"
        )
