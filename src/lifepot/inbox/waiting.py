"""Everything that waits for a person, in one list: what the books know of, and what the door keeps beside them."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.payments.waiting import Waiting, Waits, waiting
from lifepot.periods import day_of, parse_day

KINDS: dict[str, tuple[str, str]] = {
    "rejected_rows": ("Refused rows", "Rows that a file's sender must put right."),
    "file_question": ("Files that ask", "Files of which nobody said whether they replace or add."),
    "file_overdue": ("Files not arrived", "Payers whose next file should have come."),
    "suspense": ("In suspense", "Entries on the bank's statement that nobody knows the meaning of."),
    "withdrawal_evidence": ("Evidence missing", "Withdrawals that wait for a paper of the member's."),
    "withdrawal_approval": ("Withdrawals to approve", "Withdrawals that lack nothing but somebody's yes or no."),
    "income_approval": ("Incomes to approve", "Regular incomes that were asked for or changed."),
    "came_back": ("Payments that came back", "Payments that the bank gave back and nobody has sent again."),
    "no_account": ("No account to pay to", "Money that is to leave, and nobody said where to."),
    "refused_claim": ("Refused claims", "Lines of claims that a funder refused."),
    "difference": ("Differences", "What file, bank and ledger do not agree on, as they were last held side by side."),
    "message": ("Messages", "What members wrote."),
    "proposal": ("To agree to", "What one of us asked for and another must agree to."),
}
"""Each kind that waits: what it is called, and what it is."""


def everything(connection: Connection, as_of: int) -> Waiting:
    """All that waits as of a day, oldest first. The connection acts: where money of a person's waits for an account is known only
    by what names that person; what is told of it is a number.
    """
    found = waiting(connection, as_of)
    items = [*found.items, *_differences(connection), *_messages(connection), *_proposals(connection)]
    return Waiting(found.currency, as_of, sorted(items, key=lambda one: (one.since, one.kind, str(one.about[1]))))


def last_side_by_side(connection: Connection) -> dict[str, Any] | None:
    """File, bank and ledger as they were last held side by side; None if nobody did yet."""
    row = connection.execute(
        "select answer from door.progress join door.job using (job) where kind = 'reconcile' and ended_at is not null "
        "and not failed and answer is not null order by job desc limit 1"
    ).fetchone()
    return None if row is None else dict(row[0])


def _differences(connection: Connection) -> list[Waits]:
    last = last_side_by_side(connection)
    if last is None:
        return []
    return [
        Waits(
            "difference", f"{line['what']}: {line['because']}.", parse_day(line["since"]), ("line", line["what"]),
            line["difference_minor"],
        )
        for line in last["lines"]
        if line["difference_minor"] and line["since"]
    ]  # fmt: skip


def _messages(connection: Connection) -> list[Waits]:
    rows = connection.execute(
        "select message, member, kind, (sent_at at time zone 'UTC')::date from door.message where answered_at is null"
    ).fetchall()
    return [
        Waits("message", f"Member {member} wrote: {kind.replace('_', ' ')}.", day_of(on), ("message", message))
        for message, member, kind, on in rows
    ]


def _proposals(connection: Connection) -> list[Waits]:
    rows = connection.execute(
        "select proposal, kind, member, asked_by, (asked_at at time zone 'UTC')::date from door.proposal where decided_at is null"
    ).fetchall()
    return [
        Waits(
            "proposal",
            f"{asked_by} asks to {WORDS[kind]}{f' {member}' if member else ''}; another person must agree.",
            day_of(on),
            ("proposal", proposal),
        )
        for proposal, kind, member, asked_by, on in rows
    ]


WORDS = {
    "correct": "put a fact right of member", "born": "put the birth day right of member", "merge": "merge member",
    "split": "split member", "erase": "erase member", "adopt": "adopt a rulebook",
}  # fmt: skip
"""What each kind of proposal asks to do."""
