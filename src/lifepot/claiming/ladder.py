"""Claims judged one after another: the ladder from what a message says to what is taken off the books.

The order is fixed, and the first rung that refuses is the answer; everything wrong on that rung is told together.

1. *Known*: exactly this claim was accepted before (its id and day aside). It is answered with the existing id and what
   was answered then, and nothing changes, however late the repetition comes. An id that another claim has is taken.
2. *Reason*: one the rulebook has, with the fields it needs, superseding as it may.
3. *Form*: the period is one of the rulebook's, begun, and not before the first day; and none of the rulebook's own
   refusals holds.
4. *Time*: not after the deadline, where late claims are refused; not older than can still be corrected.
5. *Once*: no other claim for the account, period and reason, where there can be one only.
6. *Original*: what it supersedes was accepted, is of the same account, kind and period, is not superseded yet (the
   answer names the claim that did), and stands as it says.
7. *Result*: the correction is one the rulebook has, and what it says comes out does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from lifepot.claiming.deadlines import Timing, oldest_end, span_of, timing_of
from lifepot.claiming.message import Answer, Message, Problem
from lifepot.claiming.refusing import refuses
from lifepot.claiming.wording import PLAIN, problem_of, status_of
from lifepot.periods import parse_day
from lifepot.rulebook.claim_terms import Claim, Reason, Words, kinds_of
from lifepot.rulebook.scalars import parse_rounding
from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True, slots=True)
class Accepted:
    """A claim that was accepted, and what it was answered."""

    message: Message
    answer: Answer


@dataclass(slots=True)
class Register:
    """The claims accepted so far."""

    by_id: dict[str, Accepted] = field(default_factory=dict)
    id_by_content: dict[tuple[object, ...], str] = field(default_factory=dict)
    id_by_period: dict[tuple[object, ...], str] = field(default_factory=dict)
    """The first claim of each kind, account, period and reason; corrections are none."""
    superseded_by: dict[str, str] = field(default_factory=dict)

    def keep(self, message: Message, answer: Answer) -> None:
        """One more accepted claim."""
        self.by_id[message.id] = Accepted(message, answer)
        self.id_by_content[message.content] = message.id
        if message.supersedes:
            self.superseded_by[message.supersedes] = message.id
        else:
            self.id_by_period.setdefault(_period_of(message), message.id)


@dataclass(frozen=True, slots=True)
class Refused:
    """What a rung refuses a claim for."""

    problems: tuple[Problem, ...]
    existing_id: str | None = None
    superseding_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim before its judge: the message with its fields rounded, its terms, and what was accepted before."""

    book: Rulebook
    claim: Claim
    message: Message
    register: Register

    def refused(self, outcome: str, existing_id: str | None = None, superseding_id: str | None = None) -> Refused:
        """A refusal in the rulebook's words for an outcome."""
        words = getattr(self.claim.says, outcome)
        return Refused((problem_of(outcome, words),), existing_id, superseding_id)

    @property
    def original(self) -> Accepted | None:
        """The claim it supersedes, if that was accepted."""
        return self.register.by_id.get(self.message.supersedes)

    @property
    def stood_minor(self) -> int:
        """What its chain came to before it."""
        return 0 if self.original is None else self.original.answer.stands_minor or 0

    @property
    def takes_back(self) -> bool:
        """Whether it recovers what was paid."""
        correction = self.claim.corrections.get(self.message.correction)
        return correction is not None and correction.result == "minus_recovered"

    @property
    def result_minor(self) -> int | None:
        """What it changes; None where it is about no amount, or does not say what was recovered."""
        if self.takes_back:
            return None if self.message.recovered_minor is None else -self.message.recovered_minor
        return None if self.message.amount_minor is None else self.message.amount_minor - self.stood_minor


def answer_all(book: Rulebook, messages: Iterable[Message], register: Register | None = None) -> list[Answer]:
    """The answer of each message, in their order. What is accepted is kept in the register, which may be an earlier one.

    Every message is of a kind that the rulebook has.
    """
    register = Register() if register is None else register
    return [answer(book, message, register) for message in messages]


def answer(book: Rulebook, message: Message, register: Register) -> Answer:
    """The answer of one message, which the register keeps if it is accepted."""
    claim = book.claims[message.kind]
    existing = register.id_by_content.get(message.content)
    if existing is not None:
        problem = problem_of("duplicate", claim.says.duplicate)
        return replace(
            register.by_id[existing].answer, id=message.id, outcome="duplicate", code=problem.code,
            message=problem.message, status=problem.status, existing_id=existing,
        )  # fmt: skip
    asked = Asked(book, claim, _settled(claim, message), register)
    for rung in LADDER:
        if (refused := rung(asked)) is not None:
            first = refused.problems[0]
            return Answer(
                message.id, message.account, message.kind, "refused", first.code, first.message, first.status,
                refused.problems, refused.existing_id, refused.superseding_id,
            )  # fmt: skip
    accepted = _accepted(asked, timing_of(book, claim, message))
    register.keep(message, accepted)
    return accepted


def _settled(claim: Claim, message: Message) -> Message:
    """The message with its fields rounded, and with what was recovered where that follows from what it says."""
    rounded = dict(message.fields)
    for name, one in claim.fields.items():
        if one.rounded is not None and isinstance(minor := message.fields.get(name), int):
            rounded[name] = _rounded(minor, *parse_rounding(one.rounded))
    recovered = message.recovered_minor
    if recovered is None and claim.recovered_whole_when and message.said(claim.recovered_whole_when) == 1:
        recovered = message.amount_minor
    return replace(message, fields=rounded, recovered_minor=recovered)


def _rounded(minor: int, how: str, to_minor: int) -> int:
    """An amount of nothing or more, to the nearest whole of something."""
    whole, rest = divmod(minor, to_minor)
    rises = {
        "down": False,
        "up": rest > 0,
        "half_up": 2 * rest >= to_minor,
        "half_even": 2 * rest > to_minor or (2 * rest == to_minor and whole % 2 == 1),
    }[how]
    return (whole + rises) * to_minor


def _accepted(asked: Asked, timing: Timing) -> Answer:
    message, claim = asked.message, asked.claim
    late = timing.late and not message.supersedes
    outcome = "superseded" if message.supersedes else "late" if late else "created"
    words: Words = getattr(claim.says, outcome)
    result = asked.result_minor
    return Answer(
        message.id, message.account, message.kind, "accepted", words.code, words.message or PLAIN[outcome],
        status_of(words),
        result_minor=result,
        stands_minor=None if result is None else asked.stood_minor + result,
        recovered_minor=message.recovered_minor,
        reported_minor={name: int(message.fields[name]) for name, one in claim.fields.items() if one.rounded and name in message.fields},
        due_on=timing.due_on, pay_by=timing.pay_by, late=late,
    )  # fmt: skip


def _period_of(message: Message) -> tuple[object, ...]:
    return message.kind, message.account, message.period_start, message.period_end, message.reason


def _known(asked: Asked) -> Refused | None:
    """Whether another claim has its id; the same claim again never comes as far as this."""
    taken = asked.message.id in asked.register.by_id
    return asked.refused("duplicate", existing_id=asked.message.id) if taken else None


def _reason(asked: Asked) -> Refused | None:
    claim, message = asked.claim, asked.message
    none_asked = Reason(supersedes="may" if claim.corrections else "never")
    reason = claim.reasons.get(message.reason, None if claim.reasons or message.reason else none_asked)
    if reason is None:
        return asked.refused("reason")
    missing = [problem_of("needs", words) for name, words in reason.needs.items() if message.said(name) is None]
    if missing:
        return Refused(tuple(missing))
    if reason.supersedes == "never" and message.names_an_original:
        return asked.refused("supersede_not_allowed")
    if not message.supersedes and (reason.supersedes == "must" or message.names_an_original):
        return asked.refused("supersede_missing")
    return None


def _form(asked: Asked) -> Refused | None:
    says, message, kinds = asked.claim.says, asked.message, kinds_of(asked.claim)
    wrong = [problem_of(end, getattr(says, end)) for end in _wrong_ends(asked)]
    wrong += [
        problem_of("refused", one.says) for one in asked.claim.refusals if refuses(asked.book, kinds, one, message)
    ]
    return Refused(tuple(wrong)) if wrong else None


def _wrong_ends(asked: Asked) -> Iterable[str]:
    """Which end of the period is wrong. Where the first day is none of a period, only the last tells which is meant."""
    book, claim, message = asked.book, asked.claim, asked.message
    begins = span_of(book, claim.period, message.period_start, message.opened_on)
    ends = span_of(book, claim.period, message.period_end, message.opened_on)
    first = parse_day(claim.first_day) if claim.first_day is not None else message.period_start
    is_cut = begins is not None and begins[0] == message.period_start
    if not is_cut or message.period_start < first or message.period_start > message.made_on:
        yield "period_start"
    too_early = claim.first_day is not None and message.period_end < first
    if ends is None or ends[1] != message.period_end or (is_cut and ends != begins) or too_early:
        yield "period_end"


def _time(asked: Asked) -> Refused | None:
    message = asked.message
    if asked.claim.late == "refused" and not message.supersedes:
        due_on = timing_of(asked.book, asked.claim, message).due_on
        if due_on is not None and message.made_on > due_on:
            return asked.refused("too_late")
    oldest = oldest_end(asked.claim, message.made_on)
    return asked.refused("too_old") if oldest is not None and message.period_end < oldest else None


def _once(asked: Asked) -> Refused | None:
    if not asked.claim.once_a_period or asked.message.supersedes:
        return None
    existing = asked.register.id_by_period.get(_period_of(asked.message))
    return asked.refused("duplicate", existing_id=existing) if existing is not None else None


def _original(asked: Asked) -> Refused | None:
    message, original = asked.message, asked.original
    if not message.supersedes:
        return None
    if original is None or _chain_of(original.message) != _chain_of(message):
        return asked.refused("original")
    by = asked.register.superseded_by.get(message.supersedes)
    if by is not None:
        return asked.refused("already_superseded", superseding_id=by)
    if message.original_minor is not None and message.original_minor != asked.stood_minor:
        return asked.refused("original")
    return None


def _chain_of(message: Message) -> tuple[object, ...]:
    return message.kind, message.account, message.period_start, message.period_end


def _result(asked: Asked) -> Refused | None:
    message = asked.message
    if not message.supersedes:
        return None
    if message.correction not in asked.claim.corrections:
        return asked.refused("correction")
    if asked.takes_back:
        recovered, stood = message.recovered_minor, asked.stood_minor
        if recovered is None or not 0 < recovered <= stood:
            return asked.refused("recovered")
        # A form that keeps the old amount beside what was recovered says the same as one that has the new.
        if message.amount_minor not in {stood, stood - recovered}:
            return asked.refused("result")
    if message.result_minor is not None and message.result_minor != asked.result_minor:
        return asked.refused("result")
    return None


LADDER: tuple[Callable[[Asked], Refused | None], ...] = (_known, _reason, _form, _time, _once, _original, _result)
"""The rungs, from the bottom. The order is documented at the head of this file."""
