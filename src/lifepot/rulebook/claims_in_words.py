"""How entitlements are claimed and claims put right, in a person's words."""

from lifepot.periods import parse_day
from lifepot.rulebook.claim_terms import SAID, Claim, ClaimTest, Refusal
from lifepot.rulebook.conditions_in_words import AMOUNT, COMPARISONS, DAY, Wording
from lifepot.rulebook.figures_in_words import listed, plain_day, plain_name, plain_span

SUPERSEDES = {
    "never": "never puts right another claim",
    "may": "may put right another claim",
    "must": "must put right another claim",
}
RESULTS = {
    "new_less_original": "the new amount less what stood before",
    "minus_recovered": "what was recovered, taken off",
}


def claim_in_words(wording: Wording, claim: Claim) -> list[str]:
    """For what, until when, why, and what refuses it, a sentence each."""
    said = [f"Claimed by {claim.claimed_by}."] if claim.claimed_by else []
    if claim.rules:
        said.append(f"Asks for {listed(f'“{wording.named(one)}”' for one in claim.rules)}.")
    since = f", from {plain_day(parse_day(claim.first_day))} on" if claim.first_day else ""
    said.append(f"For each “{wording.named(claim.period)}”{since}.")
    if claim.once_a_period:
        said.append("There is one claim for an account, a period and a reason.")
    said += _deadlines(claim)
    for word, reason in claim.reasons.items():
        needs = f", and needs {listed(f'“{plain_name(one)}”' for one in reason.needs)}" if reason.needs else ""
        said.append(f"A claim for “{word}” {SUPERSEDES[reason.supersedes]}{needs}.")
    said += [f"“{word}” comes to {RESULTS[one.result]}." for word, one in claim.corrections.items()]
    if claim.recovered_whole_when:
        whole = plain_name(claim.recovered_whole_when)
        said.append(f"Where “{whole}” is yes and nothing is said of what was recovered, the whole was.")
    return said + [refusal_in_words(wording, claim, one) for one in claim.refusals]


def _deadlines(claim: Claim) -> list[str]:
    said = []
    if claim.claim_within_days is not None:
        late = "is refused" if claim.late == "refused" else "is paid with those of the period in which it is made"
        said.append(f"To be claimed within {claim.claim_within_days} days after the period's end; a late one {late}.")
    if claim.paid_within_days is not None:
        said.append(f"Paid within {claim.paid_within_days} days after that.")
    if claim.correct_within is not None:
        said.append(f"Can be made for periods that ended up to {plain_span(claim.correct_within)} before.")
    return said


def refusal_in_words(wording: Wording, claim: Claim, refusal: Refusal) -> str:
    """What refuses a claim, and the rulebook's own message, as a sentence."""
    tests = " and ".join(_test(wording, claim, test) for test in refusal.when)
    unless = (
        f", unless {' and '.join(_test(wording, claim, test) for test in refusal.unless)}" if refusal.unless else ""
    )
    message = f": {refusal.says.message}" if refusal.says.message else "."
    return f"Refused where {tests}{unless}{message}"


def _test(wording: Wording, claim: Claim, test: ClaimTest) -> str:
    kind = claim.fields[test.what].kind if test.what in claim.fields else SAID.get(test.what, "word")
    words = DAY if kind == "day" else AMOUNT if kind == "money" else {**AMOUNT, "is_": "{}"}
    compared = []
    for key in COMPARISONS:
        text = getattr(test, key)
        if text is not None:
            is_field = text in claim.fields or text in SAID
            unit = "text" if kind in {"word", "yes_no"} else kind
            shown = f"“{plain_name(text)}”" if is_field else wording.figure(text, unit)
            compared.append(words[key].format(shown))
    unknown = " or not said" if test.unknown == "passes" else ""
    return f"“{plain_name(test.what)}” is {' and '.join(compared)}{unknown}"
