"""Checks of claims: what they ask for, the words their messages use, and what refuses them."""

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.claim_terms import SAID, Claim, ClaimTest, Refusal, Words, kinds_of
from lifepot.rulebook.findings import Findings, Key, Path

COMPARISONS = ("above", "at_least", "below", "at_most", "is_")
STATUSES = range(100, 600)
ONE_OF = {"money": "an amount", "day": "a day"}


def check_claims(findings: Findings) -> None:
    """Every kind of claim."""
    for name, claim in findings.book.claims.items():
        path: Path = ("claims", name)
        _time(findings, path, claim)
        _rules(findings, path, claim)
        _messages(findings, path, claim)
        for index, refusal in enumerate(claim.refusals):
            _refusal(findings, (*path, "refusals", index), claim, refusal)
        for outcome in type(claim.says).model_fields:
            _words(findings, (*path, "says", outcome), getattr(claim.says, outcome))


def _time(findings: Findings, path: Path, claim: Claim) -> None:
    """Its period and its deadlines."""
    if claim.period == "account":
        findings.add(
            (*path, "period"), "window", "account, which ends with the account", "a window with ends of its own"
        )
    else:
        findings.window((*path, "period"), claim.period)
    if claim.first_day is not None:
        findings.reads((*path, "first_day"), claim.first_day, parse_day)
    for key in ("claim_within_days", "paid_within_days"):
        if getattr(claim, key) is not None:
            findings.reads((*path, key), getattr(claim, key), scalars.parse_number)
    if claim.correct_within is not None:
        findings.reads((*path, "correct_within"), claim.correct_within, scalars.parse_span)
    if claim.late == "refused" and claim.claim_within_days is None:
        findings.add((*path, "late"), "claim", "late claims refused without a deadline", "`claim_within_days`")


def _rules(findings: Findings, path: Path, claim: Claim) -> None:
    """Its rules fall due when its period ends; without rules it is a return, with nothing to correct or recover."""
    book = findings.book
    for index, name in enumerate(claim.rules):
        if findings.one_of((*path, "rules", index), name, book.rules, "rules"):
            due = book.rules[name].due
            periods = {*book.windows, "month"} - {claim.period}
            if due is not None and due.at_end_of in periods and claim.period in {*book.windows, "month"}:
                found = f"{name}, which falls due at the end of {due.at_end_of}"
                findings.add((*path, "rules", index), "claim", found, f"a rule that falls due with {claim.period}")
    if claim.rules:
        return
    for key in ("corrections", "recovered_whole_when", "paid_within_days"):
        if getattr(claim, key):
            findings.add(
                (*path, key), "claim", f"`{key}` of a claim for nothing", "`rules`, whose entitlements it asks for"
            )


def _messages(findings: Findings, path: Path, claim: Claim) -> None:
    """Its fields, reasons and corrections."""
    for name, field in claim.fields.items():
        if name in SAID:
            findings.add((*path, "fields", name), "twice", f"{name}, which every claim says", "another name")
        if field.rounded is not None:
            where = (*path, "fields", name, "rounded")
            findings.reads(where, field.rounded, scalars.parse_rounding)
            if field.kind != "money":
                findings.add(where, "unit", f"`rounded` of a {field.kind}", "`kind: money`")
    if claim.recovered_whole_when is not None:
        yes_no = [name for name, field in claim.fields.items() if field.kind == "yes_no"]
        findings.one_of((*path, "recovered_whole_when"), claim.recovered_whole_when, yes_no, "fields of kind yes_no")
    for word, reason in claim.reasons.items():
        where = (*path, "reasons", word)
        if reason.supersedes != "never" and not claim.corrections:
            found = f"a reason that {reason.supersedes} supersede, with no correction"
            findings.add((*where, "supersedes"), "claim", found, "`corrections`, which say what comes out")
        for name, words in reason.needs.items():
            findings.one_of((*where, "needs", Key(name)), name, claim.fields, "fields")
            _words(findings, (*where, "needs", name), words)
    if claim.corrections and claim.reasons and all(one.supersedes == "never" for one in claim.reasons.values()):
        findings.add(
            (*path, "corrections"), "claim", "corrections that no reason allows", "a reason that may supersede"
        )


def _words(findings: Findings, path: Path, words: Words) -> None:
    if words.status is not None:
        status = findings.reads((*path, "status"), words.status, scalars.parse_number)
        if isinstance(status, int) and status not in STATUSES:
            findings.add((*path, "status"), "figure", words.status, "a status from 100 to 599")


def _refusal(findings: Findings, path: Path, claim: Claim, refusal: Refusal) -> None:
    for key in ("when", "unless"):
        for index, test in enumerate(getattr(refusal, key)):
            _test(findings, (*path, key, index), claim, test)
    _words(findings, (*path, "says"), refusal.says)


def _test(findings: Findings, path: Path, claim: Claim, test: ClaimTest) -> None:
    kinds = kinds_of(claim)
    operands = [(key, str(getattr(test, key))) for key in COMPARISONS if getattr(test, key) is not None]
    if not operands:
        findings.add(path, "test", "no comparison", "above, at_least, below, at_most or is")
    if not findings.one_of((*path, "what"), test.what, kinds, "fields, or what all claims say"):
        return
    kind = kinds[test.what]
    for key, text in operands:
        where = (*path, key.rstrip("_"))
        if kind in {"yes_no", "word"} and key != "is_":
            findings.add(where, "test", f"{key} of a {kind}", "`is`")
        elif kind == "yes_no":
            findings.reads(where, text, scalars.parse_yes_no)
        elif kind == "word":
            words = {"reason": list(claim.reasons), "correction": list(claim.corrections)}.get(test.what)
            if words is not None:
                findings.one_of(where, text, words, f"{test.what}s")
        elif text in kinds:
            if kinds[text] != kind:
                findings.add(where, "unit", f"{text}, of kind {kinds[text]}", ONE_OF[kind])
        else:
            _figure(findings, where, text, kind)


def _figure(findings: Findings, path: Path, text: str, kind: str) -> None:
    """An amount or a day, or a value that is one figure a day."""
    value = findings.book.values.get(text)
    if value is None or (
        value.by is None and value.dated and all(isinstance(one, str) for one in value.dated.values())
    ):
        findings.operand(path, text, kind)
    else:
        findings.add(path, "unit", f"{text}, a table", f"{ONE_OF[kind]}, or a value that has one figure a day")
