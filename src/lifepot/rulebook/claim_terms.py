"""What a rulebook can say of claims: how an entitlement is asked for, and how what was asked is put right.

A claim is a message for one account and one period. It is accepted once; an accepted claim can be superseded once, by
a claim that corrects it, which can be superseded in its turn: a chain. Codes and messages of the answers are the
rulebook's, for they are what the law or the authority calls things. What each word means exactly stands in
`docs/decisions/0002-what-a-rulebook-means.md`, the order in which a claim is judged in `claiming.ladder`.
"""

from typing import Literal

from pydantic import Field

from lifepot.rulebook.ground import Certainty, Figure, Name, Term, Text

FieldKind = Literal["money", "day", "yes_no", "word"]

SAID: dict[str, FieldKind] = {
    "id": "word",
    "account": "word",
    "kind": "word",
    "made_on": "day",
    "opened_on": "day",
    "period_start": "day",
    "period_end": "day",
    "reason": "word",
    "amount": "money",
    "supersedes": "word",
    "original_amount": "money",
    "correction": "word",
    "result": "money",
    "recovered": "money",
}
"""What every claim's message can say, whatever its rulebook adds, and of what kind it is."""

SAID_OF_MONEY = {"amount", "supersedes", "original_amount", "correction", "result", "recovered"}
"""What a return, which asks for nothing, cannot say."""


class Words(Term):
    """How one outcome is answered. What is not said has the outcome's own name as its code, and a plain sentence."""

    code: Text | None = None
    message: Text | None = None
    status: Figure | None = Field(None, description="a number, as HTTP has them")
    path: Text | None = Field(None, description="what the authority's form calls the field at fault")


class Says(Term):
    """The words of each outcome."""

    created: Words = Field(Words(), description="accepted in time")
    late: Words = Field(Words(), description="accepted, but made after its deadline")
    superseded: Words = Field(Words(), description="accepted, and an earlier claim is superseded by it")
    duplicate: Words = Field(Words(), description="it was accepted before; answered with that claim's id")
    reason: Words = Field(Words(), description="a reason the rulebook does not have")
    supersede_not_allowed: Words = Field(Words(), description="it supersedes, and its reason never does")
    supersede_missing: Words = Field(Words(), description="it supersedes nothing, and its reason must")
    period_start: Words = Field(Words(), description="its first day is none of a period, too early, or yet to come")
    period_end: Words = Field(Words(), description="its last day is none of that period, or too early")
    too_late: Words = Field(Words(), description="made after its deadline, where `late` is `refused`")
    too_old: Words = Field(Words(), description="its period ended before what `correct_within` reaches")
    original: Words = Field(Words(), description="what it supersedes is not known, or not as it says")
    already_superseded: Words = Field(Words(), description="answered with the id of the claim that superseded it")
    correction: Words = Field(Words(), description="a correction the rulebook does not have, or none")
    recovered: Words = Field(Words(), description="what was recovered is not said, nothing, or more than stood")
    result: Words = Field(Words(), description="the result it states is not what comes out")


class ClaimField(Term):
    """Something that messages of this kind say besides what all say."""

    description: Text
    kind: FieldKind
    rounded: Figure | None = Field(None, description="how it is rounded before anything else, and so reported")


class Reason(Term):
    """Why a claim is made: the word of its message is the key."""

    supersedes: Literal["never", "may", "must"] = "never"
    needs: dict[Name, Words] = Field(
        default={}, description="fields it must say, and the words of the answer where it does not"
    )


class Correction(Term):
    """How a claim puts right another: the word of its message is the key."""

    result: Literal["new_less_original", "minus_recovered"] = Field(
        description="the new amount less what stood before, or what was recovered, with its sign turned"
    )


class ClaimTest(Term):
    """One comparison of what a message says. Of something not said it fails, unless it says `unknown: passes`."""

    what: Text = Field(
        description="a field, or one of what all messages say: amount, recovered, period_start, reason …"
    )
    above: Figure | None = None
    at_least: Figure | None = None
    below: Figure | None = None
    at_most: Figure | None = None
    is_: Figure | None = Field(None, alias="is")
    unknown: Literal["passes", "fails"] = "fails"


class Refusal(Term):
    """A claim of which all tests hold is refused."""

    when: list[ClaimTest] = Field(min_length=1, description="all of these hold")
    unless: list[ClaimTest] = Field(default=[], description="not refused where all of these hold")
    says: Words


class Claim(Term):
    """One kind of claim."""

    description: Text
    claimed_by: Text | None = Field(None, description="who makes it")
    rules: list[Name] = Field(default=[], description="whose entitlements it asks for; with none it is a return")
    period: Name = Field(description="the window it is made for")
    first_day: Figure | None = Field(None, description="no period begins before it")
    claim_within_days: Figure | None = Field(
        None, description="the deadline: days beginning with the day after the period's end"
    )
    paid_within_days: Figure | None = Field(
        None, description="days beginning with the day after the deadline; without one, after the day it is made"
    )
    late: Literal["paid_with_period_made", "refused"] = Field(
        "paid_with_period_made", description="a late claim is paid as one for the period in which it is made would be"
    )
    correct_within: Figure | None = Field(
        None, description="such as 6y 14d: a period may have ended so long before the claim is made, years first"
    )
    once_a_period: bool = Field(
        False, description="a second claim for the same account, period and reason is none; it supersedes the first"
    )
    fields: dict[Name, ClaimField] = {}
    reasons: dict[Text, Reason] = Field(default={}, description="the reasons there are; with none, none is asked for")
    corrections: dict[Text, Correction] = {}
    recovered_whole_when: Name | None = Field(
        None, description="a yes/no field: where it is yes and `recovered` is not said, it is the whole amount"
    )
    refusals: list[Refusal] = []
    says: Says = Says()
    certainty: Certainty = "verified"
    source: Text


def kinds_of(claim: Claim) -> dict[str, FieldKind]:
    """What messages of this kind can say, and of what kind each of it is."""
    said = {name: kind for name, kind in SAID.items() if claim.rules or name not in SAID_OF_MONEY}
    return said | {name: field.kind for name, field in claim.fields.items()}
