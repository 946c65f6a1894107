"""What every file of payments is checked for, whatever its format. A file with a fault in it is not written."""

from collections.abc import Sequence

from lifepot.banking.figures import is_account_number, is_bic, is_iban, is_sort_code
from lifepot.banking.letters import outside
from lifepot.banking.payments import OwnAccount, Payment
from lifepot.errors import Fault

LARGEST_PAYMENT_MINOR = 99_999_999_999
"""999,999,999.99, the most that eleven digits hold; SEPA's largest payment is the same."""

_LONGEST_SHOWN = 80


class Outgoing:
    """Payments being checked. A fault's line is the payment's place in the list, from 1; 0 is our own account."""

    def __init__(self, file: str, payments: Sequence[Payment]) -> None:
        self.file = file
        self.payments = payments
        self.faults: list[Fault] = []

    def note(self, number: int, field: str, code: str, found: str, expected: str) -> None:
        """A fault of one field of a payment; of our own account, with number 0."""
        path = f"payments[{number}].{field}" if number else field
        self.faults.append(Fault(self.file, number, 0, code, path, found[:_LONGEST_SHOWN], expected))

    def check(self, letters: str, longest_reference: int, currencies: Sequence[str]) -> None:
        """References, amounts, currencies. References are never changed: they must come back as they went."""
        if not self.payments:
            self.note(0, "payments", "value_missing", "no payment", "at least one payment")
        seen: dict[str, int] = {}
        for number, payment in enumerate(self.payments, start=1):
            said = payment.reference
            strange = outside(letters, said)
            if not said.strip() or said != said.strip():
                self.note(number, "reference", "value_missing", repr(said), "a reference without spaces around it")
            elif len(said) > longest_reference:
                self.note(number, "reference", "text_too_long", said, f"at most {longest_reference} characters")
            elif strange:
                self.note(number, "reference", "letter_unknown", f"{strange!r} in {said!r}", f"only {letters!r}")
            elif said in seen:
                self.note(
                    number, "reference", "reference_twice", f"{said}, as of payment {seen[said]}", "one of its own"
                )
            seen.setdefault(said, number)
            if payment.amount_minor <= 0:
                self.note(number, "amount_minor", "amount_negative", str(payment.amount_minor), "an amount above zero")
            elif payment.amount_minor > LARGEST_PAYMENT_MINOR:
                found = str(payment.amount_minor)
                self.note(number, "amount_minor", "amount_too_large", found, f"at most {LARGEST_PAYMENT_MINOR}")
            if payment.currency not in currencies:
                self.note(number, "currency", "currency_unknown", payment.currency, "one of " + ", ".join(currencies))

    def name(self, number: int, field: str, said: str, written: str | None) -> str:
        """A name as a format writes it; with a fault if it cannot, or if nothing is left of it."""
        if written is None:
            self.note(number, field, "letter_unknown", said, "the name in Latin letters")
        elif not written:
            self.note(number, field, "value_missing", repr(said), "a name")
        return written or ""

    def uk_account(self, number: int, account: OwnAccount | Payment) -> bool:
        """Whether there is a sort code and an account number; with a fault if there are, and they cannot be."""
        if not (account.sort_code or account.account_number):
            return False
        if not (is_sort_code(account.sort_code) and is_account_number(account.account_number)):
            found = f"{account.sort_code} {account.account_number}"
            self.note(number, "account_number", "account_impossible", found, "six digits and eight digits")
        return True

    def iban(self, number: int, account: OwnAccount | Payment) -> bool:
        """Whether there is an IBAN; with a fault if it cannot be, or the BIC beside it."""
        if account.iban and not is_iban(account.iban):
            expected = "an IBAN in capitals, without spaces, whose check digits are right"
            self.note(number, "iban", "account_impossible", account.iban, expected)
        if account.bic and not is_bic(account.bic):
            self.note(number, "bic", "account_impossible", account.bic, "a BIC of 8 or 11 capitals and digits")
        return bool(account.iban)
