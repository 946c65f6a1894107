"""What a payer sent at an old rate before it had to know the new one: owed to the member, and no error of the payer's."""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import Kind
from lifepot.ledger.chart import Account, kind_of, owner_of
from lifepot.periods import day_of
from lifepot.scheme.accept import Work
from lifepot.scheme.paydays import counts_from
from lifepot.scheme.settle import VERSION, Settled, registers_in
from lifepot.storage.rows import BATCH_BITS, FACT, Rows

Int = NDArray[np.int64]

STATED = (Account.WORKER_OWED, Account.EMPLOYER_OWED)
"""Where stands what a payer is to send."""


def at_old_rates(work: Work, settled: Settled) -> dict[int, int]:
    """Of what these transfers say that payers owe, by rule: what is missing from pays that sent something, after the member
    chose another rate and before the pay date from which a payroll has to know it (minor units).
    """
    attributes = work.standing.program.rulebook.attributes
    rates = [
        number
        for number, name in enumerate(work.standing.attributes)
        if name in attributes and attributes[name].kind == "percent"
    ]
    owing = _owing(settled) if rates else settled.transfers[:0]
    if not len(owing):
        return {}
    whose = owner_of(_pot(owing))
    member, rows = work.store.rows_of(FACT, work.store.closings_all(np.unique(whose)))
    said = (rows["kind"] == Kind.STATUS) & np.isin(rows["attribute"], rates) & (rows["payer"] == 0)
    found: dict[int, int] = {}
    known: dict[int, int] = {}
    for at in np.flatnonzero(np.isin(whose, member[said])).tolist():
        one = owing[at]
        theirs = slice(*np.searchsorted(member, [whose[at], whose[at] + 1]))
        statuses, pay = rows[theirs][said[theirs]], rows[theirs][rows[theirs]["id"] == one["fact"]]
        if not len(pay) or pay["kind"][0] != Kind.PAY or _stated(pay, _pot(owing[at : at + 1]))[0] <= 0:
            continue
        if any(_excuses(work, status, pay[0], rows[theirs], known) for status in statuses):
            sign = 1 if kind_of(int(one["debit"])) == Account.OWED_BY else -1
            found[int(one["rule"])] = found.get(int(one["rule"]), 0) + sign * int(one["amount"])
    return {rule: minor for rule, minor in found.items() if minor}


def _owing(settled: Settled) -> Rows:
    """Transfers between what a payer owes and what is owed to a member of whom something was said (nobody else is read whole),
    but for new pays that sent nothing of it.
    """
    transfers = settled.transfers
    kinds = [kind_of(transfers[side]) for side in ("debit", "credit")]
    owing = (kinds[0] == Account.OWED_BY) & np.isin(kinds[1], STATED)
    owing |= (kinds[1] == Account.OWED_BY) & np.isin(kinds[0], STATED)
    transfers, facts, closings = transfers[owing], settled.facts, settled.closings
    if not len(transfers) or not len(facts):
        return transfers
    whole = closings["member"][registers_in(closings)[VERSION] == 0]
    transfers = transfers[np.isin(owner_of(_pot(transfers)), whole)]
    at = np.minimum(np.searchsorted(facts["id"], transfers["fact"]), len(facts) - 1)
    is_new = facts["id"][at] == transfers["fact"]
    return transfers[~is_new | (_stated(facts[at], _pot(transfers)) > 0)]


def _stated(pays: Rows, pots: Int) -> Int:
    """What each pay says it sent of the party whose account it is; NONE if it does not say."""
    return np.where(kind_of(pots) == Account.WORKER_OWED, pays["worker"], pays["employer"])


def _pot(transfers: Rows) -> Int:
    """The member's side of each."""
    return np.where(kind_of(transfers["debit"]) == Account.OWED_BY, transfers["credit"], transfers["debit"])


def _excuses(work: Work, status: Rows, pay: Rows, rows: Rows, known: dict[int, int]) -> bool:
    """Whether a pay lies between the day a rate holds from and the pay date from which its payer has to know it."""
    if status["effective_on"] > pay["effective_on"]:
        return False
    batch = int(status["id"]) >> BATCH_BITS
    if batch not in known:
        row = work.connection.execute("select as_of from batch where number = %s", [batch]).fetchone()
        # The batch at hand has no row yet.
        known[batch] = work.clock.as_of if row is None else day_of(row[0])
    return bool(pay["effective_on"] < counts_from(rows, int(pay["payer"]), batch, known[batch]))
