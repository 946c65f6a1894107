"""File, bank and ledger side by side, to the penny; every difference has a name, an amount and an age.

For each payer: what its files say it sent, what the bank shows from it, and what the ledger holds as on its way: the first less the
second. So too for government by its claims' replies, and for what goes out. The oldest money is taken to come first: what
is missing is the newest, and its age is that of the oldest day that is not covered.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from lifepot.ledger.chart import OWNER_BITS, Account, number
from lifepot.payments.statements import suspended
from lifepot.periods import date_of, format_day
from lifepot.scheme.standing import read_standing
from lifepot.withdrawals.chain import leaving_of, numbers_of, read_withdrawals

WATCHED = (Account.IN_TRANSIT, Account.FROM_GOVERNMENT, Account.ON_THE_WAY, Account.PAID_OUT)


@dataclass(frozen=True, slots=True)
class Line:
    """One party, or one way out. Minor units: `told` by files or by us, `banked` as the bank shows, `ledger` what is on its way.
    `since`: the oldest day that is not covered; None where nothing is.
    """

    what: str
    told: int
    banked: int
    ledger: int
    since: int | None
    because: str

    def as_dict(self, today: int) -> dict[str, Any]:
        """The line as JSON carries it."""
        return {
            "what": self.what, "told_minor": self.told, "banked_minor": self.banked, "ledger_minor": self.ledger,
            "difference_minor": self.told - self.banked, "since": None if self.since is None else format_day(self.since),
            "days": None if self.since is None else today - self.since, "because": self.because,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Everything side by side. `unexplained` is what no line explains: 0, or something is wrong."""

    currency: str
    as_of: int
    lines: list[Line]
    suspense: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    bank_by_ledger: int
    bank_by_statement: int | None
    statement_on: date | None
    since_statement: int
    unexplained: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "as_of": format_day(self.as_of), "lines": [line.as_dict(self.as_of) for line in self.lines],
            "suspense": self.suspense, "waiting": self.waiting,
            "bank": {
                "ledger_minor": self.bank_by_ledger, "statement_minor": self.bank_by_statement,
                "statement_on": None if self.statement_on is None else self.statement_on.isoformat(),
                "booked_since_minor": self.since_statement,
            },
            "unexplained_minor": self.unexplained,
        }  # fmt: skip


def reconcile(connection: psycopg.Connection[Any], as_of: int) -> Reconciled:
    """File, bank and ledger, everything that is effective up to a day."""
    standing = read_standing(connection)
    store = standing.store(connection)
    payers = dict(connection.execute("select id, ref from payer").fetchall())
    flows = _flows(connection, as_of)
    lines = []
    for account in sorted(flows):
        kind, owner = account >> OWNER_BITS, account & ((1 << OWNER_BITS) - 1)
        if kind != Account.IN_TRANSIT:
            continue
        who = payers.get(owner, "workers themselves")
        lines.append(_incoming(who, flows[account]))
    if (government := flows.get(number(Account.FROM_GOVERNMENT, 0))) is not None:
        lines.append(_incoming("government", government))
    if (out := flows.get(number(Account.ON_THE_WAY, 0))) is not None:
        lines.append(_outgoing("payments out", out))
    if (told := flows.get(number(Account.PAID_OUT, 0))) is not None:
        lines.append(_outgoing("paid out before, as files say", told))
    ledger = sum(signed for _, signed, _ in flows.get(number(Account.BANK, 0), []))
    closing = connection.execute(
        "select closing, closing_on from personal.bank_file where closing is not null and closing_on <= %s "
        "order by closing_on desc, batch desc limit 1",
        [date_of(as_of)],
    ).fetchone()
    first = connection.execute(
        "select coalesce(sum(amount), 0)::bigint from bank_entry where booked_on <= %s", [date_of(as_of)]
    )
    entries = first.fetchone()
    assert entries is not None
    since = 0
    if closing is not None:
        after = connection.execute(
            "select coalesce(sum(amount), 0)::bigint from bank_entry where booked_on > %s and booked_on <= %s",
            [closing[1], date_of(as_of)],
        ).fetchone()
        assert after is not None
        since = int(after[0])
        # What stood in the bank before its first entry that was received is nobody's here.
        opening = closing[0] + since - int(entries[0])
        if opening:
            lines.append(
                Line(
                    "in the bank before the first statement",
                    0,
                    opening,
                    0,
                    None,
                    "stood there, or is missing from statements",
                )
            )
    return Reconciled(
        standing.currency, as_of, lines, _suspense(connection, suspended(store), as_of), _waiting(connection, store, as_of),
        ledger, None if closing is None else closing[0], None if closing is None else closing[1], since,
        int(entries[0]) - ledger,
    )  # fmt: skip


Flow = list[tuple[int, int, bool]]
"""By day: the day, debits less credits, and whether the other side is the bank (or what it showed, in suspense)."""


def _flows(connection: psycopg.Connection[Any], as_of: int) -> dict[int, Flow]:
    """What moved on the accounts between the scheme and its bank, day by day. One walk through the transfers."""
    kinds = [int(kind) for kind in (*WATCHED, Account.BANK, Account.SUSPENSE)]
    rows = connection.execute(
        "select account, effective_on - '1970-01-01'::date, bank, sum(signed)::bigint from ("
        "select debit as account, effective_on, amount as signed, credit >> 40 = any(%(bank)s) as bank from transfer "
        "where debit >> 40 = any(%(kinds)s) and effective_on <= %(until)s "
        "union all select credit, effective_on, -amount, debit >> 40 = any(%(bank)s) from transfer "
        "where credit >> 40 = any(%(kinds)s) and effective_on <= %(until)s) as side group by 1, 2, 3 order by 1, 2",
        {"bank": [int(Account.BANK), int(Account.SUSPENSE)], "kinds": kinds, "until": date_of(as_of)},
    ).fetchall()
    found: dict[int, Flow] = {}
    for account, day, bank, signed in rows:
        found.setdefault(account, []).append((day, signed, bank))
    return found


def _incoming(who: str, flow: Flow) -> Line:
    """What somebody said was sent, and what came."""
    told = sum(signed for _, signed, bank in flow if not bank)
    banked = -sum(signed for _, signed, bank in flow if bank)
    if told == banked:
        return Line(who, told, banked, told - banked, None, "agrees")
    if banked < told:
        since = _first_beyond([(day, signed) for day, signed, bank in flow if not bank], banked)
        return Line(who, told, banked, told - banked, since, "told and not in the bank")
    since = _first_beyond([(day, -signed) for day, signed, bank in flow if bank], told)
    return Line(who, told, banked, told - banked, since, "in the bank and no file says what for")


def _outgoing(what: str, flow: Flow) -> Line:
    """What we said was paid, and what the bank shows."""
    told = -sum(signed for _, signed, bank in flow if not bank)
    banked = sum(signed for _, signed, bank in flow if bank)
    if told == banked:
        return Line(what, told, banked, told - banked, None, "agrees")
    since = _first_beyond([(day, -signed) for day, signed, bank in flow if not bank], banked)
    because = "sent and not on the statement yet" if banked < told else "on the statement and not sent by us"
    return Line(what, told, banked, told - banked, since, because)


def _first_beyond(flow: list[tuple[int, int]], covered: int) -> int | None:
    """The day on which what was told first goes beyond what is covered."""
    running = 0
    for day, signed in sorted(flow):
        running += signed
        if running > covered:
            return day
    return None


def _suspense(connection: psycopg.Connection[Any], waits: dict[int, int], as_of: int) -> list[dict[str, Any]]:
    """What is on the statement and nobody knows what for, oldest first."""
    rows = connection.execute(
        "select number, booked_on, said, counterparty, reason from bank_entry join personal.bank_text on entry = number "
        "where number = any(%s) and booked_on <= %s order by booked_on, number",
        [list(waits), date_of(as_of)],
    ).fetchall()
    today = date_of(as_of)
    return [
        {
            "entry": entry, "booked_on": on.isoformat(), "days": (today - on).days, "amount_minor": waits[entry], "said": said,
            "from": counterparty, "because": reason,
        }
        for entry, on, said, counterparty, reason in rows
    ]  # fmt: skip


def _waiting(connection: psycopg.Connection[Any], store: Any, as_of: int) -> list[dict[str, Any]]:
    """Withdrawals that are approved and not sent, or came back, oldest first."""
    chains = [
        one for one in read_withdrawals(connection, numbers_of(connection)) if one.state in {"approved", "back", "sent"}
    ]
    leaving = leaving_of(store, chains)
    return [
        {
            "withdrawal": one.number, "state": one.state, "leaving_minor": leaving[one.number],
            "since": format_day(one.steps[-1].on), "days": as_of - one.steps[-1].on,
        }
        for one in chains
        if leaving[one.number]
    ]  # fmt: skip
