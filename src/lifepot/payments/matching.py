"""What an entry on the bank's statement is: whose money, or which payment of ours; and why, in words.

Nothing is guessed. An entry that names one thing and fits it is matched; every other waits in suspense with its reason, for a
person. What was matched wrongly by somebody is matched again, not changed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from lifepot.banking.payments import BankEntry
from lifepot.banking.references import Kind, Reference, find_references
from lifepot.ledger.chart import Account, number
from lifepot.money import format_minor
from lifepot.payments.runs import message_id

OURS = (Kind.WITHDRAWAL, Kind.REFUND)
"""References of what we pay."""

WORD = re.compile(r"[A-Za-z0-9&./-]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """A payment of ours on its way: its number, fact, withdrawal, member, run, amount, and whether the bank has shown it."""

    payment: int
    fact: int
    withdrawal: int
    member: int
    run: int
    amount: int
    arrived: bool
    payer: int
    """Whose refund it is; 0 for a withdrawal."""
    said_back: bool
    """Whether a person said that money of the same withdrawal is back: then the bank's line may be that very money."""


@dataclass(slots=True)
class Match:
    """What an entry is. `account` is the other side of the bank's; `arrived` and `came_back` are payments it shows."""

    account: int
    reason: str
    payer: int = 0
    arrived: list[Sent] = field(default_factory=list)
    came_back: list[Sent] = field(default_factory=list)


class Matcher:
    """All that entries can be matched with, read once for a file."""

    def __init__(self, connection: psycopg.Connection[Any], currency: str) -> None:
        self._currency = currency
        self.payers = dict(connection.execute("select id, ref from payer").fetchall())
        self._payer_by_word: dict[str, set[int]] = {}
        aliases = connection.execute("select payer, ref from payer_alias").fetchall()
        for payer, ref in [*self.payers.items(), *aliases]:
            self._payer_by_word.setdefault(_squeezed(ref), set()).add(payer)
        self._payer_by_account = dict(
            connection.execute("select account, payer from personal.payer_account").fetchall()
        )
        self._longest = max((len(words.split()) for words in self._payer_by_word), default=1)
        self.sent: dict[int, Sent] = {}
        self._waiting: dict[int, dict[int, Sent]] = {}
        """By run, the payments that the bank has not shown, by number."""
        self._funder_by_claim = dict(connection.execute("select number, funder from claim").fetchall())
        rows = connection.execute(
            "select sent.line, sent.id, sent.root, sent.member, sent.value, sent.amount, "
            "exists (select from fact as shown where shown.root = sent.root and shown.kind = 18 and shown.line = sent.line), "
            "exists (select from fact as back where back.root = sent.root and back.kind = 17 and back.line = sent.line), "
            "sent.payer, exists (select from fact as back where back.root = sent.root and back.kind = 17 and back.line = 0) "
            "from fact as sent where sent.kind in (16, 29) order by sent.line"
        ).fetchall()
        for payment, fact, withdrawal, member, run, amount, arrived, back, payer, said_back in rows:
            one = Sent(payment, fact, withdrawal, member, run, amount, arrived, payer, said_back)
            if not back:
                self.sent[payment] = one
                if not arrived:
                    self._waiting.setdefault(run, {})[payment] = one

    def match(self, entry: BankEntry) -> Match:
        """What an entry is."""
        found = self._credit(entry, _references(entry)) if entry.is_credit else self._debit(entry, _references(entry))
        for one in (*found.arrived, *found.came_back):
            # A second entry cannot show the same.
            self.sent.pop(one.payment, None) if one in found.came_back else self._shown(one)
        return found

    def _shown(self, one: Sent) -> None:
        self.sent[one.payment] = replace(one, arrived=True)
        self._waiting[one.run].pop(one.payment, None)

    def _credit(self, entry: BankEntry, refs: Sequence[Reference]) -> Match:
        payments = [ref.number for ref in refs if ref.kind in OURS]
        if payments or entry.is_return or entry.is_reversal:
            return self._back(entry, payments)
        named = {ref.number for ref in refs if ref.kind is Kind.REMITTANCE and ref.number in self.payers}
        if len(named) == 1:
            return self._of_payer(named.pop(), "its reference names the payer")
        claims = {ref.number for ref in refs if ref.kind is Kind.CLAIM and ref.number in self._funder_by_claim}
        funders = {self._funder_by_claim[one] for one in claims}
        if len(funders) == 1:
            because = f"it answers claim {min(claims)}"
            payer = funders.pop()
            return self._of_payer(payer, because) if payer else Match(number(Account.FROM_GOVERNMENT, 0), because)
        account = entry.counterparty_account.replace(" ", "")
        if account and account in self._payer_by_account:
            return self._of_payer(self._payer_by_account[account], "it comes from the payer's account")
        named = self._named_in(entry)
        if len(named) == 1:
            return self._of_payer(named.pop(), "it names the payer")
        if named:
            words = " and ".join(sorted(self.payers[one] for one in named))
            return _suspense(f"it names {words}")
        return _suspense("it names no payer, no claim and no payment of ours")

    def _back(self, entry: BankEntry, payments: list[int]) -> Match:
        """Money of ours that is back."""
        known = [self.sent[one] for one in dict.fromkeys(payments) if one in self.sent]
        if not known:
            fits = [one for one in self.sent.values() if one.amount == entry.amount_minor]
            return _suspense(
                "it came back and names no payment of ours"
                + (f"; {len(fits)} of the same amount are out" if fits else "")
            )
        if any(one.said_back for one in known):
            return _suspense("money of this withdrawal was said to be back before, and this may be it")
        total = sum(one.amount for one in known)
        if total != entry.amount_minor:
            return _suspense(f"it gives back a payment of {format_minor(total, self._currency)}, and is another amount")
        why = f" ({entry.return_reason})" if entry.return_reason else ""
        payers = {one.payer for one in known}
        if len(payers) > 1:
            return _suspense("it gives back a refund and something else")
        if payers != {0}:
            return Match(number(Account.HELD_FOR, payers.pop()), f"a refund came back{why}")
        return Match(number(Account.ON_THE_WAY, 0), f"a payment came back{why}", came_back=known)

    def _debit(self, entry: BankEntry, refs: Sequence[Reference]) -> Match:
        on_the_way = number(Account.ON_THE_WAY, 0)
        if entry.is_reversal:
            payer = self._named_in(entry) | {
                ref.number for ref in refs if ref.kind is Kind.REMITTANCE and ref.number in self.payers
            }
            if len(payer) == 1:
                return self._of_payer(payer.pop(), "the bank undid what the payer had sent")
            return _suspense("the bank undid something and does not say what")
        payments = [ref.number for ref in refs if ref.kind in OURS and ref.number in self.sent]
        if payments:
            known = [self.sent[one] for one in dict.fromkeys(payments)]
            if any(one.arrived for one in known):
                return _suspense("the bank has shown this payment before")
            if sum(one.amount for one in known) != entry.amount_minor:
                return _suspense(
                    f"a payment of {format_minor(sum(one.amount for one in known), self._currency)}, and it is another amount"
                )
            return Match(on_the_way, "a payment of ours", arrived=known)
        if any(ref.kind in OURS for ref in refs):
            return _suspense("it names a payment that is not out")
        sums = {run: sum(one.amount for one in mine.values()) for run, mine in self._waiting.items() if mine}
        named = [run for run in sums if f"{entry.batch_id}-".startswith(f"{message_id(run)}-")]
        fits = [run for run in named or ([] if entry.batch_id else sums) if sums[run] == entry.amount_minor]
        if len(fits) == 1:
            return Match(on_the_way, f"payment run {fits[0]}", arrived=list(self._waiting[fits[0]].values()))
        if fits:
            return _suspense("several payment runs are of this amount")
        return _suspense(f"payment run {named[0]}, and it is another amount" if named else "it is no payment of ours")

    def _of_payer(self, payer: int, reason: str) -> Match:
        return Match(number(Account.IN_TRANSIT, payer), reason, payer=payer)

    def _named_in(self, entry: BankEntry) -> set[int]:
        """Payers whose name or alias stands in what an entry says, as whole words."""
        found: set[int] = set()
        for text in (entry.remittance, entry.creditor_reference, entry.end_to_end_id, entry.counterparty_name):
            words = WORD.findall(text.upper())
            for width in range(1, self._longest + 1):
                for at in range(len(words) - width + 1):
                    found |= self._payer_by_word.get(" ".join(words[at : at + width]), set())
        return found


def _references(entry: BankEntry) -> Sequence[Reference]:
    return find_references(f"{entry.end_to_end_id} {entry.creditor_reference} {entry.remittance}")


def _squeezed(text: str) -> str:
    return " ".join(WORD.findall(text.upper()))


def _suspense(reason: str) -> Match:
    return Match(number(Account.SUSPENSE, 0), reason)
