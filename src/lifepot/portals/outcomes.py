"""What came of a job, in sentences."""

from collections.abc import Callable
from typing import Any

from lifepot.inbox.jobs import Job
from lifepot.money import format_minor
from lifepot.portals.listing import day, words

MOST_FAULTS = 20

NAMES = {
    "receive": "A file", "settle": "Settle", "adopt": "Adopt a rulebook", "bank": "A bank statement", "claim": "A claim", "claims": "Claim",
    "claim_reply": "The reply to a claim", "due": "Incomes and gifts", "overdue": "Files that have not arrived", "pay": "Payment run",
    "receive_waiting": "Receive what is there", "reconcile": "Held side by side", "verify": "Proving the books",
}  # fmt: skip
"""What a job is called, by its kind."""

Said = dict[str, Any]


def lines_of(job: Job, currency: str) -> list[str]:
    """What came of it; nothing before it has ended."""
    if not job.ended:
        return []
    if job.answer is None:
        return ["It has ended, and its outcome was lost on the way. Do it again: what was done is not done twice."]
    if job.failed:
        remedy = str(job.answer.get("remedy", ""))
        return [str(job.answer.get("error", "")), *([] if "`" in remedy else [remedy])]
    tell = TOLD.get(job.kind)
    return [] if tell is None else tell(job.answer, currency)


def counted(count: int, word: str) -> str:
    """So many of a thing."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def faults_of(said: Said) -> list[str]:
    """The faults of a file, by line and column."""
    shown = [
        f"Line {one['line']}, column {one['column']}: {one['path']} {one['found']}; expected {one['expected']} ({one['code']})."
        for one in said.get("faults", [])[:MOST_FAULTS]
    ]
    more = len(said.get("faults", [])) - len(shown) + int(said.get("faults_not_listed", 0))
    return [*shown, *([f"And {more:,} faults more."] if more else [])]


def by_rule(said: Said, currency: str) -> list[str]:
    """What each rule brought, or takes back."""
    return [
        f"{one['rule']}: {format_minor(one['sent_minor'], currency)} in pots, {format_minor(one['owed_minor'], currency)} owed."
        for one in said.get("by_rule", [])
    ]


STATES = {
    "received": "It was received.", "received_again": "Its refused rows were tried anew.", "preview": "Nothing was kept: this is what it would do.",
    "nothing_new": "Nothing new: this very file was received before.", "waiting": "It waits until somebody says whether it replaces or adds.",
    "refused": "It was refused; nothing of it was taken.",
}  # fmt: skip


def _received(said: Said, currency: str) -> list[str]:
    counted = f"{said['rows']:,} rows: {said['accepted']:,} accepted, {said['rejected']:,} refused."
    question = [said["question"]] if said["question"] else []
    return [STATES.get(said["state"], said["state"]), *question, counted, *by_rule(said, currency), *faults_of(said)]


def _settled(said: Said, currency: str) -> list[str]:
    if not said["transfers"]:
        return ["Nothing had fallen due."]
    return [f"{said['transfers']:,} entries for {said['members']:,} members.", *by_rule(said, currency)]


def _bank(said: Said, currency: str) -> list[str]:
    del currency
    counted = (
        f"{said['new']:,} new entries, {said['known_before']:,} known before; {said['in_suspense']:,} wait in suspense."
    )
    return [f"{said['file']}: {said['state']}.", counted, *faults_of(said)]


def _claimed(said: Said, currency: str) -> list[str]:
    if said["state"] == "nothing":
        return [f"Nothing to claim from {said['funder']} up to {day(said['until'])}."]
    made = "was made" if said["state"] == "made" else "had been made before"
    money = format_minor(said["total_minor"], currency)
    due = f", in time until {day(said['due_on'])}" if said["due_on"] else ""
    return [
        f"Claim {said['claim']} to {said['funder']} up to {day(said['until'])} {made}.",
        f"{said['lines']:,} lines; {money} to come{due}.", *faults_of(said),
    ]  # fmt: skip


def _answered(said: Said, currency: str) -> list[str]:
    counted = f"{said['paid']:,} lines paid, {said['partly_paid']:,} partly, {said['refused']:,} refused, {said['unchanged']:,} unchanged."
    money = f"{format_minor(said['cash_minor'], currency)} to come in the bank, {format_minor(said['refused_minor'], currency)} refused."
    return [
        f"Reply to claim {said['claim']} by {said['funder']}: {words(said['state'])}.",
        counted,
        money,
        *faults_of(said),
    ]


def _due(said: Said, currency: str) -> list[str]:
    return [
        f"{counted(said['months'], 'month')} of incomes made, {format_minor(said['months_minor'], currency)}.",
        f"{counted(said['gifts'], 'gift')} paid in, {format_minor(said['gifts_minor'], currency)}.",
        *(
            f"Income {one['income']} of member {one['member']}, {one['month']}: waits, for {one['because']}."
            for one in said["waits"]
        ),
    ]


def _overdue(said: Said, currency: str) -> list[str]:
    del currency
    if not said["count"]:
        return ["Every file that was expected by today has come."]
    return [
        f"{said['count']:,} files have not come.",
        *(f"{one['payer']}: for the period that ended on {day(one['period_end'])}." for one in said["overdue"]),
    ]


def _received_waiting(said: Said, currency: str) -> list[str]:
    del currency
    files = [
        f"{one['file']}: {STATES.get(one['state'], one['state'])} {one['accepted']:,} of {one['rows']:,} rows accepted."
        for one in said["files"]
    ]
    return [f"{counted(said['gigs'], 'gig')} and {counted(len(said['files']), 'file')} received.", *files]


def _paid(said: Said, currency: str) -> list[str]:
    if said["run"] is None:
        return ["Nothing waits to be sent."]
    left = [f"Left out: withdrawal {one['withdrawal']}, {one['because']}." for one in said["left_out"]]
    return [
        f"Payment run {said['run']}: {said['payments']:,} payments, {format_minor(said['amount_minor'], currency)}, for {day(said['pays_on'])}.",
        *left,
    ]  # fmt: skip


def _reconciled(said: Said, currency: str) -> list[str]:
    apart = [one for one in said["lines"] if one["difference_minor"]]
    unexplained = said["unexplained_minor"]
    return [
        f"{len(said['lines']) - len(apart):,} lines agree, {len(apart):,} differ; {len(said['suspense']):,} entries in suspense.",
        f"{format_minor(unexplained, currency)} is explained by nothing."
        if unexplained
        else "Every difference has a name.",
    ]


def _verified(said: Said, currency: str) -> list[str]:
    del currency
    counted = (
        f"{said['batches']:,} batches, {said['received_rows']:,} received rows, {said['transfers']:,} entries, {said['facts']:,} facts, "
        f"{said['entitlements']:,} entitlements of {said['members']:,} members."
    )
    wrong = sum(said["problem_counts"].values())
    given = [f"The head you gave stands at place {said['given_place']}."] if said["given_place"] is not None else []
    verdict = "All of it is proved." if said["proved"] else f"Not proved: {wrong:,} problems."
    return [verdict, counted, *given, f"Place {said['place']}, head {said['head']}."]


TOLD: dict[str, Callable[[Said, str], list[str]]] = {
    "receive": _received, "settle": _settled, "adopt": _settled, "bank": _bank, "claim": _claimed, "claims": _claimed,
    "claim_reply": _answered, "due": _due, "overdue": _overdue, "pay": _paid, "receive_waiting": _received_waiting,
    "reconcile": _reconciled, "verify": _verified,
}  # fmt: skip
