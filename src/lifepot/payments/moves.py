"""Money that leaves without having been asked for: of accounts that moved to another scheme, and of members who died, to heirs.

It waits until it is said where it goes, and is sent by the same runs as every other payment. What comes back is sent again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from lifepot.banking.payments import Payment
from lifepot.banking.references import Kind as ReferenceKind
from lifepot.banking.references import make_reference
from lifepot.errors import Misuse
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event, Rows, blank_facts
from lifepot.withdrawals.payees import own_account as account_of

MOVES = """
    select moved.member, moved.root, coalesce(bank.name, heir.name), coalesce(bank.sort_code, heir.sort_code),
        coalesce(bank.account_number, heir.account_number),
        (moved.amount + coalesce((
            select sum(case step.kind when 17 then step.amount else -step.amount end) from fact as step
            where step.root = moved.root and step.kind between 13 and 21 and step.kind in (16, 17)
        ), 0))::bigint
    from (select member, root, kind, max(payer) as payer, sum(amount) as amount from fact where kind in (30, 34) group by 1, 2, 3)
        as moved
        left join personal.payer_bank as bank on moved.kind = 30 and bank.payer = moved.payer
        left join personal.heir_paid as paid on moved.kind = 34 and paid.root = moved.root
        left join personal.heir as heir on heir.member = paid.member and heir.name = paid.name
    order by moved.member, moved.root
"""


@dataclass(frozen=True, slots=True)
class Going:
    """What may be sent of a member's: `root` is its first fact, `amount` minor units, and where it goes (None: nobody said)."""

    member: int
    root: int
    name: str | None
    sort_code: str | None
    account_number: str | None
    amount: int


def going(connection: psycopg.Connection[Any]) -> tuple[list[Going], list[dict[str, Any]]]:
    """What may be sent, by member; and what waits, with why."""
    found = [one for row in connection.execute(MOVES).fetchall() if (one := Going(*row)).amount > 0]
    waits = [
        {"withdrawal": one.root, "because": "nobody said which account it goes to"} for one in found if not one.account_number
    ]  # fmt: skip
    return [one for one in found if one.account_number], waits


def sent(
    connection: psycopg.Connection[Any], standing: Standing, moves: list[Going], run: int, pays_on: date, clock: Clock
) -> tuple[Rows, list[Payment]]:
    """The facts that say what was sent, and the payments for the bank."""
    facts = blank_facts(len(moves))
    payments = []
    for at, one in enumerate(moves):
        row = connection.execute("select nextval('payment_number')").fetchone()
        assert row is not None
        facts["member"][at], facts["root"][at], facts["amount"][at], facts["line"][at] = (
            one.member,
            one.root,
            one.amount,
            row[0],
        )
        payments.append(
            Payment(
                reference=make_reference(ReferenceKind.WITHDRAWAL, int(row[0])), amount_minor=one.amount, currency=standing.currency,
                payee_name=str(one.name), pays_on=pays_on, sort_code=str(one.sort_code), account_number=str(one.account_number),
                remittance=f"LIFEPOT {one.root >> 32}",
            )
        )  # fmt: skip
    facts["kind"], facts["value"], facts["effective_on"] = Event.SENT, run, max(clock.as_of, standing.as_of)
    return facts, payments


def set_heir_account(
    connection: psycopg.Connection[Any], member: int, name: str, sort_code: str, account_number: str
) -> None:
    """Say where an heir's money goes. Commits. Misuse for an heir or an account that there is none."""
    to = account_of(name, sort_code, account_number)
    known = connection.execute(
        "update personal.heir set sort_code = %s, account_number = %s where member = %s and name = %s returning name",
        [to.sort_code, to.account_number, member, name],
    ).fetchone()
    if known is None:
        raise Misuse(
            f"Member {member} has no heir {name!r}.", remedy="`household heirs` names them, letter for letter."
        )
    connection.commit()
