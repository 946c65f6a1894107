"""`lifepot verify`: the whole scheme proved again from its rows, by a path that shares nothing with what wrote them.

Rows → digests → chain; transfers → balances → closings; facts → replay → what should have been posted. Only the database's
driver, the rulebook's reader and the audit's own replay are used; nothing of `kernel`, `ledger`, `storage` or `scheme`.
"""

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from lifepot.audit.book import read_book
from lifepot.audit.chained import BEGINNING, Progress, Walk
from lifepot.audit.entitled import check_entitlements
from lifepot.audit.findings import Findings, Problem

__all__ = ["Findings", "Problem", "Progress", "verify"]


def verify(
    connection: psycopg.Connection[Any], *, head: bytes | None = None, progress: Progress | None = None
) -> Findings:
    """Prove chain, balances, entitlements and references of the scheme in this database, all as of one moment.

    `head`, from an earlier reply, must stand in the chain: whoever holds it knows that nothing up to there was written anew,
    not even together with all digests. `progress` is told the stage ("chain", "entitlements"), how many are done, of how
    many. The connection must be outside a transaction. LifepotError where there is no scheme.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("verify begins a transaction of its own: commit first")
    findings = Findings(given_head=head)
    with connection.transaction():
        # One picture of all tables, whatever is received meanwhile.
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local datestyle to iso")
        book = read_book(connection, findings)
        walk = Walk(connection, book, findings)
        walk.run(progress)
        if head == BEGINNING:
            findings.given_place = 0
        elif head is not None and findings.given_place is None:
            findings.add("head", f"head {head.hex()}", "nowhere in the chain", "the head of one of its batches")
        check_entitlements(connection, book, walk, findings, progress)
    return findings
