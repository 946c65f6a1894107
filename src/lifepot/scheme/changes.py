"""What a received file changed, for its reply: by rule, what was held, refused or rounded, what was removed, what to know."""

from typing import Any

import numpy as np
import psycopg

from lifepot.errors import Fault
from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account
from lifepot.periods import format_day
from lifepot.scheme.accept import Work
from lifepot.scheme.old_rates import at_old_rates
from lifepot.scheme.settle import Settled, opened_on, registers_in
from lifepot.storage.rows import Rows as TableRows

MOST_KINDS = 128
"""Above every `Account`."""


def removed_rows(connection: psycopg.Connection[Any], removed: TableRows) -> list[dict[str, Any]]:
    """Pays that a replacement no longer has, as a reply shows them."""
    if not len(removed):
        return []
    names = dict(
        connection.execute(
            "select id, ref from payer where id = any(%s)", [np.unique(removed["payer"]).tolist()]
        ).fetchall()
    )
    return [
        {
            "member": int(row["member"]),
            "payer": names.get(int(row["payer"]), ""),
            "effective_on": format_day(int(row["effective_on"])),
            "line": int(row["line"]),
        }
        for row in removed
    ]


def totals_by_account(transfers: TableRows) -> dict[tuple[int, int], int]:
    """Credits less debits by rule and kind of account, all parts of a pot together; what comes to nothing is left out."""
    width = int(transfers["rule"].max(initial=0)) + 1
    totals = np.zeros((MOST_KINDS, width), dtype=np.int64)
    for side, add in (("credit", np.add), ("debit", np.subtract)):
        kind = transfers[side] >> OWNER_BITS
        place = np.where(kind < Account.IN_TRANSIT, kind % PART_STEP, kind)
        add.at(totals.reshape(-1), place * width + transfers["rule"], transfers["amount"])
    return {(rule, account): int(totals[account, rule]) for account, rule in np.argwhere(totals).tolist()}


def changes(work: Work, settled: Settled) -> None:
    """What the file changed, by rule, from its transfers."""
    transfers, reply = settled.transfers, work.reply
    reply.transfers = len(transfers)
    sums: dict[tuple[int, str], int] = {}
    for (rule, account), total in totals_by_account(transfers).items():
        word = _WORD.get(account, "")
        sums[(rule, word)] = sums.get((rule, word), 0) + total
    old = at_old_rates(work, settled)
    reply.old_rate_minor = sum(old.values())
    for rule, name in work.standing.rule_names.items():
        sent, owed = sums.get((rule, "sent"), 0), sums.get((rule, "owed"), 0) - old.get(rule, 0)
        if sent or owed:
            reply.by_rule.append({"rule": name, "sent_minor": sent, "owed_minor": owed})
    reply.held_minor = sum(total for (_, word), total in sums.items() if word == "held")
    reply.refused_minor = sum(total for (_, word), total in sums.items() if word == "refused")
    reply.rounding_minor = sum(total for (_, word), total in sums.items() if word == "rounding")


_WORD: dict[int, str] = {
    Account.WORKER: "sent", Account.EMPLOYER: "sent", Account.GOVERNMENT: "sent",
    Account.WORKER_OWED: "owed", Account.EMPLOYER_OWED: "owed", Account.GOVERNMENT_OWED: "owed",
    Account.HELD_FOR: "held", Account.REFUSED: "refused", Account.ROUNDING: "rounding",
}  # fmt: skip


def notes(work: Work, settled: Settled) -> None:
    """What the sender may want to know of accepted rows: no account is open, or the rulebook has no figure for the day."""
    facts = settled.facts
    if len(settled.closings):
        shut = settled.closings["member"][opened_on(registers_in(settled.closings)) == NONE]
        money = np.maximum(np.maximum(facts["earnings"], facts["worker"]), facts["employer"]) > 0
        pay = np.flatnonzero(
            (facts["kind"] == Kind.PAY) & money & np.isin(facts["member"], shut) & work.standing.program.carries
        )
        for row in pay[:100]:
            note = Fault(
                work.reading.file,
                int(facts["line"][row]),
                0,
                "account_not_open",
                "",
                "pay of a person for whom no account is open",
                "a person whom the rulebook lets in",
            )
            work.reply.notes.append(note)
    line_by_fact = dict(zip(facts["id"].tolist(), facts["line"].tolist(), strict=True)) if settled.gaps else {}
    for gap in settled.gaps[:100]:
        expected = f"a day and frequency for which the rulebook has a figure for {gap.value}"
        work.reply.notes.append(
            Fault(work.reading.file, line_by_fact.get(gap.fact, 0), 0, gap.code, "", format_day(gap.on), expected)
        )
