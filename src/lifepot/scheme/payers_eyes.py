"""What a batch did, as a payer may see it: what moved on its own accounts, and government's part of no fewer than five people.

A reply says what a file changed for everybody it is about. Of one person that would tell an employer what another employer
pays: so whoever is a payer is told this instead.
"""

from collections import defaultdict
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import PARTIES
from lifepot.ledger.chart import OWNER_BITS, PART_STEP, Account, kind_of, number, owner_of
from lifepot.scheme.reply import Reply
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import BATCH_BITS

FEWEST = 5
"""What government adds is told of no fewer people than these together."""

GOVERNMENT = PARTIES.index("government")


def own_effects(connection: psycopg.Connection[Any], standing: Standing, place: int, payer: int) -> dict[str, Any]:
    """What the batch at a place of the chain did on a payer's accounts: `by_rule` with `sent_minor`, `owed_minor` and `held_minor`
    (negative: less than before), and `government` with `people` and `amount_minor`, None for fewer than five.
    """
    row = connection.execute("select number from batch where place = %s", [place]).fetchone()
    assert row is not None
    low, high = row[0] << BATCH_BITS, (row[0] + 1) << BATCH_BITS
    return {
        "by_rule": _by_rule(connection, standing, payer, low, high),
        "government": _government(connection, standing, payer, low, high),
    }


def _by_rule(
    connection: psycopg.Connection[Any], standing: Standing, payer: int, low: int, high: int
) -> list[dict[str, Any]]:
    transit, owed, held = (int(number(kind, payer)) for kind in (Account.IN_TRANSIT, Account.OWED_BY, Account.HELD_FOR))
    rows = connection.execute(
        "select coalesce(rule, 0), side.mine, side.other, sum(side.sign * amount)::bigint from transfer "
        "cross join lateral (values (1, debit, credit >> %(bits)s), (-1, credit, debit >> %(bits)s)) as side (sign, mine, other) "
        "where transfer.id >= %(low)s and transfer.id < %(high)s and side.mine = any(%(accounts)s) group by 1, 2, 3",
        {"accounts": [transit, owed, held], "bits": OWNER_BITS, "low": low, "high": high},
    ).fetchall()
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for rule, mine, other, minor in rows:
        if mine == owed:
            found[rule][1] += minor
        elif mine == held:
            found[rule][2] -= minor
        elif other < Account.IN_TRANSIT and other % PART_STEP in {Account.WORKER, Account.EMPLOYER}:
            found[rule][0] += minor
    told = []
    for rule, (sent, owes, holds) in sorted(found.items(), key=lambda one: (int(standing.parties[one[0]]), one[0])):
        if sent or owes or holds:
            party = PARTIES[int(standing.parties[rule])] if rule else ""
            name = standing.rule_names.get(rule, "")
            told.append({"party": party, "rule": name, "sent_minor": sent, "owed_minor": owes, "held_minor": holds})
    return told


def _government(
    connection: psycopg.Connection[Any], standing: Standing, payer: int, low: int, high: int
) -> dict[str, int] | None:
    """What government adds because of what this payer told: for how many people, and how much."""
    rules = [rule for rule in standing.rule_names if standing.parties[rule] == GOVERNMENT]
    rows = connection.execute(
        "select debit, credit, sum(transfer.amount)::bigint from transfer join fact on fact.id = transfer.fact "
        "where fact.payer = %(payer)s and rule = any(%(rules)s) and transfer.id >= %(low)s and transfer.id < %(high)s group by 1, 2",
        {"payer": payer, "rules": rules, "low": low, "high": high},
    ).fetchall()
    by_person: dict[int, int] = defaultdict(int)
    for debit, credit, minor in rows:
        for account, change in ((credit, int(minor)), (debit, -int(minor))):
            if kind_of(account) in {Account.GOVERNMENT, Account.GOVERNMENT_OWED}:
                by_person[int(owner_of(account))] += change
    minors = np.array([minor for minor in by_person.values() if minor], dtype=np.int64)
    return None if len(minors) < FEWEST else {"people": len(minors), "amount_minor": int(minors.sum())}


def for_payer(reply: Reply, effects: dict[str, Any] | None) -> dict[str, Any]:
    """A reply as JSON carries it to a payer: with its own effects in the place of everybody's."""
    told = reply.as_dict()
    for name in ("transfers", "refused_minor", "rounding_minor", "old_rate_minor"):
        del told[name]
    by_rule = [] if effects is None else effects["by_rule"]
    return told | {
        "by_rule": by_rule, "held_minor": sum(one["held_minor"] for one in by_rule),
        "government": None if effects is None else effects["government"], "currency": reply.currency,
    }  # fmt: skip
