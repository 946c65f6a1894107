"""Payment runs: everything that may be sent goes into one file for the bank, once.

A run is one transaction: the facts that say what was sent, and the file's own bytes. Before it commits nothing was sent; after it
the bytes are kept, and asking for the run again gives the very same ones. So a run that is killed in the middle, or a
file that was lost, never pays twice; and a bank that is given one file twice sees one message id, or one serial, twice.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import psycopg

from lifepot.banking.bacs18 import write_bacs18
from lifepot.banking.letters import bacs_name
from lifepot.banking.pain001 import write_pain001
from lifepot.banking.payments import OwnAccount, Payment, Writing
from lifepot.banking.references import Kind as ReferenceKind
from lifepot.banking.references import make_reference
from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.ledger.chart import Account, number
from lifepot.ledger.postings import Postings
from lifepot.payments.moves import going, sent
from lifepot.periods import date_of
from lifepot.scheme.direct import SCHEME, post_directly
from lifepot.scheme.opening import Clock
from lifepot.scheme.standing import Standing, locked
from lifepot.storage.rows import Event, Rows, blank_facts
from lifepot.withdrawals.accounts import must_be_possible_account
from lifepot.withdrawals.chain import Withdrawal, leaving_of, numbers_of, read_withdrawal, read_withdrawals
from lifepot.withdrawals.payees import own_account as member_account

FORMATS = ("pain001", "bacs18")

LONGEST_BACS_REFERENCE = 18
BACS_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.&/- ")


@dataclass(frozen=True, slots=True)
class Run:
    """A payment run as it stands in the books; `octets` is the file."""

    number: int
    format: str
    pays_on: date
    payments: int
    amount: int
    octets: bytes
    new: bool
    left_out: list[dict[str, Any]]
    """Withdrawals that could be sent and are not in it, each with why."""

    def as_dict(self) -> dict[str, Any]:
        """The run as JSON carries it."""
        return {
            "run": self.number, "format": self.format, "pays_on": self.pays_on.isoformat(), "payments": self.payments,
            "amount_minor": self.amount, "sha256": hashlib.sha256(self.octets).hexdigest(), "new": self.new,
            "left_out": self.left_out,
        }  # fmt: skip


def set_own_account(connection: psycopg.Connection[Any], account: OwnAccount) -> None:
    """Say which account the scheme pays from and receives statements of. Commits. LifepotError for one that cannot be."""
    if account.sort_code:
        must_be_possible_account(connection, account.sort_code, account.account_number)
    connection.execute(
        "insert into personal.own_account (name, sort_code, account_number, iban, bic, service_user_number) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (the_only) do update set name = excluded.name, "
        "sort_code = excluded.sort_code, account_number = excluded.account_number, iban = excluded.iban, "
        "bic = excluded.bic, service_user_number = excluded.service_user_number",
        [account.name, account.sort_code, account.account_number, account.iban, account.bic, account.service_user_number],
    )  # fmt: skip
    connection.commit()


def own_account(connection: psycopg.Connection[Any]) -> OwnAccount:
    """The scheme's account. Misuse if it was not said."""
    row = connection.execute(
        "select name, sort_code, account_number, iban, bic, service_user_number from personal.own_account"
    ).fetchone()
    if row is None:
        raise Misuse("Nobody has said which account the scheme pays from.", remedy="`lifepot account` says it.")
    return OwnAccount(*row)


def make_run(
    connection: psycopg.Connection[Any],
    form: str,
    pays_on: date,
    clock: Clock,
    holidays: Collection[date] = (),
    *,
    only: int | None = None,
    refunds: bool = False,
) -> Run | None:
    """Send everything that may be sent (or `only` that withdrawal; with `refunds`, also what is held for payers whose
    account is known); None if there is nothing. Commits. LifepotError where the file cannot be written:
    nothing is sent then.
    """
    account = own_account(connection)
    asked = numbers_of(connection) if only is None else [read_withdrawal(connection, only).number]
    candidates = [one for one in read_withdrawals(connection, asked) if one.state in SENDABLE]
    moves, waits = going(connection) if only is None else ([], [])
    owners = {one.member for one in candidates} | {one.member for one in moves} | ({SCHEME} if refunds else set())
    if not owners:
        connection.rollback()
        return None
    standing, store = locked(connection, np.array(sorted(owners)))
    held = _held(connection) if refunds else []
    chains = read_withdrawals(connection, [one.number for one in candidates])
    leaving = leaving_of(store, chains)
    # What moves was read before its members were locked.
    moves = [one for one in (going(connection)[0] if moves else []) if one.member in owners]
    left_out = waits
    sending: list[tuple[Withdrawal, int]] = []
    for one in chains:
        may = min(leaving[one.number], one.total(Event.RELEASED) - one.total(Event.SENT) + one.total(Event.CAME_BACK))
        if one.state in SENDABLE and may > 0 and one.details:
            sending.append((one, may))
        elif one.state in SENDABLE and leaving[one.number] > 0:
            why = "it waits for its next stage" if one.details else "whom it goes to is no longer known"
            left_out.append({"withdrawal": one.number, "because": why})
    if not sending and not held and not moves:
        connection.rollback()
        return None
    sending.sort(key=lambda pair: (pair[0].member, pair[0].number))
    run = _next(connection, "payment_run_number")
    facts, payments = _sent(connection, standing, sending, run, form, pays_on, clock)
    back, refunding, postings = _refunded(connection, standing, held, run, pays_on, clock)
    moving, leaving_for_good = sent(connection, standing, moves, run, pays_on, clock)
    facts, payments = np.concatenate([back, facts, moving]), [*refunding, *payments, *leaving_for_good]
    facts = facts[np.argsort(facts["member"], kind="stable")]
    writing = _file(payments, account, form, run, pays_on, clock, holidays)
    if writing.faults:
        connection.rollback()
        first = "; ".join(str(fault) for fault in writing.faults[:3])
        raise LifepotError(
            f"The payment file cannot be written: {first}.", remedy="Put it right and run again; nothing was sent."
        )
    batch = store.begin_batch()
    post_directly(store, standing, batch, facts, postings).write(store)
    amount = sum(one.amount_minor for one in payments)
    connection.execute(
        "insert into payment_run (number, format, pays_on, payments, amount, sha256, batch) values (%s, %s, %s, %s, %s, %s, %s)",
        [run, form, pays_on, len(payments), amount, hashlib.sha256(writing.octets).digest(), batch],
    )
    connection.execute("insert into personal.payment_file (run, content) values (%s, %s)", [run, writing.octets])
    store.finish_batch(
        kind="pay", who=clock.who, known_at=clock.known_at, as_of_day=max(clock.as_of, standing.as_of), key=f"pay:{run}",
        summary={"run": run, "payments": len(payments), "amount": amount},
    )  # fmt: skip
    connection.commit()
    return Run(run, form, pays_on, len(payments), amount, writing.octets, new=True, left_out=left_out)


SENDABLE = ("approved", "sent", "back")


def run_again(connection: psycopg.Connection[Any], number: int) -> Run:
    """A run that was made, with its very bytes. Misuse if there is none."""
    row = connection.execute(
        "select format, pays_on, payments, amount, content from payment_run join personal.payment_file on run = number "
        "where number = %s",
        [number],
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no payment run {number}.", remedy="`lifepot pay --list` names those there are.")
    return Run(number, row[0], row[1], row[2], row[3], bytes(row[4]), new=False, left_out=[])


def list_runs(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """All runs, oldest first."""
    rows = connection.execute(
        "select payment_run.number, format, pays_on, payments, amount, who, known_at from payment_run "
        "join batch on batch.number = payment_run.batch order by 1"
    ).fetchall()
    return [
        {
            "run": number, "format": form, "pays_on": day.isoformat(), "payments": payments, "amount_minor": amount,
            "who": who, "known_at": at.isoformat(timespec="seconds"),
        }
        for number, form, day, payments, amount, who, at in rows
    ]  # fmt: skip


Held = tuple[int, str, str, str, int]
"""A payer's number, its account's name, sort code and number, and what is held for it."""


def _held(connection: psycopg.Connection[Any]) -> list[Held]:
    """What is held for payers whose account is known, and more than nothing. One walk through the transfers."""
    return connection.execute(
        "select payer, name, sort_code, account_number, held::bigint from personal.payer_bank join ("
        "select account & ((1::bigint << 40) - 1) as owner, sum(signed) as held from ("
        "select credit as account, amount as signed from transfer where credit >> 40 = %(kind)s "
        "union all select debit, -amount from transfer where debit >> 40 = %(kind)s) as side group by 1"
        ") as balance on owner = payer where held > 0 order by payer",
        {"kind": int(Account.HELD_FOR)},
    ).fetchall()


def _refunded(
    connection: psycopg.Connection[Any], standing: Standing, held: list[Held], run: int, pays_on: date, clock: Clock
) -> tuple[Rows, list[Payment], Postings]:
    """The facts that say what goes back to payers, the payments, and the facts' postings."""
    facts = blank_facts(len(held))
    payments = []
    for at, (payer, name, sort_code, account_number, much) in enumerate(held):
        nth = _next(connection, "payment_number")
        facts["payer"][at], facts["amount"][at], facts["value"][at], facts["line"][at] = payer, much, run, nth
        reference = make_reference(ReferenceKind.REFUND, nth)
        payments.append(
            Payment(
                reference=reference, amount_minor=much, currency=standing.currency, payee_name=name, pays_on=pays_on,
                sort_code=sort_code, account_number=account_number, remittance="REFUND",
            )
        )  # fmt: skip
    facts["kind"], facts["member"], facts["root"] = Event.REFUNDED, SCHEME, NONE
    facts["effective_on"] = max(clock.as_of, standing.as_of)
    place = np.arange(len(held))
    debit = number(Account.HELD_FOR, facts["payer"].astype(np.int64))
    postings = Postings(
        np.zeros_like(place), np.zeros_like(place), debit, np.full_like(place, number(Account.ON_THE_WAY, 0)),
        facts["amount"].copy(), facts["effective_on"].copy(), place.copy(), place.copy(),
    )  # fmt: skip
    return facts, payments, postings


def set_payer_account(
    connection: psycopg.Connection[Any], payer: str, name: str, sort_code: str, account_number: str
) -> None:
    """Say where a payer's refunds go. Commits. Misuse for a payer or an account that there is none."""
    row = connection.execute("select id from payer where ref = %s", [payer]).fetchone()
    if row is None:
        raise Misuse(f"There is no payer {payer!r}.", remedy="`lifepot payers list` names them.")
    to = member_account(name, sort_code, account_number)
    connection.execute(
        "insert into personal.payer_bank (payer, name, sort_code, account_number) values (%s, %s, %s, %s) on conflict (payer) "
        "do update set name = excluded.name, sort_code = excluded.sort_code, account_number = excluded.account_number",
        [row[0], to.name, to.sort_code, to.account_number],
    )
    connection.commit()


def message_id(number: int) -> str:
    """What the bank knows a pain.001 file by; its statement gives it back with -1 and so on."""
    return f"LIFEPOT-RUN-{number}"


def _sent(
    connection: psycopg.Connection[Any], standing: Standing, sending: list[tuple[Withdrawal, int]], run: int, form: str,
    pays_on: date, clock: Clock,
) -> tuple[Rows, list[Payment]]:  # fmt: skip
    """The facts that say what was sent, and the payments for the bank."""
    facts = blank_facts(len(sending))
    payments = []
    for at, (one, much) in enumerate(sending):
        nth = _next(connection, "payment_number")
        facts["kind"][at], facts["member"][at], facts["root"][at] = Event.SENT, one.member, one.number
        facts["amount"][at], facts["value"][at], facts["line"][at] = much, run, nth
        facts["effective_on"][at] = max(clock.as_of, standing.as_of)
        reference = make_reference(ReferenceKind.WITHDRAWAL, nth)
        theirs = str(one.details["reference"])
        if form == "bacs18" and theirs and not theirs.startswith("LIFEPOT "):
            # By Bacs a payee reads one reference only, and must find its borrower, buyer or learner by it.
            told = bacs_name(theirs) or ""
            reference = told if 0 < len(told) <= LONGEST_BACS_REFERENCE and set(told) <= BACS_LETTERS else reference
        payments.append(
            Payment(
                reference=reference, amount_minor=much, currency=standing.currency, payee_name=str(one.details["name"]),
                pays_on=pays_on, sort_code=str(one.details["sort_code"]),
                account_number=str(one.details["account_number"]), remittance=theirs,
            )
        )  # fmt: skip
    return facts, payments


def _file(
    payments: list[Payment], account: OwnAccount, form: str, number: int, pays_on: date, clock: Clock,
    holidays: Collection[date],
) -> Writing:  # fmt: skip
    if form == "pain001":
        return write_pain001(payments, account, message_id=message_id(number), created_at=clock.known_at)
    assert form == "bacs18"
    created = min(date_of(clock.as_of), pays_on)
    return write_bacs18(payments, account, serial=f"{number % 10**6:06d}", created_on=created, holidays=holidays)


def _next(connection: psycopg.Connection[Any], sequence: str) -> int:
    row = connection.execute("select nextval(%s)", [sequence]).fetchone()
    assert row is not None
    return int(row[0])
