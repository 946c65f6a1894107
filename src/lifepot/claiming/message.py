"""A claim as it is told, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifepot.money import format_minor
from lifepot.periods import format_day

Said = int | str
"""Minor units, a day, 1 or 0 for yes or no, or a word."""

ATTRIBUTE_BY_WORD = {
    "amount": "amount_minor",
    "original_amount": "original_minor",
    "result": "result_minor",
    "recovered": "recovered_minor",
}
"""What the words of a rulebook and of a file are called here, where that is not the same."""


@dataclass(frozen=True, slots=True)
class Message:
    """One claim as it is told. Days count from 1970-01-01, money is in minor units; None and "" are not said."""

    id: str
    """What it is called if it is accepted; it says nothing of what is claimed."""
    account: str
    kind: str
    made_on: int
    period_start: int
    period_end: int
    reason: str = ""
    amount_minor: int | None = None
    supersedes: str = ""
    original_minor: int | None = None
    correction: str = ""
    result_minor: int | None = None
    recovered_minor: int | None = None
    opened_on: int | None = None
    fields: Mapping[str, Said] = field(default_factory=dict)

    def said(self, name: str) -> Said | None:
        """What it says under a word of the rulebook; None where it says nothing."""
        if name in self.fields:
            return self.fields[name]
        told = getattr(self, ATTRIBUTE_BY_WORD.get(name, name), None)
        return None if told == "" else told

    @property
    def content(self) -> tuple[object, ...]:
        """All of it but what it is called and when it was made: two messages that share it are the same claim."""
        return (
            self.kind, self.account, self.period_start, self.period_end, self.reason, self.amount_minor,
            self.supersedes, self.original_minor, self.correction, self.result_minor, self.recovered_minor,
            tuple(sorted(self.fields.items())),
        )  # fmt: skip

    @property
    def names_an_original(self) -> bool:
        """Whether anything in it speaks of another claim."""
        told = (self.original_minor, self.result_minor)
        return bool(self.supersedes or self.correction) or any(one is not None for one in told)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing for which a claim is refused, in the rulebook's words."""

    code: str
    message: str
    status: int | None
    path: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a claim is answered. Days count from 1970-01-01, money is in minor units; None where there is none."""

    id: str
    account: str
    kind: str
    outcome: str
    """`accepted`; `duplicate`: accepted before, nothing changes, and the rest is what was answered then; `refused`."""
    code: str | None
    message: str
    status: int | None
    problems: tuple[Problem, ...] = ()
    """Everything that is wrong on the rung of the ladder that refused it."""
    existing_id: str | None = None
    superseding_id: str | None = None
    result_minor: int | None = None
    """What it changes: its amount, or its amount against what stood before."""
    stands_minor: int | None = None
    """What its chain comes to with it."""
    recovered_minor: int | None = None
    reported_minor: Mapping[str, int] = field(default_factory=dict)
    """The fields that the rulebook rounds."""
    due_on: int | None = None
    """The deadline of its period."""
    pay_by: int | None = None
    late: bool | None = None

    def as_dict(self) -> dict[str, object]:
        """The answer as JSON carries it."""
        return {
            "id": self.id,
            "account": self.account,
            "kind": self.kind,
            "outcome": self.outcome,
            "code": self.code,
            "message": self.message,
            "status": self.status,
            "errors": [{"code": one.code, "path": one.path, "message": one.message} for one in self.problems],
            "existing_id": self.existing_id,
            "superseding_id": self.superseding_id,
            "result_minor": self.result_minor,
            "stands_minor": self.stands_minor,
            "recovered_minor": self.recovered_minor,
            "reported_minor": dict(self.reported_minor),
            "due_on": None if self.due_on is None else format_day(self.due_on),
            "pay_by": None if self.pay_by is None else format_day(self.pay_by),
            "late": self.late,
        }

    def in_words(self) -> str:
        """Codes and messages a line each, and the claim that is meant by them, as a person reads them."""
        wrong = [" ".join(filter(None, [one.code, one.path, one.message])) for one in self.problems]
        lines = wrong or [" ".join(filter(None, [self.code, self.message]))]
        other = self.existing_id or self.superseding_id
        return "\n".join(lines) + (f" ({other})" if other else "")

    def figures(self, currency: str) -> str:
        """Its amounts as a person reads them, or nothing."""
        told = {"result": self.result_minor, "recovered": self.recovered_minor, **self.reported_minor}
        shown = [f"{name} {format_minor(minor, currency)}" for name, minor in told.items() if minor is not None]
        return ", ".join(name.replace("_", " ") for name in shown)
