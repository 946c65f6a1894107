"""Claims of a rulebook in a person's words, for the terminal."""

from lifepot.rulebook.claim_terms import Claim, ClaimTest


def claims_in_words(claims: dict[str, Claim]) -> list[str]:
    """Each kind of claim: for what, until when, why, and what refuses it, as lines."""
    if not claims:
        return []
    lines = ["", "How it is claimed", "-----------------"]
    for name, claim in claims.items():
        mark = "" if claim.certainty == "verified" else f" [{claim.certainty}]"
        by = f" Claimed by {claim.claimed_by}." if claim.claimed_by else ""
        lines.append(f"{name}{mark}: {claim.description}{by}")
        lines.append(f"    {_time_in_words(claim)}")
        for word, reason in claim.reasons.items():
            needs = f", needs {', '.join(reason.needs)}" if reason.needs else ""
            does = "supersedes" if reason.supersedes == "never" else "supersede"
            lines.append(f"    reason {word}: {reason.supersedes} {does} another{needs}")
        for word, correction in claim.corrections.items():
            lines.append(f"    correction {word}: {correction.result.replace('_', ' ')}")
        lines += [f"    says {field}: {its.description}" for field, its in claim.fields.items()]
        if claim.recovered_whole_when:
            lines.append(f"    recovered in whole where {claim.recovered_whole_when} is yes and nothing is said of it")
        for refusal in claim.refusals:
            unless = f" unless {_tests_in_words(refusal.unless)}" if refusal.unless else ""
            code = refusal.says.code or "refused"
            lines.append(f"    {code} when {_tests_in_words(refusal.when)}{unless}")
        lines.append(f"  Source: {claim.source}")
    return lines


def _time_in_words(claim: Claim) -> str:
    parts = [f"for each {claim.period}" + (f" from {claim.first_day} on" if claim.first_day else "")]
    if claim.once_a_period:
        parts.append("one for an account, period and reason")
    if claim.claim_within_days is not None:
        parts.append(f"within {claim.claim_within_days} days after its end")
        parts.append(
            "a late one is refused" if claim.late == "refused" else "a late one goes with the period of its day"
        )
    if claim.paid_within_days is not None:
        parts.append(f"paid within {claim.paid_within_days} days more")
    if claim.correct_within is not None:
        parts.append(f"for periods that ended up to {claim.correct_within} before")
    return "; ".join(parts)


def _tests_in_words(tests: list[ClaimTest]) -> str:
    return " and ".join(_test_in_words(test) for test in tests)


def _test_in_words(test: ClaimTest) -> str:
    terms = test.model_dump(by_alias=True, exclude_none=True, exclude={"what", "unknown"})
    said = " or not said" if test.unknown == "passes" else ""
    compared = " and ".join(f"{word.replace('_', ' ')} {figure}" for word, figure in terms.items())
    return f"{test.what.replace('_', ' ')} {compared}{said}"
