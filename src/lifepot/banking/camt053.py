"""Bank statements as ISO 20022 camt.053, of any version: what is read is known by local names.

Checked before a statement is believed: opening balance and booked entries come to the closing balance, and the items of
a batch to its entry, to the penny. A statement with a fault in it is refused whole; the file's others stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lifepot.banking import tree
from lifepot.banking.figures import is_account_number, is_sort_code, iso_day, iso_minor
from lifepot.banking.payments import BankEntry, BankStatement, Reading
from lifepot.banking.tree import Element, Node, children, first, text
from lifepot.errors import Fault
from lifepot.intake.parsers import CellError
from lifepot.money import format_minor

OPENING = ("OPBD", "PRCD")
"""Opening booked; or the closing booked balance of the statement before, which is the same figure."""

CLOSING = ("CLBD",)

_CREDIT = {"CRDT": True, "DBIT": False}
_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}
_NOT_PROVIDED = "NOTPROVIDED"
_RETURNED = "RRTN"
"""The sub-family of bank transaction codes for what came back."""


def read_camt053(octets: bytes, file: str) -> Reading:
    """The statements of a message and every fault, each with its line and its path.

    Statements without an opening or a closing booked balance are read, with None for it, and not checked against it.
    """
    root = tree.parse(octets, file)
    if isinstance(root, Fault):
        return Reading((), (root,))
    messages = list(root.iter("{*}BkToCstmrStmt"))
    if not messages:
        found = f"the root element {tree.local_name(str(root.tag))!r}"
        expected = "a message with BkToCstmrStmt (camt.053)"
        return Reading((), (Fault(file, tree.line(root), 0, "layout_unknown", "", found, expected),))
    statements, faults = [], []
    elements = [one for message in messages for one in message.iterchildren("{*}Stmt")]
    for number, element in enumerate(elements, start=1):
        reader = _Statement(file, f"Stmt[{number}]")
        statement = reader.read(element)
        faults += reader.faults
        if not reader.faults:
            statements.append(statement)
    if not elements:
        faults.append(Fault(file, tree.line(messages[0]), 0, "statement_none", "", "no Stmt", "at least one statement"))
    return Reading(tuple(statements), tuple(faults))


@dataclass(frozen=True, slots=True)
class _Balance:
    minor: int
    on: date | None


class _Statement:
    """One statement being read, and its faults."""

    def __init__(self, file: str, path: str) -> None:
        self.file = file
        self.path = path
        self.currency = ""
        self.account = ""
        self.faults: list[Fault] = []

    def fault(self, at: Node, path: str, code: str, found: str, expected: str) -> None:
        where = f"{self.path}/{path}" if path else self.path
        self.faults.append(Fault(self.file, at.line, 0, code, where, found, expected))

    def read(self, element: Element) -> BankStatement:
        """The statement, to be believed if there is no fault."""
        head = tree.node(element, without="Ntry")
        elements = element.iterchildren("{*}Ntry")
        account = first(head, "Acct")
        said = (text(account, "Ccy"), *(one.currency for one in children(head, "Bal", "Amt")))
        self.currency = next(filter(None, said), "")
        self.account = _account(account, text(account, "Svcr", "FinInstnId", "ClrSysMmbId", "MmbId"))
        entries: list[BankEntry] = []
        pending = 0
        for number, entry in enumerate(map(tree.node, elements), start=1):
            # Where neither account nor balance says it, the first entry does.
            self.currency = self.currency or next((one.currency for one in children(entry, "Amt")), "")
            path = f"Ntry[{number}]"
            status = text(entry, "Sts", "Cd") or text(entry, "Sts")
            if status != "BOOK":
                pending += 1
                if not status:
                    self.fault(entry, f"{path}/Sts", "value_missing", "no status", "BOOK, PDNG, INFO or FUTR")
                continue
            entries += self.entry(entry, path)
        opening, closing = (self.balance(head, codes) for codes in (OPENING, CLOSING))
        if opening and closing and not self.faults:
            self.compare(head, opening.minor, entries, closing.minor)
        return BankStatement(
            line=head.line,
            statement_id=text(head, "Id"),
            account=self.account,
            currency=self.currency,
            entries=tuple(entries),
            sequence=self.number(head, "LglSeqNb"),
            electronic_sequence=self.number(head, "ElctrncSeqNb"),
            opening_minor=opening.minor if opening else None,
            opening_on=opening.on if opening else None,
            closing_minor=closing.minor if closing else None,
            closing_on=closing.on if closing else None,
            pending_count=pending,
        )

    def compare(self, head: Node, opening: int, entries: Sequence[BankEntry], closing: int) -> None:
        """Opening and entries against closing."""
        comes_to = opening + sum(entry.signed_minor for entry in entries)
        if comes_to == closing:
            return
        found = f"{format_minor(opening)} and {len(entries)} entries come to {format_minor(comes_to)}"
        expected = f"the closing balance {format_minor(closing)}; the difference is {format_minor(closing - comes_to)}"
        self.fault(head, "Bal", "balance_differs", found, expected)

    def balance(self, head: Node, codes: tuple[str, ...]) -> _Balance | None:
        """The first balance of these kinds, the first kind before the others."""
        balances = list(children(head, "Bal"))
        for code in codes:
            for number, one in enumerate(balances, start=1):
                if text(one, "Tp", "CdOrPrtry", "Cd") == code:
                    path = f"Bal[{number}]"
                    minor, credit = self.amount(one, path), self.credit(one, path)
                    on = self.day(one, path, "Dt", must=False)
                    return _Balance(minor if credit else -minor, on)
        return None

    def amount(self, at: Node, path: str, *steps: str) -> int:
        """The amount in minor units; 0 with a fault."""
        steps = (*steps, "Amt")
        path = f"{path}/{'/'.join(steps)}"
        found = first(at, *steps)
        if found is None:
            self.fault(at, path, "value_missing", "no amount", "an amount with its currency")
            return 0
        currency = found.currency
        if currency != self.currency:
            self.fault(found, path, "currency_differs", currency or "no currency", f"{self.currency}, as the statement")
            return 0
        try:
            return iso_minor(found.text, currency)
        except CellError as wrong:
            self.fault(found, path, wrong.code, f"{found.text[:40]} {currency}", wrong.expected)
            return 0

    def word(self, at: Node, path: str, step: str, meanings: dict[str, bool]) -> bool:
        """What one of a few words means; False with a fault."""
        said = text(at, step)
        if said not in meanings:
            words = " or ".join(word for word in meanings if word)
            there = first(at, step)
            self.fault(at if there is None else there, f"{path}/{step}", "word_unknown", repr(said[:40]), words)
        return meanings.get(said, False)

    def credit(self, at: Node, path: str) -> bool:
        return self.word(at, path, "CdtDbtInd", _CREDIT)

    def day(self, at: Node, path: str, step: str, *, must: bool) -> date | None:
        """A day that stands as `Dt` or `DtTm` under an element."""
        holder = first(at, step)
        said = text(holder, "Dt") or text(holder, "DtTm")
        if not said:
            if must:
                self.fault(at, f"{path}/{step}", "value_missing", "no day", "the day as Dt or DtTm")
            return None
        try:
            return iso_day(said)
        except CellError as wrong:
            self.fault(holder if holder is not None else at, f"{path}/{step}", wrong.code, said[:40], wrong.expected)
            return None

    def number(self, at: Node, step: str) -> int | None:
        """A sequence number, if it is said."""
        said = text(at, step)
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and len(said) <= 18):
            self.fault(at, step, "number_not_whole", said[:40], "a whole number")
            return None
        return int(said)

    def entry(self, entry: Node, path: str) -> list[BankEntry]:
        """An entry; or the items of a batch, where the bank tells them apart."""
        minor, credit = self.amount(entry, path), self.credit(entry, path)
        reversal = self.word(entry, path, "RvslInd", _TRUTH)
        booked_on = self.day(entry, path, "BookgDt", must=True)
        value_on = self.day(entry, path, "ValDt", must=False)
        items = [
            (f"{path}/NtryDtls[{outer}]/TxDtls[{inner}]", batch, item)
            for outer, batch in enumerate(children(entry, "NtryDtls"), start=1)
            for inner, item in enumerate(children(batch, "TxDtls"), start=1)
        ]
        signed = [minor if credit else -minor]
        if items:
            signed = [self.item(item, where, minor, credit=credit, alone=len(items) == 1) for where, _, item in items]
        if items and sum(signed) != (minor if credit else -minor) and not self.faults:
            comes_to = sum(signed) if credit else -sum(signed)
            found = f"{len(items)} items that come to {format_minor(comes_to)}"
            expected = f"{format_minor(minor)}; the difference is {format_minor(minor - comes_to)}"
            self.fault(entry, f"{path}/NtryDtls", "batch_differs", found, expected)
        if self.faults or booked_on is None:
            return []
        parts: list[tuple[Node | None, Node | None]] = [(batch, item) for _, batch, item in items]
        parts = parts or [(first(entry, "NtryDtls"), None)]
        return [
            self.booked(entry, batch, item, amount, booked_on, value_on, reversal=reversal, part=part, parts=len(parts))
            for part, ((batch, item), amount) in enumerate(zip(parts, signed, strict=True), start=1)
        ]

    def item(self, item: Node, path: str, minor: int, *, credit: bool, alone: bool) -> int:
        """What one item adds to the balance: as `Amt` since version 4, as `AmtDtls/TxAmt/Amt` before.

        The only item of an entry need not say its amount, and may say it in the currency it was sent in.
        """
        steps = next((path for path in ((), ("AmtDtls", "TxAmt")) if first(item, *path, "Amt") is not None), None)
        elsewhere = steps is not None and (at := first(item, *steps, "Amt")) is not None and at.currency
        if alone and (steps is None or elsewhere != self.currency):
            return minor if credit else -minor
        amount = self.amount(item, path, *(steps or ()))
        into = self.credit(item, path) if first(item, "CdtDbtInd") is not None else credit
        return amount if into else -amount

    def booked(
        self,
        entry: Node,
        batch: Node | None,
        item: Node | None,
        signed: int,
        booked_on: date,
        value_on: date | None,
        *,
        reversal: bool,
        part: int,
        parts: int,
    ) -> BankEntry:
        """One movement, with all that is said of it."""
        code = _transaction_code(item) or _transaction_code(entry)
        back = first(item, "RtrInf")
        returned = back is not None or code.endswith(f"-{_RETURNED}")
        name, account = self.counterparty(item, paid_by_other=(signed >= 0) != (reversal or returned))
        end_to_end = text(item, "Refs", "EndToEndId")
        ids = (item, "Refs"), (batch, "Btch")
        batch_ids = (text(at, step, kind) for kind in ("PmtInfId", "MsgId") for at, step in ids)
        return BankEntry(
            line=(entry if item is None else item).line,
            amount_minor=abs(signed),
            currency=self.currency,
            is_credit=signed >= 0,
            booked_on=booked_on,
            is_reversal=reversal,
            value_on=value_on,
            bank_reference=text(item, "Refs", "AcctSvcrRef") or text(entry, "AcctSvcrRef") or text(entry, "NtryRef"),
            batch_id=next(filter(None, batch_ids), ""),
            end_to_end_id="" if end_to_end == _NOT_PROVIDED else end_to_end,
            remittance=_remittance(item) or text(item, "AddtlTxInf") or text(entry, "AddtlNtryInf"),
            creditor_reference=_all(item, "RmtInf", "Strd", "CdtrRefInf", "Ref"),
            counterparty_name=name,
            counterparty_account=account,
            is_return=returned,
            return_reason=text(back, "Rsn", "Cd") or text(back, "Rsn", "Prtry"),
            transaction_code=code,
            part=part,
            parts=parts,
        )

    def counterparty(self, item: Node | None, *, paid_by_other: bool) -> tuple[str, str]:
        """Name and account of the other side: who paid, or who was paid.

        Of what undoes a payment the bank tells the parties of the payment, so there the other side is the other one.
        Banks differ in that, and whoever has our own account is never the other side.
        """
        sides = ("Dbtr", "Cdtr") if paid_by_other else ("Cdtr", "Dbtr")
        told = []
        for side in sides:
            parties = first(item, "RltdPties")
            name = text(parties, side, "Pty", "Nm") or text(parties, side, "Nm")
            bank = text(item, "RltdAgts", f"{side}Agt", "FinInstnId", "ClrSysMmbId", "MmbId")
            account = _account(first(parties, f"{side}Acct"), bank)
            if (name or account) and (not account or account != self.account):
                told.append((name, account))
        return told[0] if told else ("", "")


def _all(element: Node | None, *path: str) -> str:
    """The texts at the end of a path, joined by a space."""
    return " ".join(words for one in children(element, *path) if (words := " ".join(one.text.split())))


def _remittance(item: Node | None) -> str:
    return _all(item, "RmtInf", "Ustrd")


def _account(account: Node | None, bank: str) -> str:
    """An account as IBAN, or as digits with the sort code before them."""
    number = text(account, "Id", "IBAN") or text(account, "Id", "Othr", "Id")
    return bank + number if is_account_number(number) and is_sort_code(bank) else number


def _transaction_code(element: Node | None) -> str:
    """The bank's kind of movement: domain, family and sub-family, as `PMNT-RCDT-ESCT`; or the bank's own code."""
    domain = first(element, "BkTxCd", "Domn")
    codes = (text(domain, "Cd"), text(domain, "Fmly", "Cd"), text(domain, "Fmly", "SubFmlyCd"))
    return "-".join(filter(None, codes)) or text(element, "BkTxCd", "Prtry", "Cd")
