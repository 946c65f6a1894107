"""Checks that a rulebook speaks of one currency: "50p per £1" and "half_up pound" are of sterling."""

from lifepot.rulebook.findings import Findings
from lifepot.rulebook.scalars import put_right


def check_currency(findings: Findings) -> None:
    """Every rate and every rounding, wherever it stands."""
    currency = findings.book.currency
    for path, text in findings.everything:
        if isinstance(text, str) and (right := put_right(text, currency)) is not None:
            findings.add(path, "currency", f"{text}, in a rulebook in {currency}", right)
