"""Whether a well-shaped rulebook makes sense.

Every reference leads somewhere, every figure reads, nothing goes in a circle; then, of what stands beside each other:
no cap lies below its floor, no day before the day before it, no window across another, and nothing is owed without bound.
"""

from lifepot.rulebook.check_accounts import check_accounts, check_purpose
from lifepot.rulebook.check_bounds import check_bounds
from lifepot.rulebook.check_claims import check_claims
from lifepot.rulebook.check_conditions import check_conditions
from lifepot.rulebook.check_currency import check_currency
from lifepot.rulebook.check_dates import check_dates
from lifepot.rulebook.check_figures import check_figures
from lifepot.rulebook.check_idle import check_idle
from lifepot.rulebook.check_levels import check_levels
from lifepot.rulebook.check_names import check_names
from lifepot.rulebook.check_steps import check_amounts, uses
from lifepot.rulebook.check_windows import check_windows
from lifepot.rulebook.findings import NOTES, Finding, Findings, Path
from lifepot.rulebook.terms import Rulebook
from lifepot.rulebook.walking import everything

__all__ = ["Finding", "check", "uses"]


def check(rulebook: Rulebook, *, whole: bool = True) -> list[Finding]:
    """Every finding, in the order of the rulebook's sections. `whole`: nothing was left out of it as broken."""
    findings = Findings(rulebook)
    check_figures(findings)
    check_accounts(findings)
    check_conditions(findings)
    for name, purpose in rulebook.purposes.items():
        check_purpose(findings, ("purposes", name), purpose)
    other = rulebook.any_other_withdrawal
    if other is not None and other.approve_above is not None:
        findings.operand(("any_other_withdrawal", "approve_above"), other.approve_above, "money")
    check_amounts(findings)
    check_claims(findings)
    check_names(findings, whole=whole)
    check_currency(findings)
    check_levels(findings)
    check_dates(findings)
    check_idle(findings)
    so_far = list(findings.found)
    check_windows(findings)
    check_bounds(findings)
    unsound = _unsound(rulebook, so_far)
    return so_far + [one for one in findings.found[len(so_far) :] if one.path[:2] not in unsound]


def _unsound(book: Rulebook, found: list[Finding]) -> set[Path]:
    """Clauses at fault, and those made of them: what they come to in the end cannot be judged yet."""
    unsound = {one.path[:2] for one in found if one.code not in NOTES}
    said = {
        (section, name): {text for _, text in everything(amount) if isinstance(text, str)}
        for section, own in (("amounts", book.amounts), ("rules", book.rules))
        for name, amount in own.items()
    }
    while True:
        names = {clause[1] for clause in unsound if len(clause) > 1}
        more = {clause for clause, texts in said.items() if clause not in unsound and names & texts}
        if not more:
            return unsound
        unsound |= more
