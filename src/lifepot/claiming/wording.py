"""The words of an answer: the rulebook's, and plain ones where it has none."""

from lifepot.claiming.message import Problem
from lifepot.rulebook.claim_terms import Words

PLAIN = {
    "created": "The claim is accepted.",
    "late": "The claim is accepted. It was made after its deadline.",
    "superseded": "The claim is accepted and supersedes another.",
    "duplicate": "This claim was accepted before. Nothing changes.",
    "reason": "There is no such reason for a claim.",
    "needs": "A claim for this reason says more than this one does.",
    "supersede_not_allowed": "A claim for this reason supersedes nothing.",
    "supersede_missing": "A claim that corrects another names the one it supersedes.",
    "period_start": "The first day is that of a period that has begun and can be claimed for.",
    "period_end": "The last day is that of the same period.",
    "refused": "The claim is refused.",
    "too_late": "The deadline for this claim has passed.",
    "too_old": "The period ended too long ago.",
    "original": "What is superseded does not match what was accepted.",
    "already_superseded": "Another claim has superseded this one already.",
    "correction": "There is no such correction.",
    "recovered": "What is recovered is above nothing and not more than what stood.",
    "result": "The result stated is not what comes out.",
}
"""What an outcome says, as a sentence, where the rulebook says nothing."""


def problem_of(outcome: str, words: Words) -> Problem:
    """What a refusal says. Its code is the rulebook's, or the outcome's own name."""
    return Problem(words.code or outcome, words.message or PLAIN[outcome], status_of(words), words.path)


def status_of(words: Words) -> int | None:
    """The status of an answer, if the rulebook gives it one."""
    return None if words.status is None else int(words.status)
