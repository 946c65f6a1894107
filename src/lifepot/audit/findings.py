"""What an audit found: how much was proved, and every difference with its place."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_LISTED = 1_000
"""Problems that are kept one by one; a changed rate makes one for every pay, and the first few say all."""

MOST_SHOWN = 20
"""Problems that a person is shown of each kind."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One difference. `kind` is one of `KINDS`; `where` names table, batch, row, member, rule or day, as near as it is known."""

    kind: str
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; expected {self.expected} [{self.kind}]"


KINDS = {
    "scheme": "the scheme's own row and rulebooks against the batches that wrote them",
    "chain": "batches in one chain, each the digest of its rows",
    "row": "rows where their batch put them, written when it was",
    "file": "received files as they came",
    "head": "a head from an earlier reply",
    "run": "each fact and transfer in the run of its member's closing",
    "balance": "balances as the transfers add up",
    "pot": "no pot below nothing",
    "reference": "facts, members, batches and rules that other rows name",
    "claim": "what was claimed, paid and refused against what was owed",
    "entitlement": "what the rulebook gives for the facts against what was posted",
}
"""What each kind of problem is about."""


@dataclass(slots=True)
class Findings:
    """What was proved, counted, and what was not.

    `place` and `head` are the chain's last; `given_head` and `given_place` the head that was asked about and where it
    stands (None: nowhere, or none was given). `problem_counts` counts all problems by kind, `problems` lists the first.
    """

    batches: int = 0
    facts: int = 0
    transfers: int = 0
    closings: int = 0
    received_rows: int = 0
    members: int = 0
    entitlements: int = 0
    place: int = 0
    head: bytes = bytes(32)
    given_head: bytes | None = None
    given_place: int | None = None
    problems: list[Problem] = field(default_factory=list)
    problem_counts: Counter[str] = field(default_factory=Counter)

    @property
    def proved(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problem_counts

    def add(self, kind: str, where: str, found: object, expected: object) -> None:
        """One more problem."""
        assert kind in KINDS, kind
        self.problem_counts[kind] += 1
        if len(self.problems) < MOST_LISTED:
            self.problems.append(Problem(kind, where, str(found), str(expected)))

    def as_dict(self) -> dict[str, Any]:
        """The findings as JSON carries them."""
        return {
            "proved": self.proved,
            "place": self.place,
            "head": self.head.hex(),
            "given_head": None if self.given_head is None else self.given_head.hex(),
            "given_place": self.given_place,
            "batches": self.batches,
            "facts": self.facts,
            "transfers": self.transfers,
            "closings": self.closings,
            "received_rows": self.received_rows,
            "members": self.members,
            "entitlements": self.entitlements,
            "problem_counts": dict(sorted(self.problem_counts.items())),
            "problems": [asdict(problem) for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The findings for a person."""
        said = [
            f"chain: {self.batches:,} batches, {self.received_rows:,} received rows",
            f"balances: {self.closings:,} closings from {self.transfers:,} transfers",
            f"entitlements: {self.entitlements:,} of {self.members:,} members, worked out anew from {self.facts:,} facts",
        ]
        if self.given_place is not None:
            since = self.batches - self.given_place
            said.append(f"the head you gave stands at place {self.given_place}; {since:,} batches follow from it")
        for kind, count in self.problem_counts.items():
            listed = [problem for problem in self.problems if problem.kind == kind][:MOST_SHOWN]
            said.append(f"{kind}: {count:,} wrong ({KINDS[kind]})")
            said += [f"  {problem}" for problem in listed]
            if count > len(listed):
                said.append(f"  and {count - len(listed):,} more")
        verdict = "all proved" if self.proved else f"NOT PROVED: {self.problem_counts.total():,} problems"
        said.append(f"{verdict}; place {self.place}, head {self.head.hex()}")
        return said
