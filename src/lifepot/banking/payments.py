"""What passes between an operator and its bank: payments out, and statements in, whatever file they came by."""

from dataclasses import dataclass
from datetime import date

from lifepot.errors import Fault


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of the operator's own, from which it pays and whose statements it reads.

    name                 the holder's name as the bank knows it
    sort_code            six digits, or "" for an account known by its IBAN alone
    account_number       eight digits, or ""
    iban                 without spaces, or ""
    bic                  of the bank, or ""
    service_user_number  six digits, given by the bank to whoever pays by Bacs, or ""
    """

    name: str
    sort_code: str = ""
    account_number: str = ""
    iban: str = ""
    bic: str = ""
    service_user_number: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment to be made.

    reference       what the payee and the bank give back with it: the end-to-end id; at most 18 characters by Bacs
    amount_minor    above zero
    currency        three letters
    payee_name      in full; a format that holds less says what it made of it
    pays_on         the day on which the payee is to have it
    sort_code, account_number   six and eight digits, or both ""
    iban            without spaces, or ""
    bic             of the payee's bank, or ""
    remittance      what the payee is told beside the reference, or ""
    """

    reference: str
    amount_minor: int
    currency: str
    payee_name: str
    pays_on: date
    sort_code: str = ""
    account_number: str = ""
    iban: str = ""
    bic: str = ""
    remittance: str = ""


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One movement on an account, as the bank booked it; of a batch that the bank itemises, one of its items.

    line              where it stands in the file, from 1
    amount_minor      zero or more; the direction is `is_credit`
    currency          three letters
    is_credit         whether it came into the account. A reversal is booked the other way round from what it undoes,
                      and this is the reversal's own direction: what is summed needs no second look.
    booked_on         the day on which the bank booked it
    is_reversal       whether it undoes an earlier entry
    value_on          the day from which it counts for interest, if said
    bank_reference    the bank's own name for it, or ""; all items of a batch may have the same
    batch_id          the payment file's or batch's id that the bank gives back, or ""
    end_to_end_id     what whoever paid named it, or ""
    remittance        the text that came with it, pieces joined by a space, or ""
    creditor_reference   the structured reference that came with it (ISO 11649 or another), or ""
    counterparty_name, counterparty_account   the other side, or ""; the account as IBAN or digits, a sort code first
    is_return         whether the bank says that a payment came back, with or without a reason
    return_reason     the code of why a payment came back (ISO 20022 external code, such as AC04), or ""
    transaction_code  the bank's kind of movement, or ""
    part, parts       this is item `part`, from 1, of `parts` of one entry on the statement
    balance_minor     the balance after it, where the file says it row by row
    """

    line: int
    amount_minor: int
    currency: str
    is_credit: bool
    booked_on: date
    is_reversal: bool = False
    value_on: date | None = None
    bank_reference: str = ""
    batch_id: str = ""
    end_to_end_id: str = ""
    remittance: str = ""
    creditor_reference: str = ""
    counterparty_name: str = ""
    counterparty_account: str = ""
    is_return: bool = False
    return_reason: str = ""
    transaction_code: str = ""
    part: int = 1
    parts: int = 1
    balance_minor: int | None = None

    @property
    def signed_minor(self) -> int:
        """What it adds to the account's balance."""
        return self.amount_minor if self.is_credit else -self.amount_minor


@dataclass(frozen=True, slots=True)
class BankStatement:
    """What a bank says of one account over some days.

    line              where it begins in the file, from 1
    statement_id      the bank's id of it, or ""
    sequence          its number among the account's statements (legal sequence number), if said
    electronic_sequence   its number among the messages (electronic sequence number), if said
    account           IBAN, or digits, a sort code first; or ""
    currency          three letters, or "" where it is never said
    opening_minor, closing_minor   booked balances, below zero if overdrawn; None where the file does not say
    opening_on, closing_on         their days, where the file says
    entries           booked ones, in the file's order
    pending_count     entries that the bank lists and has not booked: they are left out
    """

    line: int
    statement_id: str
    account: str
    currency: str
    entries: tuple[BankEntry, ...]
    sequence: int | None = None
    electronic_sequence: int | None = None
    opening_minor: int | None = None
    opening_on: date | None = None
    closing_minor: int | None = None
    closing_on: date | None = None
    pending_count: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file of statements says. A statement with a fault in it is not among them: half of one is a wrong one."""

    statements: tuple[BankStatement, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """A file for the bank. With faults, `octets` is empty: a payment file is sent whole or not at all."""

    octets: bytes
    faults: tuple[Fault, ...]
