"""Whether a well-shaped rulebook makes sense.

Every reference leads somewhere, every figure reads, nothing goes in a circle, no cap lies below its floor.
"""

from lifepot.rulebook.check_claims import check_claims
from lifepot.rulebook.check_conditions import check_conditions
from lifepot.rulebook.check_figures import check_figures
from lifepot.rulebook.check_steps import check_amounts, uses
from lifepot.rulebook.findings import Finding, Findings
from lifepot.rulebook.terms import Rulebook

__all__ = ["Finding", "check", "uses"]


def check(rulebook: Rulebook) -> list[Finding]:
    """Every finding, in the order of the rulebook's sections."""
    findings = Findings(rulebook)
    check_figures(findings)
    check_conditions(findings)
    check_amounts(findings)
    check_claims(findings)
    return findings.found
